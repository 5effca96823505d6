/* SPDX-License-Identifier: Apache-2.0 */
/* What accounts, guests and trunks use of paid calls, and what limits them: a row for each class, then one for each limit. */
#include <string.h>

#include "switch/toll_limits.h"
#include "switch/usages.h"

enum { LINES_MAX = 4096 }; /* of one name; the cursor counts names times that */

static bool is_shown(const struct toll_usage *use, unsigned class)
{
	return use->calls[class] != 0 || use->hour_calls[class] != 0 || use->day_calls[class] != 0 ||
	       use->day_s[class] != 0 || use->month_s[class] != 0;
}

static void put_class(const struct toll_usage *use, unsigned class, struct model_usage_row *row)
{
	row->class = class;
	row->calls = use->calls[class];
	row->hour_calls = use->hour_calls[class];
	row->day_calls = use->day_calls[class];
	row->day_s = use->day_s[class];
	row->month_s = use->month_s[class];
}

/* @return false for a name that the world does not know any more: nothing limits it */
static bool chain_of(const struct world *world, const struct usage *usage, const struct toll_usage *use,
                     struct toll_chain *chain)
{
	const struct tg_span name = name_span(usage->name);
	const struct world_user *user = usage->role == TOLL_ACCOUNT ? world_user_find(world, name) : NULL;
	const struct world_peer *trunk = usage->role == TOLL_TRUNK ? world_peer_find(world, name) : NULL;

	if ((usage->role == TOLL_ACCOUNT && !toll_is_account(user)) || (usage->role == TOLL_TRUNK && trunk == NULL)) {
		return false;
	}
	*chain = usage->role == TOLL_TRUNK ? toll_chain_of_trunk(world, trunk, use)
	                                   : toll_chain_of_caller(world, user, 0, use);
	return true;
}

static bool put_limit(const struct world *world, const struct usage *usage, const struct toll_usage *use,
                      uint64_t wall_ms, uint32_t *line, struct model_usage_row *row)
{
	struct toll_chain chain;
	struct toll_limit limit;

	if (!chain_of(world, usage, use, &chain) || !toll_limit_next(&chain, line, wall_ms, &limit)) {
		return false;
	}
	row->is_limit = 1;
	row->seconds = limit.kind == WORLD_POLICY_DAILY || limit.kind == WORLD_POLICY_MONTHLY;
	row->used = limit.used;
	row->most = limit.most;
	row->anew_ms = limit.anew_ms;
	memcpy(row->text, limit.text, sizeof(row->text));
	return true;
}

/* The next row of one name. */
static bool next_row(const struct world *world, const struct usage *usage, uint64_t wall_ms, uint32_t *line,
                     struct model_usage_row *row)
{
	struct toll_usage use = usage->use;

	toll_roll(world, &use, wall_ms);
	*row = (struct model_usage_row){ .role = usage->role };
	memcpy(row->name, usage->name, sizeof(row->name));
	while (*line < WORLD_CLASSES) {
		if (is_shown(&use, *line)) {
			put_class(&use, (*line)++, row);
			return true;
		}
		(*line)++;
	}
	uint32_t limit = *line - WORLD_CLASSES;
	const bool found = put_limit(world, usage, &use, wall_ms, &limit, row);

	*line = limit + WORLD_CLASSES;
	return found && *line < LINES_MAX;
}

bool switch_usage_row(const struct tg_switch *sw, uint32_t *cursor, uint64_t now_us, struct model_usage_row *row)
{
	const struct world *world = world_now(sw);
	const uint64_t wall_ms = (sw->wall_us + (now_us - sw->now_us)) / TG_US_PER_MS;

	while (world != NULL && *cursor / LINES_MAX < usages_of(sw)->count) {
		const uint32_t index = *cursor / LINES_MAX;
		const struct usage *usage = tg_slab_at(usages_of(sw), index, NULL);
		uint32_t line = *cursor % LINES_MAX;

		if (usage != NULL && next_row(world, usage, wall_ms, &line, row)) {
			*cursor = index * LINES_MAX + line;
			return true;
		}
		*cursor = (index + 1) * LINES_MAX;
	}
	return false;
}
