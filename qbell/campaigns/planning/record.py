"""What a plan says, as plain values."""

from dataclasses import asdict, dataclass, make_dataclass
from typing import Any

from qbell.campaigns.planning.cost import CircuitCost, QpuCost
from qbell.certificates.registry import DEPTHS, P_VALUES


@dataclass(frozen=True)
class ForecastValue:
    """A number that the campaign will estimate.

    Attributes:
        value: expected; exact where the state is known and nothing disturbs it, else the mean of
            the pilots.
        standard_error: expected, of the campaign's estimate.
        relative: of both; None where the value is not clearly above 0.
        value_error: standard error of ``value`` itself; 0 where it is exact.
    """

    value: float
    standard_error: float
    relative: float | None
    value_error: float


_EXPECTED = [
    ("bound", ForecastValue),
    ("e_n", ForecastValue | None),
    ("f0", ForecastValue | None),
    ("e_n_low", float | None),
    *((key, float | None) for each in P_VALUES for key in each.keys),
    *((each.key, int) for each in DEPTHS),
    ("degenerate", bool),
    ("quantities", dict[str, ForecastValue]),
]
_NEEDED = [
    ("precision", float),
    ("draws", int | None),
    ("shots", int | None),
    ("total_shots", int | None),
    ("p_value", float),
    ("share", float | None),
    *((f"shots_for_{key}", int | None) for each in P_VALUES for key in each.keys),
    ("shots_to_stop", int | None),
]


class Expected(make_dataclass("Expected", _EXPECTED, frozen=True)):  # type: ignore[misc]
    """What the campaign is expected to say; None where `Forecast.notes` has the reason.

    Attributes:
        bound, e_n, f0: see `qbell.Result`.
        e_n_low: lower limit of E of the certificate's label, at the expected estimate.
        p_value, p_value_ratio, ...: at the expected mean; one for each p-value of
            `qbell.certificates.registry`.
        bell_qubits, nonlocality_depth, ...: one for each of its depths, from e_n_low.
        degenerate: see `qbell.Estimate`.
        quantities: what else the design measures, by key; see `qbell.Result`.
    """


class Needed(make_dataclass("Needed", _NEEDED, frozen=True)):  # type: ignore[misc]
    """The shots that the goals of the spec's table [plan] take; None with a reason in the notes.

    Attributes:
        precision: standard error of the bound wanted, relative to the expected bound.
        draws: how many that takes, of ``shots`` each, where settings are drawn.
        shots: of each draw, or how many of each setting it takes.
        total_shots: of all settings.
        p_value: wanted.
        share: of draws along sigma_xi that makes the smallest error; None where there is no choice.
        shots_for_p_value, shots_for_p_value_ratio, ...: how many it takes by each p-value of
            `qbell.certificates.registry`, those held out to learn from included.
        shots_to_stop: after how many the rule of the table [stop] is expected to hold; None without
            one.
    """


@dataclass(frozen=True)
class PilotRecord:
    """The simulations that the plan rests on.

    Attributes:
        repetitions, draws, shots, resamples: pilots; draws (or None) and shots of each, as in the
            schedule.
        seed: of them.
        uncertainty: relative standard error of the expected standard error of the bound.
    """

    repetitions: int
    draws: int | None
    shots: int
    resamples: int
    seed: int
    uncertainty: float


@dataclass(frozen=True)
class Forecast:
    """What `plan` returns.

    Attributes:
        family, n, u, axis, design, order, backend: of the campaign.
        settings: number of settings; None where they are drawn.
        draws, shots, total_shots: as the spec has them.
        confidence: of the certificate.
        expected: None where the pilots cannot be simulated.
        exact: qfi, f0, bound and e_n of the state aimed at, in the covering design also
            bound_to_order; None where they are not at hand.
        needed: None where the pilots cannot be simulated.
        circuit: of the compiled circuit.
        qpu: time of the quantum processor.
        pilot: None where the pilots cannot be simulated.
        notes: reasons for what is missing, and warnings.
        stop: the rule of the table [stop]; None without one.
    """

    family: str | None
    n: int
    u: float | None
    axis: str
    design: str
    order: int | None
    settings: int | None
    draws: int | None
    shots: int
    total_shots: int
    backend: str
    confidence: float
    expected: Expected | None
    exact: dict[str, float | None] | None
    needed: Needed | None
    circuit: CircuitCost
    qpu: QpuCost
    pilot: PilotRecord | None
    notes: tuple[str, ...]
    stop: dict[str, Any] | None = None

    @property
    def record(self) -> dict[str, Any]:
        """Plain data: what ``--json`` shows."""
        return asdict(self)
