/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/player.h"

#include "engine/seqlock.h"

enum {
	ORDER_WORDS = sizeof(struct player_order) / sizeof(uint64_t),
	PHASES = PROMPT_FRAME_MS, /* legs whose frames fall on the same millisecond share one */
	CROSSING_MS = 32768,
	CATCH_UP_MS = 200, /* after a longer stall the playing goes on late instead of in a burst */
};
static_assert(sizeof(struct player_order) % sizeof(uint64_t) == 0, "whole words");

struct board_row {
	_Atomic uint64_t lock;
	_Atomic uint64_t words[ORDER_WORDS];
};

struct player_board {
	uint32_t legs_max, relays;
	uint32_t words; /* of one relay's bitmap */
	uint32_t reserved;
	_Atomic uint64_t news[64]; /* a relay: whether its bitmap is worth a look */
};

static struct board_row *row_at(struct player_board *board, uint32_t leg)
{
	return (struct board_row *)(board + 1) + leg;
}

/* Bit `leg`: its order changed since its relay looked. */
static _Atomic uint64_t *bitmap_of(struct player_board *board, uint32_t relay)
{
	return (_Atomic uint64_t *)row_at(board, board->legs_max) + (size_t)relay * board->words;
}

size_t player_board_size(uint32_t legs_max, uint32_t relays)
{
	return sizeof(struct player_board) + legs_max * sizeof(struct board_row) +
	       (size_t)relays * ((legs_max + 63) / 64) * sizeof(uint64_t);
}

struct player_board *player_board_init(void *mem, uint32_t legs_max, uint32_t relays)
{
	struct player_board *board = mem;

	assert(relays > 0 && relays <= TG_COUNT(board->news));
	board->legs_max = legs_max;
	board->relays = relays;
	board->words = (legs_max + 63) / 64;
	return board;
}

uint32_t player_board_set(struct player_board *board, const struct player_order *order)
{
	const uint32_t relay = order->leg % board->relays;
	struct board_row *row = row_at(board, order->leg);

	assert(order->leg < board->legs_max);
	seqlock_store(&row->lock, row->words, order, ORDER_WORDS);
	atomic_fetch_or_explicit(&bitmap_of(board, relay)[order->leg / 64], UINT64_C(1) << order->leg % 64,
	                         memory_order_release);
	atomic_store_explicit(&board->news[relay], 1, memory_order_release);
	return relay;
}

/* ---- One relay's part ---- */

/* What is being played to one leg, in the list of its phase. */
struct playing {
	struct player_order order;
	uint64_t since_ms;
	uint32_t next, prev; /* leg + 1, 0 for none */
	bool linked;
	uint8_t phase;
};

struct player {
	struct player_board *board;
	const struct player_images *images;
	struct player_ops ops;
	uint32_t relay;
	uint32_t count;
	uint64_t tick_ms;         /* the last one that was played */
	uint32_t first[PHASES];   /* leg + 1, 0 for none */
	struct playing playing[]; /* one a leg */
};

size_t player_size(uint32_t legs_max)
{
	return sizeof(struct player) + legs_max * sizeof(struct playing);
}

struct player *player_init(void *mem, uint32_t legs_max, struct player_board *board, uint32_t relay,
                           const struct player_images *images, const struct player_ops *ops, uint64_t now_us)
{
	struct player *player = mem;

	assert(legs_max == board->legs_max);
	player->board = board;
	player->images = images;
	player->ops = *ops;
	player->relay = relay;
	player->tick_ms = now_us / TG_US_PER_MS;
	return player;
}

static void unlink_playing(struct player *player, struct playing *playing)
{
	uint32_t *first = &player->first[playing->phase];

	if (!playing->linked) {
		return;
	}
	if (playing->prev != 0) {
		player->playing[playing->prev - 1].next = playing->next;
	} else {
		*first = playing->next;
	}
	if (playing->next != 0) {
		player->playing[playing->next - 1].prev = playing->prev;
	}
	playing->linked = false;
	player->count--;
}

