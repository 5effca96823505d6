/* SPDX-License-Identifier: Apache-2.0 */
#include "guard/guard.h"

#include "crypt/hash.h"
#include "guard/inside.h"

#include <string.h>

enum {
	TIMERS_A_TURN = 4096,
	WIDES = 4096,
	WAITERS = 16384,
	DELAY_SLOT_S = 2,
	DELAY_ONE_IN = 4,
	STRANGERS_WINDOW_US = TG_US_PER_S / 5, /* long enough that an even part of it is one opening and more */
};

static const char *const why_texts[GUARD_WHY_COUNT] = {
#define X(name, text) [name] = (text),
	GUARD_WHYS(X)
#undef X
};

const char *guard_why_text(enum guard_why why)
{
	return why < GUARD_WHY_COUNT ? why_texts[why] : "unknown";
}

struct guard_config guard_config_default(void)
{
	return (struct guard_config){
		.sources_max = 65536,
		.accounts_max = 8192,
		.bans_max = 100000,
		.events_max = 1024,
		.limits = {
			.mode = GUARD_ENFORCE,
			.new_dialogs_per_s = 4,
			.new_dialogs_burst = 20,
			.known_dialogs_per_s = 50,
			.known_dialogs_burst = 500,
			.strangers_per_s = 2000,
			.failures_per_min = 1,
			.failures_burst = 10,
			.names_per_10min = 5,
			.delay_at = 3,
			.silence_at = 6,
			.kernel_at = 10,
			.step_s = 600,
			.account_failures = 20,
			.account_prefixes = 5,
			.account_distinct = 50,
			.spray_accounts = 50,
			.spray_prefixes = 20,
			.known_days = 30,
		},
	};
}

/* ---- The block ---------------------------------------------------------------------------------------------------------- */

/* The tables, in their order in the block, each with its own size. */
struct plan_row {
	size_t table; /* offset in struct guard */
	uint32_t item_bytes, count;
};

enum { TABLES = 9 };

static void plan(const struct guard_config *config, struct plan_row rows[TABLES])
{
	const uint32_t sources = config->sources_max;
	const uint32_t accounts = config->accounts_max;
	const struct plan_row all[TABLES] = {
		{ offsetof(struct guard, sources), sizeof(struct source), sources },
		{ offsetof(struct guard, networks), sizeof(struct network), sources + accounts },
		{ offsetof(struct guard, ports), sizeof(struct port), sources + accounts },
		{ offsetof(struct guard, pairs), sizeof(struct pair), sources + 2 * accounts },
		{ offsetof(struct guard, accounts), sizeof(struct account), accounts },
		{ offsetof(struct guard, bans), sizeof(struct ban), config->bans_max },
		{ offsetof(struct guard, wides), sizeof(struct wide), WIDES },
		{ offsetof(struct guard, waiters), sizeof(struct waiter), WAITERS },
		{ offsetof(struct guard, patients), sizeof(struct waiter), WAITERS },
	};

	memcpy(rows, all, sizeof(all));
}

static uint32_t timer_count(const struct guard_config *config)
{
	return config->sources_max + (config->sources_max + 2 * config->accounts_max) + config->bans_max +
	       2 * config->accounts_max;
}

static size_t round_up_64(size_t bytes)
{
	return (bytes + 63) & ~(size_t)63;
}

size_t guard_size(const struct guard_config *config)
{
	size_t size = round_up_64(sizeof(struct guard));
	struct plan_row rows[TABLES];

	plan(config, rows);
	for (int i = 0; i < TABLES; i++) {
		size += table_size(rows[i].item_bytes, rows[i].count);
	}
	return size + round_up_64(tg_wheel_size(timer_count(config))) +
	       round_up_64(config->events_max * sizeof(struct guard_event));
}

