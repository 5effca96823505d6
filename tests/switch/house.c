/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"

#include "worlds.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/zeroed.h"

/* ---- The log ---------------------------------------------------------------------------------------------------- */

static void keep_line(void *owner, enum tg_level level, const char *line)
{
	struct house *house = owner;
	const size_t room = sizeof(house->lines) - house->lines_len;
	const int len = snprintf(house->lines + house->lines_len, room, "%s %s\n", tg_level_name(level), line);

	if (len > 0 && (size_t)len < room) {
		house->lines_len += (size_t)len;
	}
}

bool house_logged(const struct house *house, const char *text)
{
	return strstr(house->lines, text) != NULL;
}

/* ---- The vault -------------------------------------------------------------------------------------------------- */

static struct house_question *ask(struct house *house, uint64_t cookie)
{
	CHECK_TRUE(house->asked_count < HOUSE_ASKED);
	struct house_question *question = &house->asked[house->asked_count++];

	*question = (struct house_question){ .cookie = cookie, .at_us = house->sim->now_us + house->vault_us };
	if (house->vault_spread_us > 0) {
		question->at_us += crypt_random_below(&house->sim->random, house->vault_spread_us);
	}
	return question;
}

static void on_ask_challenge(void *owner, uint64_t cookie, uint64_t who)
{
	struct house *house = owner;

	struct house_question *question = ask(house, cookie);

	question->kind = ASK_CHALLENGE;
	question->who = who;
	house->who_asked = who;
}

static void on_ask_verify(void *owner, const struct switch_answer *answer)
{
	struct house *house = owner;
	struct house_question *question = ask(house, answer->cookie);

	question->kind = ASK_VERIFY;
	question->who = answer->who;
	question->held = answer->held;
	question->identity = answer->registrant ? MODEL_REGISTRANT : MODEL_CALLER;
	tg_span_copy(question->name, sizeof(question->name), answer->name);
	memcpy(question->md5, answer->md5, 16);
	house->verified++;
	house->who_verified = answer->who;
	house->held = answer->held;
	CHECK_UINT(house->tries, house->verified); /* before each, and never else */
}

static void on_ask_respond(void *owner, uint64_t cookie, bool registration, struct tg_span name,
                           struct tg_span challenge)
{
	struct house *house = owner;
	struct house_question *question = ask(house, cookie);

	CHECK_TRUE(challenge.len <= sizeof(question->challenge));
	question->kind = ASK_RESPOND;
	question->identity = registration ? MODEL_OUR_REGISTER : MODEL_OUR_PEER;
	tg_span_copy(question->name, sizeof(question->name), name);
	memcpy(question->challenge, challenge.p, challenge.len);
	question->challenge_len = challenge.len;
	house->responded++;
}

static const struct conf_secret *next_secret(const struct conf_secret *secret, const struct house_question *question)
{
	while (secret != NULL &&
	       (secret->identity != question->identity || strcmp(secret->name, question->name) != 0)) {
		secret = secret->next;
	}
	return secret;
}

static struct conf_secrets *secrets_of(struct house *house)
{
	return &house->conf[house->worlds - 1].secrets;
}

/* Each challenge is used once. */
static struct tg_span take_challenge(struct house *house, uint64_t cookie)
{
	for (unsigned i = 0; i < HOUSE_ASKED; i++) {
		if (house->challenges[i].cookie == cookie) {
			house->challenges[i].cookie = 0;
			return (struct tg_span){ (const uint8_t *)house->challenges[i].text, 20 };
		}
	}
	return (struct tg_span){ 0 };
}

static bool is_right(struct house *house, const struct house_question *question, struct tg_span challenge)
{
	const struct conf_secret *secret = next_secret(secrets_of(house)->first, question);
	uint8_t md5[16];
	bool right = false;

	for (; secret != NULL && challenge.len > 0; secret = next_secret(secret->next, question)) {
		CHECK_TRUE(crypt_md5_answer(house->md5, md5, challenge, tg_span_text(secret->secret)));
		right = right || memcmp(md5, question->md5, 16) == 0;
	}
	return right;
}

static uint64_t answer_of(struct tg_span challenge, const uint8_t md5[16])
{
	uint64_t answer = 1;

	for (size_t i = 0; i < challenge.len; i++) {
		answer = answer * 31 + challenge.p[i];
	}
	for (size_t i = 0; i < 16; i++) {
		answer = answer * 31 + md5[i];
	}
	return answer;
}

