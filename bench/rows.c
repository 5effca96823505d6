/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/selector.h"
#include "engine/worker.h"
#include "iax/wire.h"
#include "model/world_build.h"
#include "sys/clock.h"
#include "sys/loop.h"

/* The engine's own threads' code in the measuring thread: worker_turn() with one role, on sockets bound as the parent binds them. */
enum {
	SOCKETS = 3,
	BUFFER_BYTES = 32 << 20,
	CPU_OURS = 1,
	CPU_LOAD = 0,
	MINI_BYTES = 172,
	PROOFS = 4096,
	FRAME_MS = 20,
	CALLNO_SPAN = 32000,
};

struct rig {
	struct engine_shared *shared;
	struct worker *worker;
	struct door *door;
	struct relay *relay;
	struct bench_raw *raw;
	struct world *world;
	uint32_t index; /* the socket that is measured */
	uint32_t legs;
	uint64_t raw_taken, raw_batches;
};

static void *take(size_t size_bytes)
{
	void *mem = aligned_alloc(64, (size_bytes + 63) & ~(size_t)63);

	if (mem == NULL) {
		fprintf(stderr, "not enough memory\n");
		exit(EXIT_FAILURE);
	}
	memset(mem, 0, size_bytes);
	return mem;
}

static bool open_sockets(struct rig *rig)
{
	struct engine_group *group = &rig->shared->groups[0];
	const uint8_t home[4] = { 127, 0, 0, 1 };
	struct sys_udp_options options = { .buffer_bytes = BUFFER_BYTES };

	for (uint16_t tries = 0; tries < 100; tries++) {
		options.local = tg_addr_ipv4(home, (uint16_t)(20000 + (getpid() * 37 + tries) % 30000));
		if (sys_udp_probe(options.local) == 0) {
			break;
		}
	}
	group->local = options.local;
	for (uint32_t i = 0; i < SOCKETS; i++) {
		const int fd = sys_udp_open(&options);

		group->sockets[i] = fd < 0 ? NULL : sys_udp_new(fd);
		if (group->sockets[i] == NULL) {
			perror("socket");
			return false;
		}
	}
	rig->shared->group_count = 1;
	rig->shared->relay_count = 1;
	return selector_attach(sys_udp_fd(group->sockets[0]), TG_IPV4, 1);
}

static bool make_world(struct rig *rig)
{
	struct world_build *build = world_build_new();
	size_t size_bytes = 0;

	rig->world = build == NULL ? NULL : world_build_finish(build, 1, &size_bytes, NULL);
	world_build_free(build);
	return rig->world != NULL;
}

static bool rig_init(struct rig *rig, uint32_t index, uint32_t legs, uint32_t answer_len)
{
	static const uint8_t key[16] = "a bench's key...";
	struct engine_shared *shared = take(sizeof(*shared));

	*rig = (struct rig){ .shared = shared, .index = index, .legs = legs, .worker = take(sizeof(*rig->worker)) };
	shared->thread_count = 1;
	if (!make_world(rig) || !open_sockets(rig) || !bell_init(&shared->bells[0])) {
		return false;
	}
	atomic_store(&shared->world, rig->world);
	iax_token_keys_init(&shared->token_keys, key, 8000, false, sys_clock_wall_us(), sys_clock_us());
	shared->table = relay_table_init(take(relay_table_size(legs)), legs, key);
	shared->board = player_board_init(take(player_board_size(legs, 1)), legs, 1);
	for (uint32_t i = 0; i < OPENING_CLASSES; i++) {
		shared->openings[i] = tg_ring_init(take(tg_ring_size(sizeof(struct opening), 64)),
		                                   sizeof(struct opening), 64);
	}
	shared->notices[0] = tg_ring_init(take(tg_ring_size(sizeof(struct notice), 64)), sizeof(struct notice), 64);
	*rig->worker = (struct worker){ .shared = shared, .loop = sys_loop_new() };
	if (index == SELECTOR_DOOR) {
		rig->door = take(sizeof(*rig->door));
		door_init(rig->door, shared);
		rig->door->is_unlimited = true;
		rig->worker->door = rig->door;
	} else {
		rig->relay = take(sizeof(*rig->relay));
		relay_init(rig->relay, shared, 0, take(player_size(legs)), legs, sys_clock_us());
		rig->worker->relay = rig->relay;
	}
	rig->raw = bench_raw_new(sys_udp_fd(shared->groups[0].sockets[index]), answer_len);
	return rig->worker->loop != NULL && worker_init(rig->worker) && rig->raw != NULL;
}

/* ---- The two sides ---- */

