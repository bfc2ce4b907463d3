"""Generators with an axis of its own for each qubit, such as a staggered field."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.axes import Axis, AxisLike, parse_axis
from qbell.errors import QbellError
from qbell.exact.frames import StateLike, checked_array, num_qubits_of
from qbell.exact.matrix_product import MatrixProduct
from qbell.exact.quantities import as_matrix_product, free_chain, is_matrix_product
from qbell.exact.spin_chain import SpinChain, ising_chain
from qbell.exact.thermal import ensemble_of
from qbell.states import Ising

Vectors = NDArray[np.complex128]


def in_local_frames(state: StateLike, axes: Sequence[AxisLike]) -> StateLike:
    """The state with qubit k turned so that its axis xi_k reads z.

    What the functions of `qbell.exact` give for axis z of the result is what the state has for the
    generator h = 1/2 sum_k sigma_xi_k and sigma_1, sigma_2 orthogonal to each xi_k.

    Args:
        state: any that they take.
        axes: ``x``, ``y``, ``z`` or a vector for each qubit, qubit 0 first.

    Returns:
        An Ising chain where all axes are z or -z: its couplings change sign. Else a matrix product
        where the state is one, or an Ising chain; amplitudes, a density matrix or an ensemble.

    Raises:
        QbellError: not a state, or another number of axes than qubits.

    The antiferromagnet in a staggered field is the ferromagnet in a uniform one:

    >>> from qbell import exact
    >>> from qbell.states import Ising
    >>> staggered = [(0, 0, 1), (0, 0, -1)] * 50
    >>> round(exact.qfi(in_local_frames(Ising(100, 3.0), staggered)), 2)
    9694.79
    """
    parsed = [parse_axis(axis) for axis in axes]
    chain = free_chain(state)
    if chain is not None:
        _require(len(parsed), chain.num_qubits)
        if all(axis.xi[0] == axis.xi[1] == 0 for axis in parsed):
            return _flipped(chain, parsed)
        return _turned_product(as_matrix_product(state), parsed)
    if is_matrix_product(state):
        return _turned_product(as_matrix_product(state), parsed)
    mixed = ensemble_of(state)
    if mixed is not None:
        return replace(mixed, vectors=_turned_columns(mixed.vectors.T, parsed).T.copy())
    array = checked_array(state).array
    if array.ndim == 1:
        return np.asarray(_turned_columns(array[:, None], parsed)[:, 0])
    half = _turned_columns(array, parsed)
    return _turned_columns(half.conj().T, parsed).conj().T


def _flipped(state: Ising | SpinChain, axes: list[Axis]) -> Ising | SpinChain:
    """Qubits along -z are flipped: their bonds to qubits along z change sign."""
    signs = np.array([axis.xi[2] for axis in axes])
    changes = signs[1:] * signs[:-1]
    if isinstance(state, SpinChain):
        turned = ising_chain((np.array(state.couplings) * changes).tolist(), state.fields)
        if state.closing is None:
            return turned
        return replace(turned, closing=state.closing * float(signs[-1] * signs[0]))
    if len(set(changes.tolist())) == 1:
        return Ising(state.num_qubits, state.u * float(changes[0]))
    return ising_chain((state.u * changes).tolist(), [1.0] * state.num_qubits)


def _turned_product(state: MatrixProduct, axes: list[Axis]) -> MatrixProduct:
    _require(len(axes), state.num_qubits)
    turned = [
        tensor if axis.is_laboratory else np.einsum("ts,asb->atb", _inverse(axis), tensor)
        for axis, tensor in zip(axes, state.tensors, strict=True)
    ]
    return MatrixProduct(tuple(np.array(tensor) for tensor in turned), state.discarded)


def _turned_columns(columns: Vectors, axes: list[Axis]) -> Vectors:
    """Each column (2^N,) with its qubits turned."""
    size = num_qubits_of(columns)
    _require(len(axes), size)
    shape = columns.shape
    for qubit, axis in enumerate(axes):
        parts = columns.reshape(2 ** (size - 1 - qubit), 2, -1)
        columns = np.einsum("ab,xby->xay", _inverse(axis), parts)
    return columns.reshape(shape)


def _inverse(axis: Axis) -> NDArray[np.complex128]:
    return axis.frame().conj().T


def _require(given: int, num_qubits: int) -> None:
    if given != num_qubits:
        raise QbellError(f"{given} axes for {num_qubits} qubits; give one for each qubit")
