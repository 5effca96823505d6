/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/front.h"
#include "conf/iax_conf.h"

#include "conf/keys.h"
#include "conf/policy.h"
#include "conf/secret_check.h"

#include <stdio.h>
#include <string.h>

enum { REGISTRATIONS_MIN = 1000 };

static const struct conf_place whole_file = { "iax.conf", 0 };

/* What an account is like is worth a note only when all its lines were good: else the note may follow from
 * the error. */
#define NOTE(loading, ...)                                           \
	do {                                                         \
		if ((loading)->problems->errors == 0) {              \
			conf_note((loading)->problems, __VA_ARGS__); \
		}                                                    \
	} while (false)

/* Accounts whose rules know one family only: said once for all of them. */
struct one_family {
	const struct conf_account *first;
	uint32_t count;
};

static struct world_text text_of(struct conf_loading *loading, const char *text)
{
	return world_build_text(loading->build, tg_span_text(text != NULL ? text : ""));
}

static struct world_origin origin_of(struct conf_loading *loading, struct conf_place at)
{
	return world_build_origin(loading->build, at.file, at.line);
}

/* ---- access lists ---- */

static void emit_rule(struct conf_loading *loading, struct tg_addr base, uint8_t bits, enum world_acl_verdict verdict,
                      struct conf_place at)
{
	const struct world_acl_rule rule = {
		.base = base,
		.bits = bits,
		.permit = (uint8_t)verdict,
		.origin = origin_of(loading, at),
	};

	world_build_row(loading->build, WORLD_ACL_RULES, &rule);
}

static void emit_rules(struct conf_loading *loading, const struct conf_acl *acl)
{
	for (const struct conf_rule *rule = acl->first; rule != NULL; rule = rule->next) {
		emit_rule(loading, rule->base, rule->bits, rule->permit ? WORLD_ACL_PERMIT : WORLD_ACL_DENY, rule->at);
	}
}

/* A named list is one more list after an AND. Where it has rules of one family only, the other one is denied. */
static void emit_named(struct conf_loading *loading, const struct conf_acl *acl)
{
	static const struct tg_addr any_v4 = { .ip = { [10] = 0xff, [11] = 0xff }, .family = TG_IPV4 };
	static const struct tg_addr any_v6 = { .family = TG_IPV6 };
	static const struct conf_place nowhere = { NULL, 0 };

	emit_rule(loading, any_v6, 0, WORLD_ACL_AND, nowhere);
	if (acl->v4 != acl->v6) {
		emit_rule(loading, acl->v4 ? any_v6 : any_v4, 0, WORLD_ACL_DENY, nowhere);
	}
	emit_rules(loading, acl);
}

static struct world_run emit_acl(struct conf_loading *loading, const struct conf_account *account,
                                 struct one_family *one_family)
{
	const uint32_t first = world_build_count(loading->build, WORLD_ACL_RULES);

	emit_rules(loading, &account->acl);
	for (const struct conf_text *name = account->acl_names.first; name != NULL; name = name->next) {
		const struct conf_named_acl *named = conf_named_acl_find(loading, tg_span_text(name->text));

		if (named != NULL) {
			emit_named(loading, &named->acl);
		}
	}
	if (account->acl.v4 != account->acl.v6) {
		one_family->first = one_family->first != NULL ? one_family->first : account;
		one_family->count++;
	}
	return (struct world_run){ first, world_build_count(loading->build, WORLD_ACL_RULES) - first };
}

static void report_one_family(struct conf_loading *loading, const struct one_family *one_family)
{
	const struct conf_account *first = one_family->first;
	char others[32] = "";

	if (first == NULL) {
		return;
	}
	if (one_family->count > 1) {
		snprintf(others, sizeof(others), " and %u more", (unsigned)one_family->count - 1);
	}
	NOTE(loading, first->at, "[%s]%s: rules for %s only, so %s is denied", first->name, others,
	     first->acl.v4 ? "IPv4" : "IPv6", first->acl.v4 ? "IPv6" : "IPv4");
}

/* ---- names that need no call token ---- */

