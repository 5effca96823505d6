/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/fingerprint.h"

#include "base/text.h"
#include "conf/dialect.h"
#include "conf/value.h"

#include <stdlib.h>
#include <string.h>

/* RFC 5456, 8.4: the requests that open a dialog. */
static const struct {
	const char *name;
	uint32_t value;
} subclasses[] = { { "NEW", 1 }, { "REGREQ", 13 }, { "REGREL", 17 }, { "POKE", 30 }, { "FWDOWNL", 36 } };

/* One rule on its way into the world. */
struct rule {
	struct conf_loading *loading;
	struct conf_place at;
	bool broken;
};

#define WRONG(rule, ...)                                                        \
	do {                                                                    \
		conf_error((rule)->loading->problems, (rule)->at, __VA_ARGS__); \
		(rule)->broken = true;                                          \
	} while (false)

static const char *keep(struct rule *rule, struct tg_span text)
{
	const char *kept = conf_arena_text(rule->loading->arena, text);

	return kept != NULL ? kept : "";
}

/* ---- conditions ---- */

static const char *fact_at(const void *owner, size_t index)
{
	(void)owner;
	return index < WORLD_FACTS ? world_fact_name((enum world_fact)index) : NULL;
}

static uint32_t take_fact(struct rule *rule, struct tg_span word)
{
	for (uint32_t fact = 0; fact < WORLD_FACTS; fact++) {
		if (tg_span_equal_nocase(word, tg_span_text(world_fact_name((enum world_fact)fact)))) {
			return fact;
		}
	}
	const char *name = keep(rule, word);
	const char *nearest = tg_text_nearest(name, fact_at, NULL);

	WRONG(rule, "unknown fact \"%.60s\"%s%s%s", name, nearest != NULL ? "; did you mean \"" : "",
	      nearest != NULL ? nearest : "", nearest != NULL ? "\"?" : "");
	return 0;
}

static uint32_t take_value(struct rule *rule, uint32_t fact, struct tg_span word)
{
	const char *text = keep(rule, word);
	uint64_t value;

	for (size_t i = 0; fact == WORLD_FACT_SUBCLASS && i < TG_COUNT(subclasses); i++) {
		if (tg_span_equal_nocase(word, tg_span_text(subclasses[i].name))) {
			return subclasses[i].value;
		}
	}
	if (!tg_text_uint(text, 0, UINT32_MAX, &value)) {
		WRONG(rule, "expected a whole number from 0 to %u%s, not \"%.60s\"", UINT32_MAX,
		      fact == WORLD_FACT_SUBCLASS ? ", or NEW, REGREQ, REGREL, POKE or FWDOWNL" : "", text);
		return 0;
	}
	return (uint32_t)value;
}

/* Where a test stands, and how long it is; 0 if there is none. */
static size_t find_test(struct tg_span text, size_t *at, uint32_t *test)
{
	static const struct {
		const char *sign;
		uint32_t test;
	} tests[] = { { "!=", WORLD_UNEQUAL }, { "=", WORLD_EQUAL }, { "<", WORLD_LESS }, { ">", WORLD_MORE } };

	for (*at = 0; *at < text.len; (*at)++) {
		for (size_t i = 0; i < TG_COUNT(tests); i++) {
			const size_t len = strlen(tests[i].sign);

			if (text.len - *at >= len && memcmp(text.p + *at, tests[i].sign, len) == 0) {
				*test = tests[i].test;
				return len;
			}
		}
	}
	return 0;
}

static void read_condition(struct rule *rule, struct tg_span text)
{
	struct world_condition condition = { .fact = 0 };
	size_t at;
	const size_t len = find_test(text, &at, &condition.test);

	if (len == 0) {
		WRONG(rule, "expected a condition such as source = 0, with =, !=, < or >, not \"%.60s\"",
		      keep(rule, text));
		return;
	}
	condition.fact = take_fact(rule, conf_value_trim((struct tg_span){ text.p, at }));
	condition.value = take_value(rule, condition.fact,
	                             conf_value_trim((struct tg_span){ text.p + at + len, text.len - at - len }));
	if (!rule->broken) {
		world_build_row(rule->loading->build, WORLD_CONDITIONS, &condition);
	}
}

static struct world_run read_conditions(struct rule *rule, struct tg_span list)
{
	const uint32_t first = world_build_count(rule->loading->build, WORLD_CONDITIONS);
	uint32_t count = 0;

	do {
		if (count++ == CONF_CONDITIONS_MAX) {
			WRONG(rule, "more than %d conditions", CONF_CONDITIONS_MAX);
			break;
		}
		read_condition(rule, conf_value_take_item(&list, ','));
	} while (list.len > 0 && !rule->broken);
	return (struct world_run){ first, world_build_count(rule->loading->build, WORLD_CONDITIONS) - first };
}

