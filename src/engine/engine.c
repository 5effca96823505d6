/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "crypt/random.h"
#include "engine/arena.h"
#include "engine/counters.h"
#include "engine/run.h"
#include "engine/selector.h"
#include "engine/worker.h"
#include "iax/frame.h"
#include "sys/clock.h"
#include "sys/logsink.h"
#include "sys/memfile.h"
#include "sys/proc.h"
#include "sys/sandbox.h"

enum {
	SETUP_US = 60 * TG_US_PER_S, /* the parent has this long to send the first world */
	OWN_OUTBOX_BYTES = 1 << 20,  /* when the parent gives none */
};

/* A channel that came before the switch was there. */
struct early_channel {
	int fd; /* -1: none */
	uint32_t incarnation;
};

struct engine {
	struct engine_options options;
	struct sys_channel *parent; /* until the switch takes it over */
	struct engine_shared *shared;
	struct images images;
	struct arena arena;
	struct core *core;
	struct door *door;
	struct relay *relays;
	struct worker *workers;
	struct counters counters;
	struct core_sizes sizes;
	struct core_memory memory;
	void *player_memory[ENGINE_RELAYS_MAX];
	uint32_t sockets_come, sockets_due; /* due 0: not known yet */
	struct early_channel early[CORE_LINKS];
	void *outbox;
	size_t outbox_bytes;
	uint64_t outbox_generation;
	bool outbox_is_mapped;
};

static bool fail(const struct engine *engine, const char *event, const char *why)
{
	tg_log(engine->options.log, TG_ERROR, event, TG_TEXT("why", why),
	       TG_TEXT("errno", errno == 0 ? "0" : strerror(errno)));
	return false;
}

/* ---- What the parent sends first ---- */

static bool take_socket(struct engine *engine, const struct ipc_socket *record, int fd)
{
	struct engine_shared *shared = engine->shared;
	struct engine_group *group = &shared->groups[record->group % ENGINE_GROUPS_MAX];

	if (record->groups == 0 || record->groups > ENGINE_GROUPS_MAX || record->group >= record->groups ||
	    record->count < 3 || record->count > 2 + ENGINE_RELAYS_MAX || record->index >= record->count ||
	    (engine->sockets_due != 0 && engine->sockets_due != record->groups * record->count) ||
	    group->sockets[record->index] != NULL) {
		close(fd);
		return fail(engine, "engine.setup", "a socket that does not fit the others");
	}
	group->local = record->local;
	group->wildcard = tg_addr_is_any(record->local);
	group->sockets[record->index] = sys_udp_new(fd);
	if (group->sockets[record->index] == NULL) {
		close(fd);
		return fail(engine, "engine.setup", "no UDP socket");
	}
	if (record->index == SELECTOR_SWITCH) { /* the others send one kind alone */
		sys_udp_set_kinds(group->sockets[record->index], iax_frame_kind);
	}
	shared->group_count = record->groups;
	shared->relay_count = record->count - SELECTOR_RELAYS;
	engine->sockets_due = record->groups * record->count;
	engine->sockets_come++;
	return true;
}

static bool take_outbox(struct engine *engine, const struct ipc_image *record, int fd)
{
	engine->outbox = engine->outbox == NULL ? sys_memfile_map_shared(fd, record->size_bytes) : NULL;
	engine->outbox_bytes = record->size_bytes;
	engine->outbox_generation = record->generation;
	engine->outbox_is_mapped = engine->outbox != NULL;
	close(fd);
	return engine->outbox != NULL || fail(engine, "engine.setup", "no outbox of that size");
}

static bool take_channel(struct engine *engine, const struct ipc_channel *record, int fd)
{
	static const int places[PROCS] = {
		[PROC_VAULT] = CORE_VAULT, [PROC_STORE] = CORE_STORE, [PROC_DESK] = CORE_DESK, [PROC_FENCE] = CORE_FENCE
	};
	struct early_channel *early = &engine->early[places[record->to]];

	if (places[record->to] == 0) {
		close(fd);
		return fail(engine, "engine.setup", "a channel to nobody the engine knows");
	}
	if (early->fd >= 0) {
		close(early->fd);
	}
	*early = (struct early_channel){ fd, record->incarnation };
	return true;
}

