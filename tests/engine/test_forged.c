/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../switch/worlds.h"
#include "base/zeroed.h"
#include "engine/admission.h"
#include "engine/core.h"
#include "engine/door.h"
#include "engine/selector.h"
#include "iax/wire.h"
#include "sys/clock.h"

/*
 * P1: no state before proof. The door, the gate, the guard, the endpoint and the switch as they are, fed with datagrams of every
 * kind from addresses nobody proved. The socket alone is the test's.
 */
enum { DATAGRAMS = 10000000, WARM_UP = 100000 };

unsigned __wrap_sys_udp_receive(struct sys_udp *udp, struct sys_udp_packet packets[SYS_UDP_BATCH]);
void __wrap_sys_udp_queue(struct sys_udp *udp, struct tg_addr remote, struct tg_addr local, struct tg_span bytes);
void __wrap_sys_udp_send(struct sys_udp *udp);
uint32_t __wrap_sys_udp_overflowed(const struct sys_udp *udp);

struct rig {
	struct engine_shared *shared;
	struct door *door;
	struct conf_result conf;
	struct iax_endpoint *endpoint;
	struct tg_switch *sw;
	struct admission *admission;
	struct terms_now now;
	uint32_t random;
	uint8_t frames[SYS_UDP_BATCH][128];
	uint64_t bytes_in, bytes_out, answers;
	uint32_t queued; /* answers of this batch */
};

static struct rig rig;

static uint32_t draw(void)
{
	rig.random = rig.random * 1664525 + 1013904223;
	return rig.random >> 8;
}

/* ---- What comes ---- */

static const uint8_t openings[] = { IAX_NEW, IAX_REGREQ, IAX_REGREL, IAX_FWDOWNL };
static const uint8_t others[] = {
	IAX_POKE, IAX_HANGUP, IAX_VNAK, IAX_LAGRQ, IAX_INVAL, IAX_ACK, IAX_AUTHREP, IAX_PING
};

static void put_header(struct tg_writer *w, uint16_t destination, uint8_t type, uint8_t subclass)
{
	tg_put_u16(w, (uint16_t)(0x8000 | (draw() & 0x7fff)));
	tg_put_u16(w, destination);
	tg_put_u32(w, draw());
	tg_put_u16(w, destination == 0 ? 0 : (uint16_t)draw());
	tg_put_u8(w, type);
	tg_put_u8(w, subclass);
}

static void put_text(struct tg_writer *w, uint8_t element, const void *text, uint8_t len)
{
	tg_put_u8(w, element);
	tg_put_u8(w, len);
	tg_put_span(w, (struct tg_span){ text, len });
}

/* An opening frame: without the element, with an empty one, with one that was never given, of a right and a wrong length. */
static void put_opening(struct tg_writer *w, uint32_t kind)
{
	const uint32_t token[3] = { draw() | 0x01010101, draw() | 0x01010101, draw() };

	put_header(w, 0, IAX_FRAME_IAX, openings[kind % sizeof(openings)]);
	put_text(w, IAX_IE_USERNAME, kind % 3 == 0 ? "alice" : "nobody", kind % 3 == 0 ? 5 : 6);
	if (kind % 4 != 0) {
		put_text(w, IAX_IE_CALLTOKEN, token, kind % 4 == 1 ? 0 : kind % 4 == 2 ? 7 : 11);
	}
}

static struct tg_span forge(uint8_t room[128], bool *is_doors)
{
	struct tg_writer w = tg_writer_of(room, 128);
	const uint32_t kind = draw();

	*is_doors = true;
	switch (kind % 8) {
	case 0: /* frames of no call, with numbers that are guessed: these are the switch's */
		*is_doors = false;
		put_header(&w, (uint16_t)(1 + draw() % 0x7fff), IAX_FRAME_IAX, others[draw() % sizeof(others)]);
		break;
	case 1:
		put_header(&w, 0, IAX_FRAME_IAX, others[draw() % sizeof(others)]);
		break;
	case 2: /* noise */
		for (uint32_t i = 0; i < 4 + kind / 8 % 60; i++) {
			tg_put_u8(&w, (uint8_t)draw());
		}
		break;
	case 3: /* voice of a call that is not there */
		*is_doors = false;
		put_header(&w, (uint16_t)(1 + draw() % 0x7fff), IAX_FRAME_VOICE, 4);
		break;
	default:
		put_opening(&w, draw());
		break;
	}
	return tg_writer_span(&w);
}

/* Half from everywhere, half from one customer's network. */
static struct tg_addr sender(void)
{
	const uint32_t host = draw();
	const uint8_t ip[4] = { (uint8_t)(1 + host % 200), (uint8_t)(host >> 8), (uint8_t)(host >> 16),
		                (uint8_t)draw() };
	const uint8_t near[4] = { 198, 51, 100, (uint8_t)host };

