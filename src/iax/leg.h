/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_LEG_H
#define TG_IAX_LEG_H

#include "iax/endpoint.h"
#include "iax/frame.h"
#include "iax/quality.h"
#include "iax/seqwin.h"
#include "iax/timeline.h"

/*
 * One leg and its state machine; what the files of the endpoint share. Not for others, except for tests.
 */

/** States (protocol reference 5.1 to 5.6); the texts are shown to people. */
/* clang-format off */
#define LEG_STATES(X)                                                                          \
	X(LEG_NEW_SENT, "calling")             /* our NEW is out */                           \
	X(LEG_NEW_ASKED, "challenged")         /* AUTHREQ came, our owner looks for the answer */ \
	X(LEG_NEW_AUTHED, "authenticating")    /* AUTHREP is out */                           \
	X(LEG_OFFERED, "offered")              /* NEW came */                                 \
	X(LEG_ASKED, "asked")                  /* AUTHREQ is out */                           \
	X(LEG_ANSWERED, "verifying")           /* AUTHREP came, our owner judges it */        \
	X(LEG_ACCEPTED, "accepted")            /* ACCEPT is out, the caller has not confirmed */ \
	X(LEG_LINKED, "linked")                \
	X(LEG_UP, "up")                        \
	X(LEG_REG_SENT, "registering")         \
	X(LEG_REG_ASKED, "challenged")         \
	X(LEG_REG_AUTHED, "authenticating")    \
	X(LEG_REG_OFFERED, "offered")          \
	X(LEG_REG_CHALLENGED, "asked")         \
	X(LEG_REG_ANSWERED, "verifying")       \
	X(LEG_POKE_SENT, "poking")             \
	X(LEG_CLOSING, "closing")              /* over for its owner; our last frame waits for its ACK */ \
	X(LEG_GONE, "gone")
/* clang-format on */

#define X(name, text) name,
enum leg_state { LEG_STATES(X) LEG_STATE_COUNT, LEG_SAME = LEG_STATE_COUNT /* in a rule: stay */ };
#undef X

/** What happens to a leg: a frame that passed its checks, a wish of its owner (LOCAL), a deadline (TIME). */
/* clang-format off */
#define LEG_EVENTS(X)        \
	X(ON_NEW)            \
	X(ON_AUTHREQ)        \
	X(ON_AUTHREQ_AGAIN)  /* more often than once again */ \
	X(ON_AUTHREP)        \
	X(ON_ACCEPT)         \
	X(ON_BAD_ACCEPT)     /* names no format, or one we did not offer */ \
	X(ON_REJECT)         \
	X(ON_HANGUP)         \
	X(ON_CONFIRM)        /* the far end has our ACCEPT and knows our number */ \
	X(ON_REGREQ)         \
	X(ON_REGREL)         \
	X(ON_REGAUTH)        \
	X(ON_REGAUTH_AGAIN)  \
	X(ON_REGACK)         \
	X(ON_REGREJ)         \
	X(ON_CALLTOKEN)      \
	X(ON_PING)           \
	X(ON_PONG)           /* to our PING or POKE */ \
	X(ON_LAGRQ)          \
	X(ON_LAGRP)          /* to our LAGRQ */ \
	X(ON_ECHO)           /* a PONG or LAGRP to nothing */ \
	X(ON_INVAL)          \
	X(ON_UNSUPPORT)      \
	X(ON_QUELCH)         /* and UNQUELCH */ \
	X(ON_TRANSFER)       \
	X(ON_TXREQ)          \
	X(ON_ODD)            /* a message of no feature of ours */ \
	X(ON_CONTROL)        \
	X(ON_ANSWER)         \
	X(ON_CONTROL_HANGUP) \
	X(ON_VOICE)          \
	X(ON_VIDEO)          \
	X(ON_DTMF)           \
	X(ON_DATA)           /* TEXT, IMAGE, HTML, CNG */ \
	X(ON_IGNORED)        /* NULL, MODEM, unknown types; media of no known format */ \
	X(ON_QUIET)          /* all our frames are acknowledged */ \
	X(ON_LOCAL_CHALLENGE) \
	X(ON_LOCAL_RESPOND)  \
	X(ON_LOCAL_ACCEPT)   \
	X(ON_LOCAL_GRANT)    \
	X(ON_LOCAL_REJECT)   \
	X(ON_LOCAL_HANGUP)   \
	X(ON_LOCAL_CONTROL)  \
	X(ON_LOCAL_ANSWER)   \
	X(ON_LOCAL_DATA)     /* DTMF, TEXT, IMAGE, HTML, CNG, QUELCH */ \
	X(ON_LOCAL_VOICE)    \
	X(ON_TIME_LIFE)      /* nobody answered in time */ \
	X(ON_TIME_DEAD)      /* sent often enough without an acknowledgement */ \
	X(ON_TIME_PING)      \
	X(ON_TIME_LAGRQ)
/* clang-format on */

#define X(name) name,
enum leg_on { LEG_EVENTS(X) LEG_ON_COUNT };
#undef X

