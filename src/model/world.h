/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_MODEL_WORLD_H
#define TG_MODEL_WORLD_H

#include "base/addr.h"
#include "base/bytes.h"

/**
 * The world: all that the configuration says, except secrets, as one read-only image without pointers. The loader
 * builds it, everybody else maps it. Whoever maps it calls world_check() once; after that every accessor is safe.
 * Texts are NUL-terminated inside the image.
 */

enum {
	WORLD_MAGIC = 0x54475731,
	WORLD_VERSION = 9,
	WORLD_NAME_MAX = 80,      /* octets of an account's, context's or extension's name */
	WORLD_TEXT_MAX = 8191,    /* octets of any text */
	WORLD_INCLUDE_DEPTH = 64, /* contexts on top of each other */
	WORLD_THREADS_MAX = 64,
	WORLD_CALLS_MAX = 100000,
	WORLD_CODECS_MAX = 24,
	WORLD_PREFIX_MAX = 16,     /* "+" and fifteen digits */
	WORLD_POLICY_DEPTH = 16,   /* policies on top of each other */
	WORLD_ACCESS_CODES = 4,    /* international prefixes of one way to dial */
	WORLD_INTERNAL_MAX = 15,   /* digits of a number of one's own */
	WORLD_LIMIT_MAX = 1 << 30, /* of calls, or of seconds */
	WORLD_DAY_MINUTES = 1440,
};

/** Bits of auth_methods, as in AUTHMETHODS (RFC 5456, 8.6.13). */
enum world_auth {
	WORLD_AUTH_MD5 = 2,
	WORLD_AUTH_RSA = 4,
};

/* Names of generated rows, in front of an account's own name; no account of the files may begin with them. */
#define WORLD_FRONT_TO "front."     /* the peer and the context that carry its calls on to the backend */
#define WORLD_FRONT_FROM "backend." /* the user and the context of what the backend calls as that name */

/** A text in the image's pool; offset counts from the pool's start; len 0 means absent or empty. */
struct world_text {
	uint32_t offset;
	uint32_t len;
};

/** A run of rows in one of the image's tables. */
struct world_run {
	uint32_t first;
	uint32_t count;
};

enum world_tri {
	WORLD_DEFAULT,
	WORLD_NO,
	WORLD_YES,
	WORLD_AUTO,
	WORLD_TRIS,
};

enum world_codec_priority {
	WORLD_CODEC_HOST,
	WORLD_CODEC_CALLER,
	WORLD_CODEC_DISABLED,
	WORLD_CODEC_REQONLY,
	WORLD_CODEC_PRIORITIES,
};

enum world_acl_verdict {
	WORLD_ACL_DENY,
	WORLD_ACL_PERMIT,
	WORLD_ACL_AND, /* the list ends here; what follows is one more list, which must let the address in, too */
	WORLD_ACL_VERDICTS,
};

/** A place in a configuration file, for people. */
struct world_origin {
	struct world_text file;
	uint32_t line;
	uint32_t zero;
};

/** permit/deny in file order; the last matching rule wins (asterisk-compat 2.6). */
struct world_acl_rule {
	struct tg_addr base;
	uint8_t bits;   /* of the address's own family */
	uint8_t permit; /* enum world_acl_verdict */
	uint8_t zero[6];
	struct world_origin origin; /* no file: follows from the others of its list */
};

/** An address range with a value: calltokenoptional (value unused), callnumberlimits. Longest prefix wins. */
struct world_range {
	struct tg_addr base;
	uint8_t bits;
	uint8_t zero[3];
	uint32_t value;
	struct world_origin origin;
};

/** An ordered codec list: formats[0] is preferred. mask is the OR of all. */
struct world_codecs {
	uint64_t mask;
	uint32_t count;
	uint32_t zero;
	uint64_t formats[WORLD_CODECS_MAX];
};

struct world_variable {
	struct world_text name, value;
};

