/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whatever the memory of a dead process holds, the switch that takes it over is whole, and runs. Each 6 octets of the input change
 * one octet of a block with calls in many states: 1 octet for the value, 1 for the table, 4 for the place.
 */
#include "iax/fuzz.h"

#include "base/zeroed.h"
#include "iax/inspect.h"
#include "scene.h"
#include "switch/inside.h"
#include "switch/paying.h"
#include "switch/usages.h"

#include <stdlib.h>

enum { CHANGES_MAX = 256, RUN_S = 120, STEP_MS = 500 };

static const char iax[] =
	"[general]\n"
	"[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=phones\nqualify=yes\nmaxcallnumbers=90\n"
	"[bob]\ntype=friend\nsecret=bob-secret\nhost=dynamic\ncontext=phones\nchargeable=yes\n"
	"[carol]\ntype=friend\nsecret=carol-secret\nhost=dynamic\ncontext=phones\nmaxcallnumbers=80\n"
	"[far]\ntype=registration\nusername=us\nsecret=us-secret-1\nhost=192.0.2.99\n";

static const char extensions[] =
	"[phones]\n"
	"exten => 1,1,Dial(IAX2/bob/030111,60)\n"
	"exten => 2,1,Dial(IAX2/carol&IAX2/alice,60)\n"
	" same => n,Playback(ten)\n"
	"exten => 3,1,Answer(,i)\n"
	" same => n,Set(COLOUR=a rather long text that takes more than one piece, and then some more "
	"of it so that it does, and some more still, until it really does)\n"
	" same => n,Set(IAXVAR(x)=y)\n"
	" same => n,Set(GLOBAL(g)=h)\n"
	" same => n,Gosub(sub,s,1(a,b))\n"
	"exten => 4,1,Answer(,i)\n"
	" same => n,Playtones(busy)\n"
	" same => n,WaitExten(30)\n"
	"exten => 5,1,Milliwatt()\n"
	"exten => 6,1,Answer(,i)\n"
	" same => n,Echo()\n"
	"exten => 7,1,Set(TIMEOUT(absolute)=50)\n"
	" same => n,SendDTMF(123456789012345678901234567890,900,900)\n"
	"exten => 8,1,Playback(one&ten&one&ten&one&ten&one&ten&one&ten)\n"
	"exten => h,1,Set(OVER=${COLOUR})\n"
	"[sub]\n"
	"exten => s,1,Gosub(deep,s,1(c))\n"
	" same => n,Return()\n"
	"[deep]\n"
	"exten => s,1,Wait(40)\n"
	" same => n,Return()\n";

static struct {
	struct scene *scene;
	const uint8_t *sw, *ep; /* the blocks of the dead process */
	size_t sw_bytes, ep_bytes;
	uint64_t now_us;
} plan;

static void call(struct scene *s, struct handset *handset, const char *number)
{
	handset_call(handset, &s->house, number);
	sim_run_ms(&s->sim, 300);
}

static const uint8_t *copy_of(const void *block, size_t bytes)
{
	uint8_t *copy = tg_zeroed_new(bytes);

	memcpy(copy, block, bytes);
	return copy;
}

/* Once; the handsets' side of it is of no more use then. */
static void begin(void)
{
	struct scene *s = scene_new_with(3,
	                                 &(struct house_plan){ .iax = iax,
	                                                       .extensions = extensions,
	                                                       .tollgate = "[numbers]\ncountry=DE\n",
	                                                       .calls_max = 12,
	                                                       .half_open_max = 8,
	                                                       .bindings_max = 6 },
	                                 &(struct sim_net){ .delay_us = 10000 });

	scene_register(s);
	s->alice.keeps_talking = s->bob.keeps_talking = true;
	s->carol.answer_after_ms = HANDSET_NEVER;
	call(s, &s->alice, "1");
	s->alice.answer_after_ms = HANDSET_NEVER;
	for (const char *number = "2\0003\0004\0005\0006\0007\0"; *number != '\0'; number += 2) {
		call(s, &s->carol, number);
	}
	house_reload(&s->house, iax, extensions);
	call(s, &s->alice, "1");
	call(s, &s->alice, "8");
	plan.scene = s;
	plan.sw_bytes = switch_size(&s->house.config);
	plan.sw = copy_of(s->house.mem, plan.sw_bytes);
	plan.ep_bytes = s->sim.nodes[s->house.node].size_bytes;
	plan.ep = copy_of(s->sim.nodes[s->house.node].mem, plan.ep_bytes);
	plan.now_us = s->sim.now_us;
}

