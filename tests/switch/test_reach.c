/* SPDX-License-Identifier: Apache-2.0 */
#include "worlds.h"

#include <stdio.h>
#include <stdlib.h>

#include "crypt/random.h"
#include "model/pattern.h"
#include "switch/args.h"
#include "switch/reach.h"
#include "switch/vars.h"

/* ---- Sets of numbers -------------------------------------------------------------------------------------------- */

static const char *const patterns[] = { "_X",  "_XX", "_0X.", "_00.", "_9!", "_!",    "_.", "_1-2X", "_[1-35]X", "_N.",
	                                "_Z!", "12",  "911",  "1-2",  "s",   "_[a-]", "i",  "_0Z",   "_XX-.",    "_-" };

static void any_number(struct crypt_random *random, char out[8])
{
	static const char octets[] = "0123459-as";
	const uint32_t len = crypt_random_below(random, 7);

	for (uint32_t i = 0; i < len; i++) {
		out[i] = octets[crypt_random_below(random, sizeof(octets) - 1)];
	}
	out[len] = '\0';
}

static bool box_has(struct reach_sets *sets, const struct reach_box *box, const char *number)
{
	struct reach_box dashed = *box;
	struct reach_seq seq;

	dashed.dashed = true;
	reach_box_text(sets, &dashed, &seq);
	return reach_seq_matches(sets, &seq, tg_span_text(number));
}

static bool boxes_have(struct reach_sets *sets, const struct reach_boxes *boxes, const char *number)
{
	for (uint32_t i = 0; i < boxes->count; i++) {
		if (box_has(sets, &boxes->p[i], number)) {
			return true;
		}
	}
	return false;
}

static const char *any_pattern(struct crypt_random *random)
{
	return patterns[crypt_random_below(random, (uint32_t)TG_COUNT(patterns))];
}

/* Boxes of extensions are what pattern_match() says, and so is what is left without some of them. */
static void test_boxes_are_patterns(void **state)
{
	static struct reach_sets sets;
	struct crypt_random random;
	char number[8];
	(void)state;

	crypt_random_init(&random, (const uint8_t[CRYPT_SEED_BYTES]){ 1 });
	reach_sets_init(&sets);
	for (int n = 0; n < 20000; n++) {
		const char *a = any_pattern(&random), *b = any_pattern(&random), *c = any_pattern(&random);
		struct reach_boxes rest = { NULL, 0, 0, false };
		struct reach_box box, less, both;

		any_number(&random, number);
		const struct tg_span span = tg_span_text(number);
		const bool in_a = pattern_match(tg_span_text(a), span), in_b = pattern_match(tg_span_text(b), span);

		CHECK_TRUE(reach_box_of(&sets, tg_span_text(a), &box));
		CHECK_UINT(box_has(&sets, &box, number), in_a);
		CHECK_TRUE(reach_box_of(&sets, tg_span_text(b), &less));
		CHECK_UINT(reach_box_both(&sets, &box, &less, &both) && box_has(&sets, &both, number), in_a && in_b);
		CHECK_TRUE(!reach_box_within(&sets, &box, &less) || !in_a || in_b);
		reach_boxes_add(&sets, &rest, &box);
		reach_boxes_subtract(&sets, &rest, &less, 64);
		CHECK_UINT(boxes_have(&sets, &rest, number), in_a && !in_b);
		CHECK_TRUE(reach_box_of(&sets, tg_span_text(c), &less));
		reach_boxes_subtract(&sets, &rest, &less, 64);
		CHECK_UINT(boxes_have(&sets, &rest, number), in_a && !in_b && !pattern_match(tg_span_text(c), span));
		reach_boxes_free(&rest);
	}
}

/* ---- Texts ------------------------------------------------------------------------------------------------------ */

static bool lend(const void *owner, struct tg_span name, struct vars_text *out)
{
	(void)name;
	vars_put(out, *(const struct tg_span *)owner);
	return false;
}

