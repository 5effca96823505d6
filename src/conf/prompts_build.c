/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/prompts_build.h"

#include "conf/milliwatt.h"
#include "model/codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A kind of file. tail: what a last frame is filled up with; -1: a part of a frame is no sound and is left out. */
struct kind {
	const char *extension;
	unsigned bit;
	int tail;
	bool swapped; /* linear samples are little-endian in files and big-endian in frames */
};

static const struct kind kinds[] = {
	{ ".ulaw", CODEC_ULAW_BIT, 0xff, false }, { ".ul", CODEC_ULAW_BIT, 0xff, false },
	{ ".alaw", CODEC_ALAW_BIT, 0xd5, false }, { ".al", CODEC_ALAW_BIT, 0xd5, false },
	{ ".gsm", CODEC_GSM_BIT, -1, false },     { ".g722", CODEC_G722_BIT, 0xfa, false },
	{ ".sln", CODEC_SLIN_BIT, 0x00, true },
};

/* Rows with their octets elsewhere, before the image is put together. */
struct builder {
	struct prompt *rows; /* offset counts in `bytes` */
	size_t count, room;
	uint8_t *bytes;
	size_t len, bytes_room;
	bool failed;
	struct conf_problems *problems;
	const char *folder;
	uint32_t others; /* files in other formats */
	char first_other[96];
};

#define WARN(b, path, ...) conf_warning((b)->problems, ((struct conf_place){ (path), 0 }), __VA_ARGS__)

static bool grow(void **p, size_t *room, size_t needed, size_t item_bytes)
{
	if (needed <= *room) {
		return true;
	}
	const size_t more = 2 * needed + 16;
	void *moved = realloc(*p, more * item_bytes);

	if (moved == NULL) {
		return false;
	}
	*p = moved;
	*room = more;
	return true;
}

static struct prompt *add_row(struct builder *b)
{
	void *rows = b->rows;

	if (!grow(&rows, &b->room, b->count + 1, sizeof(*b->rows))) {
		b->failed = true;
		return NULL;
	}
	b->rows = rows;
	b->rows[b->count] = (struct prompt){ .offset = b->len };
	return &b->rows[b->count++];
}

static uint8_t *add_bytes(struct builder *b, size_t len)
{
	void *bytes = b->bytes;

	if (!grow(&bytes, &b->bytes_room, b->len + len, 1)) {
		b->failed = true;
		return NULL;
	}
	b->bytes = bytes;
	b->len += len;
	return b->bytes + b->len - len;
}

static void swap_samples(uint8_t *samples, size_t len)
{
	for (size_t i = 0; i + 1 < len; i += 2) {
		const uint8_t low = samples[i];

		samples[i] = samples[i + 1];
		samples[i + 1] = low;
	}
}

static void add_prompt(struct builder *b, struct tg_span name, const struct kind *kind, struct tg_span sound)
{
	const uint64_t format = UINT64_C(1) << kind->bit;
	const uint32_t frame_bytes = codec_of(format)->frame_bytes;
	const size_t whole = sound.len / frame_bytes;
	const size_t frames = whole + (kind->tail >= 0 && sound.len % frame_bytes > 0 ? 1 : 0);
	struct prompt *row = add_row(b);
	uint8_t *to = row != NULL ? add_bytes(b, frames * frame_bytes) : NULL;

	if (to == NULL) {
		return;
	}
	const size_t used = sound.len < frames * frame_bytes ? sound.len : frames * frame_bytes;

	tg_span_copy(row->name, sizeof(row->name), name);
	row->format = format;
	row->frame_bytes = frame_bytes;
	row->frames = (uint32_t)frames;
	memcpy(to, sound.p, used);
	memset(to + used, kind->tail >= 0 ? kind->tail : 0, frames * frame_bytes - used);
	if (kind->swapped) {
		swap_samples(to, frames * frame_bytes);
	}
}

static const struct kind *kind_of(struct tg_span path, struct tg_span *name)
{
	for (size_t i = 0; i < TG_COUNT(kinds); i++) {
		const struct tg_span extension = tg_span_text(kinds[i].extension);

		if (path.len > extension.len &&
		    memcmp(path.p + path.len - extension.len, extension.p, extension.len) == 0) {
			*name = (struct tg_span){ path.p, path.len - extension.len };
			return &kinds[i];
		}
	}
	return NULL;
}

