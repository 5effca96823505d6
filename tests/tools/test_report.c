/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "tools/report.h"

#include <jansson.h>
#include <stdlib.h>

static struct tool_report sample(void)
{
	struct tool_report r = {
		.exit = TOOL_OK,
		.state = "answered",
		.codec = "ulaw",
		.setup_us = 42250,
		.talk_ms = 5020,
		.sent = 251,
		.same = 248,
		.heard = { .packets = 248, .lost = 2, .out_of_order = 1, .jitter_us = 1250 },
		.remote_packets = 249,
		.remote_lost = 2,
		.remote_jitter_ms = 3,
		.rtt_us = 12345,
		.retransmits = 4,
		.cause = 16,
		.cause_text = "normal clearing",
		.said = "bye",
		.digits = "12#",
	};

	CHECK_TRUE(tg_addr_parse(&r.remote, TG_SPAN_LIT("[2001:db8::1]:4569"), 0));
	return r;
}

static void test_text(void **state)
{
	const struct tool_report r = sample();
	char text[TOOL_REPORT_TEXT_BYTES];

	(void)state;
	CHECK_TEXT(tool_report_text(&r, text), "state        answered\n"
	                                       "far address  [2001:db8::1]:4569\n"
	                                       "codec        ulaw\n"
	                                       "set-up       42.250 ms\n"
	                                       "duration     5.020 s\n"
	                                       "packets      251 sent, 248 received, 2 lost (0.80 %), 1 out of order\n"
	                                       "far end      249 received, 2 lost, jitter 3 ms\n"
	                                       "echo         248 of 248 received packets equal a sent one\n"
	                                       "jitter       1.250 ms\n"
	                                       "round trip   12.345 ms\n"
	                                       "sent again   4 frames\n"
	                                       "digits       12#\n"
	                                       "cause        16 (normal clearing)\n"
	                                       "far end said \"bye\"\n");
}

static void test_text_of_a_refused_call(void **state)
{
	const struct tool_report r = { .exit = TOOL_REFUSED, .state = "refused", .codec = "", .cause_text = "" };
	char text[TOOL_REPORT_TEXT_BYTES];

	(void)state;
	CHECK_TEXT(tool_report_text(&r, text), "state        refused\n");
}

static void test_json(void **state)
{
	const struct tool_report r = sample();
	char *text = tool_report_json(&r);

	(void)state;
	CHECK_TRUE(text != NULL && strchr(text, '\n') == NULL);
	json_t *top = json_loads(text, 0, NULL);

	CHECK_TEXT(json_string_value(json_object_get(top, "state")), "answered");
	CHECK_INT(json_integer_value(json_object_get(top, "exit")), 0);
	CHECK_INT(json_integer_value(json_object_get(top, "sent")), 251);
	CHECK_INT(json_integer_value(json_object_get(top, "same")), 248);
	CHECK_INT(json_integer_value(json_object_get(json_object_get(top, "received"), "lost")), 2);
	CHECK_INT(json_integer_value(json_object_get(json_object_get(top, "far_end"), "packets")), 249);
	CHECK_TRUE(json_real_value(json_object_get(top, "rtt_ms")) > 12.3);
	CHECK_TEXT(json_string_value(json_object_get(top, "digits")), "12#");
	CHECK_TEXT(json_string_value(json_object_get(top, "address")), "[2001:db8::1]:4569");
	CHECK_INT(json_integer_value(json_object_get(top, "cause")), 16);
	json_decref(top);
	free(text);
}

static void test_live_line(void **state)
{
	struct tool_report r = sample();
	char text[TOOL_LIVE_TEXT_BYTES];

	(void)state;
	r.state = "up";
	r.talk_ms = 65000;
	CHECK_TEXT(tool_report_live(&r, text),
	           "up         01:05  rtt 12.3 ms  loss 0.80 %  jitter 1.2 ms  tx 251  rx 248");
}

static void test_what_strangers_say_is_made_harmless(void **state)
{
	char out[8];

	(void)state;
	tool_report_say(out, sizeof(out),
	                TG_SPAN_LIT("a\033[2J\n\xff"
	                            "bc"));
	CHECK_TEXT(out, "a?[2J??");
	tool_report_say(out, sizeof(out), (struct tg_span){ 0 });
	CHECK_TEXT(out, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_text_of_a_refused_call),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_live_line),
		cmocka_unit_test(test_what_strangers_say_is_made_harmless),
	};

	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
