/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_MODEL_WORLD_FIELDS_H
#define TG_MODEL_WORLD_FIELDS_H

#include "model/world.h"

/**
 * The part of world_check() that looks at each field for itself. The places of all tables were checked before. Both give what is
 * wrong, or NULL.
 */
const char *world_fields_of_settings(const struct world *world);

/** @param index  of a row that there is */
const char *world_fields_of_row(const struct world *world, enum world_table table, uint32_t index);

#endif
