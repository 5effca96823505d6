/* SPDX-License-Identifier: Apache-2.0 */
#include "model/world_fields.h"

#include "model/when.h"

#include <string.h>

/* What must hold of one field, wherever it stands. */
enum field_kind {
	FIELD_TEXT, /* min..max octets */
	FIELD_RUN,  /* min: the table its rows are in */
	FIELD_ROW,  /* min: the table it is a row of, + 1; 0 for none */
	FIELD_U8,   /* min..max, and so on */
	FIELD_U16,
	FIELD_U32,
	FIELD_ADDR,   /* min 1: must be present */
	FIELD_PREFIX, /* struct tg_addr and the number of bits behind it */
	FIELD_CODECS,
	FIELD_ZONE,
	FIELD_DIGITS, /* digits, a "+" in front perhaps, and NULs: min..max octets, max below the size of the field */
	FIELD_REGION, /* two letters, "*" or nothing */
};

struct field {
	uint32_t offset;
	enum field_kind kind;
	uint32_t min, max;
};

#define FIELD(row, name, ...)                           \
	{                                               \
		offsetof(struct row, name), __VA_ARGS__ \
	}
#define ANY_TEXT FIELD_TEXT, 0, WORLD_TEXT_MAX
#define NAME FIELD_TEXT, 1, WORLD_NAME_MAX
#define ANY_ADDR FIELD_ADDR, 0, 0
#define BOOL FIELD_U8, 0, 1
#define END_OF_FIELDS                      \
	{                                  \
		UINT32_MAX, FIELD_U8, 0, 0 \
	}
enum { DAY_S = 86400, DAY_MS = DAY_S * 1000 };

static const struct field text_fields[] = { { 0, FIELD_TEXT, 1, WORLD_TEXT_MAX }, END_OF_FIELDS };

static const struct field acl_fields[] = {
	FIELD(world_acl_rule, base, FIELD_PREFIX, 0, 0),
	FIELD(world_acl_rule, permit, FIELD_U8, 0, WORLD_ACL_VERDICTS - 1),
	FIELD(world_acl_rule, origin.file, ANY_TEXT),
	END_OF_FIELDS,
};

static const struct field range_fields[] = {
	FIELD(world_range, base, FIELD_PREFIX, 0, 0),
	FIELD(world_range, origin.file, ANY_TEXT),
	END_OF_FIELDS,
};

static const struct field variable_fields[] = {
	FIELD(world_variable, name, FIELD_TEXT, 1, WORLD_TEXT_MAX),
	FIELD(world_variable, value, ANY_TEXT),
	END_OF_FIELDS,
};

static const struct field user_fields[] = {
	FIELD(world_user, name, NAME),
	FIELD(world_user, origin.file, ANY_TEXT),
	FIELD(world_user, contexts, FIELD_RUN, WORLD_TEXTS, 0),
	FIELD(world_user, acl, FIELD_RUN, WORLD_ACL_RULES, 0),
	FIELD(world_user, variables, FIELD_RUN, WORLD_VARIABLES, 0),
	FIELD(world_user, codecs, FIELD_CODECS, 0, 0),
	FIELD(world_user, callerid_name, ANY_TEXT),
	FIELD(world_user, callerid_number, ANY_TEXT),
	FIELD(world_user, accountcode, ANY_TEXT),
	FIELD(world_user, language, ANY_TEXT),
	FIELD(world_user, start, FIELD_TEXT, 0, WORLD_NAME_MAX),
	FIELD(world_user, of_backend, BOOL),
	FIELD(world_user, auth_methods, FIELD_U16, 0, WORLD_AUTH_MD5 | WORLD_AUTH_RSA),
	FIELD(world_user, codec_priority, FIELD_U8, 0, WORLD_CODEC_PRIORITIES - 1),
	FIELD(world_user, require_call_token, FIELD_U8, 0, WORLD_TRIS - 1),
	FIELD(world_user, acl_v4, BOOL),
	FIELD(world_user, acl_v6, BOOL),
	FIELD(world_user, has_secret, BOOL),
	FIELD(world_user, immediate, BOOL),
	FIELD(world_user, decoy, BOOL),
	FIELD(world_user, roaming, BOOL),
	FIELD(world_user, weak_secret, BOOL),
	FIELD(world_user, may_spend, BOOL),
	FIELD(world_user, policy, FIELD_ROW, WORLD_POLICIES, 0),
	FIELD(world_user, numbers, FIELD_ROW, WORLD_NUMBERS, 0),
	END_OF_FIELDS,
};

