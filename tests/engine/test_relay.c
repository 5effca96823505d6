/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "engine/relay.h"

#include "base/zeroed.h"
#include "engine/selector.h"
#include "net.h"
#include "sys/clock.h"

/* A relay with real sockets on two addresses, a table, and no switch: the test is the switch. */
enum { LEGS = 300 };

static const uint8_t key[16] = { 1, 2, 3 };

struct rig {
	struct engine_shared *shared;
	struct relay *relay;
	int a, b; /* peers */
	uint64_t now_us;
};

static void *take(size_t size_bytes)
{
	void *mem = tg_zeroed_new(size_bytes);

	CHECK_TRUE(mem != NULL);
	return mem;
}

static void add_group(struct engine_shared *shared, const char *host)
{
	struct engine_group *group = &shared->groups[shared->group_count++];

	group->local = net_addr(host, net_free_port("0.0.0.0"));
	group->wildcard = tg_addr_is_any(group->local);
	group->sockets[SELECTOR_RELAYS] = sys_udp_new(net_bind(group->local));
	CHECK_TRUE(group->sockets[SELECTOR_RELAYS] != NULL);
}

static struct rig rig_new(const char *first, const char *second)
{
	struct rig rig = { .shared = take(sizeof(*rig.shared)), .relay = take(sizeof(*rig.relay)) };

	rig.shared->relay_count = 1;
	rig.shared->thread_count = 1;
	rig.shared->table = relay_table_init(take(relay_table_size(LEGS)), LEGS, key);
	rig.shared->board = player_board_init(take(player_board_size(LEGS, 1)), LEGS, 1);
	rig.shared->notices[0] = tg_ring_init(take(tg_ring_size(sizeof(struct notice), 8)), sizeof(struct notice), 8);
	CHECK_TRUE(bell_init(&rig.shared->bells[0]));
	add_group(rig.shared, first);
	add_group(rig.shared, second);
	rig.now_us = sys_clock_us();
	relay_init(rig.relay, rig.shared, 0, take(player_size(LEGS)), LEGS, rig.now_us);
	rig.a = net_peer("127.0.0.1");
	rig.b = net_peer("127.0.0.1");
	return rig;
}

static void rig_free(struct rig *rig)
{
	for (uint32_t i = 0; i < rig->shared->group_count; i++) {
		sys_udp_free(rig->shared->groups[i].sockets[SELECTOR_RELAYS]);
	}
	bell_deinit(&rig->shared->bells[0]);
	free(rig->shared->table);
	free(rig->shared->board);
	free(rig->shared->notices[0]);
	free(rig->relay->player);
	free(rig->relay);
	free(rig->shared);
	close(rig->a);
	close(rig->b);
}

/* Leg 5, peer a with number 77 at group 0, leads to peer b as number 88 from group 1, 1000 ms later. */
static struct relay_entry entry_of(const struct rig *rig)
{
	struct relay_entry entry = {
		.port = net_name(rig->a).port,
		.number = 77,
		.to_port = net_name(rig->b).port,
		.to_number = 88,
		.leg = 5,
		.life = 3,
		.ts_offset_ms = 1000,
		.group = 0,
		.to_group = 1,
		.media = RELAY_FORWARD,
	};

	memcpy(entry.ip, net_name(rig->a).ip, sizeof(entry.ip));
	memcpy(entry.to_ip, net_name(rig->b).ip, sizeof(entry.to_ip));
	return entry;
}

static void set(struct rig *rig, const struct relay_entry *entry, struct tg_addr to_local)
{
	CHECK_TRUE(relay_table_set(rig->shared->table, entry, to_local));
}

static struct tg_addr called(const struct rig *rig, uint32_t group, const char *host)
{
	struct tg_addr addr = net_addr(host, rig->shared->groups[group].local.port);

	return addr;
}

static void pump(struct rig *rig)
{
	for (uint32_t i = 0; i < rig->shared->group_count; i++) {
		while (relay_receive(rig->relay, i, rig->now_us) > 0) {
		}
	}
	relay_turn(rig->relay, rig->now_us);
}

static uint64_t counter(const _Atomic uint64_t *from)
{
	return atomic_load(from);
}

