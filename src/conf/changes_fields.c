/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of records, and the options that set them. */
#include "conf/changes_inside.h"

#include <string.h>

enum field_kind {
	OCTETS, /* as they are */
	TEXT,
	TEXTS,     /* a run of texts */
	RULES,     /* a run of access rules */
	VARIABLES, /* a run of variables */
	POLICY,    /* row + 1 */
	NUMBERS,   /* row + 1 */
};

struct field {
	const char *option;
	enum field_kind kind;
	size_t offset, size;
};

#define FIELD(type, option, kind, member)                                                       \
	{                                                                                       \
		option, kind, offsetof(struct type, member), sizeof(((struct type *)0)->member) \
	}

/* ---- runs ---- */

static bool same_texts(const struct changes *c, struct world_run old, struct world_run new)
{
	for (uint32_t i = 0; old.count == new.count &&i < old.count; i++) {
		const struct world_text *a = world_row(c->old, WORLD_TEXTS, old.first + i);
		const struct world_text *b = world_row(c->new, WORLD_TEXTS, new.first + i);

		if (!changes_same_text(c, *a, *b)) {
			return false;
		}
	}
	return old.count == new.count;
}

static bool same_rules(const struct changes *c, struct world_run old, struct world_run new)
{
	for (uint32_t i = 0; old.count == new.count &&i < old.count; i++) {
		const struct world_acl_rule *a = world_row(c->old, WORLD_ACL_RULES, old.first + i);
		const struct world_acl_rule *b = world_row(c->new, WORLD_ACL_RULES, new.first + i);

		if (!tg_addr_equal(a->base, b->base) || a->bits != b->bits || a->permit != b->permit) {
			return false;
		}
	}
	return old.count == new.count;
}

static bool same_variables(const struct changes *c, struct world_run old, struct world_run new)
{
	for (uint32_t i = 0; old.count == new.count &&i < old.count; i++) {
		const struct world_variable *a = world_row(c->old, WORLD_VARIABLES, old.first + i);
		const struct world_variable *b = world_row(c->new, WORLD_VARIABLES, new.first + i);

		if (!changes_same_text(c, a->name, b->name) || !changes_same_text(c, a->value, b->value)) {
			return false;
		}
	}
	return old.count == new.count;
}

static const char *numbers_name(const struct world *world, uint32_t row)
{
	const struct world_numbers *numbers = row > 0 ? world_row(world, WORLD_NUMBERS, row - 1) : NULL;

	return numbers != NULL ? world_text(world, numbers->name) : "";
}

static bool same_field(const struct changes *c, const struct field *field, const void *old, const void *new)
{
	const uint8_t *a = (const uint8_t *)old + field->offset, *b = (const uint8_t *)new + field->offset;
	struct world_text texts[2];
	struct world_run runs[2];
	uint32_t rows[2];

	switch (field->kind) {
	case OCTETS:
		return memcmp(a, b, field->size) == 0;
	case TEXT:
		memcpy(&texts[0], a, sizeof(texts[0]));
		memcpy(&texts[1], b, sizeof(texts[1]));
		return changes_same_text(c, texts[0], texts[1]);
	case TEXTS:
	case RULES:
	case VARIABLES:
		memcpy(&runs[0], a, sizeof(runs[0]));
		memcpy(&runs[1], b, sizeof(runs[1]));
		return field->kind == TEXTS   ? same_texts(c, runs[0], runs[1])
		       : field->kind == RULES ? same_rules(c, runs[0], runs[1])
		                              : same_variables(c, runs[0], runs[1]);
	case POLICY:
	case NUMBERS:
		memcpy(&rows[0], a, sizeof(rows[0]));
		memcpy(&rows[1], b, sizeof(rows[1]));
		return field->kind == POLICY
		               ? strcmp(changes_policy_name(c->old, rows[0]), changes_policy_name(c->new, rows[1])) == 0
		               : strcmp(numbers_name(c->old, rows[0]), numbers_name(c->new, rows[1])) == 0;
	}
	return true;
}

static void compare(const struct changes *c, const struct field *fields, size_t count, const void *old, const void *new,
                    struct changes_words *words)
{
	for (size_t i = 0; i < count; i++) {
		if (!same_field(c, &fields[i], old, new)) {
			changes_word(words, fields[i].option);
		}
	}
}

