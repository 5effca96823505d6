/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/secrets.h"

#include <stdlib.h>
#include <string.h>

static const struct secrets_row *rows_of(const struct secrets *secrets)
{
	return (const struct secrets_row *)(secrets + 1);
}

static struct tg_span bytes_at(const struct secrets *secrets, uint32_t offset, uint32_t len)
{
	return (struct tg_span){ (const uint8_t *)secrets + offset, len };
}

static int compare_keys(uint32_t identity_a, struct tg_span a, uint32_t identity_b, struct tg_span b)
{
	if (identity_a != identity_b) {
		return identity_a < identity_b ? -1 : 1;
	}
	const int order = memcmp(a.p, b.p, a.len < b.len ? a.len : b.len);

	return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static int compare_row(const struct secrets *secrets, const struct secrets_row *row, uint32_t identity,
                       struct tg_span name)
{
	return compare_keys(row->identity, bytes_at(secrets, row->name_offset, row->name_len), identity, name);
}

/* ---- Building ---- */

static int compare_items(const struct secrets_item *a, const struct secrets_item *b)
{
	return compare_keys(a->identity, tg_span_text(a->name), b->identity, tg_span_text(b->name));
}

/* Merge sort by hand: qsort() would mix the secrets of one name. */
static void merge(struct secrets_item *items, struct secrets_item *room, uint32_t count)
{
	const uint32_t half = count / 2;
	uint32_t left = 0, right = half;

	if (count < 2) {
		return;
	}
	merge(items, room, half);
	merge(items + half, room, count - half);
	for (uint32_t i = 0; i < count; i++) {
		const bool take_left = left < half &&
		                       (right == count || compare_items(&items[left], &items[right]) <= 0);

		room[i] = take_left ? items[left++] : items[right++];
	}
	memcpy(items, room, count * sizeof(*items));
}

/* @return the most secrets a name has; 0 if one has too many */
static uint32_t most_a_name(const struct secrets_item *items, uint32_t count, const char **too_many)
{
	uint32_t most = 1, run = 0;

	for (uint32_t i = 0; i < count; i++) {
		run = i > 0 && compare_items(&items[i - 1], &items[i]) == 0 ? run + 1 : 1;
		most = run > most ? run : most;
		if (run > SECRETS_A_NAME_MAX) {
			*too_many = items[i].name;
			return 0;
		}
	}
	return most;
}

/* @return 0 if a text is too long */
static size_t image_size(const struct secrets_item *items, uint32_t count)
{
	size_t size = sizeof(struct secrets) + count * sizeof(struct secrets_row);

	for (uint32_t i = 0; i < count; i++) {
		const size_t name = strlen(items[i].name), secret = strlen(items[i].secret);

		if (name > MODEL_SECRET_MAX || secret > MODEL_SECRET_MAX) {
			return 0;
		}
		size += name + secret;
	}
	return size <= UINT32_MAX ? size : 0;
}

static uint32_t put_text(uint8_t *image, uint32_t *used, const char *text)
{
	const struct tg_span bytes = tg_span_text(text);

	memcpy(image + *used, bytes.p, bytes.len);
	*used += (uint32_t)bytes.len;
	return (uint32_t)bytes.len;
}

static void fill(struct secrets *image, const struct secrets_item *items)
{
	struct secrets_row *row = (struct secrets_row *)(image + 1);
	uint32_t used = (uint32_t)(sizeof(*image) + image->count * sizeof(*row));

	for (uint32_t i = 0; i < image->count; i++, row++) {
		row->identity = items[i].identity;
		row->name_offset = used;
		row->name_len = put_text((uint8_t *)image, &used, items[i].name);
		row->secret_offset = used;
		row->secret_len = put_text((uint8_t *)image, &used, items[i].secret);
	}
}

struct secrets *secrets_build(struct secrets_item *items, uint32_t count, uint64_t generation, size_t *size_out,
                              const char **too_many)
{
	struct secrets_item *room = calloc(count > 0 ? count : 1, sizeof(*room));
	const size_t size = image_size(items, count);
	struct secrets *image = NULL;

	*too_many = NULL;
	if (room != NULL && size > 0) {
		merge(items, room, count);
		const uint32_t most = most_a_name(items, count, too_many);

		image = most > 0 ? calloc(1, size) : NULL;
		if (image != NULL) {
			*image = (struct secrets){ SECRETS_MAGIC, SECRETS_VERSION, size, generation, count, most };
			fill(image, items);
			*size_out = size;
		}
	}
	free(room);
	return image;
}

/* ---- Reading ---- */

static bool is_inside(const struct secrets *secrets, uint32_t offset, uint32_t len)
{
	return len <= MODEL_SECRET_MAX && offset <= secrets->size_bytes && len <= secrets->size_bytes - offset;
}

static const char *row_check(const struct secrets *secrets, uint32_t index)
{
	const struct secrets_row *row = &rows_of(secrets)[index];

	if (row->identity >= MODEL_IDENTITIES) {
		return "a secret of nobody";
	}
	if (!is_inside(secrets, row->name_offset, row->name_len) ||
	    !is_inside(secrets, row->secret_offset, row->secret_len)) {
		return "a text outside the image";
	}
	if (index > 0 &&
	    compare_row(secrets, row - 1, row->identity, bytes_at(secrets, row->name_offset, row->name_len)) > 0) {
		return "rows out of order";
	}
	return NULL;
}

const char *secrets_check(const void *image, size_t size_bytes)
{
	const struct secrets *secrets = image;

	if (size_bytes < sizeof(*secrets) || secrets->magic != SECRETS_MAGIC || secrets->version != SECRETS_VERSION) {
		return "not a secrets image";
	}
	if (secrets->size_bytes != size_bytes ||
	    secrets->count > (size_bytes - sizeof(*secrets)) / sizeof(struct secrets_row)) {
		return "a size that cannot be";
	}
	if (secrets->most_a_name < 1 || secrets->most_a_name > SECRETS_A_NAME_MAX) {
		return "too many secrets a name";
	}
	for (uint32_t i = 0; i < secrets->count; i++) {
		const char *wrong = row_check(secrets, i);

		if (wrong != NULL) {
			return wrong;
		}
	}
	return NULL;
}

struct secrets_run secrets_find(const struct secrets *secrets, enum model_identity identity, struct tg_span name)
{
	const struct secrets_row *rows = rows_of(secrets);
	uint32_t low = 0, high = secrets->count;

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;

		if (compare_row(secrets, &rows[middle], identity, name) < 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	struct secrets_run run = { low, 0 };

	while (run.count < SECRETS_A_NAME_MAX && low + run.count < secrets->count &&
	       compare_row(secrets, &rows[low + run.count], identity, name) == 0) {
		run.count++;
	}
	return run;
}

struct tg_span secrets_text(const struct secrets *secrets, uint32_t index)
{
	const struct secrets_row *row = &rows_of(secrets)[index];

	return bytes_at(secrets, row->secret_offset, row->secret_len);
}
