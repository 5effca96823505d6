/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "desk/httpd.h"
#include "desk/metrics.h"
#include "desk_world.h"
#include "model/event.h"
#include "shown.h"
#include "sys/clock.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

/* ---- The text ---- */

static char *text_of(struct desk_view *view)
{
	struct desk_out out;

	desk_out_init(&out);
	view->command = &desk_metrics_command;
	CHECK_INT(desk_metrics_print(view, &out), DESK_OK);
	CHECK_FALSE(out.cut);
	return out.text;
}

static void check_line(const char *text, const char *line)
{
	const char *at = strstr(text, line);

	while (at != NULL && !((at == text || at[-1] == '\n') && at[strlen(line)] == '\n')) {
		at = strstr(at + 1, line);
	}
	if (at == NULL) {
		print_error("no line %s in\n%s\n", line, text);
	}
	CHECK_TRUE(at != NULL);
}

static void test_facts(void **state)
{
	const struct ipc_counter_row counters[] = {
		{ .name = "door.received", .value = 17 },
		{ .name = "door.dropped.bad_token", .value = 3 },
		{ .name = "door.dropped.no_leg", .value = 0, .idle = 1 },
		{ .name = "door.dropped.ok", .value = 9 },
		{ .name = "ended.cause.16", .value = 2 },
		{ .name = "ended.cause.17", .value = 0, .idle = 1 },
		{ .name = "ended.talk_ms", .value = 1500 },
		{ .name = "quality.caller.loss.0", .value = 4 },
		{ .name = "quality.caller.loss.3", .value = 2 },
		{ .name = "quality.caller.loss.8", .value = 1 },
		{ .name = "quality.caller.loss.sum", .value = 500000 },
		{ .name = "nobody.knows.me", .value = 1 },
	};
	const struct ipc_peer_row peers[] = {
		{ .name = "alice", .addr = desk_addr("192.0.2.7:4569"), .rtt_ms = 25 },
		{ .name = "bob", .rtt_ms = -1 },
		{ .name = "carol-with-a-long-name", .rtt_ms = -2 },
		{ .name = "not-configured", .rtt_ms = 5 },
	};
	const struct ipc_registry_row registry[] = {
		{ .host = "a\"b\\c", .username = "x\ny\xff", .state = "Registered", .is_registered = 1 },
		{ .host = "far", .username = "us", .state = "Rejected" },
		{ .host = "far", .username = "us", .state = "Registered", .is_registered = 1 },
	};
	const struct ipc_numbers_row numbers[] = { { .used = 5, .limit = 32766 } };
	const struct ipc_process_row processes[] = {
		{ .name = "parent",
		  .pid = 1,
		  .started_ms = 900250,
		  .loads = 3,
		  .loads_failed = 1,
		  .last_load_failed = 1,
		  .last_load_ms = 950000 },
		{ .name = "store", .pid = 0, .restarts = 2 },
	};
	const struct ipc_budget_row budgets[] = {
		{ .name = "bans", .limit = 100, .used = 7, .peak = 8, .stopped = 9 }
	};
	static const char *const lines[] = {
		"tollgate_build_info{version=\"" TG_VERSION "\"} 1",
		"tollgate_start_time_seconds 900.250000",
		"tollgate_scrape_complete 1",
		"tollgate_counters_unmapped 1",
		"tollgate_process_up{process=\"parent\"} 1",
		"tollgate_process_up{process=\"store\"} 0",
		"tollgate_process_restarts_total{process=\"store\"} 2",
		"tollgate_config_generation 7",
		"tollgate_config_loads_total 3",
		"tollgate_config_load_failures_total 1",
		"tollgate_config_last_load_successful 0",
		"tollgate_config_last_load_timestamp_seconds 950",
		"tollgate_peers{status=\"ok\"} 1",
		"tollgate_peers{status=\"lagged\"} 0",
		"tollgate_peers{status=\"unreachable\"} 1",
		"tollgate_peers{status=\"unknown\"} 0",
		"tollgate_peers{status=\"unmonitored\"} 1",
		"tollgate_peers_registered 1",
		"tollgate_peer_reachable{peer=\"alice\"} 1",
		"tollgate_peer_reachable{peer=\"carol-with-a-long-name\"} 0",
		"tollgate_peer_rtt_seconds{peer=\"alice\"} 0.025000",
		"tollgate_peers_unlisted 0",
		"tollgate_trunk_registrations{state=\"Registered\"} 2",
		"tollgate_trunk_registrations{state=\"Rejected\"} 1",
		"tollgate_trunk_registered{host=\"a\\\"b\\\\c\",username=\"x?y?\"} 1",
		"tollgate_trunk_registered{host=\"far\",username=\"us\"} 0",
		"tollgate_call_numbers_used 5",
		"tollgate_call_numbers_max 32766",
		"tollgate_limit_used{limit=\"bans\"} 7",
		"tollgate_limit_max{limit=\"bans\"} 100",
		"tollgate_limit_peak{limit=\"bans\"} 8",
		"tollgate_limit_stopped_total{limit=\"bans\"} 9",
		"tollgate_bans 7",
		"tollgate_door_received_total 17",
		"tollgate_door_dropped_total{reason=\"bad_token\"} 3",
		"tollgate_door_dropped_total{reason=\"no_leg\"} 0",
		"tollgate_calls_ended_by_cause_total{cause=\"16\"} 2",
		"tollgate_call_talk_seconds_total 1.500000",
		"tollgate_call_loss_ratio_bucket{side=\"caller\",le=\"0\"} 4",
		"tollgate_call_loss_ratio_bucket{side=\"caller\",le=\"0.01\"} 6",
		"tollgate_call_loss_ratio_bucket{side=\"caller\",le=\"+Inf\"} 7",
		"tollgate_call_loss_ratio_sum{side=\"caller\"} 0.500000",
		"tollgate_call_loss_ratio_count{side=\"caller\"} 7",
		"tollgate_call_loss_ratio_count{side=\"callee\"} 0",
		"tollgate_call_jitter_seconds_bucket{side=\"caller\",le=\"0.001\"} 0",
		"tollgate_call_delay_seconds_bucket{side=\"callee\",le=\"0.15\"} 0",
	};
	static const char *const absent[] = { "not-configured", "cause=\"17\"", "reason=\"ok\"", "peer=\"bob\"",
		                              "knows" };
	struct desk_view view = shown_view(0, NULL);

	(void)state;
	view.rows[METRICS_COUNTERS] = (struct desk_rows)ROWS(counters);
	view.rows[METRICS_PEERS] = (struct desk_rows)ROWS(peers);
	view.rows[METRICS_REGISTRY] = (struct desk_rows)ROWS(registry);
	view.rows[METRICS_NUMBERS] = (struct desk_rows)ROWS(numbers);
	view.rows[METRICS_PROCESSES] = (struct desk_rows)ROWS(processes);
	view.rows[METRICS_BUDGETS] = (struct desk_rows)ROWS(budgets);
	char *text = text_of(&view);

	for (size_t i = 0; i < TG_COUNT(lines); i++) {
		check_line(text, lines[i]);
	}
	for (size_t i = 0; i < TG_COUNT(absent); i++) {
		print_message("# %s\n", absent[i]);
		CHECK_TRUE(strstr(text, absent[i]) == NULL);
	}
	/* The same series twice would be refused as a whole. */
	CHECK_TRUE(strstr(strstr(text, "{host=\"far\"") + 1, "{host=\"far\"") == NULL);
	free(text);
}

