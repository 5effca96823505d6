/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/args.h"

#include <string.h>

enum { DAY_S = 86400 };

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

struct tg_span args_trim(struct tg_span text)
{
	while (text.len > 0 && is_blank(text.p[0])) {
		text.p++;
		text.len--;
	}
	while (text.len > 0 && is_blank(text.p[text.len - 1])) {
		text.len--;
	}
	return text;
}

struct tg_span args_take(struct tg_span *rest, char separator)
{
	const uint8_t *end = rest->len > 0 ? memchr(rest->p, separator, rest->len) : NULL;
	const size_t len = end != NULL ? (size_t)(end - rest->p) : rest->len;
	const struct tg_span part = { rest->p, len };

	if (end != NULL) {
		rest->p = end + 1;
		rest->len -= len + 1;
	} else {
		rest->len = 0;
	}
	return args_trim(part);
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

bool args_uint(struct tg_span text, uint32_t max, uint32_t *number)
{
	uint64_t value = 0;

	for (size_t i = 0; i < text.len; i++) {
		if (!is_digit(text.p[i])) {
			return false;
		}
		value = value * 10 + (text.p[i] - '0');
		if (value > max) {
			return false;
		}
	}
	*number = (uint32_t)value;
	return text.len > 0;
}

bool args_seconds(struct tg_span text, uint64_t *us)
{
	struct tg_span fraction = text;
	const struct tg_span whole = args_take(&fraction, '.');
	uint32_t seconds = 0;
	uint64_t parts_us = 0;
	uint64_t unit_us = TG_US_PER_S;

	if (text.len == 0 || (whole.len == 0 && fraction.len == 0) ||
	    (whole.len > 0 && !args_uint(whole, DAY_S, &seconds))) {
		return false;
	}
	for (size_t i = 0; i < fraction.len; i++) {
		if (!is_digit(fraction.p[i])) {
			return false;
		}
		unit_us /= 10;
		parts_us += (uint64_t)(fraction.p[i] - '0') * unit_us;
	}
	*us = (uint64_t)seconds * TG_US_PER_S + parts_us;
	return true;
}

static void limit(struct dial_args *out, uint64_t us)
{
	out->limit_us = us > 0 && (out->limit_us == 0 || us < out->limit_us) ? us : out->limit_us;
}

static void read_option(uint8_t letter, struct tg_span inside, struct dial_args *out)
{
	uint64_t us;
	uint32_t ms;

	switch (letter) {
	case 'r':
	case 'm':
		out->rings = true;
		break;
	case 'g':
		out->goes_on = true;
		break;
	case 'L':
		limit(out, args_uint(args_take(&inside, ':'), UINT32_MAX, &ms) ? (uint64_t)ms * TG_US_PER_MS : 0);
		break;
	case 'S':
		limit(out, args_seconds(args_trim(inside), &us) ? us : 0);
		break;
	case 'D':
		out->digits = args_take(&inside, ':');
		break;
	default:
		break;
	}
}

/* Letters with arguments in parentheses; unknown ones were told of when the configuration was read. */
static void read_options(struct tg_span options, struct dial_args *out)
{
	while (options.len > 0) {
		const uint8_t letter = options.p[0];
		struct tg_span inside = { 0 };

		options = (struct tg_span){ options.p + 1, options.len - 1 };
		if (options.len > 0 && options.p[0] == '(') {
			options = (struct tg_span){ options.p + 1, options.len - 1 };
			inside = args_take(&options, ')');
		}
		read_option(letter, inside, out);
	}
}

bool args_dial(struct tg_span args, struct dial_args *out)
{
	struct tg_span timeout;

	*out = (struct dial_args){ .targets = args_take(&args, ',') };
	timeout = args_take(&args, ',');
	timeout = args_take(&timeout, '^');
	out->has_timeout = timeout.len > 0;
	read_options(args_take_outside(&args, ','), out);
	return out->targets.len > 0 && (timeout.len == 0 || args_seconds(timeout, &out->timeout_us));
}

bool args_target(struct tg_span *targets, struct dial_target *out)
{
	*out = (struct dial_target){ 0 };
	if (targets->len == 0) {
		return false;
	}
	struct tg_span rest = args_take(targets, '&');
	const struct tg_span technology = args_take(&rest, '/');
	struct tg_span peer = args_take(&rest, '/');

	if (!tg_span_equal_nocase(technology, TG_SPAN_LIT("IAX2"))) {
		return true;
	}
	out->context = args_take(&rest, '/');
	out->exten = args_take(&out->context, '@');
	if (peer.len > 0 && memchr(peer.p, '@', peer.len) != NULL) {
		out->user = args_take(&peer, '@');
	}
	/* user:secret@peer and peer:port: secrets are the vault's, addresses the configuration's. */
	const bool plain = (out->user.len == 0 || memchr(out->user.p, ':', out->user.len) == NULL) &&
	                   (peer.len == 0 || memchr(peer.p, ':', peer.len) == NULL);

	out->peer = plain ? peer : (struct tg_span){ 0 };
	return true;
}

struct goto_args args_goto(struct tg_span args)
{
	struct tg_span parts[3] = { { NULL, 0 } };
	struct goto_args out = { 0 };
	size_t n = 0;

	while (n < 3 && args.len > 0) {
		parts[n++] = args_take(&args, ',');
	}
	out.priority = n > 0 ? parts[n - 1] : out.priority;
	out.exten = n > 1 ? parts[n - 2] : out.exten;
	out.context = n > 2 ? parts[0] : out.context;
	return out;
}

struct tg_span args_take_outside(struct tg_span *rest, char separator)
{
	unsigned depth = 0;
	size_t len = 0;

	while (len < rest->len && (depth > 0 || rest->p[len] != (uint8_t)separator)) {
		depth += rest->p[len] == '(';
		depth -= rest->p[len] == ')' && depth > 0;
		len++;
	}
	const struct tg_span part = { rest->p, len };
	const size_t used = len < rest->len ? len + 1 : len;

	*rest = (struct tg_span){ rest->p + used, rest->len - used };
	return args_trim(part);
}

struct gosub_args args_gosub(struct tg_span args)
{
	struct gosub_args out = { .args = args };

	out.place = args_take(&out.args, '(');
	out.args = args_trim(out.args);
	if (out.args.len > 0 && out.args.p[out.args.len - 1] == ')') {
		out.args = args_trim((struct tg_span){ out.args.p, out.args.len - 1 });
	}
	return out;
}
