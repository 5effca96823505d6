/* SPDX-License-Identifier: Apache-2.0 */
/* Dialplan text from a configuration, with values from callers: whatever both hold, expansion ends, stays inside its room, and gives
 * the same twice. The first octet says how much of the rest is the caller's value. */
#include "switch/vars.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool look_up(const void *owner, struct tg_span name, struct vars_text *out)
{
	if (name.len > 0 && name.p[0] != 'Z') {
		vars_put(out, *(const struct tg_span *)owner);
	}
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t first_bytes[VARS_TEXT_MAX], second_bytes[VARS_TEXT_MAX];
	const size_t left = size > 0 ? size - 1 : 0;
	const size_t cut = size > 0 ? data[0] % (left + 1) : 0;
	const struct tg_span value = { data + (size > 0), cut };
	const struct tg_span text = { data + (size > 0) + cut, left - cut };
	const struct vars_source source = { &value, look_up };
	struct vars_text first = { .p = first_bytes, .size_bytes = sizeof(first_bytes) };
	struct vars_text second = { .p = second_bytes, .size_bytes = sizeof(second_bytes) };

	vars_expand(&source, VARS_FOR_ARGUMENTS, text, &first);
	vars_expand(&source, VARS_FOR_ARGUMENTS, text, &second);
	assert(first.len <= first.size_bytes && first.len == second.len && first.cut == second.cut);
	assert(memcmp(first_bytes, second_bytes, first.len) == 0);
	return 0;
}
