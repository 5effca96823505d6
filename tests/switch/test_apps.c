/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <stdio.h>

#include "switch/inside.h"

/* Each application by a call of its own: what alice hears, and how the call ends. */
static const struct {
	const char *name, *extensions;
	uint32_t for_ms;
	const char *story;
} stories[] = {
	{ "Answer", "exten => 1,1,Answer()\nexten => 1,n,Hangup()\n", 700,
	  "challenged accepted(ulaw) ANSWER ended(16)" },
	{ "Answer waits for voice", "exten => 1,1,Answer()\nexten => 1,n,Hangup()\n", 400,
	  "challenged accepted(ulaw) ANSWER" },
	{ "Answer(,i) does not", "exten => 1,1,Answer(,i)\nexten => 1,n,Hangup()\n", 400,
	  "challenged accepted(ulaw) ANSWER ended(16)" },
	{ "Answer with a delay", "exten => 1,1,Answer(200)\nexten => 1,n,Hangup()\n", 400,
	  "challenged accepted(ulaw) ANSWER ended(16)" },
	{ "Answer once", "exten => 1,1,Answer(,i)\nexten => 1,n,Answer()\nexten => 1,n,Hangup()\n", 400,
	  "challenged accepted(ulaw) ANSWER ended(16)" },
	{ "Busy", "exten => 1,1,Busy(2)\n", 1500, "challenged accepted(ulaw) BUSY" },
	{ "Busy for 2 s", "exten => 1,1,Busy(2)\n", 2500, "challenged accepted(ulaw) BUSY ended(17)" },
	{ "Busy without a time", "exten => 1,1,Busy()\n", 61000, "challenged accepted(ulaw) BUSY ended(17)" },
	{ "Congestion", "exten => 1,1,Congestion(2)\n", 2500, "challenged accepted(ulaw) CONGESTION ended(34)" },
	{ "Ringing", "exten => 1,1,Ringing()\nexten => 1,n,Wait(9)\n", 500, "challenged accepted(ulaw) RINGING" },
	{ "Progress", "exten => 1,1,Progress()\nexten => 1,n,Wait(9)\n", 500, "challenged accepted(ulaw) PROGRESS" },
	{ "Proceeding", "exten => 1,1,Proceeding()\nexten => 1,n,Wait(9)\n", 500,
	  "challenged accepted(ulaw) PROCEEDING" },
	{ "SendDTMF", "exten => 1,1,SendDTMF(1#,300,200)\nexten => 1,n,Hangup(27)\n", 850,
	  "challenged accepted(ulaw) dtmf+(1) dtmf(1) dtmf+(#) dtmf(#)" },
	{ "SendDTMF goes on after the last gap", "exten => 1,1,SendDTMF(1#,300,200)\nexten => 1,n,Hangup(27)\n", 1200,
	  "challenged accepted(ulaw) dtmf+(1) dtmf(1) dtmf+(#) dtmf(#) ended(27)" },
	{ "SendDTMF with a pause", "exten => 1,1,SendDTMF(aw2)\n", 800, "challenged accepted(ulaw) dtmf+(A) dtmf(A)" },
	{ "SendDTMF after a pause", "exten => 1,1,SendDTMF(aw2)\nexten => 1,n,Wait(9)\n", 1150,
	  "challenged accepted(ulaw) dtmf+(A) dtmf(A) dtmf+(2) dtmf(2)" },
	{ "SendDTMF leaves out what is none",
	  "exten => 1,1,Set(X=x-1)\nexten => 1,n,SendDTMF(${X})\nexten => 1,n,Wait(9)\n", 600,
	  "challenged accepted(ulaw) dtmf+(1) dtmf(1)" },
	{ "WaitExten", "exten => 1,1,WaitExten(2)\nexten => t,1,Hangup(27)\n", 2300,
	  "challenged accepted(ulaw) ended(27)" },
	{ "WaitExten waits", "exten => 1,1,WaitExten(2)\nexten => t,1,Hangup(27)\n", 1900,
	  "challenged accepted(ulaw)" },
	{ "WaitExten without t", "exten => 1,1,WaitExten(2)\nexten => e,1,Hangup(28)\n", 2300,
	  "challenged accepted(ulaw) ended(28)" },
	{ "TIMEOUT(response)",
	  "exten => 1,1,Set(TIMEOUT(response)=2)\nexten => 1,n,WaitExten()\nexten => t,1,Hangup(27)\n", 2300,
	  "challenged accepted(ulaw) ended(27)" },
	{ "TIMEOUT(response) waits",
	  "exten => 1,1,Set(TIMEOUT(response)=2)\nexten => 1,n,WaitExten()\nexten => t,1,Hangup(27)\n", 1900,
	  "challenged accepted(ulaw)" },
	{ "TIMEOUT(response) is not that of WaitExten",
	  "exten => 1,1,Set(TIMEOUT(response)=9)\nexten => 1,n,WaitExten(2)\nexten => t,1,Hangup(27)\n", 2300,
	  "challenged accepted(ulaw) ended(27)" },
	{ "Hangup", "exten => 1,1,Hangup(27)\n", 500, "challenged accepted(ulaw) ended(27)" },
	{ "Hangup without a cause", "exten => 1,1,Hangup()\n", 500, "challenged accepted(ulaw) ended(16)" },
	{ "Wait", "exten => 1,1,Wait(1.5)\nexten => 1,n,Hangup(27)\n", 1400, "challenged accepted(ulaw)" },
	{ "Wait ends", "exten => 1,1,Wait(1.5)\nexten => 1,n,Hangup(27)\n", 1700,
	  "challenged accepted(ulaw) ended(27)" },
	{ "NoOp", "exten => 1,1,NoOp(a, b)\nexten => 1,n,Hangup(27)\n", 500, "challenged accepted(ulaw) ended(27)" },
	{ "Goto a priority", "exten => 1,1,Goto(3)\nexten => 1,2,Hangup(1)\nexten => 1,3,Hangup(2)\n", 500,
	  "challenged accepted(ulaw) ended(2)" },
	{ "Goto a label", "exten => 1,1,Goto(there)\nexten => 1,n,Hangup(1)\nexten => 1,n(there),Hangup(2)\n", 500,
	  "challenged accepted(ulaw) ended(2)" },
	{ "Goto an extension", "exten => 1,1,Goto(2,1)\nexten => 2,1,Hangup(2)\n", 500,
	  "challenged accepted(ulaw) ended(2)" },
	{ "Goto a context", "exten => 1,1,Goto(other,5,1)\n[other]\nexten => 5,1,Hangup(2)\n", 500,
	  "challenged accepted(ulaw) ended(2)" },
	{ "Gosub", "exten => 1,1,Gosub(sub,1)\nexten => 1,n,Hangup(2)\nexten => sub,1,Return()\n", 500,
	  "challenged accepted(ulaw) ended(2)" },
	{ "Gosub with arguments",
	  "exten => 1,1,Gosub(other,s,add(2,3))\nexten => 1,n,Hangup(${GOSUB_RETVAL})\n"
	  "[other]\nexten => s,1(add),Return($[${ARG1} * 10 + ${ARG2} + ${ARGC}])\n",
	  500, "challenged accepted(ulaw) ended(25)" },
	{ "GosubIf yes",
	  "exten => 1,1,GosubIf(1?sub,1(5):sub,1(6))\nexten => 1,n,Hangup(${GOSUB_RETVAL})\n"
	  "exten => sub,1,Return(${ARG1})\n",
	  500, "challenged accepted(ulaw) ended(5)" },
	{ "GosubIf no",
	  "exten => 1,1,GosubIf(0?sub,1(5:5):sub,1(6))\nexten => 1,n,Hangup(${GOSUB_RETVAL})\n"
	  "exten => sub,1,Return(${ARG1})\n",
	  500, "challenged accepted(ulaw) ended(6)" },
	{ "GosubIf without a target for the case",
	  "exten => 1,1,GosubIf(0?sub,1)\nexten => 1,n,Hangup(2)\nexten => sub,1,Hangup(1)\n", 500,
	  "challenged accepted(ulaw) ended(2)" },
	{ "Return without Gosub", "exten => 1,1,Return()\nexten => 1,n,Hangup(2)\n", 500,
	  "challenged accepted(ulaw) ended(41)" },
	{ "Gosub to nowhere", "exten => 1,1,Gosub(${EXTEN}x,1)\nexten => i,1,Hangup(2)\n", 500,
	  "challenged accepted(ulaw) ended(2)" },
	{ "StackPop",
	  "exten => 1,1,Gosub(2,1)\nexten => 1,n,Hangup(5)\nexten => 2,1,Gosub(3,1)\nexten => 2,n,Hangup(6)\n"
	  "exten => 3,1,StackPop()\nexten => 3,n,Return()\n",
	  500, "challenged accepted(ulaw) ended(5)" },
	{ "StackPop without Gosub", "exten => 1,1,StackPop()\nexten => 1,n,Hangup(2)\n", 500,
	  "challenged accepted(ulaw) ended(2)" },
	{ "GotoIf yes", "exten => 1,1,GotoIf($[1 < 2]?a:b)\nexten => 1,n(a),Hangup(1)\nexten => 1,n(b),Hangup(2)\n",
	  500, "challenged accepted(ulaw) ended(1)" },
	{ "GotoIf no", "exten => 1,1,GotoIf($[1 > 2]?a:b)\nexten => 1,n(a),Hangup(1)\nexten => 1,n(b),Hangup(2)\n", 500,
	  "challenged accepted(ulaw) ended(2)" },
	{ "GotoIfTime always", "exten => 1,1,GotoIfTime(*?a:b)\nexten => 1,n(a),Hangup(1)\nexten => 1,n(b),Hangup(2)\n",
	  500, "challenged accepted(ulaw) ended(1)" },
	{ "GotoIfTime of what is no time",
	  "exten => 1,1,GotoIfTime(${NONE}x?a:b)\nexten => 1,n(a),Hangup(1)\nexten => 1,n(b),Hangup(2)\n", 500,
	  "challenged accepted(ulaw) ended(2)" },
	{ "GotoIf without a target for the case",
	  "exten => 1,1,GotoIf(0?a)\nexten => 1,n,Hangup(2)\nexten => 1,n(a),Hangup(1)\n", 500,
	  "challenged accepted(ulaw) ended(2)" },
	{ "GotoIf without the first", "exten => 1,1,GotoIf(0?:b)\nexten => 1,n,Hangup(1)\nexten => 1,n(b),Hangup(2)\n",
	  500, "challenged accepted(ulaw) ended(2)" },
	{ "Set", "exten => 1,1,Set(X=27)\nexten => 1,n,Hangup(${X})\n", 500, "challenged accepted(ulaw) ended(27)" },
	{ "Set, inherited", "exten => 1,1,Set(__X=27)\nexten => 1,n,Hangup(${X})\n", 500,
	  "challenged accepted(ulaw) ended(27)" },
	{ "Set nothing", "exten => 1,1,Set(X=27)\nexten => 1,n,Set(X=)\nexten => 1,n,Hangup(${X})\n", 500,
	  "challenged accepted(ulaw) ended(16)" },
	{ "Playback", "exten => 1,1,Playback(ten)\nexten => 1,n,Hangup()\n", 600,
	  "challenged accepted(ulaw) ANSWER voice(ulaw) ended(16)" },
	{ "Playback takes its time", "exten => 1,1,Playback(ten&ten)\nexten => 1,n,Hangup()\n", 400,
	  "challenged accepted(ulaw) ANSWER voice(ulaw)" },
	{ "Playback,noanswer", "exten => 1,1,Playback(one,noanswer)\nexten => 1,n,Hangup()\n", 600,
	  "challenged accepted(ulaw) voice(ulaw) ended(16)" },
	{ "Playback,skip", "exten => 1,1,Playback(one,skip)\nexten => 1,n,Hangup()\n", 600,
	  "challenged accepted(ulaw) ended(16)" },
	{ "Playback of nothing",
	  "exten => 1,1,Playback(missing)\nexten => 1,n,GotoIf($[${PLAYBACKSTATUS} = FAILED]?5)\n"
	  "exten => 1,5,Hangup(27)\n",
	  600, "challenged accepted(ulaw) ANSWER ended(27)" },
	{ "Playback in another codec of the caller's", "exten => 1,1,Playback(alaw)\nexten => 1,n,Hangup()\n", 600,
	  "challenged accepted(ulaw) ANSWER voice(alaw) ended(16)" },
	{ "Milliwatt", "exten => 1,1,Milliwatt()\n", 600, "challenged accepted(ulaw) voice(ulaw)" },
	{ "Playtones goes on",
	  "exten => 1,1,Playtones(busy)\nexten => 1,n,Wait(.2)\nexten => 1,n,Ringing()\nexten => 1,n,Wait(9)\n", 600,
	  "challenged accepted(ulaw) voice(ulaw) RINGING" },
	{ "Playtones that nobody can hear", "exten => 1,1,Playtones(dial)\nexten => 1,n,Hangup(27)\n", 600,
	  "challenged accepted(ulaw) ended(27)" },
	{ "StopPlaytones without a tone", "exten => 1,1,StopPlaytones()\nexten => 1,n,Hangup(27)\n", 600,
	  "challenged accepted(ulaw) ended(27)" },
	{ "Echo does not answer", "exten => 1,1,Echo()\n", 600, "challenged accepted(ulaw)" },
	{ "Verbose", "exten => 1,1,Verbose(1,seen ${EXTEN})\nexten => 1,n,Hangup(27)\n", 500,
	  "challenged accepted(ulaw) ended(27)" },
	{ "Dial", "exten => 1,1,Dial(IAX2/bob)\n", 500, "challenged accepted(ulaw) ANSWER" },
};

