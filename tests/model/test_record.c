/* SPDX-License-Identifier: Apache-2.0 */
#include "model/record.h"

#include "check.h"
#include "ipc/msg.h"
#include "model/secret.h"

static void test_dispositions_have_names(void **state)
{
	static const char *const want[MODEL_DISPOSITIONS] = {
		[MODEL_NO_ANSWER] = "NO ANSWER",
		[MODEL_ANSWERED] = "ANSWERED",
		[MODEL_BUSY] = "BUSY",
		[MODEL_FAILED] = "FAILED",
	};
	(void)state;

	for (unsigned i = 0; i < MODEL_DISPOSITIONS; i++) {
		CHECK_TEXT(model_disposition_name((enum model_disposition)i), want[i]);
	}
	CHECK_TEXT(model_disposition_name(MODEL_DISPOSITIONS), "(unknown)");
}

/* The loader counts identities as the model does, the engine as messages do. */
static void test_identities_are_those_of_the_messages(void **state)
{
	(void)state;
	CHECK_UINT((unsigned)MODEL_CALLER, (unsigned)IPC_CALLER);
	CHECK_UINT((unsigned)MODEL_REGISTRANT, (unsigned)IPC_REGISTRANT);
	CHECK_UINT((unsigned)MODEL_OUR_PEER, (unsigned)IPC_OUR_PEER);
	CHECK_UINT((unsigned)MODEL_OUR_REGISTER, (unsigned)IPC_OUR_REGISTER);
	CHECK_UINT(MODEL_IDENTITIES, IPC_OUR_REGISTER + 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dispositions_have_names),
		cmocka_unit_test(test_identities_are_those_of_the_messages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
