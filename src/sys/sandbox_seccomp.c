/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/sandbox_seccomp.h"

#include <errno.h>
#include <netinet/in.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

/* What an argument must be for the call to be allowed. */
enum condition { ALWAYS, WITHOUT_BITS, WITH_BITS, EQUALS, OWN_PID };

struct call {
	int number; /* of this machine or, for one it does not have, negative: such a row is skipped */
	enum condition condition;
	unsigned argument;
	uint64_t value;
};

/* Every role: memory without new code, time, waiting, its channels, ending. */
static const struct call calls_all[] = {
	{ SCMP_SYS(read), ALWAYS, 0, 0 },
	{ SCMP_SYS(readv), ALWAYS, 0, 0 },
	{ SCMP_SYS(write), ALWAYS, 0, 0 },
	{ SCMP_SYS(writev), ALWAYS, 0, 0 },
	{ SCMP_SYS(close), ALWAYS, 0, 0 },
	{ SCMP_SYS(fcntl), ALWAYS, 0, 0 },
	{ SCMP_SYS(fstat), ALWAYS, 0, 0 },
	{ SCMP_SYS(newfstatat), WITH_BITS, 3, 0x1000 }, /* AT_EMPTY_PATH: fstat() of the C library */
	{ SCMP_SYS(lseek), ALWAYS, 0, 0 },
	{ SCMP_SYS(brk), ALWAYS, 0, 0 },
	{ SCMP_SYS(mmap), WITHOUT_BITS, 2, PROT_EXEC },
	{ SCMP_SYS(mprotect), WITHOUT_BITS, 2, PROT_EXEC },
	{ SCMP_SYS(munmap), ALWAYS, 0, 0 },
	{ SCMP_SYS(mremap), ALWAYS, 0, 0 },
	{ SCMP_SYS(madvise), ALWAYS, 0, 0 },
	{ SCMP_SYS(mlock2), ALWAYS, 0, 0 },
	{ SCMP_SYS(munlock), ALWAYS, 0, 0 },
	{ SCMP_SYS(futex), ALWAYS, 0, 0 },
	{ SCMP_SYS(clock_gettime), ALWAYS, 0, 0 },
	{ SCMP_SYS(clock_nanosleep), ALWAYS, 0, 0 },
	{ SCMP_SYS(gettimeofday), ALWAYS, 0, 0 },
	{ SCMP_SYS(nanosleep), ALWAYS, 0, 0 },
	{ SCMP_SYS(restart_syscall), ALWAYS, 0, 0 },
	{ SCMP_SYS(sched_yield), ALWAYS, 0, 0 },
	{ SCMP_SYS(getrandom), ALWAYS, 0, 0 },
	{ SCMP_SYS(getpid), ALWAYS, 0, 0 },
	{ SCMP_SYS(sysinfo), ALWAYS, 0, 0 }, /* qsort() of the C library */
	{ SCMP_SYS(gettid), ALWAYS, 0, 0 },
	{ SCMP_SYS(epoll_create1), ALWAYS, 0, 0 },
	{ SCMP_SYS(epoll_ctl), ALWAYS, 0, 0 },
	{ SCMP_SYS(epoll_wait), ALWAYS, 0, 0 },
	{ SCMP_SYS(epoll_pwait), ALWAYS, 0, 0 },
	{ SCMP_SYS(epoll_pwait2), ALWAYS, 0, 0 },
	{ SCMP_SYS(timerfd_settime), ALWAYS, 0, 0 },
	{ SCMP_SYS(poll), ALWAYS, 0, 0 },
	{ SCMP_SYS(ppoll), ALWAYS, 0, 0 },
	{ SCMP_SYS(sendmsg), ALWAYS, 0, 0 },
	{ SCMP_SYS(recvmsg), ALWAYS, 0, 0 },
	{ SCMP_SYS(sendto), ALWAYS, 0, 0 },
	{ SCMP_SYS(recvfrom), ALWAYS, 0, 0 },
	{ SCMP_SYS(rt_sigaction), ALWAYS, 0, 0 },
	{ SCMP_SYS(rt_sigprocmask), ALWAYS, 0, 0 },
	{ SCMP_SYS(rt_sigreturn), ALWAYS, 0, 0 },
	{ SCMP_SYS(tgkill), OWN_PID, 0, 0 }, /* abort() */
	{ SCMP_SYS(exit), ALWAYS, 0, 0 },
	{ SCMP_SYS(exit_group), ALWAYS, 0, 0 },
};

