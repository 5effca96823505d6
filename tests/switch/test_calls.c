/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include "iax/core.h"

static const char extensions_conf[] = "[phones]\n"
				      "exten => 600,1,Answer(,i)\n"
				      "exten => 600,n,Echo()\n"
				      "exten => 600,n,Hangup(31)\n"
				      "exten => 201,1,Dial(IAX2/alice/${EXTEN},30)\n"
				      "exten => 202,1,Dial(IAX2/bob/${EXTEN},30)\n"
				      "exten => 203,1,Dial(IAX2/carol,30)\n";

static void test_echo(void **state)
{
	struct scene *s = scene_new(1, NULL, extensions_conf);
	const unsigned line = handset_call(&s->alice, &s->house, "600");
	struct handset_line *call = &s->alice.lines[line];
	(void)state;

	sim_run_ms(&s->sim, 300);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) ANSWER");
	handset_talk(&s->alice, line, true);
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(call->voice_full, 1);
	CHECK_UINT(call->voice_mini, 49);
	CHECK_UINT(call->last_octet, 0xa1);
	CHECK_UINT(call->gaps, 0);
	CHECK_UINT(s->house.forwarded, 49);
	handset_story(&s->alice);
	handset_digit(&s->alice, line, '5');
	handset_text(&s->alice, line, "hello");
	sim_run_ms(&s->sim, 100);
	CHECK_TEXT(handset_story(&s->alice), "dtmf+(5) dtmf(5) text(hello)");
	handset_digit(&s->alice, line, '#');
	sim_run_ms(&s->sim, 100);
	CHECK_TEXT(handset_story(&s->alice), "dtmf+(#) ended(31)");
	CHECK_UINT(house_record(&s->house)->disposition, MODEL_ANSWERED);
	CHECK_UINT(house_record(&s->house)->cause, 31);
	CHECK_TEXT(house_record(&s->house)->caller, "alice");
	CHECK_TEXT(house_record(&s->house)->dialled, "600");
	CHECK_TEXT(house_record(&s->house)->context, "phones");
	CHECK_TEXT(house_record(&s->house)->last_app, "Hangup");
	CHECK_UINT(house_record(&s->house)->format, IAX_FORMAT_ULAW);
	CHECK_TRUE(house_record(&s->house)->from_caller.packets > 40);
	scene_free(s);
}

static void test_two_phones_talk(void **state)
{
	struct scene *s = scene_new(2, NULL, extensions_conf);
	unsigned line;
	(void)state;

	scene_register(s);
	s->bob.rings = true;
	s->bob.answer_after_ms = 2000;
	s->alice.keeps_talking = true;
	s->bob.keeps_talking = false;
	line = handset_call(&s->alice, &s->house, "202");
	sim_run_ms(&s->sim, 1000);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) RINGING");
	CHECK_TEXT(handset_story(&s->bob), "offered(202) confirmed voice(ulaw)");
	sim_run_ms(&s->sim, 1500);
	CHECK_TEXT(handset_story(&s->alice), "ANSWER");
	handset_talk(&s->bob, 0, true);
	sim_run_ms(&s->sim, 2000);
	CHECK_TEXT(handset_story(&s->alice), "voice(ulaw)");
	CHECK_UINT(s->alice.lines[line].last_octet, 0xb0);
	CHECK_UINT(s->bob.lines[0].last_octet, 0xa1);
	CHECK_TRUE(s->alice.lines[line].voice_mini > 90);
	CHECK_TRUE(s->bob.lines[0].voice_mini > 190);
	CHECK_UINT(s->bob.lines[0].gaps, 0);
	handset_digit(&s->alice, line, '1');
	handset_text(&s->bob, 0, "hi");
	handset_control(&s->alice, line, IAX_CONTROL_HOLD, "quiet");
	handset_control(&s->alice, line, IAX_CONTROL_UNHOLD, "");
	handset_control(&s->bob, 0, IAX_CONTROL_FLASH, "");
	sim_run_ms(&s->sim, 200);
	CHECK_TEXT(handset_story(&s->alice), "text(hi) FLASH");
	CHECK_TEXT(handset_story(&s->bob), "dtmf+(1) dtmf(1) HOLD(quiet) UNHOLD");
	handset_hangup(&s->bob, 0, 16);
	sim_run_ms(&s->sim, 200);
	CHECK_TEXT(handset_story(&s->alice), "ended(16)");
	CHECK_TEXT(house_record(&s->house)->callee, "bob");
	CHECK_UINT(house_record(&s->house)->disposition, MODEL_ANSWERED);
	scene_free(s);
}

/* What a call lasted does not depend on a clock that is set meanwhile. */
static void test_a_clock_that_is_set(void **state)
{
	static const int64_t steps_s[] = { 0, -3600, 3600 };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(steps_s); i++) {
		struct scene *s = scene_new(30 + i, NULL, extensions_conf);
		const unsigned line = handset_call(&s->alice, &s->house, "600");
		struct switch_channel_row row;
		uint32_t cursor = 0;

		sim_run_ms(&s->sim, 1000);
		s->house.clock_step_us = steps_s[i] * (int64_t)TG_US_PER_S;
		sim_run_ms(&s->sim, 4000);
		CHECK_TRUE(switch_channel_row(s->house.sw, &cursor, s->sim.now_us, &row));
		CHECK_UINT(row.seconds, 4);
		handset_hangup(&s->alice, line, 16);
		sim_run_ms(&s->sim, 100);
		const struct model_call_record *record = house_record(&s->house);

		CHECK_TRUE(record->started_ms >= HOUSE_WALL_US / 1000 &&
		           record->started_ms < HOUSE_WALL_US / 1000 + 2000);
		CHECK_TRUE(record->answered_ms - record->started_ms < 500);
		CHECK_TRUE(record->ended_ms - record->answered_ms >= 4500 &&
		           record->ended_ms - record->answered_ms < 5100);
		scene_free(s);
	}
}

/* A phone that asks each second is told what the relay has received until the PING before. */
static void test_who_pings_is_told_fresh_figures(void **state)
{
	struct scene *s = scene_new(40, NULL, extensions_conf);
	struct iax_endpoint *ep = s->sim.nodes[s->alice.node].ep;
	struct iax_leg_info info;
	unsigned line;
	(void)state;

	scene_register(s);
	ep->config.ping_period_ms = 1000;
	s->sim.nodes[s->bob.node].ep->config.ping_period_ms = 1000;
	s->alice.keeps_talking = s->bob.keeps_talking = true;
	line = handset_call(&s->alice, &s->house, "202");
	sim_run_ms(&s->sim, 8000);
	CHECK_TRUE(iax_leg_info(ep, s->alice.lines[line].leg, &info));
	CHECK_TRUE(info.remote_report.packets > 250);
	CHECK_TRUE(iax_leg_info(s->sim.nodes[s->bob.node].ep, s->bob.lines[0].leg, &info));
	CHECK_TRUE(info.remote_report.packets > 250);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_two_phones_talk),
		cmocka_unit_test(test_a_clock_that_is_set),
		cmocka_unit_test(test_who_pings_is_told_fresh_figures),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
