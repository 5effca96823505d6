/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/names.h"

#include "check.h"
#include "iax/ies.h"

/* Some of each list, with the numbers of RFC 5456, and how many there are. */
static const struct list {
	const char *(*name)(uint8_t);
	unsigned count;
	struct {
		uint8_t number;
		const char *name;
	} some[6];
} lists[] = {
	{ iax_frame_type_name,
	  12,
	  { { 0x01, "DTMF_END" },
	    { 0x02, "VOICE" },
	    { 0x06, "IAX" },
	    { 0x0c, "DTMF_BEGIN" },
	    { 0x00, NULL },
	    { 0x0d, NULL } } },
	{ iax_subclass_name,
	  40,
	  { { 0x01, "NEW" },
	    { 0x0d, "REGREQ" },
	    { 0x12, "VNAK" },
	    { 0x26, "TXMEDIA" },
	    { 0x28, "CALLTOKEN" },
	    { 0x29, NULL } } },
	{ iax_control_name,
	  34,
	  { { 0x01, "HANGUP" },
	    { 0x03, "RINGING" },
	    { 0x0e, "PROGRESS" },
	    { 0x0f, "PROCEEDING" },
	    { 0xff, "STOP_TONES" },
	    { 0x22, NULL } } },
	{ iax_html_name,
	  9,
	  { { 0x01, "URL" },
	    { 0x10, "LOAD_COMPLETE" },
	    { 0x11, "NOT_SUPPORTED" },
	    { 0x03, NULL },
	    { 0, NULL },
	    { 0x15, NULL } } },
	{ iax_ie_name,
	  58,
	  { { 0x01, "CALLED_NUMBER" },
	    { 0x12, "APPARENT_ADDR" },
	    { 0x36, "CALLTOKEN" },
	    { 0x39, "CALLINGANI2" },
	    { 0xff, "DATAFORMAT" },
	    { 0x3a, NULL } } },
	{ iax_cause_text,
	  60,
	  { { 16, "normal clearing" },
	    { 17, "user busy" },
	    { 58, "bearer capability not available" },
	    { 127, "interworking" },
	    { 0, NULL },
	    { 255, NULL } } },
};

static void test_names(void **state)
{
	(void)state;

	for (size_t i = 0; i < TG_COUNT(lists); i++) {
		unsigned count = 0;

		for (size_t k = 0; k < TG_COUNT(lists[i].some); k++) {
			CHECK_TEXT(lists[i].name(lists[i].some[k].number), lists[i].some[k].name);
		}
		for (unsigned number = 0; number <= UINT8_MAX; number++) {
			count += lists[i].name((uint8_t)number) != NULL;
		}
		CHECK_UINT(count, lists[i].count);
	}
}

static void test_errors_have_texts(void **state)
{
	(void)state;

	for (unsigned err = 0; err < IAX_ERR_COUNT; err++) {
		CHECK_TRUE(iax_err_text((enum iax_err)err) != NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_errors_have_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