/* ---- rules ---- */

static bool is_known(const struct conf_loading *loading, struct tg_span name)
{
	const uint32_t count = world_build_count(loading->build, WORLD_FINGERPRINTS);

	for (uint32_t i = 0; i < count; i++) {
		const struct world_fingerprint *other = world_build_at(loading->build, WORLD_FINGERPRINTS, i);

		if (tg_span_equal_nocase(tg_span_text(world_build_text_at(loading->build, other->name)), name)) {
			return true;
		}
	}
	return false;
}

static uint32_t take_score(struct rule *rule, struct tg_span word)
{
	const char *text = keep(rule, word);
	uint64_t score = 0;

	if (!tg_text_uint(text, 1, 100, &score)) {
		WRONG(rule, "expected a score from 1 to 100, not \"%.60s\"", text);
	}
	return (uint32_t)score;
}

static void add_rule(struct rule *rule, const struct tg_span fields[4])
{
	struct world_build *build = rule->loading->build;

	if (fields[0].len == 0 || fields[0].len > WORLD_NAME_MAX) {
		WRONG(rule, "expected a name of 1 to %d octets", WORLD_NAME_MAX);
	} else if (is_known(rule->loading, fields[0])) {
		WRONG(rule, "there is a rule \"%.80s\" already", keep(rule, fields[0]));
	}
	const uint32_t score = take_score(rule, fields[1]);
	const struct world_run conditions = read_conditions(rule, fields[2]);

	if (fields[3].len == 0) {
		WRONG(rule, "expected where the rule comes from, behind the last |");
	}
	if (!rule->broken) {
		const struct world_fingerprint row = {
			.name = world_build_text(build, fields[0]),
			.provenance = world_build_text(build, fields[3]),
			.origin = { .file = world_build_text(build, tg_span_text(rule->at.file)),
			            .line = rule->at.line },
			.conditions = conditions,
			.score = score,
		};

		world_build_row(build, WORLD_FINGERPRINTS, &row);
	}
}

static void read_rule(struct conf_loading *loading, struct tg_span line, struct conf_place at)
{
	struct rule rule = { .loading = loading, .at = at };
	struct tg_span fields[4], left = line;
	size_t bars = 0;

	for (size_t i = 0; i < line.len; i++) {
		bars += line.p[i] == '|' ? 1 : 0;
	}
	for (size_t i = 0; i < TG_COUNT(fields); i++) {
		fields[i] = conf_value_take_item(&left, '|');
	}
	if (line.len > CONF_LINE_MAX || bars != TG_COUNT(fields) - 1) {
		WRONG(&rule, "expected name | score | conditions | provenance");
	} else if (!tg_utf8_is_plain(fields[0]) || !tg_utf8_is_plain(fields[1]) || !tg_utf8_is_plain(fields[2]) ||
	           !tg_utf8_is_plain(fields[3])) {
		WRONG(&rule, "expected a text in UTF-8 without control characters");
	} else if (world_build_count(loading->build, WORLD_FINGERPRINTS) == CONF_FINGERPRINTS_MAX) {
		WRONG(&rule, "more than %d rules", CONF_FINGERPRINTS_MAX);
	} else {
		add_rule(&rule, fields);
	}
}

static void read_rules(struct conf_loading *loading, const char *path, struct tg_span text)
{
	struct conf_place at = { .file = path };
	const uint32_t errors_max = loading->problems->errors + CONF_ERRORS_MAX;

	while (text.len > 0 && loading->problems->errors < errors_max) {
		const struct tg_span line = conf_value_take_item(&text, '\n');

		at.line++;
		if (line.len > 0 && line.p[0] != ';') {
			read_rule(loading, line, at);
		}
	}
}

void conf_fingerprints_read(struct conf_loading *loading)
{
	const struct conf_general *general = &loading->general;
	const char *path = general->fingerprints, *why = "cannot be read";
	const bool named = general->fingerprints_at.file != NULL;
	const struct conf_place whole_file = { path, 0 };
	char *text = NULL;
	size_t len = 0;

	switch (loading->files->read(loading->files->owner, path, &text, &len, &why)) {
	case CONF_READ_MISSING:
		if (named) {
			conf_error(loading->problems, general->fingerprints_at,
			           "fingerprints: expected a file that is there: cannot find \"%.80s\"", path);
		}
		return;
	case CONF_READ_REFUSED:
		conf_error(loading->problems, named ? general->fingerprints_at : whole_file,
		           "fingerprints: expected a readable file: \"%.80s\" %s", path, why);
		return;
	case CONF_READ_OK:
		break;
	}
	read_rules(loading, path, (struct tg_span){ (const uint8_t *)text, len });
	free(text);
}