static void number_timers(struct guard *guard)
{
	const struct guard_config *config = &guard->config;
	const uint32_t counts[TIMER_KINDS] = { config->sources_max, config->sources_max + 2 * config->accounts_max,
		                               config->bans_max, config->accounts_max, config->accounts_max };

	for (int kind = 0; kind < TIMER_KINDS; kind++) {
		guard->timers[kind + 1] = guard->timers[kind] + counts[kind];
	}
}

struct guard *guard_init(void *mem, const struct guard_config *config, uint64_t now_us)
{
	struct guard *guard = mem;
	size_t at = round_up_64(sizeof(struct guard));
	struct plan_row rows[TABLES];

	assert((uintptr_t)mem % 64 == 0 && config->sources_max > 0 && config->accounts_max > 0 && config->bans_max > 0);
	memset(guard, 0, sizeof(*guard));
	guard->config = *config;
	guard->limits = config->limits;
	guard->mode = config->limits.mode;
	memcpy(guard->key, config->seed, sizeof(guard->key));
	memcpy(&guard->random, config->seed + 16, sizeof(guard->random));
	clock_init(guard, config->wall_us, now_us);
	share_init(&guard->share, guard->key);
	guard->share.window_us = STRANGERS_WINDOW_US;
	plan(config, rows);
	for (int i = 0; i < TABLES; i++) {
		table_init(guard, (struct table *)((uintptr_t)guard + rows[i].table), at, rows[i].item_bytes,
		           rows[i].count);
		at += table_size(rows[i].item_bytes, rows[i].count);
	}
	guard->wheel_at = at;
	number_timers(guard);
	tg_wheel_init(guard_wheel(guard), timer_count(config), now_us);
	guard->events_at = at + round_up_64(tg_wheel_size(timer_count(config)));
	return guard;
}

struct tg_wheel *guard_wheel(const struct guard *guard)
{
	return (struct tg_wheel *)((uintptr_t)guard + guard->wheel_at);
}

void guard_timer(struct guard *guard, enum timer_kind kind, uint32_t index, uint64_t when_us)
{
	assert(index < guard->timers[kind + 1] - guard->timers[kind]);
	tg_wheel_set(guard_wheel(guard), guard->timers[kind] + index, when_us);
}

/* A keyed counter: unguessable without the seed, repeatable with it. */
uint32_t guard_random_below(struct guard *guard, uint32_t bound)
{
	guard->random++;
	return (uint32_t)((guard_hash(guard, 'r', &guard->random, sizeof(guard->random)) >> 32) * bound >> 32);
}

/* `kind` keeps hashes of different things apart. */
uint64_t guard_hash(const struct guard *guard, char kind, const void *bytes, size_t len_bytes)
{
	uint8_t key[CRYPT_KEY_BYTES];

	memcpy(key, guard->key, sizeof(key));
	key[0] ^= (uint8_t)kind;
	return crypt_siphash64(key, (struct tg_span){ bytes, len_bytes });
}

/* ---- Settings ----------------------------------------------------------------------------------------------------------- */

static void set_mode(struct guard *guard, enum guard_mode mode, uint64_t now_us)
{
	if (guard->mode == GUARD_ENFORCE && mode != GUARD_ENFORCE) {
		bans_stop(guard, now_us);
		ladder_stop(guard, now_us);
	}
	if (guard->mode == GUARD_OBSERVE && mode == GUARD_ENFORCE) {
		ladder_begin(guard, now_us);
	}
	guard->mode = mode;
}

void guard_set_limits(struct guard *guard, const struct guard_limits *limits, uint64_t now_us)
{
	const bool file_changed = limits->mode != guard->limits.mode;

	guard->limits = *limits;
	guard->terms++;
	if (file_changed || !guard->mode_by_hand) {
		guard->mode_by_hand = false;
		set_mode(guard, limits->mode, now_us);
	}
}

void guard_set_mode(struct guard *guard, enum guard_mode mode, uint64_t now_us)
{
	guard->mode_by_hand = true;
	set_mode(guard, mode, now_us);
}

enum guard_mode guard_mode(const struct guard *guard)
{
	return guard->mode;
}

