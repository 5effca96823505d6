/* SPDX-License-Identifier: Apache-2.0 */
/* What limits somebody now, one line after the other, and when it begins anew: for people. */
#include "switch/toll_limits.h"

#include "model/when.h"

enum { DAY_S = 86400, HOUR_S = 3600 };

static uint64_t midnight_after_s(const struct world *world, uint64_t utc_s)
{
	const struct world_zone *zone = &world->settings.paying.zone;
	const uint64_t local_s = (toll_local_ms(world, utc_s * 1000) / 1000 / DAY_S + 1) * DAY_S;
	const uint64_t about_s = (uint64_t)((int64_t)local_s - when_ahead_s(zone, utc_s));

	return (uint64_t)((int64_t)local_s - when_ahead_s(zone, about_s));
}

static unsigned month_at(const struct world *world, uint64_t utc_s)
{
	return when_local(&world->settings.paying.zone, utc_s).month;
}

static uint64_t month_after_s(const struct world *world, uint64_t utc_s)
{
	const unsigned month = month_at(world, utc_s);

	for (unsigned days = 0; days < 31 && month_at(world, utc_s) == month; days++) {
		utc_s = midnight_after_s(world, utc_s);
	}
	return utc_s;
}

static uint64_t hour_after_s(const struct world *world, uint64_t utc_s)
{
	(void)world;
	return (utc_s / HOUR_S + 1) * HOUR_S;
}

/* Where it is counted, and when that begins anew. */
static const struct {
	size_t counts;
	uint64_t (*after_s)(const struct world *world, uint64_t utc_s);
} kinds[WORLD_POLICY_KINDS] = {
	[WORLD_POLICY_CALLS] = { offsetof(struct toll_usage, calls), NULL },
	[WORLD_POLICY_HOUR_CALLS] = { offsetof(struct toll_usage, hour_calls), hour_after_s },
	[WORLD_POLICY_DAY_CALLS] = { offsetof(struct toll_usage, day_calls), midnight_after_s },
	[WORLD_POLICY_DAILY] = { offsetof(struct toll_usage, day_s), midnight_after_s },
	[WORLD_POLICY_MONTHLY] = { offsetof(struct toll_usage, month_s), month_after_s },
};

static bool is_counted(enum world_policy_kind kind)
{
	return kind == WORLD_POLICY_CALLS || kinds[kind].after_s != NULL;
}

/* For at least one of its classes it is the first that has something to say. */
static bool is_in_force(const struct toll_chain *chain, const struct toll_lines *lines,
                        const struct world_policy_rule *rule)
{
	const uint32_t classes = toll_line_classes(chain, lines, rule);

	for (unsigned class = 0; class < WORLD_CLASSES; class ++) {
		if ((classes >> class & 1) != 0 &&
		    toll_limiting(chain, (enum world_policy_kind)rule->kind, (enum world_class) class).policy ==
		            lines->policy) {
			return true;
		}
	}
	return false;
}

static bool put_limit(const struct toll_chain *chain, const struct toll_lines *lines,
                      const struct world_policy_rule *rule, uint64_t wall_ms, struct toll_limit *out)
{
	const struct toll_rule from = { chain->role, lines->policy, rule };

	if (!is_counted((enum world_policy_kind)rule->kind) || !is_in_force(chain, lines, rule)) {
		return false;
	}
	*out = (struct toll_limit){ .kind = (enum world_policy_kind)rule->kind, .most = rule->value };
	out->used = toll_sum((const uint32_t *)((uintptr_t)chain->use + kinds[rule->kind].counts),
	                     toll_line_classes(chain, lines, rule));
	if (kinds[rule->kind].after_s != NULL) {
		out->anew_ms = kinds[rule->kind].after_s(chain->world, wall_ms / 1000) * 1000;
	}
	toll_rule_text(chain->world, &from, out->text);
	return true;
}

bool toll_limit_next(const struct toll_chain *chain, uint32_t *cursor, uint64_t wall_ms, struct toll_limit *out)
{
	uint32_t before = 0;

	for (size_t n = 0; n <= chain->count; n++) {
		const struct toll_lines lines = toll_lines_at(chain, n);

		while (*cursor < before + lines.count) {
			const struct world_policy_rule *rule = toll_line(chain, &lines, (*cursor)++ - before);

			if (put_limit(chain, &lines, rule, wall_ms, out)) {
				return true;
			}
		}
		before += lines.count;
	}
	return false;
}
