/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_INSPECT_H
#define TG_IAX_INSPECT_H

#include "iax/endpoint.h"

/*
 * For tests, fuzzing and the day a block of memory is adopted: what must be true of an endpoint whenever none of its functions
 * runs. Not installed.
 */

/**
 * Look at all tables of an endpoint: whether each leg is where it must be found, and nothing else is there.
 *
 * @return NULL, or what is wrong
 */
const char *iax_inspect(const struct iax_endpoint *ep);

/** All legs, ended ones that still wait for their last ACK too. */
uint32_t iax_inspect_legs(const struct iax_endpoint *ep);

/** A leg's state, ended ones too; -1 for a free place. */
int iax_inspect_state(const struct iax_endpoint *ep, uint32_t index);

#endif
