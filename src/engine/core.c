/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/core.h"

#include <string.h>
#include <unistd.h>

#include "crypt/random.h"
#include "engine/core_ops.h"
#include "engine/deeds.h"
#include "engine/selector.h"
#include "iax/frame.h"
#include "sys/clock.h"

enum {
	STOPPING_STEP_US = 10 * TG_US_PER_MS,
	STRANGERS_A_TURN = 64,
	UNPROVEN_A_TURN = 16,
	NOTICES_A_TURN = 64,
	LINGER_US = 2 *
	            TG_US_PER_S, /* after the last call, for its HANGUP to be acknowledged and its record to be kept */
	SWEEP_US = TG_US_PER_S,
	HALF_OPEN_MAX = 512, /* legs of strangers, beside those of calls */
	FRAMES_A_LEG = 4,
	STRAYS_A_RUN =
		8, /* frames of a run that belong to no leg: after them, none is looked at that no leg can be meant by */
};

struct core_sizes core_sizes_of(const struct world *world)
{
	const struct world_settings *settings = &world->settings;
	const uint32_t peers = world_count(world, WORLD_PEERS);
	const bool in_front = settings->front.backend.family != TG_NO_ADDR; /* a phone more, a registration more */
	struct core_sizes sizes = { .endpoint = iax_config_default() };

	sizes.sw.calls_max = settings->calls_max;
	sizes.sw.bindings_max = peers + 1024;
	sizes.sw.usages_max = world_count(world, WORLD_USERS) + peers + 1024;
	sizes.sw.registrations_max = world_count(world, WORLD_REGISTRATIONS) + (in_front ? 1024 : 64);
	sizes.sw.half_open_max = sizes.endpoint.half_open_max = HALF_OPEN_MAX;
	const uint32_t legs = 2 * settings->calls_max + settings->registrations_max + peers + HALF_OPEN_MAX;

	/* Refused legs may take a quarter, and the last twentieth is kept for calls of our own. */
	sizes.endpoint.legs_max = legs + legs / 2;
	sizes.endpoint.frames_max = legs * FRAMES_A_LEG;
	sizes.endpoint.events_max = sizes.endpoint.legs_max + 64;
	sizes.endpoint.ping_period_ms = settings->ping_time_s * 1000;
	sizes.endpoint.lagrq_period_ms = settings->lagrq_time_s * 1000;
	sizes.endpoint.token_slot_ms = settings->call_token_expiration_s * 1000;
	sizes.endpoint.token_text = settings->call_token_text != 0;
	sizes.endpoint.with_door = false;
	sizes.asks = sizes.endpoint.legs_max;
	sizes.accounts = world_count(world, WORLD_USERS) + peers + 1024;
	sizes.bindings = sizes.sw.bindings_max;
	sizes.guard = admission_config(world, sys_clock_wall_us());
	crypt_seed_from_kernel(sizes.endpoint.seed);
	crypt_seed_from_kernel(sizes.sw.seed);
	return sizes;
}

static void read_clocks(struct core *core)
{
	core->now_us = sys_clock_us();
	core->wall_us = sys_clock_wall_us();
}

/* ---- What other processes say ---- */

static void use_world(struct core *core)
{
	core->rows.world = images_world(core->images);
	switch_set_world(core->sw, core->rows.world, images_prompts(core->images), core->now_us);
	admission_set_world(core->admission, core->rows.world, core_now(core));
}

static void on_image(struct core *core, const void *record, int fd)
{
	const struct ipc_image *head = record;
	const bool is_world = head->head.kind == IPC_WORLD;
	const char *why = is_world ? images_take_world(core->images, fd, head)
	                           : images_take_prompts(core->images, fd, head);

	if (why != NULL) {
		tg_log(core->shared->log, TG_ERROR, is_world ? "world.refused" : "prompts.refused",
		       TG_UINT("generation", head->generation), TG_TEXT("why", why));
	} else if (is_world) {
		use_world(core);
		engine_ring_all(core->shared); /* the door has its rules from it */
	}
}