static void test_a_mini_frame_leaves_with_our_number_and_its_new_time(void **state)
{
	struct rig rig = rig_new("127.0.0.1", "127.0.0.2");
	const struct relay_entry entry = entry_of(&rig);
	uint8_t frame[164] = { 0, 77, 0xff, 0x00, 1, 2, 3 }, got[300];
	struct relay_count count;
	struct tg_addr from;

	(void)state;
	set(&rig, &entry, rig.shared->groups[1].local);
	net_send(rig.a, rig.shared->groups[0].local, frame, sizeof(frame));
	pump(&rig);
	CHECK_INT(net_receive(rig.b, got, sizeof(got), &from, 1000), sizeof(frame));
	CHECK_TRUE(tg_addr_equal(from, rig.shared->groups[1].local));
	CHECK_UINT(got[0] << 8 | got[1], 88);
	CHECK_UINT(got[2] << 8 | got[3], (0xff00 + 1000) & 0xffff);
	CHECK_INT(memcmp(got + 4, frame + 4, sizeof(frame) - 4), 0);
	relay_count_read(rig.shared->table, 5, 3, &count);
	CHECK_UINT(count.packets, 1);
	CHECK_UINT(count.octets, 160);
	CHECK_UINT(counter(&rig.relay->counters.forwarded), 1);
	rig_free(&rig);
}

/* What is no mini frame of a known leg from its own address and number goes nowhere. */
static void test_strangers_get_through_nowhere(void **state)
{
	static const uint8_t other_number[] = { 0, 78, 0, 20, 9 }, cut[] = { 0, 77, 0 },
			     reserved[] = { 0, 0, 7, 7, 0, 0 };
	static const uint8_t good[] = { 0, 77, 0, 20, 9 };
	struct rig rig = rig_new("127.0.0.1", "127.0.0.2");
	const struct relay_entry entry = entry_of(&rig);
	uint8_t got[64];

	(void)state;
	set(&rig, &entry, rig.shared->groups[1].local);
	net_send(rig.a, rig.shared->groups[0].local, other_number, sizeof(other_number));
	net_send(rig.b, rig.shared->groups[0].local, good, sizeof(good)); /* another address */
	net_send(rig.a, rig.shared->groups[1].local, good, sizeof(good)); /* to another of ours */
	net_send(rig.a, rig.shared->groups[0].local, cut, sizeof(cut));
	net_send(rig.a, rig.shared->groups[0].local, reserved, sizeof(reserved));
	pump(&rig);
	CHECK_INT(net_receive(rig.b, got, sizeof(got), NULL, 50), -1);
	CHECK_INT(net_receive(rig.a, got, sizeof(got), NULL, 50), -1);
	CHECK_UINT(counter(&rig.relay->counters.unknown), 3);
	CHECK_UINT(counter(&rig.relay->counters.malformed), 2);
	CHECK_UINT(counter(&rig.relay->counters.received), 5);
	rig_free(&rig);
}

static void test_behind_a_wildcard_it_leaves_from_the_address_that_was_called(void **state)
{
	static const uint8_t good[] = { 0, 77, 0, 20, 9 };
	struct rig rig = rig_new("0.0.0.0", "0.0.0.0");
	const struct relay_entry entry = entry_of(&rig);
	struct tg_addr from;
	uint8_t got[64];

	(void)state;
	set(&rig, &entry, called(&rig, 1, "127.0.0.9"));
	net_send(rig.a, called(&rig, 0, "127.0.0.5"), good, sizeof(good));
	pump(&rig);
	CHECK_INT(net_receive(rig.b, got, sizeof(got), &from, 1000), sizeof(good));
	CHECK_TRUE(tg_addr_equal(from, called(&rig, 1, "127.0.0.9")));
	rig_free(&rig);
}

static void test_a_trunk_frame_is_taken_apart(void **state)
{
	/* Timestamped entries (RFC 5456, 8.1.3.2): length, number, time, then the voice. */
	static const uint8_t trunk[] = { 0, 0,  1,    1,    0, 0, 0, 5,  0, 2,  0,   77,
		                         0, 40, 0xaa, 0xbb, 0, 1, 0, 99, 0, 40, 0xcc };
	struct rig rig = rig_new("127.0.0.1", "127.0.0.2");
	const struct relay_entry entry = entry_of(&rig);
	uint8_t got[64];

	(void)state;
	set(&rig, &entry, rig.shared->groups[1].local);
	net_send(rig.a, rig.shared->groups[0].local, trunk, sizeof(trunk));
	pump(&rig);
	CHECK_INT(net_receive(rig.b, got, sizeof(got), NULL, 1000), 6);
	CHECK_UINT(got[0] << 8 | got[1], 88);
	CHECK_UINT(got[2] << 8 | got[3], 1040);
	CHECK_UINT(got[4] << 8 | got[5], 0xaabb);
	CHECK_UINT(counter(&rig.relay->counters.unknown), 1);
	rig_free(&rig);
}

