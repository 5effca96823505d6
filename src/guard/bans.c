/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/inside.h"

#include <stdio.h>
#include <string.h>

enum { RECHECK_S = 5, WIDE_56 = 4, WIDE_48 = 8, LAST_STEP = 4, OPERATORS_PART = 100 };

#define US_PER_WEEK (7 * US_PER_DAY)

/* Active ones stay, and what was not told yet; the memory of old ones makes room. */
static uint32_t ban_worth(const struct guard *guard, const void *item, uint64_t now_us)
{
	const struct ban *ban = item;
	(void)guard;
	(void)now_us;

	return ban->active || table_is_listed(ban, LIST_TELL) ? 1 : 0;
}

static uint32_t index_of(const struct guard *guard, const struct ban *ban)
{
	return tg_slab_ref(table_slab(guard, &guard->bans), ban).index;
}

static void ban_gone(struct guard *guard, void *item)
{
	guard_timer(guard, TIMER_BAN, index_of(guard, item), TG_NEVER);
}

const struct table_rule ban_rule = { ban_worth, ban_gone, 1, false };

static uint32_t wide_worth(const struct guard *guard, const void *item, uint64_t now_us)
{
	const struct wide *wide = item;
	(void)guard;

	return now_us < wide->since_us + US_PER_DAY ? wide->count : 0;
}

static const struct table_rule wide_rule = { wide_worth, NULL, UINT32_MAX, true };

bool ban_is_by_hand(const struct ban *ban)
{
	return ban->told.allow || ban->told.who[0] != '\0';
}

static uint32_t *length_of(struct guard *guard, const struct ban *ban)
{
	return &guard->lengths[ban->told.base.family == TG_IPV6][ban->told.bits];
}

static void set_active(struct guard *guard, struct ban *ban, bool active)
{
	if (ban->active == active) {
		return;
	}
	ban->active = active;
	*length_of(guard, ban) += active ? 1 : -1;
	guard->bans_active += active ? 1 : -1;
	if (active && ban->told.allow) {
		table_list(guard, &guard->bans, ban, LIST_ALLOWED);
	} else {
		table_unlist(guard, &guard->bans, ban, LIST_ALLOWED);
	}
}

/* The narrowest prefix decides, so an allowed address in a banned network is heard. */
struct ban *ban_find(const struct guard *guard, struct tg_addr from, uint64_t now_us)
{
	const uint32_t *lengths = guard->lengths[from.family == TG_IPV6];
	const int widest = from.family == TG_IPV6 ? 128 : 32;

	for (int bits = guard->bans_active == 0 ? -1 : widest; bits >= 0; bits--) {
		if (lengths[bits] == 0) {
			continue;
		}
		const struct tg_addr base = tg_addr_prefix(from, (uint32_t)bits);
		struct ban *ban = table_find(guard, &guard->bans, guard_prefix_hash(guard, base, (uint32_t)bits));

		if (ban != NULL && ban->active && ban->told.until_us > now_us) {
			return ban;
		}
	}
	return NULL;
}

bool ban_is_allowed(const struct guard *guard, struct tg_addr from, uint64_t now_us)
{
	const struct ban *ban = ban_find(guard, from, now_us);

	return ban != NULL && ban->told.allow;
}

static void tell_end(struct guard *guard, const struct ban *ban)
{
	if (!ban->told.allow) {
		guard_event_put(guard, &(struct guard_event){ .kind = GUARD_EVENT_UNBANNED,
		                                              .why = ban->told.why,
		                                              .base = ban->told.base,
		                                              .bits = ban->told.bits });
	}
}

/* It is remembered for as long as it would make the next one longer. */
void ban_end(struct guard *guard, struct ban *ban, uint64_t now_us)
{
	set_active(guard, ban, false);
	ban->told.until_us = tg_min_u64(ban->told.until_us, now_us);
	ban->told.in_kernel = false;
	ban->forget = ban->forget || ban_is_by_hand(ban);
	table_list(guard, &guard->bans, ban, LIST_TELL);
	guard_timer(guard, TIMER_BAN, index_of(guard, ban), now_us + (ban->told.step + 1) * US_PER_WEEK);
	tell_end(guard, ban);
}

static struct ban *ban_take(struct guard *guard, struct tg_addr base, uint32_t bits, uint64_t now_us)
{
	const uint64_t hash = guard_prefix_hash(guard, base, bits);
	struct ban *ban = table_find(guard, &guard->bans, hash);

