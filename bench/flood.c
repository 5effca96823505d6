/* SPDX-License-Identifier: Apache-2.0 */
#include "flood.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys/clock.h"

/*
 * tg-flood PORT KIND RUN SECONDS PER-SECOND (or PORT siege|siege-wrong ADDRESSES SECONDS 0): calls are set up; then, after "ready" was said
 * and a line read, the flood, with new calls for SECONDS and until each of them is up or given up; then one line of JSON. The
 * exchange at 127.0.0.1:PORT has the accounts of the groups and an echo at 600. bench/flood.py starts both.
 */

enum {
	STEADY = 100,
	FRAME_US = 20 * TG_US_PER_MS,
	WARM_US = 15 * TG_US_PER_S,
	WARM_CALLS_PER_S = 50,
	SPEAK_US = TG_US_PER_S,       /* voice before the flood */
	SETTLE_US = TG_US_PER_S / 5,  /* for what is still on its way */
	REPEATS_US = 8 * TG_US_PER_S, /* most that the flood goes on for calls that are repeated */
	CALLS_MAX = 4096,
	GUESSERS = 2000, /* registrations under way */
	GUESSES_A_TURN = 8,
	GUESS_SOURCES = 65536,
};

enum group { GROUP_STEADY, GROUP_WARM, GROUP_KNOWN, GROUP_NEW, GROUP_INSIDE, GROUPS };

/* What one group does: its calls come in evenly while the flood lasts. */
static const struct {
	const char *name, *account;
	uint32_t per_s;
} groups[GROUPS] = {
	[GROUP_STEADY] = { "steady", "steady", 0 },    [GROUP_WARM] = { "warm", "office", 0 },
	[GROUP_KNOWN] = { "known", "office", 5 },      [GROUP_NEW] = { "new", "traveller", 5 },
	[GROUP_INSIDE] = { "inside", "traveller", 5 },
};

struct caller {
	struct iax_leg_id leg;
	enum group group;
	uint64_t opened_us, up_us;
	bool is_up, is_over;
	uint32_t ts_ms;
	struct tool_load_tally tally;
};

struct bench {
	const struct flood_kind *kind;
	uint32_t run, besiegers;
	bool besiegers_guess;
	uint64_t flood_us; /* with new calls and voice */
	uint64_t began_us, lasted_us, frames, per_s;
	struct flood *flood;
	struct party *callers, *guessers;
	struct siege *siege;
	struct tool_secret secret, wrong;
	uint32_t count, opened[GROUPS], broken, mute; /* mute: challenges that cannot be answered */
	uint64_t guesses, refused;
	uint32_t guessing;
	struct caller all[CALLS_MAX];
};

/* ---- Callers ---- */

static struct tg_addr address_of(enum group group, uint32_t n)
{
	switch (group) {
	case GROUP_STEADY:
		return flood_addr(8, (uint8_t)n, 1);
	case GROUP_WARM:
		return flood_addr(9, 0, 1);
	case GROUP_KNOWN:
		return flood_addr(9, 0, (uint8_t)(2 + n % 250));
	case GROUP_NEW:
		return flood_addr(10, (uint8_t)n, 1);
	case GROUP_INSIDE:
	case GROUPS:
		break;
	}
	return flood_inside(n * 256 + 200);
}

static void open_call(struct bench *bench, enum group group, uint64_t now_us)
{
	struct caller *caller = &bench->all[bench->count];

	if (bench->count == CALLS_MAX) {
		return;
	}
	*caller = (struct caller){ .group = group, .opened_us = now_us };
	bench->count++;
	caller->is_over = !party_call(bench->callers, groups[group].account, address_of(group, bench->opened[group]++),
	                              bench->count, now_us, &caller->leg);
}

static void hang_up(struct bench *bench, struct caller *caller, uint64_t now_us)
{
	caller->is_over = true;
	bench->mute += iax_leg_hangup(party_endpoint(bench->callers), caller->leg, IAX_CAUSE_NORMAL_CLEARING,
	                              (struct tg_span){ 0 }, now_us) != IAX_OK;
}

