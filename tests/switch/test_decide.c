/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"
#include "scene.h"

#include "switch/inside.h"

/* What is told of each request, and who is asked before credentials count. */

static const char iax_conf[] = "[general]\n"
			       "calltokenoptional=192.0.2.99/32\n"
			       "[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=phones\nroaming=yes\n"
			       "[fence]\ntype=friend\nsecret=fence-secret\nhost=dynamic\ncontext=phones\n"
			       "deny=0.0.0.0/0.0.0.0\npermit=198.51.100.0/24\n"
			       "[fixed]\ntype=peer\nsecret=fixed-secret\nhost=192.0.2.50\n"
			       "[trap]\ntype=friend\nsecret=trap-secret\nhost=dynamic\ncontext=phones\ndecoy=yes\n"
			       "[guest]\ntype=user\ncontext=lobby\n"
			       "[bare]\ntype=peer\nhost=dynamic\n"
			       "[gsm]\ntype=user\nsecret=only-gsm-secret\ncontext=phones\ndisallow=all\nallow=gsm\n";

static const char extensions_conf[] = "[phones]\nexten => 600,1,Wait(60)\n[lobby]\nexten => 100,1,Wait(60)\n";

static struct scene *scene(uint64_t seed)
{
	return scene_new(seed, iax_conf, extensions_conf);
}

static const struct {
	const char *user, *secret, *number, *context;
	uint64_t formats; /* 0: the phone's own */
	enum model_reason why;
	bool tried, trusted, exists;
} calls[] = {
	{ "alice", "alice-secret", "600", NULL, 0, MODEL_WHY_OK, true, true, true },
	{ "alice", "wrong", "600", NULL, 0, MODEL_WHY_WRONG, true, false, true },
	{ "alice", "alice-secret", "601", NULL, 0, MODEL_WHY_NO_EXTEN, true, true, true },
	{ "alice", "alice-secret", "600", "lobby", 0, MODEL_WHY_CONTEXT, true, false, true },
	{ "gsm", "only-gsm-secret", "600", NULL, IAX_FORMAT_ULAW, MODEL_WHY_NO_CODEC, true, true, true },
	{ "fence", "fence-secret", "600", NULL, 0, MODEL_WHY_ACL, true, false, true },
	{ "nobody", "whatever", "600", NULL, 0, MODEL_WHY_NO_ACCOUNT, true, false, false },
	{ "bare", "whatever", "600", NULL, 0, MODEL_WHY_NO_ACCOUNT, true, false, true },
	{ "trap", "trap-secret", "600", NULL, 0, MODEL_WHY_DECOY, true, false, true },
	{ "trap", "wrong", "600", NULL, 0, MODEL_WHY_DECOY, true, false, true },
	{ "", "", "100", NULL, 0, MODEL_WHY_OK, false, false, true },
	{ "", "", "101", NULL, 0, MODEL_WHY_NO_EXTEN, false, false, true },
	{ "", "", "100", "phones", 0, MODEL_WHY_NO_GUEST, false, false, false },
	{ "guest", "", "100", NULL, 0, MODEL_WHY_OK, false, false, true },
};

static void test_calls(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(calls); i++) {
		struct scene *s = scene(i);
		const struct house_decision *decision;

		print_message("# %s dials %s: %s\n", calls[i].user, calls[i].number, model_reason_code(calls[i].why));
		s->alice.secret = calls[i].secret;
		if (calls[i].formats != 0) {
			s->alice.capability = s->alice.format = calls[i].formats;
		}
		handset_dial(&s->alice, &s->house,
		             &(struct handset_dial){
				     .number = calls[i].number, .user = calls[i].user, .context = calls[i].context });
		sim_run_ms(&s->sim, 3000);
		decision = house_decided(&s->house);
		CHECK_UINT(s->house.decision_count, 1);
		CHECK_TEXT(model_reason_code(decision->why), model_reason_code(calls[i].why));
		CHECK_UINT(decision->request, MODEL_REQUEST_CALL);
		CHECK_UINT(decision->tried, calls[i].tried);
		CHECK_UINT(decision->trusted, calls[i].trusted);
		CHECK_UINT(decision->exists, calls[i].exists);
		CHECK_UINT(decision->decoy, calls[i].why == MODEL_WHY_DECOY);
		CHECK_UINT(decision->roaming, strcmp(calls[i].user, "alice") == 0);
		CHECK_UINT(decision->answer != 0, calls[i].tried);
		CHECK_TEXT(decision->account, calls[i].user);
		CHECK_TEXT(decision->exten, calls[i].number);
		CHECK_TRUE(tg_addr_same_host(decision->from, s->sim.nodes[1].addr));
		CHECK_TRUE(decision->proven && decision->call >= 1000);
		CHECK_UINT(s->house.tries, calls[i].tried);
		CHECK_UINT(s->house.held, calls[i].tried && !calls[i].trusted && calls[i].why != MODEL_WHY_WRONG);
		scene_free(s);
	}
}

