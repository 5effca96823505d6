/* SPDX-License-Identifier: Apache-2.0 */
/* Elements that decode encode to elements that decode to the same; views stay inside the bytes. */
#include "iax/fuzz.h"
#include "iax/ies.h"

static void views_hold(const struct iax_ies *ies, struct tg_span bytes)
{
	assert(fuzz_is_within(ies->called_number, bytes) && fuzz_is_within(ies->username, bytes));
	assert(fuzz_is_within(ies->challenge, bytes) && fuzz_is_within(ies->md5_result, bytes));
	assert(fuzz_is_within(ies->cause, bytes) && fuzz_is_within(ies->osp_token, bytes) &&
	       fuzz_is_within(ies->call_token, bytes));
	for (size_t i = 0; i < ies->variable_count; i++) {
		assert(fuzz_is_within(ies->variables[i].name, bytes) && fuzz_is_within(ies->variables[i].value, bytes));
		assert(ies->variables[i].name.len > 0 && tg_utf8_is_plain(ies->variables[i].name));
	}
	assert(tg_utf8_is_plain(ies->username) && tg_utf8_is_plain(ies->called_number));
	assert(iax_ies_has(ies, IAX_IE_USERNAME) == (ies->username.len > 0));
	assert(!iax_ies_has(ies, IAX_IE_MD5_RESULT) || ies->md5_result.len == IAX_MD5_DIGITS);
	assert(!iax_ies_has(ies, IAX_IE_CALLNO) || (ies->call_no >= 1 && ies->call_no <= IAX_CALLNO_MAX));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct tg_span bytes = { data, size };
	static const uint64_t repeatable = UINT64_C(1) << IAX_IE_VARIABLE | UINT64_C(1) << IAX_IE_OSPTOKEN;
	uint8_t first[IAX_IES_SENT_MAX + 600], second[IAX_IES_SENT_MAX + 600];
	struct tg_writer w1 = tg_writer_of(first, sizeof(first));
	struct tg_writer w2 = tg_writer_of(second, sizeof(second));
	struct iax_ies ies, again;

	const enum iax_err err = iax_ies_decode(&ies, bytes);

	views_hold(&ies, bytes);
	if (err != IAX_OK) {
		assert(err == IAX_ERR_TRUNCATED || err == IAX_ERR_TOO_MANY);
		return 0;
	}
	assert((ies.has & ies.invalid & ~repeatable) == 0);
	assert((ies.twice & repeatable) == 0);
	const enum iax_err sent = iax_ies_encode(&ies, &w1);

	if (sent != IAX_OK) {
		assert(sent == IAX_ERR_TOO_LONG && bytes.len > IAX_IES_SENT_MAX);
		return 0;
	}
	assert(iax_ies_decode(&again, tg_writer_span(&w1)) == IAX_OK);
	assert(again.has == ies.has && again.invalid == 0 && again.twice == 0);
	assert(again.variable_count == ies.variable_count);
	assert(iax_ies_encode(&again, &w2) == IAX_OK);
	assert(tg_span_equal(tg_writer_span(&w1), tg_writer_span(&w2)));
	return 0;
}
