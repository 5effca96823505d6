/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_FUZZ_H
#define TG_IAX_FUZZ_H

#include "base/bytes.h"

/**
 * What fuzz targets share. Each x_fuzz.c states what holds for every input of x.c, whatever the bytes, and asserts it; the test
 * of x.c calls the same function.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline bool fuzz_is_within(struct tg_span part, struct tg_span whole)
{
	const uintptr_t part_start = (uintptr_t)part.p;
	const uintptr_t whole_start = (uintptr_t)whole.p;

	if (part.len == 0) {
		return true;
	}
	return part_start >= whole_start && part.len <= whole.len && part_start - whole_start <= whole.len - part.len;
}

#endif
