/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/setup_wrong.h"

#include <stdarg.h>
#include <stdio.h>

bool setup_wrong(char wrong[TOOL_WRONG_BYTES], const char *format, ...)
{
	va_list values;

	va_start(values, format);
	vsnprintf(wrong, TOOL_WRONG_BYTES, format, values);
	va_end(values);
	return false;
}
