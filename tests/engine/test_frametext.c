/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdlib.h>

#include "../iax/vectors.h"
#include "engine/frametext.h"
#include "iax/ies.h"
#include "iax/wire.h"

/* Frames as operators see them. */

static struct tg_addr far_end(void)
{
	return tg_addr_ipv4((const uint8_t[]){ 192, 0, 2, 7 }, 4569);
}

static const char *text_of(const char *vector, bool sent)
{
	static char text[FRAMETEXT_BYTES];
	uint8_t bytes[VECTOR_BYTES_MAX];
	const size_t len = vector_read(vector, bytes);

	frametext_format(text, sent, far_end(), (struct tg_span){ bytes, len }, len);
	return text;
}

static void test_layout(void **state)
{
	(void)state;
	CHECK_TEXT(text_of("call-03-new-with-token", false),
	           "Rx-Frame Retry[ No] -- OSeqno: 000 ISeqno: 000 Type: IAX     Subclass: NEW    \n"
	           "   Timestamp: 00024ms  SCall: 01234  DCall: 00000 192.0.2.7:4569\n"
	           "   VERSION         : 2\n"
	           "   CALLED_NUMBER   : 1000\n"
	           "   CODEC_PREFS     : DEC\n"
	           "   CALLING_NUMBER  : 2001\n"
	           "   CALLINGPRES     : 0\n"
	           "   CALLINGTON      : 0\n"
	           "   CALLINGTNS      : 0\n"
	           "   CALLING_NAME    : Alice\n"
	           "   LANGUAGE        : en\n"
	           "   CALLED_CONTEXT  : default\n"
	           "   USERNAME        : alice\n"
	           "   FORMAT          : 4 (ulaw)\n"
	           "   FORMAT2         : 4 (ulaw)\n"
	           "   CAPABILITY      : 14\n"
	           "   CAPABILITY2     : 14\n"
	           "   ADSICPE         : 0\n"
	           "   DATETIME        : 2026-03-04  05:06:08\n"
	           "   CALLTOKEN       : (40 octets)\n"
	           "\n");
	CHECK_TEXT(text_of("call-06-authrep", true),
	           "Tx-Frame Retry[000] -- OSeqno: 001 ISeqno: 001 Type: IAX     Subclass: AUTHREP\n"
	           "   Timestamp: 00063ms  SCall: 01234  DCall: 05678 192.0.2.7:4569\n"
	           "   MD5_RESULT      : (32 octets)\n"
	           "\n");
	CHECK_TEXT(text_of("call-32-retransmission", false),
	           "Rx-Frame Retry[Yes] -- OSeqno: 002 ISeqno: 005 Type: VOICE   Subclass: ulaw   \n"
	           "   Timestamp: 02520ms  SCall: 01234  DCall: 05678 192.0.2.7:4569\n\n");
	CHECK_TEXT(text_of("call-23-dtmf-begin", false),
	           "Rx-Frame Retry[ No] -- OSeqno: 007 ISeqno: 007 Type: DTMF_BEGIN Subclass: *      \n"
	           "   Timestamp: 91003ms  SCall: 01234  DCall: 05678 192.0.2.7:4569\n\n");
	CHECK_TRUE(strstr(text_of("call-12-answer", true), "Type: CONTROL Subclass: ANSWER \n") != NULL);
	CHECK_TRUE(strstr(text_of("call-32-retransmission", true), "Tx-Frame Retry[001] --") != NULL);
	CHECK_TRUE(strstr(text_of("call-25-text", false), "Type: TEXT    Subclass: 0      \n") != NULL);
	CHECK_TRUE(strstr(text_of("reg-11-regack-ipv6", false), "   APPARENT_ADDR   : [2001:db8::1]:4569\n") != NULL);
}

/* What is no full frame is nothing. */
static void test_mini_frames(void **state)
{
	(void)state;
	CHECK_TEXT(text_of("call-14-voice-mini", false), "");
	CHECK_TEXT(text_of("trunk-01-timestamps", false), "");
	CHECK_TEXT(text_of("bad-02-full-short-header", false), "");
}

static size_t element(uint8_t bytes[64], uint8_t id, const char *data, size_t len)
{
	static const uint8_t header[IAX_FULL_BYTES] = { 0x80, 2, 0, 3, 0, 0, 0, 4, 0, 0, IAX_FRAME_IAX, IAX_NEW };

	memcpy(bytes, header, sizeof(header));
	bytes[sizeof(header)] = id;
	bytes[sizeof(header) + 1] = (uint8_t)len;
	memcpy(bytes + sizeof(header) + 2, data, len);
	return sizeof(header) + 2 + len;
}

/* Who sees it must not become somebody else by it. Elements that nobody knows may be anything. */
static void test_secrets_are_hidden(void **state)
{
	static const bool shown[UINT8_MAX + 1] = {
		[IAX_IE_CALLED_NUMBER] = true, [IAX_IE_CALLING_NUMBER] = true, [IAX_IE_CALLING_ANI] = true,
		[IAX_IE_CALLING_NAME] = true,  [IAX_IE_CALLED_CONTEXT] = true, [IAX_IE_USERNAME] = true,
		[IAX_IE_LANGUAGE] = true,      [IAX_IE_DNID] = true,           [IAX_IE_CHALLENGE] = true,
		[IAX_IE_CAUSE] = true,         [IAX_IE_MUSICONHOLD] = true,    [IAX_IE_RDNIS] = true,
		[IAX_IE_DEVICETYPE] = true,    [IAX_IE_CODEC_PREFS] = true,    [IAX_IE_VARIABLE] = true,
	};
	char text[FRAMETEXT_BYTES];
	uint8_t bytes[64];
	(void)state;

	for (unsigned id = 0; id <= UINT8_MAX; id++) {
		const size_t len = element(bytes, (uint8_t)id, "swordfish", 9);

		frametext_format(text, false, far_end(), (struct tg_span){ bytes, len }, len);
		CHECK_UINT(strstr(text, "swordfish") != NULL, shown[id]);
		CHECK_TRUE(shown[id] || id == IAX_IE_CAPABILITY2 || id == IAX_IE_FORMAT2 ||
		           strstr(text, "(9 octets)") != NULL);
	}
}

