/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/vault.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "crypt/md5.h"
#include "crypt/random.h"
#include "daemon/vault_repeat.h"

static_assert((int)IPC_CALLER == (int)MODEL_CALLER && (int)IPC_REGISTRANT == (int)MODEL_REGISTRANT &&
                      (int)IPC_OUR_PEER == (int)MODEL_OUR_PEER && (int)IPC_OUR_REGISTER == (int)MODEL_OUR_REGISTER,
              "questions and secrets name the same identities");

struct waiting {
	uint64_t cookie;
	uint64_t who;
	uint64_t until_us; /* 0: used or free */
	bool is_repeated;
	struct vault_repeat asked; /* of a new one the text alone */
};

struct vault {
	struct crypt_md5 *md5;
	struct crypt_random random;
	uint8_t key[CRYPT_KEY_BYTES];
	const struct secrets *now, *before;
	uint64_t digest_now, digest_before; /* of all their secrets */
	uint64_t before_until_us;
	uint64_t second;
	uint32_t questions; /* in this second */
	uint32_t next;      /* place of the next challenge: the ring's oldest */
	struct vault_repeats *repeats;
	struct tg_map *places;
	struct waiting ring[VAULT_CHALLENGES_MAX];
};

struct vault *vault_new(const uint8_t seed[32])
{
	struct vault *vault = calloc(1, sizeof(*vault));
	void *places = calloc(1, tg_map_size(VAULT_CHALLENGES_MAX));

	if (vault == NULL || places == NULL) {
		free(places);
		free(vault);
		return NULL;
	}
	vault->places = tg_map_init(places, VAULT_CHALLENGES_MAX);
	vault->md5 = crypt_md5_new();
	vault->repeats = vault_repeats_new();
	if (vault->md5 == NULL || vault->repeats == NULL) {
		vault_free(vault);
		return NULL;
	}
	crypt_random_init(&vault->random, seed);
	crypt_random_bytes(&vault->random, vault->key, sizeof(vault->key));
	return vault;
}

void vault_free(struct vault *vault)
{
	if (vault == NULL) {
		return;
	}
	crypt_md5_free(vault->md5);
	vault_repeats_free(vault->repeats);
	free(vault->places);
	crypt_wipe(vault, sizeof(*vault));
	free(vault);
}

/* Without the head: the same secrets in another generation are the same. */
static uint64_t digest_of(const struct vault *vault, const struct secrets *secrets)
{
	const struct tg_span rows = { (const uint8_t *)(secrets + 1), secrets->size_bytes - sizeof(*secrets) };

	return crypt_siphash64(vault->key, rows);
}

void vault_set_secrets(struct vault *vault, const struct secrets *secrets, uint64_t now_us)
{
	vault->before = vault->now;
	vault->digest_before = vault->digest_now;
	vault->before_until_us = now_us + (uint64_t)VAULT_OLD_SECRETS_S * TG_US_PER_S;
	vault->now = secrets;
	vault->digest_now = digest_of(vault, secrets);
}

bool vault_is_unused(const struct vault *vault, const struct secrets *secrets, uint64_t now_us)
{
	return secrets != vault->now && (secrets != vault->before || now_us >= vault->before_until_us);
}

/* ---- Challenges ---- */

static uint64_t hash_of(const struct vault *vault, uint64_t number)
{
	return crypt_siphash64(vault->key, (struct tg_span){ (const uint8_t *)&number, sizeof(number) });
}

static void forget(struct vault *vault, uint32_t place)
{
	struct waiting *waiting = &vault->ring[place];

	if (waiting->until_us != 0) {
		tg_map_remove(vault->places, hash_of(vault, waiting->cookie), place);
		crypt_wipe(waiting, sizeof(*waiting));
	}
}

static bool find(const struct vault *vault, uint64_t cookie, uint32_t *place)
{
	struct tg_map_walk walk = tg_map_find(vault->places, hash_of(vault, cookie));

	while (tg_map_next(&walk, place)) {
		if (vault->ring[*place].cookie == cookie) {
			return true;
		}
	}
	return false;
}

