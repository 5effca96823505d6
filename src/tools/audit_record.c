/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/audit_record.h"

#include "crypt/hash.h"
#include "iax/names.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *tool_audit_probe_name(enum tool_audit_probe probe)
{
#define X(name, text) [name] = (text),
	static const char *const names[] = { TOOL_AUDIT_PROBES(X) };
#undef X
	return names[probe];
}

struct tool_audit_exchange *tool_audit_record_begin(struct tool_audit_record *record, enum tool_audit_probe probe,
                                                    unsigned variant, struct tg_span request)
{
	struct tool_audit_exchange *exchange = NULL;

	if (record->count >= TG_COUNT(record->exchanges) || request.len > TOOL_AUDIT_REQUEST_BYTES) {
		return NULL;
	}
	exchange = &record->exchanges[record->count++];
	*exchange = (struct tool_audit_exchange){
		.probe = probe,
		.variant = (uint16_t)variant,
		.request_len = (uint16_t)request.len,
	};
	memcpy(exchange->request, request.p, request.len);
	return exchange;
}

/* The same frame again: all but its R bit. */
static bool is_repeat(const struct tool_audit_exchange *exchange, struct tg_span bytes)
{
	for (size_t i = 0; i < exchange->answer_count; i++) {
		const struct tool_audit_answer *old = &exchange->answers[i];
		const size_t kept = bytes.len < sizeof(old->bytes) ? bytes.len : sizeof(old->bytes);

		if (old->len != bytes.len) {
			continue;
		}
		if (kept < IAX_FULL_BYTES
		            ? memcmp(old->bytes, bytes.p, kept) == 0
		            : memcmp(old->bytes, bytes.p, 2) == 0 && (old->bytes[2] & 0x7f) == (bytes.p[2] & 0x7f) &&
		                      memcmp(old->bytes + 3, bytes.p + 3, kept - 3) == 0) {
			return true;
		}
	}
	return false;
}

/* What keeps a dialog going: whether it comes, and how often, depends on the time alone. */
static bool is_upkeep(struct tg_span bytes)
{
	static const unsigned kinds[] = { IAX_ACK, IAX_PING, IAX_LAGRQ, IAX_LAGRP };
	struct iax_frame frame;

	if (iax_frame_decode(&frame, bytes) != IAX_OK || frame.class != IAX_CLASS_FULL || frame.type != IAX_FRAME_IAX) {
		return false;
	}
	for (size_t i = 0; i < TG_COUNT(kinds); i++) {
		if (frame.subclass_byte == kinds[i]) {
			return true;
		}
	}
	return false;
}

void tool_audit_record_answer(struct tool_audit_exchange *exchange, struct tg_span bytes, uint64_t at_us)
{
	const bool repeat = is_repeat(exchange, bytes);
	struct tool_audit_answer *answer = NULL;

	if (exchange->closed) {
		return;
	}
	exchange->packets_back++;
	exchange->bytes_back += (uint32_t)bytes.len;
	exchange->repeats += repeat ? 1 : 0;
	if (repeat || is_upkeep(bytes) || exchange->answer_count >= TG_COUNT(exchange->answers)) {
		return;
	}
	answer = &exchange->answers[exchange->answer_count++];
	answer->at_us = at_us;
	answer->len = (uint16_t)(bytes.len < UINT16_MAX ? bytes.len : UINT16_MAX);
	memcpy(answer->bytes, bytes.p, bytes.len < sizeof(answer->bytes) ? bytes.len : sizeof(answer->bytes));
}

bool tool_audit_decode(const struct tool_audit_answer *answer, struct iax_frame *frame, struct iax_ies *ies)
{
	if (answer->len > sizeof(answer->bytes)) {
		return false;
	}
	return iax_frame_decode(frame, (struct tg_span){ answer->bytes, answer->len }) == IAX_OK &&
	       frame->class == IAX_CLASS_FULL && frame->type == IAX_FRAME_IAX &&
	       iax_ies_decode(ies, frame->payload) == IAX_OK;
}

unsigned tool_audit_subclass(const struct tool_audit_exchange *exchange, size_t answer)
{
	struct iax_frame frame;
	struct iax_ies ies;

	return answer < exchange->answer_count && tool_audit_decode(&exchange->answers[answer], &frame, &ies)
	               ? frame.subclass_byte
	               : 0;
}

int tool_audit_find(const struct tool_audit_exchange *exchange, unsigned subclass)
{
	for (size_t i = 0; i < exchange->answer_count; i++) {
		if (tool_audit_subclass(exchange, i) == subclass) {
			return (int)i;
		}
	}
	return -1;
}

/* ---- What it looks like ---- */

enum { SHOWN_TEXT = 40, SHOWN_OCTETS = 16 };

struct shape {
	char *text;
	size_t size, len;
};

static void put(struct shape *shape, const char *format, ...) TG_PRINTF(2, 3);

static void put(struct shape *shape, const char *format, ...)
{
	va_list values;
	int added = 0;

	va_start(values, format);
	added = vsnprintf(shape->text + shape->len, shape->size - shape->len, format, values);
	va_end(values);
	shape->len += added > 0 ? (size_t)added : 0;
	shape->len = shape->len < shape->size ? shape->len : shape->size - 1;
}

enum show { SHOW_LENGTH, SHOW_VALUE, SHOW_NAME, SHOW_NOTHING };