	return tg_addr_ipv4(draw() % 2 == 0 ? ip : near, (uint16_t)(1024 + draw() % 60000));
}

static void to_switch(const struct iax_datagram *in)
{
	if (iax_endpoint_receive(rig.endpoint, in, IAX_UNPROVEN, rig.now.now_us) == IAX_OK) {
		switch_turn(rig.sw, rig.now.now_us, rig.now.wall_us);
	}
}

unsigned __wrap_sys_udp_receive(struct sys_udp *udp, struct sys_udp_packet packets[SYS_UDP_BATCH])
{
	unsigned count = 0;

	(void)udp;
	while (count < SYS_UDP_BATCH) {
		bool is_doors;
		const struct tg_span bytes = forge(rig.frames[count], &is_doors);
		const struct tg_addr from = sender(), local = rig.shared->groups[0].local;

		rig.bytes_in += bytes.len;
		if (is_doors) {
			packets[count++] = (struct sys_udp_packet){ .remote = from, .local = local, .bytes = bytes };
		} else {
			to_switch(&(struct iax_datagram){ from, local, bytes });
		}
	}
	return count;
}

void __wrap_sys_udp_queue(struct sys_udp *udp, struct tg_addr remote, struct tg_addr local, struct tg_span bytes)
{
	(void)udp;
	(void)remote;
	(void)local;
	rig.bytes_out += bytes.len;
	rig.answers++;
	rig.queued++;
	CHECK_TRUE(rig.queued <= SYS_UDP_BATCH); /* never more answers than datagrams */
}

void __wrap_sys_udp_send(struct sys_udp *udp)
{
	(void)udp;
	rig.queued = 0;
}

uint32_t __wrap_sys_udp_overflowed(const struct sys_udp *udp)
{
	(void)udp;
	return 0;
}

/* ---- The house ---- */

static void *take(size_t size_bytes)
{
	void *mem = tg_zeroed_new(size_bytes);

	CHECK_TRUE(mem != NULL);
	return mem;
}

static void on_ask(void *owner, uint64_t cookie, uint64_t who)
{
	(void)owner;
	(void)cookie;
	(void)who;
	fail_msg("the vault was asked");
}

static void make_shared(void)
{
	static const uint8_t key[16] = { 7 };

	rig.shared = take(sizeof(*rig.shared));
	atomic_store(&rig.shared->world, rig.conf.world);
	rig.shared->thread_count = 1;
	rig.shared->group_count = 1;
	rig.shared->groups[0].local = world_addr("192.0.2.1");
	for (uint32_t i = 0; i < OPENING_CLASSES; i++) {
		const uint32_t room = opening_room((enum opening_class)i);

		rig.shared->openings[i] = tg_ring_init(take(tg_ring_size(sizeof(struct opening), room)),
		                                       sizeof(struct opening), room);
	}
	marks_init(&rig.shared->known, key);
	marks_init(&rig.shared->customers, key);
	marks_init(&rig.shared->silenced, key);
	rig.shared->tokenless = tokenless_init(take(tokenless_size(8)), 8, key);
	iax_token_keys_init(&rig.shared->token_keys, key, 8000, false, rig.now.wall_us, rig.now.now_us);
}

static void rig_make(void)
{
	rig.now = (struct terms_now){ 100 * UINT64_C(1000000), 1800000000 * UINT64_C(1000000) };
	world_read(&rig.conf,
	           "[general]\ncalls=100\n"
	           "[alice]\ntype=friend\nsecret=a-long-open-sesame\nhost=dynamic\ncontext=default\n",
	           "[default]\nexten => 1,1,Echo()\n");
	const struct core_sizes sizes = core_sizes_of(rig.conf.world);
	const struct switch_ops ops = { .ask_challenge = on_ask };

	make_shared();
	rig.endpoint = iax_endpoint_init(take(iax_endpoint_size(&sizes.endpoint)), &sizes.endpoint, rig.now.now_us);
	rig.sw = switch_init(take(switch_size(&sizes.sw)), &sizes.sw, rig.endpoint, &ops, NULL, rig.now.now_us,
	                     rig.now.wall_us);
	switch_set_world(rig.sw, rig.conf.world, NULL, rig.now.now_us);
	rig.admission = take(sizeof(*rig.admission));
	admission_init(rig.admission, rig.shared, take(guard_size(&sizes.guard)), &sizes.guard, rig.endpoint, rig.sw,
	               rig.now.now_us);
	admission_set_world(rig.admission, rig.conf.world, rig.now);
	rig.door = take(sizeof(*rig.door));
	door_init(rig.door, rig.shared);
}

