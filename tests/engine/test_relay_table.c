/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "engine/relay_table.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/zeroed.h"
#include "crypt/random.h"

enum { LEGS = 500 };

static const uint8_t hash_key[16] = "sixteen octets.";

static struct relay_table *table_new(uint32_t legs)
{
	void *mem = tg_zeroed_new(relay_table_size(legs));

	CHECK_TRUE(mem != NULL);
	return relay_table_init(mem, legs, hash_key);
}

static struct tg_addr addr_of(uint32_t n)
{
	const uint8_t ip[4] = { 127, (uint8_t)(n >> 16), (uint8_t)(n >> 8), (uint8_t)n };

	return tg_addr_ipv4(ip, (uint16_t)(20000 + n % 1000));
}

static struct relay_entry entry_of(uint32_t leg, uint32_t remote)
{
	struct relay_entry entry = {
		.leg = leg,
		.life = remote + 1,
		.number = (uint16_t)(remote & 0x7fff),
		.port = addr_of(remote).port,
		.to_port = (uint16_t)(remote * 3),
		.to_number = (uint16_t)(remote * 5 & 0x7fff),
		.ts_offset_ms = (uint16_t)(remote * 7),
		.media = RELAY_FORWARD,
	};

	memcpy(entry.ip, addr_of(remote).ip, sizeof(entry.ip));
	memcpy(entry.to_ip, addr_of(remote + 1).ip, sizeof(entry.to_ip));
	return entry;
}

static bool find(const struct relay_table *table, uint32_t remote, struct relay_entry *out)
{
	const struct relay_key key = relay_key_of(addr_of(remote), (uint16_t)(remote & 0x7fff), 0);

	return relay_table_find(table, &key, relay_table_hash(table, &key), out);
}

/* All that a writer puts in follows from the remote: a mixture of two entries does not. */
static bool is_whole(const struct relay_entry *entry, uint32_t remote)
{
	return entry->life == remote + 1 && entry->to_port == (uint16_t)(remote * 3) &&
	       entry->to_number == (uint16_t)(remote * 5 & 0x7fff) && entry->ts_offset_ms == (uint16_t)(remote * 7) &&
	       memcmp(entry->to_ip, addr_of(remote + 1).ip, sizeof(entry->to_ip)) == 0;
}

static void test_an_entry_is_found_until_it_is_cleared(void **state)
{
	struct relay_table *table = table_new(LEGS);
	struct relay_entry entry = entry_of(7, 1234), got;

	(void)state;
	CHECK_FALSE(find(table, 1234, &got));
	CHECK_TRUE(relay_table_set(table, &entry, addr_of(entry.life)));
	CHECK_TRUE(find(table, 1234, &got));
	CHECK_TRUE(is_whole(&got, 1234));
	CHECK_UINT(got.leg, 7);
	CHECK_TRUE(tg_addr_equal(relay_table_local(table, 7), addr_of(entry.life)));
	CHECK_TRUE(relay_table_get(table, 7, &got));
	CHECK_UINT(got.number, 1234);
	relay_table_clear(table, 7);
	relay_table_clear(table, 7);
	CHECK_FALSE(find(table, 1234, &got));
	CHECK_FALSE(relay_table_get(table, 7, &got));
	CHECK_UINT(relay_table_used(table), 0);
	free(table);
}

static void test_every_part_of_the_key_counts(void **state)
{
	struct relay_table *table = table_new(LEGS);
	const struct relay_entry entry = entry_of(0, 99);
	struct relay_entry got;
	struct relay_key key;

	(void)state;
	CHECK_TRUE(relay_table_set(table, &entry, addr_of(entry.life)));
	for (int part = 0; part < 5; part++) {
		key = relay_key_of(addr_of(99), 99, 0);
		key.ip[15] ^= part == 1;
		key.port ^= part == 2;
		key.number ^= part == 3;
		key.group ^= part == 4;
		CHECK_UINT(relay_table_find(table, &key, relay_table_hash(table, &key), &got), part == 0);
	}
	free(table);
}

