#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tollgate check: a configuration without risks, and one change for each risk; no daemon runs.

usage: test_check.py TOLLGATE"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

TOLLGATE = ''

IAX = '''[general]
[alice]
type=friend
secret=wonderland-is-far
host=dynamic
context=phones
policy=office
[bob]
type=user
secret=a-builder-with-a-plan
context=phones
policy=office
[provider]
type=friend
host=192.0.2.50
secret=where-i-always-was-1
username=us
context=from-provider
policy=office
'''

EXTENSIONS = '''[phones]
exten => 100,1,Dial(IAX2/alice)
exten => _0ZXXXXXXX,1,Dial(IAX2/provider/${EXTEN})
[from-provider]
exten => 100,1,Dial(IAX2/alice)
'''

TOLLGATE_CONF = '''[policy office]
allow=national,mobile,tollfree,emergency
'''

OWN = '[own]\nexten => 1,1,Hangup()\n'
LOBBY = '[lobby]\ntype=user\ncontext=lobby\n'

# What is changed, and the risks that are told then and were not before.
ROWS = [
    ('a guest gets out', LOBBY,
     '[lobby]\nexten => _9X.,1,Goto(out,${EXTEN:1},1)\n[out]\nexten => _0Z.,1,Dial(IAX2/provider/${EXTEN})\n',
     {'guest', 'guest-paid', 'unlimited'}),
    ('a guest who may', LOBBY + 'mayspend=yes\n', '[lobby]\nexten => 1,1,Dial(IAX2/provider/0301234567)\n',
     {'guest', 'guest-spends', 'unlimited'}),
    ('a guest who reaches a phone', LOBBY, '[lobby]\nexten => 1,1,Dial(IAX2/alice)\n', {'guest'}),
    ('a guest from one network', LOBBY + 'deny=0.0.0.0/0\npermit=192.0.2.0/24\n',
     '[lobby]\nexten => 1,1,Dial(IAX2/alice)\n', set()),
    ('a guest by a name that is computed', LOBBY,
     '[lobby]\nexten => _X.,1,Dial(IAX2/${CALLERID(num)}/${EXTEN})\n',
     {'guest', 'guest-paid', 'unlimited'}),
    ('nobody can tell where', '', '[phones]\nexten => 7,1,Dial(${IAXVAR(x)})\n', {'undecided'}),
    ('any number', '', '[phones]\nexten => _[+0-9]X.,1,Dial(IAX2/provider/${EXTEN})\n', {'unfiltered'}),
    ('premium numbers', '[carol]\ntype=user\nsecret=songs-of-christmas-7\ncontext=dear\npolicy=all\n',
     '[dear]\nexten => _00XXXXXX.,1,Dial(IAX2/provider/${EXTEN})\n', {'premium'}),
    ('an account without a policy', '[carol]\ntype=user\nsecret=songs-of-christmas-7\ncontext=near\n',
     '[near]\nexten => 0123456789,1,Dial(IAX2/provider/112)\n', {'unlimited'}),
    ('an account that is free of charge', '[carol]\ntype=user\nsecret=songs-of-christmas-7\ncontext=near\n',
     '[near]\nexten => 1,1,Dial(IAX2/alice)\n', set()),
    ('outsiders begin where phones do',
     '[other]\ntype=friend\nhost=192.0.2.60\nsecret=as-good-as-any-wall-4\ncontext=phones\npolicy=office\nchargeable=no\n', '',
     {'shared-context'}),
    ('any context', '[carol]\ntype=user\nsecret=songs-of-christmas-7\ncontext=phones\ncontext=*\npolicy=office\n', '',
     {'any-context'}),
    ('a pattern for everything', '', '[phones]\nexten => _.,1,Hangup()\n', {'catch-all'}),
    ('another one', '', '[phones]\nexten => _!,1,Hangup()\n', {'catch-all'}),
    ('a weak secret', '[carol]\ntype=user\nsecret=carol\ncontext=own\n', OWN, {'weak-secret'}),
    ('a weak secret of a peer', '[carol]\ntype=peer\nhost=dynamic\nsecret=carol\n', '', {'weak-secret'}),
    ('no tokens', '[carol]\ntype=user\nsecret=songs-of-christmas-7\ncontext=own\nrequirecalltoken=no\n', OWN,
     {'tokenless'}),
    ('no tokens from one network', '[carol]\ntype=user\nsecret=songs-of-christmas-7\ncontext=own\n'
     'requirecalltoken=no\ndeny=0.0.0.0/0\npermit=192.0.2.0/24\n', OWN, set()),
    ('everybody is excused', '[general](+)\ncalltokenoptional=10.0.0.0/8\n', '', {'wide-optional'}),
    ('this machine is excused', '[general](+)\ncalltokenoptional=127.0.0.0/8\n', '', set()),
]


def write(folder, iax=IAX, extensions=EXTENSIONS, tollgate=TOLLGATE_CONF):
    for name, text in (('iax.conf', iax), ('extensions.conf', extensions), ('tollgate.conf', tollgate)):
        with open(os.path.join(folder, name), 'w', encoding='utf-8') as file:
            file.write(text)


