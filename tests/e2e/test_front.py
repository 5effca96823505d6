# SPDX-License-Identifier: Apache-2.0
"""Front mode: an exchange that ran alone gets a Tollgate in front of it by `tollgate front init`. Its phones register and call at
the front, its dialplan decides, calls to phones and to the provider leave through the front; then `front undo`, and all is as before."""
import concurrent.futures
import os
import re
import shutil
import stat
import subprocess

import pytest

import attack
import rig
import sites

TRUNK, CAROL, GUARDED = 'where-i-always-was-1', 'songs-of-christmas-7', 'walls-of-jericho-12'

# The exchange as it was: alone, at the public port.
IAX = f'''
[general]
bindaddr=127.0.0.1:{{port}}
register => us:{TRUNK}@127.0.0.2:{{provider}}
#include phones.d/*.conf

[provider]
type=friend
host=127.0.0.2
port={{provider}}
username=us
secret={TRUNK}
context=from-provider
deny=0.0.0.0/0
permit=127.0.0.2
qualify=yes
trunk=yes

[guarded]
type=user
secret={GUARDED}
context=phones
deny=0.0.0.0/0
permit=127.41.0.0/16

[lobby]
type=user
context=lobby
'''

PHONES = f'''[phone](!)
type=friend
host=dynamic
context=phones
disallow=all
allow=ulaw

[alice](phone)
secret={sites.ALICE}
callerid="Alice" <100>
[bob](phone)
secret={sites.BOB}
callerid="Bob" <101>
'''

EXTENSIONS = '''
[phones]
exten => 600,1,Answer()
 same => n,Echo()
exten => 101,1,Dial(IAX2/bob/101,20)
exten => 617,1,Busy(1)
exten => _9X.,1,Dial(IAX2/provider/${EXTEN:1},20)

[from-provider]
exten => 101,1,Dial(IAX2/bob/101,20)

[lobby]
exten => 600,1,Answer()
 same => n,Echo()
'''

PROVIDER_IAX = f'''
[general]
bindaddr={{host}}:{{port}}
[us]
type=friend
host=dynamic
username=provider
secret={TRUNK}
context=world
[carol]
type=user
secret={CAROL}
context=world
'''

PROVIDER_EXTENSIONS = '''
[world]
exten => 5551,1,Answer()
 same => n,Echo()
exten => 101,1,Dial(IAX2/us/101,20)
'''


def tree(folder):
    """Octets, mode, owner and time of change of all files."""
    found = {}
    for top, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(top, name)
            now = os.stat(path)
            with open(path, 'rb') as file:
                found[path] = (file.read(), stat.S_IMODE(now.st_mode), now.st_uid, now.st_gid, now.st_mtime_ns)
    return found


class Party:
    """The exchange, the provider, and the front once it is there."""

    def __init__(self):
        port, inside = rig.free_port('127.0.0.1'), rig.free_port('127.0.0.1')
        assert port != inside
        self.provider = rig.Exchange(PROVIDER_IAX, PROVIDER_EXTENSIONS, host='127.0.0.2')
        self.backend = rig.Exchange(IAX.replace('{provider}', str(self.provider.port)), EXTENSIONS, port=port)
        self.front = rig.Exchange('', port=port)
        self.all = (self.provider, self.backend, self.front)
        shutil.rmtree(self.front.config)
        os.mkdir(os.path.join(self.backend.config, 'phones.d'))
        self.backend.write('phones.d/all.conf', PHONES)
        self.before = tree(self.backend.config)
        self.inside = inside

    def tool(self, *words):
        done = subprocess.run([rig.program('tollgate'), 'front', *words, '--state', self.front.state], capture_output=True, text=True,
                              timeout=60, stdin=subprocess.DEVNULL, env=rig.environment(), check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self):
        self.tool('init', '--config', self.backend.config, '--out', self.front.config, '--backend', f'127.0.0.1:{self.inside}', '--yes')
        for one in self.all:
            one.start()
        rig.wait_for(lambda: re.search(r' us .*Registered', self.front.console('iax2 show registry')), 20, 'the front is registered')

    def close(self):
        errors = []
        for one in self.all:
            try:
                one.close()
            except AssertionError as error:
                errors.append(error)
        if errors:
            raise errors[0]


@pytest.fixture(scope='module', name='party')
def party_fixture():
    party = Party()
    try:
        party.start()
        yield party
    finally:
        party.close()


@pytest.fixture(name='bob')
def bob_fixture(party, phone):
    """Registered at the front, known to the backend, answers one call."""
    bob = phone(party.front.uri('bob'), '--answer', '--timeout', 40, '--play', 'echo', '--local', '127.40.0.2', secret=sites.BOB)
    rig.wait_for(lambda: is_at_backend(party, 'bob'), 20, 'the backend knows where bob is')
    yield bob


