/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_IAX_OPENINGS_H
#define TG_TESTS_IAX_OPENINGS_H

#include "check.h"
#include "sim/pair.h"

/* A peer made by hand, number 1234 at a host of its own, that opens calls at node 1. */

static inline struct pair *openings_pair(void)
{
	struct pair *p = pair_new(1, &pair_calm);

	peer_init(&p->peer, &p->sim, 1, 7, 1234);
	return p;
}

/* Without tokens, as behind a door that already judged. */
static inline struct pair *openings_behind_door(void)
{
	struct iax_config config = sim_config();
	struct pair *p;

	config.with_door = false;
	p = pair_new_with(1, &pair_calm, &config);
	peer_init(&p->peer, &p->sim, 1, 7, 1234);
	return p;
}

static inline enum iax_err openings_new(struct pair *p, const struct iax_ies *ies)
{
	p->peer.oseqno = p->peer.iseqno = 0;
	p->peer.remote_number = 0;
	return peer_send_ies(&p->peer, IAX_NEW, ies);
}

#endif
