/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/secline.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { SHOWN_BYTES = 40 };

void secline_add(struct secline *line, const char *format, ...)
{
	const size_t room = SECLOG_LINE_BYTES - line->len;
	va_list args;

	va_start(args, format);
	const int n = vsnprintf(line->text + line->len, room, format, args);

	va_end(args);
	if (n > 0) {
		line->len += (size_t)n < room ? (size_t)n : room - 1;
	}
}

/* ---- Text ---- */

static bool is_harmless(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c != '\0' && strchr("._+@-", c) != NULL);
}

static bool is_ours(char c)
{
	return c >= ' ' && c <= '~' && strchr("\"'\\", c) == NULL;
}

/* slash: what stands for one backslash. */
static void escaped(struct secline *line, const char *text, size_t max, bool (*passes)(char c), const char *slash)
{
	size_t i = 0;

	for (; text[i] != '\0' && i < max; i++) {
		if (passes(text[i])) {
			secline_add(line, "%c", text[i]);
		} else {
			secline_add(line, "%sx%02x", slash, (unsigned)(uint8_t)text[i]);
		}
	}
	if (text[i] != '\0') {
		secline_add(line, "...");
	}
}

void secline_name(struct secline *line, const char *name, const char *slash)
{
	escaped(line, name, SHOWN_BYTES, is_harmless, slash);
}

void secline_text(struct secline *line, const char *text, const char *slash)
{
	escaped(line, text, SIZE_MAX, is_ours, slash);
}

/* ---- Time and addresses ---- */

static void time_of(struct tm *tm, uint64_t wall_ms, int32_t offset_s)
{
	static const uint64_t last_s = UINT64_C(253402214400); /* in the year 9999 */
	const uint64_t wall_s = tg_min_u64(wall_ms / 1000, last_s);
	const time_t local = (time_t)wall_s + offset_s;

	if (gmtime_r(&local, tm) == NULL) {
		*tm = (struct tm){ .tm_year = 70, .tm_mday = 1 };
	}
}

void secline_local_time(struct secline *line, uint64_t wall_ms, int32_t offset_s)
{
	struct tm tm;

	time_of(&tm, wall_ms, offset_s);
	secline_add(line, "[%04d-%02d-%02d %02d:%02d:%02d]", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
	            tm.tm_min, tm.tm_sec);
}

/* ISO 8601; between: what stands between the hours and minutes of the offset. */
void secline_iso_time(struct secline *line, uint64_t wall_ms, int32_t offset_s, const char *between)
{
	const int32_t offset_min = (offset_s < 0 ? -offset_s : offset_s) / 60;
	struct tm tm;

	time_of(&tm, wall_ms, offset_s);
	secline_add(line, "%04d-%02d-%02dT%02d:%02d:%02d.%03u%c%02d%s%02d", tm.tm_year + 1900, tm.tm_mon + 1,
	            tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (unsigned)(wall_ms % 1000), offset_s < 0 ? '-' : '+',
	            (int)(offset_min / 60), between, (int)(offset_min % 60));
}

/* As `IPV6/UDP/2001:db8::5/4569`. */
void secline_transport(struct secline *line, struct tg_addr addr)
{
	char host[TG_ADDR_TEXT_BYTES];

	if (addr.family == TG_NO_ADDR) {
		secline_add(line, "IPV4/UDP/0.0.0.0/0");
		return;
	}
	secline_add(line, "IPV%u/UDP/%s/%u", (unsigned)addr.family, tg_addr_format_host(addr, host),
	            (unsigned)addr.port);
}
