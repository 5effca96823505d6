/* SPDX-License-Identifier: Apache-2.0 */
#include "handset.h"
#include "house.h"

#include "check.h"

#include <stdlib.h>

#include "switch/inside.h"
#include "switch/registrations.h"

/* Two exchanges: the first (192.0.2.1) registers with the second (192.0.2.2) and calls it, and is called back. */
static const char west_iax[] =
	"[general]\n"
	"[east]\ntype=registration\nusername=west\nsecret=west-secret1\nhost=192.0.2.2\nrefresh=60\n"
	"[eastern]\ntype=peer\nusername=west\nsecret=west-secret1\nhost=192.0.2.2\n"
	"[fromeast]\ntype=user\nsecret=east-secret1\ncontext=in\n"
	"[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=out\n";
static const char west_extensions[] = "[out]\nexten => _7.,1,Dial(IAX2/eastern/${EXTEN:1})\n"
				      "[in]\nexten => 201,1,Dial(IAX2/alice)\n";

static const char east_iax[] = "[general]\n"
			       "[west]\ntype=friend\nsecret=west-secret1\nhost=dynamic\ncontext=in\n"
			       "[westback]\ntype=peer\nusername=fromeast\nsecret=east-secret1\nhost=192.0.2.1\n"
			       "[bob]\ntype=friend\nsecret=bob-secret\nhost=dynamic\ncontext=out\n";
static const char east_extensions[] = "[in]\nexten => 202,1,Dial(IAX2/bob)\nexten => 600,1,Answer(,i)\n"
				      "exten => 600,n,Echo()\n"
				      "[out]\nexten => _8.,1,Dial(IAX2/westback/${EXTEN:1})\n";

struct two {
	struct sim sim;
	struct house west, east;
	struct handset alice, bob;
};

static struct two *two_new(uint64_t seed, const char *west, const char *east)
{
	struct two *t = calloc(1, sizeof(*t));

	sim_init(&t->sim, seed, &(struct sim_net){ .delay_us = 10000 });
	house_open(&t->west, &t->sim, &(struct house_plan){ .iax = west, .extensions = west_extensions });
	house_open(&t->east, &t->sim, &(struct house_plan){ .iax = east, .extensions = east_extensions });
	handset_open(&t->alice, &t->sim, "alice", "alice-secret");
	handset_open(&t->bob, &t->sim, "bob", "bob-secret");
	t->alice.octet = 0xa1;
	t->bob.octet = 0xb0;
	return t;
}

static void two_free(struct two *t)
{
	switch_stop(t->west.sw, false, t->sim.now_us);
	house_pump(&t->west);
	switch_stop(t->east.sw, false, t->sim.now_us);
	house_pump(&t->east);
	sim_run_ms(&t->sim, 60000);
	house_close(&t->west);
	house_close(&t->east);
	handset_close(&t->alice);
	handset_close(&t->bob);
	sim_free(&t->sim);
	free(t);
}

static struct switch_registry_row registry(const struct two *t)
{
	struct switch_registry_row row = { .state = "(none)" };
	uint32_t cursor = 0;

	switch_registry_row(t->west.sw, &cursor, t->sim.now_us, &row);
	return row;
}

static bool west_is_bound(const struct two *t)
{
	return t->east.sw->bound == 1;
}

static void test_registers_and_renews(void **state)
{
	struct two *t = two_new(1, west_iax, east_iax);
	(void)state;

	CHECK_TEXT(registry(t).state, "Unregistered");
	CHECK_FALSE(registry(t).is_registered);
	sim_run_ms(&t->sim, 1000);
	CHECK_TEXT(registry(t).state, "Registered");
	CHECK_TRUE(registry(t).is_registered);
	CHECK_TEXT(registry(t).host, "192.0.2.2");
	CHECK_TEXT(registry(t).username, "west");
	CHECK_UINT(registry(t).refresh_s, 60);
	CHECK_TRUE(tg_addr_equal(registry(t).perceived, t->sim.nodes[t->west.node].addr));
	CHECK_TRUE(west_is_bound(t));
	for (int i = 0; i < 10; i++) {
		sim_run_ms(&t->sim, 30000);
		CHECK_TRUE(west_is_bound(t));
	}
	CHECK_TRUE(t->east.sw->stats.registrations_granted >= 6);
	two_free(t);
}

