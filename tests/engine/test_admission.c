/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "guard/guard.h"
#include "net.h"
#include "sys/clock.h"

/*
 * Admission as the outside sees it: a whole engine on real sockets. A host of the loopback network stands for an address of the
 * outside: 127.0.0.x, each in a network (/24) of its own.
 */

static const char iax_conf[] = "[alice]\n"
			       "type=friend\n"
			       "host=dynamic\n"
			       "secret=a-long-open-sesame\n"
			       "context=test\n"
			       "[bob]\n"
			       "type=friend\n"
			       "host=dynamic\n"
			       "secret=a-long-open-sesame\n"
			       "context=test\n"
			       "[lobby]\n"
			       "type=user\n"
			       "context=test\n"
			       "[honey]\n"
			       "type=friend\n"
			       "host=dynamic\n"
			       "secret=nobody-has-this-one\n"
			       "decoy=yes\n"
			       "context=test\n";

static const char extensions_conf[] = "[test]\n"
				      "exten => 600,1,Answer()\n"
				      " same => n,Echo()\n";

static const char server[] = "127.0.0.1", customer[] = "127.0.2.2", guesser[] = "127.0.3.3", other[] = "127.0.4.4";

static struct house *house_of(const char *conf)
{
	static struct house house;

	house = (struct house){
		.hosts = { server }, .threads = 2, .iax_conf = conf, .extensions_conf = extensions_conf
	};
	house_start(&house);
	return &house;
}

static void finish(struct house *house)
{
	house_stop(house, false);
	CHECK_UINT(house->breaches, 0);
	house_free(house);
}

static void registers(struct house *house, struct house_phone *phone, const char *name)
{
	phone_register(phone, name);
	CHECK_TRUE(house_wait(house, &phone->registered, 5000));
}

static void calls(struct house *house, struct house_phone *phone, const char *name)
{
	phone_call(phone, name, "600");
	CHECK_TRUE(house_wait(house, &phone->answered, 5000));
}

/* So many guesses at once, each with another secret; most come to nothing. */
static void guess(struct house *house, struct house_phone *phone, const char *name, int count)
{
	phone->guesses = true;
	for (int i = 0; i < count; i++) {
		phone_register(phone, name);
		house_run_ms(house, 20);
	}
}

/* All are opened before the first is judged: one after the other, the sixth would be the last for ten minutes. */
static void guess_until_banned(struct house *house, struct house_phone *phone, const char *name)
{
	phone->guesses = true;
	for (int i = 0; i < 14; i++) {
		phone_register(phone, name);
	}
	for (int i = 0; i < 100 && house_event(house, MODEL_EVENT_BANNED) == NULL; i++) {
		house_run_ms(house, 50);
	}
	CHECK_TRUE(house_event(house, MODEL_EVENT_BANNED) != NULL);
}

static const struct model_ban *last_ban(const struct model_ban *bans, uint32_t count)
{
	return &bans[count == 0 ? 0 : count - 1];
}

/* What store and fence heard last is a ban that the kernel keeps: they may be told that a moment after the ban itself. */
static bool is_barred(struct house *house)
{
	for (int i = 0; i < 1000; i++) {
		if (last_ban(house->bans, house->ban_count)->in_kernel == 1 &&
		    last_ban(house->fence_bans, house->fence_ban_count)->in_kernel == 1) {
			return true;
		}
		house_run_ms(house, 20);
	}
	return false;
}

/* The fence took it out again, and the store was told why. */
static bool is_let_in(struct house *house)
{
	for (int i = 0; i < 250; i++) {
		if (last_ban(house->fence_bans, house->fence_ban_count)->until_ms == 1 &&
		    house_event(house, MODEL_EVENT_UNBANNED) != NULL) {
			return true;
		}
		house_run_ms(house, 20);
	}
	return false;
}

static uint64_t held(struct house *house)
{
	uint64_t sum = 0;

	house_ask(house, IPC_ASK_COUNTERS);
	for (uint32_t i = 0; i < house->counter_count; i++) {
		sum += strncmp(house->counters[i].name, "guard.held.", 11) == 0 ? house->counters[i].value : 0;
	}
	return sum;
}

static uint32_t place_of(const struct house *house, enum model_event_kind kind)
{
	const struct model_event *event = house_event(house, kind);

	CHECK_TRUE(event != NULL);
	return (uint32_t)(event - house->events);
}

