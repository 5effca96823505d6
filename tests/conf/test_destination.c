/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of destinations: how they are read, and what the one that the program brings along says of the traps of the world. */
#include "model/destination.h"

#include "check.h"
#include "conf/conf.h"
#include "conf/memory_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *load(const char *tollgate, const char *list, const char *list2, struct conf_result *result)
{
	const struct memory_file files[] = {
		{ "iax.conf", "[general]\nbindaddr=127.0.0.1\n", 0 },
		{ "extensions.conf", "[in]\n", 0 },
		{ "tollgate.conf", tollgate, 0 },
		{ "list", list, 0 },
		{ "list2", list2, 0 },
	};
	struct memory_files memory = { files, TG_COUNT(files) };
	const struct conf_files io = memory_files_io(&memory);

	conf_load(&io, result);
	return problems_dump(&result->problems);
}

/* ---- How a list is read ---------------------------------------------------------------------------------------- */

static const struct {
	const char *list, *want;
} wrong[] = {
	{ "49 intl-low - -\nx intl-low - -\n", "list:2: error: expected a prefix such as +49 or 118, of at most 15 "
	                                       "digits, with ! and = in front perhaps, not \"x\"\n" },
	{ "+ intl-low - -",
	  "list:1: error: expected a prefix such as +49 or 118, of at most 15 digits, with ! and = in front "
	  "perhaps, not \"+\"\n" },
	{ "=!49 intl-low - -",
	  "list:1: error: expected a prefix such as +49 or 118, of at most 15 digits, with ! and = in front "
	  "perhaps, not \"=!49\"\n" },
	{ "+1234567890123456 intl-low - -",
	  "list:1: error: expected a prefix such as +49 or 118, of at most 15 digits, with ! "
	  "and = in front perhaps, not \"+1234567890123456\"\n" },
	{ "1234567890123456 intl-low - -",
	  "list:1: error: expected a prefix such as +49 or 118, of at most 15 digits, with ! "
	  "and = in front perhaps, not \"1234567890123456\"\n" },
	{ "+49 intl-lo - -", "list:1: error: unknown class \"intl-lo\"; did you mean \"intl-low\"?\n" },
	{ "+49 dear - -", "list:1: error: unknown class \"dear\"\n" },
	{ "+49 intl-low de -", "list:1: error: expected a region of two capital letters, * or -, not \"de\"\n" },
	{ "+49 intl-low DEU -", "list:1: error: expected a region of two capital letters, * or -, not \"DEU\"\n" },
	{ "49 intl-low DE -", "list:1: error: a number as it is dialled belongs to no region: expected -\n" },
	{ "49 intl-low * -", "list:1: error: a number as it is dialled belongs to no region: expected -\n" },
	{ "+49 intl-low DE 0",
	  "list:1: error: expected how many digits a number must have, 1 to 15, or -, not \"0\"\n" },
	{ "+49 intl-low DE 16",
	  "list:1: error: expected how many digits a number must have, 1 to 15, or -, not \"16\"\n" },
	{ "+49 intl-low DE", "list:1: error: expected how many digits a number must have, 1 to 15, or -, not \"\"\n" },
	{ "#%expires 2027-02-28\n", "list:1: error: unknown field \"expires\"\n" },
	{ "#%tollgate-destinations 2\n",
	  "list:1: error: expected the layout 1 of a list of destinations, not \"2\"\n" },
	{ "#%serial now\n", "list:1: error: serial: expected a whole number, not \"now\"\n" },
	{ "+49 intl-low DE - a\1b\n", "list:1: error: expected a note in UTF-8 without control characters\n" },
};

static void test_what_is_wrong_is_told_with_its_line(void **state)
{
	unsigned broken = 0;
	(void)state;

	for (size_t i = 0; i < TG_COUNT(wrong); i++) {
		struct conf_result result;
		char *problems = load("[general]\ndestinations=list\n", wrong[i].list, "", &result);

		if (strcmp(problems, wrong[i].want) != 0 || result.world != NULL) {
			print_error("%s says:\n%s-- not --\n%s\n", wrong[i].list, problems, wrong[i].want);
			broken++;
		}
		free(problems);
		conf_result_free(&result);
	}
	CHECK_UINT(broken, 0);
}

static enum world_class class_with(const char *lists, const char *list, const char *list2, const char *number)
{
	struct conf_result result;
	char *problems = load(lists, list, list2, &result);

	CHECK_TEXT(problems, "");
	const enum world_class class = world_class_of(result.world, tg_span_text(number));

	free(problems);
	conf_result_free(&result);
	return class;
}