static bool has_permit(const struct conf_acl *acl)
{
	for (const struct conf_rule *rule = acl->first; rule != NULL; rule = rule->next) {
		if (rule->permit && rule->bits > 0) {
			return true;
		}
	}
	return false;
}

static bool is_excused_everywhere(const struct conf_loading *loading, const struct conf_account *account)
{
	bool permit = has_permit(&account->acl);

	for (const struct conf_text *name = account->acl_names.first; !permit && name != NULL; name = name->next) {
		const struct conf_named_acl *named = conf_named_acl_find(loading, tg_span_text(name->text));

		permit = named != NULL && has_permit(&named->acl);
	}
	return !permit && (account->require_call_token == WORLD_NO || account->require_call_token == WORLD_AUTO);
}

/* Said once for all of them; the two halves of a friend are one. */
static void report_excused(struct conf_loading *loading)
{
	const struct conf_account *first = NULL;
	char others[32] = "";
	uint32_t count = 0;

	for (const struct conf_account *account = loading->accounts; account != NULL; account = account->next) {
		const struct conf_account *user = conf_account_find(loading, CONF_USER, tg_span_text(account->name));
		const bool told = account != user && user != NULL && is_excused_everywhere(loading, user);

		if (!told && is_excused_everywhere(loading, account)) {
			first = first != NULL ? first : account;
			count++;
		}
	}
	if (first == NULL || loading->general.settings.guard.tokenless == WORLD_TOKENLESS_KNOWN) {
		return;
	}
	if (count > 1) {
		snprintf(others, sizeof(others), " and %u more", (unsigned)count - 1);
	}
	conf_warning(loading->problems, first->at,
	             "[%s]%s has requirecalltoken=%s and no permit= range: its name is excused from proving an address "
	             "wherever it is used; add permit= with the addresses of the device, or remove the line and name "
	             "them with calltokenoptional=",
	             first->name, others, first->require_call_token == WORLD_NO ? "no" : "auto");
}

/* ---- secrets ---- */

static void emit_secret(struct conf_loading *loading, enum model_identity identity, const char *name,
                        const char *secret)
{
	if (secret != NULL && secret[0] != '\0' && !conf_secrets_add(loading->secrets, identity, name, secret)) {
		loading->arena->failed = true;
	}
}

/* Of a user each secret counts, of any other account the last one. */
static bool has_weak_secret(struct conf_loading *loading, const struct conf_account *account)
{
	const struct conf_texts *secrets = &account->secrets;
	bool weak = false;

	for (const struct conf_text *secret = account->half == CONF_USER ? secrets->first : secrets->last;
	     secret != NULL; secret = secret->next) {
		weak = conf_secret_check(loading, account, secret) || weak;
	}
	return weak;
}

/* All of a user's secrets open the door; of any other account the last one counts. */
static void emit_user_secrets(struct conf_loading *loading, const struct conf_account *user)
{
	uint32_t count = 0;

	for (const struct conf_text *secret = user->secrets.first; secret != NULL; secret = secret->next) {
		emit_secret(loading, MODEL_CALLER, user->name, secret->text);
		count += secret->text[0] != '\0' ? 1 : 0;
	}
	if (count > 1) {
		NOTE(loading, user->at, "[%s]: each of its %u secrets is good for a call", user->name, (unsigned)count);
	}
}

static void emit_last_secret(struct conf_loading *loading, const struct conf_account *account,
                             enum model_identity identity)
{
	if (conf_has_secret(account)) {
		emit_secret(loading, identity, account->name, account->secrets.last->text);
	}
}

/* ---- users ---- */

static struct world_run emit_contexts(struct conf_loading *loading, const struct conf_texts *contexts)
{
	const uint32_t first = world_build_count(loading->build, WORLD_TEXTS);

	for (const struct conf_text *context = contexts->first; context != NULL; context = context->next) {
		const struct world_text name = text_of(loading, context->text);

		world_build_row(loading->build, WORLD_TEXTS, &name);
	}
	return (struct world_run){ first, world_build_count(loading->build, WORLD_TEXTS) - first };
}

static struct world_run emit_variables(struct conf_loading *loading, const struct conf_variable *variable)
{
	const uint32_t first = world_build_count(loading->build, WORLD_VARIABLES);

