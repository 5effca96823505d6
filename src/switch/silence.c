/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/bridge.h"

/* 20 ms each. */
static const uint8_t ulaw[160] = {
#define U8 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff
#define U40 U8, U8, U8, U8, U8
	U40, U40, U40, U40
};
static const uint8_t alaw[160] = {
#define A8 0xd5, 0xd5, 0xd5, 0xd5, 0xd5, 0xd5, 0xd5, 0xd5
#define A40 A8, A8, A8, A8, A8
	A40, A40, A40, A40
};
/* GSM 06.10: all parameters of a frame without energy. */
static const uint8_t gsm[33] = {
	0xd8, 0x20, 0xa2, 0xe1, 0x5a, 0x50, 0x00, 0x49, 0x24, 0x92, 0x49, 0x24, 0x50, 0x00, 0x49, 0x24, 0x92,
	0x49, 0x24, 0x50, 0x00, 0x49, 0x24, 0x92, 0x49, 0x24, 0x50, 0x00, 0x49, 0x24, 0x92, 0x49, 0x24,
};
static const uint8_t zeros[640];

struct tg_span bridge_silence(uint64_t format)
{
	static const struct {
		uint64_t format;
		struct tg_span frame;
	} frames[] = {
		{ IAX_FORMAT_ULAW, { ulaw, sizeof(ulaw) } }, { IAX_FORMAT_ALAW, { alaw, sizeof(alaw) } },
		{ IAX_FORMAT_GSM, { gsm, sizeof(gsm) } },    { IAX_FORMAT_SLIN, { zeros, 320 } },
		{ IAX_FORMAT_SLIN16, { zeros, 640 } },
	};

	for (size_t i = 0; i < TG_COUNT(frames); i++) {
		if (frames[i].format == format) {
			return frames[i].frame;
		}
	}
	return (struct tg_span){ 0 };
}