static void test_later_lines_override_earlier_ones(void **state)
{
	static const char one[] = "[general]\ndestinations=list\n[numbers]\ncountry=DE\n";
	static const char two[] = "[general]\ndestinations=list\ndestinations=list2\n[numbers]\ncountry=DE\n";
	static const char turned[] = "[general]\ndestinations=list2\ndestinations=list\n[numbers]\ncountry=DE\n";
	(void)state;

	CHECK_INT(class_with(one, "", "", "+33123456789"), WORLD_CLASS_INTL_LOW);
	CHECK_INT(class_with(one, "#%tollgate-destinations 1\n#%serial 7\n# France\n\n+33\tintl-high FR -\tdear\r\n",
	                     "", "+33123456789"),
	          WORLD_CLASS_INTL_HIGH);
	CHECK_INT(class_with(one, "+33 intl-high FR -\n+33 satellite FR -\n", "", "+33123456789"),
	          WORLD_CLASS_SATELLITE);
	CHECK_INT(class_with(two, "+33 intl-high FR -\n", "+33 intl-mid FR -\n", "+33123456789"), WORLD_CLASS_INTL_MID);
	CHECK_INT(class_with(turned, "+33 intl-high FR -\n", "+33 intl-mid FR -\n", "+33123456789"),
	          WORLD_CLASS_INTL_HIGH);
	/* an exact line, a prefix and an exception are three lines */
	CHECK_INT(class_with(one, "=+3312 intl-high FR -\n+3312 intl-mid FR -\n", "", "+3312"), WORLD_CLASS_INTL_HIGH);
	CHECK_INT(class_with(one, "+3312 test-number FR -\n!+331 intl-low FR -\n", "", "+3312"), WORLD_CLASS_INTL_LOW);
}

/* A list of its own makes a country known. */
static void test_a_country_of_a_list(void **state)
{
	static const char files[] = "[general]\ndestinations=list\n[numbers]\ncountry=ZZ\n";
	static const char list[] = "+999 intl-mid ZZ -\n+9999 premium-national ZZ -\n";
	(void)state;

	CHECK_INT(class_with(files, list, "", "0123456"), WORLD_CLASS_NATIONAL);
	CHECK_INT(class_with(files, list, "", "0912345"), WORLD_CLASS_PREMIUM);
}

/* ---- The shipped list ------------------------------------------------------------------------------------------ */

static struct world *world_in(const char *country, struct conf_result *result)
{
	char tollgate[64];

	snprintf(tollgate, sizeof(tollgate), "[numbers]\ncountry=%s\n", country);
	free(load(tollgate, "", "", result));
	CHECK_TRUE(result->world != NULL);
	return result->world;
}