static void test_a_guesser_climbs_the_ladder(void **state)
{
	struct house *house = house_of(iax_conf);
	struct house_phone *phone = house_phone(house, guesser), *alice = house_phone(house, customer);
	const struct model_event *event;
	(void)state;

	registers(house, alice, "alice");
	guess_until_banned(house, phone, "alice");
	house_run_ms(house, 200);
	/* So many were judged, and no more: the others were asked about like them, and not believed. */
	CHECK_TRUE(house->verdicts - house->right >= 10);
	CHECK_TRUE(house->verdicts - house->right - held(house) <= 10);
	CHECK_TRUE(place_of(house, MODEL_EVENT_GUESSING) < place_of(house, MODEL_EVENT_DELAYED));
	CHECK_TRUE(place_of(house, MODEL_EVENT_DELAYED) < place_of(house, MODEL_EVENT_SILENCED));
	CHECK_TRUE(place_of(house, MODEL_EVENT_SILENCED) < place_of(house, MODEL_EVENT_BANNED));
	event = house_event(house, MODEL_EVENT_CHALLENGE_FAILED);
	CHECK_TRUE(event != NULL);
	CHECK_UINT(event->reason, MODEL_WHY_WRONG);
	CHECK_UINT(event->validated, 1);
	CHECK_UINT(event->request, MODEL_REQUEST_REGISTER);
	CHECK_TEXT(event->account, "alice");
	CHECK_TRUE(tg_addr_same_host(event->remote, phone->addr));
	CHECK_UINT(house_events(house, MODEL_EVENT_SUCCESSFUL_AUTH), 1);

	CHECK_TRUE(house_wait_count(house, &house->fence_ban_count, 1, 5000));
	CHECK_TRUE(house_wait_count(house, &house->ban_count, 1, 5000));
	/* The ban is told to both who keep it, with the id of its event. */
	CHECK_TRUE(house->ban_count >= 1 && house->fence_ban_count >= 1);
	CHECK_TRUE(tg_addr_same_host(house->bans[0].base, phone->addr));
	CHECK_UINT(house->bans[0].bits, 32);
	CHECK_UINT(house->bans[0].id.time, house_event(house, MODEL_EVENT_BANNED)->id.time);
	CHECK_UINT(house->fence_bans[0].in_kernel, 1);
	house_ask(house, IPC_ASK_BANS);
	CHECK_UINT(house->ban_row_count, 1);

	/* It gets no answers now, not even to what everybody gets one to; others do. */
	house_run_ms(house, 1500);
	phone->datagrams = 0;
	guess(house, phone, "alice", 5);
	house_run_ms(house, 300);
	CHECK_UINT(phone->datagrams, 0);
	CHECK_TRUE(house_counter(house, "door.silenced") > 0);
	registers(house, alice, "alice");
	calls(house, alice, "alice");
	finish(house);
}

/* A guest's call is no proof of a secret: the address is banned, but its packets reach us while it talks. */
static void test_a_ban_spares_a_call_that_lives(void **state)
{
	struct house *house = house_of(iax_conf);
	struct house_phone *phone = house_phone(house, guesser), *talker = house_phone(house, guesser);
	(void)state;

	calls(house, talker, "lobby");
	guess_until_banned(house, phone, "alice");
	house_run_ms(house, 200);
	CHECK_TRUE(house->ban_count >= 1);
	CHECK_UINT(house->bans[house->ban_count - 1].in_kernel, 0);
	for (uint32_t i = 0; i < house->fence_ban_count; i++) {
		CHECK_UINT(house->fence_bans[i].in_kernel, 0);
	}
	talker->voice = 0;
	phone_talk(talker, 50);
	house_run_ms(house, 100);
	CHECK_TRUE(talker->voice >= 48);
	phone_hangup(talker);
	CHECK_TRUE(is_barred(house));
	finish(house);
}