	if (ban == NULL) {
		ban = table_take(guard, &guard->bans, hash, &ban_rule, now_us);
		if (ban != NULL) {
			ban->told.base = base;
			ban->told.bits = bits;
		}
	}
	return ban;
}

/* ---- The guard's own ------------------------------------------------------------------------------------------------- */

static uint64_t step_length_us(const struct guard *guard, uint32_t step)
{
	const uint32_t lengths_s[LAST_STEP + 1] = { guard->limits.step_s, 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600 };

	return (uint64_t)lengths_s[step] * TG_US_PER_S;
}

/* Within a fifth to either side, so that bans of one attack do not end together; from the key, so nobody can tell when. */
static uint64_t jittered(const struct guard *guard, const struct ban *ban, uint64_t length_us)
{
	const uint64_t parts[2] = { ban->item.hash, ban->told.since_us };

	return length_us / 1000 * (800 + guard_hash(guard, 'j', parts, sizeof(parts)) % 401);
}

/* One step more than the last time, and one less for each week without a ban. */
static uint32_t next_step(const struct ban *ban, uint64_t now_us)
{
	if (ban->told.until_us == 0) {
		return 0;
	}
	const uint64_t clean = (now_us - tg_min_u64(ban->told.until_us, now_us)) / US_PER_WEEK;
	const uint64_t step = ban->told.step + 1;

	return (uint32_t)tg_min_u64(step > clean ? step - clean : 0, LAST_STEP);
}

static bool has_call(const struct guard_never *never, const struct ban *ban)
{
	return never != NULL && never->has_call != NULL &&
	       never->has_call(never->owner, ban->told.base, ban->told.bits);
}

/* The end, or the next look whether its last call ended. */
static void set_timer(struct guard *guard, const struct ban *ban, uint64_t now_us)
{
	const uint64_t look_us = ban->told.in_kernel ? TG_NEVER : now_us + RECHECK_S * TG_US_PER_S;

	guard_timer(guard, TIMER_BAN, index_of(guard, ban), tg_min_u64(ban->told.until_us, look_us));
}

/* One place in a hundred is the operator's: a table full of the guard's own must not keep him from what he wants now. */
static bool has_own_room(const struct guard *guard)
{
	const uint32_t max = guard->config.bans_max;

	return guard->bans_active < max - max / OPERATORS_PART;
}

static struct ban *start(struct guard *guard, struct tg_addr base, uint32_t bits, const struct guard_never *never,
                         uint64_t now_us)
{
	struct ban *ban = table_find(guard, &guard->bans, guard_prefix_hash(guard, base, bits));

	if (ban != NULL && ban->active) {
		return ban;
	}
	ban = has_own_room(guard) ? ban_take(guard, base, bits, now_us) : NULL;
	if (ban == NULL) {
		return NULL;
	}
	ban->told.step = next_step(ban, now_us);
	ban->told.since_us = now_us;
	ban->told.until_us = now_us + jittered(guard, ban, step_length_us(guard, ban->told.step));
	ban->told.why = GUARD_TRIES;
	ban->told.allow = false;
	ban->told.who[0] = '\0';
	snprintf(ban->told.text, sizeof(ban->told.text), "too many different wrong answers");
	ban->told.in_kernel = !has_call(never, ban);
	ban->forget = false;
	set_active(guard, ban, true);
	set_timer(guard, ban, now_us);
	table_list(guard, &guard->bans, ban, LIST_TELL);
	return ban;
}

/* One more banned in a prefix; one that was banned in the same day before is not counted again. @return how many by now */
static uint32_t count_in(struct guard *guard, struct tg_addr addr, uint32_t bits, uint64_t last_us, uint64_t now_us)
{
	const struct tg_addr base = tg_addr_prefix(addr, bits);
	const uint64_t hash = guard_prefix_hash(guard, base, bits);
	struct wide *wide = table_find(guard, &guard->wides, hash);

	if (wide == NULL) {
		wide = table_take(guard, &guard->wides, hash, &wide_rule, now_us);
	}
	if (wide == NULL) {
		return 0;
	}
	if (wide->count == 0 || now_us >= wide->since_us + US_PER_DAY) {
		*wide = (struct wide){ .item = wide->item, .since_us = now_us };
	}
	wide->count += wide->count == 0 || last_us < wide->since_us;
	return wide->count;
}

static uint64_t last_banned_us(const struct guard *guard, struct tg_addr base, uint32_t bits)
{
	const struct ban *ban = table_find(guard, &guard->bans, guard_prefix_hash(guard, base, bits));

	return ban == NULL ? 0 : ban->told.since_us;
}

