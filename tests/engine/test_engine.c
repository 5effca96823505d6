/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "iax/wire.h"
#include "net.h"
#include "sys/clock.h"

static const char iax_conf[] = "[alice]\n"
			       "type=friend\n"
			       "host=dynamic\n"
			       "secret=a-long-open-sesame\n"
			       "context=test\n"
			       "[bob]\n"
			       "type=friend\n"
			       "host=dynamic\n"
			       "secret=a-long-open-sesame\n"
			       "context=test\n";

static const char extensions_conf[] = "[test]\n"
				      "exten => 600,1,Answer()\n"
				      " same => n,Echo()\n"
				      "exten => 601,1,Answer()\n"
				      " same => n,Milliwatt()\n"
				      "exten => 602,1,Answer()\n"
				      " same => n,Playback(beep)\n"
				      " same => n,Hangup()\n"
				      "exten => 603,1,Answer()\n"
				      " same => n,Playback(beep)\n"
				      " same => n,Dial(IAX2/bob,20)\n"
				      "exten => 604,1,Dial(IAX2/bob,20)\n";

static struct house *house_of(uint32_t threads, const char *host)
{
	static struct house house;

	house = (struct house){
		.hosts = { host }, .threads = threads, .iax_conf = iax_conf, .extensions_conf = extensions_conf
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

static void call_up(struct house *house, struct house_phone *phone, const char *number)
{
	phone_call(phone, "alice", number);
	CHECK_TRUE(house_wait(house, &phone->answered, 5000));
	CHECK_TRUE(phone->accepted);
}

static const uint32_t thread_counts[] = { 1, 2, 3, 5 };

/* The heart of it: the same with any number of threads. */
static void test_register_and_echo(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(thread_counts); i++) {
		struct house *house = house_of(thread_counts[i], "127.0.0.1");
		struct house_phone *phone = house_phone(house, "127.0.0.1");

		print_message("# %u threads\n", thread_counts[i]);
		phone_register(phone, "alice");
		CHECK_TRUE(house_wait(house, &phone->registered, 5000));
		CHECK_UINT(phone->challenges, 1);
		CHECK_TRUE(house_wait_count(house, &house->binding_count, 1, 2000));
		CHECK_TEXT(house->bindings[0].name, "alice");
		CHECK_TRUE(tg_addr_equal(house->bindings[0].addr, phone->addr));
		call_up(house, phone, "600");
		CHECK_UINT(phone->challenges, 2);
		phone_talk(phone, 60);
		CHECK_TRUE(house_wait_count(house, &phone->voice, 60, 3000));
		CHECK_TRUE(house_counter(house, "relay.received") >= 50);
		CHECK_UINT(house_counter(house, "relay.unknown"), 0);
		phone_hangup(phone);
		CHECK_TRUE(house_wait_count(house, &house->record_count, 1, 3000));
		CHECK_TEXT(house->records[0].record.caller, "alice");
		CHECK_UINT(house->records[0].record.disposition, MODEL_ANSWERED);
		CHECK_TRUE(house->records[0].record.from_caller.packets >= 55);
		CHECK_UINT(house->records[0].record.from_caller.lost, 0);
		finish(house);
	}
}

static void test_a_wrong_secret_is_refused_late(void **state)
{
	struct house *house = house_of(2, "127.0.0.1");
	struct house_phone *phone = house_phone(house, "127.0.0.1"), *nobody = house_phone(house, "127.0.0.1");
	const uint64_t start_us = sys_clock_us();

	(void)state;
	phone->secret = "guess";
	phone_call(phone, "alice", "600");
	phone_call(nobody, "no-such-name", "600");
	CHECK_TRUE(house_wait(house, &phone->ended, 4000));
	CHECK_TRUE(house_wait(house, &nobody->ended, 4000));
	CHECK_UINT(phone->end, IAX_END_REJECTED);
	CHECK_UINT(nobody->end, IAX_END_REJECTED);
	CHECK_UINT(nobody->cause, phone->cause);
	CHECK_UINT(nobody->challenges, 1);
	CHECK_TRUE(phone->ended_us - start_us > 1000000);
	CHECK_TRUE(nobody->ended_us - start_us > 1000000);
	finish(house);
}

static void test_two_phones_talk(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(thread_counts); i++) {
		struct house *house = house_of(thread_counts[i], "127.0.0.1");
		struct house_phone *alice = house_phone(house, "127.0.0.1"), *bob = house_phone(house, "127.0.0.2");

		print_message("# %u threads\n", thread_counts[i]);
		bob->answers = bob->echoes = true;
		bob->exchange = house->addrs[0];
		phone_register(bob, "bob");
		CHECK_TRUE(house_wait(house, &bob->registered, 5000));
		call_up(house, alice, "604");
		CHECK_TRUE(bob->offered);
		phone_talk(alice, 50);
		CHECK_UINT(iax_leg_dtmf(alice->ep, alice->leg, '5', false, sys_clock_us()), IAX_OK);
		CHECK_TRUE(house_wait_count(house, &bob->voice, 50, 3000));
		CHECK_TRUE(house_wait_count(house, &bob->dtmf, 1, 3000));
		CHECK_TRUE(house_wait_count(house, &alice->voice, 50, 3000));
		house_run_ms(house, 100); /* what came twice would be here by now */
		CHECK_TRUE(bob->full_voice >= 1 && bob->full_voice <= 3);
		CHECK_UINT(bob->dtmf, 1);
		phone_hangup(bob);
		CHECK_TRUE(house_wait(house, &alice->ended, 3000));
		CHECK_UINT(alice->cause, IAX_CAUSE_NORMAL_CLEARING);
		CHECK_TRUE(house_wait_count(house, &house->record_count, 1, 3000));
		CHECK_TEXT(house->records[0].record.callee, "bob");
		finish(house);
	}
}

