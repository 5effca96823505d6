/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/usages.h"

#include <string.h>

uint64_t usage_wall_ms(const struct tg_switch *sw)
{
	return sw->wall_us / TG_US_PER_MS;
}

static uint64_t hash_of(const struct tg_switch *sw, enum toll_role role, struct tg_span name)
{
	const struct tg_addr kind = { .ip = { (uint8_t)role } };

	return iax_keyed_hash(sw->key, name, kind);
}

struct usage *usage_at(const struct tg_switch *sw, uint32_t place)
{
	return place == 0 ? NULL : tg_slab_at(usages_of(sw), place - 1, NULL);
}

uint32_t usage_place(const struct tg_switch *sw, const struct usage *usage)
{
	return usage == NULL ? 0 : tg_slab_ref(usages_of(sw), usage).index + 1;
}

struct usage *usage_find(const struct tg_switch *sw, enum toll_role role, struct tg_span name)
{
	struct tg_map_walk walk = tg_map_find(charged_of(sw), hash_of(sw, role, name));
	uint32_t index;

	while (tg_map_next(&walk, &index)) {
		struct usage *usage = tg_slab_at(usages_of(sw), index, NULL);

		if (usage != NULL && usage->role == role && tg_span_equal(name_span(usage->name), name)) {
			return usage;
		}
	}
	return NULL;
}

static bool is_unused(const struct usage *usage)
{
	static const struct toll_usage nothing;

	return usage->legs == 0 && memcmp(usage->use.hour_calls, nothing.hour_calls, sizeof(nothing.hour_calls)) == 0 &&
	       memcmp(usage->use.day_calls, nothing.day_calls, sizeof(nothing.day_calls)) == 0 &&
	       memcmp(usage->use.day_s, nothing.day_s, sizeof(nothing.day_s)) == 0 &&
	       memcmp(usage->use.month_s, nothing.month_s, sizeof(nothing.month_s)) == 0;
}

/* Only when all places are taken: those that count nothing any more are given back. */
static void sweep(struct tg_switch *sw, const struct world *world)
{
	for (uint32_t i = 0; i < usages_of(sw)->count; i++) {
		struct tg_ref ref;
		struct usage *usage = tg_slab_at(usages_of(sw), i, &ref);

		if (usage == NULL) {
			continue;
		}
		toll_roll(world, &usage->use, usage_wall_ms(sw));
		if (is_unused(usage) &&
		    tg_map_remove(charged_of(sw), hash_of(sw, (enum toll_role)usage->role, name_span(usage->name)),
		                  i)) {
			tg_slab_give(usages_of(sw), ref);
		}
	}
}

static struct usage *usage_new(struct tg_switch *sw, enum toll_role role, struct tg_span name)
{
	struct tg_ref ref;
	struct usage *usage = tg_slab_take(usages_of(sw), &ref);

	if (usage == NULL) {
		return NULL;
	}
	usage->role = (uint8_t)role;
	tg_span_copy(usage->name, sizeof(usage->name), name);
	if (!tg_map_insert(charged_of(sw), hash_of(sw, role, name_span(usage->name)), ref.index)) {
		tg_slab_give(usages_of(sw), ref);
		return NULL;
	}
	return usage;
}

struct usage *usage_take(struct tg_switch *sw, const struct world *world, enum toll_role role, struct tg_span name)
{
	struct usage *usage = usage_find(sw, role, name);

	if (usage == NULL && usages_of(sw)->used == usages_of(sw)->count) {
		sweep(sw, world);
	}
	if (usage == NULL) {
		usage = usage_new(sw, role, name);
	}
	if (usage != NULL) {
		toll_roll(world, &usage->use, usage_wall_ms(sw));
	}
	return usage;
}

/* ---- After a restart --------------------------------------------------------------------------------------------- */

/* Calls that ended meanwhile are in both: what is counted already is the store's, or more. */
static void raise(uint32_t *count, uint32_t to)
{
	*count = to > *count ? to : *count;
}

void usages_restore(struct tg_switch *sw, const struct model_usage *record)
{
	const struct world *world = world_now(sw);

	if (world == NULL || record->class >= WORLD_CLASSES || record->role > TOLL_TRUNK) {
		return;
	}
	struct usage *usage = usage_take(sw, world, (enum toll_role)record->role, name_span(record->name));

	if (usage == NULL) {
		tg_log(sw->outside.log, TG_WARNING, "paid.no_room", TG_BYTES("name", name_span(record->name)));
		return;
	}
	if (usage->use.day == record->day) {
		raise(&usage->use.day_s[record->class], record->day_s);
		raise(&usage->use.day_calls[record->class], record->day_calls);
	}
	if (usage->use.month == record->month) {
		raise(&usage->use.month_s[record->class], record->month_s);
	}
}

/* ---- From another process ------------------------------------------------------------------------------------------ */

static void raise_all(struct toll_usage *use, const struct toll_usage *to)
{
	for (unsigned i = 0; i < WORLD_CLASSES; i++) {
		raise(&use->hour_calls[i], use->hour == to->hour ? to->hour_calls[i] : 0);
		raise(&use->day_calls[i], use->day == to->day ? to->day_calls[i] : 0);
		raise(&use->day_s[i], use->day == to->day ? to->day_s[i] : 0);
		raise(&use->month_s[i], use->month == to->month ? to->month_s[i] : 0);
	}
}

void usages_take_over(struct tg_switch *sw, const struct usage *old)
{
	const struct world *world = world_now(sw);
	struct usage *usage = usage_take(sw, world, (enum toll_role)old->role, name_span(old->name));
	struct toll_usage was = old->use;

	if (usage == NULL) {
		return;
	}
	toll_roll(world, &was, usage_wall_ms(sw));
	if (is_unused(usage)) { /* a clock that went back: their day may be ahead of ours */
		usage->use = was;
		memset(usage->use.calls, 0, sizeof(usage->use.calls));
	} else {
		raise_all(&usage->use, &was);
	}
}

bool usage_find_old(const struct tg_switch *sw, const struct tg_slab *usages, uint32_t place, bool trunk,
                    struct usage **usage)
{
	const struct usage *old = place == 0 || place > usages->count ? NULL : tg_slab_at(usages, place - 1, NULL);

	*usage = NULL;
	if (place == 0) {
		return true;
	}
	if (old == NULL || old->role > TOLL_TRUNK || (old->role == TOLL_TRUNK) != trunk ||
	    memchr(old->name, '\0', sizeof(old->name)) == NULL) {
		return false;
	}
	*usage = usage_find(sw, (enum toll_role)old->role, name_span(old->name));
	return *usage != NULL;
}
