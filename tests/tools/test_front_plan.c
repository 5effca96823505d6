/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "conf/memory_files.h"
#include "tools/front_plan.h"

#include <stdio.h>
#include <stdlib.h>

/* One configuration and all that is planned for it, as lines: what is switched off at the backend, its new lines, what is
 * different in our copy, what is lost. */
struct planned {
	struct front_plan plan;
	struct conf_problems problems;
	struct memory_file files[8];
	struct memory_files memory;
	struct conf_files io;
	bool done;
	char *text;
};

static const char backend_text[] = "127.0.0.1:4570";

static void plan(struct planned *p)
{
	struct tg_addr backend;

	CHECK_TRUE(tg_addr_parse(&backend, tg_span_text(backend_text), 0));
	p->memory.files = p->files;
	while (p->memory.count < TG_COUNT(p->files) && p->files[p->memory.count].path != NULL) {
		p->memory.count++;
	}
	p->io = memory_files_io(&p->memory);
	p->done = front_plan_make(&p->plan, &p->io, NULL, backend, &p->problems);
}

static void unplan(struct planned *p)
{
	front_plan_free(&p->plan);
	conf_problems_free(&p->problems);
	free(p->text);
}

static bool is_common(const char *header)
{
	return strncmp(header, "[general]", 9) == 0 || strncmp(header, "[callnumberlimits]", 18) == 0;
}

static void dump_edits(struct planned *p, const struct front_edit *edits, const char *who)
{
	for (; edits != NULL; edits = edits->next) {
		const char *off = edits->shown != NULL ? edits->shown : "off";

		text_append(&p->text, "%s %u %s\n", who, edits->line, edits->act == FRONT_OFF ? off : edits->text);
	}
}

static void dump_overlay(struct planned *p, bool with_common)
{
	bool hidden = false;

	for (const struct front_line *line = p->plan.overlay.first; line != NULL; line = line->next) {
		hidden = line->text[0] == '[' ? !with_common && is_common(line->text) : hidden;
		if (!hidden) {
			text_append(&p->text, "%s\n", line->text);
		}
		CHECK_TRUE(line->text[0] == '[' || line->why != NULL);
	}
}

static const char *dump(struct planned *p, bool with_common)
{
	char line[CONF_PROBLEM_BYTES];

	text_append(&p->text, "%s", "");
	for (const struct front_file *file = p->plan.source.first; p->done && file != NULL; file = file->next) {
		dump_edits(p, file->theirs, "off");
		dump_edits(p, file->ours, "ours");
	}
	if (p->done) {
		dump_overlay(p, with_common);
	}
	for (const struct front_note *note = p->plan.lost.first; note != NULL; note = note->next) {
		text_append(&p->text, "lost %s:%u\n", note->at.file, note->at.line);
	}
	for (const struct conf_problem *problem = p->problems.first; problem != NULL; problem = problem->next) {
		text_append(&p->text, "%.60s\n", conf_problem_format(problem, line));
	}
	return p->text;
}

