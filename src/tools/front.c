/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/front.h"

#include "tools/conf_read.h"
#include "tools/front_file.h"
#include "tools/options.h"
#include "tools/places.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AT(field) offsetof(struct front_options, field)

static const struct tool_option option_table[] = {
	{ "--config", "DIR", "the backend's configuration (/etc/asterisk)", TOOL_OPTION_TEXT, AT(config), 0, 0, 0 },
	{ "--out", "DIR", "ours, which is written (" TOOL_CONFIG_DIR ")", TOOL_OPTION_TEXT, AT(out), 0, 0, 0 },
	{ "--backend", "ADDR:PORT", "where the backend moves to (127.0.0.1:4570)", TOOL_OPTION_TEXT, AT(backend), 0, 0,
	  0 },
	{ "--state", "DIR", "where the old files are kept (" TOOL_STATE_DIR ")", TOOL_OPTION_TEXT, AT(state), 0, 0, 0 },
	{ "--dry-run", NULL, "init: say what would change, and change nothing", TOOL_OPTION_FLAG, AT(dry_run), 0, 0,
	  0 },
	{ "--yes", NULL, "init: do not ask", TOOL_OPTION_FLAG, AT(yes), 0, 0, 0 },
	{ "--force", NULL, "undo: also if a file was changed since", TOOL_OPTION_FLAG, AT(force), 0, 0, 0 },
	{ "--help", NULL, "this text", TOOL_OPTION_FLAG, AT(help), 0, 0, 0 },
	{ 0 },
};

#undef AT

static enum tool_exit help(void)
{
	puts("usage: tollgate front init [OPTION]...\n"
	     "       tollgate front undo [--config DIR] [--state DIR] [--force]\n"
	     "\n"
	     "Put Tollgate in front of an Asterisk, which moves to a loopback address: its files are changed as little "
	     "as "
	     "can be,\n"
	     "ours are written. undo gives the old files back, octet for octet.\n");
	tool_options_print(option_table);
	puts("\nExit codes: 0 done, or nothing to do; 1 refused, nothing was changed; 2 wrong usage; 7 a file cannot "
	     "be "
	     "read or written.");
	return TOOL_OK;
}

static enum tool_exit fail(enum tool_exit code, const char *why)
{
	fprintf(stderr, "tollgate front: %s\n", why);
	return code;
}

/* ---- init ---- */

/* An earlier init: done, or stopped half way. */
static enum tool_exit already(const struct front_keep *keep)
{
	for (size_t i = 0; i < keep->count; i++) {
		if (front_keep_look(&keep->entries[i]) == FRONT_IS_OLD) {
			return fail(TOOL_FAILED, "an earlier init did not come to its end: \"tollgate front undo\" "
			                         "gives the old files back, then run this again");
		}
	}
	puts("Tollgate is in front already; \"tollgate front undo\" takes that back.");
	for (size_t i = 0; i < keep->count; i++) {
		if (front_keep_look(&keep->entries[i]) == FRONT_IS_CHANGED) {
			printf("  %s was changed since.\n", keep->entries[i].path);
		}
	}
	return TOOL_OK;
}

static enum tool_exit fail_problems(const struct front_work *work, const char *what)
{
	char line[CONF_PROBLEM_BYTES];

	for (const struct conf_problem *p = work->problems.first; p != NULL; p = p->next) {
		if (p->severity == CONF_ERROR) {
			fprintf(stderr, "%s\n", conf_problem_format(p, line));
		}
	}
	return fail(TOOL_FAILED, what);
}

