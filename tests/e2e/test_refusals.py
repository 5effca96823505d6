# SPDX-License-Identifier: Apache-2.0
"""Promise P8: every reason to refuse, given by a running exchange to a client that provokes it: one event, and `explain` makes a
paragraph of its id that says why."""
import collections
import os
import re
import time

import pytest

import attack
import frames
import rig
import sites
import test_scanners

SECRET = 'everybody-here-has-this-one'

IAX = f'''
[general]
bindaddr={{host}}:{{port}}
maxcallnumbers_nonvalidated=1

[callnumberlimits]
127.88.0.0/16=2

[phone](!)
type=friend
host=dynamic
context=phones
secret={SECRET}
disallow=all
allow=ulaw

[alice](phone)
[bob](phone)
[carol](phone)
[walls](phone)
deny=0.0.0.0/0
permit=127.200.0.0/16
[fixed](phone)
host=127.201.0.1
[latch](phone)
requirecalltoken=auto
[old](phone)
requirecalltoken=no
[honey](phone)
decoy=yes
[bare]
type=peer
host=dynamic
context=phones
'''
EXTENSIONS = '[phones]\nexten => 600,1,Answer()\n same => n,Echo()\n'

# What no client provokes from outside within a few seconds, and where it is provoked instead.
ELSEWHERE = {
    'other-name': 'tests/iax/test_registering.c',   # the endpoint takes the credentials away, so it is told as no-credentials
    'ok': 'tests/engine/test_admission.c',
    'no-room': 'tests/switch/test_registrar.c',
    'shed': 'tests/engine/test_watch.c',
    'delayed': 'tests/guard/test_modes.c',
    'rate-network': 'tests/guard/test_modes.c',
    'paid-records': 'tests/switch/test_paying.c',
    'paid-room': 'tests/switch/test_paying.c',
} | dict.fromkeys(('paid-denied', 'paid-guest', 'paid-times', 'paid-calls', 'paid-longest', 'paid-day', 'paid-month',
                  'paid-hour-calls', 'paid-day-calls'), 'tests/e2e/test_paid.py')


def reasons():
    """{code: text} of all reasons, from the one list."""
    with open(os.path.join(rig.ROOT, 'src', 'model', 'event.h'), encoding='utf-8') as file:
        found = re.findall(r'X\(MODEL_WHY_\w+, "([^"]+)",\s*"([^"]+)"', file.read())
    assert len(found) > 25
    return dict(found)


def explained(tollgate, event, text):
    paragraph = ' '.join(tollgate.console('explain ' + event['EventID']).split())
    assert text in paragraph and event['SecurityEvent'] in paragraph, paragraph
    if event['SecurityEvent'] not in ('TokenMissing', 'ShedStart') and attack.host_of(event) != '0.0.0.0':
        assert attack.host_of(event) in paragraph, paragraph


def expect(tollgate, code, kind, host=None, seconds=15):
    """One event of this kind and reason about this host; no second one."""
    text = reasons()[code]

    def found():
        return [one for one in attack.events(tollgate, kind, Reason=code) if host is None or attack.host_of(one) == host]

    events = rig.wait_for(found, seconds, f'{kind} {code}; there are ' + str(collections.Counter(
        (one['SecurityEvent'], one['Reason'], attack.host_of(one)) for one in attack.events(tollgate))))
    assert len(events) == 1, events
    explained(tollgate, events[0], text)


# ---- Each provokes one ----

def simply(what, name, secret=SECRET, **more):
    return lambda peer: getattr(peer, what)(name, secret, **more)


def latched(peer):
    assert peer.call('latch', SECRET) == 'granted'
    peer.call('latch', SECRET, token=False)


def too_many(peer):
    """The oldest of four gives way, which shows when it is answered."""
    mine, first = peer.open(frames.NEW, 'alice')
    for _ in range(3):
        peer.open(frames.NEW, 'alice')
    peer.ask(peer.answer_to(frames.NEW, mine, first, 'alice', SECRET), attack.VERDICTS, mine)


def no_credentials(peer):
    mine, asked = peer.open(frames.NEW, 'alice')
    peer.ask(frames.full(mine, attack.AUTHREP, destination=asked.source, timestamp=9, oseqno=1, iseqno=1), attack.VERDICTS, mine)


