/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bytes.h"

#include "check.h"

#include <stdlib.h>

static void test_fields_are_taken_big_endian(void **state)
{
	static const uint8_t bytes[] = { 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08,
		                         0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10 };
	struct tg_reader r = tg_reader_of((struct tg_span){ bytes, sizeof(bytes) });
	(void)state;

	CHECK_UINT(tg_take_u8(&r), 0x01);
	CHECK_UINT(tg_take_u16(&r), 0x0203);
	CHECK_UINT(tg_take_u32(&r), 0x04050607);
	CHECK_UINT(tg_take_u64(&r), UINT64_C(0x08090a0b0c0d0e0f));
	CHECK_UINT(tg_reader_left(&r), 1);
	CHECK_SPAN(tg_take_rest(&r), ((struct tg_span){ bytes + 15, 1 }));
	CHECK_TRUE(tg_reader_ok(&r));
	CHECK_UINT(tg_take_rest(&r).len, 0);
	CHECK_TRUE(tg_reader_ok(&r));
}

static void test_the_first_short_read_latches(void **state)
{
	static const uint8_t bytes[] = { 0xff, 0xff, 0xff };
	struct tg_reader r = tg_reader_of((struct tg_span){ bytes, sizeof(bytes) });
	(void)state;

	CHECK_UINT(tg_take_u32(&r), 0);
	CHECK_FALSE(tg_reader_ok(&r));
	CHECK_UINT(tg_reader_left(&r), 0);
	CHECK_UINT(tg_take_u8(&r), 0);
	CHECK_UINT(tg_take_span(&r, 0).len, 0);
	CHECK_FALSE(tg_reader_ok(&r));
}

static void test_an_enormous_length_is_refused(void **state)
{
	static const uint8_t bytes[] = { 1, 2 };
	struct tg_reader r = tg_reader_of((struct tg_span){ bytes, sizeof(bytes) });
	(void)state;

	CHECK_UINT(tg_take_span(&r, SIZE_MAX).len, 0);
	CHECK_FALSE(tg_reader_ok(&r));
}

static void test_nothing_can_be_taken_from_nothing(void **state)
{
	struct tg_reader r = tg_reader_of((struct tg_span){ 0 });
	(void)state;

	CHECK_UINT(tg_take_rest(&r).len, 0);
	CHECK_TRUE(tg_reader_ok(&r));
	CHECK_UINT(tg_take_u8(&r), 0);
	CHECK_FALSE(tg_reader_ok(&r));
}

/* For every capacity: what fits is written whole, what does not leaves nothing behind it and latches. */
static void test_a_full_writer_latches(void **state)
{
	(void)state;
	for (size_t size = 0; size <= 15; size++) {
		uint8_t *buffer = malloc(size + 1); /* no octet more, so that a sanitizer sees one too many */
		struct tg_writer w = tg_writer_of(buffer, size);

		tg_put_u8(&w, 0x11);
		tg_put_u16(&w, 0x2233);
		tg_put_u32(&w, 0x44556677);
		tg_put_u64(&w, UINT64_C(0x8899aabbccddeeff));
		CHECK_UINT(tg_writer_ok(&w), size == 15);
		CHECK_UINT(tg_writer_span(&w).len, size == 15 ? 15 : 0);
		CHECK_TRUE(w.len <= size);
		for (size_t i = 0; i < w.len; i++) {
			CHECK_UINT(buffer[i], 0x11 * (i + 1));
		}
		free(buffer);
	}
}

static void test_a_failed_writer_takes_no_more(void **state)
{
	uint8_t buffer[4];
	struct tg_writer w = tg_writer_of(buffer, sizeof(buffer));
	(void)state;

	tg_put_u64(&w, 1);
	tg_put_u8(&w, 1);
	CHECK_FALSE(tg_writer_ok(&w));
	CHECK_UINT(w.len, 0);
}

/* Whatever is put comes back when taken. */
static void test_put_and_take_are_inverse(void **state)
{
	uint64_t value = 1;
	(void)state;

	for (int i = 0; i < 10000; i++) {
		uint8_t buffer[15];
		struct tg_writer w = tg_writer_of(buffer, sizeof(buffer));

		value = value * UINT64_C(6364136223846793005) + 1442695040888963407;
		tg_put_u8(&w, (uint8_t)value);
		tg_put_u16(&w, (uint16_t)value);
		tg_put_u32(&w, (uint32_t)value);
		tg_put_u64(&w, value);
		struct tg_reader r = tg_reader_of(tg_writer_span(&w));

		CHECK_UINT(tg_take_u8(&r), (uint8_t)value);
		CHECK_UINT(tg_take_u16(&r), (uint16_t)value);
		CHECK_UINT(tg_take_u32(&r), (uint32_t)value);
		CHECK_UINT(tg_take_u64(&r), value);
		CHECK_TRUE(tg_reader_ok(&r) && tg_reader_left(&r) == 0);
	}
}

static void test_spans_compare_by_their_bytes(void **state)
{
	static const struct {
		const char *a, *b;
		bool equal, equal_nocase;
	} cases[] = {
		{ "", "", true, true },
		{ "alice", "alice", true, true },
		{ "alice", "Alice", false, true },
		{ "alice", "alic", false, false },
		{ "", "a", false, false },
		{ "[", "{", false, false },
		{ "@", "`", false, false },
		{ "Z9-", "z9-", false, true },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		const struct tg_span a = tg_span_text(cases[i].a), b = tg_span_text(cases[i].b);

		CHECK_UINT(tg_span_equal(a, b), cases[i].equal);
		CHECK_UINT(tg_span_equal_nocase(a, b), cases[i].equal_nocase);
	}
	CHECK_TRUE(tg_span_equal((struct tg_span){ 0 }, TG_SPAN_LIT("")));
}

