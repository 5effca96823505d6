/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CRYPT_MD5_H
#define TG_CRYPT_MD5_H

#include "crypt/hash.h"

/** Holds what libcrypto needs for MD5, fetched once; one a thread. */
struct crypt_md5;

/** @return NULL without memory, or if libcrypto refuses MD5 */
struct crypt_md5 *crypt_md5_new(void);
void crypt_md5_free(struct crypt_md5 *md5);

/**
 * The answer to a challenge: MD5 over the challenge's octets followed by the secret's.
 *
 * @return false if libcrypto failed; out is then all zeros and must not be used
 * @see RFC 5456, sections 8.6.14 and 8.6.15
 */
TG_MUST_USE bool crypt_md5_answer(struct crypt_md5 *md5, uint8_t out[CRYPT_MD5_BYTES], struct tg_span challenge,
                                  struct tg_span secret);

#endif
