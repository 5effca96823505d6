/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/check.h"

#include "conf/weak.h"
#include "switch/reach_toll.h"
#include "tools/report.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Parts ------------------------------------------------------------------------------------------------------ */

static const char *peer_name(const struct world *world, uint32_t peer)
{
	if (peer == REACH_ANY_PEER) {
		return "(every peer)";
	}
	return world_text(world, ((const struct world_peer *)world_row(world, WORLD_PEERS, peer))->name);
}

static const struct world_user *user_of(const struct tool_checked *checked, uint32_t entry)
{
	return world_row(checked->conf.world, WORLD_USERS, reach_entry_at(checked->reach, entry).user);
}

/* "0[1-9]X! 00X!", cut to fit; no more than some. */
static const char *numbers_text(const struct reach *reach, const struct reach_egress *egress,
                                char out[TOOL_CHECK_LINE_BYTES])
{
	enum { TOLD = 8 };
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < egress->numbers.count && len + 1 < TOOL_CHECK_LINE_BYTES; i++) {
		char one[128];
		const bool last = i == TOLD;

		reach_seq_show(reach_sets_of(reach), &egress->numbers.seqs[i], one, sizeof(one));
		len += (size_t)snprintf(out + len, TOOL_CHECK_LINE_BYTES - len, "%s%s", i > 0 ? " " : "",
		                        last ? "..." : one);
		if (last) {
			break;
		}
	}
	return out;
}

static bool has_tolls(const struct tool_checked *checked, uint32_t entry, const struct reach_egress *egress,
                      struct reach_tolls *tolls)
{
	*tolls = (struct reach_tolls){ .allowed = 0 };
	if (egress->peer == REACH_ANY_PEER || !risk_is_paid(checked->conf.world, egress->peer)) {
		return false;
	}
	reach_tolls(checked->reach, checked->conf.world, entry, egress, egress->peer, tolls);
	return true;
}

/* ---- For people ------------------------------------------------------------------------------------------------- */

struct printing {
	const struct world *world;
	int worst;
	uint32_t counts[RISK_SEVERITIES];
	json_t *all; /* for programs */
};

static void print_risk(void *owner, const struct risk *risk)
{
	struct printing *p = owner;

	p->worst = (int)risk->severity > p->worst ? (int)risk->severity : p->worst;
	p->counts[risk->severity]++;
	printf("%s:%u: %s [%s]: %s\n", world_text(p->world, risk->at.file), (unsigned)risk->at.line,
	       risk_severity_name(risk->severity), risk->id, risk->text);
	if (risk->way[0] != '\0') {
		printf("    way:  %s\n", risk->way);
	}
	printf("    mend: %s\n", risk->mend);
}

static void print_classes(const struct reach_tolls *tolls)
{
	for (unsigned i = 0; i < WORLD_CLASSES; i++) {
		if (((tolls->allowed | tolls->denied) >> i & 1) != 0) {
			printf("        %-16s %-7s such as %s\n", world_class_name((enum world_class)i),
			       (tolls->allowed >> i & 1) != 0 ? "allowed" : "denied", tolls->examples[i]);
		}
	}
}

static void print_egress(const struct tool_checked *checked, uint32_t entry, const struct reach_egress *egress)
{
	char numbers[TOOL_CHECK_LINE_BYTES], way[RISK_WAY_BYTES];
	uint8_t example[32];
	const int len = reach_example(checked->reach, entry, egress->place, example, sizeof(example));
	struct reach_tolls tolls;

	printf("    %s%s: %s%s", peer_name(checked->conf.world, egress->peer),
	       risk_is_paid(checked->conf.world, egress->peer) ? " (paid)" : "",
	       numbers_text(checked->reach, egress, numbers), egress->undecided ? " (it cannot be decided)" : "");
	if (len > 0) {
		printf(", as for %.*s", len, (const char *)example);
	}
	printf("\n        %s\n", risk_way(checked->conf.world, checked->reach, entry, egress->place, way));
	if (has_tolls(checked, entry, egress, &tolls)) {
		print_classes(&tolls);
	}
}

static void print_entry(const struct tool_checked *checked, uint32_t i)
{
	const struct reach_entry entry = reach_entry_at(checked->reach, i);
	const struct world_user *user = user_of(checked, i);
	const struct world *world = checked->conf.world;

	printf("[%s] %s, %s:%u%s%s\n", world_text(world, user->name), reach_kind_name(entry.kind),
	       world_text(world, user->origin.file), (unsigned)user->origin.line,
	       entry.nameless ? ", and calls without a name" : "",
	       entry.gave_up ? ": too large to be followed, so everything is reached" : "");
	for (uint32_t k = 0; k < entry.egresses; k++) {
		print_egress(checked, i, reach_egress_at(checked->reach, i, k));
	}
	if (entry.egresses == 0 && !entry.gave_up) {
		puts("    nobody");
	}
}

