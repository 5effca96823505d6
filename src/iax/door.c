/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/door.h"

#include <string.h>

#include "iax/frame.h"
#include "iax/ies.h"

/* One datagram while it is judged. */
struct visit {
	const struct iax_door_policy *policy;
	const struct iax_token_keys *keys;
	const struct tg_addr *remote, *local;
	uint64_t now_us;
	size_t request_bytes;
	struct iax_frame frame;
	struct tg_span username, token;
	bool has_username, has_token;
	struct iax_door_verdict *out;
};

static enum iax_door drop(struct visit *visit, enum iax_err why)
{
	visit->out->why = why;
	return IAX_DOOR_DROP;
}

/* A frame from number 1 without state, with at most one element (protocol reference, 2.4 and 6.4). */
static enum iax_door answer(struct visit *visit, enum iax_subclass subclass, struct tg_span element, enum iax_err why)
{
	struct iax_door_verdict *out = visit->out;
	struct tg_writer w = tg_writer_of(out->answer, sizeof(out->answer));
	const struct iax_frame frame = {
		.class = IAX_CLASS_FULL,
		.source = IAX_CALLNO_STATELESS,
		.destination = visit->frame.source,
		.ts_ms = visit->frame.ts_ms,
		.iseqno = (uint8_t)(visit->frame.oseqno + 1),
		.type = IAX_FRAME_IAX,
		.subclass = subclass,
		.payload = element,
	};

	if (IAX_FULL_BYTES + element.len > visit->request_bytes &&
	    (visit->policy->is_declared == NULL || !visit->policy->is_declared(visit->policy->owner, visit->remote))) {
		return drop(visit, IAX_ERR_SHORT_REQUEST);
	}
	const enum iax_err err = iax_frame_encode(&frame, &w);

	assert(err == IAX_OK);
	out->why = why;
	out->answered = (uint8_t)subclass;
	out->answer_len = (uint8_t)w.len;
	return IAX_DOOR_ANSWER;
}

static enum iax_door answer_u8(struct visit *visit, enum iax_subclass subclass, enum iax_ie element, uint8_t value,
                               enum iax_err why)
{
	const uint8_t bytes[] = { (uint8_t)element, sizeof(value), value };

	return answer(visit, subclass, (struct tg_span){ bytes, sizeof(bytes) }, why);
}

static enum iax_door answer_token(struct visit *visit)
{
	uint8_t bytes[2 + IAX_TOKEN_BYTES_MAX];
	const size_t len = iax_token_make(visit->keys, visit->remote, visit->local, visit->now_us, bytes + 2);

	bytes[0] = IAX_IE_CALLTOKEN;
	bytes[1] = (uint8_t)len;
	return answer(visit, IAX_CALLTOKEN, (struct tg_span){ bytes, 2 + len }, IAX_ERR_ANSWERED);
}

static bool is_excused(const struct visit *visit)
{
	const struct iax_door_policy *policy = visit->policy;

	if (policy->is_excused == NULL) {
		return !policy->token_required;
	}
	const struct tg_span name = tg_utf8_is_plain(visit->username) ? visit->username : (struct tg_span){ 0 };

	return policy->is_excused(policy->owner, visit->frame.subclass == IAX_NEW, name, visit->remote);
}

/* Ruling R2: a cause and nothing else; the same for every name. */
static enum iax_door refuse(struct visit *visit)
{
	const bool is_call = visit->frame.subclass == IAX_NEW || visit->frame.subclass == IAX_FWDOWNL;

	if (visit->policy->stealth) {
		return drop(visit, IAX_ERR_NO_TOKEN);
	}
	return answer_u8(visit, is_call ? IAX_REJECT : IAX_REGREJ, IAX_IE_CAUSECODE,
	                 is_call ? IAX_CAUSE_NOT_SUBSCRIBED : IAX_CAUSE_FACILITY_REJECTED, IAX_ERR_NO_TOKEN);
}

static enum iax_door judge_opening(struct visit *visit)
{
	if (visit->has_token && visit->token.len == 0) {
		return answer_token(visit);
	}
	if (visit->has_token &&
	    !iax_token_check(visit->keys, visit->remote, visit->local, visit->token, visit->now_us)) {
		return drop(visit, IAX_ERR_BAD_TOKEN);
	}
	if (!visit->has_token && !is_excused(visit)) {
		return refuse(visit);
	}
	if (visit->frame.subclass == IAX_FWDOWNL) { /* ruling R17: no firmware here */
		return answer_u8(visit, IAX_UNSUPPORT, IAX_IE_IAX_UNKNOWN, IAX_FWDOWNL, IAX_ERR_ANSWERED);
	}
	visit->out->proof = visit->has_token ? IAX_PROVEN : IAX_UNPROVEN;
	return IAX_DOOR_PASS;
}

