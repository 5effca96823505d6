/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of which it is not known what they are, but what they can be. */
#include "switch/reach_numbers.h"

#include <stdio.h>
#include <string.h>

/* ---- One sequence ----------------------------------------------------------------------------------------------- */

static uint16_t set_at(const struct reach_seq *seq, size_t i)
{
	return seq->at[i] & REACH_SET;
}

static bool is_star(const struct reach_seq *seq, size_t i)
{
	return (seq->at[i] & REACH_STAR) != 0;
}

bool reach_seq_push(struct reach_seq *seq, uint16_t item)
{
	if ((item & REACH_STAR) != 0 && seq->len > 0 && seq->at[seq->len - 1] == item) {
		return true;
	}
	if (seq->len == REACH_SEQ_MAX) {
		return false;
	}
	seq->at[seq->len++] = item;
	return true;
}

bool reach_seq_can_be_empty(const struct reach_seq *seq)
{
	for (size_t i = 0; i < seq->len; i++) {
		if (!is_star(seq, i)) {
			return false;
		}
	}
	return true;
}

int reach_seq_literal(const struct reach_seq *seq, uint8_t *out, size_t size_bytes)
{
	for (size_t i = 0; i < seq->len; i++) {
		if (is_star(seq, i) || set_at(seq, i) > 255 || i >= size_bytes) {
			return -1;
		}
		out[i] = (uint8_t)set_at(seq, i);
	}
	return seq->len;
}

uint16_t reach_seq_octets(struct reach_sets *sets, const struct reach_seq *seq)
{
	uint16_t all = REACH_EMPTY;

	for (size_t i = 0; i < seq->len; i++) {
		all = reach_sets_either(sets, all, set_at(seq, i));
	}
	return all;
}

struct reach_seq reach_seq_part(const struct reach_seq *seq, size_t from, size_t to)
{
	struct reach_seq part = { .len = 0, .foreign = seq->foreign };

	for (size_t i = from; i < to; i++) {
		part.at[part.len++] = seq->at[i];
	}
	return part;
}

/* Which items can come next: bit i of a set of places; bit len is the end. */
struct places {
	uint64_t bits[(REACH_SEQ_MAX + 64) / 64];
};

static void place_add(struct places *places, const struct reach_seq *seq, size_t i)
{
	places->bits[i / 64] |= UINT64_C(1) << i % 64;
	while (i < seq->len && is_star(seq, i)) {
		i++;
		places->bits[i / 64] |= UINT64_C(1) << i % 64;
	}
}

static bool place_has(const struct places *places, size_t i)
{
	return (places->bits[i / 64] >> i % 64 & 1) != 0;
}

/* One octet of a set further. @return false if that is nowhere */
static bool places_step(const struct reach_sets *sets, const struct reach_seq *seq, struct places *places, int octet)
{
	struct places next = { { 0 } };
	bool any = false;

	for (size_t i = 0; i < seq->len; i++) {
		if (place_has(places, i) && (octet < 0 || reach_sets_has(sets, set_at(seq, i), (uint8_t)octet))) {
			place_add(&next, seq, is_star(seq, i) ? i : i + 1);
			any = true;
		}
	}
	*places = next;
	return any;
}

bool reach_seq_matches(const struct reach_sets *sets, const struct reach_seq *seq, struct tg_span text)
{
	struct places places = { { 0 } };

	place_add(&places, seq, 0);
	for (size_t i = 0; i < text.len; i++) {
		if (!places_step(sets, seq, &places, text.p[i])) {
			return false;
		}
	}
	return place_has(&places, seq->len);
}

/* ---- Trimming --------------------------------------------------------------------------------------------------- */

static bool may_be_missing(const struct reach_sets *sets, const struct reach_seq *seq, size_t i)
{
	return is_star(seq, i) || reach_sets_has(sets, set_at(seq, i), ' ') ||
	       reach_sets_has(sets, set_at(seq, i), '\t');
}

static bool is_blank(uint16_t item)
{
	return (item & REACH_SET) == ' ' || (item & REACH_SET) == '\t';
}

