/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/switch.h"

#include "iax/door.h"
#include "iax/frame.h"
#include "iax/ies.h"
#include "switch/match.h"
#include "worlds.h"

#include <stdio.h>

/* Asterisk-compat 2.7 with ruling R10: the setting, whether the address is optional, whether the account may come from there. */
static const struct {
	const char *setting; /* NULL: none */
	bool excused_plain, excused_optional;
} settings[] = {
	{ NULL, false, true },
	{ "yes", false, false },
	{ "no", true, true },
	{ "auto", true, true },
};

static const char extensions_conf[] = "[phones]\nexten => 600,1,Echo()\n";

static void read_world(struct conf_result *conf, const char *name, const char *setting, const char *more)
{
	char iax[1024];

	snprintf(iax, sizeof(iax),
	         "[general]\ncalltokenoptional=203.0.113.0/24\ncalltokenoptional=2001:db8:7::/48\n"
	         "[%s]\ntype=friend\nsecret=%s-secret1\nhost=dynamic\ncontext=phones\n%s%s\n%s",
	         name, name, setting != NULL ? "requirecalltoken=" : "", setting != NULL ? setting : "", more);
	world_read(conf, iax, extensions_conf);
}

static bool excused(const struct conf_result *conf, bool is_new, const char *name, const char *from)
{
	return switch_token_excused(conf->world, is_new, tg_span_text(name), world_addr(from), false);
}

static void test_the_decision_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(settings); i++) {
		struct conf_result conf;

		read_world(&conf, "alice", settings[i].setting, "");
		print_message("# requirecalltoken=%s\n", settings[i].setting != NULL ? settings[i].setting : "(none)");
		for (int is_new = 0; is_new < 2; is_new++) {
			CHECK_UINT(excused(&conf, is_new, "alice", "192.0.2.1"), settings[i].excused_plain);
			CHECK_UINT(excused(&conf, is_new, "alice", "203.0.113.9"), settings[i].excused_optional);
			CHECK_UINT(excused(&conf, is_new, "alice", "2001:db8:7::1"), settings[i].excused_optional);
			/* Unknown and empty names have no setting. */
			CHECK_FALSE(excused(&conf, is_new, "nobody", "192.0.2.1"));
			CHECK_TRUE(excused(&conf, is_new, "nobody", "203.0.113.9"));
			CHECK_FALSE(excused(&conf, is_new, "", "192.0.2.1"));
			CHECK_TRUE(excused(&conf, is_new, "", "203.0.113.9"));
			CHECK_FALSE(excused(&conf, is_new, "ALICE", "192.0.2.1"));
		}
		conf_result_free(&conf);
	}
}

/* ---- Asterisk-compat, check 3: every frame, every setting, every place -------------------------------------------- */

enum token { NO_TOKEN, EMPTY_TOKEN, GOOD_TOKEN, BAD_TOKEN, TOKENS };
enum setting { UNSET, SET_NO, SET_YES, SET_AUTO, AUTO_LATCHED, SETTINGS };
enum name { KNOWN, UNKNOWN, NAMELESS, NAMES };

struct row {
	enum token token;
	uint8_t subclass;
	enum setting setting;
	bool optional, inside;
	enum name name;
};

/* The rules in words of their own. */
static bool want_required(const struct row *row)
{
	if (row->name != KNOWN || row->setting == UNSET) {
		return !row->optional;
	}
	if (row->setting == SET_YES || row->setting == AUTO_LATCHED) {
		return true;
	}
	return !row->inside;
}

static enum switch_token_origin want_origin(const struct row *row)
{
	if (row->name != KNOWN || row->setting == UNSET) {
		return row->optional ? SWITCH_TOKEN_RANGE : SWITCH_TOKEN_DEFAULT;
	}
	if (row->setting == AUTO_LATCHED) {
		return SWITCH_TOKEN_LATCHED;
	}
	return row->setting == SET_YES || row->inside ? SWITCH_TOKEN_ACCOUNT : SWITCH_TOKEN_OUTSIDE;
}

static struct tg_addr row_addr(const struct row *row)
{
	static const char *const addrs[2][2] = { { "192.0.2.1", "198.51.100.1" }, { "203.0.113.1", "203.0.113.129" } };

	return world_addr(addrs[row->optional][row->inside]);
}

static const char *row_name(const struct row *row)
{
	/* Each half of an account has a setting of its own; the other half is no account for this frame. */
	static const char *const names[NAMES] = { [UNKNOWN] = "nobody", [NAMELESS] = "" };

	if (row->name != KNOWN) {
		return names[row->name];
	}
	return row->subclass == IAX_NEW ? "alice" : "phone";
}

