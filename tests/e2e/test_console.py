# SPDX-License-Identifier: Apache-2.0
"""The console: one command, a pipe, a terminal; and what it says when there is nobody to ask."""
import hashlib
import os
import pty
import re
import select
import socket
import subprocess
import time

import pytest

import rig
import sites


REFUSED = ('core abort shutdown', 'logger rotate')


def run(*arguments, text='', **more):
    return subprocess.run([rig.program('tollgate'), *arguments], input=text, capture_output=True, text=True,
                          timeout=20 * rig.SLOWER, env=rig.environment(**more), check=False)


@pytest.fixture(scope='module')
def house():
    with rig.Exchange(sites.IAX, sites.EXTENSIONS) as exchange:
        yield exchange.start()


@pytest.mark.essential
def test_every_command_of_the_help_answers(house):
    """Also those with words behind them: a usage line is an answer, a missing handler is none. One refuses, and says why."""
    lines = house.console('core show help').splitlines()
    commands = [re.split(r' {2,}| \[| [A-Z]', line)[0] for line in lines]
    assert len(commands) > 20
    for command in commands:
        if command.startswith(('core stop', 'core restart', 'iax2 follow')) or command.endswith('reload'):
            continue
        done = run('--state', house.state, '-x', command)
        assert done.returncode == (1 if command in REFUSED else done.returncode & 2), f'{command}: {done.stdout}{done.stderr}'
        assert done.returncode != 2 or 'Usage:' in done.stdout, f'{command}: {done.stdout}'
        assert 'did not answer' not in done.stdout, f'{command}: {done.stdout}'


@pytest.mark.parametrize('option', ['-x', '-rx'])
def test_one_command(house, option):
    done = run('--state', house.state, option, 'core show version')
    assert (done.returncode, done.stderr) == (0, '')
    assert done.stdout.startswith('Tollgate ')


def test_an_unknown_command_names_the_nearest(house):
    done = run('--state', house.state, '-x', 'iax2 shw peers')
    assert done.returncode == 2
    assert "did you mean 'iax2 show peers'?" in done.stdout


def test_something_that_is_not_there(house):
    done = run('--state', house.state, '-x', 'iax2 show peer nobody')
    assert done.returncode == 1
    assert done.stdout == 'Peer nobody not found.\n'


def test_a_line_that_is_too_long_or_has_control_characters(house):
    for command in ('x' * 1024, 'core\x1bshow'):
        done = run('--state', house.state, '-x', command)
        assert done.returncode == 2
        assert 'at most 1023 octets' in done.stderr


def test_secrets_are_nowhere(house):
    for command in ('iax2 show users', 'iax2 show peer alice', 'iax2 show peers', 'dialplan show', 'iax2 show registry'):
        text = house.console(command)
        assert sites.ALICE not in text and sites.BOB not in text
    assert '<Set>' in house.console('iax2 show users')


def test_a_pipe(house):
    done = run('--state', house.state, 'console', text='core show version\n\n; a comment\niax2 show peer bob\nexit\nxyzzy\n')
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith('Tollgate ')
    assert '* Name        : bob' in done.stdout
    assert 'xyzzy' not in done.stdout, 'exit ends it'
    assert '\x1b' not in done.stdout
    assert run('--state', house.state, 'console', text='xyzzy\n').returncode == 2


def test_a_terminal_with_completion_and_history(house, tmp_path):
    master, slave = pty.openpty()
    process = subprocess.Popen([rig.program('tollgate'), '--state', house.state, 'console'], stdin=slave, stdout=slave,
                               stderr=slave, env=rig.environment(HOME=str(tmp_path), TERM='vt100'))
    os.close(slave)
    seen = ''

    def until(text, seconds=10):
        nonlocal seen
        end = time.monotonic() + seconds * rig.SLOWER
        while text not in seen:
            assert time.monotonic() < end and process.poll() is None, f'no "{text}" in:\n{seen}'
            if select.select([master], [], [], 0.2)[0]:
                seen += os.read(master, 4096).decode()
        before, seen = seen.split(text, 1)
        return before

    try:
        until('tollgate>')
        os.write(master, b'core show v\t')
        until('ersion ')   # the terminal is told only what is new
        os.write(master, b'\n')
        until('Tollgate ')
        until('tollgate>')
        os.write(master, b'iax2 show peer a\t\n')
        until('* Name        : alice')
        until('tollgate>')
        os.write(master, b'core stop \t')
        until('gracefully')
        os.write(master, b'\x15exit\n')
        process.wait(10 * rig.SLOWER)
    finally:
        rig.end_process(process, 5)
        os.close(master)
    history = tmp_path / '.tollgate_history'
    assert 'core\\040show\\040version' in history.read_text()
    assert history.stat().st_mode & 0o077 == 0


