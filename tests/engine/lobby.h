/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_ENGINE_LOBBY_H
#define TG_TESTS_ENGINE_LOBBY_H

/* Admission as the engine has it, with endpoint and switch, on a virtual clock; store and fence are the test. */

#include "check.h"

#include "conf/conf.h"
#include "engine/core.h"
#include "far.h"

enum { LOBBY_EVENTS = 1024 };

struct lobby {
	struct conf_result conf;
	struct engine_shared *shared;
	struct iax_endpoint *endpoint;
	struct tg_switch *sw;
	struct admission *admission;
	void *guard;
	struct far store, fence;
	struct terms_now now;
	struct model_event events[LOBBY_EVENTS]; /* that the store was told */
	uint32_t event_count;
};

/** fingerprints: NULL for none. */
void lobby_open(struct lobby *lobby, const char *iax, const char *fingerprints);
void lobby_close(struct lobby *lobby);

/** Time passes, and a turn with it. */
void lobby_pass_ms(struct lobby *lobby, uint32_t ms);

/** The last event of this kind; NULL for none. */
const struct model_event *lobby_event(const struct lobby *lobby, enum model_event_kind kind);
uint32_t lobby_events(const struct lobby *lobby, enum model_event_kind kind);

/** A NEW of this name and source number at the gate. */
enum iax_err lobby_knock(struct lobby *lobby, struct tg_addr from, uint16_t number, const char *name,
                         enum iax_proof proof);

struct tg_addr lobby_addr(const char *text);

#endif