static void test_calls_both_ways(void **state)
{
	struct two *t = two_new(2, west_iax, east_iax);
	unsigned line;
	(void)state;

	handset_register(&t->alice, &t->west, 60);
	handset_register(&t->bob, &t->east, 60);
	sim_run_ms(&t->sim, 1000);
	t->alice.keeps_talking = t->bob.keeps_talking = true;
	line = handset_call(&t->alice, &t->west, "7202");
	sim_run_ms(&t->sim, 3000);
	CHECK_TEXT(handset_story(&t->alice), "challenged accepted(ulaw) voice(ulaw) ANSWER");
	CHECK_TEXT(handset_story(&t->bob), "offered(s) confirmed voice(ulaw)");
	CHECK_UINT(t->alice.lines[line].last_octet, 0xb0);
	CHECK_UINT(t->bob.lines[0].last_octet, 0xa1);
	CHECK_UINT(t->alice.lines[line].gaps + t->bob.lines[0].gaps, 0);
	handset_hangup(&t->alice, line, 16);
	sim_run_ms(&t->sim, 200);
	CHECK_TEXT(handset_story(&t->bob), "ended(16)");
	CHECK_TEXT(house_record(&t->west)->callee, "eastern");
	CHECK_TEXT(house_record(&t->east)->caller, "west");
	handset_call(&t->bob, &t->east, "8201");
	sim_run_ms(&t->sim, 1000);
	CHECK_TEXT(handset_story(&t->alice), "offered(s) confirmed voice(ulaw)");
	CHECK_TEXT(house_record(&t->east)->callee, "bob");
	two_free(t);
}

static void test_causes_pass_through_both(void **state)
{
	static const uint8_t causes[] = { 3, 20, 21, 27, 38, 42, 50, 58, 127 };
	struct two *t = two_new(3, west_iax, east_iax);
	(void)state;

	handset_register(&t->bob, &t->east, 60);
	sim_run_ms(&t->sim, 1000);
	for (size_t i = 0; i < TG_COUNT(causes); i++) {
		t->bob.reject = causes[i];
		handset_call(&t->alice, &t->west, "7202");
		sim_run_ms(&t->sim, 2000);
		CHECK_UINT(handset_last(&t->alice)->cause, causes[i]);
	}
	handset_call(&t->alice, &t->west, "7999");
	sim_run_ms(&t->sim, 2000);
	CHECK_UINT(handset_last(&t->alice)->cause, 3);
	two_free(t);
}

static void test_a_refused_registration_waits(void **state)
{
	struct two *t = two_new(4, west_iax,
	                        "[general]\n[west]\ntype=friend\nsecret=another-secret\nhost=dynamic\ncontext=in\n"
	                        "[bob]\ntype=friend\nsecret=bob-secret\nhost=dynamic\ncontext=out\n"
	                        "[westback]\ntype=peer\nhost=192.0.2.1\n");
	(void)state;

	sim_run_ms(&t->sim, 3000);
	CHECK_TEXT(registry(t).state, "Rejected");
	CHECK_FALSE(west_is_bound(t));
	sim_run_ms(&t->sim, 120000);
	CHECK_UINT(t->east.sw->stats.registrations_refused, 1);
	two_free(t);
}

static void test_a_challenge_from_elsewhere_is_not_answered(void **state)
{
	struct two *t = two_new(7, west_iax, east_iax);
	const struct iax_ies ies = {
		.has = UINT64_C(1) << IAX_IE_AUTHMETHODS | UINT64_C(1) << IAX_IE_CHALLENGE,
		.auth_methods = IAX_AUTH_MD5,
		.challenge = TG_SPAN_LIT("tell-me"),
	};
	struct iax_event event = { .kind = IAX_EV_CHALLENGED, .leg_kind = IAX_LEG_REG_OUT, .ies = &ies };
	const struct outgoing *outgoing;
	struct tg_ref ref;
	(void)state;

	sim_run_ms(&t->sim, 5); /* the request is on its way */
	outgoing = tg_slab_at(outgoings_of(t->west.sw), 0, &ref);
	CHECK_TRUE(outgoing != NULL && outgoing->open);
	event.leg = outgoing->id;
	event.owner = owner_pack(OWNER_OUTGOING, ref);
	event.remote = outgoing->remote;
	event.remote.port++;
	registrations_on_event(t->west.sw, &event);
	house_pump(&t->west);
	CHECK_UINT(t->west.responded, 0);
	CHECK_TEXT(registry(t).state, "No Authentication");
	two_free(t);
}

