/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/toll.h"

#include "model/when.h"
#include "switch/toll_chain.h"

#include <stdio.h>
#include <string.h>

enum { DAY_MS = 86400 * 1000, HOUR_MS = 3600 * 1000, MINUTE_MS = 60 * 1000 };

/* ---- Days ---------------------------------------------------------------------------------------------------------- */

uint64_t toll_local_ms(const struct world *world, uint64_t wall_ms)
{
	const int64_t ahead_ms = (int64_t)when_ahead_s(&world->settings.paying.zone, wall_ms / 1000) * 1000;

	return ahead_ms < 0 && wall_ms < (uint64_t)-ahead_ms ? 0 : wall_ms + (uint64_t)ahead_ms;
}

/* The month that a day since 1970 is in. Years begin in March here, so that the day that some have more is the last. */
static uint32_t month_of(uint32_t day)
{
	const uint32_t since = day + 719468; /* days since 1 March of the year 0 */
	const uint32_t era = since / 146097, in_era = since % 146097;
	const uint32_t years = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
	const uint32_t in_year = in_era - (365 * years + years / 4 - years / 100);
	const uint32_t month = (5 * in_year + 2) / 153; /* 0: March */

	return (era * 400 + years) * 12 + month + 2 - 1970 * 12;
}

static bool is_other(uint32_t counted, uint32_t now)
{
	return now > counted || counted > now + 1;
}

void toll_roll(const struct world *world, struct toll_usage *usage, uint64_t wall_ms)
{
	const uint32_t day = (uint32_t)(toll_local_ms(world, wall_ms) / DAY_MS);
	const uint32_t month = month_of(day), hour = (uint32_t)(wall_ms / HOUR_MS);

	if (is_other(usage->day, day)) {
		usage->day = day;
		memset(usage->day_s, 0, sizeof(usage->day_s));
		memset(usage->day_calls, 0, sizeof(usage->day_calls));
	}
	if (is_other(usage->hour, hour)) {
		usage->hour = hour;
		memset(usage->hour_calls, 0, sizeof(usage->hour_calls));
	}
	if (is_other(usage->month, month)) {
		usage->month = month;
		memset(usage->month_s, 0, sizeof(usage->month_s));
	}
}

bool toll_is_account(const struct world_user *user)
{
	return user != NULL && (user->auth_methods != 0 || user->of_backend != 0);
}

/* ---- Allowed or denied --------------------------------------------------------------------------------------------- */

/* How closely a rule fits: 0 not at all, 1 by class, more the longer the prefix is. */
static size_t closeness(const struct world_policy_rule *rule, const struct destination *destination)
{
	if (rule->prefix[0] != '\0') {
		return destination_begins(destination, rule->prefix) ? 1 + strlen(rule->prefix) : 0;
	}
	return (rule->classes >> destination->class & 1) != 0 ? 1 : 0;
}

static const struct world_policy_rule *rule_at(const struct toll_chain *chain, const struct world_policy *policy,
                                               uint32_t index)
{
	return world_row(chain->world, WORLD_POLICY_RULES, policy->rules.first + index);
}

static const struct world_policy_rule *closest(const struct toll_chain *chain, const struct world_policy *policy,
                                               const struct destination *destination)
{
	const struct world_policy_rule *best = NULL;
	size_t best_fit = 1;

	for (uint32_t i = 0; i < policy->rules.count; i++) {
		const struct world_policy_rule *rule = rule_at(chain, policy, i);
		const bool about_it = rule->kind == WORLD_POLICY_ALLOW || rule->kind == WORLD_POLICY_DENY;
		const size_t fit = about_it ? closeness(rule, destination) : 0;

		if (fit >= best_fit) {
			best = rule;
			best_fit = fit;
		}
	}
	return best;
}

/* Whom nobody knows is not let at what costs most, if nobody says otherwise. */
static bool is_for_guests(enum world_class class)
{
	return class <= WORLD_CLASS_MOBILE;
}

/* An emergency call is never denied because somebody forgot to name it. */
static bool judge(const struct toll_chain *chain, const struct destination *destination, struct toll_rule *out)
{
	for (size_t i = 0; i < chain->count; i++) {
		const struct world_policy *policy = chain->policies[i];
		const struct world_policy_rule *rule = closest(chain, policy, destination);

		*out = (struct toll_rule){ chain->role, policy, rule };
		if (rule != NULL) {
			return rule->kind == WORLD_POLICY_ALLOW;
		}
		if (policy->closed != 0 && destination->class != WORLD_CLASS_EMERGENCY) {
			return false;
		}
	}
	*out = (struct toll_rule){ .role = chain->role };
	return chain->role != TOLL_GUEST || is_for_guests(destination->class);
}

