/* SPDX-License-Identifier: Apache-2.0 */
/* Paid calls in whole exchanges: what is charged to whom, when they are refused, and when they end. */
#include "scene.h"

#include <stdio.h>
#include <string.h>

#include "switch/inside.h"
#include "switch/paying.h"

/* bob is the provider, carol another one; door is who has no secret. */
#define TRUNKS                                                                                                    \
	"[general]\nminregexpire=3600\nmaxregexpire=3600\n"                                                       \
	"[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=phones\npolicy=office\n"                \
	"[dave]\ntype=user\nsecret=dave-secret-1\ncontext=phones\npolicy=office\n"                                \
	"[bob]\ntype=friend\nsecret=bob-secret\nhost=dynamic\ncontext=phones\nchargeable=yes\ntrunkpolicy=line\n" \
	"[carol]\ntype=friend\nsecret=carol-secret\nhost=dynamic\ncontext=phones\n"                               \
	"[door]\ntype=user\ncontext=phones\n"

static const char extensions_conf[] = "[phones]\n"
				      "exten => _8X.,1,Dial(IAX2/carol/${EXTEN:1})\n"
				      "exten => 77,1,Dial(IAX2/bob/030111&IAX2/bob/030222)\n"
				      "exten => 78,1,Dial(IAX2/bob/0018765551234)\n"
				      " same => n,Dial(IAX2/carol/1)\n"
				      "exten => 76,1,Dial(IAX2/bob/030111,30,g)\n"
				      " same => n,Dial(IAX2/carol/1)\n"
				      "exten => 79,1,Dial(IAX2/bob/030111,30,g)\n"
				      " same => n,Dial(IAX2/bob/030222,30,g)\n"
				      "exten => _X.,1,Dial(IAX2/bob/${EXTEN})\n";

static const char extensions_conf_of_bob[] = "[phones]\nexten => _X.,1,Dial(IAX2/bob/${EXTEN})\n";

static struct scene *begin(const char *policies)
{
	static char tollgate[1024];

	snprintf(tollgate, sizeof(tollgate), "[numbers]\ncountry=DE\n[policy office]\n[policy line]\n%s", policies);
	struct scene *s = scene_new_with(
		7, &(struct house_plan){ .iax = TRUNKS, .extensions = extensions_conf, .tollgate = tollgate },
		&(struct sim_net){ .delay_us = 10000 });

	scene_register(s);
	return s;
}

/* A day later the registrations of the day before are over. */
static void set_clock(struct scene *s, int64_t step_us)
{
	s->house.clock_step_us += step_us;
	handset_register(&s->bob, &s->house, 3600);
	sim_run_ms(&s->sim, 500);
}

static const struct house_toll *toll(const struct scene *s)
{
	CHECK_TRUE(s->house.toll_count > 0);
	return &s->house.tolls[(s->house.toll_count - 1) % HOUSE_TOLLS];
}

static const struct model_paid *paid(const struct scene *s)
{
	CHECK_TRUE(s->house.record_count > 0);
	return &s->house.paid[s->house.record_count - 1];
}

static unsigned live(const struct handset *handset)
{
	unsigned count = 0;

	for (unsigned i = 0; i < handset->line_count; i++) {
		count += handset->lines[i].live && handset->lines[i].calling;
	}
	return count;
}

static void check_why(uint32_t why, const char *want)
{
	CHECK_TEXT(model_reason_code((enum model_reason)why), want);
}

/* How long a line talked, in milliseconds. */
static uint64_t talked_ms(const struct handset_line *line)
{
	CHECK_TRUE(line->answered_us != 0 && line->ended_us > line->answered_us);
	return (line->ended_us - line->answered_us) / 1000;
}

/* ---- Refused ----------------------------------------------------------------------------------------------------- */

static unsigned call_as_guest(struct scene *s, const char *number)
{
	return handset_dial(&s->carol, &s->house, &(struct handset_dial){ .number = number, .user = "" });
}

