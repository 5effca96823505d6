/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of octets, and boxes: numbers as the dialplan compares them. */
#include "switch/reach_numbers.h"

#include <stdlib.h>
#include <string.h>

#include "model/pattern.h"

/* ---- Sets of octets --------------------------------------------------------------------------------------------- */

static uint32_t slot_of(const struct reach_octets *octets)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < 4; i++) {
		hash = (hash ^ octets->bits[i]) * UINT64_C(0x9e3779b97f4a7c15);
		hash ^= hash >> 29;
	}
	return (uint32_t)(hash % REACH_SLOTS);
}

uint16_t reach_sets_put(struct reach_sets *sets, const struct reach_octets *octets)
{
	uint32_t slot = slot_of(octets);

	while (sets->slots[slot] != 0) {
		const uint16_t set = (uint16_t)(sets->slots[slot] - 1);

		if (memcmp(&sets->sets[set], octets, sizeof(*octets)) == 0) {
			return set;
		}
		slot = (slot + 1) % REACH_SLOTS;
	}
	if (sets->count == REACH_SETS_MAX) {
		return REACH_ANY;
	}
	sets->sets[sets->count] = *octets;
	sets->slots[slot] = ++sets->count;
	return (uint16_t)(sets->count - 1);
}

static void put_range(struct reach_sets *sets, unsigned first, unsigned last, int but)
{
	struct reach_octets octets = { { 0 } };

	for (unsigned c = first; c <= last && first <= last; c++) {
		octets.bits[c / 64] |= (int)c != but ? UINT64_C(1) << c % 64 : 0;
	}
	reach_sets_put(sets, &octets);
}

void reach_sets_init(struct reach_sets *sets)
{
	*sets = (struct reach_sets){ .count = 0 };
	for (unsigned c = 0; c < 256; c++) {
		put_range(sets, c, c, -1);
	}
	put_range(sets, 0, 255, -1);
	put_range(sets, '0', '9', -1);
	put_range(sets, 0, 255, '-');
	put_range(sets, 1, 0, -1);
	assert(sets->count == REACH_FIRST_FREE);
}

bool reach_sets_has(const struct reach_sets *sets, uint16_t set, uint8_t octet)
{
	return (sets->sets[set].bits[octet / 64] >> octet % 64 & 1) != 0;
}

uint16_t reach_sets_both(struct reach_sets *sets, uint16_t a, uint16_t b)
{
	struct reach_octets both;

	for (size_t i = 0; i < 4; i++) {
		both.bits[i] = sets->sets[a].bits[i] & sets->sets[b].bits[i];
	}
	return reach_sets_put(sets, &both);
}

uint16_t reach_sets_either(struct reach_sets *sets, uint16_t a, uint16_t b)
{
	struct reach_octets either;

	for (size_t i = 0; i < 4; i++) {
		either.bits[i] = sets->sets[a].bits[i] | sets->sets[b].bits[i];
	}
	return reach_sets_put(sets, &either);
}

uint16_t reach_sets_without(struct reach_sets *sets, uint16_t a, uint16_t b)
{
	struct reach_octets rest;

	for (size_t i = 0; i < 4; i++) {
		rest.bits[i] = sets->sets[a].bits[i] & ~sets->sets[b].bits[i];
	}
	return reach_sets_put(sets, &rest);
}

static bool is_within(const struct reach_sets *sets, uint16_t a, uint16_t b)
{
	for (size_t i = 0; i < 4; i++) {
		if ((sets->sets[a].bits[i] & ~sets->sets[b].bits[i]) != 0) {
			return false;
		}
	}
	return true;
}

/* ---- Boxes ------------------------------------------------------------------------------------------------------ */

struct reach_box reach_box_any(void)
{
	return (struct reach_box){ .open = true, .dashed = true };
}

/* @return false if there is no room: the box ends in anything */
static bool box_push(struct reach_box *box, uint16_t set)
{
	if (box->len == REACH_BOX_MAX) {
		box->open = true;
		return false;
	}
	box->at[box->len++] = set;
	return true;
}

static bool box_of_plain(struct tg_span exten, struct reach_box *box)
{
	for (size_t i = 0; i < exten.len; i++) {
		if (exten.p[i] != '-' && !box_push(box, exten.p[i])) {
			return false;
		}
	}
	return true;
}

static uint16_t set_of(struct reach_sets *sets, const uint8_t bits[32])
{
	struct reach_octets octets = { { 0 } };

	for (unsigned c = 0; c < 256; c++) {
		octets.bits[c / 64] |= (bits[c / 8] & 0x80 >> c % 8) != 0 ? UINT64_C(1) << c % 64 : 0;
	}
	return reach_sets_without(sets, reach_sets_put(sets, &octets), '-'); /* no number has one there */
}

