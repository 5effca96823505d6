/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IPC_MSG_H
#define TG_IPC_MSG_H

#include "base/addr.h"
#include "ipc/head.h"
#include "ipc/rows.h"
#include "model/guardstate.h"
#include "model/listen.h"
#include "model/record.h"

/**
 * Messages between our own processes: fixed-size records over a SOCK_SEQPACKET pair, one record a packet (sys/channel
 * carries them; IPC_CHANNEL and the images ride with descriptors). The receiver treats each as hostile: ipc_check()
 * says whether this sender may send this kind to this receiver in exactly this size; a breach ends the sender.
 * Texts are NUL-terminated inside their arrays; ipc_check() makes sure of it.
 */

enum ipc_proc {
	PROC_PARENT,
	PROC_ENGINE,
	PROC_VAULT,
	PROC_STORE,
	PROC_LOADER,
	PROC_DESK,
	PROC_FENCE,
	PROCS,
};

const char *ipc_proc_name(enum ipc_proc proc);

/* ---- parent <-> all ---- */

/** A new channel to another process; carries one descriptor. Replaces the old one, whose process has died. */
struct ipc_channel {
	struct ipc_head head;
	uint32_t to;          /* enum ipc_proc */
	uint32_t incarnation; /* of that process, to be named in IPC_BREACH */
};

/**
 * Somebody broke the rules of ipc_check() on the channel we have with him (close it). The parent ends that process if it is
 * still this incarnation, and starts it anew.
 */
struct ipc_breach {
	struct ipc_head head;
	uint32_t who; /* enum ipc_proc */
	uint32_t incarnation;
	char why[IPC_TEXT_BYTES];
};

/** An image: the world, the prompts or the secrets; carries one sealed memory file. */
struct ipc_image {
	struct ipc_head head;
	uint64_t generation;
	uint64_t size_bytes;
};

/**
 * One UDP socket, bound by the parent; carries the descriptor. The sockets of one address are one SO_REUSEPORT group, bound
 * in the order of `index` (0 door, 1 switch, 2.. relays: there are max(1, threads - 2) of them), with the address as
 * written: a wildcard one stays within its family. The engine attaches the group's selector.
 */
struct ipc_socket {
	struct ipc_head head;
	struct tg_addr local;
	uint32_t group, groups; /* which address, of how many */
	uint32_t index, count;  /* which socket of the group, of how many */
};

enum { IPC_BINDS_MAX = 16, IPC_THREADS_MAX = 64 };

/** What the world says of the sockets, so that the parent need not read the world. */
struct ipc_listen {
	struct ipc_head head;
	uint32_t bind_count;
	uint32_t threads;
	uint32_t tos, cos;
	uint32_t host_names; /* configured by name; their addresses may change */
	uint32_t unresolved; /* of these, without an address now */
	uint32_t syslog;     /* 1: security events go to the system's log, too */
	uint32_t zero;
	uint64_t files_digest; /* over all that was read: tells whether the files changed */
	uint64_t world_digest; /* over the world without its generation: tells whether anything changed */
	struct model_listen metrics;
	struct tg_addr binds[IPC_BINDS_MAX];
};

/** No body: READY, STOP, and the like. */
struct ipc_plain {
	struct ipc_head head;
	uint64_t value;
};

/* ---- engine <-> vault. cookie names the leg; the vault keeps each challenge it made under it and uses it once. ---- */

enum ipc_identity {
	IPC_CALLER,       /* a user that calls us */
	IPC_REGISTRANT,   /* a peer that registers with us */
	IPC_OUR_PEER,     /* we answer a challenge of a peer we call */
	IPC_OUR_REGISTER, /* we answer a registrar */
	IPC_IDENTITIES,
};

/**
 * who stands for identity, name and source, as a keyed hash: whoever failed is asked the same again, so that one device with an
 * old secret can be told from somebody who tries many. Unknown names have one, too.
 */
struct ipc_challenge_ask {
	struct ipc_head head;
	uint64_t cookie;
	uint64_t who;
};

