/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "desk/show.h"
#include "desk_world.h"
#include "shown.h"

/* Channels and calls, as `iax2 show` and `core show` have them. */

static void channel_rows(struct ipc_channel_row rows[3])
{
	rows[0] = (struct ipc_channel_row){
		.channel = "IAX2/alice-1234",
		.user = "alice",
		.caller_number = "100",
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
	{ .name = "switch.frames_pending", .value = 3 },
	{ .name = "switch.retransmitted", .value = 9 },
};

/* ---- iax2 ---- */

static void test_iax_channels(void **state)
{
	struct ipc_channel_row rows[3];
	struct desk_view view = shown_view(0, NULL);

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
	struct desk_view view = shown_view(0, NULL);

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

static void test_counters(void **state)
{
	struct desk_view view = shown_view(0, NULL);

	(void)state;
	view.rows[0] = (struct desk_rows)ROWS(counters);
	check_shown(desk_show_counters, &view, DESK_OK,
	            "    IAX Statistics\n"
	            "---------------------\n"
	            "    Outstanding frames: 3\n"
	            "    0 timed and 0 untimed transmits; MTU 0/1400/1400\n"
	            "    Packets in transmit queue: 3 (9 were sent again so far)\n"
	            "door.bad_token                           12\n"
	            "switch.calls_offered                     345\n"
	            "switch.frames_pending                    3\n"
	            "switch.retransmitted                     9\n");
}

/* ---- core ---- */

static void test_channels(void **state)
{
	struct ipc_channel_row rows[3];
	struct desk_view view = shown_view(0, NULL);

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
	            "IAX2/alice-1234!phones!200!2!Up!Dial!IAX2/bob,20!100!alice!!3!3725!9!9.1234\n"
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

static void test_one_channel(void **state)
{
	struct ipc_channel_row rows[3];
	struct desk_view view = shown_view(1, WORDS("IAX2/alice-1234"));

	(void)state;
	channel_rows(rows);
	view.rows[0] = (struct desk_rows)ROWS(rows);
	check_shown(desk_show_channel, &view, DESK_OK,
	            " -- General --\n"
	            "           Name: IAX2/alice-1234\n"
	            "           Type: IAX2\n"
	            "       UniqueID: 9.1234\n"
	            "        Account: alice\n"
	            "           Peer: 192.0.2.10:50000\n"
	            "          State: Up\n"
	            "  NativeFormats: ulaw\n"
	            "   Elapsed Time: 01h02m05s\n"
	            "     Bridged to: IAX2/bob-77\n"
	            "    ID (Lo/Rem): 01234/00021\n"
	            "        Quality: RTT 34 ms, lag 12 ms, jitter 3 ms, lost 62 of 186062\n"
	            " --   PBX   --\n"
	            "        Context: phones\n"
	            "      Extension: 200\n"
	            "       Priority: 2\n"
	            "    Application: Dial\n"
	            "           Data: IAX2/bob,20\n");
	view.argv = WORDS("(None)"); /* a leg of no call */
	check_shown(desk_show_channel, &view, DESK_FAILED, "(None) is not a known channel\n");
}

static void test_a_cut_list_says_so(void **state)
{
	struct ipc_channel_row rows[3];
	struct desk_view view = shown_view(1, WORDS("count"));

	(void)state;
	channel_rows(rows);
	view.rows[0] = (struct desk_rows)ROWS(rows);
	view.rows[0].cut = true;
	check_shown(desk_show_channels, &view, DESK_OK,
	            "(only the first 3 of them)\n2 active channels\n1 active call\n0 calls processed\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_iax_channels), cmocka_unit_test(test_netstats),
		cmocka_unit_test(test_counters),     cmocka_unit_test(test_channels),
		cmocka_unit_test(test_one_channel),  cmocka_unit_test(test_a_cut_list_says_so),
	};

	return cmocka_run_group_tests_name("show_channels", tests, shown_setup, shown_teardown);
}
