/* SPDX-License-Identifier: Apache-2.0 */
#include "model/quality.h"

#include <stdio.h>
#include <string.h>

#define PREFIX "quality."

enum { US_A_MS = 1000, PPM = 1000000 };

const uint32_t model_quality_bounds[MODEL_QUALITY_COUNT][MODEL_QUALITY_BOUNDS] = {
	[MODEL_QUALITY_LOSS] = { 0, 1000, 5000, 10000, 20000, 50000, 100000, 200000 },
	[MODEL_QUALITY_JITTER] = { 1000, 5000, 10000, 20000, 50000, 100000, 200000, 500000 },
	[MODEL_QUALITY_DELAY] = { 10000, 25000, 50000, 100000, 150000, 250000, 400000, 1000000 },
};

const char *model_quality_name(enum model_quality quality)
{
	static const char *const names[MODEL_QUALITY_COUNT] = {
#define X(name, text) [name] = (text),
		MODEL_QUALITIES(X)
#undef X
	};

	return names[quality];
}

const char *model_side_name(enum model_side side)
{
	static const char *const names[MODEL_SIDE_COUNT] = {
#define X(name, text) [name] = (text),
		MODEL_SIDES(X)
#undef X
	};

	return names[side];
}

void model_quality_counter(char name[MODEL_QUALITY_NAME_BYTES], enum model_side side, enum model_quality quality,
                           unsigned place)
{
	char text[16] = "sum";

	assert(place < MODEL_QUALITY_PLACES);
	if (place != MODEL_QUALITY_SUM) {
		snprintf(text, sizeof(text), "%u", place);
	}
	snprintf(name, MODEL_QUALITY_NAME_BYTES, PREFIX "%s.%s.%s", model_side_name(side), model_quality_name(quality),
	         text);
}

bool model_quality_is_counter(const char *name)
{
	return strncmp(name, PREFIX, strlen(PREFIX)) == 0;
}

void model_histogram_observe(struct model_histogram *histogram, enum model_quality quality, uint64_t value)
{
	unsigned place = 0;

	while (place < MODEL_QUALITY_BOUNDS && value > model_quality_bounds[quality][place]) {
		place++;
	}
	histogram->counts[place]++;
	histogram->sum += value;
}

bool model_quality_of(const struct model_report *report, uint64_t values[MODEL_QUALITY_COUNT])
{
	const uint64_t expected = (uint64_t)report->packets + report->lost;

	if (report->packets == 0) {
		return false;
	}
	values[MODEL_QUALITY_LOSS] = report->lost * (uint64_t)PPM / expected;
	values[MODEL_QUALITY_JITTER] = report->jitter_ms * (uint64_t)US_A_MS;
	values[MODEL_QUALITY_DELAY] = report->delay_ms * (uint64_t)US_A_MS;
	return true;
}
