/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "crypt/md5.h"
#include "daemon/vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct bench {
	struct vault *vault;
	struct crypt_md5 *md5;
	struct secrets *images[4];
	unsigned image_count;
	uint64_t now_us;
};

static const struct secrets *image_of(struct bench *bench, struct secrets_item *items, uint32_t count,
                                      uint64_t generation)
{
	const char *too_many;
	size_t size;
	struct secrets *image = secrets_build(items, count, generation, &size, &too_many);

	CHECK_TRUE(image != NULL);
	bench->images[bench->image_count++] = image;
	return image;
}

static void set_default_secrets(struct bench *bench)
{
	struct secrets_item items[] = {
		{ MODEL_CALLER, "alice", "first" },  { MODEL_CALLER, "alice", "second" },
		{ MODEL_CALLER, "bob", "bobs" },     { MODEL_REGISTRANT, "bob", "bobs phone" },
		{ MODEL_OUR_PEER, "carol", "ours" }, { MODEL_OUR_REGISTER, "register:1", "our number" },
	};

	vault_set_secrets(bench->vault, image_of(bench, items, TG_COUNT(items), 1), bench->now_us);
}

static struct bench bench_new(void)
{
	static const uint8_t seed[32] = { 1 };
	struct bench bench = { .vault = vault_new(seed), .md5 = crypt_md5_new(), .now_us = 1000 };

	CHECK_TRUE(bench.vault != NULL && bench.md5 != NULL);
	set_default_secrets(&bench);
	return bench;
}

static void bench_free(struct bench *bench)
{
	vault_free(bench->vault);
	crypt_md5_free(bench->md5);
	for (unsigned i = 0; i < bench->image_count; i++) {
		free(bench->images[i]);
	}
}

static struct tg_span challenge(struct bench *bench, uint64_t cookie, char text[IPC_CHALLENGE_CHARS])
{
	vault_challenge(bench->vault, &(struct ipc_challenge_ask){ .cookie = cookie }, bench->now_us, text);
	return (struct tg_span){ (const uint8_t *)text, IPC_CHALLENGE_CHARS };
}

static bool verify(struct bench *bench, uint64_t cookie, uint32_t identity, const char *name, struct tg_span asked,
                   const char *secret, uint64_t generation)
{
	struct ipc_verify_ask ask = { .cookie = cookie, .identity = identity, .generation = generation };

	snprintf(ask.name, sizeof(ask.name), "%s", name);
	CHECK_TRUE(crypt_md5_answer(bench->md5, ask.md5_result, asked, tg_span_text(secret)));
	return vault_verify(bench->vault, &ask, bench->now_us).right;
}

static void test_right_answers_only(void **state)
{
	static const struct {
		uint32_t identity;
		const char *name, *secret;
		bool want;
	} cases[] = {
		{ IPC_CALLER, "alice", "first", true },
		{ IPC_CALLER, "alice", "second", true },
		{ IPC_CALLER, "alice", "third", false },
		{ IPC_CALLER, "alice", "", false },
		{ IPC_CALLER, "bob", "bobs", true },
		{ IPC_CALLER, "bob", "bobs phone", false },
		{ IPC_CALLER, "bob", "first", false },
		{ IPC_REGISTRANT, "bob", "bobs phone", true },
		{ IPC_REGISTRANT, "alice", "first", false },
		{ IPC_CALLER, "nobody", "nobody's secret", false },
		{ IPC_CALLER, "", "nobody's secret", false },
		{ IPC_CALLER, "bob", "nobody's secret", false },
		/* what we answer to others is nothing to come in with */
		{ IPC_OUR_PEER, "carol", "ours", false },
		{ IPC_OUR_REGISTER, "register:1", "our number", false },
	};
	struct bench bench = bench_new();
	char text[IPC_CHALLENGE_CHARS];

	(void)state;
	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const struct tg_span asked = challenge(&bench, i, text);
		const bool got = verify(&bench, i, cases[i].identity, cases[i].name, asked, cases[i].secret, 1);

		if (got != cases[i].want) {
			print_error("case %zu\n", i);
		}
		CHECK_INT(got, cases[i].want);
	}
	bench_free(&bench);
}