static void on_call(void *owner, const struct iax_event *event, uint64_t now_us)
{
	struct bench *bench = owner;
	struct caller *caller = event->owner >= 1 && event->owner <= bench->count ? &bench->all[event->owner - 1]
	                                                                          : NULL;

	if (caller == NULL) {
		return;
	}
	if (event->kind == IAX_EV_CHALLENGED) {
		bench->mute += !tool_secret_respond(&bench->secret, party_endpoint(bench->callers), event, now_us);
	} else if (event->kind == IAX_EV_CONTROL && event->subclass == IAX_CONTROL_ANSWER && !caller->is_up) {
		caller->is_up = true;
		caller->up_us = sys_clock_us();
		if (caller->group != GROUP_STEADY) {
			hang_up(bench, caller, now_us);
		}
	} else if (event->kind == IAX_EV_VOICE) {
		tool_load_count(&caller->tally, (uint32_t)event->owner, event->payload);
	} else if (event->kind == IAX_EV_ENDED && !caller->is_over) {
		caller->is_over = true;
		bench->broken += caller->is_up;
	}
}

/* ---- Guessers: proven addresses, wrong passwords ---- */

static void on_guess(void *owner, const struct iax_event *event, uint64_t now_us)
{
	struct bench *bench = owner;

	if (event->kind == IAX_EV_CHALLENGED) {
		bench->mute += !tool_secret_respond(&bench->wrong, party_endpoint(bench->guessers), event, now_us);
	} else if (event->kind == IAX_EV_ENDED) {
		bench->guessing--;
		bench->refused += event->end == IAX_END_REJECTED;
	}
}

static void guess(struct bench *bench, uint64_t now_us)
{
	struct iax_leg_id leg;

	for (int i = 0; i < GUESSES_A_TURN && bench->guessing < GUESSERS; i++) {
		const uint32_t n = (uint32_t)(bench->guesses % GUESS_SOURCES);
		const struct iax_reg_open open = {
			.remote = party_remote(bench->guessers),
			.local = party_local(bench->guessers, flood_inside(n)),
			.owner = 1,
			.username = tg_span_text(n % 2 == 0 ? "office" : "nobody"),
			.refresh_s = 60,
		};

		if (iax_reg_open(party_endpoint(bench->guessers), &open, now_us, &leg) != IAX_OK) {
			return;
		}
		bench->guesses++;
		bench->guessing++;
	}
}

/* ---- Media ---- */

static void send_frame(struct bench *bench, uint32_t index, uint64_t now_us)
{
	struct caller *caller = &bench->all[index];
	uint8_t payload[TOOL_LOAD_FRAME_BYTES];

	if (!caller->is_up || caller->is_over || caller->tally.sent >= caller->tally.room) {
		return;
	}
	if (caller->tally.sent == 0) {
		caller->ts_ms = iax_leg_clock_ms(party_endpoint(bench->callers), caller->leg, now_us);
	}
	tool_load_frame(payload, index + 1, (uint32_t)caller->tally.sent);
	if (iax_leg_voice(party_endpoint(bench->callers), caller->leg, IAX_FORMAT_ULAW, caller->ts_ms,
	                  (struct tg_span){ payload, sizeof(payload) }, false, now_us) == IAX_OK) {
		caller->tally.sent++;
	}
	caller->ts_ms += FRAME_US / TG_US_PER_MS;
}

static void send_media(struct bench *bench, uint64_t now_us)
{
	while (bench->began_us + bench->frames * FRAME_US / STEADY <= now_us) {
		send_frame(bench, (uint32_t)(bench->frames++ % STEADY), now_us);
	}
}

static bool make_tallies(struct bench *bench)
{
	const uint32_t room = (uint32_t)(bench->flood_us / FRAME_US);

	for (uint32_t i = 0; i < STEADY; i++) {
		bench->all[i].tally.room = room;
		bench->all[i].tally.seen = calloc(1, room / 8 + 1);
		if (bench->all[i].tally.seen == NULL) {
			return false;
		}
	}
	return true;
}

static void forget_tally(struct tool_load_tally *tally)
{
	memset(tally->seen, 0, tally->room / 8 + 1);
	*tally = (struct tool_load_tally){ .seen = tally->seen, .room = tally->room };
}

/* What is called established has been heard: a call's first frame goes another way than the others, and is repeated if it is lost. */
static bool speak(struct bench *bench)
{
	uint32_t heard = 0;

	bench->began_us = sys_clock_us();
	for (uint64_t now_us = bench->began_us; now_us < bench->began_us + SPEAK_US + SETTLE_US;
	     now_us = sys_clock_us()) {
		if (now_us < bench->began_us + SPEAK_US) {
			send_media(bench, now_us);
		}
		party_turn(bench->callers, now_us);
	}
	bench->frames = 0;
	for (uint32_t i = 0; i < STEADY; i++) {
		heard += bench->all[i].tally.received > 0;
		forget_tally(&bench->all[i].tally);
	}
	if (heard < STEADY) {
		fprintf(stderr, "only %u of %u calls were heard before the flood\n", heard, STEADY);
	}
	return heard == STEADY;
}