/* ---- Openings ------------------------------------------------------------------------------------------------------------ */

enum guard_class guard_class_of(const struct guard *guard, struct tg_addr from, uint64_t now_us)
{
	const struct ban *ban = ban_find(guard, from, now_us);
	const struct who who = guard_who(guard, from);

	if (ban != NULL) {
		return ban->told.allow ? GUARD_CLASS_KNOWN : GUARD_CLASS_BANNED;
	}
	if (network_is_known(guard, &who, now_us)) {
		return GUARD_CLASS_KNOWN;
	}
	const struct source *source = source_find(guard, &who);

	return source != NULL && ladder_step(source, false, now_us) != GUARD_PASS ? GUARD_CLASS_SUSPECT
	                                                                          : GUARD_CLASS_STRANGER;
}

bool guard_is_deaf_to(const struct guard *guard, struct tg_addr from, uint64_t now_us)
{
	const struct ban *ban = ban_find(guard, from, now_us);
	const struct who who = guard_who(guard, from);

	if (ban != NULL) {
		return !ban->told.allow;
	}
	const struct source *source = source_find(guard, &who);

	return guard->mode == GUARD_ENFORCE && source != NULL &&
	       ladder_step(source, network_is_known(guard, &who, now_us), now_us) == GUARD_SILENCED;
}

/* Another choice in every slot, so who repeats gets through; keyed, so nobody knows when. */
static bool is_delayed(const struct guard *guard, const struct who *who, uint64_t key, uint64_t now_us)
{
	const uint64_t parts[3] = { who->source_hash, key, now_us / (DELAY_SLOT_S * TG_US_PER_S) };

	return guard_hash(guard, 'd', parts, sizeof(parts)) % DELAY_ONE_IN != 0;
}

/* The budgets of one opening: all must have room, and then all are charged. */
struct budgets {
	struct bucket *source, *network, *strangers;
	struct bucket_rule source_rule, network_rule, strangers_rule;
	uint32_t strangers_need;
	bool asked; /* strangers' was, and has room */
};

static struct budgets budgets_of(struct guard *guard, struct source *source, struct network *network, bool known,
                                 bool suspect)
{
	const struct guard_limits *limits = &guard->limits;
	struct budgets budgets = {
		.source = source == NULL ? NULL : &source->open,
		.network = network == NULL ? NULL : &network->open,
		.strangers = known ? NULL : &guard->strangers,
		.source_rule = known ? bucket_rule_of(limits->known_dialogs_per_s, 1, limits->known_dialogs_burst)
		                     : bucket_rule_of(limits->new_dialogs_per_s, 1, limits->new_dialogs_burst),
		.strangers_rule = bucket_rule_of(limits->strangers_per_s, 1, limits->strangers_per_s),
		.strangers_need = 1,
	};

	budgets.network_rule = bucket_times(budgets.source_rule, NETWORK_TIMES);
	if (suspect) {
		/* Taken last: only while half of it is left for the others. */
		budgets.strangers_need = budgets.strangers_rule.burst / 2 + 1;
	}
	return budgets;
}

/* While strangers are few, all are taken. While they are many, what there is goes evenly to networks of each size. */
static bool strangers_allow(struct guard *guard, const struct budgets *b, struct tg_addr from, uint64_t now_us)
{
	const uint32_t budget = guard->limits.strangers_per_s / (TG_US_PER_S / STRANGERS_WINDOW_US) * 3 / 4;

	/* Suspects are no part of what is shared. */
	if (b->strangers_need > 1 && !bucket_has(b->strangers, b->strangers_rule, b->strangers_need, now_us)) {
		return false;
	}
	/* A quarter less than comes in, so that the bucket itself stops nobody once it has settled: so it is asked last. */
	return (bucket_used(b->strangers, b->strangers_rule, now_us) < b->strangers_rule.burst / 2 ||
	        share_allow(&guard->share, from, budget, now_us)) &&
	       bucket_has(b->strangers, b->strangers_rule, 1, now_us);
}

