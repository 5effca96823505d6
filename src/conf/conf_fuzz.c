/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever the files hold, the load ends with a valid world or with errors, and with the same twice. The
 * input is cut at NUL into iax.conf, extensions.conf, acl.conf, tollgate.conf and x, which others may
 * include or take for a secret. */
#include "conf/conf.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = { "iax.conf", "extensions.conf", "acl.conf", "tollgate.conf", "x" };

struct input {
	struct tg_span files[TG_COUNT(names)];
};

static enum conf_read read_input(void *owner, const char *path, char **text, size_t *len, const char **why)
{
	const struct input *input = owner;

	(void)why;
	for (size_t i = 0; i < TG_COUNT(names); i++) {
		if (strcmp(names[i], path) == 0 && input->files[i].p != NULL) {
			*len = input->files[i].len;
			*text = malloc(*len + 1);
			memcpy(*text, input->files[i].p, *len);
			return CONF_READ_OK;
		}
	}
	return CONF_READ_MISSING;
}

static void glob_input(void *owner, const char *pattern, struct conf_names *found)
{
	(void)owner;
	(void)pattern;
	conf_names_add(found, "x");
}

static struct input cut(const uint8_t *data, size_t size)
{
	struct input input = { .files = { { 0 } } };

	for (size_t i = 0; i < TG_COUNT(names) && size > 0; i++) {
		const uint8_t *end = i + 1 < TG_COUNT(names) ? memchr(data, '\0', size) : NULL;
		const size_t len = end != NULL ? (size_t)(end - data) : size;

		input.files[i] = (struct tg_span){ data, len };
		data += end != NULL ? len + 1 : len;
		size -= end != NULL ? len + 1 : len;
	}
	return input;
}

static bool resolve_nothing(void *owner, const char *host, struct tg_addr *addr)
{
	(void)owner;
	(void)addr;
	assert(host[0] != '\0');
	return false;
}

static void check_result(const struct conf_result *result)
{
	assert(result->failed == (result->problems.errors > 0));
	assert(result->failed == (result->world == NULL));
	if (result->failed) {
		assert(result->secrets.first == NULL);
		return;
	}
	assert(world_check(result->world, result->world_bytes) == NULL);
	conf_resolve(result->world, resolve_nothing, NULL);
	for (const struct conf_secret *s = result->secrets.first; s != NULL; s = s->next) {
		assert(s->secret[0] != '\0' && strlen(s->secret) <= MODEL_SECRET_MAX);
	}
}

static bool same_worlds(const struct conf_result *a, const struct conf_result *b)
{
	if (a->world == NULL || b->world == NULL) {
		return a->world == b->world;
	}
	return a->world_bytes == b->world_bytes && memcmp(a->world, b->world, a->world_bytes) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = cut(data, size);
	const struct conf_files files = { .owner = &input, .read = read_input, .glob = glob_input };
	struct conf_result result, again;

	conf_load(&files, &result);
	conf_load(&files, &again);
	assert(same_worlds(&result, &again));
	check_result(&result);
	conf_result_free(&result);
	conf_result_free(&again);
	return 0;
}
