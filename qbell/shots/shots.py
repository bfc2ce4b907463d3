"""Measured counts: the tidy table setting, bitstring, count, and where it came from."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from qbell.conventions.axes import Axis, parse_axis
from qbell.conventions.labels import BIT_LETTERS, strings
from qbell.designs import Design, find_design
from qbell.errors import QbellError
from qbell.shots.columns import Columns, chosen_rows
from qbell.shots.grouping import Groups, by_setting, group_by
from qbell.shots.infer_design import check_design, settle
from qbell.shots.validate_counts import check_table
from qbell.util.atomic_files import write_atomically
from qbell.util.checks import whole_number

if TYPE_CHECKING:
    import pandas as pd

COUNTS_FILE = "counts.csv"
RUN_FILE = "run.json"
MAX_PACKED_QUBITS = 62
PROVENANCES = ("raw", "mitigated", "post-selected")


def _no_columns() -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame()


@dataclass(frozen=True)
class Shots:
    """Counts of outcomes per setting. One row is one (setting, outcome), or one per draw or job.

    Attributes:
        directions: (rows, N); column k is qubit k. 0 = sigma_1, 1 = sigma_2, 2 = sigma_xi (only in
            random3); in the equatorial design the index j of the angle pi j/(N+1) of all qubits.
        bits: (rows, N) of outcomes, bit 0 meaning +1.
        counts: (rows,) how often, all above zero.
        draws: (rows,) number of the random choice of a setting that the row belongs to; None
            where settings were not drawn, or where each shot was a draw of its own.
        design, axis, provenance, backend, seed: how they were taken; see `read_shots`.
        extra: further columns of the table, kept as they came.
        notes: what was inferred rather than stated.
        order: K of a covering design: any K qubits have all 2^K patterns; None for the others.

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

    def __post_init__(self) -> None:
        for array in (self.directions, self.bits, self.counts, self.draws):
            if array is not None:
                array.setflags(write=False)

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
        return find_design(self.design)

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
            return replace(self, **vars(part), provenance="post-selected", notes=notes)
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
        rows = self.columns.append(other.columns)
        same_seed = self.seed is not None and self.seed == other.seed
        if same_seed and self.columns.overlaps(other.columns):
            raise QbellError(
                f"both data sets have the seed {self.seed}: simulated outcomes would depend on "
                "each other; simulate one with another seed"
            )
        return replace(
            self,
            **vars(rows),
            seed=self.seed if same_seed else None,
            notes=tuple(dict.fromkeys((*self.notes, *other.notes))),
        )

    def __radd__(self, other: object) -> Shots:
        """``sum`` starts from 0."""
        return self if isinstance(other, int) and other == 0 else NotImplemented

    @property
    def frame(self) -> pd.DataFrame:
        """A fresh tidy table: setting, bitstring, count, then draw and any extra columns."""
        import pandas as pd

        table = pd.DataFrame(
            {
                "setting": self.rules.spell(self.directions),
                "bitstring": strings(self.bits, BIT_LETTERS),
                "count": self.counts,
            }
        )
        if self.draws is not None:
            table["draw"] = self.draws
        for name in self.extra.columns:
            table[name] = self.extra[name].to_numpy()
        return table

    def to_csv(self, path: str | Path) -> None:
        """Write the table as CSV; the file appears complete or not at all.

        In pandas, read it back with ``dtype={"bitstring": str}``, or 0011 becomes eleven.

        Args:
            path: of the file; `read_shots` reads it back.

        Raises:
            QbellError: the file cannot be written.

        >>> import tempfile
        >>> shots = read_shots("experiments/data/ghz_n=3.csv")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     shots.to_csv(f"{folder}/counts.csv")
        ...     read_shots(f"{folder}/counts.csv", "full").total == shots.total
        True
        """
        write_atomically(Path(path), lambda temporary: self.frame.to_csv(temporary, index=False))