/* What may be a blank at an end may be missing. */
void reach_seq_trim(struct reach_sets *sets, struct reach_seq *seq)
{
	size_t from = 0, to = seq->len;

	while (from < to && is_blank(seq->at[from])) {
		from++;
	}
	while (to > from && is_blank(seq->at[to - 1])) {
		to--;
	}
	*seq = reach_seq_part(seq, from, to);
	for (size_t i = 0; i < seq->len && may_be_missing(sets, seq, i); i++) {
		seq->at[i] |= REACH_STAR;
	}
	for (size_t i = seq->len; i > 0 && may_be_missing(sets, seq, i - 1); i--) {
		seq->at[i - 1] |= REACH_STAR;
	}
}

/* ---- Texts ------------------------------------------------------------------------------------------------------ */

void reach_text_none(struct reach_text *text)
{
	text->count = 0;
	text->lost = false;
}

void reach_text_empty(struct reach_text *text)
{
	reach_text_none(text);
	text->seqs[text->count++] = (struct reach_seq){ .len = 0 };
}

static bool seq_equal(const struct reach_seq *a, const struct reach_seq *b)
{
	return a->len == b->len && a->foreign == b->foreign && memcmp(a->at, b->at, a->len * sizeof(a->at[0])) == 0;
}

static struct reach_seq star_of(uint16_t set, bool foreign)
{
	struct reach_seq seq = { .len = set != REACH_EMPTY, .foreign = foreign };

	seq.at[0] = (uint16_t)(set | REACH_STAR | (foreign ? REACH_FOREIGN : 0));
	return seq;
}

/* All of one kind become one of any length. */
static void widen(struct reach_sets *sets, struct reach_text *text)
{
	uint16_t octets[2] = { REACH_EMPTY, REACH_EMPTY };
	bool has[2] = { false, false };

	for (size_t i = 0; i < text->count; i++) {
		const bool foreign = text->seqs[i].foreign;

		octets[foreign] = reach_sets_either(sets, octets[foreign], reach_seq_octets(sets, &text->seqs[i]));
		has[foreign] = true;
	}
	text->count = 0;
	for (int foreign = 0; foreign < 2; foreign++) {
		if (has[foreign]) {
			text->seqs[text->count++] = star_of(octets[foreign], foreign != 0);
		}
	}
}

/* Whether a text is known to have the sequence: an equal one, or one of any length of all its octets. */
static bool text_has(struct reach_sets *sets, const struct reach_text *text, const struct reach_seq *seq)
{
	for (size_t i = 0; i < text->count; i++) {
		const struct reach_seq *one = &text->seqs[i];

		if (seq_equal(one, seq)) {
			return true;
		}
		if (one->foreign == seq->foreign && one->len == 1 && is_star(one, 0)) {
			const uint16_t octets = reach_seq_octets(sets, seq);

			if (reach_sets_either(sets, octets, set_at(one, 0)) == set_at(one, 0)) {
				return true;
			}
		}
	}
	return false;
}

bool reach_text_add(struct reach_sets *sets, struct reach_text *text, const struct reach_seq *seq)
{
	if (text->lost || text_has(sets, text, seq)) {
		return false;
	}
	if (text->count == REACH_TEXT_MAX) {
		widen(sets, text);
		if (text_has(sets, text, seq)) {
			return true;
		}
	}
	text->seqs[text->count++] = *seq;
	return true;
}

bool reach_text_join(struct reach_sets *sets, struct reach_text *text, const struct reach_text *more)
{
	bool changed = more->lost && !text->lost;

	text->lost = text->lost || more->lost;
	for (size_t i = 0; i < more->count; i++) {
		changed = reach_text_add(sets, text, &more->seqs[i]) || changed;
	}
	return changed;
}

void reach_text_literal(struct reach_sets *sets, struct reach_text *text, struct tg_span literal, bool foreign)
{
	struct reach_seq seq = { .len = 0, .foreign = foreign };

	for (size_t i = 0; i < literal.len; i++) {
		if (!reach_seq_push(&seq, (uint16_t)(literal.p[i] | (foreign ? REACH_FOREIGN : 0)))) {
			text->lost = true;
			return;
		}
	}
	reach_text_add(sets, text, &seq);
}

void reach_text_star(struct reach_sets *sets, struct reach_text *text, uint16_t set, bool foreign)
{
	const struct reach_seq seq = star_of(set, foreign);

	reach_text_add(sets, text, &seq);
}

