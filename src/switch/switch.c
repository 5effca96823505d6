/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/switch.h"

#include <string.h>

#include "switch/accounts.h"
#include "switch/calls.h"
#include "switch/inside.h"
#include "switch/paying.h"
#include "switch/qualify.h"
#include "switch/registrar.h"
#include "switch/registrations.h"
#include "switch/tones.h"
#include "switch/usages.h"

/* ---- The block ------------------------------------------------------------------------------------------------- */

enum {
	PARTIES_PER_CALL = 3, /* a caller, a callee, and some that ring in parallel */
	PIECES_PER_CALL = 16,
	PIECES_PER_STRANGER = 24, /* what one NEW can bring: 16 variables of 1024 octets */
	PIECES_MORE = BAG_PIECES_MAX,
	FRAMES_MORE = 64, /* one Gosub a call, and these */
	CALLS_PER_TONE = 4,
	TONES_MORE = 64,
	ALIGN = 64,
};

/* Strangers have places of their own: however many they take, there are calls_max for the others. */
static uint32_t call_places(const struct switch_config *config)
{
	return config->calls_max + config->half_open_max;
}

static uint32_t parties_max(const struct switch_config *config)
{
	return config->calls_max * PARTIES_PER_CALL + CALL_PARTIES_MAX + config->half_open_max;
}

static uint32_t pieces_max(const struct switch_config *config)
{
	return config->calls_max * PIECES_PER_CALL + config->half_open_max * PIECES_PER_STRANGER + PIECES_MORE;
}

static uint32_t frames_max(const struct switch_config *config)
{
	return config->calls_max + FRAMES_MORE;
}

/* Not everybody hears a tone at once. */
static uint32_t tones_max(const struct switch_config *config)
{
	const uint32_t wanted = config->calls_max / CALLS_PER_TONE + TONES_MORE;

	return wanted < UINT16_MAX ? wanted : UINT16_MAX;
}

/* Timers of one kind follow those of the kinds before. */
static uint32_t timer_base(const struct switch_config *config, enum timer_kind kind)
{
	const uint32_t counts[TIMER_KINDS] = {
		[TIMER_CALL] = call_places(config),           [TIMER_ABSOLUTE] = call_places(config),
		[TIMER_QUALIFY] = config->bindings_max,       [TIMER_BINDING] = config->bindings_max,
		[TIMER_OUTGOING] = config->registrations_max, [TIMER_TONE] = tones_max(config),
		[TIMER_PAID] = call_places(config),
	};
	uint32_t base = 0;

	for (unsigned i = 0; i < (unsigned)kind; i++) {
		base += counts[i];
	}
	return base;
}

static uint32_t paids_max(const struct switch_config *config)
{
	return config->calls_max + CALL_PARTIES_MAX;
}

static uint32_t usages_max(const struct switch_config *config)
{
	enum { SOME = 64 };

	return config->usages_max > 0 ? config->usages_max : 2 * config->bindings_max + SOME;
}

/* Where the next part of the block begins; `at` moves behind it. */
static uint64_t place(size_t *at, size_t size_bytes)
{
	const size_t start = (*at + ALIGN - 1) / ALIGN * ALIGN;

	*at = start + size_bytes;
	return start;
}

