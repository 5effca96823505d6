/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of ranges, policies, and the dialplan. */
#include "conf/changes_inside.h"

#include <string.h>

enum { SCANNED_MAX = 20000000 }; /* a fraction of a second; what is not found by then counts as changed */

/* ---- lists ---- */

static bool same_ranges(const struct changes *c, enum world_table table)
{
	const uint32_t count = world_count(c->old, table);

	for (uint32_t i = 0; count == world_count(c->new, table) && i < count; i++) {
		const struct world_range *a = world_row(c->old, table, i), *b = world_row(c->new, table, i);

		if (!tg_addr_equal(a->base, b->base) || a->bits != b->bits || a->value != b->value) {
			return false;
		}
	}
	return count == world_count(c->new, table);
}

static bool same_globals(const struct changes *c)
{
	const uint32_t count = world_count(c->old, WORLD_GLOBALS);

	for (uint32_t i = 0; count == world_count(c->new, WORLD_GLOBALS) && i < count; i++) {
		const struct world_variable *a = world_row(c->old, WORLD_GLOBALS, i);
		const struct world_variable *b = world_row(c->new, WORLD_GLOBALS, i);

		if (!changes_same_text(c, a->name, b->name) || !changes_same_text(c, a->value, b->value)) {
			return false;
		}
	}
	return count == world_count(c->new, WORLD_GLOBALS);
}

static bool same_destinations(const struct changes *c)
{
	const uint32_t count = world_count(c->old, WORLD_DESTINATIONS);

	for (uint32_t i = 0; count == world_count(c->new, WORLD_DESTINATIONS) && i < count; i++) {
		const struct world_destination *a = world_row(c->old, WORLD_DESTINATIONS, i);
		const struct world_destination *b = world_row(c->new, WORLD_DESTINATIONS, i);

		if (memcmp(a->prefix, b->prefix, sizeof(a->prefix)) != 0 || strcmp(a->region, b->region) != 0 ||
		    a->class != b->class || a->exact != b->exact || a->exception != b->exception ||
		    a->min_digits != b->min_digits) {
			return false;
		}
	}
	return count == world_count(c->new, WORLD_DESTINATIONS);
}

static bool same_fingerprints(const struct changes *c)
{
	const uint32_t count = world_count(c->old, WORLD_FINGERPRINTS);
	const uint32_t conditions = world_count(c->old, WORLD_CONDITIONS);

	if (count != world_count(c->new, WORLD_FINGERPRINTS) || conditions != world_count(c->new, WORLD_CONDITIONS)) {
		return false;
	}
	for (uint32_t i = 0; i < count; i++) {
		const struct world_fingerprint *a = world_row(c->old, WORLD_FINGERPRINTS, i);
		const struct world_fingerprint *b = world_row(c->new, WORLD_FINGERPRINTS, i);

		if (!changes_same_text(c, a->name, b->name) || a->score != b->score ||
		    memcmp(&a->conditions, &b->conditions, sizeof(a->conditions)) != 0) {
			return false;
		}
	}
	return conditions == 0 || memcmp(world_row(c->old, WORLD_CONDITIONS, 0), world_row(c->new, WORLD_CONDITIONS, 0),
	                                 conditions * sizeof(struct world_condition)) == 0;
}

void changes_lists(struct changes *c)
{
	const struct {
		bool same;
		const char *name;
	} rows[] = {
		{ same_ranges(c, WORLD_TOKEN_OPTIONAL), "calltokenoptional" },
		{ same_ranges(c, WORLD_NUMBER_LIMITS), "[callnumberlimits]" },
		{ same_ranges(c, WORLD_NEVER_BAN), "neverban" },
		{ same_fingerprints(c), "fingerprints" },
		{ same_destinations(c), "destinations" },
		{ same_globals(c), "[globals]" },
	};

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		if (!rows[i].same) {
			changes_add(c, "changed:", rows[i].name, "");
		}
	}
}

/* ---- policies, and how numbers are dialled ---- */

static bool same_policy(const struct changes *c, const struct world_policy *old, const struct world_policy *new)
{
	if (old->rules.count != new->rules.count || old->closed != new->closed ||
	    strcmp(changes_policy_name(c->old, old->parent), changes_policy_name(c->new, new->parent)) != 0) {
		return false;
	}
	for (uint32_t i = 0; i < old->rules.count; i++) {
		const struct world_policy_rule *a = world_row(c->old, WORLD_POLICY_RULES, old->rules.first + i);
		const struct world_policy_rule *b = world_row(c->new, WORLD_POLICY_RULES, new->rules.first + i);

		if (a->kind != b->kind || a->classes != b->classes || a->value != b->value || a->days != b->days ||
		    a->from_min != b->from_min || a->to_min != b->to_min || strcmp(a->prefix, b->prefix) != 0) {
			return false;
		}
	}
	return true;
}