static struct waiting *place_for(struct vault *vault, uint64_t cookie)
{
	uint32_t place;

	if (find(vault, cookie, &place)) {
		forget(vault, place);
	}
	place = vault->next;
	vault->next = (vault->next + 1) % VAULT_CHALLENGES_MAX;
	forget(vault, place);
	const bool inserted = tg_map_insert(vault->places, hash_of(vault, cookie), place);

	assert(inserted); /* the ring is no larger than the map */
	return &vault->ring[place];
}

static void make_text(struct vault *vault, char text[IPC_CHALLENGE_CHARS])
{
	static const char base32[] = "abcdefghijklmnopqrstuvwxyz234567";
	uint8_t random[IPC_CHALLENGE_CHARS];

	crypt_random_bytes(&vault->random, random, sizeof(random));
	for (size_t i = 0; i < sizeof(random); i++) {
		text[i] = base32[random[i] % 32];
	}
}

/* After a change of any secret a wrong answer of before could be a right one: then it is none of these. */
static bool borrow(struct vault *vault, struct waiting *waiting, uint64_t now_us)
{
	const uint64_t who = hash_of(vault, waiting->who);
	struct vault_repeat kept;

	if (waiting->who == 0 || !vault_repeats_lend(vault->repeats, who, now_us, waiting->until_us, &kept)) {
		return false;
	}
	if (kept.secrets != vault->digest_now) {
		vault_repeats_drop(vault->repeats, who, kept.text);
		return false;
	}
	waiting->asked = kept;
	return true;
}

void vault_challenge(struct vault *vault, const struct ipc_challenge_ask *ask, uint64_t now_us,
                     char text[IPC_CHALLENGE_CHARS])
{
	struct waiting *waiting = place_for(vault, ask->cookie);

	*waiting = (struct waiting){
		.cookie = ask->cookie,
		.who = ask->who,
		.until_us = now_us + (uint64_t)VAULT_CHALLENGE_LIFE_S * TG_US_PER_S,
	};
	make_text(vault, waiting->asked.text);
	waiting->is_repeated = borrow(vault, waiting, now_us);
	memcpy(text, waiting->asked.text, IPC_CHALLENGE_CHARS);
}

/* Use up the challenge of a cookie. Without one, the text is one that nobody was ever given. */
static bool take(struct vault *vault, uint64_t cookie, uint64_t now_us, struct waiting *taken)
{
	uint32_t place;

	*taken = (struct waiting){ 0 };
	memset(taken->asked.text, '1', IPC_CHALLENGE_CHARS);
	if (!find(vault, cookie, &place)) {
		return false;
	}
	const bool in_time = now_us < vault->ring[place].until_us;

	*taken = vault->ring[place];
	forget(vault, place);
	return in_time;
}

/* ---- Answers ---- */

static bool charge_question(struct vault *vault, uint64_t now_us)
{
	if (vault->second != now_us / TG_US_PER_S) {
		vault->second = now_us / TG_US_PER_S;
		vault->questions = 0;
	}
	return ++vault->questions <= VAULT_QUESTIONS_PER_S;
}

/* A call keeps the generation it began with; one that is not known any more is answered for from now. */
static bool is_of_before(const struct vault *vault, uint64_t generation, uint64_t now_us)
{
	return vault->before != NULL && vault->before->generation == generation && now_us < vault->before_until_us;
}

static const struct secrets *secrets_of(const struct vault *vault, uint64_t generation, uint64_t now_us)
{
	return is_of_before(vault, generation, now_us) ? vault->before : vault->now;
}

/* Try as many secrets as the name with the most has, real ones first: the work does not tell how many there are, if any. */
static bool is_right(struct vault *vault, const struct secrets *secrets, struct secrets_run run,
                     const char challenge[IPC_CHALLENGE_CHARS], const uint8_t result[CRYPT_MD5_BYTES])
{
	const struct tg_span asked = { (const uint8_t *)challenge, IPC_CHALLENGE_CHARS };
	uint8_t want[CRYPT_MD5_BYTES];
	bool right = false;

	for (uint32_t i = 0; i < secrets->most_a_name; i++) {
		const struct tg_span dummy = TG_SPAN_LIT("nobody's secret");
		const struct tg_span secret = i < run.count ? secrets_text(secrets, run.first + i) : dummy;
		const bool made = crypt_md5_answer(vault->md5, want, asked, secret);
		const bool equal = crypt_equal(want, result, sizeof(want));

		right |= made & equal & (i < run.count);
	}
	crypt_wipe(want, sizeof(want));
	return right;
}