static size_t lay_out(struct tg_switch *sw, const struct switch_config *config)
{
	size_t at = sizeof(*sw);

	sw->calls_at = place(&at, tg_slab_size(sizeof(struct call), call_places(config)));
	sw->parties_at = place(&at, tg_slab_size(sizeof(struct party), parties_max(config)));
	sw->pieces_at = place(&at, bag_pool_size(pieces_max(config)));
	sw->frames_at = place(&at, tg_slab_size(sizeof(struct frame), frames_max(config)));
	sw->tones_at = place(&at, tg_slab_size(sizeof(struct tone), tones_max(config)));
	sw->pendings_at = place(&at, tg_slab_size(sizeof(struct pending), config->half_open_max));
	sw->accounts_at = place(&at, tg_slab_size(sizeof(struct account), config->bindings_max));
	sw->outgoings_at = place(&at, tg_slab_size(sizeof(struct outgoing), config->registrations_max));
	sw->names_at = place(&at, tg_map_size(config->bindings_max));
	sw->asked_at = place(&at, tg_map_size(call_places(config)));
	sw->limits_at = place(&at, tg_map_size(config->bindings_max));
	sw->wheel_at = place(&at, tg_wheel_size(timer_base(config, TIMER_KINDS)));
	sw->paids_at = place(&at, tg_slab_size(sizeof(struct paid), paids_max(config)));
	sw->paid_places_at = place(&at, parties_max(config) * sizeof(uint32_t));
	sw->paid_records_at = place(&at, call_places(config) * sizeof(struct model_paid));
	sw->usages_at = place(&at, tg_slab_size(sizeof(struct usage), usages_max(config)));
	sw->charged_at = place(&at, tg_map_size(usages_max(config)));
	/* Who is judged is half open: all of them may leave at once. */
	sw->lefts_at = place(&at, tg_slab_size(sizeof(struct left_behind), config->half_open_max));
	sw->left_cookies_at = place(&at, tg_map_size(config->half_open_max));
	return at;
}

size_t switch_size(const struct switch_config *config)
{
	struct tg_switch measured = { 0 };

	return lay_out(&measured, config);
}

static void *part(struct tg_switch *sw, uint64_t at)
{
	return (uint8_t *)sw + at;
}

struct tg_switch *switch_init(void *mem, const struct switch_config *config, struct iax_endpoint *ep,
                              const struct switch_ops *ops, const struct tg_log *log, uint64_t now_us, uint64_t wall_us)
{
	struct tg_switch *sw = mem;

	static_assert(sizeof(sw->key) <= sizeof(config->seed), "the seed is the key, or longer");
	assert((uintptr_t)mem % ALIGN == 0);
	*sw = (struct tg_switch){
		.outside = { .ep = ep, .log = log, .ops = *ops },
		.config = *config,
		.now_us = now_us,
		.wall_us = wall_us,
		.next_unique = config->first_unique,
		.world = NO_ROW,
	};
	memcpy(sw->key, config->seed, sizeof(sw->key));
	lay_out(sw, config);
	tg_slab_init(part(sw, sw->calls_at), sizeof(struct call), call_places(config));
	tg_slab_init(part(sw, sw->parties_at), sizeof(struct party), parties_max(config));
	bag_pool_init(part(sw, sw->pieces_at), pieces_max(config));
	tg_slab_init(part(sw, sw->frames_at), sizeof(struct frame), frames_max(config));
	tg_slab_init(part(sw, sw->tones_at), sizeof(struct tone), tones_max(config));
	tg_slab_init(part(sw, sw->pendings_at), sizeof(struct pending), config->half_open_max);
	tg_slab_init(part(sw, sw->accounts_at), sizeof(struct account), config->bindings_max);
	tg_slab_init(part(sw, sw->outgoings_at), sizeof(struct outgoing), config->registrations_max);
	tg_map_init(part(sw, sw->names_at), config->bindings_max);
	tg_map_init(part(sw, sw->asked_at), call_places(config));
	tg_map_init(part(sw, sw->limits_at), config->bindings_max);
	tg_slab_init(part(sw, sw->paids_at), sizeof(struct paid), paids_max(config));
	tg_slab_init(part(sw, sw->usages_at), sizeof(struct usage), usages_max(config));
	tg_map_init(part(sw, sw->charged_at), usages_max(config));
	tg_slab_init(part(sw, sw->lefts_at), sizeof(struct left_behind), config->half_open_max);
	tg_map_init(part(sw, sw->left_cookies_at), config->half_open_max);
	tg_wheel_init(part(sw, sw->wheel_at), timer_base(config, TIMER_KINDS), now_us);
	return sw;
}

uint32_t switch_timer_number(const struct tg_switch *sw, enum timer_kind kind, uint32_t index)
{
	return timer_base(&sw->config, kind) + index;
}

