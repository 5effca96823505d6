/* SPDX-License-Identifier: Apache-2.0 */
/* What a dead process left makes no sense, or was being changed: what can go on does, the rest ends cleanly. */
#include "iax/fuzz.h"
#include "scene.h"

#include "switch/calls.h"
#include "switch/inside.h"
#include "switch/operator.h"
#include "switch/paying.h"

#include <stdlib.h>
#include <string.h>

static const char iax_conf[] = "[general]\nminregexpire=3600\nmaxregexpire=3600\n"
			       "[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=phones\nlanguage=de\n"
			       "[bob]\ntype=friend\nsecret=bob-secret\nhost=dynamic\ncontext=phones\nchargeable=yes\n"
			       "[carol]\ntype=friend\nsecret=carol-secret\nhost=dynamic\ncontext=phones\n";

static const char extensions_conf[] = "[phones]\n"
				      "exten => 202,1,Set(COLOUR=red)\n"
				      " same => n,Gosub(sub,s,1(a))\n"
				      "exten => 300,1,Answer(,i)\n"
				      " same => n,Playtones(busy)\n"
				      " same => n,Wait(60)\n"
				      "exten => 301,1,Milliwatt()\n"
				      "exten => h,1,Verbose(0,over now)\n"
				      "[sub]\n"
				      "exten => s,1,Dial(IAX2/bob/030111,20)\n";

/* alice talks with bob, from within a Gosub, and pays; carol waits with a tone, and hears another one. */
static struct scene *begin(void)
{
	struct scene *s = scene_new_with(4,
	                                 &(struct house_plan){ .iax = iax_conf,
	                                                       .extensions = extensions_conf,
	                                                       .tollgate = "[numbers]\ncountry=DE\n" },
	                                 &(struct sim_net){ .delay_us = 10000 });

	scene_register(s);
	s->alice.keeps_talking = s->bob.keeps_talking = true;
	s->bob.answer_after_ms = 200;
	handset_call(&s->alice, &s->house, "202");
	sim_run_ms(&s->sim, 500);
	handset_call(&s->carol, &s->house, "300");
	sim_run_ms(&s->sim, 500);
	handset_call(&s->carol, &s->house, "301");
	sim_run_ms(&s->sim, 1000);
	CHECK_TRUE(s->alice.lines[0].answered && s->bob.lines[0].answered);
	return s;
}

enum { TALK, TONE, PLAY, CALLS };

static struct call *call_at(const struct scene *s, uint32_t index)
{
	return tg_slab_at(calls_of(s->house.sw), index, NULL);
}

static struct party *caller_of(const struct scene *s, uint32_t call)
{
	return tg_slab_find(parties_of(s->house.sw), call_at(s, call)->caller);
}

static struct party *callee_of(const struct scene *s)
{
	return tg_slab_at(parties_of(s->house.sw), call_at(s, TALK)->callees - 1, NULL);
}

static struct paid *paid_of(const struct scene *s)
{
	return tg_slab_at(paids_of(s->house.sw), 0, NULL);
}

/* Call TALK is over on both sides, the other two go on. */
static void check_talk_is_over(struct scene *s, bool has_record)
{
	sim_run_ms(&s->sim, 500);
	CHECK_FALSE(s->alice.lines[0].live || s->bob.lines[0].live);
	CHECK_TRUE(s->carol.lines[0].live && s->carol.lines[1].live);
	CHECK_UINT(s->house.record_count, has_record);
	if (has_record) {
		CHECK_TEXT(house_record(&s->house)->caller, "alice");
		CHECK_UINT(house_record(&s->house)->disposition, MODEL_ANSWERED);
	}
}

/* ---- Marked ------------------------------------------------------------------------------------------------------ */

static void test_a_call_that_was_being_changed_ends(void **state)
{
	struct scene *s = begin();
	(void)state;

	CHECK_TRUE(tg_ref_is_none(s->house.sw->changing));
	house_die(&s->house);
	call_touch(s->house.sw, call_at(s, TALK));
	const struct switch_takeover result = house_live_again(&s->house, 0);

	CHECK_UINT(result.calls, 2);
	CHECK_UINT(result.ended, 1);
	CHECK_UINT(result.legs, 0);
	check_talk_is_over(s, true);
	CHECK_UINT(s->alice.lines[0].cause, IAX_CAUSE_TEMPORARY_FAILURE);
	CHECK_UINT(s->bob.lines[0].cause, IAX_CAUSE_TEMPORARY_FAILURE);
	CHECK_UINT(house_record(&s->house)->cause, IAX_CAUSE_TEMPORARY_FAILURE);
	CHECK_TEXT(house_record(&s->house)->callee, "bob");
	CHECK_TRUE(house_record(&s->house)->from_caller.packets > 50);
	CHECK_TRUE(house_record(&s->house)->from_callee.packets > 50);
	CHECK_UINT(s->house.paid[0].seconds, 2);
	CHECK_UINT(s->house.paid[0].chargeable, 1);
	CHECK_FALSE(house_logged(&s->house, "over now")); /* its dialplan does not go on */
	scene_free(s);
}

