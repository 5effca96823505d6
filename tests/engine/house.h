/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_ENGINE_HOUSE_H
#define TG_TESTS_ENGINE_HOUSE_H

/*
 * A whole engine in this process, on real sockets, and around it what it talks to: the house is its parent, its vault, its store and
 * its desk; phones are endpoints of the library with sockets of their own. Real time passes.
 */

#include "check.h"

#include <pthread.h>

#include "crypt/md5.h"
#include "iax/endpoint.h"
#include "ipc/msg.h"
#include "sys/channel.h"

enum {
	HOUSE_RECORDS = 64,
	HOUSE_ROWS = 64,
	HOUSE_PHONES = 8,
	HOUSE_GROUPS = 4,
	HOUSE_COUNTERS = 512,
	HOUSE_EVENTS = 1024,
};

enum house_end { HOUSE_PARENT, HOUSE_VAULT, HOUSE_STORE, HOUSE_DESK, HOUSE_FENCE, HOUSE_ENDS };

struct house_phone {
	struct house *house;
	int fd;
	struct iax_endpoint *ep;
	struct tg_addr addr, exchange;
	const char *secret;
	bool guesses; /* each challenge is answered with another secret */
	bool answers; /* calls that come in: accept and answer */
	bool echoes;  /* ... and send the voice back */
	/* what happened */
	struct iax_leg_id leg;    /* of the last call */
	struct tg_addr seen_from; /* where the last datagram came from */
	bool offered, accepted, answered, ended, registered, refused;
	uint8_t cause;
	enum iax_end end;
	uint32_t voice, full_voice, dtmf, datagrams, challenges;
	uint32_t first_ts_ms, last_ts_ms;
	uint8_t payload[16]; /* of the last voice frame */
	uint64_t ended_us;
};

struct house {
	const char *hosts[HOUSE_GROUPS]; /* addresses to bind, NULL after the last */
	uint32_t threads;
	const char *iax_conf, *extensions_conf; /* beside the general section */
	bool vault_is_silent, store_is_silent;

	struct tg_addr addrs[HOUSE_GROUPS];
	uint32_t group_count;
	pthread_t engine;
	int exit_code;
	struct sys_channel *ends[HOUSE_ENDS];
	uint64_t generation;
	int outbox_fd;
	bool ready, stopped;
	uint32_t breaches;
	char breach[IPC_TEXT_BYTES];

	struct crypt_md5 *md5;
	uint32_t questions;
	struct {
		uint64_t cookie, who;
		char text[IPC_CHALLENGE_CHARS];
		bool failed; /* given again to the same who */
	} challenges[64];
	uint32_t verdicts, right; /* that the vault gave */
	struct ipc_call_record records[HOUSE_RECORDS];
	uint32_t record_count;
	struct model_binding bindings[HOUSE_RECORDS];
	uint32_t binding_count;
	struct ipc_rows_end rows_end;
	struct ipc_channel_row channels[HOUSE_ROWS];
	struct ipc_peer_row peers[HOUSE_ROWS];
	struct ipc_counter_row counters[HOUSE_COUNTERS];
	struct ipc_numbers_row numbers[HOUSE_ROWS];
	uint32_t channel_count, peer_count, counter_count, number_count, row_count;
	struct model_event events[HOUSE_EVENTS]; /* that the store was told */
	uint32_t event_count;
	struct model_ban bans[HOUSE_ROWS], fence_bans[HOUSE_ROWS]; /* told to store and fence */
	uint32_t ban_count, fence_ban_count;
	struct model_guard_account accounts[HOUSE_ROWS];
	uint32_t account_count;
	struct ipc_ban_row ban_rows[HOUSE_ROWS];
	struct ipc_source_row sources[HOUSE_ROWS];
	struct ipc_account_row guarded[HOUSE_ROWS];
	struct ipc_budget_row budgets[HOUSE_ROWS];
	uint32_t ban_row_count, source_count, guarded_count, budget_count;
	struct ipc_done done;
	char said[IPC_TEXT_BYTES * 2];

	struct house_phone phones[HOUSE_PHONES];
	uint32_t phone_count;
};

/** Everybody's secret, in vault and phones. */
extern const char house_secret[];

/** The members of the first block are set. Bind, load, start the engine, wait for READY. */
void house_start(struct house *house);

/** IPC_STOP, wait for the end. Afterwards house_free(). */
void house_stop(struct house *house, bool graceful);
void house_free(struct house *house);

/** Send the world once more, with these files. */
void house_reload(struct house *house, const char *iax_conf, const char *extensions_conf);

/** Let time pass: everybody answers, phones run. */
void house_run_ms(struct house *house, uint32_t ms);

/** The same until *flag, at most so long. @return *flag */
bool house_wait(struct house *house, const bool *flag, uint32_t ms);
bool house_wait_count(struct house *house, const uint32_t *count, uint32_t want, uint32_t ms);

/** A process dies and comes back: the engine gets a new channel. */
void house_replace(struct house *house, enum house_end end);
void house_send(struct house *house, enum house_end end, const void *record, size_t size_bytes);
void house_ask(struct house *house, enum ipc_query_what what);
uint64_t house_counter(struct house *house, const char *name);

/** Tell the guard what to do, and wait for the answer. @return true if it was done */
bool house_order(struct house *house, enum ipc_guard_what what, const char *host, uint32_t bits, uint64_t for_s);

/** The first event of this kind; NULL for none. */
const struct model_event *house_event(const struct house *house, enum model_event_kind kind);
uint32_t house_events(const struct house *house, enum model_event_kind kind);

/** @param host  where it binds. It talks to the house's first address of that family */
struct house_phone *house_phone(struct house *house, const char *host);
void phone_register(struct house_phone *phone, const char *name);
void phone_call(struct house_phone *phone, const char *user, const char *number);

/** One frame a 20 ms, for count frames; octet 0 counts. */
void phone_talk(struct house_phone *phone, uint32_t count);
void phone_hangup(struct house_phone *phone);

#endif
