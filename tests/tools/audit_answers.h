/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_AUDIT_ANSWERS_H
#define TG_TESTS_AUDIT_ANSWERS_H

#include "check.h"

#include "tools/audit.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- Answers as hosts give them ---- */

#define HAS(element) (UINT64_C(1) << (element))

enum { WALL_S = 1795290801 };

static struct tool_audit_record *record;

static inline int set_up(void **state)
{
	(void)state;
	record = calloc(1, sizeof(*record));
	assert(record != NULL);
	record->wall_s = WALL_S;
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	free(record);
	return 0;
}

static inline struct tool_audit_exchange *ask(enum tool_audit_probe probe, unsigned variant, const char *name)
{
	uint8_t bytes[TOOL_AUDIT_REQUEST_BYTES];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));
	const struct iax_frame frame = {
		.class = IAX_CLASS_FULL, .source = 77, .type = IAX_FRAME_IAX, .subclass = IAX_NEW
	};
	const struct iax_ies ies = { .has = name != NULL ? HAS(IAX_IE_USERNAME) : 0,
		                     .username = tg_span_text(name != NULL ? name : "") };
	struct tool_audit_exchange *exchange = NULL;

	CHECK_INT(iax_frame_put_header(&frame, &w), IAX_OK);
	CHECK_INT(iax_ies_encode(&ies, &w), IAX_OK);
	exchange = tool_audit_record_begin(record, probe, variant, tg_writer_span(&w));
	CHECK_TRUE(exchange != NULL);
	exchange->proven = probe >= AUDIT_GUEST && probe <= AUDIT_ACCOUNT;
	exchange->sent_us = 1000000 * record->count;
	return exchange;
}

static inline void answer_after(struct tool_audit_exchange *exchange, enum iax_subclass subclass,
                                const struct iax_ies *ies, uint64_t after_us)
{
	uint8_t bytes[1000];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));
	const struct iax_frame frame = {
		.class = IAX_CLASS_FULL,
		.source = 9,
		.destination = 77,
		.iseqno = 1,
		.oseqno = exchange->answer_count,
		.type = IAX_FRAME_IAX,
		.subclass = subclass,
	};

	CHECK_INT(iax_frame_put_header(&frame, &w), IAX_OK);
	CHECK_INT(iax_ies_encode(ies, &w), IAX_OK);
	tool_audit_record_answer(exchange, tg_writer_span(&w), exchange->sent_us + after_us);
}

static inline void answer(struct tool_audit_exchange *exchange, enum iax_subclass subclass)
{
	const struct iax_ies none = { 0 };

	answer_after(exchange, subclass, &none, 300);
}

static inline void answer_cause(struct tool_audit_exchange *exchange, enum iax_subclass subclass, uint8_t cause)
{
	const struct iax_ies ies = { .has = HAS(IAX_IE_CAUSECODE), .cause_code = cause };

	answer_after(exchange, subclass, &ies, 300);
}

static inline void challenge_with(struct tool_audit_exchange *exchange, const char *challenge, uint16_t methods,
                                  uint64_t after_us)
{
	const struct iax_ies ies = {
		.has = HAS(IAX_IE_AUTHMETHODS) | HAS(IAX_IE_CHALLENGE),
		.auth_methods = methods,
		.challenge = tg_span_text(challenge),
	};

	answer_after(exchange,
	             exchange->probe == AUDIT_NAME_REG || exchange->probe == AUDIT_REG_NO_TOKEN ? IAX_REGAUTH
	                                                                                        : IAX_AUTHREQ,
	             &ies, after_us);
}

/* Unlike any other, and not to be foreseen. */
static inline const char *good_challenge(char text[21])
{
	static uint32_t seed = 1;

	for (size_t i = 0; i < 20; i++) {
		seed = seed * 1664525 + 1013904223;
		text[i] = "abcdefghijklmnopqrstuvwxyz234567"[seed >> 27];
	}
	text[20] = '\0';
	return text;
}

static inline void challenge(struct tool_audit_exchange *exchange)
{
	char text[21];

	challenge_with(exchange, good_challenge(text), IAX_AUTH_MD5, 300);
}

static inline void give_token(struct tool_audit_exchange *exchange, struct tg_span token)
{
	const struct iax_ies ies = { .has = HAS(IAX_IE_CALLTOKEN), .call_token = token };

	answer_after(exchange, IAX_CALLTOKEN, &ies, 300);
}