/* Number by number, as it is dialled in a country. */
static const struct {
	const char *country, *number;
	enum world_class class;
} traps[] = {
	/* +1 is twenty-five countries */
	{ "US", "12125551234", WORLD_CLASS_NATIONAL },
	{ "US", "2125551234", WORLD_CLASS_NATIONAL },
	{ "US", "14165551234", WORLD_CLASS_INTL_LOW },
	{ "US", "12425551234", WORLD_CLASS_INTL_HIGH },
	{ "US", "12465551234", WORLD_CLASS_INTL_HIGH },
	{ "US", "12645551234", WORLD_CLASS_INTL_HIGH },
	{ "US", "12685551234", WORLD_CLASS_INTL_HIGH },
	{ "US", "12845551234", WORLD_CLASS_INTL_HIGH },
	{ "US", "13405551234", WORLD_CLASS_INTL_LOW },
	{ "US", "13455551234", WORLD_CLASS_INTL_HIGH },
	{ "US", "14415551234", WORLD_CLASS_INTL_MID },
	{ "US", "14735551234", WORLD_CLASS_INTL_HIGH },
	{ "US", "16495551234", WORLD_CLASS_INTL_HIGH },
	{ "US", "16585551234", WORLD_CLASS_INTL_HIGH },
	{ "US", "16645551234", WORLD_CLASS_INTL_HIGH },
	{ "US", "16705551234", WORLD_CLASS_INTL_LOW },
	{ "US", "16715551234", WORLD_CLASS_INTL_LOW },
	{ "US", "16845551234", WORLD_CLASS_INTL_MID },
	{ "US", "17215551234", WORLD_CLASS_INTL_HIGH },
	{ "US", "17585551234", WORLD_CLASS_INTL_HIGH },
	{ "US", "17675551234", WORLD_CLASS_INTL_HIGH },
	{ "US", "17845551234", WORLD_CLASS_INTL_HIGH },
	{ "US", "17875551234", WORLD_CLASS_INTL_LOW },
	{ "US", "19395551234", WORLD_CLASS_INTL_LOW },
	{ "US", "18095551234", WORLD_CLASS_INTL_HIGH },
	{ "US", "18295551234", WORLD_CLASS_INTL_HIGH },
	{ "US", "18495551234", WORLD_CLASS_INTL_HIGH },
	{ "US", "18685551234", WORLD_CLASS_INTL_HIGH },
	{ "US", "18695551234", WORLD_CLASS_INTL_HIGH },
	{ "US", "18765551234", WORLD_CLASS_INTL_HIGH },
	{ "US", "8095551234", WORLD_CLASS_INTL_HIGH },
	{ "US", "+18765551234", WORLD_CLASS_INTL_HIGH },
	{ "US", "19005551234", WORLD_CLASS_PREMIUM },
	{ "US", "9005551234", WORLD_CLASS_PREMIUM },
	{ "US", "18005551234", WORLD_CLASS_TOLLFREE },
	{ "US", "18335551234", WORLD_CLASS_TOLLFREE },
	{ "US", "18445551234", WORLD_CLASS_TOLLFREE },
	{ "US", "18555551234", WORLD_CLASS_TOLLFREE },
	{ "US", "18665551234", WORLD_CLASS_TOLLFREE },
	{ "US", "18775551234", WORLD_CLASS_TOLLFREE },
	{ "US", "18885551234", WORLD_CLASS_TOLLFREE },
	{ "US", "17005551234", WORLD_CLASS_PREMIUM },
	{ "US", "15005551234", WORLD_CLASS_SHARED },
	{ "US", "16005551234", WORLD_CLASS_SATELLITE },
	{ "US", "411", WORLD_CLASS_PREMIUM },
	{ "US", "911", WORLD_CLASS_EMERGENCY },
	{ "US", "19765551234", WORLD_CLASS_PREMIUM },
	{ "BS", "12425551234", WORLD_CLASS_NATIONAL },
	{ "BS", "18765551234", WORLD_CLASS_INTL_HIGH },
	{ "BS", "12125551234", WORLD_CLASS_INTL_LOW },
	{ "BS", "19005551234", WORLD_CLASS_PREMIUM },
	/* one calling code, two countries */
	{ "YT", "+262269123456", WORLD_CLASS_NATIONAL },
	{ "YT", "+262639123456", WORLD_CLASS_NATIONAL },
	{ "YT", "+262262123456", WORLD_CLASS_INTL_MID },
	{ "XK", "+37744123456", WORLD_CLASS_NATIONAL },
	{ "XK", "+37745123456", WORLD_CLASS_NATIONAL },
	{ "XK", "+37799123456", WORLD_CLASS_INTL_HIGH },
	{ "CA", "14165551234", WORLD_CLASS_NATIONAL },
	{ "CA", "12125551234", WORLD_CLASS_INTL_LOW },
	{ "DE", "0019005551234", WORLD_CLASS_PREMIUM_INTL },
	{ "DE", "0018765551234", WORLD_CLASS_INTL_HIGH },
	{ "DE", "0018005551234", WORLD_CLASS_INTL_LOW },
	/* +7 is two */
	{ "RU", "84951234567", WORLD_CLASS_NATIONAL },
	{ "RU", "87271234567", WORLD_CLASS_INTL_MID },
	{ "RU", "87011234567", WORLD_CLASS_INTL_MID },
	{ "RU", "89161234567", WORLD_CLASS_MOBILE },
	{ "RU", "+76123456789", WORLD_CLASS_INTL_MID },
	{ "RU", "88091234567", WORLD_CLASS_PREMIUM },
	{ "KZ", "87271234567", WORLD_CLASS_NATIONAL },
	{ "KZ", "84951234567", WORLD_CLASS_INTL_MID },
	{ "KZ", "87011234567", WORLD_CLASS_MOBILE },
	{ "RU", "8104930123456", WORLD_CLASS_INTL_LOW },
	/* the United Kingdom: 070 looks like a mobile; the islands are others */
	{ "GB", "07012345678", WORLD_CLASS_PREMIUM },
	{ "GB", "07612345678", WORLD_CLASS_PREMIUM },
	{ "GB", "07712345678", WORLD_CLASS_MOBILE },
	{ "GB", "07797123456", WORLD_CLASS_INTL_MID },
	{ "GB", "07829123456", WORLD_CLASS_INTL_MID },
	{ "GB", "07937123456", WORLD_CLASS_INTL_MID },
	{ "GB", "07509123456", WORLD_CLASS_INTL_MID },
	{ "GB", "07700123456", WORLD_CLASS_INTL_MID },
	{ "GB", "07781123456", WORLD_CLASS_INTL_MID },
	{ "GB", "07839123456", WORLD_CLASS_INTL_MID },
	{ "GB", "07911123456", WORLD_CLASS_INTL_MID },
	{ "GB", "07624123456", WORLD_CLASS_INTL_MID },
	{ "GB", "07524123456", WORLD_CLASS_INTL_MID },
	{ "GB", "07924123456", WORLD_CLASS_INTL_MID },
	{ "GB", "01534123456", WORLD_CLASS_INTL_LOW },
	{ "GB", "01481123456", WORLD_CLASS_INTL_LOW },
	{ "GB", "01624123456", WORLD_CLASS_INTL_LOW },
	{ "JE", "01534123456", WORLD_CLASS_NATIONAL },
	{ "GB", "09012345678", WORLD_CLASS_PREMIUM },
	{ "GB", "08712345678", WORLD_CLASS_PREMIUM },
	{ "GB", "08451234567", WORLD_CLASS_SHARED },
	{ "GB", "08701234567", WORLD_CLASS_SHARED },
	{ "GB", "08001234567", WORLD_CLASS_TOLLFREE },
	{ "GB", "02012345678", WORLD_CLASS_NATIONAL },
	{ "GB", "03001234567", WORLD_CLASS_NATIONAL },
	{ "GB", "118118", WORLD_CLASS_PREMIUM },
	{ "DE", "00447012345678", WORLD_CLASS_PREMIUM_INTL },
	{ "DE", "00447712345678", WORLD_CLASS_INTL_MID },
	{ "GB", "01131234567", WORLD_CLASS_NATIONAL }, /* Leeds, not 011 and Greece */
	/* codes that belong to no country */
	{ "DE", "00870123456789", WORLD_CLASS_SATELLITE },
	{ "DE", "0087112345678", WORLD_CLASS_SATELLITE },
	{ "DE", "0087212345678", WORLD_CLASS_SATELLITE },
	{ "DE", "0087312345678", WORLD_CLASS_SATELLITE },
	{ "DE", "0087412345678", WORLD_CLASS_SATELLITE },
	{ "DE", "008816123456", WORLD_CLASS_SATELLITE },
	{ "DE", "0088213123456", WORLD_CLASS_SATELLITE },
	{ "DE", "00883510012345", WORLD_CLASS_SATELLITE },
	{ "DE", "00979123456789", WORLD_CLASS_PREMIUM_INTL },
	{ "DE", "0080812345678", WORLD_CLASS_SHARED },
	{ "DE", "0080012345678", WORLD_CLASS_TOLLFREE },
	{ "US", "01180012345678", WORLD_CLASS_TOLLFREE },
	{ "US", "01180812345678", WORLD_CLASS_SHARED },
	{ "DE", "0087812345678", WORLD_CLASS_PREMIUM_INTL },
	{ "DE", "0088812345678", WORLD_CLASS_PREMIUM_INTL },
	{ "DE", "00991123456", WORLD_CLASS_PREMIUM_INTL },
	{ "DE", "00388312345", WORLD_CLASS_INTL_MID },
	{ "DE", "00210123456", WORLD_CLASS_UNKNOWN },
	{ "DE", "00999123456", WORLD_CLASS_UNKNOWN },
	{ "DE", "00801123456", WORLD_CLASS_UNKNOWN },
	/* countries within countries' codes */
	{ "IT", "0669812345", WORLD_CLASS_INTL_LOW },
	{ "IT", "0612345678", WORLD_CLASS_NATIONAL },
	{ "FI", "01812345", WORLD_CLASS_INTL_LOW },
	{ "NO", "79021234", WORLD_CLASS_INTL_MID },
	{ "AU", "0891621234", WORLD_CLASS_INTL_HIGH },
	{ "DE", "0061891621234", WORLD_CLASS_INTL_HIGH },
	{ "DE", "0061891641234", WORLD_CLASS_INTL_HIGH },
	{ "DE", "00262269123456", WORLD_CLASS_INTL_MID },
	{ "DE", "0078401234567", WORLD_CLASS_INTL_HIGH },
	{ "DE", "0079401234567", WORLD_CLASS_INTL_HIGH },
	{ "DE", "005993123456", WORLD_CLASS_INTL_HIGH },
	/* area codes that look like enquiries */
	{ "GB", "01189123456", WORLD_CLASS_NATIONAL },
	{ "NL", "0182123456", WORLD_CLASS_NATIONAL },
	{ "SE", "0118123456", WORLD_CLASS_NATIONAL },
	{ "AT", "011812345", WORLD_CLASS_NATIONAL },
	{ "IE", "015201234", WORLD_CLASS_NATIONAL },
	{ "IE", "018001234", WORLD_CLASS_NATIONAL },
	{ "IE", "018501234", WORLD_CLASS_NATIONAL },
	{ "IE", "018901234", WORLD_CLASS_NATIONAL },
	{ "IE", "1520123456", WORLD_CLASS_PREMIUM },
	{ "NL", "1888", WORLD_CLASS_PREMIUM },
	{ "NL", "1850", WORLD_CLASS_PREMIUM },
	/* Germany: a carrier's code takes whatever follows */
	{ "DE", "010330012425551234", WORLD_CLASS_UNKNOWN },
	{ "DE", "0103300124255", WORLD_CLASS_PREMIUM },
	{ "DE", "0900123456", WORLD_CLASS_PREMIUM },
	{ "DE", "01801234567", WORLD_CLASS_SHARED },
	{ "DE", "01371234567", WORLD_CLASS_SHARED },
	{ "DE", "07001234567", WORLD_CLASS_SHARED },
	{ "DE", "01511234567", WORLD_CLASS_MOBILE },
	{ "DE", "08001234567", WORLD_CLASS_TOLLFREE },
	{ "DE", "11833", WORLD_CLASS_PREMIUM },
	{ "DE", "+4911833", WORLD_CLASS_PREMIUM },
	{ "DE", "116117", WORLD_CLASS_TOLLFREE },
	{ "DE", "112", WORLD_CLASS_EMERGENCY },
	{ "DE", "01212345678", WORLD_CLASS_PREMIUM },
	{ "DE", "2001", WORLD_CLASS_INTERNAL },
};