static const struct field peer_fields[] = {
	FIELD(world_peer, name, NAME),
	FIELD(world_peer, origin.file, ANY_TEXT),
	FIELD(world_peer, host_text, ANY_TEXT),
	FIELD(world_peer, addr, ANY_ADDR),
	FIELD(world_peer, default_ip, ANY_ADDR),
	FIELD(world_peer, source, ANY_ADDR),
	FIELD(world_peer, acl, FIELD_RUN, WORLD_ACL_RULES, 0),
	FIELD(world_peer, codecs, FIELD_CODECS, 0, 0),
	FIELD(world_peer, username, ANY_TEXT),
	FIELD(world_peer, peercontext, ANY_TEXT),
	FIELD(world_peer, description, ANY_TEXT),
	FIELD(world_peer, mailbox, ANY_TEXT),
	FIELD(world_peer, regexten, ANY_TEXT),
	FIELD(world_peer, callerid_name, ANY_TEXT),
	FIELD(world_peer, callerid_number, ANY_TEXT),
	FIELD(world_peer, qualify_ms, FIELD_U32, 0, DAY_MS),
	FIELD(world_peer, qualify_ok_ms, FIELD_U32, 0, DAY_MS),
	FIELD(world_peer, qualify_notok_ms, FIELD_U32, 0, DAY_MS),
	FIELD(world_peer, max_call_numbers, FIELD_U32, 0, UINT16_MAX),
	FIELD(world_peer, auth_methods, FIELD_U16, 0, WORLD_AUTH_MD5 | WORLD_AUTH_RSA),
	FIELD(world_peer, host_kind, FIELD_U8, 0, WORLD_HOSTS - 1),
	FIELD(world_peer, require_call_token, FIELD_U8, 0, WORLD_TRIS - 1),
	FIELD(world_peer, qualify_smoothing, BOOL),
	FIELD(world_peer, send_ani, BOOL),
	FIELD(world_peer, acl_v4, BOOL),
	FIELD(world_peer, acl_v6, BOOL),
	FIELD(world_peer, has_secret, BOOL),
	FIELD(world_peer, trunk, BOOL),
	FIELD(world_peer, decoy, BOOL),
	FIELD(world_peer, roaming, BOOL),
	FIELD(world_peer, weak_secret, BOOL),
	FIELD(world_peer, chargeable, BOOL),
	FIELD(world_peer, to_backend, BOOL),
	FIELD(world_peer, policy, FIELD_ROW, WORLD_POLICIES, 0),
	FIELD(world_peer, numbers, FIELD_ROW, WORLD_NUMBERS, 0),
	END_OF_FIELDS,
};

static const struct field registration_fields[] = {
	FIELD(world_registration, name, NAME),
	FIELD(world_registration, origin.file, ANY_TEXT),
	FIELD(world_registration, username, NAME),
	FIELD(world_registration, host_text, ANY_TEXT),
	FIELD(world_registration, addr, ANY_ADDR),
	FIELD(world_registration, source, ANY_ADDR),
	FIELD(world_registration, bound_to, FIELD_ROW, WORLD_PEERS, 0),
	FIELD(world_registration, refresh_s, FIELD_U32, 1, DAY_S),
	END_OF_FIELDS,
};

static const struct field context_fields[] = {
	FIELD(world_context, name, NAME),
	FIELD(world_context, origin.file, ANY_TEXT),
	FIELD(world_context, extens, FIELD_RUN, WORLD_EXTENS, 0),
	FIELD(world_context, includes, FIELD_RUN, WORLD_INCLUDES, 0),
	FIELD(world_context, has_registered, BOOL),
	FIELD(world_context, height, FIELD_U32, 0, WORLD_INCLUDE_DEPTH - 1),
	END_OF_FIELDS,
};

static const struct field include_fields[] = {
	FIELD(world_include, name, NAME),
	FIELD(world_include, times, ANY_TEXT),
	FIELD(world_include, origin.file, ANY_TEXT),
	FIELD(world_include, months, FIELD_U16, 0, 0x1ffe),
	FIELD(world_include, weekdays, FIELD_U8, 0, 0x7f),
	FIELD(world_include, is_limited, BOOL),
	FIELD(world_include, has_zone, BOOL),
	FIELD(world_include, zone, FIELD_ZONE, 0, 0),
	END_OF_FIELDS,
};

