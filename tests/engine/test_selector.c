/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "engine/selector.h"
#include "iax/frame.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "net.h"

enum { RELAYS = 3, SOCKETS = SELECTOR_RELAYS + RELAYS };

/* Sends through real sockets to a real group; which socket got it? */
struct group {
	int fds[SOCKETS];
	struct tg_addr addr;
};

static int socket_at(struct tg_addr addr)
{
	struct sockaddr_storage to;
	const unsigned len = tg_addr_to_sockaddr(addr, false, &to);
	const int fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	const int one = 1;

	CHECK_TRUE(fd >= 0);
	CHECK_INT(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)), 0);
	if (bind(fd, (struct sockaddr *)&to, len) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static bool group_open(struct group *group, const char *host)
{
	if (sys_udp_probe(net_addr(host, 0)) == EADDRNOTAVAIL) {
		return false;
	}
	group->addr = net_addr(host, net_free_port(host));
	for (int i = 0; i < SOCKETS; i++) {
		group->fds[i] = socket_at(group->addr);
		CHECK_TRUE(group->fds[i] >= 0);
	}
	CHECK_TRUE(selector_attach(group->fds[0], (enum tg_family)group->addr.family, RELAYS));
	return true;
}

static void group_close(struct group *group)
{
	for (int i = 0; i < SOCKETS; i++) {
		close(group->fds[i]);
	}
}

/* The index of the socket that becomes readable, emptied again; -1 for none within a second. */
static int receiver(struct group *group)
{
	struct pollfd polls[SOCKETS];
	uint8_t buffer[64];

	for (int i = 0; i < SOCKETS; i++) {
		polls[i] = (struct pollfd){ .fd = group->fds[i], .events = POLLIN };
	}
	if (poll(polls, SOCKETS, 1000) < 1) {
		return -1;
	}
	for (int i = 0; i < SOCKETS; i++) {
		if (polls[i].revents != 0) {
			CHECK_TRUE(recv(group->fds[i], buffer, sizeof(buffer), 0) >= 0);
			return i;
		}
	}
	return -1;
}

static int pick(struct group *group, int from, const void *bytes, size_t len)
{
	struct sockaddr_storage to;
	const unsigned to_len = tg_addr_to_sockaddr(group->addr, false, &to);

	CHECK_INT(sendto(from, bytes, len, 0, (struct sockaddr *)&to, to_len), len);
	return receiver(group);
}

static const struct {
	const char *name;
	uint8_t bytes[12];
	size_t len;
	int want; /* SELECTOR_RELAYS + n: that relay; -1: any relay */
} rows[] = {
	{ "NEW", { 0x80, 0x05, 0x00, 0x00, 0, 0, 0, 0, 0, 0, 6, 1 }, 12, SELECTOR_DOOR },
	{ "NEW, repeated", { 0x80, 0x05, 0x80, 0x00, 0, 0, 0, 0, 0, 0, 6, 1 }, 12, SELECTOR_DOOR },
	{ "full frame of a call", { 0x80, 0x05, 0x00, 0x01, 0, 0, 0, 0, 0, 0, 6, 4 }, 12, SELECTOR_SWITCH },
	{ "the same, repeated", { 0x80, 0x05, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 6, 4 }, 12, SELECTOR_SWITCH },
	{ "full frame from number 0", { 0x80, 0x00, 0x00, 0x00, 0, 0, 0, 0, 0, 0, 6, 30 }, 12, SELECTOR_DOOR },
	{ "mini frame of 3", { 0x00, 0x03, 0x00, 0x14, 0x55 }, 5, SELECTOR_RELAYS + 0 },
	{ "mini frame of 4", { 0x00, 0x04, 0x00, 0x14, 0x55 }, 5, SELECTOR_RELAYS + 1 },
	{ "mini frame of 32767", { 0x7f, 0xff, 0x00, 0x14 }, 4, SELECTOR_RELAYS + 32767 % RELAYS },
	{ "meta trunk frame", { 0x00, 0x00, 0x01, 0x01, 0, 0, 0, 1 }, 8, -1 },
	{ "meta video frame", { 0x00, 0x00, 0x80, 0x05, 0, 0, 1 }, 7, -1 },
	{ "nothing", { 0 }, 0, SELECTOR_DOOR },
	{ "one octet", { 0x80 }, 1, SELECTOR_DOOR },
	{ "three octets", { 0x00, 0x03, 0x00 }, 3, SELECTOR_DOOR },
	{ "a full frame cut off", { 0x80, 0x05, 0x00, 0x01 }, 4, SELECTOR_SWITCH },
};

static void check_all(const char *host)
{
	struct group group;
	int from;

	if (!group_open(&group, host)) {
		CHECK_SKIP("%s is not here", host);
		return;
	}
	from = socket(group.addr.family == TG_IPV4 ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	CHECK_TRUE(from >= 0);
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		const int got = pick(&group, from, rows[i].bytes, rows[i].len);

		print_message("# %s to %d\n", rows[i].name, got);
		if (rows[i].want == -1) {
			CHECK_TRUE(got >= SELECTOR_RELAYS && got < SOCKETS);
			CHECK_INT(pick(&group, from, rows[i].bytes, rows[i].len), got);
		} else {
			CHECK_INT(got, rows[i].want);
		}
	}
	close(from);
	group_close(&group);
}

static void test_ipv4(void **state)
{
	(void)state;
	check_all("127.0.0.1");
}

static void test_ipv6(void **state)
{
	(void)state;
	check_all("::1");
}

/* One trunk stays on one relay; different trunks find different ones. */
static void test_meta_frames_go_by_source_address(void **state)
{
	static const uint8_t trunk[8] = { 0, 0, 1, 1, 0, 0, 0, 1 };
	struct group group;
	uint32_t seen = 0;

	(void)state;
	CHECK_TRUE(group_open(&group, "127.0.0.1"));
	for (uint8_t n = 1; n <= RELAYS; n++) {
		const uint8_t ip[4] = { 127, 0, 9, n };
		int first;
		int from = socket_at(tg_addr_ipv4(ip, 0));

		CHECK_TRUE(from >= 0);
		first = pick(&group, from, trunk, sizeof(trunk));
		close(from);
		from = socket_at(tg_addr_ipv4(ip, 0)); /* another port of the same address */
		CHECK_INT(pick(&group, from, trunk, sizeof(trunk)), first);
		close(from);
		seen |= 1U << first;
	}
	CHECK_UINT(seen, (1U << SOCKETS) - (1U << SELECTOR_RELAYS));
	group_close(&group);
}

static unsigned waiting(int fd)
{
	uint8_t buffer[64];
	unsigned count = 0;

	while (recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT) > 0) {
		count++;
	}
	return count;
}

