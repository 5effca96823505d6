/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "desk/show.h"
#include "desk_world.h"

#include <stdlib.h>

enum { ARGS_MAX = 4 };

static struct world *world;

static int setup(void **state)
{
	size_t size;

	(void)state;
	world = desk_world(&size);
	return world != NULL ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	free(world);
	return 0;
}

static struct desk_view view_of(int argc, const char *const *argv)
{
	return (struct desk_view){ .world = world, .argc = argc, .argv = argv };
}

#define ROWS(array)                                       \
	{                                                 \
		.rows = (array), .count = TG_COUNT(array) \
	}
#define WORDS(...)            \
	(const char *const[]) \
	{                     \
		__VA_ARGS__   \
	}

static void check_shown(int (*show)(const struct desk_view *, struct desk_out *), const struct desk_view *view,
                        int exit, const char *want)
{
	struct desk_out out;

	desk_out_init(&out);
	CHECK_INT(show(view, &out), exit);
	CHECK_TEXT(desk_out_text(&out), want);
	desk_out_deinit(&out);
}

/* ---- Rows ---- */

static void peer_rows(struct ipc_peer_row rows[2])
{
	rows[0] = (struct ipc_peer_row){
		.name = "alice", .addr = desk_addr("192.0.2.10:50000"), .expires_s = 42, .rtt_ms = 17
	};
	rows[1] = (struct ipc_peer_row){ .name = "carol-with-a-long-name", .rtt_ms = -1 };
}

static void channel_rows(struct ipc_channel_row rows[3])
{
	rows[0] = (struct ipc_channel_row){
		.channel = "IAX2/alice-1234",
		.user = "alice",
		.context = "phones",
		.exten = "200",
		.app = "Dial",
		.app_args = "IAX2/bob,20",
		.bridged_to = "IAX2/bob-77",
		.state = "Up",
		.first_msg = "Rx:NEW",
		.last_msg = "Tx:ACK",
		.kind = "call",
		.peer = desk_addr("192.0.2.10:50000"),
		.format = 4,
		.priority = 2,
		.call_id = 9,
		.seconds = 3725,
		.local_number = 1234,
		.remote_number = 21,
		.oseqno = 7,
		.iseqno = 255,
		.rtt_ms = 34,
		.lag_ms = 12,
		.jitter_ms = 3,
		.proven = 1,
		.authenticated = 1,
		.local = { .packets = 186000,
		           .lost = 62,
		           .out_of_order = 2,
		           .dropped = 1,
		           .jitter_ms = 3,
		           .delay_ms = 17 },
		.remote = { .packets = 185000, .lost = 1850, .jitter_ms = 8, .delay_ms = 18 },
	};
	rows[1] = (struct ipc_channel_row){
		.channel = "IAX2/bob-77",
		.user = "",
		.state = "Up",
		.first_msg = "Tx:NEW",
		.last_msg = "Rx:ACK",
		.kind = "call",
		.peer = desk_addr("[2001:db8::7]:4570"),
		.format = 8,
		.call_id = 9,
		.seconds = 3700,
		.local_number = 77,
		.remote_number = 32767,
		.proven = 1,
		.opened_by_us = 1,
	};
	rows[2] = (struct ipc_channel_row){
		.channel = "(None)",
		.user = "\033[31mred\n!",
		.state = "Down",
		.first_msg = "Rx:REGREQ",
		.last_msg = "Tx:REGAUTH",
		.kind = "registration",
		.peer = desk_addr("198.51.100.4:4569"),
		.local_number = 5,
	};
}

static const struct ipc_counter_row counters[] = {
	{ .name = "door.bad_token", .value = 12 },
	{ .name = "switch.calls_offered", .value = 345 },
};

/* ---- iax2 ---- */

static void test_peers(void **state)
{
	struct ipc_peer_row rows[2];
	struct desk_view view = view_of(0, NULL);

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
	struct desk_view view = view_of(1, WORDS("registered"));

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
	view = view_of(3, WORDS("registered", "like", "^b"));
	view.rows[0] = (struct desk_rows)ROWS(rows);
	check_shown(desk_show_peers, &view, DESK_OK,
	            "Name/Username   Host                                         Mask                                 "
	            "    Port           Status      Description\n"
	            "bob             2001:db8::7                              (S) "
	            "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff  4570   (T)     Unmonitored \n"
	            "1 iax2 peers [0 online, 0 offline, 1 unmonitored]\n");
	view = view_of(2, WORDS("like", "("));
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
	const struct desk_view one = view_of(1, WORDS("alice"));

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
		struct desk_view view = view_of(1, WORDS("alice"));
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
	struct desk_view view = view_of(1, WORDS("alice"));

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
	view = view_of(1, WORDS("bob"));
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
	view = view_of(1, WORDS("Alice"));
	check_shown(desk_show_peer, &view, DESK_FAILED, "Peer Alice not found.\n");
}

