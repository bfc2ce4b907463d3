"""`Statement`: one certificate with all that is said of it, declared in one place.

A statement has a number, an error rate and words: its key in the summary, the label and text of its
row, a sentence for the page, and what `plan` expects of it. Summary, tables, page and plan go
through `qbell.certificates.registry`; nothing else knows a statement by name.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from qbell.certificates.phase_test import PhaseTest
from qbell.certificates.tested_correlator import TestedCorrelator
from qbell.shots.shots import Shots

Numbers = Mapping[str, Any]  # by key
NONE, MISSING = "none certified", "not available"


@dataclass(frozen=True)
class Evidence:
    """What a statement may rest on.

    Attributes:
        shots: the data.
        direction: correlator and phase, fixed before these data were seen or learnt on others.
        confidence: of two-sided intervals; one end is wrong with probability (1 - confidence) / 2.
        e_low: lower limit of E of the direction's label; None if that was not measured.
        why_no_e: why no limit of E of all qubits can be had from these data; empty if it can.
        quantum_p: p-value of "no estimate is above what quantum mechanics allows"; None if they
            were not compared.
        test: of Re(e^(i phase) c) along the direction; None where the data allow none.
    """

    shots: Shots
    direction: TestedCorrelator
    confidence: float
    e_low: float | None
    why_no_e: str
    quantum_p: float | None = None
    test: PhaseTest | None = None

    @property
    def alpha(self) -> float:
        """Error rate of the depths."""
        return (1 - self.confidence) / 2


@dataclass(frozen=True)
class Prospect:
    """What pilots, simulated data sets of a planned campaign, let one expect.

    Attributes:
        pilots: the data sets, which may be smaller than the campaign.
        direction: as in `Evidence`.
        confidence: as in `Evidence`.
        trials: shots that the campaign will test.
        e_low: the lower limit that E is expected to have; None if it will not be measured.
        test: as in `Evidence`, with the draws that the campaign will test.
    """

    pilots: Sequence[Shots]
    direction: TestedCorrelator
    confidence: float
    trials: int
    e_low: float | None
    test: PhaseTest | None = None

    @property
    def alpha(self) -> float:
        """Error rate of the depths."""
        return (1 - self.confidence) / 2


class Outlook(Protocol):
    """What p-values a campaign can expect at any number of shots."""

    @property
    def p_values(self) -> Mapping[str, Callable[[int], float]]:
        """By the statement's keys: the expected p-value as a function of the number of shots."""
        ...

    @property
    def unclear(self) -> str:
        """Why no number of shots is known to give a small p-value; empty if one is."""
        ...


@dataclass(frozen=True, kw_only=True)
class Statement(ABC):
    """A certificate: one statement about a data set.

    Attributes:
        key: in the summary's ``certificate``, and the attribute of a `Certificate`.
        label: of its row in the tables.
        says: sentence for the page: what the number means and what it excludes.
    """

    key: str
    label: str
    says: str

    @property
    def keys(self) -> tuple[str, ...]:
        """The key, and those of numbers that belong to the same statement."""
        return (self.key,)

    @property
    def absent(self) -> Numbers:
        """The numbers by key where nothing is certified."""
        return dict.fromkeys(self.keys)

    @abstractmethod
    def certify(self, evidence: Evidence) -> tuple[Numbers, str]:
        """The numbers by key, and why there is none (empty if there is)."""

    @abstractmethod
    def text(self, numbers: Numbers, num_qubits: int, percent: str) -> str:
        """What its row shows; ``percent`` is such as "at 95 %"."""


Shared = Sequence[tuple[Numbers, float]]
"""Of parts of a campaign: what each says by itself, and its share of the error rate."""


