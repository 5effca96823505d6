/* SPDX-License-Identifier: Apache-2.0 */
#include "base/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static const uint8_t mapped_prefix[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

struct tg_addr tg_addr_ipv4(const uint8_t ip[4], uint16_t port)
{
	struct tg_addr addr = { .port = port, .family = TG_IPV4 };

	memcpy(addr.ip, mapped_prefix, 12);
	memcpy(addr.ip + 12, ip, 4);
	return addr;
}

struct tg_addr tg_addr_ipv6(const uint8_t ip[16], uint16_t port)
{
	struct tg_addr addr = { .port = port, .family = TG_IPV6 };

	memcpy(addr.ip, ip, 16);
	if (memcmp(ip, mapped_prefix, 12) == 0) {
		addr.family = TG_IPV4;
	}
	return addr;
}

struct tg_addr tg_addr_from_sockaddr(const struct sockaddr *from)
{
	if (from->sa_family == AF_INET) {
		struct sockaddr_in in;
		uint8_t ip[4];

		memcpy(&in, from, sizeof(in));
		memcpy(ip, &in.sin_addr, sizeof(ip));
		return tg_addr_ipv4(ip, ntohs(in.sin_port));
	}
	if (from->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, from, sizeof(in6));
		return tg_addr_ipv6(in6.sin6_addr.s6_addr, ntohs(in6.sin6_port));
	}
	return (struct tg_addr){ 0 };
}

unsigned tg_addr_to_sockaddr(struct tg_addr addr, bool mapped, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof(*out));
	if (addr.family == TG_IPV4 && !mapped) {
		struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = htons(addr.port) };

		memcpy(&in.sin_addr, addr.ip + 12, 4);
		memcpy(out, &in, sizeof(in));
		return sizeof(in);
	}
	if (addr.family == TG_NO_ADDR) {
		return 0;
	}
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = htons(addr.port) };

	memcpy(&in6.sin6_addr, addr.ip, 16);
	memcpy(out, &in6, sizeof(in6));
	return sizeof(in6);
}

bool tg_addr_equal(struct tg_addr a, struct tg_addr b)
{
	return memcmp(&a, &b, sizeof(a)) == 0;
}

bool tg_addr_same_host(struct tg_addr a, struct tg_addr b)
{
	return a.family == b.family && memcmp(a.ip, b.ip, sizeof(a.ip)) == 0;
}

bool tg_addr_is_any(struct tg_addr addr)
{
	static const uint8_t zero[16];
	const size_t skip = addr.family == TG_IPV4 ? 12 : 0;

	return addr.family != TG_NO_ADDR && memcmp(addr.ip + skip, zero, 16 - skip) == 0;
}

/* In bits of the 16 octets. */
static unsigned bits_in_all(struct tg_addr addr, unsigned bits)
{
	return addr.family == TG_IPV4 ? bits + 96 : bits;
}

struct tg_addr tg_addr_prefix(struct tg_addr addr, unsigned bits)
{
	const unsigned total = bits_in_all(addr, bits);
	const unsigned whole = total / 8;

	addr.port = 0;
	if (whole < sizeof(addr.ip)) {
		addr.ip[whole] &= (uint8_t)(0xff00 >> (total % 8));
		memset(addr.ip + whole + 1, 0, sizeof(addr.ip) - whole - 1);
	}
	return addr;
}

struct tg_addr tg_addr_host(struct tg_addr addr)
{
	return tg_addr_prefix(addr, tg_addr_host_bits(addr));
}

bool tg_addr_in_prefix(struct tg_addr addr, struct tg_addr base, unsigned bits)
{
	if (addr.family != base.family || addr.family == TG_NO_ADDR) {
		return false;
	}
	const unsigned total = bits_in_all(addr, bits);
	const unsigned whole = total / 8;

	if (total > 128 || memcmp(addr.ip, base.ip, whole) != 0) {
		return false;
	}
	const uint8_t mask = (uint8_t)(0xff00 >> (total % 8));

	return total % 8 == 0 || ((addr.ip[whole] ^ base.ip[whole]) & mask) == 0;
}

/* ---- Networks with a meaning ---- */

struct network {
	uint8_t base[16]; /* IPv4 in the first four */
	uint8_t family, bits;
};

static bool in_any(struct tg_addr addr, const struct network *networks, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct network *n = &networks[i];
		const struct tg_addr base = n->family == TG_IPV4 ? tg_addr_ipv4(n->base, 0) : tg_addr_ipv6(n->base, 0);

		if (tg_addr_in_prefix(addr, base, n->bits)) {
			return true;
		}
	}
	return false;
}

