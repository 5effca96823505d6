/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/core.h"
#include "iax/inspect.h"

#include "sim/raw.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Whatever strangers send leaves nothing behind and is answered with no more than came (P1; rulings R1 to R5). */

enum {
	CALLS = 20,
	FORGED = 10000000,
	WARM_UP = 500000, /* until the rings of the endpoint have been written once around */
	FORGED_BYTES = 80,
	FIRST_STRANGER = 1 << 20,
	STEP_US = 1,
	/* The kernel adds up a process' pages in batches of 64; one octet kept of each forged datagram would be 2400 pages. */
	PAGES_TOLERATED = 64,
};

struct scene {
	struct raw raw;
	struct iax_leg_id legs[CALLS];
	uint64_t dice;
};

static uint32_t roll(struct scene *s)
{
	s->dice ^= s->dice << 13;
	s->dice ^= s->dice >> 7;
	s->dice ^= s->dice << 17;
	return (uint32_t)(s->dice >> 32);
}

static struct scene *scene_new(void)
{
	struct scene *s = calloc(1, sizeof(*s));
	const struct iax_pass pass = raw_pass();
	struct iax_config config = iax_config_default();

	CHECK_TRUE(s != NULL);
	s->dice = 0x9e3779b97f4a7c15;
	config.legs_max = 256;
	config.frames_max = 1024;
	raw_init(&s->raw, &config);
	for (uint32_t i = 0; i < CALLS; i++) {
		const struct tg_addr host = raw_host(i);

		s->legs[i] = raw_link(&s->raw, &host, &pass, (uint16_t)(100 + i));
	}
	return s;
}

static void scene_free(struct scene *s)
{
	raw_free(&s->raw);
	free(s);
}

/* ---- What is forged --------------------------------------------------------------------------------------------- */

static const char elements[] = "\x0b\x02\x00\x02\x06\x03"
			       "bob\x08\x04\x00\x00\x00\x04\x09\x04\x00\x00\x00\x04";

static void put_opening(struct scene *s, struct tg_writer *w, uint8_t subclass)
{
	tg_put_u16(w, (uint16_t)(IAX_FULL_BIT | roll(s)));
	tg_put_u16(w, 0);
	tg_put_u32(w, roll(s));
	tg_put_u16(w, 0);
	tg_put_u8(w, IAX_FRAME_IAX);
	tg_put_u8(w, subclass);
}

static void put_token(struct scene *s, struct tg_writer *w, unsigned form)
{
	if (form == 0) {
		return;
	}
	tg_put_u8(w, IAX_IE_CALLTOKEN);
	tg_put_u8(w, form == 1 ? 0 : IAX_TOKEN_BYTES);
	for (unsigned i = 0; form == 2 && i < IAX_TOKEN_BYTES; i++) {
		tg_put_u8(w, (uint8_t)roll(s));
	}
}

static void forge_opening(struct scene *s, struct tg_writer *w)
{
	static const uint8_t subclasses[] = { IAX_NEW,  IAX_NEW,     IAX_REGREQ, IAX_REGREQ,
		                              IAX_POKE, IAX_FWDOWNL, IAX_REGREL, IAX_HANGUP };
	const uint32_t what = roll(s);

	put_opening(s, w, subclasses[what % TG_COUNT(subclasses)]);
	tg_put_span(w, tg_span_text(elements));
	put_token(s, w, what / 256 % 3);
}

/* Of an unknown call: any subclass, and the well known ones more often. */
static void forge_full(struct scene *s, struct tg_writer *w)
{
	static const uint8_t subclasses[] = { IAX_VNAK, IAX_LAGRQ,  IAX_PING,  IAX_HANGUP, IAX_INVAL,     IAX_ACK,
		                              IAX_PONG, IAX_REJECT, IAX_TXCNT, IAX_TXREQ,  IAX_CALLTOKEN, IAX_AUTHREP };
	const uint32_t what = roll(s);

	tg_put_u16(w, (uint16_t)(IAX_FULL_BIT | roll(s)));
	tg_put_u16(w, (uint16_t)roll(s));
	tg_put_u32(w, roll(s));
	tg_put_u16(w, (uint16_t)roll(s));
	tg_put_u8(w, what % 4 == 0 ? (uint8_t)(what >> 8) : IAX_FRAME_IAX);
	tg_put_u8(w, what % 4 == 1 ? (uint8_t)(what >> 16) : subclasses[(what >> 16) % TG_COUNT(subclasses)]);
}

