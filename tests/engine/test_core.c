/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/core.h"

#include "../switch/worlds.h"

#include "check.h"

/* S-01: a crowd of strangers has its own legs and its own places in the switch, beside those of all calls. */
static void test_strangers_have_room_of_their_own(void **state)
{
	struct conf_result conf;
	(void)state;

	world_read(&conf,
	           "[general]\ncalls=300\n"
	           "[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=default\n",
	           "[default]\nexten => 1,1,Echo()\n");
	const struct core_sizes sizes = core_sizes_of(conf.world);
	const uint32_t legs = sizes.endpoint.legs_max;
	const uint32_t refused = legs / 4, kept = legs / 20;

	CHECK_UINT(sizes.sw.calls_max, 300);
	CHECK_TRUE(sizes.endpoint.half_open_max > 0);
	CHECK_UINT(sizes.sw.half_open_max, sizes.endpoint.half_open_max);
	CHECK_TRUE(legs - refused - kept >=
	           2 * 300 + conf.world->settings.registrations_max + 1 + sizes.endpoint.half_open_max);
	CHECK_TRUE(sizes.endpoint.half_open_max > 8 * sizes.endpoint.half_open_host);
	conf_result_free(&conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strangers_have_room_of_their_own),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
