/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "database.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static struct tg_addr addr_of(const char *text)
{
	struct tg_addr addr;

	CHECK_TRUE(tg_addr_parse(&addr, tg_span_text(text), 0));
	return addr;
}

/* ---- Bans ---- */

static struct model_ban ban_of(const char *base, uint32_t bits, uint32_t kind, uint64_t until_ms)
{
	struct model_ban ban = {
		.id = { UINT64_MAX, 7 },
		.base = addr_of(base),
		.since_ms = 1000,
		.until_ms = until_ms,
		.bits = bits,
		.kind = kind,
		.step = 3,
		.reason = MODEL_WHY_TRIES,
		.in_kernel = 1,
	};

	snprintf(ban.who, sizeof(ban.who), "root");
	snprintf(ban.text, sizeof(ban.text), "it's \"enough\"");
	return ban;
}

struct bans {
	uint32_t count;
	struct model_ban rows[8];
};

static void on_ban(void *owner, const struct model_ban *ban)
{
	struct bans *bans = owner;

	CHECK_TRUE(bans->count < TG_COUNT(bans->rows));
	bans->rows[bans->count++] = *ban;
}

static struct bans bans_at(struct store *store, uint64_t now_ms)
{
	struct bans bans = { .count = 0 };

	CHECK_INT(store_each_ban(store, now_ms, on_ban, &bans), STORE_OK);
	return bans;
}

static void put_ban(struct store *store, const struct model_ban *ban, uint64_t now_ms)
{
	CHECK_INT(store_put_ban(store, ban, now_ms), STORE_OK);
}

static void test_bans_come_back_until_they_end(void **state)
{
	const struct model_ban four = ban_of("192.0.2.7", 32, MODEL_BAN, 5000);
	const struct model_ban six = ban_of("2001:db8:1:2::", 64, MODEL_ALLOW, 0);
	struct store *store = database_open();

	(void)state;
	put_ban(store, &four, 2000);
	put_ban(store, &six, 2000);
	store = database_again(store);
	struct bans bans = bans_at(store, 4999);

	CHECK_UINT(bans.count, 2);
	CHECK_TRUE(memcmp(&bans.rows[0], &six, sizeof(six)) == 0); /* allowances first */
	CHECK_TRUE(memcmp(&bans.rows[1], &four, sizeof(four)) == 0);
	CHECK_UINT(bans_at(store, 5000).count, 1);
	CHECK_INT(store_clean(store, 5000, true), STORE_OK);
	CHECK_UINT(bans_at(store, 0).count, 1);
	store_close(store);
}

/* An engine says all it has: what it does not name, is over, but not before it has named all. */
static void test_what_is_not_named_is_forgotten(void **state)
{
	const struct model_ban four = ban_of("192.0.2.7", 32, MODEL_BAN, 0),
			       six = ban_of("2001:db8::", 64, MODEL_ALLOW, 0);
	struct model_ban late = ban_of("192.0.2.7", 31, MODEL_BAN, 0), over = ban_of("192.0.2.9", 32, MODEL_BAN, 0);
	struct store *store = database_open();

	(void)state;
	put_ban(store, &four, 2000);
	put_ban(store, &six, 2000);
	put_ban(store, &over, 2000);
	CHECK_INT(store_end_bans(store), STORE_OK); /* of nothing that began */
	CHECK_UINT(bans_at(store, 2000).count, 3);
	CHECK_INT(store_begin_bans(store), STORE_OK);
	put_ban(store, &six, 2000);
	CHECK_INT(store_begin_bans(store), STORE_OK); /* once more from the beginning */
	put_ban(store, &four, 2000);
	put_ban(store, &four, 2000);
	put_ban(store, &late, 2000);
	put_ban(store, &over, 2000);
	over.until_ms = 1; /* named, and over since */
	put_ban(store, &over, 2000);
	CHECK_UINT(bans_at(store, 2000).count, 3);
	CHECK_INT(store_end_bans(store), STORE_OK);
	store = database_again(store);
	const struct bans bans = bans_at(store, 2000);

	CHECK_UINT(bans.count, 2);
	CHECK_UINT(bans.rows[0].bits + bans.rows[1].bits, 31 + 32);
	put_ban(store, &six, 2000); /* and it is as it was before */
	CHECK_INT(store_end_bans(store), STORE_OK);
	CHECK_UINT(bans_at(store, 2000).count, 3);
	store_close(store);
}

