"""The whole line: spec -> state -> circuit -> schedule -> shots -> estimate -> report."""

import platform
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from qbell import exact
from qbell.axes import Axis, parse_axis
from qbell.backends import find_backend
from qbell.errors import QbellError
from qbell.estimator import Estimate, Result, estimate
from qbell.estimator.estimate import MAX_QUBITS
from qbell.files import to_json, write_atomically, write_text
from qbell.local import prepare_vector
from qbell.report import write_report
from qbell.sampling import sample
from qbell.settings import Schedule, schedule
from qbell.shots import COUNTS_FILE, RUN_FILE, Shots, read_record, read_shots, run_record
from qbell.spec import Spec, read_spec
from qbell.states import MAX_EXACT_QUBITS, State

SPEC_FILE = "spec.toml"
SUMMARY_FILE = "summary.json"
CORRELATORS_FILE = "correlators.csv"
REPORT_FILE = "report.html"
VERSIONS_OF = ("qbell", "qiskit", "qiskit-aer", "numpy", "scipy", "pandas", "numba")

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it was just done, and how much there is in all."""


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


def run(
    spec: Spec, folder: Path, *, seed: int | None = None, progress: Progress | None = None
) -> Outcome:
    """Prepare, measure, estimate and report one campaign into ``folder``.

    If ``folder`` already holds the shots of the same campaign they are used, and only the rest is
    done again; so a run that was stopped goes on, and another ``[estimate]`` costs no shots.

    Raises:
        QbellError: anything wrong with the spec, or a folder with another campaign's shots.
    """
    seed = spec.seed if seed is None else seed
    plan = _Plan.of(spec)
    earlier = _earlier_shots(folder, spec, seed)
    if earlier is None:
        shots = _measure(spec, plan, seed, progress)
        _write_shots(shots, folder, spec)
    else:
        shots = earlier
    return _finish(shots, spec, plan, folder, progress, resumed=earlier is not None)


def analyze(
    path: Path,
    *,
    design: str | None = None,
    axis: str | None = None,
    provenance: str | None = None,
    confidence: float | None = None,
    resamples: int | None = None,
    out: Path | None = None,
    progress: Progress | None = None,
) -> Outcome:
    """Estimate and report from a counts CSV or a run's folder.

    A run's folder brings its spec, and with it the exact values and the settings of the estimate;
    its tables and report are written anew. For a bare CSV nothing is written without ``out``.

    Raises:
        QbellError: see `qbell.read_shots`; or ``out`` holds other shots.
    """
    shots = read_shots(path, design, axis=axis, provenance=provenance)
    home = path if path.is_dir() else path.parent if path.name == COUNTS_FILE else None
    spec_path = home / SPEC_FILE if home is not None else None
    spec = read_spec(spec_path) if spec_path is not None and spec_path.exists() else None
    plan = None if spec is None else _Plan.of(spec)
    folder = out if out is not None else path if path.is_dir() else None
    if spec is not None:
        spec = replace(
            spec,
            confidence=spec.confidence if confidence is None else confidence,
            resamples=spec.resamples if resamples is None else resamples,
        )
    result = _estimate(
        shots,
        confidence=spec.confidence if spec else 0.95 if confidence is None else confidence,
        resamples=spec.resamples if spec else 1000 if resamples is None else resamples,
        phase=spec.phase if spec else 0.0,
        progress=progress,
    )
    if out is not None and not (home is not None and out.resolve() == home.resolve()):
        _refuse_other_shots(out, shots)
        _write_shots(shots, out, spec)
    summary = summarize(result, plan)
    if folder is not None:
        _write_results(result, summary, folder)
    return Outcome(result, summary, folder)


def summarize(result: Result, plan: "_Plan | None" = None) -> dict[str, Any]:
    """Everything worth printing of a result, beside the exact values if the state is known."""
    shots = result.shots
    certificate = asdict(result.certificate)
    notes = [*shots.notes, *certificate.pop("notes")]
    if result.bound.degenerate:
        notes.append(
            "the bound's interval is degenerate: second-order noise dominates (the bound is "
            "stationary here, as for a noiseless GHZ state or no signal at all); it covers more "
            "often than stated"
        )
    size = shots.shots_per_setting
    if shots.design == "full" and (size or 0) < FEW_SHOTS:
        notes.append(
            f"fewer than {FEW_SHOTS} shots in some setting: the bound's interval may cover less "
            "often than stated"
        )
    exact_values, circuit_values = (None, None) if plan is None else plan.exact_values()
    return {
        "n": shots.num_qubits,
        "family": None if plan is None else plan.family,
        "u": None if plan is None else plan.u,
        "axis": shots.axis.name,
        "design": shots.design,
        "settings": shots.num_settings,
        "draws": shots.num_draws,
        "shots": size,
        "total_shots": shots.total,
        "provenance": shots.provenance,
        "backend": shots.backend,
        "seed": shots.seed,
        "bound": asdict(result.bound),
        "e_n": asdict(result.e_n),
        "bound_by_order": result.bound_by_order.to_dict("records"),
        "shot_noise": shots.num_qubits,
        "heisenberg": shots.num_qubits**2,
        "exact": exact_values,
        "circuit": circuit_values,
        "certificate": certificate,
        "notes": notes,
    }


FEW_SHOTS = 10


@dataclass(frozen=True)
class _Plan:
    """What a spec asks for, checked as far as it can be before any shot."""

    state: Any
    axis: Axis
    family: str | None
    u: float | None

    @classmethod
    def of(cls, spec: Spec) -> "_Plan":
        state = spec.state()
        if state.num_qubits > MAX_QUBITS:
            raise QbellError(
                f"n = {state.num_qubits}: this version estimates 3^n correlators up to "
                f"n = {MAX_QUBITS}; use fewer qubits"
            )
        return cls(state, parse_axis(spec.axis), spec.family, spec.parameters.get("u"))

    @property
    def circuit(self) -> Any:
        return self.state.circuit() if isinstance(self.state, State) else self.state

    def schedule(self, spec: Spec, seed: int) -> Schedule:
        return schedule(
            self.state.num_qubits,
            spec.design,
            draws=spec.draws,
            axis=self.axis,
            seed=seed if spec.design == "random" else None,
        )

    def exact_values(self) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
        """Exact values of the state aimed at, and of what the noiseless circuit prepares."""
        if self.state.num_qubits > MAX_EXACT_QUBITS:
            return None, None
        circuit = self.circuit
        prepared = prepare_vector(circuit)
        values = self._values(prepared)
        description: dict[str, Any] = {
            "fidelity": 1.0,
            "depth": circuit.decompose().depth(),
            "two_qubit_gates": _two_qubit_gates(circuit),
            **values,
        }
        if not isinstance(self.state, State):
            return values, description
        target = self.state.statevector()
        description["fidelity"] = float(abs(np.vdot(target, prepared)) ** 2)
        return self._values(target), description

    def _values(self, state: Any) -> dict[str, float]:
        return {
            "qfi": exact.qfi(state, self.axis),
            "bound": exact.bound(state, self.axis),
            "e_n": abs(exact.correlator_of_all(state, self.axis)) ** 2,
        }


def _two_qubit_gates(circuit: Any) -> int:
    from qbell.measurement import compile_for

    return sum(
        len(item.qubits) == 2 for item in compile_for(circuit, None).data
    )


def _measure(spec: Spec, plan: _Plan, seed: int | None, progress: Progress | None) -> Shots:
    # Independent streams for the choice of settings and for the outcomes, both from one seed.
    root = np.random.SeedSequence(seed)
    if seed is None:
        seed = int(root.generate_state(1)[0])
        root = np.random.SeedSequence(seed)
    for_settings, for_shots = (int(state) for state in root.generate_state(2))
    settings = plan.schedule(spec, for_settings)
    backend = find_backend(spec.backend)

    def step(rows: int) -> None:
        if progress is not None:
            progress("measuring", rows, len(settings))

    shots = sample(
        plan.circuit,
        settings,
        shots=spec.shots,
        seed=for_shots,
        backend=backend,
        progress=step,
    )
    return replace(shots, seed=seed, backend=spec.backend)


def _estimate(
    shots: Shots, *, confidence: float, resamples: int, phase: float, progress: Progress | None
) -> Result:
    def step(count: int) -> None:
        if progress is not None:
            progress("resampling", count, resamples)

    return estimate(shots, confidence, resamples, phase=phase, progress=step)


def _finish(
    shots: Shots,
    spec: Spec,
    plan: _Plan,
    folder: Path,
    progress: Progress | None,
    *,
    resumed: bool,
) -> Outcome:
    result = _estimate(
        shots,
        confidence=spec.confidence,
        resamples=spec.resamples,
        phase=spec.phase,
        progress=progress,
    )
    summary = summarize(result, plan)
    _write_results(result, summary, folder)
    return Outcome(result, summary, folder, resumed)


def _earlier_shots(folder: Path, spec: Spec, seed: int | None) -> Shots | None:
    """The shots already in ``folder``, if they are this campaign's; None if there are none."""
    if folder.exists() and not folder.is_dir():
        raise QbellError(f"{folder} is a file; give another folder with --out")
    if not (folder / COUNTS_FILE).exists() or not (folder / RUN_FILE).exists():
        return None
    record = read_record(folder / RUN_FILE)
    same_seed = seed is None or record.get("seed") == seed
    if record.get("sampling") != _plain(spec.sampling()) or not same_seed:
        raise QbellError(
            f"{folder} holds the shots of another campaign or seed; give another folder with "
            "--out, or remove it"
        )
    return read_shots(folder)


