"""Arrays of settings and outcomes: codes are recognised where one reading is possible."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import qbell
from tests.support.foreign import refused

ROWS = np.array([[0, 1], [1, 1], [1, 0]])
WORDS = ["XX", "XY", "YX"]


def read(data: Any, settings: Any = WORDS, **how: Any) -> Callable[[], object]:
    return lambda: qbell.shots_from(data, settings, design="random", **how)


def with_entry(value: Any, dtype: Any = float) -> Any:
    rows = ROWS.astype(dtype)
    rows[1, 0] = value
    return rows


MISTAKES: dict[str, tuple[Callable[[], object], str]] = {
    # the ten most likely
    "a 2 among 0 and 1": (read(with_entry(2, int)), "data[1][0]: 2 is not 0 or 1"),
    "a 0 among signs": (
        read(np.array([[1, -1], [-1, 1], [-1, 0]])),
        "data[2][1]: 0 is not 1 or -1",
    ),
    "all 1": (read(np.ones((3, 2), int)), "every outcome is 1, which is -1 if outcomes are 0 and"),
    "settings as numbers": (read(ROWS, ROWS), "settings[0]: setting '01' is made of numbers; say"),
    "qubits first": (read(ROWS.T), "outcomes of 3 qubits for settings of 2"),
    "fewer settings": (read(ROWS, WORDS[:2]), "outcomes of 1 circuits, and 2 settings"),
    "missing outcomes": (read(with_entry(np.nan)), "data[1][0]: nan is not 0 or 1"),
    "ragged": (read([[0, 1], [1], [0, 0]]), "rows of different lengths"),
    "one dimension": (read(np.array([0, 1, 1])), "outcomes of shape (3,); give (shots, qubits)"),
    "probabilities": (read(with_entry(0.5)), "data[1][0]: 0.5 is not 0 or 1"),
    # hostile
    "codes named wrong": (read(ROWS, outcomes="+1/-1"), "data[0][0]: 0 is not 1 or -1"),
    "codes unknown": (read(ROWS, outcomes="up/down"), "outcomes = 'up/down'; give '0/1'"),
    "infinite": (read(with_entry(np.inf)), "inf is not 0 or 1"),
    "huge": (read([[10**30, 0], [0, 1], [1, 1]]), "is not 0 or 1; give one entry a qubit"),
    "complex": (read(ROWS.astype(complex)), "outcomes of type complex128"),
    "none": (read([[None, 0], [0, 1], [1, 1]]), "None is no outcome"),
    "text beside numbers": (read([["0", 1], [0, 1], [1, 1]]), "numbers beside words"),
    "dates": (read(ROWS.astype("datetime64[s]")), "outcomes of type datetime64[s]"),
    "no rows": (read(np.zeros((0, 2), int)), "no outcomes; give measured ones"),
    "no columns": (read(np.zeros((3, 0), int)), "no outcomes"),
    "scalar": (read(np.int64(3)), "no importer for a int64"),
    "four dimensions": (read(np.zeros((1, 1, 3, 2))), "outcomes of shape (1, 1, 3, 2)"),
    "masked": (read(np.ma.masked_equal(ROWS, 0)), "masked outcomes; leaving shots out"),
    "words of another length": (read(["01", "1", "00"]), "data[1]: outcome '1' is 1 long, not 2"),
    "words of other digits": (read(["01", "02", "00"]), "data[1]: outcome '02' is not made of 0"),
    "words in a table": (read(np.array([[["01"]]])), "words of shape (1, 1, 1)"),
    "letters unknown": (
        read(ROWS, ROWS, letters="xyz"),
        "letters = 'xyz' is unknown; give 'sig",
    ),
    "letters to nothing": (read(ROWS, ROWS, letters={0: "A"}), "map what is written to 'X'"),
    "code out of range": (
        read(ROWS, with_entry(2, int), letters="0/1"),
        "settings[1]: '2' is none of 0, 1 (letters = '0/1')",
    ),
    "code not whole": (read(ROWS, with_entry(0.5), letters="0/1"), "settings[1]: '0.5' is none of"),
    "code missing": (read(ROWS, with_entry(np.nan), letters="0/1"), "settings[1]: 'nan' is none"),
    "code True": (read(ROWS, ROWS.astype(bool), letters="0/1"), "settings[0]: 'False' is none of"),
    "letters in small": (read(ROWS, ["xx", "xy", "yx"]), "settings[0]: setting 'xx' is not made"),
    "not measured": (read(ROWS, ["IX", "XX", "XY"]), "has I, a qubit not measured"),
    "words of two lengths": (read(ROWS, ["XX", "XYX", "XY"]), "settings[1]: setting 'XYX' has 3"),
    "settings by name": (read(ROWS, {"a": 1}), "give a word a circuit"),
    "settings a number": (read(ROWS, 3), "settings = 3; give a word a circuit"),
    "settings a set": (read(ROWS, {"XX", "XY"}), "give a word a circuit"),
    "no settings at all": (read(ROWS, []), "settings: none given"),
    "settings of lists of lists": (read(ROWS, [[["X"], ["Y"]]] * 3), "is no setting"),
    "settings none": (read(ROWS, [None] * 3), "settings[0]: None is no setting"),
    "paulis on any axis": (
        read(ROWS, WORDS, letters="paulis", axis=[1, 1, 0]),
        "its directions are no Pauli matrices",
    ),
    "codes on any axis": (
        read(ROWS, ROWS, letters="pennylane", axis=[1, 1, 0]),
        "its directions are no Pauli matrices",
    ),
    "a Z that the design has not": (read(ROWS, ["XX", "XZ", "YX"]), "has the letter Z"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes(mistake: str) -> None:
    call, says = MISTAKES[mistake]
    assert says in refused(call)


@pytest.mark.parametrize(
    ("outcomes", "bits"),
    [("0/1", [1, 1]), ("+1/-1", [0, 0]), ("1/2", [0, 0])],
    ids=lambda value: str(value).replace(" ", ""),
)
def test_all_1_is_read_as_said(outcomes: str, bits: list[int]) -> None:
    found = qbell.shots_from(np.ones((1, 2)), ["XY"], design="random", outcomes=outcomes)
    assert found.bits.tolist() == [bits]


@pytest.mark.parametrize(
    ("axis", "paulis", "letters"),
    [("z", "XYX", "XYX"), ("x", "YZY", "XYX"), ("y", "ZXZ", "XYX"), ("y", "ZXY", "XYZ")],
    ids=["z", "x", "y", "y with xi"],
)
def test_paulis_on_axes(axis: str, paulis: str, letters: str) -> None:
    """Axis x measures sigma_1 = Y and sigma_2 = Z, axis y sigma_1 = Z and sigma_2 = X."""
    design = "random3" if "Z" in letters else "random"
    how: dict[str, Any] = {"design": design, "axis": axis}
    wanted = qbell.shots_from([{"010": 1}], [letters], **how)
    found = qbell.shots_from([{"010": 1}], [paulis], letters="paulis", **how)
    assert found.frame.equals(wanted.frame)
    first = paulis[::-1]
    codes = [["XYZ".index(letter) for letter in first]]
    shadow = qbell.shots_from([[0, 1, 0]], codes, letters="pennylane", **how)
    assert shadow.frame.equals(wanted.frame)
    tomography = [["ZXY".index(letter) for letter in first]]
    found = qbell.shots_from([[0, 1, 0]], tomography, letters="qiskit-experiments", **how)
    assert found.frame.equals(wanted.frame)


def test_many_qubits() -> None:
    bits = np.zeros((2, 90), int)
    bits[1, 3] = 1
    found = qbell.shots_from(bits, ["X" * 90, "Y" * 90], design="random")
    assert found.bits[1].tolist() == bits[1].tolist()
    hexadecimal = [{"0x0": 1}, {hex(8): 1}]
    again = qbell.shots_from(hexadecimal, ["X" * 90, "Y" * 90], design="random")
    assert again.frame.equals(found.frame)
