/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_DESTINATION_H
#define TG_CONF_DESTINATION_H

#include "conf/account.h"

/**
 * Lists of destinations: what a number is, a line a prefix, as etc/destinations.conf explains at its top. The list that the program
 * brings along comes first, then the files that `destinations=` names; a later line for the same prefix replaces an earlier one.
 */
enum { CONF_DESTINATIONS_MAX = 200000 /* lines of one load */ };

/** All lists become rows of the world, in the order they are looked up in. */
void conf_destinations_read(struct conf_loading *loading);

/** The class of this name. @return false for none */
TG_MUST_USE bool conf_class_find(struct tg_span name, uint32_t *class);

/** Digits with a "+" in front or not, into a field of 20 octets. */
TG_MUST_USE bool conf_prefix_read(struct tg_span text, char prefix[20]);

/** For tg_text_nearest(): the names of all classes. */
const char *conf_class_at(const void *owner, size_t index);

#endif
