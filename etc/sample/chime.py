#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes sounds/chime.ulaw and sounds/chime.alaw: three bells, one second and a half at 8000 Hz (coding: ITU-T G.711)."""
import math
import os

RATE = 8000
BELLS = ((0.0, 659.26), (0.35, 523.25), (0.7, 392.0))


def sample(i):
    total = 0.0
    for start, hertz in BELLS:
        t = i / RATE - start
        if t >= 0:
            fade = math.exp(-4 * t) * min(1.0, t * 200)
            total += fade * (math.sin(2 * math.pi * hertz * t) + 0.3 * math.sin(4 * math.pi * hertz * t))
    return max(-32000, min(32000, round(7000 * total)))


def ulaw(value):
    sign = 0x80 if value < 0 else 0
    magnitude = min(abs(value) + 132, 32767)
    segment = max(magnitude.bit_length() - 8, 0)
    return ~(sign | segment << 4 | magnitude >> (segment + 3) & 0x0f) & 0xff


def alaw(value):
    sign = 0x80 if value >= 0 else 0
    magnitude = abs(value) if value >= 0 else abs(value) - 1
    segment = max(magnitude.bit_length() - 8, 0)
    step = magnitude >> (segment + 3 if segment else 4) & 0x0f
    return (sign | segment << 4 | step) ^ 0x55


def main():
    samples = [sample(i) for i in range(RATE * 3 // 2)]
    here = os.path.dirname(os.path.abspath(__file__))
    for name, encode in (('ulaw', ulaw), ('alaw', alaw)):
        with open(os.path.join(here, 'sounds', 'chime.' + name), 'wb') as file:
            file.write(bytes(encode(value) for value in samples))


if __name__ == '__main__':
    main()
