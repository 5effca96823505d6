/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_EXIT_H
#define TG_TOOLS_EXIT_H

/** Exit codes of `tollgate`, one list for all sub-commands: (enumerator, code, text for people). */
#define TOOL_EXITS(X)                                                                    \
	X(TOOL_OK, 0, "done; the call was answered and ended normally")                  \
	X(TOOL_FAILED, 1, "the command failed, or no daemon answers at the socket")      \
	X(TOOL_USAGE, 2, "the command line is wrong")                                    \
	X(TOOL_REFUSED, 3, "refused: wrong secret, unknown account or number, no codec") \
	X(TOOL_BUSY, 4, "busy")                                                          \
	X(TOOL_NO_ANSWER, 5, "not answered in time")                                     \
	X(TOOL_NETWORK, 6, "no such host, no socket, or the host is silent")             \
	X(TOOL_FILE, 7, "a file cannot be read or written")                              \
	X(TOOL_BROKEN, 8, "the call broke off, or lost media (load)")

#define X(name, code, text) name = (code),
enum tool_exit { TOOL_EXITS(X) };
#undef X

#endif
