#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The manual names every option, command, exit code and key that the code has, and no option that it does not have."""
import os
import re
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def read(*parts):
    with open(os.path.join(ROOT, *parts), encoding='utf-8') as file:
        return file.read()


def page(name):
    """As it reads, without its marks."""
    return re.sub(r'\\(.)', r'\1', read('docs', 'man', f'{name}.scd')).replace('*', '').replace('_', '')


def words_of(text):
    return re.sub(r'\s+', ' ', text)


class Manual(unittest.TestCase):
    def has(self, text, wanted):
        self.assertIn(wanted.replace('_', ''), words_of(text))

    def rows(self, source, pattern, least):
        found = re.findall(pattern, source, re.M)
        self.assertGreaterEqual(len(found), least, 'the pattern fits the source no more')
        return found

    def test_options(self):
        for source, name in (('call_options.c', 'tollgate-call.1'), ('load.c', 'tollgate.1'), ('explain_options.c', 'tollgate.1'),
                             ('audit_options.c', 'tollgate-audit.1'), ('check.c', 'tollgate.1')):
            text = page(name)
            options = self.rows(read('src', 'tools', source), r'^\t\{ "(--[a-z-]+)"', 4)
            for option in options:
                if option != '--help':
                    self.has(text, option)
        for option in self.rows(read('src', 'daemon', 'options.c'), r'\{ "(--[a-z-]+)", \w+, false', 6):
            self.has(page('tollgated.8'), option)

    def test_no_option_is_invented(self):
        known = {'--state', '--version', '--help', '--answer'}
        for path in (('tools', 'call_options.c'), ('tools', 'load.c'), ('tools', 'explain_options.c'), ('tools', 'audit_options.c'),
                     ('tools', 'check.c'), ('daemon', 'options.c')):
            known |= set(re.findall(r'"(--[a-z-]+)"', read('src', *path)))
        for name in ('tollgate.1', 'tollgate-audit.1', 'tollgate-call.1', 'tollgated.8', 'tollgate.conf.5'):
            for option in re.findall(r'(?<![\w-])--[a-z][a-z-]+', page(name)):
                self.assertIn(option, known, name)

    def test_commands(self):
        text = page('tollgate.1')
        for words, args in self.rows(read('src', 'desk', 'commands.c'), r'^\t\{ "([a-z0-9 ]+)",\s+"([^"]*)"', 20):
            self.has(text, f'{words} {args}'.strip())

    def test_exit_codes(self):
        codes = self.rows(read('src', 'tools', 'exit.h'), r'X\(\w+, (\d+),', 9)
        for name in ('tollgate.1', 'tollgate-call.1'):
            status = page(name).split('# EXIT STATUS')[1].split('\n#')[0]
            self.assertEqual(re.findall(r'^(\d)$', status, re.M), codes, name)

    def test_checks_of_the_audit(self):
        text = page('tollgate-audit.1').split('# CHECKS')[1].split('\n#')[0]
        for check in self.rows(read('src', 'tools', 'audit_rows.c'), r'^\t\{ "([A-Z]+\d+[a-z.]*)"', 20):
            self.assertRegex(text, rf'(?m)^(.*, )?{re.escape(check)}(,.*)?$')
        keys = set()
        for packed in self.rows(read('src', 'tools', 'audit_json.c'), r'json_pack\(\s*"\{[^"]*"((?:.|\n)*?);', 4):
            keys |= set(re.findall(r'"([a-z_]+)"', packed))
        self.assertGreater(len(keys), 20)
        for key in keys - {'probe', 'request', 'answers', 'octets_sent', 'octets_back', 'packets_back', 'proven', 'setting', 'undo',
                           'verify', 'remedies'}:
            self.has(text=page('tollgate-audit.1'), wanted=key)

    def test_keys_of_the_report(self):
        text = page('tollgate-call.1')
        packed = self.rows(read('src', 'tools', 'report.c'), r'"([a-z_]+)",?\s', 15)
        for key in packed:
            if key not in ('text', 'ms', 's'):
                self.has(text, key)

    def test_configuration(self):
        text = page('tollgate.conf.5')
        for option in set(self.rows(read('src', 'conf', 'option.c'), r'^\t\{ "([a-z_-]+)", [^,]+, YES', 40)):
            self.has(text, option)
        for application in self.rows(read('src', 'conf', 'app.c'), r'^\t\{ "(\w+)", WORLD_APP', 16):
            self.has(text, application)


if __name__ == '__main__':
    sys.exit(0 if unittest.main(exit=False, argv=sys.argv[:1]).result.wasSuccessful() else 1)
