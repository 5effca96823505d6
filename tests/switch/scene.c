/* SPDX-License-Identifier: Apache-2.0 */
#include "scene.h"

#include "switch/inside.h"

#include <stdlib.h>

const char scene_iax[] = "[general]\n"
			 "[alice]\ntype=friend\nsecret=alice-secret\nhost=dynamic\ncontext=phones\n"
			 "callerid=\"Alice\" <201>\n"
			 "[bob]\ntype=friend\nsecret=bob-secret\nhost=dynamic\ncontext=phones\n"
			 "callerid=\"Bob\" <202>\n"
			 "[carol]\ntype=friend\nsecret=carol-secret\nhost=dynamic\ncontext=phones\n";

struct scene *scene_new_with(uint64_t seed, const struct house_plan *plan, const struct sim_net *net)
{
	struct scene *s = calloc(1, sizeof(*s));

	sim_init(&s->sim, seed, net);
	house_open(&s->house, &s->sim, plan);
	handset_open(&s->alice, &s->sim, "alice", "alice-secret");
	handset_open(&s->bob, &s->sim, "bob", "bob-secret");
	handset_open(&s->carol, &s->sim, "carol", "carol-secret");
	s->alice.octet = 0xa1;
	s->bob.octet = 0xb0;
	s->carol.octet = 0xca;
	return s;
}

struct scene *scene_new(uint64_t seed, const char *iax, const char *extensions)
{
	return scene_new_with(seed,
	                      &(struct house_plan){ .iax = iax != NULL ? iax : scene_iax, .extensions = extensions },
	                      &(struct sim_net){ .delay_us = 10000 });
}

void scene_register(struct scene *s)
{
	handset_register(&s->alice, &s->house, 60);
	handset_register(&s->bob, &s->house, 60);
	handset_register(&s->carol, &s->house, 60);
	sim_run_ms(&s->sim, 500);
	CHECK_TRUE(s->alice.registered && s->bob.registered && s->carol.registered);
}

void scene_free(struct scene *s)
{
	switch_stop(s->house.sw, false, s->sim.now_us);
	house_pump(&s->house);
	sim_run_ms(&s->sim, 60000);
	house_close(&s->house);
	handset_close(&s->alice);
	handset_close(&s->bob);
	handset_close(&s->carol);
	sim_free(&s->sim);
	free(s);
}

const char *scene_variable(struct scene *s, const char *name)
{
	static char text[BAG_VALUE_MAX + 1];
	uint8_t value[BAG_VALUE_MAX];
	const struct tg_switch *sw = s->house.sw;

	for (uint32_t i = 0; i < calls_of(sw)->count; i++) {
		const struct call *call = tg_slab_at(calls_of(sw), i, NULL);

		if (call != NULL) {
			const size_t len = bag_get(pieces_of(sw), &call->bag, BAG_PLAIN, tg_span_text(name), value,
			                           NULL);

			tg_span_copy(text, sizeof(text), (struct tg_span){ value, len });
			return text;
		}
	}
	return "(no call)";
}
