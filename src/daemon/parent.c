/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/parent.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/family.h"
#include "daemon/load.h"
#include "daemon/place.h"
#include "daemon/sockets.h"
#include "sys/clock.h"
#include "sys/logsink.h"
#include "sys/loop.h"
#include "sys/memfile.h"
#include "sys/notify.h"
#include "sys/proc.h"
#include "sys/sandbox.h"

enum phase {
	LOADING,  /* the first configuration is read */
	STARTING, /* the processes set themselves up */
	RUNNING,
	DRAINING,   /* no new calls; the engine ends with the last one */
	HANGING_UP, /* the engine ends all calls */
	ENDING,     /* the engine is gone, the others write what they have */
	OVER,
};

enum {
	OUTBOX_BYTES = 8 << 20, /* call records that the store has not confirmed, some 10,000 */
	START_LIMIT_US = 30 * TG_US_PER_S,
	HANG_UP_LIMIT_US = 3500 * TG_US_PER_MS,
	END_LIMIT_US = 1200 * TG_US_PER_MS,
	REFRESH_FIRST_S = 30, /* until names without an address are asked for again; doubles up to --refresh */
};

/* Why a loader runs. */
enum load_reason { FIRST, ORDERED, REFRESH };

struct parent {
	const struct options *options;
	struct place place;
	struct sys_loop *loop;
	struct sys_logsink sink;
	struct tg_log log;
	const char *notify_socket;
	int signals_fd, console_fd, outbox_fd, log_fd;
	int launcher_fd; /* tells who started us that we are ready; -1 in the foreground */
	uint64_t outbox_incarnation;
	struct family family;
	struct sockets sockets;
	struct load load;
	struct load_result images;
	enum load_reason reason;
	bool reload_again; /* asked for while one was running */
	bool desk_waits;   /* a reload that the desk asked for is running */
	uint64_t desk_query;
	uint64_t generation; /* of the last loader started */
	uint64_t refresh_at_us, refresh_delay_s;
	enum phase phase;
	uint64_t deadline_us; /* of the phase */
	uint64_t started_us;
	int exit_code;
};

/* For people who watch the start, and for the log afterwards. */
static TG_PRINTF(2, 3) void complain(const struct parent *parent, const char *format, ...)
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

static void enter(struct parent *parent, enum phase phase, uint64_t limit_us)
{
	parent->phase = phase;
	parent->deadline_us = limit_us == TG_NEVER ? TG_NEVER : sys_clock_us() + limit_us;
}

static void give_up(struct parent *parent)
{
	parent->exit_code = EXIT_FAILURE;
	enter(parent, OVER, TG_NEVER);
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
		send_image(parent, PROC_DESK, LOAD_WORLD);
	}
}

/* The vault first: it must know the secrets of a generation before the engine asks for them. */
static void push_images(struct parent *parent)
{
	send_image(parent, PROC_VAULT, LOAD_SECRETS);
	send_image(parent, PROC_ENGINE, LOAD_PROMPTS);
	send_image(parent, PROC_ENGINE, LOAD_WORLD);
	send_image(parent, PROC_DESK, LOAD_WORLD);
}

/* ---- The first start ---- */

/* Ports below 1024 were the last thing that needed a right. */
static bool open_all(struct parent *parent)
{
	char why[PLACE_WHY_BYTES];

	if (!sockets_open(&parent->sockets, &parent->images.listening, why)) {
		complain(parent, "%s", why);
		return false;
	}
	const char *failed = sys_sandbox_begin(true);

	if (failed != NULL) {
		complain(parent, "%s", failed);
		return false;
	}
	parent->console_fd = place_console(&parent->place, why);
	if (parent->console_fd < 0) {
		complain(parent, "%s", why);
		return false;
	}
	parent->outbox_incarnation = sys_clock_wall_us();
	parent->outbox_fd = sys_memfile_shared("tg-outbox", OUTBOX_BYTES);
	if (parent->outbox_fd < 0) {
		complain(parent, "no memory for call records: %s", strerror(errno));
	}
	return parent->outbox_fd >= 0;
}

