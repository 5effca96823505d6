/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/setup.h"

#include "tools/check.h"
#include "tools/ctl.h"
#include "tools/places.h"

#include <grp.h>
#include <jansson.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RUN_LIMIT_US (60ULL * 1000 * 1000)

/* ---- The check ---- */

static void print_indented(const char *text)
{
	while (text != NULL && *text != '\0') {
		const int len = (int)strcspn(text, "\n");

		printf("   %.*s\n", len, text);
		text += len + (text[len] != '\0' ? 1 : 0);
	}
}

static bool check_by_daemon(struct setup *setup, const char *folder)
{
	char program[SETUP_PATH_BYTES];
	const char *const argv[] = { program, "--check-config", "--config", folder, NULL };
	char *said = NULL, *complained = NULL;
	int code = 0;

	setup_program("tollgated", program, sizeof(program));
	if (program[0] == '\0') {
		puts("   tollgated is not installed here; its loader looks at the files all the same.");
		return true;
	}
	code = setup_run(&setup->io, argv, NULL, RUN_LIMIT_US, &said, &complained);
	print_indented(
		complained); /* what it says of weak secrets on standard output, it offers new ones for: not here */
	if (code != 0 && !setup->io.interrupted) {
		setup_say(TOOL_FAILED, "tollgated cannot use these files");
	}
	free(said);
	free(complained);
	return code == 0;
}

struct counting {
	uint32_t counts[RISK_SEVERITIES];
};

static void count_risk(void *owner, const struct risk *risk)
{
	struct counting *counting = owner;

	counting->counts[risk->severity]++;
	if (risk->severity != RISK_NOTE) {
		printf("   %s [%s]: %s\n      mend: %s\n", risk_severity_name(risk->severity), risk->id, risk->text,
		       risk->mend);
	}
}

bool setup_check(struct setup *setup, const char *folder)
{
	struct tool_checked checked;
	struct counting counting = { { 0 } };
	bool ok = check_by_daemon(setup, folder);

	ok = ok && tool_check_read(&checked, folder);
	if (!ok) {
		return false;
	}
	risk_find(checked.conf.world, checked.reach, count_risk, &counting);
	tool_check_free(&checked);
	printf("   tollgated can use these files; tollgate check: %u critical, %u warnings, %u notes.\n",
	       (unsigned)counting.counts[RISK_CRITICAL], (unsigned)counting.counts[RISK_WARNING],
	       (unsigned)counting.counts[RISK_NOTE]);
	return counting.counts[RISK_CRITICAL] == 0;
}

/* ---- The test call ---- */

static void call_uri(const struct setup *setup, char *uri, size_t size_bytes)
{
	struct tg_addr addr = setup->plan.listen[0];
	char text[TG_ADDR_TEXT_BYTES];

	if (tg_addr_is_any(addr)) {
		const uint16_t port = addr.port;

		if (!tg_addr_parse(&addr, tg_span_text(addr.family == TG_IPV4 ? "127.0.0.1" : "::1"), port)) {
			return;
		}
		addr.port = port;
	}
	snprintf(uri, size_bytes, "iax2:%s@%s/" SETUP_ECHO, setup_caller(&setup->plan)->name,
	         tg_addr_format(addr, text));
}

static double number_at(json_t *json, const char *key)
{
	return json_number_value(json_object_get(json, key));
}

static const char *text_at(json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text != NULL ? text : "";
}

static enum tool_exit tell_echo(json_t *report)
{
	json_t *received = json_object_get(report, "received");
	const double sent = number_at(report, "sent"), came = number_at(received, "packets"),
		     same = number_at(report, "same"), lost = number_at(received, "lost");
	const bool heard = same > 0 && same >= sent / 2;

	printf("   Answered after %.0f ms, codec %s. %.0f packets of voice were sent, %.0f came back, %.0f of them as "
	       "they were "
	       "sent, %.0f were lost;\n   round trip %.1f ms, jitter %.1f ms.\n",
	       number_at(report, "setup_ms"), text_at(report, "codec"), sent, came, same, lost,
	       number_at(report, "rtt_ms"), number_at(received, "jitter_ms"));
	puts(heard ? "   The exchange works from this machine: who calls " SETUP_ECHO " hears himself.\n"
	             "   Phones elsewhere need the UDP port to be open in every firewall between."
	           : "   The call was answered, but what was said did not come back.");
	return heard ? TOOL_OK : TOOL_BROKEN;
}

static enum tool_exit tell_call(const char *said, const char *complained, int code)
{
	json_t *report = said != NULL ? json_loads(said, 0, NULL) : NULL;
	enum tool_exit exit = code > 0 ? (enum tool_exit)code : TOOL_FAILED;