static const struct field exten_fields[] = {
	FIELD(world_exten, pattern, NAME),
	FIELD(world_exten, callerid, FIELD_TEXT, 0, WORLD_NAME_MAX),
	FIELD(world_exten, steps, FIELD_RUN, WORLD_STEPS, 0),
	FIELD(world_exten, is_pattern, BOOL),
	FIELD(world_exten, has_callerid, BOOL),
	END_OF_FIELDS,
};

static const struct field step_fields[] = {
	FIELD(world_step, priority, FIELD_U32, 1, INT32_MAX),
	FIELD(world_step, app, FIELD_U32, 0, WORLD_APPS - 1),
	FIELD(world_step, args, ANY_TEXT),
	FIELD(world_step, label, ANY_TEXT),
	FIELD(world_step, registered, FIELD_RUN, WORLD_TEXTS, 0),
	FIELD(world_step, origin.file, ANY_TEXT),
	END_OF_FIELDS,
};

static const struct field fingerprint_fields[] = {
	FIELD(world_fingerprint, name, NAME),
	FIELD(world_fingerprint, provenance, ANY_TEXT),
	FIELD(world_fingerprint, origin.file, ANY_TEXT),
	FIELD(world_fingerprint, conditions, FIELD_RUN, WORLD_CONDITIONS, 0),
	FIELD(world_fingerprint, score, FIELD_U32, 1, 100),
	END_OF_FIELDS,
};

static const struct field condition_fields[] = {
	FIELD(world_condition, fact, FIELD_U32, 0, WORLD_FACTS - 1),
	FIELD(world_condition, test, FIELD_U32, 0, WORLD_TESTS - 1),
	END_OF_FIELDS,
};

#define DIGITS(min, max) FIELD_DIGITS, min, max

static const struct field destination_fields[] = {
	FIELD(world_destination, prefix, DIGITS(1, WORLD_PREFIX_MAX)),
	FIELD(world_destination, origin.file, ANY_TEXT),
	FIELD(world_destination, note, ANY_TEXT),
	FIELD(world_destination, region, FIELD_REGION, 0, 0),
	FIELD(world_destination, class, FIELD_U8, 0, WORLD_CLASSES - 1),
	FIELD(world_destination, exact, BOOL),
	FIELD(world_destination, exception, BOOL),
	END_OF_FIELDS,
};

static const struct field numbers_fields[] = {
	FIELD(world_numbers, name, ANY_TEXT),
	FIELD(world_numbers, origin.file, ANY_TEXT),
	FIELD(world_numbers, country, DIGITS(0, 7)),
	FIELD(world_numbers, region, FIELD_REGION, 0, 0),
	FIELD(world_numbers, national, DIGITS(0, 7)),
	FIELD(world_numbers, international[0], DIGITS(0, 7)),
	FIELD(world_numbers, international[1], DIGITS(0, 7)),
	FIELD(world_numbers, international[2], DIGITS(0, 7)),
	FIELD(world_numbers, international[3], DIGITS(0, 7)),
	FIELD(world_numbers, internal_digits, FIELD_U8, 0, WORLD_INTERNAL_MAX),
	FIELD(world_numbers, bare, FIELD_U8, 0, WORLD_BARES - 1),
	END_OF_FIELDS,
};
static_assert(WORLD_ACCESS_CODES == 4, "each is looked at");

static const struct field policy_fields[] = {
	FIELD(world_policy, name, NAME),
	FIELD(world_policy, origin.file, ANY_TEXT),
	FIELD(world_policy, rules, FIELD_RUN, WORLD_POLICY_RULES, 0),
	FIELD(world_policy, parent, FIELD_ROW, WORLD_POLICIES, 0),
	FIELD(world_policy, depth, FIELD_U32, 0, WORLD_POLICY_DEPTH - 1),
	FIELD(world_policy, closed, BOOL),
	END_OF_FIELDS,
};

