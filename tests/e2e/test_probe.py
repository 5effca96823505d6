# SPDX-License-Identifier: Apache-2.0
"""`tollgate probe` as monitoring runs it: one line, figures behind a bar, four exit codes."""
import os
import re
import socket
import subprocess

import pytest

import rig
import sites

# IAX2 WORD - text|label=value[unit];warn;crit;min;max ...
LINE = re.compile(r'IAX2 (OK|WARNING|CRITICAL|UNKNOWN) - ([^|\n]+)(?:\|(.+))?\n')
FIGURE = re.compile(r'[a-z]+=\d+(?:\.\d+)?s?;(?:\d+\.\d+)?;(?:\d+\.\d+)?;0(?:;\d+\.\d+)?')
SLOW = 'exten => 602,1,Wait(0.1)\n same => n,Answer()\n same => n,Echo()\n'
WORDS = {0: 'OK', 1: 'WARNING', 2: 'CRITICAL', 3: 'UNKNOWN'}


@pytest.fixture(scope='module')
def house():
    with rig.Exchange(sites.IAX, sites.EXTENSIONS + SLOW) as made:
        yield made.start()


def probe(*words, secret=None, code=0):
    more = {} if secret is None else {'TOLLGATE_SECRET': secret}
    done = subprocess.run([rig.program('tollgate'), 'probe', *words], capture_output=True, text=True, timeout=40 * rig.SLOWER,
                          env=rig.environment(**more), stdin=subprocess.DEVNULL, check=False)
    line = LINE.fullmatch(done.stdout)
    assert line, done.stdout + done.stderr
    assert (done.returncode, line[1]) == (code, WORDS[code]), done.stdout + done.stderr
    figures = (line[3] or '').split()
    assert all(FIGURE.fullmatch(figure) for figure in figures), done.stdout
    return line[2], dict(figure.split(';')[0].split('=') for figure in figures)


@pytest.mark.essential
def test_poke(house):
    text, figures = probe('--poke', house.uri())
    assert text.startswith('POKE was answered in ')
    assert 0 < float(figures['time'].rstrip('s')) < 5


def test_limits(house):
    call = ('--call', house.uri('alice', '602'))
    probe(*call, '--warning=0.05', '--critical', '9', secret=sites.ALICE, code=1)
    probe(*call, '-w', '0.05', '-c', '0.09', secret=sites.ALICE, code=2)
    probe(*call, '-w', '9', '-c', '9', secret=sites.ALICE, code=0)


def test_register_gives_back(house):
    text, figures = probe('--register', house.uri('bob'), secret=sites.BOB)
    assert text.startswith('registered in ') and figures
    rig.wait_for(lambda: '"registered":true' not in house.console('json peers'), 5, 'nothing stays behind')
    text, _ = probe('--register', house.uri('bob'), secret='wrong', code=2)
    assert text.startswith('not registered: ')
    assert sites.BOB not in text


def test_call(house):
    text, figures = probe('--call', house.uri('alice', '600'), secret=sites.ALICE)
    assert text.startswith('the call was answered in ')
    assert 40 <= int(figures['received']) <= int(figures['sent']) <= 60
    assert probe('--call', house.uri('alice', '486'), secret=sites.ALICE, code=2)[0].startswith('the call was not answered: busy')
    probe('--call', house.uri('alice', '404'), secret=sites.ALICE, code=2)


def test_the_secret_comes_from_a_file(house, tmp_path):
    path = tmp_path / 'secret'
    path.write_text(sites.ALICE + '\n')
    os.chmod(path, 0o600)
    probe('--call', '--secret-file', str(path), house.uri('alice', '600'))
    os.chmod(path, 0o644)
    probe('--call', '--secret-file', str(path), house.uri('alice', '600'), code=3)


@pytest.mark.parametrize('what', ['--poke', '--register', '--call'])
def test_who_is_silent_is_critical(what):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(('127.0.0.1', 0))
        probe(what, '--timeout', '1', f'iax2:alice@127.0.0.1:{deaf.getsockname()[1]}/600', secret='x', code=2)


@pytest.mark.parametrize('words', [
    (), ('--poke',), ('iax2:127.0.0.1',), ('--poke', '--call', 'iax2:127.0.0.1'), ('--poke', 'a', 'b'), ('--poke', 'nonsense'),
    ('--poke', '-w', 'x', 'iax2:127.0.0.1'), ('--poke', '-w', '2', '-c', '1', 'iax2:127.0.0.1'),
    ('--poke', 'iax2:no-such-host.invalid'), ('--register', 'iax2:127.0.0.1'),
    ('--call', '--secret-file', '/nonexistent', 'iax2:a@127.0.0.1/1'),
])
def test_what_cannot_be_told_is_unknown(words):
    probe(*words, code=3)