/** type=user, and the calling half of type=friend. */
struct world_user {
	struct world_text name;
	struct world_origin origin;
	struct world_run contexts;  /* texts; the first is the default one, "*" allows any */
	struct world_run acl;       /* acl rules */
	struct world_run variables; /* setvar */
	struct world_codecs codecs;
	struct world_text callerid_name, callerid_number; /* override what the caller sent */
	struct world_text accountcode, language;
	struct world_text start;    /* in front of a backend: the context its calls begin in, whatever they ask for */
	uint32_t max_auth_req;      /* maxauthreq */
	uint16_t auth_methods;      /* IAX_AUTH_*; 0 for no authentication (no secret, no inkeys) */
	uint8_t codec_priority;     /* enum world_codec_priority */
	uint8_t require_call_token; /* enum world_tri */
	uint8_t acl_v4, acl_v6;     /* there are rules of this family; the other family is then denied */
	uint8_t has_secret;
	uint8_t immediate;
	uint8_t decoy;       /* nobody uses it: who tries is no friend */
	uint8_t roaming;     /* its owner comes from anywhere: guarded mode lets a try in now and then */
	uint8_t weak_secret; /* one of its secrets is easy to guess */
	uint8_t may_spend;   /* nobody needs a secret for it, and its calls may reach paid trunks all the same */
	uint32_t policy;     /* row + 1 of its policy for paid calls; 0: that of all accounts, or of guests */
	uint32_t numbers;    /* row + 1 of how it dials; 0: as all do */
	uint8_t of_backend;  /* what the backend calls as; nobody else can, whatever he says he is */
	uint8_t zero[7];
};

enum world_host {
	WORLD_HOST_DYNAMIC,
	WORLD_HOST_STATIC, /* addr is set if the name was resolved */
	WORLD_HOSTS,
};

/** type=peer, and the called half of type=friend. */
struct world_peer {
	struct world_text name;
	struct world_origin origin;
	struct world_text host_text; /* as written: "dynamic", an address or a name */
	struct tg_addr addr;       /* static: address; family 0 while a name is not resolved. The port is always set */
	struct tg_addr default_ip; /* defaultip */
	struct tg_addr source;     /* sourceaddress; family 0 for any */
	struct world_run acl;
	struct world_codecs codecs;
	struct world_text username; /* presented to the peer */
	struct world_text peercontext, description, mailbox, regexten;
	struct world_text callerid_name, callerid_number; /* in REGACK */
	uint32_t qualify_ms;                              /* 0: off; else the limit */
	uint32_t qualify_ok_ms, qualify_notok_ms;
	uint32_t max_call_numbers;  /* 0: not set */
	uint16_t auth_methods;      /* for its registrations; 0 only without a secret: then nobody can register */
	uint8_t host_kind;          /* enum world_host */
	uint8_t require_call_token; /* enum world_tri */
	uint8_t qualify_smoothing, send_ani;
	uint8_t acl_v4, acl_v6;
	uint8_t has_secret;
	uint8_t trunk;
	uint8_t decoy, roaming, weak_secret; /* as of a user */
	uint8_t chargeable;                  /* calls to it may cost money */
	uint8_t to_backend; /* carries an account's calls on to the backend, with the context asked for */
	uint8_t zero[1];
	uint32_t policy;  /* row + 1 of the policy of all paid calls to it; 0: that of all trunks */
	uint32_t numbers; /* row + 1 of how numbers are sent to it; 0: as the caller dials */
};

/** An outgoing registration: `register =>` or a section with type=registration. */
struct world_registration {
	struct world_text name; /* names its secret in the vault; unique: "register:<n>" or the section's name */
	struct world_origin origin;
	struct world_text username, host_text;
	struct tg_addr addr;   /* family 0 while a name is not resolved; the port is always set */
	struct tg_addr source; /* our address for it; family 0 for any */
	uint32_t refresh_s;
	uint32_t bound_to; /* row + 1 of a peer: only while that one is registered with us; 0: always */
};

enum { WORLD_BINDS_MAX = 16 };

enum world_guard_mode {
	WORLD_GUARD_OFF,     /* limits of call numbers and half-open dialogs alone */
	WORLD_GUARD_OBSERVE, /* says what it would do */
	WORLD_GUARD_ENFORCE,
	WORLD_GUARD_MODES,
};

/** Where an account with requirecalltoken=no or auto, and without permit=, may come from without a call token. */
enum world_tokenless {
	WORLD_TOKENLESS_ANYWHERE,
	WORLD_TOKENLESS_KNOWN, /* networks where this account proved its secret, its static host, and calltokenoptional= */
	WORLD_TOKENLESS_PLACES,
};

