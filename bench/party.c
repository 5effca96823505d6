/* SPDX-License-Identifier: Apache-2.0 */
#include "flood.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/zeroed.h"
#include "crypt/random.h"
#include "iax/frame.h"
#include "sys/clock.h"
#include "sys/udp.h"

enum { BUFFER_BYTES = 8 << 20, BATCHES = 8, FRAMES_A_LEG = 8, EVENTS_A_LEG = 4, QUIET_MS = 600000 };

struct party {
	struct sys_udp *udp;
	struct iax_endpoint *ep;
	void *memory;
	struct tg_addr remote;
	uint16_t port;
	party_on *on_event;
	void *owner;
};

static bool open_socket(struct party *party)
{
	static const uint8_t any[4];
	const struct sys_udp_options options = { .local = tg_addr_ipv4(any, 0), .buffer_bytes = BUFFER_BYTES };
	const int fd = sys_udp_open(&options);

	party->udp = fd < 0 ? NULL : sys_udp_new(fd);
	if (party->udp == NULL) {
		perror("socket of the callers");
		return false;
	}
	sys_udp_set_kinds(party->udp, iax_frame_kind);
	party->port = sys_udp_local(fd).port;
	return true;
}

static bool make_endpoint(struct party *party, uint32_t legs_max)
{
	struct iax_config config = iax_config_default();

	config.legs_max = legs_max;
	config.frames_max = legs_max * FRAMES_A_LEG;
	config.events_max = legs_max * EVENTS_A_LEG + 64;
	config.ping_period_ms = QUIET_MS; /* only what is measured is sent */
	config.lagrq_period_ms = 0;
	config.wall_us = sys_clock_wall_us();
	config.with_door = true;
	config.token_required = true;
	crypt_seed_from_kernel(config.seed);
	party->memory = tg_zeroed_new(iax_endpoint_size(&config));
	party->ep = party->memory == NULL ? NULL : iax_endpoint_init(party->memory, &config, sys_clock_us());
	return party->ep != NULL;
}

struct party *party_new(uint32_t legs_max, uint16_t port, party_on *on_event, void *owner)
{
	struct party *party = calloc(1, sizeof(*party));

	if (party == NULL) {
		return NULL;
	}
	party->on_event = on_event;
	party->owner = owner;
	party->remote = flood_addr(0, 0, 1);
	party->remote.port = port;
	if (!make_endpoint(party, legs_max) || !open_socket(party)) {
		party_free(party);
		return NULL;
	}
	return party;
}

void party_free(struct party *party)
{
	if (party != NULL) {
		sys_udp_free(party->udp);
		free(party->memory);
		free(party);
	}
}

struct iax_endpoint *party_endpoint(struct party *party)
{
	return party->ep;
}

struct tg_addr party_remote(const struct party *party)
{
	return party->remote;
}

struct tg_addr party_local(const struct party *party, struct tg_addr host)
{
	host.port = party->port;
	return host;
}

static void take_events(struct party *party, uint64_t now_us)
{
	struct iax_event event;

	while (iax_endpoint_next_event(party->ep, &event)) {
		party->on_event(party->owner, &event, now_us);
	}
}

static void take_datagrams(struct party *party, uint64_t now_us)
{
	struct sys_udp_packet packets[SYS_UDP_BATCH];
	unsigned count = SYS_UDP_BATCH;

	for (int batch = 0; batch < BATCHES && count == SYS_UDP_BATCH; batch++) {
		count = sys_udp_receive(party->udp, packets);
		for (unsigned i = 0; i < count; i++) {
			const struct iax_datagram in = { packets[i].remote, packets[i].local, packets[i].bytes };

			if (iax_endpoint_receive(party->ep, &in, IAX_UNPROVEN, now_us) == IAX_OK) {
				take_events(party, now_us);
			}
		}
	}
}

void party_turn(struct party *party, uint64_t now_us)
{
	struct iax_datagram out;

	take_datagrams(party, now_us);
	if (iax_endpoint_deadline_us(party->ep) <= now_us) {
		iax_endpoint_expire(party->ep, now_us);
	}
	take_events(party, now_us);
	while (iax_endpoint_next_datagram(party->ep, &out, now_us)) {
		sys_udp_queue(party->udp, out.remote, out.local, out.bytes);
	}
	sys_udp_send(party->udp);
}

bool party_call(struct party *party, const char *account, struct tg_addr from, uint64_t owner, uint64_t now_us,
                struct iax_leg_id *leg)
{
	const struct iax_call_open open = {
		.remote = party->remote,
		.local = party_local(party, from),
		.owner = owner,
		.called_number = tg_span_text("600"),
		.username = tg_span_text(account),
		.format = IAX_FORMAT_ULAW,
		.capability = IAX_FORMAT_ULAW,
	};

	return iax_call_open(party->ep, &open, now_us, leg) == IAX_OK;
}
