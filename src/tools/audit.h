/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_AUDIT_H
#define TG_TOOLS_AUDIT_H

#include "tools/audit_record.h"
#include "tools/options.h"
#include "tools/tool.h"

/**
 * What somebody without credentials learns of a host of ours, and what he can do there: asked over the wire, politely, and
 * judged by a table. A host is asked (audit_probe.h), which gives a record; the rows judge the record and nothing else.
 */

/* ---- Judging ---- */

/** (enumerator, name, exit code if nothing worse was found) */
#define TOOL_AUDIT_SEVERITIES(X)          \
	X(TOOL_AUDIT_INFO, "info", 0)     \
	X(TOOL_AUDIT_LOW, "low", 0)       \
	X(TOOL_AUDIT_MEDIUM, "medium", 1) \
	X(TOOL_AUDIT_HIGH, "high", 2)     \
	X(TOOL_AUDIT_CRITICAL, "critical", 3)

#define X(name, text, code) name,
enum tool_audit_severity { TOOL_AUDIT_SEVERITIES(X) TOOL_AUDIT_SEVERITY_COUNT };
#undef X

enum { TOOL_AUDIT_EXIT_UNTESTED = 4, TOOL_AUDIT_SEEN_BYTES = 320 };

const char *tool_audit_severity_name(enum tool_audit_severity severity);

enum tool_audit_state {
	TOOL_AUDIT_CLEAR,
	TOOL_AUDIT_FOUND,
	TOOL_AUDIT_UNTESTED, /* `seen` says why */
};

/** What a row says of one host. */
struct tool_audit_verdict {
	enum tool_audit_state state;
	enum tool_audit_severity severity;
	bool allowed; /* by the baseline */
	char seen[TOOL_AUDIT_SEEN_BYTES];
	const struct tool_audit_exchange *evidence; /* in the record; NULL: it is no single one */
};

/** What can be done, beside a setting: one bit each. */
enum {
	TOOL_AUDIT_BY_SETTING = 1,
	TOOL_AUDIT_BY_FILTER = 2, /* nftables, iptables, Ansible */
	TOOL_AUDIT_BY_DISABLING = 4,
};

/** One check. Its texts are for people. */
struct tool_audit_row {
	const char *id;                    /* as a baseline has it */
	const char *what;                  /* is the matter, if it is found */
	enum tool_audit_severity severity; /* the worst that it finds */
	unsigned remedies;                 /* TOOL_AUDIT_BY_ */
	void (*judge)(const struct tool_audit_row *row, const struct tool_audit_record *record,
	              struct tool_audit_verdict *verdict);
	uint64_t probes; /* that it looks at, one bit each */
	const char *why, *expected;
	const char *setting, *undo, *verify; /* of iax.conf; "" if there is none */
};

/** All of them; ends with a NULL id. */
extern const struct tool_audit_row tool_audit_rows[];
enum { TOOL_AUDIT_ROWS_MAX = 32 };

/** Whether the host answered at all. */
enum tool_audit_presence {
	TOOL_AUDIT_ANSWERS,
	TOOL_AUDIT_SILENT, /* open or filtered: UDP does not tell */
	TOOL_AUDIT_CLOSED, /* an ICMP "port unreachable" came */
	TOOL_AUDIT_BROKEN, /* could not be asked: `wrong` of the record */
};

enum tool_audit_presence tool_audit_presence(const struct tool_audit_record *record);

/** Let each row judge the record. @return how many rows there are */
size_t tool_audit_judge(const struct tool_audit_record *record,
                        struct tool_audit_verdict verdicts[TOOL_AUDIT_ROWS_MAX]);

/* ---- The command line ---- */

enum { TOOL_AUDIT_NAMES_MAX = 8, TOOL_AUDIT_TARGETS_MAX = 64 };

struct tool_audit_options {
	const char *names_text, *account, *account_number, *secret_file, *international, *number, *local_text;
	const char *baseline, *write_baseline, *allow_file, *remedy;
	uint64_t samples, wait_ms, token_life_ms, rate;
	bool operate, expect_silence, json, help;
	struct tg_addr local;                  /* TG_NO_ADDR: any */
	char *targets[TOOL_AUDIT_TARGETS_MAX]; /* lent by argv */
	size_t target_count;
	char names[TOOL_AUDIT_NAMES_MAX][TOOL_AUDIT_NAME_MAX + 1];
	size_t name_count;
};

extern const struct tool_option tool_audit_option_table[];

/** @return false with what is wrong */
TG_MUST_USE bool tool_audit_options_parse(struct tool_audit_options *options, int argc, char **argv,
                                          char wrong[TOOL_WRONG_BYTES]);

/** HOST, HOST:PORT, ADDRESS, [ADDRESS]:PORT. @return false with what is wrong, also if there is no such host */
TG_MUST_USE bool tool_audit_target(struct tg_addr *out, const char *text, char wrong[TOOL_WRONG_BYTES]);

/* ---- What was found ---- */

/** One host and all that is said of it. */
struct tool_audit_host {
	const char *target; /* as it was typed */
	struct tg_addr remote;
	struct tool_audit_record *record;
	enum tool_audit_presence presence;
	size_t row_count;
	struct tool_audit_verdict verdicts[TOOL_AUDIT_ROWS_MAX];
};

/** The exit code of some hosts: the worst finding that is not allowed, else whether all could be tested. */
int tool_audit_exit(const struct tool_audit_host *hosts, size_t count, bool expect_silence);

/** For people; colour: with the terminal's colours. */
void tool_audit_print(const struct tool_audit_host *host, const struct tool_audit_options *options, bool colour);
void tool_audit_print_sum(const struct tool_audit_host *hosts, size_t count, int exit);

/** One line of JSON without its newline; free() it. NULL without memory. */
char *tool_audit_json(const struct tool_audit_host *hosts, size_t count, int exit);

#endif
