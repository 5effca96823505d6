/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/world_dump.h"

#include "conf/memory_files.h"
#include "model/codec.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct dump {
	const struct world *world;
	char *text;
	char head[128];
};

static void put_number(struct dump *d, const char *name, uint64_t value)
{
	text_append(&d->text, "%s%s=%" PRIu64 "\n", d->head, name, value);
}

static void put_text(struct dump *d, const char *name, struct world_text value)
{
	text_append(&d->text, "%s%s=%s\n", d->head, name, world_text(d->world, value));
}

static void put_addr(struct dump *d, const char *name, struct tg_addr addr)
{
	char text[TG_ADDR_TEXT_BYTES];

	text_append(&d->text, "%s%s=%s\n", d->head, name, tg_addr_format(addr, text));
}

static void put_codecs(struct dump *d, const struct world_codecs *codecs)
{
	text_append(&d->text, "%scodecs=", d->head);
	for (uint32_t i = 0; i < codecs->count; i++) {
		text_append(&d->text, "%s%s", i > 0 ? "," : "", codec_of(codecs->formats[i])->name);
	}
	text_append(&d->text, "\n");
}

static void put_acl(struct dump *d, struct world_run acl, bool v4, bool v6)
{
	static const char *const verdicts[] = { "deny", "permit", "and" };
	char text[TG_ADDR_TEXT_BYTES];

	for (uint32_t i = 0; i < acl.count; i++) {
		const struct world_acl_rule *rule = world_row(d->world, WORLD_ACL_RULES, acl.first + i);

		text_append(&d->text, "%s%s=%s/%u\n", d->head, verdicts[rule->permit],
		            tg_addr_format_host(rule->base, text), rule->bits);
	}
	put_number(d, "acl families", (v4 ? 4 : 0) + (v6 ? 6 : 0));
}

static void put_settings(struct dump *d)
{
	const struct world_settings *s = &d->world->settings;

	snprintf(d->head, sizeof(d->head), "general: ");
	for (uint32_t i = 0; i < s->bind_count; i++) {
		put_addr(d, "bind", s->binds[i]);
	}
	put_number(d, "threads", s->threads);
	put_addr(d, "front.backend", s->front.backend);
	put_addr(d, "front.local", s->front.local);
	put_number(d, "min_reg_expire_s", s->min_reg_expire_s);
	put_number(d, "max_reg_expire_s", s->max_reg_expire_s);
	put_number(d, "autokill_ms", s->autokill_ms);
	put_number(d, "ping_time_s", s->ping_time_s);
	put_number(d, "lagrq_time_s", s->lagrq_time_s);
	put_number(d, "max_call_numbers", s->max_call_numbers);
	put_number(d, "max_call_numbers_nonvalidated", s->max_call_numbers_nonvalidated);
	put_number(d, "call_token_expiration_s", s->call_token_expiration_s);
	put_number(d, "max_auth_req", s->max_auth_req);
	put_number(d, "calls_max", s->calls_max);
	put_number(d, "registrations_max", s->registrations_max);
	put_number(d, "tos", s->tos);
	put_number(d, "cos", s->cos);
	put_number(d, "call_token_text", s->call_token_text);
	put_number(d, "delay_reject", s->delay_reject);
	put_number(d, "stealth", s->stealth);
	put_number(d, "syslog", s->syslog);
	put_number(d, "shrink_caller_id", s->shrink_caller_id);
	put_number(d, "autofallthrough", s->autofallthrough);
	put_text(d, "regcontext", s->regcontext);
}

static void put_guard(struct dump *d)
{
	const struct world_guard *g = &d->world->settings.guard;

	snprintf(d->head, sizeof(d->head), "guard: ");
	put_number(d, "mode", g->mode);
	put_number(d, "new_dialogs_per_s", g->new_dialogs_per_s);
	put_number(d, "new_dialogs_burst", g->new_dialogs_burst);
	put_number(d, "known_dialogs_per_s", g->known_dialogs_per_s);
	put_number(d, "known_dialogs_burst", g->known_dialogs_burst);
	put_number(d, "strangers_per_s", g->strangers_per_s);
	put_number(d, "failures_per_min", g->failures_per_min);
	put_number(d, "failures_burst", g->failures_burst);
	put_number(d, "names_per_10min", g->names_per_10min);
	put_number(d, "delay_at", g->delay_at);
	put_number(d, "silence_at", g->silence_at);
	put_number(d, "kernel_at", g->kernel_at);
	put_number(d, "step_s", g->step_s);
	put_number(d, "account_failures", g->account_failures);
	put_number(d, "account_prefixes", g->account_prefixes);
	put_number(d, "account_distinct", g->account_distinct);
	put_number(d, "spray_accounts", g->spray_accounts);
	put_number(d, "spray_prefixes", g->spray_prefixes);
	put_number(d, "known_days", g->known_days);
	put_number(d, "kernel", g->kernel);
	put_number(d, "tokenless", g->tokenless);
}

