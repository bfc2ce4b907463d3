"""States and strategies without what a certificate is about are certified in at most 5 % of runs.

Depths are stated at the error rate 2.5 %, p-values at 5 %. The controls sit on the limits, where
errors are most frequent: |+>^N has E_{N,0} = 4^-N, the limit of separable states, and the local
strategies reach |c| = 2^(-N/2), so E_{N,0} = 2^-N, the limit of local realism.

50 runs: more than 9 claims have probability 2e-4 at a rate of 5 %.
"""

import numpy as np
import pytest
from numpy.typing import NDArray

import qbell
from qbell.shots.shots import Shots
from tests.conftest import Repeats
from tests.support.limits import most
from tests.support.simulated import full_shots, probabilities, random_shots

N = 3
pytestmark = pytest.mark.usefixtures("no_orders")
CERTIFICATES = ("bell_qubits", "nonlocality_depth", "no_signalling_depth", "p_value", "p_ratio")


def pure(state: qbell.State) -> NDArray[np.complex128]:
    vector = state.statevector()
    return np.outer(vector, vector.conj())


def local_table(rng: np.random.Generator) -> NDArray[np.float64]:
    """(settings, outcomes): a random mixture of strategies that answer each qubit by itself."""
    table = np.zeros((2**N, 2**N))
    for weight in rng.dirichlet(np.ones(3)):
        answers = rng.integers(0, 2, size=(N, 2))  # outcome of each qubit along sigma_1, sigma_2
        for setting in range(2**N):
            bits = [answers[qubit, setting >> qubit & 1] for qubit in range(N)]
            table[setting, int(np.dot(bits, 1 << np.arange(N)))] += weight
    return table / table.sum(axis=1, keepdims=True)


def saturating_table(rng: np.random.Generator) -> NDArray[np.float64]:
    """One strategy that answers without chance: E of all qubits is 2^-N, the local limit."""
    answers = rng.integers(0, 2, size=(N, 2))
    table = np.zeros((2**N, 2**N))
    for setting in range(2**N):
        bits = [answers[qubit, setting >> qubit & 1] for qubit in range(N)]
        table[setting, int(np.dot(bits, 1 << np.arange(N)))] = 1.0
    return table


def data(name: str, design: str, rng: np.random.Generator) -> Shots:
    if name == "lhv":
        table = local_table(rng)
    elif name == "saturating lhv":
        table = saturating_table(rng)
    else:
        states = {"plus": qbell.plus(N), "w": qbell.w(N)}
        matrix = np.eye(2**N) / 2**N + 0j if name == "mixed" else pure(states[name])
        table = probabilities(matrix)
    return full_shots(table, 60, rng) if design == "full" else random_shots(table, 600, rng)


@pytest.mark.statistics
@pytest.mark.parametrize("design", ["full", "random"])
@pytest.mark.parametrize("name", ["plus", "w", "mixed", "lhv", "saturating lhv"])
def test_certified_in_at_most_five_percent(
    name: str, design: str, rng: np.random.Generator, repeats: Repeats
) -> None:
    runs = repeats(20, 50)
    claims = dict.fromkeys([*CERTIFICATES, "entanglement_depth"], 0)
    for _ in range(runs):
        found = qbell.estimate(data(name, design, rng), resamples=40).certificate
        claims["bell_qubits"] += found.bell_qubits > 0
        for depth in ("nonlocality_depth", "no_signalling_depth", "entanglement_depth"):
            claims[depth] += getattr(found, depth) > 1
        claims["p_value"] += found.p_value is not None and found.p_value <= 0.05
        claims["p_ratio"] += found.p_value_ratio is not None and found.p_value_ratio <= 0.05
    if "lhv" in name:
        # Local strategies are no quantum states with trusted measurements: they may look entangled.
        del claims["entanglement_depth"]
    assert max(claims.values()) <= most(runs, 0.05), claims


@pytest.mark.statistics
@pytest.mark.parametrize("design", ["full", "random"])
def test_the_same_runs_certify_a_ghz_state(design: str, rng: np.random.Generator) -> None:
    """The other side: certificates that claim nothing at all would pass above."""
    table = probabilities(pure(qbell.ghz(N)))
    for _ in range(20):
        shots = full_shots(table, 60, rng) if design == "full" else random_shots(table, 600, rng)
        found = qbell.estimate(shots, resamples=40).certificate
        assert (found.bell_qubits, found.nonlocality_depth, found.entanglement_depth) == (N, N, N)
        assert design == "full" or (found.p_value or 1) < 1e-4
