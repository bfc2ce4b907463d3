"""Ground, thermal and time-evolved states of any Hamiltonian of few qubits."""

import math
from typing import Any

import numpy as np
import scipy
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.exact.ensemble import Ensemble
from qbell.exact.frames import StateLike, checked_array
from qbell.exact.read_state import numbers_of
from qbell.exact.spin_chain import SpinChain
from qbell.exact.thermal import (
    MAX_THERMAL,
    Eigenstates,
    Thermal,
    ThermalEngine,
    ThermalMixture,
    require_temperature,
    solved,
)
from qbell.exact.thermal_chain import ThermalChain
from qbell.exact.thermal_spins import ThermalSpins
from qbell.states import Chain, DoubleWell, Ising, State
from qbell.states.base import MAX_EXACT_QUBITS
from qbell.util.checks import finite_number
from qbell.util.threads import one_blas_thread

LEAST_GAP = 1e-8  # of the largest energy: below, rounding mixes the two lowest states
TOLERANCE = 1e-10  # of the norm: so Hermitian, and so symmetric, an operator has to be
SMALL = 64  # dimension

Vector = NDArray[np.complex128]


def ground_state(hamiltonian: Any, symmetry: Any = None) -> Vector:
    """The ground state of a Hamiltonian, or of its sector where a symmetry is 1.

    Args:
        hamiltonian: Qiskit's ``SparsePauliOp``, or a Hermitian matrix (2^N, 2^N), dense or sparse;
            up to 20 qubits.
        symmetry: an operator of the same kind, or a word such as ``"XXXX"``, that squares to 1 and
            commutes with it. It keeps apart states that are exponentially close, such as the even
            and the odd one of an ordered Ising chain.

    Returns:
        (2^N,) amplitudes in Qiskit's order.

    Raises:
        QbellError: not Hermitian, too many qubits, no such symmetry, or a second energy so near
            that rounding mixes the two states: then no state is the ground state.

    >>> from qiskit.quantum_info import SparsePauliOp
    >>> from qbell import exact
    >>> from qbell.states import Ising
    >>> chain = SparsePauliOp(["IZZ", "ZZI", "IIX", "IXI", "XII"], [-9, -9, -1, -1, -1])
    >>> round(exact.qfi(ground_state(chain, "XXX")) / exact.qfi(Ising(3, -9.0)), 9)
    1.0
    """
    _require_few(hamiltonian)
    matrix = _operator(hamiltonian, "the Hamiltonian")
    scale = max(float(scipy.sparse.linalg.norm(matrix, np.inf)), 1e-300)
    if symmetry is not None:
        # States of the other sector are lifted above all others.
        matrix = matrix + scale * 2 * _other_sector(symmetry, matrix)
    dimension = matrix.shape[0]
    with one_blas_thread(dimension):
        if dimension <= SMALL:
            energies, vectors = np.linalg.eigh(matrix.toarray())
        else:
            rng = np.random.default_rng(dimension)
            start = rng.normal(size=dimension) + 1j * rng.normal(size=dimension)
            energies, vectors = scipy.sparse.linalg.eigsh(
                matrix, k=2, which="SA", v0=start, tol=0, ncv=min(dimension - 1, 60)
            )
    order = np.argsort(energies)
    gap = float(energies[order[1]] - energies[order[0]])
    if gap < LEAST_GAP * scale:
        hint = "" if symmetry is not None else ", or name a symmetry that tells them apart"
        raise QbellError(
            f"the two lowest energies differ by {gap:.1g} only, and which state is the ground "
            f"state is lost in rounding; add a small term{hint}"
        )
    vector = vectors[:, order[0]].astype(complex)
    largest = vector[np.argmax(np.abs(vector))]
    return np.asarray(vector * (abs(largest) / largest) / np.linalg.norm(vector))


def thermal_state(
    hamiltonian: Any, temperature: float, *, symmetric: bool = False
) -> Ensemble | Thermal:
    """exp(-H / T) / Z, of any Hamiltonian of few qubits, or of one of qbell's families of any size.

    Args:
        hamiltonian: as for `ground_state`, up to 12 qubits, in 8^N steps; or a state of the
            families ising, chain, xxz or double-well, in the place of its Hamiltonian. Open Ising
            chains are free fermions then, and double wells are solved spin by spin.
        temperature: T above 0, in units of H, k_B = 1. States of a weight of 1e-15 together are
            left out: a cold state is made of few vectors.
        symmetric: of a double well, mix only the N + 1 states that no permutation of qubits
            changes, as of bosons; else all 2^N.

    Returns:
        A state that the functions of `qbell.exact` take. Of a family it has its ``energy``.

    Raises:
        QbellError: not Hermitian, too many qubits, a temperature that is not above 0, or one so low
            that rounding of the energies decides which states are mixed.

    >>> from qiskit.quantum_info import SparsePauliOp
    >>> from qbell import exact
    >>> from qbell.states import Ising
    >>> field = SparsePauliOp(["IX", "XI"], [-1, -1])
    >>> round(float(exact.qfi(thermal_state(field, 0.5)) / np.tanh(2) ** 2), 9)  # of each qubit
    2.0
    >>> q = exact.log_e_n(thermal_state(Ising(100, -1.0), 0.1)) / np.log(2) + 100
    >>> round(float(q), 3)
    41.531
    """
    require_temperature(temperature)
    if symmetric and not isinstance(hamiltonian, DoubleWell):
        raise QbellError("symmetric is for double wells; leave it out")
    if isinstance(hamiltonian, State | SpinChain):
        states = Eigenstates(hamiltonian, float(temperature), symmetric)
        return Thermal(states, _thermal_engine(states))
    matrix = _operator(hamiltonian, "the Hamiltonian", most=MAX_THERMAL)
    dense = matrix.toarray()
    return solved(dense if dense.imag.any() else dense.real, float(temperature))[0]


