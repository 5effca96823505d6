/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "desk/desk.h"
#include "desk/show.h"
#include "desk_world.h"
#include "ipc/msg.h"
#include "sys/channel.h"
#include "sys/clock.h"
#include "sys/memfile.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* The real process, sandbox and all, between a parent, an engine and a store that this test plays. */

enum { WAIT_US = 5 * TG_US_PER_S, TEXT_BYTES = 1 << 20 };

static struct {
	pid_t pid;
	char path[64];
	int listener;
	struct sys_channel *parent, *engine, *store;
} stage;

/* Ends a test that hangs. */
static void alarm_for(unsigned seconds)
{
	alarm(seconds);
}

static struct sys_channel *channel_of(int fd)
{
	struct sys_channel *channel = sys_channel_new(fd, 4096);

	CHECK_TRUE(channel != NULL);
	return channel;
}

static void give(const void *record, size_t size, int fd)
{
	CHECK_UINT(sys_channel_send(stage.parent, record, size, fd), SYS_CHANNEL_OK);
}

static void answer(struct sys_channel *from, const void *record, size_t size)
{
	while (sys_channel_waits(from)) {
		usleep(1000);
		CHECK_TRUE(sys_channel_flush(from) != SYS_CHANNEL_ENDED);
	}
	CHECK_UINT(sys_channel_send(from, record, size, -1), SYS_CHANNEL_OK);
}

/* The next record that the desk sends to somebody. */
static union ipc_any hear(struct sys_channel *at, enum ipc_proc who)
{
	union ipc_any record;
	size_t size = 0;
	int fd = -1;

	CHECK_TRUE(sys_channel_wait(at, sys_clock_us() + WAIT_US));
	CHECK_UINT(sys_channel_receive(at, &record, sizeof(record), &size, &fd), SYS_CHANNEL_OK);
	CHECK_TEXT(ipc_check(PROC_DESK, who, &record, size), NULL);
	CHECK_INT(fd, -1);
	return record;
}

static struct sys_channel *connect_peer(enum ipc_proc who, uint32_t incarnation)
{
	const struct ipc_channel record = { .head.kind = IPC_CHANNEL, .to = who, .incarnation = incarnation };
	int fds[2];

	CHECK_TRUE(sys_channel_pair(fds));
	give(&record, sizeof(record), fds[1]);
	close(fds[1]);
	return channel_of(fds[0]);
}

static void give_world(void)
{
	size_t size = 0;
	struct world *world = desk_world(&size);
	const struct ipc_image image = { .head.kind = IPC_WORLD, .generation = 7, .size_bytes = size };
	const int fd = sys_memfile_sealed("world", (struct tg_span){ (const uint8_t *)world, size });

	CHECK_TRUE(fd >= 0);
	give(&image, sizeof(image), fd);
	close(fd);
	free(world);
}

static void give_listener(void)
{
	const struct ipc_plain record = { .head.kind = IPC_LISTENER };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	snprintf(stage.path, sizeof(stage.path), "/tmp/tg-test-desk-%d.ctl", (int)getpid());
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", stage.path);
	unlink(stage.path);
	stage.listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK_TRUE(bind(stage.listener, (const struct sockaddr *)&addr, sizeof(addr)) == 0);
	CHECK_TRUE(listen(stage.listener, 64) == 0);
	give(&record, sizeof(record), stage.listener);
}

static int setup(void **state)
{
	int fds[2];

	(void)state;
	alarm_for(60);
	CHECK_TRUE(sys_channel_pair(fds));
	stage.pid = fork();
	CHECK_TRUE(stage.pid >= 0);
	if (stage.pid == 0) {
		close(fds[0]);
		_exit(desk_main(fds[1]));
	}
	close(fds[1]);
	stage.parent = channel_of(fds[0]);
	stage.engine = connect_peer(PROC_ENGINE, 1);
	stage.store = connect_peer(PROC_STORE, 1);
	give_listener();
	give_world();
	CHECK_UINT(hear(stage.parent, PROC_PARENT).head.kind, IPC_READY);
	return 0;
}

static int teardown(void **state)
{
	const struct ipc_plain stop = { .head.kind = IPC_STOP };
	int status = -1;

	(void)state;
	give(&stop, sizeof(stop), -1);
	CHECK_INT(waitpid(stage.pid, &status, 0), stage.pid);
	CHECK_TRUE(WIFEXITED(status));
	CHECK_INT(WEXITSTATUS(status), 0);
	sys_channel_free(stage.parent);
	sys_channel_free(stage.engine);
	sys_channel_free(stage.store);
	close(stage.listener);
	unlink(stage.path);
	alarm_for(0);
	return 0;
}