def is_at_backend(party, name):
    """At the front's address and port."""
    return re.search(rf'^{name}\S*\s+127\.0\.0\.1\s.*\s{party.front.port}\s', party.backend.console('iax2 show peers'), re.M)


def records(exchange):
    return exchange.console('cdr show')


def has_record(exchange, *words):
    pattern = '.*'.join(rf'\b{re.escape(word)}\b' for word in words)
    return rig.wait_for(lambda: re.search(rf'^.*{pattern}.*$', records(exchange), re.M), 10, f'a record of {words}').group()


def alice(party, number, *options, secret=sites.ALICE):
    return rig.call(party.front.uri('alice', number), '--local', '127.40.0.1', *options, secret=secret)


def is_heard(call):
    assert call.code == 0, call.text
    assert call.report['same'] >= 0.9 * call.report['sent'] > 40, call.text


def test_calls_reach_the_dialplan_as_the_account(party):
    is_heard(alice(party, '600', '--duration', 1.2, '--play', 'tone:440'))
    assert 'ANSWERED' in has_record(party.backend, 'alice', '600')
    assert '100' in has_record(party.backend, 'alice', '600')
    guest = rig.call(party.front.uri('', '600'), '--local', '127.40.0.3', '--duration', 1.2, '--play', 'tone:440')
    is_heard(guest)
    assert 'ANSWERED' in has_record(party.backend, 'lobby', '600')


def test_answers_of_the_dialplan_come_back(party):
    busy = alice(party, '617')
    assert busy.code == 4 and busy.report['cause'] == 17, busy.text
    wrong = alice(party, '999')
    assert wrong.code == 3 and wrong.report['cause'] == 3, wrong.text


def test_a_registered_phone_is_called_by_the_dialplan(party, bob):
    is_heard(alice(party, '101', '--duration', 1.2, '--play', 'tone:440'))
    assert bob.wait().code == 0, bob.text
    has_record(party.backend, 'alice', '101')
    has_record(party.front, 'backend.bob', '101')
    rig.wait_for(lambda: not is_at_backend(party, 'bob'), 20, 'the backend knows that bob is gone')


def test_calls_to_the_provider_leave_through_the_front(party):
    is_heard(alice(party, '95551', '--duration', 1.2, '--play', 'tone:440'))
    has_record(party.provider, 'us', '5551')
    has_record(party.front, 'backend.provider', '5551')
    assert re.search(rf'^us\S*\s+127\.0\.0\.1\s.*\s{party.front.port}\s', party.provider.console('iax2 show peers'), re.M)


def test_calls_from_the_provider_reach_the_phone(party, bob):
    is_heard(rig.call(party.provider.uri('carol', '101'), '--duration', 1.2, '--play', 'tone:440', secret=CAROL))
    assert bob.wait().code == 0, bob.text
    has_record(party.backend, 'provider', '101')


def test_a_wrong_secret_gets_nowhere(party):
    before = records(party.backend)
    refused = alice(party, '600', secret='looking-glass-land')
    assert refused.code == 3, refused.text
    away = rig.call(party.front.uri('guarded', '600'), '--local', '127.40.0.4', secret=GUARDED)
    assert away.code == 3, away.text
    is_heard(rig.call(party.front.uri('guarded', '600'), '--local', '127.41.0.1', '--duration', 1.2, '--play', 'tone:440', secret=GUARDED))
    has_record(party.backend, 'guarded', '600')
    assert len(records(party.backend).splitlines()) == len(before.splitlines()) + 1


def test_strangers_see_the_front_alone(party):
    """Whatever they say, with secrets of others or names that only the backend uses."""
    def is_refused(at, name, secret):
        with attack.Peer(party.front, f'127.{50 + at}.0.1') as stranger:
            return stranger.call(name, secret), stranger.register(name, secret)

    told = (('nobody', 'x'), ('backend.alice', sites.ALICE), ('front.alice', sites.ALICE), ('backend.provider', TRUNK))
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for future in [pool.submit(is_refused, at, *words) for at, words in enumerate(told)]:
            assert future.result() == ('refused', 'refused')
    seen = party.backend.console('guard show sources') + records(party.backend)
    assert '127.5' not in seen and '127.40.' not in seen and 'nobody' not in seen
    assert not [event for event in attack.events(party.backend) if 'Failed' in str(event) or 'Invalid' in str(event)]


def test_undo(party):
    """Last: all as it was, and it runs again."""
    for one in party.all:
        one.stop()
    party.tool('undo')
    assert tree(party.backend.config) == party.before
    assert not os.path.exists(party.front.config)
    party.backend.start()
    is_heard(rig.call(party.backend.uri('alice', '600'), '--duration', 1.2, '--play', 'tone:440', secret=sites.ALICE))
