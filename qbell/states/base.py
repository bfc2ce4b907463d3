"""What every family of states offers."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, get_type_hints

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.preparation import Preparation, plain
from qbell.errors import QbellError
from qbell.shots.flagged import RAW
from qbell.states.parameters import Parameter
from qbell.util.checks import MAX_STATE_QUBITS, whole_number
from qbell.util.notebook import Row, Shown

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

MAX_EXACT_QUBITS = 20  # of a state vector
MAX_U = 1e100  # beyond, energies overflow


def check_state_vector(num_qubits: int, kind: str = "") -> None:
    """Refuse 2^N amplitudes of too many qubits; ``kind`` of state, for the message.

    Raises:
        QbellError: N above 20.
    """
    if num_qubits > MAX_EXACT_QUBITS:
        raise QbellError(
            f"n = {num_qubits}: a {kind}state vector would hold 2^{num_qubits} amplitudes; state "
            f"vectors go to n = {MAX_EXACT_QUBITS}"
        )


@dataclass(frozen=True)
class State(Shown, ABC):
    """A pure N-qubit state with an exact description and a circuit that prepares it.

    A family is a subclass. What it says here and of its fields is all that specs, the command line
    and scans need to know of it; CONTRIBUTING.md shows how one is added. `qbell.exact` finds the
    description that serves best: free fermions for Ising chains, N + 1 coefficients for symmetric
    states, and the 2^N amplitudes for what is left.

    Attributes:
        num_qubits: N, at least 2.
        family: the name used in specs and on the command line.
        summary: what the family is, in a few words.
        example: what to type behind ``qbell exact`` or ``qbell circuit`` to see one of it.
        one_of: parameters of which one must be given, where none of them must by itself.

    Raises:
        QbellError: a number of qubits or a parameter outside its range.

    >>> import qbell
    >>> state = qbell.ghz(4)
    >>> state.statevector().round(3)[[0, -1]].real.tolist()
    [0.707, 0.707]
    >>> state.circuit().num_qubits, state.preparation().is_unitary
    (4, True)
    """

    num_qubits: int
    family: ClassVar[str]
    summary: ClassVar[str]
    example: ClassVar[str]
    one_of: ClassVar[tuple[str, ...]] = ()

    def __post_init__(self) -> None:
        n = whole_number("n", self.num_qubits, least=2, most=MAX_STATE_QUBITS)
        object.__setattr__(self, "num_qubits", n)
        defaults = {field.name: field.default for field in fields(self)}
        for name, parameter in self.parameters().items():
            value = getattr(self, name)
            if value is not None or defaults[name] is not None:
                object.__setattr__(self, name, parameter.checked(name, value, n))

    def shown(self) -> tuple[str, list[Row]]:
        """See `Shown`."""
        given = {name: getattr(self, name) for name in self.parameters()}
        rows = [("family", self.family), ("what", self.summary)]
        rows += [(name, str(value)) for name, value in given.items() if value is not None]
        return f"State of {self.num_qubits} qubits", rows

    @classmethod
    def parameters(cls) -> Mapping[str, Parameter]:
        """What the family takes besides n: its annotated fields.

        Returns:
            By name, the parameter's description, range and example.

        >>> import qbell
        >>> list(qbell.double_well.parameters())
        ['u', 'layers', 'fidelity']
        """
        return _declared(cls)

    @classmethod
    def required(cls) -> tuple[tuple[str, ...], ...]:
        """The parameters that must be given.

        Returns:
            Groups of names; one parameter of each group must be given.

        >>> import qbell
        >>> qbell.ising.required(), qbell.graph.required()
        ((('u',),), (('shape', 'edges'),))
        """
        alone = [
            (field.name,)
            for field in fields(cls)
            if field.name in cls.parameters() and field.default is MISSING
        ]
        return (*alone, cls.one_of) if cls.one_of else tuple(alone)

    @classmethod
    def named(cls, num_qubits: int, parameters: Mapping[str, Any]) -> "State":
        """The state of these parameters, as specs and the command line give them.

        Args:
            num_qubits: N, at least 2.
            parameters: values by name, see `parameters`.

        Returns:
            The state.

        Raises:
            QbellError: a parameter that the family does not take, one that is missing, or a value
                that does not fit.

        >>> import qbell
        >>> qbell.ising.named(6, {"u": -1.5}).u
        -1.5
        """
        declared = cls.parameters()
        for name in parameters:
            if name not in declared:
                raise QbellError(
                    f"family {cls.family} takes no {name}, only {', '.join(('n', *declared))}; "
                    "leave it out"
                )
        for group in cls.required():
            if not any(name in parameters for name in group):
                raise QbellError(f"family {cls.family} needs {_wanted(group, declared)}")
        return cls(num_qubits, **parameters)

    def statevector(self) -> NDArray[np.complex128]:
        """The amplitudes of the state.

        Returns:
            (2^N,) complex amplitudes in Qiskit's order: bit k of the index is qubit k.

        Raises:
            QbellError: N above 20.
        """
        check_state_vector(self.num_qubits, f"{self.family} ")
        return self._amplitudes().astype(complex)

    @abstractmethod
    def circuit(self) -> "QuantumCircuit":
        """A circuit that prepares the state.

        Returns:
            A Qiskit circuit of N qubits without measurements; it starts from |0...0>.
        """

    @classmethod
    def open_circuit(cls, num_qubits: int, fixed: Mapping[str, Any]) -> "QuantumCircuit":
        """The circuit with inputs (Qiskit's Parameters) that get their values later.

        Args:
            num_qubits: N, at least 2.
            fixed: values by name of what is fixed now, such as a number of layers.

        Returns:
            A circuit that prepares a state of the family for each choice of its inputs.

        Raises:
            QbellError: this family has no such circuit.

        >>> import qbell
        >>> list(qbell.twisting.open_circuit(4, {}).parameters)
        [Parameter(time)]
        """
        raise QbellError(f"family {cls.family} has no circuit with open parameters; give values")

    def preparation(self, device: Any = None, *, measured: bool = False) -> Preparation:
        """The circuit as it is best run on a device.

        Families that have layouts of their own choose the physical qubits too.

        Args:
            device: a Qiskit BackendV2; None for the circuit as in `circuit`.
            measured: choose also for accurate readout, as `qbell.sample` does.

        Returns:
            The circuit, which of its qubits carry the state, the physical qubits, the layout, and
            the fidelity with the exact state.

        Raises:
            QbellError: the device has too few qubits, or lacks what the layout needs.
        """
        return plain(self.circuit())

    @property
    def provenance(self) -> str:
        """What its shots are: ``raw``, but for states whose preparation selects them by flags.

        Returns:
            One of `qbell.shots.flagged.PROVENANCES`.

        >>> import qbell
        >>> qbell.ghz(6).provenance, qbell.ghz(6, flags=1).provenance
        ('raw', 'heralded')
        """
        return RAW

    def as_prepared(self, preparation: Preparation) -> "State":
        """The state that a preparation aims at.

        Args:
            preparation: of this state.

        Returns:
            This state itself, but for families that leave a choice to the device.

        >>> import qbell
        >>> state = qbell.ghz(4)
        >>> state.as_prepared(state.preparation()) is state
        True
        """
        return self

    @abstractmethod
    def _amplitudes(self) -> NDArray[np.inexact]:
        """The 2^N amplitudes."""


@cache
def _declared(family: type[State]) -> Mapping[str, Parameter]:
    hints = get_type_hints(family, include_extras=True)
    return MappingProxyType(
        {
            field.name: part
            for field in fields(family)
            for part in getattr(hints[field.name], "__metadata__", ())
            if isinstance(part, Parameter)
        }
    )


def _wanted(names: tuple[str, ...], declared: Mapping[str, Parameter]) -> str:
    """What is missing: ``u, the interaction strength, e.g. u = -1.5``, or one of several."""
    meaning = ""
    if len(names) == 1:
        said = declared[names[0]].description
        meaning = f", the {said[0].lower()}{said[1:]}"
    examples = " or ".join(f"{name} = {declared[name].example!r}" for name in names)
    return f"{' or '.join(names)}{meaning}, e.g. {examples}"


def ones(num_qubits: int) -> NDArray[np.int64]:
    """Number of ones in each basis state's index, 0 to 2^N - 1."""
    total = np.zeros(1, dtype=np.int64)
    for _ in range(num_qubits):
        total = np.add.outer([0, 1], total).ravel()
    return total


def preparation_of(
    state: "State | Preparation | QuantumCircuit", device: Any = None, *, measured: bool = False
) -> Preparation:
    """The preparation of a state of qbell's on a device, or of a circuit as it is.

    One that has been chosen already stays.

    Raises:
        QbellError: none of these, such as an array.
    """
    require_preparable(state)
    if isinstance(state, Preparation):
        return state
    if isinstance(state, State):
        return state.preparation(device, measured=measured)
    return plain(state)


def require_preparable(state: Any) -> None:
    """Refuse what no device can prepare.

    Raises:
        QbellError: neither a state of qbell's, nor a preparation, nor a circuit.
    """
    circuit = callable(getattr(state, "assign_parameters", None))
    if not (circuit or isinstance(state, State | Preparation)):
        raise QbellError(
            f"expected a qbell state or a circuit, got a {type(state).__name__}; give the circuit "
            "that prepares it"
        )
