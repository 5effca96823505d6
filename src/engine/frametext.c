/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/frametext.h"

#include <stdarg.h>
#include <stdio.h>

#include "iax/datetime.h"
#include "iax/frame.h"
#include "iax/ies.h"
#include "iax/names.h"
#include "model/codec.h"

enum { VALUE_BYTES = 300, NAME_BYTES = 16 };

struct text {
	char *out;
	size_t len;
};

static void add(struct text *text, const char *format, ...) TG_PRINTF(2, 3);

static void add(struct text *text, const char *format, ...)
{
	const size_t room = FRAMETEXT_BYTES - text->len;
	va_list values;
	int wanted = 0;

	va_start(values, format);
	wanted = vsnprintf(text->out + text->len, room, format, values);
	va_end(values);
	text->len += (size_t)wanted < room ? (size_t)wanted : room - 1;
}

/* ---- Elements ---- */

/* One that has no row is not shown. */
enum shape {
	SHAPE_HIDDEN,
	SHAPE_TEXT,
	SHAPE_NUMBER,
	SHAPE_FORMAT,
	SHAPE_MASK2,
	SHAPE_ADDR,
	SHAPE_DATETIME,
	SHAPE_EMPTY
};

static const uint8_t shapes[UINT8_MAX + 1] = {
	[IAX_IE_CALLED_NUMBER] = SHAPE_TEXT,  [IAX_IE_CALLING_NUMBER] = SHAPE_TEXT, [IAX_IE_CALLING_ANI] = SHAPE_TEXT,
	[IAX_IE_CALLING_NAME] = SHAPE_TEXT,   [IAX_IE_CALLED_CONTEXT] = SHAPE_TEXT, [IAX_IE_USERNAME] = SHAPE_TEXT,
	[IAX_IE_CAPABILITY] = SHAPE_NUMBER,   [IAX_IE_FORMAT] = SHAPE_FORMAT,       [IAX_IE_LANGUAGE] = SHAPE_TEXT,
	[IAX_IE_VERSION] = SHAPE_NUMBER,      [IAX_IE_ADSICPE] = SHAPE_NUMBER,      [IAX_IE_DNID] = SHAPE_TEXT,
	[IAX_IE_AUTHMETHODS] = SHAPE_NUMBER,  [IAX_IE_CHALLENGE] = SHAPE_TEXT,      [IAX_IE_APPARENT_ADDR] = SHAPE_ADDR,
	[IAX_IE_REFRESH] = SHAPE_NUMBER,      [IAX_IE_DPSTATUS] = SHAPE_NUMBER,     [IAX_IE_CALLNO] = SHAPE_NUMBER,
	[IAX_IE_CAUSE] = SHAPE_TEXT,          [IAX_IE_IAX_UNKNOWN] = SHAPE_NUMBER,  [IAX_IE_MSGCOUNT] = SHAPE_NUMBER,
	[IAX_IE_AUTOANSWER] = SHAPE_EMPTY,    [IAX_IE_MUSICONHOLD] = SHAPE_TEXT,    [IAX_IE_TRANSFERID] = SHAPE_NUMBER,
	[IAX_IE_RDNIS] = SHAPE_TEXT,          [IAX_IE_DATETIME] = SHAPE_DATETIME,   [IAX_IE_DEVICETYPE] = SHAPE_TEXT,
	[IAX_IE_FIRMWAREVER] = SHAPE_NUMBER,  [IAX_IE_FWBLOCKDESC] = SHAPE_NUMBER,  [IAX_IE_PROVVER] = SHAPE_NUMBER,
	[IAX_IE_CALLINGPRES] = SHAPE_NUMBER,  [IAX_IE_CALLINGTON] = SHAPE_NUMBER,   [IAX_IE_CALLINGTNS] = SHAPE_NUMBER,
	[IAX_IE_SAMPLINGRATE] = SHAPE_NUMBER, [IAX_IE_CAUSECODE] = SHAPE_NUMBER,    [IAX_IE_ENCRYPTION] = SHAPE_NUMBER,
	[IAX_IE_CODEC_PREFS] = SHAPE_TEXT,    [IAX_IE_RR_JITTER] = SHAPE_NUMBER,    [IAX_IE_RR_LOSS] = SHAPE_NUMBER,
	[IAX_IE_RR_PKTS] = SHAPE_NUMBER,      [IAX_IE_RR_DELAY] = SHAPE_NUMBER,     [IAX_IE_RR_DROPPED] = SHAPE_NUMBER,
	[IAX_IE_RR_OOO] = SHAPE_NUMBER,       [IAX_IE_VARIABLE] = SHAPE_TEXT,       [IAX_IE_CAPABILITY2] = SHAPE_MASK2,
	[IAX_IE_FORMAT2] = SHAPE_MASK2,       [IAX_IE_CALLINGANI2] = SHAPE_NUMBER,  [IAX_IE_DATAFORMAT] = SHAPE_NUMBER,
};

