/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <stdio.h>

/* Answers of those who were excused from the token. */

static struct guard_try without_token(struct tg_addr from, const char *account, uint64_t answer)
{
	struct guard_try try = scene_try(from, account, answer);

	try.proven = false;
	return try;
}

static enum guard_why guess(struct scene *scene, struct tg_addr from, const char *account, uint64_t answer)
{
	const struct guard_try try = without_token(from, account, answer);
	const enum guard_why why = guard_may_try(scene->guard, &try, NULL, scene->now_us);

	guard_on_failure(scene->guard, &try, scene->now_us);
	return why;
}

static enum guard_why may(struct scene *scene, struct tg_addr from, const char *account)
{
	const struct guard_try try = without_token(from, account, 1);

	return guard_may_try(scene->guard, &try, NULL, scene->now_us);
}

static void succeed(struct scene *scene, struct tg_addr from, const char *account)
{
	const struct guard_try try = without_token(from, account, 1);

	CHECK_UINT(guard_may_try(scene->guard, &try, NULL, scene->now_us), GUARD_PASS);
	guard_on_success(scene->guard, &try, scene->now_us);
}

static void test_guessing_without_a_token_ends(void **state)
{
	struct scene *scene = scene_new();
	uint32_t judged = 0;
	(void)state;

	for (uint32_t i = 0; i < 1000; i++) {
		judged += guess(scene, scene_far(i), "alice", i) == GUARD_PASS;
	}
	CHECK_UINT(judged, 10);
	CHECK_UINT(may(scene, scene_addr("203.0.113.5"), "alice"), GUARD_GUARDED);
	scene_settle(scene);
	CHECK_UINT(scene->events[GUARD_EVENT_UNDER_ATTACK], 1);
	CHECK_UINT(scene->last[GUARD_EVENT_UNDER_ATTACK].prefixes, 1);
	for (uint32_t i = 0; i < 1000; i++) {
		scene_pass(scene, SECONDS(36));
		judged += guess(scene, scene_far(i), "alice", 1000 + i) == GUARD_PASS;
	}
	CHECK_UINT(judged, 10); /* after fifty different ones: none for a day */
	scene_free(scene);
}

static void test_slow_guessing_without_a_token_ends(void **state)
{
	struct scene *scene = scene_new();
	uint32_t judged = 0;
	(void)state;

	for (uint32_t i = 0; i < 24 * 60; i++) {
		judged += guess(scene, scene_far(i), "alice", i) == GUARD_PASS;
		scene_pass(scene, MINUTES(1));
	}
	CHECK_TRUE(judged >= 30 && judged <= 50);
	scene_free(scene);
}

static void test_names_that_do_not_exist_are_held_back_alike(void **state)
{
	struct scene *scene = scene_new();
	(void)state;

	for (uint32_t i = 0; i < 100; i++) {
		struct guard_try try = without_token(scene_far(i), "nobody", i);

		try.exists = false;
		CHECK_UINT(guard_may_try(scene->guard, &try, NULL, scene->now_us),
		           guess(scene, scene_far(i), "alice", i));
		guard_on_failure(scene->guard, &try, scene->now_us);
	}
	scene_free(scene);
}

static void test_all_of_them_together(void **state)
{
	struct scene *scene = scene_new();
	char name[16] = "";
	uint32_t judged = 0;
	(void)state;

	for (uint32_t i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "a%u", i % 900);
		judged += guess(scene, scene_far(i), name, i) == GUARD_PASS;
	}
	CHECK_UINT(judged, 900); /* one of each: what is left is for those who had none */
	CHECK_UINT(may(scene, scene_addr("203.0.113.5"), "alice"), GUARD_PASS);
	scene_free(scene);
}

/* Guessing at very many accounts without end: whoever is not one of them is judged at once, any time. */
static void test_many_accounts_use_up_nobody_elses_share(void **state)
{
	static const uint32_t crowds[] = { 100, 300, 900 };
	(void)state;

	for (size_t c = 0; c < TG_COUNT(crowds); c++) {
		struct scene *scene = scene_new();
		char name[16] = "";
		uint32_t judged = 0;

		for (uint32_t i = 0; i < 60000; i++) {
			snprintf(name, sizeof(name), "a%u", i % crowds[c]);
			judged += guess(scene, scene_far(i), name, i) == GUARD_PASS;
			scene->now_us += SECONDS(1) / 10;
			if (i % 2000 == 1999) {
				snprintf(name, sizeof(name), "b%u", i / 2000);
				succeed(scene, scene_addr("203.0.113.5"), name);
				scene_pass(scene, 0);
			}
		}
		CHECK_TRUE(judged >= crowds[c] && judged <= 1000 + 2 * 3000);
		scene_settle(scene);
		scene_free(scene);
	}
}

/* However many forged ones hit a dialog: a source is charged with nothing, and the account is guarded against nobody who shows a token. */
static void test_unproven_answers_cannot_be_turned_against_a_customer(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr home = scene_addr("192.0.2.7");
	const struct tg_addr gate = scene_addr("198.51.100.20");
	struct tg_addr moved = gate;
	struct guard_source_row row;
	uint32_t cursor = 0, waited = 0;
	(void)state;

	succeed(scene, gate, "alice"); /* a door station that knows no tokens */
	for (uint32_t i = 0; i < 20000; i++) {
		guess(scene, i % 2 == 0 ? gate : scene_far(i), "alice", i);
		scene->now_us += 10000;
		if (i % 100 == 0) {
			CHECK_UINT(may(scene, gate, "alice"), GUARD_PASS);
		}
	}
	scene_settle(scene);
	CHECK_FALSE(guard_source_row(scene->guard, &cursor, scene->now_us, &row));
	CHECK_UINT(scene_succeed(scene, home, "alice"), GUARD_PASS);
	CHECK_UINT(scene_succeed(scene, scene_addr("203.0.113.99"), "alice"), GUARD_PASS);
	/* Its port is new: it has to wait for its turn. */
	moved.port = 40000;
	while (may(scene, moved, "alice") != GUARD_PASS && waited++ < 60) {
		guess(scene, moved, "alice", 900000 + waited);
		scene_pass(scene, SECONDS(2));
	}
	CHECK_TRUE(waited <= 6);
	scene_free(scene);
}

static void test_a_declared_network_has_a_share_of_its_own(void **state)
{
	struct scene *scene = scene_new();
	struct guard_try try = without_token(scene_addr("198.51.100.20"), "alice", 1);
	uint32_t judged = 0;
	(void)state;

	for (uint32_t i = 0; i < 1000; i++) {
		guess(scene, scene_far(i), "alice", i);
	}
	try.declared = true;
	CHECK_UINT(guard_may_try(scene->guard, &try, NULL, scene->now_us), GUARD_PASS);
	for (uint32_t i = 0; i < 3600; i++) {
		try.answer = 5000 + i;
		judged += guard_may_try(scene->guard, &try, NULL, scene->now_us) == GUARD_PASS;
		guard_on_failure(scene->guard, &try, scene->now_us);
		scene_pass(scene, SECONDS(1));
	}
	CHECK_TRUE(judged >= 60 && judged <= 90);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_guessing_without_a_token_ends),
		cmocka_unit_test(test_slow_guessing_without_a_token_ends),
		cmocka_unit_test(test_names_that_do_not_exist_are_held_back_alike),
		cmocka_unit_test(test_all_of_them_together),
		cmocka_unit_test(test_many_accounts_use_up_nobody_elses_share),
		cmocka_unit_test(test_unproven_answers_cannot_be_turned_against_a_customer),
		cmocka_unit_test(test_a_declared_network_has_a_share_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
