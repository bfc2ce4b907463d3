"""One parametrised circuit for all settings: preparation, rotations by angles phi, measurement.

Qubit k is turned to the frame of the axis, then measured along cos(phi_k) sigma_1
+ sin(phi_k) sigma_2 by rz(-phi_k) and h: 0 is sigma_1, pi/2 is sigma_2. It is compiled once and
swept with an array of angles, so that every setting meets the same prepared state.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell.axes import Axis
from qbell.errors import QbellError

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

PREPARED = "prepared"  # label of the barrier behind the preparation
PARAMETER = "phi"
BASIS = ["rx", "ry", "rz", "h", "x", "sx", "cx", "cz", "rzz"]
SEED_TRANSPILER = 0


def measured_circuit(preparation: "QuantumCircuit", axis: Axis) -> "QuantumCircuit":
    """The preparation, a barrier, rotations with parameters phi[0] ... phi[N-1], measurement.

    Raises:
        QbellError: the preparation measures, resets or has parameters of its own.
    """
    from qiskit.circuit import ParameterVector
    from qiskit.circuit.library import UnitaryGate

    check_preparation(preparation)
    num_qubits = preparation.num_qubits
    circuit = preparation.copy()
    circuit.barrier(label=PREPARED)
    phi = ParameterVector(PARAMETER, num_qubits)
    for qubit in range(num_qubits):
        if not axis.is_laboratory:
            circuit.append(UnitaryGate(axis.frame().conj().T), [qubit])
        circuit.rz(-phi[qubit], qubit)
        circuit.h(qubit)
    circuit.measure_all()
    return circuit


def angles(directions: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(settings, N) angles of settings given by directions 0 and 1."""
    return directions.astype(np.float64) * (np.pi / 2)


def compile_for(circuit: "QuantumCircuit", backend: Any) -> "QuantumCircuit":
    """The circuit in gates of ``backend`` on well-chosen qubits; in plain gates if it is None.

    Raises:
        QbellError: the device has too few qubits.
    """
    from qiskit import generate_preset_pass_manager

    if backend is None:
        passes = generate_preset_pass_manager(optimization_level=1, basis_gates=BASIS)
        return passes.run(circuit)
    if backend.num_qubits is not None and circuit.num_qubits > backend.num_qubits:
        raise QbellError(
            f"n = {circuit.num_qubits} qubits, but {backend.name} has {backend.num_qubits}; use "
            "fewer qubits or another backend"
        )
    passes = generate_preset_pass_manager(
        optimization_level=3, backend=backend, seed_transpiler=SEED_TRANSPILER
    )
    return passes.run(circuit)


def parameter_values(
    circuit: "QuantumCircuit", directions: NDArray[np.uint8]
) -> NDArray[np.float64]:
    """(settings, N) angles in the order in which ``circuit.parameters`` lists its parameters."""
    columns = [parameter.index for parameter in circuit.parameters]
    return angles(directions)[:, columns]


def check_preparation(preparation: "QuantumCircuit") -> None:
    """Refuse a circuit that is no unitary preparation of qubits from |0...0>."""
    if preparation.num_clbits or any(
        instruction.operation.name in ("measure", "reset", "initialize")
        for instruction in preparation.data
    ):
        raise QbellError(
            "the circuit measures, resets or has classical bits; give the preparation alone, "
            "qbell adds the measurement"
        )
    if preparation.parameters:
        names = ", ".join(parameter.name for parameter in preparation.parameters)
        raise QbellError(f"the circuit has free parameters ({names}); assign them first")
    if preparation.num_qubits < 2:
        many = "qubit" if preparation.num_qubits == 1 else "qubits"
        raise QbellError(
            f"the circuit has {preparation.num_qubits} {many}; Bell correlations need 2 or more"
        )
