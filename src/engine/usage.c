/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/usage.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	const struct usage_row *x = a, *y = b;
	const int family = x->addr.family - y->addr.family;

	return family != 0 ? family : memcmp(x->addr.ip, y->addr.ip, sizeof(x->addr.ip));
}

static bool is_nonvalidated(const struct iax_leg_info *info)
{
	return !info->opened_by_us && info->proof == IAX_UNPROVEN;
}

static void merge_equals(struct usage *usage)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < usage->count; i++) {
		if (kept > 0 && tg_addr_same_host(usage->rows[kept - 1].addr, usage->rows[i].addr)) {
			usage->rows[kept - 1].used += usage->rows[i].used;
			usage->rows[kept - 1].nonvalidated += usage->rows[i].nonvalidated;
		} else {
			usage->rows[kept++] = usage->rows[i];
		}
	}
	usage->count = kept;
}

void usage_take(struct usage *usage, const struct iax_endpoint *ep)
{
	usage->count = 0;
	usage->nonvalidated = 0;
	for (uint32_t i = 0; i < iax_endpoint_leg_max(ep); i++) {
		struct iax_leg_id leg;
		struct iax_leg_info info;

		if (iax_endpoint_leg_at(ep, i, &leg) && iax_leg_info(ep, leg, &info)) {
			usage->rows[usage->count++] = (struct usage_row){ .addr = info.remote,
				                                          .used = 1,
				                                          .nonvalidated = is_nonvalidated(&info) };
			usage->nonvalidated += is_nonvalidated(&info);
		}
	}
	qsort(usage->rows, usage->count, sizeof(*usage->rows), compare);
	merge_equals(usage);
}
