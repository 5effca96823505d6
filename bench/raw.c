/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* The least a program can do that receives and answers in batches: no parsing, no table, nothing kept. */
enum { ROOM = 4096, WAIT_MS = 20 };

struct bench_raw {
	int fd;
	uint32_t answer_len;
	struct mmsghdr messages[BENCH_BATCH];
	struct iovec parts[BENCH_BATCH];
	struct sockaddr_in6 names[BENCH_BATCH];
	uint8_t in[BENCH_BATCH][ROOM];
};

struct bench_raw *bench_raw_new(int fd, uint32_t answer_len)
{
	struct bench_raw *raw = calloc(1, sizeof(*raw));

	if (raw != NULL) {
		raw->fd = fd;
		raw->answer_len = answer_len;
	}
	return raw;
}

void bench_raw_free(struct bench_raw *raw)
{
	free(raw);
}

static void prepare(struct bench_raw *raw)
{
	for (unsigned i = 0; i < BENCH_BATCH; i++) {
		raw->parts[i] = (struct iovec){ raw->in[i], ROOM };
		raw->messages[i].msg_hdr = (struct msghdr){ .msg_name = &raw->names[i],
			                                    .msg_namelen = sizeof(raw->names[i]),
			                                    .msg_iov = &raw->parts[i],
			                                    .msg_iovlen = 1 };
	}
}

unsigned bench_raw_turn(struct bench_raw *raw)
{
	int count, sent = 0;

	prepare(raw);
	count = recvmmsg(raw->fd, raw->messages, BENCH_BATCH, MSG_DONTWAIT, NULL);
	if (count <= 0) {
		struct pollfd wait = { .fd = raw->fd, .events = POLLIN };

		(void)poll(&wait, 1, WAIT_MS);
		return 0;
	}
	for (int i = 0; i < count && raw->answer_len > 0; i++) {
		raw->parts[i].iov_len = raw->answer_len;
	}
	while (raw->answer_len > 0 && sent < count) {
		const int n = sendmmsg(raw->fd, raw->messages + sent, (unsigned)(count - sent), MSG_DONTWAIT);

		sent += n > 0 ? n : 1;
	}
	return (unsigned)count;
}
