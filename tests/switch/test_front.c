/* SPDX-License-Identifier: Apache-2.0 */
/* In front of another exchange: which calls are carried on to it and from it, and which are not. */
#include "peer.h"
#include "stage.h"

#include "check.h"

#include <stdlib.h>

#include "switch/accounts.h"
#include "switch/inside.h"

/* ---- Calls to the backend ---------------------------------------------------------------------------------------- */

static void test_a_call_is_carried_as_the_account(void **state)
{
	const struct iax_variable variables[] = { { TG_SPAN_LIT("room"), TG_SPAN_LIT("7") } };
	struct stage *s = stage(1);
	(void)state;

	s->provider.challenge = "give-me-your-secret";
	handset_dial(&s->alice, &s->front,
	             &(struct handset_dial){
			     .number = "95551234", .calling = "999", .variables = variables, .variable_count = 1 });
	sim_run_ms(&s->sim, 3000);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) ANSWER");
	CHECK_TEXT(s->provider.username, "us");
	CHECK_TEXT(s->provider.called, "5551234");
	CHECK_TEXT(s->provider.calling, "201");
	CHECK_TEXT(s->provider.calling_name, "Alice");
	CHECK_TEXT(s->provider.context, "");
	CHECK_TEXT(s->provider.variables, "room=7;");
	handset_hangup(&s->alice, 0, 16);
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(s->front.record_count, 2);
	CHECK_UINT(s->backend.record_count, 1);
	CHECK_TEXT(house_record(&s->backend)->caller, "alice");
	CHECK_TEXT(house_record(&s->backend)->context, "phones");
	CHECK_TEXT(house_record(&s->backend)->dialled, "95551234");
	stage_free(s);
}

static void test_the_context_asked_for_goes_along(void **state)
{
	struct stage *s = stage(2);
	(void)state;

	handset_dial(&s->alice, &s->front, &(struct handset_dial){ .number = "600", .context = "inside" });
	sim_run_ms(&s->sim, 2000);
	handset_hangup(&s->alice, 0, 16);
	sim_run_ms(&s->sim, 1000);
	CHECK_TEXT(house_record(&s->backend)->context, "inside");
	handset_story(&s->alice);
	handset_dial(&s->alice, &s->front, &(struct handset_dial){ .number = "600", .context = "lobby" });
	sim_run_ms(&s->sim, 3000);
	CHECK_UINT(house_decided(&s->front)->why, MODEL_WHY_CONTEXT);
	CHECK_UINT(s->backend.record_count, 1);
	handset_dial(&s->alice, &s->front, &(struct handset_dial){ .number = "600", .context = "front.bob" });
	sim_run_ms(&s->sim, 3000);
	CHECK_UINT(house_decided(&s->front)->why, MODEL_WHY_CONTEXT);
	CHECK_UINT(s->backend.record_count, 1);
	stage_free(s);
}

static void test_causes_of_the_backend_come_back(void **state)
{
	static const uint8_t causes[] = { 17, 21, 27, 34, 38 };
	struct stage *s = stage(3);
	(void)state;

	handset_register(&s->bob, &s->front, 60);
	sim_run_ms(&s->sim, 1000);
	handset_call(&s->alice, &s->front, "555");
	sim_run_ms(&s->sim, 2000);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw) ended(3)");
	for (size_t i = 0; i < TG_COUNT(causes); i++) {
		s->bob.reject = causes[i];
		handset_call(&s->alice, &s->front, "202");
		sim_run_ms(&s->sim, 2000);
		CHECK_UINT(handset_last(&s->alice)->cause, causes[i]);
	}
	stage_free(s);
}

static void test_only_who_proves_it_is_carried(void **state)
{
	struct stage *s = stage(4);
	static const char *const names[] = { "alice",         "bob",          "caller", "trap",
		                             "nobody",        "provider",     "open",   "front.alice",
		                             "backend.alice", "backend.open", "" };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(names); i++) {
		handset_dial(&s->stranger, &s->front,
		             &(struct handset_dial){
				     .number = "600", .context = i == 10 ? "phones" : NULL, .user = names[i] });
		sim_run_ms(&s->sim, 4000);
		CHECK_TRUE(house_decided(&s->front)->why != MODEL_WHY_OK);
		CHECK_FALSE(handset_last(&s->stranger)->confirmed);
	}
	CHECK_UINT(s->backend.sw->stats.calls_offered, 0);
	CHECK_UINT(s->front.record_count, 0);
	/* What was made for the backend is nobody's name: whoever guesses there finds no account. */
	handset_dial(&s->stranger, &s->front, &(struct handset_dial){ .number = "600", .user = "backend.alice" });
	sim_run_ms(&s->sim, 4000);
	CHECK_FALSE(house_decided(&s->front)->exists);
	CHECK_UINT(house_decided(&s->front)->why, MODEL_WHY_NO_ACCOUNT);
	/* Nor with the secret of the peer. */
	s->stranger.secret = "provider-secret";
	handset_dial(&s->stranger, &s->front, &(struct handset_dial){ .number = "600", .user = "backend.provider" });
	sim_run_ms(&s->sim, 4000);
	CHECK_UINT(house_decided(&s->front)->why, MODEL_WHY_NO_ACCOUNT);
	handset_dial(&s->stranger, &s->front, &(struct handset_dial){ .number = "600", .user = "provider" });
	sim_run_ms(&s->sim, 4000);
	CHECK_UINT(house_decided(&s->front)->why, MODEL_WHY_NO_ACCOUNT);
	stage_free(s);
}

