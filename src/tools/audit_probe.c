/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/audit_probe.h"

#include "crypt/random.h"
#include "sys/clock.h"
#include "tools/audit_wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	TOKEN_FRESH_US = 1500 * TG_US_PER_MS, /* younger ones are used again */
	UNKNOWN_CALLS = 10,
	RANDOM_NAME_LEN = 8,
	SOURCE_SPREAD = 30000,
	LOGIN_US = 4 * TG_US_PER_S, /* refusals are delayed */
	PROOF_BYTES = 255,
};

/* A call token as it was given to one of our ports. */
struct token {
	uint8_t bytes[PROOF_BYTES];
	size_t len; /* 0: none */
	uint64_t at_us;
};

struct audit_run {
	struct audit_wire wire;
	const struct tool_audit_options *options;
	struct tool_audit_record *record;
	struct crypt_random random;
	struct token first, fresh;
	bool no_tokens; /* it gives none */
	struct tool_secret invalid;
};

/* How a request presents itself. */
enum proof { PROOF_ABSENT, PROOF_EMPTY, PROOF_FORGED, PROOF_GIVEN };

struct ask {
	enum tool_audit_probe probe;
	unsigned variant, port;
	enum iax_subclass subclass;
	enum proof proof;
	bool held, bare, encrypted, short_one;
	const struct token *token; /* PROOF_GIVEN */
	const char *name, *number;
};

/* ---- Requests ---- */

static void set(struct iax_ies *ies, enum iax_ie element)
{
	ies->has |= UINT64_C(1) << element;
}

static void set_text(struct iax_ies *ies, enum iax_ie element, struct tg_span *field, const char *text)
{
	if (text != NULL && text[0] != '\0') {
		*field = tg_span_text(text);
		set(ies, element);
	}
}

static void fill_call(struct iax_ies *ies, const struct ask *ask)
{
	ies->version = IAX_VERSION;
	set(ies, IAX_IE_VERSION);
	ies->format = IAX_FORMAT_ULAW;
	set(ies, IAX_IE_FORMAT);
	ies->capability = IAX_FORMAT_ULAW | IAX_FORMAT_ALAW;
	set(ies, IAX_IE_CAPABILITY);
	set_text(ies, IAX_IE_CALLED_NUMBER, &ies->called_number, ask->number);
	set_text(ies, IAX_IE_CALLING_NAME, &ies->calling_name, "tollgate audit");
	if (ask->encrypted) {
		ies->encryption = IAX_ENCRYPTION_AES128;
		set(ies, IAX_IE_ENCRYPTION);
	}
}

static void fill(struct iax_ies *ies, const struct ask *ask, struct tg_span token)
{
	const bool long_one = !ask->bare && !ask->short_one;

	if (long_one && ask->subclass == IAX_NEW) {
		fill_call(ies, ask);
	} else if (long_one && ask->subclass == IAX_REGREQ) {
		ies->refresh = IAX_REFRESH_DEFAULT_S;
		set(ies, IAX_IE_REFRESH);
	} else if (ask->subclass == IAX_FWDOWNL) {
		set_text(ies, IAX_IE_DEVICETYPE, &ies->device_type, "iaxy");
		ies->fw_block_desc = 128;
		set(ies, IAX_IE_FWBLOCKDESC);
	}
	set_text(ies, IAX_IE_USERNAME, &ies->username, ask->name);
	if (ask->proof != PROOF_ABSENT) {
		ies->call_token = token;
		set(ies, IAX_IE_CALLTOKEN);
	}
}

static struct tg_span token_for(struct audit_run *run, const struct ask *ask, uint8_t forged[PROOF_BYTES])
{
	const size_t len = run->first.len > 0 ? run->first.len : 7;