static void test_a_guest_reaches_nothing_that_costs_much(void **state)
{
	struct scene *s = begin("");
	(void)state;

	const unsigned line = call_as_guest(s, "0018765551234");

	sim_run_ms(&s->sim, 3000);
	CHECK_UINT(s->carol.lines[line].cause, IAX_CAUSE_OUTGOING_BARRED);
	CHECK_UINT(s->bob.line_count, 0); /* nothing was sent */
	CHECK_UINT(s->house.toll_count, 1);
	check_why(toll(s)->why, "paid-guest");
	CHECK_TEXT(toll(s)->trunk, "bob");
	CHECK_TEXT(toll(s)->number, "0018765551234");
	CHECK_TRUE(toll(s)->guest && !toll(s)->ended);
	CHECK_INT(toll(s)->class, WORLD_CLASS_INTL_HIGH);
	check_why(paid(s)->why, "paid-guest");
	CHECK_UINT(paid(s)->guest, 1);
	CHECK_TEXT(paid(s)->rule, "guests: nothing beyond national and mobile (built in)");
	CHECK_UINT(house_record(&s->house)->disposition, MODEL_FAILED);
	CHECK_LOGGED(s, "paid.refused");
	call_as_guest(s, "030123456");
	sim_run_ms(&s->sim, 3000);
	CHECK_UINT(live(&s->carol), 1);
	scene_free(s);
}

static void test_the_record_says_which_rule_allowed_it(void **state)
{
	struct scene *s = begin("[policy office](+)\nallow=national,+33\n");
	unsigned line;
	(void)state;

	line = handset_call(&s->alice, &s->house, "0033123456");
	sim_run_ms(&s->sim, 5000);
	handset_hangup(&s->alice, line, 16);
	sim_run_ms(&s->sim, 100);
	CHECK_TEXT(paid(s)->rule, "[office] allow=national,+33, tollgate.conf:6");
	check_why(paid(s)->why, "ok");
	CHECK_UINT(paid(s)->chargeable, 1);
	CHECK_UINT(paid(s)->class, WORLD_CLASS_INTL_LOW);
	CHECK_UINT(paid(s)->guest, 0);
	CHECK_UINT(paid(s)->seconds, 5);
	CHECK_UINT(paid(s)->day, 20833);
	CHECK_UINT(paid(s)->month, 684);
	/* a call that costs nothing has nothing of it, though the place in the table was used */
	line = handset_call(&s->alice, &s->house, "8123");
	sim_run_ms(&s->sim, 3000);
	handset_hangup(&s->alice, line, 16);
	sim_run_ms(&s->sim, 100);
	CHECK_UINT(paid(s)->chargeable, 0);
	CHECK_TEXT(paid(s)->rule, "");
	CHECK_UINT(s->house.toll_count, 0);
	scene_free(s);
}

/* Another route is another question. */
static void test_the_dialplan_goes_on_after_a_refusal(void **state)
{
	struct scene *s = begin("[policy office](+)\nallow=national\n");
	(void)state;

	handset_call(&s->alice, &s->house, "78");
	sim_run_ms(&s->sim, 3000);
	CHECK_UINT(live(&s->alice), 1);
	CHECK_TEXT(s->carol.called, "1");
	check_why(toll(s)->why, "paid-denied");
	handset_hangup(&s->alice, 0, 16);
	sim_run_ms(&s->sim, 100);
	CHECK_UINT(paid(s)->chargeable, 0);
	CHECK_TEXT(house_record(&s->house)->callee, "carol");
	scene_free(s);
}

static void test_without_a_place_for_its_record_nothing_paid_begins(void **state)
{
	struct scene *s = begin("");
	(void)state;

	s->house.is_full = true;
	handset_call(&s->alice, &s->house, "030123456");
	sim_run_ms(&s->sim, 3000);
	CHECK_UINT(live(&s->alice), 0);
	check_why(toll(s)->why, "paid-records");
	handset_call(&s->alice, &s->house, "8123");
	sim_run_ms(&s->sim, 3000);
	CHECK_UINT(live(&s->alice), 1);
	scene_free(s);
}

/* ---- Calls at once ----------------------------------------------------------------------------------------------- */

static void test_parallel_calls_are_exactly_as_many(void **state)
{
	struct scene *s = begin("[policy office](+)\ncalls=3\n");
	(void)state;

	for (int i = 0; i < 9; i++) {
		handset_call(&s->alice, &s->house, "030123456");
	}
	sim_run_ms(&s->sim, 2000);
	CHECK_UINT(live(&s->alice), 3);
	CHECK_UINT(s->house.toll_count, 6);
	check_why(toll(s)->why, "paid-calls");
	CHECK_TEXT(toll(s)->rule, "[office] calls=3, tollgate.conf:6");
	/* one less, one more */
	for (unsigned i = 0; i < 9; i++) {
		if (s->alice.lines[i].live) {
			handset_hangup(&s->alice, i, 16);
			break;
		}
	}
	sim_run_ms(&s->sim, 500);
	handset_call(&s->alice, &s->house, "030123456");
	sim_run_ms(&s->sim, 2000);
	CHECK_UINT(live(&s->alice), 3);
	handset_call(&s->alice, &s->house, "030123456");
	sim_run_ms(&s->sim, 2000);
	CHECK_UINT(live(&s->alice), 3);
	CHECK_UINT(s->house.toll_count, 7);
	scene_free(s);
}

