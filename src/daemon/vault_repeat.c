/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/vault_repeat.h"

#include <stdlib.h>

#include "base/map.h"
#include "crypt/hash.h"

enum { NONE = VAULT_REPEATS_MAX }; /* the place that holds both ends of the row */

struct place {
	struct vault_repeat kept;
	uint64_t who;
	uint64_t until_us;
	uint32_t older, newer; /* of those in use; newer alone links the free ones */
};

struct vault_repeats {
	struct tg_map *by_who;
	uint32_t free; /* NONE: all are in use */
	struct place places[VAULT_REPEATS_MAX + 1];
};

struct vault_repeats *vault_repeats_new(void)
{
	struct vault_repeats *repeats = calloc(1, sizeof(*repeats));
	void *by_who = malloc(tg_map_size(VAULT_REPEATS_MAX));

	if (repeats == NULL || by_who == NULL) {
		free(by_who);
		free(repeats);
		return NULL;
	}
	repeats->by_who = tg_map_init(by_who, VAULT_REPEATS_MAX);
	for (uint32_t i = 0; i < VAULT_REPEATS_MAX; i++) {
		repeats->places[i].newer = i + 1;
	}
	repeats->places[NONE].older = NONE;
	repeats->places[NONE].newer = NONE;
	return repeats;
}

void vault_repeats_free(struct vault_repeats *repeats)
{
	if (repeats == NULL) {
		return;
	}
	free(repeats->by_who);
	crypt_wipe(repeats, sizeof(*repeats));
	free(repeats);
}

/* ---- The row, from the oldest to the newest ---- */

static void unlink_place(struct vault_repeats *repeats, uint32_t at)
{
	const struct place *place = &repeats->places[at];

	repeats->places[place->older].newer = place->newer;
	repeats->places[place->newer].older = place->older;
}

static void link_newest(struct vault_repeats *repeats, uint32_t at)
{
	struct place *place = &repeats->places[at];

	place->older = repeats->places[NONE].older;
	place->newer = NONE;
	repeats->places[place->older].newer = at;
	repeats->places[NONE].older = at;
}

static void forget(struct vault_repeats *repeats, uint32_t at)
{
	struct place *place = &repeats->places[at];

	unlink_place(repeats, at);
	tg_map_remove(repeats->by_who, place->who, at);
	crypt_wipe(place, sizeof(*place));
	place->newer = repeats->free;
	repeats->free = at;
}

static bool find(const struct vault_repeats *repeats, uint64_t who, uint32_t *at)
{
	struct tg_map_walk walk = tg_map_find(repeats->by_who, who);

	return tg_map_next(&walk, at);
}

static uint32_t place_for(struct vault_repeats *repeats, uint64_t who, const struct vault_repeat *one)
{
	if (repeats->free == NONE) {
		forget(repeats, repeats->places[NONE].newer);
	}
	const uint32_t at = repeats->free;
	struct place *place = &repeats->places[at];

	repeats->free = place->newer;
	place->kept = *one;
	place->who = who;
	const bool inserted = tg_map_insert(repeats->by_who, who, at);

	assert(inserted); /* the map has room for every place */
	return at;
}

void vault_repeats_keep(struct vault_repeats *repeats, uint64_t who, const struct vault_repeat *one, uint64_t now_us)
{
	uint32_t at;

	if (find(repeats, who, &at)) {
		unlink_place(repeats, at);
	} else {
		at = place_for(repeats, who, one);
	}
	repeats->places[at].until_us = now_us + (uint64_t)VAULT_REPEAT_LIFE_S * TG_US_PER_S;
	link_newest(repeats, at);
}

bool vault_repeats_take(struct vault_repeats *repeats, uint64_t who, uint64_t now_us, struct vault_repeat *one)
{
	uint32_t at;

	if (!find(repeats, who, &at)) {
		return false;
	}
	const bool in_time = now_us < repeats->places[at].until_us;

	*one = repeats->places[at].kept;
	forget(repeats, at);
	return in_time;
}
