/* SPDX-License-Identifier: Apache-2.0 */
#include "model/world_sample.h"

#include "model/destination.h"
#include "model/pattern.h"
#include "model/when.h"

#include <stdlib.h>
#include <string.h>

static struct world_text text(struct world_build *build, const char *value)
{
	return world_build_text(build, tg_span_text(value));
}

static void add_rule(struct world_build *build, const char *base, uint8_t bits, uint8_t permit)
{
	struct world_acl_rule rule = { .bits = bits, .permit = permit, .origin = { text(build, "iax.conf"), 7, 0 } };

	if (tg_addr_parse(&rule.base, tg_span_text(base), 0)) {
		world_build_row(build, WORLD_ACL_RULES, &rule);
	}
}

static void add_range(struct world_build *build, enum world_table table, const char *base, uint8_t bits)
{
	struct world_range range = { .bits = bits, .value = bits, .origin = { text(build, "iax.conf"), 8, 0 } };

	if (tg_addr_parse(&range.base, tg_span_text(base), 0)) {
		world_build_row(build, table, &range);
	}
}

static void add_fingerprint(struct world_build *build)
{
	const struct world_condition condition = { WORLD_FACT_SOURCE, WORLD_EQUAL, 0, 0 };
	const struct world_fingerprint fingerprint = {
		.name = text(build, "scanner"),
		.provenance = text(build, "a test"),
		.origin = { .file = text(build, "fingerprints.conf"), .line = 1 },
		.conditions = { 0, 1 },
		.score = 50,
	};

	world_build_row(build, WORLD_CONDITIONS, &condition);
	world_build_row(build, WORLD_FINGERPRINTS, &fingerprint);
}

static void add_destination(struct world_build *build, const char *prefix, const char *region, uint8_t flags)
{
	struct world_destination row = {
		.origin = { .file = text(build, "list"), .line = 3 },
		.note = text(build, "a test"),
		.class = WORLD_CLASS_INTL_LOW,
		.exact = flags & 1,
		.exception = flags >> 1,
	};

	(void)tg_span_copy(row.prefix, sizeof(row.prefix), tg_span_text(prefix));
	(void)tg_span_copy(row.region, sizeof(row.region), tg_span_text(region));
	world_build_row(build, WORLD_DESTINATIONS, &row);
}

/* Two policies on top of each other, a rule of each kind in the upper one. */
static void add_policies(struct world_build *build)
{
	struct world_policy policy = { .name = text(build, "system"), .origin = { .line = 4 } };
	struct world_policy_rule rule = {
		.text = text(build, "allow=all"), .classes = 1, .value = 60, .days = 127, .to_min = WORLD_DAY_MINUTES
	};

	world_build_settings(build)->paying.system = world_build_row(build, WORLD_POLICIES, &policy) + 1;
	for (rule.kind = 0; rule.kind < WORLD_POLICY_KINDS; rule.kind++) {
		world_build_row(build, WORLD_POLICY_RULES, &rule);
	}
	(void)tg_span_copy(rule.prefix, sizeof(rule.prefix), TG_SPAN_LIT("+49"));
	rule.kind = WORLD_POLICY_DENY;
	world_build_row(build, WORLD_POLICY_RULES, &rule);
	policy = (struct world_policy){ .name = text(build, "office"),
		                        .rules = { 0, WORLD_POLICY_KINDS + 1 },
		                        .parent = 1,
		                        .depth = 1,
		                        .closed = 1 };
	world_build_row(build, WORLD_POLICIES, &policy);
}

static void add_paying(struct world_build *build)
{
	const struct world_numbers numbers = {
		.name = text(build, "home"),
		.country = "49",
		.region = "DE",
		.national = "0",
		.international = { "00", "011" },
		.internal_digits = 4,
	};

	world_build_settings(build)->paying.numbers = world_build_row(build, WORLD_NUMBERS, &numbers) + 1;
	world_build_settings(build)->paying.zone.standard_s = 3600;
	add_destination(build, "+49", "DE", 0);
	add_destination(build, "+4930", "", 2);
	add_destination(build, "+4930", "", 0);
	add_destination(build, "+4930123456", "*", 3);
	add_destination(build, "112", "", 1);
	add_policies(build);
}

