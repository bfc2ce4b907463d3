"""A circuit that prepares a state, and where on a device it is meant to run."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from qbell.circuits.flags import Flags
from qbell.circuits.transpiled import in_virtual_order
from qbell.conventions.axes import Axis
from qbell.designs.star_graph import StarGraph
from qbell.errors import QbellError
from qbell.shots.flagged import HERALDED, POST_SELECTED, RAW

if TYPE_CHECKING:
    from qiskit import QuantumCircuit


@dataclass(frozen=True)
class Compiled:
    """A preparation with its measurement, in gates of a device; see `qbell.circuits.compiled`.

    Attributes:
        circuit: on the device's physical qubits, with parameters; do not change it.
        device: the BackendV2 that it was compiled for, or None for plain gates.
        axis: along which it measures.
        along_xi: whether it can measure sigma_xi too.
    """

    circuit: "QuantumCircuit"
    device: Any
    axis: Axis
    along_xi: bool


@dataclass(frozen=True)
class Preparation:
    """A circuit that takes |0...0> to a state of N qubits.

    Attributes:
        circuit: without the measurements that end an experiment; do not change it. It may hold
            more qubits than the state, and measure these mid-circuit.
        qubits: (N,) which qubit of the circuit carries each qubit of the state.
        wires: the physical qubit of each qubit of the circuit; None leaves it to the compiler.
        layout: how it was laid out, e.g. ``line`` or ``tree``.
        fidelity: |<circuit|state>|^2 of the noiseless circuit; 1 for an exact preparation.
        aimed: the circuit as it was given, where ``circuit`` only approximates it.
        formulas: the product formulas that run in the place of its time evolutions.
        notes: what was left out of the file that it was read from.
        gates: the circuit in plain gates, once `qbell.circuits.measurement.checked` has made them.
        compiled: the measured circuit on a device, once it has been compiled.
        stars: which qubits of the state are centres, leaves and separators, of a graph state.
        flags: which of the circuit's other qubits check parities of the state; None without any.
    """

    circuit: "QuantumCircuit"
    qubits: tuple[int, ...]
    wires: tuple[int, ...] | None = None
    layout: str = "compiler"
    fidelity: float = 1.0
    aimed: "QuantumCircuit | None" = None
    formulas: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    gates: "QuantumCircuit | None" = field(default=None, repr=False, compare=False)
    compiled: Compiled | None = field(default=None, repr=False, compare=False)
    stars: StarGraph | None = None
    flags: Flags | None = None

    def __post_init__(self) -> None:
        width = self.circuit.num_qubits
        if len(set(self.qubits)) < len(self.qubits) or set(self.qubits) - set(range(width)):
            raise QbellError(
                f"qubits {self.qubits} of a circuit of {width}; name each qubit of the state once"
            )
        if self.wires is not None and len(set(self.wires)) != width:
            raise QbellError(
                f"{len(self.wires)} physical qubits for a circuit of {width}; give each qubit its "
                "own"
            )

    @property
    def num_qubits(self) -> int:
        """N, of the state."""
        return len(self.qubits)

    @property
    def provenance(self) -> str:
        """Of its shots: raw, or what flags make of them."""
        if self.flags is None:
            return RAW
        return HERALDED if self.flags.mid_circuit else POST_SELECTED

    @property
    def is_unitary(self) -> bool:
        """True if it uses no other qubits and measures nothing."""
        return self.qubits == tuple(range(self.circuit.num_qubits)) and not self.circuit.num_clbits


def plain(circuit: "QuantumCircuit", fidelity: float = 1.0) -> Preparation:
    """A circuit that the compiler may put where it likes, all of whose qubits carry the state.

    Of a circuit that was compiled before, the qubits of its layout; see `in_virtual_order`.

    Raises:
        QbellError: a compiled circuit with gates on other wires than those of its state.
    """
    circuit = in_virtual_order(circuit)
    return Preparation(circuit, tuple(range(circuit.num_qubits)), fidelity=fidelity)
