/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "engine/worker.h"

#include <poll.h>

static const struct {
	uint32_t threads, relays;      /* asked for, and there */
	uint32_t want, door, relay[4]; /* the switch has thread 0 */
} plans[] = {
	{ 1, 1, 1, 0, { 0 } }, { 1, 3, 1, 0, { 0, 0, 0 } }, { 2, 1, 2, 1, { 0 } },          { 2, 2, 2, 1, { 0, 0 } },
	{ 3, 1, 3, 1, { 2 } }, { 5, 3, 5, 1, { 2, 3, 4 } }, { 4, 4, 4, 1, { 2, 3, 2, 3 } }, { 9, 2, 4, 1, { 2, 3 } },
};

static void test_every_role_has_a_thread(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(plans); i++) {
		const struct worker_plan plan = worker_plan_of(plans[i].threads, plans[i].relays);

		print_message("# %u threads, %u relays\n", plans[i].threads, plans[i].relays);
		CHECK_UINT(plan.threads, plans[i].want);
		CHECK_UINT(plan.door, plans[i].door);
		for (uint32_t relay = 0; relay < plans[i].relays; relay++) {
			CHECK_UINT(plan.relays[relay], plans[i].relay[relay]);
			CHECK_TRUE(plan.relays[relay] < plan.threads);
		}
	}
}

static bool is_ringing(const struct bell *bell)
{
	struct pollfd wait = { .fd = bell->fd, .events = POLLIN };

	return poll(&wait, 1, 0) == 1;
}

static void test_a_bell_is_rung_for_sleepers_only(void **state)
{
	struct bell bell;

	(void)state;
	CHECK_TRUE(bell_init(&bell));
	bell_ring(&bell); /* nobody sleeps: no system call */
	CHECK_FALSE(is_ringing(&bell));
	bell_arm(&bell);
	bell_ring(&bell);
	bell_ring(&bell);
	CHECK_TRUE(is_ringing(&bell));
	bell_disarm(&bell);
	bell_heard(&bell);
	CHECK_FALSE(is_ringing(&bell));
	bell_ring(&bell);
	CHECK_FALSE(is_ringing(&bell));
	bell_deinit(&bell);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_role_has_a_thread),
		cmocka_unit_test(test_a_bell_is_rung_for_sleepers_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