static void add_accounts(struct world_build *build)
{
	static const char *const names[] = { "carol", "alice", "bob" };
	const struct world_text phones = text(build, "phones");
	const struct world_variable variable = { text(build, "COLOUR"), text(build, "green") };

	world_build_row(build, WORLD_TEXTS, &phones);
	world_build_row(build, WORLD_VARIABLES, &variable);
	world_build_row(build, WORLD_GLOBALS, &variable);
	add_rule(build, "0.0.0.0", 0, 0);
	add_rule(build, "192.0.2.0", 24, 1);
	add_rule(build, "192.0.2.64", 26, 0);
	for (size_t i = 0; i < TG_COUNT(names); i++) {
		const struct world_user user = {
			.name = text(build, names[i]),
			.origin = { .file = text(build, "iax.conf"), .line = (uint32_t)i },
			.contexts = { 0, 1 },
			.acl = { 0, 3 },
			.variables = { 0, 1 },
			.codecs = { .mask = 12, .count = 2, .formats = { 8, 4 } },
			.language = text(build, "de"),
			.auth_methods = WORLD_AUTH_MD5,
			.acl_v4 = 1,
			.has_secret = 1,
			.policy = 2,
			.numbers = 1,
		};
		const struct world_peer peer = {
			.name = user.name,
			.host_text = text(build, "dynamic"),
			.addr = { .port = 4569 },
			.codecs = user.codecs,
			.acl = user.acl,
			.chargeable = 1,
			.policy = 1,
			.numbers = 1,
		};

		world_build_row(build, WORLD_USERS, &user);
		if (i > 0) {
			world_build_row(build, WORLD_PEERS, &peer);
		}
	}
}

static void add_exten(struct world_build *build, const char *pattern, const char *caller)
{
	const struct world_exten exten = {
		.pattern = text(build, pattern),
		.callerid = text(build, caller),
		.has_callerid = caller[0] != '\0',
		.is_pattern = pattern[0] == '_',
		.steps = { world_build_count(build, WORLD_STEPS), 2 },
	};
	struct world_step step = { .priority = 1, .app = WORLD_APP_ANSWER };

	world_build_row(build, WORLD_STEPS, &step);
	step = (struct world_step){ .priority = 2, .app = WORLD_APP_NOOP, .args = text(build, "hello") };
	world_build_row(build, WORLD_STEPS, &step);
	world_build_row(build, WORLD_EXTENS, &exten);
}

static void add_contexts(struct world_build *build)
{
	const struct world_text base = text(build, "base");
	struct world_context context = { .name = text(build, "phones"), .extens = { 0, 4 } };

	add_exten(build, "_XXX", "");
	add_exten(build, "_6XX", "");
	add_exten(build, "600", "");
	add_exten(build, "_6XX", "_2XXX");
	struct world_include include = {
		.name = base,
		.times = text(build, "9:00-17:00,mon-fri,*,*,CET-1CEST,M3.5.0,M10.5.0/3"),
		.origin = { text(build, "extensions.conf"), 3, 0 },
		.minutes = { [70] = 0xff },
		.days = UINT32_C(0xfffffffe),
		.months = 0x1ffe,
		.weekdays = 0x3e,
		.is_limited = 1,
		.has_zone = 1,
	};

	assert(when_zone_read(&include.zone, TG_SPAN_LIT("CET-1CEST,M3.5.0,M10.5.0/3")));
	context.includes = (struct world_run){ world_build_row(build, WORLD_INCLUDES, &include), 1 };
	world_build_row(build, WORLD_CONTEXTS, &context);
	context = (struct world_context){ .name = base, .extens = { 4, 1 } };
	add_exten(build, "1", "");
	world_build_row(build, WORLD_CONTEXTS, &context);
}

struct world *world_sample(size_t *size_bytes)
{
	struct world_build *build = world_build_new();
	const struct world_registration registration = {
		.name = text(build, "register:1"),
		.username = text(build, "us"),
		.host_text = text(build, "pbx.example"),
		.addr = { .port = 4569 },
		.refresh_s = 60,
	};

