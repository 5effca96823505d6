/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/secrets.h"

bool conf_secrets_add(struct conf_secrets *secrets, enum model_identity identity, const char *name, const char *secret)
{
	struct conf_secret *entry = conf_arena_alloc(&secrets->arena, sizeof(*entry));
	const char *kept_name = conf_arena_text(&secrets->arena, tg_span_text(name));
	const char *kept_secret = conf_arena_text(&secrets->arena, tg_span_text(secret));

	if (entry == NULL || kept_name == NULL || kept_secret == NULL) {
		return false;
	}
	*entry = (struct conf_secret){ .identity = identity, .name = kept_name, .secret = kept_secret };
	if (secrets->last != NULL) {
		secrets->last->next = entry;
	} else {
		secrets->first = entry;
	}
	secrets->last = entry;
	secrets->count++;
	return true;
}

void conf_secrets_free(struct conf_secrets *secrets)
{
	conf_arena_free(&secrets->arena);
	*secrets = (struct conf_secrets){ .count = 0 };
}