/* Asked for each network that is banned, and there may be 100,000 bans: only allowances are looked at, mostly few or none. */
bool guard_has_allowed(const struct guard *guard, struct tg_addr base, uint32_t bits)
{
	const struct ban *ban = table_first(guard, &guard->bans, LIST_ALLOWED);

	while (ban != NULL && (ban->told.bits < bits || !tg_addr_in_prefix(ban->told.base, base, bits))) {
		ban = table_next(guard, &guard->bans, ban, LIST_ALLOWED);
	}
	return ban != NULL;
}

bool guard_ban_around(const struct guard *guard, struct tg_addr addr, uint32_t bits, uint32_t *cursor, uint64_t now_us,
                      struct guard_ban *row)
{
	while (*cursor <= bits) {
		const uint32_t length = (*cursor)++;
		const struct ban *ban = guard->lengths[addr.family == TG_IPV6][length] == 0
		                                ? NULL
		                                : table_find(guard, &guard->bans,
		                                             guard_prefix_hash(guard, tg_addr_prefix(addr, length),
		                                                               length));

		if (ban != NULL && ban->active && !ban->told.allow && ban->told.until_us > now_us) {
			*row = ban->told;
			return true;
		}
	}
	return false;
}

/* The whole of a network, but not if somebody is in it who is never banned or allowed. */
static struct ban *start_wide(struct guard *guard, struct tg_addr addr, uint32_t bits, const struct guard_never *never,
                              uint64_t now_us)
{
	const struct tg_addr base = tg_addr_prefix(addr, bits);

	if ((never != NULL && never->has_never != NULL && never->has_never(never->owner, base, bits)) ||
	    guard_has_allowed(guard, base, bits)) {
		return NULL;
	}
	return start(guard, base, bits, never, now_us);
}

/* IPv6 alone: who has many networks of 64 bits has the one around them. */
static void widen(struct guard *guard, struct tg_addr addr, uint64_t last_us, const struct guard_never *never,
                  uint64_t now_us)
{
	const uint64_t last56_us = last_banned_us(guard, tg_addr_prefix(addr, 56), 56);

	if (count_in(guard, addr, 56, last_us, now_us) < WIDE_56 ||
	    start_wide(guard, addr, 56, never, now_us) == NULL) {
		return;
	}
	if (count_in(guard, addr, 48, last56_us, now_us) >= WIDE_48) {
		(void)start_wide(guard, addr, 48, never, now_us);
	}
}

struct ban *ban_make(struct guard *guard, const struct source *source, const struct guard_never *never, uint64_t now_us)
{
	const uint64_t last_us = last_banned_us(guard, source->addr, source->bits);
	struct ban *ban = start(guard, source->addr, source->bits, never, now_us);

	if (ban != NULL && source->addr.family == TG_IPV6) {
		widen(guard, source->addr, last_us, never, now_us);
	}
	return ban;
}

void ban_on_timer(struct guard *guard, uint32_t index, const struct guard_never *never, uint64_t now_us)
{
	struct ban *ban = tg_slab_at(table_slab(guard, &guard->bans), index, NULL);

	if (ban == NULL) {
		return;
	}
	if (!ban->active) {
		table_drop(guard, &guard->bans, ban, &ban_rule);
	} else if (ban->told.until_us <= now_us) {
		ban_end(guard, ban, now_us);
	} else {
		if (!ban->told.in_kernel && !has_call(never, ban)) {
			ban->told.in_kernel = true;
			table_list(guard, &guard->bans, ban, LIST_TELL);
		}
		set_timer(guard, ban, now_us);
	}
}

static void end_inside(struct guard *guard, struct tg_addr base, uint32_t bits, uint64_t now_us)
{
	const struct tg_slab *slab = table_slab(guard, &guard->bans);

	for (uint32_t i = 0; i < slab->count; i++) {
		struct ban *ban = tg_slab_at(slab, i, NULL);

		if (ban != NULL && ban->active && !ban_is_by_hand(ban) &&
		    (base.family == TG_NO_ADDR ||
		     (ban->told.bits >= bits && tg_addr_in_prefix(ban->told.base, base, bits)))) {
			ban_end(guard, ban, now_us);
		}
	}
}

void bans_stop(struct guard *guard, uint64_t now_us)
{
	end_inside(guard, (struct tg_addr){ 0 }, 0, now_us);
}

