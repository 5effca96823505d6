/* SPDX-License-Identifier: Apache-2.0 */
/* An image that passed the check can be asked anything; and what is built passes and is found again. */
#include "daemon/secrets.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(const struct secrets *secrets, struct tg_span name)
{
	for (uint32_t i = 0; i < secrets->count; i++) {
		const struct tg_span text = secrets_text(secrets, i);
		volatile uint8_t sum = 0; /* read, whatever the compiler thinks of it */

		for (size_t k = 0; k < text.len; k++) {
			sum = sum ^ text.p[k];
		}
		assert(text.len <= MODEL_SECRET_MAX);
	}
	for (unsigned identity = 0; identity < MODEL_IDENTITIES; identity++) {
		const struct secrets_run run = secrets_find(secrets, identity, name);

		assert(run.first <= secrets->count && run.count <= secrets->count - run.first);
	}
}

/* Texts of the input, cut at NULs: name, secret, name, secret. */
static void build(const char *text, size_t size)
{
	struct secrets_item items[64];
	uint32_t count = 0;
	const char *too_many;
	size_t image_size = 0;

	for (const char *end = text + size; count < 64 && text < end; count++) {
		const char *secret = text + strlen(text) + 1;

		if (secret >= end) {
			break;
		}
		items[count] = (struct secrets_item){ (uint8_t)*text % MODEL_IDENTITIES, text, secret };
		text = secret + strlen(secret) + 1;
	}
	struct secrets *image = secrets_build(items, count, 1, &image_size, &too_many);

	if (image != NULL) {
		assert(secrets_check(image, image_size) == NULL);
		for (uint32_t i = 0; i < count; i++) {
			const struct secrets_run run = secrets_find(image, items[i].identity,
			                                            tg_span_text(items[i].name));

			assert(run.count >= 1 && run.first <= i && i < run.first + run.count);
			assert(tg_span_equal(secrets_text(image, i), tg_span_text(items[i].secret)));
		}
	}
	free(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *copy = malloc(size + 1); /* malloc aligns it as a mapping would be */

	assert(copy != NULL);
	memcpy(copy, data, size);
	copy[size] = '\0';
	build(copy, size);
	char *exact = realloc(copy, size > 0 ? size : 1);

	assert(exact != NULL);
	if (secrets_check(exact, size) == NULL) {
		look((const void *)exact, (struct tg_span){ data, size < 8 ? size : 8 });
	}
	free(exact);
	return 0;
}