/* A row for each kind of line. Line 1 is [general]; the rows about it ask for what is common to all, too. */
static const struct {
	const char *name;
	bool general;
	const char *text, *want;
} rows[] = {
	{ "nothing", true, "",
	  "[general](+)\nbindport=4570\nbindaddr=127.0.0.1\n[callnumberlimits]\n127.0.0.0/255.0.0.0 = 16384\n" },
	{ "addresses and ports", true, "bindport=4600\nbindaddr=0.0.0.0\nbindaddr=192.0.2.1:4700\n",
	  "off 2 bindport=4600\noff 3 bindaddr=0.0.0.0\noff 4 bindaddr=192.0.2.1:4700\n"
	  "[general](+)\nbindport=4570\nbindaddr=127.0.0.1\n[callnumberlimits]\n127.0.0.0/255.0.0.0 = 16384\n" },
	{ "registrations, without their secrets", false,
	  "register => us:hush@pbx.example:4569\nregister=me@pbx.example\nregister=us:hush\nregister=hush\n"
	  "register=us:hu@sh@pbx.example\n",
	  "off 2 register => us:(hidden)@pbx.example:4569\noff 3 register => me@pbx.example\n"
	  "off 4 register => (hidden)\noff 5 register => (hidden)\noff 6 register => us:(hidden)@pbx.example\n" },
	{ "limits of addresses", true, "[callnumberlimits]\n10.0.0.0/255.0.0.0=5\n",
	  "off 3 10.0.0.0/255.0.0.0=5\n[general](+)\nbindport=4570\nbindaddr=127.0.0.1\n"
	  "[callnumberlimits](+)\n127.0.0.0/255.0.0.0 = 16384\n" },
	{ "a phone", false, "[alice]\ntype=friend\nhost=dynamic\nsecret=x\n", "[alice](+)\nusername=alice\n" },
	{ "a phone with another name", false, "[alice]\ntype=peer\nhost=dynamic\nusername=other\n",
	  "[alice](+)\nusername=alice\n" },
	{ "who only calls", false, "[bob]\ntype=user\nsecret=x\ncontext=a\n", "" },
	{ "who only calls, from one network", false, "[bob]\ntype=user\ndeny=0.0.0.0/0\npermit=192.0.2.0/24\n",
	  "[bob](+)\npermit=127.0.0.1/255.255.255.255\n" },
	{ "who is denied alone", false, "[bob]\ntype=user\ndeny=192.0.2.0/24\n",
	  "[bob](+)\npermit=127.0.0.1/255.255.255.255\n" },
	{ "a named list of a user", false, "[bob]\ntype=user\nacl=office\n", "off 4 acl=office\n" },
	{ "a named list of a peer", false, "[bob]\ntype=peer\nhost=dynamic\nacl=office\n",
	  "off 5 acl=office\n[bob](+)\nusername=bob\n" },
	{ "a trunk", false, "[pbx]\ntype=peer\nhost=pbx.example\nport=4600\nusername=us\n",
	  "off 4 host=pbx.example\n[pbx](+)\nusername=pbx\nhost=127.0.0.1\nport=4569\n" },
	{ "a place to fall back to", false, "[bob]\ntype=peer\nhost=dynamic\ndefaultip=192.0.2.7\n",
	  "off 5 defaultip=192.0.2.7\n[bob](+)\nusername=bob\ndefaultip=127.0.0.1\nport=4569\n" },
	{ "an address to send from", false, "[bob]\ntype=peer\nhost=dynamic\nsourceaddress=192.0.2.7\n",
	  "off 5 sourceaddress=192.0.2.7\n[bob](+)\nusername=bob\n" },
	{ "a limit of a peer", false, "[bob]\ntype=peer\nhost=dynamic\nmaxcallnumbers=5\n",
	  "off 5 maxcallnumbers=5\n[bob](+)\nusername=bob\n" },
	{ "trunk frames", false, "[bob]\ntype=user\ntrunk=yes\n", "[bob](+)\ntrunk=no\n" },
	{ "no trunk frames", false, "[bob]\ntype=user\ntrunk=no\n", "" },
	{ "without a type", false, "[bob]\nhost=192.0.2.7\n", "" },
	{ "a template, as who inherits from it", false,
	  "[all](!)\ntype=peer\nhost=192.0.2.7\n[a](all)\n[b](all)\nhost=dynamic\n",
	  "off 4 host=192.0.2.7\n[a](+)\nusername=a\nhost=127.0.0.1\nport=4569\n[b](+)\nusername=b\n" },
	{ "two of one name", false, "[x]\ntype=user\nacl=a\n[x]\ntype=peer\nhost=dynamic\n",
	  "off 4 acl=a\n[x](+type=peer)\nusername=x\n" },
	{ "two that cannot be told apart", false, "[x]\ntype=peer\nhost=dynamic\n[x]\ntype=peer\nhost=192.0.2.7\n",
	  "iax.conf:5: error: [x]: username= cannot be changed for it a\n" },
	{ "an address that goes on", false, "[x]\ntype=peer\nhost=192.0.2\nhost+=.1\n",
	  "off 4 host=192.0.2.1\n[x](+)\nusername=x\nhost=127.0.0.1\nport=4569\n" },
	{ "a list that goes on", false, "[x]\ntype=user\nacl=a\nacl+=,b\n",
	  "iax.conf:2: error: [x]: acl= cannot be changed for it alone;\n" },
	{ "a block comment in the line", false, "[x]\ntype=user\nacl=a ;-- why\nnot --;\n",
	  "iax.conf:4: error: a block comment begins or ends in this li\n" },
	{ "a secret in the database", false, "[x]\ntype=friend\nhost=192.0.2.7\ndbsecret=a/b\n",
	  "ours 2 [x](!)\nlost iax.conf:2\n" },
	{ "a name of ours", false, "[front.x]\ntype=peer\nhost=dynamic\n[backend.x]\ntype=user\n",
	  "ours 2 [front.x](!)\nours 5 [backend.x](!)\nlost iax.conf:2\nlost iax.conf:5\n" },
	{ "a name that cannot be dialled", false, "[a/b]\ntype=peer\nhost=dynamic\n",
	  "ours 2 [a/b](!)\nlost iax.conf:2\n" },
	{ "a name without room for more", false,
	  "[a123456789b123456789c123456789d123456789e123456789f123456789g123456789x]\ntype=user\n"
	  "[a123456789b123456789c123456789d123456789e123456789f123456789g123456789xx]\ntype=user\n",
	  "ours 4 [a123456789b123456789c123456789d123456789e123456789f123456789g123456789xx](!)\nlost iax.conf:4\n" },
	{ "keys alone", false, "[t](!)\ntype=user\n[x](t) ; and why\ninkeys=a\n[y](t)\nsecret=x\n",
	  "ours 4 [x](!,t)\nlost iax.conf:4\n" },
	{ "a key alone", false, "[x]\ntype=peer\nhost=192.0.2.7\noutkey=a\n", "ours 2 [x](!)\nlost iax.conf:2\n" },
	{ "keys and a secret", false, "[x]\ntype=friend\nhost=dynamic\ninkeys=a\noutkey=b\nsecret=x\n",
	  "[x](+)\nusername=x\nlost iax.conf:5\nlost iax.conf:6\n" },
	{ "keys are asked for", false, "[x]\ntype=user\nauth=rsa\nsecret=x\n", "ours 2 [x](!)\nlost iax.conf:2\n" },
	{ "keys are asked for of all", false,
	  "auth=rsa\n[x]\ntype=user\nsecret=x\n[y]\ntype=user\nauth=md5\nsecret=x\n",
	  "ours 2 off\nours 3 [x](!)\nlost iax.conf:3\n" },
	{ "passwords in clear beside md5", false,
	  "auth=plaintext,md5\n[x]\ntype=user\nauth=md5,plaintext\nsecret=x\n[y]\ntype=user\nauth=md5,rsa\n",
	  "ours 2 auth=md5\nours 5 auth=md5\n" },
	{ "encryption", false,
	  "encryption=aes128\n[t](!)\nencryption=yes\n[x](t)\ntype=user\n[y](t)\ntype=user\n[z]\ntype=user\nencryption="
	  "no\n",
	  "lost iax.conf:2\nlost iax.conf:4\n" },
	{ "encryption that must be", false, "[x]\ntype=user\nforceencryption=yes\n",
	  "ours 2 [x](!)\nlost iax.conf:2\n" },
	{ "encryption that must be, but for one", false,
	  "forceencryption=yes\n[x]\ntype=user\n[y]\ntype=user\nforceencryption=no\n",
	  "ours 2 off\nours 3 [x](!)\nlost iax.conf:3\n" },
	{ "a registration with a key", false, "register => us:[key]@pbx.example\n",
	  "off 2 register => us:(hidden)@pbx.example\nours 2 off\nlost iax.conf:2\n" },
	{ "what Tollgate does not do", false,
	  "nochecksums=yes\nrequirecalltoken=yes\nallowfwdownload=yes\nrtcachefriends=yes\n",
	  "ours 2 off\nours 3 off\nours 4 off\nours 5 off\nlost iax.conf:4\nlost iax.conf:5\n" },
	{ "what stays away", false, "transfer=mediaonly\n[x]\ntype=friend\nhost=dynamic\ntransfer=no\nmailbox=1@a\n",
	  "[x](+)\nusername=x\nlost iax.conf:2\nlost iax.conf:7\n" },
	{ "what is off anyway", false,
	  "transfer=no\nnochecksums=no\nallowfwdownload=no\nrtcachefriends=no\nencryption=no\n", "" },
	{ "our port is the backend's", false, "bindport=4570\n",
	  "iax.conf: error: port 4570 is ours from now on: the backend \n" },
	{ "a port that is none", false, "bindport=many\n",
	  "iax.conf:2: error: bindport: expected a number from 1 to 655\n" },
	{ "what cannot be read", false, "#exec list\n",
	  "iax.conf:2: error: #exec is not offered: let the command wri\n" },
};

