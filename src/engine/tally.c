/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/tally.h"

#include <stdio.h>

static_assert(sizeof(((struct rows_counter *)NULL)->name) == MODEL_QUALITY_NAME_BYTES, "a name fits");

static void observe(struct tally *tally, enum model_side side, const struct model_report *report)
{
	uint64_t values[MODEL_QUALITY_COUNT];

	if (!model_quality_of(report, values)) {
		return;
	}
	for (unsigned i = 0; i < MODEL_QUALITY_COUNT; i++) {
		model_histogram_observe(&tally->quality[side][i], (enum model_quality)i, values[i]);
	}
}

void tally_record(struct tally *tally, const struct model_call_record *record)
{
	tally->causes[record->cause < TALLY_CAUSES ? record->cause : 0]++;
	tally->dispositions[record->disposition < MODEL_DISPOSITIONS ? record->disposition : MODEL_FAILED]++;
	if (record->answered_ms != 0 && record->ended_ms > record->answered_ms) {
		tally->talk_ms += record->ended_ms - record->answered_ms;
	}
	observe(tally, MODEL_SIDE_CALLER, &record->from_caller);
	observe(tally, MODEL_SIDE_CALLEE, &record->from_callee);
}

static bool quality_at(const struct tally *tally, uint32_t number, struct rows_counter *out)
{
	const uint32_t place = number % MODEL_QUALITY_PLACES, which = number / MODEL_QUALITY_PLACES;

	if (which >= MODEL_SIDE_COUNT * MODEL_QUALITY_COUNT) {
		return false;
	}
	const enum model_side side = (enum model_side)(which / MODEL_QUALITY_COUNT);
	const enum model_quality quality = (enum model_quality)(which % MODEL_QUALITY_COUNT);
	const struct model_histogram *histogram = &tally->quality[side][quality];

	model_quality_counter(out->name, side, quality, place);
	out->value = place != MODEL_QUALITY_SUM ? histogram->counts[place] : histogram->sum;
	out->is_idle = out->value == 0;
	return true;
}

bool tally_at(const struct tally *tally, uint32_t number, struct rows_counter *out)
{
	if (number == 0) {
		snprintf(out->name, sizeof(out->name), "ended.talk_ms");
		out->value = tally->talk_ms;
		return true;
	}
	number--;
	if (number < MODEL_DISPOSITIONS) {
		snprintf(out->name, sizeof(out->name), "ended.disposition.%s",
		         model_disposition_name((enum model_disposition)number));
		out->value = tally->dispositions[number];
		return true;
	}
	number -= MODEL_DISPOSITIONS;
	if (number < TALLY_CAUSES) {
		snprintf(out->name, sizeof(out->name), "ended.cause.%u", (unsigned)number);
		out->value = tally->causes[number];
		out->is_idle = out->value == 0;
		return true;
	}
	return quality_at(tally, number - TALLY_CAUSES, out);
}
