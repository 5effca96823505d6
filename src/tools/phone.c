/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/phone.h"

#include "base/zeroed.h"
#include "crypt/random.h"
#include "iax/frame.h"
#include "sys/clock.h"
#include "sys/loop.h"
#include "sys/udp.h"

#include <errno.h>
#include <netdb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER_BYTES = 4 << 20, FRAMES_A_LEG = 16, EVENTS_A_LEG = 8, BATCHES_A_TURN = 16 };

struct tool_phone {
	struct sys_loop *loop;
	struct sys_udp *udp;
	struct iax_endpoint *ep;
	void *memory;
	int signal_fd;
	unsigned signals;
	tool_phone_on *on_event; /* during a turn */
	void *owner;
	struct tg_addr local;
};

static void on_signal(void *owner, int fd, unsigned ready)
{
	struct tool_phone *phone = owner;

	(void)ready;
	while (sys_signals_take(fd) != 0) {
		phone->signals++;
	}
}

static void take_events(struct tool_phone *phone, uint64_t now_us)
{
	struct iax_event event;

	while (iax_endpoint_next_event(phone->ep, &event)) {
		phone->on_event(phone->owner, &event, now_us);
	}
}

static void on_datagrams(void *owner, int fd, unsigned ready)
{
	struct tool_phone *phone = owner;
	struct sys_udp_packet packets[SYS_UDP_BATCH];
	unsigned count = SYS_UDP_BATCH;

	(void)fd;
	(void)ready;
	for (unsigned batch = 0; batch < BATCHES_A_TURN && count == SYS_UDP_BATCH; batch++) {
		const uint64_t now_us = sys_clock_us();

		count = sys_udp_receive(phone->udp, packets);
		for (unsigned i = 0; i < count; i++) {
			const struct iax_datagram in = { packets[i].remote, packets[i].local, packets[i].bytes };

			/* What it refuses is in its counters; the events' views die with the packet. */
			if (iax_endpoint_receive(phone->ep, &in, IAX_UNPROVEN, now_us) != IAX_OK) {
				continue;
			}
			take_events(phone, now_us);
		}
		tool_phone_flush(phone, now_us);
	}
}

static bool endpoint_make(struct tool_phone *phone, const struct tool_phone_options *options)
{
	struct iax_config config = iax_config_default();

	config.legs_max = options->legs_max;
	config.frames_max = options->legs_max * FRAMES_A_LEG;
	config.events_max = options->legs_max * EVENTS_A_LEG + 64;
	config.ping_period_ms = options->ping_period_ms != 0 ? options->ping_period_ms : config.ping_period_ms;
	config.wall_us = sys_clock_wall_us();
	config.with_door = true;
	config.token_required = true;
	crypt_seed_from_kernel(config.seed);
	phone->memory = tg_zeroed_new(iax_endpoint_size(&config));
	if (phone->memory == NULL) {
		return false;
	}
	phone->ep = iax_endpoint_init(phone->memory, &config, sys_clock_us());
	return phone->ep != NULL;
}

static bool socket_make(struct tool_phone *phone, const struct tool_phone_options *options)
{
	const struct sys_udp_options udp = { .local = options->local, .buffer_bytes = BUFFER_BYTES };
	int fd = -1;

	if (options->local.port != 0 && (errno = sys_udp_probe(options->local)) != 0) {
		return false;
	}
	fd = sys_udp_open(&udp);
	if (fd < 0) {
		return false;
	}
	phone->udp = sys_udp_new(fd);
	if (phone->udp == NULL) {
		close(fd);
		return false;
	}
	sys_udp_set_kinds(phone->udp, iax_frame_kind);
	phone->local = sys_udp_local(fd);
	return sys_loop_add(phone->loop, fd, SYS_LOOP_READ, on_datagrams, phone);
}

static bool signals_make(struct tool_phone *phone)
{
	static const int wanted[] = { SIGINT, SIGTERM, SIGHUP };

	phone->signal_fd = sys_signals_open(wanted, TG_COUNT(wanted));
	return phone->signal_fd >= 0 && sys_loop_add(phone->loop, phone->signal_fd, SYS_LOOP_READ, on_signal, phone);
}

