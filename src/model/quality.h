/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_MODEL_QUALITY_H
#define TG_MODEL_QUALITY_H

#include "model/record.h"

/**
 * How well ended calls were heard, as histograms: what the engine counts and the metrics show. One observation for each direction of each
 * call that had voice. The upper bounds are part of the interface: what is stored by others is compared with them.
 */
#define MODEL_QUALITIES(X)                                                                \
	X(MODEL_QUALITY_LOSS, "loss")     /* lost of all that should have come, in ppm */ \
	X(MODEL_QUALITY_JITTER, "jitter") /* us */                                        \
	X(MODEL_QUALITY_DELAY, "delay")   /* half the round trip, us */

#define X(name, text) name,
enum model_quality { MODEL_QUALITIES(X) MODEL_QUALITY_COUNT };
#undef X

/** Whose voice: "caller" is what came from him, as the other one heard it. */
#define MODEL_SIDES(X)                 \
	X(MODEL_SIDE_CALLER, "caller") \
	X(MODEL_SIDE_CALLEE, "callee")

#define X(name, text) name,
enum model_side { MODEL_SIDES(X) MODEL_SIDE_COUNT };
#undef X

enum {
	MODEL_QUALITY_BOUNDS = 8,
	MODEL_QUALITY_SUM = MODEL_QUALITY_BOUNDS + 1, /* the place behind those of the observations */
	MODEL_QUALITY_PLACES,
	MODEL_QUALITY_NAME_BYTES = 64, /* of a counter */
};

/** Ascending; what is above the last has a place of its own. Loss in ppm, times in us. */
extern const uint32_t model_quality_bounds[MODEL_QUALITY_COUNT][MODEL_QUALITY_BOUNDS];

/** "loss" */
const char *model_quality_name(enum model_quality quality);

/** "caller" */
const char *model_side_name(enum model_side side);

/**
 * The name of one of the engine's counters, of which a histogram is made: "quality.caller.loss.3", "quality.callee.delay.sum".
 *
 * @param place  below MODEL_QUALITY_PLACES
 */
void model_quality_counter(char name[MODEL_QUALITY_NAME_BYTES], enum model_side side, enum model_quality quality,
                           unsigned place);

/** Whether it is one of those. */
TG_MUST_USE bool model_quality_is_counter(const char *name);

struct model_histogram {
	uint64_t counts[MODEL_QUALITY_BOUNDS + 1]; /* not summed up: each observation is in one */
	uint64_t sum;                              /* of the values */
};

void model_histogram_observe(struct model_histogram *histogram, enum model_quality quality, uint64_t value);

/** @return false if nothing was heard: there is nothing to observe */
TG_MUST_USE bool model_quality_of(const struct model_report *report, uint64_t values[MODEL_QUALITY_COUNT]);

#endif
