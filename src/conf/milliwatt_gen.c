/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes conf/milliwatt.c while the project is built: the test tones of 1004 and of 1000 Hz at 0 dBm0 in u-law, A-law
 * and linear. 4000 samples hold exactly 502 periods, 160 exactly 20, so the tones can be repeated without a step.
 */
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RATE_HZ = 8000, SAMPLES_MAX = 4000 };

static const struct tone {
	const char *name;
	int hz, samples;
} tones[] = { { "milliwatt", 1004, 4000 }, { "milliwatt1000", 1000, 160 } };

/* Full scale of a sine is +3.17 dBm0 in u-law and +3.14 dBm0 in A-law (ITU-T G.711, table notes). */
static const double ulaw_peak = 32124.0, ulaw_full_scale_dbm0 = 3.17;
static const double alaw_peak = 32256.0, alaw_full_scale_dbm0 = 3.14;

/* What libsndfile writes, in memory. */
struct sink {
	unsigned char bytes[2 * SAMPLES_MAX];
	sf_count_t len, at;
};

static sf_count_t sink_length(void *owner)
{
	return ((const struct sink *)owner)->len;
}

static sf_count_t sink_seek(sf_count_t offset, int whence, void *owner)
{
	struct sink *sink = owner;
	const sf_count_t from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? sink->at : sink->len;

	sink->at = from + offset;
	return sink->at;
}

static sf_count_t sink_read(void *to, sf_count_t count, void *owner)
{
	(void)to;
	(void)count;
	(void)owner;
	return 0;
}

static sf_count_t sink_write(const void *from, sf_count_t count, void *owner)
{
	struct sink *sink = owner;

	if (sink->at < 0 || count > (sf_count_t)sizeof(sink->bytes) - sink->at) {
		return 0;
	}
	memcpy(sink->bytes + sink->at, from, (size_t)count);
	sink->at += count;
	sink->len = sink->at > sink->len ? sink->at : sink->len;
	return count;
}

static sf_count_t sink_tell(void *owner)
{
	return ((const struct sink *)owner)->at;
}

static void encode(const struct tone *tone, struct sink *sink, int format, double peak, double full_scale_dbm0)
{
	SF_VIRTUAL_IO io = { sink_length, sink_seek, sink_read, sink_write, sink_tell };
	SF_INFO info = { .samplerate = RATE_HZ, .channels = 1, .format = format };
	const double amplitude = peak / pow(10.0, full_scale_dbm0 / 20.0);
	const double pi = acos(-1.0);
	short samples[SAMPLES_MAX];

	for (int i = 0; i < tone->samples; i++) {
		samples[i] = (short)lround(amplitude * sin(2.0 * pi * tone->hz * i / RATE_HZ));
	}
	SNDFILE *file = sf_open_virtual(&io, SFM_WRITE, &info, sink);

	if (file == NULL || sf_write_short(file, samples, tone->samples) != tone->samples || sf_close(file) != 0) {
		fprintf(stderr, "the tone cannot be encoded: %s\n", sf_strerror(NULL));
		exit(EXIT_FAILURE);
	}
}

static void put(FILE *out, const struct tone *tone, const char *law, const struct sink *sink)
{
	fprintf(out, "\nconst uint8_t conf_%s_%s[%d] = {", tone->name, law, (int)sink->len);
	for (sf_count_t i = 0; i < sink->len; i++) {
		fprintf(out, "%s0x%02x,", i % 16 == 0 ? "\n\t" : " ", sink->bytes[i]);
	}
	fprintf(out, "\n};\n");
}

static void put_tone(FILE *out, const struct tone *tone)
{
	struct sink ulaw = { .len = 0 }, alaw = { .len = 0 }, slin = { .len = 0 };

	encode(tone, &ulaw, SF_FORMAT_RAW | SF_FORMAT_ULAW, ulaw_peak, ulaw_full_scale_dbm0);
	encode(tone, &alaw, SF_FORMAT_RAW | SF_FORMAT_ALAW, alaw_peak, alaw_full_scale_dbm0);
	encode(tone, &slin, SF_FORMAT_RAW | SF_FORMAT_PCM_16 | SF_ENDIAN_BIG, ulaw_peak, ulaw_full_scale_dbm0);
	put(out, tone, "ulaw", &ulaw);
	put(out, tone, "alaw", &alaw);
	put(out, tone, "slin", &slin);
}

int main(int argc, char **argv)
{
	FILE *out = argc == 2 ? fopen(argv[1], "w") : NULL;

	if (out == NULL) {
		perror(argc == 2 ? argv[1] : "usage: milliwatt_gen FILE");
		return EXIT_FAILURE;
	}
	fprintf(out, "/* SPDX-License-Identifier: Apache-2.0 */\n#include \"conf/milliwatt.h\"\n");
	for (size_t i = 0; i < sizeof(tones) / sizeof(tones[0]); i++) {
		put_tone(out, &tones[i]);
	}
	return fclose(out) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
