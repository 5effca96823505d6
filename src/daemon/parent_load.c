/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "daemon/loader_changes.h"
#include "daemon/parent_inside.h"
#include "sys/clock.h"
#include "sys/notify.h"

enum {
	REFRESH_FIRST_S = 30, /* until names without an address are asked for again; doubles up to --refresh */
};

/* Whether the desk waits for the load that runs now, and not for the one that comes after it. */
static bool desk_waits_for_this(const struct parent *parent)
{
	return parent->desk_waits && !parent->reload_again;
}

static void tell_desk(struct parent *parent, const char *text)
{
	if (desk_waits_for_this(parent)) {
		parent_desk_text(parent, parent->desk_query, text);
	}
}

static void on_text(void *owner, const char *text)
{
	struct parent *parent = owner;
	const size_t prefix = sizeof(LOADER_CHANGE) - 1;

	if (parent->reason == FIRST) {
		fprintf(stderr, "%s\n", text);
	} else if (parent->reason == ORDERED && strncmp(text, LOADER_CHANGE, prefix) == 0) {
		tg_log(&parent->log, TG_NOTICE, "config.change", TG_TEXT("what", text + prefix));
		tell_desk(parent, text + prefix);
	} else if (parent->reason == ORDERED) {
		tg_log(&parent->log, TG_WARNING, "config.problem", TG_TEXT("at", text));
		tell_desk(parent, text);
	}
}

void parent_load(struct parent *parent, enum load_reason reason)
{
	if (load_is_running(&parent->load)) {
		parent->reload_again = parent->reload_again || reason == ORDERED;
		return;
	}
	parent->reason = reason;
	parent->generation++;
	if (reason == ORDERED) {
		sys_notify(parent->notify_socket, "RELOADING=1");
		tg_log(&parent->log, TG_NOTICE, "config.reading", TG_UINT("generation", parent->generation));
	}
	if (!load_start(&parent->load, parent->place.config_dir, reason == ORDERED ? &parent->images : NULL,
	                parent->generation, sys_clock_us())) {
		on_text(parent, "error: the process that reads the configuration cannot be started");
		parent->load.ops->on_done(parent, NULL);
	}
}

/* Names that have no address yet are asked for again soon, the others now and then. */
static void plan_refresh(struct parent *parent)
{
	const struct ipc_listen *listening = &parent->images.listening;

	const uint64_t most_s = parent->options->refresh_s;

	parent->refresh_at_us = TG_NEVER;
	if (listening->host_names == 0 || most_s == 0) {
		return;
	}
	if (listening->unresolved == 0) {
		parent->refresh_delay_s = most_s;
	} else if (parent->reason == REFRESH) {
		parent->refresh_delay_s = tg_min_u64(parent->refresh_delay_s * 2, most_s);
	} else {
		parent->refresh_delay_s = tg_min_u64(REFRESH_FIRST_S, most_s);
	}
	parent->refresh_at_us = sys_clock_us() + parent->refresh_delay_s * TG_US_PER_S;
}

static void use_images(struct parent *parent, struct load_result *result)
{
	if (parent->reason != FIRST && !sockets_fit(&parent->images.listening, &result->listening)) {
		tg_log(&parent->log, TG_NOTICE, "config.needs_restart",
		       TG_TEXT("for", "bindaddr, bindport, threads, tos or cos"));
		tell_desk(parent, "note: bindaddr, bindport, threads, tos and cos change at the next start");
		const struct ipc_listen *old = &parent->images.listening;

		/* What is bound stays what the next reload is compared with. */
		result->listening.bind_count = old->bind_count;
		result->listening.threads = old->threads;
		result->listening.tos = old->tos;
		result->listening.cos = old->cos;
		memcpy(result->listening.binds, old->binds, sizeof(old->binds));
	}
	load_result_close(&parent->images);
	parent->images = *result;
}

/* A refresh resolves names and no more: files that somebody is just editing are none of its business. */
static bool is_wanted(const struct parent *parent, const struct load_result *result)
{
	if (parent->reason != REFRESH) {
		return true;
	}
	return result->listening.files_digest == parent->images.listening.files_digest &&
	       result->listening.world_digest != parent->images.listening.world_digest;
}

static void count_load(struct parent *parent, bool well)
{
	parent->loads++;
	parent->loads_failed += well ? 0 : 1;
	parent->last_load_failed = !well;
	parent->last_load_ms = sys_clock_wall_ms();
}

static void on_reloaded(struct parent *parent, struct load_result *result)
{
	const bool well = result != NULL;
	char said[LISTENING_WHY_BYTES];

	if (well && is_wanted(parent, result)) {
		use_images(parent, result);
		parent_push_images(parent);
		parent_offer_metrics(parent, said);
		if (said[0] != '\0') {
			tell_desk(parent, said);
		}
		tg_log(&parent->log, TG_NOTICE, parent->reason == REFRESH ? "config.names_changed" : "config.used",
		       TG_UINT("generation", parent->images.generation));
	} else if (well) {
		load_result_close(result);
	} else if (parent->reason == ORDERED) {
		tg_log(&parent->log, TG_ERROR, "config.refused", TG_UINT("still_used", parent->images.generation));
	}
	if (parent->reason == ORDERED) {
		count_load(parent, well);
		parent_tell_event(parent, well ? MODEL_EVENT_LOADED : MODEL_EVENT_LOAD_REFUSED,
		                  parent->images.generation);
		sys_notify(parent->notify_socket, "READY=1");
		if (desk_waits_for_this(parent)) {
			parent->desk_waits = false;
			parent_desk_done(parent, parent->desk_query, well);
		}
	}
	plan_refresh(parent);
	if (parent->reload_again) {
		parent->reload_again = false;
		parent_load(parent, ORDERED);
	}
}

static void on_load_done(void *owner, const struct load_result *made)
{
	struct parent *parent = owner;
	struct load_result result;

	if (made != NULL) {
		result = *made;
	}
	if (parent->phase != LOADING) {
		on_reloaded(parent, made != NULL ? &result : NULL);
	} else if (made == NULL) {
		parent_complain(parent, "the configuration in %s cannot be used", parent->place.config_dir);
		parent_give_up(parent);
	} else {
		use_images(parent, &result);
		count_load(parent, true);
		plan_refresh(parent);
		parent_start_family(parent);
	}
}

const struct load_ops parent_load_ops = { .on_text = on_text, .on_done = on_load_done };
