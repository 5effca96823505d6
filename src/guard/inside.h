/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_GUARD_INSIDE_H
#define TG_GUARD_INSIDE_H

#include "base/wheel.h"
#include "guard/bucket.h"
#include "guard/guard.h"
#include "guard/share.h"
#include "guard/table.h"

/** What the files of the guard share. All times are monotonic microseconds; `own`: on the clock of clock.c. */

enum {
	SOURCE_ANSWERS = 16,
	ACCOUNT_ANSWERS = 64,
	HEALTHY_MAX = 32,    /* so many times a shared source's budget, at most */
	HEALTHY_SOURCES = 8, /* of one account */
	HOMES = 8,
	DECLARED = GUARD_NETWORKS, /* the slot of all networks that the operator declared for devices without tokens */
	SLOTS,
	NETWORK_TIMES = 10, /* a network's budgets, in those of one source */
	HOUR_ACCOUNTS = 4,
	BANS_PER_S = 50,
	SPRAY_ACCOUNTS = 512,
	SPRAY_NETWORKS = 256,
	SPRAY_EACH = 3, /* failures of a source in the hour; one with more is a guesser, no sprayer */
};

#define US_PER_MINUTE (UINT64_C(60) * TG_US_PER_S)
#define US_PER_HOUR (60 * US_PER_MINUTE)
#define US_PER_DAY (24 * US_PER_HOUR)

/** One address with all that it is counted under. */
struct who {
	struct tg_addr source, network; /* bases, port 0 */
	uint32_t source_bits, network_bits;
	uint64_t source_hash, network_hash;
};

struct source {
	struct item item;
	struct tg_addr addr;
	uint32_t bits;
	uint32_t step; /* enum guard_why: the highest that was reached and still lasts */
	struct bucket open, wrong;
	struct bucket newcomers; /* tries of those who fail at nothing but the budget of others */
	uint64_t day_us;         /* since when `day_wrong` counts */
	uint32_t day_wrong;
	uint64_t delay_until_us, silence_until_us;
	uint64_t booked_us;  /* the end of all turns of those who wait for theirs */
	uint64_t refused_us; /* a ban was refused, and need not be told again until then */
	uint64_t names_us;   /* since when names are counted; unique for the source */
	uint64_t flying_us;  /* the last try that was let through */
	uint64_t hour_us;
	uint32_t flying, flying_held; /* tries let through and not yet decided; the same of those that were held back */
	uint32_t names, healthy, opened, held;
	uint32_t hour_failures;
	uint32_t hour_accounts[HOUR_ACCOUNTS]; /* 0: none */
	uint32_t answer_at;
	uint32_t answers[SOURCE_ANSWERS]; /* of the latest different wrong ones; 0: none */
	bool told;                        /* the door knows that it is silenced */
	bool exempt;                      /* the operator's own: never silenced */
};

struct network {
	struct item item;
	struct tg_addr addr;
	uint32_t bits;
	uint32_t accounts; /* that know it: as many slots refer to it */
	struct bucket open, wrong, newcomers;
	uint64_t known_until_us, delay_until_us, silence_until_us;
};

/** A port that an account proved its secret from: nobody else behind the same address can use it up. */
struct port {
	struct item item;
	struct bucket open;
	uint64_t until_us;
};

/** A source and an account. */
struct pair {
	struct item item;
	uint64_t source_hash;
	struct tg_ref counted; /* the source whose healthy accounts it is one of */
	struct bucket wrong;
	uint64_t held_until_us, next_try_us, last_us;
	uint64_t names_us; /* the source's, when it was counted there */
	uint32_t answers[2];
	uint32_t failures, distinct; /* distinct: up to 3 */
	uint64_t taker;              /* stale: whose the last turn was */
	bool stale;
	bool judged;          /* one of them was */
	uint8_t turns;        /* beyond the budget: a newcomer's */
	uint64_t since_us;    /* the first of them */
	uint64_t new_port_us; /* in its own network, under attack: the next port not seen before that has a turn */
	uint64_t booked_us;   /* and the end of all turns that are booked */
};

/** A port that waits for its turn with one account, because of others at its address. */
struct waiter {
	struct item item;
	uint64_t seen_us; /* its last visit; 0: none yet */
	uint64_t due_us;  /* its turn, if it has tries */
	uint8_t visits, tries;
	uint8_t judging; /* turns that were taken and are not decided: of strangers */
};