/* The last epoll descriptor that was made is that of the last thread; waiting for another file fails. */
static void break_last_loop(void)
{
	const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int last = -1;

	for (int fd = 0; fd < 1024; fd++) {
		char path[32], target[64] = "";

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if (readlink(path, target, sizeof(target) - 1) > 0 && strcmp(target, "anon_inode:[eventpoll]") == 0) {
			last = fd;
		}
	}
	CHECK_TRUE(last >= 0 && dup2(nothing, last) == last);
	close(nothing);
}

static void test_an_engine_without_its_door_ends(void **state)
{
	struct house *house = house_of(2, "127.0.0.1");
	struct house_phone *phone = house_phone(house, "127.0.0.1"), *late = house_phone(house, "127.0.0.1");
	void *code;

	(void)state;
	call_up(house, phone, "600");
	break_last_loop();
	phone_call(late, "bob", "600"); /* wakes the door once more */
	CHECK_TRUE(house_wait(house, &phone->ended, 5000));
	CHECK_TRUE(house_wait(house, &house->stopped, 5000));
	CHECK_INT(pthread_join(house->engine, &code), 0);
	CHECK_INT((int)(intptr_t)code, EXIT_FAILURE);
	CHECK_TRUE(house_wait_count(house, &house->record_count, 1, 1000));
	house_free(house);
}

static void test_a_prompt_is_heard_whole_and_then_the_other_phone(void **state)
{
	struct house *house = house_of(3, "127.0.0.1");
	struct house_phone *alice = house_phone(house, "127.0.0.1"), *bob = house_phone(house, "127.0.0.1");

	(void)state;
	bob->answers = true;
	phone_register(bob, "bob");
	CHECK_TRUE(house_wait(house, &bob->registered, 5000));
	call_up(house, alice, "603");
	while (alice->voice < 25) { /* she talks all the time */
		phone_talk(alice, 1);
	}
	phone_talk(alice, 5);
	CHECK_UINT(alice->voice, 25);
	CHECK_UINT(alice->payload[0], 24);
	CHECK_UINT(alice->full_voice, 1);
	/* Mini frames keep media time; the full frame before them is stamped later than ANSWER, if need be by 1 or 2 ms. */
	const uint32_t span_ms = alice->last_ts_ms - alice->first_ts_ms;

	CHECK_TRUE(span_ms <= 24 * 20 && span_ms >= 24 * 20 - 2);
	CHECK_TRUE(house_wait(house, &bob->offered, 3000));
	phone_talk(alice, 50);
	CHECK_TRUE(bob->full_voice >= 1); /* though alice's own first frame came long before */
	CHECK_TRUE(bob->voice >= 40);
	finish(house);
}

