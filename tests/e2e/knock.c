/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Many calls and registrations at once, from many addresses of the loopback network, each answered with a secret that may be
 * wrong, and each measured by the kernel's clock. Frames are made by hand, without our own codec.
 *
 * knock PORT PER_SECOND IN_FLIGHT < rows: TAG REQUEST SOURCE[:PORT] NAME SECRET [CONTEXT]; REQUEST is call, register or release.
 * Prints for each, when it is over: TAG OUTCOME CHALLENGE_US VERDICT_US DATAGRAMS RESENT SHAPE; SHAPE stands for the bytes of all
 * that came, without token, challenge, call numbers, timestamps and the name; "shape SHAPE HEX" shows each once.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/tg.h"
#include "crypt/md5.h"

enum {
	SOURCES_MAX = 4096,
	SLOTS = 256, /* tries of one source at once */
	TRIES_MAX = 1 << 19,
	SHAPES_MAX = 64,
	FRAME_MAX = 512,
	HEADER = 12,
	RESEND_US = 1600000,
	RESENT_MAX = 4,
	LINGER_US = 60000, /* what comes within it still counts */
	TEXT = 80,
};

enum {
	NEW = 1,
	ACK = 4,
	HANGUP = 5,
	REJECT = 6,
	ACCEPT = 7,
	AUTHREQ = 8,
	AUTHREP = 9,
	REGREQ = 13,
	REGAUTH = 14,
	REGACK = 15,
	REGREJ = 16,
	REGREL = 17,
	CALLTOKEN = 40,
	TYPE_IAX = 6
};
enum {
	IE_CALLED_NUMBER = 1,
	IE_CALLED_CONTEXT = 5,
	IE_USERNAME = 6,
	IE_CAPABILITY = 8,
	IE_FORMAT = 9,
	IE_VERSION = 11,
	IE_CHALLENGE = 15,
	IE_MD5_RESULT = 16,
	IE_REFRESH = 19,
	IE_TOKEN = 54
};

enum phase { PHASE_TOKEN, PHASE_CHALLENGE, PHASE_VERDICT, PHASE_OVER };

struct
try {
	char tag[16], name[TEXT], secret[TEXT], context[TEXT];
	uint8_t request;
	enum phase phase;
	const char *outcome;
	uint32_t source, peer; /* peer: its call number */
	uint16_t number;
	uint8_t token[64], token_len;
	uint64_t began_us, asked_us, sent_us, challenge_us, verdict_us, due_us;
	uint8_t last[FRAME_MAX];
	size_t last_len;
	uint32_t resent, datagrams;
	uint64_t shape;
	uint8_t seen[FRAME_MAX];
	size_t seen_len;
};

struct source {
	struct sockaddr_in addr;
	int fd;
	uint16_t next;
	struct try *slots[SLOTS];
};

struct all {
	struct sockaddr_in to;
	int epoll;
	struct source sources[SOURCES_MAX];
	uint32_t source_count, row_count, at, flying, flying_max, per_s;
	struct try **flight;
	struct row *rows;
	uint64_t shapes[SHAPES_MAX];
	struct crypt_md5 *md5;
};

struct row {
	uint32_t source;
	char text[4 * TEXT];
};

static void die(const char *what)
{
	fprintf(stderr, "knock: %s: %s\n", what, strerror(errno));
	exit(1);
}

static uint64_t now_us(void)
{
	struct timespec at;

	clock_gettime(CLOCK_REALTIME, &at);
	return (uint64_t)at.tv_sec * TG_US_PER_S + (uint64_t)at.tv_nsec / 1000;
}

/* ---- Frames ---- */

static void put_element(struct tg_writer *w, uint8_t id, const void *data, size_t len)
{
	tg_put_u8(w, id);
	tg_put_u8(w, (uint8_t)len);
	tg_put_span(w, (struct tg_span){ data, len });
}

