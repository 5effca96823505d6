/* SPDX-License-Identifier: Apache-2.0 */
#include "iax/vectors.h"

#include "check.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

static FILE *open_in_vectors(const char *name, const char *ending)
{
	const char *folder = getenv("TG_VECTORS");
	char path[512];

	CHECK_TRUE(folder != NULL);
	snprintf(path, sizeof(path), "%s/%s%s", folder, name, ending);
	FILE *file = fopen(path, "r");

	if (file == NULL) {
		print_error("%s cannot be opened\n", path);
	}
	CHECK_TRUE(file != NULL);
	return file;
}

size_t vector_read(const char *name, uint8_t out[VECTOR_BYTES_MAX])
{
	FILE *file = open_in_vectors(name, ".hex");
	uint8_t digits[2 * VECTOR_BYTES_MAX];
	size_t count = 0, len;
	int c;

	while ((c = fgetc(file)) != EOF) {
		if (!isspace(c)) {
			CHECK_TRUE(count < sizeof(digits));
			digits[count++] = (uint8_t)c;
		}
	}
	fclose(file);
	CHECK_TRUE(tg_hex_decode(out, VECTOR_BYTES_MAX, (struct tg_span){ digits, count }, &len));
	return len;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

size_t vector_names(char names[VECTORS_MAX][VECTOR_NAME_BYTES])
{
	const char *folder = getenv("TG_VECTORS");
	DIR *dir = folder != NULL ? opendir(folder) : NULL;
	const struct dirent *entry;
	size_t count = 0;

	CHECK_TRUE(dir != NULL);
	while ((entry = readdir(dir)) != NULL) {
		const char *dot = strrchr(entry->d_name, '.');

		if (dot != NULL && strcmp(dot, ".hex") == 0) {
			CHECK_TRUE(count < VECTORS_MAX);
			snprintf(names[count++], VECTOR_NAME_BYTES, "%.*s", (int)(dot - entry->d_name), entry->d_name);
		}
	}
	closedir(dir);
	qsort(names, count, VECTOR_NAME_BYTES, by_name);
	return count;
}

bool vector_is_in_index(const char *name, size_t len)
{
	FILE *file = open_in_vectors("INDEX", ".md");
	char line[1024], want[128];
	bool found = false;

	snprintf(want, sizeof(want), "| %s | %zu |", name, len);
	while (fgets(line, sizeof(line), file) != NULL) {
		found = found || strncmp(line, want, strlen(want)) == 0;
	}
	fclose(file);
	return found;
}
