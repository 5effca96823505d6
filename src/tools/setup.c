/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/setup.h"

#include "crypt/hash.h"
#include "tools/places.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AT(field) offsetof(struct setup_options, field)

static const struct tool_option option_table[] = {
	{ "--config", "DIR", "where the files go (" TOOL_CONFIG_DIR ")", TOOL_OPTION_TEXT, AT(folder), 0, 0, 0 },
	{ "--answers", "FILE", "lines of key=value; - is standard input. Nothing is asked then", TOOL_OPTION_TEXT,
	  AT(answers), 0, 0, 0 },
	{ "--yes", NULL, "ask nothing; the defaults will do", TOOL_OPTION_FLAG, AT(yes), 0, 0, 0 },
	{ "--help", NULL, "this text", TOOL_OPTION_FLAG, AT(help), 0, 0, 0 },
	{ 0 },
};

#undef AT

enum tool_exit setup_say(enum tool_exit exit, const char *format, ...)
{
	va_list values;

	fflush(stdout);
	fputs("tollgate setup: ", stderr);
	va_start(values, format);
	vfprintf(stderr, format, values);
	va_end(values);
	fputc('\n', stderr);
	return exit;
}

static enum tool_exit help(void)
{
	puts("usage: tollgate [--state DIR] setup [OPTION]...\n"
	     "\n"
	     "Asks what a first exchange needs to know, writes its files, checks them, starts it and places a test "
	     "call.\n");
	tool_options_print(option_table);
	puts("\nKeys of the answers, and what holds without them:");
	for (const struct setup_key *key = setup_key_table; key->name != NULL; key++) {
		char left[64];

		snprintf(left, sizeof(left), "%s=%s", key->name, key->value);
		printf("  %-36s %s\n", left, key->help);
	}
	return TOOL_OK;
}

static enum tool_exit nothing_written(void)
{
	puts("");
	return setup_say(TOOL_FAILED, "left; nothing was written");
}

/* ---- Answers ---- */

static enum tool_exit read_answers(struct setup *setup)
{
	const bool is_input = strcmp(setup->options.answers, "-") == 0;
	FILE *file = is_input ? stdin : fopen(setup->options.answers, "re");
	char wrong[TOOL_WRONG_BYTES];
	bool ok = false;

	if (file == NULL) {
		return setup_say(TOOL_FILE, "%s: %s", setup->options.answers, strerror(errno));
	}
	ok = setup_answers_read(&setup->plan, file, wrong);
	if (!is_input) {
		fclose(file);
	}
	return ok ? TOOL_OK : setup_say(TOOL_USAGE, "%s: %s", setup->options.answers, wrong);
}

/* What is there already is replaced only if somebody says so. */
static enum tool_exit may_replace(struct setup *setup)
{
	char question[SETUP_PATH_BYTES + 128];

	if (!setup_place_has_files(&setup->place) || setup->plan.replace) {
		return TOOL_OK;
	}
	snprintf(question, sizeof(question),
	         "%s has a configuration already. Replace it (the old files are kept as backup)?", setup->place.folder);
	if (!setup_ask_yes(setup, question, false, &setup->plan.replace)) {
		return nothing_written();
	}
	return setup->plan.replace
	               ? TOOL_OK
	               : setup_say(TOOL_FILE, "%s has a configuration already, and stays as it is (replace=yes)",
	                           setup->place.folder);
}

static enum tool_exit gather(struct setup *setup)
{
	char wrong[TOOL_WRONG_BYTES];
	enum tool_exit exit = setup->options.answers != NULL ? read_answers(setup) : TOOL_OK;

	if (exit != TOOL_OK || (exit = may_replace(setup)) != TOOL_OK) {
		return exit;
	}
	if (setup->asks && !setup_ask(setup)) {
		return nothing_written();
	}
	return setup_plan_finish(&setup->plan, wrong) ? TOOL_OK : setup_say(TOOL_USAGE, "%s", wrong);
}

/* ---- Files ---- */

static bool stage(struct setup *setup, char wrong[TOOL_WRONG_BYTES])
{
	if (!setup_place_stage(&setup->place, wrong)) {
		return false;
	}
	for (size_t i = 0; setup_file_names[i] != NULL; i++) {
		char *text = setup_file_text(&setup->plan, setup_file_names[i]);
		const bool ok = text != NULL ? setup_place_write(&setup->place, setup_file_names[i], text, wrong)
		                             : setup_wrong(wrong, "no memory");

		if (text != NULL) {
			crypt_wipe(text, strlen(text));
		}
		free(text);
		if (!ok) {
			return false;
		}
	}
	return true;
}

static void print_written(const struct setup *setup)
{
	const struct setup_place *place = &setup->place;

	for (size_t i = 0; setup_file_names[i] != NULL; i++) {
		printf("   %s/%s", place->folder, setup_file_names[i]);
		if (place->kept[i]) {
			printf(" (the old one is %s.backup-%s)", setup_file_names[i], place->stamp);
		}
		puts("");
	}
}