/* Answered or not, long or short; another account has its own; the next hour has new ones. */
static void test_so_many_calls_may_begin_in_an_hour(void **state)
{
	struct scene *s = begin("[policy system]\nnewcalls=2/hour\nnewcalls=3/day\n");
	(void)state;

	for (int i = 0; i < 2; i++) {
		const unsigned line = handset_call(&s->alice, &s->house, "030123456");

		sim_run_ms(&s->sim, 1000);
		CHECK_UINT(live(&s->alice), 1);
		handset_hangup(&s->alice, line, 16);
		sim_run_ms(&s->sim, 500);
	}
	CHECK_UINT(s->house.toll_count, 0);
	handset_call(&s->alice, &s->house, "030123456");
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(live(&s->alice), 0);
	check_why(toll(s)->why, "paid-hour-calls");
	CHECK_TEXT(toll(s)->rule, "[system] newcalls=2/hour, tollgate.conf:6");
	handset_call(&s->bob, &s->house, "030123456");
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(live(&s->bob), 1);
	set_clock(s, INT64_C(3600000000));
	handset_call(&s->alice, &s->house, "030123456");
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(live(&s->alice), 1);
	handset_call(&s->alice, &s->house, "030123456");
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(live(&s->alice), 1);
	check_why(toll(s)->why, "paid-day-calls");
	CHECK_UINT(s->house.toll_count, 2); /* one refused, which was not counted as begun, and this one */
	scene_free(s);
}

static void test_calls_of_the_day_before_a_restart(void **state)
{
	const struct model_usage usage = { .name = "alice",
		                           .role = TOLL_ACCOUNT,
		                           .class = WORLD_CLASS_NATIONAL,
		                           .day = 20833,
		                           .month = 684,
		                           .day_calls = 2 };
	struct scene *s = begin("[policy office](+)\nnewcalls=3/day\n");
	(void)state;

	switch_on_usage(s->house.sw, &usage, s->sim.now_us, HOUSE_WALL_US + s->sim.now_us);
	switch_on_usage(s->house.sw, &usage, s->sim.now_us, HOUSE_WALL_US + s->sim.now_us);
	handset_call(&s->alice, &s->house, "030123456");
	handset_call(&s->alice, &s->house, "030123456");
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(live(&s->alice), 1);
	check_why(toll(s)->why, "paid-day-calls");
	scene_free(s);
}

/* ---- What people see --------------------------------------------------------------------------------------------- */

static const struct model_usage_row *find_row(const struct scene *s, const char *name, enum toll_role role,
                                              const char *text)
{
	static struct model_usage_row row;
	uint32_t cursor = 0;

	while (switch_usage_row(s->house.sw, &cursor, s->sim.now_us, &row)) {
		if (strcmp(row.name, name) == 0 && row.role == role &&
		    (text == NULL ? row.is_limit == 0
		                  : row.is_limit != 0 && strncmp(row.text, text, strlen(text)) == 0)) {
			return &row;
		}
	}
	return NULL;
}