bool reach_text_matches(const struct reach_sets *sets, const struct reach_text *text, struct tg_span what)
{
	for (size_t i = 0; i < text->count; i++) {
		if (reach_seq_matches(sets, &text->seqs[i], what)) {
			return true;
		}
	}
	return text->lost;
}

static bool seq_append(struct reach_seq *seq, const struct reach_seq *more)
{
	bool fits = true;

	for (size_t i = 0; i < more->len && fits; i++) {
		fits = reach_seq_push(seq, more->at[i]);
	}
	seq->foreign = seq->foreign || more->foreign;
	return fits;
}

void reach_text_append(struct reach_sets *sets, struct reach_text *text, const struct reach_text *more)
{
	struct reach_text left = *text, right = *more;

	if ((uint32_t)left.count * right.count > REACH_TEXT_MAX) {
		if (right.count > 2) {
			widen(sets, &right);
		}
		if ((uint32_t)left.count * right.count > REACH_TEXT_MAX) {
			text->lost = true;
			return;
		}
	}
	reach_text_none(text);
	text->lost = left.lost || right.lost;
	for (size_t i = 0; i < left.count; i++) {
		for (size_t k = 0; k < right.count; k++) {
			struct reach_seq seq = left.seqs[i];

			if (!seq_append(&seq, &right.seqs[k])) {
				text->lost = true;
				return;
			}
			reach_text_add(sets, text, &seq);
		}
	}
}

void reach_text_append_octet(struct reach_text *text, uint8_t octet)
{
	for (size_t i = 0; i < text->count; i++) {
		text->lost = !reach_seq_push(&text->seqs[i], octet) || text->lost;
	}
}

/* ---- Slices ----------------------------------------------------------------------------------------------------- */

static struct reach_seq reversed(const struct reach_seq *seq)
{
	struct reach_seq out = { .len = seq->len, .foreign = seq->foreign };

	for (size_t i = 0; i < seq->len; i++) {
		out.at[i] = seq->at[seq->len - 1 - i];
	}
	return out;
}

/* Without its first `count` octets. */
static void seq_drop(struct reach_sets *sets, const struct reach_seq *seq, size_t count, struct reach_text *out)
{
	struct places places = { { 0 } };
	bool covered = false, any = true;

	place_add(&places, seq, 0);
	for (size_t n = 0; n < count && any; n++) {
		any = places_step(sets, seq, &places, -1);
	}
	for (size_t i = 0; i < seq->len && any; i++) {
		if (place_has(&places, i) && !covered) { /* behind a star come those that it leads to */
			const struct reach_seq part = reach_seq_part(seq, i, seq->len);

			reach_text_add(sets, out, &part);
		}
		covered = place_has(&places, i) && is_star(seq, i);
	}
	if (!any || (place_has(&places, seq->len) && !covered)) {
		const struct reach_seq empty = { .len = 0, .foreign = seq->foreign };

		reach_text_add(sets, out, &empty);
	}
}

/* Its first `count` octets. @return false if there is no room */
static bool seq_take(struct reach_sets *sets, const struct reach_seq *seq, size_t count, struct reach_seq *out)
{
	struct places places = { { 0 } };
	const uint16_t foreign = seq->foreign ? REACH_FOREIGN : 0;
	bool fits = true;

	*out = (struct reach_seq){ .len = 0, .foreign = seq->foreign };
	place_add(&places, seq, 0);
	for (size_t n = 0; n < count && fits; n++) {
		uint16_t set = REACH_EMPTY;

		for (size_t i = 0; i < seq->len; i++) {
			set = place_has(&places, i) ? reach_sets_either(sets, set, set_at(seq, i)) : set;
		}
		if (set == REACH_EMPTY) {
			return true;
		}
		const bool may_end = place_has(&places, seq->len);

		fits = reach_seq_push(out, (uint16_t)(set | foreign | (may_end ? REACH_STAR : 0)));
		(void)places_step(sets, seq, &places, -1);
	}
	return fits;
}

static void slice_star(struct reach_sets *sets, const struct reach_seq *seq, struct reach_text *out)
{
	reach_text_star(sets, out, reach_seq_octets(sets, seq), seq->foreign);
}

