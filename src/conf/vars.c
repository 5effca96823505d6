/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/app.h"
#include "conf/value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Arguments are words with commas between them; NULL: none at all, "*": any. */
struct function {
	const char *name, *reads, *writes;
};

static const struct function functions[] = {
	{ "CALLERID", "num,name,all,dnid", "num,name,all,pres" },
	{ "CDR", "accountcode,src,dst", "accountcode" },
	{ "CHANNEL", "name,peerip,peername,language,audioreadformat,audionativeformat", "language" },
	{ "GLOBAL", "*", "*" },
	{ "IAXPEER", "CURRENTCHANNEL", NULL },
	{ "IAXVAR", "*", "*" },
	{ "LOCAL", "*", "*" },
	{ "TIMEOUT", NULL, "absolute,digit,response" },
};

static bool failed(char expected[CONF_EXPECTED_BYTES], const char *format, ...) TG_PRINTF(2, 3);

/* For `return failed(...)`. */
static bool failed(char expected[CONF_EXPECTED_BYTES], const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(expected, CONF_EXPECTED_BYTES, format, args);
	va_end(args);
	return false;
}

static bool opens(struct tg_span text, size_t at)
{
	return at + 1 < text.len && text.p[at] == '$' && (text.p[at + 1] == '{' || text.p[at + 1] == '[');
}

/* The length of the "${...}" or "$[...]" at the front, or 0 if it is not closed. Brackets of the same kind nest. */
static size_t bracket_len(struct tg_span text)
{
	const uint8_t open = text.p[1], close = open == '{' ? '}' : ']';
	size_t depth = 0;

	for (size_t i = 1; i < text.len; i++) {
		if (text.p[i] == open) {
			depth++;
		} else if (text.p[i] == close && --depth == 0) {
			return i + 1;
		}
	}
	return 0;
}

bool conf_vars_has_any(struct tg_span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (opens(text, i)) {
			return true;
		}
	}
	return false;
}

struct tg_span conf_vars_take(struct tg_span *left, char separator, bool *found)
{
	const struct tg_span text = *left;
	size_t at = 0;

	while (at < text.len && text.p[at] != (uint8_t)separator) {
		const struct tg_span rest = { text.p + at, text.len - at };
		const size_t len = opens(text, at) ? bracket_len(rest) : 1;

		at += len > 0 ? len : 1;
	}
	*found = at < text.len;
	*left = *found ? (struct tg_span){ text.p + at + 1, text.len - at - 1 } : (struct tg_span){ text.p + at, 0 };
	return conf_value_trim((struct tg_span){ text.p, at });
}

struct tg_span conf_vars_take_outside(struct tg_span *left, char separator)
{
	const struct tg_span text = *left;
	size_t at = 0, depth = 0;

	while (at < text.len && (depth > 0 || text.p[at] != (uint8_t)separator)) {
		const struct tg_span rest = { text.p + at, text.len - at };
		const size_t len = opens(text, at) ? bracket_len(rest) : 1;

		depth += text.p[at] == '(';
		depth -= text.p[at] == ')' && depth > 0;
		at += len > 0 ? len : 1;
	}
	const size_t used = at < text.len ? at + 1 : at;

	*left = (struct tg_span){ text.p + used, text.len - used };
	return conf_value_trim((struct tg_span){ text.p, at });
}

static bool is_name(struct tg_span name)
{
	for (size_t i = 0; i < name.len; i++) {
		const uint8_t c = name.p[i];
		const bool letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';

		if (!letter && c != '_' && (i == 0 || c < '0' || c > '9')) {
			return false;
		}
	}
	return name.len > 0;
}

static const struct function *function_find(struct tg_span name)
{
	for (size_t i = 0; i < TG_COUNT(functions); i++) {
		if (tg_span_equal(name, tg_span_text(functions[i].name))) {
			return &functions[i];
		}
	}
	return NULL;
}

static bool has_word(const char *words, struct tg_span word)
{
	struct tg_span left = tg_span_text(words);

	while (left.len > 0) {
		if (tg_span_equal_nocase(conf_value_take_item(&left, ','), word)) {
			return true;
		}
	}
	return false;
}

/* FUNCTION(argument): split it; false if it is none. */
static bool split_call(struct tg_span text, struct tg_span *name, struct tg_span *argument)
{
	const uint8_t *open = text.len > 0 ? memchr(text.p, '(', text.len) : NULL;

	if (open == NULL) {
		return false;
	}
	*name = (struct tg_span){ text.p, (size_t)(open - text.p) };
	*argument = (struct tg_span){ open + 1, text.len - name->len - 1 };
	if (argument->len > 0 && argument->p[argument->len - 1] == ')') {
		argument->len--;
	}
	return true;
}

static bool check_call(struct tg_span name, struct tg_span argument, bool writes, char expected[CONF_EXPECTED_BYTES])
{
	const struct function *function = function_find(name);
	const char *words = function == NULL ? NULL : writes ? function->writes : function->reads;

	if (function == NULL) {
		return failed(expected,
		              "a function that is offered, not %.*s(): CALLERID, CDR, CHANNEL, GLOBAL, IAXPEER, "
		              "IAXVAR, LOCAL or TIMEOUT",
		              (int)(name.len < 40 ? name.len : 40), (const char *)name.p);
	}
	if (words == NULL) {
		return failed(expected, "a function that can be %s, not %s()", writes ? "set" : "read", function->name);
	}
	if (words[0] != '*' && !conf_vars_has_any(argument) && !has_word(words, argument)) {
		return failed(expected, "%s(...) with one of %s", function->name, words);
	}
	return true;
}

/* The inside of "${...}": NAME, NAME:offset:length or FUNCTION(argument). Inner brackets are looked at on their own. */
static bool check_variable(struct tg_span inside, char expected[CONF_EXPECTED_BYTES])
{
	struct tg_span left = inside, name, argument;
	bool found;

	if (inside.len == 0) {
		return failed(expected, "a name in ${}");
	}
	if (split_call(inside, &name, &argument) && is_name(name)) {
		const uint8_t *close = memchr(argument.p, ')', argument.len);

		argument.len = close != NULL ? (size_t)(close - argument.p) : argument.len;
		return check_call(name, argument, false, expected);
	}
	name = conf_vars_take(&left, ':', &found);
	if (!conf_vars_has_any(name) && !is_name(name)) {
		return failed(expected, "a name in ${%.*s}", (int)(name.len < 40 ? name.len : 40),
		              (const char *)name.p);
	}
	return true;
}

bool conf_vars_check(struct tg_span text, char expected[CONF_EXPECTED_BYTES])
{
	for (size_t at = 0; at < text.len; at++) {
		const struct tg_span rest = { text.p + at, text.len - at };

		if (!opens(text, at)) {
			continue;
		}
		const size_t len = bracket_len(rest);

		if (len == 0) {
			return failed(expected, "a closing \"%c\"", rest.p[1] == '{' ? '}' : ']');
		}
		if (rest.p[1] == '{' && !check_variable((struct tg_span){ rest.p + 2, len - 3 }, expected)) {
			return false;
		}
		at++; /* what is inside comes next */
	}
	return true;
}

bool conf_vars_can_set(struct tg_span name, char expected[CONF_EXPECTED_BYTES])
{
	struct tg_span function, argument;

	if (conf_vars_has_any(name)) {
		return true;
	}
	if (split_call(name, &function, &argument)) {
		return check_call(function, argument, true, expected);
	}
	return is_name(name) || failed(expected, "NAME=value");
}
