/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/net.h"
#include "desk/show.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* What an operator wants of the guard: the words, checked, as a record. Nothing is sent unless all of them are right. */

enum {
	SOURCE_BITS_IPV6 = 64, /* a source is an IPv4 address or such a network */
	WIDEST_IPV4 = 8,       /* a slip of the finger shall not ban the world */
	WIDEST_IPV6 = 16,
	DEFAULT_BAN_S = 3600,
	LONGEST_DAYS = 3650,
};

static bool wrong(struct desk_out *out, const char *word, const char *why)
{
	desk_line(out, "%s: %s. Nothing was changed.", word, why);
	return false;
}

/* ADDRESS[/BITS]; an IPv6 address alone stands for the network that it is a source by. */
static bool take_net(struct ipc_guard_do *wish, const char *word, struct desk_out *out)
{
	struct desk_net net;
	char text[DESK_NET_TEXT_BYTES], why[DESK_NET_TEXT_BYTES + 64];

	if (!desk_net_parse(&net, word)) {
		return wrong(out, word, "expected an IPv4 or IPv6 address, or a network as 192.0.2.0/24");
	}
	if (net.with_port) {
		return wrong(out, word, "the guard holds addresses, not ports; leave the port out");
	}
	if (net.base.family == TG_IPV6 && !net.with_bits) {
		net.bits = SOURCE_BITS_IPV6;
		net.base = desk_net_base(net.base, net.bits);
	}
	if (net.base.family == TG_IPV6 && net.bits > SOURCE_BITS_IPV6) {
		return wrong(out, word,
		             "of IPv6 at most 64 bits count, because one host has as many addresses as it likes");
	}
	if (net.bits < (net.base.family == TG_IPV6 ? WIDEST_IPV6 : WIDEST_IPV4)) {
		return wrong(out, word, "at least 8 bits of IPv4 or 16 of IPv6 are needed");
	}
	if (!tg_addr_equal(net.base, desk_net_base(net.base, net.bits))) {
		snprintf(why, sizeof(why), "has bits set behind its length; did you mean %s?",
		         desk_net_text(desk_net_base(net.base, net.bits), net.bits, text));
		return wrong(out, word, why);
	}
	wish->base = net.base;
	wish->bits = net.bits;
	return true;
}

/* 30s, 10m, 2h, 7d, 4w, or ever. */
static bool take_time(uint64_t *for_s, const char *word, struct desk_out *out)
{
	static const struct {
		char unit;
		uint32_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 }, { 'w', 7 * 86400 } };
	const size_t len = strlen(word);
	char digits[16];
	uint64_t number = 0;

	if (strcmp(word, "ever") == 0) {
		*for_s = 0;
		return true;
	}
	for (size_t i = 0; i < TG_COUNT(units) && len > 1 && len <= sizeof(digits); i++) {
		const uint64_t most = (uint64_t)LONGEST_DAYS * 86400 / units[i].seconds;

		if (word[len - 1] != units[i].unit) {
			continue;
		}
		snprintf(digits, sizeof(digits), "%.*s", (int)len - 1, word);
		if (tg_text_uint(digits, 1, most, &number)) {
			*for_s = number * units[i].seconds;
			return true;
		}
	}
	return wrong(out, word, "expected a time as 30s, 10m, 2h, 7d or 4w, or ever");
}

/* The words behind `reason`, with one blank between them. */
static bool take_reason(struct ipc_guard_do *wish, int argc, const char *const *argv, struct desk_out *out)
{
	size_t len = 0;

	for (int i = 0; i < argc; i++) {
		const int n = snprintf(wish->text + len, sizeof(wish->text) - len, "%s%s", i > 0 ? " " : "", argv[i]);

		len += (size_t)n;
		if (len >= sizeof(wish->text)) {
			return wrong(out, "reason", "at most 127 octets of text");
		}
	}
	if (len == 0) {
		return wrong(out, "reason", "say why, for those who come after you: reason TEXT");
	}
	return tg_utf8_is_plain(tg_span_text(wish->text)) || wrong(out, "reason", "plain text, please");
}

/* ADDRESS[/BITS] [for TIME] reason TEXT */
static bool take_words(struct ipc_guard_do *wish, int argc, const char *const *argv, bool with_time,
                       struct desk_out *out)
{
	int at = 1;

	if (!take_net(wish, argv[0], out)) {
		return false;
	}
	if (with_time && argc > at + 1 && strcmp(argv[at], "for") == 0) {
		if (!take_time(&wish->for_s, argv[at + 1], out)) {
			return false;
		}
		at += 2;
	}
	if (argc <= at || strcmp(argv[at], "reason") != 0) {
		return wrong(out, argc > at ? argv[at] : "reason",
		             with_time ? "expected [for TIME] reason TEXT" : "expected reason TEXT");
	}
	return take_reason(wish, argc - at - 1, argv + at + 1, out);
}

bool desk_wish_ban(int argc, const char *const *argv, struct ipc_guard_do *wish, struct desk_out *out)
{
	wish->what = IPC_GUARD_BAN;
	wish->for_s = DEFAULT_BAN_S;
	return take_words(wish, argc, argv, true, out);
}

bool desk_wish_allow(int argc, const char *const *argv, struct ipc_guard_do *wish, struct desk_out *out)
{
	wish->what = IPC_GUARD_ALLOW;
	return take_words(wish, argc, argv, true, out);
}

bool desk_wish_unban(int argc, const char *const *argv, struct ipc_guard_do *wish, struct desk_out *out)
{
	wish->what = IPC_GUARD_UNBAN;
	return take_words(wish, argc, argv, false, out);
}

bool desk_wish_observe(int argc, const char *const *argv, struct ipc_guard_do *wish, struct desk_out *out)
{
	if (argc != 1 || (strcmp(argv[0], "on") != 0 && strcmp(argv[0], "off") != 0)) {
		return wrong(out, "guard observe", "expected on or off");
	}
	wish->what = strcmp(argv[0], "on") == 0 ? IPC_GUARD_OBSERVE : IPC_GUARD_ENFORCE;
	return true;
}
