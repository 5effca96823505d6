/* SPDX-License-Identifier: Apache-2.0 */
#include "lobby.h"

/* The wall clock is set while we run. */

#define YEAR_MS (UINT64_C(365) * 24 * 3600 * 1000)

static const char iax[] =
	"[general]\nbindport=4569\n[alice]\ntype=friend\nsecret=not-guessed-9\nhost=dynamic\ncontext=default\n";

/* What the store hears in the next seconds. */
struct heard {
	struct model_ban ban;
	struct model_guard_account account;
	uint32_t bans, accounts;
};

static struct heard listen(struct lobby *lobby, uint32_t seconds)
{
	struct heard heard = { .bans = 0 };
	const union {
		struct ipc_head head;
		struct ipc_ban ban;
		struct ipc_guard_account account;
	} * message;

	for (uint32_t s = 0; s < seconds; s++) {
		lobby->now.now_us += TG_US_PER_S;
		lobby->now.wall_us += TG_US_PER_S;
		admission_turn(lobby->admission, &(struct watch_sums){ 0 }, &lobby->store.link, &lobby->fence.link,
		               lobby->now);
		while ((message = far_next(&lobby->store)) != NULL) {
			if (message->head.kind == IPC_BAN) {
				heard.ban = message->ban.ban;
				heard.bans++;
			} else if (message->head.kind == IPC_GUARD_ACCOUNT) {
				heard.account = message->account.account;
				heard.accounts++;
			}
		}
		far_flush(&lobby->store);
	}
	return heard;
}

static void test_what_is_stored_is_told_again_by_the_clock_that_is_right(void **state)
{
	struct lobby lobby;
	struct guard_ban ban = { .bits = 32, .who = "an operator" };
	struct guard_try try = { .account = TG_SPAN_LIT("alice"), .proven = true, .exists = true };
	(void)state;

	lobby_open(&lobby, iax, NULL);
	keeper_restored(&lobby.admission->keeper); /* by a store that had nothing to tell */
	(void)listen(&lobby, 1);
	ban.base = lobby_addr("203.0.113.9");
	ban.base.port = 0;
	try.from = lobby_addr("192.0.2.7");
	CHECK_TEXT(guard_ban(lobby.guard, &ban, 7200 * UINT64_C(1000000), lobby.now.now_us), NULL);
	guard_on_success(lobby.guard, &try, lobby.now.now_us);
	const struct heard before = listen(&lobby, 20);

	CHECK_UINT(before.bans, 1);
	CHECK_UINT(before.accounts, 1);
	CHECK_UINT(listen(&lobby, 20).bans, 0);
	lobby.now.wall_us += YEAR_MS * 1000;
	const struct heard after = listen(&lobby, 20);

	CHECK_UINT(after.bans, 1);
	CHECK_UINT(after.ban.until_ms, before.ban.until_ms + YEAR_MS);
	CHECK_TRUE(after.accounts >= 1);
	CHECK_UINT(after.account.networks[0].seen_day, before.account.networks[0].seen_day + 365);
	CHECK_UINT(listen(&lobby, 20).bans, 0);
	lobby_close(&lobby);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_stored_is_told_again_by_the_clock_that_is_right),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
