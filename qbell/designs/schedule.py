"""Which direction every qubit is measured along, in which order: schedules of settings."""

import secrets
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qbell.conventions.axes import Axis, AxisLike, parse_axis
from qbell.designs.designs import (
    DESIGNS,
    MAX_EQUATORIAL_QUBITS,
    azimuths,
    design_problem,
    find_design,
    spell,
)
from qbell.errors import QbellError
from qbell.util.checks import MAX_MEASURED_QUBITS, require_memory, whole_number

__all__ = ["DESIGNS", "MAX_SHOTS", "Schedule", "design_problem", "schedule"]

MAX_FULL_QUBITS = 12
MAX_SHOTS = 10**9


@dataclass(frozen=True)
class Schedule:
    """The settings of one experiment, in the order in which they are measured.

    Attributes:
        design: a key of `qbell.designs.designs.DESIGNS`.
        axis: the generator's axis and the directions sigma_1, sigma_2.
        directions: array (rows, N); column k is qubit k. 0 = sigma_1 (letter X), 1 = sigma_2 (Y),
            2 = sigma_xi (Z, only in random3); in the equatorial design the index j of the angle
            pi j/(N+1) common to all qubits. Read-only.
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

    @property
    def num_qubits(self) -> int:
        """Number of qubits, N."""
        return int(self.directions.shape[1])

    @property
    def azimuths(self) -> NDArray[np.float64]:
        """(rows, N) angles from sigma_1 towards sigma_2; NaN along sigma_xi."""
        return azimuths(self.design, self.directions)

    @property
    def frame(self) -> pd.DataFrame:
        """Tidy table: column ``setting``, and ``draw`` where settings are drawn."""
        table = pd.DataFrame({"setting": spell(self.design, self.directions)})
        if DESIGNS[self.design].drawn:
            table["draw"] = np.arange(len(self))
        return table


def schedule(
    num_qubits: int,
    design: str = "full",
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
            ``random3``: the same in {X, Y, Z}^N; from them also F0 of Eq. (12).
            ``covering``: few settings in which every choice of ``order`` qubits sees all patterns
            of X and Y: all correlators of up to that order.
            ``equatorial``: N + 1 settings, all qubits along cos(a) sigma_1 + sin(a) sigma_2,
            a = pi j/(N+1), j = 0..N: E of all qubits (N up to 200).
            ``symmetric``: N + 1 settings, the k lowest qubits along Y, k = 0..N: every
            correlator of a state that does not change when qubits are exchanged.
        draws: number of random settings; only with ``random`` and ``random3``.
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
    check_arguments(design, draws=draws, order=order)
    if kind.drawn:
        return _drawn(num_qubits, design, draws, parsed, seed)
    if seed is not None:
        raise QbellError(
            f"seed = belongs to the designs random and random3; design {design} has no choice, "
            "leave it out"
        )
    if order is not None:
        order = whole_number("order", order, least=1, most=num_qubits)
    return Schedule(design, parsed, _listed(num_qubits, design, order), order=order)


def check_arguments(design: str, *, draws: object = None, order: object = None) -> None:
    """Refuse ``draws`` or ``order`` (None if not given) where missing or out of place."""
    drawn = DESIGNS[design].drawn
    if drawn and draws is None:
        raise QbellError(f"a {design} design needs draws =, the number of random settings")
    if not drawn and draws is not None:
        raise QbellError(
            f"draws = belongs to the designs random and random3; leave it out of a {design} one"
        )
    if design == "covering" and order is None:
        raise QbellError(
            "a covering design needs order =, the largest number of qubits in a correlator"
        )
    if design != "covering" and order is not None:
        raise QbellError(f"order = belongs to the covering design; leave it out of a {design} one")


def _drawn(
    num_qubits: int, design: str, draws: int | None, axis: Axis, seed: int | None
) -> Schedule:
    draws = whole_number("draws", draws, least=2, most=MAX_SHOTS)
    require_memory(4.0 * draws * num_qubits, f"draws = {draws} settings")
    used = secrets.randbits(32) if seed is None else whole_number("seed", seed, least=0)
    letters = 3 if design == "random3" else 2
    generator = np.random.default_rng(used)
    drawn = generator.integers(0, letters, size=(draws, num_qubits), dtype=np.uint8)
    return Schedule(design, axis, drawn, used)


def _listed(num_qubits: int, design: str, order: int | None) -> NDArray[np.uint8]:
    """(rows, N) directions of the designs without a choice."""
    if design == "full":
        if num_qubits > MAX_FULL_QUBITS:
            raise QbellError(
                f"a full design of n = {num_qubits} has 2^{num_qubits} settings, more than this "
                f"machine should measure (n <= {MAX_FULL_QUBITS}); use design random"
            )
        index = np.arange(2**num_qubits)[:, None]
        bits: NDArray[np.uint8] = (index >> np.arange(num_qubits) & 1).astype(np.uint8)
        return bits
    if design == "covering":
        from qbell.covering import covering_array

        assert order is not None
        return covering_array(num_qubits, order)
    steps = np.arange(num_qubits + 1)[:, None]
    if design == "symmetric":
        return (np.arange(num_qubits) < steps).astype(np.uint8)
    if num_qubits > MAX_EQUATORIAL_QUBITS:
        raise QbellError(
            f"an equatorial design of n = {num_qubits}: this version has up to "
            f"{MAX_EQUATORIAL_QUBITS} qubits in it; use fewer"
        )
    return np.broadcast_to(steps, (num_qubits + 1, num_qubits)).astype(np.uint8)