static const struct {
	enum ipc_proc proc;
	enum core_link link;
} link_procs[] = {
	{ PROC_VAULT, CORE_VAULT }, { PROC_STORE, CORE_STORE }, { PROC_DESK, CORE_DESK }, { PROC_FENCE, CORE_FENCE }
};

static void on_channel(struct core *core, const struct ipc_channel *record, int fd)
{
	for (size_t i = 0; i < TG_COUNT(link_procs); i++) {
		if (link_procs[i].proc == (enum ipc_proc)record->to) {
			core_connect(core, link_procs[i].link, fd, record->incarnation);
			return;
		}
	}
	close(fd);
}

static void stop(struct core *core, bool graceful)
{
	core->is_stopping = true;
	switch_stop(core->sw, graceful, core->now_us);
}

static void obey_stop(struct core *core, enum ipc_stop how)
{
	core->ends_when_idle = how == IPC_STOP_WHEN_CONVENIENT;
	if (how == IPC_STOP_NOT) {
		core->is_stopping = false;
		core->linger_us = 0;
		switch_go_on(core->sw);
	} else if (how != IPC_STOP_WHEN_CONVENIENT) {
		stop(core, how == IPC_STOP_GRACEFULLY);
	}
}

static void on_parent(void *owner, const void *record, int fd)
{
	struct core *core = owner;
	const struct ipc_plain *plain = record;

	read_clocks(core);
	switch (plain->head.kind) {
	case IPC_CHANNEL:
		on_channel(core, record, fd);
		return;
	case IPC_WORLD:
	case IPC_PROMPTS:
		on_image(core, record, fd);
		break;
	case IPC_STOP:
		obey_stop(core, (enum ipc_stop)plain->value);
		break;
	case IPC_LOG:
		if (core->shared->log != NULL) {
			tg_log_set_level(core->shared->log, (enum tg_level)plain->value);
		}
		break;
	default: /* sockets and outbox: only before the start */
		break;
	}
	if (fd >= 0) {
		close(fd);
	}
}

static void on_vault(void *owner, const void *record, int fd)
{
	struct core *core = owner;
	const struct ipc_head *head = record;
	const struct ipc_challenge *challenge = record;
	const struct ipc_verdict *verdict = record;
	const struct ipc_response *response = record;

	(void)fd;
	read_clocks(core);
	if (head->kind == IPC_CHALLENGE && asks_take(core->asks, challenge->cookie, IPC_CHALLENGE_ASK)) {
		switch_on_challenge(core->sw, challenge->cookie,
		                    (struct tg_span){ (const uint8_t *)challenge->text, sizeof(challenge->text) },
		                    core->now_us);
	} else if (head->kind == IPC_VERDICT && asks_take(core->asks, verdict->cookie, IPC_VERIFY_ASK)) {
		switch_on_verdict(core->sw, verdict->cookie, verdict->right == 1, verdict->answer, core->now_us);
	} else if (head->kind == IPC_RESPONSE && asks_take(core->asks, response->cookie, IPC_RESPOND_ASK)) {
		switch_on_response(core->sw, response->cookie, response->known == 1 ? response->md5_result : NULL,
		                   core->now_us);
	}
}

static void on_store(void *owner, const void *record, int fd)
{
	struct core *core = owner;
	const struct ipc_plain *plain = record;
	const struct ipc_binding *binding = record;

	(void)fd;
	read_clocks(core);
	if (plain->head.kind == IPC_RECORD_KEPT) {
		(void)outbox_kept(core->outbox, plain->value);
	} else if (plain->head.kind == IPC_BINDINGS_END) {
		core->is_restored = true;
	} else if (plain->head.kind == IPC_USAGE && !core->is_restored) {
		switch_on_usage(core->sw, &((const struct ipc_usage *)record)->usage, core->now_us, core->wall_us);
	} else if (plain->head.kind == IPC_BINDING && !core->is_restored) {
		switch_on_binding(core->sw, &binding->binding, core->now_us, core->wall_us);
		if (binding->binding.expires_ms > core->wall_us / TG_US_PER_MS) {
			core->bindings_lost += bindings_restore(core->bindings, &binding->binding) ? 0 : 1;
		}
		verdicts_on_restored_binding(&core->admission->verdicts, &binding->binding, core_now(core));
	} else {
		(void)admission_on_store(core->admission, record, core_now(core));
	}
}

