/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "sys/udp.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static struct tg_addr addr_of(const char *text)
{
	struct tg_addr addr;

	CHECK_TRUE(tg_addr_parse(&addr, tg_span_text(text), 0));
	return addr;
}

/* Port 0: the kernel picks one, so that tests that run at once do not meet. */
static struct sys_udp *udp_at(const char *text)
{
	const struct sys_udp_options options = {
		.local = addr_of(text), .buffer_bytes = 1 << 20, .tos = 0xb8, .cos = 5
	};
	const int fd = sys_udp_open(&options);

	if (fd < 0) {
		print_message("# %s: errno %d\n", text, errno);
		return NULL;
	}
	struct sys_udp *udp = sys_udp_new(fd);

	CHECK_TRUE(udp != NULL);
	return udp;
}

/* What is there, after waiting for the first. */
static unsigned gather(struct sys_udp *udp, struct sys_udp_packet packets[SYS_UDP_BATCH])
{
	struct pollfd ready = { .fd = sys_udp_fd(udp), .events = POLLIN };

	return poll(&ready, 1, 1000) == 1 ? sys_udp_receive(udp, packets) : 0;
}

static struct tg_addr with_port(struct tg_addr host, const struct sys_udp *of)
{
	host.port = sys_udp_bound(of).port;
	return host;
}

static const char *const hosts[][2] = {
	{ "127.0.0.1", "127.0.0.1" }, { "0.0.0.0", "127.0.0.3" }, { "::1", "::1" }, { "::", "::1" }
};

static void test_a_question_is_answered_from_the_address_called(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(hosts); i++) {
		struct sys_udp *server = udp_at(hosts[i][0]);
		struct sys_udp *client = server == NULL ? NULL : udp_at(strchr(hosts[i][0], ':') ? "::1" : "127.0.0.1");
		struct sys_udp_packet in[SYS_UDP_BATCH];

		if (client == NULL) {
			sys_udp_free(server);
			continue; /* this machine has no IPv6 */
		}
		const struct tg_addr called = with_port(addr_of(hosts[i][1]), server);

		sys_udp_queue(client, called, sys_udp_bound(client), TG_SPAN_LIT("ping"));
		sys_udp_send(client);
		CHECK_UINT(gather(server, in), 1);
		CHECK_TRUE(tg_addr_equal(in[0].local, called));
		CHECK_TRUE(tg_addr_equal(in[0].remote, sys_udp_bound(client)));
		CHECK_SPAN(in[0].bytes, TG_SPAN_LIT("ping"));
		sys_udp_queue(server, in[0].remote, in[0].local, TG_SPAN_LIT("pong!"));
		sys_udp_send(server);
		CHECK_UINT(gather(client, in), 1);
		CHECK_TRUE(tg_addr_equal(in[0].remote, called));
		CHECK_SPAN(in[0].bytes, TG_SPAN_LIT("pong!"));
		sys_udp_free(server);
		sys_udp_free(client);
	}
}

static void queue_numbered(struct sys_udp *udp, struct tg_addr to, uint8_t number, size_t len_bytes)
{
	uint8_t bytes[SYS_UDP_OUT_BYTES] = { number };

	sys_udp_queue(udp, to, sys_udp_bound(udp), (struct tg_span){ bytes, len_bytes });
}

static void test_runs_of_one_peer_and_length_leave_grouped_and_in_order(void **state)
{
	struct sys_udp *a = udp_at("127.0.0.1"), *b = udp_at("127.0.0.1"), *c = udp_at("127.0.0.1");
	static const size_t lengths[] = { 172, 172, 172, 172, 12, 12, 172, 0, 0, 1500, 1500 };
	struct sys_udp_packet in[SYS_UDP_BATCH];
	struct sys_udp_stats stats;

	(void)state;
	for (uint8_t i = 0; i < TG_COUNT(lengths); i++) {
		queue_numbered(a, sys_udp_bound(b), i, lengths[i]);
	}
	queue_numbered(a, sys_udp_bound(c), 99, 1500);
	sys_udp_send(a);
	CHECK_UINT(gather(b, in), TG_COUNT(lengths));
	for (uint8_t i = 0; i < TG_COUNT(lengths); i++) {
		CHECK_UINT(in[i].bytes.len, lengths[i]);
		CHECK_TRUE(lengths[i] == 0 || in[i].bytes.p[0] == i);
	}
	CHECK_UINT(gather(c, in), 1);
	CHECK_UINT(in[0].bytes.p[0], 99);
	sys_udp_stats(a, &stats);
	CHECK_UINT(stats.sent, TG_COUNT(lengths) + 1);
	CHECK_UINT(stats.grouped, 6);
	CHECK_UINT(stats.send_calls, 1);
	CHECK_UINT(stats.not_sent, 0);
	sys_udp_free(a);
	sys_udp_free(b);
	sys_udp_free(c);
}

