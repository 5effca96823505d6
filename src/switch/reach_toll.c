/* SPDX-License-Identifier: Apache-2.0 */
#include "switch/reach_toll.h"

#include <stdio.h>
#include <string.h>

#include "switch/toll.h"

struct search {
	const struct reach *reach;
	const struct world *world;
	const struct world_user *user;
	const struct world_peer *trunk;
	const struct reach_egress *egress;
	struct reach_tolls *out;
};

/* A number that may be one of them. */
static void try(const struct search *s, const char *number)
{
	const struct toll_ask ask = {
		.user = s->user, .trunk = s->trunk, .number = tg_span_text(number), .running = true
	};
	struct toll_decision decision;

	if (!reach_text_matches(reach_sets_of(s->reach), &s->egress->numbers, ask.number)) {
		return;
	}
	toll_decide(s->world, &ask, &decision);
	const uint32_t bit = UINT32_C(1) << decision.destination.class;
	const bool allowed = decision.why == MODEL_WHY_OK;

	if (((allowed ? s->out->allowed : s->out->denied) & bit) != 0) {
		return;
	}
	if (allowed || (s->out->allowed & bit) == 0) {
		snprintf(s->out->examples[decision.destination.class], REACH_NUMBER_BYTES, "%s", number);
	}
	s->out->allowed |= allowed ? bit : 0;
	s->out->denied |= allowed ? 0 : bit;
}

/* A prefix with digits behind it, of some lengths. */
static void try_lengths(const struct search *s, const char *code, const char *digits)
{
	static const size_t more[] = { 0, 3, 5, 7, 8, 9, 10 };
	static const char filler[] = "2345678901";

	for (size_t i = 0; i < TG_COUNT(more); i++) {
		char number[REACH_NUMBER_BYTES];

		snprintf(number, sizeof(number), "%s%s%.*s", code, digits, (int)more[i], filler);
		try(s, number);
	}
}

static void try_row(const struct search *s, const struct world_numbers *numbers, const struct world_destination *row)
{
	const size_t country_len = strlen(numbers->country);

	if (row->prefix[0] != '+') {
		try_lengths(s, "", row->prefix);
		return;
	}
	const char *digits = row->prefix + 1;

	try_lengths(s, "+", digits);
	try_lengths(s, "", digits);
	for (size_t i = 0; i < WORLD_ACCESS_CODES; i++) {
		if (numbers->international[i][0] != '\0') {
			try_lengths(s, numbers->international[i], digits);
		}
	}
	if (country_len > 0 && strncmp(digits, numbers->country, country_len) == 0) {
		try_lengths(s, numbers->national, digits + country_len);
		try_lengths(s, "", digits + country_len);
	}
}

/* Numbers that stand in the dialplan. */
static void try_own(const struct search *s)
{
	for (size_t i = 0; i < s->egress->numbers.count; i++) {
		uint8_t octets[REACH_NUMBER_BYTES];
		const int len = reach_seq_example(reach_sets_of(s->reach), &s->egress->numbers.seqs[i], octets,
		                                  sizeof(octets) - 1);

		if (len > 0) {
			octets[len] = '\0';
			try(s, (const char *)octets);
		}
	}
}

void reach_tolls(const struct reach *reach, const struct world *world, uint32_t entry,
                 const struct reach_egress *egress, uint32_t peer, struct reach_tolls *out)
{
	const struct search s = {
		.reach = reach,
		.world = world,
		.user = world_row(world, WORLD_USERS, reach_entry_at(reach, entry).user),
		.trunk = world_row(world, WORLD_PEERS, peer),
		.egress = egress,
		.out = out,
	};
	const struct world_numbers *numbers = destination_numbers(world, s.trunk->numbers, s.user->numbers);

	*out = (struct reach_tolls){ .allowed = 0 };
	try_own(&s);
	for (uint32_t i = 0; i < world_count(world, WORLD_DESTINATIONS); i++) {
		try_row(&s, numbers, world_row(world, WORLD_DESTINATIONS, i));
	}
}