/* What has a row among the risks, too, is told there. */
static bool is_risk(const struct conf_problem *problem)
{
	static const char *const words[] = { CONF_WEAK_SAYS, "requirecalltoken=", "calltokenoptional: " };

	for (size_t i = 0; i < TG_COUNT(words); i++) {
		if (strstr(problem->text, words[i]) != NULL) {
			return true;
		}
	}
	return false;
}

int tool_check_print(const struct tool_checked *checked)
{
	struct printing printing = { .world = checked->conf.world, .worst = -1 };

	for (const struct conf_problem *p = checked->conf.problems.first; p != NULL; p = p->next) {
		char line[CONF_PROBLEM_BYTES];

		if (p->severity == CONF_WARNING && !is_risk(p)) {
			printf("%s\n", conf_problem_format(p, line));
		}
	}
	risk_find(checked->conf.world, checked->reach, print_risk, &printing);
	puts("\nWhere calls can go:");
	for (uint32_t i = 0; i < reach_entries(checked->reach); i++) {
		print_entry(checked, i);
	}
	printf("\n%u critical, %u warnings, %u notes\n", (unsigned)printing.counts[RISK_CRITICAL],
	       (unsigned)printing.counts[RISK_WARNING], (unsigned)printing.counts[RISK_NOTE]);
	return printing.worst;
}

/* ---- For programs ----------------------------------------------------------------------------------------------- */

/* JSON is UTF-8; what is not becomes ASCII. */
static json_t *words(const char *text)
{
	char plain[RISK_WAY_BYTES];
	json_t *json = json_string(text);

	if (json == NULL) {
		tool_report_say(plain, sizeof(plain), tg_span_text(text));
		json = json_string(plain);
	}
	return json;
}

static void gather_risk(void *owner, const struct risk *risk)
{
	struct printing *p = owner;

	p->worst = (int)risk->severity > p->worst ? (int)risk->severity : p->worst;
	json_array_append_new(p->all,
	                      json_pack("{s:s, s:s, s:o, s:i, s:o, s:s, s:o}", "id", risk->id, "severity",
	                                risk_severity_name(risk->severity), "file",
	                                words(world_text(p->world, risk->at.file)), "line", (int)risk->at.line, "text",
	                                words(risk->text), "mend", risk->mend, "way", words(risk->way)));
}

static json_t *numbers_json(const struct reach *reach, const struct reach_egress *egress)
{
	json_t *all = json_array();

	for (size_t i = 0; i < egress->numbers.count; i++) {
		char one[256];

		json_array_append_new(
			all, words(reach_seq_show(reach_sets_of(reach), &egress->numbers.seqs[i], one, sizeof(one))));
	}
	return all;
}

static json_t *classes_json(const struct reach_tolls *tolls)
{
	json_t *all = json_object();

	for (unsigned i = 0; i < WORLD_CLASSES; i++) {
		if (((tolls->allowed | tolls->denied) >> i & 1) != 0) {
			json_object_set_new(all, world_class_name((enum world_class)i),
			                    json_pack("{s:b, s:o}", "allowed", (int)(tolls->allowed >> i & 1),
			                              "example", words(tolls->examples[i])));
		}
	}
	return all;
}

static json_t *egress_json(const struct tool_checked *checked, uint32_t entry, const struct reach_egress *egress)
{
	char way[RISK_WAY_BYTES];
	struct reach_tolls tolls;

	(void)has_tolls(checked, entry, egress, &tolls);
	return json_pack("{s:o, s:b, s:b, s:o, s:o, s:o}", "peer", words(peer_name(checked->conf.world, egress->peer)),
	                 "paid", risk_is_paid(checked->conf.world, egress->peer), "undecided", egress->undecided,
	                 "numbers", numbers_json(checked->reach, egress), "classes", classes_json(&tolls), "way",
	                 words(risk_way(checked->conf.world, checked->reach, entry, egress->place, way)));
}

static json_t *entry_json(const struct tool_checked *checked, uint32_t i)
{
	const struct reach_entry entry = reach_entry_at(checked->reach, i);
	json_t *all = json_array();

	for (uint32_t k = 0; k < entry.egresses; k++) {
		json_array_append_new(all, egress_json(checked, i, reach_egress_at(checked->reach, i, k)));
	}
	return json_pack("{s:o, s:s, s:b, s:b, s:o}", "account",
	                 words(world_text(checked->conf.world, user_of(checked, i)->name)), "kind",
	                 reach_kind_name(entry.kind), "nameless", entry.nameless, "everything", entry.gave_up,
	                 "reaches", all);
}

