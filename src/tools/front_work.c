/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/front.h"

#include "tools/conf_read.h"
#include "tools/front_added.h"
#include "tools/front_file.h"
#include "tools/places.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const char tollgate_conf[] = "tollgate.conf";

static char *join(struct front_work *work, const char *folder, const char *name)
{
	const size_t len = strlen(folder) + strlen(name) + 2;
	char *path = conf_arena_alloc(&work->plan.arena, len);

	if (path != NULL) {
		snprintf(path, len, "%s/%s", folder, name);
	}
	return path;
}

/* ---- who owns what is new ---- */

/* Of our folder: the group that may read it, which is the daemon's. */
static void own_out(const struct front_work *work, uid_t *uid, gid_t *gid)
{
	const struct group *daemon_group = geteuid() == 0 ? getgrnam(TOOL_DAEMON) : NULL;
	struct stat st;

	*uid = geteuid();
	if (stat(work->out, &st) == 0) {
		*gid = st.st_gid;
	} else {
		*gid = daemon_group != NULL ? daemon_group->gr_gid : getegid();
	}
}

static void folder_add(struct front_work *work, const char *path)
{
	struct front_folder *folder = conf_arena_alloc(&work->plan.arena, sizeof(*folder));
	struct front_folder **last = &work->folders;

	for (; *last != NULL; last = &(*last)->next) {
		if (strcmp((*last)->path, path) == 0) {
			return;
		}
	}
	if (folder != NULL) {
		*folder = (struct front_folder){ .path = path, .mode = 0750 };
		own_out(work, &folder->uid, &folder->gid);
		*last = folder;
	}
}

/* The folders of OUT/a/b/name. */
static void folders_of(struct front_work *work, const char *name)
{
	for (const char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		char *part = conf_arena_text(&work->plan.arena,
		                             (struct tg_span){ (const uint8_t *)name, (size_t)(slash - name) });

		if (part != NULL) {
			folder_add(work, join(work, work->out, part));
		}
	}
}

/* ---- files ---- */

static struct front_write *write_add(struct front_work *work, const char *path, struct tg_span text)
{
	struct front_write *write = conf_arena_alloc(&work->plan.arena, sizeof(*write));

	if (write == NULL) {
		return NULL; /* the arena has latched */
	}
	*write = (struct front_write){ .path = path, .text = text };
	if (work->last_write != NULL) {
		work->last_write->next = write;
	} else {
		work->writes = write;
	}
	work->last_write = write;
	return write;
}

/* What is in it now, kept in the arena. @return false if it cannot be read */
static bool read_now(struct front_work *work, const char *path, struct tg_span *now)
{
	struct tg_span text;
	struct stat st;

	*now = (struct tg_span){ 0 };
	if (!front_file_read(path, &text, &st)) {
		return errno == ENOENT;
	}
	char *copy = conf_arena_alloc(&work->plan.arena, text.len + 1);

	if (copy != NULL) {
		memcpy(copy, text.p, text.len);
		*now = (struct tg_span){ (const uint8_t *)copy, text.len };
	}
	front_file_free(text);
	return copy != NULL;
}

/* Links of our folder could lead anywhere; what is not there yet has none. */
static bool check_place(const struct front_work *work, const char *path, char why[FRONT_WHY_BYTES])
{
	char *parent = strdup(path);
	bool good = parent != NULL;

	for (char *slash; good && (slash = strrchr(parent, '/')) != NULL && slash > parent;) {
		*slash = '\0';
		if (strlen(parent) < strlen(work->out)) {
			break;
		}
		char *real = realpath(parent, NULL);

		good = real != NULL ? strcmp(real, parent) == 0 : errno == ENOENT;
		if (!good) {
			snprintf(why, FRONT_WHY_BYTES, "%.300s is a link, or leads through one: move it away", parent);
		}
		free(real);
	}
	free(parent);
	return good;
}

static bool add_ours(struct front_work *work, const char *name, enum front_kind kind, struct tg_span text,
                     char why[FRONT_WHY_BYTES])
{
	const char *path = join(work, work->out, name);

	if (!front_source_is_plain(name)) {
		snprintf(why, FRONT_WHY_BYTES, "%.300s cannot be copied under this name: name it below the folder",
		         name);
		return false;
	}
	if (path == NULL || !check_place(work, path, why)) {
		return false;
	}
	struct front_write *write = write_add(work, path, text);

	folders_of(work, name);
	if (write == NULL) {
		snprintf(why, FRONT_WHY_BYTES, "not enough memory");
		return false;
	}
	write->kind = kind;
	write->mode = 0640;
	own_out(work, &write->uid, &write->gid);
	return read_now(work, path, &write->was) || front_file_failed(why, "cannot read", path);
}

static bool has_front(struct tg_span text)
{
	/* A section of that name, at the start of a line. */
	static const char section[] = "[front]";
	const size_t len = sizeof(section) - 1;

	for (size_t i = 0; i + len <= text.len; i++) {
		if ((i == 0 || text.p[i - 1] == '\n') && strncasecmp((const char *)text.p + i, section, len) == 0) {
			return true;
		}
	}
	return false;
}