static void raw_turn(void *owner)
{
	struct rig *rig = owner;
	const unsigned count = bench_raw_turn(rig->raw);

	rig->raw_taken += count;
	rig->raw_batches += count > 0;
}

static uint64_t raw_taken(const void *owner)
{
	return ((const struct rig *)owner)->raw_taken;
}

static uint64_t raw_batches(const void *owner)
{
	return ((const struct rig *)owner)->raw_batches;
}

static void our_turn(void *owner)
{
	struct rig *rig = owner;

	(void)worker_turn(rig->worker);
}

static uint64_t our_taken(const void *owner)
{
	const struct rig *rig = owner;

	return rig->door != NULL ? atomic_load(&rig->door->counters.received)
	                         : atomic_load(&rig->relay->counters.received);
}

static uint64_t our_batches(const void *owner)
{
	const struct rig *rig = owner;
	struct sys_udp_stats stats;

	sys_udp_stats(rig->shared->groups[0].sockets[rig->index], &stats);
	return stats.receive_calls;
}

/* ---- Proof, measurement, report ---- */

struct proof_thread {
	struct rig *rig;
	_Atomic bool stop;
	bool ours;
};

static void *serve(void *arg)
{
	struct proof_thread *proof = arg;

	while (!atomic_load(&proof->stop)) {
		if (proof->ours) {
			our_turn(proof->rig);
		} else {
			raw_turn(proof->rig);
		}
	}
	return NULL;
}

static bool prove(struct rig *rig, struct bench_generator *generator, bool answers)
{
	struct proof_thread proof = { .rig = rig, .ours = true };
	const uint64_t before = our_taken(rig);
	uint32_t right = 0, wrong = 0;
	pthread_t thread;

	if (pthread_create(&thread, NULL, serve, &proof) != 0) {
		return false;
	}
	bench_generator_prove(generator, PROOFS, &right, &wrong);
	atomic_store(&proof.stop, true);
	for (int i = 0; i < 10; i++) {
		bell_ring(&rig->shared->bells[0]);
		usleep(1000);
	}
	pthread_join(thread, NULL);
	printf("  proof: %u sent, %llu taken, %u right answers, %u wrong\n", PROOFS,
	       (unsigned long long)(our_taken(rig) - before), right, wrong);
	return wrong == 0 && our_taken(rig) - before >= PROOFS && right == (answers ? our_taken(rig) - before : 0);
}

static void print_side(const char *name, const struct bench_quartiles *ns, double per_s, double batch)
{
	printf("  %-10s %7.0f ns CPU a packet (%.0f .. %.0f), %.0f a second, mean batch %.1f\n", name, ns->median,
	       ns->q1, ns->q3, per_s, batch);
}

