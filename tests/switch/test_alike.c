/* SPDX-License-Identifier: Apache-2.0 */
#include "house.h"

#include <stdlib.h>

#include "iax/frame.h"
#include "worlds.h"

/*
 * Whatever is wrong with a request, its sender sees the same: octets, their number, and the times (ruling R8). Strangers from ever
 * other addresses try names in all situations at random, a crowd of them at once, while the vault takes now more and now less time. The
 * times of two situations are compared by the area under the curve of the best guess that can be made from one time: 0.5 is none.
 */
enum { CROWD = 48, SAID_MAX = 8, SAID_BYTES = 160, WALK_US = 8000, LOST_US = 5000000 };

static const double auc_least = 0.45, auc_most = 0.55;

static const char iax_conf[] = "[general]\n"
			       "[right]\ntype=friend\nsecret=right-secret\nhost=dynamic\ncontext=phones\n"
			       "[other]\ntype=friend\nsecret=other-secret\nhost=dynamic\ncontext=phones\n"
			       "deny=0.0.0.0/0.0.0.0\npermit=198.51.100.0/24\n"
			       "[fixed]\ntype=friend\nsecret=fixed-secret\nhost=192.0.2.50\ncontext=inside\n"
			       "[decoy]\ntype=friend\nsecret=decoy-secret\nhost=dynamic\ncontext=phones\ndecoy=yes\n"
			       "[never]\ntype=friend\nsecret=never-secret\nhost=dynamic\ncontext=phones\n"
			       "[watch]\ntype=friend\nsecret=watch-secret\nhost=dynamic\ncontext=phones\n"
			       "[empty]\ntype=peer\nhost=dynamic\n";

static const char extensions_conf[] = "[phones]\nexten => 600,1,Wait(60)\n[inside]\nexten => 600,1,Wait(60)\n";

/* Names of one length. [right] is registered all the time. */
static const struct situation {
	const char *what, *name, *secret, *context;
} situations[] = {
	{ "wrong secret", "right", "whatever", NULL },
	{ "unknown name", "nobod", "whatever", NULL },
	{ "address not permitted, right secret", "other", "other-secret", NULL },
	{ "static; its context not allowed, right secret", "fixed", "fixed-secret", "phones" },
	{ "a decoy's right secret", "decoy", "decoy-secret", NULL },
	{ "held back, right secret", "watch", "watch-secret", NULL },
	{ "without a secret, not for calls", "empty", "", NULL },
	{ "never registered, wrong secret", "never", "whatever", NULL },
};

enum { SITUATIONS = TG_COUNT(situations) };

enum act { ACT_ASK, ACT_OPEN, ACT_ANSWER, ACT_END, ACT_WAIT };

/* One who tries. */
struct stranger {
	struct tg_addr addr;
	uint16_t number, remote_number;
	unsigned situation;
	enum act act;
	uint64_t due_us, opened_us, answered_us, challenged_us, refused_us;
	uint8_t token[16], challenge[64];
	size_t token_len, challenge_len;
	struct {
		size_t len;
		uint8_t bytes[SAID_BYTES];
	} said[SAID_MAX];
	unsigned count;
};

struct alike {
	struct sim sim;
	struct house house;
	bool reg;
	struct stranger crowd[CROWD];
	struct stranger first; /* what everybody else must look like */
	unsigned tries, done[SITUATIONS];
	double *challenged[SITUATIONS], *refused[SITUATIONS]; /* how long it took */
};

/* ---- Guessing from times ------------------------------------------------------------------------------------------ */

struct timed {
	double time;
	bool second;
};

static int by_time(const void *a, const void *b)
{
	const struct timed *x = a, *y = b;

	return (x->time > y->time) - (x->time < y->time);
}

/* Mann and Whitney: how often one of the second takes longer than one of the first; ties count half. */
static double auc_of(const double *first, const double *second, unsigned n)
{
	struct timed *all = calloc(2 * (size_t)n, sizeof(*all));
	double ranks = 0;

	for (unsigned i = 0; i < n; i++) {
		all[i] = (struct timed){ first[i], false };
		all[n + i] = (struct timed){ second[i], true };
	}
	qsort(all, 2 * (size_t)n, sizeof(*all), by_time);
	for (unsigned i = 0, k; i < 2 * n; i = k) {
		unsigned seconds = 0;

		for (k = i; k < 2 * n && all[k].time <= all[i].time; k++) {
			seconds += all[k].second;
		}
		ranks += seconds * ((i + 1 + k) / 2.0);
	}
	free(all);
	return (ranks - n * (n + 1.0) / 2) / ((double)n * n);
}

static bool is_none(double auc)
{
	return auc >= auc_least && auc <= auc_most;
}