	switch (ask->proof) {
	case PROOF_GIVEN:
		return (struct tg_span){ ask->token->bytes, ask->token->len };
	case PROOF_FORGED:
		if (ask->token != NULL) { /* a good one with one octet changed */
			memcpy(forged, run->first.bytes, len);
			forged[len - 1] ^= 1;
		} else {
			for (size_t i = 0; i < len; i++) {
				forged[i] = (uint8_t)('a' + crypt_random_below(&run->random, 26));
			}
		}
		return (struct tg_span){ forged, len };
	case PROOF_ABSENT:
	case PROOF_EMPTY:
		break;
	}
	return (struct tg_span){ forged, 0 };
}

static struct tool_audit_exchange *ask_for(struct audit_run *run, const struct ask *ask)
{
	uint8_t bytes[TOOL_AUDIT_REQUEST_BYTES], forged[PROOF_BYTES];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));
	struct iax_ies ies = { 0 };
	struct tool_audit_exchange *exchange = NULL;
	const struct iax_frame frame = {
		.class = IAX_CLASS_FULL,
		.source = ask->probe == AUDIT_POKE_ZERO ? 0 : audit_wire_source(&run->wire),
		.destination = ask->probe == AUDIT_UNKNOWN_CALL
		                       ? (uint16_t)(30001 + crypt_random_below(&run->random, 2700))
		                       : 0,
		.ts_ms = 1,
		.type = IAX_FRAME_IAX,
		.subclass = ask->subclass,
	};

	fill(&ies, ask, token_for(run, ask, forged));
	if (iax_frame_put_header(&frame, &w) != IAX_OK || iax_ies_encode(&ies, &w) != IAX_OK) {
		return NULL; /* a token too long to be given back: nothing to ask with */
	}
	exchange = audit_wire_ask(&run->wire, ask->port, ask->probe, ask->variant, ask->held, tg_writer_span(&w));
	if (exchange != NULL) {
		exchange->proven = ask->proof == PROOF_GIVEN && ask->port == AUDIT_PORT_A && ask->token == &run->fresh;
	}
	return exchange;
}

/* ---- Names, numbers, tokens ---- */

static const char *random_name(struct audit_run *run, char name[TOOL_AUDIT_NAME_MAX + 1], size_t len)
{
	for (size_t i = 0; i < len; i++) {
		name[i] = (char)('a' + crypt_random_below(&run->random, 26));
	}
	name[len] = '\0';
	return name;
}

static const char *random_digits(struct audit_run *run, const char *first, char number[TOOL_AUDIT_NAME_MAX + 1])
{
	snprintf(number, TOOL_AUDIT_NAME_MAX + 1, "%s%06u", first, (unsigned)crypt_random_below(&run->random, 1000000));
	return number;
}

static void token_take(struct audit_run *run, const struct tool_audit_exchange *exchange)
{
	const int at = exchange != NULL ? tool_audit_find(exchange, IAX_CALLTOKEN) : -1;
	struct iax_frame frame;
	struct iax_ies ies;

	if (at < 0 || !tool_audit_decode(&exchange->answers[at], &frame, &ies) || ies.call_token.len == 0 ||
	    ies.call_token.len > PROOF_BYTES) {
		return;
	}
	memcpy(run->fresh.bytes, ies.call_token.p, ies.call_token.len);
	run->fresh.len = ies.call_token.len;
	run->fresh.at_us = exchange->answers[at].at_us;
	if (run->first.len == 0) {
		run->first = run->fresh;
	}
}

static uint64_t wait_until(const struct audit_run *run)
{
	return sys_clock_us() + run->options->wait_ms * TG_US_PER_MS;
}

static void token_fetch(struct audit_run *run)
{
	char name[TOOL_AUDIT_NAME_MAX + 1];
	const struct ask ask = {
		.probe = AUDIT_CALL_EMPTY,
		.variant = AUDIT_RANDOM_NAME,
		.subclass = IAX_NEW,
		.proof = PROOF_EMPTY,
		.name = random_name(run, name, RANDOM_NAME_LEN),
		.number = "s",
		.held = true,
	};
	const struct tool_audit_exchange *exchange = ask_for(run, &ask);

	audit_wire_await(&run->wire, exchange, wait_until(run));
	token_take(run, exchange);
}

