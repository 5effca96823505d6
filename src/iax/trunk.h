/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_TRUNK_H
#define TG_IAX_TRUNK_H

#include "iax/frame.h"

/** One call's voice within a trunk frame (RFC 5456, section 8.1.3.2). */
struct iax_trunk_entry {
	uint16_t source;    /* call number; may be 0 or unknown: then the entry is for nobody */
	uint16_t ts_low_ms; /* low 16 bits of the call's own timestamp; 0 if the trunk is not stamped */
	struct tg_span payload;
};

/** A walk over the entries of one trunk frame. */
struct iax_trunk_walk {
	struct tg_reader r;
	bool stamped;
};

/** @param frame  of class IAX_CLASS_META_TRUNK; its bytes must stay until the walk is over */
struct iax_trunk_walk iax_trunk_walk_of(const struct iax_frame *frame);

/**
 * The next entry. Each one is at least its header long, so a walk ends. What does not fit ends the walk; the entries
 * given before stay valid.
 *
 * @return false after the last
 */
bool iax_trunk_next(struct iax_trunk_walk *walk, struct iax_trunk_entry *out);

/** Asked after the walk: the datagram ended inside an entry. */
bool iax_trunk_is_cut(const struct iax_trunk_walk *walk);

/**
 * Put one entry behind a trunk header (iax_frame_put_header() with an empty payload), or behind another entry. Nothing is
 * written unless all of it fits, so a full trunk frame can still be sent.
 *
 * @return IAX_OK, IAX_ERR_NOT_SENDABLE for a number that is none, IAX_ERR_TOO_LONG
 */
TG_MUST_USE enum iax_err iax_trunk_put_entry(struct tg_writer *w, bool stamped, const struct iax_trunk_entry *entry);

#endif
