/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_DATETIME_H
#define TG_IAX_DATETIME_H

#include "base/tg.h"

/**
 * The content of DATETIME (RFC 5456, section 8.6.28), always UTC. Five bits cannot hold 59, so in practice they carry
 * half the seconds, and odd seconds are lost. What peers send is often local time: show it, do not compute with it.
 */
struct iax_datetime {
	uint16_t year;      /* 2000..2127 */
	uint8_t month, day; /* from 1 */
	uint8_t hour, minute, second;
};

/** @return false if no clock shows this: month 0, hour 31, ... Days are compared with 31 only */
TG_MUST_USE bool iax_datetime_decode(struct iax_datetime *out, uint32_t wire);

/** The field for a wall time in microseconds since 1970; times outside 2000..2127 give the nearest inside. */
uint32_t iax_datetime_encode(uint64_t wall_us);

#endif
