"""Ground states found by DMRG: of families beyond the reach of state vectors, and their values."""

import math
from dataclasses import replace
from functools import lru_cache

import numpy as np

from qbell.conventions.axes import Axis
from qbell.exact.dmrg import MAX_QUBITS, GroundProduct, ground_product
from qbell.exact.engine import Forecast
from qbell.exact.family_hamiltonian import spin_hamiltonian
from qbell.exact.matrix_product import MatrixProduct, MatrixProductState, cutoff_of
from qbell.exact.pauli_terms import terms_of
from qbell.states import XXZ, Chain
from qbell.states.base import MAX_EXACT_QUBITS
from qbell.util.checks import whole_number

ACCURATE = 1e-4  # relative error of an amplitude, up to which E_{N,0} is given
SECONDS = 5e-7  # times N bond^3: of the bound of Eq. (24)


def is_searched_for(state: object) -> bool:
    """Whether its ground state is found by DMRG: chain and xxz of more than 20 qubits.

    Ising chains and rings of neighbours are free fermions, and need no search.
    """
    if isinstance(state, Chain):
        return state.num_qubits > MAX_EXACT_QUBITS and not state.is_free
    return isinstance(state, XXZ) and state.num_qubits > MAX_EXACT_QUBITS


@lru_cache(maxsize=4)
def family_ground(state: Chain | XXZ) -> GroundProduct:
    """The ground state that the family describes, as a matrix product.

    In the sector that is even under flipping all spins, wherever H has this symmetry: there the
    ground state is unique, as none of its amplitudes is negative (Perron and Frobenius), also that
    of an ordered chain, or of an XXZ chain of odd N.

    Raises:
        QbellError: more than 400 qubits; or see `qbell.exact.dmrg`.
    """
    size = whole_number("n", state.num_qubits, least=2, most=MAX_QUBITS)
    hamiltonian = spin_hamiltonian(state)
    even = tuple((k, "X") for k in range(size))
    if isinstance(state, XXZ):
        return ground_product(terms_of(hamiltonian), even)
    # A qubit whose field is negative is turned by pi about z.
    positive = replace(hamiltonian, x=tuple(-abs(x) for x in hamiltonian.x))
    found = ground_product(terms_of(positive), () if np.any(state.longitudinal) else even)
    z = np.array([[1.0], [-1.0]])
    tensors = tuple(
        tensor * z if field < 0 else tensor
        for tensor, field in zip(found.tensors, state.transverse.tolist(), strict=True)
    )
    return replace(found, tensors=tensors)


def seconds_to_find(state: object) -> float:
    """About how many seconds of one core `family_ground` takes; 0 of what is not searched for."""
    if not (isinstance(state, Chain | XXZ) and is_searched_for(state)):
        return 0.0
    size = state.num_qubits
    if size > MAX_QUBITS:
        return 0.0
    if state.alpha is not None:  # a large bond of the Hamiltonian
        return size * (1.2 if isinstance(state, XXZ) else 0.5)
    if isinstance(state, XXZ):
        return size * (0.2 if state.ends == "open" else 0.7)
    return size * (0.15 if state.ends == "open" else 0.3)


class VariationalState(MatrixProductState):
    """Engine for a `GroundProduct`."""

    accuracy = ACCURATE

    def __init__(self, ground: GroundProduct, cutoff: float | None = None) -> None:
        super().__init__(ground, cutoff)
        self.ground = ground
        self.energy = ground.energy
        self.method = f"DMRG, {self.method}"

    @property
    def notes(self) -> tuple[str, ...]:
        """What the state is worth."""
        found = self.ground
        return (
            f"state: found by DMRG, with |(H - E) psi| = {found.residual:.1g} and a gap of "
            f"{found.gap:.2g} to the next state of its symmetry: at a distance of at most "
            f"{math.sqrt(found.discarded):.1g} from the ground state",
        )

    def forecast(self, axis: Axis) -> Forecast | None:
        """By the bond."""
        size, bond = self.num_qubits, self.product.bond
        cutoff = self.cutoff or cutoff_of(bond, size)
        change = size * (2 * cutoff * math.sqrt(2 * size) + math.sqrt(2 * self.product.discarded))
        seconds = SECONDS * size * bond**3 * (1 if axis.is_laboratory else 4)
        return Forecast(seconds, 2 * (2 * math.sqrt(size / 2) * change + change**2))


def engine_of_product(product: MatrixProduct) -> MatrixProductState:
    """What suits a matrix product: one from DMRG knows how wrong it may be."""
    if isinstance(product, GroundProduct):
        return VariationalState(product)
    return MatrixProductState(product)