static void test_who_is_away_leaves_no_wrong_numbers(void **state)
{
	struct desk_view view = shown_view(0, NULL);

	(void)state;
	for (unsigned i = 0; i < METRICS_ASKS; i++) {
		view.rows[i].away = true;
	}
	char *text = text_of(&view);

	check_line(text, "tollgate_scrape_complete 0");
	check_line(text, "tollgate_build_info{version=\"" TG_VERSION "\"} 1");
	CHECK_TRUE(strstr(text, "\ntollgate_calls ") == NULL);
	CHECK_TRUE(strstr(text, "\ntollgate_peers{") == NULL);
	CHECK_TRUE(strstr(text, "\ntollgate_call_loss_ratio_count") == NULL);
	free(text);
}

static void test_each_of_many_peers_up_to_a_number(void **state)
{
	enum { MANY = METRICS_NAMES_MAX + 5 };
	struct ipc_peer_row *peers = calloc(MANY, sizeof(peers[0]));
	struct desk_view view = shown_view(0, NULL);

	(void)state;
	CHECK_TRUE(peers != NULL);
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(peers[i].name, sizeof(peers[i].name), "alice");
	}
	view.rows[METRICS_PEERS] = (struct desk_rows){ .rows = peers, .count = MANY };
	char *text = text_of(&view);
	unsigned lines = 0;

	for (const char *at = text; (at = strstr(at, "\ntollgate_peer_reachable{")) != NULL; at++) {
		lines++;
	}
	CHECK_UINT(lines, METRICS_NAMES_MAX);
	check_line(text, "tollgate_peers_unlisted 5");
	free(text);
	free(peers);
}

