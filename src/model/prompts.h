/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_MODEL_PROMPTS_H
#define TG_MODEL_PROMPTS_H

#include "base/bytes.h"

/**
 * Sounds for Playback and Milliwatt: one read-only image without pointers, built by the loader, already cut into the
 * 20 ms frames of its codec. Whoever maps it calls prompts_check() once.
 */

enum { PROMPTS_MAGIC = 0x54475031, PROMPTS_VERSION = 1, PROMPT_FRAME_MS = 20 };

/** One file in one codec. "beep" as ulaw and as gsm are two rows. */
struct prompt {
	char name[96];   /* as Playback names it: path below the sounds directory, without extension */
	uint64_t format; /* exactly one bit */
	uint64_t offset; /* of the first frame in the image */
	uint32_t frame_bytes;
	uint32_t frames; /* a tail shorter than a frame is filled with silence */
};

struct prompts {
	uint32_t magic, version;
	uint64_t size_bytes, generation;
	uint32_t count, zero;
	uint64_t rows_offset; /* struct prompt, sorted by name, then format */
};

/** The built-in test tone of Milliwatt: 1004 Hz at 0 dBm0, in ulaw, alaw and slin; played in a loop. */
#define PROMPT_MILLIWATT "tollgate/milliwatt"

/** The same at 1000 Hz. */
#define PROMPT_MILLIWATT_1000 "tollgate/milliwatt1000"

/** Before the arguments of a Playtones: what is repeated, and what comes once before it. */
#define PROMPT_TONE "tollgate/tone/"
#define PROMPT_TONE_ONCE "tollgate/once/"

/** @return NULL if all is well, else what is wrong (a constant text) */
TG_MUST_USE const char *prompts_check(const struct prompts *prompts, size_t size_bytes);

/** @return the row's index, or -1 */
int prompts_find(const struct prompts *prompts, struct tg_span name, uint64_t format);

/** The formats a name exists in, ORed; 0 for none. */
uint64_t prompts_formats(const struct prompts *prompts, struct tg_span name);

const struct prompt *prompts_row(const struct prompts *prompts, uint32_t index);

/** The octets of one frame; frame is below row->frames. */
struct tg_span prompts_frame(const struct prompts *prompts, uint32_t index, uint32_t frame);

#endif