/* ---- Clients ---- */

static int client_open(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const struct timeval limit = { .tv_sec = 8 };

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", stage.path);
	CHECK_TRUE(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)) == 0);
	CHECK_TRUE(connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0);
	return fd;
}

static void say(int fd, const char *text)
{
	CHECK_INT(send(fd, text, strlen(text), MSG_NOSIGNAL), (int64_t)strlen(text));
}

/* Everything up to the end mark, which is part of it. */
static const char *read_answer(int fd)
{
	static char text[TEXT_BYTES];
	size_t len = 0;

	for (;;) {
		const ssize_t got = recv(fd, text + len, 1, 0);

		CHECK_TRUE(got == 1 && len + 2 < sizeof(text));
		len++;
		text[len] = '\0';
		if (text[len - 1] == '\n') {
			const char *mark = strstr(text, "\001END ");

			if (mark != NULL && strchr(mark, '\n') != NULL) {
				return text;
			}
		}
	}
}

/* What comes, up to this end of it. */
static const char *read_until(int fd, const char *end)
{
	static char text[TEXT_BYTES];
	size_t len = 0;

	do {
		CHECK_TRUE(len + 2 < sizeof(text) && recv(fd, text + len, 1, 0) == 1);
		text[++len] = '\0';
	} while (len < strlen(end) || strcmp(text + len - strlen(end), end) != 0);
	return text;
}

static bool is_closed(int fd)
{
	char c;

	return recv(fd, &c, 1, 0) <= 0;
}

/* ---- Tests ---- */

static void test_a_command_of_its_own(void **state)
{
	const int fd = client_open();

	(void)state;
	say(fd, "core show version\n");
	CHECK_TEXT(read_answer(fd), "Tollgate " TG_VERSION "\nConfiguration generation 7\n\001END 0\n");
	say(fd, "xyzzy\n");
	CHECK_TEXT(read_answer(fd), "No such command: 'xyzzy'\nTry: core show help\n\001END 2\n");
	say(fd, "core show version please\n");
	CHECK_TEXT(read_answer(fd), "Usage: core show version\n       which version runs\n\001END 2\n");
	say(fd, "\r\n");
	CHECK_TEXT(read_answer(fd), "\001END 0\n");
	say(fd, "core complete iax2 show peer \n");
	CHECK_TEXT(read_answer(fd), "alice\nbob\ncarol-with-a-long-name\n\001END 0\n");
	close(fd);
}

static void test_rows_of_the_engine(void **state)
{
	const int fd = client_open();
	struct ipc_registry_row row = {
		.head.kind = IPC_REGISTRY_ROW, .host = "192.0.2.1", .username = "us", .state = "Registered"
	};
	struct ipc_rows_end end = { .head.kind = IPC_ROWS_END, .rows = 1 };

	(void)state;
	say(fd, "iax2 show registry\n");
	const union ipc_any asked = hear(stage.engine, PROC_ENGINE);
	const struct ipc_query *query = (const void *)&asked;

	CHECK_UINT(query->head.kind, IPC_QUERY);
	CHECK_UINT(query->what, IPC_ASK_REGISTRY);
	row.query = query->query + 1; /* somebody else's question */
	answer(stage.engine, &row, sizeof(row));
	row.query = end.query = query->query;
	answer(stage.engine, &row, sizeof(row));
	answer(stage.engine, &end, sizeof(end));
	const char *text = read_answer(fd);

	CHECK_TRUE(strstr(text, "1 IAX2 registrations.\n\001END 0\n") != NULL);
	close(fd);
}

static void test_two_questions_for_one_command(void **state)
{
	const int fd = client_open();
	struct ipc_rows_end end = { .head.kind = IPC_ROWS_END };

	(void)state;
	say(fd, "core show calls\n");
	for (unsigned i = 0; i < 2; i++) {
		const union ipc_any asked = hear(stage.engine, PROC_ENGINE);

		end.query = ((const struct ipc_query *)(const void *)&asked)->query;
		answer(stage.engine, &end, sizeof(end));
	}
	CHECK_TEXT(read_answer(fd), "0 active calls\n0 calls processed\n\001END 0\n");
	close(fd);
}

