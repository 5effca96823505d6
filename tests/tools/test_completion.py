#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Completion in bash offers every sub-command, and every option of each.

usage: test_completion.py TOLLGATE TOLLGATED"""
import glob
import os
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCRIPT = os.path.join(ROOT, 'etc', 'completion', 'tollgate.bash')
TOLLGATE, TOLLGATED = map(os.path.abspath, sys.argv[1:3])
ASK = '''
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_tollgate "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
[ ${#COMPREPLY[@]} = 0 ] || printf '%s\\n' "${COMPREPLY[@]}"
'''


def completed(*words, folder=ROOT):
    done = subprocess.run(['bash', '--norc', '-c', ASK, 'bash', SCRIPT, *words], capture_output=True, text=True, timeout=60,
                          cwd=folder, check=False)
    if done.returncode != 0 or done.stderr:
        raise AssertionError(f'{words}: {done.returncode} {done.stderr}')
    return set(done.stdout.splitlines())


def rows(pattern, *names):
    """What the pattern finds in tables of the source."""
    found = set()
    for name in names:
        with open(name, encoding='utf-8') as file:
            found |= set(re.findall(pattern, file.read(), re.M))
    return found


def sub_commands():
    found = rows(r'^\t\{ "([a-z]+)", "', os.path.join(ROOT, 'src', 'tools', 'tool.c'))
    assert {'call', 'audit', 'help'} <= found
    return found


class Completion(unittest.TestCase):
    def test_sub_commands(self):
        self.assertEqual(completed(TOLLGATE, ''), sub_commands() | {'--state', '-x'})
        self.assertEqual(completed(TOLLGATE, '--state', '/tmp', 'ca'), {'call'})

    def test_options(self):
        wanted = rows(r'^\t\{ "(--[a-z0-9-]+)"', *glob.glob(os.path.join(ROOT, 'src', 'tools', '*.c')))
        self.assertGreater(len(wanted), 40)
        offered = set()
        for name in sub_commands() - {'help', 'version', 'console'}:
            options = completed(TOLLGATE, name, '--')
            self.assertIn('--help', options, name)
            offered |= options
        self.assertEqual(wanted - offered, set())

    def test_options_of_the_daemon(self):
        wanted = rows(r'^\t\{ "(--[a-z-]+)", \w+, false', os.path.join(ROOT, 'src', 'daemon', 'options.c'))
        self.assertGreater(len(wanted), 5)
        self.assertEqual(wanted, completed(TOLLGATED, '--'))

    def test_values(self):
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, 'folder'))
            open(os.path.join(folder, 'file'), 'w', encoding='ascii').close()
            self.assertEqual(completed(TOLLGATED, '--config', 'f', folder=folder), {'folder'})
            self.assertEqual(completed(TOLLGATE, '--state', 'f', folder=folder), {'folder'})
            self.assertEqual(completed(TOLLGATE, 'check', 'f', folder=folder), {'folder'})
            self.assertEqual(completed(TOLLGATE, 'call', '--secret-file', 'f', folder=folder), {'folder', 'file'})
            self.assertEqual(completed(TOLLGATE, 'call', '--duration', '', folder=folder), set())

    def test_console_commands_without_a_daemon_are_none(self):
        self.assertEqual(completed(TOLLGATE, '--state', '/nowhere', '-x', 'iax2 sh'), set())


if __name__ == '__main__':
    sys.exit(0 if unittest.main(exit=False, argv=sys.argv[:1]).result.wasSuccessful() else 1)
