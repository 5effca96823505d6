/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_TOP_FETCH_H
#define TG_TOOLS_TOP_FETCH_H

#include "tools/ctl.h"
#include "tools/top.h"

enum { TOP_WHY_BYTES = 512 };

/** The daemon, asked again and again: who goes away and comes back is found again. */
struct top_fetch {
	const char *state_dir;
	struct tool_ctl *ctl;             /* NULL while there is none */
	struct top_snapshot snapshots[3]; /* the last one, the one before, and room for the next */
	size_t now, before, next;         /* indices */
	bool has_now, has_before;
	uint64_t lost_ms,
		back_ms; /* wall clock: since when nobody answers (0: somebody does), when it came back (0: never) */
	char why[TOP_WHY_BYTES];
};

void top_fetch_init(struct top_fetch *fetch, const char *state_dir);
void top_fetch_deinit(struct top_fetch *fetch);

/** Ask for all that a view needs (TOP_VIEWS: for what any needs). @return false if nobody answered: what there was before stays */
bool top_fetch_ask(struct top_fetch *fetch, enum top_view view);

/** NULL if there is none. */
const struct top_snapshot *top_fetch_now(const struct top_fetch *fetch);
const struct top_snapshot *top_fetch_before(const struct top_fetch *fetch);

/** What to say of the daemon: that it does not answer, or that it came back a moment ago; "" for nothing. */
void top_fetch_trouble(const struct top_fetch *fetch, char *text, size_t size_bytes);

#endif
