# SPDX-License-Identifier: Apache-2.0
"""docs/setups.md, run as it stands: its blocks are the files of real exchanges, on loopback and with free ports."""
import os
import re
from contextlib import closing

import pytest

import rig

PAGE = os.path.join(rig.ROOT, 'docs', 'setups.md')


def block(place, file):
    with open(PAGE, encoding='utf-8') as page:
        found = re.findall(rf'^```ini\n; {place}: {re.escape(file)}\n(.*?)^```', page.read(), re.M | re.S)
    assert len(found) == 1, f'{place}: {file}'
    return found[0]


def exchange(place, **addresses):
    """One of the page. An address of the page becomes one of ours: host=ADDRESS has no port there."""
    iax = block(place, 'iax.conf')
    for name, (address, one) in addresses.items():
        assert address in iax, name
        iax = iax.replace(f'host={address}', f'host={one.host}\nport={one.port}').replace(address, f'{one.host}:{one.port}')
    if '[general]' not in iax:
        iax = '[general]\n' + iax
    return rig.Exchange(iax.replace('[general]', '[general]\nbindaddr={host}:{port}'), block(place, 'extensions.conf'))


def answering(one, user, secret):
    return closing(rig.Phone(one.uri(user), '--answer', '--duration', '30', '--play', 'tone:440', secret=secret))


def is_there(one, command, pattern):
    rig.wait_for(lambda: re.search(pattern, one.console(command)), 20, f'{command}: {pattern}')


@pytest.mark.essential
def test_two_sites_reach_each_others_phones_and_nothing_else():
    with exchange('Berlin') as berlin:
        berlin.start()
        with exchange('Hamburg', berlin=('192.0.2.10', berlin)) as hamburg:
            hamburg.start()
            is_there(hamburg, 'iax2 show registry', 'Registered')
            is_there(berlin, 'iax2 show peers', r'hamburg\S* .*OK \(')
            anna, hinnerk = 'put-a-long-secret-here-1', 'put-a-long-secret-here-2'
            with answering(hamburg, '201', hinnerk):
                is_there(hamburg, 'iax2 show peers', r'(?m)^201\S* +127\.')
                made = rig.call(berlin.uri('101', '201'), '--duration', '2', secret=anna)
                assert made.code == 0 and made.report['received']['packets'] > 50, made.text
            with answering(berlin, '101', anna):
                is_there(berlin, 'iax2 show peers', r'(?m)^101\S* +127\.')
                made = rig.call(hamburg.uri('201', '101'), '--duration', '2', secret=hinnerk)
                assert made.code == 0 and made.report['received']['packets'] > 50, made.text
            # Not through one site back to the other, nor to a third.
            made = rig.call(berlin.uri('hamburg', '201'), secret='the-same-long-secret-on-both-sides')
            assert made.code != 0 and 'No such context/extension' in made.text, made.text


def test_nodes_of_a_hub_reach_each_other_and_strangers_nothing():
    with exchange('Hub') as hub:
        hub.start()
        with answering(hub, '2000', 'put-a-long-secret-here-4'):
            is_there(hub, 'iax2 show peers', r'(?m)^2000\S* +127\.')
            made = rig.call(hub.uri('1999', '2000'), '--duration', '2', secret='put-a-long-secret-here-3')
            assert made.code == 0 and made.report['received']['packets'] > 50, made.text
        made = rig.call(hub.uri('1999', '600'), '--duration', '1', secret='put-a-long-secret-here-3')
        assert made.code == 0, made.text
        for user, secret in (('', None), ('1999', 'guessed'), ('radio', 'guessed')):
            made = rig.call(hub.uri(user, '2000'), secret=secret)
            assert made.code != 0 and 'No authority found' in made.text, made.text
