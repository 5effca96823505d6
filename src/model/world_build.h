/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_MODEL_WORLD_BUILD_H
#define TG_MODEL_WORLD_BUILD_H

#include "model/world.h"

/**
 * Puts a world image together. Rows of one run are added one after the other. Running out of memory or a
 * text that is too long latches: go on, and world_build_finish() gives NULL.
 */
struct world_build;

/** @return NULL if there is no memory */
struct world_build *world_build_new(void);
void world_build_free(struct world_build *build);

/**
 * The settings of the image, to be filled in; they start with the defaults of iax.conf and one bind to
 * 0.0.0.0:4569.
 */
struct world_settings *world_build_settings(struct world_build *build);

/** Copies the text into the pool; equal texts are kept once. */
struct world_text world_build_text(struct world_build *build, struct tg_span text);

/** @param file  NULL for none */
struct world_origin world_build_origin(struct world_build *build, const char *file, uint32_t line);

/**
 * @param row  copied; world_row_bytes(table) bytes
 * @return its index
 */
uint32_t world_build_row(struct world_build *build, enum world_table table, const void *row);

/** The next row will have this index. */
uint32_t world_build_count(const struct world_build *build, enum world_table table);

/** A row that was added, to be changed; lent until the next one is added. NULL after a failure. */
void *world_build_at(struct world_build *build, enum world_table table, uint32_t index);

/** A row of a table of ranges is about the same addresses as this one. */
bool world_build_has_range(struct world_build *build, enum world_table table, const struct world_range *range);

const char *world_build_text_at(const struct world_build *build, struct world_text text);

/**
 * The finished image: extensions of each context sorted, heights of contexts found, indexes made.
 *
 * @return malloc'd, world_check()ed; NULL if there was no memory, or if *wrong (may be NULL) says what does not fit
 */
struct world *world_build_finish(struct world_build *build, uint64_t generation, size_t *size_bytes,
                                 const char **wrong);

#endif
