"""Measured counts: the tidy table setting, bitstring, count, and where it came from."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qbell.conventions.axes import Axis, parse_axis
from qbell.conventions.labels import BIT_LETTERS, strings
from qbell.designs import Design, find_design
from qbell.designs.star_graph import StarGraph
from qbell.errors import QbellError
from qbell.shots.columns import FLAGS, Columns, chosen_rows
from qbell.shots.flagged import FOR_BELL, POST_SELECTED, Flagged, provenance_of, split_by_flags
from qbell.shots.grouping import Groups, by_setting, group_by
from qbell.shots.infer_design import check_design, settle
from qbell.shots.validate_counts import check_table
from qbell.util.atomic_files import write_atomically
from qbell.util.notebook import Row, Shown
from qbell.util.unique_rows import packed

if TYPE_CHECKING:
    import pandas as pd

MAX_PACKED_QUBITS = 62
WRITTEN = 1 << 18  # rows at a time


def _no_columns() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame()


@dataclass(frozen=True)
class Shots(Shown):
    """Counts of outcomes per setting. One row is one (setting, outcome), or one per draw or job.

    Attributes:
        directions: (rows, N); column k is qubit k. 0 = sigma_1, 1 = sigma_2, 2 = sigma_xi (in ghz,
            random3 and pauli); in the equatorial design the index j of the angle pi j/(N+1) of all
            qubits.
        bits: (rows, N) of outcomes, bit 0 meaning +1.
        counts: (rows,) how often, all above zero.
        draws: (rows,) number of the random choice of a setting that the row belongs to; None
            where settings were not drawn, or where each shot was a draw of its own.
        design, axis, provenance, backend, seed: how they were taken; see `qbell.read_shots`.
        extra: further columns of the table, kept as they came.
        notes: what was inferred rather than stated.
        order: K of a covering design: any K qubits have all 2^K patterns; None for the others.
        grid: angles of the equatorial design as the table has them, of which ``directions`` then
            are the index; empty where they are pi j/(N+1).
        stars: of the graph state, in the stars design; None for the others.
        flagged: where shots were selected by flags, all of them, those rejected included, of the
            data set that these are all, or a part, of. The rows here are accepted ones.

    >>> import qbell
    >>> shots = qbell.sample(qbell.ghz(2), qbell.schedule(2), shots=100, seed=1)
    >>> shots.total, shots.num_settings, list(shots.frame)
    (400, 4, ['setting', 'bitstring', 'count'])
    """

    directions: NDArray[np.uint8]
    bits: NDArray[np.uint8]
    counts: NDArray[np.int64]
    draws: NDArray[np.int64] | None
    design: str
    axis: Axis
    provenance: str = "raw"
    backend: str | None = None
    seed: int | None = None
    extra: pd.DataFrame = field(default_factory=_no_columns)
    notes: tuple[str, ...] = ()
    order: int | None = None
    grid: tuple[str, ...] = ()
    stars: StarGraph | None = None
    flagged: Flagged | None = None

    def __post_init__(self) -> None:
        for array in (self.directions, self.bits, self.counts, self.draws):
            if array is not None:
                array.setflags(write=False)

    def shown(self) -> tuple[str, list[Row]]:
        """See `Shown`."""
        rows = [
            ("design", self.design),
            ("shots", str(self.total)),
            ("settings", str(self.num_settings)),
            ("axis", str(self.axis.name)),
            ("provenance", self.provenance),
        ]
        if self.draws is not None:
            rows.insert(3, ("draws", str(len(np.unique(self.draws)))))
        if self.flagged is not None:
            rows.append(("rejected by flags", str(self.flagged.lost)))
        rows += [(n, str(v)) for n, v in (("backend", self.backend), ("seed", self.seed)) if v]
        rows += [("note", note) for note in self.notes]
        return f"Shots of {self.num_qubits} qubits", rows

    @property
    def num_qubits(self) -> int:
        """Number of qubits, N."""
        return int(self.directions.shape[1])

    @property
    def total(self) -> int:
        """Number of shots in all."""
        return int(self.counts.sum())

    @property
    def rules(self) -> Design:
        """What its design answers."""
        return find_design(self.design).on(self.grid, self.stars)

    @property
    def drawn(self) -> bool:
        """True if each setting is an independent random draw."""
        return self.rules.drawn

    @property
    def setting_index(self) -> NDArray[np.int64]:
        """(rows,) the setting as an integer: bit k is 1 where qubit k is measured along sigma_2.

        Raises:
            QbellError: more than 62 qubits, or a design of other directions than two.
        """
        if self.rules.letters != 2 or self.rules.common_angle:
            raise QbellError(
                f"a setting of design {self.design} has more than two directions and does not fit "
                "into bits; use the columns directions instead"
            )
        return _pack(self.directions)

    @property
    def outcome_index(self) -> NDArray[np.int64]:
        """(rows,) the outcome as an integer: bit k is qubit k's bit."""
        return _pack(self.bits)

    @property
    def num_settings(self) -> int:
        """Number of different settings in the data."""
        return len(by_setting(self.directions))

    @property
    def num_draws(self) -> int | None:
        """Number of independent random settings, or None where settings were not drawn."""
        if not self.drawn:
            return None
        return self.total if self.draws is None else len(np.unique(self.draws))

    @property
    def shots_per_setting(self) -> int | None:
        """Shots of each setting, or of each draw where they are drawn; None where they differ."""
        if self.drawn and self.draws is None:
            return 1
        sizes = np.unique(self._sizes())
        return int(sizes[0]) if len(sizes) == 1 else None

    @property
    def fewest_shots(self) -> int:
        """Shots of the setting, or of the draw, that has fewest."""
        if self.drawn and self.draws is None:
            return 1
        return int(self._sizes().min())

    def _sizes(self) -> NDArray[np.int64]:
        """Shots of each setting, or of each draw."""
        groups = by_setting(self.directions) if self.draws is None else group_by(self.draws)
        return groups.sums(self.counts)

    @property
    def treated(self) -> str:
        """The provenance, where it ends every Bell claim; empty if it does not."""
        return "" if self.provenance in FOR_BELL else self.provenance

    def with_rejected(self) -> Shots:
        """All shots of a flagged data set, those rejected included, as raw ones.

        What a Bell test may use where flags were read together with the data.

        Returns:
            New shots, equal rows added up.

        Raises:
            QbellError: no flags, or these are a part of the data set.

        >>> import pandas as pd
        >>> import qbell
        >>> table = pd.DataFrame({"setting": ["XX"] * 2, "bitstring": ["00", "01"],
        ...                       "count": [9, 1], "flags": ["0", "1"]})
        >>> shots = qbell.shots_from(table, design="random")
        >>> shots.total, shots.with_rejected().total
        (9, 10)
        """
        if self.flagged is None or not self._is_whole:
            raise QbellError(
                "these shots have no rejected ones beside them; use the data set as it was read"
            )
        rows = self.flagged.whole
        rows = replace(rows, extra=rows.extra.drop(columns=FLAGS)).added_up()
        return replace(self, **vars(rows), provenance="raw", flagged=None)

    @property
    def _is_whole(self) -> bool:
        """Whether these are all shots that the flags accepted."""
        return self.flagged is None or self.flagged.kept == self.total

    @property
    def columns(self) -> Columns:
        """The rows, without what is said of all of them."""
        return Columns(self.directions, self.bits, self.counts, self.draws, self.extra)

    def take(self, rows: ArrayLike) -> Shots:
        """The shots in some of the rows; design, axis, columns, notes and the rest are kept.

        Choose whole settings, draws or jobs, never by outcome: that is post-selection, which biases
        estimates and opens the detection loophole. Where some outcomes of a setting (of one draw,
        or job) are taken and others left, the part is marked post-selected, and makes no Bell
        claim; a choice of whole draws by their outcome cannot be told from the rows.

        Args:
            rows: (rows,) True for those to take, or their positions from 0. They stay in the order
                of the table.

        Returns:
            New shots with these rows.

        Raises:
            QbellError: ``rows`` do not fit the table, or nothing would be left.

        >>> import qbell
        >>> shots = qbell.sample(qbell.ghz(3), qbell.schedule(3), shots=50, seed=1)
        >>> part = shots.take(shots.directions[:, 0] == 0)  # qubit 0 along sigma_1
        >>> part.num_settings, part.total
        (4, 200)
        """
        chosen = chosen_rows(rows, len(self.counts))
        part = self.columns.take(chosen)
        if self._cuts(chosen):
            note = "of one setting some outcomes were taken and others left: post-selected"
            notes = tuple(dict.fromkeys((*self.notes, note)))
            return replace(self, **vars(part), provenance=POST_SELECTED, notes=notes)
        return replace(self, **vars(part))

    def with_counts(self, counts: NDArray[np.int64]) -> Shots:
        """Fewer shots of each row, drawn by chance alone; rows of none are left out.

        For `qbell.certificates.held_out.split`. Counts that were chosen by outcome would bias
        every estimate, and nothing here could tell.

        Args:
            counts: (rows,) 0 to the row's own count.

        Returns:
            New shots; the counts that were left out make the rest.

        Raises:
            QbellError: they do not fit the table, or draws are numbered: those are taken whole.

        >>> import qbell
        >>> shots = qbell.sample(qbell.ghz(3), qbell.schedule(3), shots=50, seed=1)
        >>> shots.with_counts(shots.counts // 2).total < shots.total
        True
        """
        if self.draws is not None:
            raise QbellError("counts of single rows would split draws; take draws whole")
        numbers = np.asarray(counts)
        chosen = numbers > 0 if numbers.shape == self.counts.shape else self.counts > 0
        taken = _fewer(numbers, self.counts, chosen)
        return replace(self, **vars(replace(self.columns.take(chosen), counts=taken)))

    def check_settings(self) -> None:
        """Refuse settings that the design has not, and data that lack some of a fixed design's.

        A covering design is left out: its estimates name the pattern that they lack.

        Raises:
            QbellError: a setting is not of the design, or settings are missing; the message says
                which, or how many.

        >>> import qbell
        >>> qbell.sample(qbell.ghz(3), qbell.schedule(3), shots=50, seed=1).check_settings()
        """
        misfits = np.flatnonzero(self.rules.misfits(self.directions))
        if len(misfits):
            word = self.rules.spell(self.directions[misfits[:1]])[0]
            raise QbellError(f"these shots: setting {str(word)[:40]!r} {self.rules.misfit_says}")
        if not self.drawn and self.order is None:
            settings = self.directions[by_setting(self.directions).first]
            self.rules.check_settings(settings, None, "these shots")

    @cached_property
    def _blocks(self) -> Groups:
        """Rows that differ in their outcome alone."""
        return group_by(*self.columns.keys(outcomes=False, only=("draw", "job")))

    def _cuts(self, chosen: NDArray[np.bool_]) -> bool:
        """True if of the outcomes of one setting (one draw, one job) some are not chosen."""
        if self.drawn and self.draws is None:  # each shot a setting of its own
            return False
        many = self._blocks.sums(chosen.astype(np.int64))
        return bool(((many > 0) & (many < np.diff(self._blocks.starts))).any())

    def __add__(self, other: Shots) -> Shots:
        """Both data sets as one, where they are of one experiment; ``sum`` of several works too.

        Rows of ``other`` follow. Rows that agree in setting, outcome, draw and job are added up.

        - Draws: numbers that occur in both name different draws, so those of ``other`` then go on
          after the last one here; otherwise they are kept.
        - Jobs stay apart, as error bars by job take each for an independent run: numbers that occur
          in both are handled as draws are, and other labels that do are refused.
        - ``seed`` is None unless it is the same in both; notes are merged.

        The same data twice is refused where it shows: all rows equal, a job's name in both, or
        draws that repeat each other's settings. It does not show where one is a part of the other.
        Data sets of one seed are refused, as simulated outcomes would depend on each other, unless
        they are parts of one: without a common draw, or a common setting in a job.

        Args:
            other: shots of the same experiment.

        Returns:
            New shots: the rows of this data set, then those of ``other``.

        Raises:
            QbellError: they differ in qubits, design, order, axis, provenance, backend or columns,
                or hold the same shots; the message says what differs and what to do.

        >>> import qbell
        >>> one, two = (
        ...     qbell.sample(qbell.ghz(3), qbell.schedule(3), shots=50, seed=seed)
        ...     for seed in (1, 2)
        ... )
        >>> (one + two).total, (one + two).shots_per_setting
        (800, 100)
        """
        if not isinstance(other, Shots):
            return NotImplemented
        theirs = _kinds(other)
        for name, ours in _kinds(self).items():
            if ours != theirs[name]:
                raise QbellError(
                    f"these data sets cannot be added up, their {name} differs: {_short(ours)} and "
                    f"{_short(theirs[name])}; analyse each by itself, or correct what one says"
                )
        ours, others = self._to_add, other._to_add
        rows = ours.append(others)
        flagged = None if self.flagged is None else split_by_flags(rows, "the sum")
        rows = rows if flagged is None else flagged.accepted
        same_seed = self.seed is not None and self.seed == other.seed
        if same_seed and ours.overlaps(others):
            raise QbellError(
                f"both data sets have the seed {self.seed}: simulated outcomes would depend on "
                "each other; simulate one with another seed"
            )
        return replace(
            self,
            **vars(rows),
            seed=self.seed if same_seed else None,
            notes=tuple(dict.fromkeys((*self.notes, *other.notes))),
            flagged=flagged,
        )

    @property
    def _to_add(self) -> Columns:
        """The rows, those that flags rejected included."""
        if self.flagged is None:
            return self.columns
        if not self._is_whole:
            raise QbellError(
                "a part of shots with flags cannot be added up: which rejected shots belong to it "
                "is not known; add whole data sets up"
            )
        return self.flagged.whole

    def __radd__(self, other: object) -> Shots:
        """``sum`` starts from 0."""
        return self if isinstance(other, int) and other == 0 else NotImplemented

    @property
    def frame(self) -> pd.DataFrame:
        """A fresh tidy table: setting, bitstring, count, then draw and any extra columns.

        With flags there is a column ``flags``, and the rejected shots have rows of their own behind
        those accepted; not of a part of a data set.
        """
        import pandas as pd

        whole = self.flagged is not None and self._is_whole
        rows = self.flagged.whole if self.flagged is not None and whole else self.columns
        table = pd.DataFrame(
            {
                "setting": self.rules.spell(rows.directions),
                "bitstring": strings(rows.bits, BIT_LETTERS),
                "count": rows.counts,
            }
        )
        if rows.draws is not None:
            table["draw"] = rows.draws
        for name in rows.extra.columns:
            table[name] = rows.extra[name].to_numpy()
        if self.flagged is not None and not whole:
            table[FLAGS] = "0" * self.flagged.num_flags
        return table

    def to_csv(self, path: str | Path) -> None:
        """Write the table as CSV; the file appears complete or not at all.

        In pandas, read it back with ``dtype={"bitstring": str}``, or 0011 becomes eleven.

        Args:
            path: of the file; `qbell.read_shots` reads it back.

        Raises:
            QbellError: the file cannot be written.

        >>> import tempfile
        >>> import qbell
        >>> shots = qbell.read_shots("experiments/data/ghz_n=3.csv")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     shots.to_csv(f"{folder}/counts.csv")
        ...     qbell.read_shots(f"{folder}/counts.csv", "full").total == shots.total
        True
        """
        write_atomically(Path(path), self._write)

    def _write(self, path: Path) -> None:
        """The rows of `frame` to a file, some at a time."""
        # A carriage return begins a row when it is read, and Python before 3.13 does not quote it.
        texts = [str(name) for name in self.extra.columns]
        for _, cells in self.extra.select_dtypes(exclude="number").items():
            texts += cells.astype(str).unique().tolist()
        quoting: Any = csv.QUOTE_ALL if any("\r" in text for text in texts) else csv.QUOTE_MINIMAL
        step = WRITTEN if self.flagged is None else max(len(self.counts), 1)
        with path.open("w", encoding="utf-8", newline="") as file:
            for start in range(0, len(self.counts), step):
                part = self if self.flagged is not None else self._part(start, start + step)
                part.frame.to_csv(file, index=False, header=start == 0, quoting=quoting)

    def _part(self, start: int, end: int) -> Shots:
        some = slice(start, end)
        return replace(
            self,
            directions=self.directions[some],
            bits=self.bits[some],
            counts=self.counts[some],
            draws=None if self.draws is None else self.draws[some],
            extra=self.extra[some],
        )


