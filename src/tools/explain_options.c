/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/explain.h"

#include "iax/wire.h"
#include "model/codec.h"
#include "model/when.h"
#include "tools/places.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define AT(field) offsetof(struct tool_explain_options, field)

const struct tool_option tool_explain_option_table[] = {
	{ "--from", "ADDR[:PORT]", "where the request comes from", TOOL_OPTION_TEXT, AT(from_text), 0, 0, 0 },
	{ "--user", "NAME", "the name that it gives (none: a guest)", TOOL_OPTION_TEXT, AT(user), 0, 0, 0 },
	{ "--number", "N", "the number called (s)", TOOL_OPTION_TEXT, AT(number), 0, 0, 0 },
	{ "--context", "C", "the context asked for (none)", TOOL_OPTION_TEXT, AT(context), 0, 0, 0 },
	{ "--caller", "N", "the caller's number, for extensions that depend on it", TOOL_OPTION_TEXT, AT(caller), 0, 0,
	  0 },
	{ "--codec", "LIST", "the codecs offered, with commas: ulaw,alaw", TOOL_OPTION_TEXT, AT(codec_text), 0, 0, 0 },
	{ "--at", "TIME", "when, as 2027-01-15T09:00Z or 2027-01-15T09:00+01:00 (now)", TOOL_OPTION_TEXT, AT(at_text),
	  0, 0, 0 },
	{ "--register", NULL, "it is a registration, not a call", TOOL_OPTION_FLAG, AT(registration), 0, 0, 0 },
	{ "--no-token", NULL, "it has no call token", TOOL_OPTION_FLAG, AT(no_token), 0, 0, 0 },
	{ "--latched", NULL, "the account has used a call token before (requirecalltoken=auto)", TOOL_OPTION_FLAG,
	  AT(latched), 0, 0, 0 },
	{ "--known", NULL, "the account proved its secret from this network lately (tokenless=known)", TOOL_OPTION_FLAG,
	  AT(known), 0, 0, 0 },
	{ "--config", "DIR", "the configuration (" TOOL_CONFIG_DIR ")", TOOL_OPTION_TEXT, AT(config_dir), 0, 0, 0 },
	{ "--state", "DIR", "the daemon's state directory (" TOOL_STATE_DIR ")", TOOL_OPTION_TEXT, AT(state_dir), 0, 0,
	  0 },
	{ "--json", NULL, "one line of JSON", TOOL_OPTION_FLAG, AT(json), 0, 0, 0 },
	{ "--help", NULL, "this text", TOOL_OPTION_FLAG, AT(help), 0, 0, 0 },
	{ 0 },
};

#undef AT

static bool codecs_read(struct tool_explain_options *options, char wrong[TOOL_WRONG_BYTES])
{
	const char *at = options->codec_text;

	for (bool more = at != NULL; more;) {
		const size_t len = strcspn(at, ",");
		const struct codec *codec = codec_find((struct tg_span){ (const uint8_t *)at, len });

		if (codec == NULL) {
			snprintf(wrong, TOOL_WRONG_BYTES, "--codec %.*s: no codec has this name", (int)len, at);
			return false;
		}
		options->codecs |= codec->bit;
		more = at[len] == ',';
		at += len + 1;
	}
	return true;
}

/* The offset behind a date and time, in minutes. */
static bool offset_read(const char *text, int *minutes)
{
	unsigned hours, more;
	int used = 0;

	*minutes = 0;
	if (strcmp(text, "Z") == 0) {
		return true;
	}
	if ((text[0] != '+' && text[0] != '-') || sscanf(text + 1, "%2u:%2u%n", &hours, &more, &used) != 2 ||
	    text[1 + used] != '\0' || hours > 14 || more > 59) {
		return false;
	}
	*minutes = (int)(hours * 60 + more) * (text[0] == '-' ? -1 : 1);
	return true;
}

