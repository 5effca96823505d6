/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_ENGINE_NET_H
#define TG_TESTS_ENGINE_NET_H

/* Real sockets on loopback: the groups that the parent would bind, and peers that talk to them. */

#include "check.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/addr.h"
#include "sys/udp.h"

static inline struct tg_addr net_addr(const char *host, uint16_t port)
{
	struct tg_addr addr;

	CHECK_TRUE(tg_addr_parse(&addr, tg_span_text(host), port));
	addr.port = port;
	return addr;
}

/* A port that nobody has, different for tests that run at once; below are those of end-to-end tests, above the kernel's. */
static inline uint16_t net_free_port(const char *host)
{
	static uint16_t tries;

	for (; tries < 2000; tries++) {
		const uint16_t port = (uint16_t)(28000 + (getpid() * 131 + tries * 7) % 4700);

		if (sys_udp_probe(net_addr(host, port)) == 0) {
			tries++;
			return port;
		}
	}
	fail_msg("no free port");
	return 0;
}

static inline int net_bind(struct tg_addr addr)
{
	const struct sys_udp_options options = { .local = addr };
	const int fd = sys_udp_open(&options);

	CHECK_TRUE(fd >= 0);
	return fd;
}

/* A peer: any socket, any port. */
static inline int net_peer(const char *host)
{
	return net_bind(net_addr(host, net_free_port(host)));
}

static inline struct tg_addr net_name(int fd)
{
	return sys_udp_local(fd);
}

static inline void net_send(int fd, struct tg_addr to, const void *bytes, size_t len)
{
	struct sockaddr_storage name;
	const socklen_t name_len = tg_addr_to_sockaddr(to, false, &name);

	CHECK_INT(sendto(fd, bytes, len, 0, (const struct sockaddr *)&name, name_len), len);
}

/* @return the length of the next datagram, -1 if none comes in wait_ms */
static inline ssize_t net_receive(int fd, void *room, size_t size_bytes, struct tg_addr *from, int wait_ms)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	struct sockaddr_storage name;
	socklen_t name_len = sizeof(name);
	ssize_t len;

	if (poll(&poll_fd, 1, wait_ms) != 1) {
		return -1;
	}
	len = recvfrom(fd, room, size_bytes, 0, (struct sockaddr *)&name, &name_len);
	if (len >= 0 && from != NULL) {
		*from = tg_addr_from_sockaddr((const struct sockaddr *)&name);
	}
	return len;
}

#endif
