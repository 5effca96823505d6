#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""docs/acceptance.md: each row is there, and each test that it names is there, is run, and has the case that is quoted.

usage: test_acceptance.py"""
import os
import re
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROWS = 10
NAMED = re.compile(r'^(tests/\S+): (test_\w+)(?:: "(.+)")?$')


def read(*parts):
    with open(os.path.join(ROOT, *parts), encoding='utf-8') as file:
        return file.read()


def rows():
    """[(1, ['tests/conf/test_x.c: test_y', ...])]"""
    found = []
    for line in read('docs', 'acceptance.md').splitlines():
        cells = [cell.strip() for cell in line.strip('|').split(' | ')]
        if len(cells) == 3 and cells[0].isdigit():
            found.append((int(cells[0]), re.findall(r'`([^`]*)`', cells[2])))
    return found


def missing(path, test, case=None):
    """What is wrong with a test that a row names, or None."""
    if not os.path.isfile(os.path.join(ROOT, path)):
        return 'there is no such file'
    text, folder, name = read(path), os.path.dirname(path), os.path.basename(path)
    if case is not None and case not in text:
        return f'it has no "{case}"'
    if path.endswith('.py'):
        return None if re.search(rf'(?m)^def {test}\(', text) else 'there is no such test'
    if not re.search(rf'(?m)^static void {test}\(void \*\*state\)', text) or f'cmocka_unit_test({test})' not in text:
        return 'there is no such test, or it is not run'
    if not re.search(rf"'{name[5:-2]}'|'{name}'", read(folder, 'meson.build')):
        return 'the file is not built'
    return None


class Acceptance(unittest.TestCase):
    def test_each_row_is_there_once(self):
        self.assertEqual([number for number, _ in rows()], list(range(1, ROWS + 1)))

    def test_each_test_that_is_named_is_there(self):
        for number, tests in rows():
            self.assertTrue(tests, f'row {number} names no test')
            for named in tests:
                with self.subTest(row=number, test=named):
                    parts = NAMED.match(named)
                    self.assertTrue(parts, 'expected `file: test` or `file: test: "case"`')
                    self.assertIsNone(missing(*parts.groups()))

    def test_what_is_not_there_is_missed(self):
        known = ('tests/conf/test_dialect.c', 'test_length_of_a_line')
        self.assertIsNone(missing(*known))
        self.assertIsNotNone(missing(known[0], 'test_length_of_a_lie'))
        self.assertIsNotNone(missing(*known, 'no such case'))
        self.assertIsNotNone(missing('tests/conf/test_dialects.c', known[1]))
        self.assertIsNotNone(missing('tests/e2e/test_names.py', 'test_no_name'))


if __name__ == '__main__':
    unittest.main()