static void answer(struct core *core, struct ipc_text *line, bool well)
{
	const struct ipc_done done = { .head.kind = IPC_DONE, .query = line->query, .failed = well ? 0 : 1 };
	struct link *desk = &core->links[CORE_DESK];

	/* A desk that does not read its answers has no use for them. */
	(void)(link_send(desk, line, sizeof(*line)) && link_send(desk, &done, sizeof(done)));
}

static void obey(struct core *core, const struct ipc_guard_do *order)
{
	struct ipc_text line = { .head.kind = IPC_TEXT, .query = order->query };

	answer(core, &line, orders_do(&core->admission->verdicts, order, line.text, core_now(core)));
}

static void obey_deed(struct core *core, const struct ipc_engine_do *order)
{
	struct ipc_text line = { .head.kind = IPC_TEXT, .query = order->query };

	answer(core, &line, deeds_do(core->sw, &core->trace, order, line.text, core->now_us));
}

static void on_desk(void *owner, const void *record, int fd)
{
	struct core *core = owner;
	const struct ipc_head *head = record;

	(void)fd;
	read_clocks(core);
	if (head->kind == IPC_GUARD_DO) {
		obey(core, record);
	} else if (head->kind == IPC_ENGINE_DO) {
		obey_deed(core, record);
	} else if (!rows_ask(&core->rows, record)) {
		tg_log(core->shared->log, TG_WARNING, "desk.too_many_questions", TG_UINT("waiting", core->rows.count));
	}
}

static void on_fence(void *owner, const void *record, int fd)
{
	struct core *core = owner;

	(void)fd;
	admission_on_fence(core->admission, record);
}

static void on_link_end(void *owner, struct link *link, const char *why)
{
	struct core *core = owner;

	if (link->peer == PROC_PARENT) {
		tg_log(core->shared->log, TG_NOTICE, "engine.orphaned", TG_TEXT("what", "the parent is gone"));
		stop(core, false);
		return;
	}
	tg_log(core->shared->log, TG_WARNING, "channel.ended", TG_TEXT("with", ipc_proc_name(link->peer)),
	       TG_TEXT("why", why == NULL ? "the process is gone" : why));
	if (why != NULL) {
		const struct ipc_breach breach = ipc_breach_of(link->peer, link->incarnation, why);

		(void)link_send(&core->links[CORE_PARENT], &breach, sizeof(breach));
	}
}

void core_connect(struct core *core, enum core_link which, int fd, uint32_t incarnation)
{
	if (!link_open(&core->links[which], fd, incarnation)) {
		tg_log(core->shared->log, TG_ERROR, "channel.failed",
		       TG_TEXT("with", ipc_proc_name(core->links[which].peer)));
		return;
	}
	switch (which) {
	case CORE_VAULT:
		asks_repeat(core->asks);
		break;
	case CORE_STORE:
		outbox_repeat(core->outbox);
		bindings_repeat(core->bindings);
		keeper_on_store(&core->admission->keeper);
		break;
	case CORE_FENCE:
		core->admission->fence_works = false; /* until it says so */
		keeper_on_fence(&core->admission->keeper);
		break;
	case CORE_DESK:
		rows_forget(&core->rows);
		break;
	case CORE_PARENT:
	case CORE_LINKS:
		break;
	}
}

bool core_tell_parent(struct core *core, enum ipc_kind kind)
{
	const struct ipc_plain record = { .head.kind = kind };

	return link_send(&core->links[CORE_PARENT], &record, sizeof(record));
}

/* ---- Life ---- */

