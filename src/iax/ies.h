/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_IES_H
#define TG_IAX_IES_H

#include "base/addr.h"
#include "base/bytes.h"
#include "iax/err.h"
#include "iax/wire.h"

enum { IAX_VARIABLES_MAX = 16, IAX_IES_MAX = 48 };

/** One VARIABLE element (`name=value`), both views into the frame. */
struct iax_variable {
	struct tg_span name;
	struct tg_span value;
};

/**
 * All information elements of one frame (RFC 5456, section 8.6), decoded. Texts are views into the frame. An element
 * that is absent has its bit in `has` clear and its field zero.
 */
struct iax_ies {
	uint64_t has; /* bit n: element n was there and valid (n < 64) */
	uint64_t
		invalid; /* bit n: element n was there with a length or content that is not allowed; its field is zero */
	uint64_t twice;  /* bit n: element n came again; the first one counts */

	struct tg_span called_number, calling_number, calling_ani, calling_name, called_context, username, password;
	struct tg_span language, dnid, challenge, md5_result, rsa_result, cause, rdnis, provisioning, aes_provisioning;
	struct tg_span device_type, service_ident, fw_block_data, enc_key, codec_prefs, music_on_hold, call_token;
	struct tg_span osp_token; /* the first block, with its index octet */
	struct tg_addr apparent_addr;
	uint64_t capability2, format2;
	uint32_t capability, format, date_time, fw_block_desc, prov_ver, transfer_id, calling_ani2, data_format;
	uint32_t rr_jitter, rr_loss, rr_pkts, rr_dropped, rr_ooo, sampling_rate;
	uint16_t version, adsicpe, auth_methods, refresh, dp_status, call_no, msg_count, firmware_ver, calling_tns;
	uint16_t rr_delay, encryption;
	uint8_t iax_unknown, calling_pres, calling_ton, cause_code;
	uint8_t variable_count;
	/* In the order of the frame; a name that comes again continues the value. Of more than IAX_VARIABLES_MAX, or more
	   than 1 KiB, the rest is left out and `invalid` is set. */
	struct iax_variable variables[IAX_VARIABLES_MAX];
};

static inline bool iax_ies_has(const struct iax_ies *ies, unsigned element)
{
	return element < 64 && (ies->has >> element & 1) != 0;
}

/**
 * Take the next element, whatever it is, from a reader over a frame's elements: the one place that knows how they are
 * cut, so that whoever only looks for some of them sees the same ones.
 *
 * @return false at the end; then tg_reader_ok() tells whether the end came where it should
 */
bool iax_ies_next(struct tg_reader *r, uint8_t *id, struct tg_span *data);

/**
 * Decode the elements of one frame. Unknown elements are skipped; empty texts count as absent, except CALLTOKEN and
 * MUSICONHOLD, and FWBLOCKDATA, whose emptiness says something.
 *
 * @return IAX_OK; IAX_ERR_TRUNCATED if a length runs over the end or one octet is left: then the frame is undecodable;
 *         IAX_ERR_TOO_MANY for more than IAX_IES_MAX elements. Invalid and repeated elements do not fail: look at
 *         `invalid` and `twice`, since what they mean depends on the message (protocol reference, 4.1)
 */
TG_MUST_USE enum iax_err iax_ies_decode(struct iax_ies *out, struct tg_span bytes);

/**
 * True if an opening frame, or one with credentials, may be worked on: nothing invalid and nothing repeated. An invalid
 * DATETIME, OSPTOKEN or SAMPLINGRATE does not count, since nothing is done with them (protocol reference, 4.1 and 8.8).
 */
bool iax_ies_is_sound(const struct iax_ies *ies);

/**
 * Encode all elements that `has` names: VERSION first, CALLTOKEN last, the others in an order that fits every message.
 *
 * @return IAX_OK; IAX_ERR_NOT_SENDABLE if a field could not be decoded back to what it is (an empty or unclean text, a
 *         digest of the wrong length, call number 0, an unknown element); IAX_ERR_TOO_LONG. After an error the
 *         writer's content is to be thrown away
 */
TG_MUST_USE enum iax_err iax_ies_encode(const struct iax_ies *ies, struct tg_writer *w);

/** The effective 64-bit offer (3.6 step 2): CAPABILITY2, else CAPABILITY, else FORMAT2, else FORMAT; 0 for none. */
uint64_t iax_ies_capability(const struct iax_ies *ies);

/** FORMAT2 if present, else FORMAT; 0 for none. */
uint64_t iax_ies_format(const struct iax_ies *ies);

/** The wire name of an element, such as "CALLED_NUMBER"; NULL for an unknown one. */
const char *iax_ie_name(uint8_t element);

#endif
