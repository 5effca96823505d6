/* SPDX-License-Identifier: Apache-2.0 */
#include "handset.h"

#include "check.h"
#include "iax/format.h"
#include "iax/names.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>

enum { FRAME_US = 20000 };

static struct iax_endpoint *ep(const struct handset *h)
{
	return h->sim->nodes[h->node].ep;
}

static TG_PRINTF(2, 3) void tell(struct handset *h, const char *format, ...)
{
	const size_t room = sizeof(h->story) - h->story_len;
	va_list args;

	va_start(args, format);
	const int len = vsnprintf(h->story + h->story_len, room, format, args);
	va_end(args);
	if (len > 0 && (size_t)len < room) {
		h->story_len += (size_t)len;
	}
}

static void tell_word(struct handset *h, const char *word)
{
	tell(h, "%s%s", h->story_len > 0 ? " " : "", word);
}

static void tell_octets(struct handset *h, const char *word, struct tg_span octets)
{
	tell(h, "%s%s(%.*s)", h->story_len > 0 ? " " : "", word, (int)octets.len, (const char *)octets.p);
}

const char *handset_story(struct handset *h)
{
	static char copy[HANDSET_STORY];

	memcpy(copy, h->story, sizeof(copy));
	h->story[0] = '\0';
	h->story_len = 0;
	return copy;
}

struct handset_line *handset_last(struct handset *h)
{
	CHECK_TRUE(h->line_count > 0);
	return &h->lines[h->line_count - 1];
}

static struct handset_line *line_of(struct handset *h, struct iax_leg_id leg)
{
	for (unsigned i = 0; i < h->line_count; i++) {
		if (h->lines[i].live && tg_ref_equal(h->lines[i].leg.ref, leg.ref)) {
			return &h->lines[i];
		}
	}
	return NULL;
}

/* Lines of ended calls are used again when all are taken. */
static struct handset_line *line_new(struct handset *h, struct iax_leg_id leg, bool calling)
{
	struct handset_line *line = NULL;

	if (h->line_count < HANDSET_LINES) {
		line = &h->lines[h->line_count++];
	}
	for (unsigned i = 0; line == NULL && i < HANDSET_LINES; i++) {
		line = h->lines[i].live ? NULL : &h->lines[i];
	}
	CHECK_TRUE(line != NULL);
	*line = (struct handset_line){ .live = true,
		                       .leg = leg,
		                       .calling = calling,
		                       .answer_us = TG_NEVER,
		                       .hangup_us = TG_NEVER,
		                       .talk_us = TG_NEVER };
	return line;
}

/* ---- Acts ------------------------------------------------------------------------------------------------------- */

static void did(const struct handset *h, enum iax_err err)
{
	CHECK_UINT(h->careless ? IAX_OK : err, IAX_OK);
}

static void answer_md5(const struct handset *h, struct tg_span challenge, char digits[IAX_MD5_DIGITS + 1])
{
	uint8_t md5[16];

	CHECK_TRUE(crypt_md5_answer(h->md5, md5, challenge, tg_span_text(h->secret != NULL ? h->secret : "")));
	tg_hex_encode(digits, (struct tg_span){ md5, sizeof(md5) });
}

static void respond(struct handset *h, const struct iax_event *event)
{
	char digits[IAX_MD5_DIGITS + 1];

	if (h->mute) {
		return;
	}
	answer_md5(h, event->ies->challenge, digits);
	did(h, iax_leg_respond_md5(ep(h), event->leg, tg_span_text(digits), h->sim->now_us));
}

