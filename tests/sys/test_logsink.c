/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
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
	CHECK_TRUE(strstr(text, "log.held_back lines=80\n") != NULL);
	CHECK_TRUE(strstr(text, "later\n") != NULL);
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
		cmocka_unit_test(test_a_reader_that_sleeps_does_not_stop_us),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
