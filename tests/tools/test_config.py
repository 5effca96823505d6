#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tollgate config: which line won, and the page of all options; no daemon runs.

usage: test_config.py TOLLGATE"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOLLGATE = ''

FILES = {
    'iax.conf': '''[general]
bindaddr=127.0.0.1
bindaddr=::1
disallow=all
allow=gsm
maxauthreq=7
language=en
register => us:hush-in-a-register-line@192.0.2.9
pingtime=30
jitterbuffer=yes
[desk](!)
type=friend
secret=hush-of-the-template-1
host=dynamic
context=phones
setvar=FLOOR=1
setvar=DOOR=left
qualify=no
callerid="Desk" <100>
[bob](desk)
secret=hush-of-bob-himself-2
setvar=FLOOR=2
qualify=500
allow=ulaw
deny=0.0.0.0/0
deny=::/0
permit=192.0.2.0/24
fullname=Bob
[file](desk)
secretfile=of-file
[away]
type=registration
username=us
secret=hush-of-a-registration
host=192.0.2.10
#include "more.conf"
''',
    'more.conf': '[bob](+)\nmaxauthreq=9\n',
    'tollgate.conf': '[general]\nthreads=2\n[guard]\nmode=observe\n[policy office]\nallow=national\nallow=mobile\n',
    'extensions.conf': '[phones]\nexten => 1,1,Answer\n',
    'of-file': 'hush-in-a-file-of-its-own\n',
}

# Section (its first words), option, all its values with where they stand.
ROWS = [
    (None, '[general]', 'bindaddr', ['127.0.0.1 ; iax.conf:2', '::1 ; iax.conf:3']),
    (None, '[general]', 'pingtime', ['30 ; iax.conf:9']),
    (None, '[general]', 'lagrqtime', ['10 ; default']),
    (None, '[general]', 'threads', ['2 ; tollgate.conf:2']),
    (None, '[general]', 'register', ['us:(hidden)@192.0.2.9 ; iax.conf:8']),
    (None, '[general]', 'jitterbuffer', ['yes ; iax.conf:10, no effect: voice is passed on as it comes, the phones smooth it']),
    ('guard', '[guard]', 'mode', ['observe ; tollgate.conf:4']),
    ('guard', '[guard]', 'names', ['5 ; default']),
    ('metrics', '[metrics]', 'listen', ['no ; default']),
    ('policy office', '[office] policy', 'allow', ['national ; tollgate.conf:6', 'mobile ; tollgate.conf:7']),
    ('bob', '[bob] user', 'secret', ['(hidden) ; iax.conf:13', '(hidden) ; iax.conf:21']),
    ('bob', '[bob] peer', 'secret', ['(hidden) ; iax.conf:21']),
    ('bob', '[bob] user', 'setvar', ['DOOR=left ; iax.conf:17', 'FLOOR=2 ; iax.conf:22']),
    ('bob', '[bob] peer', 'qualify', ['500 ; iax.conf:23']),
    ('bob', '[bob] user', 'allow', ['gsm,ulaw ; iax.conf:24']),
    ('bob', '[bob] user', 'deny', ['0.0.0.0/0 ; iax.conf:25', '::/0 ; iax.conf:26']),
    ('bob', '[bob] user', 'fullname', ['Bob ; iax.conf:28']),
    ('bob', '[bob] user', 'cid_number', ['100 ; iax.conf:19']),
    ('bob', '[bob] user', 'maxauthreq', ['9 ; more.conf:2']),
    ('bob', '[bob] user', 'language', ['en ; iax.conf:7, [general]']),
    ('bob', '[bob] user', 'codecpriority', ['host ; default']),
    ('bob', '[bob] peer', 'port', ['4569 ; default']),
    ('file', '[file] peer', 'secret', ['(in the file of-file) ; iax.conf:30']),
    ('file', '[file] user', 'allow', ['gsm ; iax.conf:5, [general]']),
    ('file', '[file] user', 'maxauthreq', ['7 ; iax.conf:6, [general]']),
    ('away', '[away] registration', 'secret', ['(hidden) ; iax.conf:34']),
    ('away', '[away] registration', 'refresh', ['60 ; default']),
]


