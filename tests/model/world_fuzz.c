/* SPDX-License-Identifier: Apache-2.0 */
/* A world that passes its check can be read to the last octet. The input is an image, or changes to a valid
 * one: three octets say where, one what is changed. */
#include "model/world_sample.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void change(uint8_t *image, size_t image_bytes, struct tg_reader r)
{
	while (tg_reader_left(&r) >= 4) {
		const uint32_t high = tg_take_u8(&r);
		const uint32_t at = high << 16 | tg_take_u16(&r);

		image[at % image_bytes] ^= tg_take_u8(&r);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint32_t magic = WORLD_MAGIC;
	size_t image_bytes = size;
	uint8_t *image;

	if (size >= sizeof(magic) && memcmp(data, &magic, sizeof(magic)) == 0) {
		image = malloc(size);
		memcpy(image, data, size);
	} else {
		image = (uint8_t *)world_sample(&image_bytes);
		change(image, image_bytes, tg_reader_of((struct tg_span){ data, size }));
	}
	const struct world *world = (const struct world *)image;

	if (world_check(world, image_bytes) == NULL) {
		world_touch_all(world);
	}
	free(image);
	return 0;
}
