/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/datetime.h"
#include "iax/ies_rules.h"

#include <string.h>

/* VERSION first and CALLTOKEN last are rules; between them, as other implementations do. */
static const uint8_t ie_order[] = {
	IAX_IE_VERSION,        IAX_IE_CALLED_NUMBER,   IAX_IE_AUTHMETHODS, IAX_IE_CHALLENGE,    IAX_IE_CODEC_PREFS,
	IAX_IE_CALLING_NUMBER, IAX_IE_CALLINGPRES,     IAX_IE_CALLINGTON,  IAX_IE_CALLINGTNS,   IAX_IE_CALLINGANI2,
	IAX_IE_CALLING_ANI,    IAX_IE_CALLING_NAME,    IAX_IE_LANGUAGE,    IAX_IE_DNID,         IAX_IE_RDNIS,
	IAX_IE_CALLED_CONTEXT, IAX_IE_USERNAME,        IAX_IE_PASSWORD,    IAX_IE_ENCRYPTION,   IAX_IE_ENCKEY,
	IAX_IE_FORMAT,         IAX_IE_FORMAT2,         IAX_IE_CAPABILITY,  IAX_IE_CAPABILITY2,  IAX_IE_ADSICPE,
	IAX_IE_SAMPLINGRATE,   IAX_IE_DATETIME,        IAX_IE_DPSTATUS,    IAX_IE_REFRESH,      IAX_IE_MD5_RESULT,
	IAX_IE_RSA_RESULT,     IAX_IE_APPARENT_ADDR,   IAX_IE_CALLNO,      IAX_IE_TRANSFERID,   IAX_IE_MSGCOUNT,
	IAX_IE_FIRMWAREVER,    IAX_IE_AUTOANSWER,      IAX_IE_MUSICONHOLD, IAX_IE_CAUSE,        IAX_IE_CAUSECODE,
	IAX_IE_IAX_UNKNOWN,    IAX_IE_RR_JITTER,       IAX_IE_RR_LOSS,     IAX_IE_RR_PKTS,      IAX_IE_RR_DELAY,
	IAX_IE_RR_DROPPED,     IAX_IE_RR_OOO,          IAX_IE_DEVICETYPE,  IAX_IE_SERVICEIDENT, IAX_IE_PROVVER,
	IAX_IE_PROVISIONING,   IAX_IE_AESPROVISIONING, IAX_IE_FWBLOCKDESC, IAX_IE_FWBLOCKDATA,  IAX_IE_VARIABLE,
	IAX_IE_OSPTOKEN,       IAX_IE_CALLTOKEN,
};
static_assert(TG_COUNT(ie_order) == IAX_IE_CALLINGANI2, "each element that `has` can name stands here once");

static void put_head(struct tg_writer *w, uint8_t id, size_t len)
{
	tg_put_u8(w, id);
	tg_put_u8(w, (uint8_t)len);
}

static void put_addr(struct tg_writer *w, struct tg_addr addr)
{
	static const uint8_t zeros[8];
	const bool ipv6 = addr.family == TG_IPV6;
	const size_t ip_len = ipv6 ? 16 : 4;

	put_head(w, IAX_IE_APPARENT_ADDR, ipv6 ? 28 : 16);
	tg_put_u16(w, ipv6 ? 0x0a00 : 0x0200); /* as Linux on a little-endian machine has it in memory */
	tg_put_u16(w, addr.port);
	if (ipv6) {
		tg_put_u32(w, 0); /* flow info */
	}
	tg_put_span(w, (struct tg_span){ addr.ip + sizeof(addr.ip) - ip_len, ip_len });
	tg_put_span(w, (struct tg_span){ zeros, ipv6 ? 4 : 8 }); /* scope, or the tail of the structure */
}

static enum iax_err put_variables(struct tg_writer *w, const struct iax_ies *ies)
{
	for (size_t i = 0; i < ies->variable_count; i++) {
		const struct iax_variable *variable = &ies->variables[i];
		const size_t len = variable->name.len + 1 + variable->value.len;

		if (variable->name.len == 0 || len > UINT8_MAX || !tg_utf8_is_plain(variable->name) ||
		    memchr(variable->name.p, '=', variable->name.len) != NULL) {
			return IAX_ERR_NOT_SENDABLE;
		}
		put_head(w, IAX_IE_VARIABLE, len);
		tg_put_span(w, variable->name);
		tg_put_u8(w, '=');
		tg_put_span(w, variable->value);
	}
	return IAX_OK;
}