void guard_ban_lengths(const struct guard *guard, bool is_six, uint64_t words[GUARD_LENGTH_WORDS])
{
	memset(words, 0, GUARD_LENGTH_WORDS * sizeof(words[0]));
	for (uint32_t bits = 0; bits <= 128; bits++) {
		words[bits / 64] |= guard->lengths[is_six][bits] == 0 ? 0 : UINT64_C(1) << bits % 64;
	}
}

bool guard_next_ban(struct guard *guard, struct guard_ban *out)
{
	struct ban *ban = table_pop(guard, &guard->bans, LIST_TELL);

	if (ban == NULL) {
		return false;
	}
	*out = ban->told;
	if (!ban->active && ban->forget) {
		out->until_us = 0;
		table_drop(guard, &guard->bans, ban, &ban_rule);
	}
	return true;
}

/* ---- By hand, and from the store -------------------------------------------------------------------------------------- */

static const char *wrong_with(const struct guard_ban *ban)
{
	const bool four = ban->base.family == TG_IPV4;

	if (!four && ban->base.family != TG_IPV6) {
		return "it has no address";
	}
	if (ban->bits > (four ? 32U : 128U)) {
		return "its prefix is longer than an address";
	}
	return ban->bits < (four ? 8U : 16U) ? "its prefix is too wide" : NULL;
}

static struct ban *put(struct guard *guard, const struct guard_ban *in, uint64_t now_us)
{
	const struct tg_addr base = tg_addr_prefix(in->base, in->bits);
	struct ban *ban = ban_take(guard, base, in->bits, now_us);

	if (ban == NULL) {
		return NULL;
	}
	set_active(guard, ban, false);
	ban->told = *in;
	ban->told.base = base;
	ban->told.step = (uint32_t)tg_min_u64(in->step, LAST_STEP);
	ban->told.in_kernel = in->allow;
	ban->told.who[sizeof(ban->told.who) - 1] = '\0';
	ban->told.text[sizeof(ban->told.text) - 1] = '\0';
	ban->forget = ban_is_by_hand(ban);
	set_active(guard, ban, in->until_us > now_us);
	return ban;
}

static void settle(struct guard *guard, struct ban *ban, uint64_t now_us)
{
	guard_timer(guard, TIMER_BAN, index_of(guard, ban), ban->told.allow ? ban->told.until_us : now_us);
	table_list(guard, &guard->bans, ban, LIST_TELL);
}

const char *guard_ban(struct guard *guard, const struct guard_ban *in, uint64_t for_us, uint64_t now_us)
{
	const char *wrong = wrong_with(in);
	struct guard_ban fixed = *in;

	if (wrong != NULL) {
		return wrong;
	}
	fixed.step = 0;
	fixed.since_us = now_us;
	fixed.until_us = for_us == 0 || for_us >= TG_NEVER - now_us ? TG_NEVER : now_us + for_us;
	if (fixed.who[0] == '\0') {
		snprintf(fixed.who, sizeof(fixed.who), "operator");
	}
	struct ban *ban = put(guard, &fixed, now_us);

	if (ban == NULL) {
		return "there is no room for another ban";
	}
	if (fixed.allow) {
		end_inside(guard, ban->told.base, ban->told.bits, now_us);
	}
	settle(guard, ban, now_us);
	return NULL;
}

void guard_restore_ban(struct guard *guard, const struct guard_ban *in, uint64_t now_us)
{
	if (wrong_with(in) != NULL) {
		return;
	}
	struct ban *ban = put(guard, in, now_us);

	if (ban != NULL && ban->active) {
		/* As it was: there may be very many, and nobody has a call yet. */
		ban->told.in_kernel = in->allow || in->in_kernel;
		set_timer(guard, ban, now_us);
		table_list(guard, &guard->bans, ban, LIST_TELL);
	} else if (ban != NULL && ban->forget) {
		table_drop(guard, &guard->bans, ban, &ban_rule);
	} else if (ban != NULL) {
		guard_timer(guard, TIMER_BAN, index_of(guard, ban), now_us + (ban->told.step + 1) * US_PER_WEEK);
	}
}

