/* SPDX-License-Identifier: Apache-2.0 */
/* What [guard] begins with is what the guard itself calls its defaults. */
#include "check.h"
#include "conf/conf.h"
#include "conf/memory_files.h"
#include "guard/guard.h"

static_assert((int)WORLD_GUARD_OFF == (int)GUARD_OFF && (int)WORLD_GUARD_OBSERVE == (int)GUARD_OBSERVE &&
                      (int)WORLD_GUARD_ENFORCE == (int)GUARD_ENFORCE,
              "the modes of the guard");

static void test_an_empty_configuration_has_the_guards_own_defaults(void **state)
{
	static const struct memory_file list[] = { { "iax.conf", "[general]\n", 0 } };
	struct memory_files memory = { list, TG_COUNT(list) };
	const struct conf_files files = memory_files_io(&memory);
	const struct guard_limits want = guard_config_default().limits;
	struct conf_result result;
	(void)state;

	conf_load(&files, &result);
	CHECK_FALSE(result.failed);
	const struct world_guard *got = &result.world->settings.guard;

	CHECK_UINT(got->mode, want.mode);
	CHECK_UINT(got->new_dialogs_per_s, want.new_dialogs_per_s);
	CHECK_UINT(got->new_dialogs_burst, want.new_dialogs_burst);
	CHECK_UINT(got->known_dialogs_per_s, want.known_dialogs_per_s);
	CHECK_UINT(got->known_dialogs_burst, want.known_dialogs_burst);
	CHECK_UINT(got->strangers_per_s, want.strangers_per_s);
	CHECK_UINT(got->failures_per_min, want.failures_per_min);
	CHECK_UINT(got->failures_burst, want.failures_burst);
	CHECK_UINT(got->names_per_10min, want.names_per_10min);
	CHECK_UINT(got->delay_at, want.delay_at);
	CHECK_UINT(got->silence_at, want.silence_at);
	CHECK_UINT(got->kernel_at, want.kernel_at);
	CHECK_UINT(got->step_s, want.step_s);
	CHECK_UINT(got->account_failures, want.account_failures);
	CHECK_UINT(got->account_prefixes, want.account_prefixes);
	CHECK_UINT(got->account_distinct, want.account_distinct);
	CHECK_UINT(got->spray_accounts, want.spray_accounts);
	CHECK_UINT(got->spray_prefixes, want.spray_prefixes);
	CHECK_UINT(got->known_days, want.known_days);
	CHECK_UINT(got->kernel, 1);
	CHECK_UINT(got->tokenless, WORLD_TOKENLESS_ANYWHERE);
	conf_result_free(&result);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_empty_configuration_has_the_guards_own_defaults),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
