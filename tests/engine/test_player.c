/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "engine/player.h"

#include <stdlib.h>

enum { LEGS = 200, RELAYS = 2, FRAMES = 10, FRAME_BYTES = 4, FORMAT = 4 };

/* A prompts image of one row; octet 0 of each frame is its number. */
static struct {
	struct prompts head;
	struct prompt row;
	uint8_t frames[FRAMES][FRAME_BYTES];
} image = {
	.head = { .magic = PROMPTS_MAGIC,
	          .version = PROMPTS_VERSION,
	          .count = 1,
	          .size_bytes = sizeof(image),
	          .rows_offset = sizeof(struct prompts) },
	.row = { .name = "beep",
	         .format = FORMAT,
	         .offset = sizeof(struct prompts) + sizeof(struct prompt),
	         .frame_bytes = FRAME_BYTES,
	         .frames = FRAMES },
};

static struct player_images images;

/* What came out, and what the relay's rings have room for. */
struct heard {
	uint32_t minis, fulls, ends;
	uint32_t last_frame, last_ts_ms, full_ts_ms, last_leg;
	bool no_room;
};

static void on_send(void *owner, const struct player_order *order, struct tg_span payload)
{
	struct heard *heard = owner;

	heard->minis++;
	heard->last_frame = payload.p[0];
	heard->last_ts_ms = order->ts_ms;
	heard->last_leg = order->leg;
	CHECK_UINT(payload.len, FRAME_BYTES);
}

static bool on_send_full(void *owner, const struct player_order *order, struct tg_span payload)
{
	struct heard *heard = owner;

	if (heard->no_room) {
		return false;
	}
	heard->fulls++;
	heard->last_frame = payload.p[0];
	heard->full_ts_ms = order->ts_ms;
	return true;
}

static bool on_ended(void *owner, const struct player_order *order)
{
	struct heard *heard = owner;

	(void)order;
	heard->ends += heard->no_room ? 0 : 1;
	return !heard->no_room;
}

struct rig {
	struct player_board *board;
	struct player *player[RELAYS];
	struct heard heard;
	uint64_t now_us;
};

static struct rig rig_new(void)
{
	struct rig rig = { .now_us = 5000000, .board = calloc(1, player_board_size(LEGS, RELAYS)) };

	for (uint8_t i = 0; i < FRAMES; i++) {
		image.frames[i][0] = i;
	}
	CHECK_TEXT(prompts_check(&image.head, sizeof(image)), NULL);
	atomic_store(&images.at[3], &image.head);
	player_board_init(rig.board, LEGS, RELAYS);
	return rig;
}

static void rig_start(struct rig *rig)
{
	const struct player_ops ops = { &rig->heard, on_send, on_send_full, on_ended };

	for (uint32_t i = 0; i < RELAYS; i++) {
		rig->player[i] = player_init(calloc(1, player_size(LEGS)), LEGS, rig->board, i, &images, &ops,
		                             rig->now_us);
	}
}

static void rig_free(struct rig *rig)
{
	for (uint32_t i = 0; i < RELAYS; i++) {
		free(rig->player[i]);
	}
	free(rig->board);
}

/* The players have a turn each millisecond, or when they asked for one. */
static void run_ms(struct rig *rig, uint32_t ms, uint32_t step_ms)
{
	for (uint32_t i = 0; i < ms; i += step_ms) {
		rig->now_us += step_ms * 1000;
		player_turn(rig->player[0], rig->now_us);
		player_turn(rig->player[1], rig->now_us);
	}
}

static struct player_order order_of(uint32_t leg, uint8_t flags, uint32_t ts_ms)
{
	return (struct player_order){ .leg = leg, .life = 1, .image = 3, .ts_ms = ts_ms, .flags = flags, .number = 7 };
}

static void test_frame_one_leaves_after_20_ms_and_the_end_is_told_once(void **state)
{
	const struct player_order order = order_of(6, PLAYER_ON, 400);
	struct rig rig = rig_new();

	(void)state;
	rig_start(&rig);
	CHECK_UINT(player_deadline_us(rig.player[0]), TG_NEVER);
	CHECK_UINT(player_board_set(rig.board, &order), 0);
	CHECK_TRUE(player_has_orders(rig.player[0]));
	CHECK_FALSE(player_has_orders(rig.player[1]));
	run_ms(&rig, 1, 1);
	CHECK_UINT(rig.heard.minis, 0);
	CHECK_UINT(player_deadline_us(rig.player[0]), rig.now_us + 20000);
	run_ms(&rig, 19, 1);
	CHECK_UINT(rig.heard.minis, 0);
	run_ms(&rig, 1, 1);
	CHECK_UINT(rig.heard.minis, 1);
	CHECK_UINT(rig.heard.last_frame, 1);
	CHECK_UINT(rig.heard.last_ts_ms, 420);
	run_ms(&rig, 1000, 1);
	CHECK_UINT(rig.heard.minis, FRAMES - 1);
	CHECK_UINT(rig.heard.last_frame, FRAMES - 1);
	CHECK_UINT(rig.heard.ends, 1);
	CHECK_UINT(player_deadline_us(rig.player[0]), TG_NEVER);
	rig_free(&rig);
}