/* ---- Phases ---- */

static uint32_t up_count(const struct bench *bench, enum group group)
{
	uint32_t up = 0;

	for (uint32_t i = 0; i < bench->count; i++) {
		up += bench->all[i].group == group && bench->all[i].is_up;
	}
	return up;
}

static bool warm_up(struct bench *bench)
{
	const uint64_t began_us = sys_clock_us();
	uint64_t now_us = began_us;

	while (now_us < began_us + WARM_US) {
		if (bench->opened[GROUP_STEADY] < STEADY &&
		    now_us >= began_us + (uint64_t)bench->count * TG_US_PER_S / WARM_CALLS_PER_S) {
			open_call(bench, GROUP_STEADY, now_us);
		} else if (bench->opened[GROUP_STEADY] == STEADY && bench->opened[GROUP_WARM] == 0) {
			open_call(bench, GROUP_WARM, now_us);
		}
		party_turn(bench->callers, now_us);
		if (up_count(bench, GROUP_STEADY) == STEADY && up_count(bench, GROUP_WARM) == 1) {
			return true;
		}
		now_us = sys_clock_us();
	}
	fprintf(stderr, "only %u of %u calls came up before the flood\n", up_count(bench, GROUP_STEADY), STEADY);
	return false;
}

static void open_due(struct bench *bench, uint64_t now_us)
{
	for (int group = GROUP_KNOWN; group < GROUPS; group++) {
		const uint64_t apart_us = TG_US_PER_S / groups[group].per_s;
		const uint64_t phase_us = (uint64_t)(group - GROUP_KNOWN) * apart_us / (GROUPS - GROUP_KNOWN);
		const uint64_t due_us = bench->opened[group] * apart_us + phase_us;

		if (due_us < bench->flood_us && now_us >= bench->began_us + due_us) {
			open_call(bench, (enum group)group, now_us);
		}
	}
}

static bool is_decided(const struct bench *bench)
{
	for (uint32_t i = 0; i < bench->count; i++) {
		if (!bench->all[i].is_up && !bench->all[i].is_over) {
			return false;
		}
	}
	return true;
}

static bool is_done(const struct bench *bench, uint64_t now_us)
{
	const uint64_t calls_end_us = bench->began_us + bench->flood_us;

	return now_us >= calls_end_us + tg_min_u64(REPEATS_US, 2 * bench->flood_us) ||
	       (now_us >= calls_end_us + SETTLE_US && is_decided(bench));
}

/* The last call is made and the last frame sent when so many seconds are over; the flood goes on until it is known what became of them. */
static void flood(struct bench *bench)
{
	uint64_t now_us = sys_clock_us();

	bench->began_us = now_us;
	for (; !is_done(bench, now_us); now_us = sys_clock_us()) {
		if (bench->flood != NULL) {
			flood_turn(bench->flood, now_us);
		} else if (bench->siege != NULL) {
			siege_turn(bench->siege, now_us);
		} else {
			guess(bench, now_us);
			party_turn(bench->guessers, now_us);
		}
		now_us = sys_clock_us();
		open_due(bench, now_us);
		if (now_us < bench->began_us + bench->flood_us) {
			send_media(bench, now_us);
		}
		party_turn(bench->callers, now_us);
	}
	bench->lasted_us = now_us - bench->began_us;
}

/* ---- Report ---- */