static void judge(struct house *house, const struct house_question *question)
{
	const struct tg_span challenge = take_challenge(house, question->cookie);
	bool right = is_right(house, question, challenge) && !question->held;
	uint64_t answer = answer_of(challenge, question->md5);

	if (house->verify != NULL) {
		right = house->verify(house->vault, question, house->sim->now_us, &answer);
	}
	switch_on_verdict(house->sw, question->cookie, right, answer, house->sim->now_us);
}

static void make_challenge(struct house *house, const struct house_question *question)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
	const unsigned at = house->challenge_count++ % HOUSE_ASKED;

	house->challenges[at].cookie = question->cookie;
	for (int i = 0; i < 20; i++) {
		house->challenges[at].text[i] = letters[crypt_random_below(&house->sim->random, 32)];
	}
	if (house->challenge != NULL) {
		house->challenge(house->vault, question->cookie, question->who, house->sim->now_us,
		                 house->challenges[at].text);
	}
	switch_on_challenge(house->sw, question->cookie, (struct tg_span){ (uint8_t *)house->challenges[at].text, 20 },
	                    house->sim->now_us);
}

static void respond(struct house *house, const struct house_question *question)
{
	const struct conf_secret *secret = next_secret(secrets_of(house)->first, question);
	uint8_t md5[16];

	if (secret != NULL) {
		CHECK_TRUE(crypt_md5_answer(house->md5, md5,
		                            (struct tg_span){ question->challenge, question->challenge_len },
		                            tg_span_text(secret->secret)));
	}
	switch_on_response(house->sw, question->cookie, secret != NULL ? md5 : NULL, house->sim->now_us);
}

static bool is_answered(const struct house *house, const struct house_question *question)
{
	return !house->vault_is_dead && !(house->vault_judges_nobody && question->kind == ASK_VERIFY);
}

/* Answer one question whose time has come. */
static bool answer_one(struct house *house)
{
	for (unsigned i = 0; i < house->asked_count; i++) {
		const struct house_question question = house->asked[i];

		if (question.at_us > house->sim->now_us || !is_answered(house, &question)) {
			continue;
		}
		memmove(&house->asked[i], &house->asked[i + 1], (house->asked_count - i - 1) * sizeof(question));
		house->asked_count--;
		if (question.kind == ASK_CHALLENGE) {
			make_challenge(house, &question);
		} else if (question.kind == ASK_VERIFY) {
			judge(house, &question);
		} else {
			respond(house, &question);
		}
		return true;
	}
	return false;
}

/* ---- Who is asked and told about requests ----------------------------------------------------------------------- */

static enum model_reason on_may_try(void *owner, const struct switch_try *try)
{
	struct house *house = owner;

	house->tries++;
	CHECK_UINT(try->answer, 0);
	if (house->hold_name != NULL && !tg_span_equal(try->account, tg_span_text(house->hold_name))) {
		return MODEL_WHY_OK;
	}
	return house->hold;
}

static bool on_is_home(void *owner, struct tg_span account, struct tg_addr from)
{
	const struct house *house = owner;

	CHECK_TRUE(account.len > 0 || house->home.family == TG_NO_ADDR);
	return tg_addr_equal(house->home, from);
}

static void on_decided(void *owner, const struct switch_decision *decision)
{
	struct house *house = owner;
	const struct switch_try *try = &decision->try;
	struct house_decision *kept = &house->decisions[house->decision_count % HOUSE_DECISIONS];

	for (unsigned i = 0; decision->call != 0 && i < tg_min_u64(house->decision_count, HOUSE_DECISIONS); i++) {
		CHECK_TRUE(house->decisions[i].call != decision->call); /* once for each */
	}
	CHECK_UINT(try->registration, decision->request != MODEL_REQUEST_CALL);
	CHECK_TRUE(!decision->trusted || decision->tried);
	CHECK_TRUE(decision->why != MODEL_WHY_OK || try->exists);
	CHECK_TRUE(decision->local.family != TG_NO_ADDR && try->from.family != TG_NO_ADDR);
	*kept = (struct house_decision){
		.request = decision->request,
		.why = decision->why,
		.proven = try->proven,
		.exists = try->exists,
		.roaming = try->roaming,
		.decoy = try->decoy,
		.weak = try->weak,
		.tried = decision->tried,
		.trusted = decision->trusted,
		.answer = try->answer,
		.call = decision->call,
		.from = try->from,
		.local = decision->local,
	};
	tg_span_copy(kept->account, sizeof(kept->account), try->account);
	tg_span_copy(kept->exten, sizeof(kept->exten), decision->exten);
	tg_span_copy(kept->context, sizeof(kept->context), decision->context);
	house->decision_count++;
}

