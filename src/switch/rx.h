/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_RX_H
#define TG_SWITCH_RX_H

#include "base/bytes.h"

/**
 * Regular expressions for `:` and `=~`: characters, `.`, `[...]`, `^`, `$`, `*`, `+`, `?`, `|`, `( )`, and `\` in front of what is meant
 * literally. All alternatives advance together, so the time is bounded by the product of both lengths.
 */
enum { RX_CODE_MAX = 256 };

struct rx_match {
	size_t at, len;  /* of the whole match */
	bool with_group; /* the expression has ( ) */
	bool has_group;  /* its first pair took part in the match */
	size_t group_at, group_len;
};

enum rx_result { RX_NO, RX_YES, RX_BAD };

/**
 * The leftmost match, longer ones first as `*` and `+` prefer.
 *
 * @param anchored  it must begin at the start of the text
 * @return RX_BAD if the expression cannot be read or is too long
 */
enum rx_result rx_find(struct tg_span rx, struct tg_span text, bool anchored, struct rx_match *match);

#endif