static void put_fingerprints(struct dump *d)
{
	static const char *const tests[WORLD_TESTS] = { "=", "!=", "<", ">" };

	for (uint32_t i = 0; i < world_count(d->world, WORLD_FINGERPRINTS); i++) {
		const struct world_fingerprint *f = world_row(d->world, WORLD_FINGERPRINTS, i);

		text_append(&d->text, "fingerprint %s: %u", world_text(d->world, f->name), (unsigned)f->score);
		for (uint32_t k = 0; k < f->conditions.count; k++) {
			const struct world_condition *c = world_row(d->world, WORLD_CONDITIONS,
			                                            f->conditions.first + k);

			text_append(&d->text, ", %s%s%u", world_fact_name((enum world_fact)c->fact), tests[c->test],
			            (unsigned)c->value);
		}
		text_append(&d->text, " (%s:%u: %s)\n", world_text(d->world, f->origin.file), (unsigned)f->origin.line,
		            world_text(d->world, f->provenance));
	}
}

/* Of the lists that files bring. */
static void put_destinations(struct dump *d)
{
	for (uint32_t i = 0; i < world_count(d->world, WORLD_DESTINATIONS); i++) {
		const struct world_destination *row = world_row(d->world, WORLD_DESTINATIONS, i);

		if (row->origin.file.len > 0) {
			text_append(&d->text, "destination %s%s%s: class=%u region=%s digits=%u (%s:%u: %s)\n",
			            row->exception ? "!" : "", row->exact ? "=" : "", row->prefix, (unsigned)row->class,
			            row->region, (unsigned)row->min_digits, world_text(d->world, row->origin.file),
			            (unsigned)row->origin.line, world_text(d->world, row->note));
		}
	}
}

static void put_rule(struct dump *d, const struct world_policy_rule *rule)
{
	static const char *const kinds[WORLD_POLICY_KINDS] = { "allow",   "deny",  "calls",     "longest", "daily",
		                                               "monthly", "times", "hourcalls", "daycalls" };
	const unsigned classes = (unsigned)rule->classes;

	text_append(&d->text, "%s%s 0x%x ", d->head, kinds[rule->kind], classes);
	switch ((enum world_policy_kind)rule->kind) {
	case WORLD_POLICY_ALLOW:
	case WORLD_POLICY_DENY:
		text_append(&d->text, "prefix=%s (%s)\n", rule->prefix, world_text(d->world, rule->text));
		break;
	case WORLD_POLICY_TIMES:
		text_append(&d->text, "days=0x%x %u-%u\n", (unsigned)rule->days, (unsigned)rule->from_min,
		            (unsigned)rule->to_min);
		break;
	case WORLD_POLICY_CALLS:
	case WORLD_POLICY_LONGEST:
	case WORLD_POLICY_DAILY:
	case WORLD_POLICY_MONTHLY:
	case WORLD_POLICY_HOUR_CALLS:
	case WORLD_POLICY_DAY_CALLS:
	case WORLD_POLICY_KINDS:
		text_append(&d->text, "value=%u\n", (unsigned)rule->value);
		break;
	}
}

static void put_paying(struct dump *d)
{
	const struct world_zone *zone = &d->world->settings.paying.zone;

	text_append(&d->text, "paying: ahead_s=%d summer_s=%d from=%u\n", (int)zone->standard_s, (int)zone->summer_s,
	            (unsigned)zone->begin.month);
	for (uint32_t i = 0; i < world_count(d->world, WORLD_NUMBERS); i++) {
		const struct world_numbers *n = world_row(d->world, WORLD_NUMBERS, i);

		text_append(&d->text, "numbers %s: %s %s national=%s international=%s,%s,%s,%s internal=%u bare=%u\n",
		            world_text(d->world, n->name), n->country, n->region, n->national, n->international[0],
		            n->international[1], n->international[2], n->international[3], (unsigned)n->internal_digits,
		            (unsigned)n->bare);
	}
	for (uint32_t i = 0; i < world_count(d->world, WORLD_POLICIES); i++) {
		const struct world_policy *policy = world_row(d->world, WORLD_POLICIES, i);

		snprintf(d->head, sizeof(d->head), "policy %s: ", world_text(d->world, policy->name));
		text_append(&d->text, "%sdepth=%u parent=%u closed=%u\n", d->head, (unsigned)policy->depth,
		            (unsigned)policy->parent, (unsigned)policy->closed);
		for (uint32_t k = 0; k < policy->rules.count; k++) {
			put_rule(d, world_row(d->world, WORLD_POLICY_RULES, policy->rules.first + k));
		}
	}
}

