/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DESK_FACTS_H
#define TG_DESK_FACTS_H

#include "ipc/msg.h"
#include "model/world.h"

/** How a peer is, in words that are never changed: for scripts and metrics. */
#define DESK_PEER_STATUSES(X)                                                         \
	X(DESK_PEER_OK, "ok")                                                         \
	X(DESK_PEER_LAGGED, "lagged") /* slower than qualify= */                      \
	X(DESK_PEER_UNREACHABLE, "unreachable")                                       \
	X(DESK_PEER_UNKNOWN, "unknown") /* not asked yet, or it has no address now */ \
	X(DESK_PEER_UNMONITORED, "unmonitored")

#define X(name, text) name,
enum desk_peer_status { DESK_PEER_STATUSES(X) DESK_PEER_STATUS_COUNT };
#undef X

/** @param row  its state; NULL if the engine told none */
enum desk_peer_status desk_peer_status(const struct world_peer *peer, const struct ipc_peer_row *row);
const char *desk_peer_status_name(enum desk_peer_status status);

/** It is dynamic, and there is an address to call it at. */
bool desk_peer_is_registered(const struct world_peer *peer, const struct ipc_peer_row *row);

#endif
