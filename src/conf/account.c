/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/account.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

void conf_texts_add(struct conf_loading *loading, struct conf_texts *texts, const char *text, struct conf_place at)
{
	struct conf_text *entry = conf_arena_alloc(loading->arena, sizeof(*entry));

	if (entry == NULL) {
		return;
	}
	*entry = (struct conf_text){ .text = text, .at = at };
	if (texts->last != NULL) {
		texts->last->next = entry;
	} else {
		texts->first = entry;
	}
	texts->last = entry;
	texts->count++;
}

void conf_acl_add(struct conf_loading *loading, struct conf_acl *acl, struct tg_addr base, uint8_t bits, bool permit,
                  struct conf_place at)
{
	struct conf_rule *rule = conf_arena_alloc(loading->arena, sizeof(*rule));

	if (rule == NULL) {
		return;
	}
	*rule = (struct conf_rule){ .base = base, .bits = bits, .permit = permit, .at = at };
	if (acl->last != NULL) {
		acl->last->next = rule;
	} else {
		acl->first = rule;
	}
	acl->last = rule;
	acl->v4 = acl->v4 || base.family == TG_IPV4;
	acl->v6 = acl->v6 || base.family == TG_IPV6;
}

struct conf_named_acl *conf_named_acl_find(const struct conf_loading *loading, struct tg_span name)
{
	for (struct conf_named_acl *acl = loading->acls; acl != NULL; acl = acl->next) {
		if (tg_span_equal_nocase(tg_span_text(acl->name), name)) {
			return acl;
		}
	}
	return NULL;
}

/* FNV-1a: the names are the operator's own, nobody else chooses collisions. */
uint32_t conf_bucket(struct tg_span name)
{
	uint32_t hash = UINT32_C(0x811c9dc5);

	for (size_t i = 0; i < name.len; i++) {
		hash = (hash ^ name.p[i]) * UINT32_C(0x01000193);
	}
	return hash % CONF_BUCKETS;
}

struct conf_account *conf_account_find(const struct conf_loading *loading, enum conf_half half, struct tg_span name)
{
	struct conf_account *account = loading->buckets[conf_bucket(name)];

	while (account != NULL && (account->half != half || !tg_span_equal(tg_span_text(account->name), name))) {
		account = account->next_in_bucket;
	}
	return account;
}

static void account_append(struct conf_loading *loading, struct conf_account *account)
{
	if (loading->last_account != NULL) {
		loading->last_account->next = account;
	} else {
		loading->accounts = account;
	}
	loading->last_account = account;
	struct conf_account **bucket = &loading->buckets[conf_bucket(tg_span_text(account->name))];

	account->next_in_bucket = *bucket;
	*bucket = account;
}

struct conf_account *conf_account_new(struct conf_loading *loading, enum conf_half half, const char *name,
                                      struct conf_place at)
{
	struct conf_account *account = conf_arena_alloc(loading->arena, sizeof(*account));

	if (account == NULL) {
		return NULL;
	}
	*account = (struct conf_account){
		.common = loading->general.common,
		.half = half,
		.name = name,
		.at = at,
		.port = 4569,
		.qualify_ok_ms = 60000,
		.qualify_notok_ms = 10000,
		.refresh_s = 60,
		.require_call_token = WORLD_DEFAULT,
	};
	account_append(loading, account);
	return account;
}

bool conf_account_is_dynamic(const struct conf_account *account)
{
	return account->host != NULL && strcasecmp(account->host, "dynamic") == 0;
}

/* Walks along while names are asked for one after the other. */
struct cursor {
	const struct conf_account **at;
	enum conf_half half;
};

static const char *next_name(const void *owner, size_t index)
{
	const struct cursor *cursor = owner;
	const struct conf_account *account = *cursor->at;

	(void)index;
	while (account != NULL && account->half != cursor->half) {
		account = account->next;
	}
	if (account == NULL) {
		return NULL;
	}
	*cursor->at = account->next;
	return account->name;
}

const char *conf_account_hint(const struct conf_loading *loading, enum conf_half half, const char *name,
                              char hint[CONF_HINT_BYTES])
{
	const struct conf_account *at = loading->accounts;
	const struct cursor cursor = { &at, half };
	const char *nearest = tg_text_nearest(name, next_name, &cursor);

	hint[0] = '\0';
	if (nearest != NULL) {
		snprintf(hint, CONF_HINT_BYTES, "; did you mean \"%s\"?", nearest);
	}
	return hint;
}
