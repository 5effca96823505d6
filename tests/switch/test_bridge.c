/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include "switch/bridge.h"
#include "switch/calls.h"
#include "switch/inside.h"

static const char extensions_conf[] = "[phones]\nexten => 202,1,Dial(IAX2/bob,20)\n";

static struct iax_endpoint *ep(const struct scene *s, const struct handset *handset)
{
	return s->sim.nodes[handset->node].ep;
}

static const struct iax_endpoint *ep_of_house(const struct scene *s)
{
	return s->sim.nodes[s->house.node].ep;
}

/* alice calls bob, who answers after half a second. */
static struct scene *talking(uint64_t seed, unsigned *line)
{
	struct scene *s = scene_new(seed, NULL, extensions_conf);

	scene_register(s);
	s->bob.answer_after_ms = 500;
	*line = handset_call(&s->alice, &s->house, "202");
	sim_run_ms(&s->sim, 1000);
	CHECK_TRUE(s->alice.lines[*line].answered && s->bob.lines[0].answered);
	return s;
}

static void test_early_media(void **state)
{
	struct scene *s = scene_new(1, NULL, extensions_conf);
	unsigned line;
	(void)state;

	scene_register(s);
	s->bob.progress = s->bob.keeps_talking = true;
	s->bob.answer_after_ms = 3000;
	s->alice.keeps_talking = true;
	line = handset_call(&s->alice, &s->house, "202");
	sim_run_ms(&s->sim, 2000);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) PROGRESS voice(ulaw)");
	CHECK_TEXT(handset_story(&s->bob), "offered(s) confirmed voice(ulaw)");
	CHECK_UINT(s->alice.lines[line].last_octet, 0xb0);
	CHECK_UINT(s->bob.lines[0].last_octet, 0xa1);
	CHECK_TRUE(s->alice.lines[line].voice_mini > 80 && s->bob.lines[0].voice_mini > 80);
	CHECK_UINT(s->house.record_count, 0);
	scene_free(s);
}

/* Who has been talking for a while is heard at once, not when his next full frame comes. */
static void test_a_callee_hears_who_talks_already(void **state)
{
	struct scene *s = scene_new(2, NULL, "[phones]\nexten => 23,1,Dial(IAX2/bob&IAX2/carol)\n");
	(void)state;

	scene_register(s);
	s->alice.keeps_talking = true;
	s->bob.answer_after_ms = 8000;
	s->carol.answer_after_ms = HANDSET_NEVER;
	s->carol.keeps_talking = true;
	handset_call(&s->alice, &s->house, "23");
	sim_run_ms(&s->sim, 7900);
	CHECK_UINT(s->bob.lines[0].voice_full + s->bob.lines[0].voice_mini, 0);
	CHECK_UINT(s->alice.lines[0].voice_full + s->alice.lines[0].voice_mini, 0);
	sim_run_ms(&s->sim, 600);
	CHECK_UINT(s->bob.lines[0].voice_full, 1);
	CHECK_TRUE(s->bob.lines[0].voice_mini > 15);
	CHECK_UINT(s->bob.lines[0].last_octet, 0xa1);
	CHECK_UINT(s->bob.lines[0].gaps, 0);
	scene_free(s);
}

/* The same through two exchanges, and in codecs of which no silence is known here: what was said first is said again. */
static void test_silence_is_known_or_borrowed(void **state)
{
	static const struct {
		uint64_t format;
		size_t len;
	} cases[] = { { IAX_FORMAT_ULAW, 160 }, { IAX_FORMAT_ALAW, 160 },   { IAX_FORMAT_GSM, 33 },
		      { IAX_FORMAT_SLIN, 320 }, { IAX_FORMAT_SLIN16, 640 }, { IAX_FORMAT_G729, 0 } };
	static const char iax[] =
		"[general]\n[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=phones\n"
		"disallow=all\nallow=g729\n"
		"[bob]\ntype=friend\nsecret=bob-secret\nhost=dynamic\ncontext=phones\ndisallow=all\nallow=g729\n"
		"[carol]\ntype=friend\nsecret=carol-secret\nhost=dynamic\ncontext=phones\n";
	struct scene *s = scene_new(3, iax, extensions_conf);
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		CHECK_UINT(bridge_silence(cases[i].format).len, cases[i].len);
	}
	scene_register(s);
	s->alice.capability = s->alice.format = s->bob.capability = s->bob.format = IAX_FORMAT_G729;
	s->alice.keeps_talking = true;
	s->sim.net.delay_us = 100000; /* alice talks before bob is there */
	handset_call(&s->alice, &s->house, "202");
	sim_run_ms(&s->sim, 3000);
	CHECK_TEXT(handset_story(&s->bob), "offered(s) confirmed voice(g729)");
	CHECK_UINT(s->bob.lines[0].last_octet, 0xa1);
	CHECK_TRUE(s->bob.lines[0].voice_mini > 40);
	scene_free(s);
}

