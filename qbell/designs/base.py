"""What a design answers: its settings, how they are written, what they may claim, who estimates."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.labels import SETTING_LETTERS, UNITS, columns, quarter_turns, strings
from qbell.designs.local_limit import local_limit
from qbell.designs.star_graph import StarGraph
from qbell.errors import QbellError

Directions = NDArray[np.uint8]
Floats = NDArray[np.float64]
Complex = NDArray[np.complex128]

Claim = Literal["none", "assumption", "witness", "bell"]

SOME_DRAWS, MANY_DRAWS = 8, 20
CHANCE = 0.01
PHASE_TOLERANCE = 1e-9
XI = 2  # sigma_xi among the directions, letter Z


@dataclass(frozen=True)
class Observed:
    """What a bare table shows of its design.

    Attributes:
        settings: (settings, N) the different ones.
        common_angles: True where settings are angles of all qubits, and no words.
        num_draws: number of different draws; None without a column ``draw``.
        even: True if every setting has an even number of letters Y.
        equal_shots: shots of each setting where all have the same; None where they differ.
        equal_draws: draws of each setting where all have the same; None where they differ, or
            without a column ``draw``.
    """

    settings: Directions
    common_angles: bool
    num_draws: int | None
    even: bool
    equal_shots: int | None
    equal_draws: int | None

    @property
    def perhaps_even(self) -> bool:
        """True if settings have an even number of letters Y, in more than a few draws."""
        both = bool((self.settings.min(axis=0) < self.settings.max(axis=0)).all())
        return self.even and both and (self.num_draws or 0) >= SOME_DRAWS

    @property
    def listed(self) -> bool:
        """True if draws are all settings, each as often: a list that was numbered, not drawn.

        M independent draws of K settings come so with probability M! / ((M/K)!^K K^M); where that
        is 1 % or more, it may well be chance.
        """
        draws, each, size = self.num_draws, self.equal_draws, len(self.settings)
        if draws is None or each is None or self.common_angles:
            return False
        num_qubits = self.settings.shape[1]
        words = 3**num_qubits if self.has_xi else 2**num_qubits
        even = self.even and 2 * size == words
        mixed = self.perhaps_ghz and size == 2 ** (num_qubits - 1) + 1
        if size != words and not (even or mixed):
            return False
        log_chance = math.lgamma(draws + 1) - size * math.lgamma(each + 1) - draws * math.log(size)
        return log_chance < math.log(CHANCE)

    @property
    def surely_even(self) -> bool:
        """True if settings have an even number of letters Y, and so many that it is no chance.

        Each letter drawn by itself, 20 draws would all be even once in a million tables. Where a
        qubit has one letter only, no letters were drawn.
        """
        return self.perhaps_even and (self.num_draws or 0) >= MANY_DRAWS

    @property
    def perhaps_ghz(self) -> bool:
        """True if settings are Z on all qubits, or have an even number of Y and no Z: both occur,
        in more than a few draws."""
        along_xi = self.settings == XI
        whole = bool((along_xi.all(axis=1) | ~along_xi.any(axis=1)).all())
        both = self.has_xi and not bool(along_xi.all())
        return self.even and whole and both and (self.num_draws or 0) >= SOME_DRAWS

    @property
    def surely_ghz(self) -> bool:
        """True if so many draws are that it is no chance; see `surely_even`."""
        return self.perhaps_ghz and (self.num_draws or 0) >= MANY_DRAWS

    @property
    def is_full(self) -> bool:
        """True if all 2^N words of X and Y are there, and no other."""
        return is_full(self.settings)

    @property
    def has_xi(self) -> bool:
        """True if some qubit is measured along sigma_xi (letter Z)."""
        return not self.common_angles and int(self.settings.max()) == XI


class Design(ABC):
    """A way to choose settings. Every question about a design is answered here, or by a subclass.

    A setting is a row of N directions, column k being qubit k: 0 = sigma_1 (letter X), 1 = sigma_2
    (Y), 2 = sigma_xi (Z); where ``common_angle`` the index of an angle that all qubits share.
    By default a design claims nothing and has no p-value.

    Attributes:
        name: as in specs, files and on the command line.
        looks: what a setting looks like in text.
        says: one sentence on what may be claimed.
        estimator: key of `qbell.estimator.dispatch.ESTIMATORS`.
        claim: ``bell`` (may refute local realism: two settings a qubit, chosen freely), ``witness``
            (trusts that every qubit is measured along the direction named), ``assumption`` (rests
            on a symmetry of the state that the data do not show) or ``none``.
        drawn: True if each setting is an independent random draw.
        default_shots: of each setting or draw.
        letters: number of directions that a qubit may be measured along.
        common_angle: True if all qubits share one angle, and a setting is its index.
        needs_order: True if settings are made for correlators of up to ``order`` qubits.
        measures_e_n: True if E of all qubits itself is estimated, False if a lower bound of it.
        measures_bound: True if all of Eq. (24) is estimated whatever the state is.
        measures_f0: True if F0 of Eq. (12) is estimated.
        measures_population: True if the populations of 0...0 and 1...1 along sigma_xi are.
        measures_stars: True if it needs to know the stars of a graph state.
        measures_qfi: False if neither E of all qubits nor any bound on the QFI is.
        quantities: what else is estimated: the label of its row, by its key in the summary.
        limits_qfi: those of them that are lower bounds on the QFI: their words in a headline.
        facts: numbers that the summary holds of the design itself: the label of their row, by key.
        default_share: probability of a draw along sigma_xi, where it may be chosen; else None.
        one_label: True if the correlator with + on all qubits is the only one of all qubits.
        any_phase: True if the phase of that correlator is measured; False if its real part alone.
        mitigation: methods of readout correction that this version has for it.
        e_n_name: what is estimated of E of all qubits, in tables.
        bound_name: of the measured bound, in tables.
        read_out_says: what the noise reference should add; empty if nothing.
    """

    name: ClassVar[str]
    looks: ClassVar[str]
    says: ClassVar[str]
    estimator: ClassVar[str]
    claim: ClassVar[Claim] = "none"
    drawn: ClassVar[bool] = False
    default_shots: ClassVar[int] = 1000
    letters: ClassVar[int] = 2
    common_angle: ClassVar[bool] = False
    needs_order: ClassVar[bool] = False
    measures_e_n: ClassVar[bool] = False
    measures_bound: ClassVar[bool] = False
    measures_f0: ClassVar[bool] = False
    measures_population: ClassVar[bool] = False
    measures_stars: ClassVar[bool] = False
    measures_qfi: ClassVar[bool] = True
    quantities: ClassVar[Mapping[str, str]] = MappingProxyType({})
    limits_qfi: ClassVar[Mapping[str, str]] = MappingProxyType({})
    facts: ClassVar[Mapping[str, str]] = MappingProxyType({})
    default_share: ClassVar[float | None] = None
    one_label: ClassVar[bool] = False
    any_phase: ClassVar[bool] = True
    mitigation: ClassVar[tuple[str, ...]] = ()
    e_n_name: ClassVar[str] = "E_N,0"
    bound_name: ClassVar[str] = "QFI bound, Eq. 24"
    read_out_says: ClassVar[str] = ""

    # Settings

    @abstractmethod
    def directions(
        self, num_qubits: int, *, draws: int, order: int, rng: np.random.Generator
    ) -> Directions:
        """(rows, N) the settings, in the order in which they are measured.

        Args:
            num_qubits: N.
            draws: number of random settings; only read where ``drawn``.
            order: only read where ``needs_order``.
            rng: only used where ``drawn``.

        Raises:
            QbellError: too many qubits for this design.
        """

    def interleaved(
        self, directions: Directions, share: float, rng: np.random.Generator
    ) -> Directions:
        """The settings, each replaced by sigma_xi on all qubits with probability ``share``.

        Only read where there is a ``default_share``.
        """
        return directions

    def check_arguments(
        self, *, draws: object = None, order: object = None, share: object = None
    ) -> None:
        """Refuse ``draws``, ``order`` or ``share`` (None if not given) where missing or out of
        place."""
        if share is not None and self.default_share is None:
            raise QbellError(
                "share = is the share of draws along sigma_xi in designs that mix them with others "
                f"(ghz); leave it out of a {self.name} one"
            )
        if self.drawn and draws is None:
            raise QbellError(f"design {self.name} needs draws =, the number of random settings")
        if not self.drawn and draws is not None:
            raise QbellError(
                "draws = belongs to designs that draw their settings, such as random; leave it out "
                f"of a {self.name} one"
            )
        if self.needs_order and order is None:
            raise QbellError(
                f"a {self.name} design needs order =, the largest number of qubits in a correlator"
            )
        if not self.needs_order and order is not None:
            raise QbellError(
                f"order = belongs to the covering design; leave it out of a {self.name} one"
            )

    def check_stars(self, stars: StarGraph | None, num_qubits: int) -> None:
        """Refuse the stars of a graph state (None if not given) where missing or out of place."""
        if stars is not None:
            raise QbellError(
                "stars = are those of a graph state, for the design that measures their "
                f"stabilisers; leave them out of a {self.name} one"
            )

    def azimuths(self, directions: Directions) -> Floats:
        """(rows, N) angles from sigma_1 towards sigma_2; NaN along sigma_xi."""
        angles: Floats = np.array([0.0, np.pi / 2, np.nan])[directions]
        return angles

    def num_directions(self, num_qubits: int) -> int:
        """How many directions a qubit may be measured along; they are numbered from 0."""
        return self.letters

    def equally_likely(self, num_qubits: int) -> int:
        """How many settings a draw chooses from; all are equally likely."""
        return int(self.letters**num_qubits)

    def uniform(self, directions: Directions) -> NDArray[np.bool_]:
        """(rows,) True for settings that were drawn uniformly from the `equally_likely` ones.

        Of the others only when they come is random.
        """
        return np.ones(len(directions), dtype=bool)

    @property
    def drawn_letters(self) -> int:
        """How many letters `uniform` settings are made of."""
        return self.letters

    def independent_letters(self, num_qubits: int) -> int:
        """The letters of any so many qubits of a `uniform` setting are independent and uniform."""
        return num_qubits

    def word_qubits(self, num_qubits: int, order: int | None) -> int:
        """Of words of this design's letters, so many qubits may have one for it to be measured.

        By a share of the settings that is known: 1 / letters^n where they are drawn, that of the
        settings that have it where they are fixed. 0 where that is not known to be so.

        Args:
            num_qubits: N.
            order: where ``needs_order``.
        """
        return 0

    def drawn_choices(self, directions: Directions) -> Directions:
        """(rows, letters of a draw) what a draw chose, in `drawn_letters`: all letters of a word,
        where none follows from the others by the design."""
        return directions

    def on(self, grid: tuple[str, ...], stars: StarGraph | None = None) -> "Design":
        """This design with the common angles of a table, as written there, or with the stars of a
        graph state; itself without any."""
        return self

    # Text

    def spell(self, directions: Directions) -> NDArray[np.str_]:
        """(rows,) each setting as text, qubit 0 last."""
        return strings(directions, SETTING_LETTERS)

    def parse(self, words: list[str], num_qubits: int) -> Directions:
        """Inverse of `spell`, for words that were checked."""
        return columns(words, SETTING_LETTERS)

    # Tables

    def recognise(self, observed: Observed) -> str:
        """From what a bare table is known to be of this design, as "inferred ..."; else empty."""
        return ""

    def misfits(self, directions: Directions) -> NDArray[np.bool_]:
        """(rows,) True for settings that this design does not have, in its own letters."""
        return np.zeros(len(directions), dtype=bool)

    misfit_says: ClassVar[str] = ""

    def check_settings(
        self, settings: Directions, order: int | None, name: str
    ) -> tuple[int | None, tuple[str, ...]]:
        """Check that the different settings of a table are all there.

        Returns:
            The order (None where none is needed), and notes on what was inferred.

        Raises:
            QbellError: settings are missing; ``name`` is that of the table.
        """
        return None, ()

    # Claims

    def claim_of(self, num_settings: int, num_qubits: int) -> Claim:
        """The strongest claim of raw data with so many different settings."""
        return self.claim

    @property
    def no_bell_reason(self) -> str:
        """Why no Bell statement can be made; empty if the design allows one."""
        return "" if self.claim == "bell" else f"the {self.name} design makes no Bell claim"

    @property
    def no_depth_reason(self) -> str:
        """Why no depth can be certified; empty if the design allows it."""
        if self.claim in ("bell", "witness"):
            return ""
        return f"the {self.name} design makes no claim: no depth is certified"

    @property
    def no_p_value_reason(self) -> str:
        """Why there is no p-value against local realism; empty if fresh settings allow one."""
        return (
            f"the {self.name} design repeats settings in blocks, so the memory loophole is open; "
            "use design random with 1 shot a draw"
        )

    no_signalling_reason: ClassVar[str] = ""

    def tested(self, directions: Directions) -> NDArray[np.bool_]:
        """(rows,) True for settings that test the correlator of all qubits: words of X and Y."""
        plane: NDArray[np.bool_] = np.all(directions < XI, axis=1)
        return plane

    def quarter_turns(
        self, directions: Directions, bits: NDArray[np.uint8], signs: NDArray[np.int16]
    ) -> NDArray[np.int64]:
        """(rows,) m = 0..3 of `tested` rows, x = Re(e^(i phase) i^m) being what is tested.

        Args:
            directions, bits: (rows, N) settings and outcomes.
            signs: (N,) of the tested label.
        """
        return quarter_turns(directions, bits, signs)

    def local_limit(self, num_qubits: int, phase: float) -> float:
        """L such that under local realism x - 2 L size^2 has a mean of at most 0, size = |x|."""
        return local_limit(num_qubits, phase)

    def check_phase(self, phase: float) -> None:
        """Refuse a phase of the tested correlator that this design does not measure.

        Raises:
            QbellError: it measures the real part alone, and the phase is neither 0 nor pi.
        """
        if not self.any_phase and abs(math.sin(phase)) > PHASE_TOLERANCE:
            raise QbellError(
                f"phase = {phase:.6g}: the {self.name} design measures the real part of the "
                "correlator alone, expected 0 or pi; turn one qubit by the phase in the "
                "preparation, or use design random"
            )

    def measures_all_qubits(self, num_settings: int | None, order: int | None, n: int) -> bool:
        """True if E of all ``n`` qubits, or a lower bound of it, is measured.

        Args:
            num_settings: of the data; None before there are any.
            order: of the schedule, where ``needs_order``.
            n: number of qubits.
        """
        return True

    # Correlator of all qubits

    def all_qubit_terms(self, directions: Directions, signs: NDArray[np.int16]) -> Complex:
        """(rows,) factors f such that c_s is the mean over settings of f times the mean parity.

        Each setting, or each draw, has the same weight in the mean. ``signs`` (N,) are those of the
        label; by default f = prod_k w_k with w = 1 along sigma_1 and +-i along sigma_2.
        """
        factors: Complex = UNITS[(directions @ signs) % 4]
        return factors

    def settings_needed(self, num_qubits: int) -> int:
        """Different settings that a correlator of all qubits takes, where they are not drawn."""
        return int(2**num_qubits)

    # Plans

    def expected_bound(self, exact: Mapping[str, Any], order: int | None) -> float | None:
        """Mean of the bound's estimate, from exact values; None if only pilots tell."""
        return float(exact["bound"]) if self.measures_bound else None

    def expected_e_n(self, exact: Mapping[str, Any]) -> float | None:
        """Mean of the estimate of E of all qubits; None if only pilots tell."""
        return float(exact["e_n"]) if self.measures_e_n else None

    def bound_title(self, order: int | None, num_qubits: int) -> str:
        """Name of the measured bound: all of Eq. (24), or a lower part of it."""
        return self.bound_name

    @property
    def bound_key(self) -> str:
        """Which exact value stands beside the measured bound."""
        return "bound"


def is_full(settings: Directions) -> bool:
    """True if the different settings are all 2^N words of X and Y."""
    return bool(settings.max() <= 1 and len(settings) == 2 ** settings.shape[1])


def in_plane_terms(directions: Directions, signs: NDArray[np.int16]) -> Complex:
    """(rows,) `Design.all_qubit_terms` of words of X, Y and Z that are all equally likely.

    Those without Z, a share (2/3)^N, measure the correlator; the others say nothing of it.
    """
    in_plane = ~(directions == 2).any(axis=1)
    factors: Complex = np.where(
        in_plane, UNITS[(directions @ signs) % 4] * 1.5 ** directions.shape[1], 0.0
    )
    return factors