static void test_a_guest_is_carried_as_the_user_that_took_him(void **state)
{
	struct stage *s = stage(5);
	(void)state;

	handset_dial(&s->stranger, &s->front, &(struct handset_dial){ .number = "600", .user = "" });
	sim_run_ms(&s->sim, 2000);
	handset_hangup(&s->stranger, 0, 16);
	sim_run_ms(&s->sim, 1000);
	CHECK_TEXT(house_record(&s->backend)->caller, "guest");
	CHECK_TEXT(house_record(&s->backend)->context, "lobby");
	stage_free(s);
}

/* ---- Calls from the backend -------------------------------------------------------------------------------------- */

static void test_phones_are_called_through_the_backend(void **state)
{
	struct stage *s = stage(6);
	unsigned line;
	(void)state;

	handset_register(&s->bob, &s->front, 60);
	sim_run_ms(&s->sim, 1000);
	s->alice.keeps_talking = s->bob.keeps_talking = true;
	line = handset_call(&s->alice, &s->front, "202");
	sim_run_ms(&s->sim, 3000);
	CHECK_TEXT(handset_story(&s->bob), "offered(s) confirmed voice(ulaw)");
	CHECK_UINT(s->alice.lines[line].last_octet, 0xb0);
	CHECK_UINT(handset_last(&s->bob)->last_octet, 0xa1);
	CHECK_TEXT(s->bob.calling, "201");
	handset_hangup(&s->alice, line, 16);
	sim_run_ms(&s->sim, 1000);
	CHECK_TEXT(handset_story(&s->bob), "ended(16)");
	CHECK_UINT(s->front.record_count, 2);
	CHECK_UINT(s->backend.record_count, 1);
	stage_free(s);
}

static void test_what_the_backend_names_must_be_a_peer_with_its_secret(void **state)
{
	static const char *const numbers[] = { "301", "302", "303", "304", "305" };
	struct stage *s = stage(7);
	(void)state;

	for (size_t i = 0; i < TG_COUNT(numbers); i++) {
		handset_call(&s->alice, &s->front, numbers[i]);
		sim_run_ms(&s->sim, 4000);
		CHECK_TRUE(house_decided(&s->front)->why != MODEL_WHY_OK);
		CHECK_FALSE(handset_last(&s->alice)->answered);
	}
	CHECK_UINT(s->provider.line_count, 0);
	CHECK_UINT(s->front.record_count, TG_COUNT(numbers));
	stage_free(s);
}

static void test_a_context_from_the_backend_goes_on_to_the_peer(void **state)
{
	struct stage *s = stage(8);
	(void)state;

	handset_call(&s->alice, &s->front, "8777");
	sim_run_ms(&s->sim, 2000);
	CHECK_TEXT(s->provider.called, "777");
	CHECK_TEXT(s->provider.context, "there");
	stage_free(s);
}

/* Somebody says that he is at its address, and even the door has let him pass. */
static void test_without_a_token_its_address_is_nothing(void **state)
{
	static const char *const names[] = { "provider", "open", "alice" };
	struct stage *s = calloc(1, sizeof(*s));
	struct peer forger;
	(void)state;

	sim_init(&s->sim, 9, &(struct sim_net){ .delay_us = 10000 });
	house_open(&s->front, &s->sim,
	           &(struct house_plan){
			   .iax = front_iax, .extensions = "", .tollgate = front_tollgate, .no_tokens = true });
	for (uint16_t i = 0; i < TG_COUNT(names); i++) {
		struct iax_ies ies = peer_new(names[i]);

		peer_init(&forger, &s->sim, s->front.node, 9, (uint16_t)(9000 + i));
		forger.addr = s->front.conf[0].world->settings.front.backend;
		CHECK_UINT(peer_send_ies(&forger, IAX_NEW, &ies), IAX_OK);
		house_pump(&s->front);
		sim_run_ms(&s->sim, 200);
		const struct call *call = tg_slab_at(calls_of(s->front.sw), i, NULL);

		CHECK_TRUE(call != NULL);
		CHECK_UINT(call->why, MODEL_WHY_TOKEN);
		CHECK_UINT(call->state, CALL_ASKED);
	}
	s->sim.tap = NULL;
	sim_run_ms(&s->sim, 60000);
	CHECK_UINT(s->front.record_count, 0);
	house_close(&s->front);
	sim_free(&s->sim);
	free(s);
}

