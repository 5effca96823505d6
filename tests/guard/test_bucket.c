/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/bucket.h"

#include "check.h"

static void test_burst_then_rate(void **state)
{
	static const struct {
		uint32_t rate, per_s, burst;
	} rows[] = { { 4, 1, 20 }, { 50, 1, 500 }, { 1, 60, 10 }, { 2000, 1, 2000 }, { 7, 3, 1 }, { 3, 1, 0 } };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		const struct bucket_rule rule = bucket_rule_of(rows[i].rate, rows[i].per_s, rows[i].burst);
		const uint64_t start_us = 77777777, step_us = 1000;
		const uint64_t long_us = (uint64_t)rows[i].per_s * 20 * TG_US_PER_S;
		struct bucket bucket = { 0 };
		uint64_t taken = 0;

		for (uint64_t us = 0; us < long_us; us += step_us) {
			while (bucket_has(&bucket, rule, 1, start_us + us)) {
				bucket_charge(&bucket, rule, rule.burst, start_us + us);
				taken++;
			}
			CHECK_TRUE(bucket_used(&bucket, rule, start_us + us) <= rule.burst);
		}
		/* So many at once, and the rate for the time that passed: not one more, and at most what one step is worth less. */
		const uint64_t most = rule.burst + (uint64_t)rows[i].rate * 20;

		CHECK_TRUE(taken <= most && taken + 2 >= most);
	}
}

static void test_no_rate_is_no_limit(void **state)
{
	const struct bucket_rule rule = bucket_rule_of(0, 1, 5);
	struct bucket bucket = { 0 };
	(void)state;

	for (int i = 0; i < 1000; i++) {
		CHECK_TRUE(bucket_has(&bucket, rule, 1, 5));
		bucket_charge(&bucket, rule, 0, 5);
	}
	CHECK_UINT(bucket_used(&bucket, rule, 5), 0);
}

static void test_what_does_not_fit_is_charged_to_the_ceiling(void **state)
{
	const struct bucket_rule rule = bucket_rule_of(1, 60, 10);
	struct bucket bucket = { 0 };
	(void)state;

	for (int i = 0; i < 100; i++) {
		bucket_charge(&bucket, rule, 12, TG_US_PER_S);
	}
	CHECK_UINT(bucket_used(&bucket, rule, TG_US_PER_S), 12);
	CHECK_FALSE(bucket_has(&bucket, rule, 1, TG_US_PER_S + UINT64_C(3) * 60 * TG_US_PER_S - 1));
	CHECK_UINT(bucket_when_us(&bucket, rule, 1, TG_US_PER_S), TG_US_PER_S + UINT64_C(3) * 60 * TG_US_PER_S);
	CHECK_TRUE(bucket_has(&bucket, rule, 1, TG_US_PER_S + UINT64_C(3) * 60 * TG_US_PER_S));
}

static void test_times_multiplies_rate_and_burst(void **state)
{
	const struct bucket_rule rule = bucket_times(bucket_rule_of(1, 60, 10), 32);
	(void)state;

	CHECK_UINT(rule.burst, 320);
	CHECK_UINT(rule.each_ns, UINT64_C(60000000000) / 32);
	CHECK_UINT(bucket_times(rule, 0).burst, 320);
}

static void test_far_from_the_start_of_time(void **state)
{
	const struct bucket_rule rule = bucket_rule_of(1, 60, UINT32_MAX);
	const uint64_t now_us = UINT64_C(100) * 365 * 86400 * TG_US_PER_S; /* a century */
	struct bucket bucket = { 0 };
	(void)state;

	bucket_charge(&bucket, rule, 0, now_us);
	CHECK_UINT(bucket_used(&bucket, rule, now_us), 1);
	CHECK_UINT(bucket_used(&bucket, rule, now_us + UINT64_C(60) * TG_US_PER_S), 0);
}

/* An operator's largest numbers: a bucket is full some day, whatever they are. */
static void test_a_huge_burst_is_a_limit_all_the_same(void **state)
{
	const struct bucket_rule rule = bucket_rule_of(1, 60, UINT32_MAX);
	struct bucket bucket = { 0 };
	(void)state;

	CHECK_TRUE(rule.each_ns * rule.burst / rule.burst == rule.each_ns);
	CHECK_TRUE(bucket_has(&bucket, rule, 1, 1000000));
	bucket.idle_ns = UINT64_C(1000000000) + rule.each_ns * rule.burst;
	CHECK_FALSE(bucket_has(&bucket, rule, 1, 1000000));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_burst_then_rate),
		cmocka_unit_test(test_no_rate_is_no_limit),
		cmocka_unit_test(test_what_does_not_fit_is_charged_to_the_ceiling),
		cmocka_unit_test(test_times_multiplies_rate_and_burst),
		cmocka_unit_test(test_far_from_the_start_of_time),
		cmocka_unit_test(test_a_huge_burst_is_a_limit_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