static int report(const struct bench_row *row, const struct bench_result *result,
                  const struct bench_generator *generator, struct bench_steal before)
{
	const struct bench_generator_sums sums = bench_generator_sums(generator);
	const struct bench_steal now = bench_steal_now();
	const bool quiet = result->same.q1 >= 0.97 && result->same.q3 <= 1.03;
	const double total = now.total > before.total ? (double)(now.total - before.total) : 1;

	print_side("reference", &result->ns[0], result->per_s[0], result->batch[0]);
	print_side("ours", &result->ns[1], result->per_s[1], result->batch[1]);
	printf("  reference against itself: %.3f (%.3f .. %.3f) over %u pairs%s\n", result->same.median,
	       result->same.q1, result->same.q3, result->pairs, quiet ? "" : ": the machine is too busy to judge");
	printf("  offered: %.2f times what was taken; answers looked at: %llu, wrong: %llu; stolen time: %.1f %%\n",
	       result->offered, (unsigned long long)sums.sampled, (unsigned long long)sums.wrong,
	       100.0 * (double)(now.stolen - before.stolen) / total);
	printf("%-12s ratio %.3f (%.3f .. %.3f), target %.2f, floor %.2f\n", row->name, result->ratio.median,
	       result->ratio.q1, result->ratio.q3, row->target, row->floor);
	return sums.wrong == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int run(const struct bench_row *row, const struct bench_times *times, struct rig *rig,
               struct bench_generator *generator, const struct bench_load *load, bool answers)
{
	const struct bench_side raw = { "reference", raw_turn, raw_taken, raw_batches, rig };
	const struct bench_side ours = { "ours", our_turn, our_taken, our_batches, rig };
	const struct bench_steal before = bench_steal_now();
	struct bench_result result;

	printf("%s: %s\n", row->name, row->what);
	printf("  batch %d, %u octets, %u sources, %u in a row from each, receive buffer %d octets asked for; the "
	       "ceiling of answers is raised\n",
	       BENCH_BATCH, load->frame_len, load->sources, load->run, BUFFER_BYTES);
	if (!prove(rig, generator, answers) || !bench_generator_start(generator)) {
		printf("%-12s not measured: the answers are not right\n", row->name);
		return EXIT_FAILURE;
	}
	bench_measure(&result, &raw, &ours, generator, times, CPU_OURS);
	bench_generator_stop(generator);
	return report(row, &result, generator, before);
}

/* ---- Openings ---- */

static void put_opening(uint8_t *frame, uint8_t subclass, const uint8_t *token, uint8_t token_len)
{
	static const uint8_t elements[] = { IAX_IE_VERSION,
		                            2,
		                            0,
		                            2,
		                            IAX_IE_USERNAME,
		                            8,
		                            's',
		                            't',
		                            'r',
		                            'a',
		                            'n',
		                            'g',
		                            'e',
		                            'r',
		                            IAX_IE_CALLED_NUMBER,
		                            3,
		                            '1',
		                            '0',
		                            '0' };
	struct tg_writer w = tg_writer_of(frame, BENCH_FRAME_MAX);

	tg_put_u16(&w, IAX_FULL_BIT | 77);
	tg_put_u16(&w, 0);
	tg_put_u32(&w, 3);
	tg_put_u16(&w, 0);
	tg_put_u8(&w, IAX_FRAME_IAX);
	tg_put_u8(&w, subclass);
	tg_put_span(&w, (struct tg_span){ elements, sizeof(elements) });
	tg_put_u8(&w, IAX_IE_CALLTOKEN);
	tg_put_u8(&w, token_len);
	tg_put_span(&w, (struct tg_span){ token, token_len });
}

enum { OPENING_BYTES = IAX_FULL_BYTES + 19 + 2, CALLTOKEN_BYTES = IAX_FULL_BYTES + 2 + IAX_TOKEN_BYTES };

static void make_new(const void *owner, uint32_t source, uint32_t round, uint8_t frame[BENCH_FRAME_MAX])
{
	(void)owner;
	(void)source;
	(void)round;
	put_opening(frame, IAX_NEW, NULL, 0);
}

static bool is_calltoken(const void *owner, const uint8_t *answer, size_t len)
{
	(void)owner;
	/* The reference answers with the first octets of what came. */
	return (len == CALLTOKEN_BYTES && answer[10] == IAX_FRAME_IAX && answer[11] == IAX_CALLTOKEN &&
	        answer[12] == IAX_IE_CALLTOKEN && answer[13] == IAX_TOKEN_BYTES && answer[3] == 77) ||
	       (len == CALLTOKEN_BYTES && answer[11] == IAX_NEW && answer[1] == 77);
}

static void make_forged(const void *owner, uint32_t source, uint32_t round, uint8_t frame[BENCH_FRAME_MAX])
{
	static const uint8_t token[IAX_TOKEN_BYTES] = { 1, 2, 3, 4, 5, 6, 7 };

	(void)owner;
	(void)source;
	(void)round;
	put_opening(frame, IAX_NEW, token, sizeof(token));
}

static void make_poke(const void *owner, uint32_t source, uint32_t round, uint8_t frame[BENCH_FRAME_MAX])
{
	(void)owner;
	(void)source;
	(void)round;
	put_opening(frame, IAX_POKE, NULL, 0);
}

static bool is_pong(const void *owner, const uint8_t *answer, size_t len)
{
	(void)owner;
	return len == IAX_FULL_BYTES && (answer[11] == IAX_PONG || answer[11] == IAX_POKE);
}

static bool is_nothing(const void *owner, const uint8_t *answer, size_t len)
{
	(void)owner;
	(void)answer;
	(void)len;
	return false;
}

static int run_door(const struct bench_row *row, const struct bench_times *times, struct bench_load load,
                    uint32_t answer_len)
{
	struct bench_generator *generator;
	struct rig rig;

	if (!rig_init(&rig, SELECTOR_DOOR, 64, answer_len)) {
		return EXIT_FAILURE;
	}
	load.to = rig.shared->groups[0].local;
	load.sources = row->size;
	generator = bench_generator_new(&load, CPU_LOAD);
	return generator == NULL ? EXIT_FAILURE : run(row, times, &rig, generator, &load, answer_len > 0);
}

static int run_token(const struct bench_row *row, const struct bench_times *times)
{
	return run_door(
		row, times,
		(struct bench_load){ .run = 1, .frame_len = OPENING_BYTES, .make = make_new, .is_right = is_calltoken },
		CALLTOKEN_BYTES);
}

static int run_pong(const struct bench_row *row, const struct bench_times *times)
{
	return run_door(
		row, times,
		(struct bench_load){ .run = 1, .frame_len = IAX_FULL_BYTES, .make = make_poke, .is_right = is_pong },
		IAX_FULL_BYTES);
}

static int run_forged(const struct bench_row *row, const struct bench_times *times)
{
	return run_door(row, times,
	                (struct bench_load){ .run = 32,
	                                     .frame_len = OPENING_BYTES + IAX_TOKEN_BYTES,
	                                     .make = make_forged,
	                                     .is_right = is_nothing },
	                0);
}

/* ---- Media ---- */

static uint16_t number_of(uint32_t leg)
{
	return (uint16_t)(IAX_CALLNO_MIN + leg % CALLNO_SPAN);
}

static void make_mini(const void *owner, uint32_t source, uint32_t round, uint8_t frame[BENCH_FRAME_MAX])
{
	const uint16_t number = number_of(source), ts_ms = (uint16_t)(round * FRAME_MS);

	(void)owner;
	frame[0] = (uint8_t)(number >> 8);
	frame[1] = (uint8_t)number;
	frame[2] = (uint8_t)(ts_ms >> 8);
	frame[3] = (uint8_t)ts_ms;
	frame[4] = 0xd5;
	frame[MINI_BYTES - 1] = 0x5d;
}

static bool is_mini(const void *owner, const uint8_t *answer, size_t len)
{
	(void)owner;
	return len == MINI_BYTES && answer[4] == 0xd5 && answer[MINI_BYTES - 1] == 0x5d;
}

/* Calls of two legs each: what comes from one address leaves to the other. */
static void fill_table(struct rig *rig, uint16_t port)
{
	for (uint32_t leg = 0; leg < rig->legs; leg++) {
		const struct tg_addr from = bench_source(leg, port), to = bench_source(leg ^ 1, port);
		struct relay_entry entry = {
			.port = port,
			.number = number_of(leg),
			.to_port = port,
			.to_number = number_of(leg ^ 1),
			.leg = leg,
			.life = 1,
			.ts_offset_ms = 160,
			.media = RELAY_FORWARD,
		};

		memcpy(entry.ip, from.ip, sizeof(entry.ip));
		memcpy(entry.to_ip, to.ip, sizeof(entry.to_ip));
		if (!relay_table_set(rig->shared->table, &entry, rig->shared->groups[0].local)) {
			fprintf(stderr, "no room in the table for leg %u\n", leg);
		}
	}
}

static int run_media(const struct bench_row *row, const struct bench_times *times, bool known)
{
	struct bench_load load = { .run = known ? 1 : 32,
		                   .frame_len = MINI_BYTES,
		                   .make = make_mini,
		                   .is_right = known ? is_mini : is_nothing,
		                   .sources = row->size };
	struct bench_generator *generator;
	struct rig rig;

	if (!rig_init(&rig, SELECTOR_RELAYS, row->size, known ? MINI_BYTES : 0)) {
		return EXIT_FAILURE;
	}
	load.to = rig.shared->groups[0].local;
	generator = bench_generator_new(&load, CPU_LOAD);
	if (generator == NULL) {
		return EXIT_FAILURE;
	}
	if (known) {
		fill_table(&rig, bench_generator_port(generator));
	}
	return run(row, times, &rig, generator, &load, known);
}

static int run_relay(const struct bench_row *row, const struct bench_times *times)
{
	return run_media(row, times, true);
}

static int run_unknown(const struct bench_row *row, const struct bench_times *times)
{
	return run_media(row, times, false);
}

const struct bench_row bench_rows[] = {
	{ "token", "NEW with an empty call token, answered, beside an echo of as many octets", run_token, 4096, 0.95,
	  0.85 },
	{ "pong", "POKE answered, beside an echo of as many octets", run_pong, 4096, 0.95, 0.85 },
	{ "relay-1k", "mini frames relayed between 1,000 legs, beside an echo", run_relay, 1000, 0.94, 0.85 },
	{ "relay-10k", "mini frames relayed between 10,000 legs, beside an echo", run_relay, 10000, 0.94, 0.85 },
	{ "relay-100k", "mini frames relayed between 100,000 legs (against ours at 1,000: 0.95)", run_relay, 100000,
	  0.90, 0.80 },
	{ "forged", "NEW with a forged call token, dropped, beside receiving alone", run_forged, 4096, 0.85, 0.70 },
	{ "unknown", "mini frames of unknown legs, dropped, beside receiving alone", run_unknown, 4096, 0.85, 0.70 },
};
const size_t bench_row_count = TG_COUNT(bench_rows);