static unsigned by_parity(struct tg_span bytes)
{
	return bytes.p[0] % 2;
}

/* What is of another kind is for another socket: it must not be in the same piece. */
static void test_kinds_do_not_share_a_run(void **state)
{
	static const struct {
		uint8_t kinds[6];
		uint64_t grouped;
	} rows[] = { { { 0, 0, 0, 0, 0, 0 }, 6 }, { { 0, 0, 1, 1, 1, 0 }, 5 }, { { 0, 1, 0, 1, 0, 1 }, 0 } };

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct sys_udp *a = udp_at("127.0.0.1"), *b = udp_at("127.0.0.1");
		struct sys_udp_packet in[SYS_UDP_BATCH];
		struct sys_udp_stats stats;

		sys_udp_set_kinds(a, by_parity);
		for (size_t k = 0; k < TG_COUNT(rows[i].kinds); k++) {
			queue_numbered(a, sys_udp_bound(b), (uint8_t)(2 * k + rows[i].kinds[k]), 100);
		}
		sys_udp_send(a);
		CHECK_UINT(gather(b, in), TG_COUNT(rows[i].kinds));
		for (size_t k = 0; k < TG_COUNT(rows[i].kinds); k++) {
			CHECK_UINT(in[k].bytes.p[0], 2 * k + rows[i].kinds[k]);
		}
		sys_udp_stats(a, &stats);
		CHECK_UINT(stats.grouped, rows[i].grouped);
		sys_udp_free(a);
		sys_udp_free(b);
	}
}

static void test_a_full_batch_sends_itself(void **state)
{
	struct sys_udp *a = udp_at("127.0.0.1"), *b = udp_at("127.0.0.1");
	struct sys_udp_packet in[SYS_UDP_BATCH];
	struct sys_udp_stats stats;
	unsigned got = 0;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		queue_numbered(a, sys_udp_bound(b), (uint8_t)i, i < 64 ? 100 : SYS_UDP_OUT_BYTES);
	}
	sys_udp_send(a);
	for (unsigned n = 1; n > 0 && got < 100;) {
		n = gather(b, in);
		for (unsigned i = 0; i < n; i++) {
			CHECK_UINT(in[i].bytes.p[0], got++);
		}
	}
	CHECK_UINT(got, 100);
	sys_udp_stats(b, &stats);
	CHECK_UINT(stats.received, 100);
	CHECK_UINT(stats.received_bytes, 64 * 100 + 36 * SYS_UDP_OUT_BYTES);
	sys_udp_free(a);
	sys_udp_free(b);
}

static void test_what_cannot_be_sent_is_counted_and_the_rest_goes(void **state)
{
	struct sys_udp *a = udp_at("127.0.0.1"), *b = udp_at("127.0.0.1");
	struct sys_udp_packet in[SYS_UDP_BATCH];
	struct sys_udp_stats stats;

	(void)state;
	queue_numbered(a, sys_udp_bound(b), 1, 50);
	queue_numbered(a, addr_of("[::1]:4569"), 2, 50);           /* another family */
	queue_numbered(a, addr_of("255.255.255.255:4569"), 3, 50); /* broadcast is not allowed on the socket */
	queue_numbered(a, addr_of("255.255.255.255:4569"), 4, 50);
	queue_numbered(a, sys_udp_bound(b), 5, 50);
	sys_udp_send(a);
	CHECK_UINT(gather(b, in), 2);
	CHECK_UINT(in[0].bytes.p[0], 1);
	CHECK_UINT(in[1].bytes.p[0], 5);
	sys_udp_stats(a, &stats);
	CHECK_UINT(stats.sent, 2);
	CHECK_UINT(stats.not_sent, 3);
	sys_udp_free(a);
	sys_udp_free(b);
}

static void test_a_datagram_that_is_too_long_is_counted(void **state)
{
	struct sys_udp *a = udp_at("127.0.0.1"), *b = udp_at("127.0.0.1");
	struct sys_udp_packet in[SYS_UDP_BATCH];
	struct sockaddr_storage name;
	const socklen_t len = tg_addr_to_sockaddr(sys_udp_bound(b), false, &name);
	static const uint8_t large[SYS_UDP_IN_BYTES + 1];
	struct sys_udp_stats stats;

	(void)state;
	CHECK_INT(sendto(sys_udp_fd(a), large, sizeof(large), 0, (struct sockaddr *)&name, len),
	          (int64_t)sizeof(large));
	queue_numbered(a, sys_udp_bound(b), 7, 50);
	sys_udp_send(a);
	CHECK_UINT(gather(b, in), 1);
	CHECK_UINT(in[0].bytes.p[0], 7);
	sys_udp_stats(b, &stats);
	CHECK_UINT(stats.too_long, 1);
	sys_udp_free(a);
	sys_udp_free(b);
}

