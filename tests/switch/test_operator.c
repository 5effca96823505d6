/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <stdlib.h>

#include "switch/inside.h"
#include "switch/operator.h"

/* What operators do: registrations taken away, channels hung up, phones called. */

static const char extensions_conf[] = "[phones]\n"
				      "exten => 202,1,Dial(IAX2/bob/202)\n"
				      "exten => 302,1,Dial(IAX2/bob&IAX2/carol)\n"
				      "exten => 602,1,Dial(IAX2/bob,,g)\n"
				      " same => n,Playback(one)\n"
				      "exten => 600,1,Answer()\n"
				      " same => n,Echo()\n";

static const struct sim_net net = { .delay_us = 10000 };

static struct switch_channel_row row_of(const struct scene *s, const char *user)
{
	struct switch_channel_row row;
	uint32_t cursor = 0;

	while (switch_channel_row(s->house.sw, &cursor, s->sim.now_us, &row)) {
		if (strncmp(row.channel + 5, user, strlen(user)) == 0) {
			return row;
		}
	}
	CHECK_TRUE(false);
	return row;
}

static enum switch_told hang_up(struct scene *s, const char *channel, uint32_t *count)
{
	const enum switch_told told = switch_hang_up(s->house.sw, tg_span_text(channel), count, s->sim.now_us);

	house_pump(&s->house);
	sim_run_ms(&s->sim, 500);
	return told;
}

static enum switch_told originate(struct scene *s, const struct switch_originate *wish)
{
	char channel[SWITCH_CHANNEL_BYTES] = "";
	const enum switch_told told = switch_originate(s->house.sw, wish, channel, s->sim.now_us);

	CHECK_TRUE((told == SWITCH_TOLD_DONE) == (strncmp(channel, "IAX2/", 5) == 0));
	house_pump(&s->house);
	return told;
}

static struct switch_originate to_exten(const char *peer, const char *exten, const char *context)
{
	return (struct switch_originate){ .peer = tg_span_text(peer),
		                          .exten = tg_span_text(exten),
		                          .context = tg_span_text(context),
		                          .ring_us = 30 * TG_US_PER_S };
}

static struct switch_originate to_app(const char *peer, const char *app, const char *args)
{
	return (struct switch_originate){ .peer = tg_span_text(peer),
		                          .app = tg_span_text(app),
		                          .args = tg_span_text(args),
		                          .ring_us = 30 * TG_US_PER_S };
}

/* ---- Registrations ---- */

static void test_unregister(void **state)
{
	struct scene *s = scene_new(1, NULL, extensions_conf);
	(void)state;

	CHECK_UINT(switch_unregister(s->house.sw, TG_SPAN_LIT("bob"), s->sim.now_us), SWITCH_TOLD_NOT_BOUND);
	CHECK_UINT(switch_unregister(s->house.sw, TG_SPAN_LIT("nobody"), s->sim.now_us), SWITCH_TOLD_NO_PEER);
	handset_register(&s->bob, &s->house, 60);
	sim_run_ms(&s->sim, 500);
	const unsigned told = s->house.binding_count;

	CHECK_UINT(switch_unregister(s->house.sw, TG_SPAN_LIT("bob"), s->sim.now_us), SWITCH_TOLD_DONE);
	CHECK_UINT(s->house.binding_count, told + 1);
	CHECK_UINT(s->house.bindings[told].expires_ms, 0); /* who keeps registrations forgets it */
	CHECK_LOGGED(s, "reg.unregistered peer='bob'");
	handset_call(&s->alice, &s->house, "202");
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(s->bob.line_count, 0);
	handset_register(&s->bob, &s->house, 60); /* it may come again */
	sim_run_ms(&s->sim, 500);
	CHECK_TRUE(s->bob.registered);
	scene_free(s);
}

/* ---- Hanging up ---- */

static void test_a_caller_is_hung_up(void **state)
{
	struct scene *s = scene_new(2, NULL, extensions_conf);
	uint32_t count;
	(void)state;

	scene_register(s);
	handset_call(&s->alice, &s->house, "202");
	sim_run_ms(&s->sim, 2000);
	CHECK_TRUE(handset_last(&s->bob)->live);
	CHECK_UINT(hang_up(s, "IAX2/alice", &count), SWITCH_TOLD_NO_CHANNEL);
	CHECK_TRUE(handset_last(&s->alice)->live);
	CHECK_UINT(hang_up(s, row_of(s, "alice").channel, &count), SWITCH_TOLD_DONE);
	CHECK_UINT(count, 1);
	CHECK_FALSE(handset_last(&s->alice)->live);
	CHECK_FALSE(handset_last(&s->bob)->live);
	CHECK_UINT(house_record(&s->house)->cause, IAX_CAUSE_NORMAL_CLEARING);
	CHECK_UINT(house_record(&s->house)->disposition, MODEL_ANSWERED);
	scene_free(s);
}

