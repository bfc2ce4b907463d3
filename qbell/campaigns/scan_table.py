"""The table [scan] of a spec: angles, read-out and the pair of the limit, named before any shot."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from qbell.campaigns.spec_tables import LEARN
from qbell.conventions.axes import parse_axis
from qbell.designs.schedule import MAX_SHOTS
from qbell.errors import QbellError
from qbell.estimator.phase_scan.scan_qfi import HELD_OUT
from qbell.shots.phase_scan import angle_in_radians, angles_of, check_read_out
from qbell.util.checks import finite_number, whole_number

SCAN = "scan"  # name of the table
BESIDE = ("state", "backend", "estimate", "hardware", "seed", SCAN)  # what a file may hold with it
OF_ESTIMATE = ("confidence",)


@dataclass(frozen=True)
class ScanTable:
    """How a phase is scanned.

    Attributes:
        read_out: ``echo`` or ``parity``.
        angles: as written: radians, or words such as 0.25pi.
        shots: at each angle.
        axis: about which the preparation is turned.
        pair: the two angles of the limit, as written; ``learn``; or None for the best of all.
        held_out: share of the shots that ``learn`` learns from.
    """

    read_out: str
    angles: tuple[float | str, ...]
    shots: int
    axis: Any
    pair: Any
    held_out: float

    @property
    def learns(self) -> bool:
        """True if held-out shots choose the pair."""
        return isinstance(self.pair, str)

    @property
    def turns(self) -> tuple[float, ...]:
        """The angles in radians."""
        return angles_of(self.angles)

    @property
    def places(self) -> tuple[int, int] | None:
        """Where the two angles of the pair stand among all; None where none is named."""
        if self.learns or self.pair is None:
            return None
        first, second = (_nearest(angle, self.turns) for angle in angles_of(self.pair))
        return first, second

    @property
    def record(self) -> dict[str, Any]:
        """All of it, as plain data: what is registered before the first shot."""
        return {
            "read_out": self.read_out,
            "angles": list(self.turns),
            "shots": self.shots,
            "axis": self.axis,
            "pair": self.pair,
            "held_out": self.held_out if self.learns else None,
        }


def checked_scan(table: Mapping[str, Any]) -> ScanTable:
    """The table [scan], every value checked.

    Raises:
        QbellError: names the key, what stands there and what should.
    """
    read_out = check_read_out(table.get("read_out", "echo"))
    if "angles" not in table:
        raise QbellError("[scan] needs angles =, two or more, such as ['0.05pi', '0.12pi']")
    turns = angles_of(table["angles"], "[scan] angles")
    pair, axis = table.get("pair"), table.get("axis", "z")
    parse_axis(axis)
    if pair is not None and pair != LEARN:
        _check_pair(pair, turns)
    if "held_out" in table and pair != LEARN:
        raise QbellError(
            "[scan] held_out = is the share of the shots to learn from, but nothing is learnt; "
            "leave it out, or say pair = 'learn'"
        )
    held_out = finite_number("[scan] held_out", table.get("held_out", HELD_OUT))
    if not 0 < held_out < 1:
        raise QbellError(f"[scan] held_out = {held_out}; give a number between 0 and 1")
    return ScanTable(
        read_out=read_out,
        angles=tuple(table["angles"]),
        shots=whole_number("[scan] shots", table.get("shots", 1000), least=2, most=MAX_SHOTS),
        axis=axis,
        pair=tuple(pair) if isinstance(pair, list) else pair,
        held_out=held_out,
    )


def differs(known: object, wanted: Mapping[str, Any]) -> str:
    """What is not as it was registered, in words; both as `Spec.sampling` has it, read as JSON."""
    if not isinstance(known, Mapping):
        return "settings"
    tables = {key: (known.get(key), wanted[key]) for key in wanted if known.get(key) != wanted[key]}
    before, now = tables.pop(SCAN, (None, None))
    names = list(tables)
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        names += [key for key in now if before.get(key) != now[key]]
    return ", ".join(names) or "settings"


def _nearest(angle: float, turns: tuple[float, ...]) -> int:
    return min(range(len(turns)), key=lambda place: abs(turns[place] - angle))


def _check_pair(pair: object, turns: tuple[float, ...]) -> None:
    """Refuse a pair that is not two of the angles."""
    if not isinstance(pair, list) or len(pair) != 2:
        raise QbellError(f"[scan] pair = {pair!r}; give two of the angles, or 'learn'")
    values = [angle_in_radians(angle, "[scan] pair") for angle in pair]
    if values[0] == values[1] or not all(min(abs(t - v) for t in turns) < 1e-9 for v in values):
        raise QbellError(f"[scan] pair = {pair!r}; give two different ones of the angles")
