/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/tones.h"

#include "conf/value.h"
#include "model/prompts.h"

#include <stdlib.h>
#include <string.h>

enum {
	ITEMS_MAX = 32,
	FREQUENCY_MAX_HZ = 3999,
	FRAME_SAMPLES = PROMPT_FRAME_MS * CONF_TONE_RATE_HZ / 1000,
	SAMPLES_A_MS = CONF_TONE_RATE_HZ / 1000,
	FOR_EVER_MS = 1000, /* holds whole periods of every whole number of Hz */
};

static const double amplitude = 4992.6; /* -13 dBm0, where a sine of 32124 has 3.17 dBm0 */
static const double swing = 0.9;        /* of "*" */

struct item {
	uint32_t hz, other_hz;
	char with; /* '+', '*' or 0 */
	bool once;
	uint32_t ms; /* 0: for ever */
};

struct list {
	struct item items[ITEMS_MAX];
	size_t count;
};

/* Tones as in North America; others are written as lists. */
static const struct {
	const char *name, *list;
} names[] = {
	{ "busy", "480+620/500,0/500" },
	{ "callwaiting", "440/300,0/10000" },
	{ "congestion", "480+620/250,0/250" },
	{ "dial", "350+440" },
	{ "info", "!950/330,!1400/330,!1800/330,0" },
	{ "record", "1400/500,0/15000" },
	{ "ring", "440+480/2000,0/4000" },
};

static struct tg_span list_of(struct tg_span text)
{
	for (size_t i = 0; i < TG_COUNT(names); i++) {
		if (tg_span_equal_nocase(text, tg_span_text(names[i].name))) {
			return tg_span_text(names[i].list);
		}
	}
	return text;
}

/* ---- Reading ---------------------------------------------------------------------------------------------------- */

static bool take_number(struct tg_span *text, uint32_t max, uint32_t *number)
{
	size_t len = 0;
	uint32_t value = 0;

	while (len < text->len && text->p[len] >= '0' && text->p[len] <= '9' && value <= max) {
		value = value * 10 + (uint32_t)(text->p[len] - '0');
		len++;
	}
	*text = (struct tg_span){ text->p + len, text->len - len };
	*number = value;
	return len > 0 && value <= max;
}

static bool take_sign(struct tg_span *text, char sign)
{
	const bool is = text->len > 0 && text->p[0] == (uint8_t)sign;

	*text = is ? (struct tg_span){ text->p + 1, text->len - 1 } : *text;
	return is;
}

static bool read_item(struct tg_span text, struct item *item)
{
	*item = (struct item){ .once = take_sign(&text, '!') };
	if (!take_number(&text, FREQUENCY_MAX_HZ, &item->hz)) {
		return false;
	}
	item->with = (char)(take_sign(&text, '+') ? '+' : take_sign(&text, '*') ? '*' : '\0');
	if (item->with != '\0' && !take_number(&text, FREQUENCY_MAX_HZ, &item->other_hz)) {
		return false;
	}
	if (take_sign(&text, '/') && (!take_number(&text, CONF_TONE_SECONDS * 1000, &item->ms) || item->ms == 0)) {
		return false;
	}
	return text.len == 0;
}

/* What comes once comes first; what lasts for ever is the last, and alone in what is repeated. */
static bool is_in_order(const struct list *list, const struct item *item)
{
	const struct item *before = list->count > 0 ? &list->items[list->count - 1] : NULL;

	if (item->once && item->ms == 0) {
		return false;
	}
	return before == NULL || (before->ms > 0 && (before->once || (!item->once && item->ms > 0)));
}

static bool read_list(struct tg_span text, struct list *list)
{
	uint32_t ms[2] = { 0 };

	list->count = 0;
	text = list_of(text);
	for (bool more = true; more;) {
		struct item item;

		more = text.len > 0 && memchr(text.p, ',', text.len) != NULL;
		if (list->count == ITEMS_MAX || !read_item(conf_value_take_item(&text, ','), &item) ||
		    !is_in_order(list, &item)) {
			return false;
		}
		ms[item.once] += item.ms;
		list->items[list->count++] = item;
	}
	return ms[0] <= CONF_TONE_SECONDS * 1000 && ms[1] <= CONF_TONE_SECONDS * 1000;
}

const char *conf_tone_check(struct tg_span text)
{
	struct list list;

	if (text.len > CONF_TONE_TEXT_MAX) {
		return "tones of at most 80 octets";
	}
	return text.len > 0 && read_list(text, &list)
	               ? NULL
	               : "busy, callwaiting, congestion, dial, info, record, ring, or a list of tones such as "
	                 "!950/330,!1400/330,425+450/500,0/500 (Hz/milliseconds, at most 20 seconds)";
}

