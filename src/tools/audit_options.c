/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/audit.h"

#include "base/text.h"
#include "tools/phone.h"

#include <stdio.h>
#include <string.h>

#define AT(field) offsetof(struct tool_audit_options, field)

const struct tool_option tool_audit_option_table[] = {
	{ "--names", "LIST", "accounts that exist, with commas: whether they can be told from others", TOOL_OPTION_TEXT,
	  AT(names_text), 0, 0, 0 },
	{ "--account", "NAME", "a test account: whether it gets in", TOOL_OPTION_TEXT, AT(account), 0, 0, 0 },
	{ "--account-number", "N", "the number that it calls (s)", TOOL_OPTION_TEXT, AT(account_number), 0, 0, 0 },
	{ "--secret-file", "FILE", "its secret is the first line (else TOLLGATE_SECRET, else asked for)",
	  TOOL_OPTION_TEXT, AT(secret_file), 0, 0, 0 },
	{ "--number", "N", "a number for guests to try (a random one)", TOOL_OPTION_TEXT, AT(number), 0, 0, 0 },
	{ "--international", "N", "one that costs money if it gets through (one of no country)", TOOL_OPTION_TEXT,
	  AT(international), 0, 0, 0 },
	{ "--samples", "N", "requests of each kind to compare (20)", TOOL_OPTION_COUNT, AT(samples), 1, 35, 0 },
	{ "--rate", "N", "packets a second (10)", TOOL_OPTION_COUNT, AT(rate), 1, TOOL_AUDIT_RATE_MAX, 0 },
	{ "--wait", "SECONDS", "for answers (1)", TOOL_OPTION_SECONDS, AT(wait_ms), 50, 10000, 0 },
	{ "--token-life", "SECONDS", "after which a call token must be worth nothing (30)", TOOL_OPTION_SECONDS,
	  AT(token_life_ms), 1000, 300000, 0 },
	{ "--local", "ADDR", "ask from there", TOOL_OPTION_TEXT, AT(local_text), 0, 0, 0 },
	{ "--expect-silence", NULL, "it is right if nobody answers; any answer is a finding", TOOL_OPTION_FLAG,
	  AT(expect_silence), 0, 0, 0 },
	{ "--baseline", "FILE", "findings in it are allowed", TOOL_OPTION_TEXT, AT(baseline), 0, 0, 0 },
	{ "--write-baseline", "FILE", "write one that allows what is found now", TOOL_OPTION_TEXT, AT(write_baseline),
	  0, 0, 0 },
	{ "--allow-file", "FILE", "addresses and networks that you operate, one a line", TOOL_OPTION_TEXT,
	  AT(allow_file), 0, 0, 0 },
	{ "--yes-i-operate-this", NULL, "you operate all targets: public addresses are not asked about",
	  TOOL_OPTION_FLAG, AT(operate), 0, 0, 0 },
	{ "--remedy", "WHAT", "print nftables, iptables, ip6tables, ansible or disable, or one with -undo behind it",
	  TOOL_OPTION_TEXT, AT(remedy), 0, 0, 0 },
	{ "--json", NULL, "report as one line of JSON", TOOL_OPTION_FLAG, AT(json), 0, 0, 0 },
	{ "--help", NULL, "this text", TOOL_OPTION_FLAG, AT(help), 0, 0, 0 },
	{ 0 },
};

#undef AT

static bool is_word(const char *text, size_t len)
{
	return len > 0 && len <= TOOL_AUDIT_NAME_MAX &&
	       tg_utf8_is_plain((struct tg_span){ (const uint8_t *)text, len });
}

static bool name_add(struct tool_audit_options *options, const char *name, size_t len, char wrong[TOOL_WRONG_BYTES])
{
	if (!is_word(name, len)) {
		snprintf(wrong, TOOL_WRONG_BYTES, "--names: a name has 1 to %d octets", TOOL_AUDIT_NAME_MAX);
		return false;
	}
	for (size_t i = 0; i < options->name_count; i++) {
		if (strlen(options->names[i]) == len && memcmp(options->names[i], name, len) == 0) {
			return true;
		}
	}
	if (options->name_count == TOOL_AUDIT_NAMES_MAX) {
		snprintf(wrong, TOOL_WRONG_BYTES, "--names: at most %d names", TOOL_AUDIT_NAMES_MAX);
		return false;
	}
	memcpy(options->names[options->name_count], name, len);
	options->names[options->name_count++][len] = '\0';
	return true;
}

