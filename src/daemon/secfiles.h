/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_DAEMON_SECFILES_H
#define TG_DAEMON_SECFILES_H

#include <limits.h>
#include <sys/types.h>
#include <sys/un.h>

#include "base/log.h"
#include "daemon/seclog.h"

/**
 * Where security events are written to, in one folder: the files of MODEL_EVENT_FILES; if wanted, also to syslog.
 *
 * Lines are appended whole. A file that was moved away or removed is made anew within a second, one that was emptied is
 * gone on with: any log rotation works without a signal. A file of SECFILES_MAX_BYTES becomes `NAME.1` and replaces the one
 * before it, so that no attack fills the disk.
 */
enum { SECFILES = MODEL_EVENT_FILE_COUNT, SECFILES_MAX_BYTES = 64 << 20 };

struct secfiles {
	struct seclog_writer writer;
	const struct tg_log *log; /* lent */
	char host[65];
	char dir[PATH_MAX];
	struct {
		int fd; /* -1: not open */
		ino_t inode;
	} files[SECFILES];
	int syslog_fd; /* -1: not wanted */
	struct sockaddr_un syslog;
	uint64_t look_us; /* when to look again whether the files are where they were */
	off_t max_bytes;
	bool has_failed; /* told once, until it works again */
};

/**
 * Call it before the sandbox: it reads the machine's name and makes a socket. No file is opened yet.
 *
 * @param dir  the folder
 */
void secfiles_init(struct secfiles *files, const char *dir, bool with_syslog, const struct tg_log *log);
void secfiles_deinit(struct secfiles *files);

/** A line to each. What cannot be written is lost and told in the log, once. */
void secfiles_write(struct secfiles *files, const struct model_event *event, uint64_t now_us);

#endif
