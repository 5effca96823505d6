/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_SEQLOCK_H
#define TG_ENGINE_SEQLOCK_H

#include "base/tg.h"

#include <stdatomic.h>
#include <string.h>

/**
 * A value that one thread writes and others copy without a lock: they read it again if it changed meanwhile. `lock` is odd
 * while it is being written. The value is a whole number of 64-bit words.
 *
 * The words are stored with release and loaded with acquire, so no fence is needed: a reader that got one new word sees the
 * odd lock of its writer, or a later one. On x86-64 all of these are plain moves.
 */
enum { SEQLOCK_READ_TRIES_MAX = 64 }; /* a writer holds it for some 20 ns, unless it loses its processor */

static inline void seqlock_store(_Atomic uint64_t *lock, _Atomic uint64_t *words, const void *value, size_t count)
{
	const uint64_t before = atomic_load_explicit(lock, memory_order_relaxed);

	atomic_store_explicit(lock, before + 1, memory_order_relaxed);
	for (size_t i = 0; i < count; i++) {
		uint64_t word;

		memcpy(&word, (const uint8_t *)value + i * sizeof(word), sizeof(word));
		atomic_store_explicit(&words[i], word, memory_order_release);
	}
	atomic_store_explicit(lock, before + 2, memory_order_release);
}

/** For the writer itself. */
static inline void seqlock_load(const _Atomic uint64_t *words, void *value, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const uint64_t word = atomic_load_explicit(&words[i], memory_order_relaxed);

		memcpy((uint8_t *)value + i * sizeof(word), &word, sizeof(word));
	}
}

/** @return false: it was being written all the time */
TG_MUST_USE static inline bool seqlock_read(const _Atomic uint64_t *lock, const _Atomic uint64_t *words, void *value,
                                            size_t count)
{
	for (int tries = 0; tries < SEQLOCK_READ_TRIES_MAX; tries++) {
		const uint64_t before = atomic_load_explicit(lock, memory_order_acquire);

		for (size_t i = 0; i < count; i++) {
			const uint64_t word = atomic_load_explicit(&words[i], memory_order_acquire);

			memcpy((uint8_t *)value + i * sizeof(word), &word, sizeof(word));
		}
		if ((before & 1) == 0 && before == atomic_load_explicit(lock, memory_order_relaxed)) {
			return true;
		}
	}
	return false;
}

#endif