/** [guard] of tollgate.conf. A rate is so many in its time, and `burst` at once. */
struct world_guard {
	uint32_t mode;                                     /* enum world_guard_mode */
	uint32_t new_dialogs_per_s, new_dialogs_burst;     /* of one source that is not known: 4, 20 */
	uint32_t known_dialogs_per_s, known_dialogs_burst; /* of one from a known network: 50, 500 */
	uint32_t strangers_per_s;                          /* openings of all that are not known: 2000 */
	uint32_t failures_per_min, failures_burst;         /* wrong secrets of one source: 1, 10 */
	uint32_t names_per_10min;                          /* account names one source may try: 5 */
	uint32_t delay_at, silence_at, kernel_at;          /* different wrong answers of one source: 3, 6, 10 */
	uint32_t step_s;                                   /* how long delay, silence and the first ban last: 600 */
	uint32_t account_failures, account_prefixes;       /* in a day: 20 from 5 networks */
	uint32_t account_distinct;                         /* different wrong answers in 30 days: 50 */
	uint32_t spray_accounts, spray_prefixes;           /* in an hour: 50 from 20 networks */
	uint32_t known_days;                               /* a network is known so long after a success: 30 */
	uint8_t kernel;                                    /* bans go to the packet filter, too */
	uint8_t tokenless;                                 /* enum world_tokenless */
	uint8_t zero[2];
};

/** What a fingerprint looks at: numbers read from an opening frame or from credentials. */
enum world_fact {
	WORLD_FACT_SUBCLASS,      /* of the frame that opened the dialog */
	WORLD_FACT_SOURCE,        /* its source call number */
	WORLD_FACT_TIMESTAMP,     /* its timestamp in ms */
	WORLD_FACT_LENGTH,        /* octets of the datagram */
	WORLD_FACT_ELEMENTS,      /* how many elements */
	WORLD_FACT_DUPLICATES,    /* how many of them stand twice */
	WORLD_FACT_FIRST_ELEMENT, /* the number of the first one */
	WORLD_FACT_HAS_USERNAME,
	WORLD_FACT_HAS_VERSION,
	WORLD_FACT_HAS_CAPABILITY,
	WORLD_FACT_HAS_REFRESH,
	WORLD_FACT_EPOCH, /* how far the timestamp is from the wall clock's seconds */
	WORLD_FACT_BOUND, /* 1: this address has a registration */
	WORLD_FACTS,
};

const char *world_fact_name(enum world_fact fact);

enum world_test { WORLD_EQUAL, WORLD_UNEQUAL, WORLD_LESS, WORLD_MORE, WORLD_TESTS };

/** One condition of a fingerprint. */
struct world_condition {
	uint32_t fact; /* enum world_fact */
	uint32_t test; /* enum world_test */
	uint32_t value;
	uint32_t zero;
};

/** A fingerprint matches if all its conditions hold. It classifies; it never bans. */
struct world_fingerprint {
	struct world_text name, provenance;
	struct world_origin origin;
	struct world_run conditions;
	uint32_t score; /* 1..100; from 50 on the sender is a suspect */
	uint32_t zero;
};

/** When clocks change: at_s after midnight of a weekday of the month, week 5 being the last one. */
struct world_change {
	uint8_t month, week, weekday; /* 1..12, 1..5, 0 (Sunday)..6 */
	uint8_t zero;
	int32_t at_s; /* on the clock that is wrong afterwards */
};

/** A time zone; all zeros is UTC. */
struct world_zone {
	int32_t standard_s, summer_s;   /* ahead of UTC */
	struct world_change begin, end; /* of summer time; month 0: there is none */
};

/* ---- Paid calls ---- */

