# SPDX-License-Identifier: Apache-2.0
"""tollgated with the engine and the desk of tests/daemon/test_roles.c, which do as they are told."""
import os
import signal
import socket

import pytest

import rig

IAX = '''
[general]
bindport={port}
bindaddr={host}
[bob]
type=friend
host=dynamic
secret=bobs-own-secret
context=phones
'''
EXTENSIONS = '''
[phones]
exten => 100,1,Echo()
'''


class Daemon(rig.Exchange):
    def __init__(self, iax=IAX, extensions=EXTENSIONS, more_options=(), **more):
        super().__init__(iax, extensions, **more)
        self.more_options = more_options
        self.orders = None

    def command_line(self, *more):
        return [os.path.join(rig.BUILD, 'tests', 'daemon', 'test_tollgated'), '--config', self.config, '--state',
                self.state, *self.more_options, *more]

    def tell_engine(self, order, answers=False, seconds=5):
        """Give the engine an order; the text it answers with. Orders without an answer come in the order they are given."""
        if not answers:
            if self.orders is None:
                self.orders = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.orders.sendto(order.encode(), (self.host, self.port))
            return None
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.settimeout(seconds * rig.SLOWER)
            udp.sendto(order.encode(), (self.host, self.port))
            return udp.recv(4096).decode()

    def close(self):
        try:
            super().close()
        finally:
            if self.orders is not None:
                self.orders.close()

    def facts(self):
        """What the engine has: {name: number or text}. None if it is not there."""
        try:
            words = self.tell_engine('facts', answers=True, seconds=0.5).split()
        except (TimeoutError, ConnectionRefusedError):
            return None
        pairs = (word.split('=', 1) for word in words)
        return {name: int(value) if value.isdigit() else value for name, value in pairs}

    def ask_desk(self, line, seconds=10):
        """All that the desk answers to one line."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as console:
            console.settimeout(seconds * rig.SLOWER)
            console.connect(os.path.join(self.state, 'tollgate.ctl'))
            console.sendall(line.encode() + b'\n')
            answer = b''
            while True:
                more = console.recv(4096)
                if not more:
                    return answer.decode().splitlines()
                answer += more

    def processes(self):
        rows = (line.split() for line in self.ask_desk('processes'))
        return {row[0]: int(row[1]) for row in rows if len(row) == 3}

    def kill(self, name):
        """SIGKILL; the new process id once it is back."""
        before = self.processes()[name]
        os.kill(before, signal.SIGKILL)

        def back():
            try:
                pid = self.processes().get(name)
            except OSError:
                return None
            return pid if pid not in (None, 0, before) else None

        return rig.wait_for(back, 10, f'{name} comes back')

    def wait_log(self, text, seconds=5):
        try:
            rig.wait_for(lambda: text in self.log(), seconds, f'"{text}" in the log')
        except AssertionError as error:
            raise AssertionError(f'{error}:\n{self.log()}') from None

    def wait_fact(self, name, value, seconds=5):
        try:
            rig.wait_for(lambda: (self.facts() or {}).get(name) == value, seconds, f'{name}={value}')
        except AssertionError as error:
            raise AssertionError(f'{error}, not {self.facts()}:\n{self.log()}') from None


@pytest.fixture(name='daemon')
def daemon():
    """Makes and starts daemons: daemon(iax, extensions, start=True, more_options=()). Ends them all."""
    made = []

    def make(*args, start=True, **more):
        made.append(Daemon(*args, **more))
        return made[-1].start() if start else made[-1]

    yield make
    for one in made:
        one.close()