/* The store was asked when the clock was far ahead: the engine cannot name what it was not told, until it is right again. */
static void test_what_a_wrong_clock_ends_is_not_forgotten(void **state)
{
	const uint64_t now_ms = 2000, ahead_ms = UINT64_C(1) << 40;
	struct model_ban ban = ban_of("192.0.2.7", 32, MODEL_BAN, 9000),
			 allowance = ban_of("192.0.2.8", 32, MODEL_ALLOW, 9000),
			 other = ban_of("192.0.2.9", 32, MODEL_BAN, 0),
			 changed = ban_of("192.0.2.10", 32, MODEL_BAN, 9000);
	struct store *store = database_open();

	(void)state;
	put_ban(store, &ban, now_ms);
	put_ban(store, &allowance, now_ms);
	put_ban(store, &other, now_ms);
	put_ban(store, &changed, now_ms);
	store = database_again(store);
	CHECK_UINT(bans_at(store, ahead_ms).count, 1);
	CHECK_INT(store_begin_bans(store), STORE_OK);
	CHECK_INT(store_end_bans(store), STORE_OK); /* the operator took the other one back */
	CHECK_INT(store_clean(store, ahead_ms, false), STORE_OK);
	changed.until_ms = 0; /* banned once more, and taken back */
	put_ban(store, &changed, now_ms);
	CHECK_INT(store_begin_bans(store), STORE_OK); /* the clock was set */
	CHECK_INT(store_end_bans(store), STORE_OK);
	CHECK_INT(store_clean(store, now_ms, true), STORE_OK);
	store = database_again(store);
	CHECK_UINT(bans_at(store, now_ms).count, 2);
	CHECK_UINT(bans_at(store, 9000).count, 0);
	CHECK_INT(store_clean(store, 9000, true), STORE_OK); /* and really over, it goes */
	CHECK_UINT(bans_at(store, now_ms).count, 0);
	store_close(store);
}

/* The exchange's own, after its end: a week for each step, and an operator's not at all. */
static void test_steps_of_bans_are_remembered(void **state)
{
	enum { WEEK_S = 7 * 24 * 3600 };
	const uint64_t week_ms = WEEK_S * UINT64_C(1000), now_ms = 100 * week_ms;
	struct model_ban own = ban_of("192.0.2.7", 32, MODEL_BAN, now_ms),
			 hand = ban_of("192.0.2.8", 32, MODEL_BAN, now_ms);
	struct store *store = database_open();

	(void)state;
	memset(own.who, 0, sizeof(own.who));
	own.step = 1;
	put_ban(store, &own, now_ms + 1);
	put_ban(store, &hand, now_ms + 1);
	CHECK_UINT(bans_at(store, now_ms + 1).count, 1);
	CHECK_UINT(bans_at(store, now_ms + 1).rows[0].step, 1);
	CHECK_UINT(bans_at(store, now_ms + 2 * week_ms - 1).count, 1);
	CHECK_UINT(bans_at(store, now_ms + 2 * week_ms).count, 0);
	CHECK_INT(store_clean(store, now_ms + 2 * week_ms - 1, true), STORE_OK);
	CHECK_UINT(bans_at(store, now_ms + 1).count, 1);
	CHECK_INT(store_clean(store, now_ms + 2 * week_ms, true), STORE_OK);
	CHECK_UINT(bans_at(store, now_ms + 1).count, 0);
	put_ban(store, &own, now_ms + 1);
	own.until_ms = 1; /* the operator took it back */
	put_ban(store, &own, now_ms + 1);
	CHECK_UINT(bans_at(store, now_ms + 1).count, 0);
	store_close(store);
}

