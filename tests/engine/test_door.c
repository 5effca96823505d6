/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "engine/door.h"

#include "base/zeroed.h"
#include "engine/selector.h"
#include "knock.h"
#include "net.h"
#include "sys/clock.h"

/* A door with a real socket. The policy of the world is the test's: see switch_token_excused() below. */
struct rig {
	struct engine_shared *shared;
	struct door *door;
	int peer;
	uint64_t now_us;
};

static struct world world;

bool switch_token_excused(const struct world *of, bool is_new, struct tg_span username, struct tg_addr from,
                          bool known);

bool switch_token_excused(const struct world *of, bool is_new, struct tg_span username, struct tg_addr from, bool known)
{
	(void)is_new;
	return of == &world && from.family == TG_IPV4 &&
	       (tg_span_equal(username, TG_SPAN_LIT("old")) ||
	        (known && username.len >= 11 && memcmp(username.p, "roams-about", 11) == 0));
}

static struct world_peer static_peer;

uint32_t world_count(const struct world *of, enum world_table table)
{
	return of != NULL && table == WORLD_PEERS && static_peer.host_kind == WORLD_HOST_STATIC;
}

const void *world_row(const struct world *of, enum world_table table, uint32_t index)
{
	CHECK_TRUE(of != NULL && table == WORLD_PEERS && index == 0);
	return &static_peer;
}

static struct world_range declared;

const struct world_range *world_range_find(const struct world *of, enum world_table table, struct tg_addr addr)
{
	CHECK_TRUE(of != NULL && table == WORLD_TOKEN_OPTIONAL);
	return declared.bits != 0 && tg_addr_in_prefix(addr, declared.base, declared.bits) ? &declared : NULL;
}

static void *take(size_t size_bytes)
{
	void *mem = tg_zeroed_new(size_bytes);

	CHECK_TRUE(mem != NULL);
	return mem;
}

static struct rig rig_new(const char *host, bool stealth)
{
	static const uint8_t key[16] = { 7 };
	struct rig rig = { .shared = take(sizeof(*rig.shared)), .door = take(sizeof(*rig.door)), .now_us = 100000000 };
	struct engine_group *group = &rig.shared->groups[0];

	world.settings.stealth = stealth;
	atomic_store(&rig.shared->world, &world);
	rig.shared->thread_count = 1;
	rig.shared->group_count = 1;
	group->local = net_addr(host, net_free_port("0.0.0.0"));
	group->wildcard = tg_addr_is_any(group->local);
	group->sockets[SELECTOR_DOOR] = sys_udp_new(net_bind(group->local));
	CHECK_TRUE(group->sockets[SELECTOR_DOOR] != NULL);
	for (int i = 0; i < OPENING_CLASSES; i++) {
		rig.shared->openings[i] = tg_ring_init(take(tg_ring_size(sizeof(struct opening), 4)),
		                                       sizeof(struct opening), 4);
	}
	marks_init(&rig.shared->known, key);
	marks_init(&rig.shared->customers, key);
	marks_init(&rig.shared->silenced, key);
	rig.shared->tokenless = tokenless_init(take(tokenless_size(8)), 8, key);
	CHECK_TRUE(bell_init(&rig.shared->bells[0]));
	iax_token_keys_init(&rig.shared->token_keys, key, 8000, false, 1700000000000000, rig.now_us);
	door_init(rig.door, rig.shared);
	rig.peer = net_peer("127.0.0.1");
	return rig;
}

static void rig_free(struct rig *rig)
{
	sys_udp_free(rig->shared->groups[0].sockets[SELECTOR_DOOR]);
	bell_deinit(&rig->shared->bells[0]);
	close(rig->peer);
	for (int i = 0; i < OPENING_CLASSES; i++) {
		free(rig->shared->openings[i]);
	}
	free(rig->shared->tokenless);
	free(rig->shared);
	free(rig->door);
}

/* What waits for the switch, and whose it is. */
static const struct opening *waiting(struct rig *rig, enum opening_class *class)
{
	for (int i = 0; i < OPENING_CLASSES; i++) {
		const struct opening *opening = tg_ring_front(rig->shared->openings[i]);

		if (opening != NULL) {
			if (class != NULL) {
				*class = (enum opening_class)i;
			}
			return opening;
		}
	}
	return NULL;
}

