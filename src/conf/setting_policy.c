/* SPDX-License-Identifier: Apache-2.0 */
/* Values of [numbers] and [policy NAME], and of what names them. */
#include "conf/destination.h"
#include "conf/setting.h"

#include "base/text.h"
#include "conf/value.h"
#include "model/when.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static struct tg_span value_of(const struct conf_setting *s)
{
	return tg_span_text(s->line->value);
}

static const char *keep(const struct conf_setting *s, struct tg_span text)
{
	const char *kept = conf_arena_text(s->loading->arena, text);

	return kept != NULL ? kept : "";
}

bool conf_parse_destinations(struct conf_setting *s, void *field)
{
	const char *name = "";

	if (!conf_parse_text(s, &name)) {
		return false;
	}
	conf_texts_add(s->loading, field, name, s->line->at);
	return true;
}

bool conf_parse_section_name(struct conf_setting *s, void *field)
{
	struct conf_text *text = field;

	if (!conf_parse_text(s, &text->text)) {
		return false;
	}
	text->at = s->line->at;
	return true;
}

bool conf_parse_chargeable(struct conf_setting *s, void *field)
{
	uint8_t value = 0;

	if (!conf_parse_bool(s, &value)) {
		return false;
	}
	*(uint8_t *)field = value != 0 ? WORLD_YES : WORLD_NO;
	return true;
}

/* "08:30" into minutes of a day; 24:00 is its end. */
static bool clock_time(const struct conf_setting *s, struct tg_span text, uint32_t *minutes)
{
	const char *hour = keep(s, conf_value_take_item(&text, ':'));
	const char *minute = keep(s, text);
	uint64_t h, m;

	if (text.len != 2 || !tg_text_uint(hour, 0, 24, &h) || !tg_text_uint(minute, 0, 59, &m) ||
	    h * 60 + m > WORLD_DAY_MINUTES) {
		return false;
	}
	*minutes = (uint32_t)(h * 60 + m);
	return true;
}

bool conf_parse_utc_offset(struct conf_setting *s, void *field)
{
	const struct tg_span value = value_of(s);
	uint32_t minutes = 0;

	if (value.len < 2 || (value.p[0] != '+' && value.p[0] != '-') ||
	    !clock_time(s, (struct tg_span){ value.p + 1, value.len - 1 }, &minutes) || minutes > 14 * 60) {
		return conf_expected(s, "hours and minutes ahead of UTC or behind it, such as +01:00 or -05:00");
	}
	*(struct world_zone *)field = (struct world_zone){
		.standard_s = (value.p[0] == '-' ? -(int32_t)minutes : (int32_t)minutes) * 60
	};
	return true;
}

bool conf_parse_zone(struct conf_setting *s, void *field)
{
	return when_zone_read(field, value_of(s)) ||
	       conf_expected(
		       s,
		       "a time zone as a rule, such as CET-1CEST,M3.5.0,M10.5.0/3: names of zones are not looked up");
}

/* ---- [numbers] ---- */

bool conf_parse_country(struct conf_setting *s, void *field)
{
	struct conf_numbers *numbers = field;
	const struct tg_span value = value_of(s);

	for (size_t i = 0; i < value.len; i++) {
		if (value.p[i] < 'A' || value.p[i] > 'Z' || value.len != 2) {
			return conf_expected(s, "a country as two capital letters, such as DE or US");
		}
	}
	if (value.len == 0) {
		return conf_expected(s, "a country as two capital letters, such as DE or US");
	}
	memcpy(numbers->row.region, value.p, 2);
	numbers->country_at = s->line->at;
	return true;
}

static bool take_code(struct tg_span text, char code[8])
{
	memset(code, 0, 8);
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] < '0' || text.p[i] > '9' || text.len > 7) {
			return false;
		}
		code[i] = (char)text.p[i];
	}
	return true;
}

bool conf_parse_national(struct conf_setting *s, void *field)
{
	struct conf_numbers *numbers = field;

	numbers->has_national = true;
	return take_code(value_of(s), numbers->row.national) ||
	       conf_expected(s, "the digits in front of national numbers, such as 0, or nothing if they have none");
}

bool conf_parse_international(struct conf_setting *s, void *field)
{
	struct conf_numbers *numbers = field;
	struct tg_span left = value_of(s);
	size_t count = 0;

	memset(numbers->row.international, 0, sizeof(numbers->row.international));
	numbers->has_international = true;
	do {
		const struct tg_span code = conf_value_take_item(&left, ',');

		if (count == WORLD_ACCESS_CODES || code.len == 0 ||
		    !take_code(code, numbers->row.international[count++])) {
			return conf_expected(
				s,
				"the digits in front of international numbers, such as 00 or 011; at most %d, "
				"with commas",
				WORLD_ACCESS_CODES);
		}
	} while (left.len > 0);
	return true;
}