bool tg_addr_is_loopback(struct tg_addr addr)
{
	static const struct network networks[] = {
		{ { 127 }, TG_IPV4, 8 },
		{ { [15] = 1 }, TG_IPV6, 128 },
	};

	return in_any(addr, networks, TG_COUNT(networks));
}

bool tg_addr_is_private(struct tg_addr addr)
{
	static const struct network networks[] = {
		{ { 10 }, TG_IPV4, 8 },        { { 172, 16 }, TG_IPV4, 12 }, { { 192, 168 }, TG_IPV4, 16 },
		{ { 169, 254 }, TG_IPV4, 16 }, { { 0xfc }, TG_IPV6, 7 },     { { 0xfe, 0x80 }, TG_IPV6, 10 },
	};

	return tg_addr_is_loopback(addr) || in_any(addr, networks, TG_COUNT(networks));
}

/* ---- Texts ---- */

static bool parse_port(uint16_t *out, struct tg_span digits)
{
	unsigned value = 0;

	if (digits.len == 0 || digits.len > 5) {
		return false;
	}
	for (size_t i = 0; i < digits.len; i++) {
		if (digits.p[i] < '0' || digits.p[i] > '9') {
			return false;
		}
		value = value * 10 + (digits.p[i] - '0');
	}
	*out = (uint16_t)value;
	return value >= 1 && value <= UINT16_MAX;
}

static bool parse_host(struct tg_addr *out, struct tg_span host, uint16_t port)
{
	char text[INET6_ADDRSTRLEN];
	uint8_t ip[16];

	if (!tg_span_copy(text, sizeof(text), host) || memchr(text, '\0', host.len) != NULL) {
		return false;
	}
	if (inet_pton(AF_INET, text, ip) == 1) {
		*out = tg_addr_ipv4(ip, port);
		return true;
	}
	if (inet_pton(AF_INET6, text, ip) == 1) {
		*out = tg_addr_ipv6(ip, port);
		return true;
	}
	return false;
}

/* Split text into host and port digits; no port leaves port->p NULL. */
static bool split_port(struct tg_span text, struct tg_span *host, struct tg_span *port)
{
	const uint8_t *end = text.p + text.len;
	const uint8_t *colon;

	*port = (struct tg_span){ 0 };
	*host = text;
	if (text.len > 0 && text.p[0] == '[') {
		const uint8_t *close = memchr(text.p, ']', text.len);

		if (close == NULL) {
			return false;
		}
		*host = (struct tg_span){ text.p + 1, (size_t)(close - text.p) - 1 };
		if (close + 1 == end) {
			return true;
		}
		*port = (struct tg_span){ close + 2, (size_t)(end - close) - 2 };
		return close[1] == ':';
	}
	colon = text.len > 0 ? memchr(text.p, ':', text.len) : NULL;
	if (colon == NULL || memchr(colon + 1, ':', (size_t)(end - colon) - 1) != NULL) {
		return true; /* no port, or an IPv6 address without brackets */
	}
	*host = (struct tg_span){ text.p, (size_t)(colon - text.p) };
	*port = (struct tg_span){ colon + 1, (size_t)(end - colon) - 1 };
	return true;
}

bool tg_addr_parse(struct tg_addr *out, struct tg_span text, uint16_t default_port)
{
	struct tg_span host, digits;
	uint16_t port = default_port;

	*out = (struct tg_addr){ 0 };
	if (!split_port(text, &host, &digits) || (digits.p != NULL && !parse_port(&port, digits))) {
		return false;
	}
	return parse_host(out, host, port);
}

const char *tg_addr_format_host(struct tg_addr addr, char text[TG_ADDR_TEXT_BYTES])
{
	const bool four = addr.family == TG_IPV4;

	if (addr.family == TG_NO_ADDR ||
	    inet_ntop(four ? AF_INET : AF_INET6, four ? addr.ip + 12 : addr.ip, text, TG_ADDR_TEXT_BYTES) == NULL) {
		snprintf(text, TG_ADDR_TEXT_BYTES, "(none)");
	}
	return text;
}

const char *tg_addr_format(struct tg_addr addr, char text[TG_ADDR_TEXT_BYTES])
{
	char host[TG_ADDR_TEXT_BYTES];

	tg_addr_format_host(addr, host);
	snprintf(text, TG_ADDR_TEXT_BYTES, addr.family == TG_IPV6 ? "[%.46s]:%u" : "%.46s:%u", host,
	         (unsigned)addr.port);
	return text;
}