static void test_the_traps_of_the_world(void **state)
{
	unsigned broken = 0;
	(void)state;

	for (size_t i = 0; i < TG_COUNT(traps); i++) {
		struct conf_result result;
		const struct world *world = world_in(traps[i].country, &result);
		const enum world_class class = world_class_of(world, tg_span_text(traps[i].number));

		if (class != traps[i].class) {
			print_error("%s in %s is %s, not %s\n", traps[i].number, traps[i].country,
			            world_class_name(class), world_class_name(traps[i].class));
			broken++;
		}
		conf_result_free(&result);
	}
	CHECK_UINT(broken, 0);
}

/* Many of one kind. */
static const struct {
	const char *country, *prefixes, *behind;
	enum world_class class;
} lists[] = {
	{ "DE", "112 911 999 000 111 110 113 115 117 118 119 120 122 133 144 061 062 091 108 190 192 193 988 ", "",
	  WORLD_CLASS_EMERGENCY },
	{ "DE", "116000 116006 116111 116117 116123", "", WORLD_CLASS_TOLLFREE },
	/* area codes of Canada */
	{ "CA",
	  "204 226 236 249 250 257 263 289 306 343 354 365 367 368 382 387 403 416 418 428 431 437 438 450 460 "
	  "468 474 506 514 519 537 548 568 579 581 584 587 604 613 639 647 672 683 705 709 742 753 778 780 782 "
	  "807 819 825 867 873 879 902 905 942 ",
	  "5551234", WORLD_CLASS_NATIONAL },
	/* personal communication, and the government */
	{ "US",
	  "500 521 522 523 524 525 526 527 528 529 532 533 535 538 542 543 544 545 546 547 549 550 552 553 554 "
	  "556 566 569 577 578 588 589 710 ",
	  "5551234", WORLD_CLASS_SHARED },
	{ "US", "1622", "5551234", WORLD_CLASS_SATELLITE },
	{ "US", "1456 1700 1976 ", "5551234", WORLD_CLASS_PREMIUM },
	{ "US", "1822", "5551234", WORLD_CLASS_TOLLFREE },
	{ "RU", "8803 8809", "1234567", WORLD_CLASS_PREMIUM },
	{ "RU", "8800 8804", "1234567", WORLD_CLASS_TOLLFREE },
	{ "RU", "8954", "1234567", WORLD_CLASS_SATELLITE },
	{ "KZ", "8700 8701 8702 8705 8706 8707 8708 8747 8771 8775 8776 8777 8778", "1234567", WORLD_CLASS_MOBILE },
	{ "KZ", "8800 8804", "1234567", WORLD_CLASS_INTL_LOW },
	{ "AU", "0147", "1234567", WORLD_CLASS_SATELLITE },
	{ "NZ", "024", "1234567", WORLD_CLASS_NATIONAL },
	{ "BQ", "03 04 07", "12345", WORLD_CLASS_NATIONAL },
};

