/* SPDX-License-Identifier: Apache-2.0 */
#include "raw.h"

#include "base/zeroed.h"
#include "check.h"

#include <stdlib.h>
#include <string.h>

enum { START_US = 5000000, BYTES = 1500 };

static const uint8_t elements[] = "\x0b\x02\x00\x02\x06\x03"
				  "bob"
				  "\x08\x04\x00\x00\x00\x04\x09\x04\x00\x00\x00\x04";

void raw_init(struct raw *raw, const struct iax_config *config)
{
	static const uint8_t key[CRYPT_KEY_BYTES] = { 7 };
	const uint8_t own[4] = { 192, 0, 2, 1 };

	*raw = (struct raw){ .now_us = START_US, .local = tg_addr_ipv4(own, IAX_PORT) };
	raw->mem = tg_zeroed_new(iax_endpoint_size(config));
	CHECK_TRUE(raw->mem != NULL);
	raw->ep = iax_endpoint_init(raw->mem, config, raw->now_us);
	iax_token_keys_init(&raw->keys, key, config->token_slot_ms, false, 0, raw->now_us);
}

void raw_free(struct raw *raw)
{
	free(raw->mem);
}

struct tg_addr raw_host(uint32_t n)
{
	const uint8_t ip[4] = { 10, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };

	return tg_addr_ipv4(ip, IAX_PORT);
}

struct iax_pass raw_pass(void)
{
	return (struct iax_pass){ .proof = IAX_PROVEN, .numbers_max = UINT32_MAX, .unproven_max = UINT32_MAX };
}

static void look_at(struct raw *raw, const struct iax_datagram *out)
{
	struct iax_ies ies;
	struct iax_frame frame;

	raw->datagrams_out++;
	raw->octets_out += out->bytes.len;
	CHECK_UINT(iax_frame_decode(&frame, out->bytes), IAX_OK);
	if (frame.class == IAX_CLASS_FULL) {
		raw->cause = frame.type == IAX_FRAME_IAX && iax_ies_decode(&ies, frame.payload) == IAX_OK
		                     ? ies.cause_code
		                     : 0;
		raw->out = frame;
		raw->out.payload = (struct tg_span){ 0 };
		raw->to = out->remote;
	}
}

void raw_fetch(struct raw *raw)
{
	struct iax_datagram out;
	struct iax_event event;

	while (iax_endpoint_next_event(raw->ep, &event)) {
		raw->events[event.kind]++;
		raw->last = event;
		raw->last.ies = NULL;
		if (event.kind == IAX_EV_ENDED && event.end == IAX_END_EVICTED) {
			raw->evicted = event.leg;
		}
	}
	while (iax_endpoint_next_datagram(raw->ep, &out, raw->now_us)) {
		look_at(raw, &out);
	}
}

enum iax_err raw_receive(struct raw *raw, const struct tg_addr *from, const struct iax_pass *pass, struct tg_span bytes)
{
	const struct iax_datagram in = { *from, raw->local, bytes };
	const enum iax_err err = iax_endpoint_open(raw->ep, &in, pass, raw->now_us);

	raw->datagrams_in++;
	raw->octets_in += bytes.len;
	raw_fetch(raw);
	return err;
}

struct tg_span raw_write(const struct raw_frame *frame, uint8_t *buffer, size_t size)
{
	struct tg_writer w = tg_writer_of(buffer, size);

	tg_put_u16(&w, (uint16_t)(IAX_FULL_BIT | frame->source));
	tg_put_u16(&w, (uint16_t)((frame->retry ? IAX_RETRY_BIT : 0) | frame->destination));
	tg_put_u32(&w, frame->ts_ms);
	tg_put_u8(&w, frame->oseqno);
	tg_put_u8(&w, frame->iseqno);
	tg_put_u8(&w, frame->type);
	tg_put_u8(&w, frame->subclass);
	tg_put_span(&w, frame->payload);
	CHECK_TRUE(tg_writer_ok(&w));
	return tg_writer_span(&w);
}

enum iax_err raw_send(struct raw *raw, const struct tg_addr *from, const struct iax_pass *pass,
                      const struct raw_frame *frame)
{
	uint8_t bytes[BYTES];

	return raw_receive(raw, from, pass, raw_write(frame, bytes, sizeof(bytes)));
}

static bool is_for_the_door(struct tg_span bytes)
{
	return bytes.len >= 4 && (bytes.p[0] & 0x80) != 0 && (bytes.p[2] & 0x7f) == 0 && bytes.p[3] == 0;
}

