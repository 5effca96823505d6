/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/toll_chain.h"

/* ---- What is built in -------------------------------------------------------------------------------------------- */

#define BIT(class) (1U << WORLD_CLASS_##class)

enum {
	ALL = (1 << WORLD_CLASSES) - 1,
	COSTS = ALL & ~(BIT(EMERGENCY) | BIT(INTERNAL) | BIT(TOLLFREE)),
	PREMIUMS = BIT(PREMIUM) | BIT(PREMIUM_INTL) | BIT(TEST_NUMBER) | BIT(UNKNOWN),
	DEAR = BIT(INTL_HIGH) | BIT(SATELLITE) | PREMIUMS,
	MINUTE_S = 60,
	HOUR_S = 60 * MINUTE_S,
};

/* For accounts that no policy is about: nothing an office misses, and little that a stolen password can cost in a night. */
static const struct {
	struct world_policy_rule rule;
	const char *text;
} built_in[] = {
	{ { .kind = WORLD_POLICY_CALLS, .value = 4, .classes = COSTS }, "calls=4" },
	{ { .kind = WORLD_POLICY_CALLS, .value = 1, .classes = DEAR }, "calls=1 intl-high satellite premium" },
	{ { .kind = WORLD_POLICY_HOUR_CALLS, .value = 3, .classes = DEAR },
	  "newcalls=3/hour intl-high satellite premium" },
	{ { .kind = WORLD_POLICY_DAY_CALLS, .value = 6, .classes = DEAR },
	  "newcalls=6/day intl-high satellite premium" },
	{ { .kind = WORLD_POLICY_DAILY, .value = 120 * MINUTE_S, .classes = BIT(INTL_LOW) }, "daily=120m intl-low" },
	{ { .kind = WORLD_POLICY_DAILY, .value = 60 * MINUTE_S, .classes = BIT(INTL_MID) }, "daily=60m intl-mid" },
	{ { .kind = WORLD_POLICY_DAILY, .value = 15 * MINUTE_S, .classes = BIT(INTL_HIGH) }, "daily=15m intl-high" },
	{ { .kind = WORLD_POLICY_LONGEST, .value = 4 * HOUR_S, .classes = COSTS }, "longest=4h" },
	{ { .kind = WORLD_POLICY_LONGEST, .value = 30 * MINUTE_S, .classes = BIT(INTL_HIGH) | BIT(SATELLITE) },
	  "longest=30m intl-high satellite" },
	{ { .kind = WORLD_POLICY_LONGEST, .value = 10 * MINUTE_S, .classes = PREMIUMS }, "longest=10m premium" },
};

const char *toll_built_in_text(const struct world_policy_rule *rule)
{
	for (size_t i = 0; i < TG_COUNT(built_in); i++) {
		if (rule == &built_in[i].rule) {
			return built_in[i].text;
		}
	}
	return "";
}

/* ---- Policies ------------------------------------------------------------------------------------------------------ */

static void chain_add(struct toll_chain *chain, uint32_t row)
{
	while (row != 0 && chain->count < TOLL_POLICIES_MAX) {
		const struct world_policy *policy = world_row(chain->world, WORLD_POLICIES, row - 1);

		for (size_t i = 0; i < chain->count; i++) {
			if (chain->policies[i] == policy) {
				return;
			}
		}
		chain->policies[chain->count++] = policy;
		row = policy->parent;
	}
}

static bool knows_country(const struct world *world, uint32_t trunk, uint32_t account)
{
	return destination_numbers(world, trunk, account)->country[0] != '\0';
}

struct toll_chain toll_chain_of_caller(const struct world *world, const struct world_user *user, uint32_t trunk_numbers,
                                       const struct toll_usage *use)
{
	const bool is_account = toll_is_account(user);
	struct toll_chain chain = {
		.world = world,
		.role = is_account ? TOLL_ACCOUNT : TOLL_GUEST,
		.use = use,
		.knows_country = knows_country(world, trunk_numbers, user != NULL ? user->numbers : 0),
	};

	chain_add(&chain, user != NULL ? user->policy : 0);
	chain_add(&chain, is_account ? world->settings.paying.system : world->settings.paying.guests);
	return chain;
}

struct toll_chain toll_chain_of_trunk(const struct world *world, const struct world_peer *trunk,
                                      const struct toll_usage *use)
{
	struct toll_chain chain = { .world = world, .role = TOLL_TRUNK, .use = use };

	chain_add(&chain, trunk->policy);
	chain_add(&chain, world->settings.paying.trunks);
	return chain;
}

/* ---- Limits ------------------------------------------------------------------------------------------------------ */

const struct world_policy_rule *toll_line(const struct toll_chain *chain, const struct toll_lines *lines,
                                          uint32_t index)
{
	return lines->policy == NULL ? &built_in[index].rule
	                             : world_row(chain->world, WORLD_POLICY_RULES, lines->policy->rules.first + index);
}

/* Where no country is set, each national number is one that nobody knows: the narrow lines are not for those. */
uint32_t toll_line_classes(const struct toll_chain *chain, const struct toll_lines *lines,
                           const struct world_policy_rule *rule)
{
	const bool widest = rule->classes == COSTS;

	return lines->policy == NULL && !chain->knows_country && !widest ? rule->classes & ~BIT(UNKNOWN)
	                                                                 : rule->classes;
}

/* In front of a backend accounts are known there only: all of its calls would share what is meant for one of them. */
static bool has_built_in(const struct toll_chain *chain)
{
	return chain->role == TOLL_ACCOUNT && chain->world->settings.front.backend.family == TG_NO_ADDR;
}

struct toll_lines toll_lines_at(const struct toll_chain *chain, size_t n)
{
	if (n < chain->count) {
		return (struct toll_lines){ chain->policies[n], chain->policies[n]->rules.count };
	}
	return (struct toll_lines){ NULL, n == 0 && has_built_in(chain) ? (uint32_t)TG_COUNT(built_in) : 0 };
}

static bool has_limit(const struct toll_chain *chain, const struct toll_lines *lines, enum world_policy_kind kind,
                      enum world_class class)
{
	for (uint32_t i = 0; i < lines->count; i++) {
		const struct world_policy_rule *rule = toll_line(chain, lines, i);

		if (rule->kind == kind && (toll_line_classes(chain, lines, rule) >> class & 1) != 0) {
			return true;
		}
	}
	return false;
}

struct toll_lines toll_limiting(const struct toll_chain *chain, enum world_policy_kind kind, enum world_class class)
{
	for (size_t n = 0; n <= chain->count; n++) {
		const struct toll_lines lines = toll_lines_at(chain, n);

		if (has_limit(chain, &lines, kind, class)) {
			return lines;
		}
	}
	return (struct toll_lines){ NULL, 0 };
}

uint32_t toll_sum(const uint32_t counts[WORLD_CLASSES], uint32_t classes)
{
	uint64_t total = 0;

	for (unsigned i = 0; i < WORLD_CLASSES; i++) {
		total += (classes >> i & 1) != 0 ? counts[i] : 0;
	}
	return (uint32_t)tg_min_u64(total, UINT32_MAX);
}
