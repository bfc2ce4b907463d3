"""One parametrised circuit for all settings: preparation, rotations by angles, measurement.

Qubit k is turned to the frame of the axis, then measured along cos(phi_k) sigma_1
+ sin(phi_k) sigma_2 by rz(-phi_k) and h: 0 is sigma_1, pi/2 is sigma_2. A design with the letter Z
also measures along sigma_xi: there it is rz(-phi_k) and ry(-theta_k), with theta 0 for sigma_xi
and pi/2 for the two others. It is compiled once and swept with an array of angles, so that every
setting meets the same prepared state.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.device_passes import DevicePasses
from qbell.circuits.evolution import by_formula, formulas_of, holds, is_evolution, taken_apart
from qbell.circuits.final_measurements import name_of
from qbell.circuits.flags import flag_register
from qbell.circuits.from_zero import from_zero
from qbell.circuits.plain_passes import in_plain_gates
from qbell.circuits.preparation import Preparation, plain
from qbell.conventions.axes import Axis
from qbell.designs import DEFAULT, Design, find_design
from qbell.errors import QbellError
from qbell.shots.columns import FLAGS

if TYPE_CHECKING:
    from qiskit import ClassicalRegister, QuantumCircuit

OUTCOMES = "meas"  # name of the register, as in Qiskit's measure_all
PHI, THETA = "phi", "theta"  # names of the parameters
PREPARED = "prepared"  # label of the barrier behind a preparation
BASIS = ["rx", "ry", "rz", "h", "x", "sx", "cx", "cz", "rzz"]
NOT_UNITARY = ("measure", "reset", "initialize", "kraus", "if_else", "for_loop", "while_loop")


def measured_circuit(
    preparation: "Preparation | QuantumCircuit", axis: Axis, design: str = DEFAULT
) -> "QuantumCircuit":
    """The preparation, a barrier, rotations with parameters, measurement of the state's qubits.

    The parameters are phi[0] ... phi[N-1], with the letter Z also theta[0] ... theta[N-1]. The
    outcomes are the N bits of the register ``meas``, bit k that of qubit k of the state. Flags, if
    there are any, are in the register ``flags``.

    Raises:
        QbellError: see `checked`.
    """
    return with_measurement(checked(preparation), axis, measures_xi(design))


def measures_xi(design: str | Design) -> bool:
    """Whether the design measures along sigma_xi, too."""
    return find_design(design).letters > 2


def with_measurement(preparation: Preparation, axis: Axis, along_xi: bool) -> "QuantumCircuit":
    """The same of a preparation that is known to be one."""
    from qiskit import ClassicalRegister
    from qiskit.circuit import ParameterVector
    from qiskit.circuit.library import UnitaryGate

    num_qubits = preparation.num_qubits
    circuit = preparation.circuit.copy()
    circuit.barrier(label=PREPARED)
    phi = ParameterVector(PHI, num_qubits)
    theta = ParameterVector(THETA, num_qubits) if along_xi else None
    for k, qubit in enumerate(preparation.qubits):
        if not axis.is_laboratory:
            circuit.append(UnitaryGate(axis.frame().conj().T), [qubit])
        circuit.rz(-phi[k], qubit)
        if theta is None:
            circuit.h(qubit)
        else:
            circuit.ry(-theta[k], qubit)
    outcomes = ClassicalRegister(num_qubits, OUTCOMES)
    circuit.add_register(outcomes)
    flags = preparation.flags
    late = () if flags is None or flags.mid_circuit else flags.ancillas
    circuit.barrier([*preparation.qubits, *late])
    circuit.measure(preparation.qubits, outcomes)
    if late:
        register = ClassicalRegister(len(late), FLAGS)
        circuit.add_register(register)
        circuit.measure(late, register)
    return circuit


def outcome_register(circuit: "QuantumCircuit") -> "ClassicalRegister":
    """The register that the state's qubits are measured into, of a `measured_circuit`."""
    return next(register for register in circuit.cregs if register.name == OUTCOMES)


def read_bits(circuit: "QuantumCircuit") -> list[Any]:
    """The classical bits of a `measured_circuit` that are kept: outcomes, then flags."""
    return [*outcome_register(circuit), *(flag_register(circuit) or ())]