	for (; variable != NULL; variable = variable->next) {
		const struct world_variable row = { text_of(loading, variable->name),
			                            text_of(loading, variable->value) };

		world_build_row(loading->build, WORLD_VARIABLES, &row);
	}
	return (struct world_run){ first, world_build_count(loading->build, WORLD_VARIABLES) - first };
}

static void report_open_user(struct conf_loading *loading, const struct conf_account *user)
{
	const bool has_acl = user->acl.first != NULL || user->acl_names.first != NULL;
	char contexts[300] = "";
	size_t len = 0;

	for (const struct conf_text *c = user->contexts.first; c != NULL && len < sizeof(contexts); c = c->next) {
		len += (size_t)snprintf(contexts + len, sizeof(contexts) - len, "%s%s", len > 0 ? ", " : "", c->text);
	}
	NOTE(loading, user->at, "[%s] has no secret: whoever calls%s reaches %s", user->name,
	     has_acl ? " from an address it permits" : "", len > 0 ? contexts : "the backend");
}

static void check_user(struct conf_loading *loading, const struct conf_account *user)
{
	const struct conf_text *first = user->contexts.first;

	if (first == NULL && !conf_front_is_on(loading)) { /* in front, the backend has one for it */
		conf_error(loading->problems, user->at, "[%s]: a user needs a line context=", user->name);
	} else if (first != NULL && strcmp(first->text, "*") == 0) {
		conf_error(loading->problems, first->at,
		           "context: \"*\" lets a caller ask for any, so it cannot be the first one");
	}
	if (user->common.codecs.count == 0) {
		conf_error(loading->problems, user->at, "[%s]: no codec is allowed", user->name);
	}
	if (conf_auth_methods(user) == 0 && user->decoy != 0) {
		conf_error(loading->problems, user->at, "[%s]: a decoy needs a secret, or whoever calls as it gets in",
		           user->name);
	} else if (conf_auth_methods(user) == 0) {
		report_open_user(loading, user);
	}
}

static void emit_user(struct conf_loading *loading, const struct conf_account *user, struct one_family *one_family)
{
	const struct conf_common *common = &user->common;
	const struct world_user row = {
		.name = text_of(loading, user->name),
		.origin = origin_of(loading, user->at),
		.contexts = emit_contexts(loading, &user->contexts),
		.acl = emit_acl(loading, user, one_family),
		.variables = emit_variables(loading, user->variables),
		.codecs = common->codecs,
		.callerid_name = text_of(loading, user->callerid_name),
		.callerid_number = text_of(loading, user->callerid_number),
		.accountcode = text_of(loading, common->accountcode),
		.language = text_of(loading, common->language),
		.max_auth_req = common->max_auth_req,
		.auth_methods = conf_auth_methods(user),
		.codec_priority = common->codec_priority,
		.require_call_token = user->require_call_token,
		.acl_v4 = user->acl.v4,
		.acl_v6 = user->acl.v6,
		.has_secret = conf_has_secret(user),
		.immediate = user->immediate,
		.decoy = user->decoy,
		.roaming = user->roaming,
		.may_spend = user->may_spend,
		.weak_secret = has_weak_secret(loading, user),
		.policy = conf_policy_named(loading, &user->policy, "policy"),
		.numbers = conf_numbers_named(loading, &user->numbers),
	};

	check_user(loading, user);
	if (!conf_is_locked(user)) {
		emit_user_secrets(loading, user);
	}
	world_build_row(loading->build, WORLD_USERS, &row);
}

/* ---- peers ---- */

/* A name is looked up later; until then the port waits. */
static struct tg_addr host_addr(const char *host, uint32_t port)
{
	struct tg_addr addr;

	if (!tg_addr_parse(&addr, tg_span_text(host), (uint16_t)port)) {
		addr = (struct tg_addr){ .port = (uint16_t)port };
	}
	return addr;
}

static struct tg_addr with_port(struct tg_addr addr, uint32_t port)
{
	if (addr.family != TG_NO_ADDR && addr.port == 0) {
		addr.port = (uint16_t)port;
	}
	return addr;
}

