/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/wav.h"

#include "tools/audio.h"

#include <errno.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHANNELS_MAX = 8, FORMAT_PCM = 1, SAMPLE_BYTES = 2, BLOCK_FRAMES = 4096 };

struct tool_wav {
	FILE *file;
	uint64_t samples, in_header;
};

static void put_u16(uint8_t *to, unsigned value)
{
	to[0] = (uint8_t)value;
	to[1] = (uint8_t)(value >> 8);
}

static void put_u32(uint8_t *to, uint32_t value)
{
	put_u16(to, value & 0xffff);
	put_u16(to + 2, value >> 16);
}

/* RIFF is little-endian throughout. */
static bool header_put(struct tool_wav *wav)
{
	const uint32_t data_bytes = (uint32_t)(wav->samples * SAMPLE_BYTES);
	static const uint8_t data_mark[4] = { 'd', 'a', 't', 'a' };
	uint8_t header[TOOL_WAV_HEADER_BYTES] = "RIFF\0\0\0\0WAVEfmt ";

	put_u32(header + 4, data_bytes + TOOL_WAV_HEADER_BYTES - 8);
	put_u32(header + 16, 16);
	put_u16(header + 20, FORMAT_PCM);
	put_u16(header + 22, 1);
	put_u32(header + 24, TOOL_AUDIO_RATE_HZ);
	put_u32(header + 28, TOOL_AUDIO_RATE_HZ * SAMPLE_BYTES);
	put_u16(header + 32, SAMPLE_BYTES);
	put_u16(header + 34, SAMPLE_BYTES * 8);
	memcpy(header + 36, data_mark, sizeof(data_mark));
	put_u32(header + 40, data_bytes);
	wav->in_header = wav->samples;
	return fseek(wav->file, 0, SEEK_SET) == 0 && fwrite(header, 1, sizeof(header), wav->file) == sizeof(header) &&
	       fseek(wav->file, 0, SEEK_END) == 0;
}

struct tool_wav *tool_wav_new(const char *path)
{
	struct tool_wav *wav = calloc(1, sizeof(*wav));

	if (wav == NULL) {
		return NULL;
	}
	wav->file = fopen(path, "wbe");
	if (wav->file == NULL || !header_put(wav) || fflush(wav->file) != 0) {
		const int why = errno;

		tool_wav_free(wav);
		errno = why;
		return NULL;
	}
	return wav;
}

static bool samples_put(struct tool_wav *wav, const int16_t *samples, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		uint8_t bytes[SAMPLE_BYTES];

		put_u16(bytes, (uint16_t)samples[i]);
		if (fwrite(bytes, 1, sizeof(bytes), wav->file) != sizeof(bytes)) {
			return false;
		}
	}
	wav->samples += count;
	return true;
}

bool tool_wav_put(struct tool_wav *wav, const int16_t *samples, size_t count)
{
	if ((wav->samples + count) * SAMPLE_BYTES > UINT32_MAX - TOOL_WAV_HEADER_BYTES) {
		errno = EFBIG;
		return false;
	}
	if (!samples_put(wav, samples, count)) {
		return false;
	}
	if (wav->samples - wav->in_header < TOOL_AUDIO_RATE_HZ) {
		return true;
	}
	return header_put(wav) && fflush(wav->file) == 0;
}

bool tool_wav_free(struct tool_wav *wav)
{
	bool ok = true;

	if (wav != NULL && wav->file != NULL) {
		ok = header_put(wav);
		ok = fclose(wav->file) == 0 && ok;
	}
	free(wav);
	return ok;
}

static bool info_fits(const SF_INFO *info, const char *path, char *wrong, size_t wrong_bytes)
{
	if (info->samplerate != TOOL_AUDIO_RATE_HZ) {
		snprintf(wrong, wrong_bytes, "%s has %d samples a second, not 8000: sox %s -r 8000 -c 1 out.wav", path,
		         info->samplerate, path);
		return false;
	}
	if (info->channels < 1 || info->channels > CHANNELS_MAX) {
		snprintf(wrong, wrong_bytes, "%s has %d channels, not 1 to %d", path, info->channels, CHANNELS_MAX);
		return false;
	}
	return true;
}

static size_t mixed_read(SNDFILE *file, int channels, int16_t *out, size_t room)
{
	int16_t block[BLOCK_FRAMES];
	const sf_count_t frames_max = BLOCK_FRAMES / channels;
	size_t count = 0;

	while (count < room) {
		const sf_count_t wanted = (sf_count_t)tg_min_u64((uint64_t)frames_max, room - count);
		const sf_count_t got = sf_readf_short(file, block, wanted);

		for (sf_count_t i = 0; i < got; i++) {
			int sum = 0;

			for (int k = 0; k < channels; k++) {
				sum += block[i * channels + k];
			}
			out[count++] = (int16_t)(sum / channels);
		}
		if (got < wanted) {
			break;
		}
	}
	return count;
}

int16_t *tool_wav_read(const char *path, size_t *count, char *wrong, size_t wrong_bytes)
{
	const size_t room = (size_t)TOOL_WAV_SECONDS_MAX * TOOL_AUDIO_RATE_HZ;
	SF_INFO info = { 0 };
	SNDFILE *file = sf_open(path, SFM_READ, &info);
	int16_t *samples = NULL;

	*count = 0;
	if (file == NULL) {
		snprintf(wrong, wrong_bytes, "%s: %s", path, sf_strerror(NULL));
		return NULL;
	}
	if (info_fits(&info, path, wrong, wrong_bytes)) {
		const size_t wanted = (size_t)tg_min_u64(info.frames > 0 ? (uint64_t)info.frames : 0, room);

		samples = malloc((wanted > 0 ? wanted : 1) * sizeof(samples[0]));
		*count = samples != NULL ? mixed_read(file, info.channels, samples, wanted) : 0;
		if (*count == 0) {
			snprintf(wrong, wrong_bytes, "%s holds no sound", path);
			free(samples);
			samples = NULL;
		}
	}
	sf_close(file);
	return samples;
}
