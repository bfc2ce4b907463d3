"""All 3^N words of X, Y and Z: every correlator and F0 without bias, and what tables must hold."""

import dataclasses
import itertools
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

import qbell
from qbell import exact
from qbell.conventions.axes import parse_axis
from qbell.designs.schedule import Schedule, schedule
from qbell.estimator.strata import strata_of
from qbell.estimator.words import WordFeatures, words
from qbell.shots.read_shots import read_shots
from qbell.shots.shots import Shots, from_frame
from tests.conftest import Repeats
from tests.support import slow_designs as slow
from tests.support.limits import least, most
from tests.support.simulated import law, shots_of_schedule, white_noise_ghz

Matrix = NDArray[np.complex128]


def random_state(num_qubits: int, rng: np.random.Generator) -> Matrix:
    """Mixed, of full rank and without any symmetry."""
    size = 2**num_qubits
    root = rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size))
    matrix = root @ root.conj().T
    return np.asarray(matrix / np.trace(matrix).real)


def pure(vector: NDArray[np.complex128]) -> Matrix:
    return np.asarray(np.outer(vector, np.conj(vector)), dtype=complex)


def tilted(num_qubits: int) -> Matrix:
    """A product of qubits in different directions: words with Z show half of what there is."""
    found = np.ones((1, 1), dtype=complex)
    for qubit in range(num_qubits):
        theta, phi = 0.6 + 0.3 * qubit, 0.4 * qubit
        vector = np.array([math.cos(theta / 2), np.exp(1j * phi) * math.sin(theta / 2)])
        found = np.kron(pure(vector), found)
    return found


STATES = {
    "noisy ghz": (3, lambda: white_noise_ghz(3, 0.2)),
    "plus": (3, lambda: pure(qbell.plus(3).statevector())),
    "w": (3, lambda: pure(qbell.w(3).statevector())),
    "mixed": (3, lambda: white_noise_ghz(3, 1.0)),
    "random": (3, lambda: random_state(3, np.random.default_rng(7))),
    "tilted": (3, lambda: tilted(3)),
}


def taken(num_qubits: int, shots: int, rng: np.random.Generator, noise: float = 0.2) -> Shots:
    matrix = white_noise_ghz(num_qubits, noise)
    return shots_of_schedule(matrix, schedule(num_qubits, "pauli"), shots, rng)


# Values


def test_the_features_of_exact_shares_are_the_exact_values(rng: np.random.Generator) -> None:
    matrix = random_state(3, rng)
    features = WordFeatures(3)
    values = features.of(list(law(matrix, schedule(3, "pauli"))))
    np.testing.assert_allclose(values[:27], exact.correlator_values(matrix), atol=1e-14)
    sums = features.terms.by_order(np.abs(values) ** 2)
    np.testing.assert_allclose(sums[:-1], exact.bound_by_order(matrix), atol=1e-13)
    assert sums[-1] == pytest.approx(exact.f0(matrix), abs=1e-13)


def test_estimates_agree_with_their_slow_twin(rng: np.random.Generator) -> None:
    """Pairs of single shots, written out; one word has more shots than the others."""
    shots = shots_of_schedule(random_state(2, rng), schedule(2, "pauli"), 3, rng)
    counts = shots.counts.copy()
    counts[(shots.directions == [2, 0]).all(axis=1)] *= 3
    shots = dataclasses.replace(shots, counts=counts)
    result = qbell.estimate(shots, resamples=40)
    table = result.correlators.set_index("label")["value"]
    for label in slow.labels(2):
        assert table[label] == pytest.approx(slow.word_square(shots, label), abs=1e-12)
    assert result.f0 is not None
    assert result.f0.value == pytest.approx(slow.word_f0(shots), abs=1e-11)
    expected = sum(slow.weight(s) * slow.word_square(shots, s) for s in slow.labels(2))
    assert result.bound.value == pytest.approx(expected, abs=1e-11)


def test_exactly_unbiased_over_all_possible_data(rng: np.random.Generator) -> None:
    """One qubit, three shots a word: the mean over all 64 data sets; |mean|^2 fails the check."""
    matrix = random_state(1, rng)
    settings = Schedule("pauli", parse_axis("z"), np.arange(3, dtype=np.uint8)[:, None])
    up = law(matrix, settings)[:, 0]
    weights = WordFeatures(1).terms.weights
    mean, plugged = np.zeros(2), np.zeros(2)
    for ups in itertools.product(range(4), repeat=3):
        chance = math.prod(
            math.comb(3, k) * p**k * (1 - p) ** (3 - k) for k, p in zip(ups, up, strict=True)
        )
        counts = np.array([[k, 3 - k] for k in ups])
        rows, bits = np.nonzero(counts)
        shots = Shots(
            settings.directions[rows],
            bits[:, None].astype(np.uint8),
            counts[rows, bits],
            None,
            "pauli",
            settings.axis,
        )
        found = words(strata_of(shots))
        parts = (weights[:, None] * np.eye(2)[[0] * 3 + [1] * 4]).T  # Eq. (24), then F0
        mean += chance * parts @ found.squares
        plugged += chance * parts @ np.abs(found.values) ** 2
    np.testing.assert_allclose(mean, [exact.bound(matrix), exact.f0(matrix)], atol=1e-13)
    assert (plugged > mean + 0.05).all()