static void test_the_measure(void **state)
{
	static const double low[] = { 1, 2, 3, 4 }, high[] = { 5, 6, 7, 8 }, mixed[] = { 4, 3, 2, 1 };
	static const double tied[] = { 4, 4, 4, 9 };
	(void)state;

	CHECK_TRUE(auc_of(low, high, 4) == 1.0);
	CHECK_TRUE(auc_of(high, low, 4) == 0.0);
	CHECK_TRUE(auc_of(low, mixed, 4) == 0.5);
	CHECK_TRUE(auc_of(low, tied, 4) == (3 * 3.5 + 4) / 16); /* three times above three and equal to one */
	CHECK_FALSE(is_none(auc_of(low, tied, 4)));
}

/* ---- A stranger --------------------------------------------------------------------------------------------------- */

static struct tg_addr house_addr(const struct alike *a)
{
	return a->sim.nodes[a->house.node].addr;
}

static uint64_t random_u64(struct alike *a)
{
	return (uint64_t)crypt_random_below(&a->sim.random, UINT32_MAX) << 32 |
	       crypt_random_below(&a->sim.random, UINT32_MAX);
}

static void begin(struct alike *a, struct stranger *s)
{
	const uint64_t random = random_u64(a);
	const uint8_t ip[4] = { 10, (uint8_t)(random >> 8), (uint8_t)(random >> 16), (uint8_t)(random >> 24) };

	*s = (struct stranger){
		.addr = tg_addr_ipv4(ip, (uint16_t)(1024 + (random >> 32) % 60000)),
		.number = (uint16_t)(2 + (random >> 48) % 30000),
		.situation = crypt_random_below(&a->sim.random, SITUATIONS),
		.due_us = a->sim.now_us + crypt_random_below(&a->sim.random, 200000),
	};
}

static void send(struct alike *a, struct stranger *s, uint8_t subclass, uint8_t seqno, const struct iax_ies *ies)
{
	uint8_t bytes[400], payload[300];
	struct tg_writer elements = tg_writer_of(payload, sizeof(payload)), w = tg_writer_of(bytes, sizeof(bytes));

	CHECK_UINT(iax_ies_encode(ies, &elements), IAX_OK);
	const struct iax_frame frame = {
		.class = IAX_CLASS_FULL,
		.source = s->number,
		.destination = s->remote_number,
		.ts_ms = (uint32_t)(a->sim.now_us / 1000 % 60000),
		.oseqno = seqno,
		.iseqno = seqno,
		.type = IAX_FRAME_IAX,
		.subclass = subclass,
		.payload = tg_writer_span(&elements),
	};

	CHECK_UINT(iax_frame_encode(&frame, &w), IAX_OK);
	(void)sim_inject(&a->sim, a->house.node, s->addr, tg_writer_span(&w));
	sim_pump(&a->sim, a->house.node);
}

static void send_opening(struct alike *a, struct stranger *s)
{
	const struct situation *situation = &situations[s->situation];
	struct iax_ies ies = {
		.has = UINT64_C(1) << IAX_IE_USERNAME | UINT64_C(1) << IAX_IE_CALLTOKEN,
		.username = tg_span_text(situation->name),
		.call_token = { s->token, s->token_len },
		.version = IAX_VERSION,
		.called_number = TG_SPAN_LIT("600"),
		.format = IAX_FORMAT_ULAW,
		.capability = IAX_FORMAT_ULAW,
	};

	if (!a->reg) {
		ies.has |= UINT64_C(1) << IAX_IE_VERSION | UINT64_C(1) << IAX_IE_CALLED_NUMBER |
		           UINT64_C(1) << IAX_IE_FORMAT | UINT64_C(1) << IAX_IE_CAPABILITY;
	}
	if (!a->reg && situation->context != NULL) {
		ies.has |= UINT64_C(1) << IAX_IE_CALLED_CONTEXT;
		ies.called_context = tg_span_text(situation->context);
	}
	send(a, s, a->reg ? IAX_REGREQ : IAX_NEW, 0, &ies);
}

static void send_answer(struct alike *a, struct stranger *s)
{
	const struct situation *situation = &situations[s->situation];
	struct iax_ies ies = { .has = UINT64_C(1) << IAX_IE_MD5_RESULT, .username = tg_span_text(situation->name) };
	uint8_t md5[16];
	char digits[33];

	send(a, s, IAX_ACK, 1, &(struct iax_ies){ 0 });
	CHECK_TRUE(crypt_md5_answer(a->house.md5, md5, (struct tg_span){ s->challenge, s->challenge_len },
	                            tg_span_text(situation->secret)));
	tg_hex_encode(digits, (struct tg_span){ md5, 16 });
	ies.md5_result = (struct tg_span){ (const uint8_t *)digits, 32 };
	ies.has |= a->reg ? UINT64_C(1) << IAX_IE_USERNAME : 0;
	s->answered_us = a->sim.now_us;
	send(a, s, a->reg ? IAX_REGREQ : IAX_AUTHREP, 1, &ies);
}

