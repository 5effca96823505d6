/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "../conf/memory_files.h"
#include "conf/conf.h"
#include "switch/risk.h"
#include "tools/setup_place.h"
#include "tools/setup_plan.h"

#include <dirent.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static bool plan_read(struct setup_plan *plan, const char *answers, char wrong[TOOL_WRONG_BYTES])
{
	FILE *file = fmemopen((void *)(uintptr_t)answers, strlen(answers), "r");
	bool ok = false;

	setup_plan_init(plan);
	wrong[0] = '\0';
	ok = setup_answers_read(plan, file, wrong) && setup_plan_finish(plan, wrong);
	fclose(file);
	return ok;
}

/* ---- What is refused, and why ---- */

static const struct {
	const char *answers, *why;
} refused[] = {
	{ "acount=alice 2001\n", "line 1: acount is no key; did you mean account?" },
	{ "# a comment\n\nlisten\n", "line 3: expected key=value" },
	{ "listen=here\n", "line 1: here is no address; expected all, both, or addresses with commas between them" },
	{ "listen=\n", "line 1: expected all, both, or addresses with commas between them" },
	{ "listen=192.0.2.1,192.0.2.1\n", "line 1: 192.0.2.1 stands there twice" },
	{ "port=0\n", "line 1: expected a number from 1 to 65535" },
	{ "port=65536\n", "line 1: expected a number from 1 to 65535" },
	{ "account=alice\n", "line 1: expected NAME NUMBER [SECRET]" },
	{ "account=al;ice 2001\n", "line 1: a name is 1 to 39 letters, digits, - _ or ." },
	{ "account=general 2001\n", "line 1: the name general has a meaning of its own in iax.conf; take another one" },
	{ "account=Phone 2001\n", "line 1: the name Phone has a meaning of its own in iax.conf; take another one" },
	{ "account=alice 20a\n", "line 1: a number is 1 to 15 digits" },
	{ "account=alice 600\n", "line 1: 600 is a test number (600 echo, 601 tone)" },
	{ "account=alice 2001\naccount=bob 2001\n", "line 2: 2001 is taken by alice" },
	{ "account=alice 2001\naccount=alice 2002\n", "line 2: alice is taken by alice" },
	{ "account=alice 2001 short\n",
	  "line 1: the secret of alice is easy to guess: it is shorter than 12 characters" },
	{ "account=alice 2001 passwordpassword\n",
	  "line 1: the secret of alice is easy to guess: it is a common word or two with little around them" },
	{ "account=alice 2001 xyzalice-9f3kw\n",
	  "line 1: the secret of alice is easy to guess: it holds the account's own name or number" },
	{ "account=alice 2001 wx-72001-kvpqz\n",
	  "line 1: the secret of alice is easy to guess: it holds the account's own name or number" },
	{ "account=alice 2001 has;semicolon-inside\n",
	  "line 1: the secret of alice has a blank, a letter that is not ASCII, or one of ; \\ \"" },
	{ "account=alice 2001 two words-in-a-secret\n",
	  "line 1: the secret of alice has a blank, a letter that is not ASCII, or one of ; \\ \"" },
	{ "node=\n", "line 1: expected NUMBER [SECRET]" },
	{ "node=abc\n", "line 1: a number is 1 to 15 digits" },
	{ "node=1999 kfj1999xq\n",
	  "line 1: the secret of 1999 is easy to guess: it holds the account's own name or number" },
	{ "site=branch 3\n", "line 1: expected NAME PREFIX HOST|dynamic [SECRET]" },
	{ "site=branch 3 a/b\n", "line 1: a host is an address, a name, or the word dynamic" },
	{ "site=main 3 dynamic\n", "this site and another one are both called main: say here=" },
	{ "trunk=p 0 host user\n", "line 1: expected NAME PREFIX HOST USERNAME SECRET" },
	{ "trunk=p 0 dynamic user secret\n", "line 1: a trunk needs a host: an address or a name" },
	{ "trunk=p 0 h us;er secret\n", "line 1: a user name is 1 to 39 letters, digits, - _ or ." },
	{ "trunk=p 0 h user se;cret\n",
	  "line 1: the secret of p has a blank, a letter that is not ASCII, or one of ; \\ \"" },
	{ "inbound=2009\n", "inbound: 2009 is the number of no account" },
	{ "paid=yes\n", "paid: there is no trunk that could carry such calls" },
	{ "trunk=p 0 h user secret\npaid=yes\n", "paid: the country is needed, to know which numbers are dear" },
	{ "country=de\n", "line 1: expected two capital letters, such as DE" },
	{ "paid=perhaps\n", "line 1: expected yes or no" },
	{ "register=1\n", "line 1: expected yes or no" },
	{ "show-secrets=1\n", "line 1: expected yes or no" },
};