static bool take_image(struct engine *engine, const struct ipc_image *record, int fd)
{
	const char *why = record->head.kind == IPC_WORLD ? images_take_world(&engine->images, fd, record)
	                                                 : images_take_prompts(&engine->images, fd, record);

	close(fd);
	errno = 0;
	return why == NULL || fail(engine, "engine.setup", why);
}

/* @return false to give up */
static bool take_early(struct engine *engine, const void *record, int fd)
{
	const struct ipc_head *head = record;

	switch (head->kind) {
	case IPC_SOCKET:
		return take_socket(engine, record, fd);
	case IPC_OUTBOX:
		return take_outbox(engine, record, fd);
	case IPC_CHANNEL:
		return take_channel(engine, record, fd);
	case IPC_WORLD:
	case IPC_PROMPTS:
		return take_image(engine, record, fd);
	default: /* told to stop before it began */
		return false;
	}
}

static bool is_complete(const struct engine *engine)
{
	return engine->sockets_due != 0 && engine->sockets_come == engine->sockets_due &&
	       images_world(&engine->images) != NULL;
}

static bool take_all_early(struct engine *engine)
{
	_Alignas(16) uint8_t record[IPC_MSG_MAX_BYTES];
	const uint64_t deadline_us = sys_clock_us() + SETUP_US;

	while (!is_complete(engine)) {
		size_t size_bytes = 0;
		int fd = -1;
		const enum sys_channel_result result = sys_channel_receive(engine->parent, record, sizeof(record),
		                                                           &size_bytes, &fd);

		if (result == SYS_CHANNEL_NONE && sys_channel_wait(engine->parent, deadline_us)) {
			continue;
		}
		if (result != SYS_CHANNEL_OK) {
			return false; /* the parent is gone, or never spoke */
		}
		const char *why = ipc_check(PROC_PARENT, PROC_ENGINE, record, size_bytes);

		if (why != NULL || ipc_has_descriptor(((const struct ipc_head *)record)->kind) != (fd >= 0)) {
			return fail(engine, "engine.setup", why == NULL ? "a descriptor too many or missing" : why);
		}
		if (!take_early(engine, record, fd)) {
			return false;
		}
	}
	return true;
}

/* ---- Memory ---- */

/* Run twice, see engine/arena.h. */
static void plan_memory(struct engine *engine)
{
	struct engine_shared *shared = engine->shared;
	const uint32_t legs = engine->sizes.endpoint.legs_max;
	struct arena *arena = &engine->arena;

	engine->core = arena_take(arena, sizeof(*engine->core));
	engine->door = arena_take(arena, sizeof(*engine->door));
	engine->relays = arena_take(arena, shared->relay_count * sizeof(*engine->relays));
	engine->workers = arena_take(arena, shared->thread_count * sizeof(*engine->workers));
	engine->memory.endpoint = arena_take(arena, iax_endpoint_size(&engine->sizes.endpoint));
	engine->memory.sw = arena_take(arena, switch_size(&engine->sizes.sw));
	engine->memory.asks = arena_take(arena, asks_size(engine->sizes.asks));
	engine->memory.bindings = arena_take(arena, bindings_size(engine->sizes.bindings));
	engine->memory.legs = arena_take(arena, legs * sizeof(struct media_leg));
	engine->memory.guard = arena_take(arena, guard_size(&engine->sizes.guard));
	engine->memory.admission = arena_take(arena, sizeof(struct admission));
	engine->memory.tokenless = arena_take(arena, tokenless_size(engine->sizes.accounts));
	shared->table = arena_take(arena, relay_table_size(legs));
	shared->board = arena_take(arena, player_board_size(legs, shared->relay_count));
	for (uint32_t i = 0; i < OPENING_CLASSES; i++) {
		shared->openings[i] = arena_take(arena, tg_ring_size(sizeof(struct opening), opening_room(i)));
	}
	for (uint32_t i = 0; i < TRACE_RINGS; i++) {
		shared->traces[i] = arena_take(arena, tg_ring_size(sizeof(struct traced), TRACE_ROOM));
	}
	for (uint32_t i = 0; i < shared->relay_count; i++) {
		shared->notices[i] = arena_take(arena, tg_ring_size(sizeof(struct notice), ENGINE_NOTICES));
		engine->player_memory[i] = arena_take(arena, player_size(legs));
	}
	if (!engine->outbox_is_mapped) {
		engine->outbox_bytes = OWN_OUTBOX_BYTES;
		engine->outbox = arena_take(arena, engine->outbox_bytes);
	}
}

