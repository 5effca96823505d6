/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/ies.h"

#include "check.h"
#include "crypt/random.h"
#include "iax/fuzz.h"
#include "iax/ies_rules.h"
#include "iax/show.h"

/* Decode hexadecimal digits and say what came out. */
static void check_shown(const char *hex, const char *want)
{
	uint8_t bytes[512];
	struct iax_ies ies;
	char text[SHOW_BYTES];
	size_t len;

	CHECK_TRUE(tg_hex_decode(bytes, sizeof(bytes), tg_span_text(hex), &len));
	CHECK_UINT(iax_ies_decode(&ies, (struct tg_span){ bytes, len }), IAX_OK);
	CHECK_TEXT(show_ies(text, &ies), want);
}

static void test_frames_that_end_inside_an_element(void **state)
{
	static const char *const cases[] = { "01", "0105", "010531323334", "0b02000201", "0b020002ff", "c801" };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		uint8_t bytes[32];
		struct iax_ies ies;
		size_t len;

		CHECK_TRUE(tg_hex_decode(bytes, sizeof(bytes), tg_span_text(cases[i]), &len));
		CHECK_UINT(iax_ies_decode(&ies, (struct tg_span){ bytes, len }), IAX_ERR_TRUNCATED);
	}
}

/* Protocol reference, 4.2: the lengths of all elements that have a fixed one. */
static void test_fixed_lengths(void **state)
{
	static const struct {
		uint8_t id, len, other;
	} cases[] = {
		{ IAX_IE_CAPABILITY, 4, 4 },      { IAX_IE_FORMAT, 4, 4 },      { IAX_IE_VERSION, 2, 2 },
		{ IAX_IE_ADSICPE, 2, 2 },         { IAX_IE_AUTHMETHODS, 2, 2 }, { IAX_IE_MD5_RESULT, 32, 32 },
		{ IAX_IE_APPARENT_ADDR, 16, 28 }, { IAX_IE_REFRESH, 2, 2 },     { IAX_IE_DPSTATUS, 2, 2 },
		{ IAX_IE_CALLNO, 2, 2 },          { IAX_IE_IAX_UNKNOWN, 1, 1 }, { IAX_IE_MSGCOUNT, 2, 2 },
		{ IAX_IE_AUTOANSWER, 0, 0 },      { IAX_IE_TRANSFERID, 4, 4 },  { IAX_IE_DATETIME, 4, 4 },
		{ IAX_IE_FIRMWAREVER, 2, 2 },     { IAX_IE_FWBLOCKDESC, 4, 4 }, { IAX_IE_PROVVER, 4, 4 },
		{ IAX_IE_CALLINGPRES, 1, 1 },     { IAX_IE_CALLINGTON, 1, 1 },  { IAX_IE_CALLINGTNS, 2, 2 },
		{ IAX_IE_SAMPLINGRATE, 2, 4 },    { IAX_IE_CAUSECODE, 1, 1 },   { IAX_IE_ENCRYPTION, 1, 2 },
		{ IAX_IE_RR_JITTER, 4, 4 },       { IAX_IE_RR_LOSS, 4, 4 },     { IAX_IE_RR_PKTS, 4, 4 },
		{ IAX_IE_RR_DELAY, 2, 2 },        { IAX_IE_RR_DROPPED, 4, 4 },  { IAX_IE_RR_OOO, 4, 4 },
		{ IAX_IE_CAPABILITY2, 9, 9 },     { IAX_IE_FORMAT2, 9, 9 },     { IAX_IE_CALLINGANI2, 4, 4 },
	};
	/* Content that every kind accepts: version 0, family 2 or 10, date 2000-01-01, number 33. */
	static const uint8_t dates[] = { 0x00, 0x21, 0x00, 0x00 };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		for (uint8_t len = 0; len < 60; len++) {
			uint8_t bytes[2 + 60] = { cases[i].id, len, 0x00, len == 28 ? 0x0a : 0x02 };
			const bool want = len == cases[i].len || len == cases[i].other;
			struct iax_ies ies;

			if (cases[i].id == IAX_IE_DATETIME) {
				memcpy(bytes + 2, dates, sizeof(dates));
			}
			CHECK_UINT(iax_ies_decode(&ies, (struct tg_span){ bytes, 2 + (size_t)len }), IAX_OK);
			if (iax_ies_has(&ies, cases[i].id) != want) {
				print_error("%s of length %u\n", iax_ie_name(cases[i].id), len);
			}
			CHECK_UINT(ies.has, want ? UINT64_C(1) << cases[i].id : 0);
			CHECK_UINT(ies.invalid, want ? 0 : UINT64_C(1) << cases[i].id);
		}
	}
}