const struct house_decision *house_decided(const struct house *house)
{
	CHECK_TRUE(house->decision_count > 0);
	return &house->decisions[(house->decision_count - 1) % HOUSE_DECISIONS];
}

unsigned house_decisions(const struct house *house, enum model_reason why)
{
	unsigned count = 0;

	for (unsigned i = 0; i < tg_min_u64(house->decision_count, HOUSE_DECISIONS); i++) {
		count += house->decisions[i].why == why;
	}
	return count;
}

/* ---- The relay -------------------------------------------------------------------------------------------------- */

static struct house_entry *entry_of(struct house *house, struct iax_leg_id leg)
{
	for (int i = 0; i < HOUSE_ENTRIES; i++) {
		if (house->entries[i].used && tg_ref_equal(house->entries[i].relay.leg.ref, leg.ref)) {
			return &house->entries[i];
		}
	}
	return NULL;
}

static struct house_entry *entry_free(struct house *house)
{
	for (int i = 0; i < HOUSE_ENTRIES; i++) {
		if (!house->entries[i].used) {
			house->entries[i] = (struct house_entry){ .used = true };
			return &house->entries[i];
		}
	}
	CHECK_TRUE(false);
	return NULL;
}

static void on_relay_set(void *owner, const struct switch_relay *relay)
{
	struct house *house = owner;
	struct house_entry *entry = entry_of(house, relay->leg);

	entry = entry != NULL ? entry : entry_free(house);
	entry->relay = *relay;
	entry->stale = false;
	entry->told = false;
	entry->played = 0;
	entry->next_us = house->sim->now_us + 20000;
	CHECK_TRUE(relay->remote_number != 0 && relay->local_number != 0 && relay->remote.family != 0);
	CHECK_TRUE(relay->media != SWITCH_MEDIA_FORWARD || (relay->to_number != 0 && relay->to_remote.family != 0));
	CHECK_TRUE(relay->media == SWITCH_MEDIA_NONE || __builtin_popcountll(relay->format) == 1);
}

static void on_relay_clear(void *owner, struct iax_leg_id leg)
{
	struct house_entry *entry = entry_of(owner, leg);

	CHECK_TRUE(entry != NULL && !entry->stale); /* only what was set is cleared */
	entry->used = false;
}

static bool on_relay_report(void *owner, struct iax_leg_id leg, struct iax_report *report)
{
	const struct house_entry *entry = entry_of(owner, leg);

	*report = entry != NULL ? entry->report : (struct iax_report){ 0 };
	return entry != NULL;
}

static void send_mini(struct house *house, struct tg_addr to, uint16_t number, uint16_t ts_low, struct tg_span payload)
{
	uint8_t bytes[4 + 640];
	struct tg_writer w = tg_writer_of(bytes, sizeof(bytes));

	tg_put_u16(&w, number);
	tg_put_u16(&w, ts_low);
	tg_put_span(&w, payload);
	CHECK_TRUE(tg_writer_ok(&w));
	sim_send(house->sim, house->node, to, tg_writer_span(&w));
}

/* Mini frames never reach the endpoint, as in the engine. */
static bool on_receive(void *owner, struct sim *sim, unsigned node, const struct iax_datagram *in)
{
	struct house *house = owner;
	struct tg_reader r = tg_reader_of(in->bytes);
	const uint16_t number = tg_take_u16(&r);
	const uint16_t ts = tg_take_u16(&r);
	(void)sim;
	(void)node;

	if (!tg_reader_ok(&r) || (number & IAX_FULL_BIT) != 0 || number == 0) {
		return false;
	}
	for (int i = 0; i < HOUSE_ENTRIES; i++) {
		struct house_entry *entry = &house->entries[i];

		if (!entry->used || entry->stale || entry->relay.remote_number != number ||
		    !tg_addr_equal(entry->relay.remote, in->remote)) {
			continue;
		}
		entry->report.packets++;
		if (entry->relay.media == SWITCH_MEDIA_FORWARD) {
			house->forwarded++;
			send_mini(house, entry->relay.to_remote, entry->relay.to_number,
			          (uint16_t)(ts + entry->relay.ts_offset_ms), tg_take_rest(&r));
			return true;
		}
	}
	house->dropped++;
	return true;
}

