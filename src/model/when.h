/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_MODEL_WHEN_H
#define TG_MODEL_WHEN_H

#include "model/world.h"

/** Wall clocks of time zones, and whether a time-limited include is open. Pure: time comes in, nothing else is read. */

/** What a clock on the wall shows. */
struct when {
	uint16_t minute;   /* of the day */
	uint8_t weekday;   /* 0 is Sunday */
	uint8_t day;       /* 1..31 */
	uint8_t month;     /* 1..12 */
	uint8_t is_summer; /* daylight saving time */
	int32_t year;
};

/** @param utc_s  seconds since 1970, leap seconds not counted */
struct when when_local(const struct world_zone *zone, uint64_t utc_s);

/** How far that clock is ahead of UTC. */
int32_t when_ahead_s(const struct world_zone *zone, uint64_t utc_s);

/** The same from a date and time of day of UTC; the date exists. */
uint64_t when_utc_s(int32_t year, unsigned month, unsigned day, uint32_t second_of_day);

/**
 * A rule as in the environment variable TZ of POSIX: `CET-1CEST,M3.5.0,M10.5.0/3`, `UTC0`. Days of summer time are given as
 * months, weeks and weekdays (`M`); times of the change from -167 to 167 hours.
 *
 * @return false for anything else
 */
TG_MUST_USE bool when_zone_read(struct world_zone *zone, struct tg_span rule);

/** Whether all numbers of a zone are within their bounds. */
bool when_zone_is_good(const struct world_zone *zone);

/**
 * @param zone    of the world; an include may have its own
 * @param minute  minutes since 1970, of UTC; WHEN_ANY: as if it were always open
 */
bool when_is_open(const struct world_include *include, const struct world_zone *zone, uint32_t minute);

enum { WHEN_ANY = 0 };

#endif
