#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The count at the end of ./dev test is honest: nothing that failed, died or was skipped is counted as passed."""
import json
import os
import subprocess
import sys
import tempfile
import unittest

REPORT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'report.py')


def report(checks=(), meson=(), junit=''):
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, 'checks.tsv'), 'w', encoding='utf-8') as file:
            for number, (code, name, text) in enumerate(checks):
                log = os.path.join(folder, f'{number}.log')
                with open(log, 'w', encoding='utf-8') as output:
                    output.write(text)
                file.write(f'{code}\t{name}\t{log}\n')
        with open(os.path.join(folder, 'meson-build.json'), 'w', encoding='utf-8') as file:
            for name, result, stdout, *code in meson:
                file.write(json.dumps({'name': name, 'result': result, 'stdout': stdout,
                                       'returncode': code[0] if code else result != 'OK'}) + '\n')
        if junit:
            with open(os.path.join(folder, 'e2e.xml'), 'w', encoding='utf-8') as file:
                file.write(junit)
        done = subprocess.run([sys.executable, REPORT, folder], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout.splitlines()


class Report(unittest.TestCase):
    def test_nothing_run_is_no_success(self):
        self.assertEqual(report(), (1, ['0 passed, 0 failed, 0 skipped']))

    def test_checks(self):
        code, lines = report([(0, 'a', ''), (77, 'b', 'x\nno clang\n'), (1, 'c', 'broken\n')])
        self.assertEqual(code, 1)
        self.assertEqual(lines, ['skipped: b: no clang', 'FAILED: c', '    broken', '1 passed, 1 failed, 1 skipped'])

    def test_every_tap_case_counts(self):
        code, lines = report(meson=[('t', 'OK', '1..3\nok 1 - a\nok 2 # SKIP no rights\nok 3 - c\n')])
        self.assertEqual((code, lines[-1]), (0, '2 passed, 0 failed, 1 skipped'))
        self.assertIn('no rights', lines[0])

    def test_a_skip_of_cmocka(self):
        tap = '1..2\nok 1 - a\n# no IPv6 here\nnot ok 2 # SKIP test_b\n'
        code, lines = report(meson=[('t', 'FAIL', tap, 0)])
        self.assertEqual((code, lines), (0, ['skipped: build: t test_b: no IPv6 here', '1 passed, 0 failed, 1 skipped']))
        self.assertEqual(report(meson=[('t', 'FAIL', tap, 1)])[1][-1], '1 passed, 1 failed, 1 skipped')

    def test_a_failed_tap_case(self):
        code, lines = report(meson=[('t', 'FAIL', '1..2\nok 1 - a\nnot ok 2 - b\n# x.c:1: a is 1, not 2\n')])
        self.assertEqual((code, lines[-1]), (1, '1 passed, 1 failed, 0 skipped'))
        self.assertIn('    # x.c:1: a is 1, not 2', lines)

    def test_a_program_that_died_after_its_cases(self):
        for result in ('ERROR', 'TIMEOUT', 'INTERRUPT', 'FAIL', 'UNEXPECTEDPASS'):
            code, lines = report(meson=[('t', result, '1..2\nok 1 - a\n')])
            self.assertEqual((code, lines[-1]), (1, '1 passed, 1 failed, 0 skipped'), result)

    def test_programs_without_tap(self):
        code, lines = report(meson=[('a', 'OK', ''), ('b', 'SKIP', 'no device\n'), ('c', 'FAIL', '')])
        self.assertEqual((code, lines[-1]), (1, '1 passed, 1 failed, 1 skipped'))
        self.assertEqual(lines[0], 'skipped: build: b: no device')

    def test_pytest(self):
        code, lines = report(junit='<testsuites><testsuite><testcase classname="m" name="a"/>'
                                   '<testcase classname="m" name="b"><failure message="no">why</failure></testcase>'
                                   '<testcase classname="m" name="c"><error message="broken fixture"/></testcase>'
                                   '<testcase classname="m" name="d"><skipped message="no nmap"/></testcase>'
                                   '</testsuite></testsuites>')
        self.assertEqual((code, lines[-1]), (1, '1 passed, 2 failed, 1 skipped'))
        self.assertEqual(lines[0], 'skipped: e2e: m d: no nmap')


if __name__ == '__main__':
    unittest.main()
