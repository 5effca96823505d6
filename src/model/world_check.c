/* SPDX-License-Identifier: Apache-2.0 */
#include "model/pattern.h"
#include "model/when.h"
#include "model/world.h"
#include "model/world_fields.h"
#include "model/world_index.h"

#include <string.h>

static const char *check_settings(const struct world *world)
{
	const char *wrong = world_fields_of_settings(world);

	if (wrong == NULL && world->settings.min_reg_expire_s > world->settings.max_reg_expire_s) {
		wrong = "minregexpire is above maxregexpire";
	}
	const struct world_guard *guard = &world->settings.guard;

	if (wrong == NULL && (guard->delay_at >= guard->silence_at || guard->silence_at >= guard->kernel_at)) {
		wrong = "the steps of the guard do not grow";
	}
	return wrong;
}

static const char *check_places(const struct world *world)
{
	for (int i = 0; i < WORLD_TABLES; i++) {
		const struct world_table_place *place = &world->tables[i];

		if (place->row_bytes != world_row_bytes((enum world_table)i) || place->offset % 8 != 0) {
			return "a table of another layout";
		}
		if (place->offset < sizeof(*world) || place->offset > world->size_bytes ||
		    place->count > (world->size_bytes - place->offset) / place->row_bytes) {
			return "a table outside the image";
		}
	}
	if (world->text_offset < sizeof(*world) || world->text_offset > world->size_bytes ||
	    world->text_bytes > world->size_bytes - world->text_offset) {
		return "the texts are outside the image";
	}
	if (world->text_bytes == 0 || ((const uint8_t *)world)[world->text_offset + world->text_bytes - 1] != '\0') {
		return "the last text has no end";
	}
	return NULL;
}

static const char *check_rows(const struct world *world)
{
	for (int table = 0; table < WORLD_TABLES; table++) {
		for (uint32_t i = 0; i < world->tables[table].count; i++) {
			const char *wrong = world_fields_of_row(world, (enum world_table)table, i);

			if (wrong != NULL) {
				return wrong;
			}
		}
	}
	return NULL;
}

static const char *check_exten(const struct world *world, const struct world_exten *exten)
{
	const struct tg_span pattern = world_span(world, exten->pattern);
	const struct tg_span callerid = world_span(world, exten->callerid);
	uint32_t last = 0;

	if (pattern_check(pattern) != NULL || (callerid.len > 0 && pattern_check(callerid) != NULL)) {
		return "a pattern that is none";
	}
	if (exten->is_pattern != (pattern_is(pattern) ? 1 : 0) || (callerid.len > 0 && exten->has_callerid == 0)) {
		return "an extension that is marked as another kind";
	}
	for (uint32_t i = 0; i < exten->steps.count; i++) {
		const struct world_step *step = world_row(world, WORLD_STEPS, exten->steps.first + i);

		if (step->priority <= last) {
			return "priorities out of order";
		}
		last = step->priority;
	}
	return NULL;
}

static const char *check_includes(const struct world *world, const struct world_context *context)
{
	for (uint32_t i = 0; i < context->includes.count; i++) {
		const struct world_include *include = world_row(world, WORLD_INCLUDES, context->includes.first + i);
		const struct world_context *included = world_context_find(world, world_span(world, include->name));

		if (included == NULL || included->height >= context->height) {
			return "a context that is included but missing, or in a loop";
		}
	}
	return NULL;
}

static const char *check_context(const struct world *world, const struct world_context *context)
{
	const struct world_exten *before = NULL;

	for (uint32_t i = 0; i < context->extens.count; i++) {
		const struct world_exten *exten = world_row(world, WORLD_EXTENS, context->extens.first + i);
		const char *wrong = check_exten(world, exten);

		if (wrong != NULL) {
			return wrong;
		}
		if (before != NULL && world_exten_compare(world, before, exten) >= 0) {
			return "extensions out of order";
		}
		before = exten;
	}
	return check_includes(world, context);
}

/* Strictly ascending names of as many rows as there are: each row once, no name twice. */
static const char *check_index(const struct world *world, const struct world_index *index)
{
	const uint32_t count = world_count(world, index->rows);
	struct tg_span before = { 0 };

	if (world_count(world, index->by_name) != count) {
		return "an index of another length than its table";
	}
	for (uint32_t i = 0; i < count; i++) {
		const uint32_t *row = world_row(world, index->by_name, i);

		if (*row >= count) {
			return "an index that points outside its table";
		}
		const struct tg_span name = world_span(world, *world_index_row(world, index, i));

		if (world_index_compare(before, name) >= 0) {
			return "names out of order, or one twice";
		}
		before = name;
	}
	return NULL;
}