/* An office: one address, a phone that is well and one that guesses. */
static void test_who_shares_the_guessers_address_keeps_his_service(void **state)
{
	struct house *house = house_of(iax_conf);
	struct house_phone *phone = house_phone(house, guesser), *bob = house_phone(house, guesser);
	(void)state;

	registers(house, bob, "bob");
	guess(house, phone, "alice", 80);
	house_run_ms(house, 300);
	CHECK_UINT(house->ban_count, 0);
	CHECK_UINT(house->fence_ban_count, 0);
	CHECK_TRUE(house_event(house, MODEL_EVENT_BANNED) == NULL);
	for (int i = 0; i < 3; i++) {
		registers(house, bob, "bob");
	}
	calls(house, bob, "bob");
	finish(house);
}

static void test_a_decoy_silences_at_once(void **state)
{
	struct house *house = house_of(iax_conf);
	struct house_phone *phone = house_phone(house, guesser);
	(void)state;

	phone_register(phone, "honey");
	CHECK_TRUE(house_wait(house, &phone->refused, 5000));
	house_run_ms(house, 300);
	CHECK_TRUE(house_event(house, MODEL_EVENT_DECOY) != NULL);
	CHECK_TRUE(house_event(house, MODEL_EVENT_SILENCED) != NULL);
	house_run_ms(house, 100);
	phone->datagrams = 0;
	phone_register(phone, "bob");
	house_run_ms(house, 500);
	CHECK_UINT(phone->datagrams, 0);
	finish(house);
}

/* The owner changed the secret, and one telephone has the old one: told as that, and nobody is held back for it. */
static void test_a_phone_with_an_old_secret_is_told_as_one(void **state)
{
	struct house *house = house_of(iax_conf);
	struct house_phone *phone = house_phone(house, guesser);
	const struct model_event *event;
	(void)state;

	phone->secret = "the-secret-of-last-year";
	for (int i = 0; i < 8 && house_event(house, MODEL_EVENT_STALE) == NULL; i++) {
		phone->refused = false;
		phone_register(phone, "alice");
		(void)house_wait(house, &phone->refused, 5000);
		house_run_ms(house, 50);
	}
	event = house_event(house, MODEL_EVENT_STALE);
	CHECK_TRUE(event != NULL);
	CHECK_TEXT(event->account, "alice");
	CHECK_TRUE(tg_addr_same_host(event->remote, phone->addr));
	CHECK_TRUE(house_event(house, MODEL_EVENT_SILENCED) == NULL);
	CHECK_UINT(house->ban_count, 0);
	finish(house);
}

/* Where it was before the engine was started anew, the store knows. */
static void test_a_registration_that_moves_is_told_after_a_restart(void **state)
{
	struct house *house = house_of(iax_conf);
	struct house_phone *alice = house_phone(house, customer);
	struct ipc_binding binding = { .head.kind = IPC_BINDING };
	const struct ipc_plain end = { .head.kind = IPC_BINDINGS_END };
	const struct model_event *event;
	(void)state;

	binding.binding.addr = alice->addr;
	binding.binding.addr.ip[15] = 9; /* another host */
	binding.binding.local = house->addrs[0];
	binding.binding.expires_ms = sys_clock_wall_ms() + 60000;
	binding.binding.refresh_s = 60;
	memcpy(binding.binding.name, "alice", 6);
	house_send(house, HOUSE_STORE, &binding, sizeof(binding));
	house_send(house, HOUSE_STORE, &end, sizeof(end));
	house_run_ms(house, 50);
	registers(house, alice, "alice");
	house_run_ms(house, 100);
	event = house_event(house, MODEL_EVENT_MOVED);
	CHECK_TRUE(event != NULL);
	CHECK_TEXT(event->text, "was at 127.0.2.9");
	CHECK_TRUE(house->binding_count >= 1);
	finish(house);
}

/* An operator's ban of a network, of a length that no automatic ban has. */
static void test_a_banned_network_gets_no_answers_at_all(void **state)
{
	struct house *house = house_of(iax_conf);
	struct house_phone *phone = house_phone(house, guesser), *alice = house_phone(house, customer);
	(void)state;

	CHECK_TRUE(house_order(house, IPC_GUARD_BAN, "127.0.3.0", 25, 60));
	CHECK_TRUE(house_wait_count(house, &house->ban_count, 1, 5000)); /* the door knows by then */
	phone_register(phone, "alice");
	house_run_ms(house, 300);
	CHECK_UINT(phone->datagrams, 0);
	CHECK_TRUE(house_counter(house, "door.silenced") > 0);
	registers(house, alice, "alice");
	finish(house);
}

