/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "database.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static struct model_call_record record_of(uint64_t number)
{
	struct model_call_record record = {
		.unique = number,
		.started_ms = 1785933296000 + number,
		.answered_ms = 1785933297000 + number,
		.ended_ms = 1785933298000 + number,
		.caller_addr = tg_addr_ipv4((const uint8_t[]){ 192, 0, 2, 7 }, 4569),
		.callee_addr = tg_addr_ipv6((const uint8_t[16]){ 0x20, 1, 0xd, 0xb8, [15] = 9 }, 4570),
		.format = UINT64_C(1) << 40,
		.disposition = MODEL_BUSY,
		.cause = 17,
		.from_caller = { 1, 2, 3, 4, 5, 6 },
		.from_callee = { 7, 8, 9, 10, 11, UINT32_MAX },
		.caller_rtt_ms = 21,
		.callee_rtt_ms = 22,
	};

	snprintf(record.caller, sizeof(record.caller), "%s", "alice'); DROP TABLE call_record; --");
	snprintf(record.caller_number, sizeof(record.caller_number), "100");
	snprintf(record.dialled, sizeof(record.dialled), "200");
	snprintf(record.context, sizeof(record.context), "phones");
	snprintf(record.callee, sizeof(record.callee), "bob");
	snprintf(record.last_app, sizeof(record.last_app), "Dial");
	memset(record.accountcode, 'x', sizeof(record.accountcode) - 1);
	return record;
}

struct seen {
	uint32_t count;
	uint64_t uniques[65536];
	struct model_call_record last;
	struct model_paid paid;
};

static void on_record(void *owner, const struct model_call_record *record, const struct model_paid *paid)
{
	struct seen *seen = owner;

	CHECK_TRUE(seen->count < TG_COUNT(seen->uniques));
	seen->uniques[seen->count++] = record->unique;
	seen->last = *record;
	seen->paid = *paid;
}

static void test_a_record_comes_back_as_it_was(void **state)
{
	const struct model_call_record record = record_of(5);
	const struct model_paid paid = {
		1, 13, MODEL_WHY_PAID_LONGEST, 1, 77, 20833, 684, 0, "[office] longest=4h, t:9"
	};
	static struct seen seen;
	struct store *store = database_open();

	(void)state;
	CHECK_INT(store_put_record(store, UINT64_MAX, 1, &record, &paid), STORE_OK);
	CHECK_INT(store_commit(store), STORE_OK);
	store_close(store);
	store = database_open();
	seen.count = 0;
	CHECK_INT(store_each_record(store, 0, on_record, &seen), STORE_OK);
	CHECK_UINT(seen.count, 1);
	CHECK_TRUE(memcmp(&seen.last, &record, sizeof(record)) == 0);
	CHECK_TRUE(memcmp(&seen.paid, &paid, sizeof(paid)) == 0);
	store_close(store);
}

static void test_a_repeated_record_is_kept_once(void **state)
{
	const struct model_call_record first = record_of(1), second = record_of(2), third = record_of(3);
	static struct seen seen;
	struct store *store = database_open();

	(void)state;
	CHECK_INT(store_put_record(store, 7, 1, &first, NULL), STORE_OK);
	CHECK_INT(store_put_record(store, 7, 1, &first, NULL), STORE_OK);
	CHECK_INT(store_commit(store), STORE_OK);
	CHECK_INT(store_put_record(store, 7, 1, &first, NULL), STORE_OK);
	CHECK_INT(store_put_record(store, 7, 2, &second, NULL), STORE_OK);
	CHECK_INT(store_put_record(store, 8, 1, &third, NULL), STORE_OK);
	CHECK_INT(store_commit(store), STORE_OK);
	CHECK_INT(store_commit(store), STORE_OK);
	seen.count = 0;
	CHECK_INT(store_each_record(store, 0, on_record, &seen), STORE_OK);
	CHECK_UINT(seen.count, 3);
	CHECK_UINT(seen.uniques[0], 3); /* newest first */
	CHECK_UINT(seen.uniques[2], 1);
	seen.count = 0;
	CHECK_INT(store_each_record(store, 2, on_record, &seen), STORE_OK);
	CHECK_UINT(seen.count, 2);
	store_close(store);
}

