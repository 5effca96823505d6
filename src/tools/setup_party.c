/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/setup_party.h"

#include "conf/weak.h"
#include "crypt/hash.h"
#include "crypt/random.h"

#include <string.h>

enum { WORDS_MAX = 5 };

/* ---- Words ---- */

bool setup_is_made_of(const char *text, const char *characters, size_t most)
{
	return text[0] != '\0' && strlen(text) <= most && strspn(text, characters) == strlen(text);
}

/* Ends the word at *rest, which moves on behind it. */
char *setup_word_cut(char **rest, const char *gaps)
{
	char *word = *rest, *end = word + strcspn(word, gaps);

	*rest = *end != '\0' ? end + 1 : end;
	*end = '\0';
	return word;
}

/* At most `most` words; the last one is all the rest. */
static size_t split(char *value, char *words[WORDS_MAX], size_t most)
{
	size_t count = 0;

	for (value += strspn(value, SETUP_BLANKS); *value != '\0' && count < most;
	     value += strspn(value, SETUP_BLANKS)) {
		words[count] = setup_word_cut(&value, count + 1 < most ? SETUP_BLANKS : "");
		count++;
	}
	return count;
}

bool setup_name_ok(const char *name, char wrong[TOOL_WRONG_BYTES])
{
	static const char *const taken[] = { "general", "callnumberlimits", "phone", "node", "guest" };

	if (!setup_is_made_of(name, SETUP_LETTERS SETUP_DIGITS "-_.", SETUP_NAME_BYTES - 1)) {
		return setup_wrong(wrong, "a name is 1 to %d letters, digits, - _ or .", SETUP_NAME_BYTES - 1);
	}
	for (size_t i = 0; i < TG_COUNT(taken); i++) {
		if (strcasecmp(name, taken[i]) == 0) {
			return setup_wrong(wrong, "the name %s has a meaning of its own in iax.conf; take another one",
			                   name);
		}
	}
	return true;
}

bool setup_number_ok(const char *number, char wrong[TOOL_WRONG_BYTES])
{
	if (!setup_is_made_of(number, SETUP_DIGITS, SETUP_NUMBER_BYTES - 1)) {
		return setup_wrong(wrong, "a number is 1 to %d digits", SETUP_NUMBER_BYTES - 1);
	}
	if (strcmp(number, SETUP_ECHO) == 0 || strcmp(number, SETUP_TONE) == 0) {
		return setup_wrong(wrong, "%s is a test number (" SETUP_ECHO " echo, " SETUP_TONE " tone)", number);
	}
	return true;
}

static bool host_ok(const char *host, char wrong[TOOL_WRONG_BYTES])
{
	return setup_is_made_of(host, SETUP_LETTERS SETUP_DIGITS "-.:", SETUP_HOST_BYTES - 1) ||
	       setup_wrong(wrong, "a host is an address, a name, or the word dynamic");
}

/* ---- Secrets ---- */

void setup_secret_make(char secret[SETUP_SECRET_BYTES])
{
	uint8_t seed[CRYPT_SEED_BYTES];
	struct crypt_random random;

	crypt_seed_from_kernel(seed);
	crypt_random_init(&random, seed);
	for (size_t i = 0; i < SETUP_MADE_CHARACTERS; i++) {
		secret[i] = "abcdefghijklmnopqrstuvwxyz234567"[crypt_random_below(&random, 32)];
	}
	secret[SETUP_MADE_CHARACTERS] = '\0';
	crypt_wipe(seed, sizeof(seed));
	crypt_wipe(&random, sizeof(random));
}

/* What stands in iax.conf as it is. */
static bool secret_writable(const char *secret, const char *name, char wrong[TOOL_WRONG_BYTES])
{
	for (const char *c = secret; *c != '\0'; c++) {
		if (*c <= ' ' || *c >= 0x7f || strchr(";\\\"", *c) != NULL) {
			return setup_wrong(
				wrong, "the secret of %s has a blank, a letter that is not ASCII, or one of ; \\ \"",
				name);
		}
	}
	return strlen(secret) <= TOOL_SECRET_MAX || setup_wrong(wrong, "the secret of %s is too long", name);
}

bool setup_secret_ok(const char *secret, const char *name, const char *number, char wrong[TOOL_WRONG_BYTES])
{
	const struct tg_span names[] = { tg_span_text(name), tg_span_text(number) };
	const enum conf_weakness weakness = conf_weak(tg_span_text(secret), names, TG_COUNT(names));

	if (!secret_writable(secret, name, wrong)) {
		return false;
	}
	return weakness == CONF_STRONG ||
	       setup_wrong(wrong, "the secret of %s is easy to guess: %s", name, conf_weak_text(weakness));
}