static void test_values(void **state)
{
	static const struct {
		const char *hex, *want;
	} cases[] = {
		{ "0b020002", "VERSION=2" },
		{ "08040000000e", "CAPABILITY=14" },
		{ "0904800000ff", "FORMAT=2147483903" },
		{ "37090000000004000000ff", "CAPABILITY2=17179869439" },
		{ "37090100000004000000ff", "" }, /* another version: as if absent */
		{ "3809000000000000000004", "FORMAT2=4" },
		{ "1304001e0000", "REFRESH!" },
		{ "13021234", "REFRESH=4660" },
		{ "2a0110", "CAUSECODE=16" },
		{ "2b0101", "ENCRYPTION=1" },
		{ "2b028001", "ENCRYPTION=32769" },
		{ "29021f40", "SAMPLINGRATE=8000" },
		{ "290400001f40", "SAMPLINGRATE=8000" },
		{ "2903001f40", "SAMPLINGRATE!" },
		{ "1900", "AUTOANSWER" },
		{ "1a00", "MUSICONHOLD=" },
		{ "1a046a617a7a", "MUSICONHOLD=jazz" },
		{ "3600", "CALLTOKEN=" },
		{ "3603000102", "CALLTOKEN=\\x00\\x01\\x02" },
		{ "15020001", "CALLNO=1" },
		{ "15027fff", "CALLNO=32767" },
		{ "15020000", "CALLNO!" },
		{ "15028000", "CALLNO!" },
		{ "1f04346428c4", "DATETIME=878979268" },
		{ "1f04ffffffff", "DATETIME!" },
		{ "1f0400000000", "DATETIME!" },
		{ "c803aabbcc"
		  "2a0110",
		  "CAUSECODE=16" }, /* unknown ones are skipped */
		{ "ff0400000001"
		  "2a0110",
		  "CAUSECODE=16" },
		{ "0000"
		  "2a0110",
		  "CAUSECODE=16" },
		{ "24023132"
		  "2400",
		  "FWBLOCKDATA=12" },
		{ "2400", "FWBLOCKDATA=" },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		check_shown(cases[i].hex, cases[i].want);
	}
}

static void test_data_format_is_read(void **state)
{
	const uint8_t bytes[] = { IAX_IE_DATAFORMAT, 4, 0, 0, 0, 2 };
	struct iax_ies ies;
	(void)state;

	CHECK_UINT(iax_ies_decode(&ies, (struct tg_span){ bytes, sizeof(bytes) }), IAX_OK);
	CHECK_UINT(ies.data_format, 2);
	CHECK_UINT(ies.has | ies.invalid, 0);
}

static const uint8_t names[] = {
	IAX_IE_CALLED_NUMBER, IAX_IE_CALLING_NUMBER, IAX_IE_CALLING_ANI, IAX_IE_CALLING_NAME, IAX_IE_CALLED_CONTEXT,
	IAX_IE_USERNAME,      IAX_IE_LANGUAGE,       IAX_IE_DNID,        IAX_IE_RDNIS,        IAX_IE_DEVICETYPE,
};

