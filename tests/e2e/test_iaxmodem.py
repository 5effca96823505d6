# SPDX-License-Identifier: Apache-2.0
"""iaxmodem, a soft modem that nobody of us wrote and that knows no call tokens: it registers, is called and calls."""
import os
import re
import select
import shutil
import subprocess
import time
import tty

import pytest

import rig
import sites
import sound

SECRET = 'a-modem-keeps-secrets'

# Without tokens only where the account says so, and only from the addresses that it names (ruling R10).
IAX = sites.IAX + f'''
[modem]
type=friend
host=dynamic
secret={SECRET}
auth=md5
context=modems
requirecalltoken=no
deny=0.0.0.0/0
permit=127.0.0.0/8
disallow=all
allow=ulaw
'''

EXTENSIONS = sites.EXTENSIONS + '''
exten => 700,1,Dial(IAX2/modem/700,40)

[modems]
exten => 600,1,Answer()
 same => n,Echo()
'''


class Modem:
    """One iaxmodem with its own configuration and its own modem device."""

    def __init__(self, folder, server_port):
        self.device = os.path.join(folder, 'modem')
        config = os.path.join(folder, 'modem.cfg')
        owner = f'{os.geteuid()}:{os.getegid()}'
        with open(config, 'w', encoding='utf-8') as file:
            file.write(f'device {self.device}\nowner {owner}\nmode 600\nport {rig.free_port()}\nrefresh 60\n'
                       f'server 127.0.0.1:{server_port}\npeername modem\nsecret {SECRET}\ncidname Modem\ncidnumber 700\n'
                       f'codec ulaw\n')
        self.log_path = os.path.join(folder, 'modem.log')
        with open(self.log_path, 'wb') as log:
            # It looks for its files in one place only; a path that leads out of there keeps that place untouched.
            self.process = subprocess.Popen(['iaxmodem', os.path.relpath(config, '/etc/iaxmodem')],
                                            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.line = -1
        self.heard = ''

    def open(self):
        rig.wait_for(lambda: os.path.exists(self.device), 10, 'the modem device appears')
        self.line = os.open(self.device, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
        tty.setraw(self.line)
        return self

    def say(self, command):
        os.write(self.line, command.encode() + b'\r')

    def listen(self, pattern, seconds):
        """Wait until the modem has said something that matches; then forget what it said up to there."""
        end = time.monotonic() + seconds * rig.SLOWER
        while True:
            found = re.search(pattern, self.heard)
            if found:
                self.heard = self.heard[found.end():]
                return found.group()
            left = end - time.monotonic()
            assert left > 0, f'the modem did not say {pattern}, but {self.heard!r}\n{self.log()}'
            if select.select([self.line], [], [], min(left, 0.2))[0]:
                try:
                    self.heard += os.read(self.line, 4096).decode('latin-1')
                except BlockingIOError:
                    pass

    def log(self):
        with open(self.log_path, encoding='latin-1') as file:
            return file.read()[-3000:]

    def close(self):
        if self.line >= 0:
            os.close(self.line)
        rig.end_process(self.process, 5)


@pytest.fixture
def modem(exchange):
    if not shutil.which('iaxmodem'):
        pytest.skip('iaxmodem is not installed')
    tollgate = exchange(IAX, EXTENSIONS)
    one = Modem(tollgate.folder, tollgate.port)   # a short path: it cuts longer names of devices
    try:
        rig.wait_for(lambda: peer_is_there(tollgate), 20, f'iaxmodem registers\n{one.log()}', every=0.3)
        yield tollgate, one.open()
    finally:
        one.close()


def peer_is_there(tollgate):
    return re.search(r'^modem\S*\s+127\.0\.0\.1\s+\(D\)', tollgate.console('iax2 show peers'), re.M)


@pytest.mark.essential
@pytest.mark.limit(120)
def test_it_registers_and_answers_a_call(modem, phone, tmp_path):
    tollgate, one = modem
    recording = str(tmp_path / 'heard.wav')
    one.say('AT+FCLASS=1')
    one.listen('OK', 10)

    alice = phone(tollgate.uri('alice', '700'), '--play', 'silence', '--duration', 6, '--timeout', 40,
                  '--record', recording, secret=sites.ALICE)
    one.listen('RING', 20)
    one.say('ATA')
    one.listen('CONNECT', 20)   # it answered and went on to send its fax preamble
    alice.wait(60)

    assert alice.code == 0, alice.text
    assert alice.report['state'] == 'answered', alice.text
    # Class 1 answers with CED, 2100 Hz for some three seconds (T.30): it was heard through the exchange.
    assert sound.strength(recording, 2100) > 0.7
    assert sound.strength(recording, 1000) < 0.05
    record = rig.wait_for(lambda: re.search(r'^.*\balice\b.*\b700\b.*$', tollgate.console('cdr show'), re.M), 10,
                          'a call record')
    assert 'ANSWERED' in record.group(), record.group()


@pytest.mark.limit(120)
def test_it_calls(modem):
    tollgate, one = modem
    one.say('AT+FCLASS=1')
    one.listen('OK', 10)
    one.say('ATDT600')
    channel = rig.wait_for(lambda: re.search(r'^IAX2/modem-\d+ .*$', tollgate.console('iax2 show channels'), re.M), 20,
                           'a channel of the modem', every=0.3)
    assert '127.0.0.1' in channel.group()
    time.sleep(2)
    one.say('')                 # any character ends the attempt
    one.listen('NO CARRIER|OK|ERROR', 30)
    one.say('ATH')
    rig.wait_for(lambda: '0 active IAX channel' in tollgate.console('iax2 show channels'), 20, 'the call ends', every=0.3)
    record = rig.wait_for(lambda: re.search(r'^.*\bmodem\b.*\b600\b.*$', tollgate.console('cdr show'), re.M), 10,
                          'a call record')
    assert 'ANSWERED' in record.group(), record.group()
