# SPDX-License-Identifier: Apache-2.0
"""tollgate setup: from answers and on a terminal; what it writes is an exchange that works, and what is there stays."""
import os
import re
import shutil
import signal
import subprocess

import pytest

import rig

pexpect = pytest.importorskip('pexpect')

STRONG = 'wonderland-is-far'


class Ground:
    """A folder for one set-up, and whatever daemon comes of it."""

    def __init__(self, folder):
        self.folder = str(folder)
        self.config = os.path.join(self.folder, 'config')
        self.state = os.path.join(self.folder, 'state')
        self.port = rig.free_port('127.0.0.1', '0.0.0.0')

    def arguments(self, *more):
        return ['--state', self.state, 'setup', '--config', self.config, *more]

    def run(self, answers, *more):
        done = subprocess.run([rig.program('tollgate'), *self.arguments('--answers', '-', *more)], input=answers,
                              capture_output=True, text=True, timeout=60 * rig.SLOWER, env=rig.environment(), check=False)
        assert not rig.SANITIZER_TROUBLE.search(done.stdout + done.stderr), done.stdout + done.stderr
        return done

    def terminal(self, program=None):
        return pexpect.spawn(program or rig.program('tollgate'), self.arguments(), env=rig.environment(TERM='dumb'), encoding='utf-8',
                             timeout=20 * rig.SLOWER, dimensions=(40, 200))

    def console(self, command):
        return subprocess.run([rig.program('tollgate'), '--state', self.state, '-x', command], capture_output=True, text=True,
                              timeout=20 * rig.SLOWER, env=rig.environment(), check=False)

    def left(self):
        """What is in the folder, whatever it is called."""
        return sorted(os.path.relpath(os.path.join(path, name), self.folder)
                      for path, folders, files in os.walk(self.folder) for name in folders + files)

    def read(self, name):
        with open(os.path.join(self.config, name), encoding='utf-8') as file:
            return file.read()

    def stop(self):
        try:
            with open(os.path.join(self.state, 'tollgated.pid'), encoding='utf-8') as file:
                pid = int(file.read())
        except (FileNotFoundError, ValueError):
            return
        os.kill(pid, signal.SIGTERM)
        rig.wait_for(lambda: not os.path.exists(os.path.join(self.state, 'tollgate.ctl')), 10, 'tollgated ends')


@pytest.fixture
def ground(tmp_path):
    made = Ground(tmp_path)
    yield made
    made.stop()




@pytest.mark.essential
def test_answers_become_an_exchange_that_echoes(ground):
    done = ground.run(f'listen=127.0.0.1\nport={ground.port}\naccount=alice 2001 {STRONG}\naccount=bob 2002\nshow-secrets=yes\n')
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r'1\d\d packets of voice were sent, 1\d\d came back, 1\d\d of them as they were', done.stdout), done.stdout
    assert 'The exchange works from this machine' in done.stdout
    assert '0 critical, 0 warnings' in done.stdout
    # What was written is what runs, and the machine's own secret opens it.
    secret = re.search(r'bob +number 2002 +secret ([a-z2-7]{20})\n', done.stdout).group(1)
    assert f'secret={secret}\n' in ground.read('iax.conf')
    call = rig.call(f'iax2:bob@127.0.0.1:{ground.port}/600', '--duration', 1, secret=secret)
    assert (call.code, call.report['state']) == (0, 'answered')
    for name in ('iax.conf', 'extensions.conf', 'tollgate.conf'):
        assert os.stat(os.path.join(ground.config, name)).st_mode & 0o7777 == 0o640
    assert os.stat(ground.config).st_mode & 0o7777 == 0o750
    # Once more, beside it: nothing of it is replaced, nothing started.
    again = ground.run(f'port={ground.port}\n')
    assert again.returncode == 7 and 'has a configuration already' in again.stderr
    assert f'secret={secret}\n' in ground.read('iax.conf')
    # With leave, the old files are kept. Without a terminal no secret is said.
    again = ground.run(f'listen=127.0.0.1\nport={ground.port}\nreplace=yes\n')
    assert again.returncode == 0, again.stderr
    assert 'iax2 reload' in again.stdout and 'runs' in again.stdout
    assert secret not in again.stdout and re.search(r'secret=(\w+)', ground.read('iax.conf')).group(1) not in again.stdout
    kept = [name for name in os.listdir(ground.config) if name.startswith('iax.conf.backup-')]
    assert len(kept) == 1 and f'secret={secret}\n' in ground.read(kept[0])
    assert ground.console('iax2 reload').returncode == 0
    assert 'phone1' in ground.console('iax2 show peers').stdout
    for path, _, files in os.walk(ground.state):
        for name in filter(lambda one: one != 'tollgate.ctl', files):
            with open(os.path.join(path, name), 'rb') as file:
                assert secret.encode() not in file.read(), name


def test_a_hub_and_sites_without_a_start(ground):
    done = ground.run(f'port={ground.port}\nnode=1999\nnode=1998\nsite=branch 3 192.0.2.7\nhere=hq\nstart=no\n')
    assert done.returncode == 0, done.stderr
    assert f'To start it: tollgated --config {ground.config} --state {ground.state}' in done.stdout
    assert f'tollgate call --duration 5 iax2:1999@127.0.0.1:{ground.port}/600' in done.stdout
    assert not os.path.exists(ground.state)
    check = subprocess.run([rig.program('tollgate'), 'check', ground.config], capture_output=True, text=True,
                           timeout=20 * rig.SLOWER, env=rig.environment(), check=False)
    assert check.returncode == 0 and '0 critical, 0 warnings' in check.stdout


