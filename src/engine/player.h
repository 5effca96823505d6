/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_PLAYER_H
#define TG_ENGINE_PLAYER_H

#include <stdatomic.h>

#include "base/addr.h"
#include "model/prompts.h"

/**
 * Prompts played to legs, a frame every 20 ms. The switch sends a prompt's first frame itself, as a full frame, and puts up an order
 * at the board; the relay that has the leg goes on with mini frames. Where the timestamp crosses a multiple of
 * 32768 ms the frame goes back to the switch, which sends it as a full frame (RFC 5456, 8.1.2).
 */

/** What is played to one leg. */
struct player_order {
	struct tg_addr remote, local; /* of the leg */
	uint32_t leg, life;           /* the leg's index and generation */
	uint32_t prompt;              /* row of the prompts image */
	uint32_t image;               /* which image: its place among player_images */
	uint32_t frame, ts_ms;        /* sent last: by the switch at first */
	uint32_t serial;              /* of the order: tells an old end from a new one */
	uint16_t number;              /* the mini frames' source: our number on this leg */
	uint8_t group;                /* which address of ours it leaves from */
	uint8_t flags;
};

enum { PLAYER_ON = 1, PLAYER_LOOP = 2 }; /* flags */

enum { PLAYER_IMAGES = 32 };

/** The images that are mapped. An image stays until no order names it and every relay has had a turn since. */
struct player_images {
	const struct prompts *_Atomic at[PLAYER_IMAGES];
};

/** Shared by the switch's thread, which writes, and the relays. One block of memory of the caller. */
struct player_board;

size_t player_board_size(uint32_t legs_max, uint32_t relays);
struct player_board *player_board_init(void *mem, uint32_t legs_max, uint32_t relays);

/** The switch's thread: put up or replace the order of order->leg; without PLAYER_ON it stops. @return the relay to wake */
uint32_t player_board_set(struct player_board *board, const struct player_order *order);

/** One relay's part. One block of memory of the caller; belongs to the relay's thread. */
struct player;

struct player_ops {
	void *owner;
	void (*send)(void *owner, const struct player_order *order, struct tg_span payload);
	/* order->ts_ms is the frame's. @return false if there is no room now: it then leaves as a mini frame */
	bool (*send_full)(void *owner, const struct player_order *order, struct tg_span payload);
	/* It came to its end. @return false if there is no room now: told again later */
	bool (*ended)(void *owner, const struct player_order *order);
};

size_t player_size(uint32_t legs_max);
struct player *player_init(void *mem, uint32_t legs_max, struct player_board *board, uint32_t relay,
                           const struct player_images *images, const struct player_ops *ops, uint64_t now_us);

/** Look at the board, and send what is due. */
void player_turn(struct player *player, uint64_t now_us);

/** Whether orders wait at the board; asked before sleeping. */
bool player_has_orders(const struct player *player);

/** When the next frame is due; TG_NEVER if nothing is played. */
uint64_t player_deadline_us(const struct player *player);

#endif
