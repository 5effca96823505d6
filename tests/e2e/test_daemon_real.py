# SPDX-License-Identifier: Apache-2.0
"""The daemon with its real engine and desk: the end of calls, the sandboxes, another user."""
import os
import pwd
import re
import signal
import sqlite3
import time

import pytest

import rig
import sites
from test_daemon_start import has_rights, status_of

ENGINE_THREADS = [1, 3]


def with_threads(threads):
    return sites.IAX.replace('[general]', f'[general]\nthreads={threads}')


def call_up(one, phone):
    made = phone(one.uri('alice', '600'), '--duration', 40, secret=sites.ALICE)
    rig.wait_for(lambda: 'Up' in one.console('core show channels'), 15, 'the call is up')
    return made


def records(one):
    with sqlite3.connect(os.path.join(one.state, 'tollgate.db')) as database:
        return database.execute('SELECT caller, dialled, disposition, cause FROM call_record ORDER BY id').fetchall()


def memory_kib(pid):
    """What a process has in memory; what several share counts for each with its part."""
    with open(f'/proc/{pid}/smaps_rollup', encoding='ascii') as file:
        return next(int(line.split()[1]) for line in file if line.startswith('Pss:'))


@pytest.mark.skipif(rig.SANITIZED, reason='a sanitizer has memory of its own')
@pytest.mark.skipif(os.geteuid() != 0, reason='only root may look at the memory of a process that hides it')
def test_fifty_accounts_fit_into_32_mib(exchange):
    accounts = ''.join(f'[phone{i}]\ntype=friend\nhost=dynamic\ncontext=phones\nsecret=Zq8rT1{i}xPw9mK\n' for i in range(50))
    one = exchange(sites.IAX + accounts, sites.EXTENSIONS)
    used = {name: memory_kib(pid) for name, pid in one.processes().items()}
    assert 'tg-engine' in used and len(used) >= 4, used
    assert sum(used.values()) <= 32 * 1024, used


@pytest.mark.essential
@pytest.mark.parametrize('threads', ENGINE_THREADS)
def test_sigterm_hangs_up_and_keeps_the_record(exchange, phone, threads):
    one = exchange(with_threads(threads), sites.EXTENSIONS)
    made = call_up(one, phone)
    began = time.monotonic()
    one.stop()
    assert time.monotonic() - began < 5 * rig.SLOWER
    made.wait(10)   # it was told: nothing had to time out
    assert made.code == 0 and made.report['far_end_said'] != '', made.text
    assert time.monotonic() - began < 6 * rig.SLOWER
    assert [row[:3] for row in records(one)] == [('alice', '600', 1)]


def test_a_store_that_dies_while_calls_are_hung_up_comes_back(exchange, phone):
    one = exchange(sites.IAX, sites.EXTENSIONS)
    made = call_up(one, phone)
    store = one.processes()['tg-store']
    os.kill(store, signal.SIGSTOP)   # it takes the record and does not keep it
    one.process.send_signal(signal.SIGTERM)
    made.wait(10)
    os.kill(store, signal.SIGKILL)
    assert one.process.wait(10 * rig.SLOWER) == 0
    one.process = None
    assert [row[:3] for row in records(one)] == [('alice', '600', 1)], one.log()
    assert 'records.not_kept' not in one.log()


def test_records_that_are_not_kept_are_told(exchange, phone):
    one = exchange(sites.IAX, sites.EXTENSIONS)
    made = call_up(one, phone)
    os.kill(one.processes()['tg-store'], signal.SIGSTOP)
    one.process.send_signal(signal.SIGTERM)
    made.wait(10)
    assert one.process.wait(10 * rig.SLOWER) == 0
    one.process = None
    assert 'engine: records.not_kept records=1' in one.log(), one.log()


@pytest.mark.parametrize('threads', ENGINE_THREADS)
def test_a_graceful_stop_waits_for_the_last_call(exchange, phone, threads):
    one = exchange(with_threads(threads), sites.EXTENSIONS)
    made = phone(one.uri('alice', '600'), '--duration', 4, secret=sites.ALICE)
    rig.wait_for(lambda: 'Up' in one.console('core show channels'), 15, 'the call is up')
    one.console('core stop gracefully')
    refused = rig.call(one.uri('alice', '600'), '--duration', 1, secret=sites.ALICE)
    assert refused.code != 0
    assert one.process.poll() is None
    made.wait(20)
    assert made.code == 0 and made.report['duration_s'] > 3, made.text
    assert one.process.wait(10 * rig.SLOWER) == 0
    one.process = None


@pytest.mark.parametrize('name', ['tg-vault', 'tg-store', 'tg-desk'])
def test_calls_go_on_when_another_process_dies(exchange, phone, name):
    one = exchange(sites.IAX, sites.EXTENSIONS)
    made = call_up(one, phone)
    before = one.processes()[name]
    os.kill(before, signal.SIGKILL)
    rig.wait_for(lambda: came_back(one, name, before), 10, f'{name} comes back')
    assert 'Up' in one.console('core show channels')
    # and a new call has all it needs: a challenge and its judge, a record
    again = rig.call(one.uri('bob', '600'), '--duration', 1, secret=sites.BOB)
    assert again.code == 0, again.text
    rig.wait_for(lambda: ('bob', '600', 1, 16) in records(one), 5, 'its record is kept')
    assert made.process.poll() is None


def came_back(one, name, before):
    try:
        return one.processes().get(name) not in (None, 0, before)
    except AssertionError:
        return False   # the desk is just what is missing


