/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>

#include "switch/auth.h"
#include "switch/inside.h"

/* ---- What the exchange says to whom, and when, with everything masked that is random --------------------------- */

enum { SAID_MAX = 64, SAID_BYTES = 256 };

struct said {
	uint64_t at_us;
	size_t len;
	uint8_t bytes[SAID_BYTES];
};

struct tape {
	struct tg_addr exchange;
	struct said said[SAID_MAX];
	unsigned count;
};

static void mask_elements(uint8_t *p, size_t len)
{
	size_t at = 12;

	while (at + 2 <= len) {
		const size_t data = p[at + 1];

		if (p[at] == IAX_IE_CHALLENGE || p[at] == IAX_IE_USERNAME || p[at] == IAX_IE_CALLTOKEN) {
			for (size_t i = at + 2; i < len && i < at + 2 + data; i++) {
				p[i] = 'x';
			}
		}
		at += 2 + data;
	}
}

static void on_tap(void *owner, struct sim *sim, const struct tg_addr *from, const struct tg_addr *to,
                   struct tg_span bytes)
{
	struct tape *tape = owner;
	struct said *said;
	(void)to;

	if (!tg_addr_equal(*from, tape->exchange)) {
		return;
	}
	CHECK_TRUE(tape->count < SAID_MAX && bytes.len <= SAID_BYTES);
	said = &tape->said[tape->count++];
	said->at_us = sim->now_us;
	said->len = bytes.len;
	memcpy(said->bytes, bytes.p, bytes.len);
	if (bytes.len >= 12 && (said->bytes[0] & 0x80) != 0) {
		memset(said->bytes, 0x80, 4); /* call numbers */
		if (said->bytes[10] == IAX_FRAME_IAX) {
			mask_elements(said->bytes, said->len);
		}
	}
}

static void check_same(const struct tape *a, const struct tape *b, const char *what)
{
	print_message("# %s\n", what);
	CHECK_UINT(a->count, b->count);
	for (unsigned i = 0; i < a->count; i++) {
		CHECK_UINT(a->said[i].at_us, b->said[i].at_us);
		CHECK_SPAN(((struct tg_span){ a->said[i].bytes, a->said[i].len }),
		           ((struct tg_span){ b->said[i].bytes, b->said[i].len }));
	}
}

/* Names of one length, so that nothing but the account differs. */
static const char iax_conf[] = "[general]\n"
			       "calltokenoptional=192.0.2.99/32\n"
			       "[right]\ntype=friend\nsecret=right-secret\nhost=dynamic\ncontext=phones\n"
			       "[other]\ntype=friend\nsecret=other-secret\nhost=dynamic\ncontext=phones\n"
			       "deny=0.0.0.0/0.0.0.0\npermit=198.51.100.0/24\n"
			       "[inner]\ntype=friend\nsecret=inner-secret\nhost=192.0.2.50\ncontext=inside\n"
			       "[twice]\ntype=user\nsecret=first-secret\nsecret=second-secret\ncontext=phones\n"
			       "[older]\ntype=friend\nsecret=older-secret\nhost=dynamic\ncontext=phones\n"
			       "requirecalltoken=auto\n"
			       "[three]\ntype=user\nsecret=three-secret\ncontext=phones\nmaxauthreq=2\n"
			       "[guest]\ntype=user\ncontext=lobby\n"
			       "[peers]\ntype=peer\nhost=dynamic\n";

static const char extensions_conf[] = "[phones]\nexten => 600,1,Wait(60)\n"
				      "[inside]\nexten => 600,1,Wait(60)\n"
				      "[lobby]\nexten => 100,1,Wait(60)\n";

static struct scene *scene(uint64_t seed, uint64_t vault_us)
{
	return scene_new_with(seed, &(struct house_plan){ iax_conf, extensions_conf, .vault_us = vault_us },
	                      &(struct sim_net){ .delay_us = 10000 });
}

