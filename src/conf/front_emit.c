/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/front.h"

#include "conf/keys.h"

#include <stdio.h>
#include <string.h>

enum {
	REFRESH_S = 60,
	BACKEND_NUMBERS = 16384, /* call numbers that the backend may have at once: half of all there are */
	NAME_BYTES = WORLD_NAME_MAX + 1,
	ARGS_BYTES = 2 * NAME_BYTES,
};

static struct world_text text_of(struct conf_loading *loading, const char *text)
{
	return world_build_text(loading->build, tg_span_text(text));
}

static struct world_origin origin_of(struct conf_loading *loading, struct conf_place at)
{
	return world_build_origin(loading->build, at.file, at.line);
}

/* Who has several proves itself by the last one. */
static void add_secret(struct conf_loading *loading, enum model_identity identity, const char *name,
                       const struct conf_account *account)
{
	const char *last = NULL;

	for (const struct conf_text *secret = account->secrets.first; secret != NULL; secret = secret->next) {
		last = secret->text[0] != '\0' ? secret->text : last;
	}
	if (conf_has_secret(account) && !conf_secrets_add(loading->secrets, identity, name, last)) {
		loading->arena->failed = true;
	}
}

static void front_name(char name[NAME_BYTES], const char *prefix, const char *account)
{
	snprintf(name, NAME_BYTES, "%s%.*s", prefix, (int)(WORLD_NAME_MAX - strlen(prefix) - 1), account);
}

