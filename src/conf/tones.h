/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_TONES_H
#define TG_CONF_TONES_H

#include "model/world.h"

/**
 * Tones for Playtones: a name (busy, congestion, dial, ...) or a list such as `!950/330,!1400/330,!1800/330,0`. An item is a frequency
 * in Hz, two with "+" between them, or one "*" another that it swings with, and behind "/" how many milliseconds it lasts; without,
 * for ever. Those marked "!" come once, the others again and again; 0 is silence.
 */
enum {
	CONF_TONES_MAX = 32,     /* different ones in a dialplan */
	CONF_TONE_TEXT_MAX = 80, /* octets of one */
	CONF_TONE_SECONDS = 20,  /* of what comes once, and of what comes again */
	CONF_TONE_RATE_HZ = 8000,
};

/** As arguments of Playtones, without blanks at the ends. */
struct conf_tones {
	uint32_t count;
	char texts[CONF_TONES_MAX][CONF_TONE_TEXT_MAX + 1];
};

/** @return NULL if a text is a name or a list, else what was expected */
TG_MUST_USE const char *conf_tone_check(struct tg_span text);

/** All tones of a world, each once. */
void conf_tones_collect(const struct world *world, struct conf_tones *tones);

/**
 * Compute a tone: whole frames of 20 ms, linear samples. -13 dBm0 a frequency.
 *
 * @param again  what is repeated, without an end or beginning to be heard; else what comes once before it
 * @param count  of samples; 0 if there is no such part
 * @return malloc'd; NULL without memory, or if count is 0
 */
int16_t *conf_tone_render(struct tg_span text, bool again, size_t *count);

/** One sample as ITU-T G.711 codes it. */
uint8_t conf_tone_ulaw(int16_t sample);
uint8_t conf_tone_alaw(int16_t sample);

#endif