static void test_lists_of_first_digits(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(lists); i++) {
		struct conf_result result;
		const struct world *world = world_in(lists[i].country, &result);

		for (const char *at = lists[i].prefixes; *at != '\0'; at += strspn(at, " ")) {
			const size_t len = strcspn(at, " ");
			char number[64];

			snprintf(number, sizeof(number), "%.*s%s", (int)len, at, lists[i].behind);
			const enum world_class class = world_class_of(world, tg_span_text(number));

			if (class != lists[i].class) {
				fail_msg("%s in %s is %s, not %s", number, lists[i].country, world_class_name(class),
				         world_class_name(lists[i].class));
			}
			at += len;
		}
		conf_result_free(&result);
	}
}

/* Inside countries: the first digits of numbers, as they are dialled there. */
static const struct {
	const char *country, *mobile, *tollfree, *shared, *premium;
} inside[] = {
	{ "AT", "0650 0660 0670 0680 0690", "0800", "0810 0820 0821 0730 0740", "0900 0901 0930 0931 0939 010" },
	{ "AU", "04", "1800", "13", "190" },
	{ "BE", "046 047 048 049", "0800", "070 078", "090" },
	{ "CH", "074 075 076 077 078 079", "0800", "0840 0842 0844 0848 0878", "0900 0901 0906 018 010" },
	{ "CZ", "60 70 72 73 77 79", "800", "81 83 84", "90" },
	{ "DE", "015 016 017", "0800 0116", "0180 0137 0138 0700 019", "0900 010 0118 012" },
	{ "DK", "", "80", "", "90" },
	{ "ES", "6 7", "800 900", "901 902 70", "803 806 807 905 907" },
	{ "FI", "04 050", "0800", "", "0600 0700" },
	{ "FR", "06 07", "0800 0801 0802 0803 0804 0805", "0806 0807 0808 0809 081 082", "089 0836 0118" },
	{ "GB", "071 079", "080 0500", "084 0870", "070 076 09 0871 0872 0873" },
	{ "HU", "0620 0630 0631 0650 0670", "0680", "0640", "0690 0691" },
	{ "IE", "08", "01800", "01850 01890 0818 0700", "015" },
	{ "IT", "3", "80", "84 199 178", "89 144 166 163 164 12 4" },
	{ "JP", "070 080 090", "0120 0800", "0570", "0990 0180" },
	{ "NL", "06", "0800", "084 087 088 066", "0900 0906 0909" },
	{ "NO", "4 9", "800", "81 85", "82" },
	{ "NZ", "02", "0800 0508", "", "0900" },
	{ "PL", "45 50 51 53 57 60 66 69 72 73 78 79 88", "800", "801 804", "70 300 400" },
	{ "PT", "9", "800", "707 708 808 809", "6 76" },
	{ "SE", "070 072 073 076 079", "020", "077 010", "0900 0939 0944" },
};

