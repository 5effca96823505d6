/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "engine/worker.h"

#include <poll.h>
#include <unistd.h>

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

static void test_a_thread_that_cannot_wait_says_so(void **state)
{
	static struct engine_shared shared;
	struct worker worker = { .shared = &shared, .index = 1 };
	(void)state;

	shared.thread_count = 2;
	CHECK_TRUE(bell_init(&shared.bells[0]) && bell_init(&shared.bells[1]));
	const int next_fd = dup(shared.bells[1].fd);

	close(next_fd);
	worker.loop = sys_loop_new(); /* it waits at the next free descriptor */
	CHECK_TRUE(worker_init(&worker));
	CHECK_INT(dup2(shared.bells[1].fd, next_fd), next_fd); /* which is none to wait at */
	bell_arm(&shared.bells[0]);
	CHECK_TRUE(worker_start(&worker));
	worker_join(&worker);
	CHECK_TRUE(atomic_load(&shared.failed));
	CHECK_TRUE(is_ringing(&shared.bells[0]));
	sys_loop_free(worker.loop);
	bell_deinit(&shared.bells[0]);
	bell_deinit(&shared.bells[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_role_has_a_thread),
		cmocka_unit_test(test_a_bell_is_rung_for_sleepers_only),
		cmocka_unit_test(test_a_thread_that_cannot_wait_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
