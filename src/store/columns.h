/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_STORE_COLUMNS_H
#define TG_STORE_COLUMNS_H

#include <sqlite3.h>

#include "base/addr.h"

/*
 * Values into a statement and out of a row, one after the other: at counts on. The file may have been written to by others:
 * what makes no sense is read as nothing.
 */

void store_bind_number(sqlite3_stmt *statement, int *at, uint64_t value);

/* The caller keeps the text, or the octets, until the statement has run. */
void store_bind_text(sqlite3_stmt *statement, int *at, const char *text);
void store_bind_bytes(sqlite3_stmt *statement, int *at, const void *bytes, size_t size_bytes);
void store_bind_addr(sqlite3_stmt *statement, int *at, struct tg_addr addr);

uint64_t store_read_number(sqlite3_stmt *statement, int *at);
uint32_t store_read_u32(sqlite3_stmt *statement, int *at);

/* Up to max; else false goes to *ok. */
uint32_t store_read_at_most(sqlite3_stmt *statement, int *at, uint32_t max, bool *ok);

/* Cut to fit; the rest of the array is zeros. */
void store_read_text(sqlite3_stmt *statement, int *at, char *to, size_t size_bytes);

/* Exactly so many; else zeros, and false goes to *ok. */
void store_read_bytes(sqlite3_stmt *statement, int *at, void *to, size_t size_bytes, bool *ok);
struct tg_addr store_read_addr(sqlite3_stmt *statement, int *at);

#endif
