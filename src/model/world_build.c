/* SPDX-License-Identifier: Apache-2.0 */
#include "model/world_build.h"

#include "base/map.h"

#include <stdlib.h>
#include <string.h>

/* Bytes that grow. */
struct heap {
	uint8_t *p;
	size_t len, room;
};

struct world_build {
	bool failed;
	struct world_settings settings;
	struct heap tables[WORLD_TABLES];
	struct heap texts;  /* starts with one NUL */
	struct tg_map *map; /* hash of a text to its offset */
};

static const struct world_settings default_settings = {
	.binds = { { .ip = { [10] = 0xff, [11] = 0xff }, .port = 4569, .family = TG_IPV4 } },
	.bind_count = 1,
	.threads = 1,
	.min_reg_expire_s = 60,
	.max_reg_expire_s = 60,
	.ping_time_s = 21,
	.lagrq_time_s = 10,
	.max_call_numbers = 2048,
	.max_call_numbers_nonvalidated = 8192,
	.call_token_expiration_s = 8,
	.max_auth_req = 3,
	.calls_max = 1000,
	.registrations_max = 1000,
	.delay_reject = 1,
	.shrink_caller_id = 1,
	.autofallthrough = 1,
	.guard = {
		.mode = WORLD_GUARD_ENFORCE,
		.new_dialogs_per_s = 4,
		.new_dialogs_burst = 20,
		.known_dialogs_per_s = 50,
		.known_dialogs_burst = 500,
		.strangers_per_s = 2000,
		.failures_per_min = 1,
		.failures_burst = 10,
		.names_per_10min = 5,
		.delay_at = 3,
		.silence_at = 6,
		.kernel_at = 10,
		.step_s = 600,
		.account_failures = 20,
		.account_prefixes = 5,
		.account_distinct = 50,
		.spray_accounts = 50,
		.spray_prefixes = 20,
		.known_days = 30,
		.kernel = 1,
	},
};

/* Room for len more bytes at the end; NULL if there is no memory. */
static uint8_t *heap_grow(struct heap *heap, size_t len)
{
	if (len > heap->room - heap->len) {
		const size_t room = 2 * heap->room + len + 256;
		uint8_t *p = realloc(heap->p, room);

		if (p == NULL) {
			return NULL;
		}
		heap->p = p;
		heap->room = room;
	}
	heap->len += len;
	return heap->p + heap->len - len;
}

struct world_build *world_build_new(void)
{
	enum { FIRST_TEXTS = 256 };
	struct world_build *build = calloc(1, sizeof(*build));

	if (build == NULL) {
		return NULL;
	}
	build->settings = default_settings;
	void *mem = calloc(1, tg_map_size(FIRST_TEXTS));
	uint8_t *nul = heap_grow(&build->texts, 1);

	if (mem == NULL || nul == NULL) {
		free(mem);
		world_build_free(build);
		return NULL;
	}
	build->map = tg_map_init(mem, FIRST_TEXTS);
	*nul = '\0';
	return build;
}

void world_build_free(struct world_build *build)
{
	if (build == NULL) {
		return;
	}
	for (int i = 0; i < WORLD_TABLES; i++) {
		free(build->tables[i].p);
	}
	free(build->texts.p);
	free(build->map);
	free(build);
}

struct world_settings *world_build_settings(struct world_build *build)
{
	return &build->settings;
}

/* FNV-1a: the texts are the operator's own, nobody else chooses collisions. */
static uint64_t hash_of(struct tg_span text)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < text.len; i++) {
		hash = (hash ^ text.p[i]) * UINT64_C(0x100000001b3);
	}
	return hash;
}

static bool map_is_rebuilt(struct world_build *build, uint32_t capacity)
{
	void *mem = calloc(1, tg_map_size(capacity));

	if (mem == NULL) {
		return false;
	}
	struct tg_map *map = tg_map_init(mem, capacity);
	bool fits = true;

	for (size_t at = 1; at < build->texts.len;) {
		const struct tg_span text = tg_span_text((const char *)build->texts.p + at);

		fits = tg_map_insert(map, hash_of(text), (uint32_t)at) && fits;
		at += text.len + 1;
	}
	assert(fits);
	free(build->map);
	build->map = map;
	return true;
}

static struct world_text text_find(const struct world_build *build, uint64_t hash, struct tg_span text)
{
	struct tg_map_walk walk = tg_map_find(build->map, hash);
	uint32_t at;

