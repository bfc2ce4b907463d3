"""Counts of a phase scan: a preparation turned by angles about xi, read out with two outcomes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from qbell.conventions.axes import Axis
from qbell.designs.common_angles import angle_of, is_angle
from qbell.errors import QbellError
from qbell.util.atomic_files import write_atomically
from qbell.util.checks import finite_number

if TYPE_CHECKING:
    import pandas as pd

READ_OUTS = ("parity", "echo")
SAME = 1e-9  # radians: angles nearer than this are one
MOST_ANGLES = 1000


@dataclass(frozen=True)
class PhaseScan:
    """How often the read-out succeeded at each angle.

    Attributes:
        angles: in radians, all that were measured, fixed before the first shot.
        successes: at each of them: an even number of outcomes 1 (parity), or none (echo).
        shots: taken at each of them.
        read_out: ``parity`` of all qubits along sigma_1, or ``echo``: P(0...0) after undoing.
        num_qubits: N.
        axis: xi, about which the preparation is turned.
        pair: places of the two angles that were named before the first shot as those of the limit;
            None leaves it open, and the limit then allows for a choice among all pairs.
        backend, seed: how the shots were taken.

    Raises:
        QbellError: fewer than two angles, or two that are the same turn; successes that are more
            than the shots; a pair that is none.

    >>> from qbell.conventions.axes import parse_axis
    >>> PhaseScan((0.0, 0.5), (90, 40), (100, 100), "echo", 4, parse_axis("z")).shares
    (0.9, 0.4)
    """

    angles: tuple[float, ...]
    successes: tuple[int, ...]
    shots: tuple[int, ...]
    read_out: str
    num_qubits: int
    axis: Axis
    pair: tuple[int, int] | None = None
    backend: str | None = None
    seed: int | None = None

    def __post_init__(self) -> None:
        check_read_out(self.read_out)
        if len(self.angles) < 2:
            raise QbellError(f"{len(self.angles)} angles; expected 2 or more")
        check_different(self.angles)
        if not len(self.angles) == len(self.successes) == len(self.shots):
            raise QbellError(
                f"{len(self.angles)} angles, {len(self.successes)} numbers of successes and "
                f"{len(self.shots)} of shots; give one of each an angle"
            )
        for angle, found, total in zip(self.angles, self.successes, self.shots, strict=True):
            if total < 1 or not 0 <= found <= total:
                raise QbellError(
                    f"{found} successes in {total} shots at the angle {angle:.6g}; expected 1 shot "
                    "or more, and 0 to so many successes"
                )
        if self.pair is not None:
            first, second = self.pair
            if first == second or not all(0 <= place < len(self.angles) for place in self.pair):
                raise QbellError(
                    f"pair = {self.pair}; expected the places of two of the {len(self.angles)} "
                    "angles, from 0"
                )

    @property
    def shares(self) -> tuple[float, ...]:
        """Share of successes at each angle.

        Returns:
            As many numbers from 0 to 1 as there are angles.

        >>> from qbell.conventions.axes import parse_axis
        >>> PhaseScan((0.0, 1.0), (1, 2), (4, 4), "parity", 2, parse_axis("z")).shares
        (0.25, 0.5)
        """
        return tuple(k / n for k, n in zip(self.successes, self.shots, strict=True))

    @property
    def frame(self) -> pd.DataFrame:
        """Tidy table.

        Returns:
            One row an angle: ``angle`` (radians), ``successes``, ``shots``.

        >>> from qbell.conventions.axes import parse_axis
        >>> list(PhaseScan((0.0, 1.0), (1, 2), (4, 4), "parity", 2, parse_axis("z")).frame)
        ['angle', 'successes', 'shots']
        """
        import pandas as pd

        return pd.DataFrame(
            {"angle": self.angles, "successes": self.successes, "shots": self.shots}
        )

    def to_csv(self, path: str | Path) -> None:
        """Write `frame` as CSV; the file appears complete or not at all.

        Args:
            path: of the file.

        Raises:
            QbellError: the file cannot be written.

        >>> import tempfile
        >>> from qbell.conventions.axes import parse_axis
        >>> scan = PhaseScan((0.0, 1.0), (1, 2), (4, 4), "parity", 2, parse_axis("z"))
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     scan.to_csv(f"{folder}/scan.csv")
        """
        write_atomically(Path(path), lambda temporary: self.frame.to_csv(temporary, index=False))


def check_read_out(read_out: object) -> str:
    """The name of a read-out, or a `QbellError`."""
    if read_out not in READ_OUTS:
        raise QbellError(f"read_out = {read_out!r} is unknown; use {' or '.join(READ_OUTS)}")
    return str(read_out)


def angles_of(angles: object, where: str = "angles") -> tuple[float, ...]:
    """Angles in radians, from numbers in radians or words such as 0.25pi.

    Raises:
        QbellError: no list, fewer than two, no angle, or two that are one turn.
    """
    if isinstance(angles, str | bytes) or not isinstance(angles, Sequence):
        raise QbellError(f"{where} = {angles!r}; give a list of angles, such as ['0pi', '0.1pi']")
    if not 2 <= len(angles) <= MOST_ANGLES:
        raise QbellError(f"{where}: {len(angles)} angles; give 2 to {MOST_ANGLES}")
    found = tuple(angle_in_radians(angle, where) for angle in angles)
    check_different(found, where)
    return found


def angle_in_radians(angle: object, where: str) -> float:
    """One angle, from a number in radians or a word such as 0.25pi."""
    if not isinstance(angle, str):
        return finite_number(where, angle, most=1e6)
    if not is_angle(angle):
        raise QbellError(
            f"{where}: {angle!r} is no angle; give a number in radians, or a word such as 0.25pi"
        )
    return angle_of(angle)


def check_different(angles: Sequence[float], where: str = "angles") -> None:
    """Refuse two angles that are the same turn: they say nothing of the QFI."""
    turned = sorted((angle % math.tau, angle) for angle in angles)
    closed = [*turned, (turned[0][0] + math.tau, turned[0][1])]
    for (one, first), (other, second) in pairwise(closed):
        if other - one < SAME:
            raise QbellError(
                f"{where}: {first:.6g} and {second:.6g} are the same turn (angles count modulo "
                "2 pi); give each once"
            )
