# SPDX-License-Identifier: Apache-2.0
"""Paid calls through a running exchange to a provider, which is another one: each reason to refuse or to end one, its event and its
paragraph; and a record that says which rule allowed the others."""
import time

import pytest

import rig
from test_refusals import expect

SECRET = 'all-of-them-have-this'
PHONES = ('denied', 'one', 'short', 'hours', 'day', 'month', 'hourly', 'daily')

IAX = f'''
[general]
bindaddr={{host}}:{{port}}

[phone](!)
type=friend
host=dynamic
context=phones
secret={SECRET}
disallow=all
allow=ulaw
''' + ''.join(f'[{name}](phone)\npolicy={name}\n' for name in PHONES) + '''
[door]
type=user
context=phones
mayspend=yes

[provider]
type=peer
host=127.0.0.2
port={port}
disallow=all
allow=ulaw
'''
EXTENSIONS = '[phones]\nexten => _X.,1,Dial(IAX2/provider/${EXTEN})\n same => n,Hangup()\n'

PROVIDER = '[general]\nbindaddr={host}:{port}\n[customers]\ntype=user\ncontext=in\ndisallow=all\nallow=ulaw\n'
PROVIDER_EXTENSIONS = '[in]\nexten => _X.,1,Answer()\n same => n,Echo()\n'

MOBILE, PREMIUM, JAMAICA = '015112345678', '09001234567', '0018765551234'


def far_hours():
    """Two hours of the day (UTC) that are not near."""
    hour = (time.gmtime().tm_hour + 10) % 22
    return f'{hour:02}:00-{hour + 1:02}:00'


def policies():
    return f'''[numbers]
country=DE
[policy denied]
deny=premium
[policy one]
calls=1
[policy short]
longest=3s
[policy hours]
times=daily {far_hours()}
[policy day]
daily=1m
[policy month]
monthly=1m
[policy hourly]
newcalls=1/hour
[policy daily]
newcalls=1/day
'''


@pytest.mark.limit(90)
def test_each_paid_call_is_allowed_by_a_rule_or_refused_by_one(exchange, phone):
    port = rig.free_port('127.0.0.1', '127.0.0.2')
    exchange(PROVIDER, PROVIDER_EXTENSIONS, host='127.0.0.2', port=port)
    tollgate = exchange(IAX, EXTENSIONS, host='127.0.0.1', port=port, more_files={'tollgate.conf': policies()})

    def calls(name, number, seconds=8):
        secret = None if name == 'door' else SECRET
        return phone(tollgate.uri(name, number), '--duration', seconds, secret=secret)

    def answered(count):
        return lambda: f'{2 * count} active IAX channels' in tollgate.console('iax2 show channels')

    if time.time() % 3600 > 3570:
        time.sleep(3600 - time.time() % 3600)  # an hour that ends meanwhile would take new calls
    first = {name: calls(name, MOBILE) for name in ('one', 'day', 'month', 'short', 'hourly', 'daily')}
    rig.wait_for(answered(6), 10, 'six calls are answered')
    refused = [calls('denied', PREMIUM), calls('door', JAMAICA), calls('hours', MOBILE)]
    refused += [calls(name, MOBILE) for name in ('one', 'day', 'month', 'hourly', 'daily')]
    for one in refused:
        assert one.wait().code != 0
    expect(tollgate, 'paid-denied', 'PaidCallRefused')
    expect(tollgate, 'paid-guest', 'PaidCallRefused')
    expect(tollgate, 'paid-times', 'PaidCallRefused')
    expect(tollgate, 'paid-calls', 'PaidCallRefused')
    expect(tollgate, 'paid-day', 'PaidCallRefused')
    expect(tollgate, 'paid-month', 'PaidCallRefused')
    expect(tollgate, 'paid-hour-calls', 'PaidCallRefused')
    expect(tollgate, 'paid-day-calls', 'PaidCallRefused')
    expect(tollgate, 'paid-longest', 'PaidCallEnded')
    usage = tollgate.console('toll show usage hourly').splitlines()
    assert usage[1].split() == ['hourly', 'account', 'mobile', '1', '1', '1', '0:00', '0:00'], usage
    assert usage[4].split()[:4] == ['hourly', 'account', '1', '1'] and '[hourly] newcalls=1/hour' in usage[4], usage
    for name in ('one', 'day', 'month', 'hourly', 'daily'):
        assert first[name].wait().code == 0, first[name].text
    first['short'].wait()

    assert calls('one', MOBILE, 1).wait().code == 0, 'its place is free again'
    records = tollgate.console('cdr show')
    assert 'paid-denied: [denied] deny=premium, tollgate.conf:4' in records
    assert records.count('accounts may call all (built in)') == 7