static void test_a_ban_is_replaced_and_taken_back(void **state)
{
	struct model_ban ban = ban_of("192.0.2.7", 32, MODEL_BAN, 5000);
	const struct model_ban other = ban_of("192.0.2.0", 24, MODEL_BAN, 0);
	const struct model_ban allow = ban_of("192.0.2.7", 32, MODEL_ALLOW, 0);
	struct store *store = database_open();

	(void)state;
	put_ban(store, &ban, 2000);
	put_ban(store, &other, 2000);
	ban.until_ms = 9000;
	put_ban(store, &ban, 2000);
	CHECK_UINT(bans_at(store, 0).count, 2);
	put_ban(store, &allow, 2000); /* an address is either banned or allowed */
	CHECK_UINT(bans_at(store, 0).count, 2);
	ban.until_ms = 1;
	put_ban(store, &ban, 2000); /* the end of a ban takes no allowance back */
	CHECK_UINT(bans_at(store, 0).count, 2);
	struct model_ban end = allow;

	end.until_ms = 1;
	put_ban(store, &end, 2000);
	store = database_again(store);
	const struct bans bans = bans_at(store, 0);

	CHECK_UINT(bans.count, 1);
	CHECK_UINT(bans.rows[0].bits, 24);
	store_close(store);
}

/* ---- Accounts ---- */

static struct model_guard_account account_of(const char *name)
{
	struct model_guard_account account = {
		.window_ms = 1,
		.distinct_ms = 2,
		.guarded_until_ms = 3,
		.failures = 4,
		.distinct = 5,
		.prefix_count = 2,
		.prefixes = { 11, UINT32_MAX },
		.networks = { { { 0, 0, 0, 192, 0, 2 }, TG_IPV4, 0, 20000 } },
	};

	snprintf(account.name, sizeof(account.name), "%s", name);
	return account;
}

struct accounts {
	uint32_t count;
	struct model_guard_account last;
};

static void on_account(void *owner, const struct model_guard_account *account)
{
	struct accounts *accounts = owner;

	accounts->count++;
	accounts->last = *account;
}

static struct accounts accounts_in(struct store *store)
{
	struct accounts accounts = { .count = 0 };

	CHECK_INT(store_each_account(store, on_account, &accounts), STORE_OK);
	return accounts;
}

static void test_accounts_come_back_as_they_were(void **state)
{
	struct model_guard_account account = account_of("\xff'); DROP TABLE ban; --");
	struct store *store = database_open();

	(void)state;
	CHECK_INT(store_put_account(store, &account), STORE_OK);
	account.failures = 77;
	CHECK_INT(store_put_account(store, &account), STORE_OK);
	store = database_again(store);
	const struct accounts accounts = accounts_in(store);

	CHECK_UINT(accounts.count, 1);
	CHECK_TRUE(memcmp(&accounts.last, &account, sizeof(account)) == 0);
	store_close(store);
}

static void test_an_account_without_a_past_is_forgotten(void **state)
{
	struct model_guard_account account = account_of("alice");
	struct store *store = database_open();

	(void)state;
	CHECK_INT(store_put_account(store, &account), STORE_OK);
	account.failures = account.distinct = 0;
	account.guarded_until_ms = 0;
	CHECK_INT(store_put_account(store, &account), STORE_OK);
	CHECK_UINT(accounts_in(store).count, 1); /* its network is worth keeping */
	memset(account.networks, 0, sizeof(account.networks));
	CHECK_INT(store_put_account(store, &account), STORE_OK);
	CHECK_UINT(accounts_in(store).count, 0);
	store_close(store);
}

