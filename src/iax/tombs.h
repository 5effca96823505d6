/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_TOMBS_H
#define TG_IAX_TOMBS_H

#include "base/addr.h"
#include "crypt/hash.h"

/**
 * What is remembered of ended legs (ruling R7): for 10 s enough to answer late frames; for a minute that this remote had
 * this number. A ring in memory of the caller, free of pointers: when it is full, the oldest is forgotten.
 */
struct iax_tombs;

enum {
	IAX_TOMB_ANSWERS_US = 10 * TG_US_PER_S,
	IAX_TOMB_BARS_US = 60 * TG_US_PER_S,
	IAX_TOMB_REOPEN_US = 2 * TG_US_PER_S, /* K8: from then on the peer may use its number for something new */
	IAX_TOMB_INVALS = 3,
	IAX_TOMB_ACKS = 8, /* covers a peer's whole retransmission schedule */
};

struct iax_tomb {
	struct tg_addr remote;
	uint64_t ended_us;
	uint16_t number;        /* ours */
	uint16_t remote_number; /* 0 if we never learned it */
	uint8_t iseqno;         /* what we would expect next */
	uint8_t invals, acks;   /* answers given */
	uint8_t opening;        /* subclass of the frame that it opened with; 0 if we opened it */
};

size_t iax_tombs_size(uint32_t capacity);

/** @param mem  iax_tombs_size() bytes, aligned to 8, zeroed */
struct iax_tombs *iax_tombs_init(void *mem, uint32_t capacity, const uint8_t key[CRYPT_KEY_BYTES]);

/** @param tomb  copied; its counters start at zero */
void iax_tombs_add(struct iax_tombs *tombs, const struct iax_tomb *tomb, uint64_t now_us);

/** The youngest leg that ended in the last 10 s, by remote address and our number; NULL for none. */
struct iax_tomb *iax_tombs_find(struct iax_tombs *tombs, struct tg_addr remote, uint16_t number, uint64_t now_us);

/** The same by the remote's number: for its next opening frame. */
struct iax_tomb *iax_tombs_find_remote(struct iax_tombs *tombs, struct tg_addr remote, uint16_t remote_number,
                                       uint64_t now_us);

/** True if this remote had this number of ours within the last minute. */
bool iax_tombs_bar(const struct iax_tombs *tombs, struct tg_addr remote, uint16_t number, uint64_t now_us);

uint32_t iax_tombs_count(const struct iax_tombs *tombs);

#endif
