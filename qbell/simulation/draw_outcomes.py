"""Local simulation: the state is prepared once, and all settings are drawn from it.

Without noise that state is a vector, prepared by Aer, or for more qubits a matrix product; under a
device's noise model it is a density matrix (`qbell.simulation.noisy_state`). What measures ancillas
mid-circuit is prepared anew for each shot (`qbell.simulation.mid_circuit`).
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.measurement import checked, plain_gates
from qbell.circuits.preparation import Preparation
from qbell.conventions.axes import Axis
from qbell.designs.schedule import Schedule
from qbell.errors import QbellError
from qbell.simulation.distinct import distinct_settings
from qbell.simulation.mid_circuit import draw_shot_by_shot
from qbell.simulation.mps_circuit import MAX_BOND, TooEntangled, matrix_product_of, turned
from qbell.simulation.mps_sampling import draw_from_matrix_product
from qbell.simulation.noisy_state import MAX_NOISY_QUBITS, prepare_noisy
from qbell.simulation.outcome_counts import (
    OutcomeCounts,
    count_outcomes,
    draw_counts,
    require_room,
)
from qbell.simulation.probabilities import of_matrix, of_vector
from qbell.util.checks import require_memory
from qbell.util.cluster import Cluster
from qbell.util.threads import PIECES

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

MAX_IDEAL_QUBITS = 16  # of a state vector, here
MAX_TABLE_QUBITS = 12  # up to which all outcomes of a setting are computed, and not only drawn
SMALL_BOND = 32  # bond dimension up to which a matrix product is faster than a state vector
CHUNK_NUMBERS = 2**22  # probabilities held at a time


def draw_outcomes(
    preparation: "Preparation | QuantumCircuit",
    schedule: Schedule,
    shots: int,
    seed: int,
    backend: Any = None,
    progress: Callable[[int], None] | None = None,
    cluster: Cluster | None = None,
) -> OutcomeCounts:
    """How often each outcome came in each row of the schedule.

    Args:
        preparation: of the state, or a unitary circuit. One that measures ancillas mid-circuit is
            simulated shot by shot.
        schedule: the settings; repeated ones are computed once.
        shots: of each row of the schedule.
        seed: of the draws.
        backend: None for the ideal state, or a BackendV2 whose noise model is simulated.
        progress: called with the number of schedule rows just drawn.
        cluster: whose workers draw; the outcomes are the same.

    Raises:
        QbellError: more qubits, entanglement or outcomes than can be simulated here.
    """
    preparation = checked(preparation)
    num_qubits = preparation.num_qubits
    check_noisy_size(num_qubits, backend)
    room = len(schedule), shots, num_qubits
    if not preparation.is_unitary:
        require_room(*room)
        return count_outcomes(
            draw_shot_by_shot(preparation, schedule, shots, seed, backend, progress, cluster)
        )
    if backend is None and num_qubits > MAX_TABLE_QUBITS:
        require_room(*room)
        try:
            most = SMALL_BOND if num_qubits <= MAX_IDEAL_QUBITS else MAX_BOND
            tensors = turned(matrix_product_of(preparation, most), schedule.axis)
        except TooEntangled as error:
            if num_qubits > MAX_IDEAL_QUBITS:
                raise QbellError(
                    f"n = {num_qubits}: {error}; beyond n = {MAX_IDEAL_QUBITS} states of little "
                    "entanglement are simulated: use fewer qubits or a shallower circuit"
                ) from error
        else:
            listed = draw_from_matrix_product(tensors, schedule, shots, seed, progress, cluster)
            return count_outcomes(listed)
    return _draw_from_tables(preparation, schedule, shots, seed, backend, progress, cluster)


def check_noisy_size(num_qubits: int, backend: Any) -> None:
    """Refuse more qubits than a device's noise is simulated of.

    Raises:
        QbellError: with the most that there may be.
    """
    if backend is not None and num_qubits > MAX_NOISY_QUBITS:
        raise QbellError(
            f"n = {num_qubits}: this version simulates the noise of {backend.name} up to "
            f"n = {MAX_NOISY_QUBITS}; use fewer qubits"
        )


def _draw_from_tables(
    preparation: Preparation,
    schedule: Schedule,
    shots: int,
    seed: int,
    backend: Any,
    progress: Callable[[int], None] | None,
    cluster: Cluster | None,
) -> OutcomeCounts:
    """From the probabilities of all 2^N outcomes of each different setting."""
    num_qubits = preparation.num_qubits
    require_room(len(schedule), min(shots, 2**num_qubits), num_qubits)
    distinct, rows = distinct_settings(schedule.directions)
    step = max(1, CHUNK_NUMBERS // 2**num_qubits)
    if cluster is not None:
        step = min(step, -(-len(distinct) // PIECES))
    table_of = _tables(preparation, schedule, distinct, backend)
    return draw_counts(
        table_of, num_qubits, rows, shots, seed, step=step, progress=progress, cluster=cluster
    )


def draw_from_table(
    table: NDArray[np.float64], shape: tuple[int, ...], generator: np.random.Generator
) -> NDArray[np.uint8]:
    """(*shape, N) outcome bits from the probabilities (2^N,) of all outcomes."""
    cumulative = np.cumsum(table)
    drawn = generator.random(shape) * cumulative[-1]
    found = np.searchsorted(cumulative, drawn, side="right")
    found = np.minimum(found, len(table) - 1)  # rounding at the very end
    bits = np.empty((*shape, len(table).bit_length() - 1), dtype=np.uint8)
    for qubit in range(bits.shape[-1]):
        bits[..., qubit] = found >> qubit & 1
    return bits


def _tables(
    preparation: Preparation, schedule: Schedule, distinct: NDArray[np.uint8], backend: Any
) -> Callable[[slice], NDArray[np.float64]]:
    """The outcome probabilities (settings, 2^N) of any part of the distinct settings."""
    num_qubits = preparation.num_qubits
    if backend is None:
        amplitudes = prepare_vector(_in_frame(preparation, schedule.axis))
        azimuths = schedule.rules.azimuths(distinct)
        return lambda some: of_vector(amplitudes, azimuths[some])
    require_memory(4 * 16.0 * 4**num_qubits, f"{num_qubits} noisy qubits")
    noisy = prepare_noisy(preparation, schedule.axis, backend, schedule.rules)
    matrix, effects = noisy.matrix, noisy.effects
    return lambda some: of_matrix(matrix, effects, distinct[some])


def _in_frame(preparation: Preparation, axis: Axis) -> "Preparation | QuantumCircuit":
    """The preparation, and every qubit turned so that sigma_1, sigma_2, sigma_xi read X, Y, Z."""
    if axis.is_laboratory:
        return preparation
    from qiskit.circuit.library import UnitaryGate

    circuit = preparation.circuit.copy()
    for qubit in range(circuit.num_qubits):
        circuit.append(UnitaryGate(axis.frame().conj().T), [qubit])
    return circuit


def prepare_vector(
    preparation: "Preparation | QuantumCircuit", start: NDArray[np.complex128] | None = None
) -> NDArray[np.complex128]:
    """The state vector (2^N,) that the gates make of |0...0>, or of ``start``, by Aer."""
    from qiskit_aer import AerSimulator

    circuit = plain_gates(preparation).copy()
    if start is not None:
        whole = circuit.copy_empty_like()
        whole.set_statevector(start)
        circuit = whole.compose(circuit)
    circuit.save_statevector()
    simulator = AerSimulator(method="statevector", max_parallel_threads=1)
    result = simulator.run(circuit).result()
    if not result.success:
        raise QbellError(f"Aer could not simulate the circuit: {result.status}")
    return np.asarray(result.get_statevector(circuit).data)
