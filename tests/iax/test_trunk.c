/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/trunk.h"

#include "check.h"
#include "crypt/random.h"
#include "iax/fuzz.h"
#include "iax/show.h"

static void test_entries(void **state)
{
	static const struct {
		const char *name, *hex, *want;
	} cases[] = {
		{ "none", "0000010000000001", "" },
		{ "one",
		  "0000010000000001"
		  "07d1"
		  "0002"
		  "0102",
		  "2001@0:2" },
		{ "one with a timestamp",
		  "0000010100000001"
		  "0002"
		  "07d1"
		  "03fc"
		  "0102",
		  "2001@1020:2" },
		{ "without voice",
		  "0000010000000001"
		  "07d1"
		  "0000"
		  "07d2"
		  "0001"
		  "ff",
		  "2001@0:0 2002@0:1" },
		{ "the R bit is ignored",
		  "0000010100000001"
		  "0001"
		  "87d1"
		  "03fc"
		  "aa",
		  "2001@1020:1" },
		{ "number 0 is skipped by its length",
		  "0000010000000001"
		  "0000"
		  "0002"
		  "07d1"
		  "07d1"
		  "0001"
		  "ff",
		  "0@0:2 2001@0:1" },
		{ "a length over the end",
		  "0000010000000001"
		  "07d1"
		  "0001"
		  "ff"
		  "07d2"
		  "0003"
		  "0102",
		  "2001@0:1 cut" },
		{ "the highest length",
		  "0000010000000001"
		  "07d1"
		  "ffff"
		  "0102",
		  "cut" },
		{ "half a header",
		  "0000010000000001"
		  "07d1"
		  "0001"
		  "ff"
		  "07d200",
		  "2001@0:1 cut" },
		{ "half a header with timestamp",
		  "0000010100000001"
		  "0001"
		  "07d1"
		  "0001"
		  "ff"
		  "000107d2"
		  "00",
		  "2001@1:1 cut" },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		uint8_t bytes[64];
		struct iax_frame frame;
		char text[SHOW_BYTES];
		size_t len;

		print_message("# %s\n", cases[i].name);
		CHECK_TRUE(tg_hex_decode(bytes, sizeof(bytes), tg_span_text(cases[i].hex), &len));
		CHECK_UINT(iax_frame_decode(&frame, (struct tg_span){ bytes, len }), IAX_OK);
		CHECK_TEXT(show_trunk(text, &frame), cases[i].want);
	}
}

/* A full trunk frame can still be sent: what does not fit leaves no trace. */
static void test_an_entry_fits_whole_or_not_at_all(void **state)
{
	static const uint8_t voice[20] = { 1 };
	const struct iax_trunk_entry entry = { 2001, 7, { voice, sizeof(voice) } };
	(void)state;

	for (int stamped = 0; stamped < 2; stamped++) {
		const size_t each = sizeof(voice) + (stamped ? 6 : 4);
		uint8_t buffer[64];

		for (size_t size = 0; size <= 2 * each; size++) {
			struct tg_writer w = tg_writer_of(buffer, size);

			for (size_t k = 1; k <= 2; k++) {
				CHECK_UINT(iax_trunk_put_entry(&w, stamped, &entry),
				           size >= k * each ? IAX_OK : IAX_ERR_TOO_LONG);
			}
			CHECK_TRUE(tg_writer_ok(&w));
			CHECK_UINT(w.len, size / each * each);
		}
	}
}

static void test_entries_that_cannot_be_sent(void **state)
{
	static uint8_t much[UINT16_MAX + 1];
	static const struct iax_trunk_entry cases[] = {
		{ 0, 0, { NULL, 0 } },
		{ 0x8000, 0, { NULL, 0 } },
		{ 2, 0, { much, sizeof(much) } },
	};
	static uint8_t buffer[2 * UINT16_MAX];
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct tg_writer w = tg_writer_of(buffer, sizeof(buffer));

		CHECK_UINT(iax_trunk_put_entry(&w, false, &cases[i]), IAX_ERR_NOT_SENDABLE);
		CHECK_UINT(w.len, 0);
	}
}

static void test_any_walk_ends_and_goes_back(void **state)
{
	static const uint8_t seed[CRYPT_SEED_BYTES] = { 4 };
	struct crypt_random random;
	uint8_t bytes[200];
	(void)state;

	crypt_random_init(&random, seed);
	for (int i = 0; i < 30000; i++) {
		const size_t len = 8 + crypt_random_below(&random, sizeof(bytes) - 8);

		crypt_random_bytes(&random, bytes, len);
		for (size_t k = 0; k < len; k++) { /* small numbers make short entries */
			bytes[k] &= (uint8_t)(crypt_random_below(&random, 8) == 0 ? 0x87 : 0x03);
		}
		for (size_t k = 8; k < len; k += 2) {
			bytes[k] &= crypt_random_below(&random, 16) == 0 ? 0xff : 0x00;
		}
		bytes[0] = bytes[1] = 0;
		bytes[2] = 1;
		bytes[3] &= 1;
		LLVMFuzzerTestOneInput(bytes, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_entries),
		cmocka_unit_test(test_an_entry_fits_whole_or_not_at_all),
		cmocka_unit_test(test_entries_that_cannot_be_sent),
		cmocka_unit_test(test_any_walk_ends_and_goes_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
