/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

enum { RUN_MAX = 64, SAMPLE_ONE_IN = 64 };

struct control {
	alignas(struct cmsghdr) uint8_t room[CMSG_SPACE(sizeof(struct in_pktinfo)) + CMSG_SPACE(sizeof(uint16_t))];
};

struct bench_generator {
	struct bench_load load;
	int fd, cpu;
	uint16_t port;
	pthread_t thread;
	_Atomic bool stop;
	_Atomic uint64_t sent, sampled, wrong;
	uint32_t next, round;
	struct sockaddr_in to;
	struct mmsghdr messages[BENCH_BATCH];
	struct iovec parts[BENCH_BATCH];
	struct control controls[BENCH_BATCH];
	uint8_t frames[BENCH_BATCH][RUN_MAX * BENCH_FRAME_MAX];
};

/* 127.16.0.1 and up: away from the addresses that other programs use. */
struct tg_addr bench_source(uint32_t n, uint16_t port)
{
	const uint32_t low = n + 1;
	const uint8_t ip[4] = { 127, (uint8_t)(16 + (low >> 16)), (uint8_t)(low >> 8), (uint8_t)low };

	return tg_addr_ipv4(ip, port);
}

static bool is_loopback(struct tg_addr addr)
{
	static const uint8_t loopback[4] = { 127, 0, 0, 0 };

	return tg_addr_in_prefix(addr, tg_addr_ipv4(loopback, 0), 8);
}