static enum guard_why budgets_charge(struct guard *guard, const struct budgets *b, struct tg_addr from, uint64_t now_us)
{
	if (b->source != NULL && !bucket_has(b->source, b->source_rule, 1, now_us)) {
		return GUARD_RATE;
	}
	if (b->network != NULL && !bucket_has(b->network, b->network_rule, 1, now_us)) {
		return GUARD_RATE_NETWORK;
	}
	if (b->strangers != NULL && !b->asked && !strangers_allow(guard, b, from, now_us)) {
		guard->strangers_stopped++;
		return GUARD_RATE_STRANGERS;
	}
	if (b->source != NULL) {
		bucket_charge(b->source, b->source_rule, b->source_rule.burst, now_us);
	}
	if (b->network != NULL) {
		bucket_charge(b->network, b->network_rule, b->network_rule.burst, now_us);
	}
	if (b->strangers != NULL) {
		const uint32_t used = bucket_used(b->strangers, b->strangers_rule, now_us) + 1;

		bucket_charge(b->strangers, b->strangers_rule, b->strangers_rule.burst, now_us);
		guard->strangers_peak = used > guard->strangers_peak ? used : guard->strangers_peak;
	}
	return GUARD_PASS;
}

/* Who was not seen lately is not remembered for what is not taken. */
static enum guard_why judge_unseen(struct guard *guard, const struct who *who, bool suspect, struct tg_addr from,
                                   uint64_t now_us)
{
	const struct budgets b = budgets_of(guard, NULL, network_find(guard, who), false, suspect);

	if (b.network != NULL && !bucket_has(b.network, b.network_rule, 1, now_us)) {
		guard->rates_stopped++;
		return GUARD_RATE_NETWORK;
	}
	if (!strangers_allow(guard, &b, from, now_us)) {
		guard->strangers_stopped++;
		return GUARD_RATE_STRANGERS;
	}
	return GUARD_PASS;
}

/* The budgets of its source, its network and all strangers. `source` may get a row. */
static enum guard_why judge_rate(struct guard *guard, struct source **source, const struct who *who,
                                 const struct guard_opening *opening, bool suspect, uint64_t now_us)
{
	const bool known = network_is_known(guard, who, now_us);
	const bool unseen = *source == NULL && !known;
	enum guard_why why = unseen ? judge_unseen(guard, who, suspect, opening->from, now_us) : GUARD_PASS;

	if (why != GUARD_PASS) {
		return why;
	}
	*source = source_take(guard, who, now_us);
	struct budgets budgets = budgets_of(guard, *source, network_take(guard, who, now_us), known, suspect);

	budgets.asked = unseen;
	why = budgets_charge(guard, &budgets, opening->from, now_us);
	guard->rates_stopped += why == GUARD_RATE || why == GUARD_RATE_NETWORK;
	return why;
}

static enum guard_why judge(struct guard *guard, const struct guard_opening *opening, uint64_t now_us)
{
	const struct who who = guard_who(guard, opening->from);
	const struct network *network = network_find(guard, &who);
	const bool known = network != NULL && network->known_until_us > now_us;
	struct source *source = source_find(guard, &who);
	const enum guard_why own = source == NULL ? GUARD_PASS : ladder_step(source, known, now_us);
	const enum guard_why around = known ? GUARD_PASS : ladder_network_step(network, now_us);
	const enum guard_why step = around > own ? around : own;
	enum guard_why why = step;

	if (own == GUARD_SILENCED) {
		why = own;
	} else if (port_allow(guard, opening->from, now_us)) {
		why = GUARD_PASS;
	} else if (step != GUARD_SILENCED &&
	           (step != GUARD_DELAYED || !is_delayed(guard, &who, opening->key, now_us))) {
		why = judge_rate(guard, &source, &who, opening, !known && (opening->suspect || step != GUARD_PASS),
		                 now_us);
	}
	if (source != NULL) {
		source->opened += why == GUARD_PASS;
		source->held += why != GUARD_PASS;
	}
	return why;
}