static void test_families_are_named_as_they_should(void **state)
{
	(void)state;
	for (const struct metrics_family *family = metrics_families; family->name != NULL; family++) {
		const size_t len = strlen(family->name);
		const bool total = len > 6 && strcmp(family->name + len - 6, "_total") == 0;

		print_message("# %s\n", family->name);
		CHECK_TRUE(strncmp(family->name, "tollgate_", 9) == 0);
		CHECK_UINT(total, family->type == METRICS_COUNTER);
		CHECK_TRUE((family->put != NULL) != (family->counter != NULL));
		CHECK_TRUE(strlen(family->help) >= 10 && family->help[strlen(family->help) - 1] == '.');
		for (const struct metrics_family *other = metrics_families; other != family; other++) {
			CHECK_TRUE(strcmp(other->name, family->name) != 0);
			CHECK_TRUE(other->counter == NULL || family->counter == NULL ||
			           strcmp(other->counter, family->counter) != 0);
		}
	}
}

/* ---- The port: the desk's part in this process, an engine and a parent that are played, and clients ---- */

enum { CLIENTS = HTTPD_CONNECTIONS, FLOOD_US = 1500000, ANSWER_BYTES = 1 << 20 };

static struct {
	struct sys_loop *loop;
	struct tg_log log;
	struct desk_links links;
	struct desk_context context;
	struct httpd *httpd;
	struct sys_channel *parent, *engine;
	uint64_t next_query;
	uint16_t port;
	unsigned asked; /* how often the engine got the question for counters */
	bool engine_is_deaf;
} stage;

static void on_record(void *owner, enum ipc_proc from, const union ipc_any *record, int fd)
{
	(void)owner;
	(void)fd;
	httpd_on_record(stage.httpd, from, record);
}

static void on_gone(void *owner, enum ipc_proc peer)
{
	(void)owner;
	httpd_on_gone(stage.httpd, peer);
}

static void write_nothing(void *owner, enum tg_level level, const char *line)
{
	(void)owner;
	(void)level;
	(void)line;
}

static struct sys_channel *pair(int *far)
{
	int fds[2];

	CHECK_TRUE(sys_channel_pair(fds));
	*far = fds[0];
	return sys_channel_new(fds[1], 64);
}

static void connect_engine(void)
{
	const struct ipc_channel record = { .head.kind = IPC_CHANNEL, .to = PROC_ENGINE, .incarnation = 1 };
	int far;

	stage.engine = pair(&far);
	CHECK_UINT(sys_channel_send(stage.parent, &record, sizeof(record), far), SYS_CHANNEL_OK);
	close(far);
}