/* ---- Forged addresses ---- */

enum { FORGED = 1000000, FORGED_BATCH = 100 };

/* A REGREQ with a name, an answer to a challenge and a token that nobody gave. */
static size_t forge(uint8_t room[128], uint32_t number)
{
	struct tg_writer w = tg_writer_of(room, 128);
	const bool has_token = number % 2 == 0;

	tg_put_u16(&w, (uint16_t)(0x8000 | (1 + number % 32767)));
	tg_put_u16(&w, number % 3 == 0 ? (uint16_t)(number % 32768) : 0);
	tg_put_u32(&w, 3);
	tg_put_u8(&w, (uint8_t)(number % 3 == 0));
	tg_put_u8(&w, (uint8_t)(number % 3 == 0));
	tg_put_u8(&w, IAX_FRAME_IAX);
	tg_put_u8(&w, number % 2 == 0 ? IAX_REGREQ : IAX_NEW);
	tg_put_u8(&w, IAX_IE_USERNAME);
	tg_put_u8(&w, 5);
	tg_put_span(&w, TG_SPAN_LIT("alice"));
	tg_put_u8(&w, IAX_IE_MD5_RESULT);
	tg_put_u8(&w, 32);
	for (int i = 0; i < 8; i++) {
		char digits[5];

		snprintf(digits, sizeof(digits), "%04x", (unsigned)(number * 2654435761u >> (i % 4)) & 0xffff);
		tg_put_span(&w, (struct tg_span){ (const uint8_t *)digits, 4 });
	}
	if (has_token) {
		tg_put_u8(&w, IAX_IE_CALLTOKEN);
		tg_put_u8(&w, 7);
		tg_put_u32(&w, 0x01010101 + number);
		tg_put_u16(&w, 0x0101);
		tg_put_u8(&w, 1);
	}
	CHECK_TRUE(tg_writer_ok(&w));
	return w.len;
}

/* From the customer's own address, as a forger would: he sees no answer, so here nobody reads them. */
static void forge_guesses(struct house *house)
{
	static uint8_t frames[FORGED_BATCH][128];
	static struct iovec parts[FORGED_BATCH];
	static struct mmsghdr messages[FORGED_BATCH];
	const int fd = net_peer(customer);
	struct sockaddr_storage name;
	const socklen_t name_len = tg_addr_to_sockaddr(house->addrs[0], false, &name);

	CHECK_INT(connect(fd, (const struct sockaddr *)&name, name_len), 0);
	for (uint32_t i = 0; i < FORGED; i += FORGED_BATCH) {
		for (uint32_t j = 0; j < FORGED_BATCH; j++) {
			parts[j] = (struct iovec){ frames[j], forge(frames[j], i + j) };
			messages[j] = (struct mmsghdr){ .msg_hdr = { .msg_iov = &parts[j], .msg_iovlen = 1 } };
		}
		(void)!sendmmsg(fd, messages, FORGED_BATCH, 0);
		if (i % 20000 == 0) {
			house_run_ms(house, 1);
		}
	}
	close(fd);
}

static void test_a_million_forged_guesses_cost_the_customer_nothing(void **state)
{
	struct house *house = house_of(iax_conf);
	struct house_phone *alice = house_phone(house, customer);
	(void)state;

	forge_guesses(house);
	house_run_ms(house, 500);
	house_ask(house, IPC_ASK_SOURCES);
	CHECK_UINT(house->source_count, 0);
	house_ask(house, IPC_ASK_GUARDED);
	CHECK_UINT(house->guarded_count, 0);
	CHECK_UINT(house->ban_count, 0);
	CHECK_UINT(house_counter(house, "guard.failures"), 0);
	CHECK_UINT(house_counter(house, "switch.legs_peak"), 0);
	CHECK_TRUE(house_counter(house, "door.received") + house_counter(house, "switch.received") > FORGED / 20);
	for (uint32_t i = 0; i < house->event_count; i++) {
		CHECK_UINT(house->events[i].validated, 0);
	}
	registers(house, alice, "alice");
	calls(house, alice, "alice");
	phone_talk(alice, 25);
	house_run_ms(house, 100);
	CHECK_TRUE(alice->voice >= 24);
	finish(house);
}

/* ---- More challenges at once than one account may have unanswered ---- */

