/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_MODEL_EVENT_H
#define TG_MODEL_EVENT_H

#include "model/record.h"

/**
 * Security events: what was refused, why, what was done about it, and whom it was. Names and mandatory fields are those that
 * Asterisk's users know, where there are any; the rest are ours. An event is about a proven address, or says that it is not.
 */

/* clang-format off */
#define MODEL_EVENTS(X) \
	X(MODEL_EVENT_NONE, "None") \
	/* known names */ \
	X(MODEL_EVENT_FAILED_ACL, "FailedACL") \
	X(MODEL_EVENT_INVALID_ACCOUNT, "InvalidAccountID") \
	X(MODEL_EVENT_SESSION_LIMIT, "SessionLimit") \
	X(MODEL_EVENT_LOAD_LIMIT, "LoadAverageLimit") \
	X(MODEL_EVENT_REQUEST_NOT_ALLOWED, "RequestNotAllowed") \
	X(MODEL_EVENT_BAD_FORMAT, "RequestBadFormat") \
	X(MODEL_EVENT_SUCCESSFUL_AUTH, "SuccessfulAuth") \
	X(MODEL_EVENT_UNEXPECTED_ADDRESS, "UnexpectedAddress") \
	X(MODEL_EVENT_CHALLENGE_FAILED, "ChallengeResponseFailed") \
	/* ours: probes and proof */ \
	X(MODEL_EVENT_SCANNER, "ScannerDetected") \
	X(MODEL_EVENT_DECOY, "DecoyUsed") \
	X(MODEL_EVENT_TOKEN_MISSING, "TokenMissing") \
	/* guessing */ \
	X(MODEL_EVENT_GUESSING, "AccountGuessing") \
	X(MODEL_EVENT_UNDER_ATTACK, "AccountUnderAttack") \
	X(MODEL_EVENT_SPRAY, "PasswordSpray") \
	X(MODEL_EVENT_STALE, "StaleCredential") \
	X(MODEL_EVENT_GUARDED, "GuardedRefusal") \
	X(MODEL_EVENT_GUARDED_END, "GuardedEnd") \
	/* what was done */ \
	X(MODEL_EVENT_DELAYED, "Delayed") \
	X(MODEL_EVENT_SILENCED, "Silenced") \
	X(MODEL_EVENT_BANNED, "Banned") \
	X(MODEL_EVENT_UNBANNED, "Unbanned") \
	X(MODEL_EVENT_BAN_REFUSED, "BanRefused") \
	X(MODEL_EVENT_SHED_START, "ShedStart") \
	X(MODEL_EVENT_SHED_STOP, "ShedStop") \
	/* sessions and configuration */ \
	X(MODEL_EVENT_HALF_OPEN, "HalfOpenLimit") \
	X(MODEL_EVENT_MOVED, "RegistrationMoved") \
	X(MODEL_EVENT_LOADED, "ConfigLoaded") \
	X(MODEL_EVENT_LOAD_REFUSED, "ConfigRefused") \
	X(MODEL_EVENT_SECRET_WEAK, "SecretWeak") \
	/* paid calls */ \
	X(MODEL_EVENT_PAID_REFUSED, "PaidCallRefused") \
	X(MODEL_EVENT_PAID_ENDED, "PaidCallEnded")

/**
 * Why something was refused or held back: code for scripts, a text for people, and what an operator can do about it. The one
 * list for logs, events, the console and explain.
 */
