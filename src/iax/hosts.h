/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_HOSTS_H
#define TG_IAX_HOSTS_H

#include "iax/endpoint.h"

/*
 * The remote hosts from which legs were opened: an IPv4 address, or an IPv6 network of 64 bits. How many call numbers each
 * holds, and how many legs that have not shown yet who they are. Part of the endpoint's block; not for others, except for
 * tests.
 */

enum { HOSTS_CROWDS = 16 }; /* hosts with so many half-open legs, or more, are alike */

struct core_host {
	struct tg_addr addr;       /* its port is 0 */
	uint32_t oldest, youngest; /* half-open legs: index + 1 */
	uint32_t before, behind;   /* hosts alike: index + 1 */
	uint32_t half_open;
	uint32_t used;      /* numbers, those of half-open legs too */
	uint32_t unproven;  /* of these, of dialogs without token */
	uint32_t anonymous; /* of these, never authenticated */
	uint32_t calls;     /* established, in either direction */
	uint32_t limit, peak, refused;
	uint8_t crowd; /* where it is listed: 0 for nowhere, else the queue's place + 1 */
	bool known;    /* its last opening came from a known network */
	bool proven;   /* a token came from it */
	uint8_t reserved;
};

struct hosts_queue {
	uint32_t first, last; /* index + 1 */
};

/* One queue for each number of half-open legs, of strangers and of known networks, and one for hosts that hold nothing. */
enum { HOSTS_UNUSED = 2 * HOSTS_CROWDS, HOSTS_QUEUES };

struct hosts {
	struct hosts_queue queues[HOSTS_QUEUES];
};

/** It holds nothing: its row may be given to another. */
static inline bool hosts_is_unused(const struct core_host *host)
{
	return host->used == 0 && host->calls == 0;
}

struct core_host *hosts_find(const struct iax_endpoint *ep, const struct tg_addr *remote);
struct core_host *hosts_at(const struct iax_endpoint *ep, uint32_t index);

/** The row of this host, perhaps a new one, in place of the one that was forgotten longest; NULL without room. */
struct core_host *hosts_of(struct iax_endpoint *ep, const struct tg_addr *remote);
uint32_t hosts_index(const struct iax_endpoint *ep, const struct core_host *host);

/** Its counts changed: list it where it belongs now. Who never proved an address and holds nothing is forgotten. */
void hosts_settle(struct iax_endpoint *ep, struct core_host *host);

/** A call with this host stands; every leg in a state of a call counts once. */
void hosts_call_begins(struct iax_endpoint *ep, const struct tg_addr *remote);
void hosts_call_ended(struct iax_endpoint *ep, const struct tg_addr *remote);

/** The first host with `count` half-open legs, or HOSTS_CROWDS and more; NULL for none. */
struct core_host *hosts_first(const struct iax_endpoint *ep, bool known, unsigned count);

#endif
