/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_SHIPPED_H
#define TG_CONF_SHIPPED_H

#include <stddef.h>
#include <stdint.h>

/** etc/destinations.conf as it was when the program was built; made by shipped_gen.c. */
extern const uint8_t conf_shipped_destinations[];
extern const size_t conf_shipped_destinations_len;

#endif