static void read_row_world(struct conf_result *conf, const struct row *row)
{
	static const char *const texts[SETTINGS] = { "", "requirecalltoken=no\n", "requirecalltoken=yes\n",
		                                     "requirecalltoken=auto\n", "requirecalltoken=auto\n" };
	static const char rules[] = "deny=0.0.0.0/0\npermit=198.51.100.0/24\npermit=203.0.113.128/25\n";
	char iax[1024];

	snprintf(iax, sizeof(iax),
	         "[general]\ncalltokenoptional=203.0.113.0/24\n"
	         "[alice]\ntype=user\nsecret=alice-secret1\ncontext=phones\n%s%s"
	         "[phone]\ntype=peer\nsecret=phone-secret1\nhost=dynamic\n%s%s",
	         texts[row->setting], rules, texts[row->setting], rules);
	world_read(conf, iax, extensions_conf);
}

static bool excuses(const void *owner, bool is_new, struct tg_span username, const struct tg_addr *remote)
{
	return switch_token_excused(owner, is_new, username, *remote, false);
}

static size_t write_request(const struct row *row, const struct iax_token_keys *keys, struct tg_addr local,
                            uint8_t bytes[256])
{
	struct tg_addr remote = row_addr(row);
	struct tg_writer w = tg_writer_of(bytes, 256);
	struct iax_ies ies = {
		.has = UINT64_C(1) << IAX_IE_VERSION | UINT64_C(1) << IAX_IE_CALLED_NUMBER,
		.version = IAX_VERSION,
		.called_number = TG_SPAN_LIT("600600600"), /* long enough for any answer */
	};
	uint8_t token[IAX_TOKEN_BYTES_MAX], payload[200];
	struct tg_writer elements = tg_writer_of(payload, sizeof(payload));

	remote.port = row->token == BAD_TOKEN ? 4570 : remote.port;
	if (row->name != NAMELESS) {
		ies.has |= UINT64_C(1) << IAX_IE_USERNAME;
		ies.username = tg_span_text(row_name(row));
	}
	if (row->token != NO_TOKEN) {
		ies.has |= UINT64_C(1) << IAX_IE_CALLTOKEN;
	}
	if (row->token == GOOD_TOKEN || row->token == BAD_TOKEN) {
		ies.call_token = (struct tg_span){ token, iax_token_make(keys, &remote, &local, 1000000, token) };
	}
	CHECK_UINT(iax_ies_encode(&ies, &elements), IAX_OK);
	const struct iax_frame frame = { .class = IAX_CLASS_FULL,
		                         .source = 77,
		                         .type = IAX_FRAME_IAX,
		                         .subclass = row->subclass,
		                         .payload = tg_writer_span(&elements) };

	CHECK_UINT(iax_frame_encode(&frame, &w), IAX_OK);
	return w.len;
}

static void check_row(const struct row *row, const struct conf_result *conf)
{
	static const uint8_t key[CRYPT_KEY_BYTES] = "a key of 16 octe";
	const struct iax_door_policy policy = { .token_required = true, .is_excused = excuses, .owner = conf->world };
	const struct tg_addr remote = row_addr(row), local = world_addr("192.0.2.200");
	const struct switch_token_rule rule = switch_token_rule(
		conf->world, row->subclass == IAX_NEW, tg_span_text(row_name(row)), remote,
		row->setting == AUTO_LATCHED && row->name == KNOWN, false);
	struct row at_the_door = *row;
	struct iax_token_keys keys;
	struct iax_door_verdict verdict;
	uint8_t bytes[256];

	iax_token_keys_init(&keys, key, 8000, false, UINT64_C(1700000000) * TG_US_PER_S, 0);
	const size_t len = write_request(row, &keys, local, bytes);
	const enum iax_door door = iax_door_judge(&verdict, &policy, &keys, &remote, &local,
	                                          (struct tg_span){ bytes, len }, 1000000);

	CHECK_UINT(rule.required, want_required(row));
	CHECK_UINT(rule.origin, want_origin(row));
	CHECK_UINT(rule.range != NULL, rule.origin == SWITCH_TOKEN_RANGE);
	at_the_door.setting = row->setting == AUTO_LATCHED ? SET_AUTO : row->setting; /* it knows of no latch */
	if (row->token == EMPTY_TOKEN) {
		CHECK_UINT(door, IAX_DOOR_ANSWER);
		CHECK_UINT(verdict.answered, IAX_CALLTOKEN);
	} else if (row->token == BAD_TOKEN) {
		CHECK_UINT(door, IAX_DOOR_DROP);
		CHECK_UINT(verdict.why, IAX_ERR_BAD_TOKEN);
	} else if (row->token == NO_TOKEN && want_required(&at_the_door)) {
		CHECK_UINT(door, IAX_DOOR_ANSWER);
		CHECK_UINT(verdict.why, IAX_ERR_NO_TOKEN);
		CHECK_UINT(verdict.answered, row->subclass == IAX_NEW ? IAX_REJECT : IAX_REGREJ);
	} else {
		CHECK_UINT(door, IAX_DOOR_PASS);
		CHECK_UINT(verdict.proof, row->token == GOOD_TOKEN ? IAX_PROVEN : IAX_UNPROVEN);
	}
}