static void test_what_is_used_is_shown(void **state)
{
	struct scene *s = begin(
		"[policy office](+)\nparent=firm\ncalls=3\n[policy firm]\ndaily=10m\ncalls=9\nmonthly=1h\n"
		"newcalls=5/hour\n[policy line](+)\nnewcalls=8/day\n[general]\ntimezone=CET-1\n");
	const struct model_usage_row *row;
	const unsigned line = handset_call(&s->alice, &s->house, "030123456");
	(void)state;

	sim_run_ms(&s->sim, 1000);
	handset_hangup(&s->alice, line, 16);
	sim_run_ms(&s->sim, 500);
	handset_call(&s->alice, &s->house, "030123456");
	sim_run_ms(&s->sim, 1000);
	row = find_row(s, "alice", TOLL_ACCOUNT, NULL);
	CHECK_TRUE(row != NULL);
	CHECK_UINT(row->class, WORLD_CLASS_NATIONAL);
	CHECK_UINT(row->calls, 1);
	CHECK_UINT(row->hour_calls, 2);
	CHECK_UINT(row->day_calls, 2);
	CHECK_UINT(row->day_s, 61); /* one was talked, sixty are granted to the call that runs */
	row = find_row(s, "alice", TOLL_ACCOUNT, "[office] calls=3");
	CHECK_TRUE(row != NULL && row->used == 1 && row->most == 3 && row->anew_ms == 0 && row->seconds == 0);
	CHECK_TRUE(find_row(s, "alice", TOLL_ACCOUNT, "[firm] calls=9") == NULL); /* office has its own */
	row = find_row(s, "alice", TOLL_ACCOUNT, "[firm] newcalls=5/hour");
	CHECK_TRUE(row != NULL && row->used == 2 && row->most == 5);
	CHECK_UINT(row->anew_ms, (UINT64_C(1800000000) + 3600) * 1000); /* Friday, 09:00 UTC */
	row = find_row(s, "alice", TOLL_ACCOUNT, "[firm] daily=10m");
	CHECK_TRUE(row != NULL && row->used == 61 && row->most == 600 && row->seconds == 1);
	CHECK_UINT(row->anew_ms, (UINT64_C(1800000000) + 15 * 3600) * 1000); /* midnight there */
	row = find_row(s, "alice", TOLL_ACCOUNT, "[firm] monthly=1h");
	CHECK_TRUE(row != NULL && row->most == 3600);
	CHECK_UINT(row->anew_ms, (UINT64_C(1801440000) - 3600) * 1000); /* 1 February */
	row = find_row(s, "bob", TOLL_TRUNK, "[line] newcalls=8/day");
	CHECK_TRUE(row != NULL && row->used == 2 && row->most == 8);
	row = find_row(s, "bob", TOLL_TRUNK, NULL);
	CHECK_TRUE(row != NULL && row->calls == 1);
	/* the day after, without another call: nothing of it is left */
	set_clock(s, INT64_C(86400000000));
	row = find_row(s, "alice", TOLL_ACCOUNT, "[firm] newcalls=5/hour");
	CHECK_TRUE(row != NULL && row->used == 0);
	scene_free(s);
}

static void test_limits_that_are_built_in_are_shown(void **state)
{
	struct scene *s = scene_new_with(
		7,
		&(struct house_plan){
			.iax = "[general]\n[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=phones\n"
			       "[bob]\ntype=friend\nsecret=bob-secret\nhost=dynamic\ncontext=phones\nchargeable=yes\n"
			       "[carol]\ntype=friend\nsecret=carol-secret\nhost=dynamic\ncontext=phones\n",
			.extensions = extensions_conf_of_bob,
			.tollgate = "[numbers]\ncountry=DE\n" },
		&(struct sim_net){ .delay_us = 10000 });
	(void)state;

	scene_register(s);
	handset_call(&s->alice, &s->house, "0018765551234");
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(live(&s->alice), 1);
	CHECK_TRUE(find_row(s, "alice", TOLL_ACCOUNT, "newcalls=3/hour intl-high satellite premium (built in)")->used ==
	           1);
	CHECK_TRUE(find_row(s, "alice", TOLL_ACCOUNT, "daily=15m intl-high (built in)")->used == 60);
	CHECK_TRUE(find_row(s, "alice", TOLL_ACCOUNT, "daily=120m intl-low (built in)")->used == 0);
	/* a second one of these is one too many */
	handset_call(&s->alice, &s->house, "0018765551235");
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(live(&s->alice), 1);
	check_why(toll(s)->why, "paid-calls");
	scene_free(s);
}

/* Each account has its own, guests have one together, and nobody uses up another's. */
static void test_nobody_uses_up_what_is_anothers(void **state)
{
	struct scene *s = begin("[policy office](+)\ncalls=1\n[policy guests]\ncalls=1\n");
	(void)state;

	handset_call(&s->alice, &s->house, "030123456");
	sim_run_ms(&s->sim, 1000);
	call_as_guest(s, "030123456");
	sim_run_ms(&s->sim, 1000);
	call_as_guest(s, "030123456");
	handset_dial(&s->carol, &s->house, &(struct handset_dial){ .number = "030123456", .user = "door" });
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(live(&s->alice), 1);
	CHECK_UINT(live(&s->carol), 1);
	CHECK_UINT(s->house.toll_count, 2);
	CHECK_TRUE(toll(s)->guest);
	/* whoever says another's name and does not know the secret is charged to nobody */
	s->carol.secret = "wrong-secret";
	handset_dial(&s->carol, &s->house, &(struct handset_dial){ .number = "030123456", .user = "dave" });
	sim_run_ms(&s->sim, 4000);
	CHECK_UINT(s->house.toll_count, 2);
	s->carol.secret = "dave-secret-1";
	handset_dial(&s->carol, &s->house, &(struct handset_dial){ .number = "030123456", .user = "dave" });
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(live(&s->carol), 2);
	CHECK_UINT(s->house.toll_count, 2);
	scene_free(s);
}

