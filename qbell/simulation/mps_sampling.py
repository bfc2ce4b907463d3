"""Outcomes drawn from a matrix product, qubit by qubit: any setting, any number of qubits.

With right-canonical tensors the outcomes of qubits 0 .. k do not depend on what is done to the
others later. So each shot carries one vector, on the bond behind the qubits that it has measured;
the next outcome has the probability |w_b|^2, with w_b = sum_s <b|s> v A_k[s] and <b| the direction
measured. Source: A. J. Ferris and G. Vidal, Physical Review B 85, 165146 (2012).
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from qbell.designs.schedule import Schedule
from qbell.util.cluster import Cluster, spread
from qbell.util.random_streams import generator_at
from qbell.util.threads import one_by_one

CHUNK_NUMBERS = 2**14  # complex numbers in the vectors of shots drawn at a time: fits a cache


def draw_from_matrix_product(
    tensors: Sequence[NDArray[np.complex128]],
    schedule: Schedule,
    shots: int,
    seed: int,
    progress: Callable[[int], None] | None = None,
    cluster: Cluster | None = None,
) -> NDArray[np.uint8]:
    """(settings, shots, N) outcome bits of a state in the frame of the axis; column k is qubit k.

    Args:
        tensors: A_k (left bond, 2, right bond), right-canonical, outer bonds 1.
        schedule: the settings.
        shots: of each row of the schedule.
        seed: of the draws.
        progress: called with the number of schedule rows just drawn.
        cluster: whose workers draw; the outcomes are the same.
    """
    num_qubits = len(tensors)
    total = len(schedule) * shots
    bond = max(len(tensor) for tensor in tensors)
    part = max(1, CHUNK_NUMBERS // bond)
    bras = _bras(schedule)
    rows = schedule.directions

    def work(first: int) -> NDArray[np.uint8]:
        directions = rows[np.arange(first, min(first + part, total)) // shots]
        return _walk(tensors, bras, directions, generator_at(seed, first * num_qubits))

    def done(first: int) -> None:
        if progress is not None:
            progress(min(first + part, total) // shots - first // shots)

    parts = spread(work, range(0, total, part), cluster, done, one_by_one)
    return np.concatenate(parts).reshape(len(schedule), shots, num_qubits)


def _bras(schedule: Schedule) -> NDArray[np.complex128]:
    """(directions, 2, 2): <b|s> at [direction, b, s] for each number that a direction may have."""
    numbers = np.arange(int(schedule.directions.max()) + 1, dtype=np.uint8)
    rows = np.repeat(numbers[:, None], schedule.num_qubits, axis=1)
    phi = schedule.rules.azimuths(rows)[:, 0]
    along_z = np.isnan(phi)
    phases = np.exp(-1j * np.where(along_z, 0.0, phi))
    phases = np.where(phi == np.pi / 2, -1j, phases)  # no rounding along Y
    bras = np.ones((len(numbers), 2, 2), dtype=complex)
    bras[:, 0, 1], bras[:, 1, 1] = phases, -phases
    bras *= np.sqrt(0.5)
    bras[along_z] = np.eye(2)
    return bras


def _walk(
    tensors: Sequence[NDArray[np.complex128]],
    bras: NDArray[np.complex128],
    directions: NDArray[np.uint8],
    generator: np.random.Generator,
) -> NDArray[np.uint8]:
    """(shots, N) bits of shots measured along ``directions`` (shots, N)."""
    shots = len(directions)
    every = np.arange(shots)
    vectors = np.ones((shots, 1), dtype=complex)
    bits = np.empty(directions.shape, dtype=np.uint8)
    for qubit, tensor in enumerate(tensors):
        left, _, right = tensor.shape
        both = (vectors @ tensor.reshape(left, 2 * right)).reshape(shots, 2, right)
        bra = bras[directions[:, qubit]][..., None]
        both = bra[:, :, 0] * both[:, :1] + bra[:, :, 1] * both[:, 1:]
        weights = np.sum(both.real**2 + both.imag**2, axis=2)
        chances = generator.random(shots)
        # An outcome of weight zero never happens: chances are below 1.
        ones = chances * (weights[:, 0] + weights[:, 1]) >= weights[:, 0]
        bits[:, qubit] = ones
        picked = ones.astype(np.intp)
        vectors = both[every, picked] / np.sqrt(weights[every, picked])[:, None]
    return bits