/* What the guard charged an address for five calls at once, each challenged before any is answered, and then answered wrongly. */
static struct ipc_source_row charged_for(struct house *house, const char *host, const char *name)
{
	struct house_phone *phone = house_phone(house, host);

	phone->guesses = true;
	house->vault_is_silent = true;
	for (int i = 0; i < 5; i++) {
		phone_call(phone, name, "600");
		house_run_ms(house, 50);
	}
	house->vault_is_silent = false;
	house_replace(house, HOUSE_VAULT); /* the questions are asked again */
	house_run_ms(house, 500);
	CHECK_UINT(phone->challenges, 5);
	house_ask(house, IPC_ASK_SOURCES);
	for (uint32_t i = 0; i < house->source_count; i++) {
		if (tg_addr_same_host(house->sources[i].addr, phone->addr)) {
			return house->sources[i];
		}
	}
	CHECK_TRUE(false);
	return house->sources[0];
}

static void test_too_many_challenges_tell_no_names(void **state)
{
	struct house *house = house_of(iax_conf);
	(void)state;

	const struct ipc_source_row known = charged_for(house, guesser, "alice");
	const struct ipc_source_row nobody = charged_for(house, other, "nobody");

	house_run_ms(house, 1200);
	CHECK_TRUE(house_event(house, MODEL_EVENT_SESSION_LIMIT) != NULL);
	CHECK_UINT(known.failures, 5);
	CHECK_UINT(known.failures, nobody.failures);
	CHECK_UINT(known.names, nobody.names);
	CHECK_UINT(known.step, nobody.step);
	CHECK_UINT(known.opened, nobody.opened);
	CHECK_UINT(known.held, nobody.held);
	finish(house);
}

/* The same with right answers, from the address and port where the account was right before. */
static void test_a_trunk_at_home_is_charged_with_nothing(void **state)
{
	struct house *house = house_of(iax_conf);
	struct house_phone *trunk = house_phone(house, customer);
	(void)state;

	calls(house, trunk, "alice");
	house->vault_is_silent = true;
	for (int i = 0; i < 6; i++) {
		phone_call(trunk, "alice", "600");
		house_run_ms(house, 20);
	}
	house->vault_is_silent = false;
	house_replace(house, HOUSE_VAULT);
	for (int i = 0; i < 100 && house_counter(house, "switch.calls_answered") < 7; i++) {
		house_run_ms(house, 20);
	}
	CHECK_UINT(house_counter(house, "switch.calls_answered"), 7);
	CHECK_UINT(house_counter(house, "guard.failures"), 0);
	finish(house);
}

/* ---- Guarded accounts ---- */

static const char guarded_conf[] = "[alice]\n"
				   "type=friend\n"
				   "host=dynamic\n"
				   "secret=a-long-open-sesame\n"
				   "context=test\n";

/* As the store remembers it: guarded, and known at the customer's network. */
static void restore_guarded(struct house *house)
{
	struct ipc_guard_account account = { .head.kind = IPC_GUARD_ACCOUNT };
	const struct ipc_plain end = { .head.kind = IPC_GUARD_END };
	const uint64_t now_ms = sys_clock_wall_ms();

	memcpy(account.account.name, "alice", 6);
	account.account.window_ms = account.account.distinct_ms = now_ms;
	account.account.guarded_until_ms = now_ms + 3600000;
	account.account.failures = 25;
	account.account.networks[0] = (struct model_guard_network){ .prefix = { 0, 0, 0, 127, 0, 2 },
		                                                    .family = TG_IPV4,
		                                                    .seen_day = (uint32_t)(now_ms / 86400000) };
	house_send(house, HOUSE_STORE, &account, sizeof(account));
	house_send(house, HOUSE_STORE, &end, sizeof(end));
	house_run_ms(house, 50);
}

