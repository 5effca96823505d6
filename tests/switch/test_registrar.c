/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include "switch/inside.h"

static const char extensions_conf[] = "[phones]\nexten => 202,1,Dial(IAX2/bob)\n";

static const char iax_conf[] =
	"[general]\nminregexpire=30\nmaxregexpire=120\n"
	"[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=phones\n"
	"[bob]\ntype=friend\nsecret=bob-secret\nhost=dynamic\ncontext=phones\ncallerid=\"Bob\" <202>\n"
	"[carol]\ntype=friend\nsecret=carol-secret\nhost=dynamic\ncontext=phones\n";

static const struct model_binding *last_binding(const struct scene *s)
{
	CHECK_TRUE(s->house.binding_count > 0);
	return &s->house.bindings[s->house.binding_count - 1];
}

static uint64_t wall_ms(const struct scene *s)
{
	return (HOUSE_WALL_US + s->sim.now_us) / TG_US_PER_MS;
}

static struct switch_peer_row peer_row(const struct scene *s, const char *name)
{
	struct switch_peer_row row;
	uint32_t cursor = 0;

	while (switch_peer_row(s->house.sw, &cursor, s->sim.now_us, &row)) {
		if (strcmp(row.name, name) == 0) {
			return row;
		}
	}
	CHECK_TRUE(false);
	return row;
}

static void test_refresh_is_clamped(void **state)
{
	static const struct {
		uint16_t asked, granted;
	} cases[] = { { 60, 60 }, { 10, 30 }, { 1, 30 }, { 600, 120 }, { 120, 120 }, { 65535, 120 } };
	struct scene *s = scene_new(1, iax_conf, extensions_conf);
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		handset_register(&s->bob, &s->house, cases[i].asked);
		sim_run_ms(&s->sim, 500);
		CHECK_TRUE(s->bob.registered);
		CHECK_UINT(s->bob.refresh_s, cases[i].granted);
		CHECK_TRUE(tg_addr_equal(s->bob.apparent, s->sim.nodes[s->bob.node].addr));
		CHECK_UINT(last_binding(s)->refresh_s, cases[i].granted);
		CHECK_TEXT(last_binding(s)->name, "bob");
		CHECK_TRUE(tg_addr_equal(last_binding(s)->addr, s->sim.nodes[s->bob.node].addr));
		CHECK_TRUE(tg_addr_equal(last_binding(s)->local, s->sim.nodes[s->house.node].addr));
	}
	CHECK_UINT(s->house.sw->stats.registrations_granted, TG_COUNT(cases));
	scene_free(s);
}

static void test_a_binding_ends_ten_seconds_after_its_refresh(void **state)
{
	struct scene *s = scene_new(2, iax_conf, extensions_conf);
	(void)state;

	handset_register(&s->bob, &s->house, 60);
	sim_run_ms(&s->sim, 500);
	CHECK_UINT(s->house.binding_count, 1);
	const uint64_t expires_ms = last_binding(s)->expires_ms;

	CHECK_TRUE(expires_ms > wall_ms(s) + 69000 && expires_ms <= wall_ms(s) + 70000);
	CHECK_TRUE(tg_addr_equal(peer_row(s, "bob").addr, s->sim.nodes[s->bob.node].addr));
	CHECK_TRUE(peer_row(s, "bob").expires_s >= 68 && peer_row(s, "bob").expires_s <= 70);
	sim_run_ms(&s->sim, expires_ms - wall_ms(s) - 10);
	CHECK_UINT(s->house.binding_count, 1);
	sim_run_ms(&s->sim, 20);
	CHECK_UINT(s->house.binding_count, 2);
	CHECK_UINT(last_binding(s)->expires_ms, 0);
	CHECK_UINT(peer_row(s, "bob").addr.family, TG_NO_ADDR);
	CHECK_LOGGED(s, "reg.expired");
	scene_free(s);
}

static void test_renewing_goes_on(void **state)
{
	struct scene *s = scene_new(3, iax_conf, extensions_conf);
	(void)state;

	for (int i = 0; i < 5; i++) {
		handset_register(&s->bob, &s->house, 60);
		sim_run_ms(&s->sim, 55000);
		CHECK_TRUE(s->bob.registered);
	}
	CHECK_FALSE(house_logged(&s->house, "reg.expired"));
	CHECK_FALSE(house_logged(&s->house, "reg.moved"));
	scene_free(s);
}

static void test_release(void **state)
{
	struct scene *s = scene_new(4, iax_conf, extensions_conf);
	(void)state;

	handset_register(&s->bob, &s->house, 60);
	sim_run_ms(&s->sim, 500);
	handset_register(&s->bob, &s->house, 0);
	sim_run_ms(&s->sim, 500);
	CHECK_TRUE(s->bob.registered); /* REGACK */
	CHECK_UINT(last_binding(s)->expires_ms, 0);
	CHECK_UINT(peer_row(s, "bob").addr.family, TG_NO_ADDR);
	handset_register(&s->bob, &s->house, 0); /* there is nothing to give back */
	sim_run_ms(&s->sim, 3000);
	CHECK_FALSE(s->bob.registered);
	CHECK_UINT(s->bob.register_cause, 29);
	CHECK_UINT(house_decided(&s->house)->why, MODEL_WHY_NOT_BOUND);
	CHECK_UINT(house_decided(&s->house)->request, MODEL_REQUEST_RELEASE);
	scene_free(s);
}

