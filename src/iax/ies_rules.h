/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_IES_RULES_H
#define TG_IAX_IES_RULES_H

#include "iax/ies.h"

/* What the decoder and the encoder of elements share; not for others. */

enum ie_kind {
	IE_UNKNOWN,
	/* fixed lengths */
	IE_FLAG,
	IE_U8,
	IE_U16,
	IE_U32,
	IE_MASK, /* a version octet, which must be 0, and 64 bits */
	IE_ADDR,
	IE_CALLNO, /* 1..32767 */
	IE_DATETIME,
	/* ranges of lengths */
	IE_TEXT,   /* UTF-8 without control characters; empty is absent */
	IE_BYTES,  /* anything; empty is absent */
	IE_OPAQUE, /* anything; empty has a meaning of its own */
	IE_VARIABLE,
	IE_OSPTOKEN, /* a block index 0..3 in front */
};

/** One row: bounds on the data length in octets, and where struct iax_ies keeps the data. */
struct ie_rule {
	uint8_t kind, min, max; /* of a fixed length, min and max are the only two: some elements exist in two sizes */
	uint16_t offset;
};

enum { IE_OSP_INDEX_MAX = 3 };

/** Row of each element; kind IE_UNKNOWN for those without a name. */
extern const struct ie_rule ie_rules[UINT8_MAX + 1];

/** To be asked before the data is looked at. */
bool ie_length_allowed(const struct ie_rule *rule, size_t len);

/** The element's bit in has, invalid and twice; 0 for elements from 64 on, which are never told. */
uint64_t ie_bit(uint8_t id);

#endif
