/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/fence.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "crypt/hash.h"

/*
 * An address is looked for in the longest first, and among those who are allowed before those who are banned: so of networks
 * with a set of their length the narrowest decides, as it does in the engine. One of another length is as narrow here as the set that it
 * is in. There an allowance may pass whom a narrower ban is about: he gets as far as the engine, which decides. Nobody is dropped whom
 * the engine allows. Almost all bans are in ban4 and ban6. A ban hits no less than an IPv6 network of 64 bits; an allowance may be
 * of one address.
 */
/* clang-format off */
const struct fence_set fence_sets[FENCE_SETS] = {
	{ "allow4",    TG_IPV4, 32,  MODEL_ALLOW, "" },
	{ "ban4",      TG_IPV4, 32,  MODEL_BAN,   "" },
	{ "allow4_24", TG_IPV4, 24,  MODEL_ALLOW, " and 255.255.255.0" },
	{ "ban4_24",   TG_IPV4, 24,  MODEL_BAN,   " and 255.255.255.0" },
	{ "allow4_16", TG_IPV4, 16,  MODEL_ALLOW, " and 255.255.0.0" },
	{ "ban4_16",   TG_IPV4, 16,  MODEL_BAN,   " and 255.255.0.0" },
	{ "allow6_host", TG_IPV6, 128, MODEL_ALLOW, "" },
	{ "allow6",    TG_IPV6, 64,  MODEL_ALLOW, " and ffff:ffff:ffff:ffff::" },
	{ "ban6",      TG_IPV6, 64,  MODEL_BAN,   " and ffff:ffff:ffff:ffff::" },
	{ "allow6_56", TG_IPV6, 56,  MODEL_ALLOW, " and ffff:ffff:ffff:ff00::" },
	{ "ban6_56",   TG_IPV6, 56,  MODEL_BAN,   " and ffff:ffff:ffff:ff00::" },
	{ "allow6_48", TG_IPV6, 48,  MODEL_ALLOW, " and ffff:ffff:ffff::" },
	{ "ban6_48",   TG_IPV6, 48,  MODEL_BAN,   " and ffff:ffff:ffff::" },
	{ "allow6_32", TG_IPV6, 32,  MODEL_ALLOW, " and ffff:ffff::" },
	{ "ban6_32",   TG_IPV6, 32,  MODEL_BAN,   " and ffff:ffff::" },
};
/* clang-format on */

enum {
	SPLIT_BITS_MAX = 8, /* a network becomes 256 smaller ones at most */
};
static_assert(1 << SPLIT_BITS_MAX == FENCE_ELEMENTS_MAX, "room for all of them");

/* The longest that a timeout may be: the kernel counts it in its own ticks. */
static const uint64_t timeout_max_ms = UINT64_C(400) * 24 * 3600 * 1000;

void fence_table_name(char name[FENCE_NAME_BYTES], const char *state_dir)
{
	static const uint8_t key[CRYPT_KEY_BYTES] = { 0 }; /* not against anybody: the same name each time */

	if (strcmp(state_dir, "/var/lib/tollgate") == 0) {
		snprintf(name, FENCE_NAME_BYTES, "tollgate");
	} else {
		snprintf(name, FENCE_NAME_BYTES, "tollgate-%08x",
		         (unsigned)crypt_siphash64(key, tg_span_text(state_dir)));
	}
}

/* ---- The text for nft ---- */

struct script {
	char *text;
	size_t len;
	bool failed;
};

static void put(struct script *script, const char *format, ...) TG_PRINTF(2, 3);

static void put(struct script *script, const char *format, ...)
{
	const size_t room = FENCE_SCRIPT_BYTES - script->len;
	va_list args;

	va_start(args, format);
	const int n = vsnprintf(script->text + script->len, room, format, args);

	va_end(args);
	if (n < 0 || (size_t)n >= room) {
		script->failed = true;
	} else {
		script->len += (size_t)n;
	}
}

static const char *family_word(const struct fence_set *set)
{
	return set->family == TG_IPV4 ? "ip" : "ip6";
}

