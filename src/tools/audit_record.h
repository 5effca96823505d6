/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_AUDIT_RECORD_H
#define TG_TOOLS_AUDIT_RECORD_H

#include "base/addr.h"
#include "iax/frame.h"
#include "iax/ies.h"

/**
 * What was asked of a host and what came back, byte for byte. Everything in it that came from the host is hostile: it is
 * only looked at through the codec, and printed masked.
 */

/** (enumerator, name) of what can be asked. */
#define TOOL_AUDIT_PROBES(X)                                           \
	X(AUDIT_POKE, "POKE")                                          \
	X(AUDIT_POKE_ZERO, "POKE from call number 0")                  \
	X(AUDIT_CALL_BARE, "NEW of 12 octets")                         \
	X(AUDIT_REG_BARE, "REGREQ of 12 octets")                       \
	X(AUDIT_CALL_SHORT, "NEW of 14 octets")                        \
	X(AUDIT_REG_SHORT, "REGREQ of 14 octets")                      \
	X(AUDIT_CALL_NO_TOKEN, "NEW without a token")                  \
	X(AUDIT_REG_NO_TOKEN, "REGREQ without a token")                \
	X(AUDIT_CALL_EMPTY, "NEW with an empty token")                 \
	X(AUDIT_REG_EMPTY, "REGREQ with an empty token")               \
	X(AUDIT_CALL_FORGED, "NEW with a forged token")                \
	X(AUDIT_REG_FORGED, "REGREQ with a forged token")              \
	X(AUDIT_CALL_OTHER_PORT, "NEW with the token of another port") \
	X(AUDIT_CALL_OLD_TOKEN, "NEW with a token that is too old")    \
	X(AUDIT_GUEST, "NEW without a name")                           \
	X(AUDIT_NAME_CALL, "NEW with a name")                          \
	X(AUDIT_NAME_REG, "REGREQ with a name")                        \
	X(AUDIT_FIRMWARE, "FWDOWNL")                                   \
	X(AUDIT_ENCRYPTION, "NEW that offers encryption")              \
	X(AUDIT_LOGIN, "NEW with an invalid login")                    \
	X(AUDIT_ACCOUNT, "NEW with the account's secret")              \
	X(AUDIT_UNKNOWN_CALL, "PING of a call that is not there")      \
	X(AUDIT_STILL_THERE, "POKE at the end")

#define X(name, text) name,
enum tool_audit_probe { TOOL_AUDIT_PROBES(X) TOOL_AUDIT_PROBE_COUNT };
#undef X
#define TOOL_AUDIT_BIT(probe) (UINT64_C(1) << (probe))

/** Variants of AUDIT_GUEST. Of the others: 0 for no name, 1 for one that nobody has, from 2 on those that exist. */
enum { AUDIT_TO_NOTHING, AUDIT_TO_S, AUDIT_TO_RANDOM, AUDIT_TO_INTERNATIONAL };
enum { AUDIT_NAMELESS, AUDIT_RANDOM_NAME, AUDIT_KNOWN_NAME };

enum {
	TOOL_AUDIT_PACKETS_MAX = 400, /* to a host, of all kinds */
	TOOL_AUDIT_RATE_MAX = 10,     /* packets a second */
	TOOL_AUDIT_ANSWERS_KEPT = 4,
	TOOL_AUDIT_ANSWER_BYTES = 512,
	TOOL_AUDIT_REQUEST_BYTES = 256,
	TOOL_AUDIT_NAME_MAX = 40,
	TOOL_AUDIT_SHAPE_BYTES = 512,
	TOOL_AUDIT_WRONG_BYTES = 128,
};

struct tool_audit_answer {
	uint64_t at_us;
	uint16_t len; /* that it had; what is over the room is not kept */
	uint8_t bytes[TOOL_AUDIT_ANSWER_BYTES];
};

/** One request and what came for its call number. */
struct tool_audit_exchange {
	enum tool_audit_probe probe;
	uint16_t variant;
	uint16_t source; /* our call number */
	bool proven;     /* with a token that the host gave to this address and port */
	bool closed;     /* we have answered: what comes now is not counted */
	uint64_t sent_us;
	uint64_t closed_us; /* or the end of the record */
	uint16_t request_len;
	uint8_t request[TOOL_AUDIT_REQUEST_BYTES];
	uint32_t packets_back, bytes_back; /* until closed */
	uint32_t repeats;                  /* of packets_back: the same frame again */
	uint8_t answer_count;
	struct tool_audit_answer answers[TOOL_AUDIT_ANSWERS_KEPT]; /* the first ones but repeats and upkeep */
};

struct tool_audit_record {
	size_t count;
	uint32_t packets_sent;
	uint32_t strays;  /* datagrams that belong to nothing we asked, or are no frames */
	bool unreachable; /* ICMP */
	bool cut_short;   /* stopped before the end: `wrong` */
	bool has_secret;  /* of the account */
	uint64_t wall_s;  /* when it began */
	char wrong[TOOL_AUDIT_WRONG_BYTES];
	struct tool_audit_exchange exchanges[TOOL_AUDIT_PACKETS_MAX];
};

const char *tool_audit_probe_name(enum tool_audit_probe probe);

/** A new exchange; NULL if there is no room, or the request is too long. */
struct tool_audit_exchange *tool_audit_record_begin(struct tool_audit_record *record, enum tool_audit_probe probe,
                                                    unsigned variant, struct tg_span request);

/** A datagram came for it. Nothing happens once it is closed. */
void tool_audit_record_answer(struct tool_audit_exchange *exchange, struct tg_span bytes, uint64_t at_us);

/** One answer as the codec sees it. Views into the answer. @return false if it is no full frame with sound elements */
TG_MUST_USE bool tool_audit_decode(const struct tool_audit_answer *answer, struct iax_frame *frame,
                                   struct iax_ies *ies);

/** The IAX subclass of an answer, 0 if it is none. */
unsigned tool_audit_subclass(const struct tool_audit_exchange *exchange, size_t answer);

/** Whether one of its kept answers has this subclass; -1 or its place. */
int tool_audit_find(const struct tool_audit_exchange *exchange, unsigned subclass);

/**
 * What the answers look like to somebody who compares: subclasses, elements with their lengths and the values that are not
 * meant to differ from time to time. "silence" if there was none. Only printable. Returns text.
 */
const char *tool_audit_shape(const struct tool_audit_exchange *exchange, char text[TOOL_AUDIT_SHAPE_BYTES]);

/** Hexadecimal digits of a datagram, with dots for what is secret or the other's: tokens, challenges, digests. */
void tool_audit_hex(struct tg_span bytes, char *text, size_t text_bytes);

#endif
