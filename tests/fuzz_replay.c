/* SPDX-License-Identifier: Apache-2.0 */
/* Gives each file named on the command line, or each file of a folder, to a fuzz target, in a heap block of exactly its
 * size, so that a sanitizer sees every octet read beyond it. Stands in for libFuzzer's main(). */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int replay_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	struct stat st;

	if (file == NULL || fstat(fileno(file), &st) != 0) {
		perror(path);
		return -1;
	}
	uint8_t *data = malloc(st.st_size > 0 ? (size_t)st.st_size : 1);
	const size_t got = data != NULL ? fread(data, 1, (size_t)st.st_size, file) : 0;

	fclose(file);
	if (data == NULL || got != (size_t)st.st_size) {
		fprintf(stderr, "%s: cannot be read\n", path);
		free(data);
		return -1;
	}
	LLVMFuzzerTestOneInput(data, got);
	free(data);
	return 1;
}

static int replay_folder(const char *path, DIR *folder)
{
	const struct dirent *entry;
	int count = 0;

	while ((entry = readdir(folder)) != NULL) {
		char file[4096];

		if (entry->d_name[0] == '.') {
			continue;
		}
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		const int n = replay_file(file);

		if (n < 0) {
			return -1;
		}
		count += n;
	}
	return count;
}

int main(int argc, char **argv)
{
	int count = 0;

	for (int i = 1; i < argc; i++) {
		DIR *folder = opendir(argv[i]);
		const int n = folder != NULL ? replay_folder(argv[i], folder) : replay_file(argv[i]);

		if (folder != NULL) {
			closedir(folder);
		}
		if (n < 0) {
			return EXIT_FAILURE;
		}
		count += n;
	}
	printf("%d inputs replayed\n", count);
	return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
