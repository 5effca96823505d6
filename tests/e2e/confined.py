#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a program under what a unit file allows, on a machine where systemd does not run: as another user, without capabilities, with
a file system that can be read only, and with the filters of system calls. Needs root.

usage: confined.py UNIT WRITABLE-FOLDER USER-ID PROGRAM [ARGUMENT...]

Of the unit's lines these are done: SystemCallFilter, SystemCallErrorNumber, RestrictAddressFamilies, RestrictNamespaces,
MemoryDenyWriteExecute, LockPersonality, RestrictRealtime, ProtectSystem=strict, ProtectProc, ProcSubset, CapabilityBoundingSet,
NoNewPrivileges, UMask and the limits. A line that is in the unit and known to neither this list nor to OTHERS is an error."""
import ctypes
import ctypes.util
import errno
import os
import re
import resource
import subprocess
import sys

ALLOW, ERRNO, KILL = 0x7fff0000, 0x00050000, 0x80000000
NE, LE, EQ, GT, MASKED_EQ = 1, 3, 4, 6, 7
NAMESPACES = (0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
FAMILIES = {'AF_UNIX': 1, 'AF_INET': 2, 'AF_INET6': 10, 'AF_NETLINK': 16}
FAMILY_MAX = 45
# Always allowed by systemd beside the list.
IMPLICIT = ['@default', 'execve', 'exit', 'exit_group', 'getrlimit', 'rt_sigreturn']
OTHERS = set('''Type ExecStart ExecReload KillMode TimeoutStopSec TimeoutStartSec Restart RestartSec User Group StateDirectory
    StateDirectoryMode ConfigurationDirectory ConfigurationDirectoryMode AmbientCapabilities ProtectHome ProtectClock
    ProtectControlGroups ProtectHostname ProtectKernelLogs ProtectKernelModules ProtectKernelTunables PrivateTmp PrivateDevices
    PrivateUsers PrivateMounts RestrictSUIDSGID RemoveIPC DevicePolicy KeyringMode SystemCallArchitectures'''.split())
DONE = set('''SystemCallFilter SystemCallErrorNumber RestrictAddressFamilies RestrictNamespaces MemoryDenyWriteExecute LockPersonality
    RestrictRealtime ProtectSystem ProtectProc ProcSubset CapabilityBoundingSet NoNewPrivileges UMask LimitCORE LimitMEMLOCK
    LimitNOFILE'''.split())


class Argument(ctypes.Structure):
    _fields_ = [('index', ctypes.c_uint), ('op', ctypes.c_int), ('a', ctypes.c_uint64), ('b', ctypes.c_uint64)]


seccomp = ctypes.CDLL(ctypes.util.find_library('seccomp') or 'libseccomp.so.2', use_errno=True)
seccomp.seccomp_init.restype = ctypes.c_void_p
seccomp.seccomp_init.argtypes = [ctypes.c_uint32]
seccomp.seccomp_rule_add_array.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.POINTER(Argument)]
seccomp.seccomp_load.argtypes = [ctypes.c_void_p]
libc = ctypes.CDLL(None, use_errno=True)


class Filter:
    def __init__(self, otherwise):
        self.context = seccomp.seccomp_init(otherwise)

    def rule(self, action, name, *arguments):
        number = seccomp.seccomp_syscall_resolve_name(name.encode())
        if number < 0:
            return   # not of this architecture
        array = (Argument * max(1, len(arguments)))(*[Argument(*argument) for argument in arguments])
        code = seccomp.seccomp_rule_add_array(self.context, action, number, len(arguments), array)
        if code not in (0, -errno.EEXIST):
            raise OSError(-code, f'rule for {name}')

    def load(self):
        code = seccomp.seccomp_load(self.context)
        if code != 0:
            raise OSError(-code, 'loading a filter')


def unit_lines(text):
    """(name, value) of [Service], in order."""
    service = text.split('[Service]')[1].split('\n[')[0]
    return re.findall(r'^(\w+)=(.*)$', service, re.M)


def calls_of(names):
    found, groups = set(), [name for name in names if name.startswith('@')]
    found |= {name for name in names if not name.startswith('@')}
    if groups:
        out = subprocess.run(['systemd-analyze', 'syscall-filter', *groups], capture_output=True, text=True, check=True).stdout
        words = re.findall(r'^    ([@\w-]+)$', out, re.M)
        found |= calls_of([word for word in words if word not in groups])
    return found


def allowed_calls(lines):
    allowed = calls_of(IMPLICIT)
    for name, value in lines:
        if name == 'SystemCallFilter' and value.startswith('~'):
            allowed -= calls_of(value[1:].split())
        elif name == 'SystemCallFilter':
            allowed |= calls_of(value.split())
    return allowed


def load_restrictions(families):
    one = Filter(ALLOW)
    for family in range(FAMILY_MAX + 1):
        if family not in families:
            one.rule(ERRNO | errno.EAFNOSUPPORT, 'socket', (0, EQ, family, 0))
    one.rule(ERRNO | errno.EAFNOSUPPORT, 'socket', (0, GT, FAMILY_MAX, 0))
    for flag in NAMESPACES:
        one.rule(ERRNO | errno.EPERM, 'clone', (0, MASKED_EQ, flag, flag))
        one.rule(ERRNO | errno.EPERM, 'unshare', (0, MASKED_EQ, flag, flag))
    one.rule(ERRNO | errno.EPERM, 'setns')
    one.rule(ERRNO | errno.ENOSYS, 'clone3')
    one.rule(ERRNO | errno.EPERM, 'mmap', (2, MASKED_EQ, 6, 6))
    one.rule(ERRNO | errno.EPERM, 'mprotect', (2, MASKED_EQ, 4, 4))
    one.rule(ERRNO | errno.EPERM, 'pkey_mprotect', (2, MASKED_EQ, 4, 4))
    one.rule(ERRNO | errno.EPERM, 'shmat', (2, MASKED_EQ, 0o100000, 0o100000))
    one.rule(ERRNO | errno.EPERM, 'personality', (0, NE, 0, 0))
    for policy in (1, 2, 6):   # FIFO, RR, DEADLINE
        one.rule(ERRNO | errno.EPERM, 'sched_setscheduler', (1, EQ, policy, 0))
    one.load()


def load_list(allowed):
    one = Filter(ERRNO | errno.EPERM)
    for name in sorted(allowed):
        one.rule(ALLOW, name)
    one.load()


def mount_as_the_unit_does(writable):
    """The caller is in a mount namespace of its own."""
    run = lambda *command: subprocess.run(command, check=True, timeout=20)
    run('mount', '--make-rprivate', '/')
    run('mount', '--bind', writable, writable)
    with open('/proc/self/mounts', encoding='utf-8') as file:
        points = [line.split()[1] for line in file]
    for point in points:
        if point not in (writable, '/proc') and not point.startswith(('/proc/', '/dev', '/sys')):
            subprocess.run(['mount', '-o', 'remount,bind,ro', point], check=False, timeout=20, stderr=subprocess.DEVNULL)
    run('mount', '-o', 'remount,bind,ro', '/')
    run('mount', '-t', 'proc', '-o', 'hidepid=invisible,subset=pid', 'proc', '/proc')


def lower_limit(what, most):
    """To no more than the unit says; raising one is not for every root."""
    hard = resource.getrlimit(what)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (most, most))


def give_up_rights(user):
    for capability in range(64):
        libc.prctl(24, capability, 0, 0, 0)                # PR_CAPBSET_DROP; beyond the last one it fails
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    if libc.prctl(38, 1, 0, 0, 0) != 0:                    # PR_SET_NO_NEW_PRIVS
        raise OSError(ctypes.get_errno(), 'no_new_privs')


def main(unit, writable, user, *command):
    with open(unit, encoding='utf-8') as file:
        lines = unit_lines(file.read())
    strange = {name for name, _ in lines} - DONE - OTHERS
    if strange:
        sys.exit(f'confined.py knows nothing of {strange}')
    values = dict(lines)
    allowed = allowed_calls(lines)
    families = {FAMILIES[word] for word in values['RestrictAddressFamilies'].split()}
    mount_as_the_unit_does(os.path.realpath(writable))
    for what, most in (('CORE', 0), ('MEMLOCK', 64 << 20), ('NOFILE', 65536)):
        lower_limit(getattr(resource, f'RLIMIT_{what}'), most)
    os.umask(int(values['UMask'], 8))
    give_up_rights(int(user))
    load_restrictions(families)
    load_list(allowed)
    os.execv(command[0], command)


if __name__ == '__main__':
    main(*sys.argv[1:])