struct ipc_challenge {
	struct ipc_head head;
	uint64_t cookie;
	char text[IPC_CHALLENGE_CHARS];
	uint8_t zero[4];
};

/** Every name makes this trip, known or not; the vault does the same work for both. */
struct ipc_verify_ask {
	struct ipc_head head;
	uint64_t cookie;
	uint64_t who;
	uint64_t generation; /* of the world the name was looked up in */
	uint32_t identity;   /* enum ipc_identity */
	uint32_t held;       /* 1: it is refused whatever the answer is, so nobody is told what the answer was */
	char name[IPC_NAME_BYTES];
	uint8_t md5_result[16];
};

struct ipc_verdict {
	struct ipc_head head;
	uint64_t cookie;
	uint64_t
		answer; /* stands for challenge and answer, as a keyed hash: equal for the same answer to the same challenge */
	uint32_t right; /* 1 or 0 */
	uint32_t zero;
};

struct ipc_respond_ask {
	struct ipc_head head;
	uint64_t cookie;
	uint64_t generation;
	uint32_t identity;
	uint32_t challenge_bytes;
	char name[IPC_NAME_BYTES];
	uint8_t challenge[256];
};

struct ipc_response {
	struct ipc_head head;
	uint64_t cookie;
	uint32_t known; /* 0: no secret for it: give up */
	uint32_t zero;
	uint8_t md5_result[16];
};

/* ---- engine <-> store ---- */

/**
 * Kept by the engine until IPC_RECORD_KEPT names its sequence; the store keeps one that is repeated once. incarnation is that of
 * the outbox (the generation in IPC_OUTBOX), within which sequences are never used twice.
 */
struct ipc_call_record {
	struct ipc_head head;
	uint64_t sequence;
	uint64_t incarnation;
	struct model_call_record record;
	struct model_paid paid;
};

/**
 * engine to store: keep it (expires_ms 0: forget it). store to engine, all of them and then IPC_BINDINGS_END, on every new
 * channel: an engine that has its registrations already ignores them, and tells its own to a store that was started anew.
 */
struct ipc_binding {
	struct ipc_head head;
	struct model_binding binding;
};

/** store to engine: what paid calls used up, all of it before IPC_BINDINGS_END. */
struct ipc_usage {
	struct ipc_head head;
	struct model_usage usage;
};

/* ---- security events, bans, and what the guard must not forget ---- */

/** To the store: write it to the logs, and keep it for explain. From the engine, and from the parent (loads). */
struct ipc_event {
	struct ipc_head head;
	struct model_event event;
};

/**
 * engine to store: keep it (until_ms in the past: forget it). store to engine: all of them on every new channel, then
 * IPC_GUARD_END. engine to fence: put it into the packet filter, or take it out.
 *
 * Changes are told as they come. To who was away or did not keep up, all is told between IPC_BANS_ANEW and IPC_BANS_ALL, among
 * changes: what is not named there, is over. The fence takes all out at the beginning, the store what was not named at the end.
 */
struct ipc_ban {
	struct ipc_head head;
	struct model_ban ban;
};

/** engine to store: keep it. store to engine: all of them, before IPC_GUARD_END. */
struct ipc_guard_account {
	struct ipc_head head;
	struct model_guard_account account;
};

/** fence to engine, as soon as it knows, and again when it changes. */
struct ipc_fence_state {
	struct ipc_head head;
	uint32_t works; /* 1: bans reach the packet filter; 0: they do not, or not all, and why */
	uint32_t again; /* 1: some were not taken: begin anew */
	char why[IPC_TEXT_BYTES];
};

/** parent to fence: the ports the filter is about. */
struct ipc_fence_ports {
	struct ipc_head head;
	uint32_t count;
	uint32_t zero;
	uint16_t ports[16];
};

/** desk to engine: an operator's wish for the guard. Answered with IPC_TEXT lines and IPC_DONE. */
enum ipc_guard_what {
	IPC_GUARD_BAN,
	IPC_GUARD_UNBAN, /* also takes back what the ladder holds against the address, and an allowance */
	IPC_GUARD_ALLOW,
	IPC_GUARD_OBSERVE, /* on */
	IPC_GUARD_ENFORCE, /* observe off */
	IPC_GUARD_WHATS,
};

