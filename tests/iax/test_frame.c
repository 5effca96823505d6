/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/frame.h"

#include "check.h"
#include "crypt/random.h"
#include "iax/fuzz.h"

static struct tg_span from_hex(const char *hex, uint8_t *buffer, size_t size_bytes)
{
	size_t len;

	CHECK_TRUE(tg_hex_decode(buffer, size_bytes, tg_span_text(hex), &len));
	return (struct tg_span){ buffer, len };
}

static void test_classes(void **state)
{
	static const struct {
		const char *name, *hex;
		enum iax_err want;
		enum iax_class class;
	} cases[] = {
		{ "nothing", "", IAX_ERR_SHORT, 0 },
		{ "three octets", "8001ff", IAX_ERR_SHORT, 0 },
		{ "three octets of a mini frame", "000100", IAX_ERR_SHORT, 0 },
		{ "a full header without its end", "8001000000000003000006", IAX_ERR_SHORT, 0 },
		{ "a full header", "800100000000000300000601", IAX_OK, IAX_CLASS_FULL },
		{ "a full header from number 0", "800000000000000300000601", IAX_OK, IAX_CLASS_FULL },
		{ "the shortest mini frame", "00010000", IAX_OK, IAX_CLASS_MINI },
		{ "a mini frame that looks like a trunk", "00010100", IAX_OK, IAX_CLASS_MINI },
		{ "the highest mini frame", "7fffffff", IAX_OK, IAX_CLASS_MINI },
		{ "meta video cut in its header", "0000800100", IAX_ERR_SHORT, 0 },
		{ "meta video", "000080010000", IAX_OK, IAX_CLASS_META_VIDEO },
		{ "meta video, first octet of its number 1", "000081000000", IAX_OK, IAX_CLASS_META_VIDEO },
		{ "trunk cut in its header", "00000100000000", IAX_ERR_SHORT, 0 },
		{ "trunk", "0000010000000000", IAX_OK, IAX_CLASS_META_TRUNK },
		{ "stamped trunk", "0000010100000000", IAX_OK, IAX_CLASS_META_TRUNK },
		{ "trunk with a reserved flag", "0000010200000000", IAX_ERR_BAD_META, 0 },
		{ "trunk with reserved flags beside the known one", "0000018100000000", IAX_ERR_BAD_META, 0 },
		{ "meta command 0", "0000000000000000", IAX_ERR_BAD_META, 0 },
		{ "meta command 2", "0000020000000000", IAX_ERR_BAD_META, 0 },
		{ "meta command 127", "00007f0000000000", IAX_ERR_BAD_META, 0 },
		{ "four octets of zero", "00000000", IAX_ERR_BAD_META, 0 },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		uint8_t buffer[32];
		struct iax_frame frame;

		print_message("# %s\n", cases[i].name);
		CHECK_UINT(iax_frame_decode(&frame, from_hex(cases[i].hex, buffer, sizeof(buffer))), cases[i].want);
		if (cases[i].want == IAX_OK) {
			CHECK_UINT(frame.class, cases[i].class);
		}
	}
}

static void test_fields_of_a_full_frame(void **state)
{
	uint8_t buffer[32];
	struct iax_frame frame;
	(void)state;

	CHECK_UINT(iax_frame_decode(&frame, from_hex("ffff"
	                                             "8001"
	                                             "fffefdfc"
	                                             "ab"
	                                             "cd"
	                                             "07"
	                                             "00"
	                                             "6869",
	                                             buffer, sizeof(buffer))),
	           IAX_OK);
	CHECK_UINT(frame.source, 0x7fff);
	CHECK_UINT(frame.destination, 1); /* without the R bit */
	CHECK_TRUE(frame.retry);
	CHECK_UINT(frame.ts_ms, 0xfffefdfc);
	CHECK_UINT(frame.oseqno, 0xab);
	CHECK_UINT(frame.iseqno, 0xcd);
	CHECK_UINT(frame.type, IAX_FRAME_TEXT);
	CHECK_UINT(frame.subclass, 0);
	CHECK_SPAN(frame.payload, TG_SPAN_LIT("hi"));
}

static void test_fields_of_other_frames(void **state)
{
	uint8_t buffer[32];
	struct iax_frame frame;
	(void)state;

	CHECK_UINT(iax_frame_decode(&frame, from_hex("1234"
	                                             "fedc"
	                                             "aabb",
	                                             buffer, sizeof(buffer))),
	           IAX_OK);
	CHECK_UINT(frame.source, 0x1234);
	CHECK_UINT(frame.ts_ms, 0xfedc);
	CHECK_UINT(frame.payload.len, 2);
	CHECK_UINT(iax_frame_decode(&frame, from_hex("0000"
	                                             "9234"
	                                             "fedc"
	                                             "aa",
	                                             buffer, sizeof(buffer))),
	           IAX_OK);
	CHECK_UINT(frame.source, 0x1234);
	CHECK_TRUE(frame.marker);
	CHECK_UINT(frame.ts_ms, 0x7edc);
	CHECK_UINT(frame.payload.len, 1);
	CHECK_UINT(iax_frame_decode(&frame, from_hex("0000"
	                                             "0101"
	                                             "01020304"
	                                             "aabbcc",
	                                             buffer, sizeof(buffer))),
	           IAX_OK);
	CHECK_TRUE(frame.stamped);
	CHECK_UINT(frame.ts_ms, 0x01020304);
	CHECK_UINT(frame.payload.len, 3);
}

