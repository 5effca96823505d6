/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/vault_repeat.h"

#include <stdlib.h>
#include <string.h>

#include "crypt/hash.h"

enum { SETS = VAULT_REPEATS_MAX / VAULT_REPEATS_WAYS };

struct place {
	struct vault_repeat kept;
	uint64_t who;
	uint64_t answered_us;
	uint64_t lent_until_us;
	uint32_t came_back; /* after he was asked it again */
	bool used;
};

struct vault_repeats {
	struct place sets[SETS][VAULT_REPEATS_WAYS];
};

struct vault_repeats *vault_repeats_new(void)
{
	return calloc(1, sizeof(struct vault_repeats));
}

void vault_repeats_free(struct vault_repeats *repeats)
{
	if (repeats != NULL) {
		crypt_wipe(repeats, sizeof(*repeats));
		free(repeats);
	}
}

static struct place *find(struct vault_repeats *repeats, uint64_t who)
{
	struct place *set = repeats->sets[who % SETS];

	for (uint32_t i = 0; i < VAULT_REPEATS_WAYS; i++) {
		if (set[i].used && set[i].who == who) {
			return &set[i];
		}
	}
	return NULL;
}

static uint64_t worth(const struct place *place)
{
	const uint64_t bonus_s = (uint64_t)VAULT_REPEAT_BONUS_S * place->came_back;

	return place->used ? 1 + place->answered_us + bonus_s * TG_US_PER_S : 0;
}

static struct place *place_for(struct vault_repeats *repeats, uint64_t who, const struct vault_repeat *one)
{
	struct place *set = repeats->sets[who % SETS];
	struct place *least = &set[0];

	for (uint32_t i = 1; i < VAULT_REPEATS_WAYS; i++) {
		least = worth(&set[i]) < worth(least) ? &set[i] : least;
	}
	*least = (struct place){ .kept = *one, .who = who, .used = true };
	return least;
}

static bool has_text(const struct place *place, const char text[IPC_CHALLENGE_CHARS])
{
	return memcmp(place->kept.text, text, IPC_CHALLENGE_CHARS) == 0;
}

static void come_back(struct place *place, const struct vault_repeat *one)
{
	place->kept.spent = place->kept.spent || one->spent;
	place->lent_until_us = 0;
	place->came_back += place->came_back < VAULT_REPEAT_BONUS_MAX;
}

static bool is_old(const struct place *place, uint64_t now_us)
{
	return now_us >= place->answered_us + (uint64_t)VAULT_REPEAT_LIFE_S * TG_US_PER_S;
}

void vault_repeats_keep(struct vault_repeats *repeats, uint64_t who, const struct vault_repeat *one, uint64_t now_us)
{
	struct place *place = find(repeats, who);

	if (place == NULL) {
		place = place_for(repeats, who, one);
	} else if (has_text(place, one->text)) {
		come_back(place, one);
	} else if (is_old(place, now_us)) {
		*place = (struct place){ .kept = *one, .who = who, .used = true };
	}
	place->answered_us = now_us;
}

bool vault_repeats_lend(struct vault_repeats *repeats, uint64_t who, uint64_t now_us, uint64_t until_us,
                        struct vault_repeat *one)
{
	struct place *place = find(repeats, who);

	if (place == NULL || place->lent_until_us > now_us || place->kept.owed || is_old(place, now_us)) {
		return false;
	}
	place->lent_until_us = until_us;
	*one = place->kept;
	return true;
}

struct vault_repeat *vault_repeats_find(struct vault_repeats *repeats, uint64_t who,
                                        const char text[IPC_CHALLENGE_CHARS])
{
	struct place *place = find(repeats, who);

	return place != NULL && has_text(place, text) ? &place->kept : NULL;
}

struct vault_repeat *vault_repeats_owed(struct vault_repeats *repeats, uint64_t who, uint64_t now_us)
{
	struct place *place = find(repeats, who);

	return place != NULL && place->kept.owed && !is_old(place, now_us) ? &place->kept : NULL;
}

void vault_repeats_forget(struct vault_repeats *repeats, uint64_t who)
{
	struct place *place = find(repeats, who);

	if (place != NULL) {
		crypt_wipe(place, sizeof(*place));
	}
}

void vault_repeats_drop(struct vault_repeats *repeats, uint64_t who, const char text[IPC_CHALLENGE_CHARS])
{
	struct place *place = find(repeats, who);

	if (place != NULL && has_text(place, text)) {
		crypt_wipe(place, sizeof(*place));
	}
}
