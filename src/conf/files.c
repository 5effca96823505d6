/* SPDX-License-Identifier: Apache-2.0 */
#include "conf/files.h"

#include <stdlib.h>
#include <string.h>

void conf_names_add(struct conf_names *names, const char *path)
{
	char *copy = names->count < CONF_NAMES_MAX ? strdup(path) : NULL;

	if (copy == NULL) {
		names->incomplete = true;
		return;
	}
	names->names[names->count++] = copy;
}

static int by_octets(const void *a, const void *b)
{
	char *const *name_a = a;
	char *const *name_b = b;

	return strcmp(*name_a, *name_b);
}

void conf_names_sort(struct conf_names *names)
{
	qsort(names->names, names->count, sizeof(names->names[0]), by_octets);
}

void conf_names_free(struct conf_names *names)
{
	for (size_t i = 0; i < names->count; i++) {
		free(names->names[i]);
	}
	*names = (struct conf_names){ 0 };
}