static struct tg_span opening_of(uint8_t room[KNOCK_BYTES], uint8_t subclass, const char *name,
                                 const struct tg_span *token)
{
	return knock_write(room, subclass, 5, name, token);
}

static ssize_t ask(struct rig *rig, int from, struct tg_span bytes, uint8_t answer[256])
{
	ssize_t len;

	net_send(from,
	         rig->shared->groups[0].wildcard ? net_addr("127.0.0.7", rig->shared->groups[0].local.port)
	                                         : rig->shared->groups[0].local,
	         bytes.p, bytes.len);
	CHECK_UINT(door_receive(rig->door, 0, rig->now_us), 1);
	len = net_receive(from, answer, 256, NULL, 30);
	CHECK_TRUE(len <= (ssize_t)bytes.len); /* never more than came */
	return len;
}

/* The token of a CALLTOKEN answer. */
static struct tg_span token_of(const uint8_t *answer, ssize_t len)
{
	CHECK_TRUE(len > 14);
	CHECK_UINT(answer[11], IAX_CALLTOKEN);
	CHECK_UINT(answer[12], IAX_IE_CALLTOKEN);
	CHECK_UINT(answer[13], len - 14);
	return (struct tg_span){ answer + 14, (size_t)len - 14 };
}

static void test_a_token_opens_the_door_once_it_came_back(void **state)
{
	static const char *const hosts[] = { "127.0.0.1", "0.0.0.0" };

	(void)state;
	for (size_t i = 0; i < TG_COUNT(hosts); i++) {
		struct rig rig = rig_new(hosts[i], false);
		const struct tg_span empty = { (const uint8_t *)"", 0 };
		uint8_t frame[KNOCK_BYTES], answer[256], nothing[256];
		const struct opening *opening;
		struct tg_span token, sent;

		token = token_of(answer, ask(&rig, rig.peer, opening_of(frame, IAX_NEW, "alice", &empty), answer));
		CHECK_TRUE(waiting(&rig, NULL) == NULL);
		sent = opening_of(frame, IAX_NEW, "alice", &token);
		CHECK_INT(ask(&rig, rig.peer, sent, nothing), -1);
		opening = waiting(&rig, NULL);
		CHECK_TRUE(opening != NULL);
		CHECK_UINT(opening->proof, IAX_PROVEN);
		CHECK_TRUE(tg_addr_equal(opening->remote, net_name(rig.peer)));
		CHECK_TRUE(!tg_addr_is_any(opening->local));
		CHECK_SPAN(((struct tg_span){ opening->bytes, opening->len }), sent);
		rig_free(&rig);
	}
}

static void test_a_token_is_good_for_its_owner_and_time_alone(void **state)
{
	struct rig rig = rig_new("127.0.0.1", false);
	const struct tg_span empty = { (const uint8_t *)"", 0 };
	const int other = net_peer("127.0.0.1");
	uint8_t frame[KNOCK_BYTES], answer[256], nothing[256];
	struct tg_span token;

	(void)state;
	token = token_of(answer, ask(&rig, rig.peer, opening_of(frame, IAX_REGREQ, "alice", &empty), answer));
	CHECK_INT(ask(&rig, other, opening_of(frame, IAX_REGREQ, "alice", &token), nothing), -1);
	CHECK_UINT(atomic_load(&rig.door->counters.dropped[IAX_ERR_BAD_TOKEN]), 1);
	CHECK_TRUE(waiting(&rig, NULL) == NULL);
	rig.now_us += 17 * TG_US_PER_S;
	CHECK_INT(ask(&rig, rig.peer, opening_of(frame, IAX_REGREQ, "alice", &token), nothing), -1);
	CHECK_UINT(atomic_load(&rig.door->counters.dropped[IAX_ERR_BAD_TOKEN]), 2);
	CHECK_TRUE(waiting(&rig, NULL) == NULL);
	close(other);
	rig_free(&rig);
}

