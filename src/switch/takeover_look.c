/* SPDX-License-Identifier: Apache-2.0 */
/* Whether rows of another process make sense. Each was copied: what is looked at is what is used. */
#include "switch/apps.h"
#include "switch/calls.h"
#include "switch/takeover_inside.h"

#include <string.h>

/* Wall time in ms that no clock shows. */
#define WALL_MAX_MS (UINT64_C(1) << 50)

static bool is_one_format(uint64_t format)
{
	return format != 0 && (format & (format - 1)) == 0;
}

static bool may_be_format(uint64_t format)
{
	return format == 0 || is_one_format(format);
}

/* ---- Calls ------------------------------------------------------------------------------------------------------- */

static bool texts_are_whole(const struct model_call_record *record)
{
	return TAKEOVER_IS_TEXT(record->caller) && TAKEOVER_IS_TEXT(record->caller_number) &&
	       TAKEOVER_IS_TEXT(record->dialled) && TAKEOVER_IS_TEXT(record->context) &&
	       TAKEOVER_IS_TEXT(record->callee) && TAKEOVER_IS_TEXT(record->last_app) &&
	       TAKEOVER_IS_TEXT(record->accountcode);
}

/* It began, was perhaps answered, and that was before now. */
static bool times_are_whole(const struct tg_switch *sw, const struct call *call)
{
	const struct model_call_record *record = &call->record;

	if (call->started_us > sw->now_us || record->started_ms > WALL_MAX_MS) {
		return false;
	}
	const uint64_t now_ms = record->started_ms + (sw->now_us - call->started_us) / TG_US_PER_MS;

	return call->answered ? record->answered_ms >= record->started_ms && record->answered_ms <= now_ms
	                      : record->answered_ms == 0;
}

static bool is_running(const struct call *call)
{
	return call->state == CALL_CALLED || call->state == CALL_ACCEPTED || call->state == CALL_RUNNING;
}

bool takeover_has_record(const struct tg_switch *sw, const struct other *other, const struct call *call)
{
	const struct model_call_record *record = &call->record;

	return is_running(call) && call->admitted && texts_are_whole(record) && times_are_whole(sw, call) &&
	       record->unique < sw->next_unique && record->unique < other->sw->next_unique &&
	       takeover_is_address(&record->caller_addr) && takeover_may_be_address(&record->callee_addr) &&
	       may_be_format(record->format) && call->proof <= IAX_PROVEN && call->why < MODEL_REASON_COUNT;
}

/* An application that waits for something. */
static bool waits(uint8_t id)
{
	return id < APP_NONE &&
	       (app_row((enum app_id)id)->on_timer != NULL || app_row((enum app_id)id)->on_caller != NULL);
}

static bool is_busy_rightly(const struct call *call)
{
	if (call->state == CALL_RUNNING) {
		return waits(call->app);
	}
	/* An operator's: what is to run when the phone answers. */
	return call->app == APP_NONE &&
	       (call->state != CALL_CALLED || call->context != NO_ROW || call->answer_app < WORLD_APPS);
}

static bool rows_are_there(const struct call *call, const struct world *world)
{
	return world == NULL || ((call->user == NO_ROW || call->user < world_count(world, WORLD_USERS)) &&
	                         (call->context == NO_ROW || call->context < world_count(world, WORLD_CONTEXTS)));
}

static bool dial_is_whole(const struct tg_switch *sw, const struct call *call)
{
	const struct dialling *d = &call->dial;

	return d->started_us <= sw->now_us && d->answered_us <= sw->now_us && (call->callees != 0);
}

bool takeover_call_is_whole(const struct tg_switch *sw, const struct call *call, const struct world *world)
{
	const bool dials = call->state == CALL_RUNNING && call->app == WORLD_APP_DIAL;

	return call->todo == TODO_WAIT && !call->asked && is_busy_rightly(call) && rows_are_there(call, world) &&
	       TAKEOVER_IS_TEXT(call->exten) && TAKEOVER_IS_TEXT(call->name) && TAKEOVER_IS_TEXT(call->language) &&
	       call->prefs_len <= PREFS_KEPT && call->digits_len <= sizeof(call->digits) &&
	       (dials ? dial_is_whole(sw, call) : call->callees == 0 && call->talks == 0);
}

/* ---- What belongs to them ---------------------------------------------------------------------------------------- */

bool takeover_party_is_whole(const struct party *party)
{
	return party->state <= PARTY_ANSWERED && takeover_is_address(&party->remote) &&
	       takeover_is_address(&party->local) && may_be_format(party->format) && may_be_format(party->rx_format) &&
	       TAKEOVER_IS_TEXT(party->name);
}

bool takeover_playing_is_whole(const struct tg_switch *sw, const struct prompts *prompts, const struct playing *playing)
{
	if (prompts == NULL || playing->prompt >= prompts->count || playing->started_us == 0 ||
	    playing->started_us > sw->now_us) {
		return false;
	}
	const struct prompt *row = prompts_row(prompts, playing->prompt);

	return row->frames > 0 && row->frames == playing->frames && row->format == playing->format;
}
