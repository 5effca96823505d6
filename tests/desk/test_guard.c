/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "desk/net.h"
#include "desk/show.h"
#include "desk_world.h"
#include "shown.h"

#include <stdio.h>

/* What operators see and order of the guard. */

/* ---- Tables ---- */

#define BAN_HEAD                                                                                                      \
	"Network                                     Kind  Since (UTC)         Until (UTC)         Step Kernel By   " \
	"        Why\n"

static void test_bans(void **state)
{
	const struct ipc_ban_row rows[] = {
		{ .ban = { .base = desk_addr("203.0.113.5"),
		           .bits = 32,
		           .since_ms = 1785933296000,
		           .until_ms = 1785933896000,
		           .step = 1,
		           .reason = MODEL_WHY_TRIES,
		           .in_kernel = 1 } },
		{ .ban = { .base = desk_addr("2001:db8:1:2::"),
		           .bits = 64,
		           .kind = MODEL_ALLOW,
		           .since_ms = 1785933296000,
		           .who = "uid 1000",
		           .text = "the branch office" } },
	};
	struct desk_view view = { .argc = 0 };

	(void)state;
	view.rows[0] = (struct desk_rows)ROWS(rows);
	check_shown(
		desk_show_bans, &view, DESK_OK,
		BAN_HEAD
		"203.0.113.5                                 ban   2026-08-05 12:34:56 2026-08-05 12:44:56    1 yes    "
		"tollgate     too many wrong secrets from this address\n"
		"2001:db8:1:2::/64                           allow 2026-08-05 12:34:56 taken back             0 no     "
		"uid 1000     the branch office\n"
		"1 banned, 1 allowed\n");
	view.argc = 1;
	view.argv = WORDS("2001:db8:1:2::77");
	view.rows[0] = (struct desk_rows)ROWS(rows);
	check_shown(
		desk_show_bans, &view, DESK_OK,
		BAN_HEAD
		"2001:db8:1:2::/64                           allow 2026-08-05 12:34:56 taken back             0 no     "
		"uid 1000     the branch office\n"
		"0 banned, 1 allowed\n");
	view.argv = WORDS("here");
	check_shown(desk_show_bans, &view, DESK_USAGE, "here: expected an address or address/bits\n");
}

static void test_sources(void **state)
{
	const struct ipc_source_row rows[] = {
		{ .addr = desk_addr("203.0.113.5"),
		  .bits = 32,
		  .class = MODEL_CLASS_SUSPECT,
		  .step = MODEL_ACTION_SILENCE,
		  .failures = 7,
		  .names = 3,
		  .opened = 41,
		  .held = 12,
		  .left_s = 545 },
		{ .addr = desk_addr("2001:db8:1:2::"),
		  .bits = 64,
		  .class = MODEL_CLASS_KNOWN,
		  .healthy = 2,
		  .opened = 9 },
	};
	struct desk_view view = { .argc = 0 };

	(void)state;
	view.rows[0] = (struct desk_rows)ROWS(rows);
	check_shown(
		desk_show_sources, &view, DESK_OK,
		"Address                                     Class     Step         Left Failures Names Healthy     "
		"Opened  Held back\n"
		"203.0.113.5                                 suspect   silence     9m05s        7     3       0        "
		" "
		"41         12\n"
		"2001:db8:1:2::/64                           known     none            -        0     0       2        "
		"  "
		"9          0\n"
		"2 sources\n");
	view.argc = 1;
	view.argv = WORDS("203.0.113.0/24");
	check_shown(
		desk_show_sources, &view, DESK_OK,
		"Address                                     Class     Step         Left Failures Names Healthy     "
		"Opened  Held back\n"
		"203.0.113.5                                 suspect   silence     9m05s        7     3       0        "
		" "
		"41         12\n"
		"1 source\n");
}

