/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_MODEL_RECORD_H
#define TG_MODEL_RECORD_H

#include "base/addr.h"

/** 80 octets and a NUL, rounded up. */
enum { MODEL_NAME_BYTES = 88, MODEL_RULE_BYTES = 96 };

/** How one direction was received. Times in ms. Plain counters over the whole call. */
struct model_report {
	uint32_t packets, lost, out_of_order, dropped;
	uint32_t jitter_ms, delay_ms; /* delay: half the smoothed round trip, as good as it can be known */
};

enum model_disposition {
	MODEL_NO_ANSWER,
	MODEL_ANSWERED,
	MODEL_BUSY,
	MODEL_FAILED,
	MODEL_DISPOSITIONS,
};

const char *model_disposition_name(enum model_disposition disposition);

/** One call, one caller and at most one peer. Times are wall time in ms since 1970, UTC. */
struct model_call_record {
	uint64_t started_ms, answered_ms, ended_ms; /* answered 0: never */
	uint64_t unique;                            /* differs between any two calls of one state directory */
	char caller[MODEL_NAME_BYTES];              /* account; "" for a guest */
	char caller_number[MODEL_NAME_BYTES];
	char dialled[MODEL_NAME_BYTES];
	char context[MODEL_NAME_BYTES];
	char callee[MODEL_NAME_BYTES]; /* peer that answered, else the one called last; "" for none */
	char last_app[16];
	char accountcode[24];
	struct tg_addr caller_addr, callee_addr;
	uint64_t format;
	uint32_t disposition; /* enum model_disposition */
	uint32_t cause;       /* Q.931, 4.7 of the protocol reference */
	struct model_report from_caller, from_callee;
	uint32_t caller_rtt_ms, callee_rtt_ms;
};

/** What a record says of a call that cost money, or was to. All zeros: it did not. */
struct model_paid {
	uint32_t chargeable; /* 1: the last leg, or the one that answered, may have cost money */
	uint32_t class;      /* enum world_class */
	uint32_t why;        /* enum model_reason: why it was refused, or ended by us; 0 for neither */
	uint32_t guest;      /* 1: charged to all guests together */
	uint32_t seconds;    /* charged, over all paid legs of the call */
	uint32_t day, month; /* that they count for, as struct toll_usage has them */
	uint32_t zero;
	char rule[MODEL_RULE_BYTES]; /* that allowed or refused it */
};

/** What an account, a trunk, or all guests together have used up of a class, as the records say. */
struct model_usage {
	char name[MODEL_NAME_BYTES]; /* "" for guests */
	uint32_t role;               /* 0 account, 1 guests, 2 trunk: enum toll_role */
	uint32_t class;              /* enum world_class */
	uint32_t day, month;
	uint32_t day_s, month_s;
	uint32_t day_calls; /* that were answered */
	uint32_t zero;
};

/** For people: what a name uses of a class now, or a limit that is in force for it. */
struct model_usage_row {
	char name[MODEL_NAME_BYTES]; /* "" for guests */
	uint32_t role;               /* as above */
	uint32_t is_limit;           /* 0: the next five count; 1: those behind them */
	uint32_t class;              /* enum world_class */
	uint32_t calls, hour_calls, day_calls, day_s, month_s;
	uint32_t seconds; /* used and most are seconds, not calls */
	uint32_t used, most;
	uint32_t zero;
	uint64_t anew_ms; /* wall time; 0: it is not counted anew */
	char text[MODEL_RULE_BYTES];
};

/** Where a peer registered from. expires_ms 0: it released or was never there. Wall time. */
struct model_binding {
	char name[MODEL_NAME_BYTES];
	struct tg_addr addr;
	struct tg_addr local; /* the address of ours it came to */
	uint64_t expires_ms;
	uint32_t refresh_s;
	uint32_t zero;
};

#endif