static enum tool_exit write_files(struct setup *setup)
{
	char wrong[TOOL_WRONG_BYTES];
	bool yes = true;

	if (setup->asks) {
		puts("");
	}
	if (!setup_ask_yes(setup, "Check and write the files?", true, &yes) || !yes) {
		return nothing_written();
	}
	if (!stage(setup, wrong)) {
		return setup_say(TOOL_FILE, "%s; nothing was written", wrong);
	}
	puts("\nChecking:");
	if (!setup_check(setup, setup->place.stage) || setup_io_interrupted(&setup->io)) {
		return nothing_written();
	}
	if (!setup_place_commit(&setup->place, wrong)) {
		return setup_say(TOOL_FILE, "%s; all is as it was", wrong);
	}
	puts("\nWritten:");
	print_written(setup);
	return TOOL_OK;
}

/* ---- The end ---- */

static void print_secret(const struct setup_party *party)
{
	switch (party->kind) {
	case SETUP_PHONE:
	case SETUP_NODE:
		printf("   %-16s number %-10s secret %s\n", party->name, party->number, party->secret);
		break;
	case SETUP_SITE:
		printf("   %-16s numbers %s...%*s secret %s (the same over there)\n", party->name, party->number,
		       (int)(6 - (strlen(party->number) < 6 ? strlen(party->number) : 6)), "", party->secret);
		break;
	case SETUP_TRUNK: /* it was given to us */
		break;
	}
}

void setup_print_secrets(const struct setup *setup)
{
	char text[TG_ADDR_TEXT_BYTES];

	if (!setup->plan.show_secrets) {
		printf("\nThe secrets are in %s/iax.conf.\n", setup->place.folder);
		return;
	}
	puts("\nThe accounts, shown this once (they are in iax.conf):");
	for (size_t i = 0; i < setup->plan.count; i++) {
		print_secret(&setup->plan.parties[i]);
	}
	printf("In a phone: protocol IAX2, user name the account's name, password the secret, UDP port %u; as server "
	       "or "
	       "registrar\n",
	       setup->plan.listen[0].port);
	if (tg_addr_is_any(setup->plan.listen[0])) {
		puts("one of these that the phone can reach:");
		setup_print_addresses();
	} else {
		printf("%s.\n", tg_addr_format_host(setup->plan.listen[0], text));
	}
	puts("Then dial " SETUP_ECHO " and hear yourself.");
}

static enum tool_exit run(struct setup *setup)
{
	char wrong[TOOL_WRONG_BYTES];
	enum tool_exit exit = TOOL_OK;

	if (!setup_place_look(&setup->place, setup->options.folder, TOOL_DAEMON, wrong)) {
		return setup_say(TOOL_FILE, "%s", wrong);
	}
	exit = gather(setup);
	if (exit != TOOL_OK || (exit = write_files(setup)) != TOOL_OK) {
		return exit;
	}
	exit = setup_start(setup);
	setup_print_secrets(setup);
	return exit;
}

static enum tool_exit run_in_terminal(struct setup *setup)
{
	enum tool_exit exit = TOOL_FAILED;

	if (!setup->asks && setup->options.answers == NULL && !setup->options.yes) {
		return setup_say(TOOL_USAGE,
		                 "there is no terminal to ask at: --answers FILE, or --yes for the defaults");
	}
	if (!setup_io_open(&setup->io)) {
		return setup_say(TOOL_FAILED, "no memory");
	}
	exit = run(setup);
	setup_place_drop(&setup->place);
	setup_io_close(&setup->io);
	return exit;
}

enum tool_exit tool_setup_main(const struct tool_env *env, int argc, char **argv)
{
	struct setup *setup = calloc(1, sizeof(*setup));
	char wrong[TOOL_WRONG_BYTES];
	enum tool_exit exit = TOOL_OK;
	int count = 0;

	if (setup == NULL) {
		return setup_say(TOOL_FAILED, "no memory");
	}
	setup->options.folder = TOOL_CONFIG_DIR;
	setup->state_dir = env->state_dir;
	setup_plan_init(&setup->plan);
	count = tool_options_parse(option_table, &setup->options, argc, argv, wrong);
	setup->asks = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && setup->options.answers == NULL &&
	              !setup->options.yes;
	setup->plan.show_secrets = isatty(STDOUT_FILENO);
	if (count != 0) {
		exit = setup_say(TOOL_USAGE, count < 0 ? "%s" : "unexpected: %s", count < 0 ? wrong : argv[0]);
	} else {
		exit = setup->options.help ? help() : run_in_terminal(setup);
	}
	setup_plan_deinit(&setup->plan);
	free(setup);
	return exit;
}