static void test_records_of_the_store_with_a_limit(void **state)
{
	const int fd = client_open();
	struct ipc_rows_end end = { .head.kind = IPC_ROWS_END };

	(void)state;
	say(fd, "cdr show 7\n");
	const union ipc_any asked = hear(stage.store, PROC_STORE);
	const struct ipc_query *query = (const void *)&asked;

	CHECK_UINT(query->what, IPC_ASK_RECORDS);
	CHECK_UINT(query->limit, 7);
	end.query = query->query;
	answer(stage.store, &end, sizeof(end));
	CHECK_TRUE(strstr(read_answer(fd), "0 call records\n\001END 0\n") != NULL);
	close(fd);
}

/* The store is told who changed what, and what came of it. */
static void check_audit(const char *command, uint32_t failed, const char *result)
{
	const union ipc_any told = hear(stage.store, PROC_STORE);
	const struct ipc_audit *audit = (const void *)&told;

	CHECK_UINT(audit->head.kind, IPC_AUDIT);
	CHECK_UINT(audit->audit.uid, getuid());
	CHECK_UINT(audit->audit.failed, failed);
	CHECK_TEXT(audit->audit.command, command);
	CHECK_TEXT(audit->audit.result, result);
	CHECK_TRUE(audit->audit.wall_ms > UINT64_C(1700000000000));
}

static void test_orders_and_what_the_parent_says(void **state)
{
	static const struct {
		uint32_t failed;
		const char *want;
	} rows[] = {
		{ 0, "iax.conf:3: bindport: a note\nReloaded.\n\001END 0\n" },
		{ 1, "iax.conf:3: bindport: a note\nNot done.\n\001END 1\n" },
	};
	const int fd = client_open();

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct ipc_text text = { .head.kind = IPC_TEXT, .text = "iax.conf:3: bindport: a note" };
		struct ipc_done done = { .head.kind = IPC_DONE, .failed = rows[i].failed };

		say(fd, "iax2 reload\n");
		const union ipc_any asked = hear(stage.parent, PROC_PARENT);
		const struct ipc_command *command = (const void *)&asked;

		CHECK_UINT(command->head.kind, IPC_COMMAND);
		CHECK_UINT(command->what, IPC_DO_RELOAD);
		text.query = done.query = command->query;
		give(&text, sizeof(text), -1);
		give(&done, sizeof(done), -1);
		CHECK_TEXT(read_answer(fd), rows[i].want);
		check_audit("iax2 reload", rows[i].failed, "iax.conf:3: bindport: a note");
	}
	close(fd);
}

static void test_wishes_go_to_the_engine_and_into_the_audit_log(void **state)
{
	static const struct {
		uint32_t failed;
		const char *answer, *want;
	} rows[] = {
		{ 0, "203.0.113.5 is banned", "203.0.113.5 is banned\n\001END 0\n" },
		{ 1, "it is our own address", "it is our own address\nNot done.\n\001END 1\n" },
	};
	const int fd = client_open();
	char who[32];

	(void)state;
	snprintf(who, sizeof(who), "uid %u", (unsigned)getuid());
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct ipc_text text = { .head.kind = IPC_TEXT };
		struct ipc_done done = { .head.kind = IPC_DONE, .failed = rows[i].failed };

		say(fd, "guard ban 203.0.113.5 for 10m reason he tries\n");
		const union ipc_any asked = hear(stage.engine, PROC_ENGINE);
		const struct ipc_guard_do *wish = (const void *)&asked;

		CHECK_UINT(wish->head.kind, IPC_GUARD_DO);
		CHECK_UINT(wish->what, IPC_GUARD_BAN);
		CHECK_UINT(wish->for_s, 600);
		CHECK_TEXT(wish->who, who);
		CHECK_TEXT(wish->text, "he tries");
		snprintf(text.text, sizeof(text.text), "%s", rows[i].answer);
		text.query = done.query = wish->query;
		answer(stage.engine, &text, sizeof(text));
		answer(stage.engine, &done, sizeof(done));
		CHECK_TEXT(read_answer(fd), rows[i].want);
		check_audit("guard ban 203.0.113.5 for 10m reason he tries", rows[i].failed, rows[i].answer);
	}
	say(fd, "guard ban nowhere reason x\n"); /* reaches nobody, and changes nothing */
	CHECK_TRUE(strstr(read_answer(fd), "Nothing was changed.\n\001END 2\n") != NULL);
	CHECK_FALSE(sys_channel_wait(stage.engine, sys_clock_us() + 100 * TG_US_PER_MS));
	CHECK_FALSE(sys_channel_wait(stage.store, sys_clock_us() + 100 * TG_US_PER_MS));
	close(fd);
}

