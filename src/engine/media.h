/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_MEDIA_H
#define TG_ENGINE_MEDIA_H

#include "engine/images.h"
#include "switch/switch.h"

/**
 * The switch's wishes for media, written into what the relays read: their table and the player's board; and what the relays give
 * back: counters, voice that must leave as full frames, prompts that are over. Belongs to the switch's thread.
 */

/** What was last set for one leg. */
struct media_leg {
	struct iax_leg_id leg;
	uint64_t format;
	uint32_t serial;  /* of the player's order; 0: none is up */
	uint32_t prompts; /* PLAY: the image's place */
	bool is_set;
};

struct media {
	struct engine_shared *shared;
	struct images *images;
	struct iax_endpoint *endpoint;
	struct media_leg *legs; /* one a leg of the endpoint */
	uint32_t legs_max;
	uint32_t serial;
	uint64_t no_room, bad; /* entries that could not be set, and ones that made no sense */
	uint64_t refused;      /* full frames that the endpoint would not send */
};

/** @param legs  legs_max zeroed rows, lent */
void media_init(struct media *media, struct engine_shared *shared, struct images *images, struct iax_endpoint *endpoint,
                struct media_leg *legs, uint32_t legs_max);

void media_set(struct media *media, const struct switch_relay *entry);
void media_clear(struct media *media, struct iax_leg_id leg);
bool media_report(struct media *media, struct iax_leg_id leg, struct iax_report *report);

/** Something a relay sent. The frames it makes wait in the endpoint. */
void media_on_notice(struct media *media, struct tg_switch *sw, const struct notice *notice, uint64_t now_us);

#endif
