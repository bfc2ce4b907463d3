"""The same outcomes in any form: order of bits, letters, registers and columns, codes and keys."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import qbell
from qbell.conventions.labels import BIT_LETTERS, SETTING_LETTERS, columns, strings
from qbell.shots.importers.outcome_codes import CODES
from qbell.shots.shots import Shots, from_frame
from tests.support import foreign
from tests.support.strategies import GENERATORS, slower

ORDERS = st.sampled_from(["last", "first"])
Bits = NDArray[np.uint8]


class Data:
    """Some shots in every setting of X and Y, without symmetry."""

    def __init__(self, size: int, shots: int, rng: np.random.Generator) -> None:
        self.size = size
        order = rng.permutation(2**size)
        self.directions = (order[:, None] >> np.arange(size) & 1).astype(np.uint8)
        self.words = strings(self.directions, SETTING_LETTERS).tolist()
        self.bits: list[Bits] = list(
            rng.integers(0, 2, size=(2**size, shots, size), dtype=np.uint8)
        )
        self.bits[0][0] = 0  # so that codes can be told apart
        self.bits[0][-1] = 1

    @property
    def reference(self) -> Shots:
        rows = [
            (word, bits) for word, each in zip(self.words, self.bits, strict=True) for bits in each
        ]
        table = pd.DataFrame(
            {
                "setting": [word for word, _ in rows],
                "bitstring": ["".join(map(str, reversed(bits.tolist()))) for _, bits in rows],
                "count": 1,
            }
        )
        return from_frame(
            table.groupby(["setting", "bitstring"], as_index=False)["count"].sum(), "full"
        )

    def check(self, data: Any, settings: Any, **how: Any) -> None:
        made = qbell.shots_from(data, settings, design="full", **how)
        assert foreign.same(made, self.reference)


DATA = st.builds(Data, st.integers(2, 4), st.integers(2, 5), GENERATORS)


@st.composite
def settings_of(draw: st.DrawFn, data: Data) -> tuple[Any, dict[str, Any]]:
    """The settings in some form, and how it is to be read."""
    order, form = draw(ORDERS), draw(st.sampled_from(["words", "0/1", "1/2", "+1/-1", "mapping"]))
    if form == "words":
        words = data.words if order == "last" else [word[::-1] for word in data.words]
        return words, {"word_order": order}
    table = data.directions if order == "first" else data.directions[:, ::-1]
    how: dict[str, Any] = {"word_order": order}
    if form == "mapping":
        names = draw(st.sampled_from([("a", "b"), ("Y", "X"), ("0", "1"), ("sigma x", "sigma y")]))
        letters = {names[0]: "X", names[1]: "Y"}
        return [[names[k] for k in row] for row in table], {**how, "letters": letters}
    codes = np.array({"0/1": (0, 1), "1/2": (1, 2), "+1/-1": (1, -1)}[form])
    return codes[table], {**how, "letters": form}


def key(bits: Bits, form: str) -> Any:
    """One outcome as a key of counts; the last character is the last bit of ``bits``."""
    word = "".join(map(str, bits.tolist()))
    if form == "tuple":
        return tuple(int(bit) for bit in bits)
    if form in ("word", "spaces"):
        return word if form == "word" else f"{word[:1]} {word[1:]}"
    return {"hex": hex, "binary": bin, "number": int}[form](int(word, 2))


@slower(2)
@given(st.data())
def test_counts(draws: st.DataObject) -> None:
    """Of tuples the first entry is qubit 0, of the rest the last bit, unless it is said."""
    data = draws.draw(DATA)
    settings, how = draws.draw(settings_of(data))
    form = draws.draw(st.sampled_from(["word", "spaces", "hex", "binary", "number", "tuple"]))
    order = draws.draw(ORDERS | st.none())
    first = (order or ("first" if form == "tuple" else "last")) == "first"
    counts: list[dict[Any, int]] = []
    for each in data.bits:
        counts.append({})
        for bits in each:
            name = key(bits if first else bits[::-1], form)
            counts[-1][name] = counts[-1].get(name, 0) + 1
    data.check(counts, settings, bit_order=order, num_qubits=data.size, **how)
    if isinstance(settings, list) and isinstance(settings[0], str):
        by_setting = dict(zip(settings, counts, strict=True))
        data.check(by_setting, None, bit_order=order, num_qubits=data.size, **how)


@slower(2)
@given(st.data())
def test_arrays(draws: st.DataObject) -> None:
    """Of each circuit, of all, or a setting a row; 0 and 1, +1 and -1, 1 and 2."""
    data = draws.draw(DATA)
    settings, how = draws.draw(settings_of(data))
    order, codes = draws.draw(ORDERS | st.none()), draws.draw(st.sampled_from(list(CODES)))
    values = [np.array(CODES[codes])[each] for each in data.bits]
    if order == "last":
        values = [each[:, ::-1] for each in values]
    form = draws.draw(st.sampled_from(["list", "array", "lists", "rows", "floats"]))
    found: Any = values
    if form == "array":
        found = np.stack(values)
    elif form == "lists":
        found = [each.tolist() for each in values]
    elif form == "floats":
        found = [each.astype(float) for each in values]
    elif form == "rows":
        found = np.concatenate(values)
        settings = [word for word in settings for _ in values[0]]
    data.check(found, settings, bit_order=order, outcomes=codes, **how)


@slower(2)
@given(st.data())
def test_registers(draws: st.DataObject) -> None:
    """Qubits in several registers, named in any order: Qiskit's, Cirq's keys, pytket's bits."""
    from qiskit.primitives import BitArray, DataBin

    data = draws.draw(DATA)
    cuts = sorted(draws.draw(st.sets(st.integers(1, data.size - 1))))
    parts = list(zip([0, *cuts], [*cuts, data.size], strict=True))
    names = draws.draw(
        st.lists(st.sampled_from("abcdefgh"), min_size=len(parts), max_size=len(parts), unique=True)
    )
    listed = draws.draw(st.permutations(range(len(parts))))
    kind = draws.draw(st.sampled_from(["qiskit", "cirq", "pytket"]))

    def found(bits: Bits) -> Any:
        of = {names[k]: bits[:, slice(*parts[k])] for k in listed}
        if kind == "qiskit":
            arrays = {
                name: BitArray.from_bool_array(each.astype(bool), order="little")
                for name, each in of.items()
            }
            return DataBin(**arrays)
        if kind == "cirq":
            return SimpleNamespace(measurements=of, repetitions=len(bits))
        where = [(name, k) for name, each in of.items() for k in range(each.shape[1])]
        return foreign.pytket_result(np.column_stack(list(of.values())), where)

    registers = names if len(parts) > 1 else None
    data.check([found(bits) for bits in data.bits], data.words, registers=registers)