static bool try_answer(struct vault *vault, const struct ipc_verify_ask *ask, const struct waiting *taken,
                       uint64_t now_us)
{
	const struct secrets *secrets = secrets_of(vault, ask->generation, now_us);
	const struct secrets_run run = secrets_find(secrets, (enum model_identity)ask->identity,
	                                            tg_span_text(ask->name));

	return is_right(vault, secrets, run, taken->asked.text, ask->md5_result);
}

static uint64_t subject_of(const struct vault *vault, const struct ipc_verify_ask *ask)
{
	struct {
		uint64_t identity;
		char name[IPC_NAME_BYTES];
	} subject = { .identity = ask->identity };

	(void)tg_span_copy(subject.name, sizeof(subject.name), tg_span_text(ask->name));
	return crypt_siphash64(vault->key, (struct tg_span){ (const uint8_t *)&subject, sizeof(subject) });
}

static uint64_t answer_of(const struct vault *vault, const struct waiting *taken, const struct ipc_verify_ask *ask,
                          bool judged)
{
	uint8_t answer[IPC_CHALLENGE_CHARS + sizeof(ask->md5_result)] = { 0 };

	if (judged) {
		memcpy(answer, taken->asked.text, IPC_CHALLENGE_CHARS);
		memcpy(answer + IPC_CHALLENGE_CHARS, ask->md5_result, sizeof(ask->md5_result));
	}
	return crypt_siphash64(vault->key, (struct tg_span){ answer, sizeof(answer) });
}

/* ---- What becomes of a challenge ---- */

/** How an answer came out, before it is said. */
struct outcome {
	bool in_time;
	bool judged;
	bool right;
	bool spent; /* the challenge, by a right answer before */
	bool held;
	bool counts; /* it is told as right */
	uint64_t answer;
};

static bool is_spent(const struct vault *vault, const struct waiting *taken)
{
	const struct vault_repeat *kept = vault_repeats_find(vault->repeats, hash_of(vault, taken->who),
	                                                     taken->asked.text);

	return taken->asked.spent | (kept != NULL && kept->spent);
}

static void note_late(struct vault *vault, uint64_t who, const struct waiting *taken, bool right)
{
	struct vault_repeat *kept = vault_repeats_find(vault->repeats, who, taken->asked.text);

	if (taken->is_repeated && kept != NULL) {
		kept->spent = kept->spent | right; /* it is back already, perhaps lent again */
	}
}

/*
 * A right answer that could count, but for a challenge that is spent: the ones after are new until one of them can count. Otherwise
 * who is held back now and then would come too late each time.
 */
static void owe(struct vault *vault, uint64_t who, const struct vault_repeat *tried, uint64_t answer, uint64_t now_us)
{
	vault_repeats_keep(vault->repeats, who, tried, now_us);
	struct vault_repeat *kept = vault_repeats_find(vault->repeats, who, tried->text);

	if (kept != NULL) {
		kept->owed = true;
		kept->answer = answer;
	}
}

/* What is owed ends with the first answer that counts, or is wrong. */
static void pay(struct vault *vault, uint64_t who, uint64_t now_us)
{
	const struct vault_repeat *owed = vault_repeats_owed(vault->repeats, who, now_us);

	if (owed != NULL) {
		char text[IPC_CHALLENGE_CHARS];

		memcpy(text, owed->text, sizeof(text));
		vault_repeats_drop(vault->repeats, who, text);
	}
}

