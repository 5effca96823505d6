/* SPDX-License-Identifier: Apache-2.0 */
#include "model/times.h"

#include "model/when.h"

#include <string.h>

enum { DAY_MINUTES = 24 * 60 };

/* What a part of the line counts: how a value is written, and which there are. */
struct scale {
	const char *const *names; /* three letters each; NULL: numbers */
	uint32_t first, count;
	const char *expected;
};

static const char *const weekday_names[] = { "sun", "mon", "tue", "wed", "thu", "fri", "sat" };
static const char *const month_names[] = { "jan", "feb", "mar", "apr", "may", "jun",
	                                   "jul", "aug", "sep", "oct", "nov", "dec" };

static const struct scale times = { NULL, 0, DAY_MINUTES,
	                            "times of day such as 9:00-17:00, with & between several, or \"*\"" };
static const struct scale weekdays = { weekday_names, 0, 7, "weekdays such as mon-fri or sat&sun, or \"*\"" };
static const struct scale days = { NULL, 1, 31, "days of the month such as 1-7, with & between several, or \"*\"" };
static const struct scale months = { month_names, 1, 12, "months such as jan-mar or jul&aug, or \"*\"" };

static const char zone_expected[] =
	"a time zone as a rule, such as CET-1CEST,M3.5.0,M10.5.0/3 or UTC0: names of zones are not looked up";

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static struct tg_span trim(struct tg_span text)
{
	while (text.len > 0 && is_blank(text.p[0])) {
		text = (struct tg_span){ text.p + 1, text.len - 1 };
	}
	while (text.len > 0 && is_blank(text.p[text.len - 1])) {
		text.len--;
	}
	return text;
}

/* The next part, trimmed; also an empty one. */
static struct tg_span take_item(struct tg_span *list, char separator)
{
	const uint8_t *end = list->len > 0 ? memchr(list->p, separator, list->len) : NULL;
	const size_t len = end != NULL ? (size_t)(end - list->p) : list->len;
	const size_t used = end != NULL ? len + 1 : len;
	const struct tg_span item = { list->p, len };

	*list = (struct tg_span){ list->p + used, list->len - used };
	return trim(item);
}

static bool is_digits(struct tg_span text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.p[i] < '0' || text.p[i] > '9') {
			return false;
		}
	}
	return text.len >= 1 && text.len <= 2;
}

static uint32_t digits_value(struct tg_span text)
{
	return text.len == 1 ? text.p[0] - (uint32_t)'0' : (text.p[0] - (uint32_t)'0') * 10 + text.p[1] - (uint32_t)'0';
}

/* hours:minutes */
static bool take_minute(struct tg_span text, uint32_t *value)
{
	const struct tg_span hours = take_item(&text, ':');

	if (!is_digits(hours) || !is_digits(text) || text.len != 2 || digits_value(hours) > 23 ||
	    digits_value(text) > 59) {
		return false;
	}
	*value = digits_value(hours) * 60 + digits_value(text);
	return true;
}

static bool take_value(const struct scale *scale, struct tg_span text, uint32_t *value)
{
	if (scale == &times) {
		return take_minute(text, value);
	}
	if (scale->names == NULL) {
		*value = is_digits(text) ? digits_value(text) : 0;
		return *value >= scale->first && *value < scale->first + scale->count;
	}
	for (uint32_t i = 0; i < scale->count; i++) {
		if (tg_span_equal_nocase(text, tg_span_text(scale->names[i]))) {
			*value = scale->first + i;
			return true;
		}
	}
	return false;
}

static void set_bit(uint8_t *bits, uint32_t at)
{
	bits[at / 8] = (uint8_t)(bits[at / 8] | 1U << at % 8);
}

/* One value, or from one to another, both counted; it may go over the end: fri-mon, 22:00-6:00. */
static bool take_range(const struct scale *scale, struct tg_span text, uint8_t *bits)
{
	uint32_t from, to;
	const bool is_range = text.len > 0 && memchr(text.p, '-', text.len) != NULL;
	const struct tg_span first = take_item(&text, '-');

	if (!take_value(scale, first, &from) || !take_value(scale, is_range ? trim(text) : first, &to)) {
		return false;
	}
	while (from != to) {
		set_bit(bits, from);
		from = from + 1 == scale->first + scale->count ? scale->first : from + 1;
	}
	set_bit(bits, to);
	return true;
}

static bool take_part(const struct scale *scale, struct tg_span part, uint8_t *bits)
{
	const bool any = part.len == 0 || tg_span_equal(part, TG_SPAN_LIT("*"));
	bool good = true;

	for (uint32_t i = 0; any && i < scale->count; i++) {
		set_bit(bits, scale->first + i);
	}
	for (bool more = !any; good && more;) {
		more = part.len > 0 && memchr(part.p, '&', part.len) != NULL;
		good = take_range(scale, take_item(&part, '&'), bits);
	}
	return good;
}

static uint32_t number_of(const uint8_t bits[4])
{
	return bits[0] | (uint32_t)bits[1] << 8 | (uint32_t)bits[2] << 16 | (uint32_t)bits[3] << 24;
}

const char *times_read(struct world_include *row, struct tg_span text)
{
	const struct scale *const scales[] = { &times, &weekdays, &days, &months };
	uint8_t bits[4][4] = { { 0 } };

	memset(row->minutes, 0, sizeof(row->minutes));
	for (size_t i = 0; i < TG_COUNT(scales); i++) {
		if (!take_part(scales[i], take_item(&text, ','), i == 0 ? row->minutes : bits[i])) {
			return scales[i]->expected;
		}
	}
	row->is_limited = 1;
	row->weekdays = bits[1][0];
	row->days = number_of(bits[2]);
	row->months = (uint16_t)number_of(bits[3]);
	text = trim(text);
	row->has_zone = text.len > 0;
	return text.len == 0 || when_zone_read(&row->zone, text) ? NULL : zone_expected;
}
