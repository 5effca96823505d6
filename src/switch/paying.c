/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/paying.h"

#include <string.h>

#include "switch/calls.h"
#include "switch/party.h"
#include "switch/usages.h"

/* ---- Deciding ---------------------------------------------------------------------------------------------------- */

static const struct world_user *user_of(const struct world *world, const struct call *call)
{
	return call->user == NO_ROW || call->user >= world_count(world, WORLD_USERS)
	               ? NULL
	               : world_row(world, WORLD_USERS, call->user);
}

/* The world a call began with; when it had to be given up, the one of now, with the account of the same name. */
static const struct world *world_for(const struct tg_switch *sw, const struct call *call,
                                     const struct world_user **user)
{
	const struct world *world = call_world(sw, call);

	if (world != NULL) {
		*user = user_of(world, call);
		return world;
	}
	*user = world_user_find(world_now(sw), name_span(call->record.caller));
	return world_now(sw);
}

struct sides {
	struct usage *account, *trunk;
};

static struct sides sides_of(struct tg_switch *sw, const struct world *world, const struct world_user *user,
                             const struct world_peer *trunk)
{
	const bool is_account = toll_is_account(user);

	return (struct sides){
		.account = usage_take(sw, world, is_account ? TOLL_ACCOUNT : TOLL_GUEST,
		                      is_account ? world_span(world, user->name) : (struct tg_span){ 0 }),
		.trunk = usage_take(sw, world, TOLL_TRUNK, world_span(world, trunk->name)),
	};
}

static void decide(const struct tg_switch *sw, const struct world *world, const struct toll_ask *ask,
                   struct toll_decision *out)
{
	const struct switch_ops *ops = &sw->outside.ops;

	toll_decide(world, ask, out);
	if (out->chargeable && out->why == MODEL_WHY_OK && ops->may_charge != NULL && !ops->may_charge(ops->owner)) {
		out->why = MODEL_WHY_PAID_RECORDS;
	}
}

static void tell(struct tg_switch *sw, const struct call *call, const struct switch_toll *toll)
{
	struct tg_span number = toll->number;

	tg_log(sw->outside.log, TG_NOTICE, toll->ended ? "paid.ended" : "paid.refused",
	       TG_UINT("call", call->record.unique), TG_BYTES("account", toll->account), TG_BYTES("trunk", toll->trunk),
	       TG_BYTES("number", number), TG_TEXT("class", world_class_name(toll->class)),
	       TG_TEXT("why", model_reason_text(toll->why)), TG_TEXT("rule", toll->rule));
	if (sw->outside.ops.toll != NULL) {
		sw->outside.ops.toll(sw->outside.ops.owner, toll);
	}
}

static struct switch_toll toll_of(const struct tg_switch *sw, const struct call *call, struct tg_span trunk,
                                  struct tg_span number)
{
	const struct party *caller = party_caller(sw, call);

	struct switch_toll toll = {
		.account = name_span(call->record.caller),
		.trunk = trunk,
		.number = number,
		.context = name_span(call->record.context),
		.from = call->record.caller_addr,
		.proven = call->proof == IAX_PROVEN || call->tried,
		.call = call->record.unique,
	};

	if (caller != NULL) {
		toll.local = caller->local;
	}
	return toll;
}

/* ---- Charging ---------------------------------------------------------------------------------------------------- */

static void add(struct usage *usage, uint8_t class, uint32_t seconds)
{
	if (usage != NULL) {
		usage->use.day_s[class] += seconds;
		usage->use.month_s[class] += seconds;
	}
}

static void take_back(struct usage *usage, const struct paid *paid, uint32_t seconds)
{
	if (usage == NULL) {
		return;
	}
	if (usage->use.day == paid->day) {
		usage->use.day_s[paid->class] -= (uint32_t)tg_min_u64(seconds, usage->use.day_s[paid->class]);
	}
	if (usage->use.month == paid->month) {
		usage->use.month_s[paid->class] -= (uint32_t)tg_min_u64(seconds, usage->use.month_s[paid->class]);
	}
}

