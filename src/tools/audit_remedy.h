/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_AUDIT_REMEDY_H
#define TG_TOOLS_AUDIT_REMEDY_H

#include "base/tg.h"

#include <stdio.h>

/** One way to keep strangers from the port. Its texts have the port as `@PORT@`. */
struct tool_audit_remedy {
	const char *name;  /* as --remedy has it; with "-undo": its undo */
	const char *apply; /* a file for `how` */
	const char *how;
	const char *undo; /* a file, or commands */
	const char *verify;
};

/** All of them; ends with a NULL name. */
extern const struct tool_audit_remedy tool_audit_remedies[];

/** Print one, or its undo, with how to use and to verify it as comments. @return false if there is none of that name */
TG_MUST_USE bool tool_audit_remedy_print(FILE *out, const char *name, uint16_t port);

#endif
