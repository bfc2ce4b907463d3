"""Numbers that stand for the two outcomes: 0 and 1, +1 and -1, or 1 and 2."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.shots.importers.asked import short

CODES: Mapping[str, tuple[int, int]] = MappingProxyType(
    {"0/1": (0, 1), "+1/-1": (1, -1), "1/2": (1, 2)}
)
"""Name -> the numbers of bit 0 (outcome +1) and of bit 1 (outcome -1)."""


def checked_codes(name: object) -> str | None:
    """A key of `CODES`, or None.

    Raises:
        QbellError: another name.
    """
    if name is None or (isinstance(name, str) and name in CODES):
        return name
    raise QbellError(f"outcomes = {short(name)}; give {', '.join(map(repr, CODES))}")


def bits_of_numbers(values: NDArray[Any], codes: str | None, where: str) -> NDArray[np.uint8]:
    """Bits of numbers of any shape. Without ``codes`` they are recognised where one reading is
    possible: 0 occurs in the first code only, -1 and 2 in the others.

    Raises:
        QbellError: names the first entry that is none of the two numbers, or says that more than
            one code fits.
    """
    if values.dtype.kind == "b":
        values = values.astype(np.int8)
    if values.dtype.kind not in "iuf":
        raise QbellError(f"{where}: outcomes of type {values.dtype}; give numbers or bit strings")
    if values.size == 0:
        raise QbellError(f"{where}: no outcomes; give measured ones")
    if codes is None:
        there = [name for name, pair in CODES.items() if np.isin(values, pair).all()]
        if len(there) > 1:
            raise QbellError(
                f"{where}: every outcome is 1, which is -1 if outcomes are 0 and 1, and +1 if they "
                f"are +1 and -1, or 1 and 2; say outcomes = {' or '.join(map(repr, there))}"
            )
        codes = there[0] if there else _nearest(values)
    zero, one = CODES[codes]
    wrong = np.argwhere((values != zero) & (values != one))
    if len(wrong):
        place = tuple(wrong[0].tolist())
        at = "".join(f"[{index}]" for index in place)
        raise QbellError(
            f"{where}{at}: {short(values[place].item())} is not {zero} or {one}; if outcomes are "
            f"written otherwise, say outcomes = {' or '.join(repr(name) for name in CODES)}"
        )
    bits: NDArray[np.uint8] = (values == one).astype(np.uint8)
    return bits


def _nearest(values: NDArray[Any]) -> str:
    """The code that most entries fit: what does not is then named."""
    return max(CODES, key=lambda name: int(np.isin(values, CODES[name]).sum()))