def from_frame(
    table: pd.DataFrame,
    design: str | None = None,
    *,
    order: int | None = None,
    axis: Any = "z",
    provenance: str | None = None,
    name: str = "the table",
    stars: StarGraph | None = None,
) -> Shots:
    """`Shots` from a DataFrame with columns setting, bitstring, count; see `qbell.read_shots`."""
    said = provenance
    flags = any(str(column).strip() == FLAGS for column in table.columns)
    provenance = provenance_of(said, name, flags=flags)
    check_design(design, order, name)
    checked = check_table(table, name, design, may_lose_draws=provenance not in FOR_BELL)
    design, order, notes = settle(design, order, checked, name)
    drawn = find_design(design).drawn
    if stars is not None:
        find_design(design).check_stars(stars, checked.directions.shape[1])
    rows = Columns(
        checked.directions,
        checked.bits,
        checked.counts,
        checked.draws if drawn else None,
        checked.extra if drawn else _with_draws(checked.extra, checked.draws),
    )
    flagged = split_by_flags(rows, name) if flags else None
    if flagged is not None and said is None:
        notes = (
            *notes,
            f"column {FLAGS}: {provenance} assumed, as nothing says that they were "
            "read before the settings acted",
        )
    return Shots(
        **vars(rows if flagged is None else flagged.accepted),
        design=design,
        axis=parse_axis(axis),
        provenance=provenance,
        notes=notes,
        order=order,
        grid=checked.grid,
        stars=stars,
        flagged=flagged,
    )


