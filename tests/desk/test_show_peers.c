/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "desk/show.h"
#include "desk_world.h"
#include "shown.h"

/* Peers, users, registrations, and the numbers of hosts. */

static void peer_rows(struct ipc_peer_row rows[2])
{
	rows[0] = (struct ipc_peer_row){
		.name = "alice", .addr = desk_addr("192.0.2.10:50000"), .expires_s = 42, .rtt_ms = 17
	};
	rows[1] = (struct ipc_peer_row){ .name = "carol-with-a-long-name", .rtt_ms = -1 };
}

static void test_peers(void **state)
{
	struct ipc_peer_row rows[2];
	struct desk_view view = shown_view(0, NULL);

	(void)state;
	peer_rows(rows);
	view.rows[0] = (struct desk_rows)ROWS(rows);
	check_shown(desk_show_peers, &view, DESK_OK,
	            "Name/Username   Host                                         Mask                                 "
	            "    Port           Status      Description\n"
	            "alice/al        192.0.2.10                               (D) 255.255.255.255                      "
	            "    50000          OK (17 ms)  Alice's phone on the second floo\n"
	            "bob             2001:db8::7                              (S) "
	            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff  4570   (T)     Unmonitored \n"
	            "carol-with-a-lo (Unspecified)                            (D) 255.255.255.255                      "
	            "    0              UNKNOWN     \n"
	            "3 iax2 peers [1 online, 1 offline, 1 unmonitored]\n");
}

static void test_peers_registered_and_like(void **state)
{
	struct ipc_peer_row rows[2];
	struct desk_view view = shown_view(1, WORDS("registered"));

	(void)state;
	peer_rows(rows);
	view.rows[0] = (struct desk_rows)ROWS(rows);
	check_shown(desk_show_peers, &view, DESK_OK,
	            "Name/Username   Host                                         Mask                                 "
	            "    Port           Status      Description\n"
	            "alice/al        192.0.2.10                               (D) 255.255.255.255                      "
	            "    50000          OK (17 ms)  Alice's phone on the second floo\n"
	            "bob             2001:db8::7                              (S) "
	            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff  4570   (T)     Unmonitored \n"
	            "2 iax2 peers [1 online, 0 offline, 1 unmonitored]\n");
	view = shown_view(3, WORDS("registered", "like", "^b"));
	view.rows[0] = (struct desk_rows)ROWS(rows);
	check_shown(desk_show_peers, &view, DESK_OK,
	            "Name/Username   Host                                         Mask                                 "
	            "    Port           Status      Description\n"
	            "bob             2001:db8::7                              (S) "
	            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff  4570   (T)     Unmonitored \n"
	            "1 iax2 peers [0 online, 0 offline, 1 unmonitored]\n");
	view = shown_view(2, WORDS("like", "("));
	check_shown(desk_show_peers, &view, DESK_USAGE,
	            "like (: expected a regular expression of at most 128 characters, without counts and references "
	            "back\n");
}

static void test_peer_states(void **state)
{
	static const struct {
		int32_t rtt_ms;
		const char *status;
	} states[] = {
		{ 0, "OK (0 ms)" }, { 2000, "OK (2000 ms)" }, { 2001, "LAGGED (2001 ms)" },
		{ -1, "UNKNOWN" },  { -2, "UNREACHABLE" },
	};
	const struct desk_view one = shown_view(1, WORDS("alice"));

	(void)state;
	for (size_t i = 0; i < TG_COUNT(states); i++) {
		const struct ipc_peer_row rows[] = { { .name = "alice", .rtt_ms = states[i].rtt_ms } };
		struct desk_view view = one;
		struct desk_out out;

		view.rows[0] = (struct desk_rows)ROWS(rows);
		desk_out_init(&out);
		CHECK_INT(desk_show_peer(&view, &out), DESK_OK);
		CHECK_TRUE(strstr(desk_out_text(&out), states[i].status) != NULL);
		desk_out_deinit(&out);
	}
}

