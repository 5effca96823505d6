/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

static void test_three_six_ten_different_answers(void **state)
{
	static const struct {
		uint32_t failures;
		enum guard_class class;
		uint32_t delayed, silenced, banned;
	} rows[] = {
		{ 2, GUARD_CLASS_STRANGER, 0, 0, 0 }, { 3, GUARD_CLASS_SUSPECT, 1, 0, 0 },
		{ 5, GUARD_CLASS_SUSPECT, 1, 0, 0 },  { 6, GUARD_CLASS_SUSPECT, 1, 1, 0 },
		{ 9, GUARD_CLASS_SUSPECT, 1, 1, 0 },  { 10, GUARD_CLASS_BANNED, 1, 1, 1 },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct scene *scene = scene_new();
		const struct tg_addr from = scene_addr("192.0.2.7");

		for (uint32_t n = 0; n < rows[i].failures; n++) {
			CHECK_UINT(scene_fail(scene, from, "alice", 100 + n), GUARD_PASS);
		}
		scene_settle(scene);
		CHECK_UINT(scene_class(scene, from), rows[i].class);
		CHECK_UINT(scene->events[GUARD_EVENT_DELAYED], rows[i].delayed);
		CHECK_UINT(scene->events[GUARD_EVENT_SILENCED], rows[i].silenced);
		CHECK_UINT(scene->events[GUARD_EVENT_BANNED], rows[i].banned);
		CHECK_UINT(scene->silences, rows[i].silenced);
		CHECK_UINT(scene->bans_kernel, rows[i].banned);
		scene_free(scene);
	}
}

static void test_the_same_answer_counts_once(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr from = scene_addr("192.0.2.7");
	uint32_t judged = 0;
	(void)state;

	for (int i = 0; i < 30; i++) {
		judged += scene_fail(scene, from, "alice", 5) == GUARD_PASS;
		scene_pass(scene, SECONDS(20));
	}
	CHECK_UINT(scene_class(scene, from), GUARD_CLASS_STRANGER);
	CHECK_UINT(scene->events[GUARD_EVENT_STALE], 1);
	CHECK_UINT(scene->events[GUARD_EVENT_DELAYED], 0);
	/* Five, and then one a minute. */
	CHECK_TRUE(judged >= 5 + 8 && judged <= 5 + 10);
	scene_free(scene);
}

static void test_nothing_is_held_against_unproven(void **state)
{
	struct scene *scene = scene_new();
	struct guard_source_row row;
	uint32_t cursor = 0;
	(void)state;

	for (uint32_t i = 0; i < 10000; i++) {
		struct guard_try try = scene_try(scene_addr("192.0.2.7"), "alice", i);

		try.proven = false;
		(void)guard_may_try(scene->guard, &try, NULL, scene->now_us);
		guard_on_failure(scene->guard, &try, scene->now_us);
		guard_on_success(scene->guard, &try, scene->now_us);
	}
	scene_settle(scene);
	CHECK_FALSE(guard_source_row(scene->guard, &cursor, scene->now_us, &row));
	CHECK_UINT(scene_class(scene, scene_addr("192.0.2.7")), GUARD_CLASS_STRANGER);
	CHECK_UINT(scene->bans + scene->silences, 0);
	scene_free(scene);
}

/* A customer's answer is judged after somebody behind the same address got it silenced or banned. */
static void test_a_success_ends_silence_and_ban(void **state)
{
	static const struct {
		uint32_t failures;
		enum guard_why before;
	} rows[] = { { 6, GUARD_SILENCED }, { 10, GUARD_BANNED } };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct scene *scene = scene_new();
		const struct tg_addr from = scene_addr("192.0.2.7");
		const struct guard_try right = scene_try(from, "bob", 1);

		for (uint32_t n = 0; n < rows[i].failures; n++) {
			scene_fail(scene, from, "alice", 100 + n);
		}
		scene_settle(scene);
		CHECK_UINT(scene->silences, 1);
		CHECK_UINT(scene_open(scene, from), rows[i].before);
		guard_on_success(scene->guard, &right, scene->now_us);
		scene_settle(scene);
		CHECK_UINT(scene->silences_over, 1);
		CHECK_UINT(scene->events[GUARD_EVENT_UNBANNED], rows[i].before == GUARD_BANNED);
		CHECK_TRUE(rows[i].before != GUARD_BANNED || scene->ban.until_us <= scene->now_us);
		CHECK_UINT(scene_class(scene, from), GUARD_CLASS_KNOWN);
		CHECK_UINT(scene_open(scene, from), GUARD_PASS);
		scene_free(scene);
	}
}

static void test_a_success_ends_no_ban_by_hand(void **state)
{
	struct scene *scene = scene_new();
	const struct tg_addr from = scene_addr("192.0.2.7");
	const struct guard_try right = scene_try(from, "bob", 1);
	const struct guard_ban ban = { .base = from, .bits = 24, .why = GUARD_BANNED };
	(void)state;

	CHECK_TEXT(guard_ban(scene->guard, &ban, 0, scene->now_us), NULL);
	guard_on_success(scene->guard, &right, scene->now_us);
	CHECK_UINT(scene_open(scene, from), GUARD_BANNED);
	scene_settle(scene);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_three_six_ten_different_answers),
		cmocka_unit_test(test_the_same_answer_counts_once),
		cmocka_unit_test(test_nothing_is_held_against_unproven),
		cmocka_unit_test(test_a_success_ends_silence_and_ban),
		cmocka_unit_test(test_a_success_ends_no_ban_by_hand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
