"""The engines of exact values, of estimates and of simulated shots."""

from collections.abc import Callable
from typing import Any

import qbell
from benchmarks.estimating import noisy_ghz
from benchmarks.exact import random_state
from benchmarks.growth.engine import Engine
from benchmarks.pairs import all_pairs, ghz_shots
from benchmarks.peers.density_matrix import matrix_of
from benchmarks.peers.estimates import merged
from qbell import exact
from qbell.devices.backends import find_backend

DEVICE = "fake_pittsburgh"
DRAWS = 2000

Work = Callable[[], Any]


def of_vector(n: int) -> Work:
    vector = random_state(n)
    return lambda: exact.correlator_values(vector)


def of_vector_bound(n: int) -> Work:
    vector = random_state(n)
    return lambda: exact.bound(vector)


def of_matrix(n: int) -> Work:
    matrix = matrix_of(n, 2**n)
    return lambda: exact.qfi(matrix)


def of_low_rank(n: int) -> Work:
    matrix = matrix_of(n, 8)
    return lambda: exact.bound(matrix)


def full_design(n: int) -> Work:
    shots = merged(noisy_ghz(n, 200, 1))
    return lambda: qbell.estimate(shots)


def pairs(shots: int) -> Work:
    directions, bits = ghz_shots(20, shots)
    return lambda: all_pairs(directions, bits)


def even(n: int) -> Work:
    schedule = qbell.schedule(n, "even", draws=DRAWS, seed=1)
    shots = qbell.sample(qbell.ghz(n), schedule, shots=1, seed=1)
    return lambda: qbell.estimate(shots)


def density_matrix_noise(n: int) -> Work:
    device, schedule = find_backend(DEVICE), qbell.schedule(n)
    return lambda: qbell.sample(qbell.ghz(n), schedule, shots=100, seed=1, backend=device)


def stabiliser_noise(n: int) -> Work:
    schedule = qbell.schedule(n, "even", draws=DRAWS, seed=1)
    device, state = find_backend(DEVICE), qbell.ghz(n, layout="tree")
    return lambda: qbell.sample(state, schedule, shots=1, seed=1, backend=device)


ENGINES = (
    Engine("all correlators of a pure state", "3^N", lambda n: 3**n, "16 bytes · 3^N",
           of_vector, (12, 14, 16), 18, "6.2 GiB"),
    Engine("the bound of a pure state", "3^N", lambda n: 3**n, "16 bytes · 3^16 at most",
           of_vector_bound, (12, 14, 16), 20, "time"),
    Engine("QFI of a density matrix of full rank", "8^N", lambda n: 8**n, "128 bytes · 4^N",
           of_matrix, (8, 9, 10), 12, "time; 13 takes 8 GiB, too"),
    Engine("the bound of a density matrix of rank 8", "4^N + 8 · 3^N", lambda n: 4**n,
           "16 bytes · 4^N", of_low_rank, (9, 10, 11), 13, "the matrix; as an ensemble 18"),
    Engine("QFI of an Ising chain", "N³", lambda n: n**3, "some N² numbers",
           lambda n: lambda: exact.qfi(qbell.ising(n, -1.0)), (200, 400, 800), 5000, "time"),
    Engine("the bound of an Ising chain, U = -1.5", "N, and a power of the bond", lambda n: n,
           "bond⁴", lambda n: lambda: exact.bound(qbell.ising(n, -1.5)), (24, 48, 96), 1000,
           "the bond: at U = -1 an hour for 500"),
    Engine("the bound of a symmetric state", "N³", lambda n: n**3, "some N² numbers",
           lambda n: lambda: exact.bound(qbell.double_well(n, -1.0)), (200, 400, 800), 4000,
           "time"),
    Engine("QFI of the ground state of xxz", "2^N · N · steps", lambda n: n * 2**n,
           "vectors of 2^N", lambda n: lambda: exact.qfi(qbell.xxz(n, 0.5)), (10, 12, 14), 18,
           "its correlators: 6.2 GiB"),
    Engine("estimates, full design, 1000 resamples", "4^N", lambda n: 4**n, "16 bytes · 4^N",
           full_design, (6, 7, 8), 12, "2^N settings"),
    Engine("the bound from single random shots, N = 20", "shots²", lambda m: m**2, "shots",
           pairs, (16_000, 32_000, 64_000), 1_000_000, "time", "shots"),
    Engine("E_N,0 from 2000 random even settings", "N", lambda n: n, "N · shots",
           even, (20, 60, 120), 1000, "the size of a Schedule"),
    Engine("shots with a device's noise, all settings", "4^N · gates", lambda n: 4**n,
           "16 bytes · 4^N", density_matrix_noise, (6, 8, 10), 12, "time"),
    Engine("2000 noisy settings by random Paulis", "N · gates, gates · layers", lambda n: n**2,
           "N · shots", stabiliser_noise, (20, 60, 120), 156, "the device"),
)  # fmt: skip