/* Let through one answer in so many, or all: what is dropped here costs nobody a wake-up. */
static void filter_answers(const struct bench_generator *generator, uint32_t one_in)
{
	struct sock_filter steps[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_AD_OFF + SKF_AD_RANDOM),
		BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, one_in),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = { TG_COUNT(steps), steps };

	(void)setsockopt(generator->fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static bool open_socket(struct bench_generator *generator)
{
	const int one = 1, bytes = 8 << 20;
	struct sockaddr_in any = { .sin_family = AF_INET };
	socklen_t len = sizeof(any);

	generator->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (generator->fd < 0 || bind(generator->fd, (const struct sockaddr *)&any, sizeof(any)) != 0 ||
	    setsockopt(generator->fd, IPPROTO_IP, IP_PKTINFO, &one, sizeof(one)) != 0 ||
	    getsockname(generator->fd, (struct sockaddr *)&any, &len) != 0) {
		return false;
	}
	(void)setsockopt(generator->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	(void)setsockopt(generator->fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof(bytes));
	generator->port = ntohs(any.sin_port);
	filter_answers(generator, 1);
	return true;
}

struct bench_generator *bench_generator_new(const struct bench_load *load, int cpu)
{
	struct bench_generator *generator = calloc(1, sizeof(*generator));
	struct sockaddr_storage to;

	if (generator == NULL) {
		return NULL;
	}
	generator->load = *load;
	generator->cpu = cpu;
	generator->fd = -1;
	if (!is_loopback(load->to) || load->run == 0 || load->run > RUN_MAX || load->frame_len > BENCH_FRAME_MAX) {
		fprintf(stderr, "the load goes to loopback addresses only\n");
	} else if (!open_socket(generator)) {
		perror("socket of the load");
	} else {
		(void)tg_addr_to_sockaddr(load->to, false, &to);
		memcpy(&generator->to, &to, sizeof(generator->to));
		return generator;
	}
	bench_generator_free(generator);
	return NULL;
}

void bench_generator_free(struct bench_generator *generator)
{
	if (generator != NULL) {
		if (generator->fd >= 0) {
			close(generator->fd);
		}
		free(generator);
	}
}

uint16_t bench_generator_port(const struct bench_generator *generator)
{
	return generator->port;
}

static size_t put_control(uint8_t *room, int level, int type, const void *data, size_t len)
{
	struct cmsghdr *head = (struct cmsghdr *)(void *)room;

	*head = (struct cmsghdr){ CMSG_LEN(len), level, type };
	memcpy(CMSG_DATA(head), data, len);
	return CMSG_SPACE(len);
}

/* One message: a run of frames of the next source. */
static void fill(struct bench_generator *generator, uint32_t slot)
{
	const struct bench_load *load = &generator->load;
	const struct tg_addr source = bench_source(generator->next, 0);
	const uint16_t segment = (uint16_t)load->frame_len;
	struct in_pktinfo info = { .ipi_ifindex = 0 };
	uint8_t *control = generator->controls[slot].room;
	size_t control_len;

	memcpy(&info.ipi_spec_dst, source.ip + 12, 4);
	control_len = put_control(control, IPPROTO_IP, IP_PKTINFO, &info, sizeof(info));
	if (load->run > 1) {
		control_len += put_control(control + control_len, IPPROTO_UDP, UDP_SEGMENT, &segment, sizeof(segment));
	}
	for (uint32_t i = 0; i < load->run; i++) {
		load->make(load->owner, generator->next, generator->round,
		           generator->frames[slot] + i * load->frame_len);
	}
	generator->parts[slot] = (struct iovec){ generator->frames[slot], (size_t)load->run * load->frame_len };
	generator->messages[slot].msg_hdr = (struct msghdr){
		.msg_name = &generator->to,
		.msg_namelen = sizeof(generator->to),
		.msg_iov = &generator->parts[slot],
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = control_len,
	};
	generator->next++;
	if (generator->next == load->sources) {
		generator->next = 0;
		generator->round++;
	}
}

static void send_batch(struct bench_generator *generator, uint32_t count)
{
	int sent;

	for (uint32_t i = 0; i < count; i++) {
		fill(generator, i);
	}
	sent = sendmmsg(generator->fd, generator->messages, count, 0);
	if (sent > 0) {
		atomic_fetch_add_explicit(&generator->sent, (uint64_t)sent * generator->load.run, memory_order_relaxed);
	}
}

static void look_at_answers(struct bench_generator *generator, uint32_t *right, uint32_t *wrong, uint32_t most)
{
	uint8_t answer[2048];

	for (uint32_t i = 0; i < most; i++) {
		const ssize_t len = recv(generator->fd, answer, sizeof(answer), MSG_DONTWAIT);

		if (len < 0) {
			return;
		}
		if (generator->load.is_right(generator->load.owner, answer, (size_t)len)) {
			++*right;
		} else {
			++*wrong;
		}
	}
}

void bench_generator_prove(struct bench_generator *generator, uint32_t count, uint32_t *right, uint32_t *wrong)
{
	*right = 0;
	*wrong = 0;
	for (uint32_t sent = 0; sent < count; sent += 8 * generator->load.run) {
		send_batch(generator, 8);
		for (int tries = 0; tries < 20 && *right + *wrong < sent + 8 * generator->load.run; tries++) {
			struct pollfd wait = { .fd = generator->fd, .events = POLLIN };

			(void)poll(&wait, 1, 2);
			look_at_answers(generator, right, wrong, 8 * generator->load.run);
		}
	}
}

static void *send_all_the_time(void *arg)
{
	struct bench_generator *generator = arg;

	bench_pin(generator->cpu);
	while (!atomic_load_explicit(&generator->stop, memory_order_relaxed)) {
		uint32_t right = 0, wrong = 0;

		send_batch(generator, BENCH_BATCH);
		look_at_answers(generator, &right, &wrong, 8);
		atomic_fetch_add_explicit(&generator->sampled, right + wrong, memory_order_relaxed);
		atomic_fetch_add_explicit(&generator->wrong, wrong, memory_order_relaxed);
	}
	return NULL;
}

bool bench_generator_start(struct bench_generator *generator)
{
	filter_answers(generator, SAMPLE_ONE_IN);
	atomic_store(&generator->stop, false);
	return pthread_create(&generator->thread, NULL, send_all_the_time, generator) == 0;
}

void bench_generator_stop(struct bench_generator *generator)
{
	atomic_store(&generator->stop, true);
	pthread_join(generator->thread, NULL);
}

struct bench_generator_sums bench_generator_sums(const struct bench_generator *generator)
{
	return (struct bench_generator_sums){ atomic_load(&generator->sent), atomic_load(&generator->sampled),
		                              atomic_load(&generator->wrong) };
}