def angles(
    directions: NDArray[np.uint8], design: str | Design = DEFAULT
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The angles phi and theta of settings (settings, N), each of that shape.

    Where settings are the index of angles of their own, ``design`` is `Schedule.rules`, not a name.
    """
    phi = find_design(design).azimuths(directions)
    along_xi = np.isnan(phi)
    return np.where(along_xi, 0.0, phi), np.where(along_xi, 0.0, np.pi / 2)


def compile_for(
    circuit: "QuantumCircuit",
    backend: Any,
    wires: Sequence[int] | None = None,
    *,
    level: int = 3,
    passes: DevicePasses | None = None,
) -> "QuantumCircuit":
    """The circuit in gates of ``backend``; in plain gates if it is None.

    Args:
        circuit: to compile.
        backend: a BackendV2, or None.
        wires: the device's qubit for each qubit of the circuit; the compiler chooses if None.
        level: of Qiskit's optimization.
        passes: of this backend and level, where many circuits are compiled; made anew if None.

    Raises:
        QbellError: the device has too few qubits, or the circuit cannot be compiled.
    """
    from qiskit.exceptions import QiskitError

    if backend is None:
        name = "plain gates"
    elif backend.num_qubits is not None and circuit.num_qubits > backend.num_qubits:
        raise QbellError(
            f"n = {circuit.num_qubits} qubits, but {backend.name} has {backend.num_qubits}; use "
            "fewer qubits or another backend"
        )
    else:
        name = backend.name
    try:
        if backend is None:
            compiled = in_plain_gates(circuit, tuple(BASIS))
        else:
            compiled = (passes or DevicePasses(backend, level)).run(circuit, wires)
        check_defined(compiled, name)
        return compiled
    except QiskitError as error:
        reason = str(error.message).splitlines()[0]
        raise QbellError(
            f"the circuit cannot be compiled for {name} ({reason}); use unitary gates that have a "
            "definition"
        ) from error


def check_defined(compiled: "QuantumCircuit", name: str) -> None:
    """Refuse gates of which nobody can tell what they do, such as a vendor's ``move``."""
    from qiskit.circuit import Gate

    for item in compiled.data:
        gate = item.operation
        if isinstance(gate, Gate) and gate.definition is None and not hasattr(gate, "__array__"):
            raise QbellError(
                f"the circuit compiled for {name} has the gate {gate.name}, which has neither a "
                "definition nor a matrix; take qubits that it is not needed for, or compile and "
                "run with the vendor's own tools and bring the shots as a CSV (docs/vendors.md)"
            )


def parameter_values(
    circuit: "QuantumCircuit", directions: NDArray[np.uint8], design: str | Design = DEFAULT
) -> NDArray[np.float64]:
    """(settings, parameters) angles in the order in which ``circuit.parameters`` lists them."""
    phi, theta = angles(directions, design)
    columns = [
        (theta if parameter.vector.name == THETA else phi)[:, parameter.index]
        for parameter in circuit.parameters
    ]
    return np.stack(columns, axis=1)


def as_preparation(state: "Preparation | QuantumCircuit") -> Preparation:
    """A preparation as it is; a circuit as one that the compiler may put where it likes."""
    return state if isinstance(state, Preparation) else plain(state)


def checked(preparation: "Preparation | QuantumCircuit") -> Preparation:
    """The preparation, if it is one of two or more qubits from |0...0>.

    A circuit whose qubits all carry the state must be unitary: it comes from a user, and what it
    measures might be meant as the measurement. With ancillas it may measure these mid-circuit. A
    reset or a branch may hide in a definition or a loop, and a simulator then follows a single
    random course of it; so the circuit is judged by the gates that it consists of in the end. The
    preparation comes back with these gates, which need not be compiled again; time evolutions
    come back as the product formulas that run in their place, see `qbell.circuits.evolution`.

    Raises:
        QbellError: free parameters, one qubit, or a circuit that measures, resets or branches.
    """
    preparation = as_preparation(preparation)
    if preparation.gates is not None:
        return preparation
    circuit = preparation.circuit
    if circuit.parameters:
        names = ", ".join(parameter.name for parameter in circuit.parameters)
        raise QbellError(f"the circuit has free parameters ({names}); assign them first")
    if preparation.num_qubits < 2:
        many = "qubit" if preparation.num_qubits == 1 else "qubits"
        raise QbellError(
            f"the circuit has {preparation.num_qubits} {many}; Bell correlations need 2 or more"
        )
    if preparation.num_qubits < circuit.num_qubits:
        return preparation
    circuit = from_zero(circuit)
    aimed, gates = None, None
    formulas: tuple[str, ...] = ()
    if any(holds(item.operation, is_evolution) for item in circuit.data):
        formulas = formulas_of(circuit)
        aimed = taken_apart(circuit, is_evolution, lambda gate: None)
        circuit = by_formula(circuit)
    wrong = {item.operation.name for item in circuit.data if item.operation.name in NOT_UNITARY}
    if not wrong:
        gates = compile_for(circuit, None)
        wrong = {item.operation.name for item in gates.data} - {*BASIS, "barrier", "delay", "id"}
    if wrong or circuit.num_clbits:
        listed = [_where(preparation.circuit, name) for name in sorted(wrong)]
        found = ", ".join(listed) or "classical bits"
        raise QbellError(
            f"the circuit measures, resets or branches (found: {found}); give the unitary "
            "preparation alone, qbell adds the measurement"
        )
    return replace(preparation, circuit=circuit, aimed=aimed, formulas=formulas, gates=gates)


def _where(circuit: "QuantumCircuit", name: str) -> str:
    """An operation and the first qubit it acts on; the name alone of one in a definition."""
    for item in circuit.data:
        if item.operation.name == name and item.qubits:
            return f"{name} of {name_of(circuit, item.qubits[0])}"
    return name


def plain_gates(preparation: "Preparation | QuantumCircuit") -> "QuantumCircuit":
    """The circuit of a preparation in plain gates: as it was checked, or compiled now."""
    preparation = as_preparation(preparation)
    if preparation.gates is not None:
        return preparation.gates
    return compile_for(preparation.circuit, None)
