/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DAEMON_LISTENING_H
#define TG_DAEMON_LISTENING_H

#include "model/listen.h"

/** The socket that metrics are offered at: bound by the parent, used by the desk. */
struct listening {
	struct model_listen where; /* as it is bound now */
	int fd;                    /* -1: none */
};

enum { LISTENING_WHY_BYTES = 256, LISTENING_BACKLOG = 16 };

/**
 * Bind what is wanted instead of what is there; the same once more changes nothing. A socket of the file system has mode 0660; one that an
 * earlier daemon left at its path is removed, anything else there is left alone.
 *
 * @return false with why: then nothing is bound
 */
TG_MUST_USE bool listening_set(struct listening *listening, const struct model_listen *want,
                               char why[LISTENING_WHY_BYTES]);

/** Remove the socket at that path; nothing there is well, too. @return false with errno if something else is there, which stays */
TG_MUST_USE bool listening_make_way(const char *path);

/** A stream socket at a path that is short enough for one, mode 0660, in the place of what an earlier daemon left. @return -1 with errno */
int listening_bind_unix(const char *path);

/** "127.0.0.1:9469", "unix:/run/x", "nowhere". Returns text. */
enum { LISTENING_TEXT_BYTES = MODEL_LISTEN_PATH_BYTES + 8 };
const char *listening_text(const struct model_listen *where, char text[LISTENING_TEXT_BYTES]);

/** Close it, and remove its path. */
void listening_close(struct listening *listening);

#endif