/* Two minutes, so that the timestamps of mini frames wrap; the clocks of both legs differ. */
static void test_a_long_talk(void **state)
{
	unsigned line;
	struct scene *s = talking(4, &line);
	(void)state;

	handset_talk(&s->alice, line, true);
	sim_run_ms(&s->sim, 7000);
	handset_talk(&s->bob, 0, true);
	sim_run_ms(&s->sim, 140000);
	CHECK_TRUE(s->bob.lines[0].voice_full >= 4);
	CHECK_TRUE(s->bob.lines[0].voice_mini + s->bob.lines[0].voice_full >= 7349);
	CHECK_TRUE(s->alice.lines[line].voice_mini + s->alice.lines[line].voice_full >= 6999);
	CHECK_UINT(s->bob.lines[0].gaps + s->alice.lines[line].gaps, 0);
	CHECK_TRUE(s->bob.lines[0].last_ts > 140000);
	handset_hangup(&s->bob, 0, 16);
	sim_run_ms(&s->sim, 100);
	CHECK_TRUE(house_record(&s->house)->from_caller.packets > 7300);
	CHECK_TRUE(house_record(&s->house)->from_callee.packets > 6900);
	CHECK_UINT(house_record(&s->house)->caller_rtt_ms, 20);
	CHECK_UINT(house_record(&s->house)->callee_rtt_ms, 20);
	CHECK_UINT(house_record(&s->house)->from_caller.delay_ms, 10);
	scene_free(s);
}

static void voice(struct scene *s, const struct handset *handset, unsigned line, uint64_t format, uint32_t ts_ms)
{
	uint8_t bytes[160];

	memset(bytes, 0x77, sizeof(bytes));
	CHECK_UINT(iax_leg_voice(ep(s, handset), handset->lines[line].leg, format, ts_ms,
	                         (struct tg_span){ bytes, sizeof(bytes) }, true, s->sim.now_us),
	           IAX_OK);
	sim_pump(&s->sim, handset->node);
	sim_run_ms(&s->sim, 100);
}

static const struct party *party_in(const struct scene *s, enum party_state party_state)
{
	for (uint32_t i = 0; i < parties_of(s->house.sw)->count; i++) {
		const struct party *party = tg_slab_at(parties_of(s->house.sw), i, NULL);

		if (party != NULL && party->state == (uint8_t)party_state) {
			return party;
		}
	}
	return NULL;
}

static const struct party *party_of_alice(const struct scene *s)
{
	return party_in(s, PARTY_CALLER);
}

/* What drifts by less than a second keeps its offset, so that the receiver's jitter buffer sees what the sender meant. */
static void test_anchors_again_only_when_far_off(void **state)
{
	unsigned line;
	struct scene *s = talking(5, &line);
	const uint32_t clock = iax_leg_clock_ms(ep(s, &s->alice), s->alice.lines[line].leg, s->sim.now_us);
	uint32_t offset;
	(void)state;

	voice(s, &s->alice, line, IAX_FORMAT_ULAW, clock);
	offset = party_of_alice(s)->offset_ms;
	voice(s, &s->alice, line, IAX_FORMAT_ULAW, clock + 1000);
	CHECK_UINT(party_of_alice(s)->offset_ms, offset);
	CHECK_UINT(s->bob.lines[0].last_ts, clock + 1000 + offset);
	voice(s, &s->alice, line, IAX_FORMAT_ULAW, clock + 3000);
	CHECK_TRUE(party_of_alice(s)->offset_ms != offset);
	CHECK_TRUE(s->bob.lines[0].last_ts < clock + 2000 + offset);
	scene_free(s);
}

