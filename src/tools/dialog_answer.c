/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/dialog_parts.h"

#include "crypt/random.h"
#include "iax/choice.h"
#include "iax/format.h"

static void challenge_make(struct tool_dialog *d)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	struct crypt_random random;

	crypt_random_init(&random, d->seed);
	for (size_t i = 0; i + 1 < sizeof(d->challenge); i++) {
		d->challenge[i] = digits[crypt_random_below(&random, sizeof(digits) - 1)];
	}
	crypt_random_bytes(&random, d->seed, sizeof(d->seed));
}

static enum tool_dialog_state accept_call(struct tool_dialog *d, const struct iax_event *event, uint64_t now_us)
{
	d->has_call_leg = iax_call_accept_among(d->ep, event->leg, d->format, d->options->codec_mask, now_us) == IAX_OK;
	return d->has_call_leg ? DIALOG_OFFERED : DIALOG_WAITING;
}

static uint64_t choose_codec(const struct tool_dialog *d, const struct iax_ies *ies)
{
	const uint64_t offer = iax_ies_capability(ies);
	struct iax_prefs prefs;

	iax_prefs_decode(&prefs, ies->codec_prefs, offer);
	return iax_format_choose(&(struct iax_choice){
		.priority = IAX_CODEC_HOST,
		.own_formats = d->options->codecs,
		.own_count = d->options->codec_count,
		.own = d->options->codec_mask,
		.offer = offer,
		.requested = iax_ies_format(ies),
		.caller = &prefs,
	});
}

enum tool_dialog_state tool_dialog_on_offered(struct tool_dialog *d, const struct iax_event *event, uint64_t now_us)
{
	char from[TOOL_URI_PART_MAX + 1];
	const bool stranger = d->remote.family != TG_NO_ADDR && !tg_addr_same_host(event->remote, d->remote);

	d->format = choose_codec(d, event->ies);
	if (stranger || d->format == 0) {
		tool_dialog_reject(d, event, stranger ? IAX_CAUSE_REJECTED : IAX_CAUSE_BEARER_UNAVAILABLE, now_us);
		return DIALOG_WAITING;
	}
	tool_report_say(from, sizeof(from), event->ies->calling_number);
	tool_dialog_say(d, "call from %s", from[0] != '\0' ? from : "(no number)");
	d->call_leg = event->leg;
	d->report.remote = event->remote;
	d->has_call_leg = true;
	d->dialled_us = now_us;
	iax_leg_set_owner(d->ep, event->leg, TOOL_OWNER_CALL);
	if (d->options->has_uri || !d->secret->known) {
		return accept_call(d, event, now_us);
	}
	challenge_make(d);
	if (iax_leg_challenge(d->ep, event->leg, IAX_AUTH_MD5, tg_span_text(d->challenge), now_us) != IAX_OK) {
		d->has_call_leg = false;
		return DIALOG_WAITING;
	}
	return DIALOG_OFFERED;
}

enum tool_dialog_state tool_dialog_on_verify(struct tool_dialog *d, const struct iax_event *event, uint64_t now_us)
{
	if (tool_secret_verify(d->secret, tg_span_text(d->challenge), event->ies->md5_result)) {
		return accept_call(d, event, now_us);
	}
	tool_dialog_say(d, "refused: wrong secret");
	d->has_call_leg = false;
	iax_leg_set_owner(d->ep, event->leg, 0); /* its end is not that of a call of ours */
	tool_dialog_reject(d, event, IAX_CAUSE_REJECTED, now_us);
	return DIALOG_WAITING;
}

static bool control(struct tool_dialog *d, uint8_t subclass, uint64_t now_us)
{
	return iax_leg_control(d->ep, d->call_leg, subclass, (struct tg_span){ 0 }, now_us) == IAX_OK;
}

enum tool_dialog_state tool_dialog_answer(struct tool_dialog *d, uint64_t now_us)
{
	if (!control(d, IAX_CONTROL_ANSWER, now_us)) {
		return tool_dialog_end(d, IAX_CAUSE_TEMPORARY_FAILURE, TOOL_BROKEN, now_us);
	}
	return tool_dialog_go_up(d, now_us);
}

enum tool_dialog_state tool_dialog_on_confirmed(struct tool_dialog *d, const struct iax_event *event, uint64_t now_us)
{
	(void)event;
	d->report.codec = iax_format_name(d->format);
	if (d->options->ring_ms == 0) {
		return tool_dialog_answer(d, now_us);
	}
	d->answer_us = now_us + d->options->ring_ms * TG_US_PER_MS;
	d->give_up_us = tg_max_u64(d->give_up_us, d->answer_us + 1);
	if (!control(d, IAX_CONTROL_RINGING, now_us)) {
		return tool_dialog_end(d, IAX_CAUSE_TEMPORARY_FAILURE, TOOL_BROKEN, now_us);
	}
	tool_dialog_say(d, "ringing");
	return DIALOG_RINGING;
}

void tool_dialog_reject(struct tool_dialog *d, const struct iax_event *event, uint8_t cause, uint64_t now_us)
{
	const enum iax_err err = iax_leg_reject(d->ep, event->leg, cause, (struct tg_span){ 0 }, 0, now_us);

	if (err != IAX_OK) {
		tool_dialog_say(d, "gone before it could be refused: %s", iax_err_text(err));
	}
}
