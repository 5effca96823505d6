/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/setting.h"

#include "base/text.h"
#include "conf/value.h"

#include <strings.h>

bool conf_parse_fingerprints(struct conf_setting *s, void *field)
{
	struct conf_general *general = s->base;

	if (!conf_parse_text(s, field)) {
		return false;
	}
	general->fingerprints_at = s->line->at;
	return true;
}

bool conf_parse_guard_mode(struct conf_setting *s, void *field)
{
	static const char *const names[WORLD_GUARD_MODES] = {
		[WORLD_GUARD_OFF] = "off",
		[WORLD_GUARD_OBSERVE] = "observe",
		[WORLD_GUARD_ENFORCE] = "enforce",
	};

	for (uint32_t i = 0; i < WORLD_GUARD_MODES; i++) {
		if (strcasecmp(s->line->value, names[i]) == 0) {
			*(uint32_t *)field = i;
			return true;
		}
	}
	return conf_expected(s, "enforce, observe or off");
}

bool conf_parse_tokenless(struct conf_setting *s, void *field)
{
	static const char *const names[WORLD_TOKENLESS_PLACES] = {
		[WORLD_TOKENLESS_ANYWHERE] = "anywhere",
		[WORLD_TOKENLESS_KNOWN] = "known",
	};

	for (uint8_t i = 0; i < WORLD_TOKENLESS_PLACES; i++) {
		if (strcasecmp(s->line->value, names[i]) == 0) {
			*(uint8_t *)field = i;
			return true;
		}
	}
	return conf_expected(s, "anywhere or known");
}

static bool take_number(const struct conf_setting *s, struct tg_span text, uint64_t *value)
{
	char digits[16];

	return tg_span_copy(digits, sizeof(digits), text) &&
	       tg_text_uint(digits, s->option->min, s->option->max, value);
}

bool conf_parse_rate(struct conf_setting *s, void *field)
{
	struct tg_span burst = tg_span_text(s->line->value);
	const struct tg_span rate = conf_value_take_item(&burst, '/');
	uint64_t values[2];

	burst = conf_value_trim(burst);
	if (!take_number(s, rate, &values[0]) || !take_number(s, burst, &values[1])) {
		return conf_expected(
			s, "two whole numbers from %u to %u as in 4/20: how many in the time, and how many at once",
			s->option->min, s->option->max);
	}
	((uint32_t *)field)[0] = (uint32_t)values[0];
	((uint32_t *)field)[1] = (uint32_t)values[1];
	return true;
}