static void test_what_is_refused(void **state)
{
	struct setup_plan plan;
	char wrong[TOOL_WRONG_BYTES];

	(void)state;
	for (size_t i = 0; i < TG_COUNT(refused); i++) {
		CHECK_FALSE(plan_read(&plan, refused[i].answers, wrong));
		CHECK_TEXT(wrong, refused[i].why);
	}
}

static void test_defaults(void **state)
{
	struct setup_plan plan;
	char wrong[TOOL_WRONG_BYTES], addr[TG_ADDR_TEXT_BYTES];

	(void)state;
	CHECK_TRUE(plan_read(&plan, "\n", wrong));
	CHECK_UINT(plan.listens, 1);
	CHECK_TEXT(tg_addr_format(plan.listen[0], addr), "0.0.0.0:4569");
	CHECK_UINT(plan.count, 1);
	CHECK_TEXT(plan.parties[0].name, "phone1");
	CHECK_UINT(strlen(plan.parties[0].secret), SETUP_MADE_CHARACTERS);
	CHECK_FALSE(plan.paid || plan.replace || plan.registers);
	CHECK_TRUE(plan.start && plan.call);
}

static void test_ports_and_addresses(void **state)
{
	static const struct {
		const char *answers, *first, *last;
	} rows[] = {
		{ "listen=both\nport=5000\n", "0.0.0.0:5000", "[::]:5000" },
		{ "port=5000\nlisten=192.0.2.1 , [2001:db8::1]:77\n", "192.0.2.1:5000", "[2001:db8::1]:77" },
		{ "listen=all\nlisten = 192.0.2.1\n", "192.0.2.1:4569", "192.0.2.1:4569" },
	};
	struct setup_plan plan;
	char wrong[TOOL_WRONG_BYTES], addr[TG_ADDR_TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		CHECK_TRUE(plan_read(&plan, rows[i].answers, wrong));
		CHECK_TEXT(tg_addr_format(plan.listen[0], addr), rows[i].first);
		CHECK_TEXT(tg_addr_format(plan.listen[plan.listens - 1], addr), rows[i].last);
	}
}

static void test_made_secrets_are_strong_and_differ(void **state)
{
	char one[SETUP_SECRET_BYTES], other[SETUP_SECRET_BYTES], wrong[TOOL_WRONG_BYTES];

	(void)state;
	setup_secret_make(one);
	setup_secret_make(other);
	CHECK_TRUE(strcmp(one, other) != 0);
	CHECK_TRUE(setup_secret_ok(one, "alice", "2001", wrong));
}

/* ---- The files ---- */

struct house {
	struct memory_file files[3];
	struct memory_files memory;
	struct conf_result conf;
	struct reach *reach;
};

static void house_make(struct house *house, const struct setup_plan *plan)
{
	house->memory = (struct memory_files){ house->files, 3 };
	for (size_t i = 0; i < 3; i++) {
		house->files[i] = (struct memory_file){ setup_file_names[i], setup_file_text(plan, setup_file_names[i]),
			                                0 };
	}
	const struct conf_files io = memory_files_io(&house->memory);

	conf_load(&io, &house->conf);
	if (house->conf.problems.errors + house->conf.problems.warnings > 0) {
		char *text = problems_dump(&house->conf.problems);

		print_error("%s\n%s", house->files[0].text, text);
		free(text);
	}
	CHECK_UINT(house->conf.problems.errors, 0);
	CHECK_UINT(house->conf.problems.warnings, 0);
	house->reach = reach_new(house->conf.world);
	CHECK_TRUE(house->reach != NULL);
}

static void house_free(struct house *house)
{
	reach_free(house->reach);
	conf_result_free(&house->conf);
	for (size_t i = 0; i < 3; i++) {
		free((void *)(uintptr_t)house->files[i].text);
	}
}

/* "alice bob ", the peers that calls of an account reach. */
static const char *reached(const struct house *house, const char *account, char *out, size_t size_bytes)
{
	const struct world *world = house->conf.world;

	out[0] = '\0';
	for (uint32_t i = 0; i < reach_entries(house->reach); i++) {
		const struct reach_entry entry = reach_entry_at(house->reach, i);
		const struct world_user *user = world_row(world, WORLD_USERS, entry.user);

		for (uint32_t k = 0; k < entry.egresses && strcmp(world_text(world, user->name), account) == 0; k++) {
			const struct world_peer *peer = world_row(world, WORLD_PEERS,
			                                          reach_egress_at(house->reach, i, k)->peer);
			const size_t len = strlen(out);

			snprintf(out + len, size_bytes - len, "%s ", world_text(world, peer->name));
		}
	}
	return out;
}

