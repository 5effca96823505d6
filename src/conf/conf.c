/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/conf.h"

#include "conf/app.h"
#include "conf/destination.h"
#include "conf/fingerprint.h"
#include "conf/front.h"
#include "conf/iax_conf.h"
#include "conf/plan.h"
#include "conf/policy.h"
#include "conf/value.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* All files of one load; lines are lent to the rest until the end. */
struct sources {
	struct conf_dialect iax, tollgate, acl, extensions;
};

static const struct conf_place whole_load = { "iax.conf", 0 };

static void read_accounts(struct conf_loading *loading, struct sources *sources)
{
	const struct conf_files *files = loading->files;
	const enum conf_loaded iax = conf_dialect_load(&sources->iax, files, "iax.conf", loading->problems);
	const enum conf_loaded acl = conf_dialect_load(&sources->acl, files, "acl.conf", loading->problems);
	const enum conf_loaded tollgate = conf_dialect_load(&sources->tollgate, files, "tollgate.conf",
	                                                    loading->problems);

	if (iax == CONF_MISSING) {
		conf_error(loading->problems, whole_load, "there is no such file in the configuration directory");
	}
	if (iax != CONF_LOADED || acl == CONF_FAILED || tollgate == CONF_FAILED) {
		return; /* what could be read would only give errors that follow from the first ones */
	}
	conf_acl_read(loading, &sources->acl);
	conf_iax_read(loading, &sources->iax, &sources->tollgate);
	conf_fingerprints_read(loading);
	conf_destinations_read(loading);
	conf_policies_emit(loading);
	conf_iax_emit(loading);
	if (conf_front_is_on(loading)) {
		conf_front_emit(loading);
	} else {
		conf_policies_check(loading); /* in front, what is behind knows its numbers */
	}
	loading->has_accounts = true;
}

static void read_extensions(struct conf_loading *loading, struct sources *sources)
{
	static const struct conf_place whole_file = { "extensions.conf", 0 };
	struct conf_plan plan = { .autofallthrough = 1 };

	switch (conf_dialect_load(&sources->extensions, loading->files, "extensions.conf", loading->problems)) {
	case CONF_MISSING:
		conf_note(loading->problems, whole_file, "there is no such file, so every call is refused");
		return;
	case CONF_FAILED:
		return;
	case CONF_LOADED:
		break;
	}
	conf_extensions_read(loading, &sources->extensions, &plan);
	conf_plan_register(loading, &plan);
	conf_plan_check(loading, &plan);
	if (loading->problems->errors == 0) {
		conf_plan_emit(loading, &plan);
	}
}

static void finish(struct conf_loading *loading, struct conf_result *out)
{
	const char *wrong = NULL;

	if (loading->arena->failed || loading->problems->arena.failed) {
		conf_error(loading->problems, whole_load, "no memory for all of the configuration");
	}
	if (loading->problems->errors == 0) {
		out->world = world_build_finish(loading->build, 0, &out->world_bytes, &wrong);
	}
	if (wrong != NULL) {
		conf_error(loading->problems, whole_load, "the configuration cannot be used: %s", wrong);
	}
	if (out->world != NULL && loading->general.sounds != NULL) {
		tg_span_copy(out->sounds, sizeof(out->sounds), tg_span_text(loading->general.sounds));
	}
	out->metrics = loading->general.metrics;
	out->failed = loading->problems->errors > 0;
	if (out->failed) {
		free(out->world);
		out->world = NULL;
		conf_secrets_free(&out->secrets);
	}
}

void conf_load(const struct conf_files *files, struct conf_result *out)
{
	conf_load_traced(files, NULL, out);
}

void conf_load_traced(const struct conf_files *files, const struct conf_trace *trace, struct conf_result *out)
{
	struct conf_arena arena = { .chunks = NULL };
	struct sources sources = { .iax = { .sections = NULL } };
	struct conf_loading loading = {
		.trace = trace,
		.files = files,
		.problems = &out->problems,
		.arena = &arena,
		.secrets = &out->secrets,
		.general = { .strict = 1 },
	};

	*out = (struct conf_result){ .failed = false };
	loading.build = world_build_new();
	if (loading.build != NULL) {
		read_accounts(&loading, &sources);
		if (!conf_front_is_on(&loading)) { /* the dialplan is the backend's */
			read_extensions(&loading, &sources);
		}
		finish(&loading, out);
	} else {
		conf_error(&out->problems, whole_load, "no memory for the configuration");
		out->failed = true;
	}
	world_build_free(loading.build);
	conf_dialect_free(&sources.iax);
	conf_dialect_free(&sources.tollgate);
	conf_dialect_free(&sources.acl);
	conf_dialect_free(&sources.extensions);
	conf_arena_free(&arena);
}

void conf_result_free(struct conf_result *result)
{
	free(result->world);
	conf_secrets_free(&result->secrets);
	conf_problems_free(&result->problems);
	*result = (struct conf_result){ .failed = false };
}

/* ---- after the load ---- */

static void *row_of(struct world *world, enum world_table table, uint32_t index)
{
	return (uint8_t *)world + world->tables[table].offset + (size_t)index * world->tables[table].row_bytes;
}

static uint32_t resolve_one(struct tg_addr *addr, const char *host, conf_lookup *lookup, void *owner)
{
	struct tg_addr found = { .family = TG_NO_ADDR };

	if (tg_addr_parse(&found, tg_span_text(host), addr->port)) {
		return 0; /* an address was written */
	}
	if (!lookup(owner, host, &found)) {
		return addr->family == TG_NO_ADDR ? 1 : 0;
	}
	found.port = addr->port;
	*addr = found;
	return 0;
}

uint32_t conf_resolve(struct world *world, conf_lookup *lookup, void *owner)
{
	uint32_t without = 0;

	for (uint32_t i = 0; i < world_count(world, WORLD_PEERS); i++) {
		struct world_peer *peer = row_of(world, WORLD_PEERS, i);

		if (peer->host_kind == WORLD_HOST_STATIC) {
			without += resolve_one(&peer->addr, world_text(world, peer->host_text), lookup, owner);
		}
	}
	for (uint32_t i = 0; i < world_count(world, WORLD_REGISTRATIONS); i++) {
		struct world_registration *registration = row_of(world, WORLD_REGISTRATIONS, i);

		without += resolve_one(&registration->addr, world_text(world, registration->host_text), lookup, owner);
	}
	return without;
}

static void check_playback(const struct world *world, const struct world_step *step, const struct prompts *prompts,
                           struct conf_problems *problems)
{
	const struct conf_place at = { world_text(world, step->origin.file), step->origin.line };
	struct tg_span left = world_span(world, step->args);
	bool found;
	struct tg_span files = conf_vars_take(&left, ',', &found);

	while (files.len > 0) {
		const struct tg_span name = conf_vars_take(&files, '&', &found);

		if (!conf_vars_has_any(name) && prompts_formats(prompts, name) == 0) {
			conf_warning(problems, at, "Playback: there is no sound \"%.*s\"", (int)name.len,
			             (const char *)name.p);
		}
	}
}

void conf_check_sounds(const struct world *world, const struct prompts *prompts, struct conf_problems *problems)
{
	for (uint32_t i = 0; i < world_count(world, WORLD_STEPS); i++) {
		const struct world_step *step = world_row(world, WORLD_STEPS, i);

		if (step->app == WORLD_APP_PLAYBACK) {
			check_playback(world, step, prompts, problems);
		}
	}
}
