/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/udp.h"

#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif
#ifndef UDP_GRO
#define UDP_GRO 104
#endif

enum {
	ARENA_BYTES = 65536 - 1536, /* also the most one segmented send may carry */
	SEGMENT_BYTES_MAX = 1400,   /* longer ones may not fit the path's packets, and are rare */
};
static_assert(ARENA_BYTES <= 65507, "a segmented send is one datagram to the kernel");

union name {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

struct packet_info {
	alignas(struct cmsghdr) uint8_t room[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(int))];
};

/* A datagram that waits in the arena. */
struct queued {
	struct tg_addr remote, local;
	uint32_t offset, len;
	unsigned kind;
};

/* One message to the kernel: a run of datagrams of one remote, local address and length. */
struct run {
	unsigned first, count;
};

struct sys_udp {
	int fd;
	struct tg_addr bound;
	bool is_wildcard, takes_runs;
	bool segments_refused;                     /* the kernel or the device cannot: never asked again */
	unsigned (*kind_of)(struct tg_span bytes); /* or NULL */
	unsigned queued_count;
	uint32_t arena_used;
	struct sys_udp_stats stats;
	struct queued queued[SYS_UDP_BATCH];
	struct run runs[SYS_UDP_BATCH];
	struct mmsghdr messages[SYS_UDP_BATCH];
	struct iovec parts[SYS_UDP_BATCH];
	union name names[SYS_UDP_BATCH];
	struct packet_info infos[SYS_UDP_BATCH];
	uint32_t in_bytes; /* for each message */
	uint8_t *in;
	uint8_t arena[ARENA_BYTES];
};

/* ---- Opening ---- */

static int close_failed(int fd)
{
	const int why = errno;

	close(fd);
	errno = why;
	return -1;
}

static bool set(int fd, int level, int option, int value)
{
	return setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

static bool is_v4(struct tg_addr addr)
{
	return addr.family == TG_IPV4;
}

static int socket_of(struct tg_addr local)
{
	const int fd = socket(is_v4(local) ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd >= 0 && !is_v4(local) && !set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1)) {
		return close_failed(fd);
	}
	return fd;
}

static int bind_to(int fd, struct tg_addr local)
{
	struct sockaddr_storage name;
	const socklen_t len = tg_addr_to_sockaddr(local, false, &name);

	return bind(fd, (const struct sockaddr *)&name, len);
}

static bool set_packet_info(int fd, struct tg_addr local)
{
	if (!tg_addr_is_any(local)) {
		return true;
	}
	return is_v4(local) ? set(fd, IPPROTO_IP, IP_PKTINFO, 1) : set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
}

/* All of these are wishes: a kernel that grants less still serves. */
static void set_wishes(int fd, const struct sys_udp_options *options)
{
	const int bytes = (int)options->buffer_bytes;

	if (bytes > 0) {
		(void)(set(fd, SOL_SOCKET, SO_RCVBUFFORCE, bytes) || set(fd, SOL_SOCKET, SO_RCVBUF, bytes));
		(void)(set(fd, SOL_SOCKET, SO_SNDBUFFORCE, bytes) || set(fd, SOL_SOCKET, SO_SNDBUF, bytes));
	}
	if (options->tos != 0) {
		(void)(is_v4(options->local) ? set(fd, IPPROTO_IP, IP_TOS, options->tos)
		                             : set(fd, IPPROTO_IPV6, IPV6_TCLASS, options->tos));
	}
	if (options->cos != 0) {
		(void)set(fd, SOL_SOCKET, SO_PRIORITY, options->cos);
	}
}

int sys_udp_open(const struct sys_udp_options *options)
{
	const int fd = socket_of(options->local);

	if (fd < 0) {
		return -1;
	}
	if (!set(fd, SOL_SOCKET, SO_REUSEPORT, 1) || !set_packet_info(fd, options->local)) {
		return close_failed(fd);
	}
	set_wishes(fd, options);
	return bind_to(fd, options->local) == 0 ? fd : close_failed(fd);
}

int sys_udp_probe(struct tg_addr local)
{
	const int fd = socket_of(local);

	if (fd < 0) {
		return errno;
	}
	const int why = bind_to(fd, local) == 0 ? 0 : errno;

	close(fd);
	return why;
}