void switch_timer(struct tg_switch *sw, enum timer_kind kind, uint32_t index, uint64_t deadline_us)
{
	tg_wheel_set(wheel_of(sw), switch_timer_number(sw, kind, index), deadline_us);
}

uint64_t switch_timer_at(const struct tg_switch *sw, enum timer_kind kind, uint32_t index)
{
	return tg_wheel_get(wheel_of(sw), switch_timer_number(sw, kind, index));
}

static void at_time(struct tg_switch *sw, uint64_t now_us, uint64_t wall_us)
{
	sw->now_us = now_us;
	sw->wall_us = wall_us;
}

void switch_at_now(struct tg_switch *sw, uint64_t now_us)
{
	at_time(sw, now_us, sw->wall_us + (now_us - sw->now_us));
}

/* ---- Worlds ---------------------------------------------------------------------------------------------------- */

const struct world *world_now(const struct tg_switch *sw)
{
	return sw->world == NO_ROW ? NULL : sw->outside.worlds[sw->world];
}

static bool slot_is_free(const struct tg_switch *sw, uint32_t slot)
{
	return sw->uses[slot].calls == 0 && slot != sw->world;
}

/* A place for another world. If calls hold all of them, those of the oldest must do without. */
static uint32_t take_slot(struct tg_switch *sw)
{
	uint32_t oldest = NO_ROW;

	for (uint32_t i = 0; i < SWITCH_WORLDS; i++) {
		if (slot_is_free(sw, i)) {
			return i;
		}
		if (i != sw->world && (oldest == NO_ROW || sw->uses[i].generation < sw->uses[oldest].generation)) {
			oldest = i;
		}
	}
	calls_give_up_world(sw, oldest);
	return oldest;
}

void switch_find_guests(const struct world *world, struct world_use *use)
{
	use->guests_from = world_count(world, WORLD_USERS);
	for (uint32_t i = 0; i < world_count(world, WORLD_USERS); i++) {
		const struct world_user *user = world_row(world, WORLD_USERS, i);

		if (user->auth_methods == 0) {
			use->guests_from = i < use->guests_from ? i : use->guests_from;
			use->guests_to = i + 1;
		}
	}
}

void switch_set_world(struct tg_switch *sw, const struct world *world, const struct prompts *prompts, uint64_t now_us)
{
	switch_at_now(sw, now_us);
	const uint32_t slot = take_slot(sw);

	sw->uses[slot] = (struct world_use){ .generation = world->generation };
	sw->outside.worlds[slot] = world;
	sw->outside.prompts[slot] = prompts;
	switch_find_guests(world, &sw->uses[slot]);
	sw->world = slot;
	accounts_on_world(sw);
	registrations_on_world(sw);
}

bool switch_world_in_use(const struct tg_switch *sw, uint64_t generation)
{
	for (uint32_t i = 0; i < SWITCH_WORLDS; i++) {
		if (!slot_is_free(sw, i) && sw->uses[i].generation == generation) {
			return true;
		}
	}
	return false;
}

/* ---- Events ---------------------------------------------------------------------------------------------------- */

static void on_event(struct tg_switch *sw, const struct iax_event *event)
{
	switch (event->leg_kind) {
	case IAX_LEG_CALL_IN:
	case IAX_LEG_CALL_OUT:
		calls_on_event(sw, event);
		break;
	case IAX_LEG_REG_IN:
		registrar_on_event(sw, event);
		break;
	case IAX_LEG_REG_OUT:
		registrations_on_event(sw, event);
		break;
	case IAX_LEG_POKE_OUT:
		qualify_on_event(sw, event);
		break;
	}
}

void switch_turn(struct tg_switch *sw, uint64_t now_us, uint64_t wall_us)
{
	struct iax_event event;

	at_time(sw, now_us, wall_us);
	while (iax_endpoint_next_event(sw->outside.ep, &event)) {
		on_event(sw, &event);
		sw->outside.heard_from = TG_NO_REF;
	}
}