static bool forget_sources(struct guard *guard, struct tg_addr base, uint32_t bits, uint64_t now_us)
{
	const struct tg_slab *slab = table_slab(guard, &guard->sources);
	bool found = false;

	for (uint32_t i = 0; i < slab->count; i++) {
		struct source *source = tg_slab_at(slab, i, NULL);

		if (source != NULL && (tg_addr_in_prefix(source->addr, base, bits) ||
		                       tg_addr_in_prefix(base, source->addr, source->bits))) {
			found = found || source->step != GUARD_PASS || source->wrong.idle_ns / 1000 > now_us;
			ladder_forget(guard, source, now_us);
		}
	}
	return found;
}

/* Pairs know their source by its hash alone. */
static void forget_pairs(struct guard *guard, struct tg_addr base, uint32_t bits)
{
	const struct tg_slab *slab = table_slab(guard, &guard->pairs);

	for (uint32_t i = 0; i < slab->count; i++) {
		struct pair *pair = tg_slab_at(slab, i, NULL);
		const struct source *source = pair == NULL ? NULL
		                                           : table_find(guard, &guard->sources, pair->source_hash);

		if (source != NULL && (tg_addr_in_prefix(source->addr, base, bits) ||
		                       tg_addr_in_prefix(base, source->addr, source->bits))) {
			pair_forget(pair);
		}
	}
}

bool guard_unban(struct guard *guard, struct tg_addr base, unsigned bits, uint64_t now_us)
{
	const struct guard_ban asked = { .base = base, .bits = bits };

	if ((base.family != TG_IPV4 && base.family != TG_IPV6) || bits > (base.family == TG_IPV4 ? 32U : 128U)) {
		return false;
	}
	(void)asked;
	const struct tg_addr masked = tg_addr_prefix(base, bits);
	struct ban *ban = table_find(guard, &guard->bans, guard_prefix_hash(guard, masked, bits));
	const bool had = ban != NULL && ban->active;

	if (had) {
		ban->forget = true;
		ban_end(guard, ban, now_us);
	}
	const bool held = forget_sources(guard, masked, bits, now_us);

	forget_pairs(guard, masked, bits);
	return had || held;
}

bool guard_ban_row(const struct guard *guard, uint32_t *cursor, uint64_t now_us, struct guard_ban *row)
{
	const struct tg_slab *slab = table_slab(guard, &guard->bans);

	while (*cursor < slab->count) {
		const struct ban *ban = tg_slab_at(slab, (*cursor)++, NULL);

		if (ban != NULL && ban->active && ban->told.until_us > now_us) {
			*row = ban->told;
			return true;
		}
	}
	return false;
}

/* @return the allowance after the one at the cursor, NULL for none */
static const struct ban *next_allowed(const struct guard *guard, uint32_t cursor)
{
	const struct ban *at = cursor == 0 ? NULL : tg_slab_at(table_slab(guard, &guard->bans), cursor - 1, NULL);

	return at != NULL && table_is_listed(at, LIST_ALLOWED) ? table_next(guard, &guard->bans, at, LIST_ALLOWED)
	                                                       : table_first(guard, &guard->bans, LIST_ALLOWED);
}

bool guard_allowed_row(const struct guard *guard, uint32_t *cursor, uint64_t now_us, struct guard_ban *row)
{
	const struct ban *ban;

	while ((ban = next_allowed(guard, *cursor)) != NULL) {
		*cursor = index_of(guard, ban) + 1;
		if (ban->told.until_us > now_us) {
			*row = ban->told;
			return true;
		}
	}
	return false;
}

bool guard_kept_ban(const struct guard *guard, uint32_t *cursor, struct guard_ban *row)
{
	const struct tg_slab *slab = table_slab(guard, &guard->bans);

	while (*cursor < slab->count) {
		const struct ban *ban = tg_slab_at(slab, (*cursor)++, NULL);

		if (ban != NULL && (ban->active || !ban->forget)) {
			*row = ban->told;
			return true;
		}
	}
	return false;
}

const char *bans_check(const struct guard *guard)
{
	const struct tg_slab *slab = table_slab(guard, &guard->bans);
	uint32_t lengths[2][129] = { { 0 } };
	uint32_t active = 0, allowed = 0;

	for (uint32_t i = 0; i < slab->count; i++) {
		const struct ban *ban = tg_slab_at(slab, i, NULL);

		if (ban != NULL && ban->active) {
			active++;
			allowed += ban->told.allow;
			lengths[ban->told.base.family == TG_IPV6][ban->told.bits]++;
		}
	}
	return active == guard->bans_active && allowed == guard->bans.lists[LIST_ALLOWED].count &&
	                       memcmp(lengths, guard->lengths, sizeof(lengths)) == 0
	               ? NULL
	               : "active bans are miscounted";
}