/* Names that an attacker made up go first, although the customer was there before them. */
static void test_too_many_accounts_cost_no_known_network(void **state)
{
	struct model_guard_account customer = account_of("customer"), made_up = account_of("x");
	struct store *store = database_open();

	(void)state;
	memset(made_up.networks, 0, sizeof(made_up.networks));
	CHECK_INT(store_put_account(store, &customer), STORE_OK);
	for (uint32_t i = 0; i < STORE_ACCOUNTS_MAX + 10; i++) {
		snprintf(made_up.name, sizeof(made_up.name), "made-up-%u", i);
		CHECK_INT(store_put_account(store, &made_up), STORE_OK);
	}
	CHECK_INT(store_clean(store, 0, true), STORE_OK);
	CHECK_UINT(accounts_in(store).count, STORE_ACCOUNTS_MAX);
	store = database_again(store);
	CHECK_INT(database_by_hand("DELETE FROM guard_account WHERE name <> 'customer'"), SQLITE_OK);
	CHECK_UINT(accounts_in(store).count, 1);
	store_close(store);
}

/* ---- Events ---- */

static struct model_event event_of(uint64_t number, const char *remote)
{
	struct model_event event = {
		.id = { UINT64_MAX - number, number },
		.wall_ms = 1785933296000 + number,
		.until_ms = 9,
		.kind = MODEL_EVENT_CHALLENGE_FAILED,
		.reason = MODEL_WHY_WRONG,
		.action = MODEL_ACTION_KERNEL,
		.class = MODEL_CLASS_BANNED,
		.request = MODEL_REQUEST_RELEASE,
		.validated = 1,
		.suppressed = 2,
		.count = 3,
		.prefixes = UINT32_MAX,
		.call = UINT64_MAX,
		.local = addr_of("127.0.0.1:4569"),
	};

	if (remote != NULL) {
		event.remote = addr_of(remote);
	}
	snprintf(event.account, sizeof(event.account), "bob'\n\xfe");
	snprintf(event.exten, sizeof(event.exten), "100");
	snprintf(event.context, sizeof(event.context), "phones");
	snprintf(event.rule, sizeof(event.rule), "kernel_at=10");
	snprintf(event.who, sizeof(event.who), "root");
	snprintf(event.text, sizeof(event.text), "a fact");
	return event;
}

struct events {
	uint32_t count;
	uint64_t salts[STORE_EVENTS_MAX + 10];
	struct model_event last;
};

static void on_event(void *owner, const struct model_event *event)
{
	struct events *events = owner;

	CHECK_TRUE(events->count < TG_COUNT(events->salts));
	events->salts[events->count++] = event->id.salt;
	events->last = *event;
}

static struct events events;

static uint32_t events_in(struct store *store, const struct store_events *wanted)
{
	events.count = 0;
	CHECK_INT(store_each_event(store, wanted, on_event, &events), STORE_OK);
	return events.count;
}

static void put_event(struct store *store, uint64_t number, const char *remote, uint32_t bits)
{
	struct model_event event = event_of(number, remote);

	event.bits = bits;
	CHECK_INT(store_put_event(store, &event), STORE_OK);
}

static void test_an_event_comes_back_as_it_was(void **state)
{
	const struct model_event event = event_of(5, "[2001:db8::5]:4570");
	struct store *store = database_open();

	(void)state;
	CHECK_INT(store_put_event(store, &event), STORE_OK);
	CHECK_INT(store_put_event(store, &event), STORE_OK); /* repeated: kept once */
	store = database_again(store);
	CHECK_UINT(events_in(store, &(struct store_events){ 0 }), 1);
	CHECK_TRUE(memcmp(&events.last, &event, sizeof(event)) == 0);
	store_close(store);
}