static void test_a_leg_moves_with_its_address(void **state)
{
	struct relay_table *table = table_new(LEGS);
	const struct relay_entry before = entry_of(3, 10), after = entry_of(3, 11), other = entry_of(4, 11);
	struct relay_entry got;

	(void)state;
	CHECK_TRUE(relay_table_set(table, &before, addr_of(before.life)));
	CHECK_TRUE(relay_table_set(table, &after, addr_of(after.life)));
	CHECK_FALSE(find(table, 10, &got));
	CHECK_TRUE(find(table, 11, &got));
	CHECK_UINT(relay_table_used(table), 1);

	CHECK_TRUE(relay_table_set(table, &other, addr_of(other.life))); /* the same remote and number, a later leg */
	CHECK_TRUE(find(table, 11, &got));
	CHECK_UINT(got.leg, 4);
	CHECK_FALSE(relay_table_get(table, 3, &got));
	CHECK_UINT(relay_table_used(table), 1);
	free(table);
}

/* Entries come and go for a long time; a mirror knows what must be found. */
static void test_it_agrees_with_a_mirror_over_a_long_time(void **state)
{
	static uint32_t mirror[LEGS];
	const uint8_t seed[CRYPT_SEED_BYTES] = { 42 };
	struct relay_table *table = table_new(LEGS);
	struct crypt_random random;
	struct relay_entry got;

	(void)state;
	crypt_random_init(&random, seed);
	memset(mirror, 0, sizeof(mirror));
	for (uint32_t round = 1; round <= 50000; round++) {
		const uint32_t leg = crypt_random_below(&random, LEGS);
		const struct relay_entry entry = entry_of(leg, round);

		if (mirror[leg] != 0 && crypt_random_below(&random, 2) == 0) {
			relay_table_clear(table, leg);
			CHECK_FALSE(find(table, mirror[leg], &got));
			mirror[leg] = 0;
		} else {
			CHECK_TRUE(relay_table_set(table, &entry, addr_of(entry.life)));
			mirror[leg] = round;
		}
		if (round % 5000 == 0) {
			for (uint32_t i = 0; i < LEGS; i++) {
				CHECK_UINT(mirror[i] != 0 && find(table, mirror[i], &got) && got.leg == i,
				           mirror[i] != 0);
			}
		}
	}
	free(table);
}

struct shared {
	struct relay_table *table;
	_Atomic bool stop;
	_Atomic uint32_t torn, seen;
};

static void *read_all_the_time(void *arg)
{
	struct shared *shared = arg;
	struct relay_entry got;

	for (uint32_t n = 0; !atomic_load(&shared->stop); n++) {
		const uint32_t remote = n % 16;

		if (!find(shared->table, remote, &got)) {
			continue;
		}
		atomic_fetch_add(&shared->seen, 1);
		if (!is_whole(&got, remote) && !is_whole(&got, remote + 0x10000)) {
			atomic_fetch_add(&shared->torn, 1);
		}
		if (n % 3 == 0) {
			relay_count_frame(shared->table, &got, (uint16_t)n, 160, false, n);
		}
	}
	return NULL;
}

/* Two values of the same key in turn: a reader gets one or the other, never a mixture. */
static void write_in_place(struct relay_table *table, uint32_t round)
{
	struct relay_entry entry = entry_of(round % 16, round % 16 + (round / 16 % 2) * 0x10000);
	const struct relay_entry plain = entry_of(round % 16, round % 16);

	memcpy(entry.ip, plain.ip, sizeof(entry.ip));
	entry.port = plain.port;
	entry.number = plain.number;
	CHECK_TRUE(relay_table_set(table, &entry, addr_of(entry.life)));
	if (round % 7 == 0) {
		relay_table_clear(table, round % 16);
	}
}

