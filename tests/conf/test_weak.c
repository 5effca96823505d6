/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/weak.h"

#include "check.h"
#include "conf/conf.h"
#include "conf/memory_files.h"
#include "conf/weak_words.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

static const struct {
	const char *secret;
	enum conf_weakness want;
} cases[] = {
	/* shorter than 12 */
	{ "", CONF_WEAK_SHORT },
	{ "k3jx9qpw2vz", CONF_WEAK_SHORT },
	{ "k3jx9qpw2vzm", CONF_STRONG },
	/* the account is alice, dials 4711, presents itself as headquarters; bo is too short to count inside */
	{ "alice", CONF_WEAK_NAME },
	{ "xq7-Alice-kf93mzt", CONF_WEAK_NAME },
	{ "k3jx9q4711pw2vzm", CONF_WEAK_NAME },
	{ "HEADQUARTERS-kf93mzt", CONF_WEAK_NAME },
	{ "bo", CONF_WEAK_NAME },
	{ "k3jx9qbopw2vzm", CONF_STRONG },
	/* digits */
	{ "8302746591620", CONF_WEAK_DIGITS },
	{ "8302746591620374859", CONF_WEAK_DIGITS },
	{ "83027465916203748597", CONF_STRONG },
	{ "11111111112222222222", CONF_WEAK_ENTROPY },
	/* runs */
	{ "aaaaaaaaaaaaaaaa", CONF_WEAK_RUN },
	{ "123456789012345678901234", CONF_WEAK_RUN },
	{ "9876543210987654", CONF_WEAK_RUN },
	{ "abcdefghijklmnop", CONF_WEAK_RUN },
	{ "zyxwvutsrqponm", CONF_WEAK_RUN },
	{ "AbCdEfGhIjKlMn", CONF_WEAK_RUN },
	{ "q7!q7!q7!q7!q7!", CONF_WEAK_RUN },
	{ "k3jxk3jxk3jxk", CONF_WEAK_RUN },
	/* common words */
	{ "administrator", CONF_WEAK_COMMON },
	{ "Administrator!", CONF_WEAK_COMMON },
	{ "password1234", CONF_WEAK_COMMON },
	{ "Password2024!", CONF_WEAK_COMMON },
	{ "P@ssw0rd2024", CONF_WEAK_COMMON },
	{ "!!2024elephant", CONF_WEAK_COMMON },
	{ "3l3phant--1999", CONF_WEAK_COMMON },
	{ "ASTERISK-2025", CONF_WEAK_COMMON },
	{ "elephantelephant", CONF_WEAK_COMMON },
	{ "elephant-elephant1", CONF_WEAK_COMMON },
	{ "elephant150392", CONF_WEAK_COMMON },
	{ "elephant8302746", CONF_STRONG },
	{ "sw1tchboard77", CONF_WEAK_COMMON },
	{ "te1ephone1234", CONF_WEAK_COMMON },
	{ "bluemonkey1234", CONF_WEAK_COMMON },
	{ "open.sesame.", CONF_WEAK_COMMON },
	{ "qwertyuiop123", CONF_WEAK_COMMON },
	{ "asdfghjkl!2024", CONF_WEAK_COMMON },
	{ "tollgate-tollgate", CONF_WEAK_COMMON },
	/* little in them */
	{ "aabbaabbccaabbcd", CONF_WEAK_ENTROPY },
	{ "qwwqqwqwwwqqqw", CONF_WEAK_ENTROPY },
	{ "0f0f00ff0f0f", CONF_WEAK_ENTROPY },
	/* good ones */
	{ "fernweh-7-tapir-okarina-31", CONF_STRONG },
	{ "quittung-5-zobel-marmor-88", CONF_STRONG },
	{ "zq4mwe7hb2xkrvt5ynca", CONF_STRONG },
	{ "Tr0ub4dor&3 vY!q", CONF_STRONG },
	{ "long-enough-for-us", CONF_STRONG },
	{ "correct-horse-battery-staple", CONF_STRONG },
	{ "2b7e151628aed2a6abf7158809cf4f3c", CONF_STRONG },
	{ "äöü-kf93mzt-ßx", CONF_STRONG },
};

static void test_weak_ones_and_strong_ones(void **state)
{
	const struct tg_span names[] = { TG_SPAN_LIT("alice"), TG_SPAN_LIT("4711"), TG_SPAN_LIT("headquarters"),
		                         TG_SPAN_LIT("bo"), TG_SPAN_LIT("") };
	unsigned wrong = 0;
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const enum conf_weakness got = conf_weak(tg_span_text(cases[i].secret), names, TG_COUNT(names));

		if (got != cases[i].want) {
			print_error("\"%s\" is %d (%s), not %d\n", cases[i].secret, got, conf_weak_text(got),
			            cases[i].want);
			wrong++;
		}
	}
	CHECK_UINT(wrong, 0);
	CHECK_TEXT(conf_weak_text(CONF_WEAKNESS_COUNT), "(unknown)");
}

