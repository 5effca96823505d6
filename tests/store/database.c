/* SPDX-License-Identifier: Apache-2.0 */
#include "database.h"

#include "check.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/tg-store-XXXXXX";
static char path[64];

int database_setup(void **state)
{
	(void)state;
	if (mkdtemp(folder) == NULL) {
		return -1;
	}
	snprintf(path, sizeof(path), "%s/tollgate.db", folder);
	return 0;
}

int database_teardown(void **state)
{
	(void)state;
	database_remove();
	return rmdir(folder);
}

int database_fresh(void **state)
{
	(void)state;
	database_remove();
	return 0;
}

void database_remove(void)
{
	static const char *const ends[] = { "", "-wal", "-shm", "-journal" };
	char name[80];

	for (size_t i = 0; i < TG_COUNT(ends); i++) {
		snprintf(name, sizeof(name), "%s%s", path, ends[i]);
		unlink(name);
	}
}

const char *database_path(void)
{
	return path;
}

struct store *database_open(void)
{
	char why[STORE_WHY_BYTES] = "";
	struct store *store = store_open(path, why);

	CHECK_TEXT(why, "");
	CHECK_TRUE(store != NULL);
	return store;
}

struct store *database_again(struct store *store)
{
	CHECK_INT(store_commit(store), STORE_OK);
	store_close(store);
	return database_open();
}

int database_by_hand(const char *sql)
{
	sqlite3 *db = NULL;

	CHECK_INT(sqlite3_open(path, &db), SQLITE_OK);
	const int result = sqlite3_exec(db, sql, NULL, NULL, NULL);

	sqlite3_close(db);
	return result;
}
