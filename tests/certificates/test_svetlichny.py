"""Boxes that may do anything are not taken for larger ones; one qubit is turned to see them."""

import dataclasses
import tomllib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from qbell.campaigns.run import run
from qbell.campaigns.spec import Spec, parse_spec
from qbell.certificates import TestedCorrelator
from qbell.certificates.phase_test import phase_test
from qbell.certificates.svetlichny_depth import SVETLICHNY_DEPTH, SVETLICHNY_PHASE
from qbell.circuits.turned import with_turned_qubit
from qbell.conventions.axes import parse_axis
from qbell.errors import QbellError
from qbell.exact import correlator_of_all
from qbell.shots.shots import Shots
from qbell.states import named_state
from tests.certificates.test_depth_tests import correlators, products
from tests.certificates.test_local_realism import all_words, shots_from

FALSE_ALARM = 1e-5  # of each statistical check
ALPHA = 0.025
RUNS, DRAWS = 200, 80

# Partitions with no group of more than `size`, from the finest to the coarsest.
MIXED = {
    (4, 3): [(3, 1), (2, 2), (2, 1, 1), (1, 1, 1, 1)],
    (5, 3): [(3, 2), (3, 1, 1), (2, 2, 1)],
    (5, 4): [(4, 1), (3, 2), (2, 2, 1)],
}


def extremal(groups: tuple[int, ...], phase: float) -> NDArray[np.int64]:
    """(2^N,) product of all outcomes in each setting: boxes that reach the limit at this phase."""
    means = (np.exp(1j * phase) * correlators(groups)).real
    return products(groups)[np.argmax(means)]


def measured(signs: NDArray[np.int64], words: NDArray[np.int64], rng: np.random.Generator) -> Shots:
    """One shot a draw: random outcomes with the product that the model says."""
    bits = rng.integers(0, 2, words.shape)
    bits[:, 0] = bits[:, 1:].sum(axis=1) % 2 ^ (signs < 0)
    return shots_from(words, bits)


@pytest.mark.statistics
@pytest.mark.parametrize(
    ("num_qubits", "size"),
    [
        (4, 3),
        pytest.param(5, 3, marks=pytest.mark.nightly),
        pytest.param(5, 4, marks=pytest.mark.nightly),
    ],
)
@pytest.mark.parametrize("design", ["random", "full"])
def test_boxes_between_the_groupings_are_not_taken_for_larger_ones(
    num_qubits: int, size: int, design: str, rng: np.random.Generator
) -> None:
    """Another extremal grouping in every shot, and now and then the same for long."""
    phase, label = SVETLICHNY_PHASE, "+" * num_qubits
    models = np.array([extremal(groups, phase) for groups in MIXED[num_qubits, size]])
    words, false = all_words(num_qubits), 0
    draws = DRAWS if design == "random" else 4 * len(words)
    for _ in range(RUNS):
        places = rng.integers(0, len(words), draws)
        if design == "full":
            places = np.tile(np.arange(len(words)), 4)
        chosen = rng.integers(0, len(models), draws)
        chosen[: draws // 2] = chosen[0]
        shots = measured(models[chosen, places], words[places], rng)
        if design == "full":
            shots = dataclasses.replace(shots, design="full", draws=None)
        test = phase_test(shots, TestedCorrelator(label, phase))
        found = SVETLICHNY_DEPTH.of_test(test, num_qubits, phase, ALPHA)
        false += found["svetlichny_depth"] > size
    assert false <= stats.binom.isf(FALSE_ALARM, RUNS, ALPHA)


@pytest.mark.statistics
@pytest.mark.parametrize("design", ["even", "ghz"])
def test_even_settings_alone_take_no_smaller_groups_for_larger_ones(
    design: str, rng: np.random.Generator
) -> None:
    """At phase 0 groups of 2, 1 and 1 reach Re c = 1/4, half of what a GHZ state has."""
    words = all_words(4)
    words = words[words.sum(axis=1) % 2 == 0]
    places_of = words @ (1 << np.arange(4))
    model = extremal((2, 1, 1), 0.0)
    mean = float(np.mean(model[places_of] * (1j ** words.sum(axis=1)).real))
    assert mean == pytest.approx(0.5)  # twice Re c
    false = 0
    for _ in range(RUNS):
        rows = rng.integers(0, len(words), DRAWS)
        shots = measured(model[places_of[rows]], words[rows], rng)
        if design == "ghz":  # sigma_xi on all qubits says nothing here
            along = rng.random(DRAWS) < 0.2
            directions = np.where(along[:, None], 2, shots.directions).astype(np.uint8)
            shots = dataclasses.replace(shots, directions=directions)
        shots = dataclasses.replace(shots, design=design)
        test = phase_test(shots, TestedCorrelator("++++"))
        false += SVETLICHNY_DEPTH.of_test(test, 4, 0.0, ALPHA)["svetlichny_depth"] > 2
    assert false <= stats.binom.isf(FALSE_ALARM, RUNS, ALPHA)


# The spec's word.


@pytest.mark.parametrize("axis", ["z", "x", [1.0, 0.0, 1.0]])
def test_a_turned_qubit_turns_the_correlator_and_nothing_else(axis: object) -> None:
    parsed = parse_axis(axis)  # type: ignore[arg-type]
    straight = named_state("graph", 3, {"shape": "star"}).preparation()
    turned = with_turned_qubit(straight, parsed, 0.7)
    before, after = (correlator_of_all(one.circuit, parsed) for one in (straight, turned))
    assert after == pytest.approx(before * np.exp(0.7j), abs=1e-12)


SPEC = """\
seed = 3
[state]
family = "ghz"
n = {n}
[schedule]
design = "{design}"
{more}
[estimate]
resamples = 40
phase = "svetlichny"
"""


def spec_of(n: int, design: str, more: str, label: str = "") -> Spec:
    text = SPEC.format(n=n, design=design, more=more) + label
    return parse_spec(tomllib.loads(text), text, name="spec", folder=Path())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "design", "more"), [(4, "random", "draws = 300"), (3, "full", "shots = 60")]
)
def test_the_word_turns_a_qubit_and_finds_all_of_them(
    n: int, design: str, more: str, tmp_path: Path
) -> None:
    spec = spec_of(n, design, more)
    assert spec.sampling()["turned"] is True
    summary = run(spec, tmp_path / "out").summary
    certificate = summary["certificate"]
    assert (certificate["svetlichny_depth"], certificate["phase"]) == (n, SVETLICHNY_PHASE)
    assert certificate["claims"]["svetlichny_depth"] == "bell"
    assert summary["circuit"]["fidelity"] == pytest.approx(1)
    assert summary["bound"]["low"] <= n * n <= summary["bound"]["high"] + 0.5


def test_the_word_is_refused_where_it_says_nothing() -> None:
    with pytest.raises(QbellError, match="even design measures the real part"):
        spec_of(4, "even", "draws = 300")
    with pytest.raises(QbellError, match="label of all"):
        spec_of(4, "random", "draws = 300", 'label = "+++-"')