static bool is_name(uint8_t id)
{
	for (size_t i = 0; i < TG_COUNT(names); i++) {
		if (names[i] == id) {
			return true;
		}
	}
	return false;
}

/* Protocol reference, 4.1 rule 8: only in these elements; others carry what they like. */
static void test_unclean_text(void **state)
{
	const struct {
		struct tg_span text;
		bool clean;
	} cases[] = {
		{ TG_SPAN_LIT("alice"), true },         { TG_SPAN_LIT("J\xc3\xb6rg"), true },
		{ TG_SPAN_LIT("ali\0ce"), false },      { TG_SPAN_LIT("ali\nce"), false },
		{ TG_SPAN_LIT("\x7f"), false },         { TG_SPAN_LIT("\xc2\x85"), false },
		{ TG_SPAN_LIT("\xff"), false },         { TG_SPAN_LIT("\xc3"), false },
		{ TG_SPAN_LIT("\xed\xa0\x80"), false }, { TG_SPAN_LIT("\xc0\xaf"), false },
	};
	static const uint8_t others[] = { IAX_IE_CAUSE, IAX_IE_CHALLENGE, IAX_IE_CALLTOKEN, IAX_IE_MUSICONHOLD };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		for (size_t k = 0; k < TG_COUNT(names) + TG_COUNT(others); k++) {
			const uint8_t id = k < TG_COUNT(names) ? names[k] : others[k - TG_COUNT(names)];
			const bool want = cases[i].clean || !is_name(id);
			uint8_t bytes[32] = { id, (uint8_t)cases[i].text.len };
			struct iax_ies ies;

			memcpy(bytes + 2, cases[i].text.p, cases[i].text.len);
			CHECK_UINT(iax_ies_decode(&ies, (struct tg_span){ bytes, 2 + cases[i].text.len }), IAX_OK);
			CHECK_UINT(iax_ies_has(&ies, id), want);
			CHECK_UINT(ies.invalid != 0, !want);
		}
	}
}

static void test_empty_text_is_absent(void **state)
{
	static const uint8_t others[] = { IAX_IE_CAUSE,      IAX_IE_CHALLENGE,    IAX_IE_CODEC_PREFS, IAX_IE_PASSWORD,
		                          IAX_IE_RSA_RESULT, IAX_IE_SERVICEIDENT, IAX_IE_VARIABLE };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(names) + TG_COUNT(others); i++) {
		const uint8_t bytes[] = { i < TG_COUNT(names) ? names[i] : others[i - TG_COUNT(names)], 0 };
		struct iax_ies ies;

		CHECK_UINT(iax_ies_decode(&ies, (struct tg_span){ bytes, sizeof(bytes) }), IAX_OK);
		CHECK_UINT(ies.has | ies.invalid, 0);
	}
}

static void test_the_first_of_two_counts(void **state)
{
	const struct {
		const char *name;
		struct tg_span bytes;
		const char *want;
		uint64_t twice;
	} cases[] = {
		{ "two names", TG_SPAN_LIT("\6\1a\6\1b"), "USERNAME=a", 1 << 6 },
		{ "the same twice", TG_SPAN_LIT("\6\1a\6\1a"), "USERNAME=a", 1 << 6 },
		{ "the first one empty", TG_SPAN_LIT("\6\0\6\1b"), "", 1 << 6 },
		{ "the first one invalid", TG_SPAN_LIT("\6\1\n\6\1b"), "USERNAME!", 1 << 6 },
		{ "two tokens", TG_SPAN_LIT("\x36\0\x36\1x"), "CALLTOKEN=", UINT64_C(1) << 0x36 },
		{ "variables may", TG_SPAN_LIT("\x34\3A=1\x34\3A=2"), "VARIABLE=A=1 VARIABLE=A=2", 0 },
		{ "blocks may", TG_SPAN_LIT("\x35\2\0x\x35\2\1y"), "OSPTOKEN=\\x00x", 0 },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct iax_ies ies;
		char text[SHOW_BYTES];

		print_message("# %s\n", cases[i].name);
		CHECK_UINT(iax_ies_decode(&ies, cases[i].bytes), IAX_OK);
		CHECK_TEXT(show_ies(text, &ies), cases[i].want);
		CHECK_UINT(ies.twice, cases[i].twice);
		CHECK_UINT(iax_ies_is_sound(&ies), cases[i].twice == 0);
	}
}