static void link_playing(struct player *player, struct playing *playing, uint32_t leg, uint64_t now_ms)
{
	uint32_t *first = &player->first[now_ms % PHASES];

	playing->since_ms = now_ms;
	playing->phase = (uint8_t)(now_ms % PHASES);
	playing->prev = 0;
	playing->next = *first;
	if (*first != 0) {
		player->playing[*first - 1].prev = leg + 1;
	}
	*first = leg + 1;
	playing->linked = true;
	player->count++;
}

static void take_order(struct player *player, uint32_t leg, uint64_t now_ms)
{
	struct playing *playing = &player->playing[leg];
	struct board_row *row = row_at(player->board, leg);

	unlink_playing(player, playing);
	/* Written anew just now: its bit is set again, or will be. */
	if (seqlock_read(&row->lock, row->words, &playing->order, ORDER_WORDS) &&
	    (playing->order.flags & PLAYER_ON) != 0) {
		link_playing(player, playing, leg, now_ms);
	}
}

static void take_orders(struct player *player, uint64_t now_ms)
{
	_Atomic uint64_t *bitmap = bitmap_of(player->board, player->relay);

	if (atomic_load_explicit(&player->board->news[player->relay], memory_order_relaxed) == 0) {
		return;
	}
	atomic_exchange_explicit(&player->board->news[player->relay], 0, memory_order_acq_rel);
	for (uint32_t word = 0; word < player->board->words; word++) {
		uint64_t bits = 0;

		if (atomic_load_explicit(&bitmap[word], memory_order_relaxed) != 0) {
			bits = atomic_exchange_explicit(&bitmap[word], 0, memory_order_acquire);
		}
		for (; bits != 0; bits &= bits - 1) {
			take_order(player, word * 64 + (uint32_t)__builtin_ctzll(bits), now_ms);
		}
	}
}

/* The next frame of one leg; at the end it stays in its list until the switch was told. */
static void play_frame(struct player *player, struct playing *playing)
{
	struct player_order *order = &playing->order;
	const struct prompts *prompts = atomic_load_explicit(&player->images->at[order->image], memory_order_acquire);
	const struct prompt *row = prompts_row(prompts, order->prompt);
	const bool over = order->frame + 1 >= row->frames;
	const uint32_t was_ms = order->ts_ms;
	struct tg_span payload;

	if (over && (order->flags & PLAYER_LOOP) == 0) {
		if (player->ops.ended(player->ops.owner, order)) {
			unlink_playing(player, playing);
		}
		return;
	}
	order->frame = over ? 0 : order->frame + 1;
	order->ts_ms += PROMPT_FRAME_MS;
	payload = prompts_frame(prompts, order->prompt, order->frame);
	if (was_ms / CROSSING_MS == order->ts_ms / CROSSING_MS ||
	    !player->ops.send_full(player->ops.owner, order, payload)) {
		player->ops.send(player->ops.owner, order, payload);
	}
}

static void play_phase(struct player *player, uint32_t phase)
{
	uint32_t at = player->first[phase];

	while (at != 0) {
		struct playing *playing = &player->playing[at - 1];

		at = playing->next;
		if (playing->since_ms < player->tick_ms) {
			play_frame(player, playing);
		}
	}
}

void player_turn(struct player *player, uint64_t now_us)
{
	const uint64_t now_ms = now_us / TG_US_PER_MS;

	take_orders(player, now_ms);
	if (player->count == 0 || now_ms > player->tick_ms + CATCH_UP_MS) {
		player->tick_ms = tg_max_u64(player->tick_ms, now_ms);
	}
	while (player->tick_ms < now_ms) {
		player->tick_ms++;
		play_phase(player, (uint32_t)(player->tick_ms % PHASES));
	}
}

bool player_has_orders(const struct player *player)
{
	return atomic_load_explicit(&player->board->news[player->relay], memory_order_acquire) != 0;
}

uint64_t player_deadline_us(const struct player *player)
{
	if (player->count == 0) {
		return TG_NEVER;
	}
	for (uint32_t ms = 1; ms <= PHASES; ms++) {
		if (player->first[(player->tick_ms + ms) % PHASES] != 0) {
			return (player->tick_ms + ms) * TG_US_PER_MS;
		}
	}
	return TG_NEVER;
}