/* A sequence, and a text that is one of it. */
static struct tg_span any_text(struct crypt_random *random, struct reach_seq *seq, uint8_t text[64])
{
	static const uint16_t items[] = { '1',
		                          '2',
		                          '-',
		                          ' ',
		                          '\t',
		                          REACH_DIGITS,
		                          '-' | REACH_STAR,
		                          ' ' | REACH_STAR,
		                          REACH_DIGITS | REACH_STAR,
		                          REACH_ANY | REACH_STAR };
	const uint32_t count = crypt_random_below(random, 8);
	size_t len = 0;

	*seq = (struct reach_seq){ .len = 0 };
	for (uint32_t i = 0; i < count; i++) {
		const uint16_t item = items[crypt_random_below(random, (uint32_t)TG_COUNT(items))],
			       set = item & REACH_SET;
		const uint32_t times = (item & REACH_STAR) != 0 ? crypt_random_below(random, 4) : 1;

		CHECK_TRUE(reach_seq_push(seq, item));
		for (uint32_t n = 0; n < times; n++) {
			text[len++] = set < 256 ? (uint8_t)set
			                        : "0 9-"[crypt_random_below(random, 1 + 3 * (set == REACH_ANY))];
		}
	}
	return (struct tg_span){ text, len };
}

/* Whatever the switch makes of one of the texts is among what is said to become of them. */
static void test_texts_are_cut_as_the_switch_does(void **state)
{
	static struct reach_sets sets;
	static struct reach_text whole, part;
	struct crypt_random random;
	(void)state;

	crypt_random_init(&random, (const uint8_t[CRYPT_SEED_BYTES]){ 2 });
	reach_sets_init(&sets);
	for (int n = 0; n < 20000; n++) {
		const long offset = (long)crypt_random_below(&random, 9) - 4,
			   length = (long)crypt_random_below(&random, 9) - 4;
		const bool has_length = crypt_random_below(&random, 2) == 0;
		uint8_t text[64], cut[64];
		char asked[32];
		struct reach_seq seq;
		const struct tg_span one = any_text(&random, &seq, text);
		struct vars_text out = { .p = cut, .size_bytes = sizeof(cut) };

		CHECK_TRUE(reach_seq_matches(&sets, &seq, one));
		snprintf(asked, sizeof(asked), has_length ? "${V:%ld:%ld}" : "${V:%ld}", offset, length);
		vars_expand(&(struct vars_source){ &one, lend }, VARS_FOR_TEXT, tg_span_text(asked), &out);
		reach_text_none(&whole);
		reach_text_add(&sets, &whole, &seq);
		reach_text_slice(&sets, &whole, offset, has_length, has_length ? length : 0, &part);
		CHECK_TRUE(reach_text_matches(&sets, &part, vars_span(&out)));
		reach_seq_trim(&sets, &seq);
		CHECK_TRUE(reach_seq_matches(&sets, &seq, args_trim(one)));
	}
}

/* ---- Dialplans -------------------------------------------------------------------------------------------------- */

static const char iax_conf[] = "[general]\nregcontext=here\n"
			       "[guest]\ntype=user\ncontext=in\nsetvar=MINE=77\n"
			       "[alice]\ntype=user\nsecret=alice-has-a-secret-1\ncontext=boss\n"
			       "[a]\ntype=peer\nhost=192.0.2.1\n"
			       "[b]\ntype=peer\nhost=192.0.2.2\n"
			       "[c]\ntype=peer\nhost=dynamic\nsecret=carol-has-a-secret-1\nregexten=55\n";

/* "a:X! b:0*" as far as the guest comes. */
static void told(struct reach *reach, const struct world *world, char out[2048])
{
	size_t len = 0;

	out[0] = '\0';
	for (uint32_t i = 0; i < reach_entry_at(reach, 0).egresses; i++) {
		const struct reach_egress *egress = reach_egress_at(reach, 0, i);
		const struct world_peer *peer = egress->peer != REACH_ANY_PEER
		                                        ? world_row(world, WORLD_PEERS, egress->peer)
		                                        : NULL;

		for (size_t k = 0; k < egress->numbers.count; k++) {
			char text[128];

			len += (size_t)snprintf(
				out + len, 2048 - len, "%s%s:%s", len > 0 ? " " : "",
				peer != NULL ? world_text(world, peer->name) : "?",
				reach_seq_show(reach_sets_of(reach), &egress->numbers.seqs[k], text, sizeof(text)));
		}
	}
}

