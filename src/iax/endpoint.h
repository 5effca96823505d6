/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_ENDPOINT_H
#define TG_IAX_ENDPOINT_H

#include "base/addr.h"
#include "base/slab.h"
#include "iax/err.h"
#include "iax/ies.h"
#include "iax/wire.h"

/**
 * An IAX2 endpoint: all legs of one UDP port, without sockets, clock, threads or secrets (RFC 5456; sans-IO). Bytes, time and
 * a random seed come in; events and datagrams wait inside until the owner fetches them:
 *
 *   receive or act -> next_event until false -> next_datagram until false -> sleep until deadline_us -> expire
 *
 * It lives in one block of memory of the caller and holds no pointer, so the block can be mapped elsewhere. It belongs
 * to one thread. Time is monotonic, in microseconds, and never runs backwards.
 */
struct iax_endpoint;

/** Names one leg: a call, a registration or a poke. Stale as soon as IAX_EV_ENDED was given. */
struct iax_leg_id {
	struct tg_ref ref;
};

struct iax_config {
	uint32_t legs_max;        /* legs alive at once, half-open and closing ones too */
	uint32_t frames_max;      /* unacknowledged frames held, over all legs */
	uint32_t events_max;      /* events that may wait */
	uint8_t seed[32];         /* from crypt_seed_from_kernel(), or fixed in a simulation */
	uint64_t wall_us;         /* wall time at now_us of init, for DATETIME and token slots; 0 in simulations */
	uint32_t ping_period_ms;  /* 21000 (`pingtime`) */
	uint32_t lagrq_period_ms; /* 10000 (`lagrqtime`), 0 for none */
	uint32_t setup_ms;        /* 30000: answer to NEW must have come */
	uint32_t half_open_ms;    /* 10000: life of a leg that never authenticated (ruling R11) */
	uint32_t half_open_host; /* 16: such legs one address may hold; one of its most crowded port makes room (R11) */
	uint32_t half_open_max;  /* such legs over all: what strangers can hold; 0: no limit */
	uint32_t host_numbers_max;     /* 2048: as iax_pass has it, for iax_endpoint_receive(); 0: no limit */
	uint32_t unproven_numbers_max; /* 8192: the same */
	uint32_t token_slot_ms;        /* 8000 (`calltokenexpiration`, ruling R1) */
	bool token_text;               /* 10 characters instead of 7 octets (`calltoken-text`) */
	bool with_door;                /* iax_endpoint_receive() does the stateless part (iax/door.h) itself */
	bool token_required;           /* with_door: an opening frame without the element is refused (R2) */
};

/** The values named above. seed is left zero: the caller fills it. */
struct iax_config iax_config_default(void);

size_t iax_endpoint_size(const struct iax_config *config);

/** @param mem  iax_endpoint_size() bytes, aligned to 64, zeroed; belongs to the caller for the endpoint's whole life */
struct iax_endpoint *iax_endpoint_init(void *mem, const struct iax_config *config, uint64_t now_us);

/** One received or sent datagram. `local` names the address it came to or leaves from (never a wildcard). */
struct iax_datagram {
	struct tg_addr remote;
	struct tg_addr local;
	struct tg_span bytes;
};

/**
 * Feed one received datagram. Does not keep in->bytes, except that views in the events it queues point there: fetch the
 * events before the bytes go away. Creates at most one leg, and only for an opening frame that the door let pass. All senders
 * are alike and have the limits of the configuration; iax_endpoint_open() tells them apart.
 *
 * @param proof  IAX_PROVEN: the door found a valid call token; IAX_UNPROVEN: policy excuses the sender from one (with_door:
 *               ignored, it looks itself). Who is excused is served like everybody else: acknowledgement, challenge and their
 *               repetitions go to an address that nobody proved, and are longer than its request. So excuse declared ranges
 *               alone (R5, R10)
 * @return IAX_OK, or why it was refused; that is for counters: nothing is left to do
 */
enum iax_err iax_endpoint_receive(struct iax_endpoint *ep, const struct iax_datagram *in, enum iax_proof proof,
                                  uint64_t now_us);

/** What the owner knows of the sender of an opening frame, and what he may have (ruling R11). */
struct iax_pass {
	enum iax_proof proof;
	uint32_t numbers_max;  /* call numbers that dialogs opened from its host may hold at once; 0: none */
	uint32_t unproven_max; /* numbers of all dialogs without a token, over all hosts */
	bool is_known; /* an account proved itself from its network, or it is declared: at each ceiling it goes first */
};