static void seq_offset(struct reach_sets *sets, const struct reach_seq *seq, long offset, struct reach_text *out)
{
	const struct reach_seq back = reversed(seq);
	struct reach_seq end;

	if (offset >= 0) {
		seq_drop(sets, seq, (size_t)offset, out);
	} else if (seq_take(sets, &back, (size_t)-offset, &end)) {
		const struct reach_seq part = reversed(&end);

		reach_text_add(sets, out, &part);
	} else {
		slice_star(sets, seq, out);
	}
}

static void seq_length(struct reach_sets *sets, const struct reach_seq *seq, long length, struct reach_text *out)
{
	struct reach_seq front;

	if (length < 0) {
		const struct reach_seq back = reversed(seq);
		struct reach_text parts;

		reach_text_none(&parts);
		seq_drop(sets, &back, (size_t)-length, &parts);
		for (size_t i = 0; i < parts.count; i++) {
			const struct reach_seq part = reversed(&parts.seqs[i]);

			reach_text_add(sets, out, &part);
		}
	} else if (seq_take(sets, seq, (size_t)length, &front)) {
		reach_text_add(sets, out, &front);
	} else {
		slice_star(sets, seq, out);
	}
}

void reach_text_slice(struct reach_sets *sets, const struct reach_text *text, long offset, bool has_length, long length,
                      struct reach_text *out)
{
	const bool far = offset > REACH_SLICE_MAX || offset < -REACH_SLICE_MAX || length > REACH_SLICE_MAX ||
	                 length < -REACH_SLICE_MAX;
	struct reach_text rest;

	reach_text_none(&rest);
	reach_text_none(out);
	out->lost = text->lost;
	for (size_t i = 0; i < text->count; i++) {
		if (far) {
			slice_star(sets, &text->seqs[i], &rest);
		} else {
			seq_offset(sets, &text->seqs[i], offset, &rest);
		}
	}
	for (size_t i = 0; i < rest.count; i++) {
		if (has_length && !far) {
			seq_length(sets, &rest.seqs[i], length, out);
		} else {
			reach_text_add(sets, out, &rest.seqs[i]);
		}
	}
}

/* ---- Numbers and texts ------------------------------------------------------------------------------------------ */

void reach_box_text(struct reach_sets *sets, const struct reach_box *box, struct reach_seq *seq)
{
	const uint16_t dashes = '-' | REACH_STAR | REACH_FOREIGN;
	(void)sets;

	*seq = (struct reach_seq){ .len = 0, .foreign = true };
	for (size_t i = 0; i < box->len; i++) {
		if (box->dashed) {
			(void)reach_seq_push(seq, dashes); /* there is room for twice as many as a box has places */
		}
		(void)reach_seq_push(seq, box->at[i] | REACH_FOREIGN);
	}
	if (box->open) {
		(void)reach_seq_push(
			seq, (uint16_t)((box->dashed ? REACH_ANY : REACH_NO_DASH) | REACH_STAR | REACH_FOREIGN));
	} else if (box->dashed) {
		(void)reach_seq_push(seq, dashes);
	}
}
static_assert(2 * REACH_BOX_MAX + 1 < REACH_SEQ_MAX, "a box fits into a sequence");

void reach_seq_box(struct reach_sets *sets, const struct reach_seq *seq, struct reach_box *box)
{
	*box = (struct reach_box){ .len = 0 };
	for (size_t i = 0; i < seq->len; i++) {
		const uint16_t set = set_at(seq, i);
		const bool has_dash = reach_sets_has(sets, set, '-');

		box->dashed = box->dashed || has_dash;
		if (set == '-') {
			continue;
		}
		if (is_star(seq, i) || has_dash || box->len == REACH_BOX_MAX) {
			box->open = true;
			break;
		}
		box->at[box->len++] = set;
	}
	for (size_t i = 0; box->open && i < seq->len; i++) {
		box->dashed = box->dashed || reach_sets_has(sets, set_at(seq, i), '-');
	}
}

/* ---- For people ------------------------------------------------------------------------------------------------- */

