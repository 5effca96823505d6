/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_EVENTS_H
#define TG_ENGINE_EVENTS_H

#include "crypt/random.h"
#include "engine/link.h"
#include "engine/terms.h"
#include "guard/quiet.h"

/**
 * Security events on their way to the store. Of many alike few are told, and every one that is not is counted in the `suppressed`
 * of one that is: at last in one of kind NONE, which stands for the rest. What waits is bounded; the oldest make room and are
 * counted in the same way. Nobody outside waits for the store.
 */
enum { EVENTS_MAX = 512 };

struct events {
	struct quiet quiet;
	struct crypt_random random;
	uint64_t last; /* id.time of the last one: the next is larger */
	uint64_t rest; /* not told, and to be told by the next one of kind NONE */
	uint64_t told, suppressed, dropped;
	uint64_t kinds[MODEL_EVENT_KINDS], reasons[MODEL_REASON_COUNT]; /* all of them, told or not */
	uint32_t first, count;
	struct model_event waiting[EVENTS_MAX];
};

/** @param seed  secret: an id cannot be guessed */
void events_init(struct events *events, const uint8_t seed[CRYPT_SEED_BYTES]);

/**
 * Tell it, unless enough like it were told. Sets id, wall_ms and suppressed.
 *
 * @param event  remote and account say what it is like; texts are NUL-terminated
 * @return true if it is told: whoever writes a line for people, writes it then
 */
bool events_tell(struct events *events, struct model_event *event, struct terms_now now);

/**
 * Keep it in any case: of a ban, which is asked for later. Sets id and wall_ms.
 *
 * @return true if a line for people may be written
 */
bool events_keep(struct events *events, struct model_event *event, struct terms_now now);

/** As an attacker's text goes into an event: cut, with its NUL. */
void events_put_text(char *to, size_t size_bytes, struct tg_span text);

/** Once a second: tell how many were not told, if their minute is over. */
void events_expire(struct events *events, struct terms_now now);

/** Send what waits, as fast as the store takes it. */
void events_turn(struct events *events, struct link *store);
bool events_wait(const struct events *events);

#endif
