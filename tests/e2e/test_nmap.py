# SPDX-License-Identifier: Apache-2.0
"""nmap's probe, which a scanner of the whole internet sends: a POKE from call number 0. It gets no answer (ruling R4); a POKE
with a proper number gets its 12 octets."""
import os
import re
import shutil
import socket
import subprocess
import threading

import pytest

import frames
import rig
import sites

SCAN_S = 60


def nmap(port):
    """The state that nmap reports for our port."""
    if not shutil.which('nmap'):
        pytest.skip('nmap is not installed')
    if os.geteuid() != 0:
        pytest.skip('nmap scans UDP for root only')
    done = subprocess.run(['nmap', '-n', '-Pn', '-sU', '-p', str(port), '--script', '+iax2-version', '127.0.0.1'],
                          capture_output=True, text=True, timeout=SCAN_S, check=True)
    found = re.search(rf'^{port}/udp\s+(\S+)\s+(\S+)', done.stdout, re.M)
    assert found, done.stdout
    return found.groups()


def answer_every_poke(sock, seen):
    """A server that does answer number 0: what nmap would find."""
    try:
        while True:
            data, sender = sock.recvfrom(4096)
            seen.append(data)
            if len(data) == 12:
                sock.sendto(frames.full(1, frames.PONG, iseqno=1), sender)
    except OSError:
        pass


@pytest.mark.limit(2 * SCAN_S)
def test_nmap_finds_no_service(exchange):
    tollgate = exchange(sites.IAX, sites.EXTENSIONS)
    assert nmap(tollgate.port) == ('open|filtered', 'unknown')

    # The same command against a server that does answer: so the silence above is ours and not nmap's.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(('127.0.0.1', 0))
        sock.settimeout(SCAN_S)
        seen = []
        thread = threading.Thread(target=answer_every_poke, args=(sock, seen), daemon=True)
        thread.start()
        assert nmap(sock.getsockname()[1]) == ('open', 'iax2')
        assert frames.full(0, frames.POKE, timestamp=0) in seen
    assert frames.ask(tollgate.host, tollgate.port, frames.full(0, frames.POKE, timestamp=0)) == []


@pytest.mark.essential
def test_a_proper_poke_gets_twelve_octets(exchange):
    tollgate = exchange(sites.IAX, sites.EXTENSIONS)
    answers = frames.ask(tollgate.host, tollgate.port, frames.full(4711, frames.POKE, timestamp=77))
    assert len(answers) == 1
    pong = frames.Answer(answers[0])
    assert len(pong.bytes) == 12
    assert (pong.type, pong.subclass, pong.destination, pong.timestamp) == (frames.TYPE_IAX, frames.PONG, 4711, 77)


def test_a_stranger_never_gets_more_than_he_sent(exchange):
    tollgate = exchange(sites.IAX, sites.EXTENSIONS)
    token = frames.element(frames.IE_CALLTOKEN, b'')
    version = frames.element(frames.IE_VERSION, b'\0\2')
    user = frames.element(frames.IE_USERNAME, b'alice')
    unanswered = 0
    for request in (frames.full(9, frames.POKE), frames.full(9, frames.PING), frames.full(9, frames.NEW),
                    frames.full(9, frames.NEW, version + token), frames.full(9, frames.NEW, version + user + token),
                    frames.full(9, frames.REGREQ, token), frames.full(9, frames.REGREQ, user + token),
                    frames.full(9, frames.REGREQ, user), frames.full(9, 0x7e), b'', b'\x80', b'\0' * 12):
        answers = frames.ask(tollgate.host, tollgate.port, request, seconds=0.5)
        assert sum(map(len, answers)) <= len(request), f'{request.hex()} got {[a.hex() for a in answers]}'
        unanswered += not answers
    assert unanswered < 12, 'nothing at all was answered: this proved nothing'
