/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/audit_consent.h"

#include "base/text.h"

#include <errno.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LINE_BYTES = 256 };

static bool is_this_machine(struct tg_addr addr)
{
	struct ifaddrs *list = NULL;
	bool found = false;

	if (getifaddrs(&list) != 0) {
		return false;
	}
	for (const struct ifaddrs *at = list; at != NULL && !found; at = at->ifa_next) {
		found = at->ifa_addr != NULL && tg_addr_same_host(tg_addr_from_sockaddr(at->ifa_addr), addr);
	}
	freeifaddrs(list);
	return found;
}

bool tool_audit_line_allows(const char *line, struct tg_addr addr)
{
	char text[LINE_BYTES];
	const size_t start = strspn(line, " \t"), len = strcspn(line + start, " \t\r\n#");
	struct tg_addr base;
	char *slash = NULL;
	uint64_t bits = 0;

	if (len == 0 || len >= sizeof(text)) {
		return false;
	}
	memcpy(text, line + start, len);
	text[len] = '\0';
	slash = strchr(text, '/');
	if (slash != NULL) {
		*slash = '\0';
	}
	if (!tg_addr_parse(&base, tg_span_text(text), 0)) {
		return false;
	}
	bits = base.family == TG_IPV4 ? 32 : 128;
	/* Networks are listed, not the world: /0 would be no list. */
	return (slash == NULL || tg_text_uint(slash + 1, 1, bits, &bits)) &&
	       tg_addr_in_prefix(addr, base, (unsigned)bits);
}

static bool file_allows(FILE *file, struct tg_addr addr)
{
	char line[LINE_BYTES];

	rewind(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		if (tool_audit_line_allows(line, addr)) {
			return true;
		}
	}
	return false;
}

/* "yes" and nothing else. */
static bool operator_says_yes(const struct tg_addr *addrs, size_t count)
{
	char line[16] = "", text[TG_ADDR_TEXT_BYTES];

	fputs("Not a private address:", stderr);
	for (size_t i = 0; i < count; i++) {
		fprintf(stderr, " %s", tg_addr_format(addrs[i], text));
	}
	fputs("\nOnly hosts that you operate may be audited. Do you operate all of these (yes/no)? ", stderr);
	return fgets(line, sizeof(line), stdin) != NULL && strcmp(line, "yes\n") == 0;
}

bool tool_audit_consent(const struct tool_audit_options *options, const struct tool_audit_host *hosts, size_t count,
                        char wrong[TOOL_WRONG_BYTES])
{
	FILE *file = options->allow_file != NULL ? fopen(options->allow_file, "re") : NULL;
	struct tg_addr foreign[TOOL_AUDIT_TARGETS_MAX];
	size_t foreign_count = 0;

	if (options->allow_file != NULL && file == NULL) {
		snprintf(wrong, TOOL_WRONG_BYTES, "%s: %s", options->allow_file, strerror(errno));
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		const struct tg_addr addr = hosts[i].remote;

		if (!options->operate && !tg_addr_is_private(addr) && !is_this_machine(addr) &&
		    (file == NULL || !file_allows(file, addr))) {
			foreign[foreign_count++] = addr;
		}
	}
	if (file != NULL) {
		fclose(file);
	}
	if (foreign_count == 0) {
		return true;
	}
	if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
		char text[TG_ADDR_TEXT_BYTES];

		snprintf(wrong, TOOL_WRONG_BYTES,
		         "%s is no private address, and there is no terminal to ask whether you operate it: "
		         "--allow-file or --yes-i-operate-this",
		         tg_addr_format(foreign[0], text));
		return false;
	}
	snprintf(wrong, TOOL_WRONG_BYTES, "nothing was sent");
	return operator_says_yes(foreign, foreign_count);
}
