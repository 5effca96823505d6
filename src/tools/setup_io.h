/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_TOOLS_SETUP_IO_H
#define TG_TOOLS_SETUP_IO_H

#include "base/tg.h"

/** The terminal of `tollgate setup`, and the programs it runs. A signal ends no wait half-way: it is an answer. */
struct setup_io {
	int signal_fd; /* SIGINT, SIGTERM, SIGHUP; from setup_io_open() on they do not end the process */
	bool interrupted;
};

TG_MUST_USE bool setup_io_open(struct setup_io *io);
void setup_io_close(struct setup_io *io);

/** Whether such a signal came; once true it stays so. */
bool setup_io_interrupted(struct setup_io *io);

/**
 * One line from standard input, without its newline, cut to fit.
 *
 * @param hidden  a terminal shows nothing of it
 * @return false after a signal or at the end of the input: io->interrupted is true then
 */
TG_MUST_USE bool setup_io_line(struct setup_io *io, bool hidden, char *line, size_t size_bytes);

enum { SETUP_RUN_LOST = -1 };

/**
 * Run a program and wait for its end, at most limit_us; after a signal it is ended.
 *
 * @param argv    NULL-terminated; argv[0] is the program's path
 * @param secret  for its TOLLGATE_SECRET; NULL for none
 * @param said    what it wrote to standard output, malloc'd: free() it, also after a failure
 * @param complained  the same of standard error; NULL to put it behind the output
 * @return its exit code; SETUP_RUN_LOST if it could not be started, took too long or was ended
 */
TG_MUST_USE int setup_run(struct setup_io *io, const char *const argv[], const char *secret, uint64_t limit_us,
                          char **said, char **complained);

/** The path of a program that is part of Tollgate: beside this one, or where it is built or installed. "" if there is none. */
void setup_program(const char *name, char *path, size_t size_bytes);

#endif
