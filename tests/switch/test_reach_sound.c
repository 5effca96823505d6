/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nothing is reached that was not reported: dialplans by chance, read as any other, are run in the simulator with calls by chance from
 * every account, and each peer and number that is really called must be among those that reach.h tells.
 */
#include "scene.h"

#include <stdio.h>
#include <stdlib.h>

#include "conf/memory_files.h"
#include "iax/format.h"
#include "iax/leg.h"
#include "switch/reach.h"

enum { CONTEXTS = 3, CALLS = 9, PLAN_BYTES = 16384, PEERS = 3 };

struct tried {
	uint64_t seed;
	struct crypt_random random;
	struct scene *s;
	struct reach *reach;
	unsigned callee;
	struct handset guest, nameless;
	char plan[PLAN_BYTES];
	size_t plan_len;
	uint32_t calls, dialled, precise;
};

static uint32_t roll(struct tried *t, uint32_t bound)
{
	return crypt_random_below(&t->random, bound);
}

#define PICK(t, list) ((list)[roll((t), (uint32_t)TG_COUNT(list))])

static TG_PRINTF(2, 3) void put(struct tried *t, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	t->plan_len += (size_t)vsnprintf(t->plan + t->plan_len, sizeof(t->plan) - t->plan_len, format, args);
	va_end(args);
	CHECK_TRUE(t->plan_len < sizeof(t->plan));
}

/* ---- A dialplan ------------------------------------------------------------------------------------------------- */

static void put_value(struct tried *t)
{
	static const char *const theirs[] = {
		"${EXTEN}",
		"${EXTEN}",
		"${EXTEN:1}",
		"${EXTEN:2}",
		"${EXTEN:1:2}",
		"${EXTEN:-2}",
		"${EXTEN:0:-1}",
		"${EXTEN:-3:2}",
		"${V}",
		"${W}",
		"${G}",
		"${ARG1}",
		"${ARG2}",
		"${CALLERID(num)}",
		"${CALLERID(name):1}",
		"${DNID}",
		"$[${EXTEN} + 1]",
		"${CONTEXT}",
		"${PRIORITY}",
		"${DIALSTATUS}",
		"${GOSUB_RETVAL}",
		"${LOCAL(V)}",
		"${GLOBAL(G)}",
		"${${W}}",
		"${EXTEN:${W}}",
		"$[${V} : 9]",
		"${V:1}",
		"${W:0:1}",
		"${SET}",
		"${IAXVAR(z):0:2}",
		"${CDR(dst):1}",
		"${EXTEN:1}${V}",
		"${ARGC}",
		"$[\"${V}\" = \"9\"]",
		"${CALLERID(dnid)}",
	};
	static const char *const ours[] = { "9", "00", "1", "2", "V", "44", "p1", "", "7-7", " 5" };

	put(t, "%s", roll(t, 4) == 0 ? PICK(t, ours) : PICK(t, theirs));
}

static void put_number(struct tried *t)
{
	static const char *const prefixes[] = { "", "", "", "0", "99", "00" };

	put(t, "%s", PICK(t, prefixes));
	put_value(t);
	if (roll(t, 4) == 0) {
		put_value(t);
	}
}

static void put_dial(struct tried *t)
{
	const unsigned targets = 1 + roll(t, 6) / 5;

	put(t, "Dial(");
	for (unsigned i = 0; i < targets; i++) {
		put(t, "%sIAX2/", i > 0 ? "&" : "");
		if (roll(t, 12) == 0) {
			put(t, "%s", roll(t, 2) == 0 ? "${V}" : "p${W}");
		} else {
			put(t, "%sp%u", roll(t, 8) == 0 ? "someone@" : "", (unsigned)roll(t, PEERS) + 1);
		}
		if (roll(t, 8) != 0) {
			put(t, "/");
			put_number(t);
			put(t, "%s", roll(t, 6) == 0 ? "@there" : "");
		}
	}
	put(t, "%s)", roll(t, 3) == 0 ? ",1,g" : roll(t, 2) == 0 ? ",1" : "");
}

