/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_ROWS_GUARD_H
#define TG_ENGINE_ROWS_GUARD_H

#include "engine/rows.h"

/** The guard's rows, one after the other, into rows->record. @return false after the last */
bool rows_ban(struct rows *rows, uint64_t query, struct terms_now now);
bool rows_source(struct rows *rows, uint64_t query, struct terms_now now);
bool rows_guarded(struct rows *rows, uint64_t query, struct terms_now now);
bool rows_budget(struct rows *rows, uint64_t query, struct terms_now now);

/** Call numbers: first the totals, then the hosts. */
bool rows_numbers(struct rows *rows, uint64_t query, struct terms_now now);

#endif
