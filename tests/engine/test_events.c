/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/events.h"

#include <stdio.h>
#include <stdlib.h>

#include "far.h"

static const uint8_t seed[CRYPT_SEED_BYTES] = { 9 };
static struct terms_now now = { 1000 * UINT64_C(1000000), 1800000000 * UINT64_C(1000000) };

static struct events *events_new(void)
{
	struct events *events = malloc(sizeof(*events));

	CHECK_TRUE(events != NULL);
	events_init(events, seed);
	return events;
}

static struct model_event event_from(uint8_t network, const char *account)
{
	struct model_event event = { .kind = MODEL_EVENT_CHALLENGE_FAILED, .validated = 1 };
	const uint8_t ip[4] = { 198, 51, network, 7 };

	event.remote = tg_addr_ipv4(ip, 4569);
	events_put_text(event.account, sizeof(event.account), tg_span_text(account));
	return event;
}

static void pass_s(uint32_t seconds)
{
	now.now_us += seconds * (uint64_t)TG_US_PER_S;
	now.wall_us += seconds * (uint64_t)TG_US_PER_S;
}

static void test_ids_grow_even_when_the_clock_does_not(void **state)
{
	struct events *events = events_new();
	struct model_event_id last = { 0 };
	(void)state;

	for (uint8_t i = 0; i < 8; i++) {
		struct model_event event = event_from(i, "alice");

		CHECK_TRUE(events_tell(events, &event, (struct terms_now){ now.now_us, now.wall_us - i * 5000u }));
		CHECK_TRUE(event.id.time > last.time);
		CHECK_TRUE(event.id.salt != last.salt);
		CHECK_UINT(event.wall_ms, (now.wall_us - i * 5000u) / 1000);
		last = event.id;
	}
	free(events);
}

/* Told, counted with one that was told, or counted with the rest: none is lost. */
static void test_every_event_is_told_or_counted(void **state)
{
	struct events *events = events_new();
	struct far store;
	uint64_t put = 0, told = 0, counted = 0;
	const struct ipc_event *message;
	(void)state;

	far_init(&store, PROC_STORE);
	far_connect(&store);
	for (int second = 0; second < 200; second++) {
		for (uint32_t i = 0; i < 50 && second < 60; i++, put++) {
			struct model_event event = event_from((uint8_t)(i % 9), i % 2 == 0 ? "alice" : "bob");

			(void)events_tell(events, &event, now);
		}
		pass_s(1);
		events_expire(events, now);
		events_turn(events, &store.link);
		while ((message = far_next(&store)) != NULL) {
			told += message->event.kind != MODEL_EVENT_NONE;
			counted += message->event.suppressed;
		}
		CHECK_TRUE(told <= 21u * (uint32_t)(second + 1));
	}
	CHECK_UINT(told + counted, put);
	CHECK_UINT(events->suppressed, put - told);
	CHECK_TRUE(told < put / 4);
	far_free(&store);
	free(events);
}

/* Without a store the oldest make room; the next store hears how many there were. */
static void test_what_waits_is_bounded(void **state)
{
	struct events *events = events_new();
	struct far store;
	uint64_t put = 0, told = 0, counted = 0;
	const struct ipc_event *message;
	(void)state;

	far_init(&store, PROC_STORE);
	for (int second = 0; second < 100; second++) {
		for (uint32_t i = 0; i < 8; i++, put++) {
			struct model_event event = event_from((uint8_t)(put % 251), "alice");
			char name[24];

			snprintf(name, sizeof(name), "n%u", (unsigned)put);
			events_put_text(event.account, sizeof(event.account), tg_span_text(name));
			CHECK_TRUE(events_tell(events, &event, now));
		}
		events_turn(events, &store.link);
		pass_s(1);
	}
	CHECK_UINT(events->count, EVENTS_MAX);
	CHECK_UINT(events->dropped, put - EVENTS_MAX);
	far_connect(&store);
	for (int i = 0; i < 200; i++) {
		events_turn(events, &store.link);
		while ((message = far_next(&store)) != NULL) {
			told += message->event.kind != MODEL_EVENT_NONE;
			counted += message->event.suppressed;
		}
		far_flush(&store);
		pass_s(1);
		events_expire(events, now);
	}
	CHECK_UINT(told, EVENTS_MAX);
	CHECK_UINT(told + counted, put);
	CHECK_FALSE(events_wait(events));
	far_free(&store);
	free(events);
}

