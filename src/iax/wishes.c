/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/core.h"
#include "iax/datetime.h"
#include "iax/format.h"

/* What the owner wants: legs opened, and everything done to them. */

static void set(struct iax_ies *ies, unsigned element)
{
	ies->has |= UINT64_C(1) << element;
}

static void set_text(struct iax_ies *ies, unsigned element, struct tg_span *field, struct tg_span text)
{
	if (text.len > 0) {
		*field = text;
		set(ies, element);
	}
}

/* ---- Opening -------------------------------------------------------------------------------------------------- */

/* S-01's reserve is ours; when even that is used up, the oldest that waits for its peer makes room. */
static struct leg *take_leg(struct iax_endpoint *ep, struct tg_addr remote, struct tg_addr local,
                            enum iax_leg_kind kind, uint64_t owner, uint64_t now_us)
{
	struct leg *leg, *oldest;

	if (!core_has_room(ep, 0)) {
		return NULL;
	}
	leg = legs_new(ep, &remote, &local, kind, now_us);
	oldest = leg == NULL ? legs_to_give(ep, true) : NULL;
	if (oldest != NULL) {
		ceilings_evict(ep, oldest, now_us);
		leg = legs_new(ep, &remote, &local, kind, now_us);
	}
	if (leg != NULL) {
		leg->owner = owner;
	}
	return leg;
}

/* The request with an empty CALLTOKEN behind it (CT-01), where 6.3 can put a token in. */
static enum iax_err send_opening(struct leg_turn *turn, uint8_t subclass, const struct iax_ies *ies)
{
	struct leg *leg = turn->leg;
	uint8_t bytes[IAX_FULL_BYTES + IAX_IES_SENT_MAX];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));
	const struct iax_frame frame = {
		.class = IAX_CLASS_FULL,
		.source = leg->number,
		.ts_ms = leg_next_ts_ms(leg, turn->now_us),
		.type = IAX_FRAME_IAX,
		.subclass = subclass,
	};

	leg->opening = leg->last_tx_subclass = subclass;
	leg->last_tx_type = IAX_FRAME_IAX;
	turn->err = iax_frame_put_header(&frame, &w);
	if (turn->err == IAX_OK && ies != NULL) {
		turn->err = iax_ies_encode(ies, &w);
	}
	leg->open_len = (uint16_t)w.len;
	if (ies != NULL) {
		tg_put_u8(&w, IAX_IE_CALLTOKEN);
		tg_put_u8(&w, 0);
	}
	if (turn->err == IAX_OK) {
		leg_push_opening(turn, &w);
	}
	return turn->err;
}

static enum iax_err finish_opening(struct leg_turn *turn, enum leg_state state, uint64_t life_ms, struct iax_leg_id *id)
{
	struct leg *leg = turn->leg;

	if (turn->err != IAX_OK) {
		leg->ended = true;
		legs_free(turn->ep, leg, turn->now_us);
		return turn->err;
	}
	leg->state = (uint8_t)state;
	leg->life_us = turn->now_us + life_ms * TG_US_PER_MS;
	*id = legs_id(turn->ep, leg);
	legs_arm(turn->ep, leg);
	return IAX_OK;
}

static void put_variables(struct iax_ies *ies, const struct iax_call_open *open)
{
	for (size_t i = 0; i < open->variable_count && i < IAX_VARIABLES_MAX; i++) {
		ies->variables[ies->variable_count++] = open->variables[i];
		set(ies, IAX_IE_VARIABLE);
	}
}

static void put_party(struct iax_ies *ies, const struct iax_call_open *open)
{
	set_text(ies, IAX_IE_CALLED_NUMBER, &ies->called_number, open->called_number);
	set_text(ies, IAX_IE_CALLED_CONTEXT, &ies->called_context, open->called_context);
	set_text(ies, IAX_IE_CALLING_NUMBER, &ies->calling_number, open->calling_number);
	set_text(ies, IAX_IE_CALLING_NAME, &ies->calling_name, open->calling_name);
	set_text(ies, IAX_IE_CALLING_ANI, &ies->calling_ani, open->calling_ani);
	set_text(ies, IAX_IE_DNID, &ies->dnid, open->dnid);
	set_text(ies, IAX_IE_RDNIS, &ies->rdnis, open->rdnis);
	set_text(ies, IAX_IE_USERNAME, &ies->username, open->username);
	set_text(ies, IAX_IE_LANGUAGE, &ies->language, open->language);
	ies->calling_pres = open->calling_presentation;
	ies->calling_ton = open->calling_ton;
	ies->calling_tns = open->calling_tns;
	set(ies, IAX_IE_CALLINGPRES);
	set(ies, IAX_IE_CALLINGTON);
	set(ies, IAX_IE_CALLINGTNS);
}