static const struct {
	const char *name, *secret;
	enum model_reason why;
	bool exists;
} registrations[] = {
	{ "alice", "alice-secret", MODEL_WHY_OK, true },          { "alice", "wrong", MODEL_WHY_WRONG, true },
	{ "fence", "fence-secret", MODEL_WHY_ACL, true },         { "fixed", "fixed-secret", MODEL_WHY_STATIC, true },
	{ "bare", "whatever", MODEL_WHY_NO_SECRET, true },        { "trap", "trap-secret", MODEL_WHY_DECOY, true },
	{ "gsm", "only-gsm-secret", MODEL_WHY_NO_ACCOUNT, true }, { "nobody", "whatever", MODEL_WHY_NO_ACCOUNT, false },
};

static void test_registrations(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(registrations); i++) {
		struct scene *s = scene(i);
		const struct house_decision *decision;

		print_message("# %s: %s\n", registrations[i].name, model_reason_code(registrations[i].why));
		s->alice.name = registrations[i].name;
		s->alice.secret = registrations[i].secret;
		handset_register(&s->alice, &s->house, 60);
		sim_run_ms(&s->sim, 3000);
		decision = house_decided(&s->house);
		CHECK_UINT(s->house.decision_count, 1);
		CHECK_TEXT(model_reason_code(decision->why), model_reason_code(registrations[i].why));
		CHECK_UINT(decision->request, MODEL_REQUEST_REGISTER);
		CHECK_UINT(decision->exists, registrations[i].exists);
		CHECK_UINT(decision->trusted, registrations[i].why == MODEL_WHY_OK);
		CHECK_UINT(decision->decoy, registrations[i].why == MODEL_WHY_DECOY);
		CHECK_TRUE(decision->tried && decision->proven && decision->answer != 0);
		CHECK_TEXT(decision->account, registrations[i].name);
		CHECK_UINT(s->house.tries, 1);
		CHECK_UINT(s->house.held,
		           registrations[i].why != MODEL_WHY_OK && registrations[i].why != MODEL_WHY_WRONG);
		scene_free(s);
	}
}

/* Who is asked may hold a right secret back; the vault is asked all the same, and nobody sees a difference. */
static void test_a_right_answer_that_is_held_back(void **state)
{
	struct scene *s = scene(7);
	(void)state;

	s->house.hold = MODEL_WHY_GUARDED;
	handset_call(&s->alice, &s->house, "600");
	handset_register(&s->alice, &s->house, 60);
	sim_run_ms(&s->sim, 3000);
	CHECK_TEXT(handset_story(&s->alice), "challenged ended(50)");
	CHECK_FALSE(s->alice.registered);
	CHECK_UINT(s->alice.register_cause, 29);
	CHECK_UINT(s->house.verified, 2);
	CHECK_UINT(house_decisions(&s->house, MODEL_WHY_GUARDED), 2);
	CHECK_UINT(house_decisions(&s->house, MODEL_WHY_OK), 0);
	CHECK_FALSE(house_decided(&s->house)->trusted);
	/* What is wrong besides goes first. */
	s->alice.name = "fence";
	handset_call(&s->alice, &s->house, "600");
	sim_run_ms(&s->sim, 3000);
	CHECK_UINT(house_decided(&s->house)->why, MODEL_WHY_ACL);
	CHECK_UINT(s->house.tries, 3);
	scene_free(s);
}

