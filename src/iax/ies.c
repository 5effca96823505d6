/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/ies.h"

#include "iax/datetime.h"
#include "iax/ies_rules.h"

#include <string.h>

enum { VARIABLES_BYTES_MAX = 1024 };

/* What an element turned out to be. */
enum ie_verdict {
	IE_VALID,
	IE_ABSENT, /* as if it were not there */
	IE_INVALID,
};

static uint32_t number_of(struct tg_span data)
{
	uint32_t value = 0;

	for (size_t i = 0; i < data.len; i++) {
		value = value << 8 | data.p[i];
	}
	return value;
}

static enum ie_verdict store(void *field, const void *value, size_t size)
{
	memcpy(field, value, size);
	return IE_VALID;
}

static enum ie_verdict store_u16(void *field, uint32_t number)
{
	const uint16_t value = (uint16_t)number;

	return store(field, &value, sizeof(value));
}

static enum ie_verdict store_mask(void *field, struct tg_span data)
{
	struct tg_reader r = tg_reader_of(data);
	const uint8_t version = tg_take_u8(&r);
	const uint64_t mask = tg_take_u64(&r);

	return version == 0 ? store(field, &mask, sizeof(mask)) : IE_ABSENT;
}

/* The field holds the sender's own socket address, so the family stands in its byte order and by its numbers. */
static bool family_plausible(uint16_t family, bool ipv6)
{
	static const uint8_t numbers[2][5] = { { 2, 2, 2, 2, 2 }, { 10, 28, 30, 23, 24 } };

	for (size_t i = 0; i < TG_COUNT(numbers[0]); i++) {
		if (family >> 8 == numbers[ipv6][i] || (family & 0xff) == numbers[ipv6][i]) {
			return true;
		}
	}
	return false;
}

static enum ie_verdict store_addr(void *field, struct tg_span data)
{
	struct tg_reader r = tg_reader_of(data);
	const bool ipv6 = data.len == 28;
	const uint16_t family = tg_take_u16(&r);
	const uint16_t port = tg_take_u16(&r);

	if (!family_plausible(family, ipv6)) {
		return IE_INVALID;
	}
	if (ipv6) {
		(void)tg_take_u32(&r); /* flow info */
	}
	const struct tg_span ip = tg_take_span(&r, ipv6 ? 16 : 4);
	const struct tg_addr addr = ipv6 ? tg_addr_ipv6(ip.p, port) : tg_addr_ipv4(ip.p, port);

	return store(field, &addr, sizeof(addr));
}

static enum ie_verdict store_callno(void *field, uint32_t number)
{
	return number != IAX_CALLNO_NONE && number <= IAX_CALLNO_MAX ? store_u16(field, number) : IE_INVALID;
}

static enum ie_verdict store_datetime(void *field, uint32_t wire)
{
	struct iax_datetime ignored;

	return iax_datetime_decode(&ignored, wire) ? store(field, &wire, sizeof(wire)) : IE_INVALID;
}

/* Empty text is as good as none, but it keeps its place: a second occurrence is still a repetition. */
static enum ie_verdict store_span(void *field, struct tg_span data)
{
	return data.len > 0 ? store(field, &data, sizeof(data)) : IE_ABSENT;
}

static enum ie_verdict store_text(void *field, struct tg_span data)
{
	return tg_utf8_is_plain(data) ? store_span(field, data) : IE_INVALID;
}

static enum ie_verdict store_osp(struct iax_ies *out, struct tg_span data)
{
	if (data.p[0] > IE_OSP_INDEX_MAX) {
		return IE_INVALID;
	}
	out->has |= ie_bit(IAX_IE_OSPTOKEN);
	if (out->osp_token.len == 0) {
		out->osp_token = data;
	}
	return IE_ABSENT; /* its bit is set here, since it may come under VARIABLE's number */
}

static bool variable_fits(const struct iax_ies *out, size_t len)
{
	size_t total = len;

	for (size_t i = 0; i < out->variable_count; i++) {
		total += out->variables[i].name.len + out->variables[i].value.len + 1;
	}
	return out->variable_count < IAX_VARIABLES_MAX && total <= VARIABLES_BYTES_MAX;
}

static size_t length_before_equals(struct tg_span data)
{
	size_t len = 0;

	while (len < data.len && data.p[len] != '=') {
		len++;
	}
	return len;
}

static enum ie_verdict store_variable(struct iax_ies *out, struct tg_span data)
{
	const size_t name_len = length_before_equals(data);

