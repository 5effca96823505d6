/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DAEMON_OPTIONS_H
#define TG_DAEMON_OPTIONS_H

#include "base/tg.h"

/** What the command line of tollgated says. Texts are lent by argv. */
struct options {
	const char *config_dir, *state_dir;
	const char *user;   /* NULL: stay who we are */
	uint64_t refresh_s; /* how often host names are asked for again; 0: never */
	bool foreground, check_config, help, version;
	/* What the parent tells its children; not for people. */
	const char *role;
	uint64_t channel_fd, generation;
	bool syslog;
};

enum { OPTIONS_WHY_BYTES = 256 };

/**
 * @param why  what is wrong, for people
 * @return false if something is
 */
TG_MUST_USE bool options_parse(struct options *options, int argc, char *const argv[], char why[OPTIONS_WHY_BYTES]);

/** What --help prints. */
extern const char options_help[];

#endif
