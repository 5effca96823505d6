/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/tool.h"

#include "crypt/random.h"
#include "tools/dialog.h"
#include "tools/phone.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A check for Nagios and the like: one line, with figures behind a bar, and the exit code of such checks. It does what a telephone would
 * do, so it finds what keeps telephones from working.
 */

enum verdict { PROBE_OK, PROBE_WARNING, PROBE_CRITICAL, PROBE_UNKNOWN };

enum {
	LEGS_MAX = 4,
	DAY_MS = 24 * 3600 * 1000,
	TIMEOUT_DEFAULT_MS = 10 * 1000,
	GIVE_BACK_US = 2 * TG_US_PER_S, /* for HANGUP and REGREL to be acknowledged */
	NUMBER_BYTES = 24,
	MS_A_S = 1000,
};

struct probe_options {
	bool poke, registers, call, help;
	uint64_t warn_ms, critical_ms, timeout_ms;
	const char *secret_file;
};

struct probe {
	struct probe_options o;
	struct tool_call_options call_options;
	struct tool_secret secret;
	struct tool_audio *audio;
	struct tool_source source;
	struct tool_phone *phone;
	struct tool_dialog dialog;
	uint64_t started_us, good_us; /* good_us: it did what it should; 0: not yet */
	bool poke_ended;
};

#define AT(field) offsetof(struct probe_options, field)
static const struct tool_option table[] = {
	{ "--poke", NULL, "POKE is answered", TOOL_OPTION_FLAG, AT(poke), 0, 0, 0 },
	{ "--register", NULL, "the account can register; the registration is given back", TOOL_OPTION_FLAG,
	  AT(registers), 0, 0, 0 },
	{ "--call", NULL, "the number is answered, and a second of voice passes", TOOL_OPTION_FLAG, AT(call), 0, 0, 0 },
	{ "--warning", "SECONDS", "warn if it takes longer; also -w", TOOL_OPTION_SECONDS, AT(warn_ms), 1, DAY_MS, 0 },
	{ "-w", "SECONDS", "the same", TOOL_OPTION_SECONDS, AT(warn_ms), 1, DAY_MS, 0 },
	{ "--critical", "SECONDS", "it is critical if it takes longer; also -c", TOOL_OPTION_SECONDS, AT(critical_ms),
	  1, DAY_MS, 0 },
	{ "-c", "SECONDS", "the same", TOOL_OPTION_SECONDS, AT(critical_ms), 1, DAY_MS, 0 },
	{ "--timeout", "SECONDS", "critical if nothing came of it by then (10)", TOOL_OPTION_SECONDS, AT(timeout_ms), 1,
	  DAY_MS, 0 },
	{ "--secret-file", "FILE", "the secret is its first line (else TOLLGATE_SECRET)", TOOL_OPTION_TEXT,
	  AT(secret_file), 0, 0, 0 },
	{ "--help", NULL, "this text", TOOL_OPTION_FLAG, AT(help), 0, 0, 0 },
	{ 0 },
};
#undef AT

/* ---- The line ---- */

static enum tool_exit say(enum verdict verdict, const char *format, ...)
{
	static const char *const words[] = {
		[PROBE_OK] = "OK",
		[PROBE_WARNING] = "WARNING",
		[PROBE_CRITICAL] = "CRITICAL",
		[PROBE_UNKNOWN] = "UNKNOWN",
	};
	va_list values;

	printf("IAX2 %s - ", words[verdict]);
	va_start(values, format);
	vprintf(format, values);
	va_end(values);
	putchar('\n');
	return (enum tool_exit)verdict; /* these checks have codes of their own */
}

static const char *limit_text(uint64_t ms, char text[NUMBER_BYTES])
{
	text[0] = '\0';
	if (ms != 0) {
		snprintf(text, NUMBER_BYTES, "%.3f", (double)ms / MS_A_S);
	}
	return text;
}

static enum verdict verdict_of(const struct probe_options *o, uint64_t took_us)
{
	if (o->critical_ms != 0 && took_us > o->critical_ms * TG_US_PER_MS) {
		return PROBE_CRITICAL;
	}
	return o->warn_ms != 0 && took_us > o->warn_ms * TG_US_PER_MS ? PROBE_WARNING : PROBE_OK;
}

/* @param more  figures behind the time, with a blank in front; "" for none */
static enum tool_exit say_good(const struct probe *probe, const char *what, const char *more)
{
	const uint64_t took_us = probe->good_us - probe->started_us;
	char warn[NUMBER_BYTES], critical[NUMBER_BYTES];

	return say(verdict_of(&probe->o, took_us), "%s in %.3f s|time=%.6fs;%s;%s;0;%.3f%s", what,
	           (double)took_us / TG_US_PER_S, (double)took_us / TG_US_PER_S, limit_text(probe->o.warn_ms, warn),
	           limit_text(probe->o.critical_ms, critical), (double)probe->o.timeout_ms / MS_A_S, more);
}