static bool is_bound(const struct world_settings *settings, struct tg_addr source)
{
	for (uint32_t i = 0; i < settings->bind_count; i++) {
		const struct tg_addr *bind = &settings->binds[i];

		if (bind->family == source.family && (source.port == 0 || source.port == bind->port) &&
		    (tg_addr_is_any(*bind) || tg_addr_same_host(*bind, source))) {
			return true;
		}
	}
	return false;
}

static void check_peer(struct conf_loading *loading, const struct conf_account *peer)
{
	if (peer->host == NULL) {
		conf_error(loading->problems, peer->at,
		           "[%s]: a peer needs host=dynamic, or host= and an address or name", peer->name);
	}
	if (peer->common.codecs.count == 0) {
		conf_error(loading->problems, peer->at, "[%s]: no codec is allowed", peer->name);
	}
	if (conf_account_is_dynamic(peer) && conf_auth_methods(peer) == 0) {
		NOTE(loading, peer->at, "[%s] has no secret, so nobody can register as it", peer->name);
	}
	if (peer->source.family != TG_NO_ADDR && !is_bound(&loading->general.settings, peer->source)) {
		conf_error(loading->problems, peer->at, "[%s]: sourceaddress is in no bindaddr line", peer->name);
	}
}

/* A telephone registers with us; whoever is called at an address of his own may take money for what he passes on. */
static bool is_chargeable(const struct conf_account *peer)
{
	return peer->chargeable == WORLD_DEFAULT ? !conf_account_is_dynamic(peer) : peer->chargeable == WORLD_YES;
}

static void emit_peer(struct conf_loading *loading, const struct conf_account *peer, struct one_family *one_family)
{
	const char *host = peer->host != NULL ? peer->host : "";
	const struct world_peer row = {
		.name = text_of(loading, peer->name),
		.origin = origin_of(loading, peer->at),
		.host_text = text_of(loading, host),
		.addr = conf_account_is_dynamic(peer) ? (struct tg_addr){ .port = (uint16_t)peer->port }
		                                      : host_addr(host, peer->port),
		.default_ip = with_port(peer->default_ip, peer->port),
		.source = peer->source,
		.acl = emit_acl(loading, peer, one_family),
		.codecs = peer->common.codecs,
		.username = text_of(loading, peer->username),
		.peercontext = text_of(loading, peer->peercontext),
		.description = text_of(loading, peer->description),
		.mailbox = text_of(loading, peer->mailbox),
		.regexten = text_of(loading, peer->regexten),
		.callerid_name = text_of(loading, peer->callerid_name),
		.callerid_number = text_of(loading, peer->callerid_number),
		.qualify_ms = peer->qualify_ms,
		.qualify_ok_ms = peer->qualify_ok_ms,
		.qualify_notok_ms = peer->qualify_notok_ms,
		.max_call_numbers = peer->max_call_numbers,
		.auth_methods = conf_auth_methods(peer),
		.host_kind = conf_account_is_dynamic(peer) ? WORLD_HOST_DYNAMIC : WORLD_HOST_STATIC,
		.require_call_token = peer->require_call_token,
		.qualify_smoothing = peer->qualify_smoothing,
		.send_ani = peer->send_ani,
		.acl_v4 = peer->acl.v4,
		.acl_v6 = peer->acl.v6,
		.has_secret = conf_has_secret(peer),
		.decoy = peer->decoy,
		.roaming = peer->roaming,
		.weak_secret = has_weak_secret(loading, peer),
		.chargeable = is_chargeable(peer),
		.policy = conf_policy_named(loading, &peer->policy, "trunkpolicy"),
		.numbers = conf_numbers_named(loading, &peer->numbers),
	};

	check_peer(loading, peer);
	if (conf_account_is_dynamic(peer)) {
		emit_last_secret(loading, peer, MODEL_REGISTRANT);
	}
	emit_last_secret(loading, peer, MODEL_OUR_PEER);
	world_build_row(loading->build, WORLD_PEERS, &row);
}

/* ---- outgoing registrations ---- */

