"""Whatever is given, shots come out or one line that says why not: never a traceback."""

import datetime
import decimal
import fractions
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

import qbell
from tests.support import foreign
from tests.support.foreign import WORDS, counts, refused, samples

LEAVES: list[Any] = [
    0, 1, 2, -1, 1.0, 0.5, float("nan"), float("inf"), True, None, "0", "01", "XY", "", "0x1",
    b"01",
    10**400, np.int64(1), np.float32(1), np.bool_(True), pd.NA, pd.NaT, decimal.Decimal(1),
    fractions.Fraction(1, 2), 1j, "٠١", "é", "\x00", "X\nY", (0, 1), frozenset({1}), np.array(1),
    np.datetime64("2020-01-01"), datetime.date(2020, 1, 1), object, [], {}, [[1]], {"counts": 1},
]  # fmt: skip


def lists(arrays: list[Any]) -> list[Any]:
    return [each.tolist() for each in arrays]


BASES: dict[str, Callable[[], tuple[Any, Any, dict[str, Any]]]] = {
    "counts": lambda: (counts(), list(WORDS), {}),
    "by setting": lambda: (dict(zip(WORDS, counts(), strict=True)), None, {}),
    "numbers": lambda: (foreign.keyed(lambda word: int(word, 2)), list(WORDS), {}),
    "tuples": lambda: (foreign.keyed(lambda word: tuple(map(int, word))), list(WORDS), {}),
    "lists": lambda: (lists(samples()), list(WORDS), {}),
    "codes": lambda: (lists(samples()), [[0, 1, 0]] * 8, {"letters": "0/1", "design": "random"}),
    "probabilities": lambda: ([{"000": 0.5, "011": 0.5}] * 8, list(WORDS), {"shots": 10}),
    "braket": lambda: (
        [{"measurements": each, "measuredQubits": [0, 1, 2]} for each in lists(samples())],
        list(WORDS),
        {},
    ),
    "cirq": lambda: ([{"m": each} for each in lists(samples())], list(WORDS), {}),
    "pytket": lambda: (
        [foreign.pytket_dict(each, shots=False) for each in samples()],
        list(WORDS),
        {},
    ),
    "result": lambda: (
        {
            "results": [
                {"data": {"counts": each}, "header": {"memory_slots": 3}} for each in counts()
            ]
        },
        list(WORDS),
        {},
    ),
    "table": lambda: (foreign.TABLE.astype(object), None, {}),
}


def changed(thing: Any, rng: np.random.Generator) -> Any:
    """The same with one thing in it replaced, dropped or added."""
    leaf = LEAVES[rng.integers(len(LEAVES))]
    if isinstance(thing, pd.DataFrame):
        other = thing.copy()
        other.iat[int(rng.integers(len(other))), int(rng.integers(3))] = leaf
        return other
    if isinstance(thing, list | tuple) and thing and rng.random() < 0.9:
        items = list(thing)
        place = int(rng.integers(len(items)))
        items[place : place + 1] = [[], [leaf, leaf], [changed(items[place], rng)]][
            rng.choice(3, p=[0.05, 0.05, 0.9])
        ]
        return type(thing)(items)
    if isinstance(thing, dict) and thing and rng.random() < 0.9:
        key = list(thing)[rng.integers(len(thing))]
        if rng.random() < 0.7:
            return {**thing, key: changed(thing[key], rng)}
        try:
            return {leaf if each == key else each: value for each, value in thing.items()}
        except TypeError:
            return {}
    return leaf


def read_or_refuse(data: Any, settings: Any, how: dict[str, Any]) -> qbell.Shots | None:
    """The shots, or None after an error of one line; any other error is let through."""
    try:
        return qbell.shots_from(data, settings, **how)
    except qbell.QbellError as error:
        message = str(error)
    assert message.isprintable()
    return None


