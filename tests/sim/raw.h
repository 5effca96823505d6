/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_RAW_H
#define TG_TESTS_RAW_H

#include "iax/door.h"
#include "iax/endpoint.h"
#include "iax/frame.h"

/*
 * One endpoint and any number of senders made by hand, without a simulation: for tests of many hosts and many datagrams. What the
 * endpoint sends is counted and looked at, and thrown away.
 */
struct raw {
	struct iax_endpoint *ep;
	void *mem;
	uint64_t now_us;
	struct tg_addr local;
	struct iax_token_keys keys; /* of the door in front of it */
	uint64_t datagrams_in, octets_in, datagrams_out, octets_out;
	unsigned events[IAX_EVENT_KINDS];
	struct iax_event last; /* event; its views are gone */
	struct iax_leg_id evicted;
	struct iax_frame out; /* the last full frame sent, without its payload */
	uint8_t cause;        /* of it */
	struct tg_addr to;    /* where it went */
};

/** A frame of a sender, with its elements already written. */
struct raw_frame {
	uint16_t source, destination;
	uint8_t type, subclass, oseqno, iseqno;
	uint32_t ts_ms;
	bool retry;
	struct tg_span payload;
};

void raw_init(struct raw *raw, const struct iax_config *config);
void raw_free(struct raw *raw);

/** Host number n of 2^24, all different: an address in 10.0.0.0/8. */
struct tg_addr raw_host(uint32_t n);

/** A token came from a host nobody knows, with no limits. */
struct iax_pass raw_pass(void);

/** Give a datagram to the endpoint and fetch what it has to say. */
enum iax_err raw_receive(struct raw *raw, const struct tg_addr *from, const struct iax_pass *pass,
                         struct tg_span bytes);
enum iax_err raw_send(struct raw *raw, const struct tg_addr *from, const struct iax_pass *pass,
                      const struct raw_frame *frame);

/** NEW or REGREQ of `bob`. */
enum iax_err raw_open(struct raw *raw, const struct tg_addr *from, const struct iax_pass *pass, uint16_t number,
                      uint8_t subclass);

/** A call that authenticates, is accepted and confirmed. @return its leg; ends the test if it is refused */
struct iax_leg_id raw_link(struct raw *raw, const struct tg_addr *from, const struct iax_pass *pass, uint16_t number);

/** The next frame of a linked call, as its peer would send it. */
struct raw_frame raw_reply(const struct raw *raw, struct iax_leg_id leg, uint8_t type, uint8_t subclass);

/**
 * Give a datagram to the exchange as a stranger's arrives: full frames with destination 0 go to the door, which wants a
 * token; what it lets pass and all others to the endpoint.
 */
enum iax_err raw_arrive(struct raw *raw, const struct tg_addr *from, struct tg_span bytes);

/** Write a frame. @return its octets, in the buffer */
struct tg_span raw_write(const struct raw_frame *frame, uint8_t *buffer, size_t size);

/** Let time pass, and fetch what is due. */
void raw_run_ms(struct raw *raw, uint64_t span_ms);
void raw_fetch(struct raw *raw);

struct iax_endpoint_stats raw_stats(const struct raw *raw);

/** The row of this host; `used` and `limit` are 0 if it has none. */
struct iax_host_row raw_row(const struct raw *raw, const struct tg_addr *host);

#endif
