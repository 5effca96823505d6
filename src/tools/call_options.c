/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/call_options.h"

#include "iax/format.h"
#include "tools/audio.h"

#include <stdio.h>
#include <string.h>

enum {
	HOUR_MS = 3600 * 1000,
	REFRESH_MIN_S = 10,
	REFRESH_MAX_S = 3600,
	REFRESH_DEFAULT_S = 60,
	TIMEOUT_DEFAULT_MS = 60 * 1000,
	DTMF_MAX = 64,
};

#define AT(field) offsetof(struct tool_call_options, field)

const struct tool_option tool_call_option_table[] = {
	{ "--play", "WHAT", "tone[:HZ], silence, echo, or a sound file with 8000 samples a second (tone)",
	  TOOL_OPTION_TEXT, AT(play), 0, 0, 0 },
	{ "--record", "FILE.wav", "write what comes back", TOOL_OPTION_TEXT, AT(record), 0, 0, 0 },
	{ "--duration", "SECONDS", "hang up so long after the answer", TOOL_OPTION_SECONDS, AT(duration_ms), 1,
	  24 * (uint64_t)HOUR_MS, 0 },
	{ "--timeout", "SECONDS", "give up if there is no answer, or no call, by then (60)", TOOL_OPTION_SECONDS,
	  AT(timeout_ms), 1, 24 * (uint64_t)HOUR_MS, 0 },
	{ "--dtmf", "DIGITS", "send these after the answer: 0-9 * # A-D", TOOL_OPTION_TEXT, AT(dtmf), 0, 0, 0 },
	{ "--codec", "LIST", "ulaw, alaw, slin; several with commas, preferred first (ulaw,alaw,slin)",
	  TOOL_OPTION_TEXT, AT(codec_text), 0, 0, 0 },
	{ "--register", "[SECONDS]", "register first, and stay registered during the call (60)",
	  TOOL_OPTION_MAYBE_COUNT, AT(register_s), REFRESH_MIN_S, REFRESH_MAX_S, REFRESH_DEFAULT_S },
	{ "--answer", NULL, "wait for a call and answer it; with a URI: registers there first", TOOL_OPTION_FLAG,
	  AT(answer), 0, 0, 0 },
	{ "--ring", "SECONDS", "with --answer: ring so long before answering", TOOL_OPTION_SECONDS, AT(ring_ms), 1,
	  HOUR_MS, 0 },
	{ "--secret-file", "FILE", "the secret is its first line (else TOLLGATE_SECRET, else asked for)",
	  TOOL_OPTION_TEXT, AT(secret_file), 0, 0, 0 },
	{ "--local", "ADDR[:PORT]", "send and receive there", TOOL_OPTION_TEXT, AT(local_text), 0, 0, 0 },
	{ "--from", "NUMBER", "the caller's number", TOOL_OPTION_TEXT, AT(from), 0, 0, 0 },
	{ "--name", "NAME", "the caller's name", TOOL_OPTION_TEXT, AT(name), 0, 0, 0 },
	{ "--json", NULL, "report as one line of JSON", TOOL_OPTION_FLAG, AT(json), 0, 0, 0 },
	{ "--quiet", NULL, "no progress, only the report", TOOL_OPTION_FLAG, AT(quiet), 0, 0, 0 },
	{ "--help", NULL, "this text", TOOL_OPTION_FLAG, AT(help), 0, 0, 0 },
	{ 0 },
};

#undef AT

static bool codec_add(struct tool_call_options *options, struct tg_span name, char wrong[TOOL_WRONG_BYTES])
{
	const struct iax_format *format = iax_format_by_name(name);

	if (format == NULL || (format->bit & tool_audio_formats()) == 0) {
		snprintf(wrong, TOOL_WRONG_BYTES, "--codec %.*s: expected ulaw, alaw or slin", (int)name.len,
		         (const char *)name.p);
		return false;
	}
	if ((options->codec_mask & format->bit) == 0 && options->codec_count < TOOL_CODECS_MAX) {
		options->codecs[options->codec_count++] = format->bit;
		options->codec_mask |= format->bit;
	}
	return true;
}

