/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_SELECTOR_H
#define TG_ENGINE_SELECTOR_H

#include "base/addr.h"

/**
 * The classic BPF program of a SO_REUSEPORT group: from the first octets of a datagram it picks the socket, so that a flood of
 * openings cannot fill the sockets of signalling or media (design, section 4). Sockets are numbered as they were bound.
 */
enum selector_socket {
	SELECTOR_DOOR,   /* full frames with destination number 0, and what is too short to be any frame */
	SELECTOR_SWITCH, /* other full frames */
	SELECTOR_RELAYS, /* the first relay: mini frames by call number, meta frames by source address */
};

/**
 * Attach to the group of a bound socket, once a group; it replaces a former program.
 *
 * @param family  of the address the group is bound to
 * @param relays  at least 1; the group has 2 + relays sockets
 * @return false with errno set
 */
TG_MUST_USE bool selector_attach(int fd, enum tg_family family, uint32_t relays);

#endif