static void test_another_address_replaces_the_old_one(void **state)
{
	struct scene *s = scene_new(5, iax_conf, extensions_conf);
	(void)state;

	handset_register(&s->bob, &s->house, 60);
	sim_run_ms(&s->sim, 500);
	s->carol.name = "bob";
	s->carol.secret = "bob-secret";
	handset_register(&s->carol, &s->house, 60);
	sim_run_ms(&s->sim, 500);
	CHECK_TRUE(tg_addr_equal(peer_row(s, "bob").addr, s->sim.nodes[s->carol.node].addr));
	CHECK_LOGGED(s, "reg.moved peer='bob' from=192.0.2.3:4569 to=192.0.2.4:4569");
	handset_call(&s->alice, &s->house, "202");
	sim_run_ms(&s->sim, 500);
	CHECK_UINT(s->bob.line_count, 0);
	CHECK_UINT(s->carol.line_count, 1);
	scene_free(s);
}

static void test_what_was_kept_is_restored(void **state)
{
	struct scene *s = scene_new(6, iax_conf, extensions_conf);
	struct model_binding binding = {
		.name = "bob",
		.addr = s->sim.nodes[s->bob.node].addr,
		.local = s->sim.nodes[s->house.node].addr,
		.expires_ms = wall_ms(s) + 20000,
		.refresh_s = 60,
	};
	(void)state;

	switch_on_binding(s->house.sw, &binding, s->sim.now_us, wall_ms(s) * 1000);
	tg_span_copy(binding.name, sizeof(binding.name), TG_SPAN_LIT("carol"));
	binding.expires_ms = wall_ms(s) - 1; /* too late */
	switch_on_binding(s->house.sw, &binding, s->sim.now_us, wall_ms(s) * 1000);
	tg_span_copy(binding.name, sizeof(binding.name), TG_SPAN_LIT("gone")); /* no such peer any more */
	binding.expires_ms = wall_ms(s) + 5000;
	switch_on_binding(s->house.sw, &binding, s->sim.now_us, wall_ms(s) * 1000);
	house_pump(&s->house);
	CHECK_UINT(s->house.binding_count, 0); /* the store has them */
	CHECK_UINT(s->house.sw->bound, 2);
	CHECK_UINT(peer_row(s, "carol").addr.family, TG_NO_ADDR);
	handset_call(&s->alice, &s->house, "202");
	sim_run_ms(&s->sim, 500);
	CHECK_UINT(s->bob.line_count, 1);
	handset_hangup(&s->alice, 0, 16);
	sim_run_ms(&s->sim, 21000);
	CHECK_UINT(s->house.sw->bound, 0);
	CHECK_UINT(s->house.binding_count, 2);
	CHECK_UINT(accounts_of(s->house.sw)->used, 3);
	scene_free(s);
}

static void test_a_restored_one_does_not_replace_a_new_one(void **state)
{
	struct scene *s = scene_new(7, iax_conf, extensions_conf);
	const struct model_binding old = { .name = "bob",
		                           .addr = { .family = TG_IPV4, .port = 1 },
		                           .expires_ms = wall_ms(s) + 99000 };
	(void)state;

	handset_register(&s->bob, &s->house, 60);
	sim_run_ms(&s->sim, 500);
	switch_on_binding(s->house.sw, &old, s->sim.now_us, wall_ms(s) * 1000);
	CHECK_TRUE(tg_addr_equal(peer_row(s, "bob").addr, s->sim.nodes[s->bob.node].addr));
	scene_free(s);
}

static void test_the_limit(void **state)
{
	struct scene *s = scene_new_with(8, &(struct house_plan){ iax_conf, extensions_conf, .bindings_max = 2 },
	                                 &(struct sim_net){ .delay_us = 10000 });
	(void)state;

	/* Three peers, and room for two. */
	CHECK_LOGGED(s, "peer.no_room peers=1 limit=2");
	handset_register(&s->alice, &s->house, 60);
	handset_register(&s->bob, &s->house, 60);
	handset_register(&s->carol, &s->house, 60);
	sim_run_ms(&s->sim, 3000);
	CHECK_TRUE(s->alice.registered && s->bob.registered);
	CHECK_FALSE(s->carol.registered);
	CHECK_UINT(s->carol.register_cause, 29);
	CHECK_UINT(house_decided(&s->house)->why, MODEL_WHY_NO_ROOM);
	handset_register(&s->bob, &s->house, 60); /* who is in may stay */
	sim_run_ms(&s->sim, 500);
	CHECK_TRUE(s->bob.registered);
	scene_free(s);
}

