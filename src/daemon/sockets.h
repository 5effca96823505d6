/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DAEMON_SOCKETS_H
#define TG_DAEMON_SOCKETS_H

#include "ipc/msg.h"

/** The UDP sockets of all addresses: held by the parent, lent to each engine. */
struct sockets {
	uint32_t count;
	struct sockets_one {
		int fd;
		struct ipc_socket record; /* what goes with it to the engine */
	} all[IPC_BINDS_MAX * (2 + IPC_THREADS_MAX)];
};

enum { SOCKETS_WHY_BYTES = 256 };

/** @return false with why: which address, and what the system says of it; no socket is left open then */
TG_MUST_USE bool sockets_open(struct sockets *sockets, const struct ipc_listen *listening, char why[SOCKETS_WHY_BYTES]);
void sockets_close(struct sockets *sockets);

/** The ports they are bound to, each once. */
struct ipc_fence_ports sockets_ports(const struct sockets *sockets);

/** Whether these sockets are what another configuration wants. */
bool sockets_fit(const struct ipc_listen *have, const struct ipc_listen *want);

#endif