/* Each entry marks its call, and none is marked behind it: seen from within, by those who are told. */
static const struct tg_switch *seen_in;
static uint32_t seen_marked, seen_none;

static void see(void)
{
	if (tg_ref_is_none(seen_in->changing)) {
		seen_none++;
	} else {
		seen_marked++;
	}
}

static void (*relay_clear_before)(void *, struct iax_leg_id);
static void (*put_record_before)(void *, const struct model_call_record *, const struct model_paid *);
static void (*relay_set_before)(void *, const struct switch_relay *);
static void (*ask_challenge_before)(void *, uint64_t, uint64_t);
static void (*ask_verify_before)(void *, const struct switch_answer *);

static void see_relay_clear(void *owner, struct iax_leg_id leg)
{
	see();
	relay_clear_before(owner, leg);
}

static void see_relay_set(void *owner, const struct switch_relay *relay)
{
	see();
	relay_set_before(owner, relay);
}

static void see_put_record(void *owner, const struct model_call_record *record, const struct model_paid *paid)
{
	see();
	put_record_before(owner, record, paid);
}

static void see_ask_challenge(void *owner, uint64_t cookie, uint64_t who)
{
	if (owner_kind(cookie) == OWNER_PARTY) {
		see();
	}
	ask_challenge_before(owner, cookie, who);
}

static void see_ask_verify(void *owner, const struct switch_answer *answer)
{
	see();
	ask_verify_before(owner, answer);
}

static void watch(struct tg_switch *sw)
{
	struct switch_ops *ops = &sw->outside.ops;

	seen_in = sw;
	seen_marked = seen_none = 0;
	relay_clear_before = ops->relay_clear;
	put_record_before = ops->put_record;
	relay_set_before = ops->relay_set;
	ask_challenge_before = ops->ask_challenge;
	ask_verify_before = ops->ask_verify;
	ops->relay_clear = see_relay_clear;
	ops->put_record = see_put_record;
	ops->relay_set = see_relay_set;
	ops->ask_challenge = see_ask_challenge;
	ops->ask_verify = see_ask_verify;
}

/* A step of virtual time at once, as often as it takes. */
static void run_unmarked(struct scene *s, unsigned ms)
{
	for (unsigned i = 0; i < ms; i += 5) {
		sim_run_ms(&s->sim, 5);
		CHECK_TRUE(tg_ref_is_none(s->house.sw->changing));
	}
}

static void test_whatever_changes_a_call_marks_it(void **state)
{
	struct scene *s = begin();
	uint32_t count = 0;
	(void)state;

	watch(s->house.sw);
	run_unmarked(s, 1000);
	handset_call(&s->carol, &s->house, "301");
	run_unmarked(s, 35000); /* prompts and tones are named again after 30 s */
	handset_hangup(&s->alice, 0, 16);
	run_unmarked(s, 500);
	CHECK_UINT(seen_none, 0);
	CHECK_TRUE(seen_marked > 10);
	CHECK_UINT(switch_hang_up(s->house.sw, (struct tg_span){ 0 }, &count, s->sim.now_us), SWITCH_TOLD_DONE);
	CHECK_UINT(count, 3);
	CHECK_UINT(seen_none, 0);
	house_pump(&s->house);
	char channel[SWITCH_CHANNEL_BYTES];

	CHECK_UINT(switch_originate(s->house.sw,
	                            &(struct switch_originate){ .peer = TG_SPAN_LIT("carol"),
	                                                        .exten = TG_SPAN_LIT("301"),
	                                                        .context = TG_SPAN_LIT("phones"),
	                                                        .ring_us = 5000000 },
	                            channel, s->sim.now_us),
	           SWITCH_TOLD_DONE);
	CHECK_TRUE(tg_ref_is_none(s->house.sw->changing));
	house_pump(&s->house);
	run_unmarked(s, 500);
	scene_free(s);
	CHECK_UINT(seen_none, 0);
}

/* ---- Damaged ----------------------------------------------------------------------------------------------------- */

enum row { CALL_TALK, CALLER, CALLEE, PAID, FRAME };

#define DAMAGE(row, type, member, value, has_record)                                                         \
	{                                                                                                    \
		row, offsetof(struct type, member), sizeof(((struct type *)NULL)->member), value, has_record \
	}
#define ENDS(row, type, member, value) DAMAGE(row, type, member, value, true)
#define GONE(row, type, member, value) DAMAGE(row, type, member, value, false)

