/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/fingerprints.h"

#include <stdio.h>
#include <stdlib.h>

#include "conf/conf.h"
#include "conf/memory_files.h"
#include "iax/wire.h"

#include "check.h"

static const uint64_t wall_us = UINT64_C(1800000000) * TG_US_PER_S;

static void load(struct conf_result *conf, const char *rules)
{
	const struct memory_file files[] = {
		{ "iax.conf", "[general]\n", 0 },
		{ "extensions.conf", "[default]\n", 0 },
		{ "fingerprints.conf", rules, 0 },
	};
	struct memory_files all = { files, TG_COUNT(files) };
	const struct conf_files io = memory_files_io(&all);

	conf_load(&io, conf);
	CHECK_FALSE(conf->failed);
}

/* An opening frame: header, then these elements. */
static struct tg_span frame(uint8_t room[256], uint8_t subclass, uint16_t source, uint32_t ts, const char *hex)
{
	struct tg_writer w = tg_writer_of(room, 256);
	uint8_t elements[200];
	size_t len = 0;

	tg_put_u16(&w, 0x8000 | source);
	tg_put_u16(&w, 0);
	tg_put_u32(&w, ts);
	tg_put_u16(&w, 0);
	tg_put_u8(&w, IAX_FRAME_IAX);
	tg_put_u8(&w, subclass);
	CHECK_TRUE(tg_hex_decode(elements, sizeof(elements), tg_span_text(hex), &len));
	tg_put_span(&w, (struct tg_span){ elements, len });
	CHECK_TRUE(tg_writer_ok(&w));
	return tg_writer_span(&w);
}

static const struct {
	const char *name, *rule;
	uint8_t subclass;
	uint16_t source;
	uint32_t ts;
	const char *elements;
	bool fits;
} cases[] = {
	{ "a subclass", "subclass = REGREL", IAX_REGREL, 9, 3, "", true },
	{ "another subclass", "subclass = REGREL", IAX_REGREQ, 9, 3, "", false },
	{ "source 0", "source = 0", IAX_NEW, 0, 3, "", true },
	{ "another source", "source = 0", IAX_NEW, 1, 3, "", false },
	{ "a late clock", "timestamp > 60000", IAX_NEW, 9, 60001, "", true },
	{ "not later", "timestamp > 60000", IAX_NEW, 9, 60000, "", false },
	{ "the time of day", "epoch < 100", IAX_REGREL, 9, 1800000099, "", true },
	{ "and a little before", "epoch < 100", IAX_REGREL, 9, 1799999901, "", true },
	{ "another time", "epoch < 100", IAX_REGREL, 9, 1800000100, "", false },
	{ "a clock of milliseconds", "epoch < 100", IAX_NEW, 9, 3, "", false },
	{ "an element twice", "duplicates > 0", IAX_REGREL, 9, 3, "060161360136013601", false },
	{ "a token twice", "duplicates = 1", IAX_REGREL, 9, 3, "0601613601013601023701ff", true },
	{ "none twice", "duplicates > 0", IAX_REGREL, 9, 3, "060161360101", false },
	{ "a name", "username = 1", IAX_REGREQ, 9, 3, "060161", true },
	{ "no name", "username = 1", IAX_REGREQ, 9, 3, "1302003c", false },
	{ "the first element", "first = 11", IAX_NEW, 9, 3, "0b020002060161", true },
	{ "another first one", "first = 11", IAX_NEW, 9, 3, "0601610b020002", false },
	{ "a version", "version = 1", IAX_NEW, 9, 3, "0601610b020002", true },
	{ "a refresh time", "refresh = 1", IAX_REGREQ, 9, 3, "0601611302003c", true },
	{ "two elements", "elements = 2", IAX_NEW, 9, 3, "0601610b020002", true },
	{ "its length", "length = 19", IAX_NEW, 9, 3, "0601610b020002", true },
	{ "all of them", "source = 9, username = 1, elements != 3", IAX_NEW, 9, 3, "0601610b020002", true },
	{ "all but one", "source = 9, username = 1, elements != 2", IAX_NEW, 9, 3, "0601610b020002", false },
	{ "nothing is registered there", "bound = 0", IAX_REGREL, 9, 3, "", true },
};

static void test_a_rule_fits_if_all_its_conditions_hold(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct conf_result conf;
		struct fingerprint_facts facts;
		char rules[256];
		uint8_t room[256];

		snprintf(rules, sizeof(rules), "rule | 90 | %s | a test\n", cases[i].rule);
		load(&conf, rules);
		if (!fingerprint_facts_of(
			    &facts, frame(room, cases[i].subclass, cases[i].source, cases[i].ts, cases[i].elements),
			    wall_us) ||
		    (fingerprints_match(conf.world, &facts) != NULL) != cases[i].fits) {
			fail_msg("%s", cases[i].name);
		}
		conf_result_free(&conf);
	}
}

static void test_the_highest_score_counts(void **state)
{
	struct conf_result conf;
	struct fingerprint_facts facts;
	uint8_t room[256];
	const struct world_fingerprint *rule;
	(void)state;

	load(&conf, "low | 10 | source = 0 | a\nhigh | 70 | source = 0 | b\nmiddle | 40 | source = 0 | c\n"
	            "none | 99 | source = 1 | d\n");
	CHECK_TRUE(fingerprint_facts_of(&facts, frame(room, IAX_NEW, 0, 3, ""), wall_us));
	rule = fingerprints_match(conf.world, &facts);
	CHECK_TRUE(rule != NULL);
	CHECK_TEXT(world_text(conf.world, rule->name), "high");
	conf_result_free(&conf);
}

static void test_what_is_no_full_frame_has_no_facts(void **state)
{
	struct fingerprint_facts facts;
	const uint8_t mini[] = { 0, 9, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8 };
	uint8_t room[256];
	struct tg_span voice = frame(room, 4, 9, 3, "");
	(void)state;

	CHECK_FALSE(fingerprint_facts_of(&facts, (struct tg_span){ mini, sizeof(mini) }, wall_us));
	room[10] = IAX_FRAME_VOICE;
	CHECK_FALSE(fingerprint_facts_of(&facts, voice, wall_us));
	CHECK_FALSE(fingerprint_facts_of(&facts, (struct tg_span){ room, 11 }, wall_us));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_rule_fits_if_all_its_conditions_hold),
		cmocka_unit_test(test_the_highest_score_counts),
		cmocka_unit_test(test_what_is_no_full_frame_has_no_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