/* Protocol reference, A-19: one number, two elements. */
static void test_variables_and_osp_tokens(void **state)
{
	const struct {
		const char *name;
		struct tg_span bytes;
		const char *want;
	} cases[] = {
		{ "a variable", TG_SPAN_LIT("\x34\5AB=cd"), "VARIABLE=AB=cd" },
		{ "a value with =", TG_SPAN_LIT("\x34\6AB=c=d"), "VARIABLE=AB=c=d" },
		{ "an empty value", TG_SPAN_LIT("\x34\3AB="), "VARIABLE=AB=" },
		{ "a value that is no text", TG_SPAN_LIT("\x34\4A=\0\xff"), "VARIABLE=A=\\x00\\xff" },
		{ "no name", TG_SPAN_LIT("\x34\3=cd"), "VARIABLE!" },
		{ "no =", TG_SPAN_LIT("\x34\2AB"), "VARIABLE!" },
		{ "an unclean name", TG_SPAN_LIT("\x34\5A\nB=c"), "VARIABLE!" },
		{ "a block under the RFC's number", TG_SPAN_LIT("\x34\4\3abc"), "OSPTOKEN=\\x03abc" },
		{ "a block index too high", TG_SPAN_LIT("\x34\4\4abc"), "VARIABLE!" },
		{ "an index but a =", TG_SPAN_LIT("\x34\4\3a=c"), "VARIABLE!" },
		{ "a block", TG_SPAN_LIT("\x35\4\0abc"), "OSPTOKEN=\\x00abc" },
		{ "a block without data", TG_SPAN_LIT("\x35\1\2"), "OSPTOKEN=\\x02" },
		{ "no block", TG_SPAN_LIT("\x35\0"), "OSPTOKEN!" },
		{ "a block index out of range", TG_SPAN_LIT("\x35\2\7x"), "OSPTOKEN!" },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct iax_ies ies;
		char text[SHOW_BYTES];

		print_message("# %s\n", cases[i].name);
		CHECK_UINT(iax_ies_decode(&ies, cases[i].bytes), IAX_OK);
		CHECK_TEXT(show_ies(text, &ies), cases[i].want);
	}
}

static size_t put_variables(uint8_t *bytes, size_t count, uint8_t len)
{
	size_t used = 0;

	for (size_t i = 0; i < count; i++) {
		bytes[used++] = IAX_IE_VARIABLE;
		bytes[used++] = len;
		memset(bytes + used, 'v', len);
		bytes[used + 1] = '=';
		used += len;
	}
	return used;
}

static void test_variables_are_limited(void **state)
{
	static const struct {
		size_t count;
		uint8_t len;
		size_t want;
	} cases[] = { { 16, 3, 16 }, { 17, 3, 16 }, { 4, 255, 4 }, { 5, 255, 4 }, { 16, 64, 16 }, { 16, 65, 15 } };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		uint8_t bytes[2048];
		const size_t len = put_variables(bytes, cases[i].count, cases[i].len);
		struct iax_ies ies;

		CHECK_UINT(iax_ies_decode(&ies, (struct tg_span){ bytes, len }), IAX_OK);
		CHECK_UINT(ies.variable_count, cases[i].want);
		CHECK_TRUE(iax_ies_has(&ies, IAX_IE_VARIABLE));
		CHECK_UINT(iax_ies_is_sound(&ies), cases[i].want == cases[i].count);
	}
}

