/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever a list of destinations holds: errors, or rows that a world takes, the same twice, each found by its own prefix. */
#include "conf/destination.h"

#include "conf/dialect.h"
#include "conf/fuzz_input.h"
#include "model/destination.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* @return NULL if there were errors */
static struct world *world_of(struct tg_span input, size_t *size_bytes)
{
	const struct conf_files files = { .owner = &input, .read = fuzz_read, .glob = fuzz_glob };
	struct conf_problems problems = { .errors = 0 };
	struct conf_arena arena = { .chunks = NULL };
	struct conf_loading loading = {
		.files = &files, .problems = &problems, .arena = &arena, .build = world_build_new()
	};
	const char *wrong = NULL;

	assert(loading.build != NULL);
	conf_texts_add(&loading, &loading.general.destinations, "f", (struct conf_place){ "tollgate.conf", 1 });
	conf_destinations_read(&loading);
	struct world *world = problems.errors == 0 ? world_build_finish(loading.build, 0, size_bytes, &wrong) : NULL;

	assert((world == NULL) == (problems.errors > 0));
	assert(problems.errors <= CONF_ERRORS_MAX + 8);
	world_build_free(loading.build);
	conf_problems_free(&problems);
	conf_arena_free(&arena);
	return world;
}

static void check_rows(const struct world *world)
{
	for (uint32_t i = 0; i < world_count(world, WORLD_DESTINATIONS); i++) {
		const struct world_destination *row = world_row(world, WORLD_DESTINATIONS, i);
		struct destination found;

		destination_read(world, destination_numbers(world, 0, 0), tg_span_text(row->prefix), &found);
		assert(found.row == NULL || found.row->exception != 0 ||
		       strlen(found.row->prefix) <= strlen(row->prefix));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct tg_span input = { data, size };
	size_t size_bytes = 0, again_bytes = 0;
	struct world *world = world_of(input, &size_bytes), *again = world_of(input, &again_bytes);

	assert((world == NULL) == (again == NULL) && size_bytes == again_bytes);
	if (world != NULL) {
		assert(memcmp(world, again, size_bytes) == 0);
		check_rows(world);
	}
	free(world);
	free(again);
	return 0;
}