static struct scene *scene_in_phones(uint64_t seed, const char *extensions)
{
	char text[1024];

	snprintf(text, sizeof(text), "[phones]\n%s", extensions);
	return scene_new(seed, NULL, text);
}

static void test_stories(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(stories); i++) {
		struct scene *s = scene_in_phones(i, stories[i].extensions);

		print_message("# %s\n", stories[i].name);
		scene_register(s);
		s->alice.stays = true;
		handset_call(&s->alice, &s->house, "1");
		sim_run_ms(&s->sim, stories[i].for_ms);
		CHECK_TEXT(handset_story(&s->alice), stories[i].story);
		scene_free(s);
	}
}

static void test_answer_ends_with_the_first_voice(void **state)
{
	struct scene *s = scene_in_phones(1, "exten => 1,1,Answer()\nexten => 1,n,Hangup()\n");
	unsigned line;
	(void)state;

	line = handset_call(&s->alice, &s->house, "1");
	sim_run_ms(&s->sim, 150);
	handset_talk(&s->alice, line, true);
	sim_run_ms(&s->sim, 50);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) ANSWER ended(16)");
	scene_free(s);
}

/* Every frame once, in time, and the last octets are those of the last frame. */
static void test_playback_plays_all_frames(void **state)
{
	struct scene *s = scene_in_phones(2, "exten => 1,1,Playback(ten&missing&one)\nexten => 1,n,Wait(9)\n");
	struct handset_line *line;
	(void)state;

	line = &s->alice.lines[handset_call(&s->alice, &s->house, "1")];
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(line->voice_full, 2);
	CHECK_UINT(line->voice_mini, 9);
	CHECK_UINT(line->gaps, 0);
	CHECK_UINT(line->last_octet, 0x20);
	CHECK_TEXT(scene_variable(s, "PLAYBACKSTATUS"), "FAILED");
	CHECK_LOGGED(s, "playback.missing");
	scene_free(s);
}

