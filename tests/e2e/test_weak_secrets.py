# SPDX-License-Identifier: Apache-2.0
"""A secret that is easy to guess is told of at load, without saying it; a new one is shown to who checks the files, and in no log."""
import re
import signal
import subprocess

import pytest

import rig
from obedient import IAX, daemon  # noqa: F401, pylint: disable=unused-import

WEAK = 'Elephant-2024'
GUESSED = IAX.replace('bobs-own-secret', WEAK)
SAID = r'iax\.conf:\d+: warning: \[bob\]: its secret is weak: it is a common word or two with little around them'
OFFER = 'tollgated --check-config offers a new one'


def check(one):
    return subprocess.run(one.command_line('--check-config'), capture_output=True, text=True, timeout=20 * rig.SLOWER,
                          env=rig.environment(), check=False)


@pytest.mark.essential
def test_who_checks_the_files_gets_a_new_one(daemon):
    one = daemon(GUESSED, start=False)
    made = set()
    for _ in range(3):
        done = check(one)
        assert done.returncode == 0, done.stderr
        assert re.search(f'^{SAID}$', done.stderr, re.M), done.stderr
        made.update(re.findall(r'^iax\.conf:\d+: warning: \[bob\]: a new one: ([a-z2-7]{20})$', done.stdout, re.M))
        assert 'a new one' not in done.stderr and OFFER not in done.stdout
        assert WEAK not in done.stdout + done.stderr
    assert len(made) == 3


def test_a_new_one_is_not_weak(daemon):
    first = daemon(GUESSED, start=False)
    new = re.search('a new one: (.*)', check(first).stdout).group(1)
    second = daemon(IAX.replace('bobs-own-secret', new), start=False)
    done = check(second)
    assert done.returncode == 0 and 'weak' not in done.stdout + done.stderr, done.stderr
    assert new not in done.stdout + done.stderr


def test_a_log_has_neither(daemon):
    one = daemon(GUESSED)
    assert re.search(f'{SAID}; {OFFER}', one.log()), one.log()
    one.process.send_signal(signal.SIGHUP)
    one.wait_log('config.used')
    said = [line for line in one.log().splitlines() if 'config.problem' in line and '[bob]' in line]
    assert said and OFFER in said[0], one.log()
    assert WEAK not in one.log() and 'a new one: ' not in one.log()