bool conf_parse_bare(struct conf_setting *s, void *field)
{
	static const char *const names[WORLD_BARES] = {
		[WORLD_BARE_EITHER] = "either",
		[WORLD_BARE_NATIONAL] = "national",
		[WORLD_BARE_INTERNATIONAL] = "international",
	};
	struct conf_numbers *numbers = field;

	for (uint8_t i = 0; i < WORLD_BARES; i++) {
		if (strcasecmp(s->line->value, names[i]) == 0) {
			numbers->row.bare = i;
			numbers->has_bare = true;
			return true;
		}
	}
	return conf_expected(s, "national, international or either");
}

/* ---- [policy NAME] ---- */

enum { ALL_CLASSES = (1 << WORLD_CLASSES) - 1 };

#define BIT(class) (1U << WORLD_CLASS_##class)
#define COSTS (ALL_CLASSES & ~(BIT(EMERGENCY) | BIT(INTERNAL) | BIT(TOLLFREE)))

/* Words for several classes. */
static const struct {
	const char *name;
	uint32_t classes;
} groups[] = {
	{ "all", ALL_CLASSES },
	{ "international", BIT(INTL_LOW) | BIT(INTL_MID) | BIT(INTL_HIGH) | BIT(SATELLITE) | BIT(PREMIUM_INTL) |
	                           BIT(UNKNOWN) | BIT(TEST_NUMBER) },
	{ "premium", BIT(PREMIUM) | BIT(PREMIUM_INTL) | BIT(UNKNOWN) | BIT(TEST_NUMBER) },
};

static bool find_classes(struct tg_span word, uint32_t *classes)
{
	uint32_t class = 0;

	for (size_t i = 0; i < TG_COUNT(groups); i++) {
		if (tg_span_equal_nocase(word, tg_span_text(groups[i].name))) {
			*classes |= groups[i].classes;
			return true;
		}
	}
	if (!conf_class_find(word, &class)) {
		return false;
	}
	*classes |= 1U << class;
	return true;
}

static void add_line(struct conf_setting *s, struct conf_policy *policy, const struct world_policy_rule *rule)
{
	struct conf_policy_line *line = conf_arena_alloc(s->loading->arena, sizeof(*line));
	char text[256];

	if (line == NULL) {
		return;
	}
	snprintf(text, sizeof(text), "%s=%.200s", s->option->name, s->line->value);
	*line = (struct conf_policy_line){ .rule = *rule, .text = keep(s, tg_span_text(text)), .at = s->line->at };
	if (policy->last != NULL) {
		policy->last->next = line;
	} else {
		policy->first = line;
	}
	policy->last = line;
}

static bool unknown_word(struct conf_setting *s, struct tg_span word)
{
	const char *name = keep(s, word);
	const char *nearest = tg_text_nearest(name, conf_class_at, NULL);

	return conf_expected(s,
	                     "classes such as national or intl-low, the words all, international and premium, and "
	                     "prefixes such as +4930%s%s%s",
	                     nearest != NULL ? "; did you mean \"" : "", nearest != NULL ? nearest : "",
	                     nearest != NULL ? "\"?" : "");
}

/* Classes become one rule, each prefix one of its own. */
static bool add_words(struct conf_setting *s, struct conf_policy *policy, enum world_policy_kind kind)
{
	struct world_policy_rule classes = { .kind = kind };
	struct tg_span left = value_of(s);

	do {
		const struct tg_span word = conf_value_take_item(&left, ',');
		struct world_policy_rule prefix = { .kind = kind };

		if (word.len > 0 && word.p[0] == '+' && conf_prefix_read(word, prefix.prefix)) {
			add_line(s, policy, &prefix);
		} else if (!find_classes(word, &classes.classes)) {
			return unknown_word(s, word);
		}
	} while (left.len > 0);
	if (classes.classes != 0) {
		add_line(s, policy, &classes);
	}
	return true;
}

bool conf_parse_policy_allow(struct conf_setting *s, void *field)
{
	return add_words(s, field, WORLD_POLICY_ALLOW);
}

bool conf_parse_policy_deny(struct conf_setting *s, void *field)
{
	return add_words(s, field, WORLD_POLICY_DENY);
}

static struct tg_span take_blank(struct tg_span *left)
{
	*left = conf_value_trim(*left);
	size_t len = 0;

	while (len < left->len && left->p[len] > ' ' && left->p[len] != ',') {
		len++;
	}
	const struct tg_span word = { left->p, len };

	while (len < left->len && (left->p[len] <= ' ' || left->p[len] == ',')) {
		len++;
	}
	*left = (struct tg_span){ left->p + len, left->len - len };
	return word;
}

/* What is left of a line says which classes it is about; nothing: all that cost money. */
static bool take_classes(struct tg_span left, uint32_t *classes)
{
	*classes = left.len > 0 ? 0 : COSTS;
	while (left.len > 0) {
		if (!find_classes(take_blank(&left), classes)) {
			return false;
		}
	}
	return true;
}

static bool add_limit(struct conf_setting *s, struct conf_policy *policy, struct world_policy_rule *rule,
                      struct tg_span left)
{
	if (!take_classes(left, &rule->classes)) {
		return conf_expected(
			s, "classes behind the limit, such as intl-high satellite, or nothing: all that cost money");
	}
	add_line(s, policy, rule);
	return true;
}

