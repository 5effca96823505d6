/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/takeover.h"

#include "iax/core.h"

#include <string.h>

#define AHEAD_MAX_US (UINT64_C(3600) * TG_US_PER_S) /* no timer of a leg is set further ahead */

/* ---- One leg, as it was ---------------------------------------------------------------------------------------- */

/* A bool that may hold anything must not be read as one. */
static bool truth(const bool *value)
{
	return *(const uint8_t *)value != 0;
}

/* clang-format off */
#define TRUTHS(X) \
	X(line.known) X(line.firm) X(ended) X(authenticated) X(wide) X(tokened) X(token_restarted) X(ping_out) \
	X(lagrq_out) X(voice_sent) X(full_wanted) X(quelched) X(stands) X(report_given) X(known)
/* clang-format on */

static void copy(struct leg *to, const struct leg *from)
{
	memcpy(to, from, sizeof(*to));
#define X(member) to->member = truth(&from->member);
	TRUTHS(X)
#undef X
}

static bool is_address(const struct tg_addr *addr)
{
	static const uint8_t zero[sizeof(addr->zero)];
	const struct tg_addr plain = addr->family == TG_IPV4   ? tg_addr_ipv4(addr->ip + 12, addr->port)
	                             : addr->family == TG_IPV6 ? tg_addr_ipv6(addr->ip, addr->port)
	                                                       : (struct tg_addr){ .family = TG_NO_ADDR };

	return plain.family != TG_NO_ADDR && addr->port != 0 && memcmp(&plain, addr, sizeof(plain)) == 0 &&
	       memcmp(addr->zero, zero, sizeof(zero)) == 0;
}

static bool is_deadline(uint64_t when_us, uint64_t now_us)
{
	return when_us == TG_NEVER || when_us <= now_us + AHEAD_MAX_US;
}

/* What has happened has not happened later than now. */
static void bound_past(struct leg *leg, uint64_t now_us)
{
	uint64_t *const past[] = { &leg->epoch_us,      &leg->ended_us,          &leg->ping_sent_us,
		                   &leg->lagrq_sent_us, &leg->probed_us,         &leg->moved_us,
		                   &leg->vnak_sent_us,  &leg->vnak_window_us,    &leg->ping_window_us,
		                   &leg->line.at_us,    &leg->quality.last_at_us };

	for (size_t i = 0; i < TG_COUNT(past); i++) {
		*past[i] = tg_min_u64(*past[i], now_us);
	}
}

/* Where a PING keeps a leg alive there is one ahead: without it nothing would ever end the leg. */
static void set_ping(struct leg *leg, uint64_t now_us)
{
	if (leg->ping_us == TG_NEVER && leg_rule_find((enum leg_state)leg->state, ON_TIME_PING) != NULL) {
		leg->ping_us = now_us;
	}
}

static bool is_whole(const struct leg *leg, uint64_t now_us)
{
	return is_address(&leg->remote) && is_address(&leg->local) && leg->state < LEG_GONE &&
	       leg->kind <= IAX_LEG_POKE_OUT && leg->proof <= IAX_PROVEN && leg->name_len <= LEG_NAME_BYTES &&
	       leg->number >= IAX_CALLNO_MIN && leg->number <= IAX_CALLNO_MAX && leg->remote_number <= IAX_CALLNO_MAX &&
	       leg->ended == (leg->state == LEG_CLOSING) && is_deadline(leg->life_us, now_us) &&
	       is_deadline(leg->ping_us, now_us) && is_deadline(leg->lagrq_us, now_us);
}

/* ---- Its place among others ------------------------------------------------------------------------------------ */

static bool was_opened_by_them(const struct leg *leg)
{
	return leg->kind == IAX_LEG_CALL_IN || leg->kind == IAX_LEG_REG_IN;
}

/* It counts for its host, whose limit is told again with the next opening. There is a row for each leg. */
static void count(struct iax_endpoint *ep, struct leg *leg)
{
	const struct iax_pass pass = { (enum iax_proof)leg->proof, ep->config.host_numbers_max,
		                       ep->config.unproven_numbers_max, leg->known };
	const bool counted = legs_doubt(ep, leg, &pass);

	assert(counted);
	(void)counted;
	legs_prove(ep, leg);
}

/* What ties a leg to others is nobody's yet. */
static void untie(struct leg *leg)
{
	leg->older = leg->younger = leg->host_older = leg->host_younger = leg->host = 0;
	leg->list = CORE_NO_LIST;
	leg->win = (struct iax_seqwin){ 0 };
	leg->name_hash = 0; /* made with the other endpoint's key */
}

