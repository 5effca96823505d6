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

/** An address that no other machine can reach: 127.0.0.0/8 or ::1. */
static inline bool model_addr_is_loopback(struct tg_addr addr)
{
	static const uint8_t one[16] = { [15] = 1 };

	if (addr.family == TG_IPV4) {
		return addr.ip[12] == 127;
	}
	for (unsigned i = 0; i < sizeof(one); i++) {
		if (addr.ip[i] != one[i]) {
			return false;
		}
	}
	return addr.family == TG_IPV6;
}

#endif
