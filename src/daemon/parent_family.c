/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/parent_inside.h"
#include "sys/clock.h"
#include "sys/memfile.h"
#include "sys/notify.h"
#include "sys/sandbox.h"

enum {
	OUTBOX_BYTES = 8 << 20, /* call records that the store has not confirmed, some 10,000 */
	START_LIMIT_US = 30 * TG_US_PER_S,
	HANG_UP_LIMIT_US = 3500 * TG_US_PER_MS,
	END_LIMIT_US = 1200 * TG_US_PER_MS,
};

void parent_complain(const struct parent *parent, const char *format, ...)
{
	char text[PLACE_WHY_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (parent->phase <= STARTING) {
		fprintf(stderr, "tollgated: %s\n", text);
	} else {
		tg_log(&parent->log, TG_ERROR, "daemon.error", TG_TEXT("why", text));
	}
}

void parent_enter(struct parent *parent, enum phase phase, uint64_t limit_us)
{
	parent->phase = phase;
	parent->deadline_us = limit_us == TG_NEVER ? TG_NEVER : sys_clock_us() + limit_us;
}

void parent_give_up(struct parent *parent)
{
	parent->exit_code = EXIT_FAILURE;
	parent_enter(parent, OVER, TG_NEVER);
}

/* ---- Giving each process what it needs ---- */

static void send_image(struct parent *parent, enum ipc_proc to, enum load_image which)
{
	const struct ipc_image record = load_result_record(&parent->images, which);

	family_send(&parent->family, to, &record, sizeof(record), parent->images.images[which].fd);
}

static void supply_engine(struct parent *parent)
{
	const struct ipc_image outbox = {
		.head.kind = IPC_OUTBOX,
		.generation = parent->outbox_incarnation,
		.size_bytes = OUTBOX_BYTES,
	};

	for (uint32_t i = 0; i < parent->sockets.count; i++) {
		const struct sockets_one *one = &parent->sockets.all[i];

		family_send(&parent->family, PROC_ENGINE, &one->record, sizeof(one->record), one->fd);
	}
	family_send(&parent->family, PROC_ENGINE, &outbox, sizeof(outbox), parent->outbox_fd);
	send_image(parent, PROC_ENGINE, LOAD_PROMPTS);
	send_image(parent, PROC_ENGINE, LOAD_WORLD);
}

static void send_metrics(struct parent *parent)
{
	const bool on = parent->metrics.fd >= 0;
	const struct ipc_plain record = { .head.kind = on ? IPC_METRICS : IPC_METRICS_OFF };

	family_send(&parent->family, PROC_DESK, &record, sizeof(record), parent->metrics.fd);
}

static void on_started(void *owner, enum ipc_proc proc)
{
	struct parent *parent = owner;
	const struct ipc_plain listener = { .head.kind = IPC_LISTENER };

	if (proc == PROC_VAULT) {
		send_image(parent, PROC_VAULT, LOAD_SECRETS);
	} else if (proc == PROC_ENGINE) {
		supply_engine(parent);
	} else if (proc == PROC_DESK) {
		family_send(&parent->family, PROC_DESK, &listener, sizeof(listener), parent->console_fd);
		send_metrics(parent);
		send_image(parent, PROC_DESK, LOAD_WORLD);
	} else if (proc == PROC_FENCE) {
		const struct ipc_fence_ports ports = sockets_ports(&parent->sockets);

		family_send(&parent->family, PROC_FENCE, &ports, sizeof(ports), -1);
	}
	parent_tell_wishes(parent, proc);
}

/* The vault first: it must know the secrets of a generation before the engine asks for them. */
void parent_push_images(struct parent *parent)
{
	send_image(parent, PROC_VAULT, LOAD_SECRETS);
	send_image(parent, PROC_ENGINE, LOAD_PROMPTS);
	send_image(parent, PROC_ENGINE, LOAD_WORLD);
	send_image(parent, PROC_DESK, LOAD_WORLD);
}

void parent_offer_metrics(struct parent *parent, char said[LISTENING_WHY_BYTES])
{
	const struct model_listen was = parent->metrics.where;
	char text[LISTENING_TEXT_BYTES];
	const bool well = listening_set(&parent->metrics, &parent->images.listening.metrics, said);
	const bool changed = memcmp(&was, &parent->metrics.where, sizeof(was)) != 0;

	if (!well) {
		parent_complain(parent, "%s", said);
	} else if (changed) {
		snprintf(said, LISTENING_WHY_BYTES, "changed: [metrics]: offered at %s",
		         listening_text(&parent->metrics.where, text));
	} else {
		said[0] = '\0';
	}
	if (changed && parent->phase == RUNNING) {
		send_metrics(parent);
	}
}

/* ---- The first start ---- */

/* Ports below 1024 were the last thing that needed a right of ours. That to change the packet filter waits for each fence. */
static bool open_all(struct parent *parent)
{
	char why[PLACE_WHY_BYTES];

	if (!sockets_open(&parent->sockets, &parent->images.listening, why)) {
		parent_complain(parent, "%s", why);
		return false;
	}
	parent_offer_metrics(parent, why);
	const char *failed = sys_sandbox_keep_filter(SYS_SANDBOX_ASIDE);

	if (failed != NULL) {
		parent_complain(parent, "%s", failed);
		return false;
	}
	parent->console_fd = place_console(&parent->place, why);
	if (parent->console_fd < 0) {
		parent_complain(parent, "%s", why);
		return false;
	}
	parent->outbox_incarnation = sys_clock_wall_us();
	parent->outbox_fd = sys_memfile_shared("tg-outbox", OUTBOX_BYTES);
	if (parent->outbox_fd < 0) {
		parent_complain(parent, "no memory for call records: %s", strerror(errno));
	}
	return parent->outbox_fd >= 0;
}

void parent_start_family(struct parent *parent)
{
	parent_enter(parent, STARTING, START_LIMIT_US);
	parent->family.with_syslog = parent->images.listening.syslog != 0;
	if (!open_all(parent) || !family_start_all(&parent->family, sys_clock_us())) {
		parent_give_up(parent);
	}
}

/* From here on nobody watches standard error any more, unless we are in the foreground. */
static void release_launcher(struct parent *parent)
{
	if (parent->launcher_fd < 0) {
		return;
	}
	const ssize_t told = write(parent->launcher_fd, "", 1);

	(void)told;
	close(parent->launcher_fd);
	parent->launcher_fd = -1;
	dup2(parent->log_fd, STDOUT_FILENO);
	dup2(parent->log_fd, STDERR_FILENO);
	sys_logsink_reopened(&parent->sink);
}

static void on_all_ready(void *owner)
{
	struct parent *parent = owner;

	if (parent->phase != STARTING) {
		return; /* one came back */
	}
	parent_enter(parent, RUNNING, TG_NEVER);
	tg_log(&parent->log, TG_NOTICE, "daemon.ready", TG_TEXT("version", TG_VERSION),
	       TG_UINT("sockets", parent->sockets.count));
	parent_tell_event(parent, MODEL_EVENT_LOADED, parent->images.generation);
	release_launcher(parent);
	if (!sys_notify(parent->notify_socket, "READY=1")) {
		tg_log(&parent->log, TG_WARNING, "daemon.not_notified");
	}
}

/* ---- Ending ---- */

static void end_others(struct parent *parent)
{
	if (parent->phase >= ENDING) {
		return;
	}
	if (parent->phase < HANGING_UP) {
		sys_notify(parent->notify_socket, "STOPPING=1");
	}
	parent_enter(parent, ENDING, END_LIMIT_US);
	load_cancel(&parent->load);
	family_stop_all_but(&parent->family, PROC_ENGINE);
}

void parent_stop(struct parent *parent, bool gracefully)
{
	if (parent->phase < RUNNING) {
		parent_give_up(parent);
		parent->exit_code = EXIT_SUCCESS;
		return;
	}
	if (parent->phase >= HANGING_UP || (gracefully && parent->phase == DRAINING)) {
		return;
	}
	tg_log(&parent->log, TG_NOTICE, "daemon.stopping", TG_TEXT("how", gracefully ? "gracefully" : "now"));
	if (!gracefully) { /* a manager counts the time from here, and calls may be long */
		sys_notify(parent->notify_socket, "STOPPING=1");
	}
	parent->engine_end = ENGINE_STAYS;
	parent_enter(parent, gracefully ? DRAINING : HANGING_UP, gracefully ? TG_NEVER : HANG_UP_LIMIT_US);
	family_stop(&parent->family, PROC_ENGINE, gracefully);
	if (!family_is_there(&parent->family, PROC_ENGINE)) {
		end_others(parent);
	}
}

void parent_kill_all(struct parent *parent)
{
	family_kill_all(&parent->family);
}

void parent_on_deadline(struct parent *parent)
{
	parent->deadline_us = TG_NEVER;
	switch (parent->phase) {
	case STARTING:
		parent_complain(parent, "the processes were not ready in time");
		parent_give_up(parent);
		break;
	case HANGING_UP:
		tg_log(&parent->log, TG_WARNING, "daemon.engine_hangs");
		family_kill(&parent->family, PROC_ENGINE);
		end_others(parent);
		break;
	case ENDING:
		parent_kill_all(parent);
		break;
	case LOADING:
	case RUNNING:
	case DRAINING:
	case OVER:
		break;
	}
}

static bool on_ended(void *owner, enum ipc_proc proc)
{
	struct parent *parent = owner;

	if (parent->phase == STARTING) {
		parent_complain(parent, "the %s process could not start%s%s", ipc_proc_name(proc),
		                parent->log_fd >= 0 ? "; see tollgated.log in " : "",
		                parent->log_fd >= 0 ? parent->place.state_dir : "");
		parent_give_up(parent);
		return false;
	}
	if (proc == PROC_DESK) {
		parent->desk_waits = false; /* who asked has gone with it */
	}
	if (parent->phase == RUNNING) {
		return true;
	}
	if (proc == PROC_ENGINE) {
		end_others(parent);
	}
	/* While the last calls are still up, the engine needs the others; for their records it needs the store. */
	return (parent->phase == DRAINING && proc != PROC_ENGINE) ||
	       (parent->phase == HANGING_UP && proc == PROC_STORE);
}

const struct family_ops parent_family_ops = {
	.on_started = on_started,
	.on_record = parent_on_record,
	.on_all_ready = on_all_ready,
	.on_ended = on_ended,
};