static void test_events_are_found_by_id_and_by_network(void **state)
{
	static const struct {
		const char *name, *addr;
		uint32_t bits, limit, want;
		uint64_t first;
	} cases[] = {
		{ "all", NULL, 0, 0, 7, 7 },
		{ "the newest", NULL, 0, 2, 2, 7 },
		{ "one address, whatever the port", "192.0.2.7", 32, 0, 2, 2 },
		{ "its network", "192.0.2.0", 24, 0, 3, 3 },
		{ "the newest of its network", "192.0.2.0", 24, 1, 1, 3 },
		{ "a host inside a network that an event is about", "2001:db8:1:2::77", 128, 0, 1, 5 },
		{ "a wider network", "2001:db8::", 32, 0, 2, 6 },
		{ "nobody", "198.51.100.1", 32, 0, 0, 0 },
		{ "everybody of a family", "0.0.0.0", 0, 0, 4, 4 },
	};
	struct store *store = database_open();

	(void)state;
	put_event(store, 1, "192.0.2.7:4569", 0);
	put_event(store, 2, "192.0.2.7:5000", 0);
	put_event(store, 3, "192.0.2.8:4569", 0);
	put_event(store, 4, "203.0.113.5:4569", 0);
	put_event(store, 5, "2001:db8:1:2::", 64);
	put_event(store, 6, "[2001:db8:1:3::1]:4569", 0);
	put_event(store, 7, NULL, 0);
	for (size_t i = 0; i < TG_COUNT(cases); i++) {
		struct store_events wanted = { .bits = cases[i].bits, .limit = cases[i].limit };

		wanted.addr = cases[i].addr != NULL ? addr_of(cases[i].addr) : (struct tg_addr){ 0 };
		print_message("# %s\n", cases[i].name);
		CHECK_UINT(events_in(store, &wanted), cases[i].want);
		CHECK_UINT(events.count > 0 ? events.salts[0] : 0, cases[i].first);
	}
	CHECK_UINT(events_in(store, &(struct store_events){ .id = { UINT64_MAX - 3, 3 } }), 1);
	CHECK_UINT(events.salts[0], 3);
	CHECK_UINT(events_in(store, &(struct store_events){ .id = { UINT64_MAX - 3, 4 } }), 0);
	store_close(store);
}

static void test_the_newest_events_are_kept(void **state)
{
	struct store *store = database_open();

	(void)state;
	for (uint64_t i = 1; i <= STORE_EVENTS_MAX + 5; i++) {
		put_event(store, i, "192.0.2.7:4569", 0);
	}
	store = database_again(store);
	CHECK_UINT(events_in(store, &(struct store_events){ 0 }), STORE_EVENTS_MAX);
	CHECK_UINT(events.salts[0], STORE_EVENTS_MAX + 5);
	CHECK_UINT(events.salts[STORE_EVENTS_MAX - 1], 6);
	store_close(store);
}

/* ---- The audit log ---- */

struct audits {
	uint32_t count;
	struct model_audit rows[4];
};

static void on_audit(void *owner, const struct model_audit *audit)
{
	struct audits *audits = owner;

	CHECK_TRUE(audits->count < TG_COUNT(audits->rows));
	audits->rows[audits->count++] = *audit;
}

static void test_the_audit_log_only_grows(void **state)
{
	const struct model_audit first = { 1, 0, 0, "guard ban 192.0.2.7 reason x", "done" };
	const struct model_audit second = { 2, UINT32_MAX, 1, "guard unban 192.0.2.8 reason y", "it was not banned" };
	struct audits audits = { .count = 0 };
	struct store *store = database_open();

	(void)state;
	CHECK_INT(store_put_audit(store, &first), STORE_OK);
	CHECK_INT(store_put_audit(store, &second), STORE_OK);
	store = database_again(store);
	CHECK_TRUE(database_by_hand("DELETE FROM audit") != SQLITE_OK);
	CHECK_TRUE(database_by_hand("UPDATE audit SET uid = 5") != SQLITE_OK);
	CHECK_INT(store_each_audit(store, 0, on_audit, &audits), STORE_OK);
	CHECK_UINT(audits.count, 2);
	CHECK_TRUE(memcmp(&audits.rows[0], &second, sizeof(second)) == 0);
	CHECK_TRUE(memcmp(&audits.rows[1], &first, sizeof(first)) == 0);
	audits.count = 0;
	CHECK_INT(store_each_audit(store, 1, on_audit, &audits), STORE_OK);
	CHECK_UINT(audits.count, 1);
	store_close(store);
}

/* ---- What others did to the file ---- */

