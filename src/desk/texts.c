/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/show.h"

#include "model/codec.h"

#include <stdio.h>
#include <time.h>

const char *desk_codec_name(uint64_t format)
{
	const struct codec *codec = codec_of(format);

	if (format == 0) {
		return "none";
	}
	return codec != NULL ? codec->name : "unknown";
}

const char *desk_span_text(uint64_t seconds, char text[DESK_SPAN_BYTES])
{
	static const struct {
		const char *name;
		uint64_t seconds;
	} units[] = { { "day", 86400 }, { "hour", 3600 }, { "minute", 60 }, { "second", 1 } };
	size_t len = 0;

	text[0] = '\0';
	for (size_t i = 0; i < TG_COUNT(units); i++) {
		const uint64_t count = seconds / units[i].seconds;

		seconds %= units[i].seconds;
		if (len > 0 || count > 0 || units[i].seconds == 1) {
			len += (size_t)snprintf(text + len, DESK_SPAN_BYTES - len, "%s%llu %s%s", len > 0 ? ", " : "",
			                        (unsigned long long)count, units[i].name, count == 1 ? "" : "s");
		}
	}
	return text;
}

/* By hand: strftime() would read the time zone's file, which this process may not. */
const char *desk_time_text(uint64_t ms, char text[DESK_TIME_BYTES])
{
	const time_t seconds = (time_t)(ms / 1000);
	struct tm tm;

	if (gmtime_r(&seconds, &tm) == NULL || tm.tm_year > 9999 - 1900) {
		snprintf(text, DESK_TIME_BYTES, "?");
		return text;
	}
	snprintf(text, DESK_TIME_BYTES, "%04d-%02d-%02d %02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
	         tm.tm_hour, tm.tm_min, tm.tm_sec);
	return text;
}
