/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/inside.h"

/*
 * Two clocks. The monotonic one measures how long things last. The wall clock may be wrong at the start, on a board without a
 * battery by decades, and is set right later; it is asked only for what the store keeps, and where a day comes from there.
 *
 * So times of accounts are kept on a clock of our own, which never steps and began long before all of them; what is
 * stored is turned into wall time as it is told. After a step all of it is told again. Days that the store gave are believed
 * more than the clock at first, and the clock more than them once it has stood for a while.
 */

enum { STEP_S = 60, PROOF_S = 3600 };

#define OWN_START_US (UINT64_C(1) << 60)
#define WALL_MAX_US (UINT64_C(1) << 57)
#define WALL_MIN_US \
	(UINT64_C(1700000000) * TG_US_PER_S) /* this was written after it, and no clock that says otherwise is right */

uint64_t guard_own_us(uint64_t now_us)
{
	return OWN_START_US + now_us;
}

static uint64_t wall_of(const struct guard *guard, uint64_t own_us)
{
	const int64_t wall_us = (int64_t)own_us + guard->wall_ahead_us;

	return wall_us > 0 ? (uint64_t)wall_us : 0;
}

uint64_t guard_wall_us(const struct guard *guard, uint64_t now_us)
{
	return wall_of(guard, guard_own_us(now_us));
}

uint64_t guard_wall_ms_of(const struct guard *guard, uint64_t own_us)
{
	return own_us == 0 ? 0 : wall_of(guard, own_us) / TG_US_PER_MS;
}

uint64_t guard_own_us_of(const struct guard *guard, uint64_t wall_ms)
{
	const uint64_t wall_us = tg_min_u64(wall_ms, WALL_MAX_US / TG_US_PER_MS) * TG_US_PER_MS;

	return (uint64_t)((int64_t)wall_us - guard->wall_ahead_us);
}

static int64_t ahead_of(uint64_t wall_us, uint64_t now_us)
{
	return (int64_t)tg_min_u64(wall_us, WALL_MAX_US) - (int64_t)guard_own_us(now_us);
}

void clock_init(struct guard *guard, uint64_t wall_us, uint64_t now_us)
{
	guard->wall_ahead_us = ahead_of(wall_us, now_us);
	guard->clock_us = now_us;
}

/* Which networks are known is asked of all accounts anew. */
static void forget_known(struct guard *guard)
{
	const struct tg_slab *slab = table_slab(guard, &guard->networks);

	for (uint32_t i = 0; i < slab->count; i++) {
		struct network *network = tg_slab_at(slab, i, NULL);

		if (network != NULL) {
			network->known_until_us = 0;
		}
	}
}

static void each_account(struct guard *guard, void (*on)(struct guard *, struct account *, int64_t, uint64_t),
                         int64_t step_us, uint64_t now_us)
{
	const struct tg_slab *slab = table_slab(guard, &guard->accounts);

	for (uint32_t i = 0; i < slab->count; i++) {
		struct account *account = tg_slab_at(slab, i, NULL);

		if (account != NULL) {
			on(guard, account, step_us, now_us);
		}
	}
}

static void on_step(struct guard *guard, struct account *account, int64_t step_us, uint64_t now_us)
{
	account_on_step(guard, account, step_us, now_us);
	account_see_days(guard, account, now_us);
	if (account->told_us != 0) {
		account_changed(guard, account, now_us);
	}
}

static void on_proof(struct guard *guard, struct account *account, int64_t step_us, uint64_t now_us)
{
	(void)step_us;
	const bool until_changed = account_on_proof(guard, account, now_us);
	const bool days_changed = account_mend_days(guard, account, now_us);

	if (until_changed || days_changed) {
		account_changed(guard, account, now_us);
	}
}

bool guard_set_wall(struct guard *guard, uint64_t wall_us, uint64_t now_us)
{
	const int64_t ahead_us = ahead_of(wall_us, now_us);
	const int64_t step_us = ahead_us - guard->wall_ahead_us;
	const int64_t most_us = STEP_S * (int64_t)TG_US_PER_S;

	guard->wall_ahead_us = ahead_us;
	if (step_us > most_us || step_us < -most_us) {
		guard->clock_us = now_us;
		guard->clock_is_proved = false;
		forget_known(guard);
		each_account(guard, on_step, step_us, now_us);
		return true;
	}
	if (!guard->clock_is_proved && wall_us >= WALL_MIN_US &&
	    now_us >= guard->clock_us + (uint64_t)PROOF_S * TG_US_PER_S) {
		guard->clock_is_proved = true;
		each_account(guard, on_proof, 0, now_us);
	}
	return false;
}