static void test_a_trunk_counts_all_calls_to_it(void **state)
{
	struct scene *s = begin("[policy line](+)\ncalls=2\n");
	(void)state;

	handset_call(&s->alice, &s->house, "030123456");
	call_as_guest(s, "030123456");
	sim_run_ms(&s->sim, 1000);
	s->carol.secret = "dave-secret-1";
	handset_dial(&s->carol, &s->house, &(struct handset_dial){ .number = "030123456", .user = "dave" });
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(live(&s->alice) + live(&s->carol), 2);
	CHECK_TEXT(toll(s)->rule, "[line] calls=2, tollgate.conf:6");
	scene_free(s);
}

/* Every leg counts while it rings; those that are not answered give their place back. */
static void test_each_leg_counts(void **state)
{
	struct scene *s = begin("[policy office](+)\ncalls=2\n");
	(void)state;

	s->bob.answer_after_ms = 2000;
	handset_call(&s->alice, &s->house, "77");
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(s->bob.line_count, 2);
	handset_call(&s->alice, &s->house, "030123456");
	sim_run_ms(&s->sim, 500);
	check_why(toll(s)->why, "paid-calls");
	sim_run_ms(&s->sim, 2000);
	CHECK_UINT(live(&s->alice), 1);
	handset_call(&s->alice, &s->house, "030123456");
	sim_run_ms(&s->sim, 3000);
	CHECK_UINT(live(&s->alice), 2);
	CHECK_UINT(s->house.toll_count, 1);
	scene_free(s);
}

static void test_a_leg_that_fails_gives_its_place_back(void **state)
{
	struct scene *s = begin("[policy office](+)\ncalls=1\ndaily=60s\n");
	(void)state;

	s->bob.reject = 21;
	for (int i = 0; i < 3; i++) {
		handset_call(&s->alice, &s->house, "030123456");
		sim_run_ms(&s->sim, 2000);
	}
	CHECK_UINT(s->bob.line_count, 3);
	CHECK_UINT(s->house.toll_count, 0);
	CHECK_UINT(paid(s)->seconds, 0);
	scene_free(s);
}

/* ---- Time -------------------------------------------------------------------------------------------------------- */

static void test_a_call_ends_when_it_was_as_long_as_it_may(void **state)
{
	struct scene *s = begin("[policy office](+)\nlongest=10s\n");
	(void)state;

	s->bob.answer_after_ms = 5000; /* ringing is not talking */
	handset_call(&s->alice, &s->house, "030123456");
	sim_run_ms(&s->sim, 14000);
	CHECK_UINT(live(&s->alice), 1);
	sim_run_ms(&s->sim, 3000);
	CHECK_UINT(live(&s->alice), 0);
	CHECK_TRUE(talked_ms(&s->alice.lines[0]) >= 9900 && talked_ms(&s->alice.lines[0]) < 10200);
	CHECK_UINT(s->alice.lines[0].cause, IAX_CAUSE_NORMAL);
	CHECK_UINT(s->bob.lines[0].cause, IAX_CAUSE_NORMAL);
	check_why(toll(s)->why, "paid-longest");
	CHECK_TRUE(toll(s)->ended);
	check_why(paid(s)->why, "paid-longest");
	CHECK_UINT(paid(s)->seconds, 10);
	CHECK_UINT(house_record(&s->house)->disposition, MODEL_ANSWERED);
	CHECK_LOGGED(s, "paid.ended");
	scene_free(s);
}

