# SPDX-License-Identifier: Apache-2.0
"""Two network namespaces with a cable between them: the exchange's and the callers'. Made and removed by the test."""
import ctypes
import os
import random
import shutil
import socket
import subprocess

CLONE_NEWNET = 0x40000000
LIBC = ctypes.CDLL(None, use_errno=True)


def run(*words, check=True, text=None):
    return subprocess.run(words, check=check, capture_output=True, text=True, timeout=30, input=text).stdout


def why_not():
    """Why this cannot be tested here; None if it can."""
    if os.getuid() != 0:
        return 'only root can make network namespaces'
    for program in ('ip', 'nft', 'setpriv'):
        if shutil.which(program) is None:
            return f'{program} is not installed'
    name = f'tgt-{os.getpid()}'
    if subprocess.run(['ip', 'netns', 'add', name], capture_output=True, timeout=30, check=False).returncode != 0:
        return 'network namespaces cannot be made here'
    try:
        done = subprocess.run(['ip', 'netns', 'exec', name, 'nft', 'add', 'table', 'inet', 'x'], capture_output=True, timeout=30,
                              check=False)
        return None if done.returncode == 0 else 'the packet filter cannot be changed here'
    finally:
        run('ip', 'netns', 'del', name)


class Cable:
    """self.server and self.client are the namespaces' names. Addresses: 10.77.0.1 and fd77::1 there; here 10.77.0.0/16, fd77::/32."""

    HOST4, HOST6 = '10.77.0.1', 'fd77::1'

    def __init__(self):
        number = random.randrange(1, 1 << 20)
        self.server, self.client = f'tgs-{number:x}', f'tgc-{number:x}'
        ends = f'tg{number:x}a', f'tg{number:x}b'
        self.client_end = ends[1]
        for name in (self.server, self.client):
            run('ip', 'netns', 'add', name)
        try:
            run('ip', 'link', 'add', ends[0], 'netns', self.server, 'type', 'veth', 'peer', 'name', ends[1], 'netns', self.client)
            for name, end, host4, host6 in ((self.server, ends[0], self.HOST4, self.HOST6),
                                            (self.client, ends[1], '10.77.255.254', 'fd77::fffe')):
                run('ip', '-n', name, 'link', 'set', 'lo', 'up')
                run('ip', '-n', name, 'link', 'set', end, 'up')
                run('ip', '-n', name, 'address', 'add', f'{host4}/16', 'dev', end)
                run('ip', '-n', name, 'address', 'add', f'{host6}/32', 'dev', end, 'nodad')
        except BaseException:
            self.close()
            raise

    def close(self):
        for name in (self.server, self.client):
            subprocess.run(['ip', 'netns', 'del', name], capture_output=True, timeout=30, check=False)

    def add_clients(self, hosts):
        """The callers' side has these addresses, too."""
        lines = ''.join(f'address add {host}/{"32" if ":" in host else "16"} dev {self.client_end}{" nodad" if ":" in host else ""}\n'
                        for host in hosts)
        run('ip', '-n', self.client, '-batch', '-', text=lines)

    def nft(self, *words, text=None):
        return run('ip', 'netns', 'exec', self.server, 'nft', *words, text=text)

    def rules(self):
        return self.nft('list', 'ruleset')

    @staticmethod
    def socket_in(name, host, port=0):
        """A UDP socket of that namespace, bound there; used from here."""
        here = os.open('/proc/self/ns/net', os.O_RDONLY)
        there = os.open(f'/var/run/netns/{name}', os.O_RDONLY)
        try:
            assert LIBC.setns(there, CLONE_NEWNET) == 0, os.strerror(ctypes.get_errno())
            made = socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, socket.SOCK_DGRAM)
            made.bind((host, port))
            return made
        finally:
            assert LIBC.setns(here, CLONE_NEWNET) == 0
            os.close(here)
            os.close(there)