/* Codec and time are named again every 30 s, and no frame is missing or doubled. */
static void test_milliwatt_goes_on(void **state)
{
	struct scene *s = scene_in_phones(3, "exten => 1,1,Answer(,i)\nexten => 1,n,Milliwatt()\n");
	struct handset_line *line;
	(void)state;

	line = &s->alice.lines[handset_call(&s->alice, &s->house, "1")];
	sim_run_ms(&s->sim, 100100);
	CHECK_UINT(line->voice_full, 4);
	CHECK_TRUE(line->voice_full + line->voice_mini >= 4998 && line->voice_full + line->voice_mini <= 5002);
	CHECK_UINT(line->gaps, 0);
	const uint32_t spoken_ms = (line->voice_full + line->voice_mini - 1) * 20;

	/* The first one follows ANSWER, whose timestamp it must not repeat. */
	CHECK_TRUE(line->last_ts - line->first_ts <= spoken_ms && line->last_ts - line->first_ts + 2 >= spoken_ms);
	scene_free(s);
}

/* 9 s of tone, 1 s of none, again and again; who asks for silence in between has it, and the next tone is on time. */
static void test_milliwatt_with_pauses(void **state)
{
	struct scene *s = scene_in_phones(3, "exten => 1,1,Milliwatt(m)\n");
	struct handset_line *line = &s->alice.lines[handset_call(&s->alice, &s->house, "1")];
	struct iax_endpoint *ep = s->sim.nodes[s->alice.node].ep;
	(void)state;

	for (unsigned round = 1; round <= 3; round++) {
		sim_run_ms(&s->sim, 9200);
		const uint32_t heard = line->voice_mini + line->voice_full;

		CHECK_TRUE(heard >= 450 * round - 2 * round && heard <= 450 * round + 2 * round);
		CHECK_UINT(line->voice_full, round);
		sim_run_ms(&s->sim, 700);
		CHECK_UINT(line->voice_mini + line->voice_full, heard);
		sim_run_ms(&s->sim, 100);
	}
	CHECK_TRUE(line->last_octet >= 0x70 && line->last_octet <= 0x73);
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(iax_leg_quelch(ep, line->leg, true, s->sim.now_us), IAX_OK);
	handset_pump(&s->alice);
	sim_run_ms(&s->sim, 100);
	const uint32_t before = line->voice_mini + line->voice_full;

	sim_run_ms(&s->sim, 15000);
	CHECK_UINT(line->voice_mini + line->voice_full, before);
	CHECK_UINT(iax_leg_quelch(ep, line->leg, false, s->sim.now_us), IAX_OK);
	handset_pump(&s->alice);
	sim_run_ms(&s->sim, 2000);
	CHECK_TRUE(line->voice_mini + line->voice_full > before + 20);
	scene_free(s);
}