/* Seconds that may be used up before it must ask again. */
static void grant(struct tg_switch *sw, struct paid *paid, const struct toll_decision *decision)
{
	struct usage *account = usage_at(sw, paid->account), *trunk = usage_at(sw, paid->trunk);
	const struct usage *any = account != NULL ? account : trunk;

	paid->limited = decision->left_s != TOLL_NO_LIMIT;
	if (!paid->limited) {
		return;
	}
	const uint32_t seconds = (uint32_t)tg_min_u64(decision->left_s, PAYING_GRANT_S);

	add(account, paid->class, seconds);
	add(trunk, paid->class, seconds);
	paid->granted_s += seconds;
	paid->day = any->use.day;
	paid->month = any->use.month;
}

static void count_leg(struct usage *usage, uint8_t class)
{
	if (usage != NULL) {
		usage->legs++;
		usage->use.calls[class]++;
		usage->use.hour_calls[class]++;
		usage->use.day_calls[class]++;
	}
}

static void uncount_leg(struct usage *usage, uint8_t class)
{
	if (usage != NULL) {
		usage->legs--;
		usage->use.calls[class]--;
	}
}

static struct paid *paid_of(const struct tg_switch *sw, const struct party *party)
{
	const uint32_t place = paid_places(sw)[party_place(sw, party) - 1];

	return place == 0 ? NULL : tg_slab_at(paids_of(sw), place - 1, NULL);
}

struct model_paid *paying_record(struct tg_switch *sw, const struct call *call)
{
	return &paid_records(sw)[tg_slab_ref(calls_of(sw), call).index];
}

void paying_forget(struct tg_switch *sw, const struct call *call)
{
	*paying_record(sw, call) = (struct model_paid){ 0 };
	switch_timer(sw, TIMER_PAID, tg_slab_ref(calls_of(sw), call).index, TG_NEVER);
}

/* The record names the rule of who was called last, until somebody answers. */
static void note_rule(struct tg_switch *sw, const struct call *call, const struct paid *paid, enum model_reason why,
                      bool is_guest)
{
	struct model_paid *record = paying_record(sw, call);

	record->chargeable = 1;
	record->class = paid->class;
	record->why = why;
	record->guest = is_guest;
	memcpy(record->rule, paid->rule, sizeof(record->rule));
}

/* So that it is read the same when the leg asks for more. */
static void keep_number(struct paid *paid, const struct destination *destination)
{
	const bool is_known = destination->way == DESTINATION_NONE || destination->dialled[0] != '\0';

	tg_span_copy(paid->number, sizeof(paid->number),
	             is_known ? tg_span_text(destination->dialled) : TG_SPAN_LIT("?"));
}

static void charge(struct tg_switch *sw, struct paid *paid, const struct sides *sides,
                   const struct toll_decision *decision)
{
	paid->account = usage_place(sw, sides->account);
	paid->trunk = usage_place(sw, sides->trunk);
	paid->longest_s = decision->longest_s;
	count_leg(sides->account, paid->class);
	count_leg(sides->trunk, paid->class);
	grant(sw, paid, decision);
}

static uint8_t refuse(struct tg_switch *sw, const struct call *call, const struct paid *leg,
                      const struct world_peer *trunk, struct tg_span number, const struct toll_decision *decision,
                      enum model_reason why)
{
	const struct world *world = call_world(sw, call);
	struct switch_toll toll = toll_of(sw, call, world_span(world, trunk->name), number);
	const bool is_guest = !toll_is_account(user_of(world, call));

	toll.why = why;
	toll.class = decision->destination.class;
	toll.rule = leg->rule;
	toll.guest = is_guest;
	if (!call->connected) {
		note_rule(sw, call, leg, why, is_guest);
	}
	tell(sw, call, &toll);
	return IAX_CAUSE_OUTGOING_BARRED;
}

