/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "base/log.h"
#include "ipc/msg.h"

/* Who may send what to whom, said a second time: from -> to, by their first letters. */
static const struct {
	enum ipc_kind kind;
	const char *ways;
	bool has_descriptor;
} rows[] = {
	{ IPC_CHANNEL, "pe pv ps pd pf", true },
	{ IPC_WORLD, "lp pl pe pd", true },
	{ IPC_PROMPTS, "lp pl pe", true },
	{ IPC_SECRETS, "lp pl pv", true },
	{ IPC_LISTEN, "lp", false },
	{ IPC_SOCKET, "pe", true },
	{ IPC_OUTBOX, "pe", true },
	{ IPC_LISTENER, "pd", true },
	{ IPC_METRICS, "pd", true },
	{ IPC_METRICS_OFF, "pd", false },
	{ IPC_READY, "ep vp sp dp fp", false },
	{ IPC_STOP, "pe pv ps pd pf", false },
	{ IPC_LOG, "pe pv ps pd pf", false },
	{ IPC_STOPPED, "ep", false },
	{ IPC_BREACH, "ep vp sp dp fp", false },
	{ IPC_CHALLENGE_ASK, "ev", false },
	{ IPC_CHALLENGE, "ve", false },
	{ IPC_VERIFY_ASK, "ev", false },
	{ IPC_VERDICT, "ve", false },
	{ IPC_RESPOND_ASK, "ev", false },
	{ IPC_RESPONSE, "ve", false },
	{ IPC_CALL_RECORD, "es", false },
	{ IPC_RECORD_KEPT, "se", false },
	{ IPC_BINDING, "es se", false },
	{ IPC_BINDINGS_END, "se", false },
	{ IPC_USAGE, "se", false },
	{ IPC_QUERY, "dp de ds", false },
	{ IPC_ROWS_END, "pd ed sd", false },
	{ IPC_PEER_ROW, "ed", false },
	{ IPC_CHANNEL_ROW, "ed", false },
	{ IPC_REGISTRY_ROW, "ed", false },
	{ IPC_NUMBERS_ROW, "ed", false },
	{ IPC_COUNTER_ROW, "ed", false },
	{ IPC_PROCESS_ROW, "pd", false },
	{ IPC_RECORD_ROW, "sd", false },
	{ IPC_COMMAND, "dp", false },
	{ IPC_TEXT, "lp pd ed", false },
	{ IPC_DONE, "lp pd ed", false },
	{ IPC_EVENT, "es ps", false },
	{ IPC_BAN, "es ef se", false },
	{ IPC_BANS_ANEW, "es ef", false },
	{ IPC_BANS_ALL, "es ef", false },
	{ IPC_GUARD_ACCOUNT, "es se", false },
	{ IPC_GUARD_END, "se", false },
	{ IPC_FENCE_STATE, "fe", false },
	{ IPC_FENCE_PORTS, "pf", false },
	{ IPC_GUARD_DO, "de", false },
	{ IPC_ENGINE_DO, "de", false },
	{ IPC_TRACE, "ed", false },
	{ IPC_AUDIT, "ds", false },
	{ IPC_EVENT_ROW, "sd", false },
	{ IPC_AUDIT_ROW, "sd", false },
	{ IPC_BAN_ROW, "ed", false },
	{ IPC_SOURCE_ROW, "ed", false },
	{ IPC_ACCOUNT_ROW, "ed", false },
	{ IPC_BUDGET_ROW, "ed", false },
	{ IPC_USAGE_ROW, "ed", false },
};

#define X(kind, type) [kind] = sizeof(type),
static const size_t sizes[IPC_KIND_COUNT] = { IPC_KINDS(X) };
#undef X

static bool is_listed(const char *ways, enum ipc_proc from, enum ipc_proc to)
{
	const char way[] = { ipc_proc_name(from)[0], ipc_proc_name(to)[0], '\0' };

	return strstr(ways, way) != NULL;
}

static void test_each_kind_goes_its_ways_and_no_other(void **state)
{
	(void)state;
	CHECK_UINT(TG_COUNT(rows), IPC_KIND_COUNT);
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		const union ipc_any record = { .head.kind = rows[i].kind };

		CHECK_INT(ipc_has_descriptor(rows[i].kind), rows[i].has_descriptor);
		for (unsigned way = 0; way < PROCS * PROCS; way++) {
			const enum ipc_proc from = way / PROCS, to = way % PROCS;
			const bool may = ipc_check(from, to, &record, sizes[rows[i].kind]) == NULL;

			if (may != is_listed(rows[i].ways, from, to)) {
				print_error("%s from %s to %s\n", ipc_kind_name(rows[i].kind), ipc_proc_name(from),
				            ipc_proc_name(to));
			}
			CHECK_INT(may, is_listed(rows[i].ways, from, to));
		}
	}
}

