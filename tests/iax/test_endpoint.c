/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/endpoint.h"

#include "sim/phone.h"

#include "check.h"

struct pair {
	struct sim sim;
	struct phone a, b;
};

static void pair_init(struct pair *p, const struct sim_net *net)
{
	const struct iax_config config = sim_config();
	struct sim_owner owner;

	sim_init(&p->sim, 1, net);
	phone_init(&p->a);
	phone_init(&p->b);
	owner = phone_owner(&p->a);
	sim_add(&p->sim, &config, &owner);
	owner = phone_owner(&p->b);
	sim_add(&p->sim, &config, &owner);
}

static void pair_free(struct pair *p)
{
	phone_free(&p->a);
	phone_free(&p->b);
	sim_free(&p->sim);
}

static const struct sim_net calm = { .delay_us = 20000 };

static void test_a_call_with_token_and_secret(void **state)
{
	struct pair p;

	(void)state;
	pair_init(&p, &calm);
	p.b.challenges = true;
	const struct iax_leg_id leg = phone_dial(&p.sim, 0, 1, "alice");

	sim_run_ms(&p.sim, 500);
	CHECK_TRUE(phone_last(&p.a)->accepted);
	CHECK_TRUE(phone_last(&p.b)->confirmed);
	CHECK_UINT(phone_last(&p.a)->control, 1);
	CHECK_TEXT(p.b.called, "1000");
	CHECK_UINT(iax_leg_hangup(p.sim.nodes[0].ep, leg, IAX_CAUSE_NORMAL_CLEARING, (struct tg_span){ 0 }, p.sim.now_us), IAX_OK);
	sim_pump(&p.sim, 0);
	CHECK_TRUE(phone_last(&p.a)->ended);
	sim_run_ms(&p.sim, 100);
	CHECK_TRUE(phone_last(&p.b)->ended);
	CHECK_UINT(phone_last(&p.b)->cause, IAX_CAUSE_NORMAL_CLEARING);
	pair_free(&p);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_call_with_token_and_secret),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