static void check_inside(const char *country, const char *prefixes, enum world_class want)
{
	struct conf_result result;
	char number[64], tollgate[64];

	snprintf(tollgate, sizeof(tollgate), "[numbers]\ncountry=%s\nbare=national\n", country);
	free(load(tollgate, "", "", &result));
	CHECK_TRUE(result.world != NULL);

	for (const char *at = prefixes; *at != '\0'; at += strspn(at, " ")) {
		const size_t len = strcspn(at, " ");

		snprintf(number, sizeof(number), "%.*s5555555", (int)len, at);
		const enum world_class class = world_class_of(result.world, tg_span_text(number));

		if (class != want) {
			fail_msg("%s in %s is %s, not %s", number, country, world_class_name(class),
			         world_class_name(want));
		}
		at += len;
	}
	conf_result_free(&result);
}

static void test_what_is_known_inside_countries(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(inside); i++) {
		check_inside(inside[i].country, inside[i].mobile, WORLD_CLASS_MOBILE);
		check_inside(inside[i].country, inside[i].tollfree, WORLD_CLASS_TOLLFREE);
		check_inside(inside[i].country, inside[i].shared, WORLD_CLASS_SHARED);
		check_inside(inside[i].country, inside[i].premium, WORLD_CLASS_PREMIUM);
	}
}

