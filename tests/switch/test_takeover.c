/* SPDX-License-Identifier: Apache-2.0 */
/* Another process goes on with what was there when one died: its calls, its phones, and what costs money. */
#include "scene.h"

#include "iax/inspect.h"
#include "switch/calls.h"
#include "switch/inside.h"
#include "switch/paying.h"

#include <stdio.h>
#include <string.h>

static const char extensions_conf[] = "[phones]\n"
				      "exten => 202,1,Dial(IAX2/bob,20)\n"
				      "exten => 203,1,Dial(IAX2/bob&IAX2/carol,20)\n"
				      "exten => 204,1,Dial(IAX2/bob,20,g)\n"
				      " same => n,Playback(ten)\n"
				      "exten => 300,1,Answer(,i)\n"
				      " same => n,Playback(ten&ten)\n"
				      " same => n,Wait(1)\n"
				      "exten => 301,1,Answer(,i)\n"
				      " same => n,Wait(3)\n"
				      " same => n,Playback(one)\n"
				      "exten => 302,1,Answer(,i)\n"
				      " same => n,Echo()\n"
				      "exten => 303,1,Answer(,i)\n"
				      " same => n,Set(COLOUR=red)\n"
				      " same => n,Set(IAXVAR(mood)=fine)\n"
				      " same => n,Set(GLOBAL(MANY)=seven)\n"
				      " same => n,Gosub(sub,s,1(a,b))\n"
				      " same => n,Set(AFTER=${COLOUR}-${ARG1}-${BACK})\n"
				      " same => n,Wait(5)\n"
				      "exten => 304,1,Answer(,i)\n"
				      " same => n,Playtones(busy)\n"
				      " same => n,Wait(60)\n"
				      "exten => 305,1,Answer(,i)\n"
				      " same => n,Milliwatt(m)\n"
				      "exten => 306,1,Answer(,i)\n"
				      " same => n,Set(TIMEOUT(absolute)=4)\n"
				      " same => n,Wait(60)\n"
				      "exten => 307,1,Answer(,i)\n"
				      " same => n,WaitExten(5)\n"
				      "exten => 9,1,Playback(one)\n"
				      "[sub]\n"
				      "exten => s,1,Set(LOCAL(WAS)=${ARG1}${ARG2})\n"
				      " same => n,Gosub(deep,s,1(c))\n"
				      " same => n,Set(BACK=${WAS}${ARG1})\n"
				      " same => n,Return()\n"
				      "[deep]\n"
				      "exten => s,1,Wait(2)\n"
				      " same => n,Return()\n";

static struct scene *begin(uint64_t seed)
{
	struct scene *s = scene_new(seed, NULL, extensions_conf);

	scene_register(s);
	return s;
}

static void check_result(struct switch_takeover result, uint32_t calls, uint32_t ended)
{
	CHECK_UINT(result.calls, calls);
	CHECK_UINT(result.ended, ended);
}

/* The process dies so often, this far apart. */
static void die_often(struct scene *s, unsigned times, unsigned ms)
{
	for (unsigned i = 0; i < times; i++) {
		const struct switch_takeover result = house_take_over(&s->house, 0);

		check_result(result, 1, 0);
		CHECK_UINT(result.legs, 0);
		CHECK_UINT(result.bindings, 3);
		sim_run_ms(&s->sim, ms);
	}
}

static struct call *the_call(const struct scene *s)
{
	for (uint32_t i = 0; i < calls_of(s->house.sw)->begun; i++) {
		struct call *call = tg_slab_at(calls_of(s->house.sw), i, NULL);

		if (call != NULL) {
			return call;
		}
	}
	CHECK_TRUE(false);
	return NULL;
}

/* alice talks with bob, both send voice. */
static unsigned talk(struct scene *s, const char *number)
{
	s->alice.keeps_talking = s->bob.keeps_talking = true;
	s->bob.answer_after_ms = 500;
	const unsigned line = handset_call(&s->alice, &s->house, number);

	sim_run_ms(&s->sim, 2000);
	CHECK_TRUE(s->alice.lines[line].answered && s->bob.lines[0].answered);
	return line;
}

