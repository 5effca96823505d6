/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_COMMENT_H
#define TG_CONF_COMMENT_H

#include "conf/dialect.h"

/** The block comments that are open at some point of a file. */
struct conf_comments {
	uint32_t depth;
	uint32_t began[CONF_COMMENTS_MAX]; /* line of each */
};

/**
 * Take the comments out of one physical line, in place: `;` to the end, `;--` to `--;` over lines and
 * inside each other; `\;` becomes a semicolon.
 *
 * @return what is left of it
 */
struct tg_span conf_comments_strip(struct conf_comments *comments, char *line, size_t len, uint32_t line_number,
                                   bool *too_deep);

#endif