static void play(struct house *house, struct house_entry *entry)
{
	const struct switch_relay *relay = &entry->relay;
	const struct prompt *prompt = prompts_row(house->prompts, relay->prompt);
	const uint32_t n = relay->frame_start + ++entry->played;

	if (n >= prompt->frames && !relay->loop) {
		entry->told = true;
		switch_on_played(house->sw, relay->leg, house->sim->now_us);
		return;
	}
	house->played++;
	send_mini(house, relay->remote, relay->local_number, (uint16_t)(relay->ts_start_ms + 20 * entry->played),
	          prompts_frame(house->prompts, relay->prompt, n % prompt->frames));
	entry->next_us += 20000;
}

static void play_all(struct house *house)
{
	for (int i = 0; i < HOUSE_ENTRIES; i++) {
		struct house_entry *entry = &house->entries[i];

		while (entry->used && entry->relay.media == SWITCH_MEDIA_PLAY && !entry->told &&
		       entry->next_us <= house->sim->now_us) {
			play(house, entry);
		}
	}
}

static uint64_t play_due_us(const struct house *house)
{
	uint64_t due_us = TG_NEVER;

	for (int i = 0; i < HOUSE_ENTRIES; i++) {
		const struct house_entry *entry = &house->entries[i];

		if (entry->used && entry->relay.media == SWITCH_MEDIA_PLAY && !entry->told) {
			due_us = tg_min_u64(due_us, entry->next_us);
		}
	}
	return due_us;
}

/* ---- The store -------------------------------------------------------------------------------------------------- */

static bool on_may_charge(void *owner)
{
	const struct house *house = owner;

	return !house->is_full;
}

static void on_toll(void *owner, const struct switch_toll *toll)
{
	struct house *house = owner;
	struct house_toll *kept = &house->tolls[house->toll_count % HOUSE_TOLLS];

	*kept = (struct house_toll){
		.why = toll->why, .class = toll->class, .ended = toll->ended, .guest = toll->guest
	};
	tg_span_copy(kept->account, sizeof(kept->account), toll->account);
	tg_span_copy(kept->trunk, sizeof(kept->trunk), toll->trunk);
	tg_span_copy(kept->number, sizeof(kept->number), toll->number);
	tg_span_copy(kept->rule, sizeof(kept->rule), tg_span_text(toll->rule));
	CHECK_TRUE(toll->call != 0 && toll->from.family != TG_NO_ADDR);
	house->toll_count++;
}

static void on_put_record(void *owner, const struct model_call_record *record, const struct model_paid *paid)
{
	struct house *house = owner;

	CHECK_TRUE(house->record_count < HOUSE_RECORDS);
	for (unsigned i = 0; i < house->record_count; i++) {
		CHECK_TRUE(house->records[i].unique != record->unique);
	}
	CHECK_TRUE(record->disposition < MODEL_DISPOSITIONS && record->started_ms <= record->ended_ms);
	CHECK_TRUE(record->answered_ms == 0 ||
	           (record->started_ms <= record->answered_ms && record->answered_ms <= record->ended_ms));
	house->paid[house->record_count] = *paid;
	house->records[house->record_count++] = *record;
}

static bool on_put_binding(void *owner, const struct model_binding *binding)
{
	struct house *house = owner;

	CHECK_TRUE(house->binding_count < HOUSE_BINDINGS);
	house->bindings[house->binding_count++] = *binding;
	return true;
}

const struct model_call_record *house_record(const struct house *house)
{
	CHECK_TRUE(house->record_count > 0);
	return &house->records[house->record_count - 1];
}

/* ---- The node --------------------------------------------------------------------------------------------------- */

static uint64_t wall_us(const struct house *house)
{
	return HOUSE_WALL_US + house->sim->now_us + (uint64_t)house->clock_step_us;
}

static void check(const struct house *house)
{
	const char *wrong = switch_check(house->sw);

	if (wrong != NULL) {
		print_error("seed %llu: %s\n", (unsigned long long)house->sim->seed, wrong);
	}
	CHECK_TRUE(wrong == NULL);
}

static void on_turn(void *owner, struct sim *sim, unsigned node)
{
	struct house *house = owner;
	(void)node;

	do {
		switch_turn(house->sw, sim->now_us, wall_us(house));
	} while (answer_one(house));
	if (!house->is_busy || house->turns++ % 1000 == 0) {
		check(house);
	}
}

