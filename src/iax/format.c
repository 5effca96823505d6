/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/format.h"

#include <string.h>

enum { HZ_8K = 8000, HZ_16K = 16000, HZ_32K = 32000, HZ_48K = 48000, HZ_VIDEO = 90000 };

/* RFC 5456, section 8.7, corrected by practice. */
const struct iax_format iax_formats[] = {
	{ IAX_FORMAT_G723, "g723", HZ_8K, 0, 30, 0 }, /* 24, 20 or 4 octets */
	{ IAX_FORMAT_GSM, "gsm", HZ_8K, 33, 20, 33 },
	{ IAX_FORMAT_ULAW, "ulaw", HZ_8K, 8, 1, 160 },
	{ IAX_FORMAT_ALAW, "alaw", HZ_8K, 8, 1, 160 },
	{ IAX_FORMAT_G726AAL2, "g726aal2", HZ_8K, 4, 1, 80 },
	{ IAX_FORMAT_ADPCM, "adpcm", HZ_8K, 4, 1, 80 },
	{ IAX_FORMAT_SLIN, "slin", HZ_8K, 16, 1, 320 },
	{ IAX_FORMAT_LPC10, "lpc10", HZ_8K, 7, 22, 0 }, /* 22.5 ms */
	{ IAX_FORMAT_G729, "g729", HZ_8K, 10, 10, 20 },
	{ IAX_FORMAT_SPEEX, "speex", HZ_8K, 0, 20, 0 },
	{ IAX_FORMAT_ILBC, "ilbc", HZ_8K, 50, 30, 0 },
	{ IAX_FORMAT_G726, "g726", HZ_8K, 4, 1, 80 },
	{ IAX_FORMAT_G722, "g722", HZ_16K, 8, 1, 160 },
	{ IAX_FORMAT_SIREN7, "siren7", HZ_16K, 80, 20, 80 },
	{ IAX_FORMAT_SIREN14, "siren14", HZ_32K, 120, 20, 120 },
	{ IAX_FORMAT_SLIN16, "slin16", HZ_16K, 32, 1, 640 },
	{ IAX_FORMAT_JPEG, "jpeg", 0, 0, 0, 0 },
	{ IAX_FORMAT_PNG, "png", 0, 0, 0, 0 },
	{ IAX_FORMAT_H261, "h261", HZ_VIDEO, 0, 0, 0 },
	{ IAX_FORMAT_H263, "h263", HZ_VIDEO, 0, 0, 0 },
	{ IAX_FORMAT_H263P, "h263p", HZ_VIDEO, 0, 0, 0 },
	{ IAX_FORMAT_H264, "h264", HZ_VIDEO, 0, 0, 0 },
	{ IAX_FORMAT_MPEG4, "mpeg4", HZ_VIDEO, 0, 0, 0 },
	{ IAX_FORMAT_VP8, "vp8", HZ_VIDEO, 0, 0, 0 },
	{ IAX_FORMAT_THEORA, "theora", HZ_VIDEO, 0, 0, 0 },
	{ IAX_FORMAT_T140RED, "t140red", 0, 0, 0, 0 },
	{ IAX_FORMAT_T140, "t140", 0, 0, 0, 0 },
	{ IAX_FORMAT_GSM_HR, "gsmhr", HZ_8K, 14, 20, 14 },
	{ IAX_FORMAT_G719, "g719", HZ_48K, 160, 20, 160 },
	{ IAX_FORMAT_SPEEX16, "speex16", HZ_16K, 0, 20, 0 },
	{ IAX_FORMAT_OPUS, "opus", HZ_48K, 0, 20, 0 },
	{ IAX_FORMAT_TESTLAW, "testlaw", HZ_8K, 8, 1, 160 },
};
const size_t iax_format_count = TG_COUNT(iax_formats);

/* Other spellings that configuration files have. */
static const struct {
	const char *alias, *name;
} aliases[] = {
	{ "slinear", "slin" },    { "slinear16", "slin16" }, { "g723.1", "g723" }, { "g722.1", "siren7" },
	{ "g722.1c", "siren14" }, { "mulaw", "ulaw" },       { "red", "t140red" },
};

const struct iax_format *iax_format_find(uint64_t bits)
{
	for (size_t i = 0; i < TG_COUNT(iax_formats); i++) {
		if (iax_formats[i].bit == bits) {
			return &iax_formats[i];
		}
	}
	return NULL;
}

static const struct iax_format *find_name(struct tg_span name)
{
	for (size_t i = 0; i < TG_COUNT(iax_formats); i++) {
		if (tg_span_equal_nocase(name, tg_span_text(iax_formats[i].name))) {
			return &iax_formats[i];
		}
	}
	return NULL;
}

const struct iax_format *iax_format_by_name(struct tg_span name)
{
	for (size_t i = 0; i < TG_COUNT(aliases); i++) {
		if (tg_span_equal_nocase(name, tg_span_text(aliases[i].alias))) {
			return find_name(tg_span_text(aliases[i].name));
		}
	}
	return find_name(name);
}

const char *iax_format_name(uint64_t bits)
{
	const struct iax_format *format = iax_format_find(bits);

	if (format != NULL) {
		return format->name;
	}
	return bits == 0 ? "none" : "unknown";
}

const char *iax_format_set_text(char *text, size_t size_bytes, uint64_t set)
{
	struct tg_writer w = tg_writer_of(text, size_bytes - 1);
	bool first = true;

	assert(size_bytes >= sizeof("()"));
	for (size_t i = 0; i < TG_COUNT(iax_formats); i++) {
		const struct tg_span name = tg_span_text(iax_formats[i].name);

		if ((set & iax_formats[i].bit) == 0) {
			continue;
		}
		if (w.len + 1 + name.len + 1 > w.size_bytes) {
			break; /* room for the closing parenthesis is kept */
		}
		tg_put_u8(&w, first ? '(' : '|');
		tg_put_span(&w, name);
		first = false;
	}
	tg_put_span(&w, first ? TG_SPAN_LIT("(nothing)") : TG_SPAN_LIT(")"));
	text[w.len] = '\0';
	return text;
}

bool iax_format_is_audio(uint64_t bits)
{
	return (bits & IAX_FORMATS_AUDIO) != 0 && (bits & (bits - 1)) == 0;
}

bool iax_format_is_video(uint64_t bits)
{
	return (bits & IAX_FORMATS_VIDEO) != 0 && (bits & (bits - 1)) == 0;
}
