/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"
#include "worlds.h"

#include <stdio.h>
#include <stdlib.h>

#include "switch/inside.h"

/* Asterisk-compat 2.8 and check 5: how many call numbers a host may hold, and whose word that is. */

static const char extensions_conf[] = "[phones]\nexten => 600,1,Wait(600)\n";

#define PEERS                                                                                         \
	"[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=phones\nmaxcallnumbers=7\n" \
	"[bob]\ntype=friend\nsecret=bob-secret\nhost=dynamic\ncontext=phones\nmaxcallnumbers=9\n"     \
	"[carol]\ntype=friend\nsecret=carol-secret\nhost=dynamic\ncontext=phones\n"                   \
	"[fixed]\ntype=peer\nsecret=fixed-secret\nhost=198.51.100.5\nmaxcallnumbers=77\n"

static const char iax_conf[] = "[general]\nmaxcallnumbers=300\nminregexpire=10\nmaxregexpire=3600\n"
			       "[callnumberlimits]\n203.0.113.0/28=100\n203.0.113.0/29=5\n203.0.0.0/8=50\n"
			       "2001:db8::/32=40\n2001:db8:0:1::/64=20\n" PEERS;

static struct scene *scene(void)
{
	return scene_new(1, iax_conf, extensions_conf);
}

static void check_limit(const struct scene *s, struct tg_addr from, uint32_t numbers, enum switch_limit_origin origin,
                        const char *name)
{
	const struct switch_limit limit = switch_number_limit(s->house.sw, from);

	CHECK_UINT(limit.numbers, numbers);
	CHECK_UINT(limit.origin, origin);
	CHECK_TEXT(limit.name, name);
}

static const struct {
	const char *from;
	uint32_t numbers;
	enum switch_limit_origin origin;
	const char *name;
} hosts[] = {
	{ "192.0.2.77", 300, SWITCH_LIMIT_GLOBAL, "" },
	{ "203.0.113.3", 5, SWITCH_LIMIT_RANGE, "203.0.113.0/29" },
	{ "203.0.113.9", 100, SWITCH_LIMIT_RANGE, "203.0.113.0/28" },
	{ "203.0.113.16", 50, SWITCH_LIMIT_RANGE, "203.0.0.0/8" },
	{ "203.9.9.9", 50, SWITCH_LIMIT_RANGE, "203.0.0.0/8" },
	{ "2001:db8:0:1::9", 20, SWITCH_LIMIT_RANGE, "2001:db8:0:1::/64" },
	{ "2001:db8:0:2::9", 40, SWITCH_LIMIT_RANGE, "2001:db8::/32" },
	{ "2001:db9::1", 300, SWITCH_LIMIT_GLOBAL, "" },
	{ "32.1.13.184", 300, SWITCH_LIMIT_GLOBAL, "" }, /* the same octets as 2001:db8:: begins with */
	{ "198.51.100.5", 77, SWITCH_LIMIT_PEER, "fixed" },
	{ "198.51.100.6", 300, SWITCH_LIMIT_GLOBAL, "" },
};

static void test_ranges_and_static_hosts(void **state)
{
	struct scene *s = scene();
	(void)state;

	for (size_t i = 0; i < TG_COUNT(hosts); i++) {
		struct tg_addr from = world_addr(hosts[i].from);

		print_message("# %s\n", hosts[i].from);
		check_limit(s, from, hosts[i].numbers, hosts[i].origin, hosts[i].name);
		from.port = 40000;
		check_limit(s, from, hosts[i].numbers, hosts[i].origin, hosts[i].name);
	}
	scene_free(s);
}

/* As long as the registration, however quiet it is meanwhile; then as before. */
static void test_a_peers_limit_lives_as_its_registration(void **state)
{
	struct scene *s = scene();
	const struct tg_addr at = s->sim.nodes[s->alice.node].addr;
	(void)state;

	check_limit(s, at, 300, SWITCH_LIMIT_GLOBAL, "");
	handset_register(&s->alice, &s->house, 3600);
	sim_run_ms(&s->sim, 500);
	check_limit(s, at, 7, SWITCH_LIMIT_PEER, "alice");
	sim_run_ms(&s->sim, 3600 * 1000);
	check_limit(s, at, 7, SWITCH_LIMIT_PEER, "alice");
	sim_run_ms(&s->sim, 11 * 1000); /* it outlives its refresh by ten seconds */
	check_limit(s, at, 300, SWITCH_LIMIT_GLOBAL, "");
	handset_register(&s->alice, &s->house, 60);
	sim_run_ms(&s->sim, 500);
	check_limit(s, at, 7, SWITCH_LIMIT_PEER, "alice");
	handset_register(&s->alice, &s->house, 0);
	sim_run_ms(&s->sim, 500);
	check_limit(s, at, 300, SWITCH_LIMIT_GLOBAL, "");
	scene_free(s);
}

