/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/net.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

unsigned desk_net_all_bits(struct tg_addr addr)
{
	return addr.family == TG_IPV6 ? 128 : 32;
}

bool desk_net_parse(struct desk_net *net, const char *text)
{
	const char *slash = strchr(text, '/');
	const size_t len = slash != NULL ? (size_t)(slash - text) : strlen(text);
	uint64_t bits = 0;

	*net = (struct desk_net){ .with_bits = slash != NULL };
	if (!tg_addr_parse(&net->base, (struct tg_span){ (const uint8_t *)text, len }, 0)) {
		return false;
	}
	bits = desk_net_all_bits(net->base);
	net->with_port = net->base.port != 0;
	if (slash != NULL && (net->with_port || !tg_text_uint(slash + 1, 0, bits, &bits))) {
		return false;
	}
	net->bits = (unsigned)bits;
	return true;
}

bool desk_net_has(const struct desk_net *net, struct tg_addr addr)
{
	return net->with_port ? tg_addr_equal(addr, net->base) : tg_addr_in_prefix(addr, net->base, net->bits);
}

bool desk_net_meets(const struct desk_net *net, struct tg_addr base, unsigned bits)
{
	return tg_addr_in_prefix(base, net->base, net->bits < bits ? net->bits : bits);
}

struct tg_addr desk_net_base(struct tg_addr addr, unsigned bits)
{
	const unsigned kept = addr.family == TG_IPV4 ? bits + 96 : bits;

	addr.port = 0;
	for (unsigned bit = kept; bit < 128; bit++) {
		addr.ip[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
	}
	return addr;
}

const char *desk_net_text(struct tg_addr base, unsigned bits, char text[DESK_NET_TEXT_BYTES])
{
	char host[TG_ADDR_TEXT_BYTES];

	if (base.family == TG_NO_ADDR) {
		snprintf(text, DESK_NET_TEXT_BYTES, "-");
	} else if (bits >= desk_net_all_bits(base)) {
		snprintf(text, DESK_NET_TEXT_BYTES, "%s", tg_addr_format_host(base, host));
	} else {
		snprintf(text, DESK_NET_TEXT_BYTES, "%s/%u", tg_addr_format_host(base, host), bits);
	}
	return text;
}