static void count_other(struct builder *b, const char *path)
{
	if (b->others++ == 0) {
		tg_span_copy(b->first_other, sizeof(b->first_other), tg_span_text(path));
	}
}

static bool is_short(const struct kind *kind, struct tg_span bytes)
{
	return bytes.len == 0 || (kind->tail < 0 && bytes.len < codec_of(UINT64_C(1) << kind->bit)->frame_bytes);
}

static bool begins_with(struct tg_span name, struct tg_span head)
{
	return name.len >= head.len && memcmp(name.p, head.p, head.len) == 0;
}

static bool is_built_in(struct tg_span name)
{
	return tg_span_equal(name, TG_SPAN_LIT(PROMPT_MILLIWATT)) ||
	       tg_span_equal(name, TG_SPAN_LIT(PROMPT_MILLIWATT_1000)) || begins_with(name, TG_SPAN_LIT(PROMPT_TONE)) ||
	       begins_with(name, TG_SPAN_LIT(PROMPT_TONE_ONCE));
}

static void add_file(struct builder *b, const char *path, struct tg_span bytes, const char *why)
{
	struct tg_span name;
	const struct kind *kind = kind_of(tg_span_text(path), &name);

	if (kind == NULL) {
		count_other(b, path);
	} else if (why != NULL) {
		WARN(b, path, "the sound %s", why);
	} else if (name.len >= sizeof(((struct prompt *)NULL)->name)) {
		WARN(b, path, "the name of a sound has at most 95 octets");
	} else if (is_built_in(name)) {
		WARN(b, path, "this name is that of the built-in tone");
	} else if (is_short(kind, bytes)) {
		WARN(b, path, "the sound is shorter than one frame");
	} else if (bytes.len > CONF_SOUNDS_MAX_BYTES || b->len > CONF_SOUNDS_MAX_BYTES - bytes.len) {
		WARN(b, path, "all sounds together have at most %d MiB", CONF_SOUNDS_MAX_BYTES >> 20);
	} else {
		add_prompt(b, name, kind, bytes);
	}
}

static int by_name_and_format(const void *a, const void *b)
{
	const struct prompt *row_a = a, *row_b = b;
	const int order = strcmp(row_a->name, row_b->name);

	if (order != 0) {
		return order;
	}
	if (row_a->format != row_b->format) {
		return row_a->format < row_b->format ? -1 : 1;
	}
	return (row_a->offset > row_b->offset) - (row_a->offset < row_b->offset);
}

/* Two extensions may name one codec. */
static void drop_repeated(struct builder *b)
{
	size_t kept = 0;

	for (size_t i = 0; i < b->count; i++) {
		const struct prompt *before = kept > 0 ? &b->rows[kept - 1] : NULL;

		if (before != NULL && before->format == b->rows[i].format &&
		    strcmp(before->name, b->rows[i].name) == 0) {
			WARN(b, b->folder, "\"%s\" is there twice in one format", before->name);
			continue;
		}
		b->rows[kept++] = b->rows[i];
	}
	b->count = kept;
}

static struct prompts *image_of(const struct builder *b, size_t *size_bytes)
{
	const size_t rows_bytes = b->count * sizeof(struct prompt);
	const size_t first = sizeof(struct prompts) + rows_bytes;
	struct prompts *prompts = calloc(1, first + b->len);

	if (prompts == NULL) {
		return NULL;
	}
	*size_bytes = first + b->len;
	*prompts = (struct prompts){
		.magic = PROMPTS_MAGIC,
		.version = PROMPTS_VERSION,
		.size_bytes = *size_bytes,
		.count = (uint32_t)b->count,
		.rows_offset = sizeof(struct prompts),
	};
	struct prompt *rows = (struct prompt *)(prompts + 1);

	memcpy(rows, b->rows, rows_bytes);
	for (size_t i = 0; i < b->count; i++) {
		rows[i].offset += first;
	}
	memcpy((uint8_t *)prompts + first, b->bytes, b->len);
	return prompts;
}

