/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DAEMON_LOAD_H
#define TG_DAEMON_LOAD_H

#include "ipc/msg.h"
#include "sys/channel.h"
#include "sys/loop.h"

#include <sys/types.h>

/** The parent's side of one run of the loader: starts it, gathers what it hands over, tells the outcome. */

enum load_image {
	LOAD_WORLD,
	LOAD_PROMPTS,
	LOAD_SECRETS,
	LOAD_IMAGES,
};

/** What a loader made: three sealed images of one generation, and the addresses to bind. */
struct load_result {
	uint64_t generation;
	struct {
		int fd; /* -1: none */
		uint64_t size_bytes;
	} images[LOAD_IMAGES];
	struct ipc_listen listening;
};

void load_result_init(struct load_result *result);
void load_result_close(struct load_result *result);

/** One image's record for its receivers. */
struct ipc_image load_result_record(const struct load_result *result, enum load_image image);

struct load_ops {
	/** A problem: `file:line: error: text`. */
	void (*on_text)(void *owner, const char *text);
	/** It is over. result: to be taken (copied) by the receiver; NULL if the load failed, or the loader did. */
	void (*on_done)(void *owner, const struct load_result *result);
};

struct load {
	struct sys_loop *loop;
	const struct load_ops *ops;
	void *owner;
	struct sys_channel *channel; /* NULL: no loader runs */
	pid_t pid;                   /* 0: none; one that has ended waits to be reaped */
	uint64_t deadline_us;
	bool has_listening;
	struct load_result result;
};

enum { LOAD_LIMIT_S = 60 };

/**
 * Start a loader. None may be running.
 *
 * @param old  the images in force: it tells what is different then; NULL if nobody asks
 * @return false with errno; nothing is told then
 */
TG_MUST_USE bool load_start(struct load *load, const char *config_dir, const struct load_result *old,
                            uint64_t generation, uint64_t now_us);

bool load_is_running(const struct load *load);

/** A loader that takes too long is ended, and the load has failed. */
void load_expire(struct load *load, uint64_t now_us);

/** A child ended. @return true if it was the loader */
bool load_on_ended(struct load *load, pid_t pid);

/** End a running loader; nothing is told. */
void load_cancel(struct load *load);

#endif
