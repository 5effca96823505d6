# SPDX-License-Identifier: Apache-2.0
"""nmap with its scripts for this protocol: it finds no service where none is to be seen, and never an account; and it is told."""
import os
import re
import shutil
import subprocess

import pytest

import attack
import rig
import sites
import test_nmap

FINGERPRINTS = os.path.join(rig.ROOT, 'etc', 'sample', 'fingerprints.conf')
NEEDS_NMAP = pytest.mark.skipif(shutil.which('nmap') is None or os.geteuid() != 0,
                                reason='nmap is not installed, or we are not root, for whom alone it scans UDP')


def sample_fingerprints():
    with open(FINGERPRINTS, encoding='utf-8') as file:
        return file.read()


@NEEDS_NMAP
@pytest.mark.limit(120)
def test_brute_force_with_true_names_and_secrets_finds_nothing(exchange, tmp_path):
    tollgate = exchange(sites.IAX, sites.EXTENSIONS, more_files={'fingerprints.conf': sample_fingerprints(),
                                                               'tollgate.conf': '[guard]\nneverban=127.0.0.1\n'})
    (tmp_path / 'names').write_text('alice\nbob\nadmin\nnobody\n')
    (tmp_path / 'secrets').write_text(f'1234\n{sites.ALICE}\n{sites.BOB}\n')
    done = subprocess.run(['nmap', '-n', '-Pn', '-sU', '-p', str(tollgate.port), '--script', '+iax2-brute', '--script-args',
                           f'userdb={tmp_path}/names,passdb={tmp_path}/secrets,brute.retries=1,unpwdb.timelimit=6s', '127.0.0.1'],
                          capture_output=True, text=True, timeout=100, check=True)
    assert 'No valid accounts found' in done.stdout, done.stdout
    guesses = re.search(r'Performed (\d+) guesses', done.stdout)
    assert guesses and int(guesses.group(1)) > 0, done.stdout
    told = attack.events(tollgate, 'ScannerDetected')
    assert [(one['Fingerprint'], attack.host_of(one)) for one in told] == [('iax2-brute', '127.0.0.1')], told
    assert not attack.events(tollgate, 'Banned') and not attack.events(tollgate, 'SuccessfulAuth')

    # Nor does the worst guessing get this address banned: the operator wrote that it never is.
    attack.guess_at_once(tollgate, '127.0.0.1', 'alice', [f'guess-{at}' for at in range(12)])
    assert attack.wait_event(tollgate, 'BanRefused')
    assert not attack.events(tollgate, 'Banned') and not attack.has_row(tollgate, 'guard show bans', '127.0.0.1')


@NEEDS_NMAP
@pytest.mark.limit(120)
def test_a_scan_sees_no_service_on_a_stealth_listener(exchange):
    tollgate = exchange(sites.IAX.replace('[general]', '[general]\nstealth=yes'), sites.EXTENSIONS)
    assert test_nmap.nmap(tollgate.port) == ('open|filtered', 'unknown')
    assert not attack.events(tollgate, 'Banned')
    with attack.Peer(tollgate, '127.90.0.1') as customer:
        assert customer.register('alice', sites.ALICE) == 'granted'
        assert customer.call('alice', sites.ALICE) == 'granted'
