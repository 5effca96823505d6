/* SPDX-License-Identifier: Apache-2.0 */
/* The door answers nobody with more than came, judges alike when asked again, and lets pass only what it may. */
#include "iax/door.h"
#include "iax/frame.h"
#include "iax/fuzz.h"
#include "iax/ies.h"

#include <string.h>

enum { BUFFER_BYTES = 70000 };

enum {
	IN_REQUIRED = 1,
	IN_STEALTH = 2,
	IN_ASKS = 4,     /* policy by function: who has an even first letter is excused */
	IN_DECLARED = 8, /* the source is in a declared range */
	IN_KNOWN = 16,
	IN_TEXT = 32,
	IN_GOOD_TOKEN = 64,
};

static bool even_is_excused(const void *owner, bool is_new, struct tg_span username, const struct tg_addr *remote)
{
	(void)owner;
	(void)remote;
	assert(tg_utf8_is_plain(username));
	return username.len > 0 && username.p[0] % 2 == (is_new ? 0 : 1);
}

static bool always(const void *owner, const struct tg_addr *remote)
{
	(void)owner;
	(void)remote;
	return true;
}

/* Overwrites the first CALLTOKEN element if it is as long as one of ours. */
static void put_good_token(uint8_t *datagram, size_t len, const struct iax_token_keys *keys,
                           const struct tg_addr *remote, const struct tg_addr *local, uint64_t now_us)
{
	struct tg_reader r = tg_reader_of((struct tg_span){ datagram, len });
	uint8_t token[IAX_TOKEN_BYTES_MAX];
	const size_t token_len = iax_token_make(keys, remote, local, now_us, token);
	struct tg_span data;
	uint8_t id;

	(void)tg_take_span(&r, IAX_FULL_BYTES);
	while (iax_ies_next(&r, &id, &data)) {
		if (id == IAX_IE_CALLTOKEN && data.len == token_len) {
			memcpy(datagram + (data.p - datagram), token, token_len);
		}
		if (id == IAX_IE_CALLTOKEN) {
			return;
		}
	}
}

static void answer_holds(const struct iax_door_verdict *verdict, struct tg_span request, bool declared)
{
	const struct tg_span bytes = { verdict->answer, verdict->answer_len };
	struct iax_frame asked, answer;
	struct iax_ies ies;

	assert(bytes.len <= IAX_DOOR_ANSWER_MAX && (declared || bytes.len <= request.len));
	assert(iax_frame_decode(&asked, request) == IAX_OK && iax_frame_decode(&answer, bytes) == IAX_OK);
	assert(answer.class == IAX_CLASS_FULL && answer.source == IAX_CALLNO_STATELESS && !answer.retry);
	assert(answer.destination == asked.source && asked.source != IAX_CALLNO_NONE);
	assert(answer.ts_ms == asked.ts_ms && answer.oseqno == 0 && answer.iseqno == 1);
	assert(answer.type == IAX_FRAME_IAX && answer.subclass == verdict->answered);
	assert(iax_ies_decode(&ies, answer.payload) == IAX_OK && ies.invalid == 0);
	assert(memchr(ies.call_token.p != NULL ? ies.call_token.p : bytes.p, 0, ies.call_token.len) == NULL);
}

static bool is_opening(uint64_t subclass)
{
	return subclass == IAX_NEW || subclass == IAX_REGREQ || subclass == IAX_REGREL;
}

static void passing_holds(const struct iax_door_verdict *verdict, struct tg_span request,
                          const struct iax_token_keys *keys, const struct tg_addr *remote, const struct tg_addr *local,
                          uint64_t now_us)
{
	struct iax_frame frame;
	struct iax_ies ies;

	assert(verdict->answer_len == 0 && verdict->why == IAX_OK);
	assert(iax_frame_decode(&frame, request) == IAX_OK && frame.class == IAX_CLASS_FULL);
	assert(frame.destination == IAX_CALLNO_NONE && frame.source != IAX_CALLNO_NONE);
	assert(frame.type == IAX_FRAME_IAX && iax_ies_decode(&ies, frame.payload) == IAX_OK);
	if (verdict->kind == IAX_DOOR_EXISTING) {
		assert(frame.subclass == IAX_HANGUP);
		return;
	}
	assert(is_opening(frame.subclass) && frame.oseqno == 0);
	/* What the door saw as token, the decoder sees, too. */
	assert((verdict->proof == IAX_PROVEN) == iax_ies_has(&ies, IAX_IE_CALLTOKEN));
	assert(verdict->proof != IAX_PROVEN || iax_token_check(keys, remote, local, ies.call_token, now_us));
}

/* The first octet sets the policy, and whether a good token is put in place of one; the rest is the datagram. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t datagram[BUFFER_BYTES];
	static const uint8_t key[CRYPT_KEY_BYTES] = "0123456789abcdef";
	const uint8_t in = size > 0 ? data[0] : 0;
	const struct iax_door_policy policy = {
		.token_required = (in & IN_REQUIRED) != 0,
		.stealth = (in & IN_STEALTH) != 0,
		.is_excused = (in & IN_ASKS) != 0 ? even_is_excused : NULL,
		.is_declared = (in & IN_DECLARED) != 0 ? always : NULL,
		.is_known = (in & IN_KNOWN) != 0 ? always : NULL,
	};
	const struct tg_addr remote = tg_addr_ipv4((const uint8_t[]){ 203, 0, 113, 7 }, IAX_PORT);
	const struct tg_addr local = tg_addr_ipv4((const uint8_t[]){ 192, 0, 2, 1 }, IAX_PORT);
	const uint64_t now_us = 12345678;
	struct iax_door_verdict verdict, again;
	struct iax_token_keys keys;

	if (size <= 1 || size > sizeof(datagram)) {
		return 0;
	}
	const struct tg_span request = { datagram, size - 1 };

	memcpy(datagram, data + 1, request.len);
	iax_token_keys_init(&keys, key, 8000, (in & IN_TEXT) != 0, UINT64_C(1700000000) * TG_US_PER_S, 0);
	if ((in & IN_GOOD_TOKEN) != 0) {
		put_good_token(datagram, request.len, &keys, &remote, &local, now_us);
	}
	assert(iax_door_judge(&verdict, &policy, &keys, &remote, &local, request, now_us) == verdict.kind);
	assert(iax_door_judge(&again, &policy, &keys, &remote, &local, request, now_us) == verdict.kind);
	assert(again.why == verdict.why && again.proof == verdict.proof && again.answered == verdict.answered);
	assert(again.answer_len == verdict.answer_len && memcmp(again.answer, verdict.answer, verdict.answer_len) == 0);
	switch (verdict.kind) {
	case IAX_DOOR_ANSWER:
		answer_holds(&verdict, request, policy.is_declared != NULL);
		break;
	case IAX_DOOR_DROP:
		assert(verdict.why != IAX_OK && verdict.answer_len == 0);
		break;
	case IAX_DOOR_PASS:
	case IAX_DOOR_EXISTING:
		passing_holds(&verdict, request, &keys, &remote, &local, now_us);
		break;
	}
	return 0;
}