@dataclass(frozen=True, kw_only=True)
class Depth(Statement):
    """A count of qubits (or groups) from limits that hold together at one error rate.

    Attributes:
        claim: ``bell`` (no trust in the measurements) or ``witness`` (trusts their directions).
        nothing: value where nothing is certified.
        shown: how the value is written, with ``{value}`` and ``{n}``.
        optional: its row is left out where nothing is certified.
    """

    claim: str
    nothing: int = 1
    shown: str = "{value}"
    optional: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """The key, and that of the p-value of all smaller depths together."""
        return (self.key, f"{self.key}_p")

    @property
    def absent(self) -> Numbers:
        """The value ``nothing``, and no p-value."""
        return {self.key: self.nothing, f"{self.key}_p": None}

    def numbers(self, rejected: int, p_value: float | None) -> Numbers:
        """Where groups of at most ``rejected`` qubits are excluded with this p-value."""
        if not rejected:
            return self.absent
        return {self.key: rejected + 1, f"{self.key}_p": p_value}

    def strength(self, value: int) -> int:
        """Larger for what says more."""
        return value

    def over_parts(self, whole: Numbers, parts: Shared, *, fixed: bool) -> Numbers:
        """The strongest that a part certifies at its share of the error rate; its p-value grows by
        that share. See `qbell.certificates.parts`."""
        found = self.absent
        for numbers, share in parts:
            if self.strength(numbers[self.key]) > self.strength(found[self.key]):
                p_value = numbers.get(f"{self.key}_p")
                scaled = None if p_value is None else min(1.0, p_value / share)
                found = {self.key: numbers[self.key], f"{self.key}_p": scaled}
        return found

    @abstractmethod
    def forecast(self, prospect: Prospect) -> int:
        """The value that a campaign can expect."""

    def text(self, numbers: Numbers, num_qubits: int, percent: str) -> str:
        value = numbers[self.key]
        if value == self.nothing:
            return NONE
        p_value = numbers.get(f"{self.key}_p")
        found = "" if p_value is None else f", p = {p_text(p_value)}".replace("= <", "<")
        return f"{self.shown.format(value=value, n=num_qubits)} {percent}{found}"


@dataclass(frozen=True, kw_only=True)
class PValue(Statement):
    """A p-value against a hypothesis on nature.

    Attributes:
        claim: as of a `Depth`.
        beside: keys of p-values of the same hypothesis by other methods.
        symbol: its name in "shots for p < 1e-6".
        anytime: those of the keys that hold whenever one stops: 1 / the wealth of a bet.
    """

    claim: str
    beside: tuple[str, ...] = ()
    symbol: str = "p"
    anytime: tuple[str, ...] = ()

    @property
    def keys(self) -> tuple[str, ...]:
        """The key, and ``beside``."""
        return (self.key, *self.beside)

    def over_parts(self, whole: Numbers, parts: Shared, *, fixed: bool) -> Numbers:
        """The smallest of the parts' p-values over their shares of the error rate; that of
        ``whole``, all shots in their order, where it may be looked at at any time and the direction
        was ``fixed`` before the first shot. See `qbell.certificates.parts`."""
        return {
            key: whole[key]
            if fixed and key in self.anytime
            else min(min(1.0, numbers[key] / share) for numbers, share in parts)
            for key in self.keys
        }

    @abstractmethod
    def outlook(
        self, pilots: Sequence[Shots], direction: TestedCorrelator
    ) -> tuple[Outlook | None, str]:
        """What a campaign can expect, or None and the reason why it allows no such p-value."""

    def text(self, numbers: Numbers, num_qubits: int, percent: str) -> str:
        return p_text(numbers[self.key])


@dataclass(frozen=True, kw_only=True)
class Check(Statement):
    """A p-value of an assumption that other statements rest on: a small one speaks against them.

    In the place of a reason, `certify` says in which of its kinds of tests the p-value is smallest.

    Attributes:
        optional: its row is left out where there is nothing to test.
    """

    optional: bool = False

    def text(self, numbers: Numbers, num_qubits: int, percent: str) -> str:
        return p_text(numbers[self.key])


def p_text(value: float | None) -> str:
    """A p-value in a table."""
    if value is None:
        return MISSING
    return f"{value:.2g}" if value > 1e-300 else "< 1e-300"


def p_equals(value: float) -> str:
    """A p-value in a sentence."""
    return f"p = {value:.2g}" if value > 1e-300 else "p < 1e-300"


def bonferroni(p_values: Mapping[str, float]) -> float | None:
    """The smallest of ``p_values``, times their number; None of none.

    Each kind of test has an equal share of the error rate, however many tests it has.
    """
    return min(1.0, min(p_values.values()) * len(p_values)) if p_values else None


def smallest(p_values: Mapping[str, float]) -> str:
    """Name of the smallest p-value; empty of none."""
    return min(p_values, key=lambda name: p_values[name]) if p_values else ""
