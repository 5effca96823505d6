/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/dialog_parts.h"

#include "iax/choice.h"
#include "iax/format.h"
#include "iax/names.h"
#include "tools/ending.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	DRAIN_MS = 300, /* after the last packet sent: what is still on its way counts as received */
	FILE_TAIL_MS = 500,
	RELEASE_MS = 2000, /* for giving back the registration */
	DTMF_FIRST_MS = 300,
	DTMF_STEP_MS = 100,
};

const char *tool_dialog_state_name(enum tool_dialog_state state)
{
#define X(name, text) [name] = (text),
	static const char *const names[] = { TOOL_DIALOG_STATES(X) };
#undef X
	return names[state];
}

/* ---- Helpers ---- */

void tool_dialog_say(const struct tool_dialog *d, const char *format, ...)
{
	char line[256];
	va_list values;

	if (d->say == NULL) {
		return;
	}
	va_start(values, format);
	vsnprintf(line, sizeof(line), format, values);
	va_end(values);
	d->say(d->owner, line);
}

/* The leg's figures are gone with the leg, so they are looked at while it lives. */
static void look(struct tool_dialog *d)
{
	struct iax_leg_info info;

	if (!d->has_call_leg || !iax_leg_info(d->ep, d->call_leg, &info)) {
		return;
	}
	d->report.retransmits = info.retransmits;
	d->report.rtt_us = info.rtt_us;
	d->report.remote_packets = info.remote_report.packets;
	d->report.remote_lost = info.remote_report.lost;
	d->report.remote_jitter_ms = info.remote_report.jitter_ms;
}

enum tool_dialog_state tool_dialog_finish(struct tool_dialog *d, enum tool_exit exit, uint64_t now_us)
{
	d->report.exit = exit;
	d->report.state = tool_exit_state(exit);
	d->ended_us = now_us;
	d->give_up_us = d->answer_us = d->hangup_us = d->dtmf_us = TG_NEVER;
	tool_media_stop(&d->media);
	tool_dialog_say(d, "over: %s", d->report.state);
	if (d->registers) {
		iax_registrant_release(&d->registrant, now_us);
	}
	return DIALOG_OVER;
}

/* Hang up and end; the leg's own IAX_EV_ENDED then finds a dialog that is over. */
enum tool_dialog_state tool_dialog_end(struct tool_dialog *d, uint8_t cause, enum tool_exit exit, uint64_t now_us)
{
	look(d);
	if (d->has_call_leg && iax_leg_hangup(d->ep, d->call_leg, cause, (struct tg_span){ 0 }, now_us) != IAX_OK) {
		tool_dialog_say(d, "the far end had hung up already");
	}
	d->report.cause = cause;
	return tool_dialog_finish(d, exit, now_us);
}

/* ---- Calling ---- */

static enum tool_dialog_state dial(struct tool_dialog *d, uint64_t now_us)
{
	const struct tool_call_options *o = d->options;
	uint8_t prefs[IAX_CODEC_PREFS_MAX];
	const size_t prefs_len = iax_prefs_encode(prefs, o->codecs, o->codec_count);
	const struct iax_call_open open = {
		.remote = d->remote,
		.local = d->local,
		.owner = TOOL_OWNER_CALL,
		.called_number = tg_span_text(o->uri.number[0] != '\0' ? o->uri.number : "s"),
		.called_context = tg_span_text(o->uri.context),
		.calling_number = tg_span_text(o->from != NULL ? o->from : o->uri.username),
		.calling_name = tg_span_text(o->name != NULL ? o->name : ""),
		.username = tg_span_text(o->uri.username),
		.format = o->codecs[0],
		.capability = o->codec_mask,
		.codec_prefs = { prefs, prefs_len },
	};
	const enum iax_err err = iax_call_open(d->ep, &open, now_us, &d->call_leg);

