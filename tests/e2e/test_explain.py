# SPDX-License-Identifier: Apache-2.0
"""An exchange refuses real clients: `tollgate explain EVENT-ID` tells what was decided, and `tollgate explain --from` decides the same."""
import json
import os
import re
import subprocess

import pytest

import frames
import rig
import sites

IAX = sites.IAX + '''
[fence](phone)
secret=good-neighbours-all
deny=0.0.0.0/0
permit=127.0.0.77/32

[fixed](phone)
secret=where-i-always-was-1
host=127.0.0.1

[gsm](phone)
secret=thirteen-kilobits-ok
disallow=all
allow=gsm
'''

# Each from a network of its own, so that no case is held back for what another one did.
# what is refused: the call's user, number and secret, its options; the same for explain; the reason
REFUSALS = (
    ('nobody', '600', 'no-such-secret', (), ('--user', 'nobody', '--number', '600'), 'no-account'),
    ('fence', '600', 'good-neighbours-all', (), ('--user', 'fence', '--number', '600'), 'acl'),
    ('alice', '999', sites.ALICE, (), ('--user', 'alice', '--number', '999'), 'no-extension'),
    ('gsm', '600', 'thirteen-kilobits-ok', (), ('--user', 'gsm', '--number', '600', '--codec', 'ulaw,alaw,slin'), 'no-codec'),
    ('fixed', '600', 'where-i-always-was-1', ('--register',), ('--user', 'fixed', '--register'), 'static'),
)


@pytest.fixture(scope='module')
def house():
    with rig.Exchange(IAX, sites.EXTENSIONS) as exchange:
        yield exchange.start()


def explain(house, *arguments):
    return subprocess.run([rig.program('tollgate'), 'explain', *arguments, '--state', house.state], capture_output=True, text=True,
                          timeout=20 * rig.SLOWER, env=rig.environment(), check=False)


def explain_from(house, addr, *arguments):
    """The exit code, and what the JSON says; the text says the same."""
    said = explain(house, '--from', addr, '--config', house.config, *arguments)
    done = explain(house, '--from', addr, '--config', house.config, '--json', *arguments)
    found = json.loads(done.stdout)
    assert said.returncode == done.returncode, said.stdout
    assert f'{found["result"]["reason"]}: {found["result"]["text"]}.' in said.stdout
    assert 'What really happened, as the daemon says:' in said.stdout
    return done.returncode, found


def events(house, addr):
    """{id: line}, as the console tells, newest first."""
    lines = house.console(f'security show events {addr}').splitlines()
    return {match.group(0): line for line in lines if (match := re.search(r'\b[0-9a-f]{32}$', line.rstrip()))}


def event_of(house, addr, reason):
    """The one event of an address, which has this reason."""
    def come():
        return [(key, line) for key, line in events(house, addr).items() if f' {reason} ' in line]

    found = rig.wait_for(come, 10, f'an event with {reason}', every=0.2)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize('refusal', REFUSALS, ids=[row[-1] for row in REFUSALS])
def test_what_was_decided_is_what_is_explained(house, refusal):
    user, number, secret, options, asked, reason = refusal
    addr = f'127.0.{1 + REFUSALS.index(refusal)}.1'
    done = rig.call(house.uri(user, number), '--local', addr, '--duration', 1, '--timeout', 10, *options, secret=secret)
    assert done.code == 3, done.text
    key, line = event_of(house, addr, reason)
    assert user in line

    told = explain(house, key)
    assert told.returncode == 0, told.stderr
    paragraph = ' '.join(told.stdout.split())
    assert f'({reason}).' in paragraph and f"'{user}'" in paragraph and f' {addr}:' in paragraph, paragraph
    assert 'who proved the address' in paragraph
    assert told.stdout == house.console(f'explain {key}')

    code, found = explain_from(house, addr, *asked)
    assert (code, found['result']['let_in'], found['result']['reason']) == (1, False, reason)
    assert any(key in line for line in found['happened']['events']['lines']), found['happened']


@pytest.mark.essential
def test_a_wrong_secret_is_seen_in_what_really_happened(house):
    addr = '127.0.20.1'
    assert rig.call(house.uri('bob', '600'), '--local', addr, '--timeout', 10, secret='not-the-secret-of-bob').code == 3
    key, _ = event_of(house, addr, 'wrong-secret')
    code, found = explain_from(house, addr, '--user', 'bob', '--number', '600')
    assert (code, found['result']['reason']) == (0, 'ok'), 'the files let him in'
    happened = found['happened']
    assert all(happened[name]['answered'] for name in ('sources', 'bans', 'events')), happened
    assert any(key in line and 'wrong-secret' in line for line in happened['events']['lines'])
    assert any(line.startswith(f'{addr} ') for line in happened['sources']['lines']), happened['sources']
    assert rig.call(house.uri('bob', '600'), '--local', addr, '--duration', 1, secret=sites.BOB).code == 0, 'and so does the exchange'


def test_a_call_without_a_token(house):
    """The door refuses an old client at once; who does not prove his address is not remembered."""
    new = frames.full(7, frames.NEW, frames.element(frames.IE_VERSION, b'\0\2') + frames.element(frames.IE_USERNAME, b'alice') +
                      frames.element(frames.IE_CALLED_NUMBER, b'600'))
    answers = [frames.Answer(data) for data in frames.ask(house.host, house.port, new, from_host='127.0.21.1')]
    assert [answer.subclass for answer in answers] == [frames.REJECT]
    code, found = explain_from(house, '127.0.21.1', '--user', 'alice', '--number', '600', '--no-token')
    assert (code, found['result']['reason']) == (1, 'no-token')


def test_a_ban_is_told(house):
    house.console('guard ban 198.51.100.7 for 1h reason "a test"')
    try:
        done = explain(house, '--from', '198.51.100.7', '--user', 'alice', '--number', '600', '--config', house.config)
        assert done.returncode == 0, 'the files say nothing against it'
        assert re.search(r'^ {4}198\.51\.100\.7 +ban .*a test', done.stdout, re.M), done.stdout
    finally:
        house.console('guard unban 198.51.100.7 reason "the test is over"')


def test_ids_in_the_security_log_can_be_asked_for(house):
    assert rig.call(house.uri('nobody2', '600'), '--local', '127.0.22.1', '--timeout', 10, secret='no-such-secret').code == 3
    path = os.path.join(house.state, 'security.json')

    def told():
        with open(path, encoding='ascii') as file:
            return [event for event in map(json.loads, file) if event.get('AccountID') == 'nobody2']

    event = rig.wait_for(told, 10, 'the line in security.json', every=0.2)[0]
    done = explain(house, event['EventID'], '--json')
    found = json.loads(done.stdout)
    assert (done.returncode, found['event'], found['found']) == (0, event['EventID'], True)
    assert "'nobody2'" in ' '.join(found['lines'])


def test_an_event_that_is_not_there(house):
    key = '0123456789abcdef' * 2
    done = explain(house, key)
    assert done.returncode == 1 and f'No event has the id {key}' in done.stdout
    done = explain(house, key, '--json')
    assert done.returncode == 1 and json.loads(done.stdout)['found'] is False


def test_no_daemon(tmp_path):
    done = subprocess.run([rig.program('tollgate'), '--state', str(tmp_path), 'explain', '0123456789abcdef' * 2], capture_output=True,
                          text=True, timeout=20 * rig.SLOWER, env=rig.environment(), check=False)
    assert done.returncode == 1
    assert f'{tmp_path}/tollgate.ctl: no tollgated runs there' in done.stderr