/* ---- Paid calls -------------------------------------------------------------------------------------------------- */

struct usages {
	uint32_t count;
	struct model_usage rows[16];
};

static void on_usage(void *owner, const struct model_usage *usage)
{
	struct usages *usages = owner;

	CHECK_TRUE(usages->count < TG_COUNT(usages->rows));
	usages->rows[usages->count++] = *usage;
}

static void check_usage(const struct usages *usages, uint32_t at, const char *name, uint32_t role, uint32_t class,
                        uint32_t day_s, uint32_t month_s)
{
	CHECK_TRUE(at < usages->count);
	CHECK_TEXT(usages->rows[at].name, name);
	CHECK_UINT(usages->rows[at].role, role);
	CHECK_UINT(usages->rows[at].class, class);
	CHECK_UINT(usages->rows[at].day_s, day_s);
	CHECK_UINT(usages->rows[at].month_s, month_s);
}

static void put_paid(struct store *store, const char *caller, const struct model_paid *paid)
{
	static uint64_t sequence = 1000;
	struct model_call_record record = record_of(sequence);

	snprintf(record.caller, sizeof(record.caller), "%s", caller);
	snprintf(record.callee, sizeof(record.callee), "provider");
	CHECK_INT(store_put_record(store, 3, sequence++, &record, paid), STORE_OK);
}

static void test_what_paid_calls_used_up_is_summed(void **state)
{
	struct usages usages = { .count = 0 };
	struct store *store = database_open();

	(void)state;
	CHECK_INT(store_each_usage(store, on_usage, &usages), STORE_OK);
	CHECK_UINT(usages.count, 0);
	put_paid(store, "alice",
	         &(struct model_paid){ .class = 3, .seconds = 1000, .day = 99, .month = 6 }); /* last month */
	put_paid(store, "alice", &(struct model_paid){ .class = 3, .seconds = 10, .day = 100, .month = 7 });
	put_paid(store, "alice", &(struct model_paid){ .class = 3, .seconds = 20, .day = 101, .month = 7 });
	put_paid(store, "alice", &(struct model_paid){ .class = 3, .seconds = 1, .day = 101, .month = 7 });
	put_paid(store, "alice", &(struct model_paid){ .class = 8, .seconds = 5, .day = 100, .month = 7 });
	put_paid(store, "alice", &(struct model_paid){ .class = 8, .chargeable = 1, .day = 101, .month = 7 });
	put_paid(store, "door", &(struct model_paid){ .class = 3, .seconds = 4, .day = 101, .month = 7, .guest = 1 });
	put_paid(store, "hall", &(struct model_paid){ .class = 3, .seconds = 3, .day = 101, .month = 7, .guest = 1 });
	CHECK_INT(store_each_usage(store, on_usage, &usages), STORE_OK);
	CHECK_UINT(usages.count, 5);
	check_usage(&usages, 0, "", 1, 3, 7, 7);
	check_usage(&usages, 1, "alice", 0, 3, 21, 31);
	check_usage(&usages, 2, "alice", 0, 8, 0, 5);
	check_usage(&usages, 3, "provider", 2, 3, 28, 38);
	check_usage(&usages, 4, "provider", 2, 8, 0, 5);
	CHECK_UINT(usages.rows[1].day_calls, 2);
	CHECK_UINT(usages.rows[2].day_calls, 0);
	CHECK_UINT(usages.rows[3].day_calls, 4);
	for (uint32_t i = 0; i < usages.count; i++) {
		CHECK_UINT(usages.rows[i].day, 101);
		CHECK_UINT(usages.rows[i].month, 7);
	}
	store_close(store);
}