static void put_media(struct iax_ies *ies, const struct iax_call_open *open)
{
	const uint64_t capability = open->capability | open->format;

	ies->format = (uint32_t)open->format;
	ies->format2 = open->format;
	ies->capability = (uint32_t)capability;
	ies->capability2 = capability;
	set(ies, IAX_IE_FORMAT);
	set(ies, IAX_IE_FORMAT2);
	set(ies, IAX_IE_CAPABILITY);
	set(ies, IAX_IE_CAPABILITY2);
	set_text(ies, IAX_IE_CODEC_PREFS, &ies->codec_prefs, open->codec_prefs);
}

static uint64_t wall_us(const struct iax_endpoint *ep, uint64_t now_us)
{
	return ep->config.wall_us + (now_us - ep->start_us);
}

enum iax_err iax_call_open(struct iax_endpoint *ep, const struct iax_call_open *open, uint64_t now_us,
                           struct iax_leg_id *id)
{
	struct iax_ies ies = { .version = IAX_VERSION };
	struct leg *leg;

	if (!iax_format_is_audio(open->format)) {
		return IAX_ERR_BAD_FORMAT;
	}
	leg = take_leg(ep, open->remote, open->local, IAX_LEG_CALL_OUT, open->owner, now_us);
	if (leg == NULL) {
		return IAX_ERR_NO_ROOM;
	}
	struct leg_turn turn = { .ep = ep, .leg = leg, .now_us = now_us };

	leg->allowed = open->capability | open->format;
	set(&ies, IAX_IE_VERSION);
	put_party(&ies, open);
	put_media(&ies, open);
	put_variables(&ies, open);
	ies.date_time = iax_datetime_encode(wall_us(ep, now_us));
	set(&ies, IAX_IE_DATETIME);
	if (open->auto_answer) {
		set(&ies, IAX_IE_AUTOANSWER);
	}
	send_opening(&turn, IAX_NEW, &ies);
	const uint32_t life_ms = open->unheard_ms != 0 ? (uint32_t)tg_min_u64(open->unheard_ms, ep->config.setup_ms)
	                                               : ep->config.setup_ms;

	return finish_opening(&turn, LEG_NEW_SENT, life_ms, id);
}

enum iax_err iax_reg_open(struct iax_endpoint *ep, const struct iax_reg_open *open, uint64_t now_us,
                          struct iax_leg_id *id)
{
	struct iax_ies ies = { .refresh = open->refresh_s };
	struct leg *leg;

	if (open->username.len > LEG_NAME_BYTES) {
		return IAX_ERR_TOO_LONG;
	}
	leg = take_leg(ep, open->remote, open->local, IAX_LEG_REG_OUT, open->owner, now_us);
	if (leg == NULL) {
		return IAX_ERR_NO_ROOM;
	}
	leg_set_name(leg, open->username);
	struct leg_turn turn = { .ep = ep, .leg = leg, .now_us = now_us };

	leg->refresh_s = open->refresh_s;
	set_text(&ies, IAX_IE_USERNAME, &ies.username, open->username);
	if (open->release) {
		/* Also makes the request long enough to be answered with a token (R5). */
		ies.cause_code = IAX_CAUSE_NORMAL_CLEARING;
		set(&ies, IAX_IE_CAUSECODE);
		set_text(&ies, IAX_IE_CAUSE, &ies.cause, TG_SPAN_LIT("Unregistered"));
	} else {
		set(&ies, IAX_IE_REFRESH);
	}
	send_opening(&turn, open->release ? IAX_REGREL : IAX_REGREQ, &ies);
	return finish_opening(&turn, LEG_REG_SENT, ep->config.setup_ms, id);
}

enum iax_err iax_poke_open(struct iax_endpoint *ep, struct tg_addr remote, struct tg_addr local, uint32_t timeout_ms,
                           uint64_t owner, uint64_t now_us, struct iax_leg_id *id)
{
	struct leg *leg = take_leg(ep, remote, local, IAX_LEG_POKE_OUT, owner, now_us);

	if (leg == NULL) {
		return IAX_ERR_NO_ROOM;
	}
	struct leg_turn turn = { .ep = ep, .leg = leg, .now_us = now_us };

	send_opening(&turn, IAX_POKE, NULL);
	leg->ping_out = true;
	leg->ping_sent_us = now_us;
	leg->ping_ts_ms = leg->last_ts_ms;
	return finish_opening(&turn, LEG_POKE_SENT, timeout_ms, id);
}