static bool begins_with(const char *name, const char *prefix)
{
	return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* What Dial() can name, and what leaves room for the prefix. */
static bool may_be_carried(struct conf_loading *loading, const struct conf_account *account)
{
	const size_t len = strlen(account->name);
	const bool blank = len > 0 && (account->name[0] == ' ' || account->name[len - 1] == ' ');

	if (begins_with(account->name, WORLD_FRONT_TO) || begins_with(account->name, WORLD_FRONT_FROM)) {
		conf_error(loading->problems, account->at, "[%s]: with [front] no name may begin with \"%s\" or \"%s\"",
		           account->name, WORLD_FRONT_TO, WORLD_FRONT_FROM);
		return false;
	}
	if (blank || strpbrk(account->name, ",&/@:?^()${}\"\\") != NULL ||
	    len + sizeof(WORLD_FRONT_FROM) > WORLD_NAME_MAX) {
		conf_warning(
			loading->problems, account->at,
			"[%s]: calls of this name are not carried on: it is too long, or has blanks at its ends or "
			"one of , & / @ : ? ^ ( ) $ { } \" \\ in it",
			account->name);
		return false;
	}
	return account->decoy == 0;
}

/* ---- contexts ---- */

static void emit_step(struct conf_loading *loading, const struct conf_account *account, uint32_t priority,
                      enum world_app_id app, const char *args)
{
	const struct world_step step = {
		.priority = priority,
		.app = app,
		.args = text_of(loading, args),
		.origin = origin_of(loading, account->at),
	};

	world_build_row(loading->build, WORLD_STEPS, &step);
}

/* `name`, where all that is dialled goes to `peer`, and what ended that call ends this one. */
static void emit_context(struct conf_loading *loading, const struct conf_account *account, const char *name,
                         const char *peer)
{
	const struct world_exten exten = {
		.pattern = text_of(loading, "_!"),
		.steps = { world_build_count(loading->build, WORLD_STEPS), 2 },
		.is_pattern = 1,
	};
	const struct world_context context = {
		.name = text_of(loading, name),
		.extens = { world_build_count(loading->build, WORLD_EXTENS), 1 },
		.includes = { world_build_count(loading->build, WORLD_INCLUDES), 0 },
		.origin = origin_of(loading, account->at),
	};
	char args[ARGS_BYTES];

	snprintf(args, sizeof(args), "IAX2/%s/${EXTEN}", peer);
	emit_step(loading, account, 1, WORLD_APP_DIAL, args);
	emit_step(loading, account, 2, WORLD_APP_HANGUP, "${HANGUPCAUSE}");
	world_build_row(loading->build, WORLD_EXTENS, &exten);
	world_build_row(loading->build, WORLD_CONTEXTS, &context);
}

/* ---- towards the backend ---- */

static void emit_to(struct conf_loading *loading, const struct conf_account *user, const char *name)
{
	char host[TG_ADDR_TEXT_BYTES];
	const struct world_peer peer = {
		.name = text_of(loading, name),
		.origin = origin_of(loading, user->at),
		.host_text = text_of(loading, tg_addr_format_host(loading->front.backend, host)),
		.addr = loading->front.backend,
		.source = loading->front.local,
		.codecs = user->common.codecs,
		.username = text_of(loading, user->name),
		.host_kind = WORLD_HOST_STATIC,
		.auth_methods = conf_auth_methods(user),
		.has_secret = conf_has_secret(user),
		.chargeable = user->policy.text != NULL, /* what it dials is judged if it has a policy of its own */
		.to_backend = 1,
	};

	add_secret(loading, MODEL_OUR_PEER, name, user);
	world_build_row(loading->build, WORLD_PEERS, &peer);
}

/* A user whose calls are not carried on begins where nothing is. */
static void carry_user(struct conf_loading *loading, const struct conf_account *user, uint32_t row)
{
	const bool carried = may_be_carried(loading, user);
	struct world_user *written;
	char name[NAME_BYTES];

	front_name(name, WORLD_FRONT_TO, carried ? user->name : "");
	if (carried) {
		emit_to(loading, user, name);
		emit_context(loading, user, name, name);
	}
	const struct world_text start = text_of(loading, name);

	written = world_build_at(loading->build, WORLD_USERS, row);
	if (written != NULL) {
		written->start = start;
	}
}

/* ---- from the backend ---- */

static struct world_run emit_any_context(struct conf_loading *loading)
{
	const struct world_text any = text_of(loading, "*");

	return (struct world_run){ world_build_row(loading->build, WORLD_TEXTS, &any), 1 };
}

/* Without a secret its address is all the backend can prove, and it has to, by a call token. */
static void emit_from(struct conf_loading *loading, const struct conf_account *peer, const char *name)
{
	const uint16_t methods = conf_auth_methods(peer);
	const struct world_user user = {
		.name = text_of(loading, name),
		.origin = origin_of(loading, peer->at),
		.contexts = emit_any_context(loading),
		.codecs = peer->common.codecs,
		.start = text_of(loading, name),
		.codec_priority = WORLD_CODEC_HOST,
		.require_call_token = WORLD_YES,
		.auth_methods = methods,
		.has_secret = conf_has_secret(peer),
		.may_spend = methods == 0,
		.of_backend = 1,
	};

	add_secret(loading, MODEL_CALLER, name, peer);
	world_build_row(loading->build, WORLD_USERS, &user);
}

static void emit_registration(struct conf_loading *loading, const struct conf_account *peer, uint32_t row)
{
	char name[NAME_BYTES], host[TG_ADDR_TEXT_BYTES];

	front_name(name, WORLD_FRONT_TO, peer->name);
	const struct world_registration registration = {
		.name = text_of(loading, name),
		.origin = origin_of(loading, peer->at),
		.username = text_of(loading, peer->name),
		.host_text = text_of(loading, tg_addr_format_host(loading->front.backend, host)),
		.addr = loading->front.backend,
		.source = loading->front.local,
		.refresh_s = REFRESH_S,
		.bound_to = row + 1,
	};

	add_secret(loading, MODEL_OUR_REGISTER, name, peer);
	world_build_row(loading->build, WORLD_REGISTRATIONS, &registration);
}

static void check_host(struct conf_loading *loading, const struct conf_account *peer)
{
	struct tg_addr addr;

	if (peer->host != NULL && tg_addr_parse(&addr, tg_span_text(peer->host), (uint16_t)peer->port) &&
	    conf_front_is_loop(loading, addr)) {
		conf_error(loading->problems, peer->at,
		           "[%s]: host= leads to the backend or back to this exchange; in front of a backend this file "
		           "says where the accounts really are",
		           peer->name);
	}
}

static void carry_peer(struct conf_loading *loading, const struct conf_account *peer, uint32_t row)
{
	char name[NAME_BYTES];

	check_host(loading, peer);
	if (!may_be_carried(loading, peer)) {
		return;
	}
	front_name(name, WORLD_FRONT_FROM, peer->name);
	emit_from(loading, peer, name);
	emit_context(loading, peer, name, peer->name);
	if (conf_account_is_dynamic(peer) && conf_has_secret(peer)) {
		emit_registration(loading, peer, row);
	}
}

/* ---- all of it ---- */

static void emit_place(struct conf_loading *loading)
{
	const struct conf_front *front = &loading->front;
	const uint8_t bits = front->backend.family == TG_IPV4 ? 32 : 128;
	struct world_range range = {
		.base = tg_addr_prefix(front->backend, bits),
		.bits = bits,
		.origin = origin_of(loading, front->backend_at),
	};

	world_build_settings(loading->build)->front = (struct world_front){ front->backend, front->local };
	world_build_row(loading->build, WORLD_NEVER_BAN, &range);
	range.value = BACKEND_NUMBERS;
	if (!world_build_has_range(loading->build, WORLD_NUMBER_LIMITS, &range)) {
		world_build_row(loading->build, WORLD_NUMBER_LIMITS, &range);
	}
}

/* Rows were written in the order of the accounts. */
void conf_front_emit(struct conf_loading *loading)
{
	uint32_t users = 0, peers = 0;

	conf_front_check(loading);
	if (loading->front.backend.family == TG_NO_ADDR) {
		return;
	}
	emit_place(loading);
	for (const struct conf_account *account = loading->accounts; account != NULL; account = account->next) {
		switch (account->half) {
		case CONF_USER:
			carry_user(loading, account, users++);
			break;
		case CONF_PEER:
			carry_peer(loading, account, peers++);
			break;
		case CONF_REGISTRATION:
			break;
		}
	}
	if (loading->problems->errors == 0) {
		conf_note(loading->problems, loading->front.at,
		          "[front]: the dialplan is that of the backend, so extensions.conf is not read");
	}
}
