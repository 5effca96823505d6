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
	return tell(bench, 99999, who, name, ask(bench, 99999, who), secret);
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

/* Whoever asks in another's name and goes away again takes it from him for a moment only. */
static void test_one_that_was_not_answered_comes_back(void **state)
{
	struct bench bench = bench_new();
	const uint64_t life_us = (uint64_t)VAULT_CHALLENGE_LIFE_S * TG_US_PER_S;
	const struct text kept = ask(&bench, 1, PHONE);
	const struct vault_verdict first = tell(&bench, 1, PHONE, "bob", kept, "old");

	(void)state;
	CHECK_TRUE(same(ask(&bench, 1, PHONE), kept)); /* and the dialog is given up */
	bench.now_us += life_us - 1;
	CHECK_FALSE(same(ask(&bench, 2, PHONE), kept));
	CHECK_FALSE(
		dialog(&bench, PHONE, "bob", "old").right); /* is asked something else, which does not take its place */
	bench.now_us++;
	CHECK_TRUE(same(ask(&bench, 3, PHONE), kept));
	CHECK_FALSE(tell(&bench, 1, PHONE, "bob", kept, "old").right); /* too late to count */
	CHECK_TRUE(tell(&bench, 3, PHONE, "bob", kept, "old").answer == first.answer);
	CHECK_TRUE(same(ask(&bench, 4, PHONE), kept));
	CHECK_TRUE(tell(&bench, 4, PHONE, "bob", kept, "bobs").right);
	bench_free(&bench);
}

/* What was overheard when it came too late is worth nothing in the dialog after. */
static void test_a_right_answer_that_came_too_late(void **state)
{
	struct bench bench = bench_new();
	const struct text kept = ask(&bench, 1, PHONE);

	(void)state;
	CHECK_FALSE(tell(&bench, 1, PHONE, "bob", kept, "old").right);
	CHECK_TRUE(same(ask(&bench, 2, PHONE), kept));
	bench.now_us += (uint64_t)VAULT_CHALLENGE_LIFE_S * TG_US_PER_S;
	CHECK_TRUE(same(ask(&bench, 3, PHONE), kept));
	CHECK_FALSE(tell(&bench, 2, PHONE, "bob", kept, "bobs").right);
	CHECK_FALSE(tell(&bench, 3, PHONE, "bob", kept, "bobs").right);
	CHECK_FALSE(same(ask(&bench, 4, PHONE), kept));
	bench_free(&bench);
}

/* ---- Held back: whether it was right shows nowhere ---------------------------------------------------------------- */

static struct vault_verdict held_dialog(struct bench *bench, struct text *asked, const char *name, const char *secret,
                                        bool held)
{
	*asked = ask(bench, 1, PHONE);
	struct ipc_verify_ask given = answer(bench, 1, PHONE, name, *asked, secret);

	given.held = held;
	return vault_verify(bench->vault, &given, bench->now_us);
}

enum { ROW = 10 };

/* What can be seen of a row of tries: each a secret, held back or not. Texts and answers by the first try with the same. */
struct row {
	unsigned text[ROW], answer[ROW];
	bool right[ROW];
};

static struct row row_of(const char *name, const char *const secrets[ROW], const bool held[ROW])
{
	struct bench bench = bench_new();
	struct text texts[ROW];
	struct vault_verdict verdicts[ROW];
	struct row row;

	for (unsigned i = 0; i < ROW; i++) {
		bench.now_us += 20 * (uint64_t)TG_US_PER_S;
		verdicts[i] = held_dialog(&bench, &texts[i], name, secrets[i], held[i]);
		row.right[i] = verdicts[i].right;
		for (row.text[i] = 0; !same(texts[row.text[i]], texts[i]); row.text[i]++) {
		}
		for (row.answer[i] = 0; verdicts[row.answer[i]].answer != verdicts[i].answer; row.answer[i]++) {
		}
	}
	bench_free(&bench);
	return row;
}

static void check_same_row(const struct row *a, const struct row *b)
{
	for (unsigned i = 0; i < ROW; i++) {
		CHECK_UINT(a->text[i], b->text[i]);
		CHECK_UINT(a->answer[i], b->answer[i]);
		CHECK_UINT(a->right[i], b->right[i]);
	}
}

/* Some tries with one secret, all held back, among guesses that are wrong and held back or not. */
static void test_held_back_right_and_wrong_are_alike(void **state)
{
	(void)state;
	for (unsigned which = 0; which < 1u << ROW; which++) {
		for (unsigned other = 0; other < 3; other++) {
			const char *right[ROW], *wrong[ROW];
			bool held[ROW];

			for (unsigned i = 0; i < ROW; i++) {
				const bool tested = (which >> i & 1) != 0;

				right[i] = tested ? "bobs" : "guess";
				wrong[i] = tested ? "nots" : "guess";
				held[i] = tested || other == 0 || (other == 1 && i % 2 == 0);
			}
			const struct row a = row_of("bob", right, held), b = row_of("bob", wrong, held);
			const struct row nobody = row_of("nobody", right, held);

			check_same_row(&a, &b);
			check_same_row(&a, &nobody);
			CHECK_UINT(a.text[ROW - 1], 0); /* one text all the time */
		}
	}
}

