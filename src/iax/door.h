/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_DOOR_H
#define TG_IAX_DOOR_H

#include "iax/err.h"
#include "iax/token.h"
#include "iax/wire.h"

/**
 * The door: what becomes of a full frame with destination number 0, decided without any state (rulings R1 to R5). It is a
 * pure function of the datagram, the token keys, the policy and the time, and allocates nothing.
 *
 * The door knows no legs. A repeated opening frame is therefore judged like the first one: with a token it is checked again
 * and passes (the switch finds the leg and treats it as a duplicate); with an empty token it gets one more CALLTOKEN, which
 * a client whose call has gone on ignores.
 */
enum iax_door {
	IAX_DOOR_DROP,     /* silence; `why` is for the counters */
	IAX_DOOR_ANSWER,   /* send `answer` to the sender, from the address it called; keep nothing */
	IAX_DOOR_PASS,     /* an opening frame for the switch, with `proof` */
	IAX_DOOR_EXISTING, /* an early HANGUP: for the switch, if it has the leg; opens nothing, gets no answer else */
};

enum { IAX_DOOR_ANSWER_MAX = IAX_FULL_BYTES + 2 + IAX_TOKEN_BYTES_MAX };

/** What the owner wants at this listener. The functions may be NULL. */
struct iax_door_policy {
	bool token_required; /* without is_excused: openings need a token */
	bool stealth;        /* no answer to a missing token, and PONG for known addresses only */
	/**
	 * May this account open from this address without a token? Asked only for frames without the element. username is
	 * empty if absent or unclean. NULL: nobody if token_required, else everybody. It must tell existing names from
	 * missing ones by nothing but its result.
	 */
	bool (*is_excused)(const void *owner, bool is_new, struct tg_span username, const struct tg_addr *remote);
	/** In a range declared for clients without tokens? Such a one may get an answer longer than its request (R5). */
	bool (*is_declared)(const void *owner, const struct tg_addr *remote);
	/** A static host, a registered or a lately proven address? Asked on a stealth listener only. */
	bool (*is_known)(const void *owner, const struct tg_addr *remote);
	const void *owner;
};

struct iax_door_verdict {
	enum iax_door kind;
	/* DROP: the reason; ANSWER: IAX_ERR_ANSWERED, or IAX_ERR_NO_TOKEN for a refusal; else IAX_OK */
	enum iax_err why;
	enum iax_proof proof; /* PASS */
	uint8_t subclass;     /* of the frame judged; 0 if it was none */
	uint8_t answered;     /* ANSWER: IAX_PONG, IAX_CALLTOKEN, IAX_REJECT, IAX_REGREJ or IAX_UNSUPPORT */
	uint8_t answer_len;
	uint8_t answer[IAX_DOOR_ANSWER_MAX];
};

/**
 * Judge one datagram. An answer is never longer than the datagram, except to an address of a declared range.
 *
 * @param local  the address it came to, never a wildcard
 */
enum iax_door iax_door_judge(struct iax_door_verdict *out, const struct iax_door_policy *policy,
                             const struct iax_token_keys *keys, const struct tg_addr *remote,
                             const struct tg_addr *local, struct tg_span bytes, uint64_t now_us);

/**
 * Whether it asks to open something with a valid token. Costs less than to judge it, for who cannot judge everything.
 */
bool iax_door_is_proven(const struct iax_token_keys *keys, const struct tg_addr *remote, const struct tg_addr *local,
                        struct tg_span bytes, uint64_t now_us);

#endif