static void test_each_kind_of_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		char *text = NULL;

		text_append(&text, "[general]\n%s", rows[i].text);
		struct planned p = { .files = { { .path = "iax.conf", .text = text } } };

		plan(&p);
		print_message("# %s\n", rows[i].name);
		CHECK_TEXT(dump(&p, rows[i].general), rows[i].want);
		unplan(&p);
		free(text);
	}
}

static void test_without_general(void **state)
{
	(void)state;
	struct planned p = { .files = { { .path = "iax.conf", .text = "; none\n" } } };

	plan(&p);
	CHECK_TEXT(dump(&p, true),
	           "[general]\nbindport=4570\nbindaddr=127.0.0.1\n[callnumberlimits]\n127.0.0.0/255.0.0.0 = 16384\n");
	CHECK_TEXT(p.plan.overlay_text,
	           "; Written by \"tollgate front init\"; \"tollgate front undo\" takes it away.\n[general]\n"
	           "bindport=4570                       ; the backend listens on loopback alone\n"
	           "bindaddr=127.0.0.1                  ; the backend listens on loopback alone\n[callnumberlimits]\n"
	           "127.0.0.0/255.0.0.0 = 16384         ; all calls come from one address\n");
	unplan(&p);
}

/* The address where the backend finds us. */
static void test_our_address(void **state)
{
	static const struct {
		const char *text, *front;
		bool is_new;
	} addresses[] = {
		{ "", "127.0.0.1:4569", false },
		{ "bindport=4600\n", "127.0.0.1:4600", false },
		{ "bindaddr=0.0.0.0:4601\n", "127.0.0.1:4601", false },
		{ "bindport=4600\nbindaddr=192.0.2.1\nbindaddr=127.0.0.1:4602\n", "127.0.0.1:4602", false },
		{ "bindaddr=192.0.2.1\n", "127.0.0.1:4569", true },
		{ "bindaddr=[::]:4569\n", "127.0.0.1:4569", true },
	};
	char addr[TG_ADDR_TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < TG_COUNT(addresses); i++) {
		char *text = NULL;

		text_append(&text, "[general]\n%s", addresses[i].text);
		struct planned p = { .files = { { .path = "iax.conf", .text = text } } };

		plan(&p);
		CHECK_TRUE(p.done);
		CHECK_TEXT(tg_addr_format(p.plan.front, addr), addresses[i].front);
		CHECK_UINT(p.plan.front_is_new, addresses[i].is_new);
		CHECK_UINT(strstr(p.plan.our_append, "\nbindaddr=127.0.0.1:4569 ;") != NULL, addresses[i].is_new);
		unplan(&p);
		free(text);
	}
}

