"""The exact values, for whatever describes a state.

Each function takes one of qbell's states, a circuit that prepares one, a state vector (2^N,) or
(2^N, 1), or a density matrix (2^N, 2^N) in Qiskit's qubit order, dense, sparse or as QuTiP's Qobj,
and the generator's axis: ``x``, ``y``, ``z`` or a vector. qbell's states are treated by what suits
them: free fermions and matrix product states for Ising chains, N + 1 coefficients for symmetric
states, at sizes where no state vector fits.
"""

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.axes import Axis, AxisLike, parse_axis
from qbell.conventions.labels import all_labels, signs
from qbell.errors import QbellError
from qbell.exact.density_matrix import DensityMatrix
from qbell.exact.engine import Engine, Orders
from qbell.exact.frames import StateLike, as_array, checked_array, num_qubits_of
from qbell.exact.ising import IsingChain
from qbell.exact.ising_mps import ground_state
from qbell.exact.matrix_product import MatrixProduct, from_amplitudes, zz
from qbell.exact.mixture import Mixture
from qbell.exact.prepared import is_large, prepared_product
from qbell.exact.product import ProductState
from qbell.exact.read_product import is_product_of_others, matrix_product
from qbell.exact.spin_chain import DisorderedChain, SpinChain, ising_chain
from qbell.exact.state_vector import StateVector
from qbell.exact.symmetric import SymmetricSubspace, TurnedSubspace, log_correlators, turned
from qbell.exact.thermal import Thermal, ensemble_of
from qbell.exact.variational import engine_of_product, family_ground, is_searched_for
from qbell.states import XXZ, Chain, Ising, Product, Squeezed
from qbell.states.symmetric import SymmetricState, log_binomial
from qbell.util.checks import finite_number, require_memory

if TYPE_CHECKING:
    import pandas as pd

KNOWN_WHEN_TURNED = 1e-26  # E_s of a symmetric state on another axis: squared rounding of 1e-13
BYTES_A_ROW = 260  # of the table of correlators while it is made, mostly its labels


def engine_for(state: StateLike, cutoff: float | None = None) -> Engine:
    """The engine that serves ``state`` best, with a ``cutoff`` for the bound of matrix products.

    Raises:
        QbellError: not a state (shape, norm, Hermitian, positive), or too large for any engine; or
            a cutoff that is not between 0 and 1.
    """
    engine = _engine_for(state)
    if cutoff is not None:
        if not 0 < finite_number("cutoff", cutoff) < 1:
            raise QbellError(f"cutoff = {cutoff}; give a number between 0 and 1, e.g. 1e-6")
        engine.cutoff = float(cutoff)
    return engine


def _engine_for(state: StateLike, *, positive: bool = True) -> Engine:
    """See `engine_of_array` for ``positive``."""
    fermions = _fermions(state)
    if fermions is not None:
        return fermions
    if isinstance(state, Thermal):
        return state.engine
    if isinstance(state, Squeezed):
        return TurnedSubspace(state.twisted.log_coefficients(), state.turn)
    if isinstance(state, SymmetricState):
        return SymmetricSubspace(state.log_coefficients())
    if isinstance(state, Product):
        return ProductState(state.directions())
    product = _product_of(state)
    return (
        engine_of_array(state, positive=positive) if product is None else engine_of_product(product)
    )


def qfi(state: StateLike, axis: AxisLike = "z") -> float:
    """Quantum Fisher information of ``state`` for h = 1/2 sum_k sigma_xi^(k).

    Pure states: 4 Var(h). Mixed states, Eq. (8): 2 sum_ij (p_i - p_j)^2 / (p_i + p_j) |<i|h|j>|^2
    over the eigenvectors of rho, without the terms p_i + p_j = 0. At most N^2; N is shot noise.

    Args:
        state: a qbell state, a circuit that prepares one, a matrix product, (2^N,) amplitudes or a
            (2^N, 2^N) density matrix, in Qiskit's order (bit k of the index is qubit k).
        axis: xi of the generator h: ``x``, ``y``, ``z`` or a vector of three numbers.

    Returns:
        F_Q, without unit, with a relative error of at most 1e-8 (or an error of 1e-15 N^2; of a
        density matrix of 1e-12 N^2).

    Raises:
        QbellError: not a state, not an axis, or a value that cannot be computed at this size.

    Source: PRL 126, 210506, Eq. (8).

    >>> round(qfi(np.array([1, 0, 0, 0, 0, 0, 0, 1]) / np.sqrt(2)), 12)
    9.0
    >>> from qbell.states import DoubleWell
    >>> round(qfi(DoubleWell(1000, -3.0)))
    888767
    """
    return _engine_for(state, positive=False).qfi(parse_axis(axis))


