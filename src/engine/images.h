/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_IMAGES_H
#define TG_ENGINE_IMAGES_H

#include "engine/shared.h"
#include "ipc/msg.h"
#include "model/prompts.h"

/**
 * The worlds and prompts that are mapped. A new pair replaces the current one at once; an old one stays until no call and no prompt
 * being played needs it and every thread has had a turn since. Belongs to the switch's thread.
 */

enum { IMAGES_MAX = PLAYER_IMAGES };

struct image {
	const void *at; /* NULL: free */
	size_t size_bytes;
	uint64_t generation;
	uint64_t released; /* the epoch from which on nobody takes it up; 0 while it is needed */
	uint32_t prompts;  /* of a world: its prompts' place + 1, 0 for none */
	uint32_t plays;    /* of prompts: how many legs hear one of them now */
};

struct images {
	struct engine_shared *shared;
	struct image worlds[IMAGES_MAX];
	struct image prompts[IMAGES_MAX]; /* the same places as in shared->images */
	uint32_t world;                   /* the current one's place + 1, 0 for none */
	uint32_t next_prompts;            /* for the next world; place + 1, 0 for none */
};

void images_init(struct images *images, struct engine_shared *shared);
void images_deinit(struct images *images);

/**
 * Map and check.
 *
 * @param fd  stays the caller's
 * @return NULL, or why it was refused: then all is as before
 */
const char *images_take_prompts(struct images *images, int fd, const struct ipc_image *head);
const char *images_take_world(struct images *images, int fd, const struct ipc_image *head);

/** The current pair; NULL for none. */
const struct world *images_world(const struct images *images);
const struct prompts *images_prompts(const struct images *images);

/** The place of the prompts of a generation, -1 for none. */
int images_prompts_at(const struct images *images, uint64_t generation);

/** Unmap what nobody needs any more. */
void images_sweep(struct images *images, bool (*in_use)(const void *owner, uint64_t generation), const void *owner);

/** sweep_us if there is something to be unmapped some day, else TG_NEVER. */
uint64_t images_deadline_us(const struct images *images, uint64_t sweep_us);

#endif