static void test_the_number_of_elements_is_limited(void **state)
{
	uint8_t bytes[2 * (IAX_IES_MAX + 1)];
	struct iax_ies ies;
	(void)state;

	memset(bytes, 0, sizeof(bytes)); /* element 0, which nobody knows, of length 0 */
	CHECK_UINT(iax_ies_decode(&ies, (struct tg_span){ bytes, 2 * IAX_IES_MAX }), IAX_OK);
	CHECK_UINT(iax_ies_decode(&ies, (struct tg_span){ bytes, sizeof(bytes) }), IAX_ERR_TOO_MANY);
}

static void test_socket_addresses(void **state)
{
	static const struct {
		const char *name, *hex, *want;
	} cases[] = {
		{ "little-endian",
		  "1210"
		  "0200"
		  "11d9"
		  "cb007107"
		  "0000000000000000",
		  "APPARENT_ADDR=203.0.113.7:4569" },
		{ "big-endian",
		  "1210"
		  "0002"
		  "11d9"
		  "cb007107"
		  "0000000000000000",
		  "APPARENT_ADDR=203.0.113.7:4569" },
		{ "with a length octet",
		  "1210"
		  "1002"
		  "11d9"
		  "cb007107"
		  "0000000000000000",
		  "APPARENT_ADDR=203.0.113.7:4569" },
		{ "with something behind",
		  "1210"
		  "0200"
		  "11d9"
		  "cb007107"
		  "0102030405060708",
		  "APPARENT_ADDR=203.0.113.7:4569" },
		{ "of no family",
		  "1210"
		  "0700"
		  "11d9"
		  "cb007107"
		  "0000000000000000",
		  "APPARENT_ADDR!" },
		{ "IPv6",
		  "121c"
		  "0a00"
		  "11d9"
		  "00000000"
		  "20010db8000000000000000000000001"
		  "00000000",
		  "APPARENT_ADDR=[2001:db8::1]:4569" },
		{ "IPv6 of another system",
		  "121c"
		  "1c1e"
		  "11d9"
		  "01020304"
		  "20010db8000000000000000000000001"
		  "05060708",
		  "APPARENT_ADDR=[2001:db8::1]:4569" },
		{ "mapped",
		  "121c"
		  "0a00"
		  "11d9"
		  "00000000"
		  "00000000000000000000ffffcb007107"
		  "00000000",
		  "APPARENT_ADDR=203.0.113.7:4569" },
		{ "IPv6 of no family",
		  "121c"
		  "0200"
		  "11d9"
		  "00000000"
		  "20010db8000000000000000000000001"
		  "00000000",
		  "APPARENT_ADDR!" },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		print_message("# %s\n", cases[i].name);
		check_shown(cases[i].hex, cases[i].want);
	}
}

#define BIT(id) (UINT64_C(1) << (id))

/* Protocol reference, 3.6 step 2. */
static void test_offers(void **state)
{
	static const struct {
		uint64_t has, capability, format;
	} cases[] = {
		{ 0, 0, 0 },
		{ BIT(IAX_IE_FORMAT), 1, 1 },
		{ BIT(IAX_IE_FORMAT) | BIT(IAX_IE_FORMAT2), 2, 2 },
		{ BIT(IAX_IE_FORMAT) | BIT(IAX_IE_CAPABILITY), 4, 1 },
		{ BIT(IAX_IE_FORMAT) | BIT(IAX_IE_FORMAT2) | BIT(IAX_IE_CAPABILITY), 4, 2 },
		{ BIT(IAX_IE_CAPABILITY) | BIT(IAX_IE_CAPABILITY2), 8, 0 },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct iax_ies ies = {
			.has = cases[i].has, .format = 1, .format2 = 2, .capability = 4, .capability2 = 8
		};
		uint8_t bytes[64];
		struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));

		CHECK_UINT(iax_ies_encode(&ies, &w), IAX_OK);
		CHECK_UINT(iax_ies_decode(&ies, tg_writer_span(&w)), IAX_OK);
		CHECK_UINT(iax_ies_capability(&ies), cases[i].capability);
		CHECK_UINT(iax_ies_format(&ies), cases[i].format);
	}
}

