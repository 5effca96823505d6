# SPDX-License-Identifier: Apache-2.0
"""Who guesses, at the limits that hold by default: what is judged, what is done about it, and that neither the owner of an account
nor a phone with an old secret loses by it."""
import re
import shutil
import time

import pytest

import attack
import frames
import rig
import sites
import test_iaxmodem
import translator

JUDGED_MOST = 10
IAX = sites.IAX + '''
[honey](phone)
secret=nobody-has-this-one-ever
decoy=yes
'''


def ladder(tollgate, host):
    """What was done about a source, in order."""
    return [one['SecurityEvent'] for one in attack.events(tollgate)
            if one['SecurityEvent'] in ('Delayed', 'Silenced', 'Banned') and attack.host_of(one) == host]


def guess(peer, name, count, every=0.4):
    """So many different wrong secrets, one after the other; gives up after three without an answer, as who guesses is in a hurry."""
    outcomes = []
    for at in range(count):
        outcomes.append(peer.try_once((frames.NEW, frames.REGREQ)[at % 2], name, f'guess-{at}', seconds=2.5, every=every)[0])
        if outcomes[-3:] == ['silence'] * 3:
            break
    return outcomes


@pytest.mark.limit(120)
def test_one_source_climbs_the_ladder_and_is_banned(exchange):
    tollgate = exchange(IAX, sites.EXTENSIONS)
    # The right secret comes as the eleventh.
    outcomes = attack.guess_at_once(tollgate, '127.30.0.1', 'alice',
                                    [f'guess-{at}' for at in range(JUDGED_MOST)] + [sites.ALICE])
    assert 'granted' not in outcomes, outcomes
    banned = attack.wait_event(tollgate, 'Banned')
    assert attack.host_of(banned) == '127.30.0.1' and banned['Reason'] == 'too-many-tries', banned
    assert ladder(tollgate, '127.30.0.1') == ['Delayed', 'Silenced', 'Banned']
    assert 'alice' not in tollgate.console('iax2 show registry')
    for one in attack.events(tollgate):
        assert len(one['EventID']) == 32
        for log in ('security.log', 'security-events.log'):
            with open(f'{tollgate.state}/{log}', encoding='ascii') as file:
                assert one['EventID'] in file.read() or one['SecurityEvent'] == 'ChallengeResponseFailed'
    assert attack.has_row(tollgate, 'guard show bans', '127.30.0.1')
    assert ' banned ' in attack.has_row(tollgate, 'guard show sources', '127.30.0.1').group()

    with attack.Peer(tollgate, '127.30.0.1') as again, attack.Peer(tollgate, '127.31.0.1') as other:
        assert again.register('alice', sites.ALICE, seconds=3) == 'silence'
        assert other.register('alice', sites.ALICE) == 'granted'
        tollgate.stop()
        tollgate.start()
        assert attack.has_row(tollgate, 'guard show bans', '127.30.0.1')
        assert again.register('alice', sites.ALICE, seconds=3) == 'silence'
        tollgate.console('guard unban 127.30.0.1 reason it was a test')
        assert again.register('alice', sites.ALICE) == 'granted'
    assert attack.wait_event(tollgate, 'Unbanned')


@pytest.mark.limit(120)
def test_who_guesses_in_turn_is_slowed_down_first(exchange):
    """One after the other: at most ten are judged, whatever the account, and one in four is taken from the third on."""
    tollgate = exchange(IAX, sites.EXTENSIONS)
    with attack.Peer(tollgate, '127.32.0.1') as one:
        began = time.monotonic()
        outcomes = guess(one, 'alice', 14)
        assert outcomes.count('refused') <= JUDGED_MOST and outcomes.count('silence') >= 3, outcomes
        print(f'{outcomes.count("refused")} guesses judged in {time.monotonic() - began:.0f} s, then three without an answer')
    assert ladder(tollgate, '127.32.0.1')[:1] == ['Delayed']


@pytest.mark.limit(90)
def test_many_accounts_are_no_way_around(exchange):
    accounts = ''.join(f'[number{at}](phone)\nsecret=only-number-{at}-knows-this\n' for at in range(20))
    tollgate = exchange(IAX + accounts, sites.EXTENSIONS)
    # Five names in ten minutes: the right secrets of the next ones are not believed.
    names = [f'number{at}' for at in range(5)] + [f'number{at}' for at in range(10, 18)]
    secrets = ['a guess'] * 5 + [f'only-number-{at}-knows-this' for at in range(10, 18)]
    outcomes = attack.guess_at_once(tollgate, '127.33.0.1', names, secrets, pause=0.1)
    assert 'granted' not in outcomes, outcomes
    assert attack.wait_event(tollgate, 'Delayed')


@pytest.mark.limit(120)
def test_an_account_under_attack_serves_its_owner_at_home(exchange):
    tollgate = exchange(IAX, sites.EXTENSIONS)
    with attack.Customer(tollgate, '127.40.0.1', 'alice', sites.ALICE) as owner:
        rows = [('guess', ('call', 'register')[at % 2], f'127.41.{at}.1', 'alice', f'guess-{at}') for at in range(60)]
        results, _ = attack.knock(tollgate, rows, per_s=60)
        assert {one.outcome for one in results} == {'refused'}
        event = attack.wait_event(tollgate, 'AccountUnderAttack')
        assert event['AccountID'] == 'alice' and event['Count'] <= 20 and event['Prefixes'] >= 5, event
        row = attack.has_row(tollgate, 'guard show accounts', 'alice').group()
        assert re.search(r'^alice\s+(23h|1d)', row), row
        owner.is_well(3)

        # The right secret from where he never was: the answer of a wrong one, octet for octet.
        rows = [(f'{what}{host}', what, f'127.{host}.0.1', 'alice', secret) for what in ('call', 'register')
                for host, secret in ((42, sites.ALICE), (43, 'wrong'))]
        results, _ = attack.knock(tollgate, rows, per_s=60)
        for what in ('call', 'register'):
            right, wrong = ([one for one in results if one.tag == f'{what}{host}'][0] for host in (42, 43))
            assert right.outcome == wrong.outcome == 'refused'
            assert (right.shape, right.datagrams) == (wrong.shape, wrong.datagrams)
        assert attack.wait_event(tollgate, 'GuardedRefusal')['Reason'] == 'guarded'
        with attack.Peer(tollgate, '127.42.0.1') as abroad:
            tollgate.console('guard allow 127.42.0.1 for 1h reason the owner travels')
            # What was answered rightly while it did not count is worth nothing any more: the next challenge is a new one.
            assert 'granted' in [abroad.register('alice', sites.ALICE) for _ in range(2)]
            assert 'granted' in [abroad.call('alice', sites.ALICE) for _ in range(2)]
        owner.is_well(2)
    assert not attack.events(tollgate, 'Banned')


