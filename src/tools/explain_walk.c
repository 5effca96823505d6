/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/explain.h"

#include "tools/conf_read.h"

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LOOK_UP_S = 10 }; /* all names together, as tollgated has it */

struct names {
	int family; /* of the addresses the exchange speaks with */
	time_t until_s;
};

static void on_step(void *owner, const struct switch_explain_step *step)
{
	struct tool_explanation *all = owner;

	if (all->step_count < TOOL_EXPLAIN_STEPS) {
		all->steps[all->step_count++] = *step;
	}
}

static time_t clock_s(void)
{
	struct timespec now = { 0 };

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec;
}

static bool look_up(void *owner, const char *host, struct tg_addr *addr)
{
	const struct names *names = owner;
	const struct addrinfo hints = { .ai_family = names->family, .ai_socktype = SOCK_DGRAM };
	struct addrinfo *found = NULL;

	if (clock_s() >= names->until_s || getaddrinfo(host, NULL, &hints, &found) != 0) {
		return false;
	}
	*addr = tg_addr_from_sockaddr(found->ai_addr);
	freeaddrinfo(found);
	return addr->family != TG_NO_ADDR;
}

static int family_of(const struct world_settings *settings)
{
	bool v4 = false, v6 = false;

	for (uint32_t i = 0; i < settings->bind_count; i++) {
		v4 = v4 || settings->binds[i].family == TG_IPV4;
		v6 = v6 || settings->binds[i].family == TG_IPV6;
	}
	return v4 && v6 ? AF_UNSPEC : v6 ? AF_INET6 : AF_INET;
}

/* Where a peer is decides on nothing but the limit of its address. */
static bool needs_names(const struct world *world)
{
	for (uint32_t i = 0; i < world_count(world, WORLD_PEERS); i++) {
		const struct world_peer *peer = world_row(world, WORLD_PEERS, i);

		if (peer->host_kind == WORLD_HOST_STATIC && peer->max_call_numbers > 0) {
			return true;
		}
	}
	return false;
}

static void resolve(struct tool_explanation *all, struct world *world)
{
	struct names names = { family_of(&world->settings), clock_s() + LOOK_UP_S };

	if (needs_names(world)) {
		setenv("RES_OPTIONS", "timeout:2 attempts:1", 1);
		all->unresolved = conf_resolve(world, look_up, &names);
	}
}

bool tool_explain_walk(struct tool_explanation *all)
{
	struct switch_explain_ask ask = tool_explain_ask(all->options);
	struct conf_result conf;

	if (!tool_conf_read("explain", all->options->config_dir, NULL, &conf)) {
		conf_result_free(&conf);
		return false;
	}
	resolve(all, conf.world);
	ask.wall_ms = (uint64_t)time(NULL) * 1000;
	all->why = switch_explain(conf.world, &ask, on_step, all);
	conf_result_free(&conf);
	return true;
}