static void test_a_callee_is_hung_up(void **state)
{
	struct scene *s = scene_new(3, NULL, extensions_conf);
	uint32_t count;
	(void)state;

	scene_register(s);
	handset_call(&s->alice, &s->house, "602");
	sim_run_ms(&s->sim, 2000);
	handset_story(&s->alice);
	CHECK_UINT(hang_up(s, row_of(s, "bob").channel, &count), SWITCH_TOLD_DONE);
	CHECK_FALSE(handset_last(&s->bob)->live);
	CHECK_UINT(s->house.record_count, 1); /* the dialplan went on, and to its end */
	CHECK_TEXT(house_record(&s->house)->last_app, "Playback");
	scene_free(s);
}

/* One of two that ring: the other goes on. */
static void test_one_that_rings_is_hung_up(void **state)
{
	struct scene *s = scene_new(4, NULL, extensions_conf);
	uint32_t count;
	(void)state;

	scene_register(s);
	s->bob.answer_after_ms = s->carol.answer_after_ms = 3000;
	handset_call(&s->alice, &s->house, "302");
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(hang_up(s, row_of(s, "bob").channel, &count), SWITCH_TOLD_DONE);
	CHECK_FALSE(handset_last(&s->bob)->live);
	CHECK_TRUE(handset_last(&s->carol)->live);
	sim_run_ms(&s->sim, 3000);
	CHECK_TRUE(handset_last(&s->alice)->answered);
	scene_free(s);
}

static void test_all_are_hung_up(void **state)
{
	struct scene *s = scene_new(5, NULL, extensions_conf);
	uint32_t count;
	(void)state;

	scene_register(s);
	CHECK_UINT(hang_up(s, "", &count), SWITCH_TOLD_DONE);
	CHECK_UINT(count, 0);
	handset_call(&s->alice, &s->house, "202");
	handset_call(&s->carol, &s->house, "600");
	sim_run_ms(&s->sim, 2000);
	CHECK_UINT(hang_up(s, "", &count), SWITCH_TOLD_DONE);
	CHECK_UINT(count, 2);
	CHECK_FALSE(handset_last(&s->alice)->live);
	CHECK_FALSE(handset_last(&s->bob)->live);
	CHECK_FALSE(handset_last(&s->carol)->live);
	CHECK_UINT(s->house.record_count, 2);
	scene_free(s);
}

/* ---- Calling a phone ---- */

static void test_a_phone_is_connected_with_an_extension(void **state)
{
	const struct switch_originate wish = to_exten("alice", "202", "phones");
	struct scene *s = scene_new(6, NULL, extensions_conf);
	struct switch_channel_row row;
	(void)state;

	scene_register(s);
	s->alice.rings = true;
	s->alice.answer_after_ms = 2000;
	s->alice.challenge = "who-are-you";
	s->alice.challenge_methods = IAX_AUTH_MD5;
	CHECK_UINT(originate(s, &wish), SWITCH_TOLD_DONE);
	sim_run_ms(&s->sim, 1000);
	row = row_of(s, "alice");
	CHECK_TEXT(row.state, "Ringing");
	CHECK_TEXT(row.exten, "202");
	CHECK_TEXT(row.context, "phones");
	CHECK_UINT(s->bob.line_count, 0); /* first the phone answers */
	sim_run_ms(&s->sim, 3000);
	CHECK_TRUE(handset_last(&s->bob)->answered);
	CHECK_TEXT(s->bob.calling, "201"); /* the caller id of the phone's account */
	CHECK_TEXT(row_of(s, "alice").app, "Dial");
	CHECK_TEXT(row_of(s, "alice").state, "Up");
	handset_talk(&s->alice, s->alice.line_count - 1, true);
	handset_talk(&s->bob, s->bob.line_count - 1, true);
	sim_run_ms(&s->sim, 1000);
	CHECK_TRUE(handset_last(&s->bob)->voice_mini > 10);
	CHECK_TRUE(handset_last(&s->alice)->voice_mini > 10);
	handset_hangup(&s->bob, s->bob.line_count - 1, IAX_CAUSE_NORMAL_CLEARING);
	sim_run_ms(&s->sim, 500);
	CHECK_FALSE(handset_last(&s->alice)->live);
	CHECK_TEXT(house_record(&s->house)->caller, "alice");
	CHECK_TEXT(house_record(&s->house)->callee, "bob");
	CHECK_TEXT(house_record(&s->house)->dialled, "202");
	CHECK_UINT(house_record(&s->house)->disposition, MODEL_ANSWERED);
	CHECK_UINT(s->house.record_count, 1);
	scene_free(s);
}