/* An element that is not here is shown with its length and value: who compares would see both. */
static const struct {
	uint8_t id;
	enum show show;
} shown[] = {
	{ IAX_IE_CALLTOKEN, SHOW_LENGTH }, { IAX_IE_CHALLENGE, SHOW_LENGTH },      { IAX_IE_USERNAME, SHOW_NAME },
	{ IAX_IE_DATETIME, SHOW_NOTHING }, { IAX_IE_APPARENT_ADDR, SHOW_NOTHING },
};

static enum show show_of(uint8_t id)
{
	for (size_t i = 0; i < TG_COUNT(shown); i++) {
		if (shown[i].id == id) {
			return shown[i].show;
		}
	}
	return SHOW_VALUE;
}

static bool name_is_ours(const struct tool_audit_exchange *exchange, struct tg_span name)
{
	struct iax_frame frame;
	struct iax_ies ies;

	return iax_frame_decode(&frame, (struct tg_span){ exchange->request, exchange->request_len }) == IAX_OK &&
	       iax_ies_decode(&ies, frame.payload) == IAX_OK && tg_span_equal(ies.username, name);
}

/* Two values that look the same here are the same: what is not shown whole has its checksum behind it. */
static void put_value(struct shape *shape, uint8_t id, struct tg_span data)
{
	static const uint8_t key[CRYPT_KEY_BYTES] = { 0 };
	const bool is_text = id == IAX_IE_CAUSE || id == IAX_IE_DEVICETYPE || id == IAX_IE_SERVICEIDENT;
	const size_t room = is_text ? SHOWN_TEXT : SHOWN_OCTETS;
	bool whole = data.len <= room;

	for (size_t i = 0; i < data.len && i < room; i++) {
		const bool plain = data.p[i] > ' ' && data.p[i] < 0x7f && strchr("\"\\;?", data.p[i]) == NULL;

		if (is_text) {
			put(shape, "%c", plain ? data.p[i] : data.p[i] == ' ' ? ' ' : '?');
			whole = whole && (plain || data.p[i] == ' ');
		} else {
			put(shape, "%02x", data.p[i]);
		}
	}
	if (!whole) {
		put(shape, "~%08x", (unsigned)(crypt_siphash64(key, data) & UINT32_MAX));
	}
}

static void put_element(struct shape *shape, const struct tool_audit_exchange *exchange, uint8_t id,
                        struct tg_span data)
{
	const char *name = iax_ie_name(id);
	const enum show show = show_of(id);

	if (name != NULL) {
		put(shape, " %s", name);
	} else {
		put(shape, " %u", id);
	}
	if (show == SHOW_NAME) {
		put(shape, "%s", name_is_ours(exchange, data) ? "(as asked)" : "(another)");
	} else if (show != SHOW_NOTHING) {
		put(shape, "(%zu)", data.len);
	}
	if (show == SHOW_VALUE) {
		put(shape, "=");
		put_value(shape, id, data);
	}
}

static void put_answer(struct shape *shape, const struct tool_audit_exchange *exchange,
                       const struct tool_audit_answer *answer)
{
	struct iax_frame frame;
	struct iax_ies ies;
	struct tg_reader r;
	struct tg_span data;
	uint8_t id;

	if (!tool_audit_decode(answer, &frame, &ies)) {
		put(shape, "%u octets that are no IAX frame", answer->len);
		return;
	}
	if (iax_subclass_name(frame.subclass_byte) != NULL) {
		put(shape, "%s", iax_subclass_name(frame.subclass_byte));
	} else {
		put(shape, "IAX frame %u", frame.subclass_byte);
	}
	r = tg_reader_of(frame.payload);
	while (iax_ies_next(&r, &id, &data)) {
		put_element(shape, exchange, id, data);
	}
}

const char *tool_audit_shape(const struct tool_audit_exchange *exchange, char text[TOOL_AUDIT_SHAPE_BYTES])
{
	struct shape shape = { .text = text, .size = TOOL_AUDIT_SHAPE_BYTES };

	text[0] = '\0';
	for (size_t i = 0; i < exchange->answer_count; i++) {
		put(&shape, "%s", i > 0 ? "; " : "");
		put_answer(&shape, exchange, &exchange->answers[i]);
	}
	if (exchange->answer_count == 0) {
		put(&shape, "silence");
	}
	return text;
}

/* ---- Hexadecimal ---- */

static bool is_masked(uint8_t id)
{
	return id == IAX_IE_CALLTOKEN || id == IAX_IE_CHALLENGE || id == IAX_IE_MD5_RESULT || id == IAX_IE_RSA_RESULT ||
	       id == IAX_IE_PASSWORD || id == IAX_IE_ENCKEY;
}

void tool_audit_hex(struct tg_span bytes, char *text, size_t text_bytes)
{
	struct iax_frame frame;
	struct tg_span data;
	uint8_t id;
	const size_t len = bytes.len < (text_bytes - 1) / 2 ? bytes.len : (text_bytes - 1) / 2;

	tg_hex_encode(text, (struct tg_span){ bytes.p, len });
	if (iax_frame_decode(&frame, bytes) != IAX_OK || frame.class != IAX_CLASS_FULL || frame.type != IAX_FRAME_IAX) {
		return;
	}
	struct tg_reader r = tg_reader_of(frame.payload);

	while (iax_ies_next(&r, &id, &data)) {
		for (size_t i = 0; is_masked(id) && i < data.len; i++) {
			const size_t at = (size_t)(data.p - bytes.p) + i;

			if (at < len) {
				text[2 * at] = text[2 * at + 1] = '.';
			}
		}
	}
}