/* ---- Wishes --------------------------------------------------------------------------------------------------- */

void iax_leg_set_owner(struct iax_endpoint *ep, struct iax_leg_id id, uint64_t owner)
{
	struct leg *leg = legs_find_id(ep, id);

	if (leg != NULL) {
		leg->owner = owner;
	}
}

static enum iax_err wish_for(struct iax_endpoint *ep, struct iax_leg_id id, enum leg_on on, const struct leg_wish *wish,
                             uint64_t now_us)
{
	struct leg_turn turn = { .ep = ep, .leg = legs_find_id(ep, id), .now_us = now_us, .wish = wish };

	if (turn.leg == NULL) {
		return IAX_ERR_NO_LEG;
	}
	const enum iax_err err = leg_happen(&turn, on);

	legs_settle(&turn);
	return err;
}

enum iax_err iax_leg_challenge(struct iax_endpoint *ep, struct iax_leg_id id, uint16_t methods,
                               struct tg_span challenge, uint64_t now_us)
{
	struct iax_ies ies = { .auth_methods = methods };
	const struct leg_wish wish = { .ies = &ies };
	const struct leg *leg = legs_find_id(ep, id);

	if (leg == NULL) {
		return IAX_ERR_NO_LEG;
	}
	set(&ies, IAX_IE_AUTHMETHODS);
	set_text(&ies, IAX_IE_CHALLENGE, &ies.challenge, challenge);
	set_text(&ies, IAX_IE_USERNAME, &ies.username, leg_name(leg));
	return wish_for(ep, id, ON_LOCAL_CHALLENGE, &wish, now_us);
}

enum iax_err iax_leg_respond_md5(struct iax_endpoint *ep, struct iax_leg_id id, struct tg_span digits, uint64_t now_us)
{
	struct iax_ies ies = { 0 };
	const struct leg_wish wish = { .ies = &ies };
	const struct leg *leg = legs_find_id(ep, id);

	if (leg == NULL) {
		return IAX_ERR_NO_LEG;
	}
	if (leg->kind == IAX_LEG_REG_OUT) {
		set_text(&ies, IAX_IE_USERNAME, &ies.username, leg_name(leg));
		if (leg->opening == IAX_REGREQ) {
			ies.refresh = leg->refresh_s;
			set(&ies, IAX_IE_REFRESH);
		}
	}
	set_text(&ies, IAX_IE_MD5_RESULT, &ies.md5_result, digits);
	return wish_for(ep, id, ON_LOCAL_RESPOND, &wish, now_us);
}

/* 3.6 step 5 */
static bool may_accept(const struct leg *leg, uint64_t format)
{
	const bool offered = leg->allowed == 0 || (leg->allowed & format) != 0;

	return offered && iax_format_is_audio(format) && (format <= UINT32_MAX || leg->wide);
}

enum iax_err iax_call_accept(struct iax_endpoint *ep, struct iax_leg_id id, uint64_t format, uint64_t now_us)
{
	return iax_call_accept_among(ep, id, format, format, now_us);
}

enum iax_err iax_call_accept_among(struct iax_endpoint *ep, struct iax_leg_id id, uint64_t format, uint64_t takes,
                                   uint64_t now_us)
{
	struct iax_ies ies = { .format = (uint32_t)format, .format2 = format };
	const struct leg_wish wish = { .ies = &ies, .format = format, .takes = takes };
	const struct leg *leg = legs_find_id(ep, id);

	if (leg == NULL) {
		return IAX_ERR_NO_LEG;
	}
	if (!may_accept(leg, format)) {
		return IAX_ERR_BAD_FORMAT;
	}
	set(&ies, IAX_IE_FORMAT);
	if (leg->wide) {
		set(&ies, IAX_IE_FORMAT2);
	}
	return wish_for(ep, id, ON_LOCAL_ACCEPT, &wish, now_us);
}

enum iax_err iax_leg_reject(struct iax_endpoint *ep, struct iax_leg_id id, uint8_t cause, struct tg_span text,
                            uint64_t not_before_us, uint64_t now_us)
{
	const struct iax_ies ies = leg_cause(cause, text);
	const struct leg_wish wish = { .ies = &ies, .not_before_us = not_before_us };

	return wish_for(ep, id, ON_LOCAL_REJECT, &wish, now_us);
}