/* Datagrams on sockets it has; threads of its own. */
static const struct call calls_engine[] = {
	{ SCMP_SYS(sendmmsg), ALWAYS, 0, 0 },
	{ SCMP_SYS(recvmmsg), ALWAYS, 0, 0 },
	{ SCMP_SYS(getsockname), ALWAYS, 0, 0 },
	{ SCMP_SYS(getsockopt), ALWAYS, 0, 0 },
	{ SCMP_SYS(setsockopt), ALWAYS, 0, 0 },
	{ SCMP_SYS(eventfd2), ALWAYS, 0, 0 },
	{ SCMP_SYS(clone), WITH_BITS, 0, CLONE_THREAD },
	{ SCMP_SYS(set_robust_list), ALWAYS, 0, 0 },
	{ SCMP_SYS(rseq), ALWAYS, 0, 0 },
	{ SCMP_SYS(sched_getaffinity), ALWAYS, 0, 0 },
	{ SCMP_SYS(sched_setaffinity), ALWAYS, 0, 0 },
	{ SCMP_SYS(prctl), EQUALS, 0, PR_SET_NAME },
};

/* The database's files and logs. Which, is Landlock's business. */
static const struct call calls_store[] = {
	{ SCMP_SYS(open), ALWAYS, 0, 0 },       { SCMP_SYS(openat), ALWAYS, 0, 0 },
	{ SCMP_SYS(newfstatat), ALWAYS, 0, 0 }, { SCMP_SYS(stat), ALWAYS, 0, 0 },
	{ SCMP_SYS(lstat), ALWAYS, 0, 0 },      { SCMP_SYS(access), ALWAYS, 0, 0 },
	{ SCMP_SYS(faccessat), ALWAYS, 0, 0 },  { SCMP_SYS(faccessat2), ALWAYS, 0, 0 },
	{ SCMP_SYS(readlink), ALWAYS, 0, 0 },   { SCMP_SYS(readlinkat), ALWAYS, 0, 0 },
	{ SCMP_SYS(getcwd), ALWAYS, 0, 0 },     { SCMP_SYS(pread64), ALWAYS, 0, 0 },
	{ SCMP_SYS(pwrite64), ALWAYS, 0, 0 },   { SCMP_SYS(ftruncate), ALWAYS, 0, 0 },
	{ SCMP_SYS(fallocate), ALWAYS, 0, 0 },  { SCMP_SYS(fsync), ALWAYS, 0, 0 },
	{ SCMP_SYS(fdatasync), ALWAYS, 0, 0 },  { SCMP_SYS(unlink), ALWAYS, 0, 0 },
	{ SCMP_SYS(unlinkat), ALWAYS, 0, 0 },   { SCMP_SYS(fchmod), ALWAYS, 0, 0 },
	{ SCMP_SYS(fchown), ALWAYS, 0, 0 },     { SCMP_SYS(geteuid), ALWAYS, 0, 0 },
	{ SCMP_SYS(rename), ALWAYS, 0, 0 },     { SCMP_SYS(renameat), ALWAYS, 0, 0 },
	{ SCMP_SYS(renameat2), ALWAYS, 0, 0 },
};

/* Reading files, and the name services of the C library, which load code and open sockets as the machine is set up. */
static const struct call calls_loader[] = {
	{ SCMP_SYS(open), ALWAYS, 0, 0 },         { SCMP_SYS(openat), ALWAYS, 0, 0 },
	{ SCMP_SYS(newfstatat), ALWAYS, 0, 0 },   { SCMP_SYS(stat), ALWAYS, 0, 0 },
	{ SCMP_SYS(lstat), ALWAYS, 0, 0 },        { SCMP_SYS(statx), ALWAYS, 0, 0 },
	{ SCMP_SYS(access), ALWAYS, 0, 0 },       { SCMP_SYS(faccessat), ALWAYS, 0, 0 },
	{ SCMP_SYS(faccessat2), ALWAYS, 0, 0 },   { SCMP_SYS(readlink), ALWAYS, 0, 0 },
	{ SCMP_SYS(readlinkat), ALWAYS, 0, 0 },   { SCMP_SYS(getcwd), ALWAYS, 0, 0 },
	{ SCMP_SYS(getdents64), ALWAYS, 0, 0 },   { SCMP_SYS(pread64), ALWAYS, 0, 0 },
	{ SCMP_SYS(mmap), ALWAYS, 0, 0 },         { SCMP_SYS(mprotect), ALWAYS, 0, 0 },
	{ SCMP_SYS(memfd_create), ALWAYS, 0, 0 }, { SCMP_SYS(ftruncate), ALWAYS, 0, 0 },
	{ SCMP_SYS(socket), ALWAYS, 0, 0 },       { SCMP_SYS(connect), ALWAYS, 0, 0 },
	{ SCMP_SYS(bind), ALWAYS, 0, 0 },         { SCMP_SYS(getsockname), ALWAYS, 0, 0 },
	{ SCMP_SYS(getpeername), ALWAYS, 0, 0 },  { SCMP_SYS(getsockopt), ALWAYS, 0, 0 },
	{ SCMP_SYS(setsockopt), ALWAYS, 0, 0 },   { SCMP_SYS(sendmmsg), ALWAYS, 0, 0 },
	{ SCMP_SYS(recvmmsg), ALWAYS, 0, 0 },     { SCMP_SYS(ioctl), ALWAYS, 0, 0 },
	{ SCMP_SYS(uname), ALWAYS, 0, 0 },        { SCMP_SYS(getuid), ALWAYS, 0, 0 },
	{ SCMP_SYS(geteuid), ALWAYS, 0, 0 },      { SCMP_SYS(getgid), ALWAYS, 0, 0 },
	{ SCMP_SYS(getegid), ALWAYS, 0, 0 },      { SCMP_SYS(prlimit64), ALWAYS, 0, 0 },
};

