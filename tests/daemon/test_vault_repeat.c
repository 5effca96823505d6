/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "crypt/md5.h"
#include "daemon/vault.h"
#include "daemon/vault_repeat.h"

#include <stdio.h>
#include <stdlib.h>

enum { PHONE = 77, STRANGER = 78, TRIES = 50 };

struct bench {
	struct vault *vault;
	struct crypt_md5 *md5;
	struct secrets *images[4];
	unsigned image_count;
	uint64_t generation;
	uint64_t now_us;
};

/* Bob's secret is this from now on; carol's stays. */
static void set_secret(struct bench *bench, const char *of_bob)
{
	struct secrets_item items[] = { { MODEL_CALLER, "bob", of_bob }, { MODEL_CALLER, "carol", "carols" } };
	const char *too_many;
	size_t size;
	struct secrets *image = secrets_build(items, TG_COUNT(items), ++bench->generation, &size, &too_many);

	CHECK_TRUE(image != NULL);
	bench->images[bench->image_count++] = image;
	vault_set_secrets(bench->vault, image, bench->now_us);
}

static struct bench bench_new(void)
{
	static const uint8_t seed[32] = { 1 };
	struct bench bench = { .vault = vault_new(seed), .md5 = crypt_md5_new(), .now_us = 1000 };

	CHECK_TRUE(bench.vault != NULL && bench.md5 != NULL);
	set_secret(&bench, "bobs");
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

struct text {
	char chars[IPC_CHALLENGE_CHARS];
};

static struct text ask(struct bench *bench, uint64_t cookie, uint64_t who)
{
	const struct ipc_challenge_ask question = { .cookie = cookie, .who = who };
	struct text text;

	vault_challenge(bench->vault, &question, bench->now_us, text.chars);
	return text;
}

static bool same(struct text a, struct text b)
{
	return memcmp(a.chars, b.chars, sizeof(a.chars)) == 0;
}

static struct ipc_verify_ask answer(struct bench *bench, uint64_t cookie, uint64_t who, const char *name,
                                    struct text asked, const char *secret)
{
	const struct tg_span text = { (const uint8_t *)asked.chars, sizeof(asked.chars) };
	struct ipc_verify_ask given = {
		.cookie = cookie, .who = who, .identity = IPC_CALLER, .generation = bench->generation
	};

	snprintf(given.name, sizeof(given.name), "%s", name);
	CHECK_TRUE(crypt_md5_answer(bench->md5, given.md5_result, text, tg_span_text(secret)));
	return given;
}

static struct vault_verdict tell(struct bench *bench, uint64_t cookie, uint64_t who, const char *name,
                                 struct text asked, const char *secret)
{
	const struct ipc_verify_ask given = answer(bench, cookie, who, name, asked, secret);

