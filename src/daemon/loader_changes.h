/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DAEMON_LOADER_CHANGES_H
#define TG_DAEMON_LOADER_CHANGES_H

#include "base/bytes.h"
#include "sys/channel.h"

/**
 * What a reload changes. The parent hands the images that are in force to the loader, which sees all of a configuration anyway;
 * so neither the parent nor anybody else has to map secrets to tell that one changed.
 */
struct loader_old {
	const void *images[3]; /* by enum load_image; NULL: none was handed over, or it is no good */
	size_t sizes[3];
	bool complete;
};

/** Take what the parent has sent before this process began. */
void loader_old_take(struct loader_old *old, struct sys_channel *parent);
void loader_old_release(struct loader_old *old);

/** What was made now, unsealed or mapped. */
struct loader_new {
	struct tg_span world, prompts, secrets;
};

/** Tell each change as a line that begins with LOADER_CHANGE; nothing if the old images are not there. */
void loader_changes_tell(const struct loader_old *old, const struct loader_new *made,
                         void (*tell)(void *owner, const char *text), void *owner);

#define LOADER_CHANGE "change: "

#endif