/* Absolute and without links; the last part need not be there. @return malloc'd, or NULL with errno */
static char *resolve(const char *path)
{
	char *real = realpath(path, NULL);
	char *parent = NULL, *resolved = NULL;

	if (real != NULL || errno != ENOENT || (parent = strdup(path)) == NULL) {
		return real;
	}
	for (size_t len = strlen(parent); len > 1 && parent[len - 1] == '/'; len--) {
		parent[len - 1] = '\0';
	}
	char *slash = strrchr(parent, '/');
	const char *name = slash != NULL ? slash + 1 : parent;

	real = realpath(slash == NULL ? "." : slash == parent ? "/" : (*slash = '\0', parent), NULL);
	if (real != NULL && asprintf(&resolved, "%s/%s", strcmp(real, "/") == 0 ? "" : real, name) < 0) {
		resolved = NULL;
	}
	free(real);
	free(parent);
	return resolved;
}

static bool is_confirmed(void)
{
	char line[16] = "";

	fputs("Write this (yes/no)? ", stdout);
	fflush(stdout);
	return fgets(line, sizeof(line), stdin) != NULL && strcmp(line, "yes\n") == 0;
}

static void told(void *owner, const char *path, const char *what)
{
	(void)owner;
	printf("%s: %s\n", path, what);
}

static enum tool_exit write_all(struct front_work *work, struct front_keep *keep)
{
	char why[FRONT_WHY_BYTES] = "not enough memory", again[FRONT_WHY_BYTES];

	if (front_keep_apply(keep, work->folders, work->writes, why)) {
		puts("Done.");
		front_print_next(work);
		return TOOL_OK;
	}
	fail(TOOL_FILE, why);
	if (keep->count > 0 && !front_keep_undo(keep, false, told, NULL, again)) {
		fail(TOOL_FILE, again);
		return fail(TOOL_FILE, "run \"tollgate front undo\" when that is mended");
	}
	return fail(TOOL_FILE, "nothing is changed");
}

static enum tool_exit confirm_and_write(struct front_work *work)
{
	struct front_keep keep = { .fd = -1 };
	char why[FRONT_WHY_BYTES] = "not enough memory";
	enum tool_exit code;

	front_print(work);
	if (work->options->dry_run) {
		puts("Nothing was written (--dry-run).");
		return TOOL_OK;
	}
	if (!work->options->yes && !isatty(STDIN_FILENO)) {
		return fail(TOOL_USAGE, "there is no terminal to ask whether to write this: --yes, or --dry-run");
	}
	if (!work->options->yes && !is_confirmed()) {
		return fail(TOOL_FAILED, "nothing was written");
	}
	if (front_keep_open(&keep, work->options->state, true, why) != FRONT_KEEP_OPEN) {
		code = fail(TOOL_FILE, why);
	} else {
		code = keep.count > 0 ? already(&keep) : write_all(work, &keep);
	}
	front_keep_close(&keep);
	return code;
}

static enum tool_exit plan_and_write(struct front_work *work, const struct conf_files *files, struct tg_addr backend)
{
	char why[FRONT_WHY_BYTES] = "not enough memory";

	if (!front_plan_make(&work->plan, files, work->config, backend, &work->problems)) {
		return fail_problems(work, "the backend's configuration cannot be carried; nothing was changed");
	}
	if (!front_work_files(work, why)) {
		return fail(TOOL_FILE, why);
	}
	if (!front_work_check(work)) {
		return fail_problems(work,
		                     "Tollgate cannot use the copy for these reasons; nothing was changed. Mend the "
		                     "backend's files");
	}
	return confirm_and_write(work);
}

static enum tool_exit init_in(struct front_work *work, struct tg_addr backend)
{
	struct tool_conf_folder folder;

	if (strcmp(work->config, work->out) == 0) {
		return fail(TOOL_USAGE, "--out is the backend's own folder");
	}
	if (!tool_conf_open(&folder, work->config)) {
		return fail(TOOL_FILE, strerror(errno));
	}
	const enum tool_exit code = plan_and_write(work, &folder.files, backend);

	tool_conf_close(&folder);
	front_plan_free(&work->plan);
	conf_problems_free(&work->problems);
	return code;
}