static struct stranger *stranger_at(struct alike *a, const struct tg_addr *addr)
{
	for (unsigned i = 0; i < CROWD; i++) {
		if (tg_addr_equal(a->crowd[i].addr, *addr)) {
			return &a->crowd[i];
		}
	}
	return NULL;
}

static void mask(uint8_t *p, size_t len)
{
	memset(p, 0, 8); /* call numbers and timestamp */
	for (size_t at = IAX_FULL_BYTES; at + 2 <= len; at += 2u + p[at + 1]) {
		const bool random = p[at] == IAX_IE_CHALLENGE || p[at] == IAX_IE_CALLTOKEN || p[at] == IAX_IE_USERNAME;

		for (size_t i = 0; random && i < p[at + 1] && at + 2 + i < len; i++) {
			p[at + 2 + i] = 'x';
		}
	}
}

static void plan(struct alike *a, struct stranger *s, enum act act)
{
	s->act = act;
	s->due_us = a->sim.now_us + 1000 + crypt_random_below(&a->sim.random, WALK_US);
}

static void keep(uint8_t *to, size_t size_bytes, size_t *len, struct tg_span from)
{
	CHECK_TRUE(from.len > 0 && from.len <= size_bytes);
	memcpy(to, from.p, from.len);
	*len = from.len;
}

static void on_tap(void *owner, struct sim *sim, const struct tg_addr *from, const struct tg_addr *to,
                   struct tg_span bytes)
{
	struct alike *a = owner;
	struct stranger *s = stranger_at(a, to);
	struct iax_frame frame;
	struct iax_ies ies;

	if (s == NULL || !tg_addr_equal(*from, house_addr(a))) {
		return; /* somebody who is done: what comes late is told by the count of others */
	}
	CHECK_UINT(iax_frame_decode(&frame, bytes), IAX_OK);
	CHECK_UINT(iax_ies_decode(&ies, frame.payload), IAX_OK);
	CHECK_TRUE(s->count < SAID_MAX && bytes.len <= SAID_BYTES);
	memcpy(s->said[s->count].bytes, bytes.p, bytes.len);
	mask(s->said[s->count].bytes, bytes.len);
	s->said[s->count++].len = bytes.len;
	if (frame.subclass == IAX_CALLTOKEN) {
		keep(s->token, sizeof(s->token), &s->token_len, ies.call_token);
		plan(a, s, ACT_OPEN);
	} else if (frame.subclass == IAX_AUTHREQ || frame.subclass == IAX_REGAUTH) {
		keep(s->challenge, sizeof(s->challenge), &s->challenge_len, ies.challenge);
		s->remote_number = frame.source;
		s->challenged_us = sim->now_us;
		plan(a, s, ACT_ANSWER);
	} else if (frame.subclass == IAX_REJECT || frame.subclass == IAX_REGREJ) {
		s->refused_us = sim->now_us;
		plan(a, s, ACT_END);
	}
}

static void check_same(const struct stranger *a, const struct stranger *b)
{
	CHECK_UINT(a->count, b->count);
	for (unsigned i = 0; i < a->count; i++) {
		CHECK_SPAN(((struct tg_span){ a->said[i].bytes, a->said[i].len }),
		           ((struct tg_span){ b->said[i].bytes, b->said[i].len }));
	}
}

static void end(struct alike *a, struct stranger *s)
{
	unsigned *n = &a->done[s->situation];

	send(a, s, IAX_ACK, 2, &(struct iax_ies){ 0 });
	if (a->first.count == 0) {
		a->first = *s;
	}
	check_same(s, &a->first);
	CHECK_TRUE(s->challenged_us > s->opened_us && s->refused_us > s->answered_us);
	if (*n < a->tries) {
		a->challenged[s->situation][*n] = (double)(s->challenged_us - s->opened_us);
		a->refused[s->situation][*n] = (double)(s->refused_us - s->answered_us);
		(*n)++;
	}
	begin(a, s);
}

static void act(struct alike *a, struct stranger *s)
{
	const enum act what = s->act;

	s->act = ACT_WAIT;
	s->due_us = a->sim.now_us + LOST_US;
	switch (what) {
	case ACT_OPEN:
		s->opened_us = a->sim.now_us;
		send_opening(a, s);
		break;
	case ACT_ASK:
		send_opening(a, s);
		break;
	case ACT_ANSWER:
		send_answer(a, s);
		break;
	case ACT_END:
		end(a, s);
		break;
	case ACT_WAIT:
		CHECK_TRUE(false); /* no answer at all */
	}
}