/* Frames of one length in one batch, as the switch sends them to another exchange: each reaches the socket that it is for. */
static void test_a_batch_of_all_kinds(void **state)
{
	static const uint8_t frames[3][12] = {
		{ 0x80, 0x05, 0x00, 0x00, 0, 0, 0, 0, 0, 0, 6, 1 },
		{ 0x80, 0x05, 0x00, 0x01, 0, 0, 0, 0, 0, 0, 6, 4 },
		{ 0x00, 0x03, 0x00, 0x14 },
	};
	static const uint8_t order[] = { 1, 0, 0, 1, 1, 2, 2, 0, 2, 1, 0, 0 };
	struct group group;
	struct sys_udp *sender = sys_udp_new(net_peer("127.0.0.1"));
	unsigned want[3] = { 0 };

	(void)state;
	CHECK_TRUE(sender != NULL);
	CHECK_TRUE(group_open(&group, "127.0.0.1"));
	sys_udp_set_kinds(sender, iax_frame_kind);
	for (size_t i = 0; i < sizeof(order); i++) {
		want[order[i]]++;
		sys_udp_queue(sender, group.addr, sys_udp_bound(sender), (struct tg_span){ frames[order[i]], 12 });
	}
	sys_udp_send(sender);
	CHECK_UINT(waiting(group.fds[SELECTOR_DOOR]), want[0]);
	CHECK_UINT(waiting(group.fds[SELECTOR_SWITCH]), want[1]);
	CHECK_UINT(waiting(group.fds[SELECTOR_RELAYS + 3 % RELAYS]), want[2]);
	sys_udp_free(sender);
	group_close(&group);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ipv4),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_meta_frames_go_by_source_address),
		cmocka_unit_test(test_a_batch_of_all_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