/** A wish of the owner with all it may need. */
struct leg_wish {
	const struct iax_ies *ies;
	uint64_t format;
	uint64_t takes; /* ACCEPT: what the caller may change to */
	uint64_t not_before_us;
	struct tg_span payload;
	uint32_t ts_ms;
	uint8_t type, subclass;
	bool full;
};

enum { LEG_NAME_BYTES = 80 }; /* R19: accounts have no longer names */

struct leg {
	struct tg_addr remote, local;
	uint64_t owner;
	uint64_t epoch_us; /* its beginning, and zero of our timeline */
	uint64_t ended_us;
	uint64_t life_us;           /* ON_TIME_LIFE; TG_NEVER when the leg stands */
	uint64_t ping_us, lagrq_us; /* next one */
	uint64_t ping_sent_us, lagrq_sent_us;
	uint64_t probed_us; /* last PING because of a strange opening frame */
	uint64_t moved_us;  /* last PING to another port of its host */
	uint64_t rx_format, rx_video, tx_format;
	uint64_t allowed;   /* formats the far end may send */
	uint64_t name_hash; /* of the USERNAME in the first REGREQ */
	struct iax_timeline line;
	struct iax_quality quality;
	struct iax_report local_report, remote_report;
	struct iax_seqwin win;

	uint64_t vnak_sent_us, vnak_window_us, ping_window_us;
	uint32_t ping_ts_ms, lagrq_ts_ms;
	uint32_t last_ts_ms;  /* of our full frames */
	uint32_t voice_ts_ms; /* of our last voice */
	uint32_t rtt_us, lag_ms, retransmits;
	uint32_t older, younger, host_older, host_younger; /* lists of half-open legs: index + 1 */
	uint32_t host;                                     /* index + 1 of whom it counts for; 0 for nobody */
	uint32_t trunk_offset_ms;                          /* from the trunk's clock to the far end's timeline */
	uint16_t number, remote_number;
	uint16_t refresh_s;  /* that we asked for */
	uint16_t open_len;   /* our opening frame without its CALLTOKEN */
	uint16_t trunk;      /* the last trunk frame with something for this leg; 0 for none */
	uint16_t moved_port; /* the port that must answer it, 0 for none */
	uint8_t state;       /* enum leg_state */
	uint8_t kind;        /* enum iax_leg_kind */
	uint8_t proof;       /* enum iax_proof */
	uint8_t opening;     /* subclass of the frame that opened it */
	uint8_t accept_seq;  /* OSeqno of our ACCEPT */
	uint8_t ping_seq;    /* OSeqno of our PING */
	uint8_t challenges;  /* AUTHREQ or REGAUTH seen */
	uint8_t token_rounds;
	uint8_t vnaks_honoured, vnaks_media, pings_answered, unsupports;
	uint8_t trunk_repeats; /* entries before this one in the same trunk frame */
	uint8_t last_rx_type, last_rx_subclass, last_tx_type, last_tx_subclass;
	bool ended; /* its owner was told; the id is stale */
	bool authenticated, wide, tokened, token_restarted, ping_out, lagrq_out, voice_sent, full_wanted, quelched;
	bool stands;       /* its address is a peer's because of it, too */
	bool report_given; /* local_report comes from the owner */
	bool known;        /* opened from a known network */
	uint8_t list;      /* enum core_list, of `older` and `younger` */
	uint8_t name_len;
	uint8_t name[LEG_NAME_BYTES]; /* USERNAME of the request, cut to fit: every challenge and answer repeats it */
};

#define LEG_IN(state) (UINT32_C(1) << (state))

/** Its peer has not shown who it is, and perhaps never did. */
static inline bool leg_is_stranger(const struct leg *leg)
{
	return leg->list != 0;
}

/** An established call, or one that was accepted and not confirmed yet. */
static inline bool leg_has_call(const struct leg *leg)
{
	return (LEG_IN(leg->state) & (LEG_IN(LEG_ACCEPTED) | LEG_IN(LEG_LINKED) | LEG_IN(LEG_UP))) != 0;
}

static inline struct tg_span leg_name(const struct leg *leg)
{
	return (struct tg_span){ leg->name, leg->name_len };
}

/** Keep a USERNAME. @return false if it was cut */
bool leg_set_name(struct leg *leg, struct tg_span name);

/** What one event brings along while it is handled. */
struct leg_turn {
	struct iax_endpoint *ep;
	struct leg *leg;
	uint64_t now_us;
	const struct iax_frame *frame; /* from the wire; else NULL */
	const struct iax_ies *ies;     /* of that frame */
	const struct leg_wish *wish;   /* of the owner; else NULL */
	enum iax_err err;              /* set by an action that could not be done: the state stays */
};

typedef void leg_act(struct leg_turn *turn);

/** `in` is a set: bit n for state n. LEG_SAME as `out` keeps the state. */
struct leg_rule {
	uint32_t in;
	enum leg_on on;
	leg_act *act;
	enum leg_state out;
};

#define LEG_ALL ((UINT32_C(1) << LEG_GONE) - 1)

struct leg_rules {
	const struct leg_rule *rules;
	size_t count;
};