@pytest.mark.slow
def test_all_qubits_are_those_of_a_full_design(rng: np.random.Generator) -> None:
    """E of all qubits, its interval and what it certifies come from the words of X and Y alone."""
    shots = taken(3, 60, rng)
    plane = dataclasses.replace(shots.take((shots.directions < 2).all(axis=1)), design="full")
    found, full = qbell.estimate(shots), qbell.estimate(plane)
    assert found.e_n is not None
    assert full.e_n is not None
    assert dataclasses.astuple(found.e_n) == pytest.approx(dataclasses.astuple(full.e_n))
    for name in ("bell_qubits", "nonlocality_depth", "svetlichny_depth", "svetlichny_depth_p"):
        assert getattr(found.certificate, name) == getattr(full.certificate, name)
    assert found.certificate.claims.bell_qubits == "bell"
    assert found.certificate.p_value is None
    # Pairs of qubits are pooled over the third: half as many words more.
    errors = [r.correlators.set_index("label")["standard_error"]["0++"] for r in (found, full)]
    assert errors[0] < 0.9 * errors[1]


# Intervals


@pytest.mark.statistics
@pytest.mark.usefixtures("no_orders")
@pytest.mark.parametrize("state", ["noisy ghz", "w", "tilted"])
def test_intervals_cover_and_nothing_is_claimed_in_vain(
    state: str, rng: np.random.Generator, repeats: Repeats
) -> None:
    """Many data sets: 95 % intervals, and no more depth than the state has."""
    num_qubits, made = STATES[state]
    matrix, settings = made(), schedule(num_qubits, "pauli")
    truths = {"bound": exact.bound(matrix), "f0": exact.f0(matrix)}
    truths["e_n"] = abs(exact.correlator_values(matrix)[(3**num_qubits - 1) // 2]) ** 2
    inside = dict.fromkeys(truths, 0)
    depths = []
    runs = repeats(12, 40)
    for _ in range(runs):
        result = qbell.estimate(shots_of_schedule(matrix, settings, 40, rng), resamples=100)
        for name, truth in truths.items():
            found = getattr(result, name)
            inside[name] += found.low - 1e-9 <= truth <= found.high + 1e-9
        depths.append(result.certificate.nonlocality_depth)
    assert min(inside.values()) >= least(runs, 0.95, 2e-5)
    if state != "noisy ghz":
        assert sum(depth > 1 for depth in depths) <= most(runs, 0.025, 4e-4)


@pytest.mark.statistics
def test_error_bars_by_job(rng: np.random.Generator) -> None:
    settings, matrix = schedule(2, "pauli"), white_noise_ghz(2, 0.3)
    parts = [
        dataclasses.replace(part, extra=pd.DataFrame({"job": [job] * len(part.counts)}))
        for job in range(12)
        for part in [shots_of_schedule(matrix, settings, 40, rng)]
    ]
    shots = sum(parts[1:], parts[0])
    whole, by_job = qbell.estimate(shots, by_jobs=False), qbell.estimate(shots)
    for one, other in ((whole.bound, by_job.bound), (whole.f0, by_job.f0)):
        assert one is not None
        assert other is not None
        assert other.value == pytest.approx(one.value, abs=2 * one.standard_error)
        assert 0.4 < other.standard_error / one.standard_error < 2.5
    assert len(by_job.bound_by_order) == 3


# Tables


def test_a_table_goes_out_and_comes_back(tmp_path: Path, rng: np.random.Generator) -> None:
    """Also without its design: all 3^N words with equal shots are recognised."""
    shots = qbell.sample(qbell.ghz(2), schedule(2, "pauli"), shots=20, seed=1)
    shots.to_csv(tmp_path / "shots.csv")
    for design in (None, "pauli"):
        again = read_shots(tmp_path / "shots.csv", design)
        assert again.design == "pauli"
        np.testing.assert_array_equal(again.directions, shots.directions)
    assert "design pauli, inferred: all 3^N words" in read_shots(tmp_path / "shots.csv").notes[0]
    uneven = shots.frame.assign(count=shots.frame["count"] + (shots.frame["setting"] == "XZ"))
    with pytest.raises(
        qbell.QbellError, match=r"9 settings, some with the letter Z.*--design pauli"
    ):
        from_frame(uneven)
    assert from_frame(uneven, "pauli").total > shots.total


def test_tables_that_do_not_fit_are_refused(rng: np.random.Generator) -> None:
    table = taken(2, 9, rng).frame
    some = table[table["setting"] != "ZX"]
    with pytest.raises(
        qbell.QbellError, match=r"row [0-9]+.*letter Z, which only designs ghz, random3 and"
    ):
        from_frame(pd.concat([some[:1], some[some["setting"] == "ZZ"]], ignore_index=True))
    with pytest.raises(qbell.QbellError, match=r"8 of the 3\^2 words of a pauli design"):
        from_frame(some, "pauli")
    single = table.drop_duplicates("setting").assign(count=1)
    with pytest.raises(qbell.QbellError, match="pauli design with 1 shot in a setting"):
        qbell.estimate(from_frame(single, "pauli"))
    with pytest.raises(qbell.QbellError, match=r"n = 8 has 3\^8 settings.*use design random3"):
        schedule(8, "pauli")
