# SPDX-License-Identifier: Apache-2.0
"""tollgated starts, or says clearly why not."""
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pytest

import rig
from obedient import IAX, Daemon, daemon  # noqa: F401, pylint: disable=unused-import

ROOT_ONLY = pytest.mark.skipif(os.getuid() != 0, reason='only root can change the user')


def run(daemon, *more, seconds=20):
    """Start it where it must fail, or end by itself: exit code and all it wrote."""
    done = subprocess.run(daemon.command_line(*more), capture_output=True, text=True, timeout=seconds * rig.SLOWER,
                          env=rig.environment(), check=False)
    return done.returncode, done.stdout + done.stderr


def test_ready_is_told_and_sigterm_ends_all(daemon):
    one = daemon()
    pids = one.processes()
    assert set(pids) == {'parent', 'engine', 'vault', 'store', 'desk', 'fence'}
    assert one.facts()['sockets'] == 3
    began = time.monotonic()
    one.stop()
    assert time.monotonic() - began < 5 * rig.SLOWER
    for pid in pids.values():
        assert not os.path.exists(f'/proc/{pid}')
    assert not os.path.exists(os.path.join(one.state, 'tollgate.ctl'))
    assert 'process.ended' not in one.log()


def test_the_state_folder_is_made_with_its_modes(daemon):
    one = daemon(start=False)
    os.rmdir(one.state)
    one.start()
    assert os.stat(one.state).st_mode & 0o777 == 0o750
    assert os.stat(os.path.join(one.state, 'tollgate.ctl')).st_mode & 0o777 == 0o660
    assert os.stat(os.path.join(one.state, 'tollgate.db')).st_mode & 0o007 == 0


def test_what_is_no_socket_is_not_removed(daemon):
    one = daemon(start=False)
    path = os.path.join(one.state, 'tollgate.ctl')
    with open(path, 'w', encoding='ascii') as file:
        file.write('of somebody else')
    code, text = run(one, '--foreground')
    assert code == 1
    assert f'console socket {path}: File exists' in text
    with open(path, encoding='ascii') as file:
        assert file.read() == 'of somebody else'


def test_a_taken_port_is_named(daemon):
    one = daemon(start=False)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((one.host, one.port))
        code, text = run(one, '--foreground')
    assert code == 1
    assert f'UDP {one.host}:{one.port} is taken by another program (Address already in use)' in text


def test_a_port_of_another_tollgated_is_taken_too(daemon):
    """SO_REUSEPORT must not let two daemons of one user share a port."""
    first = daemon()
    second = daemon(start=False, port=first.port)
    code, text = run(second, '--foreground')
    assert code == 1
    assert f'{first.port} is taken' in text
    assert first.facts() is not None


def test_a_foreign_address_is_named(daemon):
    one = daemon(IAX.replace('{host}', '192.0.2.77'), start=False)
    code, text = run(one, '--foreground')
    assert code == 1
    assert f'UDP 192.0.2.77:{one.port} is no address of this machine' in text


def test_a_folder_of_sounds_is_read(daemon):
    one = daemon(start=False)
    sounds = os.path.join(one.folder, 'sounds')
    os.makedirs(os.path.join(sounds, 'digits'))
    for name in ('welcome.ulaw', 'digits/1.alaw', 'digits/readme.txt'):
        with open(os.path.join(sounds, name), 'wb') as file:
            file.write(b'\xff' * 8000)
    os.chmod(one.folder, 0o755)
    one.write('tollgate.conf', f'[general]\nsounds={sounds}\n')
    one.write('extensions.conf', '[phones]\nexten => 100,1,Playback(welcome)\n same => n,Playback(digits/1)\n')
    one.start()
    assert one.facts()['prompts'] == 1
    assert 'welcome' not in one.log() and 'digits/1' not in one.log(), one.log()   # neither is missed