def run(*words):
    return subprocess.run([TOLLGATE, 'config', *words], capture_output=True, text=True, timeout=60, check=False)


def sections(text):
    """{"[bob] user": {"secret": ["... ; iax.conf:3", ...]}}"""
    found, options = {}, {}
    for line in text.splitlines():
        if line.startswith('['):
            options = found.setdefault(line.split('\t')[0], {})
        else:
            name, value = line.split(' = ', 1)
            options.setdefault(name, []).append(' '.join(value.split()))
    return found


class Config(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name, text):
        with open(os.path.join(self.folder.name, name), 'w', encoding='utf-8') as file:
            file.write(text)

    def show(self, *words):
        return run('show', *words, '--config', self.folder.name)

    def test_each_value_has_the_line_that_won(self):
        for name, section, option, values in ROWS:
            with self.subTest(name=name, option=option):
                done = self.show(*([name] if name else []), '--origin')
                self.assertEqual((done.returncode, done.stderr), (0, ''))
                self.assertEqual(sections(done.stdout)[section].get(option), values)

    def test_help_names_all_sections(self):
        text = run('--help').stdout
        for name in ('guard', 'front', 'metrics', 'numbers', '"numbers NAME"', '"policy NAME"'):
            self.assertIn(f' {name}', text)

    def test_what_is_not_written_is_only_shown_where_it_holds(self):
        self.assertEqual(self.show('front').returncode, 1)
        self.assertEqual(self.show('numbers').returncode, 1)

    def test_a_section_says_where_it_begins(self):
        self.assertIn('[bob] peer\t; iax.conf:20\n', self.show('bob', '--origin').stdout)

    def test_without_origin_there_are_lines_of_a_file(self):
        self.assertIn('\nsetvar = FLOOR=2\n', self.show('bob').stdout)
        self.assertNotIn('iax.conf:', self.show('bob').stdout)

    def test_json_says_the_same(self):
        told = json.loads(self.show('bob', '--json').stdout)
        self.assertEqual([(section['kind'], section['name'], section['line']) for section in told],
                         [('user', 'bob', 20), ('peer', 'bob', 20)])
        options = {row['option']: row for row in told[1]['options']}
        self.assertEqual(options['qualify'], {'option': 'qualify', 'value': '500', 'default': False, 'file': 'iax.conf', 'line': 23,
                                              'inherited': False, 'effect': True})
        self.assertTrue(options['port']['default'])

    def test_no_secret_is_shown(self):
        for name in ([], ['bob'], ['file'], ['away']):
            for more in ([], ['--origin'], ['--json']):
                done = self.show(*name, *more)
                self.assertEqual(done.returncode, 0)
                self.assertNotIn('hush', done.stdout + done.stderr)

    def test_what_is_not_there(self):
        done = self.show('bub')
        self.assertEqual((done.returncode, done.stdout), (1, ''))
        self.assertIn('did you mean bob?', done.stderr)
        self.assertEqual(run('show', 'a', 'b').returncode, 2)
        self.assertEqual(run('shew').returncode, 2)

    def test_a_configuration_that_cannot_be_used(self):
        self.write('more.conf', '[bob](+)\nqualifi=1\nsecret=hush\x01\n')
        for more in ([], ['--json']):
            done = self.show('bob', *more)
            self.assertEqual((done.returncode, done.stdout), (2, ''))
            self.assertIn('more.conf:2: error: unknown option "qualifi"', done.stderr)
            self.assertNotIn('hush', done.stderr)

    def test_the_page_of_all_options_is_what_the_tables_give(self):
        done = run('reference')
        with open(os.path.join(ROOT, 'docs', 'reference.md'), encoding='utf-8') as file:
            self.assertEqual(done.stdout, file.read(), 'make it anew: tollgate config reference > docs/reference.md')


if __name__ == '__main__':
    TOLLGATE = os.path.abspath(sys.argv.pop(1))
    unittest.main()
