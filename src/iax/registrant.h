/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_REGISTRANT_H
#define TG_IAX_REGISTRANT_H

#include "iax/endpoint.h"

/**
 * A client's registration over time: when to ask, when to renew, how long to wait after a refusal (RFC 5456, section 7.2;
 * protocol reference 5.4). It sends nothing itself; each attempt is one leg that its owner opens:
 *
 *   sleep until iax_registrant_deadline_us()
 *   if iax_registrant_expire(): iax_reg_open() with .release = iax_registrant_is_releasing(), then iax_registrant_on_opened()
 *   each event of that leg: iax_registrant_on_event(); for IAX_EV_CHALLENGED answer it with iax_leg_respond_md5(), or
 *   iax_registrant_on_no_secret() and iax_leg_hangup()
 *
 * A plain value without pointers.
 */
/* clang-format off */
#define IAX_REGISTRANT_STATES(X)                              \
	X(IAX_REGISTRANT_UNREGISTERED, "Unregistered")       \
	X(IAX_REGISTRANT_REQUEST_SENT, "Request Sent")       \
	X(IAX_REGISTRANT_AUTH_SENT, "Auth. Sent")            \
	X(IAX_REGISTRANT_REGISTERED, "Registered")           \
	X(IAX_REGISTRANT_REJECTED, "Rejected")               \
	X(IAX_REGISTRANT_TIMEOUT, "Timeout")                 \
	X(IAX_REGISTRANT_NO_AUTH, "No Authentication")
/* clang-format on */

#define X(name, text) name,
enum iax_registrant_state { IAX_REGISTRANT_STATES(X) IAX_REGISTRANT_STATE_COUNT };
#undef X

/** What happens to a registration; public for the test of every pair. */
/* clang-format off */
#define IAX_REGISTRANT_INPUTS(X) \
	X(IAX_REGISTRANT_DUE)       /* the deadline passed */ \
	X(IAX_REGISTRANT_CHALLENGED) \
	X(IAX_REGISTRANT_NO_SECRET) \
	X(IAX_REGISTRANT_GRANTED) \
	X(IAX_REGISTRANT_REFUSED) \
	X(IAX_REGISTRANT_NO_ANSWER) \
	X(IAX_REGISTRANT_RELEASE)
/* clang-format on */

#define X(name) name,
enum iax_registrant_input { IAX_REGISTRANT_INPUTS(X) IAX_REGISTRANT_INPUT_COUNT };
#undef X

struct iax_registrant {
	uint64_t due_us;           /* next attempt; TG_NEVER while one is under way or none is wanted */
	uint64_t granted_until_us; /* the registrar keeps us until then; 0 for not registered */
	uint64_t random;           /* of the spread of renewals; from the seed */
	struct tg_addr perceived;  /* how the registrar sees us; TG_NO_ADDR before the first grant */
	uint32_t failures;         /* in a row */
	uint16_t asked_s;          /* refresh to ask for */
	uint16_t granted_s;        /* refresh granted last */
	uint16_t msg_count;        /* MSGCOUNT of the last grant, 0 if it had none */
	uint8_t state;             /* enum iax_registrant_state */
	bool releasing;            /* to be given back; by the leg under way, or by the next one */
	bool leg_releases;         /* the leg under way is a REGREL */
};

/**
 * @param refresh_s  what to ask for; 0 for 60
 * @param seed       spreads the renewals of several clients; any number
 * @param first_us   when to ask first; TG_NEVER for not before iax_registrant_start()
 */
void iax_registrant_init(struct iax_registrant *r, uint16_t refresh_s, uint64_t seed, uint64_t first_us);

/** When to call iax_registrant_expire(); TG_NEVER if nothing is due. */
uint64_t iax_registrant_deadline_us(const struct iax_registrant *r);

/** @return true if a leg is to be opened now */
bool iax_registrant_expire(struct iax_registrant *r, uint64_t now_us);

/** What iax_reg_open() gave; a failure counts as no answer. */
void iax_registrant_on_opened(struct iax_registrant *r, enum iax_err err, uint64_t now_us);

/** An event of this registration's leg. */
void iax_registrant_on_event(struct iax_registrant *r, const struct iax_event *event, uint64_t now_us);

/** The challenge cannot be answered; the leg must then be hung up by its owner. */
void iax_registrant_on_no_secret(struct iax_registrant *r, uint64_t now_us);

/** Ask at now_us, whatever was planned; nothing while an attempt is under way. */
void iax_registrant_start(struct iax_registrant *r, uint64_t now_us);

/** Give the registration back (REGREL), if there is one; the state ends as Unregistered. */
void iax_registrant_release(struct iax_registrant *r, uint64_t now_us);

/** What iax_reg_open() needs in .release after iax_registrant_expire() said true. */
bool iax_registrant_is_releasing(const struct iax_registrant *r);

/** True from a grant until it expires, also while it is renewed. */
bool iax_registrant_is_registered(const struct iax_registrant *r, uint64_t now_us);

/** As the console shows it, such as "Auth. Sent". */
const char *iax_registrant_state_text(const struct iax_registrant *r);

/** What an input does in a state; false if it is ignored there. For the test of every pair. */
bool iax_registrant_next(enum iax_registrant_state in, enum iax_registrant_input input, enum iax_registrant_state *out);

#endif