static void test_what_was_not_committed_is_not_there(void **state)
{
	const struct model_call_record record = record_of(1);
	static struct seen seen;
	struct store *store = database_open();

	(void)state;
	CHECK_INT(store_put_record(store, 7, 1, &record, NULL), STORE_OK);
	store_close(store);
	store = database_open();
	seen.count = 0;
	CHECK_INT(store_each_record(store, 0, on_record, &seen), STORE_OK);
	CHECK_UINT(seen.count, 0);
	store_close(store);
}

struct bindings {
	uint32_t count;
	struct model_binding rows[8];
};

static void on_binding(void *owner, const struct model_binding *binding)
{
	struct bindings *bindings = owner;

	CHECK_TRUE(bindings->count < TG_COUNT(bindings->rows));
	bindings->rows[bindings->count++] = *binding;
}

static struct model_binding binding_of(const char *name, uint16_t port, uint64_t expires_ms)
{
	struct model_binding binding = {
		.addr = tg_addr_ipv4((const uint8_t[]){ 192, 0, 2, 7 }, port),
		.local = tg_addr_ipv4((const uint8_t[]){ 127, 0, 0, 1 }, 4569),
		.expires_ms = expires_ms,
		.refresh_s = 60,
	};

	snprintf(binding.name, sizeof(binding.name), "%s", name);
	return binding;
}

static void put_binding(struct store *store, const char *name, uint16_t port, uint64_t expires_ms)
{
	const struct model_binding binding = binding_of(name, port, expires_ms);

	CHECK_INT(store_put_binding(store, &binding), STORE_OK);
}

static void test_registrations_are_replaced_forgotten_and_expire(void **state)
{
	const struct model_binding want = binding_of("bob", 2, 2000);
	struct bindings bindings = { .count = 0 };
	struct store *store = database_open();

	(void)state;
	put_binding(store, "bob", 1, 2000);
	put_binding(store, "bob", 2, 2000);
	put_binding(store, "alice", 3, 999);
	put_binding(store, "carol", 4, 3000);
	put_binding(store, "carol", 4, 0);
	put_binding(store, "never there", 4, 0);
	CHECK_INT(store_commit(store), STORE_OK);
	store_close(store);
	store = database_open();
	CHECK_INT(store_each_binding(store, 1000, on_binding, &bindings), STORE_OK);
	CHECK_UINT(bindings.count, 1);
	CHECK_TRUE(memcmp(&bindings.rows[0], &want, sizeof(want)) == 0);
	store_close(store);
}

/* Writes record after record, a few to a commit, and tells each number only after its commit. */
static void write_until_killed(int tell_fd, uint64_t first)
{
	char why[STORE_WHY_BYTES];
	struct store *store = store_open(database_path(), why);

	for (uint64_t number = first; store != NULL; number++) {
		const struct model_call_record record = record_of(number);

		if (store_put_record(store, 1, number, &record, NULL) != STORE_OK) {
			break;
		}
		if (number % 7 == 0 &&
		    (store_commit(store) != STORE_OK || write(tell_fd, &number, sizeof(number)) < 0)) {
			break;
		}
	}
	_exit(1);
}

static uint64_t kill_in_the_middle(uint64_t first, useconds_t after_us)
{
	uint64_t told = first - 1, number;
	int ends[2];

	CHECK_INT(pipe(ends), 0);
	const pid_t pid = fork();

	if (pid == 0) {
		close(ends[0]);
		write_until_killed(ends[1], first);
	}
	close(ends[1]);
	/* On a busy machine it takes a while to begin: the time counts from the first commit. */
	if (read(ends[0], &number, sizeof(number)) == (ssize_t)sizeof(number)) {
		told = number;
	}
	usleep(after_us);
	CHECK_INT(kill(pid, SIGKILL), 0);
	CHECK_INT(waitpid(pid, NULL, 0), pid);
	while (read(ends[0], &number, sizeof(number)) == (ssize_t)sizeof(number)) {
		told = number;
	}
	close(ends[0]);
	return told;
}