static void speak(struct handset *h, struct handset_line *line)
{
	static const struct {
		uint64_t format;
		size_t len;
	} sizes[] = {
		{ IAX_FORMAT_ULAW, 160 },
		{ IAX_FORMAT_ALAW, 160 },
		{ IAX_FORMAT_GSM, 33 },
		{ IAX_FORMAT_G729, 20 },
	};
	uint8_t bytes[160];
	size_t len = 20;
	enum iax_err err;

	for (size_t i = 0; i < TG_COUNT(sizes); i++) {
		len = sizes[i].format == line->talk_format ? sizes[i].len : len;
	}
	memset(bytes, h->octet, sizeof(bytes));
	err = iax_leg_voice(ep(h), line->leg, line->talk_format, iax_leg_clock_ms(ep(h), line->leg, h->sim->now_us),
	                    (struct tg_span){ bytes, len }, line->spoken == 0, h->sim->now_us);
	did(h, err);
	line->spoken++;
	line->talk_us = h->sim->now_us + FRAME_US;
}

static void start_talking(struct handset *h, struct handset_line *line)
{
	line->talks = true;
	line->spoken = 0;
	line->talk_us = h->sim->now_us;
}

static void accept(struct handset *h, struct handset_line *line)
{
	const uint64_t both = h->capability & h->offered_capability;
	const uint64_t format = (h->format & both) != 0 ? h->format : both & (~both + 1);

	if (format == 0) {
		did(h, iax_leg_reject(ep(h), line->leg, IAX_CAUSE_BEARER_UNAVAILABLE, (struct tg_span){ 0 }, 0,
		                      h->sim->now_us));
		return;
	}
	line->talk_format = format;
	did(h, iax_call_accept(ep(h), line->leg, format, h->sim->now_us));
}

static void on_offered(struct handset *h, const struct iax_event *event)
{
	struct handset_line *line = line_new(h, event->leg, false);
	struct tg_writer w = tg_writer_of(h->variables, sizeof(h->variables) - 1);

	tell_octets(h, "offered", event->ies->called_number);
	tg_span_copy(h->called, sizeof(h->called), event->ies->called_number);
	tg_span_copy(h->context, sizeof(h->context), event->ies->called_context);
	tg_span_copy(h->calling, sizeof(h->calling), event->ies->calling_number);
	tg_span_copy(h->calling_name, sizeof(h->calling_name), event->ies->calling_name);
	tg_span_copy(h->username, sizeof(h->username), event->ies->username);
	tg_span_copy(h->language, sizeof(h->language), event->ies->language);
	h->presentation = event->ies->calling_pres;
	for (unsigned i = 0; i < event->ies->variable_count; i++) {
		tg_put_span(&w, event->ies->variables[i].name);
		tg_put_span(&w, TG_SPAN_LIT("="));
		tg_put_span(&w, event->ies->variables[i].value);
		tg_put_span(&w, TG_SPAN_LIT(";"));
	}
	h->variables[tg_writer_span(&w).len] = '\0';
	h->offered_capability = iax_ies_capability(event->ies);
	line->offered_us = h->sim->now_us;
	if (h->silent) {
		return;
	}
	if (h->reject != 0) {
		did(h, iax_leg_reject(ep(h), event->leg, h->reject, (struct tg_span){ 0 }, 0, h->sim->now_us));
	} else if (h->challenge != NULL) {
		CHECK_UINT(iax_leg_challenge(ep(h), event->leg, h->challenge_methods, tg_span_text(h->challenge),
		                             h->sim->now_us),
		           IAX_OK);
	} else {
		accept(h, line);
	}
}

static void on_verify(struct handset *h, struct handset_line *line, const struct iax_event *event)
{
	char digits[IAX_MD5_DIGITS + 1];

	answer_md5(h, tg_span_text(h->challenge != NULL ? h->challenge : ""), digits);
	if (tg_span_equal(event->ies->md5_result, tg_span_text(digits))) {
		tell_word(h, "verified");
		accept(h, line);
	} else {
		did(h, iax_leg_reject(ep(h), event->leg, IAX_CAUSE_NOT_SUBSCRIBED, (struct tg_span){ 0 }, 0,
		                      h->sim->now_us));
	}
}

static void control(struct handset *h, struct iax_leg_id leg, uint8_t subclass)
{
	did(h, iax_leg_control(ep(h), leg, subclass, (struct tg_span){ 0 }, h->sim->now_us));
}

