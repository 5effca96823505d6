/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <stdio.h>

#include "switch/inside.h"

static const char extensions_conf[] = "[phones]\nexten => 202,1,Dial(IAX2/bob/${EXTEN},20,r)\nexten => 1,1,Wait(60)\n";

static unsigned channel_rows(const struct scene *s, struct switch_channel_row *rows, unsigned max)
{
	uint32_t cursor = 0;
	unsigned count = 0;

	while (count < max && switch_channel_row(s->house.sw, &cursor, s->sim.now_us, &rows[count])) {
		count++;
	}
	return count;
}

static void test_channels(void **state)
{
	struct scene *s = scene_new(1, NULL, extensions_conf);
	struct switch_channel_row rows[8];
	char name[128];
	(void)state;

	handset_register(&s->bob, &s->house, 60);
	sim_run_ms(&s->sim, 30000);
	CHECK_UINT(channel_rows(s, rows, 8), 0);
	s->bob.rings = true;
	s->bob.answer_after_ms = 3000;
	handset_call(&s->alice, &s->house, "202");
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(channel_rows(s, rows, 8), 2);
	snprintf(name, sizeof(name), "IAX2/alice-%u", rows[0].info.local_number);
	CHECK_TEXT(rows[0].channel, name);
	CHECK_TEXT(rows[0].user, "alice");
	CHECK_TEXT(rows[0].context, "phones");
	CHECK_TEXT(rows[0].exten, "202");
	CHECK_UINT(rows[0].priority, 1);
	CHECK_TEXT(rows[0].app, "Dial");
	CHECK_TEXT(rows[0].app_args, "IAX2/bob/202,20,r");
	CHECK_TEXT(rows[0].state, "Ring");
	CHECK_TEXT(rows[0].bridged_to, "");
	snprintf(name, sizeof(name), "IAX2/bob-%u", rows[1].info.local_number);
	CHECK_TEXT(rows[1].channel, name);
	CHECK_TEXT(rows[1].state, "Ringing");
	CHECK_UINT(rows[1].call_id, rows[0].call_id);
	sim_run_ms(&s->sim, 4000);
	CHECK_UINT(channel_rows(s, rows, 8), 2);
	CHECK_TEXT(rows[0].state, "Up");
	CHECK_TEXT(rows[1].state, "Up");
	CHECK_TEXT(rows[0].bridged_to, rows[1].channel);
	CHECK_TEXT(rows[1].bridged_to, rows[0].channel);
	CHECK_UINT(rows[0].seconds, 4);
	CHECK_UINT(rows[0].info.authenticated, 1);
	scene_free(s);
}

static void test_what_is_no_call(void **state)
{
	struct scene *s = scene_new(2, NULL, extensions_conf);
	struct switch_channel_row rows[8];
	(void)state;

	s->house.vault_is_dead = true;
	handset_call(&s->alice, &s->house, "1");
	handset_register(&s->bob, &s->house, 60);
	sim_run_ms(&s->sim, 100);
	CHECK_UINT(channel_rows(s, rows, 8), 2);
	CHECK_TEXT(rows[0].state, "Down");
	CHECK_TEXT(rows[0].exten, "1");
	CHECK_TEXT(rows[0].context, "");
	CHECK_TEXT(rows[1].channel, "(None)");
	scene_free(s);
}

static void test_stats(void **state)
{
	struct scene *s = scene_new(3, NULL, extensions_conf);
	struct switch_stats stats;
	(void)state;

	scene_register(s);
	handset_call(&s->alice, &s->house, "202");
	handset_call(&s->carol, &s->house, "1");
	handset_call(&s->carol, &s->house, "99");
	sim_run_ms(&s->sim, 2000);
	switch_stats(s->house.sw, &stats);
	CHECK_UINT(stats.calls_offered, 3);
	CHECK_UINT(stats.calls_answered, 1);
	CHECK_UINT(stats.calls_refused, 1);
	CHECK_UINT(stats.registrations_granted, 3);
	CHECK_UINT(stats.calls, 2);
	CHECK_UINT(stats.calls_peak, 3);
	CHECK_UINT(switch_calls(s->house.sw), 2);
	scene_free(s);
}

/* ---- Stopping --------------------------------------------------------------------------------------------------- */

static void test_stopping_gracefully(void **state)
{
	struct scene *s = scene_new(4, NULL, extensions_conf);
	(void)state;

	handset_call(&s->alice, &s->house, "1");
	sim_run_ms(&s->sim, 300);
	switch_stop(s->house.sw, true, s->sim.now_us);
	house_pump(&s->house);
	handset_call(&s->bob, &s->house, "1");
	handset_register(&s->carol, &s->house, 60); /* phones may stay registered */
	sim_run_ms(&s->sim, 1000);
	CHECK_TEXT(handset_story(&s->bob), "ended(42)");
	CHECK_TRUE(s->alice.lines[0].live && s->carol.registered);
	CHECK_UINT(switch_calls(s->house.sw), 1);
	handset_hangup(&s->alice, 0, 16);
	sim_run_ms(&s->sim, 300);
	CHECK_UINT(switch_calls(s->house.sw), 0);
	scene_free(s);
}

