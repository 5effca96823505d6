/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled by test_installed.py against the installed tree alone: a stranger's program. Two endpoints, a call, its end. */
#include <crypt/random.h>
#include <iax/endpoint.h>
#include <iax/names.h>
#include <iax/registrant.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct side {
	struct iax_endpoint *ep;
	struct tg_addr addr;
	unsigned events[IAX_EVENT_KINDS];
};

/* The library wants its memory zeroed. */
static void *zeroed(size_t size)
{
	void *mem = aligned_alloc(64, size);

	return mem != NULL ? memset(mem, 0, size) : NULL;
}

static void carry(struct side *from, struct side *to, uint64_t now_us)
{
	struct iax_datagram out;

	while (iax_endpoint_next_datagram(from->ep, &out, now_us)) {
		const struct iax_datagram in = { .remote = from->addr, .local = to->addr, .bytes = out.bytes };

		(void)iax_endpoint_receive(to->ep, &in, IAX_UNPROVEN, now_us);
	}
}

static void act(struct side *side, uint64_t now_us)
{
	struct iax_event event;
	enum iax_err err = IAX_OK;

	while (iax_endpoint_next_event(side->ep, &event)) {
		side->events[event.kind]++;
		if (event.kind == IAX_EV_OFFERED) {
			err = iax_call_accept(side->ep, event.leg, IAX_FORMAT_ULAW, now_us);
		} else if (event.kind == IAX_EV_CONFIRMED) {
			err = iax_leg_hangup(side->ep, event.leg, IAX_CAUSE_BUSY, (struct tg_span){ 0 }, now_us);
		} else if (event.kind == IAX_EV_ENDED) {
			printf("ended: %s\n", iax_cause_text(event.cause));
		}
		if (err != IAX_OK) {
			printf("%s\n", iax_err_text(err));
		}
	}
}

int main(void)
{
	struct iax_config config = iax_config_default();
	struct side a = { 0 }, b = { 0 };
	struct iax_call_open open = { .called_number = TG_SPAN_LIT("1000"), .format = IAX_FORMAT_ULAW };
	struct iax_leg_id leg;

	config.with_door = config.token_required = true;
	crypt_seed_from_kernel(config.seed);
	const size_t size = (iax_endpoint_size(&config) + 63) / 64 * 64;

	a.ep = iax_endpoint_init(zeroed(size), &config, 0);
	b.ep = iax_endpoint_init(zeroed(size), &config, 0);
	if (!tg_addr_parse(&a.addr, tg_span_text("127.0.0.1"), IAX_PORT) ||
	    !tg_addr_parse(&b.addr, tg_span_text("127.0.0.2"), IAX_PORT)) {
		return EXIT_FAILURE;
	}
	open.local = a.addr;
	open.remote = b.addr;
	if (iax_call_open(a.ep, &open, 0, &leg) != IAX_OK) {
		return EXIT_FAILURE;
	}
	for (uint64_t now_us = 0; now_us < 1000000; now_us += 10000) {
		carry(&a, &b, now_us);
		act(&b, now_us);
		carry(&b, &a, now_us);
		act(&a, now_us);
	}
	const bool good = a.events[IAX_EV_ACCEPTED] == 1 && a.events[IAX_EV_ENDED] == 1 && b.events[IAX_EV_ENDED] == 1;

	free(a.ep);
	free(b.ep);
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
