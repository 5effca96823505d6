/* SPDX-License-Identifier: Apache-2.0 */
/*
 * 10,000 calls, and some registrations and POKEs among them, over a network that loses 30 %, repeats 5 % and reorders 5 % of
 * all datagrams. After each step the tables of the endpoint that moved are looked at; in the end every call must be over on
 * both sides, with what was said about it consistent, and nothing may be left of it.
 *
 * Seeded mistakes and what they break here: a repeated frame taken again ("a text is missing, came twice, or out of order");
 * a repeated packet told again ("voice came twice"); media before their codec ("voice came garbled"); frames, numbers or
 * timers not given back ("held by no leg", "set for no leg"); an end not noted ("what its owner was told differ");
 * retransmission without end ("a leg is left over"); counters kept over a call token (too few calls are linked).
 *
 * TG_SEED=n runs one world alone, TG_WORLDS=n that many of them.
 */
#include "iax/inspect.h"
#include "sim.h"

#include "iax/wire.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>

enum {
	WORLDS = 500,
	CALLS = 20, /* in each world */
	LEGS = 48,
	WORLD_S = 90,
	REST_S = 75, /* longer than a quarantine */
	TEXTS = 12,
	TEXTS_LONG = 300, /* more than there are sequence numbers */
	VOICES_MAX = 64,
	STEP_MS = 20,
	FULL_LATE_MS = 10,
};

/* What one side knows of one call. */
struct side {
	struct iax_leg_id leg;
	bool begun, linked, ended, far_accepted;
	enum iax_end end;
	uint8_t cause;
	uint8_t said_cause; /* in our own HANGUP or REJECT */
	uint32_t texts_sent, texts_got;
	uint32_t voices_sent, voices_got;
	uint64_t voice_seen; /* bit n: the far end's packet n came */
	uint32_t first_ts_ms;
};

/* One call's script and fate. 0 is the caller. */
struct call {
	uint64_t start_us, hangup_us;
	unsigned from;   /* node of the caller */
	unsigned hanger; /* side that hangs up */
	bool both_hang;
	bool is_poke, is_reg, is_release;
	bool challenged, wrong_secret, rejected, slow_reject, cancels, answers;
	bool granted, poked;
	bool chatty;
	struct side side[2];
};

struct world {
	struct sim sim;
	struct crypt_random random;
	struct call calls[CALLS];
	uint64_t last_step_us;
};

static uint32_t pick(struct world *w, uint32_t below)
{
	return crypt_random_below(&w->random, below);
}

static bool chance(struct world *w, uint32_t percent)
{
	return pick(w, 100) < percent;
}

static void wrong(const struct world *w, const char *what)
{
	print_error("TG_SEED=%llu at %llu ms: %s\n", (unsigned long long)w->sim.seed,
	            (unsigned long long)(w->sim.now_us / 1000), what);
	fail();
}

static void must(const struct world *w, bool ok, const char *what)
{
	if (!ok) {
		wrong(w, what);
	}
}

static struct iax_endpoint *ep_of(struct world *w, const struct call *call, unsigned side)
{
	return w->sim.nodes[call->from ^ side].ep;
}

static void inspect(void *owner, struct sim *sim)
{
	const char *bad = iax_inspect(sim->nodes[sim->moved].ep);

	if (bad != NULL) {
		wrong(owner, bad);
	}
}

/* ---- The owners ----------------------------------------------------------------------------------------------- */

/* Owner cookies: the call's number + 1. */
static struct call *call_of(struct world *w, uint64_t cookie)
{
	must(w, cookie >= 1 && cookie <= CALLS, "an event names no call");
	return &w->calls[cookie - 1];
}

static uint64_t number_in(const struct world *w, struct tg_span text)
{
	uint64_t n = 0;

	for (size_t i = 0; i < text.len; i++) {
		must(w, text.p[i] >= '0' && text.p[i] <= '9', "a number came garbled");
		n = n * 10 + (uint64_t)(text.p[i] - '0');
	}
	return n;
}

static const char right_digits[] = "0123456789abcdef0123456789abcdef";
static const char wrong_digits[] = "00000000000000000000000000000000";

static void reject(struct world *w, struct call *call, struct iax_endpoint *ep, const struct iax_event *e,
                   uint8_t cause)
{
	const uint64_t at_us = call->slow_reject ? w->sim.now_us + 1000000 : 0;

	call->side[1].said_cause = cause;
	must(w, iax_leg_reject(ep, e->leg, cause, (struct tg_span){ 0 }, at_us, w->sim.now_us) == IAX_OK, "reject");
}

