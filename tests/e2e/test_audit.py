# SPDX-License-Identifier: Apache-2.0
"""tollgate audit: at an exchange that is configured soundly, at one that is not, and at a peer that does what tollgated never does.
They are asked side by side, since asking politely takes its time."""
import collections
import concurrent.futures
import json
import os
import pty
import select
import shutil
import socket
import struct
import subprocess
import threading
import time

import pytest

import frames
import netns
import rig
import sites

# Tokens soon grow old here, so that nobody has to wait for it.
FAST = ('--samples', '5', '--wait', '0.3', '--token-life', '5', '--json')

SOUND = sites.IAX.replace('[general]', '[general]\ncalltokenexpiration=2', 1)
BAD = '''
[general]
bindaddr={host}:{port}
calltokenexpiration=2

[guest]
type=user
context=public

[alice]
type=friend
host=dynamic
context=public
secret=''' + sites.ALICE + '''
requirecalltoken=no
'''
BAD_EXTENSIONS = '''
[public]
exten => _X.,1,Answer()
 same => n,Echo()
exten => s,1,Answer()
 same => n,Echo()
'''

AUTHREQ, AUTHREP, ACCEPT, HANGUP, REGAUTH, FWDOWNL, FWDATA = 8, 9, 7, 5, 14, 36, 37
IE_AUTHMETHODS, IE_CHALLENGE, IE_CAUSE, IE_DEVICETYPE, IE_FWBLOCKDATA = 14, 15, 22, 32, 36
SO_TIMESTAMPNS = 35
HOSTILE = b'\x1b[2Jroot\r\n\xff'


