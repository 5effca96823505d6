/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/dialect.h"

#include "check.h"
#include "conf/memory_files.h"

#include <stdio.h>
#include <stdlib.h>

/* Sections as "[name]" or "[name]!" and lines as "name=value@line", or "@file:line" from another file. */
static char *dump(const struct conf_dialect *dialect)
{
	char *text = NULL;

	text_append(&text, "%s", "");
	for (const struct conf_section *s = dialect->sections; s != NULL; s = s->next) {
		text_append(&text, "[%s]%s\n", s->name, s->is_template ? "!" : "");
		for (const struct conf_line *l = s->lines; l != NULL; l = l->next) {
			const bool main_file = strcmp(l->at.file, "a") == 0;

			text_append(&text, "%s=%s@%s%s%u\n", l->name, l->value, main_file ? "" : l->at.file,
			            main_file ? "" : ":", (unsigned)l->at.line);
		}
	}
	return text;
}

struct dialect_case {
	const char *name, *text, *want, *problems;
	struct memory_file more[4]; /* further files */
};

static const struct dialect_case cases[] = {
	/* physical lines */
	{ "nothing", "", "", "", { { 0 } } },
	{ "no newline at the end", "[s]\na=1", "[s]\na=1@2\n", "", { { 0 } } },
	{ "carriage returns", "[s]\r\na=1\r\n", "[s]\na=1@2\n", "", { { 0 } } },
	{ "byte-order mark", "\xef\xbb\xbf[s]\na=1\n", "[s]\na=1@2\n", "", { { 0 } } },
	{ "byte-order mark elsewhere",
	  "[s]\n\xef\xbb\xbf"
	  "a=1\n",
	  "[s]\n\xef\xbb\xbf"
	  "a=1@2\n",
	  "",
	  { { 0 } } },
	{ "trimming", "  [s] \n\t a \t = \t b  c \t\n\n \n", "[s]\na=b  c@2\n", "", { { 0 } } },
	{ "no continuation", "[s]\na=1\\\nb=2\n", "[s]\na=1\\@2\nb=2@3\n", "", { { 0 } } },
	{ "a zero", "[s]\na=1\0b\nb=2\n", "[s]\nb=2@3\n", "a:2: error: a character with the value 0\n", { { 0 } } },

	/* comments */
	{ "to the end", "[s] ; x\na=1;2\n;b=1\nc=\"x;y\"\n", "[s]\na=1@2\nc=\"x@4\n", "", { { 0 } } },
	{ "escaped", "[s]\na=1\\;2\\;3;4\n", "[s]\na=1;2;3@2\n", "", { { 0 } } },
	{ "other marks", "[s]\na=1 // x # y\n", "[s]\na=1 // x # y@2\n", "", { { 0 } } },
	{ "a block", "[s]\n;-- a=1\nb=1\n--;\nc=1\n", "[s]\nc=1@5\n", "", { { 0 } } },
	{ "a block in a line", "[s]\na=1;-- x --;2;--y--;3\n", "[s]\na=123@2\n", "", { { 0 } } },
	{ "text before and after", "[s]\na=;-- x\ny --;b=2\n", "[s]\na=@2\nb=2@3\n", "", { { 0 } } },
	{ "blocks in blocks", "[s]\n;-- ;-- --; a=1\n--; b=2\n", "[s]\nb=2@3\n", "", { { 0 } } },
	{ "a ruler is no block", "[s]\n;-----\na=1\n;---\nb=1\n", "[s]\na=1@3\nb=1@5\n", "", { { 0 } } },
	{ "a closer without a block", "[s]\na=1 --; x\nb=2\n", "[s]\na=1 --@2\nb=2@3\n", "", { { 0 } } },
	{ "never closed",
	  "[s]\na=1\n;-- b=1\n;-- --;\nc=2\n",
	  "[s]\na=1@2\n",
	  "a:3: error: the block comment that begins here is never closed with \"--;\"\n",
	  { { 0 } } },

	/* sections */
	{ "twice", "[s]\na=1\n[S]\nb=2\n", "[s]\na=1@2\n[S]\nb=2@4\n", "", { { 0 } } },
	{ "a template", "[t](!)\na=1\n[s](t)\nb=2\n", "[t]!\na=1@2\n[s]\na=1@2\nb=2@4\n", "", { { 0 } } },
	{ "templates without case", "[T](!)\na=1\n[s](t)\n", "[T]!\na=1@2\n[s]\na=1@2\n", "", { { 0 } } },
	{ "two templates",
	  "[t](!)\na=1\n[u](!,t)\nb=2\n[s](u, t)\nc=3\n",
	  "[t]!\na=1@2\n[u]!\na=1@2\nb=2@4\n[s]\na=1@2\nb=2@4\na=1@2\nc=3@6\n",
	  "",
	  { { 0 } } },
	{ "from an ordinary one", "[r]\na=1\n[s](r)\n", "[r]\na=1@2\n[s]\na=1@2\n", "", { { 0 } } },
	{ "a copy is a copy",
	  "[t](!)\na=1\n[s](t)\na+=2\n[u](t)\n",
	  "[t]!\na=1@2\n[s]\na=12@2\n[u]\na=1@2\n",
	  "",
	  { { 0 } } },
	{ "added to", "[s]\na=1\n[r]\nb=2\n[s](+)\nc=3\n", "[s]\na=1@2\nc=3@6\n[r]\nb=2@4\n", "", { { 0 } } },
	{ "added to the first that is no template",
	  "[s](!)\n[s]\na=1\n[s](+)\nb=2\n",
	  "[s]!\n[s]\na=1@3\nb=2@5\n",
	  "",
	  { { 0 } } },
	{ "added to by a filter",
	  "[s]\nid=x\n[s]\nid=y\n[s](+ID=^y$)\na=1\n",
	  "[s]\nid=x@2\n[s]\nid=y@4\na=1@6\n",
	  "",
	  { { 0 } } },
	{ "added to by two filters",
	  "[s]\ni=x\nk=1\n[s]\ni=x\nk=2\n[s](+i=x&k=2)\na=1\n",
	  "[s]\ni=x@2\nk=1@3\n[s]\ni=x@5\nk=2@6\na=1@8\n",
	  "",
	  { { 0 } } },
	{ "added to a template", "[s](!)\n[s](+TEMPLATES=include)\na=1\n", "[s]!\na=1@3\n", "", { { 0 } } },
	{ "added to a template only",
	  "[s]\n[s](!)\n[s](+TEMPLATES=restrict)\na=1\n",
	  "[s]\n[s]!\na=1@4\n",
	  "",
	  { { 0 } } },
	{ "added to what is missing",
	  "[alpha]\na=1\n[alpa](+)\nb=2\n[c]\nd=1\n",
	  "[alpha]\na=1@2\n[c]\nd=1@6\n",
	  "a:3: error: [alpa](+): no such section above this line; did you mean \"alpha\"?\n",
	  { { 0 } } },
	{ "a filter that fits none",
	  "[s]\ni=x\n[s](+i=y)\n",
	  "[s]\ni=x@2\n",
	  "a:3: error: [s](+): no such section above this line\n",
	  { { 0 } } },
	{ "a filter that is none",
	  "[s]\n[s](+i=[)\n",
	  "[s]\n",
	  "a:2: error: [s](+...): expected name=regex&name=regex\n",
	  { { 0 } } },
	{ "inherited forward",
	  "[s](t)\na=1\n[t](!)\nb=2\n",
	  "[t]!\nb=2@4\n",
	  "a:1: error: [s](t): no section \"t\" above this line to inherit from\n",
	  { { 0 } } },
	{ "from itself",
	  "[s](s)\na=1\n",
	  "",
	  "a:1: error: [s](s): no section \"s\" above this line to inherit from\n",
	  { { 0 } } },
	{ "nearest template",
	  "[phones](!)\n[s](phonse)\n",
	  "[phones]!\n",
	  "a:2: error: [s](phonse): no section \"phonse\" above this line to inherit from; did you mean \"phones\"?\n",
	  { { 0 } } },
	{ "no bracket",
	  "[s\na=1\n[r]\nb=1\n",
	  "[r]\nb=1@4\n",
	  "a:1: error: a section header needs a closing \"]\"\n",
	  { { 0 } } },
	{ "no parenthesis", "[s](t\na=1\n", "", "a:1: error: the list behind [s] needs a closing \")\"\n", { { 0 } } },
	{ "no name", "[]\na=1\n", "", "a:1: error: a section name has 1 to 79 characters\n", { { 0 } } },
	{ "text behind",
	  "[s] x\na=1\n",
	  "[s]\na=1@2\n",
	  "a:1: warning: text behind the section header is ignored\n",
	  { { 0 } } },
	{ "text behind a list",
	  "[t](!)x\n[s](t)[\n",
	  "[t]!\n[s]\n",
	  "a:1: warning: text behind the section header is ignored\n"
	  "a:2: warning: text behind the section header is ignored\n",
	  { { 0 } } },
	{ "a list too far away",
	  "[t](!)\na=1\n[s] (t)\nb=1\n",
	  "[t]!\na=1@2\n[s]\nb=1@4\n",
	  "a:3: warning: text behind the section header is ignored: a list \"(...)\" must follow the \"]\" at once\n",
	  { { 0 } } },

	/* name = value */
	{ "four ways", "[s]\na=1\nb = 1\nc=>1\nd => 1\n", "[s]\na=1@2\nb=1@3\nc=1@4\nd=1@5\n", "", { { 0 } } },
	{ "the first separator", "[s]\na=b=c=>d\n", "[s]\na=b=c=>d@2\n", "", { { 0 } } },
	{ "no value", "[s]\na=\nb=>\n", "[s]\na=@2\nb=@3\n", "", { { 0 } } },
	{ "quotes stay", "[s]\na=\"x\"\n", "[s]\na=\"x\"@2\n", "", { { 0 } } },
	{ "no expansion", "[s]\na=${b}\n", "[s]\na=${b}@2\n", "", { { 0 } } },
	{ "appended", "[s]\na=x\nb=1\na += y \n", "[s]\na=xy@2\nb=1@3\n", "", { { 0 } } },
	{ "appended to the last", "[s]\na=x\na=y\na+=z\n", "[s]\na=x@2\na=yz@3\n", "", { { 0 } } },
	{ "appended with case", "[s]\na=x\nA+=y\n", "[s]\na=x@2\nA=y@3\n", "", { { 0 } } },
	{ "appended to nothing", "[s]\na+=x\n", "[s]\na=x@2\n", "", { { 0 } } },
	{ "appended to nothing in this section", "[r]\na=1\n[s]\na+=2\n", "[r]\na=1@2\n[s]\na=2@4\n", "", { { 0 } } },
	{ "escaped first character", "[s]\n\\[a]=1\n\\#b=2\n", "[s]\n[a]=1@2\n#b=2@3\n", "", { { 0 } } },
	{ "escaped nothing",
	  "[s]\n\\\n\\ a=1\n",
	  "[s]\n",
	  "a:2: error: expected a character after the leading \"\\\"\n"
	  "a:3: error: expected a character after the leading \"\\\"\n",
	  { { 0 } } },
	{ "no separator",
	  "[s]\nabc\nb=1\n",
	  "[s]\nb=1@3\n",
	  "a:2: warning: expected name = value; the line is skipped\n",
	  { { 0 } } },
	{ "no option name",
	  "[s]\n=1\n => 2\n+=3\n",
	  "[s]\n",
	  "a:2: warning: expected a name before \"=\"; the line is skipped\n"
	  "a:3: warning: expected a name before \"=\"; the line is skipped\n"
	  "a:4: warning: expected a name before \"=\"; the line is skipped\n",
	  { { 0 } } },
	{ "before any section",
	  "a=1\nb=2\n[s]\nc=3\n",
	  "[s]\nc=3@4\n",
	  "a:1: error: expected a [section] before the first option\n",
	  { { 0 } } },

	/* directives */
	{ "include", "[s]\n#include b\nc=3\n", "[s]\na=1@b:1\nb=2@b:2\nc=3@3\n", "", { { "b", "a=1\nb=2", 0 } } },
	{ "include in quotes",
	  "[s]\n#include \"b c\"\n#INCLUDE <b c>\n",
	  "[s]\na=1@b c:1\na=1@b c:1\n",
	  "",
	  { { "b c", "a=1", 0 } } },
	{ "include opens a section",
	  "[s]\n#include b\nc=3\n",
	  "[s]\n[t]\na=1@b:2\nc=3@3\n",
	  "",
	  { { "b", "[t]\na=1\n", 0 } } },
	{ "include a comment that ends",
	  "[s]\n#include b\nc=3\n",
	  "[s]\nc=3@3\n",
	  "b:1: error: the block comment that begins here is never closed with \"--;\"\n",
	  { { "b", ";--\n", 0 } } },
	{ "include by pattern",
	  "[s]\n#include d/*.conf\n",
	  "[s]\nx=1@d/1.conf:1\nx=2@d/2.conf:1\n",
	  "",
	  { { "d/2.conf", "x=2", 0 }, { "d/1.conf", "x=1", 0 }, { "d/3.txt", "x=3", 0 } } },
	{ "include what is missing",
	  "[s]\n#include b\na=1\n",
	  "[s]\na=1@3\n",
	  "a:2: error: cannot find \"b\"; #tryinclude does without\n",
	  { { 0 } } },
	{ "include by a pattern that fits none",
	  "[s]\n#include d/*.conf\n",
	  "[s]\n",
	  "a:2: error: cannot find \"d/*.conf\"; #tryinclude does without\n",
	  { { 0 } } },
	{ "try to include",
	  "[s]\n#tryinclude b\n#tryinclude d/*\n#tryinclude c\n",
	  "[s]\na=1@c:1\n",
	  "",
	  { { "c", "a=1", 0 } } },
	{ "include what is refused",
	  "[s]\n#tryinclude b\n",
	  "[s]\n",
	  "a:2: error: \"b\" is not a regular file\n",
	  { { "b", NULL, 0 } } },
	{ "include nothing",
	  "[s]\n#include\n#include \"\"\n",
	  "[s]\n",
	  "a:2: error: expected the name of a file to include\n"
	  "a:3: error: expected the name of a file to include\n",
	  { { 0 } } },
	{ "exec",
	  "[s]\n#exec date\na=1\n",
	  "[s]\na=1@3\n",
	  "a:2: error: #exec is not offered: let the command write a file, and #include that\n",
	  { { 0 } } },
	{ "another directive",
	  "[s]\n#define x\n",
	  "[s]\n",
	  "a:2: error: unknown directive \"#define\"; expected #include or #tryinclude\n",
	  { { 0 } } },
	{ "control characters in a message",
	  "[s]\n#a\x7f\xff[1m\n",
	  "[s]\n",
	  "a:2: error: unknown directive \"#a??[1m\"; expected #include or #tryinclude\n",
	  { { 0 } } },
};

