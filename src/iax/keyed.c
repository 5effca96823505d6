/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/keyed.h"

#include "crypt/hash.h"

enum { TEXT_MAX = 255 };

static_assert((int)IAX_KEYED_KEY_BYTES == (int)CRYPT_KEY_BYTES, "one key size");

uint64_t iax_keyed_hash(const uint8_t key[IAX_KEYED_KEY_BYTES], struct tg_span text, struct tg_addr host)
{
	uint8_t bytes[1 + sizeof(host.ip) + TEXT_MAX];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));

	tg_put_u8(&w, host.family);
	tg_put_span(&w, (struct tg_span){ host.ip, sizeof(host.ip) });
	tg_put_span(&w, (struct tg_span){ text.p, text.len < TEXT_MAX ? text.len : TEXT_MAX });
	return crypt_siphash64(key, tg_writer_span(&w));
}