enum iax_err iax_reg_accept(struct iax_endpoint *ep, struct iax_leg_id id, const struct iax_reg_grant *grant,
                            uint64_t now_us)
{
	const struct leg *leg = legs_find_id(ep, id);
	struct iax_ies ies = { .refresh = grant->refresh_s, .msg_count = grant->msgcount };
	const struct leg_wish wish = { .ies = &ies };

	if (leg == NULL) {
		return IAX_ERR_NO_LEG;
	}
	ies.apparent_addr = leg->remote;
	ies.date_time = iax_datetime_encode(wall_us(ep, now_us));
	set(&ies, IAX_IE_APPARENT_ADDR);
	set(&ies, IAX_IE_DATETIME);
	set_text(&ies, IAX_IE_USERNAME, &ies.username, grant->username);
	set_text(&ies, IAX_IE_CALLING_NUMBER, &ies.calling_number, grant->calling_number);
	set_text(&ies, IAX_IE_CALLING_NAME, &ies.calling_name, grant->calling_name);
	if (leg->opening == IAX_REGREQ) {
		set(&ies, IAX_IE_REFRESH);
	}
	if (grant->has_msgcount) {
		set(&ies, IAX_IE_MSGCOUNT);
	}
	return wish_for(ep, id, ON_LOCAL_GRANT, &wish, now_us);
}

enum iax_err iax_leg_hangup(struct iax_endpoint *ep, struct iax_leg_id id, uint8_t cause, struct tg_span text,
                            uint64_t now_us)
{
	const struct iax_ies ies = leg_cause(cause, text);
	const struct leg_wish wish = { .ies = &ies, .subclass = cause, .payload = text };

	return wish_for(ep, id, ON_LOCAL_HANGUP, &wish, now_us);
}

enum iax_err iax_leg_control(struct iax_endpoint *ep, struct iax_leg_id id, uint8_t subclass, struct tg_span payload,
                             uint64_t now_us)
{
	const struct leg_wish wish = { .subclass = subclass, .payload = payload };

	return wish_for(ep, id, subclass == IAX_CONTROL_ANSWER ? ON_LOCAL_ANSWER : ON_LOCAL_CONTROL, &wish, now_us);
}

enum iax_err iax_leg_dtmf(struct iax_endpoint *ep, struct iax_leg_id id, char digit, bool begun, uint64_t now_us)
{
	const struct leg_wish wish = {
		.type = begun ? IAX_FRAME_DTMF_BEGIN : IAX_FRAME_DTMF_END,
		.subclass = (uint8_t)digit,
	};

	return wish_for(ep, id, ON_LOCAL_DATA, &wish, now_us);
}

enum iax_err iax_leg_frame(struct iax_endpoint *ep, struct iax_leg_id id, uint8_t frame_type, uint8_t subclass,
                           struct tg_span payload, uint64_t now_us)
{
	const struct leg_wish wish = { .type = frame_type, .subclass = subclass, .payload = payload };

	switch (frame_type) {
	case IAX_FRAME_TEXT:
	case IAX_FRAME_IMAGE:
	case IAX_FRAME_HTML:
	case IAX_FRAME_CNG:
		return wish_for(ep, id, ON_LOCAL_DATA, &wish, now_us);
	default:
		return IAX_ERR_NOT_SENDABLE;
	}
}

enum iax_err iax_leg_quelch(struct iax_endpoint *ep, struct iax_leg_id id, bool quelch, uint64_t now_us)
{
	const struct leg_wish wish = { .type = IAX_FRAME_IAX, .subclass = quelch ? IAX_QUELCH : IAX_UNQUELCH };

	return wish_for(ep, id, ON_LOCAL_DATA, &wish, now_us);
}

enum iax_err iax_leg_voice(struct iax_endpoint *ep, struct iax_leg_id id, uint64_t format, uint32_t ts_ms,
                           struct tg_span payload, bool full, uint64_t now_us)
{
	const struct leg_wish wish = { .format = format, .ts_ms = ts_ms, .payload = payload, .full = full };

	return wish_for(ep, id, ON_LOCAL_VOICE, &wish, now_us);
}

uint32_t iax_leg_clock_ms(const struct iax_endpoint *ep, struct iax_leg_id id, uint64_t now_us)
{
	const struct leg *leg = legs_find_id(ep, id);

	return leg == NULL ? 0 : leg_clock_ms(leg, now_us);
}

void iax_leg_set_report(struct iax_endpoint *ep, struct iax_leg_id id, const struct iax_report *report)
{
	struct leg *leg = legs_find_id(ep, id);

	if (leg != NULL) {
		leg->local_report = *report;
		leg->report_given = true;
	}
}
