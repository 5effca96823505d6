/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_SWITCH_H
#define TG_SWITCH_SWITCH_H

#include "base/log.h"
#include "iax/endpoint.h"
#include "model/event.h"
#include "model/prompts.h"
#include "model/record.h"
#include "model/world.h"

/**
 * What becomes of a call: accounts matched, passwords asked of the vault, the dialplan walked, legs bridged, phones
 * registered, records written. Sans-IO: it drives one endpoint, and reaches everything else through switch_ops. It lives in one
 * block of memory of the caller, without pointers inside, and belongs to the endpoint's thread.
 */
struct tg_switch;

/** Where the voice that comes in on a leg as mini frames goes, or what is played to it. One entry a leg. */
enum switch_media {
	SWITCH_MEDIA_NONE,    /* dropped */
	SWITCH_MEDIA_FORWARD, /* to another leg; to itself for Echo */
	SWITCH_MEDIA_PLAY,    /* a prompt is played to this leg; what comes in is dropped and counted */
};

struct switch_relay {
	struct iax_leg_id leg;        /* whose entry this is */
	struct tg_addr remote, local; /* of that leg: what comes from `remote` with source number remote_number ... */
	uint16_t remote_number;
	uint16_t local_number;
	uint8_t media;      /* enum switch_media */
	uint8_t loop;       /* PLAY: start again at the end */
	uint16_t to_number; /* FORWARD: ... leaves with this source number (our number on the other leg) */
	struct tg_addr to_remote, to_local;
	uint32_t ts_offset_ms; /* FORWARD: added to the timestamp, modulo 2^32 */
	uint32_t ts_start_ms;  /* PLAY: frame_start's timestamp, on our timeline of this leg */
	uint32_t frame_start;  /* PLAY: the prompt's frame that the switch sent just now, as a full frame; the relay
	                                 goes on with the next one, 20 ms later, as mini frames */
	uint32_t prompt;       /* PLAY: row of the prompts image that came with prompts_generation */
	uint64_t prompts_generation; /* PLAY */
	uint64_t format;             /* of what leaves; FORWARD: of what comes in, too */
};

/** Somebody brings credentials: who he says he is, and what the configuration says of that name. */
struct switch_try {
	struct tg_span account;
	struct tg_addr from;
	bool proven;       /* by a call token */
	bool registration; /* else a call */
	bool exists;       /* there is a user or a peer of that name: everything else alike for names that are none */
	bool roaming, decoy, weak;
	uint64_t answer; /* decided(): stands for challenge and answer, from the vault; 0 if none came */
};

/** One request was let in or turned away. Everything is lent for the time of the call. */
struct switch_decision {
	struct switch_try try;
	enum model_request request;
	enum model_reason why; /* MODEL_WHY_OK: let in */
	bool tried;            /* credentials came and were judged, or were not to be */
	bool trusted;          /* the secret was right and counted: no guest */
	struct tg_addr local;
	struct tg_span exten, context; /* of calls */
	uint64_t call;                 /* unique of the call record */
};

/** Credentials for the vault to judge. */
struct switch_answer {
	uint64_t cookie;
	uint64_t who;
	bool registrant; /* else a caller */
	bool held;       /* it is refused whatever the verdict is: then the vault must not show whether it was right */
	struct tg_span name;
	const uint8_t *md5; /* 16 octets */
};

/** A paid call was refused, or ended while it was talked. Everything is lent for the time of the call. */
struct switch_toll {
	enum model_reason why;
	bool ended;
	bool guest;
	bool proven; /* the caller is where he seems to be */
	enum world_class class;
	struct tg_span account, trunk, number, context;
	const char *rule; /* that says so */
	struct tg_addr from, local;
	uint64_t call; /* unique of the call record */
};

