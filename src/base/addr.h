/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_BASE_ADDR_H
#define TG_BASE_ADDR_H

#include "base/bytes.h"

struct sockaddr;
struct sockaddr_storage;

enum tg_family {
	TG_NO_ADDR = 0,
	TG_IPV4 = 4,
	TG_IPV6 = 6,
};

/**
 * An internet address and UDP port: a plain value without padding, so two are equal when their bytes are. IPv4 is kept
 * as ::ffff:a.b.c.d, and an IPv4-mapped IPv6 address becomes IPv4.
 */
struct tg_addr {
	uint8_t ip[16];
	uint16_t port;   /* host order */
	uint8_t family;  /* enum tg_family */
	uint8_t zero[5]; /* always 0 */
};
static_assert(sizeof(struct tg_addr) == 24, "no padding, or equal addresses could differ");

enum { TG_ADDR_TEXT_BYTES = 56 };

/** @param ip  4 octets, network order */
struct tg_addr tg_addr_ipv4(const uint8_t ip[4], uint16_t port);

/** @param ip  16 octets, network order; a mapped address gives IPv4 */
struct tg_addr tg_addr_ipv6(const uint8_t ip[16], uint16_t port);

/** family TG_NO_ADDR for anything but AF_INET and AF_INET6 */
struct tg_addr tg_addr_from_sockaddr(const struct sockaddr *from);

/**
 * @param mapped  write IPv4 as mapped IPv6, for a dual-stack socket
 * @return the length of the socket address, 0 for TG_NO_ADDR
 */
unsigned tg_addr_to_sockaddr(struct tg_addr addr, bool mapped, struct sockaddr_storage *out);

bool tg_addr_equal(struct tg_addr a, struct tg_addr b);

/** Equal without the port. */
bool tg_addr_same_host(struct tg_addr a, struct tg_addr b);

/** 0.0.0.0 or ::, whatever the port. */
bool tg_addr_is_any(struct tg_addr addr);

/** The network of this many bits (0..32 or 0..128, of its family) that it is in: all bits behind them, and the port, are 0. */
struct tg_addr tg_addr_prefix(struct tg_addr addr, unsigned bits);

/** The bits of what counts as one host: whoever has one IPv6 address has its /64. */
static inline unsigned tg_addr_host_bits(struct tg_addr addr)
{
	return addr.family == TG_IPV4 ? 32 : 64;
}

/** The bits of the network around a host, for what neighbours have in common: /24 or /48. */
static inline unsigned tg_addr_network_bits(struct tg_addr addr)
{
	return addr.family == TG_IPV4 ? 24 : 48;
}

/** Its host: tg_addr_prefix() with tg_addr_host_bits(). */
struct tg_addr tg_addr_host(struct tg_addr addr);

/** Inside base/bits, families never mix. bits counts from the family's own start: 0..32 or 0..128. */
bool tg_addr_in_prefix(struct tg_addr addr, struct tg_addr base, unsigned bits);

/** No other machine can be it or reach it: 127.0.0.0/8 and ::1. */
bool tg_addr_is_loopback(struct tg_addr addr);

/**
 * Of this machine, or of a network that one operator has for himself: the loopback, RFC 1918, fc00::/7 (RFC 4193) and the link's own
 * (169.254.0.0/16, fe80::/10). Not 100.64.0.0/10 (RFC 6598), which all customers of a carrier share.
 */
bool tg_addr_is_private(struct tg_addr addr);

/**
 * `192.0.2.1`, `192.0.2.1:4569`, `2001:db8::1`, `[2001:db8::1]:4569`. No names.
 *
 * @param default_port  used when the text has none
 */
TG_MUST_USE bool tg_addr_parse(struct tg_addr *out, struct tg_span text, uint16_t default_port);

/** As tg_addr_parse() reads it, with the port. Returns text. */
const char *tg_addr_format(struct tg_addr addr, char text[TG_ADDR_TEXT_BYTES]);

/** Without the port and without brackets. Returns text. */
const char *tg_addr_format_host(struct tg_addr addr, char text[TG_ADDR_TEXT_BYTES]);

#endif
