# SPDX-License-Identifier: Apache-2.0
"""An attacker on the same address as a customer, as behind one NAT, and one who forges the customer's address: the customer goes on
registering and calling all the time, every single time."""
import os
import random
import socket
import time

import pytest

import attack
import frames
import rig
import sites

SHARED = '127.70.0.1'
FORGED = 20000 if rig.SANITIZED else 1000000

IAX = sites.IAX + '''
[honey](phone)
secret=nobody-has-this-one-ever
decoy=yes
'''


def guess_at(tollgate, name):
    """12 wrong secrets at once, and then more, one by one."""
    attack.guess_at_once(tollgate, SHARED, name, [f'guess-{at}' for at in range(8)])
    with attack.Peer(tollgate, SHARED) as peer:
        for at in range(6):
            peer.try_once(frames.REGREQ, name, f'more-{at}', seconds=2, every=0.5)


def flood_openings(tollgate, _):
    """Ten times the budget of a known network, each opening with a token."""
    rows = [('flood', 'call', SHARED, 'nobody', f'{at}') for at in range(300)]
    attack.knock(tollgate, rows, per_s=200, in_flight=500, seconds=60)
    assert attack.wait_event(tollgate, 'SessionLimit')['Reason'] == 'rate'


def hold_half_open(tollgate, _):
    """As many unanswered challenges as it can get, again and again."""
    peers = [attack.Peer(tollgate, SHARED) for _ in range(40)]
    asked = [peer.open(frames.NEW, 'nobody', seconds=0.3, every=0.2)[1] for _ in range(3) for peer in peers]
    assert sum(got is not None and got.subclass == attack.AUTHREQ for got in asked) >= 50
    for peer in peers:
        peer.close()


def use_decoys(tollgate, _):
    with attack.Peer(tollgate, SHARED) as peer:
        for at in range(4):
            peer.try_once(frames.REGREQ, 'honey', f'guess-{at}', seconds=2, every=0.5)


@pytest.mark.limit(120)
@pytest.mark.parametrize('what, name, refused', (
    (guess_at, 'bob', True), (guess_at, 'alice', False), (flood_openings, None, False), (hold_half_open, None, False),
    (use_decoys, None, True)), ids=('another-account', 'his-own-account', 'openings', 'half-open', 'decoys'))
def test_an_attacker_behind_the_same_address(exchange, what, name, refused):
    tollgate = exchange(IAX, sites.EXTENSIONS, more_files={'tollgate.conf': '[guard]\nknowndialogs=20/50\n'})
    with attack.Customer(tollgate, SHARED, 'alice', sites.ALICE) as customer:
        what(tollgate, name)
        done = customer.is_well(2)
    print(f'beside it: {done}')
    assert not attack.events(tollgate, 'Banned') and not attack.events(tollgate, 'Silenced')
    assert not attack.has_row(tollgate, 'guard show bans', SHARED)
    assert ' known ' in attack.has_row(tollgate, 'guard show sources', SHARED).group()
    if refused:
        assert attack.host_of(attack.wait_event(tollgate, 'BanRefused')) == SHARED


# ---- Forged: frames with the customer's address that nobody at that address sent ----

def forgeries(draw):
    """Guesses and openings of every kind, without a token that was given to this port."""
    user = frames.element(frames.IE_USERNAME, b'alice')
    digest = frames.element(attack.IE_MD5, b'%032x' % draw.getrandbits(128))
    wrong = frames.element(frames.IE_CALLTOKEN, bytes(draw.randrange(1, 256) for _ in range(7)))
    version = frames.element(frames.IE_VERSION, b'\0\2')
    mine, theirs = draw.randrange(1, 32768), draw.randrange(2, 32768)
    yield frames.full(mine, frames.NEW, version + user)
    yield frames.full(mine, frames.NEW, version + user + wrong)
    yield frames.full(mine, frames.REGREQ, user + wrong)
    yield frames.full(mine, frames.REGREQ, user + digest, destination=theirs, oseqno=1, iseqno=1)
    yield frames.full(mine, attack.AUTHREP, digest, destination=theirs, oseqno=1, iseqno=1)
    yield frames.full(mine, attack.REGREL, user + digest, destination=theirs, oseqno=1, iseqno=1)
    yield frames.full(mine, attack.HANGUP, destination=theirs, oseqno=1, iseqno=1)
    yield frames.full(mine, frames.REGREQ, user + digest + wrong, oseqno=1, iseqno=1)


@pytest.mark.limit(150)
def test_a_million_forged_guesses_cost_the_customer_nothing(exchange):
    """Sent from another port of the customer's address, whose answers nobody reads: as if somebody had forged it. Who forges has no
    token, and what he knows of call numbers he invented."""
    tollgate = exchange(IAX, sites.EXTENSIONS)
    draw = random.Random(4569)
    pool = [frame for _ in range(2000) for frame in forgeries(draw)]
    with attack.Customer(tollgate, SHARED, 'alice', sites.ALICE) as customer, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as forger:
        row_before = attack.has_row(tollgate, 'guard show sources', SHARED).group().split()
        forger.bind((SHARED, 0))
        forger.connect((tollgate.host, tollgate.port))
        forger.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        began, sent = time.monotonic(), 0
        while sent < FORGED:
            for frame in pool:
                sent += forger.send(frame) == len(frame)
        print(f'{sent} forged datagrams in {time.monotonic() - began:.0f} s; meanwhile {dict(customer.good)}')
        customer.is_well(3)
        row = attack.has_row(tollgate, 'guard show sources', SHARED).group().split()
    # Class, step, time left, failures, names and healthy accounts: as before. Only the customer's own openings were counted.
    assert row[1:7] == row_before[1:7] == ['known', 'none', '-', '0', '0', '1'], (row_before, row)
    assert not attack.has_row(tollgate, 'guard show bans', SHARED)
    told = {one['SecurityEvent'] for one in attack.events(tollgate) if attack.host_of(one) == SHARED and
            one['SourceValidated'] == 'yes'}
    assert told == {'SuccessfulAuth'}, told
    with open(os.path.join(tollgate.state, 'security.log'), encoding='ascii') as file:
        assert not [line for line in file if SHARED in line and 'INFO[' not in line]


@pytest.mark.limit(60)
def test_the_same_guesses_with_a_token_are_charged(exchange):
    """The test above can fail: the same address is charged once it proves itself."""
    tollgate = exchange(IAX, sites.EXTENSIONS)
    attack.guess_at_once(tollgate, SHARED, 'alice', [f'guess-{at}' for at in range(3)])
    row = attack.has_row(tollgate, 'guard show sources', SHARED).group().split()
    assert row[4] == '3', row
