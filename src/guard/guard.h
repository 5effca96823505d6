/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_GUARD_GUARD_H
#define TG_GUARD_GUARD_H

#include "base/addr.h"

/**
 * Admission: how often somebody may knock, who guesses, what is done about it. It knows no protocol: addresses, names and wrong
 * answers come in; verdicts, events and bans come out. Sans-IO: time is an argument; one block of the caller's memory without
 * pointers; one thread.
 *
 * What everything here keeps to:
 *   - Only a source that proved its address is charged with anything. Who did not is not even remembered: what comes without proof
 *     is counted for the account it tries, and for all of its kind.
 *   - Nothing is ever held against an account on a network where it proved its secret within known_days: there, right answers always
 *     count. At most one request in four is taken while wrong ones come (a client repeats); while many do, they count at once from
 *     the addresses where it was right lately, and from others there one in a while.
 *   - A source with a healthy account behind it is never dropped; (source, account) pairs are held back instead.
 *   - Attackers evict attackers: who has a success to his name leaves a full table last.
 *
 * A source is an IPv4 address or an IPv6 network of 64 bits; a network one of 24 or 48 bits.
 */
struct guard;

enum { GUARD_NAME_BYTES = 88, GUARD_NETWORKS = 8, GUARD_PREFIXES = 16 };

enum guard_mode { GUARD_OFF, GUARD_OBSERVE, GUARD_ENFORCE };

/** All from the operator; a rate is so many in its time, burst so many at once. */
struct guard_limits {
	enum guard_mode mode;
	uint32_t new_dialogs_per_s, new_dialogs_burst;     /* of one source: 4, 20; of its network ten times as many */
	uint32_t known_dialogs_per_s, known_dialogs_burst; /* of one in a known network: 50, 500 */
	uint32_t strangers_per_s;                          /* openings of all that are not known: 2000 */
	uint32_t failures_per_min, failures_burst;   /* different wrong answers of a source that are judged: 1, 10 */
	uint32_t names_per_10min;                    /* account names one source may try: 5 */
	uint32_t delay_at, silence_at, kernel_at;    /* different wrong answers in the budget: 3, 6, 10 */
	uint32_t step_s;                             /* how long delay, silence and the first ban last: 600 */
	uint32_t account_failures, account_prefixes; /* in a day: 20 from 5 networks */
	uint32_t account_distinct;                   /* different wrong answers in 30 days: 50 */
	uint32_t spray_accounts, spray_prefixes;     /* in an hour: 50 from 20 networks */
	uint32_t known_days;                         /* 30 */
};

struct guard_config {
	uint32_t sources_max;  /* 65536 */
	uint32_t accounts_max; /* names that are remembered: those that exist, and some that do not */
	uint32_t bans_max;     /* 100000 */
	uint32_t events_max;   /* that may wait; what does not fit is counted */
	uint8_t seed[32];
	uint64_t wall_us; /* wall time at now_us of guard_init(); it may be wrong */
	struct guard_limits limits;
};

/** The values named above. */
struct guard_config guard_config_default(void);

size_t guard_size(const struct guard_config *config);

/** @param mem  guard_size() bytes, aligned to 64, zeroed */
struct guard *guard_init(void *mem, const struct guard_config *config, uint64_t now_us);

/** From now on. What was counted stays counted. The mode set by guard_set_mode() stays until the operator's file changes it. */
void guard_set_limits(struct guard *guard, const struct guard_limits *limits, uint64_t now_us);
void guard_set_mode(struct guard *guard, enum guard_mode mode, uint64_t now_us);
enum guard_mode guard_mode(const struct guard *guard);

/**
 * What the wall clock says now: often, as it may be set right. Nothing lasts longer or shorter for a step of it, and no network is
 * forgotten.
 *
 * @return true if it stepped by more than a minute: what was told of wall time is told again, what others keep of it is wrong
 */
