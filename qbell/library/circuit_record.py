"""A preparation in numbers, ideal and on a device: what `qbell circuit` prints."""

from typing import TYPE_CHECKING, Any

from qbell.circuits.files import untouched
from qbell.circuits.gate_counts import count_gates
from qbell.circuits.measurement import compile_for, measured_circuit
from qbell.circuits.preparation import Preparation
from qbell.conventions.axes import parse_axis
from qbell.devices.backends import backend_name, find_backend
from qbell.library.check import prepared_fidelity
from qbell.library.write import WITH_ANCILLAS, in_order
from qbell.simulation.draw_outcomes import MAX_IDEAL_QUBITS
from qbell.states import State
from qbell.states.base import preparation_of

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

AGREEMENT = 1e-9  # between a fidelity that is known and the same from the state vector


def circuit_record(
    state: "State | QuantumCircuit", backend: Any = None, *, measured: bool = False
) -> "tuple[QuantumCircuit, dict[str, Any]]":
    """The compiled preparation of a state, and its numbers as plain data.

    Keys: n, layout, layers and start (of a trained circuit), backend, depth, two_qubit_gates,
    two_qubit_depth, measurements, fidelity (of the noiseless circuit with the exact state), qubits
    (index in the circuit of qubit 0, 1, ... of the state), wires (the same as the device's qubits),
    predicted_fidelity (with the exact state: fidelity x gates x idle, the last two from the
    device's calibration; of a circuit of one's own, which is the state itself, gates x idle) and
    its parts, prediction; notes. What cannot be had is None, with a reason in notes.

    Args:
        state: one of qbell's, or a circuit without measurements.
        backend: a name or a BackendV2; plain gates when None.
        measured: on the qubits on which `qbell.sample` prepares it: how well they are read
            counts, too. Without, the state alone counts.

    Raises:
        QbellError: no such backend, or the circuit does not fit on it.

    >>> import qbell
    >>> circuit, record = circuit_record(qbell.ghz(4))
    >>> record["two_qubit_gates"], record["fidelity"]
    (3, 1.0)
    """
    notes: list[str] = []
    device = find_backend(backend)
    preparation = preparation_of(state, device, measured=measured)
    if device is None:
        is_named = isinstance(state, State) and not preparation.is_unitary
        compiled = compile_for(in_order(preparation) if is_named else preparation.circuit, None)
        qubits, predicted, parts = list(range(preparation.num_qubits)), None, None
    else:
        wires = _wires_when_measured(preparation, device) if measured else preparation.wires
        compiled = compile_for(preparation.circuit, device, wires)
        qubits = _final_wires(compiled, preparation)
        predicted, parts = _predicted(compiled, device, notes)
    counts = count_gates(compiled)
    trained = _trained(state)
    fidelity = _fidelity(state, preparation, notes)
    if predicted is not None and fidelity is not None:
        predicted *= fidelity
    idle = None if isinstance(state, State) else untouched(state)
    if idle is not None:
        notes.append(f"circuit: {idle}")
    return compiled, {
        "n": preparation.num_qubits,
        "layout": preparation.layout,
        **trained,
        "backend": backend_name(backend),
        "depth": counts.depth,
        "two_qubit_gates": counts.two_qubit_gates,
        "two_qubit_depth": counts.two_qubit_depth,
        "measurements": counts.measurements,
        "fidelity": fidelity,
        "qubits": qubits,
        "wires": None if device is None else qubits,
        "predicted_fidelity": predicted,
        "prediction": parts,
        "notes": notes,
    }


def file_comment(circuit: "QuantumCircuit", record: dict[str, Any]) -> list[str]:
    """What a file of the circuit of a `circuit_record` has to say: where the state is in it."""
    layout = "" if record["layout"] == "compiler" else f", layout = {record['layout']}"
    head = f"{record.get('family') or 'circuit'}, n = {record['n']}{layout}"
    if record["wires"] is None:
        ancillas = circuit.num_qubits > record["n"]
        return [head, *([WITH_ANCILLAS] if ancillas else [])]
    carriers = ", ".join(f"${wire}" for wire in record["wires"])
    return [
        f"{head}, compiled for {record['backend']}, which has {circuit.num_qubits} qubits",
        f"Qubits 0 to {record['n'] - 1} of the state, in this order: {carriers}",
        "To be run on that device. Read as a circuit file, it is a state of the qubits that are "
        "used, in the order of the device.",
    ]


def _wires_when_measured(preparation: Preparation, device: Any) -> tuple[int, ...] | None:
    """Those of the preparation; if it leaves them to the compiler, its choice with the readout."""
    if preparation.wires is not None:
        return preparation.wires
    compiled = compile_for(measured_circuit(preparation, parse_axis("z")), device)
    if compiled.layout is None:
        return None
    return tuple(compiled.layout.initial_index_layout(filter_ancillas=True))


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
            "fidelity: by construction; checked with state vectors for circuits of up to "
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


def _final_wires(compiled: "QuantumCircuit", preparation: Preparation) -> list[int]:
    """The physical qubit behind each qubit of the state, qubit 0 first."""
    if compiled.layout is None:
        return list(preparation.qubits)
    where = compiled.layout.final_index_layout()
    return [where[qubit] for qubit in preparation.qubits]


def _predicted(
    compiled: "QuantumCircuit", device: Any, notes: list[str]
) -> tuple[float | None, dict[str, float | None] | None]:
    from qbell.devices.layout.predicted_fidelity import predict

    prediction = predict(compiled, device)
    parts = {
        "gates": prediction.gates,
        "idle": prediction.idle,
        "readout": prediction.readout,
    }
    if prediction.reason:
        notes.append(f"predicted_fidelity: {prediction.reason}")
    if prediction.gates == 0:
        notes.append(
            "predicted_fidelity: the compiled circuit uses couplings or qubits that the device "
            "reports as broken"
        )
    return prediction.fidelity, parts
