# SPDX-License-Identifier: Apache-2.0
"""Asterisk as a neighbour, where one is installed (Debian 12 has no package of it): both register with each other, and calls pass
in both directions through both. Skipped, with the reason, where there is none."""
import os
import re
import shutil
import subprocess

import pytest

import rig
import sites

SECRET = 'neighbours-share-a-fence'

IAX = f'''
[general]
bindaddr={{host}}:{{port}}
register => tollgate:{SECRET}@127.0.0.2:{{port}}

[alice]
type=friend
host=dynamic
context=phones
secret={sites.ALICE}
disallow=all
allow=ulaw

[neighbour]
type=friend
host=dynamic
username=tollgate
secret={SECRET}
context=from-neighbour
qualify=yes
disallow=all
allow=ulaw
'''

EXTENSIONS = '''
[phones]
exten => _6XX,1,Dial(IAX2/neighbour/${EXTEN},15)
 same => n,Hangup()
exten => 700,1,Dial(IAX2/neighbour/700,15)

[from-neighbour]
exten => 600,1,Answer()
 same => n,Echo()
'''

THEIR_IAX = f'''
[general]
bindport={{port}}
bindaddr=127.0.0.2
disallow=all
allow=ulaw
register => neighbour:{SECRET}@127.0.0.1:{{port}}

[tollgate]
type=friend
host=dynamic
username=neighbour
secret={SECRET}
auth=md5
context=from-tollgate
requirecalltoken=yes
qualify=yes
'''

THEIR_EXTENSIONS = '''
[from-tollgate]
exten => 600,1,Answer()
 same => n,Echo()
exten => 617,1,Busy(1)
exten => 700,1,Dial(IAX2/tollgate/600,10)
'''


class Neighbour:
    """One Asterisk with folders of its own."""

    def __init__(self, folder, port):
        self.folder = folder
        for name in ('etc', 'run', 'log', 'spool', 'db'):
            os.mkdir(os.path.join(folder, name))
        self.write('asterisk.conf', '[directories]\n' + ''.join(
            f'{key} => {folder}/{name}\n' for key, name in (('astetcdir', 'etc'), ('astrundir', 'run'), ('astlogdir', 'log'),
                                                            ('astspooldir', 'spool'), ('astdbdir', 'db'))))
        self.write('modules.conf', '[modules]\nautoload=yes\n')
        self.write('logger.conf', '[logfiles]\nfull => notice,warning,error\n')
        self.write('iax.conf', THEIR_IAX.replace('{port}', str(port)))
        self.write('extensions.conf', THEIR_EXTENSIONS)
        with open(os.path.join(folder, 'out'), 'wb') as out:
            self.process = subprocess.Popen(['asterisk', '-C', f'{folder}/etc/asterisk.conf', '-f'],
                                            stdin=subprocess.DEVNULL, stdout=out, stderr=out)

    def write(self, name, text):
        with open(os.path.join(self.folder, 'etc', name), 'w', encoding='utf-8') as file:
            file.write(text)

    def console(self, command):
        done = subprocess.run(['asterisk', '-C', f'{self.folder}/etc/asterisk.conf', '-rx', command], capture_output=True,
                              text=True, timeout=20, check=False)
        return done.stdout

    def close(self):
        rig.end_process(self.process, 10)


@pytest.fixture
def neighbours(tmp_path, exchange):
    if not shutil.which('asterisk'):
        pytest.skip('asterisk is not installed')
    port = rig.free_port('127.0.0.1', '127.0.0.2')
    folder = tmp_path / 'asterisk'
    folder.mkdir()
    theirs = Neighbour(str(folder), port)
    try:
        rig.wait_for(lambda: 'tollgate' in theirs.console('iax2 show peers'), 60, 'they are up', every=0.5)
        ours = exchange(IAX, EXTENSIONS, host='127.0.0.1', port=port)
        rig.wait_for(lambda: re.search(r'tollgate .*Registered', ours.console('iax2 show registry')), 20,
                     'we are registered there', every=0.5)
        rig.wait_for(lambda: re.search(r'neighbour .*Registered', theirs.console('iax2 show registry')), 60,
                     'they are registered here', every=2)
        yield ours, theirs
    finally:
        theirs.close()


@pytest.mark.alone
@pytest.mark.limit(180)
def test_calls_pass_in_both_directions(neighbours):
    ours, theirs = neighbours
    rig.wait_for(lambda: re.search(r'^neighbour\S*\s+127\.0\.0\.2\s.*\bOK\b', ours.console('iax2 show peers'), re.M), 30,
                 'their qualify answer', every=0.5)
    rig.wait_for(lambda: re.search(r'^tollgate\S*\s+127\.0\.0\.1\s.*\bOK\b', theirs.console('iax2 show peers'), re.M), 70,
                 'our qualify answer', every=0.5)
    # 600: an echo over there. 700: over there and back again to an echo of ours.
    for number in ('600', '700'):
        call = rig.call(ours.uri('alice', number), '--duration', 3, '--play', 'tone:440', secret=sites.ALICE)
        assert call.code == 0, call.text
        assert call.report['same'] >= 0.95 * call.report['sent'] > 100, call.text
    record = rig.wait_for(lambda: re.search(r'^.*\bneighbour\b.*\b600\b.*$', ours.console('cdr show'), re.M), 10,
                          'a record of their call to us')
    assert 'ANSWERED' in record.group()
    busy = rig.call(ours.uri('alice', '617'), secret=sites.ALICE)
    assert busy.code == 4 and busy.report['cause'] == 17, busy.text
