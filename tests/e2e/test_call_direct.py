# SPDX-License-Identifier: Apache-2.0
"""Two `tollgate call` against each other, without an exchange: call tokens, authentication, media, exit codes."""
import math
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import threading
import time
import wave

import pytest
import rig

RATE = 8000


@pytest.fixture
def answerer(phone):
    """Starts a phone that waits: answerer(option..., host=, secret=); gives (uri, phone)."""
    def make(*options, host='127.0.0.1', secret=None):
        port = rig.free_port(host)
        where = f'[{host}]:{port}' if ':' in host else f'{host}:{port}'
        made = phone(None, '--answer', '--local', where, '--timeout', 30, *options, secret=secret)
        rig.wait_for(lambda: is_bound(host, port), 10, 'the answering phone has its port')
        return f'iax2:{where}', made
    return make


def is_bound(host, port):
    """Looks it up: to try the port would take it away from the phone for a moment."""
    with open('/proc/net/udp6' if ':' in host else '/proc/net/udp', encoding='ascii') as file:
        return any(line.split()[1].endswith(f':{port:04X}') for line in file.readlines()[1:])


def samples(path):
    with wave.open(path, 'rb') as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        data = file.readframes(file.getnframes())
    return struct.unpack(f'<{len(data) // 2}h', data)


def amplitude(values, hz):
    """The amplitude of a sine of this frequency in there (Goertzel)."""
    step = 2 * math.cos(2 * math.pi * hz / RATE)
    a = b = 0.0
    for value in values:
        a, b = value + step * a - b, a
    return 2 * math.sqrt(max(0.0, a * a + b * b - step * a * b)) / len(values)


def write_wav(path, values):
    with wave.open(path, 'wb') as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(struct.pack(f'<{len(values)}h', *values))