static void test_milliwatt_at_1000_hz(void **state)
{
	struct scene *s = scene_in_phones(3, "exten => 1,1,Milliwatt(o)\n");
	const struct handset_line *line = &s->alice.lines[handset_call(&s->alice, &s->house, "1")];
	(void)state;

	sim_run_ms(&s->sim, 12000);
	CHECK_TRUE(line->last_octet >= 0x60 && line->last_octet <= 0x63);
	CHECK_TRUE(line->voice_full + line->voice_mini >= 590);
	scene_free(s);
}

/* A digit that comes too late belongs to nothing any more. */
static void test_time_between_digits(void **state)
{
	static const struct {
		const char *set;
		uint32_t after_ms;
		const char *story;
	} cases[] = {
		{ "Set(TIMEOUT(digit)=2)", 1900, "challenged accepted(ulaw) ended(12)" },
		{ "Set(TIMEOUT(digit)=2)", 2200, "challenged accepted(ulaw) ended(1)" },
		{ "NoOp()", 2200, "challenged accepted(ulaw) ended(12)" },
		{ "Set(TIMEOUT(digit)=0)", 4900, "challenged accepted(ulaw) ended(12)" },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		char text[256];

		snprintf(
			text, sizeof(text),
			"exten => 5,1,%s\nexten => 5,n,WaitExten()\nexten => 1,1,Hangup(1)\nexten => 12,1,Hangup(12)\n",
			cases[i].set);
		struct scene *s = scene_in_phones(60 + i, text);
		const unsigned line = handset_call(&s->alice, &s->house, "5");

		s->alice.careless = true; /* some come when all is over */
		sim_run_ms(&s->sim, 200);
		handset_digit(&s->alice, line, '1');
		sim_run_ms(&s->sim, cases[i].after_ms);
		handset_digit(&s->alice, line, '2');
		sim_run_ms(&s->sim, 8000);
		CHECK_TEXT(handset_story(&s->alice), cases[i].story);
		scene_free(s);
	}
}