def test_several_addresses_have_sockets_each(daemon):
    one = daemon(IAX.replace('bindaddr={host}', 'bindaddr={host}\nbindaddr=127.0.0.2\nthreads=5'))
    assert one.facts()['sockets'] == 2 * (2 + 3)


def test_a_second_one_in_the_same_folder_names_the_first(daemon):
    one = daemon()
    code, text = run(one, '--foreground')
    assert code == 1
    assert f'another tollgated (process {one.process.pid}) uses the state directory {one.state}' in text
    assert one.facts() is not None
    one.stop()
    one.start()   # the lock went with its holder


def test_a_killed_daemon_leaves_nothing_in_the_way(daemon):
    one = daemon()
    pids = one.processes()
    one.process.kill()
    one.process.wait(10)
    rig.wait_for(lambda: not any(os.path.exists(f'/proc/{pid}') for name, pid in pids.items() if name != 'parent'), 10,
                 'the children of a killed parent end')
    one.start()
    assert one.facts() is not None


def test_errors_have_file_and_line(daemon):
    one = daemon(IAX + 'contxt=phones\n', start=False)
    code, text = run(one, '--foreground')
    assert code == 1
    assert re.search(r'^iax\.conf:\d+: error: .*contxt.*context', text, re.M), text
    assert 'cannot be used' in text
    assert 'bobs-own-secret' not in text


def test_all_problems_are_told_not_the_first_only(daemon):
    one = daemon(IAX + ''.join(f'unknown{i}=1\n' for i in range(60)), start=False)
    code, text = run(one, '--check-config')
    assert code == 1
    assert len(re.findall(r'^iax\.conf:\d+: error: ', text, re.M)) >= 60


def test_check_config_starts_nothing(daemon):
    one = daemon(start=False)
    os.rmdir(one.state)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind((one.host, one.port))
        code, text = run(one, '--check-config')
    assert code == 0, text
    assert 'can be used' in text
    assert not os.path.exists(one.state)


def test_an_unreadable_file_is_named():
    """As somebody who may not read it: a file of root with a secret in it."""
    with tempfile.TemporaryDirectory(prefix='tg-e2e-', dir='/tmp') as folder:
        one = Daemon(folder=folder)
        try:
            os.chmod(folder, 0o755)
            os.chmod(os.path.join(one.config, 'iax.conf'), 0o000)
            command = one.command_line('--check-config')
            if os.getuid() == 0:
                command = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', *command]
            done = subprocess.run(command, capture_output=True, text=True, timeout=20 * rig.SLOWER, check=False,
                                  env=rig.environment())
            assert done.returncode == 1
            assert 'iax.conf: error: ' in done.stderr and 'permission denied' in done.stderr.lower(), done.stderr
        finally:
            one.close()


def test_missing_folders_are_named(daemon):
    one = daemon(start=False)
    shutil.rmtree(one.config)
    code, text = run(one, '--foreground')
    assert code == 1
    assert f'configuration directory {one.config}: No such file or directory' in text
    os.makedirs(one.config)
    code, text = run(one, '--check-config')
    assert code == 1
    assert 'iax.conf: error: ' in text


def test_a_state_folder_that_cannot_be_made_is_named(daemon):
    one = daemon(start=False)
    one.state = '/proc/nowhere/state'
    code, text = run(one, '--foreground')
    assert code == 1
    assert 'the state directory cannot be made: /proc/nowhere/state: No such file or directory' in text


def test_a_database_of_somebody_else_stops_the_start(daemon):
    one = daemon(start=False)
    with open(os.path.join(one.state, 'tollgate.db'), 'wb') as file:
        file.write(b'this is no database ' * 1000)
    code, text = run(one, '--foreground')
    assert code == 1
    assert 'tollgate.db: ' in text and 'the store process could not start' in text
    code, text = run(one)   # in the background the reason is in the log, and the way there is told
    assert code == 1
    assert f'the store process could not start; see tollgated.log in {one.state}' in text


