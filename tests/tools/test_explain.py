#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tollgate explain over a configuration in which each kind of refusal is to be had; no daemon runs.

usage: test_explain.py TOLLGATE"""
import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

TOLLGATE = ''

IAX = '''[general]
calltokenoptional=203.0.113.0/24
maxcallnumbers=300
[callnumberlimits]
198.51.100.64/26=0
203.0.113.0/28=12
[alice]
type=friend
secret=wonderland-is-far
host=dynamic
context=phones
context=inside
[fence]
type=friend
secret=good-neighbours-all
host=dynamic
context=phones
deny=0.0.0.0/0
permit=198.51.100.0/24
[trap]
type=friend
secret=nothing-to-see-here-7
host=dynamic
context=phones
decoy=yes
[older]
type=friend
secret=older-than-the-hills
host=dynamic
context=phones
requirecalltoken=no
deny=0.0.0.0/0
permit=192.0.2.0/24
[fixed]
type=friend
secret=where-i-always-was-1
host=192.0.2.50
context=phones
[bare]
type=peer
host=dynamic
[gsm]
type=user
secret=thirteen-kilobits-ok
context=phones
disallow=all
allow=gsm
[auto]
type=user
secret=from-now-on-we-do-it
context=phones
requirecalltoken=auto
'''

GUEST = '''[lobby]
type=user
context=lobby
'''

EXTENSIONS = '''[phones]
exten => 600,1,Answer()
 same => n,Echo()
include => middle
include => winter,8:00-8:59,*,*,*,CET-1CEST,M3.5.0,M10.5.0/3
[winter]
exten => 650,1,Milliwatt()
[middle]
include => inside
[inside]
exten => _7XX,1,Milliwatt()
exten => 900/123,1,Milliwatt()
[lobby]
exten => s,1,Milliwatt()
'''

REFUSED, LET_IN = 'Result: it would be refused. ', 'Result: it would be let in. ok: nothing speaks against it.'

# what it shows; the request; a line that is told; how the result begins
CASES = (
    ('let in', '--from 192.0.2.1 --user alice --number 600',
     'ok account [alice], iax.conf:7.', LET_IN),
    ('a number as it is found through includes', '--from 192.0.2.1 --user alice --number 712',
     'ok extension 712 is _7XX in phones includes middle includes inside; the first step is Milliwatt(), extensions.conf:11.',
     LET_IN),
    ('unknown name', '--from 192.0.2.1 --user Alice --number 600',
     'NO account There is no [Alice]; case counts.', REFUSED + 'no-account: no such account. What to do: if the name is'),
    ('a name that only others may use', '--from 192.0.2.1 --user bare --number 600',
     'NO account [bare], iax.conf:39, is type=peer: calls need type=user or type=friend.', REFUSED + 'no-account: '),
    ('address, with its rule', '--from 192.0.2.1 --user fence --number 600',
     'NO address 192.0.2.1: deny=0.0.0.0/0, iax.conf:18, is the last rule that matches.',
     REFUSED + 'acl: address not permitted. What to do: see permit=, deny= and acl= of the account.'),
    ('address, of the other family', '--from 2001:db8::1 --user fence --number 600',
     'NO address 2001:db8::1: the account has rules for IPv4 only.', REFUSED + 'acl: '),
    ('address, let in by the last rule', '--from 198.51.100.9:5000 --user fence --number 600',
     'ok address 198.51.100.9: permit=198.51.100.0/24, iax.conf:19, is the last rule that matches.', LET_IN),
    ('context', '--from 192.0.2.1 --user alice --number s --context lobby',
     'NO context lobby is asked for; the account has: phones, inside.',
     REFUSED + 'context: context not allowed. What to do: list the context with context= in the account.'),
    ('static peer', '--from 192.0.2.50 --user fixed --register',
     'NO static host host=192.0.2.50: only host=dynamic registers.', REFUSED + 'static: not a dynamic peer. What to do: set host=dynamic'),
    ('no secret', '--from 192.0.2.1 --user bare --register',
     'NO secret The account has none, and nobody registers without.', REFUSED + 'no-secret: '),
    ('registration let in', '--from 192.0.2.1 --user alice --register',
     'ok static host host=dynamic: it may register.', LET_IN),
    ('registration of a name for calls', '--from 192.0.2.1 --user gsm --register',
     'NO account [gsm], iax.conf:42, is type=user: registrations need type=peer or type=friend.', REFUSED + 'no-account: '),
    ('guest, none', '--from 192.0.2.1',
     'NO account No name is sent, and no type=user without a secret takes such a call.', REFUSED + 'no-guest: '),
    ('token required', '--from 192.0.2.1 --user alice --number 600 --no-token',
     'NO call token The request has none (required: nothing says otherwise).', REFUSED + 'no-token: call token missing but required.'),
    ('token excused by a range', '--from 203.0.113.200 --user alice --number 600 --no-token',
     'ok call token The request has none (not required: calltokenoptional=203.0.113.0/24, iax.conf:2).', LET_IN),
    ('token excused by the account', '--from 192.0.2.1 --user older --number 600 --no-token',
     'ok call token The request has none (not required: requirecalltoken=no of the account).', LET_IN),
    ('token not excused outside of permit', '--from 192.0.3.1 --user older --number 600 --no-token',
     'NO call token The request has none (required: requirecalltoken=no counts where permit= lets the account in).',
     REFUSED + 'no-token: '),
    ('token, latched', '--from 192.0.2.1 --user auto --number 600 --no-token --latched',
     'NO call token requirecalltoken=auto became yes: the account used one before.', REFUSED + 'token-latched: '),
    ('call numbers, none by a range', '--from 198.51.100.65 --user alice --number 600',
     'NO call numbers This address may have 0 at once ([callnumberlimits], range 198.51.100.64/26, iax.conf:5), '
     'unless a peer registered there has a limit of its own.', REFUSED + 'call-numbers: '),
    ('call numbers, twelve by a range', '--from 203.0.113.1 --user alice --number 600',
     'ok call numbers This address may have 12 at once ([callnumberlimits], range 203.0.113.0/28, iax.conf:6), '
     'unless a peer registered there has a limit of its own.', LET_IN),
    ('no extension', '--from 192.0.2.1 --user alice --number 601',
     'NO extension 601 is not in phones.', REFUSED + 'no-extension: no such extension in the context. What to do: see dialplan'),
    ('include that is open', '--from 192.0.2.1 --user alice --number 650 --at 2027-01-15T07:30Z',
     'note time include winter, extensions.conf:5: open at Fri 2027-01-15 8:30, it is open at '
     '8:00-8:59,*,*,*,CET-1CEST,M3.5.0,M10.5.0/3.', LET_IN),
    ('include that is closed', '--from 192.0.2.1 --user alice --number 650 --at 2027-07-15T07:30Z',
     'note time include winter, extensions.conf:5: closed at Thu 2027-07-15 9:30, it is open at '
     '8:00-8:59,*,*,*,CET-1CEST,M3.5.0,M10.5.0/3.', REFUSED + 'no-extension: '),
    ('include at a time with an offset', '--from 192.0.2.1 --user alice --number 650 --at 2027-07-15T08:59+02:00',
     'ok extension 650 is 650 in phones includes winter; the first step is Milliwatt(), extensions.conf:7.', LET_IN),
    ('extension for one caller', '--from 192.0.2.1 --user alice --number 900 --context inside --caller 123',
     'ok extension 900 is 900 in inside; the first step is Milliwatt(), extensions.conf:12.', LET_IN),
    ('extension for another caller', '--from 192.0.2.1 --user alice --number 900 --context inside --caller 124',
     'NO extension 900 is not in inside.', REFUSED + 'no-extension: '),
    ('no codec', '--from 192.0.2.1 --user gsm --number 600 --codec ulaw,alaw',
     'NO codec The account may have gsm; none of them is offered.', REFUSED + 'no-codec: '),
    ('codec', '--from 192.0.2.1 --user gsm --number 600 --codec ulaw,gsm',
     'ok codec The account may have gsm; gsm.', LET_IN),
    ('decoy', '--from 192.0.2.1 --user trap --number 600',
     'NO account decoy=yes: no secret is right for it.', REFUSED + 'decoy: '),
    ('decoy that registers', '--from 192.0.2.1 --user trap --register',
     'NO account decoy=yes: no secret is right for it.', REFUSED + 'decoy: '),
)

WRONG = (
    ('', 'what? expected EVENT-ID, or --from ADDRESS'),
    ('--user alice', 'what? expected EVENT-ID, or --from ADDRESS'),
    ('--from nowhere', '--from nowhere: expected an address'),
    ('--from 192.0.2.1 --register', 'who registers?'),
    ('--from 192.0.2.1 --register --user alice --number 600', 'are of calls'),
    ('--from 192.0.2.1 --codec morse', '--codec morse: no codec has this name'),
    ('--from 192.0.2.1 --at noon', '--at noon: expected a time such as'),
    ('--from 192.0.2.1 --at 2027-01-15T24:00Z', 'expected a time such as'),
    ('--from 192.0.2.1 --at 2027-01-15T09:00', 'expected a time such as'),
    ('--from 192.0.2.1 --at 2027-01-15T09:00+1', 'expected a time such as'),
    ('--from 192.0.2.1 --register --user alice --at 2027-01-15T09:00Z', 'are of calls'),
    ('--from 192.0.2.1 --usr alice', 'did you mean --user?'),
    ('--from 192.0.2.1 0123456789abcdef0123456789abcdef', 'unexpected: '),
    ('0123456789abcdef', '32 hexadecimal digits'),
)


def explain(*arguments, program=None, settings=None, **more):
    env = {**{name: value for name, value in os.environ.items() if name != 'NO_COLOR'}, 'TERM': 'xterm', **(settings or {})}
    return subprocess.run([program or TOLLGATE, 'explain', *arguments], capture_output=True, text=True, timeout=60, env=env, check=False, **more)


def steps_of(text):
    """The numbered lines with single blanks and without their numbers, which must be 1, 2, 3 ..."""
    found = re.findall(r'^ *(\d+)\. (.*)$', text, re.M)
    assert [int(number) for number, _ in found] == list(range(1, len(found) + 1)), text
    return [re.sub(r' +', ' ', line) for _, line in found]


class Explain(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix='tg-explain-', dir='/tmp')
        self.addCleanup(shutil.rmtree, self.folder)
        self.state = os.path.join(self.folder, 'state')
        self.write('iax.conf', IAX)
        self.write('extensions.conf', EXTENSIONS)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(text)
        os.chmod(path, 0o600)

    def asked(self, line, *more, **settings):
        return explain(*line.split(), '--config', self.folder, '--state', self.state, *more, settings=settings)

    def test_each_reason(self):
        codes = set()
        for what, line, told, result in CASES:
            with self.subTest(what):
                done = self.asked(line)
                self.assertEqual(done.stderr, '')
                steps = steps_of(done.stdout)
                self.assertIn(told, steps)
                last = [text for text in done.stdout.splitlines() if text.startswith('Result: ')]
                self.assertEqual(len(last), 1, done.stdout)
                self.assertTrue(last[0].startswith(result), last[0])
                self.assertEqual(done.returncode, 0 if result == LET_IN else 1)
                self.assertEqual(any(step.startswith('NO ') for step in steps), result != LET_IN)
                self.assertNotIn('\033', done.stdout)
                self.assertIn('What really happened is not known: ' + self.state, done.stdout)
                codes.add(result.removeprefix(REFUSED).split(':')[0])
        self.assertGreaterEqual(len(codes), 12)

    def test_json_says_the_same(self):
        for what, line, told, result in CASES:
            with self.subTest(what):
                done = self.asked(line, '--json')
                self.assertEqual(done.stdout.count('\n'), 1)
                found = json.loads(done.stdout)
                steps = [' '.join((step['verdict'].replace('no', 'NO', 1) if step['verdict'] == 'no' else step['verdict'],
                                   step['what'], step['text'])) for step in found['steps']]
                self.assertIn(told, steps)
                self.assertEqual(found['result']['let_in'], result == LET_IN)
                self.assertEqual(done.returncode, 0 if result == LET_IN else 1)
                reasons = [step['reason'] for step in found['steps'] if step['verdict'] == 'no']
                self.assertEqual(found['result']['reason'], reasons[0] if reasons else 'ok')
                self.assertIsNone(found['happened'])
                self.assertIn('no tollgated runs there', found['no_daemon'])
                self.assertEqual(found['asked']['request'], 'register' if '--register' in line else 'call')

    def test_a_guest(self):
        self.write('iax.conf', IAX + GUEST)
        done = self.asked('--from 192.0.2.1')
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn('ok account [lobby], iax.conf:53, is the guest that callers without a name are taken for.', steps_of(done.stdout))
        self.assertIn('ok extension s is s in lobby; the first step is Milliwatt(), extensions.conf:14.', steps_of(done.stdout))
        done = self.asked('--from 192.0.2.1 --context phones')
        self.assertEqual(done.returncode, 1)
        self.assertIn('note guest Not [lobby], iax.conf:53: context not allowed.', steps_of(done.stdout))
        self.assertIn(REFUSED + 'no-guest: nobody may call without a name.', done.stdout)

    def test_a_list_in_another_file(self):
        self.write('iax.conf', IAX + 'acl=home\n')
        self.write('acl.conf', '[home]\ndeny=0.0.0.0/0\npermit=192.0.2.0/24\n')
        for addr, told in (
                ('192.0.2.1', 'ok address 192.0.2.1: permit=192.0.2.0/24, acl.conf:3, is the last rule that matches.'),
                ('192.0.3.1', 'NO address 192.0.3.1: deny=0.0.0.0/0, acl.conf:2, is the last rule that matches.'),
                ('2001:db8::1', 'NO address 2001:db8::1: the list that acl= names has rules for the other kind of address only.')):
            done = self.asked(f'--from {addr} --user auto --number 600')
            self.assertIn(told, steps_of(done.stdout))
            self.assertEqual(done.returncode, 0 if told.startswith('ok') else 1)

    def test_a_host_that_is_a_name(self):
        self.write('iax.conf', IAX + '[near]\ntype=peer\nhost=localhost\nmaxcallnumbers=7\n'
                                     '[gone]\ntype=peer\nhost=nowhere.invalid\nmaxcallnumbers=8\n')
        done = self.asked('--from 127.0.0.1 --user alice --number 600')
        self.assertIn('ok call numbers This address may have 7 at once (maxcallnumbers of the peer near, iax.conf:53), '
                      'unless a peer registered there has a limit of its own.', steps_of(done.stdout))
        self.assertIn('Host names without an address now: 1.', done.stdout)
        done = self.asked('--from 127.0.0.1 --user alice --number 600', '--json')
        self.assertEqual(json.loads(done.stdout)['unresolved'], 1)

    def test_the_machine_has_a_time_zone(self):
        self.write('extensions.conf', EXTENSIONS.replace('8:00-8:59,*,*,*,CET-1CEST,M3.5.0,M10.5.0/3', '8:00-8:59'))
        for rule, shown in (('CET-1CEST,M3.5.0,M10.5.0/3', 'open at Fri 2027-01-15 8:30'),
                            ('UTC0', 'closed at Fri 2027-01-15 7:30')):
            done = self.asked('--from 192.0.2.1 --user alice --number 650 --at 2027-01-15T07:30Z', TZ=rule)
            self.assertIn(shown, done.stdout)

    def test_wrong_usage(self):
        for line, says in WRONG:
            with self.subTest(line):
                done = self.asked(line)
                self.assertEqual((done.returncode, done.stdout), (2, ''))
                self.assertIn(says, done.stderr)
        done = explain('--help')
        self.assertEqual(done.returncode, 0)
        self.assertIn('--no-token', done.stdout)

    def test_a_configuration_that_cannot_be_used(self):
        missing = os.path.join(self.folder, 'missing')
        done = explain('--from', '192.0.2.1', '--config', missing)
        self.assertEqual((done.returncode, done.stdout), (2, ''))
        self.assertIn(f'configuration directory {missing}: No such file or directory', done.stderr)
        self.write('iax.conf', IAX + 'no-such-option=yes\n')
        done = self.asked('--from 192.0.2.1')
        self.assertEqual((done.returncode, done.stdout), (2, ''))
        self.assertIn('iax.conf:53: error: ', done.stderr)
        self.assertIn(f'the configuration in {self.folder} cannot be used', done.stderr)

    def test_files_that_only_others_may_read(self):
        """As another user, where we may become one; else as ourselves."""
        other = {'user': 65534, 'group': 65534, 'extra_groups': []} if os.getuid() == 0 else {}
        reachable = tempfile.mkdtemp(prefix='tg-explain-', dir='/tmp')
        self.addCleanup(shutil.rmtree, reachable)
        os.chmod(reachable, 0o755)
        program = shutil.copy(TOLLGATE, reachable)
        os.chmod(self.folder, 0o755)
        os.chmod(os.path.join(self.folder, 'iax.conf'), 0o600 if other else 0)
        done = explain('--from', '192.0.2.1', '--config', self.folder, program=program, cwd='/', **other)
        self.assertEqual((done.returncode, done.stdout), (2, ''))
        self.assertIn('iax.conf: error: "iax.conf" cannot be read: permission denied', done.stderr)
        os.chmod(self.folder, 0o700 if other else 0)
        done = explain('--from', '192.0.2.1', '--config', self.folder, program=program, cwd='/', **other)
        os.chmod(self.folder, 0o700)
        self.assertEqual((done.returncode, done.stdout), (2, ''))
        self.assertIn('ermission denied', done.stderr)

    def test_no_secret_is_told(self):
        for _, line, _, _ in CASES:
            for more in ((), ('--json',)):
                done = self.asked(line, *more)
                for secret in re.findall(r'secret=(.*)', IAX):
                    self.assertNotIn(secret, done.stdout + done.stderr)

    def test_what_the_asker_types_cannot_move_the_terminal(self):
        done = explain('--from', '192.0.2.1', '--user', 'a\033[2Jb\n', '--number', '\udcff\udc80', '--config', self.folder,
                       '--state', self.state, errors='surrogateescape')
        self.assertEqual(done.returncode, 1)
        self.assertIn('as a?[2Jb? to ??, by', done.stdout)
        self.assertNotIn('\033', done.stdout)
        done = explain('--from', '192.0.2.1', '--number', '\udcff\udc80', '--json', '--config', self.folder, '--state', self.state)
        self.assertEqual(json.loads(done.stdout)['asked']['number'], '??')

    def on_terminal(self, **more):
        """What a terminal is shown."""
        master, slave = pty.openpty()
        process = subprocess.Popen([TOLLGATE, 'explain', '--from', '192.0.2.1', '--user', 'nobody', '--config', self.folder, '--state',
                                    self.state], stdin=slave, stdout=slave, stderr=slave, env={'PATH': '/usr/bin', **more})
        os.close(slave)
        seen, end = b'', time.monotonic() + 60
        try:
            while time.monotonic() < end:
                if select.select([master], [], [], 0.2)[0]:
                    try:
                        seen += os.read(master, 4096)
                    except OSError:
                        break
            process.wait(10)
        finally:
            process.kill()
            process.wait()
            os.close(master)
        return seen.decode()

    def test_colour_is_for_terminals(self):
        self.assertIn('\033[1;31mNO', self.on_terminal(TERM='xterm'))
        for more in ({'TERM': 'dumb'}, {}, {'TERM': 'xterm', 'NO_COLOR': '1'}):
            text = self.on_terminal(**more)
            self.assertIn('NO ', text)
            self.assertNotIn('\033', text)


if __name__ == '__main__':
    TOLLGATE = sys.argv[1]
    sys.exit(0 if unittest.main(exit=False, argv=sys.argv[:1]).result.wasSuccessful() else 1)
