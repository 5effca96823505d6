/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_SYS_MEMFILE_H
#define TG_SYS_MEMFILE_H

#include "base/bytes.h"

/** Memory files (memfd): bulk data between our processes. A sealed one can never change again, whoever holds it. */

/**
 * A sealed memory file with these bytes.
 *
 * @param name  for people, in /proc/PID/fd
 * @return its descriptor, close-on-exec, or -1 with errno
 */
int sys_memfile_sealed(const char *name, struct tg_span bytes);

/** Two processes write to it; its size is fixed for ever, its bytes start as zeros. @return descriptor or -1 with errno */
int sys_memfile_shared(const char *name, size_t size_bytes);

/**
 * Map a sealed memory file read-only.
 *
 * Refuses a descriptor that is no memory file, is not sealed against every change, or has another size: what was checked
 * once could change under the reader.
 *
 * @return NULL if refused or without memory; else give it to sys_memfile_unmap()
 */
const void *sys_memfile_map(int fd, size_t size_bytes);

/** Map a shared one for writing; refused if its size is another or could still change. */
void *sys_memfile_map_shared(int fd, size_t size_bytes);

/** NULL is allowed. */
void sys_memfile_unmap(const void *at, size_t size_bytes);

#endif