/* One table a part of the protocol; leg.c asks them in this order. */
extern const struct leg_rules leg_rules_call_out, leg_rules_call_in, leg_rules_talk, leg_rules_reg_out,
	leg_rules_reg_in, leg_rules_poke, leg_rules_any;

/** The row for this pair, or NULL: then a frame is acknowledged and no more, and a wish is refused. */
const struct leg_rule *leg_rule_find(enum leg_state state, enum leg_on on);

const char *leg_state_text(enum leg_state state);

/** The enumerator's name, for logs. */
const char *leg_on_name(enum leg_on on);

/** From now on the leg stands: PINGs begin, and nobody waits for an answer any more. */
void leg_stands(struct leg_turn *turn);

/** Let one event happen to a leg. @return turn->err, or IAX_ERR_UNEXPECTED if no row lists the pair */
enum iax_err leg_happen(struct leg_turn *turn, enum leg_on on);

/** The event that a numbered or unnumbered full frame is for this leg. */
enum leg_on leg_classify(const struct leg *leg, const struct iax_frame *frame, const struct iax_ies *ies,
                         uint64_t now_us);

/** True if the frame wants an explicit ACK (2.5); false where another answer of ours acknowledges, or nothing does. */
bool leg_wants_ack(const struct iax_frame *frame);

/* ---- What actions do (leg_send.c) ---------------------------------------------------------------------------- */

/** A numbered frame with elements. `at_us` is when it leaves. @return false if window or pool is full */
bool leg_send_ies(struct leg_turn *turn, uint8_t subclass, const struct iax_ies *ies, uint64_t at_us);

/** A numbered frame with a payload, stamped ts_ms (0: from our clock). */
bool leg_send_frame(struct leg_turn *turn, const struct iax_frame *frame);

/** The opening frame, written with its CALLTOKEN last: hold it and send it. */
void leg_push_opening(struct leg_turn *turn, const struct tg_writer *w);

/** ON_CALLTOKEN: the same request with the token (6.3). */
void leg_open_with_token(struct leg_turn *turn);

/** 6.3 step 7: two transmissions with a token are unanswered, so it may be too old: time to ask for another one, once. */
bool leg_restarts_token(const struct leg_turn *turn);
void leg_restart_token(struct leg_turn *turn);

/** ACK of turn->frame. */
void leg_send_ack(struct leg_turn *turn);

/** VNAK, if the last one is long enough ago. @return false if not */
bool leg_send_vnak(struct leg_turn *turn);

/** Send what the window has due; false if the leg is dead. */
bool leg_send_due(struct leg_turn *turn);
void leg_resend(struct leg_turn *turn, uint8_t from);

/** Our timeline, never 0, and later than any full frame before. */
uint32_t leg_next_ts_ms(struct leg *leg, uint64_t now_us);
uint32_t leg_clock_ms(const struct leg *leg, uint64_t now_us);

/** HANGUP with this cause; the leg must go to LEG_CLOSING. A full window or pool only costs the far end the message. */
void leg_send_hangup(struct leg_turn *turn, uint8_t cause, struct tg_span text);

/** Cause and text as elements. */
struct iax_ies leg_cause(uint8_t cause, struct tg_span text);

/* ---- Telling the owner (tell.c) ------------------------------------------------------------------------------- */

void leg_tell(const struct leg_turn *turn, enum iax_event_kind kind);
void leg_tell_ended(const struct leg_turn *turn, enum iax_end end, uint8_t cause);

/* ---- Link monitoring (leg_any.c) ------------------------------------------------------------------------------- */

void leg_send_ping(struct leg_turn *turn);
void leg_send_lagrq(struct leg_turn *turn);

/* ---- Its end by the far end (teardown.c) ------------------------------------------------------------------------ */

/** HANGUP, REJECT and what else ends a leg when it comes in order. */
bool leg_is_ending(const struct iax_frame *frame);

/** Such a one shows that its sender saw what we sent: ISeqno and timestamp fit. */
bool leg_believes_ending(const struct leg *leg, const struct iax_frame *frame);

/** An INVAL has nothing but the numbers; it is an answer, so something of ours must be unanswered. */
bool leg_believes_inval(const struct leg *leg, const struct iax_frame *frame);

/* ---- Another port (leg_move.c) ---------------------------------------------------------------------------------- */

/**
 * A frame for this leg came from another port of its host (ruling R21).
 *
 * @return true if the leg is there from now on, and the frame to be taken like any other
 */
bool leg_follow(struct leg_turn *turn, const struct tg_addr *from);

/* ---- Media (leg_media.c) --------------------------------------------------------------------------------------- */

void leg_take_voice(struct leg_turn *turn);
void leg_take_video(struct leg_turn *turn);

/** The owner's voice: a full or a mini frame. */
void leg_give_voice(struct leg_turn *turn);

/** 1.6: the timestamp of an entry that has none, in a trunk frame whose clock shows trunk_ms. */
uint32_t leg_trunk_ts_ms(struct leg_turn *turn, uint32_t trunk_ms);

/** A mini, meta video or trunk packet for this leg, with its timestamp's low bits. */
enum iax_err leg_media_short(struct leg_turn *turn, uint32_t low_ms, bool video);

#endif