def qfi_matrix(state: StateLike) -> NDArray[np.float64]:
    """The 3 x 3 matrix Q with QFI = xi^T Q xi for the generator along xi.

    Pure states: 4 Cov(J_a, J_b), J half the sum of the Pauli matrices x, y, z.

    Args:
        state: a qbell state, a circuit that prepares one, a matrix product, (2^N,) amplitudes or a
            (2^N, 2^N) density matrix, in Qiskit's order (bit k of the index is qubit k).

    Returns:
        (3, 3) real symmetric matrix, rows and columns x, y, z.

    Raises:
        QbellError: not a state, not an axis, or a value that cannot be computed at this size.

    >>> qfi_matrix(np.array([1, 0, 0, 1]) / np.sqrt(2)).round(12).tolist()
    [[4.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 4.0]]
    """
    return _engine_for(state, positive=False).qfi_matrix()


def optimal_axis(state: StateLike) -> tuple[Axis, float]:
    """The axis of the largest QFI, and this QFI: the top eigenvector of `qfi_matrix`.

    Where several axes are equally good, the last of x, y, z that is one of them.

    Args:
        state: a qbell state, a circuit that prepares one, a matrix product, (2^N,) amplitudes or a
            (2^N, 2^N) density matrix, in Qiskit's order (bit k of the index is qubit k).

    Returns:
        The axis, and F_Q for it.

    Raises:
        QbellError: not a state, not an axis, or a value that cannot be computed at this size.

    >>> from qbell.states import W
    >>> axis, value = optimal_axis(W(4))
    >>> round(value, 9), axis.xi[2]
    (10.0, 0.0)
    """
    return top_axis(qfi_matrix(state))


def top_axis(matrix: NDArray[np.float64]) -> tuple[Axis, float]:
    """The axis of the largest xi^T Q xi, and that; of a mean of QFI matrices, of their mean."""
    values, vectors = np.linalg.eigh(matrix)
    best = float(values[-1])
    for name, diagonal in zip("zyx", np.diag(matrix)[::-1], strict=True):
        if diagonal >= best * (1 - 1e-12):
            return parse_axis(name), float(diagonal)
    xi = vectors[:, -1]
    return parse_axis(xi * np.sign(xi[np.argmax(np.abs(xi))])), best


def f0(state: StateLike, axis: AxisLike = "z") -> float:
    """Lower bound F0 = 4 (Tr[rho^2 h^2] - Tr[(rho h)^2]) on the QFI; equal to it for pure states.

    Computed as 2 sum_nm (h_n - h_m)^2 |rho_nm|^2 in the eigenbasis of h, Eq. (15), where it is a
    sum of terms that cannot be negative.

    Args:
        state: a qbell state, a circuit that prepares one, a matrix product, (2^N,) amplitudes or a
            (2^N, 2^N) density matrix, in Qiskit's order (bit k of the index is qubit k).
        axis: xi of the generator h: ``x``, ``y``, ``z`` or a vector of three numbers.

    Returns:
        F0, with bound <= F0 <= QFI.

    Raises:
        QbellError: not a state, not an axis, or a value that cannot be computed at this size.

    Source: PRL 126, 210506, Eqs. (12) and (15).

    >>> mixed = np.diag([0.5, 0, 0, 0.5])  # |00> and |11> without coherence
    >>> f0(mixed), round(f0(np.array([1, 0, 0, 1]) / np.sqrt(2)), 12)
    (0.0, 4.0)
    """
    return engine_for(state).f0(parse_axis(axis))


