/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/load.h"

#include "tools/phone.h"
#include "tools/secret.h"
#include "tools/tool.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	FRAME_MS = 20,
	FRAME_US = FRAME_MS * TG_US_PER_MS,
	SETUP_MS = 15000, /* after the last NEW */
	DRAIN_MS = 1000,
	CLOSE_MS = 2000,
	LEGS_SPARE = 16,
	CATCH_UP = 4096, /* frames sent in one turn, at most */
};

#define AT(field) offsetof(struct tool_load_options, field)

const struct tool_option tool_load_option_table[] = {
	{ "--calls", "N", "calls at the same time (10)", TOOL_OPTION_COUNT, AT(calls), 1, TOOL_LOAD_CALLS_MAX, 0 },
	{ "--seconds", "S", "of media, once all are answered (5)", TOOL_OPTION_SECONDS, AT(duration_ms), 100, 600000,
	  0 },
	{ "--duration", "S", "the same, as tollgate call has it", TOOL_OPTION_SECONDS, AT(duration_ms), 100, 600000,
	  0 },
	{ "--rate", "N", "calls set up a second (100)", TOOL_OPTION_COUNT, AT(rate), 1, 2000, 0 },
	{ "--secret-file", "FILE", "the secret is its first line (else TOLLGATE_SECRET)", TOOL_OPTION_TEXT,
	  AT(secret_file), 0, 0, 0 },
	{ "--json", NULL, "report as one line of JSON", TOOL_OPTION_FLAG, AT(json), 0, 0, 0 },
	{ "--help", NULL, "this text", TOOL_OPTION_FLAG, AT(help), 0, 0, 0 },
	{ 0 },
};

#undef AT

enum phase {
	PHASE_SETUP,
	PHASE_MEDIA,
	PHASE_DRAIN,
	PHASE_CLOSE,
	PHASE_OVER,
};

struct load_call {
	struct iax_leg_id leg;
	bool open, up;
	uint32_t ts_ms;
	struct tool_load_tally tally;
};

struct load {
	struct tool_load_options options;
	struct tool_secret secret;
	struct tool_phone *phone;
	struct tg_addr remote;
	struct load_call *calls;
	uint8_t *seen;
	uint32_t opened, up, failed, broken; /* failed: never answered; broken: ended too early */
	uint8_t first_cause;
	enum phase phase;
	uint64_t started_us, media_us, phase_end_us;
	uint64_t frames; /* sent so far, over all: frame k is the turn of call k % calls */
};

bool tool_load_options_parse(struct tool_load_options *options, int argc, char **argv, char wrong[TOOL_WRONG_BYTES])
{
	const char *why = NULL;
	int count = 0;

	*options = (struct tool_load_options){ .calls = 10, .rate = 100, .duration_ms = 5000 };
	count = tool_options_parse(tool_load_option_table, options, argc, argv, wrong);
	if (count < 0 || options->help) {
		return count >= 0;
	}
	if (count != 1) {
		snprintf(wrong, TOOL_WRONG_BYTES, "whom? expected one iax2:user@host[:port]/number");
		return false;
	}
	why = tool_uri_parse(&options->uri, tg_span_text(argv[0]));
	if (why != NULL) {
		snprintf(wrong, TOOL_WRONG_BYTES, "%s: %s", argv[0], why);
	}
	return why == NULL;
}

static enum tool_exit wrong_is(enum tool_exit exit, const char *wrong)
{
	fprintf(stderr, "tollgate load: %s\n", wrong);
	return exit;
}

/* ---- Events ---- */

static void call_over(struct load *load, struct load_call *call, const struct iax_event *event)
{
	if (load->phase < PHASE_CLOSE) {
		load->failed += call->up ? 0 : 1;
		load->broken += call->up ? 1 : 0;
		load->first_cause = load->first_cause != 0 ? load->first_cause : event->cause;
	}
	load->up -= call->up ? 1 : 0;
	call->open = call->up = false;
}