static const struct field policy_rule_fields[] = {
	FIELD(world_policy_rule, origin.file, ANY_TEXT),
	FIELD(world_policy_rule, text, ANY_TEXT),
	FIELD(world_policy_rule, kind, FIELD_U32, 0, WORLD_POLICY_KINDS - 1),
	FIELD(world_policy_rule, classes, FIELD_U32, 0, (1U << WORLD_CLASSES) - 1),
	FIELD(world_policy_rule, value, FIELD_U32, 0, WORLD_LIMIT_MAX),
	FIELD(world_policy_rule, prefix, DIGITS(0, WORLD_PREFIX_MAX)),
	FIELD(world_policy_rule, days, FIELD_U32, 0, 127),
	FIELD(world_policy_rule, from_min, FIELD_U32, 0, WORLD_DAY_MINUTES),
	FIELD(world_policy_rule, to_min, FIELD_U32, 0, WORLD_DAY_MINUTES),
	END_OF_FIELDS,
};

static const struct field no_fields[] = { END_OF_FIELDS };

static const struct field *const table_fields[WORLD_TABLES] = {
	[WORLD_TEXTS] = text_fields,
	[WORLD_ACL_RULES] = acl_fields,
	[WORLD_TOKEN_OPTIONAL] = range_fields,
	[WORLD_NUMBER_LIMITS] = range_fields,
	[WORLD_VARIABLES] = variable_fields,
	[WORLD_USERS] = user_fields,
	[WORLD_PEERS] = peer_fields,
	[WORLD_REGISTRATIONS] = registration_fields,
	[WORLD_CONTEXTS] = context_fields,
	[WORLD_INCLUDES] = include_fields,
	[WORLD_EXTENS] = exten_fields,
	[WORLD_STEPS] = step_fields,
	[WORLD_GLOBALS] = variable_fields,
	[WORLD_NEVER_BAN] = range_fields,
	[WORLD_FINGERPRINTS] = fingerprint_fields,
	[WORLD_CONDITIONS] = condition_fields,
	[WORLD_DESTINATIONS] = destination_fields,
	[WORLD_NUMBERS] = numbers_fields,
	[WORLD_POLICIES] = policy_fields,
	[WORLD_POLICY_RULES] = policy_rule_fields,
	[WORLD_USERS_BY_NAME] = no_fields,
	[WORLD_PEERS_BY_NAME] = no_fields,
	[WORLD_CONTEXTS_BY_NAME] = no_fields,
};

/* 1 to a million: of anything that is counted. */
#define GUARD_RATE FIELD_U32, 1, 1000000