static void count_risk(void *owner, const struct risk *risk)
{
	uint32_t *worst = owner;

	*worst = risk->severity > *worst ? risk->severity : *worst;
}

static const char whole[] = "listen=both\naccount=alice 2001\naccount=bob 2002\nnode=1999\nnode=1998\n"
			    "site=branch 3 192.0.2.7\nsite=shop 4 dynamic\n"
			    "trunk=provider 0 198.51.100.9 us kb4sgwelqhcudeiyx\nregister=yes\ninbound=2002\n";

static const struct {
	const char *account, *reaches;
} ways[] = {
	{ "alice", "provider branch shop alice bob 1998 1999 " },
	{ "1999", "1998 1999 " },   /* a node: nodes */
	{ "branch", "alice bob " }, /* a site: phones, and no trunk */
	{ "provider", "bob " },     /* a trunk: one phone */
};

static void test_who_reaches_whom(void **state)
{
	static struct setup_plan plan;
	struct house house;
	char wrong[TOOL_WRONG_BYTES], out[256];
	uint32_t worst = 0;

	(void)state;
	CHECK_TRUE(plan_read(&plan, whole, wrong));
	house_make(&house, &plan);
	for (size_t i = 0; i < TG_COUNT(ways); i++) {
		CHECK_TEXT(reached(&house, ways[i].account, out, sizeof(out)), ways[i].reaches);
	}
	risk_find(house.conf.world, house.reach, count_risk, &worst);
	CHECK_UINT(worst, RISK_NOTE);
	house_free(&house);
}

static const struct {
	const char *answers, *file;
	bool has;
	const char *text;
} lines[] = {
	{ whole, "tollgate.conf", true, "[policy system]\nallow=emergency,internal,tollfree\n\n" },
	{ whole, "tollgate.conf", false, "national" },
	{ whole, "iax.conf", true, "[at-provider]\ntype=registration\nhost=198.51.100.9\nusername=us\n" },
	{ whole, "iax.conf", true, "deny=0.0.0.0/0,::/0\npermit=198.51.100.9\n" },
	{ whole, "iax.conf", true, "username=main\n" },
	{ "trunk=p 0 h u kb4sgwelqhcudeiyx\ncountry=DE\npaid=yes\n", "tollgate.conf", true,
	  "tollfree,national,mobile" },
	{ "trunk=p 0 h u kb4sgwelqhcudeiyx\ncountry=DE\npaid=yes\n", "tollgate.conf", true, "country=DE\n" },
	{ "trunk=p 0 h u kb4sgwelqhcudeiyx\ncountry=DE\npaid=yes\n", "iax.conf", false, "type=registration" },
	{ whole, "iax.conf", true, "; Every option is explained in tollgate-iax.conf(5) and tollgate.conf(5).\n" },
	{ whole, "extensions.conf", true, "; Every application is explained in tollgate-extensions.conf(5).\n" },
	{ whole, "tollgate.conf", true, "; Every option is explained in tollgate.conf(5).\n" },
	{ "node=1999\n", "iax.conf", false, "[phone]" },
	{ "account=a 1\n", "extensions.conf", false, "nodes" },
	{ "site=b 3 dynamic\nhere=hq\n", "iax.conf", true, "host=dynamic\nusername=hq\n" },
};

static void test_what_is_written(void **state)
{
	static struct setup_plan plan;
	char wrong[TOOL_WRONG_BYTES];

	(void)state;
	for (size_t i = 0; i < TG_COUNT(lines); i++) {
		struct house house;
		char *text = NULL;

		CHECK_TRUE(plan_read(&plan, lines[i].answers, wrong));
		text = setup_file_text(&plan, lines[i].file);
		if ((strstr(text, lines[i].text) != NULL) != lines[i].has) {
			print_error("%s\nrow %zu: \"%s\"\n", text, i, lines[i].text);
		}
		CHECK_TRUE((strstr(text, lines[i].text) != NULL) == lines[i].has);
		free(text);
		house_make(&house, &plan);
		house_free(&house);
	}
}

/* ---- The folder ---- */

static char folder[] = "/tmp/tg-test-setup-XXXXXX";

