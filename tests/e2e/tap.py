# SPDX-License-Identifier: Apache-2.0
"""A tap between phones and an exchange: passes every datagram on and writes it to a capture file.

A capture on the loopback device would need rights, and would show as one packet what the kernel was asked to send as several
of one length. This sees exactly the datagrams that programs get.
"""
import select
import socket
import struct
import threading
import time

LINKTYPE_RAW_IP = 101
UDP = 17


class Tap:
    """Phones call (host, port) instead of the exchange's own port. Used in a with statement."""

    def __init__(self, exchange, path):
        self.target = (exchange.host, exchange.port)
        self.front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.front.bind((exchange.host, 0))
        self.host, self.port = self.front.getsockname()
        self.file = open(path, 'wb')
        self.file.write(struct.pack('<IHHiIII', 0xa1b2c3d4, 2, 4, 0, 0, 65535, LINKTYPE_RAW_IP))
        self.behind = {}    # a phone's address: our socket that speaks for it
        self.done = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.done.set()
        self.thread.join(5)
        for one in (self.front, self.file, *self.behind.values()):
            one.close()

    def uri(self, user='', number=''):
        return f'iax2:{user + "@" if user else ""}{self.host}:{self.port}{"/" + number if number else ""}'

    def keep(self, source, target, data):
        """One datagram, between the addresses that the exchange sees."""
        now = time.time()
        datagram = struct.pack('>HHHH', source[1], target[1], 8 + len(data), 0) + data
        packet = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20 + len(datagram), 0, 0, 64, UDP, 0, socket.inet_aton(source[0]),
                             socket.inet_aton(target[0])) + datagram
        self.file.write(struct.pack('<IIII', int(now), int(now % 1 * 1e6), len(packet), len(packet)) + packet)

    def socket_for(self, phone):
        if phone not in self.behind:
            sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            sock.connect(self.target)
            self.behind[phone] = sock
        return self.behind[phone]

    def run(self):
        while not self.done.is_set():
            phones = {sock: phone for phone, sock in self.behind.items()}
            for sock in select.select([self.front, *phones], [], [], 0.1)[0]:
                try:
                    data, sender = sock.recvfrom(65536)
                    if sock is self.front:
                        behind = self.socket_for(sender)
                        self.keep(behind.getsockname(), self.target, data)
                        behind.send(data)
                    else:
                        self.keep(self.target, sock.getsockname(), data)
                        self.front.sendto(data, phones[sock])
                except ConnectionRefusedError:
                    pass    # a phone, or the exchange, has gone
