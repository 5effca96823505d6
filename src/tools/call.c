/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/tool.h"

#include "crypt/random.h"
#include "tools/dialog.h"
#include "tools/phone.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LIVE_US = 200 * TG_US_PER_MS, LEGS_MAX = 16, LINGER_MS = 1000, PING_MS = 1000 };

/* All that one run of `tollgate call` holds. */
struct call {
	struct tool_call_options options;
	struct tool_secret secret;
	struct tool_audio *audio;
	struct tool_source source;
	struct tool_wav *wav;
	struct tool_phone *phone;
	struct tool_dialog dialog;
	bool live; /* a line that is written over and over, on a terminal */
	uint64_t live_us;
};

static enum tool_exit wrong_is(enum tool_exit exit, const char *wrong)
{
	fprintf(stderr, "tollgate call: %s\n", wrong);
	return exit;
}

static void on_say(void *owner, const char *line)
{
	const struct call *call = owner;

	fprintf(stderr, call->live ? "\r\033[K%s\n" : "%s\n", line);
}

static void on_event(void *owner, const struct iax_event *event, uint64_t now_us)
{
	struct call *call = owner;

	tool_dialog_on_event(&call->dialog, event, now_us);
}

static void live_show(struct call *call, uint64_t now_us)
{
	char text[TOOL_LIVE_TEXT_BYTES];

	if (!call->live || now_us < call->live_us) {
		return;
	}
	call->live_us = now_us + LIVE_US;
	fprintf(stderr, "\r\033[K%s", tool_report_live(tool_dialog_report(&call->dialog, now_us), text));
}

/* ---- Set-up: each step gives TOOL_OK or says what is wrong ---- */

static enum tool_exit take_secret(struct call *call)
{
	char wrong[TOOL_WRONG_BYTES];
	const char *who = call->options.has_uri && call->options.uri.username[0] != '\0' ? call->options.uri.username
	                                                                                 : NULL;

	if (!tool_secret_init(&call->secret, call->options.secret_file, who, wrong, sizeof(wrong))) {
		return wrong_is(TOOL_FILE, wrong);
	}
	return TOOL_OK;
}

static enum tool_exit open_files(struct call *call)
{
	char wrong[TOOL_WRONG_BYTES];

	call->audio = tool_audio_new();
	if (call->audio == NULL) {
		return wrong_is(TOOL_FAILED, "no memory");
	}
	if (!tool_source_init(&call->source, call->options.play, wrong, sizeof(wrong))) {
		return wrong_is(TOOL_FILE, wrong);
	}
	if (call->options.record == NULL) {
		return TOOL_OK;
	}
	call->wav = tool_wav_new(call->options.record);
	if (call->wav == NULL) {
		snprintf(wrong, sizeof(wrong), "%s: %s", call->options.record, strerror(errno));
		return wrong_is(TOOL_FILE, wrong);
	}
	return TOOL_OK;
}

static enum tool_exit open_phone(struct call *call)
{
	const struct tool_call_options *o = &call->options;
	struct tool_phone_options phone = { .local = o->local, .legs_max = LEGS_MAX, .ping_period_ms = PING_MS };
	char wrong[TOOL_WRONG_BYTES];

	if (o->has_uri &&
	    !tool_resolve(&call->dialog.remote, o->uri.host, o->uri.port, o->local.family, wrong, sizeof(wrong))) {
		return wrong_is(TOOL_NETWORK, wrong);
	}
	if (o->has_uri && (phone.local.family == TG_NO_ADDR || tg_addr_is_any(phone.local))) {
		const struct tg_addr towards = tool_local_towards(call->dialog.remote);

		phone.local = towards;
		phone.local.port = o->local.port;
	}
	if (phone.local.family == TG_NO_ADDR) {
		return wrong_is(TOOL_NETWORK, "no way to that address from here");
	}
	call->phone = tool_phone_new(&phone, wrong, sizeof(wrong));
	return call->phone != NULL ? TOOL_OK : wrong_is(TOOL_NETWORK, wrong);
}

static void dialog_prepare(struct call *call)
{
	struct tool_dialog *d = &call->dialog;

	d->options = &call->options;
	d->ep = tool_phone_endpoint(call->phone);
	d->secret = &call->secret;
	d->local = tool_phone_local(call->phone);
	d->media.audio = call->audio;
	d->media.source = &call->source;
	d->media.wav = call->wav;
	d->owner = call;
	d->say = call->options.quiet ? NULL : on_say;
	crypt_seed_from_kernel(d->seed);
	call->live = !call->options.quiet && isatty(STDERR_FILENO);
}

