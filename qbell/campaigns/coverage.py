"""`coverage`: whether the intervals of a campaign hold what they are intervals of.

The campaign is simulated many times and estimated each time, as by `qbell run`; how often does an
interval hold the exact value? Data sets are made in blocks of a fixed size with seeds of their own,
so that the answer does not depend on who makes them.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from qbell.campaigns.campaign import check_campaign, estimate_campaign
from qbell.campaigns.planning.effort import Effort
from qbell.campaigns.planning.expected_values import truth
from qbell.campaigns.planning.pilot import settings_like, take
from qbell.campaigns.prepared import Prepared, prepare
from qbell.campaigns.spec import Spec, read_spec
from qbell.conventions.axes import parse_axis
from qbell.designs import find_design
from qbell.designs.schedule import Schedule
from qbell.devices.backends import IDEAL, find_backend, is_local
from qbell.errors import QbellError
from qbell.estimator import Estimate, Result
from qbell.estimator.phase_scan.bures import clopper_pearson
from qbell.report.summary import known_values
from qbell.shots.flagged import RAW
from qbell.util.checks import whole_number
from qbell.util.cluster import connected, spread
from qbell.util.progress import Progress
from qbell.util.threads import one_by_one

SEED = 2021  # where the spec has none
BLOCK = 10  # data sets that are simulated in one go, so that their state is prepared once
MOST = 1_000_000
ROUNDING = 1e-9  # of exact values
CHANCE = 0.01  # that any honest interval or limit of a study is said to hold too seldom

Verdicts = NDArray[np.float64]  # (data sets, 5): held, above lower, below upper, width, degenerate


@dataclass(frozen=True)
class Share:
    """How often something was so.

    Attributes:
        value: share of the data sets.
        standard_error: of that, binomial; where all or none were so, that of half a data set.
        low, high: exact limits of the probability, 99 % both together (Clopper and Pearson).
    """

    value: float
    standard_error: float
    low: float
    high: float


@dataclass(frozen=True)
class Covered:
    """One quantity.

    Attributes:
        key: as in a summary.
        exact: what its estimates are of.
        interval: how often the two-sided interval held that.
        lower_limit, upper_limit: how often the one-sided limits did.
        width: mean of the two-sided interval's.
        degenerate: share of the intervals that say of themselves to be wider than they need be.
    """

    key: str
    exact: float
    interval: Share
    lower_limit: Share
    upper_limit: Share
    width: float
    degenerate: float

    def too_seldom(self, confidence: float, repeats: int, chance: float) -> list[str]:
        """Those that hold as seldom as an honest one does with probability ``chance`` at most."""
        return [
            name
            for name in ("interval", "lower_limit", "upper_limit")
            if binom.cdf(round(getattr(self, name).value * repeats), repeats, confidence) < chance
        ]


@dataclass(frozen=True)
class Coverage:
    """How often the intervals of a campaign hold the exact values.

    Attributes:
        family: of the state; the file's name of a circuit.
        n: number of qubits.
        design, backend, confidence: of the campaign.
        repeats: data sets.
        seed: of all of them.
        quantities: whose exact values are known.
        notes: reasons for what is missing, and warnings.
    """

    family: str | None
    n: int
    design: str
    backend: str
    confidence: float
    repeats: int
    seed: int
    quantities: tuple[Covered, ...]
    notes: tuple[str, ...]

    @property
    def record(self) -> dict[str, Any]:
        """The same as plain data, for ``--json``."""
        return asdict(self)


@dataclass(frozen=True)
class _Study:
    """What every block of data sets is made from."""

    spec: Spec
    prepared: Prepared
    settings: Schedule
    exact: Mapping[str, float]


def coverage(
    spec: Spec | str | Path,
    repeats: int = 400,
    *,
    seed: int | None = None,
    progress: Progress | None = None,
    cluster: Any = None,
) -> Coverage:
    """Simulate a campaign ``repeats`` times; count how often its intervals hold the exact values.

    Without noise these are the values of the state that the circuit prepares; with the noise of a
    device those of the noisy state as it is read out, of which the shots are (the noise reference).

    Args:
        spec: the campaign, or the path of its TOML.
        repeats: data sets; the standard error of a share of 95 % is 1.1 % with 400.
        seed: of all of them; that of the spec, or 2021.
        progress: called with "data sets", how many were just done, and how many there are.
        cluster: ``local``, the address of a Dask scheduler, or a `distributed.Client`, whose
            workers make the data sets. All numbers are the same.

    Raises:
        QbellError: no campaign that is simulated here, or one of which no exact value is known.

    >>> found = coverage("experiments/ghz_aer.toml", repeats=2)
    >>> [one.key for one in found.quantities]
    ['bound', 'e_n']
    """
    spec = spec if isinstance(spec, Spec) else read_spec(spec)
    repeats = whole_number("repeats", repeats, least=1, most=MOST)
    seed = spec.seed if seed is None else whole_number("seed", seed, least=0)
    seed = SEED if seed is None else seed
    _check(spec)
    state = spec.state()
    check_campaign(spec, state.num_qubits)
    prepared = prepare(spec, state, find_backend(spec.backend))
    exact, notes = _exact(spec, state, prepared)
    settings = settings_like(spec, prepared.preparation, seed)
    starts = range(0, repeats, BLOCK)
    seeds = np.random.SeedSequence([seed, 3]).generate_state(len(starts), np.uint64).tolist()
    blocks = [
        (min(BLOCK, repeats - start), int(one)) for start, one in zip(starts, seeds, strict=True)
    ]

    def done(block: tuple[int, int]) -> None:
        if progress is not None:
            progress("data sets", block[0], repeats)

    work = partial(_repeat, _Study(spec, prepared, settings, exact))
    if progress is not None:
        progress("data sets", 0, repeats)
    with connected(cluster) as workers:
        found = np.concatenate(spread(work, blocks, workers, done, one_by_one))
    quantities = tuple(
        _covered(key, exact[key], found[:, place])
        for place, key in enumerate(exact)
        if not np.isnan(found[:, place]).any()  # what the design does not measure
    )
    for one in quantities:
        wrong = one.too_seldom(spec.confidence, repeats, CHANCE / (3 * len(quantities)))
        if wrong:
            names = " and ".join(wrong).replace("_", " ")
            notes.append(
                f"{one.key}: the {names} held the exact value less often than the "
                f"{100 * spec.confidence:g} % stated, by more than chance"
            )
    return Coverage(
        family=spec.family if spec.circuit is None else spec.circuit.name,
        n=state.num_qubits,
        design=spec.design,
        backend=spec.backend,
        confidence=spec.confidence,
        repeats=repeats,
        seed=seed,
        quantities=quantities,
        notes=tuple(notes),
    )


def _check(spec: Spec) -> None:
    if not is_local(spec.backend):
        raise QbellError(
            f"coverage of shots from {spec.backend}: its exact values are not known; simulate "
            "them with backend aer or fake_..."
        )
    for what, wrong in (
        ("[scan]", spec.scan is not None),
        ("[stop]", spec.stop is not None),
        ("extendable", spec.extendable),
        ("flags", spec.provenance != RAW),
        ("[mitigation]", spec.mitigation is not None),
    ):
        if wrong:
            raise QbellError(f"coverage of a campaign with {what}: not in this version")


def _exact(spec: Spec, state: Any, prepared: Prepared) -> tuple[dict[str, float], list[str]]:
    """What the estimates are of, where that is known, by key; and notes."""
    kind, axis = find_design(spec.design), parse_axis(spec.axis)
    ideal = spec.backend == IDEAL
    known = known_values(
        state,
        axis,
        prepared.device,
        None if ideal else spec.design,
        prepared.straight,
        kind.measures_qfi,
    )
    values: dict[str, Any] = {}
    if ideal:
        of_state = known["exact"] or {}
        of_circuit = known["circuit"] or of_state
        if of_circuit:
            values = asdict(truth(spec, of_circuit))
        if of_circuit.get("fidelity", 1.0) > 1 - ROUNDING:
            values |= {key: of_state.get(key) for key in kind.quantities}
    elif known["noise"] is not None:
        noise = known["noise"]
        by_order = noise["bound_by_order_read"]
        last = state.num_qubits if spec.order is None else spec.order
        values = {
            "bound": None if by_order is None else sum(by_order[: last + 1]),
            **{key: noise.get(f"{key}_read") for key in ("e_n", "f0", *kind.quantities)},
        }
    exact = {key: float(value) for key, value in values.items() if value is not None}
    if not kind.measures_f0:
        exact.pop("f0", None)
    if not exact:
        raise QbellError(
            f"{spec.family or spec.circuit}, N = {state.num_qubits}, design {spec.design}, backend "
            f"{spec.backend}: no exact value of what is estimated is known; use fewer qubits, or "
            "another design"
        )
    return exact, [*known.get("notes", [])]


def _repeat(study: _Study, block: tuple[int, int]) -> NDArray[np.float64]:
    """(data sets, quantities, 5) of one block; see `Verdicts`."""
    spec, (count, seed) = study.spec, block
    size = Effort(count, spec.draws or spec.shots, spec.shots, spec.resamples)
    preparation, device = study.prepared.preparation, study.prepared.device
    data = take(spec, preparation, study.settings, size, seed, device=device)
    return np.stack(
        [
            [_verdict(_estimate(result, key), value) for key, value in study.exact.items()]
            for result in (estimate_campaign(shots, spec, None) for shots in data)
        ]
    )


def _estimate(result: Result, key: str) -> Estimate | None:
    named = {"bound": result.bound, "e_n": result.e_n, "f0": result.f0}
    return named[key] if key in named else result.quantities.get(key)


def _verdict(found: Estimate | None, exact: float) -> list[float]:
    if found is None:
        return [float("nan")] * 5
    rounding = ROUNDING * (1 + abs(exact))
    above, below = found.low > exact + rounding, found.high < exact - rounding
    return [
        float(not above and not below),
        float(found.lower_limit <= exact + rounding),
        float(found.upper_limit >= exact - rounding),
        found.high - found.low,
        float(found.degenerate),
    ]


def _covered(key: str, exact: float, found: Verdicts) -> Covered:
    interval, lower, upper = (_share(column) for column in found.T[:3])
    width, degenerate = found[:, 3:].mean(axis=0).tolist()
    return Covered(key, exact, interval, lower, upper, width, degenerate)


def _share(held: NDArray[np.float64]) -> Share:
    value, count = float(held.mean()), np.array(len(held))
    low, high = clopper_pearson(held.sum(), count, CHANCE / 2)
    variance = max(value * (1 - value), 0.25 / len(held))
    return Share(value, float(np.sqrt(variance / len(held))), float(low), float(high))
