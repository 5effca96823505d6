/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/audio.h"

#include "iax/wire.h"

#include <sndfile.h>
#include <stdlib.h>
#include <string.h>

enum { CODES = 256, LEVELS = 65536 };

struct law {
	uint8_t code_of[LEVELS]; /* by sample + 32768 */
	int16_t level_of[CODES];
};

struct tool_audio {
	struct law ulaw, alaw;
};

/* A headerless file in memory, for libsndfile. */
struct memory_file {
	uint8_t *bytes;
	sf_count_t size, at;
};

static sf_count_t memory_size(void *owner)
{
	return ((struct memory_file *)owner)->size;
}

static sf_count_t memory_seek(sf_count_t offset, int whence, void *owner)
{
	struct memory_file *file = owner;
	const sf_count_t from = whence == SEEK_CUR ? file->at : whence == SEEK_END ? file->size : 0;

	if (from + offset >= 0 && from + offset <= file->size) {
		file->at = from + offset;
	}
	return file->at;
}

static sf_count_t memory_room(const struct memory_file *file, sf_count_t wanted)
{
	return wanted < file->size - file->at ? wanted : file->size - file->at;
}

static sf_count_t memory_read(void *to, sf_count_t count, void *owner)
{
	struct memory_file *file = owner;
	const sf_count_t got = memory_room(file, count);

	memcpy(to, file->bytes + file->at, (size_t)got);
	file->at += got;
	return got;
}

static sf_count_t memory_write(const void *from, sf_count_t count, void *owner)
{
	struct memory_file *file = owner;
	const sf_count_t put = memory_room(file, count);

	memcpy(file->bytes + file->at, from, (size_t)put);
	file->at += put;
	return put;
}

static sf_count_t memory_tell(void *owner)
{
	return ((struct memory_file *)owner)->at;
}

static SNDFILE *memory_open(struct memory_file *file, int mode, int coding)
{
	static SF_VIRTUAL_IO io = { memory_size, memory_seek, memory_read, memory_write, memory_tell };
	SF_INFO info = { .samplerate = TOOL_AUDIO_RATE_HZ, .channels = 1, .format = SF_FORMAT_RAW | coding };

	return sf_open_virtual(&io, mode, &info, file);
}

/* The law is memoryless, so coding every code and every level once says all about it. */
static bool law_learn(struct law *law, int coding)
{
	uint8_t codes[CODES];
	int16_t *levels = malloc(LEVELS * sizeof(levels[0]));
	struct memory_file in = { codes, CODES, 0 }, out = { law->code_of, LEVELS, 0 };
	SNDFILE *reader = NULL, *writer = NULL;
	bool ok = false;

	if (levels == NULL) {
		return false;
	}
	for (unsigned i = 0; i < CODES; i++) {
		codes[i] = (uint8_t)i;
	}
	for (int i = 0; i < LEVELS; i++) {
		levels[i] = (int16_t)(i + INT16_MIN);
	}
	reader = memory_open(&in, SFM_READ, coding);
	writer = memory_open(&out, SFM_WRITE, coding);
	ok = reader != NULL && writer != NULL && sf_read_short(reader, law->level_of, CODES) == CODES &&
	     sf_write_short(writer, levels, LEVELS) == LEVELS;
	if (reader != NULL) {
		sf_close(reader);
	}
	if (writer != NULL) {
		ok = sf_close(writer) == 0 && ok;
	}
	free(levels);
	return ok;
}

struct tool_audio *tool_audio_new(void)
{
	struct tool_audio *audio = calloc(1, sizeof(*audio));

	if (audio != NULL && law_learn(&audio->ulaw, SF_FORMAT_ULAW) && law_learn(&audio->alaw, SF_FORMAT_ALAW)) {
		return audio;
	}
	tool_audio_free(audio);
	return NULL;
}

void tool_audio_free(struct tool_audio *audio)
{
	free(audio);
}

uint64_t tool_audio_formats(void)
{
	return IAX_FORMAT_ULAW | IAX_FORMAT_ALAW | IAX_FORMAT_SLIN;
}

size_t tool_audio_frame_bytes(uint64_t format)
{
	if (format == IAX_FORMAT_SLIN) {
		return (size_t)TOOL_AUDIO_FRAME_SAMPLES * 2;
	}
	return format == IAX_FORMAT_ULAW || format == IAX_FORMAT_ALAW ? TOOL_AUDIO_FRAME_SAMPLES : 0;
}

static const struct law *law_of(const struct tool_audio *audio, uint64_t format)
{
	if (format == IAX_FORMAT_ULAW) {
		return &audio->ulaw;
	}
	return format == IAX_FORMAT_ALAW ? &audio->alaw : NULL;
}

static size_t slin_encode(const int16_t *samples, size_t count, uint8_t *out)
{
	struct tg_writer w = tg_writer_of(out, count * 2);

	for (size_t i = 0; i < count; i++) {
		tg_put_u16(&w, (uint16_t)samples[i]);
	}
	return w.len;
}

static size_t slin_decode(struct tg_span in, int16_t *out, size_t room)
{
	struct tg_reader r = tg_reader_of(in);
	size_t count = 0;

	for (; count < room && tg_reader_left(&r) >= 2; count++) {
		out[count] = (int16_t)tg_take_u16(&r);
	}
	return count;
}

size_t tool_audio_encode(const struct tool_audio *audio, uint64_t format, const int16_t *samples, size_t count,
                         uint8_t *out)
{
	const struct law *law = law_of(audio, format);

	if (law == NULL) {
		return format == IAX_FORMAT_SLIN ? slin_encode(samples, count, out) : 0;
	}
	for (size_t i = 0; i < count; i++) {
		out[i] = law->code_of[samples[i] - INT16_MIN];
	}
	return count;
}

size_t tool_audio_decode(const struct tool_audio *audio, uint64_t format, struct tg_span in, int16_t *out, size_t room)
{
	const struct law *law = law_of(audio, format);
	const size_t count = in.len < room ? in.len : room;

	if (law == NULL) {
		return format == IAX_FORMAT_SLIN ? slin_decode(in, out, room) : 0;
	}
	for (size_t i = 0; i < count; i++) {
		out[i] = law->level_of[in.p[i]];
	}
	return count;
}
