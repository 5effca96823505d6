/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_VALUE_H
#define TG_CONF_VALUE_H

#include "base/addr.h"
#include "model/world.h"

/** The types of values that configuration lines have (asterisk-compat 1.8), read strictly: nothing before or after. */

/** yes, true, y, t, 1, on; no, false, n, f, 0, off; in any case. */
TG_MUST_USE bool conf_value_bool(struct tg_span text, bool *value);

/** 0 to 255 in decimal or as 0x.., or a DSCP name: CS0-7, AF11-43, EF. */
TG_MUST_USE bool conf_value_tos(struct tg_span text, uint8_t *value);

/**
 * `addr`, `addr/bits` or `addr/mask`, without a port; bits of the address behind the prefix are cleared.
 *
 * @param bits  of the address's own family
 */
TG_MUST_USE bool conf_value_prefix(struct tg_span text, struct tg_addr *base, uint8_t *bits);

/** `"Name" <number>`, `Name <number>` or one of them; either part may be empty. */
void conf_value_callerid(struct tg_span text, struct tg_span *name, struct tg_span *number);

enum { CONF_VALUE_SHOWN_BYTES = 512 };

/**
 * The `user:secret@host` of a register line as it may be shown: without its secret, and as "(hidden)" where no "@" says where that ends.
 * Returns text.
 */
const char *conf_value_without_secret(const char *value, char text[CONF_VALUE_SHOWN_BYTES]);

/** The next item of a list, trimmed; also empty ones. */
struct tg_span conf_value_take_item(struct tg_span *list, char separator);

struct tg_span conf_value_trim(struct tg_span text);

/** All codecs that `all` stands for. */
void conf_codecs_all(struct world_codecs *codecs);

/**
 * Edit a list of codecs by the value of allow= or disallow=.
 *
 * @param wrong    the item that is no codec's name
 * @param ignored  set if an item asks for something that has no effect here: a framing, or another medium than voice
 */
TG_MUST_USE bool conf_codecs_edit(struct world_codecs *codecs, bool allow, struct tg_span list, struct tg_span *wrong,
                                  struct tg_span *ignored);

#endif
