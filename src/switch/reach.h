/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_REACH_H
#define TG_SWITCH_REACH_H

#include "model/world.h"
#include "switch/reach_numbers.h"

/**
 * Who can get where: from each account of a world, all peers and numbers that its calls can be sent to by the dialplan, whatever is
 * dialled, sent as digits, set as a variable, answered or not. A pure function of the world. What it reports is never too little; what
 * cannot be decided (an expression, a computed name, what a caller chose) counts as everything it could be. Includes with times count as
 * open. Not looked at: what Set(GLOBAL()) of an earlier configuration left in a running exchange.
 */
struct reach;

#define REACH_ANY_PEER UINT32_MAX
#define REACH_NO_PLACE UINT32_MAX

/** Who begins a call. */
enum reach_kind {
	REACH_GUEST,   /* anybody: no secret is asked for */
	REACH_ACCOUNT, /* who knows the account's secret */
	REACH_TRUNK,   /* the same, and its other half has a fixed address: a provider, another exchange */
	REACH_BACKEND, /* the exchange behind this one ([front]), as it calls one peer */
	REACH_KINDS,
};
const char *reach_kind_name(enum reach_kind kind);

struct reach_entry {
	uint32_t user; /* row */
	enum reach_kind kind;
	bool nameless; /* calls without a name can be taken for it */
	bool gave_up;  /* too large to be followed: everything is reported */
	uint32_t egresses;
};

/** Where calls can go. */
struct reach_egress {
	uint32_t peer;             /* row, or REACH_ANY_PEER */
	bool undecided;            /* it is not known where this goes, so it counts as everything */
	uint32_t place;            /* of the Dial, as it was reached first */
	struct reach_text numbers; /* that are sent there */
};

/** A step of the way to an egress. */
struct reach_place {
	uint32_t context, exten,
		step;  /* rows; the context is the one that the call is in, the step may be of one it includes */
	uint32_t from; /* the place before, or REACH_NO_PLACE */
	bool after_hangup;
};

/** @return NULL without memory */
struct reach *reach_new(const struct world *world);
void reach_free(struct reach *reach);

/** One entry for each user that is no decoy, in their order. */
uint32_t reach_entries(const struct reach *reach);
struct reach_entry reach_entry_at(const struct reach *reach, uint32_t entry);
const struct reach_egress *reach_egress_at(const struct reach *reach, uint32_t entry, uint32_t egress);
struct reach_place reach_place_at(const struct reach *reach, uint32_t entry, uint32_t place);
const struct reach_sets *reach_sets_of(const struct reach *reach);

/** Whether calls of an entry were reported to reach this peer with this number. */
bool reach_has(const struct reach *reach, uint32_t entry, uint32_t peer, struct tg_span number);

/**
 * A number to dial at the entry that goes this way, as far as can be said.
 *
 * @return its length, or -1
 */
int reach_example(const struct reach *reach, uint32_t entry, uint32_t place, uint8_t *out, size_t size_bytes);

#endif