static void check_case(const struct dialect_case *c)
{
	struct memory_file files[5] = { { "a", c->text, 0 } };
	struct memory_files memory = { files, 1 };
	struct conf_problems problems = { 0 };
	struct conf_dialect dialect;

	if (strcmp(c->name, "a zero") == 0) {
		files[0].len = 14;
	}
	while (memory.count < 5 && c->more[memory.count - 1].path != NULL) {
		files[memory.count] = c->more[memory.count - 1];
		memory.count++;
	}
	const struct conf_files io = memory_files_io(&memory);
	const enum conf_loaded loaded = conf_dialect_load(&dialect, &io, "a", &problems);
	char *got = dump(&dialect);
	char *got_problems = problems_dump(&problems);

	if (strcmp(got, c->want) != 0 || strcmp(got_problems, c->problems) != 0) {
		fail_msg("%s:\n%s%s-- not --\n%s%s", c->name, got, got_problems, c->want, c->problems);
	}
	CHECK_INT(loaded, strstr(c->problems, "error") != NULL ? CONF_FAILED : CONF_LOADED);
	free(got);
	free(got_problems);
	conf_dialect_free(&dialect);
	conf_problems_free(&problems);
}

static void test_each_rule_of_the_dialect(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		check_case(&cases[i]);
	}
}