/** An address and port that an account proved its secret from. */
struct home {
	struct tg_addr addr;
	uint64_t seen_us;
};

/** A network that wrong answers for an account came from. */
struct origin {
	uint32_t mark, count;   /* different ones in the 30 days; 0: a free place */
	uint64_t hold_until_us; /* own: until then it is held back for this account, and keeps its place */
};

struct account {
	struct item item;
	char name[GUARD_NAME_BYTES];
	bool exists, weak, changed;
	uint32_t terms;                                    /* of the guard, when it was last seen to exist */
	uint64_t window_us, distinct_us, guarded_until_us; /* own */
	bool until_is_stored; /* it came from the store, and so by the wall clock of then */
	bool guarding;        /* its end is to be told */
	uint64_t told_us;
	uint32_t failures, distinct, prefix_count;
	uint32_t prefixes[GUARD_PREFIXES];
	uint32_t answer_at;
	uint32_t answers[ACCOUNT_ANSWERS];
	struct guard_network networks[GUARD_NETWORKS];
	struct tg_ref rows[GUARD_NETWORKS]; /* theirs; none if never proven, or evicted */
	uint64_t seen_us[GUARD_NETWORKS];   /* 0: not since the start; its day is all that is known then */
	struct bucket own_wrong[SLOTS];     /* different wrong answers out of its own networks */
	uint64_t own_next_us[SLOTS];        /* without a token: the next try from there that is judged */
	struct home homes[HOMES];
	struct tg_ref healthy[HEALTHY_SOURCES]; /* pairs; the last is the latest */
	struct bucket unproven;
	uint64_t unproven_us; /* the last that was judged */
	struct origin origins[GUARD_PREFIXES];
};

struct ban {
	struct item item;
	struct guard_ban told;
	bool active, forget; /* forget: gone as soon as its end was told */
};

/** How many /64 of a /56, or /56 of a /48, were banned lately. */
struct wide {
	struct item item;
	uint64_t since_us;
	uint32_t count;
};

struct spray_mark {
	uint64_t hash, source; /* hash 0: free */
	uint64_t network;      /* that it was seen from last */
	uint64_t seen_us;
};

struct spray {
	uint64_t until_us; /* weak accounts are guarded while it lasts */
	uint64_t told_us;  /* not again until then */
	struct spray_mark accounts[SPRAY_ACCOUNTS];
	struct spray_mark networks[SPRAY_NETWORKS];
};

/* Timers are numbered through: sources, pairs, bans, the end of guarding and the telling of accounts. */
enum timer_kind { TIMER_SOURCE, TIMER_PAIR, TIMER_BAN, TIMER_ACCOUNT, TIMER_TELL, TIMER_KINDS };

struct guard {
	struct guard_config config;
	struct guard_limits limits;
	enum guard_mode mode;
	bool mode_by_hand;
	uint8_t key[16];
	uint64_t random;
	int64_t wall_ahead_us; /* of our own clock */
	uint64_t clock_us;     /* since when it stands: the start, or its last step */
	bool clock_is_proved;
	uint32_t terms; /* how often they were set */
	struct bucket strangers, banning, unproven;
	struct share share; /* of strangers, when they are many */
	uint64_t unproven_stopped;
	uint64_t strangers_stopped, rates_stopped, tries_stopped;
	uint32_t strangers_peak;
	struct table sources, networks, ports, pairs, accounts, bans, wides, waiters, patients;
	uint32_t timers[TIMER_KINDS + 1]; /* the first of each kind */
	uint64_t wheel_at, events_at;
	uint32_t event_first, events, events_peak;
	uint64_t events_lost;
	uint32_t lengths[2][129]; /* active bans of each length, IPv4 and IPv6 */
	uint32_t bans_active;
	struct spray spray;
};

/* guard.c */
uint32_t guard_random_below(struct guard *guard, uint32_t bound);
uint64_t guard_hash(const struct guard *guard, char kind, const void *bytes, size_t len_bytes);
void guard_event_put(struct guard *guard, const struct guard_event *event);
void guard_timer(struct guard *guard, enum timer_kind kind, uint32_t index, uint64_t when_us);
struct tg_wheel *guard_wheel(const struct guard *guard);

/* clock.c */
void clock_init(struct guard *guard, uint64_t wall_us, uint64_t now_us);
uint64_t guard_own_us(uint64_t now_us);
uint64_t guard_wall_us(const struct guard *guard, uint64_t now_us);