def test_a_port_that_is_taken(ground):
    with rig.Exchange('[general]\nbindaddr={host}:{port}\n', port=ground.port).start():
        done = ground.run(f'listen=127.0.0.1\nport={ground.port}\n')
    assert done.returncode == 6
    assert f'UDP port {ground.port} of 127.0.0.1: Address already in use' in done.stderr
    assert 'not started' in done.stderr and os.path.exists(os.path.join(ground.config, 'iax.conf'))


@pytest.mark.parametrize('answers, code, said', [
    ('account=alice 2001 short\n', 2, '-: line 1: the secret of alice is easy to guess: it is shorter than 12 characters'),
    ('acount=alice 2001\n', 2, '-: line 1: acount is no key; did you mean account?'),
    ('paid=yes\n', 2, 'paid: there is no trunk'),
])
def test_what_is_refused_leaves_nothing(ground, answers, code, said):
    done = ground.run(answers)
    assert (done.returncode, done.stdout) == (code, '')
    assert said in done.stderr and 'short\n' not in done.stderr
    assert ground.left() == []


def test_without_a_terminal_it_wants_answers(ground):
    done = subprocess.run([rig.program('tollgate'), *ground.arguments()], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=20 * rig.SLOWER, env=rig.environment(), check=False)
    assert done.returncode == 2 and '--answers FILE, or --yes' in done.stderr
    done = subprocess.run([rig.program('tollgate'), *ground.arguments('--answers', os.path.join(ground.folder, 'none'))],
                          capture_output=True, text=True, timeout=20 * rig.SLOWER, env=rig.environment(), check=False)
    assert done.returncode == 7 and 'No such file' in done.stderr
    assert ground.left() == []


QUESTIONS = [   # what is asked, what is typed
    (r'all \(IPv4\).*\[all\]: ', '127.0.0.1'), (r'UDP port \[4569\]: ', '{port}'),
    (r'first phone.*\[phone1\]: ', 'alice'), (r'Its name \[alice\]: ', ''), (r'Its number \[2001\]: ', ''),
    (r'Secret.*: ', 'password'),
    (r'No: the secret of alice is easy to guess: .*Its name \[alice\]: ', ''), (r'Its number \[2001\]: ', '2100'),
    (r'Secret.*: ', STRONG),
    (r'no more: ', ''), (r'Nodes\? \[no\]: ', ''), (r'Another site\? \[no\]: ', ''), (r'A trunk\? \[no\]: ', 'y'),
    (r'A name for it \[provider\]: ', ''), (r'begin with \[0\]: ', ''), (r'host name: ', '127.0.0.1'), (r'user name there: ', 'us'),
    (r'secret there: ', 'kb4sgwelqhcudeiyx'), (r'Another trunk\? \[no\]: ', ''), (r'Register there.*\[no\]: ', ''),
    (r'rings.*\[2100\]: ', ''), (r'cost money \[no\]: ', ''), (r'write the files\? \[yes\]: ', ''),
    (r'Start tollgated now\? \[yes\]: ', ''),
]


def dialog(ground, steps, program=None):
    screen = ground.terminal(program)
    seen = ''
    for pattern, typed in QUESTIONS[:steps]:
        screen.expect(r'(?s)' + pattern)
        seen += screen.before + screen.after
        screen.sendline(typed.replace('{port}', str(ground.port)))
    return screen, seen


def test_on_a_terminal(ground):
    screen, seen = dialog(ground, len(QUESTIONS))
    screen.expect(pexpect.EOF)
    seen += screen.before
    assert screen.wait() == 0, seen
    assert 'this machine only' in seen and f'Port {ground.port} is free' in seen
    assert 'The exchange works from this machine' in seen
    assert seen.count(STRONG) == 1 and re.search(rf'alice +number 2100 +secret {STRONG}', seen), 'typed unseen, shown at the end'
    assert 'kb4sgwelqhcudeiyx' not in seen
    assert 'national' not in ground.read('tollgate.conf')


def test_interrupted_it_leaves_nothing(ground):
    """At the first question, while a secret is typed (the terminal shows what is typed again), and at the last one."""
    for steps in (0, 5, len(QUESTIONS) - 2):
        screen, _ = dialog(ground, steps)
        screen.expect(r'(?s)' + QUESTIONS[steps][0])
        screen.sendintr()
        screen.expect('nothing was written')
        screen.expect(pexpect.EOF)
        assert screen.wait() == 1
        assert ground.left() == []
    screen, _ = dialog(ground, 0)
    screen.expect('listen')
    screen.sendeof()
    screen.expect('nothing was written')
    assert screen.wait() == 1
    assert ground.left() == []


def test_interrupted_while_it_checks_it_leaves_nothing(ground, tmp_path_factory):
    """With a tollgated beside it that never ends, and one that finds everything wrong."""
    place = str(tmp_path_factory.mktemp('programs'))
    shutil.copy(os.path.realpath(rig.program('tollgate')), os.path.join(place, 'tollgate'))
    fake = os.path.join(place, 'tollgated')
    for text, said in (('echo "iax.conf:1: error: all of it"; exit 1', 'tollgated cannot use these files'),
                       (f'touch {place}/began; exec sleep 100', None)):
        with open(fake, 'w', encoding='utf-8') as file:
            file.write(f'#!/bin/sh\n{text}\n')
        os.chmod(fake, 0o700)
        screen, _ = dialog(ground, len(QUESTIONS) - 1, os.path.join(place, 'tollgate'))
        if said is None:
            rig.wait_for(lambda: os.path.exists(f'{place}/began'), 10, 'the check begins')
            assert any('tollgate-setup-' in name for name in ground.left())
            screen.sendintr()
        else:
            screen.expect(said)
        screen.expect('nothing was written')
        screen.expect(pexpect.EOF)
        assert screen.wait() == 1
        assert ground.left() == []