static const struct field settings_fields[] = {
	FIELD(world_settings, bind_count, FIELD_U32, 1, WORLD_BINDS_MAX),
	FIELD(world_settings, threads, FIELD_U32, 1, WORLD_THREADS_MAX),
	FIELD(world_settings, min_reg_expire_s, FIELD_U32, 1, DAY_S),
	FIELD(world_settings, max_reg_expire_s, FIELD_U32, 1, DAY_S),
	FIELD(world_settings, ping_time_s, FIELD_U32, 1, DAY_S),
	FIELD(world_settings, lagrq_time_s, FIELD_U32, 0, DAY_S),
	FIELD(world_settings, max_call_numbers, FIELD_U32, 0, UINT16_MAX),
	FIELD(world_settings, max_call_numbers_nonvalidated, FIELD_U32, 0, UINT16_MAX),
	FIELD(world_settings, call_token_expiration_s, FIELD_U32, 1, DAY_S),
	FIELD(world_settings, autokill_ms, FIELD_U32, 0, DAY_MS),
	FIELD(world_settings, calls_max, FIELD_U32, 1, WORLD_CALLS_MAX),
	FIELD(world_settings, registrations_max, FIELD_U32, 0, WORLD_CALLS_MAX),
	FIELD(world_settings, cos, FIELD_U8, 0, 7),
	FIELD(world_settings, call_token_text, BOOL),
	FIELD(world_settings, delay_reject, BOOL),
	FIELD(world_settings, stealth, BOOL),
	FIELD(world_settings, syslog, BOOL),
	FIELD(world_settings, shrink_caller_id, BOOL),
	FIELD(world_settings, autofallthrough, BOOL),
	FIELD(world_settings, guard.mode, FIELD_U32, 0, WORLD_GUARD_MODES - 1),
	FIELD(world_settings, guard.new_dialogs_per_s, GUARD_RATE),
	FIELD(world_settings, guard.new_dialogs_burst, GUARD_RATE),
	FIELD(world_settings, guard.known_dialogs_per_s, GUARD_RATE),
	FIELD(world_settings, guard.known_dialogs_burst, GUARD_RATE),
	FIELD(world_settings, guard.strangers_per_s, GUARD_RATE),
	FIELD(world_settings, guard.failures_per_min, GUARD_RATE),
	FIELD(world_settings, guard.failures_burst, GUARD_RATE),
	FIELD(world_settings, guard.names_per_10min, GUARD_RATE),
	FIELD(world_settings, guard.delay_at, GUARD_RATE),
	FIELD(world_settings, guard.silence_at, GUARD_RATE),
	FIELD(world_settings, guard.kernel_at, GUARD_RATE),
	FIELD(world_settings, guard.step_s, FIELD_U32, 1, DAY_S),
	FIELD(world_settings, guard.account_failures, GUARD_RATE),
	FIELD(world_settings, guard.account_prefixes, FIELD_U32, 1, 16),
	FIELD(world_settings, guard.account_distinct, GUARD_RATE),
	FIELD(world_settings, guard.spray_accounts, GUARD_RATE),
	FIELD(world_settings, guard.spray_prefixes, GUARD_RATE),
	FIELD(world_settings, guard.known_days, FIELD_U32, 1, 366),
	FIELD(world_settings, guard.kernel, BOOL),
	FIELD(world_settings, guard.tokenless, FIELD_U8, 0, WORLD_TOKENLESS_PLACES - 1),
	FIELD(world_settings, front.backend, ANY_ADDR),
	FIELD(world_settings, front.local, ANY_ADDR),
	FIELD(world_settings, zone, FIELD_ZONE, 0, 0),
	FIELD(world_settings, regcontext, FIELD_TEXT, 0, WORLD_NAME_MAX),
	FIELD(world_settings, paying.numbers, FIELD_ROW, WORLD_NUMBERS, 0),
	FIELD(world_settings, paying.system, FIELD_ROW, WORLD_POLICIES, 0),
	FIELD(world_settings, paying.guests, FIELD_ROW, WORLD_POLICIES, 0),
	FIELD(world_settings, paying.trunks, FIELD_ROW, WORLD_POLICIES, 0),
	END_OF_FIELDS,
};

static const uint8_t *bytes_of(const struct world *world)
{
	return (const uint8_t *)world;
}

static const char *check_text(const struct world *world, const struct field *field, const void *at)
{
	struct world_text text;

	memcpy(&text, at, sizeof(text));
	if (text.len < field->min || text.len > field->max) {
		return "a text of a length that is not allowed";
	}
	if (text.len == 0) {
		return NULL;
	}
	if (text.offset >= world->text_bytes || text.len >= world->text_bytes - text.offset) {
		return "a text outside the pool";
	}
	const uint8_t *start = bytes_of(world) + world->text_offset + text.offset;

	return memchr(start, '\0', (size_t)text.len + 1) == start + text.len ? NULL : "a text that does not end in NUL";
}

static const char *check_run(const struct world *world, const struct field *field, const void *at)
{
	const uint32_t rows = world->tables[field->min].count;
	struct world_run run;

	memcpy(&run, at, sizeof(run));
	return run.first <= rows && run.count <= rows - run.first ? NULL : "a run of rows outside its table";
}

static const char *check_addr(const struct tg_addr *addr, bool needed)
{
	static const uint8_t zero[16], mapped[12] = { [10] = 0xff, [11] = 0xff };
	const bool four = memcmp(addr->ip, mapped, sizeof(mapped)) == 0;

	if (memcmp(addr->zero, zero, sizeof(addr->zero)) != 0) {
		return "an address with something in its padding";
	}
	switch (addr->family) {
	case TG_NO_ADDR:
		return !needed && memcmp(addr->ip, zero, 16) == 0 ? NULL : "an address without a family";
	case TG_IPV4:
		return four ? NULL : "an IPv4 address that is none";
	case TG_IPV6:
		return !four ? NULL : "an IPv6 address that is IPv4";
	default:
		return "an address of an unknown family";
	}
}

static const char *check_prefix(const void *at)
{
	struct world_acl_rule rule; /* address, then bits, as in struct world_range */

	memcpy(&rule, at, offsetof(struct world_acl_rule, permit));
	if (rule.bits > (rule.base.family == TG_IPV4 ? 32 : 128)) {
		return "a prefix longer than its address";
	}
	return check_addr(&rule.base, true);
}

