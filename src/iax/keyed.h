/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_KEYED_H
#define TG_IAX_KEYED_H

#include "base/addr.h"

enum { IAX_KEYED_KEY_BYTES = 16 };

/**
 * A keyed hash of a text and a host, for an owner's tables whose keys strangers choose, and for what must look random to them
 * but be the same each time. The port does not count.
 *
 * @param text  any length; what is beyond 255 octets is not looked at
 */
uint64_t iax_keyed_hash(const uint8_t key[IAX_KEYED_KEY_BYTES], struct tg_span text, struct tg_addr host);

#endif
