"""Estimates of any shots of any design: against slow twins, and what must not matter, or how."""

import json
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import qbell
from qbell import Shots
from qbell.designs import DESIGNS
from qbell.designs.star_graph import StarGraph
from qbell.report.summary import summarize
from qbell.shots.columns import Columns
from qbell.util.atomic_files import to_json
from tests.support import slow_designs as slow
from tests.support import slow_estimator
from tests.support.strategies import GENERATORS, shots, slower, tried

pytestmark = pytest.mark.slow

ANY = shots(most=3)
ALL_WORDS = ["full", "random", "random3", "pauli", "covering"]


def said(made: Shots, **how: Any) -> dict[str, Any]:
    """The whole summary; nothing where the shots are too few for one."""
    result = tried(lambda: qbell.estimate(made, resamples=100, **how))
    summary = {} if result is None else summarize(result)
    summary.pop("route", None)  # says how many pairs of rows there were
    return summary


def flat(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every entry of plain data, by its name."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from flat(item, f"{name}.{key}")
    elif isinstance(value, list | tuple):
        for item in value:
            yield from flat(item, f"{name}[]")
    else:
        yield name, value


def assert_same(one: Any, other: Any) -> None:
    """Equal but for rounding."""
    here, there = list(flat(one)), list(flat(other))
    assert [name for name, _ in here] == [name for name, _ in there]
    for (name, x), (_, y) in zip(here, there, strict=True):
        if isinstance(x, float) and isinstance(y, float):
            assert x == pytest.approx(y, rel=1e-9, abs=1e-9, nan_ok=True), name
        elif isinstance(x, str) and isinstance(y, str):  # a last digit may be rounded otherwise
            assert re.sub(r"[\d.]+", "#", x) == re.sub(r"[\d.]+", "#", y), name
        else:
            assert x == y, name


def points(summary: dict[str, Any]) -> dict[str, Any]:
    """What is neither resampled nor taken from shots that are held out at random."""
    if not summary:
        return {}
    found = {
        key: None if summary[key] is None else summary[key]["value"]
        for key in ("bound", "e_n", "q", "f0")
    }
    orders = [row["value"] for row in summary["bound_by_order"]]
    return {**found, "orders": orders, "symmetry_p": summary["symmetry_p"]}


def table_of(result: qbell.Result) -> dict[str, tuple[float, float]]:
    columns = result.correlators[["label", "value", "standard_error"]]
    return {label: (value, error) for label, value, error in columns.itertuples(index=False)}


def with_rows(made: Shots, rows: Any, counts: Any = None) -> Shots:
    part = Columns(
        made.directions[rows],
        made.bits[rows],
        made.counts[rows] if counts is None else counts,
        None if made.draws is None else made.draws[rows],
        made.extra,
    )
    return replace(made, **vars(part))


# --- against slow twins -----------------------------------------------------------------------


def assert_values(result: qbell.Result, twin: Any) -> None:
    for label, (value, _) in table_of(result).items():
        if set(label) != {"0"}:
            assert value == pytest.approx(twin(label), abs=1e-10), label


@slower(4)
@given(shots(["full", "random"], most=3, fewest=2, fewest_draws=20))
def test_two_directions_agree_with_their_slow_twin(made: Shots) -> None:
    if made.drawn:
        some = made.take(np.isin(made.draws, np.unique(made.draws)[:20]))
    else:
        some = made.with_counts(np.minimum(made.counts, 3))
    result = qbell.estimate(some, resamples=40)
    assert_values(result, lambda label: slow_estimator.squared_correlator(some, label))
    assert result.bound.value == pytest.approx(slow_estimator.bound(some), abs=1e-9)
    assert result.bound_by_order["value"].sum() == pytest.approx(result.bound.value, abs=1e-11)


@slower(2)
@given(shots(["random3"], most=3, fewest_draws=20, numbered=True))
def test_three_directions_agree_with_their_slow_twin(made: Shots) -> None:
    some = made.take(np.isin(made.draws, np.unique(made.draws)[:30]))
    result = qbell.estimate(some, resamples=40)
    assert_values(result, lambda label: slow.drawn_square(some, label))
    np.testing.assert_allclose(
        result.bound_by_order["value"], slow.drawn_bound(some), rtol=1e-9, atol=1e-9
    )
    if some.total == some.num_draws and some.total < 30:
        assert result.f0 is not None
        assert result.f0.value == pytest.approx(slow.f0_from_pair_kernel(some), rel=1e-5, abs=1e-4)


@slower(2)
@given(shots(["pauli"], most=2, fewest=2))
def test_all_words_agree_with_their_slow_twin(made: Shots) -> None:
    made = made.with_counts(np.minimum(made.counts, 3))
    result = qbell.estimate(made, resamples=40)
    assert_values(result, lambda label: slow.word_square(made, label))
    assert result.f0 is not None
    assert result.f0.value == pytest.approx(slow.word_f0(made), abs=1e-9)


@slower(2)
@given(shots(["covering"], fewest=2), st.integers(0, 3))
def test_covering_agrees_with_its_slow_twin(made: Shots, times: int) -> None:
    """One setting more often than the others: pooling is by shots."""
    first = (made.directions == made.directions[0]).all(axis=1)
    made = with_rows(made, slice(None), np.where(first, (1 + times) * made.counts, made.counts))
    most = made.order or 0
    result = qbell.estimate(made, resamples=40)
    assert_values(result, lambda label: slow.covering_square(made, label))
    listed = [label for label in slow.labels(made.num_qubits) if slow.order(label) <= most]
    assert set(table_of(result)) - {"0" * made.num_qubits} == set(listed)
    assert result.bound.value == pytest.approx(slow.covering_bound(made, most), abs=1e-9)
    assert (result.e_n is None) == (most < made.num_qubits)


@slower(2)
@given(shots(["equatorial"], most=3, fewest=2).filter(lambda made: not made.grid))
def test_equatorial_agrees_with_its_slow_twin(made: Shots) -> None:
    size = made.num_qubits
    result = qbell.estimate(made, resamples=40)
    for label, (value, _) in table_of(result).items():
        qubits = tuple(k for k in range(size) if label[size - 1 - k] == "+")
        expected = slow.harmonic_square(made, qubits, len(qubits))
        assert value == pytest.approx(expected, abs=1e-11)
    assert result.bound.value == pytest.approx(slow.equatorial_bound(made), abs=1e-9)
    assert result.harmonics is not None
    for q, value in zip(result.harmonics["q"], result.harmonics["value"], strict=True):
        expected = slow.harmonic_square(made, tuple(range(size)), int(q))
        assert value == pytest.approx(expected, abs=1e-11)
    assert result.oscillation is not None
    table = result.oscillation
    for angle, parity in zip(table["angle"], table["parity"], strict=True):
        row = made.directions[:, 0] == round(angle / math.pi * (size + 1))
        parities = 1 - 2.0 * (made.bits[row].sum(axis=1) % 2)
        assert parity == pytest.approx(np.average(parities, weights=made.counts[row]), abs=1e-12)


@slower(2)
@given(shots(["symmetric"], most=3, fewest=2))
def test_symmetric_agrees_with_its_slow_twin(made: Shots) -> None:
    """Of any outcomes: the twin averages over choices of qubits as the design does."""
    result = qbell.estimate(made, resamples=40)
    table = result.correlators
    assert table["multiplicity"].sum() == 3**made.num_qubits - 1
    for n_plus, n_minus, value in table[["n_plus", "n_minus", "value"]].to_numpy():
        expected = slow.symmetric_square(made, int(n_plus), int(n_minus))
        assert value == pytest.approx(expected, abs=1e-11)
    assert result.bound.value == pytest.approx(slow.symmetric_bound(made), abs=1e-9)


# --- what must not matter ---------------------------------------------------------------------


@slower(2)
@given(ANY, GENERATORS)
def test_order_of_rows_and_counts_in_several_rows(made: Shots, rng: np.random.Generator) -> None:
    """The same counts have the same summary, intervals included, however they are written."""
    order = rng.permutation(len(made.counts))
    less = rng.integers(1, made.counts, endpoint=True)
    split = np.flatnonzero(less < made.counts)
    rows = np.concatenate([np.arange(len(less)), split])
    counts = np.concatenate([less, (made.counts - less)[split]])
    expected = said(made)
    assert_same(said(with_rows(made, order)), expected)
    assert_same(said(with_rows(made, rows, counts)), expected)


@slower(2)
@given(ANY, GENERATORS)
def test_order_of_the_qubits(made: Shots, rng: np.random.Generator) -> None:
    """Values go with their labels, and what is of all qubits stays; so do the claims."""
    qubits = rng.permutation(made.num_qubits)
    place = np.argsort(qubits)
    other = replace(
        made,
        directions=np.ascontiguousarray(made.directions[:, qubits]),
        bits=np.ascontiguousarray(made.bits[:, qubits]),
        stars=None
        if made.stars is None
        else StarGraph(
            made.num_qubits,
            [(int(place[a]), int(place[b])) for a, b in made.stars.edges],
            [int(place[centre]) for centre in made.stars.centres],
        ),
    )
    one, two = said(made), said(other)
    assert_same(points(one), points(two))
    if not one:
        return
    claims = one["certificate"], two["certificate"]
    for key in ("settings_p", "quantum_p"):  # by some of the letters; by resampled errors
        for each in claims:
            del each[key]
    assert_same(*claims)
    if made.design != "symmetric":  # one label stands for all that are alike
        here, there = (table_of(qbell.estimate(each, resamples=100)) for each in (made, other))
        for label, values in here.items():
            renamed = "".join(label[::-1][k] for k in qubits)[::-1]
            assert there[renamed] == pytest.approx(values, abs=1e-10)


@slower(2)
@given(shots([*ALL_WORDS, "symmetric", "equatorial", "even", "mermin"], most=3), GENERATORS)
def test_outcomes_exchanged(made: Shots, rng: np.random.Generator) -> None:
    """+1 and -1 of some qubits, in all their directions: each correlator changes its sign alone."""
    turned = rng.integers(0, 2, size=made.num_qubits, dtype=np.uint8)
    if made.design == "symmetric":
        turned[:] = turned[0]
    other = replace(made, bits=made.bits ^ turned)
    assert_same(points(said(made)), points(said(other)))


@slower(2)
@given(shots(ALL_WORDS, most=3), GENERATORS)
def test_directions_exchanged(made: Shots, rng: np.random.Generator) -> None:
    """sigma_1 and sigma_2 of some qubits: sigma_+ = sigma_1 + i sigma_2 becomes i sigma_-.

    So signs of labels turn on these qubits, and the phase of the correlator by quarters; the tests
    along label and phase give the same.
    """
    turned = rng.integers(0, 2, size=made.num_qubits, dtype=np.uint8)
    swapped = np.where(made.directions < 2, made.directions ^ turned, made.directions)
    other = replace(made, directions=swapped.astype(np.uint8))
    label = "".join(rng.choice(["+", "-"], size=made.num_qubits))
    renamed = other_signs(label, turned)
    quarters = sum(
        1 if sign == "+" else -1
        for sign, turn in zip(reversed(renamed), turned, strict=True)
        if turn
    )
    phase = float(rng.uniform(-3, 3))
    turned_phase = phase - math.pi / 2 * quarters
    one = tried(lambda: qbell.estimate(made, resamples=100, label=label, phase=phase))
    two = tried(lambda: qbell.estimate(other, resamples=100, label=renamed, phase=turned_phase))
    if one is None or two is None:
        assert one is two
        return
    there = table_of(two)
    for name, values in table_of(one).items():
        assert there[other_signs(name, turned)] == pytest.approx(values, abs=1e-10)
    for name in ("p_value", "p_value_ratio", "p_any", "svetlichny_depth"):
        x, y = (getattr(each.certificate, name) for each in (one, two))
        assert x == pytest.approx(y, rel=1e-6) if x is not None else y is None, name
    if turned.all():
        assert_same(points(summarize(one)), points(summarize(two)))


def other_signs(label: str, turned: Any) -> str:
    """The label with + and - exchanged on some qubits."""
    signs = [
        {"+": "-", "-": "+", "0": "0"}[sign] if turn else sign
        for sign, turn in zip(reversed(label), turned, strict=True)
    ]
    return "".join(reversed(signs))


@slower(2)
@given(ANY, st.sampled_from([0.5, 0.95, 0.999]))
def test_what_is_said_holds_together(made: Shots, confidence: float) -> None:
    """Numbers that are numbers, ends in their order, probabilities, depths of 1 to N."""
    resamples = max(100, round(20 / (1 - confidence)))
    result = tried(lambda: qbell.estimate(made, confidence, resamples=resamples))
    if result is None:
        return
    summary = json.loads(to_json(summarize(result)))
    for key in ("bound", "e_n", "f0"):
        value = summary[key]
        if value is not None:
            high, upper = (value[end] for end in ("high", "upper_limit"))  # None: no limit
            assert value["low"] >= 0
            assert high is None or value["low"] <= high
            assert value["lower_limit"] >= 0
            assert upper is None or value["lower_limit"] <= upper
    certificate = summary["certificate"]
    for key, value in certificate.items():
        if key.endswith("_p") or key in ("p_value", "p_value_ratio", "p_any"):
            assert value is None or 0 <= value <= 1, key
        elif key.endswith(("depth", "_qubits")):
            assert value is None or 0 <= value <= made.num_qubits, key
    assert certificate["bell_qubits"] <= certificate["entanglement_depth"]
    if DESIGNS[made.design].claim != "bell":
        assert certificate["p_value"] is None
        assert certificate["bell_qubits"] == 0
    assert summary["total_shots"] == made.total