static uint64_t highest(void)
{
	static struct seen seen;
	struct store *store = database_open();

	seen.count = 0;
	CHECK_INT(store_each_record(store, 0, on_record, &seen), STORE_OK);
	for (uint32_t i = 0; i < seen.count; i++) {
		CHECK_UINT(seen.uniques[i], seen.count - i); /* no hole and none twice */
	}
	store_close(store);
	return seen.count;
}

static void test_nothing_acknowledged_is_lost_by_sigkill(void **state)
{
	uint64_t next = 1, told_of_all = 0;

	(void)state;
	for (unsigned round = 0; round < 12; round++) {
		const uint64_t told = kill_in_the_middle(next, round * 1777);
		const uint64_t there = highest();

		CHECK_TRUE(there >= told);
		told_of_all = told;
		/* As the engine does: what was not acknowledged is sent again, though it may be there. */
		next = told + 1;
	}
	CHECK_TRUE(told_of_all > 0);
}

static void foreign(const char *sql)
{
	CHECK_INT(database_by_hand(sql), SQLITE_OK);
}

static void check_refused(const char *because)
{
	char why[STORE_WHY_BYTES] = "";

	CHECK_TRUE(store_open(database_path(), why) == NULL);
	CHECK_TRUE(strncmp(why, database_path(), strlen(database_path())) == 0);
	if (strstr(why, because) == NULL) {
		CHECK_TEXT(why, because);
	}
}

static void test_files_that_are_not_ours_are_refused(void **state)
{
	(void)state;
	foreign("CREATE TABLE other (x)");
	check_refused("another program");
	database_remove();
	store_close(database_open());
	foreign("PRAGMA user_version = 4");
	check_refused("newer version");
	database_remove();
	FILE *file = fopen(database_path(), "we");

	CHECK_TRUE(file != NULL);
	for (int i = 0; i < 1000; i++) {
		fputs("this is no database ", file);
	}
	fclose(file);
	check_refused("not a database");
}

static void test_a_folder_that_is_missing_is_told(void **state)
{
	char why[STORE_WHY_BYTES] = "";

	(void)state;
	CHECK_TRUE(store_open("/nowhere/at/all/tollgate.db", why) == NULL);
	CHECK_TRUE(strstr(why, "/nowhere/at/all/tollgate.db: ") == why);
}

static void test_settings_are_as_promised(void **state)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *statement = NULL;
	struct store *store = database_open();

	(void)state;
	CHECK_INT(sqlite3_open(database_path(), &db), SQLITE_OK);
	CHECK_INT(sqlite3_prepare_v2(db, "PRAGMA journal_mode", -1, &statement, NULL), SQLITE_OK);
	CHECK_INT(sqlite3_step(statement), SQLITE_ROW);
	CHECK_TEXT((const char *)sqlite3_column_text(statement, 0), "wal");
	sqlite3_finalize(statement);
	/* STRICT: a text in a number's column is refused */
	CHECK_TRUE(sqlite3_exec(db, "INSERT INTO binding VALUES ('a', 'b', 'c', 'soon', 1)", NULL, NULL, NULL) !=
	           SQLITE_OK);
	sqlite3_close(db);
	store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_a_record_comes_back_as_it_was, database_fresh),
		cmocka_unit_test_setup(test_a_repeated_record_is_kept_once, database_fresh),
		cmocka_unit_test_setup(test_what_paid_calls_used_up_is_summed, database_fresh),
		cmocka_unit_test_setup(test_what_was_not_committed_is_not_there, database_fresh),
		cmocka_unit_test_setup(test_registrations_are_replaced_forgotten_and_expire, database_fresh),
		cmocka_unit_test_setup(test_nothing_acknowledged_is_lost_by_sigkill, database_fresh),
		cmocka_unit_test_setup(test_files_that_are_not_ours_are_refused, database_fresh),
		cmocka_unit_test_setup(test_a_folder_that_is_missing_is_told, database_fresh),
		cmocka_unit_test_setup(test_settings_are_as_promised, database_fresh),
	};

	return cmocka_run_group_tests(tests, database_setup, database_teardown);
}
