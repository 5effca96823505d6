/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "sys/channel.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { ROOM = 128 };

struct pair {
	struct sys_channel *a, *b;
};

static struct pair pair_new(uint32_t queue_max)
{
	struct pair pair;
	int fds[2];

	CHECK_TRUE(sys_channel_pair(fds));
	pair.a = sys_channel_new(fds[0], queue_max);
	pair.b = sys_channel_new(fds[1], queue_max);
	CHECK_TRUE(pair.a != NULL && pair.b != NULL);
	return pair;
}

static void pair_free(struct pair *pair)
{
	sys_channel_free(pair->a);
	sys_channel_free(pair->b);
}

static void test_records_arrive_whole_and_in_order(void **state)
{
	struct pair pair = pair_new(4);
	char room[ROOM];
	size_t size;
	int fd;

	(void)state;
	CHECK_INT(sys_channel_receive(pair.b, room, sizeof(room), &size, &fd), SYS_CHANNEL_NONE);
	CHECK_INT(sys_channel_send(pair.a, "one", 3, -1), SYS_CHANNEL_OK);
	CHECK_INT(sys_channel_send(pair.a, "second", 6, -1), SYS_CHANNEL_OK);
	CHECK_INT(sys_channel_receive(pair.b, room, sizeof(room), &size, &fd), SYS_CHANNEL_OK);
	CHECK_UINT(size, 3);
	CHECK_INT(fd, -1);
	CHECK_INT(sys_channel_receive(pair.b, room, sizeof(room), &size, &fd), SYS_CHANNEL_OK);
	CHECK_TRUE(size == 6 && memcmp(room, "second", 6) == 0);
	pair_free(&pair);
}

static void test_a_descriptor_rides_along_and_is_closed_on_exec(void **state)
{
	struct pair pair = pair_new(4);
	char room[ROOM];
	int ends[2], fd;
	size_t size;

	(void)state;
	CHECK_INT(pipe(ends), 0);
	CHECK_INT(sys_channel_send(pair.a, "pipe", 4, ends[1]), SYS_CHANNEL_OK);
	CHECK_INT(sys_channel_receive(pair.b, room, sizeof(room), &size, &fd), SYS_CHANNEL_OK);
	CHECK_TRUE(fd >= 0 && fd != ends[1]);
	CHECK_INT(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	CHECK_INT(write(fd, "x", 1), 1);
	CHECK_INT(read(ends[0], room, 1), 1);
	close(fd);
	close(ends[0]);
	close(ends[1]);
	pair_free(&pair);
}

/* Send numbered records, each with a descriptor, until the channel takes no more. */
static uint32_t fill(struct sys_channel *channel, int fd)
{
	uint32_t count = 0;

	for (;;) {
		const enum sys_channel_result result = sys_channel_send(channel, &count, sizeof(count), fd);

		if (result != SYS_CHANNEL_OK) {
			CHECK_INT(result, SYS_CHANNEL_FULL);
			return count;
		}
		count++;
	}
}

static void test_what_does_not_fit_waits_and_the_queue_is_bounded(void **state)
{
	struct pair pair = pair_new(5);
	uint32_t number, seen = 0;
	size_t size;
	int ends[2], fd;

	(void)state;
	CHECK_INT(pipe(ends), 0);
	const uint32_t count = fill(pair.a, ends[0]);

	CHECK_TRUE(count > 5);
	CHECK_TRUE(sys_channel_waits(pair.a));
	close(ends[0]); /* the waiting ones have their own */
	for (;;) {
		const enum sys_channel_result got = sys_channel_receive(pair.b, &number, sizeof(number), &size, &fd);

		if (got == SYS_CHANNEL_NONE) {
			break;
		}
		CHECK_INT(got, SYS_CHANNEL_OK);
		CHECK_UINT(number, seen++);
		CHECK_TRUE(fd >= 0);
		close(fd);
		CHECK_TRUE(sys_channel_flush(pair.a) != SYS_CHANNEL_ENDED);
	}
	CHECK_UINT(seen, count);
	CHECK_FALSE(sys_channel_waits(pair.a));
	close(ends[1]);
	pair_free(&pair);
}

static uint32_t taken_with_queue(uint32_t queue_max)
{
	struct pair pair = pair_new(queue_max);
	const uint32_t count = fill(pair.a, -1);

	pair_free(&pair);
	return count;
}

static void test_the_queue_is_as_long_as_said(void **state)
{
	(void)state;
	CHECK_UINT(taken_with_queue(50) - taken_with_queue(5), 45);
}

static void test_the_other_end_gone_is_told(void **state)
{
	struct pair pair = pair_new(4);
	char room[ROOM];
	size_t size;
	int fd;

	(void)state;
	CHECK_INT(sys_channel_send(pair.a, "last", 4, -1), SYS_CHANNEL_OK);
	sys_channel_free(pair.a);
	pair.a = NULL;
	CHECK_INT(sys_channel_receive(pair.b, room, sizeof(room), &size, &fd), SYS_CHANNEL_OK);
	CHECK_INT(sys_channel_receive(pair.b, room, sizeof(room), &size, &fd), SYS_CHANNEL_ENDED);
	CHECK_INT(sys_channel_send(pair.b, "x", 1, -1), SYS_CHANNEL_ENDED);
	pair_free(&pair);
}

static void send_raw(const struct sys_channel *channel, size_t size_bytes, const int *fds, size_t fd_count)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(4 * sizeof(int))];
	} control = { .room = { 0 } };
	char bytes[ROOM * 2] = { 0 };
	struct iovec part = { bytes, size_bytes };
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (fd_count > 0) {
		message.msg_control = control.room;
		message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(fd_count * sizeof(int));
		memcpy(CMSG_DATA(&control.head), fds, fd_count * sizeof(int));
	}
	CHECK_INT(sendmsg(sys_channel_fd(channel), &message, 0), (int64_t)size_bytes);
}

