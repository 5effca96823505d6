/* SPDX-License-Identifier: Apache-2.0 */
#include "lobby.h"

#include "engine/trace.h"

#include <stdlib.h>

/* Frames for operators: what is kept, what is not, and that nobody waits for who reads them. */

struct rig {
	struct lobby lobby;
	struct trace trace;
	struct far desk;
	void *rings[TRACE_RINGS];
	uint64_t now_us;
};

static struct rig *rig_open(void)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	CHECK_TRUE(rig != NULL);
	lobby_open(&rig->lobby,
	           "[alice]\ntype=friend\nsecret=wonderland-is-far\nhost=dynamic\ncontext=default\n"
	           "[branch]\ntype=friend\nsecret=builders-yes-we-can\nhost=192.0.2.9\ncontext=default\n",
	           NULL);
	for (int i = 0; i < TRACE_RINGS; i++) {
		rig->rings[i] = aligned_alloc(64, (tg_ring_size(sizeof(struct traced), TRACE_ROOM) + 63) & ~(size_t)63);
		CHECK_TRUE(rig->rings[i] != NULL);
		rig->lobby.shared->traces[i] = tg_ring_init(rig->rings[i], sizeof(struct traced), TRACE_ROOM);
	}
	rig->trace.shared = rig->lobby.shared;
	rig->now_us = 1000 * TG_US_PER_S;
	far_init(&rig->desk, PROC_DESK);
	far_connect(&rig->desk);
	return rig;
}

static void rig_close(struct rig *rig)
{
	far_free(&rig->desk);
	for (int i = 0; i < TRACE_RINGS; i++) {
		free(rig->rings[i]);
	}
	lobby_close(&rig->lobby);
	free(rig);
}

static bool set(struct rig *rig, bool on, const char *peer, const char *addr)
{
	struct tg_addr where = { 0 };

	CHECK_TRUE(addr[0] == '\0' || tg_addr_parse(&where, tg_span_text(addr), 0));
	return trace_set(&rig->trace, rig->lobby.sw, on, tg_span_text(peer), where);
}

/* A POKE with a source number; a mini frame with the same two octets. */
static bool frame(struct rig *rig, enum trace_ring who, bool sent, const char *far, uint8_t number)
{
	const uint8_t bytes[] = { 0x80, number, 0, 0, 0, 0, 0, 3, 0, 0, 6, 0x1e };

	return trace_put(rig->lobby.shared, who, sent, lobby_addr(far), (struct tg_span){ bytes, sizeof(bytes) },
	                 rig->now_us++);
}

static const char *next_text(struct rig *rig)
{
	const struct ipc_trace *record;

	far_flush(&rig->desk);
	trace_turn(&rig->trace, &rig->desk.link, rig->now_us);
	record = far_next(&rig->desk);
	CHECK_TRUE(record == NULL || record->head.kind == IPC_TRACE);
	return record != NULL ? record->text : NULL;
}

static void check_next(struct rig *rig, const char *want)
{
	const char *text = next_text(rig);

	print_message("# %s\n", want);
	CHECK_TRUE(text != NULL && strstr(text, want) != NULL);
}

static void test_nothing_is_kept_while_it_is_off(void **state)
{
	struct rig *rig = rig_open();
	(void)state;

	CHECK_FALSE(trace_is_on(rig->lobby.shared));
	frame(rig, TRACE_SWITCH, false, "192.0.2.1:4569", 2);
	CHECK_FALSE(trace_waits(&rig->trace));
	CHECK_TRUE(set(rig, true, "", ""));
	CHECK_TRUE(trace_is_on(rig->lobby.shared));
	CHECK_TRUE(set(rig, false, "", ""));
	CHECK_FALSE(trace_is_on(rig->lobby.shared));
	frame(rig, TRACE_DOOR, false, "192.0.2.1:4569", 2);
	CHECK_FALSE(trace_waits(&rig->trace));
	rig_close(rig);
}

