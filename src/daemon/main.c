/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/options.h"
#include "daemon/parent.h"
#include "daemon/roles.h"
#include "sys/proc.h"

enum { EXIT_USAGE = 2 };

static int run_role(const struct options *options)
{
	const struct role_args args = {
		.channel_fd = (int)options->channel_fd,
		.config_dir = options->config_dir,
		.state_dir = options->state_dir,
		.with_syslog = options->syslog,
		.generation = options->generation,
	};
	char name[16];

	for (size_t i = 0; i < role_count; i++) {
		if (strcmp(roles[i].name, options->role) == 0) {
			snprintf(name, sizeof(name), "tg-%s", roles[i].name);
			sys_proc_name(name);
			sys_proc_attach();
			return roles[i].main(&args);
		}
	}
	return EXIT_USAGE;
}

/* Descriptors 0 to 2 exist, or a file opened later could be written to as if it were standard error. */
static void fill_standard_descriptors(void)
{
	int fd;

	do {
		fd = open("/dev/null", O_RDWR);
	} while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0) {
		close(fd);
	}
}

int main(int argc, char **argv)
{
	struct options options;
	char why[OPTIONS_WHY_BYTES];

	fill_standard_descriptors();
	if (!options_parse(&options, argc, argv, why)) {
		fprintf(stderr, "tollgated: %s\n", why);
		return EXIT_USAGE;
	}
	if (options.role != NULL) {
		return run_role(&options);
	}
	if (options.help) {
		fputs(options_help, stdout);
		return EXIT_SUCCESS;
	}
	if (options.version) {
		puts("tollgated " TG_VERSION);
		return EXIT_SUCCESS;
	}
	return options.check_config ? parent_check_config(&options) : parent_main(&options);
}
