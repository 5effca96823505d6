/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "net.h"
#include "sys/clock.h"

/*
 * No allocation per packet: the C library's allocator is wrapped, and what the engine's threads ask of it while calls are up, media
 * flow and a flood of openings comes in is counted. The thread of the test may allocate.
 */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *p, size_t size);

static _Atomic uint64_t allocations;
static _Thread_local bool is_test;

static void count(void)
{
	if (!is_test) {
		atomic_fetch_add(&allocations, 1);
	}
}

void *malloc(size_t size)
{
	count();
	return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	count();
	return __libc_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	count();
	return __libc_realloc(p, size);
}

static const char iax_conf[] = "[alice]\ntype=friend\nhost=dynamic\nsecret=a-long-open-sesame\ncontext=test\n";
static const char extensions_conf[] = "[test]\nexten => 600,1,Answer()\n same => n,Echo()\n"
				      "exten => 601,1,Answer()\n same => n,Milliwatt()\n";

static void send_openings(struct house *house, int from)
{
	uint8_t frame[] = { 0x80, 5, 0, 0, 0, 0, 0, 3, 0, 0, 6, 1, 11, 2, 0, 2, 6, 3, 'e', 'v', 'e', 54, 0 };

	for (int i = 0; i < 200; i++) {
		frame[1] = (uint8_t)(i + 1);
		net_send(from, house->addrs[0], frame, sizeof(frame));
		frame[2] = (uint8_t)(i & 1); /* half of them of no call */
	}
}

static void test_media_and_floods_allocate_nothing(void **state)
{
	static struct house house;
	struct house_phone *echo, *tone;
	uint64_t before;
	int stranger;

	(void)state;
	house = (struct house){
		.hosts = { "127.0.0.1" }, .threads = 3, .iax_conf = iax_conf, .extensions_conf = extensions_conf
	};
	house_start(&house);
	CHECK_TRUE(atomic_load(&allocations) > 0); /* the wrapper is in use */
	echo = house_phone(&house, "127.0.0.1");
	tone = house_phone(&house, "127.0.0.1");
	stranger = net_peer("127.0.0.1");
	phone_call(echo, "alice", "600");
	phone_call(tone, "alice", "601");
	CHECK_TRUE(house_wait(&house, &echo->answered, 3000));
	phone_talk(echo, 40);
	before = atomic_load(&allocations);
	for (int i = 0; i < 10; i++) {
		send_openings(&house, stranger);
		phone_talk(echo, 5);
	}
	CHECK_UINT(atomic_load(&allocations) - before, 0);
	CHECK_TRUE(echo->voice >= 80);
	CHECK_TRUE(tone->voice >= 50);

	phone_hangup(echo); /* a whole call, with its questions to the vault and its record */
	phone_call(echo, "alice", "600");
	CHECK_TRUE(house_wait(&house, &echo->answered, 3000));
	CHECK_UINT(atomic_load(&allocations) - before, 0);
	CHECK_TRUE(house_counter(&house, "door.answered") >= 200);
	close(stranger);
	house_stop(&house, false);
	house_free(&house);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_media_and_floods_allocate_nothing) };

	is_test = true;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
