/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_AUTH_H
#define TG_SWITCH_AUTH_H

#include "switch/inside.h"

/**
 * What keeps names secret: whatever is wrong with a request (unknown account, wrong secret, address, context, static peer, too many
 * at once), it is challenged, the vault is asked, and the refusal leaves at the same time after the answer came (ruling R8).
 */
enum {
	AUTH_REFUSAL_US = TG_US_PER_S,
	AUTH_GRID_US = 50 * TG_US_PER_MS,
	AUTH_JITTER_US = 10 * TG_US_PER_MS,
};

/** Stands for call or registration, name and source host: the same for all who look alike in these. */
uint64_t auth_who(const struct tg_switch *sw, bool registration, struct tg_span name, struct tg_addr source);

/**
 * When a refusal may leave: at the next multiple of 50 ms after one second from arrival, and up to 10 ms more, which are the same
 * for one source within one minute.
 */
uint64_t auth_refusal_us(const struct tg_switch *sw, uint64_t arrived_us, struct tg_addr source);

/**
 * Count one more unanswered challenge for this account and host (`maxauthreq`, 0 for no limit), whatever is wrong with the call. If
 * it is one too many, another one gives way: that call goes on, and fails when it is answered, as a wrong one does. It is one of
 * the port that has the most of them, the oldest: whoever leaves challenges unanswered keeps nobody out who shares his address.
 *
 * Not counted are those from the very address and port where the account is registered, has its static host or was right lately
 * (switch_ops.is_home): a trunk begins many calls at once.
 */
void auth_asked_add(struct tg_switch *sw, struct call *call, uint32_t party, uint32_t max);

/** It is answered, or over. May be called again. */
void auth_asked_remove(struct tg_switch *sw, struct call *call);

/** MD5_RESULT as octets; false, and zeros, if it is absent or malformed. */
bool auth_digest(const struct iax_ies *ies, uint8_t md5[16]);

#endif