static void put_ranges(struct dump *d, enum world_table table, const char *name)
{
	char text[TG_ADDR_TEXT_BYTES];

	for (uint32_t i = 0; i < world_count(d->world, table); i++) {
		const struct world_range *range = world_row(d->world, table, i);

		text_append(&d->text, "%s %s/%u=%u\n", name, tg_addr_format_host(range->base, text), range->bits,
		            (unsigned)range->value);
	}
}

static void put_user(struct dump *d, const struct world_user *user)
{
	snprintf(d->head, sizeof(d->head), "user %s: ", world_text(d->world, user->name));
	put_number(d, "line", user->origin.line);
	for (uint32_t i = 0; i < user->contexts.count; i++) {
		const struct world_text *context = world_row(d->world, WORLD_TEXTS, user->contexts.first + i);

		put_text(d, "context", *context);
	}
	put_acl(d, user->acl, user->acl_v4, user->acl_v6);
	for (uint32_t i = 0; i < user->variables.count; i++) {
		const struct world_variable *v = world_row(d->world, WORLD_VARIABLES, user->variables.first + i);

		text_append(&d->text, "%svariable %s=%s\n", d->head, world_text(d->world, v->name),
		            world_text(d->world, v->value));
	}
	put_codecs(d, &user->codecs);
	put_text(d, "callerid_name", user->callerid_name);
	put_text(d, "callerid_number", user->callerid_number);
	put_text(d, "accountcode", user->accountcode);
	put_text(d, "language", user->language);
	put_text(d, "start", user->start);
	put_number(d, "of_backend", user->of_backend);
	put_number(d, "max_auth_req", user->max_auth_req);
	put_number(d, "auth_methods", user->auth_methods);
	put_number(d, "codec_priority", user->codec_priority);
	put_number(d, "require_call_token", user->require_call_token);
	put_number(d, "has_secret", user->has_secret);
	put_number(d, "immediate", user->immediate);
	put_number(d, "decoy", user->decoy);
	put_number(d, "roaming", user->roaming);
	put_number(d, "mayspend", user->may_spend);
	put_number(d, "weak_secret", user->weak_secret);
	put_number(d, "policy", user->policy);
	put_number(d, "numbers", user->numbers);
}

static void put_peer(struct dump *d, const struct world_peer *peer)
{
	snprintf(d->head, sizeof(d->head), "peer %s: ", world_text(d->world, peer->name));
	put_number(d, "line", peer->origin.line);
	put_text(d, "host", peer->host_text);
	put_number(d, "host_kind", peer->host_kind);
	put_addr(d, "addr", peer->addr);
	put_addr(d, "default_ip", peer->default_ip);
	put_addr(d, "source", peer->source);
	put_acl(d, peer->acl, peer->acl_v4, peer->acl_v6);
	put_codecs(d, &peer->codecs);
	put_text(d, "username", peer->username);
	put_text(d, "peercontext", peer->peercontext);
	put_text(d, "description", peer->description);
	put_text(d, "mailbox", peer->mailbox);
	put_text(d, "regexten", peer->regexten);
	put_text(d, "callerid_name", peer->callerid_name);
	put_text(d, "callerid_number", peer->callerid_number);
	put_number(d, "qualify_ms", peer->qualify_ms);
	put_number(d, "qualify_ok_ms", peer->qualify_ok_ms);
	put_number(d, "qualify_notok_ms", peer->qualify_notok_ms);
	put_number(d, "max_call_numbers", peer->max_call_numbers);
	put_number(d, "auth_methods", peer->auth_methods);
	put_number(d, "require_call_token", peer->require_call_token);
	put_number(d, "qualify_smoothing", peer->qualify_smoothing);
	put_number(d, "send_ani", peer->send_ani);
	put_number(d, "has_secret", peer->has_secret);
	put_number(d, "decoy", peer->decoy);
	put_number(d, "roaming", peer->roaming);
	put_number(d, "weak_secret", peer->weak_secret);
	put_number(d, "chargeable", peer->chargeable);
	put_number(d, "to_backend", peer->to_backend);
	put_number(d, "policy", peer->policy);
	put_number(d, "numbers", peer->numbers);
}