static void test_a_reload_keeps_bindings(void **state)
{
	struct scene *s = scene_new(9, iax_conf, extensions_conf);
	(void)state;

	handset_register(&s->bob, &s->house, 60);
	handset_register(&s->carol, &s->house, 60);
	sim_run_ms(&s->sim, 500);
	house_reload(&s->house, "[general]\n[bob]\ntype=friend\nsecret=bob-secret\nhost=dynamic\ncontext=phones\n",
	             extensions_conf);
	CHECK_TRUE(tg_addr_equal(peer_row(s, "bob").addr, s->sim.nodes[s->bob.node].addr));
	CHECK_UINT(accounts_of(s->house.sw)->used, 2); /* carol's is kept until it ends */
	sim_run_ms(&s->sim, 80000);
	CHECK_UINT(accounts_of(s->house.sw)->used, 1);
	scene_free(s);
}

/* What the far end of a call to bob's extension is told: 0 for nothing, it rings at bob's. */
static uint8_t cause_of_a_call(struct scene *s)
{
	const unsigned before = s->bob.line_count, line = handset_call(&s->alice, &s->house, "202");

	sim_run_ms(&s->sim, 3000);
	const uint8_t cause = s->bob.line_count > before ? 0 : s->alice.lines[line].cause;

	if (cause == 0) {
		handset_hangup(&s->alice, line, 16);
		sim_run_ms(&s->sim, 500);
	}
	return cause;
}

/* The extension is there as long as the registration is: begun, ended, restored, run out, and not asked for any more. */
static void test_regcontext(void **state)
{
	enum { NO_EXTEN = 3 };
	static const char iax[] = "[general]\nregcontext=here\n"
				  "[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=phones\n"
				  "[bob]\ntype=friend\nsecret=bob-secret\nhost=dynamic\ncontext=phones\nregexten=202\n";
	static const char extensions[] = "[phones]\ninclude => here\n[here]\nexten => _XXX,2,Dial(IAX2/bob)\n";
	struct scene *s = scene_new(10, iax, extensions);
	struct model_binding binding = { .name = "bob", .addr = s->sim.nodes[s->bob.node].addr };
	(void)state;

	binding.local = s->sim.nodes[s->house.node].addr;
	CHECK_UINT(cause_of_a_call(s), NO_EXTEN);
	handset_register(&s->bob, &s->house, 60);
	sim_run_ms(&s->sim, 500);
	CHECK_UINT(cause_of_a_call(s), 0);
	handset_register(&s->bob, &s->house, 0);
	sim_run_ms(&s->sim, 500);
	CHECK_UINT(cause_of_a_call(s), NO_EXTEN);
	binding.expires_ms = wall_ms(s) + 20000;
	switch_on_binding(s->house.sw, &binding, s->sim.now_us, wall_ms(s) * 1000);
	house_pump(&s->house);
	CHECK_UINT(cause_of_a_call(s), 0);
	sim_run_ms(&s->sim, 21000);
	CHECK_UINT(cause_of_a_call(s), NO_EXTEN);
	handset_register(&s->bob, &s->house, 60);
	sim_run_ms(&s->sim, 500);
	CHECK_UINT(cause_of_a_call(s), 0);
	house_reload(&s->house, strstr(iax, "[alice]"), extensions);
	CHECK_UINT(cause_of_a_call(s), NO_EXTEN);
	scene_free(s);
}

static void test_lossy_registrations_end_well(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 40; seed++) {
		struct scene *s = scene_new_with(seed,
		                                 &(struct house_plan){ .iax = iax_conf, .extensions = extensions_conf },
		                                 &(struct sim_net){ .loss_permille = 300,
		                                                    .repeat_permille = 50,
		                                                    .reorder_permille = 50,
		                                                    .delay_us = 20000,
		                                                    .reorder_us = 60000 });

		handset_register(&s->bob, &s->house, 60);
		sim_run_ms(&s->sim, 60000);
		/* What we granted is bound; what the phone was told of was granted. */
		CHECK_TRUE(!s->bob.registered || s->house.binding_count > 0);
		scene_free(s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refresh_is_clamped),
		cmocka_unit_test(test_a_binding_ends_ten_seconds_after_its_refresh),
		cmocka_unit_test(test_renewing_goes_on),
		cmocka_unit_test(test_release),
		cmocka_unit_test(test_another_address_replaces_the_old_one),
		cmocka_unit_test(test_what_was_kept_is_restored),
		cmocka_unit_test(test_a_restored_one_does_not_replace_a_new_one),
		cmocka_unit_test(test_the_limit),
		cmocka_unit_test(test_a_reload_keeps_bindings),
		cmocka_unit_test(test_regcontext),
		cmocka_unit_test(test_lossy_registrations_end_well),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