/* An answer that was given while it did not count never counts; its owner gets in all the same. */
static void test_an_owner_who_is_held_back_no_more(void **state)
{
	(void)state;
	for (unsigned before = 0; before < 5; before++) {
		struct bench bench = bench_new();
		struct text asked, first;

		for (unsigned i = 0; i < before; i++) {
			CHECK_FALSE(held_dialog(&bench, &first, "bob", "bobs", true).right);
		}
		const struct vault_verdict next = held_dialog(&bench, &asked, "bob", "bobs", false);

		CHECK_UINT(next.right, before == 0);
		if (before > 0) {
			CHECK_TRUE(same(asked, first));
			CHECK_TRUE(held_dialog(&bench, &asked, "bob", "bobs", false).right);
			CHECK_FALSE(same(asked, first));
		}
		bench_free(&bench);
	}
	struct bench bench = bench_new();
	struct text asked;

	/* wrong ones that were held back cost him nothing */
	CHECK_FALSE(held_dialog(&bench, &asked, "bob", "old", true).right);
	CHECK_TRUE(held_dialog(&bench, &asked, "bob", "bobs", false).right);
	bench_free(&bench);
}

/* Held back but for one try in some: he gets in at the second of these at the latest, and gave few different answers by then. */
static void test_an_owner_who_is_held_back_now_and_then(void **state)
{
	(void)state;
	for (unsigned every = 1; every < 8; every++) {
		for (unsigned first = 0; first < every; first++) {
			struct bench bench = bench_new();
			struct vault_verdict verdict = held_dialog(&bench, &(struct text){ "" }, "bob", "old", false);
			uint64_t answers[3] = { verdict.answer };
			unsigned tries = 0, chances = 0, distinct = 1;

			for (verdict.right = false; !verdict.right; tries++) {
				const bool held = tries % every != first;
				struct text asked;
				unsigned k = 0;

				CHECK_TRUE(tries < 3 * every);
				chances += !held;
				verdict = held_dialog(&bench, &asked, "bob", "bobs", held);
				CHECK_TRUE(!held || !verdict.right);
				while (k < distinct && answers[k] != verdict.answer) {
					k++;
				}
				CHECK_TRUE(k < TG_COUNT(answers));
				answers[k] = verdict.answer;
				distinct += k == distinct;
			}
			CHECK_TRUE(chances <= 2);
			bench_free(&bench);
		}
	}
}

/* What he is owed is no way to be told more than one try in his place: a wrong one ends it, and so does a right one that counts. */
static void test_what_is_owed_ends(void **state)
{
	static const bool counts[] = { false, true };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(counts); i++) {
		struct bench bench = bench_new();
		struct text spent, asked, next;

		CHECK_FALSE(held_dialog(&bench, &spent, "bob", "bobs", true).right);
		CHECK_FALSE(held_dialog(&bench, &asked, "bob", "bobs", false).right);
		CHECK_TRUE(same(asked, spent));
		CHECK_UINT(held_dialog(&bench, &asked, "bob", counts[i] ? "bobs" : "guess", !counts[i]).right,
		           counts[i]);
		CHECK_FALSE(same(asked, spent));
		for (unsigned k = 0; k < 3; k++) {
			CHECK_FALSE(held_dialog(&bench, &next, "bob", k == 0 ? "bobs" : "guess", true).right);
			CHECK_FALSE(same(next, spent));
			CHECK_UINT(same(next, asked), k > 0 || !counts[i]);
			asked = next;
		}
		bench_free(&bench);
	}
}

/* It stays spent though others failed meanwhile, so many that some of what is lent is forgotten before it comes back. */
static void test_spent_stays_spent(void **state)
{
	enum { PHONES = 50, OTHERS = VAULT_CHALLENGES_MAX - 2 * PHONES };
	struct bench bench = bench_new();
	struct text texts[PHONES];

	(void)state;
	for (uint64_t i = 0; i < PHONES; i++) {
		texts[i] = ask(&bench, i, 1 + i);
		struct ipc_verify_ask given = answer(&bench, i, 1 + i, "bob", texts[i], "bobs");

		given.held = 1;
		CHECK_FALSE(vault_verify(bench.vault, &given, bench.now_us).right);
		CHECK_TRUE(same(ask(&bench, i, 1 + i), texts[i])); /* and open */
	}
	for (uint64_t who = 1000; who < 1000 + OTHERS; who++) {
		bench.now_us += 100;
		CHECK_FALSE(dialog(&bench, who, "bob", "guess").right);
	}
	for (uint64_t i = 0; i < PHONES; i++) {
		CHECK_FALSE(tell(&bench, i, 1 + i, "bob", texts[i], "old").right);
		CHECK_TRUE(same(ask(&bench, i, 1 + i), texts[i]));
		CHECK_FALSE(tell(&bench, i, 1 + i, "bob", texts[i], "bobs").right);
		CHECK_FALSE(same(ask(&bench, i, 1 + i), texts[i]));
	}
	bench_free(&bench);
}