/* @return false if its numbers are another leg's: nothing was done */
static bool tie(struct iax_endpoint *ep, struct leg *leg, uint32_t index)
{
	const uint16_t remote_number = leg->remote_number;

	if (legs_has_number(ep, &leg->remote, leg->number) ||
	    legs_find_remote(ep, &leg->remote, remote_number) != NULL ||
	    !iax_numbers_claim(core_at(ep, ep->numbers_at), leg->number)) {
		return false;
	}
	const bool found = tg_map_insert(core_at(ep, ep->by_number_at),
	                                 core_hash(ep, &leg->remote, leg->number, CORE_KEY_NUMBER), index);

	assert(found); /* the map has room for all legs */
	(void)found;
	leg->remote_number = 0;
	if (remote_number != 0) {
		legs_learn(ep, leg, remote_number);
	}
	return true;
}

/* ---- All ------------------------------------------------------------------------------------------------------- */

/* Where the tables of the other block are: as of one that was made for the same limits. Its own word on it does not count. */
struct other {
	const struct tg_slab *legs;
	const struct iax_framepool *frames;
	uint32_t frames_max;
};

static bool other_of(struct other *other, const struct iax_endpoint *ep, const void *old, size_t old_bytes)
{
	*other = (struct other){
		.legs = (const struct tg_slab *)((uintptr_t)old + ep->legs_at),
		.frames = (const struct iax_framepool *)((uintptr_t)old + ep->frames_at),
		.frames_max = ep->config.frames_max,
	};
	return old_bytes == ep->size_bytes && tg_slab_is_whole(other->legs, sizeof(struct leg), ep->config.legs_max);
}

/* Each leg at its place, alone: those that are not taken over leave it free. */
static void place_all(struct iax_endpoint *ep, const struct other *other, uint64_t now_us, struct iax_takeover *out)
{
	for (uint32_t i = 0; i < other->legs->begun; i++) {
		const struct leg *old = tg_slab_at(other->legs, i, NULL);
		const uint32_t gen = tg_slab_gen(other->legs, i);
		struct leg own;

		if (old == NULL) {
			tg_slab_resume(core_legs(ep), gen);
			continue;
		}
		copy(&own, old);
		const bool stranger = own.list != CORE_NO_LIST, whole = !stranger && is_whole(&own, now_us);
		struct leg *leg = tg_slab_resume(core_legs(ep), whole ? gen : gen + 1);

		out->strangers += stranger;
		out->broken += !stranger && !whole;
		if (leg != NULL) {
			*leg = own;
			untie(leg);
			bound_past(leg, now_us);
			set_ping(leg, now_us);
		}
	}
}

/* Of a leg that is tied by its numbers: the rest. @return false if it must go */
static bool complete(struct iax_endpoint *ep, const struct other *other, struct leg *leg, uint32_t index,
                     uint64_t now_us)
{
	const struct leg *old = tg_slab_at(other->legs, index, NULL);
	const bool stands = leg->stands;

	leg->stands = false;
	if (was_opened_by_them(leg)) {
		count(ep, leg);
	}
	if (stands) {
		legs_stand(ep, leg);
	}
	if (leg_has_call(leg)) {
		hosts_call_begins(ep, &leg->remote);
	}
	if (!iax_seqwin_take_over(&leg->win, core_frames(ep), &old->win, other->frames, other->frames_max, now_us) ||
	    (leg->state == LEG_CLOSING && leg->win.count == 0)) {
		return false;
	}
	legs_arm(ep, leg);
	return tg_wheel_get(core_wheel(ep), index) != TG_NEVER;
}

static void take(struct iax_endpoint *ep, const struct other *other, uint32_t index, uint64_t now_us,
                 struct iax_takeover *out)
{
	struct tg_ref ref;
	struct leg *leg = tg_slab_at(core_legs(ep), index, &ref);

	if (!tie(ep, leg, index)) {
		tg_slab_give(core_legs(ep), ref);
		out->broken++;
	} else if (!complete(ep, other, leg, index, now_us)) {
		const bool over = leg->state == LEG_CLOSING;

		leg->ended = true;
		legs_free(ep, leg, now_us);
		out->broken += !over; /* one whose last frame is acknowledged is over, and was about to go */
	} else {
		out->taken++;
		out->frames += leg->win.count;
	}
}

bool iax_endpoint_take_over(struct iax_endpoint *ep, const void *old, size_t old_bytes, uint64_t now_us,
                            struct iax_takeover *out)
{
	struct other other;

	*out = (struct iax_takeover){ 0 };
	assert(core_legs(ep)->begun == 0);
	if (!other_of(&other, ep, old, old_bytes)) {
		return false;
	}
	place_all(ep, &other, now_us, out);
	for (int ended = 0; ended < 2; ended++) { /* where two have the same numbers, the one that lives has them */
		for (uint32_t i = 0; i < core_legs(ep)->begun; i++) {
			const struct leg *leg = core_leg_at(ep, i);

			if (leg != NULL && leg->ended == (ended == 1)) {
				take(ep, &other, i, now_us, out);
			}
		}
	}
	return true;
}
