/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_MODEL_WORLD_SAMPLE_H
#define TG_TESTS_MODEL_WORLD_SAMPLE_H

#include "model/world.h"
#include "model/world_build.h"

#include <stdio.h>

/** A small valid world with a row in every table. malloc'd. */
struct world *world_sample(size_t *size_bytes);

/** Reads everything that can be read of a checked world. */
void world_touch_all(const struct world *world);

#endif
