/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include <stdlib.h>
#include <string.h>

const char front_iax[] = "[general]\n" ACCOUNTS
			 "[provider]\ntype=peer\nusername=us\nsecret=provider-secret\nhost=192.0.2.5\n"
			 "[open]\ntype=peer\nhost=192.0.2.5\n"
			 "[trap]\ntype=friend\nsecret=trap-secret1\nhost=dynamic\ncontext=phones\ndecoy=yes\n";
const char front_tollgate[] = "[front]\nbackend=192.0.2.2:4569\nlocal=192.0.2.1\n";

static const char backend_iax[] = "[general]\n" ACCOUNTS
				  "[provider]\ntype=peer\nusername=provider\nsecret=provider-secret\nhost=192.0.2.1\n"
				  "[open]\ntype=peer\nusername=open\nhost=192.0.2.1\n"
				  "[wrong]\ntype=peer\nusername=provider\nsecret=another-secret\nhost=192.0.2.1\n"
				  "[nameless]\ntype=peer\nhost=192.0.2.1\n"
				  "[asuser]\ntype=peer\nusername=caller\nsecret=caller-secret\nhost=192.0.2.1\n"
				  "[astrap]\ntype=peer\nusername=trap\nsecret=trap-secret1\nhost=192.0.2.1\n"
				  "[asfront]\ntype=peer\nusername=front.alice\nsecret=alice-secret\nhost=192.0.2.1\n";
static const char backend_extensions[] =
	"[phones]\nexten => 201,1,Dial(IAX2/alice)\nexten => 202,1,Dial(IAX2/bob)\n"
	"exten => 600,1,Answer()\nsame => n,Wait(60)\n"
	"exten => _9.,1,Dial(IAX2/provider/${EXTEN:1})\nexten => _8.,1,Dial(IAX2/open/${EXTEN:1}@there)\n"
	"exten => 301,1,Dial(IAX2/wrong/5)\nexten => 302,1,Dial(IAX2/nameless/5)\n"
	"exten => 303,1,Dial(IAX2/asuser/5)\nexten => 304,1,Dial(IAX2/astrap/5)\n"
	"exten => 305,1,Dial(IAX2/asfront/5)\n"
	"[inside]\nexten => 600,1,Answer()\nsame => n,Wait(60)\n"
	"[lobby]\nexten => 600,1,Answer()\nsame => n,Wait(60)\nexten => 9,1,Dial(IAX2/provider/5)\n";

struct stage *stage_new(uint64_t seed, const char *iax, const char *tollgate)
{
	struct stage *s = calloc(1, sizeof(*s));

	sim_init(&s->sim, seed, &(struct sim_net){ .delay_us = 10000 });
	house_open(&s->front, &s->sim, &(struct house_plan){ .iax = iax, .extensions = "", .tollgate = tollgate });
	house_open(&s->backend, &s->sim, &(struct house_plan){ .iax = backend_iax, .extensions = backend_extensions });
	handset_open(&s->alice, &s->sim, "alice", "alice-secret");
	handset_open(&s->bob, &s->sim, "bob", "bob-secret");
	handset_open(&s->provider, &s->sim, "us", "provider-secret");
	handset_open(&s->stranger, &s->sim, "stranger", "a-wrong-secret");
	s->alice.octet = 0xa1;
	s->bob.octet = 0xb0;
	return s;
}

struct stage *stage(uint64_t seed)
{
	return stage_new(seed, front_iax, front_tollgate);
}

void stage_free(struct stage *s)
{
	switch_stop(s->front.sw, false, s->sim.now_us);
	house_pump(&s->front);
	switch_stop(s->backend.sw, false, s->sim.now_us);
	house_pump(&s->backend);
	sim_run_ms(&s->sim, 60000);
	house_close(&s->front);
	house_close(&s->backend);
	handset_close(&s->alice);
	handset_close(&s->bob);
	handset_close(&s->provider);
	handset_close(&s->stranger);
	sim_free(&s->sim);
	free(s);
}

bool stage_bound(const struct house *house, const char *name)
{
	uint32_t cursor = 0;
	struct switch_peer_row row;

	while (switch_peer_row(house->sw, &cursor, house->sim->now_us, &row)) {
		if (strcmp(row.name, name) == 0) {
			return row.expires_s > 0;
		}
	}
	return false;
}