static void start_family(struct parent *parent)
{
	static const enum ipc_proc order[] = { PROC_VAULT, PROC_STORE, PROC_DESK, PROC_ENGINE };
	const uint64_t now_us = sys_clock_us();

	enter(parent, STARTING, START_LIMIT_US);
	if (!open_all(parent)) {
		give_up(parent);
		return;
	}
	for (size_t i = 0; i < TG_COUNT(order); i++) {
		if (!family_start(&parent->family, order[i], now_us)) {
			give_up(parent);
			return;
		}
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
}

static void on_all_ready(void *owner)
{
	struct parent *parent = owner;

	if (parent->phase != STARTING) {
		return; /* one came back */
	}
	enter(parent, RUNNING, TG_NEVER);
	tg_log(&parent->log, TG_NOTICE, "daemon.ready", TG_TEXT("version", TG_VERSION),
	       TG_UINT("sockets", parent->sockets.count));
	release_launcher(parent);
	if (!sys_notify(parent->notify_socket, "READY=1")) {
		tg_log(&parent->log, TG_WARNING, "daemon.not_notified");
	}
}

/* ---- Ending ---- */

static void end_others(struct parent *parent)
{
	static const enum ipc_proc others[] = { PROC_DESK, PROC_VAULT, PROC_STORE };

	if (parent->phase >= ENDING) {
		return;
	}
	enter(parent, ENDING, END_LIMIT_US);
	load_cancel(&parent->load);
	for (size_t i = 0; i < TG_COUNT(others); i++) {
		family_stop(&parent->family, others[i], false);
	}
}

static void stop(struct parent *parent, bool gracefully)
{
	if (parent->phase < RUNNING) {
		give_up(parent);
		parent->exit_code = EXIT_SUCCESS;
		return;
	}
	if (parent->phase >= HANGING_UP || (gracefully && parent->phase == DRAINING)) {
		return;
	}
	tg_log(&parent->log, TG_NOTICE, "daemon.stopping", TG_TEXT("how", gracefully ? "gracefully" : "now"));
	sys_notify(parent->notify_socket, "STOPPING=1");
	enter(parent, gracefully ? DRAINING : HANGING_UP, gracefully ? TG_NEVER : HANG_UP_LIMIT_US);
	family_stop(&parent->family, PROC_ENGINE, gracefully);
	if (!family_is_there(&parent->family, PROC_ENGINE)) {
		end_others(parent);
	}
}

static void kill_all(struct parent *parent)
{
	static const enum ipc_proc all[] = { PROC_ENGINE, PROC_DESK, PROC_VAULT, PROC_STORE };

	for (size_t i = 0; i < TG_COUNT(all); i++) {
		family_kill(&parent->family, all[i]);
	}
}

static void on_deadline(struct parent *parent)
{
	parent->deadline_us = TG_NEVER;
	switch (parent->phase) {
	case STARTING:
		complain(parent, "the processes were not ready in time");
		give_up(parent);
		break;
	case HANGING_UP:
		tg_log(&parent->log, TG_WARNING, "daemon.engine_hangs");
		family_kill(&parent->family, PROC_ENGINE);
		end_others(parent);
		break;
	case ENDING:
		kill_all(parent);
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
		complain(parent, "the %s process could not start", ipc_proc_name(proc));
		give_up(parent);
		return false;
	}
	if (parent->phase == RUNNING) {
		return true;
	}
	if (proc == PROC_ENGINE) {
		end_others(parent);
	}
	/* While the last calls are still up, the engine needs the others. */
	return parent->phase == DRAINING && proc != PROC_ENGINE;
}

/* ---- Loading ---- */

static void tell_desk(struct parent *parent, const char *text)
{
	struct ipc_text record = { .head.kind = IPC_TEXT, .query = parent->desk_query };

	if (parent->desk_waits) {
		tg_span_copy(record.text, sizeof(record.text), tg_span_text(text));
		family_send(&parent->family, PROC_DESK, &record, sizeof(record), -1);
	}
}

static void tell_desk_done(struct parent *parent, uint64_t query, bool well)
{
	const struct ipc_done record = { .head.kind = IPC_DONE, .query = query, .failed = well ? 0 : 1 };

	family_send(&parent->family, PROC_DESK, &record, sizeof(record), -1);
}

static void on_text(void *owner, const char *text)
{
	struct parent *parent = owner;

	if (parent->reason == FIRST) {
		fprintf(stderr, "%s\n", text);
	} else if (parent->reason == ORDERED) {
		tg_log(&parent->log, TG_WARNING, "config.problem", TG_TEXT("at", text));
		tell_desk(parent, text);
	}
}

static void load_again(struct parent *parent, enum load_reason reason)
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
	if (!load_start(&parent->load, parent->place.config_dir, parent->generation, sys_clock_us())) {
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

static void on_reloaded(struct parent *parent, struct load_result *result)
{
	const bool well = result != NULL;

	if (well && is_wanted(parent, result)) {
		use_images(parent, result);
		push_images(parent);
		tg_log(&parent->log, TG_NOTICE, parent->reason == REFRESH ? "config.names_changed" : "config.used",
		       TG_UINT("generation", parent->images.generation));
	} else if (well) {
		load_result_close(result);
	} else if (parent->reason == ORDERED) {
		tg_log(&parent->log, TG_ERROR, "config.refused", TG_UINT("still_used", parent->images.generation));
	}
	if (parent->reason == ORDERED) {
		sys_notify(parent->notify_socket, "READY=1");
		if (parent->desk_waits) {
			parent->desk_waits = false;
			tell_desk_done(parent, parent->desk_query, well);
		}
	}
	plan_refresh(parent);
	if (parent->reload_again) {
		parent->reload_again = false;
		load_again(parent, ORDERED);
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
		complain(parent, "the configuration in %s cannot be used", parent->place.config_dir);
		give_up(parent);
	} else {
		use_images(parent, &result);
		plan_refresh(parent);
		start_family(parent);
	}
}

/* ---- What comes from the processes ---- */

static void process_row(struct parent *parent, uint64_t query, enum ipc_proc proc)
{
	const bool is_us = proc == PROC_PARENT;
	const struct family_one *one = &parent->family.all[proc];
	const uint64_t since_us = is_us ? parent->started_us : one->started_us;
	struct ipc_process_row row = {
		.head.kind = IPC_PROCESS_ROW,
		.query = query,
		.pid = (uint32_t)(is_us ? getpid() : one->pid),
		.restarts = is_us || one->incarnation == 0 ? 0 : one->incarnation - 1,
		.up_s = (sys_clock_us() - since_us) / TG_US_PER_S,
	};

	snprintf(row.name, sizeof(row.name), "%s", ipc_proc_name(proc));
	family_send(&parent->family, PROC_DESK, &row, sizeof(row), -1);
}

static void on_query(struct parent *parent, const struct ipc_query *query)
{
	static const enum ipc_proc shown[] = { PROC_PARENT, PROC_ENGINE, PROC_VAULT, PROC_STORE, PROC_DESK };
	struct ipc_rows_end end = { .head.kind = IPC_ROWS_END, .query = query->query };

	if (query->what == IPC_ASK_PROCESSES) {
		for (size_t i = 0; i < TG_COUNT(shown); i++) {
			process_row(parent, query->query, shown[i]);
		}
		end.rows = TG_COUNT(shown);
	}
	family_send(&parent->family, PROC_DESK, &end, sizeof(end), -1);
}

static void on_command(struct parent *parent, const struct ipc_command *command)
{
	switch ((enum ipc_command_what)command->what) {
	case IPC_DO_RELOAD:
		if (parent->phase != RUNNING || parent->desk_waits || load_is_running(&parent->load)) {
			tell_desk_done(parent, command->query, false);
			return;
		}
		parent->desk_waits = true;
		parent->desk_query = command->query;
		load_again(parent, ORDERED);
		return;
	case IPC_DO_STOP_NOW:
	case IPC_DO_STOP_GRACEFULLY:
		tell_desk_done(parent, command->query, true);
		stop(parent, command->what == IPC_DO_STOP_GRACEFULLY);
		return;
	case IPC_COMMANDS:
		return;
	}
}

static void on_record(void *owner, enum ipc_proc from, const union ipc_any *record)
{
	struct parent *parent = owner;
	const void *body = record;

	if (record->head.kind == IPC_QUERY) {
		on_query(parent, body);
	} else if (record->head.kind == IPC_COMMAND) {
		on_command(parent, body);
	} else if (record->head.kind == IPC_STOPPED && parent->phase >= DRAINING) {
		family_hang_up(&parent->family, from); /* nothing keeps it any more */
	}
}

/* ---- The loop ---- */

static void reap(struct parent *parent)
{
	const uint64_t now_us = sys_clock_us();
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (!load_on_ended(&parent->load, pid)) {
			family_on_ended(&parent->family, pid, status, now_us);
		}
	}
}

static void on_signal(void *owner, int fd, unsigned ready)
{
	struct parent *parent = owner;
	int number;

	(void)ready;
	while ((number = sys_signals_take(fd)) != 0) {
		if (number == SIGCHLD) {
			reap(parent);
		} else if (number == SIGHUP) {
			if (parent->phase == RUNNING) {
				load_again(parent, ORDERED);
			}
		} else {
			stop(parent, false);
		}
	}
}

static uint64_t next_deadline_us(const struct parent *parent)
{
	uint64_t deadline_us = tg_min_u64(parent->deadline_us, family_deadline_us(&parent->family));

	deadline_us = tg_min_u64(deadline_us, parent->load.deadline_us);
	return parent->phase == RUNNING ? tg_min_u64(deadline_us, parent->refresh_at_us) : deadline_us;
}

static void expire(struct parent *parent)
{
	const uint64_t now_us = sys_clock_us();

	load_expire(&parent->load, now_us);
	family_expire(&parent->family, now_us);
	if (parent->phase == RUNNING && now_us >= parent->refresh_at_us) {
		parent->refresh_at_us = TG_NEVER;
		load_again(parent, REFRESH);
	}
	if (now_us >= parent->deadline_us) {
		on_deadline(parent);
	}
	if (parent->phase == ENDING && family_is_gone(&parent->family)) {
		enter(parent, OVER, TG_NEVER);
	}
}

static void run(struct parent *parent)
{
	while (parent->phase != OVER) {
		if (sys_loop_turn(parent->loop, next_deadline_us(parent)) < 0) {
			complain(parent, "waiting failed: %s", strerror(errno));
			give_up(parent);
		}
		expire(parent);
	}
}

/* What is still there after the end that was planned, or after a start that failed. */
static void clean_up(struct parent *parent)
{
	int status;

	load_cancel(&parent->load);
	kill_all(parent);
	while (waitpid(-1, &status, 0) > 0 || errno == EINTR) {
	}
	sockets_close(&parent->sockets);
	load_result_close(&parent->images);
	place_deinit(&parent->place);
}

/* ---- Beginning ---- */

static const struct family_ops family_ops = {
	.on_started = on_started,
	.on_record = on_record,
	.on_all_ready = on_all_ready,
	.on_ended = on_ended,
};

static const struct load_ops load_ops = { .on_text = on_text, .on_done = on_load_done };

static bool watch_signals(struct parent *parent)
{
	static const int signals[] = { SIGCHLD, SIGHUP, SIGINT, SIGTERM };

	signal(SIGPIPE, SIG_IGN);
	parent->signals_fd = sys_signals_open(signals, TG_COUNT(signals));
	return parent->signals_fd >= 0 &&
	       sys_loop_add(parent->loop, parent->signals_fd, SYS_LOOP_READ, on_signal, parent);
}

static void parent_init(struct parent *parent, const struct options *options)
{
	*parent = (struct parent){
		.options = options,
		.loop = sys_loop_new(),
		.place.lock_fd = -1,
		.signals_fd = -1,
		.console_fd = -1,
		.outbox_fd = -1,
		.log_fd = -1,
		.launcher_fd = -1,
		.deadline_us = TG_NEVER,
		.refresh_at_us = TG_NEVER,
		.started_us = sys_clock_us(),
		.exit_code = EXIT_SUCCESS,
	};
	parent->load = (struct load){
		.loop = parent->loop, .ops = &load_ops, .owner = parent, .deadline_us = TG_NEVER
	};
	load_result_init(&parent->load.result);
	load_result_init(&parent->images);
	parent->family.loop = parent->loop;
	parent->family.log = &parent->log;
	parent->family.ops = &family_ops;
	parent->family.owner = parent;
	parent->family.state_dir = parent->place.state_dir;
	parent->family.out_fd = -1;
	family_init(&parent->family);
}

/* Find and make what is in the file system, and become who we shall be. */
static bool settle(struct parent *parent, char why[PLACE_WHY_BYTES])
{
	const struct options *options = parent->options;
	struct place_user user = { .name = options->user };
	const bool change = options->user != NULL;

	if (change && !place_user_find(&user, options->user, why)) {
		return false;
	}
	if (change && getuid() != 0 && user.uid != getuid()) {
		snprintf(why, PLACE_WHY_BYTES, "only root can run as \"%.100s\"", options->user);
		return false;
	}
	const bool is_root = getuid() == 0;

	umask(027);
	if (!place_init(&parent->place, options->config_dir, options->state_dir, change && is_root ? &user : NULL,
	                why)) {
		return false;
	}
	const char *failed = change && is_root && user.uid != 0
	                             ? sys_sandbox_become(user.uid, user.gid, user.name, true)
	                             : sys_sandbox_begin(false);

	if (failed != NULL) {
		snprintf(why, PLACE_WHY_BYTES, "%s: %s", failed, strerror(errno));
		return false;
	}
	return place_lock(&parent->place, why);
}

/*
 * Leave the terminal: a child goes on, and who started it waits until it is ready or has failed.
 *
 * @return in the child, the descriptor to tell it with
 */
static int detach(void)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0) {
		return -1;
	}
	const pid_t pid = fork();

	if (pid != 0) {
		char told;
		int status = 0;

		close(ends[1]);
		if (pid > 0 && read(ends[0], &told, 1) == 1) {
			_exit(EXIT_SUCCESS);
		}
		waitpid(pid, &status, 0);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_FAILURE);
	}
	close(ends[0]);
	setsid();
	const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

	dup2(nothing, STDIN_FILENO);
	close(nothing);
	return ends[1];
}