static char *repeat(const char *what, size_t times)
{
	const size_t len = strlen(what);
	char *text = malloc(len * times + 1);

	for (size_t i = 0; i < times; i++) {
		memcpy(text + i * len, what, len);
	}
	text[len * times] = '\0';
	return text;
}

/* Loads one text and gives back what it gave: sections and problems. */
static char *load(const char *text, enum conf_loaded want)
{
	const struct memory_file file = { "a", text, 0 };
	struct memory_files memory = { &file, 1 };
	struct conf_problems problems = { 0 };
	struct conf_dialect dialect;
	const struct conf_files io = memory_files_io(&memory);
	const enum conf_loaded loaded = conf_dialect_load(&dialect, &io, "a", &problems);
	char *got = dump(&dialect);
	char *got_problems = problems_dump(&problems);

	text_append(&got, "%s", got_problems);
	CHECK_INT(loaded, want);
	free(got_problems);
	conf_dialect_free(&dialect);
	conf_problems_free(&problems);
	return got;
}

static void test_length_of_a_line(void **state)
{
	char *value = repeat("x", 8190 - 2);
	char *text = NULL, *want = NULL;
	(void)state;

	text_append(&text, "[s]\na=%s\na=%sy\nb=1\n", value, value);
	text_append(&want, "[s]\na=%s@2\nb=1@4\na:3: warning: a line of more than 8190 characters is skipped\n", value);
	char *got = load(text, CONF_LOADED);

	CHECK_TEXT(got, want);
	free(value);
	free(text);
	free(want);
	free(got);
}

