/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/timeline.h"

/* The schedule of a sender who gives up after four retransmissions ends within this time. */
enum { RETRY_AGE_MS = 30000 };

/* How far b is ahead of a, on a clock that wraps at 32 bits. */
static int32_t ahead_ms(uint32_t a, uint32_t b)
{
	return (int32_t)(b - a);
}

void iax_timeline_note(struct iax_timeline *line, uint32_t ts_ms, bool retry, uint64_t now_us)
{
	const bool better = !line->known || !retry ||
	                    (!line->firm && ahead_ms(iax_timeline_expect_ms(line, now_us), ts_ms) > 0);

	if (better) {
		line->ts_ms = ts_ms;
		line->at_us = now_us;
		line->known = true;
		line->firm = line->firm || !retry;
	}
}

uint32_t iax_timeline_expect_ms(const struct iax_timeline *line, uint64_t now_us)
{
	return line->ts_ms + (uint32_t)((now_us - line->at_us) / TG_US_PER_MS);
}

uint32_t iax_timeline_rebuild(const struct iax_timeline *line, uint16_t low_ms, unsigned bits, uint64_t now_us)
{
	const uint32_t span = UINT32_C(1) << bits;
	const uint32_t expect = iax_timeline_expect_ms(line, now_us);
	const uint32_t ts_ms = (expect & ~(span - 1)) | (low_ms & (span - 1));
	const int32_t off = ahead_ms(expect, ts_ms);

	if (off > (int32_t)(span / 2)) {
		return ts_ms - span;
	}
	return off <= -(int32_t)(span / 2) ? ts_ms + span : ts_ms;
}

bool iax_timeline_is_plausible(const struct iax_timeline *line, uint32_t ts_ms, uint64_t now_us)
{
	const int32_t off = ahead_ms(iax_timeline_expect_ms(line, now_us), ts_ms);

	return line->known && off >= -IAX_TS_BEHIND_MS &&
	       off <= IAX_TS_AHEAD_MS + (line->firm ? 0 : (int32_t)RETRY_AGE_MS);
}
