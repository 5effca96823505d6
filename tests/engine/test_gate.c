/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/orders.h"
#include "lobby.h"

static const char iax_conf[] = "[alice]\ntype=friend\nsecret=a-long-open-sesame\nhost=dynamic\ncontext=default\n"
			       "[pbx]\ntype=peer\nhost=198.51.100.5\n"
			       "[pbx6]\ntype=peer\nhost=2001:db8:5::77\n"
			       "[general]\ncalltokenoptional=203.0.113.64/255.255.255.192\n";

static struct lobby lobby;

static void ban(const char *host, uint32_t bits)
{
	struct ipc_guard_do order = { .what = IPC_GUARD_BAN, .base = lobby_addr(host), .bits = bits, .who = "op" };
	char text[IPC_TEXT_BYTES];

	CHECK_TRUE(orders_do(&lobby.admission->verdicts, &order, text, lobby.now));
	lobby_pass_ms(&lobby, 1);
}

static uint32_t legs(void)
{
	struct iax_endpoint_stats stats;

	iax_endpoint_stats(lobby.endpoint, &stats);
	return stats.legs;
}

/* Whoever needs no token could go on through a ban otherwise: nobody is charged, and nothing opens. */
static void test_a_ban_holds_for_openings_without_proof(void **state)
{
	(void)state;
	lobby_open(&lobby, iax_conf, NULL);
	ban("192.0.2.0", 24);
	CHECK_INT(lobby_knock(&lobby, lobby_addr("192.0.2.9"), 1, "alice", IAX_UNPROVEN), IAX_ERR_NO_LEG);
	CHECK_INT(lobby_knock(&lobby, lobby_addr("192.0.2.9"), 1, "alice", IAX_PROVEN), IAX_ERR_NO_LEG);
	CHECK_UINT(legs(), 0);
	CHECK_UINT(lobby.admission->gate.counters.unproven_deaf, 1);
	CHECK_INT(lobby_knock(&lobby, lobby_addr("192.0.3.9"), 1, "alice", IAX_UNPROVEN), IAX_OK);
	CHECK_UINT(legs(), 1);
	lobby_close(&lobby);
}

static void test_silence_holds_for_openings_without_proof(void **state)
{
	const struct tg_addr from = lobby_addr("192.0.2.9");
	(void)state;

	lobby_open(&lobby, iax_conf, NULL);
	guard_on_mark(lobby.admission->guard, from, lobby.now.now_us);
	CHECK_INT(lobby_knock(&lobby, from, 1, "alice", IAX_UNPROVEN), IAX_ERR_NO_LEG);
	guard_set_mode(lobby.admission->guard, GUARD_OBSERVE, lobby.now.now_us);
	CHECK_INT(lobby_knock(&lobby, from, 1, "alice", IAX_UNPROVEN), IAX_OK);
	lobby_close(&lobby);
}

/* The door has a mark of each ban, whatever its length, and looks up that length. */
static void test_the_door_knows_bans_of_all_lengths(void **state)
{
	static const struct {
		const char *host;
		uint32_t bits;
	} bans[] = { { "10.0.0.0", 8 },      { "172.16.0.0", 12 },     { "192.0.2.0", 24 },
		     { "198.51.100.8", 29 }, { "203.0.113.7", 32 },    { "2001:db8::", 32 },
		     { "2001:db9::", 49 },   { "2001:dba:1:2::", 64 }, { "2001:dbb::9", 128 } };
	struct engine_shared *shared;
	(void)state;

	lobby_open(&lobby, iax_conf, NULL);
	shared = lobby.shared;
	for (size_t i = 0; i < TG_COUNT(bans); i++) {
		const struct tg_addr addr = lobby_addr(bans[i].host);
		const uint64_t bit = UINT64_C(1) << bans[i].bits % 64;
		const _Atomic uint64_t *word = &shared->silenced_lengths[addr.family == TG_IPV6][bans[i].bits / 64];

		CHECK_UINT(atomic_load(word) & bit, 0);
		ban(bans[i].host, bans[i].bits);
		CHECK_UINT(atomic_load(word) & bit, bit);
		CHECK_TRUE(marks_has(&shared->silenced, addr, bans[i].bits, lobby.now.now_us));
	}
	CHECK_TRUE(guard_unban(lobby.admission->guard, lobby_addr("10.0.0.0"), 8, lobby.now.now_us));
	lobby_pass_ms(&lobby, 1);
	CHECK_FALSE(marks_has(&shared->silenced, lobby_addr("10.0.0.0"), 8, lobby.now.now_us));
	CHECK_UINT(atomic_load(&shared->silenced_lengths[0][0]) & UINT64_C(1) << 8, 0);
	lobby_close(&lobby);
}

