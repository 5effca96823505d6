/* SPDX-License-Identifier: Apache-2.0 */
#include "worlds.h"

#include <stdlib.h>

#include "conf/memory_files.h"

void world_read(struct conf_result *conf, const char *iax, const char *extensions)
{
	const struct memory_file files[] = { { "iax.conf", iax, 0 }, { "extensions.conf", extensions, 0 } };
	struct memory_files all = { files, TG_COUNT(files) };
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
