/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/command.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { COMPLETIONS_MAX = 64 };

bool desk_words_split(struct desk_words *words, const char *line)
{
	char *to = words->text;
	char *const end = words->text + sizeof(words->text) - 1;
	bool quoted = false;

	words->count = 0;
	while (*(line += strspn(line, " \t")) != '\0') {
		if (words->count == DESK_WORDS_MAX) {
			return false;
		}
		words->word[words->count++] = to;
		for (; *line != '\0' && (quoted || (*line != ' ' && *line != '\t')); line++) {
			if (*line == '"') {
				quoted = !quoted;
			} else if (to < end) {
				*to++ = *line;
			}
		}
		if (to >= end) {
			return false;
		}
		*to++ = '\0';
	}
	return !quoted;
}

/* How many words of a command's own begin the line; 0 if they do not. */
static int command_match(const struct desk_command *command, const struct desk_words *words)
{
	const char *at = command->words;
	int count = 0;

	for (; *at != '\0'; count++) {
		const size_t len = strcspn(at, " ");

		if (count == words->count || strlen(words->word[count]) != len ||
		    memcmp(words->word[count], at, len) != 0) {
			return 0;
		}
		at += len + strspn(at + len, " ");
	}
	return count;
}

static const struct desk_command *find_among(const struct desk_command *commands, const struct desk_words *words,
                                             int *used)
{
	const struct desk_command *best = NULL;

	*used = 0;
	for (const struct desk_command *command = commands; command->words != NULL; command++) {
		const int count = command_match(command, words);

		if (count > *used) {
			best = command;
			*used = count;
		}
	}
	return best;
}

const struct desk_command *desk_command_find(const struct desk_words *words, int *used)
{
	const struct desk_command *best = find_among(desk_commands, words, used);
	int behind = 0;
	const struct desk_command *in_family = best != NULL && best->family != NULL
	                                               ? find_among(best->family, words, &behind)
	                                               : NULL;

	*used = in_family != NULL ? behind : *used;
	return in_family != NULL ? in_family : best;
}

static void join(char *to, size_t room, const struct desk_words *words, int count)
{
	size_t len = 0;

	to[0] = '\0';
	for (int i = 0; i < count && len < room; i++) {
		len += (size_t)snprintf(to + len, room - len, "%s%s", i > 0 ? " " : "", words->word[i]);
	}
}

static const char *words_at(const void *table, size_t index)
{
	return ((const struct desk_command *)table)[index].words;
}

static bool list_beginning_with(const char *text, struct desk_out *out)
{
	const size_t len = strlen(text);
	bool any = false;

	for (const struct desk_command *command = desk_commands; len > 0 && command->words != NULL; command++) {
		if (strncmp(command->words, text, len) != 0 || command->words[len] != ' ') {
			continue;
		}
		if (!any) {
			desk_line(out, "'%s' is not a whole command. There are:", text);
		}
		desk_line(out, "  %s%s%s", command->words, command->args[0] != '\0' ? " " : "", command->args);
		any = true;
	}
	return any;
}

void desk_command_unknown(const struct desk_words *words, struct desk_out *out)
{
	char typed[DESK_COMMAND_MAX + 1], part[DESK_COMMAND_MAX + 1];
	const char *near = NULL;

	join(typed, sizeof(typed), words, words->count);
	if (list_beginning_with(typed, out)) {
		return;
	}
	for (int count = words->count; count > 0 && near == NULL; count--) {
		join(part, sizeof(part), words, count);
		near = tg_text_nearest(part, words_at, desk_commands);
	}
	desk_line(out, "No such command: '%s'%s%s%s", typed, near != NULL ? "; did you mean '" : "",
	          near != NULL ? near : "", near != NULL ? "'?" : "");
	desk_line(out, "Try: core show help");
}

void desk_command_usage(const struct desk_command *command, struct desk_out *out)
{
	desk_line(out, "Usage: %s%s%s", command->words, command->args[0] != '\0' ? " " : "", command->args);
	desk_line(out, "       %s", command->help);
}

/* ---- Completion ---- */

struct completions {
	char words[COMPLETIONS_MAX][MODEL_NAME_BYTES];
	size_t count;
};

static void offer(struct completions *all, const char *word, size_t len, const char *typed)
{
	char *to = NULL;

	if (strncmp(word, typed, strlen(typed)) != 0 || len < strlen(typed) || all->count == COMPLETIONS_MAX ||
	    len >= sizeof(all->words[0])) {
		return;
	}
	for (size_t i = 0; i < all->count; i++) {
		if (strncmp(all->words[i], word, len) == 0 && all->words[i][len] == '\0') {
			return;
		}
	}
	to = all->words[all->count++];
	memcpy(to, word, len);
	to[len] = '\0';
}