/* ---- All of them -------------------------------------------------------------------------------------------------- */

static bool is_enough(const struct alike *a)
{
	for (unsigned i = 0; i < SITUATIONS; i++) {
		if (a->done[i] < a->tries) {
			return false;
		}
	}
	return true;
}

static void run(struct alike *a)
{
	for (unsigned i = 0; i < CROWD; i++) {
		begin(a, &a->crowd[i]);
	}
	while (!is_enough(a)) {
		struct stranger *next = &a->crowd[0];

		for (unsigned i = 1; i < CROWD; i++) {
			next = a->crowd[i].due_us < next->due_us ? &a->crowd[i] : next;
		}
		if (next->due_us > a->sim.now_us) {
			/* Somebody may be answered meanwhile, and be due before. */
			sim_run_us(&a->sim, tg_min_u64(next->due_us - a->sim.now_us, 1000));
		} else {
			act(a, next);
		}
	}
}

static void bind_right(struct alike *a)
{
	struct model_binding binding = { .name = "right", .addr = world_addr("192.0.2.77"), .refresh_s = 60 };

	binding.local = house_addr(a);
	binding.expires_ms = HOUSE_WALL_US / 1000 + UINT64_C(100000000);
	switch_on_binding(a->house.sw, &binding, a->sim.now_us, HOUSE_WALL_US + a->sim.now_us);
	house_pump(&a->house);
}

static void compare(const struct alike *a)
{
	double *late = calloc(a->tries, sizeof(*late));

	for (unsigned i = 0; i < SITUATIONS; i++) {
		for (unsigned k = 0; k < i; k++) {
			const double asked = auc_of(a->challenged[k], a->challenged[i], a->tries);
			const double refused = auc_of(a->refused[k], a->refused[i], a->tries);

			print_message("# %s / %s: challenge %.3f, refusal %.3f\n", situations[k].what,
			              situations[i].what, asked, refused);
			CHECK_TRUE(is_none(asked));
			CHECK_TRUE(is_none(refused));
		}
		/* The same test sees a refusal that leaves 5 ms early, and a challenge that takes 0.5 ms longer. */
		for (unsigned n = 0; n < a->tries; n++) {
			late[n] = a->refused[i][n] - 5000;
		}
		CHECK_FALSE(is_none(auc_of(a->refused[0], late, a->tries)));
		for (unsigned n = 0; n < a->tries; n++) {
			late[n] = a->challenged[i][n] + 500;
		}
		CHECK_FALSE(is_none(auc_of(a->challenged[0], late, a->tries)));
	}
	free(late);
}

static void test_all(bool reg)
{
	struct alike *a = calloc(1, sizeof(*a));
	const char *tries = getenv("TG_ALIKE_TRIES");

	a->reg = reg;
	a->tries = tries != NULL ? (unsigned)strtoul(tries, NULL, 10) : 10000;
	sim_init(&a->sim, reg ? 71 : 72, &(struct sim_net){ 0 });
	house_open(&a->house, &a->sim,
	           &(struct house_plan){ .iax = iax_conf,
	                                 .extensions = extensions_conf,
	                                 .calls_max = 200,
	                                 .half_open_max = 512,
	                                 .vault_us = 100,
	                                 .vault_spread_us = 2900,
	                                 .is_busy = true });
	a->house.hold = MODEL_WHY_GUARDED;
	a->house.hold_name = "watch";
	bind_right(a);
	for (unsigned i = 0; i < SITUATIONS; i++) {
		a->challenged[i] = calloc(a->tries, sizeof(double));
		a->refused[i] = calloc(a->tries, sizeof(double));
	}
	a->sim.tap = on_tap;
	a->sim.tap_owner = a;
	run(a);
	compare(a);
	a->sim.tap = NULL;
	sim_run_ms(&a->sim, 60000);
	CHECK_UINT(house_decisions(&a->house, MODEL_WHY_OK), 0);
	house_close(&a->house);
	for (unsigned i = 0; i < SITUATIONS; i++) {
		free(a->challenged[i]);
		free(a->refused[i]);
	}
	sim_free(&a->sim);
	free(a);
}

static void test_calls(void **state)
{
	(void)state;
	test_all(false);
}

static void test_registrations(void **state)
{
	(void)state;
	test_all(true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_measure),
		cmocka_unit_test(test_calls),
		cmocka_unit_test(test_registrations),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