static void test_a_call_goes_on_and_either_side_ends_it(void **state)
{
	(void)state;
	for (int by_bob = 0; by_bob < 2; by_bob++) {
		struct scene *s = begin(1);
		const unsigned line = talk(s, "202");
		const uint64_t unique = the_call(s)->record.unique;

		die_often(s, 20, 400);
		CHECK_TRUE(s->bob.lines[0].voice_mini > 450 && s->alice.lines[line].voice_mini > 450);
		CHECK_UINT(s->bob.lines[0].gaps + s->alice.lines[line].gaps, 0);
		CHECK_UINT(s->bob.lines[0].last_octet, 0xa1);
		CHECK_UINT(s->house.record_count, 0);
		handset_hangup(by_bob ? &s->bob : &s->alice, by_bob ? 0 : line, 16);
		sim_run_ms(&s->sim, 500);
		CHECK_FALSE(s->alice.lines[line].live || s->bob.lines[0].live);
		CHECK_UINT(s->house.record_count, 1);
		const struct model_call_record *record = house_record(&s->house);

		CHECK_UINT(record->unique, unique);
		CHECK_TEXT(record->caller, "alice");
		CHECK_TEXT(record->callee, "bob");
		CHECK_TEXT(record->dialled, "202");
		CHECK_UINT(record->disposition, MODEL_ANSWERED);
		CHECK_UINT(record->cause, 16);
		CHECK_TRUE(record->ended_ms - record->answered_ms >= 9300 &&
		           record->ended_ms - record->answered_ms < 10200);
		CHECK_TRUE(record->from_caller.packets > 450 && record->from_callee.packets > 450);
		scene_free(s);
	}
}

/* Numbers of calls go on; no record takes another's place. */
static void test_no_number_is_given_twice(void **state)
{
	struct scene *s = begin(2);
	(void)state;

	for (int i = 0; i < 3; i++) {
		const unsigned line = handset_call(&s->alice, &s->house, "301");

		sim_run_ms(&s->sim, 500);
		check_result(house_take_over(&s->house, 0), 1, 0);
		handset_hangup(&s->alice, line, 16);
		sim_run_ms(&s->sim, 200);
		house_take_over(&s->house, 0);
	}
	CHECK_UINT(s->house.record_count, 3);
	CHECK_UINT(house_record(&s->house)->unique, 1002);
	scene_free(s);
}

static void test_what_rings_goes_on_and_is_answered(void **state)
{
	struct scene *s = begin(3);
	(void)state;

	s->bob.answer_after_ms = 3000;
	s->carol.answer_after_ms = HANDSET_NEVER;
	s->bob.rings = true;
	s->alice.keeps_talking = s->bob.keeps_talking = true;
	const unsigned line = handset_call(&s->alice, &s->house, "203");

	sim_run_ms(&s->sim, 1000);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) RINGING");
	die_often(s, 3, 400);
	sim_run_ms(&s->sim, 2000);
	CHECK_TEXT(handset_story(&s->alice), "ANSWER voice(ulaw)");
	CHECK_TRUE(s->bob.lines[0].answered && !s->carol.lines[0].live);
	CHECK_UINT(s->carol.lines[0].cause, IAX_CAUSE_ANSWERED_ELSEWHERE);
	die_often(s, 3, 400);
	handset_hangup(&s->alice, line, 16);
	sim_run_ms(&s->sim, 500);
	CHECK_TEXT(house_record(&s->house)->callee, "bob");
	CHECK_FALSE(s->bob.lines[0].live);
	scene_free(s);
}

/* The time to ring goes on, too. */
static void test_nobody_answers_in_time(void **state)
{
	struct scene *s = begin(4);
	(void)state;

	s->bob.answer_after_ms = HANDSET_NEVER;
	const unsigned line = handset_call(&s->alice, &s->house, "202");

	sim_run_ms(&s->sim, 1000);
	die_often(s, 9, 2000);
	sim_run_ms(&s->sim, 1500);
	CHECK_FALSE(s->alice.lines[line].live || s->bob.lines[0].live);
	CHECK_UINT(house_record(&s->house)->disposition, MODEL_NO_ANSWER);
	scene_free(s);
}