static void forge_mini(struct scene *s, struct tg_writer *w)
{
	const uint32_t what = roll(s);

	if (what % 2 == 0) { /* meta video */
		tg_put_u16(w, 0);
		tg_put_u16(w, (uint16_t)(IAX_VIDEO_BIT | what >> 16));
	} else {
		tg_put_u16(w, (uint16_t)(what >> 16 & 0x7fff));
	}
	tg_put_u32(w, roll(s));
	tg_put_u32(w, roll(s));
}

/* Two entries with timestamps, or without. */
static void forge_trunk(struct scene *s, struct tg_writer *w)
{
	const uint32_t what = roll(s);

	tg_put_u16(w, 0);
	tg_put_u16(w, (uint16_t)(0x0100 | (what & 1)));
	tg_put_u32(w, roll(s));
	for (unsigned i = 0; i < 2; i++) {
		tg_put_u16(w, (what & 1) != 0 ? 4 : (uint16_t)(roll(s) & 0x7fff));
		tg_put_u16(w, (what & 1) != 0 ? (uint16_t)(roll(s) & 0x7fff) : 4);
		tg_put_u32(w, roll(s));
	}
}

static void forge_garbage(struct scene *s, struct tg_writer *w)
{
	const uint32_t len = roll(s) % (FORGED_BYTES - 4);

	for (uint32_t i = 0; i < len; i += 4) {
		tg_put_u32(w, roll(s));
	}
}

static struct tg_span forge(struct scene *s, uint8_t *buffer)
{
	static void (*const forgers[])(struct scene *, struct tg_writer *) = {
		forge_opening, forge_full, forge_mini, forge_trunk, forge_garbage,
	};
	struct tg_writer w = tg_writer_of(buffer, FORGED_BYTES);

	forgers[roll(s) % TG_COUNT(forgers)](s, &w);
	CHECK_TRUE(tg_writer_ok(&w));
	return tg_writer_span(&w);
}

static void forge_many(struct scene *s, unsigned count)
{
	uint8_t buffer[FORGED_BYTES];

	for (unsigned i = 0; i < count; i++) {
		const uint64_t in = s->raw.octets_in, out = s->raw.octets_out, sent = s->raw.datagrams_out;
		struct tg_addr from = raw_host(FIRST_STRANGER + roll(s) % (1 << 23));

		from.port = (uint16_t)(1 + roll(s) % 65535);
		raw_arrive(&s->raw, &from, forge(s, buffer));
		CHECK_TRUE(s->raw.octets_out - out <= s->raw.octets_in - in && s->raw.datagrams_out - sent <= 1);
		CHECK_TRUE(s->raw.datagrams_out == sent || tg_addr_equal(s->raw.to, from));
		s->raw.now_us += STEP_US;
	}
}

/* ---- No state before proof --------------------------------------------------------------------------------------- */

/* All of an endpoint but its counters and the two queues that its owner empties. */
struct picture {
	uint8_t *tables;
	size_t len;
	struct core_queue lists[CORE_LISTS];
	struct hosts hosts;
	uint32_t unproven[2];
	struct iax_endpoint_stats stats;
	unsigned events[IAX_EVENT_KINDS];
};

static struct picture picture_of(const struct raw *raw)
{
	const struct iax_endpoint *ep = raw->ep;
	const size_t front = ep->events_at - ep->legs_at, back = ep->size_bytes - ep->numbers_at;
	struct picture picture = { .tables = malloc(front + back), .len = front + back, .hosts = ep->hosts };

	CHECK_TRUE(picture.tables != NULL);
	memcpy(picture.tables, core_at(ep, ep->legs_at), front);
	memcpy(picture.tables + front, core_at(ep, ep->numbers_at), back);
	memcpy(picture.lists, ep->lists, sizeof(picture.lists));
	memcpy(picture.unproven, ep->unproven, sizeof(picture.unproven));
	memcpy(picture.events, raw->events, sizeof(picture.events));
	picture.stats = raw_stats(raw);
	return picture;
}

static void check_same(const struct picture *a, const struct picture *b)
{
	CHECK_UINT(a->len, b->len);
	CHECK_TRUE(memcmp(a->tables, b->tables, a->len) == 0);
	CHECK_TRUE(memcmp(a->lists, b->lists, sizeof(a->lists)) == 0);
	CHECK_TRUE(memcmp(&a->hosts, &b->hosts, sizeof(a->hosts)) == 0);
	CHECK_TRUE(memcmp(a->unproven, b->unproven, sizeof(a->unproven)) == 0);
	CHECK_TRUE(memcmp(a->events, b->events, sizeof(a->events)) == 0);
	CHECK_UINT(a->stats.legs, b->stats.legs);
	CHECK_UINT(a->stats.legs_peak, b->stats.legs_peak);
	CHECK_UINT(a->stats.frames_pending, b->stats.frames_pending);
	CHECK_UINT(a->stats.numbers_used, b->stats.numbers_used);
	CHECK_UINT(a->stats.unproven_used, b->stats.unproven_used);
	CHECK_UINT(a->stats.evicted, b->stats.evicted);
	CHECK_UINT(a->stats.retransmitted, b->stats.retransmitted);
}

