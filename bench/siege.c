/* SPDX-License-Identifier: Apache-2.0 */
#include "flood.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "iax/frame.h"
#include "iax/wire.h"
#include "sys/udp.h"

/*
 * Many addresses that prove themselves and then open calls as often as one address may, with a fresh number each time. Either they
 * never answer the challenge: each holds as many half-open dialogs as it can. Or they answer every one, each time with another wrong
 * secret, and acknowledge the refusal. Tokens are asked for again before they are too old.
 */
enum {
	OPENINGS_PER_S = 4, /* of one address: what the guard allows a stranger */
	TOKEN_BYTES = 7,
	DIGEST_CHARS = 32,
	TOKEN_US = 6 * TG_US_PER_S,
	BUFFER_BYTES = 16 << 20,
	BATCHES = 8,
	BATCHES_BEHIND = 4, /* sends that are caught up with in one turn; what is older is left out */
};

struct besieger {
	uint64_t token_us; /* when it came; 0: none */
	uint16_t number;
	uint8_t token[TOKEN_BYTES];
};

struct siege {
	struct sys_udp *udp;
	struct tg_addr remote;
	uint64_t began_us, due; /* sends that should have been made */
	uint32_t count, next, random;
	bool guesses;
	struct siege_sums sums;
	struct besieger all[];
};

/* Four in a /24, so that none is held back for its neighbours' sake. */
static struct tg_addr address_of(uint32_t n)
{
	return flood_addr((uint8_t)(64 + n % 64), (uint8_t)(n / 64), (uint8_t)(1 + n / 16384));
}

static uint32_t number_of(struct tg_addr addr)
{
	const uint8_t *ip = addr.ip + 12;

	return (uint32_t)(ip[1] - 64) % 64 + 64U * ip[2] + 16384U * (uint8_t)(ip[3] - 1);
}

struct siege *siege_new(uint32_t count, uint16_t port, bool guesses)
{
	static const uint8_t any[4];
	const struct sys_udp_options options = { .local = tg_addr_ipv4(any, 0), .buffer_bytes = BUFFER_BYTES };
	struct siege *siege = calloc(1, sizeof(*siege) + count * sizeof(siege->all[0]));
	const int fd = sys_udp_open(&options);

	if (siege == NULL || fd < 0 || (siege->udp = sys_udp_new(fd)) == NULL) {
		perror("socket of the besiegers");
		free(siege);
		return NULL;
	}
	sys_udp_set_kinds(siege->udp, iax_frame_kind);
	siege->count = count;
	siege->guesses = guesses;
	siege->random = 2463534242;
	siege->remote = flood_addr(0, 0, 1); /* the only target there is */
	siege->remote.port = port;
	return siege;
}

void siege_free(struct siege *siege)
{
	if (siege != NULL) {
		sys_udp_free(siege->udp);
		free(siege);
	}
}

static void put_text(struct tg_writer *w, uint8_t element, const char *text)
{
	tg_put_u8(w, element);
	tg_put_u8(w, (uint8_t)strlen(text));
	tg_put_span(w, tg_span_text(text));
}

static void send_new(struct siege *siege, uint32_t n, uint64_t now_us)
{
	struct besieger *one = &siege->all[n];
	const bool has_token = one->token_us != 0 && now_us - one->token_us < TOKEN_US;
	uint8_t frame[FLOOD_FRAME_MAX];
	struct tg_writer w = tg_writer_of(frame, sizeof(frame));

	one->number = (uint16_t)(2 + (one->number + 1) % 32000);
	tg_put_u16(&w, (uint16_t)(IAX_FULL_BIT | one->number));
	tg_put_u16(&w, 0);
	tg_put_u32(&w, 3);
	tg_put_u16(&w, 0);
	tg_put_u8(&w, IAX_FRAME_IAX);
	tg_put_u8(&w, IAX_NEW);
	tg_put_u8(&w, IAX_IE_VERSION);
	tg_put_u8(&w, 2);
	tg_put_u16(&w, 2);
	put_text(&w, IAX_IE_USERNAME, "office");
	put_text(&w, IAX_IE_CALLED_NUMBER, "600");
	tg_put_u8(&w, IAX_IE_CALLTOKEN);
	tg_put_u8(&w, has_token ? TOKEN_BYTES : 0);
	tg_put_span(&w, (struct tg_span){ one->token, has_token ? TOKEN_BYTES : 0 });
	sys_udp_queue(siege->udp, siege->remote, address_of(n), tg_writer_span(&w));
	siege->sums.opened += has_token;
	siege->sums.asked += !has_token;
}

