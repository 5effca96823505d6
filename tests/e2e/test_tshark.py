# SPDX-License-Identifier: Apache-2.0
"""tshark, a decoder that nobody of us wrote, reads everything that went between phones and exchange: no malformed frame, and
every element has a name."""
import re
import shutil
import subprocess
import time

import pytest

import frames
import rig
import sites
import tap

# Its table of CONTROL subclasses ends before these, which RFC 5456, 8.3 has.
UNNAMED_THERE = {'Control subclass: Unknown (15)'}   # PROCEEDING


def tshark(*arguments):
    return subprocess.run(['tshark', '-n', *arguments], capture_output=True, text=True, timeout=60, check=True).stdout


def some_of_everything(tollgate, line, phone):
    """What people do: phones register, call the echo, call each other, send digits, find a line busy, mistake a password."""
    bob = phone(line.uri('bob'), '--answer', '--ring', 1, secret=sites.BOB)
    rig.wait_for(lambda: re.search(r'^bob\S*\s+127\.0\.0\.1', tollgate.console('iax2 show peers'), re.M), 20,
                 'bob registers', every=0.3)
    echo = rig.call(line.uri('alice', '600'), '--duration', 5, '--dtmf', '12*', '--register', secret=sites.ALICE)
    assert echo.code == 0, echo.text
    bridged = rig.call(line.uri('alice', '101'), '--duration', 2, '--codec', 'alaw', secret=sites.ALICE)
    assert bridged.code == 0, bridged.text
    bob.wait(30)
    assert bob.code == 0, bob.text
    assert rig.call(line.uri('alice', '486'), secret=sites.ALICE).code == 4
    for user, number, secret in (('alice', '999', sites.ALICE), ('alice', '600', 'not this one'), ('nobody', '600', 'nor this')):
        assert rig.call(line.uri(user, number), secret=secret).code == 3
    assert frames.ask(line.host, line.port, frames.full(4711, frames.POKE))
    frames.ask(line.host, line.port, frames.full(4711, frames.NEW, frames.element(frames.IE_VERSION, b'\0\2')))


@pytest.mark.limit(180)
def test_every_frame_is_understood(exchange, phone, tmp_path):
    if not shutil.which('tshark'):
        pytest.skip('tshark is not installed')
    iax = sites.IAX.replace('host=dynamic', 'host=dynamic\nqualify=yes')
    tollgate = exchange(iax.replace('[general]', '[general]\npingtime=3\nlagrqtime=2'), sites.EXTENSIONS)
    path = str(tmp_path / 'capture.pcap')
    with tap.Tap(tollgate, path) as line:
        some_of_everything(tollgate, line, phone)
        time.sleep(0.5)

    as_iax2 = ['-r', path, '-d', f'udp.port=={tollgate.port},iax2']
    text = tshark(*as_iax2, '-V', '-O', 'iax2')
    assert text.count('Packet type: Full packet') > 80 and text.count('Packet type: Mini') > 400, 'too little was captured'
    for word in ('NEW', 'CALLTOKEN', 'AUTHREQ', 'AUTHREP', 'ACCEPT', 'HANGUP', 'REJECT', 'REGREQ', 'REGAUTH', 'REGACK', 'POKE',
                 'PONG', 'ACK', 'PING', 'LAGRQ', 'LAGRP'):
        assert re.search(rf'IAX subclass: {word} ', text), f'no {word} was captured'

    assert 'Malformed' not in text, around(text, 'Malformed')
    assert tshark(*as_iax2, '-Y', '_ws.malformed || !iax2') == ''
    unnamed_elements = re.findall(r'IE id: Unknown \(\d+\)', text)
    assert not unnamed_elements, around(text, unnamed_elements[0])
    unnamed = set(re.findall(r'\w+ subclass: Unknown \(\d+\)|Unknown subclass: \d+', text))
    assert unnamed <= UNNAMED_THERE, unnamed


def around(text, word):
    at = text.index(word)
    return text[max(0, at - 1500):at + 300]