static void test_bits(void **state)
{
	static const struct {
		const char *secret;
		uint32_t want;
	} bits[] = {
		{ "", 0 },
		{ "a", 4 },             /* 4.70 */
		{ "acegikmoqsuw", 56 }, /* 12 * 4.70 */
		{ "abcdefghijkl", 4 },  /* the first one alone: each other is the neighbour of the one before */
		{ "acacacacacac", 32 }, /* 2 whole ones and 10 halves */
		{ "aaaaaaaaaaaa", 4 },
		{ "1357902468", 33 }, /* 10 * 3.32: 9 and 0 are no neighbours among octets */
		{ "aC5!", 26 },       /* 4 * 6.56 */
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(bits); i++) {
		const uint32_t got = conf_weak_bits(tg_span_text(bits[i].secret));

		if (got != bits[i].want) {
			fail_msg("\"%s\" has %u bits, not %u", bits[i].secret, (unsigned)got, (unsigned)bits[i].want);
		}
	}
}

/* ---- how many secrets the dictionary covers ---- */

struct spelling {
	char word[CONF_WEAK_WORD_MAX + 1];
	uint32_t spelled, missed;
};

static void check_one(struct spelling *s, const char *core, const char *behind)
{
	char secret[64];

	snprintf(secret, sizeof(secret), "%s%s", core, behind);
	s->spelled++;
	if (!conf_weak_is_common(tg_span_text(secret))) {
		print_error("%s is not common\n", secret);
		s->missed++;
	}
}

static void check_behinds(struct spelling *s, const char *core)
{
	static const char *const behinds[] = { "", "123", "1234", "!" };
	char number[8];

	for (size_t i = 0; i < TG_COUNT(behinds); i++) {
		check_one(s, core, behinds[i]);
	}
	for (int digit = 0; digit <= 9; digit++) {
		snprintf(number, sizeof(number), "%d", digit);
		check_one(s, core, number);
	}
	for (int year = 2015; year <= 2029; year++) {
		snprintf(number, sizeof(number), "%d", year);
		check_one(s, core, number);
	}
}

/* @return whether anything was changed */
static bool make_leet(char *word)
{
	static const char letters[] = "aeiostb", signs[] = "4310578";
	bool changed = false;

	for (; *word != '\0'; word++) {
		const char *found = strchr(letters, tolower((unsigned char)*word));

		if (found != NULL) {
			*word = signs[found - letters];
			changed = true;
		}
	}
	return changed;
}

static void check_cases(struct spelling *s, bool leet)
{
	char lower[CONF_WEAK_WORD_MAX + 1], capital[CONF_WEAK_WORD_MAX + 1], upper[CONF_WEAK_WORD_MAX + 1];

	memcpy(lower, s->word, sizeof(lower));
	memcpy(capital, s->word, sizeof(capital));
	capital[0] = (char)toupper((unsigned char)capital[0]);
	for (size_t i = 0; i <= strlen(s->word); i++) {
		upper[i] = (char)toupper((unsigned char)s->word[i]);
	}
	const bool differ = !leet || (make_leet(lower) && make_leet(capital) && make_leet(upper));

	if (!differ) {
		return;
	}
	check_behinds(s, lower);
	if (strcmp(capital, lower) != 0) {
		check_behinds(s, capital);
	}
	if (strcmp(upper, capital) != 0 && strcmp(upper, lower) != 0) {
		check_behinds(s, upper);
	}
}

static void test_the_dictionary_covers_what_it_says(void **state)
{
	struct spelling s = { .spelled = 0 };
	uint32_t words = 0;
	(void)state;

	for (int i = 0; i < 26; i++) {
		char before[CONF_WEAK_WORD_MAX + 1] = "";

		for (const char *at = conf_weak_words[i] + 1; *at != '\0'; at += strlen(s.word) + 1) {
			const size_t len = strcspn(at, " ");

			CHECK_TRUE(len >= CONF_WEAK_WORD_MIN && len <= CONF_WEAK_WORD_MAX && at[0] == 'a' + i);
			memcpy(s.word, at, len);
			s.word[len] = '\0';
			CHECK_TRUE(strcmp(before, s.word) < 0); /* sorted, and each once */
			memcpy(before, s.word, sizeof(before));
			check_cases(&s, false);
			check_cases(&s, true);
			words++;
		}
	}
	CHECK_UINT(s.missed, 0);
	CHECK_UINT(words, CONF_WEAK_WORDS);
	CHECK_UINT(s.spelled, CONF_WEAK_SPELLED);
	CHECK_TRUE(words > 1000 && s.spelled > 10000);
}

/* ---- what a load says of them ---- */

