/* SPDX-License-Identifier: Apache-2.0 */
#include "flood.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

/* Callers wait in the same loop while a batch is sent: a segmented send is as long as many plain ones. */
enum { BATCH = 64, BATCH_SEGMENTED = 8, LOOKED_AT = 16, BUFFER_BYTES = 8 << 20, FORGED = 65536 };

struct control {
	alignas(struct cmsghdr) uint8_t room[CMSG_SPACE(sizeof(struct in_pktinfo)) + CMSG_SPACE(sizeof(uint16_t))];
};

struct flood {
	const struct flood_kind *kind;
	int fd;
	uint32_t run, random;
	uint32_t batch; /* sends a turn */
	uint64_t per_s, began_us;
	struct sockaddr_in to;
	struct flood_sums sums;
	struct mmsghdr messages[BATCH];
	struct iovec parts[BATCH];
	struct control controls[BATCH];
	uint8_t frames[BATCH][FLOOD_RUN * FLOOD_FRAME_MAX];
};

struct tg_addr flood_addr(uint8_t a, uint8_t b, uint8_t c)
{
	const uint8_t ip[4] = { 127, a, b, c };

	return tg_addr_ipv4(ip, 0);
}

struct tg_addr flood_inside(uint32_t n)
{
	return flood_addr(64, (uint8_t)(n >> 8), (uint8_t)n);
}

/* Let through one answer in so many: what is dropped here costs nothing. */
static bool filter_answers(int fd)
{
	struct sock_filter steps[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_RANDOM),
		BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, LOOKED_AT),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = { TG_COUNT(steps), steps };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) == 0;
}

static bool open_socket(struct flood *flood)
{
	const int bytes = BUFFER_BYTES;
	const struct sockaddr_in any = { .sin_family = AF_INET };

	flood->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (flood->fd < 0 || bind(flood->fd, (const struct sockaddr *)&any, sizeof(any)) != 0) {
		return false;
	}
	(void)setsockopt(flood->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	(void)setsockopt(flood->fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes));
	return filter_answers(flood->fd);
}

static size_t put_control(uint8_t *room, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *head = (struct cmsghdr *)(void *)room;

	*head = (struct cmsghdr){ CMSG_LEN(len), level, type };
	memcpy(CMSG_DATA(head), data, len);
	return CMSG_SPACE(len);
}

static uint32_t next_random(struct flood *flood)
{
	flood->random ^= flood->random << 13;
	flood->random ^= flood->random >> 17;
	flood->random ^= flood->random << 5;
	return flood->random;
}

/* Every frame of every message is made once; sources change with each send, frames only now and then. */
static void make_frames(struct flood *flood, uint32_t slot)
{
	for (uint32_t i = 0; i < flood->run; i++) {
		flood->kind->make(flood->frames[slot] + (size_t)i * flood->kind->len, next_random(flood));
	}
}

static void prepare(struct flood *flood, uint32_t slot)
{
	const uint16_t segment = flood->kind->len;
	struct in_pktinfo info = { .ipi_ifindex = 0 };
	uint8_t *control = flood->controls[slot].room;
	size_t control_len = put_control(control, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));

	if (flood->run > 1) {
		control_len += put_control(control + control_len, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment));
	}
	flood->parts[slot] = (struct iovec){ flood->frames[slot], (size_t)flood->run * flood->kind->len };
	flood->messages[slot].msg_hdr = (struct msghdr){
		.msg_name = &flood->to,
		.msg_namelen = sizeof(flood->to),
		.msg_iov = &flood->parts[slot],
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = control_len,
	};
	make_frames(flood, slot);
}

struct flood *flood_new(const struct flood_kind *kind, uint16_t port, uint32_t run, uint64_t per_s)
{
	struct flood *flood = calloc(1, sizeof(*flood));

	if (flood == NULL) {
		return NULL;
	}
	flood->kind = kind;
	flood->run = run;
	flood->batch = run == 1 ? BATCH : BATCH_SEGMENTED;
	flood->per_s = per_s;
	flood->random = 2463534242;
	flood->to = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port) };
	flood->to.sin_addr.s_addr = htonl(INADDR_LOOPBACK); /* the only target there is */
	if (!open_socket(flood)) {
		perror("socket of the flood");
		flood_free(flood);
		return NULL;
	}
	for (uint32_t i = 0; i < flood->batch; i++) {
		prepare(flood, i);
	}
	return flood;
}

void flood_free(struct flood *flood)
{
	if (flood != NULL) {
		if (flood->fd >= 0) {
			close(flood->fd);
		}
		free(flood);
	}
}

static void forge_source(struct flood *flood, uint32_t slot)
{
	const struct tg_addr source = flood_inside(next_random(flood) % FORGED);
	struct in_pktinfo info = { .ipi_ifindex = 0 };

	memcpy(&info.ipi_spec_dst, source.ip + 12, 4);
	memcpy(CMSG_DATA((struct cmsghdr *)(void *)flood->controls[slot].room), &info, sizeof(info));
}

static void look_at_answers(struct flood *flood)
{
	uint8_t answer[256];

	for (int i = 0; i < BATCH; i++) {
		const ssize_t len = recv(flood->fd, answer, sizeof(answer), MSG_DONTWAIT | MSG_TRUNC);

		if (len < 0) {
			return;
		}
		flood->sums.answers += LOOKED_AT;
		flood->sums.bytes_out += (uint64_t)len * LOOKED_AT;
		flood->sums.longer += len > flood->kind->len;
	}
}

static unsigned sends_due(struct flood *flood, uint64_t now_us)
{
	flood->began_us = flood->began_us == 0 ? now_us : flood->began_us;
	const uint64_t due = (now_us - flood->began_us) * flood->per_s / 1000000;

	if (flood->per_s == 0) {
		return flood->batch;
	}
	return due <= flood->sums.sent ? 0 : (unsigned)tg_min_u64(flood->batch, (due - flood->sums.sent) / flood->run);
}

void flood_turn(struct flood *flood, uint64_t now_us)
{
	const unsigned due = sends_due(flood, now_us);

	make_frames(flood, next_random(flood) % flood->batch);
	for (uint32_t i = 0; i < due; i++) {
		forge_source(flood, i);
	}
	const int sent = due == 0 ? 0 : sendmmsg(flood->fd, flood->messages, due, MSG_DONTWAIT);

	if (sent > 0) {
		flood->sums.sent += (uint64_t)sent * flood->run;
		flood->sums.bytes_in += (uint64_t)sent * flood->run * flood->kind->len;
	}
	look_at_answers(flood);
}

struct flood_sums flood_sums(const struct flood *flood)
{
	return flood->sums;
}
