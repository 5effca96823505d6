/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_MODEL_DESTINATION_H
#define TG_MODEL_DESTINATION_H

#include "model/world.h"

/**
 * What a number is that is sent to somebody who takes money for it: pure functions of the world, shared by the exchange, explain and
 * check (ruling R22). No memory is asked for.
 */

/** How the number was read. */
enum destination_way {
	DESTINATION_NONE,     /* there is no number: nobody can be billed for one the caller did not choose */
	DESTINATION_DIALLED,  /* a row of the list is about numbers as they are dialled: emergency calls, short codes */
	DESTINATION_SHORT,    /* a number of one's own */
	DESTINATION_E164,     /* it stands for the number in e164 */
	DESTINATION_NO_SENSE, /* it cannot be said which number it is */
};

struct destination {
	enum world_class class;
	enum destination_way way;
	char e164[WORLD_PREFIX_MAX + 1];     /* "+4930123456"; "" unless way is DESTINATION_E164 */
	char dialled[32];                    /* without blanks and the like; "" if it does not fit or is no number */
	const struct world_destination *row; /* that says so; NULL for none */
};

/** How an account dials, and what a trunk understands: the trunk's own way, else the account's, else that of all. Rows + 1. */
const struct world_numbers *destination_numbers(const struct world *world, uint32_t trunk, uint32_t account);

/** The class of a number that is sent to a trunk. Where it can be read in two ways, the worse one counts. */
void destination_read(const struct world *world, const struct world_numbers *numbers, struct tg_span number,
                      struct destination *out);

/** The same, for who dials as [numbers] has it and wants the class alone. */
enum world_class world_class_of(const struct world *world, struct tg_span number);

/** Whether a prefix with "+" begins the number that this one stands for. */
bool destination_begins(const struct destination *destination, const char *prefix);

#endif
