/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_PEER_H
#define TG_TESTS_PEER_H

#include "iax/frame.h"
#include "sim.h"

/*
 * A far end made by hand, for one node of a simulation: a test writes each of its frames and sees each frame that comes back.
 * It keeps sequence numbers like an honest peer unless told otherwise, and never acts by itself.
 */
enum { PEER_FRAMES = 256, PEER_BYTES = 1500 };

struct peer_frame {
	struct iax_frame frame; /* its payload points to bytes */
	struct iax_ies ies;     /* of an IAX frame */
	struct tg_addr to;
	uint64_t at_us;
	size_t len;
	uint8_t bytes[PEER_BYTES];
};

struct peer {
	struct sim *sim;
	unsigned node; /* whom it talks to */
	struct tg_addr addr;
	uint16_t number;        /* its own */
	uint16_t remote_number; /* learned from what comes */
	uint8_t oseqno, iseqno;
	uint32_t ts_ms;
	unsigned count; /* frames that came */
	struct peer_frame frames[PEER_FRAMES];
};

/** @param host  its address is 198.51.100.host:4569. Takes the simulation's tap. */
void peer_init(struct peer *peer, struct sim *sim, unsigned node, uint8_t host, uint16_t number);

/** Send any bytes from its address. */
enum iax_err peer_send_bytes(struct peer *peer, struct tg_span bytes);

/** Send a frame as it is given. */
enum iax_err peer_send_frame(struct peer *peer, const struct iax_frame *frame);

/** A numbered frame: source, destination, both sequence numbers and a timestamp are filled in, and OSeqno counts on. */
enum iax_err peer_send(struct peer *peer, uint8_t type, uint64_t subclass, struct tg_span payload);

/** The same for an IAX frame with elements; NULL for none. */
enum iax_err peer_send_ies(struct peer *peer, uint8_t subclass, const struct iax_ies *ies);

/** ACK of all that came so far. */
enum iax_err peer_ack(struct peer *peer);

/** Forget what came. */
void peer_clear(struct peer *peer);

/** How many frames of this kind came. */
unsigned peer_count(const struct peer *peer, uint8_t type, uint64_t subclass);

/** The last frame of this kind; ends the test if there is none. */
const struct peer_frame *peer_last(const struct peer *peer, uint8_t type, uint64_t subclass);

/** Octets that came in all. */
size_t peer_octets(const struct peer *peer);

/** A NEW as a current client sends it, without CALLTOKEN. */
struct iax_ies peer_new(const char *user);

/** NEW with the token round. @return what the second NEW gave */
enum iax_err peer_open(struct peer *peer, uint8_t subclass, const struct iax_ies *ies);

/** A call that the node's owner accepts by itself, confirmed by this peer: both sides linked. */
void peer_link(struct peer *peer);

#endif
