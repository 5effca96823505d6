/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_TOKEN_H
#define TG_IAX_TOKEN_H

#include "base/addr.h"
#include "crypt/hash.h"

/**
 * Call tokens: proof that the sender of an opening frame receives at its source address, kept by the sender instead of
 * us. A token is one octet naming the time slot and six of a SipHash-2-4 MAC over both addresses and the whole slot
 * counter, none of them zero, since some clients treat a token as a C string. It is good in its slot and the next.
 */
enum { IAX_TOKEN_BYTES = 7, IAX_TOKEN_TEXT_BYTES = 10, IAX_TOKEN_BYTES_MAX = 10 };

/** A plain value: it may live in memory shared between processes. It is secret. */
struct iax_token_keys {
	uint8_t key[CRYPT_KEY_BYTES];
	uint64_t wall_us;  /* wall time at start_us; exchanges that share a key need clocks that agree to a slot */
	uint64_t start_us; /* monotonic */
	uint32_t slot_ms;
	uint8_t text; /* 10 base64url characters instead of 7 octets */
	uint8_t zero[3];
};

void iax_token_keys_init(struct iax_token_keys *keys, const uint8_t key[CRYPT_KEY_BYTES], uint32_t slot_ms, bool text,
                         uint64_t wall_us, uint64_t now_us);

/**
 * The token for a client at remote that called local (never a wildcard address).
 *
 * @return its length, 7 or 10
 */
size_t iax_token_make(const struct iax_token_keys *keys, const struct tg_addr *remote, const struct tg_addr *local,
                      uint64_t now_us, uint8_t out[IAX_TOKEN_BYTES_MAX]);

/**
 * True if iax_token_make() gave this token to this client in this slot or the one before. A token that names neither slot
 * costs no MAC, another one (two, if it is text).
 */
TG_MUST_USE bool iax_token_check(const struct iax_token_keys *keys, const struct tg_addr *remote,
                                 const struct tg_addr *local, struct tg_span token, uint64_t now_us);

#endif
