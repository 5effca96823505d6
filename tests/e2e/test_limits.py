# SPDX-License-Identifier: Apache-2.0
"""Call numbers: how many an address may have, who says so, and the small pool of those who know no call tokens."""
import re

import pytest

import attack
import frames
import rig
import sites

IAX = sites.IAX.replace('[general]', '''[general]
maxcallnumbers=5
maxcallnumbers_nonvalidated=8
calltokenoptional=127.66.0.0/16''').replace('[alice](phone)', '[callnumberlimits]\n127.64.0.0/16=3\n\n[alice](phone)\nmaxcallnumbers=4') + '''
[old](phone)
secret=an-old-device-has-this-one
requirecalltoken=no
deny=0.0.0.0/0
permit=127.65.0.0/16
'''


def hold(tollgate, host, name, secret, count, **more):
    """So many calls that stay up. How many could be made, and the peers."""
    peers, up = [], 0
    for _ in range(count):
        one = attack.Peer(tollgate, host)
        peers.append(one)
        mine, asked = one.open(frames.NEW, name, seconds=1, every=2, **more)
        if asked is not None and asked.subclass == attack.AUTHREQ:
            up += one.ask(one.answer_to(frames.NEW, mine, asked, name, secret), (attack.ACCEPT,), mine) is not None
    return up, peers


def usage(tollgate, host):
    row = attack.has_row(tollgate, 'iax2 show callnumber usage', host)
    assert row, tollgate.console('iax2 show callnumber usage')
    return row.group()


@pytest.mark.essential
def test_the_limit_its_origin_the_peak_and_the_refused(exchange):
    tollgate = exchange(IAX, sites.EXTENSIONS)
    with attack.Peer(tollgate, '127.63.0.1') as home:
        assert home.register('alice', sites.ALICE) == 'granted'   # her own limit follows her
    for host, limit, origin in (('127.62.0.1', 5, 'global'), ('127.64.0.1', 3, 'range|127.64.0.0/16'),
                                ('127.63.0.1', 4, 'alice')):
        up, peers = hold(tollgate, host, 'bob', sites.BOB, limit + 1)
        assert up == limit, (host, up)
        row = usage(tollgate, host)
        print(row)
        assert re.search(rf'^{re.escape(host)}\S*\s+{limit}\s+{limit}\s.*({origin}).*\s{limit}\s+[1-9]\d*\s*$', row), row
        event = attack.wait_event(tollgate, 'SessionLimit', Reason='call-numbers')
        assert f'={limit}' in attack.events(tollgate, 'SessionLimit')[-1]['Rule'], event
        for one in peers:
            one.close()


@pytest.mark.essential
def test_old_devices_have_a_pool_of_their_own(exchange):
    tollgate = exchange(IAX, sites.EXTENSIONS)
    # Only from where permit= says so, or from where calltokenoptional= excuses everybody.
    for host, name, secret, works in (('127.65.0.1', 'old', 'an-old-device-has-this-one', True),
                                      ('127.67.0.1', 'old', 'an-old-device-has-this-one', False),
                                      ('127.67.0.1', 'bob', sites.BOB, False), ('127.66.0.1', 'bob', sites.BOB, True)):
        with attack.Peer(tollgate, host) as one:
            assert (one.call(name, secret, token=False) == 'granted') == works, (host, name)
    rig.wait_for(lambda: re.search(r'Callno Used:\s+0', tollgate.console('iax2 show callnumber usage')), 20, 'their calls are over')
    # A quarter for whoever comes from anywhere, the rest for the ranges that the operator named.
    up, peers = hold(tollgate, '127.65.0.2', 'old', 'an-old-device-has-this-one', 3, token=False)
    assert up == 2
    for host, wanted in (('127.66.0.2', 5), ('127.66.0.3', 1)):
        up, more = hold(tollgate, host, 'bob', sites.BOB, wanted + (host == '127.66.0.3'), token=False)
        peers += more
        assert up == wanted, host
    assert 'Non-CallToken Validation Callno Limit: 8' in tollgate.console('iax2 show callnumber usage')
    assert attack.wait_event(tollgate, 'SessionLimit')['Reason'] == 'call-numbers-nonvalidated'
    with attack.Peer(tollgate, '127.65.0.2') as modern:   # who proves his address needs none of that pool
        assert modern.call('old', 'an-old-device-has-this-one') == 'granted'
    for one in peers:
        one.close()
