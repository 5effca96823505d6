/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/inside.h"

/* Where an account proved its secret: networks, addresses with their port, and sources that are healthy for it. So many of each;
   a newer one takes the place of the one not seen for longest, so one account fills nobody else's tables. */

static uint32_t day_of(uint64_t wall_us)
{
	return (uint32_t)(wall_us / US_PER_DAY);
}

/* Of one that was not seen yet, by its day, at most as if that was when this clock began. TG_NEVER: there is none. */
static uint64_t age_us(const struct guard *guard, const struct account *account, int slot, uint64_t now_us)
{
	const struct guard_network *network = &account->networks[slot];
	const uint32_t today = day_of(guard_wall_us(guard, now_us));

	if (network->base.family == TG_NO_ADDR) {
		return TG_NEVER;
	}
	if (account->seen_us[slot] != 0) {
		return now_us - account->seen_us[slot];
	}
	/* A day to come is of a clock that was right, or will be: then it is as if that was when this one began. */
	return tg_max_u64((today - tg_min_u64(today, network->seen_day)) * US_PER_DAY, now_us - guard->clock_us);
}

uint64_t account_knows_us(const struct guard *guard, const struct account *account, int slot, uint64_t now_us)
{
	const uint64_t days = guard->limits.known_days + (account->seen_us[slot] == 0 ? UINT64_C(1) : 0);
	const uint64_t age = age_us(guard, account, slot, now_us);

	return age < days * US_PER_DAY ? days * US_PER_DAY - age : 0;
}

int account_slot(const struct guard *guard, const struct account *account, const struct who *who, uint64_t now_us)
{
	for (int i = 0; i < GUARD_NETWORKS; i++) {
		if (tg_addr_equal(account->networks[i].base, who->network) &&
		    account_knows_us(guard, account, i, now_us) > 0) {
			return i;
		}
	}
	return -1;
}

bool account_has_mark(const struct guard *guard, const struct account *account, uint32_t mark, uint64_t now_us)
{
	for (int i = 0; i < GUARD_NETWORKS; i++) {
		const struct who who = { .network = account->networks[i].base };

		if (account_knows_us(guard, account, i, now_us) > 0 && account_mark(&who) == mark) {
			return true;
		}
	}
	return false;
}

/* ---- Networks ---------------------------------------------------------------------------------------------------------- */

/* The place of this network, else a free one, else that of the one not seen for longest. */
static int network_place(const struct guard *guard, const struct account *account, struct tg_addr base, uint64_t now_us)
{
	int oldest = 0;

	for (int i = 0; i < GUARD_NETWORKS; i++) {
		if (tg_addr_equal(account->networks[i].base, base)) {
			return i;
		}
		if (age_us(guard, account, i, now_us) > age_us(guard, account, oldest, now_us)) {
			oldest = i;
		}
	}
	return oldest;
}

/* A network that no account knows any more is nobody's. */
static void release(struct guard *guard, struct account *account, int slot)
{
	struct network *network = tg_slab_find(table_slab(guard, &guard->networks), account->rows[slot]);

	account->rows[slot] = TG_NO_REF;
	if (network != NULL && --network->accounts == 0) {
		network->known_until_us = 0;
	}
}

void account_attach(struct guard *guard, struct account *account, int slot, const struct who *who, uint64_t until_us,
                    uint64_t now_us)
{
	const struct tg_slab *slab = table_slab(guard, &guard->networks);
	struct network *network = tg_slab_find(slab, account->rows[slot]);

	if (network == NULL || network->item.hash != who->network_hash) {
		release(guard, account, slot);
		network = network_take(guard, who, now_us);
		if (network == NULL) {
			return;
		}
		network->accounts++;
		account->rows[slot] = tg_slab_ref(slab, network);
	}
	network->known_until_us = tg_max_u64(network->known_until_us, until_us);
	network->silence_until_us = network->delay_until_us = 0;
}

/* @return true if the store does not know yet */
bool account_learn(struct guard *guard, struct account *account, const struct guard_try *try, const struct who *who,
                   uint64_t now_us)
{
	const int slot = network_place(guard, account, who->network, now_us);
	struct guard_network *network = &account->networks[slot];
	const bool is_new = !tg_addr_equal(network->base, who->network);
	const uint32_t before = is_new || guard->clock_is_proved ? 0 : network->seen_day;
	const uint32_t day = (uint32_t)tg_max_u64(day_of(guard_wall_us(guard, now_us)), before);
	const bool is_news = is_new || network->seen_day != day;

	if (is_new) {
		release(guard, account, slot);
		account->own_wrong[slot] = (struct bucket){ 0 };
		account->own_next_us[slot] = 0;
	}
	*network = (struct guard_network){ who->network, day };
	account->seen_us[slot] = now_us;
	if (try->proven) {
		account_attach(guard, account, slot, who, now_us + guard->limits.known_days * US_PER_DAY, now_us);
	}
	return is_news;
}

void account_see_days(struct guard *guard, struct account *account, uint64_t now_us)
{
	for (int i = 0; i < GUARD_NETWORKS; i++) {
		struct guard_network *network = &account->networks[i];
		const uint64_t seen_us = account->seen_us[i];
		const bool has_row = tg_slab_find(table_slab(guard, &guard->networks), account->rows[i]) != NULL;

		if (seen_us != 0) {
			network->seen_day = (uint32_t)tg_max_u64(network->seen_day,
			                                         day_of(guard_wall_us(guard, seen_us)));
		}
		const uint64_t left_us = account_knows_us(guard, account, i, now_us);

		if (left_us == 0) {
			release(guard, account, i);
		} else if (has_row || seen_us == 0) {
			const struct who who = guard_who(guard, network->base);

			account_attach(guard, account, i, &who, now_us + left_us, now_us);
		}
	}
}

