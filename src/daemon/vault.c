/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/vault.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "crypt/md5.h"
#include "crypt/random.h"

static_assert((int)IPC_CALLER == (int)MODEL_CALLER && (int)IPC_REGISTRANT == (int)MODEL_REGISTRANT &&
                      (int)IPC_OUR_PEER == (int)MODEL_OUR_PEER && (int)IPC_OUR_REGISTER == (int)MODEL_OUR_REGISTER,
              "questions and secrets name the same identities");

struct waiting {
	uint64_t cookie;
	uint64_t until_us; /* 0: used or free */
	char text[IPC_CHALLENGE_CHARS];
};

struct vault {
	struct crypt_md5 *md5;
	struct crypt_random random;
	uint8_t key[CRYPT_KEY_BYTES];
	const struct secrets *now, *before;
	uint64_t before_until_us;
	uint64_t second;
	uint32_t questions; /* in this second */
	uint32_t next;      /* place of the next challenge: the ring's oldest */
	struct tg_map *places;
	struct waiting ring[VAULT_CHALLENGES_MAX];
};

struct vault *vault_new(const uint8_t seed[32])
{
	struct vault *vault = calloc(1, sizeof(*vault));
	void *places = malloc(tg_map_size(VAULT_CHALLENGES_MAX));

	if (vault == NULL || places == NULL) {
		free(places);
		free(vault);
		return NULL;
	}
	vault->places = tg_map_init(places, VAULT_CHALLENGES_MAX);
	vault->md5 = crypt_md5_new();
	if (vault->md5 == NULL) {
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
	free(vault->places);
	crypt_wipe(vault, sizeof(*vault));
	free(vault);
}

void vault_set_secrets(struct vault *vault, const struct secrets *secrets, uint64_t now_us)
{
	vault->before = vault->now;
	vault->before_until_us = now_us + (uint64_t)VAULT_OLD_SECRETS_S * TG_US_PER_S;
	vault->now = secrets;
}

bool vault_is_unused(const struct vault *vault, const struct secrets *secrets, uint64_t now_us)
{
	return secrets != vault->now && (secrets != vault->before || now_us >= vault->before_until_us);
}

/* ---- Challenges ---- */

static uint64_t hash_of(const struct vault *vault, uint64_t cookie)
{
	return crypt_siphash64(vault->key, (struct tg_span){ (const uint8_t *)&cookie, sizeof(cookie) });
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

void vault_challenge(struct vault *vault, uint64_t cookie, uint64_t now_us, char text[IPC_CHALLENGE_CHARS])
{
	static const char base32[] = "abcdefghijklmnopqrstuvwxyz234567";
	uint8_t random[IPC_CHALLENGE_CHARS];
	uint32_t place;

	if (find(vault, cookie, &place)) {
		forget(vault, place);
	}
	place = vault->next;
	vault->next = (vault->next + 1) % VAULT_CHALLENGES_MAX;
	forget(vault, place);

	struct waiting *waiting = &vault->ring[place];

	crypt_random_bytes(&vault->random, random, sizeof(random));
	for (size_t i = 0; i < sizeof(random); i++) {
		waiting->text[i] = base32[random[i] % 32];
	}
	waiting->cookie = cookie;
	waiting->until_us = now_us + (uint64_t)VAULT_CHALLENGE_LIFE_S * TG_US_PER_S;
	const bool inserted = tg_map_insert(vault->places, hash_of(vault, cookie), place);

	assert(inserted); /* the ring is no larger than the map */
	memcpy(text, waiting->text, IPC_CHALLENGE_CHARS);
}

/* Use up the challenge of a cookie. Without one, the text is one that nobody was ever given. */
static bool take(struct vault *vault, uint64_t cookie, uint64_t now_us, char text[IPC_CHALLENGE_CHARS])
{
	uint32_t place;

	memset(text, '1', IPC_CHALLENGE_CHARS);
	if (!find(vault, cookie, &place)) {
		return false;
	}
	const bool in_time = now_us < vault->ring[place].until_us;

	memcpy(text, vault->ring[place].text, IPC_CHALLENGE_CHARS);
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
static const struct secrets *secrets_of(const struct vault *vault, uint64_t generation, uint64_t now_us)
{
	const bool is_before = vault->before != NULL && vault->before->generation == generation &&
	                       now_us < vault->before_until_us;

	return is_before ? vault->before : vault->now;
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

bool vault_verify(struct vault *vault, const struct ipc_verify_ask *ask, uint64_t now_us)
{
	char challenge[IPC_CHALLENGE_CHARS];
	const bool was_asked = take(vault, ask->cookie, now_us, challenge);
	const bool may_ask = charge_question(vault, now_us);
	const bool is_theirs = ask->identity == IPC_CALLER || ask->identity == IPC_REGISTRANT;
	const struct secrets *secrets = secrets_of(vault, ask->generation, now_us);

	if (secrets == NULL) {
		return false;
	}
	const struct secrets_run run = secrets_find(secrets, (enum model_identity)ask->identity,
	                                            tg_span_text(ask->name));
	const bool right = is_right(vault, secrets, run, challenge, ask->md5_result);

	return was_asked & may_ask & is_theirs & right;
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