/* What comes once, then what is repeated; no frame is missing while the dialplan goes on, and codec and time are named again. */
static void test_tones_go_on_while_others_wait(void **state)
{
	struct scene *s = scene_in_phones(30,
	                                  "exten => 1,1,Playtones(!950/100,425)\nexten => 1,n,Wait(1)\n"
	                                  "exten => 1,n,Set(A=1)\nexten => 1,n,Answer(,i)\nexten => 1,n,Wait(200)\n");
	struct handset_line *line = &s->alice.lines[handset_call(&s->alice, &s->house, "1")];
	(void)state;

	sim_run_ms(&s->sim, 150);
	CHECK_TRUE(line->last_octet >= 0x80 && line->last_octet < 0x85);
	sim_run_ms(&s->sim, 70000);
	CHECK_TRUE(line->last_octet >= 0xa0 && line->last_octet < 0xa0 + 50);
	CHECK_UINT(line->voice_full, 4); /* once, again, and after 30 s and 60 s */
	CHECK_TRUE(line->voice_full + line->voice_mini >= 3495 && line->voice_full + line->voice_mini <= 3510);
	CHECK_UINT(line->gaps, 0);
	CHECK_UINT(tones_of(s->house.sw)->used, 1);
	scene_free(s);
}

/* By what follows: how many frames come until then, and whether any come after it. */
static void test_what_ends_a_tone(void **state)
{
	static const struct {
		const char *app;
		bool ends;
		uint8_t first, last; /* octets of what is heard then */
	} cases[] = {
		{ "StopPlaytones()", true, 0x20, 0x51 }, { "Playback(ten)", true, 0x40, 0x49 },
		{ "Milliwatt()", true, 0x70, 0x73 },     { "Playtones(!950/100,425)", true, 0x80, 0xd1 },
		{ "Dial(IAX2/bob)", true, 0x20, 0x51 },  { "Echo()", true, 0x20, 0x51 },
		{ "Wait(9)", false, 0x20, 0x51 },        { "Busy(9)", false, 0x20, 0x51 },
		{ "Congestion(9)", false, 0x20, 0x51 },  { "WaitExten(9)", false, 0x20, 0x51 },
		{ "SendDTMF(1)", false, 0x20, 0x51 },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		char text[256];

		snprintf(text, sizeof(text),
		         "exten => 1,1,Playtones(busy)\nexten => 1,n,Wait(2)\nexten => 1,n,%s\nexten => 1,n,Wait(9)\n",
		         cases[i].app);
		struct scene *s = scene_in_phones(40 + i, text);

		print_message("# %s\n", cases[i].app);
		s->alice.stays = true;
		s->bob.answer_after_ms = HANDSET_NEVER;
		scene_register(s);
		struct handset_line *line = &s->alice.lines[handset_call(&s->alice, &s->house, "1")];

		sim_run_ms(&s->sim, 1900);
		const uint32_t before = line->voice_full + line->voice_mini;

		CHECK_TRUE(before > 85 && line->last_octet >= 0x20 && line->last_octet <= 0x51);
		sim_run_ms(&s->sim, 3000);
		CHECK_UINT(tones_of(s->house.sw)->used, !cases[i].ends || strncmp(cases[i].app, "Playtones", 9) == 0);
		CHECK_TRUE(line->last_octet >= cases[i].first && line->last_octet <= cases[i].last);
		if (!cases[i].ends) {
			CHECK_TRUE(line->voice_full + line->voice_mini >= before + 145);
		} else if (cases[i].first == 0x20) {
			CHECK_TRUE(line->voice_full + line->voice_mini <= before + 15);
		}
		scene_free(s);
	}
}