static void grant(struct world *w, struct call *call, struct iax_endpoint *ep, const struct iax_event *e)
{
	const struct iax_reg_grant given = { .username = TG_SPAN_LIT("x"), .refresh_s = 77 };

	if (call->rejected) {
		reject(w, call, ep, e, IAX_CAUSE_NO_ROUTE);
	} else if (call->is_reg) {
		must(w, iax_reg_accept(ep, e->leg, &given, w->sim.now_us) == IAX_OK, "grant");
		call->granted = true;
	} else {
		must(w, iax_call_accept(ep, e->leg, IAX_FORMAT_ULAW, w->sim.now_us) == IAX_OK, "accept");
	}
}

static void on_request(struct world *w, struct iax_endpoint *ep, const struct iax_event *e)
{
	const bool is_reg = e->kind == IAX_EV_REG_REQUEST;
	const uint64_t n = number_in(w, is_reg ? e->ies->username : e->ies->called_number);
	struct call *call = call_of(w, n);

	must(w, e->proof == IAX_PROVEN, "an opening without proof");
	must(w, call->is_reg == is_reg && e->release == (is_reg && call->is_release), "an opening of another kind");
	must(w, !call->side[1].begun, "a call was offered twice");
	call->side[1].begun = true;
	call->side[1].leg = e->leg;
	iax_leg_set_owner(ep, e->leg, n);
	if (call->challenged) {
		must(w, iax_leg_challenge(ep, e->leg, IAX_AUTH_MD5, TG_SPAN_LIT("c"), w->sim.now_us) == IAX_OK,
		     "challenge");
	} else {
		grant(w, call, ep, e);
	}
}

static void on_verify(struct world *w, struct call *call, struct iax_endpoint *ep, const struct iax_event *e)
{
	must(w, call->challenged, "an answer without a challenge");
	if (tg_span_equal(e->ies->md5_result, tg_span_text(right_digits))) {
		must(w, !call->wrong_secret, "a right answer out of nothing");
		grant(w, call, ep, e);
	} else {
		must(w, call->wrong_secret, "an answer came garbled");
		reject(w, call, ep, e, IAX_CAUSE_NOT_SUBSCRIBED);
	}
}

static void on_challenged(struct world *w, struct call *call, struct iax_endpoint *ep, const struct iax_event *e)
{
	const struct tg_span digits = tg_span_text(call->wrong_secret ? wrong_digits : right_digits);

	must(w, call->challenged, "a challenge out of nothing");
	must(w, iax_leg_respond_md5(ep, e->leg, digits, w->sim.now_us) == IAX_OK, "respond");
}

static void on_confirmed(struct world *w, struct call *call, struct iax_endpoint *ep, const struct iax_event *e)
{
	must(w, !call->rejected && !call->wrong_secret, "a refused call was confirmed");
	call->side[1].linked = true;
	if (call->answers) {
		/* The frame that confirmed may have been a HANGUP: then the end is the next event. */
		const enum iax_err err = iax_leg_control(ep, e->leg, IAX_CONTROL_ANSWER, (struct tg_span){ 0 },
		                                         w->sim.now_us);

		must(w, err == IAX_OK || err == IAX_ERR_NO_LEG, "answer");
	}
}

/* TEXT frames carry their number: each must come once and in order, whatever the network does. */
static void on_text(const struct world *w, const struct call *call, struct side *side, const struct side *far,
                    const struct iax_event *e)
{
	(void)call;
	must(w, e->payload.len == 3, "a text came garbled");
	must(w, (e->payload.p[1] << 8 | e->payload.p[2]) == (int)side->texts_got,
	     "a text is missing, came twice, or out of order");
	side->texts_got++;
	must(w, side->texts_got <= far->texts_sent, "a text out of nothing");
}

/* Voice carries the call's number, its own, and its timestamp. */
static void on_voice(const struct world *w, const struct call *call, struct side *side, const struct side *far,
                     const struct iax_event *e)
{
	const uint64_t number = (uint64_t)(call - w->calls) + 1;
	const uint8_t n = e->payload.p[1];

	must(w, e->payload.len == 160 && e->format == IAX_FORMAT_ULAW, "voice came garbled");
	must(w, e->payload.p[0] == number && n < far->voices_sent, "voice out of nothing");
	/* A full frame is stamped later than any full frame before it, if only by this much. */
	const uint32_t late_ms = e->ts_ms - (far->first_ts_ms + n * (uint32_t)STEP_MS);

	must(w, late_ms <= (e->full ? FULL_LATE_MS : 0), "voice at a wrong time");
	must(w, (side->voice_seen >> n & 1) == 0, "voice came twice");
	side->voice_seen |= UINT64_C(1) << n;
	side->voices_got++;
}