struct ipc_guard_do {
	struct ipc_head head;
	uint64_t query;
	uint32_t what; /* enum ipc_guard_what */
	uint32_t bits;
	struct tg_addr base;
	uint64_t for_s; /* 0: until it is taken back */
	char who[32];
	char text[128];
};

/** desk to engine: an operator's wish for calls and registrations. Answered with IPC_TEXT lines and IPC_DONE. */
enum ipc_engine_what {
	IPC_ENGINE_UNREGISTER, /* name: a peer */
	IPC_ENGINE_HANG_UP,    /* name: a channel; empty for all calls */
	IPC_ENGINE_ORIGINATE,  /* name: a peer, number: to call there; app and args, or exten and context */
	IPC_ENGINE_DEBUG,      /* on or not; name: a peer's frames, addr: those of an address; neither: all */
	IPC_ENGINE_WHATS,
};

struct ipc_engine_do {
	struct ipc_head head;
	uint64_t query;
	uint32_t what; /* enum ipc_engine_what */
	uint32_t on;   /* DEBUG */
	struct tg_addr addr;
	char name[IPC_NAME_BYTES + 16];
	char number[IPC_NAME_BYTES];
	char exten[IPC_NAME_BYTES];
	char context[IPC_NAME_BYTES];
	char app[32];
	char args[256];
};

/** engine to desk: frames as text, lines with newlines; only while IPC_ENGINE_DEBUG wants them. */
struct ipc_trace {
	struct ipc_head head;
	char text[1400];
};

/** desk to store: a line for the audit log. */
struct ipc_audit {
	struct ipc_head head;
	struct model_audit audit;
};

/* ---- desk <-> engine, parent, store: questions and rows ---- */

enum ipc_query_what {
	IPC_ASK_PEERS,     /* rows: struct ipc_peer_row */
	IPC_ASK_CHANNELS,  /* ipc_channel_row */
	IPC_ASK_REGISTRY,  /* ipc_registry_row */
	IPC_ASK_NUMBERS,   /* ipc_numbers_row */
	IPC_ASK_COUNTERS,  /* ipc_counter_row */
	IPC_ASK_PROCESSES, /* ipc_process_row, from the parent */
	IPC_ASK_RECORDS,   /* ipc_record_row, newest first, from the store; limit is honoured */
	IPC_ASK_EVENTS,    /* ipc_event_row, newest first, from the store; limit, id, addr and bits are honoured */
	IPC_ASK_AUDIT,     /* ipc_audit_row, newest first, from the store; limit is honoured */
	IPC_ASK_BANS,      /* ipc_ban_row, from the engine */
	IPC_ASK_SOURCES,   /* ipc_source_row, from the engine */
	IPC_ASK_GUARDED,   /* ipc_account_row, from the engine: accounts the guard remembers anything of */
	IPC_ASK_BUDGETS,   /* ipc_budget_row, from the engine */
	IPC_ASK_USAGE,     /* ipc_usage_row, from the engine */
	IPC_QUERY_WHATS,
};

struct ipc_query {
	struct ipc_head head;
	uint64_t query;           /* comes back in every row and in the end */
	uint32_t what;            /* enum ipc_query_what */
	uint32_t limit;           /* 0: all */
	struct model_event_id id; /* EVENTS: that one alone; zeros for any */
	struct tg_addr addr;      /* EVENTS: those from here; family 0 for any */
	uint32_t bits;            /* of addr */
	uint32_t zero;
};

struct ipc_rows_end {
	struct ipc_head head;
	uint64_t query;
	uint32_t rows;
	uint32_t zero;
};

