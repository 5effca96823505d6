/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_USAGE_H
#define TG_ENGINE_USAGE_H

#include "iax/endpoint.h"

/** How many call numbers each remote address holds at a moment, for people. In memory of the caller. */

struct usage_row {
	struct tg_addr addr; /* with the port of its first leg */
	uint32_t used;
	uint32_t nonvalidated; /* of these, opened without a call token */
};

struct usage {
	struct usage_row *rows; /* one a leg of the endpoint at most, sorted by address */
	uint32_t count;
	uint32_t nonvalidated; /* over all */
};

/** Count anew. */
void usage_take(struct usage *usage, const struct iax_endpoint *ep);

#endif