static bool go_to_background(struct parent *parent, char why[PLACE_WHY_BYTES])
{
	parent->log_fd = place_log(&parent->place, why);
	parent->family.out_fd = parent->log_fd;
	return parent->log_fd >= 0;
}

static void begin(struct parent *parent)
{
	char why[PLACE_WHY_BYTES];

	sys_logsink_init(&parent->sink, &parent->log, "parent", STDERR_FILENO, TG_INFO);
	sys_proc_name("tollgated");
	sys_proc_raise_limits();
	if (parent->loop == NULL || !watch_signals(parent)) {
		complain(parent, "no memory");
		give_up(parent);
		return;
	}
	if (!settle(parent, why) || (!parent->options->foreground && !go_to_background(parent, why))) {
		complain(parent, "%s", why);
		give_up(parent);
		return;
	}
	if (getuid() == 0) {
		tg_log(&parent->log, TG_WARNING, "daemon.is_root", TG_TEXT("mend", "--user NAME"));
	}
	load_again(parent, FIRST);
}

int parent_main(const struct options *options)
{
	static struct parent parent;
	const int launcher_fd = options->foreground ? -1 : detach();

	parent_init(&parent, options);
	parent.launcher_fd = launcher_fd;
	parent.notify_socket = getenv("NOTIFY_SOCKET");
	begin(&parent);
	run(&parent);
	clean_up(&parent);
	if (parent.exit_code == EXIT_SUCCESS) {
		tg_log(&parent.log, TG_NOTICE, "daemon.ended");
	}
	sys_loop_free(parent.loop);
	return parent.exit_code;
}

/* ---- --check-config ---- */

static void on_check_done(void *owner, const struct load_result *made)
{
	struct parent *parent = owner;

	if (made != NULL) {
		struct load_result result = *made;

		load_result_close(&result);
		printf("tollgated: the configuration in %s can be used\n", parent->place.config_dir);
	} else {
		complain(parent, "the configuration in %s cannot be used", parent->place.config_dir);
		parent->exit_code = EXIT_FAILURE;
	}
	enter(parent, OVER, TG_NEVER);
}

int parent_check_config(const struct options *options)
{
	static const struct load_ops check_ops = { .on_text = on_text, .on_done = on_check_done };
	static struct parent parent;
	char why[PLACE_WHY_BYTES];

	parent_init(&parent, options);
	parent.load.ops = &check_ops;
	if (parent.loop == NULL || !watch_signals(&parent) ||
	    !place_init_config(&parent.place, options->config_dir, why)) {
		complain(&parent, "%s", parent.loop == NULL || parent.signals_fd < 0 ? "no memory" : why);
		return EXIT_FAILURE;
	}
	load_again(&parent, FIRST);
	run(&parent);
	clean_up(&parent);
	sys_loop_free(parent.loop);
	return parent.exit_code;
}