static void test_without_the_element_the_policy_decides(void **state)
{
	struct rig rig = rig_new("127.0.0.1", false);
	uint8_t frame[KNOCK_BYTES], answer[256];
	const struct opening *opening;

	(void)state;
	CHECK_TRUE(ask(&rig, rig.peer, opening_of(frame, IAX_NEW, "somebody-with-a-long-name", NULL), answer) >= 12);
	CHECK_UINT(answer[11], IAX_REJECT);
	CHECK_UINT(atomic_load(&rig.door->counters.refused), 1);
	CHECK_TRUE(waiting(&rig, NULL) == NULL);
	CHECK_INT(ask(&rig, rig.peer, opening_of(frame, IAX_NEW, "old", NULL), answer), -1);
	opening = waiting(&rig, NULL);
	CHECK_TRUE(opening != NULL);
	CHECK_UINT(opening->proof, IAX_UNPROVEN);
	rig_free(&rig);
}

/* An account that is excused in the networks where it is known: the door looks there alone, and only if the operator wants it. */
static void test_who_is_excused_where_he_is_known(void **state)
{
	const struct tg_span roams = TG_SPAN_LIT("roams-about");
	struct rig rig = rig_new("127.0.0.1", false);
	uint8_t frame[KNOCK_BYTES], answer[256];
	const uint8_t subclasses[] = { IAX_NEW, IAX_REGREQ };

	(void)state;
	CHECK_TRUE(tokenless_note(rig.shared->tokenless, roams, net_addr("127.0.0.77", 1),
	                          rig.now_us + 100 * TG_US_PER_S));
	for (size_t i = 0; i < TG_COUNT(subclasses); i++) {
		world.settings.guard.tokenless = WORLD_TOKENLESS_ANYWHERE;
		CHECK_TRUE(ask(&rig, rig.peer, opening_of(frame, subclasses[i], "roams-about", NULL), answer) >= 12);
		world.settings.guard.tokenless = WORLD_TOKENLESS_KNOWN;
		CHECK_INT(ask(&rig, rig.peer, opening_of(frame, subclasses[i], "roams-about", NULL), answer), -1);
		CHECK_UINT(atomic_load(&rig.door->counters.passed), i + 1);
		CHECK_TRUE(ask(&rig, rig.peer, opening_of(frame, subclasses[i], "roams-about2", NULL), answer) >= 12);
	}
	tokenless_begin_anew(rig.shared->tokenless);
	CHECK_TRUE(tokenless_note(rig.shared->tokenless, roams, net_addr("127.0.1.77", 1),
	                          rig.now_us + 100 * TG_US_PER_S));
	CHECK_INT(ask(&rig, rig.peer, opening_of(frame, IAX_NEW, "roams-about", NULL), answer), -1); /* as it was */
	tokenless_end_anew(rig.shared->tokenless);
	CHECK_TRUE(ask(&rig, rig.peer, opening_of(frame, IAX_NEW, "roams-about", NULL), answer) >= 12);
	world.settings.guard.tokenless = WORLD_TOKENLESS_ANYWHERE;
	rig_free(&rig);
}

static const uint8_t poke[] = { 0x80, 9, 0, 0, 0, 0, 0, 1, 0, 0, IAX_FRAME_IAX, IAX_POKE };
static const uint8_t poke_of_0[] = { 0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, IAX_FRAME_IAX, IAX_POKE };

static void test_a_poke_gets_twelve_octets(void **state)
{
	struct rig rig = rig_new("127.0.0.1", false);
	uint8_t answer[256];

	(void)state;
	CHECK_INT(ask(&rig, rig.peer, (struct tg_span){ poke, sizeof(poke) }, answer), 12);
	CHECK_UINT(answer[11], IAX_PONG);
	CHECK_UINT(answer[2] << 8 | answer[3], 9);
	CHECK_INT(ask(&rig, rig.peer, (struct tg_span){ poke_of_0, sizeof(poke_of_0) }, answer), -1);
	CHECK_UINT(atomic_load(&rig.door->counters.dropped[IAX_ERR_SOURCE_ZERO]), 1);
	rig_free(&rig);
}