struct tg_addr sys_udp_local(int fd)
{
	union name name;
	socklen_t len = sizeof(name);
	int type = 0;
	socklen_t type_len = sizeof(type);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &type_len) != 0 || type != SOCK_DGRAM ||
	    getsockname(fd, &name.any, &len) != 0) {
		return (struct tg_addr){ .family = TG_NO_ADDR };
	}
	return tg_addr_from_sockaddr(&name.any);
}

/* Touched at once: what a flood needs of it is there before. */
static bool make_in(struct sys_udp *udp, uint32_t in_bytes)
{
	uint8_t *in = malloc((size_t)SYS_UDP_BATCH * in_bytes);

	if (in == NULL) {
		return false;
	}
	memset(in, 0, (size_t)SYS_UDP_BATCH * in_bytes);
	free(udp->in);
	udp->in = in;
	udp->in_bytes = in_bytes;
	return true;
}

struct sys_udp *sys_udp_new(int fd)
{
	const struct tg_addr bound = sys_udp_local(fd);

	if (bound.family == TG_NO_ADDR || bound.port == 0) {
		return NULL;
	}
	struct sys_udp *udp = calloc(1, sizeof(*udp));

	if (udp == NULL || !make_in(udp, SYS_UDP_IN_BYTES)) {
		free(udp);
		return NULL;
	}
	udp->fd = fd;
	udp->bound = bound;
	udp->is_wildcard = tg_addr_is_any(bound);
	return udp;
}

void sys_udp_free(struct sys_udp *udp)
{
	if (udp != NULL) {
		close(udp->fd);
		free(udp->in);
		free(udp);
	}
}

int sys_udp_fd(const struct sys_udp *udp)
{
	return udp->fd;
}

struct tg_addr sys_udp_bound(const struct sys_udp *udp)
{
	return udp->bound;
}

/* ---- Receiving ---- */

bool sys_udp_take_runs(struct sys_udp *udp)
{
	if (!udp->takes_runs) {
		udp->takes_runs = make_in(udp, SYS_UDP_RUN_BYTES) && set(udp->fd, IPPROTO_UDP, UDP_GRO, 1);
	}
	return udp->takes_runs;
}

/* The kernel shortened the lengths of the last batch. */
static void receive_prepare(struct sys_udp *udp)
{
	const bool is_told = udp->is_wildcard || udp->takes_runs;

	for (unsigned i = 0; i < SYS_UDP_BATCH; i++) {
		udp->parts[i] = (struct iovec){ udp->in + (size_t)i * udp->in_bytes, udp->in_bytes };
		udp->messages[i].msg_hdr = (struct msghdr){
			.msg_name = &udp->names[i],
			.msg_namelen = sizeof(udp->names[i]),
			.msg_iov = &udp->parts[i],
			.msg_iovlen = 1,
			.msg_control = is_told ? udp->infos[i].room : NULL,
			.msg_controllen = is_told ? sizeof(udp->infos[i].room) : 0,
		};
	}
}

/* The address of ours that a datagram came to. */
static struct tg_addr called_address(const struct sys_udp *udp, struct msghdr *message)
{
	for (struct cmsghdr *head = CMSG_FIRSTHDR(message); head != NULL; head = CMSG_NXTHDR(message, head)) {
		if (head->cmsg_level == IPPROTO_IP && head->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;

			memcpy(&info, CMSG_DATA(head), sizeof(info));
			return tg_addr_ipv4((const uint8_t *)&info.ipi_spec_dst, udp->bound.port);
		}
		if (head->cmsg_level == IPPROTO_IPV6 && head->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo info;

			memcpy(&info, CMSG_DATA(head), sizeof(info));
			return tg_addr_ipv6(info.ipi6_addr.s6_addr, udp->bound.port);
		}
	}
	return udp->bound;
}

/* The length of the datagrams of a run; 0 if it is one. */
static uint32_t segment_of(const struct sys_udp *udp, struct msghdr *message, size_t len_bytes)
{
	int segment = 0;

	for (struct cmsghdr *head = udp->takes_runs ? CMSG_FIRSTHDR(message) : NULL; head != NULL;
	     head = CMSG_NXTHDR(message, head)) {
		if (head->cmsg_level == IPPROTO_UDP && head->cmsg_type == UDP_GRO) {
			memcpy(&segment, CMSG_DATA(head), sizeof(segment));
		}
	}
	return segment > 0 && (size_t)segment < len_bytes ? (uint32_t)segment : 0;
}

