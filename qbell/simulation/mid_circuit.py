"""Local simulation, shot by shot, of preparations with mid-circuit measurements."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.compiled import compiled_circuit
from qbell.circuits.measurement import PREPARED, outcome_register, parameter_values
from qbell.circuits.preparation import Preparation
from qbell.designs.schedule import Schedule
from qbell.errors import QbellError
from qbell.simulation.distinct import distinct_settings
from qbell.simulation.noisy_state import noise_model
from qbell.util.cluster import Cluster, spread
from qbell.util.threads import one_by_one

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

MAX_WIRES = 100  # of the circuit, ancillas included
FEW_WIRES = 11  # up to which state vectors are faster than matrix products
CLIFFORD = ("h", "x", "sx", "cx", "cz", "barrier", "measure")
QUARTER = np.pi / 2
ROUNDING = 1e-9  # of an angle


def draw_shot_by_shot(
    preparation: Preparation,
    schedule: Schedule,
    shots: int,
    seed: int,
    backend: Any = None,
    progress: Callable[[int], None] | None = None,
    cluster: Cluster | None = None,
) -> NDArray[np.uint8]:
    """(settings, shots, N) outcome bits, by Aer; every shot prepares the state anew.

    Without noise Clifford circuits are simulated by stabilisers; all else by state vectors, or for
    more qubits by matrix products. A device's noise is that of
    `qbell.simulation.noisy_state`; besides, the qubits of the state wait and decay while ancillas
    are measured. Feeding the outcomes forward takes no time: devices do not say how long it takes.

    Arguments are those of `qbell.simulation.draw_outcomes.draw_outcomes`.

    Raises:
        QbellError: too many qubits, or Aer cannot simulate the circuit.
    """
    if preparation.circuit.num_qubits > MAX_WIRES:
        raise QbellError(
            f"n = {preparation.num_qubits}: the circuit has {preparation.circuit.num_qubits} "
            f"qubits with its ancillas; up to {MAX_WIRES} are simulated here, use fewer"
        )
    circuit = compiled_circuit(preparation, backend, schedule.axis, schedule.design)
    noise = None
    if backend is not None:
        circuit, wires = active_part(circuit, backend)
        noise = noise_model(backend.target, wires)
    distinct, rows = distinct_settings(schedule.directions)
    values = parameter_values(circuit, distinct, schedule.rules)
    seeds = np.random.SeedSequence(seed).generate_state(len(distinct)).tolist()
    sizes = [len(mine) for mine in rows]

    def work(setting: int) -> NDArray[np.uint8]:
        angles = dict(zip(circuit.parameters, values[setting], strict=True))
        bound = circuit.assign_parameters(angles)
        bits = run_bound(bound, sizes[setting] * shots, seeds[setting] >> 1, noise)
        return bits.reshape(sizes[setting], shots, -1)

    def done(setting: int) -> None:
        if progress is not None:
            progress(sizes[setting])

    found = spread(work, range(len(distinct)), cluster, done, one_by_one)
    outcomes = np.empty((len(schedule), shots, schedule.num_qubits), dtype=np.uint8)
    outcomes[np.concatenate(rows)] = np.concatenate(found)
    return outcomes


def run_bound(
    circuit: "QuantumCircuit", shots: int, seed: int, noise: Any, method: str | None = None
) -> NDArray[np.uint8]:
    """(shots, N) bits of the register of outcomes; ``method`` is Aer's, chosen here if None."""
    from qiskit_aer import AerSimulator

    if method is None and noise is None and _is_clifford(circuit):
        method = "stabilizer"
    elif method is None:
        few = circuit.num_qubits <= FEW_WIRES
        method = "statevector" if few else "matrix_product_state"
    simulator = AerSimulator(method=method, noise_model=noise, max_parallel_threads=1)
    result = simulator.run(circuit, shots=shots, memory=True, seed_simulator=seed).result()
    if not result.success:
        raise QbellError(f"Aer could not simulate the circuit: {result.status}")
    register = outcome_register(circuit)
    places = [circuit.find_bit(bit).index for bit in register]
    size = -(-circuit.num_clbits // 8)
    packed = b"".join(int(word, 16).to_bytes(size, "little") for word in result.data(0)["memory"])
    words = np.frombuffer(packed, dtype=np.uint8).reshape(shots, size)
    return np.unpackbits(words, axis=1, bitorder="little")[:, places]


def _is_clifford(circuit: "QuantumCircuit") -> bool:
    """Whether Aer's stabilisers take the circuit, its branches too: rz by multiples of pi/2."""
    for item in circuit.data:
        blocks = getattr(item.operation, "blocks", ())
        if blocks:
            if not all(_is_clifford(block) for block in blocks):
                return False
        elif item.operation.name == "rz":
            turns = float(item.operation.params[0]) / QUARTER
            if abs(turns - round(turns)) > ROUNDING:
                return False
        elif item.operation.name not in CLIFFORD:
            return False
    return True


def active_part(compiled: "QuantumCircuit", backend: Any) -> tuple["QuantumCircuit", list[int]]:
    """The compiled circuit on the qubits alone that it uses, and which these are.

    Delays are put where the state waits for mid-circuit measurements. Barriers go: simulation keeps
    the order of the circuit.
    """
    from qiskit import QuantumCircuit

    index = {bit: place for place, bit in enumerate(compiled.qubits)}
    operations = [(item, [index[bit] for bit in item.qubits]) for item in compiled.data]
    touched = [qubits for item, qubits in operations if item.operation.name != "barrier"]
    wires = sorted({qubit for qubits in touched for qubit in qubits})
    position = {wire: place for place, wire in enumerate(wires)}
    outcomes = outcome_register(compiled)
    state = [
        position[qubits[0]]
        for item, qubits in operations
        if item.operation.name == "measure" and item.clbits[0] in outcomes
    ]
    circuit = QuantumCircuit(len(wires))
    for register in compiled.cregs:
        circuit.add_register(register)
    waiting, prepared = 0.0, False
    for item, qubits in operations:
        operation = item.operation
        if operation.name == "barrier":
            prepared = prepared or operation.label == PREPARED
            continue
        if operation.name == "measure" and not prepared:
            properties = backend.target["measure"][tuple(qubits)]
            waiting = max(waiting, getattr(properties, "duration", None) or 0.0)
        elif waiting:
            for qubit in state:
                circuit.delay(waiting, qubit, unit="s")
            waiting = 0.0
        circuit.append(operation, [position[qubit] for qubit in qubits], item.clbits)
    return circuit, wires