def log_e_n(state: StateLike, axis: AxisLike = "z") -> float:
    """Natural logarithm of E_{N,0}, the correlator of all N qubits, Eq. (23).

    A logarithm, since E_{N,0} underflows for large N: local realism allows 2^-N.

    Args:
        state: a qbell state, a circuit that prepares one, a matrix product, (2^N,) amplitudes or a
            (2^N, 2^N) density matrix, in Qiskit's order (bit k of the index is qubit k).
        axis: xi of the generator h: ``x``, ``y``, ``z`` or a vector of three numbers.

    Returns:
        ln E_{N,0}; -inf where it is zero.

    Raises:
        QbellError: not a state, not an axis, or a value that cannot be computed at this size.

    >>> from qbell.states import GHZ
    >>> round(float(np.exp(log_e_n(GHZ(1000)))), 12)
    0.25
    """
    return engine_for(state).log_e_n(parse_axis(axis))


def orders(state: StateLike, axis: AxisLike = "z", *, cutoff: float | None = None) -> Orders:
    """The terms of Eq. (24) by order, with the method and an upper limit of the error.

    Args:
        state: a qbell state, a circuit that prepares one, a matrix product, (2^N,) amplitudes or a
            (2^N, 2^N) density matrix, in Qiskit's order (bit k of the index is qubit k).
        axis: xi of the generator h: ``x``, ``y``, ``z`` or a vector of three numbers.
        cutoff: for Ising chains of more than 16 qubits and other matrix products: the norm that
            one cut may take from the vector of all 2^-N/2 <P>. A larger one is faster, and
            `orders` says what it costs; 1e-12 to 1e-6 by the bond if left out.

    Returns:
        ``values`` (N + 1,), whose sum is the bound; ``method``; and ``error``, an upper limit of
        the error of the sum, None where that is no more than rounding.

    Raises:
        QbellError: not a state, not an axis, or a value that cannot be computed at this size.

    >>> from qbell.states import Ising
    >>> found = orders(Ising(60, -3.0))
    >>> found.method, found.error < 1e-3
    ('matrix product state of bond 14', True)
    """
    return engine_for(state, cutoff).orders(parse_axis(axis))


def bound_by_order(
    state: StateLike, axis: AxisLike = "z", *, cutoff: float | None = None
) -> NDArray[np.float64]:
    """The terms of the bound, Eq. (24), grouped by the order n = n_+ + n_- of the correlators.

    Args:
        state: a qbell state, a circuit that prepares one, a matrix product, (2^N,) amplitudes or a
            (2^N, 2^N) density matrix, in Qiskit's order (bit k of the index is qubit k).
        axis: xi of the generator h: ``x``, ``y``, ``z`` or a vector of three numbers.
        cutoff: for Ising chains of more than 16 qubits and other matrix products: the norm that
            one cut may take from the vector of all 2^-N/2 <P>. A larger one is faster, and
            `orders` says what it costs; 1e-12 to 1e-6 by the bond if left out.

    Returns:
        (N + 1,) array: entry n is the part of the bound that the n-body correlators carry, and the
        sum is the bound. Exact to rounding, except for Ising chains of more than 16 qubits and
        other matrix products: `orders` has a limit of their error.

    Raises:
        QbellError: not a state, not an axis, or a value that cannot be computed at this size.

    Source: PRL 126, 210506, Eq. (24).

    >>> from qbell.states import GHZ
    >>> bound_by_order(GHZ(3)).round(12).tolist()  # all of it from the correlators of all qubits
    [0.0, 0.0, 0.0, 9.0]
    """
    return orders(state, axis, cutoff=cutoff).values


