# SPDX-License-Identifier: Apache-2.0
"""Attackers and customers for the end-to-end tests: single exchanges of frames by hand, and `knock` for thousands at once. Only
loopback addresses are ever spoken to or from."""
import collections
import hashlib
import json
import os
import re
import secrets
import select
import socket
import subprocess
import threading
import time

import frames
import rig

AUTHREQ, AUTHREP, HANGUP, ACCEPT, REGAUTH, REGACK, REGREJ, REGREL = 8, 9, 5, 7, 14, 15, 16, 17
IE_CONTEXT, IE_CHALLENGE, IE_MD5, IE_REFRESH, IE_CAUSE, IE_CAUSECODE = 5, 15, 16, 19, 22, 42
VERDICTS = (frames.REJECT, REGREJ, ACCEPT, REGACK, HANGUP)
VERDICT_S = 6


def elements(data):
    """[(number, bytes)] of a full frame."""
    found, at = [], 12
    while at + 2 <= len(data):
        found.append((data[at], data[at + 2:at + 2 + data[at + 1]]))
        at += 2 + data[at + 1]
    return found


class Peer:
    """One UDP socket of somebody: right or wrong, he speaks proper IAX2."""

    def __init__(self, exchange, host='127.0.0.1', port=0):
        assert host.startswith('127.') and exchange.host.startswith('127.')
        self.exchange = exchange
        self.number = 1 + secrets.randbelow(20000)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((host, port))
        self.sock.connect((exchange.host, exchange.port))
        self.host, self.port = self.sock.getsockname()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    def send(self, datagram):
        self.sock.send(datagram)

    def wait(self, wanted, number, seconds):
        """The next full frame for this call number whose subclass is wanted; None if there is none in time."""
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.sock], [], [], left)[0]:
                return None
            try:
                answer = frames.Answer(self.sock.recv(4096))
            except (AssertionError, ConnectionRefusedError):
                continue
            if answer.destination == number and answer.type == frames.TYPE_IAX and answer.subclass in wanted:
                return answer

    def ask(self, datagram, wanted, number, seconds=VERDICT_S, every=1.0):
        """Send it, and again every second, until something wanted comes."""
        end = time.monotonic() + seconds * rig.SLOWER
        while time.monotonic() < end:
            self.send(datagram)
            answer = self.wait(wanted, number, min(every, max(0.01, end - time.monotonic())))
            if answer:
                return answer
        return None

    def request(self, subclass, name, number='600', context=''):
        more = b''
        if subclass == frames.NEW:
            more = frames.element(frames.IE_VERSION, b'\0\2') + frames.element(frames.IE_CALLED_NUMBER, number.encode())
            if context:
                more += frames.element(IE_CONTEXT, context.encode())
            more += frames.element(frames.IE_CAPABILITY, b'\0\0\0\4') + frames.element(frames.IE_FORMAT, b'\0\0\0\4')
        if name:
            more += frames.element(frames.IE_USERNAME, name.encode())
        if subclass == frames.REGREQ:
            more += frames.element(IE_REFRESH, b'\0\74')
        return more

    def open(self, subclass, name, number='600', context='', token=True, seconds=VERDICT_S, every=1.0):
        """Until the challenge: (our number, the answer); the answer is None for silence."""
        self.number = self.number % 32000 + 1
        mine, request = self.number, self.request(subclass, name, number, context)
        final = (AUTHREQ, REGAUTH, frames.REJECT, REGREJ, ACCEPT, REGACK)
        if token:
            empty = frames.full(mine, subclass, request + frames.element(frames.IE_CALLTOKEN, b''))
            got = self.ask(empty, (frames.CALLTOKEN,) + final, mine, seconds, every)
            if got is None or got.subclass != frames.CALLTOKEN:
                return mine, got
            request += frames.element(frames.IE_CALLTOKEN, dict(elements(got.bytes))[frames.IE_CALLTOKEN])
        return mine, self.ask(frames.full(mine, subclass, request, timestamp=3), final, mine, seconds, every)

    def answer_to(self, subclass, mine, challenge, name, secret):
        """The frame that answers a challenge."""
        text = dict(elements(challenge.bytes))[IE_CHALLENGE]
        digest = hashlib.md5(text + secret.encode()).hexdigest().encode()
        call = subclass == frames.NEW
        return frames.full(mine, AUTHREP if call else subclass,
                           (b'' if call else self.request(subclass, name)) + frames.element(IE_MD5, digest),
                           destination=challenge.source, timestamp=9, oseqno=1, iseqno=1)

    def try_once(self, subclass, name, secret, number='600', context='', token=True, seconds=VERDICT_S, every=1.0):
        """'granted', 'refused', 'turned away' (without a question) or 'silence'; and the last frame."""
        mine, got = self.open(subclass, name, number, context, token, seconds, every)
        word = 'turned away'
        if got is not None and got.subclass in (AUTHREQ, REGAUTH):
            got = self.ask(self.answer_to(subclass, mine, got, name, secret), VERDICTS, mine, seconds, every)
            word = 'refused'
        if got is None:
            return 'silence', None
        self.finish(mine, got)
        return ('granted' if got.subclass in (ACCEPT, REGACK) else word), got

    def finish(self, mine, verdict):
        """Acknowledge it, and hang up if it let us in."""
        self.send(frames.full(mine, frames.ACK, destination=verdict.source, timestamp=verdict.timestamp,
                              oseqno=verdict.iseqno, iseqno=(verdict.oseqno + 1) & 255))
        if verdict.subclass == ACCEPT:
            self.ask(frames.full(mine, HANGUP, destination=verdict.source, timestamp=2000, oseqno=verdict.iseqno,
                                 iseqno=(verdict.oseqno + 1) & 255), (frames.ACK, frames.INVAL), mine, 2)

    def call(self, name, secret, **more):
        return self.try_once(frames.NEW, name, secret, **more)[0]

    def register(self, name, secret, **more):
        return self.try_once(frames.REGREQ, name, secret, **more)[0]


