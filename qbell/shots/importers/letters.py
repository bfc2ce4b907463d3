"""How settings are written in other tools, and the letters of qbell that they stand for."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from qbell.conventions.axes import Axis
from qbell.conventions.labels import SETTING_LETTERS
from qbell.errors import QbellError
from qbell.shots.importers.asked import short

SIGMA, PAULIS = "sigma", "paulis"

SIGMA_CODES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        SIGMA: {letter: letter for letter in SETTING_LETTERS},
        "0/1": {"0": "X", "1": "Y"},
        "1/2": {"1": "X", "2": "Y"},
        "+1/-1": {"1": "X", "-1": "Y"},
    }
)
"""Name -> what is written -> X = sigma_1, Y = sigma_2 or Z = sigma_xi of the axis."""

PAULI_CODES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        PAULIS: {letter: letter for letter in "XYZ"},
        "pennylane": {"0": "X", "1": "Y", "2": "Z"},
        "qiskit-experiments": {"0": "Z", "1": "X", "2": "Y"},
    }
)
"""Name -> what is written -> Pauli matrix. Sources: `pennylane.classical_shadow` and
`qiskit_experiments.library.tomography.basis.PauliMeasurementBasis`."""

Letters = str | Mapping[Any, str]


def letter_table(letters: Letters | None, axis: Axis) -> dict[str, str]:
    """What is written -> the letter of the direction along the axis.

    >>> from qbell.conventions.axes import parse_axis
    >>> letter_table("paulis", parse_axis("x"))
    {'X': 'Z', 'Y': 'X', 'Z': 'Y'}

    Raises:
        QbellError: an unknown name, a mapping to other letters, or Paulis on an axis whose
            directions are none.
    """
    if letters is None:
        letters = SIGMA
    if isinstance(letters, Mapping):
        wrong = [found for found in letters.values() if found not in tuple(SETTING_LETTERS)]
        if wrong or not letters:
            raise QbellError(
                f"letters = {short(dict(letters))}; map what is written to 'X' (sigma_1), 'Y' "
                "(sigma_2) or 'Z' (sigma_xi)"
            )
        return {code_text(code): letter for code, letter in letters.items()}
    if isinstance(letters, str) and letters in SIGMA_CODES:
        return dict(SIGMA_CODES[letters])
    if isinstance(letters, str) and letters in PAULI_CODES:
        directions = _pauli_directions(axis)
        return {code: directions[pauli] for code, pauli in PAULI_CODES[letters].items()}
    names = ", ".join(map(repr, (*SIGMA_CODES, *PAULI_CODES)))
    raise QbellError(
        f"letters = {short(letters)} is unknown; give {names}, or a mapping to X, Y, Z"
    )


def code_text(code: object) -> str:
    """A code as text, whatever wrote it: 1, 1.0, "1", "+1" and "1.0" are the same.

    >>> [code_text(code) for code in (1, -1.0, "+1", "2.0", "X", True)]
    ['1', '-1', '1', '2', 'X', 'True']
    """
    if isinstance(code, float | np.floating) and float(code).is_integer():
        return str(int(code))
    text = str(code).strip()
    head, dot, tail = text.partition(".")
    if dot and set(tail) == {"0"} and head.lstrip("+-").isdigit():
        text = head
    if text[:1] == "+" and text[1:].isdigit():
        text = text[1:]
    return text


def _pauli_directions(axis: Axis) -> dict[str, str]:
    """Pauli matrix -> letter of the direction along an axis."""
    units = {(1.0, 0.0, 0.0): "X", (0.0, 1.0, 0.0): "Y", (0.0, 0.0, 1.0): "Z"}
    directions = dict(zip((axis.sigma_1, axis.sigma_2, axis.xi), SETTING_LETTERS, strict=True))
    if set(directions) != set(units):
        raise QbellError(
            f"axis {axis.name}: its directions are no Pauli matrices; write settings in X, Y and Z "
            "for sigma_1, sigma_2 and sigma_xi, and leave letters out"
        )
    return {pauli: directions[unit] for unit, pauli in units.items()}
