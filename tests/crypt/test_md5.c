/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/md5.h"

#include "check.h"

static void check_answer(const char *challenge, const char *secret, const char *want)
{
	struct crypt_md5 *md5 = crypt_md5_new();
	uint8_t out[CRYPT_MD5_BYTES];
	char digits[2 * CRYPT_MD5_BYTES + 1];

	CHECK_TRUE(md5 != NULL);
	for (int again = 0; again < 2; again++) { /* the context is used over and over */
		CHECK_TRUE(crypt_md5_answer(md5, out, tg_span_text(challenge), tg_span_text(secret)));
		tg_hex_encode(digits, (struct tg_span){ out, sizeof(out) });
		CHECK_TEXT(digits, want);
	}
	crypt_md5_free(md5);
}

/* RFC 1321, A.5: whatever part of the text is called challenge and what part secret, the digest is the same. */
static void test_the_suite_of_rfc_1321(void **state)
{
	static const struct {
		const char *text, *digest;
	} cases[] = {
		{ "", "d41d8cd98f00b204e9800998ecf8427e" },
		{ "a", "0cc175b9c0f1b6a831c399e269772661" },
		{ "abc", "900150983cd24fb0d6963f7d28e17f72" },
		{ "message digest", "f96b697d7cb7938d525a2f31aaf161d0" },
		{ "abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b" },
		{ "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
		  "d174ab98d277d9f5a5611c2c9f419d9f" },
		{ "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
		  "57edf4a22be3c955ac49da2e2107b67a" },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		for (size_t cut = 0; cut <= strlen(cases[i].text); cut++) {
			char challenge[96];

			CHECK_TRUE(tg_span_copy(challenge, sizeof(challenge),
			                        (struct tg_span){ (const uint8_t *)cases[i].text, cut }));
			check_answer(challenge, cases[i].text + cut, cases[i].digest);
		}
	}
}

/* The AUTHREQ and AUTHREP of the vectors call-05 and call-06. */
static void test_the_answer_of_a_call(void **state)
{
	(void)state;
	check_answer("163467239", "open-sesame", "b86b8f5a78734ee3da0d13b06b65055c");
}

static void test_freeing_nothing_is_allowed(void **state)
{
	(void)state;
	crypt_md5_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_suite_of_rfc_1321),
		cmocka_unit_test(test_the_answer_of_a_call),
		cmocka_unit_test(test_freeing_nothing_is_allowed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