/* The same with a token that is good, where the host gives any. */
static struct tool_audit_exchange *ask_proven(struct audit_run *run, struct ask ask)
{
	if (!run->no_tokens && sys_clock_us() - run->fresh.at_us > TOKEN_FRESH_US) {
		token_fetch(run);
	}
	ask.proof = run->no_tokens ? PROOF_ABSENT : PROOF_GIVEN;
	ask.token = &run->fresh;
	return ask_for(run, &ask);
}

/* ---- What is asked, in order ---- */

static void ask_presence(struct audit_run *run)
{
	const struct ask poke = { .probe = AUDIT_POKE, .subclass = IAX_POKE, .held = true, .bare = true };

	audit_wire_await(&run->wire, ask_for(run, &poke), wait_until(run));
}

static void ask_unproven(struct audit_run *run)
{
	static const struct ask rows[] = {
		{ .probe = AUDIT_CALL_NO_TOKEN, .variant = AUDIT_NAMELESS, .subclass = IAX_NEW, .number = "s" },
		{ .probe = AUDIT_POKE_ZERO, .subclass = IAX_POKE, .bare = true },
		{ .probe = AUDIT_CALL_BARE, .subclass = IAX_NEW, .bare = true },
		{ .probe = AUDIT_REG_BARE, .subclass = IAX_REGREQ, .bare = true },
		{ .probe = AUDIT_CALL_SHORT, .subclass = IAX_NEW, .proof = PROOF_EMPTY, .short_one = true },
		{ .probe = AUDIT_REG_SHORT, .subclass = IAX_REGREQ, .proof = PROOF_EMPTY, .short_one = true },
		{ .probe = AUDIT_FIRMWARE, .subclass = IAX_FWDOWNL },
		{ .probe = AUDIT_FIRMWARE, .subclass = IAX_FWDOWNL, .proof = PROOF_EMPTY },
	};

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct ask ask = rows[i];

		ask.held = true;
		ask_for(run, &ask);
	}
}

/* Exceptions are made for single accounts: so each name is tried. */
static void ask_names_without_token(struct audit_run *run)
{
	static const struct ask rows[] = {
		{ .probe = AUDIT_CALL_NO_TOKEN, .subclass = IAX_NEW, .number = "s", .held = true },
		{ .probe = AUDIT_REG_NO_TOKEN, .subclass = IAX_REGREQ, .held = true },
	};
	char name[TOOL_AUDIT_NAME_MAX + 1];

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		for (size_t known = 0; known <= run->options->name_count; known++) {
			struct ask ask = rows[i];

			ask.variant = (unsigned)(AUDIT_RANDOM_NAME + known);
			ask.name = known > 0 ? run->options->names[known - 1] : random_name(run, name, RANDOM_NAME_LEN);
			ask_for(run, &ask);
		}
	}
}

static void ask_tokens(struct audit_run *run)
{
	char name[TOOL_AUDIT_NAME_MAX + 1];
	struct ask ask = {
		.probe = AUDIT_REG_EMPTY,
		.variant = AUDIT_RANDOM_NAME,
		.subclass = IAX_REGREQ,
		.proof = PROOF_EMPTY,
		.name = random_name(run, name, RANDOM_NAME_LEN),
		.held = true,
	};

	ask_for(run, &ask);
	token_fetch(run);
	if (run->fresh.len == 0) { /* a packet may get lost */
		token_fetch(run);
	}
	run->no_tokens = run->fresh.len == 0;
	ask.proof = PROOF_FORGED;
	ask.probe = AUDIT_REG_FORGED;
	ask_for(run, &ask);
	ask.probe = AUDIT_CALL_FORGED;
	ask.subclass = IAX_NEW;
	ask.number = "s";
	ask_for(run, &ask);
	if (!run->no_tokens) {
		ask.token = &run->first;
		ask_for(run, &ask);
		ask.probe = AUDIT_CALL_OTHER_PORT;
		ask.proof = PROOF_GIVEN;
		ask.port = AUDIT_PORT_B;
		ask_for(run, &ask);
	}
}

