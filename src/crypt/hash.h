/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CRYPT_HASH_H
#define TG_CRYPT_HASH_H

#include "base/bytes.h"

enum { CRYPT_KEY_BYTES = 16, CRYPT_MAC_BYTES = 16, CRYPT_MD5_BYTES = 16, CRYPT_SHA256_BYTES = 32 };

/** SipHash-2-4 with 64 bits of output: for hash tables whose keys strangers choose. */
uint64_t crypt_siphash64(const uint8_t key[CRYPT_KEY_BYTES], struct tg_span in);

/** SipHash-2-4 with 128 bits of output: the MAC of call tokens (ruling R1). */
void crypt_siphash128(uint8_t mac[CRYPT_MAC_BYTES], const uint8_t key[CRYPT_KEY_BYTES], struct tg_span in);

/** SHA-256: to know a file again, as sha256sum prints it. */
void crypt_sha256(uint8_t out[CRYPT_SHA256_BYTES], struct tg_span in);

/** Compare in a time that depends on the length alone. */
bool crypt_equal(const void *a, const void *b, size_t len_bytes);

/** Overwrite memory in a way no compiler removes. */
void crypt_wipe(void *p, size_t len_bytes);

#endif
