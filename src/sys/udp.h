/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SYS_UDP_H
#define TG_SYS_UDP_H

#include "base/addr.h"

enum {
	SYS_UDP_BATCH = 64,
	SYS_UDP_IN_BYTES = 4096,  /* longer datagrams are dropped and counted */
	SYS_UDP_OUT_BYTES = 4096, /* longest datagram that can be queued */
	SYS_UDP_RUN_BYTES =
		16384, /* of one run, see sys_udp_take_runs(); what is longer is cut behind a whole datagram */
};

struct sys_udp_options {
	struct tg_addr local;  /* 0.0.0.0 and :: take all addresses of their family, and only of it */
	uint32_t buffer_bytes; /* receive and send buffers of the kernel, 0 for its default; it may give less */
	uint8_t tos;           /* IP_TOS, IPV6_TCLASS; 0 to leave it */
	uint8_t cos;           /* SO_PRIORITY; 0 to leave it */
};

/**
 * A bound, non-blocking, close-on-exec socket with SO_REUSEPORT; with packet-info if local is a wildcard.
 *
 * @return the descriptor, or -1 with errno: EADDRINUSE if another program has the port, EADDRNOTAVAIL if this machine
 *         has no such address, EACCES for a port below 1024 without the right
 */
int sys_udp_open(const struct sys_udp_options *options);

/**
 * Whether no socket has this port yet: SO_REUSEPORT alone would let two servers of one user share a port silently. Ask
 * before the first sys_udp_open() of an address. @return 0, or the errno of the refusal
 */
int sys_udp_probe(struct tg_addr local);

/** The address a socket is bound to, with its real port; family TG_NO_ADDR if it is no UDP socket. */
struct tg_addr sys_udp_local(int fd);

/**
 * One socket with the buffers of its batches. Belongs to one thread.
 */
struct sys_udp;

/**
 * @param fd  bound by sys_udp_open(); owned from now on
 * @return NULL without memory or if fd is no bound UDP socket; fd is then still the caller's
 */
struct sys_udp *sys_udp_new(int fd);
void sys_udp_free(struct sys_udp *udp);

/** For the loop, and to attach a selector. */
int sys_udp_fd(const struct sys_udp *udp);

/** As bound; the wildcard if it is one. */
struct tg_addr sys_udp_bound(const struct sys_udp *udp);

/**
 * From now on successive datagrams of one sender and one length may come as one packet, a run: what was sent in segments, or
 * what the network card put together, costs one receive instead of many.
 *
 * @return false if this kernel cannot, or without memory: all goes on as before
 */
bool sys_udp_take_runs(struct sys_udp *udp);

struct sys_udp_packet {
	struct tg_addr remote;
	struct tg_addr local; /* the address that was called, never a wildcard */
	struct tg_span bytes; /* in the socket's buffers, until the next sys_udp_receive() */
	uint32_t
		segment; /* a run: the length of each datagram but the last, which may be shorter; 0: it is one datagram */
};

/** Take what is there, at most SYS_UDP_BATCH. @return how many; 0 if none waits */
unsigned sys_udp_receive(struct sys_udp *udp, struct sys_udp_packet packets[SYS_UDP_BATCH]);

/**
 * Put a datagram into the outgoing batch; the bytes are copied. A full batch is sent first.
 *
 * @param local  the address to leave from, its port is not looked at; TG_NO_ADDR to let the kernel choose
 */
void sys_udp_queue(struct sys_udp *udp, struct tg_addr remote, struct tg_addr local, struct tg_span bytes);

/**
 * Datagrams of different kinds are never sent in one piece: whoever picks a socket by what is in a datagram (as we do), does so for
 * a segmented send as a whole, by its first one. Without it, all are of one kind.
 */
void sys_udp_set_kinds(struct sys_udp *udp, unsigned (*kind_of)(struct tg_span bytes));

/**
 * Send the batch. Successive datagrams of one remote, local address, length and kind leave as one segmented send.
 * What the kernel refuses is dropped and counted: the protocol repeats what matters.
 */
void sys_udp_send(struct sys_udp *udp);

struct sys_udp_stats {
	uint64_t received, received_bytes, too_long;
	uint64_t sent, sent_bytes, not_sent;         /* not_sent: refused by the kernel */
	uint64_t receive_calls, send_calls, grouped; /* grouped: datagrams that left in a segmented send */
};

/** Datagrams that the kernel had no room for so far: they came faster than they were taken. 0 if it does not tell. */
uint32_t sys_udp_overflowed(const struct sys_udp *udp);

void sys_udp_stats(const struct sys_udp *udp, struct sys_udp_stats *out);

#endif
