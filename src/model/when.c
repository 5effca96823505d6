/* SPDX-License-Identifier: Apache-2.0 */
#include "model/when.h"

#include <string.h>

enum {
	DAY_S = 86400,
	HOUR_S = 3600,
	DAYS_OF_400_YEARS = 146097,
	MORE_DAYS = 2, /* put on and taken off, so that nothing below 0 is divided: an offset is not longer */
	OFFSET_MAX_S = 25 * HOUR_S - 1,
	CHANGE_MAX_S = 168 * HOUR_S - 1,
};

/* ---- The calendar ----------------------------------------------------------------------------------------------- */

static bool is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static unsigned days_of_month(int64_t year, unsigned month)
{
	static const uint8_t days[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year) ? 1U : 0U);
}

/* Days from 1970-01-01 to the first day of a year from 1600 on. */
static int64_t days_before_year(int64_t year)
{
	const int64_t y = year - 1601; /* whole years behind 1601-01-01 */

	return y * 365 + y / 4 - y / 100 + y / 400 - 134774;
}

static int64_t days_before(int64_t year, unsigned month)
{
	int64_t days = days_before_year(year);

	for (unsigned m = 1; m < month; m++) {
		days += days_of_month(year, m);
	}
	return days;
}

static int64_t year_of_day(int64_t day)
{
	int64_t year = 1970 + day * 400 / DAYS_OF_400_YEARS;

	while (days_before_year(year) > day) {
		year--;
	}
	while (days_before_year(year + 1) <= day) {
		year++;
	}
	return year;
}

static unsigned weekday_of(int64_t day)
{
	return (unsigned)((day + 4 + 7 * INT64_C(1000000)) % 7); /* 1970-01-01 was a Thursday */
}

/* ---- Zones ------------------------------------------------------------------------------------------------------ */

/* Seconds since 1970 on the clock that is wrong afterwards: the weekday of that week of the month, week 5 is the last one. */
static int64_t change_s(const struct world_change *change, int64_t year)
{
	const int64_t first = days_before(year, change->month);
	const unsigned to_weekday = (change->weekday + 7 - weekday_of(first)) % 7;
	unsigned day = to_weekday + 7U * (change->week - 1U);

	while (day >= days_of_month(year, change->month)) {
		day -= 7;
	}
	return (first + (int64_t)day) * DAY_S + change->at_s;
}

static bool is_summer(const struct world_zone *zone, int64_t utc_s)
{
	if (zone->begin.month == 0) {
		return false;
	}
	const int64_t year = year_of_day((utc_s + zone->standard_s + MORE_DAYS * DAY_S) / DAY_S - MORE_DAYS);
	const int64_t begin_s = change_s(&zone->begin, year) - zone->standard_s;
	const int64_t end_s = change_s(&zone->end, year) - zone->summer_s;

	return begin_s < end_s ? begin_s <= utc_s && utc_s < end_s : !(end_s <= utc_s && utc_s < begin_s);
}

int32_t when_ahead_s(const struct world_zone *zone, uint64_t utc_s)
{
	return is_summer(zone, (int64_t)utc_s) ? zone->summer_s : zone->standard_s;
}

struct when when_local(const struct world_zone *zone, uint64_t utc_s)
{
	const bool summer = is_summer(zone, (int64_t)utc_s);
	const int64_t local_s = (int64_t)utc_s + when_ahead_s(zone, utc_s) + MORE_DAYS * DAY_S;
	const int64_t day = local_s / DAY_S - MORE_DAYS;
	const int64_t year = year_of_day(day);
	unsigned month = 1;

	while (month < 12 && days_before(year, month + 1) <= day) {
		month++;
	}
	return (struct when){
		.minute = (uint16_t)(local_s % DAY_S / 60),
		.weekday = (uint8_t)weekday_of(day),
		.day = (uint8_t)(day - days_before(year, month) + 1),
		.month = (uint8_t)month,
		.is_summer = summer,
		.year = (int32_t)year,
	};
}

uint64_t when_utc_s(int32_t year, unsigned month, unsigned day, uint32_t second_of_day)
{
	return (uint64_t)((days_before(year, month) + day - 1) * DAY_S) + second_of_day;
}

/* ---- Rules ------------------------------------------------------------------------------------------------------ */

static bool take_char(struct tg_span *text, char c)
{
	if (text->len == 0 || text->p[0] != (uint8_t)c) {
		return false;
	}
	*text = (struct tg_span){ text->p + 1, text->len - 1 };
	return true;
}

