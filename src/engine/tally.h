/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_TALLY_H
#define TG_ENGINE_TALLY_H

#include "engine/rows.h"
#include "model/quality.h"

enum { TALLY_CAUSES = 128 };

/** How many counters tally_at() has. */
enum {
	TALLY_COUNTERS = 1 + MODEL_DISPOSITIONS + TALLY_CAUSES +
	                 MODEL_SIDE_COUNT * MODEL_QUALITY_COUNT * MODEL_QUALITY_PLACES
};

/** What became of the calls since the engine began. Of the switch's thread. */
struct tally {
	uint64_t causes[TALLY_CAUSES]; /* Q.931; what is no cause counts as 0 */
	uint64_t dispositions[MODEL_DISPOSITIONS];
	uint64_t talk_ms; /* answered time of all */
	struct model_histogram quality[MODEL_SIDE_COUNT][MODEL_QUALITY_COUNT];
};

void tally_record(struct tally *tally, const struct model_call_record *record);

/** Its counters: "ended.cause.16", "ended.disposition.BUSY", "quality.caller.loss.3". @return false after the last */
bool tally_at(const struct tally *tally, uint32_t number, struct rows_counter *out);

#endif