def _thermal_engine(states: Eigenstates) -> ThermalEngine | ThermalMixture:
    """What suits the family best."""
    ground = states.ground
    if isinstance(ground, DoubleWell):
        return ThermalSpins(ground.num_qubits, ground.u, states)
    if isinstance(ground, Ising):
        fields = np.ones(ground.num_qubits)
        return ThermalChain(np.full(len(fields) - 1, ground.u), fields, states)
    if isinstance(ground, SpinChain) and ground.closing is None:
        return ThermalChain(np.array(ground.couplings), np.array(ground.fields), states)
    if isinstance(ground, Chain) and ground.is_free and not ground.is_ring:
        return ThermalChain(ground.bonds, ground.transverse, states)
    return ThermalMixture(states)


def evolved(hamiltonian: Any, state: StateLike, time: float) -> Vector:
    """exp(-i H t) |psi>, to rounding and without Trotter steps.

    Args:
        hamiltonian: as for `ground_state`, up to 20 qubits.
        state: pure: of qbell, a circuit, or (2^N,) amplitudes.
        time: t, in units of 1 / H.

    Returns:
        (2^N,) amplitudes in Qiskit's order.

    Raises:
        QbellError: not Hermitian, not a pure state of as many qubits, or too many of them.

    >>> from qiskit.quantum_info import SparsePauliOp
    >>> from qbell import exact
    >>> from qbell.states import Plus
    >>> twisting = SparsePauliOp(["ZZ"], [0.5])
    >>> round(exact.qfi(evolved(twisting, Plus(2), np.pi / 2), "x"), 9)
    4.0
    """
    matrix = _operator(hamiltonian, "the Hamiltonian")
    finite_number("time", time)
    vector = checked_array(state).array
    if vector.shape != (matrix.shape[0],):
        raise QbellError(
            f"the state is an array of shape {vector.shape}; expected a pure state of "
            f"{matrix.shape[0].bit_length() - 1} qubits, as in the Hamiltonian"
        )
    # Steps of a norm of about 100: one call of expm_multiply would lose digits in long times.
    steps = max(1, math.ceil(abs(time) * float(scipy.sparse.linalg.norm(matrix, 1)) / 100))
    for _ in range(steps):
        vector = scipy.sparse.linalg.expm_multiply(-1j * (time / steps) * matrix, vector)
    return np.asarray(vector / np.linalg.norm(vector))


def _require_few(hamiltonian: Any) -> None:
    size = getattr(hamiltonian, "num_qubits", None)
    if isinstance(size, int) and size > MAX_EXACT_QUBITS:
        raise QbellError(
            f"the Hamiltonian has {size} qubits; ground_state solves up to {MAX_EXACT_QUBITS}, "
            "exact.dmrg beyond"
        )


def _operator(given: Any, what: str, most: int = MAX_EXACT_QUBITS) -> Any:
    """A sparse Hermitian matrix (2^N, 2^N)."""
    size = getattr(given, "num_qubits", None)
    if isinstance(size, int) and size > most:
        raise QbellError(f"{what} has {size} qubits; it is solved for up to {most}")
    if callable(getattr(given, "to_matrix", None)):
        try:
            found = given.to_matrix(sparse=True)
        except TypeError:  # Qiskit's Operator has no sparse one
            found = scipy.sparse.csr_matrix(given.to_matrix())
    elif scipy.sparse.issparse(given):
        found = given
    else:
        found = scipy.sparse.csr_matrix(np.atleast_2d(numbers_of(given)))
    rows = found.shape[0]
    if found.shape != (rows, rows) or rows < 2 or rows & (rows - 1):
        raise QbellError(
            f"{what} is an array of shape {found.shape}; expected a SparsePauliOp or a matrix "
            "(2^N, 2^N)"
        )
    if rows > 2**most:
        raise QbellError(
            f"{what} has {rows.bit_length() - 1} qubits; it is solved for up to {most}"
        )
    matrix = scipy.sparse.csr_matrix(found, dtype=complex)
    if not np.isfinite(matrix.data).all():
        raise QbellError(f"{what} holds NaN or infinite numbers; give finite ones")
    off = abs(matrix - matrix.conj().T).max()
    if off > TOLERANCE * max(1.0, abs(matrix).max()):
        raise QbellError(f"{what} is not Hermitian (off by {off:.2g}); give (H + H^dagger) / 2")
    return matrix


def _other_sector(symmetry: Any, hamiltonian: Any) -> Any:
    """(1 - S) / 2, checked."""
    if isinstance(symmetry, str):
        from qiskit.quantum_info import SparsePauliOp

        try:
            symmetry = SparsePauliOp(symmetry)
        except Exception as error:  # Qiskit's own
            raise QbellError(f"symmetry = {symmetry!r}; give a word such as XXXX") from error
    matrix = _operator(symmetry, "the symmetry")
    if matrix.shape != hamiltonian.shape:
        raise QbellError(
            f"the symmetry has {matrix.shape[0].bit_length() - 1} qubits, the Hamiltonian "
            f"{hamiltonian.shape[0].bit_length() - 1}; give one of as many"
        )
    identity = scipy.sparse.identity(matrix.shape[0], format="csr")
    scale = max(1.0, abs(hamiltonian).max())
    if abs(matrix @ matrix - identity).max() > TOLERANCE:
        raise QbellError("the symmetry does not square to 1; give a Pauli word or a reflection")
    if abs(matrix @ hamiltonian - hamiltonian @ matrix).max() > TOLERANCE * scale:
        raise QbellError("the symmetry does not commute with the Hamiltonian; give one that does")
    return (identity - matrix) / 2
