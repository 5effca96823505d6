# SPDX-License-Identifier: Apache-2.0
"""Metrics as Prometheus reads them: the text, its port, the alerts, and the table in docs/metrics.md."""
import http.client
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess

import pytest

import rig
import sites

RULES = os.path.join(rig.ROOT, 'etc', 'prometheus')
needs_promtool = pytest.mark.skipif(shutil.which('promtool') is None, reason='promtool is not installed (Debian: prometheus)')

IAX = sites.IAX + '''
[watched]
type=peer
host=127.0.0.1
port=9
qualify=yes
qualifyfreqok=1000
qualifyfreqnotok=1000

[ours]
type=registration
host=127.0.0.1
port=9
username="us
secret=a-long-secret-of-ours
'''


def free_tcp_port():
    for port in range(rig.FIRST_PORT, rig.LAST_PORT):
        with socket.socket() as probe:
            try:
                probe.bind(('127.0.0.1', port))
                return port
            except OSError:
                continue
    raise OSError('no free port found')


class OverUnix(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__('localhost', timeout=10 * rig.SLOWER)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


def read(connection):
    connection.request('GET', '/metrics')
    answer = connection.getresponse()
    text = answer.read().decode('utf-8')
    assert answer.status == 200, text
    assert answer.headers['Content-Type'] == 'text/plain; version=0.0.4; charset=utf-8'
    connection.close()
    return text


class House(rig.Exchange):
    def listen(self, where):
        self.write('tollgate.conf', f'[metrics]\nlisten={where}\n')

    def metrics(self):
        return read(http.client.HTTPConnection('127.0.0.1', self.metrics_port, timeout=10 * rig.SLOWER))

    def value(self, series):
        found = re.search(rf'^{re.escape(series)} (\S+)$', self.metrics(), re.M)
        return float(found[1]) if found else None

    def becomes(self, series, value, seconds=15):
        rig.wait_for(lambda: self.value(series) == value, seconds, f'{series} becomes {value}', every=0.3)


@pytest.fixture(scope='module')
def house():
    port = free_tcp_port()
    with House(IAX, sites.EXTENSIONS) as made:
        made.metrics_port = port
        made.listen(f'127.0.0.1:{port}')
        made.start()
        yield made


def families(text):
    """{name: (type, help)}, each exactly once."""
    names = re.findall(r'^# HELP (\w+) ', text, re.M)
    assert len(names) == len(set(names)) > 80
    helps = dict(re.findall(r'^# HELP (\w+) (.*)$', text, re.M))
    types = dict(re.findall(r'^# TYPE (\w+) (\w+)$', text, re.M))
    return {name: (types[name], helps[name]) for name in names}


@pytest.mark.essential
def test_calls_refusals_and_peers_are_counted(house):
    near = rig.call(house.uri('alice', '600'), '--duration', 1, secret=sites.ALICE)
    assert near.code == 0, near.text
    assert rig.call(house.uri('alice', '486'), secret=sites.ALICE).code != 0
    assert rig.call(house.uri('alice', '600'), secret='no-such-secret').code != 0
    house.becomes('tollgate_calls_ended_total{disposition="ANSWERED"}', 1)
    house.becomes('tollgate_calls_ended_by_cause_total{cause="17"}', 1)
    house.becomes('tollgate_security_reasons_total{reason="wrong-secret"}', 1)
    house.becomes('tollgate_peer_reachable{peer="watched"}', 0)
    assert house.value('tollgate_calls_answered_total') == 1
    assert house.value('tollgate_call_talk_seconds_total') >= 1
    assert house.value('tollgate_call_loss_ratio_count{side="caller"}') == 1
    assert house.value('tollgate_call_loss_ratio_sum{side="caller"}') == 0
    assert house.value('tollgate_peers{status="unreachable"}') == 1
    assert house.value('tollgate_peers{status="unmonitored"}') == 2
    assert house.value('tollgate_trunk_registered{host="127.0.0.1",username="\\"us"}') == 0
    assert house.value('tollgate_security_events_total{event="ChallengeResponseFailed"}') >= 1


@needs_promtool
def test_promtool_finds_nothing(house):
    done = subprocess.run(['promtool', 'check', 'metrics'], input=house.metrics(), capture_output=True, text=True, timeout=30,
                          check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, '', '')


def test_the_table_in_the_documents_is_what_is_offered(house):
    with open(os.path.join(rig.ROOT, 'docs', 'metrics.md'), encoding='utf-8') as file:
        rows = re.findall(r'^\| `(tollgate_\w+)` \| (\w+) \| ([\w, ]*) \| (.*) \|$', file.read(), re.M)
    text = house.metrics()
    assert {name: (kind, words) for name, kind, _, words in rows} == families(text)
    for name, _, labels, _ in rows:
        series = re.findall(rf'^{name}(?:_bucket|_sum|_count)?(\{{.*\}})? ', text, re.M)
        wanted = set(labels.split(', ')) - {''}
        assert series or name in ('tollgate_peer_rtt_seconds',), f'{name} has no sample'
        for one in series:
            assert set(re.findall(r'(\w+)="', one)) - {'le'} == wanted, f'{name}{one}'


def test_every_counter_of_the_engine_is_shown(house):
    assert house.value('tollgate_counters_unmapped') == 0
    counters = {row['name'] for row in json.loads(house.console('json counters'))['rows']}
    reasons = set(re.findall(r'^tollgate_security_reasons_total\{reason="(.*)"\}', house.metrics(), re.M))
    assert {name.removeprefix('reason.') for name in counters if name.startswith('reason.')} - {'ok'} == reasons
    assert {'wrong-secret', 'no-account', 'paid-day', 'banned'} < reasons
    dropped = set(re.findall(r'^tollgate_door_dropped_total\{reason="(.*)"\}', house.metrics(), re.M))
    assert {name.removeprefix('door.dropped.') for name in counters if name.startswith('door.dropped.')} - {'ok'} == dropped


def test_a_reload_that_is_refused_shows(house):
    assert house.value('tollgate_config_last_load_successful') == 1
    generation = house.value('tollgate_config_generation')
    house.write('iax.conf', IAX + '\n[broken]\ntype=nothing\n')
    assert house.console('iax2 reload', check=False).endswith('Not done.\n')
    house.becomes('tollgate_config_last_load_successful', 0)
    assert house.value('tollgate_config_load_failures_total') == 1
    assert house.value('tollgate_config_generation') == generation
    house.write('iax.conf', IAX)
    house.console('iax2 reload')
    house.becomes('tollgate_config_last_load_successful', 1)
    assert house.value('tollgate_config_generation') > generation


def test_a_reload_moves_the_port(house):
    path = os.path.join(house.folder, 'metrics.sock')
    house.listen('unix:' + path)
    assert f'changed: [metrics]: offered at unix:{path}\n' in house.console('iax2 reload')
    rig.wait_for(lambda: os.path.exists(path), 5, 'the socket is there')
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o660
    rig.wait_for(lambda: 'tollgate_scrape_complete 1\n' in read(OverUnix(path)), 5, 'it answers')
    with pytest.raises(OSError):
        house.metrics()
    house.listen('no')
    assert 'changed: [metrics]: offered at nowhere\n' in house.console('iax2 reload')
    assert not os.path.exists(path)
    house.listen(f'127.0.0.1:{house.metrics_port}')
    house.console('iax2 reload')
    house.becomes('tollgate_scrape_complete', 1)


def test_a_port_that_is_taken_costs_the_metrics_alone(house):
    with socket.socket() as other:
        other.bind(('127.0.0.1', 0))
        other.listen()
        house.listen('127.0.0.1:%d' % other.getsockname()[1])
        assert 'metrics: cannot listen at 127.0.0.1:' in house.console('iax2 reload')
    assert 'metrics: cannot listen at 127.0.0.1:' in house.log()
    house.listen(f'127.0.0.1:{house.metrics_port}')
    house.console('iax2 reload')
    house.becomes('tollgate_scrape_complete', 1)


def test_a_process_that_dies_shows(house):
    before = house.value('tollgate_process_restarts_total{process="store"}')
    os.kill(house.processes()['tg-store'], signal.SIGKILL)
    house.becomes('tollgate_process_restarts_total{process="store"}', before + 1)
    os.kill(house.processes()['tg-desk'], signal.SIGKILL)

    def again():
        try:
            return house.value('tollgate_process_up{process="desk"}') == 1
        except (OSError, http.client.HTTPException):
            return False

    rig.wait_for(again, 10, 'another desk offers metrics at the same port', every=0.2)


# ---- Status ----

def status(house, *words):
    return subprocess.run([rig.program('tollgate'), '--state', house.state, 'status', *words], capture_output=True, text=True,
                          timeout=20 * rig.SLOWER, env=rig.environment(), check=False)


def test_status_for_scripts(house):
    done = status(house, '--json')
    assert (done.returncode, done.stderr) == (0, '')
    told = json.loads(done.stdout)
    assert set(told) == {'schema', 'question', 'version', 'time_ms', 'away', 'config', 'peers', 'registrations', 'calls', 'channels',
                         'records', 'guard', 'processes', 'limits'}
    assert (told['schema'], told['away'], told['registrations']) == (1, [], {'all': 1, 'registered': 0})
    assert told['calls']['offered'] == house.value('tollgate_calls_offered_total')
    assert {process['name']: process['up'] for process in told['processes']}['engine'] is True
    assert told['config']['last_load_failed'] is False
    names = {name for name in told if name not in ('schema', 'question')}
    assert manual_members() == {name: members(told[name]) for name in names}


def members(value):
    of = value[0] if isinstance(value, list) and value else value
    return set(of) if isinstance(of, dict) else set()


def manual_members():
    """What the manual says is in the document: a name, and the members it has."""
    with open(os.path.join(rig.ROOT, 'docs', 'man', 'tollgate-status.1.scd'), encoding='utf-8') as file:
        section = file.read().split('# JSON\n')[1].split('\n# ')[0]
    rows = re.findall(r'^(\*.*\*)\n\t(.*)$', section, re.M)
    return {name: set(re.findall(r'\*(\w+)\*', text)) - {'null'} for names, text in rows for name in re.findall(r'\*(\w+)\*', names)}


def test_status_for_people(house):
    done = status(house)
    assert (done.returncode, done.stderr) == (0, '')
    for line in (r'Tollgate \S+', r'  engine   up, 0 restarts', r'Configuration: generation \d+', r'Our registrations: 0 of 1',
                 r'Calls: 0 now, \d+ offered, \d+ answered, \d+ refused', r'Call records: 0 waiting, 0 lost',
                 r'Peers: 0 ok, 0 lagged, \d unreachable, \d unknown, 2 unmonitored; 0 registered'):
        assert re.search(f'^{line}$', done.stdout, re.M), f'{line}: {done.stdout}'
    assert status(house, 'now').returncode == 2
    house.state, kept = '/nonexistent', house.state
    assert status(house).returncode == 1
    house.state = kept


# ---- The alerts ----

def rules():
    with open(os.path.join(RULES, 'tollgate.rules.yml'), encoding='utf-8') as file:
        return file.read()


@needs_promtool
def test_the_alerts_are_right():
    for words in (['check', 'rules', 'tollgate.rules.yml'], ['test', 'rules', 'tollgate.test.yml']):
        done = subprocess.run(['promtool', *words], cwd=RULES, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_has_its_tests():
    alerts = re.findall(r'- alert: (\w+)', rules())
    assert len(alerts) >= 10
    with open(os.path.join(RULES, 'tollgate.test.yml'), encoding='utf-8') as file:
        named = re.findall(r'- name: "(\w+) (raised|quiet)"', file.read())
    assert sorted(named) == sorted((alert, what) for alert in alerts for what in ('raised', 'quiet'))


def test_alerts_ask_for_metrics_and_labels_that_there_are(house):
    text = house.metrics()
    names = set(re.findall(r'\btollgate_\w+', rules()))
    known = set(families(text)) | set(re.findall(r'^(\w+)[{ ]', text, re.M))
    assert names and names <= known
    for label, values in re.findall(r'(reason|event)=~?"([\w|-]+)"', rules()):
        for value in values.split('|'):
            assert f'{label}="{value}"' in text