/* Of two calls at once one is held back, and the other counts: the next call is asked something new. */
static void test_a_success_begins_anew(void **state)
{
	struct bench bench = bench_new();
	const struct text one = ask(&bench, 1, PHONE), other = ask(&bench, 2, PHONE);
	struct ipc_verify_ask held = answer(&bench, 1, PHONE, "bob", one, "bobs");

	(void)state;
	held.held = 1;
	CHECK_FALSE(vault_verify(bench.vault, &held, bench.now_us).right);
	CHECK_TRUE(tell(&bench, 2, PHONE, "bob", other, "bobs").right);
	CHECK_TRUE(dialog(&bench, PHONE, "bob", "bobs").right);

	/* one that is open meanwhile stays spent */
	held = answer(&bench, 3, PHONE, "bob", ask(&bench, 3, PHONE), "bobs");
	held.held = 1;
	CHECK_FALSE(vault_verify(bench.vault, &held, bench.now_us).right);
	const struct text spent = ask(&bench, 4, PHONE);

	CHECK_TRUE(tell(&bench, 5, PHONE, "bob", ask(&bench, 5, PHONE), "bobs").right);
	CHECK_FALSE(tell(&bench, 4, PHONE, "bob", spent, "bobs").right);
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

/* As many as there is room for, from elsewhere, once each: the phone that comes back each minute stays, and who never came back goes. */
static void test_who_comes_back_is_kept_longest(void **state)
{
	struct bench bench = bench_new();
	const struct vault_verdict first = dialog(&bench, PHONE, "bob", "old");
	const uint64_t once = dialog(&bench, STRANGER, "bob", "old").answer;

	(void)state;
	for (unsigned minute = 0; minute < 4; minute++) {
		CHECK_TRUE(dialog(&bench, PHONE, "bob", "old").answer == first.answer);
		for (uint64_t i = 0; i < 2 * VAULT_REPEATS_MAX; i++) {
			bench.now_us += 60 * (uint64_t)TG_US_PER_S / (2 * VAULT_REPEATS_MAX);
			CHECK_FALSE(dialog(&bench, 1000 + minute * UINT64_C(1000000) + i, "bob", "old").right);
		}
	}
	CHECK_TRUE(dialog(&bench, PHONE, "bob", "old").answer == first.answer);
	CHECK_FALSE(dialog(&bench, STRANGER, "bob", "old").answer == once);
	bench_free(&bench);
}

/* It is no place for ever: hours after the last time others go first. */
static void test_who_stays_away_makes_room(void **state)
{
	struct bench bench = bench_new();
	const struct vault_verdict first = dialog(&bench, PHONE, "bob", "old");

	(void)state;
	for (unsigned i = 0; i < 10; i++) {
		CHECK_TRUE(dialog(&bench, PHONE, "bob", "old").answer == first.answer);
	}
	bench.now_us += (VAULT_REPEAT_BONUS_MAX * VAULT_REPEAT_BONUS_S + 1) * (uint64_t)TG_US_PER_S;
	for (uint64_t who = 1000; who < 1000 + 4 * VAULT_REPEATS_MAX; who++) {
		bench.now_us += 100;
		CHECK_FALSE(dialog(&bench, who, "bob", "old").right);
	}
	CHECK_FALSE(dialog(&bench, PHONE, "bob", "old").answer == first.answer);
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
		cmocka_unit_test(test_one_that_was_not_answered_comes_back),
		cmocka_unit_test(test_a_right_answer_that_came_too_late),
		cmocka_unit_test(test_held_back_right_and_wrong_are_alike),
		cmocka_unit_test(test_an_owner_who_is_held_back_no_more),
		cmocka_unit_test(test_an_owner_who_is_held_back_now_and_then),
		cmocka_unit_test(test_what_is_owed_ends),
		cmocka_unit_test(test_spent_stays_spent),
		cmocka_unit_test(test_a_success_begins_anew),
		cmocka_unit_test(test_new_secrets_end_what_is_kept),
		cmocka_unit_test(test_the_same_secrets_again_change_nothing),
		cmocka_unit_test(test_an_answer_for_one_name_is_none_for_another),
		cmocka_unit_test(test_it_is_kept_for_a_day),
		cmocka_unit_test(test_who_comes_back_is_kept_longest),
		cmocka_unit_test(test_who_stays_away_makes_room),
		cmocka_unit_test(test_one_cannot_crowd_the_others_out),
		cmocka_unit_test(test_what_is_not_judged_is_one_answer),
		cmocka_unit_test(test_each_start_has_another_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