enum iax_err raw_arrive(struct raw *raw, const struct tg_addr *from, struct tg_span bytes)
{
	const struct iax_door_policy policy = { .token_required = true };
	struct iax_pass pass = raw_pass();
	struct iax_door_verdict verdict;

	pass.proof = IAX_UNPROVEN;
	if (is_for_the_door(bytes)) {
		iax_door_judge(&verdict, &policy, &raw->keys, from, &raw->local, bytes, raw->now_us);
		if (verdict.kind == IAX_DOOR_DROP || verdict.kind == IAX_DOOR_ANSWER) {
			raw->datagrams_in++;
			raw->octets_in += bytes.len;
			raw->datagrams_out += verdict.kind == IAX_DOOR_ANSWER;
			raw->octets_out += verdict.kind == IAX_DOOR_ANSWER ? verdict.answer_len : 0;
			raw->to = *from;
			return verdict.why;
		}
		pass.proof = verdict.proof;
	}
	return raw_receive(raw, from, &pass, bytes);
}

enum iax_err raw_open(struct raw *raw, const struct tg_addr *from, const struct iax_pass *pass, uint16_t number,
                      uint8_t subclass)
{
	const struct raw_frame frame = {
		.source = number,
		.ts_ms = 1,
		.type = IAX_FRAME_IAX,
		.subclass = subclass,
		.payload = { elements, sizeof(elements) - 1 },
	};

	return raw_send(raw, from, pass, &frame);
}

struct raw_frame raw_reply(const struct raw *raw, struct iax_leg_id leg, uint8_t type, uint8_t subclass)
{
	struct iax_leg_info info;

	CHECK_TRUE(iax_leg_info(raw->ep, leg, &info));
	return (struct raw_frame){
		.source = info.remote_number,
		.destination = info.local_number,
		.ts_ms = 20u + info.iseqno,
		.type = type,
		.subclass = subclass,
		.oseqno = info.iseqno,
		.iseqno = info.oseqno,
	};
}

struct iax_leg_id raw_link(struct raw *raw, const struct tg_addr *from, const struct iax_pass *pass, uint16_t number)
{
	struct raw_frame frame;

	CHECK_UINT(raw_open(raw, from, pass, number, IAX_NEW), IAX_OK);
	const struct iax_leg_id leg = raw->last.leg;

	CHECK_UINT(iax_leg_challenge(raw->ep, leg, IAX_AUTH_MD5, TG_SPAN_LIT("once"), raw->now_us), IAX_OK);
	raw_fetch(raw);
	frame = raw_reply(raw, leg, IAX_FRAME_IAX, IAX_AUTHREP);
	frame.payload = TG_SPAN_LIT("\x10\x20"
	                            "0123456789abcdef0123456789abcdef");
	CHECK_UINT(raw_send(raw, from, pass, &frame), IAX_OK);
	CHECK_UINT(raw->last.kind, IAX_EV_VERIFY);
	CHECK_UINT(iax_call_accept(raw->ep, leg, IAX_FORMAT_ULAW, raw->now_us), IAX_OK);
	raw_fetch(raw);
	frame = raw_reply(raw, leg, IAX_FRAME_IAX, IAX_ACK);
	CHECK_UINT(raw_send(raw, from, pass, &frame), IAX_OK);
	CHECK_UINT(raw->last.kind, IAX_EV_CONFIRMED);
	return leg;
}

void raw_run_ms(struct raw *raw, uint64_t span_ms)
{
	const uint64_t end_us = raw->now_us + span_ms * TG_US_PER_MS;

	while (iax_endpoint_deadline_us(raw->ep) <= end_us) {
		raw->now_us = tg_max_u64(raw->now_us, iax_endpoint_deadline_us(raw->ep));
		iax_endpoint_expire(raw->ep, raw->now_us);
		raw_fetch(raw);
	}
	raw->now_us = end_us;
}

struct iax_endpoint_stats raw_stats(const struct raw *raw)
{
	struct iax_endpoint_stats stats;

	iax_endpoint_stats(raw->ep, &stats);
	return stats;
}

struct iax_host_row raw_row(const struct raw *raw, const struct tg_addr *host)
{
	struct iax_host_row row;
	uint32_t cursor = 0;

	while (iax_endpoint_host_row(raw->ep, &cursor, &row)) {
		if (tg_addr_in_prefix(*host, row.addr, row.bits)) {
			return row;
		}
	}
	return (struct iax_host_row){ 0 };
}