/* ---- Who is told ------------------------------------------------------------------------------------------------- */

static void ask_nobody(void *owner, uint64_t cookie, uint64_t who)
{
	(void)owner;
	(void)cookie;
	(void)who;
}

static void verify_nothing(void *owner, const struct switch_answer *answer)
{
	(void)owner;
	(void)answer;
}

static void respond_nothing(void *owner, uint64_t cookie, bool registration, struct tg_span name,
                            struct tg_span challenge)
{
	(void)owner;
	(void)cookie;
	(void)registration;
	(void)name;
	(void)challenge;
}

static bool is_text(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

static void put_record(void *owner, const struct model_call_record *record, const struct model_paid *paid)
{
	uint32_t *records = owner;

	assert(is_text(record->caller, sizeof(record->caller)) && is_text(record->callee, sizeof(record->callee)));
	assert(is_text(record->dialled, sizeof(record->dialled)) && is_text(paid->rule, sizeof(paid->rule)));
	assert(record->started_ms <= record->ended_ms && record->answered_ms <= record->ended_ms);
	assert(record->disposition < MODEL_DISPOSITIONS && paid->class < WORLD_CLASSES);
	(*records)++;
}

static bool put_binding(void *owner, const struct model_binding *binding)
{
	(void)owner;
	assert(is_text(binding->name, sizeof(binding->name)) && binding->addr.family != TG_NO_ADDR);
	return true;
}

static void relay_set(void *owner, const struct switch_relay *relay)
{
	const struct prompts *prompts = plan.scene->house.prompts;
	(void)owner;

	assert(relay->remote.family != TG_NO_ADDR && relay->remote_number != 0 && relay->local_number != 0);
	assert(relay->media == SWITCH_MEDIA_NONE || __builtin_popcountll(relay->format) == 1);
	assert(relay->media != SWITCH_MEDIA_FORWARD ||
	       (relay->to_number != 0 && relay->to_remote.family != TG_NO_ADDR));
	assert(relay->media != SWITCH_MEDIA_PLAY ||
	       (relay->prompt < prompts->count && relay->frame_start < prompts_row(prompts, relay->prompt)->frames));
}

static void relay_clear(void *owner, struct iax_leg_id leg)
{
	(void)owner;
	(void)leg;
}

static bool relay_report(void *owner, struct iax_leg_id leg, struct iax_report *report)
{
	(void)owner;
	(void)leg;
	*report = (struct iax_report){ .packets = 1 };
	return true;
}

/* ---- One try ----------------------------------------------------------------------------------------------------- */

static void change(uint8_t *block, const uint8_t *data)
{
	const struct tg_switch *was = (const struct tg_switch *)(uintptr_t)plan.sw;
	const struct {
		uint64_t at;
		size_t bytes;
	} tables[] = {
		{ 0, sizeof(struct tg_switch) },
		{ 0, plan.sw_bytes },
		{ was->calls_at, sizeof(struct tg_slab) + 12 * (8 + sizeof(struct call)) },
		{ was->calls_at, sizeof(struct tg_slab) + 12 * (8 + sizeof(struct call)) },
		{ was->parties_at, sizeof(struct tg_slab) + 20 * (8 + sizeof(struct party)) },
		{ was->parties_at, sizeof(struct tg_slab) + 20 * (8 + sizeof(struct party)) },
		{ was->pieces_at, sizeof(struct tg_slab) + 24 * (8 + BAG_PIECE_BYTES) },
		{ was->frames_at, sizeof(struct tg_slab) + 3 * (8 + sizeof(struct frame)) },
		{ was->tones_at, sizeof(struct tg_slab) + 1 * (8 + sizeof(struct tone)) },
		{ was->accounts_at, sizeof(struct tg_slab) + 4 * (8 + sizeof(struct account)) },
		{ was->outgoings_at, sizeof(struct tg_slab) + 2 * (8 + sizeof(struct outgoing)) },
		{ was->paids_at, sizeof(struct tg_slab) + 2 * (8 + sizeof(struct paid)) },
		{ was->usages_at, sizeof(struct tg_slab) + 3 * (8 + sizeof(struct usage)) },
		{ was->paid_places_at, 20 * sizeof(uint32_t) },
		{ was->paid_records_at, 12 * sizeof(struct model_paid) },
		{ was->wheel_at, 8192 },
	};
	const uint32_t place = (uint32_t)data[2] << 24 | (uint32_t)data[3] << 16 | (uint32_t)data[4] << 8 | data[5];
	const unsigned table = data[1] % TG_COUNT(tables);

	block[tables[table].at + place % tables[table].bytes] = data[0];
}

static void look(const struct tg_switch *sw)
{
	const char *wrong = switch_check(sw);

	if (wrong != NULL) {
		print_error("%s\n", wrong);
	}
	assert(wrong == NULL && iax_inspect(sw->outside.ep) == NULL);
}

static uint64_t run(struct tg_switch *sw, uint64_t now_us)
{
	struct iax_datagram out;

	for (unsigned i = 0; i < RUN_S * 1000 / STEP_MS; i++) {
		now_us += STEP_MS * TG_US_PER_MS;
		iax_endpoint_expire(sw->outside.ep, now_us);
		switch_expire(sw, now_us, HOUSE_WALL_US + now_us);
		switch_turn(sw, now_us, HOUSE_WALL_US + now_us);
		while (iax_endpoint_next_datagram(sw->outside.ep, &out, now_us)) {
		}
		if (i < 4 || i % 20 == 0) {
			look(sw);
		}
	}
	return now_us;
}

static struct iax_endpoint *new_endpoint(void)
{
	const struct iax_config *config = &plan.scene->sim.nodes[plan.scene->house.node].config;
	struct iax_endpoint *ep = iax_endpoint_init(tg_zeroed_new(plan.ep_bytes), config, plan.now_us);
	struct iax_takeover result;
	const bool whole = iax_endpoint_take_over(ep, plan.ep, plan.ep_bytes, plan.now_us, &result);

	assert(whole && result.broken == 0);
	return ep;
}

static struct tg_switch *new_switch(struct iax_endpoint *ep, uint32_t *records)
{
	const struct house *house = &plan.scene->house;
	const struct switch_ops ops = {
		.owner = records,
		.ask_challenge = ask_nobody,
		.ask_verify = verify_nothing,
		.ask_respond = respond_nothing,
		.put_record = put_record,
		.put_binding = put_binding,
		.relay_set = relay_set,
		.relay_clear = relay_clear,
		.relay_report = relay_report,
	};
	struct tg_switch *sw = switch_init(tg_zeroed_new(plan.sw_bytes), &house->config, ep, &ops, NULL, plan.now_us,
	                                   HOUSE_WALL_US + plan.now_us);
	const struct tg_switch *was = (const struct tg_switch *)(uintptr_t)plan.sw;

	assert(was->calls_at == sw->calls_at && calls_of(was)->used == 9 && frames_of(was)->used == 2 &&
	       tones_of(was)->used == 1 && paids_of(was)->used == 2);
	switch_set_world(sw, house->conf[1].world, house->prompts, plan.now_us);
	switch_add_world(sw, house->conf[0].world, house->prompts);
	return sw;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (plan.scene == NULL) {
		begin();
	}
	uint8_t *old = tg_zeroed_new(plan.sw_bytes);
	uint32_t records = 0;
	struct iax_endpoint *ep = new_endpoint();
	struct tg_switch *sw = new_switch(ep, &records);
	struct switch_takeover result;

	memcpy(old, plan.sw, plan.sw_bytes);
	for (size_t i = 0; i + 6 <= size && i < 6 * CHANGES_MAX; i += 6) {
		change(old, data + i);
	}
	const bool whole = switch_take_over(sw, old, plan.sw_bytes, plan.now_us, HOUSE_WALL_US + plan.now_us, &result);

	assert(whole || calls_of(sw)->begun == 0);
	assert(size > 0 || (result.calls == 9 && result.ended == 0 && result.legs == 0 && result.bindings == 3));
	look(sw);
	const uint64_t now_us = run(sw, plan.now_us);

	switch_stop(sw, false, now_us);
	run(sw, now_us);
	assert(switch_is_idle(sw));
	assert(size > 0 || records == 9);
	free(old);
	free(sw);
	free(ep);
	return 0;
}
