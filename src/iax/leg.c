/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/leg.h"

#include "iax/core.h"
#include "iax/format.h"

#include <string.h>

static const struct leg_rules *const tables[] = {
	&leg_rules_call_out, &leg_rules_call_in, &leg_rules_talk, &leg_rules_reg_out,
	&leg_rules_reg_in,   &leg_rules_poke,    &leg_rules_any,
};

const struct leg_rule *leg_rule_find(enum leg_state state, enum leg_on on)
{
	for (size_t t = 0; t < TG_COUNT(tables); t++) {
		for (size_t i = 0; i < tables[t]->count; i++) {
			const struct leg_rule *rule = &tables[t]->rules[i];

			if (rule->on == on && (rule->in & LEG_IN(state)) != 0) {
				return rule;
			}
		}
	}
	return NULL;
}

const char *leg_state_text(enum leg_state state)
{
	static const char *const texts[] = {
#define X(name, text) [name] = text,
		LEG_STATES(X)
#undef X
	};
	return (size_t)state < TG_COUNT(texts) ? texts[state] : "unknown";
}

const char *leg_on_name(enum leg_on on)
{
	static const char *const names[] = {
#define X(name) [name] = #name,
		LEG_EVENTS(X)
#undef X
	};
	return (size_t)on < TG_COUNT(names) ? names[on] : "unknown";
}

/* Where to cut so that no character is cut (UTF-8: 10xxxxxx continues one). */
static size_t whole_characters(struct tg_span name)
{
	size_t len = name.len < LEG_NAME_BYTES ? name.len : LEG_NAME_BYTES;

	while (len > 0 && len < name.len && (name.p[len] & 0xc0) == 0x80) {
		len--;
	}
	return len;
}

bool leg_set_name(struct leg *leg, struct tg_span name)
{
	leg->name_len = (uint8_t)whole_characters(name);
	if (leg->name_len > 0) {
		memcpy(leg->name, name.p, leg->name_len);
	}
	return leg->name_len == name.len;
}

static void count_call(const struct leg_turn *turn, bool had_call)
{
	const bool has_call = leg_has_call(turn->leg);

	if (has_call && !had_call) {
		hosts_call_begins(turn->ep, &turn->leg->remote);
	} else if (had_call && !has_call) {
		hosts_call_ended(turn->ep, &turn->leg->remote);
	}
}

enum iax_err leg_happen(struct leg_turn *turn, enum leg_on on)
{
	struct leg *leg = turn->leg;
	const struct leg_rule *rule = leg_rule_find((enum leg_state)leg->state, on);

	const bool had_call = leg_has_call(leg);

	turn->err = IAX_OK;
	if (rule == NULL) {
		return IAX_ERR_UNEXPECTED;
	}
	rule->act(turn);
	if (turn->err == IAX_OK && rule->out != LEG_SAME) {
		leg->state = (uint8_t)rule->out;
		count_call(turn, had_call);
	}
	return turn->err;
}

void leg_stands(struct leg_turn *turn)
{
	struct leg *leg = turn->leg;
	const struct iax_config *config = &turn->ep->config;

	leg->life_us = TG_NEVER;
	leg->ping_us = turn->now_us + (uint64_t)config->ping_period_ms * TG_US_PER_MS;
	if (config->lagrq_period_ms != 0) {
		leg->lagrq_us = turn->now_us + (uint64_t)config->lagrq_period_ms * TG_US_PER_MS;
	}
	legs_prove(turn->ep, leg);
	legs_stand(turn->ep, leg);
}

/* ---- What a frame is ------------------------------------------------------------------------------------------ */

/* The messages of 3.2. What is not listed, or needs a closer look, is ON_ODD here. */
struct message {
	uint8_t on;    /* enum leg_on + 1, 0 for ON_ODD */
	bool answered; /* 2.5: our answer acknowledges it */
};

static const struct message messages[IAX_CALLTOKEN + 1] = {
	[IAX_NEW] = { ON_NEW + 1, false },           [IAX_PING] = { ON_PING + 1, true },
	[IAX_PONG] = { ON_PONG + 1, false },         [IAX_HANGUP] = { ON_HANGUP + 1, false },
	[IAX_REJECT] = { ON_REJECT + 1, false },     [IAX_ACCEPT] = { ON_ACCEPT + 1, false },
	[IAX_AUTHREQ] = { ON_AUTHREQ + 1, true },    [IAX_AUTHREP] = { ON_AUTHREP + 1, false },
	[IAX_INVAL] = { ON_INVAL + 1, true },        [IAX_LAGRQ] = { ON_LAGRQ + 1, true },
	[IAX_LAGRP] = { ON_LAGRP + 1, false },       [IAX_REGREQ] = { ON_REGREQ + 1, false },
	[IAX_REGAUTH] = { ON_REGAUTH + 1, true },    [IAX_REGACK] = { ON_REGACK + 1, false },
	[IAX_REGREJ] = { ON_REGREJ + 1, false },     [IAX_REGREL] = { ON_REGREL + 1, false },
	[IAX_TXREQ] = { ON_TXREQ + 1, false },       [IAX_QUELCH] = { ON_QUELCH + 1, false },
	[IAX_UNQUELCH] = { ON_QUELCH + 1, false },   [IAX_UNSUPPORT] = { ON_UNSUPPORT + 1, false },
	[IAX_TRANSFER] = { ON_TRANSFER + 1, false }, [IAX_CALLTOKEN] = { ON_CALLTOKEN + 1, true },
};

