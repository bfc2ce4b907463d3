"""Which design a counts table is of: inferred where one reading is possible, checked where said."""

import numpy as np
from numpy.typing import NDArray

from qbell.designs import DESIGNS, Observed, find_design
from qbell.errors import QbellError
from qbell.shots.grouping import by_setting, group_by
from qbell.shots.validate_counts import CheckedTable
from qbell.util.checks import require_memory


def check_design(design: str | None, order: int | None, name: str) -> None:
    """Refuse an unknown design, or an order without a covering design; None is not given."""
    needs_order = False
    if design is not None:
        try:
            needs_order = find_design(design).needs_order
        except QbellError as error:
            raise QbellError(f"{name}: {error}") from error
    if order is not None and not needs_order:
        said = "no design was said" if design is None else f"this is design {design}"
        raise QbellError(
            f"{name}: order = belongs to the covering design, and {said}; leave it out, or give "
            "design covering"
        )


def settle(
    design: str | None, order: int | None, table: CheckedTable, name: str
) -> tuple[str, int | None, tuple[str, ...]]:
    """The design of a table, the order of a covering one, and notes on what was inferred.

    Args:
        design: None infers it, where only one reading is possible.
        order: of a covering design; None takes the largest that the settings cover, up to 4, or
            N if all 2^N are there.
        table: checked row by row for this design.
        name: of the table, in errors.

    Raises:
        QbellError: the design cannot be told, or the settings are not those of the design.
    """
    notes: tuple[str, ...] = ()
    settings = table.directions[by_setting(table.directions).first]
    observed = _observed(settings, table)
    if design is None:
        design, note = _infer(observed, name)
        notes = (note,)
    kind = find_design(design).on(table.grid)
    if kind.drawn:
        return design, None, (*notes, *_notes_on_draws(table, observed, name))
    order, more = kind.check_settings(settings, order, name)
    return design, order, (*notes, *more)


def _infer(observed: Observed, name: str) -> tuple[str, str]:
    reasons = {kind.name: kind.recognise(observed) for kind in DESIGNS.values()}
    possible = [design for design, reason in reasons.items() if reason]
    if len(possible) == 1:
        return possible[0], f"design {possible[0]}, {reasons[possible[0]]}"
    if observed.num_draws is not None:
        found = (
            _list(observed)
            if observed.listed
            else f"all of {observed.num_draws} draws have an even number of Y"
            + (" or Z on all qubits" if observed.has_xi else "")
        )
        drawn = [kind.name for kind in DESIGNS.values() if kind.drawn]
        *most, last = [f"--design {kind}" for kind in drawn]
        raise QbellError(
            f"{name}: the design is not clear from the rows ({found}); give {', '.join(most)} or "
            f"{last} if settings were drawn so, or leave out the column draw"
        )
    if observed.has_xi:
        raise QbellError(
            f"{name}: the design is not clear from the rows ({len(observed.settings)} settings, "
            "some with the letter Z, no draw column); say --design random3 or --design ghz if they "
            "were drawn, or --design pauli if all 3^N words were listed"
        )
    raise QbellError(
        f"{name}: the design is not clear from the rows ({len(observed.settings)} settings, no "
        "draw column); give --design full (all settings, fixed shots), --design random or "
        "--design even (settings drawn), --design mermin, --design covering or --design symmetric "
        "(chosen settings, fixed shots)"
    )


def _observed(settings: NDArray[np.uint8], table: CheckedTable) -> Observed:
    groups = by_setting(table.directions)
    totals = groups.sums(table.counts)
    draws = None
    if table.draws is not None:
        first = group_by(table.draws).first
        draws = np.bincount(groups.index[first])
    return Observed(
        settings=settings,
        common_angles=table.angles,
        num_draws=None if table.draws is None else len(np.unique(table.draws)),
        even=not table.angles and not ((settings == 1).sum(axis=1) % 2).any(),
        equal_shots=_common(totals),
        equal_draws=None if draws is None else _common(draws),
    )


def _common(numbers: NDArray[np.int64]) -> int | None:
    """The number that all ``numbers`` are; None where they differ."""
    return int(numbers[0]) if (numbers == numbers[0]).all() else None


def _list(observed: Observed) -> str:
    each = observed.equal_draws
    return f"draws are all settings, each {'once' if each == 1 else f'{each} times'}"


def _notes_on_draws(table: CheckedTable, observed: Observed, name: str) -> tuple[str, ...]:
    draws = table.draws
    if draws is None:
        total = int(table.counts.sum())
        # Later work spreads the shots out, one row each.
        each = 60.0 + 2 * table.bits.shape[1]
        require_memory(
            each * total, f"{name}: without a column draw, {total} shots as draws of their own"
        )
        return ("no draw column: every shot is taken as an independent random setting",)
    notes = []
    if observed.listed:
        notes.append(
            f"{_list(observed)}: if they were listed and numbered rather than drawn, this is no "
            "random design and its estimates do not hold"
        )
    missing = int(np.ptp(draws)) + 1 - len(np.unique(draws))
    if missing == 0:
        return tuple(notes)
    return (
        *notes,
        f"{missing} numbers between the draws are missing: if draws were lost or left "
        "out by their outcome, the data are post-selected",
    )