static void test_a_tone_goes_on_until_the_end(void **state)
{
	struct house *house = house_of(1, "127.0.0.1");
	struct house_phone *alice = house_phone(house, "127.0.0.1");

	(void)state;
	call_up(house, alice, "601");
	CHECK_TRUE(house_wait_count(house, &alice->voice, 1, 3000));
	alice->voice = 0;
	house_run_ms(house, 1000);
	CHECK_TRUE(alice->voice >= 45 && alice->voice <= 55);
	phone_hangup(alice);
	CHECK_TRUE(house_wait_count(house, &house->record_count, 1, 3000));
	house_run_ms(house, 100);
	alice->datagrams = 0;
	house_run_ms(house, 300);
	CHECK_UINT(alice->datagrams, 0);
	finish(house);
}

static void test_playback_ends_the_call_when_it_is_over(void **state)
{
	struct house *house = house_of(2, "127.0.0.1");
	struct house_phone *alice = house_phone(house, "127.0.0.1");

	(void)state;
	call_up(house, alice, "602");
	CHECK_TRUE(house_wait(house, &alice->ended, 3000));
	CHECK_UINT(alice->voice, 25);
	CHECK_UINT(alice->end, IAX_END_REMOTE);
	finish(house);
}

static void test_answers_leave_from_the_address_called(void **state)
{
	static struct house house;
	struct house_phone *phone;
	struct tg_addr called;

	(void)state;
	house = (struct house){
		.hosts = { "0.0.0.0", "::1" }, .threads = 2, .iax_conf = iax_conf, .extensions_conf = extensions_conf
	};
	if (sys_udp_probe(net_addr("::1", 0)) != 0) {
		house.hosts[1] = NULL;
	}
	house_start(&house);
	phone = house_phone(&house, "127.0.0.1");
	CHECK_TRUE(tg_addr_parse(&called, TG_SPAN_LIT("127.0.0.77"), 0));
	called.port = house.addrs[0].port;
	phone->exchange = called;
	call_up(&house, phone, "600");
	CHECK_TRUE(tg_addr_equal(phone->seen_from, called));
	phone_talk(phone, 20);
	CHECK_TRUE(house_wait_count(&house, &phone->voice, 19, 3000));
	CHECK_TRUE(tg_addr_equal(phone->seen_from, called));

	if (house.hosts[1] == NULL) {
		print_message("# ::1 is not here\n");
		finish(&house);
		return;
	}
	phone = house_phone(&house, "::1");
	CHECK_TRUE(tg_addr_equal(phone->exchange, house.addrs[1]));
	call_up(&house, phone, "600");
	phone_talk(phone, 20);
	CHECK_TRUE(house_wait_count(&house, &phone->voice, 19, 3000));
	CHECK_TRUE(tg_addr_equal(phone->seen_from, house.addrs[1]));
	finish(&house);
}

static void test_a_new_vault_is_asked_again(void **state)
{
	struct house *house = house_of(2, "127.0.0.1");
	struct house_phone *phone = house_phone(house, "127.0.0.1");

	(void)state;
	house->vault_is_silent = true;
	phone_call(phone, "alice", "600");
	CHECK_TRUE(house_wait_count(house, &house->questions, 1, 2000));
	house_run_ms(house, 100);
	CHECK_UINT(house->questions, 1);
	house->vault_is_silent = false;
	house_replace(house, HOUSE_VAULT);
	CHECK_TRUE(house_wait(house, &phone->answered, 5000));
	CHECK_UINT(house->questions, 3);
	finish(house);
}

static void test_a_new_store_gets_what_the_old_one_did_not_keep(void **state)
{
	struct house *house = house_of(1, "127.0.0.1");
	struct house_phone *phone = house_phone(house, "127.0.0.1");

	(void)state;
	house->store_is_silent = true;
	phone_register(phone, "alice");
	CHECK_TRUE(house_wait(house, &phone->registered, 5000));
	call_up(house, phone, "600");
	phone_hangup(phone);
	CHECK_TRUE(house_wait_count(house, &house->record_count, 1, 3000));
	CHECK_UINT(house_counter(house, "switch.records_waiting"), 1);
	house->store_is_silent = false;
	house_replace(house, HOUSE_STORE);
	CHECK_TRUE(house_wait_count(house, &house->record_count, 2, 3000));
	CHECK_UINT(house->records[1].sequence, house->records[0].sequence);
	CHECK_UINT(house->records[1].record.unique, house->records[0].record.unique);
	CHECK_UINT(house->binding_count, 2);
	CHECK_TEXT(house->bindings[1].name, "alice");
	for (int i = 0; i < 100 && house_counter(house, "switch.records_waiting") > 0; i++) {
		house_run_ms(house, 20);
	}
	CHECK_UINT(house_counter(house, "switch.records_waiting"), 0);
	finish(house);
}