/* Door and switch in the order in which they saw them; voice is left out. */
static void test_all(void **state)
{
	static const uint8_t mini[] = { 0x00, 9, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
	struct rig *rig = rig_open();
	(void)state;

	CHECK_TRUE(set(rig, true, "", ""));
	frame(rig, TRACE_DOOR, false, "192.0.2.1:4569", 1);
	frame(rig, TRACE_SWITCH, false, "192.0.2.2:4569", 2);
	frame(rig, TRACE_DOOR, true, "192.0.2.1:4569", 3);
	trace_put(rig->lobby.shared, TRACE_SWITCH, false, lobby_addr("192.0.2.1:4569"),
	          (struct tg_span){ mini, sizeof(mini) }, rig->now_us);
	CHECK_TRUE(trace_waits(&rig->trace));
	check_next(rig, "SCall: 00001  DCall: 00000 192.0.2.1:4569\n");
	check_next(rig, "SCall: 00002  DCall: 00000 192.0.2.2:4569\n");
	check_next(rig, "Tx-Frame Retry[000] -- OSeqno: 000 ISeqno: 000 Type: IAX     Subclass: POKE   \n");
	CHECK_TEXT(next_text(rig), NULL);
	CHECK_FALSE(trace_waits(&rig->trace));
	rig_close(rig);
}

/* A NEW with more elements than a record has room for: 200 times CALLED_NUMBER. */
static void test_a_long_one_says_that_there_is_more(void **state)
{
	uint8_t bytes[1024] = { 0x80, 1, 0, 0, 0, 0, 0, 3, 0, 0, 6, 0x01 };
	struct rig *rig = rig_open();
	const char *text;
	(void)state;

	for (size_t at = 12; at + 5 <= sizeof(bytes); at += 5) {
		memcpy(bytes + at, (const uint8_t[]){ 1, 3, '6', '0', '0' }, 5);
	}
	CHECK_TRUE(set(rig, true, "", ""));
	CHECK_TRUE(trace_put(rig->lobby.shared, TRACE_SWITCH, false, lobby_addr("192.0.2.1:4569"),
	                     (struct tg_span){ bytes, sizeof(bytes) }, rig->now_us));
	text = next_text(rig);
	CHECK_TRUE(text != NULL && strlen(text) > 1300);
	CHECK_TEXT(strrchr(text, ':'), ": 600\n   (and more)\n");
	rig_close(rig);
}

/* Who is told of it need not wake for others. */
static void test_it_is_said_whether_one_was_kept(void **state)
{
	static const uint8_t poke[] = { 0x80, 1, 0, 0, 0, 0, 0, 3, 0, 0, 6, 0x1e };
	struct sys_udp_packet packets[] = {
		{ .remote = lobby_addr("192.0.2.1:4569"), .bytes = { poke, sizeof(poke) } },
		{ .remote = lobby_addr("192.0.2.2:4569"), .bytes = { poke, sizeof(poke) } },
	};
	struct rig *rig = rig_open();
	(void)state;

	CHECK_FALSE(frame(rig, TRACE_DOOR, false, "192.0.2.1:4569", 1));
	CHECK_TRUE(set(rig, true, "", "192.0.2.1"));
	CHECK_TRUE(trace_packets(rig->lobby.shared, TRACE_DOOR, packets, 2, rig->now_us));
	CHECK_FALSE(trace_packets(rig->lobby.shared, TRACE_DOOR, packets + 1, 1, rig->now_us));
	for (unsigned i = 1; i < TRACE_ROOM; i++) {
		CHECK_TRUE(frame(rig, TRACE_DOOR, false, "192.0.2.1:4569", 1));
	}
	CHECK_FALSE(frame(rig, TRACE_DOOR, false, "192.0.2.1:4569", 1));
	rig_close(rig);
}

static void test_one_far_end(void **state)
{
	static const struct {
		const char *peer, *addr;
		uint8_t shown; /* a bit for each far end below */
	} rows[] = {
		{ "", "192.0.2.9", 3 },
		{ "", "192.0.2.9:4570", 2 },
		{ "branch", "", 1 },
		{ "alice", "", 0 },
	};
	static const char *const far[] = { "192.0.2.9:4569", "192.0.2.9:4570", "192.0.2.1:4569" };
	struct rig *rig = rig_open();
	(void)state;

	CHECK_FALSE(set(rig, true, "nobody", ""));
	CHECK_FALSE(trace_is_on(rig->lobby.shared));
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		print_message("# %s%s\n", rows[i].peer, rows[i].addr);
		CHECK_TRUE(set(rig, true, rows[i].peer, rows[i].addr));
		for (uint8_t k = 0; k < TG_COUNT(far); k++) {
			frame(rig, TRACE_SWITCH, false, far[k], k);
			CHECK_UINT(trace_waits(&rig->trace), rows[i].shown >> k & 1);
			CHECK_UINT(next_text(rig) != NULL, rows[i].shown >> k & 1);
		}
	}
	rig_close(rig);
}

