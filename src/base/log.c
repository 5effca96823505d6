/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { BYTES_SHOWN = 40 };

struct line {
	char text[TG_LOG_LINE_BYTES];
	size_t len;
};

static TG_PRINTF(2, 3) void add(struct line *line, const char *format, ...)
{
	const size_t room = sizeof(line->text) - line->len;
	va_list args;

	va_start(args, format);
	const int n = vsnprintf(line->text + line->len, room, format, args);
	va_end(args);
	if (n > 0) {
		line->len += (size_t)n < room ? (size_t)n : room - 1;
	}
}

static bool is_harmless(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c != '\0' && strchr("._+@-", c) != NULL);
}

/* Everything but a small alphabet as \xHH, so that no name can forge a field, a quote or a line. */
static void add_escaped(struct line *line, struct tg_span bytes)
{
	for (size_t i = 0; i < bytes.len && i < BYTES_SHOWN; i++) {
		if (is_harmless(bytes.p[i])) {
			add(line, "%c", bytes.p[i]);
		} else {
			add(line, "\\x%02x", bytes.p[i]);
		}
	}
	if (bytes.len > BYTES_SHOWN) {
		add(line, "...");
	}
}

static void add_field(struct line *line, const struct tg_field *field)
{
	char addr[TG_ADDR_TEXT_BYTES];

	add(line, " %s=", field->name);
	switch (field->kind) {
	case TG_FIELD_TEXT:
		add(line, "\"%s\"", field->text);
		break;
	case TG_FIELD_BYTES:
		add(line, "'");
		add_escaped(line, field->bytes);
		add(line, "'");
		break;
	case TG_FIELD_UINT:
		add(line, "%llu", (unsigned long long)field->number);
		break;
	case TG_FIELD_ADDR:
		add(line, "%s", tg_addr_format(field->addr, addr));
		break;
	}
}

void tg_log_event(const struct tg_log *log, enum tg_level level, const char *event, const struct tg_field *fields)
{
	struct line line = { .len = 0 };

	if (log == NULL || (int)level < atomic_load_explicit(&log->min_level, memory_order_relaxed)) {
		return;
	}
	add(&line, "%s", event);
	for (const struct tg_field *field = fields; field->name != NULL; field++) {
		add_field(&line, field);
	}
	log->write(log->owner, level, line.text);
}

const char *tg_level_name(enum tg_level level)
{
	static const char *const names[TG_LEVELS] = { "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR" };

	return names[level];
}

void tg_log_set_level(struct tg_log *log, enum tg_level level)
{
	atomic_store_explicit(&log->min_level, (int)level, memory_order_relaxed);
}