bool conf_parse_policy_calls(struct conf_setting *s, void *field)
{
	struct world_policy_rule rule = { .kind = WORLD_POLICY_CALLS };
	struct tg_span left = value_of(s);
	uint64_t calls;

	if (!tg_text_uint(keep(s, take_blank(&left)), s->option->min, s->option->max, &calls)) {
		return conf_expected(s, "how many calls at once, %u to %u, and classes perhaps", s->option->min,
		                     s->option->max);
	}
	rule.value = (uint32_t)calls;
	return add_limit(s, field, &rule, left);
}

/* "3/hour", "6/day" */
bool conf_parse_policy_new_calls(struct conf_setting *s, void *field)
{
	struct world_policy_rule rule = { .kind = WORLD_POLICY_HOUR_CALLS };
	struct tg_span left = value_of(s);
	struct tg_span unit = take_blank(&left);
	const struct tg_span count = conf_value_take_item(&unit, '/');
	const bool is_day = tg_span_equal_nocase(unit, TG_SPAN_LIT("day"));
	uint64_t calls;

	if (!tg_text_uint(keep(s, count), s->option->min, s->option->max, &calls) ||
	    (!is_day && !tg_span_equal_nocase(unit, TG_SPAN_LIT("hour")))) {
		return conf_expected(s, "how many calls may begin, such as 3/hour or 20/day, and classes perhaps");
	}
	rule.kind = is_day ? WORLD_POLICY_DAY_CALLS : WORLD_POLICY_HOUR_CALLS;
	rule.value = (uint32_t)calls;
	return add_limit(s, field, &rule, left);
}

/* "90s", "30m", "4h" */
static bool duration(const struct conf_setting *s, struct tg_span word, uint32_t *seconds)
{
	static const struct {
		uint8_t letter;
		uint32_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 } };
	uint64_t count;

	for (size_t i = 0; word.len > 1 && i < TG_COUNT(units); i++) {
		if (word.p[word.len - 1] == units[i].letter) {
			const char *digits = keep(s, (struct tg_span){ word.p, word.len - 1 });

			if (!tg_text_uint(digits, 0, 100000, &count)) {
				return false;
			}
			*seconds = (uint32_t)count * units[i].seconds;
			return true;
		}
	}
	return false;
}

static bool add_duration(struct conf_setting *s, struct conf_policy *policy, enum world_policy_kind kind)
{
	struct world_policy_rule rule = { .kind = kind };
	struct tg_span left = value_of(s);

	if (!duration(s, take_blank(&left), &rule.value)) {
		return conf_expected(s, "a time such as 90s, 30m or 4h, and classes perhaps");
	}
	return add_limit(s, policy, &rule, left);
}

bool conf_parse_policy_longest(struct conf_setting *s, void *field)
{
	return add_duration(s, field, WORLD_POLICY_LONGEST);
}

bool conf_parse_policy_daily(struct conf_setting *s, void *field)
{
	return add_duration(s, field, WORLD_POLICY_DAILY);
}

bool conf_parse_policy_monthly(struct conf_setting *s, void *field)
{
	return add_duration(s, field, WORLD_POLICY_MONTHLY);
}

static bool day(struct tg_span word, uint32_t *number)
{
	static const char *const names[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

	for (*number = 0; *number < TG_COUNT(names); (*number)++) {
		if (tg_span_equal_nocase(word, tg_span_text(names[*number]))) {
			return true;
		}
	}
	return false;
}

/* "mon-fri", "sat", "fri-mon", "daily" */
static bool days(struct tg_span word, uint32_t *mask)
{
	struct tg_span to = word;
	const struct tg_span from = conf_value_take_item(&to, '-');
	uint32_t first, last;

	if (tg_span_equal_nocase(word, TG_SPAN_LIT("daily"))) {
		*mask = 127;
		return true;
	}
	if (!day(from, &first) || !day(to.len > 0 ? to : from, &last)) {
		return false;
	}
	*mask = 1U << last;
	for (uint32_t at = first; at != last; at = (at + 1) % 7) {
		*mask |= 1U << at;
	}
	return true;
}

bool conf_parse_policy_times(struct conf_setting *s, void *field)
{
	struct world_policy_rule rule = { .kind = WORLD_POLICY_TIMES };
	struct tg_span left = value_of(s);
	const struct tg_span when = take_blank(&left);
	struct tg_span to = take_blank(&left);
	const struct tg_span from = conf_value_take_item(&to, '-');

	if (!days(when, &rule.days) || !clock_time(s, from, &rule.from_min) || !clock_time(s, to, &rule.to_min) ||
	    rule.from_min == rule.to_min) {
		return conf_expected(
			s, "days and hours such as mon-fri 08:00-18:00 or daily 22:00-06:00, and classes perhaps");
	}
	return add_limit(s, field, &rule, left);
}
