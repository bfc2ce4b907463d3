"""`Result`: everything that a data set says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from qbell.certificates import Certificate
from qbell.certificates.registry import ROWS
from qbell.estimator.correlators import Correlators, Significance
from qbell.estimator.interval_estimate import Estimate, MomentBound, Squeezing, Tangent
from qbell.estimator.intervals.bound_interval import Deviations
from qbell.estimator.moments.moment_bound import Moments
from qbell.shots.shots import Shots
from qbell.util.notebook import Row, Shown


@dataclass(frozen=True)
class PartOfResult:
    """A part of a campaign to which parts were added.

    Attributes:
        number: 1 for the campaign as it was planned, 2, 3, ... for what was added.
        share: of the error rate, see `qbell.certificates.parts`.
        confidence: of ``result``.
        result: of its shots by themselves; None if they are too few, or not here.
    """

    number: int
    share: float
    confidence: float
    result: "Result | None"


@dataclass(frozen=True)
class Result(Shown):
    """What `estimate` returns.

    Attributes:
        shots: the data.
        bound: the bound of Eq. (24), a lower bound on the quantum Fisher information; for the
            designs covering and equatorial a lower bound of it.
        e_n: E_{N,0}, the correlator of all qubits with sigma_+; None if it was not measured.
        q: log2(2^N E_{N,0}).
        f0: F0 of Eq. (12), between the bound and the quantum Fisher information; designs random3
            and pauli.
        k1: K1 = F0^2 / b, between F0 and the quantum Fisher information, from below: the tangent
            2 F0 / tau - b / tau^2 at a tau learnt on held-out shots; same designs, up to 8 qubits.
        moments: what few-body operators say, found when it is first asked for: `moment_bound`,
            `squeezing` and why there is none.
        quantities: what else the design measures, by key: of design ghz ``coherence``,
            ``population``, ``fidelity`` and ``qfi_ghz``, along the certificate's phase and label,
            from the shots that it is about.
        estimates: of the correlators; the table is made from them when it is first asked for.
        correlators: table of correlators: label, n_plus, n_minus, order, value, standard_error,
            low, high, local_bound; simultaneous_low, simultaneous_high, which hold for all rows at
            once; provenance. In the symmetric design a row stands for ``multiplicity`` labels.
        bound_by_order: table order, value, standard_error, low, high, provenance: the terms of the
            bound that n-body correlators carry.
        significance: how many correlators lie above 0, and above their local bound.
        certificate: depths, p-values and no-signalling test.
        oscillation, harmonics: design equatorial: parity of all qubits against the angle; and
            |C_q|^2 of its Fourier components, n_plus - n_minus = q.
        symmetry_p: design symmetric: p-value of its assumption.
        drift_p: p-value of "jobs do not differ"; None without jobs.
        deviations: the resampled deviations of the bound.
        route: how the bound was computed.
        notes: reasons for what is missing, and warnings.
        parts: of a campaign to which parts were added, or may be; else empty.
        facts: what else the summary says, by key: ``anytime``, limits that hold whenever one looks
            (`qbell.certificates.sequence`), of designs with one shot a draw; of design stars
            ``operator_qubits``, ``star_qubits``, ``stars`` (how many), ``local_limit`` and
            ``by_star`` (records).

    >>> import qbell
    >>> result = qbell.estimate(qbell.read_shots("experiments/data/ghz_n=3.csv"))
    >>> result.certificate.bell_qubits, len(result.correlators)
    (3, 27)
    """

    shots: Shots
    bound: Estimate
    e_n: Estimate | None
    q: Estimate | None
    f0: Estimate | None
    k1: Tangent | None
    moments: Moments
    estimates: Correlators
    bound_by_order: pd.DataFrame
    significance: Significance
    quantities: Mapping[str, Estimate]
    certificate: Certificate
    oscillation: pd.DataFrame | None
    harmonics: pd.DataFrame | None
    symmetry_p: float | None
    drift_p: float | None
    deviations: Deviations
    route: str
    notes: tuple[str, ...]
    parts: tuple[PartOfResult, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def shown(self) -> tuple[str, list[Row]]:
        """See `Shown`."""
        size, certificate = self.shots.num_qubits, self.certificate
        percent = f"at {100 * certificate.confidence:g} %"
        kind = self.shots.rules
        estimates: dict[str, Estimate | None] = {
            "QFI bound": self.bound if kind.measures_qfi else None,
            "E_N,0": self.e_n,
            "F0": self.f0,
            "K1": self.k1,
            "moment bound": self.moment_bound,
            "spin squeezing": self.squeezing,
        }
        if not kind.measures_qfi:  # else E and the bound stand for them
            estimates |= {kind.quantities[key]: one for key, one in self.quantities.items()}
        rows = [
            (f"{name}, {100 * one.confidence:g} %", _said(one))
            for name, one in estimates.items()
            if one is not None
        ]
        if kind.measures_qfi:
            rows.append(("shot noise, Heisenberg", f"{size}, {size**2}"))
        for statement in ROWS:
            text = statement.text(vars(certificate), size, percent)
            rows.append((statement.label.strip(), text))
        rows += [("note", note) for note in (*self.notes, *self.moments.notes)]
        return f"Result of {self.shots.total} shots of {size} qubits", rows

    @property
    def moment_bound(self) -> MomentBound | None:
        """A lower bound on the QFI from the response of few-body operators to h.

        2 <i[M, h]> - <(M - M_0)^2> with M learnt on held-out shots: designs full, random, random3,
        pauli, even, mermin, and covering of order 4 and more (of order 2 with M of single qubits).
        """
        return self.moments.bound

    @property
    def squeezing(self) -> Squeezing | None:
        """Wineland's xi^2 = N Var(J_perp) / |<J>|^2 in the plane of sigma_1 and sigma_2.

        The moment bound of the collective spin is N / xi^2; the same designs, up to its limits.
        """
        return self.moments.squeezing

    @cached_property
    def correlators(self) -> pd.DataFrame:
        """The table of correlators. Its intervals take a while: a minute for all 3^12."""
        return self.estimates.table(self.bound.confidence, self.shots.provenance)


def _said(one: Estimate) -> str:
    value = f"{one.value:.4g} ± {one.standard_error:.2g}"
    if isinstance(one, Tangent | MomentBound):  # its upper end is none of what it lies below
        return f"{value}, at least {one.lower_limit:.4g}"
    if isinstance(one, Squeezing):
        return f"{value}, at most {one.upper_limit:.4g}"
    return f"{value}, [{one.low:.4g}, {one.high:.4g}]"
