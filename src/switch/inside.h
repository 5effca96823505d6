/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_INSIDE_H
#define TG_SWITCH_INSIDE_H

#include "base/map.h"
#include "base/slab.h"
#include "base/wheel.h"
#include "iax/keyed.h"
#include "iax/registrant.h"
#include "iax/wire.h"
#include "switch/bag.h"
#include "switch/switch.h"

/*
 * What the files of the switch share: the layout of its block. Everything lives in slabs behind struct tg_switch and refers by index
 * and generation; the only pointers are in struct outside, which whoever maps the block elsewhere sets anew.
 */

enum {
	CALL_PARTIES_MAX = 16, /* callees of one Dial */
	SWITCH_WORLDS = 8,     /* worlds in use at once */
	PREFS_KEPT = 32,       /* letters of CODEC_PREFS */
	EXTEN_BYTES = WORLD_NAME_MAX + 4,
	TONE_BYTES = 84,
};

/** No row of a table, no slot. */
#define NO_ROW UINT32_MAX

/** The states of a call; the rules are in calls.c. */
enum call_state {
	CALL_OFFERED,  /* the vault makes a challenge */
	CALL_ASKED,    /* AUTHREQ is out */
	CALL_JUDGED,   /* the vault judges the answer */
	CALL_CALLED,   /* an operator's: the phone is called */
	CALL_ACCEPTED, /* ACCEPT is out, not yet confirmed */
	CALL_RUNNING,  /* the dialplan runs */
	CALL_OVER,     /* the caller is gone; the "h" extension runs */
	CALL_STATES,
};

/** What the driver in dialplan.c does next with a call. */
enum call_todo {
	TODO_WAIT, /* for an event */
	TODO_STEP, /* run the step at its place */
	TODO_END,  /* hang up with `cause` */
};

enum party_state {
	PARTY_CALLER,
	PARTY_CALLING,  /* callee: NEW is out */
	PARTY_LINKED,   /* callee: accepted, perhaps rings */
	PARTY_ANSWERED, /* callee: talks */
};

/** One side of a call: an IAX2 leg as the switch sees it. */
struct party {
	struct iax_leg_id id;
	struct tg_ref call;
	uint32_t next; /* index + 1 of the call's next callee; 0 for none */
	uint8_t state; /* enum party_state */
	uint8_t ringing;
	uint8_t quelched; /* it asked for silence */
	uint8_t relayed;  /* the relay has an entry for it */
	struct tg_addr remote, local;
	uint64_t takes;              /* formats that may be sent to it */
	uint64_t format;             /* agreed by ACCEPT */
	uint64_t rx_format;          /* of its last full voice frame; 0 for none yet */
	uint64_t rx_at_us;           /* when that came */
	uint32_t rx_ts_ms;           /* and its timestamp, on the far end's timeline */
	uint32_t rtt_us;             /* as the endpoint smoothed it last */
	uint32_t offset_ms;          /* added to its timestamps for the party it is connected with */
	struct tg_ref anchored;      /* the party that offset_ms is meant for */
	struct bag said;             /* his last full voice frame, for codecs whose silence we cannot write */
	char name[MODEL_NAME_BYTES]; /* account */
};

/** What is played to a caller. */
struct playing {
	uint32_t prompt; /* row of the prompts */
	uint32_t frames;
	uint32_t frame_bytes;
	uint32_t ts_ms;      /* of frame 0 */
	uint64_t started_us; /* when frame 0 left; 0: nothing is played */
	uint64_t format;
	uint8_t loop;
};

/** A tone that sounds while the dialplan goes on. */
struct tone {
	struct tg_ref call;
	struct playing playing;
	char text[TONE_BYTES]; /* the arguments of Playtones */
};

/** A Dial that runs. */
struct dialling {
	uint64_t started_us, answered_us;
	uint64_t limit_us;                      /* how long they may talk; 0 for as long as they like */
	uint32_t busy, congestion, unavailable; /* how many callees ended so */
	uint8_t cause;                          /* the one to pass on, of the failures so far */
	uint8_t targets;                        /* asked for, reached or not */
	uint8_t rings;                          /* option r */
	uint8_t goes_on;                        /* option g */
	uint8_t told_ringing;
};

static_assert(sizeof(struct dialling) >= sizeof(struct playing), "what ends both clears the longer one");

/** What a caller wishes to speak. */
struct wishes {
	uint64_t offer, requested;
	uint8_t prefs[PREFS_KEPT]; /* letters of CODEC_PREFS */
};