/* ---- Limits -------------------------------------------------------------------------------------------------------- */

static bool is_about(const struct toll_chain *chain, const struct toll_lines *lines,
                     const struct world_policy_rule *rule, enum world_policy_kind kind, enum world_class class)
{
	return rule->kind == kind && (toll_line_classes(chain, lines, rule) >> class & 1) != 0;
}

static bool is_hour(const struct world_policy_rule *rule, uint64_t at_ms)
{
	const uint32_t day = (uint32_t)(at_ms / DAY_MS), minute = (uint32_t)(at_ms % DAY_MS / MINUTE_MS);
	const uint32_t weekday = (day + 3) % 7, before = (weekday + 6) % 7; /* 1 January 1970 was a Thursday */
	const bool today = (rule->days >> weekday & 1) != 0, yesterday = (rule->days >> before & 1) != 0;

	if (rule->from_min < rule->to_min) {
		return today && minute >= rule->from_min && minute < rule->to_min;
	}
	return (today && minute >= rule->from_min) || (yesterday && minute < rule->to_min);
}

static void deny(struct toll_decision *out, enum model_reason why, struct toll_rule rule)
{
	if (out->why == MODEL_WHY_OK) {
		out->why = why;
		out->rule = rule;
	}
}

static void look_at_times(const struct toll_chain *chain, const struct toll_ask *ask, struct toll_decision *out)
{
	const enum world_class class = out->destination.class;
	const struct toll_lines lines = toll_limiting(chain, WORLD_POLICY_TIMES, class);
	const struct world_policy_rule *last = NULL;

	for (uint32_t i = 0; i < lines.count; i++) {
		const struct world_policy_rule *rule = toll_line(chain, &lines, i);

		if (is_about(chain, &lines, rule, WORLD_POLICY_TIMES, class)) {
			if (is_hour(rule, toll_local_ms(chain->world, ask->wall_ms))) {
				return;
			}
			last = rule;
		}
	}
	if (last != NULL && !ask->running) {
		deny(out, MODEL_WHY_PAID_TIMES, (struct toll_rule){ chain->role, lines.policy, last });
	}
}

/* How many calls at once, or begun in an hour or a day: what is counted, what it is when there are enough. */
static const struct counting {
	enum world_policy_kind kind;
	enum model_reason why;
	size_t counts; /* in struct toll_usage */
	size_t most;   /* in struct toll_decision */
} countings[] = {
	{ WORLD_POLICY_CALLS, MODEL_WHY_PAID_CALLS, offsetof(struct toll_usage, calls),
	  offsetof(struct toll_decision, calls_max) },
	{ WORLD_POLICY_HOUR_CALLS, MODEL_WHY_PAID_HOUR_CALLS, offsetof(struct toll_usage, hour_calls),
	  offsetof(struct toll_decision, hour_calls_max) },
	{ WORLD_POLICY_DAY_CALLS, MODEL_WHY_PAID_DAY_CALLS, offsetof(struct toll_usage, day_calls),
	  offsetof(struct toll_decision, day_calls_max) },
};

static uint32_t counted(const struct toll_usage *use, const struct counting *counting, uint32_t classes)
{
	return use == NULL ? 0 : toll_sum((const uint32_t *)((uintptr_t)use + counting->counts), classes);
}

static void look_at_calls(const struct toll_chain *chain, const struct counting *counting, const struct toll_ask *ask,
                          struct toll_decision *out)
{
	const enum world_class class = out->destination.class;
	const struct toll_lines lines = toll_limiting(chain, counting->kind, class);
	uint32_t *most = (uint32_t *)((uintptr_t)out + counting->most);

	for (uint32_t i = 0; i < lines.count; i++) {
		const struct world_policy_rule *rule = toll_line(chain, &lines, i);

		if (!is_about(chain, &lines, rule, counting->kind, class)) {
			continue;
		}
		out->counted = true;
		*most = rule->value < *most ? rule->value : *most;
		if (!ask->running &&
		    counted(chain->use, counting, toll_line_classes(chain, &lines, rule)) >= rule->value) {
			deny(out, counting->why, (struct toll_rule){ chain->role, lines.policy, rule });
		}
	}
}

static void look_at_longest(const struct toll_chain *chain, struct toll_decision *out)
{
	const enum world_class class = out->destination.class;
	const struct toll_lines lines = toll_limiting(chain, WORLD_POLICY_LONGEST, class);

	for (uint32_t i = 0; i < lines.count; i++) {
		const struct world_policy_rule *rule = toll_line(chain, &lines, i);

		if (is_about(chain, &lines, rule, WORLD_POLICY_LONGEST, class) && rule->value < out->longest_s) {
			out->longest_s = rule->value;
			out->longest = (struct toll_rule){ chain->role, lines.policy, rule };
		}
	}
}

