/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/include.h"

#include "model/times.h"

#include <stdio.h>

bool conf_include_times(struct tg_span text, struct world_include *row, char expected[CONF_EXPECTED_BYTES])
{
	const char *wanted = times_read(row, text);

	if (wanted != NULL) {
		snprintf(expected, CONF_EXPECTED_BYTES, "%s", wanted);
	}
	return wanted == NULL;
}
