"""A phase scan measured on this machine, and the estimates of any that is in a folder."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from qbell.campaigns.folder import (
    DEVICE_FILE,
    NOISE_FILE,
    SCAN_FILE,
    SPEC_FILE,
    check_planned,
    write_spec,
)
from qbell.campaigns.phase_scan.files import (
    check_scanned,
    earlier_scan,
    write_results,
    write_scan,
)
from qbell.campaigns.phase_scan.prepared import prepared_scan
from qbell.campaigns.spec import Spec, read_spec
from qbell.devices.backends import offline_backend
from qbell.devices.record import device_from_record
from qbell.errors import QbellError
from qbell.estimator.phase_scan.scan_qfi import ScanResult, scan_qfi
from qbell.report.phase_scan import summarize_scan
from qbell.report.recorded import checked_notes, checked_scan_noise, checked_use
from qbell.report.summary import known_values
from qbell.sampling.phase_scan import scan_of
from qbell.shots.phase_scan import PhaseScan
from qbell.shots.read_shots import read_record
from qbell.simulation.draw_outcomes import check_noisy_size
from qbell.simulation.phase_scan import draw_scan
from qbell.util.atomic_files import write_text
from qbell.util.lock import locked


@dataclass(frozen=True)
class ScanOutcome:
    """A finished scan.

    Attributes:
        result: the limit and the estimates beside it.
        summary: everything worth printing, as plain data; what ``--json`` shows.
        folder: where the files are.
        resumed: True if the shots were already there.
    """

    result: ScanResult
    summary: dict[str, Any]
    folder: Path
    resumed: bool = False


def scan_here(spec: Spec, folder: Path, *, seed: int | None = None) -> ScanOutcome:
    """Measure a phase scan into ``folder`` and estimate; again, if its shots are there, only that.

    Angles and pair are registered before the first shot: in a folder that holds shots they cannot
    be changed.

    Raises:
        QbellError: anything wrong with the state, or a folder with other shots or another
            registration.
    """
    assert spec.scan is not None
    with locked(folder):
        seed = spec.seed if seed is None else seed
        scan = earlier_scan(spec, folder, seed)
        if scan is not None:
            write_text(folder / SPEC_FILE, spec.portable_text())
            return _again(scan, spec, folder)
        prepared = prepared_scan(spec, offline_backend(spec.backend))
        check_noisy_size(prepared.num_qubits, prepared.device)
        write_spec(spec, folder)
        seed = secrets.randbits(32) if seed is None else seed
        turns, shots = spec.scan.turns, spec.scan.shots
        bits = draw_scan(prepared.compiled, turns, shots, seed, prepared.device)
        scan = scan_of(
            bits,
            turns,
            spec.scan.read_out,
            axis=prepared.axis,
            pair=spec.scan.places,
            backend=spec.backend,
            seed=seed,
        )
        write_scan(scan, spec, folder)
        return conclude(scan, spec, folder, prepared.known_values)


def analyze_scan(folder: Path) -> ScanOutcome:
    """The estimates of the scan in a folder once more, as its own spec says.

    Raises:
        QbellError: its spec is not there, or its files were changed.
    """
    with locked(folder):
        spec = read_spec(folder / SPEC_FILE) if (folder / SPEC_FILE).is_file() else None
        if spec is None or spec.scan is None:
            raise QbellError(
                f"{folder / SPEC_FILE} is not the spec of the scan that {SCAN_FILE} records; "
                "restore it"
            )
        scan = earlier_scan(spec, folder, None)
        if scan is None:
            raise QbellError(f"{folder} holds no shots of a scan; measure them with qbell run")
        return _again(scan, spec, folder)


def conclude(
    scan: PhaseScan,
    spec: Spec,
    folder: Path,
    known: Mapping[str, Any],
    *,
    device: Mapping[str, Any] | None = None,
    notes: tuple[str, ...] = (),
) -> ScanOutcome:
    """Estimate, and write tables and summary.

    Args:
        scan: the counts.
        spec: that registered them.
        folder: where to.
        known: exact values, see `qbell.report.summary.known_values`.
        device: how it was used; None for a scan without jobs.
        notes: that come before those of the estimate.
    """
    assert spec.scan is not None
    result = scan_qfi(
        scan,
        spec.confidence,
        pair="learn" if spec.scan.learns else None,
        held_out=spec.scan.held_out,
        seed=scan.seed or 0,
    )
    family = spec.family or getattr(spec.circuit, "name", None)
    u = spec.parameters.get("u")
    summary = summarize_scan(result, family=family, u=u, known=known, device=device)
    summary["notes"] = [*notes, *summary["notes"]]
    write_results(result, summary, folder)
    return ScanOutcome(result, summary, folder)


def _again(scan: PhaseScan, spec: Spec, folder: Path) -> ScanOutcome:
    """The estimates of shots that are there, beside what the folder holds of their device."""
    path = folder / SCAN_FILE
    record = read_record(path)
    if "device" in record:
        about = checked_use(record["device"], str(path))
        known = {
            **known_values(spec.state(), scan.axis, _recorded(folder)),
            "noise": _noise_in(folder),
        }
        notes = checked_notes(record.get("notes"), str(path))
    else:
        about, notes = None, ()
        known = prepared_scan(spec, offline_backend(spec.backend)).known_values
    found = conclude(scan, spec, folder, known, device=about, notes=notes)
    return replace(found, resumed=True)


def _recorded(folder: Path) -> Any:
    """The device of a scan in jobs as it was calibrated; None without noise."""
    path = folder / DEVICE_FILE
    if not path.exists():
        return None
    check_planned(folder, DEVICE_FILE)
    return device_from_record(read_record(path), str(path))


def _noise_in(folder: Path) -> dict[str, Any] | None:
    """The noise reference of a scan in jobs."""
    path = folder / NOISE_FILE
    check_scanned(folder, NOISE_FILE)
    return checked_scan_noise(read_record(path), str(path)) if path.exists() else None