static bool is_owed(const struct vault *vault, uint64_t who, const struct vault_repeat *tried, uint64_t now_us)
{
	const struct vault_repeat *owed = vault_repeats_owed(vault->repeats, who, now_us);

	return owed != NULL && owed->secrets == tried->secrets && owed->subject == tried->subject;
}

/*
 * What does not count is kept, and names that nobody has are kept challenges for, too. A right answer that was held back leaves no
 * other trace than that its challenge is spent, which shows to nobody but who gives a right answer again.
 *
 * @return what stands for the answer
 */
static uint64_t settle(struct vault *vault, const struct waiting *taken, struct vault_repeat tried,
                       const struct outcome *outcome, uint64_t now_us)
{
	const uint64_t who = hash_of(vault, taken->who);

	memcpy(tried.text, taken->asked.text, IPC_CHALLENGE_CHARS);
	tried.spent = outcome->spent | outcome->right;
	if (!outcome->in_time) {
		note_late(vault, who, taken, outcome->right);
	} else if (!outcome->judged) {
		vault_repeats_drop(vault->repeats, who, taken->asked.text);
	} else if (outcome->right & outcome->held && is_owed(vault, who, &tried, now_us)) {
		return vault_repeats_owed(vault->repeats, who, now_us)->answer;
	} else if (outcome->right & outcome->spent & !outcome->held) {
		owe(vault, who, &tried, outcome->answer, now_us);
	} else {
		pay(vault, who, now_us);
		if (outcome->counts) {
			vault_repeats_forget(vault->repeats, who); /* one that is spent would refuse his next call */
		} else {
			vault_repeats_keep(vault->repeats, who, &tried, now_us);
		}
	}
	return outcome->answer;
}

struct vault_verdict vault_verify(struct vault *vault, const struct ipc_verify_ask *ask, uint64_t now_us)
{
	struct waiting taken;
	struct outcome outcome = { .in_time = take(vault, ask->cookie, now_us, &taken), .held = ask->held != 0 };
	const bool may_ask = charge_question(vault, now_us);
	const bool is_theirs = ask->identity == IPC_CALLER || ask->identity == IPC_REGISTRANT;
	const struct vault_repeat tried = {
		.secrets = is_of_before(vault, ask->generation, now_us) ? vault->digest_before : vault->digest_now,
		.subject = subject_of(vault, ask),
	};
	/* The earlier answers to a repeated one are known to be wrong for this name under these secrets only. */
	const bool fits = !taken.is_repeated ||
	                  (taken.asked.secrets == tried.secrets) & (taken.asked.subject == tried.subject);

	outcome.judged = outcome.in_time & may_ask & is_theirs & fits & (vault->now != NULL);
	outcome.right = vault->now != NULL && try_answer(vault, ask, &taken, now_us);
	outcome.spent = is_spent(vault, &taken);
	outcome.counts = outcome.judged & outcome.right & !outcome.spent & !outcome.held;
	outcome.answer = answer_of(vault, &taken, ask, outcome.judged);
	if (taken.who != 0 && taken.who == ask->who) {
		outcome.answer = settle(vault, &taken, tried, &outcome, now_us);
	} else if (taken.who != 0) {
		vault_repeats_drop(vault->repeats, hash_of(vault, taken.who), taken.asked.text);
	}
	return (struct vault_verdict){ .right = outcome.counts, .answer = outcome.answer };
}

bool vault_respond(struct vault *vault, const struct ipc_respond_ask *ask, uint64_t now_us, uint8_t md5_result[16])
{
	const struct secrets *secrets = secrets_of(vault, ask->generation, now_us);

	memset(md5_result, 0, CRYPT_MD5_BYTES);
	if (secrets == NULL || !charge_question(vault, now_us) ||
	    (ask->identity != IPC_OUR_PEER && ask->identity != IPC_OUR_REGISTER)) {
		return false;
	}
	const struct secrets_run run = secrets_find(secrets, (enum model_identity)ask->identity,
	                                            tg_span_text(ask->name));

	return run.count > 0 &&
	       crypt_md5_answer(vault->md5, md5_result, (struct tg_span){ ask->challenge, ask->challenge_bytes },
	                        secrets_text(secrets, run.first));
}
