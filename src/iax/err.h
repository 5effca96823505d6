/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_ERR_H
#define TG_IAX_ERR_H

#include "base/tg.h"

/** Every way the library refuses. The text is for logs and tests. */
#define IAX_ERRORS(X)                                                           \
	X(IAX_OK, "ok")                                                         \
	X(IAX_ERR_TRUNCATED, "the frame ends inside a field")                   \
	X(IAX_ERR_SHORT, "shorter than its header")                             \
	X(IAX_ERR_BAD_META, "a meta frame of a reserved kind")                  \
	X(IAX_ERR_BAD_ELEMENT, "an element of impossible length or content")    \
	X(IAX_ERR_DUPLICATE, "an element that may stand once stands twice")     \
	X(IAX_ERR_TOO_MANY, "more elements than allowed")                       \
	X(IAX_ERR_NOT_SENDABLE, "cannot be written in this field")              \
	X(IAX_ERR_TOO_LONG, "does not fit in one datagram")                     \
	X(IAX_ERR_NO_LEG, "belongs to no leg")                                  \
	X(IAX_ERR_SOURCE_ZERO, "source call number 0")                          \
	X(IAX_ERR_NOT_OPENING, "does not open a dialog")                        \
	X(IAX_ERR_NO_TOKEN, "call token missing but required")                  \
	X(IAX_ERR_BAD_TOKEN, "call token wrong or expired")                     \
	X(IAX_ERR_SHORT_REQUEST, "shorter than the answer it would cause")      \
	X(IAX_ERR_STEALTH, "a stranger at a listener that is silent to them")   \
	X(IAX_ERR_ANSWERED, "answered without state")                           \
	X(IAX_ERR_TOMBSTONE, "late frame of an ended leg")                      \
	X(IAX_ERR_SEEN, "already received")                                     \
	X(IAX_ERR_GAP, "an earlier frame is missing")                           \
	X(IAX_ERR_MISMATCH, "would end a dialog that it does not fit")          \
	X(IAX_ERR_UNEXPECTED, "not allowed in this state")                      \
	X(IAX_ERR_NO_FORMAT, "media before its codec was named")                \
	X(IAX_ERR_BAD_FORMAT, "not exactly one known format")                   \
	X(IAX_ERR_STALE_MEDIA, "media far from its time")                       \
	X(IAX_ERR_HOST_NUMBERS, "call number limit of its address")             \
	X(IAX_ERR_UNPROVEN_NUMBERS, "call number limit of those without token") \
	X(IAX_ERR_LIMITED, "over a limit of its own leg")                       \
	X(IAX_ERR_NO_ROOM, "a configured limit is reached")

#define X(name, text) name,
enum iax_err { IAX_ERRORS(X) IAX_ERR_COUNT };
#undef X

const char *iax_err_text(enum iax_err err);

/** What is known of the sender of an opening frame. */
enum iax_proof {
	IAX_UNPROVEN, /* excused from a token by policy */
	IAX_PROVEN,   /* a valid call token came from exactly this address and port */
};

#endif