static long resident_pages(void)
{
	long all = 0, resident = 0;
	FILE *file = fopen("/proc/self/statm", "re");

	CHECK_TRUE(file != NULL && fscanf(file, "%ld %ld", &all, &resident) == 2);
	fclose(file);
	return resident;
}

static unsigned forged_count(void)
{
	const char *text = getenv("TG_FORGED");

	return text != NULL ? (unsigned)strtoul(text, NULL, 10) : FORGED;
}

static void test_ten_million_forged_datagrams_leave_nothing(void **state)
{
	struct scene *s = scene_new();
	(void)state;

	forge_many(s, WARM_UP);
	struct picture before = picture_of(&s->raw);
	const long pages = resident_pages();

	forge_many(s, forged_count());
	const long grown = resident_pages() - pages;
	struct picture after = picture_of(&s->raw);

	print_message("# %lu datagrams of %lu octets came, %lu of %lu left; %ld pages more\n",
	              (unsigned long)s->raw.datagrams_in, (unsigned long)s->raw.octets_in,
	              (unsigned long)s->raw.datagrams_out, (unsigned long)s->raw.octets_out, grown);
	check_same(&before, &after);
	CHECK_TRUE(grown <= PAGES_TOLERATED);
	CHECK_TRUE(s->raw.datagrams_out > 0 && s->raw.octets_out <= s->raw.octets_in);
	CHECK_TRUE(iax_inspect(s->raw.ep) == NULL);
	free(before.tables);
	free(after.tables);
	scene_free(s);
}

/* ---- Each kind ---------------------------------------------------------------------------------------------------- */

enum { TYPES = 256, SUBCLASSES = 256, LENGTHS = 3, TOKENS = 3 };

static void check_kind(struct scene *s, unsigned type, unsigned subclass, bool for_the_door)
{
	const struct tg_addr from = raw_host(FIRST_STRANGER);

	for (unsigned form = 0; form < LENGTHS * TOKENS; form++) {
		const uint64_t in = s->raw.octets_in, out = s->raw.octets_out, sent = s->raw.datagrams_out;
		uint8_t buffer[128];
		struct tg_writer w = tg_writer_of(buffer, sizeof(buffer));

		put_opening(s, &w, (uint8_t)subclass);
		buffer[2] = for_the_door ? 0 : 0x12;
		buffer[10] = (uint8_t)type;
		buffer[0] |= for_the_door ? 0x80 : (uint8_t)(roll(s) & 0x80);
		for (unsigned i = roll(s) % 40; form / TOKENS == 1 && i > 0; i--) { /* garbage instead of elements */
			tg_put_u8(&w, (uint8_t)roll(s));
		}
		tg_put_span(&w, form / TOKENS == 2 ? tg_span_text(elements) : (struct tg_span){ 0 });
		put_token(s, &w, form % TOKENS);
		raw_arrive(&s->raw, &from, tg_writer_span(&w));
		CHECK_TRUE(s->raw.octets_out - out <= s->raw.octets_in - in);
		CHECK_TRUE(s->raw.datagrams_out - sent <= 1);
	}
}

static void test_no_kind_is_answered_with_more_than_came(void **state)
{
	struct scene *s = scene_new();
	struct picture before = picture_of(&s->raw);
	(void)state;

	for (unsigned i = 0; i < TYPES * SUBCLASSES; i++) {
		check_kind(s, i / SUBCLASSES, i % SUBCLASSES, true);
		check_kind(s, i / SUBCLASSES, i % SUBCLASSES, false);
	}
	for (unsigned i = 0; i < SUBCLASSES * 100; i++) { /* the type that means something, with many more payloads */
		check_kind(s, IAX_FRAME_IAX, i % SUBCLASSES, true);
	}
	struct picture after = picture_of(&s->raw);

	check_same(&before, &after);
	CHECK_TRUE(s->raw.datagrams_out > SUBCLASSES);
	free(before.tables);
	free(after.tables);
	scene_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ten_million_forged_datagrams_leave_nothing),
		cmocka_unit_test(test_no_kind_is_answered_with_more_than_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
