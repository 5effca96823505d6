/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/sandbox.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sys/sandbox_landlock.h"
#include "sys/sandbox_seccomp.h"

/* The sanitizers need files, system calls and ptrace of their own. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static bool capabilities_drop(void)
{
	if (capng_get_caps_process() != 0) {
		return false;
	}
	if (capng_have_capabilities(CAPNG_SELECT_CAPS) == CAPNG_NONE) {
		return true;
	}
	capng_clear(CAPNG_SELECT_BOTH);
	/* The bounding set can only be cleared with CAP_SETPCAP, and without a capability nothing is left to bound. */
	return capng_apply(CAPNG_SELECT_BOTH) == 0 || capng_apply(CAPNG_SELECT_CAPS) == 0;
}

const char *sys_sandbox_begin(bool drop)
{
	const struct rlimit no_core = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &no_core) != 0) {
		return "core files cannot be turned off";
	}
	if (!SANITIZED && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) {
		return "the process cannot be made undumpable";
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
		return "new privileges cannot be renounced";
	}
	if (drop && !capabilities_drop()) {
		return "the capabilities cannot be dropped";
	}
	return NULL;
}

const char *sys_sandbox_become(unsigned uid, unsigned gid, const char *user, bool keep_bind)
{
	if (initgroups(user, gid) != 0) {
		return "its groups cannot be set";
	}
	capng_clear(CAPNG_SELECT_BOTH);
	if (keep_bind) {
		capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_NET_BIND_SERVICE);
	}
	if (capng_change_id((int)uid, (int)gid, CAPNG_CLEAR_BOUNDING) != 0) {
		return "the user cannot be changed";
	}
	if (setuid(0) == 0 || getuid() != uid || geteuid() != uid || getgid() != gid || getegid() != gid) {
		return "the user was not changed for good";
	}
	/* A change of user makes a process dumpable again or not, by a setting of the system. */
	return sys_sandbox_begin(!keep_bind);
}

const char *sys_sandbox_enter(const struct sys_sandbox *sandbox, const struct tg_log *log)
{
	if (SANITIZED) {
		tg_log(log, TG_NOTICE, "sandbox.off", TG_TEXT("why", "built with a sanitizer"));
		return NULL;
	}
	const char *failed = sys_landlock_enter(sandbox, log);

	return failed != NULL ? failed : sys_seccomp_enter(sandbox->role);
}

void sys_sandbox_hide_memory(void *at, size_t size_bytes)
{
	(void)madvise(at, size_bytes, MADV_DONTDUMP);
	(void)mlock(at, size_bytes);
}