static void put_text(struct tg_writer *w, uint8_t id, const char *text)
{
	if (text[0] != '\0') {
		put_element(w, id, text, strlen(text));
	}
}

static void put_header(struct tg_writer *w, const struct try *try, uint32_t ts, uint8_t oseq, uint8_t iseq,
                       uint8_t subclass)
{
	tg_put_u16(w, (uint16_t)(0x8000 | try->number));
	tg_put_u16(w, (uint16_t)try->peer);
	tg_put_u32(w, ts);
	tg_put_u8(w, oseq);
	tg_put_u8(w, iseq);
	tg_put_u8(w, TYPE_IAX);
	tg_put_u8(w, subclass);
}

static uint32_t timestamp(const struct try *try)
{
	return (uint32_t)((now_us() - try->began_us) / 1000) + 1;
}

static void transmit(const struct all *all, const struct try *try, struct tg_span bytes)
{
	const struct source *source = &all->sources[try->source];

	/* What a full buffer loses is sent again. */
	(void)sendto(source->fd, bytes.p, bytes.len, 0, (const struct sockaddr *)&all->to, sizeof(all->to));
}

/* Sent again until the other side says more. */
static void ask(const struct all *all, struct try *try, const struct tg_writer *w)
{
	const struct tg_span bytes = tg_writer_span(w);

	memcpy(try->last, bytes.p, bytes.len);
	try->last_len = bytes.len;
	try->sent_us = now_us();
	try->due_us = try->sent_us + RESEND_US;
	transmit(all, try, bytes);
}

static void put_request(struct tg_writer *w, const struct try *try)
{
	if (try->request == NEW) {
		put_element(w, IE_VERSION, "\0\2", 2);
		put_element(w, IE_CALLED_NUMBER, "600", 3);
		put_text(w, IE_CALLED_CONTEXT, try->context);
		put_element(w, IE_CAPABILITY, "\0\0\0\4", 4);
		put_element(w, IE_FORMAT, "\0\0\0\4", 4);
	}
	put_text(w, IE_USERNAME, try->name);
	if (try->request == REGREQ) {
		put_element(w, IE_REFRESH, "\0\74", 2);
	}
}

static void send_opening(const struct all *all, struct try *try)
{
	uint8_t bytes[FRAME_MAX];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));

	put_header(&w, try, timestamp(try), 0, 0, try->request);
	put_request(&w, try);
	put_element(&w, IE_TOKEN, try->token, try->token_len);
	ask(all, try, &w);
}

static void send_answer(const struct all *all, struct try *try, struct tg_span challenge)
{
	uint8_t bytes[FRAME_MAX], digest[CRYPT_MD5_BYTES];
	char hex[2 * CRYPT_MD5_BYTES + 1];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));

	if (!crypt_md5_answer(all->md5, digest, challenge, tg_span_text(try->secret))) {
		die("md5");
	}
	for (size_t i = 0; i < sizeof(digest); i++) {
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
	}
	put_header(&w, try, timestamp(try), 1, 1, try->request == NEW ? AUTHREP : try->request);
	if (try->request != NEW) {
		put_request(&w, try);
	}
	put_text(&w, IE_MD5_RESULT, hex);
	ask(all, try, &w);
}

static void send_plain(const struct all *all, const struct try *try, uint8_t subclass, uint32_t ts, uint8_t oseq,
                       uint8_t iseq)
{
	uint8_t bytes[HEADER];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));

	put_header(&w, try, ts, oseq, iseq, subclass);
	transmit(all, try, tg_writer_span(&w));
}

/* ---- What comes back ---- */