/* One attempt in a world of its own, which is the same each time. */
static void attempt(struct tape *tape, const char *name, const char *secret, const char *context, bool reg,
                    uint64_t vault_us, bool works)
{
	struct scene *s = scene(42, vault_us);

	*tape = (struct tape){ .exchange = s->sim.nodes[s->house.node].addr };
	s->sim.tap = on_tap;
	s->sim.tap_owner = tape;
	s->alice.name = name;
	s->alice.secret = secret;
	if (reg) {
		handset_register(&s->alice, &s->house, 60);
	} else {
		handset_dial(&s->alice, &s->house, &(struct handset_dial){ .number = "600", .context = context });
	}
	sim_run_ms(&s->sim, 5000);
	if (reg) {
		CHECK_UINT(s->alice.registered, works);
		CHECK_UINT(s->alice.register_cause, works ? 0 : 29);
		CHECK_UINT(s->house.binding_count, works);
	} else {
		CHECK_UINT(s->alice.lines[0].live, works);
		CHECK_TEXT(handset_story(&s->alice), works ? "challenged accepted(ulaw)" : "challenged ended(50)");
		CHECK_UINT(s->house.record_count, 0);
	}
	CHECK_UINT(s->house.verified, 1); /* whatever is wrong, the vault is asked */
	CHECK_UINT(s->house.decision_count, 1);
	CHECK_TRUE(house_decided(&s->house)->tried && house_decided(&s->house)->proven);
	CHECK_UINT(house_decided(&s->house)->trusted, works);
	CHECK_TRUE(house_decided(&s->house)->answer != 0);
	s->sim.tap = NULL;
	scene_free(s);
}

/* The refusal is the last thing said; the ACK of the answer comes right before it. */
static void check_time(const struct tape *tape)
{
	const struct said *refusal = &tape->said[tape->count - 1];
	const struct said *ack = refusal - 1;
	const uint64_t late_us = refusal->at_us - ack->at_us;

	CHECK_TRUE(tape->count >= 4);
	CHECK_TRUE(late_us >= AUTH_REFUSAL_US);
	CHECK_TRUE(late_us < AUTH_REFUSAL_US + AUTH_GRID_US + AUTH_JITTER_US + 2000);
	CHECK_TRUE(refusal->at_us % AUTH_GRID_US < AUTH_JITTER_US + 1000);
}

static const struct {
	const char *what, *name, *secret, *context;
} wrong_calls[] = {
	{ "unknown name", "nobod", "whatever", NULL },
	{ "wrong secret", "right", "whatever", NULL },
	{ "address not permitted, right secret", "other", "other-secret", NULL },
	{ "context not allowed, right secret", "right", "right-secret", "inside" },
	{ "a peer is no user", "peers", "whatever", NULL },
};

static void test_refused_calls_look_alike(void **state)
{
	static const uint64_t vaults_us[] = { 0, 3000, 700000, 1200000 };
	static struct tape first, tape;
	(void)state;

	for (size_t v = 0; v < TG_COUNT(vaults_us); v++) {
		for (size_t i = 0; i < TG_COUNT(wrong_calls); i++) {
			attempt(&tape, wrong_calls[i].name, wrong_calls[i].secret, wrong_calls[i].context, false,
			        vaults_us[v], false);
			/* A request for a context is no different in what is said back. */
			first = i == 0 ? tape : first;
			check_same(&tape, &first, wrong_calls[i].what);
			if (vaults_us[v] < AUTH_REFUSAL_US) {
				check_time(&tape);
			}
		}
	}
	attempt(&tape, "right", "right-secret", NULL, false, 0, true);
	attempt(&tape, "twice", "first-secret", NULL, false, 0, true);
	attempt(&tape, "twice", "second-secret", NULL, false, 0, true);
}

static const struct {
	const char *what, *name, *secret;
} wrong_registrations[] = {
	{ "unknown name", "nobod", "whatever" },
	{ "wrong secret", "right", "whatever" },
	{ "address not permitted, right secret", "other", "other-secret" },
	{ "static, right secret", "inner", "inner-secret" },
	{ "no secret", "peers", "" },
	{ "a user is no peer, right secret", "twice", "first-secret" },
};

static void test_refused_registrations_look_alike(void **state)
{
	static struct tape first, tape;
	(void)state;

	for (size_t i = 0; i < TG_COUNT(wrong_registrations); i++) {
		attempt(&tape, wrong_registrations[i].name, wrong_registrations[i].secret, NULL, true, 3000, false);
		first = i == 0 ? tape : first;
		check_same(&tape, &first, wrong_registrations[i].what);
		check_time(&tape);
	}
	attempt(&tape, "right", "right-secret", NULL, true, 0, true);
}