static void test_length_of_a_grown_value(void **state)
{
	char *half = repeat("x", 4095);
	char *text = NULL;
	(void)state;

	text_append(&text, "[s]\na=%s\na+=%sy\na+=z\n", half, half);
	char *got = load(text, CONF_FAILED);

	CHECK_TRUE(strstr(got, "a:3: error") == NULL);
	CHECK_TRUE(strstr(got, "a:4: error: the value grows beyond 8191 characters\n") != NULL);
	free(half);
	free(text);
	free(got);
}

static void test_length_of_a_section_name(void **state)
{
	char *name = repeat("n", 79);
	char *text = NULL, *want = NULL;
	(void)state;

	text_append(&text, "[%s]\n[%sn]\n", name, name);
	text_append(&want, "[%s]\na:2: error: a section name has 1 to 79 characters\n", name);
	char *got = load(text, CONF_FAILED);

	CHECK_TEXT(got, want);
	free(name);
	free(text);
	free(want);
	free(got);
}

static void test_depth_of_block_comments(void **state)
{
	char *open = repeat(";--", 128), *close = repeat("--;", 128);
	char *text = NULL;
	(void)state;

	text_append(&text, "[s]\n%sx%sa=1\n", open, close);
	char *got = load(text, CONF_LOADED);

	CHECK_TEXT(got, "[s]\na=1@2\n");
	free(got);
	free(text);
	text = NULL;
	text_append(&text, "[s]\n%s;--x%s--;a=1\n", open, close);
	got = load(text, CONF_FAILED);
	CHECK_TEXT(got, "[s]\na:2: error: block comments are inside each other more than 128 deep\n");
	free(got);
	free(text);
	free(open);
	free(close);
}

