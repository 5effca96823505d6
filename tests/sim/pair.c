/* SPDX-License-Identifier: Apache-2.0 */
#include "pair.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>

const struct sim_net pair_calm = { .delay_us = 20000 };

static void check(void *owner, struct sim *sim)
{
	(void)owner;
	for (unsigned i = 0; i < sim->count; i++) {
		const char *wrong = iax_inspect(sim->nodes[i].ep);

		if (wrong != NULL) {
			print_error("seed %llu, node %u: %s\n", (unsigned long long)sim->seed, i, wrong);
		}
		CHECK_TRUE(wrong == NULL);
	}
}

struct pair *pair_new_with(uint64_t seed, const struct sim_net *net, const struct iax_config *config)
{
	struct pair *pair = malloc(sizeof(*pair));
	struct sim_owner owner;

	sim_init(&pair->sim, seed, net);
	phone_init(&pair->a);
	phone_init(&pair->b);
	owner = phone_owner(&pair->a);
	sim_add(&pair->sim, config, &owner);
	owner = phone_owner(&pair->b);
	sim_add(&pair->sim, config, &owner);
	pair->sim.check = check;
	return pair;
}

struct pair *pair_new(uint64_t seed, const struct sim_net *net)
{
	const struct iax_config config = sim_config();

	return pair_new_with(seed, net, &config);
}

void pair_free(struct pair *pair)
{
	phone_free(&pair->a);
	phone_free(&pair->b);
	sim_free(&pair->sim);
	free(pair);
}

struct pair *pair_call_up(uint64_t seed, const struct sim_net *net)
{
	struct pair *pair = pair_new(seed, net);

	phone_dial(&pair->sim, 0, 1, "alice");
	sim_run_ms(&pair->sim, 1000);
	CHECK_TRUE(phone_last(&pair->a)->accepted);
	CHECK_TRUE(phone_last(&pair->b)->confirmed);
	CHECK_UINT(phone_last(&pair->a)->control, 1);
	return pair;
}

struct iax_leg_id pair_leg(struct pair *pair, unsigned node)
{
	return phone_last(node == 0 ? &pair->a : &pair->b)->leg;
}

struct iax_endpoint *pair_ep(struct pair *pair, unsigned node)
{
	return pair->sim.nodes[node].ep;
}

struct iax_leg_info pair_info(struct pair *pair, unsigned node)
{
	struct iax_leg_info info;

	CHECK_TRUE(iax_leg_info(pair_ep(pair, node), pair_leg(pair, node), &info));
	return info;
}

void pair_hang_up(struct pair *pair, unsigned node, uint8_t cause)
{
	CHECK_UINT(iax_leg_hangup(pair_ep(pair, node), pair_leg(pair, node), cause, (struct tg_span){ 0 },
	                          pair->sim.now_us),
	           IAX_OK);
	sim_pump(&pair->sim, node);
}

void pair_say(struct pair *pair, unsigned node, uint32_t ts_ms)
{
	uint8_t payload[160] = { (uint8_t)(ts_ms >> 24), (uint8_t)(ts_ms >> 16), (uint8_t)(ts_ms >> 8),
		                 (uint8_t)ts_ms };

	CHECK_UINT(iax_leg_voice(pair_ep(pair, node), pair_leg(pair, node), IAX_FORMAT_ULAW, ts_ms,
	                         (struct tg_span){ payload, sizeof(payload) }, false, pair->sim.now_us),
	           IAX_OK);
	sim_pump(&pair->sim, node);
}
