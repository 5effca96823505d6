/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/jsontext.h"

#include "base/bytes.h"

#include <stdio.h>
#include <string.h>

static void put(struct desk_json *json, const char *text)
{
	desk_out_raw(json->out, text, strlen(text));
}

/* One octet inside quotes; `plain` says that octets above 126 belong to valid characters. */
static void put_octet(struct desk_json *json, char octet, bool plain)
{
	char text[8] = { octet, '\0' };

	if (octet == '"' || octet == '\\') {
		snprintf(text, sizeof(text), "\\%c", octet);
	} else if ((unsigned char)octet < ' ' || (!plain && (unsigned char)octet > '~')) {
		snprintf(text, sizeof(text), "?");
	}
	put(json, text);
}

static void put_quoted(struct desk_json *json, const char *text)
{
	const bool plain = tg_utf8_is_plain(tg_span_text(text));

	put(json, "\"");
	for (const char *at = text; *at != '\0'; at++) {
		put_octet(json, *at, plain);
	}
	put(json, "\"");
}

/* What stands before a value: the comma, the name. */
static void begin(struct desk_json *json, const char *name)
{
	if (json->follows) {
		put(json, ",");
	}
	json->follows = true;
	if (name != NULL) {
		put_quoted(json, name);
		put(json, ":");
	}
}

void desk_json_open(struct desk_json *json, const char *name, char bracket)
{
	const char text[] = { bracket, '\0' };

	begin(json, name);
	put(json, text);
	json->follows = false;
}

void desk_json_close(struct desk_json *json, char bracket)
{
	const char text[] = { bracket, '\0' };

	put(json, text);
	json->follows = true;
}

void desk_json_text(struct desk_json *json, const char *name, const char *text)
{
	begin(json, name);
	put_quoted(json, text);
}

void desk_json_uint(struct desk_json *json, const char *name, uint64_t value)
{
	char text[24];

	begin(json, name);
	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	put(json, text);
}

void desk_json_int(struct desk_json *json, const char *name, int64_t value)
{
	char text[24];

	begin(json, name);
	snprintf(text, sizeof(text), "%lld", (long long)value);
	put(json, text);
}

void desk_json_bool(struct desk_json *json, const char *name, bool value)
{
	begin(json, name);
	put(json, value ? "true" : "false");
}

void desk_json_null(struct desk_json *json, const char *name)
{
	begin(json, name);
	put(json, "null");
}

void desk_json_newline(struct desk_json *json)
{
	/* The comma belongs to the end of the line before. */
	put(json, json->follows ? ",\n" : "\n");
	json->follows = false;
}