static void test_deeds_go_to_the_engine_and_into_the_audit_log(void **state)
{
	static const struct {
		const char *answer, *want;
		unsigned failed;
	} rows[] = {
		{ "Peer alice unregistered", "Peer alice unregistered\n\001END 0\n", 0 },
		{ "Peer alice not registered", "Peer alice not registered\n\001END 1\n", 1 },
	};
	const int fd = client_open();

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct ipc_text text = { .head.kind = IPC_TEXT };
		struct ipc_done done = { .head.kind = IPC_DONE, .failed = rows[i].failed };

		say(fd, "iax2 unregister alice\n");
		const union ipc_any asked = hear(stage.engine, PROC_ENGINE);
		const struct ipc_engine_do *deed = (const void *)&asked;

		CHECK_UINT(deed->head.kind, IPC_ENGINE_DO);
		CHECK_UINT(deed->what, IPC_ENGINE_UNREGISTER);
		CHECK_TEXT(deed->name, "alice");
		snprintf(text.text, sizeof(text.text), "%s", rows[i].answer);
		text.query = done.query = deed->query;
		answer(stage.engine, &text, sizeof(text));
		answer(stage.engine, &done, sizeof(done));
		CHECK_TEXT(read_answer(fd), rows[i].want);
		check_audit("iax2 unregister alice", rows[i].failed, rows[i].answer);
	}
	close(fd);
}

/* Frames as they come, until another line; and the last ones for who comes later. */
static void test_frames_are_followed(void **state)
{
	struct ipc_trace trace = { .head.kind = IPC_TRACE, .text = "Rx-Frame\n   SCall: 1 \033[31m\n\n" };
	const int fd = client_open(), other = client_open();

	(void)state;
	say(fd, "iax2 follow debug\n");
	say(other, "core show version\n");
	(void)read_answer(other); /* by now the first is known to follow */
	answer(stage.engine, &trace, sizeof(trace));
	CHECK_TEXT(read_until(fd, "\n\n"), "Rx-Frame\n   SCall: 1 ?[31m\n\n");
	snprintf(trace.text, sizeof(trace.text), "Tx-Frame\n\n");
	answer(stage.engine, &trace, sizeof(trace));
	CHECK_TEXT(read_until(fd, "\n\n"), "Tx-Frame\n\n");
	say(other, "iax2 show debug 2\n");
	CHECK_TEXT(read_answer(other), "Tx-Frame\n\n\001END 0\n");
	say(fd, "core show version\n");
	CHECK_TEXT(read_answer(fd), "\001END 0\n");
	CHECK_TEXT(read_answer(fd), "Tollgate " TG_VERSION "\nConfiguration generation 7\n\001END 0\n");
	close(fd);
	close(other);
}

/* Who follows and reads nothing holds nobody up, and is dropped in the end. */
static void test_a_follower_that_reads_nothing(void **state)
{
	struct ipc_trace trace = { .head.kind = IPC_TRACE };
	const int fd = client_open(), other = client_open();

	(void)state;
	memset(trace.text, 'x', sizeof(trace.text) - 2);
	say(fd, "iax2 follow debug\n");
	for (int i = 0; i < 2000; i++) {
		answer(stage.engine, &trace, sizeof(trace));
		if (i % 100 == 0) {
			say(other, "core show version\n");
			CHECK_TRUE(strstr(read_answer(other), "Tollgate ") != NULL);
		}
	}
	close(fd);
	say(other, "core show version\n");
	CHECK_TRUE(strstr(read_answer(other), "Tollgate ") != NULL);
	close(other);
}

static void test_a_wish_that_is_not_answered_is_in_the_audit_log(void **state)
{
	const int fd = client_open();

	(void)state;
	say(fd, "guard observe on\n");
	(void)hear(stage.engine, PROC_ENGINE);
	CHECK_TEXT(read_answer(fd), "The process engine did not answer in 2 s; it may still do it\n\001END 1\n");
	check_audit("guard observe on", 1, "did not answer in 2 s; it may still do it");
	close(fd);
}

