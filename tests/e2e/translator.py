# SPDX-License-Identifier: Apache-2.0
"""Stands between a client that knows no call tokens and an exchange that wants them: it proves the client's address for it, and
passes all else on as it is."""
import select
import socket
import threading

import attack
import frames

OPENINGS = (frames.NEW, frames.REGREQ, attack.REGREL)


class Translator(threading.Thread):
    """The client speaks to self.port; the exchange sees it come from host."""

    def __init__(self, exchange, host):
        super().__init__(daemon=True)
        self.front, self.back = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        self.front.bind(('127.0.0.1', 0))
        self.back.bind((host, 0))
        self.back.connect((exchange.host, exchange.port))
        self.port = self.front.getsockname()[1]
        self.client, self.waiting, self.over = None, {}, False

    def run(self):
        while not self.over:
            for sock in select.select([self.front, self.back], [], [], 0.2)[0]:
                try:
                    if sock is self.front:
                        data, self.client = sock.recvfrom(4096)
                        self.from_client(data)
                    else:
                        self.from_exchange(sock.recv(4096))
                except OSError:
                    pass   # the other side is away for a moment

    def from_client(self, data):
        if len(data) >= 12 and data[0] & 0x80:
            head = frames.Answer(data)
            if head.destination == 0 and head.type == frames.TYPE_IAX and head.subclass in OPENINGS:
                self.waiting[head.source] = data
                data += frames.element(frames.IE_CALLTOKEN, b'')
        self.back.send(data)

    def from_exchange(self, data):
        if len(data) >= 12 and data[0] & 0x80:
            head = frames.Answer(data)
            if head.type == frames.TYPE_IAX and head.subclass == frames.CALLTOKEN and head.destination in self.waiting:
                token = dict(attack.elements(data))[frames.IE_CALLTOKEN]
                self.back.send(self.waiting.pop(head.destination) + frames.element(frames.IE_CALLTOKEN, token))
                return
        if self.client:
            self.front.sendto(data, self.client)

    def close(self):
        self.over = True
        self.join(5)
        self.front.close()
        self.back.close()
