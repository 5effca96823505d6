/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_MODEL_GUARDSTATE_H
#define TG_MODEL_GUARDSTATE_H

#include "model/event.h"

/** What the guard knows and must not forget with its process. The store keeps it; times are wall time in ms. */

enum model_ban_kind {
	MODEL_BAN,   /* gets no answers */
	MODEL_ALLOW, /* is never held back */
	MODEL_BAN_KINDS,
};

/** "ban"; "?" for a number that is none. */
const char *model_ban_kind_name(uint32_t kind);

/** One address or network that is banned or allowed. */
struct model_ban {
	struct model_event_id id; /* of the event that tells it */
	struct tg_addr base;      /* port 0 */
	uint64_t since_ms;
	uint64_t until_ms;  /* 0: until it is taken back; one in the past: take it out */
	uint32_t bits;      /* of the address's own family: 32 and 64 for single sources */
	uint32_t kind;      /* enum model_ban_kind */
	uint32_t step;      /* how often before: decides how long the next one lasts */
	uint32_t reason;    /* enum model_reason */
	uint32_t in_kernel; /* 1: for the packet filter, too; 0: it has a call, and is silenced here only */
	uint32_t zero;
	char who[32]; /* the operator; "" for the exchange itself */
	char text[128];
};

/**
 * How long after its end a ban is remembered: the next one of that network is longer. Only the exchange's own are, and one week
 * for each step they reached.
 */
#define MODEL_BAN_WEEK_MS (UINT64_C(7) * 24 * 3600 * 1000)

/** Not even remembered any more; until_ms 1 stands for one that is to be forgotten at once. */
static inline bool model_ban_is_gone(const struct model_ban *ban, uint64_t now_ms)
{
	const bool is_remembered = ban->kind == MODEL_BAN && ban->who[0] == '\0' && ban->until_ms > 1;
	const uint64_t for_ms = is_remembered ? (ban->step + UINT64_C(1)) * MODEL_BAN_WEEK_MS : 0;

	return ban->until_ms != 0 && ban->until_ms <= now_ms && now_ms - ban->until_ms >= for_ms;
}

enum { MODEL_GUARD_NETWORKS = 8, MODEL_GUARD_PREFIXES = 16 };

/** A network where an account has proven its secret: /24 or /48. */
struct model_guard_network {
	uint8_t prefix[6]; /* IPv4: the last three of six octets */
	uint8_t family;    /* enum tg_family; 0: a free place */
	uint8_t zero;
	uint32_t seen_day; /* days since 1970 of the last success */
};

/** What is remembered of one account. */
struct model_guard_account {
	char name[MODEL_NAME_BYTES];
	uint64_t window_ms;        /* start of the day of failures below */
	uint64_t distinct_ms;      /* start of the 30 days of wrong answers */
	uint64_t guarded_until_ms; /* 0: it is not guarded */
	uint32_t failures;
	uint32_t distinct; /* different wrong answers */
	uint32_t prefix_count;
	uint32_t prefixes[MODEL_GUARD_PREFIXES]; /* hashes of the networks the failures came from */
	uint32_t zero;
	struct model_guard_network networks[MODEL_GUARD_NETWORKS];
};

/** One line of the audit log: what an operator changed by hand. */
struct model_audit {
	uint64_t wall_ms;
	uint32_t uid; /* of who was at the console; UINT32_MAX if unknown */
	uint32_t failed;
	char command[256];
	char result[128];
};

#endif