/**
 * As iax_endpoint_receive(), for a frame that may open a leg, with the limits of its sender. A host is an IPv4 address or an
 * IPv6 network of 64 bits.
 *
 * At a ceiling (of its host, of those without token, of half-open legs, of legs) the oldest unanswered leg makes room, strangers' before
 * those of known networks; of a host, it is the oldest of the port that has the most of them. If none can, the frame is refused. A
 * quarter of unproven_max and seven eighths of the half-open legs are the most that strangers get; one of them that never
 * authenticates and has no token holds half_open_host numbers. A limit that was lowered ends nothing.
 *
 * @return also IAX_ERR_HOST_NUMBERS, IAX_ERR_UNPROVEN_NUMBERS, IAX_ERR_NO_ROOM: REJECT or REGREJ is on its way, nothing is kept
 */
enum iax_err iax_endpoint_open(struct iax_endpoint *ep, const struct iax_datagram *in, const struct iax_pass *pass,
                               uint64_t now_us);

/** Whether an opening frame belongs to a leg or tombstone that is there: it opens nothing new. */
bool iax_endpoint_is_repeat(const struct iax_endpoint *ep, const struct iax_datagram *in, uint64_t now_us);

/** Call numbers by remote host, for people. peak and refused are of the time since the host was last forgotten. */
struct iax_host_row {
	struct tg_addr addr; /* port 0 */
	uint32_t bits;       /* 32 or 64 */
	uint32_t used, half_open, unproven, limit, peak, refused;
};

/** cursor starts at 0. @return false after the last */
bool iax_endpoint_host_row(const struct iax_endpoint *ep, uint32_t *cursor, struct iax_host_row *row);

/**
 * Whether a call with this network is established or accepted, in either direction. One look for an IPv4 address and for an IPv6
 * network of 64 bits (what is longer, counts as that network); all hosts are walked through for a wider one.
 */
bool iax_endpoint_has_call(const struct iax_endpoint *ep, struct tg_addr base, unsigned bits);

/**
 * Whether a datagram may be for a leg, by its sender and the call number in it alone: one look into a table, for who must choose what to
 * feed. Frames of ended legs are for none.
 */
bool iax_endpoint_has_leg(const struct iax_endpoint *ep, const struct iax_datagram *in);

/** Take the next datagram to send. The bytes stay valid until the next call of any function of the endpoint. */
bool iax_endpoint_next_datagram(struct iax_endpoint *ep, struct iax_datagram *out, uint64_t now_us);

/** When to call iax_endpoint_expire() at the latest; TG_NEVER if nothing is due. */
uint64_t iax_endpoint_deadline_us(const struct iax_endpoint *ep);

/** Do what is due: retransmit, give up, end half-open legs, ping. */
void iax_endpoint_expire(struct iax_endpoint *ep, uint64_t now_us);

/* ---- What happened ------------------------------------------------------------------------------------------- */

/* clang-format off */
#define IAX_EVENTS(X)                                                                                          \
	X(IAX_EV_OFFERED, "a NEW: challenge, accept or reject it")                                            \
	X(IAX_EV_VERIFY, "credentials came: accept or reject (call), reg_accept or reject (registration)")    \
	X(IAX_EV_CONFIRMED, "the caller confirmed our ACCEPT: start the application")                         \
	X(IAX_EV_CHALLENGED, "our request is challenged: respond, or give_up")                                \
	X(IAX_EV_ACCEPTED, "our call is accepted; format is set")                                             \
	X(IAX_EV_CONTROL, "a CONTROL frame; subclass and payload")                                            \
	X(IAX_EV_DTMF, "digit; begun or ended")                                                               \
	X(IAX_EV_VOICE, "voice; format, ts_ms, payload, full")                                                \
	X(IAX_EV_VIDEO, "video; format, ts_ms, payload, full, marker")                                        \
	X(IAX_EV_FRAME, "TEXT, IMAGE, HTML or CNG: frame_type, subclass, payload; passed on unchanged")       \
	X(IAX_EV_QUELCH, "stop (subclass QUELCH) or resume (UNQUELCH) sending voice")                         \
	X(IAX_EV_TRANSFER, "the far end asks to call another number; ies")                                    \
	X(IAX_EV_RTT, "a PONG or LAGRP came: rtt_us, and the far end's report in ies")                        \
	X(IAX_EV_PINGED, "a PING came and was answered: a time for iax_leg_set_report(), for the next one")          \
	X(IAX_EV_REG_REQUEST, "REGREQ or REGREL (release): challenge or reject it; ies")                      \
	X(IAX_EV_REG_ACKED, "our registration is granted: refresh_s, ies")                                    \
	X(IAX_EV_POKED, "our POKE was answered: rtt_us")                                                      \
	X(IAX_EV_ENDED, "the leg is over: cause, text, why; its id is stale after this event")