static void test_quelch_stops_a_tone(void **state)
{
	struct scene *s = scene_in_phones(60, "exten => 1,1,Playtones(busy)\nexten => 1,n,Wait(60)\n");
	struct handset_line *line = &s->alice.lines[handset_call(&s->alice, &s->house, "1")];
	struct iax_endpoint *ep = s->sim.nodes[s->alice.node].ep;
	(void)state;

	sim_run_ms(&s->sim, 500);
	CHECK_TRUE(line->voice_mini > 10);
	CHECK_UINT(iax_leg_quelch(ep, line->leg, true, s->sim.now_us), IAX_OK);
	handset_pump(&s->alice);
	sim_run_ms(&s->sim, 100);
	const uint32_t heard = line->voice_mini + line->voice_full;

	sim_run_ms(&s->sim, 35000);
	CHECK_UINT(line->voice_mini + line->voice_full, heard);
	CHECK_UINT(iax_leg_quelch(ep, line->leg, false, s->sim.now_us), IAX_OK);
	handset_pump(&s->alice);
	sim_run_ms(&s->sim, 500);
	CHECK_TRUE(line->voice_mini + line->voice_full > heard + 20);
	scene_free(s);
}

static void test_a_tone_ends_with_its_call(void **state)
{
	struct scene *s = scene_in_phones(
		61, "exten => 1,1,Playtones(busy)\nexten => 1,n,Wait(60)\nexten => h,1,Playtones(busy)\n");
	const unsigned line = handset_call(&s->alice, &s->house, "1");
	(void)state;

	sim_run_ms(&s->sim, 500);
	CHECK_UINT(tones_of(s->house.sw)->used, 1);
	handset_hangup(&s->alice, line, 16);
	sim_run_ms(&s->sim, 100);
	CHECK_UINT(tones_of(s->house.sw)->used, 0);
	CHECK_TRUE(switch_is_idle(s->house.sw));
	scene_free(s);
}

