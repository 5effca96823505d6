/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/app.h"

#include "base/text.h"
#include "conf/tones.h"
#include "conf/value.h"
#include "model/times.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static bool expected(struct conf_args *args, const char *format, ...) TG_PRINTF(2, 3);

/* For `return expected(...)`. */
static bool expected(struct conf_args *args, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	vsnprintf(args->expected, sizeof(args->expected), format, list);
	va_end(list);
	return false;
}

/* The next argument; commas inside of ${...} and $[...] are not seen. */
static struct tg_span take(struct tg_span *left)
{
	bool found;

	return conf_vars_take(left, ',', &found);
}

/* A number with an optional fraction, or something that will be known in a call. */
static bool is_seconds(struct tg_span text)
{
	bool any = false, point = false;

	if (conf_vars_has_any(text)) {
		return true;
	}
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '.' && !point) {
			point = true;
		} else if (text.p[i] < '0' || text.p[i] > '9') {
			return false;
		} else {
			any = true;
		}
	}
	return any;
}

static bool is_number(struct tg_span text, uint64_t max)
{
	char digits[24];
	uint64_t value;

	return conf_vars_has_any(text) ||
	       (tg_span_copy(digits, sizeof(digits), text) && tg_text_uint(digits, 0, max, &value));
}

static bool check_none(struct conf_args *args)
{
	return args->text.len == 0 || expected(args, "no argument");
}

static bool check_any(struct conf_args *args)
{
	(void)args;
	return true;
}

static bool check_answer(struct conf_args *args)
{
	struct tg_span left = args->text;
	const struct tg_span delay = take(&left);
	const struct tg_span option = take(&left);

	if ((delay.len > 0 && !is_number(delay, 60000)) || left.len > 0 ||
	    (option.len > 0 && !tg_span_equal(option, TG_SPAN_LIT("i")))) {
		return expected(args, "a delay of 0 to 60000 milliseconds, and \"i\" or nothing");
	}
	return true;
}

static bool check_milliwatt(struct conf_args *args)
{
	return args->text.len == 0 || conf_vars_has_any(args->text) || tg_span_equal(args->text, TG_SPAN_LIT("m")) ||
	       tg_span_equal(args->text, TG_SPAN_LIT("o")) ||
	       expected(args, "m: a second of silence after each 9 s, o: 1000 Hz instead of 1004, or nothing");
}

static bool check_optional_seconds(struct conf_args *args)
{
	return args->text.len == 0 || is_seconds(args->text) || expected(args, "a number of seconds or nothing");
}

static bool check_wait(struct conf_args *args)
{
	return is_seconds(args->text) || expected(args, "a number of seconds");
}

static bool check_hangup(struct conf_args *args)
{
	return args->text.len == 0 || is_number(args->text, 127) || expected(args, "a cause from 0 to 127 or nothing");
}

/* ---- Dial ---- */

static bool check_peer(struct conf_args *args, struct tg_span peer)
{
	char name[WORLD_NAME_MAX + 1], hint[CONF_HINT_BYTES];

	if (memchr(peer.p, ':', peer.len) != NULL) {
		return expected(args, "the name of a peer: secrets and ports belong into its section of iax.conf");
	}
	if (!args->loading->has_accounts || conf_account_find(args->loading, CONF_PEER, peer) != NULL) {
		return true;
	}
	if (!tg_span_copy(name, sizeof(name), peer)) {
		return expected(args, "a peer of iax.conf");
	}
	return expected(args, "a peer of iax.conf, not \"%s\"%s", name,
	                conf_account_hint(args->loading, CONF_PEER, name, hint));
}