static const struct damage {
	enum row row;
	size_t at, bytes;
	uint64_t value;  /* repeated */
	bool has_record; /* else not even that can be written */
} damages[] = {
	GONE(CALL_TALK, call, state, CALL_STATES),
	GONE(CALL_TALK, call, state, 200),
	ENDS(CALL_TALK, call, todo, TODO_STEP),
	ENDS(CALL_TALK, call, app, 200),
	ENDS(CALL_TALK, call, app, WORLD_APP_ECHO),
	ENDS(CALL_TALK, call, app, WORLD_APP_SET),
	GONE(CALL_TALK, call, why, MODEL_REASON_COUNT),
	GONE(CALL_TALK, call, proof, 9),
	GONE(CALL_TALK, call, started_us, UINT64_MAX),
	ENDS(CALL_TALK, call, callees, 0),
	ENDS(CALL_TALK, call, callees, 1),
	ENDS(CALL_TALK, call, callees, 1000000),
	ENDS(CALL_TALK, call, talks, 0),
	ENDS(CALL_TALK, call, talks, 1),
	ENDS(CALL_TALK, call, world, SWITCH_WORLDS),
	ENDS(CALL_TALK, call, user, 500),
	ENDS(CALL_TALK, call, context, 500),
	ENDS(CALL_TALK, call, frames, 0xffff),
	ENDS(CALL_TALK, call, tone_place, 60000),
	ENDS(CALL_TALK, call, tone_place, 1), /* another's */
	ENDS(CALL_TALK, call, prefs_len, PREFS_KEPT + 1),
	ENDS(CALL_TALK, call, digits_len, 33),
	ENDS(CALL_TALK, call, exten, 'x'),
	ENDS(CALL_TALK, call, name, 'x'),
	ENDS(CALL_TALK, call, language, 'x'),
	ENDS(CALL_TALK, call, bag.first, 1000000),
	ENDS(CALL_TALK, call, bag.pieces, 7),
	ENDS(CALL_TALK, call, dial.answered_us, 0),
	ENDS(CALL_TALK, call, dial.answered_us, UINT64_MAX),
	ENDS(CALL_TALK, call, dial.started_us, UINT64_MAX),
	GONE(CALL_TALK, call, record.started_ms, UINT64_MAX),
	GONE(CALL_TALK, call, record.answered_ms, 0),
	GONE(CALL_TALK, call, record.answered_ms, UINT64_MAX),
	GONE(CALL_TALK, call, record.unique, UINT64_MAX),
	GONE(CALL_TALK, call, record.caller, 'x'),
	GONE(CALL_TALK, call, record.caller_number, 'x'),
	GONE(CALL_TALK, call, record.dialled, 'x'),
	GONE(CALL_TALK, call, record.context, 'x'),
	GONE(CALL_TALK, call, record.callee, 'x'),
	GONE(CALL_TALK, call, record.last_app, 'x'),
	GONE(CALL_TALK, call, record.accountcode, 'x'),
	GONE(CALL_TALK, call, record.caller_addr.family, 5),
	GONE(CALL_TALK, call, record.callee_addr.family, 5),
	GONE(CALL_TALK, call, record.format, 3),
	ENDS(CALLER, party, state, PARTY_ANSWERED),
	ENDS(CALLER, party, state, 9),
	ENDS(CALLER, party, call.gen, 9),
	ENDS(CALLER, party, remote.family, 9),
	ENDS(CALLER, party, local.port, 0),
	ENDS(CALLER, party, format, 6),
	ENDS(CALLER, party, rx_format, 6),
	ENDS(CALLER, party, name, 'x'),
	ENDS(CALLEE, party, state, PARTY_CALLER),
	ENDS(CALLEE, party, state, PARTY_LINKED),
	ENDS(CALLEE, party, call.index, 1),
	ENDS(CALLEE, party, next, 1),
	ENDS(CALLEE, party, name, 'x'),
	ENDS(PAID, paid, party, 1),
	ENDS(PAID, paid, class, WORLD_CLASSES),
	ENDS(PAID, paid, account, 60),
	ENDS(PAID, paid, trunk, 60),
	ENDS(PAID, paid, answered_us, 0),
	ENDS(PAID, paid, answered_us, UINT64_MAX),
	ENDS(PAID, paid, granted_s, 5000),
	ENDS(PAID, paid, number, 'x'),
	ENDS(PAID, paid, rule, 'x'),
	ENDS(FRAME, frame, below, 1),
	ENDS(FRAME, frame, below, 1000000),
	ENDS(FRAME, frame, context, 500),
	ENDS(FRAME, frame, exten, 'x'),
	ENDS(FRAME, frame, locals.first, 0),
};

