/* SPDX-License-Identifier: Apache-2.0 */
#include "desk_world.h"

#include "model/world_build.h"

enum { ULAW = 4, ALAW = 8 };

struct tg_addr desk_addr(const char *text)
{
	struct tg_addr addr = { 0 };

	if (!tg_addr_parse(&addr, tg_span_text(text), 0)) {
		addr.family = TG_NO_ADDR;
	}
	return addr;
}

static struct world_text text(struct world_build *build, const char *value)
{
	return world_build_text(build, tg_span_text(value));
}

static void add_peers(struct world_build *build)
{
	const struct world_codecs codecs = { .mask = ULAW | ALAW, .count = 2, .formats = { ALAW, ULAW } };
	const struct world_peer alice = {
		.name = text(build, "alice"),
		.origin = { .file = text(build, "iax.conf"), .line = 12 },
		.host_text = text(build, "dynamic"),
		.addr.port = 4569,
		.codecs = codecs,
		.username = text(build, "al"),
		.description = text(build, "Alice's phone on the second floor, left"),
		.mailbox = text(build, "100@default"),
		.callerid_name = text(build, "Alice"),
		.callerid_number = text(build, "100"),
		.default_ip = desk_addr("192.0.2.99:4569"),
		.qualify_ms = 2000,
		.qualify_ok_ms = 60000,
		.qualify_notok_ms = 10000,
		.max_call_numbers = 55,
		.require_call_token = WORLD_AUTO,
		.has_secret = 1,
		.auth_methods = WORLD_AUTH_MD5,
	};
	const struct world_peer bob = {
		.name = text(build, "bob"),
		.origin = { .file = text(build, "peers.conf"), .line = 3 },
		.host_text = text(build, "2001:db8::7"),
		.addr = desk_addr("[2001:db8::7]:4570"),
		.host_kind = WORLD_HOST_STATIC,
		.codecs = codecs,
		.trunk = 1,
		.qualify_smoothing = 1,
	};
	const struct world_peer carol = {
		.name = text(build, "carol-with-a-long-name"),
		.origin = { .file = text(build, "peers.conf"), .line = 9 },
		.host_text = text(build, "dynamic"),
		.addr.port = 4569,
		.codecs = codecs,
		.qualify_ms = 1000,
	};

	world_build_row(build, WORLD_PEERS, &alice);
	world_build_row(build, WORLD_PEERS, &bob);
	world_build_row(build, WORLD_PEERS, &carol);
}

static void add_users(struct world_build *build)
{
	const struct world_text context = text(build, "phones");
	const struct world_acl_rule rule = { .base = desk_addr("192.0.2.0"),
		                             .bits = 24,
		                             .permit = 1,
		                             .origin = { .file = text(build, "iax.conf"), .line = 14 } };
	const struct world_codecs codecs = { .mask = ULAW, .count = 1, .formats = { ULAW } };
	struct world_user user = {
		.name = text(build, "alice"),
		.origin = { .file = text(build, "iax.conf"), .line = 12 },
		.contexts = { world_build_row(build, WORLD_TEXTS, &context), 1 },
		.acl = { world_build_row(build, WORLD_ACL_RULES, &rule), 1 },
		.codecs = codecs,
		.auth_methods = WORLD_AUTH_MD5,
		.has_secret = 1,
		.acl_v4 = 1,
	};

	world_build_row(build, WORLD_USERS, &user);
	user = (struct world_user){
		.name = text(build, "keyholder"),
		.origin = { .file = text(build, "iax.conf"), .line = 20 },
		.contexts = user.contexts,
		.codecs = codecs,
		.auth_methods = WORLD_AUTH_RSA | WORLD_AUTH_MD5,
		.codec_priority = WORLD_CODEC_REQONLY,
	};
	world_build_row(build, WORLD_USERS, &user);
	user.name = text(build, "guest");
	user.auth_methods = 0;
	user.codec_priority = WORLD_CODEC_CALLER;
	world_build_row(build, WORLD_USERS, &user);
}

static void add_exten(struct world_build *build, const char *pattern, const char *caller, uint32_t line,
                      const char *args)
{
	const struct world_exten exten = {
		.pattern = text(build, pattern),
		.callerid = text(build, caller),
		.has_callerid = caller[0] != '\0',
		.is_pattern = pattern[0] == '_',
		.steps = { world_build_count(build, WORLD_STEPS), 2 },
	};
	const struct world_origin origin = { .file = text(build, "extensions.conf"), .line = line };
	struct world_step step = {
		.priority = 1,
		.app = WORLD_APP_DIAL,
		.args = text(build, args),
		.origin = origin,
	};

	world_build_row(build, WORLD_STEPS, &step);
	step = (struct world_step){
		.priority = 2,
		.app = WORLD_APP_HANGUP,
		.label = text(build, "end"),
		.origin = { .file = origin.file, .line = line + 1 },
	};
	world_build_row(build, WORLD_STEPS, &step);
	world_build_row(build, WORLD_EXTENS, &exten);
}

/* base is included by phones, and house includes both; pattern order is the business of world_build. */
static void add_contexts(struct world_build *build)
{
	const struct world_text base = text(build, "base");
	struct world_context context = { .name = text(build, "phones"), .extens = { 0, 4 } };

	context.origin = (struct world_origin){ text(build, "extensions.conf"), 1, 0 };
	add_exten(build, "_1.", "", 10, "IAX2/far/${EXTEN}");
	add_exten(build, "_1X", "", 20, "IAX2/alice");
	add_exten(build, "12", "", 30, "IAX2/bob");
	add_exten(build, "_1X", "200", 40, "IAX2/alice&IAX2/bob,20");
	const struct world_include include_base = { .name = base };

	context.includes = (struct world_run){ world_build_row(build, WORLD_INCLUDES, &include_base), 1 };
	world_build_row(build, WORLD_CONTEXTS, &context);
	context = (struct world_context){ .name = base, .extens = { 4, 1 }, .origin = context.origin };
	add_exten(build, "_[12]2", "", 50, "IAX2/carol-with-a-long-name");
	world_build_row(build, WORLD_CONTEXTS, &context);
	const struct world_include phones = { .name = text(build, "phones"),
		                              .times = text(build, "9:00-17:00,mon-fri"),
		                              .is_limited = 1 };
	const struct world_run both = { world_build_row(build, WORLD_INCLUDES, &include_base), 2 };

	world_build_row(build, WORLD_INCLUDES, &phones);
	context = (struct world_context){ .name = text(build, "house"), .includes = both, .origin = context.origin };
	world_build_row(build, WORLD_CONTEXTS, &context);
}

struct world *desk_world(size_t *size_bytes)
{
	struct world_build *build = world_build_new();
	const struct world_range optional = { .base = desk_addr("198.51.100.0"), .bits = 24 };
	const struct world_range limit = { .base = desk_addr("198.51.100.0"), .bits = 24, .value = 300 };

	const struct world_registration registration = { .name = text(build, "register:1"),
		                                         .username = text(build, "us"),
		                                         .host_text = text(build, "far.example.net"),
		                                         .addr.port = 4569,
		                                         .refresh_s = 60 };

	world_build_row(build, WORLD_TOKEN_OPTIONAL, &optional);
	world_build_row(build, WORLD_NUMBER_LIMITS, &limit);
	add_peers(build);
	add_users(build);
	world_build_row(build, WORLD_REGISTRATIONS, &registration);
	add_contexts(build);
	struct world *world = world_build_finish(build, 7, size_bytes, NULL);

	world_build_free(build);
	return world;
}