static bool at_read(struct tool_explain_options *options, char wrong[TOOL_WRONG_BYTES])
{
	const char *text = options->at_text;
	unsigned year, month, day, hour, minute;
	int used = 0, offset = 0;

	if (text == NULL) {
		options->minute = (uint32_t)(time(NULL) / 60);
		return true;
	}
	if (sscanf(text, "%4u-%2u-%2uT%2u:%2u%n", &year, &month, &day, &hour, &minute, &used) != 5 || year < 1971 ||
	    month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 ||
	    !offset_read(text + used, &offset)) {
		snprintf(wrong, TOOL_WRONG_BYTES,
		         "--at %s: expected a time such as 2027-01-15T09:00Z or 2027-01-15T09:00+01:00", text);
		return false;
	}
	const uint64_t utc_s = when_utc_s((int32_t)year, month, day, (hour * 60 + minute) * 60);

	options->minute = (uint32_t)((int64_t)(utc_s / 60) - offset);
	return true;
}

static bool event_read(struct tool_explain_options *options, int count, char **argv, char wrong[TOOL_WRONG_BYTES])
{
	struct model_event_id id;

	if (count > 1 || options->from_text != NULL) {
		snprintf(wrong, TOOL_WRONG_BYTES, "unexpected: %s", argv[count > 1 ? 1 : 0]);
		return false;
	}
	if (!model_event_id_parse(&id, tg_span_text(argv[0]))) {
		snprintf(wrong, TOOL_WRONG_BYTES,
		         "%s: the id of an event has 32 hexadecimal digits, as in the security logs", argv[0]);
		return false;
	}
	options->event = argv[0];
	return true;
}

static bool has_of_calls(const struct tool_explain_options *options)
{
	return options->number != NULL || options->context != NULL || options->caller != NULL ||
	       options->codec_text != NULL || options->at_text != NULL;
}

static const char *request_wrong(const struct tool_explain_options *options)
{
	if (options->from_text == NULL) {
		return "what? expected EVENT-ID, or --from ADDRESS and what it asks for";
	}
	if (options->registration && has_of_calls(options)) {
		return "--number, --context, --caller, --codec and --at are of calls: not with --register";
	}
	if (options->registration && options->user == NULL) {
		return "who registers? --user NAME";
	}
	return NULL;
}

static bool request_read(struct tool_explain_options *options, char wrong[TOOL_WRONG_BYTES])
{
	const char *why = request_wrong(options);

	if (why != NULL) {
		snprintf(wrong, TOOL_WRONG_BYTES, "%s", why);
		return false;
	}
	if (!tg_addr_parse(&options->from, tg_span_text(options->from_text), IAX_PORT)) {
		snprintf(wrong, TOOL_WRONG_BYTES, "--from %s: expected an address, address:port or [address]:port",
		         options->from_text);
		return false;
	}
	return codecs_read(options, wrong) && at_read(options, wrong);
}

bool tool_explain_options_parse(struct tool_explain_options *options, const struct tool_env *env, int argc, char **argv,
                                char wrong[TOOL_WRONG_BYTES])
{
	*options = (struct tool_explain_options){ .config_dir = TOOL_CONFIG_DIR, .state_dir = env->state_dir };
	const int count = tool_options_parse(tool_explain_option_table, options, argc, argv, wrong);

	if (count < 0 || options->help) {
		return count >= 0;
	}
	return count > 0 ? event_read(options, count, argv, wrong) : request_read(options, wrong);
}

static struct tg_span span_of(const char *text)
{
	return text != NULL ? tg_span_text(text) : (struct tg_span){ 0 };
}

struct switch_explain_ask tool_explain_ask(const struct tool_explain_options *options)
{
	return (struct switch_explain_ask){
		.registration = options->registration,
		.has_token = !options->no_token,
		.latched = options->latched,
		.known = options->known,
		.from = options->from,
		.name = span_of(options->user),
		.number = span_of(options->number),
		.context = span_of(options->context),
		.caller = span_of(options->caller),
		.codecs = options->codecs,
		.minute = options->minute,
	};
}