static void on_ended(const struct world *w, struct side *side, const struct iax_event *e)
{
	must(w, !side->ended, "a leg ended twice");
	side->ended = true;
	side->linked = false;
	side->end = e->end;
	side->cause = e->cause;
}

static void on_event(void *owner, struct sim *sim, unsigned node, const struct iax_event *e)
{
	struct world *w = owner;
	struct iax_endpoint *ep = sim->nodes[node].ep;

	if (e->kind == IAX_EV_OFFERED || e->kind == IAX_EV_REG_REQUEST) {
		on_request(w, ep, e);
		return;
	}
	struct call *call = call_of(w, e->owner);
	const unsigned which = node == call->from ? 0 : 1;
	struct side *side = &call->side[which], *far = &call->side[!which];

	must(w, tg_ref_equal(e->leg.ref, side->leg.ref), "an event for another leg");
	must(w, !side->ended, "something happened after the end");
	if (e->kind == IAX_EV_VERIFY) {
		on_verify(w, call, ep, e);
	} else if (e->kind == IAX_EV_CHALLENGED) {
		on_challenged(w, call, ep, e);
	} else if (e->kind == IAX_EV_ACCEPTED) {
		must(w, call->side[1].begun && e->format == IAX_FORMAT_ULAW, "accepted out of nothing");
		side->linked = side->far_accepted = true;
	} else if (e->kind == IAX_EV_CONFIRMED) {
		on_confirmed(w, call, ep, e);
	} else if (e->kind == IAX_EV_FRAME) {
		on_text(w, call, side, far, e);
	} else if (e->kind == IAX_EV_VOICE) {
		on_voice(w, call, side, far, e);
	} else if (e->kind == IAX_EV_REG_ACKED) {
		must(w, call->granted && e->refresh_s == (call->is_release ? 0 : 77), "a registration out of nothing");
		side->far_accepted = true;
	} else if (e->kind == IAX_EV_POKED) {
		call->poked = true;
	} else if (e->kind == IAX_EV_ENDED) {
		on_ended(w, side, e);
	}
}

/* ---- The script ----------------------------------------------------------------------------------------------- */

static void write_call(struct world *w, struct call *call, unsigned i)
{
	*call = (struct call){ 0 };
	call->start_us = w->sim.now_us + pick(w, (WORLD_S - 40) * 1000) * (uint64_t)TG_US_PER_MS;
	call->hangup_us = call->start_us + pick(w, 30000) * (uint64_t)TG_US_PER_MS;
	call->from = pick(w, 2);
	call->hanger = pick(w, 2);
	call->both_hang = chance(w, 10);
	call->is_poke = i % 20 == 0;
	call->is_reg = !call->is_poke && chance(w, 15);
	call->is_release = call->is_reg && chance(w, 30);
	call->challenged = chance(w, 70);
	call->wrong_secret = call->challenged && chance(w, 10);
	call->rejected = chance(w, 10);
	call->slow_reject = chance(w, 50);
	call->cancels = chance(w, 5);
	call->answers = chance(w, 80);
	call->chatty = chance(w, 5);
	if (call->cancels) {
		call->hangup_us = call->start_us + pick(w, 200000);
		call->hanger = 0;
	}
}

static void start(struct world *w, struct call *call)
{
	const uint64_t n = (uint64_t)(call - w->calls) + 1;
	char text[8];
	struct iax_leg_id *leg = &call->side[0].leg;
	const struct tg_addr remote = w->sim.nodes[!call->from].addr, local = w->sim.nodes[call->from].addr;
	enum iax_err err;

	snprintf(text, sizeof(text), "%u", (unsigned)n);
	if (call->is_poke) {
		err = iax_poke_open(ep_of(w, call, 0), remote, local, 2000, n, w->sim.now_us, leg);
	} else if (call->is_reg) {
		const struct iax_reg_open open = {
			.remote = remote,
			.local = local,
			.owner = n,
			.username = tg_span_text(text),
			.refresh_s = 60,
			.release = call->is_release,
		};

		err = iax_reg_open(ep_of(w, call, 0), &open, w->sim.now_us, leg);
	} else {
		const struct iax_call_open open = {
			.remote = remote,
			.local = local,
			.owner = n,
			.called_number = tg_span_text(text),
			.username = TG_SPAN_LIT("alice"),
			.format = IAX_FORMAT_ULAW,
			.capability = IAX_FORMAT_ULAW,
		};

		err = iax_call_open(ep_of(w, call, 0), &open, w->sim.now_us, leg);
	}
	must(w, err == IAX_OK, "a call cannot be opened");
	call->side[0].begun = true;
	sim_pump(&w->sim, call->from);
}

