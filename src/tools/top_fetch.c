/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/top_fetch.h"

#include "sys/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ANSWER_LIMIT_S = 5, TOLD_BACK_MS = 10 * 1000, HASTY_US = 150 * 1000 };

void top_fetch_init(struct top_fetch *fetch, const char *state_dir)
{
	*fetch = (struct top_fetch){ .state_dir = state_dir, .now = 0, .before = 1, .next = 2 };
}

void top_fetch_deinit(struct top_fetch *fetch)
{
	tool_ctl_free(fetch->ctl);
	for (size_t i = 0; i < TG_COUNT(fetch->snapshots); i++) {
		top_snapshot_clear(&fetch->snapshots[i]);
	}
}

/* ---- One question ---- */

static int ask(struct top_fetch *fetch, struct top_snapshot *into, enum top_question question)
{
	char command[64], *text = NULL;

	snprintf(command, sizeof(command), "json %s", top_question_name(question));
	int code = tool_ctl_text(fetch->ctl, command, &text);

	if (code == 0 && !top_snapshot_take(into, question, text)) {
		code = 1;
	}
	if (code > 0) {
		text[strcspn(text, "\n")] = '\0';
		top_mask(fetch->why, sizeof(fetch->why), text); /* it is no JSON then, but for people */
	}
	free(text);
	return code;
}

/* ---- All of them ---- */

static bool lost(struct top_fetch *fetch, const char *why)
{
	tool_ctl_free(fetch->ctl);
	fetch->ctl = NULL;
	fetch->lost_ms = fetch->lost_ms != 0 ? fetch->lost_ms : sys_clock_wall_ms();
	if (why != NULL) {
		snprintf(fetch->why, sizeof(fetch->why), "%s", why);
	}
	return false;
}

static bool connected(struct top_fetch *fetch)
{
	char wrong[TOP_WHY_BYTES];

	if (fetch->ctl != NULL) {
		return true;
	}
	fetch->ctl = tool_ctl_open(fetch->state_dir, wrong, sizeof(wrong));
	if (fetch->ctl == NULL) {
		return lost(fetch, wrong);
	}
	tool_ctl_limit(fetch->ctl, ANSWER_LIMIT_S);
	return true;
}

static uint64_t up_s(const struct top_snapshot *snapshot)
{
	const json_t *row = json_array_get(snapshot->rows[TOP_ASK_PROCESSES], 0);

	return (uint64_t)json_integer_value(json_object_get(row, "up_s"));
}

static void swap(size_t *a, size_t *b)
{
	const size_t was = *a;

	*a = *b;
	*b = was;
}

/*
 * What was counted by another daemon is no beginning for a difference; and where the last look was only a moment ago, as when the
 * view is changed, the difference is still to the one before it: a rate of a few milliseconds says nothing.
 */
static void keep(struct top_fetch *fetch)
{
	const struct top_snapshot *next = &fetch->snapshots[fetch->next], *now = &fetch->snapshots[fetch->now];
	const bool other = fetch->has_now && up_s(next) < up_s(now);
	const bool hasty = fetch->has_before && !other && next->at_us < now->at_us + HASTY_US;

	if (fetch->lost_ms != 0 && fetch->has_now) {
		fetch->back_ms = next->wall_ms;
	}
	fetch->lost_ms = 0;
	if (!hasty) {
		fetch->has_before = fetch->has_now && !other;
		swap(&fetch->now, &fetch->before);
	}
	swap(&fetch->now, &fetch->next);
	fetch->has_now = true;
}

bool top_fetch_ask(struct top_fetch *fetch, enum top_view view)
{
	struct top_snapshot *into = &fetch->snapshots[fetch->next];

	if (!connected(fetch)) {
		return false;
	}
	top_snapshot_clear(into);
	into->at_us = sys_clock_us();
	into->wall_ms = sys_clock_wall_ms();
	for (unsigned question = 0; question < TOP_QUESTIONS; question++) {
		const int code = top_needs(view, question) ? ask(fetch, into, question) : 0;

		if (code != 0) {
			return lost(fetch, code < 0 ? "it went away before it had answered" : NULL);
		}
	}
	keep(fetch);
	return true;
}

const struct top_snapshot *top_fetch_now(const struct top_fetch *fetch)
{
	return fetch->has_now ? &fetch->snapshots[fetch->now] : NULL;
}

const struct top_snapshot *top_fetch_before(const struct top_fetch *fetch)
{
	return fetch->has_before ? &fetch->snapshots[fetch->before] : NULL;
}

void top_fetch_trouble(const struct top_fetch *fetch, char *text, size_t size_bytes)
{
	const uint64_t now_ms = sys_clock_wall_ms();
	const time_t s = (time_t)(fetch->lost_ms / 1000);
	char clock[16], why[TOP_WHY_BYTES];
	struct tm tm;

	text[0] = '\0';
	if (fetch->lost_ms != 0) {
		const char *colon = strstr(fetch->why,
		                           ": "); /* behind the socket's path, for which a line has no room */

		strftime(clock, sizeof(clock), "%H:%M:%S", localtime_r(&s, &tm));
		top_mask(why, sizeof(why), colon != NULL ? colon + 2 : fetch->why);
		snprintf(text, size_bytes, "no answer since %s, trying again: %s", clock, why);
	} else if (fetch->back_ms != 0 && now_ms < fetch->back_ms + TOLD_BACK_MS) {
		snprintf(text, size_bytes, "tollgated is back");
	}
}