static void test_version_is_first_and_token_last(void **state)
{
	const struct iax_ies ies = {
		.has = BIT(IAX_IE_CALLTOKEN) | BIT(IAX_IE_VERSION) | BIT(IAX_IE_CALLINGANI2) |
		       BIT(IAX_IE_CALLED_NUMBER),
		.version = IAX_VERSION,
		.called_number = TG_SPAN_LIT("1"),
	};
	uint8_t bytes[64];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));
	(void)state;

	CHECK_UINT(iax_ies_encode(&ies, &w), IAX_OK);
	CHECK_UINT(bytes[0], IAX_IE_VERSION);
	CHECK_UINT(bytes[w.len - 2], IAX_IE_CALLTOKEN);
	CHECK_UINT(bytes[w.len - 1], 0);
}

static void test_what_cannot_be_sent(void **state)
{
	static uint8_t much[300];
	const struct {
		const char *name;
		struct iax_ies ies;
	} cases[] = {
		{ "an empty text", { .has = BIT(IAX_IE_USERNAME) } },
		{ "an unclean text", { .has = BIT(IAX_IE_USERNAME), .username = TG_SPAN_LIT("a\nb") } },
		{ "a text too long", { .has = BIT(IAX_IE_CAUSE), .cause = { much, 256 } } },
		{ "a digest cut", { .has = BIT(IAX_IE_MD5_RESULT), .md5_result = { much, 31 } } },
		{ "a token too long", { .has = BIT(IAX_IE_CALLTOKEN), .call_token = { much, 256 } } },
		{ "too many letters", { .has = BIT(IAX_IE_CODEC_PREFS), .codec_prefs = { much, 65 } } },
		{ "call number 0", { .has = BIT(IAX_IE_CALLNO) } },
		{ "call number too high", { .has = BIT(IAX_IE_CALLNO), .call_no = 0x8000 } },
		{ "no date", { .has = BIT(IAX_IE_DATETIME) } },
		{ "no address", { .has = BIT(IAX_IE_APPARENT_ADDR) } },
		{ "an unknown element", { .has = BIT(60) } },
		{ "element 0", { .has = 1 } },
		{ "a variable without a name", { .has = BIT(IAX_IE_VARIABLE), .variable_count = 1 } },
		{ "a variable's name with =",
		  { .has = BIT(IAX_IE_VARIABLE),
		    .variable_count = 1,
		    .variables = { { TG_SPAN_LIT("a=b"), TG_SPAN_LIT("c") } } } },
		{ "a variable too long",
		  { .has = BIT(IAX_IE_VARIABLE),
		    .variable_count = 1,
		    .variables = { { TG_SPAN_LIT("a"), { much, 254 } } } } },
		{ "a block without its index", { .has = BIT(IAX_IE_OSPTOKEN) } },
		{ "a block index too high", { .has = BIT(IAX_IE_OSPTOKEN), .osp_token = TG_SPAN_LIT("x") } },
	};
	(void)state;

	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		uint8_t bytes[1024];
		struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));

		print_message("# %s\n", cases[i].name);
		CHECK_UINT(iax_ies_encode(&cases[i].ies, &w), IAX_ERR_NOT_SENDABLE);
	}
}

static void test_elements_of_one_frame_have_a_limit(void **state)
{
	static uint8_t much[255];
	struct iax_ies ies = {
		.has = BIT(IAX_IE_CAUSE) | BIT(IAX_IE_CHALLENGE) | BIT(IAX_IE_RSA_RESULT) | BIT(IAX_IE_CALLTOKEN),
		.cause = { much, 255 },
		.challenge = { much, 255 },
		.rsa_result = { much, 255 },
		.call_token = { much, IAX_IES_SENT_MAX - 3 * 257 - 2 },
	};
	uint8_t bytes[2048];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));
	struct tg_writer small = tg_writer_of(bytes, IAX_IES_SENT_MAX - 1);
	(void)state;

	CHECK_UINT(iax_ies_encode(&ies, &w), IAX_OK);
	CHECK_UINT(w.len, IAX_IES_SENT_MAX);
	CHECK_UINT(iax_ies_encode(&ies, &small), IAX_ERR_TOO_LONG);
	ies.call_token.len++;
	w = tg_writer_of(bytes, sizeof(bytes));
	CHECK_UINT(iax_ies_encode(&ies, &w), IAX_ERR_TOO_LONG);
}

