# SPDX-License-Identifier: Apache-2.0
"""A few IAX2 frames by hand (RFC 5456, section 8), for tests that must not use our own codec."""
import socket
import struct

FULL = 0x8000
TYPE_IAX = 6
NEW, PING, PONG, ACK, REJECT, INVAL, REGREQ, POKE, CALLTOKEN = 1, 2, 3, 4, 6, 10, 13, 30, 40
IE_CALLED_NUMBER, IE_USERNAME, IE_CAPABILITY, IE_FORMAT, IE_VERSION, IE_CALLTOKEN = 1, 6, 8, 9, 11, 54


def element(number, data):
    return bytes([number, len(data)]) + data


def full(source, subclass, elements=b'', destination=0, timestamp=1, oseqno=0, iseqno=0, frame_type=TYPE_IAX):
    return struct.pack('>HHIBBBB', FULL | source, destination, timestamp, oseqno, iseqno, frame_type, subclass) + elements


class Answer:
    """The header of a full frame that came."""

    def __init__(self, data):
        self.bytes = data
        word, self.destination, self.timestamp, self.oseqno, self.iseqno, self.type, self.subclass = \
            struct.unpack('>HHIBBBB', data[:12])
        assert word & FULL, f'no full frame: {data.hex()}'
        self.source = word & ~FULL


def ask(host, port, datagram, seconds=1.0, from_host=None):
    """Send one datagram from a fresh socket. The datagrams that come back within the time, in order."""
    with socket.socket(socket.AF_INET6 if ':' in host else socket.AF_INET, socket.SOCK_DGRAM) as sock:
        if from_host:
            sock.bind((from_host, 0))
        sock.settimeout(seconds)
        sock.sendto(datagram, (host, port))
        answers = []
        try:
            while len(answers) < 20:
                answers.append(sock.recv(4096))
                sock.settimeout(0.2)
        except (TimeoutError, ConnectionRefusedError):
            pass
        return answers