struct switch_ops {
	void *owner;
	/*
	 * Whether credentials may be believed: MODEL_WHY_OK, or why they are answered as wrong ones, whatever the vault says. It is asked
	 * all the same (R8). try->answer is not set. May be NULL: always.
	 */
	enum model_reason (*may_try)(void *owner, const struct switch_try *try);
	/* Whether the account gave the right answer from this very address and port lately. May be NULL: never. */
	bool (*is_home)(void *owner, struct tg_span account, struct tg_addr from);
	/* Each request that came to an end: once for each. May be NULL. */
	void (*decided)(void *owner, const struct switch_decision *decision);
	/* To the vault. The answer comes by switch_on_challenge(), _verdict(), _response(), with the same cookie; later, never from
	   inside these. None of these functions may call the switch. who stands for call or registration, the name and the source
	   (an IPv4 address, an IPv6 network of 64 bits): the same each time. */
	void (*ask_challenge)(void *owner, uint64_t cookie, uint64_t who);
	void (*ask_verify)(void *owner, const struct switch_answer *answer);
	void (*ask_respond)(void *owner, uint64_t cookie, bool registration, struct tg_span name,
	                    struct tg_span challenge);
	/* Whether the record of one more paid call can be kept for sure. May be NULL: always. */
	bool (*may_charge)(void *owner);
	/* May be NULL. */
	void (*toll)(void *owner, const struct switch_toll *toll);
	/* To the store. */
	void (*put_record)(void *owner, const struct model_call_record *record, const struct model_paid *paid);
	/* @return false if this peer's registration changed too often for a line of its own */
	bool (*put_binding)(void *owner, const struct model_binding *binding);
	/* To the relay: set or replace one leg's entry, remove it, read its counters (reception on that leg). */
	void (*relay_set)(void *owner, const struct switch_relay *entry);
	void (*relay_clear)(void *owner, struct iax_leg_id leg);
	bool (*relay_report)(void *owner, struct iax_leg_id leg, struct iax_report *report);
};

struct switch_config {
	uint32_t calls_max; /* of those who may call */
	uint32_t
		half_open_max; /* calls and registrations of those who have not shown yet that they may: as the endpoint's */
	uint32_t bindings_max;
	uint32_t registrations_max; /* outgoing */
	uint32_t usages_max; /* accounts and trunks whose paid calls are counted; 0: twice the bindings, and some */
	uint8_t seed[32];
	uint64_t first_unique; /* record ids grow from here */
};

size_t switch_size(const struct switch_config *config);

/**
 * @param mem     switch_size() bytes, aligned to 64, zeroed
 * @param ep      driven by nobody else; its owner cookies are the switch's
 * @param ops     copied
 * @param log     may be NULL; lent for the switch's life
 */
struct tg_switch *switch_init(void *mem, const struct switch_config *config, struct iax_endpoint *ep,
                              const struct switch_ops *ops, const struct tg_log *log, uint64_t now_us,
                              uint64_t wall_us);

/**
 * Use another world and prompts from now on; calls keep what they copied, and finish their dialplan in the world they began with.
 * Both images stay mapped until switch_world_in_use() says no for their generation. prompts may be NULL.
 */
void switch_set_world(struct tg_switch *sw, const struct world *world, const struct prompts *prompts, uint64_t now_us);
bool switch_world_in_use(const struct tg_switch *sw, uint64_t generation);

/** Fetch and handle all events of the endpoint. Call after each receive and expire, before the datagrams are fetched. */
void switch_turn(struct tg_switch *sw, uint64_t now_us, uint64_t wall_us);

uint64_t switch_deadline_us(const struct tg_switch *sw);

/** Do what is due: waits, dial timeouts, qualify, renewals, expired registrations. Then switch_turn(). */
void switch_expire(struct tg_switch *sw, uint64_t now_us, uint64_t wall_us);

void switch_on_challenge(struct tg_switch *sw, uint64_t cookie, struct tg_span text, uint64_t now_us);
void switch_on_verdict(struct tg_switch *sw, uint64_t cookie, bool right, uint64_t answer, uint64_t now_us);
void switch_on_response(struct tg_switch *sw, uint64_t cookie, const uint8_t *md5, uint64_t now_us); /* NULL: none */

/** A restored registration from the store, before or after the first world. */
void switch_on_binding(struct tg_switch *sw, const struct model_binding *binding, uint64_t now_us, uint64_t wall_us);

/** What was used up before this engine began, from the store: what is counted already is not made less. */
void switch_on_usage(struct tg_switch *sw, const struct model_usage *usage, uint64_t now_us, uint64_t wall_us);

/** The relay played a prompt to its end. */
void switch_on_played(struct tg_switch *sw, struct iax_leg_id leg, uint64_t now_us);

/** No new calls from now on (graceful), or HANGUP to all (now). switch_calls() reaches 0 when all are gone. */
void switch_stop(struct tg_switch *sw, bool graceful, uint64_t now_us);
/** After a graceful stop: calls are taken again. */
void switch_go_on(struct tg_switch *sw);
uint32_t switch_calls(const struct tg_switch *sw);

/**
 * Whether an opening frame without a call token may pass: the door's policy, by address and claimed name (asterisk-compat 2.7). A
 * pure function of the world: the door's thread may call it on its own mapping.
 *
 * @param known  the account proved its secret from this network lately; matters with tokenless=known alone
 */