/* It dies between ACCEPT, RINGING or ANSWER coming in and the switch hearing of it. */
static void test_what_the_switch_did_not_hear(void **state)
{
	(void)state;
	for (unsigned ms = 60; ms < 700; ms += 5) {
		struct scene *s = begin(5 + ms);

		s->bob.answer_after_ms = 500;
		const unsigned line = handset_call(&s->alice, &s->house, "202");
		struct sim_node *node = &s->sim.nodes[s->house.node];
		void (*const turn)(void *, struct sim *, unsigned) = node->owner.turn;

		sim_run_ms(&s->sim, ms);
		node->owner.turn = NULL;
		sim_run_ms(&s->sim, 5);
		node->owner.turn = turn;
		house_take_over(&s->house, 0);
		sim_run_ms(&s->sim, 45000); /* one whose challenge or verdict is lost fails in its time */
		const bool both = s->alice.lines[line].live && s->alice.lines[line].answered &&
		                  s->bob.line_count == 1 && s->bob.lines[0].live;
		const bool none = !s->alice.lines[line].live && (s->bob.line_count == 0 || !s->bob.lines[0].live);

		if (!both && !none) {
			print_error("%u ms: half a call is left\n", ms);
		}
		CHECK_TRUE(both || none);
		CHECK_TRUE(both || ms < 120);
		scene_free(s);
	}
}

static void test_a_hangup_that_the_switch_did_not_hear(void **state)
{
	(void)state;
	for (int by_bob = 0; by_bob < 2; by_bob++) {
		struct scene *s = begin(6);
		const unsigned line = talk(s, by_bob ? "204" : "202");
		struct sim_node *node = &s->sim.nodes[s->house.node];
		void (*const turn)(void *, struct sim *, unsigned) = node->owner.turn;

		node->owner.turn = NULL;
		handset_hangup(by_bob ? &s->bob : &s->alice, by_bob ? 0 : line, 16);
		sim_run_ms(&s->sim, 15);
		node->owner.turn = turn;
		check_result(house_take_over(&s->house, 0), (uint32_t)by_bob, !by_bob);
		sim_run_ms(&s->sim, 100);
		/* with option g the dialplan goes on */
		CHECK_UINT(s->alice.lines[line].live, by_bob);
		CHECK_FALSE(s->bob.lines[0].live);
		sim_run_ms(&s->sim, 1000);
		CHECK_FALSE(s->alice.lines[line].live);
		CHECK_UINT(house_record(&s->house)->disposition, MODEL_ANSWERED);
		scene_free(s);
	}
}

static void test_prompts_waits_and_tones_go_on(void **state)
{
	static const struct {
		const char *number, *story;
		unsigned ends_ms; /* 0: not by itself */
	} cases[] = {
		{ "300", "voice(ulaw)", 1500 }, { "301", "", 3200 }, { "304", "voice(ulaw)", 0 },
		{ "305", "voice(ulaw)", 0 },    { "306", "", 4200 }, { "307", "", 5200 },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct scene *s = begin(7 + i);
		const unsigned line = handset_call(&s->alice, &s->house, cases[i].number);
		unsigned heard;

		sim_run_ms(&s->sim, 200);
		die_often(s, 3, 50);
		sim_run_ms(&s->sim, 300);
		heard = s->alice.lines[line].voice_full + s->alice.lines[line].voice_mini;
		CHECK_UINT(heard > 15, cases[i].story[0] != '\0');
		CHECK_UINT(s->alice.lines[line].gaps, 0);
		sim_run_ms(&s->sim, 1000);
		CHECK_UINT(s->alice.lines[line].live, cases[i].ends_ms == 0 || cases[i].ends_ms > 1650);
		house_take_over(&s->house, 0);
		sim_run_ms(&s->sim, 6000);
		CHECK_UINT(s->alice.lines[line].live, cases[i].ends_ms == 0);
		if (cases[i].ends_ms != 0) {
			const struct model_call_record *record = house_record(&s->house);

			CHECK_TRUE(record->ended_ms - record->started_ms + 200 > cases[i].ends_ms &&
			           record->ended_ms - record->started_ms < cases[i].ends_ms + 200);
		}
		scene_free(s);
	}
}