static void test_a_phone_is_connected_with_an_application(void **state)
{
	static const struct {
		const char *app, *args, *story;
	} rows[] = {
		{ "Playback", "ten", "voice(ulaw)" },
		{ "playback", "one&ten", "voice(ulaw)" }, /* it goes on with its arguments later */
		{ "Hangup", "17", "ended(17)" },
		{ "Dial", "IAX2/bob", "" },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		const struct switch_originate wish = to_app("alice", rows[i].app, rows[i].args);
		struct prompts *prompts = house_prompts();
		struct scene *s = scene_new_with(
			7, &(struct house_plan){ .iax = scene_iax, .extensions = extensions_conf, .prompts = prompts },
			&net);

		print_message("# %s(%s)\n", rows[i].app, rows[i].args);
		scene_register(s);
		CHECK_UINT(originate(s, &wish), SWITCH_TOLD_DONE);
		sim_run_ms(&s->sim, 2000);
		CHECK_TRUE(strstr(handset_story(&s->alice), rows[i].story) != NULL);
		if (strcmp(rows[i].app, "Dial") == 0) {
			CHECK_TRUE(handset_last(&s->bob)->answered);
		} else {
			CHECK_UINT(s->house.record_count, 1); /* and then it is over */
			CHECK_FALSE(handset_last(&s->alice)->live);
		}
		scene_free(s);
		free(prompts);
	}
}

static void test_the_phone_does_not_answer(void **state)
{
	struct switch_originate wish = to_exten("alice", "600", "phones");
	struct scene *s = scene_new(8, NULL, extensions_conf);
	(void)state;

	scene_register(s);
	wish.ring_us = 2 * TG_US_PER_S;
	s->alice.rings = true;
	s->alice.answer_after_ms = HANDSET_NEVER;
	CHECK_UINT(originate(s, &wish), SWITCH_TOLD_DONE);
	sim_run_ms(&s->sim, 1900);
	CHECK_TRUE(handset_last(&s->alice)->live);
	sim_run_ms(&s->sim, 300);
	CHECK_FALSE(handset_last(&s->alice)->live);
	CHECK_UINT(house_record(&s->house)->disposition, MODEL_NO_ANSWER);
	s->alice.refuse_control = IAX_CONTROL_BUSY;
	CHECK_UINT(originate(s, &wish), SWITCH_TOLD_DONE);
	sim_run_ms(&s->sim, 500);
	CHECK_UINT(house_record(&s->house)->disposition, MODEL_BUSY);
	s->alice.refuse_control = 0;
	s->alice.reject = IAX_CAUSE_REJECTED;
	CHECK_UINT(originate(s, &wish), SWITCH_TOLD_DONE);
	sim_run_ms(&s->sim, 500);
	CHECK_UINT(house_record(&s->house)->disposition, MODEL_FAILED);
	CHECK_UINT(s->house.record_count, 3);
	scene_free(s);
}

static void test_what_cannot_be_called(void **state)
{
	struct scene *s = scene_new_with(
		9,
		&(struct house_plan){ .iax = "[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\n"
	                                     "context=phones\n[provider]\ntype=peer\n"
	                                     "host=192.0.2.200\nchargeable=yes\n",
	                              .extensions = "[phones]\nexten => 600,1,Answer()\n",
	                              .calls_max = 1 },
		&net);
	const struct {
		struct switch_originate wish;
		enum switch_told told;
	} rows[] = {
		{ to_exten("nobody", "600", "phones"), SWITCH_TOLD_NO_PEER },
		{ to_exten("provider", "600", "phones"), SWITCH_TOLD_PAID },
		{ to_exten("alice", "601", "phones"), SWITCH_TOLD_NO_EXTEN },
		{ to_exten("alice", "600", "nowhere"), SWITCH_TOLD_NO_EXTEN },
		{ to_exten("alice", "", "phones"), SWITCH_TOLD_NO_EXTEN },
		{ to_app("alice", "System", "reboot"), SWITCH_TOLD_NO_APP },
		{ to_exten("alice", "600", "phones"), SWITCH_TOLD_NOT_HERE },
	};
	const struct switch_originate good = to_exten("alice", "600", "phones");
	(void)state;

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		print_message("# %zu\n", i);
		CHECK_UINT(originate(s, &rows[i].wish), rows[i].told);
	}
	handset_register(&s->alice, &s->house, 60);
	sim_run_ms(&s->sim, 500);
	CHECK_UINT(originate(s, &good), SWITCH_TOLD_DONE);
	CHECK_UINT(originate(s, &good), SWITCH_TOLD_NO_ROOM);
	switch_stop(s->house.sw, true, s->sim.now_us);
	CHECK_UINT(originate(s, &good), SWITCH_TOLD_STOPPING);
	CHECK_UINT(s->house.decision_count, 1); /* the registration: nobody asked to be let in */
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_unregister),
		cmocka_unit_test(test_a_caller_is_hung_up),
		cmocka_unit_test(test_a_callee_is_hung_up),
		cmocka_unit_test(test_one_that_rings_is_hung_up),
		cmocka_unit_test(test_all_are_hung_up),
		cmocka_unit_test(test_a_phone_is_connected_with_an_extension),
		cmocka_unit_test(test_a_phone_is_connected_with_an_application),
		cmocka_unit_test(test_the_phone_does_not_answer),
		cmocka_unit_test(test_what_cannot_be_called),
	};

	return cmocka_run_group_tests_name("operator", tests, NULL, NULL);
}