static void links_init(struct core *core)
{
	static const struct {
		enum ipc_proc peer;
		void (*on)(void *owner, const void *record, int fd);
	} ends[CORE_LINKS] = {
		[CORE_PARENT] = { PROC_PARENT, on_parent }, [CORE_VAULT] = { PROC_VAULT, on_vault },
		[CORE_STORE] = { PROC_STORE, on_store },    [CORE_DESK] = { PROC_DESK, on_desk },
		[CORE_FENCE] = { PROC_FENCE, on_fence },
	};

	for (int i = 0; i < CORE_LINKS; i++) {
		core->links[i] = (struct link){
			.peer = ends[i].peer, .loop = core->loop, .on = ends[i].on, .on_end = on_link_end, .owner = core
		};
	}
}

void core_init(struct core *core, const struct core_sizes *sizes, const struct core_memory *memory)
{
	const struct switch_ops ops = core_ops_of(core);
	struct core_sizes mine = *sizes;

	read_clocks(core);
	mine.endpoint.wall_us = core->wall_us;
	mine.sw.first_unique = core->wall_us;
	core->endpoint = iax_endpoint_init(memory->endpoint, &mine.endpoint, core->now_us);
	core->asks = asks_init(memory->asks, sizes->asks);
	core->bindings = bindings_init(memory->bindings, sizes->bindings, sizes->sw.seed);
	media_init(&core->media, core->shared, core->images, core->endpoint, memory->legs, sizes->endpoint.legs_max);
	links_init(core);
	core->trace = (struct trace){ .shared = core->shared };
	core->sw = switch_init(memory->sw, &mine.sw, core->endpoint, &ops, core->shared->log, core->now_us,
	                       core->wall_us);
	core->admission = memory->admission;
	admission_init(core->admission, core->shared, memory->guard, &sizes->guard, core->endpoint, core->sw,
	               core->now_us);
	rows_init(&core->rows, core->sw, core->endpoint, core->admission->guard, &core->admission->keeper,
	          core->counter_at, core->counter_owner);
	use_world(core);
}

void core_deinit(struct core *core)
{
	for (int i = 0; i < CORE_LINKS; i++) {
		link_close(&core->links[i]);
	}
}

/* ---- A turn ---- */

/* It belongs to no leg that there is or was: these come first in the list. */
static bool is_stray(enum iax_err err)
{
	return err != IAX_OK && err < IAX_ERR_TOMBSTONE;
}

/*
 * Frames of calls: nobody asks the guard about them. A run is put before us by what its first frame is; one in it that opens a
 * dialog has not been at the door, and is dropped: if it is honest, it is repeated alone.
 *
 * @return false if it belongs to no leg
 */
static bool take_frame(struct core *core, const struct sys_udp_packet *packet, struct tg_span bytes)
{
	if (iax_frame_kind(bytes) == IAX_KIND_OPENING) {
		core->misplaced++;
		return false;
	}
	const enum iax_err err = iax_endpoint_receive(core->endpoint,
	                                              &(struct iax_datagram){ packet->remote, packet->local, bytes },
	                                              IAX_UNPROVEN, core->now_us);

	if (err == IAX_OK) {
		switch_turn(core->sw, core->now_us, core->wall_us);
	}
	return !is_stray(err);
}

/*
 * One datagram, or a run of them. Who forges an address gets his frames into one run with those of whoever has it: however many
 * strays are before it, a frame for a leg is taken. @return how many came
 */
static uint64_t take_packet(struct core *core, const struct sys_udp_packet *packet)
{
	const size_t segment = packet->segment == 0 ? packet->bytes.len : packet->segment;
	const uint64_t count = packet->segment == 0 ? 1 : (packet->bytes.len + segment - 1) / segment;
	unsigned strays = 0;

	for (uint64_t i = 0; i < count; i++) {
		const size_t at = i * segment;
		const struct tg_span bytes = { packet->bytes.p + at, tg_min_u64(packet->bytes.len - at, segment) };

		if (strays >= STRAYS_A_RUN &&
		    !iax_endpoint_has_leg(core->endpoint,
		                          &(struct iax_datagram){ packet->remote, packet->local, bytes })) {
			core->shed++;
			continue;
		}
		strays += !take_frame(core, packet, bytes);
	}
	return count;
}

