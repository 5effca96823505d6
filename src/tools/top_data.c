/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/top.h"

#include <limits.h>
#include <string.h>

const char *top_view_name(enum top_view view)
{
	static const char *const names[] = {
#define X(view, name, title) name,
		TOP_VIEW_LIST(X)
#undef X
	};

	return names[view];
}

const char *top_question_name(enum top_question question)
{
	static const char *const names[] = {
#define X(question, name) name,
		TOP_QUESTION_LIST(X)
#undef X
	};

	return names[question];
}

bool top_needs(enum top_view view, enum top_question question)
{
	static const unsigned needs[TOP_VIEWS + 1] = {
		[TOP_CALLS] = 1u << TOP_ASK_CHANNELS,
		[TOP_SOURCES] = 1u << TOP_ASK_SOURCES,
		[TOP_BANS] = 1u << TOP_ASK_BANS,
		[TOP_LIMITS] = 1u << TOP_ASK_BUDGETS | 1u << TOP_ASK_NUMBERS,
		[TOP_VIEWS] = UINT_MAX,
	};

	return question == TOP_ASK_COUNTERS || question == TOP_ASK_PROCESSES || (needs[view] >> question & 1) != 0;
}

void top_snapshot_clear(struct top_snapshot *snapshot)
{
	for (size_t i = 0; i < TOP_QUESTIONS; i++) {
		json_decref(snapshot->rows[i]);
	}
	*snapshot = (struct top_snapshot){ .at_us = 0 };
}

bool top_snapshot_take(struct top_snapshot *snapshot, enum top_question question, const char *json)
{
	json_t *answer = json_loads(json, 0, NULL), *rows = json_object_get(answer, "rows");
	const bool ok = json_is_array(rows);

	if (ok) {
		json_decref(snapshot->rows[question]);
		snapshot->rows[question] = json_incref(rows);
		snapshot->cut = snapshot->cut || json_is_false(json_object_get(answer, "complete"));
	}
	json_decref(answer);
	return ok;
}

uint64_t top_counter(const struct top_snapshot *snapshot, const char *name)
{
	json_t *row = NULL;
	size_t i = 0;

	json_array_foreach(snapshot->rows[TOP_ASK_COUNTERS], i, row)
	{
		const char *its = json_string_value(json_object_get(row, "name"));

		if (its != NULL && strcmp(its, name) == 0) {
			return (uint64_t)json_integer_value(json_object_get(row, "value"));
		}
	}
	return 0;
}

double top_per_s(uint64_t before, uint64_t now, uint64_t elapsed_us)
{
	return now < before || elapsed_us == 0 ? 0 : (double)(now - before) * TG_US_PER_S / (double)elapsed_us;
}

void top_mask(char *out, size_t size_bytes, const char *text)
{
	size_t len = 0;

	for (; text != NULL && *text != '\0' && len + 1 < size_bytes; text++) {
		if (((uint8_t)*text & 0xc0) == 0x80) {
			continue; /* a character of several octets is one '?' */
		}
		out[len++] = *text >= ' ' && *text < 0x7f ? *text : '?';
	}
	out[len] = '\0';
}