# ---- Real calls, and tables cut as scripts cut them ----

def shell(house, script):
    """What a script gets out of the console, as people write it for `asterisk -rx`."""
    done = subprocess.run(['sh', '-c', script], capture_output=True, text=True, timeout=20 * rig.SLOWER, check=False,
                          env=rig.environment(RX=f'{rig.program("tollgate")} --state {house.state} -rx'))
    assert done.stderr == '', done.stderr
    return done.stdout


def host_of(house, name):
    return shell(house, f"$RX 'iax2 show peers' | awk -v name={name} '$1 == name {{ print $2 }}'").strip()


def registered(house, phone, name, secret, *options):
    made = phone(house.uri(name), '--answer', *options, secret=secret)
    rig.wait_for(lambda: host_of(house, name) == '127.0.0.1', 10, f'{name} registers', every=0.2)
    return made


def records(house):
    return house.console('cdr show').splitlines()


@pytest.mark.essential
def test_a_call_is_seen_and_hung_up(house, phone):
    before = len(records(house))
    near = phone(house.uri('alice', '600'), '--duration', 30, secret=sites.ALICE)
    rig.wait_for(lambda: '1 active call' in house.console('core show calls'), 10, 'the call is up', every=0.2)
    concise = "$RX 'core show channels concise' | awk -F! '{ print %s }'"
    channel = shell(house, concise % '$1').strip()
    assert re.fullmatch(r'IAX2/alice-\d+', channel)
    assert shell(house, concise % 'NF') == '14\n'
    assert shell(house, concise % '$2') + shell(house, concise % '$3') + shell(house, concise % '$8') == 'phones\n600\n100\n'
    rig.wait_for(lambda: shell(house, concise % '$5') + shell(house, concise % '$6') == 'Up\nEcho\n', 10, 'it talks', every=0.2)
    assert shell(house, "$RX 'iax2 show channels' | tail -1") == '1 active IAX channel\n'
    assert shell(house, f"$RX 'core show channel {channel}' | grep -c 'Application: Echo'") == '1\n'
    assert run('--state', house.state, '-rx', 'channel request hangup IAX2/alice-1').returncode == 1
    assert near.process.poll() is None
    assert run('--state', house.state, '-rx', f'channel request hangup {channel}').returncode == 0
    near.wait(10)
    assert (near.code, near.report['cause']) == (0, 16), near.text
    rig.wait_for(lambda: len(records(house)) == before + 1, 5, 'the call has its record', every=0.2)
    assert '0 active calls' in house.console('core show calls')
    assert f'channel request hangup {channel}' in house.console('guard show audit')


@pytest.mark.essential
def test_a_phone_is_called_and_connected(house, phone):
    before = len(records(house))
    bob = registered(house, phone, 'bob', sites.BOB, '--play', 'echo')
    alice = registered(house, phone, 'alice', sites.ALICE, '--duration', 2)
    told = house.console('channel originate IAX2/alice/1 extension 101@phones')
    assert re.match(r'Channel IAX2/alice-\d+ is called', told), told
    alice.wait(20)
    bob.wait(20)
    assert (alice.code, bob.code) == (0, 0), alice.text + bob.text
    assert alice.report['received']['packets'] > 50, alice.text
    rig.wait_for(lambda: len(records(house)) == before + 1, 5, 'the call has its record', every=0.2)
    carol = run('--state', house.state, '-x', 'channel originate IAX2/carol extension 101@phones')
    assert (carol.returncode, carol.stdout) == (1, 'IAX2/carol: there is no such peer\n')