	if (report == NULL) {
		puts("   The call could not be placed:");
		print_indented(complained);
	} else if (number_at(report, "sent") > 0) {
		exit = tell_echo(report);
	} else {
		printf("   The call was not answered: %s%s%s.\n", text_at(report, "state"),
		       text_at(report, "cause_text")[0] != '\0' ? ", " : "", text_at(report, "cause_text"));
	}
	json_decref(report);
	return exit;
}

static enum tool_exit place_call(struct setup *setup)
{
	char program[SETUP_PATH_BYTES], uri[SETUP_NAME_BYTES + TG_ADDR_TEXT_BYTES + 16] = "";
	const char *const argv[] = { program, "call",      "--json", "--quiet", "--duration",
		                     "3",     "--timeout", "10",     uri,       NULL };
	char *said = NULL, *complained = NULL;
	enum tool_exit exit = TOOL_FAILED;

	call_uri(setup, uri, sizeof(uri));
	setup_program("tollgate", program, sizeof(program));
	printf("\nA test call as %s to " SETUP_ECHO ", which sends back what it hears: three seconds.\n",
	       setup_caller(&setup->plan)->name);
	const int code = setup_run(&setup->io, argv, setup_caller(&setup->plan)->secret, RUN_LIMIT_US, &said,
	                           &complained);

	exit = tell_call(said, complained, code);
	free(said);
	free(complained);
	return exit;
}

/* ---- The start ---- */

static bool runs_already(const struct setup *setup)
{
	char wrong[TOOL_WRONG_BYTES];
	struct tool_ctl *ctl = tool_ctl_open(setup->state_dir, wrong, sizeof(wrong));

	tool_ctl_free(ctl);
	return ctl != NULL;
}

static void print_call(const struct setup *setup)
{
	char uri[SETUP_NAME_BYTES + TG_ADDR_TEXT_BYTES + 16] = "";

	call_uri(setup, uri, sizeof(uri));
	printf("Then try it: tollgate call --duration 5 %s\n", uri);
}

static bool start_by_systemd(const struct setup *setup)
{
	return access("/run/systemd/system", F_OK) == 0 && strcmp(setup->place.folder, TOOL_CONFIG_DIR) == 0 &&
	       strcmp(setup->state_dir, TOOL_STATE_DIR) == 0;
}

static enum tool_exit start_daemon(struct setup *setup, const char *program)
{
	const bool other = getuid() == 0 && getpwnam(TOOL_DAEMON) != NULL;
	const char *const argv[] = {
		program,     "--config", setup->place.folder, "--state", setup->state_dir, other ? "--user" : NULL,
		TOOL_DAEMON, NULL
	};
	char *said = NULL;
	const int code = setup_run(&setup->io, argv, NULL, RUN_LIMIT_US, &said, NULL);

	if (code == 0) {
		printf("   It runs. Console: tollgate --state %s console. To end it: tollgate --state %s -x \"core "
		       "stop "
		       "now\"\n",
		       setup->state_dir, setup->state_dir);
	} else {
		setup_say(TOOL_FAILED, "tollgated did not start; the files are written");
		print_indented(said);
	}
	free(said);
	return code == 0 ? TOOL_OK : TOOL_FAILED;
}

static void print_start(const struct setup *setup)
{
	printf("\nTo start it: tollgated --config %s --state %s%s\n", setup->place.folder, setup->state_dir,
	       getuid() == 0 && getpwnam(TOOL_DAEMON) != NULL ? " --user " TOOL_DAEMON : "");
	print_call(setup);
}

enum tool_exit setup_start(struct setup *setup)
{
	char program[SETUP_PATH_BYTES], trouble[TOOL_WRONG_BYTES];
	bool yes = false;

	setup_program("tollgated", program, sizeof(program));
	if (runs_already(setup)) {
		printf("\nA tollgated runs with %s already. If it reads %s: tollgate --state %s -x \"iax2 reload\"\n"
		       "(new addresses and ports want a restart).\n",
		       setup->state_dir, setup->place.folder, setup->state_dir);
		return TOOL_OK;
	}
	if (start_by_systemd(setup)) {
		puts("\nTo start it, now and at each boot: systemctl enable --now tollgated");
		print_call(setup);
		return TOOL_OK;
	}
	if (setup_port_trouble(&setup->plan, trouble)) {
		setup_say(TOOL_NETWORK, "%s: not started", trouble);
		print_start(setup);
		return setup->plan.start ? TOOL_NETWORK : TOOL_OK;
	}
	puts("");
	if (program[0] == '\0' || !setup_ask_yes(setup, "Start tollgated now?", setup->plan.start, &yes) || !yes) {
		print_start(setup);
		return TOOL_OK;
	}
	const enum tool_exit exit = start_daemon(setup, program);

	return exit != TOOL_OK || !setup->plan.call ? exit : place_call(setup);
}
