/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/audit.h"

#include <stdio.h>
#include <string.h>

/* How a severity looks on a terminal. */
static const char *const colours[TOOL_AUDIT_SEVERITY_COUNT] = {
	[TOOL_AUDIT_INFO] = "\033[2m",    [TOOL_AUDIT_LOW] = "\033[36m",           [TOOL_AUDIT_MEDIUM] = "\033[33m",
	[TOOL_AUDIT_HIGH] = "\033[1;31m", [TOOL_AUDIT_CRITICAL] = "\033[1;37;41m",
};

static void print_line(const char *name, const char *text)
{
	if (text[0] != '\0') {
		printf("            %-9s %s\n", name, text);
	}
}

static void print_finding(const struct tool_audit_row *row, const struct tool_audit_verdict *verdict, bool colour)
{
	printf("  %s%-9s%s %-16s %s%s\n", colour ? colours[verdict->severity] : "",
	       tool_audit_severity_name(verdict->severity), colour ? "\033[0m" : "", row->id, row->what,
	       verdict->allowed ? " (allowed by the baseline)" : "");
	print_line("seen", verdict->seen);
	if (verdict->allowed || verdict->severity == TOOL_AUDIT_INFO) {
		return;
	}
	print_line("why", row->why);
	print_line("expected", row->expected);
	print_line("do", row->setting);
	print_line("undo", row->undo);
	print_line("verify", row->verify);
	if ((row->remedies & TOOL_AUDIT_BY_FILTER) != 0) {
		print_line("or", "let only known networks in: --remedy nftables, iptables, ip6tables or ansible");
	}
	if ((row->remedies & TOOL_AUDIT_BY_DISABLING) != 0) {
		print_line("or", "where nobody needs it: --remedy disable");
	}
}

/* The findings, the worst first. */
static void print_findings(const struct tool_audit_host *host, bool colour)
{
	for (unsigned down = TOOL_AUDIT_SEVERITY_COUNT; down-- > 0;) {
		for (size_t i = 0; i < host->row_count; i++) {
			const struct tool_audit_verdict *verdict = &host->verdicts[i];

			if (verdict->state == TOOL_AUDIT_FOUND && (unsigned)verdict->severity == down) {
				print_finding(&tool_audit_rows[i], verdict, colour);
			}
		}
	}
}

static void print_rest(const struct tool_audit_host *host, enum tool_audit_state state, const char *word,
                       const char *mark)
{
	for (size_t i = 0; i < host->row_count; i++) {
		const struct tool_audit_verdict *verdict = &host->verdicts[i];

		if (verdict->state == state) {
			printf("  %-9s %-16s %s%s%s%s%s\n", word, tool_audit_rows[i].id, mark, tool_audit_rows[i].what,
			       verdict->seen[0] != '\0' ? " (" : "", verdict->seen,
			       verdict->seen[0] != '\0' ? ")" : "");
		}
	}
}

static const char *presence_text(const struct tool_audit_host *host, char text[TOOL_WRONG_BYTES])
{
	switch (host->presence) {
	case TOOL_AUDIT_ANSWERS:
		return "answers";
	case TOOL_AUDIT_SILENT:
		snprintf(text, TOOL_WRONG_BYTES,
		         "open|filtered: no answer, and with UDP that tells nothing more. On the host: ss -lunp 'sport "
		         "= :%u'",
		         host->remote.port);
		return text;
	case TOOL_AUDIT_CLOSED:
		return "closed: \"port unreachable\" came by ICMP";
	case TOOL_AUDIT_BROKEN:
		break;
	}
	return "could not be asked";
}

void tool_audit_print(const struct tool_audit_host *host, const struct tool_audit_options *options, bool colour)
{
	char addr[TG_ADDR_TEXT_BYTES], text[TOOL_WRONG_BYTES];
	const struct tool_audit_record *record = host->record;

	printf("%s (%s), UDP: %s\n", host->target, tg_addr_format(host->remote, addr), presence_text(host, text));
	printf("  %u packets sent%s%s%s%s\n", record->packets_sent,
	       record->cut_short ? "; stopped before the end: " : "", record->cut_short ? record->wrong : "",
	       options->expect_silence ? "; silence is expected" : "",
	       record->strays > 0 ? "; answers came that belong to no request" : "");
	if (host->presence != TOOL_AUDIT_ANSWERS) {
		return;
	}
	print_findings(host, colour);
	print_rest(host, TOOL_AUDIT_CLEAR, "ok", "not so: ");
	print_rest(host, TOOL_AUDIT_UNTESTED, "untested", "whether ");
}

void tool_audit_print_sum(const struct tool_audit_host *hosts, size_t count, int exit)
{
	static const char *const texts[] = {
		"nothing of medium severity or worse",
		"medium findings",
		"high findings",
		"critical findings",
		"not all could be tested",
	};
	unsigned allowed = 0;

	for (size_t i = 0; i < count; i++) {
		for (size_t row = 0; row < hosts[i].row_count; row++) {
			allowed += hosts[i].verdicts[row].allowed ? 1 : 0;
		}
	}
	printf("Result: %s", texts[exit]);
	if (allowed > 0) {
		printf(", besides %u allowed by the baseline", allowed);
	}
	printf(" (exit %d).\n", exit);
}