@pytest.mark.essential
def test_frames_of_a_call_without_its_secrets(house, phone):
    assert 'Debugging Enabled' in house.console('iax2 set debug on')
    follower = subprocess.Popen([rig.program('tollgate'), '--state', house.state, '-x', 'iax2 follow debug'],
                                stdout=subprocess.PIPE, text=True, env=rig.environment())
    try:
        near = rig.call(house.uri('alice', '600'), '--duration', 1, secret=sites.ALICE)
        assert near.code == 0, near.text
        frames = rig.wait_for(lambda: (text := house.console('iax2 show debug')) and 'HANGUP' in text and text, 5, 'the end is shown')
        assert 'Debugging Disabled' in house.console('iax2 set debug off')
        seen = ''
        while 'HANGUP' not in seen:
            seen += follower.stdout.readline()
        assert seen.splitlines()[0] in frames
    finally:
        rig.end_process(follower)
        follower.stdout.close()
    kinds = re.findall(r'^(Rx|Tx)-Frame Retry\[[ \w]+\] -- OSeqno: \d{3} ISeqno: \d{3} Type: (\w+) +Subclass: (\w+)', frames, re.M)
    named = [f'{way} {subclass}' for way, type_, subclass in kinds if type_ in ('IAX', 'CONTROL') and subclass not in ('ACK', 'PING', 'PONG')]
    wanted = ['Rx NEW', 'Tx CALLTOKEN', 'Rx NEW', 'Tx AUTHREQ', 'Rx AUTHREP', 'Tx ACCEPT', 'Tx ANSWER']
    assert [name for name in named if name in wanted] == wanted, named
    assert re.search(r'^   Timestamp: \d{5}ms  SCall: \d{5}  DCall: \d{5} 127\.0\.0\.1:\d+$', frames, re.M)
    assert re.search(r'^   USERNAME        : alice$', frames, re.M)
    assert re.search(r'^   MD5_RESULT      : \(32 octets\)$', frames, re.M)
    assert sites.ALICE not in frames
    challenge = re.search(r'^   CHALLENGE       : (\S+)$', frames, re.M)[1]
    assert hashlib.md5((challenge + sites.ALICE).encode()).hexdigest() not in frames + house.log()
    before = house.console('iax2 show debug')
    rig.call(house.uri('alice', '600'), '--duration', 1, secret=sites.ALICE)
    assert house.console('iax2 show debug') == before, 'off is off'
    assert run('--state', house.state, '-x', 'iax2 set debug peer nobody').returncode == 1


def test_a_registration_is_taken_away(house, phone):
    registered(house, phone, 'bob', sites.BOB)
    assert house.console('iax2 unregister bob') == 'Peer bob unregistered\n'
    assert host_of(house, 'bob') == '(Unspecified)'
    for name, text in (('bob', 'Peer bob not registered\n'), ('nobody', 'Peer unknown: nobody. Not unregistered\n')):
        done = run('--state', house.state, '-rx', f'iax2 unregister {name}')
        assert (done.returncode, done.stdout) == (1, text)


def test_no_daemon(tmp_path):
    for arguments in (('-x', 'core show version'), ('console',)):
        done = run('--state', str(tmp_path), *arguments)
        assert done.returncode == 1
        assert f'{tmp_path}/tollgate.ctl: no tollgated runs there' in done.stderr
    done = run('--state', str(tmp_path / ('x' * 120)), '-x', 'core show version')
    assert done.returncode == 1 and 'too long' in done.stderr