/* The first way a kind may go. */
static const char *check_on_its_way(const union ipc_any *record, size_t size_bytes)
{
	for (unsigned way = 0; way < PROCS * PROCS; way++) {
		const union ipc_any plain = { .head.kind = record->head.kind };

		if (ipc_check(way / PROCS, way % PROCS, &plain, sizes[record->head.kind]) == NULL) {
			return ipc_check(way / PROCS, way % PROCS, record, size_bytes);
		}
	}
	return "no way";
}

static void test_another_size_is_a_breach(void **state)
{
	(void)state;
	for (uint32_t kind = 0; kind < IPC_KIND_COUNT; kind++) {
		const union ipc_any record = { .head.kind = kind };

		CHECK_TEXT(check_on_its_way(&record, sizes[kind]), NULL);
		CHECK_TRUE(check_on_its_way(&record, sizes[kind] - 1) != NULL);
		CHECK_TRUE(check_on_its_way(&record, sizes[kind] + 1) != NULL);
		CHECK_TRUE(check_on_its_way(&record, sizeof(struct ipc_head)) != NULL);
	}
	const union ipc_any record = { .head.kind = IPC_READY };

	CHECK_TRUE(ipc_check(PROC_ENGINE, PROC_PARENT, &record, 0) != NULL);
	CHECK_TRUE(ipc_check(PROC_ENGINE, PROC_PARENT, &record, 7) != NULL);
}

static void test_unknown_kinds_and_processes_are_breaches(void **state)
{
	const union ipc_any unknown = { .head.kind = IPC_KIND_COUNT }, far = { .head.kind = UINT32_MAX };
	const union ipc_any reserved = { .head = { IPC_READY, 1 } };

	(void)state;
	CHECK_TRUE(ipc_check(PROC_ENGINE, PROC_PARENT, &unknown, sizeof(struct ipc_plain)) != NULL);
	CHECK_TRUE(ipc_check(PROC_ENGINE, PROC_PARENT, &far, sizeof(struct ipc_plain)) != NULL);
	CHECK_TRUE(ipc_check(PROC_ENGINE, PROC_PARENT, &reserved, sizeof(struct ipc_plain)) != NULL);
	CHECK_TEXT(ipc_kind_name(IPC_KIND_COUNT), "?");
	CHECK_TEXT(ipc_kind_name(IPC_WORLD), "IPC_WORLD");
}

#define FIELD(kind, type, field)                                                                           \
	{                                                                                                  \
		kind, offsetof(struct type, field), sizeof(((struct type *)NULL)->field), #type "." #field \
	}

struct place {
	enum ipc_kind kind;
	size_t offset, size_bytes;
	const char *name;
};

