"""A device's noise on more qubits than a density matrix holds: Clifford circuits, errors as Paulis.

Each gate has the very channel of `qbell.simulation.noisy_state`, twirled to random Paulis, and so
has the decay of qubits that wait. The readout and the rotations before it are not twirled.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.compiled import compiled_circuit, physical_qubits
from qbell.circuits.flags import num_flags
from qbell.circuits.preparation import Preparation
from qbell.designs import DEFAULT
from qbell.designs.schedule import Schedule
from qbell.devices.backends import backend_name
from qbell.devices.readout import readout_as_run
from qbell.devices.waiting import scheduled
from qbell.errors import QbellError
from qbell.simulation.noisy_state import MAX_NOISY_QUBITS, readout_of, split
from qbell.simulation.stabiliser.clifford import NotClifford
from qbell.simulation.stabiliser.state import (
    StabiliserState,
    draw_from_stabilisers,
    stabiliser_state,
)
from qbell.util.cluster import Cluster

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


SIMULATED = "simulated with the noise of"  # begins what is said of such shots


def is_large(num_qubits: int, device: Any) -> bool:
    """Whether there are too many qubits for the density matrix of a device's noise."""
    return device is not None and num_qubits > MAX_NOISY_QUBITS


def takes_paulis(compiled: "QuantumCircuit", device: Any) -> bool:
    """Whether outcomes come from stabilisers: of many qubits, and of any number with flags."""
    flagged = device is not None and num_flags(compiled) > 0
    return flagged or is_large(len(physical_qubits(compiled)), device)


def draw_large(
    preparation: Preparation,
    schedule: Schedule,
    shots: int,
    seed: int,
    device: Any,
    progress: Callable[[int], None] | None = None,
    cluster: Cluster | None = None,
) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
    """(settings, shots, N) outcome bits, flags last, and what their noise assumes, in sentences.

    Args:
        preparation: of the state.
        schedule: the settings.
        shots: of each row of the schedule.
        seed: of the draws.
        device: a BackendV2 whose calibration is the noise; qubits decay while they wait, with gates
            as late as possible.
        progress: called with the number of schedule rows just drawn.
        cluster: whose workers draw.

    Raises:
        QbellError: a circuit that is not Clifford, or measures mid-circuit.
    """
    compiled = compiled_circuit(preparation, device, schedule.axis, schedule.design)
    state, says = large_state(compiled, device, schedule.design)
    drawn = draw_from_stabilisers(state, schedule.directions, shots, seed, progress, cluster)
    return drawn, says


def large_state(
    compiled: "QuantumCircuit",
    device: Any,
    design: str = DEFAULT,
    *,
    decoupling: str | None = None,
    twirled: bool = False,
) -> tuple[StabiliserState, tuple[str, ...]]:
    """The noisy state of a compiled `measured_circuit`, and what it assumes, in sentences.

    Args:
        compiled: on the device's physical qubits.
        device: a BackendV2 whose calibration is the noise.
        design: that the circuit was made for.
        decoupling: pulses in the waits: ``XX``, ``XpXm``, ``XY4`` or None.
        twirled: whether the measurement is twirled, which reads 0 and 1 with the mean of their
            errors. Otherwise both errors are used where the device knows them.

    Raises:
        QbellError: a circuit that is not Clifford, or measures mid-circuit.
    """
    name = backend_name(device)
    wires = physical_qubits(compiled)
    refused = (
        f"n = {len(wires)}: this version simulates the noise of {name} up to n = "
        f"{MAX_NOISY_QUBITS}, and of more qubits for Clifford preparations without mid-circuit "
        "measurements but flags"
    )
    measured = sum(item.operation.name == "measure" for item in compiled.data)
    if compiled.has_control_flow_op() or measured > len(wires) + num_flags(compiled):
        raise QbellError(f"{refused}; use another layout (of a GHZ state 'tree') or fewer qubits")
    circuit, waits = _with_waits(compiled, device, decoupling)
    known, reads = readout_as_run(device, split(circuit)[2], twirled=twirled)

    def readout(wire: int) -> NDArray[np.float64]:
        return known[wire] if wire in known else readout_of(device.target, wire)

    try:
        state = stabiliser_state(circuit, device, design, readout)
    except NotClifford as error:
        raise QbellError(f"{refused}; here {error}: use fewer qubits") from error
    says = (
        f"{SIMULATED} {name} as random Paulis: the error and the decay that it "
        "reports of each gate are twirled, which leaves out the drift of decaying qubits towards "
        f"0; no crosstalk, leakage or drift; {waits}; {reads}",
    )
    return state, says


def _with_waits(
    compiled: "QuantumCircuit", device: Any, decoupling: str | None
) -> tuple["QuantumCircuit", str]:
    """The circuit with delays and pulses, and what becomes of waiting qubits, in words."""
    if decoupling is not None:
        return scheduled(compiled, device, decoupling), (
            "qubits decay while they wait, with gates as late as possible, and the pulses of "
            f"{decoupling} cost their errors"
        )
    try:
        circuit = scheduled(compiled, device)
    except QbellError:  # times that the device does not say
        return (
            compiled,
            "waiting qubits do not decay, as the device does not say how long they wait",
        )
    return circuit, "qubits decay while they wait, with gates as late as possible"