/* Its bytes without what differs from try to try. */
static void note_shape(struct try *try, const uint8_t *bytes, size_t len)
{
	uint8_t *to = try->seen + try->seen_len;

	try->datagrams++;
	if (len + 2 > sizeof(try->seen) - try->seen_len) {
		return;
	}
	to[0] = (uint8_t)(len >> 8);
	to[1] = (uint8_t)len;
	memcpy(to + 2, bytes, len);
	memset(to + 2, 0, 8);
	for (size_t at = HEADER; at + 2 <= len && at + 2 + bytes[at + 1] <= len; at += 2U + bytes[at + 1]) {
		if (bytes[at] == IE_TOKEN || bytes[at] == IE_CHALLENGE || bytes[at] == IE_USERNAME) {
			memset(to + 2 + at + 2, 0, bytes[at + 1]);
		}
	}
	try->seen_len += len + 2;
}

static struct tg_span element(const uint8_t *bytes, size_t len, uint8_t id)
{
	for (size_t at = HEADER; at + 2 <= len && at + 2 + bytes[at + 1] <= len; at += 2U + bytes[at + 1]) {
		if (bytes[at] == id) {
			return (struct tg_span){ bytes + at + 2, bytes[at + 1] };
		}
	}
	return (struct tg_span){ 0 };
}

static void on_token(const struct all *all, struct try *try, struct tg_span token)
{
	if (token.len == 0 || token.len > sizeof(try->token)) {
		return;
	}
	memcpy(try->token, token.p, token.len);
	try->token_len = (uint8_t)token.len;
	try->phase = PHASE_CHALLENGE;
	send_opening(all, try);
	try->asked_us = try->sent_us;
}

static void on_challenge(const struct all *all, struct try *try, const uint8_t *bytes, struct tg_span challenge,
                         uint64_t at_us)
{
	try->peer = (uint32_t)(bytes[0] & 0x7f) << 8 | bytes[1];
	try->challenge_us = at_us - try->asked_us;
	try->phase = PHASE_VERDICT;
	send_answer(all, try, challenge);
}

static void on_verdict(const struct all *all, struct try *try, const uint8_t *bytes, uint64_t at_us)
{
	const bool is_right = bytes[11] == ACCEPT || bytes[11] == REGACK;
	const uint32_t ts = (uint32_t)bytes[4] << 24 | (uint32_t)bytes[5] << 16 | (uint32_t)bytes[6] << 8 | bytes[7];

	try->peer = (uint32_t)(bytes[0] & 0x7f) << 8 | bytes[1];
	send_plain(all, try, ACK, ts, (uint8_t)bytes[9], (uint8_t)(bytes[8] + 1));
	if (bytes[11] == ACCEPT) {
		send_plain(all, try, HANGUP, timestamp(try), bytes[9], (uint8_t)(bytes[8] + 1));
	}
	if (try->phase != PHASE_OVER) {
		try->verdict_us = at_us - try->sent_us;
		try->outcome = is_right ? "granted" : try->phase == PHASE_VERDICT ? "refused" : "turned-away";
		try->phase = PHASE_OVER;
		try->due_us = at_us + LINGER_US;
	}
}

static void on_frame(const struct all *all, struct try *try, const uint8_t *bytes, size_t len, uint64_t at_us)
{
	const uint8_t subclass = bytes[11];

	if (bytes[10] != TYPE_IAX) {
		return;
	}
	if (try->outcome == NULL || subclass == REJECT || subclass == REGREJ) {
		note_shape(try, bytes, len);
	}
	if (subclass == CALLTOKEN && try->phase == PHASE_TOKEN) {
		on_token(all, try, element(bytes, len, IE_TOKEN));
	} else if ((subclass == AUTHREQ || subclass == REGAUTH) && try->phase == PHASE_CHALLENGE) {
		on_challenge(all, try, bytes, element(bytes, len, IE_CHALLENGE), at_us);
	} else if (subclass == REJECT || subclass == REGREJ || subclass == ACCEPT || subclass == REGACK) {
		on_verdict(all, try, bytes, at_us);
	}
}