/** What is stored; 0 is none in both. */
uint64_t guard_wall_ms_of(const struct guard *guard, uint64_t own_us);

/** What was; 0 is 1970. */
uint64_t guard_own_us_of(const struct guard *guard, uint64_t wall_ms);

/* who.c */
struct who guard_who(const struct guard *guard, struct tg_addr from);
uint64_t guard_prefix_hash(const struct guard *guard, struct tg_addr base, uint32_t bits);
uint64_t guard_name_hash(const struct guard *guard, struct tg_span name);

/* sources.c */
extern const struct table_rule source_rule, network_rule, port_rule, pair_rule;
struct source *source_find(const struct guard *guard, const struct who *who);
struct source *source_take(struct guard *guard, const struct who *who, uint64_t now_us);
struct pair *pair_find(const struct guard *guard, const struct who *who, uint64_t name);
struct pair *pair_take(struct guard *guard, const struct who *who, uint64_t name, uint64_t now_us);
struct network *network_find(const struct guard *guard, const struct who *who);
struct network *network_take(struct guard *guard, const struct who *who, uint64_t now_us);
bool network_is_known(const struct guard *guard, const struct who *who, uint64_t now_us);
bool port_allow(struct guard *guard, struct tg_addr from, uint64_t now_us);
void port_learn(struct guard *guard, struct tg_addr from, uint64_t now_us);
void pair_forget(struct pair *pair);
void pair_uncount(struct guard *guard, struct pair *pair);
void pair_on_success(struct guard *guard, struct pair *pair, struct source *source, uint64_t now_us);
void pair_on_timer(struct guard *guard, uint32_t index);
uint32_t source_times(const struct source *source);
uint32_t network_times(const struct network *network);
struct bucket_rule wrong_rule(const struct guard *guard, uint32_t times);

/** Healthy accounts behind the source, the pair's own not counted. */
uint32_t source_others(const struct guard *guard, const struct source *source, const struct pair *pair);

/* ladder.c */
enum guard_why ladder_step(const struct source *source, bool known, uint64_t now_us);
void ladder_delay(struct guard *guard, struct source *source, uint32_t count, uint64_t now_us);
void ladder_silence(struct guard *guard, struct source *source, enum guard_why why, uint32_t count, uint64_t now_us);
void ladder_climb(struct guard *guard, struct source *source, bool over_today, uint64_t now_us);
void ladder_refuse(struct guard *guard, struct source *source, uint32_t count, uint64_t now_us);
void ladder_forget(struct guard *guard, struct source *source, uint64_t now_us);
void ladder_on_timer(struct guard *guard, uint32_t index, uint64_t now_us);
void ladder_expire(struct guard *guard, const struct guard_never *never, uint64_t now_us);
void ladder_end(struct guard *guard, struct source *source, uint64_t now_us);
void ladder_climb_network(struct guard *guard, struct network *network, uint64_t now_us);
enum guard_why ladder_network_step(const struct network *network, uint64_t now_us);
void ladder_begin(struct guard *guard, uint64_t now_us);
void ladder_stop(struct guard *guard, uint64_t now_us);

/* accounts.c */
struct account *guard_account_find(const struct guard *guard, uint64_t name);
struct account *guard_account_take(struct guard *guard, const struct guard_try *try, uint64_t now_us);
uint32_t account_mark(const struct who *who); /* NULL: those without a token, all together */
bool account_holds(const struct guard *guard, const struct account *account, uint32_t mark, uint64_t now_us);
bool account_is_guarded(const struct guard *guard, const struct account *account, uint64_t now_us);

/** @return false if the answer was among the latest different ones */
bool account_on_failure(struct guard *guard, struct account *account, uint32_t mark, uint64_t answer, uint64_t now_us);
uint64_t account_guarded_us(const struct guard *guard, const struct account *account, uint64_t now_us); /* left */
void account_on_step(struct guard *guard, struct account *account, int64_t step_us, uint64_t now_us);
bool account_on_proof(const struct guard *guard, struct account *account, uint64_t now_us);
void account_changed(struct guard *guard, struct account *account, uint64_t now_us);
/** A day of it, or as long as what it is for lasts; never shorter than it would be. */
void account_guard(struct guard *guard, struct account *account, uint64_t for_us, uint64_t now_us);

