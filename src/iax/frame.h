/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_FRAME_H
#define TG_IAX_FRAME_H

#include "base/bytes.h"
#include "iax/err.h"
#include "iax/wire.h"

/** What a datagram is (RFC 5456, section 8.1). Only a full frame is ever acknowledged or carries elements. */
enum iax_class {
	IAX_CLASS_FULL,
	IAX_CLASS_MINI,
	IAX_CLASS_META_VIDEO,
	IAX_CLASS_META_TRUNK,
};

/** One datagram's header, decoded, and what follows it. Fields that its class does not have are zero. */
struct iax_frame {
	enum iax_class class;
	uint16_t source;      /* call number, 15 bits; a trunk frame has none */
	uint16_t destination; /* full: call number, 15 bits */
	uint32_t ts_ms; /* full: 32 bits; mini: the low 16; meta video: the low 15; trunk: the trunk's own clock */
	uint8_t oseqno, iseqno; /* full */
	uint8_t type;           /* full: enum iax_frame_type, or any other octet */
	uint8_t subclass_byte;  /* full: octet 11 as it came; not used to encode */
	uint64_t subclass;      /* full: VOICE, VIDEO and IMAGE: a mask of formats, 0 for none that can be known;
	                          other types: octet 11 itself, never taken for a power of two */
	bool retry;             /* full: R. For statistics only: duplicates are found by sequence number */
	bool marker;            /* VIDEO and meta video: last packet of a picture */
	bool stamped;           /* trunk: entries carry timestamps */
	struct tg_span payload; /* after the header: elements, media or trunk entries; a view into the datagram */
};

/**
 * Classify a datagram and decode its header.
 *
 * @return IAX_OK; IAX_ERR_SHORT if it is shorter than its class's header; IAX_ERR_BAD_META for a meta command other than
 *         trunk, or a trunk frame with unknown flags. All are dropped without an answer
 */
TG_MUST_USE enum iax_err iax_frame_decode(struct iax_frame *out, struct tg_span bytes);

/**
 * What a datagram is at first sight: an opening, another full frame, any other. Who has several sockets for a port tells them apart
 * by that, so datagrams of different kinds must not be sent as one.
 */
unsigned iax_frame_kind(struct tg_span bytes);
enum { IAX_KIND_OTHER, IAX_KIND_OPENING, IAX_KIND_FULL };

/**
 * Put the header alone, so that elements or media can be put behind it.
 *
 * @return IAX_OK; IAX_ERR_NOT_SENDABLE for a value that its field cannot hold (a call number over 15 bits, number 0
 *         in a mini frame, a subclass of two formats over 0x7f); IAX_ERR_TOO_LONG
 */
TG_MUST_USE enum iax_err iax_frame_put_header(const struct iax_frame *frame, struct tg_writer *w);

/** The header and the payload. Errors as above. */
TG_MUST_USE enum iax_err iax_frame_encode(const struct iax_frame *frame, struct tg_writer *w);

/**
 * Octet 11 for a subclass (RFC 5456, section 8.1.1): media types compress formats over 0x7f to a power of two.
 *
 * @return false if it cannot be written
 */
TG_MUST_USE bool iax_subclass_encode(uint8_t *octet, uint8_t type, uint64_t subclass, bool marker);

/** The subclass behind octet 11, and the marker for VIDEO. Exponents of 63 and of unused bits give 0: no format. */
uint64_t iax_subclass_decode(uint8_t octet, uint8_t type, bool *marker);

/** True for the messages that take no sequence number: ACK, INVAL, TXCNT, TXACC and VNAK (RFC 5456, section 7). */
bool iax_frame_is_unnumbered(const struct iax_frame *frame);

#endif