def bound(state: StateLike, axis: AxisLike = "z", *, cutoff: float | None = None) -> float:
    """Lower bound on the QFI from all Bell correlators.

    B = 2 sum_s (n_+ - n_-)^2 2^-(N - n) E_s <= F0 <= QFI.

    Args:
        state: a qbell state, a circuit that prepares one, a matrix product, (2^N,) amplitudes or a
            (2^N, 2^N) density matrix, in Qiskit's order (bit k of the index is qubit k).
        axis: xi of the generator h: ``x``, ``y``, ``z`` or a vector of three numbers.
        cutoff: for Ising chains of more than 16 qubits and other matrix products: the norm that
            one cut may take from the vector of all 2^-N/2 <P>. A larger one is faster, and
            `orders` says what it costs; 1e-12 to 1e-6 by the bond if left out.

    Returns:
        B. Exact to rounding, except for Ising chains of more than 16 qubits and other matrix
        products: `orders` has a limit of their error.

    Raises:
        QbellError: not a state, not an axis, or a value that cannot be computed at this size.

    Source: PRL 126, 210506, Eq. (24).

    >>> round(bound(np.array([1, 0, 0, 0, 0, 0, 0, 1]) / np.sqrt(2)), 12)
    9.0
    """
    return float(bound_by_order(state, axis, cutoff=cutoff).sum())


def correlator_values(state: StateLike, axis: AxisLike = "z") -> NDArray[np.inexact]:
    """c_s = Tr[rho prod_k sigma_{s_k}] for all 3^N labels s, as a flat array.

    sigma_+- is (sigma_1 +- i sigma_2) / 2, and no operator acts on the qubits where s_k = 0.
    E_s = |c_s|^2 is Eq. (1) and (23).

    Args:
        state: a qbell state of up to 20 qubits, a circuit that prepares one, (2^N,) amplitudes or a
            (2^N, 2^N) density matrix, in Qiskit's order (bit k of the index is qubit k).
        axis: xi of the generator h: ``x``, ``y``, ``z`` or a vector of three numbers.

    Returns:
        (3^N,) array in the order of `qbell.conventions.labels.all_labels`: 00...0, 00...+, 00...-,
        and so on. Real if the state's amplitudes are (in the frame of the axis), else complex.

    Raises:
        QbellError: not a state, not an axis, or more memory than the machine has.

    >>> correlator_values(np.array([1, 0, 0, 1]) / np.sqrt(2)).round(12).tolist()[4]  # c of ++
    0.5
    """
    return engine_of_array(state).correlator_values(parse_axis(axis))


def correlators(state: StateLike, axis: AxisLike = "z") -> "pd.DataFrame":
    """Table of all 3^N Bell correlators E_s = |c_s|^2, Eq. (23).

    Args:
        state: a qbell state of up to 20 qubits, a circuit that prepares one, (2^N,) amplitudes or a
            (2^N, 2^N) density matrix, in Qiskit's order (bit k of the index is qubit k).
        axis: xi of the generator h: ``x``, ``y``, ``z`` or a vector of three numbers.

    Returns:
        A row for each label: label (qubit 0 last), n_plus, n_minus, order = n_plus + n_minus,
        value = E_s, and local_bound = 2^-order, Eq. (2), which local realism does not exceed.

    Raises:
        QbellError: not a state, not an axis, or more memory than the machine has.

    >>> table = correlators(np.array([1, 0, 0, 1]) / np.sqrt(2))
    >>> table.set_index("label")["value"].round(12)["++"].item()
    0.25
    """
    engine = engine_of_array(state)
    num_qubits = engine.num_qubits
    require_memory(BYTES_A_ROW * 3.0**num_qubits, f"a table of 3^{num_qubits} correlators")
    values = np.abs(engine.correlator_values(parse_axis(axis))) ** 2
    n_plus, n_minus = signs(num_qubits)
    import pandas as pd

    return pd.DataFrame(
        {
            "label": all_labels(num_qubits),
            "n_plus": n_plus,
            "n_minus": n_minus,
            "order": n_plus + n_minus,
            "value": values,
            "local_bound": 2.0 ** -(n_plus + n_minus),
        }
    )


