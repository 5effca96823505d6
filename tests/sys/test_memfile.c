/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "sys/memfile.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

static void test_a_sealed_file_is_read_and_never_written(void **state)
{
	const int fd = sys_memfile_sealed("test", TG_SPAN_LIT("hello"));

	(void)state;
	CHECK_TRUE(fd >= 0);
	CHECK_INT(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	const char *at = sys_memfile_map(fd, 5);

	CHECK_TRUE(at != NULL && memcmp(at, "hello", 5) == 0);
	CHECK_INT(pwrite(fd, "x", 1, 0), -1);
	CHECK_INT(ftruncate(fd, 4), -1);
	CHECK_TRUE(mmap(NULL, 5, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED);
	sys_memfile_unmap(at, 5);
	close(fd);
}

static int unsealed(void)
{
	const int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	CHECK_INT(ftruncate(fd, 5), 0);
	return fd;
}

static void test_what_could_still_change_is_not_mapped(void **state)
{
	static const int too_few[] = { 0, F_SEAL_WRITE, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL,
		                       F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK };

	(void)state;
	for (size_t i = 0; i < TG_COUNT(too_few); i++) {
		const int fd = unsealed();

		CHECK_INT(fcntl(fd, F_ADD_SEALS, too_few[i]), 0);
		CHECK_TRUE(sys_memfile_map(fd, 5) == NULL);
		close(fd);
	}
	int ends[2];

	CHECK_INT(pipe(ends), 0);
	CHECK_TRUE(sys_memfile_map(ends[0], 5) == NULL);
	close(ends[0]);
	close(ends[1]);
	const int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);

	CHECK_TRUE(sys_memfile_map(file, 5) == NULL);
	close(file);
}

static void test_another_size_is_refused(void **state)
{
	const int fd = sys_memfile_sealed("test", TG_SPAN_LIT("hello"));
	const int empty = sys_memfile_sealed("test", (struct tg_span){ 0 });

	(void)state;
	CHECK_TRUE(sys_memfile_map(fd, 4) == NULL);
	CHECK_TRUE(sys_memfile_map(fd, 6) == NULL);
	CHECK_TRUE(sys_memfile_map(fd, 0) == NULL);
	CHECK_TRUE(sys_memfile_map(empty, 0) == NULL);
	close(fd);
	close(empty);
}

static void test_a_shared_file_is_written_by_both_and_keeps_its_size(void **state)
{
	const int fd = sys_memfile_shared("test", 8192);
	char *a = sys_memfile_map_shared(fd, 8192), *b = sys_memfile_map_shared(fd, 8192);

	(void)state;
	CHECK_TRUE(a != NULL && b != NULL && a != b);
	CHECK_INT(a[5000], 0);
	a[5000] = 'x';
	CHECK_INT(b[5000], 'x');
	CHECK_INT(ftruncate(fd, 1), -1);
	CHECK_TRUE(sys_memfile_map_shared(fd, 4096) == NULL);
	CHECK_TRUE(sys_memfile_map(fd, 8192) == NULL);
	sys_memfile_unmap(a, 8192);
	sys_memfile_unmap(b, 8192);
	close(fd);
	const int loose = unsealed();

	CHECK_TRUE(sys_memfile_map_shared(loose, 5) == NULL);
	close(loose);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_sealed_file_is_read_and_never_written),
		cmocka_unit_test(test_what_could_still_change_is_not_mapped),
		cmocka_unit_test(test_another_size_is_refused),
		cmocka_unit_test(test_a_shared_file_is_written_by_both_and_keeps_its_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
