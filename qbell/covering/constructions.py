"""Closed-form covering arrays. Each function returns (rows, columns) of 0 and 1.

Turning a whole column over, leaving columns out and reordering rows or columns keep the strength.
"""

from math import comb

import numpy as np
from numpy.typing import NDArray

from qbell.covering.verify import Rows


def all_rows(num_qubits: int) -> Rows:
    """All 2^N rows: order N. Row r has bit k of r in column k."""
    index = np.arange(2**num_qubits)[:, None]
    return (index >> np.arange(num_qubits) & 1).astype(np.uint8)


def even_rows(num_qubits: int) -> Rows:
    """The 2^(N-1) rows with an even number of ones: order N - 1, the optimum for it."""
    rows = all_rows(num_qubits - 1)
    return np.column_stack([rows, rows.sum(axis=1) % 2]).astype(np.uint8)


def pairs(num_qubits: int) -> Rows:
    """Order 2 with the fewest rows there can be (Kleitman and Spencer 1973; Katona 1973).

    M rows serve C(M - 1, ceil(M/2)) columns: a row of zeros, and below it a column for each set of
    ceil(M/2) of the other rows. Two such sets differ, so each has a row that the other lacks (01
    and 10), and they are more than half of M - 1, so they meet (11); the first row is 00.
    """
    num_rows = 4
    while comb(num_rows - 1, (num_rows + 1) // 2) < num_qubits:
        num_rows += 1
    size = (num_rows + 1) // 2
    rows = np.zeros((num_rows, num_qubits), dtype=np.uint8)
    chosen = list(range(size))
    for column in range(num_qubits):
        rows[np.array(chosen) + 1, column] = 1
        place = size - 1
        while place >= 0 and chosen[place] == num_rows - 1 - size + place:
            place -= 1
        if place >= 0:
            chosen[place:] = range(chosen[place] + 1, chosen[place] + 1 + size - place)
    return rows


def paley(prime: int) -> Rows:
    """(q + 1, q): a row of zeros, and the circulant of the non-squares modulo the odd prime q.

    Entry (r, c) of the circulant is 0 where c - r is a square other than 0. For q = 3 mod 4 this is
    a Hadamard matrix without its first column (Paley 1933). The strength grows about as log2(q)
    (Colbourn 2015); it is not proved here but checked.
    """
    squares = {value * value % prime for value in range(1, prime)}
    shift = np.subtract.outer(np.arange(prime), np.arange(prime)) % prime
    circulant = ~np.isin(-shift % prime, list(squares))
    return np.vstack([np.zeros((1, prime)), circulant]).astype(np.uint8)


def paley_circulant(prime: int) -> Rows:
    """(q, q): `paley` without its row of zeros."""
    return paley(prime)[1:]


def paley_doubled(prime: int) -> Rows:
    """(2q + 2, q + 1): `paley`, with a column of zeros, and below it the complement."""
    rows = paley(prime)
    return with_complements(np.column_stack([rows, np.zeros(len(rows), dtype=np.uint8)]))


def with_complements(rows: Rows) -> Rows:
    """The rows, and below them their complements."""
    return np.vstack([rows, 1 - rows])


def doubled(triples: Rows, two: Rows) -> Rows:
    """Order 3 on twice the columns: (A A; B not-B), A of order 3, B of order 2 (Roux 1987).

    Three columns that are not a column and its twin are three of A. Of c, its twin and d, the
    patterns with equal first two are in A, the others in B.
    """
    return np.vstack([np.hstack([triples, triples]), np.hstack([two, 1 - two])])


def power(base: Rows, prime: int, degree: int, order: int) -> Rows:
    """Columns for q^degree polynomials from a base array of q columns, q a prime.

    Column f, a polynomial of fewer than ``degree`` coefficients over GF(q), is column f(x) of the
    base for x = 0 .. s-1, one copy of the base below the other. The zeros and the ones of a
    pattern on K columns are ab <= floor(K/2) ceil(K/2) pairs of polynomials, a + b = K, each equal
    at most at degree - 1 points; so of s = floor(K/2) ceil(K/2) (degree - 1) + 1 points one keeps
    all zeros apart from all ones, and the base shows the pattern there. Constant rows are needed
    once only. (Colbourn and Torres-Jimenez 2010 use such hash families.)
    """
    points = (order // 2) * ((order + 1) // 2) * (degree - 1) + 1
    if points > prime or base.shape[1] != prime:
        raise ValueError(f"{points} points and {base.shape[1]} columns do not fit q = {prime}")
    base = base ^ base[0]  # the first row constant
    constant = (base == base[:, :1]).all(axis=1)
    once = np.unique(base[constant][:, 0])
    number = np.arange(prime**degree)
    coefficients: NDArray[np.int64] = number[:, None] // prime ** np.arange(degree) % prime
    parts = [np.repeat(once[:, None], len(number), axis=1)]
    for point in range(points):
        values = (coefficients @ (point ** np.arange(degree))) % prime
        parts.append(base[~constant][:, values])
    return np.vstack(parts)
