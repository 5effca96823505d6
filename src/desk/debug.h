/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DESK_DEBUG_H
#define TG_DESK_DEBUG_H

#include "desk/out.h"

/** The last frames that the engine showed (`iax2 set debug`), as text. Zeros are none. */
struct desk_debug {
	struct desk_out text;
};

enum { DESK_DEBUG_BYTES = 512 << 10 };

void desk_debug_deinit(struct desk_debug *debug);

/** Lines of the engine; with too many, the older half goes. */
void desk_debug_add(struct desk_debug *debug, const char *text);

#endif