static int setup_port(void **state)
{
	struct sockaddr_in name = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(name);
	int far;
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	(void)state;
	memset(&stage, 0, sizeof(stage));
	stage.loop = sys_loop_new();
	stage.parent = pair(&far);
	stage.log = (struct tg_log){ .write = write_nothing };
	stage.links = (struct desk_links){
		.loop = stage.loop, .log = &stage.log, .on_record = on_record, .on_gone = on_gone
	};
	stage.context = (struct desk_context){ .links = &stage.links, .next_query = &stage.next_query };
	stage.httpd = httpd_new(stage.loop, &stage.log, &stage.context);
	CHECK_TRUE(stage.httpd != NULL && desk_links_init(&stage.links, far));
	CHECK_TRUE(bind(fd, (const struct sockaddr *)&name, sizeof(name)) == 0 && listen(fd, 64) == 0);
	CHECK_TRUE(getsockname(fd, (struct sockaddr *)&name, &len) == 0);
	stage.port = ntohs(name.sin_port);
	CHECK_TRUE(httpd_listen(stage.httpd, fd));
	connect_engine();
	alarm(30);
	return 0;
}

static int teardown_port(void **state)
{
	(void)state;
	alarm(0);
	httpd_free(stage.httpd);
	desk_links_deinit(&stage.links);
	sys_channel_free(stage.parent);
	sys_channel_free(stage.engine);
	sys_loop_free(stage.loop);
	return 0;
}

static void answer(struct sys_channel *channel, const struct ipc_query *query)
{
	const struct ipc_rows_end end = { .head.kind = IPC_ROWS_END, .query = query->query, .rows = 1 };
	struct ipc_counter_row row = { .head.kind = IPC_COUNTER_ROW, .query = query->query };

	if (query->what == IPC_ASK_COUNTERS) {
		stage.asked++;
		row.value = stage.asked;
		snprintf(row.name, sizeof(row.name), "switch.calls_offered");
		CHECK_UINT(sys_channel_send(channel, &row, sizeof(row), -1), SYS_CHANNEL_OK);
	}
	CHECK_UINT(sys_channel_send(channel, &end, sizeof(end), -1), SYS_CHANNEL_OK);
}

static void play(struct sys_channel *channel)
{
	union ipc_any record;
	size_t size;
	int fd = -1;

	while (channel != NULL && sys_channel_receive(channel, &record, sizeof(record), &size, &fd) == SYS_CHANNEL_OK) {
		if (record.head.kind == IPC_QUERY) {
			answer(channel, (const void *)&record);
		}
	}
}

static void turn(void)
{
	const uint64_t soon_us = sys_clock_us() + 2000;

	CHECK_TRUE(sys_loop_turn(stage.loop, tg_min_u64(soon_us, httpd_deadline_us(stage.httpd))) >= 0);
	httpd_expire(stage.httpd, sys_clock_us());
	play(stage.parent);
	if (!stage.engine_is_deaf) {
		play(stage.engine);
	}
}

static int client_open(const char *request)
{
	const struct sockaddr_in name = { .sin_family = AF_INET,
		                          .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		                          .sin_port = htons(stage.port) };
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK_TRUE(fd >= 0 && connect(fd, (const struct sockaddr *)&name, sizeof(name)) == 0);
	CHECK_INT(send(fd, request, strlen(request), MSG_NOSIGNAL), (int64_t)strlen(request));
	return fd;
}

/* All until the other end closes. malloc'd */
static char *client_read(int fd)
{
	char *text = calloc(1, ANSWER_BYTES);
	size_t len = 0;
	ssize_t got;

	CHECK_TRUE(text != NULL);
	do {
		turn();
		got = recv(fd, text + len, ANSWER_BYTES - 1 - len, MSG_DONTWAIT);
		len += got > 0 ? (size_t)got : 0;
	} while (got != 0);
	close(fd);
	return text;
}

static const char get[] = "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

static void test_a_flood_asks_the_engine_once_a_second(void **state)
{
	const uint64_t end_us = sys_clock_us() + FLOOD_US;
	unsigned answers = 0;

	(void)state;
	while (sys_clock_us() < end_us) {
		int fds[CLIENTS];

		for (unsigned i = 0; i < CLIENTS; i++) {
			fds[i] = client_open(get);
		}
		for (unsigned i = 0; i < CLIENTS; i++) {
			char *text = client_read(fds[i]);

			CHECK_TRUE(strncmp(text, "HTTP/1.1 200 OK\r\n", 17) == 0);
			CHECK_TRUE(strstr(text, "\ntollgate_calls_offered_total ") != NULL);
			answers++;
			free(text);
		}
	}
	print_message("# %u answers, the engine was asked %u times\n", answers, stage.asked);
	CHECK_TRUE(answers >= 2 * CLIENTS);
	CHECK_TRUE(stage.asked >= 1 && stage.asked <= 1 + FLOOD_US / HTTPD_FRESH_US + 1);
}