static const char *in_folder(const char *name)
{
	static char path[512];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void put(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	fputs(text, file);
	fclose(file);
}

static const char *get(const char *path)
{
	static char text[64];
	FILE *file = fopen(path, "re");
	const size_t len = file != NULL ? fread(text, 1, sizeof(text) - 1, file) : 0;

	text[len] = '\0';
	if (file != NULL) {
		fclose(file);
	}
	return text;
}

static unsigned names_in(const char *path)
{
	DIR *dir = opendir(path);
	unsigned count = 0;

	for (const struct dirent *at = readdir(dir); at != NULL; at = readdir(dir)) {
		count += strcmp(at->d_name, ".") != 0 && strcmp(at->d_name, "..") != 0;
	}
	closedir(dir);
	return count;
}

static void stage_all(struct setup_place *place)
{
	char wrong[TOOL_WRONG_BYTES];

	CHECK_TRUE(setup_place_stage(place, wrong));
	for (size_t i = 0; setup_file_names[i] != NULL; i++) {
		CHECK_TRUE(setup_place_write(place, setup_file_names[i], "new", wrong));
	}
}

static void test_a_new_folder(void **state)
{
	const struct group *group = getgrnam("daemon");
	struct setup_place place;
	struct stat st;
	char wrong[TOOL_WRONG_BYTES];

	(void)state;
	CHECK_TRUE(setup_place_look(&place, in_folder("conf/"), "daemon", wrong));
	CHECK_FALSE(setup_place_has_files(&place));
	stage_all(&place);
	CHECK_TRUE(access(in_folder("conf"), F_OK) != 0);
	CHECK_TRUE(setup_place_commit(&place, wrong));
	setup_place_drop(&place);
	CHECK_UINT(names_in(folder), 1);
	CHECK_UINT(names_in(in_folder("conf")), 3);
	CHECK_UINT(stat(in_folder("conf/iax.conf"), &st) == 0 ? st.st_mode & 07777 : 0, 0640);
	CHECK_UINT(st.st_gid, getuid() == 0 && group != NULL ? group->gr_gid : getgid());
	CHECK_UINT(stat(in_folder("conf"), &st) == 0 ? st.st_mode & 07777 : 0, 0750);
	CHECK_UINT(st.st_gid, getuid() == 0 && group != NULL ? group->gr_gid : getgid());
}

static void test_what_is_dropped_leaves_nothing(void **state)
{
	struct setup_place place;
	char wrong[TOOL_WRONG_BYTES];

	(void)state;
	CHECK_TRUE(setup_place_look(&place, in_folder("conf2"), "no-such-group", wrong));
	stage_all(&place);
	CHECK_UINT(names_in(folder), 2);
	setup_place_drop(&place);
	CHECK_UINT(names_in(folder), 1);
}

/* The second of three files cannot be kept: all are as before, and no backup is left. */
static void test_a_commit_that_fails_is_undone(void **state)
{
	struct setup_place place;
	char wrong[TOOL_WRONG_BYTES], text[256];

	(void)state;
	put(in_folder("conf/iax.conf"), "old");
	unlink(in_folder("conf/extensions.conf"));
	mkdir(in_folder("conf/extensions.conf"), 0700);
	CHECK_TRUE(setup_place_look(&place, in_folder("conf"), "no-such-group", wrong));
	CHECK_TRUE(setup_place_has_files(&place));
	stage_all(&place);
	CHECK_FALSE(setup_place_commit(&place, wrong));
	setup_place_drop(&place);
	CHECK_TEXT(get(in_folder("conf/iax.conf")), "old");
	CHECK_UINT(names_in(in_folder("conf")), 3);
	rmdir(in_folder("conf/extensions.conf"));

	/* One of them came to be there meanwhile. */
	CHECK_TRUE(setup_place_look(&place, in_folder("conf"), "no-such-group", wrong));
	stage_all(&place);
	put(in_folder("conf/extensions.conf"), "somebody's");
	CHECK_FALSE(setup_place_commit(&place, wrong));
	setup_place_drop(&place);
	CHECK_TEXT(get(in_folder("conf/iax.conf")), "old");
	CHECK_TEXT(get(in_folder("conf/extensions.conf")), "somebody's");
	CHECK_UINT(names_in(in_folder("conf")), 3);

	/* And now it goes well. */
	CHECK_TRUE(setup_place_look(&place, in_folder("conf"), "no-such-group", wrong));
	stage_all(&place);
	CHECK_TRUE(setup_place_commit(&place, wrong));
	setup_place_drop(&place);
	CHECK_TEXT(get(in_folder("conf/iax.conf")), "new");
	snprintf(text, sizeof(text), "conf/iax.conf.backup-%s", place.stamp);
	CHECK_TEXT(get(in_folder(text)), "old");
	CHECK_UINT(names_in(in_folder("conf")), 6);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) != NULL ? 0 : -1;
}

static int remove_folder(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", folder);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_refused),
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_ports_and_addresses),
		cmocka_unit_test(test_made_secrets_are_strong_and_differ),
		cmocka_unit_test(test_who_reaches_whom),
		cmocka_unit_test(test_what_is_written),
		cmocka_unit_test(test_a_new_folder),
		cmocka_unit_test(test_what_is_dropped_leaves_nothing),
		cmocka_unit_test(test_a_commit_that_fails_is_undone),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
