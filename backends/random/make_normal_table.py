#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes normal_table.inc, the coefficients of normal.h.

    apt-get install python3-scipy
    /usr/bin/python3 make_normal_table.py > normal_table.inc

Prints to stderr how far the float32 evaluation is from the exact quantile, over every word with a
short run of fraction bits and 2^22 random ones.
"""

import sys

import numpy as np
from scipy.special import ndtri

SEGMENT_BITS = 4
SEGMENTS = 1 << SEGMENT_BITS
OCTAVES = 32
DEGREE = 3


def tail(m, half):
    """The quantile of the upper tail (m + half) / 2^32."""
    return -ndtri((m + half) / 2.0**32)


def segment(octave, j):
    """Coefficients of the cubic for one segment, in t = 1 - 2^-24 - fraction."""
    if octave == OCTAVES - 1:  # the word 0
        return [tail(0.0, 0.5), 0, 0, 0]
    # A fraction has 24 bits; where the word has more, it stands for the middle of those it drops.
    half = max(0.5, 2.0 ** (1 - octave))
    nodes = (1 - np.cos(np.pi * (np.arange(64) + 0.5) / 64)) / 2
    fraction = 1 - 2.0**-24 - nodes
    m = 2.0 ** (30 - octave) * (1 + (j + fraction) / SEGMENTS)
    fit = np.polynomial.chebyshev.Chebyshev.fit(nodes, tail(m, half), DEGREE, domain=[0, 1])
    return fit.convert(kind=np.polynomial.Polynomial).coef


def evaluate(table, word):
    """normal.h in numpy, for words without the sign bit."""
    m = word.astype(np.uint64)
    octave = 30 - np.floor(np.log2(np.maximum(m, 0.5))).astype(np.int64)
    rest = (m << (octave + 1).astype(np.uint64)) & np.uint64(0x7FFFFFFF)
    row = octave * SEGMENTS + (rest >> np.uint64(31 - SEGMENT_BITS)).astype(np.int64)
    fraction = (rest >> np.uint64(31 - SEGMENT_BITS - 24)) & np.uint64(0xFFFFFF)
    t = (np.uint64(0xFFFFFF) - fraction).astype(np.float32) * np.float32(2.0**-24)
    c = table[row]
    return c[:, 0] + t * (c[:, 1] + t * (c[:, 2] + t * c[:, 3]))


def main():
    rows = [segment(octave, j) for octave in range(OCTAVES) for j in range(SEGMENTS)]
    table = np.array(rows, dtype=np.float32)
    print("// SPDX-License-Identifier: Apache-2.0")
    print("// Made by make_normal_table.py: 32 octaves of 16 segments.")
    for row in table:
        print("TESSERA_NORMAL_ROW(%s)" % ", ".join(format_float(c) for c in row))

    random = np.random.default_rng(1).integers(0, 2**31, 2**22)
    few = np.arange(1 << 16)
    words = np.concatenate([random] + [few << shift for shift in range(16)] + [(1 << 31) - 1 - few])
    got = evaluate(table, words).astype(np.float64)
    want = tail(words.astype(np.float64), 0.5)
    error = np.abs(got - want)
    print("largest error %.3g, relative above 0.01 %.3g, largest value %.9g" %
          (error.max(), (error / want)[want > 0.01].max(), got.max()), file=sys.stderr)


def format_float(c):
    text = "%.9g" % c
    return (text if any(mark in text for mark in ".en") else text + ".0") + "f"


if __name__ == "__main__":
    main()