def _refuse_other_shots(folder: Path, shots: Shots) -> None:
    if folder.exists() and not folder.is_dir():
        raise QbellError(f"{folder} is a file; give another folder with --out")
    path = folder / COUNTS_FILE
    if path.exists():
        there = read_shots(path, shots.design).frame
        if not there.astype(str).equals(shots.frame.astype(str)):
            raise QbellError(f"{path} holds other shots; give another folder with --out")


def _write_shots(shots: Shots, folder: Path, spec: Spec | None) -> None:
    more: dict[str, Any] = {"versions": _versions()}
    if spec is not None:
        write_text(folder / SPEC_FILE, spec.text)
        more = {**more, "sampling": spec.sampling(), "spec": spec.text}
    # run.json goes last: with it there, the counts are known to be whole.
    shots.to_csv(folder / COUNTS_FILE)
    write_text(folder / RUN_FILE, to_json(run_record(shots, more)) + "\n")


def _write_results(result: Result, summary: dict[str, Any], folder: Path) -> None:
    write_atomically(
        folder / CORRELATORS_FILE, lambda path: result.correlators.to_csv(path, index=False)
    )
    write_text(folder / REPORT_FILE, write_report(result, summary))
    write_text(folder / SUMMARY_FILE, to_json(summary) + "\n")


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in VERSIONS_OF:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _plain(record: dict[str, Any]) -> Any:
    import json

    return json.loads(to_json(record))