/** One call: a caller and what the dialplan does with him. */
struct call {
	uint64_t started_us;        /* monotonic: wall time may be set while the call lasts */
	struct tg_ref caller;       /* party; stale when he is gone */
	uint32_t callees;           /* index + 1 of the first */
	uint32_t talks;             /* index + 1 of the callee the caller hears; 0 for none */
	uint32_t world;             /* slot; NO_ROW when it had to be given up */
	uint32_t user;              /* row in that world; NO_ROW for none */
	uint32_t context, priority; /* place in the dialplan; context is a row */
	union {
		uint32_t steps;            /* of the dialplan so far */
		uint32_t arrived_after_us; /* before: the frame that must be answered in the failure's time (R8) */
	};
	uint32_t frames;    /* index + 1 of the innermost Gosub; 0 for none */
	uint8_t state;      /* enum call_state */
	uint8_t todo;       /* enum call_todo */
	uint8_t app;        /* enum app_id; APP_NONE between two */
	uint8_t why;        /* enum model_reason */
	uint8_t proof;      /* enum iax_proof */
	uint8_t cause;      /* to hang up with */
	uint8_t tone;       /* the cause that Busy or Congestion tells him; 0 while none does */
	uint8_t dial_cause; /* HANGUPCAUSE of the last Dial */
	uint8_t presentation;
	uint8_t prefs_len;
	uint8_t digits_len;
	union {
		uint8_t app_count;  /* for the application that runs: files begun */
		uint8_t answer_app; /* before, of a phone that we call: enum world_app_id to run when it answers */
	};
	bool app_flag : 1;     /* and something it has to remember */
	bool foreign_args : 1; /* a caller chose some of its arguments */
	bool asked : 1;        /* counted as outstanding AUTHREQ */
	bool admitted : 1;     /* authenticated, or a guest: it gets a record */
	bool answered : 1;
	bool failed : 1;     /* Dial failed, a rejection: the record says so */
	bool connected : 1;  /* a callee has answered: the record keeps his name */
	bool dialled : 1;    /* a Dial has run: its cause goes back to the caller */
	bool wide : 1;       /* the caller understands FORMAT2 */
	bool tried : 1;      /* the vault was asked for its verdict */
	bool decided : 1;    /* it was told whether the call was let in */
	uint16_t tone_place; /* index + 1 of the tone that sounds; 0 for none */
	uint64_t hears;      /* offer and the account's codecs: what may be sent to him */
	char exten[EXTEN_BYTES];
	char name[MODEL_NAME_BYTES]; /* CALLERID(name); CALLERID(num) is the record's */
	char language[16];
	uint32_t minute; /* of wall time when it came to its place: what was open then stays so */
	struct bag bag;
	union {
		struct wishes wishes;   /* until ACCEPT */
		struct dialling dial;   /* while a Dial runs */
		struct playing playing; /* while a prompt is played */
		char digits[32];        /* dialled while no application runs */
	};
	struct model_call_record record; /* context: until the call is admitted, the one asked for */
};

/** A Gosub that has not returned: where it goes on, and what is only seen until then. */
struct frame {
	uint32_t below;             /* index + 1 of the one around it; 0 for none */
	uint32_t context, priority; /* of the Gosub */
	uint32_t minute;            /* of its place */
	struct bag locals;          /* ARG1.., ARGC, and what LOCAL() set */
	char exten[EXTEN_BYTES];
};

/** A registration that asks to be let in. */
struct pending {
	struct iax_leg_id id;
	uint64_t arrived_us;
	struct tg_addr remote, local;
	uint16_t refresh_s;
	uint8_t release;
	uint8_t why; /* enum model_reason */
	uint8_t proof;
	uint8_t judged; /* the vault was asked */
	char name[MODEL_NAME_BYTES];
};

/** Credentials whose sender left before the vault's verdict: it is told all the same. */
struct left_behind {
	uint64_t cookie;         /* of the question */
	uint32_t older, younger; /* index + 1; 0 for none */
	uint64_t since_us;
	uint64_t call;
	struct tg_addr from, local;
	uint8_t request; /* enum model_request */
	uint8_t why;     /* enum model_reason */
	uint8_t proven, exists, roaming, decoy, weak;
	char account[MODEL_NAME_BYTES], exten[MODEL_NAME_BYTES], context[MODEL_NAME_BYTES];
};

