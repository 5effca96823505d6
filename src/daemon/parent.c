/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/parent.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "conf/weak.h"
#include "crypt/hash.h"
#include "crypt/random.h"
#include "daemon/parent_inside.h"
#include "sys/clock.h"
#include "sys/loop.h"
#include "sys/proc.h"
#include "sys/sandbox.h"

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
				parent_load(parent, ORDERED);
			}
		} else {
			parent_stop(parent, false);
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
		parent_load(parent, REFRESH);
	}
	if (now_us >= parent->deadline_us) {
		parent_on_deadline(parent);
	}
	if (parent->phase == ENDING && family_is_gone(&parent->family)) {
		parent_enter(parent, OVER, TG_NEVER);
	}
}

static void run(struct parent *parent)
{
	while (parent->phase != OVER) {
		if (sys_loop_turn(parent->loop, next_deadline_us(parent)) < 0) {
			parent_complain(parent, "waiting failed: %s", strerror(errno));
			parent_give_up(parent);
		}
		expire(parent);
	}
}

/* After a start that failed: it has a table to delete. */
static void let_fence_end(struct parent *parent)
{
	enum { STEP_US = 10000, STEPS = 100 };
	struct family_one *one = &parent->family.all[PROC_FENCE];

	if (one->pid > 0) {
		family_hang_up(&parent->family, PROC_FENCE);
	}
	for (unsigned i = 0; i < STEPS && one->pid > 0; i++) {
		if (waitpid(one->pid, NULL, WNOHANG) == one->pid) {
			one->pid = 0;
		} else {
			usleep(STEP_US);
		}
	}
}

/* What is still there after the end that was planned, or after a start that failed. */
static void clean_up(struct parent *parent)
{
	int status;

	load_cancel(&parent->load);
	let_fence_end(parent);
	parent_kill_all(parent);
	while (waitpid(-1, &status, 0) > 0 || errno == EINTR) {
	}
	sockets_close(&parent->sockets);
	listening_close(&parent->metrics);
	load_result_close(&parent->images);
	place_deinit(&parent->place);
}

/* ---- Beginning ---- */

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
		.metrics.fd = -1,
		.launcher_fd = -1,
		.deadline_us = TG_NEVER,
		.refresh_at_us = TG_NEVER,
		.started_us = sys_clock_us(),
		.log_level = TG_INFO,
		.started_ms = sys_clock_wall_ms(),
		.exit_code = EXIT_SUCCESS,
	};
	parent->load = (struct load){
		.loop = parent->loop, .ops = &parent_load_ops, .owner = parent, .deadline_us = TG_NEVER
	};
	load_result_init(&parent->load.result);
	load_result_init(&parent->images);
	parent->family.loop = parent->loop;
	parent->family.log = &parent->log;
	parent->family.ops = &parent_family_ops;
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
	if (parent->loop == NULL || !watch_signals(parent) || !sys_logsink_attach(&parent->sink, parent->loop)) {
		parent_complain(parent, "no memory");
		parent_give_up(parent);
		return;
	}
	if (!settle(parent, why) || (!parent->options->foreground && !go_to_background(parent, why))) {
		parent_complain(parent, "%s", why);
		parent_give_up(parent);
		return;
	}
	if (getuid() == 0) {
		tg_log(&parent->log, TG_WARNING, "daemon.is_root", TG_TEXT("mend", "--user NAME"));
	}
	parent_load(parent, FIRST);
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
	sys_logsink_deinit(&parent.sink);
	return parent.exit_code;
}

/* ---- --check-config ---- */

enum { NEW_SECRET_BYTES = 20 + 1 };

/* 100 bits in letters and digits that nobody mixes up. Only --check-config shows one; no log ever does. */
static const char *new_secret(char text[NEW_SECRET_BYTES])
{
	uint8_t seed[CRYPT_SEED_BYTES];
	struct crypt_random random;

	crypt_seed_from_kernel(seed);
	crypt_random_init(&random, seed);
	for (size_t i = 0; i + 1 < NEW_SECRET_BYTES; i++) {
		text[i] = "abcdefghijklmnopqrstuvwxyz234567"[crypt_random_below(&random, 32)];
	}
	text[NEW_SECRET_BYTES - 1] = '\0';
	crypt_wipe(seed, sizeof(seed));
	crypt_wipe(&random, sizeof(random));
	return text;
}

/* The complaint goes where all go, what is offered to standard output. */
static void offer_secret(const char *text, size_t len)
{
	const char *says = strstr(text, CONF_WEAK_SAYS);
	char secret[NEW_SECRET_BYTES];

	fprintf(stderr, "%.*s\n", (int)len, text);
	printf("%.*sa new one: %s\n", says != NULL ? (int)(says - text) : 0, text, new_secret(secret));
	fflush(stdout);
	crypt_wipe(secret, sizeof(secret));
}

static void on_check_text(void *owner, const char *text)
{
	const size_t len = strlen(text), offer = strlen(CONF_WEAK_OFFER);

	(void)owner;
	if (len > offer && strcmp(text + len - offer, CONF_WEAK_OFFER) == 0) {
		offer_secret(text, len - offer);
	} else {
		fprintf(stderr, "%s\n", text);
	}
}

static void on_check_done(void *owner, const struct load_result *made)
{
	struct parent *parent = owner;

	if (made != NULL) {
		struct load_result result = *made;

		load_result_close(&result);
		printf("tollgated: the configuration in %s can be used\n", parent->place.config_dir);
	} else {
		parent_complain(parent, "the configuration in %s cannot be used", parent->place.config_dir);
		parent->exit_code = EXIT_FAILURE;
	}
	parent_enter(parent, OVER, TG_NEVER);
}

int parent_check_config(const struct options *options)
{
	static const struct load_ops check_ops = { .on_text = on_check_text, .on_done = on_check_done };
	static struct parent parent;
	char why[PLACE_WHY_BYTES];

	parent_init(&parent, options);
	parent.load.ops = &check_ops;
	if (parent.loop == NULL || !watch_signals(&parent) ||
	    !place_init_config(&parent.place, options->config_dir, why)) {
		parent_complain(&parent, "%s", parent.loop == NULL || parent.signals_fd < 0 ? "no memory" : why);
		return EXIT_FAILURE;
	}
	parent_load(&parent, FIRST);
	run(&parent);
	clean_up(&parent);
	sys_loop_free(parent.loop);
	return parent.exit_code;
}