static void on_confirmed(struct handset *h, struct handset_line *line)
{
	line->confirmed = true;
	if (h->refuse_control != 0) {
		control(h, line->leg, h->refuse_control);
		return;
	}
	if (h->rings) {
		control(h, line->leg, IAX_CONTROL_RINGING);
	}
	if (h->progress) {
		control(h, line->leg, IAX_CONTROL_PROGRESS);
	}
	if (h->keeps_talking) {
		start_talking(h, line);
	}
	if (h->answer_after_ms != HANDSET_NEVER) {
		line->answer_us = h->sim->now_us + (uint64_t)h->answer_after_ms * 1000;
	}
}

static void plan_hangup(struct handset *h, struct handset_line *line)
{
	line->answered = true;
	line->answered_us = h->sim->now_us;
	if (h->hangup_after_ms != HANDSET_NEVER) {
		line->hangup_us = h->sim->now_us + (uint64_t)h->hangup_after_ms * 1000;
	}
}

static void on_control(struct handset *h, struct handset_line *line, const struct iax_event *event)
{
	const char *name = iax_control_name(event->subclass);

	if (event->payload.len > 0) {
		tell_octets(h, name, event->payload);
	} else {
		tell_word(h, name);
	}
	if (event->subclass == IAX_CONTROL_ANSWER) {
		plan_hangup(h, line);
	} else if ((event->subclass == IAX_CONTROL_BUSY || event->subclass == IAX_CONTROL_CONGESTION) && !h->stays) {
		line->hangup_us = h->sim->now_us;
	}
}

static void on_voice(struct handset *h, struct handset_line *line, const struct iax_event *event)
{
	if (event->full) {
		line->voice_full++;
	} else {
		line->voice_mini++;
	}
	if (line->heard_format != event->format) {
		tell_octets(h, "voice", tg_span_text(iax_format_name(event->format)));
	}
	if (line->voice_full + line->voice_mini == 1) {
		line->first_ts = event->ts_ms;
	} else if (event->ts_ms - line->last_ts > 45) {
		line->gaps++;
	}
	line->heard_format = event->format;
	line->last_ts = event->ts_ms;
	line->last_octet = event->payload.len > 0 ? event->payload.p[event->payload.len - 1] : 0;
	line->last_voice_us = h->sim->now_us;
}

static void on_call_event(struct handset *h, struct handset_line *line, const struct iax_event *event)
{
	char text[64];

	switch (event->kind) {
	case IAX_EV_VERIFY:
		on_verify(h, line, event);
		break;
	case IAX_EV_CONFIRMED:
		tell_word(h, "confirmed");
		on_confirmed(h, line);
		break;
	case IAX_EV_CHALLENGED:
		tell_word(h, "challenged");
		respond(h, event);
		break;
	case IAX_EV_ACCEPTED:
		tell_octets(h, "accepted", tg_span_text(iax_format_name(event->format)));
		line->talk_format = event->format;
		line->accepted_us = h->sim->now_us;
		if (h->keeps_talking) {
			start_talking(h, line);
		}
		break;
	case IAX_EV_CONTROL:
		on_control(h, line, event);
		break;
	case IAX_EV_DTMF:
		snprintf(text, sizeof(text), "dtmf%s(%c)", event->begun ? "+" : "", event->digit);
		tell_word(h, text);
		break;
	case IAX_EV_VOICE:
		on_voice(h, line, event);
		break;
	case IAX_EV_FRAME:
		if (event->frame_type == IAX_FRAME_TEXT) {
			tell_octets(h, "text", event->payload);
		} else {
			snprintf(text, sizeof(text), "%s-%u", iax_frame_type_name(event->frame_type), event->subclass);
			tell_octets(h, text, event->payload);
		}
		break;
	case IAX_EV_QUELCH:
		tell_word(h, event->subclass == IAX_QUELCH ? "QUELCH" : "UNQUELCH");
		break;
	case IAX_EV_ENDED:
		snprintf(text, sizeof(text), "ended(%u)", event->cause);
		if (event->end != IAX_END_LOCAL) {
			tell_word(h, text);
		}
		line->live = false;
		line->talks = false;
		line->cause = event->cause;
		line->end = event->end;
		line->ended_us = h->sim->now_us;
		line->answer_us = line->hangup_us = line->talk_us = TG_NEVER;
		break;
	case IAX_EV_OFFERED:
	case IAX_EV_VIDEO:
	case IAX_EV_TRANSFER:
	case IAX_EV_RTT:
	case IAX_EV_PINGED:
	case IAX_EV_REG_REQUEST:
	case IAX_EV_REG_ACKED:
	case IAX_EV_POKED:
	case IAX_EVENT_KINDS:
		break;
	}
}