/* Only places that exist: nothing else is read. */
static void put_place(struct tried *t)
{
	static const char *const numbers[] = { "100", "s", "${EXTEN}", "${EXTEN:1}", "9${EXTEN}", "${V}", "x${V}" };

	switch (roll(t, 5)) {
	case 0:
		put(t, "c%u,%s,1", (unsigned)roll(t, CONTEXTS), roll(t, 2) == 0 ? "100" : "s");
		break;
	case 1:
		put(t, "c%u,%s,1", (unsigned)roll(t, CONTEXTS), PICK(t, numbers));
		break;
	case 2:
		put(t, "%s,here", PICK(t, numbers));
		break;
	case 3:
		put(t, "c%u,${EXTEN},%s", (unsigned)roll(t, CONTEXTS), roll(t, 2) == 0 ? "${W}" : "2");
		break;
	default:
		put(t, "c%u,", (unsigned)roll(t, CONTEXTS));
		put_value(t);
		put(t, ",1");
		break;
	}
}

static void put_places(struct tried *t)
{
	const bool yes = roll(t, 4) != 0;

	if (yes) {
		put_place(t);
	}
	if (!yes || roll(t, 2) == 0) {
		put(t, ":");
		put_place(t);
	}
}

static void put_if(struct tried *t)
{
	static const char *const conditions[] = { "$[\"${EXTEN:0:1}\" = \"1\"]", "${V}", "$[${W} > 1]", "0", "1" };

	put(t, "%s?", PICK(t, conditions));
	put_places(t);
}

static void put_if_time(struct tried *t)
{
	static const char *const times[] = {
		"9:00-17:00,mon-fri", "*", "*,*,*,dec", "${V}", "8:00-8:00", "*,*,*,*,UTC0"
	};

	put(t, "GotoIfTime(%s?", PICK(t, times));
	put_places(t);
	put(t, ")");
}

static void put_set(struct tried *t)
{
	static const char *const names[] = { "V", "W", "__V", "GLOBAL(G)", "LOCAL(V)", "SET", "CALLERID(num)", "${W}" };

	put(t, "Set(%s=", roll(t, 12) == 0 ? names[7] : names[roll(t, 7)]);
	put_number(t);
	put(t, ")");
}

static void put_app(struct tried *t)
{
	static const char *const plain[] = {
		"Answer(,i)",
		"NoOp(${EXTEN})",
		"Ringing()",
		"Wait(0.01)",
		"StackPop()",
		"SendDTMF(1)",
		"Progress()",
		"Proceeding()",
		"Playback(none)",
		"Verbose(x)",
		"Hangup()",
		"Busy(0.1)",
		"Echo()",
		"WaitExten(0.2)",
		"WaitExten(0.2)",
		"Return(${EXTEN:1})",
		"Return(9)",
		"Congestion(0.1)",
		"Playtones(440)",
		"StopPlaytones()",
		"Milliwatt(m)",
		"Milliwatt(o)",
		"Set(TIMEOUT(response)=0.1)",
		"Set(TIMEOUT(digit)=0.1)",
	};

	switch (roll(t, 10)) {
	case 0:
	case 1:
	case 2:
		put_dial(t);
		break;
	case 3:
		put_set(t);
		break;
	case 4:
		put(t, "Goto(");
		put_place(t);
		put(t, ")");
		break;
	case 5:
		if (roll(t, 3) == 0) {
			put_if_time(t);
			break;
		}
		put(t, "GotoIf(");
		put_if(t);
		put(t, ")");
		break;
	case 6:
		put(t, "Gosub(c%u,%s,1(", (unsigned)roll(t, CONTEXTS), roll(t, 2) == 0 ? "100" : "s");
		put_value(t);
		put(t, ",");
		put_value(t);
		put(t, "))");
		break;
	case 7:
		put(t, "GosubIf(${V}?c%u,s,1(5):c%u,100,1(", (unsigned)roll(t, CONTEXTS), (unsigned)roll(t, CONTEXTS));
		put_value(t);
		put(t, "))");
		break;
	default:
		put(t, "%s", PICK(t, plain));
		break;
	}
}