static bool make_memory(struct engine *engine)
{
	struct engine_shared *shared = engine->shared;
	const uint32_t legs = engine->sizes.endpoint.legs_max;
	uint8_t seed[CRYPT_SEED_BYTES];

	static_assert(CRYPT_SEED_BYTES >= 2 * CRYPT_KEY_BYTES, "two keys");
	plan_memory(engine);
	if (!arena_map(&engine->arena)) {
		return fail(engine, "engine.setup", "not enough memory for the calls that are configured");
	}
	plan_memory(engine);
	sys_sandbox_hide_memory(engine->arena.at, engine->arena.size_bytes);
	crypt_seed_from_kernel(seed);
	relay_table_init(shared->table, legs, seed);
	marks_init(&shared->known, seed);
	marks_init(&shared->customers, seed);
	marks_init(&shared->silenced, seed);
	shared->tokenless = tokenless_init(engine->memory.tokenless, engine->sizes.accounts, seed);
	player_board_init(shared->board, legs, shared->relay_count);
	for (uint32_t i = 0; i < OPENING_CLASSES; i++) {
		tg_ring_init(shared->openings[i], sizeof(struct opening), opening_room(i));
	}
	for (uint32_t i = 0; i < TRACE_RINGS; i++) {
		tg_ring_init(shared->traces[i], sizeof(struct traced), TRACE_ROOM);
	}
	for (uint32_t i = 0; i < shared->relay_count; i++) {
		tg_ring_init(shared->notices[i], sizeof(struct notice), ENGINE_NOTICES);
	}
	iax_token_keys_init(&shared->token_keys, seed + CRYPT_KEY_BYTES, engine->sizes.endpoint.token_slot_ms,
	                    engine->sizes.endpoint.token_text, sys_clock_wall_us(), sys_clock_us());
	crypt_wipe(seed, sizeof(seed));
	return true;
}

/* ---- Roles and threads ---- */

static bool counter_at(const void *owner, uint32_t number, struct rows_counter *out)
{
	const struct engine *engine = owner;

	return counters_at(&engine->counters, number, out);
}

static void door_sums(const void *owner, struct watch_sums *out)
{
	const struct engine *engine = owner;

	counters_door_sums(&engine->counters, out);
}

static bool make_threads(struct engine *engine)
{
	struct engine_shared *shared = engine->shared;
	const struct worker_plan plan = worker_plan_of(images_world(&engine->images)->settings.threads,
	                                               shared->relay_count);

	shared->thread_count = plan.threads;
	shared->door_thread = plan.door;
	memcpy(shared->relay_threads, plan.relays, sizeof(shared->relay_threads));
	for (uint32_t i = 0; i < plan.threads; i++) {
		if (!bell_init(&shared->bells[i])) {
			return fail(engine, "engine.setup", "no event descriptor");
		}
	}
	return true;
}

