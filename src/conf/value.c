/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/value.h"

#include "base/text.h"
#include "model/codec.h"

#include <stdio.h>
#include <string.h>

struct tg_span conf_value_trim(struct tg_span text)
{
	while (text.len > 0 && text.p[0] <= ' ') {
		text.p++;
		text.len--;
	}
	while (text.len > 0 && text.p[text.len - 1] <= ' ') {
		text.len--;
	}
	return text;
}

struct tg_span conf_value_take_item(struct tg_span *list, char separator)
{
	const uint8_t *end = list->len > 0 ? memchr(list->p, separator, list->len) : NULL;
	const struct tg_span item = { list->p, end != NULL ? (size_t)(end - list->p) : list->len };
	const size_t used = item.len + (end != NULL ? 1 : 0);

	list->p += used;
	list->len -= used;
	return conf_value_trim(item);
}

bool conf_value_bool(struct tg_span text, bool *value)
{
	static const char *const yes[] = { "yes", "true", "y", "t", "1", "on" };
	static const char *const no[] = { "no", "false", "n", "f", "0", "off" };

	for (size_t i = 0; i < TG_COUNT(yes); i++) {
		*value = tg_span_equal_nocase(text, tg_span_text(yes[i]));
		if (*value || tg_span_equal_nocase(text, tg_span_text(no[i]))) {
			return true;
		}
	}
	return false;
}

static bool small_number(struct tg_span text, uint64_t max, uint64_t *value)
{
	char digits[24];

	return tg_span_copy(digits, sizeof(digits), text) && tg_text_uint(digits, 0, max, value);
}

/* RFC 2474 and RFC 2597: class selectors, assured forwarding class and drop precedence; RFC 3246: EF. */
static bool dscp_name(struct tg_span text, uint8_t *value)
{
	char name[8];

	for (unsigned class = 0; class < 8; class ++) {
		snprintf(name, sizeof(name), "CS%u", class);
		if (tg_span_equal_nocase(text, tg_span_text(name))) {
			*value = (uint8_t)(class << 5);
			return true;
		}
		for (unsigned drop = 1; class >= 1 && class <= 4 && drop <= 3; drop++) {
			snprintf(name, sizeof(name), "AF%u%u", class, drop);
			if (tg_span_equal_nocase(text, tg_span_text(name))) {
				*value = (uint8_t)(class << 5 | drop << 3);
				return true;
			}
		}
	}
	*value = 46 << 2;
	return tg_span_equal_nocase(text, TG_SPAN_LIT("EF"));
}

static bool hex_octet(struct tg_span text, uint8_t *value)
{
	uint8_t octet[1];
	char digits[3] = "00";
	size_t len;

	if (text.len < 3 || text.len > 4 || text.p[0] != '0' || (text.p[1] | 0x20) != 'x') {
		return false;
	}
	memcpy(digits + (4 - text.len), text.p + 2, text.len - 2);
	const bool good = tg_hex_decode(octet, sizeof(octet), tg_span_text(digits), &len);

	*value = good ? octet[0] : 0;
	return good;
}

bool conf_value_tos(struct tg_span text, uint8_t *value)
{
	uint64_t number;

	if (small_number(text, UINT8_MAX, &number)) {
		*value = (uint8_t)number;
		return true;
	}
	return hex_octet(text, value) || dscp_name(text, value);
}

/* ---- address prefixes ---- */

static unsigned address_bits(const struct tg_addr *addr)
{
	return addr->family == TG_IPV4 ? 32 : 128;
}

static const uint8_t *address_octets(const struct tg_addr *addr)
{
	return addr->ip + (addr->family == TG_IPV4 ? 12 : 0);
}

/* A mask is ones and then zeros. */
static bool mask_bits(const struct tg_addr *mask, uint8_t *bits)
{
	const uint8_t *octets = address_octets(mask);
	unsigned ones = 0;
	bool ended = false;

	for (unsigned i = 0; i < address_bits(mask); i++) {
		const bool one = (octets[i / 8] & 0x80 >> (i % 8)) != 0;

		if (one && ended) {
			return false;
		}
		ended = !one;
		ones += one ? 1 : 0;
	}
	*bits = (uint8_t)ones;
	return true;
}

/* A mask such as ffff:: is an IPv6 address; ::ffff:... cannot be one, for it begins with zeros. */
static bool prefix_length(struct tg_span text, const struct tg_addr *base, uint8_t *bits)
{
	struct tg_addr mask;
	uint64_t number;

	if (small_number(text, address_bits(base), &number)) {
		*bits = (uint8_t)number;
		return true;
	}
	return tg_addr_parse(&mask, text, 0) && mask.port == 0 && mask.family == base->family && mask_bits(&mask, bits);
}

static void clear_host_bits(struct tg_addr *base, uint8_t bits)
{
	const unsigned first = base->family == TG_IPV4 ? 96 : 0;

	for (unsigned i = first + bits; i < 128; i++) {
		base->ip[i / 8] &= (uint8_t) ~(0x80 >> (i % 8));
	}
}

bool conf_value_prefix(struct tg_span text, struct tg_addr *base, uint8_t *bits)
{
	const bool has_length = text.len > 0 && memchr(text.p, '/', text.len) != NULL;
	const struct tg_span host = conf_value_take_item(&text, '/');

	if (!tg_addr_parse(base, host, 0) || base->port != 0) {
		return false;
	}
	*bits = (uint8_t)address_bits(base);
	if (has_length && !prefix_length(conf_value_trim(text), base, bits)) {
		return false;
	}
	clear_host_bits(base, *bits);
	return true;
}