static void emit_registration(struct conf_loading *loading, const char *name, const struct conf_register *entry,
                              uint32_t refresh_s)
{
	const struct world_registration row = {
		.name = text_of(loading, name),
		.origin = origin_of(loading, entry->at),
		.username = text_of(loading, entry->username),
		.host_text = text_of(loading, entry->host),
		.addr = host_addr(entry->host, entry->port),
		.refresh_s = refresh_s,
	};

	emit_secret(loading, MODEL_OUR_REGISTER, name, entry->secret);
	world_build_row(loading->build, WORLD_REGISTRATIONS, &row);
}

static void emit_register_lines(struct conf_loading *loading)
{
	unsigned number = 1;

	for (const struct conf_register *entry = loading->general.registers; entry != NULL; entry = entry->next) {
		char name[32];

		snprintf(name, sizeof(name), "register:%u", number++);
		conf_register_check(loading, entry);
		emit_registration(loading, name, entry, 60);
	}
}

static void emit_registration_section(struct conf_loading *loading, const struct conf_account *account)
{
	const struct conf_register entry = {
		.at = account->at,
		.username = account->username,
		.secret = account->secrets.last != NULL ? account->secrets.last->text : NULL,
		.host = account->host,
		.port = account->port,
	};

	if (entry.host == NULL || conf_account_is_dynamic(account)) {
		conf_error(loading->problems, account->at, "[%s]: a registration needs host= and an address or name",
		           account->name);
	} else if (entry.username == NULL) {
		conf_error(loading->problems, account->at,
		           "[%s]: a registration needs a line username=", account->name);
	} else {
		has_weak_secret(loading, account);
		emit_registration(loading, account->name, &entry, account->refresh_s);
	}
}

/* ---- all of it ---- */

static void emit_binds(struct conf_loading *loading, struct world_settings *settings)
{
	const struct conf_general *general = &loading->general;

	if (general->first_bind_at.file == NULL) {
		settings->binds[0].port = (uint16_t)general->bind_port;
		conf_note(loading->problems, whole_file,
		          "no bindaddr: listening on 0.0.0.0, port %u, and not on IPv6 (bindaddr=:: adds it)",
		          (unsigned)general->bind_port);
	}
}

static uint32_t dynamic_peers(const struct conf_loading *loading)
{
	uint32_t count = 0;

	for (const struct conf_account *account = loading->accounts; account != NULL; account = account->next) {
		count += account->half == CONF_PEER && conf_account_is_dynamic(account) ? 1 : 0;
	}
	return count;
}

static void emit_settings(struct conf_loading *loading)
{
	struct world_settings *settings = &loading->general.settings;
	const uint32_t room = 2 * dynamic_peers(loading); /* a reload may bring more */

	emit_binds(loading, settings);
	if (settings->min_reg_expire_s > settings->max_reg_expire_s) {
		conf_warning(loading->problems, whole_file, "minregexpire is above maxregexpire and becomes %u, too",
		             (unsigned)settings->max_reg_expire_s);
		settings->min_reg_expire_s = settings->max_reg_expire_s;
	}
	settings->max_auth_req = loading->general.common.max_auth_req;
	settings->registrations_max = room < REGISTRATIONS_MIN ? REGISTRATIONS_MIN
	                              : room > WORLD_CALLS_MAX ? WORLD_CALLS_MAX
	                                                       : room;
	settings->autofallthrough = world_build_settings(loading->build)->autofallthrough;
	*world_build_settings(loading->build) = *settings;
}

void conf_iax_emit(struct conf_loading *loading)
{
	struct one_family one_family = { .count = 0 };

	emit_settings(loading);
	emit_register_lines(loading);
	for (const struct conf_account *account = loading->accounts; account != NULL; account = account->next) {
		switch (account->half) {
		case CONF_USER:
			emit_user(loading, account, &one_family);
			break;
		case CONF_PEER:
			emit_peer(loading, account, &one_family);
			break;
		case CONF_REGISTRATION:
			emit_registration_section(loading, account);
			break;
		}
	}
	report_one_family(loading, &one_family);
	report_excused(loading);
	conf_report_locked(loading);
}
