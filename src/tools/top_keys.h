/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_TOP_KEYS_H
#define TG_TOOLS_TOP_KEYS_H

#include "tools/top.h"

/** What keys do to what is seen. Pure. */

/** What somebody typed, or that nobody did. */
enum top_key {
	TOP_KEY_NONE = 0,
	TOP_KEY_RESIZED = 256, /* below it: characters */
	TOP_KEY_UP,
	TOP_KEY_DOWN,
	TOP_KEY_PAGE_UP,
	TOP_KEY_PAGE_DOWN,
	TOP_KEY_HOME,
	TOP_KEY_END,
	TOP_KEY_BACKSPACE,
	TOP_KEY_ESCAPE,
	TOP_KEY_GONE, /* the terminal is */
};

enum { TOP_KEYS_MAX = 8 };

/** Keys that do one thing. */
struct top_keys {
	int keys[TOP_KEYS_MAX];   /* ends with TOP_KEY_NONE */
	const char *names, *help; /* NULL: another row tells of it */
	const char *foot;         /* in the last line; NULL: not there */
	void (*act)(struct top_look *look, int key);
	bool asks; /* the daemon at once: other rows are wanted, or new ones */
};

/** All of them; ends with a row that has no act. */
extern const struct top_keys top_keys_table[];

/** Obey a key. @return whether the daemon is to be asked at once */
bool top_obey(struct top_look *look, int key);

#endif
