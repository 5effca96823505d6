/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever fingerprints.conf holds: errors, or rules that a world takes, and the same twice. */
#include "conf/fingerprint.h"

#include "conf/dialect.h"
#include "conf/fuzz_input.h"

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
		.files = &files,
		.problems = &problems,
		.arena = &arena,
		.build = world_build_new(),
		.general = { .fingerprints = "f" },
	};
	const char *wrong = NULL;

	assert(loading.build != NULL);
	conf_fingerprints_read(&loading);
	struct world *world = problems.errors == 0 ? world_build_finish(loading.build, 0, size_bytes, &wrong) : NULL;

	assert((world == NULL) == (problems.errors > 0));
	assert(problems.errors <= CONF_ERRORS_MAX + 4);
	world_build_free(loading.build);
	conf_problems_free(&problems);
	conf_arena_free(&arena);
	return world;
}

static void check_rules(const struct world *world)
{
	assert(world_count(world, WORLD_FINGERPRINTS) <= CONF_FINGERPRINTS_MAX);
	for (uint32_t i = 0; i < world_count(world, WORLD_FINGERPRINTS); i++) {
		const struct world_fingerprint *rule = world_row(world, WORLD_FINGERPRINTS, i);

		assert(rule->conditions.count >= 1 && rule->conditions.count <= CONF_CONDITIONS_MAX);
		assert(rule->origin.line > 0 && rule->provenance.len > 0);
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
		check_rules(world);
	}
	free(world);
	free(again);
	return 0;
}
