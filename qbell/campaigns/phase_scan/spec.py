"""The spec of a phase scan: state, backend and seed as in other campaigns, and a table [scan]."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qbell.campaigns.spec import Spec, check_keys, parse_spec, read_toml
from qbell.campaigns.spec_tables import LEARN
from qbell.conventions.axes import parse_axis
from qbell.designs.schedule import MAX_SHOTS
from qbell.devices.backends import is_local
from qbell.errors import QbellError
from qbell.estimator.phase_scan.scan_qfi import HELD_OUT
from qbell.shots.phase_scan import angle_in_radians, angles_of, check_read_out
from qbell.util.checks import finite_number, whole_number

SCAN = "scan"  # name of the table
KEYS = ("read_out", "angles", "shots", "axis", "pair", "held_out")
BESIDE = ("state", "backend", "estimate", "seed")
OF_ESTIMATE = ("confidence",)


@dataclass(frozen=True)
class ScanSpec:
    """A checked campaign that scans a phase.

    Attributes:
        campaign: state, backend, confidence, seed and text.
        read_out: ``echo`` or ``parity``.
        angles: as written: radians, or words such as 0.25pi.
        shots: at each angle.
        axis: about which the preparation is turned.
        pair: the two angles of the limit, as written; ``learn``; or None for the best of all.
        held_out: share of the shots that ``learn`` learns from.
    """

    campaign: Spec
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

    def registered(self) -> dict[str, Any]:
        """All that is fixed before the first shot, as plain data; the confidence is not."""
        sampling = self.campaign.sampling()
        return {
            "state": sampling["state"],
            "backend": sampling["backend"],
            SCAN: {
                "read_out": self.read_out,
                "angles": list(angles_of(self.angles)),
                "shots": self.shots,
                "axis": self.axis,
                "pair": self.pair,
                "held_out": self.held_out if self.learns else None,
            },
        }


def is_scan(path: Path) -> bool:
    """Whether a TOML file has a table [scan]; False where it cannot be read."""
    try:
        data, _ = read_toml(path)
    except QbellError:
        return False
    return SCAN in data


def read_scan(path: Path) -> ScanSpec:
    """Read and check a TOML file with a table [scan].

    Raises:
        QbellError: names the file, the key, what stands there and what should.
    """
    data, text = read_toml(path)
    try:
        check_keys(data, (*BESIDE, SCAN), "the file of a phase scan")
        estimate = data.get("estimate", {})
        if isinstance(estimate, Mapping):
            check_keys(estimate, OF_ESTIMATE, "[estimate] of a phase scan")
        scan = data.get(SCAN)
        if not isinstance(scan, Mapping):
            raise QbellError(f"{SCAN} = {scan!r} is not a table; write [{SCAN}] and its keys")
        check_keys(scan, KEYS, f"[{SCAN}]")
    except QbellError as error:
        raise QbellError(f"{path}: {error}") from error
    others = {key: value for key, value in data.items() if key != SCAN}
    campaign = parse_spec(others, text, name=str(path), folder=path.parent)
    try:
        return _checked(scan, campaign)
    except QbellError as error:
        raise QbellError(f"{path}: {error}") from error


def _checked(scan: Mapping[str, Any], campaign: Spec) -> ScanSpec:
    """The table [scan], every key checked."""
    if not is_local(campaign.backend):
        raise QbellError(
            f"[backend] name = {campaign.backend!r}: this version runs phase scans on aer and "
            "fake_* devices; on others call qbell.phase_scan with sampler = a SamplerV2"
        )
    read_out = check_read_out(scan.get("read_out", "echo"))
    if "angles" not in scan:
        raise QbellError("[scan] needs angles =, two or more, such as ['0.05pi', '0.12pi']")
    angles = scan["angles"]
    turns = angles_of(angles, "[scan] angles")
    pair, axis = scan.get("pair"), scan.get("axis", "z")
    parse_axis(axis)
    if pair is not None and pair != LEARN:
        _check_pair(pair, turns)
    if "held_out" in scan and pair != LEARN:
        raise QbellError(
            "[scan] held_out = is the share of the shots to learn from, but nothing is learnt; "
            "leave it out, or say pair = 'learn'"
        )
    held_out = finite_number("[scan] held_out", scan.get("held_out", HELD_OUT))
    if not 0 < held_out < 1:
        raise QbellError(f"[scan] held_out = {held_out}; give a number between 0 and 1")
    return ScanSpec(
        campaign=campaign,
        read_out=read_out,
        angles=tuple(angles),
        shots=whole_number("[scan] shots", scan.get("shots", 1000), least=2, most=MAX_SHOTS),
        axis=axis,
        pair=tuple(pair) if isinstance(pair, list) else pair,
        held_out=held_out,
    )


def _check_pair(pair: object, turns: tuple[float, ...]) -> None:
    """Refuse a pair that is not two of the angles."""
    if not isinstance(pair, list) or len(pair) != 2:
        raise QbellError(f"[scan] pair = {pair!r}; give two of the angles, or 'learn'")
    values = [angle_in_radians(angle, "[scan] pair") for angle in pair]
    if values[0] == values[1] or not all(min(abs(t - v) for t in turns) < 1e-9 for v in values):
        raise QbellError(f"[scan] pair = {pair!r}; give two different ones of the angles")