enum guard_why guard_open(struct guard *guard, const struct guard_opening *opening, enum guard_why *would,
                          uint64_t now_us)
{
	const struct ban *ban = ban_find(guard, opening->from, now_us);
	enum guard_why why = GUARD_PASS;

	if (ban != NULL) {
		why = ban->told.allow ? GUARD_PASS : GUARD_BANNED;
	} else if (guard->mode != GUARD_OFF) {
		why = judge(guard, opening, now_us);
	}
	if (would != NULL) {
		*would = why;
	}
	return guard->mode == GUARD_ENFORCE || why == GUARD_BANNED ? why : GUARD_PASS;
}

/* ---- Time ---------------------------------------------------------------------------------------------------------------- */

static void on_timer(struct guard *guard, uint32_t timer, const struct guard_never *never, uint64_t now_us)
{
	enum timer_kind kind = TIMER_SOURCE;

	while (timer >= guard->timers[kind + 1]) {
		kind++;
	}
	const uint32_t index = timer - guard->timers[kind];

	switch (kind) {
	case TIMER_SOURCE:
		ladder_on_timer(guard, index, now_us);
		break;
	case TIMER_PAIR:
		pair_on_timer(guard, index);
		break;
	case TIMER_BAN:
		ban_on_timer(guard, index, never, now_us);
		break;
	case TIMER_ACCOUNT:
		account_on_timer(guard, index, now_us);
		break;
	case TIMER_TELL:
		account_on_tell(guard, index);
		break;
	case TIMER_KINDS:
		break;
	}
}

void guard_expire(struct guard *guard, const struct guard_never *never, uint64_t now_us)
{
	uint32_t timer;

	for (int i = 0; i < TIMERS_A_TURN && tg_wheel_expire(guard_wheel(guard), now_us, &timer); i++) {
		on_timer(guard, timer, never, now_us);
	}
	ladder_expire(guard, never, now_us);
}

uint64_t guard_deadline_us(const struct guard *guard)
{
	uint64_t when_us = tg_wheel_deadline_us(guard_wheel(guard));

	if (guard->sources.lists[LIST_CHECK].count > 0) {
		return 0;
	}
	if (guard->sources.lists[LIST_WANT].count > 0) {
		const struct bucket_rule rule = bucket_rule_of(BANS_PER_S, 1, BANS_PER_S);

		when_us = tg_min_u64(when_us, bucket_when_us(&guard->banning, rule, 1, 0));
	}
	return when_us;
}

/* ---- What came of it ------------------------------------------------------------------------------------------------------- */

static struct guard_event *event_at(const struct guard *guard, uint32_t place)
{
	struct guard_event *events = (struct guard_event *)((uintptr_t)guard + guard->events_at);

	return &events[(guard->event_first + place) % guard->config.events_max];
}

void guard_event_put(struct guard *guard, const struct guard_event *event)
{
	if (guard->events == guard->config.events_max) {
		guard->events_lost++;
		return;
	}
	struct guard_event *place = event_at(guard, guard->events++);

	*place = *event;
	place->observed = guard->mode == GUARD_OBSERVE;
	guard->events_peak = guard->events > guard->events_peak ? guard->events : guard->events_peak;
}

bool guard_next_event(struct guard *guard, struct guard_event *out)
{
	if (guard->events == 0) {
		return false;
	}
	*out = *event_at(guard, 0);
	guard->event_first = (guard->event_first + 1) % guard->config.events_max;
	guard->events--;
	return true;
}

bool guard_next_silence(struct guard *guard, struct guard_silence *out)
{
	struct source *source = table_pop(guard, &guard->sources, LIST_TELL);

	if (source == NULL) {
		return false;
	}
	*out = (struct guard_silence){ source->addr, source->bits, source->silence_until_us };
	source->told = source->silence_until_us != 0;
	return true;
}
