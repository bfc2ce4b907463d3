"""Which direction every qubit is measured along, in which order: schedules of settings."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.axes import Axis, AxisLike, parse_axis
from qbell.designs import DEFAULT, Design, find_design
from qbell.errors import QbellError
from qbell.util.checks import MAX_MEASURED_QUBITS, require_memory, whole_number
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

    >>> import qbell
    >>> qbell.schedule(2).frame["setting"].tolist()
    ['XX', 'XY', 'YX', 'YY']
    """

    design: str
    axis: Axis
    directions: NDArray[np.uint8]
    seed: int | None = None
    order: int | None = None

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
        return find_design(self.design)

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
            ``random3``: as ``random`` in {X, Y, Z}^N; from them also F0 of Eq. (12).
            ``pauli``: all 3^N words of X, Y and Z (N up to 7): the same.
            ``covering``: few settings in which every choice of ``order`` qubits sees all patterns
            of X and Y: all correlators of up to that order.
            ``equatorial``: N + 1 settings, all qubits along cos(a) sigma_1 + sin(a) sigma_2,
            a = pi j/(N+1), j = 0..N: E of all qubits (N up to 200).
            ``symmetric``: N + 1 settings, the k lowest qubits along Y, k = 0..N: every
            correlator of a state that does not change when qubits are exchanged.
        draws: number of random settings; only with designs that draw settings.
        order: 1 to N; only with ``covering``.
        axis: ``x``, ``y``, ``z`` or a vector; letters X and Y mean this axis's sigma_1, sigma_2.
        seed: of the random settings; drawn afresh and recorded when None.

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
    >>> len(schedule(20, "random", draws=500, seed=1))
    500
    """
    num_qubits = whole_number("n", num_qubits, least=2, most=MAX_MEASURED_QUBITS)
    parsed = parse_axis(axis)
    kind = find_design(design)
    kind.check_arguments(draws=draws, order=order)
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
    directions = kind.directions(
        num_qubits, draws=draws or 0, order=order or 0, rng=np.random.default_rng(seed)
    )
    return Schedule(design, parsed, directions, seed=seed, order=order)
