/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_TAKEOVER_INSIDE_H
#define TG_SWITCH_TAKEOVER_INSIDE_H

#include "switch/inside.h"
#include "switch/takeover.h"

/*
 * What the files of the take-over share. Rows of the other block are copied before they are looked at; places and references in them
 * are followed with takeover_at() alone.
 */

/** Where the tables of the other block are: as of one that was made for the same limits. Its own word on it does not count. */
struct other {
	const struct tg_switch *sw;
	const struct tg_slab *calls, *parties, *pieces, *frames, *tones, *accounts, *outgoings, *paids, *usages;
	const struct tg_wheel *wheel;
	const uint32_t *paid_places;
	const struct model_paid *paid_records;
	uint32_t worlds[SWITCH_WORLDS]; /* by slot there: the slot here; NO_ROW: it is not here */
};

/** By index + 1; NULL for what is no place, or free. */
const void *takeover_at(const struct tg_slab *slab, uint32_t place);

/** When a timer of the other one was due; TG_NEVER if it was not set. */
uint64_t takeover_timer(const struct tg_switch *sw, const struct other *other, enum timer_kind kind, uint32_t index);

/** A text in an array of this size, with its end. */
bool takeover_is_text(const char *array, size_t size_bytes);
#define TAKEOVER_IS_TEXT(array) takeover_is_text((array), sizeof(array))

/** An address as tg_addr_ipv4() and tg_addr_ipv6() make them. */
bool takeover_is_address(const struct tg_addr *addr);

/** The same, or none. */
bool takeover_may_be_address(const struct tg_addr *addr);

/** The leg lives, and its owner is this one. */
bool takeover_owns(const struct tg_switch *sw, struct iax_leg_id leg, enum owner_kind kind, struct tg_ref owner);

/** Accounts and registrations of ours. */
void takeover_names(struct tg_switch *sw, const struct other *other, struct switch_takeover *out);

/** Calls and all that belongs to them. */
void takeover_calls(struct tg_switch *sw, const struct other *other, struct switch_takeover *out);

/** May it be put in its place? Then its record can be written, whatever else is wrong with it. */
bool takeover_has_record(const struct tg_switch *sw, const struct other *other, const struct call *call);

/** As far as the row itself goes, and this world (may be NULL): may it go on? */
bool takeover_call_is_whole(const struct tg_switch *sw, const struct call *call, const struct world *world);
bool takeover_party_is_whole(const struct party *party);
bool takeover_playing_is_whole(const struct tg_switch *sw, const struct prompts *prompts,
                               const struct playing *playing);

#endif
