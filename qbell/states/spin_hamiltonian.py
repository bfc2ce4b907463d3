"""Hamiltonians of spins as plain numbers: pairs and single spins."""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.states.spin_model import pair_energies
from qbell.util.checks import require_memory

if TYPE_CHECKING:
    from qiskit.quantum_info import SparsePauliOp

Pairs = dict[tuple[int, int], float]
Vector = NDArray[np.complex128]


@dataclass(frozen=True)
class SpinHamiltonian:
    """H = constant + sum_jk (zz_jk Z_j Z_k + exchange_jk (X_j X_k + Y_j Y_k)) + sum_j x_j X_j + z_j Z_j.

    Attributes:
        num_qubits: N.
        zz, exchange: strengths of pairs j < k.
        x, z: (N,) strengths of single spins.
        constant: added to all energies.
    """  # noqa: E501

    num_qubits: int
    zz: Pairs = field(default_factory=dict)
    exchange: Pairs = field(default_factory=dict)
    x: tuple[float, ...] = ()
    z: tuple[float, ...] = ()
    constant: float = 0.0

    def operator(self) -> "SparsePauliOp":
        """As Qiskit's SparsePauliOp, qubit 0 last."""
        from qiskit.quantum_info import SparsePauliOp

        terms: list[tuple[str, list[int], float]] = [("", [], self.constant)]
        terms += [("ZZ", [*pair], strength) for pair, strength in self.zz.items()]
        for pair, strength in self.exchange.items():
            terms += [("XX", [*pair], strength), ("YY", [*pair], strength)]
        for letter, strengths in (("X", self.x), ("Z", self.z)):
            terms += [(letter, [k], strength) for k, strength in enumerate(strengths)]
        kept = [term for term in terms if term[2] != 0] or terms[:1]
        return SparsePauliOp.from_sparse_list(kept, num_qubits=self.num_qubits)

    def matrix(self) -> Any:
        """Sparse, real (2^N, 2^N), without Qiskit."""
        size = self.num_qubits
        index = np.arange(2**size)
        moves = len(self.x) + len(self.exchange)
        require_memory(40.0 * (moves + 2) * len(index), f"the Hamiltonian of {size} qubits")
        diagonal = self.constant + pair_energies(size, self.zz)
        for qubit, strength in enumerate(self.z):
            diagonal += strength * (1.0 - 2.0 * (index >> qubit & 1))
        rows, columns, values = [index], [index], [diagonal]
        for qubit, strength in enumerate(self.x):
            rows.append(index)
            columns.append(index ^ 1 << qubit)
            values.append(np.full(len(index), strength))
        for (j, k), strength in self.exchange.items():
            differ = index[(index >> j ^ index >> k) & 1 == 1]
            rows.append(differ)
            columns.append(differ ^ (1 << j | 1 << k))
            values.append(np.full(len(differ), 2 * strength))
        entries = np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))
        return scipy.sparse.csr_matrix(entries, shape=(len(index), len(index)))

    def evolved(self, vector: Vector, time: float) -> Vector:
        """exp(-i H t) of (2^N,) amplitudes, by Chebyshev polynomials of H, to rounding.

        exp(-i z x) = J_0(z) + 2 sum_k (-i)^k J_k(z) T_k(x) for x = H / r between -1 and 1, z = r t.
        """
        matrix = self.matrix()
        most = sum(map(abs, self.zz.values())) + 2 * sum(map(abs, self.exchange.values()))
        most += sum(map(abs, (*self.x, *self.z))) + abs(self.constant)
        z = max(most, 1e-300) * time
        terms = math.ceil(abs(z) + 10 * abs(z) ** (1 / 3) + 30)
        weights = scipy.special.jv(np.arange(terms), z) * (-1j) ** (np.arange(terms) % 4)
        before, last = vector, matrix @ vector / max(most, 1e-300)
        total = weights[0] * before + 2 * weights[1] * last
        for weight in weights[2:]:
            before, last = last, 2 * (matrix @ last) / max(most, 1e-300) - before
            total += 2 * weight * last
        return np.asarray(total)
