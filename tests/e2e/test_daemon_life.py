# SPDX-License-Identifier: Apache-2.0
"""tollgated runs: reloads, restarts its processes, keeps what must be kept, ends in time."""
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time

import pytest

import rig
from obedient import EXTENSIONS, IAX, daemon  # noqa: F401, pylint: disable=unused-import


def records(one):
    with sqlite3.connect(os.path.join(one.state, 'tollgate.db')) as database:
        return [row[0] for row in database.execute('SELECT caller FROM call_record ORDER BY id')]


# ---- reload ----

def test_reload_by_the_desk_gives_a_new_generation_to_all(daemon):
    one = daemon()
    assert one.facts()['world'] == 1
    assert one.tell_engine('auth 0 bob bobs-own-secret', answers=True) == 'right'
    one.write('iax.conf', IAX.replace('bobs-own-secret', 'bobs-new-secret'))
    assert one.ask_desk('reload')[-1] == 'done 0'
    one.wait_fact('world', 2)
    assert one.facts()['prompts'] == 2
    assert one.tell_engine('auth 0 bob bobs-own-secret', answers=True) == 'wrong'
    assert one.tell_engine('auth 0 bob bobs-new-secret', answers=True) == 'right'


def test_a_bad_configuration_changes_nothing_and_says_why(daemon):
    one = daemon()
    one.write('iax.conf', IAX.replace('bobs-own-secret', 'other-secret') + 'contxt=x\n')
    answer = one.ask_desk('reload')
    assert answer[-1] == 'done 1'
    assert any(line.startswith('iax.conf:') and 'error' in line and 'contxt' in line for line in answer), answer
    assert one.facts()['world'] == 1
    assert one.tell_engine('auth 0 bob bobs-own-secret', answers=True) == 'right'
    one.wait_log('config.refused still_used=1')
    one.write('iax.conf', IAX)
    assert one.ask_desk('reload')[-1] == 'done 0'
    one.wait_fact('world', 3)


def test_strangers_who_get_at_paid_trunks_are_refused_unless_meant(daemon):
    one = daemon()
    lobby = IAX.replace('bobs-own-secret', 'bobs-new-secret') + '[provider]\ntype=peer\nhost=192.0.2.50\n[lobby]\ntype=user\ncontext=lobby\n'
    one.write('extensions.conf', '[lobby]\nexten => _X.,1,Dial(IAX2/provider/${EXTEN})\n' + EXTENSIONS)
    one.write('iax.conf', lobby)
    answer = one.ask_desk('reload')
    assert answer[-1] == 'done 1'
    assert any('error: [lobby] needs no secret, and its calls reach provider' in line for line in answer), answer
    assert any('_X. in lobby, 1 Dial (extensions.conf:2)' in line for line in answer), answer
    assert one.tell_engine('auth 0 bob bobs-own-secret', answers=True) == 'right'
    one.write('iax.conf', lobby + 'mayspend=yes\n')
    assert one.ask_desk('reload')[-1] == 'done 0'
    assert one.tell_engine('auth 0 bob bobs-new-secret', answers=True) == 'right'


def test_a_bad_dialplan_keeps_the_old_accounts_too(daemon):
    """All or nothing: iax.conf is good, extensions.conf is not."""
    one = daemon()
    one.write('iax.conf', IAX.replace('bobs-own-secret', 'other-secret'))
    one.write('extensions.conf', '[phones]\nexten => 100,1,NoSuchApplication()\n')
    assert one.ask_desk('reload')[-1] == 'done 1'
    assert one.tell_engine('auth 0 bob bobs-own-secret', answers=True) == 'right'