/* RFC 5456, 8.1.1: octet 11, both ways. */
static void test_subclasses(void **state)
{
	static const struct {
		uint8_t type, octet;
		uint64_t subclass;
		bool marker;
	} cases[] = {
		{ IAX_FRAME_VOICE, 0x00, 0, false },
		{ IAX_FRAME_VOICE, 0x01, IAX_FORMAT_G723, false },
		{ IAX_FRAME_VOICE, 0x03, 3, false },
		{ IAX_FRAME_VOICE, 0x40, IAX_FORMAT_SLIN, false },
		{ IAX_FRAME_VOICE, 0x7f, 0x7f, false },
		{ IAX_FRAME_VOICE, 0x87, IAX_FORMAT_LPC10, false },
		{ IAX_FRAME_VOICE, 0x8c, IAX_FORMAT_G722, false },
		{ IAX_FRAME_VOICE, 0x9f, IAX_FORMAT_GSM_HR, false },
		{ IAX_FRAME_VOICE, 0xa0, IAX_FORMAT_G719, false },
		{ IAX_FRAME_VOICE, 0xa2, IAX_FORMAT_OPUS, false },
		{ IAX_FRAME_VOICE, 0xbe, UINT64_C(1) << 62, false },
		{ IAX_FRAME_VIDEO, 0x92, IAX_FORMAT_H261, false },
		{ IAX_FRAME_VIDEO, 0xd5, IAX_FORMAT_H264, true },
		{ IAX_FRAME_VIDEO, 0x95, IAX_FORMAT_H264, false },
		{ IAX_FRAME_VIDEO, 0x41, 1, true },
		{ IAX_FRAME_VIDEO, 0x86, 64, false }, /* plain 64 would be the marker */
		{ IAX_FRAME_VIDEO, 0x40, 0, true },
		{ IAX_FRAME_IMAGE, 0x91, IAX_FORMAT_PNG, false },
		{ IAX_FRAME_CONTROL, 0xff, IAX_CONTROL_STOP_TONES, false },
		{ IAX_FRAME_IAX, 0x28, IAX_CALLTOKEN, false },
		{ IAX_FRAME_IAX, 0x87, 0x87, false },
		{ IAX_FRAME_TEXT, 0x90, 0x90, false },
		{ IAX_FRAME_DTMF_END, '#', '#', false },
		{ 0xee, 0xc1, 0xc1, false },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		uint8_t octet;
		bool marker;

		print_message("# type %u octet 0x%02x\n", cases[i].type, cases[i].octet);
		CHECK_UINT(iax_subclass_decode(cases[i].octet, cases[i].type, &marker), cases[i].subclass);
		CHECK_UINT(marker, cases[i].marker);
		CHECK_TRUE(iax_subclass_encode(&octet, cases[i].type, cases[i].subclass, cases[i].marker));
		CHECK_UINT(octet, cases[i].octet);
	}
}

static void test_other_ways_to_write_a_subclass(void **state)
{
	static const struct {
		uint8_t type, octet;
		uint64_t subclass;
	} cases[] = {
		{ IAX_FRAME_VOICE, 0x86, IAX_FORMAT_SLIN },
		{ IAX_FRAME_VOICE, 0x80, IAX_FORMAT_G723 },
		{ IAX_FRAME_VOICE, 0xc2, IAX_FORMAT_ULAW }, /* bit 6 is no part of the exponent */
		{ IAX_FRAME_VOICE, 0xbf, 0 },               /* 2^63 */
		{ IAX_FRAME_VOICE, 0xff, 0 },
		{ IAX_FRAME_VIDEO, 0xff, 0 },
		{ IAX_FRAME_IMAGE, 0xbf, 0 },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		bool marker;

		CHECK_UINT(iax_subclass_decode(cases[i].octet, cases[i].type, &marker), cases[i].subclass);
	}
}

static void test_subclasses_that_cannot_be_written(void **state)
{
	static const struct {
		uint8_t type;
		uint64_t subclass;
		bool marker;
	} cases[] = {
		{ IAX_FRAME_VOICE, 0x81, false },
		{ IAX_FRAME_VOICE, IAX_FORMAT_G722 | IAX_FORMAT_ULAW, false },
		{ IAX_FRAME_VOICE, UINT64_C(1) << 63, false },
		{ IAX_FRAME_VOICE, IAX_FORMAT_ULAW, true },
		{ IAX_FRAME_VIDEO, 65, false },
		{ IAX_FRAME_CONTROL, 256, false },
		{ IAX_FRAME_IAX, IAX_NEW, true },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		uint8_t octet;

		CHECK_FALSE(iax_subclass_encode(&octet, cases[i].type, cases[i].subclass, cases[i].marker));
	}
}