/* A trunk that leads to ourselves: what we sent comes back to us. */
static void test_our_own_call_is_nobodys(void **state)
{
	static const char *const names[] = { "guest", "alice" };
	struct stage *s = calloc(1, sizeof(*s));
	struct peer self;
	(void)state;

	sim_init(&s->sim, 18, &(struct sim_net){ .delay_us = 10000 });
	house_open(&s->front, &s->sim,
	           &(struct house_plan){
			   .iax = front_iax, .extensions = "", .tollgate = front_tollgate, .no_tokens = true });
	for (uint16_t i = 0; i < TG_COUNT(names); i++) {
		struct iax_ies ies = peer_new(names[i]);

		peer_init(&self, &s->sim, s->front.node, 9, (uint16_t)(9000 + i));
		self.addr = s->sim.nodes[s->front.node].addr;
		CHECK_UINT(peer_send_ies(&self, IAX_NEW, &ies), IAX_OK);
		house_pump(&s->front);
		const struct call *call = tg_slab_at(calls_of(s->front.sw), i, NULL);

		CHECK_TRUE(call != NULL);
		CHECK_UINT(call->why, MODEL_WHY_NO_ACCOUNT);
		CHECK_TRUE(call->state < CALL_ACCEPTED);
	}
	s->sim.tap = NULL;
	sim_run_ms(&s->sim, 60000);
	CHECK_UINT(s->front.record_count, 0);
	house_close(&s->front);
	sim_free(&s->sim);
	free(s);
}

static void test_at_its_address_names_are_peers_alone(void **state)
{
	static const struct {
		const char *user, *secret;
		enum model_reason why;
	} tries[] = {
		{ "provider", "provider-secret", MODEL_WHY_OK },
		{ "open", "any-at-all", MODEL_WHY_OK },
		{ "provider", "wrong-secret", MODEL_WHY_WRONG },
		{ "caller", "caller-secret", MODEL_WHY_NO_ACCOUNT },
		{ "guest", "any-at-all", MODEL_WHY_NO_ACCOUNT },
		{ "", "any-at-all", MODEL_WHY_NO_GUEST },
		{ "trap", "trap-secret1", MODEL_WHY_NO_ACCOUNT },
		{ "front.alice", "alice-secret", MODEL_WHY_NO_ACCOUNT },
		{ "backend.provider", "provider-secret", MODEL_WHY_NO_ACCOUNT },
	};
	struct sim sim;
	struct house *front = calloc(1, sizeof(*front));
	struct handset backend;
	(void)state;

	sim_init(&sim, 10, &(struct sim_net){ .delay_us = 10000 });
	house_open(front, &sim, &(struct house_plan){ .iax = front_iax, .extensions = "", .tollgate = front_tollgate });
	handset_open(&backend, &sim, "alice", "alice-secret");
	for (size_t i = 0; i < TG_COUNT(tries); i++) {
		backend.secret = tries[i].secret;
		handset_dial(&backend, front, &(struct handset_dial){ .number = "5", .user = tries[i].user });
		sim_run_ms(&sim, 20000);
		print_message("# %s\n", tries[i].user);
		CHECK_TEXT(model_reason_text(house_decided(front)->why), model_reason_text(tries[i].why));
	}
	/* Who guesses names outside holds only others back. */
	front->hold = MODEL_WHY_GUARDED;
	backend.secret = "provider-secret";
	handset_dial(&backend, front, &(struct handset_dial){ .number = "5", .user = "provider" });
	sim_run_ms(&sim, 4000);
	CHECK_UINT(house_decided(front)->why, MODEL_WHY_OK);
	front->hold = MODEL_WHY_OK;
	/* It does not register: calls to it would come back to it. */
	backend.secret = "alice-secret";
	handset_register(&backend, front, 60);
	sim_run_ms(&sim, 4000);
	CHECK_UINT(house_decided(front)->why, MODEL_WHY_ACL);
	CHECK_FALSE(stage_bound(front, "alice"));
	switch_stop(front->sw, false, sim.now_us);
	house_pump(front);
	sim_run_ms(&sim, 60000);
	house_close(front);
	handset_close(&backend);
	sim_free(&sim);
	free(front);
}