def test_sighup_reloads_and_tells_the_service_manager(daemon):
    one = daemon(start=False)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        name = f'tollgate-test-{os.getpid()}-{one.port}'
        manager.bind('\0' + name)
        manager.settimeout(10 * rig.SLOWER)
        with open(one.log_path, 'ab') as log:
            one.process = subprocess.Popen(one.command_line('--foreground'), stdin=subprocess.DEVNULL, stdout=log,
                                               stderr=log, env=rig.environment(NOTIFY_SOCKET='@' + name))
        assert manager.recv(100) == b'READY=1'
        one.process.send_signal(signal.SIGHUP)
        assert manager.recv(100) == b'RELOADING=1'
        assert manager.recv(100) == b'READY=1'
        one.wait_fact('world', 2)
        one.process.send_signal(signal.SIGTERM)
        assert manager.recv(100) == b'STOPPING=1'


def test_many_sighups_end_in_the_newest_configuration(daemon):
    one = daemon()
    for _ in range(20):
        one.process.send_signal(signal.SIGHUP)
        time.sleep(0.01)
    one.write('iax.conf', IAX.replace('bobs-own-secret', 'last-secret'))
    one.process.send_signal(signal.SIGHUP)
    rig.wait_for(lambda: one.tell_engine('auth 0 bob last-secret', answers=True) == 'right', 10, 'the last one is used')


def test_a_reload_during_another_is_not_lost(daemon):
    one = daemon()
    one.process.send_signal(signal.SIGHUP)
    one.write('iax.conf', IAX.replace('bobs-own-secret', 'newer-secret'))
    assert one.ask_desk('reload')[-1] == 'done 0'
    # the answer is that of a load which began after the question
    rig.wait_for(lambda: one.tell_engine('auth 0 bob newer-secret', answers=True) == 'right', 2, 'the newer one is used')


def test_a_reload_that_is_refused_says_why(daemon):
    one = daemon()
    assert one.ask_desk('reload twice') == ['error: another reload is running', 'done 1']
    one.wait_fact('world', 2)   # the first of the two
    assert one.ask_desk('reload')[-1] == 'done 0'


def test_addresses_change_at_the_next_start_only(daemon):
    one = daemon()
    other = rig.free_port()
    one.write('iax.conf', IAX.replace('{port}', str(other)))
    answer = one.ask_desk('reload')
    assert answer[-1] == 'done 0'
    assert any('next start' in line for line in answer)
    one.wait_fact('world', 2)
    assert one.facts()['sockets'] == 3


# ---- processes come back ----

@pytest.mark.parametrize('name, fact', [('vault', 'vault'), ('store', 'store'), ('desk', 'desk')])
def test_a_killed_process_comes_back_and_is_connected_again(daemon, name, fact):
    one = daemon()
    engine = one.processes()['engine']
    assert one.facts()[fact] == 1
    one.kill(name)
    one.wait_fact(fact, 2)
    assert one.processes()['engine'] == engine
    assert one.tell_engine('auth 0 bob bobs-own-secret', answers=True) == 'right'
    assert f'process.ended name="{name}"' in one.log()


def test_a_killed_engine_comes_back_with_all_it_needs(daemon):
    one = daemon()
    outbox = one.facts()['outbox']
    one.kill('engine')
    rig.wait_for(one.facts, 10, 'the engine answers')
    facts = one.facts()
    assert (facts['sockets'], facts['world'], facts['prompts'], facts['outbox']) == (3, 1, 1, outbox)
    assert facts['vault'] == facts['store'] == 1
    assert one.tell_engine('auth 0 bob bobs-own-secret', answers=True) == 'right'
    assert one.ask_desk('processes')[1].split()[2] == '1'


def test_the_killed_engine_gets_the_newest_configuration(daemon):
    one = daemon()
    one.ask_desk('reload')
    one.wait_fact('world', 2)
    one.kill('engine')
    one.wait_fact('world', 2)


def test_who_dies_again_and_again_waits_longer(daemon):
    one = daemon()
    began = time.monotonic()
    for _ in range(5):
        one.kill('store')
    # 50, 100, 200, 400 and 800 ms
    assert time.monotonic() - began > 1.2
    assert one.facts() is not None