/* The vault is told who it is in both questions; calls and registrations, names and sources are told apart. */
static void test_who(void **state)
{
	struct scene *s = scene(8);
	uint64_t seen[4];
	(void)state;

	handset_call(&s->alice, &s->house, "600");
	sim_run_ms(&s->sim, 200);
	seen[0] = s->house.who_asked;
	CHECK_UINT(s->house.who_verified, seen[0]);
	handset_call(&s->alice, &s->house, "600");
	sim_run_ms(&s->sim, 200);
	CHECK_UINT(s->house.who_asked, seen[0]);
	handset_register(&s->alice, &s->house, 60);
	sim_run_ms(&s->sim, 200);
	seen[1] = s->house.who_asked;
	CHECK_UINT(s->house.who_verified, seen[1]);
	s->alice.name = "nobody";
	handset_call(&s->alice, &s->house, "600");
	sim_run_ms(&s->sim, 200);
	seen[2] = s->house.who_asked;
	s->bob.name = "alice";
	handset_call(&s->bob, &s->house, "600");
	sim_run_ms(&s->sim, 200);
	seen[3] = s->house.who_asked;
	for (size_t i = 0; i < TG_COUNT(seen); i++) {
		for (size_t k = 0; k < i; k++) {
			CHECK_TRUE(seen[i] != seen[k]);
		}
	}
	scene_free(s);
}

static void test_whoever_is_not_looked_at_is_told(void **state)
{
	struct scene *s = scene(9);
	(void)state;

	handset_call(&s->bob, &s->house, "600");
	s->house.vault_is_dead = true;
	sim_run_ms(&s->sim, 100);
	CHECK_UINT(s->house.decision_count, 0);
	switch_stop(s->house.sw, false, s->sim.now_us); /* he waits for a challenge */
	house_pump(&s->house);
	CHECK_UINT(s->house.decision_count, 1);
	CHECK_UINT(house_decided(&s->house)->why, MODEL_WHY_STOPPING);
	handset_call(&s->carol, &s->house, "600");
	sim_run_ms(&s->sim, 3000);
	CHECK_UINT(s->house.decision_count, 2);
	CHECK_UINT(house_decided(&s->house)->why, MODEL_WHY_STOPPING);
	CHECK_TEXT(house_decided(&s->house)->account, "carol");
	CHECK_UINT(house_decided(&s->house)->call, 0);
	scene_free(s);
}

/* A name that is weak as user is no less weak when somebody registers with it, and the other way. */
static void test_a_name_is_one_account(void **state)
{
	struct scene *s = scene_new(11,
	                            "[general]\n[user]\ntype=user\nsecret=user\ncontext=phones\n"
	                            "[peer]\ntype=peer\nsecret=peer\nhost=192.0.2.50\n",
	                            extensions_conf);
	static const char *const names[] = { "user", "peer" };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(names); i++) {
		s->alice.name = names[i];
		s->alice.secret = "guess";
		handset_register(&s->alice, &s->house, 60);
		sim_run_ms(&s->sim, 2000);
		CHECK_TRUE(house_decided(&s->house)->exists && house_decided(&s->house)->weak);
		handset_call(&s->alice, &s->house, "600");
		sim_run_ms(&s->sim, 2000);
		CHECK_TRUE(house_decided(&s->house)->exists && house_decided(&s->house)->weak);
		CHECK_UINT(house_decided(&s->house)->request, MODEL_REQUEST_CALL);
	}
	CHECK_UINT(s->house.decision_count, 4);
	scene_free(s);
}

/* It is refused before it is a request for anybody: nobody is asked, and there is nobody to charge. */
static void test_a_registration_without_a_name(void **state)
{
	struct scene *s = scene(12);
	(void)state;

	s->alice.name = "";
	handset_register(&s->alice, &s->house, 60);
	sim_run_ms(&s->sim, 2000);
	CHECK_FALSE(s->alice.registered);
	CHECK_UINT(s->house.decision_count, 0);
	CHECK_UINT(s->house.tries, 0);
	CHECK_UINT(s->house.challenge_count, 0);
	CHECK_UINT(pendings_of(s->house.sw)->used, 0);
	scene_free(s);
}

