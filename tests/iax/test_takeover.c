/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/takeover.h"

#include "base/zeroed.h"
#include "iax/core.h"
#include "iax/fuzz.h"

#include "sim/pair.h"

#include "check.h"

/* Another endpoint goes on with the legs of one whose process is gone. The tables are looked at after each step (sim/pair.c). */

static void run(struct pair *p, unsigned ms)
{
	sim_run_ms(&p->sim, ms);
}

static void check_all_gone(struct pair *p)
{
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 0)), 0);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 0);
}

/* On a bad network, every 50 ms one of the two dies. */
static void test_a_call_goes_on_however_often_its_endpoint_dies(void **state)
{
	const struct sim_net rough = { .loss_permille = 200, .delay_us = 20000, .spread_us = 30000 };
	struct pair *p = pair_new(3, &rough);
	uint32_t said = 0;

	(void)state;
	phone_dial(&p->sim, 0, 1, "alice");
	run(p, 6000);
	CHECK_TRUE(phone_last(&p->b)->confirmed);
	for (unsigned i = 0; i < 400; i++) {
		const struct iax_takeover result = sim_take_over(&p->sim, i % 2);

		CHECK_UINT(result.taken, 1);
		CHECK_UINT(result.broken, 0);
		CHECK_UINT(result.strangers, 0);
		for (unsigned k = 0; k < 2; k++) {
			pair_say(p, 0, 6000 + 25 * said++);
			run(p, 25);
		}
		CHECK_FALSE(phone_last(&p->a)->ended || phone_last(&p->b)->ended);
	}
	CHECK_TRUE(phone_last(&p->b)->minis > 500);
	pair_hang_up(p, 0, IAX_CAUSE_NORMAL_CLEARING);
	sim_take_over(&p->sim, 0);
	run(p, 30000);
	CHECK_TRUE(phone_last(&p->b)->ended);
	check_all_gone(p);
	pair_free(p);
}

/* What is unacknowledged goes on being sent, and comes once. */
static void test_unacknowledged_frames_go_on(void **state)
{
	struct pair *p = pair_call_up(1, &pair_calm);

	(void)state;
	run(p, 500);
	const uint32_t before = p->b.events[IAX_EV_FRAME];

	for (unsigned i = 0; i < 3; i++) {
		sim_lose_next(&p->sim, 0, 1);
		CHECK_UINT(iax_leg_frame(pair_ep(p, 0), pair_leg(p, 0), IAX_FRAME_TEXT, 0, TG_SPAN_LIT("hello"),
		                         p->sim.now_us),
		           IAX_OK);
		sim_pump(&p->sim, 0);
	}
	CHECK_UINT(sim_take_over(&p->sim, 0).frames, 3);
	run(p, 5000);
	CHECK_UINT(p->b.events[IAX_EV_FRAME], before + 3);
	CHECK_UINT(iax_framepool_used(core_frames(pair_ep(p, 0))), 0);
	pair_free(p);
}

/* An id names the same leg as before, or nothing; no leg that comes later gets it. */
static void test_ids_stay_true(void **state)
{
	struct pair *p = pair_call_up(1, &pair_calm);
	const struct iax_leg_id first = pair_leg(p, 0);
	struct iax_leg_info info;

	(void)state;
	run(p, 500);
	pair_hang_up(p, 0, IAX_CAUSE_NORMAL_CLEARING);
	run(p, 1000);
	phone_dial(&p->sim, 0, 1, "alice");
	run(p, 1000);
	const struct iax_leg_id second = pair_leg(p, 0);

	CHECK_UINT(second.ref.index, first.ref.index);
	sim_take_over(&p->sim, 0);
	CHECK_FALSE(iax_leg_info(pair_ep(p, 0), first, &info));
	CHECK_TRUE(iax_leg_info(pair_ep(p, 0), second, &info));
	CHECK_UINT(info.local_number, pair_info(p, 0).local_number);
	pair_hang_up(p, 0, IAX_CAUSE_NORMAL_CLEARING);
	run(p, 1000);
	sim_take_over(&p->sim, 0);
	phone_dial(&p->sim, 0, 1, "alice");
	run(p, 1000);
	CHECK_UINT(pair_leg(p, 0).ref.index, first.ref.index);
	CHECK_TRUE(pair_leg(p, 0).ref.gen > second.ref.gen);
	pair_free(p);
}

/* Who has not shown who he is asks again. */
static void test_strangers_are_left_behind(void **state)
{
	struct pair *p = pair_new(1, &pair_calm);

	(void)state;
	p->b.silent = true;
	phone_dial(&p->sim, 0, 1, "alice");
	run(p, 200);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 1);
	const struct iax_takeover result = sim_take_over(&p->sim, 1);

	CHECK_UINT(result.strangers, 1);
	CHECK_UINT(result.taken, 0);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 1)), 0);
	pair_free(p);
}