static uint64_t kernel_us(struct msghdr *message)
{
	struct timespec at;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_TIMESTAMPNS) {
			memcpy(&at, CMSG_DATA(c), sizeof(at));
			return (uint64_t)at.tv_sec * TG_US_PER_S + (uint64_t)at.tv_nsec / 1000;
		}
	}
	return now_us();
}

static bool receive_one(const struct all *all, const struct source *source)
{
	uint8_t bytes[2048], control[128];
	struct iovec part = { bytes, sizeof(bytes) };
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control)
	};
	const ssize_t len = recvmsg(source->fd, &message, MSG_DONTWAIT);

	if (len < 0) {
		return false;
	}
	if (len >= HEADER && (bytes[0] & 0x80) != 0) {
		const uint16_t number = (uint16_t)((bytes[2] & 0x7f) << 8 | bytes[3]);
		struct try *try = source->slots[number % SLOTS];

		if (try != NULL && try->number == number) {
			on_frame(all, try, bytes, (size_t)len, kernel_us(&message));
		}
	}
	return true;
}

/* ---- Sources and rows ---- */

static void open_source(struct all *all, uint32_t index)
{
	struct source *source = &all->sources[index];
	const int on = 1, size = 1 << 20;
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = index };

	source->next = 2;
	source->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (source->fd < 0 || bind(source->fd, (struct sockaddr *)&source->addr, sizeof(source->addr)) != 0) {
		die("bind");
	}
	(void)setsockopt(source->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on));
	(void)setsockopt(source->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
	if (epoll_ctl(all->epoll, EPOLL_CTL_ADD, source->fd, &event) != 0) {
		die("epoll");
	}
}

static uint32_t source_of(struct all *all, char *text)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	char *port = strchr(text, ':');

	if (port != NULL) {
		*port++ = '\0';
		addr.sin_port = htons((uint16_t)strtoul(port, NULL, 10));
	}
	if (inet_pton(AF_INET, text, &addr.sin_addr) != 1 || strncmp(text, "127.", 4) != 0) {
		die("a source is no loopback address");
	}
	for (uint32_t i = 0; i < all->source_count; i++) {
		if (all->sources[i].addr.sin_addr.s_addr == addr.sin_addr.s_addr &&
		    all->sources[i].addr.sin_port == addr.sin_port) {
			return i;
		}
	}
	if (all->source_count == SOURCES_MAX) {
		die("too many sources");
	}
	all->sources[all->source_count].addr = addr;
	open_source(all, all->source_count);
	return all->source_count++;
}

static void read_rows(struct all *all)
{
	char line[4 * TEXT], from[TEXT];

	while (all->row_count < TRIES_MAX && fgets(line, sizeof(line), stdin) != NULL) {
		struct row *row = &all->rows[all->row_count++];

		if (sscanf(line, "%*15s %*15s %79s", from) != 1) {
			die("a row has no source");
		}
		row->source = source_of(all, from);
		memcpy(row->text, line, sizeof(row->text));
	}
}

static struct try *try_of(const struct row *row)
{
	struct try *try = calloc(1, sizeof(*try));
	char request[16];

	if (try == NULL || sscanf(row->text, "%15s %15s %*s %79s %79s %79s", try->tag, request, try->name, try->secret,
	                          try->context) < 4) {
		die("a row is too short");
	}
	try->request = strcmp(request, "call") == 0 ? NEW : strcmp(request, "release") == 0 ? REGREL : REGREQ;
	try->source = row->source;
	return try;
}

/* ---- The loop ---- */

static bool start_one(struct all *all)
{
	const struct row *row = &all->rows[all->at];
	struct source *source = &all->sources[row->source];

	if (source->slots[source->next % SLOTS] != NULL) {
		return false;
	}
	struct try *try = try_of(row);

	all->at++;
	try->number = source->next;
	source->next = source->next == 0x7fff ? 2 : (uint16_t)(source->next + 1);
	source->slots[try->number % SLOTS] = try;
	all->flight[all->flying++] = try;
	try->began_us = now_us();
	send_opening(all, try);
	return true;
}

