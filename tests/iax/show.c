/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/show.h"

#include "iax/ies_rules.h"
#include "iax/trunk.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

TG_PRINTF(2, 3) static void add(char text[SHOW_BYTES], const char *format, ...)
{
	const size_t len = strlen(text);
	va_list values;

	va_start(values, format);
	const int n = vsnprintf(text + len, SHOW_BYTES - len, format, values);

	va_end(values);
	if (n < 0 || (size_t)n >= SHOW_BYTES - len) {
		abort();
	}
}

static void add_bytes(char text[SHOW_BYTES], struct tg_span bytes)
{
	for (size_t i = 0; i < bytes.len; i++) {
		const uint8_t c = bytes.p[i];
		const bool plain = c >= 0x20 && c < 0x7f && c != '"' && c != '\\';

		add(text, plain ? "%c" : "\\x%02x", c);
	}
}

static void add_number(char text[SHOW_BYTES], const void *field, size_t size)
{
	uint64_t value = 0;

	memcpy(&value, field, size); /* the machines we test on are little-endian */
	add(text, "=%llu", (unsigned long long)value);
}

static void add_variables(char text[SHOW_BYTES], const struct iax_ies *ies)
{
	for (size_t i = 0; i < ies->variable_count; i++) {
		add(text, "%sVARIABLE=", text[0] != '\0' ? " " : "");
		add_bytes(text, ies->variables[i].name);
		add(text, "=");
		add_bytes(text, ies->variables[i].value);
	}
}

static void add_value(char text[SHOW_BYTES], const struct iax_ies *ies, const struct ie_rule *rule)
{
	const void *field = (const uint8_t *)ies + rule->offset;
	char addr[TG_ADDR_TEXT_BYTES];
	struct tg_span bytes;

	switch ((enum ie_kind)rule->kind) {
	case IE_U8:
		add_number(text, field, 1);
		break;
	case IE_U16:
	case IE_CALLNO:
		add_number(text, field, 2);
		break;
	case IE_U32:
	case IE_DATETIME:
		add_number(text, field, 4);
		break;
	case IE_MASK:
		add_number(text, field, 8);
		break;
	case IE_ADDR:
		add(text, "=%s", tg_addr_format(ies->apparent_addr, addr));
		break;
	case IE_TEXT:
	case IE_BYTES:
	case IE_OPAQUE:
	case IE_OSPTOKEN:
		memcpy(&bytes, field, sizeof(bytes));
		add(text, "=");
		add_bytes(text, bytes);
		break;
	case IE_FLAG:
	case IE_VARIABLE:
	case IE_UNKNOWN:
		break;
	}
}

const char *show_ies(char text[SHOW_BYTES], const struct iax_ies *ies)
{
	text[0] = '\0';
	for (uint8_t id = 0; id < 64; id++) {
		const bool invalid = (ies->invalid & ie_bit(id)) != 0;

		if (id == IAX_IE_VARIABLE) {
			add_variables(text, ies);
		} else if (iax_ies_has(ies, id)) {
			add(text, "%s%s", text[0] != '\0' ? " " : "", iax_ie_name(id));
			add_value(text, ies, &ie_rules[id]);
		}
		if (invalid) {
			add(text, "%s%s!", text[0] != '\0' ? " " : "", iax_ie_name(id));
		}
	}
	return text;
}

const char *show_trunk(char text[SHOW_BYTES], const struct iax_frame *frame)
{
	struct iax_trunk_walk walk = iax_trunk_walk_of(frame);
	struct iax_trunk_entry entry;

	text[0] = '\0';
	while (iax_trunk_next(&walk, &entry)) {
		add(text, "%s%u@%u:%zu", text[0] != '\0' ? " " : "", entry.source, entry.ts_low_ms, entry.payload.len);
	}
	if (iax_trunk_is_cut(&walk)) {
		add(text, "%scut", text[0] != '\0' ? " " : "");
	}
	return text;
}

const char *show_bytes(char text[SHOW_BYTES], struct tg_span bytes)
{
	text[0] = '\0';
	add_bytes(text, bytes);
	return text;
}
