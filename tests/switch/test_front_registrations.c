/* SPDX-License-Identifier: Apache-2.0 */
/* In front of another exchange: which registrations are carried on to it, and for how long. */
#include "stage.h"

#include "check.h"

#include "switch/accounts.h"
#include "switch/inside.h"

static void test_a_registration_is_carried_while_it_lasts(void **state)
{
	struct stage *s = stage(12);
	(void)state;

	sim_run_ms(&s->sim, 2000);
	CHECK_FALSE(stage_bound(&s->backend, "alice"));
	CHECK_UINT(s->backend.sw->bound, 0);
	handset_register(&s->alice, &s->front, 60);
	handset_register(&s->bob, &s->front, 60);
	sim_run_ms(&s->sim, 1000);
	CHECK_TRUE(stage_bound(&s->backend, "alice") && stage_bound(&s->backend, "bob"));
	CHECK_TRUE(account_find(s->front.sw, TG_SPAN_LIT("alice")) != NULL);
	CHECK_TRUE(account_find(s->front.sw, TG_SPAN_LIT("front.alice")) == NULL);
	const struct outgoing *outgoing = tg_slab_at(outgoings_of(s->front.sw), 0, NULL);

	CHECK_TRUE(tg_addr_equal(outgoing->local, s->sim.nodes[s->front.node].addr));
	for (int i = 0; i < 6; i++) {
		handset_register(&s->alice, &s->front, 60);
		sim_run_ms(&s->sim, 30000);
		CHECK_TRUE(stage_bound(&s->backend, "alice"));
	}
	/* Bob was not heard of again. */
	CHECK_FALSE(stage_bound(&s->front, "bob"));
	CHECK_FALSE(stage_bound(&s->backend, "bob"));
	handset_register(&s->alice, &s->front, 0);
	sim_run_ms(&s->sim, 1000);
	CHECK_FALSE(stage_bound(&s->backend, "alice"));
	CHECK_UINT(s->backend.sw->bound, 0);
	/* And once more. */
	handset_register(&s->alice, &s->front, 60);
	sim_run_ms(&s->sim, 1000);
	CHECK_TRUE(stage_bound(&s->backend, "alice"));
	CHECK_UINT(outgoings_of(s->front.sw)->used, 1);
	stage_free(s);
}

static void test_who_goes_and_comes_at_once_stays_registered(void **state)
{
	struct stage *s = stage(13);
	(void)state;

	handset_register(&s->alice, &s->front, 60);
	sim_run_ms(&s->sim, 1000);
	for (int i = 0; i < 5; i++) {
		handset_register(&s->alice, &s->front, 0);
		sim_run_ms(&s->sim, 45 + (uint64_t)i * 5);
		handset_register(&s->alice, &s->front, 60);
		sim_run_ms(&s->sim, 2000);
		CHECK_TRUE(stage_bound(&s->front, "alice"));
		CHECK_TRUE(stage_bound(&s->backend, "alice"));
		CHECK_UINT(outgoings_of(s->front.sw)->used, 1);
	}
	stage_free(s);
}

static void test_who_fails_here_is_not_registered_there(void **state)
{
	static const char *const names[] = { "alice", "trap", "provider", "front.alice", "backend.alice", "caller" };
	struct stage *s = stage(14);
	(void)state;

	for (size_t i = 0; i < TG_COUNT(names); i++) {
		s->stranger.name = names[i];
		handset_register(&s->stranger, &s->front, 60);
		sim_run_ms(&s->sim, 4000);
		CHECK_FALSE(s->stranger.registered);
		CHECK_UINT(house_decided(&s->front)->exists, i < 3 || i == 5);
		CHECK_UINT(outgoings_of(s->front.sw)->used, 0);
	}
	CHECK_UINT(s->backend.sw->bound, 0);
	CHECK_UINT(s->backend.sw->stats.registrations_granted + s->backend.sw->stats.registrations_refused, 0);
	stage_free(s);
}