def _kinds(shots: Shots) -> dict[str, object]:
    """What has to be the same in data sets that are added up."""
    names = sorted([*map(str, shots.extra.columns), *["draw"] * (shots.draws is not None)])
    return {
        "number of qubits": shots.num_qubits,
        "design": shots.design,
        "order": shots.order,
        "common angles": ", ".join(shots.grid) or "none but j/(N+1)",
        "graph of stars": shots.stars,
        "axis": shots.axis,
        "provenance": shots.provenance,
        "backend": shots.backend,
        "further columns": ", ".join(names) or "none",
        "number of flags": 0 if shots.flagged is None else shots.flagged.num_flags,
    }


def _short(value: object) -> str:
    """A value as one would say it."""
    if isinstance(value, Axis):
        return value.name if value.name in ("x", "y", "z") else str(value.xi)
    return str(value)[:60]


def _fewer(
    counts: NDArray[Any], there: NDArray[np.int64], chosen: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """``counts`` (rows,) as checked numbers of shots to take of the chosen rows."""
    if counts.shape != there.shape or counts.dtype.kind not in "iu":
        raise QbellError(
            f"counts to take: expected {len(there)} whole numbers, one a row; got an array of "
            f"shape {counts.shape} and type {counts.dtype}"
        )
    wrong = np.flatnonzero(chosen & ((counts < 1) | (counts > there)))
    if len(wrong):
        row = wrong[0]
        raise QbellError(
            f"counts to take of row {row}: {counts[row]}; expected 1 to its {there[row]} shots"
        )
    return counts[chosen].astype(np.int64)


def _with_draws(extra: pd.DataFrame, draws: NDArray[np.int64] | None) -> pd.DataFrame:
    return extra if draws is None else extra.assign(draw=draws)


def _pack(bits: NDArray[np.uint8]) -> NDArray[np.int64]:
    if bits.shape[1] > MAX_PACKED_QUBITS:
        raise QbellError(
            f"{bits.shape[1]} qubits do not fit into an integer; use the columns of the array "
            "instead"
        )
    return packed(bits)