/** What a number is, from the cheapest to the worst. Where a number can be read in two ways, the higher one counts. */
#define WORLD_CLASS_LIST(X)                         \
	X(WORLD_CLASS_EMERGENCY, "emergency")       \
	X(WORLD_CLASS_INTERNAL, "internal")         \
	X(WORLD_CLASS_TOLLFREE, "tollfree")         \
	X(WORLD_CLASS_NATIONAL, "national")         \
	X(WORLD_CLASS_MOBILE, "mobile")             \
	X(WORLD_CLASS_SHARED, "shared")             \
	X(WORLD_CLASS_INTL_LOW, "intl-low")         \
	X(WORLD_CLASS_INTL_MID, "intl-mid")         \
	X(WORLD_CLASS_INTL_HIGH, "intl-high")       \
	X(WORLD_CLASS_SATELLITE, "satellite")       \
	X(WORLD_CLASS_PREMIUM, "premium-national")  \
	X(WORLD_CLASS_PREMIUM_INTL, "premium-intl") \
	X(WORLD_CLASS_UNKNOWN, "unknown")           \
	X(WORLD_CLASS_TEST_NUMBER, "test-number")

#define X(name, text) name,
enum world_class { WORLD_CLASS_LIST(X) WORLD_CLASSES };
#undef X

const char *world_class_name(enum world_class class);

/**
 * A line of the list of destinations. Sorted by world_destination_compare(); `up` leads from a row to all others that begin a
 * number that begins with it, longest first.
 */
struct world_destination {
	char prefix[20]; /* "+49": of a number as the world knows it; "118": as it is dialled. Padded with NUL */
	uint32_t up;     /* row + 1; 0: none */
	struct world_origin origin; /* no file: a row of the list that the program brings along */
	struct world_text note;
	char region[4];    /* "DE", "*" for the same class from everywhere, or "": of all who share the calling code */
	uint8_t class;     /* enum world_class: as seen from the region itself */
	uint8_t exact;     /* the whole number, not its beginning */
	uint8_t exception; /* goes before all rows that are none */
	uint8_t min_digits;
};

/** What a number is that is dialled without any code in front. */
enum world_bare { WORLD_BARE_EITHER, WORLD_BARE_NATIONAL, WORLD_BARE_INTERNATIONAL, WORLD_BARES };

/** How numbers are dialled: [numbers] and [numbers NAME] of tollgate.conf. */
struct world_numbers {
	struct world_text name; /* "" for the one of all */
	struct world_origin origin;
	char country[8];  /* calling code: "49"; "" if it is not known */
	char region[4];   /* "DE" */
	char national[8]; /* prefix of national numbers: "0"; "": they have none */
	char international[WORLD_ACCESS_CODES][8];
	uint8_t internal_digits; /* so many digits at most are a number of one's own */
	uint8_t bare;            /* enum world_bare */
	uint8_t zero[2];
};

enum world_policy_kind {
	WORLD_POLICY_ALLOW,
	WORLD_POLICY_DENY,
	WORLD_POLICY_CALLS,   /* at once */
	WORLD_POLICY_LONGEST, /* seconds of a call */
	WORLD_POLICY_DAILY,   /* seconds of a day */
	WORLD_POLICY_MONTHLY,
	WORLD_POLICY_TIMES,      /* days and hours: any of them will do */
	WORLD_POLICY_HOUR_CALLS, /* that begin in an hour */
	WORLD_POLICY_DAY_CALLS,
	WORLD_POLICY_KINDS,
};

/** One word of a line of a policy. */
struct world_policy_rule {
	struct world_origin origin;
	struct world_text text;    /* the line, for people */
	uint32_t kind;             /* enum world_policy_kind */
	uint32_t classes;          /* a bit each; 0 for ALLOW and DENY of a prefix */
	uint32_t value;            /* CALLS, HOUR_CALLS, DAY_CALLS: how many; LONGEST, DAILY, MONTHLY: seconds */
	char prefix[20];           /* ALLOW, DENY: "+49..."; "" for classes */
	uint32_t days;             /* TIMES: bit 0 is Monday */
	uint32_t from_min, to_min; /* TIMES: of the day; to may be less than from: over midnight */
};

struct world_policy {
	struct world_text name;
	struct world_origin origin;
	struct world_run rules; /* in file order */
	uint32_t parent;        /* row + 1; 0 for none */
	uint32_t depth;         /* above that of its parent */
	uint8_t closed;         /* it has ALLOW lines: what they do not name is denied */
	uint8_t zero[7];
};

