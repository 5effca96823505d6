# SPDX-License-Identifier: Apache-2.0
"""A reload says what it changed: one daemon, one change after the other."""
import pytest

import rig

IAX = '''[general]
bindaddr={host}:{port}
pingtime=21
register => us:never-heard-of-9-frogs@192.0.2.9
[alice]
type=friend
host=dynamic
secret=a-lantern-at-6-in-the-fog
context=phones
[bob]
type=friend
host=dynamic
secret=a-lantern-at-7-in-the-fog
context=phones
'''
EXTENSIONS = '[phones]\nexten => 100,1,Dial(IAX2/alice)\nexten => _2XX,1,Answer()\n same => n,Echo()\n'
CAROL = '[carol]\ntype=peer\nhost=dynamic\nsecret=a-lantern-at-8-in-the-fog\n'

# What is written, and all that the reload says of it. Each begins where the one before ended.
STEPS = [
    ({}, ['nothing changed']),
    ({'iax.conf': IAX + '; a comment\n'}, ['nothing changed']),
    ({'iax.conf': IAX + CAROL}, ['added: peer carol']),
    ({'iax.conf': IAX.replace('pingtime=21', 'pingtime=30')}, ['changed: [general]: pingtime', 'removed: peer carol']),
    ({'iax.conf': IAX.replace('context=phones', 'context=phones\npermit=127.0.0.0/8')},
     ['changed: [general]: pingtime', 'changed: user alice, bob: permit, deny or acl', 'changed: peer alice, bob: permit, deny or acl']),
    ({'iax.conf': IAX.replace('at-6-in', 'at-9-in')},
     ['changed: user alice: permit, deny or acl, secret', 'changed: user bob: permit, deny or acl',
      'changed: peer alice: permit, deny or acl, secret', 'changed: peer bob: permit, deny or acl']),
    ({'iax.conf': IAX.replace('9-frogs', '8-frogs')},
     ['changed: registration us: secret', 'changed: user alice: secret', 'changed: peer alice: secret']),
    ({'iax.conf': IAX, 'extensions.conf': EXTENSIONS + 'exten => 300,1,Answer()\n[more]\ninclude => phones\n'},
     ['changed: registration us: secret', 'changed: context phones: 300', 'added: context more']),
    ({'extensions.conf': EXTENSIONS.replace('Answer()', 'Answer(500)')},
     ['removed: context more', 'changed: context phones: _2XX, extensions are gone']),
    ({'tollgate.conf': '[general]\nthreads=2\ncalls=300\n[guard]\nbanat=20\n'},
     ['at the next start: threads, calls', 'changed: [guard]: banat']),
]


@pytest.mark.essential
def test_a_reload_says_what_it_changes(exchange):
    house = exchange(IAX, EXTENSIONS)
    for files, wanted in STEPS:
        for name, text in files.items():
            house.write(name, text)
        said = [line for line in house.console('iax2 reload').splitlines() if ': note: ' not in line and ': warning: ' not in line]
        assert said[-1] == 'Reloaded.', said
        assert [line for line in said[:-1] if not line.startswith('note: ')] == wanted, files
    assert 'fog' not in house.log() and 'frogs' not in house.log()
    rig.wait_for(lambda: 'config.change what="added: peer carol"' in house.log(), 10, 'the log says it, too')

    house.write('iax.conf', IAX + '[dave]\ntype=freind\n')
    said = house.console('iax2 reload', check=False)
    assert 'iax.conf:16: error: type: expected user' in said and 'Not done.' in said, said
    assert 'changed:' not in said and 'added:' not in said, said

    house.write('iax.conf', IAX + ''.join(f'[u{i}]\ntype=user\nsecret=lantern-{i}-of-the-fog\ncontext=phones\n' for i in range(500)))
    said = house.console('iax2 reload')
    assert 'added: user u0, u1, u2, u3, u4, u5, u6, u7 and 492 more\n' in said, said
    assert len(said.splitlines()) < 10, said