/* What left in one segmented send comes as one packet, cut behind a whole datagram if it is too long. */
static void test_a_run_comes_in_one_piece(void **state)
{
	struct sys_udp *a = udp_at("127.0.0.1"), *b = udp_at("127.0.0.1");
	struct sys_udp_packet in[SYS_UDP_BATCH];
	struct sys_udp_stats stats;

	(void)state;
	if (!sys_udp_take_runs(b)) {
		sys_udp_free(a);
		sys_udp_free(b);
		CHECK_SKIP("%s", "this kernel has no UDP_GRO");
		return;
	}
	for (uint8_t i = 0; i < 10; i++) {
		queue_numbered(a, sys_udp_bound(b), i, 50);
	}
	queue_numbered(a, sys_udp_bound(b), 10, 60);
	sys_udp_send(a);
	CHECK_UINT(gather(b, in), 2);
	CHECK_UINT(in[0].segment, 50);
	CHECK_UINT(in[0].bytes.len, 500);
	for (uint8_t i = 0; i < 10; i++) {
		CHECK_UINT(in[0].bytes.p[i * 50], i);
	}
	CHECK_TRUE(tg_addr_equal(in[0].remote, sys_udp_bound(a)));
	CHECK_UINT(in[1].segment, 0);
	CHECK_UINT(in[1].bytes.len, 60);
	for (uint8_t i = 0; i < 20; i++) {
		queue_numbered(a, sys_udp_bound(b), i, 1000);
	}
	sys_udp_send(a);
	CHECK_UINT(gather(b, in), 1);
	CHECK_UINT(in[0].segment, 1000);
	CHECK_UINT(in[0].bytes.len, SYS_UDP_RUN_BYTES / 1000 * 1000);
	sys_udp_stats(b, &stats);
	CHECK_UINT(stats.too_long, 1);
	sys_udp_free(a);
	sys_udp_free(b);
}

static void test_a_taken_port_and_a_foreign_address_are_told_apart(void **state)
{
	struct sys_udp *taken = udp_at("127.0.0.1");
	const struct sys_udp_options again = { .local = sys_udp_bound(taken) };
	const struct sys_udp_options foreign = { .local = addr_of("192.0.2.1:20999") };

	(void)state;
	CHECK_INT(sys_udp_probe(again.local), EADDRINUSE);
	CHECK_INT(sys_udp_probe(with_port(addr_of("0.0.0.0"), taken)), EADDRINUSE);
	const int fd = sys_udp_open(&again); /* a second one of the group */

	CHECK_TRUE(fd >= 0);
	close(fd);
	CHECK_INT(sys_udp_open(&foreign), -1);
	CHECK_INT(errno, EADDRNOTAVAIL);
	const struct tg_addr freed = sys_udp_bound(taken);

	sys_udp_free(taken);
	CHECK_INT(sys_udp_probe(freed), 0);
}

static void test_only_bound_udp_sockets_are_taken(void **state)
{
	int ends[2];

	(void)state;
	CHECK_INT(pipe(ends), 0);
	CHECK_TRUE(sys_udp_new(ends[0]) == NULL);
	close(ends[0]);
	close(ends[1]);
	const int unbound = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const int stream = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	CHECK_TRUE(sys_udp_new(unbound) == NULL);
	CHECK_TRUE(sys_udp_new(stream) == NULL);
	close(unbound);
	close(stream);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_question_is_answered_from_the_address_called),
		cmocka_unit_test(test_runs_of_one_peer_and_length_leave_grouped_and_in_order),
		cmocka_unit_test(test_kinds_do_not_share_a_run),
		cmocka_unit_test(test_a_full_batch_sends_itself),
		cmocka_unit_test(test_what_cannot_be_sent_is_counted_and_the_rest_goes),
		cmocka_unit_test(test_a_datagram_that_is_too_long_is_counted),
		cmocka_unit_test(test_a_run_comes_in_one_piece),
		cmocka_unit_test(test_a_taken_port_and_a_foreign_address_are_told_apart),
		cmocka_unit_test(test_only_bound_udp_sockets_are_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
