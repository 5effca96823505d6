/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/facts.h"

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