static bool names_read(struct tool_audit_options *options, char wrong[TOOL_WRONG_BYTES])
{
	const char *at = options->names_text;

	for (bool more = at != NULL; more;) {
		const size_t len = strcspn(at, ",");

		if (!name_add(options, at, len, wrong)) {
			return false;
		}
		more = at[len] == ',';
		at += len + 1;
	}
	return options->account == NULL || name_add(options, options->account, strlen(options->account), wrong);
}

static bool numbers_are_words(const struct tool_audit_options *options)
{
	const char *const numbers[] = { options->account_number, options->number, options->international };

	for (size_t i = 0; i < TG_COUNT(numbers); i++) {
		if (numbers[i] != NULL && !is_word(numbers[i], strlen(numbers[i]))) {
			return false;
		}
	}
	return true;
}

static const char *combination_wrong(const struct tool_audit_options *options)
{
	if (options->target_count == 0 && options->remedy == NULL) {
		return "which hosts? expected HOST[:PORT]...";
	}
	if (!numbers_are_words(options)) {
		return "--account-number, --number, --international: 1 to 40 octets";
	}
	if (options->account == NULL && options->secret_file != NULL) {
		return "--secret-file goes with --account";
	}
	return NULL;
}

bool tool_audit_options_parse(struct tool_audit_options *options, int argc, char **argv, char wrong[TOOL_WRONG_BYTES])
{
	const char *why = NULL;
	int count = 0;

	*options = (struct tool_audit_options){
		.account_number = "s",
		.samples = 20,
		.rate = TOOL_AUDIT_RATE_MAX,
		.wait_ms = 1000,
		.token_life_ms = 30000,
	};
	count = tool_options_parse(tool_audit_option_table, options, argc, argv, wrong);
	if (count < 0 || options->help) {
		return count >= 0;
	}
	if (count > TOOL_AUDIT_TARGETS_MAX) {
		snprintf(wrong, TOOL_WRONG_BYTES, "at most %d hosts at a time", TOOL_AUDIT_TARGETS_MAX);
		return false;
	}
	for (int i = 0; i < count; i++) {
		options->targets[options->target_count++] = argv[i];
	}
	if (options->local_text != NULL && !tg_addr_parse(&options->local, tg_span_text(options->local_text), 0)) {
		snprintf(wrong, TOOL_WRONG_BYTES, "--local %s: expected an address", options->local_text);
		return false;
	}
	why = combination_wrong(options);
	if (why != NULL) {
		snprintf(wrong, TOOL_WRONG_BYTES, "%s", why);
	}
	return why == NULL && names_read(options, wrong);
}

/* HOST:PORT of a name; an address alone was tried before. */
static bool name_split(const char *text, char host[256], uint16_t *port)
{
	const char *colon = strchr(text, ':');
	const size_t len = colon != NULL ? (size_t)(colon - text) : strlen(text);
	uint64_t value = IAX_PORT;

	if (len == 0 || len > 255 ||
	    strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") < len ||
	    (colon != NULL && !tg_text_uint(colon + 1, 1, UINT16_MAX, &value))) {
		return false;
	}
	memcpy(host, text, len);
	host[len] = '\0';
	*port = (uint16_t)value;
	return true;
}

bool tool_audit_target(struct tg_addr *out, const char *text, char wrong[TOOL_WRONG_BYTES])
{
	char host[256];
	uint16_t port = 0;

	if (tg_addr_parse(out, tg_span_text(text), IAX_PORT) && out->port != 0 && !tg_addr_is_any(*out)) {
		return true;
	}
	if (!name_split(text, host, &port)) {
		snprintf(wrong, TOOL_WRONG_BYTES,
		         "%s: expected HOST, HOST:PORT or [ADDRESS]:PORT: single hosts, no networks", text);
		return false;
	}
	return tool_resolve(out, host, port, TG_NO_ADDR, wrong, TOOL_WRONG_BYTES) && !tg_addr_is_any(*out);
}