#define MODEL_REASONS(X) \
	X(MODEL_WHY_OK, "ok", "nothing speaks against it", "") \
	/* who it is */ \
	X(MODEL_WHY_NO_ACCOUNT, "no-account", "no such account", \
	  "if the name is right, add a section of that name to iax.conf: type=user for calls, type=peer for registrations") \
	X(MODEL_WHY_NO_GUEST, "no-guest", "nobody may call without a name", \
	  "let the caller send a user name, or add a type=user section without a secret and with a context of its own") \
	X(MODEL_WHY_ACL, "acl", "address not permitted", "see permit=, deny= and acl= of the account") \
	X(MODEL_WHY_CONTEXT, "context", "context not allowed", "list the context with context= in the account") \
	X(MODEL_WHY_TOKEN, "token-latched", "call token required by now", \
	  "this account has used call tokens before (requirecalltoken=auto); set requirecalltoken=no for a device without them") \
	X(MODEL_WHY_STATIC, "static", "not a dynamic peer", "set host=dynamic if it is to register") \
	X(MODEL_WHY_NO_SECRET, "no-secret", "no secret to register with", "give the account a secret") \
	X(MODEL_WHY_TOO_MANY, "too-many-challenges", "too many unanswered challenges", "see maxauthreq=") \
	X(MODEL_WHY_NO_ANSWER, "no-credentials", "no credentials in the answer", "the client must use MD5 authentication") \
	X(MODEL_WHY_OTHER_NAME, "other-name", "another name than in the request", "the client changes its name between two messages") \
	X(MODEL_WHY_NOT_BOUND, "not-registered", "not registered", "it released a registration that was not there") \
	X(MODEL_WHY_NO_ROOM, "no-room", "no room for another registration", "see calls= and the number of peers") \
	X(MODEL_WHY_WRONG, "wrong-secret", "wrong secret", "compare the secrets at both ends") \
	/* what it wants */ \
	X(MODEL_WHY_NO_EXTEN, "no-extension", "no such extension in the context", "see dialplan show NUMBER@CONTEXT") \
	X(MODEL_WHY_NO_CODEC, "no-codec", "no codec in common", "see allow= of the account, and the client's codecs") \
	X(MODEL_WHY_NO_CALLS, "no-calls", "no room for calls", "see calls=") \
	X(MODEL_WHY_STOPPING, "stopping", "the exchange is stopping", "") \
	/* how often, and from whom: the guard */ \
	X(MODEL_WHY_GUARDED, "guarded", "the account is under attack, and this network is not known for it", \
	  "guard allow ADDRESS reason TEXT, if it is the owner; or wait for 24 hours without a failure") \
	X(MODEL_WHY_STALE, "stale-secret", "the same wrong secret again and again", "a device of the owner has an old secret: correct it there") \
	X(MODEL_WHY_TRIES, "too-many-tries", "too many wrong secrets from this address", "guard unban ADDRESS reason TEXT; see guard show sources") \
	X(MODEL_WHY_PAIR, "account-held-back", "too many wrong secrets for this account from a shared address", \
	  "others behind the address go on; correct the device, or guard unban ADDRESS reason TEXT") \
	X(MODEL_WHY_DECOY, "decoy", "the name of a decoy account", "nobody has a reason to use it") \
	X(MODEL_WHY_RATE, "rate", "more openings than its budget from this address", "guard show budgets; see newdialogs=") \
	X(MODEL_WHY_RATE_NETWORK, "rate-network", "more openings than its budget from this network", "guard show budgets; see newdialogs=") \
	X(MODEL_WHY_RATE_STRANGERS, "rate-strangers", "more openings of strangers than the budget of all", "guard show budgets; see strangers=") \
	X(MODEL_WHY_DELAYED, "delayed", "only one request in four of this address is taken now", "guard unban ADDRESS reason TEXT") \
	X(MODEL_WHY_SILENCED, "silenced", "this address gets no answers now", "guard unban ADDRESS reason TEXT") \
	X(MODEL_WHY_BANNED, "banned", "this address is banned", "guard unban ADDRESS reason TEXT") \
	X(MODEL_WHY_FINGERPRINT, "fingerprint", "looks like a scanning tool", "see fingerprints.conf") \
	/* before any account is looked at */ \
	X(MODEL_WHY_NUMBERS, "call-numbers", "call number limit of the address is reached", \
	  "see maxcallnumbers=, [callnumberlimits] and iax2 show callnumber usage") \
	X(MODEL_WHY_NUMBERS_UNPROVEN, "call-numbers-nonvalidated", "limit for callers without call tokens is reached", \
	  "see maxcallnumbers_nonvalidated=") \
	X(MODEL_WHY_NO_TOKEN, "no-token", "call token missing but required", \
	  "set requirecalltoken=no and permit= for an old device, or list its network with calltokenoptional=") \
	X(MODEL_WHY_BUSY_DOOR, "shed", "more requests than can be answered", "strangers wait while known networks are served") \
	/* paid calls */ \
	X(MODEL_WHY_PAID_DENIED, "paid-denied", "the policy does not allow this number", \
	  "tollgate explain --user NAME --number N; see allow= and deny= of the policy in tollgate.conf") \
	X(MODEL_WHY_PAID_GUEST, "paid-guest", "nobody without a secret may make such a paid call", \
	  "give the caller an account with a secret; or see [policy guests], and chargeable=no for a trunk that costs nothing") \
	X(MODEL_WHY_PAID_TIMES, "paid-times", "outside of the hours of the policy", "see times= of the policy, and timezone=") \
	X(MODEL_WHY_PAID_CALLS, "paid-calls", "as many paid calls at once as the policy allows", "see calls= of the policy") \
	X(MODEL_WHY_PAID_LONGEST, "paid-longest", "the call was as long as the policy allows", "see longest= of the policy") \
	X(MODEL_WHY_PAID_DAY, "paid-day", "the minutes of the day are used up", "see daily= of the policy") \
	X(MODEL_WHY_PAID_MONTH, "paid-month", "the minutes of the month are used up", "see monthly= of the policy") \
	X(MODEL_WHY_PAID_RECORDS, "paid-records", "call records cannot be kept now, so there are no paid calls", \
	  "see why the store does not answer, and the disk") \
	X(MODEL_WHY_PAID_ROOM, "paid-room", "there is no room to count another paid call", "see calls=, and the number of accounts") \
	X(MODEL_WHY_PAID_HOUR_CALLS, "paid-hour-calls", "as many new paid calls in an hour as the policy allows", \
	  "see newcalls= of the policy, and tollgate -x \"toll show usage\"") \
	X(MODEL_WHY_PAID_DAY_CALLS, "paid-day-calls", "as many new paid calls in a day as the policy allows", \
	  "see newcalls= of the policy, and tollgate -x \"toll show usage\"")