static bool codecs_read(struct tool_call_options *options, char wrong[TOOL_WRONG_BYTES])
{
	const char *at = options->codec_text;

	for (bool more = true; more;) {
		const size_t len = strcspn(at, ",");

		if (!codec_add(options, (struct tg_span){ (const uint8_t *)at, len }, wrong)) {
			return false;
		}
		more = at[len] == ',';
		at += len + 1;
	}
	return true;
}

static bool local_read(struct tool_call_options *options, char wrong[TOOL_WRONG_BYTES])
{
	const uint16_t port = options->answer && !options->has_uri ? IAX_PORT : 0;

	if (options->local_text != NULL && !tg_addr_parse(&options->local, tg_span_text(options->local_text), port)) {
		snprintf(wrong, TOOL_WRONG_BYTES, "--local %s: expected an address, or [address]:port",
		         options->local_text);
		return false;
	}
	return true;
}

static bool uri_read(struct tool_call_options *options, int count, char **argv, char wrong[TOOL_WRONG_BYTES])
{
	const char *why = NULL;

	if (count > 1) {
		snprintf(wrong, TOOL_WRONG_BYTES, "one URI, not %d: %s %s", count, argv[0], argv[1]);
		return false;
	}
	if (count == 0) {
		return true;
	}
	why = tool_uri_parse(&options->uri, tg_span_text(argv[0]));
	if (why != NULL) {
		snprintf(wrong, TOOL_WRONG_BYTES, "%s: %s", argv[0], why);
		return false;
	}
	options->has_uri = true;
	return true;
}

static const char *combination_wrong(const struct tool_call_options *options)
{
	if (!options->has_uri && !options->answer) {
		return "whom? expected iax2:user@host[:port]/number";
	}
	if (!options->has_uri && options->local_text == NULL) {
		return "--answer without a URI needs --local ADDR[:PORT]";
	}
	if (!options->has_uri && options->register_s != 0) {
		return "--register needs the URI of the registrar";
	}
	if (options->has_uri && (options->answer || options->register_s != 0) && options->uri.username[0] == '\0') {
		return "registering needs a user name: iax2:user@host";
	}
	if (options->ring_ms != 0 && !options->answer) {
		return "--ring goes with --answer";
	}
	if (options->dtmf != NULL &&
	    (strlen(options->dtmf) > DTMF_MAX || strspn(options->dtmf, "0123456789*#ABCD") != strlen(options->dtmf))) {
		return "--dtmf: expected at most 64 of 0-9 * # A-D";
	}
	if ((options->from != NULL && strlen(options->from) > TOOL_URI_PART_MAX) ||
	    (options->name != NULL && strlen(options->name) > TOOL_URI_PART_MAX)) {
		return "--from, --name: at most 80 octets";
	}
	return NULL;
}

bool tool_call_options_parse(struct tool_call_options *options, int argc, char **argv, char wrong[TOOL_WRONG_BYTES])
{
	const char *why = NULL;
	int count = 0;

	*options = (struct tool_call_options){
		.play = "tone",
		.codec_text = "ulaw,alaw,slin",
		.timeout_ms = TIMEOUT_DEFAULT_MS,
	};
	count = tool_options_parse(tool_call_option_table, options, argc, argv, wrong);
	if (count < 0) {
		return false;
	}
	if (options->help) {
		return true;
	}
	if (!uri_read(options, count, argv, wrong) || !codecs_read(options, wrong) || !local_read(options, wrong)) {
		return false;
	}
	why = combination_wrong(options);
	if (why != NULL) {
		snprintf(wrong, TOOL_WRONG_BYTES, "%s", why);
		return false;
	}
	if (options->answer && options->has_uri && options->register_s == 0) {
		options->register_s = REFRESH_DEFAULT_S;
	}
	return true;
}