/* The effective value, not only the setting: `auto` becomes `yes` once the peer showed a token with its secret. */
static void test_a_latched_peer(void **state)
{
	for (uint32_t latched = 0; latched < 4; latched++) {
		const struct ipc_peer_row rows[] = { { .name = "alice", .rtt_ms = -1, .latched = latched } };
		struct desk_view view = shown_view(1, WORDS("alice"));
		struct desk_out out;

		view.rows[0] = (struct desk_rows)ROWS(rows);
		desk_out_init(&out);
		CHECK_INT(desk_show_peer(&view, &out), DESK_OK);
		CHECK_UINT(strstr(desk_out_text(&out), "Yes (requirecalltoken=auto, and it used one)") != NULL,
		           latched >= 2);
		desk_out_deinit(&out);
	}
	(void)state;
}

static void test_peer(void **state)
{
	struct ipc_peer_row rows[2];
	struct desk_view view = shown_view(1, WORDS("alice"));

	(void)state;
	peer_rows(rows);
	view.rows[0] = (struct desk_rows)ROWS(rows);
	check_shown(desk_show_peer, &view, DESK_OK,
	            "  * Name        : alice\n"
	            "  Description   : Alice's phone on the second floor, left\n"
	            "  Secret        : <Set>\n"
	            "  Context       : \n"
	            "  Parking lot   : \n"
	            "  Mailbox       : 100@default\n"
	            "  Dynamic       : Yes\n"
	            "  Callnum limit : 55 (its maxcallnumbers)\n"
	            "  Calltoken req : Auto (requirecalltoken)\n"
	            "  Trunk         : No\n"
	            "  Encryption    : No\n"
	            "  Callerid      : \"Alice\" <100>\n"
	            "  Expire        : 42 s left\n"
	            "  ACL           : No\n"
	            "  Addr->IP      : 192.0.2.10 Port 50000\n"
	            "  Defaddr->IP   : 192.0.2.99 Port 4569\n"
	            "  Username      : al\n"
	            "  Codecs        : (ulaw|alaw)\n"
	            "  Codec Order   : (alaw|ulaw)\n"
	            "  Status        : OK (17 ms)\n"
	            "  Qualify       : every 60000 ms when OK, every 10000 ms when UNREACHABLE (smoothing off)\n"
	            "  Defined at    : iax.conf:12\n");
	view = shown_view(1, WORDS("bob"));
	check_shown(desk_show_peer, &view, DESK_OK,
	            "  * Name        : bob\n"
	            "  Description   : \n"
	            "  Secret        : <Not set>\n"
	            "  Context       : \n"
	            "  Parking lot   : \n"
	            "  Mailbox       : \n"
	            "  Dynamic       : No\n"
	            "  Callnum limit : 2048 (maxcallnumbers in general)\n"
	            "  Calltoken req : Yes (default)\n"
	            "  Trunk         : Yes\n"
	            "  Encryption    : No\n"
	            "  Callerid      : \"\" <>\n"
	            "  Expire        : 0 s left\n"
	            "  ACL           : No\n"
	            "  Addr->IP      : 2001:db8::7 Port 4570\n"
	            "  Defaddr->IP   : (Unspecified) Port 0\n"
	            "  Username      : \n"
	            "  Codecs        : (ulaw|alaw)\n"
	            "  Codec Order   : (alaw|ulaw)\n"
	            "  Status        : Unmonitored\n"
	            "  Qualify       : every 0 ms when OK, every 0 ms when UNREACHABLE (smoothing on)\n"
	            "  Defined at    : peers.conf:3\n");
	view = shown_view(1, WORDS("Alice"));
	check_shown(desk_show_peer, &view, DESK_FAILED, "Peer Alice not found.\n");
}

static void test_users(void **state)
{
	struct desk_view view = shown_view(0, NULL);

	(void)state;
	check_shown(desk_show_users, &view, DESK_OK,
	            "Username        Secret               Authen          Def.Context     A/C   Codec Pref\n"
	            "alice           <Set>                md5             phones          Yes   Host\n"
	            "keyholder       Key: <Set>           md5,rsa         phones          No    REQ Only\n"
	            "guest           -no secret-          none            phones          No    Caller\n");
	view = shown_view(2, WORDS("like", "key"));
	check_shown(desk_show_users, &view, DESK_OK,
	            "Username        Secret               Authen          Def.Context     A/C   Codec Pref\n"
	            "keyholder       Key: <Set>           md5,rsa         phones          No    REQ Only\n");
}