def symmetric_correlators(state: SymmetricState, axis: AxisLike = "z") -> "pd.DataFrame":
    """All E_{a,b} of a symmetric state: every label with a plus and b minus signs has the same.

    Args:
        state: symmetric, of qbell, such as `qbell.ghz` or `qbell.symmetric`; N up to 4000.
        axis: xi of the generator h: ``x``, ``y``, ``z`` or a vector of three numbers.

    Returns:
        A row for each (n_plus, n_minus): n_plus, n_minus, order, log_labels, log_value. Logarithms
        are natural: log_labels that of the number of labels, N! / (a! b! (N - a - b)!), log_value
        that of E_s, -inf for zero. For an axis other than z log_value is NaN where E_s is below
        1e-26, too small to be known.

    Raises:
        QbellError: not a symmetric state, not an axis, or too many qubits.

    >>> from qbell.states import GHZ
    >>> table = symmetric_correlators(GHZ(100)).set_index(["n_plus", "n_minus"])
    >>> round(float(np.exp(table["log_value"][100, 0])), 12)
    0.25
    """
    if not isinstance(state, SymmetricState):
        raise QbellError(
            f"expected a symmetric state of qbell, got a {type(state).__name__}; use correlators "
            "for other states"
        )
    parsed = parse_axis(axis)
    logs = state.log_coefficients()
    if isinstance(state, Squeezed):
        logs = state.twisted.log_coefficients()
        parsed = TurnedSubspace(logs, state.turn).before(parsed)
    table = log_correlators(turned(logs, parsed))
    if not parsed.is_laboratory:
        table[table < math.log(KNOWN_WHEN_TURNED)] = np.nan
    size = state.num_qubits
    index = np.indices(table.shape)
    n_plus, n_minus = index[:, index.sum(axis=0) <= size]
    order = n_plus + n_minus
    import pandas as pd

    return pd.DataFrame(
        {
            "n_plus": n_plus,
            "n_minus": n_minus,
            "order": order,
            "log_labels": log_binomial(size, order) + log_binomial(order, n_plus),
            "log_value": table[n_plus, n_minus],
        }
    )


def zz_correlations(state: StateLike) -> NDArray[np.float64]:
    """<Z_i Z_j> of all pairs of qubits.

    The sum over all i and j, less the square of the sum of <Z_i>, is the QFI of a pure state for
    axis z.

    Args:
        state: an Ising chain, symmetric state or matrix product of any size, a circuit, any other
            state of up to 20 qubits, (2^N,) amplitudes or a (2^N, 2^N) density matrix, in Qiskit's
            order (bit k of the index is qubit k).

    Returns:
        (N, N) array; row and column k are qubit k, with ones on the diagonal.

    Raises:
        QbellError: not a state, or more memory than the machine has.

    >>> from qbell.states import Ising
    >>> round(float(zz_correlations(Ising(1000, -3.0))[400, 600]), 9)  # (1 - 1/U^2)^(1/4)
    0.970983543
    """
    fermions = _fermions(state)
    if fermions is not None:
        return fermions.zz()
    if isinstance(state, SymmetricState):
        size = state.num_qubits
        p = np.exp(2 * state.log_coefficients().real)
        squared = float(p @ (size - 2.0 * np.arange(size + 1)) ** 2)
        off = (squared - size) / (size * (size - 1))
        return np.where(np.eye(size, dtype=bool), 1.0, off)
    mixed = ensemble_of(state)
    if mixed is not None:
        p = np.sum(np.abs(mixed.vectors) ** 2, axis=0)
    else:
        product = _product_of(state)
        if product is not None:
            return zz(product)
        array = as_array(state)
        p = np.abs(array) ** 2 if array.ndim == 1 else np.diag(array).real
    size = num_qubits_of(p)
    require_memory(24.0 * size * 2.0**size, f"the signs of {size} qubits")
    signs_of = 1.0 - 2.0 * (np.arange(2**size)[:, None] >> np.arange(size) & 1)
    return np.asarray(signs_of.T @ (p[:, None] * signs_of))


