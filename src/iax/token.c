/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/token.h"

enum {
	MAC_VERSION = 1,      /* changes whenever the MAC's input does */
	MAC_INPUT_BYTES = 46, /* version, family, 2 * (address, port), slot */
	NONZERO = 255,        /* values an octet of a token can have */
};

void iax_token_keys_init(struct iax_token_keys *keys, const uint8_t key[CRYPT_KEY_BYTES], uint32_t slot_ms, bool text,
                         uint64_t wall_us, uint64_t now_us)
{
	assert(slot_ms > 0);
	*keys = (struct iax_token_keys){
		.wall_us = wall_us,
		.start_us = now_us,
		.slot_ms = slot_ms,
		.text = text,
	};
	for (size_t i = 0; i < CRYPT_KEY_BYTES; i++) {
		keys->key[i] = key[i];
	}
}

static uint64_t slot_at(const struct iax_token_keys *keys, uint64_t now_us)
{
	return (keys->wall_us + (now_us - keys->start_us)) / ((uint64_t)keys->slot_ms * TG_US_PER_MS);
}

static uint8_t slot_octet(uint64_t slot)
{
	return (uint8_t)(1 + slot % NONZERO);
}

static void put_addr(struct tg_writer *w, const struct tg_addr *addr)
{
	tg_put_span(w, (struct tg_span){ addr->ip, sizeof(addr->ip) });
	tg_put_u16(w, addr->port);
}

static void make_octets(const struct iax_token_keys *keys, const struct tg_addr *remote, const struct tg_addr *local,
                        uint64_t slot, uint8_t out[IAX_TOKEN_BYTES])
{
	uint8_t input[MAC_INPUT_BYTES];
	uint8_t mac[CRYPT_MAC_BYTES];
	struct tg_writer w = tg_writer_of(input, sizeof(input));

	tg_put_u8(&w, MAC_VERSION);
	tg_put_u8(&w, remote->family);
	put_addr(&w, remote);
	put_addr(&w, local);
	tg_put_u64(&w, slot);
	assert(tg_writer_ok(&w) && w.len == sizeof(input));
	crypt_siphash128(mac, keys->key, tg_writer_span(&w));
	out[0] = slot_octet(slot);
	for (size_t i = 1; i < IAX_TOKEN_BYTES; i++) {
		out[i] = (uint8_t)(1 + mac[i - 1] % NONZERO);
	}
}

static const char base64url[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/* 56 bits are 9 characters and a third; the tenth has four zero bits behind them (RFC 4648, section 5, no padding). */
static void make_text(const uint8_t octets[IAX_TOKEN_BYTES], uint8_t out[IAX_TOKEN_TEXT_BYTES])
{
	uint64_t bits = 0;

	for (size_t i = 0; i < IAX_TOKEN_BYTES; i++) {
		bits = bits << 8 | octets[i];
	}
	bits <<= 4;
	for (size_t i = IAX_TOKEN_TEXT_BYTES; i-- > 0; bits >>= 6) {
		out[i] = (uint8_t)base64url[bits & 0x3f];
	}
}

static size_t make(const struct iax_token_keys *keys, const struct tg_addr *remote, const struct tg_addr *local,
                   uint64_t slot, uint8_t out[IAX_TOKEN_BYTES_MAX])
{
	uint8_t octets[IAX_TOKEN_BYTES];

	if (!keys->text) {
		make_octets(keys, remote, local, slot, out);
		return IAX_TOKEN_BYTES;
	}
	make_octets(keys, remote, local, slot, octets);
	make_text(octets, out);
	return IAX_TOKEN_TEXT_BYTES;
}

size_t iax_token_make(const struct iax_token_keys *keys, const struct tg_addr *remote, const struct tg_addr *local,
                      uint64_t now_us, uint8_t out[IAX_TOKEN_BYTES_MAX])
{
	return make(keys, remote, local, slot_at(keys, now_us), out);
}

/* The token's first octet names its slot; as text, its first character has the upper six bits of it. Nothing secret. */
static bool names_slot(const struct iax_token_keys *keys, struct tg_span token, uint64_t slot)
{
	const uint8_t octet = slot_octet(slot);

	return token.p[0] == (keys->text ? (uint8_t)base64url[octet >> 2] : octet);
}

static bool is_from_slot(const struct iax_token_keys *keys, const struct tg_addr *remote, const struct tg_addr *local,
                         struct tg_span token, uint64_t slot)
{
	uint8_t want[IAX_TOKEN_BYTES_MAX];

	return crypt_equal(token.p, want, make(keys, remote, local, slot, want));
}

bool iax_token_check(const struct iax_token_keys *keys, const struct tg_addr *remote, const struct tg_addr *local,
                     struct tg_span token, uint64_t now_us)
{
	const uint64_t slot = slot_at(keys, now_us);

	if (token.len != (keys->text ? IAX_TOKEN_TEXT_BYTES : IAX_TOKEN_BYTES)) {
		return false;
	}
	if (names_slot(keys, token, slot) && is_from_slot(keys, remote, local, token, slot)) {
		return true;
	}
	return slot > 0 && names_slot(keys, token, slot - 1) && is_from_slot(keys, remote, local, token, slot - 1);
}
