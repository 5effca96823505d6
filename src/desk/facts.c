/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/facts.h"

#include <string.h>

enum desk_peer_status desk_peer_status(const struct world_peer *peer, const struct ipc_peer_row *row)
{
	if (peer->qualify_ms == 0) {
		return DESK_PEER_UNMONITORED;
	}
	if (row == NULL || row->rtt_ms < 0) {
		return row != NULL && row->rtt_ms != -1 ? DESK_PEER_UNREACHABLE : DESK_PEER_UNKNOWN;
	}
	return (uint32_t)row->rtt_ms > peer->qualify_ms ? DESK_PEER_LAGGED : DESK_PEER_OK;
}

const char *desk_peer_status_name(enum desk_peer_status status)
{
	static const char *const names[DESK_PEER_STATUS_COUNT] = {
#define X(name, text) [name] = (text),
		DESK_PEER_STATUSES(X)
#undef X
	};

	return names[status];
}

bool desk_peer_is_registered(const struct world_peer *peer, const struct ipc_peer_row *row)
{
	return peer->host_kind == WORLD_HOST_DYNAMIC && row != NULL && row->addr.family != TG_NO_ADDR;
}

const struct world_peer *desk_peer_of(const struct world *world, const struct ipc_peer_row *row)
{
	return world != NULL ? world_peer_find(world, tg_span_text(row->name)) : NULL;
}

struct desk_peers_count desk_peers_count(const struct world *world, const struct desk_rows *rows)
{
	const struct ipc_peer_row *row = rows->rows;
	struct desk_peers_count count = { 0 };

	for (uint32_t i = 0; i < rows->count; i++) {
		const struct world_peer *peer = desk_peer_of(world, &row[i]);

		if (peer != NULL) {
			count.of[desk_peer_status(peer, &row[i])]++;
			count.registered += desk_peer_is_registered(peer, &row[i]) ? 1 : 0;
		}
	}
	return count;
}

const struct ipc_process_row *desk_process_find(const struct desk_rows *rows, enum ipc_proc proc)
{
	const struct ipc_process_row *row = rows->rows;

	for (uint32_t i = 0; i < rows->count; i++) {
		if (strcmp(row[i].name, ipc_proc_name(proc)) == 0) {
			return &row[i];
		}
	}
	return NULL;
}
