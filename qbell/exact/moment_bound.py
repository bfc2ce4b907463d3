"""The QFI from the response of few-body operators: the method of moments."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.axes import AxisLike, parse_axis
from qbell.conventions.few_body import (
    MOST_LETTERS,
    Operators,
    around_y,
    count_within,
    operators_within,
)
from qbell.errors import QbellError
from qbell.exact.frames import StateLike, charges, num_qubits_of, turned_rows
from qbell.exact.matrix_product import in_frame
from qbell.exact.moment_chain import covariances
from qbell.exact.moment_product import covariances as covariances_of_product
from qbell.exact.quantities import as_matrix_product, free_fermions_of, is_matrix_product
from qbell.exact.vectors import vectors_of
from qbell.states.symmetric import SymmetricState
from qbell.util.checks import require_memory, whole_number
from qbell.util.threads import one_blas_thread

MAX_QUBITS = 14
MAX_CHAIN = 500
LONG_CHAIN = 150
MOST_OPERATORS = 2500  # of a long chain where no reach is given: seconds
MOST_STEPS = 2e10  # operators times sites times bond^3 of a matrix product: ten seconds
MOST_NEAR = 4e5  # pairs of its operators that overlap: ten seconds
TINY = 1e-9  # of the largest eigenvalue: directions with hardly any scatter are left out


def moment_bound(
    state: StateLike,
    axis: AxisLike = "z",
    *,
    order: int = 3,
    reach: int | None = None,
    words: Sequence[str] = (),
) -> float:
    """F_Q >= max_M |<i[M, h]>|^2 / Var M = C^T Gamma^-1 C over operators M of few qubits.

    In the frame of the axis, xi = z, M lies in the span of Y_i (order 1), Y_i X_j (order 2) and
    Y_i Z_j Z_k (order 3), which h moves to X_i, X_i X_j - Y_i Y_j and X_i Z_j Z_k; C_a =
    <i[M_a, h]> and Gamma the symmetrised covariance. Only correlators of at most six qubits enter,
    where Eq. (24) rests on all of them: near the critical point of long chains this bound stays
    and that one vanishes. Order 1 alone is the squeezing of Wineland along y.

    Args:
        state: as in `qfi`, of up to 14 qubits; an Ising chain or ring, also with disorder, for axis
            z, or a matrix product, of up to 500.
        axis: xi of the generator h: ``x``, ``y``, ``z`` or a vector of three numbers.
        order: 1, 2 or 3: how many of the three kinds M may have.
        reach: j and k are at most so far from i. All qubits if left out; of more than 14 qubits as
            far as 2500 operators go, see `default_reach`, in a matrix product of large bond less.
        words: the operators that M may be made of instead, one letter I, X, Y or Z (sigma_1,
            sigma_2, sigma_xi) a qubit, qubit 0 last, as `MomentBound.words` has them.

    Returns:
        The bound, without unit; at most F_Q, up to a relative error of 1e-5.

    Raises:
        QbellError: not a state, not an axis, an order, a reach or words that are none, or more
            qubits.

    Source: M. Gessner, A. Smerzi and L. Pezze, arXiv 1811.12443.

    >>> from qbell.states import Ising, Plus
    >>> round(moment_bound(Plus(3)), 9)
    3.0
    >>> round(moment_bound(Ising(40, -0.8), order=2, reach=1) / 40, 3)
    3.327
    >>> round(moment_bound(Plus(3), words=["IIY", "IYI"]), 9)
    2.0
    >>> from qbell.exact import as_matrix_product
    >>> product = as_matrix_product(Ising(40, -0.8))
    >>> round(moment_bound(product, order=2, reach=1) / 40, 3)  # by transfer matrices
    3.327
    """
    order = whole_number("order", order, least=1, most=MOST_LETTERS)
    if reach is not None:
        reach = whole_number("reach", reach, least=1)
    parsed = parse_axis(axis)
    correlations = free_fermions_of(state)
    if correlations is not None and len(correlations) > MAX_QUBITS:
        size = len(correlations)
        if parsed.xi[0] or parsed.xi[1]:
            raise QbellError(
                f"moment_bound: n = {size} and axis {parsed.name}; of long chains it is computed "
                f"for axis z, and for others up to {MAX_QUBITS} qubits; as_matrix_product(state) "
                "goes further"
            )
        whole_number("n", size, least=2, most=MAX_CHAIN)
        if len(words):
            # Its amplitudes are real and even: words with an even number of Y do not respond, and
            # have no covariance with the others.
            read = [word for word in _read(words, size) if list(word.values()).count("Y") % 2]
            operators, reach = around_y(size, read)
            require_memory(5 * 8.0 * len(read) ** 2, f"the moment bound with {len(read)} words")
        else:
            operators, reach = _of_long(size, order, reach, None)
        return _largest(*covariances(correlations, operators, reach))
    product = None
    if is_matrix_product(state) and not isinstance(state, SymmetricState):
        product = as_matrix_product(state)
    if product is not None and product.num_qubits > MAX_QUBITS:
        size = whole_number("n", product.num_qubits, least=2, most=MAX_CHAIN)
        if len(words):
            read = _read(words, size)
        else:
            read = _of_long(size, order, reach, product.bond)[0].words
        return _largest(*covariances_of_product(in_frame(product, parsed), read))
    vectors = vectors_of(state, most=MAX_QUBITS, what="moment_bound")
    rows = turned_rows(vectors, parsed)
    size = num_qubits_of(rows[0])
    if len(words):
        return _largest(*_covariances_of(rows, _read(words, size)))
    reach = size - 1 if reach is None else min(reach, size - 1)
    return _largest(*_covariances_of(rows, operators_within(size, order, reach).words))


def _read(words: Sequence[str], size: int) -> list[dict[int, str]]:
    """The letters of each word by their qubit.

    Raises:
        QbellError: letters that are none, or not one a qubit.
    """
    for word in words:
        if len(word) != size or set(word) - set("IXYZ") or set(word) == {"I"}:
            raise QbellError(
                f"word {word!r}: expected {size} letters I, X, Y or Z, one a qubit, and one at "
                "least that is not I"
            )
    given = dict.fromkeys(words)
    return [{k: letter for k, letter in enumerate(word[::-1]) if letter != "I"} for word in given]


def _of_long(size: int, order: int, reach: int | None, bond: int | None) -> tuple[Operators, int]:
    """The operators of a state of more than 14 qubits, and how far they reach.

    ``bond``: of a matrix product; None of free fermions.
    """
    if reach is not None:
        reach = min(reach, size - 1)
    elif bond is None:
        reach = default_reach(size, order)
    else:
        reach = default_reach_of_product(size, order, bond)
    reach = 1 if order == 1 else reach  # of single qubits it means nothing
    count = count_within(size, order, reach)
    require_memory(5 * 8.0 * count**2, f"the moment bound with {count} operators")
    return operators_within(size, order, reach), reach


def quick_bound(state: StateLike, axis: AxisLike = "z") -> float:
    """The moment bound with as many operators as take seconds: of two qubits in long chains."""
    size = int(getattr(state, "num_qubits", 0))
    return (
        moment_bound(state, axis)
        if size <= LONG_CHAIN
        else moment_bound(state, axis, order=2, reach=1)
    )


def default_reach(size: int, order: int = MOST_LETTERS, most: int = MOST_OPERATORS) -> int:
    """The reach of a chain of ``size`` qubits that `moment_bound` takes if none is given.

    As far as ``most`` operators go, but 1 at least.

    >>> default_reach(12), default_reach(100)
    (11, 3)
    """
    if size <= MAX_QUBITS:
        return size - 1
    fits = (r for r in range(size - 1, 1, -1) if count_within(size, order, r) <= MOST_OPERATORS)
    return next(fits, 1)


def default_reach_of_product(size: int, order: int, bond: int) -> int:
    """The same of a matrix product: some ten seconds of work, at least neighbours.

    >>> [default_reach_of_product(100, 3, bond) for bond in (10, 50, 100)]
    [3, 2, 1]
    """

    def is_quick(reach: int) -> bool:
        count = count_within(size, order, reach)
        near = count**2 * min(1.0, (4 * reach + 1) / size) / 2  # pairs that share a site
        return count * size * bond**3 < MOST_STEPS and near < MOST_NEAR

    return next((reach for reach in range(2, size) if not is_quick(reach)), size) - 1


def _covariances_of(
    rows: NDArray[np.complex128], words: list[dict[int, str]]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Gamma and C of a mixture of vectors (r, 2^N)."""
    size = num_qubits_of(rows[0])
    count = len(words)
    require_memory(32.0 * count * rows.size, f"the moment bound of {size} qubits")
    flat = np.stack([_applied(rows, word) for word in words]).reshape(count, -1)
    means = (flat @ rows.reshape(-1).conj()).real
    gamma = (flat @ flat.conj().T).real - np.outer(means, means)
    # <i[M, h]> = 2 Im <h M>, where h is diagonal.
    response = 2 * (flat @ (rows * charges(size)).reshape(-1).conj()).imag
    return gamma, response


def _applied(rows: NDArray[np.complex128], letters: dict[int, str]) -> NDArray[np.complex128]:
    """A Pauli word on each row (r, 2^N)."""
    index = np.arange(rows.shape[1])
    flip = sum(1 << qubit for qubit, letter in letters.items() if letter in "XY")
    source = index ^ flip
    factor = np.ones(len(index), dtype=complex)
    for qubit, letter in letters.items():
        ones = index >> qubit & 1  # of the row that is written
        if letter == "Z":
            factor = factor * (1 - 2 * ones)
        elif letter == "Y":  # Y|0> = i|1>, Y|1> = -i|0>
            factor = factor * np.where(ones == 1, 1j, -1j)
    return np.asarray(factor * rows[:, source])


def _largest(gamma: NDArray[np.float64], response: NDArray[np.float64]) -> float:
    """C^T Gamma^-1 C over the directions that scatter at all; never too large for leaving some."""
    with one_blas_thread(len(gamma)):
        values, vectors = np.linalg.eigh(gamma)
    kept = values > TINY * max(float(values[-1]), 1e-300)
    parts = vectors[:, kept].T @ response
    return float(np.sum(parts**2 / values[kept]))
