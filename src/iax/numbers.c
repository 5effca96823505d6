/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/numbers.h"

enum {
	USABLE = IAX_CALLNO_MAX - IAX_CALLNO_MIN + 1,
	DRAWS = 32,         /* with half of all numbers free, one in 2^32 ends in the scan */
	SHARE_STEPS = 4096, /* bounds the work for a remote that holds nearly all numbers */
};

static void set_busy(struct iax_numbers *numbers, uint16_t number)
{
	numbers->busy[number / 64] |= UINT64_C(1) << (number % 64);
}

void iax_numbers_init(struct iax_numbers *numbers)
{
	*numbers = (struct iax_numbers){ 0 };
	set_busy(numbers, IAX_CALLNO_NONE);
	set_busy(numbers, IAX_CALLNO_STATELESS);
}

static uint16_t draw(struct crypt_random *random)
{
	return (uint16_t)(IAX_CALLNO_MIN + crypt_random_below(random, USABLE));
}

static uint16_t draw_free(const struct iax_numbers *numbers, struct crypt_random *random, iax_numbers_barred *barred,
                          const void *owner)
{
	for (unsigned i = 0; i < DRAWS; i++) {
		const uint16_t number = draw(random);

		if (!iax_numbers_is_busy(numbers, number) && !barred(owner, number)) {
			return number;
		}
	}
	return IAX_CALLNO_NONE;
}

/* The first free number from a random one on. Its neighbours in use make it likelier than others, which gives little away
 * when nearly all numbers are in use. */
static uint16_t scan_free(const struct iax_numbers *numbers, struct crypt_random *random, iax_numbers_barred *barred,
                          const void *owner)
{
	const unsigned first = crypt_random_below(random, IAX_NUMBERS_WORDS);

	for (unsigned i = 0; i < IAX_NUMBERS_WORDS; i++) {
		const unsigned word = (first + i) % IAX_NUMBERS_WORDS;

		for (uint64_t left = ~numbers->busy[word]; left != 0; left &= left - 1) {
			const uint16_t number = (uint16_t)(word * 64 + (unsigned)__builtin_ctzll(left));

			if (!barred(owner, number)) {
				return number;
			}
		}
	}
	return IAX_CALLNO_NONE;
}

static uint16_t share(struct crypt_random *random, iax_numbers_barred *barred, const void *owner)
{
	const unsigned first = draw(random) - IAX_CALLNO_MIN;

	for (unsigned i = 0; i < SHARE_STEPS; i++) {
		const uint16_t number = (uint16_t)(IAX_CALLNO_MIN + (first + i) % USABLE);

		if (!barred(owner, number)) {
			return number;
		}
	}
	return IAX_CALLNO_NONE;
}

bool iax_numbers_claim(struct iax_numbers *numbers, uint16_t number)
{
	if (number < IAX_CALLNO_MIN || number > IAX_CALLNO_MAX || numbers->legs[number] == UINT16_MAX) {
		return false;
	}
	if (numbers->legs[number]++ == 0) {
		numbers->used++;
		set_busy(numbers, number);
	}
	return true;
}

uint16_t iax_numbers_take(struct iax_numbers *numbers, struct crypt_random *random, iax_numbers_barred *barred,
                          const void *owner)
{
	uint16_t number = IAX_CALLNO_NONE;

	if (numbers->used < USABLE) {
		number = draw_free(numbers, random, barred, owner);
		if (number == IAX_CALLNO_NONE) {
			number = scan_free(numbers, random, barred, owner);
		}
	}
	if (number == IAX_CALLNO_NONE) {
		number = share(random, barred, owner);
	}
	return iax_numbers_claim(numbers, number) ? number : IAX_CALLNO_NONE;
}

void iax_numbers_give(struct iax_numbers *numbers, uint16_t number)
{
	assert(number >= IAX_CALLNO_MIN && number <= IAX_CALLNO_MAX && numbers->legs[number] > 0);
	if (--numbers->legs[number] == 0) {
		numbers->used--;
		numbers->busy[number / 64] &= ~(UINT64_C(1) << (number % 64));
	}
}
