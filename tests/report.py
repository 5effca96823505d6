#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adds up what ./dev test left behind: every skip with its reason, every failure, and one last line.

usage: report.py FOLDER

FOLDER holds checks.tsv (exit code, name, log), meson's logs (meson-*.json) and pytest's (*.xml). Exit code 1 if anything
failed, or if nothing was run at all.
"""
import glob
import json
import os
import re
import sys
import xml.etree.ElementTree as ElementTree

SKIPPED = 77
TAIL_LINES = 30
TAP = re.compile(r'^(not )?ok\b *\d* *-? *([^#\n]*?) *(?:# *(skip|todo)\w* *(.*))?$', re.I)
NO_REASON = 'no reason given'


def tail(text, count=TAIL_LINES):
    return '\n'.join([line.rstrip() for line in text.splitlines() if line.strip()][-count:])


def from_checks(path):
    with open(path, encoding='utf-8') as file:
        for line in file:
            code, name, log = line.rstrip('\n').split('\t')
            with open(log, encoding='utf-8', errors='replace') as output:
                text = output.read()
            if int(code) == 0:
                yield 'passed', name, ''
            elif int(code) == SKIPPED:
                yield 'skipped', name, tail(text, 1) or NO_REASON
            else:
                yield 'failed', name, tail(text)


def from_tap(name, text):
    """cmocka writes a skipped case as `not ok 1 # SKIP name`, and its reason as a comment before it."""
    comment = ''
    for line in text.splitlines():
        found = TAP.match(line)
        if found:
            bad, case, directive, rest = found.groups()
            if (directive or '').lower() == 'skip':
                yield 'skipped', f'{name} {case or rest}', (comment or rest if not case else rest) or NO_REASON
            else:
                yield 'failed' if bad else 'passed', f'{name} {case}', ''
        comment = line[1:].strip() if line.startswith('#') else ''


def from_meson(path):
    """Each case of a TAP program counts; of any other program, its exit."""
    build = os.path.splitext(os.path.basename(path))[0].replace('meson-', '')
    with open(path, encoding='utf-8') as file:
        for test in map(json.loads, file):
            name = f'{build}: {test["name"].split(" / ")[-1].strip()}'
            output = test.get('stdout', '')
            everything = tail(output + '\n' + test.get('stderr', ''))
            cases = list(from_tap(name, output))
            for what, case, text in cases:
                yield what, case, text or (everything if what == 'failed' else '')
            # meson takes cmocka's skips for failures; a program that really failed also ends with a code.
            skips_only = test['result'] == 'FAIL' and test.get('returncode') == 0 and {'skipped'} <= {c[0] for c in cases}
            well = test['result'] in ('OK', 'SKIP', 'EXPECTEDFAIL') or skips_only
            if not cases and test['result'] == 'SKIP':
                yield 'skipped', name, tail(output, 1) or NO_REASON
            elif not well and not any(what == 'failed' for what, _, _ in cases):
                yield 'failed', f'{name} as a whole: {test["result"]}', everything
            elif not cases:
                yield 'passed', name, ''


def from_junit(path):
    source = os.path.splitext(os.path.basename(path))[0]
    for case in ElementTree.parse(path).getroot().iter('testcase'):
        name = f'{source}: {case.get("classname")} {case.get("name")}'
        bad = [element for element in case if element.tag in ('failure', 'error')]
        skip = case.find('skipped')
        if bad:
            yield 'failed', name, tail('\n'.join(filter(None, [bad[0].get('message'), bad[0].text])), 60)
        elif skip is not None:
            yield 'skipped', name, skip.get('message') or NO_REASON
        else:
            yield 'passed', name, ''


def read_all(folder):
    cases = list(from_checks(os.path.join(folder, 'checks.tsv')))
    for path in sorted(glob.glob(os.path.join(folder, 'meson-*.json'))):
        cases += from_meson(path)
    for path in sorted(glob.glob(os.path.join(folder, '*.xml'))):
        cases += from_junit(path)
    return cases


def main():
    cases = read_all(sys.argv[1])
    count = {what: sum(1 for case in cases if case[0] == what) for what in ('passed', 'failed', 'skipped')}
    for what, name, text in cases:
        if what == 'skipped':
            print(f'skipped: {name}: {text.strip()}')
    for what, name, text in cases:
        if what == 'failed':
            print(f'FAILED: {name}')
            print('\n'.join('    ' + line for line in text.strip().splitlines()))
    print(f'{count["passed"]} passed, {count["failed"]} failed, {count["skipped"]} skipped')
    return 0 if count['failed'] == 0 and count['passed'] > 0 else 1


if __name__ == '__main__':
    sys.exit(main())