	add_range(build, WORLD_TOKEN_OPTIONAL, "192.0.2.0", 24);
	add_range(build, WORLD_NUMBER_LIMITS, "10.0.0.0", 8);
	add_range(build, WORLD_NUMBER_LIMITS, "10.1.0.0", 16);
	add_range(build, WORLD_NUMBER_LIMITS, "2001:db8::", 64);
	add_range(build, WORLD_NEVER_BAN, "198.51.100.0", 24);
	add_fingerprint(build);
	add_paying(build);
	add_accounts(build);
	add_contexts(build);
	world_build_row(build, WORLD_REGISTRATIONS, &registration);
	struct world *world = world_build_finish(build, 1, size_bytes, NULL);

	world_build_free(build);
	return world;
}

static volatile size_t touched;

static void touch(const struct world *world, struct world_text text)
{
	const struct tg_span span = world_span(world, text);

	for (size_t i = 0; i < span.len; i++) {
		touched += span.p[i];
	}
	assert(span.p[span.len] == '\0');
}

static void touch_texts(const struct world *world, struct world_run run)
{
	for (uint32_t i = 0; i < run.count; i++) {
		touch(world, *(const struct world_text *)world_row(world, WORLD_TEXTS, run.first + i));
	}
}

static void touch_user(const struct world *world, const struct world_user *user)
{
	struct tg_addr from = { .ip = { [10] = 0xff, [11] = 0xff, [12] = 192, 0, 2, 1 }, .family = TG_IPV4 };

	touch(world, user->name);
	touch(world, user->origin.file);
	touch(world, user->callerid_name);
	touch(world, user->callerid_number);
	touch(world, user->accountcode);
	touch(world, user->language);
	touch_texts(world, user->contexts);
	touched += world_acl_allows(world, user->acl, user->acl_v4 != 0, user->acl_v6 != 0, from);
	from.family = TG_IPV6;
	touched += world_acl_allows(world, user->acl, user->acl_v4 != 0, user->acl_v6 != 0, from);
	assert(world_user_find(world, world_span(world, user->name)) == user);
}

static void touch_peer(const struct world *world, const struct world_peer *peer)
{
	touch(world, peer->name);
	touch(world, peer->origin.file);
	touch(world, peer->host_text);
	touch(world, peer->username);
	touch(world, peer->peercontext);
	touch(world, peer->description);
	touch(world, peer->mailbox);
	touch(world, peer->regexten);
	touch(world, peer->callerid_name);
	touch(world, peer->callerid_number);
	assert(world_peer_find(world, world_span(world, peer->name)) == peer);
}

static void touch_context(const struct world *world, const struct world_context *context)
{
	touch(world, context->name);
	touch(world, context->origin.file);
	for (uint32_t i = 0; i < context->includes.count; i++) {
		const struct world_include *include = world_row(world, WORLD_INCLUDES, context->includes.first + i);

		touch(world, include->name);
		touch(world, include->times);
		touch(world, include->origin.file);
		touched += when_is_open(include, &world->settings.zone, 30000000);
	}
	for (uint32_t i = 0; i < context->extens.count; i++) {
		const struct world_exten *exten = world_row(world, WORLD_EXTENS, context->extens.first + i);

		touched += world_exten_matches(world, exten, TG_SPAN_LIT("601"), TG_SPAN_LIT("2001"));
		for (uint32_t k = 0; k < exten->steps.count; k++) {
			const struct world_step *step = world_row(world, WORLD_STEPS, exten->steps.first + k);

			for (uint32_t m = 0; m < step->registered.count; m++) {
				touch(world, *(const struct world_text *)world_row(world, WORLD_TEXTS,
				                                                   step->registered.first + m));
			}

			touch(world, step->args);
			touch(world, step->label);
			touch(world, step->origin.file);
			touch(world, tg_span_text(world_app_name((enum world_app_id)step->app)).len > 0 ? step->label
			                                                                                : step->args);
		}
	}
}