uint8_t paying_begin(struct tg_switch *sw, struct call *call, const struct world_peer *trunk, struct tg_span number,
                     const struct party *party)
{
	const struct world *world = call_world(sw, call);
	const struct world_user *user = user_of(world, call);
	struct toll_decision decision;
	struct paid leg = { .number = "" };
	struct tg_ref ref;

	if (trunk->chargeable == 0) {
		return 0;
	}
	const struct sides sides = sides_of(sw, world, user, trunk);
	const struct toll_ask ask = {
		.user = user,
		.trunk = trunk,
		.number = number,
		.wall_ms = usage_wall_ms(sw),
		.account_use = sides.account != NULL ? &sides.account->use : NULL,
		.trunk_use = sides.trunk != NULL ? &sides.trunk->use : NULL,
	};

	decide(sw, world, &ask, &decision);
	leg.class = (uint8_t)decision.destination.class;
	toll_rule_text(world, &decision.rule, leg.rule);
	if (decision.why != MODEL_WHY_OK) {
		return refuse(sw, call, &leg, trunk, number, &decision, decision.why);
	}
	struct paid *paid = tg_slab_take(paids_of(sw), &ref);

	if (paid == NULL || (decision.counted && (sides.account == NULL || sides.trunk == NULL))) {
		if (paid != NULL) {
			tg_slab_give(paids_of(sw), ref);
		}
		return refuse(sw, call, &leg, trunk, number, &decision, MODEL_WHY_PAID_ROOM);
	}
	*paid = leg;
	paid->party = party_place(sw, party);
	keep_number(paid, &decision.destination);
	paid_places(sw)[paid->party - 1] = ref.index + 1;
	charge(sw, paid, &sides, &decision);
	if (!call->connected) {
		note_rule(sw, call, paid, MODEL_WHY_OK, !toll_is_account(user));
	}
	return 0;
}

/* ---- While it is talked ------------------------------------------------------------------------------------------ */

static uint64_t after_s(uint64_t from_us, uint32_t seconds)
{
	return from_us + (uint64_t)seconds * TG_US_PER_S;
}

/* When it must end, or ask for more. */
static uint64_t due_us(const struct paid *paid)
{
	const uint64_t granted_us = paid->limited != 0 ? after_s(paid->answered_us, paid->granted_s) : TG_NEVER;
	const uint64_t longest_us = paid->longest_s != TOLL_NO_LIMIT ? after_s(paid->answered_us, paid->longest_s)
	                                                             : TG_NEVER;

	return tg_min_u64(granted_us, longest_us);
}

static void set_timer(struct tg_switch *sw, const struct call *call, const struct paid *paid)
{
	switch_timer(sw, TIMER_PAID, tg_slab_ref(calls_of(sw), call).index, due_us(paid));
}

void paying_answered(struct tg_switch *sw, struct call *call, const struct party *party)
{
	struct paid *paid = paid_of(sw, party);

	if (paid == NULL) {
		if (paying_record(sw, call)->seconds == 0) { /* else what it is charged with stays in the record */
			*paying_record(sw, call) = (struct model_paid){ 0 };
		}
		return;
	}
	const struct world_user *user;

	(void)world_for(sw, call, &user);
	paid->answered_us = sw->now_us;
	note_rule(sw, call, paid, MODEL_WHY_OK, !toll_is_account(user));
	set_timer(sw, call, paid);
}

static void end(struct tg_switch *sw, struct call *call, const struct paid *paid, enum model_reason why,
                const char *rule)
{
	const struct party *party = party_at(sw, paid->party);
	struct switch_toll toll = toll_of(sw, call, name_span(party->name), name_span(paid->number));

	toll.why = why;
	toll.class = (enum world_class)paid->class;
	toll.rule = rule;
	toll.ended = true;
	toll.guest = paying_record(sw, call)->guest != 0;
	paying_record(sw, call)->why = why;
	tell(sw, call, &toll);
	call_end(call, IAX_CAUSE_NORMAL);
}

