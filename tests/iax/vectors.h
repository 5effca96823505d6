/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_IAX_VECTORS_H
#define TG_TESTS_IAX_VECTORS_H

#include "base/bytes.h"

enum { VECTOR_BYTES_MAX = 512, VECTOR_NAME_BYTES = 64, VECTORS_MAX = 200 };

/**
 * Read tests/vectors/<name>.hex.
 *
 * @return how many octets it has; ends the test if it cannot be read
 */
size_t vector_read(const char *name, uint8_t out[VECTOR_BYTES_MAX]);

/** The names of all files there, sorted, without the ending. Returns how many. */
size_t vector_names(char names[VECTORS_MAX][VECTOR_NAME_BYTES]);

/** True if tests/vectors/INDEX.md has a row for this vector, saying this length. */
bool vector_is_in_index(const char *name, size_t len);

#endif
