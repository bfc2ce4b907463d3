"""Outcomes that are stuck or repeated are found; those of quantum states are not accused."""

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from qiskit import QuantumCircuit
from qiskit.primitives import StatevectorSampler

import qbell
from qbell.certificates import certify
from qbell.certificates.chance_outcomes import _log_most_likely, outcomes_p_values
from qbell.certificates.statement import bonferroni
from qbell.conventions.alarm import ALARM
from qbell.shots.shots import Shots, from_frame
from tests.support.simulated import full_shots, probabilities, white_noise_ghz

Floats = NDArray[np.float64]


def p_of(shots: Shots) -> float:
    found = bonferroni(outcomes_p_values(shots))
    assert found is not None
    return found


def accused(shots: Shots, says: str) -> None:
    certificate = certify(shots, 0.25, 0.95)
    assert certificate.outcomes_p < ALARM
    assert certificate.entanglement_depth == 1
    assert certificate.bell_qubits == 0
    assert any(says in note for note in certificate.notes), certificate.notes


@pytest.mark.parametrize(
    ("design", "shots"),
    [("full", 20), ("equatorial", 40), ("random", 1), ("random3", 1), ("symmetric", 60)],
)
def test_zeros_in_all_settings(design: str, shots: int) -> None:
    draws = {"draws": 300, "seed": 1} if design.startswith("random") else {}
    schedule = qbell.schedule(3, design, **draws)
    frame = qbell.sample(qbell.ghz(3), schedule, shots=shots, seed=1).frame
    none = frame.assign(bitstring="000").groupby(
        [name for name in frame if name != "count"] if draws else ["setting", "bitstring"]
    )
    accused(from_frame(none["count"].sum().reset_index(), design), "which gave 0 in every shot")


def test_stuck_qubits_have_no_limits_at_any_time() -> None:
    """All outcomes 0 would otherwise be a bound of N^2."""
    frame = qbell.sample(qbell.ghz(5), qbell.schedule(5, "random", draws=300, seed=1), seed=1).frame
    assert qbell.estimate(from_frame(frame, "random")).facts["anytime"]["bound"]["low"] > 15
    result = qbell.estimate(from_frame(frame.assign(bitstring="00000"), "random"))
    assert result.certificate.outcomes_p < ALARM
    assert "anytime" not in result.facts


def test_one_stuck_qubit() -> None:
    frame = qbell.sample(qbell.ghz(4), qbell.schedule(4), shots=50, seed=1).frame
    frame["bitstring"] = frame["bitstring"].str[:2] + "1" + frame["bitstring"].str[3:]
    table = frame.groupby(["setting", "bitstring"])["count"].sum().reset_index()
    accused(from_frame(table, "full"), "qubit 1, which gave 1 in every shot")


@pytest.mark.parametrize("angle", [0.0, np.pi / 4])
def test_no_state_is_constant_more_often(angle: float) -> None:
    """The likelihood is at most that of the best state, here |+> between sigma_1 and sigma_2."""
    shots = np.array([30.0, 30.0] if angle else [30.0, 0.0])
    found = _log_most_likely(shots, np.array([0.0, np.pi / 2]))
    states = np.linspace(0, np.pi / 2, 2001)
    best = (np.log((1 + np.cos(states)) / 2) * shots[0]) + (
        np.log((1 + np.sin(states)) / 2) * shots[1]
    )
    assert found == pytest.approx(best.max(), abs=1e-4)
    assert found >= best.max() - 1e-9


def test_counts_made_from_probabilities() -> None:
    table = probabilities(white_noise_ghz(3, 0.1))
    shots = full_shots(table, 1000, np.random.default_rng(1))
    exact = [
        (setting, format(outcome, "03b"), round(1000 * share))
        for setting, row in zip(shots.frame["setting"].unique(), table, strict=True)
        for outcome, share in enumerate(row)
    ]
    frame = pd.DataFrame(exact, columns=["setting", "bitstring", "count"])
    accused(from_frame(frame, "full"), "made from probabilities")


