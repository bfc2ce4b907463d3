"""Before any shot of a phase scan: the counts to be expected, the limit on the QFI, the costs."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from qbell.campaigns.jobs.jobs import options_of
from qbell.campaigns.phase_scan.prepared import PreparedScan, prepared_scan
from qbell.campaigns.planning.cost import CircuitCost, QpuCost, cost_of
from qbell.campaigns.queues import queue_serving
from qbell.campaigns.scan_table import ScanTable
from qbell.campaigns.spec import Spec
from qbell.devices.backends import find_backend, is_simulated
from qbell.errors import QbellError
from qbell.estimator.phase_scan.scan_qfi import ScanResult, scan_qfi
from qbell.noise_reference import is_computed, outcome_probabilities
from qbell.report.summary import known_values
from qbell.sampling.phase_scan import is_success, successes_in
from qbell.shots.phase_scan import PhaseScan
from qbell.simulation.draw_outcomes import check_noisy_size
from qbell.simulation.phase_scan import draw_scan, exact_tables, has_exact_tables

Floats = NDArray[np.float64]

DATA_SETS = 400  # that are drawn from the expected probabilities
PILOT_SHOTS = 4000  # at each angle, where probabilities are not computed
TAILS = (5, 95)  # percent


@dataclass(frozen=True)
class ExpectedAngle:
    """One angle.

    Attributes:
        angle: in radians.
        probability: of a success.
        successes: expected number.
        standard_error: of that number, by the scatter of shots.
    """

    angle: float
    probability: float
    successes: float
    standard_error: float


@dataclass(frozen=True)
class ExpectedLimit:
    """The lower limit on the QFI that the scan will give.

    Attributes:
        mean: over data sets like the one to come.
        low, high: that 5 % of them lie below, and above.
        above_shot_noise: share of them whose limit is above N.
        value, standard_error: of the estimate beside the limit.
        pair: the two angles that most of them take.
        chosen: how.
    """

    mean: float
    low: float
    high: float
    above_shot_noise: float
    value: float
    standard_error: float
    pair: tuple[float, float]
    chosen: str


@dataclass(frozen=True)
class ScanForecast:
    """What `plan` returns of a phase scan.

    Attributes:
        family, n, u, axis, read_out, backend: of the scan.
        angles, shots, total_shots: how many angles, shots at each, and in all.
        confidence: of the limit.
        expected: each angle; None where it cannot be simulated.
        limit: on the QFI; None where that cannot be simulated.
        hellinger: mean and standard deviation of the Hellinger curve's estimate; None of fewer than
            three angles.
        coherences: mean of the limit of C, and of N^2 C^2, of scans over a whole turn; else None.
        exact: ``qfi`` of the state aimed at; None where it is not at hand.
        circuit: of the compiled circuit; an echo holds the preparation twice.
        qpu: time of the quantum processor.
        notes: reasons for what is missing, and what the numbers rest on.
    """

    family: str | None
    n: int
    u: float | None
    axis: str
    read_out: str
    backend: str
    angles: int
    shots: int
    total_shots: int
    confidence: float
    expected: tuple[ExpectedAngle, ...] | None
    limit: ExpectedLimit | None
    hellinger: dict[str, float] | None
    coherences: dict[str, float] | None
    exact: dict[str, float | None] | None
    circuit: CircuitCost
    qpu: QpuCost
    notes: tuple[str, ...]

    @property
    def record(self) -> dict[str, Any]:
        """Plain data: what ``--json`` shows."""
        return asdict(self)


def plan_scan(spec: Spec, seed: int) -> ScanForecast:
    """Plan a phase scan, see `qbell.plan`.

    Probabilities are computed from the circuit as it will run, then whole data sets are drawn from
    them and estimated as the scan itself will be, the choice of its pair included.

    Raises:
        QbellError: the scan itself is impossible; the message says what to change.
    """
    assert spec.scan is not None
    scan = spec.scan
    prepared = prepared_scan(spec, find_backend(spec.backend))
    unitary = prepared.preparation.is_unitary
    count = len(scan.turns)
    gates, qpu, notes = cost_of(spec, prepared.compiled, prepared.device, count, unitary=unitary)
    known = known_values(
        prepared.state, prepared.axis, prepared.device, preparation=prepared.preparation
    )
    target = known["exact"]
    shares, said = _probabilities(spec, prepared, seed)
    found = None if shares is None else _limit(spec, scan, prepared, shares, seed)
    return ScanForecast(
        family=spec.family if spec.circuit is None else spec.circuit.name,
        n=prepared.num_qubits,
        u=spec.parameters.get("u"),
        axis=prepared.axis.name,
        read_out=scan.read_out,
        backend=spec.backend,
        angles=count,
        shots=scan.shots,
        total_shots=count * scan.shots,
        confidence=spec.confidence,
        expected=None if shares is None else _angles(scan, shares),
        limit=None if found is None else _expected_limit(found, prepared.num_qubits),
        hellinger=None if found is None else _hellinger(found),
        coherences=None if found is None else _coherences(found),
        exact=None if target is None else {"qfi": target["qfi"]},
        circuit=gates,
        qpu=qpu,
        notes=(*notes, *known.get("notes", []), *said),
    )


def _probabilities(
    spec: Spec, prepared: PreparedScan, seed: int
) -> tuple[Floats | None, tuple[str, ...]]:
    """(angles,) probabilities of success, and what they rest on; None, and why not."""
    assert spec.scan is not None
    turns, compiled, device = spec.scan.turns, prepared.compiled, prepared.device
    kind = queue_serving(spec.backend)
    decoupling, twirled, said = options_of(
        spec, unitary=prepared.preparation.is_unitary, noisy=kind.takes_options(device)
    )
    said = () if device is None else said
    try:
        if device is None and has_exact_tables(compiled):
            tables = exact_tables(compiled, turns)
        elif device is not None and is_computed(compiled):
            waiting = kind.qubits_wait and not is_simulated(device)
            tables = outcome_probabilities(
                compiled, turns, device, decoupling=decoupling, waiting=waiting, twirled=twirled
            )
            said = (*said, "expected counts are those of jobs, options of [hardware] included")
        else:
            check_noisy_size(prepared.num_qubits, device)
            bits = draw_scan(compiled, turns, PILOT_SHOTS, seed, device)
            shares = successes_in(bits, spec.scan.read_out) / PILOT_SHOTS
            why = f"expected counts are from {PILOT_SHOTS} simulated shots at each angle"
            return shares, (*said, why)
    except QbellError as error:
        return None, (*said, f"expected, limit: {error}")
    ones = np.array([word.bit_count() for word in range(len(tables[0]))])
    hits = is_success(ones, spec.scan.read_out)
    return np.clip([float(table[hits].sum()) for table in tables], 0.0, 1.0), said


def _limit(
    spec: Spec, scan: ScanTable, prepared: PreparedScan, shares: Floats, seed: int
) -> list[ScanResult]:
    """The estimates of data sets like the one to come."""
    rng = np.random.default_rng(seed)
    counts = rng.binomial(scan.shots, shares, size=(DATA_SETS, len(shares)))
    return [
        scan_qfi(
            PhaseScan(
                angles=scan.turns,
                successes=tuple(successes.tolist()),
                shots=(scan.shots,) * len(shares),
                read_out=scan.read_out,
                num_qubits=prepared.num_qubits,
                axis=prepared.axis,
                pair=scan.places,
            ),
            spec.confidence,
            pair="learn" if scan.learns else None,
            held_out=scan.held_out,
            seed=place,
        )
        for place, successes in enumerate(counts)
    ]


def _angles(scan: ScanTable, shares: Floats) -> tuple[ExpectedAngle, ...]:
    return tuple(
        ExpectedAngle(
            angle=turn,
            probability=share,
            successes=scan.shots * share,
            standard_error=float(np.sqrt(scan.shots * share * (1 - share))),
        )
        for turn, share in zip(scan.turns, shares.tolist(), strict=True)
    )


def _expected_limit(found: list[ScanResult], num_qubits: int) -> ExpectedLimit:
    limits = np.array([one.limit for one in found])
    low, high = np.percentile(limits, TAILS).tolist()
    pairs = [one.pair for one in found]
    return ExpectedLimit(
        mean=float(limits.mean()),
        low=low,
        high=high,
        above_shot_noise=float(np.mean(limits > num_qubits)),
        value=float(np.mean([one.value for one in found])),
        standard_error=float(np.std([one.value for one in found], ddof=1)),
        pair=max(sorted(set(pairs)), key=pairs.count),
        chosen=found[0].chosen,
    )


def _hellinger(found: list[ScanResult]) -> dict[str, float] | None:
    values = [one.hellinger.value for one in found if one.hellinger is not None]
    if not values:
        return None
    return {"value": float(np.mean(values)), "standard_error": float(np.std(values, ddof=1))}


def _coherences(found: list[ScanResult]) -> dict[str, float] | None:
    known = [one.coherences for one in found if one.coherences is not None]
    if not known:
        return None
    return {
        "coherence_limit": float(np.mean([one.coherence_limit for one in known])),
        "qfi_limit": float(np.mean([one.qfi_limit for one in known])),
    }
