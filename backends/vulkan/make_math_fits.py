#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints the polynomials of math.glsl and math64.glsl, and how close they come.

    apt-get install python3-mpmath
    /usr/bin/python3 make_math_fits.py

Each is the polynomial of its degree with the least greatest weighted error (Remez's exchange), in
60 digits; weights make it the relative error of the function that the polynomial helps to compute.
Coefficients come with the highest degree first, as Horner's scheme takes them.
"""

import sys

import mpmath as mp

mp.mp.dps = 60
GRID = 1500


def solve(points, f, weight, degree):
    """The polynomial whose weighted error alternates between +e and -e at degree + 2 points."""
    a = mp.matrix(degree + 2, degree + 2)
    b = mp.matrix(degree + 2, 1)
    for i, x in enumerate(points):
        for k in range(degree + 1):
            a[i, k] = x**k
        a[i, degree + 1] = (-1) ** i / weight(x)
        b[i] = f(x)
    return list(mp.lu_solve(a, b))[: degree + 1]


def remez(f, weight, low, high, degree):
    """(coefficients from the constant up, greatest weighted error)."""
    middle, half = (low + high) / 2, (high - low) / 2
    n = degree + 2
    points = [middle - half * mp.cos(mp.pi * (i + mp.mpf(1) / 2) / n) for i in range(n)]
    grid = [middle - half * mp.cos(mp.pi * (i + mp.mpf(1) / 2) / GRID) for i in range(GRID)]
    values = [(x, f(x), weight(x)) for x in grid]
    for _ in range(30):
        c = solve(points, f, weight, degree)
        error = [(w * (y - mp.polyval(c[::-1], x)), x) for x, y, w in values]
        # The greatest error of each run of one sign.
        peaks = []
        for e, x in error:
            if peaks and (e > 0) == (peaks[-1][0] > 0):
                if abs(e) > abs(peaks[-1][0]):
                    peaks[-1] = (e, x)
            else:
                peaks.append((e, x))
        while len(peaks) > n:
            peaks.pop(0 if abs(peaks[0][0]) < abs(peaks[-1][0]) else -1)
        if len(peaks) < n:
            break
        sizes = [abs(e) for e, _ in peaks]
        points = [x for _, x in peaks]
        if max(sizes) < min(sizes) * mp.mpf("1.001"):
            break
    return c, max(abs(e) for e, _ in error)


def fit(name, digits, f, weight, low, high, degree):
    c, error = remez(f, weight, mp.mpf(low), mp.mpf(high), degree)
    print("%s: degree %d on [%s, %s], error %s" % (
        name, degree, mp.nstr(mp.mpf(low), 4), mp.nstr(mp.mpf(high), 4), mp.nstr(error, 3)))
    print("    " + " ".join(mp.nstr(x, digits) for x in c[::-1]), flush=True)


# f(x) = x + x^3 p(x^2), the error relative to f.
def odd(name, digits, f, high, degree):
    # Near 0 the difference cancels: more digits there.
    def p(z):
        with mp.workdps(120):
            x = mp.sqrt(z)
            return (f(x) - x) / (x * z)

    fit(name, digits, p, lambda z: mp.sqrt(z) * z / f(mp.sqrt(z)), 1e-12, high, degree)


def cosine(z):
    with mp.workdps(120):
        return (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2


def logarithm(x):
    with mp.workdps(120):
        return (mp.log1p(x) - x + x * x / 2) / x**3


def exponential(x):
    with mp.workdps(120):
        return (mp.expm1(x) - x) / x**2


def scaled_complement(t):
    """erfc(x) exp(x^2) at x = 2 (1 + t) / (1 - t)."""
    x = 2 * (1 + t) / (1 - t)
    return mp.erfc(x) * mp.exp(x * x)


def main():
    quarter = (mp.pi / 4) ** 2 * mp.mpf("1.0001")
    root = mp.sqrt(2)
    centre = (3 - 2 * root) ** 2 * mp.mpf("1.0001")  # ((m - 1) / (m + 1))^2 at m = sqrt(2)
    eighth = mp.tan(mp.pi / 8) ** 2 * mp.mpf("1.0001")

    print("float32")
    fit("log", 9, logarithm, lambda x: x**3 / mp.log1p(x), 1 / root - 1 - 1e-6, root - 1 + 1e-6, 8)
    odd("sin", 9, mp.sin, quarter, 3)
    fit("cos", 9, cosine, lambda z: z**2, 1e-12, quarter, 2)
    odd("tan", 9, mp.tan, quarter, 6)
    odd("asin", 9, mp.asin, 0.25, 4)
    odd("atan", 9, mp.atan, eighth, 4)
    odd("sinh", 9, mp.sinh, 1, 3)
    odd("atanh, for pow", 9, mp.atanh, centre, 3)

    print("float64")
    half = mp.log(2) / 2 * mp.mpf("1.0001")
    fit("exp", 17, exponential, lambda x: x**2, -half, half, 10)
    fit("expm1", 17, exponential, lambda x: x**2 / mp.expm1(x), -0.5, 0.5, 12)
    odd("sin", 17, mp.sin, quarter, 6)
    fit("cos", 17, cosine, lambda z: z**2, 1e-12, quarter, 5)
    odd("asin", 17, mp.asin, 0.25, 12)
    odd("atan", 17, mp.atan, eighth, 11)
    odd("sinh", 17, mp.sinh, 1, 6)
    odd("atanh, for log and pow", 17, mp.atanh, centre, 7)
    fit("erf / x", 17, lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z),
        lambda z: mp.sqrt(z) / mp.erf(mp.sqrt(z)), 1e-12, 1, 12)
    fit("erfc exp(x^2)", 17, scaled_complement,
        lambda t: mp.exp(-((2 * (1 + t) / (1 - t)) ** 2)), mp.mpf(-1) / 3, 0.5, 13)


if __name__ == "__main__":
    sys.exit(main())
