/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DESK_NET_H
#define TG_DESK_NET_H

#include "base/addr.h"

/** An address, an address with its port, or a network, as an operator types it. */
struct desk_net {
	struct tg_addr base;
	unsigned bits; /* of its family */
	bool with_port, with_bits;
};

TG_MUST_USE bool desk_net_parse(struct desk_net *net, const char *text);

/** Whether an address lies in it. */
bool desk_net_has(const struct desk_net *net, struct tg_addr addr);

/** Whether two networks have an address in common; the port of either does not count. */
bool desk_net_meets(const struct desk_net *net, struct tg_addr base, unsigned bits);

/** The network's first address, port 0. */
struct tg_addr desk_net_base(struct tg_addr addr, unsigned bits);

/** "192.0.2.7", "192.0.2.0/24"; "-" for none. Returns text. */
enum { DESK_NET_TEXT_BYTES = TG_ADDR_TEXT_BYTES + 8 };
const char *desk_net_text(struct tg_addr base, unsigned bits, char text[DESK_NET_TEXT_BYTES]);

/** All bits of an address of this family. */
unsigned desk_net_all_bits(struct tg_addr addr);

#endif
