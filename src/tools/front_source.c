/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/front_source.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what is read ---- */

static const char *below(const char *folder, const char *path)
{
	const size_t len = folder != NULL ? strlen(folder) : 0;

	return len > 0 && strncmp(path, folder, len) == 0 && path[len] == '/' ? path + len + 1 : path;
}

/* Without "." and empty parts; malloc'd. */
static char *tidy(const char *name)
{
	char *tidied = malloc(strlen(name) + 2), *to = tidied;

	if (to == NULL) {
		return NULL;
	}
	while (*name != '\0') {
		const size_t len = strcspn(name, "/");

		if (len > 1 || (len == 1 && name[0] != '.')) {
			if (to != tidied) {
				*to++ = '/';
			}
			memcpy(to, name, len);
			to += len;
		}
		name += len + (name[len] == '/' ? 1 : 0);
	}
	*to = '\0';
	return tidied;
}

bool front_source_is_plain(const char *name)
{
	bool plain = name[0] != '/';

	while (plain && *name != '\0') {
		const size_t len = strcspn(name, "/");

		plain = !(len == 2 && name[0] == '.' && name[1] == '.');
		name += len + (name[len] == '/' ? 1 : 0);
	}
	return plain;
}

/* What realpath() makes of the folders; the last part may be a pattern. NULL if that is not inside. */
static char *resolve_folders(const char *folder, const char *name)
{
	char *written = NULL, *resolved = NULL;

	if (asprintf(&written, "%s%s%s", name[0] == '/' ? "" : folder, name[0] == '/' ? "" : "/", name) < 0) {
		return NULL;
	}
	char *slash = strrchr(written, '/');

	*slash = '\0';
	char *real = realpath(slash == written ? "/" : written, NULL);

	if (real != NULL && asprintf(&resolved, "%s/%s", real, slash + 1) < 0) {
		resolved = NULL;
	}
	if (resolved != NULL && below(folder, resolved) == resolved) {
		free(resolved);
		*slash = '/';
		resolved = realpath(written, NULL);
	}
	free(real);
	free(written);
	return resolved;
}

char *front_source_name(const char *folder, const char *name)
{
	const char *inside = below(folder, name);

	if (folder == NULL || front_source_is_plain(inside)) {
		return inside[0] != '/' ? tidy(inside) : strdup(inside);
	}
	char *resolved = resolve_folders(folder, name);
	const char *found_inside = resolved != NULL ? below(folder, resolved) : name;
	char *found = found_inside[0] != '/' ? tidy(found_inside) : strdup(name);

	free(resolved);
	return found;
}

/* Where the file is, below the folder. */
static const char *place_of(const struct front_source *source, const char *name)
{
	char *written = NULL, *real = NULL;
	const char *place = name;

	if (source->folder == NULL) {
		return conf_arena_text(source->arena, tg_span_text(name));
	}
	if (name[0] == '/' || asprintf(&written, "%s/%s", source->folder, name) >= 0) {
		real = realpath(name[0] == '/' ? name : written, NULL);
	}
	place = conf_arena_text(source->arena, tg_span_text(real != NULL ? below(source->folder, real) : name));
	free(written);
	free(real);
	return place;
}

static void remember(struct front_source *source, const char *name, const char *text, size_t len)
{
	struct front_file *file = conf_arena_alloc(source->arena, sizeof(*file));
	char *copy = conf_arena_alloc(source->arena, len + 1), *plain = front_source_name(source->folder, name);

	if (file == NULL || copy == NULL || plain == NULL) {
		source->arena->failed = true;
		free(plain);
		return;
	}
	memcpy(copy, text, len);
	*file = (struct front_file){
		.name = conf_arena_text(source->arena, tg_span_text(plain)),
		.place = place_of(source, name),
		.text = { (const uint8_t *)copy, len },
	};
	free(plain);
	if (file->name == NULL || file->place == NULL) {
		return;
	}
	if (source->last != NULL) {
		source->last->next = file;
	} else {
		source->first = file;
	}
	source->last = file;
}

static enum conf_read source_read(void *owner, const char *name, char **text, size_t *len, const char **why)
{
	struct front_source *source = owner;
	const enum conf_read result = source->from->read(source->from->owner, name, text, len, why);

	if (result == CONF_READ_OK && front_source_find(source, name) == NULL) {
		remember(source, name, *text, *len);
	}
	return result;
}

static void source_glob(void *owner, const char *pattern, struct conf_names *names)
{
	const struct front_source *source = owner;

	source->from->glob(source->from->owner, pattern, names);
}

struct conf_files front_source_files(struct front_source *source)
{
	return (struct conf_files){
		.owner = source, .read = source_read, .glob = source_glob, .zone = source->from->zone
	};
}

struct front_file *front_source_find(const struct front_source *source, const char *name)
{
	char *wanted = front_source_name(source->folder, name);
	struct front_file *file = wanted != NULL ? source->first : NULL;

	while (file != NULL && strcmp(file->name, wanted) != 0) {
		file = file->next;
	}
	free(wanted);
	return file;
}

struct front_file *front_source_original(const struct front_source *source, const struct front_file *file)
{
	struct front_file *found = source->first;

	while (strcmp(found->place, file->place) != 0) {
		found = found->next;
	}
	return found;
}

/* ---- what would be read ---- */

void front_view_add(struct front_view *view, struct conf_arena *arena, const char *name, struct tg_span text)
{
	struct front_view_file *file = conf_arena_alloc(arena, sizeof(*file));

	if (file != NULL) {
		*file = (struct front_view_file){ .next = view->files, .name = name, .text = text };
		view->files = file;
	}
}

static const struct front_view_file *view_find(const struct front_view *view, const char *name)
{
	char *wanted = front_source_name(view->folder, name);
	const struct front_view_file *file = wanted != NULL ? view->files : NULL;

	while (file != NULL && strcmp(file->name, wanted) != 0) {
		file = file->next;
	}
	free(wanted);
	return file;
}

static enum conf_read view_read(void *owner, const char *name, char **text, size_t *len, const char **why)
{
	const struct front_view *view = owner;
	const struct front_view_file *file = view_find(view, name);

	if (file == NULL) {
		return view->under != NULL ? view->under->read(view->under->owner, name, text, len, why)
		                           : CONF_READ_MISSING;
	}
	*text = malloc(file->text.len + 1);
	*len = file->text.len;
	*why = "cannot be held in memory";
	if (*text != NULL && *len > 0) {
		memcpy(*text, file->text.p, *len);
	}
	return *text != NULL ? CONF_READ_OK : CONF_READ_REFUSED;
}

static bool has_name(const struct front_view *view, const struct conf_names *names, const struct front_view_file *file)
{
	for (size_t i = 0; i < names->count; i++) {
		if (view_find(view, names->names[i]) == file) {
			return true;
		}
	}
	return false;
}

static void view_glob(void *owner, const char *pattern, struct conf_names *names)
{
	const struct front_view *view = owner;
	char *plain = front_source_name(view->folder, pattern);

	if (view->under != NULL) {
		view->under->glob(view->under->owner, pattern, names);
	}
	for (const struct front_view_file *file = view->files; plain != NULL && file != NULL; file = file->next) {
		if (fnmatch(plain, file->name, FNM_PATHNAME | FNM_PERIOD) == 0 && !has_name(view, names, file)) {
			conf_names_add(names, file->name);
		}
	}
	free(plain);
}

struct conf_files front_view_files(struct front_view *view)
{
	return (struct conf_files){ .owner = view,
		                    .read = view_read,
		                    .glob = view_glob,
		                    .zone = view->under != NULL ? view->under->zone : NULL };
}