static void test_a_registration_without_room_is_told(void **state)
{
	struct scene *s = scene(13);
	struct tg_slab *pendings = pendings_of(s->house.sw);
	struct tg_ref refs[256];
	unsigned count = 0;
	(void)state;

	while (count < TG_COUNT(refs) && tg_slab_take(pendings, &refs[count]) != NULL) {
		count++;
	}
	CHECK_TRUE(count < TG_COUNT(refs));
	handset_register(&s->alice, &s->house, 60);
	sim_run_ms(&s->sim, 2000);
	CHECK_FALSE(s->alice.registered);
	CHECK_UINT(s->house.decision_count, 1);
	CHECK_UINT(house_decided(&s->house)->why, MODEL_WHY_NO_ROOM);
	CHECK_FALSE(house_decided(&s->house)->tried || house_decided(&s->house)->trusted);
	CHECK_TEXT(house_decided(&s->house)->account, "alice");
	CHECK_UINT(s->house.tries, 0);
	while (count > 0) {
		tg_slab_give(pendings, refs[--count]);
	}
	scene_free(s);
}

/* Who gives up a registration while the vault judges has tried all the same. */
static void leave_registration(const char *secret, bool right)
{
	struct scene *s = scene_new_with(
		14, &(struct house_plan){ .iax = iax_conf, .extensions = extensions_conf, .vault_us = 50000 },
		&(struct sim_net){ .delay_us = 10000 });
	struct iax_ies ies = { .has = UINT64_C(1) << IAX_IE_USERNAME, .username = TG_SPAN_LIT("alice") };
	struct peer peer;
	uint8_t md5[16];
	char digits[33];

	peer_init(&peer, &s->sim, s->house.node, 7, 100);
	CHECK_UINT(peer_open(&peer, IAX_REGREQ, &ies), IAX_OK);
	sim_run_ms(&s->sim, 100);
	CHECK_TRUE(crypt_md5_answer(s->house.md5, md5, peer_last(&peer, IAX_FRAME_IAX, IAX_REGAUTH)->ies.challenge,
	                            tg_span_text(secret)));
	tg_hex_encode(digits, (struct tg_span){ md5, 16 });
	ies.has |= UINT64_C(1) << IAX_IE_MD5_RESULT;
	ies.md5_result = (struct tg_span){ (const uint8_t *)digits, 32 };
	CHECK_UINT(peer_send_ies(&peer, IAX_REGREQ, &ies), IAX_OK);
	sim_run_ms(&s->sim, 20);
	CHECK_UINT(s->house.verified, 1);
	CHECK_UINT(peer_send_ies(&peer, IAX_HANGUP, NULL), IAX_OK);
	sim_run_ms(&s->sim, 10);
	CHECK_UINT(pendings_of(s->house.sw)->used, 0);
	CHECK_UINT(s->house.decision_count, 0);
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(s->house.decision_count, 1);
	CHECK_UINT(house_decided(&s->house)->why, right ? MODEL_WHY_OK : MODEL_WHY_WRONG);
	CHECK_UINT(house_decided(&s->house)->trusted, right);
	CHECK_TRUE(house_decided(&s->house)->tried && house_decided(&s->house)->answer != 0);
	CHECK_TEXT(house_decided(&s->house)->account, "alice");
	CHECK_UINT(house_decided(&s->house)->request, MODEL_REQUEST_REGISTER);
	CHECK_UINT(s->house.binding_count, 0);
	s->sim.tap = NULL;
	scene_free(s);
}

static void test_a_registration_that_leaves_before_the_verdict(void **state)
{
	(void)state;
	leave_registration("alice-secret", true);
	leave_registration("wrong", false);
}

