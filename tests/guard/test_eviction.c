/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <stdio.h>

/* However many others there are, who was right once is still remembered; so is an account and its network. */
static void test_a_million_sources_evict_no_customer(void **state)
{
	struct guard_config config = scene_config();
	const struct tg_addr home = scene_addr("192.0.2.7");
	struct guard_account_row row;
	uint32_t cursor = 0, found = 0;
	(void)state;

	config.sources_max = 2048;
	struct scene *scene = scene_with(&config);

	scene_succeed(scene, home, "alice");
	for (uint32_t i = 0; i < 1000000; i++) {
		const uint8_t ip[4] = { (uint8_t)(11 + (i >> 24)), (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };
		const struct tg_addr from = tg_addr_ipv4(ip, 4569);
		char name[16] = "";
		struct guard_try try = scene_try(from, name, i);

		snprintf(name, sizeof(name), "x%u", i);
		try.account = tg_span_text(name);
		try.exists = false;
		scene_open(scene, from);
		guard_on_failure(scene->guard, &try, scene->now_us);
		scene->now_us += 100;
	}
	scene_settle(scene);
	CHECK_UINT(scene_class(scene, home), GUARD_CLASS_KNOWN);
	while (guard_account_row(scene->guard, &cursor, scene->now_us, &row)) {
		found += strcmp(row.name, "alice") == 0 && row.networks == 1;
	}
	CHECK_UINT(found, 1);
	for (uint32_t i = 0; i < 100; i++) { /* it is healthy still: nobody behind it gets it dropped */
		CHECK_UINT(scene_fail(scene, home, "alice", i), GUARD_PASS);
		scene_fail(scene, home, "bob", i);
	}
	scene_settle(scene);
	CHECK_UINT(scene_class(scene, home), GUARD_CLASS_KNOWN);
	CHECK_UINT(scene_succeed(scene, home, "alice"), GUARD_PASS);
	scene_free(scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_a_million_sources_evict_no_customer) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
