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

enum { ASIDE = CAPNG_PERMITTED | CAPNG_INHERITABLE };

static bool has_none(void)
{
	return capng_have_capabilities(CAPNG_SELECT_CAPS) == CAPNG_NONE &&
	       capng_have_permitted_capabilities() == CAPNG_NONE &&
	       capng_have_capability(CAPNG_INHERITABLE, CAP_NET_ADMIN) == 0;
}

/* @param sets  in which the packet filter's capability stays */
static bool capabilities_drop(unsigned sets)
{
	if (capng_get_caps_process() != 0) {
		return false;
	}
	if (has_none()) {
		return true;
	}
	const bool keep = sets != 0 && capng_have_capability(CAPNG_PERMITTED, CAP_NET_ADMIN) != 0;
	const bool may_bound = capng_have_capability(CAPNG_EFFECTIVE, CAP_SETPCAP) != 0;

	capng_clear(CAPNG_SELECT_BOTH);
	if (keep) {
		capng_update(CAPNG_ADD, (capng_type_t)(sets | CAPNG_BOUNDING_SET), CAP_NET_ADMIN);
	}
	/*
	 * The bounding set can only be cleared with CAP_SETPCAP, and without a capability nothing is left to bound. Without it
	 * libcap-ng is not even asked, for it complains in the system's log.
	 */
	return ((may_bound && capng_apply(CAPNG_SELECT_BOTH) == 0) || capng_apply(CAPNG_SELECT_CAPS) == 0) &&
	       prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0;
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
	if (drop && !capabilities_drop(0)) {
		return "the capabilities cannot be dropped";
	}
	return NULL;
}

const char *sys_sandbox_keep_filter(enum sys_sandbox_filter how)
{
	static const unsigned sets[] = {
		[SYS_SANDBOX_ASIDE] = ASIDE,
		[SYS_SANDBOX_LENT] = CAPNG_EFFECTIVE | ASIDE,
		[SYS_SANDBOX_OWN] = CAPNG_EFFECTIVE | CAPNG_PERMITTED,
	};

	if (!capabilities_drop(sets[how])) {
		return "the capabilities cannot be dropped";
	}
	if (how == SYS_SANDBOX_LENT && sys_sandbox_has_filter() &&
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_NET_ADMIN, 0, 0) != 0) {
		return "the capability cannot be lent";
	}
	return NULL;
}

bool sys_sandbox_has_filter(void)
{
	return capng_get_caps_process() == 0 && capng_have_capability(CAPNG_EFFECTIVE, CAP_NET_ADMIN) != 0;
}

const char *sys_sandbox_become(unsigned uid, unsigned gid, const char *user, bool keep_bind)
{
	if (initgroups(user, gid) != 0) {
		return "its groups cannot be set";
	}
	const bool has_filter = capng_get_caps_process() == 0 &&
	                        capng_have_capability(CAPNG_PERMITTED, CAP_NET_ADMIN) != 0;

	capng_clear(CAPNG_SELECT_BOTH);
	if (has_filter) {
		capng_update(CAPNG_ADD, (capng_type_t)ASIDE, CAP_NET_ADMIN);
	}
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
	return sys_sandbox_begin(false);
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
	(void)mlock2(at, size_bytes, MLOCK_ONFAULT); /* what is not in use yet stays no memory */
}
