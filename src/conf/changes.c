/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/changes_inside.h"

#include <stdio.h>
#include <string.h>

void changes_word(struct changes_words *words, const char *word)
{
	static const char more[] = ", ...";
	const size_t len = strlen(words->text);

	if (words->last != NULL && (strcmp(words->last, word) == 0 || strcmp(words->last, more) == 0)) {
		return;
	}
	if (len + strlen(word) + sizeof(more) + 2 < sizeof(words->text)) {
		snprintf(words->text + len, sizeof(words->text) - len, "%s%s", len > 0 ? ", " : "", word);
		words->last = word;
	} else {
		snprintf(words->text + len, sizeof(words->text) - len, "%s", more);
		words->last = more;
	}
}

bool changes_same_text(const struct changes *c, struct world_text old, struct world_text new)
{
	return tg_span_equal(world_span(c->old, old), world_span(c->new, new));
}

static struct changes_group *group_of(struct changes *c, const char *kind, const char *what)
{
	for (uint32_t i = 0; i < c->count; i++) {
		if (strcmp(c->groups[i].kind, kind) == 0 && strcmp(c->groups[i].what, what) == 0) {
			return &c->groups[i];
		}
	}
	if (c->count == CONF_CHANGES_LINES) {
		return NULL;
	}
	struct changes_group *group = &c->groups[c->count++];

	snprintf(group->kind, sizeof(group->kind), "%s", kind);
	snprintf(group->what, sizeof(group->what), "%s", what);
	return group;
}

void changes_add(struct changes *c, const char *kind, const char *name, const char *what)
{
	struct changes_group *group = group_of(c, kind, what);

	if (group == NULL) {
		c->left_out++;
		return;
	}
	const size_t len = strlen(group->names);

	group->count++;
	if (group->named + 1 == group->count && group->named < CONF_CHANGES_NAMES &&
	    len + strlen(name) + 3 < sizeof(group->names)) {
		snprintf(group->names + len, sizeof(group->names) - len, "%s%s", len > 0 ? ", " : "", name);
		group->named++;
	}
}

/* ---- accounts ---- */

static void compare_users(struct changes *c)
{
	for (uint32_t i = 0; i < world_count(c->old, WORLD_USERS); i++) {
		const struct world_user *user = world_row(c->old, WORLD_USERS, i);

		if (world_user_find(c->new, world_span(c->old, user->name)) == NULL) {
			changes_add(c, "removed: user", world_text(c->old, user->name), "");
		}
	}
	for (uint32_t i = 0; i < world_count(c->new, WORLD_USERS); i++) {
		const struct world_user *user = world_row(c->new, WORLD_USERS, i);
		const struct world_user *old = world_user_find(c->old, world_span(c->new, user->name));

		if (old == NULL) {
			changes_add(c, "added: user", world_text(c->new, user->name), "");
		} else {
			changes_user(c, old, user);
		}
	}
}

static void compare_peers(struct changes *c)
{
	for (uint32_t i = 0; i < world_count(c->old, WORLD_PEERS); i++) {
		const struct world_peer *peer = world_row(c->old, WORLD_PEERS, i);

		if (world_peer_find(c->new, world_span(c->old, peer->name)) == NULL) {
			changes_add(c, "removed: peer", world_text(c->old, peer->name), "");
		}
	}
	for (uint32_t i = 0; i < world_count(c->new, WORLD_PEERS); i++) {
		const struct world_peer *peer = world_row(c->new, WORLD_PEERS, i);
		const struct world_peer *old = world_peer_find(c->old, world_span(c->new, peer->name));

		if (old == NULL) {
			changes_add(c, "added: peer", world_text(c->new, peer->name), "");
		} else {
			changes_peer(c, old, peer);
		}
	}
}

/* ---- telling ---- */

static void tell_group(const struct conf_changes_ops *ops, const struct changes_group *group)
{
	char line[CONF_CHANGES_BYTES + 64], more[32] = "";

	if (group->count > group->named) {
		snprintf(more, sizeof(more), " and %u more", (unsigned)(group->count - group->named));
	}
	snprintf(line, sizeof(line), "%s%s%s%s%s%s", group->kind, group->names[0] != '\0' ? " " : "", group->names,
	         more, group->what[0] != '\0' ? ": " : "", group->what);
	ops->tell(ops->owner, line);
}

static uint32_t tell_all(const struct changes *c)
{
	char line[64];

	for (uint32_t i = 0; i < c->count; i++) {
		tell_group(c->ops, &c->groups[i]);
	}
	if (c->left_out > 0) {
		snprintf(line, sizeof(line), "changed: %u more", (unsigned)c->left_out);
		c->ops->tell(c->ops->owner, line);
	}
	return c->count + (c->left_out > 0 ? 1 : 0);
}

uint32_t conf_changes(const struct world *old, const struct world *new, const struct conf_changes_ops *ops)
{
	struct changes c = { .old = old, .new = new, .ops = ops };

	changes_settings(&c);
	changes_lists(&c);
	changes_policies(&c);
	changes_registrations(&c);
	compare_users(&c);
	compare_peers(&c);
	changes_contexts(&c);
	return tell_all(&c);
}