unsigned core_receive(struct core *core, uint32_t group)
{
	struct sys_udp *udp = core->shared->groups[group].sockets[SELECTOR_SWITCH];
	const unsigned count = sys_udp_receive(udp, core->packets);

	read_clocks(core);
	if (trace_is_on(core->shared)) {
		(void)trace_packets(core->shared, TRACE_SWITCH, core->packets, count, core->now_us);
	}
	for (unsigned i = 0; i < count; i++) {
		core->received += take_packet(core, &core->packets[i]);
	}
	/* What was refused may have left an event too; the bytes it points to are still there. */
	switch_turn(core->sw, core->now_us, core->wall_us);
	return count;
}

static void take_openings(struct core *core, enum opening_class class, uint32_t most)
{
	struct tg_ring *ring = core->shared->openings[class];

	for (uint32_t i = 0; i < most; i++) {
		const struct opening *opening = tg_ring_front(ring);

		if (opening == NULL) {
			return;
		}
		(void)gate_open(
			&core->admission->gate,
			&(struct iax_datagram){ opening->remote, opening->local, { opening->bytes, opening->len } },
			(enum iax_proof)opening->proof, core_now(core)); /* what was refused, is counted there */
		switch_turn(core->sw, core->now_us, core->wall_us);
		tg_ring_pop(ring);
		core->openings++;
	}
}

static void take_notices(struct core *core, struct tg_ring *ring)
{
	for (int i = 0; i < NOTICES_A_TURN; i++) {
		const struct notice *notice = tg_ring_front(ring);

		if (notice == NULL) {
			return;
		}
		media_on_notice(&core->media, core->sw, notice, core->now_us);
		tg_ring_pop(ring);
	}
}

static void send_datagrams(struct core *core)
{
	const bool traced = trace_is_on(core->shared);
	struct iax_datagram datagram;

	while (iax_endpoint_next_datagram(core->endpoint, &datagram, core->now_us)) {
		const int group = engine_group_of(core->shared, datagram.local);

		if (group < 0) {
			core->not_ours++;
			continue;
		}
		sys_udp_queue(core->shared->groups[group].sockets[SELECTOR_SWITCH], datagram.remote, datagram.local,
		              datagram.bytes);
		core->dirty |= UINT64_C(1) << group;
		if (traced) {
			(void)trace_put(core->shared, TRACE_SWITCH, true, datagram.remote, datagram.bytes,
			                core->now_us);
		}
	}
	for (; core->dirty != 0; core->dirty &= core->dirty - 1) {
		sys_udp_send(core->shared->groups[__builtin_ctzll(core->dirty)].sockets[SELECTOR_SWITCH]);
	}
}

static void send_records(struct core *core)
{
	struct ipc_call_record record;

	while (link_is_clear(&core->links[CORE_STORE]) && outbox_next(core->outbox, &record)) {
		record.incarnation = core->outbox_incarnation;
		if (!link_send(&core->links[CORE_STORE], &record, sizeof(record))) {
			return;
		}
		outbox_sent(core->outbox, record.sequence);
	}
}

static bool is_in_use(const void *owner, uint64_t generation)
{
	return switch_world_in_use(owner, generation);
}

/* The last HANGUP acknowledged and the last record kept, or waited long enough. */
static bool is_all_said(struct core *core)
{
	struct iax_endpoint_stats stats;

	if (switch_calls(core->sw) > 0) {
		return false;
	}
	if (core->linger_us == 0) {
		core->linger_us = core->now_us + LINGER_US;
	}
	iax_endpoint_stats(core->endpoint, &stats);
	return (stats.frames_pending == 0 && outbox_used(core->outbox) == 0) || core->now_us >= core->linger_us;
}

