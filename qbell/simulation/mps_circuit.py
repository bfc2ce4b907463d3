"""What a circuit prepares, as a matrix product: for many qubits with little entanglement.

|psi> = sum over bits b of A_0[b_0] A_1[b_1] .. A_(N-1)[b_(N-1)] |b>. The tensors are kept
orthonormal around a centre, so that what a split discards is the distance from the state meant;
every split is bounded, and all of them together are. Source: U. Schollwoeck, Annals of Physics 326,
96 (2011), Sections 4 and 7.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from qbell.circuits.measurement import checked, plain_gates
from qbell.circuits.preparation import Preparation
from qbell.conventions.axes import Axis
from qbell.errors import QbellError

if TYPE_CHECKING:
    from qiskit import QuantumCircuit

Tensor = NDArray[np.complex128]
MAX_BOND = 128
SMALLEST = 1e-10  # of the norm: what a split may discard, far above rounding
MAX_STEPS = 3_000_000  # some minutes, where bonds stay small
MAX_ERROR = 1e-5  # of all splits: outcome probabilities are off by no more than twice this
SWAP = np.eye(4, dtype=complex)[[0, 2, 1, 3]]


class TooEntangled(QbellError):
    """The state needs a larger bond dimension than is simulated here."""


def matrix_product_of(
    preparation: "Preparation | QuantumCircuit", most: int = MAX_BOND
) -> tuple[Tensor, ...]:
    """Tensors A_k (left bond, 2, right bond), k = 0 .. N - 1, of what a circuit prepares.

    Right-canonical: sum_b A_k[b] A_k[b]^+ = 1 for every k, so the norm is 1. The outer bonds are 1.
    The distance from the circuit's state is at most 1e-5.

    Args:
        preparation: circuit without measurements, all of whose qubits carry the state.
        most: largest bond dimension.

    Raises:
        TooEntangled: a larger bond dimension is needed.

    >>> import qbell
    >>> [len(tensor) for tensor in matrix_product_of(qbell.ghz(4).circuit())]
    [1, 2, 2, 2]
    """
    return product_and_error(preparation, most)[0]


def product_and_error(
    preparation: "Preparation | QuantumCircuit", most: int = MAX_BOND
) -> tuple[tuple[Tensor, ...], float]:
    """The tensors of `matrix_product_of`, and a limit of their distance from the circuit's state.

    Raises:
        TooEntangled: a larger bond dimension is needed.
    """
    circuit = plain_gates(checked(preparation))
    place = {bit: index for index, bit in enumerate(circuit.qubits)}
    _check_steps(circuit, place)
    chain = _Chain([_zero() for _ in place], most)
    for item in circuit.data:
        if item.operation.name in ("barrier", "delay"):
            continue
        matrix = np.asarray(item.operation.to_matrix(), dtype=complex)
        qubits = [place[bit] for bit in item.qubits]
        if len(qubits) == 1:
            chain.one(qubits[0], matrix)
        else:
            chain.two(qubits[0], qubits[1], matrix)
    chain.move(0)
    norm = float(np.linalg.norm(chain.tensors[0]))
    if abs(norm - 1) > MAX_ERROR or chain.error > MAX_ERROR:
        raise QbellError(
            f"the matrix product of the circuit is off by {max(abs(norm - 1), chain.error):.1e}, "
            f"more than {MAX_ERROR}; use a shallower circuit"
        )
    chain.tensors[0] = chain.tensors[0] / norm
    return tuple(chain.tensors), max(abs(norm - 1), chain.error)


def _check_steps(circuit: "QuantumCircuit", place: dict[Any, int]) -> None:
    """Refuse what would take hours: a gate at a distance d takes 2 d - 1 steps of neighbours."""
    ends = [
        [place[bit] for bit in item.qubits]
        for item in circuit.data
        if len(item.qubits) == 2 and item.operation.name != "barrier"
    ]
    steps = sum(2 * abs(first - second) - 1 for first, second in ends)
    if steps > MAX_STEPS:
        raise QbellError(
            f"the circuit of {len(place)} qubits takes {steps} steps of neighbours as a matrix "
            f"product, more than {MAX_STEPS}; number the qubits so that gates join neighbours"
        )


def turned(tensors: tuple[Tensor, ...], axis: Axis) -> tuple[Tensor, ...]:
    """The state with every qubit turned by F+, so that sigma_1, sigma_2, sigma_xi read X, Y, Z."""
    if axis.is_laboratory:
        return tensors
    inverse = axis.frame().conj().T
    return tuple(np.einsum("ts,asb->atb", inverse, tensor) for tensor in tensors)


@dataclass
class _Chain:
    """A matrix product under gates: left of ``centre`` left-orthonormal, right of it right-."""

    tensors: list[Tensor]
    most: int
    centre: int = 0
    error: float = field(default=0.0)  # at most the distance from the state meant

    def one(self, qubit: int, matrix: Tensor) -> None:
        """Apply a gate (2, 2); orthonormality stays."""
        self.tensors[qubit] = np.einsum("ts,asb->atb", matrix, self.tensors[qubit])

    def two(self, first: int, second: int, matrix: Tensor) -> None:
        """Apply a gate (4, 4) in Qiskit's order: ``first`` is the lower bit of its index."""
        if first > second:
            first, second = second, first
            matrix = SWAP @ matrix @ SWAP
        for site in range(second - 1, first, -1):  # bring the upper qubit next to the lower
            self._beside(site, SWAP)
        self._beside(first, matrix)
        for site in range(first + 1, second):
            self._beside(site, SWAP)

    def move(self, site: int) -> None:
        """Bring the centre to ``site``."""
        while self.centre < site:
            here = self.tensors[self.centre]
            left, _, right = here.shape
            basis, rest = np.linalg.qr(here.reshape(2 * left, right))
            self.tensors[self.centre] = basis.reshape(left, 2, -1)
            self.centre += 1
            self.tensors[self.centre] = np.tensordot(rest, self.tensors[self.centre], (1, 0))
        while self.centre > site:
            here = self.tensors[self.centre]
            left, _, right = here.shape
            basis, rest = np.linalg.qr(here.reshape(left, 2 * right).conj().T)
            self.tensors[self.centre] = basis.conj().T.reshape(-1, 2, right)
            self.centre -= 1
            self.tensors[self.centre] = np.tensordot(
                self.tensors[self.centre], rest.conj().T, (2, 0)
            )

    def _beside(self, site: int, matrix: Tensor) -> None:
        """Apply a gate to ``site`` (lower bit) and ``site`` + 1, and split the two again."""
        self.move(site if self.centre <= site else site + 1)
        left, right = len(self.tensors[site]), self.tensors[site + 1].shape[2]
        pair = np.tensordot(self.tensors[site], self.tensors[site + 1], (2, 0))
        gate = matrix.reshape(2, 2, 2, 2)  # new upper, new lower, old upper, old lower
        pair = np.einsum("vuts,astb->auvb", gate, pair)
        columns, weights, rows = np.linalg.svd(
            pair.reshape(2 * left, 2 * right), full_matrices=False
        )
        # left_out[k] is the norm of what is lost by keeping k of them.
        left_out = np.append(np.sqrt(np.cumsum(weights[::-1] ** 2)[::-1]), 0.0)
        kept = max(1, int(np.argmax(left_out <= SMALLEST)))
        if kept > self.most:
            raise TooEntangled(
                f"the circuit needs a bond dimension above {self.most} on qubits {site}, {site + 1}"
            )
        self.error += float(left_out[kept])
        self.tensors[site] = columns[:, :kept].reshape(left, 2, kept)
        self.tensors[site + 1] = (weights[:kept, None] * rows[:kept]).reshape(kept, 2, right)
        self.centre = site + 1


def _zero() -> Tensor:
    return np.array([1, 0], dtype=complex).reshape(1, 2, 1)