static void test_two_readers_and_a_writer(void **state)
{
	struct shared shared = { .table = table_new(16) };
	struct relay_count count;
	pthread_t reader[2];

	(void)state;
	for (size_t i = 0; i < TG_COUNT(reader); i++) {
		CHECK_INT(pthread_create(&reader[i], NULL, read_all_the_time, &shared), 0);
	}
	for (uint32_t round = 0; round < 200000 || atomic_load(&shared.seen) < 1000; round++) {
		write_in_place(shared.table, round);
		relay_count_read(shared.table, round % 16, 1, &count);
	}
	atomic_store(&shared.stop, true);
	for (size_t i = 0; i < TG_COUNT(reader); i++) {
		CHECK_INT(pthread_join(reader[i], NULL), 0);
	}
	CHECK_UINT(atomic_load(&shared.torn), 0);
	free(shared.table);
}

static const struct {
	const char *name;
	uint16_t ts_ms[12];
	uint32_t packets, lost, out_of_order;
} orders[] = {
	{ "all in order", { 0, 20, 40, 60, 80, 100 }, 6, 0, 0 },
	{ "two missing", { 0, 20, 40, 100, 120 }, 5, 2, 0 },
	{ "one late", { 0, 20, 40, 80, 60, 100 }, 6, 0, 1 },
	{ "one twice", { 0, 20, 40, 40, 60 }, 5, 0, 1 },
	{ "a pause is no loss", { 0, 20, 40, 2040, 2060 }, 5, 0, 0 },
	{ "a full frame at the crossing", { 32720, 32740, 32760, 32800, 32820 }, 5, 0, 0 },
	{ "the 16 bits wrap", { 65480, 65500, 65520, 24, 44 }, 5, 0, 0 },
};

static void test_loss_and_order_from_timestamps(void **state)
{
	struct relay_table *table = table_new(LEGS);
	struct relay_count count;

	(void)state;
	for (uint32_t row = 0; row < TG_COUNT(orders); row++) {
		struct relay_entry entry = entry_of(row, row);

		for (uint32_t i = 0; i < orders[row].packets; i++) {
			relay_count_frame(table, &entry, orders[row].ts_ms[i], 160, i == 0, 1000000 + i * 20000);
		}
		relay_count_read(table, row, entry.life, &count);
		print_message("# %s\n", orders[row].name);
		CHECK_UINT(count.packets, orders[row].packets);
		CHECK_UINT(count.octets, orders[row].packets * 160);
		CHECK_UINT(count.lost, orders[row].lost);
		CHECK_UINT(count.out_of_order, orders[row].out_of_order);
		CHECK_UINT(count.dropped, 1);
	}
	free(table);
}

static void test_jitter_is_smoothed(void **state)
{
	struct relay_table *table = table_new(LEGS);
	const struct relay_entry entry = entry_of(1, 1);
	struct relay_count count;

	(void)state;
	for (uint32_t i = 0; i < 400; i++) {
		relay_count_frame(table, &entry, (uint16_t)(i * 20), 160, false, 1000000 + i * 20000 + (i % 2) * 8000);
	}
	relay_count_read(table, 1, entry.life, &count);
	CHECK_TRUE(count.jitter_us > 7900 && count.jitter_us <= 8000);
	free(table);
}

static void test_a_new_leg_starts_at_zero(void **state)
{
	struct relay_table *table = table_new(LEGS);
	struct relay_entry entry = entry_of(1, 1);
	struct relay_count count;

	(void)state;
	relay_count_frame(table, &entry, 0, 160, false, 1000);
	entry.life++;
	relay_count_read(table, 1, entry.life, &count);
	CHECK_UINT(count.packets, 0);
	relay_count_frame(table, &entry, 5000, 160, false, 2000);
	relay_count_read(table, 1, entry.life, &count);
	CHECK_UINT(count.packets, 1);
	CHECK_UINT(count.out_of_order, 0);
	free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_entry_is_found_until_it_is_cleared),
		cmocka_unit_test(test_every_part_of_the_key_counts),
		cmocka_unit_test(test_a_leg_moves_with_its_address),
		cmocka_unit_test(test_it_agrees_with_a_mirror_over_a_long_time),
		cmocka_unit_test(test_two_readers_and_a_writer),
		cmocka_unit_test(test_loss_and_order_from_timestamps),
		cmocka_unit_test(test_jitter_is_smoothed),
		cmocka_unit_test(test_a_new_leg_starts_at_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
