/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_PHONE_H
#define TG_TESTS_PHONE_H

#include "crypt/md5.h"
#include "sim.h"

/*
 * A scripted owner: a phone, an exchange's account and a registrar in one, for one node of a simulation. It answers by its
 * settings, counts what happens, and remembers the last of each.
 */
struct phone_call {
	struct iax_leg_id leg;
	bool live;
	bool challenged, accepted, confirmed, ended;
	enum iax_end end;
	uint8_t cause;
	uint32_t voice, minis, dtmf, control, frames;
	uint32_t last_ts_ms;
	uint64_t format;
};

enum { PHONE_CALLS = 128, PHONE_TEXT = 256 };

struct phone {
	/* settings */
	const char *secret;       /* of calls to us and from us */
	bool challenges;          /* ask callers and registrants for it */
	bool silent;              /* do nothing by itself */
	bool answers;             /* ANSWER when confirmed */
	uint64_t format;          /* to accept */
	uint64_t takes;           /* what callers may change to */
	uint8_t rejects;          /* cause: reject every call and registration at once */
	uint64_t reject_after_us; /* ... or when this time has passed */
	uint16_t refresh_s;       /* granted */

	/* what happened */
	struct crypt_md5 *md5;
	struct phone_call calls[PHONE_CALLS];
	unsigned call_count;
	uint32_t events[IAX_EVENT_KINDS];
	struct iax_event last; /* pointers in it are stale */
	struct iax_ies ies;    /* of the last event that had some; its texts are stale */
	uint8_t payload[PHONE_TEXT];
	size_t payload_len;
	char called[PHONE_TEXT], username[PHONE_TEXT];
	char challenge[PHONE_TEXT];
};

void phone_init(struct phone *phone);
void phone_free(struct phone *phone);

/** The callbacks for sim_add(). */
struct sim_owner phone_owner(struct phone *phone);

/** The call of a leg, ended ones too; NULL for none. */
struct phone_call *phone_find(struct phone *phone, struct iax_leg_id leg);

/** Call from one node to another; number 1000, as user `user`. */
struct iax_leg_id phone_dial(struct sim *sim, unsigned from, unsigned to, const char *user);

/** The last call that a phone made or got. */
struct phone_call *phone_last(struct phone *phone);

#endif