/* `IAX2/[user@]peer[/exten[@context]]`; what holds variables is looked at in the call. */
static bool check_target(struct conf_args *args, struct tg_span target)
{
	bool found;
	struct tg_span left = target;
	const struct tg_span technology = conf_vars_take(&left, '/', &found);
	struct tg_span peer = conf_vars_take(&left, '/', &found);

	if (conf_vars_has_any(technology)) {
		return true;
	}
	if (!tg_span_equal_nocase(technology, TG_SPAN_LIT("IAX2"))) {
		return expected(args, "IAX2/peer or IAX2/peer/number, not \"%.*s\"",
		                (int)(target.len < 60 ? target.len : 60), (const char *)target.p);
	}
	struct tg_span rest = peer;
	const struct tg_span user = conf_vars_take(&rest, '@', &found);

	if (found && memchr(user.p, ':', user.len) != NULL) {
		return expected(args, "no secret here: it belongs into the peer's section of iax.conf");
	}
	peer = found ? rest : peer;
	if (peer.len == 0) {
		return expected(args, "the name of a peer behind IAX2/");
	}
	return conf_vars_has_any(peer) || check_peer(args, peer);
}

static bool are_digits(struct tg_span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (strchr("0123456789*#ABCDabcdwW", text.p[i]) == NULL) {
			return false;
		}
	}
	return text.len > 0 && text.len < UINT8_MAX;
}

/* Behind L(ms: how long before the end it is said, and how often; the numbers may be missing. */
static bool is_warning(struct tg_span inside)
{
	unsigned count = 0;
	bool more = inside.len > 0, good = true;

	while (more && good && count++ < 3) {
		const struct tg_span number = conf_vars_take(&inside, ':', &more);

		good = number.len == 0 || is_number(number, UINT32_MAX);
	}
	return good && count <= 2;
}

/* The inside of L(), S() and D(). */
static bool check_dial_option(struct conf_args *args, char letter, struct tg_span inside)
{
	bool more;
	const struct tg_span first = conf_vars_take(&inside, ':', &more);

	if (more) {
		snprintf(args->ignored, sizeof(args->ignored), "%s",
		         letter == 'L' ? "L ends the call in time, and nobody hears a warning tone before"
		                       : "D sends digits to the callee alone");
	}
	if (letter == 'D') {
		return are_digits(first);
	}
	return letter == 'L' ? is_number(first, UINT32_MAX) && is_warning(inside) : is_seconds(first) && !more;
}

/* Letters, each with an optional "(...)". */
static bool check_dial_options(struct conf_args *args, struct tg_span options)
{
	if (conf_vars_has_any(options)) {
		return true;
	}
	for (size_t i = 0; i < options.len; i++) {
		const uint8_t c = options.p[i];
		const uint8_t *close = i + 1 < options.len && options.p[i + 1] == '('
		                               ? memchr(options.p + i, ')', options.len - i)
		                               : NULL;

		if (c == 't' || c == 'T' || c == 'k' || c == 'K' || c == 'm') {
			snprintf(args->ignored, sizeof(args->ignored), "%s",
			         c == 'm' ? "m rings, there is no music" : "t, T, k and K have no effect");
		} else if (c == 'L' || c == 'S' || c == 'D') {
			const struct tg_span inside = { options.p + i + 2,
				                        close != NULL ? (size_t)(close - options.p) - i - 2 : 0 };

			if (close == NULL || !check_dial_option(args, (char)c, inside)) {
				return expected(args, "L(milliseconds), S(seconds) or D(digits), not \"%.*s\"",
				                (int)(options.len - i < 60 ? options.len - i : 60),
				                (const char *)options.p + i);
			}
		} else if (c != 'r' && c != 'g') {
			return expected(args, "options r, g, L(...), S(...) or D(...), not \"%c\"", c);
		}
		i = close != NULL ? (size_t)(close - options.p) : i;
	}
	return true;
}

