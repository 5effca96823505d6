/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_CONFIG_H
#define TG_TOOLS_CONFIG_H

#include "conf/conf.h"
#include "conf/option_doc.h"
#include "tools/options.h"
#include "tools/tool.h"

/** `tollgate config`: what holds, and which line says so; and the list of all options. */

struct tool_config_options {
	const char *folder;
	bool origin, json, help;
};

/** One line of the files, kept. Texts are of `lines`. */
struct config_line {
	const struct conf_option *option;
	enum conf_scope scope;
	const char *section;
	const char *value, *file, *begins_file;
	uint32_t line, begins_line;
	bool has_effect;
};

/** All lines of a load, in the order in which they were read. */
struct config_lines {
	struct conf_arena arena;
	struct config_line *rows;
	size_t count, room;
	bool failed; /* no memory for all */
};

/** For conf_load_traced(); owner is a struct config_lines. */
void config_lines_keep(void *owner, const struct conf_traced *traced);
void config_lines_free(struct config_lines *lines);

/** One value as it holds. */
struct config_value {
	const char *option, *value;
	const char *file; /* NULL: no line says so */
	uint32_t line;
	const char *why; /* of a line without effect; NULL: it has its effect */
	bool inherited;  /* the line stands in [general] */
};

/** Values of one section: what each is told to, in the order of the options. */
struct config_view {
	const char *kind; /* "user", "peer", "registration", or as in conf_section_kind_at() */
	const char *name; /* "" for what there is once */
	const char *file; /* where it begins; NULL: not known */
	uint32_t line;
};

struct config_teller {
	void *owner;
	void (*section)(void *owner, const struct config_view *view);
	void (*value)(void *owner, const struct config_value *value);
};

/**
 * Tell what holds for a name: an account, "guard", "numbers NAME" and so on; NULL: [general].
 *
 * @return false if there is nothing of that name; nothing was told then
 */
TG_MUST_USE bool config_tell(const struct config_lines *lines, const struct world *world, const char *name,
                             const struct config_teller *teller);

/** A name that is there and similar, or NULL. */
const char *config_nearest(const struct config_lines *lines, const char *name);

/** All options as a page of documentation, to standard output. */
void config_reference_print(void);

enum tool_exit tool_config_main(const struct tool_env *env, int argc, char **argv);

#endif