static const struct {
	const char *name, *plan, *want;
} rows[] = {
	{ "a number as it is dialled", "exten => _9X.,1,Dial(IAX2/a/${EXTEN})\n", "a:9X!" },
	{ "without what stands in front; a dash takes its place", "exten => _9XX,1,Dial(IAX2/a/${EXTEN:1})\n",
	  "a:9XX a:XX" },
	{ "something in front", "exten => _9XX,1,Dial(IAX2/a/00${EXTEN})\n", "a:009XX" },
	{ "no number", "exten => 1,1,Dial(IAX2/a)\n", "a:s" },
	{ "two at once, and a context", "exten => 1,1,Dial(IAX2/a/5@x&IAX2/b/6,10,r)\n", "a:5 b:6" },
	{ "a peer by a variable", "exten => 1,1,Dial(IAX2/${P}/5)\n[globals]\nP=b\n", "b:5" },
	{ "any peer by what is dialled", "exten => _[ab],1,Dial(IAX2/${EXTEN}/5)\n", "a:5 b:5" },
	{ "another technology", "exten => 1,1,Dial(${T}/a/5)\n[globals]\nT=SIP\n", "" },
	{ "the caller's number is anything", "exten => 1,1,Dial(IAX2/a/${CALLERID(num)})\n", "a:! a:s" },
	{ "what is denied first is not reached", "exten => _0900.,1,Hangup()\nexten => _0X.,1,Dial(IAX2/a/${EXTEN})\n",
	  "a:0[0-8]! a:09[^0]*! a:090 a:090[^0]*! a:0900" },
	{ "a denial with a caller's number denies nothing",
	  "exten => _0X/5,1,Hangup()\nexten => _0X,1,Dial(IAX2/a/${EXTEN})\n", "a:0X" },
	{ "the next priority of a wider extension", "exten => 200,1,NoOp()\nexten => _2XX,2,Dial(IAX2/a/${EXTEN})\n",
	  "a:200" },
	{ "what is there while somebody is registered goes on",
	  "include => here\n[here]\nexten => _X.,2,Dial(IAX2/a/${EXTEN})\n", "a:55" },
	{ "and denies nothing",
	  "include => here\ninclude => rest\n[here]\nexten => _X.,2,Dial(IAX2/a/1)\n[rest]\nexten => "
	  "_5X,1,Dial(IAX2/b/${EXTEN})\n",
	  "b:5X a:1" },
	{ "includes", "include => more\n[more]\nexten => 1,1,Dial(IAX2/a/1)\n", "a:1" },
	{ "Answer goes on", "exten => 1,1,Answer()\nexten => 1,2,Dial(IAX2/a/1)\n", "a:1" },
	{ "Echo goes on", "exten => 1,1,Echo()\nexten => 1,2,Dial(IAX2/a/1)\n", "a:1" },
	{ "Milliwatt goes on", "exten => 1,1,Milliwatt()\nexten => 1,2,Dial(IAX2/a/1)\n", "a:1" },
	{ "NoOp goes on", "exten => 1,1,NoOp()\nexten => 1,2,Dial(IAX2/a/1)\n", "a:1" },
	{ "Playback goes on", "exten => 1,1,Playback(x)\nexten => 1,2,Dial(IAX2/a/${PLAYBACKSTATUS})\n",
	  "a:s a:SUCCESS a:FAILED" },
	{ "Playtones goes on", "exten => 1,1,Playtones(440)\nexten => 1,2,Dial(IAX2/a/1)\n", "a:1" },
	{ "StopPlaytones goes on", "exten => 1,1,StopPlaytones()\nexten => 1,2,Dial(IAX2/a/1)\n", "a:1" },
	{ "an include with times counts", "include => more,9:00-17:00,*,*,*\n[more]\nexten => 1,1,Dial(IAX2/a/1)\n",
	  "a:1" },
	{ "but it denies nothing",
	  "include => no,9:00-17:00,*,*,*\ninclude => more\n[no]\nexten => 1,1,Hangup()\n[more]\nexten => "
	  "1,1,Dial(IAX2/a/1)\n",
	  "a:1" },
	{ "one without times does",
	  "include => no\ninclude => more\n[no]\nexten => 1,1,Hangup()\n[more]\nexten => 1,1,Dial(IAX2/a/1)\n", "" },
	{ "Proceeding goes on", "exten => 1,1,Proceeding()\nexten => 1,2,Dial(IAX2/a/1)\n", "a:1" },
	{ "Progress goes on", "exten => 1,1,Progress()\nexten => 1,2,Dial(IAX2/a/1)\n", "a:1" },
	{ "Ringing goes on", "exten => 1,1,Ringing()\nexten => 1,2,Dial(IAX2/a/1)\n", "a:1" },
	{ "SendDTMF goes on", "exten => 1,1,SendDTMF(1)\nexten => 1,2,Dial(IAX2/a/1)\n", "a:1" },
	{ "StackPop goes on", "exten => 1,1,StackPop()\nexten => 1,2,Dial(IAX2/a/1)\n", "a:1" },
	{ "Verbose goes on", "exten => 1,1,Verbose(1)\nexten => 1,2,Dial(IAX2/a/1)\n", "a:1" },
	{ "Wait goes on", "exten => 1,1,Wait(1)\nexten => 1,2,Dial(IAX2/a/1)\n", "a:1" },
	{ "Busy ends", "exten => 1,1,Busy(1)\nexten => 1,2,Dial(IAX2/a/1)\n", "" },
	{ "Congestion ends", "exten => 1,1,Congestion(1)\nexten => 1,2,Dial(IAX2/a/1)\n", "" },
	{ "Hangup ends", "exten => 1,1,Hangup()\nexten => 1,2,Dial(IAX2/a/1)\n", "" },
	{ "Dial goes on", "exten => 1,1,Dial(IAX2/a/1)\nexten => 1,2,Dial(IAX2/b/${DIALSTATUS:0:2})\n",
	  "a:1 b:s b:AN b:BU b:NO b:CA b:CO b:CH b:IN" },
	{ "Goto", "exten => 1,1,Goto(far,2,1)\n[far]\nexten => 2,1,Dial(IAX2/a/${EXTEN})\n", "a:2" },
	{ "Goto a label", "exten => 1,1,Goto(there)\nexten => 1,2,Hangup()\nexten => 1,3(there),Dial(IAX2/a/1)\n",
	  "a:1" },
	{ "Goto a number that is computed",
	  "exten => _8X,1,Goto(far,${EXTEN:1},1)\n[far]\nexten => _X,1,Dial(IAX2/a/${EXTEN})\n", "a:X" },
	{ "Goto a context that is computed",
	  "exten => _X.,1,Goto(${CALLERID(num)},1,1)\n[far]\nexten => 1,1,Dial(IAX2/a/1)\n", "a:1" },
	{ "Goto nowhere",
	  "exten => _X,1,Goto(far,${EXTEN},1)\n[far]\nexten => i,1,Dial(IAX2/a/1)\nexten => 2,1,NoOp()\n", "a:1" },
	{ "Goto with a number that is too long for an extension",
	  "exten => _X.,1,Goto(far,${EXTEN}${EXTEN},1)\n[far]\nexten => _X!,1,NoOp()\nexten => i,1,Dial(IAX2/a/1)\n",
	  "a:1" },
	{ "GotoIf goes both ways, and on",
	  "exten => 1,1,GotoIf(${X}?far,1,1:far,2,1)\nexten => 1,2,Dial(IAX2/a/3)\n"
	  "[far]\nexten => 1,1,Dial(IAX2/a/1)\nexten => 2,1,Dial(IAX2/a/2)\n",
	  "a:1 a:2" },
	{ "GotoIfTime goes both ways, whatever the time",
	  "exten => 1,1,GotoIfTime(9:00-17:00,mon-fri,*,*?far,1,1:far,2,1)\nexten => 1,2,Dial(IAX2/a/3)\n"
	  "[far]\nexten => 1,1,Dial(IAX2/a/1)\nexten => 2,1,Dial(IAX2/a/2)\n",
	  "a:1 a:2" },
	{ "GotoIfTime without a second place goes on",
	  "exten => 1,1,GotoIfTime(9:00-17:00?2,1)\nexten => 1,2,Dial(IAX2/a/3)\nexten => 2,1,NoOp()\n", "a:3" },
	{ "GotoIf without a second place goes on",
	  "exten => 1,1,GotoIf(${X}?2,1)\nexten => 1,2,Dial(IAX2/a/3)\nexten => 2,1,NoOp()\n", "a:3" },
	{ "Gosub, its arguments, and back",
	  "exten => 1,1,Gosub(far,1,1(5,6))\nexten => 1,2,Dial(IAX2/b/${GOSUB_RETVAL})\n"
	  "[far]\nexten => 1,1,Dial(IAX2/a/${ARG2})\nexten => 1,2,Return(8)\n",
	  "a:s a:6 b:s b:8" },
	{ "GosubIf goes both ways, and on",
	  "exten => 1,1,GosubIf(${X}?far,1,1:far,2,1)\nexten => 1,2,Dial(IAX2/b/3)\n"
	  "[far]\nexten => 1,1,Dial(IAX2/a/1)\nexten => 2,1,Dial(IAX2/a/2)\n",
	  "a:1 a:2 b:3" },
	{ "Return does not go on here", "exten => 1,1,Return()\nexten => 1,2,Dial(IAX2/a/1)\n", "" },
	{ "Set", "exten => 1,1,Set(V=5)\nexten => 1,2,Dial(IAX2/a/${V}${V:0:0})\n", "a:s a:5" },
	{ "Set by a computed name", "exten => 1,1,Set(${CALLERID(num)}=5)\nexten => 1,2,Dial(IAX2/${V}/1)\n",
	  "?:! a:1 b:1 c:1" },
	{ "what others set for all", "exten => 1,1,Dial(IAX2/a/${G})\n[boss]\nexten => 1,1,Set(GLOBAL(G)=9)\n",
	  "a:s a:9" },
	{ "setvar of the account", "exten => 1,1,Dial(IAX2/a/${MINE})\n", "a:s a:77" },
	{ "WaitExten",
	  "exten => 1,1,Goto(far,1,1)\n[far]\nexten => 1,1,WaitExten(1)\nexten => _7X,1,Dial(IAX2/a/7)\nexten => "
	  "t,1,Dial(IAX2/b/t)\n"
	  "exten => i,1,Dial(IAX2/b/i)\n",
	  "b:i b:t a:7" },
	{ "no step left, and digits are waited for",
	  "exten => 1,1,Goto(far,1,1)\n[far]\nexten => 1,1,NoOp()\nexten => "
	  "t,1,Dial(IAX2/b/t)\n[general]\nautofallthrough=no\n",
	  "b:t" },
	{ "no step left", "exten => 1,1,Goto(far,1,1)\n[far]\nexten => 1,1,NoOp()\nexten => t,1,Dial(IAX2/b/t)\n", "" },
	{ "time that is over", "exten => 1,1,Goto(far,1,1)\n[far]\nexten => 1,1,NoOp()\nexten => T,1,Dial(IAX2/b/t)\n",
	  "b:t" },
	{ "a special name is a number like any other", "exten => t,1,Dial(IAX2/b/t)\n", "b:t" },
	{ "nobody is called after hang-up",
	  "exten => 1,1,Goto(far,1,1)\n[far]\nexten => 1,1,NoOp()\nexten => h,1,Dial(IAX2/b/t)\n", "" },
	{ "after hang-up something can be set for all",
	  "exten => 1,1,Goto(far,1,1)\nexten => 2,1,Dial(IAX2/a/${G})\n[far]\nexten => 1,1,NoOp()\nexten => "
	  "h,1,Wait(1)\n"
	  "exten => h,2,Set(GLOBAL(G)=7)\n",
	  "a:s a:7" },
	{ "an expression is made of its octets", "exten => 1,1,Dial(IAX2/a/$[ab : ab])\n", "a:[-0-:ab]* a:s" },
	{ "what cannot be divided is anything", "exten => 1,1,Dial(${IAXPEER(CURRENTCHANNEL)})\n", "?:!" },
};