static bool take_number(struct tg_span *text, uint32_t max, uint32_t *number)
{
	const size_t before = text->len;
	uint32_t value = 0;

	while (text->len > 0 && text->p[0] >= '0' && text->p[0] <= '9' && value <= max) {
		value = value * 10 + (uint32_t)(text->p[0] - '0');
		*text = (struct tg_span){ text->p + 1, text->len - 1 };
	}
	*number = value;
	return text->len < before && value <= max;
}

/* Three letters or more, or anything between "<" and ">". */
static bool take_name(struct tg_span *text)
{
	size_t len = 0;

	if (take_char(text, '<')) {
		const uint8_t *end = text->len > 0 ? memchr(text->p, '>', text->len) : NULL;

		len = end != NULL ? (size_t)(end - text->p) + 1 : 0;
	} else {
		while (len < text->len && (text->p[len] | 0x20) >= 'a' && (text->p[len] | 0x20) <= 'z') {
			len++;
		}
	}
	*text = (struct tg_span){ text->p + len, text->len - len };
	return len >= 3;
}

/* [+-]hours[:minutes[:seconds]] */
static bool take_time(struct tg_span *text, uint32_t hours_max, int32_t *seconds)
{
	const bool negative = take_char(text, '-');
	uint32_t h = 0, m = 0, s = 0;
	bool good = (negative || take_char(text, '+') || true) && take_number(text, hours_max, &h);

	if (good && take_char(text, ':')) {
		good = take_number(text, 59, &m);
		if (good && take_char(text, ':')) {
			good = take_number(text, 59, &s);
		}
	}
	*seconds = (int32_t)(h * HOUR_S + m * 60 + s) * (negative ? -1 : 1);
	return good;
}

/* ,Mmonth.week.weekday[/time] */
static bool take_change(struct tg_span *text, struct world_change *change)
{
	uint32_t month = 0, week = 0, weekday = 0;

	change->at_s = 2 * HOUR_S;
	if (!take_char(text, ',') || !take_char(text, 'M') || !take_number(text, 12, &month) || !take_char(text, '.') ||
	    !take_number(text, 5, &week) || !take_char(text, '.') || !take_number(text, 6, &weekday)) {
		return false;
	}
	change->month = (uint8_t)month;
	change->week = (uint8_t)week;
	change->weekday = (uint8_t)weekday;
	return month > 0 && week > 0 && (!take_char(text, '/') || take_time(text, 167, &change->at_s));
}

/* POSIX counts offsets westwards. */
bool when_zone_read(struct world_zone *zone, struct tg_span rule)
{
	int32_t west_s = 0;

	*zone = (struct world_zone){ 0 };
	if (!take_name(&rule) || !take_time(&rule, 24, &west_s)) {
		return false;
	}
	zone->standard_s = -west_s;
	if (rule.len == 0) {
		return true;
	}
	zone->summer_s = zone->standard_s + HOUR_S;
	if (!take_name(&rule)) {
		return false;
	}
	if (rule.len > 0 && rule.p[0] != ',') {
		if (!take_time(&rule, 24, &west_s)) {
			return false;
		}
		zone->summer_s = -west_s;
	}
	return take_change(&rule, &zone->begin) && take_change(&rule, &zone->end) && rule.len == 0 &&
	       when_zone_is_good(zone);
}

static bool is_good_change(const struct world_change *change)
{
	return change->month >= 1 && change->month <= 12 && change->week >= 1 && change->week <= 5 &&
	       change->weekday <= 6 && change->at_s >= -CHANGE_MAX_S && change->at_s <= CHANGE_MAX_S;
}

bool when_zone_is_good(const struct world_zone *zone)
{
	const bool offsets = zone->standard_s >= -OFFSET_MAX_S && zone->standard_s <= OFFSET_MAX_S &&
	                     zone->summer_s >= -OFFSET_MAX_S && zone->summer_s <= OFFSET_MAX_S;

	return offsets && ((zone->begin.month == 0 && zone->end.month == 0) ||
	                   (is_good_change(&zone->begin) && is_good_change(&zone->end)));
}

/* ---- Includes --------------------------------------------------------------------------------------------------- */

bool when_is_open(const struct world_include *include, const struct world_zone *zone, uint32_t minute)
{
	if (include->is_limited == 0 || minute == WHEN_ANY) {
		return true;
	}
	const struct when when = when_local(include->has_zone != 0 ? &include->zone : zone, (uint64_t)minute * 60);

	return (include->minutes[when.minute / 8] >> when.minute % 8 & 1) != 0 &&
	       (include->weekdays >> when.weekday & 1) != 0 && (include->days >> when.day & 1) != 0 &&
	       (include->months >> when.month & 1) != 0;
}