static bool secret_differs(const struct changes *c, enum model_identity identity, const char *old, const char *new)
{
	return c->ops->secret_differs != NULL && c->ops->secret_differs(c->ops->owner, identity, old, new);
}

/* ---- [general] and [guard] ---- */

#define SETTING(option, member) FIELD(world_settings, option, OCTETS, member)

static const struct field settings[] = {
	SETTING("minregexpire", min_reg_expire_s),
	SETTING("maxregexpire", max_reg_expire_s),
	SETTING("autokill", autokill_ms),
	SETTING("pingtime", ping_time_s),
	SETTING("lagrqtime", lagrq_time_s),
	SETTING("maxcallnumbers", max_call_numbers),
	SETTING("maxcallnumbers_nonvalidated", max_call_numbers_nonvalidated),
	SETTING("calltokenexpiration", call_token_expiration_s),
	SETTING("maxauthreq", max_auth_req),
	SETTING("calltoken-text", call_token_text),
	SETTING("stealth", stealth),
	SETTING("shrinkcallerid", shrink_caller_id),
	SETTING("autofallthrough", autofallthrough),
	FIELD(world_settings, "regcontext", TEXT, regcontext),
	SETTING("timezone", paying.zone),
	SETTING("the machine's time zone", zone),
};

/* What holds at the next start. */
static const struct field at_start[] = {
	SETTING("bindaddr", bind_count),
	SETTING("bindaddr", binds),
	SETTING("threads", threads),
	SETTING("tos", tos),
	SETTING("cos", cos),
	SETTING("calls", calls_max),
	SETTING("syslog", syslog),
};

static const struct field guard[] = {
	SETTING("mode", guard.mode),
	SETTING("newdialogs", guard.new_dialogs_per_s),
	SETTING("newdialogs", guard.new_dialogs_burst),
	SETTING("knowndialogs", guard.known_dialogs_per_s),
	SETTING("knowndialogs", guard.known_dialogs_burst),
	SETTING("strangers", guard.strangers_per_s),
	SETTING("failures", guard.failures_per_min),
	SETTING("failures", guard.failures_burst),
	SETTING("names", guard.names_per_10min),
	SETTING("delayat", guard.delay_at),
	SETTING("silenceat", guard.silence_at),
	SETTING("banat", guard.kernel_at),
	SETTING("steptime", guard.step_s),
	SETTING("accountfailures", guard.account_failures),
	SETTING("accountnetworks", guard.account_prefixes),
	SETTING("accountanswers", guard.account_distinct),
	SETTING("sprayaccounts", guard.spray_accounts),
	SETTING("spraynetworks", guard.spray_prefixes),
	SETTING("knowndays", guard.known_days),
	SETTING("kernel", guard.kernel),
	SETTING("tokenless", guard.tokenless),
};

static const struct field front[] = {
	SETTING("backend", front.backend),
	SETTING("local", front.local),
};

void changes_settings(struct changes *c)
{
	static const struct {
		const char *kind;
		const struct field *fields;
		size_t count;
	} rows[] = {
		{ "changed: [general]", settings, TG_COUNT(settings) },
		{ "at the next start", at_start, TG_COUNT(at_start) },
		{ "changed: [guard]", guard, TG_COUNT(guard) },
		{ "changed: [front]", front, TG_COUNT(front) },
	};

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct changes_words words = { .last = NULL };

		compare(c, rows[i].fields, rows[i].count, &c->old->settings, &c->new->settings, &words);
		if (words.text[0] != '\0') {
			changes_add(c, rows[i].kind, "", words.text);
		}
	}
}

/* ---- accounts ---- */

#define OF_USER(option, kind, member) FIELD(world_user, option, kind, member)
#define OF_PEER(option, kind, member) FIELD(world_peer, option, kind, member)

