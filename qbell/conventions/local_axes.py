"""Two directions on each qubit, as vectors m = e_1 + i e_2: sigma_+ = m . sigma / 2."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]
Pair = Callable[[Complex], tuple[Complex, float]]  # the best m of one qubit, and |m . t|


def best_plane(t: Complex) -> tuple[Complex, float]:
    """The m (3,) of one qubit for which m . t is largest, a real number, and that number.

    Largest for the plane and the order in which the real 3 x 2 matrix (Re t, Im t) is largest:
    s_1 + s_2, the sum of its singular values.

    Args:
        t: (3,) t_a = <sigma_a times what the other qubits have>.

    >>> m, value = best_plane(np.array([1, -1j, 0]))
    >>> m.round(9).tolist(), value
    ([(1+0j), 1j, 0j], 2.0)
    """
    u, s, v = np.linalg.svd(np.stack([t.real, t.imag], axis=1), full_matrices=False)
    frame = u @ v  # (3, 2): e_1 along the first column and e_2 along the second
    # m . t = (e_1 . Re t - e_2 . Im t) + i (...): the sign of e_2 makes it s_1 + s_2.
    m: Complex = frame[:, 0] - 1j * frame[:, 1]
    return m, float(s.sum())


def best_pair(t: Complex) -> tuple[Complex, float]:
    """The m = e_1 + i e_2 of two unit vectors at any angle for which |m . t| is largest, and that.

    It is the maximum of e_1 . Re(z t) - e_2 . Im(z t) over phases z: at most |Re(z t)| + |Im(z t)|,
    whose squares add up to |t|^2. Largest where both are equal: sqrt(2) |t|, at least s_1 + s_2.

    Args:
        t: as in `best_plane`.

    >>> round(best_pair(np.array([1, 0, 0]))[1], 9)  # both along it: sqrt(2), and not 1
    1.414213562
    """
    turned = np.exp(0.5j * (np.pi / 2 - np.angle(t @ t))) * t
    lengths = np.linalg.norm(turned.real), np.linalg.norm(turned.imag)
    if not all(lengths):  # nothing to gain from any direction
        return np.array([1, 1j, 0]), 0.0
    m: Complex = turned.real / lengths[0] - 1j * turned.imag / lengths[1]
    return m, float(abs(m @ t))


def first_planes(start: int, size: int, generator: np.random.Generator) -> Complex:
    """(N, 3) where to begin: the three planes of the laboratory, then planes at random."""
    if start < 3:
        one = np.zeros(3, dtype=complex)
        one[start], one[(start + 1) % 3] = 1, 1j
        return np.tile(one, (size, 1))
    frames = np.linalg.qr(generator.normal(size=(size, 3, 2)))[0]
    return np.asarray(frames[:, :, 0] + 1j * frames[:, :, 1])


def climbed(
    sweep: Callable[[Complex], float], size: int, *, starts: int, most_sweeps: int, settled: float
) -> tuple[float, Complex]:
    """The best value of all starts and its planes (N, 3), each climbed sweep by sweep.

    Args:
        sweep: makes every qubit's plane the best once, in place; returns the value.
        size: N.
        starts: how many, see `first_planes`; the same in every run.
        most_sweeps: of a start.
        settled: relative gain of a sweep at which it ends.
    """
    generator = np.random.default_rng(0)
    best, chosen = -1.0, None
    for start in range(starts):
        planes = first_planes(start, size, generator)
        value = 0.0
        for _ in range(most_sweeps):
            before = value
            value = sweep(planes)
            if value - before <= settled * value:
                break
        if value > best * (1 + 1e-9):
            best, chosen = value, planes
    assert chosen is not None
    return best, chosen