@slower(2)
@given(st.data())
def test_tables(draws: st.DataObject) -> None:
    """Other names, a column a qubit, a row a shot, columns and rows in any order."""
    data = draws.draw(DATA)
    bits = np.concatenate(data.bits)
    rows = np.repeat(data.directions, [len(each) for each in data.bits], axis=0)
    columns_of: dict[str, Any] = {"count": None}
    how: dict[str, Any] = {}
    table: dict[str, Any] = {}
    if draws.draw(st.booleans()):
        order = draws.draw(ORDERS)
        word = strings(rows if order == "last" else rows[:, ::-1], SETTING_LETTERS)
        table["basis"], columns_of["setting"] = word, "basis"
        how["word_order"] = order
    else:
        columns_of["setting"] = [f"s{k}" for k in range(data.size)]
        table |= {f"s{k}": rows[:, k] for k in range(data.size)}
        how["letters"] = "0/1"
    if draws.draw(st.booleans()):
        order = draws.draw(ORDERS)
        table["out"] = strings(bits if order == "last" else bits[:, ::-1], BIT_LETTERS)
        columns_of["bitstring"] = "out"
        how["bit_order"] = order
    else:
        codes = draws.draw(st.sampled_from(list(CODES)))
        columns_of["bitstring"] = [f"q{k}" for k in range(data.size)]
        table |= {f"q{k}": np.array(CODES[codes])[bits[:, k]] for k in range(data.size)}
        how["outcomes"] = codes
    frame = pd.DataFrame(table)
    frame = frame[draws.draw(st.permutations(list(frame.columns)))]
    frame = frame.sample(frac=1, random_state=draws.draw(st.integers(0, 99)))
    data.check(frame, None, columns=columns_of, **how)


def test_the_words_of_the_reference() -> None:
    """It is written without qbell's own order: column 0 of the bits is the last character."""
    data = Data(2, 2, np.random.default_rng(1))
    assert data.words[0] == "".join("XY"[k] for k in reversed(data.directions[0]))
    assert columns([data.words[0]], SETTING_LETTERS)[0].tolist() == data.directions[0].tolist()