static void test_headers_that_cannot_be_written(void **state)
{
	static const struct iax_frame cases[] = {
		{ .class = IAX_CLASS_FULL, .source = 0x8000, .type = IAX_FRAME_IAX },
		{ .class = IAX_CLASS_FULL, .destination = 0x8000, .type = IAX_FRAME_IAX },
		{ .class = IAX_CLASS_FULL, .type = IAX_FRAME_VOICE, .subclass = 0x181 },
		{ .class = IAX_CLASS_MINI, .source = 0 },
		{ .class = IAX_CLASS_MINI, .source = 0x8000 },
		{ .class = IAX_CLASS_META_VIDEO, .source = 0x8000 },
	};
	uint8_t buffer[64];
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct tg_writer w = tg_writer_of(buffer, sizeof(buffer));

		CHECK_UINT(iax_frame_put_header(&cases[i], &w), IAX_ERR_NOT_SENDABLE);
	}
}

static void test_a_frame_larger_than_its_buffer(void **state)
{
	const struct iax_frame frame = {
		.class = IAX_CLASS_FULL, .source = 2, .type = IAX_FRAME_TEXT, .payload = TG_SPAN_LIT("12345")
	};
	uint8_t buffer[IAX_FULL_BYTES + 5];
	(void)state;

	for (size_t size = 0; size <= sizeof(buffer); size++) {
		struct tg_writer w = tg_writer_of(buffer, size);

		CHECK_UINT(iax_frame_encode(&frame, &w), size == sizeof(buffer) ? IAX_OK : IAX_ERR_TOO_LONG);
	}
}

static void test_timestamps_are_cut_to_their_field(void **state)
{
	static const struct {
		enum iax_class class;
		uint32_t want;
	} cases[] = { { IAX_CLASS_FULL, 0xfedcba98 }, { IAX_CLASS_MINI, 0xba98 }, { IAX_CLASS_META_VIDEO, 0x3a98 } };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const struct iax_frame frame = { .class = cases[i].class, .source = 2, .ts_ms = 0xfedcba98 };
		uint8_t buffer[16];
		struct tg_writer w = tg_writer_of(buffer, sizeof(buffer));
		struct iax_frame again;

		CHECK_UINT(iax_frame_encode(&frame, &w), IAX_OK);
		CHECK_UINT(iax_frame_decode(&again, tg_writer_span(&w)), IAX_OK);
		CHECK_UINT(again.ts_ms, cases[i].want);
		CHECK_FALSE(again.marker);
	}
}

static void test_five_messages_take_no_number(void **state)
{
	static const uint8_t want[] = { IAX_ACK, IAX_INVAL, IAX_VNAK, IAX_TXCNT, IAX_TXACC };
	size_t found = 0;
	(void)state;

	for (unsigned subclass = 0; subclass <= UINT8_MAX; subclass++) {
		struct iax_frame frame = { .class = IAX_CLASS_FULL, .type = IAX_FRAME_IAX, .subclass = subclass };

		if (iax_frame_is_unnumbered(&frame)) {
			CHECK_TRUE(found < TG_COUNT(want));
			CHECK_UINT(subclass, want[found++]);
		}
		frame.type = IAX_FRAME_CONTROL;
		CHECK_FALSE(iax_frame_is_unnumbered(&frame));
	}
	CHECK_UINT(found, TG_COUNT(want));
}

static void test_whatever_decodes_encodes_to_the_same(void **state)
{
	static const uint8_t seed[CRYPT_SEED_BYTES] = { 1 };
	struct crypt_random random;
	uint8_t bytes[64];
	(void)state;

	crypt_random_init(&random, seed);
	for (int i = 0; i < 50000; i++) {
		const size_t len = crypt_random_below(&random, sizeof(bytes));

		crypt_random_bytes(&random, bytes, len);
		if (i % 4 == 0 && len > 4) { /* the meta classes are rare among random octets */
			bytes[0] = bytes[1] = 0;
			bytes[2] &= 0x81;
			bytes[3] &= 0x01;
		}
		LLVMFuzzerTestOneInput(bytes, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classes),
		cmocka_unit_test(test_fields_of_a_full_frame),
		cmocka_unit_test(test_fields_of_other_frames),
		cmocka_unit_test(test_subclasses),
		cmocka_unit_test(test_other_ways_to_write_a_subclass),
		cmocka_unit_test(test_subclasses_that_cannot_be_written),
		cmocka_unit_test(test_headers_that_cannot_be_written),
		cmocka_unit_test(test_a_frame_larger_than_its_buffer),
		cmocka_unit_test(test_timestamps_are_cut_to_their_field),
		cmocka_unit_test(test_five_messages_take_no_number),
		cmocka_unit_test(test_whatever_decodes_encodes_to_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