/* ---- The call ---- */

static void run(struct call *call)
{
	struct tool_dialog *d = &call->dialog;
	unsigned signals = 0;
	uint64_t now_us = tool_phone_turn(call->phone, 0, on_event, call);

	tool_dialog_start(d, now_us);
	while (!tool_dialog_is_over(d)) {
		const uint64_t deadline_us = tool_dialog_deadline_us(d);

		now_us = tool_phone_turn(call->phone, call->live ? tg_min_u64(deadline_us, call->live_us) : deadline_us,
		                         on_event, call);
		tool_dialog_expire(d, now_us);
		if (tool_phone_signals(call->phone) != signals) {
			signals = tool_phone_signals(call->phone);
			tool_dialog_stop(d, now_us);
		}
		live_show(call, now_us);
	}
}

/* HANGUP and REGREL are repeated until they are acknowledged, for a moment. */
static void linger(struct call *call)
{
	struct iax_endpoint_stats stats;
	uint64_t now_us = tool_phone_turn(call->phone, 0, on_event, call);
	const uint64_t until_us = now_us + (uint64_t)LINGER_MS * TG_US_PER_MS;

	for (iax_endpoint_stats(call->dialog.ep, &stats); stats.frames_pending > 0 && now_us < until_us;
	     iax_endpoint_stats(call->dialog.ep, &stats)) {
		now_us = tool_phone_turn(call->phone, until_us, on_event, call);
	}
}

static enum tool_exit print_report(struct call *call)
{
	const struct tool_report *report = tool_dialog_report(&call->dialog, call->dialog.ended_us);
	char text[TOOL_REPORT_TEXT_BYTES];
	char *json = NULL;

	if (call->live) {
		fputs("\r\033[K", stderr);
	}
	if (!call->options.json) {
		fputs(tool_report_text(report, text), stdout);
		return report->exit;
	}
	json = tool_report_json(report);
	if (json == NULL) {
		return wrong_is(TOOL_FAILED, "no memory for the report");
	}
	puts(json);
	free(json);
	return report->exit;
}

static enum tool_exit finish_files(struct call *call, enum tool_exit exit)
{
	const bool wanted = call->wav != NULL;
	const bool ok = tool_wav_free(call->wav) && !call->dialog.media.record_failed;

	call->wav = NULL;
	if (wanted && !ok) {
		fprintf(stderr, "tollgate call: %s: the recording is not complete: %s\n", call->options.record,
		        strerror(errno));
		return exit == TOOL_OK ? TOOL_FILE : exit;
	}
	return exit;
}

static enum tool_exit call_run(struct call *call)
{
	enum tool_exit exit = take_secret(call);

	if (exit != TOOL_OK || (exit = open_files(call)) != TOOL_OK || (exit = open_phone(call)) != TOOL_OK) {
		return exit;
	}
	dialog_prepare(call);
	run(call);
	linger(call);
	exit = print_report(call);
	return finish_files(call, exit);
}

static enum tool_exit call_help(void)
{
	puts("usage: tollgate call [OPTION]... iax2:[user@]host[:port]/number\n"
	     "       tollgate call --answer [OPTION]... [iax2:user@host[:port]]\n\n"
	     "Places a call (or waits for one), plays, listens, measures, and reports.\n");
	tool_options_print(tool_call_option_table);
	puts("\nExit codes:");
#define X(name, code, text) printf("  %d  %s\n", code, text);
	TOOL_EXITS(X)
#undef X
	return TOOL_OK;
}

enum tool_exit tool_call_main(const struct tool_env *env, int argc, char **argv)
{
	struct call *call = calloc(1, sizeof(*call));
	char wrong[TOOL_WRONG_BYTES];
	enum tool_exit exit = TOOL_OK;

	(void)env;
	if (call == NULL) {
		return wrong_is(TOOL_FAILED, "no memory");
	}
	if (!tool_call_options_parse(&call->options, argc, argv, wrong)) {
		exit = wrong_is(TOOL_USAGE, wrong);
		fputs("Try: tollgate call --help\n", stderr);
	} else if (call->options.help) {
		exit = call_help();
	} else {
		exit = call_run(call);
	}
	tool_phone_free(call->phone);
	tool_wav_free(call->wav);
	tool_source_deinit(&call->source);
	tool_audio_free(call->audio);
	tool_secret_deinit(&call->secret);
	free(call);
	return exit;
}
