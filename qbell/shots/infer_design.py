"""Which design a counts table is of: inferred where one reading is possible, checked where said."""

from math import comb

import numpy as np
from numpy.typing import NDArray

from qbell.conventions.labels import SETTING_LETTERS, strings
from qbell.designs.designs import DESIGNS, find_design
from qbell.errors import QbellError
from qbell.shots.grouping import by_setting
from qbell.shots.validate_counts import CheckedTable
from qbell.util.checks import require_memory, whole_number

MOST_INFERRED_ORDER = 4
MOST_SUBSETS = 10**7  # of qubits, looked through to infer an order


def check_design(design: str | None, order: int | None, name: str) -> None:
    """Refuse an unknown design, or an order without a covering design; None is not given."""
    if design is not None:
        try:
            find_design(design)
        except QbellError as error:
            raise QbellError(f"{name}: {error}") from error
    if order is not None and design != "covering":
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
    settings = _distinct(table.directions)
    if design is None:
        design, note = _infer(settings, table, name)
        notes = (note,)
    if DESIGNS[design].drawn:
        return design, None, (*notes, *_notes_on_draws(table, name))
    if design == "full":
        _check_full(settings, name)
    elif design == "covering":
        order, more = _order(settings, order, name)
        notes = (*notes, *more)
    elif design == "equatorial":
        _check_equatorial(settings, name)
    else:
        _check_symmetric(settings, name)
    return design, order, notes


def _infer(settings: NDArray[np.uint8], table: CheckedTable, name: str) -> tuple[str, str]:
    if table.fractions:
        return "equatorial", "design equatorial, inferred: its settings are fractions j/(N+1)"
    if table.draws is not None:
        if settings.max() == 2:
            return "random3", "design random3, inferred from the draw column and the letter Z"
        return "random", "design random, inferred from the draw column"
    totals = by_setting(table.directions).sums(table.counts)
    if _is_full(settings) and np.all(totals == totals[0]) and totals[0] > 1:
        return "full", "design full, inferred: all settings are there with equal shots"
    raise QbellError(
        f"{name}: the design is not clear from the rows ({len(totals)} settings, no draw column); "
        "give --design full (all settings, fixed shots), --design random (settings drawn), "
        "--design covering or --design symmetric (chosen settings, fixed shots)"
    )


def _notes_on_draws(table: CheckedTable, name: str) -> tuple[str, ...]:
    draws = table.draws
    if draws is None:
        total = int(table.counts.sum())
        # Later work spreads the shots out, one row each.
        each = 60.0 + 2 * table.bits.shape[1]
        require_memory(
            each * total, f"{name}: without a column draw, {total} shots as draws of their own"
        )
        return ("no draw column: every shot is taken as an independent random setting",)
    missing = int(np.ptp(draws)) + 1 - len(np.unique(draws))
    if missing == 0:
        return ()
    return (
        f"{missing} numbers between the draws are missing: if draws were lost or left "
        "out by their outcome, the data are post-selected",
    )


def _check_full(settings: NDArray[np.uint8], name: str) -> None:
    if not _is_full(settings):
        raise QbellError(
            f"{name}: {len(settings)} of the 2^{settings.shape[1]} settings of a full design have "
            "shots; measure the missing ones, or give design random if they were drawn"
        )


def _check_equatorial(settings: NDArray[np.uint8], name: str) -> None:
    num_qubits = settings.shape[1]
    absent = np.setdiff1d(np.arange(num_qubits + 1), settings[:, 0])
    if len(absent):
        raise QbellError(
            f"{name}: {len(settings)} of the {num_qubits + 1} settings of an equatorial design "
            f"have shots, {absent[0]}/{num_qubits + 1} has none; measure the missing ones"
        )


def _check_symmetric(settings: NDArray[np.uint8], name: str) -> None:
    """One setting for each number of letters Y; the assumption makes all of them alike."""
    num_qubits = settings.shape[1]
    along_2 = settings.sum(axis=1, dtype=np.int64)
    many = np.bincount(along_2, minlength=num_qubits + 1)
    if (many > 1).any():
        number = int(np.argmax(many > 1))
        two = strings(settings[along_2 == number][:2], SETTING_LETTERS)
        raise QbellError(
            f"{name}: settings {two[0][:40]} and {two[1][:40]} both have {number} letters Y; a "
            "symmetric design has one setting for each number: leave one out, or give another "
            "design"
        )
    if (many == 0).any():
        raise QbellError(
            f"{name}: {len(settings)} of the {num_qubits + 1} settings of a symmetric design have "
            f"shots, none with {int(np.argmax(many == 0))} letters Y; measure the missing ones"
        )


def _order(
    settings: NDArray[np.uint8], order: int | None, name: str
) -> tuple[int, tuple[str, ...]]:
    """The order that the settings cover: as said and verified, or the largest found."""
    from qbell.covering import missing_pattern, strength

    num_qubits = settings.shape[1]
    if order is not None:
        order = whole_number(f"{name}: order", order, least=1, most=num_qubits)
        if _is_full(settings):
            return order, ()
        missing = missing_pattern(settings, order)
        if missing is not None:
            raise QbellError(
                f"{name}: the settings do not cover order {order}: {_words(missing)} is in none of "
                "them; measure one that has it, or give a smaller order"
            )
        return order, ()
    if _is_full(settings):
        found, beyond = num_qubits, ""
    else:
        most = min(MOST_INFERRED_ORDER, num_qubits)
        while most > 1 and comb(num_qubits, most) > MOST_SUBSETS:
            most -= 1
        found = strength(settings, most)
        beyond = "; higher ones were not looked for" if found == most < num_qubits else ""
    if found == 0:
        missing = missing_pattern(settings, 1)
        absent = "" if missing is None else f": {_words(missing)} is in none of them"
        raise QbellError(
            f"{name}: the settings cover no order{absent}; every qubit must be measured along X "
            "and along Y"
        )
    return found, (f"order {found}, inferred: the largest that the settings cover{beyond}",)


def _words(missing: tuple[object, object]) -> str:
    """A pattern that no setting has, in words."""
    qubits, pattern = (np.asarray(part).astype(int).tolist() for part in missing)
    letters = ", ".join(SETTING_LETTERS[value] for value in pattern)
    return f"{letters} on qubits {', '.join(map(str, qubits))}"


def _is_full(settings: NDArray[np.uint8]) -> bool:
    return bool(settings.max() <= 1 and len(settings) == 2 ** settings.shape[1])


def _distinct(directions: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The different rows, sorted by their last column, then the one before, and so on."""
    return directions[by_setting(directions).first]
