"""Which direction every qubit is measured along, in which order: schedules of settings."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.axes import Axis, AxisLike, parse_axis
from qbell.designs import DEFAULT, Design, find_design
from qbell.designs.common_angles import MOST_ANGLES, angle_of, is_angle
from qbell.designs.star_graph import StarGraph
from qbell.errors import QbellError
from qbell.util.checks import MAX_MEASURED_QUBITS, finite_number, require_memory, whole_number
from qbell.util.notebook import Row, Shown

if TYPE_CHECKING:
    import pandas as pd

MAX_SHOTS = 10**9


@dataclass(frozen=True)
class Schedule(Shown):
    """The settings of one experiment, in the order in which they are measured.

    Attributes:
        design: a key of `qbell.designs.DESIGNS`.
        axis: the generator's axis and the directions sigma_1, sigma_2.
        directions: array (rows, N); column k is qubit k. 0 = sigma_1 (letter X), 1 = sigma_2 (Y),
            2 = sigma_xi (Z, in random3 and pauli); in the equatorial design the index j of the
            angle pi j/(N+1) common to all qubits. Read-only.
        seed: what the random rows were drawn from; None for designs that draw nothing.
        order: K of a covering design; None for the others.
        grid: angles of the equatorial design other than pi j/(N+1), of which ``directions`` then
            are the index; words such as 0.25pi or 0.785rad.
        share: probability of a draw along sigma_xi, in the ghz design; None for the others.
        stars: of the graph state, in the stars design; None for the others.

    >>> import qbell
    >>> qbell.schedule(2).frame["setting"].tolist()
    ['XX', 'XY', 'YX', 'YY']
    """

    design: str
    axis: Axis
    directions: NDArray[np.uint8]
    seed: int | None = None
    order: int | None = None
    grid: tuple[str, ...] = ()
    share: float | None = None
    stars: StarGraph | None = None

    def __post_init__(self) -> None:
        self.directions.setflags(write=False)

    def __len__(self) -> int:
        return len(self.directions)

    def shown(self) -> tuple[str, list[Row]]:
        """See `Shown`."""
        first = [str(word) for word in self.rules.spell(self.directions[:4])]
        more = ", ..." if len(self) > len(first) else ""
        rows = [("design", self.design), ("axis", str(self.axis.name))]
        rows += [] if self.order is None else [("order", str(self.order))]
        rows += [] if self.seed is None else [("seed", str(self.seed))]
        unit = "draws" if self.rules.drawn else "settings"
        rows.append((f"{len(self)} {unit}", ", ".join(first) + more))
        return f"Schedule of {self.num_qubits} qubits", rows

    @property
    def num_qubits(self) -> int:
        """Number of qubits, N."""
        return int(self.directions.shape[1])

    @property
    def rules(self) -> Design:
        """What its design answers."""
        return find_design(self.design).on(self.grid, self.stars)

    @property
    def azimuths(self) -> NDArray[np.float64]:
        """(rows, N) angles from sigma_1 towards sigma_2; NaN along sigma_xi."""
        return self.rules.azimuths(self.directions)

    @property
    def frame(self) -> pd.DataFrame:
        """Tidy table: column ``setting``, and ``draw`` where settings are drawn."""
        import pandas as pd

        table = pd.DataFrame({"setting": self.rules.spell(self.directions)})
        if self.rules.drawn:
            table["draw"] = np.arange(len(self))
        return table


def schedule(
    num_qubits: int,
    design: str = DEFAULT,
    *,
    draws: int | None = None,
    order: int | None = None,
    axis: AxisLike = "z",
    seed: int | None = None,
    angles: Sequence[float | str] | None = None,
    share: float | None = None,
    stars: StarGraph | None = None,
) -> Schedule:
    """List the settings to measure.

    Args:
        num_qubits: N, at least 2.
        design: ``full``: all 2^N settings, from XX..X to YY..Y (N up to 12).
            ``random``: ``draws`` settings, each uniform in {X, Y}^N and independent of the others;
            from them every correlator is estimated at once, at any N.
            ``even``: the same among settings with an even number of Y; from them the real part of
            the correlator of all qubits, at any N.
            ``mermin``: all of those (N up to 13).
            ``ghz``: settings with an even number of Y, and now and then Z on all qubits: coherence
            and population of a GHZ state, its fidelity and a bound on the QFI, at any N.
            ``random3``: as ``random`` in {X, Y, Z}^N; from them also F0 of Eq. (12).
            ``pauli``: all 3^N words of X, Y and Z (N up to 7): the same.
            ``covering``: few settings in which every choice of ``order`` qubits sees all patterns
            of X and Y: all correlators of up to that order.
            ``equatorial``: N + 1 settings, all qubits along cos(a) sigma_1 + sin(a) sigma_2,
            a = pi j/(N+1), j = 0..N: E of all qubits (N up to 200).
            ``symmetric``: N + 1 settings, the k lowest qubits along Y, k = 0..N: every
            correlator of a state that does not change when qubits are exchanged.
            ``stars``: products of stabilisers of the stars of a graph state: a Bell test of all
            qubits together.
        draws: number of random settings; only with designs that draw settings.
        order: 1 to N; only with ``covering``.
        axis: ``x``, ``y``, ``z`` or a vector; letters X and Y mean this axis's sigma_1, sigma_2.
        seed: of the random settings; drawn afresh and recorded when None.
        angles: of the design ``equatorial``, other than pi j/(N+1): numbers in radians, or words
            such as 0.25pi; N + 1 or more that differ modulo pi.
        share: probability of a draw with Z on all qubits, above 0 and below 1; only with ``ghz``,
            where it is 0.25 if None.
        stars: which qubits are centres, leaves and separators; only with ``stars``, where it is
            that of the state's preparation.

    Returns:
        The settings, a row each, in the order of measurement.

    Raises:
        QbellError: an unknown design, or numbers that do not fit it.

    >>> schedule(2).frame["setting"].tolist()
    ['XX', 'XY', 'YX', 'YY']
    >>> schedule(3, "symmetric").frame["setting"].tolist()
    ['XXX', 'XXY', 'XYY', 'YYY']
    >>> schedule(2, "equatorial").frame["setting"].tolist()
    ['0/3', '1/3', '2/3']
    >>> schedule(2, "equatorial", angles=["0pi", "1/4pi", 1.2]).frame["setting"].tolist()
    ['0pi', '1/4pi', '1.2rad']
    >>> len(schedule(20, "random", draws=500, seed=1))
    500
    """
    num_qubits = whole_number("n", num_qubits, least=2, most=MAX_MEASURED_QUBITS)
    parsed = parse_axis(axis)
    kind = find_design(design)
    kind.check_arguments(draws=draws, order=order, share=share)
    grid = () if angles is None else _grid(kind, angles, num_qubits)
    kind.check_stars(stars, num_qubits)
    kind = kind.on(grid, stars)
    if kind.drawn:
        draws = whole_number("draws", draws, least=2, most=MAX_SHOTS)
        require_memory(4.0 * draws * num_qubits, f"draws = {draws} settings")
        seed = secrets.randbits(32) if seed is None else whole_number("seed", seed, least=0)
    elif seed is not None:
        raise QbellError(
            f"seed = belongs to designs that draw their settings; design {design} has no choice, "
            "leave it out"
        )
    if order is not None:
        order = whole_number("order", order, least=1, most=num_qubits)
    rng = np.random.default_rng(seed)
    directions = kind.directions(num_qubits, draws=draws or 0, order=order or 0, rng=rng)
    if kind.default_share is not None:
        share = checked_share(kind.default_share if share is None else share)
        directions = kind.interleaved(directions, share, rng)
    return Schedule(
        design, parsed, directions, seed=seed, order=order, grid=grid, share=share, stars=stars
    )


def checked_share(share: object, where: str = "share") -> float:
    """The share of draws along sigma_xi, as a probability above 0 and below 1."""
    value = finite_number(where, share)
    if not 0 < value < 1:
        raise QbellError(f"{where} = {value:g}; give a number above 0 and below 1")
    return value


def _grid(kind: Design, angles: Sequence[float | str], num_qubits: int) -> tuple[str, ...]:
    """Common angles as words in the order of their size, checked."""
    if not kind.common_angle:
        raise QbellError(
            f"angles = belongs to the equatorial design; leave it out of a {kind.name} one"
        )
    words = dict.fromkeys(
        angle if isinstance(angle, str) else f"{finite_number('an angle', angle)!r}rad"
        for angle in angles
    )
    for word in words:
        if not is_angle(word):
            raise QbellError(
                f"angle {word!r}: expected a number in radians, or a word such as 0.25pi, 1/4pi or "
                "0.785rad"
            )
    if not 1 <= len(words) <= MOST_ANGLES:
        raise QbellError(
            f"{len(words)} different angles; expected {num_qubits + 1} to {MOST_ANGLES} of them"
        )
    grid = tuple(sorted(words, key=angle_of))
    settings = np.arange(len(grid), dtype=np.uint8)[:, None].repeat(num_qubits, axis=1)
    kind.on(grid).check_settings(settings, None, "these angles")
    return grid