static void print_json(json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT);

	puts(text != NULL ? text : "null");
	free(text);
	json_decref(json);
}

int tool_check_json(const struct tool_checked *checked)
{
	struct printing printing = { .world = checked->conf.world, .worst = -1, .all = json_array() };
	json_t *entries = json_array();

	risk_find(checked->conf.world, checked->reach, gather_risk, &printing);
	for (uint32_t i = 0; i < reach_entries(checked->reach); i++) {
		json_array_append_new(entries, entry_json(checked, i));
	}
	print_json(json_pack("{s:o, s:o}", "risks", printing.all, "accounts", entries));
	return printing.worst;
}

/* ---- Two of them ------------------------------------------------------------------------------------------------ */

/* What is allowed, a line each: "[lobby] > provider: 9X!". */
struct lines {
	char **p;
	size_t count, room;
};

static void lines_add(struct lines *lines, const char *text)
{
	if (lines->count == lines->room) {
		const size_t room = lines->room == 0 ? 64 : 2 * lines->room;
		char **p = realloc(lines->p, room * sizeof(*p));

		if (p == NULL) {
			return;
		}
		lines->p = p;
		lines->room = room;
	}
	lines->p[lines->count] = strdup(text);
	lines->count += lines->p[lines->count] != NULL;
}

static void lines_of(const struct tool_checked *checked, struct lines *lines)
{
	const struct world *world = checked->conf.world;

	for (uint32_t i = 0; i < reach_entries(checked->reach); i++) {
		const struct reach_entry entry = reach_entry_at(checked->reach, i);
		char text[TOOL_CHECK_LINE_BYTES], number[256];

		for (uint32_t k = 0; k < entry.egresses; k++) {
			const struct reach_egress *egress = reach_egress_at(checked->reach, i, k);

			for (size_t n = 0; n < egress->numbers.count; n++) {
				reach_seq_show(reach_sets_of(checked->reach), &egress->numbers.seqs[n], number,
				               sizeof(number));
				snprintf(text, sizeof(text), "[%s] %s > %s%s: %s",
				         world_text(world, user_of(checked, i)->name), reach_kind_name(entry.kind),
				         peer_name(world, egress->peer),
				         risk_is_paid(world, egress->peer) ? " (paid)" : "", number);
				lines_add(lines, text);
			}
		}
		if (entry.gave_up) {
			snprintf(text, sizeof(text), "[%s] %s > (every peer): !",
			         world_text(world, user_of(checked, i)->name), reach_kind_name(entry.kind));
			lines_add(lines, text);
		}
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void lines_sort(struct lines *lines)
{
	size_t kept = 0;

	if (lines->count > 0) {
		qsort(lines->p, lines->count, sizeof(*lines->p), by_text);
	}
	for (size_t i = 0; i < lines->count; i++) {
		if (kept > 0 && strcmp(lines->p[kept - 1], lines->p[i]) == 0) {
			free(lines->p[i]);
		} else {
			lines->p[kept++] = lines->p[i];
		}
	}
	lines->count = kept;
}

static void lines_free(struct lines *lines)
{
	for (size_t i = 0; i < lines->count; i++) {
		free(lines->p[i]);
	}
	free(lines->p);
}

/* Lines of a that are not in b. */
static json_t *lines_without(const struct lines *a, const struct lines *b)
{
	json_t *all = json_array();

	for (size_t i = 0; i < a->count; i++) {
		if (b->count == 0 || bsearch(&a->p[i], b->p, b->count, sizeof(*b->p), by_text) == NULL) {
			json_array_append_new(all, words(a->p[i]));
		}
	}
	return all;
}

static void print_lines(const json_t *lines, char sign)
{
	for (size_t i = 0; i < json_array_size(lines); i++) {
		printf("%c %s\n", sign, json_string_value(json_array_get(lines, i)));
	}
}

bool tool_check_diff(const struct tool_checked *old, const struct tool_checked *new, bool json)
{
	struct lines before = { NULL, 0, 0 }, after = { NULL, 0, 0 };

	lines_of(old, &before);
	lines_of(new, &after);
	lines_sort(&before);
	lines_sort(&after);
	json_t *more = lines_without(&after, &before), *less = lines_without(&before, &after);
	const bool any = json_array_size(more) > 0;

	if (json) {
		print_json(json_pack("{s:O, s:O}", "allowed", more, "denied", less));
	} else {
		print_lines(more, '+');
		print_lines(less, '-');
	}
	json_decref(more);
	json_decref(less);
	lines_free(&before);
	lines_free(&after);
	return any;
}