static void ask_guests(struct audit_run *run)
{
	char random[TOOL_AUDIT_NAME_MAX + 1], international[TOOL_AUDIT_NAME_MAX + 1];
	const char *const numbers[] = {
		[AUDIT_TO_NOTHING] = "",
		[AUDIT_TO_S] = "s",
		[AUDIT_TO_RANDOM] = run->options->number != NULL ? run->options->number
		                                                 : random_digits(run, "7", random),
		/* 999 is no country's code: nobody is called even where it gets through */
		[AUDIT_TO_INTERNATIONAL] = run->options->international != NULL
		                                   ? run->options->international
		                                   : random_digits(run, "009991", international),
	};

	for (unsigned i = 0; i < TG_COUNT(numbers); i++) {
		ask_proven(
			run,
			(struct ask){ .probe = AUDIT_GUEST, .variant = i, .subclass = IAX_NEW, .number = numbers[i] });
	}
	ask_proven(run, (struct ask){ .probe = AUDIT_FIRMWARE, .subclass = IAX_FWDOWNL });
}

static void ask_name(struct audit_run *run, bool is_call, size_t sample, bool known)
{
	const struct tool_audit_options *options = run->options;
	const char *name = options->name_count > 0 ? options->names[sample % options->name_count] : "";
	char other[TOOL_AUDIT_NAME_MAX + 1];

	if (known && options->name_count == 0) {
		return;
	}
	/* As long as the other, so that nothing but the name differs. */
	ask_proven(run,
	           (struct ask){
			   .probe = is_call ? AUDIT_NAME_CALL : AUDIT_NAME_REG,
			   .variant = known ? AUDIT_KNOWN_NAME + (unsigned)(sample % options->name_count)
	                                    : AUDIT_RANDOM_NAME,
			   .subclass = is_call ? IAX_NEW : IAX_REGREQ,
			   .name = known ? name
	                                 : random_name(run, other, name[0] != '\0' ? strlen(name) : RANDOM_NAME_LEN),
			   .number = "s",
		   });
}

static void ask_names(struct audit_run *run)
{
	for (size_t sample = 0; sample < run->options->samples && !run->wire.gave_up; sample++) {
		for (unsigned is_call = 0; is_call < 2; is_call++) {
			ask_name(run, is_call != 0, sample, sample % 2 == 0);
			ask_name(run, is_call != 0, sample, sample % 2 != 0);
		}
	}
}

static void ask_credentials(struct audit_run *run)
{
	char name[TOOL_AUDIT_NAME_MAX + 1];
	const struct tool_audit_exchange *login = NULL, *account = NULL;

	ask_proven(run, (struct ask){ .probe = AUDIT_ENCRYPTION,
	                              .variant = AUDIT_RANDOM_NAME,
	                              .subclass = IAX_NEW,
	                              .name = random_name(run, name, RANDOM_NAME_LEN),
	                              .number = "s",
	                              .encrypted = true });
	login = ask_proven(run, (struct ask){ .probe = AUDIT_LOGIN,
	                                      .variant = AUDIT_RANDOM_NAME,
	                                      .subclass = IAX_NEW,
	                                      .name = random_name(run, name, RANDOM_NAME_LEN),
	                                      .number = "s" });
	if (run->record->has_secret) {
		account = ask_proven(run, (struct ask){ .probe = AUDIT_ACCOUNT,
		                                        .variant = AUDIT_KNOWN_NAME,
		                                        .subclass = IAX_NEW,
		                                        .name = run->options->account,
		                                        .number = run->options->account_number });
	}
	for (unsigned i = 0; i < UNKNOWN_CALLS; i++) {
		ask_for(run,
		        &(struct ask){ .probe = AUDIT_UNKNOWN_CALL, .subclass = IAX_PING, .held = true, .bare = true });
	}
	/* A refusal may be held back for a while; nothing else waits for it. */
	for (const uint64_t until_us = sys_clock_us() + LOGIN_US; sys_clock_us() < until_us;) {
		const bool login_over = login == NULL || login->closed || login->answer_count == 0;
		const bool account_over = account == NULL || account->closed || account->answer_count == 0;

		if (login_over && account_over) {
			break;
		}
		audit_wire_wait(&run->wire, tg_min_u64(until_us, sys_clock_us() + TG_US_PER_S / 20));
	}
}

