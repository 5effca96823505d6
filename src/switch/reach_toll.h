/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_REACH_TOLL_H
#define TG_SWITCH_REACH_TOLL_H

#include "switch/reach.h"

/** What calls that reach a paid trunk can cost: numbers of each class that are sent there, and whether policies allow them. */

enum { REACH_NUMBER_BYTES = 40 };

struct reach_tolls {
	uint32_t allowed, denied;                         /* a bit for each enum world_class that was found */
	char examples[WORLD_CLASSES][REACH_NUMBER_BYTES]; /* as it is sent; of an allowed one, if there is one */
};

/**
 * Numbers of each line of the list of destinations, in each way they are dialled, that are among those of an egress. Found by trying:
 * a class that is not found may still be reached.
 *
 * @param peer  a row: where the egress is REACH_ANY_PEER, each peer is asked for on its own
 */
void reach_tolls(const struct reach *reach, const struct world *world, uint32_t entry,
                 const struct reach_egress *egress, uint32_t peer, struct reach_tolls *out);

#endif
