/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_TOOL_H
#define TG_TOOLS_TOOL_H

#include "tools/exit.h"

/** What every sub-command is given. */
struct tool_env {
	const char *state_dir;
};

/** One sub-command of `tollgate`. */
struct tool {
	const char *name;
	const char *usage; /* behind "tollgate " */
	const char *help;
	enum tool_exit (*run)(const struct tool_env *env, int argc,
	                      char **argv); /* argv behind the sub-command's word */
};

/** All of them; ends with a NULL name. */
extern const struct tool tool_table[];

enum tool_exit tool_call_main(const struct tool_env *env, int argc, char **argv);
enum tool_exit tool_load_main(const struct tool_env *env, int argc, char **argv);
enum tool_exit tool_check_main(const struct tool_env *env, int argc, char **argv);
enum tool_exit tool_config_main(const struct tool_env *env, int argc, char **argv);
enum tool_exit tool_explain_main(const struct tool_env *env, int argc, char **argv);
enum tool_exit tool_probe_main(const struct tool_env *env, int argc, char **argv);
enum tool_exit tool_status_main(const struct tool_env *env, int argc, char **argv);
enum tool_exit tool_audit_main(const struct tool_env *env, int argc, char **argv);
enum tool_exit tool_top_main(const struct tool_env *env, int argc, char **argv);
enum tool_exit tool_setup_main(const struct tool_env *env, int argc, char **argv);
enum tool_exit tool_front_main(const struct tool_env *env, int argc, char **argv);
enum tool_exit tool_console_main(const struct tool_env *env, int argc, char **argv);

/** One command for the daemon, its answer to standard output. */
enum tool_exit tool_execute(const struct tool_env *env, const char *command);

/** Whole command line of `tollgate`. */
int tool_main(int argc, char **argv);

#endif
