# SPDX-License-Identifier: Apache-2.0
"""Calls through a whole exchange, whatever the number of its threads: voice, tones and sounds arrive, addresses are kept."""
import os
import re
import shutil

import pytest

import rig
import sites
import sound

ALICE_HZ, BOB_HZ = 440, 660

EXTENSIONS = sites.EXTENSIONS + '''
exten => 602,1,Playback(chime)
 same => n,Hangup()
exten => 603,1,Progress()
 same => n,Playback(chime,noanswer)
 same => n,Busy(1)
exten => 105,1,Dial(IAX2/alice/105&IAX2/bob/105,20)
exten => 106,1,Dial(IAX2/bob/106,2)
 same => n,GotoIf($["${DIALSTATUS}" = "NOANSWER"]?late)
 same => n,Congestion(1)
 same => n(late),Goto(600,1)
'''


@pytest.fixture(params=[1, 3], ids=lambda threads: f'threads={threads}')
def house(request, exchange):
    iax = sites.IAX.replace('[general]', f'[general]\nthreads={request.param}\nsounds=sounds')
    one = exchange(iax, EXTENSIONS, start=False)
    shutil.copytree(os.path.join(rig.ROOT, 'etc', 'sample', 'sounds'), os.path.join(one.config, 'sounds'))
    return one.start()


def wait_for_phone(one, name):
    rig.wait_for(lambda: re.search(rf'^{name}\S*\s+127\.0\.0\.1', one.console('iax2 show peers'), re.M), 20,
                 f'{name} registers', every=0.2)


@pytest.mark.essential
def test_each_hears_the_other(house, phone, tmp_path):
    heard = {name: str(tmp_path / f'{name}.wav') for name in ('alice', 'bob')}
    bob = phone(house.uri('bob'), '--answer', '--play', f'tone:{BOB_HZ}', '--record', heard['bob'], secret=sites.BOB)
    wait_for_phone(house, 'bob')
    alice = rig.call(house.uri('alice', '101'), '--duration', 3, '--play', f'tone:{ALICE_HZ}', '--record', heard['alice'],
                     '--dtmf', '17', secret=sites.ALICE)
    bob.wait()
    for report in (alice, bob):
        assert report.code == 0, report.text
        assert report.report['received']['packets'] > 130 and report.report['received']['lost'] == 0, report.text
    assert bob.report['digits'] == '17', bob.text
    assert sound.strength(heard['alice'], BOB_HZ) > 0.9
    assert sound.strength(heard['bob'], ALICE_HZ) > 0.9


def test_what_the_exchange_plays(house, tmp_path):
    heard = str(tmp_path / 'heard.wav')
    tone = rig.call(house.uri('alice', '601'), '--duration', 2, '--play', 'silence', '--record', heard, secret=sites.ALICE)
    assert tone.code == 0, tone.text
    assert sound.strength(heard, 1004) > 0.9
    chime = rig.call(house.uri('alice', '602'), '--codec', 'alaw', '--play', 'silence', secret=sites.ALICE)
    assert chime.code == 0 and chime.report['codec'] == 'alaw', chime.text
    assert chime.report['received']['packets'] > 20, chime.text
    early = rig.call(house.uri('alice', '603'), '--play', 'silence', secret=sites.ALICE)
    assert early.code == 4, early.text
    assert early.report['received']['packets'] > 20, early.text    # heard before, and without, an answer


def test_two_phones_ring_and_one_takes_it(house, phone):
    bob = phone(house.uri('bob'), '--answer', '--ring', 20, secret=sites.BOB)
    alice = phone(house.uri('alice'), '--answer', '--ring', 1, secret=sites.ALICE)
    wait_for_phone(house, 'bob')
    wait_for_phone(house, 'alice')
    caller = rig.call(house.uri('alice', '105'), '--duration', 1, secret=sites.ALICE)
    assert caller.code == 0, caller.text
    assert alice.wait().code == 0, alice.text
    bob.close()
    assert re.search(r'\b105\b.*\balice\b.*ANSWERED', house.console('cdr show')), house.console('cdr show')


def test_the_dialplan_goes_on_when_nobody_answers(house, phone):
    phone(house.uri('bob'), '--answer', '--ring', 20, secret=sites.BOB)
    wait_for_phone(house, 'bob')
    caller = rig.call(house.uri('alice', '106'), '--duration', 1, secret=sites.ALICE)
    assert caller.code == 0 and caller.report['same'] > 30, caller.text    # the echo, at last
    assert caller.report['setup_ms'] > 1900, caller.text


def test_no_codec_in_common(house):
    refused = rig.call(house.uri('alice', '600'), '--codec', 'slin', secret=sites.ALICE)
    assert refused.code == 3 and refused.report['cause'] == 58, refused.text


@pytest.mark.parametrize('bind, host', [('0.0.0.0', '127.0.0.5'), ('[::]', '::1'), ('[::1]', '::1')])
def test_answers_leave_from_the_address_that_was_called(exchange, bind, host):
    # The phone's socket is connected: it takes nothing that comes from another address.
    if ':' in host and not os.path.exists('/proc/net/if_inet6'):
        pytest.skip('there is no IPv6 here')
    one = exchange(sites.IAX.replace('bindaddr={host}', f'bindaddr={bind}'), EXTENSIONS, host=host, port=rig.free_port(host))
    call = rig.call(one.uri('alice', '600'), '--duration', 1, '--register', secret=sites.ALICE)
    assert call.code == 0 and call.report['same'] > 40, call.text
