/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_BASE_BYTES_H
#define TG_BASE_BYTES_H

#include "base/tg.h"

/** Bytes that somebody else owns. len 0 means empty; p is NULL when there is nothing at all. */
struct tg_span {
	const uint8_t *p;
	size_t len;
};

/** A literal as a span, without its NUL. */
#define TG_SPAN_LIT(text) ((struct tg_span){ (const uint8_t *)(text), sizeof(text) - 1 })

/** The bytes of a NUL-terminated text of ours (never of text from the network). */
struct tg_span tg_span_text(const char *text);

bool tg_span_equal(struct tg_span a, struct tg_span b);

/** ASCII letters compare without case. */
bool tg_span_equal_nocase(struct tg_span a, struct tg_span b);

/**
 * Copy a span into a text buffer, cut to fit, always NUL-terminated.
 *
 * @return false if it was cut
 */
bool tg_span_copy(char *to, size_t size_bytes, struct tg_span from);

/**
 * Takes big-endian fields from the front of a span. The first short read latches: from then on every take
 * gives zeros and empty spans, so fields are taken straight down and tg_reader_ok() is asked once.
 */
struct tg_reader {
	struct tg_span left;
	bool failed;
};

struct tg_reader tg_reader_of(struct tg_span bytes);
bool tg_reader_ok(const struct tg_reader *r);
size_t tg_reader_left(const struct tg_reader *r);
uint8_t tg_take_u8(struct tg_reader *r);
uint16_t tg_take_u16(struct tg_reader *r);
uint32_t tg_take_u32(struct tg_reader *r);
uint64_t tg_take_u64(struct tg_reader *r);
struct tg_span tg_take_span(struct tg_reader *r, size_t len_bytes);

/** All that is left. */
struct tg_span tg_take_rest(struct tg_reader *r);

/**
 * Puts big-endian fields into a buffer of the caller. The first field that does not fit latches and nothing more is
 * written; ask tg_writer_ok() once, before sending.
 */
struct tg_writer {
	uint8_t *p;
	size_t size_bytes;
	size_t len;
	bool failed;
};

struct tg_writer tg_writer_of(void *buffer, size_t size_bytes);
bool tg_writer_ok(const struct tg_writer *w);

/** What was written so far; empty after a failure. */
struct tg_span tg_writer_span(const struct tg_writer *w);
void tg_put_u8(struct tg_writer *w, uint8_t value);
void tg_put_u16(struct tg_writer *w, uint16_t value);
void tg_put_u32(struct tg_writer *w, uint32_t value);
void tg_put_u64(struct tg_writer *w, uint64_t value);
void tg_put_span(struct tg_writer *w, struct tg_span bytes);

/**
 * Hexadecimal digits, either case, to bytes.
 *
 * @param size_bytes  room in out; exactly 2 * len_out digits are needed
 * @return false if a character is no digit, the count is odd, or it does not fit
 */
TG_MUST_USE bool tg_hex_decode(uint8_t *out, size_t size_bytes, struct tg_span digits, size_t *len_out);

/** Lower-case digits and a NUL; out needs 2 * in.len + 1 bytes. */
void tg_hex_encode(char *out, struct tg_span in);

/** True if the bytes are valid UTF-8 (RFC 3629) without control characters; empty is valid. */
bool tg_utf8_is_plain(struct tg_span text);

#endif