static void test_events_are_asked_for_by_network_and_id(void **state)
{
	const int fd = client_open();
	struct ipc_rows_end end = { .head.kind = IPC_ROWS_END };

	(void)state;
	say(fd, "security show events 203.0.113.0/24 7\n");
	union ipc_any asked = hear(stage.store, PROC_STORE);
	const struct ipc_query *query = (const void *)&asked;

	CHECK_UINT(query->what, IPC_ASK_EVENTS);
	CHECK_UINT(query->limit, 7);
	CHECK_UINT(query->bits, 24);
	CHECK_TRUE(tg_addr_equal(query->addr, desk_addr("203.0.113.0")));
	end.query = query->query;
	answer(stage.store, &end, sizeof(end));
	CHECK_TRUE(strstr(read_answer(fd), "0 events\n\001END 0\n") != NULL);
	say(fd, "explain 019f3f5a7c0100000000000000001234\n");
	asked = hear(stage.store, PROC_STORE);
	CHECK_UINT(query->id.time, UINT64_C(0x019f3f5a7c010000));
	CHECK_UINT(query->id.salt, 0x1234);
	end.query = query->query;
	answer(stage.store, &end, sizeof(end));
	CHECK_TRUE(strstr(read_answer(fd), "No event has the id") != NULL);
	close(fd);
}

static void test_a_process_that_does_not_answer(void **state)
{
	const int fd = client_open(), other = client_open();
	const uint64_t began_us = sys_clock_us();

	(void)state;
	say(fd, "iax2 show registry\n");
	say(other, "core show version\n");
	CHECK_TRUE(strstr(read_answer(other), "END 0") != NULL);
	CHECK_TRUE(sys_clock_us() - began_us < TG_US_PER_S);
	CHECK_TEXT(read_answer(fd), "The process engine did not answer in 2 s\n\001END 1\n");
	CHECK_TRUE(sys_clock_us() - began_us >= UINT64_C(1900) * TG_US_PER_MS);
	(void)hear(stage.engine, PROC_ENGINE);
	close(fd);
	close(other);
}

static void test_a_process_that_dies_and_comes_back(void **state)
{
	const int fd = client_open();

	(void)state;
	say(fd, "cdr show\n");
	(void)hear(stage.store, PROC_STORE);
	sys_channel_free(stage.store);
	CHECK_TEXT(read_answer(fd),
	           "The process store ended before it had answered; it is being started again\n\001END 1\n");
	say(fd, "cdr show\n");
	CHECK_TEXT(read_answer(fd),
	           "The process store is away; it is being started again: try again in a moment\n\001END 1\n");
	stage.store = connect_peer(PROC_STORE, 2);
	/* The new channel and the line come by two descriptors: the desk may read the line first. */
	for (bool asked_it = false; !asked_it;) {
		say(fd, "cdr show\n");
		asked_it = sys_channel_wait(stage.store, sys_clock_us() + 500 * TG_US_PER_MS);
		if (!asked_it) {
			CHECK_TRUE(strstr(read_answer(fd), "is away") != NULL);
		}
	}
	const union ipc_any asked = hear(stage.store, PROC_STORE);
	const struct ipc_rows_end end = { .head.kind = IPC_ROWS_END,
		                          .query = ((const struct ipc_query *)(const void *)&asked)->query };

	answer(stage.store, &end, sizeof(end));
	CHECK_TRUE(strstr(read_answer(fd), "0 call records") != NULL);
	close(fd);
}

static void test_who_breaks_the_rules_is_reported(void **state)
{
	const struct ipc_verdict wrong = { .head.kind = IPC_VERDICT };

	(void)state;
	answer(stage.engine, &wrong, sizeof(wrong));
	const union ipc_any said = hear(stage.parent, PROC_PARENT);
	const struct ipc_breach *breach = (const void *)&said;

	CHECK_UINT(breach->head.kind, IPC_BREACH);
	CHECK_UINT(breach->who, PROC_ENGINE);
	CHECK_UINT(breach->incarnation, 1);
	sys_channel_free(stage.engine);
	stage.engine = connect_peer(PROC_ENGINE, 2);
}