static void test_accounts(void **state)
{
	const struct ipc_account_row rows[] = {
		{ .name = "alice", .failures = 21, .distinct = 50, .prefixes = 5, .networks = 2, .guarded_s = 86399 },
		{ .name = "it's\nme", .failures = 1, .distinct = 1, .prefixes = 1 },
	};
	struct desk_view view = { .argc = 0 };

	(void)state;
	view.rows[0] = (struct desk_rows)ROWS(rows);
	check_shown(desk_show_accounts, &view, DESK_OK,
	            "Account                         Guarded Failures Different From networks Known networks\n"
	            "alice                            23h59m       21        50             5              2\n"
	            "it's?me                               -        1         1             1              0\n"
	            "2 accounts\n");
	view.argc = 1;
	view.argv = WORDS("alice");
	check_shown(desk_show_accounts, &view, DESK_OK,
	            "Account                         Guarded Failures Different From networks Known networks\n"
	            "alice                            23h59m       21        50             5              2\n"
	            "1 account\n");
}

static void test_budgets(void **state)
{
	const struct ipc_budget_row rows[] = {
		{ .name = "strangers' openings",
		  .attack = "floods from many addresses",
		  .limit = 2000,
		  .used = 17,
		  .peak = 1999,
		  .stopped = UINT64_C(12345678901) },
	};
	struct desk_view view = { .argc = 0 };

	(void)state;
	view.rows[0] = (struct desk_rows)ROWS(rows);
	check_shown(desk_show_budgets, &view, DESK_OK,
	            "Budget                            Limit       Used       Peak      Stopped Against\n"
	            "strangers' openings                2000         17       1999  12345678901 floods from many "
	            "addresses\n");
}

static void test_what_paid_calls_use(void **state)
{
	const struct ipc_usage_row rows[] = {
		{ .usage = { .name = "alice",
		             .class = WORLD_CLASS_INTL_LOW,
		             .calls = 1,
		             .hour_calls = 2,
		             .day_calls = 3,
		             .day_s = 725,
		             .month_s = 60000 } },
		{ .usage = { .name = "alice",
		             .is_limit = 1,
		             .seconds = 1,
		             .used = 725,
		             .most = 7200,
		             .anew_ms = 1785974400000,
		             .text = "daily=120m intl-low (built in)" } },
		{ .usage = { .name = "alice", .is_limit = 1, .used = 1, .most = 4, .text = "calls=4 (built in)" } },
		{ .usage = { .name = "", .role = 1, .class = WORLD_CLASS_NATIONAL, .day_calls = 9 } },
		{ .usage = { .name = "provider", .role = 2, .class = WORLD_CLASS_NATIONAL, .day_s = 59 } },
	};
	struct desk_view view = { .argc = 0 };

	(void)state;
	view.rows[0] = (struct desk_rows)ROWS(rows);
	check_shown(
		desk_show_usage, &view, DESK_OK,
		"Who                  Kind    Class              Now  Hour  Today Min today Min month\n"
		"alice                account intl-low             1     2      3     12:05   1000:00\n"
		"(guests)             guests  national             0     0      9      0:00      0:00\n"
		"provider             trunk   national             0     0      0      0:59      0:00\n"
		"\n"
		"Who                  Kind         Used        Of Anew (UTC)          Limit\n"
		"alice                account     12:05    120:00 2026-08-06 00:00:00 daily=120m intl-low (built in)\n"
		"alice                account         1         4 -                   calls=4 (built in)\n"
		"3 lines of what is used, 2 limits\n");
	view.argc = 1;
	view.argv = WORDS("provider");
	check_shown(desk_show_usage, &view, DESK_OK,
	            "Who                  Kind    Class              Now  Hour  Today Min today Min month\n"
	            "provider             trunk   national             0     0      0      0:59      0:00\n"
	            "\n"
	            "Who                  Kind         Used        Of Anew (UTC)          Limit\n"
	            "1 line of what is used, 0 limits\n");
}

static void test_audit(void **state)
{
	const struct ipc_audit_row rows[] = {
		{ .audit = { 1785933296000, 1000, 0, "guard ban 203.0.113.5 reason x", "banned" } },
		{ .audit = { 1785933295000, UINT32_MAX, 1, "iax2 reload", "" } },
	};
	struct desk_view view = { .argc = 0 };

	(void)state;
	view.rows[0] = (struct desk_rows)ROWS(rows);
	check_shown(desk_show_audit, &view, DESK_OK,
	            "Time (UTC)          Uid        Result Command                                            Answer\n"
	            "2026-08-05 12:34:56 1000       done   guard ban 203.0.113.5 reason x                     banned\n"
	            "2026-08-05 12:34:55 unknown    failed iax2 reload                                        \n"
	            "2 lines of the audit log\n");
}