	d->dialled_us = now_us;
	if (err != IAX_OK) {
		tool_dialog_say(d, "cannot call: %s", iax_err_text(err));
		return tool_dialog_finish(d, TOOL_FAILED, now_us);
	}
	d->has_call_leg = true;
	tool_dialog_say(d, "dialling %s", o->uri.number[0] != '\0' ? o->uri.number : "s");
	return DIALOG_DIALLING;
}

static enum tool_dialog_state on_challenged(struct tool_dialog *d, const struct iax_event *event, uint64_t now_us)
{
	if (tool_secret_respond(d->secret, d->ep, event, now_us)) {
		return d->state;
	}
	tool_dialog_say(d, d->secret->known ? "the far end asks for something else than MD5"
	                                    : "the far end asks for a secret");
	return tool_dialog_end(d, IAX_CAUSE_REJECTED, TOOL_REFUSED, now_us);
}

static enum tool_dialog_state on_accepted(struct tool_dialog *d, const struct iax_event *event, uint64_t now_us)
{
	(void)now_us;
	d->format = event->format;
	d->report.codec = iax_format_name(event->format);
	tool_dialog_say(d, "accepted, codec %s", d->report.codec);
	return DIALOG_ACCEPTED;
}

static uint64_t hangup_time(const struct tool_dialog *d, uint64_t now_us)
{
	const struct tool_source *source = d->media.source;

	if (d->options->duration_ms != 0) {
		return now_us + d->options->duration_ms * TG_US_PER_MS;
	}
	if (source->kind != TOOL_SOURCE_FILE) {
		return TG_NEVER;
	}
	return now_us + (source->count * 1000 / TOOL_AUDIO_RATE_HZ + FILE_TAIL_MS) * TG_US_PER_MS;
}

enum tool_dialog_state tool_dialog_go_up(struct tool_dialog *d, uint64_t now_us)
{
	d->answered_us = now_us;
	d->give_up_us = d->answer_us = TG_NEVER;
	d->hangup_us = hangup_time(d, now_us);
	d->dtmf_us = d->options->dtmf != NULL ? now_us + (uint64_t)DTMF_FIRST_MS * TG_US_PER_MS : TG_NEVER;
	tool_media_start(&d->media, d->format, iax_leg_clock_ms(d->ep, d->call_leg, now_us), now_us);
	tool_dialog_say(d, "answered");
	return DIALOG_UP;
}

static enum tool_dialog_state on_control(struct tool_dialog *d, const struct iax_event *event, uint64_t now_us)
{
	if (d->options->answer) {
		return d->state;
	}
	switch (event->subclass) {
	case IAX_CONTROL_ANSWER:
		return tool_dialog_go_up(d, now_us);
	case IAX_CONTROL_BUSY:
		return tool_dialog_end(d, IAX_CAUSE_BUSY, TOOL_BUSY, now_us);
	case IAX_CONTROL_CONGESTION:
		return tool_dialog_end(d, IAX_CAUSE_SWITCH_CONGESTION, TOOL_NETWORK, now_us);
	case IAX_CONTROL_RINGING:
		tool_dialog_say(d, "ringing");
		return DIALOG_RINGING;
	default: /* the rest changes nothing for a caller who waits */
		return d->state;
	}
}

/* ---- During the call ---- */

static enum tool_dialog_state on_voice(struct tool_dialog *d, const struct iax_event *event, uint64_t now_us)
{
	tool_media_hear(&d->media, d->ep, event, now_us);
	return d->state;
}

static enum tool_dialog_state on_dtmf(struct tool_dialog *d, const struct iax_event *event, uint64_t now_us)
{
	const size_t len = strlen(d->report.digits);

	(void)now_us;
	if (!event->begun && len + 1 < sizeof(d->report.digits)) {
		tool_report_say(d->report.digits + len, 2, (struct tg_span){ (const uint8_t *)&event->digit, 1 });
		tool_dialog_say(d, "digit %s", d->report.digits + len);
	}
	return d->state;
}

