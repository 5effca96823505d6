/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/zone.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILE_MAX = 1 << 16, HEADER_BYTES = 44 };

bool sys_zone_rule_in(const uint8_t *bytes, size_t len, char rule[SYS_ZONE_BYTES])
{
	if (len < HEADER_BYTES + 2 || memcmp(bytes, "TZif", 4) != 0 || bytes[4] < '2' || bytes[len - 1] != '\n') {
		return false;
	}
	const uint8_t *before = memrchr(bytes, '\n', len - 1);
	const size_t rule_len = before != NULL ? (size_t)(bytes + len - 2 - before) : 0;

	if (rule_len == 0 || rule_len >= SYS_ZONE_BYTES || memchr(before + 1, '\0', rule_len) != NULL) {
		return false;
	}
	memcpy(rule, before + 1, rule_len);
	rule[rule_len] = '\0';
	return true;
}

static bool rule_of_file(const char *path, char rule[SYS_ZONE_BYTES])
{
	static uint8_t bytes[FILE_MAX];
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t len = 0;
	ssize_t n = 1;

	if (fd < 0) {
		return false;
	}
	while (n > 0 && len < sizeof(bytes)) {
		n = read(fd, bytes + len, sizeof(bytes) - len);
		len += n > 0 ? (size_t)n : 0;
	}
	close(fd);
	return n == 0 && sys_zone_rule_in(bytes, len, rule);
}

bool sys_zone_rule(char rule[SYS_ZONE_BYTES])
{
	const char *named = getenv("TZ");
	char path[256];

	if (named == NULL) {
		return rule_of_file("/etc/localtime", rule);
	}
	named += named[0] == ':';
	const char *folder = named[0] == '/' ? "" : "/usr/share/zoneinfo/";

	if ((size_t)snprintf(path, sizeof(path), "%s%s", folder, named) < sizeof(path) && rule_of_file(path, rule)) {
		return true;
	}
	return (size_t)snprintf(rule, SYS_ZONE_BYTES, "%s", named[0] != '\0' ? named : "UTC0") < SYS_ZONE_BYTES;
}