static void test_a_stealthy_door_says_nothing_to_strangers(void **state)
{
	struct rig rig = rig_new("127.0.0.1", true);
	const struct tg_span empty = { (const uint8_t *)"", 0 };
	uint8_t frame[KNOCK_BYTES], answer[256], nothing[256];
	struct tg_span token;

	(void)state;
	CHECK_INT(ask(&rig, rig.peer, (struct tg_span){ poke, sizeof(poke) }, answer), -1);
	CHECK_INT(ask(&rig, rig.peer, opening_of(frame, IAX_NEW, "alice", NULL), answer), -1);
	/* Who proved his address once is answered from then on, for an hour. */
	token = token_of(answer, ask(&rig, rig.peer, opening_of(frame, IAX_NEW, "alice", &empty), answer));
	CHECK_INT(ask(&rig, rig.peer, opening_of(frame, IAX_NEW, "alice", &token), nothing), -1);
	CHECK_INT(ask(&rig, rig.peer, (struct tg_span){ poke, sizeof(poke) }, answer), 12);
	rig.now_us += 3602 * UINT64_C(1000000);
	CHECK_INT(ask(&rig, rig.peer, (struct tg_span){ poke, sizeof(poke) }, answer), -1);
	marks_note(&rig.shared->known, net_name(rig.peer), 32,
	           rig.now_us + (7200 + 3600) * UINT64_C(1000000)); /* registered */
	rig.now_us += 7200 * UINT64_C(1000000);
	CHECK_INT(ask(&rig, rig.peer, (struct tg_span){ poke, sizeof(poke) }, answer), 12);
	rig.now_us += 3602 * UINT64_C(1000000);
	CHECK_INT(ask(&rig, rig.peer, (struct tg_span){ poke, sizeof(poke) }, answer), -1);

	world.settings.stealth = 0; /* a reload */
	door_turn(rig.door);
	CHECK_INT(ask(&rig, rig.peer, (struct tg_span){ poke, sizeof(poke) }, answer), 12);
	rig_free(&rig);
}

static void test_a_stealthy_door_answers_static_hosts(void **state)
{
	struct rig rig;
	uint8_t answer[256];
	int other;

	(void)state;
	static_peer.host_kind = WORLD_HOST_STATIC;
	static_peer.addr = net_addr("127.0.0.1", 4569); /* from any port */
	rig = rig_new("127.0.0.1", true);
	CHECK_INT(ask(&rig, rig.peer, (struct tg_span){ poke, sizeof(poke) }, answer), 12);
	other = net_peer("127.0.0.3");
	CHECK_INT(ask(&rig, other, (struct tg_span){ poke, sizeof(poke) }, answer), -1);
	static_peer.host_kind = WORLD_HOST_DYNAMIC;
	close(other);
	rig_free(&rig);
}

static void test_a_full_ring_drops_and_counts(void **state)
{
	struct rig rig = rig_new("127.0.0.1", false);
	uint8_t frame[KNOCK_BYTES], answer[256];

	(void)state;
	for (int i = 0; i < 6; i++) {
		CHECK_INT(ask(&rig, rig.peer, opening_of(frame, IAX_NEW, "old", NULL), answer), -1);
	}
	CHECK_UINT(atomic_load(&rig.door->counters.passed), 4);
	CHECK_UINT(atomic_load(&rig.door->counters.ring_full[OPENING_UNPROVEN]), 2);
	CHECK_UINT(atomic_load(&rig.door->counters.ring_full[OPENING_STRANGER]), 0);
	rig_free(&rig);
}

static struct tg_span proven_opening(struct rig *rig, int from, uint8_t frame[KNOCK_BYTES])
{
	const struct tg_span empty = { (const uint8_t *)"", 0 };
	static uint8_t answer[256];

	return opening_of(
		frame, IAX_NEW, "x",
		&(struct tg_span[]){ token_of(
			answer, ask(rig, from, opening_of(frame, IAX_NEW, "x, once more", &empty), answer)) }[0]);
}