/* ---- Events ---- */

static struct model_event wrong_secret(void)
{
	return (struct model_event){
		.id = { UINT64_C(0x019f3f5a7c010000), 0x1234 },
		.wall_ms = 1785933296789,
		.kind = MODEL_EVENT_CHALLENGE_FAILED,
		.reason = MODEL_WHY_WRONG,
		.request = MODEL_REQUEST_REGISTER,
		.class = MODEL_CLASS_NEW,
		.validated = 1,
		.suppressed = 4,
		.remote = desk_addr("203.0.113.5:4569"),
		.local = desk_addr("192.0.2.1:4569"),
		.account = "bob'\n",
	};
}

static void test_events(void **state)
{
	const struct ipc_event_row rows[] = {
		{ .event = wrong_secret() },
		{ .event = { .id = { 1, 2 },
		             .wall_ms = 1785933296000,
		             .kind = MODEL_EVENT_BANNED,
		             .reason = MODEL_WHY_TRIES,
		             .action = MODEL_ACTION_KERNEL,
		             .remote = desk_addr("2001:db8:1:2::"),
		             .bits = 64 } },
		{ .event = { .id = { 1, 3 }, .wall_ms = 0, .kind = MODEL_EVENT_LOADED } },
	};
	struct desk_view view = { .argc = 0 };

	(void)state;
	view.rows[0] = (struct desk_rows)ROWS(rows);
	check_shown(desk_show_events, &view, DESK_OK,
	            "Time (UTC)          Event                   From                                        Proven "
	            "Account "
	            "        Why                       Action    More Id (explain ID)\n"
	            "2026-08-05 12:34:56 ChallengeResponseFailed 203.0.113.5:4569                            yes    "
	            "bob'?   "
	            "        wrong-secret              none         4 019f3f5a7c0100000000000000001234\n"
	            "2026-08-05 12:34:56 Banned                  2001:db8:1:2::/64                           no        "
	            "     "
	            "        too-many-tries            kernel         00000000000000010000000000000002\n"
	            "1970-01-01 00:00:00 ConfigLoaded            -                                           no        "
	            "     "
	            "        ok                        none           00000000000000010000000000000003\n"
	            "3 events\n");
}

static void test_an_explanation_is_one_paragraph(void **state)
{
	struct ipc_event_row rows[] = { { .event = wrong_secret() } };
	struct desk_view view = { .argc = 1, .argv = WORDS("019f3f5a7c0100000000000000001234") };

	(void)state;
	view.rows[0] = (struct desk_rows)ROWS(rows);
	check_shown(
		desk_show_explanation, &view, DESK_OK,
		"2026-08-05 12:34:56 UTC, ChallengeResponseFailed. A registration was asked for as 'bob\\x27\\x0a'. "
		"It\n"
		"came from 203.0.113.5:4569 to 192.0.2.1:4569; that was somebody of whom nothing is known (class\n"
		"stranger+), who proved the address. It was refused: wrong secret (wrong-secret). Nothing was held\n"
		"against the address for it. 4 more like this were not told before. What to do: compare the secrets\n"
		"at both ends. Look at: guard show sources 203.0.113.5; security show events 203.0.113.5. Of the\n"
		"account: guard show accounts 'bob\\x27\\x0a'.\n");
	rows[0].event = (struct model_event){
		.wall_ms = 1785933296000,
		.until_ms = 1785933896000,
		.kind = MODEL_EVENT_BANNED,
		.reason = MODEL_WHY_TRIES,
		.action = MODEL_ACTION_KERNEL,
		.class = MODEL_CLASS_BANNED,
		.validated = 1,
		.count = 10,
		.remote = desk_addr("2001:db8:1:2::"),
		.bits = 64,
		.rule = "kernel_at=10",
	};
	check_shown(
		desk_show_explanation, &view, DESK_OK,
		"2026-08-05 12:34:56 UTC, Banned. It is about 2001:db8:1:2::/64; that was a banned address (class\n"
		"banned), who proved the address. The reason: too many wrong secrets from this address\n"
		"(too-many-tries). The rule: kernel_at=10. Counted: 10. This address is dropped, by the packet filter\n"
		"if there is one, until 2026-08-05 12:44:56 UTC. What to do: guard unban ADDRESS reason TEXT; see\n"
		"guard show sources. Look at: guard show sources 2001:db8:1:2::/64; security show events\n"
		"2001:db8:1:2::/64.\n");
	view.rows[0].count = 0;
	check_shown(desk_show_explanation, &view, DESK_FAILED,
	            "No event has the id 019f3f5a7c0100000000000000001234. The newest 100,000 are kept.\n");
}

