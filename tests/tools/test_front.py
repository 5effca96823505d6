#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tollgate front: what init writes and says, and that undo gives back what was; no daemon runs.

usage: test_front.py TOLLGATE"""
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import unittest

TOLLGATE = ''

IAX = '''[general]
bindport=24569
oddoption=7
register => us:very-secret-indeed@pbx.example
#include iax.d/*.conf
#include "{config}/more.conf"

[alice]
type=friend
host=dynamic
context=phones
secret=wonderland-is-far
acl=office

[keys]
type=friend
host=dynamic
context=phones
inkeys=abc
'''
TRUNK = b'[pbx]\r\ntype=peer\r\nhost=192.0.2.7\r\nsecret=where-i-always-was-1\r\n; \xff\r\n'
MORE = '[bob]\ntype=user\nsecret=a-builder-with-a-plan\ncontext=phones\n'
ACL = '[office]\ndeny=0.0.0.0/0\npermit=192.0.2.0/24\n'


class Front(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.TemporaryDirectory()
        self.addCleanup(self.top.cleanup)
        for name in ('config', 'out', 'state'):
            setattr(self, name, os.path.join(self.top.name, name))
        os.makedirs(self.at('config', 'iax.d'))
        self.write(IAX.replace('{config}', self.config), 'config', 'iax.conf')
        self.write(TRUNK, 'config', 'iax.d', 'trunk.conf')
        self.write(MORE, 'config', 'more.conf')
        self.write(ACL, 'config', 'acl.conf')
        for name, mode in (('iax.conf', 0o640), ('more.conf', 0o600)):
            os.chmod(self.at('config', name), mode)
            os.utime(self.at('config', name), ns=(1, 1000000000123456789))
        self.before = self.tree()

    def at(self, *names):
        return os.path.join(self.top.name, *names)

    def write(self, text, *names):
        with open(self.at(*names), 'wb') as file:
            file.write(text if isinstance(text, bytes) else text.encode())

    def read(self, *names):
        with open(self.at(*names), 'rb') as file:
            return file.read()

    def tree(self):
        """All that there is below: octets, mode, owner, time of change of each file; names and modes of folders."""
        found = {}
        for folder, _, names in os.walk(self.top.name):
            if folder != self.top.name:
                found[folder] = stat.S_IMODE(os.stat(folder).st_mode)
            for name in names:
                path = os.path.join(folder, name)
                now = os.stat(path)
                with open(path, 'rb') as file:
                    found[path] = (file.read(), stat.S_IMODE(now.st_mode), now.st_uid, now.st_gid, now.st_mtime_ns)
        return found

    def front(self, *words, code=0):
        done = subprocess.run([TOLLGATE, 'front', *words, '--state', self.state], capture_output=True, text=True, timeout=60,
                              stdin=subprocess.DEVNULL, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        self.assertNotIn('very-secret-indeed', done.stdout + done.stderr)
        return done.stdout + done.stderr

    def init(self, *words, code=0):
        return self.front('init', '--config', self.config, '--out', self.out, '--backend', '127.0.0.1:24570', *words, code=code)

    def undo_restores(self, *words):
        said = self.front('undo', *words)
        now = self.tree()
        now.pop(self.state, None)
        self.assertEqual(now, self.before)
        return said

    def test_dry_run_says_all_and_writes_nothing(self):
        said = self.init('--dry-run')
        self.assertEqual(self.tree(), self.before)
        for line in ('-register => us:(hidden)@pbx.example', '+;tollgate front: register => us:(hidden)@pbx.example', '-acl=office',
                     '-host=192.0.2.7', '+#include "tollgate-front.conf" ; tollgate front', '+[alice](+)'):
            self.assertIn(line + '\n', said)
        self.assertRegex(said, r'(?m)^\+username=alice +; so that Tollgate knows')
        self.assertRegex(said, r'(?m)^  iax\.conf:15: \[keys\]: .* public keys')

    def test_there_and_back(self):
        said = self.init('--yes')
        self.assertRegex(said, r'(?s)systemctl restart asterisk.*systemctl restart tollgated')
        self.assertNotIn('runs already', said)
        self.assertEqual(self.read('config', 'iax.d', 'trunk.conf'), TRUNK.replace(b'host=', b';tollgate front: host='))
        for name in ('iax.conf', 'more.conf'):
            was = self.before[self.at('config', name)]
            now = os.stat(self.at('config', name))
            self.assertEqual((stat.S_IMODE(now.st_mode), now.st_uid, now.st_gid), was[1:4])
        self.assertEqual(stat.S_IMODE(os.stat(self.at('config', 'tollgate-front.conf')).st_mode), 0o640)
        self.assertEqual(self.read('out', 'iax.d', 'trunk.conf'), TRUNK)
        self.assertEqual(self.read('out', 'more.conf'), MORE.encode())
        self.assertEqual(self.read('out', 'acl.conf'), ACL.encode())
        ours = self.read('out', 'iax.conf').decode()
        self.assertIn('register => us:very-secret-indeed@pbx.example\n', ours)
        self.assertIn('#include "more.conf" ; tollgate front\n', ours)
        self.assertIn('[keys](!) ; tollgate front\n', ours)
        self.assertIn('\n[front]\nbackend=127.0.0.1:24570\nlocal=127.0.0.1\n', self.read('out', 'tollgate.conf').decode())
        for folder, _, names in os.walk(self.out):
            self.assertEqual(stat.S_IMODE(os.stat(folder).st_mode), 0o750)
            for name in names:
                self.assertEqual(stat.S_IMODE(os.stat(os.path.join(folder, name)).st_mode), 0o640)
        self.assertEqual(stat.S_IMODE(os.stat(self.at('state', 'front')).st_mode), 0o700)
        self.assertEqual({stat.S_IMODE(os.stat(self.at('state', 'front', name)).st_mode)
                          for name in os.listdir(self.at('state', 'front'))}, {0o600})
        done = self.tree()
        self.assertIn('in front already', self.init('--yes'))
        self.assertEqual(self.tree(), done)
        self.undo_restores()
        self.assertIn('Nothing to undo', self.front('undo'))

    def test_a_tollgated_that_runs_has_to_be_restarted(self):
        os.mkdir(self.state)
        with socket.socket(socket.AF_UNIX) as ctl:
            ctl.bind(self.at('state', 'tollgate.ctl'))
            ctl.listen()
            self.assertIn('A tollgated runs already', self.init('--yes'))

    def test_files_of_ours_that_are_there(self):
        os.mkdir(self.out, 0o755)
        os.chmod(self.out, 0o755)
        self.write('[general]\n', 'out', 'iax.conf')
        self.write('[general]\nstealth=yes', 'out', 'tollgate.conf')
        os.chmod(self.at('out', 'tollgate.conf'), 0o600)
        self.before = self.tree()
        self.assertIn('is kept for undo', self.init('--yes'))
        self.assertTrue(self.read('out', 'tollgate.conf').startswith(b'[general]\nstealth=yes\n; Added by '))
        self.assertEqual(stat.S_IMODE(os.stat(self.at('out', 'tollgate.conf')).st_mode), 0o600)
        self.undo_restores()
        self.write('[front]\nbackend=127.0.0.1:9\n', 'out', 'tollgate.conf')
        self.assertIn('has a [front] already', self.init('--yes', code=7))

    def test_links(self):
        shutil.move(self.at('config', 'more.conf'), self.at('config', 'iax.d', 'real'))
        os.symlink('iax.d/real', self.at('config', 'more.conf'))
        self.write(MORE + 'acl=office\n', 'config', 'iax.d', 'real')
        self.before = self.tree()
        self.init('--yes')
        self.assertTrue(os.path.islink(self.at('config', 'more.conf')))
        self.assertIn(b';tollgate front: acl=office\n', self.read('config', 'iax.d', 'real'))
        self.assertIn(b'\nacl=office\n', self.read('out', 'more.conf'))
        self.undo_restores()

    def test_names_that_leave_the_folder_and_come_back(self):
        """Each file is copied once, below ours; the backend's own is what it was, also after undo."""
        os.symlink(self.config, self.at('link'))
        self.write(IAX.replace('{config}', self.at('link')) + '#include "../config/t.conf"\n#include <iax.d/../../config/iax.d/u>\n'
                   '#include "./v.conf"\n#tryinclude "../config/w*.conf"\n', 'config', 'iax.conf')
        names = [('t.conf',), ('iax.d', 'u'), ('v.conf',), ('w1.conf',)]
        for name in names:
            self.write(f'[{name[-1]}]\ntype=user\nsecret=of-my-own-choosing\ncontext=phones\nacl=office\n', 'config', *name)
        self.before = {path: what for path, what in self.tree().items() if not path.startswith(self.at('link'))}
        said = self.init('--yes')
        self.assertNotIn('..', said)
        for name in names:
            self.assertIn(b';tollgate front: acl=office\n', self.read('config', *name))
            self.assertIn(b'\nacl=office\n', self.read('out', *name))
        ours = self.read('out', 'iax.conf').decode()
        for line in ('#include "more.conf"', '#include "t.conf"', '#include "iax.d/u"', '#tryinclude "w*.conf"'):
            self.assertIn(line + ' ; tollgate front\n', ours)
        self.assertIn('\n#include "./v.conf"\n', ours)
        self.undo_restores()

    def test_nothing_is_written_through_links_of_ours_or_twice(self):
        os.makedirs(self.at('elsewhere'))
        os.makedirs(self.out)
        os.symlink(self.at('elsewhere'), self.at('out', 'iax.d'))
        self.before = self.tree()
        self.assertIn('out/iax.d is a link', self.init('--yes', code=7))
        self.assertEqual(self.tree(), self.before)
        os.unlink(self.at('out', 'iax.d'))
        self.write(IAX.replace('{config}', self.config) + '#include "tollgate.conf"\n', 'config', 'iax.conf')
        self.write('', 'config', 'tollgate.conf')
        self.before = self.tree()
        self.assertIn('out/tollgate.conf would be written twice', self.init('--yes', code=7))
        self.assertEqual(self.tree(), self.before)

    def test_changed_since(self):
        self.init('--yes')
        was = self.read('config', 'iax.conf')
        self.write(was + b'; mine\n', 'config', 'iax.conf')
        now = self.tree()
        self.assertIn('iax.conf was changed since', self.front('undo', code=1))
        self.assertEqual(self.tree(), now)
        self.assertIn('was changed since', self.init('--yes'))
        self.front('undo', '--force')
        self.assertEqual(self.read('config', 'iax.conf.changed'), was + b'; mine\n')
        os.unlink(self.at('config', 'iax.conf.changed'))
        self.undo_restores()

    def test_own_file_changed_since_stays(self):
        self.init('--yes')
        with open(self.at('out', 'tollgate.conf'), 'a', encoding='utf-8') as file:
            file.write('; mine\n')
        self.assertIn('tollgate.conf: [front] is taken out; what was changed since stays', self.front('undo'))
        self.assertEqual(self.read('out', 'tollgate.conf'), b'; mine\n')
        shutil.rmtree(self.out)
        self.undo_restores()

    def test_the_copy_is_nobody_elses_to_read(self):
        os.mkdir(self.out)
        self.write('[general]\n', 'out', 'iax.conf')
        os.chmod(self.at('out', 'iax.conf'), 0o644)
        self.before = self.tree()
        self.init('--yes')
        self.assertEqual(stat.S_IMODE(os.stat(self.at('out', 'iax.conf')).st_mode), 0o640)
        self.undo_restores()

    def test_undo_change_init_again(self):
        """As docs/front.md says it, with what an operator has written in between."""
        os.mkdir(self.out)
        self.write('[general]\n', 'out', 'iax.conf')
        self.write('[general]\nstealth=yes\n', 'out', 'tollgate.conf')
        for turn in range(2):
            self.init('--yes')
            now = self.read('out', 'tollgate.conf')
            self.assertEqual(now.count(b'[front]'), 1)
            self.write(now + f'[policy p{turn}]\ndeny=premium\n'.encode(), 'out', 'tollgate.conf')
            self.write(self.read('out', 'iax.conf') + f'; mine {turn}\n'.encode(), 'out', 'iax.conf')
            said = self.front('undo')
            self.assertIn('iax.conf: given back; the changed file is beside it', said)
            self.assertNotIn(b'[front]', self.read('out', 'tollgate.conf'))
            self.assertIn(f'[policy p{turn}]'.encode(), self.read('out', 'tollgate.conf'))
            self.assertEqual(self.read('config', 'iax.conf'), self.before[self.at('config', 'iax.conf')][0])
        self.assertEqual(self.read('out', 'iax.conf'), b'[general]\n')
        self.assertIn(b'; mine 0\n', self.read('out', 'iax.conf.changed'))
        self.assertIn(b'; mine 1\n', self.read('out', 'iax.conf.changed.2'))
        # A [front] that says the same is left, whoever wrote it; lines behind ours, in its section, are a change that stops undo.
        self.write('[front]\nbackend=127.0.0.1:24570\nlocal=127.0.0.1\n', 'out', 'tollgate.conf')
        self.init('--yes')
        self.front('undo')
        self.assertEqual(self.read('out', 'tollgate.conf'), b'[front]\nbackend=127.0.0.1:24570\nlocal=127.0.0.1\n')
        self.write('[general]\n', 'out', 'tollgate.conf')
        self.init('--yes')
        self.write(self.read('out', 'tollgate.conf') + b'other=1\n', 'out', 'tollgate.conf')
        self.assertIn('tollgate.conf was changed since', self.front('undo', code=1))

    def test_undo_without_what_was_kept(self):
        self.init('--yes')
        os.rename(self.at('state', 'front'), self.at('state', 'elsewhere'))
        self.assertIn('tollgate-front.conf is there, but', self.front('undo', '--config', self.config, code=1))

    def test_half_way(self):
        self.init('--yes')
        self.write(self.before[self.at('config', 'iax.conf')][0], 'config', 'iax.conf')
        os.utime(self.at('config', 'iax.conf'), ns=(1, 1000000000123456789))
        self.assertIn('did not come to its end', self.init('--yes', code=1))
        self.undo_restores()

    def test_failure_takes_back(self):
        """A folder in the place of a file that is to be written last but one."""
        os.makedirs(self.at('config', 'tollgate-front.conf.tollgate-new', 'x'))
        self.before = self.tree()
        self.assertIn('nothing is changed', self.init('--yes', code=7))
        self.assertEqual({path: what for path, what in self.tree().items() if path != self.state}, self.before)

    def test_refusals(self):
        for words, code, text in (
                ([], 2, 'no terminal'),
                (['--yes', '--backend', '192.0.2.1:4570'], 2, 'loopback'),
                (['--yes', '--backend', '127.0.0.1:24569'], 1, 'port 24569 is ours'),
                (['--yes', '--out', self.config], 2, "backend's own folder"),
                (['--yes', '--out', '/nowhere/at/all'], 7, 'No such file'),
                (['--yes', '--config', '/nowhere'], 7, 'No such file'),
                (['--what'], 2, '--what')):
            with self.subTest(words):
                self.assertIn(text, self.init(*words, code=code))
        self.front('sideways', code=2)
        self.front(code=2)
        self.write('x', 'config', 'tollgate-front.conf')
        self.assertIn('exists already', self.init('--yes', code=7))
        os.unlink(self.at('config', 'tollgate-front.conf'))
        self.write(MORE + 'permit=nowhere\n', 'config', 'more.conf')
        said = self.init('--yes', code=1)
        self.assertRegex(said, rf'(?m)^{re.escape(self.out)}/more\.conf:5: error: ')
        os.unlink(self.at('config', 'more.conf'))
        self.assertIn('iax.conf:6: error: cannot find', self.init('--yes', code=1))
        self.assertFalse(os.path.exists(self.out))


if __name__ == '__main__':
    TOLLGATE = sys.argv.pop(1)
    unittest.main(verbosity=2)