/* The caller's number of his own stays his, and his host's. */
static void test_what_counts_for_a_host_counts_again(void **state)
{
	struct pair *p = pair_call_up(1, &pair_calm);
	struct iax_host_row before = { 0 }, after = { 0 };
	uint32_t cursor = 0;

	(void)state;
	run(p, 500);
	CHECK_TRUE(iax_endpoint_host_row(pair_ep(p, 1), &cursor, &before));
	sim_take_over(&p->sim, 1);
	cursor = 0;
	CHECK_TRUE(iax_endpoint_host_row(pair_ep(p, 1), &cursor, &after));
	CHECK_UINT(after.used, 1);
	CHECK_UINT(after.used, before.used);
	CHECK_TRUE(tg_addr_equal(after.addr, before.addr));
	CHECK_TRUE(iax_endpoint_has_call(pair_ep(p, 1), p->sim.nodes[0].addr, 32));
	CHECK_TRUE(legs_has_standing(pair_ep(p, 1), &p->sim.nodes[0].addr));
	pair_free(p);
}

static void test_another_block_is_refused(void **state)
{
	struct pair *p = pair_call_up(1, &pair_calm);
	struct iax_config config = sim_config();
	struct iax_takeover result;

	(void)state;
	config.legs_max++;
	struct iax_endpoint *ep = iax_endpoint_init(tg_zeroed_new(iax_endpoint_size(&config)), &config, p->sim.now_us);

	CHECK_FALSE(iax_endpoint_take_over(ep, pair_ep(p, 0), p->sim.nodes[0].size_bytes, p->sim.now_us, &result));
	CHECK_FALSE(iax_endpoint_take_over(ep, pair_ep(p, 0), iax_endpoint_size(&config) - 64, p->sim.now_us, &result));
	CHECK_UINT(iax_inspect_legs(ep), 0);
	free(ep);
	pair_free(p);
}

/* ---- What makes no sense --------------------------------------------------------------------------------------- */

static struct leg *leg_of(struct pair *p, unsigned node)
{
	return tg_slab_find(core_legs(pair_ep(p, node)), pair_leg(p, node).ref);
}

#define AT(member) offsetof(struct leg, member), sizeof(((struct leg *)NULL)->member)

static void test_a_leg_that_makes_no_sense_is_left_behind(void **state)
{
	static const struct {
		size_t at, bytes;
		uint64_t value;
	} damages[] = {
		{ AT(remote.family), 9 },
		{ AT(remote.port), 0 },
		{ AT(local.family), TG_NO_ADDR },
		{ AT(local.zero[2]), 1 },
		{ AT(remote.ip[0]), 1 }, /* no mapped address, and said to be IPv4 */
		{ AT(state), LEG_GONE },
		{ AT(state), 200 },
		{ AT(kind), IAX_LEG_POKE_OUT + 1 },
		{ AT(proof), 7 },
		{ AT(name_len), LEG_NAME_BYTES + 1 },
		{ AT(number), 1 },
		{ AT(number), 0x8002 },
		{ AT(remote_number), 0x8002 },
		{ AT(ended), 1 },
		{ AT(life_us), UINT64_MAX - 1 },
		{ AT(ping_us), UINT64_MAX - 1 },
		{ AT(lagrq_us), UINT64_MAX - 1 },
		{ AT(win.first), 7 },
		{ AT(win.first), 0x40000001 },
		{ AT(win.first), UINT32_MAX },
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(damages); i++) {
		struct pair *p = pair_call_up(1, &pair_calm);

		run(p, 500);
		memcpy((uint8_t *)leg_of(p, 1) + damages[i].at, &damages[i].value, damages[i].bytes);
		const struct iax_takeover result = sim_take_over(&p->sim, 1);

		if (result.broken != 1 || result.taken != 0) {
			print_error("damage %zu was not seen\n", i);
		}
		CHECK_UINT(result.broken, 1);
		CHECK_UINT(result.taken, 0);
		CHECK_TEXT(iax_inspect(pair_ep(p, 1)), NULL);
		pair_free(p);
	}
}

/* A frame that waits for its acknowledgement, with something wrong about it: the leg cannot go on without it. */
static void test_a_leg_whose_window_makes_no_sense_is_left_behind(void **state)
{
	(void)state;
	for (unsigned damage = 0; damage < 5; damage++) {
		struct pair *p = pair_call_up(1, &pair_calm);

		run(p, 500);
		for (unsigned i = 0; i < 2; i++) {
			CHECK_UINT(iax_leg_frame(pair_ep(p, 0), pair_leg(p, 0), IAX_FRAME_TEXT, 0, TG_SPAN_LIT("hi"),
			                         p->sim.now_us),
			           IAX_OK);
		}
		struct iax_held *held = iax_framepool_at(core_frames(pair_ep(p, 0)), leg_of(p, 0)->win.first);

		switch (damage) {
		case 0:
			held->len = IAX_FULL_BYTES - 1;
			break;
		case 1:
			held->len = 1000; /* more than its place has */
			break;
		case 2:
			held->oseqno++;
			break;
		case 3:
			leg_of(p, 0)->win.oseqno += 9;
			break;
		default:
			held->next = leg_of(p, 0)->win.first; /* a loop */
		}
		CHECK_UINT(sim_take_over(&p->sim, 0).broken, 1);
		CHECK_TEXT(iax_inspect(pair_ep(p, 0)), NULL);
		CHECK_UINT(iax_framepool_used(core_frames(pair_ep(p, 0))), 0);
		pair_free(p);
	}
}