static void end(struct core *core)
{
	const uint32_t unkept = outbox_used(core->outbox);

	if (unkept > 0) {
		tg_log(core->shared->log, TG_ERROR, "records.not_kept", TG_UINT("records", unkept),
		       TG_TEXT("why", "the store did not confirm them in time"));
	}
	(void)core_tell_parent(core, IPC_STOPPED); /* if it is gone, nobody waits for it */
	atomic_store_explicit(&core->shared->stop, true, memory_order_release);
	engine_ring_all(core->shared);
}

static void turn_admission(struct core *core)
{
	struct iax_endpoint_stats stats;
	struct watch_sums sums = { 0 };

	if (core->admission->watch.next_us <= core->now_us) {
		iax_endpoint_stats(core->endpoint, &stats);
		sums.evicted = stats.evicted;
		core->door_sums(core->counter_owner, &sums);
	}
	admission_turn(core->admission, &sums, &core->links[CORE_STORE], &core->links[CORE_FENCE], core_now(core));
}

void core_turn(struct core *core)
{
	read_clocks(core);
	if (!core->is_stopping && atomic_load_explicit(&core->shared->failed, memory_order_acquire)) {
		stop(core, false); /* without its door or a relay it only looks alive */
	}
	take_openings(core, OPENING_KNOWN, opening_room(OPENING_KNOWN));
	take_openings(core, OPENING_STRANGER, STRANGERS_A_TURN);
	take_openings(core, OPENING_UNPROVEN, UNPROVEN_A_TURN);
	take_openings(core, OPENING_HANGUP, UNPROVEN_A_TURN);
	for (uint32_t i = 0; i < core->shared->relay_count; i++) {
		take_notices(core, core->shared->notices[i]);
	}
	if (iax_endpoint_deadline_us(core->endpoint) <= core->now_us) {
		iax_endpoint_expire(core->endpoint, core->now_us);
	}
	if (switch_deadline_us(core->sw) <= core->now_us) {
		switch_expire(core->sw, core->now_us, core->wall_us);
	}
	switch_turn(core->sw, core->now_us, core->wall_us);
	send_datagrams(core);
	asks_turn(core->asks, &core->links[CORE_VAULT], core->now_us);
	bindings_turn(core->bindings, &core->links[CORE_STORE], core->now_us);
	send_records(core);
	turn_admission(core);
	rows_turn(&core->rows, &core->links[CORE_DESK], core_now(core));
	if (trace_waits(&core->trace)) {
		trace_turn(&core->trace, &core->links[CORE_DESK], core->now_us);
	}
	if (core->now_us >= core->sweep_us) {
		core->sweep_us = core->now_us + SWEEP_US;
		images_sweep(core->images, is_in_use, core->sw);
		trace_look(&core->trace, core->sw);
	}
	if (core->ends_when_idle && switch_calls(core->sw) == 0) {
		stop(core, true);
	}
	if (core->is_stopping && is_all_said(core)) {
		end(core);
	}
}

static bool has_work(const struct core *core)
{
	for (uint32_t i = 0; i < OPENING_CLASSES; i++) {
		if (tg_ring_front(core->shared->openings[i]) != NULL) {
			return true;
		}
	}
	for (uint32_t i = 0; i < core->shared->relay_count; i++) {
		if (tg_ring_front(core->shared->notices[i]) != NULL) {
			return true;
		}
	}
	return (rows_wait(&core->rows) || trace_waits(&core->trace)) && link_is_clear(&core->links[CORE_DESK]);
}

uint64_t core_deadline_us(const struct core *core)
{
	uint64_t deadline_us = tg_min_u64(iax_endpoint_deadline_us(core->endpoint), switch_deadline_us(core->sw));

	if (has_work(core)) {
		return 0;
	}
	deadline_us = tg_min_u64(deadline_us, admission_deadline_us(core->admission, &core->links[CORE_STORE],
	                                                            &core->links[CORE_FENCE]));
	deadline_us = tg_min_u64(deadline_us, bindings_deadline_us(core->bindings));
	deadline_us = tg_min_u64(deadline_us, images_deadline_us(core->images, core->sweep_us));
	return core->is_stopping ? tg_min_u64(deadline_us, core->now_us + STOPPING_STEP_US) : deadline_us;
}