uint64_t switch_deadline_us(const struct tg_switch *sw)
{
	return tg_wheel_deadline_us(wheel_of(sw));
}

static void on_timer(struct tg_switch *sw, uint32_t timer)
{
	unsigned kind = TIMER_KINDS - 1;

	while (timer < timer_base(&sw->config, (enum timer_kind)kind)) {
		kind--;
	}
	const uint32_t index = timer - timer_base(&sw->config, (enum timer_kind)kind);

	switch ((enum timer_kind)kind) {
	case TIMER_CALL:
	case TIMER_ABSOLUTE:
	case TIMER_PAID:
		calls_on_timer(sw, (enum timer_kind)kind, index);
		break;
	case TIMER_QUALIFY:
		qualify_on_timer(sw, index);
		break;
	case TIMER_BINDING:
		registrar_on_timer(sw, index);
		break;
	case TIMER_OUTGOING:
		registrations_on_timer(sw, index);
		break;
	case TIMER_TONE:
		tones_on_timer(sw, index);
		break;
	case TIMER_KINDS:
		break;
	}
}

void switch_expire(struct tg_switch *sw, uint64_t now_us, uint64_t wall_us)
{
	uint32_t timer;

	at_time(sw, now_us, wall_us);
	while (tg_wheel_expire(wheel_of(sw), now_us, &timer)) {
		on_timer(sw, timer);
	}
}

/* ---- Answers --------------------------------------------------------------------------------------------------- */

void switch_on_challenge(struct tg_switch *sw, uint64_t cookie, struct tg_span text, uint64_t now_us)
{
	switch_at_now(sw, now_us);
	if (owner_kind(cookie) == OWNER_PARTY) {
		calls_on_challenge(sw, owner_ref(cookie), text);
	} else if (owner_kind(cookie) == OWNER_PENDING) {
		registrar_on_challenge(sw, owner_ref(cookie), text);
	}
}

void switch_on_verdict(struct tg_switch *sw, uint64_t cookie, bool right, uint64_t answer, uint64_t now_us)
{
	switch_at_now(sw, now_us);
	if (owner_kind(cookie) == OWNER_PARTY) {
		calls_on_verdict(sw, owner_ref(cookie), right, answer);
	} else if (owner_kind(cookie) == OWNER_PENDING) {
		registrar_on_verdict(sw, owner_ref(cookie), right, answer);
	}
}

void switch_on_response(struct tg_switch *sw, uint64_t cookie, const uint8_t *md5, uint64_t now_us)
{
	switch_at_now(sw, now_us);
	if (owner_kind(cookie) == OWNER_PARTY) {
		calls_on_response(sw, owner_ref(cookie), md5);
	} else if (owner_kind(cookie) == OWNER_LEG) {
		registrations_on_response(sw, (struct iax_leg_id){ owner_ref(cookie) }, md5);
	}
}

void switch_on_binding(struct tg_switch *sw, const struct model_binding *binding, uint64_t now_us, uint64_t wall_us)
{
	at_time(sw, now_us, wall_us);
	registrar_restore(sw, binding);
}

void switch_on_usage(struct tg_switch *sw, const struct model_usage *usage, uint64_t now_us, uint64_t wall_us)
{
	at_time(sw, now_us, wall_us);
	usages_restore(sw, usage);
}

void switch_on_played(struct tg_switch *sw, struct iax_leg_id leg, uint64_t now_us)
{
	switch_at_now(sw, now_us);
	calls_on_played(sw, leg);
}

void switch_stop(struct tg_switch *sw, bool graceful, uint64_t now_us)
{
	switch_at_now(sw, now_us);
	sw->stopping = true;
	if (!graceful) {
		calls_end_all(sw, IAX_CAUSE_NORMAL_CLEARING);
	}
}

void switch_go_on(struct tg_switch *sw)
{
	sw->stopping = false;
}

uint32_t switch_calls(const struct tg_switch *sw)
{
	return calls_of(sw)->used;
}
