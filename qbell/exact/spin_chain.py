"""Ising chains and rings with a coupling of its own for each bond and a field for each spin."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.axes import Axis
from qbell.errors import QbellError
from qbell.exact.engine import Forecast, Orders
from qbell.exact.ising import IsingChain
from qbell.exact.ising_mps import product_of_chain
from qbell.exact.matrix_product import MatrixProduct
from qbell.exact.minors import contiguous_minors
from qbell.exact.state_vector import StateVector
from qbell.states.base import MAX_EXACT_QUBITS, check_state_vector
from qbell.states.free_fermions.chain import FermionChain, solve, solve_ring
from qbell.util.checks import finite_number

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SpinChain:
    """Ground state of H = sum_j J_j Z_j Z_(j+1) - sum_j g_j X_j; made by `ising_chain`, or a ring.

    Even under flipping all spins, prod_j X_j = 1, unless an odd number of fields is below 0.

    Attributes:
        couplings: J_j, N - 1 numbers; below 0 is ferromagnetic.
        fields: g_j, N numbers, none 0.
        closing: J of the bond that closes a ring, between qubits N - 1 and 0; None of a chain.
    """

    couplings: tuple[float, ...]
    fields: tuple[float, ...]
    closing: float | None = None

    @property
    def num_qubits(self) -> int:
        """N."""
        return len(self.fields)

    @property
    def energy(self) -> float:
        """Ground-state energy of H."""
        return self.fermions.energy

    @cached_property
    def signs(self) -> Floats:
        """(N,) of 1 and -1: flipping the qubits at -1 makes every coupling ferromagnetic."""
        turns = [-1.0 if coupling > 0 else 1.0 for coupling in self.couplings]
        return np.asarray(np.cumprod([1.0, *turns]), dtype=float)

    @property
    def turns(self) -> Floats:
        """(N,) of 1 and -1: turning the qubits at -1 by pi about z makes every field positive."""
        return np.asarray(np.sign(np.array(self.fields)), dtype=float)

    @cached_property
    def fermions(self) -> FermionChain:
        """The ferromagnetic chain of the same strengths; of a frustrated ring all bonds but one."""
        return self._solved(1)

    def _solved(self, step: int) -> FermionChain:
        """`fermions`, from the far end if ``step`` is -1."""
        strengths = -np.abs(np.array(self.couplings))[::step]
        fields = np.abs(np.array(self.fields))[::step]
        if self.closing is None:
            return solve(strengths, fields)
        return solve_ring(strengths, fields, self.closing * float(self.signs[-1]))

    def product(self, cutoff: float | None = None) -> MatrixProduct:
        """The state as a matrix product; see `qbell.exact.ising_mps.ground_state`."""
        # From its far end: what comes out left-canonical is right-canonical from the near one.
        found = product_of_chain(self._solved(-1).correlations, self.signs < 0, cutoff)
        if min(self.fields) > 0:
            return found
        z = np.array([[1.0], [-1.0]])
        turned = (t * z if g < 0 else t for t, g in zip(found.tensors, self.fields, strict=True))
        return MatrixProduct(tuple(turned), found.discarded)

    def statevector(self) -> NDArray[np.complex128]:
        """(2^N,) amplitudes in Qiskit's order, from the matrix product: right to 1e-12 or so.

        Raises:
            QbellError: N above 20.
        """
        check_state_vector(self.num_qubits)
        return self.product(1e-15).statevector()


def ising_chain(couplings: Iterable[float], fields: Iterable[float]) -> SpinChain:
    """The ground state of an open Ising chain with disorder, or any other couplings and fields.

    H = sum_j J_j Z_j Z_(j+1) - sum_j g_j X_j. For the functions of `qbell.exact`; as the family
    ``chain`` it has a circuit, too.

    Args:
        couplings: J_j of the bond of qubits j and j + 1, N - 1 numbers; below 0 is ferromagnetic.
        fields: g_j, N numbers of either sign, none 0.

    Returns:
        A state of N qubits, N up to 5000; its bound from a matrix product, up to hundreds.

    Raises:
        QbellError: other numbers of couplings and fields, a field of 0, where the ground state is
            degenerate, or two modes whose energies are lost in rounding, where it is not known.

    >>> from qbell import exact
    >>> from qbell.states import Ising
    >>> chain = ising_chain([-2.0, -0.5, -2.0], [1, 1, 1, 1])
    >>> round(exact.qfi(chain), 6)
    10.047193
    >>> round(exact.qfi(ising_chain([-2.0] * 9, [1.0] * 10)) / exact.qfi(Ising(10, -2.0)), 9)
    1.0
    """
    bonds = tuple(finite_number(f"couplings[{k}]", each) for k, each in enumerate(couplings))
    strengths = tuple(finite_number(f"fields[{k}]", each) for k, each in enumerate(fields))
    if len(strengths) < 2 or len(bonds) != len(strengths) - 1:
        raise QbellError(
            f"{len(bonds)} couplings and {len(strengths)} fields; give N - 1 couplings and N "
            "fields, N from 2 on"
        )
    for k, strength in enumerate(strengths):
        if strength == 0:
            raise QbellError(
                f"fields[{k}] = 0: this spin does not flip, and the ground state is degenerate; "
                "give a small number of either sign"
            )
    return SpinChain(bonds, strengths)


class DisorderedChain(IsingChain):
    """Engine for a `SpinChain`: correlations are those of its ferromagnet, with signs."""

    def __init__(self, chain: SpinChain) -> None:
        self.chain = chain
        self.num_qubits = chain.num_qubits

    @property
    def _at(self) -> str:
        return ""

    @property
    def correlations(self) -> Floats:
        """See `IsingChain.correlations`: those of the ferromagnet with their signs."""
        signs, turns = self.chain.signs, self.chain.turns
        # a_j and b_j have the strings of the turned qubits before them, b_j also its own Y.
        strings = np.cumprod(turns) * turns
        of_a, of_b = signs * strings, signs * strings * turns
        return np.asarray(of_a[:, None] * self.chain.fermions.correlations * of_b)

    @property
    def parity(self) -> int:
        """See `IsingChain.parity`: -1 where an odd number of fields is below 0."""
        return int(np.prod(self.chain.turns))

    def _product(self, cutoff: float | None = None) -> MatrixProduct:
        return self.chain.product(cutoff)

    def orders(self, axis: Axis) -> Orders:
        """As `IsingChain.orders`; of a ring from the state vector up to 20 qubits.

        The bond of a ring is that of a chain squared.
        """
        if self._is_short_ring:
            return StateVector(self.chain.statevector()).orders(axis)
        return super().orders(axis)

    def forecast(self, axis: Axis) -> Forecast | None:
        """See `IsingChain.forecast`."""
        return None if self._is_short_ring else super().forecast(axis)

    @property
    def _is_short_ring(self) -> bool:
        return self.chain.closing is not None and self.num_qubits <= MAX_EXACT_QUBITS

    def _vector(self) -> NDArray[np.complex128] | None:
        return None  # a matrix product is as good

    def _rounding(self, direction: int) -> float:
        """Of `_diagonal`: that of the sum of moduli."""
        return 2e-15 * float(np.abs(self._pairs(direction)).sum())

    def _pairs(self, direction: int) -> Floats:
        """<Y_i Y_j> or <Z_i Z_j> of i < j, and half the diagonal."""
        g = self.chain.fermions.correlations
        neighbours = -g[:-1, 1:] if direction == 1 else -g[1:, :-1]
        matrix = np.eye(self.num_qubits) / 2
        matrix[:-1, 1:] += contiguous_minors(np.ascontiguousarray(neighbours))
        signs = self.chain.signs * (self.chain.turns if direction == 1 else 1)
        return np.asarray(signs[:, None] * matrix * signs)

    def _diagonal(self, direction: int) -> float:
        if direction == 0:
            return super()._diagonal(direction)
        return 2 * math.fsum(self._pairs(direction).sum(axis=1).tolist())

    def zz(self) -> Floats:
        """<Z_i Z_j> of all pairs (N, N)."""
        half = self._pairs(2)
        return np.asarray(half + half.T)