static void hang_up(struct world *w, struct call *call, unsigned which)
{
	struct side *side = &call->side[which];

	if (!side->begun || side->ended || call->is_reg || call->is_poke) {
		return;
	}
	side->said_cause = (uint8_t)(IAX_CAUSE_NORMAL_CLEARING + which);
	must(w,
	     iax_leg_hangup(ep_of(w, call, which), side->leg, side->said_cause, (struct tg_span){ 0 }, w->sim.now_us) ==
	             IAX_OK,
	     "a call cannot be hung up");
	sim_pump(&w->sim, call->from ^ which);
	must(w, side->ended, "a hangup did not end the call at once");
}

static void talk(struct world *w, struct call *call, unsigned which)
{
	struct side *side = &call->side[which];
	struct iax_endpoint *ep = ep_of(w, call, which);
	const uint8_t n = (uint8_t)(call - w->calls + 1);

	if (!side->linked) {
		return;
	}
	if (side->voices_sent < VOICES_MAX) {
		const uint8_t payload[160] = { n, (uint8_t)side->voices_sent };

		if (side->voices_sent == 0) {
			side->first_ts_ms = iax_leg_clock_ms(ep, side->leg, w->sim.now_us);
		}
		const enum iax_err err = iax_leg_voice(
			ep, side->leg, IAX_FORMAT_ULAW, side->first_ts_ms + side->voices_sent * STEP_MS,
			(struct tg_span){ payload, sizeof(payload) }, false, w->sim.now_us);

		must(w, err == IAX_OK || err == IAX_ERR_LIMITED, "voice cannot be sent");
		side->voices_sent++;
	}
	if (side->texts_sent < (call->chatty ? TEXTS_LONG : TEXTS) && chance(w, call->chatty ? 60 : 3)) {
		const uint8_t payload[3] = { n, (uint8_t)(side->texts_sent >> 8), (uint8_t)side->texts_sent };
		const enum iax_err err = iax_leg_frame(ep, side->leg, IAX_FRAME_TEXT, 0,
		                                       (struct tg_span){ payload, sizeof(payload) }, w->sim.now_us);

		must(w, err == IAX_OK || err == IAX_ERR_LIMITED, "a text cannot be sent");
		side->texts_sent += err == IAX_OK;
	}
	sim_pump(&w->sim, call->from ^ which);
}

static void step(struct world *w, struct call *call)
{
	if (call->start_us <= w->sim.now_us && !call->side[0].begun) {
		start(w, call);
	}
	if (!call->side[0].begun) {
		return;
	}
	if (call->hangup_us <= w->sim.now_us) {
		hang_up(w, call, call->hanger);
		if (call->both_hang) {
			hang_up(w, call, !call->hanger);
		}
	}
	talk(w, call, 0);
	talk(w, call, 1);
}

/* ---- What must be true of each call in the end ---------------------------------------------------------------- */

static void judge_sides(const struct world *w, const struct call *call, const struct side *side, const struct side *far)
{
	must(w, side->ended || !side->begun, "a call never ended");
	must(w, side->end != IAX_END_INVAL || far->ended, "INVAL for a call that lives");
	if (side->ended && (side->end == IAX_END_REMOTE || side->end == IAX_END_REJECTED)) {
		must(w, far->begun && far->ended, "the far end ended what it does not know");
		must(w, far->said_cause == 0 || side->cause == far->said_cause || far->end == IAX_END_TIMEOUT,
		     "the cause changed on the way");
	}
	if (side->end == IAX_END_REMOTE && side->ended && far->end == IAX_END_LOCAL) {
		must(w, side->texts_got == far->texts_sent, "a text was lost before the HANGUP behind it");
	}
	must(w, side->end != IAX_END_EVICTED, "a call was evicted without need");
	(void)call;
}

