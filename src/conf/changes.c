/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/changes_inside.h"

#include <stddef.h>
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

const char *changes_policy_name(const struct world *world, uint32_t place)
{
	const struct world_policy *policy = place > 0 ? world_row(world, WORLD_POLICIES, place - 1) : NULL;

	return policy != NULL ? world_text(world, policy->name) : "";
}

/* ---- what there may be several of ---- */

static const void *find_user(const struct world *of, const void *row, const struct world *in)
{
	const struct world_user *user = row;

	return world_user_find(in, world_span(of, user->name));
}

static const void *find_peer(const struct world *of, const void *row, const struct world *in)
{
	const struct world_peer *peer = row;

	return world_peer_find(in, world_span(of, peer->name));
}

static const void *find_context(const struct world *of, const void *row, const struct world *in)
{
	const struct world_context *context = row;

	return world_context_find(in, world_span(of, context->name));
}

static const void *find_policy(const struct world *of, const void *row, const struct world *in)
{
	const struct world_policy *policy = row;

	for (uint32_t i = 0; i < world_count(in, WORLD_POLICIES); i++) {
		const struct world_policy *other = world_row(in, WORLD_POLICIES, i);

		if (tg_span_equal(world_span(of, policy->name), world_span(in, other->name))) {
			return other;
		}
	}
	return NULL;
}

static const void *find_numbers(const struct world *of, const void *row, const struct world *in)
{
	const struct world_numbers *numbers = row;

	for (uint32_t i = 0; i < world_count(in, WORLD_NUMBERS); i++) {
		const struct world_numbers *other = world_row(in, WORLD_NUMBERS, i);

		if (tg_span_equal(world_span(of, numbers->name), world_span(in, other->name))) {
			return other;
		}
	}
	return NULL;
}

/* Lines of [general] have no name but their number, so the account and the host tell which is which. */
static const void *find_registration(const struct world *of, const void *row, const struct world *in)
{
	const struct world_registration *wanted = row;

	for (uint32_t i = 0; i < world_count(in, WORLD_REGISTRATIONS); i++) {
		const struct world_registration *other = world_row(in, WORLD_REGISTRATIONS, i);

		if (tg_span_equal(world_span(of, wanted->username), world_span(in, other->username)) &&
		    tg_span_equal(world_span(of, wanted->host_text), world_span(in, other->host_text))) {
			return other;
		}
	}
	return NULL;
}

struct kind {
	enum world_table table;
	const char *noun;
	size_t name; /* offset of the struct world_text that is told */
	/** What a row of one world is in another one; NULL: it is not there. */
	const void *(*find)(const struct world *of, const void *row, const struct world *in);
	void (*compare)(struct changes *c, const void *old, const void *new);
};

static void tell_kind(struct changes *c, const struct kind *kind, const char *how, const struct world *of,
                      const void *row)
{
	char words[sizeof(c->groups[0].kind)];
	struct world_text name;

	memcpy(&name, (const uint8_t *)row + kind->name, sizeof(name));
	snprintf(words, sizeof(words), "%s: %s", how, kind->noun);
	changes_add(c, words, world_text(of, name), "");
}

static void compare_kind(struct changes *c, const struct kind *kind)
{
	for (uint32_t i = 0; i < world_count(c->old, kind->table); i++) {
		const void *row = world_row(c->old, kind->table, i);

		if (kind->find(c->old, row, c->new) == NULL) {
			tell_kind(c, kind, "removed", c->old, row);
		}
	}
	for (uint32_t i = 0; i < world_count(c->new, kind->table); i++) {
		const void *row = world_row(c->new, kind->table, i);
		const void *old = kind->find(c->new, row, c->old);

		if (old == NULL) {
			tell_kind(c, kind, "added", c->new, row);
		} else {
			kind->compare(c, old, row);
		}
	}
}

static void compare_kinds(struct changes *c)
{
	static const struct kind kinds[] = {
		{ WORLD_POLICIES, "policy", offsetof(struct world_policy, name), find_policy, changes_policy },
		{ WORLD_NUMBERS, "numbers", offsetof(struct world_numbers, name), find_numbers, changes_numbers },
		{ WORLD_REGISTRATIONS, "registration", offsetof(struct world_registration, username), find_registration,
		  changes_registration },
		{ WORLD_USERS, "user", offsetof(struct world_user, name), find_user, changes_user },
		{ WORLD_PEERS, "peer", offsetof(struct world_peer, name), find_peer, changes_peer },
		{ WORLD_CONTEXTS, "context", offsetof(struct world_context, name), find_context, changes_context },
	};

	for (size_t i = 0; i < TG_COUNT(kinds); i++) {
		compare_kind(c, &kinds[i]);
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
	compare_kinds(&c);
	return tell_all(&c);
}
