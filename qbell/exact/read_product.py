"""Matrix products that another tool holds: quimb's, TeNPy's, or a list of tensors."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.errors import QbellError
from qbell.exact.frames import TOLERANCE
from qbell.exact.matrix_product import MatrixProduct, right_canonical
from qbell.util.checks import finite_number

Tensor = NDArray[Any]

UP_AND_DOWN = (("up", "down"), ("0", "1"))  # what tools call |0> and |1>


def is_product_of_others(state: Any) -> bool:
    """Whether it is quimb's or TeNPy's matrix product state."""
    return _is_quimb(state) or _is_tenpy(state)


def matrix_product(state: Any, *, cutoff: float = 0.0) -> MatrixProduct:
    """A matrix product of your own, for every function of `qbell.exact`.

    Args:
        state: quimb's or TeNPy's matrix product state with open ends, or a list of tensors (left
            bond, 2, right bond) with outer bonds 1, site k being qubit k. Of norm 1.
        cutoff: norm that one cut may take from the state; 0 keeps all of it.

    Returns:
        The state in canonical form, with the weight ``discarded`` by the cuts.

    Raises:
        QbellError: tensors that do not fit, sites that are no qubits, closed ends, another norm, or
            a cutoff that is not from 0 to 1.

    >>> plus = np.full((1, 2, 1), np.sqrt(0.5))
    >>> from qbell import exact
    >>> round(exact.qfi(matrix_product([plus] * 50)), 9)
    50.0
    """
    if not 0 <= finite_number("cutoff", cutoff) < 1:
        raise QbellError(f"cutoff = {cutoff}; give a number from 0 to below 1, e.g. 1e-8")
    if isinstance(state, MatrixProduct):
        tensors = list(state.tensors)
    elif _is_quimb(state):
        tensors = _of_quimb(state)
    elif _is_tenpy(state):
        tensors = _of_tenpy(state)
    else:
        tensors = _of_list(state)
    if all(not tensor.imag.any() for tensor in tensors):
        tensors = [np.ascontiguousarray(tensor.real) for tensor in tensors]
    log_norm = _log_norm(tensors)
    if not abs(2 * log_norm) < TOLERANCE:
        raise QbellError(
            f"the matrix product has norm^2 {math.exp(min(2 * log_norm, 700)):.9g}; normalise it "
            "to 1"
        )
    earlier = state.discarded if isinstance(state, MatrixProduct) else 0.0
    found = right_canonical(tensors, earlier)
    return found if cutoff == 0 else compressed(found, cutoff)


def compressed(state: MatrixProduct, cutoff: float) -> MatrixProduct:
    """The state less what a norm of ``cutoff`` at each cut may take, smallest weights first."""
    carry: Tensor = np.ones((1, 1))
    done = []
    lost = 0.0
    for tensor in state.tensors[:-1]:
        joined = np.tensordot(carry, tensor, (1, 0))
        left, _, right = joined.shape
        columns, weights, rows = np.linalg.svd(joined.reshape(2 * left, right), full_matrices=False)
        tails = np.cumsum(weights[::-1] ** 2)[::-1]
        kept = max(1, int(np.count_nonzero(tails > cutoff**2)))
        lost += float(tails[kept]) if kept < len(tails) else 0.0
        done.append(columns[:, :kept].reshape(left, 2, kept))
        carry = weights[:kept, None] * rows[:kept]
    done.append(np.tensordot(carry, state.tensors[-1], (1, 0)))
    # Distances add up, and so does the weight that the norm of 1 makes up for.
    distance = math.sqrt(state.discarded) + math.sqrt(lost)
    return right_canonical(done, distance**2)


def _of_list(state: Any) -> list[Tensor]:
    if isinstance(state, str) or not isinstance(state, Sequence) or not state:
        raise QbellError(
            f"expected a matrix product of quimb or TeNPy, or a list of tensors (left, 2, right), "
            f"got a {type(state).__name__}"
        )
    tensors = [np.asarray(tensor) for tensor in state]
    bond = 1
    for k, tensor in enumerate(tensors):
        wanted = f"({bond}, 2, {1 if k == len(tensors) - 1 else 'right bond'})"
        last = tensor.shape[2:] == (1,) or k < len(tensors) - 1
        if tensor.ndim != 3 or tensor.shape[:2] != (bond, 2) or not last:
            raise QbellError(f"tensor {k} has shape {tensor.shape}; expected {wanted}")
        if tensor.dtype.kind not in "biufc" or not np.isfinite(tensor).all():
            raise QbellError(f"tensor {k} holds what is no finite number; give finite ones")
        bond = tensor.shape[2]
    return tensors


def _is_quimb(state: Any) -> bool:
    return hasattr(state, "permute_arrays") and hasattr(state, "site_ind_id")


def _of_quimb(state: Any) -> list[Tensor]:
    if state.cyclic:
        raise QbellError("the matrix product is closed to a ring; give one with open ends")
    copied = state.copy()
    copied.permute_arrays("lpr")
    arrays = [np.asarray(array) for array in copied.arrays]
    scale = 10.0 ** float(getattr(copied, "exponent", 0.0) or 0.0)
    arrays[0] = scale * arrays[0]
    if len(arrays) == 1:
        return _of_list([arrays[0].reshape(1, -1, 1)])
    return _of_list([arrays[0][None], *arrays[1:-1], arrays[-1][..., None]])


def _is_tenpy(state: Any) -> bool:
    return hasattr(state, "get_B") and hasattr(state, "sites") and hasattr(state, "bc")


def _of_tenpy(state: Any) -> list[Tensor]:
    """Sites that keep a charge may hold down before up: their labels tell."""
    if state.bc != "finite":
        raise QbellError(f"the matrix product has {state.bc} ends; give a finite one")
    tensors = []
    for k, site in enumerate(state.sites):
        array = state.get_B(k, form="B").transpose(["vL", "p", "vR"]).to_ndarray()
        tensors.append(np.asarray(array)[:, _order_of(k, site.state_labels)])
    tensors[0] = float(state.norm) * tensors[0]
    return _of_list(tensors)


def _order_of(position: int, labels: dict[str, int]) -> list[int]:
    for pair in UP_AND_DOWN:
        if len(set(labels.values())) == 2 and all(name in labels for name in pair):
            return [labels[name] for name in pair]
    raise QbellError(
        f"site {position} has the states {', '.join(map(str, labels))}; expected a qubit, with "
        "states up and down, or 0 and 1"
    )


def _log_norm(tensors: Sequence[Tensor]) -> float:
    """ln of the norm, which itself may overflow; -inf of nothing."""
    middle: Tensor = np.ones((1, 1))
    log = 0.0
    for tensor in tensors:
        half = np.tensordot(middle, tensor.conj(), (1, 0))
        middle = np.tensordot(tensor, half, ((0, 1), (0, 1)))
        scale = float(np.abs(middle).max())
        if scale == 0:
            return -math.inf
        middle = middle / scale
        log += math.log(scale)
    return (log + math.log(abs(middle[0, 0]))) / 2