static const struct field user_fields[] = {
	OF_USER("context", TEXTS, contexts),
	OF_USER("permit, deny or acl", RULES, acl),
	OF_USER("permit, deny or acl", OCTETS, acl_v4),
	OF_USER("permit, deny or acl", OCTETS, acl_v6),
	OF_USER("setvar", VARIABLES, variables),
	OF_USER("allow", OCTETS, codecs),
	OF_USER("codecpriority", OCTETS, codec_priority),
	OF_USER("callerid", TEXT, callerid_name),
	OF_USER("callerid", TEXT, callerid_number),
	OF_USER("accountcode", TEXT, accountcode),
	OF_USER("language", TEXT, language),
	OF_USER("maxauthreq", OCTETS, max_auth_req),
	OF_USER("auth", OCTETS, auth_methods),
	OF_USER("requirecalltoken", OCTETS, require_call_token),
	OF_USER("decoy", OCTETS, decoy),
	OF_USER("roaming", OCTETS, roaming),
	OF_USER("mayspend", OCTETS, may_spend),
	OF_USER("policy", POLICY, policy),
	OF_USER("numbers", NUMBERS, numbers),
};

static const struct field peer_fields[] = {
	OF_PEER("host", TEXT, host_text),
	OF_PEER("port", OCTETS, addr.port),
	OF_PEER("defaultip", OCTETS, default_ip),
	OF_PEER("sourceaddress", OCTETS, source),
	OF_PEER("permit, deny or acl", RULES, acl),
	OF_PEER("permit, deny or acl", OCTETS, acl_v4),
	OF_PEER("permit, deny or acl", OCTETS, acl_v6),
	OF_PEER("allow", OCTETS, codecs),
	OF_PEER("username", TEXT, username),
	OF_PEER("peercontext", TEXT, peercontext),
	OF_PEER("description", TEXT, description),
	OF_PEER("regexten", TEXT, regexten),
	OF_PEER("callerid", TEXT, callerid_name),
	OF_PEER("callerid", TEXT, callerid_number),
	OF_PEER("qualify", OCTETS, qualify_ms),
	OF_PEER("qualifyfreqok", OCTETS, qualify_ok_ms),
	OF_PEER("qualifyfreqnotok", OCTETS, qualify_notok_ms),
	OF_PEER("qualifysmoothing", OCTETS, qualify_smoothing),
	OF_PEER("maxcallnumbers", OCTETS, max_call_numbers),
	OF_PEER("auth", OCTETS, auth_methods),
	OF_PEER("requirecalltoken", OCTETS, require_call_token),
	OF_PEER("sendani", OCTETS, send_ani),
	OF_PEER("decoy", OCTETS, decoy),
	OF_PEER("roaming", OCTETS, roaming),
	OF_PEER("chargeable", OCTETS, chargeable),
	OF_PEER("trunkpolicy", POLICY, policy),
	OF_PEER("numbers", NUMBERS, numbers),
};

void changes_user(struct changes *c, const void *old_row, const void *new_row)
{
	const struct world_user *old = old_row, *new = new_row;
	const char *name = world_text(c->new, new->name);
	struct changes_words words = { .last = NULL };

	compare(c, user_fields, TG_COUNT(user_fields), old, new, &words);
	if (secret_differs(c, MODEL_CALLER, name, name)) {
		changes_word(&words, "secret");
	}
	if (words.text[0] != '\0') {
		changes_add(c, "changed: user", name, words.text);
	}
}

void changes_peer(struct changes *c, const void *old_row, const void *new_row)
{
	const struct world_peer *old = old_row, *new = new_row;
	const char *name = world_text(c->new, new->name);
	struct changes_words words = { .last = NULL };

	compare(c, peer_fields, TG_COUNT(peer_fields), old, new, &words);
	if (secret_differs(c, MODEL_OUR_PEER, name, name)) { /* it registers with the same one */
		changes_word(&words, "secret");
	}
	if (words.text[0] != '\0') {
		changes_add(c, "changed: peer", name, words.text);
	}
}

/* ---- registrations ---- */

void changes_registration(struct changes *c, const void *old_row, const void *new_row)
{
	const struct world_registration *old = old_row, *new = new_row;
	static const struct field fields[] = {
		FIELD(world_registration, "port", OCTETS, addr.port),
		FIELD(world_registration, "refresh", OCTETS, refresh_s),
	};
	struct changes_words words = { .last = NULL };

	compare(c, fields, TG_COUNT(fields), old, new, &words);
	if (secret_differs(c, MODEL_OUR_REGISTER, world_text(c->old, old->name), world_text(c->new, new->name))) {
		changes_word(&words, "secret");
	}
	if (words.text[0] != '\0') {
		changes_add(c, "changed: registration", world_text(c->new, new->username), words.text);
	}
}
