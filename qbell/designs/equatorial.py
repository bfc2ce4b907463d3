"""The equatorial design: all qubits along one angle, N + 1 angles or more (parity oscillation)."""

import numpy as np
from numpy.typing import NDArray

from qbell.designs.base import Complex, Design, Directions, Floats, Observed
from qbell.designs.common_angles import (
    MOST_CONDITION,
    angle_of,
    condition,
    different,
    harmonic_columns,
)
from qbell.designs.star_graph import StarGraph
from qbell.errors import QbellError

MAX_EQUATORIAL_QUBITS = 200  # the index of an angle is stored in 8 bits


class Equatorial(Design):
    """All qubits along cos(a) sigma_1 + sin(a) sigma_2, a = pi j/(N+1), j = 0..N.

    Tables may have any other angles that tell the Fourier components apart: the ``grid``, words
    such as 0.25pi or 0.785rad, of which a setting is the index.
    """

    name = "equatorial"
    looks = "j/(N+1): all qubits along cos(a) sigma_1 + sin(a) sigma_2, a = pi j/(N+1), j = 0..N"
    says = (
        "E of all qubits from N + 1 settings, trusting that all qubits are measured along one "
        "angle; not a two-setting Bell test."
    )
    estimator = "common_angle"
    claim = "witness"
    common_angle = True
    measures_e_n = True
    one_label = True
    bound_name = "QFI bound, below Eq. 24"
    read_out_says = "as read out, the equatorial design's bound is below that of Eq. 24"
    no_bell_reason = "the equatorial design turns all qubits by one angle"
    no_p_value_reason = (
        "the equatorial design turns all qubits by one angle, which is a witness that trusts the "
        "measurements and no Bell test"
    )
    no_signalling_reason = (
        "signalling not tested: all qubits turn together, so there is nothing to compare"
    )

    def __init__(self, grid: tuple[str, ...] = ()) -> None:
        self.grid = grid
        self.angles = np.array([angle_of(word) for word in grid])

    def directions(
        self, num_qubits: int, *, draws: int, order: int, rng: np.random.Generator
    ) -> Directions:
        """See `Design.directions`."""
        if self.grid:
            places = np.arange(len(self.grid), dtype=np.uint8)[:, None]
            return np.repeat(places, num_qubits, axis=1)
        if num_qubits > MAX_EQUATORIAL_QUBITS:
            raise QbellError(
                f"an equatorial design of n = {num_qubits}: this version has up to "
                f"{MAX_EQUATORIAL_QUBITS} qubits in it; use fewer"
            )
        steps = np.arange(num_qubits + 1)[:, None]
        return np.broadcast_to(steps, (num_qubits + 1, num_qubits)).astype(np.uint8)

    def azimuths(self, directions: Directions) -> Floats:
        """See `Design.azimuths`."""
        if self.grid:
            return np.asarray(self.angles[directions])
        angles: Floats = directions * (np.pi / (directions.shape[1] + 1))
        return angles

    def num_directions(self, num_qubits: int) -> int:
        """N + 1 angles, or those of the grid."""
        return len(self.grid) or num_qubits + 1

    def on(self, grid: tuple[str, ...], stars: StarGraph | None = None) -> Design:
        """See `Design.on`."""
        return Equatorial(grid) if grid else self

    def spell(self, directions: Directions) -> NDArray[np.str_]:
        """j/(N+1), in units of pi; or as the grid is written."""
        if self.grid:
            return np.array(self.grid)[directions[:, 0]]
        steps = directions.shape[1] + 1
        words = [f"{index}/{steps}" for index in range(steps)]
        return np.array(words)[directions[:, 0]]

    def parse(self, words: list[str], num_qubits: int) -> Directions:
        """See `Design.parse`."""
        if self.grid:
            places = np.array([self.grid.index(word) for word in words], dtype=np.uint8)
            return np.repeat(places[:, None], num_qubits, axis=1)
        index = np.array([word.split("/")[0] for word in words]).astype(np.uint8)
        return np.repeat(index[:, None], num_qubits, axis=1)

    def recognise(self, observed: Observed) -> str:
        """See `Design.recognise`."""
        return "inferred: its settings are angles of all qubits" if observed.common_angles else ""

    def check_settings(
        self, settings: Directions, order: int | None, name: str
    ) -> tuple[None, tuple[str, ...]]:
        """See `Design.check_settings`."""
        num_qubits = settings.shape[1]
        if self.grid:
            return self._check_grid(settings, name)
        absent = np.setdiff1d(np.arange(num_qubits + 1), settings[:, 0])
        if len(absent):
            raise QbellError(
                f"{name}: {len(settings)} of the {num_qubits + 1} settings of an equatorial design "
                f"have shots, {absent[0]}/{num_qubits + 1} has none; measure the missing ones"
            )
        return None, ()

    def _check_grid(self, settings: Directions, name: str) -> tuple[None, tuple[str, ...]]:
        """N + 1 angles different modulo pi, and not too near to each other."""
        num_qubits = settings.shape[1]
        angles = self.angles[settings[:, 0]]
        found = different(angles)
        if found <= num_qubits:
            raise QbellError(
                f"{name}: {found} common angles that differ modulo pi (half a turn changes no more "
                f"than the sign of a parity), expected {num_qubits + 1} or more for {num_qubits} "
                f"qubits; measure others, such as j/{num_qubits + 1}pi"
            )
        worst = condition(angles, num_qubits)
        if worst > MOST_CONDITION:
            raise QbellError(
                f"{name}: the {len(angles)} common angles do not tell the Fourier components of "
                f"the parity apart: condition number {worst:.3g}, expected {MOST_CONDITION:g} at "
                f"most (1 is the best); spread them over half a turn, such as j/{num_qubits + 1}pi"
            )
        return None, (f"{len(angles)} common angles, condition number {worst:.3g} (1 is the best)",)

    def all_qubit_terms(self, directions: Directions, signs: NDArray[np.int16]) -> Complex:
        """e^(i N a): parity along a is the sum of e^(-i a q) C_q over q = n+ - n-, and the mean of
        e^(i N a) times it, over a = pi j/(N+1), leaves q = N alone. On a grid by least squares."""
        size = directions.shape[1]
        if self.grid:
            present, place = np.unique(directions[:, 0], return_inverse=True)
            inverse = np.linalg.pinv(harmonic_columns(self.angles[present], size))
            half = (size + 1) // 2  # first of the columns sin(N a)
            solved: Complex = len(present) * (inverse[0] + 1j * inverse[half])
            return solved[place]
        angles = np.pi * directions[:, 0] / (size + 1)
        factors: Complex = np.exp(1j * size * angles)
        return factors

    def settings_needed(self, num_qubits: int) -> int:
        """N + 1 angles, at least."""
        return num_qubits + 1