static char *load(const char *iax, struct conf_result *result)
{
	const struct memory_file list[] = {
		{ "iax.conf", iax, 0 },
		{ "extensions.conf", "[in]\n", 0 },
		{ "f", "hidden-in-bobs-file\n", 0 },
		{ "tollgate.conf", "[numbers]\ncountry=DE\n", 0 },
	};
	struct memory_files memory = { list, TG_COUNT(list) };
	const struct conf_files files = memory_files_io(&memory);

	conf_load(&files, result);
	return problems_dump(&result->problems);
}

#define HEAD "[general]\nbindaddr=127.0.0.1\n"
#define WEAK(line, name, why)                                              \
	"iax.conf:" line ": warning: [" name "]: its secret is weak: " why \
	"; tollgated --check-config offers a new one\n"

static void test_each_account_is_told_once(void **state)
{
	struct conf_result result;
	char *got = load(HEAD "register => me:shortone@192.0.2.1\n"
	                      "[t](!)\ntype=friend\ncontext=in\nhost=dynamic\n"
	                      "[bob](t)\nsecret=elephant2024\n"
	                      "[amy](t)\nsecret=k3jx9qpw2vzmh7\n"
	                      "[eve](t)\nsecret=k3jx9qpw2vzmh7\nusername=x9qpw\n"
	                      "[zed](t)\nsecret=k3jx9qp4711mh7\ncallerid=Zed <4711>\n"
	                      "[out]\ntype=peer\nhost=192.0.2.9\nsecret=abc\nsecret=111111111111\n"
	                      "[up]\ntype=registration\nusername=u\nhost=192.0.2.1\nsecret=8302746591620\n",
	                 &result);
	(void)state;

	CHECK_TEXT(got, WEAK("3", "me", "it is shorter than 12 characters")
	                        WEAK("9", "bob", "it is a common word or two with little around them")
	                                WEAK("13", "eve", "it holds the account's own name or number")
	                                        WEAK("16", "zed", "it holds the account's own name or number") WEAK(
							"22", "out", "it repeats or counts and does nothing else")
	                                                WEAK("27", "up", "it is less than 20 digits and nothing else"));
	CHECK_UINT(world_user_find(result.world, TG_SPAN_LIT("bob"))->weak_secret, 1);
	CHECK_UINT(world_peer_find(result.world, TG_SPAN_LIT("bob"))->weak_secret, 1);
	CHECK_UINT(world_user_find(result.world, TG_SPAN_LIT("amy"))->weak_secret, 0);
	CHECK_UINT(world_peer_find(result.world, TG_SPAN_LIT("amy"))->weak_secret, 0);
	CHECK_UINT(world_user_find(result.world, TG_SPAN_LIT("eve"))->weak_secret, 0);
	CHECK_UINT(world_peer_find(result.world, TG_SPAN_LIT("eve"))->weak_secret, 1);
	CHECK_UINT(world_peer_find(result.world, TG_SPAN_LIT("out"))->weak_secret, 1);
	free(got);
	conf_result_free(&result);
}

static void test_a_user_with_one_weak_secret_is_weak(void **state)
{
	struct conf_result result;
	char *got = load(HEAD "[bob]\ntype=user\ncontext=in\nsecret=k3jx9qpw2vzmh7\nsecretfile=f\n", &result);
	(void)state;

	CHECK_TRUE(strstr(got, WEAK("7", "bob", "it holds the account's own name or number")) != NULL);
	CHECK_UINT(world_user_find(result.world, TG_SPAN_LIT("bob"))->weak_secret, 1);
	free(got);
	conf_result_free(&result);
}

/* Whatever the reason: the world and all that is said are searched for it. */
static void test_no_secret_is_in_any_message(void **state)
{
	unsigned weak = 0;
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const char *secret = cases[i].secret;
		struct conf_result result;
		char *iax = NULL;

		if (strlen(secret) < 6 || strchr(secret, '@') != NULL || cases[i].want == CONF_WEAK_NAME) {
			continue; /* names may be said */
		}
		text_append(&iax,
		            HEAD
		            "register => me:%s@192.0.2.1\n[zoe]\ntype=friend\ncontext=in\nhost=dynamic\nsecret=%s\n",
		            secret, secret);
		char *got = load(iax, &result);

		CHECK_FALSE(result.failed);
		weak += result.problems.warnings;
		if (strcasestr(got, secret) != NULL ||
		    memmem(result.world, result.world_bytes, secret, strlen(secret))) {
			fail_msg("a secret is told: %s", got);
		}
		free(got);
		free(iax);
		conf_result_free(&result);
	}
	CHECK_TRUE(weak > 40);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_weak_ones_and_strong_ones),
		cmocka_unit_test(test_bits),
		cmocka_unit_test(test_the_dictionary_covers_what_it_says),
		cmocka_unit_test(test_each_account_is_told_once),
		cmocka_unit_test(test_a_user_with_one_weak_secret_is_weak),
		cmocka_unit_test(test_no_secret_is_in_any_message),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