bool reach_box_of(struct reach_sets *sets, struct tg_span exten, struct reach_box *box)
{
	struct tg_span left = { exten.p + 1, exten.len - 1 };
	uint8_t bits[32];

	*box = (struct reach_box){ .len = 0 };
	if (!pattern_is(exten)) {
		return box_of_plain(exten, box);
	}
	while (true) {
		switch (pattern_take(&left, bits)) {
		case PATTERN_SET:
			if (!box_push(box, set_of(sets, bits))) {
				return false;
			}
			break;
		case PATTERN_DOT:
			box->open = true;
			return box_push(box, REACH_NO_DASH);
		case PATTERN_BANG:
			box->open = true;
			return true;
		case PATTERN_END:
			return true;
		}
	}
}

static uint16_t box_at(const struct reach_box *box, size_t i)
{
	return i < box->len ? box->at[i] : REACH_NO_DASH;
}

bool reach_box_both(struct reach_sets *sets, const struct reach_box *a, const struct reach_box *b,
                    struct reach_box *out)
{
	const uint8_t len = a->len > b->len ? a->len : b->len;

	if ((len > a->len && !a->open) || (len > b->len && !b->open)) {
		return false;
	}
	*out = (struct reach_box){ .len = len, .open = a->open && b->open, .dashed = a->dashed };
	for (size_t i = 0; i < len; i++) {
		out->at[i] = reach_sets_both(sets, box_at(a, i), box_at(b, i));
		if (out->at[i] == REACH_EMPTY) {
			return false;
		}
	}
	return true;
}

bool reach_box_within(struct reach_sets *sets, const struct reach_box *a, const struct reach_box *b)
{
	if (a->len < b->len || (!b->open && (a->open || a->len != b->len)) || (a->dashed && !b->dashed)) {
		return false;
	}
	for (size_t i = 0; i < b->len; i++) {
		if (!is_within(sets, a->at[i], b->at[i])) {
			return false;
		}
	}
	return true;
}

/* ---- Several boxes ---------------------------------------------------------------------------------------------- */

static void boxes_push(struct reach_boxes *boxes, const struct reach_box *box)
{
	if (boxes->count == boxes->room) {
		const uint32_t room = boxes->room == 0 ? 4 : 2 * boxes->room;
		struct reach_box *p = realloc(boxes->p, room * sizeof(*p));

		if (p == NULL) {
			boxes->failed = true;
			return;
		}
		boxes->p = p;
		boxes->room = room;
	}
	boxes->p[boxes->count++] = *box;
}

bool reach_boxes_add(struct reach_sets *sets, struct reach_boxes *boxes, const struct reach_box *box)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < boxes->count; i++) {
		if (reach_box_within(sets, box, &boxes->p[i])) {
			return false;
		}
	}
	for (uint32_t i = 0; i < boxes->count; i++) {
		if (!reach_box_within(sets, &boxes->p[i], box)) {
			boxes->p[kept++] = boxes->p[i];
		}
	}
	boxes->count = kept;
	boxes_push(boxes, box);
	return true;
}

/* What of box is not in less: a piece for each place where they can differ. Both have something in common. */
static void box_subtract(struct reach_sets *sets, const struct reach_box *box, const struct reach_box *less,
                         struct reach_boxes *out)
{
	struct reach_box same = *box;

	for (uint8_t i = 0; i < less->len; i++) {
		struct reach_box piece = same;

		if (i >= box->len) { /* it is open: the numbers that end here */
			piece.len = i;
			piece.open = false;
			boxes_push(out, &piece);
			piece.len = same.len = (uint8_t)(i + 1);
			piece.open = true;
		}
		piece.at[i] = reach_sets_without(sets, box_at(box, i), less->at[i]);
		if (piece.at[i] != REACH_EMPTY) {
			boxes_push(out, &piece);
		}
		same.at[i] = reach_sets_both(sets, box_at(box, i), less->at[i]);
	}
	if (!less->open && box->open && less->len < REACH_BOX_MAX) { /* the longer ones */
		same.at[less->len] = REACH_NO_DASH;
		same.len = (uint8_t)(less->len + 1);
		boxes_push(out, &same);
	}
}

void reach_boxes_subtract(struct reach_sets *sets, struct reach_boxes *boxes, const struct reach_box *less,
                          uint32_t max)
{
	struct reach_boxes rest = { NULL, 0, 0, false };
	struct reach_box both;

	if (!less->open && less->len == REACH_BOX_MAX) {
		return; /* the longer ones could not be told */
	}
	for (uint32_t i = 0; i < boxes->count; i++) {
		if (reach_box_both(sets, &boxes->p[i], less, &both)) {
			box_subtract(sets, &boxes->p[i], less, &rest);
		} else {
			boxes_push(&rest, &boxes->p[i]);
		}
	}
	if (rest.failed || rest.count > max) {
		reach_boxes_free(&rest);
		return;
	}
	reach_boxes_free(boxes);
	*boxes = rest;
}

void reach_boxes_free(struct reach_boxes *boxes)
{
	free(boxes->p);
	*boxes = (struct reach_boxes){ NULL, 0, 0, false };
}