static void *row_of(const struct scene *s, enum row row)
{
	switch (row) {
	case CALLER:
		return caller_of(s, TALK);
	case CALLEE:
		return callee_of(s);
	case PAID:
		return paid_of(s);
	case FRAME:
		return tg_slab_at(frames_of(s->house.sw), 0, NULL);
	case CALL_TALK:
		break;
	}
	return call_at(s, TALK);
}

static void fill(uint8_t *at, size_t bytes, uint64_t value)
{
	if (bytes > sizeof(value)) {
		memset(at, (int)value, bytes);
	} else {
		memcpy(at, &value, bytes);
	}
}

static void test_a_call_that_makes_no_sense_ends(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(damages); i++) {
		struct scene *s = begin();

		house_die(&s->house);
		fill((uint8_t *)row_of(s, damages[i].row) + damages[i].at, damages[i].bytes, damages[i].value);
		const struct switch_takeover result = house_live_again(&s->house, 0);

		sim_run_ms(&s->sim, 100);
		if (result.calls != 2 || s->house.record_count != damages[i].has_record || s->alice.lines[0].live ||
		    s->bob.lines[0].live) {
			print_error("damage %zu: %u calls, %u records\n", i, result.calls, s->house.record_count);
		}
		CHECK_UINT(result.calls, 2);
		check_talk_is_over(s, damages[i].has_record);
		scene_free(s);
	}
}

/* What a call can do without: it goes on, and nothing of it is another's. */
static void test_what_is_put_right(void **state)
{
	struct scene *s = begin();
	(void)state;

	house_die(&s->house);
	struct party *caller = caller_of(s, TALK);

	caller->anchored = call_at(s, TONE)->caller;
	caller->rx_at_us = UINT64_MAX;
	switch_timer(s->house.sw, TIMER_CALL, TONE, TG_NEVER); /* its Wait is over at once */
	memcpy(tg_slab_at(accounts_of(s->house.sw), 2, NULL), tg_slab_at(accounts_of(s->house.sw), 1, NULL),
	       sizeof(struct account));
	CHECK_UINT(house_live_again(&s->house, 0).calls, 3);
	caller = caller_of(s, TALK);
	CHECK_TRUE(tg_ref_is_none(caller->anchored));
	CHECK_TRUE(caller->rx_at_us == s->sim.now_us);
	sim_run_ms(&s->sim, 1000);
	CHECK_FALSE(s->carol.lines[0].live);
	CHECK_TRUE(s->carol.lines[1].live && s->alice.lines[0].live);
	scene_free(s);
}

/* An operator's call that rings. */
static void test_an_operators_call_goes_on(void **state)
{
	struct scene *s = begin();
	char channel[SWITCH_CHANNEL_BYTES];
	(void)state;

	s->carol.answer_after_ms = 1000;
	CHECK_UINT(switch_originate(s->house.sw,
	                            &(struct switch_originate){ .peer = TG_SPAN_LIT("carol"),
	                                                        .exten = TG_SPAN_LIT("301"),
	                                                        .context = TG_SPAN_LIT("phones"),
	                                                        .ring_us = 5000000 },
	                            channel, s->sim.now_us),
	           SWITCH_TOLD_DONE);
	house_pump(&s->house);
	sim_run_ms(&s->sim, 500);
	CHECK_UINT(house_take_over(&s->house, 0).calls, 4);
	sim_run_ms(&s->sim, 1500);
	CHECK_TRUE(handset_last(&s->carol)->voice_mini > 20);
	scene_free(s);
}

/* The fuzz target's property, for the block as it is and for some thousand changed ones. */
static void test_whatever_it_holds_what_is_taken_over_is_whole(void **state)
{
	struct crypt_random random;
	const uint8_t seed[CRYPT_SEED_BYTES] = { 7 };
	const char *rounds = getenv("TG_TAKEOVER_ROUNDS");
	uint8_t changes[6 * 64];

	(void)state;
	crypt_random_init(&random, seed);
	LLVMFuzzerTestOneInput(NULL, 0);
	for (unsigned i = 0; i < (rounds != NULL ? (unsigned)strtoul(rounds, NULL, 10) : 3000); i++) {
		crypt_random_bytes(&random, changes, sizeof(changes));
		LLVMFuzzerTestOneInput(changes, 6 * (1 + i % 64));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_call_that_was_being_changed_ends),
		cmocka_unit_test(test_whatever_changes_a_call_marks_it),
		cmocka_unit_test(test_a_call_that_makes_no_sense_ends),
		cmocka_unit_test(test_what_is_put_right),
		cmocka_unit_test(test_an_operators_call_goes_on),
		cmocka_unit_test(test_whatever_it_holds_what_is_taken_over_is_whole),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