/* The word of a command that stands at a place; NULL if the words before it are others, or there is none. */
static const char *word_at(const struct desk_command *command, const struct desk_words *words, int place)
{
	const char *at = command->words;

	for (int i = 0; i < place; i++) {
		const size_t len = strcspn(at, " ");

		if (strlen(words->word[i]) != len || memcmp(words->word[i], at, len) != 0) {
			return NULL;
		}
		at += len + strspn(at + len, " ");
	}
	return *at != '\0' ? at : NULL;
}

static void offer_names(struct completions *all, const struct world *world, enum desk_names names, const char *typed)
{
	const enum world_table table = names == DESK_PEER_NAMES ? WORLD_PEERS : WORLD_CONTEXTS;

	for (uint32_t i = 0; i < world_count(world, table); i++) {
		const void *row = world_row(world, table, i);
		const char *name = world_text(world, names == DESK_PEER_NAMES
		                                             ? ((const struct world_peer *)row)->name
		                                             : ((const struct world_context *)row)->name);

		offer(all, name, strlen(name), typed);
	}
}

static void offer_words(struct completions *all, const struct desk_command *command, const struct desk_words *words,
                        int place, const char *typed)
{
	const char *word = word_at(command, words, place);

	if (word != NULL) {
		offer(all, word, strcspn(word, " "), typed);
	}
}

void desk_complete(const struct world *world, const char *line, struct desk_out *out)
{
	struct completions all = { .count = 0 };
	struct desk_words words;
	const char *typed = "";
	int place = 0, used = 0;

	if (!desk_words_split(&words, line)) {
		return;
	}
	place = words.count;
	if (place > 0 && line[strlen(line) - 1] != ' ') {
		typed = words.word[--place];
	}
	for (const struct desk_command *command = desk_commands; command->words != NULL; command++) {
		offer_words(&all, command, &words, place, typed);
		for (const struct desk_command *member = command->family; member != NULL && member->words != NULL;
		     member++) {
			offer_words(&all, member, &words, place, typed);
		}
	}
	words.count = place;
	const struct desk_command *command = desk_command_find(&words, &used);

	if (command != NULL && used == place && command->names != DESK_NO_NAMES && world != NULL) {
		offer_names(&all, world, command->names, typed);
	}
	for (size_t i = 0; i < all.count; i++) {
		desk_line(out, "%s", all.words[i]);
	}
}

/* ---- Questions ---- */

static const struct {
	enum ipc_proc asked;
	uint32_t kind;
	size_t row_bytes;
} questions[] = {
	[IPC_ASK_PEERS] = { PROC_ENGINE, IPC_PEER_ROW, sizeof(struct ipc_peer_row) },
	[IPC_ASK_CHANNELS] = { PROC_ENGINE, IPC_CHANNEL_ROW, sizeof(struct ipc_channel_row) },
	[IPC_ASK_REGISTRY] = { PROC_ENGINE, IPC_REGISTRY_ROW, sizeof(struct ipc_registry_row) },
	[IPC_ASK_NUMBERS] = { PROC_ENGINE, IPC_NUMBERS_ROW, sizeof(struct ipc_numbers_row) },
	[IPC_ASK_COUNTERS] = { PROC_ENGINE, IPC_COUNTER_ROW, sizeof(struct ipc_counter_row) },
	[IPC_ASK_PROCESSES] = { PROC_PARENT, IPC_PROCESS_ROW, sizeof(struct ipc_process_row) },
	[IPC_ASK_RECORDS] = { PROC_STORE, IPC_RECORD_ROW, sizeof(struct ipc_record_row) },
	[IPC_ASK_EVENTS] = { PROC_STORE, IPC_EVENT_ROW, sizeof(struct ipc_event_row) },
	[IPC_ASK_AUDIT] = { PROC_STORE, IPC_AUDIT_ROW, sizeof(struct ipc_audit_row) },
	[IPC_ASK_BANS] = { PROC_ENGINE, IPC_BAN_ROW, sizeof(struct ipc_ban_row) },
	[IPC_ASK_SOURCES] = { PROC_ENGINE, IPC_SOURCE_ROW, sizeof(struct ipc_source_row) },
	[IPC_ASK_GUARDED] = { PROC_ENGINE, IPC_ACCOUNT_ROW, sizeof(struct ipc_account_row) },
	[IPC_ASK_BUDGETS] = { PROC_ENGINE, IPC_BUDGET_ROW, sizeof(struct ipc_budget_row) },
	[IPC_ASK_USAGE] = { PROC_ENGINE, IPC_USAGE_ROW, sizeof(struct ipc_usage_row) },
};
static_assert(TG_COUNT(questions) == IPC_QUERY_WHATS, "every question has somebody who answers it");

enum ipc_proc desk_asked(enum ipc_query_what what)
{
	return questions[what].asked;
}

size_t desk_row_bytes(enum ipc_query_what what, uint32_t *kind)
{
	*kind = questions[what].kind;
	return questions[what].row_bytes;
}