static void put_exten(struct tried *t, const char *pattern, unsigned first)
{
	const unsigned steps = 1 + roll(t, 3);

	for (unsigned i = first; i < first + steps; i++) {
		put(t, "exten => %s,%u%s,", pattern, i, i == 1 ? "(here)" : "");
		put_app(t);
		put(t, "\n");
	}
}

static void put_context(struct tried *t, unsigned context)
{
	static const char *const patterns[] = {
		"_X",  "_XX",  "_0X.", "_00.", "_0900.", "_9X.",  "_[1-3]X",  "_X!", "_1N",
		"_!",  "_.",   "911",  "h",    "i",      "t",     "T",        "e",   "_1-2X",
		"_9.", "_X/1", "_N.",  "12",   "_*X",    "_X-X.", "_[a-z]X.", "_0!",
	};
	bool used[TG_COUNT(patterns)] = { false };
	const unsigned count = 2 + roll(t, 5);

	put(t, "[c%u]\n", context);
	put_exten(t, "100", 1);
	put_exten(t, "s", 1);
	put_exten(t, "_X.", 1);
	for (unsigned i = 0; i < count; i++) {
		const uint32_t at = roll(t, (uint32_t)TG_COUNT(patterns));

		if (!used[at]) {
			put_exten(t, patterns[at], 1 + roll(t, 5) / 4);
		}
		used[at] = true;
	}
	for (unsigned i = context + 1; i < CONTEXTS; i++) {
		if (roll(t, 2) == 0) {
			put(t, "include => c%u%s\n", i, roll(t, 3) == 0 ? ",9:00-17:00,*,*,*" : "");
		}
	}
}

static void make_plan(struct tried *t)
{
	t->plan_len = 0;
	put(t, "[general]\nautofallthrough=%s\n[globals]\nG=%s\n", roll(t, 4) == 0 ? "no" : "yes",
	    roll(t, 2) == 0 ? "9" : "");
	for (unsigned i = 0; i < CONTEXTS; i++) {
		put_context(t, i);
	}
}

/* ---- Who is called ---------------------------------------------------------------------------------------------- */

static uint32_t peer_named(const struct world *world, struct tg_span name)
{
	const struct world_peer *peer = world_peer_find(world, name);

	return peer == NULL ? REACH_ANY_PEER
	                    : (uint32_t)(peer - (const struct world_peer *)world_row(world, WORLD_PEERS, 0));
}

static uint32_t entry_of(const struct tried *t, struct tg_span account)
{
	const struct world *world = t->s->house.conf[0].world;

	for (uint32_t i = 0; i < reach_entries(t->reach); i++) {
		const struct world_user *user = world_row(world, WORLD_USERS, reach_entry_at(t->reach, i).user);

		if (tg_span_equal(world_span(world, user->name), account)) {
			return i;
		}
	}
	CHECK_TRUE(false);
	return 0;
}

static bool is_precise(const struct tried *t, uint32_t entry, uint32_t peer, struct tg_span number)
{
	for (uint32_t i = 0; i < reach_entry_at(t->reach, entry).egresses; i++) {
		const struct reach_egress *egress = reach_egress_at(t->reach, entry, i);

		if (egress->peer == peer && reach_text_matches(reach_sets_of(t->reach), &egress->numbers, number)) {
			return true;
		}
	}
	return false;
}

/* Each peer has its name as what it is sent to as: one of the two, for Dial can say another. */
static uint32_t peer_of(const struct world *world, const struct iax_ies *ies)
{
	const uint32_t peer = peer_named(world, ies->username);

	return peer != REACH_ANY_PEER ? peer : peer_named(world, ies->called_context);
}

static bool was_told(const struct tried *t, uint32_t entry, uint32_t peer, struct tg_span number)
{
	bool told = peer != REACH_ANY_PEER && reach_has(t->reach, entry, peer, number);

	for (uint32_t i = 0; i < PEERS && peer == REACH_ANY_PEER; i++) {
		told = told || reach_has(t->reach, entry, i, number);
	}
	return told;
}

/* A message has little room. */
static void print_plan(const struct tried *t)
{
	for (size_t at = 0; at < t->plan_len; at += 800) {
		print_error("%.800s", t->plan + at);
	}
}