def no_codec(peer):
    plain = peer.request
    peer.request = lambda *args: plain(*args).replace(b'\0\0\0\4', b'\0\0\0\2')   # GSM
    peer.call('alice', SECRET)


def guarded(peer):
    rows = [('guess', 'register', f'127.87.{at}.1', 'carol', f'guess-{at}') for at in range(24)]
    attack.knock(peer.exchange, rows, per_s=60)
    assert peer.register('carol', SECRET) == 'refused'


def stale(peer):
    for _ in range(5):
        peer.register('bob', 'an old one')


def tries(peer):
    """Five names in ten minutes; credentials for a sixth are not judged."""
    attack.guess_at_once(peer.exchange, peer.host, [f'name{at}' for at in range(5)] + ['alice'], [SECRET] * 6, pause=0.1)


def pair(peer):
    assert peer.register('alice', SECRET) == 'granted'
    attack.guess_at_once(peer.exchange, peer.host, 'bob', [f'guess-{at}' for at in range(6)])
    assert peer.register('bob', SECRET) == 'refused'


def held_calls(peer, name, count, **more):
    """Calls that are up, and one more: whoever holds no call makes room, so calls it is that fill a limit."""
    peers = [attack.Peer(peer.exchange, peer.host) for _ in range(count)]
    for one in peers:
        mine, asked = one.open(frames.NEW, name, **more)
        assert one.ask(one.answer_to(frames.NEW, mine, asked, name, SECRET), (attack.ACCEPT,), mine) is not None
    peer.open(frames.NEW, name, seconds=1, every=2, **more)
    for one in peers:
        one.close()


def numbers(peer):
    held_calls(peer, 'alice', 2)


def unproven(peer):
    held_calls(peer, 'old', 1, token=False)


def banned(peer):
    peer.exchange.console(f'guard ban {peer.host} for 1h reason a test')


PROVOKED = (
    ('no-account', 'InvalidAccountID', simply('call', 'nobody')),
    ('no-guest', 'InvalidAccountID', simply('call', '')),
    ('acl', 'FailedACL', simply('call', 'walls')),
    ('context', 'RequestNotAllowed', simply('call', 'alice', context='else')),
    ('token-latched', 'RequestNotAllowed', latched),
    ('static', 'UnexpectedAddress', simply('register', 'fixed')),
    ('no-secret', 'InvalidAccountID', simply('register', 'bare')),
    ('too-many-challenges', 'SessionLimit', too_many),
    ('no-credentials', 'ChallengeResponseFailed', no_credentials),
    ('not-registered', 'RequestNotAllowed', lambda peer: peer.try_once(attack.REGREL, 'alice', SECRET)),
    ('wrong-secret', 'ChallengeResponseFailed', simply('call', 'alice', 'wrong')),
    ('no-extension', 'RequestNotAllowed', simply('call', 'alice', number='999')),
    ('no-codec', 'RequestNotAllowed', no_codec),
    ('guarded', 'GuardedRefusal', guarded),
    ('stale-secret', 'StaleCredential', stale),
    ('too-many-tries', 'ChallengeResponseFailed', tries),
    ('account-held-back', 'BanRefused', pair),
    ('decoy', 'DecoyUsed', simply('call', 'honey')),
    ('fingerprint', 'ScannerDetected', lambda peer: peer.try_once(attack.REGREL, 'carol', SECRET)),
    ('call-numbers', 'SessionLimit', numbers),
    ('call-numbers-nonvalidated', 'SessionLimit', unproven),
    ('no-token', 'TokenMissing', simply('call', 'alice', token=False)),
    ('banned', 'Banned', banned),
)
IN_TESTS_OF_THEIR_OWN = ('rate', 'rate-strangers', 'silenced', 'no-calls', 'stopping')


def test_every_reason_is_in_a_list():
    listed = [row[0] for row in PROVOKED] + list(ELSEWHERE) + list(IN_TESTS_OF_THEIR_OWN)
    assert sorted(listed) == sorted(reasons()), set(reasons()) ^ set(listed)
    for path in ELSEWHERE.values():
        assert os.path.exists(os.path.join(rig.ROOT, path)), path