static enum tool_dialog_state on_rtt(struct tool_dialog *d, const struct iax_event *event, uint64_t now_us)
{
	(void)event;
	(void)now_us;
	look(d);
	return d->state;
}

static enum tool_dialog_state on_ended(struct tool_dialog *d, const struct iax_event *event, uint64_t now_us)
{
	d->has_call_leg = false;
	if (d->options->answer && d->answered_us == 0) {
		d->answer_us = TG_NEVER;
		tool_dialog_say(d, "the caller went away");
		return DIALOG_WAITING;
	}
	d->report.cause = event->cause;
	tool_report_say(d->report.said, sizeof(d->report.said), event->text);
	return tool_dialog_finish(d, tool_exit_of_end(event, d->answered_us != 0, d->heard_far_end), now_us);
}

static enum tool_dialog_state on_late_end(struct tool_dialog *d, const struct iax_event *event, uint64_t now_us)
{
	(void)event;
	(void)now_us;
	d->has_call_leg = false;
	return d->state;
}

/* ---- The state machine of the call ---- */

enum {
	CALLING = 1 << DIALOG_ACCEPTED | 1 << DIALOG_RINGING,
	TALKING = 1 << DIALOG_UP | 1 << DIALOG_DRAINING,
	ANY_BUT_OVER = (1 << DIALOG_OVER) - 1,
};

static const struct {
	unsigned in; /* states, one bit each */
	enum iax_event_kind on;
	enum tool_dialog_state (*act)(struct tool_dialog *d, const struct iax_event *event, uint64_t now_us);
} rules[] = {
	{ 1 << DIALOG_DIALLING, IAX_EV_CHALLENGED, on_challenged },
	{ 1 << DIALOG_DIALLING, IAX_EV_ACCEPTED, on_accepted },
	{ CALLING, IAX_EV_CONTROL, on_control },
	{ 1 << DIALOG_WAITING, IAX_EV_OFFERED, tool_dialog_on_offered },
	{ 1 << DIALOG_OFFERED, IAX_EV_VERIFY, tool_dialog_on_verify },
	{ 1 << DIALOG_OFFERED, IAX_EV_CONFIRMED, tool_dialog_on_confirmed },
	{ CALLING | TALKING, IAX_EV_VOICE, on_voice },
	{ CALLING | TALKING, IAX_EV_DTMF, on_dtmf },
	{ ANY_BUT_OVER, IAX_EV_RTT, on_rtt },
	{ ANY_BUT_OVER, IAX_EV_ENDED, on_ended },
	{ 1 << DIALOG_OVER, IAX_EV_ENDED, on_late_end },
};

static void call_event(struct tool_dialog *d, const struct iax_event *event, uint64_t now_us)
{
	for (size_t i = 0; i < TG_COUNT(rules); i++) {
		if ((rules[i].in >> d->state & 1) != 0 && rules[i].on == event->kind) {
			d->state = rules[i].act(d, event, now_us);
			return;
		}
	}
}

/* ---- The registration beside it ---- */

static void registration_open(struct tool_dialog *d, uint64_t now_us)
{
	const struct iax_reg_open open = {
		.remote = d->remote,
		.local = d->local,
		.owner = TOOL_OWNER_REGISTRATION,
		.username = tg_span_text(d->options->uri.username),
		.refresh_s = (uint16_t)d->options->register_s,
		.release = iax_registrant_is_releasing(&d->registrant),
	};
	const enum iax_err err = iax_reg_open(d->ep, &open, now_us, &d->reg_leg);

	d->has_reg_leg = err == IAX_OK;
	iax_registrant_on_opened(&d->registrant, err, now_us);
}

