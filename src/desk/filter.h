/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DESK_FILTER_H
#define TG_DESK_FILTER_H

#include "desk/out.h"

/** The filter of `like`: no regular expression lets everything through. */
struct desk_filter;

/** @return NULL with a line in `out` if the expression is none, or too costly */
struct desk_filter *desk_filter_new(int argc, const char *const *argv, struct desk_out *out);
void desk_filter_free(struct desk_filter *filter);
bool desk_filter_passes(const struct desk_filter *filter, const char *name);

#endif
