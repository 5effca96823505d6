/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/codecs.h"

#include "iax/choice.h"
#include "switch/accounts.h"
#include "switch/args.h"
#include "switch/calls.h"
#include "switch/callvars.h"
#include "switch/plan.h"

enum { STEPS_FORESEEN = 32 };

static_assert((int)IAX_CODEC_HOST == (int)WORLD_CODEC_HOST && (int)IAX_CODEC_CALLER == (int)WORLD_CODEC_CALLER &&
                      (int)IAX_CODEC_DISABLED == (int)WORLD_CODEC_DISABLED &&
                      (int)IAX_CODEC_REQONLY == (int)WORLD_CODEC_REQONLY,
              "the configuration's values are the library's");

uint64_t codecs_mask(const struct world_codecs *codecs)
{
	return codecs->mask & IAX_FORMATS_AUDIO;
}

/* Formats of one Dial's targets: what they all have, or else what any has. */
static uint64_t foresee_dial(const struct tg_switch *sw, const struct call *call, const struct world_step *step)
{
	const struct world *world = call_world(sw, call);
	uint8_t bytes[VARS_TEXT_MAX];
	struct vars_text text = { .p = bytes, .size_bytes = sizeof(bytes) };
	uint64_t all = UINT64_MAX, any = 0;
	struct dial_args dial;
	struct dial_target target;

	callvars_expand(sw, call, VARS_FOR_ARGUMENTS, world_span(world, step->args), &text);
	if (!args_dial(vars_span(&text), &dial)) {
		return 0;
	}
	while (args_target(&dial.targets, &target)) {
		const struct world_peer *peer = world_peer_find(world, target.peer);

		if (peer != NULL) {
			all &= codecs_mask(&peer->codecs);
			any |= codecs_mask(&peer->codecs);
		}
	}
	return (all & any & call->hears) != 0 ? all & any : any;
}

uint64_t codecs_foreseen(const struct tg_switch *sw, const struct call *call)
{
	const struct world *world = call_world(sw, call);
	const struct plan_place place = { call->context, name_span(call->exten), name_span(call->record.caller_number),
		                          call->minute, accounts_registered(sw) };

	for (uint32_t priority = 1; priority <= STEPS_FORESEEN; priority++) {
		const struct world_step *step = plan_find(world, &place, priority);

		if (step == NULL) {
			return 0;
		}
		if (step->app == WORLD_APP_DIAL) {
			return foresee_dial(sw, call, step);
		}
	}
	return 0;
}

uint64_t codecs_choose_among(const struct world_user *user, const struct wishes *wishes, uint8_t prefs_len, bool wide,
                             uint64_t among)
{
	struct iax_prefs prefs;
	struct iax_choice choice = {
		.priority = (enum iax_codec_priority)user->codec_priority,
		.own_formats = user->codecs.formats,
		.own_count = user->codecs.count,
		.own = user->codecs.mask & among,
		.offer = wishes->offer & among,
		.requested = wishes->requested,
		.caller = &prefs,
		.wide = wide,
	};

	iax_prefs_decode(&prefs, (struct tg_span){ wishes->prefs, prefs_len }, wishes->offer);
	return iax_format_choose(&choice);
}

static uint64_t choose_among(const struct call *call, const struct world_user *user, uint64_t among)
{
	return codecs_choose_among(user, &call->wishes, call->prefs_len, call->wide, among);
}

uint64_t codecs_choose(const struct tg_switch *sw, const struct call *call, const struct world_user *user)
{
	const uint64_t foreseen = codecs_foreseen(sw, call);
	const uint64_t format = foreseen != 0 ? choose_among(call, user, foreseen) : 0;

	return format != 0 ? format : choose_among(call, user, UINT64_MAX);
}
