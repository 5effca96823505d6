/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "sys/clock.h"
#include "sys/logsink.h"

#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <unistd.h>

static uint64_t now_us;

static uint64_t fake_wall_us(void)
{
	return now_us;
}

struct bench {
	struct sys_logsink sink;
	struct tg_log log;
	int ends[2];
	char text[65536];
};

static void bench_start(struct bench *bench)
{
	CHECK_INT(pipe2(bench->ends, O_NONBLOCK), 0);
	sys_logsink_init(&bench->sink, &bench->log, "engine", bench->ends[1], TG_INFO);
	now_us = UINT64_C(1785933296000000);
	bench->sink.wall_us = fake_wall_us;
}

static const char *bench_text(struct bench *bench)
{
	const ssize_t n = read(bench->ends[0], bench->text, sizeof(bench->text) - 1);

	bench->text[n > 0 ? n : 0] = '\0';
	return bench->text;
}

static void bench_stop(struct bench *bench)
{
	close(bench->ends[0]);
	close(bench->ends[1]);
}

static unsigned lines_in(const char *text)
{
	unsigned count = 0;

	for (; *text != '\0'; text++) {
		count += *text == '\n';
	}
	return count;
}

static void test_a_line_has_time_level_process_and_event(void **state)
{
	static struct bench bench;
	regex_t form;

	(void)state;
	bench_start(&bench);
	tg_log(&bench.log, TG_NOTICE, "reg.refused", TG_BYTES("account", TG_SPAN_LIT("bob")));
	tg_log(&bench.log, TG_DEBUG, "not.shown");
	CHECK_INT(regcomp(&form,
	                  "^\\[2026-08-0[45] [0-2][0-9]:[0-5][0-9]:56\\] NOTICE\\[[0-9]+\\] engine: "
	                  "reg\\.refused account='bob'\n$",
	                  REG_EXTENDED),
	          0);
	CHECK_INT(regexec(&form, bench_text(&bench), 0, NULL, 0), 0);
	regfree(&form);
	bench_stop(&bench);
}

static void test_a_flood_is_capped_and_what_was_held_back_is_told(void **state)
{
	static struct bench bench;

	(void)state;
	bench_start(&bench);
	for (int i = 0; i < 100; i++) {
		tg_log(&bench.log, TG_NOTICE, "noise");
	}
	CHECK_UINT(lines_in(bench_text(&bench)), SYS_LOGSINK_LINES_PER_S);
	now_us += TG_US_PER_S;
	tg_log(&bench.log, TG_NOTICE, "later");
	const char *text = bench_text(&bench);

	CHECK_UINT(lines_in(text), 2);
	CHECK_TRUE(strstr(text, "log.held_back level=\"NOTICE\" lines=80\n") != NULL);
	CHECK_TRUE(strstr(text, "later\n") != NULL);
	bench_stop(&bench);
}

static void test_no_level_is_held_back_for_another(void **state)
{
	static struct bench bench;

	(void)state;
	bench_start(&bench);
	for (int i = 0; i < 100; i++) {
		tg_log(&bench.log, TG_NOTICE, "noise");
		tg_log(&bench.log, TG_INFO, "noise");
	}
	for (int i = 0; i < SYS_LOGSINK_LINES_PER_S + 3; i++) {
		tg_log(&bench.log, TG_WARNING, "careful");
	}
	tg_log(&bench.log, TG_ERROR, "trouble");
	CHECK_UINT(lines_in(bench_text(&bench)), 3 * SYS_LOGSINK_LINES_PER_S + 1);
	CHECK_TRUE(strstr(bench.text, "trouble\n") != NULL);
	now_us += TG_US_PER_S;
	tg_log(&bench.log, TG_ERROR, "more trouble");
	CHECK_UINT(lines_in(bench_text(&bench)), 4);
	CHECK_TRUE(strstr(bench.text, "level=\"INFO\" lines=80\n") != NULL);
	CHECK_TRUE(strstr(bench.text, "level=\"NOTICE\" lines=80\n") != NULL);
	CHECK_TRUE(strstr(bench.text, "level=\"WARNING\" lines=3\n") != NULL);
	bench_stop(&bench);
}

static void flood(struct bench *bench)
{
	for (int i = 0; i < SYS_LOGSINK_LINES_PER_S + 7; i++) {
		tg_log(&bench->log, TG_NOTICE, "noise");
	}
	CHECK_UINT(lines_in(bench_text(bench)), SYS_LOGSINK_LINES_PER_S);
}

static void test_what_was_held_back_is_told_when_nothing_follows(void **state)
{
	static struct bench bench;
	struct sys_loop *loop = sys_loop_new();

	(void)state;
	bench_start(&bench);
	CHECK_TRUE(sys_logsink_attach(&bench.sink, loop));
	now_us += TG_US_PER_S * 9 / 10; /* so the second ends soon */
	flood(&bench);
	CHECK_INT(sys_loop_turn(loop, sys_clock_us() + TG_US_PER_S), 1);
	CHECK_TRUE(strstr(bench_text(&bench), "log.held_back level=\"NOTICE\" lines=7\n") != NULL);
	CHECK_INT(sys_loop_turn(loop, sys_clock_us() + TG_US_PER_S / 5), 0); /* and once only */
	sys_loop_free(loop);
	sys_logsink_deinit(&bench.sink);
	bench_stop(&bench);
}

static void test_what_was_held_back_is_told_at_the_end(void **state)
{
	static struct bench bench;

	(void)state;
	bench_start(&bench);
	flood(&bench);
	sys_logsink_deinit(&bench.sink);
	CHECK_TRUE(strstr(bench_text(&bench), "lines=7\n") != NULL);
	bench_stop(&bench);
}

static void test_a_reader_that_sleeps_does_not_stop_us(void **state)
{
	static struct bench bench;
	char block[4096] = { 0 };

	(void)state;
	bench_start(&bench);
	while (write(bench.ends[1], block, sizeof(block)) > 0) {
	}
	CHECK_INT(fcntl(bench.ends[1], F_SETFL, 0), 0); /* from here on a write would block */
	tg_log(&bench.log, TG_NOTICE, "lost");
	bench_stop(&bench);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line_has_time_level_process_and_event),
		cmocka_unit_test(test_a_flood_is_capped_and_what_was_held_back_is_told),
		cmocka_unit_test(test_no_level_is_held_back_for_another),
		cmocka_unit_test(test_what_was_held_back_is_told_when_nothing_follows),
		cmocka_unit_test(test_what_was_held_back_is_told_at_the_end),
		cmocka_unit_test(test_a_reader_that_sleeps_does_not_stop_us),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
