"""The axis xi of the generator h = 1/2 sum_k sigma_xi^(k), Eq. (5), and the directions of sigma_1,
sigma_2 orthogonal to it, Eq. (19)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qbell.errors import QbellError

Vector = tuple[float, float, float]

_NAMED: dict[str, tuple[Vector, Vector, Vector]] = {
    # sigma_1, sigma_2, xi: right-handed, so that sigma_+ = (sigma_1 + i sigma_2) / 2 raises xi.
    "z": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    "x": ((0.0, 1.0, 0.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)),
    "y": ((0.0, 0.0, 1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
}


@dataclass(frozen=True)
class Axis:
    """Three orthogonal unit vectors of the Bloch sphere: ``sigma_1``, ``sigma_2`` and ``xi``.

    For the named axes they are Pauli directions: z: (X, Y, Z); x: (Y, Z, X); y: (Z, X, Y).
    """

    name: str
    sigma_1: Vector
    sigma_2: Vector
    xi: Vector

    @property
    def is_laboratory(self) -> bool:
        """True if sigma_1, sigma_2, sigma_xi are X, Y, Z, so that no qubit has to be turned."""
        return (self.sigma_1, self.sigma_2, self.xi) == _NAMED["z"]

    def frame(self) -> NDArray[np.complex128]:
        """The 2x2 unitary F with F X F+ = sigma_1, F Y F+ = sigma_2, F Z F+ = sigma_xi.

        Its columns are the eigenvectors of sigma_xi, so F+ takes a qubit to the frame in which
        every formula of qbell reads as for axis z.
        """
        up, down = _eigenvectors(np.array(self.xi))
        # F |0><1| F+ must equal (sigma_1 + i sigma_2) / 2: fix the relative phase of the columns.
        raising = (_sigma(self.sigma_1) + 1j * _sigma(self.sigma_2)) / 2
        phase = up.conj() @ raising @ down
        return np.stack([up, down * np.conj(phase) / abs(phase)], axis=1)


AxisLike = str | ArrayLike | Axis
"""What `parse_axis` understands."""


def parse_axis(axis: AxisLike) -> Axis:
    """The `Axis` of a name (``x``, ``y``, ``z``) or of a vector of three numbers.

    The vector is normalised. For a general vector with polar angles (theta, phi), sigma_1 and
    sigma_2 are X and Y rotated by Rz(phi) Ry(theta); the choice does not change the bound.

    Raises:
        QbellError: another name, or not three finite numbers with a length above zero.

    >>> parse_axis("x").xi
    (1.0, 0.0, 0.0)
    """
    if isinstance(axis, Axis):
        return axis
    if isinstance(axis, str):
        name = axis.lower()
        if name not in _NAMED:
            raise QbellError(f"axis {axis!r} is unknown; give x, y, z or a vector of three numbers")
        return Axis(name, *_NAMED[name])
    try:
        vector = np.asarray(axis, dtype=float)
    except (TypeError, ValueError):
        vector = np.empty(0)
    largest = float(np.abs(vector).max()) if vector.shape == (3,) else 0.0
    if not (np.isfinite(largest) and largest > 0):
        raise QbellError(
            f"axis {axis!r} is not a direction; give x, y, z or a vector of 3 finite numbers, not "
            "all 0"
        )
    if not 1e-100 < largest < 1e100:
        vector = vector / largest  # so that squares neither overflow nor vanish
    length = float(np.linalg.norm(vector))
    # A unit vector stays as it is: an axis that was written to a file is read back the same.
    xi = vector if abs(length - 1) < 1e-15 else vector / length
    for name, directions in _NAMED.items():
        if np.array_equal(xi, directions[2]):
            return Axis(name, *directions)
    theta, phi = np.arctan2(np.hypot(xi[0], xi[1]), xi[2]), np.arctan2(xi[1], xi[0])
    sigma_1 = (np.cos(theta) * np.cos(phi), np.cos(theta) * np.sin(phi), -np.sin(theta))
    sigma_2 = (-np.sin(phi), np.cos(phi), 0.0)
    name = ",".join(repr(float(component)) for component in xi)
    return Axis(name, _vector(sigma_1), _vector(sigma_2), _vector(xi))


def _vector(components: ArrayLike) -> Vector:
    x, y, z = np.asarray(components, dtype=float).tolist()
    return (x, y, z)


def _sigma(direction: ArrayLike) -> NDArray[np.complex128]:
    x, y, z = np.asarray(direction, dtype=float)
    return np.array([[z, x - 1j * y], [x + 1j * y, -z]])


def _eigenvectors(xi: NDArray[np.float64]) -> tuple[NDArray[np.complex128], ...]:
    if xi[2] > 0 and xi[0] == xi[1] == 0:  # keep axis z free of phases: its frame is the identity
        return np.array([1, 0], dtype=complex), np.array([0, 1], dtype=complex)
    _, vectors = np.linalg.eigh(_sigma(xi))
    return vectors[:, 1], vectors[:, 0]
