/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DAEMON_SOUNDS_H
#define TG_DAEMON_SOUNDS_H

#include "base/log.h"
#include "conf/tones.h"
#include "sys/channel.h"

/**
 * Sound files are read by a process of their own: only the configuration says where they are, and who has read that
 * may open no other folder any more. It is started before, waits for the name of the folder, and may then read that one alone.
 */
struct sounds {
	struct sys_channel *channel;
};

/** Start it; before any sandbox. @return false with errno */
TG_MUST_USE bool sounds_start(struct sounds *sounds);

/**
 * Have the prompts image built.
 *
 * @param folder   absolute; "" for the built-in tones alone
 * @param on_text  gets each problem, as a line for people
 * @param failed   whether one of them was an error
 * @return the sealed image's descriptor, or -1
 */
int sounds_build(struct sounds *sounds, const char *folder, const struct conf_tones *tones, uint64_t generation,
                 size_t *size_bytes, bool *failed, void (*on_text)(void *owner, const char *text), void *owner);

void sounds_stop(struct sounds *sounds);

#endif