unsigned sys_udp_receive(struct sys_udp *udp, struct sys_udp_packet packets[SYS_UDP_BATCH])
{
	unsigned taken = 0;

	receive_prepare(udp);
	udp->stats.receive_calls++;
	const int count = recvmmsg(udp->fd, udp->messages, SYS_UDP_BATCH, MSG_DONTWAIT, NULL);

	for (int i = 0; i < count; i++) {
		struct msghdr *message = &udp->messages[i].msg_hdr;
		struct sys_udp_packet *packet = &packets[taken];

		const uint32_t segment = segment_of(udp, message, udp->messages[i].msg_len);
		size_t len_bytes = udp->messages[i].msg_len;

		if ((message->msg_flags & MSG_TRUNC) != 0) {
			udp->stats.too_long++;
			if (segment == 0) {
				continue;
			}
			len_bytes -= len_bytes % segment;
		}
		packet->remote = tg_addr_from_sockaddr(&udp->names[i].any);
		packet->local = udp->is_wildcard ? called_address(udp, message) : udp->bound;
		packet->bytes = (struct tg_span){ udp->in + (size_t)i * udp->in_bytes, len_bytes };
		packet->segment = segment;
		udp->stats.received++;
		udp->stats.received_bytes += packet->bytes.len;
		taken++;
	}
	return taken;
}

/* ---- Sending ---- */

static bool is_like(const struct queued *a, const struct queued *b)
{
	return a->len == b->len && a->kind == b->kind && tg_addr_equal(a->remote, b->remote) &&
	       tg_addr_same_host(a->local, b->local);
}

/* Cut the queue into runs. Datagrams lie in the arena in the order they were queued, so a run's bytes are in one piece. */
static unsigned runs_make(struct sys_udp *udp, unsigned first, bool grouped)
{
	unsigned count = 0;

	for (unsigned i = first; i < udp->queued_count;) {
		const struct queued *head = &udp->queued[i];
		unsigned len = 1;

		while (grouped && head->len > 0 && head->len <= SEGMENT_BYTES_MAX && i + len < udp->queued_count &&
		       is_like(head, &udp->queued[i + len])) {
			len++;
		}
		udp->runs[count++] = (struct run){ i, len };
		i += len;
	}
	return count;
}

static size_t put_info(uint8_t *room, int level, int type, const void *data, size_t len_bytes)
{
	struct cmsghdr *head = (struct cmsghdr *)(void *)room;

	memset(room, 0, CMSG_SPACE(len_bytes));
	*head = (struct cmsghdr){ CMSG_LEN(len_bytes), level, type };
	memcpy(CMSG_DATA(head), data, len_bytes);
	return CMSG_SPACE(len_bytes);
}

static size_t put_local(uint8_t *room, struct tg_addr local)
{
	if (is_v4(local)) {
		struct in_pktinfo info = { .ipi_ifindex = 0 };

		memcpy(&info.ipi_spec_dst, local.ip + 12, 4);
		return put_info(room, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	}
	struct in6_pktinfo info = { .ipi6_ifindex = 0 };

	memcpy(&info.ipi6_addr, local.ip, sizeof(local.ip));
	return put_info(room, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof(info));
}

/* As tg_addr_to_sockaddr(), without the room for all families: it is done for each datagram. */
static unsigned put_name(union name *name, const struct tg_addr *remote)
{
	if (remote->family == TG_IPV4) {
		name->v4 = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(remote->port) };
		memcpy(&name->v4.sin_addr, remote->ip + 12, 4);
		return sizeof(name->v4);
	}
	name->v6 = (struct sockaddr_in6){ .sin6_family = AF_INET6, .sin6_port = htons(remote->port) };
	memcpy(&name->v6.sin6_addr, remote->ip, sizeof(remote->ip));
	return sizeof(name->v6);
}