static bool check_dial(struct conf_args *args)
{
	struct tg_span left = args->text;
	struct tg_span targets = take(&left);
	struct tg_span timeout = take(&left);
	const struct tg_span options = conf_vars_take_outside(&left, ',');
	bool found;

	if (targets.len == 0) {
		return expected(args, "IAX2/peer or IAX2/peer/number");
	}
	while (targets.len > 0) {
		if (!check_target(args, conf_vars_take(&targets, '&', &found))) {
			return false;
		}
	}
	timeout = conf_vars_take(&timeout, '^', &found);
	if (timeout.len > 0 && !is_seconds(timeout)) {
		return expected(args, "a number of seconds as the second argument");
	}
	return left.len == 0 ? check_dial_options(args, options) : expected(args, "at most three arguments");
}

/* ---- the others with arguments ---- */

static bool is_place(struct tg_span left)
{
	size_t count = 0;

	while (left.len > 0 && count < 4) {
		count += take(&left).len > 0 ? 1 : 4;
	}
	return count >= 1 && count <= 3;
}

static bool check_goto(struct conf_args *args)
{
	return is_place(args->text) || expected(args, "[[context,]extension,]priority or label");
}

/* place, or place(argument,...) */
static bool is_gosub(struct tg_span text)
{
	struct tg_span inside;
	const struct tg_span place = conf_app_gosub_place(text, &inside);

	return is_place(place) && (inside.len == 0 || inside.p[inside.len - 1] == ')');
}

static bool check_gosub(struct conf_args *args)
{
	return is_gosub(args->text) || expected(args, "[[context,]extension,]priority or label, and perhaps "
	                                              "(argument,...) behind it");
}

static bool check_gosub_if(struct conf_args *args)
{
	struct tg_span left = args->text;
	bool found;

	conf_vars_take(&left, '?', &found);
	const struct tg_span yes = conf_vars_take_outside(&left, ':');
	const struct tg_span no = conf_value_trim(left);

	if (!found || (yes.len == 0 && no.len == 0) || (yes.len > 0 && !is_gosub(yes)) ||
	    (no.len > 0 && !is_gosub(no))) {
		return expected(args, "condition?place(argument,...):place(argument,...)");
	}
	return true;
}

static bool check_goto_if(struct conf_args *args)
{
	struct tg_span left = args->text;
	bool has_question, has_colon;

	conf_vars_take(&left, '?', &has_question);
	const struct tg_span yes = conf_vars_take(&left, ':', &has_colon);

	if (!has_question || (yes.len == 0 && conf_value_trim(left).len == 0)) {
		return expected(args, "condition?place:place");
	}
	return true;
}

static bool check_goto_if_time(struct conf_args *args)
{
	struct tg_span left = args->text;
	bool found;
	const struct tg_span times = conf_vars_take(&left, '?', &found);
	struct world_include row = { .is_limited = 0 };
	const char *wanted = conf_vars_has_any(times) ? NULL : times_read(&row, times);

	if (!found || times.len == 0 || (left.len == 0 || tg_span_equal(left, TG_SPAN_LIT(":")))) {
		return expected(args, "times,weekdays,days,months?place:place");
	}
	return wanted == NULL || expected(args, "%s", wanted);
}

static bool is_sound_name(struct tg_span name)
{
	if (name.len == 0 || name.p[0] == '/' || conf_vars_has_any(name)) {
		return name.len > 0 && name.p[0] != '/';
	}
	for (size_t i = 0; i < name.len; i++) {
		const bool up = name.p[i] == '.' && i + 1 < name.len && name.p[i + 1] == '.';

		if (name.p[i] <= ' ' || name.p[i] == ':' || up) {
			return false;
		}
	}
	return true;
}

static bool check_playback(struct conf_args *args)
{
	struct tg_span left = args->text;
	struct tg_span files = take(&left);
	const struct tg_span option = conf_value_trim(left);
	bool found;

	do {
		if (!is_sound_name(conf_vars_take(&files, '&', &found))) {
			return expected(
				args, "names of files in the sounds directory, without extension, with & between them");
		}
	} while (files.len > 0);
	if (option.len > 0 && !conf_vars_has_any(option) && !tg_span_equal_nocase(option, TG_SPAN_LIT("skip")) &&
	    !tg_span_equal_nocase(option, TG_SPAN_LIT("noanswer"))) {
		return expected(args, "skip, noanswer or nothing behind the files");
	}
	return true;
}

