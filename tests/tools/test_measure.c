/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "tools/load.h"
#include "tools/meter.h"

enum { FRAME_MS = 20 };

static void hear(struct tool_meter *meter, uint32_t ts_ms, uint64_t arrival_ms)
{
	tool_meter_add(meter, ts_ms, FRAME_MS, arrival_ms * 1000);
}

static void test_an_even_stream(void **state)
{
	struct tool_meter meter = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 100; i++) {
		hear(&meter, 5000 + i * FRAME_MS, 77 + i * FRAME_MS);
	}
	CHECK_UINT(meter.packets, 100);
	CHECK_UINT(meter.lost, 0);
	CHECK_UINT(meter.out_of_order, 0);
	CHECK_UINT(meter.jitter_us, 0);
	CHECK_UINT(tool_meter_loss(&meter), 0);
}

static void test_loss_disorder_and_pauses(void **state)
{
	static const struct {
		const char *name;
		uint32_t ts[8];
		uint64_t packets, lost, out_of_order;
	} rows[] = {
		{ "one lost", { 0, 20, 60, 80 }, 4, 1, 0 },
		{ "three lost", { 0, 20, 100, 120 }, 4, 3, 0 },
		{ "swapped", { 0, 40, 20, 60 }, 4, 0, 1 },
		{ "a pause of 1.2 s", { 0, 20, 1240, 1260 }, 4, 0, 0 },
		{ "skew of a few ms", { 0, 23, 41, 66 }, 4, 0, 0 },
		{ "the clock wraps", { UINT32_MAX - 19, 0, 40, 60 }, 4, 1, 0 },
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct tool_meter meter = { 0 };

		for (size_t k = 0; k < rows[i].packets; k++) {
			hear(&meter, rows[i].ts[k], 10 + k * FRAME_MS);
		}
		print_message("# %s\n", rows[i].name);
		CHECK_UINT(meter.packets, rows[i].packets);
		CHECK_UINT(meter.lost, rows[i].lost);
		CHECK_UINT(meter.out_of_order, rows[i].out_of_order);
	}
}

static void test_loss_in_hundredths_of_a_percent(void **state)
{
	struct tool_meter meter = { .packets = 750, .lost = 250 };

	(void)state;
	CHECK_UINT(tool_meter_loss(&meter), 2500);
	CHECK_UINT(tool_meter_loss(&(struct tool_meter){ 0 }), 0);
}

/* RFC 3550, 6.4.1: a step of D each packet brings the estimate to D. */
static void test_jitter_settles(void **state)
{
	struct tool_meter meter = { 0 };

	(void)state;
	for (uint32_t i = 0; i < 400; i++) {
		hear(&meter, i * FRAME_MS, 100 + i * FRAME_MS + (i % 2) * 8);
	}
	CHECK_TRUE(meter.jitter_us > 7500 && meter.jitter_us < 8500);
}

static void test_echo_knows_its_own(void **state)
{
	struct tool_echo echo = { 0 };
	uint8_t frame[160] = { 0 };
	const struct tg_span span = { frame, sizeof(frame) };

	(void)state;
	tool_echo_received(&echo, span);
	CHECK_UINT(echo.same, 0);
	for (unsigned i = 0; i < TOOL_ECHO_FRAMES + 1; i++) {
		frame[0] = (uint8_t)i;
		frame[1] = (uint8_t)(i >> 8);
		tool_echo_sent(&echo, span);
	}
	tool_echo_received(&echo, span);
	CHECK_UINT(echo.same, 1);
	frame[0] = 1;
	frame[1] = 0;
	tool_echo_received(&echo, span);
	CHECK_UINT(echo.same, 2);
	frame[0] = 0; /* the first one fell out of the window */
	tool_echo_received(&echo, span);
	CHECK_UINT(echo.same, 2);
	tool_echo_received(&echo, (struct tg_span){ frame, 159 });
	CHECK_UINT(echo.same, 2);
}

static void test_load_counts_each_packet_once(void **state)
{
	uint8_t seen[4] = { 0 }, frame[TOOL_LOAD_FRAME_BYTES];
	struct tool_load_tally tally = { .seen = seen, .room = 20, .sent = 10 };
	const struct tg_span span = { frame, sizeof(frame) };

	(void)state;
	for (uint32_t i = 0; i < 9; i++) {
		tool_load_frame(frame, 7, i);
		tool_load_count(&tally, 7, span);
	}
	CHECK_UINT(tally.received, 9);
	tool_load_count(&tally, 7, span);
	CHECK_UINT(tally.twice, 1);
	tool_load_frame(frame, 8, 9); /* of another call */
	tool_load_count(&tally, 7, span);
	tool_load_frame(frame, 7, 10); /* never sent */
	tool_load_count(&tally, 7, span);
	tool_load_frame(frame, 7, 9);
	frame[159] ^= 1; /* changed on the way */
	tool_load_count(&tally, 7, span);
	tool_load_count(&tally, 7, (struct tg_span){ frame, 3 });
	CHECK_UINT(tally.foreign, 4);
	CHECK_UINT(tally.received, 9);
}

static void test_load_stays_on_loopback(void **state)
{
	static const struct {
		const char *addr;
		bool allowed;
	} rows[] = {
		{ "127.0.0.1:4569", true },     { "127.255.255.255:1", true }, { "[::1]:4569", true },
		{ "128.0.0.1:4569", false },    { "192.168.1.1:4569", false }, { "[::2]:4569", false },
		{ "0.0.0.0:4569", false },      { "[::]:4569", false },        { "[fe80::1]:4569", false },
		{ "126.255.255.255:1", false },
	};

	(void)state;
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		struct tg_addr addr;

		CHECK_TRUE(tg_addr_parse(&addr, tg_span_text(rows[i].addr), 0));
		CHECK_UINT(tool_load_allows(addr), rows[i].allowed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_even_stream),
		cmocka_unit_test(test_loss_disorder_and_pauses),
		cmocka_unit_test(test_loss_in_hundredths_of_a_percent),
		cmocka_unit_test(test_jitter_settles),
		cmocka_unit_test(test_echo_knows_its_own),
		cmocka_unit_test(test_load_counts_each_packet_once),
		cmocka_unit_test(test_load_stays_on_loopback),
	};

	return cmocka_run_group_tests_name("measure", tests, NULL, NULL);
}