static bool is_registered(struct house *house, const char *name, struct tg_addr addr)
{
	house_ask(house, IPC_ASK_PEERS);
	for (uint32_t i = 0; i < house->peer_count; i++) {
		if (strcmp(house->peers[i].name, name) == 0) {
			return tg_addr_equal(house->peers[i].addr, addr);
		}
	}
	return false;
}

static void test_restored_registrations_are_known(void **state)
{
	struct house *house = house_of(1, "127.0.0.1");
	struct house_phone *alice = house_phone(house, "127.0.0.1"), *bob = house_phone(house, "127.0.0.1");
	struct ipc_binding binding = { .head.kind = IPC_BINDING };
	const struct ipc_plain end = { .head.kind = IPC_BINDINGS_END };

	(void)state;
	binding.binding.addr = bob->addr;
	binding.binding.local = house->addrs[0];
	binding.binding.expires_ms = sys_clock_wall_ms() + 60000;
	binding.binding.refresh_s = 60;
	memcpy(binding.binding.name, "bob", 4);
	house_send(house, HOUSE_STORE, &binding, sizeof(binding));
	house_send(house, HOUSE_STORE, &end, sizeof(end));
	binding.binding.addr = alice->addr; /* after the end: too late */
	house_send(house, HOUSE_STORE, &binding, sizeof(binding));
	bob->answers = true;
	for (int i = 0; i < 100 && !is_registered(house, "bob", bob->addr); i++) {
		house_run_ms(house, 20);
	}
	CHECK_TRUE(is_registered(house, "bob", bob->addr));
	house_run_ms(house, 50);
	CHECK_FALSE(is_registered(house, "alice", alice->addr));
	call_up(house, alice, "604");
	CHECK_TRUE(bob->offered);
	CHECK_UINT(house->peer_count, 2);
	finish(house);
}

static void test_the_desk_gets_its_rows(void **state)
{
	struct house *house = house_of(3, "127.0.0.1");
	struct house_phone *phone = house_phone(house, "127.0.0.1");

	(void)state;
	call_up(house, phone, "600");
	phone_talk(phone, 3); /* the switch waits for voice before it goes on */
	house_ask(house, IPC_ASK_CHANNELS);
	for (int i = 0; i < 100 && strcmp(house->channels[0].app, "Echo") != 0; i++) {
		house_run_ms(house, 20);
		house_ask(house, IPC_ASK_CHANNELS);
	}
	CHECK_UINT(house->channel_count, 1);
	CHECK_TEXT(house->channels[0].user, "alice");
	CHECK_TEXT(house->channels[0].app, "Echo");
	CHECK_TEXT(house->channels[0].kind, "call");
	CHECK_TEXT(house->channels[0].first_msg, "Rx:NEW");
	CHECK_TRUE(tg_addr_equal(house->channels[0].peer, phone->addr));
	CHECK_UINT(house->channels[0].proven, 1);
	house_ask(house, IPC_ASK_NUMBERS);
	CHECK_UINT(house->number_count, 2);
	CHECK_UINT(house->numbers[0].addr.family, TG_NO_ADDR);
	CHECK_UINT(house->numbers[0].used, 1);
	CHECK_UINT(house->numbers[0].available, 32765);
	CHECK_TRUE(tg_addr_same_host(house->numbers[1].addr, phone->addr));
	CHECK_UINT(house->numbers[1].used, 1);
	CHECK_UINT(house->numbers[1].limit, 2048);
	house_ask(house, IPC_ASK_REGISTRY);
	CHECK_UINT(house->row_count, 0);
	CHECK_UINT(house_counter(house, "switch.calls"), 1);
	CHECK_TRUE(house_counter(house, "door.answered") >= 1);
	finish(house);
}

