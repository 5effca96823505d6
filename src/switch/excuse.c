/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/switch.h"

/* What an account says of call tokens, and the addresses it says it for. */
struct policy {
	uint8_t require; /* enum world_tri */
	struct world_run acl;
	bool v4, v6;
};

/* Rows that [front] makes are nobody's name outside: what they say would tell that there is such an account. */
static struct policy policy_of_user(const struct world *world, struct tg_span name)
{
	const struct world_user *user = world_user_find(world, name);

	if (user == NULL || user->of_backend != 0) {
		return (struct policy){ .require = WORLD_DEFAULT };
	}
	return (struct policy){ user->require_call_token, user->acl, user->acl_v4 != 0, user->acl_v6 != 0 };
}

static struct policy policy_of_peer(const struct world *world, struct tg_span name)
{
	const struct world_peer *peer = world_peer_find(world, name);

	if (peer == NULL || peer->to_backend != 0) {
		return (struct policy){ .require = WORLD_DEFAULT };
	}
	return (struct policy){ peer->require_call_token, peer->acl, peer->acl_v4 != 0, peer->acl_v6 != 0 };
}

static bool has_permit(const struct world *world, struct world_run acl)
{
	for (uint32_t i = 0; i < acl.count; i++) {
		const struct world_acl_rule *rule = world_row(world, WORLD_ACL_RULES, acl.first + i);

		if (rule->permit == WORLD_ACL_PERMIT) {
			return true;
		}
	}
	return false;
}

static bool is_static_host(const struct world *world, struct tg_span name, struct tg_addr from)
{
	const struct world_peer *peer = world_peer_find(world, name);

	return peer != NULL && peer->host_kind == WORLD_HOST_STATIC && tg_addr_same_host(peer->addr, from);
}

/* Ruling R10: an exception holds where the account may come from at all. The operator may draw it closer. */
static struct switch_token_rule rule_of_place(const struct world *world, const struct policy *policy,
                                              struct tg_span name, struct tg_addr from, bool known)
{
	const struct world_range *range = world_range_find(world, WORLD_TOKEN_OPTIONAL, from);
	struct switch_token_rule rule = { .origin = SWITCH_TOKEN_ACCOUNT, .setting = (enum world_tri)policy->require };

	if (!world_acl_allows(world, policy->acl, policy->v4, policy->v6, from)) {
		rule.required = true;
		rule.origin = SWITCH_TOKEN_OUTSIDE;
	} else if (world->settings.guard.tokenless == WORLD_TOKENLESS_KNOWN && range == NULL &&
	           !has_permit(world, policy->acl) && !is_static_host(world, name, from)) {
		rule.required = !known;
		rule.origin = SWITCH_TOKEN_NETWORK;
	}
	return rule;
}

static struct switch_token_rule rule_of(const struct world *world, const struct policy *policy, struct tg_span name,
                                        struct tg_addr from, bool latched, bool known)
{
	const struct world_range *range = world_range_find(world, WORLD_TOKEN_OPTIONAL, from);

	switch ((enum world_tri)policy->require) {
	case WORLD_YES:
		return (struct switch_token_rule){ true, SWITCH_TOKEN_ACCOUNT, WORLD_YES, NULL };
	case WORLD_AUTO:
		if (latched) {
			return (struct switch_token_rule){ true, SWITCH_TOKEN_LATCHED, WORLD_AUTO, NULL };
		}
		return rule_of_place(world, policy, name, from, known);
	case WORLD_NO:
		return rule_of_place(world, policy, name, from, known);
	case WORLD_DEFAULT:
	case WORLD_TRIS:
		break;
	}
	return (struct switch_token_rule){ range == NULL, range == NULL ? SWITCH_TOKEN_DEFAULT : SWITCH_TOKEN_RANGE,
		                           WORLD_DEFAULT, range };
}

struct switch_token_rule switch_token_rule(const struct world *world, bool is_new, struct tg_span username,
                                           struct tg_addr from, bool latched, bool known)
{
	const struct tg_span name = username.len > 0 ? username : TG_SPAN_LIT("guest");
	struct policy policy = { .require = WORLD_DEFAULT };

	if (world_is_backend(world, from)) {
		return (struct switch_token_rule){ true, SWITCH_TOKEN_BACKEND, WORLD_YES, NULL };
	}
	if (name.len <= WORLD_NAME_MAX) {
		policy = is_new ? policy_of_user(world, name) : policy_of_peer(world, name);
	}
	return rule_of(world, &policy, name, from, latched, known);
}

bool switch_token_excused(const struct world *world, bool is_new, struct tg_span username, struct tg_addr from,
                          bool known)
{
	return !switch_token_rule(world, is_new, username, from, false, known).required;
}
