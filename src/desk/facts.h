/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DESK_FACTS_H
#define TG_DESK_FACTS_H

#include "desk/command.h"

/* What is worked out of rows and the world, for whoever shows it. Nothing here is owned: results are lent by what was given. */

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

/** What the world says of the peer of a row. @param world  NULL for none. @return NULL if it does not know it */
const struct world_peer *desk_peer_of(const struct world *world, const struct ipc_peer_row *row);

struct desk_peers_count {
	unsigned of[DESK_PEER_STATUS_COUNT], registered;
};

/** Of the rows whose peer the world knows. @param rows  of IPC_ASK_PEERS */
struct desk_peers_count desk_peers_count(const struct world *world, const struct desk_rows *rows);

/** @param rows  of IPC_ASK_PROCESSES. @return NULL if it is not among them */
const struct ipc_process_row *desk_process_find(const struct desk_rows *rows, enum ipc_proc proc);

#endif
