/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/load.h"

#include <string.h>

bool tool_load_allows(struct tg_addr target)
{
	return tg_addr_is_loopback(target);
}

void tool_load_frame(uint8_t out[TOOL_LOAD_FRAME_BYTES], uint32_t call, uint32_t packet)
{
	struct tg_writer w = tg_writer_of(out, TOOL_LOAD_FRAME_BYTES);

	for (unsigned i = 0; i < TOOL_LOAD_FRAME_BYTES / 8; i++) {
		tg_put_u32(&w, call);
		tg_put_u32(&w, packet);
	}
}

void tool_load_count(struct tool_load_tally *tally, uint32_t call, struct tg_span payload)
{
	uint8_t want[TOOL_LOAD_FRAME_BYTES];
	struct tg_reader r = tg_reader_of(payload);
	const uint32_t whose = tg_take_u32(&r);
	const uint32_t packet = tg_take_u32(&r);

	tool_load_frame(want, whose, packet);
	if (whose != call || packet >= tally->sent || packet >= tally->room || payload.len != sizeof(want) ||
	    memcmp(payload.p, want, sizeof(want)) != 0) {
		tally->foreign++;
	} else if ((tally->seen[packet / 8] >> packet % 8 & 1) != 0) {
		tally->twice++;
	} else {
		tally->seen[packet / 8] |= (uint8_t)(1 << packet % 8);
		tally->received++;
	}
}