static void test_echo_goes_on(void **state)
{
	struct scene *s = begin(8);
	(void)state;

	s->alice.keeps_talking = true;
	const unsigned line = handset_call(&s->alice, &s->house, "302");

	sim_run_ms(&s->sim, 1000);
	const uint32_t heard = s->alice.lines[line].voice_mini;

	die_often(s, 4, 500);
	CHECK_TRUE(s->alice.lines[line].voice_mini > heard + 90);
	CHECK_UINT(s->alice.lines[line].last_octet, 0xa1);
	handset_digit(&s->alice, line, '#');
	sim_run_ms(&s->sim, 500);
	CHECK_FALSE(s->alice.lines[line].live);
	scene_free(s);
}

static void test_a_gosub_returns_with_its_variables(void **state)
{
	struct scene *s = begin(9);
	(void)state;

	const unsigned line = handset_call(&s->alice, &s->house, "303");

	sim_run_ms(&s->sim, 500);
	die_often(s, 3, 100);
	sim_run_ms(&s->sim, 2000);
	die_often(s, 2, 100);
	CHECK_TEXT(scene_variable(s, "AFTER"), "red--aba");
	CHECK_TEXT(scene_variable(s, "COLOUR"), "red");
	uint8_t value[BAG_VALUE_MAX];

	CHECK_UINT(bag_get(pieces_of(s->house.sw), &s->house.sw->globals, BAG_PLAIN, TG_SPAN_LIT("MANY"), value, NULL),
	           5);
	CHECK_UINT(bag_get(pieces_of(s->house.sw), &the_call(s)->bag, BAG_IAX, TG_SPAN_LIT("mood"), value, NULL), 4);
	handset_hangup(&s->alice, line, 16);
	sim_run_ms(&s->sim, 500);
	scene_free(s);
}

/* Without its digits; what is dialled next counts. */
static void test_digits_are_waited_for(void **state)
{
	struct scene *s = begin(10);
	(void)state;

	const unsigned line = handset_call(&s->alice, &s->house, "307");

	sim_run_ms(&s->sim, 500);
	die_often(s, 2, 100);
	handset_digit(&s->alice, line, '9');
	handset_digit(&s->alice, line, '#');
	sim_run_ms(&s->sim, 100);
	CHECK_TRUE(s->alice.lines[line].voice_full == 1);
	scene_free(s);
}

/* ---- Worlds ------------------------------------------------------------------------------------------------------ */

/* A call goes on in the configuration that it began with; in none, if that is gone, as long as they talk. */
static void test_worlds_by_generation(void **state)
{
	(void)state;
	for (unsigned worlds = 0; worlds < 2; worlds++) {
		struct scene *s = begin(11);
		const unsigned line = talk(s, "204");
		const unsigned waiting = handset_call(&s->carol, &s->house, "301");

		sim_run_ms(&s->sim, 500);
		house_reload(&s->house, scene_iax, "[phones]\nexten => 1,1,Wait(1)\n");
		house_reload(&s->house, scene_iax, "[phones]\nexten => 2,1,Wait(1)\n");
		check_result(house_take_over(&s->house, worlds), worlds == 0 ? 2 : 1, worlds);
		sim_run_ms(&s->sim, 300);
		CHECK_UINT(switch_world_in_use(s->house.sw, 1), worlds == 0);
		CHECK_FALSE(switch_world_in_use(s->house.sw, 2));
		CHECK_TRUE(switch_world_in_use(s->house.sw, 3));
		CHECK_UINT(s->carol.lines[waiting].live, worlds == 0);
		CHECK_UINT(s->house.record_count, worlds);
		handset_hangup(&s->bob, 0, 16);
		sim_run_ms(&s->sim, 150);
		CHECK_UINT(s->alice.lines[line].live, worlds == 0); /* option g: a prompt plays */
		sim_run_ms(&s->sim, 4000);
		CHECK_FALSE(s->alice.lines[line].live || s->carol.lines[waiting].live);
		CHECK_UINT(s->house.record_count, 2);
		CHECK_FALSE(switch_world_in_use(s->house.sw, 1));
		scene_free(s);
	}
}