/* What the door lets pass and the switch judges: a latched account without a token is answered as one with a wrong secret. */
static void check_row_matched(const struct row *row, const struct conf_result *conf)
{
	const struct match_call call = {
		.name = tg_span_text(row_name(row)),
		.from = row_addr(row),
		.proven = row->token == GOOD_TOKEN,
		.latched = row->setting == AUTO_LATCHED,
	};
	enum model_reason why;

	if (row->subclass == IAX_NEW) {
		(void)match_user(conf->world, &call, 0, world_count(conf->world, WORLD_USERS), &why);
	} else {
		(void)match_registrant(conf->world, &call, &why);
	}
	if (row->name == KNOWN) {
		const bool latched = row->setting == AUTO_LATCHED && !call.proven;

		CHECK_TEXT(model_reason_code(why), !row->inside ? "acl" : latched ? "token-latched" : "ok");
	} else {
		CHECK_TEXT(model_reason_code(why),
		           row->name == NAMELESS && row->subclass == IAX_NEW ? "no-guest" : "no-account");
	}
}

static void check_setting(enum setting setting)
{
	static const uint8_t subclasses[] = { IAX_NEW, IAX_REGREQ, IAX_REGREL };
	struct row row = { .setting = setting };
	struct conf_result conf;

	read_row_world(&conf, &row);
	for (unsigned i = 0; i < TOKENS * TG_COUNT(subclasses) * 4 * NAMES; i++) {
		row.token = (enum token)(i % TOKENS);
		row.subclass = subclasses[i / TOKENS % TG_COUNT(subclasses)];
		row.optional = (i / TOKENS / TG_COUNT(subclasses) & 1) != 0;
		row.inside = (i / TOKENS / TG_COUNT(subclasses) & 2) != 0;
		row.name = (enum name)(i / TOKENS / TG_COUNT(subclasses) / 4);
		check_row(&row, &conf);
		check_row_matched(&row, &conf);
	}
	conf_result_free(&conf);
}

static void test_every_row(void **state)
{
	(void)state;
	for (int setting = 0; setting < SETTINGS; setting++) {
		print_message("# setting %d\n", setting);
		check_setting((enum setting)setting);
	}
}

static void test_no_name_means_guest(void **state)
{
	struct conf_result conf;
	(void)state;

	read_world(&conf, "guest", "no", "");
	CHECK_TRUE(excused(&conf, true, "", "192.0.2.1"));
	CHECK_TRUE(excused(&conf, false, "", "192.0.2.1"));
	conf_result_free(&conf);
}

static void test_within_the_accounts_addresses_only(void **state)
{
	struct conf_result conf;
	(void)state;

	read_world(&conf, "alice", "no", "deny=0.0.0.0/0\npermit=198.51.100.0/24\n");
	CHECK_TRUE(excused(&conf, true, "alice", "198.51.100.7"));
	CHECK_FALSE(excused(&conf, true, "alice", "192.0.2.1"));
	CHECK_FALSE(excused(&conf, true, "alice", "203.0.113.9"));
	CHECK_FALSE(excused(&conf, true, "alice", "2001:db8::1"));
	CHECK_TRUE(excused(&conf, false, "alice", "198.51.100.7"));
	CHECK_FALSE(excused(&conf, false, "alice", "192.0.2.1"));
	conf_result_free(&conf);
}

static void test_families_do_not_mix(void **state)
{
	struct conf_result conf;
	(void)state;

	read_world(&conf, "alice", NULL, "");
	CHECK_FALSE(excused(&conf, true, "alice", "192.0.2.1"));
	CHECK_FALSE(excused(&conf, true, "alice", "2001:db8:8::1"));
	conf_result_free(&conf);
}