static void test_users(void **state)
{
	struct desk_view view = view_of(0, NULL);

	(void)state;
	check_shown(desk_show_users, &view, DESK_OK,
	            "Username        Secret               Authen          Def.Context     A/C   Codec Pref\n"
	            "alice           <Set>                md5             phones          Yes   Host\n"
	            "keyholder       Key: <Set>           md5,rsa         phones          No    REQ Only\n"
	            "guest           -no secret-          none            phones          No    Caller\n");
	view = view_of(2, WORDS("like", "key"));
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
	struct desk_view view = view_of(0, NULL);

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

static void test_iax_channels(void **state)
{
	struct ipc_channel_row rows[3];
	struct desk_view view = view_of(0, NULL);

	(void)state;
	channel_rows(rows);
	view.rows[0] = (struct desk_rows)ROWS(rows);
	check_shown(desk_show_iax_channels, &view, DESK_OK,
	            "Channel              Peer                                     Username   ID (Lo/Rem) Seq (Tx/Rx) "
	            "Lag     Jitter  JitBuf  Format FirstMsg    LastMsg     Proof\n"
	            "IAX2/alice-1234      192.0.2.10                               alice      01234/00021 00007/00255 "
	            "00012ms 0003ms  0000ms  ulaw   Rx:NEW      Tx:ACK      VA-\n"
	            "IAX2/bob-77          2001:db8::7                              (None)     00077/32767 00000/00000 "
	            "00000ms 0000ms  0000ms  alaw   Tx:NEW      Rx:ACK      V--\n"
	            "(None)               198.51.100.4                             ?[31mred?! 00005/00000 00000/00000 "
	            "00000ms 0000ms  0000ms  none   Rx:REGREQ   Tx:REGAUTH  ---\n"
	            "2 active IAX channels\n");
}

static void test_netstats(void **state)
{
	struct ipc_channel_row rows[3];
	struct desk_view view = view_of(0, NULL);

	(void)state;
	channel_rows(rows);
	view.rows[0] = (struct desk_rows)ROWS(rows);
	check_shown(desk_show_netstats, &view, DESK_OK,
	            "                           -------- LOCAL ----------------------  -------- REMOTE "
	            "---------------------\n"
	            "Channel               RTT   Jit  Del  Lost   %  Drop  OOO  Kpkts   Jit  Del  Lost   %  Drop  OOO  "
	            "Kpkts  FirstMsg    LastMsg\n"
	            "IAX2/alice-1234        34     3   17    62   0     1    2    186     8   18  1850   0     0    0  "
	            "  185  Rx:NEW      Tx:ACK\n"
	            "IAX2/bob-77             0     0    0     0   0     0    0      0     0    0     0   0     0    0  "
	            "    0  Tx:NEW      Rx:ACK\n"
	            "2 active IAX channels\n");
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
	struct desk_view view = view_of(0, NULL);

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
	view = view_of(1, WORDS("nowhere"));
	check_shown(desk_show_numbers, &view, DESK_USAGE,
	            "nowhere: expected an address, address:port or address/bits\n");
	view = view_of(1, WORDS("192.0.2.0/33"));
	check_shown(desk_show_numbers, &view, DESK_USAGE,
	            "192.0.2.0/33: expected an address, address:port or address/bits\n");
}

static void test_counters(void **state)
{
	struct desk_view view = view_of(0, NULL);

	(void)state;
	view.rows[0] = (struct desk_rows)ROWS(counters);
	check_shown(desk_show_counters, &view, DESK_OK,
	            "IAX Statistics\n"
	            "--------------\n"
	            "door.bad_token                           12\n"
	            "switch.calls_offered                     345\n");
}

/* ---- core ---- */

static void test_channels(void **state)
{
	struct ipc_channel_row rows[3];
	struct desk_view view = view_of(0, NULL);

	(void)state;
	channel_rows(rows);
	view.rows[0] = (struct desk_rows)ROWS(rows);
	view.rows[1] = (struct desk_rows)ROWS(counters);
	check_shown(desk_show_channels, &view, DESK_OK,
	            "Channel                                                          Location                         "
	            "State   Application(Data)\n"
	            "IAX2/alice-1234                                                  200@phones:2                     "
	            "Up      Dial(IAX2/bob,20)\n"
	            "IAX2/bob-77                                                      (None)                           "
	            "Up      (None)\n"
	            "2 active channels\n"
	            "1 active call\n"
	            "345 calls processed\n");
	view.argc = 1;
	view.argv = WORDS("concise");
	check_shown(desk_show_channels, &view, DESK_OK,
	            "IAX2/alice-1234!phones!200!2!Up!Dial!IAX2/bob,20!!alice!!3!3725!9!9.1234\n"
	            "IAX2/bob-77!!!0!Up!!!!!!3!3700!!9.77\n");
	view.argv = WORDS("verbose");
	check_shown(desk_show_channels, &view, DESK_OK,
	            "Channel              Context              Extension        Prio State   Application  Data         "
	            "             Account         Duration Bridged to           Call\n"
	            "IAX2/alice-1234      phones               200                 2 Up      Dial         IAX2/bob,20  "
	            "             alice           01:02:05 IAX2/bob-77          9\n"
	            "IAX2/bob-77                                                   0 Up                                "
	            "                             01:01:40                      9\n"
	            "2 active channels\n"
	            "1 active call\n"
	            "345 calls processed\n");
	view.argv = WORDS("count");
	check_shown(desk_show_channels, &view, DESK_OK, "2 active channels\n1 active call\n345 calls processed\n");
	view.argc = 0;
	check_shown(desk_show_calls, &view, DESK_OK, "1 active call\n345 calls processed\n");
	view.rows[0].count = 0;
	view.rows[1].count = 0;
	check_shown(desk_show_calls, &view, DESK_OK, "0 active calls\n0 calls processed\n");
}

static void test_a_cut_list_says_so(void **state)
{
	struct ipc_channel_row rows[3];
	struct desk_view view = view_of(1, WORDS("count"));

	(void)state;
	channel_rows(rows);
	view.rows[0] = (struct desk_rows)ROWS(rows);
	view.rows[0].cut = true;
	check_shown(desk_show_channels, &view, DESK_OK,
	            "(only the first 3 of them)\n2 active channels\n1 active call\n0 calls processed\n");
}

static void test_processes_and_uptime(void **state)
{
	const struct ipc_process_row rows[] = {
		{ .name = "parent", .pid = 4711, .restarts = 0, .up_s = 93784 },
		{ .name = "engine", .pid = 4712, .restarts = 2, .up_s = 61 },
	};
	struct desk_view view = view_of(0, NULL);

	(void)state;
	view.rows[0] = (struct desk_rows)ROWS(rows);
	check_shown(desk_show_processes, &view, DESK_OK,
	            "Process         Pid      Restarts Up\n"
	            "tollgated       4711     0        1 day, 2 hours, 3 minutes, 4 seconds\n"
	            "tg-engine       4712     2        1 minute, 1 second\n");
	check_shown(desk_show_uptime, &view, DESK_OK, "System uptime: 1 day, 2 hours, 3 minutes, 4 seconds\n");
	view.argc = 1;
	view.argv = WORDS("seconds");
	check_shown(desk_show_uptime, &view, DESK_OK, "System uptime: 93784\n");
}

static void test_version(void **state)
{
	struct desk_view view = view_of(0, NULL);

	(void)state;
	check_shown(desk_show_version, &view, DESK_OK, "Tollgate " TG_VERSION "\nConfiguration generation 7\n");
	view.world = NULL;
	check_shown(desk_show_version, &view, DESK_OK, "Tollgate " TG_VERSION "\n");
}

static void test_help(void **state)
{
	struct desk_view view = view_of(1, WORDS("uptime"));

	(void)state;
	check_shown(desk_show_help, &view, DESK_OK,
	            "core show uptime [seconds]                           since when it runs\n");
	view = view_of(2, WORDS("no", "such"));
	check_shown(desk_show_help, &view, DESK_FAILED, "No command has to do with 'no such'.\n");
}

/* ---- dialplan, cdr ---- */

static void test_dialplan(void **state)
{
	struct desk_view view = view_of(0, NULL);

	(void)state;
	check_shown(desk_show_dialplan, &view, DESK_OK,
	            "[ Context 'phones' created by 'pbx_config' ]\n"
	            "  '12' =>            1. Dial(IAX2/bob)                                [extensions.conf:30]\n"
	            "                     2. Hangup() (end)                                [extensions.conf:31]\n"
	            "  '_1X/200' =>       1. Dial(IAX2/alice&IAX2/bob,20)                  [extensions.conf:40]\n"
	            "                     2. Hangup() (end)                                [extensions.conf:41]\n"
	            "  '_1X' =>           1. Dial(IAX2/alice)                              [extensions.conf:20]\n"
	            "                     2. Hangup() (end)                                [extensions.conf:21]\n"
	            "  '_1.' =>           1. Dial(IAX2/far/${EXTEN})                       [extensions.conf:10]\n"
	            "                     2. Hangup() (end)                                [extensions.conf:11]\n"
	            "  Include =>            'base'                                        [pbx_config]\n"
	            " \n"
	            "[ Context 'base' created by 'pbx_config' ]\n"
	            "  '_[12]2' =>        1. Dial(IAX2/carol-with-a-long-name)             [extensions.conf:50]\n"
	            "                     2. Hangup() (end)                                [extensions.conf:51]\n"
	            " \n"
	            "[ Context 'house' created by 'pbx_config' ]\n"
	            "  Include =>            'base'                                        [pbx_config]\n"
	            "  Include =>            'phones'                                      [pbx_config]\n"
	            " \n"
	            "-= 5 extensions (10 priorities) in 3 contexts. =-\n");
	view = view_of(1, WORDS("base"));
	check_shown(desk_show_dialplan, &view, DESK_OK,
	            "[ Context 'base' created by 'pbx_config' ]\n"
	            "  '_[12]2' =>        1. Dial(IAX2/carol-with-a-long-name)             [extensions.conf:50]\n"
	            "                     2. Hangup() (end)                                [extensions.conf:51]\n"
	            " \n"
	            "-= 1 extension (2 priorities) in 1 context. =-\n");
	view = view_of(1, WORDS("nowhere"));
	check_shown(desk_show_dialplan, &view, DESK_FAILED, "There is no existence of 'nowhere' context\n");
}

/* asterisk-compat 6.3: what matches 12, in the order it is tried, the included context last. */
static void test_dialplan_lookup(void **state)
{
	struct desk_view view = view_of(1, WORDS("12@phones"));

	(void)state;
	check_shown(desk_show_dialplan, &view, DESK_OK,
	            "[ Context 'phones' created by 'pbx_config' ]\n"
	            "  '12' =>            1. Dial(IAX2/bob)                                [extensions.conf:30]\n"
	            "                     2. Hangup() (end)                                [extensions.conf:31]\n"
	            "  '_1X/200' =>       1. Dial(IAX2/alice&IAX2/bob,20)                  [extensions.conf:40]\n"
	            "                     2. Hangup() (end)                                [extensions.conf:41]\n"
	            "  '_1X' =>           1. Dial(IAX2/alice)                              [extensions.conf:20]\n"
	            "                     2. Hangup() (end)                                [extensions.conf:21]\n"
	            "  '_1.' =>           1. Dial(IAX2/far/${EXTEN})                       [extensions.conf:10]\n"
	            "                     2. Hangup() (end)                                [extensions.conf:11]\n"
	            " \n"
	            "[ Context 'base' created by 'pbx_config' ]\n"
	            "  '_[12]2' =>        1. Dial(IAX2/carol-with-a-long-name)             [extensions.conf:50]\n"
	            "                     2. Hangup() (end)                                [extensions.conf:51]\n"
	            " \n"
	            "-= 5 extensions (10 priorities) in 2 contexts. =-\n");
	view = view_of(1, WORDS("22@house")); /* base is reached in two ways, and tried once */
	check_shown(desk_show_dialplan, &view, DESK_OK,
	            "[ Context 'base' created by 'pbx_config' ]\n"
	            "  '_[12]2' =>        1. Dial(IAX2/carol-with-a-long-name)             [extensions.conf:50]\n"
	            "                     2. Hangup() (end)                                [extensions.conf:51]\n"
	            " \n"
	            "-= 1 extension (2 priorities) in 1 context. =-\n");
	view = view_of(1, WORDS("99@phones"));
	check_shown(desk_show_dialplan, &view, DESK_FAILED, "There is no existence of 99@phones extension\n");
	view = view_of(1, WORDS("12@nowhere"));
	check_shown(desk_show_dialplan, &view, DESK_FAILED, "There is no existence of 'nowhere' context\n");
	view = view_of(1, WORDS("12@"));
	check_shown(desk_show_dialplan, &view, DESK_FAILED, "There is no existence of '' context\n");
}

static void test_records(void **state)
{
	const struct ipc_record_row rows[] = {
		{ .record = { .started_ms = UINT64_C(1700000000000),
		              .answered_ms = UINT64_C(1700000002500),
		              .ended_ms = UINT64_C(1700000012600),
		              .caller = "alice",
		              .caller_number = "100",
		              .dialled = "200",
		              .callee = "bob",
		              .format = 4,
		              .disposition = MODEL_ANSWERED,
		              .cause = 16,
		              .from_caller = { .lost = 1 },
		              .from_callee = { .lost = 20 },
		              .caller_rtt_ms = 12,
		              .callee_rtt_ms = 140 } },
		{ .record = { .started_ms = UINT64_C(1699999999999),
		              .ended_ms = UINT64_C(1699999999000),
		              .dialled = "9\n",
		              .disposition = 99,
		              .cause = 3 } },
	};
	struct desk_view view = view_of(0, NULL);

	(void)state;
	view.rows[0] = (struct desk_rows)ROWS(rows);
	check_shown(desk_show_records, &view, DESK_OK,
	            "Start (UTC)         From                 Number       To           Answered by     Disposition "
	            "Cause    Total     Talk Codec         Lost    RTT ms\n"
	            "2023-11-14 22:13:20 alice                100          200          bob             ANSWERED       "
	            "16     12.6     10.1 ulaw          1/20    12/140\n"
	            "2023-11-14 22:13:19 (guest)                           9?                           ?              "
	            " 3      0.0      0.0 none           0/0       0/0\n"
	            "2 call records\n");
}

/* ---- Text ---- */

static void test_lines_are_harmless(void **state)
{
	struct desk_out out;

	(void)state;
	desk_out_init(&out);
	desk_line(&out, "%s", "a\001END 0\nb\x7f\033");
	desk_line(&out, "%s",
	          "gr\xc3\xbc\xc3\x9f"
	          "e");
	desk_line(&out, "%s", "\xc3(\xff");
	CHECK_TEXT(desk_out_text(&out), "a?END 0?b??\ngr\xc3\xbc\xc3\x9f"
	                                "e\n?(?\n");
	desk_out_deinit(&out);
	CHECK_TEXT(desk_out_text(&out), "");
}

static void test_columns_count_characters(void **state)
{
	static const struct desk_column columns[] = {
		{ "Name", 4, true, false },
		{ "Value", 6, false, true },
		{ "Last", 3, true, false },
		{ 0 },
	};
	struct desk_out out;

	(void)state;
	desk_out_init(&out);
	desk_table_head(&out, columns);
	desk_table_row(&out, columns,
	               WORDS("gr\xc3\xbc\xc3\x9f"
	                     "e",
	                     "1", "abcd"));
	desk_table_row(&out, columns, WORDS("\xc3\xbc", "1234567", ""));
	CHECK_TEXT(desk_out_text(&out), "Name  Value Las\ngr\xc3\xbc\xc3\x9f      1 abc\n\xc3\xbc    1234567 \n");
	desk_out_deinit(&out);
}

static void test_a_long_line_ends_in_a_whole_character(void **state)
{
	static char longer[DESK_LINE_MAX + 10];
	struct desk_out out;

	(void)state;
	for (size_t i = 0; i + 1 < sizeof(longer); i++) {
		longer[i] = i % 2 == 0 ? '\xc3' : '\xbc';
	}
	desk_out_init(&out);
	desk_line(&out, "%s", longer);
	CHECK_UINT(out.len, DESK_LINE_MAX - 1);
	CHECK_UINT((uint8_t)out.text[out.len - 2], 0xbc);
	desk_out_deinit(&out);
}

static void test_spans(void **state)
{
	char text[DESK_SPAN_BYTES];

	(void)state;
	CHECK_TEXT(desk_span_text(0, text), "0 seconds");
	CHECK_TEXT(desk_span_text(1, text), "1 second");
	CHECK_TEXT(desk_span_text(3600, text), "1 hour, 0 minutes, 0 seconds");
	CHECK_TEXT(desk_span_text(UINT64_MAX, text), "213503982334601 days, 7 hours, 0 minutes, 15 seconds");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_peers),
		cmocka_unit_test(test_peers_registered_and_like),
		cmocka_unit_test(test_peer_states),
		cmocka_unit_test(test_a_latched_peer),
		cmocka_unit_test(test_peer),
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_registry),
		cmocka_unit_test(test_iax_channels),
		cmocka_unit_test(test_netstats),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_channels),
		cmocka_unit_test(test_a_cut_list_says_so),
		cmocka_unit_test(test_processes_and_uptime),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_help),
		cmocka_unit_test(test_dialplan),
		cmocka_unit_test(test_dialplan_lookup),
		cmocka_unit_test(test_records),
		cmocka_unit_test(test_lines_are_harmless),
		cmocka_unit_test(test_columns_count_characters),
		cmocka_unit_test(test_a_long_line_ends_in_a_whole_character),
		cmocka_unit_test(test_spans),
	};

	return cmocka_run_group_tests_name("show", tests, setup, teardown);
}
