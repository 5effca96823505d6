/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/audit_baseline.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { LINE_BYTES = 512, WORDS = 3 };

static bool is_host(const char *word, const struct tool_audit_host *host)
{
	char addr[TG_ADDR_TEXT_BYTES], plain[TG_ADDR_TEXT_BYTES];

	return strcmp(word, "*") == 0 || strcmp(word, host->target) == 0 ||
	       strcmp(word, tg_addr_format(host->remote, addr)) == 0 ||
	       (host->remote.port == IAX_PORT && strcmp(word, tg_addr_format_host(host->remote, plain)) == 0);
}

static bool severity_read(const char *word, enum tool_audit_severity *severity)
{
	for (unsigned i = 0; i < TOOL_AUDIT_SEVERITY_COUNT; i++) {
		if (strcmp(word, tool_audit_severity_name((enum tool_audit_severity)i)) == 0) {
			*severity = (enum tool_audit_severity)i;
			return true;
		}
	}
	return false;
}

static int row_find(const char *id)
{
	for (int i = 0; tool_audit_rows[i].id != NULL; i++) {
		if (strcmp(tool_audit_rows[i].id, id) == 0) {
			return i;
		}
	}
	return -1;
}

/* Cuts the line into words. @return how many there are; more than WORDS: too many */
static size_t words_of(char *line, char *words[WORDS])
{
	size_t count = 0;

	line[strcspn(line, "#\r\n")] = '\0';
	for (char *at = line + strspn(line, " \t"); *at != '\0' && count <= WORDS; count++) {
		char *end = at + strcspn(at, " \t");
		char *next = end + strspn(end, " \t");

		if (count < WORDS) {
			words[count] = at;
		}
		*end = '\0';
		at = next;
	}
	return count;
}

const char *tool_audit_baseline_line(const char *line, struct tool_audit_host *hosts, size_t count)
{
	char copy[LINE_BYTES], *words[WORDS];
	enum tool_audit_severity most = TOOL_AUDIT_INFO;
	size_t found = 0;
	int row = -1;

	if (strlen(line) >= sizeof(copy)) {
		return "a line is too long";
	}
	memcpy(copy, line, strlen(line) + 1);
	found = words_of(copy, words);
	if (found == 0) {
		return NULL;
	}
	if (found < 2 || found > WORDS) {
		return "expected HOST ID [SEVERITY]";
	}
	row = row_find(words[1]);
	if (row < 0) {
		return "there is no check of that id";
	}
	most = tool_audit_rows[row].severity;
	if (found == WORDS && !severity_read(words[2], &most)) {
		return "expected info, low, medium, high or critical";
	}
	for (size_t i = 0; i < count; i++) {
		struct tool_audit_verdict *verdict = &hosts[i].verdicts[row];

		if (is_host(words[0], &hosts[i]) && verdict->state == TOOL_AUDIT_FOUND && verdict->severity <= most) {
			verdict->allowed = true;
		}
	}
	return NULL;
}

bool tool_audit_baseline_read(const char *file, struct tool_audit_host *hosts, size_t count,
                              char wrong[TOOL_WRONG_BYTES])
{
	FILE *in = fopen(file, "re");
	char line[LINE_BYTES];
	const char *why = NULL;
	unsigned number = 0;

	if (in == NULL) {
		snprintf(wrong, TOOL_WRONG_BYTES, "%s: %s", file, strerror(errno));
		return false;
	}
	while (why == NULL && fgets(line, sizeof(line), in) != NULL) {
		number++;
		why = strchr(line, '\n') == NULL && !feof(in) ? "a line is too long"
		                                              : tool_audit_baseline_line(line, hosts, count);
	}
	if (why == NULL && ferror(in)) {
		why = "cannot be read";
	}
	fclose(in);
	if (why != NULL) {
		snprintf(wrong, TOOL_WRONG_BYTES, "%s:%u: %s", file, number, why);
	}
	return why == NULL;
}

static void write_hosts(FILE *out, const struct tool_audit_host *hosts, size_t count)
{
	char addr[TG_ADDR_TEXT_BYTES];

	fputs("# tollgate audit: what is allowed. HOST ID SEVERITY\n", out);
	for (size_t i = 0; i < count; i++) {
		for (size_t row = 0; row < hosts[i].row_count; row++) {
			const struct tool_audit_verdict *verdict = &hosts[i].verdicts[row];

			if (verdict->state == TOOL_AUDIT_FOUND) {
				fprintf(out, "%s %s %s # %s\n", tg_addr_format(hosts[i].remote, addr),
				        tool_audit_rows[row].id, tool_audit_severity_name(verdict->severity),
				        tool_audit_rows[row].what);
			}
		}
	}
}

bool tool_audit_baseline_write(const char *file, const struct tool_audit_host *hosts, size_t count,
                               char wrong[TOOL_WRONG_BYTES])
{
	char temporary[LINE_BYTES];
	const int len = snprintf(temporary, sizeof(temporary), "%s.new", file);
	FILE *out = len > 0 && (size_t)len < sizeof(temporary) ? fopen(temporary, "we") : NULL;
	bool ok = out != NULL;

	if (ok) {
		write_hosts(out, hosts, count);
		ok = !ferror(out);
		ok = fclose(out) == 0 && ok && rename(temporary, file) == 0;
	}
	if (!ok) {
		snprintf(wrong, TOOL_WRONG_BYTES, "%s: %s", file, strerror(errno));
	}
	return ok;
}