static void test_texts_are_cut_and_ended(void **state)
{
	char text[8];
	(void)state;

	memset(text, 'x', sizeof(text));
	events_put_text(text, sizeof(text), TG_SPAN_LIT("a long name"));
	CHECK_TEXT(text, "a long ");
	events_put_text(text, sizeof(text), TG_SPAN_LIT("a\0b"));
	CHECK_TEXT(text, "a");
	CHECK_UINT(text[2], 0); /* nothing behind the end */
	events_put_text(text, sizeof(text), (struct tg_span){ 0 });
	CHECK_TEXT(text, "");
}

/* 5,000 phones register every minute, and 20 guessers a second are refused; one ban a second. */
static void test_bans_are_told_whatever_else_happens(void **state)
{
	enum { SECONDS = 600, SUCCESSES = 83, REFUSALS = 20 };
	struct events *events = events_new();
	struct far store;
	uint32_t kept = 0, lines = 0, alerts = 0, number = 0;
	const struct ipc_event *message;
	(void)state;

	far_init(&store, PROC_STORE);
	far_connect(&store);
	for (uint32_t second = 0; second < SECONDS; second++) {
		for (uint32_t i = 0; i < SUCCESSES + REFUSALS; i++, number++) {
			struct model_event event = event_from((uint8_t)number, "");

			event.kind = i < SUCCESSES ? MODEL_EVENT_SUCCESSFUL_AUTH : MODEL_EVENT_CHALLENGE_FAILED;
			snprintf(event.account, sizeof(event.account), "n%u", (unsigned)(number % 5000));
			(void)events_tell(events, &event, now);
		}
		struct model_event ban = event_from((uint8_t)second, "");
		struct model_event alert = event_from((uint8_t)second, "victim");

		ban.kind = MODEL_EVENT_BANNED;
		alert.kind = MODEL_EVENT_UNDER_ATTACK;
		lines += events_keep(events, &ban, now);
		CHECK_TRUE(ban.id.time != 0);
		(void)events_tell(events, &alert, now);
		events_turn(events, &store.link);
		while ((message = far_next(&store)) != NULL) {
			kept += message->event.kind == MODEL_EVENT_BANNED;
			alerts += message->event.kind == MODEL_EVENT_UNDER_ATTACK;
		}
		far_flush(&store);
		pass_s(1);
	}
	CHECK_UINT(kept, SECONDS);
	CHECK_UINT(lines, SECONDS);
	CHECK_UINT(alerts, SECONDS);
	far_free(&store);
	free(events);
}

/* Of fifty bans in a second few have a line, and all are kept. */
static void test_a_ban_without_a_line_is_kept(void **state)
{
	struct events *events = events_new();
	uint32_t lines = 0;
	(void)state;

	for (uint8_t i = 0; i < 50; i++) {
		struct model_event ban = event_from(i, "");

		ban.kind = MODEL_EVENT_BANNED;
		lines += events_keep(events, &ban, now);
		CHECK_TRUE(ban.id.time != 0 && ban.id.salt != 0);
	}
	CHECK_UINT(lines, 5);
	CHECK_UINT(events->count, 50);
	free(events);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ids_grow_even_when_the_clock_does_not),
		cmocka_unit_test(test_every_event_is_told_or_counted),
		cmocka_unit_test(test_what_waits_is_bounded),
		cmocka_unit_test(test_bans_are_told_whatever_else_happens),
		cmocka_unit_test(test_a_ban_without_a_line_is_kept),
		cmocka_unit_test(test_texts_are_cut_and_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