static void registration_settled(struct tool_dialog *d, uint64_t now_us)
{
	if (d->state != DIALOG_REGISTERING) {
		return;
	}
	if (iax_registrant_is_registered(&d->registrant, now_us)) {
		tool_dialog_say(d, "registered");
		d->state = d->options->answer ? DIALOG_WAITING : dial(d, now_us);
	} else if (d->registrant.failures > 0) {
		tool_dialog_say(d, "not registered: %s", iax_registrant_state_text(&d->registrant));
		d->state = tool_dialog_finish(
			d, d->registrant.state == IAX_REGISTRANT_TIMEOUT ? TOOL_NETWORK : TOOL_REFUSED, now_us);
	}
}

static void registration_event(struct tool_dialog *d, const struct iax_event *event, uint64_t now_us)
{
	iax_registrant_on_event(&d->registrant, event, now_us);
	if (event->kind == IAX_EV_CHALLENGED && !tool_secret_respond(d->secret, d->ep, event, now_us)) {
		iax_registrant_on_no_secret(&d->registrant, now_us);
		if (iax_leg_hangup(d->ep, event->leg, 0, (struct tg_span){ 0 }, now_us) != IAX_OK) {
			d->has_reg_leg = false;
		}
	}
	if (event->kind == IAX_EV_ENDED) {
		d->has_reg_leg = false;
		if (d->state == DIALOG_REGISTERING) {
			d->report.cause = event->cause;
			tool_report_say(d->report.said, sizeof(d->report.said), event->text);
		}
	}
	registration_settled(d, now_us);
}

/* ---- Public ---- */

void tool_dialog_start(struct tool_dialog *d, uint64_t now_us)
{
	d->report = (struct tool_report){ .state = "", .codec = "", .cause_text = "", .remote = d->remote };
	d->give_up_us = now_us + d->options->timeout_ms * TG_US_PER_MS;
	d->answer_us = d->hangup_us = d->dtmf_us = TG_NEVER;
	d->media.next_us = TG_NEVER;
	d->registers = d->options->register_s != 0;
	if (d->registers) {
		uint64_t spread;

		memcpy(&spread, d->seed, sizeof(spread));
		iax_registrant_init(&d->registrant, (uint16_t)d->options->register_s, spread, now_us);
		d->state = DIALOG_REGISTERING;
		tool_dialog_say(d, "registering as %s", d->options->uri.username);
		return;
	}
	d->state = d->options->answer ? DIALOG_WAITING : dial(d, now_us);
}

void tool_dialog_on_event(struct tool_dialog *d, const struct iax_event *event, uint64_t now_us)
{
	if (event->kind != IAX_EV_ENDED || event->end == IAX_END_REJECTED || event->end == IAX_END_REMOTE) {
		d->heard_far_end = true;
	}
	if (event->owner == TOOL_OWNER_REGISTRATION) {
		registration_event(d, event, now_us);
	} else if (event->owner == TOOL_OWNER_CALL || (event->kind == IAX_EV_OFFERED && d->state == DIALOG_WAITING)) {
		call_event(d, event, now_us);
	} else if (event->kind == IAX_EV_OFFERED) {
		tool_dialog_reject(d, event, d->options->answer ? IAX_CAUSE_BUSY : IAX_CAUSE_REJECTED, now_us);
	} else if (event->kind == IAX_EV_REG_REQUEST) {
		tool_dialog_reject(d, event, IAX_CAUSE_FACILITY_REJECTED, now_us);
	}
}

uint64_t tool_dialog_deadline_us(const struct tool_dialog *d)
{
	uint64_t at = tg_min_u64(tg_min_u64(d->give_up_us, d->answer_us), tg_min_u64(d->hangup_us, d->dtmf_us));

	at = tg_min_u64(at, d->media.next_us);
	if (d->registers) {
		at = tg_min_u64(at, iax_registrant_deadline_us(&d->registrant));
	}
	if (d->state == DIALOG_OVER) {
		at = tg_min_u64(at, d->ended_us + (uint64_t)RELEASE_MS * TG_US_PER_MS);
	}
	return at;
}

