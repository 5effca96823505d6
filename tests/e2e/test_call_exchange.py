# SPDX-License-Identifier: Apache-2.0
"""`tollgate call` as a telephone of an exchange: registers, answers, is bridged, lets go."""
import re

import pytest

import rig
import sites


def is_registered(house, name):
    return re.search(rf'^{name}\S* +\S+ +\(D\) +\S+ +[1-9]', house.console('iax2 show peers registered'), re.M)


def registered(house, phone, name, secret, *options):
    made = phone(house.uri(name), '--answer', *options, secret=secret)
    rig.wait_for(lambda: is_registered(house, name), 10, f'{name} registers', every=0.2)
    return made


@pytest.mark.essential
def test_two_phones_are_bridged(exchange, phone):
    house = exchange(sites.IAX, sites.EXTENSIONS)
    bob = registered(house, phone, 'bob', sites.BOB, '--play', 'echo')
    alice = rig.call(house.uri('alice', '101'), '--duration', 3, '--dtmf', '42#', secret=sites.ALICE)
    bob.wait()
    assert (alice.code, bob.code) == (0, 0), alice.text + bob.text
    assert bob.report['digits'] == '42#'
    assert alice.report['sent'] - 3 <= alice.report['same'] == alice.report['received']['packets']
    assert alice.report['received']['lost'] == bob.report['received']['lost'] == 0
    assert alice.report['codec'] == bob.report['codec']
    rig.wait_for(lambda: not is_registered(house, 'bob'), 5, 'the registration is released')


def test_it_stays_registered_during_a_call_and_lets_go(exchange):
    house = exchange(sites.IAX, sites.EXTENSIONS)
    near = rig.call(house.uri('alice', '600'), '--register', '60', '--duration', 1, secret=sites.ALICE)
    assert near.code == 0, near.text
    assert 'registered' in near.text
    assert not is_registered(house, 'alice')


def test_a_registration_that_is_refused(exchange, phone):
    house = exchange(sites.IAX, sites.EXTENSIONS)
    for secret in ('wrong', None):
        near = phone(house.uri('alice'), '--answer', '--timeout', 10, secret=secret).wait()
        assert near.code == 3, near.text
        assert 'not registered' in near.text


def test_a_registrar_that_is_silent(phone):
    near = phone(f'iax2:alice@127.0.0.1:{rig.free_port()}', '--answer', '--timeout', 2, secret='x').wait()
    assert near.code == 6, near.text


def test_a_registered_phone_takes_calls_of_its_exchange_alone(exchange, phone):
    house = exchange(sites.IAX, sites.EXTENSIONS)
    bob = registered(house, phone, 'bob', sites.BOB)
    port = int(re.search(r'^bob\S* +\S+ +\(D\) +\S+ +(\d+)', house.console('iax2 show peers'), re.M)[1])
    stranger = rig.call(f'iax2:127.0.0.1:{port}/1', '--local', '127.0.0.2', '--timeout', 5)
    assert stranger.code == 3 and stranger.report['cause'] == 21, stranger.text
    assert bob.process.poll() is None


def test_refusals_have_their_codes(exchange):
    house = exchange(sites.IAX, sites.EXTENSIONS)
    for user, number, secret, code in (('alice', '600', 'wrong', 3), ('nobody', '600', 'wrong', 3), ('alice', '999', sites.ALICE, 3),
                                       ('alice', '486', sites.ALICE, 4)):
        near = rig.call(house.uri(user, number), '--duration', 1, secret=secret)
        assert near.code == code, near.text


def test_busy_phones_and_phones_that_do_not_answer(exchange, phone):
    house = exchange(sites.IAX, sites.EXTENSIONS.replace('Dial(IAX2/bob/101,20)', 'Dial(IAX2/bob/101,1)'))
    bob = registered(house, phone, 'bob', sites.BOB, '--ring', 30)
    first = rig.call(house.uri('alice', '101'), '--timeout', 15, secret=sites.ALICE)
    assert first.code != 0 and 'ringing' in first.text, first.text
    assert bob.process.poll() is None
    assert re.search(r'NO ANSWER', rig.wait_for(lambda: ' 101 ' in house.console('cdr show') and house.console('cdr show'),
                                                5, 'the call record'))