/* ---- callerid ---- */

static bool looks_like_number(struct tg_span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] == '\0' || strchr("0123456789*#+-(). ", text.p[i]) == NULL) {
			return false;
		}
	}
	return text.len > 0;
}

static struct tg_span without_quotes(struct tg_span text)
{
	if (text.len >= 2 && text.p[0] == '"' && text.p[text.len - 1] == '"') {
		return (struct tg_span){ text.p + 1, text.len - 2 };
	}
	return text;
}

void conf_value_callerid(struct tg_span text, struct tg_span *name, struct tg_span *number)
{
	const struct tg_span whole = text;
	struct tg_span rest = text;

	*name = *number = (struct tg_span){ 0 };
	if (text.len > 0 && text.p[text.len - 1] == '>' && memchr(text.p, '<', text.len) != NULL) {
		*name = without_quotes(conf_value_take_item(&rest, '<'));
		*number = conf_value_trim((struct tg_span){ rest.p, rest.len - 1 });
	} else if (looks_like_number(whole)) {
		*number = whole;
	} else {
		*name = without_quotes(whole);
	}
}

/* ---- codecs ---- */

static void codec_remove(struct world_codecs *codecs, uint64_t bit)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < codecs->count; i++) {
		if (codecs->formats[i] != bit) {
			codecs->formats[kept++] = codecs->formats[i];
		}
	}
	while (codecs->count > kept) {
		codecs->formats[--codecs->count] = 0;
	}
	codecs->mask &= ~bit;
}

static void codec_add(struct world_codecs *codecs, uint64_t bit)
{
	if ((codecs->mask & bit) == 0 && codecs->count < WORLD_CODECS_MAX) {
		codecs->formats[codecs->count++] = bit;
		codecs->mask |= bit;
	}
}

const char *conf_value_without_secret(const char *value, char text[CONF_VALUE_SHOWN_BYTES])
{
	const char *at = strrchr(value, '@'); /* what is no good secret may have one, too */
	const char *colon = at != NULL ? memchr(value, ':', (size_t)(at - value)) : NULL;

	if (at == NULL) {
		snprintf(text, CONF_VALUE_SHOWN_BYTES, "(hidden)");
	} else if (colon == NULL) {
		snprintf(text, CONF_VALUE_SHOWN_BYTES, "%s", value);
	} else {
		snprintf(text, CONF_VALUE_SHOWN_BYTES, "%.*s:(hidden)%s", (int)(colon - value), value, at);
	}
	return text;
}

void conf_codecs_all(struct world_codecs *codecs)
{
	const struct codec *codec;

	for (size_t i = 0; (codec = codec_at(i)) != NULL; i++) {
		if (codec->in_all) {
			codec_add(codecs, codec->bit);
		}
	}
}

/* Pictures, video and text: known names, but only voice is switched. */
static bool is_other_medium(struct tg_span name)
{
	static const char *const names[] = { "jpeg",  "png", "h261",    "h263", "h263p", "h264",
		                             "mpeg4", "vp8", "t140red", "t140", "red" };

	for (size_t i = 0; i < TG_COUNT(names); i++) {
		if (tg_span_equal_nocase(name, tg_span_text(names[i]))) {
			return true;
		}
	}
	return false;
}

static bool edit_one(struct world_codecs *codecs, bool allow, struct tg_span name, struct tg_span *ignored)
{
	const struct codec *codec = codec_find(name);

	if (tg_span_equal_nocase(name, TG_SPAN_LIT("all"))) {
		if (allow) {
			conf_codecs_all(codecs);
		} else {
			*codecs = (struct world_codecs){ 0 };
		}
		return true;
	}
	if (codec == NULL) {
		*ignored = name;
		return is_other_medium(name);
	}
	if (allow) {
		codec_add(codecs, codec->bit);
	} else {
		codec_remove(codecs, codec->bit);
	}
	return true;
}

/* `ulaw:20`: the framing must be a number, and 20 ms is what everybody sends anyway. */
static bool framing(struct tg_span text, struct tg_span *ignored)
{
	uint64_t ms;

	if (!small_number(text, 300, &ms) || ms < 10) {
		return false;
	}
	if (ms != 20) {
		*ignored = text;
	}
	return true;
}

bool conf_codecs_edit(struct world_codecs *codecs, bool allow, struct tg_span list, struct tg_span *wrong,
                      struct tg_span *ignored)
{
	do {
		const uint8_t *bar = list.len > 0 ? memchr(list.p, '|', list.len) : NULL;
		const uint8_t *comma = list.len > 0 ? memchr(list.p, ',', list.len) : NULL;
		const bool at_bar = bar != NULL && (comma == NULL || bar < comma);
		const struct tg_span item = conf_value_take_item(&list, at_bar ? '|' : ',');
		const bool inverted = item.len > 0 && item.p[0] == '!';
		struct tg_span rest = { item.p + inverted, item.len - inverted };
		const bool framed = rest.len > 0 && memchr(rest.p, ':', rest.len) != NULL;
		const struct tg_span name = conf_value_take_item(&rest, ':');

		*wrong = item;
		if ((framed && !framing(rest, ignored)) || !edit_one(codecs, allow != inverted, name, ignored)) {
			return false;
		}
	} while (list.len > 0);
	return true;
}