/* The jitter belongs to a source and a minute, and fills its range. */
static void test_jitter_is_keyed(void **state)
{
	struct scene *s = scene(7, 0);
	struct tg_addr source = s->sim.nodes[1].addr;
	uint64_t least = AUTH_JITTER_US, most = 0;
	(void)state;

	for (int i = 0; i < 1000; i++) {
		source.ip[12] = (uint8_t)i;
		source.ip[13] = (uint8_t)(i >> 8);
		const uint64_t at_us = auth_refusal_us(s->house.sw, s->sim.now_us, source);
		struct tg_addr same = source;

		same.port++;
		CHECK_UINT(auth_refusal_us(s->house.sw, s->sim.now_us, same), at_us);
		least = tg_min_u64(least, at_us % AUTH_GRID_US);
		most = tg_max_u64(most, at_us % AUTH_GRID_US);
	}
	CHECK_TRUE(least < AUTH_JITTER_US / 100 && most > AUTH_JITTER_US - AUTH_JITTER_US / 100 &&
	           most < AUTH_JITTER_US);
	const uint64_t now_at_us = auth_refusal_us(s->house.sw, s->sim.now_us, source) % AUTH_GRID_US;

	sim_run_ms(&s->sim, 120000);
	house_pump(&s->house);
	CHECK_TRUE(auth_refusal_us(s->house.sw, s->sim.now_us, source) % AUTH_GRID_US != now_at_us);
	scene_free(s);
}

/* ---- Callers without a name ------------------------------------------------------------------------------------- */

static void test_guests(void **state)
{
	struct scene *s = scene(8, 0);
	(void)state;

	handset_dial(&s->alice, &s->house, &(struct handset_dial){ .number = "100", .user = "" });
	sim_run_ms(&s->sim, 500);
	CHECK_TEXT(handset_story(&s->alice), "accepted(ulaw)");
	handset_dial(&s->bob, &s->house, &(struct handset_dial){ .number = "600", .user = "" });
	handset_dial(&s->carol, &s->house, &(struct handset_dial){ .number = "600", .user = "", .context = "phones" });
	sim_run_ms(&s->sim, 900);
	CHECK_TEXT(handset_story(&s->bob), "ended(3)");
	CHECK_TEXT(handset_story(&s->carol), ""); /* refused as everybody who may not */
	sim_run_ms(&s->sim, 300);
	CHECK_TEXT(handset_story(&s->carol), "ended(50)");
	CHECK_UINT(s->house.verified, 0);
	handset_hangup(&s->alice, 0, 16);
	sim_run_ms(&s->sim, 100);
	CHECK_TEXT(house_record(&s->house)->caller, "");
	CHECK_TEXT(house_record(&s->house)->context, "lobby");
	scene_free(s);
}

static void test_no_guests(void **state)
{
	struct scene *s = scene_new(9, NULL, extensions_conf);
	(void)state;

	handset_dial(&s->alice, &s->house, &(struct handset_dial){ .number = "100", .user = "" });
	sim_run_ms(&s->sim, 2000);
	CHECK_TEXT(handset_story(&s->alice), "ended(50)");
	CHECK_UINT(house_decided(&s->house)->why, MODEL_WHY_NO_GUEST);
	CHECK_FALSE(house_decided(&s->house)->tried);
	scene_free(s);
}

/* ---- Limits and latches ----------------------------------------------------------------------------------------- */

/* A third challenge is made, and never right; others' are not touched. */
/* More callers at once than may be asked: the vault is slow, so they wait with their challenges open. */
static void wait_with_challenges(struct scene *s, struct handset *phone, unsigned calls)
{
	s->house.vault_is_dead = true;
	for (unsigned i = 0; i < calls; i++) {
		handset_call(phone, &s->house, "600");
		sim_run_ms(&s->sim, 100);
	}
}

