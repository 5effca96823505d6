/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TG_CONF_FUZZ_INPUT_H
#define TG_CONF_FUZZ_INPUT_H

#include "base/bytes.h"
#include "conf/files.h"

#include <stdlib.h>
#include <string.h>

/** For fuzz targets of one file: whatever file is asked for is the input, a struct tg_span that `owner` points to. */

static inline enum conf_read fuzz_read(void *owner, const char *path, char **text, size_t *len, const char **why)
{
	const struct tg_span *input = owner;

	(void)path;
	(void)why;
	*len = input->len;
	*text = malloc(input->len > 0 ? input->len : 1);
	if (input->len > 0) {
		memcpy(*text, input->p, input->len);
	}
	return CONF_READ_OK;
}

static inline void fuzz_glob(void *owner, const char *pattern, struct conf_names *names)
{
	(void)owner;
	(void)pattern;
	(void)names;
}

#endif
