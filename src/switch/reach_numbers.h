/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SWITCH_REACH_NUMBERS_H
#define TG_SWITCH_REACH_NUMBERS_H

#include "base/bytes.h"

/**
 * Sets of numbers and of texts, for reach.h: never smaller than what they stand for. Octets that can stand at one place are a set;
 * sets are kept once, by number (the first 256 are single octets), so that a place takes two octets. Where room ends, a set becomes
 * larger.
 */
enum {
	REACH_SETS_MAX = 2048, /* different ones; the next one is "any octet" */
	REACH_SLOTS = 2 * REACH_SETS_MAX,
	REACH_BOX_MAX = 40, /* places of a box; what is longer ends in anything */
	REACH_SEQ_MAX = 160,
	REACH_TEXT_MAX = 64, /* sequences of a text; one more, and they become one of any length */
	REACH_SLICE_MAX = 256,
};

struct reach_octets {
	uint64_t bits[4];
};

struct reach_sets {
	struct reach_octets sets[REACH_SETS_MAX];
	uint16_t slots[REACH_SLOTS]; /* number + 1, by hash */
	uint16_t count;
};

/** The numbers of sets that are always there. */
enum { REACH_ANY = 256, REACH_DIGITS, REACH_NO_DASH, REACH_EMPTY, REACH_FIRST_FREE };

void reach_sets_init(struct reach_sets *sets);
uint16_t reach_sets_put(struct reach_sets *sets, const struct reach_octets *octets);
uint16_t reach_sets_both(struct reach_sets *sets, uint16_t a, uint16_t b);
uint16_t reach_sets_either(struct reach_sets *sets, uint16_t a, uint16_t b);
uint16_t reach_sets_without(struct reach_sets *sets, uint16_t a, uint16_t b);
bool reach_sets_has(const struct reach_sets *sets, uint16_t set, uint8_t octet);

/**
 * Numbers as the dialplan compares them: without "-". Places one after the other, then nothing or, if open, anything.
 */
struct reach_box {
	uint8_t len;
	bool open;
	bool dashed; /* as they are dialled there may be "-" anywhere */
	uint16_t at[REACH_BOX_MAX];
};

/** Everything that can be dialled. */
struct reach_box reach_box_any(void);

/** An extension, plain or a pattern. @return false if the box holds more than it matches */
bool reach_box_of(struct reach_sets *sets, struct tg_span exten, struct reach_box *box);

/** @return false if they have nothing in common */
bool reach_box_both(struct reach_sets *sets, const struct reach_box *a, const struct reach_box *b,
                    struct reach_box *out);
bool reach_box_within(struct reach_sets *sets, const struct reach_box *a, const struct reach_box *b);

/** Some boxes; grows. All zeros is none. */
struct reach_boxes {
	struct reach_box *p;
	uint32_t count, room;
	bool failed; /* no memory */
};

/** @return whether it is larger now */
bool reach_boxes_add(struct reach_sets *sets, struct reach_boxes *boxes, const struct reach_box *box);

/** Take a box out. If there would be more than max boxes then, nothing is taken. */
void reach_boxes_subtract(struct reach_sets *sets, struct reach_boxes *boxes, const struct reach_box *less,
                          uint32_t max);
void reach_boxes_free(struct reach_boxes *boxes);

/** An item of a sequence: a set's number, and these. */
enum { REACH_STAR = 0x8000, REACH_FOREIGN = 0x4000, REACH_SET = 0x3fff };

/** A text: items one after the other, each one octet, or with REACH_STAR any number of them. */
struct reach_seq {
	uint16_t len;
	bool foreign; /* a caller chose some of it, as the variables of a call remember it */
	uint16_t at[REACH_SEQ_MAX];
};

/** A text that is one of several. `lost`: it can be any. */
struct reach_text {
	uint16_t count;
	bool lost;
	struct reach_seq seqs[REACH_TEXT_MAX];
};

void reach_text_empty(struct reach_text *text); /* the empty one */
void reach_text_none(struct reach_text *text);
bool reach_text_add(struct reach_sets *sets, struct reach_text *text, const struct reach_seq *seq);
bool reach_text_join(struct reach_sets *sets, struct reach_text *text, const struct reach_text *more);
void reach_text_literal(struct reach_sets *sets, struct reach_text *text, struct tg_span literal, bool foreign);
void reach_text_star(struct reach_sets *sets, struct reach_text *text, uint16_t set, bool foreign);

/** text := text followed by more. */
void reach_text_append(struct reach_sets *sets, struct reach_text *text, const struct reach_text *more);
void reach_text_append_octet(struct reach_text *text, uint8_t octet);

/** As `${NAME:offset:length}`. */
void reach_text_slice(struct reach_sets *sets, const struct reach_text *text, long offset, bool has_length, long length,
                      struct reach_text *out);

bool reach_seq_push(struct reach_seq *seq, uint16_t item);
bool reach_seq_matches(const struct reach_sets *sets, const struct reach_seq *seq, struct tg_span text);
bool reach_text_matches(const struct reach_sets *sets, const struct reach_text *text, struct tg_span what);
bool reach_seq_can_be_empty(const struct reach_seq *seq);

/** Whether there is but one such text. @return its length, or -1 */
int reach_seq_literal(const struct reach_seq *seq, uint8_t *out, size_t size_bytes);

/** All octets that can stand anywhere in it. */
uint16_t reach_seq_octets(struct reach_sets *sets, const struct reach_seq *seq);

/** Without blanks at both ends. */
void reach_seq_trim(struct reach_sets *sets, struct reach_seq *seq);

/** Items from..to-1. */
struct reach_seq reach_seq_part(const struct reach_seq *seq, size_t from, size_t to);

/** How a dialled number reads as text, and the other way round. */
void reach_box_text(struct reach_sets *sets, const struct reach_box *box, struct reach_seq *seq);
void reach_seq_box(struct reach_sets *sets, const struct reach_seq *seq, struct reach_box *box);

/** "00[1-9]X!" and the like, for people; a whole pattern as extensions.conf has it, as far as it can say it. Returns out. */
const char *reach_seq_show(const struct reach_sets *sets, const struct reach_seq *seq, char *out, size_t size_bytes);

/** One text of those, the shortest in digits if there is one. @return its length, or -1 for none that fits */
int reach_seq_example(const struct reach_sets *sets, const struct reach_seq *seq, uint8_t *out, size_t size_bytes);

#endif