static int open_descriptors(void)
{
	int count = 0;

	for (int fd = 0; fd < 256; fd++) {
		count += fcntl(fd, F_GETFD) >= 0;
	}
	return count;
}

static void test_rule_breakers_are_told_and_leave_no_descriptor(void **state)
{
	static const struct {
		size_t size_bytes, fd_count;
	} cases[] = { { ROOM + 1, 0 }, { 8, 2 }, { 8, 3 }, { 8, 4 }, { ROOM + 1, 1 }, { 0, 1 } };
	const int fds[4] = { 0, 0, 0, 0 };

	(void)state;
	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct pair pair = pair_new(4);
		const int before = open_descriptors();
		char room[ROOM];
		size_t size;
		int fd;

		send_raw(pair.a, cases[i].size_bytes, fds, cases[i].fd_count);
		CHECK_INT(sys_channel_receive(pair.b, room, sizeof(room), &size, &fd), SYS_CHANNEL_BAD);
		CHECK_INT(fd, -1);
		CHECK_INT(open_descriptors(), before);
		pair_free(&pair);
	}
}

static void test_waiting_ends_at_the_deadline(void **state)
{
	struct pair pair = pair_new(4);

	(void)state;
	CHECK_FALSE(sys_channel_wait(pair.b, 0));
	CHECK_INT(sys_channel_send(pair.a, "x", 1, -1), SYS_CHANNEL_OK);
	CHECK_TRUE(sys_channel_wait(pair.b, TG_NEVER));
	pair_free(&pair);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_records_arrive_whole_and_in_order),
		cmocka_unit_test(test_a_descriptor_rides_along_and_is_closed_on_exec),
		cmocka_unit_test(test_what_does_not_fit_waits_and_the_queue_is_bounded),
		cmocka_unit_test(test_the_queue_is_as_long_as_said),
		cmocka_unit_test(test_the_other_end_gone_is_told),
		cmocka_unit_test(test_rule_breakers_are_told_and_leave_no_descriptor),
		cmocka_unit_test(test_waiting_ends_at_the_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
