/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/quiet.h"

#include "crypt/hash.h"

#include <string.h>

enum { PROBES = 8 };

static const uint32_t lines_per_s[QUIET_WEIGHT_COUNT] = {
#define X(name, per_s) [name] = (per_s),
	QUIET_WEIGHTS(X)
#undef X
};

void quiet_init(struct quiet *quiet, const uint8_t key[16])
{
	memset(quiet, 0, sizeof(*quiet));
	memcpy(quiet->key, key, sizeof(quiet->key));
}

/* Kind, network and account; a network has 24 or 48 bits. */
static uint64_t hash_of(const struct quiet *quiet, uint32_t kind, struct tg_addr from, struct tg_span account)
{
	uint64_t parts[5] = { kind, from.family, 0, 0, 0 };

	memcpy(&parts[2], from.ip, from.family == TG_IPV4 ? 15 : 6);
	parts[4] = crypt_siphash64(quiet->key, account);
	const uint64_t hash = crypt_siphash64(quiet->key, (struct tg_span){ (const uint8_t *)parts, sizeof(parts) });

	return hash == 0 ? 1 : hash;
}

static bool is_over(const struct quiet_slot *slot, uint64_t now_us)
{
	return slot->hash == 0 || now_us >= slot->sum_us;
}

/* The slot of its like, else one that is over, else the one nearest to it: what that held back is not lost. */
static struct quiet_slot *slot_for(struct quiet *quiet, enum quiet_weight weight, uint64_t hash, uint64_t now_us)
{
	struct quiet_slot *best = NULL;

	for (uint32_t i = 0; i < PROBES; i++) {
		struct quiet_slot *slot = &quiet->slots[weight][(hash + i) % QUIET_SLOTS];

		if (slot->hash == hash) {
			best = slot;
			break;
		}
		if (best == NULL ||
		    (!is_over(best, now_us) && (is_over(slot, now_us) || slot->sum_us < best->sum_us))) {
			best = slot;
		}
	}
	if (best->hash != hash || is_over(best, now_us)) {
		quiet->crowd += best->held;
		*best = (struct quiet_slot){ .hash = hash, .sum_us = now_us + (uint64_t)QUIET_SUM_S * TG_US_PER_S };
	}
	return best;
}

/* Any second, not one of the clock's: readers count by another clock than ours. */
static bool has_line(const struct quiet *quiet, enum quiet_weight weight, uint64_t now_us)
{
	const struct quiet_lines *lines = &quiet->lines[weight];
	const uint64_t oldest_us = lines->told_us[lines->next];

	return oldest_us == 0 || now_us >= oldest_us + TG_US_PER_S;
}

static void take_line(struct quiet *quiet, enum quiet_weight weight, uint64_t now_us)
{
	struct quiet_lines *lines = &quiet->lines[weight];

	lines->told_us[lines->next] = tg_max_u64(now_us, 1);
	lines->next = (lines->next + 1) % lines_per_s[weight];
}

bool quiet_allow(struct quiet *quiet, enum quiet_weight weight, uint32_t kind, struct tg_addr from,
                 struct tg_span account, uint32_t *held, uint64_t now_us)
{
	struct quiet_slot *slot = slot_for(quiet, weight, hash_of(quiet, kind, from, account), now_us);

	if (!has_line(quiet, weight, now_us) || (slot->told >= QUIET_FIRST && now_us < slot->next_us)) {
		slot->held++;
		*held = 0;
		return false;
	}
	*held = slot->held;
	slot->held = 0;
	slot->told += slot->told < QUIET_FIRST;
	slot->next_us = now_us + (uint64_t)QUIET_EVERY_S * TG_US_PER_S;
	slot->sum_us = now_us + (uint64_t)QUIET_SUM_S * TG_US_PER_S;
	take_line(quiet, weight, now_us);
	return true;
}

bool quiet_take(struct quiet *quiet, enum quiet_weight weight, uint64_t now_us)
{
	const bool has = has_line(quiet, weight, now_us);

	if (has) {
		take_line(quiet, weight, now_us);
	}
	return has;
}

uint64_t quiet_expire(struct quiet *quiet, uint64_t now_us)
{
	struct quiet_slot *slots = &quiet->slots[0][0];
	uint64_t untold = quiet->crowd;

	quiet->crowd = 0;
	for (uint32_t i = 0; i < QUIET_WEIGHT_COUNT * QUIET_SLOTS; i++) {
		if (slots[i].hash != 0 && is_over(&slots[i], now_us)) {
			untold += slots[i].held;
			slots[i] = (struct quiet_slot){ 0 };
		}
	}
	return untold;
}