static void test_registry(void **state)
{
	const struct ipc_registry_row rows[] = {
		{ .host = "pbx.example.com:4569",
		  .username = "office",
		  .state = "Registered",
		  .perceived = desk_addr("203.0.113.5:4569"),
		  .refresh_s = 60 },
		{ .host = "192.0.2.1:4569", .username = "a-long-username", .state = "Rejected", .refresh_s = 300 },
	};
	struct desk_view view = shown_view(0, NULL);

	(void)state;
	view.rows[0] = (struct desk_rows)ROWS(rows);
	check_shown(desk_show_registry, &view, DESK_OK,
	            "Host                                          dnsmgr Username   Perceived                         "
	            "             Refresh State\n"
	            "pbx.example.com:4569                          Y      office     203.0.113.5:4569                  "
	            "                  60 Registered\n"
	            "192.0.2.1:4569                                N      a-long-use <Unregistered>                    "
	            "                 300 Rejected\n"
	            "2 IAX2 registrations.\n");
}

static void test_numbers(void **state)
{
	const struct ipc_numbers_row rows[] = {
		{ .addr = desk_addr("192.0.2.10:50000"),
		  .used = 3,
		  .limit = 55,
		  .peak = 5,
		  .refused = 1,
		  .origin = IPC_LIMIT_PEER,
		  .origin_name = "alice" },
		{ .addr = desk_addr("198.51.100.4:4569"),
		  .used = 1,
		  .limit = 300,
		  .peak = 1,
		  .origin = IPC_LIMIT_RANGE,
		  .origin_name = "198.51.100.0/24" },
		{ .addr = desk_addr("[2001:db8::9]:4569"), .used = 2, .limit = 2048, .peak = 2 },
		{ .nonvalidated_used = 4, .nonvalidated_limit = 8192, .available = 32760 },
	};
	struct desk_view view = shown_view(0, NULL);

	(void)state;
	view.rows[0] = (struct desk_rows)ROWS(rows);
	check_shown(desk_show_numbers, &view, DESK_OK,
	            "Address                                       Callno Usage Callno Limit Limit by                 "
	            "Peak     "
	            "Refused\n"
	            "192.0.2.10:50000                              3            55           peer alice               "
	            "5        1\n"
	            "198.51.100.4:4569                             1            300          range 198.51.100.0/24    "
	            "1        0\n"
	            "[2001:db8::9]:4569                            2            2048         global                   "
	            "2        0\n"
	            " \n"
	            "Non-CallToken Validation Callno Limit: 8192\n"
	            "Non-CallToken Validated Callno Used:   4\n"
	            "Total Available Callno:                32760\n"
	            "Regular Callno Available:              32760\n"
	            "Trunk Callno Available:                0\n");
	for (size_t i = 0; i < 4; i++) {
		static const struct {
			const char *wanted;
			bool found;
		} asked[] = {
			{ "198.51.100.4", true },
			{ "198.51.100.4:4569", true },
			{ "198.51.100.0/24", true },
			{ "198.51.100.4:1", false },
		};
		struct desk_out out;

		view.argc = 1;
		view.argv = &asked[i].wanted;
		desk_out_init(&out);
		CHECK_INT(desk_show_numbers(&view, &out), DESK_OK);
		CHECK_UINT(strstr(desk_out_text(&out), "range 198.51.100.0/24") != NULL, asked[i].found);
		CHECK_UINT(strstr(desk_out_text(&out), "No call number table entries for") != NULL, !asked[i].found);
		CHECK_TRUE(strstr(desk_out_text(&out), "Total") == NULL);
		desk_out_deinit(&out);
	}
	view = shown_view(1, WORDS("nowhere"));
	check_shown(desk_show_numbers, &view, DESK_USAGE,
	            "nowhere: expected an address, address:port or address/bits\n");
	view = shown_view(1, WORDS("192.0.2.0/33"));
	check_shown(desk_show_numbers, &view, DESK_USAGE,
	            "192.0.2.0/33: expected an address, address:port or address/bits\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_peers),       cmocka_unit_test(test_peers_registered_and_like),
		cmocka_unit_test(test_peer_states), cmocka_unit_test(test_a_latched_peer),
		cmocka_unit_test(test_peer),        cmocka_unit_test(test_users),
		cmocka_unit_test(test_registry),    cmocka_unit_test(test_numbers),
	};

	return cmocka_run_group_tests_name("show_peers", tests, shown_setup, shown_teardown);
}
