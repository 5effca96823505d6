# SPDX-License-Identifier: Apache-2.0
"""The systemd unit: that systemd takes it, how tight it is, and that the exchange works under what it allows."""
import os
import re
import shutil
import subprocess
import sys

import pytest

import rig

UNIT = os.path.join(rig.ROOT, 'etc', 'tollgated.service')
FENCE = os.path.join(rig.ROOT, 'etc', 'systemd', 'fence.conf')
CONFINED = os.path.join(rig.ROOT, 'tests', 'e2e', 'confined.py')
USER = 64321
LIBC = '''import ctypes, os; libc = ctypes.CDLL(None, use_errno=True)
def fail(code):
    if code == -1: raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
'''.rstrip()
NEEDS_ANALYZE = pytest.mark.skipif(shutil.which('systemd-analyze') is None, reason='systemd-analyze is not installed')
NEEDS_ROOT = pytest.mark.skipif(os.getuid() != 0 or not rig.may_mount(), reason='needs root, and mounts of its own')
IAX = '''
[general]
bindaddr={host}:{port}
[alice]
type=friend
host=dynamic
secret=marmor-7-tapir-okarina-31
context=phones
'''
EXTENSIONS = '''
[phones]
exten => 600,1,Answer()
 same => n,Echo()
exten => 601,1,Answer()
 same => n,Milliwatt()
'''


def text_of(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def lines_of(text):
    return [line for line in text.splitlines() if line and not line.startswith('#')]


def test_the_documents_have_the_lines_for_the_fence():
    told = re.search(r'```ini\n# systemctl edit tollgated\n(.*?)```', text_of(os.path.join(rig.ROOT, 'docs', 'operations.md')), re.S)
    assert lines_of(told.group(1)) == lines_of(text_of(FENCE))


@NEEDS_ANALYZE
@pytest.mark.parametrize('with_fence, most', [(False, 1.5), (True, 1.8)])
def test_the_unit_file_is_valid_and_tight(tmp_path, with_fence, most):
    """On a machine without our program and user: others stand in for them."""
    text = text_of(UNIT)
    for ours, stand_in in (('/usr/sbin/tollgated', '/bin/true'), ('User=tollgate', 'User=daemon'),
                           ('Group=tollgate', 'Group=daemon'), ('Documentation=man:tollgated(8)', '')):
        assert ours in text
        text = text.replace(ours, stand_in)
    text += text_of(FENCE) if with_fence else ''
    unit = tmp_path / 'tollgated.service'
    unit.write_text(text)
    done = subprocess.run(['systemd-analyze', 'verify', unit], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and done.stderr == '', done.stderr
    done = subprocess.run(['systemd-analyze', 'security', '--offline=true', f'--threshold={int(most * 10)}', unit],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and 'Overall exposure level' in done.stdout, done.stdout


def answered(one, number):
    phone = rig.call(one.uri('alice', number), '--duration', 1, secret='marmor-7-tapir-okarina-31')
    assert phone.code == 0, phone.text + one.log()
    return phone.report


def completed(one, line):
    """What bash offers for a console command that is begun."""
    script = ('source "$1"; COMP_WORDS=("$2" --state "$3" -x "\\"$4"); COMP_CWORD=4; _tollgate "$2" "\\"$4" -x; '
              'printf "%s\\n" "${COMPREPLY[@]}"')
    done = subprocess.run(['bash', '--norc', '-c', script, 'bash', os.path.join(rig.ROOT, 'etc', 'completion', 'tollgate.bash'),
                           rig.program('tollgate'), one.state, line], capture_output=True, text=True, timeout=60, check=False,
                          env=rig.environment())
    assert (done.returncode, done.stderr) == (0, '')
    return set(done.stdout.splitlines())


class Confined(rig.Exchange):
    def command_line(self, *more):
        program, *arguments = super().command_line(*more)
        for path, folders, files in os.walk(self.folder):
            for name in ['.', *folders, *files]:
                os.chown(os.path.join(path, name), USER, USER)
        return ['unshare', '--mount', sys.executable, CONFINED, UNIT, self.folder, str(USER), program, *arguments]


@NEEDS_ANALYZE
@NEEDS_ROOT
@pytest.mark.skipif(rig.SANITIZED, reason='a sanitizer needs system calls of its own')
def test_the_exchange_works_under_what_the_unit_allows():
    with Confined(IAX, EXTENSIONS) as one:
        one.start()
        pids = one.processes()
        assert {'tollgated', 'tg-engine', 'tg-vault', 'tg-store', 'tg-desk'} <= set(pids)
        for pid in pids.values():
            status = text_of(f'/proc/{pid}/status')
            assert re.search(r'^Seccomp:\t2$', status, re.M) and re.search(r'^NoNewPrivs:\t1$', status, re.M)
            assert re.search(r'^CapBnd:\t0+$', status, re.M) and re.search(rf'^Uid:\t{USER}\t', status, re.M)
        call = answered(one, '601')
        assert call['received']['packets'] > 20, call
        assert completed(one, 'iax2 show pe') >= {'iax2 show peers', 'iax2 show peer'}
        one.write('extensions.conf', EXTENSIONS.replace('601', '602'))
        os.chown(os.path.join(one.config, 'extensions.conf'), USER, USER)
        one.console('iax2 reload')
        answered(one, '602')
        rig.wait_for(lambda: all(number in one.console('cdr show') for number in ('601', '602')), 10, 'both are in the database')
        one.stop()


@NEEDS_ANALYZE
@NEEDS_ROOT
@pytest.mark.parametrize('code, wanted', [
    (LIBC + '\nfail(libc.unshare(0x10000000))', 'Operation not permitted'),
    (LIBC + '\nfail(libc.chroot(b"/"))', 'Operation not permitted'),
    (LIBC + '\nfail(libc.personality(8))', 'Operation not permitted'),
    ('import socket; socket.socket(socket.AF_PACKET, socket.SOCK_RAW)', 'Address family not supported'),
    ('import mmap; mmap.mmap(-1, 4096, prot=7)', 'PermissionError'),
    ('open("/etc/new", "w")', 'Read-only file system'),
    ('open("/proc/sys/kernel/hostname")', 'No such file'),
], ids=['namespace', 'chroot', 'personality', 'family', 'code', 'file', 'proc'])
def test_what_the_unit_forbids_is_forbidden(tmp_path, code, wanted):
    """The test above could not fail if nothing were."""
    done = subprocess.run(['unshare', '--mount', sys.executable, CONFINED, UNIT, str(tmp_path), str(USER), '/usr/bin/python3', '-c', code],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1 and wanted in done.stderr, done.stderr
