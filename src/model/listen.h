/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_MODEL_LISTEN_H
#define TG_MODEL_LISTEN_H

#include "base/addr.h"

/** Where something is offered to programs of this machine. */
enum model_listen_kind {
	MODEL_LISTEN_OFF,
	MODEL_LISTEN_TCP,
	MODEL_LISTEN_UNIX,
	MODEL_LISTEN_KINDS,
};

enum { MODEL_LISTEN_PATH_BYTES = 108 }; /* as a socket's address has */

/** Unused members are zeros, so two are equal if their octets are. */
struct model_listen {
	uint32_t kind; /* enum model_listen_kind */
	uint32_t zero;
	struct tg_addr addr;                /* TCP, with its port */
	char path[MODEL_LISTEN_PATH_BYTES]; /* UNIX: absolute */
	uint32_t zero_too;
};

#endif