/* alice was nowhere when she was asked for. */
static void test_a_peer_that_comes(void **state)
{
	const struct model_binding binding = { .name = "alice",
		                               .addr = lobby_addr("192.0.2.50:40000"),
		                               .local = lobby_addr("192.0.2.100:4569"),
		                               .expires_ms = UINT64_MAX / 2,
		                               .refresh_s = 60 };
	struct rig *rig = rig_open();
	(void)state;

	CHECK_TRUE(set(rig, true, "alice", ""));
	switch_on_binding(rig->lobby.sw, &binding, rig->lobby.now.now_us, rig->lobby.now.wall_us);
	frame(rig, TRACE_SWITCH, false, "192.0.2.50:40000", 1);
	CHECK_FALSE(trace_waits(&rig->trace));
	trace_look(&rig->trace, rig->lobby.sw);
	frame(rig, TRACE_SWITCH, false, "192.0.2.50:40000", 2);
	check_next(rig, "SCall: 00002  DCall: 00000 192.0.2.50:40000\n");
	rig_close(rig);
}

/* A desk that reads nothing, or none at all: the ring fills, the rest is counted, and told once it is read. */
static void test_nobody_reads(void **state)
{
	struct rig *rig = rig_open();
	unsigned told = 0;
	(void)state;

	CHECK_TRUE(set(rig, true, "", ""));
	link_close(&rig->desk.link);
	for (unsigned i = 0; i < TRACE_ROOM + 50; i++) {
		frame(rig, TRACE_SWITCH, false, "192.0.2.1:4569", 2);
		trace_turn(&rig->trace, &rig->desk.link, rig->now_us);
	}
	far_connect(&rig->desk);
	check_next(rig, "(50 frames are not shown)\n");
	while (next_text(rig) != NULL) {
		told++;
	}
	CHECK_UINT(told, TRACE_ROOM);
	rig_close(rig);
}

static void test_so_many_a_second(void **state)
{
	struct rig *rig = rig_open();
	unsigned told = 0;
	(void)state;

	CHECK_TRUE(set(rig, true, "", ""));
	rig->now_us = 1000 * TG_US_PER_S;
	for (unsigned i = 0; i < TRACE_A_SECOND + 100; i++) {
		frame(rig, TRACE_DOOR, false, "192.0.2.1:4569", 2);
		told += next_text(rig) != NULL;
	}
	CHECK_UINT(told, TRACE_A_SECOND + 1); /* and that there are more */
	CHECK_FALSE(trace_waits(&rig->trace));
	rig->now_us += TG_US_PER_S;
	frame(rig, TRACE_DOOR, false, "192.0.2.1:4569", 2);
	check_next(rig, "frames are not shown)\n");
	check_next(rig, "SCall: 00002");
	rig_close(rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_kept_while_it_is_off),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_a_long_one_says_that_there_is_more),
		cmocka_unit_test(test_it_is_said_whether_one_was_kept),
		cmocka_unit_test(test_one_far_end),
		cmocka_unit_test(test_a_peer_that_comes),
		cmocka_unit_test(test_nobody_reads),
		cmocka_unit_test(test_so_many_a_second),
	};

	return cmocka_run_group_tests_name("trace", tests, NULL, NULL);
}