static const char *value_of(uint8_t id, const char *data, size_t len)
{
	static char text[FRAMETEXT_BYTES];
	uint8_t bytes[64];
	const size_t all = element(bytes, id, data, len);

	frametext_format(text, false, far_end(), (struct tg_span){ bytes, all }, all);
	const char *colon = strstr(text, " : ");

	CHECK_TRUE(colon != NULL);
	return colon + 3;
}

/* Numbers of any length up to four octets, and no others: what is no number stays hidden, or is a text. */
static void test_numbers_are_shown(void **state)
{
	static const uint8_t numbers[] = {
		IAX_IE_CAPABILITY, IAX_IE_FORMAT,      IAX_IE_VERSION,      IAX_IE_ADSICPE,     IAX_IE_AUTHMETHODS,
		IAX_IE_REFRESH,    IAX_IE_DPSTATUS,    IAX_IE_CALLNO,       IAX_IE_IAX_UNKNOWN, IAX_IE_MSGCOUNT,
		IAX_IE_TRANSFERID, IAX_IE_FIRMWAREVER, IAX_IE_FWBLOCKDESC,  IAX_IE_PROVVER,     IAX_IE_CALLINGPRES,
		IAX_IE_CALLINGTON, IAX_IE_CALLINGTNS,  IAX_IE_SAMPLINGRATE, IAX_IE_CAUSECODE,   IAX_IE_ENCRYPTION,
		IAX_IE_RR_JITTER,  IAX_IE_RR_LOSS,     IAX_IE_RR_PKTS,      IAX_IE_RR_DELAY,    IAX_IE_RR_DROPPED,
		IAX_IE_RR_OOO,     IAX_IE_CALLINGANI2, IAX_IE_DATAFORMAT,
	};
	bool shown[UINT8_MAX + 1] = { false };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(numbers); i++) {
		shown[numbers[i]] = true;
	}
	for (unsigned id = 0; id <= UINT8_MAX; id++) {
		CHECK_UINT(strcmp(value_of((uint8_t)id, "\x07", 1), "7\n\n") == 0, shown[id]);
		CHECK_UINT(strcmp(value_of((uint8_t)id, "\x01\x02\x03\x05", 4), "16909061\n\n") == 0, shown[id]);
		CHECK_TRUE(!shown[id] || strcmp(value_of((uint8_t)id, "\0\0\0\0\1", 5), "(5 octets)\n\n") == 0);
	}
}

static void test_hostile_octets(void **state)
{
	char text[FRAMETEXT_BYTES], names[VECTORS_MAX][VECTOR_NAME_BYTES];
	uint8_t bytes[VECTOR_BYTES_MAX];
	const size_t count = vector_names(names);
	size_t len = element(bytes, IAX_IE_USERNAME, "a\033[31m\nb", 8);
	(void)state;

	frametext_format(text, false, far_end(), (struct tg_span){ bytes, len }, len);
	CHECK_TRUE(strstr(text, "   USERNAME        : a?[31m?b\n\n") != NULL);
	bytes[len - 9] = 9; /* the element says it is longer */
	frametext_format(text, false, far_end(), (struct tg_span){ bytes, len }, len);
	CHECK_TRUE(strstr(text, "   (the elements end in the middle of one)\n\n") != NULL);
	frametext_format(text, false, far_end(), (struct tg_span){ bytes, len }, 2000);
	CHECK_TRUE(strstr(text, "   (and more)\n\n") != NULL);
	for (size_t i = 0; i < count; i++) {
		len = vector_read(names[i], bytes);
		for (size_t cut = 0; cut <= len; cut++) {
			uint8_t *exact = malloc(cut + 1);

			memcpy(exact, bytes, cut);
			CHECK_TRUE(frametext_format(text, true, far_end(), (struct tg_span){ exact, cut }, len) <
			           FRAMETEXT_BYTES);
			free(exact);
		}
	}
}

/* The longest text that a frame can make still ends in its room. */
static void test_the_longest_frame(void **state)
{
	static uint8_t bytes[4096];
	char text[FRAMETEXT_BYTES];
	size_t len = IAX_FULL_BYTES;
	(void)state;

	element(bytes, 0, "", 0);
	while (len + 2 < sizeof(bytes)) {
		bytes[len] = IAX_IE_AUTOANSWER;
		bytes[len + 1] = 0;
		len += 2;
	}
	CHECK_UINT(frametext_format(text, false, far_end(), (struct tg_span){ bytes, len }, len), FRAMETEXT_BYTES - 1);
	CHECK_UINT(strlen(text), FRAMETEXT_BYTES - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layout),
		cmocka_unit_test(test_mini_frames),
		cmocka_unit_test(test_secrets_are_hidden),
		cmocka_unit_test(test_numbers_are_shown),
		cmocka_unit_test(test_hostile_octets),
		cmocka_unit_test(test_the_longest_frame),
	};

	return cmocka_run_group_tests_name("frametext", tests, NULL, NULL);
}