static uint64_t on_deadline(const void *owner)
{
	const struct house *house = owner;
	uint64_t due_us = tg_min_u64(switch_deadline_us(house->sw), play_due_us(house));

	for (unsigned i = 0; i < house->asked_count; i++) {
		due_us = is_answered(house, &house->asked[i]) ? tg_min_u64(due_us, house->asked[i].at_us) : due_us;
	}
	return due_us;
}

static void on_expire(void *owner, struct sim *sim, unsigned node)
{
	struct house *house = owner;
	(void)node;

	switch_expire(house->sw, sim->now_us, wall_us(house));
	play_all(house);
}

void house_pump(struct house *house)
{
	sim_pump(house->sim, house->node);
}

static void read_conf(struct house *house, const char *iax, const char *extensions)
{
	struct conf_result *conf;

	CHECK_TRUE(house->worlds < HOUSE_WORLDS);
	conf = &house->conf[house->worlds++];
	world_read_with(conf, iax, extensions, house->tollgate);
	conf->world->generation = house->worlds;
}

void house_reload(struct house *house, const char *iax, const char *extensions)
{
	read_conf(house, iax, extensions);
	switch_set_world(house->sw, house->conf[house->worlds - 1].world, house->prompts, house->sim->now_us);
	house_pump(house);
}

void house_open(struct house *house, struct sim *sim, const struct house_plan *plan)
{
	const struct switch_ops ops = {
		.owner = house,
		.may_try = on_may_try,
		.is_home = on_is_home,
		.decided = on_decided,
		.ask_challenge = on_ask_challenge,
		.ask_verify = on_ask_verify,
		.ask_respond = on_ask_respond,
		.may_charge = on_may_charge,
		.toll = on_toll,
		.put_record = on_put_record,
		.put_binding = on_put_binding,
		.relay_set = on_relay_set,
		.relay_clear = on_relay_clear,
		.relay_report = on_relay_report,
	};
	const struct switch_config config = {
		.calls_max = plan->calls_max != 0 ? plan->calls_max : 32,
		.half_open_max = plan->half_open_max != 0 ? plan->half_open_max : 64,
		.bindings_max = plan->bindings_max != 0 ? plan->bindings_max : 32,
		.registrations_max = 8,
		.usages_max = plan->usages_max,
		.first_unique = 1000,
	};
	struct iax_config ep_config = sim_config();

	*house = (struct house){ .sim = sim,
		                 .vault_us = plan->vault_us,
		                 .vault_spread_us = plan->vault_spread_us,
		                 .is_busy = plan->is_busy,
		                 .tollgate = plan->tollgate,
		                 .md5 = crypt_md5_new() };
	house->log = (struct tg_log){ keep_line, house, TG_DEBUG };
	house->config = config;
	house->ops = ops;
	crypt_random_bytes(&sim->random, house->config.seed, sizeof(house->config.seed));
	ep_config.legs_max = config.calls_max * 4 + 64;
	ep_config.half_open_max = config.half_open_max;
	ep_config.frames_max = ep_config.legs_max * 8;
	ep_config.events_max = 256;
	ep_config.token_required = !plan->no_tokens;
	house->prompts = house_prompts();
	house->node = sim_add(sim, &ep_config,
	                      &(struct sim_owner){ .owner = house,
	                                           .turn = on_turn,
	                                           .deadline_us = on_deadline,
	                                           .expire = on_expire,
	                                           .receive = on_receive });
	house->mem = tg_zeroed_new(switch_size(&config));
	house->sw = switch_init(house->mem, &house->config, sim->nodes[house->node].ep, &house->ops, &house->log,
	                        sim->now_us, wall_us(house));
	house_reload(house, plan->iax, plan->extensions);
}

/* ---- Its death --------------------------------------------------------------------------------------------------- */

struct iax_takeover house_die(struct house *house)
{
	for (int i = 0; i < HOUSE_ENTRIES; i++) {
		house->entries[i].stale = house->entries[i].used;
	}
	return sim_take_over(house->sim, house->node);
}

static void set_worlds(struct house *house, unsigned worlds)
{
	const unsigned least = worlds > 0 && worlds < house->worlds ? house->worlds - worlds : 0;

	switch_set_world(house->sw, house->conf[house->worlds - 1].world, house->prompts, house->sim->now_us);
	for (unsigned i = house->worlds - 1; i-- > least;) {
		(void)switch_add_world(house->sw, house->conf[i].world, house->prompts);
	}
}