def as_matrix_product(state: StateLike) -> MatrixProduct:
    """The state as a matrix product: an Ising chain, a circuit, or any state vector.

    Args:
        state: an Ising chain, a circuit or another of qbell's states of hundreds of qubits, a
            matrix product of quimb or TeNPy, or (2^N,) amplitudes in Qiskit's order.

    Returns:
        A state that `qfi`, `qfi_matrix`, `f0`, `log_e_n`, `orders`, `bound` and `describe` take;
        ``.to_quimb()`` converts it (extra ``mps``).

    Raises:
        QbellError: not a state, a density matrix, or more qubits than a vector can have.

    >>> from qbell.states import Ising
    >>> product = as_matrix_product(Ising(100, -3.0))
    >>> product.bond, round(qfi(product), 3)
    (14, 9694.792)
    """
    if isinstance(state, Ising):
        return ground_state(state.num_qubits, state.u)
    fermions = _fermions(state)
    if isinstance(fermions, DisorderedChain):
        return fermions.chain.product()
    product = _product_of(state)
    return from_amplitudes(as_array(state)) if product is None else product


def correlator_of_all(state: StateLike, axis: AxisLike = "z") -> complex:
    """c_{N,0}, whose squared modulus is E_{N,0}, Eq. (23).

    It is one coherence: <1...1|rho|0...0> in the frame where the axis is z.

    Args:
        state: a qbell state of up to 20 qubits, a circuit that prepares one, (2^N,) amplitudes or a
            (2^N, 2^N) density matrix, in Qiskit's order (bit k of the index is qubit k).
        axis: xi of the generator h: ``x``, ``y``, ``z`` or a vector of three numbers.

    Returns:
        c_{N,0}; its argument is the phase of the correlator, in radians.

    Raises:
        QbellError: not a state, not an axis, or more memory than the machine has.

    >>> round(correlator_of_all(np.array([1, 0, 0, 1j]) / np.sqrt(2)).imag, 12)
    0.5
    """
    return engine_of_array(state).c_n(parse_axis(axis))


def free_fermions_of(state: StateLike) -> NDArray[np.float64] | None:
    """G (N, N) of an Ising chain, <i a_j b_k>; None of other states."""
    engine = _fermions(state)
    return None if engine is None else engine.correlations


def free_chain(state: StateLike) -> Ising | SpinChain | None:
    """The Ising chain or ring that is free fermions; None of other states."""
    if isinstance(state, Ising | SpinChain):
        return state
    if isinstance(state, Chain) and state.is_free:
        bonds = state.bonds.tolist()
        if not state.is_ring:
            return ising_chain(bonds, state.transverse.tolist())
        return replace(ising_chain(bonds[:-1], state.transverse.tolist()), closing=bonds[-1])
    return None


def _fermions(state: StateLike) -> IsingChain | None:
    """The engine of such a chain."""
    found = free_chain(state)
    if isinstance(found, Ising):
        return IsingChain(found)
    return None if found is None else DisorderedChain(found)


def is_matrix_product(state: StateLike) -> bool:
    """Whether it is held as a matrix product, or has to be."""
    return isinstance(state, MatrixProduct) or is_product_of_others(state) or is_large(state)


def _product_of(state: StateLike) -> MatrixProduct | None:
    """What is held as a matrix product, or has to be; None for the rest."""
    if isinstance(state, MatrixProduct):
        return state
    if is_product_of_others(state):
        return matrix_product(state)
    if isinstance(state, Chain | XXZ) and is_searched_for(state):
        return family_ground(state)
    return prepared_product(state) if is_large(state) else None


def engine_of_array(
    state: StateLike, *, positive: bool = True
) -> StateVector | DensityMatrix | Mixture:
    """The engine for the numbers that describe a state, also where another one would be faster.

    ``positive = False``: for the QFI alone; see `DensityMatrix`.

    Raises:
        QbellError: see `engine_for`.
    """
    if is_product_of_others(state):
        state = matrix_product(state)
    mixed = ensemble_of(state)
    if mixed is not None:
        return Mixture(mixed.vectors, mixed.rounding, orthogonal=mixed.orthogonal)
    found = checked_array(state, positive=positive)
    if found.array.ndim == 1:
        return StateVector(found.array, found.rounding)
    return DensityMatrix(*found)
