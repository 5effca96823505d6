/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_FILTER_H
#define TG_CONF_FILTER_H

#include "conf/dialect.h"

/**
 * The filter of a header `[x](+name=regex&name2=regex2)`: whether a section has a line for each term.
 * TEMPLATES=include or TEMPLATES=restrict lets templates be chosen, too, or only them. An empty filter fits
 * each section that is no template.
 *
 * @param bad  set if the filter is none
 */
TG_MUST_USE bool conf_filter_fits(struct tg_span filter, const struct conf_section *section, bool *bad);

#endif
