"""GHZ states as tests need them: exactly, compiled, and as seen in shots."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit

from qbell.axes import parse_axis
from qbell.measurement import compile_for, measured_circuit
from qbell.preparation import Preparation
from qbell.shots import Shots


def ghz_vector(num_qubits: int) -> NDArray[np.complex128]:
    """Amplitudes of (|0...0> + |1...1>) / sqrt(2)."""
    vector = np.zeros(2**num_qubits, dtype=complex)
    vector[[0, -1]] = np.sqrt(0.5)
    return vector


def on_device(preparation: Preparation, device: Any) -> QuantumCircuit:
    """Compiled as it is sampled on axis z."""
    measured = measured_circuit(preparation, parse_axis("z"))
    return compile_for(measured, device, preparation.wires)


def parities(shots: Shots) -> NDArray[np.float64]:
    """<prod sigma> of each setting with an even number of Y, times its sign in GHZ: 1 if ideal."""
    frame = shots.frame
    frame["sign"] = 1 - 2 * (frame["bitstring"].str.count("1") % 2)
    means = []
    for setting, part in frame.groupby("setting"):
        twos = str(setting).count("Y")
        if twos % 2 == 0:
            mean = np.average(part["sign"], weights=part["count"])
            means.append(mean * (-1) ** (twos // 2))
    return np.array(means)