def in_jobs(fixed: bool, matrix: NDArray[np.complex128], design: str) -> Shots:
    """Six jobs, each in an order of its own, by a generator that begins anew in each, or not."""
    table, orders, parts = probabilities(matrix), np.random.default_rng(7), []
    size = len(table)
    for job in range(6):
        generator = np.random.default_rng(5 if fixed else 100 + job)
        drawn = orders.integers(0, size, size)
        for place, setting in enumerate(orders.permutation(size) if design == "full" else drawn):
            seen = np.searchsorted(np.cumsum(table[setting]), generator.random(60)).clip(
                0, size - 1
            )
            words, counts = np.unique(seen, return_counts=True)
            part = pd.DataFrame({"bitstring": [f"{word:04b}" for word in words], "count": counts})
            word = "".join("XY"[setting >> qubit & 1] for qubit in (3, 2, 1, 0))
            part = part.assign(setting=word, job=job)
            parts.append(part if design == "full" else part.assign(draw=size * job + place))
    return from_frame(pd.concat(parts, ignore_index=True), design)


@pytest.mark.first_and_last
@pytest.mark.slow
@pytest.mark.parametrize("design", ["full", "random"])
@pytest.mark.parametrize("state", ["ghz", "any"])
def test_a_fixed_seed_in_each_job(state: str, design: str, rng: np.random.Generator) -> None:
    matrix = white_noise_ghz(4, 0.0)
    if state == "any":
        vector = rng.normal(size=16) + 1j * rng.normal(size=16)
        matrix = np.outer(vector, vector.conj()) / np.linalg.norm(vector) ** 2
    shots = in_jobs(True, matrix, design)
    accused(shots, "seed")
    found = outcomes_p_values(shots)
    assert min(found[name] for name in found if name.startswith("jobs")) < ALARM
    assert p_of(in_jobs(False, matrix, design)) > 0.01


def test_a_fixed_seed_for_each_circuit() -> None:
    sampler = StatevectorSampler(seed=5)
    shots = qbell.sample(qbell.ghz(4), qbell.schedule(4), sampler, shots=400)
    accused(shots, "a fixed seed gave the same random numbers")


def test_jobs_that_are_copies() -> None:
    frame = qbell.sample(qbell.ghz(3), qbell.schedule(3), shots=200, seed=3).frame
    both = pd.concat([frame.assign(job=1), frame.assign(job=2)], ignore_index=True)
    accused(from_frame(both, "full"), "equal counts")


@pytest.mark.first_and_last
@pytest.mark.statistics
@pytest.mark.parametrize("kind", ["ghz", "zeros", "plus", "mixed"])
def test_ideal_data_are_not_accused(kind: str, rng: np.random.Generator) -> None:
    """At most 1 alarm in 100 data sets; at the rate 0.001 a second comes once in 200 runs.

    |0...0> is always 0 along z; as |+...+> it is along sigma_1.
    """
    alarms = 0
    if kind == "zeros":
        for seed in range(100):
            schedule = qbell.schedule(2, "random3", draws=40, axis="xz"[seed % 2], seed=seed)
            alarms += p_of(qbell.sample(QuantumCircuit(2), schedule, shots=3, seed=seed)) < ALARM
        assert alarms <= 1
        return
    noise = {"ghz": 0.0, "plus": 0.0, "mixed": 1.0}[kind]
    matrix = np.full((8, 8), 0.125 + 0j) if kind == "plus" else white_noise_ghz(3, noise)
    table = probabilities(matrix)
    for repetition in range(100):
        size = (20, 200)[repetition % 2]
        shots = full_shots(table, size, rng)
        if repetition % 4 < 2:
            frame = pd.concat(
                [full_shots(table, size, rng).frame.assign(job=job) for job in range(3)]
            )
            shots = from_frame(frame.reset_index(drop=True), "full")
        alarms += p_of(shots) < ALARM
    assert alarms <= 1