def test_a_daemon_that_goes_away(tmp_path):
    """Somebody listens who says half an answer."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(tmp_path / 'tollgate.ctl'))
        listener.listen(1)
        process = subprocess.Popen([rig.program('tollgate'), '--state', str(tmp_path), '-x', 'core show version'],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=rig.environment())
        client, _ = listener.accept()
        with client.makefile('rb') as asked:
            assert asked.readline() == b'core show version\n'
        client.sendall(b'Tollgate\nhalf')
        client.close()
        out, err = process.communicate(timeout=10 * rig.SLOWER)
    assert (process.returncode, out) == (1, 'Tollgate\n')
    assert 'went away' in err


def test_the_command_line():
    for arguments, code, text in (
            (('help',), 0, 'usage:'), (('--help',), 0, 'usage:'), (('version',), 0, 'tollgate 0'),
            (('--version',), 0, 'tollgate 0'), ((), 2, 'usage:'), (('cal',), 2, 'did you mean call?'),
            (('--state',), 2, 'needs a value'), (('-x',), 2, 'needs a value'), (('console', 'now'), 2, 'unexpected'),
            (('call', '--help'), 0, 'Exit codes:'), (('load', '--help'), 0, '--calls N'), (('call',), 2, 'whom?')):
        done = run(*arguments)
        assert done.returncode == code, arguments
        assert text in done.stdout + done.stderr, arguments


@pytest.mark.essential
def test_reload_and_stop(exchange):
    house = exchange(sites.IAX, sites.EXTENSIONS)
    assert 'Reloaded.' in house.console('iax2 reload')
    house.write('iax.conf', sites.IAX + '\n[carol](phone)\nsecret=oh-carol-i-am-but-a-fool\n')
    assert 'Reloaded.' in house.console('module reload chan_iax2.so')
    assert 'carol' in house.console('iax2 show peers')
    house.write('iax.conf', sites.IAX + '\n[dave](phone)\nsecrt=x\n')
    done = run('--state', house.state, '-x', 'core reload')
    assert done.returncode == 1
    assert 'secrt' in done.stdout and 'Not done.' in done.stdout, done.stdout
    assert 'carol' in house.console('iax2 show peers'), 'what was refused changes nothing'
    assert run('--state', house.state, '-x', 'core stop now').returncode == 0
    house.process.wait(20 * rig.SLOWER)
    assert house.process.returncode == 0
    assert run('--state', house.state, '-x', 'core show version').returncode == 1


def test_stop_gracefully_waits_for_the_last_call(exchange, phone):
    house = exchange(sites.IAX, sites.EXTENSIONS)
    near = phone(house.uri('alice', '600'), '--duration', 4, secret=sites.ALICE)
    rig.wait_for(lambda: '1 active call' in house.console('core show calls'), 10, 'the call is up', every=0.2)
    assert run('--state', house.state, '-x', 'core stop gracefully').returncode == 0
    refused = rig.call(house.uri('bob', '600'), '--duration', 1, '--timeout', 3, secret=sites.BOB)
    assert refused.code != 0, refused.text
    assert house.process.poll() is None
    near.wait()
    assert near.code == 0 and near.report['received']['lost'] == 0, near.text
    house.process.wait(20 * rig.SLOWER)


@pytest.mark.essential
def test_ends_that_wait_and_are_taken_back(exchange, phone):
    """One exchange, from one order to the next: who waits for calls lets them go on, and new ones where it says so."""
    house = exchange(sites.IAX, sites.EXTENSIONS)
    registered(house, phone, 'bob', sites.BOB)
    engine = house.processes()['tg-engine']

    def order(words, code=0):
        done = run('--state', house.state, '-rx', words)
        assert done.returncode == code, f'{words}: {done.stdout}'
        return done.stdout

    def talking(seconds):
        made = phone(house.uri('alice', '600'), '--duration', seconds, secret=sites.ALICE)
        rig.wait_for(lambda: '1 active call' in house.console('core show calls'), 10, 'the call is up', every=0.2)
        return made

    def call_code():
        return rig.call(house.uri('alice', '600'), '--duration', 1, '--timeout', 3, secret=sites.ALICE).code

    assert 'no stop and no restart waits' in order('core abort shutdown', 1)
    near = talking(60)
    order('core stop gracefully')
    assert call_code() != 0
    assert 'It goes on' in order('core abort shutdown')
    assert call_code() == 0
    order('core restart gracefully')
    assert call_code() != 0
    order('core abort shutdown')
    order('core restart when convenient')
    assert call_code() == 0
    assert house.processes()['tg-engine'] == engine and near.process.poll() is None
    order('channel request hangup all')
    near.wait(10)
    rig.wait_for(lambda: house.console('core show processes', check=False) and house.processes().get('tg-engine', engine) != engine, 10,
                 'the engine begins anew')
    rig.wait_for(lambda: host_of(house, 'bob') == '127.0.0.1', 10, 'registrations are kept', every=0.2)
    rig.wait_for(lambda: call_code() == 0, 10, 'calls are taken')
    engine = house.processes()['tg-engine']
    near = talking(60)
    order('core restart now')
    near.wait(10)
    rig.wait_for(lambda: house.processes().get('tg-engine', engine) not in (engine, 0), 10, 'the engine begins anew')
    rig.wait_for(lambda: call_code() == 0, 10, 'calls are taken')
    assert order('core set verbose 0') == 'Logged from now on: NOTICE WARNING ERROR\n'
    assert 'Enabled  NOTICE WARNING ERROR' in house.console('logger show channels')
    order('iax2 unregister bob')
    rig.call(house.uri('alice', '101'), '--timeout', 3, secret=sites.ALICE)
    assert 'dial.no_target' not in house.log() and 'reg.unregistered' not in house.log()
    assert order('logger set level DEBUG on') == 'Logged from now on: DEBUG INFO NOTICE WARNING ERROR\n'
    rig.call(house.uri('alice', '101'), '--timeout', 3, secret=sites.ALICE)
    rig.wait_for(lambda: 'dial.no_target' in house.log(), 5, 'the engine logs more')
    near = talking(3)
    order('core stop when convenient')
    assert call_code() == 0, 'calls are taken'
    near.wait(20)
    assert near.code == 0, near.text
    house.process.wait(20 * rig.SLOWER)
    assert house.process.returncode == 0


def test_sixteen_consoles_and_one_more(house):
    held = []
    try:
        for _ in range(16):
            one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            one.connect(os.path.join(house.state, 'tollgate.ctl'))
            held.append(one)
        rig.wait_for(lambda: 'Too many consoles' in run('--state', house.state, '-x', 'core show version').stdout, 5,
                     'the seventeenth is turned away')
    finally:
        for one in held:
            one.close()
    rig.wait_for(lambda: run('--state', house.state, '-x', 'core show version').returncode == 0, 5, 'places are free again')