/* A full ring of strangers is no matter to customers, and what is unproven fills neither. */
static void test_customers_have_a_ring_of_their_own(void **state)
{
	struct rig rig = rig_new("127.0.0.1", false);
	const int customer = net_peer("127.7.7.7");
	uint8_t frame[KNOCK_BYTES], nothing[256];
	const struct opening *opening;
	struct tg_span sent;

	(void)state;
	marks_note(&rig.shared->customers, net_addr("127.7.7.1", 0), 24, rig.now_us + 100 * TG_US_PER_S);
	sent = proven_opening(&rig, rig.peer, frame);
	for (int i = 0; i < 6; i++) {
		CHECK_INT(ask(&rig, rig.peer, sent, nothing), -1);
	}
	CHECK_UINT(atomic_load(&rig.door->counters.ring_full[OPENING_STRANGER]), 2);
	CHECK_INT(ask(&rig, customer, opening_of(frame, IAX_NEW, "old", NULL), nothing), -1);
	CHECK_TRUE(tg_ring_front(rig.shared->openings[OPENING_UNPROVEN]) != NULL);
	CHECK_TRUE(tg_ring_front(rig.shared->openings[OPENING_KNOWN]) == NULL);
	CHECK_INT(ask(&rig, customer, proven_opening(&rig, customer, frame), nothing), -1);
	opening = tg_ring_front(rig.shared->openings[OPENING_KNOWN]);
	CHECK_TRUE(opening != NULL);
	CHECK_TRUE(tg_addr_equal(opening->remote, net_name(customer)));
	close(customer);
	rig_free(&rig);
}

static void test_who_is_silenced_gets_no_answer(void **state)
{
	struct rig rig = rig_new("127.0.0.1", false);
	const int other = net_peer("127.0.0.2");
	uint8_t answer[256];

	(void)state;
	marks_note(&rig.shared->silenced, net_addr("127.0.0.2", 0), 32, rig.now_us + 600 * TG_US_PER_S);
	CHECK_INT(ask(&rig, other, (struct tg_span){ poke, sizeof(poke) }, answer), -1);
	CHECK_UINT(atomic_load(&rig.door->counters.silenced), 1);
	CHECK_INT(ask(&rig, rig.peer, (struct tg_span){ poke, sizeof(poke) }, answer), 12);
	rig.now_us += 602 * TG_US_PER_S;
	CHECK_INT(ask(&rig, other, (struct tg_span){ poke, sizeof(poke) }, answer), 12);
	close(other);
	rig_free(&rig);
}

static void set_length(struct rig *rig, bool is_six, unsigned bits)
{
	atomic_fetch_or(&rig->shared->silenced_lengths[is_six][bits / 64], UINT64_C(1) << bits % 64);
}

/* A network of any length: neither a POKE nor a call for a token is answered there. */
static void test_a_banned_network_of_any_length_gets_no_answer(void **state)
{
	const struct tg_span empty = { (const uint8_t *)"", 0 };
	(void)state;

	for (unsigned bits = 8; bits <= 31; bits++) {
		struct rig rig = rig_new("127.0.0.1", false);
		const int inside = net_peer("127.200.0.2");
		uint8_t frame[KNOCK_BYTES], answer[256];

		CHECK_TRUE(ask(&rig, inside, (struct tg_span){ poke, sizeof(poke) }, answer) > 0);
		marks_note(&rig.shared->silenced, net_addr("127.200.0.2", 0), bits, TG_NEVER);
		set_length(&rig, false, bits);
		CHECK_INT(ask(&rig, inside, (struct tg_span){ poke, sizeof(poke) }, answer), -1);
		CHECK_INT(ask(&rig, inside, opening_of(frame, IAX_NEW, "a name of some length", &empty), answer), -1);
		CHECK_INT(ask(&rig, rig.peer, (struct tg_span){ poke, sizeof(poke) }, answer), bits == 8 ? -1 : 12);
		close(inside);
		rig_free(&rig);
	}
}