/* How people dial where it is not a 0 and 00. */
static const struct {
	const char *country, *national, *international, *other;
} habits[] = {
	{ "US", "1", "011", "" },    { "RU", "8", "810", "" },  { "GR", "", "00", "" },     { "ES", "", "00", "" },
	{ "HU", "06", "00", "" },    { "IT", "", "00", "" },    { "DK", "", "00", "" },     { "NO", "", "00", "" },
	{ "PL", "", "00", "" },      { "AU", "0", "0011", "" }, { "SG", "", "000", "001" }, { "JP", "0", "010", "" },
	{ "KR", "0", "001", "002" }, { "PT", "", "00", "" },    { "LU", "", "00", "" },     { "IS", "", "00", "" },
	{ "MT", "", "00", "" },      { "CY", "", "00", "" },    { "LV", "", "00", "" },     { "EE", "", "00", "" },
	{ "BY", "8", "810", "" },    { "AD", "", "00", "" },    { "MC", "", "00", "" },     { "CZ", "", "00", "" },
	{ "HK", "", "001", "" },     { "MO", "", "00", "" },    { "IL", "0", "00", "012" }, { "DE", "0", "00", "" },
	{ "LT", "0", "00", "" },
};

static void test_habits(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(habits); i++) {
		struct conf_result result;
		const struct world *world = world_in(habits[i].country, &result);
		const struct world_numbers *numbers = destination_numbers(world, 0, 0);

		CHECK_TEXT(numbers->region, habits[i].country);
		CHECK_TEXT(numbers->national, habits[i].national);
		CHECK_TEXT(numbers->international[0], habits[i].international);
		CHECK_TEXT(numbers->international[1], habits[i].other);
		conf_result_free(&result);
	}
}

/* Each calling code of ITU-T E.164 that is a country's, and whose. */
static const char codes[] = "20EG 211SS 212MA 213DZ 216TN 218LY 220GM 221SN 222MR 223ML 224GN 225CI 226BF 227NE 228TG "
			    "229BJ 230MU 231LR 232SL 233GH "
			    "234NG 235TD 236CF 237CM 238CV 239ST 240GQ 241GA 242CG 243CD 244AO 245GW 246IO 247SH 248SC "
			    "249SD 250RW 251ET 252SO 253DJ "
			    "254KE 255TZ 256UG 257BI 258MZ 260ZM 261MG 262RE 263ZW 264NA 265MW 266LS 267BW 268SZ 269KM "
			    "27ZA 290SH 291ER 297AW 298FO "
			    "299GL 30GR 31NL 32BE 33FR 34ES 350GI 351PT 352LU 353IE 354IS 355AL 356MT 357CY 358FI "
			    "359BG 36HU 370LT 371LV 372EE 373MD "
			    "374AM 375BY 376AD 377MC 378SM 379VA 380UA 381RS 382ME 383XK 385HR 386SI 387BA 389MK 39IT "
			    "40RO 41CH 420CZ 421SK 423LI "
			    "43AT 44GB 45DK 46SE 47NO 48PL 49DE 500FK 501BZ 502GT 503SV 504HN 505NI 506CR 507PA 508PM "
			    "509HT 51PE 52MX 53CU 54AR 55BR "
			    "56CL 57CO 58VE 590GP 591BO 592GY 593EC 594GF 595PY 596MQ 597SR 598UY 599CW 60MY 61AU 62ID "
			    "63PH 64NZ 65SG 66TH 670TL "
			    "672NF 673BN 674NR 675PG 676TO 677SB 678VU 679FJ 680PW 681WF 682CK 683NU 685WS 686KI 687NC "
			    "688TV 689PF 690TK 691FM 692MH "
			    "7RU 81JP 82KR 84VN 850KP 852HK 853MO 855KH 856LA 86CN 880BD 886TW 90TR 91IN 92PK 93AF "
			    "94LK 95MM 960MV 961LB 962JO 963SY "
			    "964IQ 965KW 966SA 967YE 968OM 970PS 971AE 972IL 973BH 974QA 975BT 976MN 977NP 98IR 992TJ "
			    "993TM 994AZ 995GE 996KG 998UZ ";

static const struct world_destination *row_of(const struct world *world, const char *number)
{
	struct destination destination;

	destination_read(world, destination_numbers(world, 0, 0), tg_span_text(number), &destination);
	return destination.row;
}

static void test_each_country_is_in_the_list(void **state)
{
	struct conf_result result;
	const struct world *world = world_in("US", &result);
	unsigned count = 0;
	(void)state;

	for (const char *at = codes; *at != '\0'; at = strchr(at, ' ') + 1) {
		const size_t len = strspn(at, "0123456789");
		char number[32];

		snprintf(number, sizeof(number), "+%.*s", (int)len, at);
		for (size_t i = len; i < 4; i++) {
			strncat(number, "1", sizeof(number) - strlen(number) - 1);
		}
		const struct world_destination *row = row_of(world, number);

		if (row == NULL || strncmp(row->region, at + len, 2) != 0) {
			fail_msg("%s is of %s, not %.2s", number, row != NULL ? row->region : "nobody", at + len);
		}
		count++;
	}
	CHECK_UINT(count, 206);
	conf_result_free(&result);
}

