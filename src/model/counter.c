/* SPDX-License-Identifier: Apache-2.0 */
#include "model/counter.h"

#include <string.h>

bool model_counter_is_none(const char *name)
{
	const char *dot = strrchr(name, '.');
	const char *last = dot != NULL ? dot + 1 : name;

	return strcmp(last, "ok") == 0 || strcmp(last, "None") == 0;
}
