/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DESK_JSONTEXT_H
#define TG_DESK_JSONTEXT_H

#include "desk/out.h"

/**
 * JSON text (RFC 8259), written as it goes along. Whoever writes opens and closes in pairs. Texts may come from
 * strangers: what is no plain UTF-8 becomes '?', everything else is escaped.
 *
 * In an object each call names its member; in an array the name is NULL.
 */
struct desk_json {
	struct desk_out *out; /* lent */
	bool follows;         /* something stands before on this level: a comma is due */
};

/** @param bracket  '{' or '[' */
void desk_json_open(struct desk_json *json, const char *name, char bracket);

/** @param bracket  '}' or ']' */
void desk_json_close(struct desk_json *json, char bracket);

void desk_json_text(struct desk_json *json, const char *name, const char *text);
void desk_json_uint(struct desk_json *json, const char *name, uint64_t value);
void desk_json_int(struct desk_json *json, const char *name, int64_t value);
void desk_json_bool(struct desk_json *json, const char *name, bool value);
void desk_json_null(struct desk_json *json, const char *name);

/** A new line, where white space means nothing: for people, and for tools that read line by line. */
void desk_json_newline(struct desk_json *json);

#endif
