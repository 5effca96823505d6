/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>

#include "daemon/vault.h"

/*
 * An exchange with the real vault. Whatever a request is refused for, whether its secret was the right one shows in nothing that its
 * sender can see, nor in what the guard is told: not in the challenges of the tries after either.
 */
enum { TRIES = 10, TESTED_TRIES = 6 };

static const char iax_conf[] = "[general]\n"
			       "[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=phones\n"
			       "[fence]\ntype=friend\nsecret=fence-secret\nhost=dynamic\ncontext=phones\n"
			       "deny=0.0.0.0/0.0.0.0\npermit=198.51.100.0/24\n"
			       "[fixed]\ntype=friend\nsecret=fixed-secret\nhost=192.0.2.50\ncontext=phones\n"
			       "[trap]\ntype=friend\nsecret=trap-secret\nhost=dynamic\ncontext=phones\ndecoy=yes\n";

static const char extensions_conf[] = "[phones]\nexten => 600,1,Wait(1)\n";

static const struct {
	const char *name, *secret;
	bool registration;
	const char *context;
	enum model_reason why, hold;
} reasons[] = {
	{ "fence", "fence-secret", false, NULL, MODEL_WHY_ACL, MODEL_WHY_OK },
	{ "fence", "fence-secret", true, NULL, MODEL_WHY_ACL, MODEL_WHY_OK },
	{ "fixed", "fixed-secret", true, NULL, MODEL_WHY_STATIC, MODEL_WHY_OK },
	{ "alice", "alice-secret", false, "inside", MODEL_WHY_CONTEXT, MODEL_WHY_OK },
	{ "trap", "trap-secret", false, NULL, MODEL_WHY_DECOY, MODEL_WHY_OK },
	{ "trap", "trap-secret", true, NULL, MODEL_WHY_DECOY, MODEL_WHY_OK },
	{ "alice", "alice-secret", false, NULL, MODEL_WHY_GUARDED, MODEL_WHY_GUARDED },
	{ "alice", "alice-secret", true, NULL, MODEL_WHY_GUARDED, MODEL_WHY_GUARDED },
	{ "alice", "alice-secret", false, NULL, MODEL_WHY_STALE, MODEL_WHY_STALE },
	{ "alice", "alice-secret", true, NULL, MODEL_WHY_STALE, MODEL_WHY_STALE },
	{ "alice", "alice-secret", false, NULL, MODEL_WHY_PAIR, MODEL_WHY_PAIR },
	{ "alice", "alice-secret", true, NULL, MODEL_WHY_PAIR, MODEL_WHY_PAIR },
	{ "alice", "alice-secret", false, NULL, MODEL_WHY_TRIES, MODEL_WHY_TRIES },
	{ "alice", "alice-secret", true, NULL, MODEL_WHY_TRIES, MODEL_WHY_TRIES },
};

struct text {
	char chars[IPC_CHALLENGE_CHARS];
};

/* The real vault, and what it said. */
struct safe {
	struct vault *vault;
	struct secrets *secrets;
	unsigned asked;
	struct text texts[64];
};

static void on_challenge(void *owner, uint64_t cookie, uint64_t who, uint64_t now_us, char text[20])
{
	struct safe *safe = owner;
	const struct ipc_challenge_ask ask = { .cookie = cookie, .who = who };

	vault_challenge(safe->vault, &ask, now_us, text);
	CHECK_TRUE(safe->asked < TG_COUNT(safe->texts));
	memcpy(safe->texts[safe->asked++].chars, text, IPC_CHALLENGE_CHARS);
}

static bool on_verify(void *owner, const struct house_question *question, uint64_t now_us, uint64_t *answer)
{
	struct safe *safe = owner;
	struct ipc_verify_ask ask = {
		.cookie = question->cookie,
		.who = question->who,
		.generation = 1,
		.identity = question->identity == MODEL_REGISTRANT ? IPC_REGISTRANT : IPC_CALLER,
		.held = question->held,
	};

	memcpy(ask.md5_result, question->md5, sizeof(ask.md5_result));
	tg_span_copy(ask.name, sizeof(ask.name), tg_span_text(question->name));
	const struct vault_verdict verdict = vault_verify(safe->vault, &ask, now_us);

	*answer = verdict.answer;
	return verdict.right;
}

static struct scene *scene_with_vault(struct safe *safe)
{
	static const uint8_t seed[32] = { 3 };
	struct scene *s = scene_new(5, iax_conf, extensions_conf);
	const struct conf_secret *secret = s->house.conf[0].secrets.first;
	struct secrets_item items[32];
	uint32_t count = 0;
	size_t size;
	const char *too_many;

	for (; secret != NULL; secret = secret->next) {
		CHECK_TRUE(count < TG_COUNT(items));
		items[count++] = (struct secrets_item){ secret->identity, secret->name, secret->secret };
	}
	*safe = (struct safe){ .vault = vault_new(seed), .secrets = secrets_build(items, count, 1, &size, &too_many) };
	CHECK_TRUE(safe->vault != NULL && safe->secrets != NULL);
	vault_set_secrets(safe->vault, safe->secrets, s->sim.now_us);
	s->house.vault = safe;
	s->house.challenge = on_challenge;
	s->house.verify = on_verify;
	return s;
}

static void scene_and_vault_free(struct scene *s, struct safe *safe)
{
	scene_free(s);
	vault_free(safe->vault);
	free(safe->secrets);
}

static void try_once(struct scene *s, size_t reason, const char *secret)
{
	s->alice.name = reasons[reason].name;
	s->alice.secret = secret;
	if (reasons[reason].registration) {
		handset_register(&s->alice, &s->house, 60);
	} else {
		handset_dial(&s->alice, &s->house,
		             &(struct handset_dial){ .number = "600", .context = reasons[reason].context });
	}
	sim_run_ms(&s->sim, 2000);
}

