/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/match.h"

#include "switch/switch.h"

static struct tg_span context_at(const struct world *world, const struct world_user *user, uint32_t index)
{
	const struct world_text *text = world_row(world, WORLD_TEXTS, user->contexts.first + index);

	return world_span(world, *text);
}

bool match_context_allowed(const struct world *world, const struct world_user *user, struct tg_span context)
{
	for (uint32_t i = 0; i < user->contexts.count; i++) {
		const struct tg_span allowed = context_at(world, user, i);

		if (tg_span_equal(allowed, context) || tg_span_equal(allowed, TG_SPAN_LIT("*"))) {
			return true;
		}
	}
	return context.len == 0;
}

/* "*" is a permission, never a place. In front of a backend what is asked for is a matter between the caller and that one. */
struct tg_span match_start_context(const struct world *world, const struct world_user *user, struct tg_span asked)
{
	if (user->start.len > 0) {
		return world_span(world, user->start);
	}
	if (asked.len > 0) {
		return asked;
	}
	for (uint32_t i = 0; i < user->contexts.count; i++) {
		const struct tg_span context = context_at(world, user, i);

		if (!tg_span_equal(context, TG_SPAN_LIT("*"))) {
			return context;
		}
	}
	return (struct tg_span){ 0 };
}

/* The door asked the same, but could not know of the latch. */
bool match_lacks_token(const struct world *world, bool is_new, const struct match_call *call)
{
	return call->latched && !call->proven &&
	       switch_token_rule(world, is_new, call->name, call->from, true, false).origin == SWITCH_TOKEN_LATCHED;
}

enum model_reason match_judge_user(const struct world *world, const struct world_user *user,
                                   const struct match_call *call)
{
	if (user->of_backend != 0 && !world_is_backend(world, call->from)) {
		return MODEL_WHY_NO_ACCOUNT;
	}
	if (user->decoy != 0) {
		return MODEL_WHY_DECOY; /* whatever else is wrong with it */
	}
	if (!world_acl_allows(world, user->acl, user->acl_v4 != 0, user->acl_v6 != 0, call->from)) {
		return MODEL_WHY_ACL;
	}
	if (!match_context_allowed(world, user, call->context)) {
		return MODEL_WHY_CONTEXT;
	}
	if (match_lacks_token(world, true, call)) {
		return MODEL_WHY_TOKEN;
	}
	return MODEL_WHY_OK;
}

static const struct world_user *match_guest(const struct world *world, const struct match_call *call, uint32_t from,
                                            uint32_t to)
{
	const struct world_user *best = NULL;

	for (uint32_t i = from; i < to; i++) {
		const struct world_user *user = world_row(world, WORLD_USERS, i);

		if (user->auth_methods != 0 || match_judge_user(world, user, call) != MODEL_WHY_OK) {
			continue;
		}
		if (user->acl.count > 0) {
			return user;
		}
		best = best == NULL ? user : best;
	}
	return best;
}

/* What the backend calls as: the row that was made for the peer it names. Its address counts only when it is proven. */
static const struct world_user *match_backend(const struct world *world, const struct match_call *call,
                                              enum model_reason *why)
{
	char bytes[WORLD_NAME_MAX];
	struct tg_writer w = tg_writer_of((uint8_t *)bytes, sizeof(bytes));
	const struct world_user *user;

	tg_put_span(&w, TG_SPAN_LIT(WORLD_FRONT_FROM));
	tg_put_span(&w, call->name);
	user = call->name.len > 0 && !w.failed ? world_user_find(world, tg_writer_span(&w)) : NULL;
	if (user == NULL || user->of_backend == 0) {
		*why = call->name.len > 0 ? MODEL_WHY_NO_ACCOUNT : MODEL_WHY_NO_GUEST;
		return NULL;
	}
	*why = call->proven ? match_judge_user(world, user, call) : MODEL_WHY_TOKEN;
	return user;
}

const struct world_user *match_user(const struct world *world, const struct match_call *call, uint32_t from,
                                    uint32_t to, enum model_reason *why)
{
	const struct world_user *user;

	if (world_is_backend(world, call->from)) {
		return match_backend(world, call, why);
	}
	if (call->name.len == 0) {
		user = match_guest(world, call, from, to);
		*why = user != NULL ? MODEL_WHY_OK : MODEL_WHY_NO_GUEST;
		return user;
	}
	user = call->name.len <= WORLD_NAME_MAX ? world_user_find(world, call->name) : NULL;
	user = user != NULL && user->of_backend != 0 ? NULL : user;
	*why = user != NULL ? match_judge_user(world, user, call) : MODEL_WHY_NO_ACCOUNT;
	return user;
}

const struct world_peer *match_registrant(const struct world *world, const struct match_call *reg,
                                          enum model_reason *why)
{
	const struct world_peer *peer = reg->name.len > 0 && reg->name.len <= WORLD_NAME_MAX
	                                        ? world_peer_find(world, reg->name)
	                                        : NULL;

	if (peer == NULL || peer->to_backend != 0) {
		peer = NULL;
		*why = MODEL_WHY_NO_ACCOUNT;
	} else if (peer->decoy != 0) {
		*why = MODEL_WHY_DECOY;
	} else if (peer->host_kind != WORLD_HOST_DYNAMIC) {
		*why = MODEL_WHY_STATIC;
	} else if (world_is_backend(world, reg->from)) {
		*why = MODEL_WHY_ACL; /* calls to it would go round */
	} else if (!world_acl_allows(world, peer->acl, peer->acl_v4 != 0, peer->acl_v6 != 0, reg->from)) {
		*why = MODEL_WHY_ACL;
	} else if (peer->has_secret == 0) {
		*why = MODEL_WHY_NO_SECRET;
	} else if (match_lacks_token(world, false, reg)) {
		*why = MODEL_WHY_TOKEN;
	} else {
		*why = MODEL_WHY_OK;
	}
	return peer;
}