/* ---- Phones and registrations ------------------------------------------------------------------------------------ */

static void test_phones_stay_registered(void **state)
{
	struct scene *s = begin(12);
	const unsigned told = s->house.binding_count;
	(void)state;

	for (int i = 0; i < 5; i++) {
		CHECK_UINT(house_take_over(&s->house, 0).bindings, 3);
		sim_run_ms(&s->sim, 10000);
	}
	CHECK_UINT(s->house.binding_count, told); /* nothing to tell the store */
	talk(s, "202");
	sim_run_ms(&s->sim, 17000); /* 60 s and 10 more after they registered */
	CHECK_UINT(s->house.sw->bound, 3);
	CHECK_UINT(house_take_over(&s->house, 0).bindings, 3);
	sim_run_ms(&s->sim, 3000);
	CHECK_UINT(s->house.sw->bound, 0);
	CHECK_UINT(s->house.binding_count, told + 3);
	scene_free(s);
}

/* Refs of accounts stay true, so an answer to a POKE that was under way counts. */
static void test_who_answers_is_known(void **state)
{
	struct scene *s = scene_new(13,
	                            "[general]\n[bob]\ntype=peer\nhost=192.0.2.3\nqualify=500\nqualifyfreqok=20000\n"
	                            "[alice]\ntype=friend\nhost=dynamic\nsecret=alice-secret\ncontext=phones\n",
	                            "[phones]\nexten => 1,1,Wait(1)\n");
	struct switch_peer_row row;
	uint32_t cursor = 0;
	(void)state;

	sim_run_ms(&s->sim, 15); /* the POKE is sent after 10 ms, answered after 30 */
	CHECK_UINT(iax_inspect_legs(s->sim.nodes[s->house.node].ep), 1);
	CHECK_UINT(house_take_over(&s->house, 0).legs, 0);
	sim_run_ms(&s->sim, 20);
	house_take_over(&s->house, 0);
	while (switch_peer_row(s->house.sw, &cursor, s->sim.now_us, &row) && strcmp(row.name, "bob") != 0) {
	}
	CHECK_INT(row.rtt_ms, 20);
	scene_free(s);
}

/* Our own registration with another exchange, whenever it dies. */
static void test_our_registrations_go_on(void **state)
{
	static const char west[] = "[general]\n[east]\ntype=registration\nusername=west\nsecret=west-secret1\n"
				   "host=192.0.2.2\nrefresh=60\n";
	static const char east[] = "[general]\n[west]\ntype=peer\nsecret=west-secret1\nhost=dynamic\n";
	(void)state;

	for (unsigned ms = 0; ms < 150; ms += 5) {
		static struct sim sim;
		static struct house from, to;
		struct switch_registry_row row = { .state = "" };
		uint32_t cursor = 0;

		sim_init(&sim, 14 + ms, &(struct sim_net){ .delay_us = 10000 });
		house_open(&from, &sim, &(struct house_plan){ .iax = west, .extensions = "[default]\n" });
		house_open(&to, &sim, &(struct house_plan){ .iax = east, .extensions = "[default]\n" });
		sim_run_ms(&sim, ms);
		struct sim_node *node = &sim.nodes[from.node];
		void (*const turn)(void *, struct sim *, unsigned) = node->owner.turn;

		node->owner.turn = NULL; /* what comes now it does not hear any more */
		sim_run_ms(&sim, 5);
		node->owner.turn = turn;
		house_die(&from);
		struct tg_ref ref;
		struct outgoing *twice = tg_slab_take(outgoings_of(from.sw), &ref);

		memcpy(twice, tg_slab_at(outgoings_of(from.sw), 0, NULL), sizeof(*twice));
		CHECK_UINT(house_live_again(&from, 0).registrations, 1);
		CHECK_UINT(outgoings_of(from.sw)->used, 1);
		sim_run_ms(&sim, 110000); /* a challenge that nobody heard: 30 s until it is given up, and a minute */
		CHECK_UINT(house_take_over(&from, 0).registrations, 1);
		CHECK_TRUE(switch_registry_row(from.sw, &cursor, sim.now_us, &row));
		CHECK_TEXT(row.state, "Registered");
		const unsigned told = to.binding_count;

		sim_run_ms(&sim, 130000);
		CHECK_UINT(to.sw->bound, 1);
		CHECK_TRUE(to.binding_count >= told + 2 && to.binding_count <= told + 4);
		house_close(&from);
		house_close(&to);
		sim_free(&sim);
	}
}

