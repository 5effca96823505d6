# SPDX-License-Identifier: Apache-2.0
"""tshark, a decoder that nobody of us wrote, reads everything that goes over the wire: no malformed frame, and every element
has a name."""
import re
import shutil
import subprocess
import time

import pytest

import frames
import rig
import sites

# Its table of CONTROL subclasses ends before these, which RFC 5456, 8.3 has.
UNNAMED_THERE = {'Control subclass: Unknown (15)'}   # PROCEEDING


def tshark(*arguments):
    return subprocess.run(['tshark', '-n', *arguments], capture_output=True, text=True, timeout=60, check=True).stdout


@pytest.fixture
def capture(tmp_path):
    """Starts a capture of some ports on loopback; stop it to get the file."""
    if not shutil.which('tshark') or not shutil.which('dumpcap'):
        pytest.skip('tshark is not installed')
    started = []

    def start(*ports):
        path = str(tmp_path / 'capture.pcapng')
        process = subprocess.Popen(
            ['dumpcap', '-q', '-i', 'lo', '-f', ' or '.join(f'udp port {port}' for port in ports), '-a', 'duration:90',
             '-w', path], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        started.append(process)
        end = time.monotonic() + 10
        while time.monotonic() < end and process.poll() is None:
            # Captured is only what is sent after it is ready: so send until the file has something.
            for port in ports:
                frames.ask('127.0.0.1', port, b'\x80', seconds=0.05)
            if subprocess.run(['test', '-s', path], check=False).returncode == 0:
                time.sleep(0.5)
                return path, process
        if process.poll() is not None:
            pytest.skip('no right to capture on loopback: ' + process.stderr.read().strip().splitlines()[0])
        raise AssertionError('dumpcap does not begin')

    yield start
    for process in started:
        rig.end_process(process, 5)
        process.stderr.close()


def some_of_everything(tollgate, phone):
    """What people do: phones register, call the echo, call each other, send digits, find a line busy, use a wrong password."""
    bob = phone(tollgate.uri('bob'), '--answer', '--duration', 3, secret=sites.BOB)
    rig.wait_for(lambda: re.search(r'^bob\S*\s+127\.0\.0\.1', tollgate.console('iax2 show peers'), re.M), 20,
                 'bob registers', every=0.3)
    echo = rig.call(tollgate.uri('alice', '600'), '--duration', 3, '--dtmf', '12*#', '--register', secret=sites.ALICE)
    assert echo.code == 0, echo.text
    bridged = rig.call(tollgate.uri('alice', '101'), '--duration', 2, '--codec', 'alaw', secret=sites.ALICE)
    assert bridged.code == 0, bridged.text
    bob.wait(30)
    assert bob.code == 0, bob.text
    assert rig.call(tollgate.uri('alice', '486'), secret=sites.ALICE).code == 4
    assert rig.call(tollgate.uri('alice', '999'), secret=sites.ALICE).code == 3
    assert rig.call(tollgate.uri('alice', '600'), secret='not this one').code == 3
    assert rig.call(tollgate.uri('nobody', '600'), secret='nor this').code == 3
    frames.ask(tollgate.host, tollgate.port, frames.full(4711, frames.POKE))


@pytest.mark.limit(180)
def test_every_frame_is_understood(exchange, phone, capture):
    tollgate = exchange(sites.IAX.replace('host=dynamic', 'host=dynamic\nqualify=yes'), sites.EXTENSIONS)
    path, dumpcap = capture(tollgate.port)
    some_of_everything(tollgate, phone)
    time.sleep(0.5)
    rig.end_process(dumpcap, 5)

    as_iax2 = ['-r', path, '-d', f'udp.port=={tollgate.port},iax2', '-Y', 'udp.length > 9']
    text = tshark(*as_iax2, '-V', '-O', 'iax2')
    frame_count = text.count('Packet type: Full packet')
    assert frame_count > 60 and text.count('Packet type: Mini') > 400, 'hardly anything was captured'
    for word in ('NEW', 'CALLTOKEN', 'AUTHREQ', 'AUTHREP', 'ACCEPT', 'HANGUP', 'REJECT', 'REGREQ', 'REGAUTH', 'REGACK', 'POKE',
                 'PONG', 'ACK', 'PING'):
        assert re.search(rf'IAX subclass: {word} ', text), f'no {word} was captured'

    assert 'Malformed' not in text, around(text, 'Malformed')
    assert not re.search(r'IE id: Unknown \(\d', text), around(text, 'IE id: Unknown (')
    unnamed = set(re.findall(r'\w+ subclass: Unknown \(\d+\)|Unknown subclass: \d+', text))
    assert unnamed <= UNNAMED_THERE, unnamed
    assert tshark(*as_iax2[:4], '-Y', '_ws.malformed || _ws.expert.severity >= 0x600000') == ''


def around(text, word):
    at = text.index(word)
    return text[max(0, at - 1500):at + 300]