/* What a sound host says to everything: the bad ones differ in one thing each. */
static inline void sound_host(void)
{
	give_token(ask(AUDIT_CALL_EMPTY, AUDIT_RANDOM_NAME, "whoisthat"), TG_SPAN_LIT("\x8f\x13\x99q\xfe\x02z"));
	answer_cause(ask(AUDIT_CALL_NO_TOKEN, AUDIT_RANDOM_NAME, "whoisthat"), IAX_REJECT, 50);
	answer_cause(ask(AUDIT_CALL_NO_TOKEN, AUDIT_KNOWN_NAME, "alice"), IAX_REJECT, 50);
	answer_cause(ask(AUDIT_REG_NO_TOKEN, AUDIT_RANDOM_NAME, "whoisthat"), IAX_REGREJ, 29);
	ask(AUDIT_CALL_FORGED, AUDIT_RANDOM_NAME, "whoisthat");
	ask(AUDIT_CALL_OTHER_PORT, AUDIT_RANDOM_NAME, "whoisthat");
	ask(AUDIT_CALL_OLD_TOKEN, AUDIT_RANDOM_NAME, "whoisthat");
	ask(AUDIT_POKE, 0, NULL);
	ask(AUDIT_POKE_ZERO, 0, NULL);
	for (unsigned i = AUDIT_TO_NOTHING; i <= AUDIT_TO_INTERNATIONAL; i++) {
		answer_cause(ask(AUDIT_GUEST, i, NULL), IAX_REJECT, 50);
	}
	for (unsigned i = 0; i < 30; i++) {
		challenge(ask(i % 2 == 0 ? AUDIT_NAME_CALL : AUDIT_NAME_REG, AUDIT_RANDOM_NAME, "whois"));
		challenge(ask(i % 2 == 0 ? AUDIT_NAME_CALL : AUDIT_NAME_REG, AUDIT_KNOWN_NAME, "alice"));
	}
	answer(ask(AUDIT_FIRMWARE, 0, NULL), IAX_UNSUPPORT);

	struct tool_audit_exchange *login = ask(AUDIT_LOGIN, AUDIT_RANDOM_NAME, "whoisthat");
	struct tool_audit_exchange *account = ask(AUDIT_ACCOUNT, AUDIT_KNOWN_NAME, "alice");
	struct tool_audit_exchange *encrypted = ask(AUDIT_ENCRYPTION, AUDIT_RANDOM_NAME, "whoisthat");
	char text[21];
	const struct iax_ies offer = {
		.has = HAS(IAX_IE_AUTHMETHODS) | HAS(IAX_IE_CHALLENGE) | HAS(IAX_IE_ENCRYPTION),
		.auth_methods = IAX_AUTH_MD5,
		.challenge = tg_span_text(good_challenge(text)),
		.encryption = IAX_ENCRYPTION_AES128,
	};

	challenge(login);
	answer_cause(login, IAX_REJECT, 50);
	challenge(account);
	answer(account, IAX_ACCEPT);
	answer_after(encrypted, IAX_AUTHREQ, &offer, 300);
	for (unsigned i = 0; i < 10; i++) {
		struct tool_audit_exchange *unknown = ask(AUDIT_UNKNOWN_CALL, 0, NULL);

		if (i < 5) {
			answer(unknown, IAX_INVAL);
		}
	}
	record->has_secret = true;
}

static inline struct tool_audit_exchange *exchange_of(enum tool_audit_probe probe, unsigned variant)
{
	for (size_t i = 0; i < record->count; i++) {
		if (record->exchanges[i].probe == probe && record->exchanges[i].variant == variant) {
			return &record->exchanges[i];
		}
	}
	fail_msg("no such exchange: %d %u", probe, variant);
	return NULL;
}

/* The same request, unanswered yet. */
static inline struct tool_audit_exchange *again(enum tool_audit_probe probe, unsigned variant)
{
	struct tool_audit_exchange *exchange = exchange_of(probe, variant);

	exchange->answer_count = 0;
	exchange->packets_back = exchange->bytes_back = exchange->repeats = 0;
	return exchange;
}

static inline const struct tool_audit_verdict *verdict_of(struct tool_audit_verdict *verdicts, const char *id)
{
	for (size_t i = 0; tool_audit_rows[i].id != NULL; i++) {
		if (strcmp(tool_audit_rows[i].id, id) == 0) {
			return &verdicts[i];
		}
	}
	fail_msg("no row %s", id);
	return NULL;
}

#endif
