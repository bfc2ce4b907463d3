"""Results of a job in JSON, as `qiskit_ibm_runtime.RuntimeEncoder` writes them."""

import base64
import io
import zlib
from typing import Any

import numpy as np

ARRAY = np.array([[1], [2]], dtype=np.uint8)


def packed(array: Any = ARRAY, *, whole: bool = True, pickle: bool = False) -> dict[str, Any]:
    """An array, or a part of one that was cut off."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=pickle)
    content = zlib.compress(buffer.getvalue())
    content = content if whole else content[:-9]
    return {"__type__": "ndarray", "__value__": base64.b64encode(content).decode()}


def claiming(size: int) -> dict[str, Any]:
    """An array whose head claims so many numbers, and holds none."""
    buffer = io.BytesIO()
    head = {"descr": "|u1", "fortran_order": False, "shape": (size, 1)}
    np.lib.format.write_array_header_1_0(buffer, head)
    content = zlib.compress(buffer.getvalue())
    return {"__type__": "ndarray", "__value__": base64.b64encode(content).decode()}


def tagged(kind: str, **value: Any) -> dict[str, Any]:
    return {"__type__": kind, "__value__": value}


def job(array: Any = None, bits: Any = 2, **metadata: Any) -> dict[str, Any]:
    register = tagged("BitArray", array=packed() if array is None else array, num_bits=bits)
    data = tagged("DataBin", field_names=["meas"], shape=[], fields={"meas": register})
    pub = tagged("SamplerPubResult", data=data, metadata={"circuit_metadata": metadata})
    return tagged("PrimitiveResult", pub_results=[pub], metadata={"version": 2})