/* The caller's account comes as the language of the call, which no dialplan here changes. */
static void on_offered(struct tried *t, const struct iax_ies *ies)
{
	const uint32_t entry = entry_of(t, ies->language), peer = peer_of(t->s->house.conf[0].world, ies);

	t->dialled++;
	t->precise += is_precise(t, entry, peer, ies->called_number);
	if (!was_told(t, entry, peer, ies->called_number)) {
		print_plan(t);
		print_error("seed %llu: [%.*s] reached %.*s/%.*s, which was not told\n", (unsigned long long)t->seed,
		            (int)ies->language.len, (const char *)ies->language.p, (int)ies->username.len,
		            (const char *)ies->username.p, (int)ies->called_number.len,
		            (const char *)ies->called_number.p);
		CHECK_TRUE(false);
	}
}

static void on_callee_event(void *owner, struct sim *sim, unsigned node, const struct iax_event *event)
{
	static const uint8_t says[] = { IAX_CONTROL_ANSWER, IAX_CONTROL_BUSY, IAX_CONTROL_CONGESTION,
		                        IAX_CONTROL_RINGING };
	struct tried *t = owner;
	struct iax_endpoint *ep = sim->nodes[node].ep;
	enum iax_err err = IAX_OK;

	if (event->kind == IAX_EV_OFFERED) {
		on_offered(t, event->ies);
		err = roll(t, 3) == 0 ? iax_leg_reject(ep, event->leg, (uint8_t)(1 + roll(t, 60)),
		                                       (struct tg_span){ 0 }, 0, sim->now_us)
		                      : iax_call_accept(ep, event->leg, IAX_FORMAT_ULAW, sim->now_us);
	} else if (event->kind == IAX_EV_CONFIRMED) {
		err = iax_leg_control(ep, event->leg, PICK(t, says), (struct tg_span){ 0 }, sim->now_us);
		if (roll(t, 2) == 0) {
			err = iax_leg_hangup(ep, event->leg, 16, (struct tg_span){ 0 }, sim->now_us);
		}
	}
	(void)err; /* the other side may have gone */
}

/* ---- Who calls -------------------------------------------------------------------------------------------------- */

static void make_number(struct tried *t, char out[24])
{
	static const char *const whole[] = { "100", "s", "911", "12", "0900123", "0012345", "99", "100", "e", "h" };
	static const char odd[] = "0123456789-, &/@ai#*(+:";
	const uint32_t len = roll(t, 8);

	if (roll(t, 4) == 0) {
		snprintf(out, 24, "%s", PICK(t, whole));
		return;
	}
	for (uint32_t i = 0; i < len; i++) {
		out[i] = odd[roll(t, roll(t, 3) == 0 ? sizeof(odd) - 1 : 11)];
	}
	out[len] = '\0';
}

static void call(struct tried *t)
{
	static const char *const contexts[] = { "", "", "c0", "c1", "c2" };
	static const char *const callers[] = { "", "1", "201", "p2/44", "9&IAX2" };
	struct handset *const phones[] = { &t->s->alice, &t->s->bob, &t->guest, &t->nameless };
	struct handset *phone = PICK(t, phones);
	const struct iax_variable variable = { TG_SPAN_LIT("z"), tg_span_text(PICK(t, callers)) };
	char number[24];

	make_number(t, number);
	phone->hangup_after_ms = roll(t, 2) == 0 ? HANDSET_NEVER : 100 * roll(t, 20);
	handset_dial(phone, &t->s->house,
	             &(struct handset_dial){ .number = number,
	                                     .user = phone == &t->nameless ? "" : NULL,
	                                     .context = PICK(t, contexts),
	                                     .calling = PICK(t, callers),
	                                     .calling_name = PICK(t, callers),
	                                     .variables = &variable,
	                                     .variable_count = roll(t, 2) });
	t->calls++;
	for (unsigned i = 0; i < 4; i++) {
		sim_run_ms(&t->s->sim, 20 + roll(t, 200));
		if (phone->line_count > 0 && handset_last(phone)->live && handset_last(phone)->accepted_us > 0) {
			handset_digit(phone, phone->line_count - 1, "0123456789#*"[roll(t, 12)]);
		}
	}
	sim_run_ms(&t->s->sim, 100 + roll(t, 2500));
}