/* Inside a ban somebody is allowed, for a while: the door hears him, and is deaf again after. */
static void test_an_allowance_opens_the_door_while_it_lasts(void **state)
{
	struct ipc_guard_do order = { .what = IPC_GUARD_ALLOW, .bits = 32, .for_s = 60, .who = "op" };
	char text[IPC_TEXT_BYTES];
	(void)state;

	lobby_open(&lobby, iax_conf, NULL);
	ban("192.0.0.0", 19);
	CHECK_TRUE(marks_has(&lobby.shared->silenced, lobby_addr("192.0.2.7"), 19, lobby.now.now_us));
	order.base = lobby_addr("192.0.2.7");
	CHECK_TRUE(orders_do(&lobby.admission->verdicts, &order, text, lobby.now));
	lobby_pass_ms(&lobby, 1);
	CHECK_FALSE(marks_has(&lobby.shared->silenced, lobby_addr("192.0.2.7"), 19, lobby.now.now_us));
	CHECK_INT(lobby_knock(&lobby, lobby_addr("192.0.2.7"), 1, "alice", IAX_PROVEN), IAX_OK);
	CHECK_INT(lobby_knock(&lobby, lobby_addr("192.0.2.8"), 1, "alice", IAX_PROVEN), IAX_ERR_NO_LEG);
	lobby_pass_ms(&lobby, 61000);
	lobby_pass_ms(&lobby, 1);
	CHECK_TRUE(marks_has(&lobby.shared->silenced, lobby_addr("192.0.2.7"), 19, lobby.now.now_us));
	lobby_close(&lobby);
}

static void test_an_opening_is_charged_once(void **state)
{
	const struct tg_addr from = lobby_addr("192.0.2.9");
	const struct model_event *event;
	uint32_t dropped = 0;
	(void)state;

	lobby_open(&lobby, iax_conf, NULL);
	CHECK_INT(lobby_knock(&lobby, from, 1, "alice", IAX_PROVEN), IAX_OK);
	for (int i = 0; i < 99; i++) {
		(void)lobby_knock(&lobby, from, 1, "alice", IAX_PROVEN);
	}
	CHECK_UINT(lobby.admission->gate.counters.repeats, 99);
	for (uint16_t number = 2; number <= 30; number++) {
		dropped += lobby_knock(&lobby, from, number, "alice", IAX_PROVEN) == IAX_ERR_NO_LEG;
	}
	CHECK_UINT(dropped, 30 - 20);
	CHECK_UINT(lobby.admission->gate.counters.dropped[GUARD_RATE], dropped);
	lobby_pass_ms(&lobby, 1);
	event = lobby_event(&lobby, MODEL_EVENT_SESSION_LIMIT);
	CHECK_TRUE(event != NULL);
	CHECK_UINT(event->reason, MODEL_WHY_RATE);
	CHECK_UINT(event->action, MODEL_ACTION_SILENCE);
	CHECK_UINT(event->validated, 1);
	CHECK_TEXT(event->rule, "newdialogs=4,20");
	lobby_close(&lobby);
}

/* What is banned is dropped before anything dear is done about it. */
static void test_a_banned_scanner_is_not_looked_at(void **state)
{
	(void)state;
	lobby_open(&lobby, iax_conf, "tool | 90 | subclass = NEW | a test\n");
	CHECK_INT(lobby_knock(&lobby, lobby_addr("192.0.2.9"), 1, "alice", IAX_PROVEN), IAX_OK);
	CHECK_UINT(lobby.admission->gate.counters.suspects, 1);
	ban("192.0.2.9", 32);
	for (uint16_t number = 2; number < 50; number++) {
		CHECK_INT(lobby_knock(&lobby, lobby_addr("192.0.2.9"), number, "alice", IAX_PROVEN), IAX_ERR_NO_LEG);
	}
	CHECK_UINT(lobby.admission->gate.counters.suspects, 1);
	lobby_close(&lobby);
}

static void test_static_hosts_and_declared_ranges_are_known(void **state)
{
	const struct admission *admission;
	(void)state;

	lobby_open(&lobby, iax_conf, NULL);
	admission = lobby.admission;
	CHECK_TRUE(gate_is_declared(&admission->gate, lobby_addr("198.51.100.5"), lobby.now.now_us));
	CHECK_FALSE(gate_is_declared(&admission->gate, lobby_addr("198.51.100.6"), lobby.now.now_us));
	CHECK_TRUE(gate_is_declared(&admission->gate, lobby_addr("203.0.113.70"), lobby.now.now_us));
	CHECK_FALSE(gate_is_declared(&admission->gate, lobby_addr("203.0.113.7"), lobby.now.now_us));
	CHECK_UINT(gate_class_of(&admission->gate, lobby_addr("198.51.100.5"), true, lobby.now.now_us),
	           MODEL_CLASS_PEER);
	/* And the guard never bans them; of IPv6, whoever is in the same network of 64 bits. */
	CHECK_TRUE(admission->never.is_never(admission->never.owner, lobby_addr("198.51.100.5")));
	CHECK_FALSE(admission->never.is_never(admission->never.owner, lobby_addr("198.51.100.6")));
	CHECK_TRUE(admission->never.is_never(admission->never.owner, lobby_addr("2001:db8:5::")));
	CHECK_FALSE(admission->never.is_never(admission->never.owner, lobby_addr("2001:db8:6::")));
	CHECK_FALSE(admission->never.is_never(admission->never.owner, lobby_addr("203.0.113.70")));
	CHECK_TRUE(admission->never.has_never(admission->never.owner, lobby_addr("2001:db8:5::"), 56));
	CHECK_FALSE(admission->never.has_never(admission->never.owner, lobby_addr("2001:db8:6::"), 56));
	lobby_close(&lobby);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_ban_holds_for_openings_without_proof),
		cmocka_unit_test(test_silence_holds_for_openings_without_proof),
		cmocka_unit_test(test_the_door_knows_bans_of_all_lengths),
		cmocka_unit_test(test_an_allowance_opens_the_door_while_it_lasts),
		cmocka_unit_test(test_an_opening_is_charged_once),
		cmocka_unit_test(test_a_banned_scanner_is_not_looked_at),
		cmocka_unit_test(test_static_hosts_and_declared_ranges_are_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