static void message_fill(struct sys_udp *udp, unsigned index)
{
	const struct run *run = &udp->runs[index];
	const struct queued *head = &udp->queued[run->first];
	const unsigned name_bytes = put_name(&udp->names[index], &head->remote);
	uint8_t *control = udp->infos[index].room;
	size_t control_bytes = 0;

	if (udp->is_wildcard && head->local.family == udp->bound.family && !tg_addr_is_any(head->local)) {
		control_bytes += put_local(control, head->local);
	}
	if (run->count > 1) {
		const uint16_t segment = (uint16_t)head->len;

		control_bytes += put_info(control + control_bytes, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment));
	}
	udp->parts[index] = (struct iovec){ udp->arena + head->offset, (size_t)head->len * run->count };
	udp->messages[index].msg_hdr = (struct msghdr){
		.msg_name = &udp->names[index],
		.msg_namelen = name_bytes,
		.msg_iov = &udp->parts[index],
		.msg_iovlen = 1,
		.msg_control = control_bytes > 0 ? control : NULL,
		.msg_controllen = control_bytes,
	};
}

static void count_sent(struct sys_udp *udp, const struct run *run)
{
	udp->stats.sent += run->count;
	udp->stats.sent_bytes += (uint64_t)udp->queued[run->first].len * run->count;
	udp->stats.grouped += run->count > 1 ? run->count : 0;
}

/*
 * Send the queue from `first` on, and stop in front of a run that was refused as a group.
 *
 * @return the first datagram that is still to be sent, one by one
 */
static unsigned send_runs(struct sys_udp *udp, unsigned first, bool grouped)
{
	const unsigned count = runs_make(udp, first, grouped);

	for (unsigned i = 0; i < count; i++) {
		message_fill(udp, i);
	}
	for (unsigned done = 0; done < count;) {
		udp->stats.send_calls++;
		const int n = sendmmsg(udp->fd, udp->messages + done, count - done, MSG_DONTWAIT | MSG_NOSIGNAL);

		for (int i = 0; i < n; i++) {
			count_sent(udp, &udp->runs[done++]);
		}
		if (n > 0 || errno == EINTR) {
			continue;
		}
		const struct run *refused = &udp->runs[done];

		if (errno == EAGAIN || errno == ENOBUFS) {
			udp->stats.not_sent += udp->queued_count - refused->first;
			return udp->queued_count;
		}
		if (refused->count > 1) {
			udp->segments_refused = errno == EIO || errno == ENOPROTOOPT;
			return refused->first;
		}
		udp->stats.not_sent++;
		done++;
	}
	return udp->queued_count;
}

void sys_udp_send(struct sys_udp *udp)
{
	const unsigned rest = send_runs(udp, 0, !udp->segments_refused);

	if (rest < udp->queued_count) {
		send_runs(udp, rest, false);
	}
	udp->queued_count = 0;
	udp->arena_used = 0;
}

void sys_udp_set_kinds(struct sys_udp *udp, unsigned (*kind_of)(struct tg_span bytes))
{
	udp->kind_of = kind_of;
}

void sys_udp_queue(struct sys_udp *udp, struct tg_addr remote, struct tg_addr local, struct tg_span bytes)
{
	if (bytes.len > SYS_UDP_OUT_BYTES || remote.family != udp->bound.family) {
		udp->stats.not_sent++;
		return;
	}
	if (udp->queued_count == SYS_UDP_BATCH || bytes.len > ARENA_BYTES - udp->arena_used) {
		sys_udp_send(udp);
	}
	udp->queued[udp->queued_count++] = (struct queued){
		.remote = remote,
		.local = local,
		.offset = udp->arena_used,
		.len = (uint32_t)bytes.len,
		.kind = udp->kind_of == NULL ? 0 : udp->kind_of(bytes),
	};
	if (bytes.len > 0) {
		memcpy(udp->arena + udp->arena_used, bytes.p, bytes.len);
	}
	udp->arena_used += (uint32_t)bytes.len;
}

uint32_t sys_udp_overflowed(const struct sys_udp *udp)
{
	uint32_t values[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(values);

	return getsockopt(udp->fd, SOL_SOCKET, SO_MEMINFO, values, &len) == 0 ? values[SK_MEMINFO_DROPS] : 0;
}

void sys_udp_stats(const struct sys_udp *udp, struct sys_udp_stats *out)
{
	*out = udp->stats;
}
