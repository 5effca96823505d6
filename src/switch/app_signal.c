/* SPDX-License-Identifier: Apache-2.0 */
/* Applications that tell the caller how the call stands: Answer, Ringing, Proceeding, Progress, Busy, Congestion, Hangup, SendDTMF. */
#include "switch/apps.h"
#include "switch/args.h"
#include "switch/calls.h"
#include "switch/digits.h"
#include "switch/party.h"

enum {
	MEDIA_WAIT_US = 500 * TG_US_PER_MS, /* Answer waits that long for the caller's voice */
	TONE_MAX_US = 60 * TG_US_PER_S,     /* Busy and Congestion without a time */
	DIGIT_MAX_MS = 10000,               /* of SendDTMF, and between two */
};

/* Answer([delay in ms][,i]) */
static enum app_says answer_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	const struct tg_span delay = args_take(&args, ',');
	const struct tg_span option = args_take(&args, ',');
	uint32_t delay_ms = 0;

	if (call->answered) {
		return APP_DONE;
	}
	call_answer(sw, call);
	if (tg_span_equal_nocase(option, TG_SPAN_LIT("i"))) {
		return APP_DONE;
	}
	const bool has_delay = args_uint(delay, 60000, &delay_ms) && delay_ms > 0;

	call->app_flag = has_delay; /* with a delay of its own it does not end with the first voice */
	apps_timer(sw, call, sw->now_us + (has_delay ? (uint64_t)delay_ms * TG_US_PER_MS : MEDIA_WAIT_US));
	return APP_STAYS;
}

static enum app_says answer_over(struct tg_switch *sw, struct call *call)
{
	(void)sw;
	(void)call;
	return APP_DONE;
}

static enum app_says answer_on_caller(struct tg_switch *sw, struct call *call, struct party *caller,
                                      const struct iax_event *event)
{
	(void)sw;
	(void)caller;
	return event->kind == IAX_EV_VOICE && !call->app_flag ? APP_DONE : APP_STAYS;
}

const struct app_row app_answer = { .start = answer_start, .on_timer = answer_over, .on_caller = answer_on_caller };

static enum app_says tell(struct tg_switch *sw, const struct call *call, enum iax_control control)
{
	const struct party *caller = party_caller(sw, call);

	if (caller != NULL) {
		party_control(sw, caller, control);
	}
	return APP_DONE;
}

static enum app_says ringing_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	(void)args;
	return tell(sw, call, IAX_CONTROL_RINGING);
}

static enum app_says proceeding_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	(void)args;
	return tell(sw, call, IAX_CONTROL_PROCEEDING);
}

const struct app_row app_proceeding = { .start = proceeding_start };

const struct app_row app_ringing = { .start = ringing_start };

static enum app_says progress_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	(void)args;
	return tell(sw, call, IAX_CONTROL_PROGRESS);
}

const struct app_row app_progress = { .start = progress_start };

/* Tell it, wait for so many seconds, hang up. If the caller leaves first, the record says the same. */
static enum app_says tone(struct tg_switch *sw, struct call *call, struct tg_span args, enum iax_control control,
                          uint8_t cause)
{
	uint64_t for_us = TONE_MAX_US;

	if (!args_seconds(args_trim(args), &for_us)) {
		for_us = TONE_MAX_US;
	}
	call->tone = cause;
	tell(sw, call, control);
	apps_timer(sw, call, sw->now_us + for_us);
	return APP_STAYS;
}

static enum app_says tone_over(struct tg_switch *sw, struct call *call)
{
	(void)sw;
	call_end(call, call->tone);
	return APP_MOVED;
}

static enum app_says busy_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	return tone(sw, call, args, IAX_CONTROL_BUSY, IAX_CAUSE_BUSY);
}

const struct app_row app_busy = { .start = busy_start, .on_timer = tone_over };

static enum app_says congestion_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	call->failed = true;
	return tone(sw, call, args, IAX_CONTROL_CONGESTION, IAX_CAUSE_NO_CIRCUIT);
}

const struct app_row app_congestion = { .start = congestion_start, .on_timer = tone_over };

/* Hangup([cause]) */
static enum app_says hangup_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	uint32_t cause = IAX_CAUSE_NORMAL_CLEARING;
	(void)sw;

	if (!args_uint(args_trim(args), 127, &cause) || cause == 0) {
		cause = call->dialled && !call->answered ? call->dial_cause : IAX_CAUSE_NORMAL_CLEARING;
	}
	call_end(call, (uint8_t)cause);
	return APP_MOVED;
}

const struct app_row app_hangup = { .start = hangup_start, .after_hangup = true };

/* ---- SendDTMF(digits[,milliseconds between them[,milliseconds of each]]) ---------------------------------------- */

static enum app_says send_digits(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	const struct tg_span digits = args_take(&args, ',');
	const struct party *caller = party_caller(sw, call);
	struct digits_pace pace = digits_default_pace;
	uint32_t ms;
	uint64_t next_us;

	if (args_uint(args_take(&args, ','), DIGIT_MAX_MS, &ms) && ms > 0) {
		pace.gap_ms = ms;
	}
	if (args_uint(args_take(&args, ','), DIGIT_MAX_MS, &ms) && ms > 0) {
		pace.lasts_ms = ms;
	}
	if (caller == NULL || !digits_step(sw, call, caller, digits, &pace, &next_us)) {
		return APP_DONE;
	}
	apps_timer(sw, call, next_us);
	return APP_STAYS;
}

static enum app_says senddtmf_start(struct tg_switch *sw, struct call *call, struct tg_span args)
{
	call->app_count = 0;
	call->app_flag = false;
	return send_digits(sw, call, args);
}

static enum app_says senddtmf_on_timer(struct tg_switch *sw, struct call *call)
{
	uint8_t bytes[VARS_TEXT_MAX];
	struct vars_text text = { .p = bytes, .size_bytes = sizeof(bytes) };

	return send_digits(sw, call, apps_args(sw, call, &text));
}

const struct app_row app_senddtmf = { .start = senddtmf_start, .on_timer = senddtmf_on_timer };