static void test_a_codec_the_other_has_not_is_dropped(void **state)
{
	struct iax_leg_info info;
	unsigned line;
	struct scene *s = talking(6, &line);
	(void)state;

	handset_talk(&s->alice, line, true);
	sim_run_ms(&s->sim, 310);
	handset_story(&s->bob);
	s->alice.lines[line].talk_format = IAX_FORMAT_GSM; /* alice may, bob was offered ulaw only */
	handset_talk(&s->alice, line, true);
	const uint32_t heard = s->bob.lines[0].voice_full + s->bob.lines[0].voice_mini;

	sim_run_ms(&s->sim, 1010);
	CHECK_TRUE(s->bob.lines[0].voice_full + s->bob.lines[0].voice_mini <= heard + 2);
	CHECK_TEXT(handset_story(&s->bob), "");
	CHECK_TRUE(iax_leg_info(ep_of_house(s), party_in(s, PARTY_ANSWERED)->id, &info));
	CHECK_UINT(info.tx_format, IAX_FORMAT_ULAW);
	s->alice.lines[line].talk_format = IAX_FORMAT_ULAW;
	handset_talk(&s->alice, line, true);
	sim_run_ms(&s->sim, 1000);
	CHECK_TRUE(s->bob.lines[0].voice_mini > heard + 40);
	scene_free(s);
}

static void test_everything_passes(void **state)
{
	unsigned line;
	struct scene *s = talking(7, &line);
	const struct iax_leg_id leg = s->alice.lines[line].leg;
	(void)state;

	handset_story(&s->bob);
	CHECK_UINT(iax_leg_frame(ep(s, &s->alice), leg, IAX_FRAME_TEXT, 0, TG_SPAN_LIT("text"), s->sim.now_us), IAX_OK);
	CHECK_UINT(
		iax_leg_frame(ep(s, &s->alice), leg, IAX_FRAME_HTML, IAX_HTML_URL, TG_SPAN_LIT("url"), s->sim.now_us),
		IAX_OK);
	CHECK_UINT(iax_leg_frame(ep(s, &s->alice), leg, IAX_FRAME_IMAGE, 0x90, TG_SPAN_LIT("jpeg"), s->sim.now_us),
	           IAX_OK);
	CHECK_UINT(iax_leg_frame(ep(s, &s->alice), leg, IAX_FRAME_CNG, 60, (struct tg_span){ 0 }, s->sim.now_us),
	           IAX_OK);
	handset_digit(&s->alice, line, '*');
	sim_run_ms(&s->sim, 100);
	CHECK_TEXT(handset_story(&s->bob), "text(text) HTML-1(url) IMAGE-144(jpeg) CNG-60() dtmf+(*) dtmf(*)");
	scene_free(s);
}

static const struct {
	uint8_t control;
	const char *payload, *heard;
} controls[] = {
	{ IAX_CONTROL_HOLD, "", "HOLD" },
	{ IAX_CONTROL_UNHOLD, "", "UNHOLD" },
	{ IAX_CONTROL_FLASH, "", "FLASH" },
	{ IAX_CONTROL_RADIO_KEY, "4711", "RADIO_KEY(4711)" },
	{ IAX_CONTROL_RADIO_UNKEY, "", "RADIO_UNKEY" },
	{ IAX_CONTROL_VIDUPDATE, "", "VIDUPDATE" },
	{ IAX_CONTROL_OPTION, "xx", "" },
	{ IAX_CONTROL_RINGING, "", "" },
	{ IAX_CONTROL_BUSY, "", "" },
	{ IAX_CONTROL_CONGESTION, "", "" },
	{ IAX_CONTROL_T38_PARAMETERS, "x", "" },
	{ IAX_CONTROL_CONNECTED_LINE, "x", "" },
};

static void test_which_controls_pass(void **state)
{
	unsigned line;
	struct scene *s = talking(8, &line);
	(void)state;

	handset_story(&s->alice);
	handset_story(&s->bob);
	for (size_t i = 0; i < TG_COUNT(controls); i++) {
		handset_control(&s->alice, line, controls[i].control, controls[i].payload);
		handset_control(&s->bob, 0, controls[i].control, controls[i].payload);
		sim_run_ms(&s->sim, 100);
		CHECK_TEXT(handset_story(&s->bob), controls[i].heard);
		CHECK_TEXT(handset_story(&s->alice), controls[i].heard);
	}
	CHECK_TRUE(s->alice.lines[line].live && s->bob.lines[0].live);
	scene_free(s);
}