def test_a_record_outlives_the_store_and_the_engine(exchange):
    """The store is dead when the call ends, and the engine dies before the store is back: the outbox has it."""
    one = exchange(sites.IAX, sites.EXTENSIONS)
    pids = one.processes()
    os.kill(pids['tg-store'], signal.SIGSTOP)
    assert rig.call(one.uri('alice', '600'), '--duration', 1, secret=sites.ALICE).code == 0
    rig.wait_for(lambda: re.search(r'^switch\.records_waiting\s+1$', one.console('iax2 show stats'), re.M), 5, 'a record waits')
    os.kill(pids['tg-engine'], signal.SIGKILL)
    os.kill(pids['tg-store'], signal.SIGKILL)
    rig.wait_for(lambda: came_back(one, 'tg-engine', pids['tg-engine']) and came_back(one, 'tg-store', pids['tg-store']), 10,
                 'both come back')
    rig.wait_for(lambda: [row[:2] for row in records(one)] == [('alice', '600')], 5, f'the record is kept: {records(one)}')


def test_a_dead_engine_comes_back_and_takes_calls(exchange):
    one = exchange(sites.IAX, sites.EXTENSIONS)
    before = one.processes()['tg-engine']
    os.kill(before, signal.SIGKILL)
    rig.wait_for(lambda: came_back(one, 'tg-engine', before), 10, 'the engine comes back')
    assert rig.call(one.uri('alice', '600'), '--duration', 1, secret=sites.ALICE).code == 0


@pytest.mark.parametrize('threads', ENGINE_THREADS)
def test_the_real_processes_are_in_their_sandboxes(exchange, threads):
    one = exchange(with_threads(threads), sites.EXTENSIONS)
    for name, pid in one.processes().items():
        for thread in os.listdir(f'/proc/{pid}/task'):
            facts = status_of(f'{pid}/task/{thread}')
            assert facts['NoNewPrivs'] == '1' and has_rights(facts, name), (name, thread, facts)
            assert rig.SANITIZED or facts['Seccomp'] == ('0' if name == 'tollgated' else '2'), (name, thread)


@pytest.mark.skipif(os.getuid() != 0, reason='only root can change the user')
def test_calls_work_as_another_user():
    class AsNobody(rig.Exchange):
        def command_line(self, *more):
            return super().command_line('--user', 'nobody', *more)

    with AsNobody(sites.IAX, sites.EXTENSIONS) as one:
        os.chmod(one.folder, 0o755)
        for file in os.listdir(one.config):
            os.chmod(os.path.join(one.config, file), 0o644)
        one.start()
        uid = str(pwd.getpwnam('nobody').pw_uid)
        assert {status_of(pid)['Uid'].split()[1] for pid in one.processes().values()} == {uid}
        assert rig.call(one.uri('alice', '600'), '--duration', 1, secret=sites.ALICE).code == 0
        rig.wait_for(lambda: records(one) == [('alice', '600', 1, 16)], 5, 'the record is kept')


@pytest.mark.skipif(os.getuid() != 0, reason='only root can start something without rights')
def test_calls_work_without_any_right():
    class Unprivileged(rig.Exchange):
        def command_line(self, *more):
            return ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--bounding-set=-all', '--inh-caps=-all',
                    *super().command_line(*more)]

    with Unprivileged(sites.IAX, sites.EXTENSIONS) as one:
        for path in (one.folder, one.config, one.state, *(os.path.join(one.config, name) for name in os.listdir(one.config))):
            os.chown(path, 65534, 65534)
        one.start()
        assert {status_of(pid)['Uid'].split()[1] for pid in one.processes().values()} == {'65534'}
        assert rig.call(one.uri('alice', '600'), '--duration', 1, secret=sites.ALICE).code == 0
        rig.wait_for(lambda: records(one) == [('alice', '600', 1, 16)], 5, 'the record is kept')
        assert 'daemon.is_root' not in one.log()


def test_now_overrules_gracefully(exchange, phone):
    one = exchange(sites.IAX, sites.EXTENSIONS)
    made = call_up(one, phone)
    one.console('core stop gracefully')
    time.sleep(0.5)
    assert one.process.poll() is None and made.process.poll() is None
    began = time.monotonic()
    one.stop()
    assert time.monotonic() - began < 5 * rig.SLOWER
    made.wait(10)
    assert made.report['far_end_said'] != '', made.text


def test_nobody_outlives_the_parent(exchange, phone):
    one = exchange(sites.IAX, sites.EXTENSIONS)
    call_up(one, phone)
    pids = one.processes().values()
    one.process.kill()
    one.process.wait(10)
    one.process = None
    rig.wait_for(lambda: not any(os.path.exists(f'/proc/{pid}') for pid in pids), 10, 'all are gone')
    one.start()
    assert rig.call(one.uri('bob', '600'), '--duration', 1, secret=sites.BOB).code == 0


def test_a_registration_survives_a_restart(exchange, phone):
    one = exchange(sites.IAX, sites.EXTENSIONS)
    bob = phone(one.uri('bob'), '--register', '--answer', '--timeout', 30, secret=sites.BOB)
    rig.wait_for(lambda: registered(one), 15, 'bob is registered, on disk')
    one.process.kill()
    one.process.wait(10)
    one.process = None
    rig.end_process(bob.process)
    one.start()
    rig.wait_for(lambda: registered(one), 5, 'bob is still registered')


def registered(one):
    with sqlite3.connect(os.path.join(one.state, 'tollgate.db')) as database:
        in_store = database.execute('SELECT name FROM binding').fetchall() == [('bob',)]
    rows = [line.split() for line in one.console('iax2 show peers').splitlines() if line.startswith('bob')]
    return in_store and rows and rows[0][1] == '127.0.0.1'
