/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/arena.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_BYTES = 64 << 10 };

struct conf_chunk {
	struct conf_chunk *next;
	size_t size_bytes, len;
	_Alignas(8) uint8_t bytes[];
};

static struct conf_chunk *chunk_new(struct conf_arena *arena, size_t len_bytes)
{
	const size_t size_bytes = len_bytes > CHUNK_BYTES ? len_bytes : CHUNK_BYTES;
	struct conf_chunk *chunk = calloc(1, sizeof(*chunk) + size_bytes);

	if (chunk != NULL) {
		chunk->size_bytes = size_bytes;
		chunk->next = arena->chunks;
		arena->chunks = chunk;
		arena->used_bytes += size_bytes;
	}
	return chunk;
}

void *conf_arena_alloc(struct conf_arena *arena, size_t len_bytes)
{
	struct conf_chunk *chunk = arena->chunks;

	if (arena->failed || len_bytes > CONF_ARENA_MAX_BYTES - 8) {
		arena->failed = true;
		return NULL;
	}
	len_bytes = (len_bytes + 7) & ~(size_t)7;
	if (chunk == NULL || len_bytes > chunk->size_bytes - chunk->len) {
		chunk = arena->used_bytes < CONF_ARENA_MAX_BYTES ? chunk_new(arena, len_bytes) : NULL;
	}
	if (chunk == NULL) {
		arena->failed = true;
		return NULL;
	}
	chunk->len += len_bytes;
	return chunk->bytes + chunk->len - len_bytes;
}

char *conf_arena_join(struct conf_arena *arena, struct tg_span a, struct tg_span b)
{
	char *text = conf_arena_alloc(arena, a.len + b.len + 1);

	if (text == NULL) {
		return NULL;
	}
	if (a.len > 0) {
		memcpy(text, a.p, a.len);
	}
	if (b.len > 0) {
		memcpy(text + a.len, b.p, b.len);
	}
	return text;
}

char *conf_arena_text(struct conf_arena *arena, struct tg_span text)
{
	return conf_arena_join(arena, text, (struct tg_span){ 0 });
}

void conf_arena_free(struct conf_arena *arena)
{
	struct conf_chunk *chunk = arena->chunks;

	while (chunk != NULL) {
		struct conf_chunk *next = chunk->next;

		explicit_bzero(chunk->bytes, chunk->size_bytes);
		free(chunk);
		chunk = next;
	}
	*arena = (struct conf_arena){ 0 };
}
