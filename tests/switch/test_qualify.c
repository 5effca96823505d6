/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include "switch/inside.h"

#include <stdio.h>
#include <stdlib.h>

static const char extensions_conf[] = "[phones]\nexten => 202,1,Dial(IAX2/bob)\n";

/* bob is watched at a static address, which is the second phone's. */
static const char iax_conf[] =
	"[general]\n"
	"[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=phones\nqualify=yes\n"
	"[bob]\ntype=peer\nhost=192.0.2.3\nqualify=500\nqualifyfreqok=20000\nqualifyfreqnotok=5000\n"
	"[carol]\ntype=peer\nhost=192.0.2.4\n";

static int32_t rtt_of(const struct scene *s, const char *name)
{
	struct switch_peer_row row;
	uint32_t cursor = 0;

	while (switch_peer_row(s->house.sw, &cursor, s->sim.now_us, &row)) {
		if (strcmp(row.name, name) == 0) {
			return row.rtt_ms;
		}
	}
	return -3;
}

static void test_status_and_periods(void **state)
{
	struct scene *s = scene_new(1, iax_conf, extensions_conf);
	const struct sim_node *exchange = &s->sim.nodes[s->house.node];
	(void)state;

	CHECK_INT(rtt_of(s, "bob"), -1);
	sim_run_ms(&s->sim, 1000);
	CHECK_INT(rtt_of(s, "bob"), 20);
	CHECK_INT(rtt_of(s, "carol"), -1); /* not watched */
	CHECK_INT(rtt_of(s, "alice"), -1); /* nowhere yet */
	CHECK_LOGGED(s, "peer.status peer='bob' status=\"OK\"");
	uint64_t sent = exchange->sent;

	sim_run_ms(&s->sim, 60000); /* 3 periods of 20 s: POKE and ACK each */
	CHECK_UINT(exchange->sent - sent, 6);
	s->sim.net.delay_us = 400000;
	sim_run_ms(&s->sim, 22000);
	CHECK_INT(rtt_of(s, "bob"), 800);
	CHECK_LOGGED(s, "peer.status peer='bob' status=\"LAGGED\" rtt_ms=800");
	handset_dial(&s->alice, &s->house, &(struct handset_dial){ .number = "202" });
	sim_run_ms(&s->sim, 8000);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) ended(20)"); /* not called while it lags */
	s->sim.net.loss_permille = 1000;
	sim_run_ms(&s->sim, 12000);
	CHECK_INT(rtt_of(s, "bob"), -2);
	CHECK_LOGGED(s, "status=\"UNREACHABLE\"");
	s->sim.net = (struct sim_net){ .delay_us = 5000 };
	sim_run_ms(&s->sim, 12000); /* every 5 s now */
	CHECK_INT(rtt_of(s, "bob"), 10);
	scene_free(s);
}

static void test_a_new_registration_is_looked_at_soon(void **state)
{
	struct scene *s = scene_new(2, iax_conf, extensions_conf);
	(void)state;

	sim_run_ms(&s->sim, 2000);
	handset_register(&s->alice, &s->house, 60);
	sim_run_ms(&s->sim, 1000);
	CHECK_INT(rtt_of(s, "alice"), 20);
	handset_register(&s->alice, &s->house, 0);
	sim_run_ms(&s->sim, 1000);
	CHECK_INT(rtt_of(s, "alice"), -1);
	scene_free(s);
}

static void test_smoothing(void **state)
{
	struct scene *s = scene_new(3,
	                            "[general]\n[bob]\ntype=peer\nhost=192.0.2.3\nqualify=yes\nqualifysmoothing=yes\n"
	                            "qualifyfreqok=10000\n",
	                            "[phones]\nexten => 202,1,Dial(IAX2/bob)\n");
	(void)state;

	sim_run_ms(&s->sim, 5000);
	CHECK_INT(rtt_of(s, "bob"), 20);
	s->sim.net.delay_us = 50000;
	sim_run_ms(&s->sim, 10000);
	CHECK_INT(rtt_of(s, "bob"), 60); /* of 20 and 100 */
	sim_run_ms(&s->sim, 10000);
	CHECK_INT(rtt_of(s, "bob"), 100);
	scene_free(s);
}

/* A POKE that is out when the configuration is read again is not the last one. */
static void test_a_reload_does_not_end_it(void **state)
{
	struct scene *s = scene_new(5, iax_conf, extensions_conf);
	(void)state;

	s->sim.net.loss_permille = 1000;
	sim_run_ms(&s->sim, 100);
	house_reload(&s->house, iax_conf, extensions_conf);
	sim_run_ms(&s->sim, 1000);
	s->sim.net.loss_permille = 0;
	sim_run_ms(&s->sim, 30000);
	CHECK_INT(rtt_of(s, "bob"), 20);
	scene_free(s);
}

/* Two thousand watched peers: their first POKEs are spread over the period, with never more than a few at once. */
static void test_many_peers_do_not_burst(void **state)
{
	enum { PEERS = 2000, PERIOD_S = 10 };
	static char iax[PEERS * 96];
	static unsigned at_second[PERIOD_S + 2];
	struct sim *sim = calloc(1, sizeof(*sim));
	struct house *house = calloc(1, sizeof(*house));
	size_t len = (size_t)snprintf(iax, sizeof(iax), "[general]\n");
	(void)state;

	for (int i = 0; i < PEERS; i++) {
		len += (size_t)snprintf(iax + len, sizeof(iax) - len,
		                        "[p%d]\ntype=peer\nhost=198.51.%d.%d\nqualify=yes\nqualifyfreqok=%d000\n"
		                        "qualifyfreqnotok=60000\n",
		                        i, 100 + i / 250, i % 250 + 1, PERIOD_S);
	}
	sim_init(sim, 4, &(struct sim_net){ .delay_us = 1000 });
	house_open(house, sim,
	           &(struct house_plan){ iax, "[phones]\nexten => 1,1,Echo()\n", .calls_max = 600,
	                                 .bindings_max = PEERS });
	for (int second = 0; second <= PERIOD_S + 1; second++) {
		unsigned before = 0, after = 0;

		for (uint32_t i = 0; i < PEERS; i++) {
			const struct account *account = tg_slab_at(accounts_of(house->sw), i, NULL);

			before += account != NULL && account->poking;
		}
		sim_run_ms(sim, 1000);
		for (uint32_t i = 0; i < PEERS; i++) {
			const struct account *account = tg_slab_at(accounts_of(house->sw), i, NULL);

			after += account != NULL && account->poking;
		}
		at_second[second] = after - before;
	}
	unsigned all = 0;

	for (int second = 0; second <= PERIOD_S + 1; second++) {
		CHECK_TRUE(at_second[second] <= 210);
		all += at_second[second];
	}
	CHECK_UINT(all, PEERS);
	house_close(house);
	sim_free(sim);
	free(house);
	free(sim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_status_and_periods),
		cmocka_unit_test(test_a_new_registration_is_looked_at_soon),
		cmocka_unit_test(test_smoothing),
		cmocka_unit_test(test_a_reload_does_not_end_it),
		cmocka_unit_test(test_many_peers_do_not_burst),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
