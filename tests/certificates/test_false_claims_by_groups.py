"""States of known groups: no design claims more than their groups, in more than its error rate.

Every certificate of one data set, at once, and the limits that hold at any time beside them.
"""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

import qbell
from qbell import exact
from qbell.certificates import TestedCorrelator
from qbell.certificates.phase_test import phase_test
from qbell.certificates.registry import CLAIMS
from qbell.certificates.sequence import anytime_values
from qbell.certificates.statement import Evidence
from qbell.designs import DESIGNS
from qbell.designs.schedule import Schedule
from qbell.estimator.dispatch import estimator_of
from qbell.shots.shots import Shots
from tests.support.limits import most
from tests.support.simulated import law

Matrix = NDArray[np.complex128]
Repeats = Callable[[int, int], int]

N, DRAWS = 6, 600
QFI = ("bound", "qfi_ghz")  # limits of it that hold at any time
DEPTHS = ("nonlocality_depth", "svetlichny_depth", "no_signalling_depth", "entanglement_depth")


def pure(state: qbell.State) -> Matrix:
    vector = state.statevector()
    return np.outer(vector, vector.conj())


def joined(*parts: Matrix) -> Matrix:
    """The product of states, the first on the last qubits."""
    found = np.ones((1, 1), dtype=complex)
    for part in parts:
        found = np.kron(found, part)
    return found


def with_phases(rng: np.random.Generator) -> Matrix:
    """Each qubit on the equator, at an angle of its own."""
    return joined(
        *(
            np.array([[1, np.exp(-1j * angle)], [np.exp(1j * angle), 1]]) / 2
            for angle in rng.uniform(0, 2 * np.pi, N)
        )
    )


def state_of(name: str, rng: np.random.Generator) -> tuple[Matrix, int]:
    """The density matrix, and the qubits of its largest group."""
    zeros = np.zeros((2**N, 2**N), dtype=complex)
    zeros[0, 0] = 1
    halves = joined(pure(qbell.ghz(3)), pure(qbell.ghz(3)))
    plus = np.full((2, 2), 0.5 + 0j)
    return {
        "plus": (pure(qbell.plus(N)), 1),
        "phases": (with_phases(rng), 1),
        "mixed": (np.eye(2**N) / 2**N + 0j, 1),
        "two halves": (halves, 3),
        "two halves and zeros": (0.6 * halves + 0.4 * zeros, 3),
        "all but one": (joined(plus, pure(qbell.ghz(5))), 5),
        "three pairs": (joined(*[pure(qbell.ghz(2))] * 3), 2),
    }[name]


@pytest.mark.statistics
@pytest.mark.parametrize("design", ["random", "even", "ghz"])
@pytest.mark.parametrize(
    "name",
    [
        "two halves",
        *(
            pytest.param(name, marks=pytest.mark.nightly)
            for name in (
                "all but one",
                "plus",
                "phases",
                "mixed",
                "two halves and zeros",
                "three pairs",
            )
        ),
    ],
)
def test_no_more_than_its_groups(
    name: str, design: str, rng: np.random.Generator, repeats: Repeats
) -> None:
    """Depths above the largest group in 2.5 % of data sets at most, limits above F_Q in 5 %."""
    runs, groups_of = repeats(8, 150), estimator_of(DESIGNS[design])
    matrix, largest = state_of(name, rng)
    groups, qfi = -(-N // largest), exact.qfi(matrix) + 1e-6
    false = dict.fromkeys([*DEPTHS, "bell_qubits", "separability", "p_value", "qfi", "anytime"], 0)
    every = qbell.schedule(N, design, draws=2000, seed=1)
    words, places = np.unique(every.directions, axis=0, return_inverse=True)
    table = law(matrix, Schedule(design, every.axis, words))
    direction = TestedCorrelator("+" * N)
    for _ in range(runs):
        chosen = rng.choice(places.ravel(), DRAWS)
        outcomes = (table[chosen].cumsum(axis=1) < rng.random((DRAWS, 1))).sum(axis=1)
        shots = Shots(
            directions=words[chosen],
            bits=(outcomes[:, None] >> np.arange(N) & 1).astype(np.uint8),
            counts=np.ones(DRAWS, dtype=np.int64),
            draws=np.arange(DRAWS),
            design=design,
            axis=every.axis,
        )
        test = phase_test(shots, direction)
        evidence = Evidence(shots, direction, 0.95, 0.0, "", None, test)
        found = {key: n for each in CLAIMS for key, n in each.certify(evidence)[0].items()}
        for depth in DEPTHS:
            false[depth] += found[depth] > largest
        false["separability"] += 0 < (found["separability"] or 0) <= groups
        if largest == 1:
            false["bell_qubits"] += found["bell_qubits"] > 0
            false["p_value"] += min(found["p_value"], found["p_any"]) < 0.025
        limits = anytime_values(shots, direction, 0.95)
        false["anytime"] += any(limits[key]["low"] > qfi for key in QFI if key in limits)
        if DESIGNS[design].measures_population:
            low = groups_of.quantities(shots, direction, 0.95)["qfi_ghz"].lower_limit
            false["qfi"] += low is not None and low > qfi
    for claim, count in false.items():
        rate = 0.05 if claim in ("qfi", "anytime", "p_value") else 0.025
        assert count <= most(runs, rate), (claim, count)
