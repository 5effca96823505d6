/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_CODECS_H
#define TG_SWITCH_CODECS_H

#include "switch/inside.h"

/**
 * Which codec a call has. Nothing is converted here, so both sides of a bridge must have the same one, yet the caller's is agreed
 * (ACCEPT) before anybody is called. The rule:
 *
 *   1. The caller's codec is chosen as protocol reference 3.6 says, from what he offers and his account allows; but first among the
 *      formats of the peers that the first Dial of his extension would call. When these have nothing in common with the caller, among all.
 *   2. A callee is offered exactly the caller's codec. A peer that may not have it is not called: cause 58.
 *   3. Either side may change its sending codec later by a full voice frame (3.6 step 7). It is passed on if the other side takes it, and
 *      dropped if not.
 */

/** All audio formats of a list; allow-less accounts have none. */
uint64_t codecs_mask(const struct world_codecs *codecs);

/** The formats of the peers that the first Dial of this call's extension would call; 0 for none. */
uint64_t codecs_foreseen(const struct tg_switch *sw, const struct call *call);

/** The first step of that rule, among some formats; 0 if there is none. */
uint64_t codecs_choose_among(const struct world_user *user, const struct wishes *wishes, uint8_t prefs_len, bool wide,
                             uint64_t among);

/** The caller's codec: one bit, or 0 if there is none: REJECT with cause 58. */
uint64_t codecs_choose(const struct tg_switch *sw, const struct call *call, const struct world_user *user);

#endif