static void check_bytes(struct tg_span got, const char *want)
{
	char *text = calloc(1, got.len + 1);

	memcpy(text, got.p, got.len);
	CHECK_TEXT(text, want);
	free(text);
}

/* The octets: marks, ends of lines, what stands behind a line, a last line without its end. */
static void test_texts(void **state)
{
	(void)state;
	struct planned p = { .files = {
				     { .path = "iax.conf",
		                       .text = "; \xff\r\n[general]\r\nbindaddr=192.0.2.1 ; "
		                               "why\r\nauth=md5,plaintext\r\n;-- auth=rsa\n--;\n[a]\n#include part\n" },
				     { .path = "part", .text = "type=user\nacl=x" },
			     } };

	plan(&p);
	CHECK_TRUE(p.done);
	check_bytes(front_source_find(&p.plan.source, "iax.conf")->their_text,
	            "; \xff\r\n[general]\r\n;tollgate front: bindaddr=192.0.2.1 ; why\r\nauth=md5,plaintext\r\n;-- "
	            "auth=rsa\n--;\n[a]\n"
	            "#include part\n#include \"tollgate-front.conf\" ; tollgate front\n");
	check_bytes(front_source_find(&p.plan.source, "part")->their_text, "type=user\n;tollgate front: acl=x");
	check_bytes(front_source_find(&p.plan.source, "iax.conf")->our_text,
	            "; \xff\r\n[general]\r\nbindaddr=192.0.2.1 ; why\r\nauth=md5 ; tollgate front\r\n;-- "
	            "auth=rsa\n--;\n[a]\n"
	            "#include part\n[general](+) ; tollgate front\nstrict=no ; tollgate front\nbindaddr=127.0.0.1:4569 "
	            "; tollgate front\n");
	unplan(&p);
}

static void test_last_line_without_end(void **state)
{
	(void)state;
	struct planned p = { .files = { { .path = "iax.conf", .text = "[general]" } } };

	plan(&p);
	check_bytes(front_source_find(&p.plan.source, "iax.conf")->their_text,
	            "[general]\n#include \"tollgate-front.conf\" ; tollgate front\n");
	unplan(&p);
}