static void test_a_guarded_account_works_where_it_is_known(void **state)
{
	struct house *house = house_of(guarded_conf);
	struct house_phone *alice = house_phone(house, customer), *thief = house_phone(house, other);
	const struct model_event *event;
	uint64_t start_us;
	(void)state;

	restore_guarded(house);
	house_ask(house, IPC_ASK_GUARDED);
	CHECK_UINT(house->guarded_count, 1);
	CHECK_TRUE(house->guarded[0].guarded_s > 3500);
	start_us = sys_clock_us();
	phone_register(thief, "alice"); /* with the right secret */
	CHECK_TRUE(house_wait(house, &thief->refused, 5000));
	CHECK_TRUE(sys_clock_us() - start_us > 1000000); /* as a wrong one */
	CHECK_FALSE(thief->registered);
	event = house_event(house, MODEL_EVENT_GUARDED);
	CHECK_TRUE(event != NULL);
	CHECK_UINT(event->reason, MODEL_WHY_GUARDED);
	CHECK_TRUE(tg_addr_same_host(event->remote, thief->addr));
	CHECK_UINT(house_counter(house, "guard.held.guarded"), 1);
	registers(house, alice, "alice");
	calls(house, alice, "alice");
	/* What was allowed by the operator, is. */
	CHECK_TRUE(house_order(house, IPC_GUARD_ALLOW, other, 32, 0));
	finish(house);
}

/* ---- The operator ---- */

static void test_observing_holds_nobody_back(void **state)
{
	struct house *house = house_of(iax_conf);
	struct house_phone *phone = house_phone(house, guesser);
	const struct model_event *event;
	(void)state;

	CHECK_TRUE(house_order(house, IPC_GUARD_OBSERVE, NULL, 0, 0));
	for (int i = 0; i < 4; i++) {
		guess(house, phone, "alice", 5);
		house_run_ms(house, 1300);
	}
	CHECK_TRUE(house->verdicts > 10);
	event = house_event(house, MODEL_EVENT_SILENCED);
	CHECK_TRUE(event != NULL);
	CHECK_UINT(event->action, MODEL_ACTION_OBSERVE);
	CHECK_UINT(house->fence_ban_count, 0);
	CHECK_UINT(house_counter(house, "door.silenced"), 0);
	phone->guesses = false;
	registers(house, phone, "alice");
	CHECK_TRUE(house_order(house, IPC_GUARD_ENFORCE, NULL, 0, 0));
	finish(house);
}

static void test_the_operator_bans_allows_and_takes_back(void **state)
{
	struct house *house = house_of(iax_conf);
	struct house_phone *phone = house_phone(house, guesser);
	const struct model_event *event;
	(void)state;

	CHECK_TRUE(house_order(house, IPC_GUARD_BAN, guesser, 32, 60));
	CHECK_TEXT(house->said, "127.0.3.3/32 is banned for 60 s");
	CHECK_TRUE(is_barred(house)); /* at first it might have had a call */
	CHECK_TRUE(house_wait_count(house, &house->event_count, 1, 5000));
	event = house_event(house, MODEL_EVENT_BANNED);
	CHECK_TRUE(event != NULL);
	CHECK_TEXT(event->who, "operator");
	CHECK_TEXT(event->text, "a test");
	CHECK_UINT(house_events(house, MODEL_EVENT_BANNED), 1);
	CHECK_TEXT(house->bans[0].who, "operator");
	CHECK_UINT(house->bans[0].id.time, event->id.time);
	phone_register(phone, "alice");
	house_run_ms(house, 300);
	CHECK_UINT(phone->datagrams, 0);
	CHECK_TRUE(house_order(house, IPC_GUARD_UNBAN, guesser, 32, 0));
	CHECK_TRUE(is_let_in(house));
	registers(house, phone, "alice");
	CHECK_FALSE(house_order(house, IPC_GUARD_UNBAN, "203.0.113.9", 32, 0));
	CHECK_TRUE(house_order(house, IPC_GUARD_ALLOW, guesser, 32, 0));
	house_ask(house, IPC_ASK_BANS);
	CHECK_UINT(house->ban_row_count, 1);
	CHECK_UINT(house->ban_rows[0].ban.kind, MODEL_ALLOW);
	house_ask(house, IPC_ASK_BUDGETS);
	CHECK_TRUE(house->budget_count >= 3);
	for (uint32_t i = 0; i < house->budget_count; i++) {
		CHECK_TRUE(house->budgets[i].name[0] != '\0' && house->budgets[i].attack[0] != '\0');
	}
	finish(house);
}

/* ---- Who comes back ---- */

