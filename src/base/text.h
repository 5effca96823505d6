/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_BASE_TEXT_H
#define TG_BASE_TEXT_H

#include "base/tg.h"

/**
 * The name most like a word that was not found, for "did you mean": least edit distance, without case, and at most a
 * third of the word's length (at least 1).
 *
 * @param name_at  gives the names one by one, NULL after the last
 * @return one of the names, or NULL if none is near
 */
const char *tg_text_nearest(const char *word, const char *(*name_at)(const void *owner, size_t index),
                            const void *owner);

/**
 * A whole decimal number, nothing before or after it.
 *
 * @return false if it is none, or outside min..max
 */
TG_MUST_USE bool tg_text_uint(const char *text, uint64_t min, uint64_t max, uint64_t *value);

#endif