static void test_a_reload_keeps_what_is_still_there(void **state)
{
	struct stage *s = stage(15);
	(void)state;

	handset_register(&s->alice, &s->front, 60);
	handset_register(&s->bob, &s->front, 60);
	sim_run_ms(&s->sim, 1000);
	const uint64_t granted = s->backend.sw->stats.registrations_granted;

	house_reload(&s->front, front_iax, "");
	sim_run_ms(&s->sim, 2000);
	CHECK_UINT(s->backend.sw->stats.registrations_granted, granted);
	CHECK_UINT(outgoings_of(s->front.sw)->used, 2);
	/* Bob is there no more, and at last nobody is carried. */
	house_reload(&s->front, "[general]\n[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=phones\n",
	             "");
	sim_run_ms(&s->sim, 3000);
	CHECK_TRUE(stage_bound(&s->backend, "alice"));
	CHECK_UINT(outgoings_of(s->front.sw)->used, 1);
	s->front.tollgate = NULL;
	house_reload(&s->front, front_iax, "");
	sim_run_ms(&s->sim, 60000);
	CHECK_UINT(outgoings_of(s->front.sw)->used, 0);
	s->front.tollgate = front_tollgate;
	handset_register(&s->alice, &s->front, 60);
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(outgoings_of(s->front.sw)->used, 0);
	house_reload(&s->front, front_iax, "");
	sim_run_ms(&s->sim, 10000); /* bob's time is over */
	CHECK_UINT(outgoings_of(s->front.sw)->used, 1);
	CHECK_TRUE(stage_bound(&s->backend, "alice"));
	stage_free(s);
}

static void test_another_backend_and_back(void **state)
{
	struct stage *s = stage(19);
	(void)state;

	handset_register(&s->alice, &s->front, 3600);
	sim_run_ms(&s->sim, 1000);
	CHECK_TRUE(stage_bound(&s->backend, "alice"));
	s->front.tollgate = "[front]\nbackend=192.0.2.6:4569\n";
	house_reload(&s->front, front_iax, "");
	sim_run_ms(&s->sim, 5);
	CHECK_UINT(outgoings_of(s->front.sw)->used, 2);
	s->front.tollgate = front_tollgate;
	house_reload(&s->front, front_iax, "");
	for (int i = 0; i < 3; i++) {
		handset_register(&s->alice, &s->front, 60);
		sim_run_ms(&s->sim, 40000);
	}
	CHECK_TRUE(stage_bound(&s->backend, "alice"));
	CHECK_UINT(outgoings_of(s->front.sw)->used, 1);
	stage_free(s);
}

/* An account goes while its registration is given back. */
static void test_an_account_that_is_gone_leaves_nothing(void **state)
{
	struct stage *s = stage(20);
	const uint32_t used = accounts_of(s->front.sw)->used;
	(void)state;

	handset_register(&s->alice, &s->front, 60);
	sim_run_ms(&s->sim, 1000);
	handset_register(&s->alice, &s->front, 0);
	for (int i = 0; i < 1000 && stage_bound(&s->front, "alice"); i++) {
		sim_run_ms(&s->sim, 1);
	}
	CHECK_UINT(outgoings_of(s->front.sw)->used, 1);
	house_reload(&s->front, "[general]\n[new]\ntype=friend\nsecret=new-secret1\nhost=dynamic\ncontext=phones\n",
	             "");
	CHECK_TRUE(account_find(s->front.sw, TG_SPAN_LIT("alice")) == NULL);
	CHECK_UINT(accounts_of(s->front.sw)->used, 1);
	sim_run_ms(&s->sim, 60000);
	CHECK_UINT(outgoings_of(s->front.sw)->used, 0);
	house_reload(&s->front, front_iax, "");
	CHECK_UINT(accounts_of(s->front.sw)->used, used);
	stage_free(s);
}

static void test_registrations_of_the_file_are_ours(void **state)
{
	struct stage *s = stage_new(16, "[general]\nregister => alice:alice-secret@192.0.2.2\n" ACCOUNTS,
	                            front_tollgate);
	(void)state;

	sim_run_ms(&s->sim, 1000);
	CHECK_TRUE(stage_bound(&s->backend, "alice"));
	stage_free(s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_registration_is_carried_while_it_lasts),
		cmocka_unit_test(test_who_goes_and_comes_at_once_stays_registered),
		cmocka_unit_test(test_who_fails_here_is_not_registered_there),
		cmocka_unit_test(test_a_reload_keeps_what_is_still_there),
		cmocka_unit_test(test_another_backend_and_back),
		cmocka_unit_test(test_an_account_that_is_gone_leaves_nothing),
		cmocka_unit_test(test_registrations_of_the_file_are_ours),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