bool guard_set_wall(struct guard *guard, uint64_t wall_us, uint64_t now_us);

/** Addresses that are never banned, whatever they do: asked when a ban is due. NULL: none. */
struct guard_never {
	bool (*is_never)(const void *owner, struct tg_addr addr);
	bool (*has_call)(const void *owner, struct tg_addr base, unsigned bits); /* silenced, but not in the kernel */
	bool (*has_never)(const void *owner, struct tg_addr base,
	                  unsigned bits); /* such an address is in this network */
	const void *owner;
};

/* ---- Decisions ------------------------------------------------------------------------------------------------- */

/** Why something is held back. */
/* clang-format off */
#define GUARD_WHYS(X) \
	X(GUARD_PASS, "nothing speaks against it") \
	X(GUARD_RATE, "more openings than its budget from this address") \
	X(GUARD_RATE_NETWORK, "more openings than its budget from this network") \
	X(GUARD_RATE_STRANGERS, "more openings of strangers than the budget of all") \
	X(GUARD_DELAYED, "only one request in four of this address is taken now") \
	X(GUARD_SILENCED, "this address gets no answers now") \
	X(GUARD_BANNED, "this address is banned") \
	X(GUARD_TRIES, "too many wrong answers from this address") \
	X(GUARD_PAIR, "too many wrong answers for this account from a shared address") \
	X(GUARD_STALE, "the same wrong answer again and again") \
	X(GUARD_GUARDED, "the account is under attack, and this network is not known for it")
/* clang-format on */
#define X(name, text) name,
enum guard_why { GUARD_WHYS(X) GUARD_WHY_COUNT };
#undef X

const char *guard_why_text(enum guard_why why);

/** Who somebody is, by his address alone. */
enum guard_class {
	GUARD_CLASS_KNOWN, /* some account proved its secret from this network within known_days, or the operator allowed it */
	GUARD_CLASS_STRANGER, /* proven address, nothing known */
	GUARD_CLASS_SUSPECT,  /* delayed or silenced now, or marked */
	GUARD_CLASS_BANNED,
};

enum guard_class guard_class_of(const struct guard *guard, struct tg_addr from, uint64_t now_us);

/** The account gave a right answer from this very address and port within known_days; of some of the latest such places. */
bool guard_is_home(const struct guard *guard, struct tg_span account, struct tg_addr from, uint64_t now_us);

/** Banned or silenced now: nothing of it is taken, not even a frame without proof. Charges nobody. */
bool guard_is_deaf_to(const struct guard *guard, struct tg_addr from, uint64_t now_us);

/** A new dialog asks to be opened. */
struct guard_opening {
	struct tg_addr from; /* proven */
	uint64_t key;        /* stands for the request: the same when it is repeated */
	bool suspect;        /* looks like a scanning tool; ignored for known networks */
};

/**
 * May it be opened? Charges the budgets of its source, network and class if so. Anything but GUARD_PASS: drop it silently. In
 * observe mode always GUARD_PASS but for bans by hand, and *would (may be NULL) says what it would have been.
 */
enum guard_why guard_open(struct guard *guard, const struct guard_opening *opening, enum guard_why *would,
                          uint64_t now_us);

/** Somebody brings credentials for an account that may exist or not. */
struct guard_try {
	struct tg_addr from;
	struct tg_span account; /* as claimed */
	uint64_t answer;        /* stands for challenge and answer: the same wrong secret gives the same one again */
	bool proven;            /* the source proved its address; if not, it is charged with nothing: the account is */
	bool declared;          /* not proven, but the operator declared its network for devices without tokens */
	bool exists;            /* the account is in the configuration */
	bool registration;
	bool roaming; /* its owner comes from anywhere */
	bool decoy;
	bool weak; /* its secret is easy to guess */
};