static void on_event(void *owner, const struct iax_event *event, uint64_t now_us)
{
	struct load *load = owner;
	struct iax_endpoint *ep = tool_phone_endpoint(load->phone);
	struct load_call *call = event->owner >= 1 && event->owner <= load->options.calls
	                                 ? &load->calls[event->owner - 1]
	                                 : NULL;

	if (call == NULL) {
		return;
	}
	if (event->kind == IAX_EV_CHALLENGED && !tool_secret_respond(&load->secret, ep, event, now_us) &&
	    iax_leg_hangup(ep, event->leg, IAX_CAUSE_REJECTED, (struct tg_span){ 0 }, now_us) != IAX_OK) {
		return;
	}
	if (event->kind == IAX_EV_CONTROL && event->subclass == IAX_CONTROL_ANSWER && !call->up) {
		call->up = true;
		load->up++;
	} else if (event->kind == IAX_EV_VOICE) {
		tool_load_count(&call->tally, (uint32_t)event->owner, event->payload);
	} else if (event->kind == IAX_EV_ENDED && call->open) {
		call_over(load, call, event);
	}
}

/* ---- Work that is due ---- */

static void open_one(struct load *load, uint64_t now_us)
{
	struct load_call *call = &load->calls[load->opened];
	const struct tool_uri *uri = &load->options.uri;
	const struct iax_call_open open = {
		.remote = load->remote,
		.local = tool_phone_local(load->phone),
		.owner = ++load->opened,
		.called_number = tg_span_text(uri->number[0] != '\0' ? uri->number : "s"),
		.called_context = tg_span_text(uri->context),
		.calling_number = tg_span_text(uri->username),
		.username = tg_span_text(uri->username),
		.format = IAX_FORMAT_ULAW,
		.capability = IAX_FORMAT_ULAW,
	};

	call->open = iax_call_open(tool_phone_endpoint(load->phone), &open, now_us, &call->leg) == IAX_OK;
	load->failed += call->open ? 0 : 1;
}

static void frame_send(struct load *load, uint32_t index, uint64_t now_us)
{
	struct load_call *call = &load->calls[index];
	struct iax_endpoint *ep = tool_phone_endpoint(load->phone);
	uint8_t payload[TOOL_LOAD_FRAME_BYTES];

	if (!call->up || call->tally.sent >= call->tally.room) {
		return;
	}
	if (call->tally.sent == 0) {
		call->ts_ms = iax_leg_clock_ms(ep, call->leg, now_us);
	}
	tool_load_frame(payload, index + 1, (uint32_t)call->tally.sent);
	if (iax_leg_voice(ep, call->leg, IAX_FORMAT_ULAW, call->ts_ms, (struct tg_span){ payload, sizeof(payload) },
	                  false, now_us) == IAX_OK) {
		call->tally.sent++;
	}
	call->ts_ms += FRAME_MS;
}

/* The calls take turns within each 20 ms, so packets leave evenly and each call has its own fixed beat. */
static uint64_t frame_due_us(const struct load *load)
{
	return load->media_us + load->frames * FRAME_US / load->options.calls;
}

static void hang_up_all(struct load *load, uint64_t now_us)
{
	for (uint64_t i = 0; i < load->options.calls; i++) {
		struct load_call *call = &load->calls[i];

		if (call->open && iax_leg_hangup(tool_phone_endpoint(load->phone), call->leg, IAX_CAUSE_NORMAL_CLEARING,
		                                 (struct tg_span){ 0 }, now_us) != IAX_OK) {
			call->open = false;
		}
	}
}

static void next_phase(struct load *load, uint64_t now_us)
{
	switch (load->phase) {
	case PHASE_SETUP:
		load->failed = (uint32_t)load->options.calls - load->up - load->broken;
		load->media_us = now_us;
		load->phase_end_us = now_us + load->options.duration_ms * TG_US_PER_MS;
		load->phase = load->up > 0 ? PHASE_MEDIA : PHASE_CLOSE;
		break;
	case PHASE_MEDIA:
		load->phase_end_us = now_us + (uint64_t)DRAIN_MS * TG_US_PER_MS;
		load->phase = PHASE_DRAIN;
		break;
	case PHASE_DRAIN:
		load->phase = PHASE_CLOSE;
		load->phase_end_us = now_us + (uint64_t)CLOSE_MS * TG_US_PER_MS;
		hang_up_all(load, now_us);
		break;
	case PHASE_CLOSE:
	case PHASE_OVER:
		load->phase = PHASE_OVER;
		break;
	}
}

