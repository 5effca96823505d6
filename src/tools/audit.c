/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/audit.h"

#include "tools/audit_baseline.h"
#include "tools/audit_consent.h"
#include "tools/audit_probe.h"
#include "tools/audit_remedy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct audit {
	struct tool_audit_options options;
	struct tool_secret secret;
	size_t count;
	struct tool_audit_host hosts[TOOL_AUDIT_TARGETS_MAX];
};

static enum tool_exit wrong_is(int exit, const char *wrong)
{
	fflush(stdout);
	fprintf(stderr, "tollgate audit: %s\n", wrong);
	return (enum tool_exit)exit;
}

static bool has_colour(void)
{
	const char *terminal = getenv("TERM");
	const char *none = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && terminal != NULL && strcmp(terminal, "dumb") != 0 &&
	       (none == NULL || none[0] == '\0');
}

static enum tool_exit help(void)
{
	puts("usage: tollgate audit [OPTION]... HOST[:PORT]...\n"
	     "       tollgate audit --remedy WHAT [HOST:PORT]\n\n"
	     "What strangers learn of IAX2 hosts of yours, and what they can do there: asked over the wire, one host "
	     "at a\n"
	     "time, at most 10 packets a second and 400 in all. UDP port 4569 unless said otherwise.\n");
	tool_options_print(tool_audit_option_table);
	puts("\nExit codes: 0 nothing of medium severity or worse, 1 medium, 2 high (or the command line is wrong: "
	     "then\n"
	     "nothing was asked or printed), 3 critical, 4 something could not be tested, 7 a file cannot be used.");
	return TOOL_OK;
}

/* ---- The outcome ---- */

static int code_of(enum tool_audit_severity severity)
{
#define X(name, text, code) [name] = (code),
	static const int codes[] = { TOOL_AUDIT_SEVERITIES(X) };
#undef X
	return codes[severity];
}

static bool is_tested(const struct tool_audit_host *host, bool expect_silence)
{
	if (expect_silence) {
		return host->presence != TOOL_AUDIT_BROKEN;
	}
	return host->presence == TOOL_AUDIT_ANSWERS && !host->record->cut_short;
}

int tool_audit_exit(const struct tool_audit_host *hosts, size_t count, bool expect_silence)
{
	int exit = 0;
	bool tested = true;

	for (size_t i = 0; i < count; i++) {
		tested = tested && is_tested(&hosts[i], expect_silence);
		for (size_t row = 0; row < hosts[i].row_count; row++) {
			const struct tool_audit_verdict *verdict = &hosts[i].verdicts[row];

			if (verdict->state == TOOL_AUDIT_FOUND && !verdict->allowed &&
			    code_of(verdict->severity) > exit) {
				exit = code_of(verdict->severity);
			}
		}
	}
	return exit == 0 && !tested ? TOOL_AUDIT_EXIT_UNTESTED : exit;
}

/* ---- The run ---- */

static void judge(struct tool_audit_host *host, bool expect_silence)
{
	host->presence = tool_audit_presence(host->record);
	host->row_count = tool_audit_judge(host->record, host->verdicts);
	if (expect_silence && host->presence == TOOL_AUDIT_ANSWERS && host->verdicts[0].state == TOOL_AUDIT_FOUND) {
		host->verdicts[0].severity = TOOL_AUDIT_MEDIUM; /* the first row: it answers */
	}
}

static bool ask_hosts(struct audit *audit)
{
	for (size_t i = 0; i < audit->count; i++) {
		struct tool_audit_host *host = &audit->hosts[i];

		host->record = calloc(1, sizeof(*host->record));
		if (host->record == NULL) {
			return false;
		}
		if (isatty(STDERR_FILENO)) {
			fprintf(stderr, "asking %s\n", host->target);
		}
		tool_audit_ask(host->record, &audit->options, &audit->secret, host->remote);
		judge(host, audit->options.expect_silence);
	}
	return true;
}

static enum tool_exit print_json(const struct audit *audit, int exit)
{
	char *text = tool_audit_json(audit->hosts, audit->count, exit);

	if (text == NULL) {
		return wrong_is(TOOL_AUDIT_EXIT_UNTESTED, "no memory for the report");
	}
	puts(text);
	free(text);
	return (enum tool_exit)exit;
}