static void bind_at(struct stage *s, const char *name, struct tg_addr addr)
{
	struct model_binding binding = { .addr = addr, .expires_ms = UINT64_MAX / 2, .refresh_s = 60 };

	tg_span_copy(binding.name, sizeof(binding.name), tg_span_text(name));
	switch_on_binding(s->front.sw, &binding, s->sim.now_us, HOUSE_WALL_US + s->sim.now_us);
	house_pump(&s->front);
}

static void test_no_call_goes_round(void **state)
{
	struct stage *s = stage(11);
	(void)state;

	/* However it got there: a phone's place is the backend's, or our own. */
	for (int i = 0; i < 2; i++) {
		bind_at(s, i == 0 ? "alice" : "bob", s->sim.nodes[i == 0 ? s->backend.node : s->front.node].addr);
		sim_run_ms(&s->sim, 2000);
		const uint64_t offered = s->front.sw->stats.calls_offered + s->backend.sw->stats.calls_offered;

		handset_dial(&s->alice, &s->front, &(struct handset_dial){ .number = i == 0 ? "201" : "202" });
		sim_run_ms(&s->sim, 3000);
		CHECK_UINT(handset_last(&s->alice)->cause, 3);
		CHECK_UINT(s->front.sw->stats.calls_offered + s->backend.sw->stats.calls_offered, offered + 3);
	}
	stage_free(s);
}

/* ---- Paid calls -------------------------------------------------------------------------------------------------- */

static void test_policies_are_those_of_the_front(void **state)
{
	struct stage *s = stage_new(
		17,
		"[general]\n[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=phones\npolicy=office\n"
		"[caller]\ntype=user\nsecret=caller-secret\ncontext=phones\n"
		"[provider]\ntype=peer\nusername=us\nsecret=provider-secret\nhost=192.0.2.5\ntrunkpolicy=cheap\n"
		"[open]\ntype=peer\nhost=192.0.2.5\n",
		"[front]\nbackend=192.0.2.2:4569\n[numbers]\ncountry=DE\n[policy office]\ndeny=+4930\n"
		"[policy cheap]\ndeny=international\n");
	(void)state;

	/* What alice dials is judged, as it is dialled; who has no policy is not. */
	handset_call(&s->alice, &s->front, "03012345");
	sim_run_ms(&s->sim, 3000);
	CHECK_UINT(s->front.toll_count, 1);
	CHECK_TEXT(s->front.tolls[0].account, "alice");
	CHECK_UINT(s->backend.sw->stats.calls_offered, 0);
	s->stranger.name = "caller";
	s->stranger.secret = "caller-secret";
	handset_call(&s->stranger, &s->front, "9004412345678");
	sim_run_ms(&s->sim, 3000);
	CHECK_UINT(s->front.toll_count, 2);
	CHECK_TEXT(s->front.tolls[1].account, "backend.provider");
	CHECK_TEXT(s->front.tolls[1].trunk, "provider");
	CHECK_UINT(s->provider.line_count, 0);
	handset_call(&s->stranger, &s->front, "903012345");
	sim_run_ms(&s->sim, 3000);
	CHECK_TEXT(s->provider.called, "03012345");
	/* A trunk without a secret is no guest's. */
	handset_call(&s->stranger, &s->front, "8004412345678");
	sim_run_ms(&s->sim, 3000);
	CHECK_TEXT(s->provider.called, "004412345678");
	CHECK_UINT(s->front.toll_count, 2);
	stage_free(s);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_call_is_carried_as_the_account),
		cmocka_unit_test(test_the_context_asked_for_goes_along),
		cmocka_unit_test(test_causes_of_the_backend_come_back),
		cmocka_unit_test(test_only_who_proves_it_is_carried),
		cmocka_unit_test(test_a_guest_is_carried_as_the_user_that_took_him),
		cmocka_unit_test(test_phones_are_called_through_the_backend),
		cmocka_unit_test(test_what_the_backend_names_must_be_a_peer_with_its_secret),
		cmocka_unit_test(test_a_context_from_the_backend_goes_on_to_the_peer),
		cmocka_unit_test(test_without_a_token_its_address_is_nothing),
		cmocka_unit_test(test_our_own_call_is_nobodys),
		cmocka_unit_test(test_at_its_address_names_are_peers_alone),
		cmocka_unit_test(test_no_call_goes_round),
		cmocka_unit_test(test_policies_are_those_of_the_front),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
