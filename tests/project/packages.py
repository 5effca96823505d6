#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Unpacks Debian packages into a folder, without installing them, and looks at what is there.

usage: packages.py FOLDER-WITH-PACKAGES"""
import glob
import os
import re
import subprocess
import sys
import tempfile

WANTED = '''etc/fail2ban/jail.d/tollgate.conf etc/logrotate.d/tollgate etc/tollgate/extensions.conf etc/tollgate/fingerprints.conf
    etc/tollgate/iax.conf etc/tollgate/tollgate.conf lib/systemd/system/tollgated.service usr/lib/sysusers.d/tollgate.conf
    usr/lib/tmpfiles.d/tollgate.conf usr/bin/tollgate usr/sbin/tollgated usr/share/bash-completion/completions/tollgate
    usr/share/bash-completion/completions/tollgated usr/share/tollgate/destinations.conf usr/share/man/man8/tollgated.8.gz
    usr/share/man/man5/tollgate.conf.5.gz usr/share/doc/tollgate/README.Debian usr/share/doc/tollgate/examples/sample/iax.conf
    usr/share/doc/tollgate/examples/reference/iax.conf usr/share/doc/tollgate/examples/nftables/tollgate.nft
    usr/share/doc/tollgate/examples/systemd/fence.conf usr/include/tollgate/iax/endpoint.h'''.split()


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, f'{" ".join(command)}: {done.stdout}{done.stderr}'
    return done.stdout


def look(packages, root):
    for name in ('tollgate', 'libtollgate-iax0', 'libtollgate-iax-dev'):
        run('dpkg-deb', '-x', *glob.glob(os.path.join(packages, f'{name}_*.deb')), root)
    for path in WANTED:
        assert os.path.exists(os.path.join(root, path)), f'{path} is in no package'
    tollgate = os.path.join(root, 'usr', 'bin', 'tollgate')
    for name in set(re.findall(r'^ +tollgate ([a-z][a-z-]*)', run(tollgate, 'help'), re.M)) - {'help', 'version'}:
        assert os.path.exists(os.path.join(root, f'usr/share/man/man1/tollgate-{name}.1.gz')), f'no page for {name}'
    run(os.path.join(root, 'usr', 'sbin', 'tollgated'), '--config', os.path.join(root, 'etc', 'tollgate'), '--check-config')
    conffiles = run('dpkg-deb', '-I', glob.glob(os.path.join(packages, 'tollgate_*.deb'))[0], 'conffiles').split()
    files = [path for path in WANTED if path.startswith('etc/')]
    assert set(conffiles) == {'/' + path for path in files}, conffiles


def main(packages):
    with tempfile.TemporaryDirectory() as root:
        look(packages, root)
    print('what is in the packages is what is wanted there')


if __name__ == '__main__':
    main(sys.argv[1])
