"""A state with one of its qubits turned, so that its correlator of all qubits has another phase."""

from dataclasses import replace

import numpy as np

from qbell.circuits.preparation import Preparation
from qbell.conventions.axes import Axis


def with_turned_qubit(preparation: Preparation, axis: Axis, angle: float) -> Preparation:
    """The preparation, with its qubit 0 turned about the axis in the end.

    The generator h commutes with exp(-i angle sigma_xi / 2), so that no |c_s|, no bound and no QFI
    changes; every c_s whose label has + on qubit 0 takes the phase e^(i angle). The gate stands
    behind a barrier: compiled for a device it is the last on its qubit, where a change of the frame
    costs nothing and the rest stays the Clifford circuit that it was.

    Args:
        preparation: of the state.
        axis: xi.
        angle: in radians.

    >>> import qbell
    >>> from qbell.conventions.axes import parse_axis
    >>> turned = with_turned_qubit(qbell.ghz(3).preparation(), parse_axis("z"), np.pi / 4)
    >>> round(abs(qbell.exact.correlator_of_all(turned.circuit)), 9)
    0.5
    """
    from qiskit.circuit.library import UnitaryGate

    circuit = preparation.circuit.copy()
    qubit = preparation.qubits[0]
    circuit.barrier(qubit)
    if axis.is_laboratory:
        circuit.rz(angle, qubit)
    else:
        turn = np.diag(np.exp([-0.5j * angle, 0.5j * angle]))
        frame = axis.frame()
        circuit.append(UnitaryGate(frame @ turn @ frame.conj().T), [qubit])
    return replace(preparation, circuit=circuit, aimed=None, gates=None, compiled=None)