/** What is known at run time of one name: where a peer is, whether it answers. */
struct account {
	char name[MODEL_NAME_BYTES];
	struct model_binding binding; /* expires_ms 0: none */
	struct iax_leg_id poke;
	uint32_t peer;       /* row in the current world; NO_ROW if it has no such peer */
	int32_t rtt_ms;      /* -1 none yet, -2 no answer */
	int32_t last_rtt_ms; /* the one before, for smoothing */
	uint8_t poking;
	uint8_t user_latched, peer_latched; /* requirecalltoken=auto has seen a token with a proven secret */
	uint32_t outgoing;                  /* index + 1 of our registration that lasts as long as its own */
	uint32_t limit;                     /* of call numbers of limit_host; 0: in no list */
	uint32_t limit_next, limit_before;  /* index + 1: others of the same host, larger limits first */
	struct tg_addr limit_host;
};

/** A registration of ours with somebody else. */
struct outgoing {
	struct iax_registrant registrant;
	struct iax_leg_id id;
	uint32_t row;     /* in the current world; NO_ROW: it is being released */
	uint32_t account; /* index + 1 of the one whose own registration it lasts as long as; 0: it is always wanted */
	uint8_t open;     /* a leg is under way */
	struct tg_addr remote, local;
	char name[MODEL_NAME_BYTES], username[MODEL_NAME_BYTES], host[MODEL_NAME_BYTES];
};

/** A world's place, and how many calls hold it. */
struct world_use {
	uint64_t generation;
	uint32_t calls;
	uint32_t guests_from, guests_to; /* users without authentication are all within these rows */
};

struct outside {
	struct iax_endpoint *ep;
	const struct tg_log *log;
	const struct world *worlds[SWITCH_WORLDS];
	const struct prompts *prompts[SWITCH_WORLDS];
	struct switch_ops ops;
	/* The full voice frame that is being dealt with, and whose it is. */
	struct tg_span heard;
	struct tg_ref heard_from;
	/* While an application starts: its arguments, and for each octet whether a caller chose it. */
	struct tg_span args;
	const uint8_t *args_origin;
};

struct tg_switch {
	struct outside outside;
	struct switch_config config;
	uint64_t now_us, wall_us; /* of the entry that runs */
	uint8_t key[IAX_KEYED_KEY_BYTES];
	uint64_t next_unique;
	struct world_use uses[SWITCH_WORLDS];
	uint32_t world;    /* slot of the current one; NO_ROW before the first */
	uint32_t admitted; /* calls of those who may call */
	uint32_t bound;    /* bindings that live */
	uint8_t stopping;
	struct bag globals;
	struct switch_stats stats;
	struct tg_ref changing;              /* the call that is being changed; none between two entries */
	uint32_t left_oldest, left_youngest; /* of who left before the verdict: index + 1; 0 for none */
	/* Where in the block. */
	uint64_t calls_at, parties_at, pieces_at, frames_at, tones_at, pendings_at, accounts_at, outgoings_at, names_at,
		asked_at, limits_at, wheel_at, paids_at, paid_places_at, paid_records_at, usages_at, charged_at,
		lefts_at, left_cookies_at;
};

/** Timers of the wheel: one kind after the other, each as long as its slab. */
enum timer_kind {
	TIMER_CALL,     /* the application that runs */
	TIMER_ABSOLUTE, /* TIMEOUT(absolute) */
	TIMER_PAID,     /* of the leg that is talked with */
	TIMER_QUALIFY,
	TIMER_BINDING,
	TIMER_OUTGOING,
	TIMER_TONE,
	TIMER_KINDS,
};

static inline struct tg_slab *calls_of(const struct tg_switch *sw)
{
	return (struct tg_slab *)((uintptr_t)sw + sw->calls_at);
}

static inline struct tg_slab *parties_of(const struct tg_switch *sw)
{
	return (struct tg_slab *)((uintptr_t)sw + sw->parties_at);
}

static inline struct tg_slab *pieces_of(const struct tg_switch *sw)
{
	return (struct tg_slab *)((uintptr_t)sw + sw->pieces_at);
}

static inline struct tg_slab *frames_of(const struct tg_switch *sw)
{
	return (struct tg_slab *)((uintptr_t)sw + sw->frames_at);
}

static inline struct tg_slab *tones_of(const struct tg_switch *sw)
{
	return (struct tg_slab *)((uintptr_t)sw + sw->tones_at);
}

static inline struct tg_slab *pendings_of(const struct tg_switch *sw)
{
	return (struct tg_slab *)((uintptr_t)sw + sw->pendings_at);
}

