# SPDX-License-Identifier: Apache-2.0
"""What is in a recording."""
import math
import struct
import wave


def strength(path, hz):
    """How much of a recording's energy is one frequency: 0 to 1 (Goertzel), over its loudest second."""
    with wave.open(path) as file:
        rate = file.getframerate()
        samples = struct.unpack(f'<{file.getnframes()}h', file.readframes(file.getnframes()))
    seconds = [samples[at:at + rate] for at in range(0, max(len(samples) - rate, 1), rate // 4)]
    loudest = max(seconds, key=lambda part: sum(abs(sample) for sample in part))
    energy = sum(sample * sample for sample in loudest)
    if energy == 0:
        return 0.0
    turn = 2 * math.pi * hz / rate
    real = sum(sample * math.cos(turn * n) for n, sample in enumerate(loudest))
    imaginary = sum(sample * math.sin(turn * n) for n, sample in enumerate(loudest))
    return 2 * (real * real + imaginary * imaginary) / (len(loudest) * energy)
