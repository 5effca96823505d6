/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_MILLIWATT_H
#define TG_CONF_MILLIWATT_H

#include <stdint.h>

enum { CONF_MILLIWATT_SAMPLES = 4000, CONF_MILLIWATT_1000_SAMPLES = 160 };

/**
 * 1004 Hz at 0 dBm0, to be repeated; made by milliwatt_gen.c while the project is built. Linear samples are
 * big-endian.
 */
extern const uint8_t conf_milliwatt_ulaw[CONF_MILLIWATT_SAMPLES];
extern const uint8_t conf_milliwatt_alaw[CONF_MILLIWATT_SAMPLES];
extern const uint8_t conf_milliwatt_slin[2 * CONF_MILLIWATT_SAMPLES];

/** The same at 1000 Hz. */
extern const uint8_t conf_milliwatt1000_ulaw[CONF_MILLIWATT_1000_SAMPLES];
extern const uint8_t conf_milliwatt1000_alaw[CONF_MILLIWATT_1000_SAMPLES];
extern const uint8_t conf_milliwatt1000_slin[2 * CONF_MILLIWATT_1000_SAMPLES];

#endif
