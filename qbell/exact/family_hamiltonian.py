"""The Hamiltonians whose ground states the families of states are, as plain numbers."""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.exact.spin_chain import SpinChain
from qbell.states import XXZ, Chain, DoubleWell, Ising
from qbell.states.spin_model import pair_energies
from qbell.util.checks import require_memory

if TYPE_CHECKING:
    from qiskit.quantum_info import SparsePauliOp

Pairs = dict[tuple[int, int], float]


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


def hamiltonian_of(state: Any) -> "SparsePauliOp":
    """The Hamiltonian whose ground state is a state of the families ising, chain, xxz, double-well.

    Args:
        state: of one of these families, or made by `ising_chain`.

    Returns:
        Qiskit's SparsePauliOp; `energy` of the state is its lowest eigenvalue.

    Raises:
        QbellError: a state without a Hamiltonian.

    Source: PRL 126, 210506, Eqs. (29) and (30), and the docstrings of the families.

    >>> from qbell.states import Ising
    >>> hamiltonian_of(Ising(2, -1.5)).to_list()
    [('ZZ', (-1.5+0j)), ('IX', (-1+0j)), ('XI', (-1+0j))]
    """
    return spin_hamiltonian(state).operator()


def spin_hamiltonian(state: Any) -> SpinHamiltonian:
    """The same as plain numbers.

    Raises:
        QbellError: a state without a Hamiltonian.
    """
    if isinstance(state, Ising):
        size = state.num_qubits
        bonds = {(j, j + 1): state.u for j in range(size - 1)}
        return SpinHamiltonian(size, zz=bonds, x=(-1.0,) * size)
    if isinstance(state, SpinChain):
        bonds = {(j, j + 1): strength for j, strength in enumerate(state.couplings)}
        fields = tuple(-g for g in state.fields)
        return SpinHamiltonian(state.num_qubits, zz=bonds, x=fields)
    if isinstance(state, Chain):
        along = np.broadcast_to(np.array(state.longitudinal, dtype=float), state.num_qubits)
        return SpinHamiltonian(
            state.num_qubits,
            zz=state.pairs,
            x=tuple((-state.transverse).tolist()),
            z=tuple((-along).tolist()),
        )
    if isinstance(state, XXZ):
        return SpinHamiltonian(
            state.num_qubits,
            zz={pair: strength * state.u for pair, strength in state.pairs.items()},
            exchange={pair: -strength for pair, strength in state.pairs.items()},
        )
    if isinstance(state, DoubleWell):
        # J_z^2 = N / 4 + sum_(j<k) Z_j Z_k / 2, and J_x = sum_j X_j / 2.
        size = state.num_qubits
        strength = state.u / (2 * size)
        pairs = {(j, k): strength for k in range(size) for j in range(k)}
        return SpinHamiltonian(size, zz=pairs, x=(-0.5,) * size, constant=state.u / 4)
    raise QbellError(
        f"a {type(state).__name__} comes without a Hamiltonian; give a state of the families "
        "ising, chain, xxz or double-well"
    )


def thermal_weights(energies: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """exp(-E / T) / Z of ascending energies."""
    weights = np.exp(-(energies - energies[0]) / temperature)
    return np.asarray(weights / math.fsum(weights.tolist()))