@pytest.mark.parametrize('words, code, text', [
    (['--help'], 0, 'Usage: tollgated'),
    (['--version'], 0, 'tollgated 0.'),
    (['--forground'], 2, 'unknown option "--forground"; did you mean "--foreground"?'),
    (['--config'], 2, '--config needs a value'),
    (['--user', 'nobody-has-this-name', '--foreground', '--config', '/tmp', '--state', '/tmp/tg-none'], 1,
     'there is no user "nobody-has-this-name"'),
    (['--role', 'nothing'], 2, ''),
])
def test_the_command_line(words, code, text):
    program = Daemon()
    try:
        done = subprocess.run([program.command_line()[0], *words], capture_output=True, text=True, timeout=20, check=False,
                              env=rig.environment())
        assert done.returncode == code
        assert text in done.stdout + done.stderr
    finally:
        program.close()


def test_in_the_background_it_logs_to_a_file(daemon):
    one = daemon(start=False)
    code, text = run(one)
    assert code == 0, text
    with open(os.path.join(one.state, 'tollgated.pid'), encoding='ascii') as file:
        pid = int(file.read())
    try:
        assert one.facts() is not None
        with open(os.path.join(one.state, 'tollgated.log'), encoding='utf-8') as file:
            log = file.read()
        assert '] NOTICE[' in log or os.getuid() == 0
    finally:
        os.kill(pid, signal.SIGTERM)
        rig.wait_for(lambda: not os.path.exists(f'/proc/{pid}'), 10, 'it ends')
    with open(os.path.join(one.state, 'tollgated.log'), encoding='utf-8') as file:
        assert 'daemon.ended' in file.read()


def test_started_from_a_terminal_the_log_file_has_no_colours(daemon):
    one = daemon(start=False)
    terminal, end = os.openpty()
    try:
        code = subprocess.call(one.command_line(), stdin=subprocess.DEVNULL, stdout=end, stderr=end,
                               env=rig.environment(), timeout=20 * rig.SLOWER)
    finally:
        os.close(end)
    assert code == 0, os.read(terminal, 4096)
    with open(os.path.join(one.state, 'tollgated.pid'), encoding='ascii') as file:
        pid = int(file.read())
    os.kill(pid, signal.SIGTERM)
    rig.wait_for(lambda: not os.path.exists(f'/proc/{pid}'), 10, 'it ends')
    os.close(terminal)
    with open(os.path.join(one.state, 'tollgated.log'), encoding='utf-8') as file:
        log = file.read()
    assert 'parent: daemon.ended' in log
    assert '\033' not in log


def test_a_start_that_fails_in_the_background_is_told_to_the_caller(daemon):
    one = daemon(IAX + 'nonsense=1\n', start=False)
    code, text = run(one)
    assert code == 1
    assert 'iax.conf:' in text and 'cannot be used' in text


def test_secrets_are_in_no_log_and_no_command_line(daemon):
    one = daemon()
    for pid in one.processes().values():
        with open(f'/proc/{pid}/cmdline', 'rb') as file:
            assert b'bobs-own-secret' not in file.read()
        with open(f'/proc/{pid}/environ', 'rb') as file:
            assert b'bobs-own-secret' not in file.read()
    one.process.send_signal(signal.SIGHUP)
    one.wait_log('config.used')
    assert 'bobs-own-secret' not in one.log()


def test_secrets_are_in_the_vault_alone():
    """Not in the memory of any other process; root looks."""
    if os.getuid() != 0 or rig.SANITIZED:
        pytest.skip('only root can look into other processes, and a sanitizer fills the memory')
    with Daemon() as one:
        one.start()
        has = {name: b'bobs-own-secret' in memory_of(pid) for name, pid in one.processes().items()}
        assert has == {'parent': False, 'engine': False, 'vault': True, 'store': False, 'desk': False, 'fence': False}