struct switch_takeover house_live_again(struct house *house, unsigned worlds)
{
	void *old = house->mem;
	struct switch_takeover result;

	crypt_random_bytes(&house->sim->random, house->config.seed, sizeof(house->config.seed));
	house->mem = tg_zeroed_new(switch_size(&house->config));
	house->sw = switch_init(house->mem, &house->config, house->sim->nodes[house->node].ep, &house->ops, &house->log,
	                        house->sim->now_us, wall_us(house));
	set_worlds(house, worlds);
	const bool whole = switch_take_over(house->sw, old, switch_size(&house->config), house->sim->now_us,
	                                    wall_us(house), &result);

	CHECK_TRUE(whole);
	check(house);
	for (int i = 0; i < HOUSE_ENTRIES; i++) {
		house->entries[i].used = house->entries[i].used && !house->entries[i].stale;
	}
	free(old);
	house_pump(house);
	return result;
}

struct switch_takeover house_take_over(struct house *house, unsigned worlds)
{
	house_die(house);
	return house_live_again(house, worlds);
}

void house_close(struct house *house)
{
	CHECK_TRUE(switch_is_idle(house->sw));
	for (int i = 0; i < HOUSE_ENTRIES; i++) {
		CHECK_FALSE(house->entries[i].used);
	}
	for (unsigned i = 0; i < house->worlds; i++) {
		conf_result_free(&house->conf[i]);
	}
	crypt_md5_free(house->md5);
	free(house->prompts);
	free(house->mem);
}

/* ---- Prompts ---------------------------------------------------------------------------------------------------- */

/* Sorted by name, then format. Frame n of a prompt is filled with its first octet plus n. */
static const struct {
	const char *name;
	uint64_t format;
	uint32_t frame_bytes, frames;
	uint8_t fill;
} sounds[] = {
	{ "alaw", IAX_FORMAT_ALAW, 160, 5, 0x50 },
	{ "one", IAX_FORMAT_GSM, 33, 1, 0x10 },
	{ "one", IAX_FORMAT_ULAW, 160, 1, 0x20 },
	{ "ten", IAX_FORMAT_GSM, 33, 10, 0x30 },
	{ "ten", IAX_FORMAT_ULAW, 160, 10, 0x40 },
	{ PROMPT_MILLIWATT, IAX_FORMAT_ULAW, 160, 4, 0x70 },
	{ PROMPT_MILLIWATT_1000, IAX_FORMAT_ULAW, 160, 4, 0x60 },
	{ PROMPT_TONE_ONCE "!950/100,425", IAX_FORMAT_ULAW, 160, 5, 0x80 },
	{ PROMPT_TONE "!950/100,425", IAX_FORMAT_ULAW, 160, 50, 0xa0 },
	{ PROMPT_TONE "busy", IAX_FORMAT_ULAW, 160, 50, 0x20 },
};

struct prompts *house_prompts(void)
{
	size_t size = sizeof(struct prompts) + sizeof(struct prompt) * TG_COUNT(sounds);
	size_t at = size;

	for (size_t i = 0; i < TG_COUNT(sounds); i++) {
		size += (size_t)sounds[i].frame_bytes * sounds[i].frames;
	}
	struct prompts *prompts = calloc(1, size);
	struct prompt *rows = (struct prompt *)(prompts + 1);

	*prompts = (struct prompts){
		.magic = PROMPTS_MAGIC,
		.version = PROMPTS_VERSION,
		.size_bytes = size,
		.generation = 7,
		.count = TG_COUNT(sounds),
		.rows_offset = sizeof(*prompts),
	};
	for (size_t i = 0; i < TG_COUNT(sounds); i++) {
		rows[i] = (struct prompt){ .format = sounds[i].format,
			                   .offset = at,
			                   .frame_bytes = sounds[i].frame_bytes,
			                   .frames = sounds[i].frames };
		tg_span_copy(rows[i].name, sizeof(rows[i].name), tg_span_text(sounds[i].name));
		for (uint32_t n = 0; n < sounds[i].frames; n++) {
			memset((uint8_t *)prompts + at, (int)(sounds[i].fill + n), sounds[i].frame_bytes);
			at += sounds[i].frame_bytes;
		}
	}
	const char *wrong = prompts_check(prompts, size);

	CHECK_TEXT(wrong != NULL ? wrong : "good", "good");
	return prompts;
}