	if (data.len == 0) {
		return IE_ABSENT;
	}
	/* RFC 5456 gives this number to OSPTOKEN; everybody else uses it for variables. */
	if (name_len == data.len) {
		return data.p[0] <= IE_OSP_INDEX_MAX ? store_osp(out, data) : IE_INVALID;
	}
	struct tg_reader r = tg_reader_of(data);
	const struct tg_span name = tg_take_span(&r, name_len);

	(void)tg_take_u8(&r);
	if (name.len == 0 || !tg_utf8_is_plain(name) || !variable_fits(out, data.len)) {
		return IE_INVALID;
	}
	out->variables[out->variable_count++] = (struct iax_variable){ name, tg_take_rest(&r) };
	return IE_VALID;
}

static enum ie_verdict store_element(struct iax_ies *out, const struct ie_rule *rule, struct tg_span data)
{
	void *field = (uint8_t *)out + rule->offset;
	uint32_t number = 0;

	if (!ie_length_allowed(rule, data.len)) {
		return IE_INVALID;
	}
	if (data.len <= sizeof(number)) {
		number = number_of(data);
	}
	switch ((enum ie_kind)rule->kind) {
	case IE_FLAG:
		return IE_VALID;
	case IE_U8:
		*(uint8_t *)field = (uint8_t)number;
		return IE_VALID;
	case IE_U16:
		return store_u16(field, number);
	case IE_U32:
		return store(field, &number, sizeof(number));
	case IE_MASK:
		return store_mask(field, data);
	case IE_ADDR:
		return store_addr(field, data);
	case IE_CALLNO:
		return store_callno(field, number);
	case IE_DATETIME:
		return store_datetime(field, number);
	case IE_TEXT:
		return store_text(field, data);
	case IE_BYTES:
		return store_span(field, data);
	case IE_OPAQUE:
		return store(field, &data, sizeof(data));
	case IE_VARIABLE:
		return store_variable(out, data);
	case IE_OSPTOKEN:
		return store_osp(out, data);
	case IE_UNKNOWN:
		break;
	}
	return IE_ABSENT;
}

bool iax_ies_next(struct tg_reader *r, uint8_t *id, struct tg_span *data)
{
	if (r->left.len == 0) {
		return false;
	}
	/* Two steps an element: this loop is most of what a stranger's packet costs. */
	const struct tg_span head = tg_take_span(r, 2);

	if (head.len == 0) {
		return false;
	}
	*id = head.p[0];
	*data = tg_take_span(r, head.p[1]);
	return !r->failed;
}

static bool is_repeatable(uint8_t id)
{
	return id == IAX_IE_VARIABLE || id == IAX_IE_OSPTOKEN;
}

static void decode_one(struct iax_ies *out, uint64_t *seen, uint8_t id, struct tg_span data)
{
	const uint64_t bit = ie_bit(id);

	if (!is_repeatable(id) && (*seen & bit) != 0) {
		out->twice |= bit;
		return;
	}
	*seen |= bit;
	const enum ie_verdict verdict = store_element(out, &ie_rules[id], data);

	out->has |= verdict == IE_VALID ? bit : 0;
	out->invalid |= verdict == IE_INVALID ? bit : 0;
}

enum iax_err iax_ies_decode(struct iax_ies *out, struct tg_span bytes)
{
	struct tg_reader r = tg_reader_of(bytes);
	struct tg_span data;
	uint64_t seen = 0;
	unsigned count = 0;
	uint8_t id;

	*out = (struct iax_ies){ 0 };
	while (iax_ies_next(&r, &id, &data)) {
		if (++count > IAX_IES_MAX) {
			return IAX_ERR_TOO_MANY;
		}
		decode_one(out, &seen, id, data);
	}
	return tg_reader_ok(&r) ? IAX_OK : IAX_ERR_TRUNCATED;
}

bool iax_ies_is_sound(const struct iax_ies *ies)
{
	static const uint64_t idle = UINT64_C(1) << IAX_IE_DATETIME | UINT64_C(1) << IAX_IE_OSPTOKEN |
	                             UINT64_C(1) << IAX_IE_SAMPLINGRATE;

	return ies->twice == 0 && (ies->invalid & ~idle) == 0;
}

uint64_t iax_ies_capability(const struct iax_ies *ies)
{
	if (iax_ies_has(ies, IAX_IE_CAPABILITY2)) {
		return ies->capability2;
	}
	return iax_ies_has(ies, IAX_IE_CAPABILITY) ? ies->capability : iax_ies_format(ies);
}

uint64_t iax_ies_format(const struct iax_ies *ies)
{
	return iax_ies_has(ies, IAX_IE_FORMAT2) ? ies->format2 : ies->format;
}