#define X(name, text) name,
enum model_event_kind { MODEL_EVENTS(X) MODEL_EVENT_KINDS };
#undef X
#define X(name, code, text, mend) name,
enum model_reason { MODEL_REASONS(X) MODEL_REASON_COUNT };
#undef X
/* clang-format on */

/** What was done with the request or its sender. */
#define MODEL_ACTIONS(X)                                                                        \
	X(MODEL_ACTION_NONE, "none")                                                            \
	X(MODEL_ACTION_OBSERVE, "observe") /* it would have been delayed, silenced or banned */ \
	X(MODEL_ACTION_DELAY, "delay")                                                          \
	X(MODEL_ACTION_SILENCE, "silence")                                                      \
	X(MODEL_ACTION_KERNEL, "kernel")

/** Who it was, as far as the exchange knew at that moment. */
#define MODEL_CLASSES(X)                                            \
	X(MODEL_CLASS_LOCAL, "local")                               \
	X(MODEL_CLASS_PEER, "peer")                                 \
	X(MODEL_CLASS_ACTIVE, "active")                             \
	X(MODEL_CLASS_KNOWN, "known")                               \
	X(MODEL_CLASS_NEW, "stranger+") /* proven, nothing known */ \
	X(MODEL_CLASS_STRANGER, "stranger")                         \
	X(MODEL_CLASS_SUSPECT, "suspect")                           \
	X(MODEL_CLASS_BANNED, "banned")

#define X(name, text) name,
enum model_action { MODEL_ACTIONS(X) MODEL_ACTION_COUNT };
enum model_class { MODEL_CLASSES(X) MODEL_CLASS_COUNT };
#undef X

const char *model_event_name(enum model_event_kind kind);
const char *model_reason_code(enum model_reason reason);
const char *model_reason_text(enum model_reason reason);
const char *model_reason_mend(enum model_reason reason);
const char *model_action_name(enum model_action action);
const char *model_class_name(enum model_class class);

/** What was asked for. */
enum model_request {
	MODEL_REQUEST_NONE,
	MODEL_REQUEST_CALL,
	MODEL_REQUEST_REGISTER,
	MODEL_REQUEST_RELEASE,
	MODEL_REQUESTS
};

/** Sorts by time; 32 hexadecimal digits for people. */
struct model_event_id {
	uint64_t time; /* wall time in ms << 16, and a count within it */
	uint64_t salt; /* random: an id cannot be guessed */
};

enum { MODEL_EVENT_ID_TEXT_BYTES = 33 };

const char *model_event_id_format(struct model_event_id id, char text[MODEL_EVENT_ID_TEXT_BYTES]);
TG_MUST_USE bool model_event_id_parse(struct model_event_id *out, struct tg_span text);

struct model_event {
	struct model_event_id id;
	uint64_t wall_ms;
	uint64_t until_ms;   /* of what was done; 0 for no end or nothing done. Wall time */
	uint32_t kind;       /* enum model_event_kind */
	uint32_t reason;     /* enum model_reason */
	uint32_t action;     /* enum model_action */
	uint32_t class;      /* enum model_class */
	uint32_t request;    /* enum model_request */
	uint32_t validated;  /* 1: the sender proved its address */
	uint32_t suppressed; /* so many like this were not told before */
	uint32_t bits;       /* of remote, when it stands for a network; else 0 */
	uint32_t count;      /* kind's own number: failures, accounts, openings */
	uint32_t prefixes;   /* networks that took part */
	uint64_t call;       /* unique of the call record; 0 for none */
	struct tg_addr remote, local;
	char account[MODEL_NAME_BYTES]; /* as claimed: an attacker's text */
	char exten[MODEL_NAME_BYTES];   /* the number called: the same */
	char context[MODEL_NAME_BYTES];
	char rule[64];  /* the rule, limit or fingerprint, with its value */
	char who[32];   /* an operator; "" for the exchange itself */
	char text[128]; /* an operator's reason, or a fact of ours */
};

/** The files of the state folder that security events are written to: plain lines, security events, an object a line. */
#define MODEL_EVENT_FILES(X)                              \
	X(MODEL_EVENT_FILE_PLAIN, "security.log")         \
	X(MODEL_EVENT_FILE_EVENTS, "security-events.log") \
	X(MODEL_EVENT_FILE_JSON, "security.json")

#define X(name, text) name,
enum model_event_file { MODEL_EVENT_FILES(X) MODEL_EVENT_FILE_COUNT };
#undef X

/** "security.log" */
const char *model_event_file_name(enum model_event_file file);

#endif