static void show_set(const struct reach_sets *sets, uint16_t set, char *out, size_t size_bytes)
{
	size_t len = 0;

	for (unsigned c = 33; c < 127 && len + 5 < size_bytes; c++) {
		unsigned last = c;

		if (!reach_sets_has(sets, set, (uint8_t)c)) {
			continue;
		}
		while (last + 1 < 127 && reach_sets_has(sets, set, (uint8_t)(last + 1))) {
			last++;
		}
		out[len++] = (char)c;
		if (last > c + 1) {
			out[len++] = '-';
		}
		if (last > c) {
			out[len++] = (char)last;
		}
		c = last;
	}
	out[len] = '\0';
}

static bool is_nearly_any(const struct reach_sets *sets, uint16_t set)
{
	static const char some[] = "0123456789#*az";

	for (const char *c = some; *c != '\0'; c++) {
		if (!reach_sets_has(sets, set, (uint8_t)*c)) {
			return false;
		}
	}
	return true;
}

static const char *show_item(const struct reach_sets *sets, uint16_t item, char out[80])
{
	static const char *const classes[] = { "0123456789", "X", "123456789", "Z", "23456789", "N" };
	const uint16_t set = item & REACH_SET;
	char octets[64];

	if (set < 256) {
		snprintf(out, 80, "%c", set > 32 && set < 127 ? (char)set : '?');
		return out;
	}
	if (is_nearly_any(sets, set)) {
		return (item & REACH_STAR) != 0 ? "!" : "?";
	}
	for (size_t i = 0; i < TG_COUNT(classes); i += 2) {
		struct reach_octets want = { { 0 } };

		for (const char *c = classes[i]; *c != '\0'; c++) {
			want.bits[(uint8_t)*c / 64] |= UINT64_C(1) << (uint8_t)*c % 64;
		}
		if (memcmp(&want, &sets->sets[set], sizeof(want)) == 0) {
			return classes[i + 1];
		}
	}
	if (reach_sets_has(sets, set, 'a') && reach_sets_has(sets, set, 'z')) {
		size_t len = 0;

		for (unsigned c = '0'; c <= '9'; c++) {
			if (!reach_sets_has(sets, set, (uint8_t)c)) {
				octets[len++] = (char)c;
			}
		}
		octets[len] = '\0';
		snprintf(out, 80, "[^%s]", octets);
		return out;
	}
	show_set(sets, set, octets, sizeof(octets));
	snprintf(out, 80, "[%s]", octets);
	return out;
}

const char *reach_seq_show(const struct reach_sets *sets, const struct reach_seq *seq, char *out, size_t size_bytes)
{
	size_t len = 0;
	char text[80];

	out[0] = '\0';
	for (size_t i = 0; i < seq->len && len + 1 < size_bytes; i++) {
		const uint16_t set = set_at(seq, i);
		const bool any = is_nearly_any(sets, set);

		if (any && i + 1 < seq->len && is_nearly_any(sets, set_at(seq, i + 1)) && is_star(seq, i)) {
			continue; /* the next one says it */
		}

		if (is_star(seq, i) && set == '-') {
			continue; /* said once for all: dashes may stand anywhere */
		}
		const int n = snprintf(out + len, size_bytes - len, "%s%s", show_item(sets, seq->at[i], text),
		                       is_star(seq, i) && !any ? "*" : "");

		len += n > 0 ? (size_t)n : 0;
	}
	return out;
}

static int example_octet(const struct reach_sets *sets, uint16_t set)
{
	static const char liked[] = "1234567890*#abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	for (const char *c = liked; *c != '\0'; c++) {
		if (reach_sets_has(sets, set, (uint8_t)*c)) {
			return (uint8_t)*c;
		}
	}
	for (int c = 33; c < 127; c++) {
		if (reach_sets_has(sets, set, (uint8_t)c)) {
			return c;
		}
	}
	return -1;
}

int reach_seq_example(const struct reach_sets *sets, const struct reach_seq *seq, uint8_t *out, size_t size_bytes)
{
	size_t len = 0;

	for (size_t i = 0; i < seq->len; i++) {
		const int octet = is_star(seq, i) ? -2 : example_octet(sets, set_at(seq, i));

		if (octet == -1 || len == size_bytes) {
			return -1;
		}
		if (octet >= 0) {
			out[len++] = (uint8_t)octet;
		}
	}
	return (int)len;
}