/* Our second frame in this dialog. */
static void put_reply(struct tg_writer *w, const uint8_t *frame, uint8_t subclass)
{
	const uint8_t theirs = frame[8];

	tg_put_u8(w, 0x80 | frame[2]);
	tg_put_u8(w, frame[3]);
	tg_put_u8(w, frame[0] & 0x7f);
	tg_put_u8(w, frame[1]);
	tg_put_span(w, (struct tg_span){ frame + 4, 4 });
	tg_put_u8(w, subclass == IAX_ACK ? frame[9] : 1);
	tg_put_u8(w, (uint8_t)(theirs + 1));
	tg_put_u8(w, IAX_FRAME_IAX);
	tg_put_u8(w, subclass);
}

static void put_guess(struct siege *siege, struct tg_writer *w)
{
	tg_put_u8(w, IAX_IE_MD5_RESULT);
	tg_put_u8(w, DIGEST_CHARS);
	for (int i = 0; i < DIGEST_CHARS; i++) {
		siege->random = siege->random * 1664525 + 1013904223;
		tg_put_u8(w, (uint8_t) "0123456789abcdef"[siege->random >> 28]);
	}
}

static void reply(struct siege *siege, const struct sys_udp_packet *packet)
{
	const uint8_t *in = packet->bytes.p;
	const bool is_challenge = in[11] == IAX_AUTHREQ;
	uint8_t frame[FLOOD_FRAME_MAX];
	struct tg_writer w = tg_writer_of(frame, sizeof(frame));

	put_reply(&w, in, is_challenge ? IAX_AUTHREP : IAX_ACK);
	if (is_challenge) {
		put_guess(siege, &w);
	}
	siege->sums.guessed += is_challenge;
	siege->sums.refused += !is_challenge;
	sys_udp_queue(siege->udp, packet->remote, packet->local, tg_writer_span(&w));
}

static void take_answers(struct siege *siege, uint64_t now_us)
{
	struct sys_udp_packet packets[SYS_UDP_BATCH];
	unsigned count = SYS_UDP_BATCH;

	for (int batch = 0; batch < BATCHES && count == SYS_UDP_BATCH; batch++) {
		count = sys_udp_receive(siege->udp, packets);
		for (unsigned i = 0; i < count; i++) {
			const struct tg_span bytes = packets[i].bytes;
			const uint32_t n = number_of(packets[i].local);

			siege->sums.challenged += bytes.len > IAX_FULL_BYTES && bytes.p[11] == IAX_AUTHREQ;
			if (n < siege->count && bytes.len == IAX_FULL_BYTES + 2 + TOKEN_BYTES &&
			    bytes.p[11] == IAX_CALLTOKEN) {
				memcpy(siege->all[n].token, bytes.p + IAX_FULL_BYTES + 2, TOKEN_BYTES);
				siege->all[n].token_us = now_us;
			} else if (siege->guesses && bytes.len > IAX_FULL_BYTES &&
			           (bytes.p[11] == IAX_AUTHREQ || bytes.p[11] == IAX_REJECT)) {
				reply(siege, &packets[i]);
			}
		}
	}
}

void siege_turn(struct siege *siege, uint64_t now_us)
{
	const uint32_t most = BATCHES_BEHIND * SYS_UDP_BATCH;

	siege->began_us = siege->began_us == 0 ? now_us : siege->began_us;
	const uint64_t due = (now_us - siege->began_us) * siege->count * OPENINGS_PER_S / TG_US_PER_S;

	siege->sums.left_out += due - siege->due > most ? due - siege->due - most : 0;
	for (uint64_t i = tg_min_u64(due - siege->due, most); i > 0; i--) {
		send_new(siege, siege->next, now_us);
		siege->next = (siege->next + 1) % siege->count;
	}
	siege->due = due;
	sys_udp_send(siege->udp);
	take_answers(siege, now_us);
}

struct siege_sums siege_sums(const struct siege *siege)
{
	return siege->sums;
}
