/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <stdlib.h>

#include "iax/leg.h"
#include "switch/inside.h"

static const char extensions_conf[] =
	"[phones]\n"
	"exten => 600,1,Answer(,i)\nexten => 600,n,Echo()\n"
	"exten => 601,1,Playback(ten&missing&one)\nexten => 601,n,Milliwatt()\n"
	"exten => 602,1,Goto(1)\n"
	"exten => 603,1,Busy(1)\n"
	"exten => 604,1,Set(IAXVAR(a)=${EXTEN})\nexten => 604,n,Ringing()\nexten => 604,n,Wait(1)\n"
	"exten => 201,1,Dial(IAX2/alice,5)\n"
	"exten => 202,1,Dial(IAX2/bob,5,r)\nexten => 202,n,Dial(IAX2/carol)\n"
	"exten => 203,1,Dial(IAX2/carol,3,g)\nexten => 203,n,Playback(one)\n"
	"exten => 23,1,Dial(IAX2/bob&IAX2/carol&IAX2/alice,5)\n"
	"exten => h,1,Set(GLOBAL(N)=$[${N} + 1])\n";

static const char iax_conf[] = "[general]\nminregexpire=10\n"
			       "[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=phones\nqualify=yes\n"
			       "maxauthreq=0\n"
			       "[bob]\ntype=friend\nsecret=bob-secret\nhost=dynamic\ncontext=phones\nqualify=yes\n"
			       "[carol]\ntype=friend\nsecret=carol-secret\nhost=dynamic\ncontext=phones\n";

/* ---- A thousand calls in order ----------------------------------------------------------------------------------- */

static void test_a_thousand_calls_leave_nothing(void **state)
{
	enum { WAVES = 20, AT_ONCE = 50 };
	struct scene *s = scene_new_with(
		1, &(struct house_plan){ .iax = iax_conf, .extensions = extensions_conf, .calls_max = 60 },
		&(struct sim_net){ .delay_us = 10000, .spread_us = 5000 });
	(void)state;

	scene_register(s);
	s->carol.answer_after_ms = 50;
	for (int wave = 0; wave < WAVES; wave++) {
		scene_register(s);
		for (int i = 0; i < AT_ONCE; i++) {
			handset_call(&s->alice, &s->house, i % 2 == 0 ? "600" : "203");
			sim_run_ms(&s->sim, 20); /* not more unproven ones at once than an address may have */
		}
		sim_run_ms(&s->sim, 2000);
		CHECK_UINT(switch_calls(s->house.sw), AT_ONCE);
		for (unsigned i = 0; i < HANDSET_LINES; i++) {
			if (s->alice.lines[i].live) {
				CHECK_TRUE(s->alice.lines[i].answered);
				handset_hangup(&s->alice, i, 16);
			}
		}
		sim_run_ms(&s->sim, 500);
		CHECK_TRUE(switch_is_idle(s->house.sw));
	}
	CHECK_UINT(s->house.record_count, (uint64_t)WAVES * AT_ONCE);
	for (unsigned i = 0; i < s->house.record_count; i++) {
		CHECK_UINT(s->house.records[i].disposition, MODEL_ANSWERED);
		CHECK_UINT(s->house.records[i].cause, 16);
	}
	scene_free(s);
}

/* The design's promise, section 5. */
static void test_an_idle_bridged_call_is_small(void **state)
{
	enum { SLOT = 8 }; /* of a slab's item */
	(void)state;

	CHECK_TRUE(sizeof(struct call) + SLOT + 2 * (sizeof(struct party) + SLOT) + 2 * (sizeof(struct leg) + SLOT) <=
	           2560);
}

static void test_more_calls_than_there_is_room_for(void **state)
{
	struct scene *s = scene_new_with(
		2, &(struct house_plan){ .iax = iax_conf, .extensions = extensions_conf, .calls_max = 10 },
		&(struct sim_net){ .delay_us = 10000 });
	unsigned live = 0, refused = 0;
	(void)state;

	for (int i = 0; i < 15; i++) {
		handset_call(&s->alice, &s->house, "600");
	}
	sim_run_ms(&s->sim, 1000);
	for (int i = 0; i < 15; i++) {
		live += s->alice.lines[i].live;
		refused += s->alice.lines[i].cause == 42;
	}
	CHECK_UINT(live, 10);
	CHECK_UINT(refused, 5);
	scene_free(s);
}