static const char *check_codecs(const void *at)
{
	struct world_codecs codecs;
	uint64_t mask = 0;

	memcpy(&codecs, at, sizeof(codecs));
	if (codecs.count > WORLD_CODECS_MAX) {
		return "too many codecs in a list";
	}
	for (uint32_t i = 0; i < codecs.count; i++) {
		const uint64_t bit = codecs.formats[i];

		if (bit == 0 || (bit & (bit - 1)) != 0 || (mask & bit) != 0) {
			return "a codec list with something else in it";
		}
		mask |= bit;
	}
	return mask == codecs.mask ? NULL : "a codec list that differs from its mask";
}

static const char *check_zone(const void *at)
{
	struct world_zone zone;

	memcpy(&zone, at, sizeof(zone));
	return when_zone_is_good(&zone) ? NULL : "a time zone that is none";
}

static const char *check_digits(const struct field *field, const char *at)
{
	const size_t len = strnlen(at, field->max + 1);
	static const char zero[WORLD_PREFIX_MAX + 1];

	if (len < field->min || len > field->max || memcmp(at + len, zero, field->max + 1 - len) != 0) {
		return "digits of a length that is not allowed";
	}
	for (size_t i = at[0] == '+' ? 1 : 0; i < len; i++) {
		if (at[i] < '0' || at[i] > '9') {
			return "digits that are none";
		}
	}
	return NULL;
}

static bool is_letter(char c)
{
	return c >= 'A' && c <= 'Z';
}

static const char *check_region(const char *at)
{
	const bool nothing = at[0] == '\0' && at[1] == '\0';
	const bool everywhere = at[0] == '*' && at[1] == '\0';

	return at[2] == '\0' && at[3] == '\0' && (nothing || everywhere || (is_letter(at[0]) && is_letter(at[1])))
	               ? NULL
	               : "a region that is none";
}

static const char *check_row(const struct world *world, const struct field *field, const void *at)
{
	uint32_t row;

	memcpy(&row, at, sizeof(row));
	return row <= world->tables[field->min].count ? NULL : "a row outside its table";
}

static const char *check_number(const struct field *field, uint32_t value)
{
	return value >= field->min && value <= field->max ? NULL : "a number out of its range";
}

static const char *check_field(const struct world *world, const struct field *field, const uint8_t *at)
{
	struct tg_addr addr;
	uint32_t u32;
	uint16_t u16;

	switch (field->kind) {
	case FIELD_TEXT:
		return check_text(world, field, at);
	case FIELD_RUN:
		return check_run(world, field, at);
	case FIELD_U8:
		return check_number(field, *at);
	case FIELD_U16:
		memcpy(&u16, at, sizeof(u16));
		return check_number(field, u16);
	case FIELD_U32:
		memcpy(&u32, at, sizeof(u32));
		return check_number(field, u32);
	case FIELD_ADDR:
		memcpy(&addr, at, sizeof(addr));
		return check_addr(&addr, field->min != 0);
	case FIELD_PREFIX:
		return check_prefix(at);
	case FIELD_CODECS:
		return check_codecs(at);
	case FIELD_ZONE:
		return check_zone(at);
	case FIELD_ROW:
		return check_row(world, field, at);
	case FIELD_DIGITS:
		return check_digits(field, (const char *)at);
	case FIELD_REGION:
		return check_region((const char *)at);
	}
	return "a field of an unknown kind";
}

static const char *check_fields(const struct world *world, const struct field *fields, const void *row)
{
	for (; fields->offset != UINT32_MAX; fields++) {
		const char *wrong = check_field(world, fields, (const uint8_t *)row + fields->offset);

		if (wrong != NULL) {
			return wrong;
		}
	}
	return NULL;
}

const char *world_fields_of_settings(const struct world *world)
{
	const char *wrong = check_fields(world, settings_fields, &world->settings);

	for (uint32_t i = 0; wrong == NULL && i < world->settings.bind_count; i++) {
		wrong = check_addr(&world->settings.binds[i], true);
	}
	return wrong;
}

const char *world_fields_of_row(const struct world *world, enum world_table table, uint32_t index)
{
	return check_fields(world, table_fields[table], world_row(world, table, index));
}