static void put_plain(char value[VALUE_BYTES], struct tg_span data)
{
	size_t len = data.len < VALUE_BYTES - 1 ? data.len : VALUE_BYTES - 1;

	for (size_t i = 0; i < len; i++) {
		value[i] = data.p[i] >= ' ' && data.p[i] <= '~' ? (char)data.p[i] : '?';
	}
	value[len] = '\0';
}

static uint64_t number_of(struct tg_span data)
{
	uint64_t number = 0;

	for (size_t i = 0; i < data.len; i++) {
		number = number << 8 | data.p[i];
	}
	return number;
}

static bool put_addr(char value[VALUE_BYTES], struct tg_span data)
{
	struct tg_reader r = tg_reader_of(data);
	char addr[TG_ADDR_TEXT_BYTES];

	(void)tg_take_u16(&r);
	const uint16_t port = tg_take_u16(&r);

	if (data.len == 28) {
		(void)tg_take_u32(&r);
	}
	const struct tg_span ip = tg_take_span(&r, data.len == 28 ? 16 : 4);

	if (!tg_reader_ok(&r) || (data.len != 28 && data.len != 16)) {
		return false;
	}
	snprintf(value, VALUE_BYTES, "%s",
	         tg_addr_format(data.len == 28 ? tg_addr_ipv6(ip.p, port) : tg_addr_ipv4(ip.p, port), addr));
	return true;
}

static bool put_datetime(char value[VALUE_BYTES], struct tg_span data)
{
	struct iax_datetime at;

	if (data.len != 4 || !iax_datetime_decode(&at, (uint32_t)number_of(data))) {
		return false;
	}
	snprintf(value, VALUE_BYTES, "%04u-%02u-%02u  %02u:%02u:%02u", at.year, at.month, at.day, at.hour, at.minute,
	         at.second);
	return true;
}

static bool put_format(char value[VALUE_BYTES], uint64_t format)
{
	const struct codec *codec = codec_of(format);

	snprintf(value, VALUE_BYTES, "%llu%s%s%s", (unsigned long long)format, codec != NULL ? " (" : "",
	         codec != NULL ? codec->name : "", codec != NULL ? ")" : "");
	return true;
}

static bool put_value(char value[VALUE_BYTES], enum shape shape, struct tg_span data)
{
	switch (shape) {
	case SHAPE_TEXT:
		put_plain(value, data);
		return true;
	case SHAPE_NUMBER:
	case SHAPE_FORMAT:
		return data.len > 0 && data.len <= 4 &&
		       (shape == SHAPE_FORMAT
		                ? put_format(value, number_of(data))
		                : snprintf(value, VALUE_BYTES, "%llu", (unsigned long long)number_of(data)) > 0);
	case SHAPE_MASK2:
		return data.len == 9 && put_format(value, number_of((struct tg_span){ data.p + 1, 8 }));
	case SHAPE_ADDR:
		return put_addr(value, data);
	case SHAPE_DATETIME:
		return put_datetime(value, data);
	case SHAPE_EMPTY:
		snprintf(value, VALUE_BYTES, "Present");
		return data.len == 0;
	case SHAPE_HIDDEN:
		break;
	}
	return false;
}