static void dtmf_step(struct tool_dialog *d, uint64_t now_us)
{
	const char digit = d->options->dtmf[d->dtmf_step / 2];

	if (digit == '\0' || d->state != DIALOG_UP ||
	    iax_leg_dtmf(d->ep, d->call_leg, digit, d->dtmf_step % 2 == 0, now_us) != IAX_OK) {
		d->dtmf_us = TG_NEVER;
		return;
	}
	d->dtmf_step++;
	d->dtmf_us += (uint64_t)DTMF_STEP_MS * TG_US_PER_MS;
}

static void give_up(struct tool_dialog *d, uint64_t now_us)
{
	const bool silent = !d->heard_far_end && !(d->options->answer && d->state == DIALOG_WAITING);

	d->state = tool_dialog_end(d, IAX_CAUSE_NO_ANSWER, silent ? TOOL_NETWORK : TOOL_NO_ANSWER, now_us);
}

static void hang_up(struct tool_dialog *d, uint64_t now_us)
{
	if (d->state == DIALOG_UP) {
		tool_media_stop(&d->media);
		d->hangup_us = now_us + (uint64_t)DRAIN_MS * TG_US_PER_MS;
		d->state = DIALOG_DRAINING;
		return;
	}
	d->state = tool_dialog_end(d, IAX_CAUSE_NORMAL_CLEARING, TOOL_OK, now_us);
}

void tool_dialog_expire(struct tool_dialog *d, uint64_t now_us)
{
	if (d->registers && now_us >= iax_registrant_deadline_us(&d->registrant) &&
	    iax_registrant_expire(&d->registrant, now_us)) {
		registration_open(d, now_us);
		registration_settled(d, now_us);
	}
	if (now_us >= d->give_up_us) {
		give_up(d, now_us);
	}
	if (now_us >= d->answer_us) {
		d->state = tool_dialog_answer(d, now_us);
	}
	if (now_us >= d->dtmf_us) {
		dtmf_step(d, now_us);
	}
	if (now_us >= d->media.next_us) {
		tool_media_send(&d->media, d->ep, d->call_leg, now_us);
		look(d);
	}
	if (now_us >= d->hangup_us) {
		hang_up(d, now_us);
	}
	if (d->state == DIALOG_OVER && now_us >= d->ended_us + (uint64_t)RELEASE_MS * TG_US_PER_MS) {
		d->released = true;
	}
}

void tool_dialog_stop(struct tool_dialog *d, uint64_t now_us)
{
	if (d->state == DIALOG_OVER) {
		d->released = true;
		return;
	}
	d->state = tool_dialog_end(d, IAX_CAUSE_NORMAL_CLEARING, d->answered_us != 0 ? TOOL_OK : TOOL_NO_ANSWER,
	                           now_us);
}

bool tool_dialog_is_over(const struct tool_dialog *d)
{
	if (d->state != DIALOG_OVER) {
		return false;
	}
	return d->released || !d->registers || (!d->has_reg_leg && !iax_registrant_is_releasing(&d->registrant));
}

const struct tool_report *tool_dialog_report(struct tool_dialog *d, uint64_t now_us)
{
	struct tool_report *report = &d->report;
	const char *cause = iax_cause_text(report->cause);
	const uint64_t until_us = d->ended_us != 0 ? d->ended_us : now_us;

	look(d);
	if (d->state != DIALOG_OVER) {
		report->state = tool_dialog_state_name(d->state);
	}
	report->cause_text = report->cause != 0 ? (cause != NULL ? cause : "unknown cause") : "";
	report->setup_us = d->answered_us != 0 ? d->answered_us - d->dialled_us : 0;
	report->talk_ms = d->answered_us != 0 ? (until_us - d->answered_us) / TG_US_PER_MS : 0;
	report->sent = d->media.sent;
	report->same = d->media.echo.same;
	report->heard = d->media.heard;
	return report;
}