static uint64_t open_due_us(const struct load *load)
{
	return load->opened < load->options.calls
	               ? load->started_us + (uint64_t)load->opened * TG_US_PER_S / load->options.rate
	               : TG_NEVER;
}

static bool phase_is_done(const struct load *load, uint64_t now_us)
{
	struct iax_endpoint_stats stats;

	if (load->phase == PHASE_SETUP && load->opened == load->options.calls) {
		return load->up + load->failed + load->broken >= load->options.calls || now_us >= load->phase_end_us;
	}
	if (load->phase == PHASE_CLOSE) {
		iax_endpoint_stats(tool_phone_endpoint(load->phone), &stats);
		return stats.frames_pending == 0 || now_us >= load->phase_end_us;
	}
	return load->phase != PHASE_SETUP && now_us >= load->phase_end_us;
}

static uint64_t deadline_us(const struct load *load)
{
	const uint64_t at = load->phase == PHASE_MEDIA ? tg_min_u64(frame_due_us(load), load->phase_end_us)
	                                               : load->phase_end_us;

	return tg_min_u64(at, open_due_us(load));
}

static void work(struct load *load, uint64_t now_us)
{
	while (open_due_us(load) <= now_us) {
		open_one(load, now_us);
	}
	for (unsigned i = 0; i < CATCH_UP && load->phase == PHASE_MEDIA && frame_due_us(load) <= now_us; i++) {
		frame_send(load, (uint32_t)(load->frames++ % load->options.calls), now_us);
	}
	if (phase_is_done(load, now_us)) {
		next_phase(load, now_us);
	}
}

static void run(struct load *load)
{
	uint64_t now_us = tool_phone_turn(load->phone, 0, on_event, load);

	load->started_us = now_us;
	load->phase_end_us = now_us + load->options.calls * TG_US_PER_S / load->options.rate +
	                     (uint64_t)SETUP_MS * TG_US_PER_MS;
	while (load->phase != PHASE_OVER && tool_phone_signals(load->phone) == 0) {
		now_us = tool_phone_turn(load->phone, deadline_us(load), on_event, load);
		work(load, now_us);
	}
	if (load->phase != PHASE_OVER) {
		hang_up_all(load, now_us);
		load->phase = PHASE_CLOSE;
		tool_phone_turn(load->phone, now_us, on_event, load);
	}
}

/* ---- The outcome ---- */

struct totals {
	struct tool_load_tally sum;
	uint64_t lost, calls_with_loss, worst;
};

static struct totals add_up(const struct load *load)
{
	struct totals t = { 0 };

	for (uint64_t i = 0; i < load->options.calls; i++) {
		const struct tool_load_tally *tally = &load->calls[i].tally;
		const uint64_t lost = tally->sent - tally->received;

		t.sum.sent += tally->sent;
		t.sum.received += tally->received;
		t.sum.twice += tally->twice;
		t.sum.foreign += tally->foreign;
		t.lost += lost;
		t.calls_with_loss += lost > 0 ? 1 : 0;
		t.worst = tg_max_u64(t.worst, lost);
	}
	return t;
}

static void print_json(const struct load *load, const struct totals *t)
{
	json_t *top = json_pack("{s:I, s:I, s:i, s:i, s:i, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "calls",
	                        (json_int_t)load->options.calls, "answered",
	                        (json_int_t)load->options.calls - load->failed, "failed", (int)load->failed, "broken",
	                        (int)load->broken, "first_cause", load->first_cause, "sent", (json_int_t)t->sum.sent,
	                        "received", (json_int_t)t->sum.received, "lost", (json_int_t)t->lost, "twice",
	                        (json_int_t)t->sum.twice, "foreign", (json_int_t)t->sum.foreign, "calls_with_loss",
	                        (json_int_t)t->calls_with_loss, "worst_call_lost", (json_int_t)t->worst);

	if (top != NULL) {
		json_dumpf(top, stdout, JSON_COMPACT);
		putchar('\n');
	}
	json_decref(top);
}