static void take_openings(void)
{
	for (uint32_t i = 0; i < OPENING_CLASSES; i++) {
		const struct opening *opening;

		while ((opening = tg_ring_front(rig.shared->openings[i])) != NULL) {
			const struct iax_datagram in = { opening->remote,
				                         opening->local,
				                         { opening->bytes, opening->len } };

			CHECK_UINT(opening->proof, IAX_UNPROVEN); /* an early HANGUP at most */
			(void)gate_open(&rig.admission->gate, &in, (enum iax_proof)opening->proof, rig.now);
			tg_ring_pop(rig.shared->openings[i]);
		}
	}
	switch_turn(rig.sw, rig.now.now_us, rig.now.wall_us);
}

/* Whatever leaves from the endpoint would leave to a stranger. */
static void nothing_leaves(void)
{
	struct iax_datagram out;

	CHECK_FALSE(iax_endpoint_next_datagram(rig.endpoint, &out, rig.now.now_us));
}

static void run(uint32_t count)
{
	static struct link nobody;

	for (uint32_t done = 0; done < count; done += SYS_UDP_BATCH) {
		rig.now.now_us += 50;
		rig.now.wall_us += 50;
		CHECK_UINT(door_receive(rig.door, 0, rig.now.now_us), SYS_UDP_BATCH);
		take_openings();
		nothing_leaves();
		if (done % (SYS_UDP_BATCH * 1024) == 0) {
			admission_turn(rig.admission, &(struct watch_sums){ 0 }, &nobody, &nobody, rig.now);
		}
	}
}

/* The sanitizer's own memory grows with what it watches. */
#ifdef __has_feature
#define IS_WATCHED __has_feature(address_sanitizer)
#elif defined(__SANITIZE_ADDRESS__)
#define IS_WATCHED 1
#else
#define IS_WATCHED 0
#endif
static const bool is_watched = IS_WATCHED;

/* Without those of files: code that runs for the first time brings its neighbours along. */
static uint64_t resident_pages(void)
{
	unsigned long size, resident = 0, of_files = 0;
	FILE *file = fopen("/proc/self/statm", "r");

	CHECK_TRUE(file != NULL);
	CHECK_INT(fscanf(file, "%lu %lu %lu", &size, &resident, &of_files), 3);
	fclose(file);
	return resident - of_files;
}

static void check_nothing_is_remembered(void)
{
	struct guard_source_row source;
	struct guard_account_row account;
	struct guard_ban ban;
	struct guard_event event;
	struct iax_host_row host;
	struct iax_endpoint_stats stats;
	struct switch_stats calls;
	uint32_t cursor = 0;

	CHECK_FALSE(guard_source_row(rig.admission->guard, &cursor, rig.now.now_us, &source));
	cursor = 0;
	CHECK_FALSE(guard_account_row(rig.admission->guard, &cursor, rig.now.now_us, &account));
	cursor = 0;
	CHECK_FALSE(guard_ban_row(rig.admission->guard, &cursor, rig.now.now_us, &ban));
	CHECK_FALSE(guard_next_event(rig.admission->guard, &event));
	cursor = 0;
	CHECK_FALSE(iax_endpoint_host_row(rig.endpoint, &cursor, &host));
	iax_endpoint_stats(rig.endpoint, &stats);
	CHECK_UINT(stats.legs_peak, 0);
	CHECK_UINT(stats.numbers_used, 0);
	CHECK_UINT(stats.frames_pending, 0);
	switch_stats(rig.sw, &calls);
	CHECK_UINT(calls.calls_offered, 0);
	CHECK_UINT(rig.admission->events.told, 0);
	CHECK_UINT(atomic_load(&rig.shared->known.used), 0);
	CHECK_UINT(atomic_load(&rig.shared->customers.used), 0);
	CHECK_UINT(atomic_load(&rig.shared->silenced.used), 0);
	CHECK_TEXT(guard_check(rig.admission->guard), NULL);
}

static void test_ten_million_forged_datagrams_leave_nothing(void **state)
{
	uint64_t before, after;
	(void)state;

	rig_make();
	run(WARM_UP); /* code and stack are there then */
	before = resident_pages();
	run(DATAGRAMS);
	after = resident_pages();
	check_nothing_is_remembered();
	CHECK_TRUE(is_watched || after <= before + 8);
	CHECK_TRUE(rig.bytes_out <= rig.bytes_in);
	CHECK_TRUE(rig.answers > 0); /* it was no deaf door that was tested */
	print_message("# %llu octets in, %llu out, %llu answers; %lld pages more\n", (unsigned long long)rig.bytes_in,
	              (unsigned long long)rig.bytes_out, (unsigned long long)rig.answers, (long long)(after - before));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ten_million_forged_datagrams_leave_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