/* Included once or twice, by a name or a pattern. */
static void test_included_files(void **state)
{
	(void)state;
	struct planned p = { .files = {
				     { .path = "iax.conf",
		                       .text = "[general]\n#include general.d/*.conf\n[a]\n#include "
		                               "phone\n[b]\n#include phone\n" },
				     { .path = "general.d/2.conf", .text = "register => a:b@c\n" },
				     { .path = "general.d/1.conf", .text = "bindport=5000\n" },
				     { .path = "phone", .text = "type=peer\nhost=192.0.2.7\n" },
				     { .path = "acl.conf", .text = "[x]\n" },
			     } };

	plan(&p);
	CHECK_TEXT(dump(&p, false),
	           "off 1 bindport=5000\noff 1 register => a:(hidden)@c\noff 2 host=192.0.2.7\n"
	           "[a](+)\nusername=a\nhost=127.0.0.1\nport=5000\n[b](+)\nusername=b\nhost=127.0.0.1\nport=5000\n");
	CHECK_UINT(p.plan.accounts, 2);
	CHECK_UINT(p.plan.trunks, 2);
	CHECK_TRUE(front_source_find(&p.plan.source, "acl.conf") != NULL);
	unplan(&p);
}

/* A pattern that would pull the new file in a second time; the file when it is there already. */
static void test_own_file(void **state)
{
	(void)state;
	struct planned twice = { .files = {
					 { .path = "iax.conf",
		                           .text = "#tryinclude *-front.conf\n[a]\ntype=peer\nhost=dynamic\n" },
				 } };

	plan(&twice);
	CHECK_FALSE(twice.done);
	unplan(&twice);
	struct planned again = { .files = {
					 { .path = "iax.conf",
		                           .text = "[general]\n#include \"tollgate-front.conf\"\n" },
					 { .path = "tollgate-front.conf", .text = "[general](+)\n" },
				 } };

	plan(&again);
	CHECK_TEXT(dump(&again, false), "tollgate-front.conf: error: Tollgate is in front already: \"t\n");
	unplan(&again);
	struct planned none = { .files = { { .path = "extensions.conf", .text = "" } } };

	plan(&none);
	CHECK_TEXT(dump(&none, false), "iax.conf: error: there is no such file\n");
	unplan(&none);
}

/* What the backend has elsewhere. */
static void test_survey(void **state)
{
	(void)state;
	struct planned
		p = { .files = {
			      { .path = "iax.conf", .text = "[pbx]\ntype=peer\nhost=192.0.2.7\n" },
			      { .path = "extconfig.conf",
		                .text = "[settings]\niaxusers => odbc,a\nsippeers => odbc,a\niaxpeers => "
		                        "odbc,a\niax.conf => odbc,a\n" },
			      { .path = "users.conf", .text = "[6000]\nhasiax=yes\n[6001]\nhasiax=no\n" },
			      { .path = "extensions.conf",
		                .text = "[a]\nexten => 1,1,Dial(IAX2/pbx/1)\nexten => "
		                        "2,1,Dial(IAX2/us:hush@pbx/1)\nexten => 3,1,Dial(IAX2/us:hush@192.0.2.9/1)\n"
		                        "exten => 4,1,Dial(IAX2/${TRUNK}/1)\nexten => "
		                        "5,1,Dial(SIP/a&IAX2/192.0.2.9/1)\n" },
		      } };

	plan(&p);
	for (const struct front_note *note = p.plan.lost.first; note != NULL; note = note->next) {
		CHECK_TRUE(strstr(note->text, "hush") == NULL);
	}
	CHECK_TEXT(dump(&p, false),
	           "off 3 host=192.0.2.7\n[pbx](+)\nusername=pbx\nhost=127.0.0.1\nport=4569\n"
	           "lost extconfig.conf:2\nlost extconfig.conf:4\nlost extconfig.conf:5\nlost users.conf:2\n"
	           "lost extensions.conf:3\nlost extensions.conf:4\nlost extensions.conf:6\n");
	unplan(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_kind_of_line),
		cmocka_unit_test(test_without_general),
		cmocka_unit_test(test_our_address),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_last_line_without_end),
		cmocka_unit_test(test_included_files),
		cmocka_unit_test(test_own_file),
		cmocka_unit_test(test_survey),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
