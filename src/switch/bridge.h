/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_BRIDGE_H
#define TG_SWITCH_BRIDGE_H

#include "switch/inside.h"

/**
 * What comes from one party goes to another, unchanged: mini frames by the relay, everything else by the switch. Timestamps are moved
 * to the other leg's timeline by an offset that is set at the first full voice frame, and again only when it is off by a second.
 */

enum { BRIDGE_DRIFT_MS = 1000 };

/** Begin to pass voice from one party to another, which may be the same; it may have been talking for a while. */
void bridge_join(struct tg_switch *sw, struct party *from, struct party *to);

/** Pass one event on: voice, digits, text, images, HTML, comfort noise, QUELCH, and those CONTROL frames that mean something there. */
void bridge_pass(struct tg_switch *sw, struct party *from, struct party *to, const struct iax_event *event);

/** A frame that says nothing, in a format; empty where no octets are known that do so. */
struct tg_span bridge_silence(uint64_t format);

#endif