/* We hang up while the vault judges, since the configuration he began with is not kept any longer: what he tried is told. */
static void test_a_caller_whom_we_leave_before_the_verdict(void **state)
{
	struct scene *s = scene_new_with(
		15, &(struct house_plan){ .iax = iax_conf, .extensions = extensions_conf, .vault_us = 500000 },
		&(struct sim_net){ .delay_us = 10000 });
	(void)state;

	s->alice.secret = "wrong";
	handset_call(&s->alice, &s->house, "600");
	sim_run_ms(&s->sim, 600);
	CHECK_UINT(s->house.verified, 1);
	for (unsigned i = 0; i < SWITCH_WORLDS; i++) {
		house_reload(&s->house, iax_conf, extensions_conf);
		handset_call(&s->bob, &s->house, "600"); /* holds that one */
		sim_run_ms(&s->sim, 40);
	}
	CHECK_FALSE(s->alice.lines[0].live);
	CHECK_UINT(s->house.decision_count, 0);
	sim_run_ms(&s->sim, 700);
	CHECK_TRUE(s->house.decision_count > 0);
	CHECK_TEXT(s->house.decisions[0].account, "alice");
	CHECK_UINT(s->house.decisions[0].why, MODEL_WHY_WRONG);
	CHECK_TRUE(s->house.decisions[0].tried && s->house.decisions[0].answer != 0);
	scene_free(s);
}

/* Who hangs up right after his credentials has tried all the same. */
static void test_whoever_leaves_before_the_verdict(void **state)
{
	struct scene *s = scene_new_with(
		10, &(struct house_plan){ .iax = iax_conf, .extensions = extensions_conf, .vault_us = 50000 },
		&(struct sim_net){ .delay_us = 10000 });
	(void)state;

	s->alice.secret = "wrong";
	handset_call(&s->alice, &s->house, "600");
	sim_run_ms(&s->sim, 125); /* the vault has the answer since 115 */
	CHECK_UINT(s->house.verified, 1);
	handset_hangup(&s->alice, 0, 16);
	sim_run_ms(&s->sim, 20);
	CHECK_UINT(switch_calls(s->house.sw), 0);
	CHECK_UINT(s->house.decision_count, 0);
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(s->house.decision_count, 1);
	CHECK_UINT(house_decided(&s->house)->why, MODEL_WHY_WRONG);
	CHECK_TRUE(house_decided(&s->house)->tried && house_decided(&s->house)->answer != 0);
	CHECK_FALSE(house_decided(&s->house)->trusted);
	CHECK_TEXT(house_decided(&s->house)->account, "alice");
	CHECK_TEXT(house_decided(&s->house)->exten, "600");
	CHECK_TRUE(house_decided(&s->house)->proven && house_decided(&s->house)->exists);
	handset_hangup(&s->bob, handset_call(&s->bob, &s->house, "600"), 16); /* before he was even asked */
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(s->house.decision_count, 1);
	scene_free(s);
}

static uint64_t told_answers; /* of wrong ones */
static uint32_t told_wrong, told_right, told_else;
static uint64_t answers_told[1024];

static void on_told(void *owner, const struct switch_decision *decision)
{
	const bool wrong = decision->why == MODEL_WHY_WRONG;
	(void)owner;

	told_wrong += wrong && decision->tried && !decision->trusted;
	told_right += decision->why == MODEL_WHY_OK && decision->trusted;
	told_else += !wrong && decision->why != MODEL_WHY_OK;
	CHECK_TRUE(told_answers < TG_COUNT(answers_told));
	for (uint64_t i = 0; i < told_answers; i++) {
		CHECK_TRUE(answers_told[i] != decision->try.answer);
	}
	answers_told[told_answers++] = decision->try.answer;
}

/* So many have sent their credentials, and hang up before the vault has looked at one. */
static void leave_at_once(struct scene *s, struct handset *phone, unsigned count)
{
	unsigned lines[HANDSET_LINES];

	for (unsigned i = 0; i < count; i++) {
		lines[i] = handset_call(phone, &s->house, "600");
	}
	sim_run_ms(&s->sim, 60);
	for (unsigned i = 0; i < count; i++) {
		handset_hangup(phone, lines[i], 16);
	}
	sim_run_ms(&s->sim, 60);
}