/* What is invalid in these is not looked at, so it is no reason to refuse; in all others it is. */
static void test_soundness(void **state)
{
	(void)state;

	for (unsigned id = 0; id < 64; id++) {
		const struct iax_ies ies = { .invalid = BIT(id) };

		CHECK_UINT(iax_ies_is_sound(&ies),
		           id == IAX_IE_DATETIME || id == IAX_IE_OSPTOKEN || id == IAX_IE_SAMPLINGRATE);
	}
}

/* ---- Random elements ------------------------------------------------------------------------------------------- */

static struct tg_span random_text(struct crypt_random *random, const struct ie_rule *rule, uint8_t text[255])
{
	const uint32_t max = rule->max < 24 ? rule->max : rule->min > 24 ? rule->min : 24;
	const uint32_t min = rule->min > 0 || rule->kind == IE_OPAQUE ? rule->min : 1;
	const size_t len = min + crypt_random_below(random, max - min + 1);

	for (size_t i = 0; i < len; i++) {
		text[i] = (uint8_t)(rule->kind == IE_TEXT ? 0x20 + crypt_random_below(random, 0x5f)
		                                          : crypt_random_below(random, 256));
	}
	if (rule->kind == IE_OSPTOKEN) {
		text[0] &= 3;
	}
	return (struct tg_span){ text, len };
}

static struct tg_addr random_addr(struct crypt_random *random)
{
	uint8_t ip[16];

	crypt_random_bytes(random, ip, sizeof(ip));
	return crypt_random_below(random, 2) == 0 ? tg_addr_ipv4(ip, 4569) : tg_addr_ipv6(ip, 1);
}

static void random_variables(struct crypt_random *random, struct iax_ies *ies)
{
	ies->variable_count = (uint8_t)(1 + crypt_random_below(random, IAX_VARIABLES_MAX));
	for (size_t i = 0; i < ies->variable_count; i++) {
		ies->variables[i].name = TG_SPAN_LIT("NAME");
		ies->variables[i].value = crypt_random_below(random, 2) == 0 ? TG_SPAN_LIT("a=b") : TG_SPAN_LIT("");
	}
}

static void random_element(struct crypt_random *random, struct iax_ies *ies, uint8_t id, uint8_t text[255])
{
	const struct ie_rule *rule = &ie_rules[id];
	void *field = (uint8_t *)ies + rule->offset;
	const uint16_t number = (uint16_t)(1 + crypt_random_below(random, IAX_CALLNO_MAX));
	const uint32_t date = UINT32_C(0x346428c4);
	struct tg_span bytes;

	switch ((enum ie_kind)rule->kind) {
	case IE_U8:
		crypt_random_bytes(random, field, 1);
		break;
	case IE_U16:
		crypt_random_bytes(random, field, 2);
		break;
	case IE_U32:
		crypt_random_bytes(random, field, 4);
		break;
	case IE_MASK:
		crypt_random_bytes(random, field, 8);
		break;
	case IE_CALLNO:
		memcpy(field, &number, sizeof(number));
		break;
	case IE_DATETIME:
		memcpy(field, &date, sizeof(date));
		break;
	case IE_ADDR:
		ies->apparent_addr = random_addr(random);
		break;
	case IE_TEXT:
	case IE_BYTES:
	case IE_OPAQUE:
	case IE_OSPTOKEN:
		bytes = random_text(random, rule, text);
		memcpy(field, &bytes, sizeof(bytes));
		break;
	case IE_VARIABLE:
		random_variables(random, ies);
		break;
	case IE_FLAG:
	case IE_UNKNOWN:
		break;
	}
	ies->has |= ie_bit(id);
}

