#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The manual has a page for every sub-command and file, and names every option, command, exit code and key that the code has, and no
option that it does not have.

usage: test_man.py TOLLGATE"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

PAGES = sorted(os.path.basename(path)[:-4] for path in glob.glob(os.path.join(ROOT, 'docs', 'man', '*.scd')))
TOLLGATE = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else 'tollgate'


def read(*parts):
    with open(os.path.join(ROOT, *parts), encoding='utf-8') as file:
        return file.read()


def page(name):
    """As it reads, without its marks."""
    return re.sub(r'\\(.)', r'\1', read('docs', 'man', f'{name}.scd')).replace('*', '').replace('_', '')


def said(*words):
    return subprocess.run([TOLLGATE, *words], capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL).stdout


def words_of(text):
    return re.sub(r'\s+', ' ', text)


class Manual(unittest.TestCase):
    def has(self, text, wanted):
        self.assertIn(wanted.replace('_', ''), words_of(text))

    def rows(self, source, pattern, least):
        found = re.findall(pattern, source, re.M)
        self.assertGreaterEqual(len(found), least, 'the pattern fits the source no more')
        return found

    def test_each_sub_command_has_a_page_with_its_options(self):
        """The sub-commands that `tollgate help` tells, and what each tells with --help."""
        names = self.rows(said('help'), r'^ +tollgate ([a-z][a-z-]*)', 6)
        for name in set(names) - {'help', 'version'}:
            text, usage = page(f'tollgate-{name}.1'), said(name, '--help')
            for option in set(re.findall(r'^ +(--[a-z0-9-]+)', usage, re.M)) | set(re.findall(rf'tollgate {name} ([a-z-]+)', usage)):
                self.assertTrue(re.search(rf'(?m)^(.*, )?{option}(?![\w-])', text), f'tollgate-{name}(1) has no entry {option}')
            self.has(page('tollgate.1'), f'tollgate-{name}(1)')

    def test_keys_of_top(self):
        for names in self.rows(read('src', 'tools', 'top_keys.c'), r'^\t\{ \{ .* \}, "([^"]+)",', 8):
            for name in names.split():
                self.assertIn(f'*{name}*', read('docs', 'man', 'tollgate-top.1.scd').split('# KEYS')[1].split('# OPTIONS')[0])

    def test_options(self):
        """None of the source is left out by the sub-commands' helps."""
        pages = ''.join(map(page, PAGES))
        for option in self.rows(read('src', 'daemon', 'options.c'), r'\{ "(--[a-z-]+)", \w+, false', 6):
            self.has(page('tollgated.8'), option)
        for path in glob.glob(os.path.join(ROOT, 'src', 'tools', '*.c')):
            for option in re.findall(r'^\t\{ "(--[a-z0-9-]+)"', read(path), re.M):
                self.has(pages, option)

    def test_no_option_is_invented(self):
        known = {'--state', '--version', '--help'}
        for path in glob.glob(os.path.join(ROOT, 'src', 'tools', '*.c')) + [os.path.join(ROOT, 'src', 'daemon', 'options.c')]:
            known |= set(re.findall(r'"(--[a-z0-9-]+)"', read(path)))
        for name in PAGES:
            for option in re.findall(r'(?<![\w-])--[a-z][a-z0-9-]+', page(name)):
                self.assertIn(option, known, name)

    def test_all_pages_are_built(self):
        self.assertEqual(sorted(re.findall(r"^  '([\w.-]+)',$", read('docs', 'man', 'meson.build'), re.M)), PAGES)

    def test_each_page_names_itself_and_leads_to_pages(self):
        for name in PAGES:
            title, section = name.rsplit('.', 1)
            self.assertTrue(read('docs', 'man', f'{name}.scd').startswith(f'{title}({section})\n'), name)
            for other in re.findall(r'\b(tollgate[\w.-]*)\((\d)\)', page(name)):
                self.assertIn('.'.join(other), PAGES, name)

    @unittest.skipUnless(shutil.which('scdoc') and shutil.which('groff'), 'scdoc or groff is not installed')
    def test_pages_are_without_warnings(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in PAGES:
                with open(os.path.join(folder, name), 'w', encoding='utf-8') as out:
                    subprocess.run(['scdoc'], input=read('docs', 'man', f'{name}.scd'), text=True, stdout=out, check=True, timeout=20)
            done = subprocess.run(['groff', '-man', '-Tutf8', '-z', '-ww', '-K', 'utf8', *PAGES], cwd=folder, capture_output=True,
                                  text=True, check=False, timeout=60)
            self.assertEqual((done.returncode, done.stderr), (0, ''))

    def test_commands(self):
        text = page('tollgate-console.1')
        for words, args in self.rows(read('src', 'desk', 'commands.c'), r'^\t\{ "([a-z0-9 ]+)",\s+"([^"]*)"', 20):
            self.has(text, f'{words} {args}'.strip())

    def test_exit_codes(self):
        codes = self.rows(read('src', 'tools', 'exit.h'), r'X\(\w+, (\d+),', 9)
        for name in ('tollgate.1', 'tollgate-call.1'):
            status = page(name).split('# EXIT STATUS')[1].split('\n#')[0]
            self.assertEqual(re.findall(r'^(\d)$', status, re.M), codes, name)

    def test_keys_of_the_setup(self):
        text = page('tollgate-setup.1').split('# ANSWERS')[1]
        for key, value in self.rows(read('src', 'tools', 'setup_plan.c'), r'^\t\{ "([a-z-]+)", "([^"]+)"', 14):
            self.has(text, f'{key}={value}')

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
        text = page('tollgate.conf.5') + page('tollgate-iax.conf.5')
        for option in set(self.rows(read('src', 'conf', 'option.c'), r'^\t\{ "([a-z_-]+)", [^,]+, YES', 40)):
            self.has(text, option)
        for application in self.rows(read('src', 'conf', 'app.c'), r'^\t\{ "(\w+)", WORLD_APP', 16):
            self.has(page('tollgate-extensions.conf.5'), application)

    def test_other_files(self):
        for fact in self.rows(read('src', 'model', 'world.c'), r'\[WORLD_FACT_\w+\] = "(\w+)"', 12):
            self.has(page('tollgate-fingerprints.conf.5'), fact)
        for name in self.rows(read('src', 'model', 'world.h'), r'X\(WORLD_CLASS_\w+, +"([a-z-]+)"\)', 12):
            self.has(page('tollgate-destinations.5'), name)


if __name__ == '__main__':
    sys.exit(0 if unittest.main(exit=False, argv=sys.argv[:1]).result.wasSuccessful() else 1)