def memory_of(pid):
    found = b''
    with open(f'/proc/{pid}/maps', encoding='ascii') as maps, open(f'/proc/{pid}/mem', 'rb') as memory:
        for line in maps:
            words = line.split()
            first, last = (int(number, 16) for number in words[0].split('-'))
            if words[1].startswith('r') and (len(words) < 6 or not words[5].startswith(('/usr', '/lib', '[v'))):
                try:
                    memory.seek(first)
                    found += memory.read(min(last - first, 64 << 20))
                except OSError:
                    continue
    return found


@ROOT_ONLY
def test_as_another_user_with_no_rights_left():
    nobody = pwd.getpwnam('nobody')
    one = Daemon(more_options=('--user', 'nobody'))
    try:
        os.chmod(one.folder, 0o755)
        for name in os.listdir(one.config):
            os.chmod(os.path.join(one.config, name), 0o644)
        one.start()
        for name, pid in one.processes().items():
            facts = status_of(pid)
            assert facts['Uid'].split() == [str(nobody.pw_uid)] * 4, name
            assert facts['Gid'].split() == [str(nobody.pw_gid)] * 4, name
            assert has_rights(facts, name), (name, facts)
            assert facts['NoNewPrivs'] == '1', name
            assert rig.SANITIZED or facts['Seccomp'] == ('0' if name == 'parent' else '2'), name
        assert os.stat(one.state).st_uid == nobody.pw_uid
    finally:
        one.close()


@ROOT_ONLY
def test_a_port_below_1024_as_another_user():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(('127.0.0.9', 0))
    one = Daemon(more_options=('--user', 'nobody'), host='127.0.0.9', port=987)
    try:
        os.chmod(one.folder, 0o755)
        for name in os.listdir(one.config):
            os.chmod(os.path.join(one.config, name), 0o644)
        one.start()
        assert one.facts() is not None
    finally:
        one.close()


def status_of(pid):
    with open(f'/proc/{pid}/status', encoding='ascii') as file:
        return dict(line.rstrip('\n').split(':\t', 1) for line in file if ':\t' in line)


NET_ADMIN = 1 << 12


def has_rights(facts, name):
    """Only the fence may change the packet filter, and the parent may give a new fence the right to. Nobody else has any."""
    sets = [int(facts[field], 16) for field in ('CapEff', 'CapPrm', 'CapInh', 'CapAmb')]
    most = {'parent': [0, NET_ADMIN, NET_ADMIN, 0], 'tollgated': [0, NET_ADMIN, NET_ADMIN, 0],
            'fence': [NET_ADMIN, NET_ADMIN, 0, 0], 'tg-fence': [NET_ADMIN, NET_ADMIN, 0, 0]}.get(name, [0, 0, 0, 0])
    return all(has in (0, may) for has, may in zip(sets, most))


def test_nobody_has_rights_or_cores(daemon):
    one = daemon()
    for name, pid in one.processes().items():
        facts = status_of(pid)
        assert facts['NoNewPrivs'] == '1', name
        assert has_rights(facts, name), (name, facts)
        with open(f'/proc/{pid}/limits', encoding='ascii') as file:
            assert re.search(r'Max core file size +0 +0', file.read()), name


def test_names_for_ps(daemon):
    one = daemon()
    for name, pid in one.processes().items():
        with open(f'/proc/{pid}/comm', encoding='ascii') as file:
            assert file.read().strip() == ('tollgated' if name == 'parent' else f'tg-{name}')


def test_no_descriptor_too_many(daemon):
    """A child holds its standard descriptors, its channels and its images; no socket or file of anybody else."""
    one = daemon()
    pids = one.processes()
    for name in ('vault', 'store', 'desk', 'fence'):
        links = [os.readlink(f'/proc/{pids[name]}/fd/{fd}') for fd in os.listdir(f'/proc/{pids[name]}/fd')]
        files = [link for link in links if link.startswith('/') and link not in ('/dev/null', one.log_path)]
        assert all(name == 'store' and ('/tollgate.db' in link or '/security' in link) for link in files), (name, links)
        assert not any('secrets' in link for link in links), (name, links)   # mapped, and closed