void changes_policy(struct changes *c, const void *old_row, const void *new_row)
{
	const struct world_policy *old = old_row, *new = new_row;

	if (!same_policy(c, old, new)) {
		changes_add(c, "changed: policy", world_text(c->new, new->name), "");
	}
}

static bool same_numbers(const struct world_numbers *a, const struct world_numbers *b)
{
	return memcmp(a->country, b->country, sizeof(a->country)) == 0 &&
	       memcmp(a->region, b->region, sizeof(a->region)) == 0 &&
	       memcmp(a->national, b->national, sizeof(a->national)) == 0 &&
	       memcmp(a->international, b->international, sizeof(a->international)) == 0 &&
	       a->internal_digits == b->internal_digits && a->bare == b->bare;
}

void changes_numbers(struct changes *c, const void *old_row, const void *new_row)
{
	const struct world_numbers *old = old_row, *new = new_row;

	if (!same_numbers(old, new)) {
		changes_add(c, "changed: numbers", world_text(c->new, new->name), "");
	}
}

/* ---- contexts ---- */

static bool same_steps(const struct changes *c, struct world_run old, struct world_run new)
{
	for (uint32_t i = 0; old.count == new.count &&i < old.count; i++) {
		const struct world_step *a = world_row(c->old, WORLD_STEPS, old.first + i);
		const struct world_step *b = world_row(c->new, WORLD_STEPS, new.first + i);

		if (a->priority != b->priority || a->app != b->app || !changes_same_text(c, a->args, b->args) ||
		    !changes_same_text(c, a->label, b->label)) {
			return false;
		}
	}
	return old.count == new.count;
}

static bool same_exten(const struct changes *c, const struct world_exten *old, const struct world_exten *new)
{
	return old->is_pattern == new->is_pattern &&
	       old->has_callerid == new->has_callerid &&changes_same_text(c, old->pattern, new->pattern) &&
	       changes_same_text(c, old->callerid, new->callerid);
}

/* Both are sorted alike, so the next one is mostly the one that is looked for. @return its index, or the count */
static uint32_t find_exten(struct changes *c, struct world_run old, const struct world_exten *new, uint32_t guess)
{
	for (uint32_t i = 0; i < old.count && c->scanned < SCANNED_MAX; i++, c->scanned++) {
		const uint32_t at = (guess + i) % old.count;

		if (same_exten(c, world_row(c->old, WORLD_EXTENS, old.first + at), new)) {
			return at;
		}
	}
	return old.count;
}

static void compare_extens(struct changes *c, struct world_run old, struct world_run new, struct changes_words *words)
{
	uint32_t guess = 0, known = 0;

	for (uint32_t i = 0; i < new.count; i++) {
		const struct world_exten *exten = world_row(c->new, WORLD_EXTENS, new.first + i);
		const uint32_t at = find_exten(c, old, exten, guess);

		if (at == old.count) {
			changes_word(words, world_text(c->new, exten->pattern));
			continue;
		}
		const struct world_exten *before = world_row(c->old, WORLD_EXTENS, old.first + at);

		known++;
		guess = at + 1;
		if (!same_steps(c, before->steps, exten->steps)) {
			changes_word(words, world_text(c->new, exten->pattern));
		}
	}
	if (known < old.count) {
		changes_word(words, "extensions are gone");
	}
}

static bool same_includes(const struct changes *c, struct world_run old, struct world_run new)
{
	for (uint32_t i = 0; old.count == new.count &&i < old.count; i++) {
		const struct world_include *a = world_row(c->old, WORLD_INCLUDES, old.first + i);
		const struct world_include *b = world_row(c->new, WORLD_INCLUDES, new.first + i);

		if (!changes_same_text(c, a->name, b->name) || !changes_same_text(c, a->times, b->times)) {
			return false;
		}
	}
	return old.count == new.count;
}

void changes_context(struct changes *c, const void *old_row, const void *new_row)
{
	const struct world_context *old = old_row, *new = new_row;
	struct changes_words words = { .last = NULL };

	if (!same_includes(c, old->includes, new->includes)) {
		changes_word(&words, "include");
	}
	compare_extens(c, old->extens, new->extens, &words);
	if (words.text[0] != '\0') {
		changes_add(c, "changed: context", world_text(c->new, new->name), words.text);
	}
}