static void test_the_minutes_of_a_day_are_used_up_while_it_is_talked(void **state)
{
	struct scene *s = begin("[policy office](+)\ndaily=150s\n");
	(void)state;

	handset_call(&s->alice, &s->house, "030123456");
	sim_run_ms(&s->sim, 149000);
	CHECK_UINT(live(&s->alice), 1);
	sim_run_ms(&s->sim, 2000);
	CHECK_UINT(live(&s->alice), 0);
	CHECK_TRUE(talked_ms(&s->alice.lines[0]) >= 149900 && talked_ms(&s->alice.lines[0]) < 150200);
	check_why(paid(s)->why, "paid-day");
	CHECK_UINT(paid(s)->seconds, 150);
	/* and no more today */
	handset_call(&s->alice, &s->house, "030123456");
	sim_run_ms(&s->sim, 2000);
	CHECK_UINT(live(&s->alice), 0);
	check_why(toll(s)->why, "paid-day");
	CHECK_FALSE(toll(s)->ended);
	/* of what costs nothing as much as he likes */
	handset_call(&s->alice, &s->house, "2001");
	sim_run_ms(&s->sim, 2000);
	CHECK_UINT(live(&s->alice), 1);
	scene_free(s);
}

/* What one call was granted and did not use is another's; all together never have more than there is. */
static void test_calls_share_the_minutes(void **state)
{
	struct scene *s = begin("[policy office](+)\ndaily=90s\n");
	(void)state;

	handset_call(&s->alice, &s->house, "030111"); /* 60 s of it */
	sim_run_ms(&s->sim, 500);
	handset_call(&s->alice, &s->house, "030222"); /* 30 s */
	sim_run_ms(&s->sim, 500);
	handset_call(&s->alice, &s->house, "030333");
	sim_run_ms(&s->sim, 500);
	CHECK_UINT(live(&s->alice), 2);
	check_why(toll(s)->why, "paid-day");
	handset_hangup(&s->alice, 0, 16); /* after some 2 s: 58 s are there again */
	sim_run_ms(&s->sim, 85000);
	CHECK_UINT(live(&s->alice), 1);
	sim_run_ms(&s->sim, 5000);
	CHECK_UINT(live(&s->alice), 0);
	CHECK_UINT(s->house.record_count, 3);
	CHECK_UINT(s->house.paid[0].seconds + s->house.paid[1].seconds + s->house.paid[2].seconds, 90);
	scene_free(s);
}

static void test_parallel_set_ups_admit_exactly_what_there_is(void **state)
{
	struct scene *s = begin("[policy office](+)\nmonthly=10m\n");
	(void)state;

	for (int i = 0; i < 15; i++) {
		handset_call(&s->alice, &s->house, "030123456");
	}
	sim_run_ms(&s->sim, 2000);
	CHECK_UINT(live(&s->alice), 10);
	CHECK_UINT(s->house.toll_count, 5);
	check_why(toll(s)->why, "paid-month");
	sim_run_ms(&s->sim, 60000);
	CHECK_UINT(live(&s->alice), 0);
	check_why(paid(s)->why, "paid-month");
	scene_free(s);
}

/* A minute that began before midnight belongs to the day before; then the new day's begin. */
static void test_midnight(void **state)
{
	struct scene *s = begin("[policy office](+)\ndaily=60s\nmonthly=150s\n");
	(void)state;

	set_clock(s, (int64_t)(16 * 3600 - 31) * 1000000); /* 23:59:30, about */
	handset_call(&s->alice, &s->house, "030123456");
	sim_run_ms(&s->sim, 115000);
	CHECK_UINT(live(&s->alice), 1);
	sim_run_ms(&s->sim, 10000);
	CHECK_UINT(live(&s->alice), 0);
	CHECK_UINT(paid(s)->seconds, 120);
	check_why(paid(s)->why, "paid-day");
	CHECK_UINT(paid(s)->day, 20834);
	handset_call(&s->alice, &s->house, "030123456");
	sim_run_ms(&s->sim, 2000);
	check_why(toll(s)->why, "paid-day");
	CHECK_FALSE(toll(s)->ended);
	/* a day later what is left of the month */
	set_clock(s, INT64_C(86400000000));
	handset_call(&s->alice, &s->house, "030123456");
	sim_run_ms(&s->sim, 40000);
	CHECK_UINT(live(&s->alice), 0);
	CHECK_UINT(paid(s)->seconds, 30);
	check_why(paid(s)->why, "paid-month");
	/* and next month */
	set_clock(s, INT64_C(86400000000) * 20);
	handset_call(&s->alice, &s->house, "030123456");
	sim_run_ms(&s->sim, 2000);
	CHECK_UINT(live(&s->alice), 1);
	scene_free(s);
}