static void test_lines_that_are_none(void **state)
{
	static char longest[1024 + 1];
	int fd = client_open();

	(void)state;
	memset(longest, 'x', 1023);
	longest[1023] = '\n';
	say(fd, longest);
	CHECK_TRUE(strstr(read_answer(fd), "No such command: 'xxx") != NULL);
	longest[1023] = 'x';
	say(fd, longest);
	CHECK_TEXT(read_answer(fd), "A command has at most 1023 octets\n\001END 2\n");
	CHECK_TRUE(is_closed(fd));
	close(fd);
	fd = client_open();
	CHECK_INT(send(fd, "core\0show\n", 10, 0), 10);
	CHECK_TEXT(read_answer(fd), "A command is text\n\001END 2\n");
	CHECK_TRUE(is_closed(fd));
	close(fd);
}

static void test_many_lines_at_once(void **state)
{
	const int fd = client_open();

	(void)state;
	say(fd, "core show version\nxyzzy\ncore show ver");
	CHECK_TRUE(strstr(read_answer(fd), "END 0") != NULL);
	CHECK_TRUE(strstr(read_answer(fd), "END 2") != NULL);
	say(fd, "sion\n");
	CHECK_TRUE(shutdown(fd, SHUT_WR) == 0); /* what was asked for is still answered */
	CHECK_TRUE(strstr(read_answer(fd), "END 0") != NULL);
	CHECK_TRUE(is_closed(fd));
	close(fd);
}

static void test_one_console_too_many(void **state)
{
	int fds[16], extra = -1;

	(void)state;
	for (size_t i = 0; i < TG_COUNT(fds); i++) {
		fds[i] = client_open();
		say(fds[i], "core show version\n");
		CHECK_TRUE(strstr(read_answer(fds[i]), "END 0") != NULL);
	}
	extra = client_open();
	CHECK_TEXT(read_answer(extra), "Too many consoles are open\n\001END 1\n");
	CHECK_TRUE(is_closed(extra));
	close(extra);
	for (size_t i = 0; i < TG_COUNT(fds); i++) {
		close(fds[i]);
	}
}

/* Waits for the other end to close, and reads nothing. */
static bool is_hung_up(int fd, int limit_ms)
{
	struct pollfd one = { .fd = fd, .events = POLLRDHUP };

	return poll(&one, 1, limit_ms) == 1 && (one.revents & (POLLRDHUP | POLLHUP)) != 0;
}

/* Some 10 MB for a client that reads nothing: it is dropped after 10 s, and others are served meanwhile. */
static void test_a_client_that_reads_nothing(void **state)
{
	const int fd = client_open(), other = client_open();
	struct ipc_record_row row = { .head.kind = IPC_RECORD_ROW, .record.caller = "alice" };
	struct ipc_rows_end end = { .head.kind = IPC_ROWS_END };

	(void)state;
	say(fd, "cdr show 10000\n");
	const union ipc_any asked = hear(stage.store, PROC_STORE);

	row.query = end.query = ((const struct ipc_query *)(const void *)&asked)->query;
	for (unsigned i = 0; i < 10000; i++) {
		answer(stage.store, &row, sizeof(row));
	}
	answer(stage.store, &end, sizeof(end));
	say(other, "core show version\n");
	CHECK_TRUE(strstr(read_answer(other), "END 0") != NULL);
	CHECK_TRUE(is_hung_up(fd, 30000)); /* of what was sent nothing was read yet */
	size_t got = 0;
	char block[4096];

	for (ssize_t n = 1; n > 0; got += (size_t)n) {
		n = recv(fd, block, sizeof(block), 0);
		n = n > 0 ? n : 0;
	}
	CHECK_TRUE(got > 0 && got < 1000 * 1000);
	close(fd);
	close(other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_command_of_its_own, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rows_of_the_engine, setup, teardown),
		cmocka_unit_test_setup_teardown(test_two_questions_for_one_command, setup, teardown),
		cmocka_unit_test_setup_teardown(test_records_of_the_store_with_a_limit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_orders_and_what_the_parent_says, setup, teardown),
		cmocka_unit_test_setup_teardown(test_events_are_asked_for_by_network_and_id, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_wish_that_is_not_answered_is_in_the_audit_log, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deeds_go_to_the_engine_and_into_the_audit_log, setup, teardown),
		cmocka_unit_test_setup_teardown(test_frames_are_followed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_follower_that_reads_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wishes_go_to_the_engine_and_into_the_audit_log, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_process_that_does_not_answer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_process_that_dies_and_comes_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_who_breaks_the_rules_is_reported, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lines_that_are_none, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_lines_at_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_console_too_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_client_that_reads_nothing, setup, teardown),
	};

	return cmocka_run_group_tests_name("desk", tests, NULL, NULL);
}
