/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/memfile.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif

enum {
	SEALS_SIZE = F_SEAL_SHRINK | F_SEAL_GROW,
	SEALS_ALL = SEALS_SIZE | F_SEAL_WRITE | F_SEAL_SEAL,
};

static int memfile_new(const char *name)
{
	const int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);

	/* Kernels before 6.3 do not know the flag. */
	return fd < 0 && errno == EINVAL ? memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING) : fd;
}

static bool write_all(int fd, struct tg_span bytes)
{
	while (bytes.len > 0) {
		const ssize_t n = write(fd, bytes.p, bytes.len);

		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n <= 0) {
			return false;
		}
		bytes.p += n;
		bytes.len -= (size_t)n;
	}
	return true;
}

static int close_failed(int fd)
{
	const int why = errno;

	close(fd);
	errno = why;
	return -1;
}

int sys_memfile_sealed(const char *name, struct tg_span bytes)
{
	const int fd = memfile_new(name);

	if (fd < 0) {
		return -1;
	}
	if (!write_all(fd, bytes) || fcntl(fd, F_ADD_SEALS, SEALS_ALL) != 0) {
		return close_failed(fd);
	}
	return fd;
}

int sys_memfile_shared(const char *name, size_t size_bytes)
{
	const int fd = memfile_new(name);

	if (fd < 0) {
		return -1;
	}
	if (ftruncate(fd, (off_t)size_bytes) != 0 || fcntl(fd, F_ADD_SEALS, SEALS_SIZE | F_SEAL_SEAL) != 0) {
		return close_failed(fd);
	}
	return fd;
}

/* Whether the file is a memory file of this size that keeps these seals for ever. */
static bool is_kept(int fd, size_t size_bytes, int seals)
{
	const int have = fcntl(fd, F_GET_SEALS);
	struct stat st;

	return have >= 0 && (have & seals) == seals && fstat(fd, &st) == 0 && size_bytes > 0 &&
	       (uint64_t)st.st_size == size_bytes;
}

const void *sys_memfile_map(int fd, size_t size_bytes)
{
	if (!is_kept(fd, size_bytes, SEALS_ALL)) {
		return NULL;
	}
	const void *at = mmap(NULL, size_bytes, PROT_READ, MAP_SHARED, fd, 0);

	return at == MAP_FAILED ? NULL : at;
}

void *sys_memfile_map_shared(int fd, size_t size_bytes)
{
	if (!is_kept(fd, size_bytes, SEALS_SIZE)) {
		return NULL;
	}
	void *at = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return at == MAP_FAILED ? NULL : at;
}

void sys_memfile_unmap(const void *at, size_t size_bytes)
{
	if (at != NULL) {
		munmap((void *)(uintptr_t)at, size_bytes);
	}
}