/* Of two legs with one number, or one number of the far end's, one is the leg that it names. */
static void test_of_two_with_the_same_number_one_goes_on(void **state)
{
	(void)state;
	for (unsigned remote = 0; remote < 2; remote++) {
		struct pair *p = pair_call_up(1, &pair_calm);

		run(p, 500);
		const struct leg *first = leg_of(p, 1);

		phone_dial(&p->sim, 0, 1, "alice");
		run(p, 1000);
		struct leg *second = leg_of(p, 1);

		CHECK_TRUE(first != second);
		if (remote == 1) {
			second->remote_number = first->remote_number;
		} else {
			second->number = first->number;
		}
		const struct iax_takeover result = sim_take_over(&p->sim, 1);

		CHECK_UINT(result.taken, 1);
		CHECK_UINT(result.broken, 1);
		pair_free(p);
	}
}

/* A standing leg has a PING ahead and nobody it waits for, whatever its timers said; and nothing happened to it later than now. */
static void test_timers_are_those_of_the_state(void **state)
{
	struct pair *p = pair_call_up(1, &pair_calm);

	(void)state;
	run(p, 500);
	struct leg *leg = leg_of(p, 1);

	leg->life_us = p->sim.now_us + 1000;
	leg->ping_us = leg->lagrq_us = TG_NEVER;
	leg->epoch_us = leg->vnak_sent_us = leg->quality.last_at_us = UINT64_MAX;
	CHECK_UINT(sim_take_over(&p->sim, 1).taken, 1);
	leg = leg_of(p, 1);
	CHECK_TRUE(leg->epoch_us == p->sim.now_us && leg->vnak_sent_us == p->sim.now_us &&
	           leg->quality.last_at_us == p->sim.now_us);
	run(p, 60000);
	CHECK_FALSE(phone_last(&p->b)->ended);
	CHECK_TRUE(leg_of(p, 1)->rtt_us > 0);
	pair_free(p);
}

/* One whose last frame was acknowledged at that moment is over. */
static void test_a_closing_leg_without_frames_is_over(void **state)
{
	struct pair *p = pair_call_up(1, &pair_calm);

	(void)state;
	run(p, 500);
	pair_hang_up(p, 0, IAX_CAUSE_NORMAL_CLEARING);
	leg_of(p, 0)->win.first = 0;
	leg_of(p, 0)->win.last = 0;
	leg_of(p, 0)->win.oseqno = leg_of(p, 0)->win.rseqno;
	leg_of(p, 0)->life_us = p->sim.now_us + 1000;
	const struct iax_takeover result = sim_take_over(&p->sim, 0);

	CHECK_UINT(result.taken + result.broken, 0);
	CHECK_UINT(iax_inspect_legs(pair_ep(p, 0)), 0);
	pair_free(p);
}

/* The fuzz target's property, for the block as it is and for some thousand changed ones. */
static void test_whatever_it_holds_what_is_taken_over_is_whole(void **state)
{
	struct crypt_random random;
	const uint8_t seed[CRYPT_SEED_BYTES] = { 7 };
	uint8_t changes[6 * 64];

	(void)state;
	crypt_random_init(&random, seed);
	LLVMFuzzerTestOneInput(NULL, 0);
	for (unsigned i = 0; i < 3000; i++) {
		crypt_random_bytes(&random, changes, sizeof(changes));
		LLVMFuzzerTestOneInput(changes, 6 * (1 + i % 64));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_call_goes_on_however_often_its_endpoint_dies),
		cmocka_unit_test(test_unacknowledged_frames_go_on),
		cmocka_unit_test(test_ids_stay_true),
		cmocka_unit_test(test_strangers_are_left_behind),
		cmocka_unit_test(test_what_counts_for_a_host_counts_again),
		cmocka_unit_test(test_another_block_is_refused),
		cmocka_unit_test(test_a_leg_that_makes_no_sense_is_left_behind),
		cmocka_unit_test(test_a_leg_whose_window_makes_no_sense_is_left_behind),
		cmocka_unit_test(test_of_two_with_the_same_number_one_goes_on),
		cmocka_unit_test(test_timers_are_those_of_the_state),
		cmocka_unit_test(test_a_closing_leg_without_frames_is_over),
		cmocka_unit_test(test_whatever_it_holds_what_is_taken_over_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