/** Wrongly, within a day. */
bool account_was_tried(const struct account *account, uint64_t now_us);
void account_on_timer(struct guard *guard, uint32_t index, uint64_t now_us);
void account_on_tell(struct guard *guard, uint32_t index);

/* owners.c */

/** @return for how long still; 0: it is not known, or there is none */
uint64_t account_knows_us(const struct guard *guard, const struct account *account, int slot, uint64_t now_us);

/** The clock stepped: whoever was seen was so on another day. No day is lowered, the clock may be the one that is wrong. */
void account_see_days(struct guard *guard, struct account *account, uint64_t now_us);

/** The clock is right: days to come are not, and old ones are forgotten. @return true if any was */
bool account_mend_days(struct guard *guard, struct account *account, uint64_t now_us);

/** @return which of the account's own networks it is, -1 for none */
int account_slot(const struct guard *guard, const struct account *account, const struct who *who, uint64_t now_us);

/** Whether this mark is that of one of them. */
bool account_has_mark(const struct guard *guard, const struct account *account, uint32_t mark, uint64_t now_us);
void account_attach(struct guard *guard, struct account *account, int slot, const struct who *who, uint64_t until_us,
                    uint64_t now_us);
bool account_learn(struct guard *guard, struct account *account, const struct guard_try *try, const struct who *who,
                   uint64_t now_us);
bool account_is_home(const struct guard *guard, const struct account *account, struct tg_addr from, uint64_t now_us);
void account_learn_home(struct account *account, struct tg_addr from, uint64_t now_us);
void account_learn_pair(struct guard *guard, struct account *account, const struct pair *pair);
void account_forget(struct guard *guard, struct account *account);
const char *owners_check(const struct guard *guard);

/* tries.c */

/** Everything one try is about; what has no place in a full table is NULL. */
struct about {
	struct who who;
	uint64_t name;
	struct source *source;
	struct account *account;
	struct pair *pair;
	int slot;    /* of the account's own networks, or DECLARED; -1: none */
	bool waited; /* for this turn */
};

struct about about_of(const struct guard *guard, const struct guard_try *try, uint64_t now_us);
bool too_many_names(const struct guard *guard, const struct about *about, uint64_t now_us);
bool too_many_today(const struct source *source, uint64_t now_us);
bool names_are_old(const struct source *source, uint64_t now_us);
bool is_counted_name(const struct source *source, const struct pair *pair);
bool is_over(const struct guard *guard, const struct about *about, uint64_t now_us);
bool try_is_guarded(const struct guard *guard, const struct about *about, const struct guard_try *try, uint64_t now_us);

/* own.c */
enum guard_why own_may_try(struct guard *guard, struct about *about, const struct guard_try *try, uint64_t now_us);
void own_on_failure(struct guard *guard, const struct about *about, uint64_t now_us);

/** Whether a stranger behind an address of customers has waited long enough. */
bool patient_may_try(struct guard *guard, const struct about *about, struct tg_addr from, uint64_t now_us);

/** A turn that was taken is decided. @return false if it was none */
bool patient_lands(struct guard *guard, const struct pair *pair, struct tg_addr from);

/* unproven.c */
enum guard_why unproven_may_try(struct guard *guard, struct about *about, const struct guard_try *try, uint64_t now_us);
void unproven_on_failure(struct guard *guard, struct about *about, const struct guard_try *try, uint64_t now_us);
struct bucket_rule unproven_rule(void);

/* spray.c */
void spray_on_failure(struct guard *guard, struct source *source, const struct who *who, struct account *account,
                      uint64_t now_us);
bool spray_is_on(const struct guard *guard, uint64_t now_us);

/* bans.c */
struct ban *ban_find(const struct guard *guard, struct tg_addr from, uint64_t now_us);
bool ban_is_allowed(const struct guard *guard, struct tg_addr from, uint64_t now_us);
bool ban_is_by_hand(const struct ban *ban);
struct ban *ban_make(struct guard *guard, const struct source *source, const struct guard_never *never,
                     uint64_t now_us);
void ban_on_timer(struct guard *guard, uint32_t index, const struct guard_never *never, uint64_t now_us);
void ban_end(struct guard *guard, struct ban *ban, uint64_t now_us);
void bans_stop(struct guard *guard, uint64_t now_us);
extern const struct table_rule ban_rule;
const char *bans_check(const struct guard *guard);

#endif
