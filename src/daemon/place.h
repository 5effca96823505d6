/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DAEMON_PLACE_H
#define TG_DAEMON_PLACE_H

#include "base/tg.h"

#include <sys/types.h>

/** What the parent owns in the file system: the state directory, its lock, the console's socket, the log file. */

enum { PLACE_WHY_BYTES = 512, PLACE_PATH_BYTES = 4096 };

struct place {
	char config_dir[PLACE_PATH_BYTES], state_dir[PLACE_PATH_BYTES]; /* absolute */
	int lock_fd;
};

/** Who --user names. */
struct place_user {
	const char *name;
	uid_t uid;
	gid_t gid;
};

/** @return false with why if there is no such user */
TG_MUST_USE bool place_user_find(struct place_user *user, const char *name, char why[PLACE_WHY_BYTES]);

/**
 * Find the configuration, make the state directory (mode 0750) if it is missing, and give it to the user if one is named.
 *
 * @param user  NULL for none
 * @return false with why
 */
TG_MUST_USE bool place_init(struct place *place, const char *config_dir, const char *state_dir,
                            const struct place_user *user, char why[PLACE_WHY_BYTES]);

/** Only the configuration; nothing is made. */
TG_MUST_USE bool place_init_config(struct place *place, const char *config_dir, char why[PLACE_WHY_BYTES]);

/** One daemon a state directory. @return false with why, which names the process that has it */
TG_MUST_USE bool place_lock(struct place *place, char why[PLACE_WHY_BYTES]);

/**
 * The listening socket STATE/tollgate.ctl, mode 0660; a socket that an earlier daemon left there is removed, anything else is not.
 *
 * @return -1 with why
 */
int place_console(const struct place *place, char why[PLACE_WHY_BYTES]);

/** STATE/tollgated.log, to append to. @return -1 with why */
int place_log(const struct place *place, char why[PLACE_WHY_BYTES]);

/** Remove the socket, let the lock go. */
void place_deinit(struct place *place);

#endif