/** The desk passes an operator's command on to the parent. */
enum ipc_command_what {
	IPC_DO_RELOAD,
	IPC_DO_STOP_NOW,
	IPC_DO_STOP_GRACEFULLY,      /* no new calls; ends with the last one */
	IPC_DO_STOP_WHEN_CONVENIENT, /* calls as always; ends when there is none */
	IPC_DO_RESTART_NOW,          /* the engine alone; calls are hung up */
	IPC_DO_RESTART_GRACEFULLY,   /* the same, as a stop */
	IPC_DO_RESTART_WHEN_CONVENIENT,
	IPC_DO_ABORT, /* the stop or restart that waits for calls */
	IPC_DO_LOG,   /* value: the lowest level that is logged */
	IPC_COMMANDS,
};

/** How the engine is to end: the value of IPC_STOP. */
enum ipc_stop {
	IPC_STOP_NOW,
	IPC_STOP_GRACEFULLY,
	IPC_STOP_WHEN_CONVENIENT,
	IPC_STOP_NOT, /* go on, after one of the last two */
	IPC_STOPS,
};

struct ipc_command {
	struct ipc_head head;
	uint64_t query;
	uint32_t what;
	uint32_t value; /* LOG: enum tg_level */
};

/** The answer to a command, and the loader's findings, a line at a time; then IPC_DONE. */
struct ipc_text {
	struct ipc_head head;
	uint64_t query;
	char text[IPC_TEXT_BYTES * 2];
};

struct ipc_done {
	struct ipc_head head;
	uint64_t query;
	uint32_t failed; /* 0: it went well */
	uint32_t zero;
};