static void test_maxauthreq_counts_account_and_address(void **state)
{
	struct scene *s = scene(10, 0);
	(void)state;

	s->alice.name = s->bob.name = "three";
	s->alice.secret = s->bob.secret = "three-secret";
	wait_with_challenges(s, &s->alice, 3);
	wait_with_challenges(s, &s->bob, 1);
	s->house.vault_is_dead = false;
	house_pump(&s->house);
	sim_run_ms(&s->sim, 3000);
	CHECK_TEXT(handset_story(&s->bob), "challenged accepted(ulaw)");
	/* the oldest gave way */
	CHECK_TEXT(handset_story(&s->alice),
	           "challenged challenged challenged accepted(ulaw) accepted(ulaw) ended(50)");
	CHECK_FALSE(s->alice.lines[0].live);
	CHECK_UINT(house_decisions(&s->house, MODEL_WHY_TOO_MANY), 1);
	/* Answered ones do not count any more. */
	handset_call(&s->alice, &s->house, "600");
	sim_run_ms(&s->sim, 3000);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw)");
	scene_free(s);
}

/* Bob's phone has alice's address from now on, with another port. */
static void put_behind_one_address(struct scene *s)
{
	struct tg_addr addr = s->sim.nodes[s->alice.node].addr;

	addr.port = 50123;
	s->sim.nodes[s->bob.node].addr = addr;
}

/* Whoever shares a customer's address and leaves challenges unanswered keeps him from nothing, before or after he asks. */
static void test_maxauthreq_keeps_no_neighbour_out(void **state)
{
	(void)state;
	for (unsigned before = 0; before <= 12; before++) {
		for (unsigned after = 0; after <= 12; after += 3) {
			struct scene *s = scene(15, 200000); /* time enough for all of his in between */

			put_behind_one_address(s);
			s->alice.name = s->bob.name = "three"; /* maxauthreq=2 */
			s->alice.secret = "three-secret";
			s->bob.mute = true;
			for (unsigned i = 0; i < before; i++) {
				handset_call(&s->bob, &s->house, "600");
			}
			sim_run_ms(&s->sim, 300);
			handset_call(&s->alice, &s->house, "600");
			sim_run_ms(&s->sim, 50);
			CHECK_UINT(calls_of(s->house.sw)->used, before + 1);
			for (unsigned i = 0; i < after; i++) {
				handset_call(&s->bob, &s->house, "600");
			}
			sim_run_ms(&s->sim, 2000);
			CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw)");
			scene_free(s);
		}
	}
}

static void bind_to(struct scene *s, const char *name, struct tg_addr addr)
{
	struct model_binding binding = { .refresh_s = 60, .addr = addr };

	CHECK_TRUE(tg_span_copy(binding.name, sizeof(binding.name), tg_span_text(name)));
	binding.local = s->sim.nodes[s->house.node].addr;
	binding.expires_ms = HOUSE_WALL_US / 1000 + UINT64_C(100000000);
	switch_on_binding(s->house.sw, &binding, s->sim.now_us, HOUSE_WALL_US + s->sim.now_us);
}

/* Each of his challenges from a port of its own: the one from where the account is registered is not counted with them. */
static void test_maxauthreq_spares_the_registered_address(void **state)
{
	struct scene *s = scene(16, 0);
	const struct tg_addr home = s->sim.nodes[s->alice.node].addr;
	struct peer attackers[8];
	(void)state;

	bind_to(s, "right", home);
	s->alice.name = "right"; /* maxauthreq=3, the general one */
	s->alice.secret = "right-secret";
	handset_call(&s->alice, &s->house, "600");
	s->house.vault_is_dead = true; /* her challenge waits */
	sim_run_ms(&s->sim, 100);
	for (unsigned i = 0; i < TG_COUNT(attackers); i++) {
		struct iax_ies ies = peer_new("right");

		peer_init(&attackers[i], &s->sim, s->house.node, 9, (uint16_t)(100 + i));
		attackers[i].addr = home;
		attackers[i].addr.port = (uint16_t)(40000 + i);
		CHECK_UINT(peer_open(&attackers[i], IAX_NEW, &ies), IAX_OK);
		house_pump(&s->house);
	}
	CHECK_UINT(asked_of(s->house.sw)->used, 3);
	s->house.vault_is_dead = false;
	s->sim.tap = NULL;
	house_pump(&s->house);
	sim_run_ms(&s->sim, 2000);
	CHECK_TEXT(handset_story(&s->alice), "challenged accepted(ulaw)");
	scene_free(s);
}

