/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/choice.h"

/* The letter is 'A' plus the place in this table. */
static const uint64_t letters_new[] = {
	0,
	IAX_FORMAT_G723,
	IAX_FORMAT_GSM,
	IAX_FORMAT_ULAW,
	IAX_FORMAT_ALAW,
	IAX_FORMAT_G726,
	IAX_FORMAT_ADPCM,
	IAX_FORMAT_SLIN,
	IAX_FORMAT_LPC10,
	IAX_FORMAT_G729,
	IAX_FORMAT_SPEEX,
	IAX_FORMAT_SPEEX16,
	IAX_FORMAT_ILBC,
	IAX_FORMAT_G726AAL2,
	IAX_FORMAT_G722,
	IAX_FORMAT_SLIN16,
	IAX_FORMAT_JPEG,
	IAX_FORMAT_PNG,
	IAX_FORMAT_H261,
	IAX_FORMAT_H263,
	IAX_FORMAT_H263P,
	IAX_FORMAT_H264,
	IAX_FORMAT_MPEG4,
	IAX_FORMAT_T140RED,
	IAX_FORMAT_T140,
	IAX_FORMAT_SIREN7,
	IAX_FORMAT_SIREN14,
	0,
	IAX_FORMAT_G719,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	0,
	IAX_FORMAT_OPUS,
	IAX_FORMAT_VP8,
};
enum { LETTER_BASE = 'A', LETTERS_OLD = 25 };

/* The older assignment is the number of the bit plus one. */
static uint64_t letter_old(unsigned place)
{
	return place >= 1 && place <= LETTERS_OLD ? UINT64_C(1) << (place - 1) : 0;
}

static uint64_t letter_read(uint8_t letter, uint64_t offer)
{
	const unsigned place = (unsigned)letter - LETTER_BASE;

	if (letter < LETTER_BASE || place >= TG_COUNT(letters_new)) {
		return 0;
	}
	return (letters_new[place] & offer) != 0 ? letters_new[place] : letter_old(place) & offer;
}

void iax_prefs_decode(struct iax_prefs *out, struct tg_span letters, uint64_t offer)
{
	uint64_t seen = 0;

	*out = (struct iax_prefs){ 0 };
	for (size_t i = 0; i < letters.len && i < IAX_CODEC_PREFS_MAX; i++) {
		const uint64_t format = letter_read(letters.p[i], offer);

		if (format != 0 && (seen & format) == 0) {
			out->formats[out->count++] = format;
			seen |= format;
		}
	}
}

size_t iax_prefs_encode(uint8_t out[IAX_CODEC_PREFS_MAX], const uint64_t *formats, size_t count)
{
	size_t len = 0;

	for (size_t i = 0; i < count && len < IAX_CODEC_PREFS_MAX; i++) {
		for (unsigned place = 1; place < TG_COUNT(letters_new); place++) {
			if (letters_new[place] != 0 && letters_new[place] == formats[i]) {
				out[len++] = (uint8_t)(LETTER_BASE + place);
			}
		}
	}
	return len;
}

uint64_t iax_format_best(uint64_t set)
{
	static const uint64_t ranking[] = {
		IAX_FORMAT_ULAW,  IAX_FORMAT_ALAW,   IAX_FORMAT_G719, IAX_FORMAT_SIREN14, IAX_FORMAT_SIREN7,
		IAX_FORMAT_G722,  IAX_FORMAT_SLIN16, IAX_FORMAT_SLIN, IAX_FORMAT_G726,    IAX_FORMAT_G726AAL2,
		IAX_FORMAT_ADPCM, IAX_FORMAT_GSM,    IAX_FORMAT_ILBC, IAX_FORMAT_SPEEX16, IAX_FORMAT_SPEEX,
		IAX_FORMAT_OPUS,  IAX_FORMAT_LPC10,  IAX_FORMAT_G729, IAX_FORMAT_G723,    IAX_FORMAT_GSM_HR,
	};

	for (size_t i = 0; i < TG_COUNT(ranking); i++) {
		if ((set & ranking[i]) != 0) {
			return ranking[i];
		}
	}
	return 0;
}

static uint64_t walk(const uint64_t *formats, size_t count, uint64_t joint)
{
	for (size_t i = 0; i < count; i++) {
		if ((formats[i] & joint) != 0) {
			return formats[i] & joint;
		}
	}
	return 0;
}

static uint64_t first_of(uint64_t a, uint64_t b, uint64_t c)
{
	if (a != 0) {
		return a;
	}
	return b != 0 ? b : c;
}

uint64_t iax_format_choose(const struct iax_choice *choice)
{
	static const struct iax_prefs none = { 0 };
	const struct iax_prefs *caller = choice->caller != NULL ? choice->caller : &none;
	const uint64_t sendable = choice->wide ? UINT64_MAX : UINT32_MAX;
	const uint64_t joint = choice->own & choice->offer & IAX_FORMATS_AUDIO & sendable;
	const uint64_t audio = choice->requested & IAX_FORMATS_AUDIO; /* some ask for audio and video in one mask */
	const uint64_t asked = iax_format_is_audio(audio) ? audio & joint : 0;
	const uint64_t by_host = walk(choice->own_formats, choice->own_count, joint);
	const uint64_t by_caller = walk(caller->formats, caller->count, joint);
	const uint64_t rest = asked != 0 ? asked : iax_format_best(joint);

	switch (choice->priority) {
	case IAX_CODEC_HOST:
		return first_of(by_host, by_caller, rest);
	case IAX_CODEC_CALLER:
		/* Without a list of his, FORMAT is all the caller says about his order. */
		return caller->count > 0 ? first_of(by_caller, by_host, rest) : rest;
	case IAX_CODEC_DISABLED:
		return rest;
	case IAX_CODEC_REQONLY:
		return asked;
	}
	return 0;
}