static void test_quelch_stops_what_is_played(void **state)
{
	struct scene *s = scene_in_phones(4, "exten => 1,1,Milliwatt()\n");
	const unsigned number = handset_call(&s->alice, &s->house, "1");
	struct handset_line *line = &s->alice.lines[number];
	struct iax_endpoint *ep = s->sim.nodes[s->alice.node].ep;
	(void)state;

	sim_run_ms(&s->sim, 500);
	CHECK_TRUE(line->voice_mini > 10);
	CHECK_UINT(iax_leg_quelch(ep, line->leg, true, s->sim.now_us), IAX_OK);
	handset_pump(&s->alice);
	sim_run_ms(&s->sim, 100);
	const uint32_t heard = line->voice_mini + line->voice_full;

	sim_run_ms(&s->sim, 60000);
	CHECK_UINT(line->voice_mini + line->voice_full, heard);
	CHECK_UINT(iax_leg_quelch(ep, line->leg, false, s->sim.now_us), IAX_OK);
	handset_pump(&s->alice);
	sim_run_ms(&s->sim, 500);
	CHECK_TRUE(line->voice_mini + line->voice_full > heard + 20);
	scene_free(s);
}

static void test_a_relay_that_forgets_does_not_hold_playback(void **state)
{
	struct scene *s = scene_in_phones(5, "exten => 1,1,Playback(ten)\nexten => 1,n,Hangup(27)\n");
	(void)state;

	handset_call(&s->alice, &s->house, "1");
	sim_run_ms(&s->sim, 150);
	for (int i = 0; i < HOUSE_ENTRIES; i++) {
		s->house.entries[i].told = true;
	}
	sim_run_ms(&s->sim, 3000);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) ANSWER voice(ulaw) ended(27)");
	scene_free(s);
}

static void test_echo_returns_everything(void **state)
{
	struct scene *s = scene_in_phones(6, "exten => 1,1,Echo()\n");
	const unsigned number = handset_call(&s->alice, &s->house, "1");
	struct handset_line *line = &s->alice.lines[number];
	struct iax_endpoint *ep = s->sim.nodes[s->alice.node].ep;
	(void)state;

	sim_run_ms(&s->sim, 200);
	handset_story(&s->alice);
	CHECK_UINT(iax_leg_frame(ep, line->leg, IAX_FRAME_HTML, IAX_HTML_URL, TG_SPAN_LIT("http://x"), s->sim.now_us),
	           IAX_OK);
	CHECK_UINT(iax_leg_frame(ep, line->leg, IAX_FRAME_CNG, 40, (struct tg_span){ 0 }, s->sim.now_us), IAX_OK);
	handset_text(&s->alice, number, "hello");
	handset_control(&s->alice, number, IAX_CONTROL_FLASH, ""); /* not to himself */
	sim_run_ms(&s->sim, 100);
	CHECK_TEXT(handset_story(&s->alice), "HTML-1(http://x) CNG-40() text(hello)");
	/* Another codec from the common set, in the middle. */
	handset_talk(&s->alice, number, true);
	sim_run_ms(&s->sim, 310);
	CHECK_TEXT(handset_story(&s->alice), "voice(ulaw)");
	line->talk_format = IAX_FORMAT_GSM;
	handset_talk(&s->alice, number, true);
	sim_run_ms(&s->sim, 300);
	CHECK_TEXT(handset_story(&s->alice), "voice(gsm)");
	CHECK_UINT(line->voice_full, 2);
	CHECK_UINT(line->gaps, 0);
	scene_free(s);
}

