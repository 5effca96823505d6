/* SPDX-License-Identifier: Apache-2.0 */
#include "store/columns.h"

#include <string.h>

void store_bind_number(sqlite3_stmt *statement, int *at, uint64_t value)
{
	sqlite3_bind_int64(statement, (*at)++, (sqlite3_int64)value);
}

/* The caller keeps the text until the statement has run. */
void store_bind_text(sqlite3_stmt *statement, int *at, const char *text)
{
	sqlite3_bind_text(statement, (*at)++, text, -1, SQLITE_STATIC);
}

void store_bind_bytes(sqlite3_stmt *statement, int *at, const void *bytes, size_t size_bytes)
{
	sqlite3_bind_blob(statement, (*at)++, bytes, (int)size_bytes, SQLITE_STATIC);
}

void store_bind_addr(sqlite3_stmt *statement, int *at, struct tg_addr addr)
{
	char text[TG_ADDR_TEXT_BYTES] = "";

	if (addr.family != TG_NO_ADDR && addr.port != 0) {
		tg_addr_format(addr, text);
	} else if (addr.family != TG_NO_ADDR) {
		tg_addr_format_host(addr, text);
	}
	sqlite3_bind_text(statement, (*at)++, text, -1, SQLITE_TRANSIENT);
}

uint64_t store_read_number(sqlite3_stmt *statement, int *at)
{
	return (uint64_t)sqlite3_column_int64(statement, (*at)++);
}

uint32_t store_read_u32(sqlite3_stmt *statement, int *at)
{
	return (uint32_t)store_read_number(statement, at);
}

uint32_t store_read_at_most(sqlite3_stmt *statement, int *at, uint32_t max, bool *ok)
{
	const uint64_t value = store_read_number(statement, at);

	*ok = *ok && value <= max;
	return value <= max ? (uint32_t)value : 0;
}

void store_read_text(sqlite3_stmt *statement, int *at, char *to, size_t size_bytes)
{
	const struct tg_span text = { sqlite3_column_text(statement, *at),
		                      (size_t)sqlite3_column_bytes(statement, *at) };

	(*at)++;
	memset(to, 0, size_bytes);
	tg_span_copy(to, size_bytes, text);
}

void store_read_bytes(sqlite3_stmt *statement, int *at, void *to, size_t size_bytes, bool *ok)
{
	const void *bytes = sqlite3_column_blob(statement, *at);
	const size_t len = (size_t)sqlite3_column_bytes(statement, *at);

	(*at)++;
	memset(to, 0, size_bytes);
	if (bytes != NULL && len == size_bytes) {
		memcpy(to, bytes, size_bytes);
	} else {
		*ok = false;
	}
}

struct tg_addr store_read_addr(sqlite3_stmt *statement, int *at)
{
	char text[TG_ADDR_TEXT_BYTES];
	struct tg_addr addr;

	store_read_text(statement, at, text, sizeof(text));
	return tg_addr_parse(&addr, tg_span_text(text), 0) ? addr : (struct tg_addr){ .family = TG_NO_ADDR };
}