static void test_rows(void **state)
{
	char got[2048], plan[2048];
	bool well = true;
	(void)state;

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct conf_result conf;

		snprintf(plan, sizeof(plan), "[in]\n%s%s", rows[i].plan,
		         strstr(rows[i].plan, "[boss]") == NULL ? "[boss]\nexten => 1,1,NoOp()\n" : "");
		world_read(&conf, iax_conf, plan);
		struct reach *reach = reach_new(conf.world);

		CHECK_TRUE(reach != NULL);
		told(reach, conf.world, got);
		if (strcmp(got, rows[i].want) != 0) {
			print_error("%s: \"%s\", not \"%s\"\n", rows[i].name, got, rows[i].want);
			well = false;
		}
		reach_free(reach);
		conf_result_free(&conf);
	}
	CHECK_TRUE(well);
}

/* Whatever a dialplan is like, looking at it ends, and soon. */
static void test_growth_ends(void **state)
{
	struct conf_result conf;
	(void)state;

	world_read(&conf, iax_conf,
	           "[in]\nexten => _X.,1,Set(V=${V}${EXTEN})\nexten => _X.,2,Goto(1${EXTEN},1)\n"
	           "exten => _X!,3,Dial(IAX2/a/${V})\n[boss]\nexten => _X,1,Set(GLOBAL(G)=${G}1)\n"
	           "exten => _X,2,Goto(1)\n");
	struct reach *reach = reach_new(conf.world);

	CHECK_TRUE(reach != NULL);
	CHECK_UINT(reach_entries(reach), 2);
	reach_free(reach);
	conf_result_free(&conf);
}

