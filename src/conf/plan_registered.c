/* SPDX-License-Identifier: Apache-2.0 */
/* regcontext and regexten: steps that are there while their peer is registered. */
#include "conf/app.h"
#include "conf/plan.h"
#include "conf/value.h"
#include "model/pattern.h"

#include <strings.h>

static const char *keep(struct conf_loading *loading, struct tg_span text)
{
	const char *kept = conf_arena_text(loading->arena, text);

	return kept != NULL ? kept : "";
}

static void add_exten(struct conf_loading *loading, struct conf_context *context, const struct conf_account *peer,
                      struct tg_span exten)
{
	const char *wrong = exten.len > WORLD_NAME_MAX ? "an extension's name has at most 80 octets"
	                                               : pattern_check(exten);
	struct conf_step *step = conf_arena_alloc(loading->arena, sizeof(*step));

	if (wrong != NULL) {
		conf_error(loading->problems, peer->at, "[%s]: regexten, or the name without it: \"%.*s\": %s",
		           peer->name, (int)(exten.len < 60 ? exten.len : 60), (const char *)exten.p, wrong);
	}
	if (wrong != NULL || step == NULL) {
		return;
	}
	*step = (struct conf_step){
		.at = peer->at,
		.pattern = keep(loading, exten),
		.callerid = "",
		.priority = 1,
		.order = context->step_count, /* behind all that is written */
		.label = "",
		.args = "",
		.app = conf_app_find(TG_SPAN_LIT("NoOp")),
		.context = context,
	};
	conf_texts_add(loading, &step->registered, peer->name, peer->at);
	conf_step_append(context, step);
}

static void add_peer(struct conf_loading *loading, struct conf_context *context, const struct conf_account *peer)
{
	const bool has_own = peer->regexten != NULL && peer->regexten[0] != '\0';
	struct tg_span left = tg_span_text(has_own ? peer->regexten : peer->name);

	while (has_own && left.len > 0) {
		const struct tg_span exten = conf_value_trim(conf_value_take_item(&left, '&'));

		if (exten.len > 0) {
			add_exten(loading, context, peer, exten);
		}
	}
	if (!has_own) {
		add_exten(loading, context, peer, left);
	}
}

void conf_plan_register(struct conf_loading *loading, struct conf_plan *plan)
{
	const struct conf_text *wanted = &loading->general.regcontext;

	if (wanted->text == NULL || wanted->text[0] == '\0') {
		return;
	}
	struct conf_context *context = conf_context_find(plan, tg_span_text(wanted->text));

	if (context == NULL) {
		context = conf_context_new(loading, plan, wanted->text, wanted->at);
	}
	if (context == NULL) {
		return;
	}
	context->has_registered = true;
	for (const struct conf_account *peer = loading->accounts; peer != NULL; peer = peer->next) {
		if (peer->half == CONF_PEER && peer->host != NULL && strcasecmp(peer->host, "dynamic") == 0) {
			add_peer(loading, context, peer);
		}
	}
}
