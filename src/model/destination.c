/* SPDX-License-Identifier: Apache-2.0 */
#include "model/destination.h"

#include <string.h>

enum { E164_DIGITS_MIN = 3, E164_DIGITS_MAX = WORLD_PREFIX_MAX - 1 };

/* Who says nothing else: no country is known, so a national number has no meaning. */
static const struct world_numbers default_numbers = {
	.national = "0",
	.international = { "00", "011" },
	.internal_digits = 5,
	.bare = WORLD_BARE_EITHER,
};

const struct world_numbers *destination_numbers(const struct world *world, uint32_t trunk, uint32_t account)
{
	const uint32_t row = trunk != 0 ? trunk : account != 0 ? account : world->settings.paying.numbers;

	return row == 0 ? &default_numbers : world_row(world, WORLD_NUMBERS, row - 1);
}

/* ---- The list ---------------------------------------------------------------------------------------------------- */

static const struct world_destination *row_at(const struct world *world, uint32_t place)
{
	return world_row(world, WORLD_DESTINATIONS, place - 1);
}

/* How many rows do not come after the number. */
static uint32_t rows_before(const struct world *world, const char *number)
{
	uint32_t low = 0, high = world_count(world, WORLD_DESTINATIONS);

	while (low < high) {
		const uint32_t middle = low + (high - low) / 2;

		if (strncmp(row_at(world, middle + 1)->prefix, number, sizeof(row_at(world, 1)->prefix)) <= 0) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

static bool fits(const struct world_destination *row, const char *number)
{
	const size_t len = strlen(row->prefix), digits = strlen(number) - (number[0] == '+');

	return strncmp(row->prefix, number, len) == 0 && (row->exact == 0 || number[len] == '\0') &&
	       digits >= row->min_digits;
}

/* The longest row that fits, and an exception before all others. */
static const struct world_destination *find(const struct world *world, const char *number)
{
	const struct world_destination *found = NULL;

	for (uint32_t place = rows_before(world, number); place != 0; place = row_at(world, place)->up) {
		const struct world_destination *row = row_at(world, place);

		if (!fits(row, number)) {
			continue;
		}
		if (row->exception != 0) {
			return row;
		}
		found = found == NULL ? row : found;
	}
	return found;
}

/* ---- Classes ----------------------------------------------------------------------------------------------------- */

static bool is_international(uint8_t class)
{
	return class == WORLD_CLASS_INTL_LOW || class == WORLD_CLASS_INTL_MID || class == WORLD_CLASS_INTL_HIGH;
}

/* The list says what a number is where it belongs. From abroad it costs more. */
static uint8_t from_abroad(uint8_t class)
{
	switch ((enum world_class) class) {
	case WORLD_CLASS_NATIONAL:
	case WORLD_CLASS_TOLLFREE:
		return WORLD_CLASS_INTL_LOW;
	case WORLD_CLASS_MOBILE:
	case WORLD_CLASS_SHARED:
		return WORLD_CLASS_INTL_MID;
	case WORLD_CLASS_PREMIUM:
		return WORLD_CLASS_PREMIUM_INTL;
	case WORLD_CLASS_EMERGENCY:
	case WORLD_CLASS_INTERNAL:
	case WORLD_CLASS_INTL_LOW:
	case WORLD_CLASS_INTL_MID:
	case WORLD_CLASS_INTL_HIGH:
	case WORLD_CLASS_SATELLITE:
	case WORLD_CLASS_PREMIUM_INTL:
	case WORLD_CLASS_UNKNOWN:
	case WORLD_CLASS_TEST_NUMBER:
	case WORLD_CLASSES:
		break;
	}
	return class;
}

static bool is_home(const struct world_numbers *numbers, const struct world_destination *row, const char *e164)
{
	if (row->region[0] != '\0') {
		return memcmp(row->region, numbers->region, sizeof(row->region)) == 0;
	}
	return numbers->country[0] != '\0' && strncmp(e164 + 1, numbers->country, strlen(numbers->country)) == 0;
}

static enum world_class class_of(const struct world_numbers *numbers, const struct world_destination *row,
                                 const char *e164)
{
	if (row->region[0] == '*') {
		return (enum world_class)row->class;
	}
	if (is_home(numbers, row, e164)) {
		return is_international(row->class) ? WORLD_CLASS_NATIONAL : (enum world_class)row->class;
	}
	return (enum world_class)from_abroad(row->class);
}

/* ---- Reading ----------------------------------------------------------------------------------------------------- */

/* Digits with a "+" in front perhaps; what only makes a number easier to read is left out. @return false for anything else */
static bool clean(char out[32], struct tg_span number)
{
	size_t len = 0;

	for (size_t i = 0; i < number.len; i++) {
		const uint8_t c = number.p[i];

		if ((c >= '0' && c <= '9') || (c == '+' && len == 0)) {
			if (len == 31) {
				return false;
			}
			out[len++] = (char)c;
		} else if (c == '\0' || strchr(" -.()/", c) == NULL) {
			return false;
		}
	}
	out[len] = '\0';
	return len > 0 && !(len == 1 && out[0] == '+');
}

/* "+", a calling code and the rest, read as a number of the world. Kept if it is worse than what was read before. */
static void read_as(const struct world *world, const struct world_numbers *numbers, const char *code, const char *rest,
                    struct destination *out)
{
	const size_t code_len = strlen(code), rest_len = strlen(rest), digits = code_len + rest_len;
	struct destination read = { .class = WORLD_CLASS_UNKNOWN, .way = DESTINATION_NO_SENSE };

	if (digits >= E164_DIGITS_MIN && digits <= E164_DIGITS_MAX && (code_len > 0 ? code[0] : rest[0]) != '0') {
		read.way = DESTINATION_E164;
		read.e164[0] = '+';
		memcpy(read.e164 + 1, code, code_len);
		memcpy(read.e164 + 1 + code_len, rest, rest_len + 1);
		read.row = find(world, read.e164);
		read.class = read.row != NULL ? class_of(numbers, read.row, read.e164) : WORLD_CLASS_UNKNOWN;
	}
	if (out->way == DESTINATION_NO_SENSE || read.class > out->class) {
		memcpy(read.dialled, out->dialled, sizeof(read.dialled));
		*out = read;
	}
}

/* What the international prefix leaves; NULL if there is none. The longest one counts. */
static const char *after_international(const struct world_numbers *numbers, const char *dialled)
{
	size_t best = 0;

	for (size_t i = 0; i < WORLD_ACCESS_CODES; i++) {
		const size_t len = strlen(numbers->international[i]);

		if (len > best && strncmp(dialled, numbers->international[i], len) == 0) {
			best = len;
		}
	}
	return best > 0 ? dialled + best : NULL;
}

static void read_without_code(const struct world *world, const struct world_numbers *numbers, struct destination *out)
{
	const char *dialled = out->dialled;
	const size_t national_len = strlen(numbers->national);
	const bool has_prefix = national_len > 0 && strncmp(dialled, numbers->national, national_len) == 0;

	if (numbers->country[0] != '\0' && has_prefix) {
		read_as(world, numbers, numbers->country, dialled + national_len, out);
	} else if (numbers->country[0] != '\0' && numbers->bare != WORLD_BARE_INTERNATIONAL) {
		read_as(world, numbers, numbers->country, dialled, out);
	}
	/* With a national prefix it is no number of the world; without a country the other way to read it is not known. */
	if (!has_prefix && (numbers->bare == WORLD_BARE_INTERNATIONAL ||
	                    (numbers->bare == WORLD_BARE_EITHER && numbers->country[0] != '\0'))) {
		read_as(world, numbers, "", dialled, out);
	}
}

void destination_read(const struct world *world, const struct world_numbers *numbers, struct tg_span number,
                      struct destination *out)
{
	*out = (struct destination){ .class = WORLD_CLASS_UNKNOWN, .way = DESTINATION_NO_SENSE };
	if (number.len == 0 || tg_span_equal(number, TG_SPAN_LIT("s"))) {
		out->class = WORLD_CLASS_INTERNAL;
		out->way = DESTINATION_NONE;
		return;
	}
	if (!clean(out->dialled, number)) {
		out->dialled[0] = '\0';
		return;
	}
	const bool plus = out->dialled[0] == '+';
	const char *abroad = plus ? out->dialled + 1 : after_international(numbers, out->dialled);

	out->row = plus ? NULL : find(world, out->dialled);
	if (out->row != NULL) {
		out->class = (enum world_class)out->row->class;
		out->way = DESTINATION_DIALLED;
	} else if (!plus && strlen(out->dialled) <= numbers->internal_digits) {
		out->class = WORLD_CLASS_INTERNAL;
		out->way = DESTINATION_SHORT;
	} else if (abroad != NULL) {
		read_as(world, numbers, "", abroad, out);
	} else {
		read_without_code(world, numbers, out);
	}
}

enum world_class world_class_of(const struct world *world, struct tg_span number)
{
	struct destination destination;

	destination_read(world, destination_numbers(world, 0, 0), number, &destination);
	return destination.class;
}

bool destination_begins(const struct destination *destination, const char *prefix)
{
	return prefix[0] != '\0' && strncmp(destination->e164, prefix, strlen(prefix)) == 0;
}