def check(*arguments, **more):
    return subprocess.run([TOLLGATE, 'check', *arguments], capture_output=True, text=True, timeout=60, check=False,
                          env={**os.environ, **more})


class Check(unittest.TestCase):
    def setUp(self):
        self.old = tempfile.TemporaryDirectory()
        self.new = tempfile.TemporaryDirectory()
        self.addCleanup(self.old.cleanup)
        self.addCleanup(self.new.cleanup)
        write(self.old.name)

    def ids(self, folder):
        done = check('--json', folder)
        self.assertEqual(done.stderr, '')
        return {risk['id'] for risk in json.loads(done.stdout)['risks']}

    def test_each_risk_is_told(self):
        self.assertEqual(self.ids(self.old.name), set())
        for name, iax, extensions, want in ROWS:
            policy = TOLLGATE_CONF + '[policy all]\nallow=premium-national,premium-intl,satellite\n'
            with self.subTest(name):
                write(self.new.name, IAX + iax, EXTENSIONS + extensions, policy)
                self.assertEqual(self.ids(self.new.name), want)

    def test_exit_codes(self):
        self.assertEqual(check(self.old.name).returncode, 0)
        write(self.new.name, IAX + '[carol]\ntype=user\nsecret=carol\ncontext=from-provider\n')
        self.assertEqual(check(self.new.name).returncode, 0)
        self.assertEqual(check('--strict', self.new.name).returncode, 1)
        write(self.new.name, IAX + LOBBY, EXTENSIONS + '[lobby]\nexten => 1,1,Dial(IAX2/provider/0123456789)\n')
        self.assertEqual(check(self.new.name).returncode, 1)
        write(self.new.name, IAX + 'what=that\n', '[a]\nexten => 1,1,Explode()\n')
        done = check(self.new.name)
        self.assertEqual(done.returncode, 2)
        self.assertIn('extensions.conf:2: error:', done.stderr)
        self.assertEqual(check('/nowhere').returncode, 2)
        self.assertEqual(check('--diff', self.new.name).returncode, 2)
        self.assertEqual(check('--what').returncode, 2)

    def test_the_machine_has_a_time_zone(self):
        """As tollgated says: of a rule that cannot be used, and nothing of one that can."""
        write(self.new.name, IAX, EXTENSIONS + '[phones](+)\ninclude => from-provider,9:00-17:00\n')
        for rule, told in (('CET-1CEST,J60,J300', True), ('CET-1CEST,M3.5.0,M10.5.0/3', False)):
            done = check(self.new.name, TZ=rule)
            self.assertEqual((done.returncode, done.stderr), (0, ''))
            self.assertEqual("the machine's time zone has a rule that cannot be used" in done.stdout, told)

    def test_way_and_classes(self):
        write(self.new.name, IAX + LOBBY, EXTENSIONS + ROWS[0][2])
        text = check(self.new.name).stdout
        line = 1 + EXTENSIONS.count('\n')
        self.assertIn(f'way:  _9X. in lobby, 1 Goto (extensions.conf:{line + 1}) > '
                      f'_0Z. in out, 1 Dial (extensions.conf:{line + 3})', text)
        self.assertIn('mend: give the account a secret', text)
        told = json.loads(check('--json', self.new.name).stdout)
        lobby = [entry for entry in told['accounts'] if entry['account'] == 'lobby'][0]
        self.assertEqual((lobby['kind'], lobby['nameless'], lobby['everything']), ('guest', True, False))
        self.assertTrue(lobby['reaches'][0]['paid'])
        self.assertFalse(lobby['reaches'][0]['classes']['unknown']['allowed'])

    def test_difference(self):
        same = check('--diff', self.old.name, self.old.name)
        self.assertEqual((same.returncode, same.stdout), (0, ''))
        write(self.new.name, IAX + LOBBY,
              EXTENSIONS.replace('_0ZX', '_00ZX') + '[lobby]\nexten => _7X,1,Dial(IAX2/provider/${EXTEN})\n')
        more = check('--diff', self.old.name, self.new.name)
        self.assertEqual(more.returncode, 1)
        self.assertIn('+ [lobby] guest > provider (paid): 7X\n', more.stdout)
        self.assertIn('+ [alice] account > provider (paid): 00ZXXXXXXX\n', more.stdout)
        self.assertIn('- [alice] account > provider (paid): 0ZXXXXXXX\n', more.stdout)
        told = json.loads(check('--diff', '--json', self.new.name, self.old.name).stdout)
        self.assertIn('[lobby] guest > provider (paid): 7X', told['denied'])
        write(self.new.name, IAX, EXTENSIONS.replace('exten => _0ZX', ';'))
        self.assertEqual(check('--diff', self.old.name, self.new.name).returncode, 0)


if __name__ == '__main__':
    TOLLGATE = sys.argv.pop(1)
    unittest.main(verbosity=2)