enum { CHALLENGES_MAX = 2 }; /* one repetition */

bool leg_wants_ack(const struct iax_frame *frame)
{
	if (iax_frame_is_unnumbered(frame)) {
		return false;
	}
	return frame->type != IAX_FRAME_IAX || frame->subclass > IAX_CALLTOKEN || !messages[frame->subclass].answered;
}

static enum leg_on classify_accept(const struct leg *leg, const struct iax_ies *ies)
{
	const uint64_t format = iax_ies_format(ies);

	return iax_format_is_audio(format) && (format & leg->allowed) != 0 ? ON_ACCEPT : ON_BAD_ACCEPT;
}

/* 5.6.1: an answer counts only for the request that is out, within a minute. */
static bool is_echo_of(bool out, uint32_t ts_ms, uint64_t sent_us, const struct iax_frame *frame, uint64_t now_us)
{
	return out && frame->ts_ms == ts_ms && now_us - sent_us <= CORE_OLD_US;
}

static enum leg_on classify_message(const struct leg *leg, const struct iax_frame *frame, const struct iax_ies *ies,
                                    uint64_t now_us)
{
	const unsigned row = frame->subclass <= IAX_CALLTOKEN ? messages[frame->subclass].on : 0;
	const enum leg_on on = row == 0 ? ON_ODD : (enum leg_on)(row - 1);

	if (on == ON_ACCEPT) {
		return classify_accept(leg, ies);
	}
	if (on == ON_AUTHREQ && leg->challenges >= CHALLENGES_MAX) {
		return ON_AUTHREQ_AGAIN;
	}
	if (on == ON_REGAUTH && leg->challenges >= CHALLENGES_MAX) {
		return ON_REGAUTH_AGAIN;
	}
	if (on == ON_PONG && !is_echo_of(leg->ping_out, leg->ping_ts_ms, leg->ping_sent_us, frame, now_us)) {
		return ON_ECHO;
	}
	if (on == ON_LAGRP && !is_echo_of(leg->lagrq_out, leg->lagrq_ts_ms, leg->lagrq_sent_us, frame, now_us)) {
		return ON_ECHO;
	}
	if (on == ON_TRANSFER && leg->kind != IAX_LEG_CALL_OUT) {
		return ON_ODD; /* 5.2: only the calling side may be transferred so */
	}
	return on;
}

/* S-12, 3.3: what may mean something to an owner. The rest is acknowledged and no more. */
static const bool controls[UINT8_MAX + 1] = {
	[IAX_CONTROL_RINGING] = true,    [IAX_CONTROL_BUSY] = true,       [IAX_CONTROL_CONGESTION] = true,
	[IAX_CONTROL_FLASH] = true,      [IAX_CONTROL_RADIO_KEY] = true,  [IAX_CONTROL_RADIO_UNKEY] = true,
	[IAX_CONTROL_PROGRESS] = true,   [IAX_CONTROL_PROCEEDING] = true, [IAX_CONTROL_HOLD] = true,
	[IAX_CONTROL_UNHOLD] = true,     [IAX_CONTROL_VIDUPDATE] = true,  [IAX_CONTROL_INCOMPLETE] = true,
	[IAX_CONTROL_STOP_TONES] = true,
};

/* Only the side that was called can answer. */
static enum leg_on classify_control(const struct leg *leg, const struct iax_frame *frame)
{
	switch (frame->subclass_byte) {
	case IAX_CONTROL_HANGUP:
		return ON_CONTROL_HANGUP;
	case IAX_CONTROL_ANSWER:
		return leg->kind == IAX_LEG_CALL_OUT ? ON_ANSWER : ON_IGNORED;
	default:
		return controls[frame->subclass_byte] ? ON_CONTROL : ON_IGNORED;
	}
}

enum leg_on leg_classify(const struct leg *leg, const struct iax_frame *frame, const struct iax_ies *ies,
                         uint64_t now_us)
{
	switch (frame->type) {
	case IAX_FRAME_IAX:
		return classify_message(leg, frame, ies, now_us);
	case IAX_FRAME_CONTROL:
		return classify_control(leg, frame);
	case IAX_FRAME_VOICE:
		return iax_format_is_audio(frame->subclass) && (frame->subclass & leg->allowed) != 0 ? ON_VOICE
		                                                                                     : ON_IGNORED;
	case IAX_FRAME_VIDEO:
		return iax_format_is_video(frame->subclass) && (frame->subclass & leg->allowed) != 0 ? ON_VIDEO
		                                                                                     : ON_IGNORED;
	case IAX_FRAME_DTMF_BEGIN:
	case IAX_FRAME_DTMF_END:
		return ON_DTMF;
	case IAX_FRAME_TEXT:
	case IAX_FRAME_IMAGE:
	case IAX_FRAME_HTML:
	case IAX_FRAME_CNG:
		return ON_DATA;
	default:
		return ON_IGNORED;
	}
}
