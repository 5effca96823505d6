/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever the memory of a dead process holds, the endpoint that takes it over is whole, and runs. Each 6 octets of the input change
 * one octet of a block with legs in many states: 1 octet for the value, 1 for the table, 4 for the place.
 */
#include "base/zeroed.h"
#include "iax/core.h"
#include "iax/fuzz.h"
#include "iax/inspect.h"
#include "iax/takeover.h"

#include <stdlib.h>

enum { LEGS = 12, CHANGES_MAX = 256, START_US = 100000000, RUN_S = 200 };

static struct iax_config config_of(uint8_t seed)
{
	struct iax_config config = iax_config_default();

	config.legs_max = LEGS + 4;
	config.frames_max = 32;
	config.events_max = 8;
	config.seed[0] = seed;
	return config;
}

static void hold_frame(struct iax_endpoint *ep, struct leg *leg)
{
	static const uint8_t frame[IAX_FULL_BYTES + 4] = { 0x80, 2, 0x80, 3 };
	struct iax_held *held = iax_seqwin_push(&leg->win, core_frames(ep), (struct tg_span){ frame, sizeof(frame) },
	                                        START_US, 0);

	if (held != NULL) {
		iax_seqwin_sent(&leg->win, held, &ep->random, START_US);
	}
}

/* One leg in each state that lasts, each kind, some with frames that wait, two of them of strangers. */
static struct iax_endpoint *old_block(void)
{
	const uint8_t ip[4] = { 203, 0, 113, 9 };
	const struct tg_addr local = tg_addr_ipv4(ip, IAX_PORT);
	const struct iax_config config = config_of(1);
	struct iax_endpoint *ep = iax_endpoint_init(tg_zeroed_new(iax_endpoint_size(&config)), &config, START_US);

	for (unsigned i = 0; i < LEGS; i++) {
		const uint8_t host[4] = { 192, 0, 2, (uint8_t)(1 + i / 2) };
		const struct tg_addr remote = tg_addr_ipv4(host, (uint16_t)(4569 + i));
		const bool theirs = i % 3 == 0;
		struct leg *leg = legs_new(ep, &remote, &local, theirs ? IAX_LEG_CALL_IN : IAX_LEG_CALL_OUT, START_US);
		const struct iax_pass pass = { i % 2 == 0 ? IAX_PROVEN : IAX_UNPROVEN, 100, 100, i % 4 == 0 };

		leg->state = (uint8_t)(theirs ? LEG_ACCEPTED + i % 3 : i % LEG_CLOSING);
		leg->life_us = START_US + UINT64_C(30) * TG_US_PER_S;
		legs_learn(ep, leg, (uint16_t)(100 + i));
		if (theirs && legs_doubt(ep, leg, &pass) && i != 0) {
			legs_prove(ep, leg);
		}
		for (unsigned frames = i % 4; frames > 0; frames--) {
			hold_frame(ep, leg);
		}
		if (leg_has_call(leg)) {
			hosts_call_begins(ep, &remote);
			legs_stand(ep, leg);
		}
		legs_arm(ep, leg);
	}
	return ep;
}

static void change(struct iax_endpoint *ep, const uint8_t *data)
{
	const uint64_t tables[] = { 0, ep->legs_at, ep->frames_at, ep->frames_at };
	const uint64_t sizes[] = { ep->size_bytes, LEGS * (sizeof(struct leg) + 8) + sizeof(struct tg_slab), 4096, 64 };
	const uint32_t place = (uint32_t)data[2] << 24 | (uint32_t)data[3] << 16 | (uint32_t)data[4] << 8 | data[5];
	const unsigned table = data[1] % TG_COUNT(tables);

	((uint8_t *)ep)[tables[table] + place % sizes[table]] = data[0];
}

static void run(struct iax_endpoint *ep)
{
	struct iax_event event;
	struct iax_datagram out;

	for (unsigned second = 0; second < RUN_S; second++) {
		const uint64_t now_us = START_US + (uint64_t)second * TG_US_PER_S;

		iax_endpoint_expire(ep, now_us);
		while (iax_endpoint_next_event(ep, &event) || iax_endpoint_next_datagram(ep, &out, now_us)) {
		}
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct iax_config config = config_of(2);
	struct iax_endpoint *old = old_block(), *plan = old_block();
	struct iax_endpoint *ep = iax_endpoint_init(tg_zeroed_new(iax_endpoint_size(&config)), &config, START_US);
	struct iax_takeover result;

	for (size_t i = 0; i + 6 <= size && i < 6 * CHANGES_MAX; i += 6) {
		change(old, data + i);
		memcpy(&old->size_bytes, &plan->size_bytes, sizeof(old->size_bytes)); /* where changes go */
		old->legs_at = plan->legs_at;
		old->frames_at = plan->frames_at;
	}
	const bool whole = iax_endpoint_take_over(ep, old, iax_endpoint_size(&config), START_US, &result);

	assert(whole || core_legs(ep)->begun == 0);
	assert(iax_inspect(ep) == NULL);
	assert(size > 0 || (result.taken > 0 && result.broken == 0));
	run(ep);
	assert(iax_inspect(ep) == NULL);
	free(old);
	free(plan);
	free(ep);
	return 0;
}
