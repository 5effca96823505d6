/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_REFUSALS_H
#define TG_SWITCH_REFUSALS_H

#include "base/log.h"

/**
 * Which refusals get a line in the log: the first of a source, then one line with a number while it goes on. So whoever knocks at
 * the door writes little, and whoever reads the log still sees that he does. A source is an IPv4 address or an IPv6 network of 64
 * bits. Senders that have not proven their address count as one, and so do those that the table has no room for.
 */

enum refusal_kind {
	REFUSAL_CALL,
	REFUSAL_REGISTRATION,
	REFUSAL_KINDS,
};

enum {
	REFUSALS_SOURCES = 128,
	REFUSALS_WINDOW_S = 10, /* how long further ones of a source are counted before their number is told */
};

struct refusals_source {
	struct tg_addr from; /* of its first; TG_NO_ADDR for a crowd */
	uint64_t since_us;
	uint32_t more;
	uint8_t kind;   /* enum refusal_kind */
	uint8_t proven; /* it has shown that it gets what is sent there */
	uint8_t is_live;
	uint8_t reserved;
};

/** All zeros is an empty one. */
struct refusals {
	struct refusals_source sources[REFUSALS_SOURCES];
	struct refusals_source crowds[REFUSAL_KINDS][2]; /* not proven; proven, but without room above */
	uint64_t next_us;
	uint32_t live;
};

/** @return log if this one is to be written, else NULL: it is counted */
const struct tg_log *refusals_log(struct refusals *refusals, const struct tg_log *log, enum refusal_kind kind,
                                  bool proven, struct tg_addr from, uint64_t now_us);

/** Tell the numbers of those whose time is over. */
void refusals_expire(struct refusals *refusals, const struct tg_log *log, uint64_t now_us);
uint64_t refusals_deadline_us(const struct refusals *refusals);

#endif
