"""Which direction every qubit is measured along: settings, and the designs that list them."""

import secrets
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from qbell.axes import Axis, AxisLike, parse_axis
from qbell.checks import require_memory, whole_number
from qbell.errors import QbellError
from qbell.labels import SETTING_LETTERS, strings

DESIGNS = ("full", "random")
LATER_DESIGNS = ("random3", "covering", "equatorial", "symmetric")
MAX_FULL_QUBITS = 12
MAX_QUBITS = 1000
MAX_SHOTS = 10**9


@dataclass(frozen=True)
class Schedule:
    """The settings of one experiment, in the order in which they are measured.

    Attributes:
        design: ``full`` (each of the 2^N settings once) or ``random`` (each row an independent
            uniform choice, numbered as a draw).
        axis: the generator's axis and the directions sigma_1, sigma_2.
        directions: array (rows, N) of 0 = sigma_1 (letter X) or 1 = sigma_2 (letter Y);
            column k is qubit k. Read-only.
        seed: what the random rows were drawn from; None for a full design.
    """

    design: str
    axis: Axis
    directions: NDArray[np.uint8]
    seed: int | None = None

    def __post_init__(self) -> None:
        self.directions.setflags(write=False)

    def __len__(self) -> int:
        return len(self.directions)

    @property
    def num_qubits(self) -> int:
        """Number of qubits, N."""
        return int(self.directions.shape[1])

    @property
    def frame(self) -> pd.DataFrame:
        """Tidy table: column ``setting``, and ``draw`` for a random design."""
        table = pd.DataFrame({"setting": strings(self.directions, SETTING_LETTERS)})
        if self.design == "random":
            table["draw"] = np.arange(len(self))
        return table


def schedule(
    num_qubits: int,
    design: str = "full",
    *,
    draws: int | None = None,
    axis: AxisLike = "z",
    seed: int | None = None,
) -> Schedule:
    """List the settings to measure.

    Args:
        num_qubits: N, at least 2.
        design: ``full``: all 2^N settings, from XX..X to YY..Y (N up to 12). ``random``: ``draws``
            settings, each uniform in {X, Y}^N and independent of the others; from them every
            correlator is estimated at once, at any N.
        draws: number of random settings; only with ``random``.
        axis: ``x``, ``y``, ``z`` or a vector; letters X and Y mean this axis's sigma_1, sigma_2.
        seed: of the random settings; drawn afresh and recorded when None.

    Raises:
        QbellError: an unknown design, or numbers that do not fit it.

    >>> schedule(2).frame["setting"].tolist()
    ['XX', 'XY', 'YX', 'YY']
    >>> len(schedule(20, "random", draws=500, seed=1))
    500
    """
    num_qubits = whole_number("n", num_qubits, least=2, most=MAX_QUBITS)
    parsed = parse_axis(axis)
    if design == "full":
        if draws is not None:
            raise QbellError("draws = belongs to the random design; leave it out of a full one")
        if seed is not None:
            raise QbellError("seed = belongs to the random design; a full one has no choice")
        if num_qubits > MAX_FULL_QUBITS:
            raise QbellError(
                f"a full design of n = {num_qubits} has 2^{num_qubits} settings, more than this "
                f"machine should measure (n <= {MAX_FULL_QUBITS}); use design random"
            )
        index = np.arange(2**num_qubits)[:, None]
        bits = index >> np.arange(num_qubits) & 1
        return Schedule("full", parsed, bits.astype(np.uint8))
    if design == "random":
        if draws is None:
            raise QbellError("a random design needs draws =, the number of random settings")
        draws = whole_number("draws", draws, least=2, most=MAX_SHOTS)
        require_memory(4.0 * draws * num_qubits, f"draws = {draws} settings")
        used = secrets.randbits(32) if seed is None else whole_number("seed", seed, least=0)
        generator = np.random.default_rng(used)
        drawn = generator.integers(0, 2, size=(draws, num_qubits), dtype=np.uint8)
        return Schedule("random", parsed, drawn, used)
    raise QbellError(design_problem(design))


def design_problem(design: str) -> str:
    """Why ``design`` cannot be used: the text of an error."""
    if design in LATER_DESIGNS:
        return f"design {design} is not in this version of qbell; use {' or '.join(DESIGNS)}"
    return f"design {design!r} is unknown; use {' or '.join(DESIGNS)}"
