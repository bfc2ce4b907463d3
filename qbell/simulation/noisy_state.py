"""Local simulation of a device's noise: a density matrix, and noisy measurements of each qubit.

The density matrix is that of the compiled preparation on its active qubits; the rotation before
each measurement, with the noise of its own gates, and the readout error become two-outcome
measurements, one qubit at a time. The outcome probabilities are those of Aer's own noisy sampling
of each compiled setting.
"""

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.compiled import compiled_circuit
from qbell.circuits.measurement import PREPARED, angles, read_bits
from qbell.circuits.preparation import Preparation
from qbell.conventions.axes import Axis
from qbell.designs import DEFAULT, Design, find_design
from qbell.errors import QbellError
from qbell.simulation.gate_noise import noise_of
from qbell.simulation.read_means import PAULIS, read_means
from qbell.simulation.target_backend import target_backend
from qbell.util.checks import require_memory

if TYPE_CHECKING:
    from qiskit import QuantumCircuit
    from qiskit.transpiler import Target

MAX_NOISY_QUBITS = 12
WAITS = ("delay", "id")  # which do nothing but cost their noise


@dataclass(frozen=True)
class NoisyState:
    """A prepared density matrix and how each qubit of it is measured.

    Attributes:
        matrix: (2^N, 2^N), qubits in Qiskit's order, in the laboratory frame.
        effects: per qubit (directions, 2 outcomes, 2, 2): noisy measurement operators.
        compiled: the whole compiled circuit, with its parameters.
    """

    matrix: NDArray[np.complex128]
    effects: tuple[NDArray[np.complex128], ...]
    compiled: "QuantumCircuit"


def prepare_noisy(
    preparation: "Preparation | QuantumCircuit",
    axis: Axis,
    backend: Any,
    design: str | Design = DEFAULT,
) -> NoisyState:
    """The density matrix of the compiled preparation under the backend's noise, by Aer.

    The noise is that of ``AerSimulator.from_backend``, built for the gates alone that the compiled
    circuit has. Idle qubits suffer none, as in Aer's own simulation of unscheduled circuits.
    A fake device's own ``run`` differs in one point: it reads two readout errors a qubit, of 0 and
    of 1, where Aer reads their mean from the device's target.

    Raises:
        QbellError: routing needs more qubits than can be simulated here.
    """
    return noisy_state(compiled_circuit(preparation, backend, axis, design), backend, design)


def noisy_state(
    compiled: "QuantumCircuit",
    backend: Any,
    design: str | Design = DEFAULT,
    readout: dict[int, NDArray[np.float64]] | None = None,
) -> NoisyState:
    """The same of a compiled `measured_circuit`.

    Args:
        compiled: in gates of the device, on its physical qubits; it may have delays.
        backend: whose noise is simulated.
        design: that the circuit was made for.
        readout: of some of the device's qubits P(x|y) as (2, 2), the row y what is measured and the
            column x what is read; of the others, and if None of all, as Aer reads it from the
            device's target.

    Raises:
        QbellError: see `prepare_noisy`.
    """
    _, after, wires = split(compiled)
    num_qubits = len(wires)
    matrix = prepared_matrix(compiled, backend)
    # One row for each direction that the design has; in all of them qubits are alike.
    kinds = find_design(design).num_directions(num_qubits)
    rows = np.broadcast_to(np.arange(kinds)[:, None], (kinds, num_qubits)).astype(np.uint8)
    phi, theta = angles(rows, design)
    turns = list(zip(phi[:, 0].tolist(), theta[:, 0].tolist(), strict=True))
    effects = tuple(
        effects_of(backend.target, wire, rotation, turns, (readout or {}).get(wire))
        for wire, rotation in zip(wires, after, strict=True)
    )
    return NoisyState(matrix, effects, compiled)


def prepared_matrix(compiled: "QuantumCircuit", backend: Any) -> NDArray[np.complex128]:
    """(2^N, 2^N) density matrix behind the preparation of a compiled experiment, with its noise.

    Arguments and errors as `prepare_noisy`, but ``compiled`` is its compiled `measured_circuit`.
    """
    from qiskit import QuantumCircuit
    from qiskit.circuit import Instruction
    from qiskit_aer import AerSimulator

    before, _, wires = split(compiled)
    active = sorted({wire for _, qubits in before for wire in qubits} | set(wires))
    if len(active) > MAX_NOISY_QUBITS + 2:
        raise QbellError(
            f"the circuit compiled for {backend.name} uses {len(active)} qubits, too many for a "
            f"density matrix here (up to {MAX_NOISY_QUBITS + 2}); use fewer qubits"
        )
    require_memory(3 * 16.0 * 4 ** len(active), f"a density matrix of {len(active)} qubits")
    position = {wire: index for index, wire in enumerate(active)}
    circuit = QuantumCircuit(len(active))
    for operation, qubits in before:
        places = [position[wire] for wire in qubits]
        if operation.name not in WAITS:
            circuit.append(operation, places)
        noise = noise_of(backend.target, operation, qubits)
        if noise is not None:
            matrix = noise.superoperator.astype(complex)
            circuit.append(Instruction("superop", len(qubits), 0, [matrix]), places)
    circuit.save_density_matrix(qubits=[position[wire] for wire in wires])
    simulator = AerSimulator(method="density_matrix", max_parallel_threads=1)
    result = simulator.run(circuit, shots=1).result()
    if not result.success:
        raise QbellError(f"Aer could not simulate the noisy circuit: {result.status}")
    return np.asarray(result.data(0)["density_matrix"])