static void show_shape(struct all *all, const struct try *try)
{
	uint32_t i = 0;

	while (i < SHAPES_MAX && all->shapes[i] != 0 && all->shapes[i] != try->shape) {
		i++;
	}
	if (i == SHAPES_MAX || all->shapes[i] == try->shape) {
		return;
	}
	all->shapes[i] = try->shape;
	printf("shape %016llx ", (unsigned long long)try->shape);
	for (size_t at = 0; at < try->seen_len; at++) {
		printf("%02x", try->seen[at]);
	}
	printf("\n");
}

static void finish(struct all *all, uint32_t at)
{
	struct try *try = all->flight[at];

	try->shape = 14695981039346656037U;
	for (size_t i = 0; i < try->seen_len; i++) {
		try->shape = (try->shape ^ try->seen[i]) * 1099511628211U;
	}
	show_shape(all, try);
	printf("%s %s %llu %llu %u %u %016llx\n", try->tag, try->outcome == NULL ? "unanswered" : try->outcome,
	       (unsigned long long)try->challenge_us, (unsigned long long)try->verdict_us, try->datagrams, try->resent,
	       (unsigned long long)try->shape);
	all->sources[try->source].slots[try->number % SLOTS] = NULL;
	all->flight[at] = all->flight[--all->flying];
	free(try);
}

static void do_what_is_due(struct all *all, uint64_t at_us)
{
	for (uint32_t i = all->flying; i-- > 0;) {
		struct try *try = all->flight[i];

		if (try->due_us > at_us) {
			continue;
		}
		if (try->phase == PHASE_OVER || try->resent == RESENT_MAX) {
			finish(all, i);
			continue;
		}
		try->resent++;
		try->due_us = at_us + RESEND_US;
		transmit(all, try, (struct tg_span){ try->last, try->last_len });
	}
}

static void start_due(struct all *all, uint64_t began_us, uint64_t at_us)
{
	const uint64_t wanted = (at_us - began_us) * all->per_s / TG_US_PER_S + 1;

	for (int i = 0; i < 16 && all->at < all->row_count && all->at < wanted && all->flying < all->flying_max; i++) {
		if (!start_one(all)) {
			return;
		}
	}
}

static void run(struct all *all)
{
	struct epoll_event events[64];
	const uint64_t began_us = now_us();
	uint64_t looked_us = began_us;

	while (all->at < all->row_count || all->flying > 0) {
		const int count = epoll_wait(all->epoll, events, 64, 1);
		const uint64_t at_us = now_us();

		for (int i = 0; i < count; i++) {
			for (int taken = 0; taken < 64 && receive_one(all, &all->sources[events[i].data.u32]);
			     taken++) {
			}
		}
		start_due(all, began_us, at_us);
		if (at_us - looked_us > 20000) {
			looked_us = at_us;
			do_what_is_due(all, at_us);
		}
	}
}

int main(int argc, char **argv)
{
	struct all *all = calloc(1, sizeof(*all));

	if (argc != 4 || all == NULL) {
		fprintf(stderr, "usage: knock PORT PER_SECOND IN_FLIGHT < rows\n");
		return 2;
	}
	all->to = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	all->to.sin_port = htons((uint16_t)strtoul(argv[1], NULL, 10));
	all->per_s = (uint32_t)strtoul(argv[2], NULL, 10);
	all->flying_max = (uint32_t)strtoul(argv[3], NULL, 10);
	all->md5 = crypt_md5_new();
	all->epoll = epoll_create1(EPOLL_CLOEXEC);
	all->rows = calloc(TRIES_MAX, sizeof(*all->rows));
	all->flight = calloc(all->flying_max, sizeof(struct try *));
	if (all->md5 == NULL || all->epoll < 0 || all->rows == NULL || all->flight == NULL) {
		die("no memory");
	}
	read_rows(all);
	run(all);
	return 0;
}