/* clang-format on */

#define X(name, text) name,
enum iax_event_kind { IAX_EVENTS(X) IAX_EVENT_KINDS };
#undef X

/** Why a leg ended. */
enum iax_end {
	IAX_END_LOCAL,    /* we hung up or rejected */
	IAX_END_REMOTE,   /* HANGUP or CONTROL HANGUP from the far end */
	IAX_END_REJECTED, /* REJECT or REGREJ from the far end */
	IAX_END_TIMEOUT,  /* no answer, or retransmission gave up */
	IAX_END_INVAL,    /* the far end does not know the call */
	IAX_END_DONE,     /* a registration or poke that went well */
	IAX_END_EVICTED,  /* made room for another opening (ruling R11) */
};

enum iax_leg_kind {
	IAX_LEG_CALL_IN,
	IAX_LEG_CALL_OUT,
	IAX_LEG_REG_IN,
	IAX_LEG_REG_OUT,
	IAX_LEG_POKE_OUT,
};

struct iax_event {
	enum iax_event_kind kind;
	struct iax_leg_id leg;
	uint64_t owner; /* what iax_leg_set_owner() or open() gave; 0 before */
	enum iax_leg_kind leg_kind;
	struct tg_addr remote;
	struct tg_addr local;
	uint8_t frame_type;        /* EV_FRAME */
	uint8_t subclass;          /* EV_CONTROL, EV_FRAME, EV_QUELCH */
	bool full;                 /* EV_VOICE, EV_VIDEO: came as a full frame */
	bool marker;               /* EV_VIDEO */
	bool begun;                /* EV_DTMF: digit pressed (type 12), else released or complete (type 1) */
	bool release;              /* EV_REG_REQUEST, EV_VERIFY: REGREL */
	enum iax_proof proof;      /* EV_OFFERED, EV_REG_REQUEST */
	char digit;                /* EV_DTMF */
	uint64_t format;           /* EV_VOICE, EV_VIDEO, EV_ACCEPTED: exactly one bit */
	uint32_t ts_ms;            /* the sender's timeline, rebuilt to 32 bits */
	uint32_t rtt_us;           /* EV_RTT, EV_POKED */
	uint16_t refresh_s;        /* EV_REG_REQUEST, EV_REG_ACKED; 0 if absent */
	uint8_t cause;             /* EV_ENDED: 4.7 of the protocol reference, 0 if the far end named none */
	enum iax_end end;          /* EV_ENDED */
	struct tg_span payload;    /* until the received bytes go away */
	struct tg_span text;       /* EV_ENDED: CAUSE, same life */
	const struct iax_ies *ies; /* EV_OFFERED, EV_VERIFY, EV_CHALLENGED, EV_REG_*, EV_ACCEPTED; until the next
	                               event is fetched; NULL where there are none */
};

/** Take the next event, oldest first. */
bool iax_endpoint_next_event(struct iax_endpoint *ep, struct iax_event *out);

/* ---- Opening legs -------------------------------------------------------------------------------------------- */

/** What a NEW of ours says. Texts are copied into the frame; absent ones have len 0. */
struct iax_call_open {
	struct tg_addr remote;
	struct tg_addr local; /* the address to leave from */
	uint64_t owner;
	struct tg_span called_number, called_context, calling_number, calling_name, calling_ani, dnid, rdnis;
	struct tg_span username, language;
	uint8_t calling_presentation; /* 4.6 */
	uint8_t calling_ton;
	uint16_t calling_tns;
	uint64_t format;            /* exactly one bit: preferred */
	uint64_t capability;        /* all that we take */
	uint32_t unheard_ms;        /* nothing was heard by then: it ends; 0: setup_ms alone ends it */
	struct tg_span codec_prefs; /* letters of 4.8, may be empty */
	bool auto_answer;
	const struct iax_variable *variables;
	size_t variable_count;
};