static const struct place texts[] = {
	FIELD(IPC_BREACH, ipc_breach, why),
	FIELD(IPC_VERIFY_ASK, ipc_verify_ask, name),
	FIELD(IPC_RESPOND_ASK, ipc_respond_ask, name),
	FIELD(IPC_CALL_RECORD, ipc_call_record, record.caller),
	FIELD(IPC_CALL_RECORD, ipc_call_record, record.caller_number),
	FIELD(IPC_CALL_RECORD, ipc_call_record, record.dialled),
	FIELD(IPC_CALL_RECORD, ipc_call_record, record.context),
	FIELD(IPC_CALL_RECORD, ipc_call_record, record.callee),
	FIELD(IPC_CALL_RECORD, ipc_call_record, record.last_app),
	FIELD(IPC_CALL_RECORD, ipc_call_record, record.accountcode),
	FIELD(IPC_RECORD_ROW, ipc_record_row, record.caller),
	FIELD(IPC_RECORD_ROW, ipc_record_row, record.accountcode),
	FIELD(IPC_BINDING, ipc_binding, binding.name),
	FIELD(IPC_PEER_ROW, ipc_peer_row, name),
	FIELD(IPC_CHANNEL_ROW, ipc_channel_row, channel),
	FIELD(IPC_CHANNEL_ROW, ipc_channel_row, user),
	FIELD(IPC_CHANNEL_ROW, ipc_channel_row, context),
	FIELD(IPC_CHANNEL_ROW, ipc_channel_row, exten),
	FIELD(IPC_CHANNEL_ROW, ipc_channel_row, app),
	FIELD(IPC_CHANNEL_ROW, ipc_channel_row, app_args),
	FIELD(IPC_CHANNEL_ROW, ipc_channel_row, bridged_to),
	FIELD(IPC_CHANNEL_ROW, ipc_channel_row, state),
	FIELD(IPC_CHANNEL_ROW, ipc_channel_row, first_msg),
	FIELD(IPC_CHANNEL_ROW, ipc_channel_row, last_msg),
	FIELD(IPC_CHANNEL_ROW, ipc_channel_row, kind),
	FIELD(IPC_REGISTRY_ROW, ipc_registry_row, host),
	FIELD(IPC_REGISTRY_ROW, ipc_registry_row, username),
	FIELD(IPC_REGISTRY_ROW, ipc_registry_row, state),
	FIELD(IPC_COUNTER_ROW, ipc_counter_row, name),
	FIELD(IPC_PROCESS_ROW, ipc_process_row, name),
	FIELD(IPC_LISTEN, ipc_listen, metrics.path),
	FIELD(IPC_TEXT, ipc_text, text),
};

static void test_a_text_without_its_end_is_a_breach(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(texts); i++) {
		union ipc_any record = { .head.kind = texts[i].kind };

		memset(record.bytes + texts[i].offset, 'x', texts[i].size_bytes - 1);
		CHECK_TEXT(check_on_its_way(&record, sizes[texts[i].kind]), NULL);
		record.bytes[texts[i].offset + texts[i].size_bytes - 1] = 'x';
		CHECK_TEXT(check_on_its_way(&record, sizes[texts[i].kind]), "a text without its end");
	}
}

static const struct place addrs[] = {
	FIELD(IPC_SOCKET, ipc_socket, local),
	FIELD(IPC_LISTEN, ipc_listen, binds[0]),
	FIELD(IPC_LISTEN, ipc_listen, metrics.addr),
	FIELD(IPC_LISTEN, ipc_listen, binds[IPC_BINDS_MAX - 1]),
	FIELD(IPC_CALL_RECORD, ipc_call_record, record.caller_addr),
	FIELD(IPC_CALL_RECORD, ipc_call_record, record.callee_addr),
	FIELD(IPC_BINDING, ipc_binding, binding.addr),
	FIELD(IPC_BINDING, ipc_binding, binding.local),
	FIELD(IPC_PEER_ROW, ipc_peer_row, addr),
	FIELD(IPC_CHANNEL_ROW, ipc_channel_row, peer),
	FIELD(IPC_REGISTRY_ROW, ipc_registry_row, perceived),
	FIELD(IPC_NUMBERS_ROW, ipc_numbers_row, addr),
};

static void test_an_address_that_is_none_is_a_breach(void **state)
{
	const struct tg_addr good[] = { tg_addr_ipv4((const uint8_t[]){ 192, 0, 2, 1 }, 4569),
		                        tg_addr_ipv6((const uint8_t[16]){ 0x20, 1 }, 4569) };
	struct tg_addr bad[] = { good[0], good[0], good[0], good[1] };

	(void)state;
	bad[0].family = 5;
	bad[1].zero[4] = 1;
	bad[2].ip[3] = 1;        /* IPv4, but not mapped */
	bad[3].family = TG_IPV4; /* so is this */
	for (size_t i = 0; i < TG_COUNT(addrs); i++) {
		union ipc_any record = { .head.kind = addrs[i].kind };

		for (size_t k = 0; k < TG_COUNT(good); k++) {
			memcpy(record.bytes + addrs[i].offset, &good[k], sizeof(good[k]));
			CHECK_TEXT(check_on_its_way(&record, sizes[addrs[i].kind]), NULL);
		}
		for (size_t k = 0; k < TG_COUNT(bad); k++) {
			memcpy(record.bytes + addrs[i].offset, &bad[k], sizeof(bad[k]));
			CHECK_TEXT(check_on_its_way(&record, sizes[addrs[i].kind]), "an address that is none");
		}
	}
}

