/* SPDX-License-Identifier: Apache-2.0 */
#include "flood.h"

#include <string.h>

#include "iax/wire.h"

/* A number of their own that is a stranger's: never 0, any of 15 bits. */
static uint16_t number_of(uint32_t random)
{
	return (uint16_t)(2 + random % 32000);
}

static void put_full(struct tg_writer *w, uint16_t source, uint16_t destination, uint8_t subclass)
{
	tg_put_u16(w, (uint16_t)(IAX_FULL_BIT | source));
	tg_put_u16(w, destination);
	tg_put_u32(w, 3);
	tg_put_u16(w, 0);
	tg_put_u8(w, IAX_FRAME_IAX);
	tg_put_u8(w, subclass);
}

static void put_text(struct tg_writer *w, uint8_t element, const char *text)
{
	tg_put_u8(w, element);
	tg_put_u8(w, (uint8_t)strlen(text));
	tg_put_span(w, tg_span_text(text));
}

/* 37 octets, and the token's element. */
static void put_opening(struct tg_writer *w, uint8_t subclass, uint32_t random)
{
	put_full(w, number_of(random), 0, subclass);
	tg_put_u8(w, IAX_IE_VERSION);
	tg_put_u8(w, 2);
	tg_put_u16(w, 2);
	put_text(w, IAX_IE_USERNAME, "stranger");
	put_text(w, IAX_IE_CALLED_NUMBER, "100000000");
}

enum { OPENING_BYTES = 12 + 4 + 10 + 11 };

static void opening(uint8_t *frame, uint8_t subclass, uint32_t random, const char *token)
{
	struct tg_writer w = tg_writer_of(frame, FLOOD_FRAME_MAX);

	put_opening(&w, subclass, random);
	if (token != NULL) {
		put_text(&w, IAX_IE_CALLTOKEN, token);
	}
}

static void new_plain(uint8_t *frame, uint32_t random)
{
	opening(frame, IAX_NEW, random, NULL);
}

static void new_empty(uint8_t *frame, uint32_t random)
{
	opening(frame, IAX_NEW, random, "");
}

static void new_wrong(uint8_t *frame, uint32_t random)
{
	opening(frame, IAX_NEW, random, "\1\2\3\4\5\6\7");
}

static void reg_plain(uint8_t *frame, uint32_t random)
{
	opening(frame, IAX_REGREQ, random, NULL);
}

static void reg_empty(uint8_t *frame, uint32_t random)
{
	opening(frame, IAX_REGREQ, random, "");
}

static void reg_wrong(uint8_t *frame, uint32_t random)
{
	opening(frame, IAX_REGREQ, random, "\1\2\3\4\5\6\7");
}

static void full(uint8_t *frame, uint16_t source, uint16_t destination, uint8_t subclass)
{
	struct tg_writer w = tg_writer_of(frame, FLOOD_FRAME_MAX);

	put_full(&w, source, destination, subclass);
}

static void poke(uint8_t *frame, uint32_t random)
{
	full(frame, number_of(random), 0, IAX_POKE);
}

static void vnak(uint8_t *frame, uint32_t random)
{
	full(frame, number_of(random), number_of(random >> 16), IAX_VNAK);
}

static void lagrq(uint8_t *frame, uint32_t random)
{
	full(frame, number_of(random), number_of(random >> 16), IAX_LAGRQ);
}

static void garbage(uint8_t *frame, uint32_t random)
{
	for (unsigned i = 0; i < 60; i++) {
		random = random * 1664525 + 1013904223;
		frame[i] = (uint8_t)(random >> 24);
	}
}

static void mini(uint8_t *frame, uint32_t random)
{
	const uint16_t number = number_of(random);

	memset(frame, 0x55, 64);
	frame[0] = (uint8_t)(number >> 8);
	frame[1] = (uint8_t)number;
}

/* A trunk frame with one entry, as 8.1.3.2 of the RFC has it. */
static void trunk(uint8_t *frame, uint32_t random)
{
	struct tg_writer w = tg_writer_of(frame, FLOOD_FRAME_MAX);

	tg_put_u16(&w, 0);
	tg_put_u8(&w, 1);
	tg_put_u8(&w, 1);
	tg_put_u32(&w, random);
	tg_put_u16(&w, 24);
	tg_put_u16(&w, number_of(random));
	tg_put_u16(&w, 3);
	memset(frame + 14, 0x55, 22);
}

static const struct flood_kind kinds[] = {
	{ "new-plain", OPENING_BYTES, new_plain },
	{ "new-empty", OPENING_BYTES + 2, new_empty },
	{ "new-wrong", OPENING_BYTES + 9, new_wrong },
	{ "reg-plain", OPENING_BYTES, reg_plain },
	{ "reg-empty", OPENING_BYTES + 2, reg_empty },
	{ "reg-wrong", OPENING_BYTES + 9, reg_wrong },
	{ "poke", IAX_FULL_BYTES, poke },
	{ "garbage", 60, garbage },
	{ "mini", 64, mini },
	{ "trunk", 36, trunk },
	{ "vnak", IAX_FULL_BYTES, vnak },
	{ "lagrq", IAX_FULL_BYTES, lagrq },
};

const struct flood_kind *flood_kind_find(const char *name)
{
	for (size_t i = 0; i < TG_COUNT(kinds); i++) {
		if (strcmp(kinds[i].name, name) == 0) {
			return &kinds[i];
		}
	}
	return NULL;
}