/* ---- One dialplan ----------------------------------------------------------------------------------------------- */

static const char iax_conf[] =
	"[general]\n"
	"[alice]\ntype=user\nsecret=alice-secret\ncontext=c0\nlanguage=alice\nsetvar=W=2\n"
	"[bob]\ntype=user\nsecret=bob-secret\ncontext=c1\ncontext=c2\nlanguage=bob\nsetvar=V=44\n"
	"[guest]\ntype=user\ncontext=c2\nlanguage=guest\n"
	"[p1]\ntype=peer\nhost=192.0.2.5\nusername=p1\npeercontext=p1\nchargeable=no\n"
	"[p2]\ntype=peer\nhost=192.0.2.5\nusername=p2\npeercontext=p2\nchargeable=no\n"
	"[p3]\ntype=peer\nhost=192.0.2.5\nusername=p3\npeercontext=p3\nchargeable=no\n";

static void open_phones(struct tried *t)
{
	const struct iax_config config = sim_config();

	t->callee = sim_add(&t->s->sim, &config, &(struct sim_owner){ .owner = t, .on_event = on_callee_event });
	CHECK_UINT(t->callee, 4);
	handset_open(&t->guest, &t->s->sim, "guest", NULL);
	handset_open(&t->nameless, &t->s->sim, "nobody", NULL);
	t->s->alice.careless = t->s->bob.careless = t->guest.careless = t->nameless.careless = true;
	t->s->alice.stays = t->s->bob.stays = true;
}

static bool is_read(const struct tried *t)
{
	const struct memory_file files[] = { { "iax.conf", iax_conf, 0 }, { "extensions.conf", t->plan, 0 } };
	struct memory_files all = { files, TG_COUNT(files) };
	const struct conf_files io = memory_files_io(&all);
	struct conf_result conf;

	conf_load(&io, &conf);
	const bool well = !conf.failed;

	if (!well && getenv("TG_REACH_SHOW") != NULL) {
		print_message("%s\n%s\n", problems_dump(&conf.problems), t->plan);
	}
	conf_result_free(&conf);
	return well;
}

/* @return false if the dialplan is none */
static bool try(struct tried *t, uint64_t seed)
{
	uint8_t bytes[CRYPT_SEED_BYTES] = { 'r' };

	memcpy(bytes + 1, &seed, sizeof(seed));
	crypt_random_init(&t->random, bytes);
	t->seed = seed;
	make_plan(t);
	if (!is_read(t)) {
		return false;
	}
	t->s = scene_new_with(seed, &(struct house_plan){ .iax = iax_conf, .extensions = t->plan, .is_busy = true },
	                      &(struct sim_net){ .delay_us = 1000 });
	t->reach = reach_new(t->s->house.conf[0].world);
	CHECK_TRUE(t->reach != NULL);
	open_phones(t);
	for (unsigned i = 0; i < CALLS; i++) {
		call(t);
	}
	sim_run_ms(&t->s->sim, 3000);
	scene_free(t->s); /* calls go on in there */
	reach_free(t->reach);
	handset_close(&t->guest);
	handset_close(&t->nameless);
	return true;
}

static void test_nothing_is_reached_that_was_not_told(void **state)
{
	const char *wanted = getenv("TG_REACH_SEEDS"), *one = getenv("TG_REACH_SEED");
	const uint64_t seeds = wanted != NULL ? strtoull(wanted, NULL, 10) : 500;
	struct tried *t = calloc(1, sizeof(*t));
	uint32_t plans = 0;
	(void)state;

	CHECK_TRUE(t != NULL);
	for (uint64_t seed = one != NULL ? strtoull(one, NULL, 10) : 0, n = 0; n < (one != NULL ? 1 : seeds); n++) {
		plans += try(t, seed++);
	}
	print_message("# %u dialplans, %u calls, %u sent on, %u of them to what was told exactly\n", plans, t->calls,
	              t->dialled, t->precise);
	CHECK_TRUE(one != NULL || (plans > seeds / 2 && t->dialled > plans && t->precise > t->dialled / 2));
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_is_reached_that_was_not_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
