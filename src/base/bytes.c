/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include <endian.h>
#include <string.h>

struct tg_span tg_span_text(const char *text)
{
	return (struct tg_span){ (const uint8_t *)text, strlen(text) };
}

bool tg_span_equal(struct tg_span a, struct tg_span b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c - 'A' + 'a') : c;
}

bool tg_span_equal_nocase(struct tg_span a, struct tg_span b)
{
	if (a.len != b.len) {
		return false;
	}
	for (size_t i = 0; i < a.len; i++) {
		if (lower(a.p[i]) != lower(b.p[i])) {
			return false;
		}
	}
	return true;
}

bool tg_span_copy(char *to, size_t size_bytes, struct tg_span from)
{
	if (size_bytes == 0) {
		return false;
	}
	const size_t len = from.len < size_bytes ? from.len : size_bytes - 1;

	if (len > 0) {
		memcpy(to, from.p, len);
	}
	to[len] = '\0';
	return len == from.len;
}

struct tg_reader tg_reader_of(struct tg_span bytes)
{
	return (struct tg_reader){ .left = bytes };
}

bool tg_reader_ok(const struct tg_reader *r)
{
	return !r->failed;
}

size_t tg_reader_left(const struct tg_reader *r)
{
	return r->left.len;
}

/* The next octets, or NULL. */
static const uint8_t *take(struct tg_reader *r, size_t len_bytes)
{
	const uint8_t *at = r->left.p;

	if (r->failed || len_bytes > r->left.len) {
		r->failed = true;
		r->left = (struct tg_span){ 0 };
		return NULL;
	}
	if (len_bytes > 0) {
		r->left.p += len_bytes;
		r->left.len -= len_bytes;
	}
	return at;
}

struct tg_span tg_take_span(struct tg_reader *r, size_t len_bytes)
{
	const uint8_t *at = take(r, len_bytes);

	return at == NULL ? (struct tg_span){ 0 } : (struct tg_span){ at, len_bytes };
}

struct tg_span tg_take_rest(struct tg_reader *r)
{
	return tg_take_span(r, r->left.len);
}

/* Each of a fixed length, so that it is one load or store: these are the most called functions of all. */

uint8_t tg_take_u8(struct tg_reader *r)
{
	const uint8_t *at = take(r, 1);

	return at == NULL ? 0 : *at;
}

uint16_t tg_take_u16(struct tg_reader *r)
{
	const uint8_t *at = take(r, 2);
	uint16_t big = 0;

	if (at != NULL) {
		memcpy(&big, at, sizeof(big));
	}
	return be16toh(big);
}

uint32_t tg_take_u32(struct tg_reader *r)
{
	const uint8_t *at = take(r, 4);
	uint32_t big = 0;

	if (at != NULL) {
		memcpy(&big, at, sizeof(big));
	}
	return be32toh(big);
}

uint64_t tg_take_u64(struct tg_reader *r)
{
	const uint8_t *at = take(r, 8);
	uint64_t big = 0;

	if (at != NULL) {
		memcpy(&big, at, sizeof(big));
	}
	return be64toh(big);
}

struct tg_writer tg_writer_of(void *buffer, size_t size_bytes)
{
	return (struct tg_writer){ .p = buffer, .size_bytes = size_bytes };
}

bool tg_writer_ok(const struct tg_writer *w)
{
	return !w->failed;
}

struct tg_span tg_writer_span(const struct tg_writer *w)
{
	return w->failed ? (struct tg_span){ 0 } : (struct tg_span){ w->p, w->len };
}

/* Where the next octets go, or NULL. */
static uint8_t *place(struct tg_writer *w, size_t len_bytes)
{
	if (w->failed || len_bytes > w->size_bytes - w->len) {
		w->failed = true;
		return NULL;
	}
	uint8_t *at = w->p + w->len;

	w->len += len_bytes;
	return at;
}

void tg_put_span(struct tg_writer *w, struct tg_span bytes)
{
	uint8_t *at = bytes.len == 0 ? NULL : place(w, bytes.len);

	if (at != NULL) {
		memcpy(at, bytes.p, bytes.len);
	}
}

void tg_put_u8(struct tg_writer *w, uint8_t value)
{
	uint8_t *at = place(w, 1);

	if (at != NULL) {
		*at = value;
	}
}

void tg_put_u16(struct tg_writer *w, uint16_t value)
{
	uint8_t *at = place(w, 2);
	const uint16_t big = htobe16(value);

	if (at != NULL) {
		memcpy(at, &big, sizeof(big));
	}
}

void tg_put_u32(struct tg_writer *w, uint32_t value)
{
	uint8_t *at = place(w, 4);
	const uint32_t big = htobe32(value);

	if (at != NULL) {
		memcpy(at, &big, sizeof(big));
	}
}

void tg_put_u64(struct tg_writer *w, uint64_t value)
{
	uint8_t *at = place(w, 8);
	const uint64_t big = htobe64(value);

	if (at != NULL) {
		memcpy(at, &big, sizeof(big));
	}
}

static int hex_digit(uint8_t c)
{
	if (c >= '0' && c <= '9') {
		return c - '0';
	}
	c = lower(c);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool tg_hex_decode(uint8_t *out, size_t size_bytes, struct tg_span digits, size_t *len_out)
{
	*len_out = 0;
	if (digits.len % 2 != 0 || digits.len / 2 > size_bytes) {
		return false;
	}
	for (size_t i = 0; i < digits.len / 2; i++) {
		const int high = hex_digit(digits.p[2 * i]);
		const int low = hex_digit(digits.p[2 * i + 1]);

		if (high < 0 || low < 0) {
			return false;
		}
		out[i] = (uint8_t)(high << 4 | low);
	}
	*len_out = digits.len / 2;
	return true;
}

void tg_hex_encode(char *out, struct tg_span in)
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < in.len; i++) {
		out[2 * i] = digits[in.p[i] >> 4];
		out[2 * i + 1] = digits[in.p[i] & 0x0f];
	}
	out[2 * in.len] = '\0';
}

/* RFC 3629, section 4: how many bytes follow this first one, and the range of the next; -1 for no first byte. */
static int utf8_tail(uint8_t first, uint8_t *min_next, uint8_t *max_next)
{
	*min_next = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	*max_next = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
	if (first < 0x80) {
		return 0;
	}
	if (first >= 0xc2 && first <= 0xdf) {
		return 1;
	}
	if (first >= 0xe0 && first <= 0xef) {
		return 2;
	}
	return first >= 0xf0 && first <= 0xf4 ? 3 : -1;
}

bool tg_utf8_is_plain(struct tg_span text)
{
	size_t i = 0;

	while (i < text.len) {
		uint8_t min_next, max_next;
		const uint8_t first = text.p[i++];
		const int tail = utf8_tail(first, &min_next, &max_next);

		if (tail < 0 || first < 0x20 || first == 0x7f || (size_t)tail > text.len - i) {
			return false;
		}
		if (first == 0xc2 && text.p[i] < 0xa0) { /* U+0080 to U+009F: control characters */
			return false;
		}
		for (int k = 0; k < tail; k++) {
			if (text.p[i] < min_next || text.p[i] > max_next) {
				return false;
			}
			i++;
			min_next = 0x80;
			max_next = 0xbf;
		}
	}
	return true;
}