static void test_a_ban_outlives_everybody(void **state)
{
	struct house *house = house_of(iax_conf);
	struct house_phone *phone = house_phone(house, guesser), *late = house_phone(house, other);
	struct ipc_ban ban = { .head.kind = IPC_BAN };
	const struct ipc_plain end = { .head.kind = IPC_GUARD_END };
	(void)state;

	ban.ban.base = phone->addr;
	ban.ban.base.port = 0;
	ban.ban.bits = 32;
	ban.ban.until_ms = sys_clock_wall_ms() + 600000;
	ban.ban.since_ms = sys_clock_wall_ms() - 1000;
	ban.ban.reason = MODEL_WHY_TRIES;
	ban.ban.in_kernel = 1;
	house_send(house, HOUSE_STORE, &ban, sizeof(ban));
	house_send(house, HOUSE_STORE, &end, sizeof(end));
	CHECK_TRUE(house_wait_count(house, &house->fence_ban_count, 1, 5000));
	house_ask(house,
	          IPC_ASK_BANS); /* it answers when the turn that told the fence is over: the door knows by then */
	CHECK_UINT(house->ban_row_count, 1);
	phone_register(phone, "alice");
	house_run_ms(house, 300);
	CHECK_UINT(phone->datagrams, 0);

	house->fence_ban_count = 0; /* another fence */
	house_replace(house, HOUSE_FENCE);
	CHECK_TRUE(house_wait_count(house, &house->fence_ban_count, 1, 5000));
	CHECK_TRUE(tg_addr_same_host(house->fence_bans[0].base, phone->addr));
	house->ban_count = 0; /* another store: it tells what it knows, and hears what we know */
	house_replace(house, HOUSE_STORE);
	ban.ban.base = late->addr;
	ban.ban.base.port = 0;
	house_send(house, HOUSE_STORE, &ban, sizeof(ban));
	house_send(house, HOUSE_STORE, &end, sizeof(end));
	CHECK_TRUE(house_wait_count(house, &house->ban_count, 1, 5000));
	house_run_ms(house, 200);
	CHECK_UINT(house->ban_count, 1);
	CHECK_TRUE(tg_addr_same_host(house->bans[0].base, phone->addr));
	registers(house, late, "alice"); /* what an old store says too late, is not believed */
	finish(house);
}

static void test_a_fence_that_cannot_is_no_harm(void **state)
{
	struct house *house = house_of(iax_conf);
	struct house_phone *phone = house_phone(house, guesser);
	struct ipc_fence_state fence = { .head.kind = IPC_FENCE_STATE };
	(void)state;

	snprintf(fence.why, sizeof(fence.why), "not permitted");
	for (int i = 0; i < 3; i++) {
		house_send(house, HOUSE_FENCE, &fence, sizeof(fence));
	}
	CHECK_UINT(house_counter(house, "guard.fence_works"), 0);
	CHECK_TRUE(house_order(house, IPC_GUARD_BAN, guesser, 32, 60));
	CHECK_TRUE(house_wait_count(house, &house->ban_count, 1, 5000)); /* the door knows by then */
	phone_register(phone, "alice");
	house_run_ms(house, 300);
	CHECK_UINT(phone->datagrams, 0);
	fence.works = 1;
	house_send(house, HOUSE_FENCE, &fence, sizeof(fence));
	house_run_ms(house, 100);
	CHECK_UINT(house_counter(house, "guard.fence_works"), 1);
	finish(house);
}

/* ---- Call numbers ---- */

static const char numbers_conf[] = "[alice]\n"
				   "type=friend\n"
				   "host=dynamic\n"
				   "secret=a-long-open-sesame\n"
				   "context=test\n"
				   "maxcallnumbers=3\n"
				   "[callnumberlimits]\n"
				   "127.0.4.0/24 = 2\n";

static const struct ipc_numbers_row *numbers_of(const struct house *house, struct tg_addr addr)
{
	for (uint32_t i = 0; i < house->number_count; i++) {
		if (tg_addr_same_host(house->numbers[i].addr, addr)) {
			return &house->numbers[i];
		}
	}
	fail_msg("no row");
	return NULL;
}