@pytest.mark.parametrize("base", BASES)
def test_one_thing_is_wrong(base: str, rng: np.random.Generator) -> None:
    for _ in range(20):
        data, settings, how = BASES[base]()
        how = {"design": "full", **how}
        if settings is None or rng.random() < 0.75:
            data = changed(data, rng)
        else:
            settings = changed(settings, rng)
        shots = read_or_refuse(data, settings, how)
        if shots is not None:
            assert shots.counts.min() > 0
            assert set(np.unique(shots.bits)) <= {0, 1}


@pytest.mark.parametrize(
    "name",
    [
        "bit_order",
        "word_order",
        "letters",
        "outcomes",
        "registers",
        "columns",
        "draws",
        "kind",
        "job",
    ],
)
def test_odd_arguments(name: str) -> None:
    for leaf in LEAVES:
        if leaf is None or (name == "job" and isinstance(leaf, int | str) and leaf != ""):
            continue
        refused(lambda leaf=leaf: qbell.shots_from(counts(), WORDS, **{name: leaf}))


def test_what_would_be_passed_over_is_refused() -> None:
    said = refused(lambda: qbell.shots_from(counts(), WORDS, registers="c"))
    assert "registers = means nothing for dictionaries of counts" in said
    said = refused(lambda: qbell.shots_from(samples(), WORDS, shots=5))
    assert "shots = means nothing for arrays" in said
    said = refused(lambda: qbell.shots_from(counts(), WORDS, outcomes="1/2"))
    assert "outcomes = means nothing" in said
    said = refused(lambda: qbell.shots_from(counts(), WORDS, draws="shots"))
    assert "draws = is for designs that draw settings" in said


def test_properties_that_raise() -> None:
    class Repeated:
        """A cirq.Result with a key that is measured twice."""

        def __init__(self) -> None:
            self.records = {"m": np.zeros((3, 2, 2), int)}

        @property
        def measurements(self) -> Any:
            raise ValueError("Cannot extract 2D measurements for repeated keys")

    said = refused(lambda: qbell.shots_from(Repeated(), "XY"))
    assert "each key measured once" in said

    def fails(bits: Any) -> Any:
        raise RuntimeError("shots/counts")

    state = SimpleNamespace(c_bits={}, get_counts=fails)
    said = refused(lambda: qbell.shots_from(state, "XY"))
    assert "it gives no counts (RuntimeError: shots/counts)" in said


@pytest.mark.parametrize("kind", ["category", "string", "Int64", "float", "bool"])
def test_types_of_columns(kind: str) -> None:
    """Parquet keeps types, and categories are common."""
    rows = np.concatenate(samples())
    codes = np.repeat(np.arange(8), 5)
    table = pd.DataFrame({f"s{k}": codes >> k & 1 for k in range(3)}).join(
        pd.DataFrame({f"q{k}": rows[:, k] for k in range(3)})
    )
    columns = {"setting": ["s0", "s1", "s2"], "bitstring": ["q0", "q1", "q2"], "count": None}
    found = qbell.shots_from(table.astype(kind), columns=columns, letters="0/1")
    assert foreign.same(found, foreign.reference())


def test_a_column_in_the_way() -> None:
    table = foreign.TABLE.assign(basis=foreign.TABLE["setting"])
    said = refused(lambda: qbell.shots_from(table, columns={"setting": "basis"}))
    assert "there is a column setting, too; rename or drop it" in said
    said = refused(lambda: qbell.shots_from(foreign.TABLE, columns={"count": None}))
    assert "there is a column count, too" in said


def test_objects_of_pandas_and_numpy() -> None:
    rows = np.concatenate(samples())
    own = np.repeat(np.array(WORDS), 5)
    for outcomes in (rows.astype(object), rows.tolist(), rows.astype(np.uint8), rows.astype("f2")):
        assert foreign.same(qbell.shots_from(outcomes, pd.Series(own)), foreign.reference())
    words = pd.Series(["".join(map(str, row[::-1])) for row in rows.tolist()]).to_numpy()
    assert foreign.same(qbell.shots_from(words, own.astype(object)), foreign.reference())