static bool check_playtones(struct conf_args *args)
{
	const char *wrong = conf_tone_check(args->text);

	return wrong == NULL || expected(args, "%s", wrong);
}

static bool check_send_dtmf(struct conf_args *args)
{
	struct tg_span left = args->text;
	const struct tg_span digits = take(&left);
	const struct tg_span gap = take(&left);
	const struct tg_span lasts = take(&left);

	if ((!conf_vars_has_any(digits) && !are_digits(digits)) || (gap.len > 0 && !is_number(gap, 10000)) ||
	    (lasts.len > 0 && !is_number(lasts, 10000)) || left.len > 0) {
		return expected(args,
		                "digits, * # A-D, w or W for pauses, and perhaps milliseconds between them and of "
		                "each, 10000 at most");
	}
	return true;
}

static bool check_set(struct conf_args *args)
{
	struct tg_span left = args->text;
	bool found;
	const struct tg_span name = conf_vars_take(&left, '=', &found);

	return found ? conf_vars_can_set(name, args->expected) : expected(args, "NAME=value");
}

/* ---- the table ---- */

static const struct conf_app apps[] = {
	{ "Answer", WORLD_APP_ANSWER, check_answer },
	{ "Busy", WORLD_APP_BUSY, check_optional_seconds },
	{ "Congestion", WORLD_APP_CONGESTION, check_optional_seconds },
	{ "Dial", WORLD_APP_DIAL, check_dial },
	{ "Echo", WORLD_APP_ECHO, check_none },
	{ "Gosub", WORLD_APP_GOSUB, check_gosub },
	{ "GosubIf", WORLD_APP_GOSUBIF, check_gosub_if },
	{ "Goto", WORLD_APP_GOTO, check_goto },
	{ "GotoIf", WORLD_APP_GOTOIF, check_goto_if },
	{ "GotoIfTime", WORLD_APP_GOTOIFTIME, check_goto_if_time },
	{ "Hangup", WORLD_APP_HANGUP, check_hangup },
	{ "Milliwatt", WORLD_APP_MILLIWATT, check_milliwatt },
	{ "NoOp", WORLD_APP_NOOP, check_any },
	{ "Playback", WORLD_APP_PLAYBACK, check_playback },
	{ "Playtones", WORLD_APP_PLAYTONES, check_playtones },
	{ "Proceeding", WORLD_APP_PROCEEDING, check_none },
	{ "Progress", WORLD_APP_PROGRESS, check_none },
	{ "Return", WORLD_APP_RETURN, check_any },
	{ "Ringing", WORLD_APP_RINGING, check_none },
	{ "SendDTMF", WORLD_APP_SENDDTMF, check_send_dtmf },
	{ "Set", WORLD_APP_SET, check_set },
	{ "StackPop", WORLD_APP_STACKPOP, check_none },
	{ "StopPlaytones", WORLD_APP_STOPPLAYTONES, check_none },
	{ "Verbose", WORLD_APP_VERBOSE, check_any },
	{ "Wait", WORLD_APP_WAIT, check_wait },
	{ "WaitExten", WORLD_APP_WAITEXTEN, check_optional_seconds },
};