static void put_registration(struct dump *d, const struct world_registration *registration)
{
	snprintf(d->head, sizeof(d->head), "registration %s: ", world_text(d->world, registration->name));
	put_number(d, "line", registration->origin.line);
	put_text(d, "username", registration->username);
	put_text(d, "host", registration->host_text);
	put_addr(d, "addr", registration->addr);
	put_addr(d, "source", registration->source);
	put_number(d, "refresh_s", registration->refresh_s);
	put_number(d, "bound_to", registration->bound_to);
}

static void put_secrets(struct dump *d, const struct conf_secrets *secrets)
{
	static const char *const identities[MODEL_IDENTITIES] = {
		[MODEL_CALLER] = "caller",
		[MODEL_REGISTRANT] = "registrant",
		[MODEL_OUR_PEER] = "our peer",
		[MODEL_OUR_REGISTER] = "our register",
	};

	for (const struct conf_secret *s = secrets->first; s != NULL; s = s->next) {
		text_append(&d->text, "secret of %s %s=%s\n", identities[s->identity], s->name, s->secret);
	}
}

static void put_metrics(struct dump *d, const struct model_listen *metrics)
{
	char text[TG_ADDR_TEXT_BYTES];

	if (metrics->kind != MODEL_LISTEN_OFF) {
		const bool is_unix = metrics->kind == MODEL_LISTEN_UNIX;

		text_append(&d->text, "metrics: %s %s\n", is_unix ? "unix" : "tcp",
		            is_unix ? metrics->path : tg_addr_format(metrics->addr, text));
	}
}

char *accounts_dump(const struct conf_result *result)
{
	struct dump d = { .world = result->world };

	put_settings(&d);
	put_guard(&d);
	put_fingerprints(&d);
	put_destinations(&d);
	put_paying(&d);
	text_append(&d.text, "sounds=%s\n", result->sounds);
	put_metrics(&d, &result->metrics);
	put_ranges(&d, WORLD_TOKEN_OPTIONAL, "token optional");
	put_ranges(&d, WORLD_NUMBER_LIMITS, "limit");
	put_ranges(&d, WORLD_NEVER_BAN, "never ban");
	for (uint32_t i = 0; i < world_count(d.world, WORLD_USERS); i++) {
		put_user(&d, world_row(d.world, WORLD_USERS, i));
	}
	for (uint32_t i = 0; i < world_count(d.world, WORLD_PEERS); i++) {
		put_peer(&d, world_row(d.world, WORLD_PEERS, i));
	}
	for (uint32_t i = 0; i < world_count(d.world, WORLD_REGISTRATIONS); i++) {
		put_registration(&d, world_row(d.world, WORLD_REGISTRATIONS, i));
	}
	put_secrets(&d, &result->secrets);
	return d.text;
}

static void put_exten(char **text, const struct world *world, const struct world_exten *exten)
{
	for (uint32_t i = 0; i < exten->steps.count; i++) {
		const struct world_step *step = world_row(world, WORLD_STEPS, exten->steps.first + i);

		text_append(text, "%s%s%s,%u", world_text(world, exten->pattern), exten->has_callerid ? "/" : "",
		            world_text(world, exten->callerid), (unsigned)step->priority);
		if (step->label.len > 0) {
			text_append(text, "(%s)", world_text(world, step->label));
		}
		for (uint32_t k = 0; k < step->registered.count; k++) {
			const struct world_text *peer = world_row(world, WORLD_TEXTS, step->registered.first + k);

			text_append(text, "<%s>", world_text(world, *peer));
		}
		text_append(text, ",%s(%s)@%u\n", world_app_name((enum world_app_id)step->app),
		            world_text(world, step->args), (unsigned)step->origin.line);
	}
}

char *dialplan_dump(const struct world *world)
{
	char *text = NULL;

	text_append(&text, "%s", "");
	for (uint32_t i = 0; i < world_count(world, WORLD_GLOBALS); i++) {
		const struct world_variable *global = world_row(world, WORLD_GLOBALS, i);

		text_append(&text, "%s=%s\n", world_text(world, global->name), world_text(world, global->value));
	}
	for (uint32_t i = 0; i < world_count(world, WORLD_CONTEXTS); i++) {
		const struct world_context *context = world_row(world, WORLD_CONTEXTS, i);

		text_append(&text, "[%s]\n", world_text(world, context->name));
		for (uint32_t k = 0; k < context->extens.count; k++) {
			put_exten(&text, world, world_row(world, WORLD_EXTENS, context->extens.first + k));
		}
		for (uint32_t k = 0; k < context->includes.count; k++) {
			const struct world_include *include = world_row(world, WORLD_INCLUDES,
			                                                context->includes.first + k);

			text_append(&text, "include %s%s%s\n", world_text(world, include->name),
			            include->is_limited != 0 ? "," : "", world_text(world, include->times));
		}
	}
	return text;
}