/* What was granted is used up: more of it, or the end. */
static void renew(struct tg_switch *sw, struct call *call, struct paid *paid)
{
	const struct party *party = party_at(sw, paid->party);
	const struct world_user *user;
	const struct world *world = world_for(sw, call, &user);
	const struct world_peer *trunk = world_peer_find(world, name_span(party->name));
	struct usage *account = usage_at(sw, paid->account), *at_trunk = usage_at(sw, paid->trunk);
	struct toll_decision decision = { .why = MODEL_WHY_PAID_DENIED };
	char rule[TOLL_RULE_BYTES] = "the trunk is gone";

	if (account != NULL) {
		toll_roll(world, &account->use, usage_wall_ms(sw));
	}
	if (at_trunk != NULL) {
		toll_roll(world, &at_trunk->use, usage_wall_ms(sw));
	}
	if (trunk != NULL) {
		const struct toll_ask ask = {
			.user = user,
			.trunk = trunk,
			.number = name_span(paid->number),
			.wall_ms = usage_wall_ms(sw),
			.account_use = account != NULL ? &account->use : NULL,
			.trunk_use = at_trunk != NULL ? &at_trunk->use : NULL,
			.running = true,
		};

		toll_decide(world, &ask, &decision);
		toll_rule_text(world, &decision.rule, rule);
	}
	if (decision.why != MODEL_WHY_OK) {
		end(sw, call, paid, decision.why, rule);
		return;
	}
	grant(sw, paid, &decision);
	set_timer(sw, call, paid);
}

static void end_longest(struct tg_switch *sw, struct call *call, const struct paid *paid)
{
	end(sw, call, paid, MODEL_WHY_PAID_LONGEST, paid->rule);
}

void paying_on_timer(struct tg_switch *sw, struct call *call)
{
	const struct party *party = party_at(sw, call->talks);
	struct paid *paid = party == NULL ? NULL : paid_of(sw, party);

	if (paid == NULL || paid->answered_us == 0 || sw->now_us < due_us(paid)) {
		return;
	}
	if (paid->longest_s != TOLL_NO_LIMIT && sw->now_us >= after_s(paid->answered_us, paid->longest_s)) {
		end_longest(sw, call, paid);
	} else {
		renew(sw, call, paid);
	}
}

/* To the nearest second: a timer is late by some milliseconds, and nobody shall pay for these. */
static uint32_t talked_s(const struct tg_switch *sw, const struct paid *paid)
{
	return paid->answered_us == 0 ? 0
	                              : (uint32_t)((sw->now_us - paid->answered_us + TG_US_PER_S / 2) / TG_US_PER_S);
}

static void settle(struct tg_switch *sw, const struct paid *paid, uint32_t talked)
{
	struct usage *account = usage_at(sw, paid->account), *trunk = usage_at(sw, paid->trunk);

	if (talked > paid->granted_s) {
		add(account, paid->class, talked - paid->granted_s);
		add(trunk, paid->class, talked - paid->granted_s);
	} else {
		take_back(account, paid, paid->granted_s - talked);
		take_back(trunk, paid, paid->granted_s - talked);
	}
	uncount_leg(account, paid->class);
	uncount_leg(trunk, paid->class);
}

/* Of the end: after a restart the counters are those of the records. */
static void note_day(const struct tg_switch *sw, struct model_paid *record, const struct paid *paid)
{
	const struct usage *account = usage_at(sw, paid->account), *trunk = usage_at(sw, paid->trunk);
	const struct usage *any = account != NULL ? account : trunk;

	record->day = any != NULL ? any->use.day : 0;
	record->month = any != NULL ? any->use.month : 0;
}

void paying_leave(struct tg_switch *sw, const struct party *party)
{
	struct paid *paid = paid_of(sw, party);
	const struct call *call = tg_slab_find(calls_of(sw), party->call);

	if (paid == NULL) {
		return;
	}
	const uint32_t talked = talked_s(sw, paid);

	settle(sw, paid, talked);
	if (call != NULL) {
		struct model_paid *record = paying_record(sw, call);

		record->seconds += talked;
		note_day(sw, record, paid);
		switch_timer(sw, TIMER_PAID, tg_slab_ref(calls_of(sw), call).index, TG_NEVER);
	}
	paid_places(sw)[paid->party - 1] = 0;
	tg_slab_give(paids_of(sw), tg_slab_ref(paids_of(sw), paid));
}

/* ---- From another process ------------------------------------------------------------------------------------------ */

