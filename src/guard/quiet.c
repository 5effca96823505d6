/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/quiet.h"

#include "crypt/hash.h"

#include <string.h>

enum { PROBES = 8 };

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
static struct quiet_slot *slot_for(struct quiet *quiet, uint64_t hash, uint64_t now_us)
{
	struct quiet_slot *best = NULL;

	for (uint32_t i = 0; i < PROBES; i++) {
		struct quiet_slot *slot = &quiet->slots[(hash + i) % QUIET_SLOTS];

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

static bool is_due(struct quiet *quiet, const struct quiet_slot *slot, uint64_t now_us)
{
	const uint64_t second = now_us / TG_US_PER_S;

	if (second != quiet->second) {
		quiet->second = second;
		quiet->lines = 0;
	}
	return quiet->lines < QUIET_PER_S && (slot->told < QUIET_FIRST || now_us >= slot->next_us);
}

bool quiet_allow(struct quiet *quiet, uint32_t kind, struct tg_addr from, struct tg_span account, uint32_t *held,
                 uint64_t now_us)
{
	struct quiet_slot *slot = slot_for(quiet, hash_of(quiet, kind, from, account), now_us);

	if (!is_due(quiet, slot, now_us)) {
		slot->held++;
		*held = 0;
		return false;
	}
	*held = slot->held;
	slot->held = 0;
	slot->told += slot->told < QUIET_FIRST;
	slot->next_us = now_us + (uint64_t)QUIET_EVERY_S * TG_US_PER_S;
	slot->sum_us = now_us + (uint64_t)QUIET_SUM_S * TG_US_PER_S;
	quiet->lines++;
	return true;
}

uint64_t quiet_expire(struct quiet *quiet, uint64_t now_us)
{
	uint64_t untold = quiet->crowd;

	quiet->crowd = 0;
	for (uint32_t i = 0; i < QUIET_SLOTS; i++) {
		struct quiet_slot *slot = &quiet->slots[i];

		if (slot->hash != 0 && is_over(slot, now_us)) {
			untold += slot->held;
			*slot = (struct quiet_slot){ 0 };
		}
	}
	return untold;
}
