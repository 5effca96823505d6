/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes conf/milliwatt.c while the project is built: the test tone of 1004 Hz at 0 dBm0 in u-law, A-law
 * and linear. 4000 samples hold exactly 502 periods, so the tone can be repeated without a step.
 */
#include <math.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RATE_HZ = 8000, TONE_HZ = 1004, SAMPLES = 4000 };

/* Full scale of a sine is +3.17 dBm0 in u-law and +3.14 dBm0 in A-law (ITU-T G.711, table notes). */
static const double ulaw_peak = 32124.0, ulaw_full_scale_dbm0 = 3.17;
static const double alaw_peak = 32256.0, alaw_full_scale_dbm0 = 3.14;

/* What libsndfile writes, in memory. */
struct sink {
	unsigned char bytes[2 * SAMPLES];
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

static void encode(struct sink *sink, int format, double peak, double full_scale_dbm0)
{
	SF_VIRTUAL_IO io = { sink_length, sink_seek, sink_read, sink_write, sink_tell };
	SF_INFO info = { .samplerate = RATE_HZ, .channels = 1, .format = format };
	const double amplitude = peak / pow(10.0, full_scale_dbm0 / 20.0);
	const double pi = acos(-1.0);
	short samples[SAMPLES];

	for (int i = 0; i < SAMPLES; i++) {
		samples[i] = (short)lround(amplitude * sin(2.0 * pi * TONE_HZ * i / RATE_HZ));
	}
	SNDFILE *file = sf_open_virtual(&io, SFM_WRITE, &info, sink);

	if (file == NULL || sf_write_short(file, samples, SAMPLES) != SAMPLES || sf_close(file) != 0) {
		fprintf(stderr, "the tone cannot be encoded: %s\n", sf_strerror(NULL));
		exit(EXIT_FAILURE);
	}
}

static void put(FILE *out, const char *name, const struct sink *sink)
{
	fprintf(out, "\nconst uint8_t conf_milliwatt_%s[%d] = {", name, (int)sink->len);
	for (sf_count_t i = 0; i < sink->len; i++) {
		fprintf(out, "%s0x%02x,", i % 16 == 0 ? "\n\t" : " ", sink->bytes[i]);
	}
	fprintf(out, "\n};\n");
}

int main(int argc, char **argv)
{
	FILE *out = argc == 2 ? fopen(argv[1], "w") : NULL;
	struct sink ulaw = { .len = 0 }, alaw = { .len = 0 }, slin = { .len = 0 };

	if (out == NULL) {
		perror(argc == 2 ? argv[1] : "usage: milliwatt_gen FILE");
		return EXIT_FAILURE;
	}
	encode(&ulaw, SF_FORMAT_RAW | SF_FORMAT_ULAW, ulaw_peak, ulaw_full_scale_dbm0);
	encode(&alaw, SF_FORMAT_RAW | SF_FORMAT_ALAW, alaw_peak, alaw_full_scale_dbm0);
	encode(&slin, SF_FORMAT_RAW | SF_FORMAT_PCM_16 | SF_ENDIAN_BIG, ulaw_peak, ulaw_full_scale_dbm0);
	fprintf(out, "/* SPDX-License-Identifier: Apache-2.0 */\n#include \"conf/milliwatt.h\"\n");
	put(out, "ulaw", &ulaw);
	put(out, "alaw", &alaw);
	put(out, "slin", &slin);
	return fclose(out) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
