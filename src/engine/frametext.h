/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_FRAMETEXT_H
#define TG_ENGINE_FRAMETEXT_H

#include "base/addr.h"
#include "base/bytes.h"

enum { FRAMETEXT_BYTES = 8192 };

/**
 * A full frame as text for people, lines with newlines: direction, sequence numbers, kind, clock, call numbers, far end, and a line for
 * each element. What could help to become somebody is never shown, only how long it is: passwords, answers to challenges, keys, call
 * tokens, firmware, what is unknown. Octets that are no plain characters become '?'.
 *
 * @param sent   by us
 * @param total  octets it had, if `bytes` is only its beginning
 * @return octets put into out, without the NUL
 */
size_t frametext_format(char out[FRAMETEXT_BYTES], bool sent, struct tg_addr remote, struct tg_span bytes,
                        size_t total);

#endif
