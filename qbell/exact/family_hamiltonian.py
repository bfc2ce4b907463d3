"""The Hamiltonians whose ground states the families of states are."""

from typing import TYPE_CHECKING, Any

import numpy as np

from qbell.errors import QbellError
from qbell.exact.spin_chain import SpinChain
from qbell.states import XXZ, Chain, DoubleWell, Ising
from qbell.states.spin_hamiltonian import SpinHamiltonian

if TYPE_CHECKING:
    from qiskit.quantum_info import SparsePauliOp


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
        if state.closing is not None:
            bonds[0, state.num_qubits - 1] = state.closing
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