/**
 * Before the credentials are judged. GUARD_PASS: what the judge says, holds. Else: answer as to a wrong secret, whatever the judge
 * says; it is asked all the same, and everything takes the same way and time (ruling R8). `answer` is not looked at. Observe: as
 * guard_open().
 */
enum guard_why guard_may_try(struct guard *guard, const struct guard_try *try, enum guard_why *would, uint64_t now_us);

/**
 * They were wrong (wrong secret, no such account, not allowed to use it from there), or were not to be judged: then it does not
 * matter what they were, and a right answer is charged as a wrong one is. Its `answer` must be the same each time.
 */
void guard_on_failure(struct guard *guard, const struct guard_try *try, uint64_t now_us);

/** They were right and counted. */
void guard_on_success(struct guard *guard, const struct guard_try *try, uint64_t now_us);

/** A proven source did something that only a scanner does (used a decoy): silence it at once. */
void guard_on_mark(struct guard *guard, struct tg_addr from, uint64_t now_us);

/** Do what is due, and decide on bans. */
void guard_expire(struct guard *guard, const struct guard_never *never, uint64_t now_us);
uint64_t guard_deadline_us(const struct guard *guard);

/* ---- What came of it ---------------------------------------------------------------------------------------------- */

enum guard_event_kind {
	GUARD_EVENT_GUESSING,     /* one source tries many answers */
	GUARD_EVENT_STALE,        /* one device with an old secret */
	GUARD_EVENT_UNDER_ATTACK, /* many sources try one account: it is guarded */
	GUARD_EVENT_GUARDED_END,
	GUARD_EVENT_SPRAY, /* many sources try many accounts a little */
	GUARD_EVENT_DELAYED,
	GUARD_EVENT_SILENCED,
	GUARD_EVENT_BANNED,
	GUARD_EVENT_UNBANNED,
	GUARD_EVENT_BAN_REFUSED, /* shared with a healthy account, or never to be banned */
	GUARD_EVENT_KINDS,
};

struct guard_event {
	enum guard_event_kind kind;
	enum guard_why why;
	struct tg_addr base; /* family TG_NO_ADDR for none */
	uint32_t bits;
	char account[GUARD_NAME_BYTES]; /* as claimed; "" for none */
	uint32_t count, prefixes;       /* failures or accounts; networks */
	uint64_t until_us;              /* of what was done, TG_NEVER for no end, 0 for nothing done */
	bool observed;                  /* it would have been done */
};

bool guard_next_event(struct guard *guard, struct guard_event *out);

/** A ban that begins, changes or ends; also an allowance. */
struct guard_ban {
	struct tg_addr base; /* port 0 */
	uint32_t bits;
	uint32_t step;               /* how often it was banned before */
	uint64_t since_us, until_us; /* TG_NEVER: until it is taken back; not after now: it is over */
	enum guard_why why;
	bool allow;     /* it is never held back */
	bool in_kernel; /* not while it has a call */
	char who[32];   /* the operator; "" for the guard itself */
	char text[128];
};

/** For the packet filter and the store. Changes of one address may be joined. until_us 0: over, and nothing is remembered. */
bool guard_next_ban(struct guard *guard, struct guard_ban *out);

/** The prefix lengths that active bans and allowances have: bit n of the row stands for /n. */
enum { GUARD_LENGTH_WORDS = 3 };

void guard_ban_lengths(const struct guard *guard, bool is_six, uint64_t words[GUARD_LENGTH_WORDS]);

/** Somebody in this network is allowed. Looks at allowances alone, however many bans there are. */
bool guard_has_allowed(const struct guard *guard, struct tg_addr base, uint32_t bits);

/** Bans of this network, or of one that it is in: the widest first. cursor starts at 0, false ends. */
bool guard_ban_around(const struct guard *guard, struct tg_addr addr, uint32_t bits, uint32_t *cursor, uint64_t now_us,
                      struct guard_ban *row);