static inline struct tg_slab *accounts_of(const struct tg_switch *sw)
{
	return (struct tg_slab *)((uintptr_t)sw + sw->accounts_at);
}

static inline struct tg_slab *outgoings_of(const struct tg_switch *sw)
{
	return (struct tg_slab *)((uintptr_t)sw + sw->outgoings_at);
}

static inline struct tg_map *names_of(const struct tg_switch *sw)
{
	return (struct tg_map *)((uintptr_t)sw + sw->names_at);
}

static inline struct tg_map *asked_of(const struct tg_switch *sw)
{
	return (struct tg_map *)((uintptr_t)sw + sw->asked_at);
}

static inline struct tg_map *limits_of(const struct tg_switch *sw)
{
	return (struct tg_map *)((uintptr_t)sw + sw->limits_at);
}

/* Legs that cost money; by the index of a party, index + 1 of its paid leg or 0; by the index of a call, what its record says. */
static inline struct tg_slab *paids_of(const struct tg_switch *sw)
{
	return (struct tg_slab *)((uintptr_t)sw + sw->paids_at);
}

static inline uint32_t *paid_places(const struct tg_switch *sw)
{
	return (uint32_t *)((uintptr_t)sw + sw->paid_places_at);
}

static inline struct model_paid *paid_records(const struct tg_switch *sw)
{
	return (struct model_paid *)((uintptr_t)sw + sw->paid_records_at);
}

static inline struct tg_slab *usages_of(const struct tg_switch *sw)
{
	return (struct tg_slab *)((uintptr_t)sw + sw->usages_at);
}

static inline struct tg_map *charged_of(const struct tg_switch *sw)
{
	return (struct tg_map *)((uintptr_t)sw + sw->charged_at);
}

/* Who left before the verdict, and each by the cookie of the question. */
static inline struct tg_slab *lefts_of(const struct tg_switch *sw)
{
	return (struct tg_slab *)((uintptr_t)sw + sw->lefts_at);
}

static inline struct tg_map *left_cookies_of(const struct tg_switch *sw)
{
	return (struct tg_map *)((uintptr_t)sw + sw->left_cookies_at);
}

static inline struct tg_wheel *wheel_of(const struct tg_switch *sw)
{
	return (struct tg_wheel *)((uintptr_t)sw + sw->wheel_at);
}

/** For entries that are told the monotonic time only: wall time went on by as much. */
void switch_at_now(struct tg_switch *sw, uint64_t now_us);

/** Set or, with TG_NEVER, clear the timer of one item. */
void switch_timer(struct tg_switch *sw, enum timer_kind kind, uint32_t index, uint64_t deadline_us);

/** The number of a timer in the wheel; of TIMER_KINDS: how many there are. */
uint32_t switch_timer_number(const struct tg_switch *sw, enum timer_kind kind, uint32_t index);
uint64_t switch_timer_at(const struct tg_switch *sw, enum timer_kind kind, uint32_t index);

/** Note which users of a world may be guests. */
void switch_find_guests(const struct world *world, struct world_use *use);

/** Wall time in minutes. */
static inline uint32_t minute_now(const struct tg_switch *sw)
{
	return (uint32_t)(sw->wall_us / (60 * TG_US_PER_S));
}

/** The current world and prompts; NULL before the first. */
const struct world *world_now(const struct tg_switch *sw);

/* Owner cookies of legs and of questions to the vault name an item of one of the slabs. */
enum owner_kind {
	OWNER_PARTY = 1,
	OWNER_PENDING,
	OWNER_OUTGOING,
	OWNER_ACCOUNT,
	OWNER_LEG, /* only of questions: the leg that a registration of ours has now */
};

enum { OWNER_SHIFT = 28 };

static inline uint64_t owner_pack(enum owner_kind kind, struct tg_ref ref)
{
	return tg_ref_pack(ref) | (uint64_t)kind << OWNER_SHIFT;
}

static inline enum owner_kind owner_kind(uint64_t owner)
{
	return (enum owner_kind)((uint32_t)owner >> OWNER_SHIFT);
}

static inline struct tg_ref owner_ref(uint64_t owner)
{
	struct tg_ref ref = tg_ref_unpack(owner);

	ref.index &= (UINT32_C(1) << OWNER_SHIFT) - 1;
	return ref;
}

/** The text of a fixed array as a span. */
static inline struct tg_span name_span(const char *name)
{
	return tg_span_text(name);
}

#endif