static void look_at_minutes(const struct toll_chain *chain, enum world_policy_kind kind, struct toll_decision *out)
{
	const enum world_class class = out->destination.class;
	const struct toll_lines lines = toll_limiting(chain, kind, class);
	const bool daily = kind == WORLD_POLICY_DAILY;
	const enum model_reason why = daily ? MODEL_WHY_PAID_DAY : MODEL_WHY_PAID_MONTH;

	for (uint32_t i = 0; i < lines.count; i++) {
		const struct world_policy_rule *rule = toll_line(chain, &lines, i);

		if (!is_about(chain, &lines, rule, kind, class)) {
			continue;
		}
		const uint32_t used = chain->use == NULL ? 0
		                                         : toll_sum(daily ? chain->use->day_s : chain->use->month_s,
		                                                    toll_line_classes(chain, &lines, rule));
		const uint32_t left = used < rule->value ? rule->value - used : 0;
		const struct toll_rule from = { chain->role, lines.policy, rule };

		out->counted = true;
		if (left < out->left_s) {
			out->left_s = left;
			out->left = from;
			out->left_why = why;
		}
		if (left == 0) {
			deny(out, why, from);
		}
	}
}

/* A limit is for what costs; it never stops an emergency call. */
static void look_at_limits(const struct toll_chain *chain, const struct toll_ask *ask, struct toll_decision *out)
{
	if (out->destination.class == WORLD_CLASS_EMERGENCY) {
		return;
	}
	look_at_times(chain, ask, out);
	for (size_t i = 0; i < TG_COUNT(countings); i++) {
		look_at_calls(chain, &countings[i], ask, out);
	}
	look_at_longest(chain, out);
	look_at_minutes(chain, WORLD_POLICY_DAILY, out);
	look_at_minutes(chain, WORLD_POLICY_MONTHLY, out);
}

/* ---- All of it ----------------------------------------------------------------------------------------------------- */

void toll_decide(const struct world *world, const struct toll_ask *ask, struct toll_decision *out)
{
	*out = (struct toll_decision){
		.longest_s = TOLL_NO_LIMIT,
		.left_s = TOLL_NO_LIMIT,
		.calls_max = TOLL_NO_LIMIT,
		.hour_calls_max = TOLL_NO_LIMIT,
		.day_calls_max = TOLL_NO_LIMIT,
	};
	if (ask->trunk->chargeable == 0) {
		return;
	}
	const uint32_t dials = ask->user != NULL ? ask->user->numbers : 0;
	const struct toll_chain caller = toll_chain_of_caller(world, ask->user, ask->trunk->numbers, ask->account_use);
	const struct toll_chain trunk = toll_chain_of_trunk(world, ask->trunk, ask->trunk_use);
	struct toll_rule at_trunk;

	out->chargeable = true;
	destination_read(world, destination_numbers(world, ask->trunk->numbers, dials), ask->number, &out->destination);
	if (!judge(&caller, &out->destination, &out->rule)) {
		out->why = caller.role == TOLL_GUEST ? MODEL_WHY_PAID_GUEST : MODEL_WHY_PAID_DENIED;
	}
	if (!judge(&trunk, &out->destination, &at_trunk)) {
		deny(out, MODEL_WHY_PAID_DENIED, at_trunk);
	}
	look_at_limits(&caller, ask, out);
	look_at_limits(&trunk, ask, out);
}

const char *toll_rule_text(const struct world *world, const struct toll_rule *rule, char out[TOLL_RULE_BYTES])
{
	static const char *const nobody[] = {
		[TOLL_ACCOUNT] = "accounts may call all (built in)",
		[TOLL_GUEST] = "guests: nothing beyond national and mobile (built in)",
		[TOLL_TRUNK] = "trunks may be sent all (built in)",
	};

	if (rule->policy == NULL && rule->rule != NULL) {
		snprintf(out, TOLL_RULE_BYTES, "%s (built in)", toll_built_in_text(rule->rule));
		return out;
	}
	if (rule->policy == NULL) {
		snprintf(out, TOLL_RULE_BYTES, "%s", nobody[rule->role]);
		return out;
	}
	const struct world_origin *origin = rule->rule != NULL ? &rule->rule->origin : &rule->policy->origin;
	const char *text = rule->rule != NULL ? world_text(world, rule->rule->text) : "allow= does not name it";

	snprintf(out, TOLL_RULE_BYTES, "[%.24s] %.*s, %.24s:%u", world_text(world, rule->policy->name), 36, text,
	         world_text(world, origin->file), (unsigned)origin->line);
	return out;
}
