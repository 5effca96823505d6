#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What the Debian packages are made of fits the rest of the project. That they can be built, `./dev package` shows.

usage: test_package.py TOLLGATE TOLLGATED"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOLLGATE, TOLLGATED = map(os.path.abspath, sys.argv[1:3])
ESSENTIAL = {'gcc', 'libc6-dev'}   # of build-essential


def read(*parts):
    with open(os.path.join(ROOT, *parts), encoding='utf-8') as file:
        return file.read()


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **more)


def shell_list(name):
    """The words of an array in ./dev."""
    return set(re.search(rf'^{name}=\((.*?)\)', read('dev'), re.M | re.S).group(1).split())


class Package(unittest.TestCase):
    def test_one_version(self):
        version = re.search(r"^  version: '(.+)',$", read('meson.build'), re.M).group(1)
        self.assertTrue(read('debian', 'changelog').startswith(f'tollgate ({version}) '), 'debian/changelog has another version')

    def test_what_the_build_needs_is_said(self):
        field = re.search(r'^Build-Depends:(.*?)^\S', read('debian', 'control'), re.M | re.S).group(1)
        said = {re.split(r'[ :]', word.strip())[0] for word in field.split(',')}
        self.assertEqual(shell_list('build_packages') - ESSENTIAL - said, set(), 'missing in Build-Depends of debian/control')

    def test_files_that_packages_take_are_there(self):
        for name in ('install', 'docs', 'examples'):
            for line in read('debian', f'tollgate.{name}').splitlines():
                source = line.split()[0]
                if not re.match(r'lib/|usr/', source):
                    self.assertEqual(run('sh', '-c', f'ls -d {source}', cwd=ROOT).returncode, 0, source)

    def test_the_fresh_configuration_serves_nobody(self):
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(os.path.join(ROOT, 'etc', 'fresh'), folder, dirs_exist_ok=True)
            shutil.copy(os.path.join(ROOT, 'etc', 'sample', 'fingerprints.conf'), folder)
            done = run(TOLLGATED, '--config', folder, '--check-config')
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotIn('warning', done.stdout + done.stderr)
            done = run(TOLLGATE, 'check', '--strict', '--json', folder)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual([account for account in json.loads(done.stdout)['accounts'] if account['account']], [])
        iax = re.sub(r';.*', '', read('etc', 'fresh', 'iax.conf'))
        self.assertEqual(re.findall(r'^bindaddr=(.*)$', iax, re.M), ['127.0.0.1:14569'])
        self.assertEqual(re.findall(r'^\[(.*)\]', iax, re.M), ['general'])
        self.assertIsNone(re.search(r'^;?secret *=', read('etc', 'fresh', 'iax.conf'), re.M), 'a secret that everybody knows')

    @unittest.skipUnless(shutil.which('nft'), 'nftables is not installed')
    def test_the_packet_filter_example_loads(self):
        if run('unshare', '--net', '--map-root-user', 'true').returncode != 0:
            self.skipTest('no network namespaces')
        text = read('etc', 'nftables', 'tollgate.nft')
        closed = re.sub(r'#(ct state established accept|counter drop)', r'\1', text)
        self.assertEqual(closed.count('\t\tcounter drop'), 1)
        undo = re.search(r'^# Undo: (.*)$', text, re.M).group(1)
        with tempfile.TemporaryDirectory() as folder:
            for rules in (text, closed):
                path = os.path.join(folder, 'rules')
                with open(path, 'w', encoding='utf-8') as file:
                    file.write(rules)
                done = run('unshare', '--net', '--map-root-user', 'sh', '-ec',
                           f'nft -c -f {path}; nft -f {path}; nft -f {path}; nft list ruleset; {undo}; nft list ruleset; echo end')
                self.assertEqual((done.returncode, done.stderr), (0, ''))
                self.assertEqual(done.stdout.count('limit rate over 2000/second'), 2, done.stdout)
                self.assertTrue(done.stdout.endswith('}\nend\n'), done.stdout)

    def test_scripts_are_of_a_shell(self):
        for name in ('debian/tollgate.postrm', 'debian/tests/exchange', 'debian/tests/library', 'debian/tests/purge'):
            self.assertEqual(run('sh', '-n', os.path.join(ROOT, name)).stderr, '', name)
        named = set(' '.join(re.findall(r'^Tests: (.*)$', read('debian', 'tests', 'control'), re.M)).split())
        self.assertEqual(named, set(os.listdir(os.path.join(ROOT, 'debian', 'tests'))) - {'control'})


if __name__ == '__main__':
    sys.exit(0 if unittest.main(exit=False, argv=sys.argv[:1]).result.wasSuccessful() else 1)
