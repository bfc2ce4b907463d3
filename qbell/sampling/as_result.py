"""Outcome bits in the form in which a SamplerV2 gives them."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.measurement import OUTCOMES


def as_result(parts: Iterable[NDArray[np.uint8]]) -> Any:
    """The result of pubs; the outcomes (settings..., shots, N) are in the register ``meas``."""
    from qiskit.primitives import BitArray, DataBin, PrimitiveResult, SamplerPubResult

    found = []
    for bits in parts:
        array = BitArray.from_bool_array(bits.astype(bool), order="little")
        found.append(SamplerPubResult(DataBin(**{OUTCOMES: array}, shape=bits.shape[:-2])))
    return PrimitiveResult(found)