	while (tg_map_next(&walk, &at)) {
		if (tg_span_equal(tg_span_text((const char *)build->texts.p + at), text)) {
			return (struct world_text){ at, (uint32_t)text.len };
		}
	}
	return (struct world_text){ 0 };
}

static bool text_add(struct world_build *build, uint64_t hash, struct tg_span text)
{
	const size_t at = build->texts.len;
	const uint32_t capacity = build->map->capacity;

	if (build->map->used == capacity && !map_is_rebuilt(build, 2 * capacity)) {
		return false;
	}
	uint8_t *to = at < INT32_MAX ? heap_grow(&build->texts, text.len + 1) : NULL;

	if (to == NULL) {
		return false;
	}
	memcpy(to, text.p, text.len);
	to[text.len] = '\0';
	return tg_map_insert(build->map, hash, (uint32_t)at);
}

struct world_text world_build_text(struct world_build *build, struct tg_span text)
{
	const uint64_t hash = hash_of(text);

	if (text.len == 0 || build->failed) {
		return (struct world_text){ 0 };
	}
	const struct world_text known = text_find(build, hash, text);

	if (known.len > 0) {
		return known;
	}
	if (text.len > WORLD_TEXT_MAX || memchr(text.p, '\0', text.len) != NULL || !text_add(build, hash, text)) {
		build->failed = true;
		return (struct world_text){ 0 };
	}
	return (struct world_text){ (uint32_t)(build->texts.len - text.len - 1), (uint32_t)text.len };
}

struct world_origin world_build_origin(struct world_build *build, const char *file, uint32_t line)
{
	return (struct world_origin){ .file = world_build_text(build, tg_span_text(file != NULL ? file : "")),
		                      .line = line };
}

uint32_t world_build_count(const struct world_build *build, enum world_table table)
{
	return (uint32_t)(build->tables[table].len / world_row_bytes(table));
}

uint32_t world_build_row(struct world_build *build, enum world_table table, const void *row)
{
	const uint32_t index = world_build_count(build, table);
	uint8_t *to = !build->failed && index < INT32_MAX ? heap_grow(&build->tables[table], world_row_bytes(table))
	                                                  : NULL;

	if (to == NULL) {
		build->failed = true;
		return 0;
	}
	memcpy(to, row, world_row_bytes(table));
	return index;
}

void *world_build_at(struct world_build *build, enum world_table table, uint32_t index)
{
	return index < world_build_count(build, table) ? build->tables[table].p + (size_t)index * world_row_bytes(table)
	                                               : NULL;
}

bool world_build_has_range(struct world_build *build, enum world_table table, const struct world_range *range)
{
	for (uint32_t i = 0; i < world_build_count(build, table); i++) {
		const struct world_range *other = world_build_at(build, table, i);

		if (other->bits == range->bits && tg_addr_equal(other->base, range->base)) {
			return true;
		}
	}
	return false;
}

const char *world_build_text_at(const struct world_build *build, struct world_text text)
{
	return text.len > 0 ? (const char *)build->texts.p + text.offset : "";
}

/* ---- finishing: all of this works on the finished image, before anybody else sees it ---- */

static void *row_of(struct world *world, enum world_table table, uint32_t index)
{
	return (uint8_t *)world + world->tables[table].offset + (size_t)index * world->tables[table].row_bytes;
}

static int by_precedence(const void *a, const void *b, void *world)
{
	return world_exten_compare(world, a, b);
}

static void sort_extens(struct world *world)
{
	for (uint32_t i = 0; i < world_count(world, WORLD_CONTEXTS); i++) {
		const struct world_context *context = row_of(world, WORLD_CONTEXTS, i);

		if (context->extens.count > 0) {
			qsort_r(row_of(world, WORLD_EXTENS, context->extens.first), context->extens.count,
			        sizeof(struct world_exten), by_precedence, world);
		}
	}
}

struct naming {
	struct world *world;
	enum world_table rows;
};

static int by_name(const void *a, const void *b, void *owner)
{
	const struct naming *naming = owner;
	uint32_t row_a, row_b;

	memcpy(&row_a, a, sizeof(row_a));
	memcpy(&row_b, b, sizeof(row_b));
	const struct world_text *name_a = row_of(naming->world, naming->rows, row_a);
	const struct world_text *name_b = row_of(naming->world, naming->rows, row_b);

	return strcmp(world_text(naming->world, *name_a), world_text(naming->world, *name_b));
}

static void make_index(struct world *world, enum world_table rows, enum world_table index)
{
	const uint32_t count = world_count(world, rows);
	struct naming naming = { world, rows };
	uint32_t *to = row_of(world, index, 0);

	for (uint32_t i = 0; i < count; i++) {
		to[i] = i;
	}
	if (count > 0) {
		qsort_r(to, count, sizeof(*to), by_name, &naming);
	}
}