static void test_a_reload_reaches_new_calls_and_leaves_old_ones(void **state)
{
	struct house *house = house_of(2, "127.0.0.1");
	struct house_phone *first = house_phone(house, "127.0.0.1"), *second = house_phone(house, "127.0.0.1");

	(void)state;
	call_up(house, first, "601");
	house_reload(house, iax_conf, "[test]\nexten => 700,1,Answer()\n same => n,Echo()\n");
	for (int i = 0; i < 6; i++) {
		house_reload(house, iax_conf, "[test]\nexten => 700,1,Answer()\n same => n,Echo()\n");
		house_run_ms(house, 400);
	}
	first->voice = 0;
	CHECK_TRUE(house_wait_count(house, &first->voice, 20, 3000)); /* the tone of the first world's prompts */
	call_up(house, second, "700");
	phone_hangup(second);
	house_run_ms(house, 100);
	phone_call(second, "alice", "601");
	CHECK_TRUE(house_wait(house, &second->ended, 3000));
	CHECK_UINT(second->end, IAX_END_REJECTED);
	phone_hangup(first);
	house_run_ms(house, 2500); /* the old images go */
	finish(house);
}

static void test_who_breaks_the_rules_is_cut_off(void **state)
{
	struct house *house = house_of(1, "127.0.0.1");
	const struct ipc_plain wrong = { .head.kind = IPC_RECORD_KEPT };

	(void)state;
	house_send(house, HOUSE_VAULT, &wrong, sizeof(wrong));
	CHECK_TRUE(house_wait_count(house, &house->breaches, 1, 2000));
	CHECK_TEXT(house->breach, "not for this sender to send to this receiver");
	house_stop(house, false);
	house_free(house);
}

static void test_stopping_hangs_up_or_waits(void **state)
{
	struct house *house = house_of(2, "127.0.0.1");
	struct house_phone *phone = house_phone(house, "127.0.0.1");
	const struct ipc_plain graceful = { .head.kind = IPC_STOP, .value = 1 };

	(void)state;
	call_up(house, phone, "600");
	house_send(house, HOUSE_PARENT, &graceful, sizeof(graceful));
	house_run_ms(house, 300);
	CHECK_FALSE(house->stopped);
	CHECK_FALSE(phone->ended);
	house_stop(house, false);
	CHECK_TRUE(house_wait(house, &phone->ended, 3000));
	CHECK_UINT(phone->end, IAX_END_REMOTE);
	CHECK_TRUE(house_wait_count(house, &house->record_count, 1, 3000));
	CHECK_UINT(house->record_count, 1);
	house_free(house);
}

/* ---- Runs: the kernel gives a segmented send to the socket that its first datagram is for ---- */

enum { RUN_OPENING = 12 + 4 + 8 };

/* A full frame of an invented call, or with destination 0 a request; as long as each other. */
static void queue_full(struct sys_udp *sender, struct tg_addr to, uint16_t source, uint16_t destination)
{
	const uint8_t frame[RUN_OPENING] = { (uint8_t)(0x80 | source >> 8),
		                             (uint8_t)source,
		                             (uint8_t)(destination >> 8),
		                             (uint8_t)destination,
		                             [7] = 3,
		                             [10] = IAX_FRAME_IAX,
		                             [11] = destination == 0 ? IAX_NEW : IAX_LAGRQ,
		                             [12] = IAX_IE_VERSION,
		                             2,
		                             0,
		                             2,
		                             IAX_IE_USERNAME,
		                             6,
		                             'n',
		                             'o',
		                             'b',
		                             'o',
		                             'd',
		                             'y' };

	sys_udp_queue(sender, to, sys_udp_bound(sender), (struct tg_span){ frame, sizeof(frame) });
}

static void test_no_opening_comes_by_in_a_run_of_other_frames(void **state)
{
	struct house *house = house_of(2, "127.0.0.1");
	struct sys_udp *sender = sys_udp_new(net_peer("127.0.0.1"));
	const uint64_t openings = 3, frames = 40;

	(void)state;
	for (uint64_t run = 0; run < openings; run++) { /* no kinds are set: each leaves in one piece */
		queue_full(sender, house->addrs[0], (uint16_t)(100 + run), 7);
		queue_full(sender, house->addrs[0], (uint16_t)(200 + run), 0);
		sys_udp_send(sender);
	}
	for (uint64_t i = 0; i < frames; i++) {
		queue_full(sender, house->addrs[0], 300, 7);
	}
	sys_udp_send(sender);
	for (int i = 0; i < 200 && house_counter(house, "switch.received") < 2 * openings + frames; i++) {
		house_run_ms(house, 5);
	}
	CHECK_UINT(house_counter(house, "switch.received"), 2 * openings + frames);
	CHECK_UINT(house_counter(house, "switch.legs_peak"), 0);
	CHECK_UINT(house_counter(house, "switch.misplaced"), openings);
	CHECK_UINT(house_counter(house, "switch.shed"), frames - 8);
	sys_udp_free(sender);
	finish(house);
}