static void add_milliwatt(struct builder *b)
{
	static const struct kind ulaw = { NULL, CODEC_ULAW_BIT, -1, false }, alaw = { NULL, CODEC_ALAW_BIT, -1, false },
				 slin = { NULL, CODEC_SLIN_BIT, -1, false };
	const struct tg_span name = TG_SPAN_LIT(PROMPT_MILLIWATT), other = TG_SPAN_LIT(PROMPT_MILLIWATT_1000);

	add_prompt(b, name, &ulaw, (struct tg_span){ conf_milliwatt_ulaw, sizeof(conf_milliwatt_ulaw) });
	add_prompt(b, name, &alaw, (struct tg_span){ conf_milliwatt_alaw, sizeof(conf_milliwatt_alaw) });
	add_prompt(b, name, &slin, (struct tg_span){ conf_milliwatt_slin, sizeof(conf_milliwatt_slin) });
	add_prompt(b, other, &ulaw, (struct tg_span){ conf_milliwatt1000_ulaw, sizeof(conf_milliwatt1000_ulaw) });
	add_prompt(b, other, &alaw, (struct tg_span){ conf_milliwatt1000_alaw, sizeof(conf_milliwatt1000_alaw) });
	add_prompt(b, other, &slin, (struct tg_span){ conf_milliwatt1000_slin, sizeof(conf_milliwatt1000_slin) });
}

/* One part of a tone in each format. Linear samples are big-endian in frames. */
static void add_tone(struct builder *b, const char *text, bool again)
{
	static const struct kind ulaw = { NULL, CODEC_ULAW_BIT, -1, false }, alaw = { NULL, CODEC_ALAW_BIT, -1, false },
				 slin = { NULL, CODEC_SLIN_BIT, -1, false };
	char name[sizeof(((struct prompt *)NULL)->name)];
	size_t count;
	int16_t *samples = conf_tone_render(tg_span_text(text), again, &count);
	uint8_t *bytes = count > 0 ? malloc(4 * count) : NULL;

	b->failed = b->failed || (count > 0 && (samples == NULL || bytes == NULL));
	if (!b->failed && count > 0) {
		for (size_t i = 0; i < count; i++) {
			bytes[i] = conf_tone_ulaw(samples[i]);
			bytes[count + i] = conf_tone_alaw(samples[i]);
			bytes[2 * count + 2 * i] = (uint8_t)((uint16_t)samples[i] >> 8);
			bytes[2 * count + 2 * i + 1] = (uint8_t)samples[i];
		}
		snprintf(name, sizeof(name), "%s%s", again ? PROMPT_TONE : PROMPT_TONE_ONCE, text);
		add_prompt(b, tg_span_text(name), &ulaw, (struct tg_span){ bytes, count });
		add_prompt(b, tg_span_text(name), &alaw, (struct tg_span){ bytes + count, count });
		add_prompt(b, tg_span_text(name), &slin, (struct tg_span){ bytes + 2 * count, 2 * count });
	}
	free(samples);
	free(bytes);
}

static void add_files(struct builder *b, const struct conf_sounds *sounds)
{
	struct tg_span bytes = { 0 };
	const char *path, *why = NULL;

	while (!b->failed && sounds->next(sounds->owner, &path, &bytes, &why)) {
		add_file(b, path, bytes, why);
		bytes = (struct tg_span){ 0 };
		why = NULL;
	}
	if (b->others > 0) {
		conf_note(b->problems, ((struct conf_place){ b->folder, 0 }),
		          "not in ulaw, alaw, gsm, g722 or sln, and left out: %s%s", b->first_other,
		          b->others > 1 ? " and others" : "");
	}
}

struct prompts *conf_prompts_build(const struct conf_sounds *sounds, const struct conf_tones *tones, const char *folder,
                                   struct conf_problems *problems, size_t *size_bytes)
{
	struct builder b = { .problems = problems, .folder = folder };
	struct prompts *prompts = NULL;

	add_milliwatt(&b);
	for (uint32_t i = 0; tones != NULL && i < tones->count; i++) {
		add_tone(&b, tones->texts[i], false);
		add_tone(&b, tones->texts[i], true);
	}
	if (sounds != NULL) {
		add_files(&b, sounds);
	}
	if (!b.failed) {
		qsort(b.rows, b.count, sizeof(*b.rows), by_name_and_format);
		drop_repeated(&b);
		prompts = image_of(&b, size_bytes);
	}
	if (prompts == NULL || prompts_check(prompts, *size_bytes) != NULL) {
		conf_error(problems, ((struct conf_place){ folder, 0 }), "no memory for the sounds");
		free(prompts);
		prompts = NULL;
	}
	free(b.rows);
	free(b.bytes);
	return prompts;
}