/* ---- The operator's choice: tokenless= ------------------------------------------------------------------------------- */

static const struct {
	const char *account, *from;
	bool anywhere, known,
		unknown; /* excused: by default; with tokenless=known, as the network is known for it or not */
	enum switch_token_origin origin; /* then */
} places[] = {
	{ "free", "192.0.2.1", true, true, false, SWITCH_TOKEN_NETWORK },
	{ "auto", "192.0.2.1", true, true, false, SWITCH_TOKEN_NETWORK },
	{ "free", "2001:db8::1", true, true, false, SWITCH_TOKEN_NETWORK },
	{ "free", "203.0.113.9", true, true, true, SWITCH_TOKEN_ACCOUNT }, /* calltokenoptional= */
	{ "fenced", "198.51.100.7", true, true, true, SWITCH_TOKEN_ACCOUNT },
	{ "fenced", "192.0.2.1", false, false, false, SWITCH_TOKEN_OUTSIDE },
	{ "barred", "192.0.2.1", true, true, false, SWITCH_TOKEN_NETWORK }, /* deny= alone says not where it is */
	{ "barred", "10.0.0.1", false, false, false, SWITCH_TOKEN_OUTSIDE },
	{ "fixed", "192.0.2.50", true, true, true, SWITCH_TOKEN_ACCOUNT },
	{ "fixed", "192.0.2.51", true, true, false, SWITCH_TOKEN_NETWORK },
	{ "plain", "192.0.2.1", false, false, false, SWITCH_TOKEN_DEFAULT },
	{ "strict", "192.0.2.1", false, false, false, SWITCH_TOKEN_ACCOUNT },
	{ "nobody", "192.0.2.1", false, false, false, SWITCH_TOKEN_DEFAULT },
	{ "", "192.0.2.1", false, false, false, SWITCH_TOKEN_DEFAULT },
};

static const char places_conf[] = "[general]\ncalltokenoptional=203.0.113.0/24\n"
				  "[base](!)\ntype=friend\nhost=dynamic\ncontext=phones\nsecret=a-long-open-sesame\n"
				  "[free](base)\nrequirecalltoken=no\n"
				  "[auto](base)\nrequirecalltoken=auto\n"
				  "[fenced](base)\nrequirecalltoken=no\ndeny=0.0.0.0/0\npermit=198.51.100.0/24\n"
				  "[barred](base)\nrequirecalltoken=no\ndeny=10.0.0.0/8\n"
				  "[fixed](base)\nrequirecalltoken=no\nhost=192.0.2.50\n"
				  "[plain](base)\n"
				  "[strict](base)\nrequirecalltoken=yes\n";

static bool is_excused_at(const struct world *world, size_t i, bool is_new, bool known)
{
	return switch_token_excused(world, is_new, tg_span_text(places[i].account), world_addr(places[i].from), known);
}

static void test_the_operator_says_where(void **state)
{
	struct conf_result conf;
	(void)state;

	world_read(&conf, places_conf, extensions_conf);
	struct world *world = (struct world *)(uintptr_t)conf.world;

	for (size_t i = 0; i < TG_COUNT(places); i++) {
		for (int is_new = 0; is_new < 2; is_new++) { /* REGREQ and NEW */
			print_message("# %s from %s\n", places[i].account, places[i].from);
			world->settings.guard.tokenless = WORLD_TOKENLESS_KNOWN;
			CHECK_UINT(is_excused_at(world, i, is_new, true), places[i].known);
			CHECK_UINT(is_excused_at(world, i, is_new, false), places[i].unknown);
			CHECK_UINT(switch_token_rule(world, is_new, tg_span_text(places[i].account),
			                             world_addr(places[i].from), false, false)
			                   .origin,
			           places[i].origin);
			world->settings.guard.tokenless = WORLD_TOKENLESS_ANYWHERE;
			CHECK_UINT(is_excused_at(world, i, is_new, true), places[i].anywhere);
			CHECK_UINT(is_excused_at(world, i, is_new, false), places[i].anywhere);
		}
	}
	conf_result_free(&conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_decision_table),
		cmocka_unit_test(test_the_operator_says_where),
		cmocka_unit_test(test_every_row),
		cmocka_unit_test(test_no_name_means_guest),
		cmocka_unit_test(test_within_the_accounts_addresses_only),
		cmocka_unit_test(test_families_do_not_mix),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