static void ask_old_token(struct audit_run *run)
{
	char name[TOOL_AUDIT_NAME_MAX + 1];

	if (run->no_tokens || run->wire.gave_up) {
		return;
	}
	audit_wire_wait(&run->wire, run->first.at_us + run->options->token_life_ms * TG_US_PER_MS);
	ask_for(run, &(struct ask){ .probe = AUDIT_CALL_OLD_TOKEN,
	                            .variant = AUDIT_RANDOM_NAME,
	                            .subclass = IAX_NEW,
	                            .proof = PROOF_GIVEN,
	                            .token = &run->first,
	                            .name = random_name(run, name, RANDOM_NAME_LEN),
	                            .number = "s",
	                            .held = true });
}

/* Whether we were shut out meanwhile: what got no answer then says nothing. */
static void ask_still_there(struct audit_run *run)
{
	const struct ask poke = { .probe = AUDIT_STILL_THERE, .subclass = IAX_POKE, .held = true, .bare = true };
	const struct tool_audit_exchange *exchange = NULL;

	if (run->record->exchanges[0].packets_back == 0) {
		return;
	}
	for (unsigned i = 0; i < 2 && (exchange == NULL || exchange->packets_back == 0); i++) {
		exchange = ask_for(run, &poke);
		audit_wire_await(&run->wire, exchange, wait_until(run));
	}
	if (exchange != NULL && exchange->packets_back == 0 && !run->record->cut_short) {
		run->record->cut_short = true;
		snprintf(run->record->wrong, sizeof(run->record->wrong), "it answers us no more");
	}
}

static void ask_all(struct audit_run *run)
{
	ask_presence(run);
	if (run->record->unreachable || (run->options->expect_silence && run->record->exchanges[0].packets_back > 0)) {
		return;
	}
	ask_unproven(run);
	ask_names_without_token(run);
	ask_tokens(run);
	audit_wire_wait(&run->wire, wait_until(run));
	if (run->options->expect_silence || tool_audit_presence(run->record) != TOOL_AUDIT_ANSWERS) {
		return;
	}
	ask_guests(run);
	ask_names(run);
	ask_credentials(run);
	ask_old_token(run);
	audit_wire_wait(&run->wire, wait_until(run));
	ask_still_there(run);
}

static void make_invalid(struct audit_run *run)
{
	for (size_t i = 0; i < 20; i++) {
		run->invalid.text[i] = (char)('a' + crypt_random_below(&run->random, 26));
	}
	run->invalid.len = 20;
	run->invalid.known = true;
}

void tool_audit_ask(struct tool_audit_record *record, const struct tool_audit_options *options,
                    const struct tool_secret *account, struct tg_addr remote)
{
	struct audit_run *run = calloc(1, sizeof(*run));
	uint8_t seed[CRYPT_SEED_BYTES];

	record->has_secret = account->known && options->account != NULL;
	record->wall_s = sys_clock_wall_us() / TG_US_PER_S;
	if (run == NULL) {
		record->cut_short = true;
		snprintf(record->wrong, sizeof(record->wrong), "no memory");
		return;
	}
	run->options = options;
	run->record = record;
	crypt_seed_from_kernel(seed);
	crypt_random_init(&run->random, seed);
	make_invalid(run);
	run->wire.record = record;
	run->wire.account = account;
	run->wire.invalid = &run->invalid;
	run->wire.gap_us = TG_US_PER_S / options->rate;
	run->wire.next_source = (uint16_t)(IAX_CALLNO_MIN + crypt_random_below(&run->random, SOURCE_SPREAD));
	if (audit_wire_open(&run->wire, remote, options->local)) {
		ask_all(run);
		audit_wire_release(&run->wire);
		audit_wire_close(&run->wire);
	}
	free(run);
}