static void on_register_event(struct handset *h, const struct iax_event *event)
{
	if (event->kind == IAX_EV_CHALLENGED) {
		respond(h, event);
	} else if (event->kind == IAX_EV_REG_ACKED) {
		h->registered = true;
		h->refresh_s = event->refresh_s;
		h->apparent = event->ies->apparent_addr;
	} else if (event->kind == IAX_EV_ENDED) {
		h->register_cause = event->end == IAX_END_DONE ? 0 : event->cause != 0 ? event->cause : 255;
		h->register_ended_us = h->sim->now_us;
	}
}

static void on_event(void *owner, struct sim *sim, unsigned node, const struct iax_event *event)
{
	struct handset *h = owner;
	struct handset_line *line = line_of(h, event->leg);
	(void)sim;
	(void)node;

	if (event->leg_kind == IAX_LEG_REG_OUT) {
		on_register_event(h, event);
	} else if (event->kind == IAX_EV_OFFERED) {
		on_offered(h, event);
	} else if (line != NULL) {
		on_call_event(h, line, event);
	}
}

static uint64_t on_deadline(const void *owner)
{
	const struct handset *h = owner;
	uint64_t due_us = TG_NEVER;

	for (unsigned i = 0; i < h->line_count; i++) {
		const struct handset_line *line = &h->lines[i];

		if (line->live) {
			due_us = tg_min_u64(due_us,
			                    tg_min_u64(line->answer_us, tg_min_u64(line->hangup_us, line->talk_us)));
		}
	}
	return due_us;
}

static void act(struct handset *h, struct handset_line *line)
{
	const uint64_t now_us = h->sim->now_us;

	if (line->live && line->answer_us <= now_us) {
		line->answer_us = TG_NEVER;
		control(h, line->leg, IAX_CONTROL_ANSWER);
		plan_hangup(h, line);
	}
	if (line->live && line->talk_us <= now_us) {
		speak(h, line);
	}
	if (line->live && line->hangup_us <= now_us) {
		line->hangup_us = TG_NEVER;
		did(h, iax_leg_hangup(ep(h), line->leg, h->hangup_cause, (struct tg_span){ 0 }, now_us));
	}
}

static void on_expire(void *owner, struct sim *sim, unsigned node)
{
	struct handset *h = owner;
	(void)sim;
	(void)node;

	for (unsigned i = 0; i < h->line_count; i++) {
		act(h, &h->lines[i]);
	}
}

/* ---- For tests -------------------------------------------------------------------------------------------------- */

void handset_open(struct handset *h, struct sim *sim, const char *name, const char *secret)
{
	struct iax_config config = sim_config();

	*h = (struct handset){
		.sim = sim,
		.md5 = crypt_md5_new(),
		.name = name,
		.secret = secret,
		.capability = IAX_FORMAT_ULAW | IAX_FORMAT_ALAW | IAX_FORMAT_GSM,
		.format = IAX_FORMAT_ULAW,
		.challenge_methods = IAX_AUTH_MD5,
		.answer_after_ms = 100,
		.hangup_after_ms = HANDSET_NEVER,
		.hangup_cause = IAX_CAUSE_NORMAL_CLEARING,
		.octet = 0x11,
	};
	config.legs_max = 2 * HANDSET_LINES;
	config.frames_max = 16 * HANDSET_LINES;
	config.events_max = 256;
	h->node = sim_add(sim, &config,
	                  &(struct sim_owner){
				  .owner = h, .on_event = on_event, .deadline_us = on_deadline, .expire = on_expire });
}