/* An answer longer than the request goes where the operator said that old clients are, and nowhere else. */
static void test_declared_ranges_get_longer_answers(void **state)
{
	struct rig rig = rig_new("127.0.0.1", false);
	uint8_t frame[KNOCK_BYTES], answer[256];
	struct tg_writer w = tg_writer_of(frame, sizeof(frame));
	(void)state;

	tg_put_u16(&w, 0x8000 | 5);
	tg_put_u16(&w, 0);
	tg_put_u32(&w, 3);
	tg_put_u16(&w, 0);
	tg_put_u8(&w, IAX_FRAME_IAX);
	tg_put_u8(&w, IAX_NEW);
	tg_put_u8(&w, IAX_IE_CALLTOKEN);
	tg_put_u8(&w, 0);
	CHECK_INT(ask(&rig, rig.peer, tg_writer_span(&w), answer), -1);
	CHECK_UINT(atomic_load(&rig.door->counters.dropped[IAX_ERR_SHORT_REQUEST]), 1);
	declared = (struct world_range){ .base = net_addr("127.0.0.0", 0), .bits = 8 };
	net_send(rig.peer, rig.shared->groups[0].local, frame, w.len);
	CHECK_UINT(door_receive(rig.door, 0, rig.now_us), 1);
	CHECK_TRUE(net_receive(rig.peer, answer, sizeof(answer), NULL, 30) > (ssize_t)w.len);
	CHECK_UINT(answer[11], IAX_CALLTOKEN);
	declared.bits = 0;
	rig_free(&rig);
}

/* A flood of them takes no place of those who have no tokens. */
static void test_hangups_have_a_ring_of_their_own(void **state)
{
	static const uint8_t hangup[] = { 0x80, 9, 0, 0, 0, 0, 0, 1, 0, 0, IAX_FRAME_IAX, IAX_HANGUP };
	struct rig rig = rig_new("127.0.0.1", false);
	uint8_t frame[KNOCK_BYTES], answer[256];
	enum opening_class class = OPENING_CLASSES;
	(void)state;

	for (int i = 0; i < 8; i++) {
		CHECK_INT(ask(&rig, rig.peer, (struct tg_span){ hangup, sizeof(hangup) }, answer), -1);
	}
	CHECK_UINT(atomic_load(&rig.door->counters.ring_full[OPENING_HANGUP]), 4);
	CHECK_INT(ask(&rig, rig.peer, opening_of(frame, IAX_NEW, "old", NULL), answer), -1);
	CHECK_TRUE(waiting(&rig, &class) != NULL);
	CHECK_UINT(class, OPENING_UNPROVEN);
	CHECK_UINT(atomic_load(&rig.door->counters.ring_full[OPENING_UNPROVEN]), 0);
	rig_free(&rig);
}

static void flood(struct rig *rig, int from, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		net_send(from, rig->shared->groups[0].local, poke, sizeof(poke));
	}
}

static unsigned answers_to(int fd)
{
	uint8_t answer[256];
	unsigned count = 0;

	while (net_receive(fd, answer, sizeof(answer), NULL, 0) > 0) {
		count++;
	}
	return count;
}

/* A window a turn, and in each more than the ceiling of what answers may cost. */
static void test_a_door_behind_answers_who_asks_little(void **state)
{
	enum { TURNS = 60, SETTLED = 20 };
	struct rig rig = rig_new("127.0.0.1", false);
	const int other = net_peer("127.77.0.1");
	unsigned flooded = 0, answered = 0;

	(void)state;
	for (unsigned turn = 0; turn < TURNS; turn++) {
		rig.now_us += SHARE_WINDOW_US;
		rig.door->time.cpu_ns = 0; /* too little time for more than the least */
		flood(&rig, rig.peer, 50);
		flood(&rig, other, 1);
		flood(&rig, rig.peer, 50);
		CHECK_UINT(door_receive(rig.door, 0, rig.now_us), SYS_UDP_BATCH);
		CHECK_UINT(door_receive(rig.door, 0, rig.now_us), 101 - SYS_UDP_BATCH); /* it keeps up again: all */
		const unsigned to_flood = answers_to(rig.peer), to_other = answers_to(other);

		flooded += turn < SETTLED ? 0 : to_flood;
		answered += turn < SETTLED ? 0 : to_other;
	}
	CHECK_UINT(answered, TURNS - SETTLED);
	CHECK_TRUE(flooded / (TURNS - SETTLED) < 101 - SYS_UDP_BATCH + 32);
	CHECK_TRUE(atomic_load(&rig.door->counters.shed) > 30 * (TURNS - SETTLED));
	CHECK_UINT(atomic_load(&rig.door->counters.received), TURNS * 101);
	close(other);
	rig_free(&rig);
}