static struct scene *scene_of_leavers(uint32_t half_open_max)
{
	static const char many[] = "[general]\nmaxauthreq=1000\nmaxcallnumbers=1000\n"
				   "[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=phones\n";
	struct scene *s = scene_new_with(
		99,
		&(struct house_plan){
			.iax = many, .extensions = extensions_conf, .calls_max = 512, .half_open_max = half_open_max },
		&(struct sim_net){ .delay_us = 10000 });

	s->house.vault_judges_nobody = true;
	s->house.sw->outside.ops.decided = on_told;
	told_wrong = told_right = told_else = 0;
	told_answers = 0;
	return s;
}

/* However many leave before their verdict, each is told: PLACES is as many as can be judged at once, and then more. */
static void test_everybody_who_leaves_is_told(void **state)
{
	enum { PLACES = 200, A_TIME = 10, MORE = 30 };
	struct scene *s = scene_of_leavers(PLACES);
	unsigned left = 0;
	(void)state;

	s->alice.secret = "wrong";
	for (; left < PLACES; left += A_TIME) {
		s->alice.line_count = 0;
		leave_at_once(s, &s->alice, A_TIME);
	}
	CHECK_UINT(s->house.verified, PLACES);
	CHECK_UINT(switch_calls(s->house.sw), 0);
	CHECK_UINT(told_answers, 0);
	for (; left < PLACES + MORE; left += A_TIME) {
		s->alice.line_count = 0;
		leave_at_once(s, &s->alice, A_TIME);
		CHECK_UINT(told_wrong, left + A_TIME - PLACES); /* the oldest, each another answer */
		CHECK_UINT(s->house.sw->stats.verdicts_lost, told_wrong);
	}
	s->house.vault_judges_nobody = false;
	house_pump(&s->house);
	sim_run_ms(&s->sim, 3000);
	CHECK_UINT(told_wrong, PLACES + MORE);
	CHECK_UINT(told_right + told_else, 0);
	CHECK_UINT(lefts_of(s->house.sw)->used, 0);
	scene_free(s);
}

/* A right answer is told as right; when its place was needed before the verdict, as wrong, and once. */
static void test_a_right_answer_of_somebody_who_left(void **state)
{
	enum { PLACES = 16, A_TIME = 8 };
	struct scene *s = scene_of_leavers(PLACES);
	(void)state;

	for (unsigned i = 0; i < 3; i++) {
		leave_at_once(s, &s->alice, A_TIME);
	}
	CHECK_UINT(told_wrong, A_TIME);
	s->house.vault_judges_nobody = false;
	house_pump(&s->house);
	sim_run_ms(&s->sim, 3000);
	CHECK_UINT(told_wrong, A_TIME);
	CHECK_UINT(told_right, PLACES);
	CHECK_UINT(told_else, 0);
	scene_free(s);
}

/* A vault that does not come back is nobody's guess: all of these are one and the same answer. */
static void test_questions_that_were_given_up(void **state)
{
	enum { PLACES = 16, A_TIME = 8 };
	struct scene *s = scene_of_leavers(PLACES);
	(void)state;

	leave_at_once(s, &s->alice, A_TIME);
	leave_at_once(s, &s->alice, A_TIME);
	CHECK_UINT(told_answers, 0);
	sim_run_ms(&s->sim, 61000);
	leave_at_once(s, &s->alice, 1);
	CHECK_UINT(told_wrong, 1);
	CHECK_UINT(answers_told[0], 0);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everybody_who_leaves_is_told),
		cmocka_unit_test(test_a_right_answer_of_somebody_who_left),
		cmocka_unit_test(test_questions_that_were_given_up),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_registrations),
		cmocka_unit_test(test_a_right_answer_that_is_held_back),
		cmocka_unit_test(test_who),
		cmocka_unit_test(test_whoever_is_not_looked_at_is_told),
		cmocka_unit_test(test_a_name_is_one_account),
		cmocka_unit_test(test_a_registration_without_a_name),
		cmocka_unit_test(test_a_registration_without_room_is_told),
		cmocka_unit_test(test_a_registration_that_leaves_before_the_verdict),
		cmocka_unit_test(test_a_caller_whom_we_leave_before_the_verdict),
		cmocka_unit_test(test_whoever_leaves_before_the_verdict),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