/* S-01: whatever strangers begin and do not go on with, who may call finds room. */
static void test_strangers_take_no_place_of_others(void **state)
{
	enum { ROOM = 8, EACH = 12 };
	struct scene *s = scene_new_with(
		3,
		&(struct house_plan){
			.iax = iax_conf, .extensions = extensions_conf, .calls_max = 2, .half_open_max = ROOM },
		&(struct sim_net){ .delay_us = 10000 });
	(void)state;

	s->bob.mute = s->carol.mute = true;
	for (int i = 0; i < EACH; i++) {
		handset_call(&s->bob, &s->house, "600");
		handset_call(&s->carol, &s->house, "600");
	}
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(switch_calls(s->house.sw), ROOM);
	handset_call(&s->alice, &s->house, "600");
	sim_run_ms(&s->sim, 1000);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) ANSWER");
	CHECK_UINT(s->house.sw->stats.calls_refused, 0);
	handset_call(&s->alice, &s->house, "600");
	sim_run_ms(&s->sim, 1000);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) ANSWER");
	handset_call(&s->alice, &s->house, "600"); /* that is one too many, and she is told so only now */
	sim_run_ms(&s->sim, 1000);
	CHECK_TEXT(handset_story(&s->alice), "challenged ended(42)");
	CHECK_UINT(house_decided(&s->house)->why, MODEL_WHY_NO_CALLS);
	CHECK_TRUE(house_decided(&s->house)->trusted);
	scene_free(s);
}

/* Nor do they take the room of others' variables. */
static void test_strangers_take_no_variables_of_others(void **state)
{
	enum { ROOM = 32, EACH = 15 };
	static const char names[] = "abcdefghijklmnop";
	static char longer[116];
	const struct iax_variable mine = { TG_SPAN_LIT("mine"), TG_SPAN_LIT("yes") };
	struct iax_variable many[IAX_VARIABLES_MAX];
	struct scene *s = scene_new_with(
		5,
		&(struct house_plan){
			.iax = iax_conf, .extensions = extensions_conf, .calls_max = 1, .half_open_max = ROOM },
		&(struct sim_net){ .delay_us = 10000 });
	(void)state;

	memset(longer, 'x', sizeof(longer));
	for (unsigned i = 0; i < IAX_VARIABLES_MAX; i++) { /* six of them fill a piece and begin another */
		many[i].name = (struct tg_span){ (const uint8_t *)&names[i], 1 };
		many[i].value = (struct tg_span){ (const uint8_t *)longer, i % 3 == 0 ? sizeof(longer) : 1 };
	}
	s->bob.mute = s->carol.mute = true;
	for (int i = 0; i < 2 * EACH; i++) {
		handset_dial(
			i % 2 == 0 ? &s->bob : &s->carol, &s->house,
			&(struct handset_dial){ .number = "600", .variables = many, .variable_count = TG_COUNT(many) });
	}
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(pieces_of(s->house.sw)->used, 2 * EACH * 22);
	handset_dial(&s->alice, &s->house,
	             &(struct handset_dial){ .number = "600", .variables = &mine, .variable_count = 1 });
	sim_run_ms(&s->sim, 1000);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) ANSWER");
	CHECK_UINT(pieces_of(s->house.sw)->used, 2 * EACH * 22 + 1);
	scene_free(s);
}

