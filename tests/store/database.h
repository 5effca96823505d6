/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_STORE_DATABASE_H
#define TG_TESTS_STORE_DATABASE_H

#include "store/store.h"

/* The database of a test program, in a folder of its own. */

/** For a group of tests: make the folder; remove it with all that is in it. */
int database_setup(void **state);
int database_teardown(void **state);

/** For one test: no file is there yet. */
int database_fresh(void **state);
void database_remove(void);

const char *database_path(void);
struct store *database_open(void);

/** What was put is on disk, and another process reads it. */
struct store *database_again(struct store *store);

/** Past the store. @return SQLite's result */
int database_by_hand(const char *sql);

#endif
