/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_ENGINE_KNOCK_H
#define TG_TESTS_ENGINE_KNOCK_H

#include "check.h"

#include "iax/ies.h"
#include "iax/wire.h"

enum { KNOCK_BYTES = 128 };

/*
 * An opening frame with version, name and, unless it is NULL, the token; an empty one is the element without content.
 * @return its octets, in the room
 */
static inline struct tg_span knock_write(uint8_t room[KNOCK_BYTES], uint8_t subclass, uint16_t number, const char *name,
                                         const struct tg_span *token)
{
	struct tg_writer w = tg_writer_of(room, KNOCK_BYTES);

	tg_put_u16(&w, (uint16_t)(0x8000 | number));
	tg_put_u16(&w, 0);
	tg_put_u32(&w, 3);
	tg_put_u16(&w, 0);
	tg_put_u8(&w, IAX_FRAME_IAX);
	tg_put_u8(&w, subclass);
	tg_put_u8(&w, IAX_IE_VERSION);
	tg_put_u8(&w, 2);
	tg_put_u16(&w, 2);
	tg_put_u8(&w, IAX_IE_USERNAME);
	tg_put_u8(&w, (uint8_t)strlen(name));
	tg_put_span(&w, tg_span_text(name));
	if (token != NULL) {
		tg_put_u8(&w, IAX_IE_CALLTOKEN);
		tg_put_u8(&w, (uint8_t)token->len);
		tg_put_span(&w, *token);
	}
	CHECK_TRUE(tg_writer_ok(&w));
	return tg_writer_span(&w);
}

#endif