static bool make_roles(struct engine *engine)
{
	struct engine_shared *shared = engine->shared;
	struct core *core = engine->core;

	for (uint32_t i = 0; i < shared->thread_count; i++) {
		engine->workers[i] = (struct worker){ .shared = shared, .index = i, .loop = sys_loop_new() };
		if (engine->workers[i].loop == NULL) {
			return fail(engine, "engine.setup", "no loop");
		}
	}
	door_init(engine->door, shared);
	engine->workers[shared->door_thread].door = engine->door;
	for (uint32_t i = 0; i < shared->relay_count; i++) {
		relay_init(&engine->relays[i], shared, i, engine->player_memory[i], engine->sizes.endpoint.legs_max,
		           sys_clock_us());
		engine->workers[shared->relay_threads[i]].relay = &engine->relays[i];
	}
	engine->counters = (struct counters){ core, engine->door, engine->relays, shared->relay_count };
	core->shared = shared;
	core->loop = engine->workers[0].loop;
	core->images = &engine->images;
	core->door_sums = door_sums;
	core->counter_at = counter_at;
	core->counter_owner = engine;
	core->outbox = outbox_adopt(engine->outbox, engine->outbox_bytes, sys_clock_wall_us());
	core->outbox_incarnation = engine->outbox_is_mapped ? engine->outbox_generation : sys_clock_wall_us();
	if (core->outbox == NULL) {
		return fail(engine, "engine.setup", "an outbox without room for one record");
	}
	core_init(core, &engine->sizes, &engine->memory);
	engine->workers[0].core = core;
	if (engine->options.sink != NULL && !sys_logsink_attach(engine->options.sink, core->loop)) {
		return fail(engine, "engine.setup", "no timer for the log");
	}
	for (uint32_t i = 0; i < shared->thread_count; i++) {
		if (!worker_init(&engine->workers[i])) {
			return fail(engine, "engine.setup", "a socket that cannot be waited for");
		}
	}
	return true;
}

static bool attach_selectors(struct engine *engine)
{
	for (uint32_t i = 0; i < engine->shared->group_count; i++) {
		const struct engine_group *group = &engine->shared->groups[i];

		if (!selector_attach(sys_udp_fd(group->sockets[0]), (enum tg_family)group->local.family,
		                     engine->shared->relay_count)) {
			return fail(engine, "engine.setup", "the kernel does not take the socket selector");
		}
	}
	return true;
}

/*
 * Of full frames alone: the selector looks at a run's first datagram, and a frame that comes to the wrong one of these two is dropped
 * and repeated. Voice is not.
 */
static void take_runs(struct engine *engine)
{
	for (uint32_t i = 0; i < engine->shared->group_count; i++) {
		(void)sys_udp_take_runs(engine->shared->groups[i].sockets[SELECTOR_DOOR]);
		(void)sys_udp_take_runs(engine->shared->groups[i].sockets[SELECTOR_SWITCH]);
	}
}

static bool enter_sandbox(struct engine *engine)
{
	const struct sys_sandbox sandbox = { .role = SYS_SANDBOX_ENGINE };
	const char *why = engine->options.with_sandbox ? sys_sandbox_enter(&sandbox, engine->options.log) : NULL;

	return why == NULL || fail(engine, "engine.sandbox", why);
}

static bool start(struct engine *engine)
{
	const int parent_fd = fcntl(sys_channel_fd(engine->parent), F_DUPFD_CLOEXEC, 0);

	sys_channel_free(engine->parent);
	engine->parent = NULL;
	core_connect(engine->core, CORE_PARENT, parent_fd, 0);
	for (int i = 0; i < CORE_LINKS; i++) {
		if (engine->early[i].fd >= 0) {
			core_connect(engine->core, (enum core_link)i, engine->early[i].fd,
			             engine->early[i].incarnation);
			engine->early[i].fd = -1;
		}
	}
	for (uint32_t i = 1; i < engine->shared->thread_count; i++) {
		if (!worker_start(&engine->workers[i])) {
			return fail(engine, "engine.setup", "no thread");
		}
	}
	return core_tell_parent(engine->core, IPC_READY);
}

