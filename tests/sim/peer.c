/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

#include "check.h"

#include <string.h>

static void tap(void *owner, struct sim *sim, const struct tg_addr *from, const struct tg_addr *to,
                struct tg_span bytes)
{
	struct peer *peer = owner;
	struct peer_frame *kept = &peer->frames[peer->count];

	(void)from;
	CHECK_TRUE(peer->count < PEER_FRAMES && bytes.len <= PEER_BYTES);
	*kept = (struct peer_frame){ .to = *to, .at_us = sim->now_us, .len = bytes.len };
	memcpy(kept->bytes, bytes.p, bytes.len);
	CHECK_UINT(iax_frame_decode(&kept->frame, (struct tg_span){ kept->bytes, kept->len }), IAX_OK);
	peer->count++;
	if (kept->frame.class != IAX_CLASS_FULL) {
		return;
	}
	if (kept->frame.type == IAX_FRAME_IAX) {
		CHECK_UINT(iax_ies_decode(&kept->ies, kept->frame.payload), IAX_OK);
		CHECK_UINT(kept->ies.invalid | kept->ies.twice, 0);
	}
	if (kept->frame.source > IAX_CALLNO_STATELESS) {
		peer->remote_number = kept->frame.source;
		if (!iax_frame_is_unnumbered(&kept->frame) && kept->frame.oseqno == peer->iseqno) {
			peer->iseqno++;
		}
	}
}

void peer_init(struct peer *peer, struct sim *sim, unsigned node, uint8_t host, uint16_t number)
{
	const uint8_t ip[4] = { 198, 51, 100, host };

	*peer = (struct peer){ .sim = sim, .node = node, .addr = tg_addr_ipv4(ip, IAX_PORT), .number = number };
	sim->tap = tap;
	sim->tap_owner = peer;
}

enum iax_err peer_send_bytes(struct peer *peer, struct tg_span bytes)
{
	return sim_inject(peer->sim, peer->node, peer->addr, bytes);
}

enum iax_err peer_send_frame(struct peer *peer, const struct iax_frame *frame)
{
	uint8_t bytes[PEER_BYTES];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));

	CHECK_UINT(iax_frame_encode(frame, &w), IAX_OK);
	return peer_send_bytes(peer, tg_writer_span(&w));
}

enum iax_err peer_send(struct peer *peer, uint8_t type, uint64_t subclass, struct tg_span payload)
{
	const struct iax_frame frame = {
		.class = IAX_CLASS_FULL,
		.source = peer->number,
		.destination = peer->remote_number,
		.ts_ms = peer->ts_ms += 20,
		.oseqno = peer->oseqno++,
		.iseqno = peer->iseqno,
		.type = type,
		.subclass = subclass,
		.payload = payload,
	};

	return peer_send_frame(peer, &frame);
}

enum iax_err peer_send_ies(struct peer *peer, uint8_t subclass, const struct iax_ies *ies)
{
	uint8_t bytes[PEER_BYTES];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));

	if (ies != NULL) {
		CHECK_UINT(iax_ies_encode(ies, &w), IAX_OK);
	}
	return peer_send(peer, IAX_FRAME_IAX, subclass, tg_writer_span(&w));
}

enum iax_err peer_ack(struct peer *peer)
{
	const struct iax_frame frame = {
		.class = IAX_CLASS_FULL,
		.source = peer->number,
		.destination = peer->remote_number,
		.ts_ms = peer->count > 0 ? peer->frames[peer->count - 1].frame.ts_ms : 0,
		.oseqno = peer->oseqno,
		.iseqno = peer->iseqno,
		.type = IAX_FRAME_IAX,
		.subclass = IAX_ACK,
	};

	return peer_send_frame(peer, &frame);
}

void peer_clear(struct peer *peer)
{
	peer->count = 0;
}

unsigned peer_count(const struct peer *peer, uint8_t type, uint64_t subclass)
{
	unsigned count = 0;

	for (unsigned i = 0; i < peer->count; i++) {
		const struct iax_frame *frame = &peer->frames[i].frame;

		count += frame->class == IAX_CLASS_FULL && frame->type == type && frame->subclass == subclass;
	}
	return count;
}

const struct peer_frame *peer_last(const struct peer *peer, uint8_t type, uint64_t subclass)
{
	for (unsigned i = peer->count; i > 0; i--) {
		const struct iax_frame *frame = &peer->frames[i - 1].frame;

		if (frame->class == IAX_CLASS_FULL && frame->type == type && frame->subclass == subclass) {
			return &peer->frames[i - 1];
		}
	}
	print_error("no frame of type %u, subclass %" PRIu64 " came\n", type, subclass);
	fail();
	return NULL;
}

size_t peer_octets(const struct peer *peer)
{
	size_t octets = 0;

	for (unsigned i = 0; i < peer->count; i++) {
		octets += peer->frames[i].len;
	}
	return octets;
}

struct iax_ies peer_new(const char *user)
{
	struct iax_ies ies = {
		.version = IAX_VERSION,
		.called_number = TG_SPAN_LIT("1000"),
		.username = tg_span_text(user),
		.format = IAX_FORMAT_ULAW,
		.capability = IAX_FORMAT_ULAW | IAX_FORMAT_ALAW,
	};

	ies.has = UINT64_C(1) << IAX_IE_VERSION | UINT64_C(1) << IAX_IE_CALLED_NUMBER | UINT64_C(1) << IAX_IE_USERNAME |
	          UINT64_C(1) << IAX_IE_FORMAT | UINT64_C(1) << IAX_IE_CAPABILITY;
	return ies;
}

enum iax_err peer_open(struct peer *peer, uint8_t subclass, const struct iax_ies *in)
{
	struct iax_ies ies = *in;
	uint8_t token[255];

	ies.has |= UINT64_C(1) << IAX_IE_CALLTOKEN;
	peer->oseqno = peer->iseqno = 0;
	peer->remote_number = 0;
	CHECK_UINT(peer_send_ies(peer, subclass, &ies), IAX_ERR_ANSWERED);
	const struct tg_span given = peer_last(peer, IAX_FRAME_IAX, IAX_CALLTOKEN)->ies.call_token;

	memcpy(token, given.p, given.len);
	ies.call_token = (struct tg_span){ token, given.len };
	peer->oseqno = 0;
	peer_clear(peer);
	return peer_send_ies(peer, subclass, &ies);
}

void peer_link(struct peer *peer)
{
	const struct iax_ies ies = peer_new("alice");

	CHECK_UINT(peer_open(peer, IAX_NEW, &ies), IAX_OK);
	CHECK_UINT(peer_count(peer, IAX_FRAME_IAX, IAX_ACCEPT), 1);
	CHECK_UINT(peer_ack(peer), IAX_OK);
	CHECK_UINT(peer_ack(peer), IAX_OK);
}
