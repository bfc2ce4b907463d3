"""States as matrix products: QFI, E_{N,0} and the bound of Eq. (24) for hundreds of qubits."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qbell.conventions.axes import Axis, AxisLike, parse_axis
from qbell.errors import QbellError
from qbell.exact.engine import ACCURACY, ROUNDING, BelowRounding, Engine, Orders
from qbell.exact.frames import as_array, num_qubits_of
from qbell.exact.string_product import squared_charges, strings_of
from qbell.states.base import check_state_vector
from qbell.util.checks import require_memory
from qbell.util.threads import one_blas_thread

Tensor = NDArray[Any]  # float64 where the state is real, else complex128
Floats = NDArray[np.float64]

CUTOFF = 1e-9
# What the engine cuts, by the bond of the state: the work grows as the cube of the bond, and the
# error that is reported with the number as the cutoff.
CUTOFFS = ((40, 1e-12), (100, CUTOFF), (150, 1e-7), (math.inf, 1e-6))


def cutoff_of(bond: int, num_qubits: int) -> float:
    """What one cut may take from all correlators of a state of this bond, if none is given."""
    bond = min(bond, 2 * num_qubits)  # few qubits are cheap at any bond
    return next(cutoff for most, cutoff in CUTOFFS if bond <= most)


@dataclass(frozen=True)
class MatrixProduct:
    """|psi> = sum over bits b of A_0[b_0] A_1[b_1] .. A_(N-1)[b_(N-1)] |b>, b_k of qubit k.

    Right-canonical, sum_b A_k[b] A_k[b]^+ = 1, of norm 1; made by `right_canonical`.

    Attributes:
        tensors: A_k of shape (left bond, 2, right bond), k = 0 .. N - 1, read-only; the outer
            bonds are 1.
        discarded: weight thrown away when the state was made, which is at a distance of about
            sqrt(discarded) from the state meant.
    """

    tensors: tuple[Tensor, ...]
    discarded: float = 0.0

    def __post_init__(self) -> None:
        for tensor in self.tensors:
            tensor.flags.writeable = False

    @property
    def num_qubits(self) -> int:
        """N."""
        return len(self.tensors)

    @property
    def bond(self) -> int:
        """Largest bond dimension chi."""
        return max(len(tensor) for tensor in self.tensors)

    @property
    def is_real(self) -> bool:
        """Whether all tensors are real numbers."""
        return not any(np.iscomplexobj(tensor) for tensor in self.tensors)

    def statevector(self) -> NDArray[np.complex128]:
        """(2^N,) amplitudes in Qiskit's order.

        Raises:
            QbellError: N above 20.
        """
        check_state_vector(self.num_qubits)
        rows: Tensor = np.ones((1, 1))
        for tensor in self.tensors:  # the next qubit is the next higher bit
            rows = np.einsum("xa,asb->sxb", rows, tensor).reshape(-1, tensor.shape[2])
        return rows[:, 0].astype(complex)

    def to_quimb(self) -> Any:
        """The state as a ``quimb.tensor.MatrixProductState``, site k being qubit k.

        For what qbell does not compute: other observables, time evolution, larger networks.

        Raises:
            QbellError: quimb is not installed.
        """
        try:
            from quimb.tensor import MatrixProductState
        except ImportError as error:
            raise QbellError(
                "a matrix product state for quimb needs the extra mps: pip install 'qbell[mps]'"
            ) from error
        inner = [tensor.copy() for tensor in self.tensors]
        inner[0], inner[-1] = inner[0][0], inner[-1][..., 0]
        arrays = [array.swapaxes(-1, -2) for array in inner[:-1]]
        return MatrixProductState([*arrays, inner[-1]], shape="lrp")


def right_canonical(tensors: Sequence[Tensor], discarded: float = 0.0) -> MatrixProduct:
    """The `MatrixProduct` of any tensors (left, 2, right) that multiply to a vector; norm it to 1.

    Its overall phase is that of the tensors.
    """
    done = []
    carry: Tensor = np.ones((1, 1))
    for tensor in reversed(tensors):
        joined = tensor @ carry
        rows, carry = np.linalg.qr(joined.reshape(len(joined), -1).conj().T)
        carry = carry.conj().T / np.linalg.norm(carry)
        done.append(rows.conj().T.reshape(-1, 2, joined.shape[2]))
    done[-1] = done[-1] * (carry[0, 0] / abs(carry[0, 0]))
    return MatrixProduct(tuple(done[::-1]), discarded)


def from_amplitudes(vector: ArrayLike) -> MatrixProduct:
    """The matrix product of a state vector (2^N,), exact to rounding; real if the vector is.

    Raises:
        QbellError: not a normalised state vector.

    >>> np.abs(from_amplitudes([0, 1, 0, 0]).tensors[0].ravel()).tolist()  # qubit 0 is 1
    [0.0, 1.0]
    """
    array = as_array(vector)
    if array.ndim != 1:
        raise QbellError(
            f"expected a state vector of shape (2^N,), got an array of shape {array.shape}"
        )
    num_qubits = num_qubits_of(array)
    cube: Tensor = (array if array.imag.any() else array.real).reshape((2,) * num_qubits)
    rest = cube.transpose().reshape(1, -1)  # qubit 0 first
    tensors = []
    for _ in range(num_qubits - 1):
        left = len(rest)
        columns, weights, rows = np.linalg.svd(rest.reshape(2 * left, -1), full_matrices=False)
        kept = weights > 1e-15 * weights[0]
        tensors.append(columns[:, kept].reshape(left, 2, -1))
        rest = weights[kept, None] * rows[kept]
    return right_canonical([*tensors, rest.reshape(-1, 2, 1)])


def in_frame(state: MatrixProduct, axis: AxisLike) -> MatrixProduct:
    """The state with every qubit turned so that sigma_xi reads Z.

    A real state stays real about an axis between x and z: sigma_1 and sigma_2 then read X and Y up
    to a turn about xi, on which no value here depends.
    """
    parsed = parse_axis(axis)
    if parsed.is_laboratory:
        return state
    x, y, z = parsed.xi
    inverse: Tensor = parsed.frame().conj().T
    if state.is_real and y == 0:
        inverse = _half_turn(x, z)
    turned = tuple(np.einsum("ts,asb->atb", inverse, tensor) for tensor in state.tensors)
    return MatrixProduct(turned, state.discarded)


def _half_turn(x: float, z: float) -> Floats:
    """The real rotation R with R^T Z R = x X + z Z, exact to the last digit at every angle."""
    large = math.sqrt((1 + abs(z)) / 2)
    small = large if z == 0 else abs(x) / (2 * large)
    cosine, sine = (large, small) if z >= 0 else (small, large)
    sine = math.copysign(sine, x)
    return np.array([[cosine, sine], [-sine, cosine]])


@one_blas_thread()
def qfi(state: MatrixProduct, axis: AxisLike = "z") -> float:
    """Quantum Fisher information of a pure state, 4 Var(h) = sum_ij cov(sigma_xi^i, sigma_xi^j).

    At most N^2; N is shot noise. Source: PRL 126, 210506, Eq. (8) for a pure state.
    """
    zeroth: Tensor = np.ones((1, 1))
    first = second = np.zeros((1, 1))
    for tensor in in_frame(state, axis).tensors:
        (up_0, down_0), (up_1, down_1), (up_2, down_2) = (
            _sandwiches(moment, tensor) for moment in (zeroth, first, second)
        )
        zeroth = up_0 + down_0
        # z = +-1 less its mean, so that no large numbers cancel in the variance of the sum.
        mean = float(((np.trace(up_0) - np.trace(down_0)) / np.trace(zeroth)).real)
        up, down = 1 - mean, -1 - mean
        second = (
            (up_2 + down_2) + 2 * (up * up_1 + down * down_1) + (up**2 * up_0 + down**2 * down_0)
        )
        first = (up_1 + down_1) + (up * up_0 + down * down_0)
    return float(second[0, 0].real)


def log_e_n(state: MatrixProduct, axis: AxisLike = "z") -> float:
    """ln E_{N,0}, E_{N,0} = |<1..1|psi>|^2 |<psi|0..0>|^2 in the frame of the axis; -inf if 0."""
    turned = in_frame(state, axis)
    return 2 * (_log_amplitude(turned, 0) + _log_amplitude(turned, 1))


@one_blas_thread()
def zz(state: MatrixProduct) -> Floats:
    """(N, N): <Z_i Z_j> of all pairs of qubits, with ones on the diagonal."""
    size = state.num_qubits
    matrix = np.eye(size)
    # Right-canonical: what is behind qubit j traces to 1.
    left: Tensor = np.ones((1, 1))
    for i, tensor in enumerate(state.tensors):
        up, down = _sandwiches(left, tensor)
        left, carry = up + down, up - down
        for j in range(i + 1, size):
            up, down = _sandwiches(carry, state.tensors[j])
            matrix[i, j] = matrix[j, i] = float(np.trace(up - down).real)
            carry = up + down
    return matrix


@one_blas_thread()
def bound_by_order(
    state: MatrixProduct, axis: AxisLike = "z", *, cutoff: float = CUTOFF
) -> tuple[Floats, float]:
    """The terms of Eq. (24) by order n = n_+ + n_-: array (N + 1,), and the error of their sum.

    B = 2 sum_s (n_+ - n_-)^2 2^-(N - n) E_s. Entry n is the sensitivity that the n-body
    correlators carry.

    Args:
        state: a state of any N; the work grows as N D chi^3 + N^2 D^3.
        axis: ``x``, ``y``, ``z`` or a vector.
        cutoff: norm that one cut may take from the vector of all 2^-N/2 <P>.

    Returns:
        The array, and an upper limit (not a typical size, often a thousand times less) of
        |B - its sum|: 2 (2 sqrt(B / 2) N d + N^2 d^2), with d the distance of that vector from
        the true one: by the cuts, by what the state lacks (sqrt(2 discarded)), and by rounding.

    Source: PRL 126, 210506, Eq. (24).
    """
    size = state.num_qubits
    parsed = parse_axis(axis)
    about_y = state.is_real and parsed.xi[0] == parsed.xi[2] == 0
    turned = state if about_y else in_frame(state, parsed)
    # Stacks of about 4 chi matrices chi x chi, a handful at a time.
    bytes_a_number = 550.0 if turned.is_real else 2200.0
    require_memory(bytes_a_number * state.bond**3, f"the bound at bond {state.bond}")
    strings, cut = strings_of(turned.tensors, cutoff, about_y=about_y)
    terms = 2 * squared_charges(strings)
    distance = cut + math.sqrt(2 * state.discarded) + 1e-15 * size
    change = size * distance
    return terms, 2 * (2 * math.sqrt(float(terms.sum()) / 2) * change + change**2)


def _sandwiches(middle: Tensor, tensor: Tensor) -> tuple[Tensor, Tensor]:
    """A[b]^T C A[b]* for b = 0, 1."""
    zero, one = tensor[:, 0], tensor[:, 1]
    return zero.T @ middle @ zero.conj(), one.T @ middle @ one.conj()


def _log_amplitude(state: MatrixProduct, bit: int) -> float:
    vector: Tensor = np.ones(1)
    log = 0.0
    for tensor in state.tensors:
        vector = vector @ tensor[:, bit]
        scale = float(np.abs(vector).max())
        if scale == 0:
            return -math.inf
        vector = vector / scale
        log += math.log(scale)
    return log


class MatrixProductState(Engine):
    """Engine for a `MatrixProduct`.

    Attributes:
        accuracy: relative error of the two amplitudes that make E_{N,0}, up to which it is given.
    """

    accuracy = ACCURACY

    def __init__(self, product: MatrixProduct, cutoff: float | None = None) -> None:
        self.product = product
        self.cutoff = cutoff
        self.num_qubits = product.num_qubits
        self.method = f"matrix product state of bond {product.bond}"

    def qfi(self, axis: Axis) -> float:
        """4 Var(h)."""
        return qfi(self.product, axis)

    def error_of_qfi(self, value: float) -> float:
        """By a state at a distance d: sqrt(F_Q) is 2 |(h - c) psi|, so it changes by 2 N d."""
        change = 2 * self.num_qubits * math.sqrt(2 * self.product.discarded)
        return 2 * change * math.sqrt(max(value, 0.0)) + change**2

    def qfi_matrix(self) -> Floats:
        """From the QFI for six axes: Q_ab is half of what xi = a + b has beyond a and b."""
        unit = np.eye(3)
        matrix = np.diag([qfi(self.product, axis) for axis in unit])
        for a, b in ((0, 1), (0, 2), (1, 2)):
            both = 2 * qfi(self.product, unit[a] + unit[b])  # the axis is normalised
            matrix[a, b] = matrix[b, a] = (both - matrix[a, a] - matrix[b, b]) / 2
        return matrix

    def log_e_n(self, axis: Axis) -> float:
        """From the two amplitudes of all qubits up and all down.

        Raises:
            BelowRounding: what was cut off the state may be more than ``accuracy`` of one of them.
        """
        ends, lost = self._ends(axis)
        if min(ends) < math.log(lost / self.accuracy):
            raise BelowRounding(2 * sum(math.log(math.exp(end) + lost) for end in ends))
        return 2 * sum(ends)

    def error_of_log_e_n(self, axis: Axis) -> float:
        """By what was cut off one amplitude, and the other."""
        ends, lost = self._ends(axis)
        if -math.inf in ends:
            return 0.0
        error = 4 * sum(math.exp(math.log(lost) - end) for end in ends)
        return error if error > 8 * ACCURACY else 0.0

    def _ends(self, axis: Axis) -> tuple[list[float], float]:
        """ln |amplitude| of all up and of all down, and by how much each may be off."""
        frame = in_frame(self.product, axis)
        lost = math.sqrt(2 * self.product.discarded) + ROUNDING
        return [_log_amplitude(frame, bit) for bit in (0, 1)], lost

    def orders(self, axis: Axis) -> Orders:
        """From the correlators as a matrix product themselves, with the error of truncation."""
        cutoff = self.cutoff
        if cutoff is None:
            cutoff = cutoff_of(self.product.bond, self.num_qubits)
        values, error = bound_by_order(self.product, axis, cutoff=cutoff)
        total = float(values.sum())
        if error >= total > 0:
            raise QbellError(
                f"truncation leaves no digit of the bound: it is {total:.2g} +- {error:.2g} at "
                f"most, at a cutoff of {cutoff:g}; give a smaller one"
            )
        return Orders(values, self.method, error)