/* Reading a folder of files that anybody may have made. */
static const struct call calls_sounds[] = {
	{ SCMP_SYS(open), ALWAYS, 0, 0 },         { SCMP_SYS(openat), ALWAYS, 0, 0 },
	{ SCMP_SYS(newfstatat), ALWAYS, 0, 0 },   { SCMP_SYS(stat), ALWAYS, 0, 0 },
	{ SCMP_SYS(lstat), ALWAYS, 0, 0 },        { SCMP_SYS(readlink), ALWAYS, 0, 0 },
	{ SCMP_SYS(readlinkat), ALWAYS, 0, 0 },   { SCMP_SYS(getcwd), ALWAYS, 0, 0 },
	{ SCMP_SYS(getdents64), ALWAYS, 0, 0 },   { SCMP_SYS(pread64), ALWAYS, 0, 0 },
	{ SCMP_SYS(memfd_create), ALWAYS, 0, 0 }, { SCMP_SYS(ftruncate), ALWAYS, 0, 0 },
};

/* People who come in by the sockets it was given, and who read metrics. */
static const struct call calls_desk[] = {
	{ SCMP_SYS(accept4), ALWAYS, 0, 0 },     { SCMP_SYS(getsockopt), ALWAYS, 0, 0 },
	{ SCMP_SYS(getsockname), ALWAYS, 0, 0 }, { SCMP_SYS(setsockopt), EQUALS, 1, IPPROTO_TCP }, /* no delay */
	{ SCMP_SYS(shutdown), ALWAYS, 0, 0 },    { SCMP_SYS(uname), ALWAYS, 0, 0 },
};

struct list {
	const struct call *calls;
	size_t count;
	uint32_t otherwise; /* what becomes of any other call */
};

static const struct list lists[SYS_SANDBOX_ROLES] = {
	[SYS_SANDBOX_ENGINE] = { calls_engine, TG_COUNT(calls_engine), SCMP_ACT_KILL_PROCESS },
	[SYS_SANDBOX_VAULT] = { NULL, 0, SCMP_ACT_KILL_PROCESS },
	[SYS_SANDBOX_STORE] = { calls_store, TG_COUNT(calls_store), SCMP_ACT_KILL_PROCESS },
	/* Which calls a name service makes is not ours to know: it gets an error and does without. */
	[SYS_SANDBOX_LOADER] = { calls_loader, TG_COUNT(calls_loader), SCMP_ACT_ERRNO(EPERM) },
	[SYS_SANDBOX_SOUNDS] = { calls_sounds, TG_COUNT(calls_sounds), SCMP_ACT_KILL_PROCESS },
	[SYS_SANDBOX_DESK] = { calls_desk, TG_COUNT(calls_desk), SCMP_ACT_KILL_PROCESS },
	[SYS_SANDBOX_FENCE] = { NULL, 0, SCMP_ACT_KILL_PROCESS },
};

/* int arguments have 32 bits; what is above them in the register means nothing. */
#define BITS(argument, mask, value) SCMP_CMP((argument), SCMP_CMP_MASKED_EQ, (mask), (value))

static int allow(scmp_filter_ctx filter, const struct call *call)
{
	const int number = call->number;
	const unsigned at = call->argument;

	switch (call->condition) {
	case ALWAYS:
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 0);
	case WITHOUT_BITS:
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1, BITS(at, call->value, 0));
	case WITH_BITS:
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1, BITS(at, call->value, call->value));
	case EQUALS:
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1, BITS(at, UINT32_MAX, call->value));
	case OWN_PID:
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, number, 1, BITS(at, UINT32_MAX, (uint32_t)getpid()));
	}
	return -EINVAL;
}

static bool allow_list(scmp_filter_ctx filter, const struct call *calls, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (calls[i].number >= 0 && allow(filter, &calls[i]) != 0) {
			return false;
		}
	}
	return true;
}

const char *sys_seccomp_enter(enum sys_sandbox_role role)
{
	const struct list *list = &lists[role];
	scmp_filter_ctx filter = seccomp_init(list->otherwise);
	const char *failed = NULL;

	if (filter == NULL) {
		return "no memory for the system call filter";
	}
	if (!allow_list(filter, calls_all, TG_COUNT(calls_all)) || !allow_list(filter, list->calls, list->count) ||
	    /* The C library tries it first and knows another way, whose arguments can be looked at. */
	    seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0) != 0) {
		failed = "the system call filter cannot be built";
	} else if (seccomp_load(filter) != 0) {
		failed = "the kernel refuses the system call filter";
	}
	seccomp_release(filter);
	return failed;
}