static void test_stopping_now(void **state)
{
	struct scene *s = scene_new(5, NULL, extensions_conf);
	(void)state;

	scene_register(s);
	handset_call(&s->alice, &s->house, "202");
	handset_call(&s->carol, &s->house, "1");
	sim_run_ms(&s->sim, 500);
	switch_stop(s->house.sw, false, s->sim.now_us);
	CHECK_UINT(switch_calls(s->house.sw), 0);
	house_pump(&s->house);
	sim_run_ms(&s->sim, 300);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) RINGING ANSWER ended(16)");
	CHECK_TEXT(handset_story(&s->bob), "offered(202) confirmed ended(16)");
	CHECK_TEXT(handset_story(&s->carol), "challenged accepted(ulaw) ended(16)");
	CHECK_UINT(s->house.record_count, 2);
	scene_free(s);
}

/* ---- Worlds ----------------------------------------------------------------------------------------------------- */

static void test_a_call_ends_in_the_world_it_began_in(void **state)
{
	struct scene *s = scene_new(6, NULL, "[phones]\nexten => 1,1,Wait(2)\nexten => 1,n,Hangup(11)\n");
	(void)state;

	handset_call(&s->alice, &s->house, "1");
	sim_run_ms(&s->sim, 500);
	house_reload(&s->house, scene_iax, "[phones]\nexten => 1,1,Wait(2)\nexten => 1,n,Hangup(22)\n");
	handset_call(&s->carol, &s->house, "1");
	sim_run_ms(&s->sim, 500);
	CHECK_TRUE(switch_world_in_use(s->house.sw, 1));
	CHECK_TRUE(switch_world_in_use(s->house.sw, 2));
	sim_run_ms(&s->sim, 2000);
	CHECK_UINT(s->alice.lines[0].cause, 11);
	CHECK_UINT(s->carol.lines[0].cause, 22);
	CHECK_FALSE(switch_world_in_use(s->house.sw, 1));
	CHECK_TRUE(switch_world_in_use(s->house.sw, 2));
	CHECK_FALSE(switch_world_in_use(s->house.sw, 3));
	scene_free(s);
}

static void test_an_account_that_goes_while_it_is_judged(void **state)
{
	struct scene *s = scene_new_with(
		7, &(struct house_plan){ .iax = scene_iax, .extensions = extensions_conf, .vault_us = 500000 },
		&(struct sim_net){ .delay_us = 10000 });
	(void)state;

	handset_register(&s->alice, &s->house, 60);
	handset_call(&s->bob, &s->house, "1");
	sim_run_ms(&s->sim, 800); /* challenged; the answers are with the vault */
	house_reload(&s->house, "[general]\n[carol]\ntype=friend\nsecret=carol-secret\nhost=dynamic\ncontext=phones\n",
	             "[phones]\nexten => 1,1,Wait(60)\n");
	sim_run_ms(&s->sim, 3000);
	CHECK_FALSE(s->alice.registered);
	CHECK_UINT(s->alice.register_cause, 29);
	scene_free(s);
}

/* More worlds than there are places: the calls of the oldest lose their dialplan, bridged ones go on. */
static void test_too_many_worlds(void **state)
{
	static const char extensions[] = "[phones]\nexten => 202,1,Dial(IAX2/bob,20,g)\nexten => 202,n,Hangup(99)\n"
					 "exten => 1,1,Wait(600)\n";
	struct scene *s = scene_new(8, NULL, extensions);
	(void)state;

	scene_register(s);
	handset_call(&s->alice, &s->house, "202");
	handset_call(&s->carol, &s->house, "1");
	sim_run_ms(&s->sim, 500);
	for (unsigned i = 0; i < HOUSE_WORLDS - 1; i++) {
		house_reload(&s->house, scene_iax, extensions);
		handset_call(&s->carol, &s->house, "1"); /* each world is in use */
		sim_run_ms(&s->sim, 500);
	}
	CHECK_FALSE(switch_world_in_use(s->house.sw, 1));
	CHECK_TRUE(switch_world_in_use(s->house.sw, HOUSE_WORLDS));
	CHECK_TRUE(s->alice.lines[0].live && s->bob.lines[0].live);
	CHECK_FALSE(s->carol.lines[0].live);
	CHECK_UINT(s->carol.lines[0].cause, 41);
	CHECK_TRUE(s->carol.lines[HOUSE_WORLDS - 1].live);
	handset_hangup(&s->bob, 0, 16);
	sim_run_ms(&s->sim, 500);
	CHECK_FALSE(s->alice.lines[0].live); /* the step behind its Dial is gone */
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_channels),
		cmocka_unit_test(test_what_is_no_call),
		cmocka_unit_test(test_stats),
		cmocka_unit_test(test_stopping_gracefully),
		cmocka_unit_test(test_stopping_now),
		cmocka_unit_test(test_a_call_ends_in_the_world_it_began_in),
		cmocka_unit_test(test_an_account_that_goes_while_it_is_judged),
		cmocka_unit_test(test_too_many_worlds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