bool switch_token_excused(const struct world *world, bool is_new, struct tg_span username, struct tg_addr from,
                          bool known);

/** What a rule about call tokens comes from. */
enum switch_token_origin {
	SWITCH_TOKEN_DEFAULT, /* required, since nothing says otherwise */
	SWITCH_TOKEN_RANGE,   /* calltokenoptional lists the address */
	SWITCH_TOKEN_ACCOUNT, /* requirecalltoken of the account */
	SWITCH_TOKEN_OUTSIDE, /* the account's no or auto does not count where the account may not come from (ruling R10) */
	SWITCH_TOKEN_NETWORK, /* no or auto, without permit=: by whether the network is known for the account (tokenless=known) */
	SWITCH_TOKEN_BACKEND, /* required: what comes from the backend's address must be from there ([front]) */
	SWITCH_TOKEN_LATCHED, /* auto, and this account used one together with its secret */
};

struct switch_token_rule {
	bool required;
	enum switch_token_origin origin;
	enum world_tri setting;          /* requirecalltoken of the account; WORLD_DEFAULT for none, or no account */
	const struct world_range *range; /* RANGE: which; else NULL */
};

/**
 * The rule behind switch_token_excused(), for whoever wants to know why.
 *
 * @param latched  the account used a token once. The door does not know: it lets such a request pass, and it is answered as one
 *                 with a wrong secret
 * @param known    as for switch_token_excused()
 */
struct switch_token_rule switch_token_rule(const struct world *world, bool is_new, struct tg_span username,
                                           struct tg_addr from, bool latched, bool known);

/** Where a limit of call numbers comes from. */
enum switch_limit_origin { SWITCH_LIMIT_GLOBAL, SWITCH_LIMIT_RANGE, SWITCH_LIMIT_PEER };

struct switch_limit {
	uint32_t numbers;
	enum switch_limit_origin origin;
	char name[MODEL_NAME_BYTES]; /* the peer's, or the range as address/bits; "" for the global one */
};

/**
 * How many call numbers dialogs opened from this host may hold: a peer that is registered there or has it as its static host (the
 * largest of them) before the longest range before `maxcallnumbers` (asterisk-compat 2.8, ruling R11).
 */
struct switch_limit switch_number_limit(const struct tg_switch *sw, struct tg_addr from);

/* ---- For people: rows are filled one after the other; cursor starts at 0, false ends. ---- */

struct switch_peer_row {
	char name[MODEL_NAME_BYTES];
	struct tg_addr addr;
	uint32_t expires_s;
	int32_t rtt_ms;                  /* -1 none yet, -2 no answer */
	bool user_latched, peer_latched; /* requirecalltoken=auto has become yes for calls, for registrations */
};

struct switch_channel_row {
	struct iax_leg_id leg;
	char channel[MODEL_NAME_BYTES + 16];
	char user[MODEL_NAME_BYTES];
	char caller_number[MODEL_NAME_BYTES];
	char context[MODEL_NAME_BYTES];
	char exten[MODEL_NAME_BYTES];
	char app[32];
	char app_args[128];
	char bridged_to[MODEL_NAME_BYTES + 16];
	char state[16];
	uint32_t priority, call_id, seconds;
	struct iax_leg_info info;
};

struct switch_registry_row {
	char host[MODEL_NAME_BYTES];
	char username[MODEL_NAME_BYTES];
	char state[24];
	struct tg_addr perceived;
	uint32_t refresh_s;
	bool is_registered;
};

bool switch_peer_row(const struct tg_switch *sw, uint32_t *cursor, uint64_t now_us, struct switch_peer_row *row);
bool switch_channel_row(const struct tg_switch *sw, uint32_t *cursor, uint64_t now_us, struct switch_channel_row *row);
bool switch_registry_row(const struct tg_switch *sw, uint32_t *cursor, uint64_t now_us,
                         struct switch_registry_row *row);

/** What paid calls use, and what limits them. */
bool switch_usage_row(const struct tg_switch *sw, uint32_t *cursor, uint64_t now_us, struct model_usage_row *row);

struct switch_stats {
	uint64_t calls_offered, calls_answered, calls_refused, registrations_granted, registrations_refused;
	uint64_t verdicts_lost; /* of who left before, and too many after him: told as wrong */
	uint32_t calls, calls_peak;
};

void switch_stats(const struct tg_switch *sw, struct switch_stats *out);

#endif
