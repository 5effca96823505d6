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
	char *copy = conf_arena_alloc(source->arena, len + 1);

	if (file == NULL || copy == NULL) {
		return; /* the arena has latched */
	}
	memcpy(copy, text, len);
	*file = (struct front_file){
		.name = conf_arena_text(source->arena, tg_span_text(below(source->folder, name))),
		.place = place_of(source, name),
		.text = { (const uint8_t *)copy, len },
	};
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
	const char *wanted = below(source->folder, name);

	for (struct front_file *file = source->first; file != NULL; file = file->next) {
		if (strcmp(file->name, wanted) == 0) {
			return file;
		}
	}
	return NULL;
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

static enum conf_read view_read(void *owner, const char *name, char **text, size_t *len, const char **why)
{
	const struct front_view *view = owner;

	for (const struct front_view_file *file = view->files; file != NULL; file = file->next) {
		if (strcmp(file->name, below(view->folder, name)) == 0) {
			*text = malloc(file->text.len + 1);
			*len = file->text.len;
			*why = "cannot be held in memory";
			if (*text != NULL && *len > 0) {
				memcpy(*text, file->text.p, *len);
			}
			return *text != NULL ? CONF_READ_OK : CONF_READ_REFUSED;
		}
	}
	return view->under != NULL ? view->under->read(view->under->owner, name, text, len, why) : CONF_READ_MISSING;
}

static bool has_name(const struct conf_names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++) {
		if (strcmp(names->names[i], name) == 0) {
			return true;
		}
	}
	return false;
}

static void view_glob(void *owner, const char *pattern, struct conf_names *names)
{
	const struct front_view *view = owner;

	if (view->under != NULL) {
		view->under->glob(view->under->owner, pattern, names);
	}
	for (const struct front_view_file *file = view->files; file != NULL; file = file->next) {
		if (fnmatch(pattern, file->name, FNM_PATHNAME | FNM_PERIOD) == 0 && !has_name(names, file->name)) {
			conf_names_add(names, file->name);
		}
	}
}

struct conf_files front_view_files(struct front_view *view)
{
	return (struct conf_files){ .owner = view,
		                    .read = view_read,
		                    .glob = view_glob,
		                    .zone = view->under != NULL ? view->under->zone : NULL };
}
