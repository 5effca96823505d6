/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/watch.h"

#include <stdlib.h>

#include "check.h"

static const uint8_t seed[CRYPT_SEED_BYTES] = { 9 };

struct rig {
	struct events *events;
	struct watch watch;
	struct watch_sums sums;
	struct terms_now now;
};

static void rig_init(struct rig *rig)
{
	*rig = (struct rig){ .now = { 1000 * UINT64_C(1000000), 1800000000 * UINT64_C(1000000) } };
	rig->events = malloc(sizeof(*rig->events));
	CHECK_TRUE(rig->events != NULL);
	events_init(rig->events, seed);
	watch_init(&rig->watch, rig->events, rig->now.now_us);
}

static void look(struct rig *rig)
{
	rig->now.now_us += WATCH_US;
	rig->now.wall_us += WATCH_US;
	watch_look(&rig->watch, &rig->sums, rig->now);
}

static uint32_t count(const struct rig *rig, enum model_event_kind kind, uint64_t *sum)
{
	uint32_t found = 0;

	for (uint32_t i = 0; i < rig->events->count; i++) {
		if (rig->events->waiting[i].kind == kind) {
			CHECK_UINT(rig->events->waiting[i].validated, 0);
			*sum += rig->events->waiting[i].count;
			found++;
		}
	}
	return found;
}

static void test_shedding_begins_and_ends_once(void **state)
{
	struct rig rig;
	uint64_t sum = 0;
	(void)state;

	rig_init(&rig);
	for (int i = 0; i < 30; i++) {
		rig.sums.shed += 100;
		look(&rig);
	}
	CHECK_UINT(count(&rig, MODEL_EVENT_SHED_START, &sum), 1);
	CHECK_UINT(count(&rig, MODEL_EVENT_SHED_STOP, &sum), 0);
	for (int i = 0; i < 10; i++) {
		look(&rig);
	}
	sum = 0;
	CHECK_UINT(count(&rig, MODEL_EVENT_SHED_STOP, &sum), 1);
	CHECK_UINT(sum, 3000);
	free(rig.events);
}

static void test_shedding_that_comes_and_goes_is_one_pair_in_ten_seconds(void **state)
{
	struct rig rig;
	uint64_t sum = 0, stopped = 0;
	(void)state;

	rig_init(&rig);
	for (int i = 0; i < 100; i++) {
		rig.sums.shed += i % 5 == 0 ? 10 : 0;
		look(&rig);
	}
	CHECK_TRUE(count(&rig, MODEL_EVENT_SHED_START, &sum) <= 10);
	CHECK_TRUE(count(&rig, MODEL_EVENT_SHED_START, &sum) >= 5);
	for (int i = 0; i < 20; i++) {
		look(&rig);
	}
	/* Each start that is told has its end; more than a few of these events are held back as all others are. */
	CHECK_TRUE(count(&rig, MODEL_EVENT_SHED_STOP, &stopped) >= 5);
	CHECK_TRUE(stopped >= 100 && stopped <= 200);
	free(rig.events);
}

static void test_sums_are_told_once_a_minute(void **state)
{
	struct rig rig;
	uint64_t refused = 0, evicted = 0;
	(void)state;

	rig_init(&rig);
	look(&rig);
	CHECK_UINT(rig.events->count, 0);
	for (int i = 0; i < 181; i++) {
		rig.sums.refused += 1000;
		rig.sums.evicted += 3;
		look(&rig);
	}
	CHECK_UINT(count(&rig, MODEL_EVENT_TOKEN_MISSING, &refused), 4);
	CHECK_UINT(refused, 181000);
	CHECK_UINT(count(&rig, MODEL_EVENT_HALF_OPEN, &evicted), 4);
	CHECK_UINT(evicted, 181 * 3);
	free(rig.events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shedding_begins_and_ends_once),
		cmocka_unit_test(test_shedding_that_comes_and_goes_is_one_pair_in_ten_seconds),
		cmocka_unit_test(test_sums_are_told_once_a_minute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