static void test_strangers_keep_nobody_from_registering(void **state)
{
	enum { ROOM = 8, EACH = 12 };
	struct scene *s = scene_new_with(
		4, &(struct house_plan){ .iax = iax_conf, .extensions = extensions_conf, .half_open_max = ROOM },
		&(struct sim_net){ .delay_us = 10000 });
	(void)state;

	s->bob.mute = s->carol.mute = true;
	for (int i = 0; i < EACH; i++) {
		handset_register(&s->bob, &s->house, 60);
		handset_register(&s->carol, &s->house, 60);
	}
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(pendings_of(s->house.sw)->used, ROOM);
	handset_register(&s->alice, &s->house, 60);
	sim_run_ms(&s->sim, 1000);
	CHECK_TRUE(s->alice.registered);
	CHECK_UINT(s->house.sw->stats.registrations_refused, 0);
	scene_free(s);
}

/* ---- Anything, in any order, over a bad network ------------------------------------------------------------------ */

struct chaos {
	struct scene *s;
	struct crypt_random random;
	uint32_t actions;
};

static uint32_t roll(struct chaos *c, uint32_t bound)
{
	return crypt_random_below(&c->random, bound);
}

static struct handset *any_phone(struct chaos *c)
{
	struct handset *all[] = { &c->s->alice, &c->s->bob, &c->s->carol };

	return all[roll(c, TG_COUNT(all))];
}

static unsigned any_line(struct chaos *c, const struct handset *phone)
{
	return phone->line_count > 0 ? roll(c, phone->line_count) : 0;
}

static void act_call(struct chaos *c)
{
	static const char *const numbers[] = { "600", "601", "602", "603", "604", "201", "202", "203", "23", "9", "h" };

	handset_call(any_phone(c), &c->s->house, numbers[roll(c, TG_COUNT(numbers))]);
}

static void act_hangup(struct chaos *c)
{
	struct handset *phone = any_phone(c);
	const enum iax_err err = iax_leg_hangup(c->s->sim.nodes[phone->node].ep, phone->lines[any_line(c, phone)].leg,
	                                        (uint8_t)(1 + roll(c, 127)), (struct tg_span){ 0 }, c->s->sim.now_us);

	(void)err;
	handset_pump(phone);
}

static void act_say(struct chaos *c)
{
	struct handset *phone = any_phone(c);
	struct iax_endpoint *ep = c->s->sim.nodes[phone->node].ep;
	const struct iax_leg_id leg = phone->lines[any_line(c, phone)].leg;
	const uint64_t now_us = c->s->sim.now_us;
	enum iax_err err = IAX_OK;

	switch (roll(c, 5)) {
	case 0:
		err = iax_leg_dtmf(ep, leg, "0123456789*#"[roll(c, 12)], roll(c, 2) != 0, now_us);
		break;
	case 1:
		err = iax_leg_frame(ep, leg, roll(c, 2) != 0 ? IAX_FRAME_TEXT : IAX_FRAME_HTML, 1, TG_SPAN_LIT("x"),
		                    now_us);
		break;
	case 2:
		err = iax_leg_quelch(ep, leg, roll(c, 2) != 0, now_us);
		break;
	case 3:
		err = iax_leg_control(ep, leg, (uint8_t)roll(c, 33), (struct tg_span){ 0 }, now_us);
		break;
	default:
		break;
	}
	(void)err;
	handset_pump(phone);
}

static void act_talk(struct chaos *c)
{
	struct handset *phone = any_phone(c);
	struct handset_line *line = &phone->lines[any_line(c, phone)];

	if (line->live && (line->confirmed || line->accepted_us != 0)) {
		handset_talk(phone, any_line(c, phone), false);
		if (line->talk_format != 0) {
			handset_talk(phone, (unsigned)(line - phone->lines), roll(c, 2) != 0);
		}
	}
}