void handset_close(struct handset *h)
{
	crypt_md5_free(h->md5);
}

void handset_pump(struct handset *h)
{
	sim_pump(h->sim, h->node);
}

void handset_register(struct handset *h, const struct house *house, uint16_t refresh_s)
{
	const struct iax_reg_open open = {
		.remote = h->sim->nodes[house->node].addr,
		.local = h->sim->nodes[h->node].addr,
		.username = tg_span_text(h->name),
		.refresh_s = refresh_s,
		.release = refresh_s == 0,
	};
	struct iax_leg_id leg;

	h->registered = false;
	h->register_cause = 0;
	h->register_ended_us = 0;
	CHECK_UINT(iax_reg_open(ep(h), &open, h->sim->now_us, &leg), IAX_OK);
	handset_pump(h);
}

static struct tg_span text_or_none(const char *text)
{
	return text != NULL ? tg_span_text(text) : (struct tg_span){ 0 };
}

unsigned handset_dial(struct handset *h, const struct house *house, const struct handset_dial *dial)
{
	const struct iax_call_open open = {
		.remote = h->sim->nodes[house->node].addr,
		.local = h->sim->nodes[h->node].addr,
		.called_number = text_or_none(dial->number),
		.called_context = text_or_none(dial->context),
		.calling_number = text_or_none(dial->calling),
		.calling_name = text_or_none(dial->calling_name),
		.username = tg_span_text(dial->user != NULL ? dial->user : h->name),
		.format = h->format,
		.capability = h->capability,
		.codec_prefs = h->prefs,
		.variables = dial->variables,
		.variable_count = dial->variable_count,
	};
	struct iax_leg_id leg = { TG_NO_REF };

	CHECK_UINT(iax_call_open(ep(h), &open, h->sim->now_us, &leg), IAX_OK);
	struct handset_line *line = line_new(h, leg, true);

	handset_pump(h);
	return (unsigned)(line - h->lines);
}

unsigned handset_call(struct handset *h, const struct house *house, const char *number)
{
	return handset_dial(h, house, &(struct handset_dial){ .number = number });
}

void handset_hangup(struct handset *h, unsigned line, uint8_t cause)
{
	did(h, iax_leg_hangup(ep(h), h->lines[line].leg, cause, (struct tg_span){ 0 }, h->sim->now_us));
	handset_pump(h);
}

void handset_digit(struct handset *h, unsigned line, char digit)
{
	did(h, iax_leg_dtmf(ep(h), h->lines[line].leg, digit, true, h->sim->now_us));
	did(h, iax_leg_dtmf(ep(h), h->lines[line].leg, digit, false, h->sim->now_us));
	handset_pump(h);
}

void handset_text(struct handset *h, unsigned line, const char *text)
{
	did(h, iax_leg_frame(ep(h), h->lines[line].leg, IAX_FRAME_TEXT, 0, tg_span_text(text), h->sim->now_us));
	handset_pump(h);
}

void handset_control(struct handset *h, unsigned line, uint8_t subclass, const char *payload)
{
	did(h, iax_leg_control(ep(h), h->lines[line].leg, subclass, tg_span_text(payload), h->sim->now_us));
	handset_pump(h);
}

void handset_talk(struct handset *h, unsigned line, bool on)
{
	if (on) {
		start_talking(h, &h->lines[line]);
	} else {
		h->lines[line].talks = false;
		h->lines[line].talk_us = TG_NEVER;
	}
}
