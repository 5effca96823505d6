/* SPDX-License-Identifier: Apache-2.0 */
#include "worlds.h"

#include <stdlib.h>

#include "conf/memory_files.h"

void world_read(struct conf_result *conf, const char *iax, const char *extensions)
{
	world_read_with(conf, iax, extensions, NULL);
}

void world_read_with(struct conf_result *conf, const char *iax, const char *extensions, const char *tollgate)
{
	const struct memory_file files[] = { { "iax.conf", iax, 0 },
		                             { "extensions.conf", extensions, 0 },
		                             { "tollgate.conf", tollgate, 0 } };
	struct memory_files all = { files, tollgate != NULL ? TG_COUNT(files) : TG_COUNT(files) - 1 };
	const struct conf_files io = memory_files_io(&all);

	conf_load(&io, conf);
	if (conf->failed) {
		char *text = problems_dump(&conf->problems);

		print_error("%s\n", text);
		free(text);
	}
	CHECK_FALSE(conf->failed);
}

struct tg_addr world_addr(const char *text)
{
	struct tg_addr addr;

	CHECK_TRUE(tg_addr_parse(&addr, tg_span_text(text), 4569));
	return addr;
}
