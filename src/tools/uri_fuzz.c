/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/uri.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What parses is written so that it parses to the same again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tool_uri uri, again;
	char text[TOOL_URI_TEXT_BYTES];

	if (tool_uri_parse(&uri, (struct tg_span){ data, size }) != NULL) {
		return 0;
	}
	if (tool_uri_parse(&again, tg_span_text(tool_uri_format(&uri, text))) != NULL ||
	    !tool_uri_equal(&uri, &again)) {
		abort();
	}
	return 0;
}