/* What its socket had no room for may have been a valid token: strangers' answers shrink until nothing is lost any more. */
static void test_answers_give_way_to_draining(void **state)
{
	struct rig rig = rig_new("127.0.0.1", false);

	(void)state;
	flood(&rig, rig.peer, 4000);
	rig.now_us += SHARE_WINDOW_US;
	CHECK_UINT(door_receive(rig.door, 0, rig.now_us), SYS_UDP_BATCH);
	CHECK_UINT(rig.door->time.percent, 45);
	while (door_receive(rig.door, 0, rig.now_us) > 0) {
	}
	CHECK_UINT(rig.door->time.percent, 45); /* of one window */
	for (int i = 0; i < 20; i++) {
		rig.now_us += SHARE_WINDOW_US;
		CHECK_UINT(door_receive(rig.door, 0, rig.now_us), 0);
		CHECK_UINT(rig.door->time.percent, tg_min_u64(46 + i, 60));
	}
	rig_free(&rig);
}

/* A run of many counts each of its datagrams; a few are judged when many runs wait. */
static void test_long_runs_are_not_read_to_their_end(void **state)
{
	enum { RUN = 40 };
	struct rig rig = rig_new("127.0.0.1", false);
	struct sys_udp *sender = sys_udp_new(net_bind(net_addr("127.0.0.1", net_free_port("127.0.0.1"))));
	const unsigned most = 64 / 8;

	(void)state;
	if (!sys_udp_take_runs(rig.shared->groups[0].sockets[SELECTOR_DOOR])) {
		CHECK_SKIP("%s", "this kernel has no UDP_GRO");
	} else {
		for (unsigned i = 0; i < 8; i++) {
			for (unsigned j = 0; j < RUN; j++) {
				sys_udp_queue(sender, rig.shared->groups[0].local, sys_udp_bound(sender),
				              (struct tg_span){ poke, sizeof(poke) });
			}
			sys_udp_send(sender);
		}
		CHECK_UINT(door_receive(rig.door, 0, rig.now_us), 8);
		CHECK_UINT(atomic_load(&rig.door->counters.received), 8 * RUN);
		CHECK_UINT(atomic_load(&rig.door->counters.answered), 8 * most);
		CHECK_UINT(atomic_load(&rig.door->counters.shed), 8 * (RUN - most));
	}
	sys_udp_free(sender);
	rig_free(&rig);
}

enum knower { NOBODY, ITS_HOST, ITS_NETWORK };

/* Runs of frames with somebody's address forged, and his own opening with its token at the end of one. @return how many were shed */
static uint64_t shed_of_runs(unsigned runs, enum knower knower, enum opening_class *class)
{
	enum { RUN = 12 };
	struct rig rig = rig_new("127.0.0.1", false);
	struct sys_udp *sender = sys_udp_new(dup(rig.peer));
	uint8_t frame[KNOCK_BYTES], forged[KNOCK_BYTES];

	CHECK_TRUE(sender != NULL);
	CHECK_TRUE(sys_udp_take_runs(rig.shared->groups[0].sockets[SELECTOR_DOOR]));
	if (knower != NOBODY) {
		marks_note(knower == ITS_HOST ? &rig.shared->known : &rig.shared->customers, net_addr("127.0.0.1", 0),
		           knower == ITS_HOST ? 32 : 24, rig.now_us + 100 * TG_US_PER_S);
	}
	const struct tg_span good = proven_opening(&rig, rig.peer, frame);
	const struct tg_span bad = { forged, good.len };

	memcpy(forged, good.p, good.len);
	forged[good.len - 1] ^= 0x55; /* of the token: its slot is right */
	for (unsigned i = 0; i < runs; i++) {
		for (unsigned j = 1; j < RUN; j++) {
			sys_udp_queue(sender, rig.shared->groups[0].local, sys_udp_bound(sender), bad);
		}
		sys_udp_queue(sender, rig.shared->groups[0].local, sys_udp_bound(sender), i + 1 == runs ? good : bad);
		sys_udp_send(sender);
	}
	*class = OPENING_CLASSES;
	CHECK_UINT(door_receive(rig.door, 0, rig.now_us), runs);
	if (waiting(&rig, class) != NULL) {
		CHECK_SPAN(((struct tg_span){ waiting(&rig, NULL)->bytes, waiting(&rig, NULL)->len }), good);
	}
	const uint64_t shed = atomic_load(&rig.door->counters.shed);

	sys_udp_free(sender);
	rig_free(&rig);
	return shed;
}