def read_shots(
    path: str | Path,
    design: str | None = None,
    *,
    order: int | None = None,
    axis: str | None = None,
    provenance: str | None = None,
) -> Shots:
    """Read a counts table, or the folder of a run.

    A folder (or its ``counts.csv``) brings ``run.json``, which says how the shots were taken. For
    a bare CSV the design is inferred where only one reading is possible, and noted: a column
    ``draw`` means random, or random3 if a letter Z occurs; angles j/(N+1) mean equatorial; all 2^N
    settings with equal shots and no draws mean full. Otherwise say it with ``design``. In a random
    design without draws every shot counts as its own draw.

    Args:
        path: a CSV with columns setting, bitstring, count (others are kept), or a run's folder.
        design: a key of `qbell.designs.DESIGNS`.
        order: of a covering design, verified; None takes the largest that the settings cover (up
            to 4, or N if all settings are there) and notes it.
        axis: the generator's axis, ``z`` unless run.json or this says otherwise.
        provenance: ``raw``, ``mitigated`` or ``post-selected``; bare files count as raw.

    Returns:
        The shots; ``notes`` says what was inferred.

    Raises:
        QbellError: the file is not such a table, says something impossible, or contradicts
            run.json or ``design``; the message names the row (the header is row 1).

    >>> read_shots("experiments/data/ghz_n=3.csv").num_qubits
    3
    """
    path = Path(path)
    counts_path = path / COUNTS_FILE if _is_folder(path) else path
    if counts_path != path and not counts_path.is_file():
        raise QbellError(f"{path} is a folder without {COUNTS_FILE}; give a CSV or a run's folder")
    run_path = counts_path.with_name(RUN_FILE)
    table = _read_csv(counts_path)
    if counts_path.name != COUNTS_FILE or not run_path.exists():
        shots = from_frame(
            table,
            design,
            order=order,
            axis=axis or "z",
            provenance=provenance or "raw",
            name=str(counts_path),
        )
        assumed = [f"axis {shots.axis.name}"] if axis is None else []
        assumed += ["raw counts"] if provenance is None else []
        if assumed:
            note = f"no run.json beside the file: {', '.join(assumed)} assumed"
            shots = replace(shots, notes=(*shots.notes, note))
        return shots
    record = read_record(run_path)
    given = {"design": design, "axis": axis, "provenance": provenance, "order": order}
    _check_record(record, run_path, given)
    shots = from_frame(
        table,
        record["design"],
        order=record.get("order"),
        axis=record["axis"],
        provenance=record["provenance"],
        name=str(counts_path),
    )
    for key, found in _content(shots).items():
        if record.get(key, found) != found:
            raise QbellError(
                f"{run_path} says {key} = {record[key]} but {counts_path} has {key} = {found}: "
                "they are not from one run; restore the one that changed, or analyse the CSV under "
                "another name"
            )
    return replace(shots, backend=record.get("backend"), seed=record.get("seed"))


def from_frame(
    table: pd.DataFrame,
    design: str | None = None,
    *,
    order: int | None = None,
    axis: Any = "z",
    provenance: str = "raw",
    name: str = "the table",
) -> Shots:
    """`Shots` from a DataFrame with columns setting, bitstring, count; see `read_shots`."""
    if provenance not in PROVENANCES:
        raise QbellError(f"provenance {provenance!r} in {name}; use {', '.join(PROVENANCES)}")
    check_design(design, order, name)
    checked = check_table(table, name, design, may_lose_draws=provenance != "raw")
    design, order, notes = settle(design, order, checked, name)
    drawn = find_design(design).drawn
    return Shots(
        directions=checked.directions,
        bits=checked.bits,
        counts=checked.counts,
        draws=checked.draws if drawn else None,
        design=design,
        axis=parse_axis(axis),
        provenance=provenance,
        extra=checked.extra if drawn else _with_draws(checked.extra, checked.draws),
        notes=notes,
        order=order,
    )