/* Ours, with what is new behind what was there. */
static bool add_tollgate_conf(struct front_work *work, char why[FRONT_WHY_BYTES])
{
	char added[FRONT_ADDED_BYTES];
	const char *path = join(work, work->out, tollgate_conf);
	struct tg_span now;
	uint32_t line;

	if (path == NULL || !read_now(work, path, &now)) {
		return front_file_failed(why, "cannot read", path != NULL ? path : tollgate_conf);
	}
	if (front_added_has(now, work->plan.backend, work->plan.front)) {
		work->tollgate_conf = now;
		return true;
	}
	if (has_front(now)) {
		snprintf(why, FRONT_WHY_BYTES, "%.300s has a [front] already: take it out", path);
		return false;
	}
	front_added_format(work->plan.backend, work->plan.front, added);
	return front_text_edit(&work->plan.arena, now, NULL, added, &work->tollgate_conf, &line) &&
	       add_ours(work, tollgate_conf, FRONT_ADDED, work->tollgate_conf, why);
}

static bool add_theirs(struct front_work *work, const struct front_file *file, char why[FRONT_WHY_BYTES])
{
	const char *path = file->place[0] == '/' ? file->place : join(work, work->config, file->place);
	struct front_write *write = path != NULL ? write_add(work, path, file->their_text) : NULL;

	if (write == NULL) {
		snprintf(why, FRONT_WHY_BYTES, "not enough memory");
		return false;
	}
	write->was = file->text;
	return true;
}

/* A new file of the backend: as its iax.conf, which it is a part of. */
static bool add_overlay(struct front_work *work, char why[FRONT_WHY_BYTES])
{
	const char *path = join(work, work->config, FRONT_OVERLAY), *iax = join(work, work->config, "iax.conf");
	struct front_write *write = path != NULL && iax != NULL
	                                    ? write_add(work, path, tg_span_text(work->plan.overlay_text))
	                                    : NULL;
	struct stat st;

	if (path != NULL && stat(path, &st) == 0) {
		snprintf(why, FRONT_WHY_BYTES, "%.300s exists already: move it away", path);
		return false;
	}
	if (write == NULL || stat(iax, &st) != 0) {
		return front_file_failed(why, "cannot look at", iax != NULL ? iax : "iax.conf");
	}
	write->mode = st.st_mode & 07777;
	write->uid = st.st_uid;
	write->gid = st.st_gid;
	return true;
}

static bool is_changed(const struct front_source *source, const struct front_file *file)
{
	return front_source_original(source, file) == file && (file->theirs != NULL || file->append != NULL);
}

/* Names without links are one file only if they are equal. */
static bool check_once(const struct front_work *work, char why[FRONT_WHY_BYTES])
{
	for (const struct front_write *w = work->writes; w != NULL; w = w->next) {
		for (const struct front_write *other = w->next; other != NULL; other = other->next) {
			if (strcmp(w->path, other->path) == 0) {
				snprintf(why, FRONT_WHY_BYTES,
				         "%.300s would be written twice: give the file another name", w->path);
				return false;
			}
		}
	}
	return true;
}

bool front_work_files(struct front_work *work, char why[FRONT_WHY_BYTES])
{
	struct front_source *source = &work->plan.source;
	struct front_file *iax = front_source_find(source, "iax.conf");

	folder_add(work, work->out);
	for (const struct front_file *f = source->first; f != NULL; f = f->next) {
		if (!add_ours(work, f->name, FRONT_COPY, f->our_text, why)) {
			return false;
		}
	}
	if (!add_tollgate_conf(work, why) || !add_overlay(work, why)) {
		return false;
	}
	iax = front_source_original(source, iax);
	for (const struct front_file *f = source->first; f != NULL; f = f->next) {
		if (f != iax && is_changed(source, f) && !add_theirs(work, f, why)) {
			return false;
		}
	}
	return add_theirs(work, iax, why) /* from then on all of it counts */ && check_once(work, why);
}

/* ---- our configuration as it will be ---- */

static void copy_problems(struct front_work *work, const struct conf_problems *from)
{
	for (const struct conf_problem *p = from->first; p != NULL; p = p->next) {
		if (p->severity == CONF_ERROR) {
			const struct conf_place at = { join(work, work->out, p->file), p->line };

			conf_problems_add(&work->problems, p->severity, at, "%s", p->text);
		}
	}
}

bool front_work_check(struct front_work *work)
{
	struct front_view view = { .under = NULL };
	struct tool_conf_folder below;
	struct conf_result result;

	if (tool_conf_open(&below, work->out)) {
		view.under = &below.files;
	}
	for (const struct front_file *f = work->plan.source.first; f != NULL; f = f->next) {
		front_view_add(&view, &work->plan.arena, f->name, f->our_text);
	}
	front_view_add(&view, &work->plan.arena, tollgate_conf, work->tollgate_conf);
	struct conf_files files = front_view_files(&view);

	files.zone = below.files.zone;
	conf_load(&files, &result);
	copy_problems(work, &result.problems);
	conf_result_free(&result);
	tool_conf_close(&below);
	return work->problems.errors == 0;
}