/* ---- Life ---- */

static void engine_init(struct engine *engine, int parent_fd, const struct engine_options *options)
{
	*engine = (struct engine){ .options = *options, .parent = sys_channel_new(parent_fd, 16) };
	engine->shared = aligned_alloc(64, (sizeof(*engine->shared) + 63) & ~(size_t)63);
	if (engine->shared != NULL) {
		memset(engine->shared, 0, sizeof(*engine->shared));
		engine->shared->log = options->log;
		for (uint32_t i = 0; i < ENGINE_THREADS_MAX; i++) {
			engine->shared->bells[i].fd = -1;
		}
	}
	for (int i = 0; i < CORE_LINKS; i++) {
		engine->early[i].fd = -1;
	}
	images_init(&engine->images, engine->shared);
}

static void join_threads(struct engine *engine)
{
	atomic_store_explicit(&engine->shared->stop, true, memory_order_release);
	engine_ring_all(engine->shared);
	for (uint32_t i = 1; i < engine->shared->thread_count && engine->workers != NULL; i++) {
		worker_join(&engine->workers[i]);
	}
}

static void engine_deinit(struct engine *engine)
{
	if (engine->core != NULL) {
		core_deinit(engine->core);
	}
	for (uint32_t i = 0; engine->workers != NULL && i < engine->shared->thread_count; i++) {
		sys_loop_free(engine->workers[i].loop);
	}
	for (uint32_t i = 0; i < ENGINE_THREADS_MAX; i++) {
		bell_deinit(&engine->shared->bells[i]);
	}
	for (uint32_t i = 0; i < ENGINE_GROUPS_MAX; i++) {
		for (uint32_t j = 0; j < 2 + ENGINE_RELAYS_MAX; j++) {
			sys_udp_free(engine->shared->groups[i].sockets[j]);
		}
	}
	for (int i = 0; i < CORE_LINKS; i++) {
		if (engine->early[i].fd >= 0) {
			close(engine->early[i].fd);
		}
	}
	images_deinit(&engine->images);
	if (engine->outbox_is_mapped) {
		sys_memfile_unmap(engine->outbox, engine->outbox_bytes);
	}
	arena_unmap(&engine->arena);
	sys_channel_free(engine->parent);
	free(engine->shared);
}

static bool engine_make(struct engine *engine)
{
	if (!take_all_early(engine)) {
		return false;
	}
	engine->sizes = core_sizes_of(images_world(&engine->images));
	take_runs(engine);
	return make_threads(engine) && make_memory(engine) && make_roles(engine) && attach_selectors(engine) &&
	       enter_sandbox(engine) && start(engine);
}

int engine_run(int parent_fd, const struct engine_options *options)
{
	struct engine engine;
	bool ok;

	engine_init(&engine, parent_fd, options);
	if (engine.parent == NULL || engine.shared == NULL) {
		return EXIT_FAILURE;
	}
	ok = engine_make(&engine);
	if (ok) {
		worker_run(&engine.workers[0]);
		ok = !atomic_load_explicit(&engine.shared->failed, memory_order_acquire);
	}
	join_threads(&engine);
	engine_deinit(&engine);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

int engine_main(int parent_fd)
{
	struct sys_logsink sink;
	struct tg_log log;
	const struct engine_options options = { .log = &log, .sink = &sink, .with_sandbox = true };
	const char *why;

	sys_proc_name("tg-engine");
	sys_proc_attach();
	sys_logsink_init(&sink, &log, "engine", STDERR_FILENO, TG_INFO);
	why = sys_sandbox_begin(true);
	if (why != NULL) {
		tg_log(&log, TG_ERROR, "engine.sandbox", TG_TEXT("why", why));
		return EXIT_FAILURE;
	}
	const int exit_code = engine_run(parent_fd, &options);

	sys_logsink_deinit(&sink);
	return exit_code;
}
