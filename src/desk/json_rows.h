/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DESK_JSON_ROWS_H
#define TG_DESK_JSON_ROWS_H

#include "ipc/msg.h"

/** What the members of rows are called in JSON, and how they are written: a table for each question. */

enum desk_json_kind {
	DESK_JSON_TEXT,
	DESK_JSON_UINT,   /* of 2, 4 or 8 octets */
	DESK_JSON_INT,    /* int32_t */
	DESK_JSON_YES,    /* yes or no; of 1 or 4 octets */
	DESK_JSON_ADDR,   /* struct tg_addr with its port; null for none */
	DESK_JSON_NET,    /* struct tg_addr; `bits` says where its length is, a uint32_t */
	DESK_JSON_CODEC,  /* uint64_t: one bit */
	DESK_JSON_NAME,   /* uint32_t: an enumerator, `name_of` says its word */
	DESK_JSON_ID,     /* struct model_event_id */
	DESK_JSON_REPORT, /* struct model_report */
	DESK_JSON_KINDS,
};

struct desk_json_field {
	const char *name;
	enum desk_json_kind kind;
	size_t offset, size_bytes; /* in the row */
	size_t bits;
	const char *(*name_of)(uint32_t value);
};

/** By the question; each ends with a row whose name is NULL. NULL: no rows for scripts. */
extern const struct desk_json_field *const desk_json_fields[IPC_QUERY_WHATS];

#endif