	return vault_verify(bench->vault, &given, bench->now_us);
}

/* One dialog: asked and answered. */
static struct vault_verdict dialog(struct bench *bench, uint64_t who, const char *name, const char *secret)
{
	return tell(bench, 1, who, name, ask(bench, 1, who), secret);
}

static void check_stale(const char *name)
{
	struct bench bench = bench_new();
	const struct vault_verdict first = dialog(&bench, PHONE, name, "old");

	for (unsigned i = 0; i < TRIES; i++) {
		bench.now_us += 3600 * (uint64_t)TG_US_PER_S;
		const struct vault_verdict again = dialog(&bench, PHONE, name, "old");

		CHECK_FALSE(again.right);
		CHECK_TRUE(again.answer == first.answer);
	}
	bench_free(&bench);
}

static void test_a_stale_phone_gives_one_answer(void **state)
{
	(void)state;
	check_stale("bob");
	check_stale("nobody");
}

static void check_guesser(const char *name)
{
	struct bench bench = bench_new();
	uint64_t seen[TRIES];
	char secret[16];

	for (unsigned i = 0; i < TRIES; i++) {
		snprintf(secret, sizeof(secret), "guess%u", i);
		seen[i] = dialog(&bench, PHONE, name, secret).answer;
		for (unsigned k = 0; k < i; k++) {
			CHECK_TRUE(seen[i] != seen[k]);
		}
	}
	bench_free(&bench);
}

static void test_a_guesser_gives_different_ones(void **state)
{
	(void)state;
	check_guesser("bob");
	check_guesser("nobody");
}

static void test_without_who_nothing_is_repeated(void **state)
{
	struct bench bench = bench_new();
	const struct text first = ask(&bench, 1, 0);

	(void)state;
	CHECK_FALSE(tell(&bench, 1, 0, "bob", first, "old").right);
	CHECK_FALSE(same(ask(&bench, 1, 0), first));
	/* nor if one of the two questions says nothing, or something else */
	const struct text second = ask(&bench, 1, PHONE);

	CHECK_FALSE(tell(&bench, 1, 0, "bob", second, "old").right);
	CHECK_FALSE(same(ask(&bench, 1, PHONE), second));
	const struct text third = ask(&bench, 1, PHONE);

	CHECK_FALSE(tell(&bench, 1, STRANGER, "bob", third, "old").right);
	CHECK_FALSE(same(ask(&bench, 1, PHONE), third));
	CHECK_FALSE(same(ask(&bench, 1, STRANGER), third));
	bench_free(&bench);
}

static void test_two_open_dialogs_never_share_a_text(void **state)
{
	struct bench bench = bench_new();
	const struct text kept = ask(&bench, 1, PHONE);

	(void)state;
	CHECK_FALSE(tell(&bench, 1, PHONE, "bob", kept, "old").right);
	const struct text one = ask(&bench, 1, PHONE), two = ask(&bench, 2, PHONE), three = ask(&bench, 3, PHONE);

	CHECK_TRUE(same(one, kept));
	CHECK_FALSE(same(two, one) || same(three, one) || same(two, three));
	/* all fail: one of them is kept */
	CHECK_FALSE(tell(&bench, 1, PHONE, "bob", one, "old").right);
	CHECK_FALSE(tell(&bench, 2, PHONE, "bob", two, "old").right);
	CHECK_FALSE(tell(&bench, 3, PHONE, "bob", three, "old").right);
	CHECK_TRUE(same(ask(&bench, 1, PHONE), kept));
	CHECK_FALSE(same(ask(&bench, 2, PHONE), two));
	bench_free(&bench);
}

static void test_nobody_else_is_asked_it(void **state)
{
	struct bench bench = bench_new();
	const struct text kept = ask(&bench, 1, PHONE);

	(void)state;
	CHECK_FALSE(tell(&bench, 1, PHONE, "bob", kept, "old").right);
	for (uint64_t who = 0; who < 1000; who++) {
		CHECK_TRUE(who == PHONE || !same(ask(&bench, who, who), kept));
	}
	CHECK_TRUE(same(ask(&bench, 1, PHONE), kept));
	bench_free(&bench);
}

static void test_a_right_answer_is_worth_nothing_twice(void **state)
{
	struct bench bench = bench_new();
	const struct text kept = ask(&bench, 1, PHONE);

	(void)state;
	CHECK_FALSE(tell(&bench, 1, PHONE, "bob", kept, "old").right);
	CHECK_TRUE(same(ask(&bench, 1, PHONE), kept));
	CHECK_TRUE(tell(&bench, 1, PHONE, "bob", kept, "bobs").right);
	for (uint64_t cookie = 1; cookie < 100; cookie++) {
		CHECK_FALSE(tell(&bench, 1, PHONE, "bob", kept, "bobs").right); /* nothing is asked */
		CHECK_FALSE(same(ask(&bench, cookie, PHONE), kept));
		CHECK_FALSE(tell(&bench, cookie, PHONE, "bob", kept, "bobs").right); /* something else is asked */
	}
	bench_free(&bench);
}

static void test_one_that_was_not_answered_is_never_asked_again(void **state)
{
	struct bench bench = bench_new();
	const struct text kept = ask(&bench, 1, PHONE);

	(void)state;
	CHECK_FALSE(tell(&bench, 1, PHONE, "bob", kept, "old").right);
	CHECK_TRUE(same(ask(&bench, 1, PHONE), kept)); /* and the dialog is given up */
	bench.now_us += (uint64_t)(VAULT_CHALLENGE_LIFE_S + 1) * TG_US_PER_S;
	CHECK_FALSE(same(ask(&bench, 2, PHONE), kept));
	CHECK_FALSE(tell(&bench, 1, PHONE, "bob", kept, "old").right); /* too late to count */
	CHECK_FALSE(same(ask(&bench, 3, PHONE), kept));
	bench_free(&bench);
}

/* An answer that was overheard when it was wrong must not become right. */
static void test_new_secrets_end_what_is_kept(void **state)
{
	struct bench bench = bench_new();
	struct text kept = ask(&bench, 1, PHONE);

	(void)state;
	CHECK_FALSE(tell(&bench, 1, PHONE, "bob", kept, "next").right);
	set_secret(&bench, "next");
	CHECK_FALSE(same(ask(&bench, 2, PHONE), kept));
	CHECK_FALSE(tell(&bench, 2, PHONE, "bob", kept, "next").right);

	/* nor when it is open while they change */
	kept = ask(&bench, 1, PHONE);
	CHECK_FALSE(tell(&bench, 1, PHONE, "bob", kept, "third").right);
	CHECK_TRUE(same(ask(&bench, 1, PHONE), kept));
	set_secret(&bench, "third");
	CHECK_FALSE(tell(&bench, 1, PHONE, "bob", kept, "third").right);
	CHECK_TRUE(dialog(&bench, PHONE, "bob", "third").right);
	bench_free(&bench);
}

static void test_the_same_secrets_again_change_nothing(void **state)
{
	struct bench bench = bench_new();
	const struct vault_verdict first = dialog(&bench, PHONE, "bob", "old");

	(void)state;
	set_secret(&bench, "bobs");
	CHECK_TRUE(dialog(&bench, PHONE, "bob", "old").answer == first.answer);
	bench.generation--; /* a call that began before */
	CHECK_TRUE(dialog(&bench, PHONE, "bob", "old").answer == first.answer);
	CHECK_TRUE(dialog(&bench, PHONE, "bob", "bobs").right);
	bench_free(&bench);
}

static void test_an_answer_for_one_name_is_none_for_another(void **state)
{
	struct bench bench = bench_new();
	const struct text kept = ask(&bench, 1, PHONE);

	(void)state;
	CHECK_FALSE(tell(&bench, 1, PHONE, "bob", kept, "carols").right);
	CHECK_TRUE(same(ask(&bench, 1, PHONE), kept));
	CHECK_FALSE(tell(&bench, 1, PHONE, "carol", kept, "carols").right);
	CHECK_FALSE(same(ask(&bench, 1, PHONE), kept));
	bench_free(&bench);
}

static void test_it_is_kept_for_a_day(void **state)
{
	struct bench bench = bench_new();
	const uint64_t life_us = (uint64_t)VAULT_REPEAT_LIFE_S * TG_US_PER_S;
	const struct text kept = ask(&bench, 1, PHONE);

	(void)state;
	CHECK_FALSE(tell(&bench, 1, PHONE, "bob", kept, "old").right);
	bench.now_us += life_us - 1;
	CHECK_TRUE(same(ask(&bench, 1, PHONE), kept));
	CHECK_FALSE(tell(&bench, 1, PHONE, "bob", kept, "old").right); /* begins a new day */
	bench.now_us += life_us - 1;
	CHECK_TRUE(same(ask(&bench, 1, PHONE), kept));
	CHECK_FALSE(tell(&bench, 1, PHONE, "bob", kept, "old").right);
	bench.now_us += life_us;
	CHECK_FALSE(same(ask(&bench, 1, PHONE), kept));
	bench_free(&bench);
}

/* More failures than places: whoever failed longest ago is forgotten, and nobody else. */
static void test_the_oldest_gives_way(void **state)
{
	struct bench bench = bench_new();
	const struct text first = ask(&bench, 1, 1);

	(void)state;
	CHECK_FALSE(tell(&bench, 1, 1, "bob", first, "old").right);
	const struct text second = ask(&bench, 1, 2);

	CHECK_FALSE(tell(&bench, 1, 2, "bob", second, "old").right);
	for (uint64_t who = 3; who <= VAULT_REPEATS_MAX; who++) {
		bench.now_us += TG_US_PER_MS;
		CHECK_FALSE(dialog(&bench, who, "bob", "old").right);
	}
	/* the first fails again and is the newest; now the second is the oldest */
	CHECK_TRUE(same(ask(&bench, 1, 1), first));
	CHECK_FALSE(tell(&bench, 1, 1, "bob", first, "old").right);
	CHECK_FALSE(dialog(&bench, VAULT_REPEATS_MAX + 1, "bob", "old").right);
	CHECK_TRUE(same(ask(&bench, 1, 1), first));
	CHECK_FALSE(same(ask(&bench, 1, 2), second));
	bench_free(&bench);
}

/* One guesser alone takes one place. */
static void test_one_cannot_crowd_the_others_out(void **state)
{
	struct bench bench = bench_new();
	const struct vault_verdict first = dialog(&bench, PHONE, "bob", "old");

	(void)state;
	for (unsigned i = 0; i < VAULT_REPEATS_MAX + 10; i++) {
		bench.now_us += TG_US_PER_MS;
		CHECK_FALSE(dialog(&bench, STRANGER, "bob", "guess").right);
	}
	CHECK_TRUE(dialog(&bench, PHONE, "bob", "old").answer == first.answer);
	bench_free(&bench);
}

/* Who is not judged has not tried anything, and must not count as one who tries much. */
static void test_what_is_not_judged_is_one_answer(void **state)
{
	struct bench bench = bench_new();
	const uint64_t late = tell(&bench, 9, PHONE, "bob", ask(&bench, 1, PHONE), "bobs").answer;
	const struct text expired = ask(&bench, 2, PHONE);

	(void)state;
	bench.now_us += (uint64_t)VAULT_CHALLENGE_LIFE_S * TG_US_PER_S;
	CHECK_TRUE(tell(&bench, 2, PHONE, "bob", expired, "bobs").answer == late);
	CHECK_TRUE(tell(&bench, 3, STRANGER, "nobody", expired, "guess").answer == late);
	CHECK_TRUE(dialog(&bench, PHONE, "bob", "old").answer != late);
	bench_free(&bench);
}

static void test_each_start_has_another_key(void **state)
{
	static const uint8_t seed[32] = { 2 };
	struct bench bench = bench_new();
	struct bench other = bench_new();
	struct text asked = ask(&bench, 1, PHONE);

	(void)state;
	vault_free(other.vault);
	other.vault = vault_new(seed);
	CHECK_TRUE(other.vault != NULL);
	vault_set_secrets(other.vault, other.images[0], other.now_us);
	CHECK_FALSE(same(ask(&other, 1, PHONE), asked));
	CHECK_TRUE(tell(&bench, 9, 0, "bob", asked, "x").answer != tell(&other, 9, 0, "bob", asked, "x").answer);
	bench_free(&bench);
	bench_free(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_stale_phone_gives_one_answer),
		cmocka_unit_test(test_a_guesser_gives_different_ones),
		cmocka_unit_test(test_without_who_nothing_is_repeated),
		cmocka_unit_test(test_two_open_dialogs_never_share_a_text),
		cmocka_unit_test(test_nobody_else_is_asked_it),
		cmocka_unit_test(test_a_right_answer_is_worth_nothing_twice),
		cmocka_unit_test(test_one_that_was_not_answered_is_never_asked_again),
		cmocka_unit_test(test_new_secrets_end_what_is_kept),
		cmocka_unit_test(test_the_same_secrets_again_change_nothing),
		cmocka_unit_test(test_an_answer_for_one_name_is_none_for_another),
		cmocka_unit_test(test_it_is_kept_for_a_day),
		cmocka_unit_test(test_the_oldest_gives_way),
		cmocka_unit_test(test_one_cannot_crowd_the_others_out),
		cmocka_unit_test(test_what_is_not_judged_is_one_answer),
		cmocka_unit_test(test_each_start_has_another_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