/** What is the same for all paid calls. Rows + 1; 0 for none. */
struct world_paying {
	uint32_t numbers;                /* [numbers] */
	uint32_t system, guests, trunks; /* [policy system], [policy guests], [policy trunks] */
	struct world_zone zone;          /* days and hours are those of this place */
};

/** [front] of tollgate.conf: the exchange behind this one. All accounts are its own; what they do is carried on to it. */
struct world_front {
	struct tg_addr backend; /* family 0: there is none */
	struct tg_addr local;   /* ours, as it knows us; family 0: any of ours */
};

/** [general]. Names as in iax.conf; units in the name. */
struct world_settings {
	struct tg_addr binds[WORLD_BINDS_MAX];
	uint32_t bind_count;
	uint32_t threads; /* 1.. */
	uint32_t min_reg_expire_s, max_reg_expire_s;
	uint32_t ping_time_s, lagrq_time_s;
	uint32_t max_call_numbers, max_call_numbers_nonvalidated;
	uint32_t call_token_expiration_s;
	uint32_t max_auth_req;
	uint32_t autokill_ms; /* for peers without qualify; 0: off */
	uint32_t calls_max;   /* legs are twice this plus registrations */
	uint32_t registrations_max;
	uint8_t tos, cos;
	uint8_t call_token_text, delay_reject, stealth, shrink_caller_id;
	uint8_t autofallthrough; /* extensions.conf */
	uint8_t syslog;          /* security events go to the system's log, too */
	struct world_guard guard;
	struct world_front front;
	struct world_zone zone;       /* of this machine, for includes */
	struct world_text regcontext; /* where registrations add extensions; absent: nowhere */
	struct world_paying paying;
};

enum world_app_id {
	WORLD_APP_ANSWER,
	WORLD_APP_BUSY,
	WORLD_APP_CONGESTION,
	WORLD_APP_DIAL,
	WORLD_APP_ECHO,
	WORLD_APP_GOSUB,
	WORLD_APP_GOSUBIF,
	WORLD_APP_GOTO,
	WORLD_APP_GOTOIF,
	WORLD_APP_GOTOIFTIME,
	WORLD_APP_HANGUP,
	WORLD_APP_MILLIWATT,
	WORLD_APP_NOOP,
	WORLD_APP_PLAYBACK,
	WORLD_APP_PLAYTONES,
	WORLD_APP_PROCEEDING,
	WORLD_APP_PROGRESS,
	WORLD_APP_RETURN,
	WORLD_APP_RINGING,
	WORLD_APP_SENDDTMF,
	WORLD_APP_SET,
	WORLD_APP_STACKPOP,
	WORLD_APP_STOPPLAYTONES,
	WORLD_APP_VERBOSE,
	WORLD_APP_WAIT,
	WORLD_APP_WAITEXTEN,
	WORLD_APPS,
};

/** One priority of one extension. */
struct world_step {
	uint32_t priority;
	uint32_t app;           /* enum world_app_id */
	struct world_text args; /* as written, ${...} unexpanded */
	struct world_text label;
	struct world_run registered; /* texts: peers; it is there while one of them is registered. Empty: always */
	struct world_origin origin;
};

/** One extension of a context, plain or pattern; steps are sorted by priority, one step each. */
struct world_exten {
	struct world_text pattern;  /* as written, with its leading "_" */
	struct world_text callerid; /* "pattern/callerid"; see has_callerid */
	struct world_run steps;
	uint8_t is_pattern, has_callerid;
	uint8_t zero[6];
};

/** A context that another one includes; with times, only while they last. */
struct world_include {
	struct world_text name;  /* of a context that exists */
	struct world_text times; /* as written behind the name; empty for always */
	struct world_origin origin;
	uint8_t minutes
		[180]; /* bit n % 8 of octet n / 8: minute n of the day; this and the next three count if is_limited */
	uint32_t days; /* bits 1..31 */
	uint16_t months;  /* bits 1..12 */
	uint8_t weekdays; /* bits 0 (Sunday)..6 */
	uint8_t is_limited;
	uint8_t has_zone; /* its own */
	uint8_t zero[3];
	struct world_zone zone;
};