/** For the door: sources that get no answers now, as they begin and end (until_us not after now). */
struct guard_silence {
	struct tg_addr base;
	uint32_t bits;
	uint64_t until_us;
};

bool guard_next_silence(struct guard *guard, struct guard_silence *out);

/* ---- The operator ------------------------------------------------------------------------------------------------ */

/** Ban or allow; for_us 0: until it is taken back. @return NULL, or why not (a constant text) */
const char *guard_ban(struct guard *guard, const struct guard_ban *ban, uint64_t for_us, uint64_t now_us);

/** Take back a ban or allowance, and forget what is held against the address. @return false if there was nothing */
bool guard_unban(struct guard *guard, struct tg_addr base, unsigned bits, uint64_t now_us);

/* ---- What must not be forgotten --------------------------------------------------------------------------------- */

struct guard_network {
	struct tg_addr base; /* family TG_NO_ADDR: none */
	uint32_t seen_day;   /* days since 1970 */
};

/** As model/guardstate.h has it, in the guard's own terms. Times are wall time. */
struct guard_account {
	char name[GUARD_NAME_BYTES];
	uint64_t window_ms, distinct_ms, guarded_until_ms;
	uint32_t failures, distinct, prefix_count;
	uint32_t prefixes[GUARD_PREFIXES];
	struct guard_network networks[GUARD_NETWORKS];
};

/** Accounts that changed since they were told last; the hot ones not more often than once in 10 s. */
bool guard_next_account(struct guard *guard, struct guard_account *out, uint64_t now_us);

/** From the store, at start. Bad ones are left out. */
void guard_restore_account(struct guard *guard, const struct guard_account *account, uint64_t now_us);
void guard_restore_ban(struct guard *guard, const struct guard_ban *ban, uint64_t now_us);

/** This account is at this address: a registration that was restored. */
void guard_restore_network(struct guard *guard, struct tg_span account, struct tg_addr from, uint64_t now_us);

/* ---- For people: cursor starts at 0, false ends ------------------------------------------------------------------- */

struct guard_source_row {
	struct tg_addr addr;
	uint32_t bits, failures, names, healthy, opened, held;
	enum guard_class class;
	enum guard_why step; /* GUARD_PASS, GUARD_DELAYED, GUARD_SILENCED, GUARD_BANNED */
	uint64_t left_us;
};

struct guard_account_row {
	char name[GUARD_NAME_BYTES];
	uint32_t failures, distinct, prefixes, networks;
	uint64_t guarded_us; /* left; 0: not guarded */
};

struct guard_budget_row {
	const char *name, *attack;
	uint64_t limit, used, peak, stopped;
};

struct guard_network_row {
	char account[GUARD_NAME_BYTES];
	struct tg_addr base;
	uint64_t left_us; /* that the account is known there */
};

bool guard_network_row(const struct guard *guard, uint32_t *cursor, uint64_t now_us, struct guard_network_row *row);
bool guard_source_row(const struct guard *guard, uint32_t *cursor, uint64_t now_us, struct guard_source_row *row);
bool guard_account_row(const struct guard *guard, uint32_t *cursor, uint64_t now_us, struct guard_account_row *row);
bool guard_ban_row(const struct guard *guard, uint32_t *cursor, uint64_t now_us, struct guard_ban *row);

/** Allowances alone, however many bans there are. It begins again when the one it was at has ended. */
bool guard_allowed_row(const struct guard *guard, uint32_t *cursor, uint64_t now_us, struct guard_ban *row);

/** Bans and allowances as the store has them: also what is over (until_us not after now) and makes the next one longer. */
bool guard_kept_ban(const struct guard *guard, uint32_t *cursor, struct guard_ban *row);

bool guard_budget_row(const struct guard *guard, uint32_t *cursor, uint64_t now_us, struct guard_budget_row *row);

/** Every index, list and count in the block. @return NULL if all is well, else what is wrong; for tests */
const char *guard_check(const struct guard *guard);

#endif