/* ---- A trunk's own place ---------------------------------------------------------------------------------------- */

enum { AT_ONCE = 8 };

/* Where it is registered, where its host is by configuration, and where it was right lately. */
static void make_home(struct scene *s, unsigned kind, struct tg_addr addr)
{
	static char conf[256];
	char text[TG_ADDR_TEXT_BYTES];

	s->alice.name = "right";
	s->alice.secret = "right-secret";
	if (kind == 0) {
		bind_to(s, "right", addr);
	} else if (kind == 1) {
		snprintf(conf, sizeof(conf),
		         "[general]\n[right]\ntype=friend\nsecret=right-secret\ncontext=phones\nhost=%s\nport=%u\n",
		         tg_addr_format_host(addr, text), addr.port);
		house_reload(&s->house, conf, extensions_conf);
	} else {
		s->house.home = addr;
	}
}

/* Its calls are all challenged before the first answer is there: none of them fails, and so none is charged. */
static void test_a_trunk_makes_many_calls_at_once(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < 4; kind++) {
		struct scene *s = scene(18, 0);
		const unsigned failed = kind < 3 ? 0 : AT_ONCE - 3; /* the last one is at home nowhere */

		make_home(s, kind, s->sim.nodes[s->alice.node].addr);
		if (kind == 3) {
			s->house.home = (struct tg_addr){ 0 };
		}
		wait_with_challenges(s, &s->alice, AT_ONCE);
		s->house.vault_is_dead = false;
		house_pump(&s->house);
		sim_run_ms(&s->sim, 3000);
		CHECK_UINT(house_decisions(&s->house, MODEL_WHY_TOO_MANY), failed);
		CHECK_UINT(house_decisions(&s->house, MODEL_WHY_OK), AT_ONCE - failed);
		scene_free(s);
	}
}

/* At home, too, each guess is judged and told: there are only no more of them that fail for being too many. */
static void test_guessing_from_a_home_is_not_free(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < 3; kind++) {
		struct scene *s = scene(19, 0);

		make_home(s, kind, s->sim.nodes[s->alice.node].addr);
		s->alice.secret = "not-right";
		wait_with_challenges(s, &s->alice, AT_ONCE);
		CHECK_UINT(asked_of(s->house.sw)->used, 0);
		s->house.vault_is_dead = false;
		house_pump(&s->house);
		sim_run_ms(&s->sim, 3000);
		CHECK_UINT(s->house.tries, AT_ONCE);
		CHECK_UINT(house_decisions(&s->house, MODEL_WHY_WRONG), AT_ONCE);
		scene_free(s);
	}
}

/* Behind the same address, at another port, nobody is at home, and each of his guesses is told, those that gave way too. */
static void test_a_home_is_no_free_lane_for_its_neighbours(void **state)
{
	(void)state;
	for (unsigned kind = 0; kind < 3; kind++) {
		struct scene *s = scene(20, 0);
		unsigned tried = 0;

		put_behind_one_address(s);
		make_home(s, kind, s->sim.nodes[s->alice.node].addr);
		s->bob.name = "right";
		s->bob.secret = "not-right";
		wait_with_challenges(s, &s->bob, AT_ONCE);
		CHECK_UINT(asked_of(s->house.sw)->used, 3);
		s->house.vault_is_dead = false;
		house_pump(&s->house);
		sim_run_ms(&s->sim, 3000);
		for (unsigned i = 0; i < s->house.decision_count; i++) {
			tried += s->house.decisions[i].tried && s->house.decisions[i].answer != 0;
		}
		CHECK_UINT(tried, AT_ONCE);
		CHECK_UINT(house_decisions(&s->house, MODEL_WHY_TOO_MANY), AT_ONCE - 3);
		CHECK_UINT(house_decisions(&s->house, MODEL_WHY_WRONG), 3);
		scene_free(s);
	}
}