/** Extensions are sorted by the exact precedence of asterisk-compat 6.3; includes in file order. */
struct world_context {
	struct world_text name;
	struct world_run extens;
	struct world_run includes; /* there is no loop, whatever the time */
	struct world_origin origin;
	uint32_t height;        /* above that of all it includes, so there is no loop; below WORLD_INCLUDE_DEPTH */
	uint8_t has_registered; /* some step of it is there only while a peer is registered */
	uint8_t zero[3];
};

enum world_table {
	WORLD_TEXTS, /* struct world_text: lists of texts (contexts of a user) */
	WORLD_ACL_RULES,
	WORLD_TOKEN_OPTIONAL, /* struct world_range */
	WORLD_NUMBER_LIMITS,  /* struct world_range */
	WORLD_VARIABLES,
	WORLD_USERS, /* in file order */
	WORLD_PEERS, /* in file order */
	WORLD_REGISTRATIONS,
	WORLD_CONTEXTS,
	WORLD_INCLUDES,
	WORLD_EXTENS,
	WORLD_STEPS,
	WORLD_GLOBALS,      /* struct world_variable, from [globals] */
	WORLD_NEVER_BAN,    /* struct world_range: addresses the guard never bans (value unused) */
	WORLD_FINGERPRINTS, /* in file order */
	WORLD_CONDITIONS,   /* of fingerprints */
	WORLD_DESTINATIONS,
	WORLD_NUMBERS,
	WORLD_POLICIES,
	WORLD_POLICY_RULES,
	WORLD_USERS_BY_NAME, /* uint32_t: rows of WORLD_USERS; this and the next two are for the finds below */
	WORLD_PEERS_BY_NAME,
	WORLD_CONTEXTS_BY_NAME,
	WORLD_TABLES,
};

struct world_table_place {
	uint64_t offset;
	uint32_t row_bytes;
	uint32_t count;
};

struct world {
	uint32_t magic, version;
	uint64_t size_bytes;
	uint64_t generation; /* grows with each load */
	struct world_settings settings;
	struct world_table_place tables[WORLD_TABLES];
	uint64_t text_offset, text_bytes; /* the pool of texts; its last octet is NUL */
};

/**
 * Treat an image as hostile: check every offset, run, text and enumerator.
 *
 * @param size_bytes  of the mapping
 * @return NULL if all is well, else what is wrong (a constant text)
 */
TG_MUST_USE const char *world_check(const struct world *world, size_t size_bytes);

/** NUL-terminated, lent by the image; "" for an absent text. */
const char *world_text(const struct world *world, struct world_text text);
struct tg_span world_span(const struct world *world, struct world_text text);

uint32_t world_count(const struct world *world, enum world_table table);
const void *world_row(const struct world *world, enum world_table table, uint32_t index);

/* By exact name, case counts; NULL for none. */
const struct world_user *world_user_find(const struct world *world, struct tg_span name);
const struct world_peer *world_peer_find(const struct world *world, struct tg_span name);
const struct world_context *world_context_find(const struct world *world, struct tg_span name);

/** Whether something comes from, or goes to, the backend itself: its address and port. Never without [front]. */
bool world_is_backend(const struct world *world, struct tg_addr addr);

/** Whether an ACL lets an address in. No rules: yes. v4 and v6: of which families the first list has rules. */
bool world_acl_allows(const struct world *world, struct world_run acl, bool v4, bool v6, struct tg_addr from);

/** The longest prefix of a table of ranges that holds an address; NULL for none. */
const struct world_range *world_range_find(const struct world *world, enum world_table table, struct tg_addr addr);

/** Whether an extension is the one for this number and caller (6.2: pattern, and "pattern/callerid"). */
bool world_exten_matches(const struct world *world, const struct world_exten *exten, struct tg_span number,
                         struct tg_span caller);

/**
 * The order of a context's extensions: pattern_compare(), then those with a caller first; 0 means the same
 * extension.
 */
int world_exten_compare(const struct world *world, const struct world_exten *a, const struct world_exten *b);

/** The order of WORLD_DESTINATIONS: by prefix, the shorter one first; then exact ones, then exceptions. 0: the same row. */
int world_destination_compare(const struct world_destination *a, const struct world_destination *b);

/** The row size of a table, for who builds an image. */
uint32_t world_row_bytes(enum world_table table);

const char *world_app_name(enum world_app_id app);

#endif
