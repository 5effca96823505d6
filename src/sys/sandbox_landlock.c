/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/sandbox_landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* As linux/landlock.h has it in the newest kernel; older ones take its beginning. */
struct ruleset {
	uint64_t fs, net, scoped;
};

/* Bits by the version that brought them; Debian 12's header ends with the second. */
enum {
	FS_1 = (1 << 13) - 1,
	FS_REFER = 1 << 13,
	FS_TRUNCATE = 1 << 14,
	FS_IOCTL_DEV = 1 << 15,
	NET_TCP = 3,
	SCOPED_BOTH = 3, /* abstract unix sockets, signals */
};

enum {
	FS_READ = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	FS_WRITE = FS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_FILE |
	           LANDLOCK_ACCESS_FS_MAKE_REG | FS_TRUNCATE,
	FS_OF_A_FILE = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE,
};

static struct ruleset ruleset_of(unsigned abi, enum sys_sandbox_role role)
{
	struct ruleset rules = { .fs = FS_1 };

	rules.fs |= abi >= 2 ? FS_REFER : 0;
	rules.fs |= abi >= 3 ? FS_TRUNCATE : 0;
	rules.fs |= abi >= 5 ? FS_IOCTL_DEV : 0;
	/* The loader asks name servers, over TCP too when an answer is long. */
	rules.net = abi >= 4 && role != SYS_SANDBOX_LOADER ? NET_TCP : 0;
	rules.scoped = abi >= 6 ? SCOPED_BOTH : 0;
	return rules;
}

static size_t ruleset_bytes(unsigned abi)
{
	return abi >= 6 ? sizeof(struct ruleset) : abi >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
}

static bool allow_below(int ruleset_fd, const char *path, uint64_t rights)
{
	struct stat st;
	struct landlock_path_beneath_attr rule = { .allowed_access = rights };

	rule.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0) {
		return errno == ENOENT || errno == EACCES || errno == ENOTDIR;
	}
	if (fstat(rule.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode)) {
		rule.allowed_access &= FS_OF_A_FILE;
	}
	const bool ok = syscall(SYS_landlock_add_rule, ruleset_fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;

	close(rule.parent_fd);
	return ok;
}

static bool allow_all(int ruleset_fd, const struct sys_sandbox *sandbox, uint64_t handled)
{
	if (sandbox->write_path != NULL && !allow_below(ruleset_fd, sandbox->write_path, FS_WRITE & handled)) {
		return false;
	}
	for (size_t i = 0; i < SYS_SANDBOX_PATHS && sandbox->read_paths[i] != NULL; i++) {
		if (!allow_below(ruleset_fd, sandbox->read_paths[i], FS_READ)) {
			return false;
		}
	}
	return true;
}

unsigned sys_landlock_abi(void)
{
	const long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return abi > 0 ? (unsigned)abi : 0;
}

const char *sys_landlock_enter(const struct sys_sandbox *sandbox, const struct tg_log *log)
{
	const unsigned abi = sys_landlock_abi();

	if (abi == 0) {
		tg_log(log, TG_WARNING, "sandbox.no_landlock", TG_TEXT("why", "this kernel has none"));
		return NULL;
	}
	const struct ruleset rules = ruleset_of(abi, sandbox->role);
	const int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, ruleset_bytes(abi), 0);

	if (fd < 0) {
		return "Landlock gives no rule set";
	}
	const bool ok = allow_all(fd, sandbox, rules.fs) && syscall(SYS_landlock_restrict_self, fd, 0) == 0;

	close(fd);
	return ok ? NULL : "the Landlock rules cannot be set";
}