static void test_legs_without_a_way_are_counted(void **state)
{
	static const uint8_t good[] = { 0, 77, 0, 20, 9 };
	struct rig rig = rig_new("127.0.0.1", "127.0.0.2");
	struct relay_entry entry = entry_of(&rig);
	struct relay_count count;
	uint8_t got[64];

	(void)state;
	entry.media = RELAY_DROP;
	set(&rig, &entry, rig.shared->groups[1].local);
	net_send(rig.a, rig.shared->groups[0].local, good, sizeof(good));
	pump(&rig);
	CHECK_INT(net_receive(rig.b, got, sizeof(got), NULL, 50), -1);
	relay_count_read(rig.shared->table, 5, 3, &count);
	CHECK_UINT(count.packets, 1);
	CHECK_UINT(count.dropped, 1);
	rig_free(&rig);
}

/* More than a batch, many legs, counted one by one. */
static void test_batches_keep_legs_apart(void **state)
{
	struct rig rig = rig_new("127.0.0.1", "127.0.0.2");
	uint32_t sums[LEGS] = { 0 };
	uint8_t got[64];

	(void)state;
	for (uint32_t leg = 0; leg < LEGS; leg++) {
		struct relay_entry entry = entry_of(&rig);

		entry.leg = leg;
		entry.number = (uint16_t)(1000 + leg);
		entry.to_number = (uint16_t)(2000 + leg);
		set(&rig, &entry, rig.shared->groups[1].local);
	}
	for (uint32_t i = 0; i < 3 * LEGS; i++) {
		const uint16_t number = (uint16_t)(1000 + i * 7 % LEGS);
		const uint8_t frame[] = { (uint8_t)(number >> 8), (uint8_t)number, 0, (uint8_t)i, (uint8_t)(i % 7) };

		net_send(rig.a, rig.shared->groups[0].local, frame, sizeof(frame));
		if (i % 100 == 99) {
			pump(&rig);
			while (net_receive(rig.b, got, sizeof(got), NULL, 20) == 5) {
				sums[(got[0] << 8 | got[1]) - 2000]++;
			}
		}
	}
	for (uint32_t leg = 0; leg < LEGS; leg++) {
		CHECK_UINT(sums[leg], 3);
	}
	rig_free(&rig);
}

static struct {
	struct prompts head;
	struct prompt row;
	uint8_t frames[3][8];
} image = {
	.head = { .magic = PROMPTS_MAGIC,
	          .version = PROMPTS_VERSION,
	          .count = 1,
	          .size_bytes = sizeof(image),
	          .rows_offset = sizeof(struct prompts) },
	.row = { .name = "beep",
	         .format = 4,
	         .offset = sizeof(struct prompts) + sizeof(struct prompt),
	         .frame_bytes = 8,
	         .frames = 3 },
};

static void test_a_prompt_is_played_to_its_end(void **state)
{
	struct rig rig = rig_new("127.0.0.1", "127.0.0.2");
	const struct player_order order = {
		.remote = net_name(rig.b),
		.local = rig.shared->groups[1].local,
		.leg = 5,
		.life = 3,
		.ts_ms = 100,
		.serial = 9,
		.number = 88,
		.group = 1,
		.flags = PLAYER_ON,
	};
	const struct notice *notice;
	uint8_t got[64];

	(void)state;
	atomic_store(&rig.shared->images.at[0], &image.head);
	player_board_set(rig.shared->board, &order);
	for (int ms = 0; ms < 100; ms += 5) {
		pump(&rig);
		rig.now_us += 5000;
	}
	for (int frame = 1; frame < 3; frame++) {
		CHECK_INT(net_receive(rig.b, got, sizeof(got), NULL, 1000), 12);
		CHECK_UINT(got[0] << 8 | got[1], 88);
		CHECK_UINT(got[2] << 8 | got[3], 100 + 20 * frame);
	}
	CHECK_INT(net_receive(rig.b, got, sizeof(got), NULL, 50), -1);
	notice = tg_ring_front(rig.shared->notices[0]);
	CHECK_TRUE(notice != NULL);
	CHECK_UINT(notice->kind, NOTICE_PLAYED);
	CHECK_UINT(notice->serial, 9);
	rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_mini_frame_leaves_with_our_number_and_its_new_time),
		cmocka_unit_test(test_strangers_get_through_nowhere),
		cmocka_unit_test(test_behind_a_wildcard_it_leaves_from_the_address_that_was_called),
		cmocka_unit_test(test_a_trunk_frame_is_taken_apart),
		cmocka_unit_test(test_legs_without_a_way_are_counted),
		cmocka_unit_test(test_batches_keep_legs_apart),
		cmocka_unit_test(test_a_prompt_is_played_to_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
