/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IPC_ROWS_H
#define TG_IPC_ROWS_H

#include "base/addr.h"
#include "ipc/head.h"
#include "model/guardstate.h"
#include "model/record.h"

/** Rows: the answers to the desk's questions, one record each. `query` is that of the question. Checked as all records (ipc/msg.h). */

/** State of one peer that the world names; its configuration is in the world. */
struct ipc_peer_row {
	struct ipc_head head;
	uint64_t query;
	char name[IPC_NAME_BYTES];
	struct tg_addr addr; /* family 0: not registered, or not resolved */
	uint32_t expires_s;  /* until the registration ends; 0 if it has none */
	int32_t rtt_ms;      /* last qualify; -1 none yet, -2 no answer */
	uint32_t latched;    /* requirecalltoken=auto has become yes: bit 1 for calls, 2 for registrations */
	uint32_t zero;
};

/** One leg that is alive. */
struct ipc_channel_row {
	struct ipc_head head;
	uint64_t query;
	char channel[IPC_NAME_BYTES + 16]; /* "IAX2/alice-1234", or "(None)" */
	char user[IPC_NAME_BYTES];
	char caller_number[IPC_NAME_BYTES]; /* of who began the call */
	char context[IPC_NAME_BYTES];
	char exten[IPC_NAME_BYTES];
	char app[32];
	char app_args[128];
	char bridged_to[IPC_NAME_BYTES + 16];
	char state[16];                   /* "Down", "Ring", "Ringing", "Up" */
	char first_msg[16], last_msg[16]; /* "Rx:NEW", "Tx:ACK" */
	char kind[16];                    /* "call", "registration", "poke" */
	struct tg_addr peer;
	uint64_t format;
	uint32_t priority;
	uint32_t call_id; /* same for all legs of one call; 0 for none */
	uint32_t seconds;
	uint16_t local_number, remote_number;
	uint16_t oseqno, iseqno;
	uint32_t rtt_ms, lag_ms, jitter_ms;
	uint8_t proven, authenticated, encrypted, opened_by_us;
	struct model_report local, remote; /* reception here; reception there as last told */
};

struct ipc_registry_row {
	struct ipc_head head;
	uint64_t query;
	char host[IPC_NAME_BYTES];
	char username[IPC_NAME_BYTES];
	char state[24]; /* "Unregistered", "Request Sent", "Auth. Sent", "Registered", "Rejected", "Timeout", ... */
	struct tg_addr perceived;
	uint32_t refresh_s;
	uint32_t is_registered; /* 1: granted, and nothing is under way; the state is for people */
};

struct ipc_numbers_row {
	struct ipc_head head;
	uint64_t query;
	struct tg_addr addr; /* family 0: the totals */
	uint32_t used, limit, peak, refused;
	uint32_t nonvalidated_used, nonvalidated_limit, available;
	uint32_t origin;                  /* of the limit: enum ipc_limit_origin */
	char origin_name[IPC_NAME_BYTES]; /* the peer's, or the range */
};

enum ipc_limit_origin { IPC_LIMIT_GLOBAL, IPC_LIMIT_RANGE, IPC_LIMIT_PEER, IPC_LIMIT_ORIGINS };

/** "global"; "?" for a number that is none. */
const char *ipc_limit_origin_name(uint32_t origin);

struct ipc_event_row {
	struct ipc_head head;
	uint64_t query;
	struct model_event event;
};

struct ipc_audit_row {
	struct ipc_head head;
	uint64_t query;
	struct model_audit audit;
};

struct ipc_ban_row {
	struct ipc_head head;
	uint64_t query;
	struct model_ban ban;
};

/** An address that the guard remembers something of. */
struct ipc_source_row {
	struct ipc_head head;
	uint64_t query;
	struct tg_addr addr;
	uint32_t bits;
	uint32_t class;    /* enum model_class */
	uint32_t step;     /* enum model_action */
	uint32_t failures; /* different wrong answers in its budget */
	uint32_t names;    /* accounts it tried */
	uint32_t healthy;  /* accounts that succeed from there */
	uint32_t opened;   /* openings taken in all */
	uint32_t held;     /* openings and tries held back in all */
	uint64_t left_s;   /* until the step ends */
};

/** An account that the guard remembers something of. */
struct ipc_account_row {
	struct ipc_head head;
	uint64_t query;
	char name[IPC_NAME_BYTES];
	uint32_t failures, distinct, prefixes, networks;
	uint64_t guarded_s; /* how long it stays guarded; 0: it is not */
};

/** A limit, what is used of it, and what it stopped. */
struct ipc_budget_row {
	struct ipc_head head;
	uint64_t query;
	char name[48];
	char attack[96]; /* what it stops */
	uint64_t limit, used, peak, stopped;
};

/** What paid calls use, and what limits them. */
struct ipc_usage_row {
	struct ipc_head head;
	uint64_t query;
	struct model_usage_row usage;
};

struct ipc_counter_row {
	struct ipc_head head;
	uint64_t query;
	char name[64]; /* "door.bad_token" */
	uint64_t value;
	uint32_t idle; /* 1: one of many reasons, which never was: not for people */
	uint32_t zero;
};

/** Of the parent's row alone: when it was started; loads, at the start and on demand, and what became of them. */
struct ipc_process_row {
	struct ipc_head head;
	uint64_t query;
	char name[16];
	uint32_t pid; /* 0: it is away */
	uint32_t restarts;
	uint64_t up_s;
	uint64_t started_ms;   /* wall time */
	uint64_t last_load_ms; /* of the last configuration that was read; wall time */
	uint32_t loads, loads_failed;
	uint32_t last_load_failed; /* 1: what was loaded before is still used */
	uint32_t zero;
};

struct ipc_record_row {
	struct ipc_head head;
	uint64_t query;
	struct model_call_record record;
	struct model_paid paid;
};

#endif
