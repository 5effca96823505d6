/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "guard/share.h"

#include <stdlib.h>

enum { BUDGET = 1000, ASKED = 10000 }; /* a window */

static const uint8_t key[16] = { 9, 8, 7 };

/* A flood from `bits` of free address after `base`, and one who asks beside it once in a window. */
static const struct {
	const char *name, *base;
	unsigned free_bits;
	const char *other;
	uint32_t least, most; /* of 1000 questions of the other */
} rows[] = {
	{ "the flood is one address, the other elsewhere", "198.51.100.7", 0, "192.0.2.1", 1000, 1000 },
	{ "a /24, elsewhere", "198.51.100.0", 8, "192.0.2.1", 1000, 1000 },
	{ "a /24, the other in its /16", "198.51.100.0", 8, "198.51.7.1", 990, 1000 },
	{ "a /24, the other inside", "198.51.100.0", 8, "198.51.100.77", 40, 300 },
	{ "a /16, elsewhere in its /8", "198.51.0.0", 16, "198.50.1.1", 990, 1000 },
	{ "a /16, the other inside", "198.51.0.0", 16, "198.51.100.77", 40, 400 },
	{ "a /8, elsewhere", "198.0.0.0", 24, "192.0.2.1", 990, 1000 },
	{ "a /8, the other inside", "198.0.0.0", 24, "198.50.1.1", 40, 400 },
	{ "everywhere", "0.0.0.0", 32, "192.0.2.1", 40, 400 },
	{ "a /64, elsewhere", "2001:db8:1:1::", 64, "2001:db8:2::1", 1000, 1000 },
	{ "a /48, the other in its /32", "2001:db8:1::", 80, "2001:db8:2::1", 990, 1000 },
	{ "a /48, the other inside", "2001:db8:1::", 80, "2001:db8:1:7::1", 40, 400 },
};

static uint64_t random_state;

static uint32_t random_next(void)
{
	random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(random_state >> 32);
}

static struct tg_addr addr_of(const char *text)
{
	struct tg_addr addr;

	CHECK_TRUE(tg_addr_parse(&addr, tg_span_text(text), 4569));
	return addr;
}

static struct tg_addr forged(struct tg_addr addr, unsigned free_bits)
{
	for (unsigned bit = 0; bit < free_bits; bit++) {
		const unsigned at = 127 - bit;

		addr.ip[at / 8] = (uint8_t)((addr.ip[at / 8] & ~(1U << (7 - at % 8))) | (random_next() & 1)
		                                                                                << (7 - at % 8));
	}
	return addr;
}

static struct share *share_new(void)
{
	struct share *share = malloc(sizeof(*share));

	CHECK_TRUE(share != NULL);
	share_init(share, key);
	random_state = 1;
	return share;
}

static void test_who_asks_little_is_answered(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct share *share = share_new();
		const struct tg_addr base = addr_of(rows[i].base), other = addr_of(rows[i].other);
		uint32_t answered = 0, flooded = 0;

		for (uint64_t window = 0; window < 1100; window++) {
			const uint32_t turn = random_next() % ASKED;
			const uint64_t now_us = window * SHARE_WINDOW_US + 5;

			for (uint32_t asked = 0; asked < ASKED / 10; asked++) {
				flooded += share_allow(share, forged(base, rows[i].free_bits), BUDGET / 10, now_us) &&
				           window >= 100;
				if (asked == turn / 10) {
					answered += share_allow(share, other, BUDGET / 10, now_us) && window >= 100;
				}
			}
		}
		print_message("# %s: %u of 1000, the flood %u a window\n", rows[i].name, answered, flooded / 1000);
		CHECK_TRUE(answered >= rows[i].least && answered <= rows[i].most);
		CHECK_TRUE(flooded / 1000 <= BUDGET / 10 * 5 / 4 && flooded / 1000 >= BUDGET / 10 / 5);
		free(share);
	}
}

static void test_without_a_limit_all_are_answered(void **state)
{
	struct share *share = share_new();

	(void)state;
	for (uint32_t i = 0; i < 100000; i++) {
		CHECK_TRUE(share_allow(share, addr_of("192.0.2.1"), 0, 5));
	}
	free(share);
}

