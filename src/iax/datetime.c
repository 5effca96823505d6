/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/datetime.h"

#include <time.h>

enum { YEAR_MIN = 2000, YEAR_MAX = 2127 };

/* RFC 5456, 8.6.28: year 7, month 4, day 5, hour 5, minute 6, seconds 5 bits. */
bool iax_datetime_decode(struct iax_datetime *out, uint32_t wire)
{
	*out = (struct iax_datetime){
		.year = (uint16_t)(YEAR_MIN + (wire >> 25)),
		.month = wire >> 21 & 0x0f,
		.day = wire >> 16 & 0x1f,
		.hour = wire >> 11 & 0x1f,
		.minute = wire >> 5 & 0x3f,
		.second = (uint8_t)((wire & 0x1f) * 2),
	};
	return out->month >= 1 && out->month <= 12 && out->day >= 1 && out->hour <= 23 && out->minute <= 59 &&
	       out->second <= 59;
}

static uint32_t pack(unsigned year, unsigned month, unsigned day, unsigned hour, unsigned minute, unsigned second)
{
	return (year - YEAR_MIN) << 25 | month << 21 | day << 16 | hour << 11 | minute << 5 | second / 2;
}

uint32_t iax_datetime_encode(uint64_t wall_us)
{
	const time_t wall_s = (time_t)(wall_us / TG_US_PER_S);
	struct tm tm;

	if (gmtime_r(&wall_s, &tm) == NULL || tm.tm_year > YEAR_MAX - 1900) {
		return pack(YEAR_MAX, 12, 31, 23, 59, 59);
	}
	if (tm.tm_year < YEAR_MIN - 1900) {
		return pack(YEAR_MIN, 1, 1, 0, 0, 0);
	}
	return pack((unsigned)tm.tm_year + 1900, (unsigned)tm.tm_mon + 1, (unsigned)tm.tm_mday, (unsigned)tm.tm_hour,
	            (unsigned)tm.tm_min, (unsigned)tm.tm_sec);
}
