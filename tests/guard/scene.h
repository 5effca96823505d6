/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TESTS_GUARD_SCENE_H
#define TG_TESTS_GUARD_SCENE_H

#include "check.h"

#include "guard/guard.h"

/** A guard on a virtual clock, and what it said so far. */
struct scene {
	struct guard *guard;
	struct guard_config config;
	uint64_t now_us;
	uint32_t events[GUARD_EVENT_KINDS];
	struct guard_event last[GUARD_EVENT_KINDS];
	uint32_t bans, bans_kernel, silences, silences_over, accounts;
	struct guard_ban ban;         /* the last */
	struct guard_account account; /* the last */
	struct tg_addr never, call;   /* hosts that are never banned, or have a call */
	uint64_t keys;
};

/** A small one by default values. */
struct scene *scene_new(void);
struct scene *scene_with(const struct guard_config *config);
void scene_free(struct scene *scene);
struct guard_config scene_config(void);

/** Let the guard do what is due, check it, and fetch all it says. */
void scene_settle(struct scene *scene);

/** Let time pass, with all that is due meanwhile. */
void scene_pass(struct scene *scene, uint64_t us);

struct tg_addr scene_addr(const char *text);

/** The nth of many hosts, each in a network of its own. */
struct tg_addr scene_far(uint32_t n);

/** One opening with a request key of its own. */
enum guard_why scene_open(struct scene *scene, struct tg_addr from);

/** The same, repeated every second for up to `tries` times. @return true if it was taken */
bool scene_open_patiently(struct scene *scene, struct tg_addr from, unsigned tries);

/** Credentials of an existing account from a proven address. */
struct guard_try scene_try(struct tg_addr from, const char *account, uint64_t answer);

/** Asks, then fails or succeeds. @return what may_try said */
enum guard_why scene_fail(struct scene *scene, struct tg_addr from, const char *account, uint64_t answer);
enum guard_why scene_succeed(struct scene *scene, struct tg_addr from, const char *account);

/** So many different wrong answers at once, out of so many networks. */
void scene_attack(struct scene *scene, const char *account, uint32_t failures, uint32_t networks);

enum guard_class scene_class(const struct scene *scene, struct tg_addr from);

#define SECONDS(n) ((uint64_t)(n)*TG_US_PER_S)
#define MINUTES(n) SECONDS((n)*60)
#define HOURS(n) MINUTES((n)*60)
#define DAYS(n) HOURS((uint64_t)(n)*24)

#endif
