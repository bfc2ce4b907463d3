"""Outcome bits in the form in which a SamplerV2 gives them."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.measurement import OUTCOMES
from qbell.shots.columns import FLAGS


def as_result(parts: Iterable[tuple[NDArray[np.uint8], int]]) -> Any:
    """The result of pubs; the outcomes (settings..., shots, N) are in the register ``meas``.

    With each part comes how many flags it has: its last bits, in the register ``flags``.
    """
    from qiskit.primitives import BitArray, DataBin, PrimitiveResult, SamplerPubResult

    found = []
    for bits, num_flags in parts:
        size = bits.shape[-1] - num_flags
        registers = {OUTCOMES: bits[..., :size]}
        if num_flags:
            registers[FLAGS] = bits[..., size:]
        arrays = {
            name: BitArray.from_bool_array(each.astype(bool), order="little")
            for name, each in registers.items()
        }
        found.append(SamplerPubResult(DataBin(**arrays, shape=bits.shape[:-2])))
    return PrimitiveResult(found)