class BadPeer:
    """Everything wrong at once: a token is four octets of its clock and any is taken, plaintext, challenges that count, wrong
    secrets let in, firmware for all, large answers and many of them. What arrives is written down with its time."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)   # when it came, not when this thread had its turn
        self.socket.bind(('127.0.0.1', 0))
        self.port = self.socket.getsockname()[1]
        self.seen = []
        self.open = {}
        self.hung_up_after = []
        self.count = 0
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def close(self):
        self.socket.sendto(b'end', ('127.0.0.1', self.port))
        self.thread.join(10)
        self.socket.close()

    def run(self):
        while True:
            data, notes, _, sender = self.socket.recvmsg(4096, 64)
            if data == b'end':
                return
            seconds, ns = struct.unpack('@qq', notes[0][2])
            self.seen.append(seconds + ns / 1e9)
            self.take(frames.Answer(data), data[12:], sender)

    def send(self, sender, request, subclass, elements=b'', times=1, oseqno=0):
        for _ in range(times):
            self.socket.sendto(frames.full(9, subclass, elements, destination=request.source, oseqno=oseqno,
                                           iseqno=(request.oseqno + 1) % 256), sender)

    def take(self, request, payload, sender):
        elements = {}
        while len(payload) >= 2:
            elements[payload[0]] = payload[2:2 + payload[1]]
            payload = payload[2 + payload[1]:]
        if request.subclass == frames.POKE:
            self.send(sender, request, frames.PONG, times=2)
        elif request.subclass in (frames.NEW, frames.REGREQ):
            self.opening(request, elements, sender)
        elif request.subclass == AUTHREP:
            self.send(sender, request, ACCEPT, oseqno=1)
            self.open[(sender, request.source)] = time.monotonic()
        elif request.subclass == HANGUP:
            if (sender, request.source) in self.open:
                self.hung_up_after.append(time.monotonic() - self.open.pop((sender, request.source)))
            self.send(sender, request, frames.ACK, oseqno=2)
        elif request.subclass == FWDOWNL:
            self.send(sender, request, FWDATA, frames.element(IE_FWBLOCKDATA, b'x' * 128))
        elif request.subclass == frames.PING:
            self.send(sender, request, frames.INVAL, times=3)

    def opening(self, request, elements, sender):
        if elements.get(frames.IE_CALLTOKEN) == b'':
            self.send(sender, request, frames.CALLTOKEN,
                      frames.element(frames.IE_CALLTOKEN, struct.pack('>I', int(time.time()))))
            return
        name = elements.get(frames.IE_USERNAME, b'')
        number = elements.get(frames.IE_CALLED_NUMBER, b'')
        if not name and frames.IE_CALLTOKEN in elements:
            self.send(sender, request, frames.REJECT, frames.element(IE_CAUSE, HOSTILE + number[:1]))
            return
        self.count += 1
        challenge = b'%09d' % self.count + (b'0' if name == b'alice' else b'')
        self.send(sender, request, AUTHREQ if request.subclass == frames.NEW else REGAUTH,
                  frames.element(IE_AUTHMETHODS, b'\0\3') + frames.element(IE_CHALLENGE, challenge) +
                  frames.element(IE_DEVICETYPE, b'badbox'),
                  times=1 if frames.IE_CALLTOKEN in elements else 3)


def audit(*words, secret=None, seconds=60, **more):
    environment = rig.environment(**({} if secret is None else {'TOLLGATE_SECRET': secret}))
    done = subprocess.run([rig.program('tollgate'), 'audit', *map(str, words)], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=seconds * rig.SLOWER, env=environment, check=False, **more)
    assert not rig.SANITIZER_TROUBLE.search(done.stdout + done.stderr), done.stdout + done.stderr
    return done


class Report:
    def __init__(self, done):
        self.code, self.text, self.errors = done.returncode, done.stdout, done.stderr
        self.json = json.loads(done.stdout)
        self.host = self.json['hosts'][0]
        self.checks = {check['id']: check for check in self.host['checks']}

    def found(self, *severities):
        return {name for name, check in self.checks.items()
                if check['state'] == 'found' and (not severities or check['severity'] in severities)}


Run = collections.namedtuple('Run', 'sound bad allowed peer written peer_seen hung_up_after')


@pytest.fixture(scope='module', name='run')
def run_fixture(tmp_path_factory):
    folder = tmp_path_factory.mktemp('audit')
    allowed, written = folder / 'allowed', folder / 'written'
    peer = BadPeer()
    with rig.Exchange(SOUND, sites.EXTENSIONS) as sound, rig.Exchange(BAD, BAD_EXTENSIONS) as bad, \
            concurrent.futures.ThreadPoolExecutor(4) as pool:
        sound.start()
        bad.start()
        allowed.write_text(f'# what we live with\n127.0.0.1:{bad.port} IA2.call high\n* IA2.registration\n* IA4\n* IA6 critical\n'
                           '* IA7.answers\n* IA8\n* AC1\n')
        account = ('--account', 'alice', '--account-number', '600')
        jobs = [
            pool.submit(audit, *FAST, *account, f'127.0.0.1:{sound.port}', secret=sites.ALICE),
            pool.submit(audit, *FAST, *account, '--write-baseline', written, f'127.0.0.1:{bad.port}', secret=sites.ALICE),
            pool.submit(audit, *FAST, '--names', 'alice', '--local', '127.0.0.2', '--baseline', allowed, f'127.0.0.1:{bad.port}'),
            pool.submit(audit, *FAST, '--names', 'alice', f'127.0.0.1:{peer.port}'),
        ]
        reports = [Report(job.result()) for job in jobs]
        for one in (sound, bad):
            rig.wait_for(lambda one=one: '127.0.0.' not in one.console('iax2 show channels'), 10, 'it leaves nothing behind')
    peer.close()
    return Run(*reports, written.read_text(), peer.seen, peer.hung_up_after)


@pytest.mark.limit(90)
def test_a_sound_exchange_has_nothing_of_medium_severity(run):
    sound = run.sound
    assert sound.code == sound.json['exit'] == 0, sound.text
    assert sound.found() <= {'IA0', 'IA1', 'IA11', 'IA13'}, sound.text
    assert sound.host['complete'] and sound.host['port'] == 'open'
    untested = {name for name, check in sound.checks.items() if check['state'] == 'untested'}
    assert untested == {'IA7.times'}, sound.text   # so few samples tell nothing
    assert sound.checks['AC1']['state'] == 'clear'


def test_a_badly_configured_exchange_is_found_out(run):
    assert run.bad.code == 3, run.bad.text
    assert run.bad.found('critical') == {'IA6'}
    assert run.bad.found('high') == {'IA2.call', 'IA2.registration', 'IA4'}
    assert run.bad.found('medium') == {'IA7.answers', 'IA8'}
    assert run.bad.checks['AC1']['state'] == 'clear'
    evidence = run.bad.checks['IA2.call']['evidence']
    assert evidence['request'][0] in '89abcdef'   # a full frame
    assert '..' in evidence['answers'][0] and not evidence['proven']


def test_a_baseline_allows_what_is_in_it(run):
    assert run.allowed.code == 0, run.allowed.text
    assert {name for name, check in run.allowed.checks.items() if check['allowed']} >= {'IA2.call', 'IA6', 'IA8'}
    assert run.allowed.found('critical') == {'IA6'}   # still told
    lines = [line.split(' # ')[0].split() for line in run.written.splitlines() if not line.startswith('#')]
    assert {(words[1], words[2]) for words in lines} >= {('IA6', 'critical'), ('IA2.call', 'high'), ('IA0', 'info')}
    assert len({words[0] for words in lines}) == 1


def test_a_peer_that_does_everything_wrong(run):
    peer = run.peer
    assert peer.code == 3, peer.text
    assert peer.found() >= {'IA0', 'IA1', 'IA1.zero', 'IA2.call', 'IA2.registration', 'IA3.forged', 'IA3.port', 'IA3.life',
                            'IA3.short', 'IA3.clock', 'IA4', 'IA5', 'IA6.login', 'IA6.numbers', 'IA7.answers', 'IA8', 'IA9', 'IA10',
                            'IA11', 'IA12', 'IA13'}, peer.text
    assert '\\u001b' not in peer.text and '\x1b' not in peer.text
    assert 'badbox' in peer.checks['IA13']['seen']


def test_it_is_polite(run):
    assert len(run.peer_seen) == run.peer.host['packets_sent'] <= 400
    for at in range(len(run.peer_seen) - 11):
        assert run.peer_seen[at + 11] - run.peer_seen[at] > 0.9, 'more than 10 packets in a second'
    assert len(run.hung_up_after) == 1 and run.hung_up_after[0] < 2 * rig.SLOWER


def test_silent_and_closed_ports_are_told_apart():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mute:
        mute.bind(('127.0.0.1', 0))
        target = f'127.0.0.1:{mute.getsockname()[1]}'
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            silent, wanted = pool.map(lambda words: audit(*words), [(*FAST, target), (*FAST, '--expect-silence', target)])
    assert silent.returncode == 4 and Report(silent).host['port'] == 'open|filtered'
    assert wanted.returncode == 0
    closed = audit(*FAST, target)
    assert closed.returncode == 4 and Report(closed).host['port'] == 'closed'
    assert Report(closed).host['packets_sent'] < 5
    assert audit(target).stdout.splitlines()[0].endswith('closed: "port unreachable" came by ICMP')


def test_wrong_usage():
    for words in ((), ('--rate', '11', '127.0.0.1'), ('--secret', 'x', '127.0.0.1'), ('--remedy', 'prayer')):
        done = audit(*words)
        assert done.returncode == 2 and done.stdout == '' and done.stderr, words
    assert audit('192.0.2.0/24').returncode == 4
    assert audit('--baseline', '/nowhere/at/all', '127.0.0.1:9').returncode == 7


# ---- Whose host it is ----

PUBLIC = '198.51.100.7'


def in_a_world_of_its_own(*words):
    """A namespace in which every address is here: nothing can leave the machine."""
    return ['unshare', '--net', 'sh', '-c', f'ip link set lo up && ip route add local {PUBLIC} dev lo && exec "$@"', 'sh',
            rig.program('tollgate'), 'audit', *words]


def test_public_addresses_are_refused_without_a_terminal():
    if netns.why_not() is not None:
        pytest.skip(netns.why_not())   # should it not refuse, nothing may get out
    done = subprocess.run(in_a_world_of_its_own(PUBLIC), capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL,
                          env=rig.environment(), check=False)
    assert done.returncode == 4 and done.stdout == ''
    assert f'{PUBLIC}:4569 is no private address' in done.stderr


def answer_on_a_terminal(answer, *words):
    """(what was asked, exit code, standard output)"""
    ours, theirs = pty.openpty()
    try:
        with subprocess.Popen(in_a_world_of_its_own(*words), stdin=theirs, stderr=theirs, stdout=subprocess.PIPE, text=True,
                              env=rig.environment()) as process:
            os.close(theirs)
            asked = b''
            while b'(yes/no)?' not in asked and select.select([ours], [], [], 10 * rig.SLOWER)[0]:
                asked += os.read(ours, 4096)
            os.write(ours, answer)
            out = process.communicate(timeout=20 * rig.SLOWER)[0]
        return asked.decode(), process.returncode, out
    finally:
        os.close(ours)


def test_the_operator_is_asked_before_the_first_public_address(tmp_path):
    if netns.why_not() is not None:
        pytest.skip(netns.why_not())
    asked, code, out = answer_on_a_terminal(b'y\n', '--json', PUBLIC)
    assert f' {PUBLIC}:4569' in asked and code == 4 and out == ''
    asked, code, out = answer_on_a_terminal(b'yes\n', '--json', PUBLIC)
    assert code == 4 and json.loads(out)['hosts'][0]['port'] == 'closed'   # asked, and nobody is there
    ours = tmp_path / 'ours'
    ours.write_text(f'# ours\n{PUBLIC}/32\n')
    for more, port in ((('--yes-i-operate-this',), 'closed'), (('--allow-file', str(ours)), 'closed')):
        done = subprocess.run(in_a_world_of_its_own('--json', *more, PUBLIC), capture_output=True, text=True, timeout=20,
                              stdin=subprocess.DEVNULL, env=rig.environment(), check=False)
        assert done.returncode == 4 and json.loads(done.stdout)['hosts'][0]['port'] == port, done.stderr


# ---- Remedies ----

def remedy(what, target='127.0.0.1:4569'):
    done = audit('--remedy', what, target)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_nftables_remedy_is_right(tmp_path):
    if netns.why_not() is not None:
        pytest.skip(netns.why_not())
    (tmp_path / 'apply').write_text(remedy('nftables'))
    (tmp_path / 'undo').write_text(remedy('nftables-undo'))
    script = 'nft -c -f apply && nft -f apply && nft -f apply && nft -c -f undo && nft -f undo && nft list ruleset'
    done = subprocess.run(['unshare', '--net', 'sh', '-c', script], cwd=tmp_path, capture_output=True, text=True, timeout=20,
                          check=False)
    assert done.returncode == 0 and done.stdout == '', done.stderr


@pytest.mark.parametrize('family', ['iptables', 'ip6tables'])
def test_the_iptables_remedy_is_right(tmp_path, family):
    if shutil.which(f'{family}-restore') is None:
        pytest.skip(f'{family}-restore is not installed')
    if netns.why_not() is not None:
        pytest.skip(netns.why_not())
    (tmp_path / 'apply').write_text(remedy(family))
    (tmp_path / 'undo').write_text(remedy(f'{family}-undo'))
    restore = f'{family}-restore --noflush'
    script = f'{restore} --test <apply && {restore} <apply && {restore} --test <undo && {restore} <undo && {family}-save'
    done = subprocess.run(['unshare', '--net', 'sh', '-c', script], cwd=tmp_path, capture_output=True, text=True, timeout=20,
                          check=False)
    assert done.returncode == 0 and '4569' not in done.stdout, done.stdout + done.stderr


def test_the_ansible_remedy_is_right():
    yaml = pytest.importorskip('yaml', reason='python3-yaml is not installed')
    for what, state in (('ansible', 'present'), ('ansible-undo', 'absent')):
        tasks = yaml.safe_load(remedy(what, '127.0.0.1:4570'))
        assert [task['ansible.builtin.iptables']['ip_version'] for task in tasks] == ['ipv4'] * 3 + ['ipv6'] * 3
        for task in tasks:
            rule = task['ansible.builtin.iptables']
            assert rule['state'] == state and rule['protocol'] == 'udp' and rule['destination_port'] == '4570'
            assert set(rule) <= {'ip_version', 'chain', 'action', 'protocol', 'destination_port', 'source', 'jump', 'comment',
                                 'state', 'ctstate'}
            assert ('source' in rule) == ('loop' in task)
        # Each is put in front of the one before: the last ones decide first.
        assert [task['ansible.builtin.iptables']['jump'] for task in tasks] == ['DROP', 'ACCEPT', 'ACCEPT'] * 2


class Behind(rig.Exchange):
    """An exchange in the server's namespace."""

    def __init__(self, cable):
        super().__init__(sites.IAX, sites.EXTENSIONS, host=cable.HOST4, port=4569)
        self.cable = cable

    def command_line(self, *more):
        return ['ip', 'netns', 'exec', self.cable.server, *super().command_line(*more)]


def test_a_filter_keeps_strangers_out_and_lets_callers_in():
    if netns.why_not() is not None:
        pytest.skip(netns.why_not())
    cable = netns.Cable()
    try:
        cable.add_clients(['10.77.1.1'])
        as_client = ['ip', 'netns', 'exec', cable.client, rig.program('tollgate')]

        def silent():
            return subprocess.run([*as_client, 'audit', '--expect-silence', '--wait', '0.2', cable.HOST4], capture_output=True,
                                  timeout=30 * rig.SLOWER, env=rig.environment(), check=False).returncode

        with Behind(cable) as tollgate:
            tollgate.start()
            assert silent() == 1
            cable.nft('-f', '-', text=remedy('nftables').replace('192.0.2.0/24', '10.77.1.0/24'))
            assert silent() == 0
            call = subprocess.run([*as_client, 'call', '--local', '10.77.1.1', '--duration', '0.2', tollgate.uri('alice', '600')],
                                  capture_output=True, text=True, timeout=30 * rig.SLOWER,
                                  env=rig.environment(TOLLGATE_SECRET=sites.ALICE), check=False)
            assert call.returncode == 0, call.stdout + call.stderr
    finally:
        cable.close()
