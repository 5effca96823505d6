/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "sys/clock.h"
#include "sys/loop.h"

#include <signal.h>
#include <unistd.h>

struct seen {
	struct sys_loop *loop;
	int calls;
	unsigned ready;
	int remove_fd; /* -1: none */
};

static void on_ready(void *owner, int fd, unsigned ready)
{
	struct seen *seen = owner;

	(void)fd;
	seen->calls++;
	seen->ready |= ready;
	if (seen->remove_fd >= 0) {
		sys_loop_remove(seen->loop, seen->remove_fd);
	}
}

static void test_handlers_are_called_for_what_is_ready(void **state)
{
	struct seen seen = { .loop = sys_loop_new(), .remove_fd = -1 };
	int ends[2];

	(void)state;
	CHECK_INT(pipe(ends), 0);
	CHECK_TRUE(sys_loop_add(seen.loop, ends[0], SYS_LOOP_READ, on_ready, &seen));
	CHECK_INT(sys_loop_turn(seen.loop, 0), 0);
	CHECK_INT(write(ends[1], "x", 1), 1);
	CHECK_INT(sys_loop_turn(seen.loop, TG_NEVER), 1);
	CHECK_UINT(seen.ready, SYS_LOOP_READ);
	sys_loop_change(seen.loop, ends[0], 0);
	CHECK_INT(sys_loop_turn(seen.loop, 0), 0);
	close(ends[1]);
	CHECK_INT(sys_loop_turn(seen.loop, TG_NEVER), 1);
	CHECK_TRUE((seen.ready & SYS_LOOP_ENDED) != 0);
	sys_loop_remove(seen.loop, ends[0]);
	close(ends[0]);
	sys_loop_free(seen.loop);
}

static void test_an_event_of_a_removed_descriptor_is_dropped(void **state)
{
	struct seen seen = { .loop = sys_loop_new() };
	int first[2], second[2];

	(void)state;
	CHECK_INT(pipe(first), 0);
	CHECK_INT(pipe(second), 0);
	/* Whichever comes first removes both. */
	struct seen a = { .loop = seen.loop, .remove_fd = second[0] }, b = { .loop = seen.loop, .remove_fd = first[0] };

	CHECK_TRUE(sys_loop_add(seen.loop, first[0], SYS_LOOP_READ, on_ready, &a));
	CHECK_TRUE(sys_loop_add(seen.loop, second[0], SYS_LOOP_READ, on_ready, &b));
	CHECK_INT(write(first[1], "x", 1), 1);
	CHECK_INT(write(second[1], "x", 1), 1);
	CHECK_INT(sys_loop_turn(seen.loop, TG_NEVER), 1);
	CHECK_INT(a.calls + b.calls, 1);
	sys_loop_free(seen.loop);
	for (int i = 0; i < 2; i++) {
		close(first[i]);
		close(second[i]);
	}
}

static void test_many_descriptors_keep_their_handlers(void **state)
{
	enum { MANY = 50 };
	struct sys_loop *loop = sys_loop_new();
	struct seen seen[MANY];
	int ends[MANY][2];

	(void)state;
	for (int i = 0; i < MANY; i++) {
		seen[i] = (struct seen){ .loop = loop, .remove_fd = -1 };
		CHECK_INT(pipe(ends[i]), 0);
		CHECK_TRUE(sys_loop_add(loop, ends[i][0], SYS_LOOP_READ, on_ready, &seen[i]));
	}
	CHECK_INT(write(ends[7][1], "x", 1), 1);
	CHECK_INT(write(ends[49][1], "x", 1), 1);
	CHECK_INT(sys_loop_turn(loop, TG_NEVER), 2);
	for (int i = 0; i < MANY; i++) {
		CHECK_INT(seen[i].calls, i == 7 || i == 49 ? 1 : 0);
		close(ends[i][0]);
		close(ends[i][1]);
	}
	sys_loop_free(loop);
}

static void test_the_turn_ends_at_the_deadline(void **state)
{
	struct sys_loop *loop = sys_loop_new();
	const uint64_t start_us = sys_clock_us();

	(void)state;
	CHECK_INT(sys_loop_turn(loop, start_us + 3000), 0);
	CHECK_TRUE(sys_clock_us() - start_us >= 3000);
	CHECK_INT(sys_loop_turn(loop, start_us), 0);
	sys_loop_free(loop);
}

static void test_signals_come_by_descriptor(void **state)
{
	static const int signals[] = { SIGHUP, SIGUSR1 };
	const int fd = sys_signals_open(signals, TG_COUNT(signals));

	(void)state;
	CHECK_TRUE(fd >= 0);
	CHECK_INT(sys_signals_take(fd), 0);
	raise(SIGUSR1);
	CHECK_INT(sys_signals_take(fd), SIGUSR1);
	CHECK_INT(sys_signals_take(fd), 0);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handlers_are_called_for_what_is_ready),
		cmocka_unit_test(test_an_event_of_a_removed_descriptor_is_dropped),
		cmocka_unit_test(test_many_descriptors_keep_their_handlers),
		cmocka_unit_test(test_the_turn_ends_at_the_deadline),
		cmocka_unit_test(test_signals_come_by_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