/* Known names that are no row, and what there is instead. */
static const struct {
	const char *name, *why;
} others[] = {
	{ "System", "the exchange runs no other programs" },
	{ "TrySystem", "the exchange runs no other programs" },
	{ "AGI", "the exchange runs no other programs" },
	{ "EAGI", "the exchange runs no other programs" },
	{ "DeadAGI", "the exchange runs no other programs" },
	{ "FastAGI", "the exchange runs no other programs" },
	{ "ExternalIVR", "the exchange runs no other programs" },
	{ "Stasis", "the exchange runs no other programs" },
	{ "Exec", "applications are named in the dialplan alone" },
	{ "TryExec", "applications are named in the dialplan alone" },
	{ "ExecIf", "use GotoIf" },
	{ "ExecIfTime", "use GotoIfTime" },
	{ "While", "use GotoIf and a label" },
	{ "EndWhile", "use GotoIf and a label" },
	{ "ExitWhile", "use GotoIf and a label" },
	{ "Macro", "use Gosub" },
	{ "MacroExit", "use Gosub and Return" },
	{ "MacroIf", "use GosubIf" },
	{ "MSet", "use Set, once for each variable" },
	{ "SetGlobalVar", "use Set(GLOBAL(NAME)=value)" },
	{ "SetCallerPres", "use Set(CALLERID(pres)=...)" },
	{ "SetCallerID", "use Set(CALLERID(all)=...)" },
	{ "Log", "use Verbose" },
	{ "VoiceMail", "Dial a peer that takes messages" },
	{ "VoiceMailMain", "Dial a peer that takes messages" },
	{ "MailboxExists", "Dial a peer that takes messages" },
	{ "Record", "Dial a peer that records" },
	{ "Monitor", "Dial a peer that records" },
	{ "MixMonitor", "Dial a peer that records" },
	{ "Queue", "Dial a peer that has queues" },
	{ "MeetMe", "Dial a peer that has conferences" },
	{ "ConfBridge", "Dial a peer that has conferences" },
	{ "MusicOnHold", "use Playback" },
	{ "Background", "use Playback, and WaitExten behind it" },
	{ "BackGroundDetect", "use Playback, and WaitExten behind it" },
	{ "Read", "use WaitExten: what is dialled becomes the extension" },
	{ "SayDigits", "use Playback with a sound for each digit" },
	{ "SayNumber", "use Playback with sounds of your own" },
	{ "SayAlpha", "use Playback with sounds of your own" },
	{ "SayPhonetic", "use Playback with sounds of your own" },
	{ "SayUnixTime", "use Playback with sounds of your own" },
};

struct tg_span conf_app_gosub_place(struct tg_span text, struct tg_span *inside)
{
	bool found;

	*inside = text;
	return conf_vars_take(inside, '(', &found);
}

bool conf_app_looks_at_clock(const struct conf_app *app, struct tg_span args)
{
	struct world_include row = { .is_limited = 0 };
	bool found;
	const struct tg_span times = conf_vars_take(&args, '?', &found);

	return app->id == WORLD_APP_GOTOIFTIME &&
	       (conf_vars_has_any(times) || (times_read(&row, times) == NULL && row.has_zone == 0));
}

const struct conf_app *conf_app_find(struct tg_span name)
{
	for (size_t i = 0; i < TG_COUNT(apps); i++) {
		if (tg_span_equal_nocase(name, tg_span_text(apps[i].name))) {
			return &apps[i];
		}
	}
	return NULL;
}

static const char *app_name(const void *owner, size_t index)
{
	(void)owner;
	return index < TG_COUNT(apps) ? apps[index].name : NULL;
}

const char *conf_app_unknown(struct tg_span name, char text[CONF_EXPECTED_BYTES])
{
	char word[64];

	for (size_t i = 0; i < TG_COUNT(others); i++) {
		if (tg_span_equal_nocase(name, tg_span_text(others[i].name))) {
			snprintf(text, CONF_EXPECTED_BYTES, "the application %s is not offered: %s", others[i].name,
			         others[i].why);
			return text;
		}
	}
	tg_span_copy(word, sizeof(word), name);
	const char *nearest = tg_text_nearest(word, app_name, NULL);

	snprintf(text, CONF_EXPECTED_BYTES, "unknown application \"%s\"%s%s%s", word,
	         nearest != NULL ? "; did you mean \"" : "", nearest != NULL ? nearest : "",
	         nearest != NULL ? "\"?" : "");
	return text;
}