static void test_damaged_rows_are_left_out(void **state)
{
	static const char *const damage[] = {
		"UPDATE ban SET kind = 2 WHERE base = '192.0.2.1'",
		"UPDATE ban SET base = 'nonsense' WHERE base = '192.0.2.2'",
		"UPDATE ban SET bits = 33 WHERE base = '192.0.2.3'",
		"UPDATE ban SET reason = -1 WHERE base = '192.0.2.4'",
		"UPDATE guard_account SET prefixes = x'00' WHERE name = 'a'",
		"UPDATE guard_account SET prefix_count = 17 WHERE name = 'b'",
		"UPDATE guard_account SET networks = randomblob(length(networks)) WHERE name = 'c'",
		"UPDATE event SET kind = 4096 WHERE event_salt = 1",
		"UPDATE event SET validated = 2 WHERE event_salt = 2",
		"UPDATE event SET class = -9223372036854775808 WHERE event_salt = 3",
	};
	static const char *const bases[] = { "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5" };
	static const char *const names[] = { "a", "b", "c", "d" };
	struct store *store = database_open();

	(void)state;
	for (size_t i = 0; i < TG_COUNT(bases); i++) {
		const struct model_ban ban = ban_of(bases[i], 32, MODEL_BAN, 0);

		put_ban(store, &ban, 1);
	}
	for (size_t i = 0; i < TG_COUNT(names); i++) {
		const struct model_guard_account account = account_of(names[i]);

		CHECK_INT(store_put_account(store, &account), STORE_OK);
	}
	for (uint64_t i = 1; i <= 4; i++) {
		put_event(store, i, "192.0.2.7:4569", 0);
	}
	store = database_again(store);
	for (size_t i = 0; i < TG_COUNT(damage); i++) {
		print_message("# %s\n", damage[i]);
		CHECK_INT(database_by_hand(damage[i]), SQLITE_OK);
	}
	CHECK_UINT(bans_at(store, 0).count, 1);
	CHECK_TEXT(accounts_in(store).last.name, "d");
	CHECK_UINT(accounts_in(store).count, 1);
	CHECK_UINT(events_in(store, &(struct store_events){ 0 }), 1);
	CHECK_UINT(events.salts[0], 4);
	store_close(store);
}

static void on_record(void *owner, const struct model_call_record *record, const struct model_paid *paid)
{
	(void)paid;
	*(uint64_t *)owner = record->unique;
}

/* Back to the second version. */
#define NOTHING_PAID                                                                                        \
	"DROP INDEX call_record_paid; ALTER TABLE call_record DROP COLUMN paid;"                            \
	"ALTER TABLE call_record DROP COLUMN paid_class; ALTER TABLE call_record DROP COLUMN paid_why;"     \
	"ALTER TABLE call_record DROP COLUMN paid_guest; ALTER TABLE call_record DROP COLUMN paid_seconds;" \
	"ALTER TABLE call_record DROP COLUMN paid_day; ALTER TABLE call_record DROP COLUMN paid_month;"     \
	"ALTER TABLE call_record DROP COLUMN paid_rule;"

/* The first version had call records and registrations only. */
static void test_an_older_database_is_brought_up_to_date(void **state)
{
	const struct model_call_record record = { .unique = 77, .caller = "alice" };
	const struct model_ban ban = ban_of("192.0.2.7", 32, MODEL_BAN, 0);
	struct store *store = database_open();
	uint64_t unique = 0;

	(void)state;
	CHECK_INT(store_put_record(store, 1, 1, &record, NULL), STORE_OK);
	CHECK_INT(store_commit(store), STORE_OK);
	store_close(store);
	CHECK_INT(database_by_hand(NOTHING_PAID
	                           "DROP TABLE ban; DROP TABLE guard_account; DROP TABLE event; DROP TABLE audit;"
	                           "PRAGMA user_version = 1"),
	          SQLITE_OK);
	store = database_open();
	put_ban(store, &ban, 1);
	store = database_again(store);
	CHECK_UINT(bans_at(store, 1).count, 1);
	CHECK_INT(store_each_record(store, 0, on_record, &unique), STORE_OK);
	CHECK_UINT(unique, 77);
	store_close(store);
}