/* ---- Parties ---- */

static struct setup_party *party_new(struct setup_plan *plan, enum setup_kind kind, const char *name,
                                     const char *number, char wrong[TOOL_WRONG_BYTES])
{
	struct setup_party *party = &plan->parties[plan->count];

	if (plan->count == SETUP_PARTIES_MAX) {
		setup_wrong(wrong, "more than %d accounts: add the others to iax.conf", SETUP_PARTIES_MAX);
		return NULL;
	}
	if (!setup_name_ok(name, wrong) || !setup_number_ok(number, wrong)) {
		return NULL;
	}
	for (size_t i = 0; i < plan->count; i++) {
		if (strcmp(plan->parties[i].name, name) == 0 || strcmp(plan->parties[i].number, number) == 0) {
			setup_wrong(wrong, "%s is taken by %s",
			            strcmp(plan->parties[i].name, name) == 0 ? name : number, plan->parties[i].name);
			return NULL;
		}
	}
	*party = (struct setup_party){ .kind = kind, .host = "dynamic" };
	snprintf(party->name, sizeof(party->name), "%s", name);
	snprintf(party->number, sizeof(party->number), "%s", number);
	return party;
}

/* With a secret of its own choice, or without one yet: then setup_plan_finish() makes it. */
static bool party_add(struct setup_plan *plan, struct setup_party *party, const char *secret,
                      char wrong[TOOL_WRONG_BYTES])
{
	if (party == NULL || (secret != NULL && !setup_secret_ok(secret, party->name, party->number, wrong))) {
		return false;
	}
	snprintf(party->secret, sizeof(party->secret), "%s", secret != NULL ? secret : "");
	plan->count++;
	return true;
}

bool setup_take_account(struct setup_plan *plan, char *value, char wrong[TOOL_WRONG_BYTES])
{
	char *words[WORDS_MAX] = { NULL };

	if (split(value, words, 3) < 2) {
		return setup_wrong(wrong, "expected NAME NUMBER [SECRET]");
	}
	return party_add(plan, party_new(plan, SETUP_PHONE, words[0], words[1], wrong), words[2], wrong);
}

bool setup_take_node(struct setup_plan *plan, char *value, char wrong[TOOL_WRONG_BYTES])
{
	char *words[WORDS_MAX] = { NULL };

	if (split(value, words, 2) < 1) {
		return setup_wrong(wrong, "expected NUMBER [SECRET]");
	}
	return party_add(plan, party_new(plan, SETUP_NODE, words[0], words[0], wrong), words[1], wrong);
}

bool setup_take_site(struct setup_plan *plan, char *value, char wrong[TOOL_WRONG_BYTES])
{
	char *words[WORDS_MAX] = { NULL };
	struct setup_party *party = NULL;

	if (split(value, words, 4) < 3) {
		return setup_wrong(wrong, "expected NAME PREFIX HOST|dynamic [SECRET]");
	}
	if (!host_ok(words[2], wrong)) {
		return false;
	}
	party = party_new(plan, SETUP_SITE, words[0], words[1], wrong);
	if (party != NULL) {
		snprintf(party->host, sizeof(party->host), "%s", words[2]);
	}
	return party_add(plan, party, words[3], wrong);
}

/* Its secret was given to us, so it is taken as it is; `tollgate check` says what is to be said of it. */
bool setup_take_trunk(struct setup_plan *plan, char *value, char wrong[TOOL_WRONG_BYTES])
{
	char *words[WORDS_MAX] = { NULL };
	struct setup_party *party = NULL;

	if (split(value, words, 5) < 5) {
		return setup_wrong(wrong, "expected NAME PREFIX HOST USERNAME SECRET");
	}
	if (strcmp(words[2], "dynamic") == 0 || !host_ok(words[2], wrong)) {
		return setup_wrong(wrong, "a trunk needs a host: an address or a name");
	}
	if (!setup_is_made_of(words[3], SETUP_LETTERS SETUP_DIGITS "-_.", SETUP_NAME_BYTES - 1)) {
		return setup_wrong(wrong, "a user name is 1 to %d letters, digits, - _ or .", SETUP_NAME_BYTES - 1);
	}
	party = party_new(plan, SETUP_TRUNK, words[0], words[1], wrong);
	if (party == NULL || !secret_writable(words[4], words[0], wrong)) {
		return false;
	}
	snprintf(party->host, sizeof(party->host), "%s", words[2]);
	snprintf(party->username, sizeof(party->username), "%s", words[3]);
	snprintf(party->secret, sizeof(party->secret), "%s", words[4]);
	plan->count++;
	return true;
}
