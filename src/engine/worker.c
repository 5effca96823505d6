/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/worker.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "engine/selector.h"
#include "sys/clock.h"
#include "sys/proc.h"

/* Batches that one socket may have in a turn. */
enum {
	DOOR_BATCHES_ALONE = 16,
	DOOR_BATCHES_SHARED = 1,
	SWITCH_BATCHES = 2,
	RELAY_BATCHES = 4,
};

struct worker_plan worker_plan_of(uint32_t threads, uint32_t relays)
{
	struct worker_plan plan = { .threads = 1 };

	if (threads == 1) {
		return plan;
	}
	plan.threads = threads == 2 ? 2 : 2 + (uint32_t)tg_min_u64(relays, threads - 2);
	plan.door = 1;
	for (uint32_t i = 0; plan.threads > 2 && i < relays; i++) {
		plan.relays[i] = 2 + i % (plan.threads - 2);
	}
	return plan;
}

static void on_bell(void *owner, int fd, unsigned ready)
{
	struct worker *worker = owner;

	(void)fd;
	(void)ready;
	bell_heard(&worker->shared->bells[worker->index]);
}

static void on_door(void *owner, int fd, unsigned ready)
{
	const struct worker_port *port = owner;
	const struct worker *worker = port->worker;
	const int batches = worker->core == NULL && worker->relay == NULL ? DOOR_BATCHES_ALONE : DOOR_BATCHES_SHARED;

	(void)fd;
	(void)ready;
	for (int i = 0; i < batches && door_receive(worker->door, port->group, sys_clock_us()) == SYS_UDP_BATCH; i++) {
	}
}

static void on_switch(void *owner, int fd, unsigned ready)
{
	const struct worker_port *port = owner;

	(void)fd;
	(void)ready;
	for (int i = 0; i < SWITCH_BATCHES && core_receive(port->worker->core, port->group) == SYS_UDP_BATCH; i++) {
	}
}

static void on_relay(void *owner, int fd, unsigned ready)
{
	const struct worker_port *port = owner;
	struct relay *relay = port->worker->relay;

	(void)fd;
	(void)ready;
	for (int i = 0; i < RELAY_BATCHES && relay_receive(relay, port->group, sys_clock_us()) == SYS_UDP_BATCH; i++) {
	}
}

static bool add_socket(struct worker *worker, uint32_t group, uint32_t index, sys_loop_on *on)
{
	const struct sys_udp *udp = worker->shared->groups[group].sockets[index];

	return sys_loop_add(worker->loop, sys_udp_fd(udp), SYS_LOOP_READ, on, &worker->ports[group]);
}

bool worker_init(struct worker *worker)
{
	bool ok = sys_loop_add(worker->loop, worker->shared->bells[worker->index].fd, SYS_LOOP_READ, on_bell, worker);

	for (uint32_t group = 0; ok && group < worker->shared->group_count; group++) {
		worker->ports[group] = (struct worker_port){ worker, group };
		ok = (worker->door == NULL || add_socket(worker, group, SELECTOR_DOOR, on_door)) &&
		     (worker->core == NULL || add_socket(worker, group, SELECTOR_SWITCH, on_switch)) &&
		     (worker->relay == NULL ||
		      add_socket(worker, group, SELECTOR_RELAYS + worker->relay->index, on_relay));
	}
	return ok;
}

static uint64_t deadline_us(const struct worker *worker)
{
	uint64_t deadline = TG_NEVER;

	if (worker->core != NULL) {
		deadline = core_deadline_us(worker->core);
	}
	if (worker->relay != NULL) {
		deadline = tg_min_u64(deadline, relay_deadline_us(worker->relay));
	}
	return deadline;
}

/* What was taken out of use before this turn is not touched in it. */
static void see_epoch(struct worker *worker)
{
	struct engine_shared *shared = worker->shared;
	const uint64_t epoch = atomic_load_explicit(&shared->epoch, memory_order_acquire);

	atomic_store_explicit(&shared->seen[worker->index], epoch, memory_order_release);
}

bool worker_turn(struct worker *worker)
{
	struct bell *bell = &worker->shared->bells[worker->index];
	int handled;

	see_epoch(worker);
	if (worker->core != NULL) {
		core_turn(worker->core);
	}
	if (worker->relay != NULL) {
		relay_turn(worker->relay, sys_clock_us());
	}
	if (worker->door != NULL) {
		door_turn(worker->door);
	}
	bell_arm(bell);
	if (atomic_load_explicit(&worker->shared->stop, memory_order_acquire)) {
		return false;
	}
	handled = sys_loop_turn(worker->loop, deadline_us(worker));
	bell_disarm(bell);
	return handled >= 0;
}

void worker_run(struct worker *worker)
{
	struct engine_shared *shared = worker->shared;

	while (worker_turn(worker)) {
	}
	if (atomic_load_explicit(&shared->stop, memory_order_acquire)) {
		return;
	}
	tg_log(shared->log, TG_ERROR, "engine.thread_failed", TG_UINT("thread", worker->index),
	       TG_TEXT("why", strerror(errno)));
	atomic_store_explicit(&shared->failed, true, memory_order_release);
	engine_ring_all(shared);
}

static void *thread_main(void *arg)
{
	struct worker *worker = arg;
	char name[16];

	snprintf(name, sizeof(name), worker->door != NULL ? "tg-door" : "tg-relay%u", worker->index);
	sys_proc_name(name);
	worker_run(worker);
	return NULL;
}

bool worker_start(struct worker *worker)
{
	errno = pthread_create(&worker->thread, NULL, thread_main, worker);
	worker->is_started = errno == 0;
	return worker->is_started;
}

void worker_join(struct worker *worker)
{
	if (worker->is_started) {
		pthread_join(worker->thread, NULL);
		worker->is_started = false;
	}
}
