/* SPDX-License-Identifier: Apache-2.0 */
/* What people are told of options is what the program does. */
#include "conf/option_doc.h"

#include "check.h"
#include "conf/conf.h"
#include "conf/memory_files.h"
#include "conf/world_dump.h"

#include <stdlib.h>
#include <string.h>

static void test_each_option_with_an_effect_is_described(void **state)
{
	const struct conf_option *option;
	char text[CONF_VALUES_BYTES];
	(void)state;

	for (size_t i = 0; (option = conf_option_at(i)) != NULL; i++) {
		for (unsigned scope = CONF_IN_GENERAL; scope <= CONF_IN_LAST; scope <<= 1) {
			const bool wanted = (option->scopes & scope) != 0 && option->verdict == CONF_VERDICT_YES;

			if (wanted && conf_option_doc(option, (enum conf_scope)scope) == NULL) {
				fail_msg("%s in %s is not described", option->name,
				         conf_scope_name((enum conf_scope)scope));
			}
			if (wanted && strcmp(conf_option_values(option, text), "any") == 0) {
				fail_msg("what %s may be is not told", option->name);
			}
		}
		if (option->verdict != CONF_VERDICT_YES && option->hint == NULL) {
			fail_msg("%s does nothing, and nobody says why", option->name);
		}
	}
}

static struct conf_result load(unsigned scope, const char *line)
{
	static const char iax_base[] =
		"[general]\n%s\nbindaddr=0.0.0.0\n"
		"[u]\ntype=user\nsecret=kiebitz-8-ampel-30\ncontext=in\n%s\n"
		"[p]\ntype=peer\nsecret=kiebitz-8-ampel-30\nhost=dynamic\n%s\n"
		"[r]\ntype=registration\nsecret=kiebitz-8-ampel-30\nusername=me\nhost=far.example\n%s\n";
	static const char tollgate_base[] = "[general]\n%s\n[guard]\n%s\n[numbers]\n%s\n[metrics]\n%s\n";
	char *iax = NULL, *tollgate = NULL;
	struct conf_result result;

	text_append(&iax, iax_base, scope == CONF_IN_GENERAL ? line : "", scope == CONF_IN_USER ? line : "",
	            scope == CONF_IN_PEER ? line : "", scope == CONF_IN_REGISTRATION ? line : "");
	text_append(&tollgate, tollgate_base, scope == CONF_IN_TOLLGATE ? line : "", scope == CONF_IN_GUARD ? line : "",
	            scope == CONF_IN_NUMBERS ? line : "", scope == CONF_IN_METRICS ? line : "");
	const struct memory_file files[] = {
		{ "iax.conf", iax, 0 },
		{ "tollgate.conf", tollgate, 0 },
		{ "extensions.conf", "[in]\nexten => 1,1,Answer\n", 0 },
	};
	struct memory_files memory = { files, TG_COUNT(files) };
	const struct conf_files io = memory_files_io(&memory);

	conf_load(&io, &result);
	free(iax);
	free(tollgate);
	return result;
}

/* @return whether a line with the default changes nothing, and nothing is said of it */
static bool is_default(const struct conf_option *option, unsigned scope, const char *value)
{
	char *line = NULL;

	text_append(&line, "%s=%s", option->name, value);
	struct conf_result without = load(0, ""), with = load(scope, line);
	char *a = accounts_dump(&without), *b = accounts_dump(&with), *said = problems_dump(&with.problems);
	const bool same = !with.failed && strcmp(a, b) == 0 && strcmp(said, "") == 0;

	if (!same) {
		print_error("%s is not the default in %s: %s\n", line, conf_scope_name((enum conf_scope)scope), said);
	}
	free(a);
	free(b);
	free(said);
	free(line);
	conf_result_free(&without);
	conf_result_free(&with);
	return same;
}

static void test_each_default_is_what_holds_without_a_line(void **state)
{
	const struct conf_option *option;
	unsigned tried = 0, wrong = 0;
	(void)state;

	for (size_t i = 0; (option = conf_option_at(i)) != NULL; i++) {
		for (unsigned scope = CONF_IN_GENERAL; scope <= CONF_IN_LAST; scope <<= 1) {
			const struct conf_option_doc *doc = (option->scopes & scope) != 0
			                                            ? conf_option_doc(option, (enum conf_scope)scope)
			                                            : NULL;

			if (doc != NULL && doc->fallback[0] != '(') {
				tried++;
				wrong += is_default(option, scope, doc->fallback) ? 0 : 1;
			}
		}
	}
	CHECK_UINT(wrong, 0);
	CHECK_TRUE(tried > 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_option_with_an_effect_is_described),
		cmocka_unit_test(test_each_default_is_what_holds_without_a_line),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