/* Records of before are of calls that cost nothing, as far as is known. */
static void on_paid(void *owner, const struct model_call_record *record, const struct model_paid *paid)
{
	(void)record;
	*(struct model_paid *)owner = *paid;
}

static void test_paid_calls_come_to_an_older_database(void **state)
{
	const struct model_call_record record = { .unique = 77, .caller = "alice" };
	struct model_paid paid = { .seconds = 9 };
	struct store *store = database_open();

	(void)state;
	CHECK_INT(store_put_record(store, 1, 1, &record, NULL), STORE_OK);
	CHECK_INT(store_commit(store), STORE_OK);
	store_close(store);
	CHECK_INT(database_by_hand(NOTHING_PAID "PRAGMA user_version = 2"), SQLITE_OK);
	store = database_open();
	CHECK_INT(store_each_record(store, 0, on_paid, &paid), STORE_OK);
	CHECK_UINT(paid.seconds, 0);
	CHECK_TEXT(paid.rule, "");
	paid = (struct model_paid){ .chargeable = 1, .class = 9, .seconds = 30, .rule = "[x] allow=all, t:1" };
	CHECK_INT(store_put_record(store, 1, 2, &record, &paid), STORE_OK);
	store = database_again(store);
	paid = (struct model_paid){ 0 };
	CHECK_INT(store_each_record(store, 1, on_paid, &paid), STORE_OK);
	CHECK_UINT(paid.seconds, 30);
	CHECK_TEXT(paid.rule, "[x] allow=all, t:1");
	store_close(store);
}

/* Half a step is none: the file stays of the version it was. */
static void test_an_upgrade_that_fails_changes_nothing(void **state)
{
	char why[STORE_WHY_BYTES] = "";

	(void)state;
	store_close(database_open());
	CHECK_INT(
		database_by_hand(NOTHING_PAID
	                         "DROP TABLE ban; DROP TABLE guard_account; DROP TABLE event; PRAGMA user_version = 1"),
		SQLITE_OK);
	CHECK_TRUE(store_open(database_path(), why) == NULL);
	CHECK_TRUE(strstr(why, "cannot be made") != NULL);
	CHECK_INT(database_by_hand("SELECT * FROM ban"), SQLITE_ERROR);
	CHECK_INT(database_by_hand("DROP TABLE audit"), SQLITE_OK);
	store_close(database_open());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_bans_come_back_until_they_end, database_fresh),
		cmocka_unit_test_setup(test_what_a_wrong_clock_ends_is_not_forgotten, database_fresh),
		cmocka_unit_test_setup(test_steps_of_bans_are_remembered, database_fresh),
		cmocka_unit_test_setup(test_what_is_not_named_is_forgotten, database_fresh),
		cmocka_unit_test_setup(test_a_ban_is_replaced_and_taken_back, database_fresh),
		cmocka_unit_test_setup(test_accounts_come_back_as_they_were, database_fresh),
		cmocka_unit_test_setup(test_an_account_without_a_past_is_forgotten, database_fresh),
		cmocka_unit_test_setup(test_too_many_accounts_cost_no_known_network, database_fresh),
		cmocka_unit_test_setup(test_an_event_comes_back_as_it_was, database_fresh),
		cmocka_unit_test_setup(test_events_are_found_by_id_and_by_network, database_fresh),
		cmocka_unit_test_setup(test_the_newest_events_are_kept, database_fresh),
		cmocka_unit_test_setup(test_the_audit_log_only_grows, database_fresh),
		cmocka_unit_test_setup(test_damaged_rows_are_left_out, database_fresh),
		cmocka_unit_test_setup(test_an_older_database_is_brought_up_to_date, database_fresh),
		cmocka_unit_test_setup(test_paid_calls_come_to_an_older_database, database_fresh),
		cmocka_unit_test_setup(test_an_upgrade_that_fails_changes_nothing, database_fresh),
	};

	return cmocka_run_group_tests(tests, database_setup, database_teardown);
}
