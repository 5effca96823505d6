/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* 4 windows a pair: 12 pairs of 230 ms are 11 s. */
static const struct bench_times times_full = { .pairs = 12, .window_ms = 150, .settle_ms = 80, .warm_ms = 1000 };
static const struct bench_times times_quick = { .pairs = 2, .window_ms = 50, .settle_ms = 40, .warm_ms = 100 };

struct bench_steal bench_steal_now(void)
{
	struct bench_steal steal = { 0, 0 };
	unsigned long long value[8] = { 0 };
	FILE *file = fopen("/proc/stat", "r");

	if (file == NULL) {
		return steal;
	}
	if (fscanf(file, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &value[0], &value[1], &value[2], &value[3],
	           &value[4], &value[5], &value[6], &value[7]) == 8) {
		for (int i = 0; i < 8; i++) {
			steal.total += value[i];
		}
		steal.stolen = value[7];
	}
	fclose(file);
	return steal;
}

static void print_mitigation(const char *name)
{
	char path[128], line[256] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/vulnerabilities/%s", name);
	file = fopen(path, "r");
	if (file != NULL) {
		if (fgets(line, sizeof(line), file) != NULL) {
			line[strcspn(line, "\n")] = '\0';
			printf("  %s: %s\n", name, line);
		}
		fclose(file);
	}
}

void bench_print_environment(void)
{
	struct utsname name;

	if (uname(&name) == 0) {
		printf("kernel %s %s, %ld cores; ours on core 1, the load on core 0; loopback: the sender pays for the "
		       "receiver\n",
		       name.release, name.machine, sysconf(_SC_NPROCESSORS_ONLN));
	}
	print_mitigation("spectre_v2");
	print_mitigation("spec_rstack_overflow");
	print_mitigation("meltdown");
}

static int usage(void)
{
	fprintf(stderr, "usage: tg-bench [--quick] [ROW]...\n");
	for (size_t i = 0; i < bench_row_count; i++) {
		fprintf(stderr, "  %-12s %s\n", bench_rows[i].name, bench_rows[i].what);
	}
	return 2;
}

static const struct bench_row *find(const char *name)
{
	for (size_t i = 0; i < bench_row_count; i++) {
		if (strcmp(bench_rows[i].name, name) == 0) {
			return &bench_rows[i];
		}
	}
	return NULL;
}

int main(int argc, char **argv)
{
	const bool quick = argc > 1 && strcmp(argv[1], "--quick") == 0;
	const struct bench_times *times = quick ? &times_quick : &times_full;
	int failed = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	for (int i = 1 + quick; i < argc; i++) {
		if (find(argv[i]) == NULL) {
			return usage();
		}
	}
	bench_print_environment();
	for (int i = 1 + quick; i < argc; i++) {
		const struct bench_row *row = find(argv[i]);

		failed |= row->run(row, times);
	}
	for (size_t i = 0; argc == 1 + quick && i < bench_row_count; i++) {
		failed |= bench_rows[i].run(&bench_rows[i], times);
	}
	return failed;
}
