/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/front_manifest.h"

#include "tools/front_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HEX_BYTES = 2 * CRYPT_SHA256_BYTES + 1 };

static const char first_line[] = "tollgate front 1\n";

static const char manifest[] = "manifest";

/* ---- hashes ---- */

static const char *to_hex(const uint8_t hash[CRYPT_SHA256_BYTES], char hex[HEX_BYTES])
{
	for (size_t i = 0; i < CRYPT_SHA256_BYTES; i++) {
		snprintf(hex + 2 * i, 3, "%02x", hash[i]);
	}
	return hex;
}

static bool from_hex(uint8_t hash[CRYPT_SHA256_BYTES], const char *hex)
{
	unsigned octet;

	if (strlen(hex) != HEX_BYTES - 1) {
		return false;
	}
	for (size_t i = 0; i < CRYPT_SHA256_BYTES; i++) {
		if (sscanf(hex + 2 * i, "%2x", &octet) != 1) {
			return false;
		}
		hash[i] = (uint8_t)octet;
	}
	return true;
}

/* ---- writing ---- */

static const char *const kinds[FRONT_KINDS] = { "old", "copy", "added" };

static void print_entry(FILE *to, const struct front_entry *entry)
{
	char old[HEX_BYTES], new[HEX_BYTES];
	const unsigned uid = entry->uid, gid = entry->gid, mode = entry->mode;

	if (entry->is_folder) {
		fprintf(to, "folder %u %u %o %s\n", uid, gid, mode, entry->path);
	} else if (!entry->existed) {
		fprintf(to, "new %s %u %u %o %s\n", to_hex(entry->new_hash, new), uid, gid, mode, entry->path);
	} else {
		fprintf(to, "%s %s %s %u %u %o %jd.%09ld %s %s\n", kinds[entry->kind], to_hex(entry->old_hash, old),
		        to_hex(entry->new_hash, new), uid, gid, mode, (intmax_t)entry->mtime.tv_sec,
		        entry->mtime.tv_nsec, entry->backup, entry->path);
	}
}

static bool are_printable(const struct front_keep *keep, char why[FRONT_WHY_BYTES])
{
	for (size_t i = 0; i < keep->count; i++) {
		if (keep->entries[i].path == NULL || strchr(keep->entries[i].path, '\n') != NULL) {
			snprintf(why, FRONT_WHY_BYTES, "a file's name has an end of line in it");
			return false;
		}
	}
	return true;
}

bool front_manifest_write(const struct front_keep *keep, char why[FRONT_WHY_BYTES])
{
	const struct front_owner mine = { .uid = geteuid(), .gid = getegid(), .mode = 0600 };
	char *text = NULL;
	size_t len = 0;
	FILE *to = are_printable(keep, why) ? open_memstream(&text, &len) : NULL;
	bool good = false;

	if (to != NULL) {
		fputs(first_line, to);
		for (size_t i = 0; i < keep->count; i++) {
			print_entry(to, &keep->entries[i]);
		}
		fprintf(to, "end %zu\n", keep->count);
		good = fclose(to) == 0 &&
		       front_file_write_at(keep->fd, manifest, (struct tg_span){ (const uint8_t *)text, len }, &mine,
		                           why);
	}
	free(text);
	return good;
}

/* ---- reading ---- */

static bool read_folder(struct front_entry *entry, const char *line, int *path_at)
{
	unsigned uid, gid, mode;

	if (sscanf(line, "folder %u %u %o %n", &uid, &gid, &mode, path_at) != 3) {
		return false;
	}
	*entry = (struct front_entry){ .is_folder = true, .uid = uid, .gid = gid, .mode = mode };
	return true;
}

static bool read_new(struct front_entry *entry, const char *line, int *path_at)
{
	char new[HEX_BYTES];
	unsigned uid, gid, mode;

	if (sscanf(line, "new %64s %u %u %o %n", new, &uid, &gid, &mode, path_at) != 4) {
		return false;
	}
	*entry = (struct front_entry){ .uid = uid, .gid = gid, .mode = mode };
	return from_hex(entry->new_hash, new);
}

static bool read_old(struct front_entry *entry, const char *line, int *path_at)
{
	char kind[8], old[HEX_BYTES], new[HEX_BYTES], backup[16];
	size_t row = 0;
	unsigned uid, gid, mode;
	intmax_t seconds;
	long nanoseconds;

	if (sscanf(line, "%5s %64s %64s %u %u %o %jd.%9ld %15[0-9] %n", kind, old, new, &uid, &gid, &mode, &seconds,
	           &nanoseconds, backup, path_at) != 9) {
		return false;
	}
	while (row < FRONT_KINDS && strcmp(kinds[row], kind) != 0) {
		row++;
	}
	if (row == FRONT_KINDS) {
		return false;
	}
	*entry = (struct front_entry){ .existed = true,
		                       .kind = (enum front_kind)row,
		                       .uid = uid,
		                       .gid = gid,
		                       .mode = mode,
		                       .mtime = { .tv_sec = (time_t)seconds, .tv_nsec = nanoseconds },
		                       .backup = strdup(backup) };
	return entry->backup != NULL && from_hex(entry->old_hash, old) && from_hex(entry->new_hash, new);
}

static bool read_entry(struct front_entry *entry, const char *line)
{
	int path_at = 0;

	if (!read_folder(entry, line, &path_at) && !read_new(entry, line, &path_at) &&
	    !read_old(entry, line, &path_at)) {
		return false;
	}
	entry->path = path_at > 0 && line[path_at] == '/' ? strdup(line + path_at) : NULL;
	return entry->path != NULL;
}

/* @param text  ends in NUL; is taken apart */
static bool read_text(struct front_keep *keep, char *text)
{
	char *line = text + sizeof(first_line) - 1;
	size_t count = 0;

	if (strncmp(text, first_line, sizeof(first_line) - 1) != 0) {
		return false;
	}
	keep->entries = calloc(FRONT_ENTRIES_MAX, sizeof(*keep->entries));
	for (char *end; keep->entries != NULL && (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		if (sscanf(line, "end %zu", &count) == 1) {
			return count == keep->count;
		}
		if (keep->count == FRONT_ENTRIES_MAX || !read_entry(&keep->entries[keep->count++], line)) {
			return false;
		}
	}
	return false;
}

bool front_manifest_read(struct front_keep *keep, char why[FRONT_WHY_BYTES])
{
	struct tg_span text;
	struct stat st;

	if (!front_file_read_at(keep->fd, manifest, &text, &st)) {
		return errno == ENOENT || front_file_failed(why, "cannot read the manifest in", keep->folder);
	}
	char *copy = strndup((const char *)text.p, text.len);
	const bool good = st.st_uid == geteuid() && copy != NULL && read_text(keep, copy);

	if (!good) {
		snprintf(why, FRONT_WHY_BYTES, "%.300s/%s cannot be understood", keep->folder, manifest);
	}
	free(copy);
	front_file_free(text);
	return good;
}

bool front_manifest_remove(const struct front_keep *keep, char why[FRONT_WHY_BYTES])
{
	return (unlinkat(keep->fd, manifest, 0) == 0 && fsync(keep->fd) == 0) ||
	       front_file_failed(why, "cannot remove the manifest in", keep->folder);
}

void front_manifest_free(struct front_keep *keep)
{
	for (size_t i = 0; keep->entries != NULL && i < keep->count; i++) {
		free(keep->entries[i].path);
		free(keep->entries[i].backup);
	}
	free(keep->entries);
	keep->entries = NULL;
	keep->count = 0;
}