def test_all_killed_at_once_come_back(daemon):
    one = daemon()
    pids = one.processes()
    for name in ('engine', 'vault', 'store', 'desk'):
        os.kill(pids[name], signal.SIGKILL)

    def back():
        try:
            return one.facts() and one.tell_engine('auth 0 bob bobs-own-secret', answers=True, seconds=1) == 'right'
        except OSError:
            return False

    rig.wait_for(back, 15, 'all are back')
    assert set(one.processes()) == set(pids)


# ---- the sandbox ----

def test_a_system_call_that_is_not_listed_ends_the_engine(daemon):
    if rig.SANITIZED:
        pytest.skip('a sanitizer needs system calls of its own')
    one = daemon()
    before = one.processes()['engine']
    one.tell_engine('open a file')
    one.wait_log('process.ended name="engine"')
    assert 'by="signal" code=31' in one.log()
    rig.wait_for(lambda: one.facts() and one.processes()['engine'] != before, 10, 'it comes back')


# ---- who breaks the rules ----

@pytest.mark.parametrize('towards', ['vault', 'store', 'parent'])
def test_a_breach_ends_the_sender(daemon, towards):
    one = daemon()
    before = one.processes()
    one.tell_engine(f'breach {towards}')
    one.wait_log('ipc.breach by="engine"')
    rig.wait_for(lambda: one.facts() and one.processes()['engine'] != before['engine'], 10, 'another engine')
    after = one.processes()
    for name in ('vault', 'store', 'desk'):
        assert after[name] == before[name], name
    assert one.tell_engine('auth 0 bob bobs-own-secret', answers=True) == 'right'


def test_a_lie_about_a_breach_costs_a_restart_and_no_more(daemon):
    one = daemon()
    before = one.processes()['store']
    one.tell_engine('accuse store')
    rig.wait_for(lambda: one.processes().get('store') not in (0, before), 10, 'another store')
    one.tell_engine('record 1')
    one.wait_fact('kept', 1)


# ---- what is kept ----

def test_a_record_is_acknowledged_when_it_is_on_disk(daemon):
    one = daemon()
    one.tell_engine('record 41')
    one.wait_fact('kept', 41)
    os.kill(one.processes()['store'], signal.SIGKILL)
    one.process.kill()
    one.process.wait(10)
    one.process = None
    assert records(one) == ['caller-41']


def test_a_repeated_record_is_kept_once(daemon):
    one = daemon()
    for _ in range(3):
        one.tell_engine('record 7')
        one.wait_fact('kept', 7)
    one.tell_engine('record 8')
    one.wait_fact('kept', 8)
    assert records(one) == ['caller-7', 'caller-8']
    assert one.ask_desk('records') == ['caller-8', 'caller-7', 'rows 2']


