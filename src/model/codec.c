/* SPDX-License-Identifier: Apache-2.0 */
#include "model/codec.h"

#define BIT(n) (UINT64_C(1) << (n))

/*
 * The fixed order of preference of the protocol reference, 3.6. `all` leaves out what two systems may take for
 * different things: linear samples (byte order) and bit 13.
 */
static const struct codec codecs[] = {
	{ "ulaw", BIT(CODEC_ULAW_BIT), 160, true },
	{ "alaw", BIT(CODEC_ALAW_BIT), 160, true },
	{ "g719", BIT(32), 160, true },
	{ "siren14", BIT(14), 120, true },
	{ "siren7", BIT(13), 80, false },
	{ "g722", BIT(CODEC_G722_BIT), 160, true },
	{ "slin16", BIT(15), 640, false },
	{ "slin", BIT(CODEC_SLIN_BIT), 320, false },
	{ "g726", BIT(11), 80, true },
	{ "g726aal2", BIT(4), 80, true },
	{ "adpcm", BIT(5), 80, true },
	{ "gsm", BIT(CODEC_GSM_BIT), 33, true },
	{ "ilbc", BIT(10), 0, true },
	{ "speex16", BIT(33), 0, true },
	{ "speex", BIT(9), 0, true },
	{ "opus", BIT(34), 0, true },
	{ "lpc10", BIT(7), 0, true },
	{ "g729", BIT(8), 20, true },
	{ "g723", BIT(0), 0, true },
};

/* Other spellings that files have. */
static const struct {
	const char *alias, *name;
} aliases[] = {
	{ "slinear", "slin" },  { "slinear16", "slin16" }, { "g723.1", "g723" },
	{ "g722.1", "siren7" }, { "g722.1c", "siren14" },  { "mulaw", "ulaw" },
};

const struct codec *codec_at(size_t index)
{
	return index < TG_COUNT(codecs) ? &codecs[index] : NULL;
}

const struct codec *codec_find(struct tg_span name)
{
	for (size_t i = 0; i < TG_COUNT(aliases); i++) {
		if (tg_span_equal_nocase(name, tg_span_text(aliases[i].alias))) {
			name = tg_span_text(aliases[i].name);
		}
	}
	for (size_t i = 0; i < TG_COUNT(codecs); i++) {
		if (tg_span_equal_nocase(name, tg_span_text(codecs[i].name))) {
			return &codecs[i];
		}
	}
	return NULL;
}

const struct codec *codec_of(uint64_t bit)
{
	for (size_t i = 0; i < TG_COUNT(codecs); i++) {
		if (codecs[i].bit == bit) {
			return &codecs[i];
		}
	}
	return NULL;
}
