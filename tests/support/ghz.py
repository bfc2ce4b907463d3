"""GHZ states as tests need them: exactly, compiled, and as seen in shots."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit import QuantumCircuit, transpile
from qiskit_aer import AerSimulator

from qbell.circuits.measurement import compile_for, measured_circuit
from qbell.conventions.axes import parse_axis
from qbell.devices.layout import Preparation
from qbell.shots.shots import Shots
from qbell.simulation.noisy_state import noise_model


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


def noisy_fidelity(compiled: QuantumCircuit, device: Any, *, waiting: bool) -> float:
    """<GHZ|rho|GHZ> of a compiled circuit without measurements, by Aer's density matrix.

    With ``waiting``, qubits decay between their gates and up to the end, on Qiskit's schedule of
    gates that are as late as can be; otherwise gates alone have errors.
    """
    if waiting:
        compiled = transpile(
            compiled,
            device,
            optimization_level=0,
            scheduling_method="alap",
            initial_layout=range(device.num_qubits),
        )
    place = {bit: index for index, bit in enumerate(compiled.qubits)}
    items = [(item.operation, [place[bit] for bit in item.qubits]) for item in compiled.data]
    gates = [(gate, qubits) for gate, qubits in items if gate.name != "barrier"]
    wires = sorted({qubit for gate, qubits in gates for qubit in qubits if gate.name != "delay"})
    circuit, started = QuantumCircuit(len(wires)), set()
    for gate, qubits in gates:
        if gate.name != "delay":
            started.update(qubits)
        if started.issuperset(qubits):  # in |0> a qubit waits without harm
            circuit.append(gate, [wires.index(qubit) for qubit in qubits])
    circuit.save_density_matrix()
    noise = noise_model(device.target, wires)
    simulator = AerSimulator(method="density_matrix", noise_model=noise, max_parallel_threads=1)
    matrix = np.asarray(simulator.run(circuit).result().data(0)["density_matrix"])
    vector = ghz_vector(len(wires))
    return float((vector @ matrix @ vector).real)