static void register_as(struct scene *s, struct handset *handset, const char *name, const char *secret)
{
	handset->name = name;
	handset->secret = secret;
	handset_register(handset, &s->house, 60);
	sim_run_ms(&s->sim, 500);
	CHECK_TRUE(handset->registered);
}

static void test_it_follows_the_peer(void **state)
{
	struct scene *s = scene();
	(void)state;

	register_as(s, &s->alice, "alice", "alice-secret");
	register_as(s, &s->bob, "alice", "alice-secret");
	check_limit(s, s->sim.nodes[s->alice.node].addr, 300, SWITCH_LIMIT_GLOBAL, "");
	check_limit(s, s->sim.nodes[s->bob.node].addr, 7, SWITCH_LIMIT_PEER, "alice");
	scene_free(s);
}

/* The end of one of several is not the end of the others. */
static void test_the_largest_of_several(void **state)
{
	struct scene *s = scene();
	const struct tg_addr at = s->sim.nodes[s->alice.node].addr;
	(void)state;

	register_as(s, &s->alice, "carol", "carol-secret"); /* has no limit of its own */
	check_limit(s, at, 300, SWITCH_LIMIT_GLOBAL, "");
	register_as(s, &s->alice, "alice", "alice-secret");
	check_limit(s, at, 7, SWITCH_LIMIT_PEER, "alice");
	register_as(s, &s->alice, "bob", "bob-secret");
	check_limit(s, at, 9, SWITCH_LIMIT_PEER, "bob");
	register_as(s, &s->alice, "alice", "alice-secret");
	check_limit(s, at, 9, SWITCH_LIMIT_PEER, "bob");
	s->alice.name = "bob";
	s->alice.secret = "bob-secret";
	handset_register(&s->alice, &s->house, 0);
	sim_run_ms(&s->sim, 500);
	check_limit(s, at, 7, SWITCH_LIMIT_PEER, "alice");
	scene_free(s);
}

static void bind_at(struct scene *s, const char *name, const char *from)
{
	struct model_binding binding = { .addr = world_addr(from), .refresh_s = 60 };

	binding.local = binding.addr;
	binding.expires_ms = (HOUSE_WALL_US + s->sim.now_us) / 1000 + 60000;
	tg_span_copy(binding.name, sizeof(binding.name), tg_span_text(name));
	switch_on_binding(s->house.sw, &binding, s->sim.now_us, HOUSE_WALL_US + s->sim.now_us);
	house_pump(&s->house);
}

/* Many with the same limit: the last one is the first, so joining costs no walk. */
static void test_equal_limits_cost_no_walk(void **state)
{
	static const char *const names[] = { "alice", "bob", "carol", "alice" };
	static const char conf[] = "[base](!)\ntype=friend\nhost=dynamic\ncontext=phones\nmaxcallnumbers=7\n"
				   "[alice](base)\nsecret=alice-secret\n[bob](base)\nsecret=bob-secret\n"
				   "[carol](base)\nsecret=carol-secret\n";
	struct scene *s = scene_new(1, conf, extensions_conf);
	(void)state;

	for (size_t i = 0; i < TG_COUNT(names); i++) {
		struct model_binding binding = { .addr = world_addr("192.0.2.60"), .refresh_s = 60 };

		CHECK_TRUE(tg_span_copy(binding.name, sizeof(binding.name), tg_span_text(names[i])));
		binding.expires_ms = HOUSE_WALL_US / 1000 + UINT64_C(100000000);
		switch_on_binding(s->house.sw, &binding, s->sim.now_us, HOUSE_WALL_US + s->sim.now_us);
		/* who is there already, stays where he is */
		check_limit(s, world_addr("192.0.2.60"), 7, SWITCH_LIMIT_PEER, i < 3 ? names[i] : "carol");
	}
	scene_free(s);
}

static void test_ipv6_counts_by_network(void **state)
{
	struct scene *s = scene();
	(void)state;

	bind_at(s, "alice", "2001:db8:5:5::1");
	bind_at(s, "bob", "2001:db8:5:5:ffff::2");
	check_limit(s, world_addr("2001:db8:5:5:1:2:3:4"), 9, SWITCH_LIMIT_PEER, "bob");
	check_limit(s, world_addr("2001:db8:5:6::1"), 40, SWITCH_LIMIT_RANGE, "2001:db8::/32");
	scene_free(s);
}