static void judge(const struct world *w, const struct call *call)
{
	const struct side *a = &call->side[0], *b = &call->side[1];

	must(w, a->begun && a->ended, "a call never ended at its caller");
	judge_sides(w, call, a, b);
	judge_sides(w, call, b, a);
	must(w, a->end != IAX_END_DONE || call->is_poke || call->is_reg, "a call is no registration");
	must(w, !call->is_reg || a->end != IAX_END_DONE || call->granted, "registered out of nothing");
	must(w, !call->is_poke || (a->end == IAX_END_DONE) == call->poked, "a POKE's answer and end differ");
	must(w, !a->far_accepted || call->is_reg || b->begun, "accepted by nobody");
	must(w, !(call->rejected && a->far_accepted), "a refused call was accepted");
}

struct tally {
	uint32_t linked, timeouts, rejected, remote, texts, voices, invals, pokes, regs;
};

static void count(struct tally *t, const struct call *call)
{
	for (unsigned i = 0; i < 2; i++) {
		const struct side *s = &call->side[i];

		t->timeouts += s->ended && s->end == IAX_END_TIMEOUT;
		t->rejected += s->ended && s->end == IAX_END_REJECTED;
		t->remote += s->ended && s->end == IAX_END_REMOTE;
		t->invals += s->ended && s->end == IAX_END_INVAL;
		t->texts += s->texts_got;
		t->voices += s->voices_got;
	}
	t->linked += call->side[0].far_accepted && !call->is_reg;
	t->pokes += call->poked;
	t->regs += call->side[0].far_accepted && call->is_reg;
}

static void judge_world(struct world *w, struct tally *tally)
{
	for (unsigned i = 0; i < CALLS; i++) {
		judge(w, &w->calls[i]);
		count(tally, &w->calls[i]);
	}
	for (unsigned i = 0; i < 2; i++) {
		struct iax_endpoint_stats stats;

		iax_endpoint_stats(w->sim.nodes[i].ep, &stats);
		must(w, stats.legs == 0, "a leg is left over");
		must(w, stats.frames_pending == 0, "a frame is left over");
		must(w, stats.numbers_used == 0, "a number is left over");
		must(w, iax_endpoint_deadline_us(w->sim.nodes[i].ep) == TG_NEVER, "a timer is left over");
	}
	must(w, w->sim.packet_count == 0, "somebody still sends");
}

static void run_world(uint64_t seed, struct tally *tally)
{
	/* From next door to the far side of the earth. */
	const struct sim_net net = {
		.loss_permille = 300,
		.repeat_permille = 50,
		.reorder_permille = 50,
		.delay_us = 1000 + (uint32_t)(seed * 7919 % 300000),
		.spread_us = 10000,
		.reorder_us = 150000,
	};
	struct world *w = malloc(sizeof(*w));
	const struct sim_owner owner = { .owner = w, .on_event = on_event };
	struct iax_config config = sim_config();

	config.legs_max = LEGS;
	config.half_open_host = LEGS;
	sim_init(&w->sim, seed, &net);
	crypt_random_init(&w->random, w->sim.random.seed);
	w->sim.check = inspect;
	w->sim.check_owner = w;
	sim_add(&w->sim, &config, &owner);
	sim_add(&w->sim, &config, &owner);
	for (unsigned i = 0; i < CALLS; i++) {
		write_call(w, &w->calls[i], i);
	}
	for (unsigned t = 0; t < WORLD_S * 1000 / STEP_MS; t++) {
		for (unsigned i = 0; i < CALLS; i++) {
			step(w, &w->calls[i]);
		}
		sim_run_ms(&w->sim, STEP_MS);
	}
	sim_run_ms(&w->sim, REST_S * 1000);
	judge_world(w, tally);
	sim_free(&w->sim);
	free(w);
}

static void test_every_call_ends_right_on_both_sides(void **state)
{
	const char *one = getenv("TG_SEED"), *many = getenv("TG_WORLDS");
	const uint64_t worlds = one != NULL ? 1 : many != NULL ? strtoull(many, NULL, 10) : WORLDS;
	struct tally tally = { 0 };

	(void)state;
	for (uint64_t i = 0; i < worlds; i++) {
		run_world(one != NULL ? strtoull(one, NULL, 10) : i + 1, &tally);
	}
	print_message("# %u calls: %u linked, %u registered, %u poked; sides: %u remote, %u rejected, %u timed out, %u "
	              "INVAL; "
	              "%u texts, %u voice packets\n",
	              (unsigned)(worlds * CALLS), tally.linked, tally.regs, tally.pokes, tally.remote, tally.rejected,
	              tally.timeouts, tally.invals, tally.texts, tally.voices);
	CHECK_TRUE(one != NULL || tally.linked > worlds * CALLS / 3);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_call_ends_right_on_both_sides),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