/* f0 includes f1 includes f2 ... */
static char *load_chain(int files_count, enum conf_loaded want)
{
	struct memory_file files[16];
	char names[16][8], texts[16][32];
	struct memory_files memory = { files, (size_t)files_count };
	struct conf_problems problems = { 0 };
	struct conf_dialect dialect;
	const struct conf_files io = memory_files_io(&memory);

	for (int i = 0; i < files_count; i++) {
		snprintf(names[i], sizeof(names[i]), "f%d", i);
		snprintf(texts[i], sizeof(texts[i]), i + 1 < files_count ? "#include f%d\n" : "[s]\n", i + 1);
		files[i] = (struct memory_file){ names[i], texts[i], 0 };
	}
	CHECK_INT(conf_dialect_load(&dialect, &io, "f0", &problems), want);
	CHECK_UINT(dialect.sections != NULL, want == CONF_LOADED);
	char *got = problems_dump(&problems);

	conf_dialect_free(&dialect);
	conf_problems_free(&problems);
	return got;
}

static void test_depth_of_includes(void **state)
{
	char *got = load_chain(11, CONF_LOADED);
	(void)state;

	CHECK_TEXT(got, "");
	free(got);
	got = load_chain(12, CONF_FAILED);
	CHECK_TEXT(got, "f10:1: error: files include each other more than 10 levels deep\n");
	free(got);
	got = load("#include a\n", CONF_FAILED);
	CHECK_TEXT(got, "a:1: error: files include each other more than 10 levels deep\n");
	free(got);
}