static void test_a_copy_is_cut_and_terminated(void **state)
{
	char room[5];
	(void)state;

	CHECK_TRUE(tg_span_copy(room, sizeof(room), TG_SPAN_LIT("1234")));
	CHECK_TEXT(room, "1234");
	CHECK_FALSE(tg_span_copy(room, sizeof(room), TG_SPAN_LIT("12345")));
	CHECK_TEXT(room, "1234");
	CHECK_TRUE(tg_span_copy(room, sizeof(room), (struct tg_span){ 0 }));
	CHECK_TEXT(room, "");
	CHECK_TRUE(tg_span_copy(room, 1, (struct tg_span){ 0 }));
	CHECK_FALSE(tg_span_copy(room, 0, TG_SPAN_LIT("")));
}

static void test_hexadecimal_is_read_strictly(void **state)
{
	static const struct {
		const char *digits;
		bool ok;
		size_t len;
	} cases[] = {
		{ "", true, 0 },    { "00ff", true, 2 }, { "DeadBeef", true, 4 }, { "123", false, 0 },
		{ "0x", false, 0 }, { "1g", false, 0 },  { "12 4", false, 0 },    { "0011223344", false, 0 },
		{ "-1", false, 0 }, { "@a", false, 0 },
	};
	uint8_t out[4];
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		size_t len = 99;

		CHECK_UINT(tg_hex_decode(out, sizeof(out), tg_span_text(cases[i].digits), &len), cases[i].ok);
		CHECK_UINT(len, cases[i].len);
	}
}

static void test_hexadecimal_comes_back(void **state)
{
	uint8_t bytes[256], back[256];
	char digits[513];
	size_t len;
	(void)state;

	for (size_t i = 0; i < sizeof(bytes); i++) {
		bytes[i] = (uint8_t)i;
	}
	tg_hex_encode(digits, (struct tg_span){ bytes, sizeof(bytes) });
	CHECK_UINT(strlen(digits), 512);
	CHECK_TRUE(tg_hex_decode(back, sizeof(back), tg_span_text(digits), &len));
	CHECK_SPAN(((struct tg_span){ back, len }), ((struct tg_span){ bytes, sizeof(bytes) }));
}

static void test_plain_text_is_utf8_without_controls(void **state)
{
	const struct {
		const char *name;
		struct tg_span text;
		bool plain;
	} cases[] = {
		{ "nothing", { NULL, 0 }, true },
		{ "ASCII", TG_SPAN_LIT("Alice <100>"), true },
		{ "two octets", TG_SPAN_LIT("M\xc3\xbcller"), true },
		{ "three octets", TG_SPAN_LIT("\xe2\x82\xac"), true },
		{ "four octets", TG_SPAN_LIT("\xf0\x9f\x93\x9e"), true },
		{ "the last code point", TG_SPAN_LIT("\xf4\x8f\xbf\xbf"), true },
		{ "beyond the last", TG_SPAN_LIT("\xf4\x90\x80\x80"), false },
		{ "NUL", TG_SPAN_LIT("a\0b"), false },
		{ "newline", TG_SPAN_LIT("a\nb"), false },
		{ "DEL", TG_SPAN_LIT("\x7f"), false },
		{ "a C1 control", TG_SPAN_LIT("\xc2\x85"), false },
		{ "the first after C1", TG_SPAN_LIT("\xc2\xa0"), true },
		{ "overlong slash", TG_SPAN_LIT("\xc0\xaf"), false },
		{ "overlong in three", TG_SPAN_LIT("\xe0\x80\xaf"), false },
		{ "overlong in four", TG_SPAN_LIT("\xf0\x80\x80\xaf"), false },
		{ "a surrogate", TG_SPAN_LIT("\xed\xa0\x80"), false },
		{ "cut short", TG_SPAN_LIT("\xe2\x82"), false },
		{ "cut after the first", TG_SPAN_LIT("\xc2"), false },
		{ "a stray tail", TG_SPAN_LIT("\x80"), false },
		{ "Latin-1", TG_SPAN_LIT("M\xfcller"), false },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		uint8_t *exact = malloc(cases[i].text.len + 1);

		memcpy(exact, cases[i].text.len > 0 ? (const void *)cases[i].text.p : "", cases[i].text.len);
		if (tg_utf8_is_plain((struct tg_span){ exact, cases[i].text.len }) != cases[i].plain) {
			print_error("%s:\n", cases[i].name);
			CHECK_UINT(!cases[i].plain, cases[i].plain);
		}
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields_are_taken_big_endian),
		cmocka_unit_test(test_the_first_short_read_latches),
		cmocka_unit_test(test_an_enormous_length_is_refused),
		cmocka_unit_test(test_nothing_can_be_taken_from_nothing),
		cmocka_unit_test(test_a_full_writer_latches),
		cmocka_unit_test(test_a_failed_writer_takes_no_more),
		cmocka_unit_test(test_put_and_take_are_inverse),
		cmocka_unit_test(test_spans_compare_by_their_bytes),
		cmocka_unit_test(test_a_copy_is_cut_and_terminated),
		cmocka_unit_test(test_hexadecimal_is_read_strictly),
		cmocka_unit_test(test_hexadecimal_comes_back),
		cmocka_unit_test(test_plain_text_is_utf8_without_controls),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
