"""Data that no quantum state gives certify nothing; ideal data, at the limit, are not accused."""

import numpy as np
import pytest
from numpy.typing import NDArray

import qbell
from qbell.conventions.alarm import ALARM
from qbell.estimator.dispatch import Task, find
from qbell.estimator.quantum_limits import quantum_p
from tests.conftest import Repeats
from tests.support.simulated import (
    full_shots,
    probabilities,
    random_shots,
    shots_of,
    white_noise_ghz,
)

Floats = NDArray[np.float64]


def plus(num_qubits: int) -> NDArray[np.complex128]:
    return np.full((2**num_qubits, 2**num_qubits), 2.0**-num_qubits) + 0j


def constant(num_qubits: int, outcome: int) -> Floats:
    """The same outcome, whatever is measured: a detector that is stuck."""
    table = np.zeros((2**num_qubits, 2**num_qubits))
    table[:, outcome] = 1.0
    return table


def everything_correlated(num_qubits: int) -> Floats:
    """Parities i^(number of Y), if real, in ALL subsets: E_s of many labels above 1/4 at once."""
    table = np.zeros((2**num_qubits, 2**num_qubits))
    for setting in range(2**num_qubits):
        table[setting, setting] = 1.0
    return table


@pytest.mark.parametrize("table", [constant(3, 0), constant(3, 5), everything_correlated(3)])
@pytest.mark.parametrize("design", ["full", "random"])
def test_impossible_data_certify_nothing(
    table: Floats, design: str, rng: np.random.Generator
) -> None:
    shots = full_shots(table, 50, rng) if design == "full" else random_shots(table, 400, rng)
    certificate = qbell.estimate(shots, resamples=100).certificate
    assert certificate.quantum_p < ALARM
    assert certificate.entanglement_depth == 1
    assert certificate.bell_qubits == 0
    assert certificate.p_value is None
    assert any("above what quantum mechanics allows" in note for note in certificate.notes)


def test_a_bound_above_heisenberg_certifies_nothing(rng: np.random.Generator) -> None:
    """Each of 20 shots came 100 times: their pairs count as signal."""
    num_qubits = 6
    settings = np.tile(rng.integers(0, 2**num_qubits, 20), 100)
    outcomes = np.tile(rng.integers(0, 2**num_qubits, 20), 100)
    shots = shots_of(
        settings,
        outcomes,
        np.ones(2000, dtype=np.int64),
        draws=np.arange(2000),
        num_qubits=num_qubits,
    )
    result = qbell.estimate(shots, resamples=200)
    assert result.bound.low > num_qubits**2
    assert result.certificate.quantum_p < ALARM
    assert result.certificate.entanglement_depth == 1


@pytest.mark.statistics
@pytest.mark.parametrize("state", ["ghz", "plus"])
@pytest.mark.parametrize("kind", [("full", 20), ("random", 60), ("random", 300), ("draws", 40)])
def test_ideal_data_are_not_accused(
    state: str, kind: tuple[str, int], rng: np.random.Generator, repeats: Repeats
) -> None:
    """On the edge, E = 1/4 and B = N^2: at most 1 alarm in 100 data sets.

    At the stated rate 0.001 a second one comes by chance in one of 200 runs of this test.
    """
    table = probabilities(white_noise_ghz(3, 0.0) if state == "ghz" else plus(3))
    alarms = 0
    for repetition in range(repeats(35, 100)):
        if kind[0] == "full":
            shots = full_shots(table, kind[1], rng)
        else:
            shots = random_shots(table, kind[1], rng, 20 if kind[0] == "draws" else 1)
        task = Task(shots, 0.95, 100, np.random.SeedSequence(repetition))
        alarms += quantum_p(find(task), 3) < ALARM
    assert alarms <= 1


@pytest.mark.slow
@pytest.mark.parametrize("confidence", [0.5, 0.8, 0.95])
def test_an_estimate_above_a_quarter_is_no_accusation(
    confidence: float, rng: np.random.Generator
) -> None:
    """The lower limit of E is above 1/4 in (1 - confidence) / 2 of ideal data sets."""
    table = probabilities(white_noise_ghz(4, 0.0))
    above = 0
    for _ in range(12):
        result = qbell.estimate(random_shots(table, 200, rng), confidence, 100)
        assert result.e_n is not None
        above += result.e_n.value > 0.25
        assert result.certificate.bell_qubits == 4
    assert above > 0
