/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_TAKEOVER_H
#define TG_IAX_TAKEOVER_H

#include "iax/endpoint.h"

/*
 * An endpoint goes on with the legs of another one, whose process is gone, perhaps in the middle of a change. Nothing of its block is
 * believed: each leg is looked at alone, and all that ties legs together is made anew. Not installed.
 */

/** What came of the legs that were there. */
struct iax_takeover {
	uint32_t taken;
	uint32_t strangers; /* had not shown who they are: they ask again */
	uint32_t broken;    /* made no sense */
	uint32_t frames;    /* unacknowledged ones that go on being sent */
};

/**
 * Take over what is whole. Legs keep their ids, so what refers to them by id stays true; an id of a leg that was not taken over finds
 * nothing. Events and datagrams that waited are gone: the far ends repeat theirs, we repeat ours.
 *
 * @param ep    fresh from iax_endpoint_init()
 * @param old   the other block, never written; may hold anything
 * @return false if it is no block of an endpoint of this size: then ep is as it was
 */
bool iax_endpoint_take_over(struct iax_endpoint *ep, const void *old, size_t old_bytes, uint64_t now_us,
                            struct iax_takeover *out);

#endif
