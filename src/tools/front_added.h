/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_FRONT_ADDED_H
#define TG_TOOLS_FRONT_ADDED_H

#include "base/addr.h"

#include <stdbool.h>

/** What init puts at the end of our tollgate.conf, and undo takes out again. */

enum { FRONT_ADDED_BYTES = 512 };

/** Whole lines. Returns text. @param local  its port does not count */
const char *front_added_format(struct tg_addr backend, struct tg_addr local, char text[FRONT_ADDED_BYTES]);

struct front_added {
	size_t at, len; /* octets; len 0: it is not there */
	bool is_intact; /* all its lines, and no other of the section */
};

/** Whatever the addresses are. */
struct front_added front_added_find(struct tg_span text);

/** Its section, with these addresses, whoever wrote it. */
bool front_added_has(struct tg_span text, struct tg_addr backend, struct tg_addr local);

#endif