static const struct {
	struct place at;
	uint32_t max;
} numbers[] = {
	{ FIELD(IPC_CHANNEL, ipc_channel, to), PROCS - 1 },
	{ FIELD(IPC_BREACH, ipc_breach, who), PROCS - 1 },
	{ FIELD(IPC_LISTEN, ipc_listen, bind_count), IPC_BINDS_MAX },
	{ FIELD(IPC_LISTEN, ipc_listen, threads), IPC_THREADS_MAX },
	{ FIELD(IPC_LISTEN, ipc_listen, tos), 255 },
	{ FIELD(IPC_LISTEN, ipc_listen, cos), 255 },
	{ FIELD(IPC_LISTEN, ipc_listen, metrics.kind), MODEL_LISTEN_KINDS - 1 },
	{ FIELD(IPC_PROCESS_ROW, ipc_process_row, last_load_failed), 1 },
	{ FIELD(IPC_REGISTRY_ROW, ipc_registry_row, is_registered), 1 },
	{ FIELD(IPC_COUNTER_ROW, ipc_counter_row, idle), 1 },
	{ FIELD(IPC_STOP, ipc_plain, value), IPC_STOPS - 1 },
	{ FIELD(IPC_LOG, ipc_plain, value), TG_LEVELS - 1 },
	{ FIELD(IPC_VERIFY_ASK, ipc_verify_ask, identity), IPC_IDENTITIES - 1 },
	{ FIELD(IPC_VERIFY_ASK, ipc_verify_ask, held), 1 },
	{ FIELD(IPC_RESPOND_ASK, ipc_respond_ask, identity), IPC_IDENTITIES - 1 },
	{ FIELD(IPC_RESPOND_ASK, ipc_respond_ask, challenge_bytes), 256 },
	{ FIELD(IPC_VERDICT, ipc_verdict, right), 1 },
	{ FIELD(IPC_RESPONSE, ipc_response, known), 1 },
	{ FIELD(IPC_CALL_RECORD, ipc_call_record, record.disposition), MODEL_DISPOSITIONS - 1 },
	{ FIELD(IPC_RECORD_ROW, ipc_record_row, record.disposition), MODEL_DISPOSITIONS - 1 },
	{ FIELD(IPC_QUERY, ipc_query, what), IPC_QUERY_WHATS - 1 },
	{ FIELD(IPC_COMMAND, ipc_command, what), IPC_COMMANDS - 1 },
};

static const char *check_number(const struct place *at, uint64_t value)
{
	union ipc_any record = { .head.kind = at->kind };
	const uint32_t half = (uint32_t)value;

	memcpy(record.bytes + at->offset, at->size_bytes == sizeof(value) ? (const void *)&value : &half,
	       at->size_bytes);
	return check_on_its_way(&record, sizes[at->kind]);
}

static void test_a_number_out_of_range_is_a_breach(void **state)
{
	(void)state;
	for (size_t i = 0; i < TG_COUNT(numbers); i++) {
		const struct place *at = &numbers[i].at;
		const uint64_t max = numbers[i].max;

		CHECK_TRUE(at->size_bytes == sizeof(uint32_t) || at->size_bytes == sizeof(uint64_t));
		CHECK_TEXT(check_number(at, max), NULL);
		CHECK_TEXT(check_number(at, max + 1), "a number out of range");
		if (at->size_bytes == sizeof(uint64_t)) {
			CHECK_TEXT(check_number(at, max | UINT64_C(1) << 32), "a number out of range");
		}
	}
}

static void test_the_report_of_a_breach_passes_the_check(void **state)
{
	char long_why[1000];

	(void)state;
	memset(long_why, 'x', sizeof(long_why) - 1);
	long_why[sizeof(long_why) - 1] = '\0';
	const struct ipc_breach report = ipc_breach_of(PROC_ENGINE, 7, long_why);

	CHECK_TEXT(ipc_check(PROC_VAULT, PROC_PARENT, &report, sizeof(report)), NULL);
	CHECK_UINT(report.who, PROC_ENGINE);
	CHECK_UINT(report.incarnation, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_kind_goes_its_ways_and_no_other),
		cmocka_unit_test(test_another_size_is_a_breach),
		cmocka_unit_test(test_unknown_kinds_and_processes_are_breaches),
		cmocka_unit_test(test_a_text_without_its_end_is_a_breach),
		cmocka_unit_test(test_an_address_that_is_none_is_a_breach),
		cmocka_unit_test(test_a_number_out_of_range_is_a_breach),
		cmocka_unit_test(test_the_report_of_a_breach_passes_the_check),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
