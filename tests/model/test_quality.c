/* SPDX-License-Identifier: Apache-2.0 */
/* Names by which the engine counts and the metrics ask. */
#include "model/quality.h"

#include "check.h"

static const struct {
	enum model_side side;
	enum model_quality quality;
	unsigned place;
	const char *name;
} rows[] = {
	{ MODEL_SIDE_CALLER, MODEL_QUALITY_LOSS, 0, "quality.caller.loss.0" },
	{ MODEL_SIDE_CALLER, MODEL_QUALITY_JITTER, MODEL_QUALITY_BOUNDS, "quality.caller.jitter.8" },
	{ MODEL_SIDE_CALLEE, MODEL_QUALITY_DELAY, MODEL_QUALITY_SUM, "quality.callee.delay.sum" },
};

static void test_names_of_counters(void **state)
{
	char name[MODEL_QUALITY_NAME_BYTES];
	(void)state;

	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		model_quality_counter(name, rows[i].side, rows[i].quality, rows[i].place);
		CHECK_TEXT(name, rows[i].name);
		CHECK_TRUE(model_quality_is_counter(name));
	}
	CHECK_FALSE(model_quality_is_counter("switch.calls"));
	CHECK_FALSE(model_quality_is_counter("quality"));
}

static void test_each_value_is_in_one_place(void **state)
{
	(void)state;
	for (unsigned quality = 0; quality < MODEL_QUALITY_COUNT; quality++) {
		for (unsigned place = 0; place <= MODEL_QUALITY_BOUNDS; place++) {
			struct model_histogram histogram = { 0 };
			const uint64_t value = place < MODEL_QUALITY_BOUNDS
			                               ? model_quality_bounds[quality][place]
			                               : model_quality_bounds[quality][place - 1] + 1;

			model_histogram_observe(&histogram, (enum model_quality)quality, value);
			CHECK_UINT(histogram.counts[place], 1);
			CHECK_UINT(histogram.sum, value);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_of_counters),
		cmocka_unit_test(test_each_value_is_in_one_place),
	};

	return cmocka_run_group_tests_name("quality", tests, NULL, NULL);
}
