/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_MODEL_RECORD_H
#define TG_MODEL_RECORD_H

#include "base/addr.h"

/** 80 octets and a NUL, rounded up. */
enum { MODEL_NAME_BYTES = 88 };

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