/* Two legs one after the other are one record, and its seconds are those of both. */
static void test_legs_of_one_call_add_up(void **state)
{
	struct scene *s = begin("");
	(void)state;

	s->bob.hangup_after_ms = 4000;
	handset_call(&s->alice, &s->house, "79");
	sim_run_ms(&s->sim, 15000);
	CHECK_UINT(s->house.record_count, 1);
	CHECK_UINT(paid(s)->seconds, 8);
	scene_free(s);
}

/* What was paid stays in the record of a call that went on where nothing is. */
static void test_a_paid_leg_before_a_free_one(void **state)
{
	struct scene *s = begin("");
	(void)state;

	s->bob.hangup_after_ms = 4000;
	handset_call(&s->alice, &s->house, "76");
	sim_run_ms(&s->sim, 9000);
	CHECK_TEXT(s->carol.called, "1");
	handset_hangup(&s->alice, 0, 16);
	sim_run_ms(&s->sim, 100);
	CHECK_UINT(paid(s)->seconds, 4);
	CHECK_UINT(paid(s)->month, 684);
	CHECK_UINT(paid(s)->class, WORLD_CLASS_NATIONAL);
	CHECK_TEXT(paid(s)->rule, "accounts may call all (built in)");
	scene_free(s);
}

/* ---- Reloads, restarts, and room --------------------------------------------------------------------------------- */

/* The call keeps the rules it began with; the next one has the new ones. */
static void test_a_reload_is_for_the_next_call(void **state)
{
	struct scene *s = begin("[policy office](+)\nlongest=20s\n");
	(void)state;

	handset_call(&s->alice, &s->house, "030123456");
	sim_run_ms(&s->sim, 1000);
	s->house.tollgate = "[numbers]\ncountry=DE\n[policy office]\nlongest=5s\n[policy line]\n";
	house_reload(&s->house, TRUNKS, extensions_conf);
	sim_run_ms(&s->sim, 15000);
	CHECK_UINT(live(&s->alice), 1);
	sim_run_ms(&s->sim, 6000);
	CHECK_UINT(live(&s->alice), 0);
	handset_call(&s->alice, &s->house, "030123456");
	sim_run_ms(&s->sim, 6000);
	CHECK_UINT(live(&s->alice), 0);
	CHECK_UINT(paid(s)->seconds, 5);
	scene_free(s);
}

/* Of a call whose world had to be given up the rules are those of now. */
static void test_a_call_outlives_its_world(void **state)
{
	struct scene *s = begin("[policy office](+)\ndaily=10m\n");
	(void)state;

	handset_call(&s->alice, &s->house, "030123456");
	sim_run_ms(&s->sim, 1000);
	for (int i = 0; i < SWITCH_WORLDS + 1; i++) {
		s->house.tollgate = "[numbers]\ncountry=DE\n[policy office]\ndaily=90s\n[policy line]\n";
		house_reload(&s->house, TRUNKS, extensions_conf);
		handset_call(&s->carol, &s->house, "8123"); /* holds the world */
		sim_run_ms(&s->sim, 500);
	}
	sim_run_ms(&s->sim, 80000);
	CHECK_UINT(live(&s->alice), 1);
	sim_run_ms(&s->sim, 10000);
	CHECK_UINT(live(&s->alice), 0);
	check_why(toll(s)->why, "paid-day");
	scene_free(s);
}

static void test_what_was_used_before_a_restart(void **state)
{
	struct model_usage usage = {
		.name = "alice", .class = WORLD_CLASS_NATIONAL, .day = 20833, .month = 684, .day_s = 50, .month_s = 100
	};
	struct scene *s = begin("[policy office](+)\ndaily=60s\nmonthly=200s\n");
	(void)state;

	usage.role = TOLL_GUEST; /* another's */
	switch_on_usage(s->house.sw, &usage, s->sim.now_us, HOUSE_WALL_US + s->sim.now_us);
	usage.role = TOLL_ACCOUNT;
	switch_on_usage(s->house.sw, &usage, s->sim.now_us, HOUSE_WALL_US + s->sim.now_us);
	switch_on_usage(s->house.sw, &usage, s->sim.now_us,
	                HOUSE_WALL_US + s->sim.now_us); /* again: no more than that */
	usage.day--;
	usage.day_s = 60; /* yesterday's */
	switch_on_usage(s->house.sw, &usage, s->sim.now_us, HOUSE_WALL_US + s->sim.now_us);
	usage.class = WORLD_CLASSES;
	switch_on_usage(s->house.sw, &usage, s->sim.now_us, HOUSE_WALL_US + s->sim.now_us);
	handset_call(&s->alice, &s->house, "030123456");
	sim_run_ms(&s->sim, 9000);
	CHECK_UINT(live(&s->alice), 1);
	sim_run_ms(&s->sim, 3000);
	CHECK_UINT(live(&s->alice), 0);
	CHECK_UINT(paid(s)->seconds, 10);
	usage.class = WORLD_CLASS_NATIONAL;
	usage.month_s = 200;
	switch_on_usage(s->house.sw, &usage, s->sim.now_us, HOUSE_WALL_US + s->sim.now_us);
	set_clock(s, INT64_C(86400000000));
	handset_call(&s->alice, &s->house, "030123456");
	sim_run_ms(&s->sim, 2000);
	check_why(toll(s)->why, "paid-month");
	scene_free(s);
}

