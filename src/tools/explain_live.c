/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/explain.h"

#include "tools/ctl.h"

#include <stdio.h>
#include <stdlib.h>

/* What the daemon is asked about an address. */
static const struct {
	const char *key, *title, *words, *count;
} questions[TOOL_EXPLAIN_ANSWERS] = {
	{ "sources", "What the guard remembers of this address", "guard show sources", "" },
	{ "bans", "Bans and allowances", "guard show bans", "" },
	{ "events", "The last decisions", "security show events", " 10" },
};

/* An IPv6 address stands for its network: so the guard counts. */
static const char *source_text(struct tg_addr from, char text[TG_ADDR_TEXT_BYTES])
{
	tg_addr_format_host(from, text);
	return from.family == TG_IPV6 ? "/64" : "";
}

bool tool_explain_ask_event(struct tool_explain_answer *answer, const char *state_dir, const char *event,
                            char wrong[TOOL_WRONG_BYTES])
{
	struct tool_ctl *ctl = tool_ctl_open(state_dir, wrong, TOOL_WRONG_BYTES);

	if (ctl == NULL) {
		return false;
	}
	*answer = (struct tool_explain_answer){ .key = "event" };
	snprintf(answer->command, sizeof(answer->command), "explain %s", event);
	answer->code = tool_ctl_text(ctl, answer->command, &answer->text);
	tool_ctl_free(ctl);
	return true;
}

void tool_explain_live(struct tool_explanation *all)
{
	struct tool_ctl *ctl = tool_ctl_open(all->options->state_dir, all->no_daemon, sizeof(all->no_daemon));
	char host[TG_ADDR_TEXT_BYTES];
	const char *bits = source_text(all->options->from, host);

	for (size_t i = 0; ctl != NULL && i < TOOL_EXPLAIN_ANSWERS; i++) {
		struct tool_explain_answer *answer = &all->answers[all->answer_count++];

		answer->key = questions[i].key;
		answer->title = questions[i].title;
		snprintf(answer->command, sizeof(answer->command), "%s %s%s%s", questions[i].words, host, bits,
		         questions[i].count);
		answer->code = tool_ctl_text(ctl, answer->command, &answer->text);
	}
	tool_ctl_free(ctl);
}

void tool_explain_free(struct tool_explanation *all)
{
	for (size_t i = 0; i < all->answer_count; i++) {
		free(all->answers[i].text);
	}
	all->answer_count = 0;
}