static void test_quelch_passes_and_stops(void **state)
{
	unsigned line;
	struct scene *s = talking(9, &line);
	(void)state;

	handset_talk(&s->alice, line, true);
	handset_talk(&s->bob, 0, true);
	sim_run_ms(&s->sim, 500);
	handset_story(&s->bob);
	CHECK_UINT(iax_leg_quelch(ep(s, &s->alice), s->alice.lines[line].leg, true, s->sim.now_us), IAX_OK);
	handset_pump(&s->alice);
	sim_run_ms(&s->sim, 50);
	const uint32_t heard = s->alice.lines[line].voice_mini, said = s->bob.lines[0].voice_mini;

	sim_run_ms(&s->sim, 1000);
	CHECK_TEXT(handset_story(&s->bob), "QUELCH");
	CHECK_UINT(s->alice.lines[line].voice_mini, heard);
	CHECK_TRUE(s->bob.lines[0].voice_mini > said + 40); /* the other way goes on */
	CHECK_UINT(iax_leg_quelch(ep(s, &s->alice), s->alice.lines[line].leg, false, s->sim.now_us), IAX_OK);
	handset_pump(&s->alice);
	sim_run_ms(&s->sim, 1000);
	CHECK_TEXT(handset_story(&s->bob), "UNQUELCH");
	CHECK_TRUE(s->alice.lines[line].voice_mini > heard + 40);
	scene_free(s);
}

/* Events show where a leg is by now (ruling R21 is the endpoint's); the relay must know of it on both sides of the bridge. */
static void test_the_relay_follows_a_leg(void **state)
{
	unsigned line;
	struct scene *s = talking(11, &line);
	const struct party *alice = party_of_alice(s);
	struct iax_event event = {
		.kind = IAX_EV_DTMF,
		.leg = alice->id,
		.owner = owner_pack(OWNER_PARTY, tg_slab_ref(parties_of(s->house.sw), alice)),
		.leg_kind = IAX_LEG_CALL_IN,
		.remote = alice->remote,
		.local = alice->local,
		.digit = '1',
	};
	unsigned from = 0, to = 0;
	(void)state;

	handset_talk(&s->alice, line, true);
	handset_talk(&s->bob, 0, true);
	sim_run_ms(&s->sim, 500);
	event.remote.port = 40000;
	calls_on_event(s->house.sw, &event);
	for (int i = 0; i < HOUSE_ENTRIES; i++) {
		const struct switch_relay *relay = &s->house.entries[i].relay;

		from += s->house.entries[i].used && relay->media == SWITCH_MEDIA_FORWARD && relay->remote.port == 40000;
		to += s->house.entries[i].used && relay->media == SWITCH_MEDIA_FORWARD &&
		      relay->to_remote.port == 40000;
	}
	CHECK_UINT(from, 1);
	CHECK_UINT(to, 1);
	scene_free(s);
}

/* A bridge whose voice comes through the endpoint, because nobody relays, works as well. */
static void test_without_a_relay(void **state)
{
	unsigned line;
	struct scene *s = talking(10, &line);
	(void)state;

	s->sim.nodes[s->house.node].owner.receive = NULL;
	handset_talk(&s->alice, line, true);
	sim_run_ms(&s->sim, 2000);
	CHECK_TRUE(s->bob.lines[0].voice_mini > 90);
	CHECK_UINT(s->bob.lines[0].gaps, 0);
	CHECK_UINT(s->bob.lines[0].last_octet, 0xa1);
	CHECK_UINT(s->house.forwarded, 0);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_early_media),
		cmocka_unit_test(test_a_callee_hears_who_talks_already),
		cmocka_unit_test(test_silence_is_known_or_borrowed),
		cmocka_unit_test(test_a_long_talk),
		cmocka_unit_test(test_anchors_again_only_when_far_off),
		cmocka_unit_test(test_a_codec_the_other_has_not_is_dropped),
		cmocka_unit_test(test_everything_passes),
		cmocka_unit_test(test_which_controls_pass),
		cmocka_unit_test(test_quelch_passes_and_stops),
		cmocka_unit_test(test_the_relay_follows_a_leg),
		cmocka_unit_test(test_without_a_relay),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
