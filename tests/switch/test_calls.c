/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_echo),
		cmocka_unit_test(test_two_phones_talk),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