/** Send NEW. Ends in EV_ACCEPTED or EV_ENDED, perhaps with EV_CHALLENGED before. */
TG_MUST_USE enum iax_err iax_call_open(struct iax_endpoint *ep, const struct iax_call_open *open, uint64_t now_us,
                                       struct iax_leg_id *leg);

struct iax_reg_open {
	struct tg_addr remote;
	struct tg_addr local;
	uint64_t owner;
	struct tg_span username;
	uint16_t refresh_s;
	bool release; /* REGREL instead of REGREQ */
};

/** Send REGREQ or REGREL. EV_CHALLENGED perhaps, then EV_REG_ACKED and EV_ENDED, or EV_ENDED alone. */
TG_MUST_USE enum iax_err iax_reg_open(struct iax_endpoint *ep, const struct iax_reg_open *open, uint64_t now_us,
                                      struct iax_leg_id *leg);

/** Send POKE: EV_POKED and EV_ENDED, or EV_ENDED with IAX_END_TIMEOUT after timeout_ms. */
TG_MUST_USE enum iax_err iax_poke_open(struct iax_endpoint *ep, struct tg_addr remote, struct tg_addr local,
                                       uint32_t timeout_ms, uint64_t owner, uint64_t now_us, struct iax_leg_id *leg);

/* ---- The owner's wishes. A leg whose state does not allow one gives IAX_ERR_UNEXPECTED and stays as it is; a stale
 * id gives IAX_ERR_NO_LEG. ------------------------------------------------------------------------------------- */

void iax_leg_set_owner(struct iax_endpoint *ep, struct iax_leg_id leg, uint64_t owner);

/** AUTHREQ or REGAUTH. methods: IAX_AUTH_MD5 | IAX_AUTH_RSA; the challenge's octets are copied. */
TG_MUST_USE enum iax_err iax_leg_challenge(struct iax_endpoint *ep, struct iax_leg_id leg, uint16_t methods,
                                           struct tg_span challenge, uint64_t now_us);

/** The answer to EV_CHALLENGED: 32 hexadecimal digits in AUTHREP, or in the second REGREQ or REGREL. */
TG_MUST_USE enum iax_err iax_leg_respond_md5(struct iax_endpoint *ep, struct iax_leg_id leg, struct tg_span digits,
                                             uint64_t now_us);

/**
 * ACCEPT with exactly one format bit, which must be among those offered (any, if the caller offered none). From then on the
 * caller may send this format alone.
 *
 * @return also IAX_ERR_BAD_FORMAT
 */
TG_MUST_USE enum iax_err iax_call_accept(struct iax_endpoint *ep, struct iax_leg_id leg, uint64_t format,
                                         uint64_t now_us);

/** The same, and the caller may later change to what he offered of `takes`, audio and video (protocol reference 3.6 step 7). */
TG_MUST_USE enum iax_err iax_call_accept_among(struct iax_endpoint *ep, struct iax_leg_id leg, uint64_t format,
                                               uint64_t takes, uint64_t now_us);

/**
 * REJECT or REGREJ, and the leg closes. The ACK that the peer waits for leaves at once; the refusal itself at
 * not_before_us (ruling R8; now_us or 0 for at once).
 */
TG_MUST_USE enum iax_err iax_leg_reject(struct iax_endpoint *ep, struct iax_leg_id leg, uint8_t cause,
                                        struct tg_span text, uint64_t not_before_us, uint64_t now_us);

struct iax_reg_grant {
	struct tg_span username;
	uint16_t refresh_s;
	struct tg_span calling_number, calling_name;
	bool has_msgcount;
	uint16_t msgcount;
};

/** REGACK. APPARENT_ADDR (the leg's remote address) and DATETIME (UTC) are added. */
TG_MUST_USE enum iax_err iax_reg_accept(struct iax_endpoint *ep, struct iax_leg_id leg,
                                        const struct iax_reg_grant *grant, uint64_t now_us);

/** HANGUP (before ACCEPT of an incoming call: REJECT). Ends in EV_ENDED at once; delivery is the endpoint's affair. */
TG_MUST_USE enum iax_err iax_leg_hangup(struct iax_endpoint *ep, struct iax_leg_id leg, uint8_t cause,
                                        struct tg_span text, uint64_t now_us);