/* ---- What costs money -------------------------------------------------------------------------------------------- */

static void test_a_paid_call_ends_at_its_limit(void **state)
{
	struct scene *s = scene_new_with(
		15,
		&(struct house_plan){
			.iax = "[general]\nminregexpire=3600\nmaxregexpire=3600\n"
			       "[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=phones\npolicy="
			       "office\n"
			       "[bob]\ntype=friend\nsecret=bob-secret\nhost=dynamic\ncontext=phones\nchargeable=yes\n"
			       "[carol]\ntype=friend\nsecret=carol-secret\nhost=dynamic\ncontext=phones\n",
			.extensions = "[phones]\nexten => _X.,1,Dial(IAX2/bob/${EXTEN})\n",
			.tollgate = "[numbers]\ncountry=DE\n[policy office]\nallow=national\ndaily=90s\n" },
		&(struct sim_net){ .delay_us = 10000 });
	(void)state;

	scene_register(s);
	s->bob.answer_after_ms = 500;
	const unsigned line = handset_call(&s->alice, &s->house, "030123456");

	sim_run_ms(&s->sim, 300);
	for (int i = 0; i < 11; i++) { /* before the answer, in the first minute, in the second one */
		check_result(house_take_over(&s->house, 0), 1, 0);
		CHECK_UINT(paying_legs(s->house.sw), 1);
		sim_run_ms(&s->sim, 8000);
	}
	CHECK_TRUE(s->alice.lines[line].live);
	sim_run_ms(&s->sim, 4000);
	CHECK_FALSE(s->alice.lines[line].live || s->bob.lines[0].live);
	CHECK_UINT(s->house.paid[0].seconds, 90);
	CHECK_TEXT(model_reason_code((enum model_reason)s->house.paid[0].why), "paid-day");
	house_take_over(&s->house, 0);
	handset_call(&s->alice, &s->house, "030123456"); /* what was used stays used */
	sim_run_ms(&s->sim, 2000);
	CHECK_UINT(s->bob.line_count, 1);
	CHECK_UINT(s->house.toll_count, 2);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_call_goes_on_and_either_side_ends_it),
		cmocka_unit_test(test_no_number_is_given_twice),
		cmocka_unit_test(test_what_rings_goes_on_and_is_answered),
		cmocka_unit_test(test_nobody_answers_in_time),
		cmocka_unit_test(test_what_the_switch_did_not_hear),
		cmocka_unit_test(test_a_hangup_that_the_switch_did_not_hear),
		cmocka_unit_test(test_prompts_waits_and_tones_go_on),
		cmocka_unit_test(test_echo_goes_on),
		cmocka_unit_test(test_a_gosub_returns_with_its_variables),
		cmocka_unit_test(test_digits_are_waited_for),
		cmocka_unit_test(test_worlds_by_generation),
		cmocka_unit_test(test_phones_stay_registered),
		cmocka_unit_test(test_who_answers_is_known),
		cmocka_unit_test(test_our_registrations_go_on),
		cmocka_unit_test(test_a_paid_call_ends_at_its_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
