"""`plan`: what a campaign will say, how surely, and what it costs, before any shot."""

from pathlib import Path
from typing import Any

from qbell.campaigns.planning.cost import cost
from qbell.campaigns.planning.effort import Effort, effort
from qbell.campaigns.planning.expected_values import exact_values, truth
from qbell.campaigns.planning.forecast import Forecaster
from qbell.campaigns.planning.pilot import Pilots, measure, settings_like, take
from qbell.campaigns.planning.record import Forecast, PilotRecord
from qbell.campaigns.planning.scan_plan import ScanForecast, plan_scan
from qbell.campaigns.prepared import prepare
from qbell.campaigns.spec import Spec, read_spec
from qbell.circuits.preparation import Preparation
from qbell.conventions.axes import parse_axis
from qbell.designs import find_design
from qbell.designs.schedule import Schedule
from qbell.devices.backends import IDEAL, find_backend
from qbell.errors import QbellError
from qbell.report.summary import known_values
from qbell.util.cluster import Cluster, ClusterError, connected
from qbell.util.progress import Progress

SEED = 2021  # of pilots, where the spec has none


def plan(
    spec: Spec | str | Path, *, progress: Progress | None = None, cluster: Any = None
) -> Forecast | ScanForecast:
    """Plan a campaign: expected error bars and p-value, shots needed, and costs.

    The campaign is simulated a few times, at its own size or at one that takes seconds, and
    estimated. The variances of the linear and of the quadratic part of each estimate are read off,
    averaged and scaled to the campaign's shots (`qbell.campaigns.planning.scaling`).

    Args:
        spec: the campaign, or the path of its TOML.
        progress: called with what is being done, how much of it, and how much there is.
        cluster: ``local``, the address of a Dask scheduler, or a `distributed.Client`, whose
            workers simulate and estimate the pilots. All numbers are the same.

    Returns:
        Expected values and error bars, the shots needed for the spec's goals, gates, and time of
        the processor in seconds; ``notes`` says why a value is missing. Of a phase scan the counts
        and the limit on the QFI to be expected.

    Raises:
        QbellError: the campaign itself is impossible; the message says what to change.

    >>> found = plan("experiments/ghz_random_aer.toml")
    >>> found.expected.bound.value, found.expected.bell_qubits
    (100.0, 10)
    """
    if not isinstance(spec, Spec):
        spec = read_spec(spec)
    seed = SEED if spec.seed is None else spec.seed
    if spec.scan is not None:
        if cluster is not None:
            raise QbellError("a phase scan is planned here; leave the cluster out")
        return plan_scan(spec, seed)
    return _plan_settings(spec, seed, progress, cluster)


def _plan_settings(spec: Spec, seed: int, progress: Progress | None, cluster: Any) -> Forecast:
    """The plan of a campaign with settings."""
    state = spec.state()
    kind = find_design(spec.design)
    device = find_backend(spec.backend)
    axis = parse_axis(spec.axis)
    prepared_here = prepare(spec, state, device)
    preparation = prepared_here.preparation
    settings = settings_like(spec, preparation, seed)
    rows = len(settings) if spec.draws is None else spec.draws
    total = rows * spec.shots
    gates, qpu, notes = cost(spec, preparation, device, rows)
    known = known_values(
        state, axis, device, preparation=prepared_here.straight, ideal=kind.measures_qfi
    )
    prepared, target = known["circuit"], known["exact"]
    notes += known.get("notes", [])
    if spec.extendable:
        notes.append(
            "extendable: expected p-values and depths are those without parts; a first part has "
            "half of the error rate"
        )
    if spec.stop is not None:
        notes.append(
            "[stop]: expected values are those of all shots, and only what holds at any time will "
            "be stated"
        )
    if prepared is not None and prepared["fidelity"] < 1 - 1e-9:
        notes.append(
            f"the circuit prepares the state with fidelity {prepared['fidelity']:.4f}: expected "
            "values are the circuit's, exact ones the state's"
        )
    expected = needed = record = None
    size = effort(spec, len(settings), preparation)
    with connected(cluster) as workers:
        pilots, reason = _pilots(spec, preparation, device, settings, size, seed, progress, workers)
    if pilots is None:
        notes.append(f"expected, needed: {reason}")
    else:
        forecaster = Forecaster(spec, pilots, truth(spec, prepared), rows)
        notes += pilots.shots[0].notes
        forecaster.warn(size.resamples)
        expected, needed = forecaster.expected(), forecaster.needed(len(settings))
        notes += forecaster.notes
        record = PilotRecord(
            repetitions=size.repetitions,
            draws=size.units if kind.drawn else None,
            shots=size.shots,
            resamples=size.resamples,
            seed=seed,
            uncertainty=forecaster.uncertainty(size.resamples),
        )
    return Forecast(
        family=spec.family if spec.circuit is None else spec.circuit.name,
        n=state.num_qubits,
        u=spec.parameters.get("u"),
        axis=settings.axis.name,
        design=spec.design,
        order=spec.order,
        settings=None if kind.drawn else len(settings),
        draws=spec.draws,
        shots=spec.shots,
        total_shots=total,
        backend=spec.backend,
        confidence=spec.confidence,
        expected=expected,
        exact=exact_values(spec, target),
        needed=needed,
        circuit=gates,
        qpu=qpu,
        pilot=record,
        notes=tuple(notes),
        stop=None if spec.stop is None else spec.stop.record,
    )


def _pilots(
    spec: Spec,
    preparation: Preparation,
    device: Any,
    settings: Schedule,
    size: Effort,
    seed: int,
    progress: Progress | None,
    cluster: Cluster | None,
) -> tuple[Pilots | None, str]:
    """The pilots, or None and the reason if a device's noise cannot be simulated at this size."""
    if preparation.flags is not None:
        return None, "shots with flags are not forecast in this version; run them on a snapshot"
    try:
        shots = take(spec, preparation, settings, size, seed, progress, device, cluster)
    except ClusterError:
        raise
    except QbellError as error:
        # A device can run what is too large to simulate with its noise.
        if spec.backend == IDEAL:
            raise
        return None, str(error)
    return measure(spec, shots, size, seed, progress, cluster), ""
