/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_INSPECT_H
#define TG_TESTS_INSPECT_H

#include "iax/endpoint.h"

/**
 * Look at all tables of an endpoint: whether each leg is where it must be found, and nothing else is there.
 *
 * @return NULL, or what is wrong
 */
const char *inspect_endpoint(const struct iax_endpoint *ep);

/** All legs, ended ones that still wait for their last ACK too. */
uint32_t inspect_legs(const struct iax_endpoint *ep);

/** A leg's state, ended ones too; -1 for a free place. */
int inspect_state(const struct iax_endpoint *ep, uint32_t index);

#endif