static void test_no_answer_and_back(void **state)
{
	struct two *t = two_new(5, west_iax, east_iax);
	(void)state;

	t->sim.net.loss_permille = 1000;
	sim_run_ms(&t->sim, 40000);
	CHECK_TEXT(registry(t).state, "Timeout");
	t->sim.net.loss_permille = 0;
	sim_run_ms(&t->sim, 120000);
	CHECK_TEXT(registry(t).state, "Registered");
	two_free(t);
}

/* An attempt gets the answer to its own challenge, however late that to an earlier one comes. */
static void test_a_late_answer_is_not_taken_for_another_attempt(void **state)
{
	struct two *t = two_new(8, west_iax, east_iax);
	(void)state;

	t->west.vault_is_dead = true;
	for (int i = 0; i < 200 && t->west.asked_count < 2; i++) {
		sim_run_ms(&t->sim, 1000);
	}
	CHECK_UINT(t->west.asked_count, 2);
	t->west.vault_is_dead = false;
	sim_run_ms(&t->sim, 2000);
	CHECK_UINT(t->east.verified, 1);
	CHECK_TEXT(registry(t).state, "Registered");
	two_free(t);
}

static void test_a_reload_gives_back_what_is_gone(void **state)
{
	static const char without[] = "[general]\n"
				      "[eastern]\ntype=peer\nusername=west\nsecret=west-secret1\nhost=192.0.2.2\n"
				      "[fromeast]\ntype=user\nsecret=east-secret1\ncontext=in\n"
				      "[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=out\n";
	struct two *t = two_new(6, west_iax, east_iax);
	(void)state;

	sim_run_ms(&t->sim, 1000);
	CHECK_TRUE(west_is_bound(t));
	house_reload(&t->west, west_iax, west_extensions); /* the same again: nothing happens */
	CHECK_TEXT(registry(t).state, "Registered");
	CHECK_UINT(outgoings_of(t->west.sw)->used, 1);
	house_reload(&t->west, without, west_extensions);
	CHECK_TEXT(registry(t).state, "(none)");
	sim_run_ms(&t->sim, 2000);
	CHECK_UINT(outgoings_of(t->west.sw)->used, 0);
	house_reload(&t->west, west_iax, west_extensions);
	sim_run_ms(&t->sim, 2000);
	CHECK_TEXT(registry(t).state, "Registered");
	CHECK_TRUE(west_is_bound(t));
	two_free(t);
}

/* Gone and back while the release is still on its way, however far it came. */
static void test_what_comes_back_is_asked_for_again(void **state)
{
	static const char without[] =
		"[general]\n[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=out\n";
	static const uint32_t after_ms[] = { 0, 5, 15, 25, 35, 45, 55, 2000 };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(after_ms); i++) {
		struct two *t = two_new(20 + i, west_iax, east_iax);

		sim_run_ms(&t->sim, 1000);
		CHECK_TRUE(west_is_bound(t));
		house_reload(&t->west, without, "[out]\nexten => 1,1,Echo()\n");
		sim_run_ms(&t->sim, after_ms[i]);
		house_reload(&t->west, west_iax, west_extensions);
		for (int n = 0; n < 4; n++) {
			sim_run_ms(&t->sim, 30000);
			CHECK_TEXT(registry(t).state, "Registered");
			CHECK_TRUE(west_is_bound(t));
			CHECK_UINT(outgoings_of(t->west.sw)->used, 1);
		}
		two_free(t);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_registers_and_renews),
		cmocka_unit_test(test_calls_both_ways),
		cmocka_unit_test(test_causes_pass_through_both),
		cmocka_unit_test(test_a_refused_registration_waits),
		cmocka_unit_test(test_a_challenge_from_elsewhere_is_not_answered),
		cmocka_unit_test(test_no_answer_and_back),
		cmocka_unit_test(test_a_late_answer_is_not_taken_for_another_attempt),
		cmocka_unit_test(test_a_reload_gives_back_what_is_gone),
		cmocka_unit_test(test_what_comes_back_is_asked_for_again),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
