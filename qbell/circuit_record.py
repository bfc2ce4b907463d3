"""A preparation in numbers, ideal and on a device: what `qbell circuit` prints."""

from typing import TYPE_CHECKING, Any

from qbell.backends import backend_name, find_backend
from qbell.gate_counts import count_gates
from qbell.library.check import prepared_fidelity
from qbell.library.write import in_order
from qbell.local import MAX_IDEAL_QUBITS
from qbell.measurement import compile_for
from qbell.preparation.base import Preparation
from qbell.states import State
from qbell.states.base import preparation_of

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

AGREEMENT = 1e-9  # between a fidelity that is known and the same from the state vector


def circuit_record(
    state: "State | QuantumCircuit", backend: Any = None
) -> "tuple[QuantumCircuit, dict[str, Any]]":
    """The compiled preparation of a state, and its numbers as plain data.

    Keys: n, layout, layers and start (of a trained circuit), backend, depth, two_qubit_gates,
    two_qubit_depth, measurements, fidelity (of the noiseless circuit with the exact state), wires
    (the device's qubit that carries qubit 0, 1, ...), predicted_fidelity (from the device's
    calibration) and its parts, prediction; notes. What cannot be had is None, with a reason in
    notes.

    Raises:
        QbellError: no such backend, or the circuit does not fit on it.

    >>> import qbell
    >>> circuit, record = circuit_record(qbell.ghz(4))
    >>> record["two_qubit_gates"], record["fidelity"]
    (3, 1.0)
    """
    notes: list[str] = []
    device = find_backend(backend)
    preparation = preparation_of(state, device)
    compiled = compile_for(preparation.circuit, device, preparation.wires)
    counts = count_gates(compiled)
    trained = _trained(state)
    predicted, parts = (None, None) if device is None else _predicted(compiled, device, notes)
    return compiled, {
        "n": preparation.num_qubits,
        "layout": preparation.layout,
        **trained,
        "backend": backend_name(backend),
        "depth": counts.depth,
        "two_qubit_gates": counts.two_qubit_gates,
        "two_qubit_depth": counts.two_qubit_depth,
        "measurements": counts.measurements,
        "fidelity": _fidelity(state, preparation, notes),
        "wires": None if device is None else _wires(compiled, preparation),
        "predicted_fidelity": predicted,
        "prediction": parts,
        "notes": notes,
    }


def _fidelity(
    state: "State | QuantumCircuit", preparation: Preparation, notes: list[str]
) -> float | None:
    """As the preparation knows it; where a state vector fits, as that says."""
    if not isinstance(state, State):
        notes.append("fidelity: a circuit of your own is the state itself")
        return None
    known = preparation.fidelity
    if preparation.circuit.num_qubits > MAX_IDEAL_QUBITS:
        notes.append(
            "fidelity: by construction; seen with state vectors for circuits of up to "
            f"{MAX_IDEAL_QUBITS} qubits"
        )
        return known
    found = prepared_fidelity(in_order(preparation), state.statevector())
    if abs(found - known) > AGREEMENT:
        notes.append(f"fidelity: {known:.9f} by construction, but {found:.9f} by state vector")
        return found
    return known


def _trained(state: "State | QuantumCircuit") -> dict[str, Any]:
    """Layers and start of a variational circuit; None for the others."""
    train = getattr(state, "ansatz", None)
    ansatz = None if train is None else train()
    return {
        "layers": None if ansatz is None else ansatz.layers,
        "start": None if ansatz is None else ansatz.start,
    }


def _wires(compiled: "QuantumCircuit", preparation: Preparation) -> list[int]:
    """The physical qubit behind each qubit of the state, qubit 0 first."""
    where = compiled.layout.final_index_layout()
    return [where[qubit] for qubit in preparation.qubits]


def _predicted(
    compiled: "QuantumCircuit", device: Any, notes: list[str]
) -> tuple[float | None, dict[str, float | None] | None]:
    from qbell.preparation.prediction import predict

    prediction = predict(compiled, device)
    parts = {
        "gates": prediction.gates,
        "idle": prediction.idle,
        "readout": prediction.readout,
    }
    if prediction.reason:
        notes.append(f"predicted_fidelity: {prediction.reason}")
    return prediction.fidelity, parts