static enum iax_door judge_poke(struct visit *visit)
{
	const struct iax_door_policy *policy = visit->policy;

	if (policy->stealth && (policy->is_known == NULL || !policy->is_known(policy->owner, visit->remote))) {
		return drop(visit, IAX_ERR_STEALTH);
	}
	return answer(visit, IAX_PONG, (struct tg_span){ 0 }, IAX_ERR_ANSWERED);
}

static void keep_first(struct tg_span *kept, bool *has, struct tg_span data)
{
	if (!*has) {
		*kept = data;
		*has = true;
	}
}

/* Finds the two elements that matter here, as iax_ies_decode() would read them: the first of each counts. */
static enum iax_err scan_elements(struct visit *visit)
{
	struct tg_reader r = tg_reader_of(visit->frame.payload);
	struct tg_span data;
	unsigned count = 0;
	uint8_t id;

	while (iax_ies_next(&r, &id, &data)) {
		if (++count > IAX_IES_MAX) {
			return IAX_ERR_TOO_MANY;
		}
		if (id == IAX_IE_CALLTOKEN) {
			keep_first(&visit->token, &visit->has_token, data);
		} else if (id == IAX_IE_USERNAME) {
			keep_first(&visit->username, &visit->has_username, data);
		}
	}
	return tg_reader_ok(&r) ? IAX_OK : IAX_ERR_TRUNCATED;
}

/* The frames with destination number 0 that anything is done with. */
static bool is_expected(const struct iax_frame *frame)
{
	switch (frame->subclass) {
	case IAX_NEW:
	case IAX_REGREQ:
	case IAX_REGREL:
	case IAX_FWDOWNL:
	case IAX_POKE:
		return frame->oseqno == 0;
	case IAX_HANGUP:
		return true;
	default:
		return false;
	}
}

static enum iax_err read_visit(struct visit *visit, struct tg_span bytes)
{
	struct iax_frame *frame = &visit->frame;
	const enum iax_err err = iax_frame_decode(frame, bytes);

	if (err != IAX_OK) {
		return err;
	}
	if (frame->class != IAX_CLASS_FULL || frame->destination != IAX_CALLNO_NONE) {
		return IAX_ERR_NOT_OPENING;
	}
	visit->out->subclass = frame->type == IAX_FRAME_IAX ? frame->subclass_byte : 0;
	if (frame->source == IAX_CALLNO_NONE) {
		return IAX_ERR_SOURCE_ZERO;
	}
	if (frame->type != IAX_FRAME_IAX || !is_expected(frame)) {
		return IAX_ERR_NOT_OPENING;
	}
	return scan_elements(visit);
}

enum iax_door iax_door_judge(struct iax_door_verdict *out, const struct iax_door_policy *policy,
                             const struct iax_token_keys *keys, const struct tg_addr *remote,
                             const struct tg_addr *local, struct tg_span bytes, uint64_t now_us)
{
	struct visit visit = {
		.policy = policy,
		.keys = keys,
		.remote = remote,
		.local = local,
		.now_us = now_us,
		.request_bytes = bytes.len,
		.out = out,
	};

	*out = (struct iax_door_verdict){ 0 };
	const enum iax_err err = read_visit(&visit, bytes);

	if (err != IAX_OK) {
		out->kind = drop(&visit, err);
	} else if (visit.frame.subclass == IAX_HANGUP) {
		out->kind = IAX_DOOR_EXISTING;
	} else if (visit.frame.subclass == IAX_POKE) {
		out->kind = judge_poke(&visit);
	} else {
		out->kind = judge_opening(&visit);
	}
	return out->kind;
}

/* Without these two octets in a row it has no token of ours; most floods end here. */
static bool has_token_head(const struct iax_token_keys *keys, struct tg_span bytes)
{
	const uint8_t head[] = { IAX_IE_CALLTOKEN, keys->text ? IAX_TOKEN_TEXT_BYTES : IAX_TOKEN_BYTES };

	return memmem(bytes.p, bytes.len, head, sizeof(head)) != NULL;
}

bool iax_door_is_proven(const struct iax_token_keys *keys, const struct tg_addr *remote, const struct tg_addr *local,
                        struct tg_span bytes, uint64_t now_us)
{
	struct iax_door_verdict verdict = { 0 };
	struct visit visit = { .out = &verdict };

	return has_token_head(keys, bytes) && read_visit(&visit, bytes) == IAX_OK && visit.frame.subclass != IAX_POKE &&
	       visit.frame.subclass != IAX_HANGUP && visit.has_token &&
	       iax_token_check(keys, remote, local, visit.token, now_us);
}