void conf_tones_collect(const struct world *world, struct conf_tones *tones)
{
	tones->count = 0;
	for (uint32_t i = 0; i < world_count(world, WORLD_STEPS) && tones->count < CONF_TONES_MAX; i++) {
		const struct world_step *step = world_row(world, WORLD_STEPS, i);
		const char *text = world_text(world, step->args);
		uint32_t at = 0;

		while (at < tones->count && strcmp(tones->texts[at], text) != 0) {
			at++;
		}
		if (step->app == WORLD_APP_PLAYTONES && at == tones->count &&
		    tg_span_copy(tones->texts[at], sizeof(tones->texts[at]), tg_span_text(text))) {
			tones->count++;
		}
	}
}

/* ---- Computing -------------------------------------------------------------------------------------------------- */

/* sin(2 pi n / 8000): a frequency of whole Hz takes every hz-th. */
static double *sines_new(void)
{
	static const double sin_step = 0.0007853980826519387, cos_step = 0.9999996915748783;
	double *sines = malloc(CONF_TONE_RATE_HZ * sizeof(*sines));
	double s = 0.0, c = 1.0;

	for (size_t n = 0; sines != NULL && n < CONF_TONE_RATE_HZ; n++) {
		const double next = s * cos_step + c * sin_step;

		sines[n] = s;
		c = c * cos_step - s * sin_step;
		s = next;
	}
	return sines;
}

static double wave(const double *sines, uint32_t hz, size_t n)
{
	return sines[(uint64_t)hz * n % CONF_TONE_RATE_HZ];
}

static int16_t sample_of(const double *sines, const struct item *item, size_t n)
{
	double value = wave(sines, item->hz, n);

	if (item->with == '+') {
		value += wave(sines, item->other_hz, n);
	} else if (item->with == '*') {
		value *= 1.0 + swing * wave(sines, item->other_hz, n);
	}
	value *= amplitude;
	return (int16_t)(value < 0.0 ? value - 0.5 : value + 0.5);
}

static size_t part_samples(const struct list *list, bool again)
{
	size_t samples = 0;
	bool sounds = false;

	for (size_t i = 0; i < list->count; i++) {
		const struct item *item = &list->items[i];

		if (item->once != again) {
			samples += (size_t)(item->ms > 0 ? item->ms : FOR_EVER_MS) * SAMPLES_A_MS;
			sounds = sounds || item->hz > 0 || item->other_hz > 0;
		}
	}
	return sounds ? samples : 0; /* silence needs no tone */
}

static void put_items(const double *sines, const struct list *list, bool again, int16_t *to)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct item *item = &list->items[i];
		const size_t samples = (size_t)(item->ms > 0 ? item->ms : FOR_EVER_MS) * SAMPLES_A_MS;

		for (size_t n = 0; item->once != again && n < samples; n++) {
			*to++ = sample_of(sines, item, n);
		}
	}
}

int16_t *conf_tone_render(struct tg_span text, bool again, size_t *count)
{
	struct list list;

	*count = 0;
	if (!read_list(text, &list)) {
		return NULL;
	}
	const size_t one = part_samples(&list, again);
	size_t rounds = 1;

	while (again && one * rounds % FRAME_SAMPLES != 0) {
		rounds++; /* 20 at most: a millisecond has a whole number of samples */
	}
	const size_t all = (one * rounds + FRAME_SAMPLES - 1) / FRAME_SAMPLES * FRAME_SAMPLES;
	double *sines = all > 0 ? sines_new() : NULL;
	int16_t *samples = sines != NULL ? calloc(all, sizeof(*samples)) : NULL;

	for (size_t round = 0; samples != NULL && round < rounds; round++) {
		put_items(sines, &list, again, samples + round * one);
	}
	*count = all;
	free(sines);
	return samples;
}

/* Sign, three bits of segment, four of step, inverted; after a bias of 33 in 14 bits. */
uint8_t conf_tone_ulaw(int16_t sample)
{
	const bool negative = sample < 0;
	int32_t size = (negative ? -(int32_t)sample : sample) + 132;
	unsigned segment = 7;

	size = size > 32767 ? 32767 : size;
	while (segment > 0 && size < 128 << segment) {
		segment--;
	}
	return (uint8_t) ~((negative ? 0x80U : 0U) | segment << 4 | ((uint32_t)size >> (segment + 3) & 0x0fU));
}

/* Sign, segment and step in 13 bits, every other bit inverted. */
uint8_t conf_tone_alaw(int16_t sample)
{
	const bool negative = sample < 0;
	const int32_t size = negative ? -(int32_t)sample - 1 : sample;
	unsigned segment = 7;

	while (segment > 0 && size < 128 << segment) {
		segment--;
	}
	const uint32_t step = (uint32_t)size >> (segment > 0 ? segment + 3 : 4) & 0x0fU;

	return (uint8_t)(((negative ? 0U : 0x80U) | segment << 4 | step) ^ 0x55U);
}
