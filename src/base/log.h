/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_BASE_LOG_H
#define TG_BASE_LOG_H

#include <stdatomic.h>

#include "base/addr.h"

enum tg_level {
	TG_DEBUG,
	TG_INFO,
	TG_NOTICE,
	TG_WARNING,
	TG_ERROR,
	TG_LEVELS,
};

enum tg_field_kind {
	TG_FIELD_TEXT,
	TG_FIELD_BYTES, /* may come from the network: escaped and cut */
	TG_FIELD_UINT,
	TG_FIELD_ADDR,
};

/** One field of a log line; made by the macros below. There is none for a secret, on purpose. */
struct tg_field {
	const char *name;
	enum tg_field_kind kind;
	const char *text;
	struct tg_span bytes;
	uint64_t number;
	struct tg_addr addr;
};

/** A text of ours. */
#define TG_TEXT(field, value) ((struct tg_field){ .name = (field), .kind = TG_FIELD_TEXT, .text = (value) })
/** Bytes from anywhere: quoted, escaped, at most 40 of them. */
#define TG_BYTES(field, value) ((struct tg_field){ .name = (field), .kind = TG_FIELD_BYTES, .bytes = (value) })
#define TG_UINT(field, value) ((struct tg_field){ .name = (field), .kind = TG_FIELD_UINT, .number = (value) })
#define TG_ADDR(field, value) ((struct tg_field){ .name = (field), .kind = TG_FIELD_ADDR, .addr = (value) })

/**
 * Where log lines go. `write` gets one finished line without its newline; it may be called with any level at or above
 * min_level. A NULL log is allowed everywhere and says nothing.
 */
struct tg_log {
	void (*write)(void *owner, enum tg_level level, const char *line);
	void *owner;
	_Atomic int min_level; /* enum tg_level; any thread may set it */
};

/**
 * One event with its fields, as `event name="value" ...`. Not for packet paths: count there, and log sums.
 *
 * @param event  a constant such as "reg.refused"
 */
#define tg_log(log, level, ...) tg_log_event((log), (level), TG_LOG_PARTS(__VA_ARGS__, (struct tg_field){ 0 }))
/* clang-format off */
#define TG_LOG_PARTS(event, ...) (event), (const struct tg_field[]){ __VA_ARGS__ }
/* clang-format on */

/** What tg_log() calls; fields end with one whose name is NULL. */
void tg_log_event(const struct tg_log *log, enum tg_level level, const char *event, const struct tg_field *fields);

/** Log this level and those above it from now on. */
void tg_log_set_level(struct tg_log *log, enum tg_level level);

const char *tg_level_name(enum tg_level level);

enum { TG_LOG_LINE_BYTES = 1024 };

#endif
