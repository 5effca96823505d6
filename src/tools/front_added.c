/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/front_added.h"

#include <stdio.h>
#include <string.h>

static const char mark[] = "; Added by \"tollgate front init\"; \"tollgate front undo\" takes it away.\n";

enum { SECTION_BYTES = FRONT_ADDED_BYTES - sizeof(mark) };

static const char *section_format(struct tg_addr backend, struct tg_addr local, char text[SECTION_BYTES])
{
	char from[TG_ADDR_TEXT_BYTES], to[TG_ADDR_TEXT_BYTES];

	snprintf(text, SECTION_BYTES, "[front]\nbackend=%s\nlocal=%s\n", tg_addr_format(backend, to),
	         tg_addr_format_host(local, from));
	return text;
}

const char *front_added_format(struct tg_addr backend, struct tg_addr local, char text[FRONT_ADDED_BYTES])
{
	char section[SECTION_BYTES];

	snprintf(text, FRONT_ADDED_BYTES, "%s%s", mark, section_format(backend, local, section));
	return text;
}

/* At the start of a line. @return where, or text.len */
static size_t find_lines(struct tg_span text, const char *wanted)
{
	const size_t len = strlen(wanted);

	for (size_t at = 0; at + len <= text.len; at++) {
		if ((at == 0 || text.p[at - 1] == '\n') && memcmp(text.p + at, wanted, len) == 0) {
			return at;
		}
	}
	return text.len;
}

/* The line's octets with its end; 0 if it does not begin so. */
static size_t line_with(struct tg_span text, size_t at, const char *begin)
{
	const size_t len = strlen(begin);
	const uint8_t *end = at < text.len ? memchr(text.p + at, '\n', text.len - at) : NULL;

	return end != NULL && at + len <= text.len && memcmp(text.p + at, begin, len) == 0
	               ? (size_t)(end - text.p) + 1 - at
	               : 0;
}

/* Lines that follow would be of the section before it. */
static bool ends_section(struct tg_span text, size_t at)
{
	while (at < text.len) {
		const uint8_t *end = memchr(text.p + at, '\n', text.len - at);

		if (text.p[at] == '[') {
			return true;
		}
		if (strchr(";\r\n", text.p[at]) == NULL) {
			return false;
		}
		at = end != NULL ? (size_t)(end - text.p) + 1 : text.len;
	}
	return true;
}

struct front_added front_added_find(struct tg_span text)
{
	static const char *const lines[] = { "[front]\n", "backend=", "local=" };
	struct front_added added = { .at = find_lines(text, mark), .is_intact = true };

	if (added.at == text.len) {
		return (struct front_added){ 0 };
	}
	added.len = sizeof(mark) - 1;
	for (size_t i = 0; i < TG_COUNT(lines); i++) {
		const size_t len = line_with(text, added.at + added.len, lines[i]);

		added.is_intact = added.is_intact && len > 0;
		added.len += len;
	}
	added.is_intact = added.is_intact && ends_section(text, added.at + added.len);
	return added;
}

bool front_added_has(struct tg_span text, struct tg_addr backend, struct tg_addr local)
{
	char section[SECTION_BYTES];

	section_format(backend, local, section);
	const size_t at = find_lines(text, section);

	return at < text.len && ends_section(text, at + strlen(section));
}