/* One pass over all includes; true while some context still rises. */
static bool heights_rise(struct world *world)
{
	bool rising = false;

	for (uint32_t i = 0; i < world_count(world, WORLD_CONTEXTS); i++) {
		struct world_context *context = row_of(world, WORLD_CONTEXTS, i);

		for (uint32_t k = 0; k < context->includes.count; k++) {
			const struct world_include *include = row_of(world, WORLD_INCLUDES,
			                                             context->includes.first + k);
			const struct world_context *included = world_context_find(world,
			                                                          world_span(world, include->name));

			if (included != NULL && included->height >= context->height) {
				context->height = included->height + 1;
				rising = true;
			}
		}
	}
	return rising;
}

static void find_heights(struct world *world)
{
	for (int pass = 0; pass < WORLD_INCLUDE_DEPTH && heights_rise(world); pass++) {
	}
}

static size_t round_up(size_t bytes)
{
	return (bytes + 7) & ~(size_t)7;
}

static uint64_t place_tables(const struct world_build *build, struct world *head)
{
	uint64_t at = round_up(sizeof(*head));

	for (int i = 0; i < WORLD_TABLES; i++) {
		const uint32_t count = world_build_count(build, (enum world_table)i);

		head->tables[i] = (struct world_table_place){ at, world_row_bytes((enum world_table)i), count };
		at = round_up(at + build->tables[i].len);
	}
	head->text_offset = at;
	head->text_bytes = build->texts.len;
	return at + build->texts.len;
}

static struct world *image_of(const struct world_build *build, uint64_t generation)
{
	struct world head = { .magic = WORLD_MAGIC, .version = WORLD_VERSION, .generation = generation };

	head.settings = build->settings;
	head.size_bytes = place_tables(build, &head);
	struct world *world = calloc(1, head.size_bytes);

	if (world == NULL) {
		return NULL;
	}
	*world = head;
	for (int i = 0; i < WORLD_TABLES; i++) {
		if (build->tables[i].len > 0) {
			memcpy(row_of(world, (enum world_table)i, 0), build->tables[i].p, build->tables[i].len);
		}
	}
	memcpy((uint8_t *)world + head.text_offset, build->texts.p, build->texts.len);
	return world;
}

/* The indexes are rows, too; their contents come later. */
static void reserve_index(struct world_build *build, enum world_table rows, enum world_table index)
{
	static const uint32_t nothing = 0;

	while (!build->failed && world_build_count(build, index) < world_build_count(build, rows)) {
		world_build_row(build, index, &nothing);
	}
}

static int by_destination(const void *a, const void *b)
{
	return world_destination_compare(a, b);
}

/* As world_check() has it. */
static void sort_destinations(struct world *world)
{
	const uint32_t count = world_count(world, WORLD_DESTINATIONS);

	if (count == 0) {
		return;
	}
	struct world_destination *rows = row_of(world, WORLD_DESTINATIONS, 0);

	qsort(rows, count, sizeof(*rows), by_destination);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t up = i;

		while (up != 0 && strncmp(rows[i].prefix, rows[up - 1].prefix, strlen(rows[up - 1].prefix)) != 0) {
			up = rows[up - 1].up;
		}
		rows[i].up = up;
	}
}

struct world *world_build_finish(struct world_build *build, uint64_t generation, size_t *size_bytes, const char **wrong)
{
	const char *what = "no memory, or a text that is too long";

	reserve_index(build, WORLD_USERS, WORLD_USERS_BY_NAME);
	reserve_index(build, WORLD_PEERS, WORLD_PEERS_BY_NAME);
	reserve_index(build, WORLD_CONTEXTS, WORLD_CONTEXTS_BY_NAME);
	struct world *world = build->failed ? NULL : image_of(build, generation);

	if (world != NULL) {
		make_index(world, WORLD_USERS, WORLD_USERS_BY_NAME);
		make_index(world, WORLD_PEERS, WORLD_PEERS_BY_NAME);
		make_index(world, WORLD_CONTEXTS, WORLD_CONTEXTS_BY_NAME);
		sort_extens(world);
		sort_destinations(world);
		find_heights(world);
		*size_bytes = world->size_bytes;
		what = world_check(world, world->size_bytes);
	}
	if (wrong != NULL) {
		*wrong = what;
	}
	if (what != NULL) {
		free(world);
		return NULL;
	}
	return world;
}