static void test_a_loop_goes_on_until_it_is_stopped(void **state)
{
	struct player_order order = order_of(5, PLAYER_ON | PLAYER_LOOP, 0);
	struct rig rig = rig_new();

	(void)state;
	rig_start(&rig);
	CHECK_UINT(player_board_set(rig.board, &order), 1);
	run_ms(&rig, 1001, 1);
	CHECK_UINT(rig.heard.minis, 50);
	CHECK_UINT(rig.heard.last_frame, 0);
	CHECK_UINT(rig.heard.ends, 0);
	order.flags = 0;
	player_board_set(rig.board, &order);
	run_ms(&rig, 1000, 1);
	CHECK_UINT(rig.heard.minis, 50);
	rig_free(&rig);
}

static void test_the_frame_at_a_crossing_goes_back_to_the_switch(void **state)
{
	const struct player_order order = order_of(0, PLAYER_ON | PLAYER_LOOP, 32700);
	struct rig rig = rig_new();

	(void)state;
	rig_start(&rig);
	player_board_set(rig.board, &order);
	run_ms(&rig, 101, 1);
	CHECK_UINT(rig.heard.fulls, 1);
	CHECK_UINT(rig.heard.full_ts_ms, 32780);
	CHECK_UINT(rig.heard.minis, 4);
	rig_free(&rig);
}

static void test_a_full_ring_delays_the_end_and_loses_no_frame(void **state)
{
	const struct player_order order = order_of(0, PLAYER_ON, 32700);
	struct rig rig = rig_new();

	(void)state;
	rig.heard.no_room = true;
	rig_start(&rig);
	player_board_set(rig.board, &order);
	run_ms(&rig, 401, 1);
	CHECK_UINT(rig.heard.minis, FRAMES - 1);
	CHECK_UINT(rig.heard.ends, 0);
	rig.heard.no_room = false;
	run_ms(&rig, 20, 1);
	CHECK_UINT(rig.heard.ends, 1);
	rig_free(&rig);
}

static void test_late_turns_catch_up_but_a_stall_does_not_burst(void **state)
{
	const struct player_order order = order_of(0, PLAYER_ON | PLAYER_LOOP, 0);
	struct rig rig = rig_new();

	(void)state;
	rig_start(&rig);
	player_board_set(rig.board, &order);
	run_ms(&rig, 7, 7);
	run_ms(&rig, 490, 70);
	CHECK_UINT(rig.heard.minis, 24);
	run_ms(&rig, 5000, 5000);
	CHECK_UINT(rig.heard.minis, 24);
	run_ms(&rig, 100, 1);
	CHECK_UINT(rig.heard.minis, 29);
	rig_free(&rig);
}

static void test_many_legs_start_and_stop_in_any_order(void **state)
{
	struct rig rig = rig_new();
	uint32_t want;

	(void)state;
	rig_start(&rig);
	for (uint32_t leg = 0; leg < LEGS; leg++) {
		const struct player_order order = order_of(leg, PLAYER_ON | PLAYER_LOOP, 0);

		player_board_set(rig.board, &order);
		run_ms(&rig, 1, 1);
	}
	run_ms(&rig, 20, 1);
	want = rig.heard.minis + LEGS * 5;
	run_ms(&rig, 100, 1);
	CHECK_UINT(rig.heard.minis, want);
	for (uint32_t leg = 0; leg < LEGS; leg += 3) {
		const struct player_order order = order_of(leg, 0, 0);

		player_board_set(rig.board, &order);
	}
	want = rig.heard.minis + (LEGS - (LEGS + 2) / 3) * 5;
	run_ms(&rig, 100, 1);
	CHECK_UINT(rig.heard.minis, want);
	rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frame_one_leaves_after_20_ms_and_the_end_is_told_once),
		cmocka_unit_test(test_a_loop_goes_on_until_it_is_stopped),
		cmocka_unit_test(test_the_frame_at_a_crossing_goes_back_to_the_switch),
		cmocka_unit_test(test_a_full_ring_delays_the_end_and_loses_no_frame),
		cmocka_unit_test(test_late_turns_catch_up_but_a_stall_does_not_burst),
		cmocka_unit_test(test_many_legs_start_and_stop_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