def read_record(path: Path) -> dict[str, Any]:
    """The JSON object in ``path``, or a `QbellError`."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        reason = str(error).splitlines()[0][:100]
        raise QbellError(f"{path} is not readable JSON ({reason}); restore or remove it") from error
    if not isinstance(record, dict):
        raise QbellError(f"{path} holds no JSON object; restore or remove it")
    return record


def run_record(shots: Shots, more: Mapping[str, Any]) -> dict[str, Any]:
    """What ``run.json`` says of ``shots``, followed by ``more``."""
    axis = shots.axis
    named = axis.name in ("x", "y", "z")
    return {
        **_content(shots),
        "axis": axis.name if named else list(axis.xi),
        "directions": {"X": axis.sigma_1, "Y": axis.sigma_2, "Z": axis.xi},
        "design": shots.design,
        "order": shots.order,
        "seed": shots.seed,
        "backend": shots.backend,
        "provenance": shots.provenance,
        **more,
    }


def _content(shots: Shots) -> dict[str, int | None]:
    """What both run.json says and the counts show."""
    return {
        "n": shots.num_qubits,
        "settings": shots.num_settings,
        "draws": shots.num_draws,
        "shots": shots.shots_per_setting,
        "total_shots": shots.total,
    }


def _check_record(record: dict[str, Any], path: Path, given: Mapping[str, Any]) -> None:
    """Refuse a run.json that says nothing usable, or something else than the caller."""
    try:
        if "design" not in record:
            raise QbellError("it has no design")
        kind = find_design(record["design"])
        for key in given:
            if key not in record and (key != "order" or kind.needs_order):
                raise QbellError(f"it has no {key}")
        if record["provenance"] not in PROVENANCES:
            raise QbellError(f"provenance {record['provenance']!r} is unknown")
        if kind.needs_order:
            whole_number("order", record["order"], least=1)
        elif record.get("order") is not None:
            raise QbellError(f"order = {record['order']!r}, but design {record['design']} has none")
        parse_axis(record["axis"])
    except QbellError as error:
        raise QbellError(f"{path}: {error}; restore this file, or remove it") from error
    for key, value in given.items():
        if value is not None and value != record.get(key):
            raise QbellError(
                f"--{key} {value}, but {path} says {record.get(key, 'none')}; leave --{key} out, "
                "or analyse the CSV under another name"
            )


def _kinds(shots: Shots) -> dict[str, object]:
    """What has to be the same in data sets that are added up."""
    names = sorted([*map(str, shots.extra.columns), *["draw"] * (shots.draws is not None)])
    return {
        "number of qubits": shots.num_qubits,
        "design": shots.design,
        "order": shots.order,
        "axis": shots.axis,
        "provenance": shots.provenance,
        "backend": shots.backend,
        "further columns": ", ".join(names) or "none",
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
    powers = np.left_shift(np.int64(1), np.arange(bits.shape[1], dtype=np.int64))
    return bits.astype(np.int64) @ powers


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError as error:
        raise QbellError(f"{str(path)[:60]}...: {error.strerror}; give another path") from error


def _read_csv(path: Path) -> pd.DataFrame:
    import pandas as pd

    content = _read_text(path)
    try:
        # The header is read as a row like the others: so no row may have more fields than it, and
        # a name that stands there twice is seen.
        rows = pd.read_csv(
            io.BytesIO(content),
            dtype=str,
            header=None,
            keep_default_na=False,
            encoding="utf-8-sig",
            skip_blank_lines=False,
        ).fillna("")
    except pd.errors.EmptyDataError as error:
        raise QbellError(f"{path} is empty; give a CSV with setting,bitstring,count") from error
    except (UnicodeDecodeError, pd.errors.ParserError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise QbellError(f"{path} is not a CSV table ({reason}); give UTF-8 text") from error
    filled = np.flatnonzero((rows != "").any(axis=1).to_numpy())
    end = filled[-1] + 1 if len(filled) else 1  # blank lines at the end do not count
    table = rows.iloc[1:end]
    return table.set_axis(rows.iloc[0].tolist(), axis=1)


def _read_text(path: Path) -> bytes:
    if not path.exists():
        raise QbellError(f"{path} does not exist; give a counts CSV or a run's folder")
    try:
        content = path.read_bytes()
    except OSError as error:
        raise QbellError(f"{path} cannot be read: {error.strerror}; check the file") from error
    if b"\0" in content:
        row = content[: content.index(b"\0")].count(b"\n") + 1
        raise QbellError(f"{path} is not a CSV table (row {row} has a NUL byte); give UTF-8 text")
    return content