/* No row belongs to two owners, so walking all of them is bounded by the image's size. */
static bool rows_are_shared(const struct world *world)
{
	uint64_t extens = 0, includes = 0, steps = 0;

	for (uint32_t i = 0; i < world_count(world, WORLD_CONTEXTS); i++) {
		const struct world_context *context = world_row(world, WORLD_CONTEXTS, i);

		extens += context->extens.count;
		includes += context->includes.count;
	}
	for (uint32_t i = 0; i < world_count(world, WORLD_EXTENS); i++) {
		steps += ((const struct world_exten *)world_row(world, WORLD_EXTENS, i))->steps.count;
	}
	return extens > world_count(world, WORLD_EXTENS) || includes > world_count(world, WORLD_INCLUDES) ||
	       steps > world_count(world, WORLD_STEPS);
}

static const char *check_contexts(const struct world *world)
{
	const char *wrong = rows_are_shared(world) ? "a row with two owners" : NULL;

	for (uint32_t i = 0; wrong == NULL && i < world_count(world, WORLD_CONTEXTS); i++) {
		wrong = check_context(world, world_row(world, WORLD_CONTEXTS, i));
	}
	return wrong;
}

/* ---- paid calls ---- */

static bool begins(const struct world_destination *row, const struct world_destination *with)
{
	return strncmp(row->prefix, with->prefix, strnlen(with->prefix, sizeof(with->prefix))) == 0;
}

/* The nearest row before this one that it begins with: rows on the way up from the one before it. */
static uint32_t up_of(const struct world *world, uint32_t row)
{
	const struct world_destination *self = world_row(world, WORLD_DESTINATIONS, row);
	uint32_t up = row;

	while (up != 0 && !begins(self, world_row(world, WORLD_DESTINATIONS, up - 1))) {
		up = ((const struct world_destination *)world_row(world, WORLD_DESTINATIONS, up - 1))->up;
	}
	return up;
}

static const char *check_destinations(const struct world *world)
{
	const struct world_destination *before = NULL;

	for (uint32_t i = 0; i < world_count(world, WORLD_DESTINATIONS); i++) {
		const struct world_destination *row = world_row(world, WORLD_DESTINATIONS, i);

		if (before != NULL && world_destination_compare(before, row) >= 0) {
			return "destinations out of order";
		}
		if (row->up != up_of(world, i)) {
			return "a destination with a wrong way up";
		}
		before = row;
	}
	return NULL;
}

static const char *check_policies(const struct world *world)
{
	for (uint32_t i = 0; i < world_count(world, WORLD_POLICIES); i++) {
		const struct world_policy *policy = world_row(world, WORLD_POLICIES, i);
		const struct world_policy *parent = policy->parent == 0
		                                            ? NULL
		                                            : world_row(world, WORLD_POLICIES, policy->parent - 1);

		if (parent != NULL && parent->depth >= policy->depth) {
			return "a policy above itself";
		}
	}
	for (uint32_t i = 0; i < world_count(world, WORLD_NUMBERS); i++) {
		const struct world_numbers *numbers = world_row(world, WORLD_NUMBERS, i);

		if (numbers->country[0] == '+' || numbers->national[0] == '+' || numbers->region[0] == '*') {
			return "a code in front of numbers that is none";
		}
	}
	return when_zone_is_good(&world->settings.paying.zone) ? NULL : "a place whose day is another one";
}

static const char *check_head(const struct world *world, size_t size_bytes)
{
	if ((uintptr_t)world % 8 != 0) {
		return "the image is not aligned";
	}
	if (size_bytes < sizeof(*world)) {
		return "the image is too short";
	}
	if (world->magic != WORLD_MAGIC || world->version != WORLD_VERSION) {
		return "not a world of this version";
	}
	return world->size_bytes == size_bytes ? NULL : "the image has another size than it says";
}

const char *world_check(const struct world *world, size_t size_bytes)
{
	const char *wrong = check_head(world, size_bytes);

	wrong = wrong != NULL ? wrong : check_places(world);
	wrong = wrong != NULL ? wrong : check_settings(world);
	wrong = wrong != NULL ? wrong : check_rows(world);
	wrong = wrong != NULL ? wrong : check_index(world, &world_user_index);
	wrong = wrong != NULL ? wrong : check_index(world, &world_peer_index);
	wrong = wrong != NULL ? wrong : check_index(world, &world_context_index);
	wrong = wrong != NULL ? wrong : check_destinations(world);
	wrong = wrong != NULL ? wrong : check_policies(world);
	return wrong != NULL ? wrong : check_contexts(world);
}
