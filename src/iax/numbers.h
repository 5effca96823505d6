/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_IAX_NUMBERS_H
#define TG_IAX_NUMBERS_H

#include "crypt/random.h"
#include "iax/wire.h"

enum { IAX_NUMBERS_ALL = IAX_CALLNO_MAX + 1, IAX_NUMBERS_WORDS = IAX_NUMBERS_ALL / 64 };

/**
 * The call numbers of one endpoint (ruling R6): random, one leg each while any is free; then shared by legs with different
 * remote hosts, since every look-up is by address and number. 0 and 1 are never given. A plain value without pointers.
 */
struct iax_numbers {
	uint32_t used; /* numbers with at least one leg */
	uint64_t busy[IAX_NUMBERS_WORDS];
	uint16_t legs[IAX_NUMBERS_ALL];
};

/** Of 15 bits. 0 and 1 always are. */
static inline bool iax_numbers_is_busy(const struct iax_numbers *numbers, uint16_t number)
{
	return (numbers->busy[number / 64] >> (number % 64) & 1) != 0;
}

void iax_numbers_init(struct iax_numbers *numbers);

/** May this number not be given now: the same remote has it, or had it a minute ago (ruling R7)? */
typedef bool iax_numbers_barred(const void *owner, uint16_t number);

/**
 * Take a random number.
 *
 * @return 0 if this remote can have none
 */
uint16_t iax_numbers_take(struct iax_numbers *numbers, struct crypt_random *random, iax_numbers_barred *barred,
                          const void *owner);

/** One leg more on this number, whoever has it already: of a leg that is taken over. @return false if it is none to give, or full */
bool iax_numbers_claim(struct iax_numbers *numbers, uint16_t number);

/** One leg less on a number that iax_numbers_take() gave. */
void iax_numbers_give(struct iax_numbers *numbers, uint16_t number);

#endif
