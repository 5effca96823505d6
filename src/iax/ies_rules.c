/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/ies_rules.h"

#define FIELD(name) offsetof(struct iax_ies, name)

/* RFC 5456, section 8.6, corrected by practice. */
const struct ie_rule ie_rules[UINT8_MAX + 1] = {
	[IAX_IE_CALLED_NUMBER] = { IE_TEXT, 0, 255, FIELD(called_number) },
	[IAX_IE_CALLING_NUMBER] = { IE_TEXT, 0, 255, FIELD(calling_number) },
	[IAX_IE_CALLING_ANI] = { IE_TEXT, 0, 255, FIELD(calling_ani) },
	[IAX_IE_CALLING_NAME] = { IE_TEXT, 0, 255, FIELD(calling_name) },
	[IAX_IE_CALLED_CONTEXT] = { IE_TEXT, 0, 255, FIELD(called_context) },
	[IAX_IE_USERNAME] = { IE_TEXT, 0, 255, FIELD(username) },
	[IAX_IE_PASSWORD] = { IE_BYTES, 0, 255, FIELD(password) },
	[IAX_IE_CAPABILITY] = { IE_U32, 4, 4, FIELD(capability) },
	[IAX_IE_FORMAT] = { IE_U32, 4, 4, FIELD(format) },
	[IAX_IE_LANGUAGE] = { IE_TEXT, 0, 255, FIELD(language) },
	[IAX_IE_VERSION] = { IE_U16, 2, 2, FIELD(version) },
	[IAX_IE_ADSICPE] = { IE_U16, 2, 2, FIELD(adsicpe) },
	[IAX_IE_DNID] = { IE_TEXT, 0, 255, FIELD(dnid) },
	[IAX_IE_AUTHMETHODS] = { IE_U16, 2, 2, FIELD(auth_methods) },
	[IAX_IE_CHALLENGE] = { IE_BYTES, 0, 255, FIELD(challenge) },
	[IAX_IE_MD5_RESULT] = { IE_BYTES, IAX_MD5_DIGITS, IAX_MD5_DIGITS, FIELD(md5_result) },
	[IAX_IE_RSA_RESULT] = { IE_BYTES, 0, 255, FIELD(rsa_result) },
	[IAX_IE_APPARENT_ADDR] = { IE_ADDR, 16, 28, FIELD(apparent_addr) },
	[IAX_IE_REFRESH] = { IE_U16, 2, 2, FIELD(refresh) },
	[IAX_IE_DPSTATUS] = { IE_U16, 2, 2, FIELD(dp_status) },
	[IAX_IE_CALLNO] = { IE_CALLNO, 2, 2, FIELD(call_no) },
	[IAX_IE_CAUSE] = { IE_BYTES, 0, 255, FIELD(cause) },
	[IAX_IE_IAX_UNKNOWN] = { IE_U8, 1, 1, FIELD(iax_unknown) },
	[IAX_IE_MSGCOUNT] = { IE_U16, 2, 2, FIELD(msg_count) },
	[IAX_IE_AUTOANSWER] = { IE_FLAG, 0, 0, 0 },
	[IAX_IE_MUSICONHOLD] = { IE_OPAQUE, 0, 255, FIELD(music_on_hold) },
	[IAX_IE_TRANSFERID] = { IE_U32, 4, 4, FIELD(transfer_id) },
	[IAX_IE_RDNIS] = { IE_TEXT, 0, 255, FIELD(rdnis) },
	[IAX_IE_PROVISIONING] = { IE_BYTES, 0, 255, FIELD(provisioning) },
	[IAX_IE_AESPROVISIONING] = { IE_BYTES, 0, 255, FIELD(aes_provisioning) },
	[IAX_IE_DATETIME] = { IE_DATETIME, 4, 4, FIELD(date_time) },
	[IAX_IE_DEVICETYPE] = { IE_TEXT, 0, 255, FIELD(device_type) },
	[IAX_IE_SERVICEIDENT] = { IE_BYTES, 0, 255, FIELD(service_ident) },
	[IAX_IE_FIRMWAREVER] = { IE_U16, 2, 2, FIELD(firmware_ver) },
	[IAX_IE_FWBLOCKDESC] = { IE_U32, 4, 4, FIELD(fw_block_desc) },
	[IAX_IE_FWBLOCKDATA] = { IE_OPAQUE, 0, 255, FIELD(fw_block_data) },
	[IAX_IE_PROVVER] = { IE_U32, 4, 4, FIELD(prov_ver) },
	[IAX_IE_CALLINGPRES] = { IE_U8, 1, 1, FIELD(calling_pres) },
	[IAX_IE_CALLINGTON] = { IE_U8, 1, 1, FIELD(calling_ton) },
	[IAX_IE_CALLINGTNS] = { IE_U16, 2, 2, FIELD(calling_tns) },
	[IAX_IE_SAMPLINGRATE] = { IE_U32, 2, 4, FIELD(sampling_rate) },
	[IAX_IE_CAUSECODE] = { IE_U8, 1, 1, FIELD(cause_code) },
	[IAX_IE_ENCRYPTION] = { IE_U16, 1, 2, FIELD(encryption) },
	[IAX_IE_ENCKEY] = { IE_BYTES, 0, 255, FIELD(enc_key) },
	[IAX_IE_CODEC_PREFS] = { IE_BYTES, 0, IAX_CODEC_PREFS_MAX, FIELD(codec_prefs) },
	[IAX_IE_RR_JITTER] = { IE_U32, 4, 4, FIELD(rr_jitter) },
	[IAX_IE_RR_LOSS] = { IE_U32, 4, 4, FIELD(rr_loss) },
	[IAX_IE_RR_PKTS] = { IE_U32, 4, 4, FIELD(rr_pkts) },
	[IAX_IE_RR_DELAY] = { IE_U16, 2, 2, FIELD(rr_delay) },
	[IAX_IE_RR_DROPPED] = { IE_U32, 4, 4, FIELD(rr_dropped) },
	[IAX_IE_RR_OOO] = { IE_U32, 4, 4, FIELD(rr_ooo) },
	[IAX_IE_VARIABLE] = { IE_VARIABLE, 0, 255, FIELD(variables) },
	[IAX_IE_OSPTOKEN] = { IE_OSPTOKEN, 1, 255, FIELD(osp_token) },
	[IAX_IE_CALLTOKEN] = { IE_OPAQUE, 0, 255, FIELD(call_token) },
	[IAX_IE_CAPABILITY2] = { IE_MASK, 9, 9, FIELD(capability2) },
	[IAX_IE_FORMAT2] = { IE_MASK, 9, 9, FIELD(format2) },
	[IAX_IE_CALLINGANI2] = { IE_U32, 4, 4, FIELD(calling_ani2) },
	[IAX_IE_DATAFORMAT] = { IE_U32, 4, 4, FIELD(data_format) },
};

bool ie_length_allowed(const struct ie_rule *rule, size_t len)
{
	return rule->kind < IE_TEXT ? len == rule->min || len == rule->max : len >= rule->min && len <= rule->max;
}

uint64_t ie_bit(uint8_t id)
{
	return id < 64 ? UINT64_C(1) << id : 0;
}