static enum tool_exit report(struct audit *audit)
{
	const struct tool_audit_options *options = &audit->options;
	char wrong[TOOL_WRONG_BYTES];
	int exit = 0;

	if (options->write_baseline != NULL &&
	    !tool_audit_baseline_write(options->write_baseline, audit->hosts, audit->count, wrong)) {
		return wrong_is(TOOL_FILE, wrong);
	}
	if (options->baseline != NULL &&
	    !tool_audit_baseline_read(options->baseline, audit->hosts, audit->count, wrong)) {
		return wrong_is(TOOL_FILE, wrong);
	}
	exit = tool_audit_exit(audit->hosts, audit->count, options->expect_silence);
	if (options->json) {
		return print_json(audit, exit);
	}
	for (size_t i = 0; i < audit->count; i++) {
		tool_audit_print(&audit->hosts[i], options, has_colour());
	}
	tool_audit_print_sum(audit->hosts, audit->count, exit);
	return (enum tool_exit)exit;
}

static enum tool_exit find_targets(struct audit *audit)
{
	char wrong[TOOL_WRONG_BYTES];

	for (size_t i = 0; i < audit->options.target_count; i++) {
		struct tool_audit_host *host = &audit->hosts[audit->count++];

		host->target = audit->options.targets[i];
		if (!tool_audit_target(&host->remote, host->target, wrong)) {
			return wrong_is(TOOL_AUDIT_EXIT_UNTESTED, wrong);
		}
	}
	return TOOL_OK;
}

static enum tool_exit remedy(const struct tool_audit_options *options)
{
	struct tg_addr addr = { .port = IAX_PORT };
	char wrong[TOOL_WRONG_BYTES];

	if (options->target_count > 0 && !tool_audit_target(&addr, options->targets[0], wrong)) {
		return wrong_is(TOOL_AUDIT_EXIT_UNTESTED, wrong);
	}
	if (!tool_audit_remedy_print(stdout, options->remedy, addr.port)) {
		return wrong_is(TOOL_USAGE, "--remedy: expected nftables, iptables, ip6tables, ansible or disable, "
		                            "or one of them with -undo behind it");
	}
	return TOOL_OK;
}

static enum tool_exit audit_run(struct audit *audit)
{
	const struct tool_audit_options *options = &audit->options;
	char wrong[TOOL_WRONG_BYTES];
	enum tool_exit exit = find_targets(audit);

	if (exit != TOOL_OK) {
		return exit;
	}
	if (options->account != NULL &&
	    !tool_secret_init(&audit->secret, options->secret_file, options->account, wrong, sizeof(wrong))) {
		return wrong_is(TOOL_FILE, wrong);
	}
	if (options->baseline != NULL && !tool_audit_baseline_read(options->baseline, NULL, 0, wrong)) {
		return wrong_is(TOOL_FILE, wrong); /* before a minute is spent */
	}
	if (!tool_audit_consent(options, audit->hosts, audit->count, wrong)) {
		return wrong_is(TOOL_AUDIT_EXIT_UNTESTED, wrong);
	}
	if (!ask_hosts(audit)) {
		return wrong_is(TOOL_AUDIT_EXIT_UNTESTED, "no memory");
	}
	return report(audit);
}

static void audit_free(struct audit *audit)
{
	for (size_t i = 0; i < audit->count; i++) {
		free(audit->hosts[i].record);
	}
	tool_secret_deinit(&audit->secret);
	free(audit);
}

enum tool_exit tool_audit_main(const struct tool_env *env, int argc, char **argv)
{
	struct audit *audit = calloc(1, sizeof(*audit));
	char wrong[TOOL_WRONG_BYTES];
	enum tool_exit exit = TOOL_OK;

	(void)env;
	if (audit == NULL) {
		return wrong_is(TOOL_AUDIT_EXIT_UNTESTED, "no memory");
	}
	if (!tool_audit_options_parse(&audit->options, argc, argv, wrong)) {
		exit = wrong_is(TOOL_USAGE, wrong);
		fputs("Try: tollgate audit --help\n", stderr);
	} else if (audit->options.help) {
		exit = help();
	} else if (audit->options.remedy != NULL) {
		exit = remedy(&audit->options);
	} else {
		exit = audit_run(audit);
	}
	audit_free(audit);
	return exit;
}
