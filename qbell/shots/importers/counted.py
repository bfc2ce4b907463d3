"""How often outcomes came: numbers of shots, or values that are none, checked."""

import math
import numbers
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.shots.importers.asked import Asked, short
from qbell.util.table_cells import LARGEST


def counted(values: Iterable[Any], keys: Iterable[Any], asked: Asked, where: str) -> NDArray[Any]:
    """(rows,) whole numbers of shots; finite floats where `Asked.distribution`.

    Raises:
        QbellError: names the first outcome with something else.
    """
    found = []
    for key, value in zip(keys, values, strict=True):
        if not _is_real(value):
            raise QbellError(
                f"{where}: outcome {short(key)} came {short(value)} times; give a whole number"
            )
        if abs(value) > LARGEST:
            raise QbellError(
                f"{where}: outcome {short(key)} came {short(value)} times, more than {LARGEST}; "
                "check it"
            )
        number = float(value)
        if not asked.distribution and (number < 0 or not number.is_integer()):
            raise QbellError(
                f"{where}: outcome {short(key)} came {short(value)} times, which is no number of "
                "shots; if these are probabilities or corrected counts say shots =, how many were "
                "measured: they make no Bell claim"
            )
        found.append(number if asked.distribution else int(value))
    return np.array(found, dtype=float if asked.distribution else np.int64)


def _is_real(value: Any) -> bool:
    """True for a finite number that is no truth value."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return False
    return isinstance(value, numbers.Integral) or math.isfinite(value)