Operation = tuple[Any, list[int]]


def split(compiled: "QuantumCircuit") -> tuple[list[Operation], list[list[Any]], list[int]]:
    """The compiled circuit's preparation, each measured qubit's rotation, and where they sit.

    Flags come behind the qubits of the state: they are measured along Z, without a rotation. What
    happens to an ancilla behind its measurement is left out.
    """
    index = {bit: place for place, bit in enumerate(compiled.qubits)}
    operations = [
        (item.operation, [index[bit] for bit in item.qubits], item.clbits) for item in compiled.data
    ]
    cut = max(  # the last one, should the preparation have a barrier of this name
        (
            place
            for place, (operation, _, _) in enumerate(operations)
            if operation.name == "barrier" and operation.label == PREPARED
        ),
        default=-1,
    )
    if cut < 0:
        raise QbellError(
            f"the compiled circuit has no barrier {PREPARED!r} between preparation and "
            "measurement; compile what measured_circuit makes"
        )
    clbit = {bit: place for place, bit in enumerate(read_bits(compiled))}
    wires = [-1] * len(clbit)
    for operation, qubits, clbits in operations:
        if operation.name == "measure":
            wires[clbit[clbits[0]]] = qubits[0]
    read: set[int] = set()
    place_of = {wire: qubit for qubit, wire in enumerate(wires)}
    before: list[Operation] = []
    after: list[list[Any]] = [[] for _ in wires]
    for place, (operation, qubits, _) in enumerate(operations):
        if operation.name == "measure":
            read |= set(qubits)
        if operation.name in ("barrier", "measure") or read & set(qubits):
            continue
        if place < cut:
            before.append((operation, qubits))
        elif len(qubits) == 1 and qubits[0] in place_of:
            after[place_of[qubits[0]]].append(operation)
        else:
            raise QbellError(
                f"the compiler put a {operation.name} on qubits {qubits} behind the preparation; "
                "sample this circuit with a SamplerV2 of the backend instead"
            )
    return before, after, wires


def noise_model(target: "Target", wires: list[int]) -> Any:
    """Aer's noise model of a device, for some of its qubits, renumbered from 0."""
    from qiskit_aer.noise import NoiseModel

    with warnings.catch_warnings():
        # A device without T1 and T2 has no decay; that is no news where it was chosen.
        warnings.filterwarnings("ignore", message=".*has no QubitProperties", category=UserWarning)
        return NoiseModel.from_backend(_part_of_device(target, wires))


def _part_of_device(target: "Target", wires: list[int]) -> Any:
    from qiskit.transpiler import Target

    position = {wire: index for index, wire in enumerate(wires)}
    properties = target.qubit_properties
    part = Target(
        num_qubits=len(wires),
        dt=target.dt,
        qubit_properties=None if properties is None else [properties[wire] for wire in wires],
    )
    for name in target.operation_names:
        kept = {
            tuple(position[wire] for wire in qubits): values
            for qubits, values in (target[name] or {}).items()
            if qubits is not None and all(wire in position for wire in qubits)
        }
        if kept:
            part.add_instruction(target.operation_from_name(name), kept, name=name)

    return target_backend(part, "part")


def effects_of(
    target: "Target",
    wire: int,
    rotation: list[Any],
    turns: list[tuple[float, float]],
    readout: NDArray[np.float64] | None = None,
) -> NDArray[np.complex128]:
    """(directions, 2 outcomes, 2, 2) measurement operators of one physical qubit.

    ``turns`` are the angles (phi, theta) of the directions. Outcome x after channel Phi and readout
    P(x|y): E_x = sum_y P(x|y) Phi^+(|y><y|), or (1 +- (a + b . sigma)) / 2 with `read_means`.
    ``readout`` is P, row y and column x; `readout_of` the target if None.
    """
    readout = readout_of(target, wire) if readout is None else readout
    means = read_means(target, wire, rotation, turns, readout)
    difference = np.einsum("dp,pab->dab", means, PAULIS)
    operators = np.stack([np.eye(2) + difference, np.eye(2) - difference], axis=1) / 2
    return np.asarray(operators, dtype=np.complex128)


def readout_of(target: "Target", wire: int) -> NDArray[np.float64]:
    """(2, 2) P(x|y) of a physical qubit as Aer reads it from a target: row y, column x."""
    properties = (target.get("measure") or {}).get((wire,))
    if properties is None:
        return np.eye(2)
    both = [properties.error or 0.0] * 2  # of 0 and of 1
    if hasattr(properties, "prob_meas1_prep0") and hasattr(properties, "prob_meas0_prep1"):
        both = [properties.prob_meas1_prep0, properties.prob_meas0_prep1]
    return np.array([[1 - both[0], both[0]], [both[1], 1 - both[1]]])