/* It was answered if the party was, and was granted no more than one minute ahead. */
static bool is_whole(const struct tg_switch *sw, const struct party *party, const struct paid *paid)
{
	const uint64_t talked_us = paid->answered_us != 0 && paid->answered_us <= sw->now_us
	                                   ? sw->now_us - paid->answered_us
	                                   : 0;

	return paid->party == party_place(sw, party) && paid->class < WORLD_CLASSES &&
	       paid->answered_us <= sw->now_us && (paid->answered_us != 0) == (party->state == PARTY_ANSWERED) &&
	       paid->granted_s <= talked_us / TG_US_PER_S + PAYING_GRANT_S &&
	       memchr(paid->number, '\0', sizeof(paid->number)) != NULL &&
	       memchr(paid->rule, '\0', sizeof(paid->rule)) != NULL;
}

/* Its calls were counted when they began. */
static void count_again(struct usage *usage, uint8_t class)
{
	if (usage != NULL) {
		usage->legs++;
		usage->use.calls[class]++;
	}
}

bool paying_take_over(struct tg_switch *sw, const struct call *call, const struct party *party, const struct paid *old,
                      const struct tg_slab *usages)
{
	struct usage *account, *trunk;
	struct tg_ref ref;

	if (!is_whole(sw, party, old) || !usage_find_old(sw, usages, old->account, false, &account) ||
	    !usage_find_old(sw, usages, old->trunk, true, &trunk) ||
	    (old->limited != 0 && account == NULL && trunk == NULL)) {
		return false;
	}
	struct paid *paid = tg_slab_take(paids_of(sw), &ref);

	if (paid == NULL) {
		return false;
	}
	*paid = *old;
	paid->account = usage_place(sw, account);
	paid->trunk = usage_place(sw, trunk);
	paid_places(sw)[paid->party - 1] = ref.index + 1;
	count_again(account, paid->class);
	count_again(trunk, paid->class);
	if (paid->answered_us != 0) {
		set_timer(sw, call, paid);
	}
	return true;
}

/* ---- Checking ---------------------------------------------------------------------------------------------------- */

uint32_t paying_legs(const struct tg_switch *sw)
{
	return paids_of(sw)->used;
}

static bool charges(const struct paid *paid, uint32_t place)
{
	return paid != NULL && (paid->account == place || paid->trunk == place);
}

static const char *check_usage(const struct tg_switch *sw, const struct usage *usage, uint32_t place)
{
	uint32_t calls[WORLD_CLASSES] = { 0 }, legs = 0;

	for (uint32_t i = 0; usage->legs > 0 && i < paids_of(sw)->count; i++) {
		const struct paid *paid = tg_slab_at(paids_of(sw), i, NULL);

		if (charges(paid, place)) {
			calls[paid->class]++;
			legs++;
		}
	}
	if (usage_find(sw, (enum toll_role)usage->role, name_span(usage->name)) != usage) {
		return "what is used is not found by its name";
	}
	return legs == usage->legs && memcmp(calls, usage->use.calls, sizeof(calls)) == 0 ? NULL
	                                                                                  : "paid legs are miscounted";
}

const char *paying_check(const struct tg_switch *sw)
{
	const char *wrong = NULL;

	for (uint32_t i = 0; wrong == NULL && i < usages_of(sw)->count; i++) {
		const struct usage *usage = tg_slab_at(usages_of(sw), i, NULL);

		wrong = usage == NULL ? NULL : check_usage(sw, usage, i + 1);
	}
	for (uint32_t i = 0; wrong == NULL && i < paids_of(sw)->count; i++) {
		const struct paid *paid = tg_slab_at(paids_of(sw), i, NULL);
		const struct party *party = paid == NULL ? NULL : party_at(sw, paid->party);

		if (paid != NULL && (party == NULL || paid_of(sw, party) != paid)) {
			wrong = "a paid leg of no party";
		}
	}
	if (wrong == NULL && charged_of(sw)->used != usages_of(sw)->used) {
		wrong = "names of nothing that is used";
	}
	return wrong;
}
