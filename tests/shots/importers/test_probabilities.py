"""Probabilities, quasi-probabilities and corrected counts: labelled, and without a Bell claim."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import qbell
from tests.support.foreign import refused

WORDS = ["XX", "XY", "YX", "YY"]
HALVES = [{"00": 0.5, "11": 0.5}] * 4


def read(data: Any, shots: Any = 100, **how: Any) -> Callable[[], object]:
    return lambda: qbell.shots_from(data, WORDS, shots=shots, **how)


MISTAKES: dict[str, tuple[Callable[[], object], str]] = {
    # the ten most likely
    "shots not said": (read(HALVES, None), "if these are probabilities or corrected counts say"),
    "outcomes left out": (read([{"00": 0.5, "11": 0.4}] * 4), "data, circuit 0: values sum to 0.9"),
    "in percent": (read([{"00": 50.0, "11": 45.0}] * 4), "values sum to 95, expected 1 (prob"),
    "other shots": (
        read([{"00": 500, "11": 500}] * 4),
        "expected 1 (probabilities) or 100",
    ),
    "called raw, fractional": (
        read([{"00": 0.501, "11": 0.499}] * 4, provenance="raw"),
        "provenance 'raw', but values are no counts",
    ),
    "called raw, below 0": (
        read([{"00": 1.1, "11": -0.1}] * 4, provenance="raw"),
        "4 below 0, 0 fractional",
    ),
    "shots of too few circuits": (read(HALVES, [100, 100]), "shots: 2 numbers for 4 circuits"),
    "no shots": (read(HALVES, 0), "shots = 0; give a whole number from 1"),
    "fractional shots": (read(HALVES, 99.5), "shots = 99.5; give a whole number from 1"),
    "not a number": (read([{"00": float("nan"), "11": 1.0}] * 4), "'00' came nan times"),
    # hostile
    "shots True": (read(HALVES, True), "shots = True; give a whole number"),
    "shots as text": (read(HALVES, "100"), "shots = '100'; give a whole number"),
    "infinite": (read([{"00": float("inf"), "11": 1.0}] * 4), "'00' came inf times"),
    "sum to 0": (read([{"00": 1.0, "11": -1.0}] * 4), "values sum to 0"),
    "a table": (
        lambda: qbell.shots_from(qbell.shots_from(HALVES, WORDS, shots=2).frame, shots=2),
        "shots = is not for tables",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(mistake: str) -> None:
    call, says = MISTAKES[mistake]
    assert says in refused(call)


def test_they_are_labelled() -> None:
    shots = qbell.shots_from(HALVES, WORDS, shots=[10, 20, 30, 40], design="full")
    assert shots.provenance == "mitigated"
    assert shots.counts.tolist() == [5, 5, 10, 10, 15, 15, 20, 20]
    assert any("counts made of a distribution" in note for note in shots.notes)
    assert qbell.shots_from(HALVES, WORDS, shots=10, provenance="raw").provenance == "raw"


@pytest.mark.slow
def test_negative_and_fractional_ones_make_no_bell_claim() -> None:
    quasi = [{"00": 0.513, "11": 0.508, "01": -0.021}] * 4
    shots = qbell.shots_from(quasi, WORDS, shots=1000, design="full")
    assert shots.total == 4000
    assert shots.bits.any(axis=1).sum() == 4  # 01 is gone
    result = qbell.estimate(shots, resamples=50)
    claims = result.certificate.claims
    assert claims.provenance == "mitigated"
    assert claims.bell_qubits == claims.nonlocality_depth == claims.p_value == "none"
    assert any("4 values below 0 became the nearest" in note for note in shots.notes)


@pytest.mark.parametrize(
    ("values", "counts"),
    [
        ({"00": 1 / 3, "01": 1 / 3, "10": 1 / 3}, [34, 33, 33]),
        ({"00": 49.7, "11": 50.3}, [50, 50]),
        ({"00": 0.4999, "11": 0.5004}, [50, 50]),
        ({"00": 1.3, "01": -0.2, "10": -0.1}, [100]),
        ({"00": 0.7, "01": 0.5, "10": -0.2}, [60, 40]),
        ({"00": 1.0, "01": 1e-17}, [100]),
    ],
    ids=["thirds", "corrected counts", "rounded", "two below 0", "one below 0", "tiny"],
)
def test_counts(values: dict[str, float], counts: list[int]) -> None:
    shots = qbell.shots_from([values] * 4, WORDS, shots=100)
    assert shots.counts.tolist() == counts * 4


def test_the_nearest_distribution_is_nearest(rng: np.random.Generator) -> None:
    """Against all distributions on a grid."""
    values = np.array([0.9, 0.4, -0.3])
    shots = qbell.shots_from(
        [dict(zip(("00", "01", "10"), values, strict=True))] * 4, WORDS, shots=1000
    )
    found = dict(zip(shots.frame["bitstring"][:3], shots.counts[:3] / 1000, strict=True))
    best = np.array([found.get(word, 0.0) for word in ("00", "01", "10")])
    others = rng.dirichlet(np.ones(3), size=2000)
    assert ((best - values) ** 2).sum() <= ((others - values) ** 2).sum(axis=1).min() + 1e-3