static void act_change_mind(struct chaos *c)
{
	static const uint8_t refusals[] = { 0, 0, 0, 0, IAX_CONTROL_BUSY, IAX_CONTROL_CONGESTION };
	static const uint32_t answers[] = { 0, 50, 1000, 4000, HANDSET_NEVER };
	struct handset *phone = any_phone(c);

	phone->reject = roll(c, 4) == 0 ? (uint8_t)(1 + roll(c, 127)) : 0;
	phone->refuse_control = refusals[roll(c, TG_COUNT(refusals))];
	phone->answer_after_ms = answers[roll(c, TG_COUNT(answers))];
	phone->rings = roll(c, 2) != 0;
	phone->progress = roll(c, 2) != 0;
	phone->silent = roll(c, 8) == 0;
	phone->challenge = roll(c, 4) == 0 ? "who-are-you" : NULL;
	phone->hangup_after_ms = roll(c, 3) == 0 ? roll(c, 3000) : HANDSET_NEVER;
	c->s->house.vault_us = roll(c, 3) == 0 ? roll(c, 2000000) : 0;
	c->s->house.vault_is_dead = roll(c, 10) == 0;
}

static void act_register(struct chaos *c)
{
	handset_register(any_phone(c), &c->s->house, roll(c, 4) == 0 ? 0 : (uint16_t)(10 + roll(c, 60)));
}

static void act_reload(struct chaos *c)
{
	if (c->s->house.worlds < HOUSE_WORLDS && roll(c, 4) == 0) {
		house_reload(&c->s->house, iax_conf, extensions_conf);
	}
}

static void act_not(struct chaos *c)
{
	sim_run_ms(&c->s->sim, roll(c, 3000));
}

static void (*const acts[])(struct chaos *c) = { act_call, act_call,        act_call,     act_hangup, act_say, act_say,
	                                         act_talk, act_change_mind, act_register, act_reload, act_not };

static void check_records(const struct scene *s)
{
	for (unsigned i = 0; i < s->house.record_count; i++) {
		const struct model_call_record *record = &s->house.records[i];

		CHECK_UINT(record->disposition == MODEL_ANSWERED, record->answered_ms != 0);
		CHECK_TRUE(record->cause != 0 && record->cause < 128);
		CHECK_TRUE(record->callee[0] != '\0' || record->callee_addr.family == TG_NO_ADDR);
	}
}

static void run_chaos(uint64_t seed, unsigned steps)
{
	const struct sim_net net = { .loss_permille = seed % 2 == 0 ? 300 : 20,
		                     .repeat_permille = 50,
		                     .reorder_permille = 50,
		                     .delay_us = 20000,
		                     .spread_us = 10000,
		                     .reorder_us = 60000 };
	struct chaos c = {
		.s = scene_new_with(seed, &(struct house_plan){ .iax = iax_conf, .extensions = extensions_conf }, &net)
	};
	uint8_t key[CRYPT_SEED_BYTES] = { 1 };

	memcpy(key + 8, &seed, sizeof(seed));
	crypt_random_init(&c.random, key);
	c.s->alice.careless = c.s->bob.careless = c.s->carol.careless = true;
	for (c.actions = 0; c.actions < steps; c.actions++) {
		acts[roll(&c, TG_COUNT(acts))](&c);
		sim_run_ms(&c.s->sim, roll(&c, 200));
	}
	c.s->house.vault_is_dead = false;
	switch_stop(c.s->house.sw, false, c.s->sim.now_us);
	house_pump(&c.s->house);
	sim_run_ms(&c.s->sim, 120000);
	CHECK_UINT(switch_calls(c.s->house.sw), 0);
	check_records(c.s);
	scene_free(c.s);
}

static void test_chaos_ends_in_order(void **state)
{
	const char *wish = getenv("TG_CHAOS_SEEDS");
	const uint64_t seeds = wish != NULL ? strtoull(wish, NULL, 10) : 60;
	(void)state;

	for (uint64_t seed = 0; seed < seeds; seed++) {
		print_message("# seed %llu\n", (unsigned long long)seed);
		run_chaos(seed, 150);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_thousand_calls_leave_nothing),
		cmocka_unit_test(test_an_idle_bridged_call_is_small),
		cmocka_unit_test(test_more_calls_than_there_is_room_for),
		cmocka_unit_test(test_strangers_take_no_place_of_others),
		cmocka_unit_test(test_strangers_take_no_variables_of_others),
		cmocka_unit_test(test_strangers_keep_nobody_from_registering),
		cmocka_unit_test(test_chaos_ends_in_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