/* Who forges the address of a device without tokens takes none of its calls away, and is not proven to be there. */
static void test_forged_calls_from_a_home_take_none_away(void **state)
{
	const struct house_plan plan = { iax_conf, extensions_conf, .no_tokens = true };
	struct scene *s = scene_new_with(21, &plan, &(struct sim_net){ .delay_us = 10000 });
	const struct tg_addr home = s->sim.nodes[s->alice.node].addr;
	struct peer forger;
	(void)state;

	bind_to(s, "older", home);
	s->alice.name = "older";
	s->alice.secret = "older-secret";
	s->house.vault_is_dead = true;
	handset_call(&s->alice, &s->house, "600");
	sim_run_ms(&s->sim, 100);
	for (uint16_t i = 0; i < AT_ONCE; i++) {
		struct iax_ies ies = peer_new("older");

		peer_init(&forger, &s->sim, s->house.node, 9, (uint16_t)(9000 + i));
		forger.addr = home;
		CHECK_UINT(peer_send_ies(&forger, IAX_NEW, &ies), IAX_OK);
		house_pump(&s->house);
	}
	s->house.vault_is_dead = false;
	s->sim.tap = NULL;
	house_pump(&s->house);
	sim_run_ms(&s->sim, 12000);
	CHECK_UINT(house_decisions(&s->house, MODEL_WHY_OK), 1);
	for (unsigned i = 0; i < s->house.decision_count; i++) {
		CHECK_UINT(s->house.decisions[i].tried, s->house.decisions[i].why == MODEL_WHY_OK);
	}
	scene_free(s);
}

/* Many challenges at once for a name that is wrong anyway: nothing shows that the other is not, neither to him nor to the guard. */
static void test_maxauthreq_counts_all_names_alike(void **state)
{
	static const char *const names[] = { "right", "three", "nobod", "other", "inner" };
	(void)state;

	for (size_t i = 0; i < TG_COUNT(names); i++) {
		struct scene *s = scene(17, 0);

		s->alice.name = names[i];
		s->alice.secret = "whatever";
		wait_with_challenges(s, &s->alice, 6);
		CHECK_UINT(asked_of(s->house.sw)->used, strcmp(names[i], "three") == 0 ? 2 : 3);
		s->house.vault_is_dead = false;
		house_pump(&s->house);
		sim_run_ms(&s->sim, 3000);
		CHECK_TEXT(handset_story(&s->alice),
		           "challenged challenged challenged challenged challenged challenged "
		           "ended(50) ended(50) ended(50) ended(50) ended(50) ended(50)");
		CHECK_UINT(s->house.tries, 6);
		CHECK_UINT(s->house.verified, 6);
		CHECK_UINT(s->house.decision_count, 6);
		for (unsigned k = 0; k < 6; k++) {
			CHECK_TRUE(s->house.decisions[k].tried && s->house.decisions[k].answer != 0);
			CHECK_FALSE(s->house.decisions[k].trusted);
		}
		scene_free(s);
	}
}

/* One IPv6 network is one address: 2^64 hosts of one customer have no more tries than one. */
static void test_maxauthreq_counts_an_ipv6_network(void **state)
{
	static const char *const hosts[] = { "2001:db8::1", "2001:db8::2", "2001:db8:0:1::1" };
	struct scene *s = scene(14, 0);
	struct tg_switch *sw = s->house.sw;
	struct tg_addr addrs[TG_COUNT(hosts)];
	struct call *calls[TG_COUNT(hosts) + 1];
	(void)state;

	s->alice.name = "nobod"; /* maxauthreq=3, but here it is 1 */
	wait_with_challenges(s, &s->alice, 3);
	s->alice.name = "right";
	wait_with_challenges(s, &s->alice, 1);
	for (unsigned i = 0; i < TG_COUNT(calls); i++) {
		calls[i] = tg_slab_at(calls_of(sw), i, NULL);
		auth_asked_remove(sw, calls[i]);
	}
	for (unsigned i = 0; i < TG_COUNT(hosts); i++) {
		CHECK_TRUE(tg_addr_parse(&addrs[i], tg_span_text(hosts[i]), 4569));
		calls[i]->record.caller_addr = addrs[i]; /* as if it came from there */
		auth_asked_add(sw, calls[i], calls[i]->caller.index, 1);
	}
	calls[3]->record.caller_addr = addrs[1];
	auth_asked_add(sw, calls[3], calls[3]->caller.index, 1);
	CHECK_FALSE(calls[0]->asked);
	CHECK_TRUE(calls[1]->asked && calls[2]->asked && calls[3]->asked);
	CHECK_UINT(auth_who(sw, false, TG_SPAN_LIT("three"), addrs[0]),
	           auth_who(sw, false, TG_SPAN_LIT("three"), addrs[1]));
	CHECK_TRUE(auth_who(sw, false, TG_SPAN_LIT("three"), addrs[0]) !=
	           auth_who(sw, false, TG_SPAN_LIT("three"), addrs[2]));
	scene_free(s);
}