static void test_html_is_refused_where_it_means_nothing(void **state)
{
	struct scene *s = scene_in_phones(7, "exten => 1,1,Wait(60)\n");
	const unsigned number = handset_call(&s->alice, &s->house, "1");
	struct iax_endpoint *ep = s->sim.nodes[s->alice.node].ep;
	(void)state;

	sim_run_ms(&s->sim, 200);
	handset_story(&s->alice);
	CHECK_UINT(iax_leg_frame(ep, s->alice.lines[number].leg, IAX_FRAME_HTML, IAX_HTML_URL, TG_SPAN_LIT("http://x"),
	                         s->sim.now_us),
	           IAX_OK);
	handset_pump(&s->alice);
	sim_run_ms(&s->sim, 100);
	CHECK_TEXT(handset_story(&s->alice), "HTML-17()");
	scene_free(s);
}

/* Who hangs up during the tone has heard why. */
static void test_a_tone_cut_short_is_recorded_as_what_it_says(void **state)
{
	static const struct {
		const char *exten;
		uint8_t cause, disposition;
	} tones[] = {
		{ "exten => 1,1,Busy(5)\n", IAX_CAUSE_BUSY, MODEL_BUSY },
		{ "exten => 1,1,Congestion(5)\n", IAX_CAUSE_NO_CIRCUIT, MODEL_FAILED },
		{ "exten => 1,1,Wait(5)\n", IAX_CAUSE_NORMAL_CLEARING, MODEL_NO_ANSWER },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(tones); i++) {
		struct scene *s = scene_in_phones(20 + i, tones[i].exten);
		const unsigned line = handset_call(&s->alice, &s->house, "1");

		s->alice.stays = true;
		sim_run_ms(&s->sim, 1000);
		handset_hangup(&s->alice, line, IAX_CAUSE_NORMAL_CLEARING);
		sim_run_ms(&s->sim, 100);
		CHECK_UINT(house_record(&s->house)->cause, tones[i].cause);
		CHECK_UINT(house_record(&s->house)->disposition, tones[i].disposition);
		scene_free(s);
	}
}

static void test_what_is_said_is_logged(void **state)
{
	struct scene *s = scene_in_phones(8, "exten => 1,1,Verbose(1,seen ${EXTEN})\nexten => 1,n,Verbose(plain)\n"
	                                     "exten => 1,n,NoOp(quiet)\n");
	(void)state;

	handset_call(&s->alice, &s->house, "1");
	sim_run_ms(&s->sim, 200);
	CHECK_LOGGED(s, "NOTICE dialplan.says call=1000 text='seen\\x201'");
	CHECK_LOGGED(s, "NOTICE dialplan.says call=1000 text='plain'");
	CHECK_LOGGED(s, "DEBUG dialplan.says call=1000 text='quiet'");
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_stories),
		cmocka_unit_test(test_answer_ends_with_the_first_voice),
		cmocka_unit_test(test_playback_plays_all_frames),
		cmocka_unit_test(test_milliwatt_goes_on),
		cmocka_unit_test(test_milliwatt_with_pauses),
		cmocka_unit_test(test_milliwatt_at_1000_hz),
		cmocka_unit_test(test_time_between_digits),
		cmocka_unit_test(test_tones_go_on_while_others_wait),
		cmocka_unit_test(test_what_ends_a_tone),
		cmocka_unit_test(test_quelch_stops_a_tone),
		cmocka_unit_test(test_a_tone_ends_with_its_call),
		cmocka_unit_test(test_quelch_stops_what_is_played),
		cmocka_unit_test(test_a_relay_that_forgets_does_not_hold_playback),
		cmocka_unit_test(test_echo_returns_everything),
		cmocka_unit_test(test_html_is_refused_where_it_means_nothing),
		cmocka_unit_test(test_a_tone_cut_short_is_recorded_as_what_it_says),
		cmocka_unit_test(test_what_is_said_is_logged),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
