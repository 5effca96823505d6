# SPDX-License-Identifier: Apache-2.0
"""tollgate top on a real terminal, with a real call, a real guesser and a daemon that is started again."""
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time

import pytest

import rig
import sites

pytestmark = pytest.mark.skipif(shutil.which('tmux') is None, reason='tmux is not installed')

GUESSER = '127.9.0.5'


class Screen:
    """A program on a terminal of tmux, whose picture can be read."""

    def __init__(self, *words, width=80, height=24, **more):
        self.folder = tempfile.mkdtemp(prefix='tg-tmux-', dir='/tmp')
        environment = rig.environment(TERM='xterm-256color', TZ='UTC', **more)
        settings = [word for name, value in environment.items() for word in ('-e', f'{name}={value}')]
        command = ' '.join(f"'{word}'" for word in (rig.program('tollgate'), *words))
        self.tmux('-f', '/dev/null', 'new-session', '-d', '-x', str(width), '-y', str(height), *settings,
                  f'{command}; echo "ended with $?"; sleep 60')
        self.tmux('set-option', '-g', 'status', 'off')
        self.size(width, height)

    def tmux(self, *words):
        return subprocess.run(['tmux', '-S', os.path.join(self.folder, 'socket'), *words], capture_output=True, text=True, timeout=20,
                              env=rig.environment(TERM='xterm-256color'), check=True).stdout

    def size(self, width, height):
        self.width, self.height = width, height
        self.tmux('resize-window', '-x', str(width), '-y', str(height))

    def keys(self, *keys):
        self.tmux('send-keys', *keys)

    def lines(self, *more):
        return self.tmux('capture-pane', '-p', *more).split('\n')[:self.height]

    def wait(self, *patterns, seconds=10):
        """Until the screen has a line for each pattern; gives the lines."""
        seen = []

        def fits():
            seen[:] = self.lines()
            return all(any(re.search(pattern, line) for line in seen) for pattern in patterns)

        try:
            rig.wait_for(fits, seconds, f'a screen with {patterns}')
        except AssertionError as error:
            raise AssertionError(f'{error}\n' + '\n'.join(seen)) from None
        return seen

    def close(self):
        subprocess.run(['tmux', '-S', os.path.join(self.folder, 'socket'), 'kill-server'], capture_output=True, timeout=20, check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture(scope='module')
def house():
    with rig.Exchange(sites.IAX, sites.EXTENSIONS) as exchange:
        yield exchange.start()


@pytest.fixture
def screen(house):
    made = []

    def make(*words, **more):
        made.append(Screen('--state', house.state, 'top', *words, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()


def once(house, *words):
    return subprocess.run([rig.program('tollgate'), '--state', house.state, 'top', *words], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=20 * rig.SLOWER, env=rig.environment(TZ='UTC'), check=False)


def guess(house, count):
    """Different wrong secrets from one address, one after the other."""
    for number in range(count):
        refused = rig.call(house.uri('alice', '600'), '--local', GUESSER, '--timeout', 20, secret=f'wrong-{number}')
        assert refused.code in (3, 5, 6), refused.text


def end_quietly(one):
    one.keys('q')
    one.wait(r'^ended with 0$')


@pytest.mark.essential
def test_what_goes_on_is_on_the_screen(house, screen, phone):
    phone(house.uri('alice', '600'), '--duration', 40, secret=sites.ALICE)
    one = screen()
    lines = one.wait(r'^tollgate top \d\d:\d\d:\d\d, up .*, calls 1 \(peak 1\)', r'^\[1 Calls\] .* 1 row$',
                     r'^alice +600 +Up +0:\d\d +ulaw +0\.0 +\d+ +Echo', r'^q quit')
    assert len(lines) == 24 and lines[23].startswith('q quit')
    one.wait(r'packets in [4-6]\d, out [4-6]\d;')   # fifty a second each way
    # A guesser, and what becomes of him.
    one.keys('2')
    guess(house, 3)
    one.wait(rf'^{re.escape(GUESSER)} +3 +1 +delay +\d\d:\d\d:\d\d ', r'\[2 Sources\]', seconds=20)
    one.keys('/', '127.9', 'Enter')
    lines = one.wait(r'\[2 Sources\].* 1 row, with: 127.9$', r'^127\.9')
    assert not any(line.startswith('127.0.0.1') for line in lines)
    one.keys('Escape')
    one.wait(r'^127\.0\.0\.1 ', r'^127\.9')
    # A ban by hand.
    one.keys('3')
    one.wait(r'^none$')
    house.console('guard ban 192.0.2.77 for 2h reason try me')
    one.wait(r'^192\.0\.2\.77 +ban +\d.* banned +uid \d+')
    one.keys('4')
    for number in range(4):   # he who is held back is dropped three times out of four
        phone(house.uri('alice', '600'), '--local', GUESSER, '--timeout', 5, secret=f'wrong-{number}')
    one.wait(r'^calls refused +\d+\.\d +[3-9]$', r'^packets in +[4-6]\d\.\d +\d+$', r'^dropped: gate\.dropped\.delayed +\d+\.\d +\d+$')
    one.keys('Tab')
    one.wait(r'\[5 Limits\]', r'^call numbers +1 +\d+')
    # Paused, it stands still.
    one.keys('1')
    one.wait(r'^alice ')
    one.keys('p')
    one.wait(r'PAUSED')
    still = one.lines()
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        assert one.lines() == still
        time.sleep(0.1)
    one.keys('p', 'h')
    one.wait(r'scroll')
    one.keys('x')
    one.wait(r'^alice ')
    end_quietly(one)


def test_any_size(house, screen, phone):
    phone(house.uri('bob', '601'), '--duration', 30, secret=sites.BOB)
    one = screen(width=80, height=24)
    one.wait(r'^bob +601 .*Milliwatt')
    for width, height, heads in ((40, 10, r'^FROM +TO +STATE +TIMEv'), (20, 5, r'^FROM'), (200, 60, r'ADDRESS$'), (80, 24, r'^FROM.*RTT')):
        one.size(width, height)
        lines = one.wait(r'^tollgate top', heads, r'^bob', r'^q quit')
        assert max(map(len, lines)) <= width and lines[height - 1].startswith('q quit'), (width, height, lines)
    one.size(80, 24)
    one.keys('C-c')
    one.wait(r'^ended with 0$')


def test_colour_unless_there_is_none_wanted(house, screen):
    house.console('guard ban 192.0.2.78 for 2h reason in red')
    coloured, plain = screen('--view', 'bans'), screen('--view', 'bans', NO_COLOR='1')
    for one in (coloured, plain):
        one.wait(r'^192\.0\.2\.78 ')
    assert any(re.search(r'\x1b\[[0-9;]*31m', line) for line in coloured.lines('-e'))
    assert not any(re.search(r'\x1b\[[0-9;]*3[0-8]', line) for line in plain.lines('-e'))


def test_one_frame_for_scripts(house, phone):
    phone(house.uri('alice', '600'), '--duration', 20, secret=sites.ALICE)
    rig.wait_for(lambda: 'alice-' in house.console('core show channels'), 10, 'the call')
    before = house.console('guard show audit')
    done = once(house, '--once', '--interval', '0.5')
    assert (done.returncode, done.stderr) == (0, '')
    assert re.search(r'^alice +600 ', done.stdout, re.M)
    for title in ('[1 Calls]', '[2 Sources]', '[3 Bans]', '[4 Rates]', '[5 Limits]'):
        assert title in done.stdout
    assert re.fullmatch(r'[\n -~]*', done.stdout) and max(map(len, done.stdout.split('\n'))) <= 80
    assert re.search(r'^packets in +[3-7]\d\.\d', done.stdout, re.M), done.stdout
    done = once(house, '--once', '--view', 'calls', '--sort', '-to', '--filter', 'nobody', '--width', '120', '--interval', '0.2')
    assert done.returncode == 0 and 'nothing fits the filter' in done.stdout and 'Rates]' not in done.stdout
    assert 'TOv' in done.stdout
    assert house.console('guard show audit') == before, 'it changes nothing'
    for words, code, said in ((('--once', '--view', 'x'), 2, '--view: expected calls'), (('--once', '--sort', 'x'), 2, '--sort: '),
                              (('x',), 2, 'options only'), ((), 2, 'there is no terminal: --once'), (('--help',), 0, '')):
        done = once(house, *words)
        assert done.returncode == code and said in done.stderr
    with tempfile.TemporaryDirectory() as empty:
        done = subprocess.run([rig.program('tollgate'), '--state', empty, 'top', '--once'], capture_output=True, text=True,
                              timeout=20 * rig.SLOWER, env=rig.environment(), check=False)
        assert done.returncode == 1 and 'no tollgated runs there' in done.stderr


# What counts as dropped beside the names that say so.
DROPS = re.compile(r'\.(dropped|refused|held|ring_full)(\.|$)|^\w+\.overflowed$')
OTHER_DROPS = {'door.shed', 'door.silenced', 'door.too_long', 'gate.unproven_deaf', 'relay.malformed', 'relay.notices_full',
               'relay.unknown', 'switch.evicted', 'switch.media_bad', 'switch.media_no_room', 'switch.media_refused',
               'switch.misplaced', 'switch.not_ours', 'switch.shed', 'switch.verdicts_lost'}


def answer_for(listener, answers):
    """A daemon of which `top` asks its questions, once."""
    client, _ = listener.accept()
    with client, client.makefile('rw', encoding='ascii') as lines:
        for line in lines:
            lines.write(json.dumps(answers.get(line.strip(), {'rows': [], 'complete': True})) + '\n\x01END 0\n')
            lines.flush()


def test_every_reason_to_drop_is_told(house):
    counters = json.loads(house.console('json counters'))
    for row in counters['rows']:
        row['value'] = 7
    names = {row['name'] for row in counters['rows']}
    with tempfile.TemporaryDirectory() as state, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.join(state, 'tollgate.ctl'))
        listener.listen()
        threading.Thread(target=answer_for, args=(listener, {'json counters': counters}), daemon=True).start()
        done = subprocess.run([rig.program('tollgate'), '--state', state, 'top', '--once', '--view', 'rates', '--width', '120',
                               '--interval', '0.2'], capture_output=True, text=True, timeout=20 * rig.SLOWER,
                              env=rig.environment(), check=False)
    shown = set(re.findall(r'^dropped: (\S+) +0\.0 +7$', done.stdout, re.M))
    none = {name for name in names if name.endswith('.ok')}
    assert {'switch.refused.ok', 'door.dropped.ok'} <= none and OTHER_DROPS <= names
    assert shown == {name for name in names if DROPS.search(name)} - none | OTHER_DROPS, done.stdout + done.stderr


def test_frame_after_frame(house):
    with subprocess.Popen([rig.program('tollgate'), '--state', house.state, 'top', '--batch', '--view', 'limits', '--interval', '0.2'],
                          stdout=subprocess.PIPE, text=True, env=rig.environment()) as frames:
        heads = 0
        for line in frames.stdout:
            heads += line.startswith('tollgate top')
            if heads == 3:
                frames.terminate()
                break
        frames.stdout.read()
    assert heads == 3 and frames.returncode == 0


def test_the_daemon_is_started_again(house, screen, phone):
    """Last, because nothing of the others is left after it."""
    one = screen()
    one.wait(r'\[1 Calls\]')
    house.stop()
    one.wait(r'^no answer since \d\d:\d\d:\d\d, trying again: no tollgated runs there')
    one.keys('2')
    one.wait(r'\[2 Sources\]')
    one.keys('1')
    house.start()
    one.wait(r'^tollgated is back$')
    phone(house.uri('bob', '600'), '--duration', 10, secret=sites.BOB)
    one.wait(r'^bob +600 +Up', r'calls 1 ')
    end_quietly(one)