@pytest.mark.skipif(not rig.may_mount(), reason='no right to make a small disk')
def test_a_full_disk_loses_nothing(daemon):
    one = daemon(start=False)
    plain = one.command_line
    one.command_line = lambda *more: ['unshare', '--mount', 'sh', '-c',
                                      f'mount -t tmpfs -o size=400k none {one.state} && exec "$@"', 'sh', *plain(*more)]
    one.start()
    fill = f'/proc/{one.process.pid}/root{one.state}/fill'
    with pytest.raises(OSError), open(fill, 'wb', buffering=0) as file:
        while file.write(b'x' * 4096):
            pass
    for number in range(1, 40):
        one.tell_engine(f'record {number}')
    one.wait_log('store.failed')
    assert 'full' in one.log()
    acknowledged = rig.wait_for(one.facts, 5, 'the engine answers')['kept']
    assert acknowledged < 39
    os.unlink(fill)
    before = one.facts()['store']
    rig.wait_for(lambda: one.facts()['store'] >= max(before, 2), 15, 'another store')
    for number in range(acknowledged + 1, 40):   # as the real engine's outbox does
        one.tell_engine(f'record {number}')
    one.wait_fact('kept', 39, 15)
    look = f'import sqlite3; print(*(row[0] for row in sqlite3.connect("{one.state}/tollgate.db").execute(' \
           '"SELECT sequence FROM call_record ORDER BY sequence")))'
    done = subprocess.run(['nsenter', '--mount', f'--target={one.process.pid}', sys.executable, '-c', look],
                          capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout.split() == [str(number) for number in range(1, 40)]


def test_registrations_survive_a_restart(daemon):
    one = daemon()
    one.wait_fact('ends', 1)
    assert one.facts()['bindings'] == 0
    one.tell_engine('binding bob')
    one.stop()
    one.start()
    one.wait_fact('ends', 1)
    assert (one.facts()['bindings'], one.facts()['first']) == (1, 'bob')


def test_what_the_engine_says_last_is_kept(daemon):
    one = daemon()
    one.tell_engine('record 1')
    one.stop()
    assert records(one) == ['caller-1', 'caller-999999']


# ---- the end ----

def test_stop_by_the_desk(daemon):
    one = daemon()
    assert one.ask_desk('stop') == ['done 0']
    assert one.process.wait(10 * rig.SLOWER) == 0
    one.process = None


def test_a_graceful_stop_waits_for_the_engine(daemon):
    one = daemon()
    assert one.ask_desk('drain') == ['done 0']
    assert one.process.wait(10 * rig.SLOWER) == 0
    one.process = None
    assert 'how="gracefully"' in one.log()


def test_an_engine_that_hangs_does_not_keep_us(daemon):
    one = daemon()
    one.tell_engine('record 5')
    one.wait_fact('kept', 5)
    one.tell_engine('ignore stop')
    began = time.monotonic()
    one.process.send_signal(signal.SIGTERM)
    assert one.process.wait(10 * rig.SLOWER) == 0
    assert 3 < time.monotonic() - began < 5 * rig.SLOWER
    one.process = None
    assert 'daemon.engine_hangs' in one.log()


def test_sigint_ends_it_too(daemon):
    one = daemon()
    one.process.send_signal(signal.SIGINT)
    assert one.process.wait(10 * rig.SLOWER) == 0
    one.process = None


def test_children_leave_the_terminals_signals_to_the_parent(daemon):
    one = daemon()
    before = one.processes()
    for name in ('engine', 'vault', 'store', 'desk'):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(before[name], number)
    time.sleep(0.3)
    assert one.processes() == before


# ---- host names ----

def test_a_name_that_has_no_address_does_not_stop_the_start(daemon):
    one = daemon(IAX + '[far]\ntype=peer\nhost=no-such-host.invalid\n[near]\ntype=peer\nhost=localhost\n')
    assert one.facts()['world'] == 1


@pytest.mark.skipif(not rig.may_mount(), reason='no right to give a process another /etc/hosts')
def test_a_name_that_gets_another_address_is_noticed(daemon):
    iax = IAX + '[far]\ntype=peer\nhost=far.example.invalid\n'
    one = daemon(iax, start=False, more_options=('--refresh', '1'))
    hosts = os.path.join(one.folder, 'hosts')
    with open(hosts, 'w', encoding='ascii') as file:
        file.write('127.0.0.1 localhost\n192.0.2.1 far.example.invalid\n')
    plain = one.command_line
    one.command_line = lambda *more: ['unshare', '--mount', 'sh', '-c', f'mount --bind {hosts} /etc/hosts && exec "$@"',
                                      'sh', *plain(*more)]
    one.start()
    time.sleep(2.5)
    assert one.facts()['world'] == 1   # asked again, but nothing has changed
    one.write('iax.conf', iax + '; somebody is just editing this\n')
    with open(hosts, 'w', encoding='ascii') as file:
        file.write('127.0.0.1 localhost\n192.0.2.2 far.example.invalid\n')
    time.sleep(2.5)
    assert one.facts()['world'] == 1   # files that changed wait for a reload
    one.write('iax.conf', iax)
    one.wait_log('config.names_changed')
    assert one.facts()['world'] > 2
