# SPDX-License-Identifier: Apache-2.0
"""./dev demo shows what it promises, leaves nothing behind, and with --stay leaves an exchange that can be used and stopped."""
import os
import re
import signal
import subprocess
import time

import pytest

import rig

pytestmark = pytest.mark.alone

DEMO = os.path.join(rig.ROOT, 'demo', 'run')


def run_demo(*options):
    began = time.monotonic()
    done = subprocess.run([DEMO, *options], capture_output=True, text=True, timeout=100, check=False,
                          env=rig.environment(TG_BUILD=rig.BUILD))
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout, time.monotonic() - began


@pytest.mark.limit(120)
def test_it_shows_calls_and_tables():
    text, seconds = run_demo()
    assert seconds < 60
    for what in (r'ready after \d+ ms', r'alice heard the tone of the other, 660 Hz: (100|9\d)%',
                 r'bob heard the tone of the other, 440 Hz: (100|9\d)%', r'^alice\S*\s+127\.0\.0\.1\s+\(D\)',
                 r'^bob\S*\s+127\.0\.0\.1\s+\(D\)', r'IAX2/alice-\d+', r'IAX2/bob-\d+', r'^tg-engine\s+\d+', r'^tg-vault\s+\d+',
                 r'^tg-store\s+\d+', r'^tg-desk\s+\d+', r'\b600\b.*ANSWERED', r'\b2002\b.*ANSWERED', r'^== What next'):
        assert re.search(what, text, re.M), f'{what} is not in:\n{text}'
    folder = re.search(r'--state (\S+)/state', text).group(1)
    assert not os.path.exists(folder)
    for pid in re.findall(r'^(?:tollgated|tg-\w+)\s+(\d+)', text, re.M):
        assert not os.path.exists(f'/proc/{pid}')


@pytest.mark.limit(180)
def test_it_stays_and_can_be_stopped():
    text, _ = run_demo('--stay')
    pid = int(re.search(r'process (\d+)\)', text).group(1))
    try:
        call = re.search(r'TOLLGATE_SECRET=(\S+) \S+ call (\S+)', text)
        answer = rig.call(call.group(2), '--duration', 1, secret=call.group(1))
        assert answer.code == 0, answer.text
        state, command = re.search(r'stop it .*--state (\S+) -x "([^"]+)"', text).groups()
        subprocess.run([rig.program('tollgate'), '--state', state, '-x', command], check=True, timeout=20,
                       stdout=subprocess.DEVNULL, env=rig.environment())
        rig.wait_for(lambda: not os.path.exists(f'/proc/{pid}'), 10, 'it stops')
    finally:
        if os.path.exists(f'/proc/{pid}'):
            os.kill(pid, signal.SIGTERM)