/* Whatever is refused, there is something to say: why, and what to do. */
static void test_every_event_and_reason_can_be_explained(void **state)
{
	struct ipc_event_row rows[] = { { .event = wrong_secret() } };
	struct desk_view view = { .argc = 1, .argv = WORDS("x") };

	(void)state;
	view.rows[0] = (struct desk_rows)ROWS(rows);
	for (uint32_t kind = 1; kind < MODEL_EVENT_KINDS; kind++) {
		for (uint32_t reason = 1; reason < MODEL_REASON_COUNT; reason++) {
			struct desk_out out;

			rows[0].event.kind = kind;
			rows[0].event.reason = reason;
			rows[0].event.class = reason % MODEL_CLASS_COUNT;
			rows[0].event.action = reason % MODEL_ACTION_COUNT;
			rows[0].event.request = reason % MODEL_REQUESTS;
			desk_out_init(&out);
			CHECK_INT(desk_show_explanation(&view, &out), DESK_OK);
			CHECK_TRUE(strstr(desk_out_text(&out), model_event_name(kind)) != NULL);
			CHECK_TRUE(strstr(desk_out_text(&out), model_reason_code(reason)) != NULL);
			CHECK_TRUE(strstr(desk_out_text(&out), "(null)") == NULL);
			desk_out_deinit(&out);
		}
	}
}

/* ---- Wishes ---- */

typedef bool wish_of(int argc, const char *const *argv, struct ipc_guard_do *wish, struct desk_out *out);

static bool wished(wish_of *of, const char *line, struct ipc_guard_do *wish, struct desk_out *out)
{
	struct desk_words words;

	CHECK_TRUE(desk_words_split(&words, line));
	*wish = (struct ipc_guard_do){ .head.kind = IPC_GUARD_DO };
	return of(words.count, words.word, wish, out);
}

static void test_wishes_are_understood(void **state)
{
	static const struct {
		wish_of *of;
		const char *line, *base;
		uint32_t what, bits;
		uint64_t for_s;
		const char *text;
	} rows[] = {
		{ desk_wish_ban, "203.0.113.5 reason it was me", "203.0.113.5", IPC_GUARD_BAN, 32, 3600, "it was me" },
		{ desk_wish_ban, "203.0.113.5/32 for 30s reason x", "203.0.113.5", IPC_GUARD_BAN, 32, 30, "x" },
		{ desk_wish_ban, "203.0.113.0/24 for 10m reason x", "203.0.113.0", IPC_GUARD_BAN, 24, 600, "x" },
		{ desk_wish_ban, "10.0.0.0/8 for 2h reason x", "10.0.0.0", IPC_GUARD_BAN, 8, 7200, "x" },
		{ desk_wish_ban, "203.0.113.5 for 7d reason x", "203.0.113.5", IPC_GUARD_BAN, 32, 604800, "x" },
		{ desk_wish_ban, "203.0.113.5 for 4w reason \"a  b\"", "203.0.113.5", IPC_GUARD_BAN, 32, 2419200,
		  "a  b" },
		{ desk_wish_ban, "203.0.113.5 for ever reason x", "203.0.113.5", IPC_GUARD_BAN, 32, 0, "x" },
		{ desk_wish_ban, "2001:db8:1:2::77 reason x", "2001:db8:1:2::", IPC_GUARD_BAN, 64, 3600, "x" },
		{ desk_wish_ban, "2001:db8::/32 reason reason", "2001:db8::", IPC_GUARD_BAN, 32, 3600, "reason" },
		{ desk_wish_allow, "203.0.113.5 reason x", "203.0.113.5", IPC_GUARD_ALLOW, 32, 0, "x" },
		{ desk_wish_allow, "203.0.113.5 for 1h reason x", "203.0.113.5", IPC_GUARD_ALLOW, 32, 3600, "x" },
		{ desk_wish_unban, "2001:db8:1:2::/64 reason x", "2001:db8:1:2::", IPC_GUARD_UNBAN, 64, 0, "x" },
		{ desk_wish_observe, "on", NULL, IPC_GUARD_OBSERVE, 0, 0, "" },
		{ desk_wish_observe, "off", NULL, IPC_GUARD_ENFORCE, 0, 0, "" },
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct ipc_guard_do wish;
		struct desk_out out;

		desk_out_init(&out);
		CHECK_TRUE(wished(rows[i].of, rows[i].line, &wish, &out));
		CHECK_TEXT(desk_out_text(&out), "");
		CHECK_UINT(wish.what, rows[i].what);
		CHECK_UINT(wish.bits, rows[i].bits);
		CHECK_UINT(wish.for_s, rows[i].for_s);
		CHECK_TEXT(wish.text, rows[i].text);
		CHECK_TRUE(rows[i].base == NULL || tg_addr_equal(wish.base, desk_addr(rows[i].base)));
		CHECK_TEXT(ipc_check(PROC_DESK, PROC_ENGINE, &wish, sizeof(wish)), NULL);
		desk_out_deinit(&out);
	}
}

