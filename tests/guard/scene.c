/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include <stdlib.h>

#include "base/zeroed.h"

struct guard_config scene_config(void)
{
	struct guard_config config = guard_config_default();

	config.sources_max = 4096;
	config.accounts_max = 1024;
	config.bans_max = 1024;
	config.wall_us = UINT64_C(1700000000) * TG_US_PER_S;
	memset(config.seed, 7, sizeof(config.seed));
	return config;
}

struct scene *scene_with(const struct guard_config *config)
{
	struct scene *scene = calloc(1, sizeof(*scene));

	scene->config = *config;
	scene->now_us = SECONDS(1000);
	scene->guard = guard_init(tg_zeroed_new(guard_size(config)), config, scene->now_us);
	return scene;
}

struct scene *scene_new(void)
{
	const struct guard_config config = scene_config();

	return scene_with(&config);
}

void scene_free(struct scene *scene)
{
	free(scene->guard);
	free(scene);
}

static bool is_never(const void *owner, struct tg_addr addr)
{
	return tg_addr_same_host(((const struct scene *)owner)->never, addr);
}

static bool has_call(const void *owner, struct tg_addr base, unsigned bits)
{
	return tg_addr_in_prefix(((const struct scene *)owner)->call, base, bits);
}

static bool has_never(const void *owner, struct tg_addr base, unsigned bits)
{
	return tg_addr_in_prefix(((const struct scene *)owner)->never, base, bits);
}

static void drain(struct scene *scene)
{
	struct guard_event event;
	struct guard_silence silence;

	while (guard_next_event(scene->guard, &event)) {
		scene->events[event.kind]++;
		scene->last[event.kind] = event;
	}
	while (guard_next_ban(scene->guard, &scene->ban)) {
		const bool begun = scene->ban.until_us > scene->now_us;

		scene->bans += begun;
		scene->bans_kernel += begun && scene->ban.in_kernel;
	}
	while (guard_next_silence(scene->guard, &silence)) {
		*(silence.until_us > scene->now_us ? &scene->silences : &scene->silences_over) += 1;
	}
	while (guard_next_account(scene->guard, &scene->account, scene->now_us)) {
		scene->accounts++;
	}
}

static void turn(struct scene *scene)
{
	const struct guard_never never = { is_never, has_call, has_never, scene };

	guard_expire(scene->guard, &never, scene->now_us);
	drain(scene);
}

void scene_settle(struct scene *scene)
{
	turn(scene);
	CHECK_TEXT(guard_check(scene->guard), NULL);
}

void scene_pass(struct scene *scene, uint64_t us)
{
	const uint64_t end_us = scene->now_us + us;

	for (uint64_t due_us = guard_deadline_us(scene->guard); due_us <= end_us;
	     due_us = guard_deadline_us(scene->guard)) {
		scene->now_us = tg_min_u64(end_us, tg_max_u64(due_us, scene->now_us + 1000));
		turn(scene);
		if (scene->now_us == end_us) {
			return;
		}
	}
	scene->now_us = end_us;
	turn(scene);
}

struct tg_addr scene_addr(const char *text)
{
	struct tg_addr addr;

	CHECK_TRUE(tg_addr_parse(&addr, tg_span_text(text), 4569));
	return addr;
}

struct tg_addr scene_far(uint32_t n)
{
	const uint8_t ip[4] = { (uint8_t)(20 + (n >> 16)), (uint8_t)(n >> 8), (uint8_t)n, 9 };

	return tg_addr_ipv4(ip, 4569);
}

enum guard_why scene_open(struct scene *scene, struct tg_addr from)
{
	return guard_open(scene->guard, &(struct guard_opening){ .from = from, .key = ++scene->keys }, NULL,
	                  scene->now_us);
}

bool scene_open_patiently(struct scene *scene, struct tg_addr from, unsigned tries)
{
	const struct guard_opening opening = { .from = from, .key = ++scene->keys };

	for (unsigned i = 0; i < tries; i++) {
		if (guard_open(scene->guard, &opening, NULL, scene->now_us) == GUARD_PASS) {
			return true;
		}
		scene_pass(scene, SECONDS(2));
	}
	return false;
}

struct guard_try scene_try(struct tg_addr from, const char *account, uint64_t answer)
{
	return (struct guard_try){
		.from = from, .account = tg_span_text(account), .answer = answer, .proven = true, .exists = true
	};
}

enum guard_why scene_fail(struct scene *scene, struct tg_addr from, const char *account, uint64_t answer)
{
	const struct guard_try try = scene_try(from, account, answer);
	const enum guard_why why = guard_may_try(scene->guard, &try, NULL, scene->now_us);

	guard_on_failure(scene->guard, &try, scene->now_us);
	return why;
}

enum guard_why scene_succeed(struct scene *scene, struct tg_addr from, const char *account)
{
	const struct guard_try try = scene_try(from, account, 1);
	const enum guard_why why = guard_may_try(scene->guard, &try, NULL, scene->now_us);

	if (why == GUARD_PASS) {
		guard_on_success(scene->guard, &try, scene->now_us);
	} else {
		guard_on_failure(scene->guard, &try, scene->now_us);
	}
	return why;
}

void scene_attack(struct scene *scene, const char *account, uint32_t failures, uint32_t networks)
{
	for (uint32_t i = 0; i < failures; i++) {
		scene_fail(scene, scene_far(1000 + i % networks), account, 70000 + i);
	}
}

enum guard_class scene_class(const struct scene *scene, struct tg_addr from)
{
	return guard_class_of(scene->guard, from, scene->now_us);
}
