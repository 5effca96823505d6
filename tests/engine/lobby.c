/* SPDX-License-Identifier: Apache-2.0 */
#include "lobby.h"

#include <stdlib.h>

#include "../conf/memory_files.h"
#include "base/zeroed.h"
#include "knock.h"

static void *take(size_t size_bytes)
{
	void *mem = tg_zeroed_new(size_bytes);

	CHECK_TRUE(mem != NULL);
	return mem;
}

static void read_world(struct lobby *lobby, const char *iax, const char *fingerprints)
{
	const struct memory_file files[] = {
		{ "iax.conf", iax, 0 },
		{ "extensions.conf", "[default]\nexten => 1,1,Echo()\n", 0 },
		{ "fingerprints.conf", fingerprints, 0 },
	};
	struct memory_files all = { files, fingerprints == NULL ? 2 : 3 };
	const struct conf_files io = memory_files_io(&all);

	conf_load(&io, &lobby->conf);
	CHECK_FALSE(lobby->conf.failed);
}

static void on_ask(void *owner, uint64_t cookie, uint64_t who)
{
	(void)owner;
	(void)cookie;
	(void)who;
}

struct tg_addr lobby_addr(const char *text)
{
	struct tg_addr addr;

	CHECK_TRUE(tg_addr_parse(&addr, tg_span_text(text), 4569));
	return addr;
}

void lobby_open(struct lobby *lobby, const char *iax, const char *fingerprints)
{
	static const uint8_t key[16] = { 7 };
	const struct switch_ops ops = { .ask_challenge = on_ask };

	*lobby = (struct lobby){ .now = { 100 * UINT64_C(1000000), 1800000000 * UINT64_C(1000000) } };
	read_world(lobby, iax, fingerprints);
	const struct core_sizes sizes = core_sizes_of(lobby->conf.world);

	lobby->shared = take(sizeof(*lobby->shared));
	lobby->shared->group_count = 1;
	lobby->shared->groups[0].local = lobby_addr("192.0.2.1");
	marks_init(&lobby->shared->known, key);
	marks_init(&lobby->shared->customers, key);
	marks_init(&lobby->shared->silenced, key);
	lobby->shared->tokenless = tokenless_init(take(tokenless_size(sizes.accounts)), sizes.accounts, key);
	lobby->endpoint = iax_endpoint_init(take(iax_endpoint_size(&sizes.endpoint)), &sizes.endpoint,
	                                    lobby->now.now_us);
	lobby->sw = switch_init(take(switch_size(&sizes.sw)), &sizes.sw, lobby->endpoint, &ops, NULL, lobby->now.now_us,
	                        lobby->now.wall_us);
	switch_set_world(lobby->sw, lobby->conf.world, NULL, lobby->now.now_us);
	lobby->admission = take(sizeof(*lobby->admission));
	lobby->guard = take(guard_size(&sizes.guard));
	admission_init(lobby->admission, lobby->shared, lobby->guard, &sizes.guard, lobby->endpoint, lobby->sw,
	               lobby->now.now_us);
	admission_set_world(lobby->admission, lobby->conf.world, lobby->now);
	far_init(&lobby->store, PROC_STORE);
	far_connect(&lobby->store);
	far_init(&lobby->fence, PROC_FENCE);
}

void lobby_close(struct lobby *lobby)
{
	far_free(&lobby->store);
	far_free(&lobby->fence);
	free(lobby->guard);
	free(lobby->admission);
	free(lobby->sw);
	free(lobby->endpoint);
	free(lobby->shared->tokenless);
	free(lobby->shared);
	conf_result_free(&lobby->conf);
}

void lobby_pass_ms(struct lobby *lobby, uint32_t ms)
{
	const struct ipc_event *message;

	lobby->now.now_us += ms * (uint64_t)TG_US_PER_MS;
	lobby->now.wall_us += ms * (uint64_t)TG_US_PER_MS;
	admission_turn(lobby->admission, &(struct watch_sums){ 0 }, &lobby->store.link, &lobby->fence.link, lobby->now);
	while ((message = far_next(&lobby->store)) != NULL) {
		if (message->head.kind == IPC_EVENT) {
			CHECK_TRUE(lobby->event_count < LOBBY_EVENTS);
			lobby->events[lobby->event_count++] = message->event;
		}
	}
	far_flush(&lobby->store);
}

const struct model_event *lobby_event(const struct lobby *lobby, enum model_event_kind kind)
{
	for (uint32_t i = lobby->event_count; i > 0; i--) {
		if (lobby->events[i - 1].kind == (uint32_t)kind) {
			return &lobby->events[i - 1];
		}
	}
	return NULL;
}

uint32_t lobby_events(const struct lobby *lobby, enum model_event_kind kind)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < lobby->event_count; i++) {
		count += lobby->events[i].kind == (uint32_t)kind;
	}
	return count;
}

enum iax_err lobby_knock(struct lobby *lobby, struct tg_addr from, uint16_t number, const char *name,
                         enum iax_proof proof)
{
	uint8_t room[KNOCK_BYTES];
	const struct tg_span frame = knock_write(room, IAX_NEW, number, name, NULL);
	const struct iax_datagram in = { from, lobby->shared->groups[0].local, frame };

	return gate_open(&lobby->admission->gate, &in, proof, lobby->now);
}