/* ---- POKE ---- */

static void on_poke_event(void *owner, const struct iax_event *event, uint64_t now_us)
{
	struct probe *probe = owner;

	if (event->kind == IAX_EV_POKED) {
		probe->good_us = now_us;
	}
	probe->poke_ended = probe->poke_ended || event->kind == IAX_EV_POKED || event->kind == IAX_EV_ENDED;
}

static enum tool_exit poke(struct probe *probe, struct tg_addr remote)
{
	struct iax_leg_id leg;
	uint64_t now_us = tool_phone_turn(probe->phone, 0, on_poke_event, probe);

	probe->started_us = now_us;
	const uint64_t until_us = now_us + probe->o.timeout_ms * TG_US_PER_MS;

	if (iax_poke_open(tool_phone_endpoint(probe->phone), remote, tool_phone_local(probe->phone),
	                  (uint32_t)probe->o.timeout_ms, 1, now_us, &leg) != IAX_OK) {
		return say(PROBE_UNKNOWN, "POKE cannot be sent");
	}
	while (!probe->poke_ended && now_us < until_us && tool_phone_signals(probe->phone) == 0) {
		now_us = tool_phone_turn(probe->phone, until_us, on_poke_event, probe);
	}
	return probe->good_us != 0 ? say_good(probe, "POKE was answered", "")
	                           : say(PROBE_CRITICAL, "POKE was not answered");
}

/* ---- Registration and call ---- */

static void on_event(void *owner, const struct iax_event *event, uint64_t now_us)
{
	struct probe *probe = owner;

	tool_dialog_on_event(&probe->dialog, event, now_us);
}

static void watch(struct probe *probe, uint64_t now_us)
{
	if (probe->good_us == 0 && probe->o.registers && probe->dialog.state == DIALOG_WAITING) {
		probe->good_us = now_us;
		tool_dialog_stop(&probe->dialog, now_us);
	} else if (probe->good_us == 0 && probe->o.call && probe->dialog.answered_us != 0) {
		probe->good_us = probe->dialog.answered_us;
	}
}

static void run(struct probe *probe)
{
	struct tool_dialog *d = &probe->dialog;
	uint64_t now_us = tool_phone_turn(probe->phone, 0, on_event, probe);
	bool stopped = false;

	probe->started_us = now_us;
	tool_dialog_start(d, now_us);
	while (!tool_dialog_is_over(d)) {
		now_us = tool_phone_turn(probe->phone, tool_dialog_deadline_us(d), on_event, probe);
		tool_dialog_expire(d, now_us);
		watch(probe, now_us);
		if (!stopped && tool_phone_signals(probe->phone) > 0) {
			stopped = true;
			tool_dialog_stop(d, now_us);
		}
	}
}

static void give_back(struct probe *probe)
{
	struct iax_endpoint_stats stats;
	uint64_t now_us = tool_phone_turn(probe->phone, 0, on_event, probe);
	const uint64_t until_us = now_us + GIVE_BACK_US;

	for (iax_endpoint_stats(probe->dialog.ep, &stats); stats.frames_pending > 0 && now_us < until_us;
	     iax_endpoint_stats(probe->dialog.ep, &stats)) {
		now_us = tool_phone_turn(probe->phone, until_us, on_event, probe);
	}
}

static enum tool_exit say_bad(const struct tool_report *report, const char *what)
{
	return say(PROBE_CRITICAL, "%s: %s%s%s", what, report->state, report->cause_text[0] != '\0' ? ", " : "",
	           report->cause_text);
}

static enum tool_exit say_call(struct probe *probe)
{
	const struct tool_report *report = tool_dialog_report(&probe->dialog, probe->dialog.ended_us);
	char more[96];

	if (probe->good_us == 0 || report->exit != TOOL_OK) {
		return say_bad(report, probe->good_us == 0 ? "the call was not answered" : "the call broke off");
	}
	snprintf(more, sizeof(more), " sent=%llu;;;0 received=%llu;;;0 rtt=%.6fs;;;0", (unsigned long long)report->sent,
	         (unsigned long long)report->heard.packets, (double)report->rtt_us / TG_US_PER_S);
	return say_good(probe, "the call was answered", more);
}

static enum tool_exit talk(struct probe *probe)
{
	struct tool_dialog *d = &probe->dialog;

	d->options = &probe->call_options;
	d->ep = tool_phone_endpoint(probe->phone);
	d->secret = &probe->secret;
	d->local = tool_phone_local(probe->phone);
	d->media.audio = probe->audio;
	d->media.source = &probe->source;
	crypt_seed_from_kernel(d->seed);
	run(probe);
	give_back(probe);
	if (probe->o.call) {
		return say_call(probe);
	}
	return probe->good_us != 0 ? say_good(probe, "registered", "")
	                           : say_bad(tool_dialog_report(d, d->ended_us), "not registered");
}