static void test_challenges_are_base32_and_differ(void **state)
{
	struct bench bench = bench_new();
	char texts[100][IPC_CHALLENGE_CHARS];

	(void)state;
	for (unsigned i = 0; i < TG_COUNT(texts); i++) {
		challenge(&bench, i, texts[i]);
		for (unsigned k = 0; k < IPC_CHALLENGE_CHARS; k++) {
			const char c = texts[i][k];

			CHECK_TRUE((c >= 'a' && c <= 'z') || (c >= '2' && c <= '7'));
		}
		for (unsigned k = 0; k < i; k++) {
			CHECK_TRUE(memcmp(texts[i], texts[k], IPC_CHALLENGE_CHARS) != 0);
		}
	}
	bench_free(&bench);
}

static void test_a_challenge_is_used_once(void **state)
{
	struct bench bench = bench_new();
	char text[IPC_CHALLENGE_CHARS];
	const struct tg_span asked = challenge(&bench, 7, text);

	(void)state;
	CHECK_TRUE(verify(&bench, 7, IPC_CALLER, "bob", asked, "bobs", 1));
	CHECK_FALSE(verify(&bench, 7, IPC_CALLER, "bob", asked, "bobs", 1));
	challenge(&bench, 7, text);
	CHECK_FALSE(verify(&bench, 7, IPC_CALLER, "bob", asked, "wrong", 1)); /* a wrong answer uses it up, too */
	CHECK_FALSE(verify(&bench, 7, IPC_CALLER, "bob", asked, "bobs", 1));
	bench_free(&bench);
}

static void test_a_challenge_belongs_to_its_cookie(void **state)
{
	struct bench bench = bench_new();
	char seven[IPC_CHALLENGE_CHARS], eight[IPC_CHALLENGE_CHARS];
	const struct tg_span asked = challenge(&bench, 7, seven), other = challenge(&bench, 8, eight);

	(void)state;
	CHECK_FALSE(verify(&bench, 8, IPC_CALLER, "bob", asked, "bobs", 1));
	CHECK_TRUE(verify(&bench, 7, IPC_CALLER, "bob", asked, "bobs", 1));
	CHECK_FALSE(verify(&bench, 8, IPC_CALLER, "bob", other, "bobs", 1));
	/* nobody was asked */
	CHECK_FALSE(verify(&bench, 9, IPC_CALLER, "bob", TG_SPAN_LIT("11111111111111111111"), "bobs", 1));
	bench_free(&bench);
}

static void test_a_second_challenge_voids_the_first(void **state)
{
	struct bench bench = bench_new();
	char first[IPC_CHALLENGE_CHARS], second[IPC_CHALLENGE_CHARS];

	(void)state;
	const struct tg_span old = challenge(&bench, 7, first);

	challenge(&bench, 7, second);
	CHECK_FALSE(verify(&bench, 7, IPC_CALLER, "bob", old, "bobs", 1));
	bench_free(&bench);
}

static void test_a_challenge_lives_half_a_minute(void **state)
{
	struct bench bench = bench_new();
	char text[IPC_CHALLENGE_CHARS];
	const uint64_t life_us = (uint64_t)VAULT_CHALLENGE_LIFE_S * TG_US_PER_S;
	struct tg_span asked = challenge(&bench, 7, text);

	(void)state;
	bench.now_us += life_us - 1;
	CHECK_TRUE(verify(&bench, 7, IPC_CALLER, "bob", asked, "bobs", 1));
	asked = challenge(&bench, 7, text);
	bench.now_us += life_us;
	CHECK_FALSE(verify(&bench, 7, IPC_CALLER, "bob", asked, "bobs", 1));
	bench_free(&bench);
}