static bool has_runs(void)
{
	struct sys_udp *udp = sys_udp_new(net_peer("127.0.0.1"));
	const bool has = sys_udp_take_runs(udp);

	sys_udp_free(udp);
	return has;
}

static void test_a_valid_token_is_taken_at_the_end_of_any_run(void **state)
{
	static const struct {
		unsigned runs;
		enum knower knower;
		uint64_t shed;
		enum opening_class class;
	} rows[] = {
		{ 16, NOBODY, 16 * 8 - 1, OPENING_STRANGER },
		{ SYS_UDP_BATCH, NOBODY, SYS_UDP_BATCH * 11, OPENING_CLASSES }, /* behind */
		{ SYS_UDP_BATCH, ITS_HOST, SYS_UDP_BATCH * 11 - 1, OPENING_STRANGER },
		{ SYS_UDP_BATCH, ITS_NETWORK, SYS_UDP_BATCH * 11 - 1, OPENING_KNOWN },
	};
	enum opening_class class;

	(void)state;
	if (!has_runs()) {
		CHECK_SKIP("%s", "this kernel has no UDP_GRO");
		return;
	}
	for (size_t i = 0; i < TG_COUNT(rows); i++) {
		CHECK_UINT(shed_of_runs(rows[i].runs, rows[i].knower, &class), rows[i].shed);
		CHECK_UINT(class, rows[i].class);
	}
}

/* Whatever comes: never an answer longer than it, never a crash. */
static void test_noise_gets_no_more_than_it_brought(void **state)
{
	struct rig rig = rig_new("127.0.0.1", false);
	uint8_t noise[200], answer[256];
	uint32_t random = 12345;

	(void)state;
	for (int round = 0; round < 400; round++) {
		for (size_t i = 0; i < sizeof(noise); i++) {
			random = random * 1664525 + 1013904223;
			noise[i] = (uint8_t)(random >> 24);
		}
		noise[0] |= 0x80;
		noise[2] = noise[3] = 0;
		noise[10] = IAX_FRAME_IAX;
		net_send(rig.peer, rig.shared->groups[0].local, noise, random % sizeof(noise));
		CHECK_UINT(door_receive(rig.door, 0, rig.now_us), 1);
		enum opening_class class;

		if (waiting(&rig, &class) != NULL) {
			tg_ring_pop(rig.shared->openings[class]);
		}
		CHECK_TRUE(net_receive(rig.peer, answer, sizeof(answer), NULL, 0) <= (ssize_t)(random % sizeof(noise)));
	}
	rig_free(&rig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_is_excused_where_he_is_known),
		cmocka_unit_test(test_a_token_opens_the_door_once_it_came_back),
		cmocka_unit_test(test_a_token_is_good_for_its_owner_and_time_alone),
		cmocka_unit_test(test_without_the_element_the_policy_decides),
		cmocka_unit_test(test_a_poke_gets_twelve_octets),
		cmocka_unit_test(test_a_stealthy_door_says_nothing_to_strangers),
		cmocka_unit_test(test_a_stealthy_door_answers_static_hosts),
		cmocka_unit_test(test_a_full_ring_drops_and_counts),
		cmocka_unit_test(test_customers_have_a_ring_of_their_own),
		cmocka_unit_test(test_who_is_silenced_gets_no_answer),
		cmocka_unit_test(test_a_banned_network_of_any_length_gets_no_answer),
		cmocka_unit_test(test_declared_ranges_get_longer_answers),
		cmocka_unit_test(test_hangups_have_a_ring_of_their_own),
		cmocka_unit_test(test_a_door_behind_answers_who_asks_little),
		cmocka_unit_test(test_answers_give_way_to_draining),
		cmocka_unit_test(test_long_runs_are_not_read_to_their_end),
		cmocka_unit_test(test_a_valid_token_is_taken_at_the_end_of_any_run),
		cmocka_unit_test(test_noise_gets_no_more_than_it_brought),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