static void test_wishes_that_make_no_sense_say_so(void **state)
{
	static const struct {
		wish_of *of;
		const char *line, *want;
	} rows[] = {
		{ desk_wish_ban, "attacker.example reason x",
		  "attacker.example: expected an IPv4 or IPv6 address, or a network as 192.0.2.0/24" },
		{ desk_wish_ban, "203.0.113.256 reason x",
		  "203.0.113.256: expected an IPv4 or IPv6 address, or a network as 192.0.2.0/24" },
		{ desk_wish_ban, "203.0.113.0/33 reason x",
		  "203.0.113.0/33: expected an IPv4 or IPv6 address, or a network as 192.0.2.0/24" },
		{ desk_wish_ban, "203.0.113.5:4569 reason x",
		  "203.0.113.5:4569: the guard holds addresses, not ports; leave the port out" },
		{ desk_wish_ban, "203.0.113.5/24 reason x",
		  "203.0.113.5/24: has bits set behind its length; did you mean 203.0.113.0/24?" },
		{ desk_wish_ban, "0.0.0.0/0 reason x", "0.0.0.0/0: at least 8 bits of IPv4 or 16 of IPv6 are needed" },
		{ desk_wish_allow, "2001:db8::1/128 reason x",
		  "2001:db8::1/128: of IPv6 at most 64 bits count, because one host has as many addresses as it "
		  "likes" },
		{ desk_wish_ban, "203.0.113.5", "reason: expected [for TIME] reason TEXT" },
		{ desk_wish_ban, "203.0.113.5 because x", "because: expected [for TIME] reason TEXT" },
		{ desk_wish_ban, "203.0.113.5 reason", "reason: say why, for those who come after you: reason TEXT" },
		{ desk_wish_ban, "203.0.113.5 for soon reason x",
		  "soon: expected a time as 30s, 10m, 2h, 7d or 4w, or ever" },
		{ desk_wish_ban, "203.0.113.5 for 10 reason x",
		  "10: expected a time as 30s, 10m, 2h, 7d or 4w, or ever" },
		{ desk_wish_ban, "203.0.113.5 for 0m reason x",
		  "0m: expected a time as 30s, 10m, 2h, 7d or 4w, or ever" },
		{ desk_wish_ban, "203.0.113.5 for 3651d reason x",
		  "3651d: expected a time as 30s, 10m, 2h, 7d or 4w, or ever" },
		{ desk_wish_unban, "203.0.113.5 for 1h reason x", "for: expected reason TEXT" },
		{ desk_wish_ban,
		  "203.0.113.5 reason "
		  "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567"
		  "8901234567890123456789012345678901234567890",
		  "reason: at most 127 octets of text" },
		{ desk_wish_ban, "203.0.113.5 reason \xff", "reason: plain text, please" },
		{ desk_wish_observe, "maybe", "guard observe: expected on or off" },
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct ipc_guard_do wish;
		struct desk_out out;
		char want[256];

		desk_out_init(&out);
		snprintf(want, sizeof(want), "%s. Nothing was changed.\n", rows[i].want);
		CHECK_FALSE(wished(rows[i].of, rows[i].line, &wish, &out));
		CHECK_TEXT(desk_out_text(&out), want);
		desk_out_deinit(&out);
	}
}