/* Of a row of tries: which earlier one was asked the same, which gave the same answer, what was told and how it ended. */
struct row {
	unsigned text[TRIES], answer[TRIES];
	enum model_reason why[TRIES];
	bool trusted[TRIES];
	uint64_t ended_us[TRIES];
	char story[HANDSET_STORY];
};

/* The first tries are made with the secret in question; then the hold ends, if there is one, and a wrong one is tried. */
static void run_row(struct row *row, size_t reason, const char *secret)
{
	struct safe safe;
	struct scene *s = scene_with_vault(&safe);

	s->house.hold = reasons[reason].hold;
	for (unsigned i = 0; i < TRIES; i++) {
		if (i == TESTED_TRIES + 2) {
			s->house.hold = MODEL_WHY_OK;
		}
		try_once(s, reason, i < TESTED_TRIES ? secret : "another");
		CHECK_UINT(s->house.decision_count, i + 1);
		CHECK_UINT(safe.asked, i + 1);
		row->why[i] = house_decided(&s->house)->why;
		row->trusted[i] = house_decided(&s->house)->trusted;
		row->ended_us[i] = reasons[reason].registration ? s->alice.register_ended_us
		                                                : handset_last(&s->alice)->ended_us;
		for (row->text[i] = 0; memcmp(&safe.texts[row->text[i]], &safe.texts[i], sizeof(struct text)) != 0;
		     row->text[i]++) {
		}
		for (row->answer[i] = 0; s->house.decisions[row->answer[i]].answer != s->house.decisions[i].answer;
		     row->answer[i]++) {
		}
	}
	snprintf(row->story, sizeof(row->story), "%s", handset_story(&s->alice));
	scene_and_vault_free(s, &safe);
}

static void test_right_and_wrong_look_alike(void **state)
{
	(void)state;
	for (size_t reason = 0; reason < TG_COUNT(reasons); reason++) {
		static struct row right, wrong;

		print_message("# %s: %s\n", reasons[reason].name, model_reason_code(reasons[reason].why));
		run_row(&right, reason, reasons[reason].secret);
		run_row(&wrong, reason, "wrong-secret");
		CHECK_TEXT(right.story, wrong.story);
		CHECK_UINT(right.why[0], reasons[reason].why);
		for (unsigned i = 0; i < TRIES; i++) {
			CHECK_UINT(right.text[i], 0);
			CHECK_UINT(wrong.text[i], 0);
			CHECK_UINT(right.answer[i], wrong.answer[i]);
			CHECK_UINT(right.answer[i], i < TESTED_TRIES ? 0 : TESTED_TRIES);
			CHECK_UINT(right.why[i], wrong.why[i]);
			CHECK_FALSE(right.trusted[i] || wrong.trusted[i]);
			CHECK_UINT(right.ended_us[i], wrong.ended_us[i]);
		}
	}
}

/* Once he is held back no more, an owner gets in at the next try or the one after. */
static void test_an_owner_gets_in_when_the_hold_ends(void **state)
{
	(void)state;
	for (size_t reason = 0; reason < TG_COUNT(reasons); reason++) {
		struct safe safe;
		struct scene *s;

		if (reasons[reason].hold == MODEL_WHY_OK) {
			continue;
		}
		s = scene_with_vault(&safe);
		s->house.hold = reasons[reason].hold;
		for (unsigned i = 0; i < 3; i++) {
			try_once(s, reason, reasons[reason].secret);
			CHECK_UINT(house_decided(&s->house)->why, reasons[reason].hold);
		}
		s->house.hold = MODEL_WHY_OK;
		try_once(s, reason, reasons[reason].secret);
		CHECK_UINT(house_decided(&s->house)->why, MODEL_WHY_WRONG); /* what was given while it did not count */
		try_once(s, reason, reasons[reason].secret);
		CHECK_UINT(house_decided(&s->house)->why, MODEL_WHY_OK);
		scene_and_vault_free(s, &safe);
	}
}

/* Who asks for a stale telephone's challenge and leaves, has it for no longer than a dialog lives. */
static void test_a_challenge_is_back_when_its_dialog_is_over(void **state)
{
	const struct iax_config config = iax_config_default();
	struct safe safe;
	struct scene *s = scene_with_vault(&safe);
	struct tg_addr behind = s->sim.nodes[s->alice.node].addr;
	(void)state;

	CHECK_TRUE(VAULT_CHALLENGE_LIFE_S * 1000 > config.half_open_ms);
	behind.port = 50123;
	s->sim.nodes[s->bob.node].addr = behind;
	s->bob.name = "alice";
	s->bob.mute = true;
	s->alice.secret = "an-old-secret";
	handset_call(&s->alice, &s->house, "600");
	sim_run_ms(&s->sim, 2000);
	handset_call(&s->bob, &s->house, "600");
	sim_run_ms(&s->sim, config.half_open_ms + 1000);
	sim_run_ms(&s->sim, 1500);
	handset_call(&s->alice, &s->house, "600");
	sim_run_ms(&s->sim, 2000);
	CHECK_UINT(safe.asked, 3);
	CHECK_TRUE(memcmp(&safe.texts[1], &safe.texts[0], sizeof(struct text)) == 0);
	CHECK_TRUE(memcmp(&safe.texts[2], &safe.texts[0], sizeof(struct text)) == 0);
	scene_and_vault_free(s, &safe);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_right_and_wrong_look_alike),
		cmocka_unit_test(test_an_owner_gets_in_when_the_hold_ends),
		cmocka_unit_test(test_a_challenge_is_back_when_its_dialog_is_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