@pytest.mark.limit(180)
def test_every_refusal_has_its_event_and_its_paragraph(exchange):
    tollgate = exchange(IAX, EXTENSIONS, more_files={'fingerprints.conf': test_scanners.sample_fingerprints()})
    hosts = {}
    failed = []
    for at, (code, kind, provoke) in enumerate(PROVOKED):
        hosts[code] = f'127.88.{at}.1' if code == 'call-numbers' else f'127.{100 + at}.0.1'
        began = time.monotonic()
        with attack.Peer(tollgate, hosts[code]) as peer:
            provoke(peer)
        print(f'{code}: {time.monotonic() - began:.1f} s')
    for code, kind, _ in PROVOKED:
        try:
            expect(tollgate, code, kind, None if code == 'no-token' else hosts[code], seconds=30 if code == 'no-token' else 3)
        except AssertionError as error:
            failed.append(f'{code}: {error}')
    expect(tollgate, 'silenced', 'Silenced', hosts['decoy'])
    assert not failed, '\n'.join(failed)


@pytest.mark.limit(60)
def test_budgets_that_are_used_up(exchange):
    tollgate = exchange(IAX, EXTENSIONS, more_files={'tollgate.conf': '[guard]\nnewdialogs=1/3\nstrangers=8\n'})
    with attack.Peer(tollgate, '127.91.0.1') as one:
        for _ in range(4):
            one.open(frames.NEW, 'alice', seconds=0.3, every=1)
    expect(tollgate, 'rate', 'SessionLimit', '127.91.0.1')
    attack.knock(tollgate, [('many', 'call', f'127.92.{at}.1', 'alice', 'x') for at in range(30)], per_s=1000)
    assert attack.wait_event(tollgate, 'LoadAverageLimit')['Reason'] == 'rate-strangers'
    explained(tollgate, attack.events(tollgate, 'LoadAverageLimit')[0], reasons()['rate-strangers'])


@pytest.mark.limit(60)
def test_no_room_and_no_time_for_calls(exchange, phone):
    tollgate = exchange(IAX.replace('[general]', '[general]\ncalls=1'), EXTENSIONS)
    first = phone(tollgate.uri('alice', '600'), '--duration', 20, secret=SECRET)
    rig.wait_for(lambda: '1 active IAX channel' in tollgate.console('iax2 show channels'), 10, 'a call is up')
    with attack.Peer(tollgate, '127.93.0.1') as one:
        assert one.call('bob', SECRET) == 'refused'
        expect(tollgate, 'no-calls', 'LoadAverageLimit', '127.93.0.1')
        tollgate.console('core stop gracefully')
    with attack.Peer(tollgate, '127.94.0.1') as one:
        assert one.call('bob', SECRET) in ('refused', 'turned away')
        expect(tollgate, 'stopping', 'LoadAverageLimit', '127.94.0.1')
    first.process.terminate()
    first.wait()
    tollgate.process.wait(20)


# ---- How much is written ----

def lines_by_second(path):
    with open(path, encoding='ascii') as file:
        return collections.Counter(re.search(r'\d\d:\d\d:\d\d', line).group() for line in file)


@pytest.mark.alone
@pytest.mark.limit(90)
def test_guessing_fills_no_log_and_every_guess_is_counted(exchange):
    tollgate = exchange(IAX, EXTENSIONS)
    rows = [('guess', ('call', 'register')[at % 2], f'127.95.{at % 200}.1', 'nobody', f'guess-{at}') for at in range(1200)]
    results, _ = attack.knock(tollgate, rows, per_s=60, seconds=80)
    refused = sum(one.outcome == 'refused' for one in results)
    assert refused > 200
    for name in ('security.log', 'security-events.log', 'security.json'):
        path = os.path.join(tollgate.state, name)
        most = max(lines_by_second(path).values()) if name != 'security.json' else 0
        assert most <= 20, (name, most)

    # What was held back is told with the next of its like, or a minute later; so here only: nothing is told twice.
    told = [one for one in attack.events(tollgate) if one['Reason'] == 'no-account']
    counted = len(told) + sum(one['Suppressed'] for one in told)
    print(f'{len(rows)} guesses, {refused} refused, {len(told)} lines, {counted} counted so far')
    assert counted <= refused
