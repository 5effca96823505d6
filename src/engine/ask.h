/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_ENGINE_ASK_H
#define TG_ENGINE_ASK_H

#include "engine/link.h"

/**
 * Questions to the vault that are not answered yet. One that could not be sent is sent later; all are asked again of a vault that was
 * started anew. It has forgotten the challenges of the old one, so a response to one of those is then wrong and the peer begins
 * again: it fails on the safe side.
 */
struct asks;

size_t asks_size(uint32_t count);

/** @param mem  asks_size() bytes, aligned to 8, zeroed */
struct asks *asks_init(void *mem, uint32_t count);

/**
 * Ask. The record's cookie and kind name the question; a former one of the same cookie is forgotten.
 *
 * @param record  struct ipc_challenge_ask, _verify_ask or _respond_ask
 * @return false if there is no room
 */
bool asks_put(struct asks *asks, struct link *vault, uint64_t cookie, const void *record, size_t size_bytes,
              uint64_t now_us);

/** An answer came. @return false if nothing of this kind was asked under this cookie */
bool asks_take(struct asks *asks, uint64_t cookie, enum ipc_kind asked);

/** Send what is unsent; forget what is older than a minute. */
void asks_turn(struct asks *asks, struct link *vault, uint64_t now_us);

/** There is a new vault. */
void asks_repeat(struct asks *asks);

/** Whether asks_turn() has something to send. */
bool asks_wait(const struct asks *asks);

#endif