/* Whose address was forged is answered as soon as that ends: nothing is remembered. */
static void test_a_forged_network_is_forgotten(void **state)
{
	struct share *share = share_new();
	const struct tg_addr customer = addr_of("192.0.2.1");
	uint64_t window = 0;

	(void)state;
	for (; window < 100; window++) {
		for (uint32_t i = 0; i < ASKED; i++) {
			(void)share_allow(share, customer, BUDGET, window * SHARE_WINDOW_US);
		}
	}
	CHECK_FALSE(share_allow(share, customer, BUDGET, (window - 1) * SHARE_WINDOW_US));
	CHECK_TRUE(share_allow(share, customer, BUDGET, window * SHARE_WINDOW_US));
	free(share);
}

/* A flood that begins or a ceiling that falls: within ten windows the answers fit. */
static void test_it_settles(void **state)
{
	static const uint32_t budgets[] = { 4000, 400, 40, 4000 };
	struct share *share = share_new();
	uint64_t window = 0;

	(void)state;
	for (size_t i = 0; i < TG_COUNT(budgets); i++) {
		uint32_t answered = 0;

		for (int turn = 0; turn < 20; turn++, window++) {
			for (uint32_t asked = 0; asked < ASKED; asked++) {
				answered += share_allow(share, forged(addr_of("10.0.0.0"), 24), budgets[i],
				                        window * SHARE_WINDOW_US) &&
				            turn >= 10;
			}
		}
		print_message("# %u of %u a window\n", answered / 10, budgets[i]);
		CHECK_TRUE(answered / 10 <= budgets[i] * 5 / 4 && answered / 10 >= budgets[i] / 2);
	}
	free(share);
}

/* What the door can answer changes from window to window; that costs nobody who asks little. */
static void test_a_ceiling_that_falls_spares_who_asks_little(void **state)
{
	struct share *share = share_new();
	uint32_t answered = 0;

	(void)state;
	for (uint64_t window = 0; window < 1100; window++) {
		const uint32_t budget = window % 3 == 0 ? 16 : 400;

		for (uint32_t asked = 0; asked < 500; asked++) {
			(void)share_allow(share, forged(addr_of("198.51.0.0"), 16), budget, window * SHARE_WINDOW_US);
		}
		answered += share_allow(share, addr_of("198.50.1.1"), budget, window * SHARE_WINDOW_US) &&
		            window >= 100;
	}
	print_message("# %u of 1000\n", answered);
	CHECK_TRUE(answered >= 990);
	free(share);
}

/* It pauses until all had been given to everybody again, and then wants all in one window. */
static void test_a_pulse_gets_no_more_than_four_budgets(void **state)
{
	struct share *share = share_new();
	const struct tg_addr flood = addr_of("198.51.100.7"), other = addr_of("192.0.2.1");
	uint64_t now_us = 1000 * SHARE_WINDOW_US;
	(void)state;

	share->burst = 2;
	for (int pulse = 0; pulse < 20; pulse++) {
		uint32_t one = 0, all = 0, little = 0;

		for (int quiet = 0; quiet < 40; quiet++) {
			now_us += SHARE_WINDOW_US;
			(void)share_allow(share, other, BUDGET, now_us);
		}
		now_us += SHARE_WINDOW_US;
		for (uint32_t i = 0; i < ASKED; i++) {
			one += share_allow(share, flood, BUDGET, now_us);
		}
		little += share_allow(share, other, BUDGET, now_us);
		for (uint32_t i = 0; i < ASKED; i++) {
			all += share_allow(share, forged(flood, 32), BUDGET, now_us);
		}
		CHECK_TRUE(one <= 2 * BUDGET + SHARE_LEVELS);
		CHECK_UINT(little, 1); /* who asks little is still answered */
		CHECK_TRUE(one + little + all <= 4 * BUDGET);
	}
	free(share);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_asks_little_is_answered),
		cmocka_unit_test(test_without_a_limit_all_are_answered),
		cmocka_unit_test(test_a_forged_network_is_forgotten),
		cmocka_unit_test(test_it_settles),
		cmocka_unit_test(test_a_pulse_gets_no_more_than_four_budgets),
		cmocka_unit_test(test_a_ceiling_that_falls_spares_who_asks_little),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
