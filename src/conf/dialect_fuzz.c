/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever files hold, reading them ends, keeps its limits, and gives the same twice. The input is cut at
 * NUL into files a, b, c ...; any pattern names b and c. */
#include "conf/dialect.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILES = 4 };

struct input {
	struct tg_span files[FILES];
};

static enum conf_read read_input(void *owner, const char *path, char **text, size_t *len, const char **why)
{
	const struct input *input = owner;
	const unsigned index = (unsigned)(path[0] - 'a');

	if (index >= FILES || path[1] != '\0') {
		*why = "is not a regular file";
		return path[0] == '/' ? CONF_READ_REFUSED : CONF_READ_MISSING;
	}
	*len = input->files[index].len;
	*text = malloc(*len + 1);
	if (*len > 0) {
		memcpy(*text, input->files[index].p, *len);
	}
	return CONF_READ_OK;
}

static void glob_input(void *owner, const char *pattern, struct conf_names *names)
{
	(void)owner;
	(void)pattern;
	conf_names_add(names, "c");
	conf_names_add(names, "b");
}

static struct input cut(const uint8_t *data, size_t size)
{
	struct input input = { .files = { { 0 } } };

	for (int i = 0; i < FILES && size > 0; i++) {
		const uint8_t *end = i + 1 < FILES ? memchr(data, '\0', size) : NULL;
		const size_t len = end != NULL ? (size_t)(end - data) : size;

		input.files[i] = (struct tg_span){ data, len };
		data += end != NULL ? len + 1 : len;
		size -= end != NULL ? len + 1 : len;
	}
	return input;
}

static void check_sections(const struct conf_dialect *dialect)
{
	for (const struct conf_section *s = dialect->sections; s != NULL; s = s->next) {
		assert(s->name[0] != '\0' && strlen(s->name) <= CONF_SECTION_MAX);
		for (const struct conf_line *line = s->lines; line != NULL; line = line->next) {
			assert(line->name[0] != '\0' && strlen(line->value) <= CONF_VALUE_MAX);
			assert(line->at.file != NULL && line->at.line > 0);
		}
	}
}

static bool same_sections(const struct conf_dialect *a, const struct conf_dialect *b)
{
	const struct conf_section *s = a->sections, *t = b->sections;

	for (; s != NULL && t != NULL && strcmp(s->name, t->name) == 0; s = s->next, t = t->next) {
	}
	return s == NULL && t == NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = cut(data, size);
	const struct conf_files files = { .owner = &input, .read = read_input, .glob = glob_input };
	struct conf_problems problems = { .errors = 0 }, again_problems = { .errors = 0 };
	struct conf_dialect dialect, again;
	const enum conf_loaded loaded = conf_dialect_load(&dialect, &files, "a", &problems);

	assert(loaded == conf_dialect_load(&again, &files, "a", &again_problems));
	assert((loaded == CONF_FAILED) == (problems.errors > 0));
	assert(problems.errors == again_problems.errors && problems.warnings == again_problems.warnings);
	check_sections(&dialect);
	assert(same_sections(&dialect, &again));
	conf_dialect_free(&dialect);
	conf_dialect_free(&again);
	conf_problems_free(&problems);
	conf_problems_free(&again_problems);
	return 0;
}
