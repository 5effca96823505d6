/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_ENDING_H
#define TG_TOOLS_ENDING_H

#include "iax/endpoint.h"
#include "tools/exit.h"

/** What the far end's cause means for a call that was not answered. */
enum tool_exit tool_exit_of_cause(uint8_t cause);

/**
 * @param ended     IAX_EV_ENDED of the call's leg
 * @param answered  the call was up before
 * @param heard     the far end had answered something at all
 */
enum tool_exit tool_exit_of_end(const struct iax_event *ended, bool answered, bool heard);

/** The state in the report: "answered", "busy", ... */
const char *tool_exit_state(enum tool_exit exit);

#endif