/* Who is allowed goes on to the rules of others, like anybody who is in no set. A fragment that is not the first has no port and never reaches the second chain: it is none of ours. */
static void put_chains(struct script *script, const uint16_t *ports, uint32_t count)
{
	put(script, "chain banned {\n");
	for (size_t i = 0; i < FENCE_SETS; i++) {
		const struct fence_set *set = &fence_sets[i];

		put(script, "%s saddr%s @%s %s\n", family_word(set), set->mask, set->name,
		    set->kind == MODEL_ALLOW ? "return" : "counter drop");
	}
	put(script, "}\nchain arriving {\ntype filter hook prerouting priority -310; policy accept;\nudp dport { ");
	for (uint32_t i = 0; i < count; i++) {
		put(script, "%s%u", i > 0 ? ", " : "", ports[i]);
	}
	put(script, " } jump banned\n}\n");
}

bool fence_script(char script[FENCE_SCRIPT_BYTES], const char *table, const uint16_t *ports, uint32_t count)
{
	struct script out = { .text = script };

	if (count == 0) {
		return false;
	}
	/* Made before it is deleted: there need not be one. */
	put(&out, "add table inet %s\ndelete table inet %s\ntable inet %s {\n", table, table, table);
	for (size_t i = 0; i < FENCE_SETS; i++) {
		put(&out, "set %s {\ntype %s_addr\nflags timeout\nsize %d\n}\n", fence_sets[i].name,
		    fence_sets[i].family == TG_IPV4 ? "ipv4" : "ipv6", FENCE_SET_ELEMENTS);
	}
	put_chains(&out, ports, count);
	put(&out, "}\n");
	return !out.failed;
}

/* ---- Elements ---- */

/* @return the shortest set that a network of this length can be split into; FENCE_SETS for none */
static size_t set_for(const struct model_ban *ban)
{
	size_t found = FENCE_SETS;

	for (size_t i = 0; i < FENCE_SETS; i++) {
		const struct fence_set *set = &fence_sets[i];

		if (set->family == ban->base.family && set->kind == ban->kind && set->bits >= ban->bits &&
		    set->bits - ban->bits <= SPLIT_BITS_MAX &&
		    (found == FENCE_SETS || set->bits < fence_sets[found].bits)) {
			found = i;
		}
	}
	return found;
}

/* Who is allowed must not be dropped: without a set of his own length, what is around him goes on to the engine, which decides. */
static size_t set_around(const struct model_ban *ban)
{
	size_t at = 0;

	while (at < FENCE_SETS && (fence_sets[at].family != ban->base.family || fence_sets[at].kind != MODEL_ALLOW ||
	                           fence_sets[at].bits > ban->bits)) {
		at++; /* the longest come first */
	}
	const uint32_t most = ban->base.family == TG_IPV4 ? 32 : 128;

	return ban->kind == MODEL_ALLOW && ban->bits <= most ? at : FENCE_SETS;
}

/* Write `number` into the bits before the set's length. */
static void put_number(uint8_t *key, uint32_t set_bits, uint32_t number)
{
	for (uint32_t at = set_bits; number != 0; number >>= 1) {
		at--;
		key[at / 8] |= (uint8_t)((number & 1) << (7 - at % 8));
	}
}

static uint64_t timeout_of(const struct model_ban *ban, uint64_t wall_ms)
{
	return ban->until_ms == 0 ? 0 : tg_min_u64(ban->until_ms - wall_ms, timeout_max_ms);
}

uint32_t fence_elements(const struct model_ban *ban, uint64_t wall_ms, struct fence_element out[FENCE_ELEMENTS_MAX])
{
	const size_t own = set_for(ban), at = own != FENCE_SETS ? own : set_around(ban);

	if (at == FENCE_SETS) {
		return 0;
	}
	const bool wanted = ban->kind == MODEL_ALLOW || ban->in_kernel != 0;
	const bool in = wanted && (ban->until_ms == 0 || ban->until_ms > wall_ms);
	const uint32_t bits = (uint32_t)tg_min_u64(ban->bits, fence_sets[at].bits);
	const struct tg_addr base = tg_addr_prefix(ban->base, bits);
	const uint8_t key_bytes = base.family == TG_IPV4 ? 4 : 16;
	const uint32_t count = UINT32_C(1) << (fence_sets[at].bits - bits);

	for (uint32_t i = 0; i < count; i++) {
		out[i] = (struct fence_element){
			.set = (uint8_t)at,
			.key_bytes = key_bytes,
			.in = in,
			.timeout_ms = in ? timeout_of(ban, wall_ms) : 0,
		};
		memcpy(out[i].key, base.ip + sizeof(base.ip) - key_bytes, key_bytes);
		put_number(out[i].key, fence_sets[at].bits, i);
	}
	return count;
}