static void add_element(struct text *text, uint8_t id, struct tg_span data)
{
	char value[VALUE_BYTES], number[NAME_BYTES];
	const char *name = iax_ie_name(id);

	snprintf(number, sizeof(number), "Unknown %u", id);
	if (!put_value(value, (enum shape)shapes[id], data)) {
		snprintf(value, sizeof(value), "(%zu octets)", data.len);
	}
	add(text, "   %-15.15s : %s\n", name != NULL ? name : number, value);
}

static void add_elements(struct text *text, struct tg_span payload, bool is_whole)
{
	struct tg_reader r = tg_reader_of(payload);
	struct tg_span data;
	uint8_t id;

	while (iax_ies_next(&r, &id, &data)) {
		add_element(text, id, data);
	}
	if (!tg_reader_ok(&r)) {
		add(text, is_whole ? "   (the elements end in the middle of one)\n" : "   (and more)\n");
	}
}

/* ---- The header ---- */

static const char *subclass_name(const struct iax_frame *frame, char room[NAME_BYTES])
{
	const uint8_t octet = (uint8_t)frame->subclass;
	const struct codec *codec = frame->type == IAX_FRAME_VOICE ? codec_of(frame->subclass) : NULL;
	const char *name = frame->type == IAX_FRAME_IAX       ? iax_subclass_name(octet)
	                   : frame->type == IAX_FRAME_CONTROL ? iax_control_name(octet)
	                   : frame->type == IAX_FRAME_HTML    ? iax_html_name(octet)
	                                                      : NULL;

	if (codec != NULL) {
		return codec->name;
	}
	if (frame->type == IAX_FRAME_DTMF_BEGIN || frame->type == IAX_FRAME_DTMF_END) {
		snprintf(room, NAME_BYTES, "*"); /* digits may be a PIN or a card's number */
	} else {
		snprintf(room, NAME_BYTES, "%u", octet);
	}
	return name != NULL ? name : room;
}

static void add_header(struct text *text, bool sent, struct tg_addr remote, const struct iax_frame *frame)
{
	const char *type = iax_frame_type_name(frame->type);
	char number[NAME_BYTES], subclass[NAME_BYTES], addr[TG_ADDR_TEXT_BYTES];

	snprintf(number, sizeof(number), "%u", frame->type);
	add(text, "%s-Frame Retry[%s] -- OSeqno: %3.3u ISeqno: %3.3u Type: %-7s Subclass: %-7s\n", sent ? "Tx" : "Rx",
	    sent ? (frame->retry ? "001" : "000") : (frame->retry ? "Yes" : " No"), frame->oseqno, frame->iseqno,
	    type != NULL ? type : number, subclass_name(frame, subclass));
	add(text, "   Timestamp: %05ums  SCall: %5.5u  DCall: %5.5u %s\n", frame->ts_ms, frame->source,
	    frame->destination, tg_addr_format(remote, addr));
}

size_t frametext_format(char out[FRAMETEXT_BYTES], bool sent, struct tg_addr remote, struct tg_span bytes, size_t total)
{
	struct text text = { .out = out };
	struct iax_frame frame;

	out[0] = '\0';
	if (iax_frame_decode(&frame, bytes) != IAX_OK || frame.class != IAX_CLASS_FULL) {
		return 0;
	}
	add_header(&text, sent, remote, &frame);
	if (frame.type == IAX_FRAME_IAX) {
		add_elements(&text, frame.payload, bytes.len == total);
	}
	add(&text, "\n");
	return text.len;
}