/* A DTMF of the phone's call, on its way: 12 octets. */
static void queue_digit(struct sys_udp *sender, struct house_phone *phone, char digit)
{
	struct iax_datagram out;

	CHECK_UINT(iax_leg_dtmf(phone->ep, phone->leg, digit, false, sys_clock_us()), IAX_OK);
	CHECK_TRUE(iax_endpoint_next_datagram(phone->ep, &out, sys_clock_us()));
	CHECK_UINT(out.bytes.len, IAX_FULL_BYTES);
	sys_udp_queue(sender, out.remote, sys_udp_bound(sender), out.bytes);
	CHECK_FALSE(iax_endpoint_next_datagram(phone->ep, &out, sys_clock_us()));
}

static void queue_strays(struct sys_udp *sender, struct tg_addr to, unsigned count)
{
	static const uint8_t stray[IAX_FULL_BYTES] = {
		0x81, 1, 0x7f, 0xf0, [7] = 3, [10] = IAX_FRAME_IAX, [11] = IAX_LAGRQ
	};

	for (unsigned i = 0; i < count; i++) {
		sys_udp_queue(sender, to, sys_udp_bound(sender), (struct tg_span){ stray, sizeof(stray) });
	}
}

/* Frames that nobody acknowledged so far. */
static uint32_t phone_held(const struct house_phone *phone)
{
	struct iax_endpoint_stats stats;

	iax_endpoint_stats(phone->ep, &stats);
	return stats.frames_pending;
}

/* Who forges a telephone's address has his frames in one run with its own: those of its call are taken, wherever they are. */
static void test_strays_of_a_run_cost_a_call_no_frame(void **state)
{
	struct house *house = house_of(2, "127.0.0.1");
	struct house_phone *phone = house_phone(house, "127.0.0.1");
	struct sys_udp *sender = sys_udp_new(dup(phone->fd));
	const uint64_t frames = 42, strays = 40;

	(void)state;
	CHECK_TRUE(sender != NULL);
	call_up(house, phone, "600");
	house_run_ms(house, 100); /* what the beginning of the call brings */
	const uint64_t before = house_counter(house, "switch.received");

	queue_strays(sender, house->addrs[0], 20);
	queue_digit(sender, phone, '1');
	queue_strays(sender, house->addrs[0], 20);
	queue_digit(sender, phone, '2');
	sys_udp_send(sender);
	for (int i = 0; i < 200 && house_counter(house, "switch.received") < before + frames; i++) {
		house_run_ms(house, 1);
	}
	CHECK_UINT(house_counter(house, "switch.shed"), strays - 8);
	for (int i = 0; i < 200 && phone_held(phone) > 0; i++) {
		house_run_ms(house, 1);
	}
	CHECK_UINT(phone_held(phone), 0);
	sys_udp_free(sender);
	phone_hangup(phone);
	finish(house);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_register_and_echo),
		cmocka_unit_test(test_a_wrong_secret_is_refused_late),
		cmocka_unit_test(test_two_phones_talk),
		cmocka_unit_test(test_an_engine_without_its_door_ends),
		cmocka_unit_test(test_a_prompt_is_heard_whole_and_then_the_other_phone),
		cmocka_unit_test(test_a_tone_goes_on_until_the_end),
		cmocka_unit_test(test_playback_ends_the_call_when_it_is_over),
		cmocka_unit_test(test_answers_leave_from_the_address_called),
		cmocka_unit_test(test_a_new_vault_is_asked_again),
		cmocka_unit_test(test_a_new_store_gets_what_the_old_one_did_not_keep),
		cmocka_unit_test(test_restored_registrations_are_known),
		cmocka_unit_test(test_the_desk_gets_its_rows),
		cmocka_unit_test(test_a_reload_reaches_new_calls_and_leaves_old_ones),
		cmocka_unit_test(test_who_breaks_the_rules_is_cut_off),
		cmocka_unit_test(test_stopping_hangs_up_or_waits),
		cmocka_unit_test(test_no_opening_comes_by_in_a_run_of_other_frames),
		cmocka_unit_test(test_strays_of_a_run_cost_a_call_no_frame),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
