# SPDX-License-Identifier: Apache-2.0
"""Two exchanges, on two addresses and one port, call each other through Dial, with MD5 and call tokens; one registers with the
other."""
import re

import pytest

import rig
import sites

TRUNK = 'two-nodes-one-secret'

IAX = f'''
[general]
bindaddr={{host}}:{{port}}

[alice]
type=friend
host=dynamic
context=phones
secret={sites.ALICE}
disallow=all
allow=ulaw
'''

# The one that others register with: it learns where node-b is.
IAX_A = IAX + f'''
[node-b]
type=friend
host=dynamic
username=node-a
secret={TRUNK}
context=from-b
qualify=yes
disallow=all
allow=ulaw
'''

# The one that registers. node-a is at a fixed address.
IAX_B = IAX.replace('[alice]', f'register => node-b:{TRUNK}@127.0.0.1:{{port}}\n\n[alice]') + f'''
[node-a]
type=friend
host=127.0.0.1
port={{port}}
username=node-b
secret={TRUNK}
context=from-a
qualify=yes
disallow=all
allow=ulaw
'''

EXTENSIONS = '''
[phones]
exten => _6XX,1,Dial(IAX2/{other}/${EXTEN},15)
 same => n,Hangup()
exten => _7XX,1,Dial(IAX2/{other}/nowhere,15)
 same => n,Hangup()

[from-{letter}]
exten => 600,1,Answer()
 same => n,Echo()
exten => 617,1,Busy(1)
'''


@pytest.fixture
def nodes(exchange):
    port = rig.free_port('127.0.0.1', '127.0.0.2')
    a = exchange(IAX_A, EXTENSIONS.replace('{other}', 'node-b').replace('{letter}', 'b'), host='127.0.0.1', port=port)
    b = exchange(IAX_B, EXTENSIONS.replace('{other}', 'node-a').replace('{letter}', 'a'), host='127.0.0.2', port=port)
    return a, b


def wait_until_registered(a, b):
    rig.wait_for(lambda: re.search(r'node-b .*Registered', b.console('iax2 show registry')), 20, 'b registers', every=0.3)
    rig.wait_for(lambda: re.search(r'^node-b\S*\s+127\.0\.0\.2\s+\(D\).*\bOK\b', a.console('iax2 show peers'), re.M), 20,
                 'a knows where b is, and that it answers', every=0.3)


@pytest.mark.alone
@pytest.mark.essential
@pytest.mark.limit(120)
def test_they_register_and_call_each_other(nodes):
    a, b = nodes
    wait_until_registered(a, b)
    for caller, callee, account in ((a, b, 'node-a'), (b, a, 'node-b')):
        call = rig.call(caller.uri('alice', '600'), '--duration', 2, '--play', 'tone:440', secret=sites.ALICE)
        assert call.code == 0, call.text
        # Two exchanges and an echo lie between: what comes back is octet for octet what went out.
        assert call.report['same'] >= 0.95 * call.report['sent'] > 80, call.text
        record = rig.wait_for(lambda: re.search(rf'^.*\b{account}\b.*\b600\b.*$', callee.console('cdr show'), re.M), 10,
                              'a record on the far side')
        assert 'ANSWERED' in record.group()


@pytest.mark.limit(120)
def test_a_refusal_keeps_its_cause_across_both(nodes):
    a, b = nodes
    wait_until_registered(a, b)
    busy = rig.call(a.uri('alice', '617'), secret=sites.ALICE)
    assert busy.code == 4, busy.text
    assert busy.report['cause'] == 17, busy.text
    nowhere = rig.call(a.uri('alice', '700'), secret=sites.ALICE)
    assert nowhere.code == 3, nowhere.text
    assert nowhere.report['cause'] == 3, nowhere.text


@pytest.mark.limit(120)
def test_the_registration_survives_a_restart_of_the_registrar(nodes):
    a, b = nodes
    wait_until_registered(a, b)
    a.stop()
    a.start()
    # From the store: b renews only every minute.
    assert re.search(r'^node-b\S*\s+127\.0\.0\.2\s+\(D\)', a.console('iax2 show peers'), re.M), a.console('iax2 show peers')
    call = rig.call(a.uri('alice', '600'), '--duration', 1, secret=sites.ALICE)
    assert call.code == 0, call.text