/* What cannot be counted is not begun, if there is a limit that needs to know; places of those who use nothing are given on. */
static void test_room_to_count(void **state)
{
	static const char tollgate[] = "[numbers]\ncountry=DE\n[policy office]\ncalls=5\n[policy line]\n";
	struct scene *s = scene_new_with(
		9,
		&(struct house_plan){
			.iax = TRUNKS, .extensions = extensions_conf, .tollgate = tollgate, .usages_max = 2 },
		&(struct sim_net){ .delay_us = 10000 });
	unsigned line;
	(void)state;

	scene_register(s);
	line = handset_call(&s->alice, &s->house, "030123456"); /* alice and bob have the places */
	sim_run_ms(&s->sim, 2000);
	s->carol.secret = "dave-secret-1";
	handset_dial(&s->carol, &s->house, &(struct handset_dial){ .number = "030123456", .user = "dave" });
	sim_run_ms(&s->sim, 2000);
	CHECK_UINT(live(&s->carol), 0);
	check_why(toll(s)->why, "paid-room");
	/* a guest has no limit to count for */
	call_as_guest(s, "030123456");
	sim_run_ms(&s->sim, 2000);
	CHECK_UINT(live(&s->carol), 1);
	handset_hangup(&s->alice, line, 16);
	sim_run_ms(&s->sim, 1000);
	set_clock(s, INT64_C(86400000000) * 40); /* what alice used is long ago */
	handset_dial(&s->carol, &s->house, &(struct handset_dial){ .number = "030123456", .user = "dave" });
	sim_run_ms(&s->sim, 2000);
	CHECK_UINT(live(&s->carol), 2);
	CHECK_UINT(s->house.toll_count, 1);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_guest_reaches_nothing_that_costs_much),
		cmocka_unit_test(test_the_record_says_which_rule_allowed_it),
		cmocka_unit_test(test_the_dialplan_goes_on_after_a_refusal),
		cmocka_unit_test(test_without_a_place_for_its_record_nothing_paid_begins),
		cmocka_unit_test(test_parallel_calls_are_exactly_as_many),
		cmocka_unit_test(test_so_many_calls_may_begin_in_an_hour),
		cmocka_unit_test(test_calls_of_the_day_before_a_restart),
		cmocka_unit_test(test_what_is_used_is_shown),
		cmocka_unit_test(test_limits_that_are_built_in_are_shown),
		cmocka_unit_test(test_nobody_uses_up_what_is_anothers),
		cmocka_unit_test(test_a_trunk_counts_all_calls_to_it),
		cmocka_unit_test(test_each_leg_counts),
		cmocka_unit_test(test_a_leg_that_fails_gives_its_place_back),
		cmocka_unit_test(test_a_call_ends_when_it_was_as_long_as_it_may),
		cmocka_unit_test(test_the_minutes_of_a_day_are_used_up_while_it_is_talked),
		cmocka_unit_test(test_calls_share_the_minutes),
		cmocka_unit_test(test_parallel_set_ups_admit_exactly_what_there_is),
		cmocka_unit_test(test_midnight),
		cmocka_unit_test(test_legs_of_one_call_add_up),
		cmocka_unit_test(test_a_paid_leg_before_a_free_one),
		cmocka_unit_test(test_a_reload_is_for_the_next_call),
		cmocka_unit_test(test_a_call_outlives_its_world),
		cmocka_unit_test(test_what_was_used_before_a_restart),
		cmocka_unit_test(test_room_to_count),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