static void print_text(const struct load *load, const struct totals *t)
{
	printf("calls        %llu, %u not answered, %u broken off\n", (unsigned long long)load->options.calls,
	       load->failed, load->broken);
	if (load->first_cause != 0) {
		printf("first cause  %u\n", load->first_cause);
	}
	printf("packets      %llu sent, %llu echoed, %llu lost, %llu twice, %llu of another call\n",
	       (unsigned long long)t->sum.sent, (unsigned long long)t->sum.received, (unsigned long long)t->lost,
	       (unsigned long long)t->sum.twice, (unsigned long long)t->sum.foreign);
	printf("with loss    %llu calls, at worst %llu packets\n", (unsigned long long)t->calls_with_loss,
	       (unsigned long long)t->worst);
}

static enum tool_exit outcome(const struct load *load)
{
	const struct totals t = add_up(load);

	if (load->options.json) {
		print_json(load, &t);
	} else {
		print_text(load, &t);
	}
	if (load->failed == load->options.calls) {
		return load->first_cause != 0 ? TOOL_REFUSED : TOOL_NETWORK;
	}
	return load->failed + load->broken + t.lost + t.sum.twice + t.sum.foreign > 0 || t.sum.sent == 0 ? TOOL_BROKEN
	                                                                                                 : TOOL_OK;
}

static bool calls_make(struct load *load)
{
	const uint64_t room = load->options.duration_ms / FRAME_MS; /* exactly what is to be sent */
	const size_t seen_bytes = (size_t)room / 8 + 1;

	load->calls = calloc(load->options.calls, sizeof(load->calls[0]));
	load->seen = calloc(load->options.calls, seen_bytes);
	if (load->calls == NULL || load->seen == NULL) {
		return false;
	}
	for (uint64_t i = 0; i < load->options.calls; i++) {
		load->calls[i].tally.seen = load->seen + i * seen_bytes;
		load->calls[i].tally.room = (uint32_t)room;
	}
	return true;
}

static enum tool_exit load_run(struct load *load)
{
	struct tool_phone_options phone = { .legs_max = (uint32_t)load->options.calls + LEGS_SPARE };
	char wrong[TOOL_WRONG_BYTES];

	if (!tool_secret_init(&load->secret, load->options.secret_file, NULL, wrong, sizeof(wrong))) {
		return wrong_is(TOOL_FILE, wrong);
	}
	if (!tool_resolve(&load->remote, load->options.uri.host, load->options.uri.port, TG_NO_ADDR, wrong,
	                  sizeof(wrong))) {
		return wrong_is(TOOL_NETWORK, wrong);
	}
	if (!tool_load_allows(load->remote)) {
		return wrong_is(TOOL_USAGE, "only 127.0.0.0/8 and ::1 may be loaded");
	}
	phone.local = tool_local_towards(load->remote);
	load->phone = tool_phone_new(&phone, wrong, sizeof(wrong));
	if (load->phone == NULL) {
		return wrong_is(TOOL_NETWORK, wrong);
	}
	if (!calls_make(load)) {
		return wrong_is(TOOL_FAILED, "no memory");
	}
	run(load);
	return outcome(load);
}

enum tool_exit tool_load_main(const struct tool_env *env, int argc, char **argv)
{
	struct load *load = calloc(1, sizeof(*load));
	char wrong[TOOL_WRONG_BYTES];
	enum tool_exit exit = TOOL_OK;

	(void)env;
	if (load == NULL) {
		return wrong_is(TOOL_FAILED, "no memory");
	}
	if (!tool_load_options_parse(&load->options, argc, argv, wrong)) {
		exit = wrong_is(TOOL_USAGE, wrong);
	} else if (load->options.help) {
		puts("usage: tollgate load [OPTION]... iax2:[user@]127.0.0.1:port/number\n\n"
		     "Many echo calls at the same time; counts each packet that does not come back.\n");
		tool_options_print(tool_load_option_table);
	} else {
		exit = load_run(load);
	}
	tool_phone_free(load->phone);
	tool_secret_deinit(&load->secret);
	free(load->calls);
	free(load->seen);
	free(load);
	return exit;
}