@pytest.mark.alone
@pytest.mark.essential
@pytest.mark.parametrize('codec', ['ulaw', 'alaw', 'slin'])
def test_each_hears_the_tone_of_the_other(answerer, tmp_path, codec):
    there, here = str(tmp_path / 'there.wav'), str(tmp_path / 'here.wav')
    uri, far = answerer('--play', 'tone:600', '--record', there)
    near = rig.call(f'{uri}/100', '--play', 'tone:1004', '--record', here, '--duration', 2, '--codec', codec)
    far.wait()
    assert (near.code, far.code) == (0, 0), near.text + far.text
    assert near.report['codec'] == far.report['codec'] == codec
    for path, heard, other in ((here, 600, 1004), (there, 1004, 600)):
        middle = samples(path)[RATE // 4:RATE * 7 // 4]
        assert len(middle) == RATE * 3 // 2
        assert 15500 < amplitude(middle, heard) < 16500
        assert amplitude(middle, other) < 200
    for report in (near.report, far.report):
        assert 98 <= report['sent'] <= 120
        assert report['received']['packets'] >= 98
        assert report['received']['lost'] == 0
        assert report['cause'] == 16


@pytest.mark.alone
@pytest.mark.essential
@pytest.mark.parametrize('host', ['127.0.0.1', '::1'])
def test_echo_comes_back_unchanged(answerer, host):
    uri, far = answerer('--play', 'echo', host=host)
    near = rig.call(f'{uri}/100', '--duration', 3)
    far.wait()
    assert (near.code, far.code) == (0, 0), near.text + far.text
    report = near.report
    assert report['state'] == 'answered'
    assert report['sent'] >= 148
    assert report['received']['packets'] == report['same'] == report['sent']
    assert 0 < report['rtt_ms'] < 100
    assert report['far_end']['packets'] > 0 and report['far_end']['lost'] == 0
    assert 3.0 <= report['duration_s'] < 4.0
    # 50 packets a second for 3 s: absolute deadlines do not drift
    assert abs(report['sent'] - 150) <= 2


def test_a_file_is_played_to_its_end(answerer, tmp_path):
    source, record = str(tmp_path / 'source.wav'), str(tmp_path / 'record.wav')
    values = [int(12000 * math.sin(i * i / 40000)) for i in range(RATE)]
    write_wav(source, values)
    uri, far = answerer('--play', 'silence', '--record', record, '--codec', 'slin')
    near = rig.call(f'{uri}/100', '--play', source)
    far.wait()
    assert (near.code, far.code) == (0, 0), near.text + far.text
    assert 1.4 < near.report['duration_s'] < 2.5
    heard = samples(record)
    assert list(heard[:RATE]) == values
    assert not any(heard[RATE:])


def test_digits_arrive(answerer):
    uri, far = answerer('--play', 'silence')
    near = rig.call(f'{uri}/100', '--dtmf', '159#*0D', '--duration', 2.5)
    far.wait()
    assert near.code == 0
    assert far.report['digits'] == '159#*0D'


def test_the_right_secret(answerer):
    uri, far = answerer(secret='open sesame')
    near = rig.call(f'{uri}/100'.replace('iax2:', 'iax2:alice@'), '--duration', 0.5, secret='open sesame')
    far.wait()
    assert (near.code, far.code) == (0, 0), near.text + far.text


@pytest.mark.parametrize('secret', ['open sesam', None])
def test_the_wrong_secret_or_none(answerer, secret):
    uri, far = answerer(secret='open sesame')
    near = rig.call(f'{uri}/100'.replace('iax2:', 'iax2:alice@'), '--duration', 0.5, secret=secret)
    assert near.code == 3, near.text
    assert near.report['state'] == 'refused'
    assert far.process.poll() is None, 'a refused caller does not end the waiting'


def test_a_secret_from_a_file(answerer, tmp_path):
    path = tmp_path / 'secret'
    path.write_text('open sesame\n')
    path.chmod(0o644)
    uri, _ = answerer(secret='open sesame')
    uri = f'{uri}/100'.replace('iax2:', 'iax2:alice@')
    near = rig.call(uri, '--duration', 0.5, '--secret-file', path)
    assert near.code == 7 and 'chmod 600' in near.text
    path.chmod(0o600)
    near = rig.call(uri, '--duration', 0.5, '--secret-file', path)
    assert near.code == 0, near.text


def test_the_secret_is_in_no_list_of_processes(answerer):
    uri, far = answerer(secret='open sesame')
    for name in ('cmdline', 'environ'):
        with open(f'/proc/{far.process.pid}/{name}', 'rb') as file:
            assert b'open sesame' not in file.read()
    assert rig.call(f'{uri}/100'.replace('iax2:', 'iax2:a@'), '--duration', 0.2, secret='open sesame').code == 0


def test_busy(answerer, phone):
    uri, _ = answerer()
    first = phone(f'{uri}/100', '--duration', 20)
    rig.wait_for(lambda: 'answered' in first.process.stderr.readline(), 10, 'the first call is answered', every=0)
    second = rig.call(f'{uri}/100', '--duration', 1)
    assert second.code == 4, second.text
    assert second.report['cause'] == 17


def test_no_answer(answerer):
    uri, far = answerer('--ring', 20)
    near = rig.call(f'{uri}/100', '--timeout', 1)
    assert near.code == 5, near.text
    assert near.report['state'] == 'no answer'
    assert 'ringing' in near.text
    assert far.process.poll() is None


def test_nobody_there():
    port = rig.free_port('127.0.0.1')
    near = rig.call(f'iax2:127.0.0.1:{port}/100', '--timeout', 2)
    assert near.code == 6, near.text
    assert near.report['state'] == 'unreachable'


def test_nobody_calls(answerer, phone):
    port = rig.free_port()
    waiting = phone(None, '--answer', '--local', f'127.0.0.1:{port}', '--timeout', 0.5)
    waiting.wait()
    assert waiting.code == 5, waiting.text


def test_no_codec_in_common(answerer):
    uri, far = answerer('--codec', 'alaw')
    near = rig.call(f'{uri}/100', '--codec', 'ulaw')
    assert near.code == 3, near.text
    assert near.report['cause'] == 58
    assert far.process.poll() is None


@pytest.mark.parametrize('who', ['caller', 'answerer'])
def test_ended_by_a_signal_hangs_up(answerer, phone, who):
    uri, far = answerer()
    near = phone(f'{uri}/100')
    rig.wait_for(lambda: 'answered' in near.process.stderr.readline(), 10, 'the call is answered', every=0)
    time.sleep(0.3)
    (near if who == 'caller' else far).process.send_signal(signal.SIGTERM)
    near.wait(10)
    far.wait(10)
    assert (near.code, far.code) == (0, 0), near.text + far.text
    assert near.report['cause'] == far.report['cause'] == 16


def test_files_that_cannot_be_used(answerer, tmp_path):
    port = rig.free_port()
    for options in (('--record', '/nonexistent/x.wav'), ('--play', '/nonexistent/x.wav'),
                    ('--secret-file', '/nonexistent/x')):
        near = rig.call(f'iax2:127.0.0.1:{port}/1', *options)
        assert near.code == 7, near.text
        assert '/nonexistent/x' in near.text


def test_command_lines_that_are_wrong():
    for options in (('--nonsense',), ('--duration', 'x'), ('--codec', 'opus')):
        assert rig.call('iax2:127.0.0.1/1', *options).code == 2
    near = rig.call('iax2:nobody.invalid/1')
    assert near.code == 6 and 'nobody.invalid' in near.text


def test_a_port_that_is_taken():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(('127.0.0.1', 0))
        where = f'127.0.0.1:{taken.getsockname()[1]}'
        near = rig.call(None, '--answer', '--local', where)
        assert near.code == 6 and where in near.text and 'in use' in near.text


class Relay:
    """Passes datagrams on between a caller and `to`, and keeps them; loses those that lose(bytes) says."""

    def __init__(self, to, lose=lambda data: False):
        self.to, self.lose, self.seen, self.caller = to, lose, [], None
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(('127.0.0.1', 0))
        self.socket.settimeout(0.1)
        self.port = self.socket.getsockname()[1]
        self.running = True
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while self.running:
            try:
                data, source = self.socket.recvfrom(4096)
            except TimeoutError:
                continue
            outward = source != self.to
            self.caller = source if outward else self.caller
            lost = self.lose(data)
            self.seen.append((outward, lost, data))
            if not lost:
                self.socket.sendto(data, self.to if outward else self.caller)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.running = False
        self.thread.join()
        self.socket.close()


def subclass(data):
    """Of an IAX frame; None for anything else."""
    return data[11] if len(data) >= 12 and data[0] & 0x80 and data[10] == 6 else None


def call_token(data):
    """The value of the element CALLTOKEN; None without one."""
    rest = data[12:]
    while len(rest) >= 2:
        if rest[0] == 0x36:
            return rest[2:2 + rest[1]]
        rest = rest[2 + rest[1]:]
    return None


def to_of(uri):
    host, port = uri.removeprefix('iax2:').rsplit(':', 1)
    return host, int(port)


@pytest.mark.essential
def test_the_call_goes_through_the_token_exchange(answerer):
    uri, _ = answerer()
    with Relay(to_of(uri)) as relay:
        near = rig.call(f'iax2:127.0.0.1:{relay.port}/100', '--duration', 0.5)
    assert near.code == 0, near.text
    first, answer, second = relay.seen[:3]
    assert first[0] and subclass(first[2]) == 1 and call_token(first[2]) == b''
    assert not answer[0] and subclass(answer[2]) == 0x28 and len(answer[2]) <= len(first[2])
    token = call_token(answer[2])
    assert len(token) == 7 and 0 not in token
    assert second[0] and subclass(second[2]) == 1 and call_token(second[2]) == token


def test_without_a_token_nobody_is_called(answerer):
    """A NEW without the element, one with a wrong token, and a POKE."""
    uri, far = answerer()
    host, port = to_of(uri)
    new = bytes.fromhex('8123000000000001000006010b02000201013109040000000408040000000c')
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
        stranger.settimeout(0.5)
        stranger.sendto(new, (host, port))
        answer = stranger.recv(4096)
        assert subclass(answer) == 6 and len(answer) <= len(new)
        stranger.sendto(new + bytes.fromhex('36070102030405060a'), (host, port))
        with pytest.raises(TimeoutError):
            stranger.recv(4096)
        stranger.sendto(bytes.fromhex('81230000000000010000061e'), (host, port))
        answer = stranger.recv(4096)
        assert subclass(answer) == 3 and len(answer) == 12
    far.process.send_signal(signal.SIGTERM)
    far.wait()
    assert 'call from' not in far.text


def test_loss_is_seen_and_signalling_survives_it(answerer):
    """Each tenth media packet is lost, and every other signalling frame once."""
    uri, far = answerer('--play', 'echo')
    state = {'media': 0, 'first': set()}

    def lose(data):
        if data[0] & 0x80 == 0:
            state['media'] += 1
            return state['media'] % 10 == 0
        # a frame's first transmission is lost if it begins an exchange; its repetition has the R bit
        if subclass(data) in (1, 7, 5) and not data[2] & 0x80 and data[:12] not in state['first']:
            state['first'].add(data[:12])
            return True
        return False

    with Relay(to_of(uri), lose) as relay:
        near = rig.call(f'iax2:127.0.0.1:{relay.port}/100', '--duration', 3)
        far.wait()
    assert (near.code, far.code) == (0, 0), near.text + far.text
    lost = sum(1 for _, gone, data in relay.seen if gone and data[0] & 0x80 == 0)
    report = near.report
    assert lost > 10
    assert report['received']['packets'] == report['same'] < report['sent']
    assert report['retransmits'] > 0
    assert 5 < report['received']['loss_percent'] < 30


@pytest.mark.limit(90)
def test_a_far_end_that_vanishes(answerer, phone):
    uri, far = answerer()
    near = phone(f'{uri}/100')
    rig.wait_for(lambda: 'answered' in near.process.stderr.readline(), 10, 'the call is answered', every=0)
    far.process.kill()
    near.wait(80)
    assert near.code == 8, near.text
    assert near.report['state'] == 'broken off'


def test_load_counts_what_an_echo_gives_back(answerer):
    uri, far = answerer('--play', 'echo')
    done = subprocess.run([rig.program('tollgate'), 'load', '--calls', '1', '--seconds', '1', '--json', f'{uri}/1'],
                          capture_output=True, text=True, timeout=30 * rig.SLOWER, env=rig.environment(), check=False)
    far.wait()
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"sent":50' in done.stdout and '"lost":0' in done.stdout


def test_load_refuses_what_is_not_loopback():
    for host in ('192.0.2.1', '[2001:db8::1]', '10.0.0.1'):
        done = subprocess.run([rig.program('tollgate'), 'load', f'iax2:{host}/1'], capture_output=True, text=True,
                              timeout=30, env=rig.environment(), check=False)
        assert done.returncode == 2
        assert 'only 127.0.0.0/8' in done.stderr


@pytest.mark.essential
def test_on_a_terminal_it_asks_for_the_secret_and_shows_a_live_line(answerer):
    uri, _ = answerer('--play', 'echo', secret='open sesame')
    master, slave = pty.openpty()
    process = subprocess.Popen([rig.program('tollgate'), 'call', f'{uri}/100'.replace('iax2:', 'iax2:alice@'), '--duration',
                                '1.5'], stdin=slave, stdout=subprocess.PIPE, stderr=slave, text=True, env=rig.environment())
    os.close(slave)
    seen = b''
    try:
        end = time.monotonic() + 20 * rig.SLOWER
        asked = False
        while process.poll() is None:
            assert time.monotonic() < end, seen
            if select.select([master], [], [], 0.1)[0]:
                try:
                    seen += os.read(master, 4096)
                except OSError:
                    break   # its end of the terminal is closed
            if not asked and b'Secret of alice' in seen:
                os.write(master, b'open sesame\n')
                asked = True
        out, _ = process.communicate(timeout=10 * rig.SLOWER)
    finally:
        rig.end_process(process, 5)
        os.close(master)
    assert process.returncode == 0, seen + out.encode()
    assert b'open sesame' not in seen, 'the terminal does not show what is typed'
    assert re.search(rb'\r\x1b\[Kup +00:0\d +rtt \d+\.\d ms +loss \d+\.\d\d % +jitter \d+\.\d ms +tx \d+ +rx \d+', seen), seen
    assert re.search(r'^state +answered$', out, re.M) and '\x1b' not in out, out