static void mend_day(struct guard *guard, struct account *account, int slot, uint64_t now_us)
{
	struct guard_network *network = &account->networks[slot];

	if (account->seen_us[slot] == 0 && network->seen_day > day_of(guard_wall_us(guard, guard->clock_us))) {
		account->seen_us[slot] = guard->clock_us;
	}
	if (account->seen_us[slot] != 0) {
		network->seen_day = day_of(guard_wall_us(guard, account->seen_us[slot]));
	}
	if (account_knows_us(guard, account, slot, now_us) == 0) {
		release(guard, account, slot);
		*network = (struct guard_network){ .seen_day = 0 };
	}
}

bool account_mend_days(struct guard *guard, struct account *account, uint64_t now_us)
{
	bool changed = false;

	for (int i = 0; i < GUARD_NETWORKS; i++) {
		const struct guard_network before = account->networks[i];

		if (before.base.family != TG_NO_ADDR) {
			mend_day(guard, account, i, now_us);
			changed |= account->networks[i].seen_day != before.seen_day;
		}
	}
	return changed;
}

/* ---- Addresses --------------------------------------------------------------------------------------------------------- */

bool account_is_home(const struct guard *guard, const struct account *account, struct tg_addr from, uint64_t now_us)
{
	const uint64_t lately_us = guard->limits.known_days * US_PER_DAY;

	for (uint32_t i = 0; i < HOMES; i++) {
		const struct home *home = &account->homes[i];

		if (home->addr.family != TG_NO_ADDR && now_us < home->seen_us + lately_us &&
		    tg_addr_equal(home->addr, from)) {
			return true;
		}
	}
	return false;
}

bool guard_is_home(const struct guard *guard, struct tg_span account, struct tg_addr from, uint64_t now_us)
{
	const struct account *row = guard_account_find(guard, guard_name_hash(guard, account));

	return row != NULL && account_is_home(guard, row, from, now_us);
}

void account_learn_home(struct account *account, struct tg_addr from, uint64_t now_us)
{
	struct home *place = &account->homes[0];

	for (uint32_t i = 0; i < HOMES; i++) {
		struct home *home = &account->homes[i];

		if (tg_addr_equal(home->addr, from)) {
			place = home;
			break;
		}
		if (home->seen_us < place->seen_us) {
			place = home;
		}
	}
	*place = (struct home){ from, now_us };
}

/* ---- Healthy sources ------------------------------------------------------------------------------------------------ */

void account_learn_pair(struct guard *guard, struct account *account, const struct pair *pair)
{
	const struct tg_slab *slab = table_slab(guard, &guard->pairs);
	const struct tg_ref ref = tg_slab_ref(slab, pair);
	uint32_t at = 0;

	while (at < HEALTHY_SOURCES && !tg_ref_equal(account->healthy[at], ref)) {
		at++;
	}
	if (at == HEALTHY_SOURCES) {
		at = 0;
		pair_uncount(guard, tg_slab_find(slab, account->healthy[0]));
	}
	for (; at + 1 < HEALTHY_SOURCES; at++) {
		account->healthy[at] = account->healthy[at + 1];
	}
	account->healthy[HEALTHY_SOURCES - 1] = ref;
}

void account_forget(struct guard *guard, struct account *account)
{
	for (int i = 0; i < GUARD_NETWORKS; i++) {
		release(guard, account, i);
	}
	for (int i = 0; i < HEALTHY_SOURCES; i++) {
		pair_uncount(guard, tg_slab_find(table_slab(guard, &guard->pairs), account->healthy[i]));
	}
}

/* ---- Is all well? --------------------------------------------------------------------------------------------------- */

/* Each healthy pair is one of its account's, and each network is known to as many accounts as it says. */
const char *owners_check(const struct guard *guard)
{
	const struct tg_slab *accounts = table_slab(guard, &guard->accounts);
	const struct tg_slab *networks = table_slab(guard, &guard->networks);
	const struct tg_slab *pairs = table_slab(guard, &guard->pairs);
	uint64_t known = 0, healthy = 0;

	for (uint32_t i = 0; i < accounts->count; i++) {
		const struct account *account = tg_slab_at(accounts, i, NULL);

		for (int n = 0; n < GUARD_NETWORKS && account != NULL; n++) {
			known += tg_slab_find(networks, account->rows[n]) != NULL;
		}
		for (int n = 0; n < HEALTHY_SOURCES && account != NULL; n++) {
			const struct pair *pair = tg_slab_find(pairs, account->healthy[n]);

			healthy += pair != NULL && !tg_ref_is_none(pair->counted);
		}
	}
	for (uint32_t i = 0; i < networks->count; i++) {
		const struct network *network = tg_slab_at(networks, i, NULL);

		known -= network == NULL ? 0 : network->accounts;
	}
	for (uint32_t i = 0; i < pairs->count; i++) {
		const struct pair *pair = tg_slab_at(pairs, i, NULL);

		healthy -= pair != NULL && !tg_ref_is_none(pair->counted);
	}
	if (known != 0) {
		return "networks are known to other accounts than they say";
	}
	return healthy == 0 ? NULL : "a healthy source is not one of its account's";
}
