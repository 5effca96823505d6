/* SPDX-License-Identifier: Apache-2.0 */
/* Prompts that pass their check can be read to the last octet. The input is changes to a valid image: three
 * octets say where, one what is changed. */
#include "conf/prompts_build.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Two files, so that names sort before and after the tone. */
static bool next_sound(void *owner, const char **path, struct tg_span *bytes, const char **why)
{
	static const uint8_t octets[500];
	static const char *const paths[] = { "a.gsm", "z.ulaw" };
	unsigned *at = owner;

	if (*at == TG_COUNT(paths)) {
		return false;
	}
	*path = paths[(*at)++];
	*bytes = (struct tg_span){ octets, sizeof(octets) };
	*why = NULL;
	return true;
}

static struct prompts *sample(size_t *size_bytes)
{
	unsigned at = 0;
	const struct conf_sounds sounds = { .owner = &at, .next = next_sound };
	struct conf_problems problems = { .errors = 0 };
	struct prompts *prompts = conf_prompts_build(&sounds, NULL, "sounds", &problems, size_bytes);

	conf_problems_free(&problems);
	return prompts;
}

static volatile uint8_t touched;

static void touch_all(const struct prompts *prompts)
{
	for (uint32_t i = 0; i < prompts->count; i++) {
		const struct prompt *row = prompts_row(prompts, i);
		const struct tg_span name = tg_span_text(row->name);

		assert(prompts_find(prompts, name, row->format) == (int)i);
		assert((prompts_formats(prompts, name) & row->format) != 0);
		const struct tg_span first = prompts_frame(prompts, i, 0);
		const struct tg_span last = prompts_frame(prompts, i, row->frames - 1);

		touched = (uint8_t)(first.p[0] + last.p[last.len - 1]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tg_reader r = tg_reader_of((struct tg_span){ data, size });
	size_t image_bytes = 0;
	struct prompts *prompts = sample(&image_bytes);
	uint8_t *image = (uint8_t *)prompts;

	while (tg_reader_left(&r) >= 4) {
		const uint32_t high = tg_take_u8(&r);
		const uint32_t at = high << 16 | tg_take_u16(&r);

		image[at % image_bytes] ^= tg_take_u8(&r);
	}
	if (prompts_check(prompts, image_bytes) == NULL) {
		touch_all(prompts);
	}
	free(prompts);
	return 0;
}