/* ---- Set-up ---- */

static bool open_phone(struct probe *probe, struct tg_addr *remote, char wrong[TOOL_WRONG_BYTES])
{
	const struct tool_uri *uri = &probe->call_options.uri;
	struct tool_phone_options phone = { .legs_max = LEGS_MAX };

	if (!tool_resolve(remote, uri->host, uri->port, TG_NO_ADDR, wrong, TOOL_WRONG_BYTES)) {
		return false;
	}
	phone.local = tool_local_towards(*remote);
	if (phone.local.family == TG_NO_ADDR) {
		snprintf(wrong, TOOL_WRONG_BYTES, "no way to that address from here");
		return false;
	}
	probe->phone = tool_phone_new(&phone, wrong, TOOL_WRONG_BYTES);
	return probe->phone != NULL;
}

static bool take_secret(struct probe *probe, char wrong[TOOL_WRONG_BYTES])
{
	probe->audio = tool_audio_new();
	return probe->audio != NULL && tool_source_init(&probe->source, "tone", wrong, TOOL_WRONG_BYTES) &&
	       tool_secret_init(&probe->secret, probe->o.secret_file, NULL, wrong, TOOL_WRONG_BYTES);
}

static enum tool_exit probe_run(struct probe *probe)
{
	char wrong[TOOL_WRONG_BYTES] = "no memory";
	struct tg_addr remote;

	if (!take_secret(probe, wrong)) {
		return say(PROBE_UNKNOWN, "%s", wrong);
	}
	if (!open_phone(probe, &remote, wrong)) {
		return say(PROBE_UNKNOWN, "%s", wrong);
	}
	probe->dialog.remote = remote;
	return probe->o.poke ? poke(probe, remote) : talk(probe);
}

/* The command line of a call that does what is wanted. */
static bool call_options_make(struct probe *probe, char *uri, char wrong[TOOL_WRONG_BYTES])
{
	static char duration[] = "--duration=1", answer[] = "--answer";
	char *arguments[] = { probe->o.registers ? answer : duration, uri, NULL };

	if (!tool_call_options_parse(&probe->call_options, 2, arguments, wrong)) {
		return false;
	}
	probe->call_options.timeout_ms = probe->o.timeout_ms;
	return true;
}

static const char *combination_wrong(const struct probe_options *o)
{
	if ((o->poke ? 1 : 0) + (o->registers ? 1 : 0) + (o->call ? 1 : 0) != 1) {
		return "one of --poke, --register and --call, please";
	}
	return o->warn_ms != 0 && o->critical_ms != 0 && o->warn_ms > o->critical_ms
	               ? "--warning is more than --critical"
	               : NULL;
}

static enum tool_exit probe_help(void)
{
	puts("usage: tollgate probe --poke|--register|--call [OPTION]... iax2:[user@]host[:port][/number]\n\n"
	     "A check for Nagios and the like: one line, figures behind a bar, exit code 0, 1, 2 or 3.\n");
	tool_options_print(table);
	puts("\nExit codes:\n  0  it works\n  1  it took longer than --warning\n  2  it does not work, or took longer "
	     "than --critical\n"
	     "  3  it cannot be told: the command line is wrong, the name has no address, the secret cannot be read");
	return TOOL_OK;
}

enum tool_exit tool_probe_main(const struct tool_env *env, int argc, char **argv)
{
	struct probe *probe = calloc(1, sizeof(*probe));
	char wrong[TOOL_WRONG_BYTES] = "no memory";
	const char *why = NULL;
	enum tool_exit exit = (enum tool_exit)PROBE_UNKNOWN;

	(void)env;
	if (probe == NULL) {
		return say(PROBE_UNKNOWN, "%s", wrong);
	}
	probe->o.timeout_ms = TIMEOUT_DEFAULT_MS;
	const int count = tool_options_parse(table, &probe->o, argc, argv, wrong);

	if (count >= 0 && probe->o.help) {
		exit = probe_help();
	} else if (count >= 0 && (why = combination_wrong(&probe->o)) != NULL) {
		exit = say(PROBE_UNKNOWN, "%s", why);
	} else if (count >= 0 && count != 1) {
		exit = say(PROBE_UNKNOWN, "one target, please: iax2:[user@]host[:port][/number]");
	} else if (count < 0 || !call_options_make(probe, argv[0], wrong)) {
		exit = say(PROBE_UNKNOWN, "%s", wrong);
	} else {
		exit = probe_run(probe);
	}
	tool_phone_free(probe->phone);
	tool_source_deinit(&probe->source);
	tool_audio_free(probe->audio);
	tool_secret_deinit(&probe->secret);
	free(probe);
	return exit;
}
