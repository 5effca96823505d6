/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/ctl.h"
#include "tools/front.h"

#include <stdio.h>
#include <string.h>

/* Lines are shown by what they say; what is a secret in them is not. Bytes of files are not trusted by terminals. */
static void put_text(const char *text)
{
	for (; *text != '\0'; text++) {
		putchar((unsigned char)*text < ' ' || *text == 0x7f ? '?' : *text);
	}
}

static void put_line(char sign, const char *mark, const char *text)
{
	putchar(sign);
	fputs(mark, stdout);
	put_text(text);
	putchar('\n');
}

static void put_edits(const struct front_edit *edits)
{
	for (; edits != NULL; edits = edits->next) {
		printf("@@ line %u: %s\n", edits->line, edits->why);
		put_line('-', "", edits->shown);
		put_line('+', FRONT_OFF_MARK, edits->shown);
	}
}

static void put_theirs(const struct front_work *work)
{
	const struct front_plan *plan = &work->plan;
	char text[FRONT_LINE_BYTES];

	for (const struct front_file *f = plan->source.first; f != NULL; f = f->next) {
		if (f->theirs == NULL && f->append == NULL) {
			continue;
		}
		printf("--- %s/%s\n+++ %s/%s\n", work->config, f->place, work->config, f->place);
		put_edits(f->theirs);
		if (f->append != NULL) {
			printf("@@ at the end\n+%s", f->append);
		}
		putchar('\n');
	}
	printf("--- /dev/null\n+++ %s/%s\n", work->config, FRONT_OVERLAY);
	for (const struct front_line *line = plan->overlay.first; line != NULL; line = line->next) {
		put_line('+', "", front_line_format(line, text));
	}
	putchar('\n');
}

static void put_our_edits(const struct front_edit *edits)
{
	for (; edits != NULL; edits = edits->next) {
		printf("    line %u: ", edits->line);
		if (edits->act == FRONT_OFF) {
			fputs("switched off\n", stdout);
		} else {
			put_text(edits->text);
			putchar('\n');
		}
	}
}

static bool exists_now(const struct front_work *work, const char *name)
{
	const size_t len = strlen(work->out);

	for (const struct front_write *w = work->writes; w != NULL; w = w->next) {
		if (strncmp(w->path, work->out, len) == 0 && w->path[len] == '/' &&
		    strcmp(w->path + len + 1, name) == 0) {
			return w->was.p != NULL;
		}
	}
	return false;
}

static void put_ours(const struct front_work *work)
{
	char backend[TG_ADDR_TEXT_BYTES], front[TG_ADDR_TEXT_BYTES];

	printf("Written for Tollgate, which reads these instead:\n");
	for (const struct front_file *f = work->plan.source.first; f != NULL; f = f->next) {
		printf("  %s/%s, a copy%s\n", work->out, f->name,
		       exists_now(work, f->name) ? " (the file that is there now is kept for undo)" : "");
		put_our_edits(f->ours);
	}
	printf("  %s/tollgate.conf%s\n    [front] backend=%s: Tollgate is at %s for it\n\n", work->out,
	       exists_now(work, "tollgate.conf") ? ", at its end" : "", tg_addr_format(work->plan.backend, backend),
	       tg_addr_format(work->plan.front, front));
}

static void put_lost(const struct front_work *work)
{
	if (work->plan.lost.count == 0) {
		return;
	}
	printf("Not carried:\n");
	for (const struct front_note *note = work->plan.lost.first; note != NULL; note = note->next) {
		printf("  %s:%u: ", note->at.file, note->at.line);
		put_text(note->text);
		putchar('\n');
	}
	putchar('\n');
}

void front_print(const struct front_work *work)
{
	put_theirs(work);
	put_ours(work);
	put_lost(work);
	printf("%u account%s carried, %u of them with a fixed address (trunks).\n", work->plan.accounts,
	       work->plan.accounts == 1 ? " is" : "s are", work->plan.trunks);
}

/* Starting what runs does nothing, so that it would go on with what it read before. */
static void put_running(const struct front_work *work)
{
	char wrong[256];
	struct tool_ctl *ctl = tool_ctl_open(work->options->state, wrong, sizeof(wrong));

	if (ctl != NULL) {
		puts("A tollgated runs already, with what it read before: restart it, for to start it does nothing.");
	}
	tool_ctl_free(ctl);
}

void front_print_next(const struct front_work *work)
{
	char backend[TG_ADDR_TEXT_BYTES];

	put_running(work);

	printf("Next, in this order:\n"
	       "  systemctl restart asterisk        it moves to %s; a reload does not do that\n"
	       "  systemctl restart tollgated       if its configuration is %s; else: tollgated --config %s\n"
	       "  tollgate -x \"iax2 show peers\"     who is registered\n"
	       "Back again: systemctl stop tollgated; tollgate front undo; systemctl restart asterisk\n",
	       tg_addr_format(work->plan.backend, backend), work->out, work->out);
}