static void test_limits_of_call_numbers_are_kept_and_told(void **state)
{
	struct house *house = house_of(numbers_conf);
	struct house_phone *ranged = house_phone(house, other), *alice = house_phone(house, customer);
	const struct ipc_numbers_row *row;
	const struct model_event *event;
	(void)state;

	for (int i = 0; i < 2; i++) {
		calls(house, ranged, "alice");
	}
	phone_call(ranged, "alice", "600");
	CHECK_TRUE(house_wait(house, &ranged->ended, 3000));
	CHECK_UINT(ranged->end, IAX_END_REJECTED);
	house_run_ms(house, 300);
	event = house_event(house, MODEL_EVENT_SESSION_LIMIT);
	CHECK_TRUE(event != NULL);
	CHECK_UINT(event->reason, MODEL_WHY_NUMBERS);
	CHECK_TEXT(event->rule, "callnumberlimits 127.0.4.0/24=2");
	registers(house, alice, "alice");
	calls(house, alice, "alice");
	house_ask(house, IPC_ASK_NUMBERS);
	CHECK_UINT(house->numbers[0].addr.family, TG_NO_ADDR);
	CHECK_UINT(house->numbers[0].nonvalidated_limit, 8192);
	row = numbers_of(house, ranged->addr);
	CHECK_UINT(row->used, 2);
	CHECK_UINT(row->limit, 2);
	CHECK_UINT(row->origin, IPC_LIMIT_RANGE);
	CHECK_TEXT(row->origin_name, "127.0.4.0/24");
	CHECK_UINT(row->peak, 2);
	CHECK_UINT(row->refused, 1);
	row = numbers_of(house, alice->addr);
	CHECK_UINT(row->limit, 3);
	CHECK_UINT(row->origin, IPC_LIMIT_PEER);
	CHECK_TEXT(row->origin_name, "alice");
	finish(house);
}

/* ---- The hot path ---- */

enum guard_why __real_guard_open(struct guard *guard, const struct guard_opening *opening, enum guard_why *would,
                                 uint64_t now_us);
enum guard_why __wrap_guard_open(struct guard *guard, const struct guard_opening *opening, enum guard_why *would,
                                 uint64_t now_us);

static atomic_uint guard_asked;

enum guard_why __wrap_guard_open(struct guard *guard, const struct guard_opening *opening, enum guard_why *would,
                                 uint64_t now_us)
{
	guard_asked++;
	return __real_guard_open(guard, opening, would, now_us);
}

static void test_nobody_asks_the_guard_about_frames_of_calls(void **state)
{
	struct house *house = house_of(iax_conf);
	struct house_phone *alice = house_phone(house, customer);
	(void)state;

	guard_asked = 0;
	calls(house, alice, "alice");
	CHECK_UINT(guard_asked, 1);
	phone_talk(alice, 50);
	for (int i = 0; i < 20; i++) {
		CHECK_UINT(iax_leg_dtmf(alice->ep, alice->leg, '5', false, sys_clock_us()), IAX_OK);
		house_run_ms(house, 20);
	}
	phone_hangup(alice);
	house_run_ms(house, 300);
	CHECK_UINT(guard_asked, 1);
	CHECK_TRUE(house_counter(house, "switch.received") > 20);
	finish(house);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_guesser_climbs_the_ladder),
		cmocka_unit_test(test_a_ban_spares_a_call_that_lives),
		cmocka_unit_test(test_who_shares_the_guessers_address_keeps_his_service),
		cmocka_unit_test(test_a_decoy_silences_at_once),
		cmocka_unit_test(test_a_phone_with_an_old_secret_is_told_as_one),
		cmocka_unit_test(test_a_registration_that_moves_is_told_after_a_restart),
		cmocka_unit_test(test_a_banned_network_gets_no_answers_at_all),
		cmocka_unit_test(test_too_many_challenges_tell_no_names),
		cmocka_unit_test(test_a_trunk_at_home_is_charged_with_nothing),
		cmocka_unit_test(test_a_million_forged_guesses_cost_the_customer_nothing),
		cmocka_unit_test(test_a_guarded_account_works_where_it_is_known),
		cmocka_unit_test(test_observing_holds_nobody_back),
		cmocka_unit_test(test_the_operator_bans_allows_and_takes_back),
		cmocka_unit_test(test_a_ban_outlives_everybody),
		cmocka_unit_test(test_a_fence_that_cannot_is_no_harm),
		cmocka_unit_test(test_limits_of_call_numbers_are_kept_and_told),
		cmocka_unit_test(test_nobody_asks_the_guard_about_frames_of_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
