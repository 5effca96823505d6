/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_SETUP_WRONG_H
#define TG_TOOLS_SETUP_WRONG_H

#include "tools/options.h"

/** Say what is wrong, for people. @return false */
bool setup_wrong(char wrong[TOOL_WRONG_BYTES], const char *format, ...) TG_PRINTF(2, 3);

#endif
