/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_IAX_SHOW_H
#define TG_TESTS_IAX_SHOW_H

#include "iax/frame.h"
#include "iax/ies.h"

enum { SHOW_BYTES = 2048 };

/** `CALLED_NUMBER=1000 VERSION=2 CAPABILITY!`: what was decoded, by number; `!` marks invalid ones. Returns text. */
const char *show_ies(char text[SHOW_BYTES], const struct iax_ies *ies);

/** `2001@1020:160 cut`: call number, timestamp and length of each entry, and whether the last was cut. Returns text. */
const char *show_trunk(char text[SHOW_BYTES], const struct iax_frame *frame);

/** Bytes with all but plain ASCII as \xnn. Returns text. */
const char *show_bytes(char text[SHOW_BYTES], struct tg_span bytes);

#endif