/* True if decoding would give back what the field holds. */
static bool span_sendable(const struct ie_rule *rule, struct tg_span data)
{
	if (!ie_length_allowed(rule, data.len) || (data.len == 0 && rule->kind != IE_OPAQUE)) {
		return false;
	}
	if (rule->kind == IE_OSPTOKEN) {
		return data.p[0] <= IE_OSP_INDEX_MAX;
	}
	return rule->kind != IE_TEXT || tg_utf8_is_plain(data);
}

static enum iax_err put_span(struct tg_writer *w, uint8_t id, const struct ie_rule *rule, const void *field)
{
	struct tg_span data;

	memcpy(&data, field, sizeof(data));
	if (!span_sendable(rule, data)) {
		return IAX_ERR_NOT_SENDABLE;
	}
	put_head(w, id, data.len);
	tg_put_span(w, data);
	return IAX_OK;
}

static enum iax_err put_u16(struct tg_writer *w, uint8_t id, const void *field, bool is_callno)
{
	uint16_t value;

	memcpy(&value, field, sizeof(value));
	if (is_callno && (value == IAX_CALLNO_NONE || value > IAX_CALLNO_MAX)) {
		return IAX_ERR_NOT_SENDABLE;
	}
	put_head(w, id, sizeof(value));
	tg_put_u16(w, value);
	return IAX_OK;
}

static enum iax_err put_u32(struct tg_writer *w, uint8_t id, const void *field, bool is_datetime)
{
	struct iax_datetime ignored;
	uint32_t value;

	memcpy(&value, field, sizeof(value));
	if (is_datetime && !iax_datetime_decode(&ignored, value)) {
		return IAX_ERR_NOT_SENDABLE;
	}
	put_head(w, id, sizeof(value));
	tg_put_u32(w, value);
	return IAX_OK;
}

static enum iax_err put_mask(struct tg_writer *w, uint8_t id, const void *field)
{
	uint64_t mask;

	memcpy(&mask, field, sizeof(mask));
	put_head(w, id, 1 + sizeof(mask));
	tg_put_u8(w, 0);
	tg_put_u64(w, mask);
	return IAX_OK;
}

static enum iax_err put_element(struct tg_writer *w, const struct iax_ies *ies, uint8_t id)
{
	const struct ie_rule *rule = &ie_rules[id];
	const void *field = (const uint8_t *)ies + rule->offset;

	switch ((enum ie_kind)rule->kind) {
	case IE_FLAG:
		put_head(w, id, 0);
		return IAX_OK;
	case IE_U8:
		put_head(w, id, 1);
		tg_put_u8(w, *(const uint8_t *)field);
		return IAX_OK;
	case IE_U16:
	case IE_CALLNO:
		return put_u16(w, id, field, rule->kind == IE_CALLNO);
	case IE_U32:
	case IE_DATETIME:
		return put_u32(w, id, field, rule->kind == IE_DATETIME);
	case IE_MASK:
		return put_mask(w, id, field);
	case IE_ADDR:
		if (ies->apparent_addr.family == TG_NO_ADDR) {
			return IAX_ERR_NOT_SENDABLE;
		}
		put_addr(w, ies->apparent_addr);
		return IAX_OK;
	case IE_TEXT:
	case IE_BYTES:
	case IE_OPAQUE:
	case IE_OSPTOKEN:
		return put_span(w, id, rule, field);
	case IE_VARIABLE:
		return put_variables(w, ies);
	case IE_UNKNOWN:
		break;
	}
	return IAX_ERR_NOT_SENDABLE;
}

enum iax_err iax_ies_encode(const struct iax_ies *ies, struct tg_writer *w)
{
	const size_t start = w->len;
	uint64_t put = 0;

	for (size_t i = 0; i < TG_COUNT(ie_order); i++) {
		if (!iax_ies_has(ies, ie_order[i])) {
			continue;
		}
		const enum iax_err err = put_element(w, ies, ie_order[i]);

		if (err != IAX_OK) {
			return err;
		}
		put |= ie_bit(ie_order[i]);
	}
	if (put != ies->has) {
		return IAX_ERR_NOT_SENDABLE;
	}
	return tg_writer_ok(w) && w->len - start <= IAX_IES_SENT_MAX ? IAX_OK : IAX_ERR_TOO_LONG;
}
