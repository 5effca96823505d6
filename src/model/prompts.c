/* SPDX-License-Identifier: Apache-2.0 */
#include "model/prompts.h"

#include <string.h>

enum { FRAME_BYTES_MAX = 1024 };

/* Lower, the same or higher in the order of the rows. */
static int compare(const struct prompt *row, struct tg_span name, uint64_t format)
{
	const size_t len = strlen(row->name);
	const int order = name.len > 0 ? memcmp(row->name, name.p, len < name.len ? len : name.len) : 1;

	if (order != 0 || len != name.len) {
		return order != 0 ? order : (len > name.len) - (len < name.len);
	}
	return (row->format > format) - (row->format < format);
}

static const char *check_row(const struct prompts *prompts, const struct prompt *row)
{
	if (row->name[0] == '\0' || memchr(row->name, '\0', sizeof(row->name)) == NULL) {
		return "a prompt without a name";
	}
	if (row->format == 0 || (row->format & (row->format - 1)) != 0) {
		return "a prompt that is not in one format";
	}
	if (row->frame_bytes == 0 || row->frame_bytes > FRAME_BYTES_MAX || row->frames == 0) {
		return "a prompt without frames";
	}
	if (row->offset < sizeof(*prompts) || row->offset > prompts->size_bytes ||
	    row->frames > (prompts->size_bytes - row->offset) / row->frame_bytes) {
		return "a prompt outside the image";
	}
	return NULL;
}

static const char *check_head(const struct prompts *prompts, size_t size_bytes)
{
	if ((uintptr_t)prompts % 8 != 0) {
		return "the image is not aligned";
	}
	if (size_bytes < sizeof(*prompts)) {
		return "the image is too short";
	}
	if (prompts->magic != PROMPTS_MAGIC || prompts->version != PROMPTS_VERSION) {
		return "not prompts of this version";
	}
	if (prompts->size_bytes != size_bytes) {
		return "the image has another size than it says";
	}
	if (prompts->rows_offset % 8 != 0 || prompts->rows_offset < sizeof(*prompts) ||
	    prompts->rows_offset > size_bytes || prompts->count > INT32_MAX ||
	    prompts->count > (size_bytes - prompts->rows_offset) / sizeof(struct prompt)) {
		return "the rows are outside the image";
	}
	return NULL;
}

const char *prompts_check(const struct prompts *prompts, size_t size_bytes)
{
	const char *wrong = check_head(prompts, size_bytes);

	for (uint32_t i = 0; wrong == NULL && i < prompts->count; i++) {
		const struct prompt *row = prompts_row(prompts, i);

		wrong = check_row(prompts, row);
		if (wrong == NULL && i > 0 &&
		    compare(prompts_row(prompts, i - 1), tg_span_text(row->name), row->format) >= 0) {
			wrong = "prompts out of order, or one twice";
		}
	}
	return wrong;
}

const struct prompt *prompts_row(const struct prompts *prompts, uint32_t index)
{
	assert(index < prompts->count);
	return (const struct prompt *)((const uint8_t *)prompts + prompts->rows_offset) + index;
}

/* The first row that is not below (name, format). */
static uint32_t lower_bound(const struct prompts *prompts, struct tg_span name, uint64_t format)
{
	uint32_t low = 0, high = prompts->count;

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;

		if (compare(prompts_row(prompts, middle), name, format) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

int prompts_find(const struct prompts *prompts, struct tg_span name, uint64_t format)
{
	const uint32_t at = lower_bound(prompts, name, format);

	return at < prompts->count && compare(prompts_row(prompts, at), name, format) == 0 ? (int)at : -1;
}

uint64_t prompts_formats(const struct prompts *prompts, struct tg_span name)
{
	uint64_t formats = 0;

	for (uint32_t i = lower_bound(prompts, name, 0); i < prompts->count; i++) {
		const struct prompt *row = prompts_row(prompts, i);

		if (!tg_span_equal(tg_span_text(row->name), name)) {
			break;
		}
		formats |= row->format;
	}
	return formats;
}

struct tg_span prompts_frame(const struct prompts *prompts, uint32_t index, uint32_t frame)
{
	const struct prompt *row = prompts_row(prompts, index);

	assert(frame < row->frames);
	return (struct tg_span){ (const uint8_t *)prompts + row->offset + (size_t)frame * row->frame_bytes,
		                 row->frame_bytes };
}