struct tool_phone *tool_phone_new(const struct tool_phone_options *options, char *wrong, size_t wrong_bytes)
{
	struct tool_phone *phone = calloc(1, sizeof(*phone));
	char local[TG_ADDR_TEXT_BYTES];

	if (phone == NULL) {
		snprintf(wrong, wrong_bytes, "no memory");
		return NULL;
	}
	phone->signal_fd = -1;
	phone->loop = sys_loop_new();
	if (phone->loop == NULL || !signals_make(phone) || !endpoint_make(phone, options)) {
		snprintf(wrong, wrong_bytes, "no memory for %u calls", options->legs_max);
	} else if (!socket_make(phone, options)) {
		snprintf(wrong, wrong_bytes, "cannot use %s: %s", tg_addr_format(options->local, local),
		         strerror(errno));
	} else {
		return phone;
	}
	tool_phone_free(phone);
	return NULL;
}

void tool_phone_free(struct tool_phone *phone)
{
	if (phone == NULL) {
		return;
	}
	sys_udp_free(phone->udp);
	if (phone->signal_fd >= 0) {
		close(phone->signal_fd);
	}
	sys_loop_free(phone->loop);
	free(phone->memory);
	free(phone);
}

struct iax_endpoint *tool_phone_endpoint(struct tool_phone *phone)
{
	return phone->ep;
}

struct tg_addr tool_phone_local(const struct tool_phone *phone)
{
	return phone->local;
}

void tool_phone_flush(struct tool_phone *phone, uint64_t now_us)
{
	struct iax_datagram out;

	while (iax_endpoint_next_datagram(phone->ep, &out, now_us)) {
		sys_udp_queue(phone->udp, out.remote, out.local, out.bytes);
	}
	sys_udp_send(phone->udp);
}

uint64_t tool_phone_turn(struct tool_phone *phone, uint64_t deadline_us, tool_phone_on *on_event, void *owner)
{
	uint64_t now_us = sys_clock_us();

	phone->on_event = on_event;
	phone->owner = owner;
	take_events(phone, now_us); /* of what the owner did since the last turn */
	tool_phone_flush(phone, now_us);
	sys_loop_turn(phone->loop, tg_min_u64(deadline_us, iax_endpoint_deadline_us(phone->ep)));
	now_us = sys_clock_us();
	if (now_us >= iax_endpoint_deadline_us(phone->ep)) {
		iax_endpoint_expire(phone->ep, now_us);
	}
	take_events(phone, now_us);
	tool_phone_flush(phone, now_us);
	return now_us;
}

unsigned tool_phone_signals(const struct tool_phone *phone)
{
	return phone->signals;
}

bool tool_resolve(struct tg_addr *out, const char *host, uint16_t port, enum tg_family family, char *wrong,
                  size_t wrong_bytes)
{
	const struct addrinfo hints = {
		.ai_family = family == TG_IPV4   ? AF_INET
		             : family == TG_IPV6 ? AF_INET6
		                                 : AF_UNSPEC,
		.ai_socktype = SOCK_DGRAM,
	};
	struct addrinfo *list = NULL;
	const int err = getaddrinfo(host, NULL, &hints, &list);

	*out = (struct tg_addr){ 0 };
	for (const struct addrinfo *at = list; err == 0 && at != NULL && out->family == TG_NO_ADDR; at = at->ai_next) {
		*out = tg_addr_from_sockaddr(at->ai_addr);
	}
	if (list != NULL) {
		freeaddrinfo(list);
	}
	if (out->family == TG_NO_ADDR) {
		snprintf(wrong, wrong_bytes, "%s: %s", host, err != 0 ? gai_strerror(err) : "no internet address");
		return false;
	}
	out->port = port;
	return true;
}

struct tg_addr tool_local_towards(struct tg_addr remote)
{
	struct sockaddr_storage to, from;
	const socklen_t len = tg_addr_to_sockaddr(remote, false, &to);
	socklen_t from_len = sizeof(from);
	struct tg_addr local = { 0 };
	const int fd = len > 0 ? socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;

	if (fd < 0) {
		return local;
	}
	if (connect(fd, (const struct sockaddr *)&to, len) == 0 &&
	    getsockname(fd, (struct sockaddr *)&from, &from_len) == 0) {
		local = tg_addr_from_sockaddr((const struct sockaddr *)&from);
		local.port = 0;
	}
	close(fd);
	return local;
}