static int by_value(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void print_group(const struct bench *bench, enum group group)
{
	static uint64_t setup_us[CALLS_MAX];
	uint32_t count = 0, up = 0;

	for (uint32_t i = 0; i < bench->count; i++) {
		const struct caller *caller = &bench->all[i];

		if (caller->group == group) {
			count++;
			if (caller->is_up) {
				setup_us[up++] = caller->up_us - caller->opened_us;
			}
		}
	}
	qsort(setup_us, up, sizeof(setup_us[0]), by_value);
	printf("\"%s\": {\"calls\": %u, \"up\": %u, \"median_ms\": %.2f, \"p99_ms\": %.2f, \"max_ms\": %.2f}, ",
	       groups[group].name, count, up, up == 0 ? 0 : (double)setup_us[up / 2] / 1000,
	       up == 0 ? 0 : (double)setup_us[up * 99 / 100] / 1000, up == 0 ? 0 : (double)setup_us[up - 1] / 1000);
}

static void report(const struct bench *bench)
{
	const struct flood_sums sums = bench->flood == NULL ? (struct flood_sums){ .sent = bench->guesses }
	                                                    : flood_sums(bench->flood);
	uint64_t sent = 0, received = 0;

	for (uint32_t i = 0; i < STEADY; i++) {
		sent += bench->all[i].tally.sent;
		received += bench->all[i].tally.received;
	}
	printf("{");
	for (int group = GROUP_KNOWN; group < GROUPS; group++) {
		print_group(bench, (enum group)group);
	}
	if (bench->siege != NULL) {
		const struct siege_sums siege = siege_sums(bench->siege);

		printf("\"asked\": %llu, \"opened\": %llu, \"challenged\": %llu, \"left_out\": %llu, \"guessed\": "
		       "%llu, "
		       "\"guess_refused\": %llu, ",
		       (unsigned long long)siege.asked, (unsigned long long)siege.opened,
		       (unsigned long long)siege.challenged, (unsigned long long)siege.left_out,
		       (unsigned long long)siege.guessed, (unsigned long long)siege.refused);
	}
	printf("\"seconds\": %.2f, \"sent\": %llu, \"bytes_in\": %llu, \"answers\": %llu, \"bytes_out\": %llu, "
	       "\"longer\": %llu, \"refused\": %llu, \"broken\": %u, \"media_sent\": %llu, \"media_back\": %llu}\n",
	       (double)bench->lasted_us / TG_US_PER_S, (unsigned long long)sums.sent, (unsigned long long)sums.bytes_in,
	       (unsigned long long)sums.answers, (unsigned long long)sums.bytes_out, (unsigned long long)sums.longer,
	       (unsigned long long)bench->refused, bench->broken, (unsigned long long)sent,
	       (unsigned long long)received);
}

static void set_secret(struct tool_secret *secret, const char *text)
{
	secret->len = strlen(text);
	secret->known = true;
	memcpy(secret->text, text, secret->len);
}

static bool make(struct bench *bench, uint16_t port)
{
	set_secret(&bench->secret, "a-bench-calls-with-this");
	set_secret(&bench->wrong, "a-bench-guesses-with-this");
	bench->callers = party_new(CALLS_MAX, port, on_call, bench);
	if (bench->besiegers > 0) {
		bench->siege = siege_new(bench->besiegers, port, bench->besiegers_guess);
	} else if (bench->kind == NULL) {
		bench->guessers = party_new(2 * GUESSERS, port, on_guess, bench);
	} else {
		bench->flood = flood_new(bench->kind, port, bench->run, bench->per_s);
	}
	return bench->callers != NULL && (bench->flood != NULL || bench->guessers != NULL || bench->siege != NULL);
}

static bool is_siege(const char *word)
{
	return strcmp(word, "siege") == 0 || strcmp(word, "siege-wrong") == 0;
}

int main(int argc, char **argv)
{
	static struct bench bench;
	char line[16];

	if (argc != 6 || (strcmp(argv[2], "guess") != 0 && !is_siege(argv[2]) && flood_kind_find(argv[2]) == NULL)) {
		fprintf(stderr, "usage: tg-flood PORT KIND RUN SECONDS PER-SECOND (bench/flood.py starts it)\n");
		return 2;
	}
	bench.kind = flood_kind_find(argv[2]);
	bench.run = (uint32_t)tg_max_u64(1, tg_min_u64(strtoul(argv[3], NULL, 10), FLOOD_RUN));
	bench.besiegers = is_siege(argv[2]) ? (uint32_t)tg_min_u64(strtoul(argv[3], NULL, 10), 65536) : 0;
	bench.besiegers_guess = strcmp(argv[2], "siege-wrong") == 0;
	bench.per_s = strtoul(argv[5], NULL, 10);
	bench.flood_us = strtoul(argv[4], NULL, 10) * TG_US_PER_S;
	if (!make(&bench, (uint16_t)strtoul(argv[1], NULL, 10)) || !warm_up(&bench) || !make_tallies(&bench) ||
	    !speak(&bench)) {
		return EXIT_FAILURE;
	}
	puts("ready");
	fflush(stdout);
	if (fgets(line, sizeof(line), stdin) == NULL) {
		return EXIT_FAILURE;
	}
	flood(&bench);
	report(&bench);
	flood_free(bench.flood);
	siege_free(bench.siege);
	party_free(bench.guessers);
	party_free(bench.callers);
	return EXIT_SUCCESS;
}