/* No row is hidden by others, none says what the one above says anyway, and none is for other numbers than its note's. */
static void test_each_line_has_an_effect(void **state)
{
	struct conf_result result;
	const struct world *world = world_in("US", &result);
	(void)state;

	for (uint32_t i = 0; i < world_count(world, WORLD_DESTINATIONS); i++) {
		const struct world_destination *row = world_row(world, WORLD_DESTINATIONS, i);
		const struct world_destination *up = row->up == 0 ? NULL
		                                                  : world_row(world, WORLD_DESTINATIONS, row->up - 1);
		char number[32];

		snprintf(number, sizeof(number), "%s", row->prefix);
		while (strlen(number) < (size_t)row->min_digits + (number[0] == '+') ||
		       (number[0] == '+' && strlen(number) < 4)) {
			strncat(number, "5", sizeof(number) - strlen(number) - 1);
		}
		CHECK_TRUE(row->origin.line > 0);
		if (row_of(world, number) != row) {
			fail_msg("%s finds another row", number);
		}
		if (up != NULL && up->class == row->class && up->exact == row->exact &&
		    memcmp(up->region, row->region, 4) == 0) {
			fail_msg("%s says what %s says", row->prefix, up->prefix);
		}
	}
	CHECK_TRUE(world_count(world, WORLD_DESTINATIONS) > 500);
	conf_result_free(&result);
}

/* ---- Trunks whose numbers cannot be told apart ------------------------------------------------------------------- */

#define BLIND                                                                                             \
	"iax.conf:3: warning: [provider] may take money for calls, and without country= in [numbers] of " \
	"tollgate.conf "                                                                                  \
	"national numbers cannot be told from premium ones; chargeable=no if calls there are free\n"

static const struct {
	const char *peer, *user, *tollgate, *want;
} blind[] = {
	{ "", "", "", BLIND },
	{ "chargeable=no\n", "", "", "" },
	{ "", "", "[numbers]\ncountry=DE\n", "" },
	{ "", "", "[numbers]\ninternal=4\n", BLIND },
	{ "numbers=x\n", "", "[numbers x]\ncountry=DE\n", "" },
	{ "numbers=x\n", "", "[numbers]\ncountry=DE\n[numbers x]\n", BLIND },
	{ "", "numbers=x\n", "[numbers x]\ncountry=DE\n", "" },
	{ "", "numbers=x\n", "[numbers]\ncountry=DE\n[numbers x]\n", BLIND },
	/* a policy that makes a difference between what cannot be told apart, and one that makes none */
	{ "", "", "[policy system]\nallow=national\n", BLIND },
	{ "", "", "[policy system]\nallow=emergency,internal\n", "" },
	{ "", "", "[policy system]\nallow=all\ncalls=4\n", "" },
	{ "", "policy=x\n", "[policy system]\n[policy x]\ndeny=premium\n", BLIND },
};

static void test_a_trunk_without_a_country_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(blind); i++) {
		char iax[512];

		snprintf(iax, sizeof(iax),
		         "[general]\nbindaddr=127.0.0.1\n[provider]\ntype=peer\nhost=192.0.2.1\n%s"
		         "[second]\ntype=peer\nhost=192.0.2.2\n%s[u]\ntype=user\nsecret=long-enough-for-us\ncontext="
		         "in\n%s",
		         blind[i].peer, blind[i].peer, blind[i].user);
		const struct memory_file files[] = { { "iax.conf", iax, 0 },
			                             { "extensions.conf", "[in]\n", 0 },
			                             { "tollgate.conf", blind[i].tollgate, 0 } };
		struct memory_files memory = { files, TG_COUNT(files) };
		const struct conf_files io = memory_files_io(&memory);
		struct conf_result result;

		conf_load(&io, &result);
		char *got = problems_dump(&result.problems);

		print_message("# %zu\n", i);
		CHECK_TEXT(got, blind[i].want);
		free(got);
		conf_result_free(&result);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_wrong_is_told_with_its_line),
		cmocka_unit_test(test_later_lines_override_earlier_ones),
		cmocka_unit_test(test_a_country_of_a_list),
		cmocka_unit_test(test_the_traps_of_the_world),
		cmocka_unit_test(test_what_is_known_inside_countries),
		cmocka_unit_test(test_habits),
		cmocka_unit_test(test_lists_of_first_digits),
		cmocka_unit_test(test_each_country_is_in_the_list),
		cmocka_unit_test(test_each_line_has_an_effect),
		cmocka_unit_test(test_a_trunk_without_a_country_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