/** A CONTROL frame (IAX_CONTROL_RINGING, _ANSWER, ...), only after ACCEPT. */
TG_MUST_USE enum iax_err iax_leg_control(struct iax_endpoint *ep, struct iax_leg_id leg, uint8_t subclass,
                                         struct tg_span payload, uint64_t now_us);

/** begun: type 12; else type 1. */
TG_MUST_USE enum iax_err iax_leg_dtmf(struct iax_endpoint *ep, struct iax_leg_id leg, char digit, bool begun,
                                      uint64_t now_us);

/** TEXT, IMAGE, HTML, CNG: any full frame that is passed on as it came. */
TG_MUST_USE enum iax_err iax_leg_frame(struct iax_endpoint *ep, struct iax_leg_id leg, uint8_t frame_type,
                                       uint8_t subclass, struct tg_span payload, uint64_t now_us);

/** QUELCH or UNQUELCH. */
TG_MUST_USE enum iax_err iax_leg_quelch(struct iax_endpoint *ep, struct iax_leg_id leg, bool quelch, uint64_t now_us);

/**
 * Voice: as a full frame if it is the first, the format changed, ts_ms crossed a multiple of 32768, or full is asked
 * for; else as a mini frame. ts_ms is on our timeline of the leg (iax_leg_clock_ms()).
 */
TG_MUST_USE enum iax_err iax_leg_voice(struct iax_endpoint *ep, struct iax_leg_id leg, uint64_t format, uint32_t ts_ms,
                                       struct tg_span payload, bool full, uint64_t now_us);

/** Milliseconds of our timeline of this leg; 0 for a stale id. */
uint32_t iax_leg_clock_ms(const struct iax_endpoint *ep, struct iax_leg_id leg, uint64_t now_us);

/** What went over a leg, in the receive direction as we see it. */
struct iax_report {
	uint32_t packets;
	uint32_t lost;
	uint32_t out_of_order;
	uint32_t dropped;
	uint32_t jitter_ms;
	uint16_t delay_ms;
	uint8_t loss_percent;
};

struct iax_leg_info {
	enum iax_leg_kind kind;
	uint64_t owner;    /* what iax_leg_set_owner() or open() gave */
	const char *state; /* name, for people */
	struct tg_addr remote, local;
	uint16_t local_number, remote_number; /* 15 bits; 0 while unknown */
	uint64_t rx_format, tx_format;        /* of the last full voice frame; 0 for none yet */
	uint8_t oseqno, iseqno;
	uint32_t rtt_us; /* smoothed; 0 before the first measure */
	uint32_t lag_ms;
	bool authenticated;
	bool linked, up; /* calls: accepted and confirmed; answered, too */
	enum iax_proof proof;
	uint32_t retransmits;
	uint8_t first_subclass; /* of the frame that opened the leg */
	bool opened_by_us;
	uint8_t last_rx_type, last_rx_subclass, last_tx_type, last_tx_subclass;
	struct iax_report local_report;  /* what we told the far end last */
	struct iax_report remote_report; /* what the far end told us last */
};

/** @return false for a stale id */
bool iax_leg_info(const struct iax_endpoint *ep, struct iax_leg_id leg, struct iax_leg_info *out);

/** Walk all legs: index from 0 to iax_endpoint_leg_max() - 1. @return false if that place is free */
uint32_t iax_endpoint_leg_max(const struct iax_endpoint *ep);
bool iax_endpoint_leg_at(const struct iax_endpoint *ep, uint32_t index, struct iax_leg_id *leg);

/**
 * What to tell in the next PONG, when media is not received through the endpoint (the engine's relay counts). Without
 * this call the endpoint reports what it counted itself.
 */
void iax_leg_set_report(struct iax_endpoint *ep, struct iax_leg_id leg, const struct iax_report *report);

struct iax_endpoint_stats {
	uint64_t received, sent, retransmitted, refused[IAX_ERR_COUNT];
	uint32_t legs, legs_peak, frames_pending;
	uint32_t numbers_used;
	uint32_t unproven_used; /* numbers of dialogs without a token */
	uint64_t evicted;       /* half-open legs that made room */
};

void iax_endpoint_stats(const struct iax_endpoint *ep, struct iax_endpoint_stats *out);

#endif