static void test_number_of_files(void **state)
{
	char *text = repeat("#include a\n", 2); /* would be read 2^10 times */
	char *many = repeat("#tryinclude b\n", 1001);
	char *got = load(text, CONF_FAILED);
	(void)state;

	CHECK_TRUE(strstr(got, "levels deep") != NULL);
	free(got);
	got = load(many, CONF_FAILED);
	CHECK_TEXT(got, "a:1000: error: more than 1000 files are included\n");
	free(got);
	free(text);
	free(many);
}

static void test_doubling_sections_end(void **state)
{
	char *text = NULL;
	(void)state;

	text_append(&text, "[t0](!)\na=1\n");
	for (int i = 1; i < 40; i++) {
		text_append(&text, "[t%d](t%d,t%d)\n", i, i - 1, i - 1);
	}
	const struct memory_file file = { "a", text, 0 };
	struct memory_files memory = { &file, 1 };
	struct conf_problems problems = { 0 };
	struct conf_dialect dialect;
	const struct conf_files io = memory_files_io(&memory);

	CHECK_INT(conf_dialect_load(&dialect, &io, "a", &problems), CONF_FAILED);
	char *got = problems_dump(&problems);

	CHECK_TRUE(strstr(got, "the configuration is too large") != NULL);
	free(got);
	free(text);
	conf_dialect_free(&dialect);
	conf_problems_free(&problems);
}

static void test_many_errors_end(void **state)
{
	char *text = repeat("#x\n", 500);
	char *got = load(text, CONF_FAILED);
	(void)state;

	CHECK_TRUE(strstr(got, "a:100: error: too many errors\n") != NULL);
	CHECK_TRUE(strstr(got, "a:101:") == NULL);
	free(text);
	free(got);
}

static void test_missing_file(void **state)
{
	struct memory_files memory = { NULL, 0 };
	struct conf_problems problems = { 0 };
	struct conf_dialect dialect;
	const struct conf_files io = memory_files_io(&memory);
	(void)state;

	CHECK_INT(conf_dialect_load(&dialect, &io, "a", &problems), CONF_MISSING);
	CHECK_UINT(problems.errors, 0);
	conf_dialect_free(&dialect);
	conf_problems_free(&problems);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_rule_of_the_dialect), cmocka_unit_test(test_length_of_a_line),
		cmocka_unit_test(test_length_of_a_grown_value),  cmocka_unit_test(test_length_of_a_section_name),
		cmocka_unit_test(test_depth_of_block_comments),  cmocka_unit_test(test_depth_of_includes),
		cmocka_unit_test(test_number_of_files),          cmocka_unit_test(test_doubling_sections_end),
		cmocka_unit_test(test_many_errors_end),          cmocka_unit_test(test_missing_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