@pytest.mark.limit(120)
def test_a_few_secrets_on_every_account_are_noticed(exchange):
    """Spray: 60 accounts, each source a little. Whose secret is weak, is tried from known networks only."""
    accounts = ''.join(f'[line{at}](phone)\nsecret={"sommer" if at < 30 else f"not-so-easy-{at}-to-guess"}\n' for at in range(60))
    tollgate = exchange(IAX + accounts, sites.EXTENSIONS)
    with attack.Customer(tollgate, '127.44.0.1', 'line3', 'sommer') as owner:
        rows = [('spray', 'register', f'127.45.{at % 30}.1', f'line{at}', 'Winter2026') for at in range(60)]
        attack.knock(tollgate, rows, per_s=60)
        event = attack.wait_event(tollgate, 'PasswordSpray')
        assert event['Count'] >= 50 and event['Prefixes'] >= 20, event
        results, _ = attack.knock(tollgate, [('weak', 'register', '127.46.0.1', 'line7', 'sommer'),
                                             ('strong', 'register', '127.46.1.1', 'line40', 'not-so-easy-40-to-guess')])
        assert {one.tag: one.outcome for one in results} == {'weak': 'refused', 'strong': 'granted'}
        owner.is_well(2)


@pytest.mark.limit(60)
def test_a_decoy_betrays_who_uses_it(exchange):
    tollgate = exchange(IAX, sites.EXTENSIONS)
    with attack.Peer(tollgate, '127.47.0.1') as one, attack.Peer(tollgate, '127.48.0.1') as other:
        assert one.register('honey', 'nobody-has-this-one-ever') == 'refused'
        event = attack.wait_event(tollgate, 'DecoyUsed')
        assert event['Reason'] == 'decoy' and attack.host_of(event) == '127.47.0.1', event
        assert attack.wait_event(tollgate, 'Silenced')
        assert one.register('alice', sites.ALICE, seconds=3) == 'silence'
        assert other.register('alice', sites.ALICE) == 'granted'


# ---- A phone with an old secret: iaxmodem, which nobody of us wrote ----

MODEM = (test_iaxmodem.IAX.replace('requirecalltoken=no\n', '').replace('deny=0.0.0.0/0\npermit=127.0.0.0/8\n', ''))


def registrations_refused(tollgate):
    return attack.events(tollgate, AccountID='modem')


@pytest.mark.limit(150)
def test_a_phone_with_an_old_secret_is_no_guesser(exchange):
    """It registers once when it starts, and gives up when it is refused; so it is started as often as its owner would. Each of five
    answers is the same; the sixth, with the right secret, is taken at once."""
    if not shutil.which('iaxmodem'):
        pytest.skip('iaxmodem is not installed')
    tollgate = exchange(MODEM.replace(test_iaxmodem.SECRET, 'this-one-is-the-new-one'), test_iaxmodem.EXTENSIONS)
    between = translator.Translator(tollgate, '127.50.0.1')
    between.start()
    try:
        for start in range(5):
            modem = test_iaxmodem.Modem(tollgate.folder, between.port)
            try:
                rig.wait_for(lambda: re.search('Registration (failed|timed out)', modem.log()), 20, f'start {start}')
            finally:
                modem.close()
        stale = attack.wait_event(tollgate, 'StaleCredential')
        assert (stale['AccountID'], attack.host_of(stale)) == ('modem', '127.50.0.1'), stale
        assert ladder(tollgate, '127.50.0.1') == []
        # The guard has seen one wrong answer, again and again.
        assert re.search(r'\s1\s+1\s+0\s+\d+\s+0$', attack.has_row(tollgate, 'guard show sources', '127.50.0.1').group())

        tollgate.write('iax.conf', MODEM)
        tollgate.console('iax2 reload')
        modem = test_iaxmodem.Modem(tollgate.folder, between.port)
        try:
            rig.wait_for(lambda: re.search(r'^modem\S*\s+127\.50\.0\.1\s+\(D\)', tollgate.console('iax2 show peers'), re.M), 30,
                         'it registers at once', every=0.3)
        finally:
            modem.close()
    finally:
        between.close()


@pytest.mark.limit(60)
def test_twelve_same_answers_are_still_one(exchange):
    tollgate = exchange(IAX, sites.EXTENSIONS)
    with attack.Peer(tollgate, '127.51.0.1') as phone:
        outcomes = [phone.register('alice', 'the-old-secret') for _ in range(12)]
        assert outcomes == ['refused'] * 12
    assert attack.wait_event(tollgate, 'StaleCredential')['Reason'] == 'stale-secret'
    assert ladder(tollgate, '127.51.0.1') == [] and not attack.has_row(tollgate, 'guard show bans', '127.51.0.1')
