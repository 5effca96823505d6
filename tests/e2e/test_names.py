# SPDX-License-Identifier: Apache-2.0
"""Promise P4: nobody learns from an answer, from the number of answers or from their time whether a name exists, and what is the
matter with it. A running exchange, 10,000 tries of each situation, mixed, from 1024 addresses."""
import random

import pytest

import attack
import rig

pytestmark = pytest.mark.alone

TRIES = 10000
# A refusal waits a second, and so many may wait: a quarter of the legs that calls= gives. Beyond it the oldest goes unanswered.
PER_S, IN_FLIGHT = 2000, 4000
NETWORKS, HOSTS = 32, 32
LOW, HIGH = 0.45, 0.55
SEED = 20261121
RIGHT = {name: f'{name}-has-a-long-secret-of-its-own' for name in ('known', 'other', 'walls', 'fixed', 'decoy', 'still')}
AT_HOME = 8   # so many networks an account is remembered at
HOMES = [f'home{at}' for at in range(NETWORKS // AT_HOME)]

IAX = f'''
[general]
bindaddr={{host}}:{{port}}
calls=12000

[account](!)
type=friend
host=dynamic
context=phones
disallow=all
allow=ulaw

[known](account)
secret={RIGHT['known']}
[other](account)
secret={RIGHT['other']}
[still](account)
secret={RIGHT['still']}
[walls](account)
secret={RIGHT['walls']}
deny=0.0.0.0/0
permit=127.200.0.0/16
[fixed](account)
secret={RIGHT['fixed']}
host=127.201.0.1
[decoy](account)
secret={RIGHT['decoy']}
decoy=yes
''' + ''.join(f'[{home}](account)\nsecret={home}-has-a-long-secret-of-its-own\n' for home in HOMES)

EXTENSIONS = '[phones]\nexten => 600,1,Answer()\n same => n,Echo()\n'

# What an attacker is not usually let: so that ten thousand tries are judged and none is held back.
LIMITS = {
    'newdialogs': '1000000/1000000', 'knowndialogs': '1000000/1000000', 'strangers': '1000000', 'failures': '1000000/1000000',
    'names': '1000000', 'delayat': '999998', 'silenceat': '999999', 'banat': '1000000', 'accountfailures': '1000000',
    'accountanswers': '1000000', 'sprayaccounts': '1000000',
}

# situation: request, name (None: another unknown one each time), secret (None: another wrong one each time), context asked for
SITUATIONS = {
    'call: wrong secret': ('call', 'known', None, ''),
    'call: unknown name': ('call', None, None, ''),
    'call: hidden by its ACL': ('call', 'walls', RIGHT['walls'], ''),
    'call: context not allowed': ('call', 'other', RIGHT['other'], 'else'),
    'call: decoy': ('call', 'decoy', RIGHT['decoy'], ''),
    'call: never registered': ('call', 'still', None, ''),
    'registration: wrong secret': ('register', 'known', None, ''),
    'registration: unknown name': ('register', None, None, ''),
    'registration: hidden by its ACL': ('register', 'walls', RIGHT['walls'], ''),
    'registration: static': ('register', 'fixed', RIGHT['fixed'], ''),
    'registration: decoy': ('register', 'decoy', RIGHT['decoy'], ''),
    'registration: never registered': ('register', 'still', None, ''),
}


def auc(some, others):
    """The probability that one of `some` is larger than one of `others` (Mann-Whitney); 0.5: they tell nothing."""
    rows = sorted([(value, 0) for value in some] + [(value, 1) for value in others])
    ranks, at = 0.0, 0
    while at < len(rows):
        end = at
        while end < len(rows) and rows[end][0] == rows[at][0]:
            end += 1
        ranks += (at + 1 + end) / 2 * sum(1 for row in rows[at:end] if row[1] == 0)
        at = end
    return (ranks - len(some) * (len(some) + 1) / 2) / (len(some) * len(others))


def rows_of(draw):
    """Every situation as often, mixed, each from every address."""
    letters = 'abcdefghijklmnopqrstuvwxyz'
    rows = []
    for tag, (request, name, secret, context) in enumerate(SITUATIONS.values()):
        for at in range(TRIES):
            place = at % (NETWORKS * HOSTS)
            rows.append((tag, request, f'127.60.{place // HOSTS}.{place % HOSTS + 1}',
                         name or ''.join(draw.choices(letters, k=5)), secret or f'{draw.getrandbits(64):016x}', context))
    draw.shuffle(rows)
    return rows


def compare(results):
    """(situation, what is measured, AUC) of each against the wrong secret of the same request."""
    times = {tag: ([one.challenge_us for one in results[tag]], [one.verdict_us for one in results[tag]]) for tag in results}
    table = []
    for tag, name in enumerate(SITUATIONS):
        base = list(SITUATIONS).index(name.partition(':')[0] + ': wrong secret')
        if tag != base:
            table.append((name, auc(times[tag][0], times[base][0]), auc(times[tag][1], times[base][1])))
    return table


def test_the_measure_sees_five_milliseconds():
    draw = random.Random(SEED)
    times = [1000000 + draw.randrange(50000) for _ in range(10000)]
    again = [1000000 + draw.randrange(50000) for _ in range(10000)]
    assert LOW < auc(times, again) < HIGH
    assert auc([time + 5000 for time in times], again) > HIGH
    assert auc(again, [time + 5000 for time in times]) < LOW
    assert auc([1, 2, 3], [1, 2, 3]) == 0.5 and auc([2], [1]) == 1


@pytest.mark.limit(240)
@pytest.mark.skipif(rig.SANITIZED, reason='a measurement of time says nothing under a sanitizer')
def test_no_name_can_be_told_from_another(exchange):
    tollgate = exchange(IAX, EXTENSIONS, more_files={
        'tollgate.conf': '[guard]\n' + ''.join(f'{name}={value}\n' for name, value in LIMITS.items())})
    print('limits raised for this test:', ', '.join(f'{name}={value}' for name, value in LIMITS.items()))
    # From networks where somebody is known, so that not even the use of a decoy silences the others.
    homes = [HOMES[network // AT_HOME] for network in range(NETWORKS)]
    healthy = [('ok', 'register', f'127.60.{network}.200', home, f'{home}-has-a-long-secret-of-its-own')
               for network, home in enumerate(homes)]
    results, _ = attack.knock(tollgate, healthy + [('ok', 'register', '127.61.0.1', 'known', RIGHT['known'])], per_s=100)
    assert {one.outcome for one in results} == {'granted'}

    results, shapes = attack.knock(tollgate, rows_of(random.Random(SEED)), PER_S, IN_FLIGHT, seconds=200)
    lost = [one for one in results if one.resent or one.outcome == 'unanswered']
    assert len(lost) < len(results) / 100, f'{len(lost)} of {len(results)} were answered late or not at all'
    by_tag = {tag: [] for tag in range(len(SITUATIONS))}
    for one in results:
        assert one.outcome in ('refused', 'unanswered'), one
        if not one.resent and one.outcome == 'refused':
            by_tag[int(one.tag)].append(one)

    for request in ('call', 'registration'):
        tags = [tag for tag, name in enumerate(SITUATIONS) if name.startswith(request)]
        assert {one.datagrams for tag in tags for one in by_tag[tag]} == {5}
        seen = {one.shape for tag in tags for one in by_tag[tag]}
        assert len(seen) == 1, [(shape, shapes.get(shape)) for shape in seen]

    table = compare(by_tag)
    print(f'AUC against a wrong secret, {TRIES} tries each, seed {SEED}:')
    for name, challenge, verdict in table:
        print(f'  {name:34} to the challenge {challenge:.3f}, to the refusal {verdict:.3f}')
    assert len(table) == len(SITUATIONS) - 2
    assert all(LOW <= value <= HIGH for row in table for value in row[1:]), table