class Customer(threading.Thread):
    """Registers and calls in turn from one address and port until told to end, and counts. A step that does not end well within a
    telephone's patience is a failure."""

    def __init__(self, exchange, host, name, secret, every=0.5, port=0):
        super().__init__(daemon=True)
        self.peer = Peer(exchange, host, port)
        self.name_of, self.secret, self.every = name, secret, every
        self.good, self.failed, self.over = collections.Counter(), [], threading.Event()

    def run(self):
        while not self.over.is_set():
            for what in (self.peer.register, self.peer.call):
                outcome = what(self.name_of, self.secret, seconds=12)
                if outcome == 'granted':
                    self.good[what.__name__] += 1
                else:
                    self.failed.append(f'{what.__name__}: {outcome}')
            self.over.wait(self.every)

    def __enter__(self):
        self.start()
        rig.wait_for(lambda: self.good['call'] or self.failed, 20, 'the customer calls')
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join(40 * rig.SLOWER)
        self.peer.close()

    def is_well(self, at_least=1):
        """He did so much from now on, and never failed."""
        goal = self.good['call'] + at_least
        rig.wait_for(lambda: self.good['call'] >= goal or self.failed, 40, 'the customer goes on')
        assert not self.failed, f'{len(self.failed)} failed beside {dict(self.good)}: {self.failed[:5]}'
        return dict(self.good)


def guess_at_once(exchange, host, names, secrets_tried, pause=0):
    """One source asks for so many challenges, then answers them all at once, each with its secret: all are on their way before
    anything is done about the first. One name for all, or one for each. The outcomes, in order."""
    names = [names] * len(secrets_tried) if isinstance(names, str) else names
    peers = [Peer(exchange, host) for _ in secrets_tried]
    try:
        asked = [peer.open(frames.REGREQ, name) for peer, name in zip(peers, names)]
        assert all(got is not None and got.subclass == REGAUTH for _, got in asked), asked
        for peer, (mine, got), name, secret in zip(peers, asked, names, secrets_tried):
            time.sleep(pause)
            peer.send(peer.answer_to(frames.REGREQ, mine, got, name, secret))
        verdicts = [peer.wait(VERDICTS, mine, 3 * rig.SLOWER) for peer, (mine, _) in zip(peers, asked)]
        return ['silence' if got is None else 'granted' if got.subclass == REGACK else 'refused' for got in verdicts]
    finally:
        for peer in peers:
            peer.close()


Result = collections.namedtuple('Result', 'tag outcome challenge_us verdict_us datagrams resent shape')


def knock(exchange, rows, per_s=100, in_flight=4000, seconds=120):
    """Many tries at once. A row: (tag, 'call' or 'register' or 'release', source, name, secret[, context]). The results, in the
    order in which they ended, and what the shapes are."""
    text = ''.join(' '.join(map(str, row)) + '\n' for row in rows)
    done = subprocess.run([os.path.join(rig.BUILD, 'tests', 'e2e', 'knock'), str(exchange.port), str(per_s), str(in_flight)],
                          input=text, capture_output=True, text=True, timeout=seconds, check=False, env=rig.environment())
    assert done.returncode == 0 and not rig.SANITIZER_TROUBLE.search(done.stderr), done.stderr
    results, shapes = [], {}
    for line in done.stdout.splitlines():
        words = line.split()
        if words[0] == 'shape':
            shapes[words[1]] = words[2] if len(words) > 2 else ''
        else:
            results.append(Result(words[0], words[1], *map(int, words[2:6]), words[6]))
    assert len(results) == len(rows), f'{len(results)} of {len(rows)}'
    return results, shapes


# ---- What the exchange tells ----

def events(exchange, name=None, **fields):
    """The events in security.json, of this name and with these fields."""
    try:
        with open(os.path.join(exchange.state, 'security.json'), encoding='ascii') as file:
            found = [json.loads(line) for line in file if line.endswith('\n')]
    except FileNotFoundError:
        found = []
    return [one for one in found if (name is None or one['SecurityEvent'] == name) and
            all(one[key] == value for key, value in fields.items())]


def wait_event(exchange, name, seconds=15, **fields):
    """The first such event, once it is there."""
    return rig.wait_for(lambda: events(exchange, name, **fields), seconds,
                        f'{name} {fields}; there are {collections.Counter(e["SecurityEvent"] for e in events(exchange))}')[0]


def host_of(event):
    """The address alone in RemoteAddress="IPV4/UDP/127.0.0.1/4569"."""
    return event['RemoteAddress'].split('/')[2]


def has_row(exchange, command, word):
    """The row of a console table that begins with this word."""
    return re.search(rf'^{re.escape(word)}(?:/\d+)?\s.*$', exchange.console(command), re.M)