static enum tool_exit init(const struct front_options *options)
{
	struct front_work work = { .options = options };
	char why[FRONT_WHY_BYTES] = "not enough memory";
	struct front_keep keep;
	struct tg_addr backend;
	enum tool_exit code = TOOL_FILE;

	/* The addresses that it is told are of IPv4. */
	if (!tg_addr_parse(&backend, tg_span_text(options->backend), 4570) || backend.family != TG_IPV4 ||
	    !tg_addr_is_loopback(backend) || backend.port == 0) {
		return fail(TOOL_USAGE, "--backend: expected an IPv4 loopback address and a port, as 127.0.0.1:4570");
	}
	const enum front_keep_opened opened = front_keep_open(&keep, options->state, false, why);

	if (opened != FRONT_KEEP_NONE) {
		code = opened == FRONT_KEEP_FAILED ? fail(TOOL_FILE, why) : keep.count > 0 ? already(&keep) : TOOL_OK;
	}
	const bool is_free = opened == FRONT_KEEP_NONE || (opened == FRONT_KEEP_OPEN && keep.count == 0);

	front_keep_close(&keep);
	if (!is_free) {
		return code;
	}
	work.config = realpath(options->config, NULL);
	work.out = work.config != NULL ? resolve(options->out) : NULL;
	if (work.out == NULL) {
		front_file_failed(why, "cannot look at", work.config == NULL ? options->config : options->out);
		code = fail(TOOL_FILE, why);
	} else {
		code = init_in(&work, backend);
	}
	free(work.config);
	free(work.out);
	return code;
}

/* ---- undo ---- */

/* The backend's files without what is needed to take it back. */
static enum tool_exit nothing(const struct front_options *options)
{
	char path[PATH_MAX], why[FRONT_WHY_BYTES];

	snprintf(path, sizeof(path), "%.2000s/%s", options->config, FRONT_OVERLAY);
	if (access(path, F_OK) == 0) {
		snprintf(why, sizeof(why),
		         "%.200s is there, but %.200s/front has no manifest: --state DIR of the init that wrote it",
		         path, options->state);
		return fail(TOOL_FAILED, why);
	}
	puts("Nothing to undo: Tollgate is not in front.");
	return TOOL_OK;
}

static enum tool_exit undo(const struct front_options *options)
{
	char why[FRONT_WHY_BYTES] = "not enough memory";
	struct front_keep keep;
	enum tool_exit code = TOOL_OK;
	const enum front_keep_opened opened = front_keep_open(&keep, options->state, false, why);

	if (opened == FRONT_KEEP_FAILED) {
		code = fail(TOOL_FILE, why);
	} else if (opened == FRONT_KEEP_NONE || keep.count == 0) {
		code = nothing(options);
	} else if (!front_keep_undo(&keep, options->force, told, NULL, why)) {
		code = fail(TOOL_FAILED, why);
	} else {
		puts("Done. Next: systemctl stop tollgated; systemctl restart asterisk");
	}
	front_keep_close(&keep);
	return code;
}

enum tool_exit tool_front_main(const struct tool_env *env, int argc, char **argv)
{
	static const struct {
		const char *word;
		enum tool_exit (*run)(const struct front_options *options);
	} verbs[] = { { "init", init }, { "undo", undo } };
	struct front_options options = {
		.config = "/etc/asterisk", .out = TOOL_CONFIG_DIR, .backend = "127.0.0.1:4570", .state = env->state_dir
	};
	char wrong[TOOL_WRONG_BYTES];
	const int count = tool_options_parse(option_table, &options, argc, argv, wrong);

	if (count < 0) {
		return fail(TOOL_USAGE, wrong);
	}
	if (options.help) {
		return help();
	}
	for (size_t i = 0; count == 1 && i < TG_COUNT(verbs); i++) {
		if (strcmp(verbs[i].word, argv[0]) == 0) {
			return verbs[i].run(&options);
		}
	}
	return fail(TOOL_USAGE, "expected init or undo; try: tollgate front --help");
}
