/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "base/log.h"
#include "desk/show.h"
#include "desk_world.h"
#include "shown.h"

/* What needs the configuration alone, or nothing. */

static const struct desk_command *command_of(const char *words)
{
	const struct desk_command *command = desk_commands;

	while (command->words != NULL && strcmp(command->words, words) != 0) {
		command++;
	}
	CHECK_TRUE(command->words != NULL);
	return command;
}

/* What each command says that does nothing, and whether scripts are to take it as done. */
static void test_words(void **state)
{
	static const struct {
		const char *words;
		int exit;
		const char *first;
	} rows[] = {
		{ "iax2 show cache", DESK_OK, "Peer/Context         Exten        Exp.   Wait.  Flags" },
		{ "iax2 show firmware", DESK_OK, "Device          Version         Size" },
		{ "iax2 show provisioning", DESK_OK, "No provisioning templates found" },
		{ "iax2 provision", DESK_FAILED, "Refused: " },
		{ "iax2 prune realtime", DESK_OK, "Not applicable: " },
		{ "iax2 set debug trunk", DESK_FAILED, "Not applicable: " },
		{ "iax2 set debug jb", DESK_FAILED, "Not applicable: " },
		{ "iax2 set mtu", DESK_FAILED, "Not applicable: " },
		{ "iax2 test losspct", DESK_FAILED, "Not in this build: " },
		{ "keys show", DESK_OK, "Key Name             Type     Status           Sum" },
		{ "logger reload", DESK_OK, "Nothing to do: " },
		{ "logger rotate", DESK_FAILED, "Nothing was rotated: " },
		{ "logger mute", DESK_OK, "Nothing to do: " },
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct desk_view view = shown_view(0, NULL);
		struct desk_out out;

		desk_out_init(&out);
		view.command = command_of(rows[i].words);
		print_message("# %s\n", rows[i].words);
		CHECK_TRUE(view.command->print == desk_show_words);
		CHECK_INT(desk_show_words(&view, &out), rows[i].exit);
		CHECK_INT(strncmp(desk_out_text(&out), rows[i].first, strlen(rows[i].first)), 0);
		desk_out_deinit(&out);
	}
	for (const struct desk_command *command = desk_commands; command->words != NULL; command++) {
		bool tested = command->says == NULL;

		for (size_t i = 0; i < TG_COUNT(rows); i++) {
			tested = tested || strcmp(rows[i].words, command->words) == 0;
		}
		print_message("# %s\n", command->words);
		CHECK_TRUE(tested);
	}
}

static void test_threads(void **state)
{
	const struct desk_view view = shown_view(0, NULL);

	(void)state;
	check_shown(desk_show_threads, &view, DESK_OK,
	            "IAX2 worker threads: 1 (threads= of tollgate.conf, as of the last start)\n"
	            "It has signalling, openings and voice.\n"
	            "None is busy with one call: what they carried is in iax2 show stats.\n");
}

static void test_acl(void **state)
{
	struct desk_view view = shown_view(0, NULL);

	(void)state;
	check_shown(desk_show_acl, &view, DESK_OK, "acl\n---\nalice (user)\n");
	view = shown_view(1, WORDS("alice"));
	check_shown(desk_show_acl, &view, DESK_OK,
	            "ACL: alice (user)\n"
	            "---------------------------------------------\n"
	            "  0: permit - 192.0.2.0/24 (iax.conf:14)\n");
	view = shown_view(1, WORDS("bob"));
	check_shown(desk_show_acl, &view, DESK_FAILED,
	            "No account 'bob' has permit=, deny= or acl=. Lists of acl.conf are shown with the accounts.\n");
}

static void test_names(void **state)
{
	const struct desk_view view = shown_view(0, NULL);

	(void)state;
	check_shown(desk_show_names, &view, DESK_OK,
	            "DNS Manager: enabled\n"
	            "Refresh Interval: see --refresh of tollgated (300 seconds); sooner while a name has no address\n"
	            "  far.example.net                          register:1                               no address\n"
	            "Number of entries: 1\n");
}

static void test_loggers(void **state)
{
	struct desk_view view = shown_view(0, NULL);

	(void)state;
	view.log_level = TG_NOTICE;
	check_shown(desk_show_loggers, &view, DESK_OK,
	            "Channel                             Type     Status   Configuration\n"
	            "standard error                      Console  Enabled  NOTICE WARNING ERROR\n"
	            "security.log                        File     Enabled  SECURITY\n"
	            "security-events.log                 File     Enabled  SECURITY\n"
	            "security.json                       File     Enabled  SECURITY\n"
	            "syslog                              Syslog   Disabled SECURITY\n"
	            "Standard error is the journal's, or tollgated.log in the state folder; files are in the state "
	            "folder.\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words), cmocka_unit_test(test_threads), cmocka_unit_test(test_acl),
		cmocka_unit_test(test_names), cmocka_unit_test(test_loggers),
	};

	return cmocka_run_group_tests_name("facts", tests, shown_setup, shown_teardown);
}