static void test_the_oldest_challenge_gives_way(void **state)
{
	struct bench bench = bench_new();
	char first[IPC_CHALLENGE_CHARS], second[IPC_CHALLENGE_CHARS], other[IPC_CHALLENGE_CHARS];
	const struct tg_span oldest = challenge(&bench, 0, first), next = challenge(&bench, 1, second);

	(void)state;
	for (uint64_t cookie = 2; cookie <= VAULT_CHALLENGES_MAX; cookie++) {
		challenge(&bench, cookie, other);
	}
	CHECK_FALSE(verify(&bench, 0, IPC_CALLER, "bob", oldest, "bobs", 1));
	CHECK_TRUE(verify(&bench, 1, IPC_CALLER, "bob", next, "bobs", 1));
	/* round and round, with holes */
	for (uint64_t cookie = 0; cookie < 3 * VAULT_CHALLENGES_MAX; cookie++) {
		challenge(&bench, cookie * 7919 % 100003, other);
	}
	bench_free(&bench);
}

static void test_a_call_keeps_the_secrets_it_began_with(void **state)
{
	struct secrets_item items[] = { { MODEL_CALLER, "bob", "new" } };
	struct bench bench = bench_new();
	char text[IPC_CHALLENGE_CHARS];

	(void)state;
	vault_set_secrets(bench.vault, image_of(&bench, items, 1, 2), bench.now_us);
	CHECK_TRUE(verify(&bench, 1, IPC_CALLER, "bob", challenge(&bench, 1, text), "bobs", 1));
	CHECK_FALSE(verify(&bench, 1, IPC_CALLER, "bob", challenge(&bench, 1, text), "new", 1));
	CHECK_TRUE(verify(&bench, 1, IPC_CALLER, "bob", challenge(&bench, 1, text), "new", 2));
	CHECK_FALSE(verify(&bench, 1, IPC_CALLER, "bob", challenge(&bench, 1, text), "bobs", 2));
	CHECK_FALSE(vault_is_unused(bench.vault, bench.images[0], bench.now_us));
	bench.now_us += (uint64_t)VAULT_OLD_SECRETS_S * TG_US_PER_S;
	CHECK_FALSE(verify(&bench, 1, IPC_CALLER, "bob", challenge(&bench, 1, text), "bobs", 1));
	CHECK_TRUE(verify(&bench, 1, IPC_CALLER, "bob", challenge(&bench, 1, text), "new", 1));
	CHECK_TRUE(vault_is_unused(bench.vault, bench.images[0], bench.now_us));
	CHECK_FALSE(vault_is_unused(bench.vault, bench.images[1], bench.now_us));
	bench_free(&bench);
}

static bool respond(struct bench *bench, uint32_t identity, const char *name, uint8_t result[16])
{
	struct ipc_respond_ask ask = { .identity = identity, .generation = 1, .challenge_bytes = 9 };

	snprintf(ask.name, sizeof(ask.name), "%s", name);
	memcpy(ask.challenge, "123456789", 9);
	return vault_respond(bench->vault, &ask, bench->now_us, result);
}

static void test_we_answer_for_ourselves_only(void **state)
{
	static const uint8_t zeros[16];
	struct bench bench = bench_new();
	uint8_t got[16], want[16];

	(void)state;
	CHECK_TRUE(crypt_md5_answer(bench.md5, want, TG_SPAN_LIT("123456789"), TG_SPAN_LIT("ours")));
	CHECK_TRUE(respond(&bench, IPC_OUR_PEER, "carol", got));
	CHECK_TRUE(memcmp(got, want, 16) == 0);
	CHECK_TRUE(crypt_md5_answer(bench.md5, want, TG_SPAN_LIT("123456789"), TG_SPAN_LIT("our number")));
	CHECK_TRUE(respond(&bench, IPC_OUR_REGISTER, "register:1", got));
	CHECK_TRUE(memcmp(got, want, 16) == 0);
	CHECK_FALSE(respond(&bench, IPC_CALLER, "bob", got));
	CHECK_TRUE(memcmp(got, zeros, 16) == 0);
	CHECK_FALSE(respond(&bench, IPC_REGISTRANT, "bob", got));
	CHECK_FALSE(respond(&bench, IPC_OUR_PEER, "nobody", got));
	CHECK_TRUE(memcmp(got, zeros, 16) == 0);
	bench_free(&bench);
}