/* ---- `auto`: without a token until this account has shown one together with its secret (check 4) ---------------- */

/* Answer the AUTHREQ or REGAUTH that came last. */
static void answer_by_hand(struct scene *s, struct peer *peer, struct iax_ies ies, bool reg, const char *secret)
{
	const struct peer_frame *asked = peer_last(peer, IAX_FRAME_IAX, reg ? IAX_REGAUTH : IAX_AUTHREQ);
	uint8_t md5[16];
	char digits[33];

	CHECK_TRUE(crypt_md5_answer(s->house.md5, md5, asked->ies.challenge, tg_span_text(secret)));
	tg_hex_encode(digits, (struct tg_span){ md5, 16 });
	ies.has = UINT64_C(1) << IAX_IE_MD5_RESULT | (reg ? UINT64_C(1) << IAX_IE_USERNAME : 0);
	ies.md5_result = (struct tg_span){ (const uint8_t *)digits, 32 };
	CHECK_UINT(peer_send_ies(peer, reg ? IAX_REGREQ : IAX_AUTHREP, &ies), IAX_OK);
}

/* An old phone: it never sends the element. @return why it was not let in */
static enum model_reason try_without_token(struct scene *s, uint16_t number, bool reg, const char *secret)
{
	static struct peer peer;
	struct iax_ies ies = peer_new("older");

	peer_init(&peer, &s->sim, s->house.node, 7, number);
	ies.called_number = TG_SPAN_LIT("600");
	if (reg) {
		ies.has = UINT64_C(1) << IAX_IE_USERNAME;
	}
	CHECK_UINT(peer_send_ies(&peer, reg ? IAX_REGREQ : IAX_NEW, &ies), IAX_OK);
	sim_run_ms(&s->sim, 100);
	answer_by_hand(s, &peer, ies, reg, secret);
	sim_run_ms(&s->sim, 1500);
	CHECK_FALSE(house_decided(&s->house)->proven);
	s->sim.tap = NULL;
	return house_decided(&s->house)->why;
}

static struct switch_peer_row older_row(const struct scene *s)
{
	struct switch_peer_row row;
	uint32_t cursor = 0;

	while (switch_peer_row(s->house.sw, &cursor, s->sim.now_us, &row)) {
		if (strcmp(row.name, "older") == 0) {
			return row;
		}
	}
	CHECK_TRUE(false);
	return row;
}

static void call_with_token(struct scene *s, const char *secret)
{
	s->alice.name = "older";
	s->alice.secret = secret;
	handset_call(&s->alice, &s->house, "600");
	sim_run_ms(&s->sim, 3000);
	CHECK_TRUE(house_decided(&s->house)->proven);
}