/* ---- Questions ---- */

static void test_what_a_question_is_about(void **state)
{
	struct ipc_query query = { .limit = 0 };
	struct desk_out out;

	(void)state;
	desk_out_init(&out);
	CHECK_TRUE(desk_aim_events(0, NULL, &query, &out));
	CHECK_UINT(query.limit, 50);
	CHECK_UINT(query.addr.family, TG_NO_ADDR);
	CHECK_TRUE(desk_aim_events(1, WORDS("7"), &query, &out));
	CHECK_UINT(query.limit, 7);
	CHECK_TRUE(desk_aim_events(2, WORDS("203.0.113.0/24", "8"), &query, &out));
	CHECK_UINT(query.limit, 8);
	CHECK_UINT(query.bits, 24);
	CHECK_TRUE(tg_addr_equal(query.addr, desk_addr("203.0.113.0")));
	CHECK_FALSE(desk_aim_events(1, WORDS("bob"), &query, &out));
	CHECK_FALSE(desk_aim_events(2, WORDS("203.0.113.5", "203.0.113.6"), &query, &out));
	CHECK_FALSE(desk_aim_events(1, WORDS("203.0.113.5:1"), &query, &out));
	CHECK_TRUE(desk_aim_event(1, WORDS("019f3f5a7c0100000000000000001234"), &query, &out));
	CHECK_UINT(query.id.salt, 0x1234);
	CHECK_FALSE(desk_aim_event(1, WORDS("019f"), &query, &out));
	CHECK_FALSE(desk_aim_event(1, WORDS("00000000000000000000000000000000"), &query, &out));
	desk_out_deinit(&out);
}

static void test_networks(void **state)
{
	static const struct {
		const char *net, *base;
		unsigned bits;
		bool meets;
	} rows[] = {
		{ "192.0.2.0/24", "192.0.2.7", 32, true }, { "192.0.2.7", "192.0.2.0", 24, true },
		{ "192.0.2.7", "192.0.2.8", 32, false },   { "192.0.2.0/24", "2001:db8::", 64, false },
		{ "2001:db8::1", "2001:db8::", 64, true }, { "2001:db8::/16", "2001:db9::", 64, true },
	};
	char text[DESK_NET_TEXT_BYTES];

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct desk_net net;

		CHECK_TRUE(desk_net_parse(&net, rows[i].net));
		CHECK_INT(desk_net_meets(&net, desk_addr(rows[i].base), rows[i].bits), rows[i].meets);
	}
	CHECK_TEXT(desk_net_text(desk_net_base(desk_addr("203.0.113.255:9"), 25), 25, text), "203.0.113.128/25");
	CHECK_TEXT(desk_net_text(desk_net_base(desk_addr("203.0.113.255"), 0), 0, text), "0.0.0.0/0");
	CHECK_TEXT(desk_net_text(desk_net_base(desk_addr("2001:db8::ffff"), 127), 127, text), "2001:db8::fffe/127");
	CHECK_TEXT(desk_net_text((struct tg_addr){ 0 }, 0, text), "-");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bans),
		cmocka_unit_test(test_sources),
		cmocka_unit_test(test_accounts),
		cmocka_unit_test(test_budgets),
		cmocka_unit_test(test_what_paid_calls_use),
		cmocka_unit_test(test_audit),
		cmocka_unit_test(test_events),
		cmocka_unit_test(test_an_explanation_is_one_paragraph),
		cmocka_unit_test(test_every_event_and_reason_can_be_explained),
		cmocka_unit_test(test_wishes_are_understood),
		cmocka_unit_test(test_wishes_that_make_no_sense_say_so),
		cmocka_unit_test(test_what_a_question_is_about),
		cmocka_unit_test(test_networks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