static void test_the_way_is_told(void **state)
{
	struct conf_result conf;
	uint8_t number[32];
	(void)state;

	world_read(&conf, iax_conf,
	           "[in]\nexten => _8X,1,NoOp()\nexten => _8X,2,Goto(far,${EXTEN:1},1)\n"
	           "[far]\nexten => _X,1,Dial(IAX2/a/${EXTEN})\n[boss]\nexten => 1,1,NoOp()\n");
	struct reach *reach = reach_new(conf.world);
	const struct reach_entry entry = reach_entry_at(reach, 0);
	const struct reach_egress *egress = reach_egress_at(reach, 0, 0);
	const struct reach_place far = reach_place_at(reach, 0, egress->place);
	const struct reach_place second = reach_place_at(reach, 0, far.from);
	const struct reach_place first = reach_place_at(reach, 0, second.from);

	CHECK_UINT(entry.kind, REACH_GUEST);
	CHECK_TRUE(entry.nameless && !entry.gave_up);
	CHECK_UINT(far.context, 1);
	CHECK_UINT(second.context, 0);
	CHECK_UINT(first.from, REACH_NO_PLACE);
	CHECK_UINT(reach_entry_at(reach, 1).kind, REACH_ACCOUNT);
	CHECK_INT(reach_example(reach, 0, egress->place, number, sizeof(number)), 2);
	CHECK_SPAN(((struct tg_span){ number, 2 }), TG_SPAN_LIT("81"));
	reach_free(reach);
	conf_result_free(&conf);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_boxes_are_patterns),
		cmocka_unit_test(test_texts_are_cut_as_the_switch_does),
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_growth_ends),
		cmocka_unit_test(test_the_way_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