static void test_auto_latches_after_authentication(void **state)
{
	struct scene *s = scene_new_with(11, &(struct house_plan){ iax_conf, extensions_conf, .no_tokens = true },
	                                 &(struct sim_net){ .delay_us = 10000 });
	(void)state;

	/* Neither the secret without a token nor a token without the secret. */
	CHECK_UINT(try_without_token(s, 11, false, "older-secret"), MODEL_WHY_OK);
	call_with_token(s, "not-right");
	CHECK_UINT(house_decided(&s->house)->why, MODEL_WHY_WRONG);
	CHECK_FALSE(older_row(s).user_latched || older_row(s).peer_latched);
	CHECK_UINT(try_without_token(s, 12, false, "older-secret"), MODEL_WHY_OK);
	/* Held back is not believed. */
	s->house.hold = MODEL_WHY_GUARDED;
	call_with_token(s, "older-secret");
	CHECK_FALSE(older_row(s).user_latched);
	s->house.hold = MODEL_WHY_OK;
	/* Each half by itself. */
	call_with_token(s, "older-secret");
	CHECK_TRUE(older_row(s).user_latched && !older_row(s).peer_latched);
	CHECK_UINT(try_without_token(s, 13, false, "older-secret"), MODEL_WHY_TOKEN);
	CHECK_UINT(try_without_token(s, 14, true, "older-secret"), MODEL_WHY_OK);
	CHECK_FALSE(older_row(s).peer_latched);
	handset_register(&s->alice, &s->house, 60);
	sim_run_ms(&s->sim, 3000);
	CHECK_TRUE(s->alice.registered && older_row(s).peer_latched);
	CHECK_UINT(try_without_token(s, 15, true, "older-secret"), MODEL_WHY_TOKEN);
	/* As long as the setting stands. */
	house_reload(&s->house, iax_conf, extensions_conf);
	CHECK_TRUE(older_row(s).user_latched && older_row(s).peer_latched);
	house_reload(&s->house, "[general]\n[older]\ntype=friend\nsecret=older-secret\nhost=dynamic\ncontext=phones\n",
	             extensions_conf);
	CHECK_FALSE(older_row(s).user_latched || older_row(s).peer_latched);
	scene_free(s);
}

/* A guest shows no secret, so nobody can take the exception away from the others by a token. */
static void test_auto_of_a_guest_never_latches(void **state)
{
	struct scene *s = scene_new(13,
	                            "[general]\n[open]\ntype=user\ncontext=lobby\nrequirecalltoken=auto\n"
	                            "[open]\ntype=peer\nhost=dynamic\n",
	                            extensions_conf);
	struct switch_peer_row row;
	uint32_t cursor = 0;
	(void)state;

	s->alice.name = "open";
	handset_call(&s->alice, &s->house, "100");
	sim_run_ms(&s->sim, 1000);
	CHECK_UINT(house_decided(&s->house)->why, MODEL_WHY_OK);
	CHECK_TRUE(house_decided(&s->house)->proven);
	CHECK_TRUE(switch_peer_row(s->house.sw, &cursor, s->sim.now_us, &row));
	CHECK_TEXT(row.name, "open");
	CHECK_FALSE(row.user_latched);
	scene_free(s);
}

static void test_a_vault_that_does_not_answer(void **state)
{
	struct scene *s = scene(12, 0);
	(void)state;

	s->house.vault_is_dead = true;
	s->alice.name = "right";
	handset_call(&s->alice, &s->house, "600");
	handset_register(&s->alice, &s->house, 60);
	sim_run_ms(&s->sim, 40000);
	CHECK_FALSE(s->alice.lines[0].live);
	CHECK_FALSE(s->alice.registered);
	CHECK_TRUE(switch_is_idle(s->house.sw));
	s->house.vault_is_dead = false; /* its answers come far too late */
	house_pump(&s->house);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused_calls_look_alike),
		cmocka_unit_test(test_refused_registrations_look_alike),
		cmocka_unit_test(test_jitter_is_keyed),
		cmocka_unit_test(test_guests),
		cmocka_unit_test(test_no_guests),
		cmocka_unit_test(test_maxauthreq_counts_account_and_address),
		cmocka_unit_test(test_maxauthreq_keeps_no_neighbour_out),
		cmocka_unit_test(test_maxauthreq_spares_the_registered_address),
		cmocka_unit_test(test_a_trunk_makes_many_calls_at_once),
		cmocka_unit_test(test_guessing_from_a_home_is_not_free),
		cmocka_unit_test(test_a_home_is_no_free_lane_for_its_neighbours),
		cmocka_unit_test(test_forged_calls_from_a_home_take_none_away),
		cmocka_unit_test(test_maxauthreq_counts_all_names_alike),
		cmocka_unit_test(test_maxauthreq_counts_an_ipv6_network),
		cmocka_unit_test(test_auto_latches_after_authentication),
		cmocka_unit_test(test_auto_of_a_guest_never_latches),
		cmocka_unit_test(test_a_vault_that_does_not_answer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