/* Each kind has its row of rules in msg.c. */
#define IPC_KINDS(X)                                                                                               \
	X(IPC_CHANNEL, struct ipc_channel) /* parent to all but the loader */                                      \
	X(IPC_WORLD, struct ipc_image)     /* loader to parent; parent to engine, desk, loader */                  \
	X(IPC_PROMPTS, struct ipc_image)   /* loader to parent; parent to engine, loader */                        \
	X(IPC_SECRETS, struct ipc_image)   /* loader to parent (passed on unmapped) to vault, loader */            \
	X(IPC_LISTEN, struct ipc_listen)   /* loader to parent */                                                  \
	X(IPC_SOCKET, struct ipc_socket)   /* parent to engine */                                                  \
	X(IPC_OUTBOX, struct ipc_image)    /* parent to engine: shared, writable; call records not yet kept */     \
	X(IPC_LISTENER, struct ipc_plain)  /* parent to desk: the console's listening socket */                    \
	X(IPC_METRICS, struct ipc_plain)   /* parent to desk: the same for metrics */                              \
	X(IPC_METRICS_OFF, struct ipc_plain)                                                                       \
	X(IPC_READY, struct ipc_plain)                 /* all to parent: set up and sandboxed */                   \
	X(IPC_STOP, struct ipc_plain)                  /* parent to all; value: enum ipc_stop */                   \
	X(IPC_LOG, struct ipc_plain)                   /* parent to all; value: the lowest level that is logged */ \
	X(IPC_STOPPED, struct ipc_plain)               /* engine to parent: all calls ended */                     \
	X(IPC_BREACH, struct ipc_breach)               /* all to parent */                                         \
	X(IPC_CHALLENGE_ASK, struct ipc_challenge_ask) /* engine to vault, and so on */                            \
	X(IPC_CHALLENGE, struct ipc_challenge)                                                                     \
	X(IPC_VERIFY_ASK, struct ipc_verify_ask)                                                                   \
	X(IPC_VERDICT, struct ipc_verdict)                                                                         \
	X(IPC_RESPOND_ASK, struct ipc_respond_ask)                                                                 \
	X(IPC_RESPONSE, struct ipc_response)                                                                       \
	X(IPC_CALL_RECORD, struct ipc_call_record)                                                                 \
	X(IPC_RECORD_KEPT, struct ipc_plain)  /* store to engine; value: the sequence, now on disk */              \
	X(IPC_BINDING, struct ipc_binding)    /* both ways: engine sets, store restores */                         \
	X(IPC_BINDINGS_END, struct ipc_plain) /* store to engine: all restored */                                  \
	X(IPC_QUERY, struct ipc_query)        /* desk to parent, engine, store */                                  \
	X(IPC_ROWS_END, struct ipc_rows_end)  /* and their answers */                                              \
	X(IPC_PEER_ROW, struct ipc_peer_row)                                                                       \
	X(IPC_CHANNEL_ROW, struct ipc_channel_row)                                                                 \
	X(IPC_REGISTRY_ROW, struct ipc_registry_row)                                                               \
	X(IPC_NUMBERS_ROW, struct ipc_numbers_row)                                                                 \
	X(IPC_COUNTER_ROW, struct ipc_counter_row)                                                                 \
	X(IPC_PROCESS_ROW, struct ipc_process_row)                                                                 \
	X(IPC_RECORD_ROW, struct ipc_record_row)                                                                   \
	X(IPC_COMMAND, struct ipc_command)             /* desk to parent */                                        \
	X(IPC_TEXT, struct ipc_text)                   /* loader to parent, parent and engine to desk */           \
	X(IPC_DONE, struct ipc_done)                   /* the same */                                              \
	X(IPC_EVENT, struct ipc_event)                 /* engine, parent to store */                               \
	X(IPC_BAN, struct ipc_ban)                     /* engine to store and fence; store to engine */            \
	X(IPC_BANS_ANEW, struct ipc_plain)             /* engine to store and fence: all bans follow */            \
	X(IPC_BANS_ALL, struct ipc_plain)              /* these were all */                                        \
	X(IPC_GUARD_ACCOUNT, struct ipc_guard_account) /* engine to store; store to engine */                      \
	X(IPC_GUARD_END, struct ipc_plain)             /* store to engine: bans and accounts are restored */       \
	X(IPC_USAGE, struct ipc_usage)                 /* store to engine */                                       \
	X(IPC_FENCE_STATE, struct ipc_fence_state)     /* fence to engine */                                       \
	X(IPC_FENCE_PORTS, struct ipc_fence_ports)     /* parent to fence */                                       \
	X(IPC_GUARD_DO, struct ipc_guard_do)           /* desk to engine */                                        \
	X(IPC_ENGINE_DO, struct ipc_engine_do)         /* desk to engine */                                        \
	X(IPC_TRACE, struct ipc_trace)                 /* engine to desk */                                        \
	X(IPC_AUDIT, struct ipc_audit)                 /* desk to store */                                         \
	X(IPC_EVENT_ROW, struct ipc_event_row)         /* store to desk */                                         \
	X(IPC_AUDIT_ROW, struct ipc_audit_row)                                                                     \
	X(IPC_BAN_ROW, struct ipc_ban_row) /* engine to desk, and so on */                                         \
	X(IPC_SOURCE_ROW, struct ipc_source_row)                                                                   \
	X(IPC_ACCOUNT_ROW, struct ipc_account_row)                                                                 \
	X(IPC_BUDGET_ROW, struct ipc_budget_row)                                                                   \
	X(IPC_USAGE_ROW, struct ipc_usage_row)

#define X(kind, type) kind,
enum ipc_kind { IPC_KINDS(X) IPC_KIND_COUNT };
#undef X

/**
 * Whether `from` may send this record to `to`: known kind, exact size, texts terminated, addresses whole, enumerators in range.
 *
 * @return NULL if it may, else why not (a constant text)
 */
TG_MUST_USE const char *ipc_check(enum ipc_proc from, enum ipc_proc to, const void *record, size_t size_bytes);

/** Whether this kind must ride with a descriptor; a kind that must not and does is a breach, too. */
bool ipc_has_descriptor(enum ipc_kind kind);

/** "IPC_WORLD"; "?" for a number that is none. */
const char *ipc_kind_name(uint32_t kind);

/** Room for any record, aligned for all of them. */
union ipc_any {
	struct ipc_head head;
	uint64_t align;
	uint8_t bytes[IPC_MSG_MAX_BYTES];
};

/** The report of a breach, for the parent. why: what ipc_check() said. */
struct ipc_breach ipc_breach_of(enum ipc_proc who, uint32_t incarnation, const char *why);

#endif