/* A lower limit holds for what is opened from now on. */
static void test_another_configuration(void **state)
{
	struct scene *s = scene();
	const struct tg_addr at = s->sim.nodes[s->alice.node].addr;
	(void)state;

	register_as(s, &s->alice, "alice", "alice-secret");
	handset_call(&s->alice, &s->house, "600");
	handset_call(&s->alice, &s->house, "600");
	sim_run_ms(&s->sim, 500);
	house_reload(&s->house,
	             "[general]\nmaxcallnumbers=30\n"
	             "[fixed]\ntype=peer\nsecret=fixed-secret\nhost=198.51.100.9\nmaxcallnumbers=77\n"
	             "[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=phones\nmaxcallnumbers=1\n",
	             extensions_conf);
	check_limit(s, at, 1, SWITCH_LIMIT_PEER, "alice");
	check_limit(s, world_addr("198.51.100.5"), 30, SWITCH_LIMIT_GLOBAL, "");
	check_limit(s, world_addr("198.51.100.9"), 77, SWITCH_LIMIT_PEER, "fixed");
	sim_run_ms(&s->sim, 30000);
	CHECK_UINT(switch_calls(s->house.sw), 2);
	house_reload(&s->house, "[general]\n", extensions_conf);
	check_limit(s, at, 2048, SWITCH_LIMIT_GLOBAL, "");
	check_limit(s, world_addr("198.51.100.9"), 2048, SWITCH_LIMIT_GLOBAL, "");
	CHECK_UINT(limits_of(s->house.sw)->used, 0);
	scene_free(s);
}

enum { MANY = 24 };

/* Whatever comes and goes: what is kept says the same as a look at everybody. */
static void test_it_is_what_a_look_at_all_would_say(void **state)
{
	char *iax = calloc(1, 8192);
	size_t at = (size_t)snprintf(iax, 8192, "[general]\nmaxcallnumbers=300\n");
	const char *bound[MANY] = { NULL };
	char names[MANY][8];
	static const char *const places[] = { "192.0.2.50", "192.0.2.51", "2001:db8::1", "2001:db8::2",
		                              "2001:db8:0:1::1" };
	(void)state;

	for (unsigned i = 0; i < MANY; i++) {
		snprintf(names[i], sizeof(names[i]), "p%u", i);
		at += (size_t)snprintf(iax + at, 8192 - at,
		                       "[p%u]\ntype=peer\nsecret=secret-of-%u\nhost=dynamic\nmaxcallnumbers=%u\n", i, i,
		                       1 + i * 7 % 10);
	}
	struct scene *s = scene_new(3, iax, extensions_conf);

	for (unsigned round = 0; round < 400; round++) {
		const unsigned who = (unsigned)crypt_random_below(&s->sim.random, MANY);
		const char *where = places[crypt_random_below(&s->sim.random, TG_COUNT(places))];

		if (bound[who] == NULL) {
			bind_at(s, names[who], where);
			bound[who] = where;
		}
		if (round % 100 == 99) {
			sim_run_ms(&s->sim, 61000); /* all are over */
			memset(bound, 0, sizeof(bound));
			CHECK_UINT(limits_of(s->house.sw)->used, 0);
		}
		for (size_t p = 0; p < TG_COUNT(places); p++) {
			uint32_t largest = 0;

			for (unsigned i = 0; i < MANY; i++) {
				const bool here = bound[i] != NULL &&
				                  tg_addr_in_prefix(world_addr(bound[i]), world_addr(places[p]),
				                                    p < 2 ? 32 : 64);

				largest = here && 1 + i * 7 % 10 > largest ? 1 + i * 7 % 10 : largest;
			}
			CHECK_UINT(switch_number_limit(s->house.sw, world_addr(places[p])).numbers,
			           largest > 0 ? largest : 300);
		}
	}
	scene_free(s);
	free(iax);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranges_and_static_hosts),
		cmocka_unit_test(test_a_peers_limit_lives_as_its_registration),
		cmocka_unit_test(test_it_follows_the_peer),
		cmocka_unit_test(test_the_largest_of_several),
		cmocka_unit_test(test_equal_limits_cost_no_walk),
		cmocka_unit_test(test_ipv6_counts_by_network),
		cmocka_unit_test(test_another_configuration),
		cmocka_unit_test(test_it_is_what_a_look_at_all_would_say),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