static void check_status(const char *request, const char *status)
{
	char *text = client_read(client_open(request));

	print_message("# %.20s...: %.30s\n", request, text);
	CHECK_TRUE(strncmp(text, status, strlen(status)) == 0);
	free(text);
}

static void test_anything_else_is_refused(void **state)
{
	(void)state;
	check_status("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 404 ");
	check_status("POST /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc",
	             "HTTP/1.1 405 ");
	check_status("nonsense\r\n\r\n", ""); /* no answer, or a refusal */
	CHECK_UINT(stage.asked, 0);
	check_status("HEAD /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 ");
}

static void test_a_head_that_is_too_long(void **state)
{
	static const char begin[] = "GET /metrics HTTP/1.1\r\nX: ";
	static char request[sizeof(begin) + 2 * HTTPD_MEMORY_BYTES]; /* ends with its NUL */

	(void)state;
	memset(request, 'a', sizeof(request) - 1);
	memcpy(request, begin, sizeof(begin) - 1);
	check_status(request, "HTTP/1.1 431 ");
	CHECK_UINT(stage.asked, 0);
}

/* Connections that say nothing hold up others for the timeout at most. */
static void test_who_says_nothing_is_let_go(void **state)
{
	int fds[2 * CLIENTS];

	(void)state;
	for (unsigned i = 0; i < TG_COUNT(fds); i++) {
		fds[i] = client_open("GET /metr");
		turn();
	}
	check_status(get, "HTTP/1.1 200 OK");
	for (unsigned i = 0; i < TG_COUNT(fds); i++) {
		close(fds[i]);
	}
}

/* An engine that hangs costs the metrics of the engine, and two seconds. */
static void test_an_engine_that_does_not_answer(void **state)
{
	(void)state;
	stage.engine_is_deaf = true;
	char *text = client_read(client_open(get));

	CHECK_TRUE(strstr(text, "\ntollgate_scrape_complete 0\n") != NULL);
	CHECK_TRUE(strstr(text, "\ntollgate_calls_offered_total ") == NULL);
	free(text);
}

static void test_an_engine_that_dies_meanwhile(void **state)
{
	(void)state;
	stage.engine_is_deaf = true;
	const int fd = client_open(get);

	while (stage.next_query == 0) {
		turn();
	}
	sys_channel_free(stage.engine);
	stage.engine = NULL;
	char *text = client_read(fd);

	CHECK_TRUE(strstr(text, "\ntollgate_scrape_complete 0\n") != NULL);
	free(text);
}

/* Another socket, or none: who waits is told before. */
static void test_it_can_be_stopped_while_somebody_waits(void **state)
{
	(void)state;
	stage.engine_is_deaf = true;
	const int fd = client_open(get);

	while (stage.next_query == 0) {
		turn();
	}
	CHECK_TRUE(httpd_listen(stage.httpd, -1));
	free(client_read(fd));
}

#define PORT_TEST(test) cmocka_unit_test_setup_teardown(test, setup_port, teardown_port)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_who_is_away_leaves_no_wrong_numbers),
		cmocka_unit_test(test_each_of_many_peers_up_to_a_number),
		cmocka_unit_test(test_families_are_named_as_they_should),
		PORT_TEST(test_a_flood_asks_the_engine_once_a_second),
		PORT_TEST(test_anything_else_is_refused),
		PORT_TEST(test_a_head_that_is_too_long),
		PORT_TEST(test_who_says_nothing_is_let_go),
		PORT_TEST(test_an_engine_that_does_not_answer),
		PORT_TEST(test_an_engine_that_dies_meanwhile),
		PORT_TEST(test_it_can_be_stopped_while_somebody_waits),
	};

	return cmocka_run_group_tests(tests, shown_setup, shown_teardown);
}
