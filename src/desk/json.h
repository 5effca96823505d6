/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DESK_JSON_H
#define TG_DESK_JSON_H

#include "desk/command.h"

/**
 * `json QUESTION [N]` for scripts and for tools of ours: the rows of a question as one JSON document, a row a line. Names of
 * members are never changed and none is taken away while DESK_JSON_SCHEMA stays; new ones may come.
 */
enum { DESK_JSON_SCHEMA = 1 };

/** All questions, as commands whose words begin with "json"; ends with a row whose words are NULL. */
extern const struct desk_command desk_json_commands[];

/** Any of these. Rows: as the command asks. */
int desk_json_print(const struct desk_view *view, struct desk_out *out);

/** How the exchange is, of the rows that metrics have; who did not answer is named in it. */
int desk_json_status(const struct desk_view *view, struct desk_out *out);

/** Never: "json" alone, or with another word, is no question. */
bool desk_json_fits_none(int argc, const char *const *argv);

/** No more than these words are allowed behind "json": the questions' names, as the usage line lists them. */
#define DESK_JSON_QUESTIONS \
	"peers|channels|registry|numbers|counters|processes|records|events|bans|sources|accounts|budgets|usage|status"

#endif