static void test_questions_are_limited_each_second(void **state)
{
	struct bench bench = bench_new();
	char text[IPC_CHALLENGE_CHARS];

	(void)state;
	for (unsigned i = 0; i < VAULT_QUESTIONS_PER_S; i++) {
		CHECK_FALSE(verify(&bench, 1, IPC_CALLER, "bob", TG_SPAN_LIT("guess"), "guess", 1));
	}
	CHECK_FALSE(verify(&bench, 2, IPC_CALLER, "bob", challenge(&bench, 2, text), "bobs", 1));
	bench.now_us += TG_US_PER_S;
	CHECK_TRUE(verify(&bench, 2, IPC_CALLER, "bob", challenge(&bench, 2, text), "bobs", 1));
	bench_free(&bench);
}

static void test_without_secrets_nothing_is_right(void **state)
{
	static const uint8_t seed[32] = { 1 };
	struct bench bench = { .vault = vault_new(seed), .md5 = crypt_md5_new() };
	char text[IPC_CHALLENGE_CHARS];
	uint8_t result[16];

	(void)state;
	CHECK_FALSE(verify(&bench, 1, IPC_CALLER, "bob", challenge(&bench, 1, text), "bobs", 1));
	CHECK_FALSE(respond(&bench, IPC_OUR_PEER, "carol", result));
	bench_free(&bench);
}

static uint64_t cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static uint64_t cost_ns(struct bench *bench, const char *name)
{
	enum { TRIES = 2000 };
	char text[IPC_CHALLENGE_CHARS];
	uint64_t sum = 0;

	for (unsigned i = 0; i < TRIES; i++) {
		struct ipc_verify_ask ask = { .cookie = 1, .who = 9, .identity = IPC_CALLER, .generation = 1 };
		const struct ipc_challenge_ask for_who = { .cookie = 1, .who = 9 };

		snprintf(ask.name, sizeof(ask.name), "%s", name);
		bench->now_us += TG_US_PER_MS;
		const uint64_t before = cpu_ns();

		vault_challenge(bench->vault, &for_who, bench->now_us, text);
		CHECK_FALSE(vault_verify(bench->vault, &ask, bench->now_us).right);
		sum += cpu_ns() - before;
	}
	return sum / TRIES;
}

/* A hint, not the proof (that is the test of answer times over the wire): the dummy work is really done. */
static void test_unknown_names_cost_what_known_ones_cost(void **state)
{
	struct bench bench = bench_new();
	uint64_t known = UINT64_MAX, unknown = UINT64_MAX, one = UINT64_MAX;

	(void)state;
	for (unsigned round = 0; round < 7; round++) {
		known = tg_min_u64(known, cost_ns(&bench, "alice"));
		unknown = tg_min_u64(unknown, cost_ns(&bench, "nobody"));
		one = tg_min_u64(one, cost_ns(&bench, "bob"));
	}
	print_message("# two secrets %" PRIu64 " ns, one %" PRIu64 " ns, none %" PRIu64 " ns\n", known, one, unknown);
	CHECK_TRUE(unknown * 4 > known * 3 && known * 4 > unknown * 3);
	CHECK_TRUE(one * 4 > known * 3 && known * 4 > one * 3);
	bench_free(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right_answers_only),
		cmocka_unit_test(test_challenges_are_base32_and_differ),
		cmocka_unit_test(test_a_challenge_is_used_once),
		cmocka_unit_test(test_a_challenge_belongs_to_its_cookie),
		cmocka_unit_test(test_a_second_challenge_voids_the_first),
		cmocka_unit_test(test_a_challenge_lives_half_a_minute),
		cmocka_unit_test(test_the_oldest_challenge_gives_way),
		cmocka_unit_test(test_a_call_keeps_the_secrets_it_began_with),
		cmocka_unit_test(test_we_answer_for_ourselves_only),
		cmocka_unit_test(test_questions_are_limited_each_second),
		cmocka_unit_test(test_without_secrets_nothing_is_right),
		cmocka_unit_test(test_unknown_names_cost_what_known_ones_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