static void touch_fingerprint(const struct world *world, const struct world_fingerprint *fingerprint)
{
	touch(world, fingerprint->name);
	touch(world, fingerprint->provenance);
	touch(world, fingerprint->origin.file);
	for (uint32_t i = 0; i < fingerprint->conditions.count; i++) {
		const struct world_condition *condition = world_row(world, WORLD_CONDITIONS,
		                                                    fingerprint->conditions.first + i);

		touch(world, fingerprint->name);
		touched += world_fact_name((enum world_fact)condition->fact)[0] + condition->test;
		assert(condition->test < WORLD_TESTS && condition->fact < WORLD_FACTS);
	}
}

static void touch_ranges(const struct world *world)
{
	const struct tg_addr from = { .ip = { [10] = 0xff, [11] = 0xff, 10, 1, 2, 3 }, .family = TG_IPV4 };

	touched += world_range_find(world, WORLD_TOKEN_OPTIONAL, from) != NULL;
	touched += world_range_find(world, WORLD_NUMBER_LIMITS, from) != NULL;
	touched += world_range_find(world, WORLD_NEVER_BAN, from) != NULL;
}

static void touch_number(const struct world *world, const char *number)
{
	for (uint32_t i = 0; i <= world_count(world, WORLD_NUMBERS); i++) {
		struct destination destination;

		destination_read(world, destination_numbers(world, i, 0), tg_span_text(number), &destination);
		assert((unsigned)destination.class < WORLD_CLASSES);
		assert(strlen(destination.e164) <= WORLD_PREFIX_MAX);
		touched += destination.row != NULL ? destination.row->origin.line : 0;
	}
}

static void touch_paying(const struct world *world)
{
	for (uint32_t i = 0; i < world_count(world, WORLD_DESTINATIONS); i++) {
		const struct world_destination *row = world_row(world, WORLD_DESTINATIONS, i);

		touch(world, row->note);
		touch(world, row->origin.file);
		touch_number(world, row->prefix);
	}
	touch_number(world, "030123456");
	touch_number(world, "+4930123456");
	touch_number(world, "112");
	for (uint32_t i = 0; i < world_count(world, WORLD_POLICIES); i++) {
		const struct world_policy *policy = world_row(world, WORLD_POLICIES, i);
		uint32_t above = 0;

		touch(world, policy->name);
		for (uint32_t k = 0; k < policy->rules.count; k++) {
			const struct world_policy_rule *rule = world_row(world, WORLD_POLICY_RULES,
			                                                 policy->rules.first + k);

			touch(world, rule->text);
			touched += strlen(rule->prefix);
		}
		while (policy->parent != 0) {
			policy = world_row(world, WORLD_POLICIES, policy->parent - 1);
			assert(++above < WORLD_POLICY_DEPTH);
		}
	}
}

void world_touch_all(const struct world *world)
{
	touch_ranges(world);
	touch_paying(world);
	for (uint32_t i = 0; i < world_count(world, WORLD_USERS); i++) {
		touch_user(world, world_row(world, WORLD_USERS, i));
	}
	for (uint32_t i = 0; i < world_count(world, WORLD_PEERS); i++) {
		touch_peer(world, world_row(world, WORLD_PEERS, i));
	}
	for (uint32_t i = 0; i < world_count(world, WORLD_CONTEXTS); i++) {
		touch_context(world, world_row(world, WORLD_CONTEXTS, i));
	}
	for (uint32_t i = 0; i < world_count(world, WORLD_REGISTRATIONS); i++) {
		const struct world_registration *registration = world_row(world, WORLD_REGISTRATIONS, i);

		touch(world, registration->name);
		touch(world, registration->username);
		touch(world, registration->host_text);
	}
	for (uint32_t i = 0; i < world_count(world, WORLD_FINGERPRINTS); i++) {
		touch_fingerprint(world, world_row(world, WORLD_FINGERPRINTS, i));
	}
	for (uint32_t i = 0; i < world_count(world, WORLD_GLOBALS); i++) {
		const struct world_variable *variable = world_row(world, WORLD_GLOBALS, i);

		touch(world, variable->name);
		touch(world, variable->value);
	}
}
