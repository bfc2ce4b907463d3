"""A campaign's checks before any shot, its estimate and its summary after them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from qbell.campaigns.folder import (
    DEVICE_FILE,
    NOISE_FILE,
    OWN_FILES,
    OWN_FOLDERS,
    check_planned,
    check_registered,
)
from qbell.campaigns.parts import Part, codes_of
from qbell.campaigns.prepared import Prepared
from qbell.campaigns.said import Said
from qbell.campaigns.spec import Spec
from qbell.campaigns.spec_tables import METHODS
from qbell.certificates.held_out import MAX_LABEL_QUBITS
from qbell.certificates.phase_test import one_size
from qbell.certificates.stopping import at_any_time
from qbell.circuits.preparation import Preparation
from qbell.designs import find_design
from qbell.devices.backends import offline_backend
from qbell.devices.record import device_from_record
from qbell.errors import QbellError
from qbell.estimator import Result, check_mitigation, check_size, estimate
from qbell.estimator.by_part import by_part
from qbell.mitigation import ReadoutCalibration, read_calibration
from qbell.report.recorded import checked_noise, checked_use
from qbell.report.summary import known_values, summarize
from qbell.shots.flagged import RAW
from qbell.shots.read_shots import RUN_FILE, read_record
from qbell.shots.shots import Shots
from qbell.states import State
from qbell.util.cluster import Cluster
from qbell.util.lock import LOCK_FILE
from qbell.util.progress import Progress


@dataclass(frozen=True)
class Outcome:
    """A finished run or analysis.

    Attributes:
        result: the estimates.
        summary: everything worth printing, as plain data; what ``--json`` shows.
        folder: where the files are; None if nothing was written.
        resumed: True if the shots were already there.
    """

    result: Result
    summary: dict[str, Any]
    folder: Path | None
    resumed: bool = False


def check_campaign(spec: Spec, num_qubits: int) -> None:
    """Refuse before any shot what could not be estimated after it."""
    try:
        _check_stop(spec)
        _check_flags(spec)
        check_size(spec.design, num_qubits, spec.draws)
        if spec.mitigation is not None:
            check_mitigation(spec.design, num_qubits)
            _check_calibration(spec.mitigation.calibration, num_qubits)
        _check_learning(spec, num_qubits)
        if not isinstance(spec.phase, str):
            find_design(spec.design).check_phase(spec.phase)
        if spec.label not in (None, "learn") and len(spec.label) != num_qubits:
            raise QbellError(
                f"[estimate] label = {spec.label!r} names {len(spec.label)} qubits, not the "
                f"{num_qubits} of the state; give + or - for each"
            )
    except QbellError as error:
        raise QbellError(f"{spec.family or spec.circuit}: {error}") from error


def _check_stop(spec: Spec) -> None:
    """Refuse a rule to stop by which the data could not be tested at any time."""
    kind = find_design(spec.design)
    if spec.stop is None:
        return
    if kind.no_p_value_reason or not kind.drawn or spec.shots != 1:
        raise QbellError(
            f"[stop] looks at settings drawn anew for each shot; design {spec.design} with shots = "
            f"{spec.shots} has none: use random, even, ghz or stars with 1 shot a draw"
        )
    if spec.stop.precision is not None:
        _check_quantity(spec, spec.stop.quantity)
    for what, wrong in (
        ("learn", spec.learns),
        ("extendable", spec.extendable),
        ("phase = 'svetlichny'", spec.turned),
        ("[mitigation]", spec.mitigation is not None),
    ):
        if wrong:
            raise QbellError(f"[stop] and {what}: not in this version; leave one of them out")


def _check_quantity(spec: Spec, name: str) -> None:
    """Refuse a precision of what the design does not measure from both sides at any time."""
    kind = find_design(spec.design)
    known = ["mean"] if isinstance(spec.phase, str) or one_size(spec.phase) else []
    if kind.measures_qfi:
        known += ["e_n"] if kind.measures_e_n else ["e_n", "bound"]
    if kind.measures_population:
        known += ["population", "fidelity", "qfi_ghz"]
    if name not in known:
        raise QbellError(
            f"[stop] precision of {name}: design {spec.design} at phase {spec.phase} has no two "
            f"limits of it that hold at any time; give quantity = one of {', '.join(known)}"
        )


def _check_flags(spec: Spec) -> None:
    """Refuse what shots that flags select cannot have."""
    for what, wrong in (
        ("[stop]", spec.stop is not None),
        ("extendable", spec.extendable),
        ("[mitigation]", spec.mitigation is not None),
    ):
        if wrong and spec.provenance != RAW:
            raise QbellError(f"flags and {what}: not in this version; leave one of them out")


def _check_calibration(path: Path | None, num_qubits: int) -> None:
    """Refuse a calibration file that cannot be used, or would be lost among the results."""
    if path is None:
        return
    if path.name in (*OWN_FILES, *OWN_FOLDERS, LOCK_FILE):
        raise QbellError(
            f"[mitigation] calibration: the results have a file {path.name} of their own; rename it"
        )
    found = read_calibration(path).num_qubits
    if found != num_qubits:
        raise QbellError(f"{path} calibrates {found} qubits, and the state has {num_qubits}")


def _check_learning(spec: Spec, num_qubits: int) -> None:
    """Refuse to learn what the design does not measure."""
    kind = find_design(spec.design)
    if spec.learns and not kind.measures_all_qubits(None, spec.order, num_qubits):
        raise QbellError(
            f"[estimate] learn: the {spec.design} design does not measure correlators of all "
            "qubits; give order = n, or leave it out"
        )
    if spec.label == "learn" and kind.one_label:
        raise QbellError(
            f"[estimate] label = 'learn': the {spec.design} design measures the label of all + "
            "only; leave it out"
        )
    if spec.label == "learn" and num_qubits > MAX_LABEL_QUBITS:
        raise QbellError(
            f"[estimate] label = 'learn': this version learns it up to n = {MAX_LABEL_QUBITS}; "
            "give the label"
        )


def estimate_campaign(
    shots: Shots,
    spec: Spec | None,
    progress: Progress | None,
    *,
    confidence: float | None = None,
    resamples: int | None = None,
    said: Said | None = None,
    readout: ReadoutCalibration | None = None,
    mitigation: str | None = None,
    parts: Sequence[Part] = (),
    cluster: Cluster | None = None,
) -> Result:
    """The estimate as a spec asks for it and as ``said`` beside it; as by default without.

    Where ``parts`` were added, or the spec says that they may be, with p-values and intervals that
    hold all the same.
    """
    confidence = confidence if confidence is not None else spec.confidence if spec else 0.95
    count = resamples if resamples is not None else spec.resamples if spec else 1000
    how: dict[str, Any] = {}
    if spec is not None:
        how = {"phase": spec.phase, "label": spec.label, "held_out": spec.held_out}
        if mitigation is None and spec.mitigation is not None:
            mitigation = spec.mitigation.method
    how = {**how, **(said or Said()).checked(shots.num_qubits, spec)}
    if readout is not None:
        how = {**how, "readout": readout, "mitigation": mitigation or METHODS[0]}

    extendable = spec is not None and spec.extendable
    if not (parts or extendable):
        result = estimate(shots, confidence, count, progress=progress, cluster=cluster, **how)
        if spec is None or spec.stop is None:
            return result
        facts = MappingProxyType({**result.facts, "stop": spec.stop.record})
        return replace(result, certificate=at_any_time(result.certificate), facts=facts)

    def estimate_one(some: Shots, level: float) -> Result:
        enough = max(count, math.ceil(2 / (1 - level)))
        if some is shots:
            return estimate(some, level, enough, progress=progress, cluster=cluster, **how)
        of_part = dict(how)
        if of_part.get("by_jobs"):
            del of_part["by_jobs"]  # a part may have too few of them
        return estimate(some, level, enough, cluster=cluster, **of_part)

    codes = codes_of(shots, parts)
    return by_part(shots, codes, confidence, extendable=extendable, estimate_one=estimate_one)


def summarize_campaign(
    result: Result,
    spec: Spec,
    state: State | Preparation,
    folder: Path | None = None,
    *,
    prepared: Prepared | None = None,
) -> dict[str, Any]:
    """The summary, beside the exact values; ``folder`` may hold the device as it was measured, and
    what was ``prepared`` for the shots is not prepared again."""
    device, noise, about = recorded_device(folder, result.shots.num_qubits)
    axis, ideal = result.shots.axis, result.shots.rules.measures_qfi
    words = () if result.moment_bound is None else result.moment_bound.words
    if prepared is not None:
        known = known_values(
            state, axis, prepared.device, spec.design, prepared.straight, ideal, words
        )
    elif device is None and noise is None:
        try:
            device = offline_backend(spec.backend)
        except QbellError:  # data can be analysed where their device is not at hand
            device = None
        known = known_values(state, axis, device, spec.design, ideal=ideal, words=words)
    else:
        values = known_values(state, axis, device, ideal=ideal, words=words)
        known = {**values, "noise": noise}
    name = spec.family if spec.circuit is None else spec.circuit.name
    u = spec.parameters.get("u")
    return summarize(result, family=name, u=u, known=known, device=about)


def recorded_device(
    folder: Path | None, num_qubits: int
) -> tuple[Any, dict[str, Any] | None, dict[str, Any] | None]:
    """What a campaign's folder holds of its device: the device itself as it was calibrated, the
    noise reference, and how it was used; each None if it is not there.

    Raises:
        QbellError: a file that was changed, or holds something else.
    """
    run = folder / RUN_FILE if folder is not None else None
    about = read_record(run).get("device") if run is not None and run.exists() else None
    used = checked_use(about, str(run))
    if folder is None or not (folder / DEVICE_FILE).exists():
        return None, None, used
    check_planned(folder, DEVICE_FILE)
    check_registered(folder, NOISE_FILE)
    path = folder / NOISE_FILE
    device = device_from_record(read_record(folder / DEVICE_FILE), str(folder / DEVICE_FILE))
    noise = checked_noise(read_record(path), num_qubits, str(path)) if path.exists() else None
    return device, noise, used