static void test_what_is_encoded_decodes_to_the_same(void **state)
{
	static const uint8_t seed[CRYPT_SEED_BYTES] = { 2 };
	static uint8_t texts[64][255];
	struct crypt_random random;
	(void)state;

	crypt_random_init(&random, seed);
	for (int i = 0; i < 5000; i++) {
		const uint32_t one_in = 1 + crypt_random_below(&random, 40);
		struct iax_ies ies = { 0 }, again;
		uint8_t bytes[IAX_IES_SENT_MAX + 1000];
		struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));
		char text[SHOW_BYTES], text_again[SHOW_BYTES];

		for (uint8_t id = 1; id <= IAX_IE_CALLINGANI2; id++) {
			if (crypt_random_below(&random, one_in) == 0) {
				random_element(&random, &ies, id, texts[id]);
			}
		}
		const enum iax_err err = iax_ies_encode(&ies, &w);

		if (err == IAX_ERR_TOO_LONG) {
			continue;
		}
		CHECK_UINT(err, IAX_OK);
		const enum iax_err read = iax_ies_decode(&again, tg_writer_span(&w));

		if (read == IAX_ERR_TOO_MANY) {
			continue;
		}
		CHECK_UINT(read, IAX_OK);
		CHECK_UINT(again.has, ies.has);
		CHECK_UINT(again.invalid | again.twice, 0);
		CHECK_TEXT(show_ies(text_again, &again), show_ies(text, &ies));
	}
}

static void test_whatever_decodes_encodes_to_the_same(void **state)
{
	static const uint8_t seed[CRYPT_SEED_BYTES] = { 3 };
	struct crypt_random random;
	uint8_t bytes[400];
	(void)state;

	crypt_random_init(&random, seed);
	for (int i = 0; i < 30000; i++) {
		size_t len = 0;

		while (len < 300 && crypt_random_below(&random, 12) != 0) { /* mostly whole, mostly known elements */
			const uint8_t id = (uint8_t)crypt_random_below(&random, 62);
			const uint8_t data = (uint8_t)(crypt_random_below(&random, 3) == 0
			                                       ? crypt_random_below(&random, 40)
			                                       : ie_rules[id].min);

			bytes[len++] = id;
			bytes[len++] = data;
			crypt_random_bytes(&random, bytes + len, data);
			len += data;
		}
		if (len > 0 && crypt_random_below(&random, 4) == 0) {
			bytes[crypt_random_below(&random, (uint32_t)len)] ^= (uint8_t)(1 << crypt_random_below(&random,
			                                                                                       8));
		}
		LLVMFuzzerTestOneInput(bytes, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_frames_that_end_inside_an_element),
		cmocka_unit_test(test_fixed_lengths),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_data_format_is_read),
		cmocka_unit_test(test_unclean_text),
		cmocka_unit_test(test_empty_text_is_absent),
		cmocka_unit_test(test_the_first_of_two_counts),
		cmocka_unit_test(test_variables_and_osp_tokens),
		cmocka_unit_test(test_variables_are_limited),
		cmocka_unit_test(test_the_number_of_elements_is_limited),
		cmocka_unit_test(test_socket_addresses),
		cmocka_unit_test(test_offers),
		cmocka_unit_test(test_version_is_first_and_token_last),
		cmocka_unit_test(test_what_cannot_be_sent),
		cmocka_unit_test(test_elements_of_one_frame_have_a_limit),
		cmocka_unit_test(test_soundness),
		cmocka_unit_test(test_what_is_encoded_decodes_to_the_same),
		cmocka_unit_test(test_whatever_decodes_encodes_to_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
