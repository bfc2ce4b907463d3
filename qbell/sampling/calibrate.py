"""Calibration shots: known words prepared and read, on the qubits that an experiment measures.

A prepared 1 takes an X gate, whose own error (and that of the reset to 0) counts as an error of the
readout: with an X of error e, q_k is too large by about e, and a correlator of n qubits corrected
with it by about n e of itself. Errors of the rotations before a measurement are not corrected.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.compiled import compiled_circuit, physical_qubits
from qbell.circuits.measurement import checked
from qbell.circuits.preparation import Preparation
from qbell.conventions.axes import AxisLike, parse_axis
from qbell.conventions.labels import BIT_LETTERS, columns
from qbell.designs import DEFAULT
from qbell.designs.schedule import MAX_SHOTS
from qbell.errors import QbellError
from qbell.mitigation.calibration import ReadoutCalibration
from qbell.sampling.run_sampler import outcomes_in, run_sampler
from qbell.sampling.source import source_of
from qbell.simulation.noisy_state import effects_of
from qbell.states import State
from qbell.states.base import preparation_of, require_preparable
from qbell.util.checks import whole_number
from qbell.util.unique_rows import row_numbers

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

Bits = NDArray[np.uint8]


def calibrate(
    state: "State | Preparation | QuantumCircuit",
    sampler: Any = None,
    *,
    shots: int = 10_000,
    words: Sequence[str] | None = None,
    seed: int | None = None,
    backend: Any = None,
    axis: AxisLike = "z",
    design: str = DEFAULT,
) -> ReadoutCalibration:
    """Prepare known words and read them, on the physical qubits where `sample` puts ``state``.

    Args:
        state: what the experiment prepares, or a preparation; with ``axis``, ``design`` and
            ``backend`` it fixes which physical qubits are measured.
        sampler, backend: as in `qbell.sample`. Without a sampler the readout error of the
            backend's noise model is simulated, with the error of the X gate.
        shots: of each word.
        words: to prepare, qubit 0 last; every qubit in 0 and in 1 at least once. If None all 0, all
            1, and the two that alternate: these show whether qubits are read independently.
        seed: of the local draws; drawn afresh when None. A sampler has its own.
        axis, design: of the experiment's schedule.

    Returns:
        The counts of the words, with each qubit's readout errors.

    Raises:
        QbellError: words that are not N characters 0 and 1, a circuit that cannot be compiled, an
            unknown backend, a seed given for a sampler, or a readout too bad to be corrected.

    >>> import qbell
    >>> calibration = calibrate(qbell.ghz(3), shots=100, seed=1)  # aer reads without error
    >>> int(calibration.wrong.sum())
    0
    """
    shots = whole_number("shots", shots, least=1, most=MAX_SHOTS)
    require_preparable(state)
    if not isinstance(state, State | Preparation):
        state = checked(state)
    prepared = _prepared(words, state.num_qubits)
    source = source_of(sampler, backend, seed)
    device = source.device
    preparation = preparation_of(state, device, measured=True)
    wires = measured_wires(preparation, device, axis, design)
    if source.sampler is None:
        generator = np.random.default_rng(source.seed)
        rates = np.zeros((len(wires), 2)) if device is None else device_rates(device, wires)
        ones = np.where(prepared == 0, rates[:, 0], 1 - rates[:, 1])
        bits = (generator.random((len(prepared), shots, len(wires))) < ones[:, None, :]).astype(
            np.uint8
        )
    else:
        bits = _run_sampler(prepared, wires, source.sampler, shots, device)
    return tally_words(prepared, bits)


def measured_wires(
    preparation: "Preparation | QuantumCircuit", backend: Any, axis: AxisLike, design: str
) -> list[int]:
    """The physical qubit where each qubit of a compiled experiment is measured; without a backend
    the circuit's own qubits."""
    if backend is None:
        return list(checked(preparation).qubits)
    return physical_qubits(compiled_circuit(preparation, backend, parse_axis(axis), design))


def device_rates(device: Any, wires: Sequence[int]) -> NDArray[np.float64]:
    """(N, 2) p_k and q_k of a backend's noise model, the error of the X gate included in q_k."""
    rates = np.empty((len(wires), 2))
    for qubit, wire in enumerate(wires):
        for bit in (0, 1):
            gates = word_circuit(np.array([bit], dtype=np.uint8), [wire], device)
            operations = [item.operation for item in gates.data]
            turn = [gate for gate in operations if gate.name not in ("barrier", "measure")]
            effects = effects_of(device.target, wire, turn, [(0.0, 0.0)])[0]
            rates[qubit, bit] = effects[1 - bit, 0, 0].real
    return rates


def default_words(num_qubits: int) -> Bits:
    """(4, N) bits: all 0, all 1, and the two that alternate."""
    even = np.arange(num_qubits) % 2
    zero = np.zeros_like(even)
    return np.stack([zero, zero + 1, even, 1 - even]).astype(np.uint8)


def _prepared(words: Sequence[str] | None, num_qubits: int) -> Bits:
    """(words, N) bits to prepare."""
    if words is None:
        return default_words(num_qubits)
    for word in words:
        if len(word) != num_qubits or set(word) - set(BIT_LETTERS):
            raise QbellError(
                f"word {word!r} is not {num_qubits} characters 0 and 1; give one bit for each "
                "qubit, qubit 0 last"
            )
    bits = columns(list(words), BIT_LETTERS) if words else np.empty((0, num_qubits), np.uint8)
    missing = [k for k in range(num_qubits) if len(set(bits[:, k].tolist())) < 2]
    if missing:
        raise QbellError(
            f"the words prepare qubit {missing[0]} in one state only; add the words of all 0 and "
            "of all 1"
        )
    if len(set(words)) < len(words):
        raise QbellError("a word is named twice; give each once, and more shots")
    return bits


def word_circuit(word: Bits, wires: Sequence[int], device: Any) -> "QuantumCircuit":
    """X where the word has a 1, and a measurement, compiled onto the given physical qubits."""
    from qiskit import QuantumCircuit, generate_preset_pass_manager

    circuit = QuantumCircuit(len(word))
    for qubit in np.flatnonzero(word).tolist():
        circuit.x(qubit)
    circuit.measure_all()
    if device is None:
        return circuit
    # No optimisation: it might choose better qubits, and these are the ones to calibrate.
    passes = generate_preset_pass_manager(
        optimization_level=0, backend=device, initial_layout=list(wires)
    )
    return passes.run(circuit)


def _run_sampler(
    prepared: Bits, wires: Sequence[int], sampler: Any, shots: int, device: Any
) -> Bits:
    """(words, shots, N) outcome bits."""
    circuits = [word_circuit(word, wires, device) for word in prepared]
    result = run_sampler(sampler, [(circuit,) for circuit in circuits], shots)
    return np.stack(
        [outcomes_in(result, index, (shots,), prepared.shape[1]) for index in range(len(circuits))]
    )


def tally_words(prepared: Bits, bits: Bits) -> ReadoutCalibration:
    """Count equal outcomes (words, shots, N) of each word."""
    words, read, counts = [], [], []
    for word, outcomes in zip(prepared, bits, strict=True):
        _, first, count = np.unique(row_numbers(outcomes), return_index=True, return_counts=True)
        words.append(np.broadcast_to(word, (len(first), len(word))))
        read.append(outcomes[first])
        counts.append(count)
    return ReadoutCalibration(
        prepared=np.concatenate(words),
        bits=np.concatenate(read),
        counts=np.concatenate(counts).astype(np.int64),
    )
